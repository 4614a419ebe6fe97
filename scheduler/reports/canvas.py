"""A thin layer over openpyxl: every cell, note and style of the workbook is made here, and only here."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Color, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.reports.text import LONGEST_COMMENT, LONGEST_TEXT, height_of, lines_needed, looks_like_formula, safe_text

CREATOR = "group-therapy scheduler"
FONT = "Arial"
BODY = 9.0
SMALL = 8.0
INK = "1A1A1A"
QUIET = "5F5F5F"
HEAD_FILL = "22384F"
PAPER = "FFFFFF"
LINE = "A6A6A6"
VOID_FILL = "E4E4E4"
SHORT_FILL = "FBD9B5"

TALLEST_ROW = 409.0
"""Points; no spreadsheet allows more."""

LETTER_PAPER = 1
POINTS_PER_INCH = 72
MARGIN_INCHES = 0.4
HEADER_MARGIN_INCHES = 0.6
TEXT_FORMAT = "@"
INDENT_UNITS = 1.4
"""What one step of indent takes of a column."""

Value = str | int | float | None
Across = Literal["left", "center", "right"]
Down = Literal["top", "center", "bottom"]
Lines = Literal["none", "box", "under"]


@dataclass(frozen=True)
class Look:
    """How a cell looks. Colours are RRGGBB; ``shape`` is the number format."""

    size: float = BODY
    bold: bool = False
    italic: bool = False
    ink: str = INK
    fill: str | None = None
    lines: Lines = "none"
    across: Across = "left"
    down: Down = "top"
    wrap: bool = True
    shrink: bool = False
    indent: int = 0
    shape: str = "General"

    def text_width(self, width: float) -> float:
        """What is left for text of a column's width (spreadsheet units), after the indent."""
        return width - self.indent * INDENT_UNITS

    def but(self, **changes: Any) -> Look:
        """The same look with some of it changed."""
        return replace(self, **changes)


PLAIN = Look()
BOXED = Look(lines="box", indent=1, down="center")
NUMBER = BOXED.but(across="center", indent=0, wrap=False)
CENTRED = BOXED.but(across="center", indent=0)
SHARE = NUMBER.but(shape="0%")
HEAD = Look(bold=True, ink=PAPER, fill=HEAD_FILL, lines="box", across="center", down="center")
TITLE = Look(size=16, bold=True, ink=HEAD_FILL, wrap=False, down="center")
HEADING = Look(size=11, bold=True, ink=HEAD_FILL, wrap=False, lines="under", down="bottom")
HINT = Look(ink=QUIET, wrap=False)
IDENTIFIER = BOXED.but(shape=TEXT_FORMAT, wrap=False)


class Book:
    """A workbook in the making. Looks are turned into cell styles once."""

    def __init__(self, title: str) -> None:
        self.workbook = Workbook()
        del self.workbook[self.workbook.sheetnames[0]]
        self._scratch: Worksheet | None = None
        self._styles: dict[tuple[Look, bool], Any] = {}
        # Column widths count digits of the Normal style's font, so that is Arial too.
        normal = self.workbook._named_styles["Normal"]  # type: ignore[attr-defined]  # the built-in style has no public door
        normal.font = Font(name=FONT, size=10)
        properties = self.workbook.properties
        properties.creator = properties.lastModifiedBy = CREATOR
        properties.title = title

    def sheet(self, title: str) -> Canvas:
        """A new sheet, after those that are there."""
        return Canvas(self, self.workbook.create_sheet(title))

    def style(self, cell: Cell, look: Look, *, quoted: bool) -> None:
        """Give a cell its look; ``quoted`` also marks it as text that was typed after an apostrophe."""
        known = self._styles.get((look, quoted))
        if known is None:
            _dress(cell, look)
            cell.quotePrefix = quoted
            self._styles[look, quoted] = copy(cell._style)  # type: ignore[attr-defined]
        else:
            cell._style = copy(known)  # type: ignore[attr-defined]


class Canvas:
    """One sheet in the making. Rows and columns count from 1."""

    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self.book = book
        self.sheet = sheet
        sheet.sheet_view.showGridLines = False

    def put(self, row: int, column: int, value: Value, look: Look = PLAIN) -> Cell:
        """Write one cell. Text is always text, whatever it begins with; an empty text leaves the cell empty."""
        cell = self.sheet.cell(row, column)
        assert isinstance(cell, Cell)
        if isinstance(value, str):
            if value:
                cell.value = safe_text(value)
                cell.data_type = "s"
        else:
            cell.value = value
        self.book.style(cell, look, quoted=isinstance(value, str) and looks_like_formula(value))
        return cell

    def put_row(self, row: int, values: Sequence[Value], looks: Look | Sequence[Look], *, column: int = 1) -> None:
        """Write cells side by side, with one look or a look for each."""
        each = [looks] * len(values) if isinstance(looks, Look) else looks
        for place, (value, look) in enumerate(zip(values, each, strict=True)):
            self.put(row, column + place, value, look)

    def put_lines(self, row: int, column: int, first: str, rest: str, look: Look) -> Cell:
        """Write a cell whose first line is bold."""
        cell = self.put(row, column, first, look)
        bold = InlineFont(rFont=FONT, sz=look.size, b=True, color=Color(look.ink))
        usual = InlineFont(rFont=FONT, sz=look.size, color=Color(look.ink))
        half = LONGEST_TEXT // 2
        if rest:
            cell.value = CellRichText(
                TextBlock(bold, safe_text(first, half)), TextBlock(usual, "\n" + safe_text(rest, half)) )  # fmt: skip
            cell.data_type = "s"
        return cell

    def note(self, row: int, column: int, text: str) -> None:
        """Attach a note (comment) to a cell, sized to its text."""
        tidy = safe_text(text, LONGEST_COMMENT)
        width = 300
        lines = lines_needed(tidy, width / 7, BODY)
        self.sheet.cell(row, column).comment = Comment(tidy, CREATOR, width=width, height=min(24 + 16 * lines, 400))

    def merge(self, row: int, column: int, to_row: int, to_column: int) -> None:
        """Join a rectangle of cells; its top left cell is written already."""
        if (row, column) != (to_row, to_column):
            self.sheet.merge_cells(start_row=row, start_column=column, end_row=to_row, end_column=to_column)

    def widths(self, widths: Sequence[float]) -> None:
        """Column widths from the first column on, in spreadsheet units."""
        for place, width in enumerate(widths, start=1):
            self.sheet.column_dimensions[get_column_letter(place)].width = width

    def height(self, row: int, points: float) -> None:
        """Height of a row in points."""
        self.sheet.row_dimensions[row].height = min(points, TALLEST_ROW)

    def fit_row(self, row: int, texts: Sequence[tuple[str, float]], *, size: float = BODY, least: float = 0) -> None:
        """Make a row as high as the tallest of the (text, column width) pairs needs."""
        self.height(row, row_points(texts, size=size, least=least))

    def break_after(self, row: int) -> None:
        """Begin a new page after a row."""
        self.sheet.row_breaks.append(Break(id=row))

    def freeze(self, corner: str) -> None:
        """Keep everything above and left of a cell in sight."""
        self.sheet.freeze_panes = corner

    def page(
        self,
        *,
        rows: int,
        columns: int,
        landscape: bool = True,
        fit: bool = True,
        single: bool = False,
        titles: str = "",
        confidential: bool = True,
    ) -> None:
        """Print set-up: letter paper, so many rows and columns, one page wide if ``fit``; ``titles`` repeat.

        ``single`` asks for one page in all.
        """
        sheet = self.sheet
        sheet.page_setup.orientation = "landscape" if landscape else "portrait"
        sheet.page_setup.paperSize = LETTER_PAPER
        sheet.print_options.horizontalCentered = True
        margins = sheet.page_margins
        margins.left = margins.right = MARGIN_INCHES
        margins.top = margins.bottom = HEADER_MARGIN_INCHES
        margins.header = margins.footer = 0.25
        sheet.print_area = f"A1:{get_column_letter(max(columns, 1))}{max(rows, 1)}"
        if fit and sheet.sheet_properties.pageSetUpPr is not None:
            sheet.sheet_properties.pageSetUpPr.fitToPage = True
            sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, int(single)
        if titles:
            sheet.print_title_rows = titles
        sheet.oddHeader = HeaderFooterItem(
            left=_HeaderFooterPart(text="&A"), right=_HeaderFooterPart(text="Confidential" if confidential else None)
        )
        sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="Page &P of &N"))


def row_points(
    texts: Sequence[tuple[str, float]], *, size: float = BODY, least: float = 0, bold: bool = False
) -> float:
    """The height in points that the tallest of the (text, column width) pairs needs."""
    lines = max((lines_needed(text, width, size, bold=bold) for text, width in texts), default=1)
    return min(max(height_of(lines, size), least), TALLEST_ROW)


def _dress(cell: Cell, look: Look) -> None:
    cell.font = Font(name=FONT, size=look.size, bold=look.bold, italic=look.italic, color=look.ink)
    if look.fill:
        cell.fill = PatternFill("solid", start_color=look.fill, end_color=look.fill)
    side = Side(style="thin", color=LINE)
    if look.lines == "box":
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    elif look.lines == "under":
        cell.border = Border(bottom=side)
    cell.alignment = Alignment(
        horizontal=look.across, vertical=look.down, wrap_text=look.wrap, shrink_to_fit=look.shrink, indent=look.indent
    )
    cell.number_format = look.shape
