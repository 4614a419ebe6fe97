"""A copy of the user's own workbook in which every problem stands at its cell."""

import io
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.utils.exceptions import CellCoordinatesException
from openpyxl.workbook import Workbook

from scheduler.domain.problems import InputRefused, Problem, Severity
from scheduler.intake.columns import SHEETS
from scheduler.intake.opening import open_source
from scheduler.intake.raw import RawSheet, clean
from scheduler.intake.safety import ZIP_MAGIC, check_workbook, read_bytes
from scheduler.intake.tables import text_of
from scheduler.intake.workbook import has_huge_merge

FILLS: Mapping[Severity, str] = {Severity.ERROR: "FFF4A6A0", Severity.WARNING: "FFFFD27F", Severity.NOTICE: "FFBDD7EE"}
"""Red for errors, amber for warnings, blue for notices."""
LIST_SHEET = "Problems"
AUTHOR = "Group therapy scheduler"
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
_HEADER = ("Severity", "Sheet", "Cell", "Value", "Problem", "Hint", "Code")
_WIDTHS = (11, 16, 18, 30, 70, 50, 24)

Place = tuple[str, str]
"""A sheet and an address."""
Moved = Mapping[Place, Place]
"""Where a place of the source stands in the copy, if not under the same title and address."""


def annotate(source: Path, problems: tuple[Problem, ...], target: Path) -> None:
    """Write a copy of ``source`` with every problem at its cell, and a sheet ``Problems`` that lists them with links.

    The user's own formatting stays. CSV and JSON become a new workbook of the rows as they were read; a file that
    cannot be opened at all becomes a workbook with the list alone. Writes to ``target`` directly.
    """
    book, moved = _copy_of(source)
    by_place: dict[Place, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_place[(problem.sheet, problem.cell)].append(problem)
    marked = {place: found for place, told in by_place.items() if (found := _mark(book, moved.get(place, place), told))}
    _list(book, problems, marked)
    book.save(target)


def _copy_of(source: Path) -> tuple[Workbook, Moved]:
    """A workbook to write the problems into, and what stands elsewhere in it."""
    try:
        data = read_bytes(source) if source.is_file() else b""
        if data.startswith(ZIP_MAGIC):
            check_workbook(data, source.name)
        if data.startswith(ZIP_MAGIC) and not has_huge_merge(data):
            return _loaded(data, source.suffix.lower() == ".xlsm"), {}
        return _written(open_source(source, SHEETS).sheets)
    except InputRefused:
        return _empty(), {}


def _empty() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def _loaded(data: bytes, has_macros: bool) -> Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(data), keep_vba=has_macros, rich_text=True)
    except Exception:  # what the parser cannot open is listed in a workbook of its own
        return _empty()


def _written(sheets: Iterable[RawSheet]) -> tuple[Workbook, Moved]:
    book = _empty()
    moved: dict[Place, Place] = {}
    for sheet in sheets:
        page = book.create_sheet(_title(sheet.title, book))
        for row, cells in sheet.rows.items():
            for column, value in cells.items():
                _write(page.cell(row, column), text_of(value))
        page.freeze_panes = "A2"
        moved |= _moved(sheet, page.title)
    return book, moved


def _write(cell: SheetCell, text: str) -> None:
    """Write text as text, even where it looks like a formula."""
    cell.value = clean(text)
    cell.data_type = "s"


def _moved(sheet: RawSheet, title: str) -> Moved:
    plain = RawSheet(title, {})
    width = max((column for cells in sheet.rows.values() for column in cells), default=1)
    return {
        (sheet.title, sheet.address(row, column)): (title, plain.address(row, max(column, 1)))
        for row in sheet.rows
        for column in range(width + 1)
    }


def _title(wanted: str, book: Workbook) -> str:
    plain = "".join(sign for sign in clean(wanted) if sign not in "[]:*?/\\").strip("'")[:28] or "Sheet"
    title, number = plain, 2
    while title.casefold() in {name.casefold() for name in book.sheetnames}:
        title, number = f"{plain} {number}", number + 1
    return title


def _mark(book: Workbook, place: Place, problems: list[Problem]) -> Place | None:
    """Fill and comment a cell; its place, or None when it has none in this workbook."""
    title, address = place
    if title not in book.sheetnames or not _is_address(address):
        return None
    page = book[title]
    cell = page[address]
    if not isinstance(cell, SheetCell):
        cell = _anchor(page, address)
    worst = min(problems, key=lambda problem: _RANK[problem.severity])
    cell.fill = _fill(worst.severity)
    words = [cell.comment.text] if cell.comment is not None else []
    words += [_words(problem) for problem in problems]
    comment = Comment("\n\n".join(words)[:8000], AUTHOR)
    comment.width, comment.height = 360, min(60 + 40 * len(words), 400)
    cell.comment = comment
    return page.title, cell.coordinate


def _fill(severity: Severity) -> PatternFill:
    return PatternFill("solid", start_color=FILLS[severity], end_color=FILLS[severity])


def _is_address(text: str) -> bool:
    try:
        coordinate_from_string(text)
    except CellCoordinatesException:
        return False
    return True


def _anchor(page: Any, address: str) -> SheetCell:
    """The first cell of the merged range that holds an address."""
    ranges = [merged for merged in page.merged_cells.ranges if address in merged]
    row, column = (ranges[0].min_row, ranges[0].min_col) if ranges else (1, 1)
    cell: SheetCell = page.cell(row, column)
    return cell


def _words(problem: Problem) -> str:
    hint = f"\n{problem.hint}" if problem.hint else ""
    return f"{problem.severity.value.capitalize()}: {problem.message}{hint}"


def _list(book: Workbook, problems: Iterable[Problem], marked: Mapping[Place, Place]) -> None:
    page = book.create_sheet(_title(LIST_SHEET, book), 0)
    for column, (name, width) in enumerate(zip(_HEADER, _WIDTHS, strict=True), start=1):
        cell = page.cell(1, column, name)
        cell.font = Font(bold=True)
        page.column_dimensions[cell.column_letter].width = width
    for row, problem in enumerate(sorted(problems, key=lambda one: _RANK[one.severity]), start=2):
        texts = (problem.severity.value, problem.sheet, problem.cell, problem.value, problem.message, problem.hint)
        for column, text in enumerate((*texts, problem.code), start=1):
            _write(page.cell(row, column), text)
            page.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
        page.cell(row, 1).fill = _fill(problem.severity)
        place = marked.get((problem.sheet, problem.cell))
        if place is not None:
            _link(page.cell(row, 3), place)
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:G{max(page.max_row, 2)}"
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False


def _link(cell: SheetCell, place: Place) -> None:
    title = place[0].replace("'", "''")
    cell.hyperlink = f"#'{title}'!{place[1]}"
    cell.font = Font(underline="single", color="FF0563C1")
