"""Writes sheets of rows as a workbook, a folder of CSV files or one JSON file: the same rows give the same bytes."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.intake.template import save_book

Sheets = dict[str, list[dict[str, Any]]]
"""Rows by sheet; every row of a sheet has the same columns in the same order."""

SYNTHETIC = "All people here are synthetic: invented names, invented needs, no real patient or staff member."
README_SHEET = "Read me"

_WIDEST = 44
_HEADER_FILL = PatternFill("solid", fgColor="FF1F4E79")
_TEXT_COLUMNS = frozenset({"Patient", "Therapist", "Group", "Room", "Block", "With", "Session", "Primary therapist"})


def write_book(sheets: Sheets, target: Path, about: Sequence[str] = ()) -> None:
    """Write a workbook, with a first sheet that says what it is and that everybody in it is synthetic.

    Raises:
        OSError: if the file cannot be written.
    """
    book = Workbook()
    _write_about(book.worksheets[0], about)
    for name, rows in sheets.items():
        if rows:
            _write_rows(book.create_sheet(name), rows)
    save_book(book, target)


def write_csvs(sheets: Sheets, folder: Path, about: Sequence[str] = ()) -> None:
    """Write a folder of CSV files with the names of the sheets, and a ``README.txt``.

    Raises:
        OSError: if a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text("\n".join([SYNTHETIC, *about]) + "\n", encoding="utf-8")
    for name, rows in sheets.items():
        if rows:
            text = io.StringIO()
            writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")


def write_json(sheets: Sheets, target: Path, about: Sequence[str] = ()) -> None:
    """Write one JSON document: a list of rows by sheet, blank cells left out, and a ``Read me``.

    Raises:
        OSError: if the file cannot be written.
    """
    filled = {
        name: [{column: cell for column, cell in row.items() if cell != ""} for row in rows]
        for name, rows in sheets.items()
        if rows
    }
    told: Sheets = {README_SHEET: [{"Note": line} for line in (SYNTHETIC, *about)]}
    target.write_text(json.dumps(told | filled, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_about(sheet: Worksheet, about: Sequence[str]) -> None:
    sheet.title = README_SHEET
    for line in (SYNTHETIC, *about):
        sheet.append([line])
    sheet["A1"].font = Font(bold=True)
    sheet.column_dimensions["A"].width = 110
    for row in sheet.iter_rows():
        row[0].alignment = Alignment(wrap_text=True, vertical="top")


def _write_rows(sheet: Worksheet, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    sheet.append(columns)
    for row in rows:
        sheet.append([None if row[column] == "" else row[column] for column in columns])
    dress(sheet)
    for i, column in enumerate(columns, 1):
        if column in _TEXT_COLUMNS:
            for (cell,) in sheet.iter_rows(min_row=2, min_col=i, max_col=i):
                cell.number_format = "@"


def dress(sheet: Worksheet) -> None:
    """Give a sheet of rows a clear header that stays in view, and columns as wide as their text."""
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = _HEADER_FILL
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.freeze_panes = "B2"
    for i, column in enumerate(sheet.iter_cols(values_only=True), 1):
        longest = max(len(str(value)) for value in column if value is not None)
        sheet.column_dimensions[get_column_letter(i)].width = min(_WIDEST, max(9, longest + 2))
