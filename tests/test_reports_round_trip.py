"""What comes out goes back in: the workbook is read again by the program's own reader."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from report_fixtures import report

from scheduler.domain.timetable import Timetable
from scheduler.intake.timetable import read_previous, read_timetable
from scheduler.reports.report import Names
from scheduler.reports.workbook import write_workbook

REPORT = report(60, 35)


def in_order(table: Timetable) -> tuple[list[str], list[str]]:
    return sorted(map(repr, table.sessions)), sorted(map(repr, table.assignments))


@pytest.mark.parametrize("names", list(Names))
def test_a_written_timetable_is_read_back_whole(tmp_path: Path, names: Names) -> None:
    target = tmp_path / "out.xlsx"
    write_workbook(target, REPORT, names=names)
    found = read_timetable(target, REPORT.week)
    assert in_order(found.timetable) == in_order(REPORT.timetable)
    assert found.problems == ()


def test_last_weeks_seats_are_read_from_what_was_written(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    write_workbook(target, REPORT, names=Names.IDS)
    seats, problems = read_previous(target, REPORT.week)
    board = REPORT.board
    assert {(seat.patient, seat.block, seat.group, seat.therapist) for seat in seats} == {
        (a.patient, s.block, s.group, s.therapists[0])
        for a in REPORT.timetable.assignments
        for s in [board.session_of[a.session]]
    }
    assert problems == ()


def test_a_workbook_that_was_saved_again_after_a_hand_edit_is_still_read(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    write_workbook(target, REPORT)
    book = openpyxl.load_workbook(target)
    sheet = book["Assignments"]
    moved = sheet["A2"].value
    sheet.delete_rows(2)
    book.save(target)
    found = read_timetable(target, REPORT.week).timetable
    assert len(found.assignments) == len(REPORT.timetable.assignments) - 1
    gone = {(a.patient, a.session) for a in REPORT.timetable.assignments} - {
        (a.patient, a.session) for a in found.assignments
    }
    assert [patient for patient, _ in gone] == [moved]
