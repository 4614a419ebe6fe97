"""What a change of the input does: the week as it is and the week with the change, each solved, side by side."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from scheduler.advice.comparison import compare_timetables
from scheduler.advice.moves import PEOPLE_MOVED, PeopleMoved, places_of
from scheduler.advice.nearby import fitting
from scheduler.domain.comparison import Claim, Comparison, Conclusions, Proof, Reason, Side, TierLine
from scheduler.domain.findings import Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.incumbent import ModelFault
from scheduler.engine.progress import Listener, silent
from scheduler.engine.search import Solution, solve
from scheduler.goals.registry import GOALS
from scheduler.verify import verify


@dataclass(frozen=True)
class WhatIf:
    """Both weeks solved, and what of their difference is proven.

    ``before`` is None where there was nothing to solve: a timetable of the unchanged week was given, or that week is
    none. ``comparison`` is None where one of the two has no timetable. ``verification`` is the changed week's, by the
    profile's goals.
    """

    before: Solution | None
    after: Solution
    verification: Verification | None = None
    comparison: Comparison | None = None
    conclusions: Conclusions = field(default_factory=Conclusions)

    @property
    def status(self) -> Status:
        """What the search may claim of the changed week, by the profile's tiers alone."""
        if self.after.timetable is None:
            return self.after.status
        return Status.OPTIMAL if all(tier.proven for tier in self.tiers) else Status.FEASIBLE

    @property
    def tiers(self) -> tuple[TierOutcome, ...]:
        """The profile's tiers of the changed week."""
        return tuple(tier for tier in self.after.tiers if PEOPLE_MOVED not in tier.goals)

    @property
    def interrupted(self) -> bool:
        """Whether either search was ended early."""
        return self.after.interrupted or (self.before is not None and self.before.interrupted)


def what_if(
    before: Week | None,
    after: Week,
    profile: Profile,
    *,
    given: Timetable | None = None,
    listener: Listener = silent,
    stop: threading.Event | None = None,
) -> WhatIf:
    """Solve the week as it is and the week with a change, and compare.

    The second search begins from the first one's timetable. Below the profile's tiers it has one more: as few people as
    possible sit elsewhere, so that what moves has a reason.

    Args:
        before: the week as it is; None where it cannot be solved at all.
        after: the week with the change.
        profile: goals and solver settings of both.
        given: a timetable of the unchanged week, which saves the first search.
        listener: hears of progress.
        stop: set it to get the best so far.

    Raises:
        ValueError: if ``given`` names something that the unchanged week does not know.
        ModelFault: if a timetable breaks a rule, or the model counts something else than is measured.
    """
    first = None if before is None or given is not None else solve(before, profile, listener=listener, stop=stop)
    old = first.timetable if first is not None else given
    second = _solve_changed(after, profile, old, listener, stop)
    for solution in (first, second):
        _check(solution)
    new = second.timetable
    if before is None or old is None or new is None:
        return WhatIf(first, second, None if new is None else verify(after, new, profile.goals))
    needless, better = _without_the_change(before, old, new, profile)
    adopted = better and first is not None
    comparison = compare_timetables(before, new if adopted else old, after, new, profile.goals)
    tiers = second.tiers[: len(profile.goals.tiers)]  # without the last, of people who sit elsewhere
    conclusions = Conclusions(
        claims=claims(comparison, None if first is None else first.tiers, tiers),
        needless=needless,
        adopted=adopted,
        moves_proven=not comparison.moves or all(tier.proven for tier in second.tiers),
        given=first is None,
    )
    return WhatIf(first, second, verify(after, new, profile.goals), comparison, conclusions)


def _solve_changed(
    after: Week, profile: Profile, old: Timetable | None, listener: Listener, stop: threading.Event | None
) -> Solution:
    if old is None:
        return solve(after, profile, listener=listener, stop=stop)
    moved = PeopleMoved(places_of(old))
    tiers = (*profile.goals.tiers, (moved.id,))
    last_tier = profile.model_copy(update={"goals": profile.goals.model_copy(update={"tiers": tiers})})
    start = fitting(old, after)
    return solve(after, last_tier, listener=listener, stop=stop, start=start, goals=(*GOALS, moved))


def _check(solution: Solution | None) -> None:
    """No answer rests on a timetable that the program's own checks do not bear out."""
    if solution is None or solution.timetable is None or solution.verification is None:
        return
    if solution.verification.broken:
        raise ModelFault("the timetable that was found breaks a rule")
    if solution.solver_units != solution.measured_units:
        raise ModelFault("the solver's value of a tier and the measured one differ")


def _without_the_change(before: Week, old: Timetable, new: Timetable, profile: Profile) -> tuple[bool, bool]:
    """Whether the new timetable is also one of the unchanged week, and if so whether it is better there."""
    if fitting(new, before) != new or verify(before, new, profile.goals).broken:
        return False, False
    there = compare_timetables(before, old, before, new, profile.goals).verdict
    return True, there.reason is not Reason.NOTHING and there.better is Side.AFTER


def claims(found: Comparison, before: Sequence[TierOutcome] | None, after: Sequence[TierOutcome]) -> tuple[Claim, ...]:
    """What is proven of each tier's difference.

    A tier's value and bound hold where the better tiers have their values; so they speak of the weeks only as long as
    all better tiers are proven in both. A better value found later never makes a bound wrong.

    Args:
        found: the two timetables side by side.
        before: the tiers of the first search; None where its timetable was given, of which nothing is known but that no
            goal is ever below 0.
        after: the tiers of the second search.
    """
    lines, settled = [], True
    for place, line in enumerate(found.tiers):
        bound = 0.0 if before is None else before[place].bound
        sound = before is not None or not found.verdict.broken_before
        proven = (line.before <= bound and sound, after[place].proven)
        lines.append(_claim(line, (bound, after[place].bound), proven, settled and sound))
        settled = settled and all(proven)
    return tuple(lines)


def _claim(line: TierLine, bounds: tuple[float, float], proven: tuple[bool, bool], settled: bool) -> Claim:
    proof, least = Proof.OPEN, 0.0
    if settled and all(proven):
        proof, least = Proof.EXACT, abs(line.before - line.after)
    elif settled:
        least = max(0.0, bounds[0] - line.after, bounds[1] - line.before)
        proof = Proof.AT_LEAST if least else Proof.OPEN
    return Claim(
        tier=line.tier,
        goals=line.goals,
        before=line.before,
        after=line.after,
        before_bound=bounds[0],
        after_bound=bounds[1],
        better=line.better,
        proof=proof,
        least=least,
    )
