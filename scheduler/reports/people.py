"""The sheets `Patients`, `Therapists` and `Rooms`: a row each, their sessions by day, what they asked and got."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from scheduler.domain.clock import Day, TimeSet
from scheduler.domain.findings import Shortfall
from scheduler.domain.timetable import Board
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Room, Therapist
from scheduler.reports.canvas import CENTRED, IDENTIFIER, NUMBER, SHARE, SHORT_FILL, Book, Canvas, Value
from scheduler.reports.labels import Labels
from scheduler.reports.remarks import notes_by_patient
from scheduler.reports.report import Report
from scheduler.reports.table import DAY_WIDTH, Column, by_day, days_used, draw_table, name_column, named

MET = "met"
SHORT = "short"
PLAN_MISSED = "plan missed"


def add_patients(book: Book, report: Report, labels: Labels) -> None:
    """Add the sheet `Patients`."""
    canvas = book.sheet("Patients")
    days = days_used(report.board)
    columns = [
        Column("Patient", 9, IDENTIFIER),
        *name_column(labels.names, 18),
        *(Column(day.short, DAY_WIDTH) for day in days),
        Column("Hours", 8, NUMBER),
        Column("Minimum", 11, NUMBER),
        Column("Hours short", 8, NUMBER),
        Column("Status", 11, CENTRED),
        # Empty columns leave their room to the rest: the sheet is printed one page wide.
        Column("Groups missed", 17 if any(one.groups_missed for one in report.shortfalls) else 10),
        Column("Why", 34 if report.shortfalls else 10),
    ]
    rows = [_patient_row(report, labels, one, days) for one in report.week.patients]
    freeze = f"{get_column_letter(2 + len(named(labels.names, '')))}2"
    last = draw_table(canvas, columns, rows, freeze=freeze)
    status = next(place for place, one in enumerate(columns, start=1) if one.head == "Status")
    _mark_the_short(canvas, get_column_letter(1 + len(named(labels.names, ""))), status, last)
    notes = notes_by_patient(report)
    for row, one in enumerate(report.week.patients, start=2):
        if one.id in notes:
            canvas.note(row, status, labels.free_text(notes[one.id]))


def add_therapists(book: Book, report: Report, labels: Labels) -> None:
    """Add the sheet `Therapists`."""
    days = days_used(report.board)
    columns = [
        Column("Therapist", 10, IDENTIFIER),
        *name_column(labels.names, 18),
        *(Column(day.short, DAY_WIDTH + 1) for day in days),
        Column("Sessions", 10, NUMBER),
        Column("Max blocks", 9, NUMBER),
        Column("Load", 8, SHARE),
        Column("Hours", 8, NUMBER),
        Column("Seats led", 8, NUMBER),
    ]
    rows = [_therapist_row(report.board, labels, one, days) for one in report.week.therapists]
    draw_table(
        book.sheet("Therapists"), columns, rows, freeze=f"{get_column_letter(2 + len(named(labels.names, '')))}2"
    )


def add_rooms(book: Book, report: Report, labels: Labels) -> None:
    """Add the sheet `Rooms`."""
    days = days_used(report.board)
    columns = [
        Column("Room", 9, IDENTIFIER),
        Column("Name", 18),
        Column("Capacity", 10, NUMBER),
        *(Column(day.short, DAY_WIDTH + 1) for day in days),
        Column("Sessions", 10, NUMBER),
        Column("Hours used", 8, NUMBER),
        Column("Hours open", 8, NUMBER),
        Column("Time used", 8, SHARE),
        Column("Seats used", 8, SHARE),
    ]
    rows = [_room_row(report.board, labels, one, days) for one in report.week.rooms]
    draw_table(book.sheet("Rooms"), columns, rows, freeze="C2")


def status_of(short: Shortfall | None) -> str:
    """``met``, ``short`` (of hours) or ``plan missed`` (hours met, a required group not)."""
    if short is None:
        return MET
    return SHORT if short.hours_short > 0 else PLAN_MISSED


def _patient_row(report: Report, labels: Labels, one: Patient, days: Sequence[Day]) -> list[Value]:
    board = report.board
    short = report.shortfall_of.get(one.id)
    return [
        one.id,
        *named(labels.names, labels.patient(one.id)),
        *by_day(days, board, board.of_patient(one.id), labels, place=False),
        board.minutes_of(one.id) / MINUTES_PER_HOUR,
        one.min_minutes / MINUTES_PER_HOUR,
        short.hours_short if short else 0,
        status_of(short),
        labels.planned(short.groups_missed) if short else "",
        labels.free_text("\n".join(short.reasons)) if short else "",
    ]


def _mark_the_short(canvas: Canvas, who: str, status: int, last: int) -> None:
    """Colour the row's ends where the patient is short; a rule and not a fill, so that it follows a hand edit."""
    if last < 2:
        return
    letter = get_column_letter(status)
    fill = PatternFill("solid", start_color=SHORT_FILL, end_color=SHORT_FILL)
    rule = FormulaRule(formula=[f'${letter}2<>"{MET}"'], fill=fill)  # type: ignore[no-untyped-call]
    reach = f"A2:{who}{last} {get_column_letter(status - 3)}2:{get_column_letter(status + 2)}{last}"
    canvas.sheet.conditional_formatting.add(reach, rule)


def _therapist_row(board: Board, labels: Labels, one: Therapist, days: Sequence[Day]) -> list[Value]:
    mine = board.of_therapist(one.id)
    return [
        one.id,
        *named(labels.names, labels.therapist(one.id)),
        *by_day(days, board, mine, labels, place=True),
        len(mine),
        one.max_blocks,
        len(mine) / one.max_blocks if one.max_blocks else None,
        sum(board.block(session).minutes for session in mine) / MINUTES_PER_HOUR,
        sum(board.size(session) for session in mine),
    ]


def _room_row(board: Board, labels: Labels, one: Room, days: Sequence[Day]) -> list[Value]:
    mine = board.of_room(one.id)
    used = sum(board.block(session).minutes for session in mine)
    # Blocks that overlap cannot both be used, so the time they cover together is what is open.
    spans = [(block.start, block.end) for block in board.week.blocks if one.free.covers(block.start, block.end)]
    offered = TimeSet.of(spans).minutes
    seats = one.capacity * len(mine)
    return [
        one.id,
        labels.room(one.id),
        one.capacity,
        *by_day(days, board, mine, labels, place=False),
        len(mine),
        used / MINUTES_PER_HOUR,
        offered / MINUTES_PER_HOUR,
        used / offered if offered else None,
        sum(board.size(session) for session in mine) / seats if seats else None,
    ]
