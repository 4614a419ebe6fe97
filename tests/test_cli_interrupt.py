"""Ctrl-C, a polite kill, a rude one, a reader who has gone: the truth is told, and no file is ever half written."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import CLINIC, ROOT, RUN, Done, OnTerminal, call, command, run, short_week, tiny_week, write_week

import scheduler.pipeline

FAST = ("--workers", "2", "--time-limit", "4")
LONG = ("--workers", "2", "--time-limit", "60")


@pytest.fixture
def week(tmp_path: Path) -> Path:
    return write_week(tmp_path / "week.xlsx")


def signals_in(monkeypatch: pytest.MonkeyPatch, name: str, *numbers: signal.Signals) -> None:
    """Let signals arrive when the pipeline calls this function of its own."""
    real: Callable[..., Any] = getattr(scheduler.pipeline, name)

    def hit(*args: Any, **named: Any) -> Any:
        for number in numbers:
            os.kill(os.getpid(), number)
        return real(*args, **named)

    monkeypatch.setattr(scheduler.pipeline, name, hit)


# ---- progress ----


def test_a_terminal_shows_tier_best_bound_gap_and_time_left(tmp_path: Path, week: Path) -> None:
    done = OnTerminal("solve", week, "-o", tmp_path / "out.xlsx", *FAST).end()
    assert done.code == 0
    first = done.err.split("\r")[1]
    for words in ("tier 1", "weekly-minimum", "best ", "bound 0", "timetable yet|better|proven best", r"\d s left"):
        assert re.search(words, first), first
    assert "tier 5" in done.err
    assert "proven best" in done.err
    assert "\r" not in done.out
    assert "tier 1" not in done.out


def test_quiet_is_quiet_also_on_a_terminal(tmp_path: Path, week: Path) -> None:
    assert OnTerminal("solve", week, "-o", tmp_path / "out.xlsx", "--quiet", *FAST).end().err == ""


# ---- Ctrl-C and a polite kill ----

WAITING = """
import signal, sys, time
import scheduler.pipeline as pipeline
real = pipeline.load
def load(*args):
    handler, heard = signal.getsignal(signal.SIGINT), []
    def hear(number, frame):
        handler(number, frame)
        heard.append(number)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    print("here", file=sys.stderr, flush=True)
    while not heard:
        time.sleep(0.05)
    return real(*args)
pipeline.load = load
from scheduler.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_with_a_timetable_it_is_written_and_labelled(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out.xlsx"
    shown = OnTerminal("solve", CLINIC, "-o", out, *LONG)
    shown.until(r"tier 2\b")
    began = time.monotonic()
    shown.process.send_signal(number)
    done = shown.end()
    assert done.code in (0, 3)
    assert time.monotonic() - began < 40, "it does not search on"
    assert "stopping: the best timetable so far is written" in done.err
    assert "Interrupted: this is the best timetable found by then." in done.out
    assert "Every tier is proven" not in done.out
    assert f"wrote {out}" in done.out
    assert "Assignments" in openpyxl.load_workbook(out, read_only=True).sheetnames


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_before_any_timetable_nothing_is_written(tmp_path: Path, week: Path, number: signal.Signals) -> None:
    words = [sys.executable, "-c", WAITING, "solve", str(week), "--json", *FAST]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline() == "here\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    done = Done(process.returncode, out, err)
    assert (done.code, done.err) == (130, "")
    assert done.document["status"] == "unknown"
    assert done.document["interrupted"] is True
    assert done.document["output"] is None
    assert done.document["problems"][-1]["code"] == "interrupted"
    assert list(tmp_path.iterdir()) == [week]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_while_it_reads(number: signal.Signals, week: Path, capsys: Any, monkeypatch: Any) -> None:
    signals_in(monkeypatch, "load", number)
    done = call(capsys, "solve", week, *FAST)
    assert done.code == 130
    assert "[interrupted]" in done.err
    assert "nothing was written" in done.out
    assert list(week.parent.iterdir()) == [week]


def test_twice_ends_at_once(week: Path, capsys: Any, monkeypatch: Any) -> None:
    signals_in(monkeypatch, "explain_shortfalls", signal.SIGINT, signal.SIGINT)
    done = call(capsys, "solve", week, *FAST)
    assert (done.code, done.out, done.err) == (130, "", "interrupted\n")
    found = call(capsys, "solve", week, "--json", *FAST).document
    assert (found["status"], found["output"]) == ("unknown", None)
    assert list(week.parent.iterdir()) == [week]


def test_a_file_that_is_being_written_is_finished_and_reported(week: Path, capsys: Any, monkeypatch: Any) -> None:
    signals_in(monkeypatch, "write_workbook", signal.SIGINT, signal.SIGTERM, signal.SIGINT)
    done = call(capsys, "solve", week, *FAST)
    assert done.code == 0
    assert "Interrupted" not in done.out, "the search had ended before"
    assert "wrote" in done.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_other_commands_end_at_once(number: signal.Signals, week: Path, capsys: Any, monkeypatch: Any) -> None:
    def hit(*_: object) -> None:
        signal.raise_signal(number)  # to this very thread: another one left by an earlier test would hear a kill later

    monkeypatch.setattr("scheduler.loading.load", hit)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
    try:
        done = call(capsys, "validate", week, "--json")
    finally:
        signal.signal(signal.SIGINT, usual)
    assert done.code == 130
    assert done.document["status"] == "unknown"


def test_what_was_proved_before_the_stop_stays_proved(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    from cli_process import impossible_week

    signals_in(monkeypatch, "located", signal.SIGINT)  # the search is over by then
    done = call(capsys, "solve", write_week(tmp_path / "week.xlsx", impossible_week()), *FAST)
    assert done.code == 4
    assert "[pins-collide]" in done.err


# ---- a rude kill ----

ANNOUNCING = """
import sys, time
import scheduler.files as files
def announced(name, real):
    def then(*args, **named):
        if name == sys.argv[1]:
            print("here", flush=True); time.sleep(60)
        return real(*args, **named)
    return then
for name in ("_claim", "_flush_file", "_put_in_place", "_flush_folder"):
    setattr(files, name, announced(name, getattr(files, name)))
if sys.argv[1] == "halfway":
    import scheduler.pipeline as pipeline
    def half(path, *_, **__):
        path.write_bytes(b"PK half a workbook")
        print("here", flush=True); time.sleep(60)
    pipeline.write_workbook = half
from scheduler.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
def test_killed_while_it_writes_the_old_file_or_the_new_one_stands(tmp_path: Path) -> None:
    week = write_week(tmp_path / "week.xlsx", short_week())
    runs = {}
    for moment in ("_claim", "halfway", "_flush_file", "_put_in_place", "_flush_folder"):
        out = write_week(tmp_path / f"{moment}.xlsx", tiny_week())
        words = [sys.executable, "-c", ANNOUNCING, moment, "solve", str(week), "-o", str(out), "--force", *FAST]
        runs[moment] = out, subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    for moment, (out, process) in runs.items():
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n", moment
        process.kill()
        process.communicate()
        sheets = openpyxl.load_workbook(out).sheetnames
        assert ("Assignments" in sheets) == (moment == "_flush_folder"), "the old one till the new one is whole"


def test_killed_at_any_moment_nothing_is_broken(tmp_path: Path) -> None:
    runs = []
    for number in range(4):
        out = write_week(tmp_path / f"{number}.xlsx")
        words = command("solve", write_week(tmp_path / f"week{number}.xlsx"), "-o", out, "--force", *FAST)
        runs.append((out, subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
    for out, process in runs:
        time.sleep(0.7)
        process.kill()
        process.wait()
        assert len(openpyxl.load_workbook(out).sheetnames) in (5, 9)


WHILE_LOADING = """
import runpy, sys
class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
runpy.run_path("run_schedule.py", run_name="__main__")
"""


def test_ctrl_c_while_the_program_is_being_loaded_is_one_line() -> None:
    words = [sys.executable, "-c", WHILE_LOADING, "--help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


# ---- streams ----


@pytest.mark.slow
@pytest.mark.parametrize("words", [("solve",), ("solve", "--json"), ("validate",), ("--help",)])
def test_a_reader_who_has_gone_is_no_fault(words: tuple[str, ...], week: Path) -> None:
    more = () if words == ("--help",) else (str(week),) if words == ("validate",) else (str(week), *FAST)
    process = subprocess.Popen(command(*words, *more), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read().decode()
    assert process.wait() == 0
    assert told == ""


def test_closed_streams_and_a_folder_that_is_gone(tmp_path: Path, week: Path) -> None:
    gone, out = tmp_path / "gone", tmp_path / "out.xlsx"
    gone.mkdir()
    script = f'cd "{gone}" && rmdir "{gone}" && exec "$@" <&- >&- 2>&-'
    words = [sys.executable, str(RUN), "solve", str(week), "-o", str(out), *FAST]
    done = subprocess.run(["sh", "-c", script, "sh", *words], check=False, timeout=60)
    assert done.returncode == 0
    assert "Assignments" in openpyxl.load_workbook(out).sheetnames


@pytest.mark.slow
def test_an_alphabet_without_the_letters_of_an_id(tmp_path: Path) -> None:
    sheets = short_week()
    sheets["Patients"][4][0] = "П4"
    week = write_week(tmp_path / "week.xlsx", sheets)
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run("solve", week, "-o", tmp_path / "one.xlsx", "--json", *FAST, env=ascii_only)
    assert done.code == 3
    assert json.loads(done.out)["shortfalls"][0]["patient"] == "П4"
    assert r"\u041f4" in run("solve", week, "-o", tmp_path / "two.xlsx", *FAST, env=ascii_only).out
