"""The output workbook (design: output), and the copy of the timetable that may hang where strangers pass."""

from __future__ import annotations

from pathlib import Path

from scheduler.reports.canvas import Book
from scheduler.reports.labels import Labels
from scheduler.reports.machine import add_machine_sheets
from scheduler.reports.package import save
from scheduler.reports.report import Names, Report
from scheduler.reports.timetable import add_timetable


def write_workbook(target: Path, report: Report, *, names: Names = Names.FULL) -> None:
    """Write the whole workbook of a week. The same report always gives the same bytes.

    Raises:
        ValueError: if the timetable names something that the week does not know.
        OSError: if the target cannot be written.
    """
    book = Book("Weekly group timetable")
    labels = Labels(report.week, names)
    add_timetable(book, report, labels)
    add_machine_sheets(book, report)
    save(book.workbook, target)
