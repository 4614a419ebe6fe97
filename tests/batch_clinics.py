"""Folders of clinics for tests, and batches over them in which no solver runs. All people are made up."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from cli_process import ROOT, Done, call

from scheduler.batch import process

STAND_IN = (sys.executable, str(Path(__file__).with_name("batch_worker.py")))
SCRIPT = """
import sys
from scheduler.batch import process
process.WORKER = {stand_in!r}
from scheduler.cli import main
sys.exit(main(sys.argv[1:]))
"""


def weeks(folder: Path, *names: str) -> Path:
    """A folder with a week for each name; the stand-in asks nothing of what is in it."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.xlsx").write_text(f"week {name}")
    return folder


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stand-in answer for every clinic of this process."""
    monkeypatch.setattr(process, "WORKER", STAND_IN)


def batch(capsys: Any, folder: Path, outdir: Path, *words: str | Path) -> Done:
    return call(capsys, "batch", folder, "-o", outdir, *words)


def started(*words: str | Path, **options: Any) -> subprocess.Popen[str]:
    """A batch in a process of its own, the leader of its group, with the stand-in."""
    command = [sys.executable, "-c", SCRIPT.format(stand_in=STAND_IN), "batch", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.Popen(command, cwd=ROOT, env=env, **streams)


def answered(folder: Path) -> list[str]:
    """The clinics that were solved, each as often as it was."""
    log = folder / "answered.log"
    return sorted(log.read_text().split()) if log.exists() else []


def until(done: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "never"
        time.sleep(0.02)


def until_listening(folder: Path, *names: str) -> None:
    """Wait for stand-ins that work until a signal comes, or hang."""
    until(lambda: all((folder / f"{name}.listening").exists() for name in names))


def results(outdir: Path) -> dict[str, dict[str, Any]]:
    """The results of a batch by clinic."""
    found = json.loads((outdir / "results.json").read_text())["clinics"]
    return {one["clinic"]: one for one in found}


def statuses(outdir: Path) -> dict[str, str]:
    return {name: one["status"] for name, one in results(outdir).items()}


def log_of(stderr: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stderr.splitlines()]


def events(lines: Sequence[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == event]
