"""Whether a patient's needs can be met in a week: by a timetable that meets them, or by a proof that none does."""

import threading
import time
from collections.abc import Callable, Sequence

from scheduler.advice.promises import HOURS, PLANS, NobodyShort
from scheduler.advice.worlds import Asked, world
from scheduler.domain.explanation import Fact
from scheduler.domain.profile import GoalSettings, Profile, SolverSettings
from scheduler.domain.week import Week
from scheduler.engine.background import linear_seconds
from scheduler.engine.certificate import Certificate, certificate
from scheduler.engine.feasible import feasible
from scheduler.engine.progress import Progress
from scheduler.engine.search import solve
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

SMALL = 2500
"""Patients times blocks times groups up to which the plain question is asked on one thread: it takes milliseconds."""
PLAIN_SHARE = 0.3
"""Of a question's time, what the plain question may take in a large week before the search of tiers is asked."""
PRICE = 5e-5
"""Seconds that a question costs for each patient, block and group in it, where the clock must not be looked at."""
LEAST_PRICE = 0.01


def price(week: Week) -> float:
    """What a question about all of a week costs, roughly, in seconds."""
    return max(LEAST_PRICE, PRICE * _size(week))


class Patience:
    """How long questions may be asked: until a moment, or where the clock must not decide, until a sum is spent.

    ``each`` is what one question may take, in seconds of the solver's own clock.
    """

    def __init__(self, seconds: float, each: float, stop: threading.Event, *, reproducible: bool = False) -> None:
        self.each, self.stop = each, stop
        self._sum = seconds if reproducible else None
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that the next question may take; 0 when it is over."""
        if self.stop.is_set():
            return 0.0
        if self._sum is not None:
            return self.each if self._sum > 0 else 0.0
        return max(0.0, min(self.each, self._until - time.monotonic()))

    @property
    def all_left(self) -> float:
        """Seconds left for all questions."""
        if self.stop.is_set():
            return 0.0
        return max(0.0, self._until - time.monotonic() if self._sum is None else self._sum)

    def spend(self, price: float) -> None:
        """A question was asked."""
        if self._sum is not None:
            self._sum -= price


class Prover:
    """Answers questions about which facts make one need impossible, and remembers the answers."""

    def __init__(
        self, asked: Asked, settings: SolverSettings, patience: Patience, rules: Sequence[Rule] = RULES
    ) -> None:
        self._asked, self._settings, self._patience, self._rules = asked, settings, patience, rules
        self._known: dict[frozenset[tuple[str, str, str]], bool | None] = {}

    @property
    def questions(self) -> int:
        """How many different questions were asked."""
        return len(self._known)

    def impossible(self, facts: Sequence[Fact]) -> bool | None:
        """Whether the needs cannot all be met where these facts hold; None if that was not settled."""
        key = _key(facts)
        if self._known.get(key) is None:
            self._known[key] = self._ask(world(self._asked, facts)) if self._patience.left else None
        return self._known[key]

    def disproved(self, facts: Sequence[Fact]) -> bool | None:
        """The same, asked only of a linear proof where many people are in it; it may fail to see an impossibility."""
        week = world(self._asked, facts)
        if _is_small(week) or not self._patience.left:
            return self.impossible(facts)
        key = _key(facts)
        if self._known.get(key) is None:
            self._patience.spend(price(week))
            if self.certificate(week) is not None:
                self._known[key] = True
        return self._known.get(key)

    def certificate(self, week: Week) -> Certificate | None:
        """A linear proof that the needs of a week cannot all be met, if there is one in the time."""
        seconds = linear_seconds(self._patience.left, deterministic=self._settings.reproducible)
        return certificate(week, (HOURS, PLANS), seconds, self._rules)

    def _ask(self, week: Week) -> bool | None:
        """Ask the quickest way first: plainly where few people are in it, by a linear proof where many are."""
        self._patience.spend(price(week))
        small = _is_small(week)
        seconds, until = self._patience.left, _timer(self._patience.left, timed=not self._settings.reproducible)
        if not small and self.certificate(week) is not None:
            return True
        found = feasible(
            week,
            self._settings,
            seconds=seconds if small else until() * PLAIN_SHARE,
            rules=self._rules,
            extra=(NobodyShort(),),
            stop=self._patience.stop,
            alone=small,
        )
        if found.proven:
            return found.impossible
        return None if small or self._patience.stop.is_set() else self._search(week, until())

    def _search(self, week: Week, seconds: float) -> bool | None:
        """The same by a search for the fewest hours and plans short, which ends once it is known whether that is 0."""
        stop = threading.Event()

        def listen(said: Progress) -> None:
            if said.bound > 0 or self._patience.stop.is_set():
                stop.set()

        goals = GoalSettings(tiers=((HOURS.id, PLANS.id),))
        changes = {"time_limit": max(seconds, 0.1), "time_limit_per_patient": 0.0}
        profile = Profile(name="question", goals=goals, solver=self._settings.model_copy(update=changes))
        found = solve(week, profile, listener=listen, stop=stop, rules=self._rules)
        if not found.tiers:
            return None
        if found.tiers[0].bound > 0:
            return True
        return False if found.tiers[0].value == 0 else None


def _key(facts: Sequence[Fact]) -> frozenset[tuple[str, str, str]]:
    return frozenset(one.key for one in facts)


def _is_small(week: Week) -> bool:
    return _size(week) <= SMALL


def _size(week: Week) -> int:
    return len(week.patients) * len(week.blocks) * len(week.groups)


def _timer(seconds: float, *, timed: bool) -> Callable[[], float]:
    """What is left of so many seconds, whenever it is asked; all of them where the clock must not decide."""
    began = time.monotonic()
    return lambda: max(0.0, seconds - (time.monotonic() - began)) if timed else seconds
