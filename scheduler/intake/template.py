"""An empty workbook in the documented input format, which explains itself: notes, drop-downs, examples.

Everything about sheets and columns comes from the table in `scheduler.intake.columns`; what the availability examples
mean is asked of the availability language itself, so that the page cannot say anything else than what is read.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.domain.availability import DEFAULT_DAYPARTS, describe, read_availability, read_dayparts
from scheduler.intake.columns import SHEETS, CellKind, ColumnSpec, SheetSpec

README_SHEET = "Read me"
AVAILABILITY_SHEET = "How to write availability"
EXAMPLE_MARK = "#"
LAST_ROW = 2000
"""Drop-downs and text format reach down to this row."""

AVAILABILITY_EXAMPLES = (
    ("evenings", "A day part: evenings, mornings, afternoons, work hours, weekdays, weekends"),
    ("any", "Whenever the clinic is open"),
    ("Mon", "A whole day; Monday or Mo will do too"),
    ("Tue-Thu", "A range of days"),
    ("Mon/Wed/Fri", "Single days"),
    ("18:00-21:00", "A time, on every day"),
    ("Mon 9-12", "A time on a day; from 7 on a bare hour is read as 24-hour time"),
    ("Mon/Wed 6 pm-9 pm", "The same with am and pm"),
    ("Tue-Thu after 17:30", "From a time on"),
    ("Sat before 14:00", "Until a time"),
    ("Mon/Wed evenings", "A day part on some days"),
    ("evenings; Sat before 14:00", "Several terms, joined by ; or , or a line break, are added up"),
    ("weekdays; not Wed", "not (or except) takes away, after everything else and wherever it stands"),
    ("evenings; except Fri evenings", "The same with except"),
    ("not Wed", "Only negative terms: any time less those"),
)
"""Cells in the availability language, each with a word of explanation."""

_HOW_TO_FILL = (
    ("How to fill this workbook", "title"),
    (
        "Fill Patients, Therapists, Groups and Rooms. The other sheets are optional and may stay empty or be deleted.",
        "",
    ),
    ("The first row of a sheet holds the column names. Rest the pointer on one to read what goes there.", ""),
    ("The row that starts with # is an example. It is passed over, and so is every other row that starts with #.", ""),
    ("Columns may be deleted or moved, and columns of your own may be added; unknown ones are named in a warning.", ""),
    ("Blank cells take the default that the note of the column names. Availability may not be blank.", ""),
    ("Ids are yours to choose and stay the same from week to week. Their cells are text, so that 0012 stays 0012.", ""),
    ("Lists in a cell are separated by ; as in: Process x2; DBT skills", ""),
    ("Groups, therapists and rooms may be named by id or by name wherever a cell refers to them.", ""),
    (f"Times people can come are written in plain words: see the sheet '{AVAILABILITY_SHEET}'.", ""),
    ("", ""),
    ("The sheets", "title"),
)

_TITLE = Font(bold=True, size=13)
_HEADER_FONT = Font(bold=True, color="FFFFFFFF")
_REQUIRED_FILL = PatternFill("solid", fgColor="FF1F4E79")
_OPTIONAL_FILL = PatternFill("solid", fgColor="FF5B7C99")
_EXAMPLE_FONT = Font(italic=True, color="FF7F7F7F")
_WRAP = Alignment(wrap_text=True, vertical="top")
_NOTE_AUTHOR = "template"
_NUMBER_KINDS: tuple[CellKind, ...] = ("hours", "count", "size", "priority", "facilitators")
_ID_SHEET: Mapping[CellKind, str] = {
    "patient": "Patients",
    "person": "Patients",
    "therapist": "Therapists",
    "group": "Groups",
    "room": "Rooms",
    "block": "Blocks",
}
_USUAL_LEVELS = ("adult", "adolescent")


def write_template(target: Path) -> None:
    """Write the empty workbook. The same bytes every time.

    Raises:
        OSError: if the file cannot be written.
    """
    save_book(template_book(), target)


def template_book() -> Workbook:
    """The empty workbook: a page on how to fill it, the documented sheets, and a page on the availability language."""
    book = Workbook()
    _write_readme(book.worksheets[0])
    for spec in SHEETS:
        _write_sheet(book.create_sheet(spec.name), spec)
    _write_availability_page(book.create_sheet(AVAILABILITY_SHEET))
    return book


# -------------------------------------------------------------------------------------------------------------- sheets


def _write_sheet(sheet: Worksheet, spec: SheetSpec) -> None:
    sheet.freeze_panes = "B2"
    for number, column in enumerate(spec.columns, 1):
        _write_header(sheet, number, column)
        _write_example(sheet, number, column)
        _add_drop_down(sheet, number, column, spec)


def _write_header(sheet: Worksheet, number: int, column: ColumnSpec) -> None:
    cell = sheet.cell(1, number, column.name)
    cell.font = _HEADER_FONT
    cell.fill = _REQUIRED_FILL if column.required else _OPTIONAL_FILL
    cell.alignment = Alignment(vertical="center")
    cell.comment = _note(column)
    sheet.column_dimensions[get_column_letter(number)].width = _width(column)
    if column.kind not in _NUMBER_KINDS:
        sheet.column_dimensions[get_column_letter(number)].number_format = "@"


def _note(column: ColumnSpec) -> Comment:
    lines = [column.about, "Must be filled." if column.required else "May be blank."]
    if column.choices:
        lines.append(f"One of: {', '.join(column.choices)}.")
    if column.example:
        lines.append(f"Example: {column.example}")
    note = Comment("\n".join(lines), _NOTE_AUTHOR)
    note.width, note.height = 320, 24 + 22 * sum(1 + len(line) // 46 for line in lines)
    return note


def _width(column: ColumnSpec) -> float:
    wide = {"times": 30, "groups": 30, "required groups": 32, "agenda": 40, "open to": 24, "words": 22, "name": 22}
    return max(wide.get(column.kind, 10), len(column.name) + 3)


def _write_example(sheet: Worksheet, number: int, column: ColumnSpec) -> None:
    text = column.example
    if number == 1:
        text = f"{EXAMPLE_MARK} {text or 'example'}"
    cell = sheet.cell(2, number)
    numeric = column.kind in _NUMBER_KINDS and text.isdigit()
    cell.value = int(text) if numeric else text or None
    cell.number_format = "General" if numeric else "@"
    cell.font = _EXAMPLE_FONT


def _add_drop_down(sheet: Worksheet, number: int, column: ColumnSpec, spec: SheetSpec) -> None:
    choices = _USUAL_LEVELS if column.kind == "level" else column.choices
    ids = _ID_SHEET.get(column.kind)
    if choices:
        formula = f'"{",".join(choices)}"'
    elif ids is not None and spec.name != "Previous":
        formula = f"{ids}!$A$3:$A${LAST_ROW}"
    else:
        return
    rule = DataValidation(type="list", formula1=formula, allow_blank=True)
    # A list of ids or levels only helps: names, and levels of other profiles, are good too.
    rule.showErrorMessage = bool(column.choices)
    rule.errorTitle = column.name
    rule.error = f"One of: {', '.join(choices)}" if choices else ""
    letter = get_column_letter(number)
    rule.add(f"{letter}3:{letter}{LAST_ROW}")
    sheet.add_data_validation(rule)


# --------------------------------------------------------------------------------------------------------------- pages


def _write_readme(sheet: Worksheet) -> None:
    sheet.title = README_SHEET
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 100
    for text, style in _HOW_TO_FILL:
        sheet.append([text])
        if style:
            sheet.cell(sheet.max_row, 1).font = _TITLE
    for spec in SHEETS:
        sheet.append([spec.name, f"{spec.about}{' Must be filled.' if spec.required else ''}"])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
        sheet.cell(sheet.max_row, 2).alignment = _WRAP


def _write_availability_page(sheet: Worksheet) -> None:
    parts = read_dayparts(DEFAULT_DAYPARTS)
    sheet.append(["Write", "It is read as", "What it shows"])
    for cell in sheet[1]:
        cell.font, cell.fill = _HEADER_FONT, _REQUIRED_FILL
    for text, about in AVAILABILITY_EXAMPLES:
        sheet.append([text, describe(read_availability(text, parts).times), about])
    sheet.append([])
    for line in (
        "The day parts mean what the program's profile says. Usually: "
        + "; ".join(f"{name} {meaning}" for name, meaning in DEFAULT_DAYPARTS.items())
        + ".",
        "A bare hour from 1 to 6 is refused, because it may be morning or evening: write 5 pm or 17:00.",
        "Somebody can come to a block when all of it lies within these times. Unavailable takes more away.",
        "Blank availability of a patient or therapist is refused: nobody is scheduled on a guess.",
    ):
        sheet.append([line])
    for letter, width in (("A", 34), ("B", 46), ("C", 80)):
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"


# -------------------------------------------------------------------------------------------------------------- saving

_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")
_ZIP_BEGINNING = (1980, 1, 1, 0, 0, 0)


def save_book(book: Workbook, target: Path) -> None:
    """Save a workbook without the hour in it: the same content gives the same bytes.

    Raises:
        OSError: if the file cannot be written.
    """
    book.properties.creator = "group therapy scheduler"
    book.properties.created = datetime(*_ZIP_BEGINNING)
    raw = io.BytesIO()
    book.save(raw)
    target.write_bytes(_without_dates(raw.getvalue()))


def _without_dates(data: bytes) -> bytes:
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content)
            entry = zipfile.ZipInfo(name, _ZIP_BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            new.writestr(entry, content)
    return fixed.getvalue()
