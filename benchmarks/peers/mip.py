"""HiGHS and SCIP on the same model as our engine, read off it as a mixed-integer program with one weighted sum.

The aggregated answer is then split into sessions by the engine's own exact step. What it cannot split as promised, it
splits as well as it can; the judge counts what comes out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from ortools.math_opt.python import mathopt

from benchmarks.judge import WEIGHT_SCALE, weight_of
from benchmarks.peers.protocol import Answer, Keep, Peer
from scheduler.domain.profile import GoalSettings, Profile
from scheduler.domain.week import Week
from scheduler.engine.build import build_plan, write_meetings
from scheduler.engine.relaxation import exact_program
from scheduler.engine.sections import Realised, realise
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Expr, Plan
from scheduler.rules.registry import RULES

LOGGED = re.compile(r"^\s*\w?\s+\d\S*\s+\d\S*\s+\d\S*\s+[\d.]+%\s+\S+\s+([-\d.e+]+)\s.*\s([\d.]+)s\s*$")
"""A line of HiGHS's log: the best objective so far and the seconds since its start."""


class _Hearer:
    """Hears of a solver's answers on the way, as far as it tells."""

    def __init__(self, plan: Plan, began: float, keep: Keep) -> None:
        self._plan, self._began, self._keep = plan, began, keep
        self._solver_began = time.monotonic()
        self.told: list[tuple[float, float]] = []

    def realise(self, found: Mapping[mathopt.Variable, float]) -> Realised:
        """Split an answer into sessions and hand it over."""
        values = [0] * len(self._plan.model.proto.variables)
        for variable, value in found.items():
            values[variable.id] = round(value)
        realised = realise(self._plan, values, RULES)
        self._keep(realised.timetable)
        return realised

    def on_solution(self, data: mathopt.CallbackData) -> mathopt.CallbackResult:
        """Called by SCIP with each better answer."""
        if data.solution is not None:
            self.realise(data.solution)
        return mathopt.CallbackResult()

    def on_lines(self, lines: Sequence[str]) -> None:
        """Called by HiGHS with lines of its log: it tells what its answers are worth, not what they are."""
        for found in filter(None, map(LOGGED.match, lines)):
            whole = float(found[1]) / WEIGHT_SCALE
            if not self.told or whole < self.told[-1][1]:
                seconds = self._solver_began - self._began + float(found[2])
                self.told.append((round(seconds, 2), whole))


class _Mip(Peer):
    """A solver of `ortools.math_opt` on the whole aggregated model."""

    solver: mathopt.SolverType

    def hearing(self, hearer: _Hearer) -> dict[str, Any]:
        """The arguments of `mathopt.solve` with which the solver tells of answers on the way."""
        raise NotImplementedError

    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Build, solve in what is left of the time, split into sessions."""
        began = time.monotonic()
        plan = build_plan(week, RULES)
        _weigh(plan, profile.goals)
        program = mathopt.Model.from_model_proto(exact_program(plan.model).proto(integers=True))
        left = began + seconds - time.monotonic()
        if left <= 0:
            return Answer(None, None, "time was over before the model was built")
        limits = mathopt.SolveParameters(time_limit=timedelta(seconds=left))
        hearer = _Hearer(plan, began, keep)
        result = mathopt.solve(program, self.solver, params=limits, **self.hearing(hearer))
        note = result.termination.reason.name
        dual = result.termination.objective_bounds.dual_bound
        bound = dual / WEIGHT_SCALE if dual > 0 else None
        if not result.has_primal_feasible_solution():
            return Answer(None, None, note, bound)
        realised = hearer.realise(result.variable_values())
        note = f"{note}; not split as promised: {len(realised.failed)} cells"
        return Answer(realised.timetable, None, note, bound, tuple(hearer.told))


class Highs(_Mip):
    """HiGHS, as bundled with OR-Tools."""

    name = "highs"
    about = "HiGHS on the aggregated model, one weighted sum"
    solver = mathopt.SolverType.HIGHS

    def hearing(self, hearer: _Hearer) -> dict[str, Any]:
        """Its log."""
        return {"msg_cb": hearer.on_lines}


class Scip(_Mip):
    """SCIP, as bundled with OR-Tools."""

    name = "scip"
    about = "SCIP on the aggregated model, one weighted sum"
    solver = mathopt.SolverType.GSCIP

    def hearing(self, hearer: _Hearer) -> dict[str, Any]:
        """Each answer."""
        wanted = mathopt.CallbackRegistration(events={mathopt.Event.MIP_SOLUTION})
        return {"callback_reg": wanted, "cb": hearer.on_solution}


def _weigh(plan: Plan, settings: GoalSettings) -> None:
    """Minimise the weighted sum of all tiers."""
    terms: list[Expr] = []
    for tier in tiers_of(settings):
        told = frozenset(plan.claims)
        terms.append(weight_of(tier.number) * tier.score(plan))
        write_meetings(plan, RULES, told)
    plan.model.minimize(plan.total(terms))
