"""Goals gathered into tiers: the one place where weights are applied. Importing it imports no solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import TYPE_CHECKING

from scheduler.domain.findings import Verification
from scheduler.domain.profile import GoalSettings
from scheduler.domain.week import Week
from scheduler.goals.registry import GOALS, part_weights
from scheduler.model.protocol import Goal

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan


@dataclass(frozen=True)
class Tier:
    """One tier: its goals, and how their whole units add up to one whole number.

    ``scale`` units of the tier make one of its value, so that hours stay hours where a tier has one goal.
    """

    number: int
    goals: tuple[Goal, ...]
    weights: tuple[int, ...]
    settings: GoalSettings

    @property
    def scale(self) -> int:
        """How many units make one of the tier's value."""
        return lcm(*(goal.scale for goal in self.goals))

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the goals."""
        return tuple(goal.id for goal in self.goals)

    def asks_nothing(self, week: Week) -> bool:
        """Whether every timetable of the week meets it."""
        return all(goal.asks_nothing(week) for goal in self.goals)

    def score(self, plan: Plan) -> Expr:
        """The tier's expression on a plan, in units."""
        terms: list[Expr] = []
        for goal, weight in zip(self.goals, self.weights, strict=True):
            with plan.writing(goal.id):
                factor = weight * (self.scale // goal.scale)
                terms.append(factor * goal.score(plan, part_weights(goal, self.settings)))
        return plan.total(terms)

    def measured_units(self, verification: Verification) -> int:
        """The same on a finished timetable, from what was measured."""
        return sum(
            weight * (self.scale // goal.scale) * verification.measure_of(goal.id).units
            for goal, weight in zip(self.goals, self.weights, strict=True)
        )


def tiers_of(settings: GoalSettings, goals: Sequence[Goal] = GOALS) -> tuple[Tier, ...]:
    """The tiers of a profile, best first, their goals among those given.

    Raises:
        KeyError: if the profile names a goal that does not exist.
    """
    known = {goal.id: goal for goal in goals}
    return tuple(
        Tier(
            number=number,
            goals=tuple(known[name] for name in names),
            weights=tuple(settings.weights.get(name, 1) for name in names),
            settings=settings,
        )
        for number, names in enumerate(settings.tiers, start=1)
    )
