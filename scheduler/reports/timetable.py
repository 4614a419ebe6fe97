"""The week on one sheet: days across, times of day down, a cell a session. Also drawn for the copy on the wall."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.clock import Day, clock_text, hours_text
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Block
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
    row_points,
)
from scheduler.reports.frames import in_order, seats_offered
from scheduler.reports.labels import Labels
from scheduler.reports.palette import fills
from scheduler.reports.remarks import notes_by_session
from scheduler.reports.report import Report
from scheduler.reports.text import height_of, lines_needed

SESSION_LOOK = Look(lines="box", across="center", down="center", ink=INK)
EMPTY_LOOK = Look(size=SMALL, italic=True, ink=QUIET, lines="box", across="center", down="center")
VOID_LOOK = EMPTY_LOOK.but(fill=VOID_FILL)
TIME_LOOK = Look(size=10, lines="box", across="center", down="center")
LEGEND_LOOK = Look(size=SMALL, lines="box", across="center", down="center")

HEAD_ROW = 3
TITLE_POINTS, ABOUT_POINTS, HEAD_POINTS = 24.0, 14.0, 18.0
TOP_POINTS = TITLE_POINTS + ABOUT_POINTS + HEAD_POINTS
TIME_WIDTH = 13.0
PAGE_UNITS = 133.0
"""Spreadsheet units that fill a landscape letter page at full size (10.2 in of 96 dpi, 7 pixels a unit)."""
NARROWEST_DAY, WIDEST_DAY = 19.0, 27.0
LETTER_HEIGHT_INCHES = 8.5
SPARE_POINTS = 16.0
LEAST_ROW = 18.0
MOST_OVERLAPS = 3
"""Crossing times named under a time of day; more would crowd the cell."""

Band = tuple[int, int]
"""A start and an end in minutes of the day that some block of the week has."""


@dataclass(frozen=True)
class Face:
    """What the sheet shows of a session, and how the sheet is titled.

    ``squeeze``: a grid that is at most so many pages long is shrunk to one.
    """

    title: str
    about: str
    headline: Callable[[Session], str]
    details: Callable[[Session], str]
    legend: Mapping[str, str]
    notes: Mapping[str, str]
    size: float = 9.0
    squeeze: float = 1.25


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
        notes={one: labels.free_text(text) for one, text in notes_by_session(report).items()},
    )
    draw(book.sheet("Timetable"), board, face, confidential=True)


def headcount(board: Board, session: Session) -> str:
    """``9 / 12``; only the size where nothing limits it."""
    most = seats_offered(board, session)
    size = board.size(session)
    return f"{size} / {most}" if most is not None else str(size)


def draw(canvas: Canvas, board: Board, face: Face, *, confidential: bool) -> None:
    """Draw the grid of a week with its legend, and set it up for the printer."""
    grid = _Grid(canvas, board, face)
    grid.head()
    for band in grid.bands:
        grid.band(band)
    grid.legend()
    canvas.freeze(f"B{HEAD_ROW + 1}")
    titles = f"{HEAD_ROW}:{HEAD_ROW}"
    canvas.page(rows=grid.row - 1, columns=grid.columns, titles=titles, single=grid.single, confidential=confidential)


class _Grid:
    """The sheet being drawn from top to bottom; ``row`` is the next free row."""

    def __init__(self, canvas: Canvas, board: Board, face: Face) -> None:
        self.canvas = canvas
        self.board = board
        self.face = face
        self.row = 1
        self.days = sorted({block.day for block in board.week.blocks})
        self.bands = sorted({_band_of(block) for block in board.week.blocks})
        self.open = {(_band_of(block), block.day) for block in board.week.blocks}
        self.stacks: dict[tuple[Band, Day], list[Session]] = defaultdict(list)
        for session in in_order(board):
            block = board.block(session)
            self.stacks[_band_of(block), block.day].append(session)
        self.columns = 1 + max(len(self.days), 1)
        self.day_width = min(max((PAGE_UNITS - TIME_WIDTH) / (self.columns - 1), NARROWEST_DAY), WIDEST_DAY)
        self.colours = fills([one.id for one in board.week.groups])
        self.heights = {band: self._heights(band) for band in self.bands}
        page = self._page_points()
        whole = TOP_POINTS + sum(map(sum, self.heights.values())) + LEAST_ROW * (2 + len(self.colours) / self.columns)
        self.single = whole <= page * face.squeeze
        self.pager = _Pager(math.inf if self.single else page)

    def head(self) -> None:
        """The title, what the figures mean, and the days."""
        self.canvas.widths([TIME_WIDTH, *[self.day_width] * (self.columns - 1)])
        self.canvas.put(1, 1, self.face.title, TITLE)
        self.canvas.height(1, TITLE_POINTS)
        self.canvas.put(2, 1, self.face.about, HINT)
        self.canvas.put_row(HEAD_ROW, ["Time", *(day.short for day in self.days)], HEAD)
        self.canvas.height(HEAD_ROW, HEAD_POINTS)
        self.pager.add(TOP_POINTS)
        self.row = HEAD_ROW + 1

    def band(self, band: Band) -> None:
        """The rows of one time of day, as many as its busiest day has sessions."""
        first, deep = self.row, len(self.heights[band])
        clock, about = self._label(band)
        starts = self._page_starts(self.heights[band])
        for level, points in enumerate(self.heights[band]):
            self.canvas.height(first + level, points)
            for place, day in enumerate(self.days):
                self._cell(band, day, level, 2 + place)
        for start, end in zip(starts, [*starts[1:], first + deep], strict=True):
            for below in range(start + 1, end):
                self.canvas.put(below, 1, None, TIME_LOOK)
            self.canvas.put_lines(start, 1, clock, about if start == first else "(continued)", TIME_LOOK)
            self.canvas.merge(start, 1, end - 1, 1)
        self.row = first + deep

    def legend(self) -> None:
        """Which colour is which group, and how many sessions it has; nothing where the cells say it all."""
        if not self.face.legend:
            return
        self.row += 1
        across = self.columns - 1
        self.canvas.put(self.row, 1, "Groups", TIME_LOOK.but(lines="none", bold=True))
        groups = self.board.week.groups
        entries = [(f"{self.face.legend[one.id]} ({len(self.board.of_group(one.id))})", one.id) for one in groups]
        for start in range(0, len(entries), across):
            line = entries[start : start + across]
            for place, (text, group) in enumerate(line):
                self.canvas.put(self.row, 2 + place, text, LEGEND_LOOK.but(fill=self.colours[group]))
            self.canvas.fit_row(self.row, [(text, self.day_width) for text, _ in line], size=LEGEND_LOOK.size)
            self.row += 1

    def _cell(self, band: Band, day: Day, level: int, column: int) -> None:
        row, stack = self.row + level, self.stacks[band, day]
        if level < len(stack):
            session = stack[level]
            look = SESSION_LOOK.but(fill=self.colours[session.group], size=self.face.size)
            self.canvas.put_lines(row, column, self.face.headline(session), self.face.details(session), look)
            if session.id in self.face.notes:
                self.canvas.note(row, column, self.face.notes[session.id])
        elif (band, day) in self.open:
            self.canvas.put(row, column, None if stack or level else "no session", EMPTY_LOOK)
        else:
            self.canvas.put(row, column, None, VOID_LOOK)

    def _heights(self, band: Band) -> list[float]:
        """Row heights of a band, as many as its busiest day has sessions."""
        deep = max(1, *(len(self.stacks[band, day]) for day in self.days))
        label_lines = lines_needed("\n".join(self._label(band)), TIME_WIDTH, TIME_LOOK.size, bold=True)
        least = max(LEAST_ROW, height_of(label_lines, TIME_LOOK.size) / deep)
        heights = []
        for level in range(deep):
            sessions = [s for day in self.days for s in self.stacks[band, day][level : level + 1]]
            texts = [(f"{self.face.headline(s)}\n{self.face.details(s)}", self.day_width) for s in sessions]
            heights.append(row_points(texts, size=self.face.size, least=least, bold=True))
        return heights

    def _page_points(self) -> float:
        """Height of a printed page in points, at the scale at which the sheet is one page wide."""
        shrink = max((TIME_WIDTH + (self.columns - 1) * self.day_width) / PAGE_UNITS, 1.0)
        return (LETTER_HEIGHT_INCHES - 2 * HEADER_MARGIN_INCHES) * POINTS_PER_INCH * shrink - SPARE_POINTS

    def _page_starts(self, heights: Sequence[float]) -> list[int]:
        """Turn the page before a band that would fit whole on the next, and inside one that is taller than a page."""
        if self.row > HEAD_ROW + 1 and self.pager.should_turn_before(sum(heights)):
            self._turn(self.row)
        starts = [self.row]
        for row, points in enumerate(heights, start=self.row):
            if row > self.row and not self.pager.fits(points):
                self._turn(row)
                starts.append(row)
            self.pager.add(points)
        return starts

    def _turn(self, row: int) -> None:
        self.canvas.break_after(row - 1)
        self.pager.used = HEAD_POINTS

    def _label(self, band: Band) -> tuple[str, str]:
        start, end = band
        crossing = [
            f"{clock_text(a)}-{clock_text(b)}" for a, b in self.bands if (a, b) != band and a < end and start < b
        ]
        named, more = crossing[:MOST_OVERLAPS], crossing[MOST_OVERLAPS:]
        overlaps = "\n".join(["\noverlaps", *named, *([f"and {len(more)} more"] if more else [])]) if named else ""
        return f"{clock_text(start)}-{clock_text(end)}", hours_text(end - start) + overlaps


@dataclass
class _Pager:
    """Keeps account of how much of a printed page is used, in points."""

    page: float
    used: float = 0.0

    def fits(self, points: float) -> bool:
        """Whether so much more fits on the page."""
        return self.used + points <= self.page

    def should_turn_before(self, points: float) -> bool:
        """Whether something so tall, which may be split, had better begin on a new page."""
        if self.fits(points):
            return False
        return HEAD_POINTS + points <= self.page or self.used > self.page / 2

    def add(self, points: float) -> None:
        """Use so much more of the page."""
        self.used += points


def _band_of(block: Block) -> Band:
    return block.time_of_day, block.time_of_day + block.minutes
