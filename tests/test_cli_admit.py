"""The command ``admit``: rows, files and ids, exit codes, the list, moves, the workbook, what is refused."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import ROOT, Sheets, call, edit, rows_of, run, tiny_week, write_week

ROW = "Patient=N1 | Availability=evenings | Min hours=3 | Min blocks=1 | Max blocks=2"
SESSIONS = [
    ["Session", "Block", "Group", "Therapist", "Room"],
    ["S1", "MON", "PROC", "T1", "R1"],
    ["S2", "WED", "PROC", "T1", "R1"],
]


def running(path: Path, *seats: tuple[str, str]) -> Path:
    """A timetable with two sessions and these seats."""
    rows = [["Patient", "Session"], *[list(seat) for seat in seats]]
    return write_week(path, {"Sessions": SESSIONS, "Assignments": rows})


def week_and_timetable(folder: Path, **changes: Any) -> tuple[Path, Path]:
    week = write_week(folder / "week.xlsx", tiny_week(**changes))
    seats = (("P1", "S1"), ("P2", "S1"), ("P3", "S2"), ("P4", "S2"))
    return week, running(folder / "running.xlsx", *seats)


def small_group(size: int) -> Sheets:
    return {"Groups": [["Group", "Name", "Min size", "Max size"], ["PROC", "Process", 1, size]]}


def document(done: Any) -> dict[str, Any]:
    found = done.document
    for field in ("status", "exit_code", "profile", "seed", "input_sha256", "problems", "admission"):
        assert field in found
    return found


def seats_of(placement: dict[str, Any]) -> list[str]:
    return [seat["session"] for seat in placement["given"]["seats"]]


def test_every_placement_is_listed_and_the_best_is_taken(tmp_path: Path, capsys: Any) -> None:
    week, timetable = week_and_timetable(tmp_path)
    done = call(capsys, "admit", week, timetable, "--patient", ROW, "--json")
    found = document(done)
    assert (done.code, found["status"]) == (0, "admitted")
    listing = found["admission"]["listing"]
    assert (listing["count"], listing["complete"]) == (3, True)
    assert {tuple(seats_of(one)) for one in listing["placements"]} == {("S1",), ("S2",), ("S1", "S2")}
    assert found["admission"]["rearranged"] == []
    assert found["figures"]["assignments"] == 4 + len(seats_of(listing["placements"][0]))


def test_the_answer_in_words(tmp_path: Path, capsys: Any) -> None:
    done = call(capsys, "admit", *week_and_timetable(tmp_path), "--patient", ROW, "--top", "2")
    assert done.code == 0
    assert "N1 can join 2 of 2 sessions with nobody moved: 3 placements. The best 2, ranked by the goals:" in done.out
    assert "Nobody is moved; every newcomer is served in full." in done.out


@pytest.mark.parametrize("form", ["csv", "json row", "json list", "json sheets", "workbook", "other sheet"])
def test_a_newcomer_comes_in_any_form(form: str, tmp_path: Path, capsys: Any) -> None:
    cells = {"Patient": "N1", "Availability": "evenings", "Min hours": 3, "Min blocks": 1}
    path = tmp_path / f"new.{'csv' if form == 'csv' else 'json' if 'json' in form else 'xlsx'}"
    rows = [list(cells), list(cells.values())]
    if form == "csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in rows), "utf-8")
    elif "json" in form:
        shapes = {"json row": cells, "json list": [cells], "json sheets": {"Waiting list": [cells]}}
        path.write_text(json.dumps(shapes[form]), "utf-8")
    else:
        sheets: Sheets = {"Patients": rows} if form == "workbook" else {"Patients": [["Patient"]], "Waiting list": rows}
        write_week(path, sheets)
    week, timetable = week_and_timetable(tmp_path)
    for option in ("--patient", "--waiting"):
        done = call(capsys, "admit", week, timetable, option, path, "--json")
        assert done.code == 0, done.err
        assert document(done)["admission"]["newcomers"] == ["N1"]


def test_somebody_of_the_week_without_a_seat_is_named_by_id(tmp_path: Path, capsys: Any) -> None:
    week, _ = week_and_timetable(tmp_path)
    timetable = running(tmp_path / "three.xlsx", ("P1", "S1"), ("P2", "S1"), ("P3", "S2"))
    done = call(capsys, "admit", week, timetable, "--patient", "P4", "--json")
    assert done.code == 0
    assert document(done)["admission"]["newcomers"] == ["P4"]
    by_name = call(capsys, "admit", week, timetable, "--patient", "Made Up 4", "--json")
    assert document(by_name)["admission"]["newcomers"] == ["P4"]


def test_a_full_week_moves_one_and_says_who(tmp_path: Path, capsys: Any) -> None:
    week, _ = week_and_timetable(tmp_path, **small_group(2))
    timetable = running(tmp_path / "full.xlsx", ("P1", "S1"), ("P2", "S1"), ("P3", "S2"))
    row = ROW.replace("evenings", "Mon evenings")
    done = call(capsys, "admit", week, timetable, "--patient", row, "--json", "--moves", "1")
    found = document(done)
    assert (done.code, found["admission"]["moved"]) == (0, 1)
    step = found["admission"]["rearranged"][-1]
    assert (step["proof"], step["fewest"], len(step["moves"])) == ("possible", True, 1)
    move = step["moves"][0]["moves"][0]
    assert (move["before"]["session"], move["after"]["session"]) == ("S1", "S2")
    told = call(capsys, "admit", week, timetable, "--patient", row)
    assert told.code == 0
    assert "fewer do not suffice" in told.out
    assert "from Mon 18:00-21:00 PROC (T1, R1) S1 to Wed 18:00-21:00 PROC (T1, R1) S2" in told.out


def test_no_place_is_proven_and_the_cell_to_change_is_named(tmp_path: Path, capsys: Any) -> None:
    week, timetable = week_and_timetable(tmp_path, **small_group(2))
    done = call(capsys, "admit", week, timetable, "--patient", ROW, "--json", "--moves", "0")
    found = document(done)
    assert (done.code, found["status"]) == (3, "short")
    admission = found["admission"]
    assert admission["rearranged"][-1]["proof"] == "proven impossible"
    first = admission["changes"]["opened"][0]
    assert (first["change"]["kind"], first["cells"][0], first["moved"]) == ("group-size", "Groups!D2", 0)
    told = call(capsys, "admit", week, timetable, "--patient", ROW, "--moves", "0")
    assert "it is proven that the newcomer cannot be served in full" in told.out
    assert "[Groups!D2: 2 -> 3]" in told.out
    # The change that is named does what is said of it.
    edit(week, "Groups", "D2", 3)
    assert call(capsys, "admit", week, timetable, "--patient", ROW, "--moves", "0").code == 0


def test_a_waiting_list_is_served_in_order(tmp_path: Path, capsys: Any) -> None:
    week, _ = week_and_timetable(tmp_path, **small_group(3))
    timetable = running(tmp_path / "some.xlsx", ("P1", "S1"), ("P2", "S1"), ("P3", "S2"), ("P4", "S2"))
    path = tmp_path / "list.csv"
    header = "Patient,Availability,Min hours,Min blocks,Max blocks,Priority"
    path.write_text(f"{header}\nA,evenings,3,1,1,3\nB,evenings,3,1,1,3\nC,evenings,3,1,1,4\n", "utf-8")
    done = call(capsys, "admit", week, timetable, "--waiting", path, "--json", "--time-limit", "10")
    admission = document(done)["admission"]
    assert done.code == 3
    assert admission["newcomers"] == ["C", "A", "B"]
    served = [one["patient"] for one in admission["given"] if not one["hours_short"]]
    assert served == ["C", "A"]
    assert [step["proof"] for step in admission["rearranged"]] == ["proven impossible", "proven impossible"]


def test_the_new_timetable_is_written_and_goes_back_in(tmp_path: Path, capsys: Any) -> None:
    week, timetable = week_and_timetable(tmp_path)
    output = tmp_path / "new.xlsx"
    done = call(capsys, "admit", week, timetable, "--patient", ROW, "-o", output, "--json")
    assert (done.code, done.document["output"]) == (0, str(output))
    assert "N1" in {row[0] for row in rows_of(output, "Assignments")}
    assert {row[0] for row in rows_of(output, "Sessions")} == {"S1", "S2"}
    book = openpyxl.load_workbook(week)
    book["Patients"].append(["N1", "", "evenings", 3, 1, 2])
    book.save(tmp_path / "with.xlsx")
    checked = call(capsys, "verify", tmp_path / "with.xlsx", output)
    assert checked.code == 0, checked.out
    again = call(capsys, "admit", week, timetable, "--patient", ROW, "-o", output)
    assert (again.code, "output-exists" in again.err) == (2, True)
    assert call(capsys, "admit", week, timetable, "--patient", ROW, "-o", output, "--force").code == 0


BAD: list[tuple[list[str], str, str]] = [
    (["--patient", "Patient=N1 | Availability=evnings"], "availability", "--patient![0].Availability"),
    (["--patient", "Patient=N1"], "blank-availability", ""),
    (["--patient", "Patient=N1 | evenings"], "row-shape", "--patient![0]"),
    (["--patient", "Patient=N1 | Patient=N2 | Availability=any"], "row-shape", "--patient![0].Patient"),
    (["--patient", "Patient=P1 | Availability=any"], "duplicate-id", "--patient![0].Patient"),
    (["--patient", "Patient=N1 | Availability=any | Required groups=Proces"], "unknown-group", ""),
    (["--patient", "Patient=N1 | Availability=any | Level=adolescnt"], "unknown-level", "--patient![0].Level"),
    (["--patient", "P1"], "already-seated", ""),
    (["--patient", "P77"], "unknown-patient", ""),
    (["--patient", "nowhere.csv"], "missing-file", ""),
    (["--waiting", "nowhere.xlsx"], "missing-file", ""),
    ([], "command", ""),
    (["--patient", "P1", "--moves", "-1"], "command", ""),
]


@pytest.mark.parametrize(("words", "code", "place"), BAD, ids=[f"{one[1]} {n}" for n, one in enumerate(BAD)])
def test_bad_newcomers_are_refused_at_their_place(
    words: list[str], code: str, place: str, tmp_path: Path, capsys: Any
) -> None:
    week, timetable = week_and_timetable(tmp_path)
    output = tmp_path / "never.xlsx"
    done = call(capsys, "admit", week, timetable, *words, "-o", output, "--json")
    assert done.code == 2
    errors = [one for one in done.document["problems"] if one["severity"] == "error"]
    assert any(code in one["code"] for one in errors), errors
    where = [f"{one['sheet']}!{one['cell']}" if one["sheet"] else one["cell"] for one in errors]
    assert not place or place in where
    assert not output.exists()


def test_a_problem_of_a_file_names_its_cell(tmp_path: Path, capsys: Any) -> None:
    week, timetable = week_and_timetable(tmp_path)
    path = tmp_path / "list.csv"
    path.write_text("Patient,Availability\nN1,evnings\nN2,\n", "utf-8")
    done = call(capsys, "admit", week, timetable, "--waiting", path, "--json")
    errors = [(one["sheet"], one["cell"]) for one in done.document["problems"] if one["severity"] == "error"]
    assert errors == [("[list.csv]Waiting list", "B2"), ("[list.csv]Waiting list", "B3")]
    write_week(tmp_path / "none.xlsx", {"Visits": [["Patient"], ["N1"]]})
    done = call(capsys, "admit", week, timetable, "--waiting", tmp_path / "none.xlsx")
    assert (done.code, "missing-sheet" in done.err) == (2, True)


def test_an_input_is_never_written_over(tmp_path: Path, capsys: Any) -> None:
    week, timetable = week_and_timetable(tmp_path)
    people = write_week(tmp_path / "people.xlsx", {"Patients": [["Patient", "Availability"], ["N1", "any"]]})
    for target in (week, timetable, people):
        before = target.read_bytes()
        done = call(capsys, "admit", week, timetable, "--waiting", people, "-o", target, "--force")
        assert (done.code, "output-is-input" in done.err) == (2, True)
        assert target.read_bytes() == before


def test_where_nobody_moves_no_solver_is_loaded(tmp_path: Path) -> None:
    week, timetable = week_and_timetable(tmp_path)
    code = (
        "import sys; from scheduler.cli import main; "
        f"code = main(['admit', {str(week)!r}, {str(timetable)!r}, '--patient', {ROW!r}]); "
        "print(code, 'ortools' in sys.modules, file=sys.stderr)"
    )
    done = run_python(code)
    assert done.strip().splitlines()[-1] == "0 False"


def run_python(code: str) -> str:
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stderr


def test_a_process_of_its_own_answers_soon(tmp_path: Path) -> None:
    week, timetable = week_and_timetable(tmp_path)
    began = time.monotonic()
    done = run("admit", week, timetable, "--patient", ROW)
    assert done.code == 0
    assert time.monotonic() - began < 20  # a moment; how many seconds is measured elsewhere, on a quiet machine
