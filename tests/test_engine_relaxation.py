"""The linear relaxation: every bound it proves is true, and starting from it changes no optimum."""

import threading
from random import Random

import numpy as np
import pytest
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from scheduler.domain.profile import GoalSettings
from scheduler.domain.week import PreviousSeat
from scheduler.engine import calls
from scheduler.engine.background import Background
from scheduler.engine.build import build_plan
from scheduler.engine.relaxation import Method, Relaxation, exact_program
from scheduler.engine.runner import Limits, Runner
from scheduler.engine.search import solve
from scheduler.engine.tiers import tiers_of
from scheduler.goals.continuity import GRADES, Continuity
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, quick, random_week, tiny

SEEDS = range(6)


def scored(seed: int, tier: int = 0) -> Plan:
    """A small week full of features with one tier as its objective."""
    plan = build_plan(featured_week(Random(seed)), RULES)
    plan.model.minimize(tiers_of(GoalSettings())[tier].score(plan))
    return plan


def relaxed(plan: Plan) -> Relaxation:
    return Relaxation(plan.model, frozenset(var.index for var in plan.runs.values()))


def best(model: cp_model.CpModel) -> int:
    run = Runner(quick().solver, threading.Event()).run(model, Limits(20))
    assert run.optimal
    assert run.objective is not None
    return round(run.objective)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("tier", [0, 1, 3, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_of_the_relaxation_is_never_above_the_best(seed: int, tier: int, method: Method) -> None:
    plan = scored(seed, tier)
    answer = relaxed(plan).solve(method, 20)
    assert answer is not None
    bound = relaxed(plan).safe_bound(answer.duals)
    assert bound <= best(plan.model)
    lost = 1 + 0.02 * answer.objective if method is Method.FIRST_ORDER else 1e-3
    assert bound >= answer.objective - lost, "rounding the multipliers loses next to nothing, being near not much"


def test_half_of_a_kept_seat_is_half_kept() -> None:
    """Half in the same session and half nowhere: not half "same session" and half "same block and group" besides."""
    seat = PreviousSeat(patient="P1", block="Mon9", group="G", therapist="T1")
    plan = build_plan(tiny(previous=(seat,)), RULES)
    plan.model.minimize(Continuity().score(plan, Continuity.parts))
    plan.model.add(2 * plan.attends["P1", "Mon9", "G"] == 1)
    answer = Relaxation(plan.model).solve(Method.SIMPLEX, 20)
    assert answer is not None
    assert answer.objective == pytest.approx(GRADES.index("nothing kept") / 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_even_multipliers_without_sense_prove_nothing_false(seed: int) -> None:
    plan = scored(seed, 1)
    relaxation = relaxed(plan)
    optimum = best(plan.model)
    for draw in range(20):
        rng = np.random.default_rng([seed, draw])
        multipliers = rng.normal(scale=3.0, size=len(relaxation.row_lower)) * (
            rng.random(len(relaxation.row_lower)) < 0.2
        )
        assert relaxation.safe_bound(multipliers) <= optimum


@pytest.mark.parametrize("seed", SEEDS)
def test_every_timetable_of_the_model_satisfies_the_relaxation(seed: int) -> None:
    plan = scored(seed)
    run = Runner(quick().solver, threading.Event()).run(plan.model, Limits(20))
    assert run.values is not None
    for entries, lower, upper in relaxed(plan).rows:
        total = sum(coefficient * run.values[index] for index, coefficient in entries)
        assert lower <= total <= upper, "a row of the relaxation forbids what the model allows"


def test_a_linear_program_without_a_solution_or_time_gives_none() -> None:
    model = cp_model.CpModel()
    one = model.new_int_var(0, 5, "one")
    model.add(one >= 7)
    model.minimize(one)
    assert all(Relaxation(model).solve(method, 20) is None for method in Method)
    model = cp_model.CpModel()
    rng = Random(1)
    many = [model.new_int_var(0, 9, f"{i}") for i in range(600)]
    for _ in range(600):
        model.add(sum(rng.randint(1, 9) * one for one in rng.sample(many, 60)) >= 500)
    model.minimize(sum(rng.randint(5, 9) * one for one in many))
    assert Relaxation(model).solve(Method.BARRIER, 0.1) is None
    assert Relaxation(model).solve(Method.BARRIER, 60) is not None


def test_a_linear_program_in_the_background_answers_when_it_is_done() -> None:
    plan = scored(0)
    background = Background(relaxed(plan), Method.SIMPLEX, 20)
    answer = background.wait(threading.Event())
    assert background.is_done()
    alone = relaxed(plan).solve(Method.SIMPLEX, 20)
    assert answer is not None
    assert alone is not None
    assert answer.objective == alone.objective


def test_the_simplex_method_can_be_told_to_end() -> None:
    plan = build_plan(random_week(150, seed=1), RULES)
    plan.model.minimize(tiers_of(GoalSettings())[4].score(plan))
    background = Background(relaxed(plan), Method.SIMPLEX, 600)
    background.end()
    assert background.wait(threading.Event()) is None
    assert background.is_done()


def test_a_stop_is_not_kept_waiting_by_a_linear_program() -> None:
    plan = build_plan(random_week(120, seed=1), RULES)
    plan.model.minimize(tiers_of(GoalSettings())[4].score(plan))
    stop = threading.Event()
    stop.set()
    background = Background(relaxed(plan), Method.BARRIER, 20)
    assert background.wait(stop) is None
    assert not background.is_done(), "it was left to itself"


@pytest.mark.parametrize("seed", SEEDS)
def test_starting_from_the_relaxation_changes_no_proven_value(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    week, profile = featured_week(Random(seed)), quick([["weekly-minimum"], ["treatment-plan"]], time_limit=20)
    plain = solve(week, profile)
    monkeypatch.setattr(calls, "LARGE", 0)
    started = solve(week, profile)
    assert "start" in started.seconds
    assert all(tier.proven for tier in (*plain.tiers, *started.tiers))
    assert [tier.value for tier in started.tiers] == [tier.value for tier in plain.tiers]
    assert started.solver_units == started.measured_units


@pytest.mark.parametrize("seed", SEEDS)
def test_as_a_large_week_is_searched_every_tier_comes_to_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Soft tiers with the next in view, seats first, and what the linear program disagrees on: the same optimum."""
    week, profile = featured_week(Random(seed)), quick(time_limit=30)
    plain = solve(week, profile)
    monkeypatch.setattr(calls, "LARGE", 0)
    large = solve(week, profile)
    assert all(tier.proven for tier in (*plain.tiers, *large.tiers))
    assert [tier.value for tier in large.tiers] == [tier.value for tier in plain.tiers]
    assert large.solver_units == large.measured_units


@pytest.mark.parametrize("tier", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_the_exact_program_has_the_best_of_the_model(seed: int, tier: int) -> None:
    plan = scored(seed, tier)
    program = mathopt.Model.from_model_proto(exact_program(plan.model).proto(integers=True))
    result = mathopt.solve(program, mathopt.SolverType.HIGHS)
    assert result.termination.reason is mathopt.TerminationReason.OPTIMAL
    assert round(result.objective_value()) == best(plan.model)


def test_the_exact_program_reads_the_greatest_and_both_sides_of_a_condition() -> None:
    model = cp_model.CpModel()
    one, other, greatest = (model.new_bool_var(name) for name in ("one", "other", "greatest"))
    count = model.new_int_var(0, 9, "count")
    model.add_max_equality(greatest, [one, other])
    model.add(count == 4).only_enforce_if(greatest)
    model.add(count == 7).only_enforce_if(~greatest)
    model.add(one + other >= 1)
    for sense in (1, -1):
        model.minimize(sense * count)
        program = mathopt.Model.from_model_proto(exact_program(model).proto(integers=True))
        result = mathopt.solve(program, mathopt.SolverType.HIGHS)
        assert round(result.objective_value()) == sense * 4


def test_a_choice_without_options_stays_impossible_in_the_exact_program() -> None:
    model = cp_model.CpModel()
    model.minimize(model.new_bool_var("one"))
    model.add_bool_or([])
    program = mathopt.Model.from_model_proto(exact_program(model).proto(integers=True))
    result = mathopt.solve(program, mathopt.SolverType.HIGHS)
    assert result.termination.reason is mathopt.TerminationReason.INFEASIBLE


def test_what_is_not_read_as_rows_is_refused_by_the_exact_program_and_left_out_of_the_relaxation() -> None:
    model = cp_model.CpModel()
    one, other = model.new_int_var(0, 5, "one"), model.new_int_var(0, 5, "other")
    model.add_multiplication_equality(other, [one, one])
    model.minimize(one - other)
    with pytest.raises(ValueError, match="not read as rows"):
        exact_program(model)
    assert Relaxation(model).row_lower == []


@pytest.mark.parametrize("seed", SEEDS)
def test_near_a_solution_the_optimum_is_as_good_its_bound_true_and_more_stays_as_it_is(seed: int) -> None:
    plan = scored(seed)
    run = Runner(quick().solver, threading.Event()).run(plan.model, Limits(20))
    assert run.values is not None
    taken = [var.index for var in plan.attends.values() if run.values[var.index]]
    plain, near = (one.solve(Method.SIMPLEX, 20) for one in (relaxed(plan), relaxed(plan).near(taken)))
    assert plain is not None
    assert near is not None
    assert relaxed(plan).safe_bound(near.duals) == relaxed(plan).safe_bound(plain.duals)
    assert near.values[taken].sum() >= plain.values[taken].sum() - 1e-6
    costs = relaxed(plan).costs
    worth = [sum(cost * one.values[index] for index, cost in costs.items()) for one in (plain, near)]
    assert worth[1] == pytest.approx(worth[0], abs=1e-3)


@pytest.mark.parametrize("method", Method)
def test_a_linear_program_that_its_limits_settle_is_answered_too(method: Method) -> None:
    model = cp_model.CpModel()
    some = [model.new_int_var(one, 9, "") for one in range(3)]
    model.add(sum(some) >= 2)
    model.minimize(sum(some))
    answer = Relaxation(model).solve(method, 20)
    assert answer is not None
    assert answer.values.tolist() == [0, 1, 2]
    assert Relaxation(model).safe_bound(answer.duals) == 3
