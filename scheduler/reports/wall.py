"""The copy that may hang where strangers pass: rooms, times, group codes and headcounts, and nobody's name or id.

At a place known for treating addiction even somebody's presence may not be acknowledged without consent (42 CFR 2.13),
and a group's title tells what is treated; so neither people nor titles stand here, nor in a hidden corner of the file.
"""

from __future__ import annotations

from scheduler.domain.timetable import Session
from scheduler.reports.canvas import Book
from scheduler.reports.labels import Labels, group_codes
from scheduler.reports.report import Names, Report
from scheduler.reports.timetable import Face, draw, headcount


def add_wall(book: Book, report: Report) -> None:
    """Add the one sheet of the wall copy."""
    board = report.board
    labels = Labels(report.week, Names.IDS)
    codes = group_codes(report.week)

    def details(session: Session) -> str:
        return f"{labels.place(session)}\n{headcount(board, session)}"

    face = Face(
        title="Timetable of the week",
        about="n / max: people in the session and the most it may hold.",
        headline=lambda session: codes[session.group],
        details=details,
        legend=codes,
        notes={},
        size=12,
        squeeze=1.6,
    )
    draw(book.sheet("Timetable"), board, face, confidential=False)
