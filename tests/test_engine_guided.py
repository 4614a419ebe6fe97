"""Which linear program there is time for; hours and plans come out of their own search as good as the solver's best."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from scheduler.engine.calls import Calls
from scheduler.engine.first import construct, relaxation_of
from scheduler.engine.guided import affordable, search_disagreement, search_leading
from scheduler.engine.progress import silent
from scheduler.engine.relaxation import LinearAnswer, Method
from scheduler.engine.runner import Portfolio
from scheduler.engine.stage import Stage, pair
from scheduler.engine.strategies import ALL
from scheduler.rules.registry import RULES
from tests.builders import quick, random_week

HOUR = 3600.0


def begun(patients: int = 25, *, reproducible: bool = False) -> tuple[Calls, Stage]:
    """A week with a timetable made as by hand, and hours and plans as the stage."""
    profile = quick(time_limit=60, reproducible=reproducible)
    calls = Calls(random_week(patients, seed=3), profile, RULES, ALL, silent, threading.Event(), None)
    first, second, *_ = calls.tiers
    stage = pair(calls.plan, (first, second), (first.score(calls.plan), second.score(calls.plan)))
    assert stage is not None
    calls.reached = stage.last
    calls.plan.model.minimize(stage.objective(calls.plan))
    realised = construct(calls.plan, relaxation_of(calls.plan, loose=True), (), calls.runner, calls.rules)
    assert realised is not None
    calls.incumbent.keep(realised, calls.reached)
    return calls, stage


def test_the_first_order_method_is_for_programs_that_the_barrier_method_would_not_end_in_time() -> None:
    calls, _ = begun()
    calls.seconds["build"] = 0.0
    with_time, in_a_hurry = affordable(calls, HOUR), affordable(calls, 1e-6)
    assert with_time is not None
    assert in_a_hurry is not None
    (linked, method), (loose, quicker) = with_time, in_a_hurry
    assert (method, quicker) == (Method.BARRIER, Method.FIRST_ORDER)
    assert len(loose.row_lower) < len(linked.row_lower), "the links are left out where time is short"


def test_no_linear_program_is_begun_that_would_not_end_on_so_slow_a_machine() -> None:
    calls, _ = begun()
    calls.seconds["build"] = 1.0
    assert affordable(calls, HOUR) is not None
    assert affordable(calls, 1e-6) is None


@pytest.mark.parametrize("reproducible", [False, True])
def test_hours_and_plans_are_as_good_as_the_solvers_own_and_never_below_the_bound(*, reproducible: bool) -> None:
    calls, stage = begun(reproducible=reproducible)
    relaxation = relaxation_of(calls.plan, loose=True)
    before = calls.incumbent.value(stage)
    bound = search_leading(calls, stage, relaxation, relaxation, near=False)
    found = calls.incumbent.value(stage)
    best = calls.runner.run(calls.plan.model, calls.limits(stage, 20, Portfolio.USUAL)).objective
    assert before is not None
    assert found is not None
    assert best is not None
    assert bound <= best <= found <= before


def test_what_an_optimum_disagrees_on_is_searched_until_the_timetable_is_as_good() -> None:
    calls, stage = begun()
    run = calls.runner.run(calls.plan.model, calls.limits(stage, 20, Portfolio.USUAL))
    assert run.values is not None
    before = calls.incumbent.value(stage)
    assert before is not None
    assert run.objective is not None
    assert run.objective < before, "the week is too easy to show anything"
    optimum = LinearAnswer(objective=run.objective, values=np_values(run.values), duals=np_values(()))
    search_disagreement(calls, stage, 0, optimum)
    assert calls.incumbent.value(stage) == run.objective


def np_values(values: tuple[int, ...]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
