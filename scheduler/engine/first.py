"""A first timetable within seconds, and what the linear relaxation proves before any search."""

from collections.abc import Iterator, Sequence

from ortools.sat.python import cp_model

from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.construction import Construction, Wished, sessions_of, sessions_of_last_week
from scheduler.engine.relaxation import LinearAnswer, Relaxation
from scheduler.engine.runner import Runner, set_hints
from scheduler.engine.sections import Realised, realise
from scheduler.model.plan import Plan
from scheduler.model.protocol import Rule


def beginnings(week: Week, edited: Timetable | None, *, warm: bool) -> Iterator[tuple[Wished, ...]]:
    """What a construction may begin with, the most telling first: a timetable at hand, last week, nothing."""
    if warm and edited is not None:
        yield sessions_of(edited)
    if warm and week.previous:
        yield sessions_of_last_week(week)
    yield ()


def construct(
    plan: Plan, relaxation: Relaxation, wished: tuple[Wished, ...], runner: Runner, rules: Sequence[Rule]
) -> Realised | None:
    """Make a timetable as by hand; None if it does not come to keep every rule of the model.

    The plan's hints are lost.
    """
    construction = Construction(plan, relaxation)
    if not construction.begin():
        return None
    construction.lay(wished)
    construction.fill()
    set_hints(plan.model, construction.values)
    completed = runner.complete(plan.model)
    plan.model.clear_hints()  # type: ignore[no-untyped-call]
    return None if completed is None else realise(plan, completed.values, rules)


def proven_bound(relaxation: Relaxation, answer: LinearAnswer | None) -> int:
    """What an answer of the relaxation proves of the objective; 0 without one (no goal is ever below 0)."""
    return 0 if answer is None else max(0, relaxation.safe_bound(answer.duals))


def relaxation_of(plan: Plan, *, loose: bool, model: cp_model.CpModel | None = None) -> Relaxation:
    """The relaxation of the plan's model as it stands, or of a copy of it.

    ``loose``: without the links from a seat to "the cell runs".
    """
    runs = frozenset(var.index for var in plan.runs.values()) if loose else frozenset[int]()
    return Relaxation(plan.model if model is None else model, runs)
