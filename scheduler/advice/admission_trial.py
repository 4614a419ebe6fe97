"""One patient tried in different sessions of a timetable that otherwise stays: what a set of seats is worth, exactly.

Everybody else's part of every goal is the same whatever the newcomer joins, but for the sizes of the sessions joined.
So a set of seats is measured by the goals themselves on a board with the newcomer alone, and each session joined adds
what one more person in it makes of its size.
"""

from collections.abc import Callable, Sequence

from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Patient, Week
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.goals.continuity import Continuity
from scheduler.goals.operations import Operations
from scheduler.goals.preferences import Preferences
from scheduler.goals.registry import GOALS, part_weights
from scheduler.goals.treatment_plan import TreatmentPlan
from scheduler.goals.weekly_minimum import WeeklyMinimum
from scheduler.model.protocol import Goal

Seats = tuple[Session, ...]
"""Sessions that the newcomer joins, in order of time."""

BY_PATIENT = (WeeklyMinimum.id, TreatmentPlan.id, Continuity.id, Preferences.id, Operations.id)
"""Goals whose change by one patient's seats shows on that patient's own week, sizes of sessions apart.

Any other goal is measured on the whole timetable, set by set.
"""
BY_SIZE = (Operations.id,)
"""Goals that also look at how many sit in a session."""


class Trial(Board):
    """A board on which the sessions of patients may be set at will. Rosters stay as they are."""

    def sit(self, patient: str, seats: Seats) -> None:
        """Let a patient attend these sessions, given in order of time."""
        self._of_patient[patient] = seats


class Scores:
    """What a set of seats makes of each tier, in exact units of the whole timetable."""

    def __init__(self, board: Board, patient: Patient, settings: GoalSettings, goals: Sequence[Goal] = GOALS) -> None:
        self.tiers = tiers_of(settings, goals)
        self._board, self._patient, self._settings = board, patient, settings
        self._alone = _alone(board, patient)
        self._measures = {goal.id: self._measure_of(goal) for tier in self.tiers for goal in tier.goals}
        self._resized: dict[tuple[str, str], int] = {}
        self._known: dict[tuple[str, tuple[object, ...]], int] = {}

    def units(self, tier: Tier, seats: Seats) -> int:
        """What a tier measures on the whole timetable with the seats in it."""
        return sum(
            weight * (tier.scale // goal.scale) * self._measures[goal.id](seats)
            for goal, weight in zip(tier.goals, tier.weights, strict=True)
        )

    def _measure_of(self, goal: Goal) -> Callable[[Seats], int]:
        weights = part_weights(goal, self._settings)
        if goal.id not in BY_PATIENT:
            return lambda seats: goal.measure(with_seats(self._board, self._patient.id, seats), weights).units
        base = goal.measure(self._board, weights).units - self._own(goal, ())
        looks_at = self._looks_at(goal.id)

        def measure(seats: Seats) -> int:
            key = (goal.id, tuple(looks_at[session.id] for session in seats))
            if key not in self._known:
                self._known[key] = base + self._own(goal, seats)
            return self._known[key]

        if goal.id in BY_SIZE:
            return lambda seats: measure(seats) + sum(self._size_change(goal, session) for session in seats)
        return measure

    def _looks_at(self, goal: str) -> dict[str, object]:
        """What of each session a goal looks at where it measures one patient: sets alike in that measure the same."""
        patient, week = self._patient, self._alone.week

        def seen(session: Session) -> object:
            if goal in (WeeklyMinimum.id, Operations.id):
                return session.block
            if goal == Preferences.id:
                wished = session.group if session.group in patient.preferred else ""
                return session.block, wished, patient.primary_therapist in session.therapists
            if goal == TreatmentPlan.id and not week.together:
                return session.group
            return session.id if goal == TreatmentPlan.id or week.previous else ""

        return {session.id: seen(session) for session in self._board.timetable.sessions}

    def _own(self, goal: Goal, seats: Seats) -> int:
        """What the goal measures where the patient sits there and nothing else is known."""
        self._alone.sit(self._patient.id, seats)
        return goal.measure(self._alone, part_weights(goal, self._settings)).units

    def _size_change(self, goal: Goal, session: Session) -> int:
        """What one more person in the session makes of its block and group, the person's own week apart."""
        key = (goal.id, session.id)
        if key not in self._resized:
            cell = _cell_of(self._board, session)
            weights = part_weights(goal, self._settings)
            before = goal.measure(cell, weights).units
            after = goal.measure(with_seats(cell, self._patient.id, (session,)), weights).units
            self._resized[key] = after - before - (self._own(goal, (session,)) - self._own(goal, ()))
        return self._resized[key]


def with_seats(board: Board, patient: str, seats: Seats) -> Board:
    """The whole timetable with the patient in these sessions."""
    added = tuple(Assignment(patient=patient, session=session.id) for session in seats)
    timetable = board.timetable.model_copy(update={"assignments": (*board.timetable.assignments, *added)})
    return Board(board.week, timetable)


def _alone(board: Board, patient: Patient) -> Trial:
    """The patient and those with whom they should meet, in a week that otherwise asks for nothing."""
    week = board.week
    together = tuple(pair for pair in week.together if patient.id in (pair.patient, pair.other))
    near = {patient.id, *(one for pair in together for one in (pair.patient, pair.other))}
    patients = tuple(one for one in week.patients if one.id in near)
    previous = tuple(seat for seat in week.previous if seat.patient == patient.id)
    named = {one.primary_therapist for one in patients} | {seat.therapist for seat in previous}
    alone = Week(
        program=week.program,
        blocks=week.blocks,
        patients=patients,
        therapists=tuple(one for one in week.therapists if one.id in named),
        groups=tuple(one.model_copy(update={"min_sessions": 0}) for one in week.groups),
        together=together,
        previous=previous,
    )
    trial = Trial(alone, Timetable())
    for one in patients:
        trial.sit(one.id, board.of_patient(one.id))
    return trial


def _cell_of(board: Board, session: Session) -> Board:
    """The sessions of one block and group and nothing else."""
    cell = (session.block, session.group)
    sessions = tuple(one for one in board.timetable.sessions if (one.block, one.group) == cell)
    known = {one.id for one in sessions}
    seats = tuple(one for one in board.timetable.assignments if one.session in known)
    return Board(board.week, Timetable(sessions=sessions, assignments=seats))
