"""HiGHS and SCIP on the same model as our engine, read off it as a mixed-integer program with one weighted sum.

The aggregated answer is then split into sessions by the engine's own exact step. Where a block's group cannot be split
as promised, it is written out exactly and solved again, as our engine does, while there is time; what was split as well
as it can be stays the answer until then.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import isfinite
from typing import Any

from ortools.math_opt.python import mathopt

from benchmarks.judge import judge, weight_of
from benchmarks.peers.protocol import Answer, Keep, Peer
from scheduler.domain.profile import GoalSettings, Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.build import build_plan, make_exact, write_meetings
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
        self.solver_began = began
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
            whole = float(found[1])
            if not self.told or whole < self.told[-1][1]:
                seconds = self.solver_began - self._began + float(found[2])
                self.told.append((round(seconds, 2), whole))


class _Mip(Peer):
    """A solver of `ortools.math_opt` on the whole aggregated model."""

    solver: mathopt.SolverType

    def hearing(self, hearer: _Hearer) -> dict[str, Any]:
        """The arguments of `mathopt.solve` with which the solver tells of answers on the way."""
        raise NotImplementedError

    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Build, solve, split; while time is left, solve again with what could not be split made exact."""
        began = time.monotonic()
        plan = weighed_plan(week, profile.goals)
        best: tuple[float, Timetable] | None = None
        bound, note = 0.0, "time was over before the model was built"
        told: tuple[tuple[float, float], ...] = ()
        while time.monotonic() < began + seconds:
            hearer = _Hearer(plan, began, keep)
            result = self._call(plan, began + seconds, hearer)
            note = result.termination.reason.name
            bound = max(bound, result.termination.objective_bounds.dual_bound)
            if not result.has_primal_feasible_solution():
                break
            realised = hearer.realise(result.variable_values())
            whole = judge(week, profile, realised.timetable).whole
            if whole is not None and (best is None or whole < best[0]):
                best = whole, realised.timetable
            if not realised.failed:
                told = tuple(hearer.told)
                break
            note = f"{note}; not split as promised: {len(realised.failed)} cells"
            for cell in realised.failed:
                make_exact(plan, cell, RULES)
        return Answer(None if best is None else best[1], None, note, bound if isfinite(bound) else None, told)

    def _call(self, plan: Plan, until: float, hearer: _Hearer) -> mathopt.SolveResult:
        program = mathopt.Model.from_model_proto(exact_program(plan.model).proto(integers=True))
        hearer.solver_began = time.monotonic()
        left = timedelta(seconds=max(0.1, until - hearer.solver_began))
        limits = mathopt.SolveParameters(time_limit=left)
        return mathopt.solve(program, self.solver, params=limits, **self.hearing(hearer))


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


def weighed_plan(week: Week, settings: GoalSettings) -> Plan:
    """The week's aggregated model with the weighted sum of all tiers to be minimised."""
    plan = build_plan(week, RULES)
    terms: list[Expr] = []
    for tier in tiers_of(settings):
        told = frozenset(plan.claims)
        terms.append(weight_of(tier.number) * tier.score(plan))
        write_meetings(plan, RULES, told)
    plan.model.minimize(plan.total(terms))
    return plan
