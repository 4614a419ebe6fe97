"""Better seats in the sessions at hand: all that are to be had, for all the patients or a share of them."""

import threading
from random import Random

import numpy as np
import pytest
from ortools.math_opt import model_pb2

from scheduler.domain.profile import GoalSettings
from scheduler.engine import seating
from scheduler.engine.build import build_plan
from scheduler.engine.excerpt import Excerpts, Whole
from scheduler.engine.fixing import decisions
from scheduler.engine.relaxation import LinearAnswer
from scheduler.engine.runner import Limits, Runner
from scheduler.engine.seating import Share, seat, shares
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, quick, random_week

SEEDS = range(5)


def runner() -> Runner:
    return Runner(quick().solver, threading.Event())


def begun(plan: Plan) -> tuple[Excerpts, Whole]:
    """Hours, plans and wishes as one number, and a solution that nobody has made better yet."""
    first, second, *_, wishes, _ = (tier.score(plan) for tier in tiers_of(GoalSettings()))
    plan.model.maximize(sum(plan.sessions.values()))
    run = runner().run(plan.model, Limits(20))
    assert run.values is not None
    plan.model.minimize(10_000 * first + 500 * second + wishes)
    return Excerpts(plan.model, list(decisions(plan))), np.array(run.values, dtype=np.int64)


def of_everybody(plan: Plan, values: Whole) -> Share:
    found = list(shares(plan, values, 20.0, seed=1))
    assert len(found) == 1
    return found[0]


def best_seats(plan: Plan, excerpts: Excerpts, values: Whole, share: Share) -> float:
    """The best that the solver finds, with these seats free and nothing else."""
    run = runner().run(excerpts.cut(values, share.free, excerpts.worth(values)).model, Limits(20))
    assert run.optimal
    assert run.objective is not None
    return run.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_seated_worse_and_only_seats_of_the_share_change(seed: int) -> None:
    plan = build_plan(featured_week(Random(seed)), RULES)
    excerpts, values = begun(plan)
    share = of_everybody(plan, values)
    found = seat(share, excerpts, values, runner()).values
    best = best_seats(plan, excerpts, values, share)
    if found is None:
        assert best == excerpts.worth(values)
        return
    assert excerpts.allows(found)
    assert best <= excerpts.worth(found) < excerpts.worth(values)
    held = set(decisions(plan)) - set(share.free)
    assert [found[index] for index in held] == [values[index] for index in held]


def test_next_to_the_best_seats_of_a_week_are_found() -> None:
    plan = build_plan(random_week(40, seed=3), RULES)
    excerpts, values = begun(plan)
    share = of_everybody(plan, values)
    best = best_seats(plan, excerpts, values, share)
    found = seat(share, excerpts, values, runner()).values
    assert found is not None
    gained, possible = excerpts.worth(values) - excerpts.worth(found), excerpts.worth(values) - best
    assert possible >= gained >= 0.99 * possible > 0


def test_shares_are_of_different_patients_and_hold_every_seat_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leads and where is free in each of them."""
    plan = build_plan(random_week(40, seed=3), RULES)
    _, values = begun(plan)
    running = {cell for cell, var in plan.sessions.items() if values[var.index]}
    seats = {var.index: patient for (patient, *cell), var in plan.attends.items() if tuple(cell) in running}
    crew = {v.index for table in (plan.leads, plan.rooms) for key, v in table.items() if key[1:] in running}
    assert set(of_everybody(plan, values).free) == seats.keys() | crew
    monkeypatch.setattr(seating, "SHARE_SEATS", len(seats) / 3)
    found = [set(share.free) for share in shares(plan, values, 20.0, seed=1)]
    assert len(found) == 3
    assert all(crew <= share for share in found)
    assert set.union(*found) == seats.keys() | crew
    people = [{seats[index] for index in share - crew} for share in found]
    assert sum(map(len, people)) == len(set.union(*people))


def test_a_linear_program_without_an_answer_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = build_plan(random_week(12, seed=3), RULES)
    excerpts, values = begun(plan)
    monkeypatch.setattr(seating, "solve_program", lambda *_: None)
    assert seat(of_everybody(plan, values), excerpts, values, runner()).values is None


def test_where_an_optimum_as_it_is_allows_nothing_what_it_shares_with_the_timetable_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An optimum that seats everybody everywhere breaks the rules; then only what it changes is free."""
    plan = build_plan(random_week(40, seed=3), RULES)
    excerpts, values = begun(plan)
    share = of_everybody(plan, values)

    def everywhere(program: model_pb2.ModelProto, *_: object) -> LinearAnswer:
        return LinearAnswer(-1e12, np.ones(len(program.variables.ids)), np.array([]))

    monkeypatch.setattr(seating, "solve_program", everywhere)
    found = seat(share, excerpts, values, runner()).values
    assert found is not None
    assert excerpts.allows(found)
    assert excerpts.worth(found) < excerpts.worth(values)
    taken = [var.index for var in plan.attends.values() if values[var.index]]
    assert all(found[index] for index in taken), "what both take is held"
