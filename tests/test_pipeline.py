"""The main job as one piece: what contradicts itself is a fault, what is wrong is refused, what is written is told."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import call, impossible_week, short_week, tiny_week, write_week

import scheduler.pipeline
from scheduler.domain.findings import Violation
from scheduler.domain.outcome import Status
from scheduler.domain.problems import InputRefused
from scheduler.domain.timetable import Board
from scheduler.engine.search import ModelFault, Solution
from scheduler.loading import Overrides, Source, check, load
from scheduler.pipeline import Fault, Order, fulfil
from scheduler.reports.report import Names
from scheduler.rules.rest import Rest

QUICK = Overrides(time_limit=4, workers=2)


@pytest.fixture
def week(tmp_path: Path) -> Path:
    return write_week(tmp_path / "week.xlsx")


def order(week: Path, name: str = "out.xlsx", **fields: Any) -> Order:
    return Order(source=Source(week=week), output=week.parent / name, **{"overrides": QUICK, **fields})


def no_rest_for_anybody(_: Rest, board: Board) -> Iterable[Violation]:
    return (Violation(words="T1 leads and should rest", therapists=("T1",)) for _ in board.timetable.sessions)


# ---- faults of the program ----


def test_a_rule_whose_check_disagrees_with_the_model_is_a_fault(week: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(Rest, "check", no_rest_for_anybody)
    with pytest.raises((Fault, ModelFault), match="rest"):
        fulfil(order(week))
    done = call(capsys, "solve", week, "--time-limit", "4", "--workers", "2")
    assert done.code == 1
    assert "T1 leads and should rest" in done.err
    assert "Please report it" in done.err
    assert list(week.parent.iterdir()) == [week], "nothing that breaks a rule is ever written"


def test_the_last_look_before_writing_stands_on_its_own(week: Path, capsys: Any, monkeypatch: Any) -> None:
    real = scheduler.pipeline.verify

    def late(*args: Any) -> Any:
        monkeypatch.setattr(Rest, "check", no_rest_for_anybody)  # the engine's own look is over
        return real(*args)

    monkeypatch.setattr(scheduler.pipeline, "verify", late)
    done = call(capsys, "solve", week, "--time-limit", "4", "--workers", "2")
    assert done.code == 1
    assert "T1 leads and should rest [rest]" in done.err
    assert list(week.parent.iterdir()) == [week]


def test_a_solver_that_counts_otherwise_than_is_measured_is_a_fault_that_shows_both(
    week: Path, capsys: Any, monkeypatch: Any
) -> None:
    real = scheduler.pipeline.solve

    def miscounting(*args: Any, **named: Any) -> Solution:
        solution: Solution = real(*args, **named)
        first, *others = solution.solver_units
        return Solution(**{**vars(solution), "solver_units": (first + 7, *others)})

    monkeypatch.setattr(scheduler.pipeline, "solve", miscounting)
    done = call(capsys, "solve", week, "--json", "--time-limit", "4", "--workers", "2")
    assert done.code == 1
    assert done.document["status"] == "fault"
    assert "weekly-minimum: solver 7, measured 0" in done.document["message"]
    assert "treatment-plan" not in done.document["message"], "only what differs is told"
    assert "weekly-minimum: solver 7, measured 0" in done.err
    assert list(week.parent.iterdir()) == [week]


# ---- what comes of an order ----


def test_a_finished_order_says_what_it_did(week: Path) -> None:
    finished = fulfil(order(week, wall=week.parent / "wall.xlsx", names=Names.IDS))
    assert (finished.exit_code, finished.status) == (0, Status.OPTIMAL)
    assert finished.written == (week.parent / "out.xlsx", week.parent / "wall.xlsx")
    assert all(path.exists() for path in finished.written)
    assert finished.report is not None
    record = finished.report.run
    assert record.input_sha256 == finished.loaded.sha256
    assert record.versions.keys() == {"group-therapy-scheduler", "ortools", "python"}
    assert record.seconds is not None
    assert not record.interrupted
    assert finished.report.verification == check(Source(week=week), week.parent / "out.xlsx").verification


def test_a_reproducible_record_tells_no_seconds(week: Path) -> None:
    finished = fulfil(order(week, overrides=Overrides(time_limit=1, workers=2, reproducible=True, seed=9)))
    assert finished.report is not None
    assert finished.report.run.seconds is None
    assert finished.report.run.seed == 9
    assert finished.report.run.reproducible
    assert finished.seconds.keys() >= {"read", "solve", "write"}, "whoever asked is told all the same"


def test_exit_codes_tell_served_short_and_impossible_apart(tmp_path: Path) -> None:
    short = fulfil(order(write_week(tmp_path / "short.xlsx", short_week()), "short_out.xlsx"))
    assert (short.exit_code, short.status) == (3, Status.OPTIMAL)
    assert short.report is not None
    assert [one.patient for one in short.report.shortfalls] == ["P4"]
    none = fulfil(order(write_week(tmp_path / "none.xlsx", impossible_week()), "none_out.xlsx"))
    assert (none.exit_code, none.status, none.report, none.written) == (4, Status.IMPOSSIBLE, None, ())
    assert none.problems[-1].place == "Pins!A2"
    assert none.problems[-1].message.splitlines()[-1].startswith("see also Pins!A3")
    assert not (tmp_path / "none_out.xlsx").exists()


def test_stopped_before_it_began(week: Path) -> None:
    stop, writing = threading.Event(), threading.Event()
    stop.set()
    finished = fulfil(order(week), stop=stop, writing=writing)
    assert (finished.exit_code, finished.status) == (130, Status.UNKNOWN)
    assert finished.problems[-1].code == "interrupted"
    assert not writing.is_set()
    assert list(week.parent.iterdir()) == [week]


def test_whoever_stops_it_is_told_when_writing_begins(week: Path, monkeypatch: Any) -> None:
    writing, seen = threading.Event(), []
    real = scheduler.pipeline.write_workbook

    def write(*args: Any, **named: Any) -> None:
        seen.append(writing.is_set())
        real(*args, **named)

    monkeypatch.setattr(scheduler.pipeline, "write_workbook", write)
    fulfil(order(week), writing=writing)
    assert seen == [True]


def test_a_fault_while_the_wall_copy_is_written_leaves_no_half_file(week: Path, monkeypatch: Any) -> None:
    def broken(path: Path, _: object) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("no ink")

    monkeypatch.setattr(scheduler.pipeline, "write_wall", broken)
    with pytest.raises(RuntimeError, match="no ink"):
        fulfil(order(week, wall=week.parent / "wall.xlsx"))
    assert sorted(path.name for path in week.parent.iterdir()) == ["out.xlsx", "week.xlsx"]
    assert "Assignments" in openpyxl.load_workbook(week.parent / "out.xlsx").sheetnames


def test_what_a_command_line_says_beats_the_profile_and_no_more(week: Path) -> None:
    plain = load(Source(week=week)).profile
    loaded = load(Source(week=week), Overrides(time_limit=7, seed=3, workers=2, reproducible=True)).profile
    assert loaded.solver.seconds_for(1000) == 7
    assert (loaded.solver.seed, loaded.solver.workers, loaded.solver.reproducible) == (3, 2, True)
    assert loaded.goals == plain.goals
    assert load(Source(week=week), Overrides()).profile == plain
    with pytest.raises(ValueError, match="greater than 0"):
        load(Source(week=week), Overrides(time_limit=-1))


def test_a_problem_of_several_facts_stands_at_the_first_and_names_the_others(tmp_path: Path) -> None:
    sheets = tiny_week(Pins=[["Patient", "Block", "Group"], ["P1", "MON", "PROC"]])
    sheets["Patients"][0].append("Avoid groups")
    sheets["Patients"][1].append("PROC")
    with pytest.raises(InputRefused) as refused:
        load(Source(week=write_week(tmp_path / "week.xlsx", sheets)))
    told = [problem for problem in refused.value.problems if problem.sheet == "Pins"]
    assert told
    assert any("see also Pins!C2; Patients!G2" in problem.message for problem in told), told
    assert not any("see also Pins!A2" in problem.message for problem in told if problem.place == "Pins!A2")


def test_times_that_hold_no_block_are_told_once(tmp_path: Path) -> None:
    sheets = tiny_week()
    at = sheets["Patients"][0].index("Availability")
    sheets["Patients"][1][at] = "Tue 9:15-12:00"
    told = load(Source(week=write_week(tmp_path / "week.xlsx", sheets))).problems
    place = f"Patients!{'ABCDEFGH'[at]}2"
    assert [problem.code for problem in told if problem.place == place] == ["no-block-in-window"]
    assert not any(problem.code == "patient-without-block" for problem in told)
    sheets["Patients"][0].append("Unavailable")  # a hand may also take all away in a cell of its own
    sheets["Patients"][1] += [""]
    sheets["Patients"][2] += ["any"]
    told = load(Source(week=write_week(tmp_path / "again.xlsx", sheets))).problems
    assert len([problem for problem in told if "block" in problem.code]) == 2


def test_nobody_is_sent_to_an_id_for_what_the_file_has_no_column(tmp_path: Path) -> None:
    sheets = tiny_week()
    sheets["Patients"][0] = ["Patient", "Availability"]
    sheets["Patients"][1:] = [["P1", "any"], ["P2", "Mon"], ["P3", "Mon"]]
    told = load(Source(week=write_week(tmp_path / "week.xlsx", sheets))).problems
    few = [problem for problem in told if problem.code == "too-few-days"]
    assert [problem.place for problem in few if problem.message.startswith("P2 ")] == ["Patients!B3"]
    assert not any("see also" in problem.message for problem in few), few


def test_inputs_are_all_that_is_read(tmp_path: Path) -> None:
    profile = tmp_path / "mine.yaml"
    source = Source(week=tmp_path / "w", mapping=tmp_path / "m", previous=tmp_path / "p", profile=str(profile))
    assert source.inputs == (tmp_path / "w", tmp_path / "m", tmp_path / "p")
    profile.write_text("name: mine\n")
    assert source.inputs[-1] == profile
    assert Source(week=tmp_path / "w").inputs == (tmp_path / "w",)
