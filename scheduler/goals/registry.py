"""Every goal there is, in the order in which they are printed. To add a goal: write its file and name it here."""

from scheduler.domain.profile import GoalSettings
from scheduler.goals.continuity import Continuity
from scheduler.goals.operations import Operations
from scheduler.goals.preferences import Preferences
from scheduler.goals.treatment_plan import TreatmentPlan
from scheduler.goals.weekly_minimum import WeeklyMinimum
from scheduler.model.protocol import Goal

GOALS: tuple[Goal, ...] = (WeeklyMinimum(), TreatmentPlan(), Continuity(), Preferences(), Operations())


def goal_of(goal_id: str) -> Goal:
    """The goal with that id.

    Raises:
        KeyError: if there is none.
    """
    for goal in GOALS:
        if goal.id == goal_id:
            return goal
    raise KeyError(goal_id)


def part_weights(goal: Goal, settings: GoalSettings) -> dict[str, int]:
    """The weights of a goal's parts: its own, overlaid with the profile's."""
    return {**goal.parts, **settings.parts.get(goal.id, {})}
