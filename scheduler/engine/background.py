"""A linear program solved on a thread of its own while the search goes on."""

import threading

from scheduler.engine.relaxation import LinearAnswer, Method, Relaxation


class Background:
    """Begins at once. `answer` is None until it is solved, and stays None if it cannot be in time."""

    def __init__(self, relaxation: Relaxation, method: Method, seconds: float) -> None:
        self.answer: LinearAnswer | None = None
        self._thread = threading.Thread(target=self._solve, args=(relaxation, method, seconds), daemon=True)
        self._thread.start()

    def is_done(self) -> bool:
        """Whether there is nothing more to wait for."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _solve(self, relaxation: Relaxation, method: Method, seconds: float) -> None:
        self.answer = relaxation.solve(method, seconds)
