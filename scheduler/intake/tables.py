"""Raw sheets -> tables: which sheet is which, where its header stands, which rows hold data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from scheduler.domain.spelling import nearest
from scheduler.intake.collector import Collector, Spot
from scheduler.intake.columns import ColumnSpec, SheetSpec, fold
from scheduler.intake.mapping import SheetMap
from scheduler.intake.raw import CellError, Formula, RawSheet, Strange, Value

HEADER_WITHIN = 10
"""The header stands in one of the first so many rows; what is above it is a title."""


@dataclass(frozen=True)
class Cell:
    """A cell of a known column. ``value`` is None when it is blank; ``words`` are a map's replacements."""

    sheet: str
    address: str
    value: Value | None
    column: ColumnSpec
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What stands in the cell, for people."""
        return text_of(self.value)

    @property
    def spot(self) -> Spot:
        """The cell as a place of a problem."""
        return Spot(self.sheet, self.address, self.text)

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return self.value is None or self.value == ""


def text_of(value: Value | None) -> str:
    """A value as text: 12.0 is 12, a time HH:MM."""
    if value is None:
        return ""
    if isinstance(value, Formula | CellError | Strange):
        return value.text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else "a huge number"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    return value


@dataclass(frozen=True)
class Row:
    """A row of data; ``number`` is its row in the sheet."""

    number: int
    cells: Mapping[str, Cell]
    first: Spot

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]


@dataclass(frozen=True)
class Table:
    """A known sheet with its data rows. Every row has a cell for every column, blank where the sheet has none.

    One that is not ``readable`` (no header was found, or the map names a sheet that is not there) was reported already.
    """

    spec: SheetSpec
    title: str
    present: frozenset[str] = frozenset()
    rows: tuple[Row, ...] = ()
    readable: bool = True
    gone: tuple[tuple[str, str], ...] = ()
    """Id and name of rows that were taken out before reading: what refers to them is passed over."""

    @property
    def spot(self) -> Spot:
        """The sheet as a place of a problem."""
        return Spot(self.title)


def find_tables(
    sheets: Sequence[RawSheet], specs: Sequence[SheetSpec], mapping: SheetMap, sink: Collector
) -> dict[str, Table]:
    """The tables of the sheets that are known, by canonical name; all others are noticed."""
    sink.expect(sheet.title for sheet in sheets)
    chosen = _Choice(sheets, specs, mapping, sink).chosen()
    tables = {}
    for spec in specs:
        if spec.name in chosen:
            tables[spec.name] = _Reader(chosen[spec.name], spec, mapping, sink).table()
        elif spec.name in mapping.sheets:
            tables[spec.name] = Table(spec, mapping.sheets[spec.name], readable=False)
    return tables


class _Choice:
    """Which sheet of the file is which."""

    def __init__(
        self, sheets: Sequence[RawSheet], specs: Sequence[SheetSpec], mapping: SheetMap, sink: Collector
    ) -> None:
        self.sheets = sheets
        self.specs = specs
        self.mapping = mapping
        self.sink = sink
        self.told: set[int] = set()

    def chosen(self) -> dict[str, RawSheet]:
        found: dict[str, RawSheet] = {}
        for spec in self.specs:
            sheet = self._sheet_for(spec)
            if sheet is not None:
                found[spec.name] = sheet
        taken = {id(sheet) for sheet in found.values()} | self.told
        known = [spec.name for spec in self.specs]
        for sheet in self.sheets:
            if id(sheet) not in taken and sheet.rows:
                guess = nearest(sheet.title, [name for name in known if name not in found])
                hint = f"did you mean {guess}?" if guess else ""
                self.sink.notice(
                    "extra-sheet", Spot(sheet.title), "the sheet is not one that is read; passed over", hint
                )
        return found

    def _sheet_for(self, spec: SheetSpec) -> RawSheet | None:
        title = self.mapping.sheets.get(spec.name, "")
        if title:
            return self._mapped(spec, title)
        mapped = {fold(other) for other in self.mapping.sheets.values()}
        names = {fold(spec.name), *map(fold, spec.aliases)} - mapped
        fitting = [sheet for sheet in self.sheets if fold(sheet.title) in names]
        exact = [sheet for sheet in fitting if fold(sheet.title) == fold(spec.name)]
        best = exact or fitting
        if len(best) > 1:
            self.told.update(map(id, best))
            titles = " and ".join(f"'{sheet.title}'" for sheet in best)
            self.sink.error(
                "sheet-twice", Spot(best[1].title), f"{titles} both mean {spec.name}", "rename or delete one"
            )
        elif len(fitting) > 1:
            other = next(sheet for sheet in fitting if sheet not in best)
            message = f"the sheet is passed over: '{best[0].title}' is read as {spec.name}"
            self.told.add(id(other))
            self.sink.warning("sheet-twice", Spot(other.title), message, "rename or delete one of them")
        return best[0] if best else None

    def _mapped(self, spec: SheetSpec, title: str) -> RawSheet | None:
        for sheet in self.sheets:
            if fold(sheet.title) == fold(title):
                return sheet
        guess = nearest(title, [sheet.title for sheet in self.sheets])
        hint = f"did you mean '{guess}'?" if guess else "correct the map"
        message = f"the map names the sheet '{title}' for {spec.name}, but the file has none of that name"
        self.sink.error("mapped-sheet-missing", Spot(title), message, hint)
        return None


class _Reader:
    """Finds the header of one sheet, then its rows."""

    def __init__(self, raw: RawSheet, spec: SheetSpec, mapping: SheetMap, sink: Collector) -> None:
        self.raw = raw
        self.spec = spec
        self.mapping = mapping
        self.sink = sink
        self.mapped = {
            fold(header): spec.column(column) for column, header in mapping.columns.get(spec.name, {}).items()
        }
        self.merges_told: set[tuple[int, int]] = set()
        self.words = {column.name: mapping.words_of(spec.name, column.name) for column in spec.columns}

    def table(self) -> Table:
        """The table; without rows where the sheet is empty, and not readable where it has no header."""
        if not self.raw.rows:
            return Table(self.spec, self.raw.title)
        header = self._header_row()
        if header is None:
            return Table(self.spec, self.raw.title, readable=False)
        columns = self._columns(header)
        self._say_missing(columns, header)
        rows = tuple(self._data_rows(header, columns))
        return Table(self.spec, self.raw.title, frozenset(columns), rows)

    # -- the header

    def _meaning(self, text: str) -> ColumnSpec | None:
        """The column that a header means, the map's word first."""
        if fold(text) in self.mapped:
            return self.mapped[fold(text)]
        column = self.spec.column_called(text)
        return None if column is None or self.mapping.header_of(self.spec.name, column.name) else column

    def _known_in(self, row: int) -> list[str]:
        texts = (value for value in self._filled(row).values() if isinstance(value, str))
        return [column.name for column in map(self._meaning, texts) if column is not None]

    def _header_row(self) -> int | None:
        top = [row for row in sorted(self.raw.rows) if row <= HEADER_WITHIN] or sorted(self.raw.rows)[:1]
        known = {row: self._known_in(row) for row in top}
        with_key = [row for row in top if self.spec.key in known[row]]
        several = [row for row in with_key if len(set(known[row])) > 1]
        guessed = [row for row in top if len(set(known[row])) > 1]
        best = several or guessed or with_key
        if not best:
            self._say_headless(top)
            return None
        for row in (row for row in top if row < best[0]):
            if not self._is_remark(row):
                spot = self._spot(row, min(self.raw.rows[row]))
                self.sink.notice("title-row", spot, "the row stands above the header and is passed over as a title")
        return best[0]

    def _say_headless(self, top: list[int]) -> None:
        texts = [text_of(value) for row in top for value in self.raw.rows[row].values()]
        guess = next((text for text in texts if nearest(text, [self.spec.key])), "")
        hint = f"did '{guess}' mean {self.spec.key}?" if guess else "the first row should hold the names of the columns"
        message = f"no header with the column {self.spec.key} in the first {HEADER_WITHIN} rows"
        self.sink.error("no-header", self._spot(top[0], min(self.raw.rows[top[0]])), message, hint)

    def _columns(self, header: int) -> dict[str, int]:
        """Canonical name -> number of the column, with every doubtful header reported."""
        found: dict[str, int] = {}
        for number, value in sorted(self.raw.rows[header].items()):
            text, spot = text_of(value), self._spot(header, number)
            column = self._meaning(text)
            if column is None:
                self._say_unknown(text, spot, found)
            elif column.name in found:
                self._say_twice(column, spot, self._spot(header, found[column.name]))
            else:
                found[column.name] = number
        return found

    def _say_twice(self, column: ColumnSpec, spot: Spot, first: Spot) -> None:
        """Two headers mean one column. Of two names or notes the first is read: nothing hangs on them."""
        message = (
            f"the column {column.name} stands twice: {first.cell} ('{first.text}') and {spot.cell} ('{spot.text}')"
        )
        if column.kind in ("name", "note") and fold(first.text) != fold(spot.text):
            self.sink.warning("column-twice", spot, f"{message}; {first.cell} is read")
        else:
            self.sink.error("column-twice", spot, message, "rename or delete one, or name the right one in a map")

    def _say_unknown(self, text: str, spot: Spot, found: Mapping[str, int]) -> None:
        if not fold(text):
            return
        guess = nearest(text, [column.name for column in self.spec.columns])
        hint = f"did you mean {guess}?" if guess else ""
        self.sink.warning("unknown-column", spot, f"the column is not one of {self.spec.name}; it is not read", hint)

    def _say_missing(self, columns: Mapping[str, int], header: int) -> None:
        texts = {
            text_of(value): number
            for number, value in sorted(self.raw.rows[header].items())
            if number not in columns.values()
        }
        for name, title in self.mapping.columns.get(self.spec.name, {}).items():
            if name not in columns:
                message = f"the map names the column '{title}' for {name}, but the sheet has none of that name"
                guess = nearest(title, [text_of(value) for value in self.raw.rows[header].values()])
                hint = f"did you mean '{guess}'?" if guess else "correct the map"
                first = self.raw.address(header, min(self.raw.rows[header]))
                self.sink.error("mapped-column-missing", Spot(self.raw.title, first, title), message, hint)
        for column in self.spec.columns:
            if (
                column.required
                and column.name not in columns
                and not self.mapping.header_of(self.spec.name, column.name)
            ):
                guess = nearest(column.name, texts)
                spot = self._spot(header, texts[guess]) if guess else Spot(self.raw.title)
                hint = f"did '{guess}' mean {column.name}?" if guess else f"for example: {column.example}"
                self.sink.error("missing-column", spot, f"the sheet has no column {column.name}: {column.about}", hint)

    # -- the rows

    def _data_rows(self, header: int, columns: Mapping[str, int]) -> Iterator[Row]:
        last, leftmost = max(self.raw.rows), min(columns.values(), default=1)
        numbers = sorted(set(self.raw.rows) | {row for row, _ in self.raw.merged if header < row <= last})
        for number in numbers:
            if number <= header or self._is_remark(number, leftmost):
                continue
            if number in self.raw.rows and self._repeats_header(header, number):
                spot = self._spot(number, min(self.raw.rows[number]))
                self.sink.notice("repeated-header", spot, "the header stands here again; passed over")
                continue
            row = self._row(number, columns)
            if any(not cell.blank for cell in row.cells.values()):
                self._say_merged(number, columns)
                yield row
            elif self._filled(number):
                message = "nothing stands in the columns that are read; the row is passed over"
                self.sink.notice("row-passed-over", row.first, message)

    def _row(self, number: int, columns: Mapping[str, int]) -> Row:
        cells = {}
        for column in self.spec.columns:
            at = columns.get(column.name, 0)
            value = self._value(number, at) if at else None
            address = self.raw.address(number, at) if at or self.raw.keys is not None else ""
            words = self.words[column.name]
            cells[column.name] = Cell(self.raw.title, address, value, column, words)
        filled = self._filled(number)
        at = min(filled) if filled else min(columns.values(), default=1)
        return Row(number, cells, self._spot(number, at))

    def _filled(self, number: int) -> Mapping[int, Value]:
        return self.raw.rows.get(number, {})

    def _value(self, row: int, column: int) -> Value | None:
        row, column = self.raw.merged.get((row, column), (row, column))
        return self.raw.rows.get(row, {}).get(column)

    def _say_merged(self, row: int, columns: Mapping[str, int]) -> None:
        """Say once of each merged range that its value is read for all its cells."""
        for column in sorted(columns.values()):
            anchor = self.raw.merged.get((row, column))
            if anchor is not None and anchor not in self.merges_told and self._value(row, column) is not None:
                self.merges_told.add(anchor)
                message = "the cell is merged with others: its value is read for each of them"
                self.sink.notice("merged-cells", self._spot(*anchor), message)

    def _is_remark(self, row: int, leftmost: int | None = None) -> bool:
        """Whether the first cell starts with ``#``; ``leftmost`` is the first column of the table, once known."""
        cells = self._filled(row)
        if not cells:
            return False
        at = min(cells)
        first = cells[at]
        is_first = leftmost is None or at <= leftmost
        return (
            is_first and isinstance(first, str) and first.startswith("#") and self.spec.key not in self._known_in(row)
        )

    def _repeats_header(self, header: int, row: int) -> bool:
        head, cells = self.raw.rows[header], self.raw.rows[row]
        texts = {number: fold(text_of(value)) for number, value in cells.items() if isinstance(value, str)}
        same = [number for number, text in texts.items() if number in head and fold(text_of(head[number])) == text]
        return len(same) == len(cells) and (len(same) > 1 or len(head) == 1)

    def _spot(self, row: int, column: int) -> Spot:
        return Spot(self.raw.title, self.raw.address(row, column), text_of(self.raw.rows.get(row, {}).get(column)))
