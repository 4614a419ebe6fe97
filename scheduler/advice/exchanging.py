"""What shows that one therapist's limit is needed mostly shows it of another's: they change places in the timetable.

Where a proof counts what all therapists or rooms can do together, it needs the limits of each alike; a timetable that
one lifted limit allows then needs no search to become one that another allows. What comes of it is still to be checked.
"""

from collections.abc import Iterator

from scheduler.domain.timetable import Session, Timetable

Key = tuple[str, str, str]
"""Of a fact: sheet, row, column."""
THERAPISTS, ROOMS = "Therapists", "Rooms"


def exchanged(timetable: Timetable, before: Key, now: Key) -> Iterator[Timetable]:
    """Timetables that may do with one fact lifted what a timetable does with another of the kind lifted.

    Args:
        timetable: made with ``before`` lifted.
        before: a fact.
        now: the fact that is lifted instead. None come where the two are not of one column of therapists or rooms.
    """
    (sheet, giver, column), (other_sheet, taker, other_column) = before, now
    if (sheet, column) != (other_sheet, other_column) or sheet not in (THERAPISTS, ROOMS):
        return
    names = {giver: taker, taker: giver}
    busy = {session.block for session in timetable.sessions if taker in _holders(session, sheet)}
    handed = (
        _renamed(session, sheet, {} if session.block in busy else {giver: taker}) for session in timetable.sessions
    )
    yield timetable.model_copy(update={"sessions": tuple(handed)})
    swapped = (_renamed(session, sheet, names) for session in timetable.sessions)
    yield timetable.model_copy(update={"sessions": tuple(swapped)})


def _holders(session: Session, sheet: str) -> tuple[str | None, ...]:
    return session.therapists if sheet == THERAPISTS else (session.room,)


def _renamed(session: Session, sheet: str, names: dict[str, str]) -> Session:
    if sheet == THERAPISTS:
        return session.model_copy(update={"therapists": tuple(names.get(one, one) for one in session.therapists)})
    return session.model_copy(update={"room": session.room and names.get(session.room, session.room)})
