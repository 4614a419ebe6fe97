"""Needs that share the time of an answer: one after the other, or some side by side."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from scheduler.advice.proving import Patience


class Asking(Protocol):
    """What is asked about a need."""

    @property
    def price(self) -> float:
        """What a question costs, roughly, in seconds."""
        ...

    @property
    def spent(self) -> float:
        """What the last questions cost, where the clock does not count."""
        ...


A = TypeVar("A", bound=Asking)
T = TypeVar("T")


class Turns:
    """Needs that share the time: one after the other, or some side by side."""

    def __init__(self, whole: Patience, *, at_once: int) -> None:
        self._whole, self._at_once = whole, at_once
        self._lock = threading.Lock()

    def each(
        self,
        every: Sequence[A],
        ask: Callable[[A, float], T],
        kept: float = 0.0,
        *,
        questions: float = 0.0,
        least: float = 0.0,
    ) -> Iterator[T]:
        """Ask of each need, with its share of the time that is left; the answers in the order of the needs.

        Args:
            every: the needs.
            ask: what is asked of each.
            kept: what of the time is left untouched, in seconds.
            questions: each has time for so many of its questions, as long as there is so much: where equal shares are
                too little to settle any, the first have more.
            least: the same in seconds.
        """
        waiting, whole = len(every), self._whole

        def in_time(one: A) -> T:
            nonlocal waiting
            with self._lock:
                left = max(0.0, whole.all_left - kept)
                equal = self._at_once * left / max(waiting, self._at_once)
                share = min(left, max(equal, least, questions * one.price))
                waiting -= 1
            found = ask(one, share)
            whole.spend(one.spent)
            return found

        if self._at_once == 1:
            yield from map(in_time, every)
            return
        with ThreadPoolExecutor(self._at_once) as threads:
            yield from threads.map(in_time, every)
