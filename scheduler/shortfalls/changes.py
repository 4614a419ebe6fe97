"""Weeks and timetables with one thing changed, to try a remedy on."""

from collections.abc import Iterable, Sequence
from typing import Any

from scheduler.domain.clock import TimeSet
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.week import Block, Group, Patient, Room, Therapist, Week

NEW_THERAPIST = "new therapist"
NEW_ROOM = "new room"


def with_rows(week: Week, *rows: Patient | Therapist | Group | Room) -> Week:
    """The week with these rows in place of those of the same id, or added.

    Raises:
        ValueError: if the changed week contradicts itself.
    """
    changed: dict[str, Any] = {name: getattr(week, name) for name in Week.model_fields}
    for row in rows:
        sheet = _SHEETS[type(row)]
        old = changed[sheet]
        known = any(one.id == row.id for one in old)
        changed[sheet] = tuple(row if one.id == row.id else one for one in old) if known else (*old, row)
    return Week(**changed)


_SHEETS: dict[type, str] = {Patient: "patients", Therapist: "therapists", Group: "groups", Room: "rooms"}


def also_free(patient: Patient, block: Block) -> Patient:
    """The patient, free for one more block."""
    return patient.model_copy(update={"free": patient.free | TimeSet.of([(block.start, block.end)])})


def with_seats(timetable: Timetable, session: Session, patients: Iterable[str]) -> Timetable:
    """The timetable with the session put in (in place of the one of its id) and patients added to it."""
    known = any(one.id == session.id for one in timetable.sessions)
    kept = tuple(session if one.id == session.id else one for one in timetable.sessions)
    seats = tuple(Assignment(patient=patient, session=session.id) for patient in patients)
    sessions = kept if known else (*kept, session)
    return Timetable(sessions=sessions, assignments=(*timetable.assignments, *seats))


def new_therapists(number: int, block: Block, group: Group) -> tuple[Therapist, ...]:
    """Therapists whom the clinic does not have: qualified for the group and free in the block, and no more."""
    free = TimeSet.of([(block.start, block.end)])
    return tuple(
        Therapist(id=f"{NEW_THERAPIST} {n}", free=free, groups=frozenset({group.id})) for n in range(1, number + 1)
    )


def new_room(block: Block, group: Group, seats: int) -> Room:
    """A room that the clinic does not have, as the group needs it, free in the block."""
    free = TimeSet.of([(block.start, block.end)])
    return Room(id=NEW_ROOM, capacity=seats, free=free, features=group.room_features)


def unused_id(sessions: Sequence[Session], wanted: str) -> str:
    """An id that no session has yet."""
    taken = {session.id for session in sessions}
    while wanted in taken:
        wanted += "'"
    return wanted
