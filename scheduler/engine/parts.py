"""A timetable made better part by part, on several cores, guided by a linear program where there is one."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scheduler.engine.background import linear_seconds
from scheduler.engine.calls import Calls
from scheduler.engine.crew import Crew, NextShare, Suggestion, Task
from scheduler.engine.excerpt import Mask, Whole
from scheduler.engine.fixing import ALIKE, decisions
from scheduler.engine.relaxation import LinearAnswer
from scheduler.engine.reopening import Reopening
from scheduler.engine.runner import Portfolio, never
from scheduler.engine.seating import Share, shares
from scheduler.engine.stage import Stage
from scheduler.model.candidates import Cell

LOOK_SECONDS, LOOK_SHARE = 0.25, 0.1
"""How often it is looked whether somebody found something better; splitting that into sessions may take so much of the
time."""
SEATING_SHARE = 0.5
"""Of the time that is left, what the linear program of one share of the patients may take."""
ANEW_SHARE = 0.1
"""Of the time that is left, what a crew that begins anew may take before it begins."""
LIKE_THE_LAST = 1.5
"""How much more time than the last one took there must be for another: it hears no interruption."""
BEGINNING_SHARE = 0.15
"""Of the time that a call on the whole model must have at least, what parts need: they begin sooner."""
MOST_SUPPORTED = 6000
"""Decisions that a linear optimum and the timetable at hand take between them; more are left to parts, most of which
keep to those as well."""
GUIDED_SHARE = 0.35
"""Of the time that is left, what each search may take that a linear optimum guides."""


class Parts:
    """Searches parts of one stage; what it learns of their size it keeps from one search to the next.

    First the best seats in the sessions at hand, if the stage's tiers are new to the search (``fresh``); then parts
    chosen by chance. ``near``: of equally good parts the nearest to the timetable at hand is taken.
    """

    def __init__(self, calls: Calls, stage: Stage, *, fresh: bool, near: bool = False) -> None:
        self._calls, self._stage, self._near = calls, stage, near
        self._reopening: Reopening | None = None
        if calls.strategies.reopening:
            self._reopening = Reopening(calls.plan, calls.profile.solver.seed)
        self._shares: Iterator[Share] | None = None if fresh and calls.strategies.seating else iter(())
        self._linear: LinearAnswer | None = None
        self._kept: Whole | None = None
        self._owed: tuple[Cell, ...] = ()
        self._beginning = 0.0
        self._bettered = time.monotonic()

    @property
    def lays(self) -> bool:
        """Whether parts are chosen by chance."""
        return self._reopening is not None

    def lean_on(self, linear: LinearAnswer) -> None:
        """From now on let most parts leave out what neither this optimum nor the timetable at hand takes."""
        self._linear = linear

    def search(
        self,
        bound: float,
        until: float,
        *,
        aside: int = 0,
        enough: Callable[[], bool] = never,
        linear: LinearAnswer | None = None,
    ) -> None:
        """Search parts until nothing is better, ``until`` of the whole time is left, or ``enough`` says so.

        Args:
            bound: what is proven of the stage.
            until: seconds.
            aside: cores that are left to others.
            enough: asked a few times a second.
            linear: an optimum of the linear relaxation; it guides all searches from now on.
        """
        calls, first = self._calls, True
        self._bettered = time.monotonic()
        useful = calls.useful * BEGINNING_SHARE
        while not calls.is_over(self._stage, bound, until, useful) and not enough():
            began = time.monotonic()
            hint = calls.incumbent.hint(calls.runner)
            if hint is None:
                break
            values = np.array(hint, dtype=np.int64)
            tasks: Iterator[Suggestion] = iter(())
            if linear is not None and first:
                self.lean_on(linear)
                tasks = self._guided(_padded(linear, len(values)), until)
            first = False
            if self._reopening is not None and self._linear is not None:
                self._reopening.support = ~(_padded(self._linear, len(values)) <= ALIKE)
            self._kept, self._owed = values, ()
            threads = self._threads(aside)
            crew = Crew(
                calls.runner,
                calls.excerpts(),
                self._reopening,
                values,
                threads,
                tasks,
                next_share=self._seating(values, until),
                near=self._near,
            )
            self._beginning = time.monotonic() - began
            with crew:
                stays = self._watch(crew, bound, until, enough)
            if self._keep(crew, bound, until) and stays and crew.is_exhausted:
                break

    def idle_for(self) -> float:
        """Seconds since the last better timetable, or since the search began."""
        return time.monotonic() - self._bettered

    def _threads(self, aside: int) -> int:
        if self._calls.budget.deterministic:
            return 0
        return max(1, self._calls.runner.threads(Portfolio.IMPROVING) - aside) if self.lays else 1

    def _seating(self, values: Whole, until: float) -> NextShare:
        """The shares that have not had their turn, as long as there is time for one like the longest."""
        budget = self._calls.budget
        if self._shares is None:
            seconds = linear_seconds((budget.left - until) * SEATING_SHARE, deterministic=budget.deterministic)
            self._shares = shares(self._calls.plan, values, seconds, self._calls.profile.solver.seed)
        waiting = self._shares

        def next_share(took: float) -> Share | None:
            if budget.deterministic:
                return next(waiting, None)
            left = budget.left - until
            share = next(waiting, None) if left >= took * LIKE_THE_LAST else None
            return None if share is None else replace(share, seconds=min(share.seconds, left))

        return next_share

    def _guided(self, linear: NDArray[np.float64], until: float) -> Iterator[Suggestion]:
        """What is searched first in a soft tier, knowing a linear optimum; each from the best timetable by then.

        What the optimum leaves in fractions, all that is whole in it held, whatever the timetable at hand: that one may
        be far from the best. Held alone it may allow no timetable, and where the tier before leaves no room it mostly
        does; so this is for tiers with the next in view, which begin with such room. And all that is not 0 both there
        and in the timetable at hand.
        """
        calls, stage = self._calls, self._stage
        own = np.zeros(len(linear), dtype=np.bool_)
        own[list(decisions(calls.plan))] = True
        whole = own & (np.abs(linear - np.rint(linear)) <= ALIKE)
        seconds = (calls.budget.left - until) * GUIDED_SHARE

        def rounded(best: Whole) -> Task:
            held = np.where(whole, np.rint(linear), best).astype(np.int64)
            return Task(_places(~whole), held, seconds, Portfolio.PART)

        def supported(best: Whole) -> Task | None:
            free = _places(own & ((linear > ALIKE) | (best > 0)))
            return Task(free, best, seconds, Portfolio.PART) if len(free) <= MOST_SUPPORTED else None

        if stage.in_view and calls.strategies.rounding:
            yield rounded
        if calls.strategies.agreement:
            yield supported

    def _watch(self, crew: Crew, bound: float, until: float, enough: Callable[[], bool]) -> bool:
        """Keep what the crew finds, until the search is over or the model had to be changed for it.

        Gives whether the model stays as it is.
        """
        calls, next_look, looking = self._calls, 0.0, 0.0
        while not (crew.is_exhausted or enough() or self._is_over(bound, until + looking)):
            if calls.budget.deterministic:
                calls.budget.spend(crew.step())
            else:
                time.sleep(LOOK_SECONDS)
            began = time.monotonic()
            if calls.budget.deterministic or began >= next_look:
                if not self._keep(crew, bound, until):
                    return False
                if not calls.budget.deterministic:
                    looking = max(looking, time.monotonic() - began)
                    next_look = time.monotonic() + (time.monotonic() - began) / LOOK_SHARE
        return True

    def _is_over(self, bound: float, until: float) -> bool:
        """Whether a search that is under way ends; what it has found is then still to be split into sessions."""
        calls = self._calls
        return calls.stop.is_set() or calls.budget.left <= until or calls.is_settled(self._stage, bound)

    def _keep(self, crew: Crew, bound: float, until: float) -> bool:
        """Split the best of the crew into sessions; gives whether the crew can go on with the model as it is.

        Where cells could not be split as promised it cannot: they are made exact, and a crew begins anew. But if the
        timetable is better all the same, not while the crew has tasks, which are long and gain more than those cells
        lose; nor where too little time is left to begin.
        """
        calls = self._calls
        if crew.best is not self._kept:
            self._kept, self._bettered, before = crew.best, time.monotonic(), calls.incumbent.best
            realised = calls.carry_out(self._kept.tolist())
            calls.announce(self._stage, bound)
            self._owed = realised.failed
            if realised.harmed and calls.incumbent.best is before:
                return self._make_exact(realised.harmed)
        is_tasked = crew.is_tasked and not crew.is_exhausted
        if not self._owed or is_tasked or self._is_late(until):
            return True
        return self._make_exact(self._owed)

    def _make_exact(self, cells: Sequence[Cell]) -> bool:
        self._owed = ()
        self._calls.make_exact(cells)
        return False

    def _is_late(self, until: float) -> bool:
        """Whether a crew that begins anew would have begun too late to be worth it."""
        budget = self._calls.budget
        return not budget.deterministic and self._beginning > ANEW_SHARE * (budget.left - until)


def _padded(linear: LinearAnswer, size: int) -> NDArray[np.float64]:
    """The values of a linear optimum; none (nan) for variables that the model has gained since."""
    return np.concatenate([linear.values, np.full(size - len(linear.values), np.nan)])


def _places(mask: Mask) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())
