"""A Dask scheduler and workers as processes of their own, as somebody would start them by hand; and who hears of it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cli_process import ROOT, Sheets, write_week

from scheduler.batch.clinic import Clinic
from scheduler.batch.process import Task
from scheduler.domain.network import ClinicResult

START_SECONDS = 90.0
"""Long, for machines that are busy; nobody waits longer than it takes."""


class Heard:
    """Remembers what a batch says, and may do something when a clinic begins."""

    def __init__(self, on_begun: Callable[[Task], None] = lambda _: None) -> None:
        self.begun_: list[str] = []
        self.gaps: list[str] = []
        self.results: list[ClinicResult] = []
        self._on_begun = on_begun

    def begun(self, task: Task) -> None:
        self.begun_.append(task.clinic.name)
        self._on_begun(task)

    def gap(self, task: Task, gap: float | None) -> None:
        self.gaps.append(task.clinic.name)

    def ended(self, task: Task, result: ClinicResult) -> None:
        assert result.clinic == task.clinic.name
        self.results.append(result)

    @property
    def names(self) -> list[str]:
        return sorted(one.clinic for one in self.results)

    def of(self, clinic: str) -> ClinicResult:
        (found,) = (one for one in self.results if one.clinic == clinic)
        return found


def task_of(folder: Path, name: str, sheets: Sheets | None = None, **changes: Any) -> Task:
    """A small clinic whose week is written into a folder."""
    week = write_week(folder / f"{name}.xlsx", sheets)
    clinic = Clinic(name=name, input=week, output=folder / f"{name}_timetable.xlsx", time_limit=1.0)
    return Task(clinic=clinic, **{"workers": 1, "wall_seconds": 120, **changes})


class DaskProcesses:
    """A scheduler and its workers on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._file = folder / "dask-scheduler.json"

    def start_scheduler(self) -> str:
        """Start it; gives its address."""
        words = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", self._file]
        self._start("scheduler", *words)
        wait_for(self._file.exists)
        return str(json.loads(self._file.read_text("utf-8"))["address"])

    def start_worker(self, name: str, *words: str) -> None:
        """Start a worker of one thread, without the nanny that would start it again."""
        usual = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        scratch = self._folder / f"scratch-{name}"
        self._start(
            name,
            *["worker", "--scheduler-file", self._file, "--name", name, "--local-directory", scratch, *usual, *words],
        )

    def _start(self, name: str, *words: str | Path) -> None:
        log = (self._folder / f"{name}.log").open("wb")
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, words)],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()

    def log_of(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text("utf-8", "replace")

    def scratch_of(self, name: str) -> Path:
        return self._folder / f"scratch-{name}"

    def kill(self, name: str) -> None:
        """End it, if it runs, with no chance to say so."""
        process = self._processes.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    def close(self) -> None:
        for name in list(self._processes):
            self.kill(name)


@contextlib.contextmanager
def dask_processes(folder: Path) -> Iterator[DaskProcesses]:
    folder.mkdir(exist_ok=True)
    processes = DaskProcesses(folder)
    try:
        yield processes
    finally:
        processes.close()


def wait_for(condition: Callable[[], Any], seconds: float = START_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
