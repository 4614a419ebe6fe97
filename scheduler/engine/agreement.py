"""A neighbourhood that the linear relaxation chooses: what it and the timetable at hand agree on is held.

Where a linear optimum and a good timetable both say yes, or both no, the best timetable mostly says so too. Holding all
that leaves a small model, in which the solver soon finds, and often proves, what is best (relaxation induced
neighbourhood search: Danna, Rothberg, Le Pape, Mathematical Programming 102, 2005).
"""

from collections.abc import Sequence

from ortools.sat.python import cp_model

from scheduler.engine.relaxation import LinearAnswer
from scheduler.model.plan import Plan

ALIKE = 1e-6


def agreement(plan: Plan, linear: LinearAnswer, values: Sequence[int]) -> cp_model.CpModel:
    """A copy of the plan's model in which every decision is fixed on which the two agree.

    Args:
        plan: its model carries the hints for the copy.
        linear: an optimum of the relaxation of that model.
        values: a solution of the model, by variable index.
    """
    copy = plan.model.clone()
    for table in (plan.attends, plan.leads, plan.sessions, plan.rooms):
        for var in table.values():
            if abs(linear.values[var.index] - values[var.index]) <= ALIKE:
                domain = copy.proto.variables[var.index].domain
                domain.clear()
                domain.extend((values[var.index], values[var.index]))
    return copy
