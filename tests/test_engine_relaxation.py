"""The linear relaxation: every bound it proves is true, and starting from it changes no optimum."""

import threading
from random import Random

import numpy as np
import pytest
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from scheduler.domain.profile import GoalSettings
from scheduler.engine import search
from scheduler.engine.budget import Clock
from scheduler.engine.build import build_plan
from scheduler.engine.dive import Dive
from scheduler.engine.relaxation import Relaxation, exact_program
from scheduler.engine.runner import Limits, Portfolio, Runner, set_hints
from scheduler.engine.search import solve
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, quick, random_week

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


@pytest.mark.parametrize("tier", [0, 1, 3, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_of_the_relaxation_is_never_above_the_best(seed: int, tier: int) -> None:
    plan = scored(seed, tier)
    answer = relaxed(plan).solve({}, {}, 20)
    assert answer is not None
    bound = relaxed(plan).safe_bound(answer.duals)
    assert bound <= best(plan.model)
    assert bound >= answer.objective - 1e-3, "rounding the multipliers loses next to nothing"


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
    fixed = dict(enumerate(run.values))
    answer = relaxed(plan).solve(fixed, fixed, 20)
    assert answer is not None, "a row of the relaxation forbids what the model allows"
    assert answer.objective == pytest.approx(run.objective)


def test_a_forbidden_count_is_infeasible_and_bounds_come_back_afterwards() -> None:
    plan = scored(0)
    relaxation = relaxed(plan)
    free = relaxation.solve({}, {}, 20)
    cell = plan.candidates.cells[0]
    many = {plan.sessions[cell].index: 10_000}
    assert relaxation.solve(many, many, 20) is None
    again = relaxation.solve({}, {}, 20)
    assert free is not None
    assert again is not None
    assert again.objective == pytest.approx(free.objective)


def test_the_settled_counts_of_a_dive_leave_a_timetable() -> None:
    plan = build_plan(random_week(80, seed=4), RULES)
    plan.model.minimize(tiers_of(GoalSettings())[0].score(plan))
    dive = Dive(plan, relaxed(plan), Clock(60, deterministic=False), threading.Event())
    counts = dive.counts
    assert counts is not None
    assert dive.bound is not None
    assert len(counts) > len(plan.sessions) / 2, "most cells are settled"
    set_hints(plan.model, {plan.sessions[cell].index: count for cell, count in counts.items()})
    run = Runner(quick().solver, threading.Event()).run(
        plan.model, Limits(30, portfolio=Portfolio.ALONE), keep_hints=True
    )
    assert run.values is not None
    assert all(run.values[plan.sessions[cell].index] == count for cell, count in counts.items())
    assert run.objective is not None
    assert dive.bound <= run.objective


def test_a_dive_that_is_stopped_or_late_gives_nothing_false() -> None:
    plan = build_plan(random_week(80, seed=4), RULES)
    plan.model.minimize(tiers_of(GoalSettings())[0].score(plan))
    stop = threading.Event()
    stop.set()
    assert Dive(plan, relaxed(plan), Clock(60, deterministic=False), stop).counts, "what was settled stays true"
    late = Dive(plan, relaxed(plan), Clock(0, deterministic=False), threading.Event())
    assert late.counts is None
    assert late.bound is None


@pytest.mark.parametrize("seed", SEEDS)
def test_starting_from_the_relaxation_changes_no_proven_value(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    week, profile = featured_week(Random(seed)), quick([["weekly-minimum"], ["treatment-plan"]], time_limit=20)
    plain = solve(week, profile)
    monkeypatch.setattr(search, "DIVE_FROM_SEATS", 0)
    started = solve(week, profile)
    assert "start" in started.seconds
    assert all(tier.proven for tier in (*plain.tiers, *started.tiers))
    assert [tier.value for tier in started.tiers] == [tier.value for tier in plain.tiers]
    assert started.solver_units == started.measured_units


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
