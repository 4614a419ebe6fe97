"""Whether a week allows any timetable under given rules: a plain question, answered by a timetable or a proof."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.profile import SolverSettings
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.budget import Budget
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.runner import Limits, Portfolio, Runner, set_hints
from scheduler.engine.sections import base_values, realise
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify


@dataclass(frozen=True)
class Feasibility:
    """A timetable that keeps every rule; or None, ``proven`` where there is none at all and not only none in time."""

    timetable: Timetable | None
    proven: bool

    @property
    def impossible(self) -> bool:
        """Whether it is proven that no timetable keeps every rule."""
        return self.timetable is None and self.proven


def feasible(
    week: Week,
    settings: SolverSettings,
    *,
    seconds: float,
    rules: Sequence[Rule] = RULES,
    extra: Sequence[Rule] = (),
    stop: threading.Event | None = None,
    alone: bool = False,
    near: Timetable | None = None,
) -> Feasibility:
    """Look for any timetable of a week that keeps its rules and those of a question.

    Args:
        week: the week.
        settings: how to search; its time limits are not used.
        seconds: when to give up.
        rules: the rulebook.
        extra: more rules, those of the question.
        stop: set it to give up at once.
        alone: one thread, which for a small week is the quickest.
        near: begin with this timetable, which breaks little of what is asked; then on one thread, too.
    """
    asked = (*rules, *extra)
    plan = build_plan(week, asked)
    runner = Runner(settings, stop or threading.Event())
    portfolio = Portfolio.ALONE if alone or settings.workers == 1 else Portfolio.USUAL
    if near is not None:
        portfolio = Portfolio.NEAR
        set_hints(plan.model, base_values(plan, near))
    budget = Budget(seconds, settings.reproducible)
    while budget.left > 0 and not runner.stop.is_set():
        run = runner.run(plan.model, Limits(budget.left, portfolio=portfolio))
        budget.spend(run.deterministic_seconds)
        if run.infeasible:
            return Feasibility(None, proven=True)
        if run.values is None:
            break
        realised = realise(plan, run.values, asked)
        # A cell that could not be split may still have come out right: what counts is what the checks say.
        if not verify(week, realised.timetable, rules=asked, measured=()).broken:
            return Feasibility(realised.timetable, proven=True)
        for cell in realised.failed:
            make_exact(plan, cell, asked)
        if not realised.failed:
            break
    return Feasibility(None, proven=False)
