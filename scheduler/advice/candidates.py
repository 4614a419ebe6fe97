"""A change of a week that might serve more: what it does to the rows, and whether a timetable makes use of it.

Every candidate only allows more: a timetable of the week stays one of the changed week. So a week with many candidates
made at once is never worse than with one of them, and what is proven of many holds for each.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from scheduler.domain.advice import Change
from scheduler.domain.clock import Span, TimeSet
from scheduler.domain.timetable import Board, Session
from scheduler.domain.types import Frozen, Id
from scheduler.domain.week import Block, Week

Table = Literal["patients", "therapists", "groups", "rooms", "blocks", "program"]


class Candidate(Frozen):
    """A change with what it does: ``step`` is added to one field of one row.

    A number is added, an id is put into a set of ids, a span of time is joined to times. In ``blocks`` the row is new
    and the span its time; in ``program`` the row is a kind of group and the field its cap.
    """

    change: Change
    table: Table
    row: Id
    field: str
    step: int | str | Span

    @property
    def owner(self) -> tuple[str, str]:
        """Whose row it changes; candidates of one owner are tried together first."""
        return self.table, self.row


def changed(week: Week, candidates: Iterable[Candidate]) -> Week:
    """The week with all of the candidates made at once.

    Raises:
        ValueError: if a candidate names a row that the week lacks, or the changed week does not hold together.
    """
    steps: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for one in candidates:
        steps[one.table][one.row].append(one)
    update: dict[str, Any] = {}
    for table, rows in steps.items():
        if table == "program":
            update[table] = week.program.model_copy(update={"group_caps": _raised(week.program.group_caps, rows)})
        elif table == "blocks":
            update[table] = _with_blocks(week, [one for found in rows.values() for one in found])
        else:
            missing = rows.keys() - {one.id for one in getattr(week, table)}
            if missing:
                raise ValueError(f"the week has no {', '.join(sorted(missing))} among its {table}")
            update[table] = tuple(_stepped(one, rows.get(one.id, ())) for one in getattr(week, table))
    return week.model_copy(update=update)


def _stepped(row: Any, candidates: Iterable[Candidate]) -> Any:
    fields: dict[str, Any] = {}
    for one in candidates:
        fields[one.field] = _sum(fields.get(one.field, getattr(row, one.field)), one.step)
    return row.model_copy(update=fields) if fields else row


def _sum(value: Any, step: int | str | Span) -> Any:
    if isinstance(step, int):
        return value + step
    return value | {step} if isinstance(step, str) else value | TimeSet.of([step])


def _raised(caps: Mapping[Any, int], rows: Mapping[str, list[Candidate]]) -> dict[Any, int]:
    return {kind: cap + sum(_number(one) for one in rows.get(kind, ())) for kind, cap in caps.items()}


def _number(one: Candidate) -> int:
    return one.step if isinstance(one.step, int) else 0


def _with_blocks(week: Week, candidates: Iterable[Candidate]) -> tuple[Block, ...]:
    new = [Block(id=one.row, start=span[0], end=span[1]) for one in candidates if (span := _span(one))]
    return tuple(sorted((*week.blocks, *new), key=lambda block: (block.start, block.end)))


def _span(one: Candidate) -> Span:
    return one.step if isinstance(one.step, tuple) else (0, 0)


# ---- what a timetable makes use of ----


def used(week: Week, board: Board, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates that a timetable of a changed week seems to need, as far as each can be told by itself.

    Whoever relies on it checks the timetable against the week with only these made.

    Args:
        week: the week as it is.
        board: a timetable of the week with the candidates made.
        candidates: which.
    """
    return tuple(one for one in candidates if _USES[one.table](week, board, one))


def _patient_uses(week: Week, board: Board, one: Candidate) -> bool:
    patient, sessions = week.patient_of[one.row], board.of_patient(one.row)
    if one.field == "free":
        return _is_beyond(board, sessions, patient.free, _span(one))
    if one.field == "max_blocks":
        return len(sessions) > patient.max_blocks
    return board.minutes_of(one.row) > patient.max_minutes


def _therapist_uses(week: Week, board: Board, one: Candidate) -> bool:
    therapist, sessions = week.therapist_of[one.row], board.of_therapist(one.row)
    if one.field == "free":
        return _is_beyond(board, sessions, therapist.free, _span(one))
    if one.field == "groups":
        return any(session.group == one.step for session in sessions)
    if one.field == "max_blocks":
        return therapist.max_blocks is not None and len(sessions) > therapist.max_blocks
    days = Counter(board.block(session).day for session in sessions)
    return therapist.max_blocks_per_day is not None and max(days.values(), default=0) > therapist.max_blocks_per_day


def _group_uses(week: Week, board: Board, one: Candidate) -> bool:
    group, sessions = week.group_of[one.row], board.of_group(one.row)
    if one.field == "times":
        return group.times is not None and _is_beyond(board, sessions, group.times, _span(one))
    if one.field == "max_sessions":
        return group.max_sessions is not None and len(sessions) > group.max_sessions
    sizes = [board.size(session) for session in sessions]
    if one.field == "min_size":
        return min(sizes, default=group.min_size) < group.min_size
    return group.max_size is not None and max(sizes, default=0) > group.max_size


def _room_uses(week: Week, board: Board, one: Candidate) -> bool:
    room, sessions = week.room_of[one.row], board.of_room(one.row)
    if one.field == "free":
        return _is_beyond(board, sessions, room.free, _span(one))
    return any(board.size(session) > room.capacity for session in sessions)


def _block_is_used(_: Week, board: Board, one: Candidate) -> bool:
    return any(session.block == one.row for session in board.timetable.sessions)


def _cap_is_used(week: Week, board: Board, one: Candidate) -> bool:
    caps = {kind: cap for kind, cap in week.program.group_caps.items() if kind == one.row}
    return any(board.size(session) > cap for cap in caps.values() for session in _of_kind(board, one.row))


def _of_kind(board: Board, kind: str) -> Iterable[Session]:
    return (session for session in board.timetable.sessions if board.group(session).kind == kind)


def _is_beyond(board: Board, sessions: Iterable[Session], free: TimeSet, span: Span) -> bool:
    """Whether one of the sessions lies outside the old times and touches the new span."""
    blocks = (board.block(session) for session in sessions)
    return any(
        block.start < span[1] and span[0] < block.end and not free.covers(block.start, block.end) for block in blocks
    )


_USES: Mapping[str, Callable[[Week, Board, Candidate], bool]] = {
    "patients": _patient_uses,
    "therapists": _therapist_uses,
    "groups": _group_uses,
    "rooms": _room_uses,
    "blocks": _block_is_used,
    "program": _cap_is_used,
}
