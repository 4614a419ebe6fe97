"""HiGHS and SCIP on the same model as our engine, read off it as a mixed-integer program with one weighted sum.

The aggregated answer is then split into sessions by the engine's own exact step. What it cannot split as promised, it
splits as well as it can; the judge counts what comes out.
"""

from __future__ import annotations

import time
from datetime import timedelta

from ortools.math_opt.python import mathopt

from benchmarks.judge import WEIGHT_SCALE, weight_of
from benchmarks.peers.protocol import Answer, Keep, Peer
from scheduler.domain.profile import GoalSettings, Profile
from scheduler.domain.week import Week
from scheduler.engine.build import build_plan, write_meetings
from scheduler.engine.relaxation import exact_program
from scheduler.engine.sections import realise
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Expr, Plan
from scheduler.rules.registry import RULES


class _Mip(Peer):
    """A solver of `ortools.math_opt` on the whole aggregated model."""

    solver: mathopt.SolverType

    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Build, solve in what is left of the time, split into sessions."""
        until = time.monotonic() + seconds
        plan = build_plan(week, RULES)
        _weigh(plan, profile.goals)
        program = mathopt.Model.from_model_proto(exact_program(plan.model).proto(integers=True))
        left = until - time.monotonic()
        if left <= 0:
            return Answer(None, None, "time was over before the model was built")
        limits = mathopt.SolveParameters(time_limit=timedelta(seconds=left))
        result = mathopt.solve(program, self.solver, params=limits)
        note = result.termination.reason.value
        dual = result.termination.objective_bounds.dual_bound
        bound = dual / WEIGHT_SCALE if dual > 0 else None
        if not result.has_primal_feasible_solution():
            return Answer(None, None, note, bound)
        found = result.variable_values()
        values = [0] * len(plan.model.proto.variables)
        for variable, value in found.items():
            values[variable.id] = round(value)
        realised = realise(plan, values, RULES)
        keep(realised.timetable)
        unsplit = len(realised.failed)
        return Answer(realised.timetable, None, f"{note}; not split as promised: {unsplit} cells", bound)


class Highs(_Mip):
    """HiGHS, as bundled with OR-Tools."""

    name = "highs"
    about = "HiGHS on the aggregated model, one weighted sum"
    solver = mathopt.SolverType.HIGHS


class Scip(_Mip):
    """SCIP, as bundled with OR-Tools."""

    name = "scip"
    about = "SCIP on the aggregated model, one weighted sum"
    solver = mathopt.SolverType.GSCIP


def _weigh(plan: Plan, settings: GoalSettings) -> None:
    """Minimise the weighted sum of all tiers."""
    terms: list[Expr] = []
    for tier in tiers_of(settings):
        told = frozenset(plan.claims)
        terms.append(weight_of(tier.number) * tier.score(plan))
        write_meetings(plan, RULES, told)
    plan.model.minimize(plan.total(terms))
