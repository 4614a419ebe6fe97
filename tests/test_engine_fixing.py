"""Copies with decisions fixed: what is fixed stays as it was, what is free may be chosen, the model is left alone."""

import threading
from random import Random

import numpy as np
import pytest

from scheduler.domain.profile import GoalSettings
from scheduler.engine.build import build_plan
from scheduler.engine.fixing import agreement
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
def test_where_both_agree_on_all_nothing_else_is_left(seed: int) -> None:
    plan, values, worth = answered(seed)
    run = Runner(quick().solver, threading.Event()).run(agreement(plan.model, plan, linear(values), values), Limits(20))
    assert run.values is not None
    assert run.objective == worth
    decisions = [var.index for table in (plan.attends, plan.leads, plan.sessions) for var in table.values()]
    assert [run.values[index] for index in decisions] == [values[index] for index in decisions]


@pytest.mark.parametrize("seed", SEEDS)
def test_where_they_differ_the_solver_may_choose(seed: int) -> None:
    """From the empty answer everything that a best answer does is free; so the best can be reached again."""
    plan, values, worth = answered(seed)
    if plan.week.pins:
        return
    nothing = tuple(0 for _ in values)
    run = Runner(quick().solver, threading.Event()).run(
        agreement(plan.model, plan, linear(values), nothing), Limits(20)
    )
    assert run.objective is not None
    assert run.objective == worth


def test_the_model_itself_is_left_as_it_was() -> None:
    plan, values, _ = answered(0)
    before = [list(variable.domain) for variable in plan.model.proto.variables]
    agreement(plan.model, plan, linear(values), values)
    assert [list(variable.domain) for variable in plan.model.proto.variables] == before
