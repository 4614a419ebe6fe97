"""Copies of a plan's model in which some decisions are fixed: the neighbourhoods that are searched on purpose.

**Agreement**: where a linear optimum and a good timetable both say yes, or both no, the best timetable mostly says so
too. Holding all that leaves a small model, in which the solver soon finds, and often proves, what is best (relaxation
induced neighbourhood search: Danna, Rothberg, Le Pape, Mathematical Programming 102, 2005).
"""

from collections.abc import Iterator, Mapping, Sequence

from ortools.sat.python import cp_model

from scheduler.engine.relaxation import LinearAnswer
from scheduler.model.plan import Plan

ALIKE = 1e-6


def agreement(model: cp_model.CpModel, plan: Plan, linear: LinearAnswer, values: Sequence[int]) -> cp_model.CpModel:
    """A copy in which every decision is fixed on which a linear optimum and a timetable agree.

    Args:
        model: the plan's model or a copy of it; it carries the hints.
        plan: the plan.
        linear: an optimum of the relaxation of that model.
        values: a solution of that model, by variable index.
    """
    return _fixed(model, {i: values[i] for i in decisions(plan) if abs(linear.values[i] - values[i]) <= ALIKE})


def decisions(plan: Plan) -> Iterator[int]:
    """The indices of the plan's own decisions: seats, leads, sessions, rooms."""
    for table in (plan.attends, plan.leads, plan.sessions, plan.rooms):
        yield from (var.index for var in table.values())


def _fixed(model: cp_model.CpModel, decided: Mapping[int, int]) -> cp_model.CpModel:
    copy = model.clone()
    for index, value in decided.items():
        domain = copy.proto.variables[index].domain
        domain.clear()
        domain.extend((value, value))
    return copy
