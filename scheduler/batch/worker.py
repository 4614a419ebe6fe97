"""The process of one clinic: ``python -m scheduler.batch.worker``.

It reads a task, a line of JSON, from its standard input, and says on its standard output, each a line of JSON, how its
search stands (``{"gap": 0.02}``) and in the end what came of it (``{"result": {...}}``). The input stays open for as
long as whoever started it lives: when it closes, nobody waits for the answer any more, and the process ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from scheduler import exits
from scheduler.batch.endings import out_of_memory, unanswered
from scheduler.batch.memory import end_with_parent, held_mb, limit_own
from scheduler.batch.process import Task
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.domain.problems import InputRefused, Problem
from scheduler.terminal import stopping

if TYPE_CHECKING:
    from scheduler.engine.progress import Progress

Say = Callable[[dict[str, Any]], None]
"""Says one line to whoever started this process."""

EVERY_SECONDS = 0.5
"""So often is told how the search stands."""


def main() -> int:
    """Solve the clinic of one task; gives the exit code of the process, which says only whether there was an answer."""
    say = _speaker()
    end_with_parent()
    with stopping() as (stop, writing):
        task = Task.model_validate_json(sys.stdin.readline())
        threading.Thread(target=_end_when_alone, args=(sys.stdin,), daemon=True).start()
        if task.memory_mb is not None:
            limit_own(task.memory_mb)
        result = _solved(task, say, stop, writing)
        say({"result": result.model_copy(update={"memory_mb": _peak()}).model_dump(mode="json")})
    return exits.DONE


def _speaker() -> Say:
    """Keep the standard output for what is said here; whatever else is printed goes to stderr."""
    sys.stdout.flush()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(line: dict[str, Any]) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    return say


def _end_when_alone(stream: TextIO) -> None:
    stream.read()
    os._exit(exits.FAULT)


def _peak() -> float | None:
    held = held_mb()
    return None if held is None else round(held[1], 1)


def _solved(task: Task, say: Say, stop: threading.Event, writing: threading.Event) -> ClinicResult:
    try:
        return _fulfilled(task, say, stop, writing)
    except InputRefused as refused:
        return unanswered(task.clinic, Status.INVALID, refused.problems)
    except MemoryError:
        return unanswered(task.clinic, Ending.MEMORY, (out_of_memory(task.memory_mb),))
    except Exception as error:
        traceback.print_exc()
        problem = Problem(
            code=Ending.FAULT.value,
            message=f"{type(error).__name__}: {error}",
            hint="this is a fault of the program, not of the file; please report it",
        )
        return unanswered(task.clinic, Ending.FAULT, (problem,))


def _fulfilled(task: Task, say: Say, stop: threading.Event, writing: threading.Event) -> ClinicResult:
    from scheduler.batch.answer import result_of
    from scheduler.loading import Overrides, Source
    from scheduler.pipeline import Order, fulfil

    clinic = task.clinic
    order = Order(
        source=Source(week=clinic.input, profile=clinic.profile, mapping=clinic.mapping, previous=clinic.previous),
        output=clinic.output,
        names=task.names,
        force=task.force,
        overrides=Overrides(
            time_limit=clinic.time_limit, seed=task.seed, workers=task.workers, reproducible=task.reproducible
        ),
    )
    return result_of(clinic, fulfil(order, listener=_Teller(say), stop=stop, writing=writing))


class _Teller:
    """Tells the gap now and then."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        """Tell how the search stands, unless that was told a moment ago."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY_SECONDS
            self._say({"gap": progress.gap})


if __name__ == "__main__":
    sys.exit(main())
