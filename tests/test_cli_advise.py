"""The command `advise` as people run it: exit codes, the table, the JSON document, the sheet, bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_process import Sheets, call, edit, impossible_week, run, tiny_week, write_week

QUICK = ("--time-limit", "20")


def full_group() -> Sheets:
    """Two evenings and four patients who want both, in a group of three."""
    week = tiny_week()
    week["Patients"] = [
        ["Patient", "Name", "Availability", "Unavailable", "Min hours", "Min blocks", "Max blocks"],
        *[[f"P{n}", f"Made Up {n}", "Mon/Wed evenings", "Wed" if n == 4 else None, 6, 2, 2] for n in range(1, 5)],
    ]
    week["Groups"][1][3] = 3
    return week


@pytest.fixture
def short(tmp_path: Path) -> Path:
    return write_week(tmp_path / "week.xlsx", full_group())


def test_the_table_says_what_where_and_how_much(short: Path, capsys: Any) -> None:
    done = call(capsys, "advise", short, *QUICK)
    assert done.code == 3
    assert "2 below their weekly minimum, by 6 h in all" in done.out
    assert "Proven: no timetable of the week as it is leaves less unmet." in done.out
    line = next(line for line in done.out.splitlines() if "PROC takes one patient more a session" in line)
    assert "Groups!D2" in line
    assert "the clinic decides" in line
    assert line.rstrip().endswith("proven")
    assert "Proven: nothing else gains anything." in done.out
    assert "one more window from a patient" in done.out


def test_the_document_has_gains_cells_and_the_account(short: Path, capsys: Any) -> None:
    document = call(capsys, "advise", short, *QUICK, "--json").document
    assert (document["status"], document["exit_code"], document["profile"]) == ("optimal", 3, "adult_iop")
    assert document["figures"]["hours_short"] == 6
    best = document["changes"][0]
    assert best["changes"][0]["kind"] == "group-size"
    assert best["changes"][0]["where"] == "Groups!D2"
    assert best["changes"][0]["edit"] == "3 -> 4"
    assert best["proven"]
    assert [(gain["tier"], gain["at_least"], gain["at_most"]) for gain in best["gains"]] == [(1, 9, 9), (2, 0, 0)]
    assert best["hours"] == 3
    assert len(best["helped"]) == 1
    tried = document["tried"]
    assert tried["complete"]
    assert tried["candidates"] == tried["alone"] + tried["together"] + tried["open"]
    assert sum(kind["candidates"] for kind in document["kinds"]) == tried["candidates"]
    assert document["pairs"] == []
    assert document["output"] is None


def test_the_cell_that_takes_hours_away_is_named_too(short: Path, capsys: Any) -> None:
    edit(short, "Groups", "D2", 8)
    document = call(capsys, "advise", short, *QUICK, "--json").document
    window = next(one for one in document["changes"] if one["changes"][0]["kind"] == "patient-block")
    assert window["changes"][0]["words"] == "P4 can come Wed 18:00-21:00"
    assert window["changes"][0]["where"] == "Patients!C5; Patients!D5"


def test_the_change_made_by_hand_gains_what_was_promised(short: Path, tmp_path: Path, capsys: Any) -> None:
    before = call(capsys, "solve", short, "-o", tmp_path / "before.xlsx", "--json").document
    edit(short, "Groups", "D2", 4)
    after = call(capsys, "solve", short, "-o", tmp_path / "after.xlsx", "--json").document
    assert before["tiers"][0]["value"] - after["tiers"][0]["value"] == 9


def test_the_sheet_holds_the_same(short: Path, tmp_path: Path, capsys: Any) -> None:
    import openpyxl

    target = tmp_path / "advice.xlsx"
    done = call(capsys, "advise", short, *QUICK, "-o", target)
    assert f"wrote {target}" in done.out
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["Advice"]
    rows = list(book["Advice"].iter_rows(values_only=True))
    assert rows[0][:7] == ("Rank", "Change", "Where", "Edit", "Hours gained", "Groups gained", "Weighed gain")
    assert rows[1][:7] == (1, "PROC takes one patient more a session", "Groups!D2", "3 -> 4", 3, 0, "9; 0")
    assert rows[1][9:] == ("the clinic decides", "proven")
    texts = [str(row[0]) for row in rows if row[0] is not None]
    assert "Proven: no timetable of the week as it is leaves less unmet." in texts


def test_a_pair_is_shown_where_no_single_change_gains(tmp_path: Path, capsys: Any) -> None:
    week = full_group()
    for row in week["Patients"][1:]:
        row[3] = None
    week["Rooms"][1][1] = 3
    path = write_week(tmp_path / "week.xlsx", week)
    done = call(capsys, "advise", path, *QUICK, "-o", tmp_path / "advice.xlsx")
    assert done.code == 3
    assert "Proven: no single change gains anything. These pairs do:" in done.out
    document = call(capsys, "advise", path, *QUICK, "--json").document
    assert document["changes"] == []
    pair = document["pairs"][0]
    assert {one["where"] for one in pair["changes"]} == {"Groups!D2", "Rooms!B2"}
    assert pair["gains"][0]["at_least"] == 18


def test_a_served_week_needs_no_advice(tmp_path: Path, capsys: Any) -> None:
    path = write_week(tmp_path / "week.xlsx")
    done = call(capsys, "advise", path, *QUICK, "-o", tmp_path / "advice.xlsx")
    assert done.code == 0
    assert "Everybody meets their weekly minimum and plan." in done.out
    assert (tmp_path / "advice.xlsx").exists()
    assert call(capsys, "advise", path, *QUICK, "--json").document["changes"] == []


def test_an_impossible_week_says_which_cells_collide(tmp_path: Path, capsys: Any) -> None:
    path = write_week(tmp_path / "week.xlsx", impossible_week())
    done = call(capsys, "advise", path, *QUICK, "-o", tmp_path / "advice.xlsx")
    assert done.code == 4
    assert "Pins!A2" in done.err
    assert not (tmp_path / "advice.xlsx").exists()
    assert call(capsys, "advise", path, *QUICK, "--json").document["status"] == "impossible"


def test_a_timetable_may_be_the_start(short: Path, tmp_path: Path, capsys: Any) -> None:
    start = tmp_path / "start.xlsx"
    assert call(capsys, "solve", short, "-o", start).code == 3
    document = call(capsys, "advise", short, "--timetable", start, *QUICK, "--json").document
    assert document["changes"][0]["changes"][0]["kind"] == "group-size"
    refused = call(capsys, "advise", short, "--timetable", tmp_path / "none.xlsx", *QUICK)
    assert refused.code == 2


@pytest.mark.parametrize("words", [("--top", "0"), ("--top", "many"), ("--time-limit", "0"), ("--time-limit", "nan")])
def test_a_wrong_option_is_refused(short: Path, capsys: Any, words: tuple[str, str]) -> None:
    assert call(capsys, "advise", short, *words).code == 2


def test_no_input_is_written_over(short: Path, capsys: Any) -> None:
    before = short.read_bytes()
    assert call(capsys, "advise", short, *QUICK, "-o", short, "--force").code == 2
    assert short.read_bytes() == before


def test_a_wrong_cell_is_named_before_anything_is_solved(short: Path, capsys: Any) -> None:
    edit(short, "Therapists", "D2", "PROCC")
    done = call(capsys, "advise", short, *QUICK)
    assert done.code == 2
    assert "Therapists!D2" in done.err
    assert "PROC" in done.err


def test_it_is_listed_and_says_nothing_on_stderr_of_a_log(short: Path) -> None:
    assert "advise" in run("--help").out
    done = run("advise", short, *QUICK, "--top", "1")
    assert done.code == 3
    assert "still open" not in done.err
    assert sum("proven" in line for line in done.out.splitlines() if line[:2].strip().isdigit()) == 1
