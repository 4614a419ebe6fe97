"""A plain table on a sheet of its own: head in row 1, rows below, filter, frozen head, ready for the printer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from scheduler.domain.clock import Day
from scheduler.domain.timetable import Board, Session
from scheduler.reports.canvas import BOXED, HEAD, Canvas, Look, Value
from scheduler.reports.labels import Labels
from scheduler.reports.report import Names

DAY_WIDTH = 15.0


@dataclass(frozen=True)
class Column:
    """A column: its head, its width in spreadsheet units and the look of its cells."""

    head: str
    width: float
    look: Look = BOXED


def draw_table(canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[Value]], *, freeze: str) -> int:
    """Write a table from row 1 on and set the sheet up for the printer. Returns the last row written."""
    canvas.put_row(1, [one.head for one in columns], HEAD)
    canvas.fit_row(1, [(one.head, one.width - 3) for one in columns], least=24)
    looks = [one.look for one in columns]
    for place, row in enumerate(rows, start=2):
        canvas.put_row(place, row, looks)
        texts = [
            (value, one.look.text_width(one.width))
            for value, one in zip(row, columns, strict=True)
            if isinstance(value, str)
        ]
        canvas.fit_row(place, texts)
    canvas.widths([one.width for one in columns])
    last = len(rows) + 1
    canvas.freeze(freeze)
    canvas.sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    canvas.page(rows=last, columns=len(columns), titles="1:1")
    return last


def days_used(board: Board) -> list[Day]:
    """The days on which some session runs."""
    return sorted({board.block(session).day for session in board.timetable.sessions})


def by_day(days: Iterable[Day], board: Board, sessions: Sequence[Session], labels: Labels, *, place: bool) -> list[str]:
    """For each day the sessions as lines: time and group, and where and how many if ``place``."""
    cells = []
    for day in days:
        mine = [one for one in sessions if board.block(one).day is day]
        cells.append("\n".join(_line(board, one, labels, place=place) for one in mine))
    return cells


def name_column(names: Names, width: float) -> list[Column]:
    """A column for what stands for the person, beside the id; none where ids alone are wanted."""
    return [] if names is Names.IDS else [Column("Name", width)]


def named(names: Names, label: str) -> list[str]:
    """The cell that goes with `name_column`."""
    return [] if names is Names.IDS else [label]


def _line(board: Board, session: Session, labels: Labels, *, place: bool) -> str:
    line = f"{board.block(session).clock} {labels.group(session.group)}"
    return f"{line} ({labels.place(session)}, {board.size(session)})" if place else line
