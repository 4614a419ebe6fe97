"""What a linear program proves of a week without a search."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.week import Week
from scheduler.engine.build import build_plan
from scheduler.engine.first import relaxation_of
from scheduler.engine.relaxation import LinearAnswer, Method, Relaxation
from scheduler.engine.stage import Stage, pair, single
from scheduler.engine.tiers import Tier
from scheduler.model.plan import Plan
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

Units = tuple[int, ...]
"""What the tiers measure, best tier first; compared like words. Less is better, and nothing is below 0."""


@dataclass(frozen=True)
class Program:
    """A week's model with hours and plans as its objective, and its linear relaxation with every link in it."""

    plan: Plan
    stage: Stage
    relaxation: Relaxation
    tiers: int

    def bound(self, answer: LinearAnswer | None) -> Units:
        """What a linear answer proves, exactly; nothing without one."""
        if answer is None:
            return (0,) * self.tiers
        whole = max(0, self.relaxation.safe_bound(answer.duals))
        if len(self.stage.tiers) == 1:
            return (whole,) + (0,) * (self.tiers - 1)
        step = self.stage.factors[0] * self.stage.grain
        # The second tier never adds more than the spread: so much the first must have at least.
        first = max(0, -(-(whole - self.stage.spread) // step)) * self.stage.grain
        return first, max(0, whole - self.stage.factors[0] * first)

    def solve(self, seconds: float) -> LinearAnswer | None:
        """The best of the linear program; None if that takes too long."""
        return self.relaxation.solve(Method.BARRIER, seconds)


def program_of(week: Week, tiers: Sequence[Tier], extra: Sequence[Rule] = ()) -> Program:
    """Write the model of a week and read its relaxation off it.

    Args:
        week: the week.
        tiers: the tiers of hours and plans.
        extra: rules beside the rulebook's.
    """
    plan = build_plan(week, (*RULES, *extra))
    scores = [tier.score(plan) for tier in tiers]
    both = pair(plan, (tiers[0], tiers[1]), (scores[0], scores[1])) if len(tiers) > 1 else None
    stage = both or single(tiers[0], scores[0])
    plan.model.minimize(stage.objective(plan))
    return Program(plan, stage, relaxation_of(plan, loose=False), len(tiers))
