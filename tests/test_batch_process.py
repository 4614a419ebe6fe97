"""One clinic in its own process: whatever that process does, there is a result, and nothing is left running."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from batch_clinics import stand_in, weeks
from cli_process import ROOT, impossible_week, short_week, write_week

from scheduler.batch import process
from scheduler.batch.clinic import Clinic
from scheduler.batch.process import Task, run_clinic
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.loading import Source, check

LONG = 120.0


def task_of(week: Path, **fields: Any) -> Task:
    clinic = Clinic(name=week.stem, input=week, output=week.with_name(f"{week.stem}_timetable.xlsx"), time_limit=2)
    return Task(clinic=clinic, workers=1, **{"wall_seconds": LONG, **fields})


def named(tmp_path: Path, name: str, **fields: Any) -> Task:
    weeks(tmp_path, name)
    return task_of(tmp_path / f"{name}.xlsx", **fields)


def no_child_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


# ---- the real process ----


def test_a_week_is_solved_and_told(tmp_path: Path) -> None:
    task = task_of(write_week(tmp_path / "north.xlsx", short_week()), memory_mb=2000)
    found = run_clinic(task)
    assert (found.clinic, found.status, found.exit_code, found.profile) == ("north", "optimal", 3, "adult_iop")
    assert found.figures is not None
    assert (found.figures.patients, found.figures.patients_short, found.figures.hours_short) == (4, 1, 3)
    assert [(one.patient, one.hours) for one in found.short] == [("P4", 3)]
    assert "P4" not in found.problem
    assert found.short[0].reason
    assert found.use is not None
    assert found.use.seats_taken == found.figures.assignments
    assert found.use.blocks_led == found.figures.sessions <= found.use.blocks_possible == 2
    assert found.seconds > 0
    assert 50 < (found.memory_mb or 0) < 1000
    assert len(found.input_sha256) == len(found.output_sha256) == 64
    assert check(Source(week=task.clinic.input), task.clinic.output).verification.broken == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("cut", Status.INVALID, 2), ("missing", Status.INVALID, 2), ("pins", Status.IMPOSSIBLE, 4)],
)
def test_no_timetable_is_a_result_too(tmp_path: Path, name: str, status: str, code: int) -> None:
    week = write_week(tmp_path / f"{name}.xlsx", impossible_week() if name == "pins" else None)
    if name == "cut":
        week.write_bytes(week.read_bytes()[:2000])
    elif name == "missing":
        week.unlink()
    found = run_clinic(task_of(week))
    assert (found.status, found.exit_code, found.answered) == (status, code, False)
    assert found.problem
    assert not task_of(week).clinic.output.exists()


FAULTY = """
import sys, scheduler.pipeline
def fulfil(*args, **named):
    print("printed by a library")
    raise {error}
scheduler.pipeline.fulfil = fulfil
from scheduler.batch import worker
sys.exit(worker.main())
"""


@pytest.mark.parametrize(("error", "status"), [("KeyError('P017')", Ending.FAULT), ("MemoryError", Ending.MEMORY)])
def test_a_fault_of_the_program(tmp_path: Path, monkeypatch: Any, error: str, status: str) -> None:
    monkeypatch.setattr(process, "WORKER", (sys.executable, "-c", FAULTY.format(error=error)))
    found = run_clinic(named(tmp_path, "week"))
    assert (found.status, found.exit_code) == (status, 1)
    if status == Ending.FAULT:
        assert found.problem == "KeyError: 'P017'"
        assert "Traceback" in found.problems[0]["trace"]


def test_the_process_ends_when_nobody_waits_for_it(tmp_path: Path) -> None:
    hanging = FAULTY.replace(
        "raise {error}", 'import time; print("here", file=sys.stderr, flush=True); time.sleep(600)'
    )
    words = [sys.executable, "-c", hanging]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(named(tmp_path, "week").model_dump_json() + "\n")
        child.stdin.flush()
        while child.stderr.readline() != "here\n":
            pass
        child.stdin.close()
        assert child.wait(timeout=60) == 1


# ---- processes that behave badly ----


@pytest.fixture
def bad(monkeypatch: Any) -> None:
    stand_in(monkeypatch)
    monkeypatch.setattr(process, "LEAVING_SECONDS", 0.3)


def hurried(name: str, monkeypatch: Any) -> None:
    """Wait but a moment for one that will never answer; for others as long as a busy machine may need."""
    if name == "hang":
        monkeypatch.setattr(process, "GRACE_SECONDS", 0.3)


@pytest.mark.usefixtures("bad")
@pytest.mark.parametrize(
    ("name", "fields", "status", "words"),
    [
        ("crash", {}, Ending.CRASHED, "signal SIGABRT"),
        ("mute", {}, Ending.CRASHED, "exit code 7"),
        ("garbage", {}, Ending.CRASHED, "exit code 0"),
        ("hang", {"wall_seconds": 0.5}, Ending.TIMEOUT, "no answer in 0.5 s"),
        ("hog", {"memory_mb": 120}, Ending.MEMORY, "120 MB"),
    ],
)
def test_an_ending_from_outside(
    tmp_path: Path, name: str, fields: dict[str, Any], status: str, words: str, monkeypatch: Any
) -> None:
    hurried(name, monkeypatch)
    found = run_clinic(named(tmp_path, name, **fields))
    assert (found.status, found.exit_code, found.answered) == (status, 1, False)
    assert words in found.problem
    assert no_child_left()
    if name == "crash":
        assert "about to die" in found.problems[0]["trace"]
    if name == "hog":
        assert 120 < (found.memory_mb or 0) < 1000


@pytest.mark.usefixtures("bad")
def test_at_its_limit_a_clinic_gives_its_best(tmp_path: Path) -> None:
    heard: list[float | None] = []
    found = run_clinic(named(tmp_path, "steady", wall_seconds=3), heard.append)
    assert found.answered
    assert heard == [0.5]
    assert found.problems[-1]["code"] == "time-limit"
    assert (tmp_path / "steady_timetable.xlsx").read_text() == "timetable of week steady"


@pytest.mark.usefixtures("bad")
def test_an_answer_counts_though_its_process_will_not_leave(tmp_path: Path) -> None:
    assert run_clinic(named(tmp_path, "answerhang")).answered
    assert no_child_left()


@pytest.mark.usefixtures("bad")
@pytest.mark.parametrize(
    ("name", "which", "ended"), [("steady", "stop", True), ("hang", "stop", False), ("hang", "kill", False)]
)
def test_told_to_end_with_the_batch(tmp_path: Path, name: str, which: str, ended: bool, monkeypatch: Any) -> None:
    hurried(name, monkeypatch)
    events = {"stop": threading.Event(), "kill": threading.Event()}
    found: list[ClinicResult] = []

    def on_progress(_: float | None) -> None:
        events[which].set()

    found.append(run_clinic(named(tmp_path, name), on_progress, **events))
    assert found[0].answered is ended
    if not ended:
        assert (found[0].status, found[0].exit_code) == (Status.UNKNOWN, 130)
        assert found[0].problems[0]["code"] == "interrupted"
    assert no_child_left()


def test_a_process_that_cannot_be_started(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(process, "WORKER", (str(tmp_path / "nothing"),))
    found = run_clinic(named(tmp_path, "week"))
    assert (found.status, found.exit_code) == (Ending.FAULT, 1)


def test_a_task_travels_as_json(tmp_path: Path) -> None:
    task = named(tmp_path, "week", memory_mb=100, seed=3)
    assert Task.model_validate_json(task.model_dump_json()) == task
