"""``validate``, ``verify``, ``template``, ``sample`` and ``profiles``."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import ROOT, SMALL_WEEK, call, edit, rows_of, run, short_week, tiny_week, write_week

FAST = ("--workers", "2", "--time-limit", "4")


@pytest.fixture
def solved(tmp_path: Path, capsys: Any) -> tuple[Path, Path]:
    """The tiny week, and its timetable as the program wrote it."""
    week, out = write_week(tmp_path / "week.xlsx"), tmp_path / "out.xlsx"
    assert call(capsys, "solve", week, "-o", out, *FAST).code == 0
    return week, out


def bad_week(path: Path) -> Path:
    sheets = tiny_week()
    sheets["Patients"][1][2] = "evennings"
    sheets["Read me"] = [["All people are synthetic."]]
    return write_week(path, sheets)


# ---- verify ----


def test_own_output_verifies_as_it_was_solved(solved: tuple[Path, Path], tmp_path: Path, capsys: Any) -> None:
    done = call(capsys, "verify", *solved)
    assert done.code == 0
    assert "Every rule is kept." in done.out
    for words in ("one-place-at-a-time", "weekly-minimum", "priority-weighted hours", "4 patients, 1 session, 4 seats"):
        assert words in done.out
    found = call(capsys, "verify", *solved, "--json").document
    assert (found["status"], found["exit_code"]) == ("kept", 0)
    assert set(found["rules"].values()) == {0}
    assert found["goals"].keys() == {"weekly-minimum", "treatment-plan", "continuity", "preferences", "operations"}
    short, out = write_week(tmp_path / "short.xlsx", short_week()), tmp_path / "short_out.xlsx"
    assert call(capsys, "solve", short, "-o", out, *FAST).code == 3
    assert call(capsys, "verify", short, out).code == 3


def test_a_patient_moved_by_hand_to_where_they_may_not_be(tmp_path: Path, capsys: Any) -> None:
    week, out = write_week(tmp_path / "week.xlsx", short_week()), tmp_path / "out.xlsx"
    assert call(capsys, "solve", week, "-o", out, *FAST).code == 3
    book = openpyxl.load_workbook(out)
    row = [cell.value for cell in book["Assignments"][2]]
    book["Assignments"].append(["P4", *row[1:]])
    book.save(out)
    done = run("verify", week, out)
    assert done.code == 2
    assert "broken  availability" in done.out
    assert "P4" in done.out
    assert "Patients!C5" in done.out, "the cell that says when they can come"
    assert "Not a valid timetable: rules are broken once." in done.out
    assert "Rules broken, times: availability 1" in done.out
    found = call(capsys, "verify", week, out, "--json").document
    assert (found["status"], found["exit_code"]) == ("broken", 2)
    assert found["rules"]["availability"] == 1
    assert found["violations"][0]["patients"] == ["P4"]
    assert found["violations"][0]["cells"].startswith("Patients!C5")


def test_a_timetable_that_cannot_be_read(solved: tuple[Path, Path], tmp_path: Path, capsys: Any) -> None:
    week, out = solved
    edit(out, "Assignments", "A2", "P99")
    done = call(capsys, "verify", week, out)
    assert done.code == 2
    assert "Assignments!A2" in done.err
    assert "P99" in done.err
    assert done.out == ""
    assert call(capsys, "verify", week, tmp_path / "missing.xlsx", "--json").document["status"] == "invalid"
    assert call(capsys, "verify", week, week).code == 2


def test_verify_uses_nothing_of_the_solver(solved: tuple[Path, Path]) -> None:
    script = (
        "import sys\n"
        "sys.modules['ortools'] = None\n"  # any import of it now fails
        "from scheduler.cli import main\n"
        "sys.exit(main(['verify', *sys.argv[1:]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, solved)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Every rule is kept." in done.stdout


# ---- validate ----


def test_validate_shows_everything_and_solves_nothing(tmp_path: Path, capsys: Any) -> None:
    week = bad_week(tmp_path / "week.xlsx")
    done = call(capsys, "validate", week)
    assert (done.code, done.err) == (2, "")
    assert "error   Patients!C2  [bad-availability]" in done.out
    assert "found: evennings" in done.out
    assert "notice  Read me  [extra-sheet]" in done.out
    assert "1 error, 1 notice" in done.out
    assert "refused, nothing can be solved yet" in done.out
    good = call(capsys, "validate", SMALL_WEEK)
    assert good.code == 0
    assert "can be solved" in good.out
    assert "[extra-sheet]" in good.out
    assert list(tmp_path.iterdir()) == [week]


def test_validate_as_json(tmp_path: Path, capsys: Any) -> None:
    found = call(capsys, "validate", bad_week(tmp_path / "week.xlsx"), "--json").document
    assert (found["status"], found["exit_code"]) == ("invalid", 2)
    assert [one["code"] for one in found["problems"] if one["severity"] == "error"] == ["bad-availability"]
    found = call(capsys, "validate", SMALL_WEEK, "--json").document
    assert (found["status"], found["exit_code"]) == ("valid", 0)


def test_an_annotated_copy_marks_the_bad_cell_and_leaves_the_rest(tmp_path: Path, capsys: Any) -> None:
    week, copy = bad_week(tmp_path / "week.xlsx"), tmp_path / "copy.xlsx"
    before = week.read_bytes()
    done = call(capsys, "validate", week, "--annotate", copy)
    assert done.code == 2
    assert f"wrote {copy}" in done.out
    page = openpyxl.load_workbook(copy)["Patients"]
    assert page["C2"].value == "evennings"
    assert page["C2"].comment is not None
    assert page["C2"].fill.fgColor.rgb != page["C3"].fill.fgColor.rgb
    assert page["C3"].comment is None
    assert week.read_bytes() == before
    assert call(capsys, "validate", week, "--annotate", copy).code == 2
    assert "output-exists" in call(capsys, "validate", week, "--annotate", copy).err
    assert "output-is-input" in call(capsys, "validate", week, "--annotate", week, "--force").err
    assert week.read_bytes() == before
    good = tmp_path / "good.xlsx"
    assert call(capsys, "validate", SMALL_WEEK, "--annotate", good, "--json").document["output"] == str(good)
    assert "Patients" in openpyxl.load_workbook(good).sheetnames
    gone = call(capsys, "validate", tmp_path / "missing.xlsx", "--annotate", tmp_path / "list.xlsx")
    assert gone.code == 2
    assert "Traceback" not in gone.err


# ---- template, sample, profiles ----


def test_a_template_that_was_filled_in_is_solved(tmp_path: Path, capsys: Any) -> None:
    path, out = tmp_path / "filled.xlsx", tmp_path / "out.xlsx"
    done = call(capsys, "template", path)
    assert (done.code, done.out) == (0, f"wrote {path}\n")
    empty = call(capsys, "solve", path, "-o", out)
    assert empty.code == 2, "an empty template holds no week"
    assert "Traceback" not in empty.err
    book = openpyxl.load_workbook(path)
    for title, rows in tiny_week().items():
        page = book[title]
        columns = {cell.value: cell.column for cell in page[1]}
        first = next(row for row in range(2, 99) if page.cell(row, 1).value is None)
        for number, row in enumerate(rows[1:], start=first):
            for name, value in zip(rows[0], row, strict=True):
                page.cell(number, columns[name]).value = value
    book.save(path)
    solved = call(capsys, "solve", path, "-o", out, *FAST)
    assert solved.code == 0, solved.err
    assert "Warning" not in solved.err, "libraries keep their remarks to themselves"
    assert {row[0] for row in rows_of(out, "Assignments")} == {"P1", "P2", "P3", "P4"}
    assert call(capsys, "template", path).code == 2, "a filled-in template is not lost by surprise"
    assert call(capsys, "template", tmp_path / "no" / "t.xlsx", "--force").code == 2


def test_a_sample_is_solved_and_the_same_again(tmp_path: Path, capsys: Any) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    for path in (one, two):
        assert call(capsys, "sample", path, "--patients", "12", "--seed", "4").code == 0
    assert one.read_bytes() == two.read_bytes()
    done = call(capsys, "solve", one, "--json", "--time-limit", "3", "--workers", "2")
    assert done.code in (0, 3)
    assert done.document["figures"]["patients"] == 12
    assert call(capsys, "sample", one, "--patients", "12", "--seed", "5").code == 2
    assert one.read_bytes() == two.read_bytes()
    assert call(capsys, "sample", one, "--patients", "12", "--seed", "5", "--force").code == 0
    assert one.read_bytes() != two.read_bytes()


def test_profiles_are_listed_and_printed_with_their_sources(tmp_path: Path, capsys: Any) -> None:
    done = call(capsys, "profiles")
    assert done.code == 0
    assert done.out.startswith("adult_iop ")
    assert "\nreproducible " in done.out
    one = call(capsys, "profiles", "texas_sud")
    assert one.code == 0
    again = tmp_path / "again.yaml"
    again.write_text(one.out, encoding="utf-8")
    assert "verify with your payer" in " ".join(one.out.split())
    assert call(capsys, "profiles", again).out.splitlines()[1:] == one.out.splitlines()[1:]
    unknown = call(capsys, "profiles", "texas_sub")
    assert unknown.code == 2
    assert "did you mean texas_sud?" in unknown.err
