"""One week in three forms is one week; and no file whatever makes the reader fail in another way than by refusing."""

import datetime as dt
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bad_inputs import Sheets, good_week, profile, write_folder, write_json, write_xlsx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.availability import describe, read_availability, read_dayparts
from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.week import Week
from scheduler.intake.annotate import annotate
from scheduler.intake.columns import SHEETS
from scheduler.intake.reader import read_week
from scheduler.intake.timetable import read_timetable

AVAILABILITIES = (
    "evenings",
    "any",
    "weekends; Tue 18:00-21:00",
    "Mon/Wed after 17:30, not Fri",
    "work hours\nSat 9-12",
)
NAMES = st.text(st.characters(codec="utf-8", categories=("L", "Nd", "Zs", "P")), max_size=12).map(
    lambda text: f"N{text.replace('#', '')}"
)
GROUPS = ("G1", "G2", "0012")


@st.composite
def weeks(draw: st.DrawFn) -> Sheets:
    """A small good week with any cells filled; every column is there, so that rows stand the same in all forms."""
    sheets = good_week()
    patients = [f"P{number}" for number in range(draw(st.integers(2, 5)))]

    def maybe(strategy: st.SearchStrategy[Any]) -> Any:
        return draw(st.none() | strategy)

    low = draw(st.integers(1, 3))
    sheets["Groups"] = [
        sheets["Groups"][0],
        *([group, f"Name {group}", low, low + 5, maybe(st.sampled_from(["adult", "adult + women; b c", "LGBTQ+"])),
           maybe(st.sampled_from(["therapy", "psychoed", "Family"])), maybe(st.integers(1, 2)),
           maybe(st.sampled_from(["virtual", "On-site"])), maybe(st.just("projector")), maybe(st.integers(0, 2)),
           maybe(st.integers(2, 4)), maybe(st.sampled_from(AVAILABILITIES)), maybe(st.integers(1, 3)),
           maybe(st.just("Process 60; Skills 45"))] for group in GROUPS),
    ]  # fmt: skip
    sheets["Patients"] = [
        sheets["Patients"][0],
        *([one, draw(NAMES), maybe(st.sampled_from(["adult", "Adolescent"])), maybe(st.sampled_from(["women", "b_c"])),
           draw(st.sampled_from(AVAILABILITIES)), maybe(st.just("Thu")), maybe(st.sampled_from([6, 7.5, "9", "9 h"])),
           maybe(st.integers(10, 20)), maybe(st.integers(0, 2)), maybe(st.integers(2, 4)),
           maybe(st.sampled_from(["G1; G2 x2", "name 0012", "2x G1"])), maybe(st.sampled_from(GROUPS)), None,
           maybe(st.sampled_from(AVAILABILITIES)), maybe(st.sampled_from(["T1", "Eli Fiction"])),
           maybe(st.sampled_from(["either", "Zoom"])), maybe(st.integers(1, 5))] for one in patients),
    ]  # fmt: skip
    sheets["Therapists"][2][4] = draw(st.sampled_from(["*", "G1, 0012", "Name G2"]))
    sheets["Apart"].append([patients[0], draw(st.sampled_from([patients[1], "T1"])), draw(NAMES)])
    sheets["Together"].append([patients[1], patients[0], None])
    sheets["Pins"].append(
        [maybe(st.sampled_from(patients)), maybe(st.just("Tue 18:00")), None, maybe(st.just("T2")), None, None]
    )
    sheets["Previous"].append(
        [patients[0], "S1", "TUE-EVE", "Tue", "18:00", "21:00", "G1", maybe(st.just("T9")), "R1", 3]
    )
    return sheets


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(weeks(), st.sampled_from([",", ";", "\t"]))
def test_one_week_in_three_forms(sheets: Sheets, separator: str):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = read_week(write_xlsx(sheets, folder / "week.xlsx"), profile())
        csv = read_week(write_folder(sheets, folder / "csv", separator), profile())
        tree = read_week(write_json(sheets, folder / "week.json"), profile())
    assert book.week == csv.week
    assert book.week == tree.week
    assert [problem.code for problem in book.problems] == [problem.code for problem in tree.problems]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(AVAILABILITIES))
def test_what_is_read_can_be_written_and_read_again(text: str):
    dayparts = read_dayparts({})
    times = read_availability(text, dayparts).times
    assert read_availability(describe(times), dayparts).times == times


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2100, 1, 1))
    | st.times()
    | st.timedeltas(dt.timedelta(0), dt.timedelta(days=3))
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
    | st.sampled_from(
        ["P001", "T1", "PROC", "R1", "TUE-EVE", "any", "evenings", "Mon 9-12", "=A1", "#N/A", "*", "x2", "18:00"]
    )
    | st.sampled_from([column.name for spec in SHEETS for column in spec.columns])
)
TITLES = st.sampled_from([spec.name for spec in SHEETS] + ["Sessions", "Assignments", "Clients", "Foo"])


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(TITLES, st.lists(st.lists(VALUES, max_size=6), max_size=6), min_size=1, max_size=5))
def test_garbage_is_only_ever_refused(sheets: dict[str, list[list[Any]]]):
    _read_anything(sheets)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from([spec.name for spec in SHEETS]), st.integers(0, 4), st.integers(0, 16), VALUES),
        min_size=1,
        max_size=6,
    )
)
def test_a_good_week_with_garbage_in_some_cells_is_read_or_refused(changes: list[tuple[str, int, int, Any]]):
    sheets: dict[str, list[list[Any]]] = {title: [list(row) for row in rows] for title, rows in good_week().items()}
    for title, row, column, value in changes:
        while len(sheets[title]) <= row:
            sheets[title].append([])
        cells = sheets[title][row]
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = value
    _read_anything(sheets)


@cache
def _good() -> Week:
    with tempfile.TemporaryDirectory() as name:
        return read_week(write_xlsx(good_week(), Path(name) / "week.xlsx"), profile()).week


def _outcome(read: Callable[[], Any]) -> tuple[Problem, ...]:
    """What a reader says of a file; anything but an answer or a refusal goes through and fails the test."""
    try:
        problems: tuple[Problem, ...] = read().problems
    except InputRefused as refused:
        return refused.problems if any(one.severity == "error" for one in refused.problems) else ()
    return (Problem(code="accepted", message="accepted"), *problems)


def _read_anything(sheets: dict[str, list[list[Any]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = write_xlsx(sheets, Path(name) / "week.xlsx")
        problems = _outcome(lambda: read_week(path, profile()))
        assert problems
        annotate(path, problems, Path(name) / "marked.xlsx")
        openpyxl.load_workbook(Path(name) / "marked.xlsx")
        assert _outcome(lambda: read_timetable(path, _good()))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["week.json", "week.xlsx", "rooms.csv", "week.txt"]))
def test_any_bytes_are_only_ever_refused(data: bytes, name: str):
    with tempfile.TemporaryDirectory() as folder:
        path = write_folder(good_week(), Path(folder) / "csv") if name.endswith(".csv") else Path(folder)
        (path / name).write_bytes(data)
        assert _outcome(lambda: read_week(path if name.endswith(".csv") else path / name, profile()))
