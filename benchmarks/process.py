"""Runs Python in a process of its own, and says on what machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import click

ROOT = Path(__file__).resolve().parent.parent
DOOR = str(ROOT / "run_schedule.py")
KILOBYTE = 1024
REFUSED = 2
"""The exit code of a refused week."""


@dataclass(frozen=True)
class Process:
    """A finished process: exit code, wall-clock seconds from its start to its end, what it printed, peak memory in MB.

    A peak below this program's own (some 40 MB) cannot be seen: a child starts with its parent's.
    """

    code: int
    seconds: float
    printed: str
    peak_mb: float = 0.0

    @property
    def document(self) -> dict[str, Any]:
        """The JSON that it printed."""
        found = json.loads(self.printed)
        assert isinstance(found, dict)
        return found


def run(*words: str, may_refuse: bool = False) -> Process:
    """Run Python with these words from the root of the repository, and wait for it and its threads.

    Raises:
        click.ClickException: with what it said, if it failed (exit code 1 or a signal), or refused (2) and may not.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = round(time.monotonic() - began, 3)
        code = child.returncode = os.waitstatus_to_exitcode(status)
        printed, said = (_text(file) for file in (out, err))
    if code < 0 or code == 1 or (code == REFUSED and not may_refuse):
        raise click.ClickException(f"{' '.join(words)}\n{printed}\n{said}")
    unit = KILOBYTE if sys.platform == "darwin" else 1
    return Process(code, seconds, printed, round(usage.ru_maxrss / unit / KILOBYTE, 1))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def machine() -> dict[str, Any]:
    """This machine; ``load`` is the load average of the last minute (a busy machine makes everything slower)."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(memory / KILOBYTE**3, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "ortools": metadata.version("ortools"),
        "load": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """The commit whose engine is measured; a plus if files differ from it, and nothing where there is no git."""
    words = ["git", "describe", "--always", "--exclude=*", "--dirty=+"]
    try:
        found = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return found.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
