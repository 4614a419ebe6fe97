"""The search: complete hints, true bounds, truthful stops, limits, the same answer twice, more is never worse."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer
from typing import Any

import pytest
from builders import (
    ALWAYS,
    block,
    crowded_week,
    featured_week,
    group,
    patient,
    quick,
    random_week,
    room,
    table,
    therapist,
    times,
    tiny,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from scheduler.domain.findings import Violation
from scheduler.domain.outcome import Status
from scheduler.domain.profile import DEFAULT_TIERS, GoalSettings, Profile
from scheduler.domain.timetable import Board
from scheduler.domain.week import Apart, Group, Pin, PreviousSeat, Week
from scheduler.engine.budget import SHARES, Budget
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.calls import USEFUL_SECONDS
from scheduler.engine.progress import Progress
from scheduler.engine.runner import Limits, Portfolio, Runner, set_hints
from scheduler.engine.search import ModelFault, Solution, evaluate, solve
from scheduler.engine.sections import base_values
from scheduler.engine.strategies import ALL
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Expr, Plan
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

ROOT = Path(__file__).parents[1]
HOURS_ONLY = [["weekly-minimum"]]


def assert_truthful(week: Week, profile: Profile, solution: Solution) -> None:
    """Whatever the search says of itself holds."""
    assert solution.timetable is not None
    assert verify(week, solution.timetable, profile.goals) == solution.verification
    assert solution.verification is not None
    assert solution.verification.broken == 0
    assert solution.solver_units == solution.measured_units
    assert [tier.tier for tier in solution.tiers] == list(range(1, len(profile.goals.tiers) + 1))
    for tier in solution.tiers:
        assert 0 <= tier.bound <= tier.value
        assert tier.proven == (tier.bound == tier.value)
        assert (tier.gap == 0) == tier.proven
    assert (solution.status is Status.OPTIMAL) == all(tier.proven for tier in solution.tiers)


# ---- hints ---------------------------------------------------------------------------------------------------------


def scored(week: Week, profile: Profile) -> tuple[Plan, list[Expr]]:
    plan = build_plan(week, RULES)
    return plan, [tier.score(plan) for tier in tiers_of(profile.goals)]


def log_of(model: cp_model.CpModel) -> str:
    lines: list[str] = []
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.log_search_progress = True
    solver.parameters.log_to_stdout = False
    solver.parameters.max_time_in_seconds = 1
    solver.log_callback = lines.append
    solver.solve(model)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("exact", [False, True], ids=["counted", "exact"])
def test_hints_are_complete_and_the_solver_says_so(seed: int, *, exact: bool) -> None:
    rng = random.Random(seed)
    week = crowded_week(rng) if seed % 2 else featured_week(rng, pins=False)
    profile = quick()
    known = solve(week, profile).timetable
    assert known is not None
    plan, scores = scored(week, profile)
    if exact:
        for cell in plan.candidates.cells:
            make_exact(plan, cell, RULES)
    plan.model.minimize(plan.total(scores))
    set_hints(plan.model, base_values(plan, known))
    completed = Runner(profile.solver, Event()).complete(plan.model, scores)
    assert completed is not None
    assert len(completed.values) == len(plan.model.proto.variables)
    set_hints(plan.model, dict(enumerate(completed.values)))
    assert "The solution hint is complete and is feasible" in log_of(plan.model)


def test_hints_that_contradict_each_other_are_not_completed() -> None:
    week = tiny(groups=(group(max_size=1),))
    plan, scores = scored(week, quick())
    set_hints(plan.model, dict.fromkeys((var.index for var in plan.attends.values()), 1))
    assert Runner(quick().solver, Event()).complete(plan.model, scores) is None


def test_a_timetable_that_the_model_does_not_admit_is_a_fault_and_says_so() -> None:
    week = tiny(groups=(group(max_size=1),))
    plan, scores = scored(week, quick())
    with pytest.raises(ModelFault, match="does not admit"):
        evaluate(plan, scores, table("Mon9 G T1 R P1,P2"), Runner(quick().solver, Event()))


class Unhappy(Rule):
    """A rule whose check asks what its model does not."""

    id = "unhappy"
    words = "Nothing is ever right, though nobody told the model."
    formula = "0 = 1"

    def check(self, board: Board) -> Iterable[Violation]:
        yield Violation(words="nothing is right")


def test_a_rule_whose_check_disagrees_with_its_model_is_a_fault_that_says_what() -> None:
    with pytest.raises(ModelFault, match="nothing is right"):
        solve(tiny(), quick(), rules=[*RULES, Unhappy()])


# ---- bounds, stops and limits --------------------------------------------------------------------------------------


def stop_at_first_timetable(stop: Event) -> Any:
    def listen(progress: Progress) -> None:
        if progress.best is not None:
            stop.set()

    return listen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_stop_in_the_middle_gives_a_timetable_and_a_status_that_hold(seed: int) -> None:
    week, profile, stop = random_week(25, seed), quick(time_limit=30), Event()
    began = time.monotonic()
    solution = solve(week, profile, listener=stop_at_first_timetable(stop), stop=stop)
    assert time.monotonic() - began < 15
    assert_truthful(week, profile, solution)
    assert solution.interrupted
    assert solution.status is Status.FEASIBLE


def test_a_bound_of_a_stopped_search_is_never_above_the_best_that_there_is() -> None:
    week, stop = random_week(12, seed=5), Event()
    profile = quick(HOURS_ONLY, time_limit=30)
    best = solve(week, profile)
    assert best.status is Status.OPTIMAL
    stopped = solve(week, profile, listener=stop_at_first_timetable(stop), stop=stop)
    assert_truthful(week, profile, stopped)
    assert stopped.tiers[0].bound <= best.tiers[0].value <= stopped.tiers[0].value


def test_a_stop_from_another_thread_is_heard() -> None:
    stop = Event()
    timer = Timer(1.0, stop.set)
    timer.start()
    began = time.monotonic()
    week, profile = random_week(60, seed=1), quick(time_limit=60)
    solution = solve(week, profile, stop=stop)
    timer.cancel()
    assert time.monotonic() - began < 20
    assert solution.interrupted
    if solution.timetable is not None:
        assert_truthful(week, profile, solution)


def test_a_stop_before_the_start_claims_nothing() -> None:
    stop = Event()
    stop.set()
    solution = solve(tiny(), quick(), stop=stop)
    assert solution.interrupted
    if solution.timetable is not None:
        assert_truthful(tiny(), quick(), solution)
        return
    assert solution.status is not Status.OPTIMAL
    assert solution.status is not Status.IMPOSSIBLE, "nothing was proved: an empty timetable keeps every rule"


def test_a_stop_before_the_start_does_not_blame_the_clock() -> None:
    stop = Event()
    stop.set()
    solution = solve(tiny(), quick(), stop=stop)
    assert not any("time limit passed" in finding.message for finding in solution.findings)


def test_a_tenth_of_a_second_still_gives_a_timetable() -> None:
    week, profile = random_week(40, seed=2), quick(time_limit=0.1)
    began = time.monotonic()
    solution = solve(week, profile)
    assert time.monotonic() - began < 20, "late is better than nothing, but not for ever"
    assert_truthful(week, profile, solution)
    assert not solution.interrupted


def test_a_tenth_of_a_second_is_enough_for_pins_that_only_sessions_can_keep() -> None:
    """By counts alone all three sit with T1 on Monday and Tuesday is left to P4; sessions of two cannot keep that."""
    pinned, on_monday, on_tuesday = ("P1", "P2", "P3"), times(("Mon", 0, 24)), times(("Tue", 0, 24))
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        patients=(*(patient(one, max_blocks=1) for one in pinned), patient("P4", free=on_tuesday)),
        groups=(group(max_size=2, times=on_monday), group("H", max_size=1, times=on_tuesday)),
        therapists=(therapist("T1", "G", "H"), therapist("T2", "G")),
        rooms=(room("R"), room("Q")),
        pins=tuple(Pin(patient=one, therapist="T1", row=row) for row, one in enumerate(pinned, start=2)),
    )
    profile = quick([["weekly-minimum"]], time_limit=0.001)
    solution = solve(week, profile)
    assert_truthful(week, profile, solution)
    assert sorted(seat.session[:3] for seat in solution.timetable.assignments) == ["Mon", "Mon", "Tue"]


def counted_calls(monkeypatch: pytest.MonkeyPatch) -> list[Limits]:
    """The limits of each call of the solver from now on."""
    calls: list[Limits] = []
    call = Runner.run

    def counted(self: Runner, model: cp_model.CpModel, limits: Limits, *more: Any, **named: Any) -> Any:
        calls.append(limits)
        return call(self, model, limits, *more, **named)

    monkeypatch.setattr(Runner, "run", counted)
    return calls


ONE_BY_ONE = replace(ALL, reopening=False)
"""No threads that may have begun one more part before they hear that the time is over."""


def test_once_the_time_is_over_no_tier_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in calls of the solver, not in seconds: a busy machine must not decide it."""
    calls = counted_calls(monkeypatch)
    monkeypatch.setattr(Budget, "left", property(lambda _: 0.0 if calls else 60.0))
    week, profile = random_week(30, seed=3), quick(time_limit=60)
    solution = solve(week, profile, strategies=ONE_BY_ONE)
    assert len(calls) == 1, "the first tier alone"
    assert_truthful(week, profile, solution)


def test_the_limit_grows_with_the_week() -> None:
    assert quick(time_limit=9, time_limit_per_patient=0.5).solver.seconds_for(100) == 59


def test_a_budget_gives_each_tier_its_share_and_what_is_left_to_the_rest() -> None:
    budget = Budget(100, deterministic=True)
    shares = []
    for tier in range(1, 6):
        shares.append(budget.for_tiers([tier], range(tier + 1, 6)))
        budget.spend(1)
    assert shares[0] < 100
    assert all(0 < share <= 100 for share in shares)
    assert shares[-1] == pytest.approx(budget.left + 1)
    assert budget.for_tiers([1, 2], [3, 4, 5]) == pytest.approx(budget.left - budget.left * _after(2))
    budget.spend(1000)
    assert budget.left == 0
    assert budget.for_tiers([5], []) == 0


def test_no_time_is_kept_for_a_tier_that_asks_nothing() -> None:
    budget = Budget(100, deterministic=True)
    some = budget.for_tiers([1, 2], [3, 4, 5])
    assert budget.for_tiers([1, 2], [4, 5]) > some
    assert budget.for_tiers([1, 2], []) == 100
    week = random_week(6, seed=1)
    tiers = tiers_of(GoalSettings())
    assert [tier.asks_nothing(week) for tier in tiers] == [False, False, True, False, False]
    seat = PreviousSeat(patient=week.patients[0].id)
    assert not tiers[2].asks_nothing(week.model_copy(update={"previous": (seat,)}))


def test_a_budget_keeps_time_back_for_the_end_unless_the_clock_does_not_count() -> None:
    clocked, reproducible = Budget(100), Budget(100, deterministic=True)
    clocked.reserve(30)
    reproducible.reserve(30)
    assert 60 < clocked.left <= 70
    assert reproducible.left == 100


def test_a_search_too_short_to_find_anything_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiers after the first have hardly any time left, but more than none."""
    calls = counted_calls(monkeypatch)
    week, profile = random_week(30, seed=3), quick(time_limit=60)
    least = USEFUL_SECONDS * len(build_plan(week, RULES).model.proto.variables)
    monkeypatch.setattr(Budget, "left", property(lambda _: least / 2 if calls else 60.0))
    solve(week, profile, strategies=ONE_BY_ONE)
    assert len(calls) == 1


def _after(tiers: int) -> float:
    return sum(SHARES[tiers:]) / sum(SHARES)


def test_a_run_without_an_objective_has_no_objective_to_tell() -> None:
    plan = build_plan(tiny(), RULES)
    run = Runner(quick().solver, Event()).run(plan.model, Limits(5))
    assert run.optimal
    assert (run.objective, run.bound) == (None, 0.0)
    assert run.values is not None


# ---- tiers ---------------------------------------------------------------------------------------------------------


def test_tiers_may_be_merged_and_left_out() -> None:
    week = crowded_week(random.Random(4)).model_copy(update={"pins": ()})
    apart = solve(week, quick([*DEFAULT_TIERS[:2], ("continuity", "preferences", "operations")]))
    alone = solve(week, quick(HOURS_ONLY))
    assert len(apart.tiers) == 3
    assert len(alone.tiers) == 1
    assert apart.tiers[0].value == alone.tiers[0].value
    assert set(apart.tiers[2].goals) == {"continuity", "preferences", "operations"}
    assert apart.tiers[2].value == sum(apart.tiers[2].goals.values())


def test_goals_of_one_tier_are_weighed_in_their_own_units() -> None:
    """An hour short and a missed group, three to one: hours are counted in minutes and still weigh as hours."""
    merged = quick([["weekly-minimum", "treatment-plan"]], weights={"weekly-minimum": 3, "treatment-plan": 1})
    who = patient("P1", priority=1, min_minutes=90, min_blocks=0, min_days=0)
    week = tiny(blocks=(), patients=(who,), groups=(group(min_sessions=2),))
    solution = solve(week, merged)
    assert solution.tiers[0].goals == {"weekly-minimum": 1.5, "treatment-plan": 2}
    assert solution.tiers[0].value == 3 * 1.5 + 2


def test_a_later_tier_never_spoils_an_earlier_one() -> None:
    for seed in range(4):
        week = featured_week(random.Random(seed), pins=False)
        for depth in range(1, 5):
            fewer = solve(week, quick(DEFAULT_TIERS[:depth]))
            more = solve(week, quick(DEFAULT_TIERS[: depth + 1]))
            assert more.measured_units[:depth] == fewer.measured_units


# ---- the same answer twice -----------------------------------------------------------------------------------------

PRINT_A_TIMETABLE = """
import random, sys
sys.path.insert(0, "tests")
from builders import crowded_week, quick, random_week
from scheduler.engine.search import solve
for week in (random_week(10, 7), crowded_week(random.Random(6)), crowded_week(random.Random(11))):
    solution = solve(week, quick(time_limit=0.4, workers=2, reproducible=True))
    print(solution.status, solution.timetable and solution.timetable.model_dump_json(), solution.tiers)
    print([finding.message for finding in solution.findings])
"""


def timetables_printed(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PRINT_A_TIMETABLE]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_a_reproducible_run_gives_the_same_whatever_the_hash_seed() -> None:
    first, second = timetables_printed("0"), timetables_printed("4242")
    assert first == second
    assert first.count("\n") == 6
    assert "feasible" in first, "at least one search ends at its limit rather than at a proof"


def test_a_reproducible_run_gives_the_same_twice_and_tells_no_seconds() -> None:
    week = crowded_week(random.Random(3)).model_copy(update={"pins": ()})
    profile = quick(time_limit=1, workers=2, reproducible=True)
    first, second = solve(week, profile), solve(week, profile)
    assert (first.timetable, first.tiers, first.status) == (second.timetable, second.tiers, second.status)
    assert [tier.seconds for tier in first.tiers] == [None] * 5
    assert_truthful(week, profile, first)


def test_the_order_of_the_sheets_changes_no_value() -> None:
    for seed in range(4):
        week = featured_week(random.Random(seed), pins=False)
        sheets = ("patients", "therapists", "groups", "rooms", "apart", "together", "previous")
        turned = changed(week, **{name: tuple(reversed(getattr(week, name))) for name in sheets})
        assert solve(turned, quick()).measured_units == solve(week, quick()).measured_units


# ---- more is never worse -------------------------------------------------------------------------------------------


def hours_short(week: Week) -> int:
    solution = solve(week, quick(HOURS_ONLY))
    assert solution.status is Status.OPTIMAL
    return solution.measured_units[0]


def changed(week: Week, **rows: Any) -> Week:
    """The week with other rows, built anew."""
    return Week(**{**{name: getattr(week, name) for name in Week.model_fields}, **rows})


def enlarged(week: Week, how: str, rng: random.Random) -> Week:
    """The week with more of something."""
    if how == "therapist":
        able = rng.sample([g.id for g in week.groups], rng.randint(1, len(week.groups)))
        return changed(week, therapists=(*week.therapists, therapist("extra", *able)))
    if how == "room":
        return changed(week, rooms=(*week.rooms, room("extra", rng.randint(1, 6))))
    if how == "size":
        return changed(week, groups=tuple(_with_a_chair_more(one) for one in week.groups))
    if how == "availability":
        return changed(week, patients=tuple(one.model_copy(update={"free": ALWAYS}) for one in week.patients))
    return changed(week, apart=())


def _with_a_chair_more(one: Group) -> Group:
    return one if one.max_size is None else one.model_copy(update={"max_size": one.max_size + 1})


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    st.randoms(use_true_random=False),
    st.sampled_from(["therapist", "room", "size", "availability", "peace"]),
    st.booleans(),
)
def test_more_of_anything_never_leaves_people_shorter(rng: random.Random, how: str, crowded: bool) -> None:
    week = changed(crowded_week(rng) if crowded else featured_week(rng), pins=())
    assert hours_short(enlarged(week, how, rng)) <= hours_short(week)


def test_more_can_be_better() -> None:
    week = tiny(apart=(Apart(patient="P1", other_patient="P2"),), rooms=(room("R"), room("Q")))
    assert hours_short(week) == 3 * 180
    assert hours_short(enlarged(week, "therapist", random.Random(1))) == 0
    assert hours_short(enlarged(week, "peace", random.Random(1))) == 0


def test_a_changed_copy_of_a_week_knows_its_own_people() -> None:
    """Indexes that were built before the copy must not outlive it."""
    week = tiny()
    assert "T9" not in week.therapist_of
    more = week.model_copy(update={"therapists": (*week.therapists, therapist("T9"))})
    assert "T9" in more.therapist_of


@pytest.mark.parametrize("portfolio", list(Portfolio))
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_no_portfolio_takes_more_threads_than_were_allowed(portfolio: Portfolio, workers: int) -> None:
    assert 1 <= Runner(quick(workers=workers).solver, Event()).threads(portfolio) <= workers


@pytest.mark.parametrize("portfolio", list(Portfolio))
def test_a_reproducible_run_races_no_threads(portfolio: Portfolio) -> None:
    """Two threads that take turns still share bounds as they come, and the same search ends differently."""
    assert Runner(quick(workers=8, reproducible=True).solver, Event()).threads(portfolio) == 1


def test_the_number_of_cores_does_not_matter_to_a_reproducible_run(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(quick(workers=8, reproducible=True).solver, Event())
    counted = []
    for cores in (1, 2, 64):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        counted.append([runner.threads(portfolio) for portfolio in Portfolio])
    assert counted[0] == counted[1] == counted[2]
