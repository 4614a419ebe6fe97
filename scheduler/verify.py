"""Every rule's check and every goal's measure on a finished timetable. Uses nothing of the solver."""

from collections.abc import Sequence

from scheduler.domain.findings import GoalResult, RuleResult, Verification
from scheduler.domain.outcome import Figures
from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Week
from scheduler.goals.registry import GOALS, part_weights
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.protocol import Goal, Rule
from scheduler.rules.registry import RULES


def verify(
    week: Week,
    timetable: Timetable,
    goals: GoalSettings | None = None,
    rules: Sequence[Rule] = RULES,
    measured: Sequence[Goal] = GOALS,
) -> Verification:
    """Check and measure a timetable, however it came about.

    Args:
        week: the week.
        timetable: the timetable.
        goals: weights of the parts of goals; the goals' own where none are given.
        rules: what is checked.
        measured: the goals that are measured.

    Raises:
        ValueError: if the timetable names something that the week does not know.
    """
    board = Board(week, timetable)
    settings = goals or GoalSettings()
    return Verification(
        rules=tuple(RuleResult(rule=rule.id, words=rule.words, violations=tuple(rule.check(board))) for rule in rules),
        goals=tuple(
            GoalResult(
                goal=goal.id,
                words=goal.words,
                unit=goal.unit,
                measure=goal.measure(board, part_weights(goal, settings)),
            )
            for goal in measured
        ),
        figures=figures(board),
    )


def figures(board: Board) -> Figures:
    """The headline counts of a timetable."""
    short = [minutes_short(board, patient) for patient in board.week.patients]
    missed = [need.times for patient in board.week.patients for need in missed_groups(board, patient)]
    return Figures(
        patients=len(board.week.patients),
        patients_short=sum(minutes > 0 for minutes in short),
        hours_short=sum(short) / MINUTES_PER_HOUR,
        groups_missed=sum(missed),
        sessions=len(board.timetable.sessions),
        assignments=len(board.timetable.assignments),
    )
