"""Many clinics at a time on this machine: threads that do nothing but wait, each for the process of one clinic."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Self

from scheduler.batch.endings import unanswered
from scheduler.batch.process import Hearing, Runner, Task, run_clinic
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.problems import Problem

HEAR_SECONDS = 0.2


def on_this_machine(jobs: int) -> Runner:
    """What solves tasks here, so many at a time."""

    def run(tasks: Sequence[Task], hearing: Hearing, stop: threading.Event) -> None:
        with Crew(jobs, hearing, stop) as crew:
            for task in tasks:
                crew.submit(task)
            while crew.busy:
                crew.hear(HEAR_SECONDS)

    return run


class Crew:
    """Solves what is submitted, so many at a time. Once ``stop`` is set no further task is begun.

    What runs when the crew is left in a hurry (a second Ctrl-C) is ended at once.
    """

    def __init__(self, jobs: int, hearing: Hearing, stop: threading.Event) -> None:
        self._hearing, self._stop = hearing, stop
        self._kill = threading.Event()
        self._threads = ThreadPoolExecutor(max_workers=jobs)
        self._heard: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.busy = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def submit(self, task: Task) -> None:
        """Have a clinic solved as soon as there is room."""
        self.busy += 1
        self._threads.submit(self._work, task)

    def hear(self, seconds: float) -> None:
        """Wait for news for so long, and pass on what there is, in the calling thread."""
        try:
            self._heard.get(timeout=seconds)()
            while True:
                self._heard.get_nowait()()
        except queue.Empty:
            return

    def _work(self, task: Task) -> None:
        if self._stop.is_set() or self._kill.is_set():
            self._heard.put(self._passed)
            return
        self._heard.put(partial(self._hearing.begun, task))
        result = self._solved(task)
        self._heard.put(partial(self._ended, task, result))

    def _solved(self, task: Task) -> ClinicResult:
        try:
            return run_clinic(task, partial(self._gap, task), self._stop, self._kill)
        except Exception as error:  # whatever is wrong here, the clinic is not lost without a word
            problem = Problem(code=Ending.FAULT.value, message=f"{type(error).__name__}: {error}")
            return unanswered(task.clinic, Ending.FAULT, (problem,))

    def _gap(self, task: Task, gap: float | None) -> None:
        self._heard.put(partial(self._hearing.gap, task, gap))

    def _passed(self) -> None:
        self.busy -= 1

    def _ended(self, task: Task, result: ClinicResult) -> None:
        self.busy -= 1
        self._hearing.ended(task, result)
