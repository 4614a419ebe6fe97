"""What a linear optimum and a timetable at hand agree on, and what not.

Where both say yes, or both no, the best timetable mostly says so too. Holding all that leaves a small model, in which
the solver soon finds, and often proves, what is best (relaxation induced neighbourhood search: Danna, Rothberg, Le
Pape, Mathematical Programming 102, 2005).
"""

from collections.abc import Iterator, Sequence

from scheduler.engine.relaxation import LinearAnswer
from scheduler.model.plan import Plan

ALIKE = 1e-6


def disagreement(plan: Plan, linear: LinearAnswer, values: Sequence[int]) -> Iterator[int]:
    """The indices of the decisions in which a linear optimum and a solution of the plan's model differ."""
    return (index for index in decisions(plan) if abs(linear.values[index] - values[index]) > ALIKE)


def decisions(plan: Plan) -> Iterator[int]:
    """The indices of the plan's own decisions: seats, leads, sessions, rooms."""
    for table in (plan.attends, plan.leads, plan.sessions, plan.rooms):
        yield from (var.index for var in table.values())
