"""``replan``: what it prints before and after the search, the workbook and its list of calls, exit codes, bad words."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import ROOT, Done, Rows, call, edit, rows_of, run, tiny_week, write_week

from scheduler.advice.repair_search import Search

SHEETS = ["Changes", "Timetable", "Patients", "Therapists", "Rooms", "Rosters", "Shortfalls", "Summary", "Sessions",
          "Assignments"]  # fmt: skip
QUICK = ("--time-limit", "8")


def a_week(**changes: Any) -> dict[str, Any]:
    """Two evenings, two therapists, two rooms; whoever comes on Monday may also come on Wednesday."""
    return tiny_week(
        **{
            "Therapists": [
                ["Therapist", "Name", "Availability", "Groups"],
                ["T1", "Inge Invented", "any", "*"],
                ["T2", "Otto Other", "Mon", "*"],
            ],
            "Rooms": [["Room", "Name", "Capacity"], ["R1", "Room 1", 8], ["R2", "Room 2", 8]],
            **changes,
        }
    )


def a_timetable(path: Path, *sessions: tuple[str, str, str, str, str]) -> Path:
    """A timetable as by hand: id, block, therapist, room, patients."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "Sessions"
    page.append(["Session", "Block", "Group", "Therapist", "Room"])
    seats = book.create_sheet("Assignments")
    seats.append(["Patient", "Session"])
    for name, block, therapist, room, people in sessions:
        page.append([name, block, "PROC", therapist, room])
        for one in people.split():
            seats.append([one, name])
    book.save(path)
    return path


@pytest.fixture
def week(tmp_path: Path) -> Path:
    return write_week(tmp_path / "week.xlsx", a_week())


@pytest.fixture
def timetable(tmp_path: Path) -> Path:
    return a_timetable(
        tmp_path / "now.xlsx", ("MON-1", "MON", "T1", "R1", "P1 P2"), ("WED-1", "WED", "T1", "R1", "P3 P4")
    )


def refused(done: Done, *codes: str) -> None:
    assert done.code == 2, done
    assert all(f"[{code}]" in done.err for code in codes)
    assert "Traceback" not in done.err


# ---- what it does ---------------------------------------------------------------------------------------------------


def test_a_call_out_is_covered_and_everything_is_told(capsys: Any, week: Path, timetable: Path) -> None:
    done = call(capsys, "replan", week, timetable, "--without", "T1 Mon", *QUICK)
    assert done.code == 0, done
    hurt, _, rest = done.out.partition("Repaired: ")
    assert "Hurt: 1 session, 2 people." in hurt
    assert "MON-1 (Mon 18:00-21:00 PROC, T1): T1 is called out. P1, P2" in hurt
    assert "0 people come at another time or to another group (proven); 2 more only meet another facilitator." in rest
    assert "MON-1): covered by T2." in rest
    assert "2 same session, 2 same block and group" in rest
    order = [rest.index(words) for words in ("To telephone", "T2 (leads)", "To tell on arrival", " P1: ", " P2: ")]
    assert order == sorted(order)
    out = week.parent / "now_replanned.xlsx"
    assert f"wrote {out}" in rest
    assert openpyxl.load_workbook(out).sheetnames == SHEETS
    assert rows_of(out, "Sessions")[1] == rows_of(out, "Sessions")[1]
    assert [row[0] for row in rows_of(out, "Sessions")] == ["MON-1", "WED-1"]
    cells = [[str(one) for one in row if one is not None] for row in rows_of(out, "Changes")]
    told = [row for row in cells if row and row[0].isdecimal()]
    assert [(row[2], row[3]) for row in told] == [
        ("T2", "Otto Other (leads)"),
        ("P1", "Made Up 1"),
        ("P2", "Made Up 2"),
    ]
    assert told[1][6:] == [
        "Mon 18:00-21:00 Process, Inge Invented, Room 1",
        "Mon 18:00-21:00 Process, Otto Other, Room 1",
        "T1 is called out",
    ]
    # what comes out goes back in; the week's file knows nothing of the change
    assert call(capsys, "verify", week, out).code == 0
    again = call(capsys, "replan", week, out, "--without", "T1 Mon", "--json", "-o", week.parent / "again.xlsx", *QUICK)
    assert (again.code, again.document["hurt"], again.document["changes"]) == (0, [], [])


def test_json_is_one_document_with_who_is_hurt_and_whom_to_call(week: Path, timetable: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    done = run("replan", week, timetable, "--close", "Mon", "--json", "-o", out, *QUICK)
    document = done.document
    assert (done.code, done.err) == (0, "")
    assert (document["status"], document["output"], document["problems"]) == ("optimal", str(out), [])
    assert {"profile", "seed", "input_sha256", "tiers", "figures", "rules", "seconds"} <= document.keys()
    assert document["rules"]["blocks-closed"] == 0
    assert [(one["id"], one["people"], one["reasons"]) for one in document["hurt"]] == [
        ("MON-1", ["P1", "P2"], ["MON is closed"])
    ]
    moves = document["moves"]
    assert (moves["moved"], moves["bound"], moves["proven"], moves["people_moved"]) == (2, 2, True, ["P1", "P2"])
    assert document["endings"] == [{"session": "MON-1", "fate": "dissolved", "now": None}]
    first = document["changes"][0]
    assert (first["how"], first["role"], first["who"], first["first"]) == ("telephone", "therapist", "T1", "Mon 18:00")
    steps = [one["steps"][0] for one in document["changes"] if one["role"] == "patient"]
    assert [(one["from"]["block"], one["to"]["block"]) for one in steps] == [("MON", "WED")] * 2


def test_a_closed_room_needs_a_sign_only(capsys: Any, week: Path, timetable: Path) -> None:
    done = call(capsys, "replan", week, timetable, "--without", "Room 1 Mon evenings", *QUICK)
    assert done.code == 0
    assert "held in R2" in done.out
    assert "To put on the door" in done.out
    assert "To telephone" not in done.out


def test_shortfalls_are_exit_3_and_the_absent_are_none(capsys: Any, week: Path, timetable: Path) -> None:
    done = call(capsys, "replan", week, timetable, "--without", "T1", "--absent", "Made Up 3", *QUICK)
    assert done.code == 0, done.out  # P4 may come on Monday, where T2 leads
    shut = call(capsys, "replan", week, timetable, "--close", "MON", "--close", "Wed", "--force", *QUICK)
    assert shut.code == 3
    assert "4 below their weekly minimum" in shut.out
    away = call(capsys, "replan", week, timetable, "--absent", "P1", "--absent", "P2", "--force", *QUICK)
    assert away.code == 0
    assert "Everybody meets their weekly minimum and plan." in away.out


def test_nothing_hurt_is_said_and_the_same_week_comes_out(capsys: Any, week: Path, timetable: Path) -> None:
    done = call(capsys, "replan", week, timetable, "--without", "T2", *QUICK)
    assert done.code == 0
    assert "Nobody is hurt" in done.out
    assert "Nobody needs to be told of anything." in done.out
    out = week.parent / "now_replanned.xlsx"
    assert [row[:2] for row in rows_of(out, "Assignments")] == [row[:2] for row in rows_of(timetable, "Assignments")]


def test_too_few_moves_are_exit_4_with_the_smallest_number(capsys: Any, week: Path, timetable: Path) -> None:
    words = ("replan", week, timetable, "--close", "MON", *QUICK)
    done = call(capsys, *words, "--max-moves", "1")
    assert done.code == 4
    assert "[too-few-moves]" in done.err
    assert "allow --max-moves 2" in done.err
    assert "nothing was written" in done.out
    assert not (week.parent / "now_replanned.xlsx").exists()
    document = call(capsys, *words, "--max-moves", "1", "--json").document
    assert (document["status"], document["least_moves"], document["least_moves_proven"]) == ("impossible", 2, True)
    assert document["output"] is None
    assert call(capsys, *words, "--max-moves", "2").code == 0


def test_locks_hold_or_are_exit_4(capsys: Any, week: Path, timetable: Path) -> None:
    done = call(capsys, "replan", week, timetable, "--without", "T1", "--keep", "WED-1", *QUICK)
    assert done.code == 4
    assert "[lock-broken]" in done.err
    held = call(capsys, "replan", week, timetable, "--close", "MON", "--keep", "WED-1", "--json", *QUICK)
    assert held.code == 0
    assert "WED-1" in {row[1] for row in rows_of(Path(held.document["output"]), "Assignments")}


def test_a_pin_that_is_set_aside_is_told_with_its_cell(capsys: Any, tmp_path: Path, timetable: Path) -> None:
    pins = [["Patient", "Block", "Group", "Therapist", "Room"], ["", "MON", "PROC", "T1", ""]]
    week = write_week(tmp_path / "week.xlsx", a_week(Pins=pins))
    done = call(capsys, "replan", week, timetable, "--without", "T1 Mon", *QUICK)
    assert done.code == 0
    assert "Pins!B2" in done.err
    assert "[pin-set-aside]" in done.err


def test_names_can_be_left_out_of_the_workbook(capsys: Any, week: Path, timetable: Path) -> None:
    assert call(capsys, "replan", week, timetable, "--without", "T1 Mon", "--names", "ids", *QUICK).code == 0
    text = str([rows_of(week.parent / "now_replanned.xlsx", sheet) for sheet in SHEETS])
    assert "P1" in text
    assert not any(name in text for name in ("Inge", "Invented", "Otto", "Made Up"))


def test_the_changes_sheet_is_fit_to_print(capsys: Any, week: Path, timetable: Path) -> None:
    assert call(capsys, "replan", week, timetable, "--close", "MON", *QUICK).code == 0
    page = openpyxl.load_workbook(week.parent / "now_replanned.xlsx")["Changes"]
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)
    heads = [cell.row for cell in page["A"] if cell.value == "No."]
    assert page.freeze_panes == f"A{heads[0] + 1}"
    assert page.print_title_rows == f"${heads[0]}:${heads[0]}"


# ---- what it refuses ------------------------------------------------------------------------------------------------


def test_who_has_two_changes_has_one_number_and_a_row_for_each(capsys: Any, tmp_path: Path) -> None:
    people: Rows = [["Patient", "Name", "Availability", "Min hours", "Min blocks", "Max blocks"]]
    people += [[f"P{n}", f"Made Up {n}", "any", 6, 2, 4] for n in (1, 2)]
    blocks = [
        ["Block", "Day", "Start", "End"],
        *([day.upper(), day, "9:00", "12:00"] for day in ("Mon", "Tue", "Wed", "Thu")),
    ]
    week = write_week(tmp_path / "week.xlsx", a_week(Patients=people, Blocks=blocks))
    timetable = a_timetable(tmp_path / "now.xlsx", ("A", "MON", "T1", "R1", "P1 P2"), ("B", "TUE", "T1", "R1", "P1 P2"))
    assert call(capsys, "replan", week, timetable, "--close", "Mon-Tue", *QUICK).code == 0
    rows = [row for row in rows_of(tmp_path / "now_replanned.xlsx", "Changes") if row[2] == "P2"]
    assert [row[0] is None for row in rows] == [False, True]
    assert [(row[6][:3], row[7][:3]) for row in rows] == [("Mon", "Wed"), ("Tue", "Thu")]


def test_every_word_that_names_nothing_is_told_at_once(capsys: Any, week: Path, timetable: Path) -> None:
    done = call(capsys, "replan", week, timetable, "--without", "T9 Mon", "--without", "T1 Mondoy", "--close", "FRI",
                "--absent", "P17", "--keep", "MON-9")  # fmt: skip
    refused(done, "unknown-name", "unreadable-time")
    assert done.err.count("[unknown-name]") == 4
    assert "did you mean 'MON-1'?" in done.err
    assert done.out == ""
    assert not (week.parent / "now_replanned.xlsx").exists()


def test_files_are_never_written_over(capsys: Any, week: Path, timetable: Path) -> None:
    words = ("replan", week, timetable, "--without", "T1 Mon", *QUICK)
    assert call(capsys, *words, "-o", week).code == 2
    assert call(capsys, *words, "-o", timetable, "--force").code == 2
    assert call(capsys, *words).code == 0
    assert call(capsys, *words).code == 2
    assert call(capsys, *words, "--force").code == 0


@pytest.mark.parametrize("words", [("--max-moves", "-1"), ("--time-limit", "0"), ("--without",), ("--names", "none")])
def test_wrong_options_are_exit_2(capsys: Any, week: Path, timetable: Path, words: tuple[str, ...]) -> None:
    assert call(capsys, "replan", week, timetable, *words).code == 2


def test_a_timetable_that_cannot_be_read_is_exit_2(capsys: Any, week: Path, timetable: Path) -> None:
    edit(timetable, "Sessions", "D2", "T77")
    done = call(capsys, "replan", week, timetable, "--without", "T1")
    refused(done, "unknown-therapist")
    assert json.loads(call(capsys, "replan", week, timetable, "--json").out)["exit_code"] == 2


# ---- ctrl-c ---------------------------------------------------------------------------------------------------------


def test_ctrl_c_before_anything_is_found_is_130(
    capsys: Any, tmp_path: Path, timetable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pin on somebody whose session is struck out leaves nothing at hand when the signal comes."""
    week = write_week(tmp_path / "week.xlsx", a_week(Pins=[["Patient", "Block"], ["P1", "MON"]]))
    real = Search.run

    def hit(*args: Any, **named: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        return real(*args, **named)

    monkeypatch.setattr(Search, "run", hit)
    done = call(capsys, "replan", week, timetable, "--without", "T1 Mon", *QUICK)
    assert done.code == 130
    assert "nothing was written" in done.out


def test_ctrl_c_with_a_repair_at_hand_writes_it(
    capsys: Any, week: Path, timetable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Search.run

    def hit(*args: Any, **named: Any) -> Any:
        found = real(*args, **named)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(Search, "run", hit)
    done = call(capsys, "replan", week, timetable, "--without", "T1 Mon", *QUICK)
    assert done.code == 0
    assert (week.parent / "now_replanned.xlsx").exists()


def test_help_names_every_option(capsys: Any) -> None:
    told = call(capsys, "replan", "--help").out
    for option in ("--without", "--close", "--absent", "--keep", "--max-moves", "--fill", "--time-limit", "--json"):
        assert option in told
    assert ROOT.exists()
