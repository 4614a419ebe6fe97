"""Threads that lay parts again: never worse, always a solution, and what ends one of them is told."""

import threading
import time
from random import Random
from typing import Any

import numpy as np
import pytest

from scheduler.domain.profile import GoalSettings
from scheduler.engine.build import build_plan
from scheduler.engine.crew import Crew, Task
from scheduler.engine.excerpt import Excerpts, Whole
from scheduler.engine.fixing import decisions
from scheduler.engine.reopening import Reopening
from scheduler.engine.runner import Limits, Runner
from scheduler.engine.seating import Share
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, quick


def begun(seed: int) -> tuple[Plan, Whole, Runner]:
    """A plan with all goals but operations as one number, and a solution that nobody has made better yet."""
    plan = build_plan(featured_week(Random(seed)), RULES)
    first, second, third, wishes, _ = (tier.score(plan) for tier in tiers_of(GoalSettings()))
    runner = Runner(quick().solver, threading.Event())
    run = runner.run(plan.model, Limits(20))
    assert run.values is not None
    plan.model.minimize(10_000 * first + 500 * second + 20 * third + wishes)
    return plan, np.array(run.values, dtype=np.int64), runner


def crew_of(plan: Plan, values: Whole, runner: Runner, threads: int, *tasks: Task) -> tuple[Crew, Excerpts]:
    excerpts = Excerpts(plan.model, list(decisions(plan)))
    return Crew(runner, excerpts, Reopening(plan, 1), values, threads, tasks), excerpts


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("threads", [0, 2])
def test_a_small_week_is_laid_again_until_nothing_is_better(seed: int, threads: int) -> None:
    plan, values, runner = begun(seed)
    crew, excerpts = crew_of(plan, values, runner, threads)
    until = time.monotonic() + 60
    with crew:
        while not crew.is_exhausted and time.monotonic() < until:
            if threads:
                time.sleep(0.01)
            else:
                crew.step()
        best = crew.best
    assert crew.is_exhausted
    assert excerpts.allows(best)
    assert excerpts.worth(best) == runner.run(plan.model, Limits(20)).objective


def test_the_same_steps_give_the_same_solutions() -> None:
    trails = []
    for _ in range(2):
        plan, values, runner = begun(2)
        crew, excerpts = crew_of(plan, values, runner, 0)
        trail = []
        with crew:
            for _ in range(12):
                crew.step()
                trail.append(crew.best.tolist())
        worths = [excerpts.worth(np.array(one)) for one in trail]
        assert worths == sorted(worths, reverse=True)
        trails.append(trail)
    assert trails[0] == trails[1]


def test_a_task_comes_first_and_may_hold_what_the_solution_does_not() -> None:
    plan, values, runner = begun(1)
    best = runner.run(plan.model, Limits(20))
    assert best.values is not None
    elsewhere = np.array(best.values, dtype=np.int64)
    crew, excerpts = crew_of(plan, values, runner, 0, Task((), elsewhere, 5.0))
    with crew:
        crew.step()
        assert excerpts.worth(crew.best) == best.objective
        assert crew.best.tolist() == elsewhere.tolist()


def test_only_one_thread_takes_tasks() -> None:
    """The others lay parts again meanwhile: a task may be long and find nothing."""
    plan, values, runner = begun(1)
    crew, excerpts = crew_of(plan, values, runner, 0, Task((), np.ones(len(values), dtype=np.int64), 5.0))
    with crew:
        while not crew.is_exhausted:
            crew.step(tasks=False)
        assert excerpts.worth(crew.best) == runner.run(plan.model, Limits(20)).objective


def test_shares_come_before_tasks_and_are_for_every_thread() -> None:
    """Each is given what the longest took, so that none is begun that would not end in time."""
    plan, values, runner = begun(1)
    excerpts, told = Excerpts(plan.model, list(decisions(plan))), []
    seats = tuple(var.index for var in plan.attends.values())
    waiting = iter((Share(seats, 5.0), Share(seats, 5.0)))

    def next_share(longest: float) -> Share | None:
        told.append(longest)
        return next(waiting, None)

    def task(_: Whole) -> None:
        told.append(-1.0)

    crew = Crew(runner, excerpts, Reopening(plan, 1), values, 0, [task], next_share=next_share)
    with crew:
        worths = [excerpts.worth(values)]
        for _ in range(2):
            crew.step(tasks=False)
            worths.append(excerpts.worth(crew.best))
        crew.step()
    assert worths[0] > worths[1] == worths[2], "the second finds nothing more in the same seats"
    first, second, third, last = told
    assert first == 0.0 < second <= third
    assert last == -1.0
    assert excerpts.allows(crew.best)


def test_a_task_that_allows_nothing_changes_nothing() -> None:
    plan, values, runner = begun(1)
    crew, _ = crew_of(plan, values, runner, 0, Task((), np.ones(len(values), dtype=np.int64), 5.0))
    with crew:
        crew.step()
        assert crew.best is values


def watched(crew: Crew) -> None:
    """Ask for the best again and again, for a while."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        time.sleep(0.01)
        _ = crew.best


def test_what_ends_a_thread_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, values, runner = begun(1)
    crew, excerpts = crew_of(plan, values, runner, 1)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(excerpts, "cut", fail)
    with crew, pytest.raises(RuntimeError, match="a fault of the program"):
        watched(crew)


def test_a_stopped_crew_ends_at_once() -> None:
    plan, values, runner = begun(1)
    crew, _ = crew_of(plan, values, runner, 2)
    began = time.monotonic()
    with crew:
        pass
    assert time.monotonic() - began < 10


def halves(plan: Plan, values: Whole, runner: Runner, excerpts: Excerpts) -> tuple[Whole, Whole]:
    """The best with half of the groups laid again, all else as it was; and with the other half."""
    found = []
    for half in range(2):
        groups = {group.id for group in plan.week.groups[half::2]}
        tables = (plan.attends, plan.leads, plan.rooms)
        free = [var.index for table in tables for key, var in table.items() if key[2] in groups]
        free += [var.index for cells in (plan.sessions, plan.runs) for key, var in cells.items() if key[1] in groups]
        part = excerpts.cut(values, free, excerpts.worth(values))
        run = runner.run(part.model, Limits(20))
        assert run.values is not None
        better = values.copy()
        better[part.indices] = run.values
        found.append(better)
    return found[0], found[1]


@pytest.mark.parametrize("seed", [3, 4])
def test_of_what_two_find_at_a_time_the_best_together_is_kept(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the one is searched, the other is found, and they are not allowed on top of each other."""
    plan, values, runner = begun(seed)
    excerpts = Excerpts(plan.model, list(decisions(plan)))
    one, other = halves(plan, values, runner, excerpts)
    better = min(excerpts.worth(one), excerpts.worth(other))
    assert not excerpts.allows(np.where(one != values, one, other))
    crew = Crew(runner, excerpts, None, values, 0, [Task((), one, 5.0), Task((), other, 5.0)])
    cut = excerpts.cut

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(excerpts, "cut", cut)
        crew.step()
        return cut(*given, **named)

    monkeypatch.setattr(excerpts, "cut", meanwhile)
    with crew:
        crew.step()
        assert excerpts.allows(crew.best)
        differing = excerpts.cut(one, excerpts.changed(one, other), better)
        assert excerpts.worth(crew.best) == runner.run(differing.model, Limits(20)).objective
        assert excerpts.worth(crew.best) < better


def test_a_suggestion_is_made_of_the_best_by_then() -> None:
    """What a task found is what the next one begins with; a suggestion of nothing is passed over."""
    plan, values, runner = begun(0)
    excerpts = Excerpts(plan.model, list(decisions(plan)))
    everything = tuple(decisions(plan))
    asked: list[Whole] = []

    def all_of_it(best: Whole) -> Task:
        asked.append(best)
        return Task(everything, best, 20.0)

    def nothing(best: Whole) -> None:
        asked.append(best)

    crew = Crew(runner, excerpts, None, values, 0, [all_of_it, nothing, all_of_it])
    with crew:
        crew.step()
        best = crew.best
        assert excerpts.worth(best) < excerpts.worth(values)
        crew.step()
        crew.step()
        assert crew.is_exhausted
    assert [excerpts.worth(one) for one in asked] == [excerpts.worth(one) for one in (values, best, best)]
