"""The sheet `Rosters`: a sign-in list for each session, a page each.

A sign-in sheet may hold names, but nothing that tells why somebody comes (HHS, HIPAA FAQ 199, "May physicians' offices
use patient sign-in sheets"). A group's title beside a name is such a reason, so the page shows the group's neutral
code, the same as on the wall, and never the group's name. A session's id is made of its group's: where that one tells,
the page is numbered instead. The agenda, and an id that is not shown above, are for staff and stand under a line to
fold at.
"""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.timetable import Board, Session
from scheduler.reports.canvas import (
    BOXED,
    HEAD,
    HEADER_MARGIN_INCHES,
    PLAIN,
    POINTS_PER_INCH,
    QUIET,
    TITLE,
    Book,
    Canvas,
    Look,
)
from scheduler.reports.frames import in_order
from scheduler.reports.labels import Labels, group_codes
from scheduler.reports.report import Report
from scheduler.reports.text import height_of, lines_needed

HEADS = ("", "Name", "Signature", "Time in", "Time out")
WIDTHS = (5.0, 36.0, 34.0, 11.0, 11.0)
LETTER_LENGTH_INCHES = 11.0
TALLEST_LINE, LOWEST_LINE = 27.0, 14.5
SPARE_POINTS = 14.0

LARGE = Look(size=11, down="center")
LISTED = BOXED.but(size=11, wrap=False, shrink=True)
FOLD = Look(size=8, italic=True, ink=QUIET, lines="under", wrap=False)


@dataclass(frozen=True)
class _Piece:
    """One line of a page: its height, and what it writes in the first columns."""

    points: float
    text: str = ""
    look: Look = PLAIN


def add_rosters(book: Book, report: Report, labels: Labels) -> None:
    """Add the sheet `Rosters`, in order of time."""
    canvas = book.sheet("Rosters")
    canvas.widths(WIDTHS)
    codes = group_codes(report.week)
    row = 1
    for number, session in enumerate(in_order(report.board), start=1):
        code = codes[session.group]
        shown = session.id if code == session.group else str(number)
        row = _draw_page(canvas, report.board, labels, session, f"Session {shown}   Group {code}", row)
        canvas.break_after(row - 1)
    if row == 1:
        canvas.put(1, 1, "No session runs this week.", TITLE)
        row = 2
    canvas.page(rows=row - 1, columns=len(WIDTHS), landscape=False, fit=False)


def _draw_page(canvas: Canvas, board: Board, labels: Labels, session: Session, mark: str, row: int) -> int:
    """Draw one session's page from ``row`` on, with the mark that tells it from others; gives the first row after."""
    top, bottom = _top(board, labels, session, mark), _bottom(board, labels, session, mark)
    patients = _listed(board, labels, session)
    fixed = sum(piece.points for piece in (*top, *bottom)) + 20
    line = _line_points(fixed, len(patients))
    row = _draw_pieces(canvas, top, row)
    canvas.put_row(row, HEADS, HEAD.but(size=10))
    canvas.height(row, 20)
    for place, name in enumerate(patients, start=1):
        canvas.put_row(row + place, [place, name, None, None, None], [LISTED.but(across="center"), *[LISTED] * 4])
        canvas.height(row + place, line)
    return _draw_pieces(canvas, bottom, row + len(patients) + 1)


def _top(board: Board, labels: Labels, session: Session, mark: str) -> list[_Piece]:
    block = board.block(session)
    lines = (
        f"Where: {labels.place(session)}",
        f"Led by: {labels.facilitators(session)}",
        f"{mark}   Listed: {board.size(session)}",
    )
    return [
        _Piece(30, f"Sign-in   {block.day.name.capitalize()} {block.clock}", TITLE),
        *(_sized(text, LARGE) for text in lines),
        _Piece(10),
    ]


def _bottom(board: Board, labels: Labels, session: Session, mark: str) -> list[_Piece]:
    agenda = [f"{item.title}, {item.minutes} min" for item in board.group(session).agenda]
    notes = [_sized("Agenda: " + labels.free_text("; ".join(agenda)), PLAIN)] if agenda else []
    if not mark.startswith(f"Session {session.id} "):
        notes.append(_sized(f"Session {session.id}", PLAIN))
    signed = _Piece(
        30, "Present: ______     Facilitator's signature: ______________________________", LARGE.but(wrap=False)
    )
    return [signed, _Piece(14, "For staff: fold back along this line before the list goes round", FOLD), *notes]


def _sized(text: str, look: Look) -> _Piece:
    lines = lines_needed(text, sum(WIDTHS), look.size)
    return _Piece(height_of(lines, look.size) + 2, text, look if lines > 1 else look.but(wrap=False))


def _listed(board: Board, labels: Labels, session: Session) -> list[str]:
    """The labels of those listed, in the order in which people look for themselves."""
    return sorted(
        (labels.patient(one) for one in board.roster[session.id]), key=lambda label: (label.casefold(), label)
    )


def _line_points(fixed: float, patients: int) -> float:
    page = (LETTER_LENGTH_INCHES - 2 * HEADER_MARGIN_INCHES) * POINTS_PER_INCH - SPARE_POINTS
    return round(min(max((page - fixed) / max(patients, 1), LOWEST_LINE), TALLEST_LINE), 1)


def _draw_pieces(canvas: Canvas, pieces: list[_Piece], row: int) -> int:
    for piece in pieces:
        for column in range(1, len(WIDTHS) + 1):
            canvas.put(row, column, piece.text if column == 1 else None, piece.look)
        if piece.look.wrap and piece.text:  # a single line runs on over the empty cells beside it
            canvas.merge(row, 1, row, len(WIDTHS))
        canvas.height(row, piece.points)
        row += 1
    return row
