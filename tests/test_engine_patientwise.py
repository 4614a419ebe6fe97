"""What a linear relaxation proves patient by patient: true bounds, and better ones where it splits somebody."""

import threading
from dataclasses import replace
from random import Random

import pytest

from scheduler.domain.profile import GoalSettings
from scheduler.domain.week import Week
from scheduler.engine.build import build_plan
from scheduler.engine.patientwise import Patientwise, narrowed, own_weeks
from scheduler.engine.relaxation import LinearAnswer, Method, Relaxation
from scheduler.engine.runner import Limits, Runner
from scheduler.engine.search import solve
from scheduler.engine.strategies import ALL
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import block, featured_week, patient, quick, random_week, therapist, tiny

PREFERENCES = 3
"""The place of the tier in the default profile."""


def scored(week: Week, tier: int) -> Plan:
    """A plan with one tier as its objective."""
    plan = build_plan(week, RULES)
    plan.model.minimize(tiers_of(GoalSettings())[tier].score(plan))
    return plan


def answered(plan: Plan, method: Method = Method.SIMPLEX) -> tuple[Relaxation, LinearAnswer]:
    relaxation = Relaxation(plan.model)
    answer = relaxation.solve(method, 20)
    assert answer is not None
    return relaxation, answer


def asked(plan: Plan, relaxation: Relaxation, answer: LinearAnswer) -> int:
    found = Patientwise(plan, relaxation, answer, Runner(quick().solver, threading.Event()))
    found.ask()
    return found.bound


def best(plan: Plan) -> int:
    run = Runner(quick().solver, threading.Event()).run(plan.model, Limits(20))
    assert run.optimal
    assert run.objective is not None
    return round(run.objective)


def split_week() -> Week:
    """Two mornings and two evenings, and three blocks are needed: nobody can keep to one time of day.

    A linear optimum has everybody come to both mornings and half to each evening: half of a second time of day.
    """
    need = {"min_minutes": 540, "min_blocks": 3, "max_blocks": 3}
    return tiny(
        blocks=(
            *(block(day, 9, 12) for day in ("Mon", "Tue")),
            *(block(day, 18, 21) for day in ("Wed", "Thu")),
        ),
        patients=tuple(patient(f"P{number}", **need) for number in range(1, 5)),
        therapists=(therapist("T1"), therapist("T2")),
    )


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("tier", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(8))
def test_it_is_never_above_the_best_nor_below_what_the_duals_prove(seed: int, tier: int, method: Method) -> None:
    plan = scored(featured_week(Random(seed), pins=False), tier)
    relaxation, answer = answered(plan, method)
    assert max(0, relaxation.safe_bound(answer.duals)) <= asked(plan, relaxation, answer) <= best(plan)


@pytest.mark.parametrize("seed", range(4))
def test_even_multipliers_without_sense_prove_nothing_false(seed: int) -> None:
    plan = scored(featured_week(Random(seed), pins=False), PREFERENCES)
    relaxation, answer = answered(plan)
    rng = Random(seed)
    duals = answer.duals * [rng.choice((-1, 0, 1, 3)) for _ in answer.duals]
    nonsense = LinearAnswer(answer.objective, answer.values * 0 + 0.5, duals)
    assert asked(plan, relaxation, nonsense) <= best(plan)


def test_whoever_is_split_is_asked_for_a_whole_week() -> None:
    plan = scored(split_week(), PREFERENCES)
    plan.model.add(tiers_of(GoalSettings())[0].score(plan) <= 0)
    relaxation, answer = answered(plan)
    assert relaxation.safe_bound(answer.duals) == 2
    assert asked(plan, relaxation, answer) == best(plan) == 4


def test_prices_too_large_to_be_exact_prove_nothing_more() -> None:
    plan = scored(split_week(), PREFERENCES)
    plan.model.minimize(2**42 * tiers_of(GoalSettings())[PREFERENCES].score(plan))
    relaxation, answer = answered(plan)
    assert asked(plan, relaxation, answer) == max(0, relaxation.safe_bound(answer.duals))


def test_what_goes_wrong_while_asking_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = scored(split_week(), PREFERENCES)
    relaxation, answer = answered(plan)
    found = Patientwise(plan, relaxation, answer, Runner(quick().solver, threading.Event()))
    monkeypatch.setattr(found, "ask", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError), found:
        pass


@pytest.mark.parametrize("seed", range(6))
def test_narrowed_limits_lose_no_solution(seed: int) -> None:
    week = featured_week(Random(seed), pins=False)
    plan = scored(week, PREFERENCES)
    hours = tiers_of(GoalSettings())[0].score(plan)
    solved = solve(week, quick(time_limit=20))
    plan.model.add(hours <= solved.measured_units[0])
    lower, upper = narrowed(Relaxation(plan.model))
    run = Runner(quick().solver, threading.Event()).run(plan.model, Limits(20))
    assert run.values is not None
    assert (lower <= run.values).all()
    assert (run.values <= upper).all()


def test_an_end_before_anybody_was_asked_leaves_what_the_duals_prove() -> None:
    plan = scored(split_week(), PREFERENCES)
    relaxation, answer = answered(plan)
    stopped = threading.Event()
    stopped.set()
    found = Patientwise(plan, relaxation, answer, Runner(quick().solver, stopped))
    with found:
        pass
    assert found.bound == max(0, relaxation.safe_bound(answer.duals))


@pytest.mark.parametrize("tier", [2, PREFERENCES, 4])
def test_nothing_is_two_patients_own_and_what_is_shared_is_nobodys(tier: int) -> None:
    plan = scored(random_week(12, seed=4), tier)
    relaxation = Relaxation(plan.model)
    weeks = own_weeks(plan, relaxation)
    patients = sorted({one for one, _, _ in plan.attends})
    assert len(weeks) == len(patients)
    variables = [one for week in weeks for one in week.variables.tolist()]
    assert len(variables) == len(set(variables))
    shared = {var.index for table in (plan.leads, plan.sessions, plan.rooms) for var in table.values()}
    assert not shared & set(variables)
    rows = [[column for column, _ in entries] for entries, _, _ in relaxation.rows]
    for who, week in zip(patients, weeks, strict=True):
        own = set(week.variables.tolist())
        assert {var.index for (one, _, _), var in plan.attends.items() if one == who} <= own
        assert all(own.issuperset(rows[row]) for row in week.rows.tolist())
    helpers = set(variables) - {var.index for var in plan.attends.values()}
    assert bool(helpers) == (tier != 2)
    taken = {row for week in weeks for row in week.rows.tolist()}
    assert any(rows[row] for row in range(len(rows)) if row not in taken), "seats and sessions are shared"


def test_a_row_about_the_whole_week_gives_nobodys_helpers_to_one_patient() -> None:
    plan = scored(random_week(12, seed=4), PREFERENCES)
    before = own_weeks(plan, Relaxation(plan.model))
    tier = tiers_of(GoalSettings())[PREFERENCES].score(plan)
    plan.model.add(tier <= 10_000)
    after = own_weeks(plan, Relaxation(plan.model))
    mine = [set(week.variables.tolist()) for week in before]
    assert all(one <= set(week.variables.tolist()) for one, week in zip(mine, after, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_it_changes_no_optimum(seed: int) -> None:
    week = featured_week(Random(seed), pins=False)
    profile = quick(time_limit=20, reproducible=True)
    without = replace(ALL, patientwise=False)
    assert [tier.value for tier in solve(week, profile).tiers] == [
        tier.value for tier in solve(week, profile, strategies=without).tiers
    ]
