"""One clinic in a process of its own, with a limit on its time and its memory: whatever it does, there is a result."""

import contextlib
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, Self, TextIO

from scheduler.batch.clinic import Clinic
from scheduler.batch.endings import CUT_SHORT, STOPPED, documents, out_of_memory, unanswered
from scheduler.batch.memory import held_mb
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.domain.problems import Problem, Severity
from scheduler.domain.types import Frozen
from scheduler.intake.safety import sha256_of
from scheduler.reports.report import Names

WORKER = (sys.executable, "-P", "-m", "scheduler.batch.worker")
"""Not to look for modules where the command happens to be called: -P."""

EVERY_SECONDS = 0.05
"""So often is looked at what a process holds."""

GRACE_SECONDS = 30.0
"""What a process that is told to end may take to write its best timetable."""

LEAVING_SECONDS = 5.0
"""What a process that has given its answer may take to leave."""

JOIN_SECONDS = 2.0
LINES_KEPT = 60
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Task(Frozen):
    """One clinic and how it is to be solved. Goes to other processes and machines, as JSON or pickled.

    ``clinic.output`` is written over: whoever makes tasks hands out names that are their own to write. ``workers`` are
    the solver's threads, ``memory_mb`` the most that the process may hold, ``wall_seconds`` the most that it may take
    before it is told to end with its best; None sets no limit.
    """

    clinic: Clinic
    workers: int | None = None
    memory_mb: int | None = None
    wall_seconds: float | None = None
    seed: int | None = None
    reproducible: bool = False
    names: Names = Names.FULL
    force: bool = True


class Hearing(Protocol):
    """Who hears of a batch. Every call comes from the thread that called the runner, never from another."""

    def begun(self, task: Task) -> None:
        """Work on a clinic begins (once more, if a machine was lost)."""

    def gap(self, task: Task, gap: float | None) -> None:
        """A clinic's gap now, None before there is a timetable."""

    def ended(self, task: Task, result: ClinicResult) -> None:
        """A clinic has its result; its workbook, if any, stands at ``task.clinic.output``. Once a clinic."""


Runner = Callable[[Sequence[Task], Hearing, threading.Event], None]
"""Solves tasks, here (`scheduler.batch.pool`) or on a cluster; once the event is set no further one is begun."""


def run_clinic(
    task: Task,
    on_progress: Callable[[float | None], None] | None = None,
    stop: threading.Event | None = None,
    kill: threading.Event | None = None,
) -> ClinicResult:
    """Solve one clinic in a process of its own.

    Never raises for a bad clinic: whatever becomes of its process becomes a result.

    Args:
        task: what to do.
        on_progress: hears the gap now and then, from the calling thread.
        stop: set it to get the best timetable so far.
        kill: set it to end the process at once.
    """
    began = time.monotonic()
    try:
        with _Child(task) as child:
            limits = _Limits(task, stop or threading.Event(), kill or threading.Event())
            result = _result(task, child, _attended(child, limits, on_progress or _unheard))
    except (OSError, ValueError) as error:  # no more processes, no room on the disk, words that are no answer
        problem = Problem(code=Ending.FAULT.value, message=f"its process could not be worked with: {error}")
        result = unanswered(task.clinic, Ending.FAULT, (problem,))
    return result.model_copy(update={"seconds": round(time.monotonic() - began, 3)})


def _unheard(_: float | None) -> None:
    """Nobody listens."""


# ---- the process ----


class _Child:
    """The process of a task, what it has said, and what it holds.

    It leads a process group of its own: Ctrl-C in the terminal is for the batch, which then tells its processes.
    """

    def __init__(self, task: Task) -> None:
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.stderr: deque[str] = deque(maxlen=LINES_KEPT)
        self.document: dict[str, Any] | None = None
        self.peak_mb = 0.0
        self._process = subprocess.Popen(
            WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._readers = [
            threading.Thread(target=_drain, args=(self._process.stdout, self.said.put), daemon=True),
            threading.Thread(target=_drain, args=(self._process.stderr, self.stderr.append), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        with contextlib.suppress(OSError):  # it died at once: that is seen when it is looked at
            self._send(task.model_dump_json() + "\n")

    def _send(self, line: str) -> None:
        """Its input stays open afterwards: the process ends when it closes."""
        if self._process.stdin is not None:
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no process behind, whatever happened here."""
        self.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(JOIN_SECONDS)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; below 0 the signal that ended it."""
        return self._process.poll()

    def held_mb(self) -> float:
        """What the process holds now; its peak is remembered."""
        held = held_mb(self._process.pid)
        if held is None:
            return 0.0
        self.peak_mb = max(self.peak_mb, held[1])
        return held[0]

    def ask_to_end(self) -> None:
        """The polite signal: the best timetable so far is written."""
        self._process.terminate()

    def kill(self) -> None:
        """End it and whatever it started."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def hear(self, on_progress: Callable[[float | None], None], seconds: float) -> None:
        """Wait for a line for so long, and take in what has been said."""
        with contextlib.suppress(queue.Empty):
            self._take(self.said.get(timeout=seconds), on_progress)
            while True:
                self._take(self.said.get_nowait(), on_progress)

    def hear_out(self) -> None:
        """Take in what it said last. Called once it has ended."""
        for reader in self._readers:
            reader.join(JOIN_SECONDS)
        self.hear(_unheard, 0.0)

    def _take(self, line: str, on_progress: Callable[[float | None], None]) -> None:
        try:
            found = json.loads(line)
        except ValueError:  # cut off by its death
            return
        if not isinstance(found, dict):
            return
        if "result" in found:
            self.document = found["result"]
        else:
            on_progress(found.get("gap"))


def _drain(stream: TextIO, put: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError, ValueError):  # the stream was closed here
        for line in stream:
            put(line)


def _environment() -> dict[str, str]:
    """The same program, wherever it was started from; and libraries that start no threads beside the solver's."""
    home = str(Path(__file__).parents[2])
    paths = (home, *filter(None, (os.environ.get("PYTHONPATH"),)))
    return {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": os.pathsep.join(paths)}


# ---- its limits ----


class _Ended(StrEnum):
    """Why a process came to its end."""

    ITSELF = "by itself"
    WALL = "told to end at its limit"
    STOP = "told to end with the batch"
    MEMORY = "wanted too much memory"


class _Limits:
    """What a process may take, and what was done about it."""

    def __init__(self, task: Task, stop: threading.Event, kill: threading.Event) -> None:
        self._memory = task.memory_mb or math.inf
        self._until = time.monotonic() + (task.wall_seconds or math.inf)
        self._stop, self._kill = stop, kill
        self._last = math.inf
        self.ended = _Ended.ITSELF

    def answered(self) -> None:
        """It has given its result, and only has to end."""
        self._until = math.inf
        self._last = min(self._last, time.monotonic() + LEAVING_SECONDS)

    def see_to(self, child: _Child) -> None:
        """Ask it to end, or end it, as far as that is due."""
        now = time.monotonic()
        if child.held_mb() > self._memory and child.document is None:
            self.ended = _Ended.MEMORY
            child.kill()
        elif self._kill.is_set():
            self.ended = _Ended.STOP
            child.kill()
        elif now >= self._last:
            child.kill()
        elif self.ended is _Ended.ITSELF and child.document is None:
            self._ask_if_due(child, now)

    def _ask_if_due(self, child: _Child, now: float) -> None:
        if self._stop.is_set() or now >= self._until:
            self.ended = _Ended.STOP if self._stop.is_set() else _Ended.WALL
            self._last = now + GRACE_SECONDS
            child.ask_to_end()


def _attended(child: _Child, limits: _Limits, on_progress: Callable[[float | None], None]) -> _Ended:
    """Wait until the process has ended, and see to its limits."""
    while child.exit_code is None:
        child.hear(on_progress, EVERY_SECONDS)
        if child.document is not None:
            limits.answered()
        limits.see_to(child)
    child.hear_out()
    return limits.ended


# ---- what came of it ----


def _result(task: Task, child: _Child, ended: _Ended) -> ClinicResult:
    if child.document is None:
        return _without_answer(task, child, ended)
    found = ClinicResult.model_validate(child.document)
    if ended is _Ended.WALL:
        found = _said_of_limit(found)
    if found.answered:
        return found.model_copy(update={"output_sha256": sha256_of(task.clinic.output.read_bytes())})
    return _with_trace(found, child) if found.status == Ending.FAULT else found


def _said_of_limit(found: ClinicResult) -> ClinicResult:
    """The next run would come no further: it was not the batch that was stopped, but this clinic's time that was up."""
    limit = Problem(
        code=STOPPED, severity=Severity.WARNING, message="told to end at its limit", hint="allow more (--wall-limit)"
    )
    others = tuple(one for one in found.problems if one.get("code") != CUT_SHORT)
    return found.model_copy(update={"problems": (*others, *documents((limit,)))})


def _without_answer(task: Task, child: _Child, ended: _Ended) -> ClinicResult:
    """A process that ended without a word."""
    status, problem = _ending(task, child, ended)
    result = unanswered(task.clinic, status, (problem,))
    peak = round(child.peak_mb, 1) or None
    return _with_trace(result, child).model_copy(update={"memory_mb": peak})


def _ending(task: Task, child: _Child, ended: _Ended) -> tuple[str, Problem]:
    if ended is _Ended.STOP:
        message = "the batch was stopped before it had a timetable"
        return Status.UNKNOWN, Problem(code=CUT_SHORT, message=message, hint="run the same again")
    if ended is _Ended.WALL:
        message = f"gave no answer in {task.wall_seconds:g} s and was ended"
        return Ending.TIMEOUT, Problem(code=Ending.TIMEOUT.value, message=message, hint="allow more (--wall-limit)")
    if ended is _Ended.MEMORY or any("bad_alloc" in line or "MemoryError" in line for line in child.stderr):
        return Ending.MEMORY, out_of_memory(task.memory_mb)
    message = f"its process died ({_how(child.exit_code or 0)}) without an answer"
    hint = "the system ends processes so when memory is scarce" if child.exit_code == -signal.SIGKILL else ""
    return Ending.CRASHED, Problem(code=Ending.CRASHED.value, message=message, hint=hint)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _with_trace(result: ClinicResult, child: _Child) -> ClinicResult:
    """Its last words beside the first problem, for whoever mends the program."""
    trace = "".join(child.stderr).strip()
    if not trace or not result.problems:
        return result
    first, *others = result.problems
    return result.model_copy(update={"problems": ({**first, "trace": trace}, *others)})
