"""A small good week as plain sheets, ways to spoil it, and writers for all three forms. All people are made up."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from scheduler.domain.problems import InputRefused, Problem, Severity
from scheduler.domain.profile import Profile
from scheduler.domain.program import GridBlock, LevelRules
from scheduler.intake.columns import SHEETS
from scheduler.intake.reader import WeekFile, read_week

Sheets = dict[str, list[list[Any]]]
"""Rows by sheet title; the first row is the header."""
Place = tuple[str, int, str]
"""Sheet, row as numbered in Excel, column by its name."""

GRID = (
    GridBlock(block="MON-EVE", day="Mon", start="18:00", end="21:00"),
    GridBlock(block="SAT-AM", day="Sat", start="09:00", end="12:00"),
)


def profile(**fields: Any) -> Profile:
    levels = {
        "adult": LevelRules(),
        "adolescent": LevelRules(min_hours=6, min_blocks=2, max_blocks=3, min_days=2),
    }
    return Profile(**{"name": "test", "levels": levels, "blocks": GRID, **fields})


_ROWS: dict[str, list[dict[str, Any]]] = {
    "Patients": [
        {"Patient": "P001", "Name": "Ann Example", "Tags": "women", "Availability": "evenings"},
        {"Patient": "P002", "Name": "Bob Sample", "Availability": "any", "Required groups": "PROC"},
        {"Patient": "P003", "Name": "Cy Madeup", "Level": "adolescent", "Availability": "evenings"},
    ],
    "Therapists": [
        {"Therapist": "T1", "Name": "Dana Invented", "Availability": "any", "Groups": "*"},
        {"Therapist": "T2", "Name": "Eli Fiction", "Availability": "evenings", "Groups": "PROC"},
    ],
    "Groups": [
        {"Group": "PROC", "Name": "Process", "Min size": 2, "Max size": 10},
        {"Group": "RP", "Name": "Relapse prevention", "Open to": "adult; adolescent"},
    ],
    "Rooms": [{"Room": "R1", "Name": "Front room", "Capacity": 10, "Features": "projector"}],
    "Blocks": [
        {"Block": "TUE-EVE", "Day": "Tue", "Start": "18:00", "End": "21:00"},
        {"Block": "THU-EVE", "Day": "Thu", "Start": "18:00", "End": "21:00"},
        {"Block": "SAT-AM", "Day": "Sat", "Start": "09:00", "End": "12:00"},
    ],
    "Apart": [],
    "Together": [],
    "Pins": [],
    "Previous": [],
}


def good_week() -> Sheets:
    """Every sheet with every column, in the order of the table of columns."""
    found: Sheets = {}
    for spec in SHEETS:
        names = [column.name for column in spec.columns]
        found[spec.name] = [names, *([row.get(name) for name in names] for row in _ROWS[spec.name])]
    return found


def spoiled(changes: Mapping[Place, Any], sheets: Sheets | None = None) -> Sheets:
    """The good week with some cells changed; rows are added as they are needed."""
    found = copy.deepcopy(sheets or good_week())
    for (sheet, row, column), value in changes.items():
        rows = found[sheet]
        at = rows[0].index(column)
        while len(rows) < row:
            rows.append([None] * len(rows[0]))
        rows[row - 1][at] = value
    return found


def without(sheets: Sheets, *titles: str) -> Sheets:
    return {title: rows for title, rows in sheets.items() if title not in titles}


def write_xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]], path: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    book.save(path)
    return path


def write_folder(sheets: Mapping[str, Sequence[Sequence[Any]]], path: Path, separator: str = ",") -> Path:
    path.mkdir()
    for title, rows in sheets.items():
        with (path / f"{title.lower()}.csv").open("w", newline="", encoding="utf-8") as handle:
            csv.writer(handle, delimiter=separator).writerows(rows)
    return path


def write_json(sheets: Mapping[str, Sequence[Sequence[Any]]], path: Path) -> Path:
    tree = {title: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] for title, rows in sheets.items()}
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def read(sheets: Mapping[str, Sequence[Sequence[Any]]], folder: Path, **options: Any) -> WeekFile:
    """Read sheets as a workbook."""
    return read_week(write_xlsx(sheets, folder / "week.xlsx"), options.pop("profile", profile()), **options)


def problems_of(sheets: Mapping[str, Sequence[Sequence[Any]]], folder: Path, **options: Any) -> tuple[Problem, ...]:
    """Everything that is said of sheets, whether they are refused or not."""
    try:
        return read(sheets, folder, **options).problems
    except InputRefused as refused:
        return refused.problems


def errors_in(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Code and place of each error."""
    return [(problem.code, problem.place) for problem in problems if problem.severity is Severity.ERROR]
