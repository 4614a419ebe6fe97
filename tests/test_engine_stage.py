"""Two tiers in one objective: what is best for the sum is best tier by tier, and both can be read back from it."""

from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from builders import quick, random_week
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.profile import GoalSettings
from scheduler.engine import calls as engine_calls
from scheduler.engine import stage as stages
from scheduler.engine.build import build_plan
from scheduler.engine.calls import LEADING, Calls
from scheduler.engine.progress import silent
from scheduler.engine.runner import Limits, Portfolio, Runner
from scheduler.engine.search import solve
from scheduler.engine.stage import Stage, pair, single
from scheduler.engine.strategies import ALL
from scheduler.engine.tiers import tiers_of
from scheduler.rules.registry import RULES

FIRST, SECOND, THIRD, FOURTH, _ = tiers_of(GoalSettings())


def two(grain: int, spread: int) -> Stage:
    return Stage((FIRST, SECOND), (0, 0), (spread // grain + 1, 1), grain, spread)


@given(st.integers(1, 180), st.integers(0, 500), st.data())
def test_both_tiers_are_read_back_from_the_sum(grain: int, spread: int, data: st.DataObject) -> None:
    stage = two(grain, spread)
    one = (grain * data.draw(st.integers(0, 50)), data.draw(st.integers(0, spread)))
    other = (grain * data.draw(st.integers(0, 50)), data.draw(st.integers(0, spread)))
    assert stage.parts(stage.value(one)) == one
    assert (stage.value(one) < stage.value(other)) == (one < other), "the sum orders as the tiers do"
    assert stage.bounds(stage.value(one), stage.value(one)) == one, "a bound that is met proves both"


@given(st.integers(1, 180), st.integers(0, 500), st.data())
def test_a_bound_of_the_sum_never_proves_too_much(grain: int, spread: int, data: st.DataObject) -> None:
    """Whatever the best is: a bound below it, and a timetable no better than it, give bounds that hold for the best."""
    stage = two(grain, spread)
    pairs = st.tuples(st.integers(0, 20).map(lambda n: n * grain), st.integers(0, spread))
    best, found = sorted(data.draw(st.tuples(pairs, pairs)))
    bound = data.draw(st.floats(0, stage.value(best)))
    first, second = stage.bounds(bound, stage.value(found))
    assert first <= best[0]
    if found[0] == best[0]:
        assert second <= best[1]
    if found[0] > first:
        assert second == 0, "of the second nothing is known before the first is proven"
    assert stage.bounds(bound, None)[1] == 0


def test_a_single_tier_is_its_own_objective() -> None:
    stage = single(SECOND, 0)
    assert stage.value((7, 5)) == 5
    assert stage.parts(5.0) == (5,)
    assert stage.bounds(4.2, 5) == (5,)
    assert stage.bounds(-3, None) == (0,)


def test_the_best_sum_of_a_week_is_the_best_tier_by_tier() -> None:
    week = random_week(14, seed=6)
    plan = build_plan(week, RULES)
    scores = (FIRST.score(plan), SECOND.score(plan))
    runner = Runner(quick().solver, Event())
    stage = pair(plan, (FIRST, SECOND), scores)
    assert stage is not None
    plan.model.minimize(stage.objective(plan))
    together = runner.run(plan.model, Limits(30))
    plan.model.minimize(scores[0])
    hours = runner.run(plan.model, Limits(30))
    assert hours.objective is not None
    plan.model.add(scores[0] <= round(hours.objective))
    plan.model.minimize(scores[1])
    plans = runner.run(plan.model, Limits(30))
    assert together.optimal
    assert together.objective is not None
    assert plans.objective is not None
    assert stage.parts(together.objective) == (round(hours.objective), round(plans.objective))


def test_numbers_that_would_grow_too_large_are_searched_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = build_plan(random_week(6, seed=1), RULES)
    monkeypatch.setattr(stages, "LARGEST_OBJECTIVE", 10)
    assert pair(plan, (FIRST, SECOND), (FIRST.score(plan), SECOND.score(plan))) is None


SOFT = Stage((THIRD, FOURTH), (0, 0), (101, 1), 1, 100)
"""Fourth tier of at most 100 units, in full; `replace` puts it in view only."""


def test_of_a_tier_in_view_nothing_is_settled() -> None:
    assert SOFT.settled == (THIRD, FOURTH)
    assert replace(SOFT, in_view=True).settled == (THIRD,)
    assert single(THIRD, 0).settled == (THIRD,)


@pytest.mark.parametrize(
    ("gap", "bound", "units", "enough"),
    [
        (0.0, 505, (5, 40), True),
        (0.0, 504.5, (5, 0), True),
        (0.0, 404, (5, 0), False),
        (0.1, 909, (10, 100), True),
        (0.1, 808, (10, 0), False),
        (0.1, 0, (1, 0), False),
        (0.0, 0, (0, 100), True),
    ],
)
def test_a_tier_in_view_need_not_be_met(gap: float, bound: float, units: tuple[int, int], enough: bool) -> None:
    """The first is met where the bound of the sum leaves no better one, or none outside the profile's gap."""
    profile = quick(stop_gap=gap)
    calls = Calls(random_week(6, seed=1), profile, RULES, ALL, silent, Event(), None)
    value = 101 * units[0] + units[1]
    assert calls.is_met(replace(SOFT, in_view=True), bound, value) is enough
    assert calls.is_met(SOFT, 101 * units[0] + units[1], value), "both are met when the sum is"


@pytest.mark.slow
def test_in_large_weeks_a_soft_tier_keeps_the_next_in_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiers 3 and 4 with the next, the last by itself; each tier is settled once."""
    searched: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    optimise = Calls.optimise

    def noted(self: Calls, stage: Stage, *rest: Any, **options: Any) -> float:
        searched.append((tuple(t.number for t in stage.tiers), tuple(t.number for t in stage.settled)))
        return optimise(self, stage, *rest, **options)

    monkeypatch.setattr(Calls, "optimise", noted)
    monkeypatch.setattr(engine_calls, "LARGE", 0)
    solution = solve(random_week(12, seed=2), quick())
    assert len(solution.tiers) == 5
    assert set(searched) <= {((1, 2), (1, 2)), ((3, 4), (3,)), ((4, 5), (4,)), ((5,), (5,))}
    assert ((4, 5), (4,)) in searched
    searched.clear()
    solve(random_week(12, seed=2), quick(), strategies=replace(ALL, foresight=False))
    assert set(searched) <= {((1, 2), (1, 2)), ((3,), (3,)), ((4,), (4,)), ((5,), (5,))}


@pytest.mark.slow
def test_parts_give_way_to_the_usual_portfolio_where_it_can_prove(monkeypatch: pytest.MonkeyPatch) -> None:
    """In larger weeks, with few threads, and where that piece is left out, the strongest linear bound goes on."""
    proofs: set[Portfolio] = set()
    optimise = Calls.optimise

    def noted(self: Calls, stage: Stage, bound: float, portfolio: Portfolio, *rest: Any, **options: Any) -> float:
        if stage.last > LEADING and portfolio is not Portfolio.IMPROVING:
            proofs.add(portfolio)
        return optimise(self, stage, bound, portfolio, *rest, **options)

    monkeypatch.setattr(Calls, "optimise", noted)
    monkeypatch.setattr(engine_calls, "LARGE", 0)
    week = random_week(8, seed=2)
    given_way = solve(week, quick(workers=8))
    assert proofs == {Portfolio.USUAL}
    proofs.clear()
    alone = solve(week, quick(workers=8), strategies=replace(ALL, handover=False))
    assert proofs == {Portfolio.PROVING}
    proofs.clear()
    solve(week, quick())
    assert proofs == {Portfolio.PROVING}
    proofs.clear()
    monkeypatch.setattr(engine_calls, "PROVABLE", 0)
    larger = solve(week, quick(workers=8))
    assert proofs == {Portfolio.PROVING}
    assert given_way.measured_units == alone.measured_units == larger.measured_units
