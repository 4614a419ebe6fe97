"""The two tables that machines read (design: output), as data frames. Ids stand in them, never names."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduler.domain.clock import clock_text
from scheduler.domain.timetable import Board, Session, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Block, Week

SESSION_COLUMNS = (
    "Session",
    "Block",
    "Day",
    "Start",
    "End",
    "Group",
    "Therapist",
    "Second therapist",
    "Room",
    "Modality",
    "Size",
    "Max size",
)
ASSIGNMENT_COLUMNS = ("Patient", "Session", "Block", "Day", "Start", "End", "Group", "Therapist", "Room", "Hours")


def sessions_frame(week: Week, timetable: Timetable) -> pd.DataFrame:
    """A row for each session, in order of time, then of the group's place in its sheet, then of id.

    ``Size`` counts patients; ``Max size`` is the tightest of the group's, the kind's cap and the room's capacity, empty
    when nothing limits it. A third facilitator would follow the second in the same cell, after a semicolon.
    """
    board = Board(week, timetable)
    frame = pd.DataFrame([_session_row(board, one) for one in in_order(board)], columns=list(SESSION_COLUMNS))
    return frame.astype({"Size": "int64", "Max size": "Int64"})


def assignments_frame(week: Week, timetable: Timetable) -> pd.DataFrame:
    """A row for each patient in each session, in the order of the patients' sheet, then of time.

    ``Therapist`` is the one named first in the session. ``Hours`` is the length of the block.
    """
    board = Board(week, timetable)
    rows = [_seat_row(board, one.id, session) for one in week.patients for session in board.of_patient(one.id)]
    return pd.DataFrame(rows, columns=list(ASSIGNMENT_COLUMNS)).astype({"Hours": "float64"})


def in_order(board: Board) -> list[Session]:
    """All sessions in order of time, then of the group's place in its sheet, then of id."""
    rank = {one.id: place for place, one in enumerate(board.week.groups)}

    def key(session: Session) -> tuple[int, int, str, int, str]:
        block = board.block(session)
        return block.start, block.end, block.id, rank[session.group], session.id

    return sorted(board.timetable.sessions, key=key)


def seats_offered(board: Board, session: Session) -> int | None:
    """The most patients that the session may hold: the tightest of group, kind and room; None without a limit."""
    room = board.week.room_of.get(session.room or "")
    limits = [n for n in (board.week.size_cap(board.group(session)), room.capacity if room else None) if n is not None]
    return min(limits, default=None)


def _when(block: Block) -> list[str]:
    return [block.id, block.day.short, clock_text(block.start - block.day.start), clock_text(block.end)]


def _session_row(board: Board, session: Session) -> list[Any]:
    group = board.group(session)
    return [
        session.id,
        *_when(board.block(session)),
        session.group,
        next(iter(session.therapists), ""),
        "; ".join(session.therapists[1:]),
        session.room or "",
        group.modality,
        board.size(session),
        seats_offered(board, session),
    ]


def _seat_row(board: Board, patient: str, session: Session) -> list[Any]:
    block = board.block(session)
    return [
        patient,
        session.id,
        *_when(block),
        session.group,
        next(iter(session.therapists), ""),
        session.room or "",
        block.minutes / MINUTES_PER_HOUR,
    ]
