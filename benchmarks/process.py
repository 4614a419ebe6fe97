"""Runs Python in a process of its own, and says on what machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
DOOR = str(ROOT / "run_schedule.py")
KILOBYTE = 1024


@dataclass(frozen=True)
class Process:
    """A finished process: exit code, wall-clock seconds from its start to its end, what it printed."""

    code: int
    seconds: float
    printed: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON that it printed."""
        found = json.loads(self.printed)
        assert isinstance(found, dict)
        return found


def run(*words: str) -> Process:
    """Run Python with these words from the root of the repository, and wait for it.

    Raises:
        click.ClickException: with what it said, if it failed or refused (exit code 1, 2 or a signal).
    """
    began = time.monotonic()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = round(time.monotonic() - began, 3)
    if done.returncode in (1, 2) or done.returncode < 0:
        raise click.ClickException(f"{' '.join(words)}\n{done.stdout}\n{done.stderr}")
    return Process(done.returncode, seconds, done.stdout)


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


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
