"""Excel workbooks -> raw sheets. Rows and cells are read in a stream up to fixed limits, whatever the file claims."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries

from scheduler.domain.problems import InputRefused
from scheduler.intake.collector import refusal
from scheduler.intake.raw import ERROR_VALUES, CellError, Formula, RawSheet, Value, clean
from scheduler.intake.safety import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    SAVE_AGAIN,
    check_workbook,
)

# Every repetition is bounded and stops at "<", so that no crafted part makes a pattern run twice over the same bytes.
_ROW = re.compile(rb"<(?:\w{1,9}:)?row\b([^<>]{0,400})>")
_ROW_NUMBER = re.compile(rb"\br=[\"'](\d{1,9})[\"']")
_FILLED = re.compile(rb"<(?:\w{1,9}:)?(?:v|f|is)(?:\s[^<>]{0,200})?(?<!/)>")
_FAR_RIGHT = re.compile(
    rb"<(?:\w{1,9}:)?c\s[^<>]{0,60}?\br=[\"'](?:[A-Z]{3}|G[S-Z]|[H-Z][A-Z])\d{1,9}[\"'][^<>]{0,100}(?<!/)>"
    rb"\s{0,9}<(?:\w{1,9}:)?(?:v|f|is)\b"
)
_MERGE = re.compile(rb"<(?:\w{1,9}:)?mergeCell\s[^<>]{0,60}?\bref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
MOST_MERGED = 20_000


def read_workbook(data: bytes, name: str) -> tuple[RawSheet, ...]:
    """The sheets of a workbook, hidden ones too.

    Raises:
        InputRefused: if the bytes are no workbook that can be read safely.
    """
    check_workbook(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(data, name)
    except InputRefused:
        raise
    except Exception as error:  # a parser meets whatever the file holds, and fails in as many ways
        raise refusal("unreadable", f"{name} cannot be read as a workbook: {_reason(error)}", SAVE_AGAIN) from error


def _reason(error: Exception) -> str:
    first = str(error).strip().splitlines()
    return (first[0] if first else type(error).__name__)[:160]


def _read(data: bytes, name: str) -> tuple[RawSheet, ...]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        sheets = book.worksheets
        if len(sheets) > MOST_SHEETS:
            raise refusal("too-large", f"{name} holds {len(sheets)} sheets; the most is {MOST_SHEETS}")
        budget = MOST_CELLS
        found = []
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for sheet in sheets:
                part = archive.read(_part_of(sheet))
                _refuse_beyond(part, sheet.title)
                raw = _sheet(sheet, part, budget)
                budget -= sum(len(row) for row in raw.rows.values())
                found.append(raw)
        return tuple(found)
    finally:
        book.close()


def _part_of(sheet: Any) -> str:
    """The zip entry of a sheet; the library names it only privately."""
    return str(sheet._worksheet_path).lstrip("/")


def _refuse_beyond(part: bytes, title: str) -> None:
    """Refuse filled cells past the last row or column that is read: nothing is dropped in silence."""
    number = 0
    for match in _ROW.finditer(part):
        stated = _ROW_NUMBER.search(match.group(1))
        number = int(stated.group(1)) if stated else number + 1
        if number > MOST_ROWS:
            if _FILLED.search(part, match.end()):
                message = f"the sheet has rows beyond {MOST_ROWS}, the most that is read"
                raise refusal("too-large", message, "delete what stands below the table", sheet=title)
            break
    if _FAR_RIGHT.search(part):
        message = f"the sheet has cells beyond column {MOST_COLUMNS}, the most that is read"
        raise refusal("too-large", message, "delete what stands to the right of the table", sheet=title)


def _sheet(sheet: Any, part: bytes, budget: int) -> RawSheet:
    rows: dict[int, dict[int, Value]] = {}
    for number, cells in enumerate(sheet.iter_rows(min_row=1, max_row=MOST_ROWS, max_col=MOST_COLUMNS), start=1):
        filled = dict(_filled(cells))
        if filled:
            rows[number] = filled
            budget -= len(filled)
        if budget < 0:
            raise refusal("too-large", f"the file has more than {MOST_CELLS} filled cells", sheet=sheet.title)
    return RawSheet(title=sheet.title, rows=rows, merged=_merged(part))


def _filled(cells: Iterable[Any]) -> Iterator[tuple[int, Value]]:
    for column, cell in enumerate(cells, start=1):
        if cell.value is not None:
            value = _value(cell)
            if value != "":
                yield column, value


def _value(cell: Any) -> Value:
    """What a cell holds, in the types of `raw`."""
    value = cell.value
    if cell.data_type == "f":
        return Formula(str(getattr(value, "text", None) or value))
    if cell.data_type == "e":
        return CellError(str(value))
    if isinstance(value, str):
        text = clean(value)
        return CellError(text) if text in ERROR_VALUES else text
    if isinstance(value, bool | datetime | date | time | timedelta):
        return value
    if isinstance(value, int | float):
        return f"{value * 100:g}%" if "%" in str(cell.number_format) else value
    return clean(str(value))


def has_huge_merge(data: bytes) -> bool:
    """Whether merged ranges cover more cells than a workbook opened whole should make objects for."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    return sum(_area(*edges) for part in parts for edges in _merges(part)) > MOST_MERGED


Edges = tuple[int, int, int, int]


def _merges(part: bytes) -> Iterator[Edges]:
    """Top, left, bottom and right of each merged range."""
    for match in _MERGE.finditer(part):
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(match.group(1).decode("ascii")))
        yield top, left, bottom, right


def _area(top: int, left: int, bottom: int, right: int) -> int:
    return (bottom - top + 1) * (right - left + 1)


def _merged(part: bytes) -> dict[tuple[int, int], tuple[int, int]]:
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for top, left, low, far in _merges(part):
        bottom, right = min(low, MOST_ROWS), min(far, MOST_COLUMNS)
        if _area(top, left, bottom, right) + len(found) > MOST_MERGED:
            continue
        for row in range(top, bottom + 1):
            found.update({(row, column): (top, left) for column in range(left, right + 1)})
        found.pop((top, left), None)
    return found
