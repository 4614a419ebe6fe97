"""A watched folder: what arrives, and has stopped growing, is answered beside it, once."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from batch_clinics import answered, stand_in, started, until, weeks
from cli_process import call

from scheduler.batch.journal import Journal
from scheduler.batch.ledger import opened
from scheduler.batch.orders import Defaults
from scheduler.batch.progress import Silent
from scheduler.batch.running import Options
from scheduler.batch.sizing import Sizes
from scheduler.batch.watching import HEADER, Looker, Watch
from scheduler.domain.network import ClinicResult


def nobody(_: Path) -> bool:
    return False


@contextmanager
def watched(folder: Path) -> Iterator[list[ClinicResult]]:
    """The folder is watched meanwhile; gives what was told."""
    told: list[ClinicResult] = []
    stop = threading.Event()
    with opened(folder) as ledger:
        options = Options(sizes=Sizes(jobs=2, workers=1))
        watch = Watch(folder, options, Defaults(), ledger, Silent(), Journal(), told.append)
        thread = threading.Thread(target=watch.run, args=(stop, 0.05))
        thread.start()
        try:
            yield told
        finally:
            stop.set()
            thread.join()


# ---- what has arrived ----


def test_a_file_that_still_grows_has_not_arrived(tmp_path: Path) -> None:
    looker, week = Looker(tmp_path), tmp_path / "north.xlsx"
    for size in (1, 2, 3):
        week.write_text("x" * size)
        assert looker.look(nobody) == []
    assert looker.look(nobody) == [week]
    assert looker.look(nobody) == []
    week.write_text("changed")
    assert looker.look(nobody) == []
    assert looker.look(lambda _: True) == [], "not while it is being solved"
    assert looker.look(nobody) == [week]


def test_what_is_no_week_is_passed_over(tmp_path: Path) -> None:
    names = ["~$north.xlsx", ".north.xlsx", "north_timetable.xlsx", "north_problems.txt", "notes.txt", "clinics.csv"]
    for name in names:
        (tmp_path / name).write_text("no week")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "north.json").write_text("{}")
    looker = Looker(tmp_path)
    looker.look(nobody)
    assert looker.look(nobody) == [tmp_path / "north.json"]


def test_a_folder_that_is_away_comes_back(tmp_path: Path) -> None:
    looker = Looker(tmp_path / "share")
    assert looker.look(nobody) == []
    week = weeks(tmp_path / "share", "north") / "north.xlsx"
    looker.look(nobody)
    assert looker.look(nobody) == [week]


# ---- what is answered ----


def test_it_is_answered_beside_the_week_and_once(tmp_path: Path, monkeypatch: Any) -> None:
    stand_in(monkeypatch)
    folder = weeks(tmp_path / "in", "north")
    with watched(folder) as told:
        until(lambda: told)
        assert (folder / "north_timetable.xlsx").read_text() == "timetable of week north"
        weeks(folder, "south")
        until(lambda: len(told) == 2)
        (folder / "north.xlsx").write_text("another north")
        until(lambda: len(told) == 3)
    assert (folder / "north_timetable.xlsx").read_text() == "timetable of another north"
    assert answered(folder) == ["north", "north", "south"]
    with watched(folder) as told:
        until(lambda: len(told) == 2)
    assert answered(folder) == ["north", "north", "south"], "answered already"


def test_problems_stand_beside_it_till_they_are_mended(tmp_path: Path, monkeypatch: Any) -> None:
    stand_in(monkeypatch)
    folder = weeks(tmp_path / "in", "mute")
    problems = folder / "mute_problems.txt"
    with watched(folder) as told:
        until(lambda: told)
        text = problems.read_text()
        assert text.startswith(HEADER)
        assert "mute.xlsx: no timetable (crashed)" in text
        assert "its process died (exit code 7)" in text
        (folder / "mute.xlsx").write_text("mute still")
        until(lambda: len(told) == 2)
        monkeypatch.setattr("scheduler.batch.process.WORKER", ("true",))
    problems.write_text("notes of my own")
    with watched(folder) as told:
        until(lambda: told)
    assert problems.read_text() == "notes of my own"


def test_mended_problems_go(tmp_path: Path, monkeypatch: Any) -> None:
    stand_in(monkeypatch)
    folder = weeks(tmp_path / "in", "north")
    (folder / "north_problems.txt").write_text(f"{HEADER}\nof yesterday")
    with watched(folder) as told:
        until(lambda: told)
    assert not (folder / "north_problems.txt").exists()


def test_two_weeks_with_one_answer_do_not_run_at_once(tmp_path: Path, monkeypatch: Any) -> None:
    """A second north would be written over the first one's answer, time after time: it is refused."""
    stand_in(monkeypatch)
    folder = weeks(tmp_path / "in", "north")
    (folder / "north.json").write_text("{}")
    with watched(folder) as told:
        until(lambda: len(told) >= 2)
        time.sleep(0.5)
    assert sorted((Path(one.input).name, one.answered) for one in told) == [("north.json", True), ("north.xlsx", False)]


# ---- the command ----


def test_ctrl_c_ends_the_watch(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "short-1")
    run = started(folder, "--watch", "--every", "0.1")
    assert run.stdout is not None
    line = run.stdout.readline()
    assert line.startswith("short-1: 1 short of 0 h, 0 planned groups missed, ")
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert run.returncode == 3
    assert err == f"watching {folder}; end it with Ctrl-C\n"


@pytest.mark.parametrize("words", [("--profile", "none_such"), ("--time-limit", "0")])
def test_a_bad_command_watches_nothing(tmp_path: Path, capsys: Any, words: tuple[str, str]) -> None:
    assert call(capsys, "batch", weeks(tmp_path / "in"), "--watch", *words).code == 2


def test_what_is_watched_is_a_folder(tmp_path: Path, capsys: Any) -> None:
    done = call(capsys, "batch", tmp_path / "nowhere", "--watch")
    assert done.code == 2
    assert "--watch takes a folder" in done.err
