"""After a repair: sessions get back their old ids, facilitators' order and rooms, wherever that breaks no rule.

None of it moves anybody in the model's eyes, so the search leaves it to chance; to the people of the house a room that
changes for nothing is one change too many. Both assignments are small and solved to the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.one_place_at_a_time import overlapping
from scheduler.verify import verify

STEADY_SECONDS = 20.0
"""Deterministic seconds for each of the two assignments; in practice milliseconds."""


@dataclass(frozen=True)
class _Pair:
    """A session as it runs now, with the earlier one that it continues, None if it is new."""

    now: Session
    before: Session | None
    stays: bool
    """Whether the same people lead it and nobody joined, so that nothing asks for another room."""


def steady(week: Week, before: Timetable, after: Timetable, rules: Sequence[Rule]) -> Timetable:
    """The timetable ``after`` with as much of ``before`` as its seats and facilitators allow.

    A session continues the earlier one of its block and group that had its facilitators, else most of its people. Then
    the fewest sessions change their room, those that are otherwise as they were before all others.

    Raises:
        ValueError: if a timetable names something that the week does not know.
    """
    found = _named(week, before, after)
    pairs = _pairs(before, found)
    rooms = _rooms(week, pairs, Board(week, found), rules)
    if rooms is None:
        return found
    placed = found.model_copy(
        update={"sessions": tuple(one.model_copy(update={"room": rooms[one.id]}) for one in found.sessions)}
    )
    return found if verify(week, placed, rules=rules, measured=()).broken else placed


# ---- which session is which ------------------------------------------------------------------------------------------


def _named(week: Week, before: Timetable, after: Timetable) -> Timetable:
    """The timetable with old ids where a session continues an old one, and ids never seen before for the others."""
    old = {one.id: one for one in before.sessions}
    continued = _continued(before, after)
    taken, names = set(old), dict[str, str]()
    sessions = []
    for one in after.sessions:
        first = old.get(continued.get(one.id, ""))
        names[one.id] = first.id if first is not None else _unused(one, taken)
        taken.add(names[one.id])
        same = first is not None and set(first.therapists) == set(one.therapists)
        leaders = first.therapists if first is not None and same else one.therapists
        sessions.append(one.model_copy(update={"id": names[one.id], "therapists": leaders}))
    rank = {one.id: place for place, one in enumerate(before.sessions)}
    sessions.sort(key=lambda one: (rank.get(one.id, len(rank)), week.block_of[one.block].start, one.id))
    seats = tuple(Assignment(patient=seat.patient, session=names[seat.session]) for seat in after.assignments)
    return Timetable(sessions=tuple(sessions), assignments=seats)


def _unused(session: Session, taken: set[str]) -> str:
    number = 1
    while (name := f"{session.block}.{session.group}.{number}") in taken:
        number += 1
    return name


def _continued(before: Timetable, after: Timetable) -> dict[str, str]:
    """For each session of ``after`` the one of ``before`` that it continues, each at most once."""
    model = cp_model.CpModel()
    old, new = _rosters(before), _rosters(after)
    weight = len(after.assignments) + 1
    chosen: dict[tuple[str, str], cp_model.IntVar] = {}
    worth: list[cp_model.LinearExpr] = []
    for now in after.sessions:
        for first in before.sessions:
            likeness = _likeness(first, now, len(old[first.id] & new[now.id]), weight)
            if (first.block, first.group) == (now.block, now.group) and likeness:
                chosen[now.id, first.id] = model.new_bool_var(f"{now.id} continues {first.id}")
                worth.append(likeness * chosen[now.id, first.id])
    for one in after.sessions:
        model.add_at_most_one(var for (now, _), var in chosen.items() if now == one.id)
    for one in before.sessions:
        model.add_at_most_one(var for (_, first), var in chosen.items() if first == one.id)
    model.maximize(cp_model.LinearExpr.sum(worth))
    solver = _solved(model)
    return {} if solver is None else {now: first for (now, first), var in chosen.items() if solver.boolean_value(var)}


def _likeness(first: Session, now: Session, people: int, weight: int) -> int:
    shared = len(set(first.therapists) & set(now.therapists))
    same = set(first.therapists) == set(now.therapists)
    return people + weight * (shared + len(first.therapists) * same)


def _rosters(timetable: Timetable) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {one.id: set() for one in timetable.sessions}
    for seat in timetable.assignments:
        found[seat.session].add(seat.patient)
    return found


def _pairs(before: Timetable, found: Timetable) -> list[_Pair]:
    old, new = _rosters(before), _rosters(found)
    first = {one.id: one for one in before.sessions}
    return [
        _Pair(
            one,
            earlier,
            earlier is not None and earlier.therapists == one.therapists and new[one.id] <= old[earlier.id],
        )
        for one in found.sessions
        for earlier in [first.get(one.id)]
    ]


# ---- rooms -----------------------------------------------------------------------------------------------------------


def _rooms(week: Week, pairs: Sequence[_Pair], board: Board, rules: Sequence[Rule]) -> Mapping[str, str | None] | None:
    """A room for every session, the fewest changed; None without an answer, or where a room is missing anyway."""
    model = cp_model.CpModel()
    placed = [pair for pair in pairs if board.group(pair.now).needs_room]
    in_room = {
        (pair.now.id, room.id): model.new_bool_var(f"{pair.now.id} in {room.id}")
        for pair in placed
        for room in week.rooms
        if room.capacity >= board.size(pair.now)
        and all(
            rule.bars(week, room, target) is None
            for rule in rules
            for target in (board.block(pair.now), board.group(pair.now))
        )
    }
    for pair in placed:
        model.add_exactly_one(var for (one, _), var in in_room.items() if one == pair.now.id)
    _write_clashes(model, board, in_room)
    for pin in week.pins:
        if pin.room is not None:
            fits = [var for (one, room), var in in_room.items() if room == pin.room and _matches(board, pin, one)]
            model.add_bool_or(fits)
    wishes = [(key, worth) for pair in placed for key, worth in _wishes(pair, len(placed)) if key in in_room]
    model.maximize(cp_model.LinearExpr.sum([worth * in_room[key] for key, worth in wishes]))
    solver = _solved(model)
    if solver is None:
        return None
    rooms: dict[str, str | None] = {pair.now.id: None for pair in pairs}
    return rooms | {one: room for (one, room), var in in_room.items() if solver.boolean_value(var)}


def _wishes(pair: _Pair, sessions: int) -> list[tuple[tuple[str, str], int]]:
    """Rooms that the session would rather have, with what each is worth: the old one first, then the one at hand."""
    found = [((pair.now.id, pair.now.room or ""), 1)]
    if pair.before is not None and pair.before.room is not None:
        found.append(((pair.now.id, pair.before.room), (sessions + 1) ** (2 if pair.stays else 1)))
    return found


def _write_clashes(model: cp_model.CpModel, board: Board, in_room: Mapping[tuple[str, str], cp_model.IntVar]) -> None:
    """A room holds one session at a time."""
    for blocks in overlapping(board.week.blocks):
        ids = {block.id for block in blocks}
        for room in board.week.rooms:
            here = [
                var for (one, where), var in in_room.items() if where == room.id and board.session_of[one].block in ids
            ]
            model.add_at_most_one(here)


def _matches(board: Board, pin: Pin, session: str) -> bool:
    """Whether the session is all that the pin asks, its room apart."""
    one = board.session_of[session]
    return (
        pin.block in (None, one.block)
        and pin.group in (None, one.group)
        and (pin.patient is None or pin.patient in board.roster[session])
        and (pin.therapist is None or pin.therapist in one.therapists)
    )


def _solved(model: cp_model.CpModel) -> cp_model.CpSolver | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = STEADY_SECONDS
    solver.parameters.catch_sigint_signal = False
    return solver if solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
