"""Whether a patient's needs can be met in a week: by a timetable that meets them, or by a proof that none does."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from itertools import islice

from scheduler.advice.exchanging import Key, exchanged
from scheduler.advice.nearby import fitting
from scheduler.advice.pooling import Pooling, is_nameless, pool_rules, pooled
from scheduler.advice.promises import HOURS, PLANS, NobodyShort
from scheduler.advice.worlds import Asked, among, world
from scheduler.domain.explanation import Fact
from scheduler.domain.profile import GoalSettings, Profile, SolverSettings
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.background import linear_seconds
from scheduler.engine.certificate import Certificate, certificate
from scheduler.engine.feasible import Feasibility, feasible
from scheduler.engine.progress import Progress
from scheduler.engine.runner import POLL_SECONDS
from scheduler.engine.search import Solution, solve
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

SMALL = 2500
"""Patients times blocks times groups up to which the plain question is asked on one thread: it takes milliseconds."""
POOL_SHARE, HOPEFUL_SHARE = 0.9, 0.3
"""Of a question's time, what it may take in a large week to ask it of therapists as a pool: where names say nothing, so
that little else is likely to answer it; and where a timetable is likely."""
NAMED_SHARE = 0.1
"""Elsewhere, of what the question costs: what the pool does not answer at once there, it does not answer at all."""
POOL_MISSES = 3
"""Where names say something the pool is not asked any more when it had no answer so many times in a row."""
PLAIN_SHARE, FEWER = 0.5, 0.6
"""Of what is left of a question's time, what the plain question may take in a large week; and of all people, how many
may be in it: with more it is hardly ever answered."""
MOST_EXCHANGED = 6
"""So many timetables that answered questions of the kind are tried before one is asked."""
WORTH_ANOTHER = 0.97
"""A linear proof is looked for once more if the last one left no more than this of the facts."""
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
    """Answers questions about which facts make one need impossible, and remembers the answers.

    ``hopeful``: most of its large questions are likely to be answered by a timetable, so that is tried first. ``near``
    is a timetable beside which there may be such.
    """

    def __init__(
        self,
        asked: Asked,
        settings: SolverSettings,
        patience: Patience,
        rules: Sequence[Rule] = RULES,
        *,
        hopeful: bool = False,
        near: Timetable | None = None,
    ) -> None:
        self.asked, self.patience = asked, patience
        self._settings, self._rules, self._hopeful, self._near = settings, rules, hopeful, near
        self._pooling = Pooling(asked.patient, settings, rules)
        self._pool_misses, self._last = 0, True
        self._known: dict[frozenset[Key], bool | None] = {}
        self._proofs: dict[frozenset[Key], Certificate] = {}
        self._by_pool: dict[frozenset[Key], frozenset[str]] = {}
        """By facts that the pool proved: whose promises of them the solver says that it needed."""
        self._timetables: dict[frozenset[Key], Timetable] = {}
        """By facts: a timetable that they allow, in which the need is met."""
        self._light: set[frozenset[Key]] = set()

    @property
    def questions(self) -> int:
        """How many different questions were asked."""
        return len(self._known)

    def impossible(self, facts: Sequence[Fact]) -> bool | None:
        """Whether the needs cannot all be met where these facts hold; None if that was not settled."""
        return self._remembered(facts, self._ask)

    def disproved(self, facts: Sequence[Fact]) -> bool | None:
        """The same, where many people are in it asked only in ways that are quick; they may fail to see the answer."""
        return self._remembered(facts, self._ask_quickly)

    def glanced(self, facts: Sequence[Fact]) -> bool | None:
        """The same in the ways that are quickest."""
        return self._remembered(facts, self._ask_at_a_glance)

    def allowed(self, facts: Sequence[Fact], company: Collection[str]) -> bool:
        """Whether the needs can be met with these people alone as company, where nobody else needs anything.

        False says nothing: others might be the company that is missing.
        """

        def ask(_: Sequence[Fact], week: Week) -> bool | None:
            few = among(week, {self.asked.patient, *company})
            found = self._ask_plainly(facts, few, min(self.patience.left, price(few)))
            return None if found else found

        return self._remembered(facts, ask) is False

    def _remembered(self, facts: Sequence[Fact], ask: Callable[[Sequence[Fact], Week], bool | None]) -> bool | None:
        """What is known of these facts, or of more than these, or else the answer to asking."""
        key = _key(facts)
        if self._known.get(key) is None:
            if any(found is False and key <= more for more, found in self._known.items()):
                return False  # what more facts allow, fewer allow
            self._known[key] = None
            if self.patience.left:
                week = world(self.asked, facts)
                found = False if self._is_answered_alike(key, week) else self._asked(facts, week, ask)
                self._known[key] = found
                self._last = self._last if found is None else found
        return self._known[key]

    def _asked(
        self, facts: Sequence[Fact], week: Week, ask: Callable[[Sequence[Fact], Week], bool | None]
    ) -> bool | None:
        self.patience.spend(price(week))
        return ask(facts, week)

    def _is_answered_alike(self, key: frozenset[Key], week: Week) -> bool:
        """Whether a timetable that was found with another fact of the kind away becomes one with this fact away."""
        latest_first = tuple(self._timetables.items())[::-1]
        alike = (
            found
            for kept, timetable in latest_first
            if len(key - kept) == 1
            for before in key - kept
            for now in sorted(kept - key)
            for found in exchanged(timetable, before, now)
        )
        for found in islice(alike, MOST_EXCHANGED):
            if not verify(week, fitting(found, week), rules=(*self._rules, NobodyShort()), measured=()).broken:
                self._timetables[key] = found
                return True
        return False

    def _heard(self, facts: Sequence[Fact], found: Feasibility) -> bool | None:
        """Whether it is impossible, if that was found out; a timetable is remembered."""
        if found.timetable is not None:
            self._timetables[_key(facts)] = found.timetable
        return found.impossible if found.proven else None

    def lightened(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """Facts that were proven impossible, without promises that the proof does not need.

        Of a linear proof the same multipliers prove what is left, exactly. Of another it is what the solver names as
        its reasons: whoever relies on that asks again.
        """
        proof = self._proofs.get(_key(facts))
        if proof is not None:
            lighter = _lighter(facts, proof, frozenset())
            self._known[_key(lighter)] = True
            return lighter
        needed = self._by_pool.get(_key(facts))
        return facts if needed is None else tuple(one for one in facts if not one.owner or one.owner in needed)

    def relieved(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The same, asked again as often as that takes some away: what is left is proven."""
        while self.patience.left:
            fewer = self.lightened(facts)
            if len(fewer) == len(facts) or not self.disproved(fewer):
                break
            facts = fewer
        return facts

    def reduced(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The same; where no proof is known that names its reasons, one is looked for, as often as it takes some away.

        Then also without facts that bind only through rows that the proof does not use.
        """
        facts = self.relieved(facts)
        while self.patience.left and _key(facts) not in self._light and _key(facts) not in self._by_pool:
            proof = self._proof_of(facts)
            if proof is None:
                break
            fewer = _lighter(facts, proof, WRITTEN - proof.rules)
            if fewer == self.lightened(facts) or not self.disproved(fewer):
                fewer = self.lightened(facts)
            if len(fewer) > WORTH_ANOTHER * len(facts):
                self._light.add(_key(fewer))
            facts = fewer
        return facts

    def _proof_of(self, facts: Sequence[Fact]) -> Certificate | None:
        week = world(self.asked, facts)
        self.patience.spend(price(week))
        proof = self._disproof(facts, week)
        if proof is not None:
            self._known[_key(facts)] = True
        return proof

    def _disproof(self, facts: Sequence[Fact], week: Week) -> Certificate | None:
        """A linear proof, of the pool where that is known to do."""
        seconds = linear_seconds(self.patience.left, deterministic=self._settings.reproducible)
        rules = self._rules
        if any(_key(facts) <= more for more in self._by_pool):
            week, rules = pooled(week), pool_rules(rules)
        proof = certificate(week, (HOURS, PLANS), seconds, rules)
        if proof is not None:
            self._proofs[_key(facts)] = proof
        return proof

    def _ask_quickly(self, facts: Sequence[Fact], week: Week) -> bool | None:
        """Ask at a glance, then plainly if there are not too many people in it."""
        until = self._remaining()
        found = self._ask_at_a_glance(facts, week)
        if found is None and (self._hopeful or self._is_few(week)) and not (is_small(week) or is_nameless(week)):
            found = self._ask_plainly(facts, week, until() * PLAIN_SHARE)
        return found

    def _ask_at_a_glance(self, facts: Sequence[Fact], week: Week) -> bool | None:
        """Ask plainly where few people are in it; else the pool, near the timetable at hand, and by a linear proof.

        One fact mostly is what its neighbours are, needed or not: what answered the last question is tried first.
        """
        if is_small(week):
            return self._ask_plainly(facts, week, self.patience.left)
        until = self._remaining()
        found = self._ask_pool(facts, week) if self._pool_misses < POOL_MISSES or is_nameless(week) else None
        if found is None and not is_nameless(week):
            for disproving in (self._last, not self._last):
                found = self._by_linear_proof(facts, week) if disproving else self._ask_nearby(facts, week, until())
                if found is not None:
                    break
        return found

    def _is_few(self, week: Week) -> bool:
        return len(week.patients) <= FEWER * len(self.asked.week.patients)

    def _by_linear_proof(self, facts: Sequence[Fact], week: Week) -> bool | None:
        return True if not self._hopeful and self._disproof(facts, week) is not None else None

    def _ask_nearby(self, facts: Sequence[Fact], week: Week, seconds: float) -> bool | None:
        """Whether there is a timetable beside the one at hand, where not too many people are to sit in it."""
        if self._near is None or not self._is_few(week):
            return None
        found = feasible(
            week,
            self._settings,
            seconds=min(seconds * PLAIN_SHARE, price(week)),
            rules=self._rules,
            extra=(NobodyShort(),),
            stop=self.patience.stop,
            near=fitting(self._near, week),
        )
        return self._heard(facts, found)

    def _ask_pool(self, facts: Sequence[Fact], week: Week) -> bool | None:
        nameless, left = is_nameless(week), self.patience.left
        if nameless or self._hopeful:
            seconds = left * (POOL_SHARE if nameless else HOPEFUL_SHARE)
        else:
            seconds = min(left, price(week)) * NAMED_SHARE
        stated = _key([one for one in facts if not one.owner])
        found = self._pooling.ask(week, stated, seconds=seconds, stop=self.patience.stop)
        if found.impossible:
            self._by_pool[_key(facts)] = found.needed
        self._pool_misses = 0 if found.proven else self._pool_misses + 1
        return self._heard(facts, found)

    def _ask(self, facts: Sequence[Fact], week: Week) -> bool | None:
        """The same, and what that does not settle by a search."""
        until = self._remaining()
        found = self._ask_quickly(facts, week)
        if found is not None or is_small(week) or self.patience.stop.is_set():
            return found
        if self._hopeful and self._disproof(facts, week) is not None:
            return True
        return self._search(week, until())

    def _remaining(self) -> Callable[[], float]:
        return remaining(self.patience.left, timed=not self._settings.reproducible)

    def _ask_plainly(self, facts: Sequence[Fact], week: Week, seconds: float) -> bool | None:
        found = feasible(
            week,
            self._settings,
            seconds=seconds,
            rules=self._rules,
            extra=(NobodyShort(),),
            stop=self.patience.stop,
            alone=True,
        )
        return self._heard(facts, found)

    def _search(self, week: Week, seconds: float) -> bool | None:
        """The same by a search for the fewest hours and plans short, which ends once it is known whether that is 0."""
        goals = GoalSettings(tiers=((HOURS.id, PLANS.id),))
        profile = Profile(name="question", goals=goals, solver=self._settings)
        found = solve_in_time(
            week, profile, seconds, stop=self.patience.stop, rules=self._rules, enough=lambda said: said.bound > 0
        )
        if not found.tiers:
            return None
        if found.tiers[0].bound > 0:
            return True
        return False if found.tiers[0].value == 0 else None


def solve_in_time(
    week: Week,
    profile: Profile,
    seconds: float,
    *,
    stop: threading.Event,
    rules: Sequence[Rule],
    start: Timetable | None = None,
    enough: Callable[[Progress], bool] = lambda _: False,
) -> Solution:
    """Solve a week, but no longer than the time even where there is no timetable yet: then nothing was found.

    Args:
        week: the week.
        profile: goals and solver settings; its time limits are not used.
        seconds: the limit; where the clock must not decide, of the solver's own clock.
        stop: set it to end at once.
        rules: the rulebook of the question.
        start: a timetable to begin with.
        enough: whether what is known answers the question.
    """
    end, done = threading.Event(), threading.Event()
    left = remaining(seconds, timed=not profile.solver.reproducible)

    def listen(said: Progress) -> None:
        if enough(said):
            end.set()

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            if stop.is_set() or not left():
                end.set()

    changes = {"time_limit": max(seconds, 0.1), "time_limit_per_patient": 0.0}
    profile = profile.model_copy(update={"solver": profile.solver.model_copy(update=changes)})
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        return solve(week, profile, listener=listen, stop=end, rules=rules, start=start)
    finally:
        done.set()
        watching.join()


CLEAR = 1e-3
"""Shares of a proof are added up with room for rounding."""
WRITTEN_BY = {
    ("Therapists", "Max blocks"): "therapist-load",
    ("Therapists", "Max blocks per day"): "blocks-per-day",
    ("Groups", "Max size"): "group-size",
    ("Groups", "Kind"): "group-size",
    ("Rooms", "Capacity"): "group-size",
    ("Groups", "Max sessions"): "sessions-per-week",
    ("Groups", "Max per patient"): "repeat-limit",
    ("Patients", "Max blocks"): "weekly-maximum",
    ("Patients", "Max hours"): "weekly-maximum",
}
"""Facts that only bind through rows of one rule: where a linear proof uses none of these, it does not need the fact."""


WRITTEN = frozenset(WRITTEN_BY.values())


def _lighter(facts: Sequence[Fact], proof: Certificate, idle: Collection[str]) -> tuple[Fact, ...]:
    """The facts without those written by idle rules, and without promises that the proof can lose."""
    structure = [one for one in facts if not one.owner and WRITTEN_BY.get(one.column) not in idle]
    return (*structure, *_affordable([one for one in facts if one.owner], proof))


def _affordable(promises: Sequence[Fact], proof: Certificate) -> list[Fact]:
    """The promises without those that a proof can lose and still prove something; the last are lost first."""
    left, kept = proof.strength, list[Fact]()
    for one in reversed(promises):
        share = proof.shares.get(one.owner, 0.0)
        if share < left - CLEAR:
            left -= share
        else:
            kept.append(one)
    return kept[::-1]


def _key(facts: Sequence[Fact]) -> frozenset[Key]:
    return frozenset(one.key for one in facts)


def is_small(week: Week, patients: int | None = None) -> bool:
    """Whether the plain question is asked of a week, or of so many patients of it: it takes milliseconds."""
    return _size(week, patients) <= SMALL


def _size(week: Week, patients: int | None = None) -> int:
    return (len(week.patients) if patients is None else patients) * len(week.blocks) * len(week.groups)


def remaining(seconds: float, *, timed: bool) -> Callable[[], float]:
    """What is left of so many seconds, whenever it is asked; all of them where the clock must not decide."""
    began = time.monotonic()
    return lambda: max(0.0, seconds - (time.monotonic() - began)) if timed else seconds
