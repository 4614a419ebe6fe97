"""``compare``: what it says of two timetables, also edited by hand, and with which code it ends."""

import shutil
from pathlib import Path

import openpyxl
import pytest
from cli_process import call, edit, rows_of, run, short_week, tiny_week, write_week

FAST = ("--workers", "1", "--time-limit", "4", "--quiet")


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a week, its timetable, and that of the week in which one can come to no block."""
    folder = tmp_path_factory.mktemp("compare")
    write_week(folder / "week.xlsx", tiny_week(Apart=[["Patient", "With"], ["P1", "P2"]]))
    write_week(folder / "short.xlsx", short_week())
    assert run("solve", folder / "week.xlsx", "-o", folder / "a.xlsx", *FAST).code == 0
    assert run("solve", folder / "short.xlsx", "-o", folder / "short_a.xlsx", *FAST).code == 3
    return folder


def copy(solved: Path, tmp_path: Path) -> Path:
    target = tmp_path / "b.xlsx"
    shutil.copy(solved / "a.xlsx", target)
    return target


def take_out_seats(path: Path, patient: str) -> None:
    book = openpyxl.load_workbook(path)
    page = book["Assignments"]
    for row in range(page.max_row, 1, -1):
        if page.cell(row, 1).value == patient:
            page.delete_rows(row)
    book.save(path)


def test_a_timetable_beside_itself(solved: Path, tmp_path: Path) -> None:
    done = run("compare", solved / "week.xlsx", solved / "a.xlsx", copy(solved, tmp_path))
    assert done.code == 0
    assert done.out.splitlines()[0] == "A and B are identical: the same sessions, rooms and seats."
    assert done.err == ""


def test_seats_taken_out_by_hand_leave_somebody_short(
    solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = copy(solved, tmp_path)
    take_out_seats(second, "P3")
    done = call(capsys, "compare", solved / "week.xlsx", solved / "a.xlsx", second)
    assert done.code == 3
    assert done.out.startswith("A is better, first by weekly-minimum (tier 1): 0 against 9 priority-weighted hours.")
    assert "P3 loses: hours short 0 -> 3" in done.out
    assert "P3: leaves " in done.out
    assert "wrong-size" in done.err, "what the file itself says of its sizes is told with the file's name"
    assert "[b.xlsx]Sessions" in done.err
    turned = call(capsys, "compare", solved / "week.xlsx", second, solved / "a.xlsx")
    assert turned.code == 0, "what counts is the second"
    assert turned.out.startswith("B is better, first by weekly-minimum")


def test_a_broken_rule_is_listed_and_is_exit_3(
    solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = copy(solved, tmp_path)
    book = openpyxl.load_workbook(second)
    seats = book["Assignments"]
    rows = {seats.cell(row, 1).value: row for row in range(2, seats.max_row + 1)}
    for column in range(2, 11):
        seats.cell(rows["P2"], column).value = seats.cell(rows["P1"], column).value
    book.save(second)
    done = call(capsys, "compare", solved / "week.xlsx", solved / "a.xlsx", second)
    assert done.code == 3
    assert done.out.startswith("A is better: it keeps every rule, and B breaks rules once.")
    assert "B only: " in done.out
    assert "[apart]" in done.out


def test_one_document_with_everything(solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second, out = copy(solved, tmp_path), tmp_path / "out.xlsx"
    take_out_seats(second, "P3")
    words = ("compare", solved / "week.xlsx", solved / "a.xlsx", second, "-o", out, "--json")
    done = call(capsys, *words)
    found = done.document
    assert done.code == 3
    assert found["status"] == "compared"
    assert {"profile", "seed", "input_sha256", "problems", "tiers", "figures", "rules"} <= set(found)
    assert found["output"] == str(out)
    assert found["figures"]["patients_short"] == 1
    comparison = found["comparison"]
    assert (comparison["better"], comparison["reason"], comparison["identical"]) == ("before", "goals", False)
    assert (comparison["gaining"], comparison["losing"], comparison["moved"]) == ([], ["P3"], ["P3"])
    assert comparison["tier"]["goals"] == ["weekly-minimum"]
    assert rows_of(out, "Gains and losses")[0][:4] == ("P3", "loses", 0, 3)
    assert rows_of(out, "Moves")[0][0] == "P3"
    again = call(capsys, *words)
    assert [one["code"] for one in again.document["problems"]] == ["output-exists"]
    assert call(capsys, *words, "--force").code == 3


def test_the_order_of_the_profile_decides(solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "other.yaml"
    profile.write_text("name: other\nextends: adult_iop\ngoals:\n  tiers: [[operations]]\n", encoding="utf-8")
    second = copy(solved, tmp_path)
    take_out_seats(second, "P3")
    words = ("compare", solved / "week.xlsx", solved / "a.xlsx", second, "--profile", profile)
    done = call(capsys, *words)
    assert "by operations (tier 1)" in done.out
    assert "weekly-minimum (not ranked)" in done.out


def test_unreadable_files_are_exit_2_all_at_once(
    solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, out = tmp_path / "first.xlsx", copy(solved, tmp_path), tmp_path / "out.xlsx"
    shutil.copy(second, first)
    edit(first, "Sessions", "B2", "NOWHERE")
    edit(second, "Assignments", "A2", "P99")
    done = call(capsys, "compare", solved / "week.xlsx", first, second, "-o", out)
    assert done.code == 2
    assert "[first.xlsx]Sessions!B2" in done.err
    assert "[b.xlsx]Assignments!A2" in done.err
    assert done.out == ""
    assert not out.exists()
    missing = call(capsys, "compare", solved / "week.xlsx", solved / "a.xlsx", tmp_path / "none.xlsx", "--json")
    assert [one["code"] for one in missing.document["problems"]] == ["missing-file"]


def test_no_input_is_written_over(solved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = solved / "a.xlsx"
    for target in (a, solved / "week.xlsx"):
        done = call(capsys, "compare", solved / "week.xlsx", a, a, "-o", target, "--force")
        assert done.code == 2
        assert "output-is-input" in done.err


def test_shortfalls_in_both(solved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = call(capsys, "compare", solved / "short.xlsx", solved / "short_a.xlsx", solved / "short_a.xlsx")
    assert done.code == 3
    assert done.out.startswith("A and B are identical")
