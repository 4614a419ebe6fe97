"""Threads that lay parts of a timetable again, each part a small model of its own, and keep what is better."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from scheduler.engine.excerpt import Excerpts, Whole
from scheduler.engine.reopening import Choice, Reopening
from scheduler.engine.runner import Limits, Portfolio, Run, Runner
from scheduler.engine.seating import Share, seat

PART_SECONDS = 1.5
"""For one part; what takes longer was too large."""
MIXING_SECONDS, SHARES_MIXING_SECONDS = 0.5, 3.0
"""For the best of what two threads found at a time; of two shares of the patients."""


def no_share(_: float) -> None:
    """Nobody's seats are given anew."""


@dataclass(frozen=True)
class Task:
    """A part to be searched: which variables are free, what the others are, for how long, and how."""

    free: tuple[int, ...]
    values: Whole
    seconds: float
    portfolio: Portfolio = Portfolio.PLAIN


NextShare = Callable[[float], Share | None]
"""The next share of the patients whose seats are given anew, told how many seconds the longest took; None at the end.
"""
Suggestion = Callable[[Whole], Task | None]
"""A task that depends on the best solution by then; None if there is nothing to search after all."""


class Crew:
    """Works on the best solution by then, from one that is given.

    First come shares of the patients, for all threads, as ``next_share`` gives them. The ``tasks`` come before what is
    chosen by chance, but for one thread only: they may be long and find nothing.
    Without a ``reopening`` nothing is chosen by chance. ``near``: of equally good parts the nearest is taken.

    A solution is an array of the values of all variables of the model. With ``threads`` = 0 nobody works by themselves:
    `step` is called instead, and the same steps give the same solutions each time.
    """

    def __init__(
        self,
        runner: Runner,
        excerpts: Excerpts,
        reopening: Reopening | None,
        values: Whole,
        threads: int,
        tasks: Iterable[Suggestion | Task] = (),
        *,
        next_share: NextShare = no_share,
        near: bool = False,
    ) -> None:
        self._runner, self._excerpts, self._reopening, self._threads = runner, excerpts, reopening, threads
        self._tasks, self._next_share, self._near = iter(tasks), next_share, near
        self._has_shares, self._longest = True, 0.0
        self._best, self._worth = values, excerpts.worth(values)
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._working: list[Future[None]] = []
        self.is_exhausted = False
        """Whether there is nothing to do: all tasks are done, or everything was laid again at once and settled."""
        self.is_tasked = True
        """Whether the tasks are not all done yet."""

    def __enter__(self) -> Self:
        if self._threads:
            self._pool = ThreadPoolExecutor(self._threads)
            self._working = [self._pool.submit(self._work, number) for number in range(self._threads)]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        if self._threads:
            self._pool.shutdown()

    @property
    def best(self) -> Whole:
        """The best solution so far.

        Raises:
            Exception: whatever ended one of the threads.
        """
        for one in self._working:
            if one.done():
                one.result()
        return self._best

    def step(self, *, tasks: bool = True) -> float:
        """Give the next share seats anew, do one of the ``tasks``, or lay a part again that is chosen by chance.

        Gives the solver's deterministic seconds for it.
        """
        with self._lock:
            task, choice = self._next(tasks=tasks)
            best, worth = self._best, self._worth
        if isinstance(task, Share):
            return self._seat(task, best)
        if task is None:
            return 0.0
        began = time.monotonic()
        found, run = self._search(task, worth)
        took = run.deterministic_seconds if self._runner.settings.reproducible else time.monotonic() - began
        self._take(best, found)
        if choice is not None and self._reopening is not None:
            settled, share = run.optimal or run.infeasible, took / task.seconds
            with self._lock:
                self._reopening.learn(choice, settled=settled, share=share)
                self.is_exhausted |= choice.whole and run.infeasible
        return run.deterministic_seconds

    def _seat(self, share: Share, best: Whole) -> float:
        """Give seats anew; gives the solver's deterministic seconds for it."""
        began = time.monotonic()
        seated = seat(share, self._excerpts, best, self._runner)
        self._take(best, seated.values, SHARES_MIXING_SECONDS)
        with self._lock:
            self._longest = max(self._longest, time.monotonic() - began)
        return seated.deterministic_seconds

    def _work(self, number: int) -> None:
        while not self._ended.is_set() and not self.is_exhausted:
            self.step(tasks=number == 0)

    def _next(self, *, tasks: bool) -> tuple[Task | Share | None, Choice | None]:
        if self._has_shares:
            share = self._next_share(self._longest)
            self._has_shares = share is not None
            if share is not None:
                return share, None
        while tasks and self.is_tasked:
            suggested = next(self._tasks, None)
            task = suggested(self._best) if callable(suggested) else suggested
            if task is not None:
                return task, None
            self.is_tasked = suggested is not None
        if self._reopening is None:
            self.is_exhausted = True
            return None, None
        choice = self._reopening.next(self._best, self._excerpts)
        return Task(choice.free, self._best, PART_SECONDS), choice

    def _search(self, task: Task, worth: int) -> tuple[Whole | None, Run]:
        """Search a part for something worth less; gives that, if there is any, and the solver's answer.

        What a task holds may break rows that nothing free is in: then there is nothing.
        """
        part = self._excerpts.cut(task.values, task.free, worth - 1, near=self._near)
        run = self._runner.run(part.model, Limits(task.seconds, portfolio=task.portfolio), enough=self._ended.is_set)
        if run.values is None:
            return None, run
        found = task.values.copy()
        found[part.indices] = run.values
        return (found if self._excerpts.allows(found) else None), run

    def _take(self, before: Whole, found: Whole | None, seconds: float = MIXING_SECONDS) -> None:
        """Keep what a search made of a solution: on top of what others found meanwhile if no row minds.

        Else the better of the two, and then whatever is better still of what they differ in.
        """
        if found is None:
            return
        changed = np.flatnonzero(found != before)
        with self._lock:
            best, above = self._best, self._best.copy()
            above[changed] = found[changed]
            if self._is_kept(above):
                return
            self._is_kept(found)
            at_hand, worth = self._best, self._worth
        mixing = Task(tuple(self._excerpts.changed(best, found)), at_hand, seconds)
        mixed, _ = self._search(mixing, worth)
        if mixed is not None:
            with self._lock:
                self._is_kept(mixed)

    def _is_kept(self, values: Whole) -> bool:
        """Keep a solution if it is better than the best; whoever asks holds the lock."""
        worth = self._excerpts.worth(values)
        if worth < self._worth and self._excerpts.allows(values):
            self._best, self._worth = values, worth
            return True
        return False
