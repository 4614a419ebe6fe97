"""``solve``: what it writes, what it says on stdout and stderr, and with which code it ends."""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import (
    ROOT,
    SMALL_WEEK,
    Done,
    call,
    edit,
    impossible_week,
    rows_of,
    run,
    short_week,
    tiny_week,
    write_week,
)

FAST = ("--workers", "2", "--time-limit", "4")
TIER_FIELDS = {"tier", "goals", "value", "bound", "gap", "proven", "seconds"}
FIGURES = {"patients", "patients_short", "hours_short", "groups_missed", "sessions", "assignments"}
SOLVE_FIELDS = {
    "status", "exit_code", "profile", "seed", "input_sha256", "tiers", "figures", "rules", "seconds", "output",
    "problems", "interrupted",
}  # fmt: skip
SHEETS = ["Timetable", "Patients", "Therapists", "Rooms", "Rosters", "Shortfalls", "Summary", "Sessions", "Assignments"]


@pytest.fixture
def week(tmp_path: Path) -> Path:
    return write_week(tmp_path / "week.xlsx")


def refused(done: Done, *codes: str) -> None:
    """Exit 2, every code told on stderr, no result on stdout, no traceback."""
    assert done.code == 2, done
    for code in codes:
        assert f"[{code}]" in done.err
    assert done.out == ""
    assert "Traceback" not in done.err


# ---- a process of its own: what users and batch jobs run ----


def test_everybody_served_is_exit_0_with_the_result_on_stdout_and_a_quiet_stderr(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    done = run("solve", SMALL_WEEK, "-o", out, *FAST)
    assert done.code == 0
    assert "14 patients" in done.out
    assert "Everybody meets their weekly minimum and plan." in done.out
    assert "weekly-minimum" in done.out
    assert f"wrote {out}" in done.out
    assert done.err.splitlines() == ["1 notice (validate shows the notices)"], "no progress where nobody watches"
    assert openpyxl.load_workbook(out).sheetnames == SHEETS


def test_a_batch_job_gets_one_document_and_nothing_else(tmp_path: Path) -> None:
    week, out = write_week(tmp_path / "week.xlsx", short_week()), tmp_path / "out.xlsx"
    done = run("solve", week, "-o", out, "--json", "--seed", "5", *FAST)
    found = done.document
    assert done.code == 3
    assert done.err == ""
    assert found.keys() >= SOLVE_FIELDS
    assert found["status"] == "optimal"
    assert (found["profile"], found["seed"], found["output"]) == ("adult_iop", 5, str(out))
    assert found["input_sha256"] == hashlib.sha256(week.read_bytes()).hexdigest()
    assert [tier["tier"] for tier in found["tiers"]] == [1, 2, 3, 4, 5]
    for tier in found["tiers"]:
        assert tier.keys() >= TIER_FIELDS
        assert tier["bound"] <= tier["value"]
        assert (tier["gap"] == 0) == tier["proven"]
    assert found["tiers"][0]["goals"] == {"weekly-minimum": 9.0}
    assert found["figures"].keys() == FIGURES
    assert found["figures"]["patients_short"] == 1
    assert found["figures"]["hours_short"] == 3.0
    assert len(found["rules"]) == 16
    assert set(found["rules"].values()) == {0}
    assert found["seconds"].keys() >= {"read", "solve", "verify", "explain", "write"}
    assert found["shortfalls"][0]["patient"] == "P4"
    assert [problem["cell"] for problem in found["problems"]] == ["C5"], "a fact is told once"


@pytest.mark.slow
def test_evenings_called_off_are_told_as_shortfalls_with_reasons(tmp_path: Path) -> None:
    week = tmp_path / "friday.xlsx"
    shutil.copy(SMALL_WEEK, week)
    therapists = {row[0]: number for number, row in enumerate(rows_of(week, "Therapists"), start=2) if row[0]}
    header = [cell.value for cell in openpyxl.load_workbook(week)["Therapists"][1]]
    column = "ABCDEFGHIJ"[header.index("Unavailable")] if "Unavailable" in header else "ABCDEFGHIJ"[len(header)]
    edit(week, "Therapists", f"{column}1", "Unavailable")
    for row in therapists.values():
        edit(week, "Therapists", f"{column}{row}", "evenings")
    refused(run("solve", week, *FAST), "pin-nowhere")
    book = openpyxl.load_workbook(week)
    del book["Pins"]
    book.save(week)
    done = run("solve", week, *FAST)
    assert done.code == 3
    assert "below their weekly minimum" in done.out
    assert " h short" in done.out
    assert f"wrote {tmp_path / 'friday_timetable.xlsx'}" in done.out
    assert "Traceback" not in done.err


def test_colliding_pins_are_exit_4_and_name_the_pins_and_the_rules(tmp_path: Path) -> None:
    week, out = write_week(tmp_path / "week.xlsx", impossible_week()), tmp_path / "out.xlsx"
    done = run("solve", week, "-o", out, *FAST)
    assert done.code == 4
    assert "There is no timetable; nothing was written." in done.out
    assert "[pins-collide]" in done.err
    assert "Pins!A2" in done.err
    assert "Pins!A3" in done.err
    assert "apart: Patients kept apart never share a session" in " ".join(done.err.split())
    assert "Made Up" not in done.err, "a log names people by id"
    assert not out.exists()


def test_no_timetable_as_json(tmp_path: Path, capsys: Any) -> None:
    week = write_week(tmp_path / "week.xlsx", impossible_week())
    found = call(capsys, "solve", week, "--json", *FAST).document
    assert (found["status"], found["exit_code"], found["output"]) == ("impossible", 4, None)
    assert found.keys() >= SOLVE_FIELDS
    assert found["problems"][-1]["code"] == "pins-collide"
    assert list(tmp_path.iterdir()) == [week]


def test_a_fault_of_the_program_is_exit_1_and_says_how_to_report_it(
    week: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("three blocks by no therapist")

    monkeypatch.setattr("scheduler.pipeline.solve", broken)
    done = call(capsys, "solve", week)
    assert done.code == 1
    assert "Traceback" in done.err
    assert "three blocks by no therapist" in done.err
    assert "This is a fault of group-scheduler" in done.err
    assert "Please report it" in done.err
    found = call(capsys, "solve", week, "--json")
    assert found.document["status"] == "fault"
    assert "three blocks" in found.document["message"]
    assert "Please report it" in found.err


# ---- wrong commands and refused input ----


WRONG = [
    ("no command", ()),
    ("unknown command", ("slove", "week.xlsx")),
    ("no week", ("solve",)),
    ("unknown option", ("solve", "week.xlsx", "--fast")),
    ("two weeks", ("solve", "a.xlsx", "b.xlsx")),
    ("no time at all", ("solve", "week.xlsx", "--time-limit", "0")),
    ("negative time", ("solve", "week.xlsx", "--time-limit", "-3")),
    ("time in words", ("solve", "week.xlsx", "--time-limit", "soon")),
    ("time that is no number", ("solve", "week.xlsx", "--time-limit", "nan")),
    ("endless time", ("solve", "week.xlsx", "--time-limit", "inf")),
    ("negative seed", ("solve", "week.xlsx", "--seed", "-1")),
    ("half a seed", ("solve", "week.xlsx", "--seed", "1.5")),
    ("no workers", ("solve", "week.xlsx", "--workers", "0")),
    ("unknown names", ("solve", "week.xlsx", "--names", "nick")),
    ("verify without a timetable", ("verify", "week.xlsx")),
    ("sample without a size", ("sample", "out.xlsx", "--seed", "1")),
    ("sample of nobody", ("sample", "out.xlsx", "--patients", "0", "--seed", "1")),
    ("a command that prints no document", ("template", "out.xlsx", "--jason")),
]


@pytest.mark.parametrize("words", [case[1] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_command_is_exit_2(words: tuple[str, ...], tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    done = call(capsys, *words)
    assert (done.code, done.out) == (2, "")
    assert "Usage: group-scheduler" in done.err
    assert "Traceback" not in done.err
    found = call(capsys, *words, "--json")
    assert found.code == 2
    assert found.document["status"] == "invalid"
    assert found.document["problems"][0]["code"] == "command"
    assert found.document["problems"][0]["message"]
    assert found.err == ""
    assert list(tmp_path.iterdir()) == []


def test_bad_input_is_exit_2_with_every_problem_at_its_cell_errors_first(tmp_path: Path, capsys: Any) -> None:
    sheets = tiny_week()
    sheets["Patients"][0].append("Shoe size")
    sheets["Patients"][1][2] = "evennings"
    sheets["Groups"][1][2] = "many"
    week, out = write_week(tmp_path / "week.xlsx", sheets), tmp_path / "out.xlsx"
    done = call(capsys, "solve", week, "-o", out)
    refused(done, "bad-availability", "not-a-number")
    assert "Patients!C2" in done.err
    assert "Groups!C2" in done.err
    assert done.err.index("Groups!C2") < done.err.index("Patients!G1"), "errors first"
    assert "2 errors, 1 warning" in done.err
    found = call(capsys, "solve", week, "-o", out, "--json").document
    assert found["status"] == "invalid"
    assert found.keys() >= SOLVE_FIELDS
    problem = next(one for one in found["problems"] if one["code"] == "bad-availability")
    assert problem.keys() == {"code", "severity", "sheet", "cell", "value", "message", "hint"}
    assert (problem["severity"], problem["sheet"], problem["cell"]) == ("error", "Patients", "C2")
    assert problem["value"] == "evennings"
    assert not out.exists()


def test_files_that_are_not_there_or_no_week(tmp_path: Path, capsys: Any, week: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (tmp_path / "bad.yaml").write_text("max_blocks_per_dya: 1\n")
    (tmp_path / "part.yaml").write_text("goals: {parts: {preferences: {tiems: 2}}}\n")
    out = ("-o", tmp_path / "out.xlsx")
    for name in ("missing.xlsx", "empty", "notes.txt", "broken.xlsx"):
        refused(call(capsys, "solve", tmp_path / name, *out))
    refused(call(capsys, "solve", week, "--profile", "adlut_iop", *out), "unknown-profile")
    assert "adult_iop" in call(capsys, "solve", week, "--profile", "adlut_iop", *out).err
    told = call(capsys, "solve", week, "--profile", tmp_path / "bad.yaml", *out)
    refused(told)
    assert "max_blocks_per_day" in told.err
    told = call(capsys, "solve", week, "--profile", tmp_path / "part.yaml", *out)
    refused(told, "unknown-part")
    assert "times" in told.err
    refused(call(capsys, "solve", week, "--profile", tmp_path / "missing.yaml", *out), "profile-missing")
    refused(call(capsys, "solve", week, "--map", tmp_path / "missing.yaml", *out))
    refused(call(capsys, "solve", week, "--map", tmp_path / "bad.yaml", *out))
    refused(call(capsys, "solve", week, "--previous", tmp_path / "missing.xlsx", *out))
    refused(call(capsys, "solve", week, "--previous", week, *out), "missing-sheet")
    assert not (tmp_path / "out.xlsx").exists()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/", "w" * 300 + ".xlsx", "no/such/week.xlsx", "nul\0.xlsx", "/dev/null"]
)
@pytest.mark.parametrize("words", [("solve",), ("validate",), ("verify", SMALL_WEEK), ("solve", SMALL_WEEK, "-o")])
def test_a_path_that_is_no_week_is_no_fault(
    name: str, words: tuple[Any, ...], tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call(capsys, *words, name, "--json")
    assert done.code == 2
    assert done.document["problems"][0]["message"]
    assert done.err == ""
    assert list(tmp_path.iterdir()) == []


# ---- outputs ----


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that must not be reached."""

    def reached(*_: object, **__: object) -> None:
        raise AssertionError("the search began before the outputs were checked")

    monkeypatch.setattr("scheduler.pipeline.solve", reached)
    monkeypatch.setattr("scheduler.pipeline.load", reached)


@pytest.mark.usefixtures("no_search")
def test_outputs_are_refused_before_any_work(tmp_path: Path, week: Path, capsys: Any) -> None:
    before = week.read_bytes()
    there = write_week(tmp_path / "there.xlsx")
    (tmp_path / "linked.xlsx").symlink_to(week)
    os.link(week, tmp_path / "hard.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    for name, code in [
        ("there.xlsx", "output-exists"),
        ("out.xls", "output-not-xlsx"),
        ("out", "output-not-xlsx"),
        ("no/such/out.xlsx", "output-folder-missing"),
        ("folder.xlsx", "output-is-folder"),
        ("week.xlsx", "output-is-input"),
    ]:
        refused(call(capsys, "solve", week, "-o", tmp_path / name), code)
    for name in ("week.xlsx", "linked.xlsx", "hard.xlsx"):
        refused(call(capsys, "solve", week, "-o", tmp_path / name, "--force"), "output-is-input")
        refused(call(capsys, "solve", tmp_path / "linked.xlsx", "-o", tmp_path / name, "--force"), "output-is-input")
        wall = ("--wall", tmp_path / name)
        refused(call(capsys, "solve", week, "-o", tmp_path / "new.xlsx", *wall, "--force"), "output-is-input")
    previous = ("--previous", there, "--force")
    refused(call(capsys, "solve", week, "-o", there, *previous), "output-is-input")
    new = tmp_path / "new.xlsx"
    refused(call(capsys, "solve", week, "-o", new, "--wall", new), "output-twice")
    refused(call(capsys, "solve", week, "-o", new, "--wall", tmp_path / "." / "new.xlsx", "--force"), "output-twice")
    refused(call(capsys, "solve", week, "-o", new, "--wall", there), "output-exists")
    assert week.read_bytes() == before
    assert not new.exists()


@pytest.mark.usefixtures("no_search")
def test_a_folder_that_the_system_calls_unwritable(tmp_path: Path, week: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("scheduler.files.os.access", lambda *_: False)
    refused(call(capsys, "solve", week, "-o", tmp_path / "out.xlsx"), "output-not-writable")


def test_force_replaces_an_old_timetable(tmp_path: Path, week: Path, capsys: Any) -> None:
    out = tmp_path / "out.xlsx"
    out.write_bytes(b"old")
    assert call(capsys, "solve", week, "-o", out, *FAST).code == 2
    assert out.read_bytes() == b"old"
    assert call(capsys, "solve", week, "-o", out, "--force", *FAST).code == 0
    assert openpyxl.load_workbook(out).sheetnames == SHEETS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.xlsx", "week.xlsx"]


def test_the_copy_for_the_wall_and_what_stands_for_a_person(tmp_path: Path, week: Path, capsys: Any) -> None:
    wall = tmp_path / "wall.xlsx"
    done = call(capsys, "solve", week, "--wall", wall, "--names", "ids", *FAST)
    assert done.code == 0
    assert f"wrote {wall}" in done.out
    for path in (wall, tmp_path / "week_timetable.xlsx"):
        book = openpyxl.load_workbook(path)
        texts = " ".join(str(cell.value) for page in book for row in page.iter_rows() for cell in row)
        assert "Made Up" not in texts
        assert "Inge" not in texts
        assert ("P1" in texts) == (path is not wall)
    initials = tmp_path / "initials.xlsx"
    assert call(capsys, "solve", week, "-o", initials, "--names", "initials", *FAST).code == 0
    texts = " ".join(
        str(cell.value) for row in openpyxl.load_workbook(initials)["Patients"].iter_rows() for cell in row
    )
    assert "Made Up" not in texts
    full = tmp_path / "full.xlsx"
    assert call(capsys, "solve", week, "-o", full, *FAST).code == 0
    texts = " ".join(str(cell.value) for row in openpyxl.load_workbook(full)["Patients"].iter_rows() for cell in row)
    assert "Made Up 1" in texts


# ---- input in its other forms and places ----


def test_every_form_of_the_week_from_any_folder(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "Wöche 12 [old] (Gruppe)"
    place.mkdir()
    tree = {name: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] for name, rows in tiny_week().items()}
    (place / "wéek 1.json").write_text(json.dumps(tree), encoding="utf-8")
    csv = place / "csv.folder"
    csv.mkdir()
    for name, rows in tiny_week().items():
        lines = [";".join(str(value) for value in row) for row in rows]
        (csv / f"{name.lower()}.csv").write_text("\n".join(lines), encoding="utf-8")
    write_week(place / "week 日.xlsx")
    monkeypatch.chdir(place)
    told = [
        call(capsys, "solve", name, "--json", *FAST).document for name in ("wéek 1.json", "csv.folder", "week 日.xlsx")
    ]
    assert [one["output"] for one in told] == [
        "wéek 1_timetable.xlsx",
        "csv.folder_timetable.xlsx",
        "week 日_timetable.xlsx",
    ]
    assert [one["figures"] for one in told[1:]] == [told[0]["figures"]] * 2
    assert all((place / one["output"]).exists() for one in told)
    monkeypatch.chdir(csv)
    shown = call(capsys, "solve", ".", *FAST, "--force")
    assert shown.code == 0
    assert "Wöche 12 [old] (Gruppe)" in shown.out, "brackets in a path are no markup"


def test_a_messy_export_with_its_map(tmp_path: Path, capsys: Any) -> None:
    folder = ROOT / "data" / "messy_export"
    out = tmp_path / "out.xlsx"
    done = call(capsys, "solve", folder / "ehr_export.xlsx", "--map", folder / "map.yaml", "-o", out, *FAST)
    assert done.code == 0, done.err
    assert "Client List!I4" in done.err, "a doubtful column is told even when all went well"
    assert "extra-sheet" not in done.err, "what was merely passed over does not shout"
    assert "notices (validate shows the notices)" in done.err


def test_last_week_s_own_output_goes_back_in(tmp_path: Path, week: Path, capsys: Any) -> None:
    last = tmp_path / "last.xlsx"
    assert call(capsys, "solve", week, "-o", last, *FAST).code == 0
    seats = rows_of(last, "Assignments")
    other = "MON" if seats[0][2] == "WED" else "WED"
    # Last week was the other evening, so without looking back nothing would move it there.
    times = ("Mon", "Wed") if other == "MON" else ("Wed", "Mon")
    book = openpyxl.load_workbook(last)
    for row in book["Assignments"].iter_rows(min_row=2):
        row[1].value = row[1].value.replace(row[2].value, other)
        row[2].value, row[3].value = other, times[0]
    book.save(last)
    found = call(capsys, "solve", week, "-o", tmp_path / "next.xlsx", "--previous", last, "--json", *FAST).document
    assert {row[2] for row in rows_of(tmp_path / "next.xlsx", "Assignments")} == {other}
    assert found["tiers"][2]["goals"] == {"continuity": 0.0}
    sheets = tiny_week(Previous=[[cell.value for cell in row] for row in book["Assignments"].iter_rows()])
    with_sheet = write_week(tmp_path / "with_sheet.xlsx", sheets)
    assert call(capsys, "solve", with_sheet, "-o", tmp_path / "same.xlsx", *FAST).code == 0
    assert {row[2] for row in rows_of(tmp_path / "same.xlsx", "Assignments")} == {other}


def test_what_a_profile_asks_and_nobody_checks_is_told_once(tmp_path: Path, week: Path, capsys: Any) -> None:
    profile = tmp_path / "mine.yaml"
    profile.write_text("name: mine\nextends: adult_iop\nnot_enforced: [one physician visit a week]\n")
    done = call(capsys, "solve", week, "--profile", profile, *FAST)
    assert done.err.count("one physician visit a week") == 1
    assert "mine also asks what this program does not check" in done.err
    found = call(capsys, "solve", week, "--profile", profile, "--json", "--force", *FAST)
    assert found.document["notices"] == ["one physician visit a week"]
    assert found.err == ""


def test_the_installed_command_is_the_same_door(tmp_path: Path, capsys: Any) -> None:
    script = Path(sys.executable).with_name("group-scheduler")
    if script.exists():
        import subprocess

        told = subprocess.run([script, "--version"], capture_output=True, text=True, check=True).stdout
    else:
        told = call(capsys, "--version").out
    assert told.startswith("group-scheduler, version ")
    assert run("--version", cwd=tmp_path).out == told


@pytest.mark.parametrize(
    ("status", "interrupted", "words"),
    [
        ("optimal", False, "Every tier is proven"),
        ("feasible", False, "The search stopped at its limit"),
        ("feasible", True, "Interrupted: this is the best timetable found by then."),
        ("optimal", True, "It was proven by then that none is better."),
    ],
)
def test_a_label_claims_no_more_than_was_proven(
    status: str, interrupted: bool, words: str, capsys: Any, monkeypatch: Any
) -> None:
    from scheduler.domain.outcome import Status
    from scheduler.reports.console import console, print_status

    monkeypatch.setenv("COLUMNS", "200")
    print_status(console(), Status(status), interrupted=interrupted)
    told = capsys.readouterr().out
    assert words in told
    assert ("Interrupted" in told) == interrupted
    assert ("proven" in told and "not every" not in told) == (status == "optimal")
