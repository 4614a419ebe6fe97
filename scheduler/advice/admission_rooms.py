"""A timetable found by the search, made as like the running one as it is: ids of sessions, and rooms where they may."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice

from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Room, Week
from scheduler.model.protocol import Rule
from scheduler.verify import verify

Place = tuple[str, str, tuple[str, ...]]
MOST_TRIES = 20
"""So many ways to house the sessions of one time are held against the rules."""
MOST_GIVEN_UP = 4
"""At most so many rooms of sessions that go on are given up at a time."""


def settled(week: Week, before: Timetable, after: Timetable, rules: Sequence[Rule]) -> Timetable:
    """The timetable with the ids, facilitators' order and rooms of the running one wherever a session goes on as it is.

    A session goes on where block, group and facilitators are the same. As few of them as possible change rooms; where
    none of many ways to do that keeps every rule, the rooms of that time are those that the search gave.

    Raises:
        ValueError: if a timetable names something that the week does not know.
    """
    named = _with_ids(before, after)
    board = Board(week, named)
    rooms = {one.id: one.room for one in before.sessions}
    for here in _at_once(board):
        for kept in islice(_with_rooms(board, here, rooms, rules), MOST_TRIES):
            changed = _replaced(board.timetable, kept)
            if not verify(week, changed, rules=rules, measured=()).broken:
                board = Board(week, changed)
                break
    return board.timetable


def _at_once(board: Board) -> list[list[Session]]:
    """Sessions in person, gathered by times that overlap: rooms of different gatherings do not touch."""
    in_order = sorted(board.timetable.sessions, key=lambda one: board.block(one).start)
    found: list[list[Session]] = []
    until = -1
    for session in (one for one in in_order if one.room is not None):
        if board.block(session).start >= until:
            found.append([])
        found[-1].append(session)
        until = max(until, board.block(session).end)
    return found


def _replaced(timetable: Timetable, sessions: Sequence[Session]) -> Timetable:
    new = {one.id: one for one in sessions}
    return timetable.model_copy(update={"sessions": tuple(new.get(one.id, one) for one in timetable.sessions)})


def _place(session: Session) -> Place:
    return session.block, session.group, tuple(sorted(session.therapists))


def _with_ids(before: Timetable, after: Timetable) -> Timetable:
    old = {_place(one): one for one in before.sessions}
    taken, names, sessions = {one.id for one in before.sessions}, {}, []
    for one in after.sessions:
        same = old.pop(_place(one), None)
        if same is None:
            name = _unused(one, taken)
            renamed = one.model_copy(update={"id": name})
        else:
            renamed = one.model_copy(update={"id": same.id, "therapists": same.therapists})
        taken.add(renamed.id)
        names[one.id] = renamed.id
        sessions.append(renamed)
    order = {one.id: place for place, one in enumerate(before.sessions)}
    sessions.sort(key=lambda one: order.get(one.id, len(order)))
    everybody = (seat.patient for seat in (*before.assignments, *after.assignments))
    seats: dict[str, list[Assignment]] = {one: [] for one in everybody}
    for seat in after.assignments:
        seats[seat.patient].append(Assignment(patient=seat.patient, session=names[seat.session]))
    return Timetable(sessions=tuple(sessions), assignments=tuple(seat for found in seats.values() for seat in found))


def _unused(session: Session, taken: set[str]) -> str:
    number = 1
    while (name := f"{session.block}.{session.group}.{number}") in taken:
        number += 1
    return name


def _with_rooms(
    board: Board, sessions: Sequence[Session], rooms: Mapping[str, str | None], rules: Sequence[Rule]
) -> Iterator[list[Session]]:
    """The sessions of one time with old rooms kept wherever they are large enough, then with one given up, two, ..."""
    kept = [one for one in sessions if _may_stay(board, one, rooms.get(one.id))]
    loose = [one for one in sessions if one not in kept]
    fixed = [one.model_copy(update={"room": rooms[one.id]}) for one in kept]
    for number in range(min(len(fixed), MOST_GIVEN_UP) + 1):
        for given_up in combinations(fixed, number):
            staying = [one for one in fixed if one not in given_up]
            yield from islice(_housed(board, staying, [*loose, *given_up], rules), 1)


def _may_stay(board: Board, session: Session, room: str | None) -> bool:
    return room is not None and board.week.room_of[room].capacity >= board.size(session)


def _housed(
    board: Board, fixed: list[Session], loose: Sequence[Session], rules: Sequence[Rule]
) -> Iterator[list[Session]]:
    if not loose:
        yield fixed
        return
    session, *rest = loose
    busy = {one.room for one in fixed if board.block(one).overlaps(board.block(session))}
    suiting = [room for room in board.week.rooms if room.id not in busy and _suits(board, session, room, rules)]
    for room in sorted(suiting, key=lambda one: (one.id != session.room, one.capacity)):
        yield from _housed(board, [*fixed, session.model_copy(update={"room": room.id})], rest, rules)


def _suits(board: Board, session: Session, room: Room, rules: Sequence[Rule]) -> bool:
    if room.capacity < board.size(session):
        return False
    targets = (board.block(session), board.group(session))
    return all(rule.bars(board.week, room, target) is None for rule in rules for target in targets)
