"""The sheets `Sessions` and `Assignments`: what comes out goes back in."""

from __future__ import annotations

import pandas as pd
from openpyxl.utils import get_column_letter

from scheduler.reports.canvas import BODY, HEAD, IDENTIFIER, NUMBER, Book, Look, Value
from scheduler.reports.frames import assignments_frame, sessions_frame
from scheduler.reports.report import Report
from scheduler.reports.text import width_for

NUMBER_COLUMNS = ("Size", "Max size", "Hours")
_NARROWEST, _WIDEST = 7.0, 34.0
_SAMPLE = 400


def add_machine_sheets(book: Book, report: Report) -> None:
    """Add both sheets, exactly as the design lists their columns."""
    _add(book, "Sessions", sessions_frame(report.week, report.timetable))
    _add(book, "Assignments", assignments_frame(report.week, report.timetable))


def _add(book: Book, title: str, frame: pd.DataFrame) -> None:
    canvas = book.sheet(title)
    names = list(frame.columns)
    looks: list[Look] = [NUMBER if name in NUMBER_COLUMNS else IDENTIFIER for name in names]
    canvas.put_row(1, names, HEAD.but(wrap=False))
    rows = list(zip(*(_plain(frame[name]) for name in names), strict=True))
    for place, row in enumerate(rows, start=2):
        canvas.put_row(place, row, looks)
    canvas.widths([_width(name, _plain(frame[name])) for name in names])
    canvas.freeze("A2")
    last = len(rows) + 1
    canvas.sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{last}"
    canvas.page(rows=last, columns=len(names), titles="1:1")


def _plain(column: pd.Series) -> list[Value]:
    return [None if pd.isna(one) else one for one in column.tolist()]


def _width(name: str, column: list[Value]) -> float:
    texts = [str(one) for one in column[:_SAMPLE] if one is not None]
    return max(
        width_for(texts, BODY, least=_NARROWEST, most=_WIDEST),
        width_for([name + "  ▾"], BODY, least=_NARROWEST, most=_WIDEST, bold=True),
    )
