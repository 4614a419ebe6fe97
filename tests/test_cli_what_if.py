"""``what-if``: a change in memory, solved and laid beside the unchanged week."""

import json
import signal
import sys
from pathlib import Path

import pytest
from cli_process import ROOT, OnTerminal, call, impossible_week, rows_of, run, short_week, tiny_week, write_week

FAST = ("--workers", "1", "--time-limit", "4", "--quiet")


@pytest.fixture
def week(tmp_path: Path) -> Path:
    return write_week(tmp_path / "week.xlsx", short_week())


def test_one_who_could_not_come_now_can(week: Path, tmp_path: Path) -> None:
    before = week.read_bytes()
    out = tmp_path / "out.xlsx"
    done = run("what-if", week, "--set", "patients/p4/Availability+=Mon evenings", "-o", out, *FAST)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == (
        "The changed week is better, first by weekly-minimum (tier 1): 0 against 9 priority-weighted hours."
    )
    assert "P4 gains: hours short 3 -> 0" in done.out
    assert "Tier 1 (weekly-minimum): 9 -> 0. Proven: both are the best possible" in done.out
    assert f"wrote {out}" in done.out
    assert week.read_bytes() == before
    assert {row[0] for row in rows_of(out, "Assignments")} == {"P1", "P2", "P3", "P4"}
    said = [str(cell) for row in rows_of(out, "Summary") for cell in row if cell]
    assert any("--set patients/p4/Availability+=Mon evenings" in one for one in said)


def test_the_document(week: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = call(capsys, "what-if", week, "--remove-row", "Patients/P4", "--seed", "3", "--json", *FAST)
    found = done.document
    assert (found["status"], found["exit_code"], found["seed"]) == ("optimal", 0, 3)
    assert found["changes"] == ["--remove-row Patients/P4"]
    assert len(found["tiers"]) == 5, "the tier that keeps people in their places is no part of the profile"
    assert found["comparison"]["patients"][0]["in_after"] is False
    assert {one["proof"] for one in found["conclusions"]["claims"]} == {"exact"}
    assert found["conclusions"]["moves_proven"]
    assert found["figures"]["patients"] == 3


@pytest.mark.parametrize("form", ["data/small_week_csv", "data/small_week.json"])
def test_other_forms_of_input(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--set", "Apart/2/With=P05", "--against", "nowhere.xlsx")
    done = call(capsys, "what-if", ROOT / form, *words, "--json")
    assert [one["code"] for one in done.document["problems"] if one["severity"] == "error"] == ["missing-file"]


def test_rows_of_a_file(week: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tmp_path / "people.csv"
    rows.write_text("Patient,Availability,Min hours,Min blocks,Max blocks\nP8,evenings,3,1,2\n", encoding="utf-8")
    done = call(capsys, "what-if", week, "--add-row", "Patients", rows, *FAST)
    assert done.code == 3, "P4 is short as before"
    assert "P8 is in the changed week only" in done.out or "P8: gets " in done.out
    never = call(capsys, "what-if", week, "--add-row", "Patients", rows, "-o", rows, "--force", *FAST)
    assert never.code == 2


def test_against_a_timetable_given(week: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = tmp_path / "given.xlsx"
    assert call(capsys, "solve", week, "-o", given, *FAST).code == 3
    there = given.read_bytes()
    done = call(capsys, "what-if", week, "--set", "Patients/P4/Availability=evenings", "--against", given, *FAST)
    assert done.code == 0
    assert "was given, not solved" in done.out
    assert "Tier 1 (weekly-minimum): 9 -> 0. Not proven" in done.out
    assert given.read_bytes() == there
    never = call(capsys, "what-if", week, "--set", "Patients/P4/Name=x", "--against", given, "-o", given, "--force")
    assert never.code == 2
    assert "output-is-input" in never.err


def test_a_change_that_says_nothing(week: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = call(capsys, "what-if", week, "--set", "Groups/PROC/Max size=8", *FAST)
    assert done.code == 3
    assert done.out.startswith("The change says nothing new")
    assert "are identical" in done.out


def test_wrong_changes_are_exit_2_all_at_once(week: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.xlsx"
    sets = ("--set", "Patients/P44/Tags=a", "--set", "Patients/P1/Availability=Mon 6-9", "--set", "Groups/PROC")
    done = call(capsys, "what-if", week, *sets, "--remove-row", "Roms/R1", "-o", out, *FAST)
    assert done.code == 2
    for code in ("unknown-row", "bad-availability", "edit-shape", "unknown-sheet"):
        assert f"[{code}]" in done.err
    assert "Patients!C2" in done.err
    assert "the cell's value comes from --set Patients/P1/Availability=Mon 6-9" in done.err
    assert "did you mean 'Rooms'?" in done.err
    assert (done.out, out.exists()) == ("", False)


def test_no_change_is_a_wrong_command(week: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = call(capsys, "what-if", week, "--json")
    assert done.code == 2
    assert done.document["problems"][0]["message"] == "give a change: --set, --add-row or --remove-row"


def test_a_change_that_mends_a_file_that_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tiny_week()
    rows["Patients"][1][2] = "Mon 6-9"
    bad = write_week(tmp_path / "bad.xlsx", rows)
    asked = ("what-if", bad, "--set", "Patients/P1/Availability=any")
    done = call(capsys, *asked, *FAST)
    assert done.code == 0
    assert done.out.startswith("The unchanged week cannot be solved (validate shows why); the changed week has one.")
    found = call(capsys, *asked, "--json", *FAST).document
    assert [(one["sheet"], one["cell"]) for one in found["unchanged_problems"]] == [("Patients", "C2")]
    assert (found["status"], found["comparison"], found["same_week"]) == ("optimal", None, False)
    against = call(capsys, *asked, "--against", tmp_path / "nowhere.xlsx", "--json")
    assert against.code == 2, "of a file that is refused no timetable can be read"
    worse = call(capsys, "what-if", bad, "--set", "Patients/P2/Availability=any", "--json")
    assert worse.code == 2


def test_a_change_that_makes_it_impossible_and_one_that_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write_week(tmp_path / "bad.xlsx", impossible_week())
    mended = call(capsys, "what-if", bad, "--remove-row", "Apart/2", *FAST)
    assert mended.code == 0
    assert mended.out.startswith("The unchanged week has no timetable; the changed week has one.")
    rows = impossible_week()
    good = write_week(tmp_path / "good.xlsx", {**rows, "Pins": rows["Pins"][:2]})
    pin = tmp_path / "pin.json"
    pin.write_text(json.dumps({"Patient": "P2"}), encoding="utf-8")
    out = tmp_path / "out.xlsx"
    worse = call(capsys, "what-if", good, "--add-row", "Pins", pin, "-o", out, *FAST)
    assert worse.code == 4
    assert "The changed week has no timetable." in worse.out
    assert not out.exists()
    document = call(capsys, "what-if", good, "--add-row", "Pins", pin, "--json", *FAST).document
    assert (document["status"], document["comparison"]) == ("impossible", None)


def test_the_same_answer_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    week = write_week(tmp_path / "week.xlsx", tiny_week())
    words = ("what-if", week, "--set", "Rooms/R1/Capacity=2", "--reproducible", "--json", "--quiet")
    first, second = (call(capsys, *words).document for _ in range(2))
    assert first["comparison"] == second["comparison"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_gives_the_best_so_far() -> None:
    """Sent as soon as the search runs: what was found by then is shown, or that there was nothing yet."""
    words = (
        "what-if",
        ROOT / "data" / "clinic_60.xlsx",
        "--set",
        "Rooms/R1/Capacity=9",
        "--time-limit",
        "300",
        "--json",
    )
    shown = OnTerminal(*words)
    shown.until(r"tier 1\b")
    shown.process.send_signal(signal.SIGINT)
    done = shown.end()
    assert done.document["interrupted"]
    assert done.code in (0, 3, 130)
