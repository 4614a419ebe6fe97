"""A linear proof that not everybody's needs can be met, and whose needs it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.week import Week
from scheduler.engine.build import build_plan
from scheduler.engine.first import proven_bound, relaxation_of
from scheduler.engine.relaxation import LinearAnswer, Method, Relaxation
from scheduler.engine.tiers import Tier
from scheduler.model.plan import Expr, Plan
from scheduler.model.protocol import Goal, Rule
from scheduler.rules.registry import RULES

SIMPLEX_ROWS = 8000
"""In smaller programs the simplex method is the quicker, in larger ones the barrier method."""
NOTHING = 1e-7
"""A dual closer to 0 than this is none."""


@dataclass(frozen=True)
class Certificate:
    """What the linear relaxation proves of a sum of goals: no timetable is below ``bound``.

    ``strength`` is the same before it is rounded up to a whole number: above 0, something is proven. ``shares`` are the
    patients whose needs have a price in the proof, with how much of the strength is lost where one of them asks for
    nothing; of several, the sum. ``rules`` are those that wrote a row with a price: without the rows of others, the
    bound stands.
    """

    bound: int
    strength: float
    shares: Mapping[str, float]
    rules: frozenset[str]


def certificate(week: Week, goals: Sequence[Goal], seconds: float, rules: Sequence[Rule] = RULES) -> Certificate | None:
    """Bound the sum of the goals by the linear relaxation with the links from a seat to its session.

    None where the linear program does not end in time, or has no bound above 0.
    """
    plan = build_plan(week, rules)
    relaxation, answer = _solved(plan, plan.total(goal.score(plan, goal.parts) for goal in goals), seconds)
    bound = proven_bound(relaxation, answer)
    if answer is None or bound <= 0:
        return None
    writers = {name for name, dual in zip(relaxation.names, answer.duals, strict=True) if abs(dual) > NOTHING}
    shares = relaxation.shares(_priced(plan, relaxation, answer), answer.duals)
    return Certificate(bound, relaxation.strength(answer.duals), shares, frozenset(writers))


def least_sum(week: Week, tiers: Sequence[Tier], seconds: float, rules: Sequence[Rule] = RULES) -> int:
    """What the sum of some tiers, in units, is at least in every timetable; 0 where no more is known in time."""
    plan = build_plan(week, rules)
    return max(0, proven_bound(*_solved(plan, plan.total(tier.score(plan) for tier in tiers), seconds)))


def _solved(plan: Plan, cost: Expr, seconds: float) -> tuple[Relaxation, LinearAnswer | None]:
    plan.model.minimize(cost)
    relaxation = relaxation_of(plan, loose=False)
    method = Method.SIMPLEX if len(relaxation.names) < SIMPLEX_ROWS else Method.BARRIER
    return relaxation, relaxation.solve(method, seconds)


def _priced(plan: Plan, relaxation: Relaxation, answer: LinearAnswer) -> dict[str, list[int]]:
    """The rows that measure a goal and have a dual, by patient: each holds a cost beside the seats of one patient."""
    owner = {var.index: patient for (patient, _, _), var in plan.attends.items()}
    found: dict[str, list[int]] = {}
    for row, ((entries, _, _), dual) in enumerate(zip(relaxation.rows, answer.duals, strict=True)):
        if abs(dual) > NOTHING and any(column in relaxation.costs for column, _ in entries):
            for patient in {owner[column] for column, _ in entries if column in owner}:
                found.setdefault(patient, []).append(row)
    return found
