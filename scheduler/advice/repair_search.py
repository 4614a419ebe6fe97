"""The search for a repair: what is proven on the whole week first, then the lesser goals for what time is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.advice.moves import PEOPLE_MOVED, PEOPLE_RESEATED, PeopleMoved, PeopleReseated, Places, moved
from scheduler.advice.promises import HOURS, PLANS
from scheduler.advice.repair_question import (
    BYSTANDERS_MOVED,
    NEAR,
    SEATS_ADDED,
    BystandersMoved,
    Clock,
    Question,
    SeatsAdded,
    StayPut,
    settings_for,
)
from scheduler.advice.repair_week import Rules
from scheduler.domain.clock import TimeSet
from scheduler.domain.findings import Violation
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.repair import Hurt
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Week
from scheduler.engine.incumbent import ModelFault
from scheduler.engine.progress import relative_gap
from scheduler.engine.search import Solution, solve
from scheduler.engine.strategies import ALL, Strategies
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.goals.continuity import Continuity
from scheduler.goals.registry import GOALS
from scheduler.model.protocol import Goal, Rule
from scheduler.verify import verify

if TYPE_CHECKING:
    from scheduler.model.plan import Plan

NEAR_SHARE = 0.25
"""Of the time that is left, what each search among the hurt and those around them may take."""
LARGE, WIDENING = 200, (0.15, 0.3)
"""From so many patients on, what shares of those who are not hurt may be asked to make room."""
SERVING, SERVING_SHARE = 2, 0.65
"""The tiers of hours and plans; and what they may take of the time, where not all that people had can be kept."""
LESSER_SHARE = 0.25
"""Of the time, what is kept for the lesser goals; what the first search leaves goes to them too."""
LEAST_SECONDS = 0.5
"""With less than this the lesser goals are left as they came."""


class Held(Rule):
    """A tier of goals is no worse than it was found to be."""

    id = "held"
    words = "What better goals have reached is held while the lesser ones are settled."
    formula = "tier ≤ its value"

    def __init__(self, tier: Tier, units: int) -> None:
        self._tier, self._units = tier, units

    def constrain(self, plan: Plan) -> None:
        """Write the tier, and hold it."""
        plan.add(self._tier.score(plan) <= self._units)

    def check(self, board: Board) -> Iterable[Violation]:
        """Whether the tier is worse."""
        tier = self._tier
        found = verify(board.week, board.timetable, tier.settings, rules=(), measured=tier.goals)
        units = tier.measured_units(found)
        if units > self._units:
            yield Violation(words=f"{', '.join(tier.names)}: {units} is worse than {self._units}")


@dataclass(frozen=True)
class Found:
    """What a search came to: a timetable with every tier's outcome, or the solution that says why there is none."""

    solution: Solution
    timetable: Timetable | None = None
    tiers: tuple[TierOutcome, ...] = ()
    interrupted: bool = False

    @property
    def status(self) -> Status:
        """Optimal where every tier is proven."""
        if self.timetable is None:
            return self.solution.status
        return Status.OPTIMAL if all(tier.proven for tier in self.tiers) else Status.FEASIBLE


class Search:
    """One search for a repaired week.

    Args:
        question: what is asked.
        week: the week to search, with its needs as they are promised and what is locked pinned.
        rules: the rulebook of the question.
        before: where everybody sat.
        hurt: the sessions that cannot run as they stand.
    """

    def __init__(self, question: Question, week: Week, rules: Rules, before: Places, hurt: Sequence[Hurt]) -> None:
        self._asked, self._week, self._rules, self._before = question, week, rules, before
        people = {one for session in hurt for one in session.people}
        others = {one: places for one, places in before.items() if one not in people}
        self._others: Places = others
        self._goals: tuple[Goal, ...] = (
            *GOALS,
            PeopleReseated(before),
            PeopleMoved(before),
            BystandersMoved(others),
            SeatsAdded(before),
        )
        leading = [(HOURS.id,), (PLANS.id,), (PEOPLE_RESEATED,), (PEOPLE_MOVED,)]
        if not all(one.unsettled for one in hurt):
            # Where everybody hurt is sure to notice, the fewest people are also the fewest others, without this tier.
            leading.append((BYSTANDERS_MOVED,))
        self._moves = len(leading)
        leading.append((Continuity.id,))
        named = {goal for tier in leading for goal in tier}
        rest = (tuple(goal for goal in tier if goal not in named) for tier in question.profile.goals.tiers)
        self._names: list[tuple[str, ...]] = [*leading, (SEATS_ADDED,), *filter(None, rest)]
        self._leading = len(leading)
        self._tiers = tiers_of(settings_for(question.profile, self._names, 1).goals, self._goals)

    def run(self, start: Timetable, clock: Clock, *, near: bool) -> Found:
        """Search as long as the clock allows.

        Args:
            start: what to begin from; it may break rules.
            clock: says how long.
            near: whether ``start`` keeps every rule and moves nobody who is not hurt: then what can be had by moving
                the hurt alone is found first, quickly, for the whole search to begin from.
        """
        if near:
            start = self._among_the_hurt(start, clock)
        if not near or self._short_in(start):
            first = self._serve_first(start, clock)
        else:
            seconds = clock.left * (1 - LESSER_SHARE)
            first = self._solve(self._names[: self._leading], self._rules, seconds, start)
        if first.timetable is None:
            return Found(first, interrupted=first.interrupted)
        last = None
        if clock.left > LEAST_SECONDS and not self._asked.stop.is_set():
            last = self._settle_lesser(first, first.timetable, clock.left)
        timetable = first.timetable if last is None or last.timetable is None else last.timetable
        cut_short = first.interrupted or (last is not None and last.interrupted)
        return Found(first, timetable, self._outcomes(timetable, first, last), cut_short)

    def _serve_first(self, start: Timetable, clock: Clock) -> Solution:
        """Where not everybody can keep what they had: the fewest losses first, by every means, then the fewest moves.

        What serves best is mostly not near, and however well it is proven, the moves must have their time.
        """
        served = self._solve(self._names[:SERVING], self._rules, clock.left * SERVING_SHARE, start, strategies=ALL)
        if served.timetable is None:
            return served
        held = tuple(Held(self._tiers[place], served.measured_units[place]) for place in range(SERVING))
        names = self._names[SERVING : self._leading]
        repaired = self._solve(names, (*self._rules, *held), clock.left, served.timetable)
        if repaired.timetable is None:
            return served
        return replace(
            repaired,
            tiers=served.tiers + repaired.tiers,
            solver_units=served.solver_units + repaired.solver_units,
            measured_units=served.measured_units + repaired.measured_units,
        )

    def _among_the_hurt(self, start: Timetable, clock: Clock) -> Timetable:
        """The best repair in which nobody is moved who is not hurt: a small question, of what is open to the hurt.

        In a large week whoever is still left short may then change places with ever more of those around them, since a
        search of the whole would first find some way of serving them, and hardly ever one nearby.
        """
        staying = self._others
        for share in (0.0, *(WIDENING if len(self._week.patients) >= LARGE else ())):
            if share:
                short = self._short_in(start)
                if not short:
                    break
                staying = _fewer(self._week, staying, short, round(share * len(self._others)))
            rules = (*self._rules, StayPut(staying))
            seconds = clock.left * NEAR_SHARE
            small = _narrowed(self._week, staying)
            start = self._solve(self._names[: self._leading], rules, seconds, start, small).timetable or start
        return start

    def _short_in(self, timetable: Timetable) -> tuple[str, ...]:
        """Who gets less than they had."""
        found = verify(self._week, timetable, rules=(), measured=self._goals)
        remarks = [one for goal in (HOURS, PLANS) for one in found.measure_of(goal.id).remarks]
        return tuple(dict.fromkeys(patient for one in remarks for patient in one.patients))

    def _solve(
        self,
        names: Sequence[tuple[str, ...]],
        rules: Rules,
        seconds: float,
        start: Timetable,
        week: Week | None = None,
        strategies: Strategies = NEAR,
    ) -> Solution:
        found = solve(
            week or self._week,
            settings_for(self._asked.profile, names, seconds),
            listener=self._asked.listener,
            stop=self._asked.stop,
            rules=rules,
            goals=self._goals,
            start=start,
            strategies=strategies,
        )
        if found.solver_units != found.measured_units:
            raise ModelFault(f"solver {found.solver_units} and measures {found.measured_units} differ")
        return found

    def _settle_lesser(self, first: Solution, timetable: Timetable, seconds: float) -> Solution:
        """The search goes on with what is proven held; for the lesser goals with everybody held who is not moved.

        Once everything before them is proven, even these are settled on the whole week.
        """
        proven = self._proven(first)
        rules = self._rules
        rules += tuple(Held(self._tiers[place], first.measured_units[place]) for place in range(proven))
        if self._moves <= proven < self._leading:
            gone = set(moved(self._before, timetable))
            rules += (StayPut({one: places for one, places in self._before.items() if one not in gone}),)
        return self._solve(self._names[proven:], rules, seconds, timetable)

    def _proven(self, first: Solution) -> int:
        """How many of the leading tiers are proven, one after another from the first."""
        return next((place for place, tier in enumerate(first.tiers) if not tier.proven), len(first.tiers))

    def _outcomes(self, timetable: Timetable, first: Solution, last: Solution | None) -> tuple[TierOutcome, ...]:
        """What each tier came to, beside what was proven of it.

        A bound holds as long as all tiers above have the values with which it was proven. What was proven of the lesser
        goals with people held is not told: it says nothing of the whole week.
        """
        found = verify(self._week, timetable, self._asked.profile.goals, self._rules, self._goals)
        proofs = list(first.tiers)
        if last is not None and self._proven(first) == self._leading:
            proofs += last.tiers
        outcomes: list[TierOutcome] = []
        holds = True
        for place, tier in enumerate(self._tiers):
            value = tier.measured_units(found) / tier.scale
            proof = proofs[place] if place < len(proofs) else None
            bound = min(proof.bound, value) if proof is not None and holds else 0.0
            outcomes.append(
                TierOutcome(
                    tier=tier.number,
                    goals={goal.id: found.measure_of(goal.id).value for goal in tier.goals},
                    value=value,
                    bound=bound,
                    gap=relative_gap(value, bound),
                    proven=value == bound,
                    seconds=None if proof is None else proof.seconds,
                )
            )
            holds = holds and proof is not None and proof.value == value
        return tuple(outcomes)


def _narrowed(week: Week, staying: Places) -> Week:
    """The week where those who stay can come only when they come, and only to the groups that they attend."""
    groups = [group.id for group in week.groups]
    patients = []
    for one in week.patients:
        places = staying.get(one.id)
        if places is None:
            patients.append(one)
            continue
        blocks = [week.block_of[place.block] for place in places]
        free = one.free & TimeSet.of((block.start, block.end) for block in blocks)
        attended = {place.group for place in places}
        avoided = tuple(group for group in groups if group not in attended)
        patients.append(one.model_copy(update={"free": free, "avoided": avoided}))
    return week.model_copy(update={"patients": tuple(patients)})


def _fewer(week: Week, staying: Places, short: Sequence[str], free: int) -> Places:
    """Those who stay, without the many whose places the short could use best: in their groups, when they can come."""
    people = [week.patient_of[one] for one in short]
    needed = {need.group for one in people for need in one.required}
    blocks = {block.id for block in week.blocks if any(one.free.covers(block.start, block.end) for one in people)}

    def use(patient: str) -> int:
        places = staying[patient]
        return sum((place.block in blocks) + 2 * (place.group in needed) for place in places)

    freed = set(sorted(staying, key=use, reverse=True)[:free])
    return {one: places for one, places in staying.items() if one not in freed}
