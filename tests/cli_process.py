"""Small weeks as files, and ways to run the commands: here, or in a process of their own. All people are made up."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl

from scheduler.cli import main

ROOT = Path(__file__).parents[1]
RUN = ROOT / "run_schedule.py"
SMALL_WEEK = ROOT / "data" / "small_week.xlsx"
CLINIC = ROOT / "data" / "clinic_60.xlsx"

WIDE = {"COLUMNS": "200"}
"""Room enough that no sentence is broken where a test looks for it."""

Rows = list[list[Any]]
Sheets = dict[str, Rows]


def tiny_week(**changes: Rows) -> Sheets:
    """Four patients, two evenings, one therapist, one room: solved and proven in a moment. A sheet may be replaced."""
    sheets: Sheets = {
        "Patients": [
            ["Patient", "Name", "Availability", "Min hours", "Min blocks", "Max blocks"],
            *[[f"P{n}", f"Made Up {n}", "evenings", 3, 1, 2] for n in range(1, 5)],
        ],
        "Therapists": [["Therapist", "Name", "Availability", "Groups"], ["T1", "Inge Invented", "any", "*"]],
        "Groups": [["Group", "Name", "Min size", "Max size"], ["PROC", "Process", 1, 8]],
        "Rooms": [["Room", "Capacity"], ["R1", 8]],
        "Blocks": [
            ["Block", "Day", "Start", "End"],
            ["MON", "Mon", "18:00", "21:00"],
            ["WED", "Wed", "18:00", "21:00"],
        ],
    }
    return {**sheets, **changes}


def short_week() -> Sheets:
    """The tiny week with one who can come to no block: done, with a shortfall."""
    week = tiny_week()
    week["Patients"][4][2] = "Tue 9:00-12:00"
    return week


def impossible_week() -> Sheets:
    """Two who are kept apart are pinned, one block and one therapist: only the search sees that it cannot be."""
    week = tiny_week(
        Apart=[["Patient", "With"], ["P1", "P2"]],
        Pins=[["Patient", "Block", "Group", "Therapist", "Room"], ["P1", "", "", "", ""], ["P2", "", "", "", ""]],
    )
    week["Blocks"] = week["Blocks"][:2]
    return week


def write_week(path: Path, sheets: Sheets | None = None) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in (sheets or tiny_week()).items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def edit(path: Path, sheet: str, cell: str, value: Any) -> None:
    """Change one cell by hand, as a person in Excel would."""
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


def rows_of(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    """The rows of a sheet below its header."""
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(min_row=2, values_only=True))


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout; anything else beside it is an error here."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        assert found["exit_code"] == self.code
        return found


def run(*words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None, **options: Any) -> Done:
    """Run the program as its users do, in a process of its own."""
    done = subprocess.run(
        command(*words),
        cwd=cwd or ROOT,
        env={**os.environ, **WIDE, **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        **options,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def command(*words: str | Path) -> Sequence[str]:
    return [sys.executable, str(RUN), *map(str, words)]


def call(capsys: Any, *words: str | Path) -> Done:
    """Run a command in this process: the same code behind the door, without the wait for imports."""
    capsys.readouterr()
    with patch.dict(os.environ, WIDE):
        code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return Done(code, out, err)


class OnTerminal:
    """The program with its stderr on a terminal, as a person sees it."""

    def __init__(self, *words: str | Path) -> None:
        self.master, terminal = pty.openpty()
        env = {**os.environ, **WIDE}
        self.process = subprocess.Popen(command(*words), cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)
        self.seen = ""

    def until(self, pattern: str) -> None:
        """Read on until the terminal shows this."""
        while not re.search(pattern, self.seen):
            assert self._read(), f"never shown: {pattern}\n{self.seen}"

    def end(self) -> Done:
        while self._read():
            pass
        out = self.process.communicate(timeout=60)[0].decode()
        os.close(self.master)
        return Done(self.process.returncode, out, self.seen)

    def _read(self) -> bool:
        try:
            found = os.read(self.master, 65536).decode()
        except OSError:  # Linux says so when the other side has closed
            return False
        self.seen += found
        return bool(found)
