"""The copy that may hang where strangers pass: rooms, times, group codes and headcounts, and nobody's name or id.

At a place known for treating addiction even somebody's presence may not be acknowledged without consent (42 CFR 2.13),
and a group's title tells what is treated; so neither people nor titles stand here, nor in a hidden corner of the file.
"""

from __future__ import annotations

import re

from scheduler.domain.timetable import Session
from scheduler.domain.week import Week
from scheduler.reports.canvas import Book
from scheduler.reports.labels import Labels, group_codes
from scheduler.reports.report import Names, Report
from scheduler.reports.timetable import Face, draw, headcount


def add_wall(book: Book, report: Report) -> None:
    """Add the one sheet of the wall copy."""
    board, week = report.board, report.week
    codes = group_codes(week)
    rooms = _room_labels(week)
    labels = Labels(week, Names.IDS)

    def details(session: Session) -> str:
        place = rooms[session.room] if session.room is not None else labels.place(session)
        return f"{place}\n{headcount(board, session)}"

    face = Face(
        title="Timetable of the week",
        about="n / max: people in the session and the most it may hold.",
        headline=lambda session: codes[session.group],
        details=details,
        legend={},
        notes={},
        size=12,
        squeeze=1.6,
    )
    draw(book.sheet("Timetable"), board, face, confidential=False)


def _room_labels(week: Week) -> dict[str, str]:
    """Each room's name, unless a word of it is somebody's name ("Dr. Lee's office"): then its id, or its number."""
    names = [one.name for one in week.patients] + [one.name for one in week.therapists]
    known = {word for name in names for word in _words(name) if len(word) > 1}
    labels = {}
    for place, room in enumerate(week.rooms, start=1):
        choices = [text for text in (room.name.strip(), room.id) if text and not known & _words(text)]
        labels[room.id] = choices[0] if choices else f"Room {place}"
    return labels


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.casefold()))
