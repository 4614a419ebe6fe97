"""A model cut out of another: what is free is decided as the whole model would, all else stays."""

import threading
from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from scheduler.domain.profile import GoalSettings
from scheduler.domain.week import Together
from scheduler.engine.build import build_plan, make_exact, write_meetings
from scheduler.engine.excerpt import Excerpt, Excerpts, Whole
from scheduler.engine.fixing import decisions
from scheduler.engine.relaxation import exact_program
from scheduler.engine.runner import Limits, Run, Runner
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import GRID, featured_week, group, patient, quick, random_week, tiny

SEEDS = range(5)


def solved(model: cp_model.CpModel, seconds: float = 20) -> Run:
    return Runner(quick().solver, threading.Event()).run(model, Limits(seconds))


def planned(seed: int) -> Plan:
    """A week's plan with hours, plans and wishes in one objective."""
    plan = build_plan(featured_week(Random(seed)), RULES)
    first, second, *_, wishes, _ = (tier.score(plan) for tier in tiers_of(GoalSettings()))
    plan.model.minimize(10_000 * first + 500 * second + wishes)
    return plan


def somehow(plan: Plan) -> Whole:
    """A solution that is not the best one, as a rule."""
    model = plan.model.clone()
    model.clear_objective()  # type: ignore[no-untyped-call]
    run = solved(model)
    assert run.values is not None
    return np.array(run.values, dtype=np.int64)


def cutting(plan: Plan) -> Excerpts:
    return Excerpts(plan.model, list(decisions(plan)))


def put_back(values: Whole, part: Excerpt, run: Run) -> Whole:
    assert run.values is not None
    found = values.copy()
    found[part.indices] = run.values
    return found


def is_solution(model: cp_model.CpModel, values: Whole) -> bool:
    """Asked of the solver itself, which knows nothing of excerpts."""
    copy = model.clone()
    for variable, value in zip(copy.proto.variables, values.tolist(), strict=True):
        variable.domain.clear()
        variable.domain.extend((value, value))
    return solved(copy).optimal


@pytest.mark.parametrize("seed", SEEDS)
def test_where_everything_is_free_the_best_is_that_of_the_whole_model(seed: int) -> None:
    plan = planned(seed)
    values, excerpts = somehow(plan), cutting(plan)
    part = excerpts.cut(values, range(len(values)), excerpts.worth(values))
    assert solved(part.model).objective == solved(plan.model).objective


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_found_is_a_solution_of_the_whole_and_nothing_held_has_changed(seed: int) -> None:
    plan = planned(seed)
    values, excerpts = somehow(plan), cutting(plan)
    mine = list(decisions(plan))
    free = Random(seed).sample(mine, len(mine) // 2)
    part = excerpts.cut(values, free, excerpts.worth(values))
    run = solved(part.model)
    found = put_back(values, part, run)
    assert is_solution(plan.model, found)
    assert excerpts.allows(found)
    assert run.objective == excerpts.worth(found) <= excerpts.worth(values)
    held = sorted(set(mine) - set(free))
    assert (found[held] == values[held]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cell_that_was_made_exact_is_cut_as_well(seed: int) -> None:
    plan = planned(seed)
    for cell in plan.candidates.cells[:3]:
        make_exact(plan, cell, RULES)
    values, excerpts = somehow(plan), cutting(plan)
    part = excerpts.cut(values, list(decisions(plan)), excerpts.worth(values))
    assert is_solution(plan.model, put_back(values, part, solved(part.model)))


def test_a_row_that_is_broken_is_seen() -> None:
    plan = build_plan(random_week(12, seed=1), RULES)
    values, excerpts = somehow(plan), cutting(plan)
    assert excerpts.allows(values)
    seat = next(var.index for var in plan.attends.values() if not values[var.index])
    everywhere = values.copy()
    everywhere[[var.index for var in plan.attends.values()]] = 1
    assert not excerpts.allows(everywhere)
    assert values[seat] == 0, "the solution itself is left alone"


def test_no_more_is_asked_for_than_can_be() -> None:
    plan = planned(1)
    excerpts, best = cutting(plan), solved(plan.model)
    values = np.array(best.values, dtype=np.int64)
    worth = excerpts.worth(values)
    assert worth == best.objective
    everything = range(len(values))
    assert solved(excerpts.cut(values, everything, worth - 1).model).infeasible
    assert solved(excerpts.cut(values, everything, worth).model).objective == worth


def moved(plan: Plan, before: Whole, after: Whole) -> int:
    """Of what is yes or no: who sits where, who leads, what runs."""
    limits = [list(variable.domain) for variable in plan.model.proto.variables]
    mine = [index for index in decisions(plan) if limits[index] == [0, 1]]
    return int((before[mine] != after[mine]).sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_of_equally_good_parts_the_nearest_is_taken_where_that_is_wanted(seed: int) -> None:
    plan = planned(seed)
    values, excerpts = somehow(plan), cutting(plan)
    least = round(solved(plan.model).objective or 0)
    found = {}
    for near in (False, True):
        part = excerpts.cut(values, list(decisions(plan)), least, near=near)
        found[near] = put_back(values, part, solved(part.model))
        assert excerpts.worth(found[near]) == least, "it is as good as any"
        assert is_solution(plan.model, found[near])
    assert moved(plan, values, found[True]) <= moved(plan, values, found[False])
    again = excerpts.cut(found[False], list(decisions(plan)), least, near=True)
    assert moved(plan, found[False], put_back(found[False], again, solved(again.model))) == 0, "it is the best already"


def test_where_nothing_is_free_only_what_is_at_hand_is_left() -> None:
    plan = planned(1)
    values, excerpts = somehow(plan), cutting(plan)
    part = excerpts.cut(values, (), excerpts.worth(values))
    assert len(part.indices) == 0
    assert solved(part.model).objective == excerpts.worth(values)


def test_helpers_of_those_who_are_held_are_held_too() -> None:
    """Each patient's hours short hang on their own seats alone."""
    plan = build_plan(random_week(12, seed=1), RULES)
    plan.model.minimize(tiers_of(GoalSettings())[0].score(plan))
    values, excerpts = somehow(plan), cutting(plan)
    names = [variable.name for variable in plan.model.proto.variables]
    one = plan.week.patients[0].id
    free = [var.index for (patient, *_), var in plan.attends.items() if patient == one]
    helpers = {names[i] for i in excerpts.cut(values, free, excerpts.worth(values)).indices} - {names[i] for i in free}
    assert f"short {one}" in helpers
    assert not [name for name in helpers if name.startswith("short ") and name != f"short {one}"]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_model_has_gained_is_read_on(seed: int) -> None:
    """After a cell was made exact, the rows are those of the model read anew."""
    plan = planned(seed)
    on = cutting(plan)
    for cell in list(plan.candidates.cells)[:2]:
        make_exact(plan, cell, RULES)
    on.read_on(plan.model)
    anew, values = cutting(plan), somehow(plan)
    assert on.allows(values)
    assert on.worth(values) == anew.worth(values)
    free = list(decisions(plan))[::3]
    parts = [one.cut(values, free, one.worth(values)) for one in (on, anew)]
    assert parts[0].indices.tolist() == parts[1].indices.tolist()
    assert str(parts[0].model.proto) == str(parts[1].model.proto)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rows_are_those_of_the_exact_program(seed: int) -> None:
    """Read at once or in two goes: the same solutions are allowed, and the same rows are left where all is free."""
    plan, rng = planned(seed), np.random.default_rng(seed)
    on = cutting(plan)
    for cell in list(plan.candidates.cells)[:2]:
        make_exact(plan, cell, RULES)
    on.read_on(plan.model)
    program = exact_program(plan.model)
    rows, ends = list(program.rows), np.array([program.variable_lower, program.variable_upper])
    good = somehow(plan)
    for change in (0, 1, 1, 3):
        values = good.copy()
        places = rng.integers(0, len(values), change)
        values[places] = ends[rng.integers(0, 2, change), places]
        holds = all(low <= sum(k * int(values[i]) for i, k in entries) <= high for entries, low, high in rows)
        assert on.allows(values) == holds
    least, most = ends
    for entries, low, high in rows:
        if len(entries) == 1:
            ((index, much),) = entries
            least[index], most[index] = max(least[index], -(-low // much)), min(most[index], high // much)
            assert much > 0, "else the two would change places"
    binding = [
        dict(entries)
        for entries, low, high in rows
        if sum(min(k * least[i], k * most[i]) for i, k in entries) < low
        or sum(max(k * least[i], k * most[i]) for i, k in entries) > high
    ]
    part = on.cut(good, range(len(good)), on.worth(good))
    left = [dict(zip(one.linear.vars, one.linear.coeffs, strict=True)) for one in part.model.proto.constraints]
    assert left[:-1] == binding, "the last one is the limit on the objective"


def apart_in_many_cells() -> tuple[Plan, Whole, int]:
    """Two who should meet and could in 19 cells, a solution in which they do not, and the variable that says so."""
    week = tiny(blocks=GRID, together=(Together(patient="P1", other="P2"),))
    plan = build_plan(week, RULES)
    plan.model.minimize(tiers_of(GoalSettings())[1].score(plan))
    (apart,) = plan.model.proto.objective.vars
    model = plan.model.clone()
    model.clear_objective()  # type: ignore[no-untyped-call]
    model.add(model.get_bool_var_from_proto_index(apart) == 1)
    model.add(sum(model.get_bool_var_from_proto_index(one.index) for one in plan.attends.values()) >= 2)
    run = solved(model)
    assert run.values is not None
    return plan, np.array(run.values, dtype=np.int64), apart


def test_two_who_could_meet_in_more_cells_than_a_row_may_have_helpers_are_laid_again_to_meet() -> None:
    """It was held that they do not meet, whatever was free, so that nothing better could be found."""
    plan, values, apart = apart_in_many_cells()
    excerpts = Excerpts(plan.model, list(decisions(plan)), claims_of(plan))
    assert excerpts.costs(values) == [apart]
    assert set(excerpts.behind(apart)) == {var.index for var in plan.attends.values()}
    part = excerpts.cut(values, list(decisions(plan)), excerpts.worth(values) - 1)
    run = solved(part.model)
    assert run.objective == 0
    assert is_solution(plan.model, put_back(values, part, run))


def test_a_claim_is_free_with_its_own_decisions_alone() -> None:
    """Who could meet the same therapist in a cell would else bring in each other."""
    people = tuple(patient(f"P{i}", primary_therapist="T1") for i in range(6))
    week = tiny(blocks=GRID, patients=people, groups=(group(max_size=2),))
    plan = build_plan(week, RULES)
    plan.model.minimize(tiers_of(GoalSettings())[3].score(plan))
    write_meetings(plan, RULES, frozenset())
    values = np.zeros(len(plan.model.proto.variables), dtype=np.int64)
    free = [var.index for (one, *_), var in plan.attends.items() if one == "P0"]
    claims = {var.index: claim.patients for claim, var in plan.claims.items()}
    told = Excerpts(plan.model, list(decisions(plan)), claims_of(plan)).cut(values, free, 100)
    assert {claims[index] for index in told.indices.tolist() if index in claims} == {("P0",)}
    untold = Excerpts(plan.model, list(decisions(plan))).cut(values, free, 100)
    assert {claims[index] for index in untold.indices.tolist() if index in claims} > {("P0",)}


def claims_of(plan: Plan) -> list[int]:
    return [var.index for var in plan.claims.values()]


def test_what_is_hinted_is_the_solution_at_hand() -> None:
    plan, values, _ = apart_in_many_cells()
    excerpts = cutting(plan)
    part = excerpts.cut(values, list(decisions(plan)), excerpts.worth(values), hinted=True)
    assert list(part.model.proto.solution_hint.values) == values[part.indices].tolist()
    assert not list(excerpts.cut(values, list(decisions(plan)), 0).model.proto.solution_hint.vars)


entries = st.dictionaries(st.integers(0, 3), st.sampled_from([-3, -2, -1, 1, 2, 3]), min_size=1, max_size=3)
some_rows = st.lists(st.tuples(entries, st.integers(-9, 9), st.integers(0, 6)), min_size=1, max_size=6)


@settings(deadline=None)
@given(some_rows, st.sets(st.integers(0, 3)), st.tuples(*[st.integers(0, 3)] * 4))
def test_a_part_allows_what_the_rows_allow(
    rows: list[tuple[dict[int, int], int, int]], free: set[int], held: tuple[int, ...]
) -> None:
    """Rows of a single free variable become its limits, and rows that always hold are left out; nothing else is."""
    model = cp_model.CpModel()
    variables = [model.new_int_var(0, 3, f"v{i}") for i in range(4)]
    for factors, lower, spread in rows:
        model.add_linear_constraint(sum(much * variables[i] for i, much in factors.items()), lower, lower + spread)
    part = Excerpts(model, range(4)).cut(np.array(held, dtype=np.int64), sorted(free), most=0)
    proto, indices = part.model.proto, part.indices.tolist()
    assert set(free) <= set(indices)
    for taken in product(range(4), repeat=len(indices)):
        values = list(held)
        for index, value in zip(indices, taken, strict=True):
            values[index] = value
        sums = [(sum(much * values[i] for i, much in factors.items()), low, wide) for factors, low, wide in rows]
        touched = [bool(set(factors) & set(indices)) for factors, _, _ in rows]
        allowed = all(low <= one <= low + wide for (one, low, wide), is_in in zip(sums, touched, strict=True) if is_in)
        inside = all(v.domain[0] <= one <= v.domain[1] for v, one in zip(proto.variables, taken, strict=True))
        assert allowed == (inside and all(_holds(one.linear, taken) for one in proto.constraints))


def _holds(row: Any, taken: Sequence[int]) -> bool:
    total = sum(much * taken[i] for i, much in zip(row.vars, row.coeffs, strict=True))
    return bool(row.domain[0] <= total <= row.domain[1])
