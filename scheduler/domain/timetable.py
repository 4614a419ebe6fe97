"""A finished timetable, and a view of it that answers who is where. Knows nothing of how it was found."""

from collections import defaultdict
from collections.abc import Iterable

from scheduler.domain.types import Frozen, Id
from scheduler.domain.week import Block, Group, Week


class Session(Frozen):
    """A group held in a block by its facilitators in a room (None: telehealth). The id is stable."""

    id: Id
    block: Id
    group: Id
    therapists: tuple[Id, ...]
    room: Id | None = None


class Assignment(Frozen):
    """One patient in one session."""

    patient: Id
    session: Id


class Timetable(Frozen):
    """All sessions and assignments of a week. It may break rules: `scheduler.verify` tells."""

    sessions: tuple[Session, ...] = ()
    assignments: tuple[Assignment, ...] = ()


class Board:
    """A timetable laid over its week, indexed once: every rule's check and every goal's measure reads this.

    Sessions of a patient, therapist or room come in order of time, then of id. Built from a timetable whose ids all
    exist in the week.

    Raises:
        ValueError: if the timetable names something that the week does not know, or a session id stands twice.
    """

    def __init__(self, week: Week, timetable: Timetable) -> None:
        self.week = week
        self.timetable = timetable
        _refuse_strangers(week, timetable)
        self.session_of = {session.id: session for session in timetable.sessions}
        self.roster: dict[str, list[str]] = {session.id: [] for session in timetable.sessions}
        sessions_of_patient: dict[str, list[Session]] = defaultdict(list)
        for seat in timetable.assignments:
            self.roster[seat.session].append(seat.patient)
            sessions_of_patient[seat.patient].append(self.session_of[seat.session])
        self._of_patient = {one: self._in_order(found) for one, found in sessions_of_patient.items()}
        self._of_therapist = self._grouped((t, s) for s in timetable.sessions for t in s.therapists)
        self._of_room = self._grouped((s.room, s) for s in timetable.sessions if s.room is not None)
        self._of_group = self._grouped((s.group, s) for s in timetable.sessions)

    def block(self, session: Session) -> Block:
        """The block in which a session is held."""
        return self.week.block_of[session.block]

    def group(self, session: Session) -> Group:
        """The group type that a session is of."""
        return self.week.group_of[session.group]

    def of_patient(self, patient: str) -> tuple[Session, ...]:
        """The sessions that a patient attends."""
        return self._of_patient.get(patient, ())

    def of_therapist(self, therapist: str) -> tuple[Session, ...]:
        """The sessions that a therapist leads."""
        return self._of_therapist.get(therapist, ())

    def of_room(self, room: str) -> tuple[Session, ...]:
        """The sessions held in a room."""
        return self._of_room.get(room, ())

    def of_group(self, group: str) -> tuple[Session, ...]:
        """The sessions of a group type."""
        return self._of_group.get(group, ())

    def minutes_of(self, patient: str) -> int:
        """Scheduled minutes of a patient in the week."""
        return sum(self.block(session).minutes for session in self.of_patient(patient))

    def size(self, session: Session) -> int:
        """Patients in a session; facilitators are not counted."""
        return len(self.roster[session.id])

    def _grouped(self, pairs: Iterable[tuple[str, Session]]) -> dict[str, tuple[Session, ...]]:
        found: dict[str, list[Session]] = defaultdict(list)
        for key, session in pairs:
            found[key].append(session)
        return {key: self._in_order(sessions) for key, sessions in found.items()}

    def _in_order(self, sessions: list[Session]) -> tuple[Session, ...]:
        return tuple(sorted(sessions, key=lambda s: (self.block(s).start, self.block(s).end, s.id)))


def _refuse_strangers(week: Week, timetable: Timetable) -> None:
    known = {session.id for session in timetable.sessions}
    if len(known) != len(timetable.sessions):
        raise ValueError("a session id stands twice")
    for session in timetable.sessions:
        strangers = [t for t in session.therapists if t not in week.therapist_of]
        if session.block not in week.block_of or session.group not in week.group_of or strangers:
            raise ValueError(f"session {session.id} names a block, group or therapist that the week does not know")
        if session.room is not None and session.room not in week.room_of:
            raise ValueError(f"session {session.id} is in room {session.room}, which the week does not know")
    for seat in timetable.assignments:
        if seat.session not in known or seat.patient not in week.patient_of:
            raise ValueError(
                f"an assignment names patient {seat.patient} or session {seat.session}, which do not exist"
            )
