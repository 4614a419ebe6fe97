"""How a timetable is judged, whoever made it: by the rules' checks and the goals' measures, never by a solver.

Peers that can follow one number only are given the whole: the tiers weighed so that they mostly stay tiers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.tiers import tiers_of
from scheduler.verify import verify

WEIGHTS = (120, 5000, 200, 20, 1)
"""Whole-number weights of a unit of each tier, from the first: a priority-weighted minute short (21 600 for a block of
three hours), a unit of the second, and so on; tiers after these weigh 1.

A unit is meant to be worth more than what giving it up gains in the tiers below, so that no peer buys one with the
other. Strictly lexicographic weights would be too large for LP-based solvers.
"""
UNREADABLE = "unknown names"
"""Stands for a rule where a timetable names people or places that the week does not know."""


@dataclass(frozen=True)
class Verdict:
    """What a timetable is worth.

    ``units`` by tier, ``values`` the same in each tier's own unit, ``whole`` all in one number; all None where there is
    no timetable or it breaks a rule. ``broken``: breaches by rule.
    """

    units: tuple[int, ...] | None = None
    values: tuple[float, ...] | None = None
    whole: float | None = None
    broken: dict[str, int] = field(default_factory=dict)


def weight_of(tier: int) -> int:
    """The weight of a unit of a tier, counted from 1."""
    return WEIGHTS[tier - 1] if tier <= len(WEIGHTS) else 1


def whole_of(units: Sequence[float]) -> float:
    """The tiers' units in one number."""
    return float(sum(weight_of(tier) * one for tier, one in enumerate(units, start=1)))


def judge(week: Week, profile: Profile, timetable: Timetable | None) -> Verdict:
    """Check and measure; one that breaks a rule is worth as little as none."""
    if timetable is None:
        return Verdict()
    try:
        found = verify(week, timetable, profile.goals)
    except ValueError:
        return Verdict(broken={UNREADABLE: 1})
    broken = {result.rule: len(result.violations) for result in found.rules if result.violations}
    if broken:
        return Verdict(broken=broken)
    tiers = tiers_of(profile.goals)
    units = tuple(tier.measured_units(found) for tier in tiers)
    values = tuple(one / tier.scale for one, tier in zip(units, tiers, strict=True))
    return Verdict(units, values, whole_of(units))
