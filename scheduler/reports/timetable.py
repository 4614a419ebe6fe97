"""The week on one sheet: days across, times of day down, a cell a session. Also drawn for the copy on the wall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.clock import Day, clock_text, hours_text
from scheduler.domain.timetable import Board, Session
from scheduler.reports.canvas import (
    HEAD,
    HEADER_MARGIN_INCHES,
    HINT,
    INK,
    POINTS_PER_INCH,
    QUIET,
    SMALL,
    TITLE,
    VOID_FILL,
    Book,
    Canvas,
    Look,
)
from scheduler.reports.frames import in_order, seats_offered
from scheduler.reports.labels import Labels
from scheduler.reports.palette import fills
from scheduler.reports.remarks import notes_by_session
from scheduler.reports.report import Report

SESSION_LOOK = Look(size=9, lines="box", across="center", down="center", ink=INK)
EMPTY_LOOK = Look(size=SMALL, italic=True, ink=QUIET, lines="box", across="center", down="center")
VOID_LOOK = EMPTY_LOOK.but(fill=VOID_FILL)
TIME_LOOK = Look(size=10, bold=True, lines="box", across="center", down="center")
LEGEND_LOOK = Look(size=SMALL, lines="box", across="center", down="center")

HEAD_ROW = 3
TIME_COLUMN_WIDTH = 13.0
PAGE_WIDTH_UNITS = 133.0
"""Spreadsheet units that fill a landscape letter page at full size (10.2 in of 96 dpi, 7 pixels a unit)."""
NARROWEST_DAY, WIDEST_DAY = 19.0, 27.0
LETTER_HEIGHT_INCHES = 8.5
LEAST_ROW = 18.0

Band = tuple[int, int]
"""A start and an end in minutes of the day that some block of the week has."""


@dataclass(frozen=True)
class Face:
    """What the sheet shows of a session, and how the sheet is titled."""

    title: str
    about: str
    headline: Callable[[Session], str]
    details: Callable[[Session], str]
    legend: Mapping[str, str]
    notes: Mapping[str, str]


def add_timetable(book: Book, report: Report, labels: Labels) -> None:
    """Add the staff's timetable."""
    board = report.board

    def details(session: Session) -> str:
        return "\n".join((labels.facilitators(session), labels.place(session), headcount(board, session)))

    counts = report.verification.figures
    face = Face(
        title="Timetable of the week",
        about=f"{counts.sessions} sessions, {counts.assignments} seats taken, {counts.patients} patients. "
        "n / max: patients in the session and the most it may hold.",
        headline=lambda session: labels.group(session.group),
        details=details,
        legend={one.id: labels.group(one.id) for one in report.week.groups},
        notes=notes_by_session(report),
    )
    draw(book.sheet("Timetable"), board, face, confidential=True)


def headcount(board: Board, session: Session) -> str:
    """``9 / 12``; only the size where nothing limits it."""
    most = seats_offered(board, session)
    size = board.size(session)
    return f"{size} / {most}" if most is not None else str(size)


def draw(canvas: Canvas, board: Board, face: Face, *, confidential: bool) -> None:
    """Draw the grid of a week with its legend, and set it up for the printer."""
    days, bands = _days(board), _bands(board)
    width = _day_width(len(days))
    canvas.widths([TIME_COLUMN_WIDTH, *[width] * len(days)])
    columns = 1 + max(len(days), 1)
    canvas.put(1, 1, face.title, TITLE)
    canvas.height(1, 24)
    canvas.put(2, 1, face.about, HINT)
    canvas.put_row(HEAD_ROW, ["Time", *(day.name.capitalize() for day in days)], HEAD)
    canvas.height(HEAD_ROW, 18)
    pager = _Pager(_page_points(columns, width))
    row = HEAD_ROW + 1
    for band in bands:
        row = _draw_band(canvas, board, face, band, bands, days, row, pager, width)
    last = _draw_legend(canvas, board, face, row + 1, len(days), width)
    canvas.freeze(f"B{HEAD_ROW + 1}")
    canvas.page(rows=last, columns=columns, titles=f"{HEAD_ROW}:{HEAD_ROW}", confidential=confidential)


class _Pager:
    """Keeps account of how much of a printed page is used."""

    def __init__(self, page: float) -> None:
        self.page = page
        self.used = 44.0

    def fits(self, points: float) -> bool:
        return self.used + points <= self.page

    def turn(self) -> None:
        self.used = 20.0

    def add(self, points: float) -> None:
        self.used += points


def _page_points(columns: int, width: float) -> float:
    units = TIME_COLUMN_WIDTH + (columns - 1) * width
    shrink = max(units / PAGE_WIDTH_UNITS, 1.0)
    return (LETTER_HEIGHT_INCHES - 2 * HEADER_MARGIN_INCHES) * POINTS_PER_INCH * shrink * 0.97


def _day_width(days: int) -> float:
    return min(max((PAGE_WIDTH_UNITS - TIME_COLUMN_WIDTH) / max(days, 1), NARROWEST_DAY), WIDEST_DAY)


def _days(board: Board) -> list[Day]:
    return sorted({block.day for block in board.week.blocks})


def _bands(board: Board) -> list[Band]:
    return sorted({_band_of(board, block.id) for block in board.week.blocks})


def _band_of(board: Board, block: str) -> Band:
    found = board.week.block_of[block]
    return found.time_of_day, found.time_of_day + found.minutes


def _stacks(board: Board, band: Band) -> dict[Day, list[Session]]:
    stacks: dict[Day, list[Session]] = defaultdict(list)
    for session in in_order(board):
        if _band_of(board, session.block) == band:
            stacks[board.block(session).day].append(session)
    return stacks


def _draw_band(
    canvas: Canvas,
    board: Board,
    face: Face,
    band: Band,
    bands: Sequence[Band],
    days: Sequence[Day],
    row: int,
    pager: _Pager,
    width: float,
) -> int:
    stacks = _stacks(board, band)
    open_days = {block.day for block in board.week.blocks if _band_of(board, block.id) == band}
    deep = max((len(stack) for stack in stacks.values()), default=1)
    colours = fills([one.id for one in board.week.groups])
    texts = [
        [
            (f"{face.headline(s)}\n{face.details(s)}", width)
            for stack in stacks.values()
            for s in stack[level : level + 1]
        ]
        for level in range(deep)
    ]
    heights = [canvas.fit_row(row + level, texts[level], least=LEAST_ROW) for level in range(deep)]
    starts = _page_starts(canvas, pager, row, heights)
    for level in range(deep):
        for place, day in enumerate(days):
            stack = stacks.get(day, [])
            if level < len(stack):
                _draw_session(canvas, face, stack[level], row + level, 2 + place, colours)
            elif day not in open_days:
                canvas.put(row + level, 2 + place, None, VOID_LOOK)
            else:
                canvas.put(row + level, 2 + place, "no session" if not stack else None, EMPTY_LOOK)
    for start, end in zip(starts, [*starts[1:], row + deep], strict=True):
        label = _band_label(band, bands) + ("\n(continued)" if start > row else "")
        for below in range(start, end):
            canvas.put(below, 1, label if below == start else None, TIME_LOOK)
        canvas.merge(start, 1, end - 1, 1)
    return row + deep


def _draw_session(
    canvas: Canvas, face: Face, session: Session, row: int, column: int, colours: Mapping[str, str]
) -> None:
    look = SESSION_LOOK.but(fill=colours[session.group])
    canvas.put_lines(row, column, face.headline(session), face.details(session), look)
    if session.id in face.notes:
        canvas.note(row, column, face.notes[session.id])


def _page_starts(canvas: Canvas, pager: _Pager, row: int, heights: Sequence[float]) -> list[int]:
    """Turn the page before the band where it would not fit whole, and inside it where it is taller than a page."""
    if not pager.fits(sum(heights)) and row > HEAD_ROW + 1:
        canvas.break_after(row - 1)
        pager.turn()
    starts = [row]
    for level, points in enumerate(heights):
        if level and not pager.fits(points):
            canvas.break_after(row + level - 1)
            pager.turn()
            starts.append(row + level)
        pager.add(points)
    return starts


def _band_label(band: Band, bands: Sequence[Band]) -> str:
    start, end = band
    label = f"{clock_text(start)}-{clock_text(end)}\n{hours_text(end - start)}"
    crossing = [f"{clock_text(a)}-{clock_text(b)}" for a, b in bands if (a, b) != band and a < end and start < b]
    return label + ("\noverlaps " + ", ".join(crossing) if crossing else "")


def _draw_legend(canvas: Canvas, board: Board, face: Face, row: int, across: int, width: float) -> int:
    colours = fills([one.id for one in board.week.groups])
    canvas.put(row, 1, "Groups", TIME_LOOK.but(lines="none"))
    entries = [(f"{face.legend[one.id]} ({len(board.of_group(one.id))})", colours[one.id]) for one in board.week.groups]
    across = max(across, 1)
    for place, (text, fill) in enumerate(entries):
        canvas.put(row + place // across, 2 + place % across, text, LEGEND_LOOK.but(fill=fill))
    rows = -(-len(entries) // across)
    for line in range(rows):
        canvas.fit_row(row + line, [(text, width) for text, _ in entries[line * across : (line + 1) * across]])
    return row + max(rows, 1) - 1
