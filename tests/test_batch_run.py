"""The command `batch`: no clinic lost, whatever becomes of another, of the batch itself, or of its outputs."""

import csv
import io
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from batch_clinics import (
    answered,
    batch,
    events,
    log_of,
    results,
    stand_in,
    started,
    statuses,
    until,
    until_listening,
    weeks,
)
from cli_process import call, short_week, write_week
from rich.console import Console

from scheduler.batch import ledger, process
from scheduler.batch.clinic import Clinic
from scheduler.batch.endings import unanswered
from scheduler.batch.progress import LiveTable, Silent, shown
from scheduler.batch.tables import as_csv
from scheduler.domain.network import Ending
from scheduler.loading import Source, check

TABLES = ["network.xlsx", "results.csv", "results.json"]


@pytest.fixture
def quick(monkeypatch: Any) -> None:
    stand_in(monkeypatch)
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.3)


def visible(outdir: Path) -> list[str]:
    return sorted(one.name for one in outdir.iterdir() if not one.name.startswith("."))


def recorded(outdir: Path) -> list[str]:
    """The clinics whose result is on record."""
    folder = outdir / ".batch" / "clinics"
    found = [ledger.Record.model_validate_json(one.read_bytes()) for one in folder.glob("*.json")]
    return sorted(one.result.clinic for one in found if one.result is not None)


# ---- with the solver ----


def test_clinics_are_solved_as_solve_would(tmp_path: Path, capsys: Any) -> None:
    folder, outdir = weeks(tmp_path / "in"), tmp_path / "out"
    write_week(folder / "north.xlsx")
    write_week(folder / "south.xlsx", short_week())
    (folder / "cut.xlsx").write_bytes((folder / "north.xlsx").read_bytes()[:3000])
    done = batch(capsys, folder, outdir, "--time-limit", "2")
    assert done.code == 2
    assert "2 of 3 clinics have a timetable; 1 has none." in done.out
    assert "cut: no timetable (invalid). cut.xlsx is damaged or cut off" in done.out
    assert done.err == ""
    assert visible(outdir) == sorted([*TABLES, "north_timetable.xlsx", "south_timetable.xlsx"])
    for name in ("north", "south"):
        source = Source(week=folder / f"{name}.xlsx")
        assert check(source, outdir / f"{name}_timetable.xlsx").verification.broken == 0
    found = results(outdir)
    assert {name: (one["status"], one["exit_code"]) for name, one in found.items()} == {
        "cut": ("invalid", 2),
        "north": ("optimal", 0),
        "south": ("optimal", 3),
    }
    assert [one["patient"] for one in found["south"]["short"]] == ["P4"]
    assert "Clinics" in openpyxl.load_workbook(outdir / "network.xlsx", read_only=True).sheetnames


# ---- one bad clinic and the others ----


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_bad_processes_touch_nobody_else(tmp_path: Path, capsys: Any) -> None:
    folder = weeks(tmp_path / "in", "a", "crash", "hang", "hog", "mute", "short-1", "z")
    words = ("--memory", "150", "--wall-limit", "8", "--jobs", "4")
    done = batch(capsys, folder, tmp_path / "out", *words)
    assert done.code == 2
    assert statuses(tmp_path / "out") == {
        "a": "optimal",
        "crash": "crashed",
        "hang": "timeout",
        "hog": "memory",
        "mute": "crashed",
        "short-1": "optimal",
        "z": "optimal",
    }
    assert "[oversubscribed]" in done.err or (os.cpu_count() or 1) >= 4


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("names", "fail_on", "code"),
    [
        (["a", "b"], "short", 0),
        (["a", "short-1"], "short", 3),
        (["mute", "short-1"], "short", 2),
        (["a", "short-1"], "failed", 0),
        (["mute", "short-1"], "failed", 2),
        (["mute", "short-1"], "never", 0),
    ],
)
def test_the_exit_code_is_by_the_worst(tmp_path: Path, capsys: Any, names: list[str], fail_on: str, code: int) -> None:
    done = batch(capsys, weeks(tmp_path / "in", *names), tmp_path / "out", "--fail-on", fail_on, "--json")
    assert done.code == code
    document = done.document
    assert document["status"] == ("failed" if "mute" in names else "short" if "short-1" in names else "served")
    assert document["totals"]["clinics"] == 2
    assert [one["clinic"] for one in document["clinics"]] == sorted(names)


@pytest.mark.usefixtures("quick")
def test_a_full_disk_is_said_of_the_clinic(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    real = ledger.put

    def put(path: Path, content: str) -> None:
        if path.name.startswith("b-") and '"status"' in content:
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(ledger, "put", put)
    folder = weeks(tmp_path / "in", "a", "b", "c")
    assert batch(capsys, folder, tmp_path / "out").code == 2
    assert statuses(tmp_path / "out") == {"a": "optimal", "b": "fault", "c": "optimal"}
    monkeypatch.undo()
    stand_in(monkeypatch)
    assert batch(capsys, folder, tmp_path / "out").code == 0
    assert answered(folder) == ["a", "b", "b", "c"]


# ---- once more ----


@pytest.mark.usefixtures("quick")
def test_only_what_changed_or_failed_is_solved_again(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    folder, outdir = weeks(tmp_path / "in", "a", "b", "mute"), tmp_path / "out"
    profile = tmp_path / "own.yaml"
    profile.write_text("extends: adult_iop\n")

    def again(*words: str) -> list[str]:
        before = answered(folder)
        batch(capsys, folder, outdir, "--profile", profile, *words)
        now = answered(folder)
        for one in before:
            now.remove(one)
        return now

    assert again() == ["a", "b"]
    assert again() == []
    assert statuses(outdir)["mute"] == "crashed"
    (folder / "b.xlsx").write_text("b has changed")
    assert again() == ["b"]
    assert (outdir / "b_timetable.xlsx").read_text() == "timetable of b has changed"
    (outdir / "a_timetable.xlsx").unlink()
    assert again() == ["a"]
    profile.write_text("extends: adult_iop\nmax_gap_days: 3\n")
    assert again() == ["a", "b"]
    monkeypatch.setattr("scheduler.recording.__version__", "9.9.9")
    assert again() == ["a", "b"]
    assert again("--workers", "3", "--jobs", "1") == []
    assert again("--force") == ["a", "b"]


@pytest.mark.usefixtures("quick")
def test_a_timetable_edited_by_hand_is_not_written_over(tmp_path: Path, capsys: Any) -> None:
    folder, outdir = weeks(tmp_path / "in", "a", "b"), tmp_path / "out"
    batch(capsys, folder, outdir)
    (outdir / "a_timetable.xlsx").write_text("edited")
    done = batch(capsys, folder, outdir)
    assert (done.code, answered(folder)) == (2, ["a", "b"])
    assert results(outdir)["a"]["problems"][0]["code"] == "output-changed"
    assert (outdir / "a_timetable.xlsx").read_text() == "edited"
    assert batch(capsys, folder, outdir, "--force").code == 0
    assert (outdir / "a_timetable.xlsx").read_text() == "timetable of week a"


@pytest.mark.usefixtures("quick")
def test_tables_of_somebody_else_are_not_written_over(tmp_path: Path, capsys: Any) -> None:
    outdir = tmp_path / "out"
    outdir.mkdir()
    (outdir / "results.csv").write_text("mine")
    done = batch(capsys, weeks(tmp_path / "in", "a"), outdir, "--json")
    assert (done.code, done.document["problems"][0]["code"]) == (2, "output-exists")
    assert visible(outdir) == ["results.csv"]


@pytest.mark.parametrize(
    "words", [(), ("--watch", "-o", "out"), ("--watch", "--json"), ("--watch", "--cluster", "local")]
)
def test_words_that_do_not_go_together(tmp_path: Path, capsys: Any, words: tuple[str, ...]) -> None:
    assert call(capsys, "batch", weeks(tmp_path / "in", "a"), *words).code == 2


# ---- killed, stopped, twice at once ----


@pytest.mark.slow
def test_killed_twice_and_resumed_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    names = [f"slow-{n}" for n in range(8)]
    folder, outdir = weeks(tmp_path / "in", *names), tmp_path / "out"
    done: dict[str, int] = {}
    for some in (2, 5):
        run = started(folder, "-o", outdir, "--jobs", "2")
        until(lambda enough=some: len(recorded(outdir)) >= enough)  # type: ignore[misc]
        run.send_signal(signal.SIGKILL)
        run.communicate()
        often = answered(folder)
        assert all(often.count(name) == times for name, times in done.items()), "solved again though on record"
        done = {name: often.count(name) for name in recorded(outdir)}
        assert len(done) >= some
    run = started(folder, "-o", outdir, "--jobs", "2")
    run.communicate(timeout=60)
    assert run.returncode == 0
    assert statuses(outdir) == dict.fromkeys(names, "optimal")
    for name in names:
        assert (outdir / f"{name}_timetable.xlsx").read_text() == f"timetable of week {name}"
    assert visible(outdir) == sorted([*TABLES, *(f"{name}_timetable.xlsx" for name in names)])
    often = answered(folder)
    assert sorted(set(often)) == names
    assert all(often.count(name) == times for name, times in done.items()), "solved again though on record"
    assert list((outdir / ".batch" / "staged").iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_writes_the_best_of_those_that_run(tmp_path: Path) -> None:
    folder, outdir = weeks(tmp_path / "in", "steady-1", "steady-2", "y", "z"), tmp_path / "out"
    run = started(folder, "-o", outdir, "--jobs", "2", "--log-json")
    assert run.stderr is not None
    lines = [run.stderr.readline() for _ in range(3)]
    until_listening(folder, "steady-1", "steady-2")
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 2, err
    assert [one["clinic"] for one in events(log_of("".join(lines)), "clinic-begun")] == ["steady-1", "steady-2"]
    assert [one["clinic"] for one in events(log_of(err), "clinic-begun")] == []
    assert statuses(outdir) == {"steady-1": "optimal", "steady-2": "optimal", "y": "unknown", "z": "unknown"}
    assert "2 of 4 clinics have a timetable" in out
    again = started(folder, "-o", outdir)
    again.communicate(timeout=60)
    assert again.returncode == 0
    assert answered(folder) == ["steady-1", "steady-2", "y", "z"]


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    folder, outdir = weeks(tmp_path / "in", "hang", "z"), tmp_path / "out"
    run = started(folder, "-o", outdir, "--jobs", "1", "--log-json")
    assert run.stderr is not None
    lines = [run.stderr.readline() for _ in range(2)]
    until_listening(folder, "hang")
    began = time.monotonic()
    for _ in range(2):
        run.send_signal(signal.SIGINT)
        time.sleep(0.2)
    run.communicate(timeout=60)
    assert len(lines) == 2
    assert run.returncode == 130
    assert time.monotonic() - began < process.GRACE_SECONDS / 2
    assert statuses(outdir) == {"hang": "unknown", "z": "unknown"}


@pytest.mark.usefixtures("quick")
def test_two_runs_in_one_folder_do_not_trample_each_other(tmp_path: Path, capsys: Any) -> None:
    folder, outdir = weeks(tmp_path / "in", "hang"), tmp_path / "out"
    first = started(folder, "-o", outdir, "--log-json")
    assert first.stderr is not None
    first.stderr.readline()
    done = batch(capsys, weeks(tmp_path / "other", "a"), outdir)
    assert done.code == 2
    assert f"a batch already runs in {outdir} (process {first.pid} on " in done.err
    assert answered(tmp_path / "other") == []
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert batch(capsys, tmp_path / "other", outdir).code == 0, "a killed run leaves no lock"


def test_no_process_outlives_a_killed_batch(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in")
    write_week(folder / "north.xlsx")
    run = subprocess.Popen(
        [*real_batch(), "batch", folder, "-o", tmp_path / "out", "--log-json"], stderr=subprocess.PIPE, text=True
    )
    assert run.stderr is not None
    while "clinic-begun" not in run.stderr.readline():
        pass
    until(lambda: bool(children(run.pid)))
    mine = children(run.pid)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    until(lambda: not any(alive(one) for one in mine), 20)
    assert not (tmp_path / "out" / "north_timetable.xlsx").exists()


def real_batch() -> list[str]:
    from cli_process import command

    return list(command())


def children(parent: int) -> list[int]:
    words = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(one) for path in words for one in path.read_text().split()]


def alive(number: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


# ---- tables and the live table ----


def test_a_row_a_clinic_and_no_formula_in_it() -> None:
    clinic = Clinic(name="=north", input=Path("in.xlsx"), output=Path("out.xlsx"))
    (row,) = csv.DictReader(io.StringIO(as_csv([unanswered(clinic, Ending.CRASHED, ())])))
    assert row["clinic"] == "'=north"
    assert (row["status"], row["exit_code"], row["patients_short"], row["gap_5"]) == ("crashed", "1", "", "")


def drawn(board: LiveTable) -> str:
    out = Console(file=io.StringIO(), width=100)
    out.print(board)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_the_live_table_shows_how_it_stands() -> None:
    board = LiveTable(5)
    one, two, three = (Clinic(name=n, input=Path("i"), output=Path("o")) for n in ("north", "south", "west"))
    for clinic in (one, two, three):
        board.begun(clinic)
    assert "reading" in drawn(board)
    board.gap(one, None)
    board.gap(two, 0.125)
    board.ended(unanswered(three, Ending.CRASHED, ()))
    text = drawn(board)
    assert "1 of 5 done, 2 running, 0 with shortfalls, 1 failed, about " in text
    assert "left" in text
    assert "no timetable yet" in text
    assert "12.5%" in text
    assert "west: crashed" in text


def test_a_log_stays_quiet() -> None:
    with shown(Console(file=io.StringIO()), 5, quiet=False) as board:
        assert isinstance(board, Silent)
    terminal = Console(file=io.StringIO(), force_terminal=True)
    with shown(terminal, 5, quiet=True) as board:
        assert isinstance(board, Silent)
    with shown(terminal, 5, quiet=False) as board:
        assert isinstance(board, LiveTable)
