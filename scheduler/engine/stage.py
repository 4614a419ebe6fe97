"""What is searched at a time: one tier, or two as one exact objective.

The first of two is weighed so heavily that one grain of it outweighs all there is of the second; what is best for the
sum is best tier by tier. Hours short and planned groups depend on the same session counts, so both are settled
together. A softer tier is searched with the next in view: of its many best timetables those that are good for the next
are near each other, and the linear program finds one of them as quickly as any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, gcd

from scheduler.engine.tiers import Tier
from scheduler.model.plan import Expr, Plan

TOLERANCE = 1e-6
LARGEST_OBJECTIVE = 2**40
"""Beyond this two tiers are searched one after the other: the linear solver's floating point would not follow."""


@dataclass(frozen=True)
class Extent:
    """An expression is a multiple of ``grain`` and never above ``most``."""

    grain: int
    most: int


@dataclass(frozen=True)
class Stage:
    """One search: its tiers, their expressions, and by how much each counts (in units of the last)."""

    tiers: tuple[Tier, ...]
    scores: tuple[Expr, ...]
    factors: tuple[int, ...]
    grain: int = 1
    spread: int = 0
    """The most that all but the first tier can add."""
    in_view: bool = False
    """Whether the second tier is only kept in view: the first is settled, and the second then searched by itself."""

    @property
    def last(self) -> int:
        """The number of the last tier that is searched."""
        return self.tiers[-1].number

    @property
    def settled(self) -> tuple[Tier, ...]:
        """The tiers whose values stand when the search is over."""
        return self.tiers[:1] if self.in_view else self.tiers

    def objective(self, plan: Plan) -> Expr:
        """What is minimised."""
        return plan.total(factor * score for factor, score in zip(self.factors, self.scores, strict=True))

    def value(self, units: Sequence[int]) -> int:
        """The objective of a timetable that measures so many units, given for all tiers of the profile."""
        return sum(f * units[tier.number - 1] for f, tier in zip(self.factors, self.tiers, strict=True))

    def parts(self, value: float) -> tuple[int, ...]:
        """The units of each tier in an objective value."""
        whole = round(value)
        if len(self.tiers) == 1:
            return (whole,)
        first = whole // (self.factors[0] * self.grain) * self.grain
        return first, whole - self.factors[0] * first

    def bounds(self, bound: float, value: int | None) -> tuple[int, ...]:
        """What a bound of the objective proves of each tier; of a later tier only once the one before is proven."""
        whole = max(0, ceil(bound - TOLERANCE))
        if len(self.tiers) == 1:
            return (whole,)
        first = max(0, ceil((whole - self.spread) / (self.factors[0] * self.grain))) * self.grain
        if value is None or first < self.parts(value)[0]:
            return first, 0
        return first, max(0, whole - self.factors[0] * first)


def single(tier: Tier, score: Expr) -> Stage:
    """One tier by itself."""
    return Stage((tier,), (score,), (1,))


def pair(plan: Plan, tiers: tuple[Tier, Tier], scores: tuple[Expr, Expr], *, in_view: bool = False) -> Stage | None:
    """Two tiers as one objective; None if the numbers would grow too large."""
    first, second = (_extent(plan, score) for score in scores)
    factor = second.most // first.grain + 1
    if factor * first.most + second.most > LARGEST_OBJECTIVE:
        return None
    return Stage(tiers, scores, (factor, 1), first.grain, second.most, in_view)


def _extent(plan: Plan, score: Expr) -> Extent:
    """Read off the objective that the expression would make."""
    model = plan.model
    model.minimize(score)
    objective = model.proto.objective
    domains = {index: list(model.proto.variables[index].domain) for index in objective.vars}
    terms = list(zip(objective.vars, objective.coeffs, strict=True))
    constant = round(objective.offset)
    model.clear_objective()  # type: ignore[no-untyped-call]
    most = constant + sum(c * domains[i][-1 if c > 0 else 0] for i, c in terms)
    return Extent(gcd(constant, *(c for _, c in terms)) or 1, max(0, most))
