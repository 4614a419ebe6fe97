"""Timetables back from their files, also after somebody edited them by hand."""

from pathlib import Path
from typing import Any

import pytest
from bad_inputs import (
    Sheets,
    errors_in,
    good_week,
    problems_of,
    read,
    spoiled,
    without,
    write_folder,
    write_json,
    write_xlsx,
)

from scheduler.domain.problems import InputRefused, Severity
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.week import PreviousSeat, Week
from scheduler.intake.columns import ASSIGNMENTS, SESSIONS
from scheduler.intake.timetable import read_previous, read_timetable

SESSION_HEADER = [column.name for column in SESSIONS.columns]
SEAT_HEADER = [column.name for column in ASSIGNMENTS.columns]


@pytest.fixture
def week(tmp_path: Path) -> Week:
    return read(spoiled({("Groups", 3, "Modality"): "telehealth"}), tmp_path).week


def exported() -> Sheets:
    """Two sessions and three seats, as they are exported."""
    return {
        "Timetable": [["whatever people read"]],
        "Sessions": [
            SESSION_HEADER,
            ["S1", "TUE-EVE", "Tue", "18:00", "21:00", "PROC", "T1", None, "R1", "in person", 2, 10],
            ["S2", "THU-EVE", "Thu", "18:00", "21:00", "RP", "T1", "T2", None, "telehealth", 1, 12],
        ],
        "Assignments": [
            SEAT_HEADER,
            ["P001", "S1", "TUE-EVE", "Tue", "18:00", "21:00", "PROC", "T1", "R1", 3],
            ["P002", "S1", "TUE-EVE", "Tue", "18:00", "21:00", "PROC", "T1", "R1", 3],
            ["P003", "S2", "THU-EVE", "Thu", "18:00", "21:00", "RP", "T2", None, 3],
        ],
    }


EXPECTED = Timetable(
    sessions=(
        Session(id="S1", block="TUE-EVE", group="PROC", therapists=("T1",), room="R1"),
        Session(id="S2", block="THU-EVE", group="RP", therapists=("T1", "T2")),
    ),
    assignments=tuple(Assignment(patient=p, session=s) for p, s in (("P001", "S1"), ("P002", "S1"), ("P003", "S2"))),
)


def problems(sheets: Sheets, week: Week, folder: Path) -> Any:
    try:
        return read_timetable(write_xlsx(sheets, folder / "timetable.xlsx"), week).problems
    except InputRefused as refused:
        return refused.problems


@pytest.mark.parametrize("form", ["workbook", "folder", "json"])
def test_what_comes_out_goes_back_in(tmp_path: Path, week: Week, form: str):
    writers: dict[str, Any] = {"workbook": write_xlsx, "folder": write_folder, "json": write_json}
    name = {"workbook": "out.xlsx", "folder": "out", "json": "out.json"}[form]
    file = read_timetable(writers[form](exported(), tmp_path / name), week)
    assert file.timetable == EXPECTED
    assert file.problems == ()


def test_rows_and_columns_moved_by_hand_change_nothing(tmp_path: Path, week: Week):
    sheets = exported()
    header, *rows = sheets["Assignments"]
    sheets["Assignments"] = [
        ["printed on Monday"],
        [],
        header[::-1],
        rows[2][::-1],
        [],
        *[row[::-1] for row in rows[:2]],
    ]
    sheets["Sessions"] = [[*row[:5], "remark", *row[5:]] for row in sheets["Sessions"]]
    file = read_timetable(write_xlsx(sheets, tmp_path / "out.xlsx"), week)
    assert file.timetable.sessions == EXPECTED.sessions
    assert set(file.timetable.assignments) == set(EXPECTED.assignments)
    assert {problem.severity for problem in file.problems} <= {Severity.WARNING, Severity.NOTICE}


def test_only_the_columns_that_decide_are_needed(tmp_path: Path, week: Week):
    sheets = exported()
    sheets["Sessions"] = [[row[at] for at in (0, 1, 5, 6, 7, 8)] for row in sheets["Sessions"]]
    sheets["Assignments"] = [row[:2] for row in sheets["Assignments"]]
    assert read_timetable(write_xlsx(sheets, tmp_path / "out.xlsx"), week).timetable == EXPECTED


def test_a_session_without_patients_and_no_sessions_at_all(tmp_path: Path, week: Week):
    sheets = exported()
    sheets["Assignments"] = sheets["Assignments"][:3]
    file = read_timetable(write_xlsx(sheets, tmp_path / "out.xlsx"), week)
    assert [(problem.code, problem.place) for problem in file.problems] == [("wrong-size", "Sessions!K3")]
    empty = {"Sessions": [SESSION_HEADER], "Assignments": [SEAT_HEADER]}
    assert read_timetable(write_xlsx(empty, tmp_path / "out.xlsx"), week).timetable == Timetable()


BAD_EDITS = [
    ("unknown block", ("Sessions", 2, "Block"), "TUE-EVF", "unknown-block", "Sessions!B2", "TUE-EVE"),
    ("unknown group", ("Sessions", 2, "Group"), "PROCC", "unknown-group", "Sessions!F2", "PROC"),
    ("unknown therapist", ("Sessions", 2, "Therapist"), "T7", "unknown-therapist", "Sessions!G2", "T1"),
    ("unknown second", ("Sessions", 3, "Second therapist"), "T8", "unknown-therapist", "Sessions!H3", "T1"),
    ("the same twice", ("Sessions", 3, "Second therapist"), "T1", "therapist-twice", "Sessions!H3", "G3"),
    ("unknown room", ("Sessions", 2, "Room"), "R7", "unknown-room", "Sessions!I2", "R1"),
    ("no leader", ("Sessions", 2, "Therapist"), None, "blank-cell", "Sessions!G2", "T01"),
    ("another day", ("Sessions", 2, "Day"), "Wed", "wrong-time", "Sessions!C2", "Tue 18:00-21:00"),
    ("another start", ("Sessions", 2, "Start"), "17:00", "wrong-time", "Sessions!D2", "write 18:00"),
    ("another end", ("Sessions", 2, "End"), "22:00", "wrong-time", "Sessions!E2", "write 21:00"),
    ("another modality", ("Sessions", 2, "Modality"), "telehealth", "wrong-modality", "Sessions!J2", "in person"),
    ("an id twice", ("Sessions", 3, "Session"), "s1", "duplicate-id", "Sessions!A3", "A2"),
    ("unknown patient", ("Assignments", 2, "Patient"), "P0001", "unknown-patient", "Assignments!A2", "P001"),
    ("unknown session", ("Assignments", 4, "Session"), "S3", "unknown-session", "Assignments!B4", "S"),
    ("no session", ("Assignments", 4, "Session"), None, "blank-cell", "Assignments!B4", "S01"),
    ("block differs", ("Assignments", 2, "Block"), "THU-EVE", "disagrees", "Assignments!C2", "Sessions!B2"),
    ("group differs", ("Assignments", 2, "Group"), "RP", "disagrees", "Assignments!G2", "Sessions!F2"),
    ("therapist differs", ("Assignments", 2, "Therapist"), "T2", "disagrees", "Assignments!H2", "Sessions!G2"),
    ("room where there is none", ("Assignments", 4, "Room"), "R1", "disagrees", "Assignments!I4", "Sessions!I3"),
    ("day differs", ("Assignments", 2, "Day"), "Mon", "wrong-time", "Assignments!D2", "write Tue"),
    ("start differs", ("Assignments", 2, "Start"), "18:30", "wrong-time", "Assignments!E2", "write 18:00"),
    ("the same seat", ("Assignments", 3, "Patient"), "P001", "seat-twice", "Assignments!A3", "A2"),
    ("formula", ("Assignments", 3, "Patient"), "=A2", "formula", "Assignments!A3", "paste"),
]


@pytest.mark.parametrize(
    ("why", "at", "value", "code", "place", "words"), BAD_EDITS, ids=[case[0] for case in BAD_EDITS]
)
def test_a_bad_edit_is_refused_at_the_cell(
    tmp_path: Path, week: Week, why: str, at: Any, value: Any, code: str, place: str, words: str
):
    found = problems(spoiled({at: value}, exported()), week, tmp_path)
    errors = errors_in(found)
    assert (code, place) in errors
    assert {one for one, _ in errors} <= {code, "unknown-session", "disagrees"}
    told = next(problem for problem in found if problem.code == code)
    assert words in f"{told.message} {told.hint}"


def test_hours_that_differ_are_only_told(tmp_path: Path, week: Week):
    found = problems(spoiled({("Assignments", 2, "Hours"): 2}, exported()), week, tmp_path)
    assert [(problem.code, problem.severity) for problem in found] == [("wrong-hours", Severity.WARNING)]


def test_a_workbook_without_the_two_sheets(tmp_path: Path, week: Week):
    found = problems({"Summary": [["x"]]}, week, tmp_path)
    assert errors_in(found) == [("missing-sheet", "Sessions"), ("missing-sheet", "Assignments")]


def test_last_week_from_its_workbook(tmp_path: Path, week: Week):
    seats, told = read_previous(write_xlsx(exported(), tmp_path / "last.xlsx"), week)
    assert seats[0] == PreviousSeat(patient="P001", block="TUE-EVE", group="PROC", therapist="T1")
    assert (len(seats), told) == (3, ())
    only = {"Previous": exported()["Assignments"]}
    assert read_previous(write_xlsx(only, tmp_path / "again.xlsx"), week) == (seats, ())


def test_a_last_week_that_is_none(tmp_path: Path, week: Week):
    with pytest.raises(InputRefused) as refused:
        read_previous(write_xlsx(without(good_week(), "Previous"), tmp_path / "last.xlsx"), week)
    assert [problem.code for problem in refused.value.problems] == ["missing-sheet"]


def test_a_damaged_last_week_says_so(tmp_path: Path):
    path = tmp_path / "last.xlsx"
    path.write_bytes(b"PK\x03\x04 no more")
    found = problems_of(good_week(), tmp_path, previous=path)
    assert [(problem.code, problem.sheet) for problem in found] == [("damaged-workbook", "[last.xlsx]")]


def test_problems_of_last_weeks_file_carry_its_name(tmp_path: Path):
    path = write_xlsx(spoiled({("Assignments", 2, "Day"): "Foo"}, exported()), tmp_path / "last.xlsx")
    week = spoiled({("Patients", 2, "Availability"): "evenings; Tue 9:15-12:00"})
    found = problems_of(week, tmp_path, previous=path)
    assert [(problem.code, problem.place) for problem in found] == [
        ("window-without-block", "Patients!E2"),
        ("bad-day", "[last.xlsx]Assignments!D2"),
    ]
