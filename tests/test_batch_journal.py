"""The log of a batch: a JSON object a line, and no person in any of them."""

import io
import re
from pathlib import Path
from typing import Any

from batch_clinics import batch, events, log_of, results, stand_in, weeks
from cli_process import call, short_week, write_week

from scheduler.batch.journal import Journal

PEOPLE = ("P1", "P2", "P3", "P4", "Made Up", "T1", "Inge", "Invented")


def named_in(text: str) -> list[str]:
    """Who is named, as words of their own: a time of day (``...23T10:54``) holds the letters of T1 and means nobody."""
    return [who for who in PEOPLE if re.search(rf"\b{who}\b", text)]


def test_this_would_find_somebody() -> None:
    assert named_in('{"ts": "2026-11-23T10:54:09Z", "event": "clinic-ended"}') == []
    assert named_in('{"value": "T1"}, Inge, P1.') == ["P1", "T1", "Inge"]


def test_every_line_is_json_and_names_nobody(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    stand_in(monkeypatch)
    folder = weeks(tmp_path / "in", "north", "short-1", "crash")
    done = batch(capsys, folder, tmp_path / "out", "--log-json")
    lines = log_of(done.err)
    assert {"ts", "level", "event"} <= set.intersection(*map(set, lines))
    assert [line["event"] for line in (lines[0], lines[-1])] == ["batch-begun", "batch-ended"]
    ended = {one["clinic"]: one for one in events(lines, "clinic-ended")}
    assert ended["short-1"]["patients_short"] == 1
    assert ended["short-1"]["problems"] == [{"code": "told", "severity": "warning", "sheet": "S", "cell": "A1"}]
    assert (ended["crash"]["level"], ended["crash"]["status"]) == ("error", "crashed")
    assert results(tmp_path / "out")["short-1"]["short"][0]["patient"] == "P1", "the tables do name them"
    assert named_in(done.err) == []
    assert lines[-1]["exit_code"] == done.code == 2


def test_a_real_bad_file_names_nobody_either(tmp_path: Path, capsys: Any) -> None:
    folder = weeks(tmp_path / "in")
    sheets = short_week()
    sheets["Patients"][1][2] = "Inge Invented's evenings"
    sheets["Patients"][2][0] = "P3"
    write_week(folder / "bad.xlsx", sheets)
    done = batch(capsys, folder, tmp_path / "out", "--log-json")
    problems = events(log_of(done.err), "clinic-ended")[0]["problems"]
    assert {one["sheet"] for one in problems} == {"Patients"}
    assert all(set(one) <= {"code", "severity", "sheet", "cell"} for one in problems)
    assert named_in(done.err) == []


def test_a_refusal_is_logged_too(tmp_path: Path, capsys: Any) -> None:
    done = call(capsys, "batch", tmp_path / "nowhere", "-o", tmp_path / "out", "--log-json")
    assert done.code == 2
    assert [line["event"] for line in log_of(done.err)] == ["batch-refused", "batch-ended"]
    assert "[missing-file]" in done.out


class Gone(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_reader_who_has_gone_is_no_fault() -> None:
    for journal in (Journal(), Journal(Gone())):
        journal.say("anything")
        journal.say("anything")
