"""A week with changes, solved for hours and plans: its value, its bound, and which of the changes it needs."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from scheduler.advice.advising_bounds import Units, program_of
from scheduler.advice.advising_rule import FewChanges
from scheduler.advice.candidates import Candidate, changed, used
from scheduler.domain.outcome import TierOutcome
from scheduler.domain.profile import GoalSettings, Profile, SolverSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Week
from scheduler.engine.build import build_plan
from scheduler.engine.calls import LARGE
from scheduler.engine.search import Solution, solve
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.goals.registry import GOALS
from scheduler.rules.registry import RULES
from scheduler.verify import verify

VISIBLE = 1e-6
"""What a linear program uses less of is not used."""
LEADING_GOALS = ("weekly-minimum", "treatment-plan")


def leading(profile: Profile) -> Profile:
    """The profile with hours and plans alone, in the order, weights and tiers that it gives them."""
    kept = (tuple(goal for goal in tier if goal in LEADING_GOALS) for tier in profile.goals.tiers)
    tiers = tuple(tier for tier in kept if tier) or tuple((goal,) for goal in LEADING_GOALS)
    goals = GoalSettings.model_validate({**profile.goals.model_dump(), "tiers": tiers})
    return profile.model_copy(update={"goals": goals})


def is_large(week: Week) -> bool:
    """Whether a week is so large that the engine lets linear programs lead."""
    return len(build_plan(week, RULES).attends) >= LARGE


@dataclass(frozen=True)
class Answer:
    """The best timetable found of a week, and the limit that none can beat; ``needs`` are indices of candidates."""

    timetable: Timetable
    value: Units
    bound: Units
    needs: frozenset[int] = frozenset()

    @property
    def proven(self) -> bool:
        """Whether no timetable is better."""
        return self.value <= self.bound


class Stops(threading.Event):
    """Set when somebody sets it, or another one."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        """Whether either is set."""
        return super().is_set() or self._other.is_set()


@dataclass(frozen=True)
class Outlook:
    """What a linear program says of choices: a bound for each of them, and the candidates that it would use."""

    bound: Units
    promising: frozenset[int]


class Solving:
    """Solves a week with any of its candidates made, always from the best timetable of the week as it is."""

    def __init__(
        self, week: Week, profile: Profile, candidates: Sequence[Candidate], base: Answer, stop: threading.Event
    ) -> None:
        self.base, self.candidates = base, candidates
        self._week, self._profile, self._stop = week, profile, stop
        self._tiers = tiers_of(profile.goals)

    # ---- linear programs ----

    @property
    def is_large(self) -> bool:
        """Whether linear programs are much quicker than searches, and nearly always prove as much."""
        return is_large(self._week)

    def outlook(self, made: Collection[int], most: int, seconds: float) -> Outlook:
        """What a linear program says of the week with any ``most`` of the candidates made."""
        rule = self._few(made, most)
        program = program_of(self._changed(made), self._tiers, [rule])
        answer = program.solve(seconds)
        if answer is None:
            return Outlook(program.bound(None), frozenset())
        promising = (index for index, flag in rule.flags.items() if answer.values[flag.index] > VISIBLE)
        return Outlook(program.bound(answer), frozenset(promising))

    def _few(self, made: Collection[int], most: int) -> FewChanges:
        return FewChanges(self._week, {index: self.candidates[index] for index in sorted(made)}, most)

    def _changed(self, made: Collection[int]) -> Week:
        return changed(self._week, [self.candidates[index] for index in sorted(made)])

    # ---- searches ----

    def improve(self, answer: Answer) -> None:
        """Take a better timetable that needs no change at all for that of the week as it is."""
        self.base = replace(answer, bound=self.base.bound)

    def solve(self, made: Collection[int], most: int, seconds: float, known: Units) -> Answer | None:
        """The best timetable with any ``most`` of these candidates made; None if it was stopped before it began.

        It may use more of them where that cannot be told beforehand; its bound is true for those few all the same.

        Args:
            made: which, by index.
            most: how many of them may be used.
            seconds: when to give up.
            known: a bound that is proven already; a timetable that meets it ends the search.
        """
        week, enough = self._changed(made), Stops(self._stop)
        rules = RULES if len(made) <= most else (*RULES, self._few(made, most))
        look = ends_at(known, week, self._tiers, enough)
        solver = {"time_limit": seconds, "time_limit_per_patient": 0.0, "workers": 1}
        settings = SolverSettings.model_validate({**self._profile.solver.model_dump(), **solver})
        profile = self._profile.model_copy(update={"solver": settings})
        start = self.base.timetable
        solution = solve(week, profile, rules=rules, stop=enough, start=start, on_timetable=look)
        if solution.timetable is None:
            return None
        value = solution.measured_units
        bound = min(value, max(known, bound_of(solution.tiers, self._tiers)))
        return Answer(solution.timetable, value, bound, self._needs(week, solution.timetable, made))

    def _needs(self, week: Week, timetable: Timetable, made: Collection[int]) -> frozenset[int]:
        """Some of those made, with which alone the timetable breaks no rule: as few as are easily told."""
        board = Board(week, timetable)
        needed = frozenset(index for index in made if used(self._week, board, [self.candidates[index]]))
        try:
            smaller = self._changed(needed)
            return frozenset(made) if verify(smaller, timetable, measured=()).broken else needed
        except ValueError:  # it names a block that only another candidate opens
            return frozenset(made)


def as_answer(solution: Solution, profile: Profile) -> Answer | None:
    """A solution of the week as it is."""
    if solution.timetable is None:
        return None
    value = solution.measured_units
    return Answer(solution.timetable, value, min(value, bound_of(solution.tiers, tiers_of(profile.goals))))


def ends_at(known: Units, week: Week, tiers: Sequence[Tier], enough: threading.Event) -> Callable[[Timetable], None]:
    """What sets ``enough`` once it is shown a timetable that meets a bound which is known."""

    def look(timetable: Timetable) -> None:
        if measured(week, timetable, tiers) <= known:
            enough.set()

    return look


def measured(week: Week, timetable: Timetable, tiers: Sequence[Tier]) -> Units:
    """What the tiers measure on a timetable."""
    settings = tiers[0].settings
    wanted = {goal.id for tier in tiers for goal in tier.goals}
    found = verify(week, timetable, settings, (), tuple(goal for goal in GOALS if goal.id in wanted))
    return tuple(tier.measured_units(found) for tier in tiers)


def bound_of(outcomes: Sequence[TierOutcome], tiers: Sequence[Tier]) -> Units:
    """The limit that no timetable beats, in units: what is known of a tier counts while those before it are proven."""
    found: list[int] = []
    for outcome, tier in zip(outcomes, tiers, strict=True):
        found.append(round(outcome.bound * tier.scale))
        if not outcome.proven:
            break
    return tuple(found) + (0,) * (len(tiers) - len(found))
