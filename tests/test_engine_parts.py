"""A stage made better part by part: on threads, step by step, guided by a linear optimum, and when splits fail."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from scheduler.domain.timetable import Session, Timetable
from scheduler.engine import crew, parts
from scheduler.engine.calls import Calls
from scheduler.engine.crew import Suggestion, Task
from scheduler.engine.fixing import decisions
from scheduler.engine.parts import Parts
from scheduler.engine.progress import silent
from scheduler.engine.relaxation import LinearAnswer
from scheduler.engine.runner import Portfolio
from scheduler.engine.sections import Realised
from scheduler.engine.stage import Stage, single
from scheduler.engine.strategies import ALL, Strategies
from scheduler.model.candidates import Cell
from scheduler.rules.registry import RULES
from tests.builders import quick, random_week


def begun(*, reproducible: bool = False, strategies: Strategies = ALL) -> tuple[Calls, Stage]:
    """A week with a first timetable of many sessions, and its first tier as the stage."""
    profile = quick(time_limit=60, reproducible=reproducible)
    calls = Calls(random_week(20, seed=4), profile, RULES, strategies, silent, threading.Event(), None)
    calls.plan.model.maximize(sum(calls.plan.sessions.values()))
    run = calls.runner.run(calls.plan.model, calls.limits(single(calls.tiers[0], 0), 20, Portfolio.USUAL))
    assert run.values is not None
    calls.reached = 1
    assert calls.realise(run.values)
    tier = calls.tiers[0]
    stage = single(tier, tier.score(calls.plan))
    calls.plan.model.minimize(stage.objective(calls.plan))
    return calls, stage


def best_of(calls: Calls, stage: Stage) -> int:
    value = calls.incumbent.value(stage)
    assert value is not None
    return value


def found(calls: Calls) -> Timetable:
    assert calls.incumbent.best is not None
    return calls.incumbent.best.timetable


def cell_of(session: Session) -> tuple[str, str]:
    return session.block, session.group


def least(calls: Calls, stage: Stage) -> float | None:
    """The best of the whole model, by the solver alone."""
    return calls.runner.run(calls.plan.model, calls.limits(stage, 20, Portfolio.USUAL)).objective


def no_answer(calls: Calls) -> LinearAnswer:
    """What a linear program might say: everything halfway."""
    size = len(calls.plan.model.proto.variables)
    return LinearAnswer(objective=0.0, values=np.full(size, 0.5), duals=np.array([]))


def failing_once(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, events: list[str] | None = None, *, harmed: bool = False
) -> list[str]:
    """Say of the first answer that one of its cells was not split as promised; gives what is then made exact.

    ``harmed``: say also that the timetable is no better for that reason.
    """
    carry_out, make_exact = calls.carry_out, calls.make_exact
    events = [] if events is None else events
    cells = (cell_of(found(calls).sessions[0]),)
    first = iter([True])

    def failing(values: Sequence[int]) -> Realised:
        before, realised = calls.incumbent.best, carry_out(values)
        if not next(first, False):
            return realised
        if harmed:
            calls.incumbent.best = before
        return replace(realised, failed=cells, harmed=cells if harmed else ())

    def told(cells: Sequence[Cell]) -> None:
        events.append("exact")
        make_exact(cells)

    monkeypatch.setattr(calls, "carry_out", failing)
    monkeypatch.setattr(calls, "make_exact", told)
    return events


@pytest.mark.parametrize("reproducible", [False, True])
def test_parts_end_where_the_whole_has_nothing_better(*, reproducible: bool) -> None:
    calls, stage = begun(reproducible=reproducible)
    Parts(calls, stage, fresh=False).search(0.0, 0.0)
    assert best_of(calls, stage) == least(calls, stage)


def test_a_search_ends_when_it_is_told_that_it_is_enough() -> None:
    calls, stage = begun()
    before = best_of(calls, stage)
    Parts(calls, stage, fresh=False).search(0.0, 0.0, enough=lambda: True)
    assert best_of(calls, stage) == before


@pytest.mark.parametrize("reproducible", [False, True])
def test_without_parts_a_fresh_stage_still_gets_better_seats(*, reproducible: bool) -> None:
    """Everybody has had their turn once; the sessions are those of before."""
    calls, stage = begun(reproducible=reproducible, strategies=replace(ALL, reopening=False))
    before = best_of(calls, stage)
    timetable = found(calls)
    Parts(calls, stage, fresh=True).search(0.0, 0.0)
    assert best_of(calls, stage) < before
    assert Counter(map(cell_of, found(calls).sessions)) == Counter(map(cell_of, timetable.sessions))


def test_seats_that_have_had_their_turn_do_not_have_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, stage = begun(strategies=replace(ALL, reopening=False))
    search = Parts(calls, stage, fresh=True)
    search.search(0.0, 0.0)
    monkeypatch.setattr(crew, "seat", lambda *_: pytest.fail("seated again"))
    search.search(0.0, 0.0)


def test_a_stage_that_is_not_new_keeps_its_seats() -> None:
    calls, stage = begun(strategies=replace(ALL, reopening=False))
    before = best_of(calls, stage)
    Parts(calls, stage, fresh=False).search(0.0, 0.0)
    assert best_of(calls, stage) == before


def test_what_a_linear_optimum_suggests_is_searched_once_though_the_model_grows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls, stage = begun()
    asked: list[int] = []

    def suggested(_: Parts, linear: Sequence[float], *__: object) -> Iterator[Task]:
        asked.append(len(linear))
        yield from ()

    monkeypatch.setattr(Parts, "_guided", suggested)
    made_exact = failing_once(calls, monkeypatch)
    Parts(calls, stage, fresh=False).search(0.0, 0.0, linear=no_answer(calls))
    assert made_exact
    assert len(asked) == 1
    assert best_of(calls, stage) == least(calls, stage)


@pytest.mark.parametrize(("harmed", "expected"), [(False, ["first", "second", "exact"]), (True, ["first", "exact"])])
def test_cells_wait_to_be_made_exact_until_all_that_is_suggested_was_searched_unless_nothing_is_gained(
    expected: list[str], *, harmed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, stage = begun(reproducible=True)
    events: list[str] = []

    def suggested(*_: object) -> Iterator[Suggestion]:
        for name in ("first", "second"):
            events.append(name)
            yield lambda best: Task(tuple(decisions(calls.plan)), best, 20.0)

    monkeypatch.setattr(Parts, "_guided", suggested)
    failing_once(calls, monkeypatch, events, harmed=harmed)
    Parts(calls, stage, fresh=False).search(0.0, 0.0, linear=no_answer(calls))
    assert events == expected


@pytest.mark.parametrize(("share", "expected"), [(0.0, False), (1.0, True)])
def test_cells_are_made_exact_only_where_there_is_time_to_begin_anew(
    share: float, *, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, stage = begun()
    monkeypatch.setattr(parts, "ANEW_SHARE", share)
    made_exact = failing_once(calls, monkeypatch)
    Parts(calls, stage, fresh=False).search(0.0, 0.0)
    assert bool(made_exact) == expected
    assert best_of(calls, stage) == least(calls, stage)
