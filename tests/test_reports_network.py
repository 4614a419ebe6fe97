"""The network workbook: clinics by trouble, seats and therapists, everybody short, clinics without a timetable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from network_fixtures import REASON, answered, network, unanswered
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.reports.canvas import SHORT_FILL
from scheduler.reports.network import MOST_PROBLEMS, write_network
from scheduler.reports.network_figures import ENDING_WORDS, banded, by_trouble, totals_document, totals_of
from scheduler.reports.network_overview import MOST_CHARTED, verdict

SHEETS = ["Network", "Clinics", "Seats and therapists", "Everybody short", "Without a timetable"]


def book_of(folder: Path, results: list[ClinicResult]) -> openpyxl.Workbook:
    write_network(folder / "network.xlsx", results)
    return openpyxl.load_workbook(folder / "network.xlsx")


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    head, *below = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in below]


def texts(sheet: Worksheet) -> list[str]:
    return [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]


def fill(sheet: Worksheet, row: int, head: str) -> str:
    column = next(cell.column for cell in sheet[1] if cell.value == head)
    return str(sheet.cell(row, column).fill.start_color.rgb)[-6:]


# ---- figures ----


def test_sums_are_over_the_clinics_with_a_timetable() -> None:
    totals = totals_of([answered("a", short=2, patients=30), answered("b", patients=20), unanswered("c")])
    assert (totals.clinics, totals.answered, totals.unanswered, totals.everybody_served) == (3, 2, 1, 1)
    assert (totals.patients, totals.patients_short, totals.hours_short) == (50, 2, 6)
    assert (totals.seats_taken, totals.seats, totals.seconds) == (160, 200, 29.0)
    assert totals.endings == {"crashed": 1, "feasible": 1, "optimal": 1}
    assert totals_document(totals)["unanswered"] == 1


def test_no_clinic_at_all_is_no_fault(tmp_path: Path) -> None:
    assert totals_of([]).endings == {}
    assert book_of(tmp_path, [])["Network"]["A2"].value == "There was no clinic to solve."


def test_clinics_are_ranked_by_trouble() -> None:
    refused, crashed = unanswered("z", Status.INVALID), unanswered("y", Ending.CRASHED)
    many, few = answered("m", short=3), answered("f", short=1)
    well, longer = answered("a"), answered("b", short=2, hours=4.5)
    assert by_trouble([well, few, refused, longer, many, crashed]) == [crashed, refused, many, longer, few, well]


def test_a_gap_ranks_clinics_that_are_equally_short() -> None:
    proven, open_ = answered("a"), answered("b")
    worse = open_.tiers[0].model_copy(update={"gap": 0.2})
    open_ = open_.model_copy(update={"tiers": (worse, *open_.tiers[1:])})
    assert by_trouble([proven, open_]) == [open_, proven]


def test_every_status_and_ending_has_words() -> None:
    assert set(ENDING_WORDS) == {one.value for one in (*Status, *Ending)}


def test_an_ending_that_nobody_knows_comes_first() -> None:
    assert [one.clinic for one in by_trouble([unanswered("a"), unanswered("b", "eaten")])] == ["b", "a"]


@pytest.mark.parametrize(("share", "band"), [(0.0, 0), (0.0999, 0), (0.1, 1), (0.95, 9), (1.0, 9), (1.2, 9)], ids=str)
def test_shares_are_counted_by_tenths(share: float, band: int) -> None:
    counts = banded([share, None])
    assert (counts[band], sum(counts), len(counts)) == (1, 1, 10)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([answered("a")], "The clinic has a timetable. Nobody is short."),
        ([answered("a"), answered("b")], "All 2 clinics have a timetable. Nobody is short."),
        ([unanswered("a")], "The clinic has no timetable."),
        (
            [answered("a", short=1), answered("b"), unanswered("c")],
            "2 of 3 clinics have a timetable; 1 has none. In 1 not everybody is served: 1 patient is 3 hours short.",
        ),
        (
            [answered("a", short=3), answered("b", short=2, hours=0.5)],
            "All 2 clinics have a timetable. In 2 not everybody is served: 5 patients are 10 hours short, "
            "1 planned group is missed.",
        ),
    ],
    ids=["one", "all well", "none", "mixed", "groups too"],
)
def test_the_verdict_in_words(results: list[ClinicResult], words: str) -> None:
    assert verdict(totals_of(results)) == words


# ---- the workbook ----


def test_the_sheets_in_their_order(tmp_path: Path) -> None:
    assert book_of(tmp_path, network(12)).sheetnames == SHEETS


def test_the_same_results_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    results = network(12)
    write_network(tmp_path / "one.xlsx", results)
    write_network(tmp_path / "two.xlsx", results[::-1])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_row_a_clinic_with_gaps_by_tier(tmp_path: Path) -> None:
    found = rows(book_of(tmp_path, [answered("well"), answered("poor", short=2), unanswered("lost")])["Clinics"])
    assert [(row["Rank"], row["Clinic"], row["Exit code"]) for row in found] == [
        (1, "lost", 1),
        (2, "poor", 3),
        (3, "well", 0),
    ]
    assert [found[1][f"Gap, tier {tier}"] for tier in (1, 5)] == pytest.approx([0.02, 0.1])
    assert found[0]["Gap, tier 1"] is None
    assert found[0]["Timetable or first problem"] == "the process died"
    assert found[1]["Timetable or first problem"] == "poor_timetable.xlsx"


def test_what_ought_to_be_nought_is_filled(tmp_path: Path) -> None:
    sheet = book_of(tmp_path, [answered("well"), answered("poor", short=1), unanswered("lost")])["Clinics"]
    assert fill(sheet, 2, "Clinic") == fill(sheet, 3, "Hours short") == SHORT_FILL
    assert fill(sheet, 3, "Groups missed") != SHORT_FILL
    assert fill(sheet, 4, "Hours short") != SHORT_FILL


def test_each_timetable_is_a_click_away(tmp_path: Path) -> None:
    spaced = answered("b").model_copy(update={"output": str(tmp_path / "sub" / "St. Mary's #2.xlsx")})
    sheet = book_of(tmp_path, [spaced, unanswered("c")])["Clinics"]
    links = {row[1].value: row[-1].hyperlink for row in sheet.iter_rows(min_row=2)}
    assert links["b"].target == "sub/St.%20Mary%27s%20%232.xlsx"
    assert links["c"] is None


def test_seats_and_therapists_the_fullest_first(tmp_path: Path) -> None:
    results = [answered("half", used=0.5), answered("full", used=1.0), unanswered("lost")]
    sheet = book_of(tmp_path, results)["Seats and therapists"]
    found = rows(sheet)
    assert [row["Clinic"] for row in found] == ["full", "half"]
    assert (found[1]["Seats taken"], found[1]["Seats free"], found[1]["Therapists used"]) == (50, 50, 0.25)
    assert len(sheet.conditional_formatting) == 2


def test_one_sheet_of_everybody_short_with_the_reason(tmp_path: Path) -> None:
    found = rows(book_of(tmp_path, [answered("a", short=2), answered("b", short=3, hours=1.0)])["Everybody short"])
    assert len(found) == 5
    assert {row["Why"] for row in found} == {REASON}
    assert [row["Priority"] for row in found] == [4, 3, 3, 2, 2], "the most urgent first"
    assert [(row["Clinic"], row["Patient"]) for row in found[1:3]] == [("a", "P002"), ("b", "P002")]
    assert found[0]["Groups missed"] == "DBT"


def test_nobody_short_is_said(tmp_path: Path) -> None:
    book = book_of(tmp_path, [answered("a")])
    assert "Nobody is short in any clinic that has a timetable." in texts(book["Everybody short"])
    assert "Every clinic has a timetable." in texts(book["Without a timetable"])


def test_clinics_without_a_timetable_with_every_error_at_its_cell(tmp_path: Path) -> None:
    results = [unanswered("bad", Status.INVALID, "wrong", places=3), unanswered("dead", problem="signal 6")]
    found = rows(book_of(tmp_path, results)["Without a timetable"])
    assert [(row["Clinic"], row["Cell"], row["What is wrong"]) for row in found] == [
        ("dead", None, "signal 6"),
        ("bad", "F2", "Min hours must be a number"),
        ("bad", "F3", "Min hours must be a number"),
        ("bad", "F4", "Min hours must be a number"),
    ]


def test_a_clinic_with_endless_errors_does_not_fill_the_sheet(tmp_path: Path) -> None:
    results = [unanswered("bad", Status.INVALID, "wrong", places=MOST_PROBLEMS + 7)]
    found = rows(book_of(tmp_path, results)["Without a timetable"])
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1]["What is wrong"] == "... and 7 more: validate shows them all"


def test_warnings_are_no_errors(tmp_path: Path) -> None:
    result = unanswered("bad", Status.INVALID, "wrong", places=2)
    mild = {**result.problems[0], "severity": "warning"}
    result = result.model_copy(update={"problems": (mild, result.problems[1])})
    assert [row["Cell"] for row in rows(book_of(tmp_path, [result])["Without a timetable"])] == ["F3"]


def test_text_from_files_stays_text(tmp_path: Path) -> None:
    sheet = book_of(tmp_path, [unanswered("=1+1", problem='=HYPERLINK("x")\x00')])["Without a timetable"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_charts_show_the_worst_and_the_spread(tmp_path: Path) -> None:
    results = [answered(f"c{place:02d}", short=place) for place in range(MOST_CHARTED + 6)]
    sheet = book_of(tmp_path, results)["Network"]
    hours, spread = sheet._charts
    categories = hours.series[0].cat.numRef or hours.series[0].cat.strRef
    first, last = categories.f.split("!")[1].replace("$", "").split(":")
    named = [cell.value for (cell,) in sheet[f"{first}:{last}"]]
    assert named == [f"c{place:02d}" for place in range(MOST_CHARTED + 5, 5, -1)]
    assert len(spread.series) == 2
    assert f"Most hours short ({MOST_CHARTED} of {MOST_CHARTED + 5} clinics)" in texts(sheet)


def test_nobody_short_means_no_chart_of_shortfalls(tmp_path: Path) -> None:
    assert len(book_of(tmp_path, [answered("a")])["Network"]._charts) == 1
    assert len(book_of(tmp_path, [unanswered("a")])["Network"]._charts) == 0
