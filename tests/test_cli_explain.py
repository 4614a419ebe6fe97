"""The command `explain`, and the proofs on the sheet Shortfalls of every solve."""

import threading
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import ROOT, call, write_week

from scheduler.advice import explaining
from scheduler.cli import main

IMPOSSIBLE = ROOT / "data" / "cannot_serve_all.xlsx"
QUICK = ("--workers", "2", "--time-limit", "5")


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Solved with all the time that proofs may want: how much fits into a few seconds depends on the machine."""
    out = tmp_path_factory.mktemp("explain") / "out.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scheduler.pipeline.PROOF_SECONDS", 120.0)
        assert main(["solve", str(IMPOSSIBLE), "-o", str(out), "--quiet", *QUICK]) == 3
    return out


@pytest.mark.slow
def test_every_need_is_explained_with_the_cells_that_prove_it(solved: Path, capsys: Any) -> None:
    done = call(capsys, "explain", IMPOSSIBLE, solved, "--time-limit", "120")
    assert done.code == 3
    assert "P14 can come only in their own windows (Patients!D15: weekends)" in done.out
    assert "proven impossible for this patient, whatever the others get" in done.out
    assert "proven possible only at the cost of others" in done.out
    assert "The cheapest way to give it all the same, proven:" in done.out
    assert "not settled" not in done.out


def test_json_has_each_fact_with_sheet_cell_and_value(solved: Path, capsys: Any) -> None:
    done = call(capsys, "explain", IMPOSSIBLE, solved, "--json", "--patient", "P14", "--patient", "p06")
    document = done.document
    assert (document["status"], document["exit_code"], done.code) == ("explained", 3, 3)
    assert {one["patient"] for one in document["explanations"]} == {"P06", "P14"}
    assert all(one["smallest"] and one["questions"] for one in document["explanations"])
    own = next(one for one in document["explanations"] if one["patient"] == "P14" and one["group"] is None)
    assert own["verdict"] == "never"
    (fact,) = own["facts"]
    assert (fact["cell"], fact["value"]) == ("Patients!D15", "weekends")
    assert fact["ref"] == {"sheet": "Patients", "row": "P14", "column": "Availability"}
    others = next(one for one in document["explanations"] if one["patient"] == "P06")
    assert others["verdict"] == "others-first"
    assert len([one for one in others["facts"] if one["owner"]]) >= 2


@pytest.mark.slow
def test_full_names_every_fact(solved: Path, capsys: Any) -> None:
    short, full = (call(capsys, "explain", IMPOSSIBLE, solved, "--patient", "P06", *more) for more in ((), ("--full",)))
    assert "others keep what they have" in short.out
    assert "others keep what they have" not in full.out
    assert full.out.count("keeps") >= 2


def test_ctrl_c_before_anything_is_settled_is_130(solved: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = explaining.explain

    def hit(*args: Any, stop: threading.Event, **named: Any) -> Any:
        stop.set()
        return real(*args, stop=stop, **named)

    monkeypatch.setattr(explaining, "explain", hit)
    done = call(capsys, "explain", IMPOSSIBLE, solved)
    assert done.code == 130
    assert "not settled in the time" in done.out
    assert "Interrupted" in done.out


def test_where_nobody_is_short_there_is_nothing_to_explain(tmp_path: Path, capsys: Any) -> None:
    week, out = write_week(tmp_path / "week.xlsx"), tmp_path / "out.xlsx"
    assert call(capsys, "solve", week, "-o", out, *QUICK).code == 0
    done = call(capsys, "explain", week, out)
    assert done.code == 0
    assert "Everybody meets their weekly minimum and plan" in done.out
    named = call(capsys, "explain", IMPOSSIBLE, out)
    assert named.code == 2, "a timetable of another week is refused"


def test_strangers_are_refused_all_at_once_with_the_nearest_spelling(solved: Path, capsys: Any) -> None:
    done = call(capsys, "explain", IMPOSSIBLE, solved, "--patient", "P1O", "--patient", "nobody at all")
    assert done.code == 2
    assert "there is no patient 'P1O'" in done.err
    assert "did you mean" in done.err
    assert "there is no patient 'nobody at all'" in done.err
    problems = call(capsys, "explain", IMPOSSIBLE, solved, "--patient", "P1O", "--json").document["problems"]
    assert [one["code"] for one in problems] == ["unknown-patient"]


def test_a_timetable_that_breaks_a_rule_is_no_ground_for_questions(solved: Path, tmp_path: Path, capsys: Any) -> None:
    book = openpyxl.load_workbook(solved)
    sheet = book["Assignments"]
    sheet["A2"] = "P14"
    edited = tmp_path / "edited.xlsx"
    book.save(edited)
    done = call(capsys, "explain", IMPOSSIBLE, edited)
    assert done.code == 2
    assert "[broken-rule]" in done.err
    assert "P14" in done.err


def test_without_time_it_says_that_nothing_was_settled(solved: Path, capsys: Any) -> None:
    done = call(capsys, "explain", IMPOSSIBLE, solved, "--patient", "P06", "--time-limit", "0.000001")
    assert done.code == 3
    assert "not settled in the time" in done.out


def test_the_sheet_shortfalls_of_every_solve_has_the_proofs(solved: Path) -> None:
    sheet = openpyxl.load_workbook(solved)["Shortfalls"]
    heads = [cell.value for cell in sheet[1]]
    why = heads.index("Why")
    by_patient = {row[0].value: str(row[why].value) for row in sheet.iter_rows(min_row=2) if row[0].value}
    assert "proven impossible for this patient" in by_patient["P14"]
    assert "Patients!D15" in by_patient["P14"]
    assert "proven possible only at the cost of others" in by_patient["P06"]


@pytest.mark.slow
def test_a_solve_says_its_proofs_in_json(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("scheduler.pipeline.PROOF_SECONDS", 120.0)
    done = call(capsys, "solve", IMPOSSIBLE, "-o", tmp_path / "out.xlsx", "--json", *QUICK)
    shortfalls = {one["patient"]: one for one in done.document["shortfalls"]}
    assert all(one["proofs"] for one in shortfalls.values())
    assert all(proof["facts"] for one in shortfalls.values() for proof in one["proofs"])
