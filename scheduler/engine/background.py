"""A linear program solved on a thread of its own while the search goes on."""

import threading

from ortools.util.python.solve_interrupter import SolveInterrupter

from scheduler.engine.relaxation import LinearAnswer, Method, Relaxation
from scheduler.engine.runner import POLL_SECONDS

LINEAR_GUARD = 3600.0
"""Seconds after which even a reproducible run gives a linear program up."""


def linear_seconds(seconds: float, *, deterministic: bool) -> float:
    """A linear program's limit: in a reproducible run the clock must not decide whether it ends."""
    return LINEAR_GUARD if deterministic else seconds


class Background:
    """Begins at once. `answer` is None until it is solved, and stays None if it cannot be in time.

    The thread is no daemon: the barrier method hears no interruption, and a process that is left in the middle of it
    aborts.
    """

    def __init__(self, relaxation: Relaxation, method: Method, seconds: float) -> None:
        self.answer: LinearAnswer | None = None
        self._end = SolveInterrupter()
        self._thread = threading.Thread(target=self._solve, args=(relaxation, method, seconds))
        self._thread.start()

    def is_done(self) -> bool:
        """Whether there is nothing more to wait for."""
        return not self._thread.is_alive()

    def wait(self, stop: threading.Event) -> LinearAnswer | None:
        """Wait for the answer; once ``stop`` is set, no longer: the thread is then left to itself."""
        while not self.is_done() and not stop.is_set():
            self._thread.join(POLL_SECONDS)
        return self.answer

    def end(self) -> None:
        """Let it end without an answer: the simplex method does so at once."""
        self._end.interrupt()

    def _solve(self, relaxation: Relaxation, method: Method, seconds: float) -> None:
        self.answer = relaxation.solve(method, seconds, self._end)
