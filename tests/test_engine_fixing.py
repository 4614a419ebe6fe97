"""What a linear optimum and a timetable disagree on: nothing where they are one, and enough to become one again."""

import threading
from random import Random

import numpy as np
import pytest

from scheduler.domain.profile import GoalSettings
from scheduler.engine.build import build_plan
from scheduler.engine.excerpt import Excerpts
from scheduler.engine.fixing import decisions, disagreement
from scheduler.engine.relaxation import LinearAnswer
from scheduler.engine.runner import Limits, Runner
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, quick

SEEDS = range(5)
NOTHING = np.array([])


def answered(seed: int) -> tuple[Plan, tuple[int, ...], int]:
    """A week's plan, its best answer and what that is worth."""
    plan = build_plan(featured_week(Random(seed)), RULES)
    plan.model.minimize(tiers_of(GoalSettings())[0].score(plan))
    run = Runner(quick().solver, threading.Event()).run(plan.model, Limits(20))
    assert run.values is not None
    assert run.objective is not None
    return plan, run.values, round(run.objective)


def linear(values: tuple[int, ...]) -> LinearAnswer:
    return LinearAnswer(objective=0.0, values=np.array(values, dtype=float), duals=NOTHING)


@pytest.mark.parametrize("seed", SEEDS)
def test_where_both_agree_on_all_nothing_is_left(seed: int) -> None:
    plan, values, _ = answered(seed)
    assert list(disagreement(plan, linear(values), values)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_where_they_differ_the_solver_may_choose(seed: int) -> None:
    """From the empty answer everything that a best answer does is free; so the best can be reached again."""
    plan, values, worth = answered(seed)
    if plan.week.pins:
        return
    runner = Runner(quick().solver, threading.Event())
    plan.model.clear_hints()
    for index in decisions(plan):
        plan.model.proto.solution_hint.vars.append(index)
        plan.model.proto.solution_hint.values.append(0)
    nothing = runner.complete(plan.model)
    assert nothing is not None
    free = list(disagreement(plan, linear(values), nothing.values))
    assert free
    excerpts = Excerpts(plan.model, list(decisions(plan)))
    begun = np.array(nothing.values, dtype=np.int64)
    part = excerpts.cut(begun, free, excerpts.worth(begun), hinted=True)
    run = runner.run(part.model, Limits(20))
    assert run.objective == worth


def test_the_other_variables_do_not_count() -> None:
    plan, values, _ = answered(0)
    own = set(decisions(plan))
    elsewhere = tuple(value if index in own else value + 1 for index, value in enumerate(values))
    assert list(disagreement(plan, linear(elsewhere), values)) == []
    assert sorted(disagreement(plan, linear(tuple(value + 1 for value in values)), values)) == sorted(own)
