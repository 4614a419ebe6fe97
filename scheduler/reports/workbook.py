"""The output workbook (design: output), and the copy of the timetable that may hang where strangers pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from scheduler.reports.canvas import Book
from scheduler.reports.labels import Labels
from scheduler.reports.machine import add_machine_sheets
from scheduler.reports.package import save
from scheduler.reports.people import add_patients, add_rooms, add_therapists
from scheduler.reports.report import Names, Report
from scheduler.reports.rosters import add_rosters
from scheduler.reports.shortfalls import add_shortfalls
from scheduler.reports.summary import add_summary
from scheduler.reports.timetable import add_timetable
from scheduler.reports.wall import add_wall

AddSheet = Callable[[Book, Report, Labels], None]

PEOPLE_SHEETS: tuple[AddSheet, ...] = (
    add_timetable,
    add_patients,
    add_therapists,
    add_rooms,
    add_rosters,
    add_shortfalls,
    add_summary,
)
"""The sheets that people read, in their order."""


def write_workbook(target: Path, report: Report, *, names: Names = Names.FULL, before: Sequence[AddSheet] = ()) -> None:
    """Write the whole workbook of a week. The same report always gives the same bytes.

    Args:
        target: where to.
        report: what of.
        names: what stands for a person.
        before: sheets of one command's own, which come first.

    Raises:
        ValueError: if the timetable names something that the week does not know.
        OSError: if the target cannot be written.
    """
    book = Book("Weekly group timetable")
    labels = Labels(report.week, names)
    for add in (*before, *PEOPLE_SHEETS):
        add(book, report, labels)
    add_machine_sheets(book, report)
    save(book.workbook, target)


def write_wall(target: Path, report: Report) -> None:
    """Write the copy for the wall: times, rooms, group codes and headcounts only.

    Raises:
        ValueError: if the timetable names something that the week does not know.
        OSError: if the target cannot be written.
    """
    book = Book("Weekly timetable")
    add_wall(book, report)
    save(book.workbook, target)
