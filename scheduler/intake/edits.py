"""Changes to a week's tables before anything is made of them: a cell replaced or added to, a row added or taken out.

They are made in memory. The file that the week came from is never written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import SkipValidation

from scheduler.domain.availability import LanguageError, read_dayparts
from scheduler.domain.problems import InputRefused
from scheduler.domain.profile import Profile
from scheduler.domain.spelling import nearest
from scheduler.domain.types import Frozen
from scheduler.intake.cells import Language, is_blank
from scheduler.intake.collector import Collector, Spot, refusal
from scheduler.intake.columns import SHEETS, ColumnSpec, SheetSpec, fold, sheet_named
from scheduler.intake.mapping import SheetMap
from scheduler.intake.raw import ERROR_VALUES, CellError, Formula, RawSheet, Strange, Value, clean
from scheduler.intake.refs import Index
from scheduler.intake.rows import identified, name_of
from scheduler.intake.safety import MOST_ROWS, MOST_TEXT_BYTES, read_bytes
from scheduler.intake.tables import Cell, Row, Table, find_tables, text_of

SET, ADD, REMOVE = "--set", "--add-row", "--remove-row"

LIST_KINDS = frozenset({"words", "times", "required groups", "groups", "open to", "agenda"})
"""Kinds of cells that hold several things, so that another may be added by ``+=``."""

BLANK_MEANS = {("Rooms", "Availability"): "any", ("Groups", "Times"): "any", ("Groups", "Open to"): "adult"}
"""What a blank cell stands for, where ``+=`` must not take it away."""


class Edits(Frozen):
    """What is changed, as written on the command line; it is looked up when the tables are there.

    ``sets``: ``SHEET/ROW/COLUMN=VALUE`` or ``SHEET/ROW/COLUMN+=VALUE``. ``adds``: a sheet and a file of rows (CSV with
    a header, or JSON). ``rows``: a sheet's canonical name and rows at hand, which are told by their own title.
    ``removes``: ``SHEET/ROW``. Rows are added first, then cells are set, then rows are taken out.
    """

    sets: tuple[str, ...] = ()
    adds: tuple[tuple[str, Path], ...] = ()
    rows: Annotated[tuple[tuple[str, RawSheet], ...], SkipValidation] = ()
    removes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sets or self.adds or self.rows or self.removes)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that are read."""
        return tuple(path for _, path in self.adds)

    @property
    def words(self) -> tuple[str, ...]:
        """Each change as written."""
        added = (f"{ADD} {sheet} {path}" for sheet, path in self.adds)
        return (*added, *(f"{SET} {one}" for one in self.sets), *(f"{REMOVE} {one}" for one in self.removes))


def edit_tables(
    tables: Mapping[str, Table], edits: Edits, profile: Profile, mapping: SheetMap, sink: Collector
) -> dict[str, Table]:
    """The tables with every change made. What cannot be made is told to ``sink``, all of it.

    Args:
        tables: by canonical name.
        edits: the changes.
        profile: its grid of blocks stands in for a sheet ``Blocks`` that the file has not.
        mapping: how the file calls its sheets and columns.
        sink: hears of every problem, and which cells hold a value that comes from here.
    """
    editor = _Editor(dict(tables), profile, mapping, sink)
    for sheet, path in edits.adds:
        editor.add(sheet, path)
    for sheet, raw in edits.rows:
        editor.take(sheet_named(sheet), raw, Spot(raw.title))
    for one in edits.sets:
        editor.set(one)
    for one in edits.removes:
        editor.remove(one)
    return editor.tables


@dataclass(frozen=True)
class _Change:
    """``SHEET/ROW/COLUMN`` with the value, and whether it is added to the cell."""

    sheet: str
    row: str
    column: str
    value: str
    adds: bool


class _Editor:
    def __init__(self, tables: dict[str, Table], profile: Profile, mapping: SheetMap, sink: Collector) -> None:
        self.tables = tables
        self._profile, self._mapping, self._sink = profile, mapping, sink
        self._language = Language(read_dayparts(profile.dayparts))
        self._set: dict[tuple[str, int, str], str] = {}
        self._indexes: dict[str, tuple[Index, dict[str, Row]]] = {}

    # -- what a change names

    def _known_sheet(self, text: str, spot: Spot) -> SheetSpec | None:
        for name, table in self.tables.items():
            if fold(table.title) == fold(text):
                return sheet_named(name)
        for spec in SHEETS:
            if fold(text) in map(fold, (spec.name, *spec.aliases, self._mapping.sheets.get(spec.name, spec.name))):
                return spec
        names = [spec.name for spec in SHEETS]
        self._stranger("sheet", text, names, spot)
        return None

    def _table(self, text: str, spot: Spot) -> Table | None:
        """The table of an existing sheet; one that could not be read was reported already."""
        spec = self._known_sheet(text, spot)
        if spec is None:
            return None
        table = self._with_grid(spec)
        if table is None or (table.readable and not table.rows):
            hint = f"{ADD} {spec.name} FILE adds rows"
            self._sink.error("unknown-row", spot, f"the week has no rows on a sheet {spec.name}", hint)
            return None
        return table if table.readable else None

    def _with_grid(self, spec: SheetSpec) -> Table | None:
        """The table as it stands; for ``Blocks`` that of the profile's grid where the file has none."""
        table = self.tables.get(spec.name)
        if spec.name == "Blocks" and (table is None or (table.readable and not table.rows)) and self._profile.blocks:
            self.tables[spec.name] = _grid(spec, self._profile)
        return self.tables.get(spec.name)

    def _row(self, table: Table, text: str, spot: Spot) -> Row | None:
        if not table.spec.has_ids:
            return self._numbered(table, text, spot)
        index, rows = self._index(table)
        found = index.find(text)
        if found.id is not None:
            return rows[found.id]
        if found.ids:
            message = f"'{text}' may be {' or '.join(found.ids)}"
            self._sink.error("ambiguous-row", replace(spot, text=text), message, "use the id")
        else:
            guess = index.find(nearest(text, index.spellings)).id
            hint = f"did you mean '{guess}'?" if guess else _known(rows)
            message = f"there is no row '{text}' on the sheet {table.title}"
            self._sink.error("unknown-row", replace(spot, text=text), message, hint)
        return None

    def _index(self, table: Table) -> tuple[Index, dict[str, Row]]:
        """The rows of a sheet by id, as they stood before any cell was set."""
        if table.spec.name not in self._indexes:
            silent = Collector()
            known = [one for one in identified(table, silent) if one.sound]
            index = Index(table.spec.name, ((one.id, name_of(one.row, silent)) for one in known))
            self._indexes[table.spec.name] = index, {one.id: one.row for one in known}
        return self._indexes[table.spec.name]

    def _numbered(self, table: Table, text: str, spot: Spot) -> Row | None:
        """A row by its number in the sheet, or in JSON also by its place in the list: ``[0]``."""
        places = {str(row.number): row for row in table.rows}
        places |= {f"[{row.number - 2}]": row for row in table.rows if row.first.cell.startswith("[")}
        if text in places:
            return places[text]
        message = f"there is no row '{text}' on the sheet {table.title}"
        hint = f"rows go by their number here; {_known(str(row.number) for row in table.rows)}"
        self._sink.error("unknown-row", replace(spot, text=text), message, hint)
        return None

    def _column(self, table: Table, text: str, spot: Spot) -> ColumnSpec | None:
        mapped = {fold(head): name for name, head in self._mapping.columns.get(table.spec.name, {}).items()}
        if fold(text) in mapped:
            return table.spec.column(mapped[fold(text)])
        column = table.spec.column_called(text)
        if column is None:
            names = [one.name for one in table.spec.columns]
            self._stranger("column", text, names, spot, where=f" on the sheet {table.title}")
        return column

    def _stranger(self, what: str, text: str, known: Iterable[str], spot: Spot, where: str = "") -> None:
        names = list(known)
        guess = nearest(text, names)
        hint = f"did you mean '{guess}'?" if guess else _known(names)
        self._sink.error(f"unknown-{what}", replace(spot, text=text), f"there is no {what} '{text}'{where}", hint)

    # -- a cell

    def set(self, words: str) -> None:
        """Replace a cell or add to it."""
        spot = Spot(cell=f"{SET} {words}")
        change = _change(words)
        if change is None:
            message = f"expected SHEET/ROW/COLUMN=VALUE or SHEET/ROW/COLUMN+=VALUE, not '{words}'"
            self._sink.error("edit-shape", spot, message, "for example Therapists/T03/Max blocks=6")
            return
        table = self._table(change.sheet, spot)
        if table is None:
            return
        row, column = self._row(table, change.row, spot), self._column(table, change.column, spot)
        if row is None or column is None:
            return
        now = next((one for one in self.tables[table.spec.name].rows if one.number == row.number), row)
        if self._may(now[column.name], change, (table.spec.name, row.number, column.name), words, spot):
            self._put(table.spec.name, now, column, self._value(now[column.name], change, table), words)

    def _may(self, cell: Cell, change: _Change, place: tuple[str, int, str], words: str, spot: Spot) -> bool:
        """Whether the cell can be changed so: nothing is set twice, and only lists are added to."""
        earlier = self._set.get(place)
        if earlier is not None and not change.adds:
            self._sink.error("edit-twice", spot, f"the cell is set already by {SET} {earlier}", "give one of the two")
            return False
        if change.adds and cell.column.kind not in LIST_KINDS:
            message = f"{cell.column.name} holds one thing, to which nothing can be added"
            self._sink.error("edit-no-list", spot, message, "write = in place of +=")
            return False
        if change.adds and isinstance(cell.value, Formula | CellError | Strange):
            message = f"the cell {cell.address} holds '{cell.text}', to which nothing can be added"
            self._sink.error("edit-no-list", spot, message, "write = in place of +=")
            return False
        self._set[place] = words
        return True

    def _value(self, cell: Cell, change: _Change, table: Table) -> Value | None:
        if not change.adds:
            return _typed(change.value)
        there = "" if is_blank(cell) else text_of(cell.value)
        there = there or BLANK_MEANS.get((table.spec.name, cell.column.name), "")
        if not there or not change.value:
            return there or _typed(change.value)
        joined = f"{there}; {change.value}"
        return self._with_any(there, joined) if cell.column.kind == "times" else joined

    def _with_any(self, there: str, joined: str) -> str:
        """``not Wed`` means any time but Wednesday: with a term more it would mean that term alone."""
        whole = f"any; {joined}"
        try:
            same = self._language.read(there).times == self._language.read(f"any; {there}").times
            return whole if same and self._language.read(joined).times != self._language.read(whole).times else joined
        except LanguageError:  # told where the cell is read
            return joined

    def _put(self, sheet: str, row: Row, column: ColumnSpec, value: Value | None, words: str) -> None:
        table, cell = self.tables[sheet], row[column.name]
        address = cell.address
        if not address or column.name not in table.present:
            address = f"{_key(row, table)}/{column.name}"
        changed = replace(row, cells={**row.cells, column.name: replace(cell, value=value, address=address)})
        self._sink.came_from(cell.sheet, address, f"the cell's value comes from {SET} {words}")
        rows = tuple(changed if one.number == row.number else one for one in table.rows)
        self.tables[sheet] = replace(table, rows=rows, present=table.present | {column.name})

    # -- rows

    def add(self, sheet: str, path: Path) -> None:
        """Add the rows of a file."""
        spot = Spot(cell=f"{ADD} {sheet} {path}")
        spec = self._known_sheet(sheet, spot)
        if spec is None:
            return
        raw = self._read(spec, path)
        if raw is not None:
            self.take(spec, raw, spot, path.name)

    def take(self, spec: SheetSpec, raw: RawSheet, spot: Spot, name: str = "") -> None:
        """Add rows that are at hand; they are told by the title of their sheet."""
        added = self._understood(spec, raw)
        if not added.readable:
            return
        if not added.rows:
            message = f"{name or raw.title} holds no rows"
            self._sink.error("no-rows", spot, message, "a header line, then a row on each line")
            return
        table = self._with_grid(spec) or Table(spec, spec.name)
        first = 1 + max((row.number for row in table.rows), default=1)
        rows = tuple(replace(row, number=number) for number, row in enumerate(added.rows, start=first))
        if len(table.rows) + len(rows) > MOST_ROWS:
            self._sink.error("too-large", spot, f"the sheet would have more than {MOST_ROWS} rows")
            return
        present = table.present | added.present
        self.tables[spec.name] = replace(table, rows=(*table.rows, *rows), present=present)
        self._indexes.pop(spec.name, None)

    def _read(self, spec: SheetSpec, path: Path) -> RawSheet | None:
        """The rows of a file, told by its name as Excel writes it: ``[new.csv]Therapists``."""
        try:
            return _raw_rows(path, spec, f"[{path.name}]{spec.name}", self._sink)
        except InputRefused as refused:
            self._sink.take(refused.problems)
            return None

    def _understood(self, spec: SheetSpec, raw: RawSheet) -> Table:
        heads = {fold(text_of(value)) for row in list(raw.rows)[:1] for value in raw.rows[row].values()}
        columns = {name: head for name, head in self._mapping.columns.get(spec.name, {}).items() if fold(head) in heads}
        mapping = SheetMap(
            sheets={spec.name: raw.title},
            columns={spec.name: columns},
            values={name: words for name, words in self._mapping.values.items() if name == spec.name},
        )
        return find_tables((raw,), (spec,), mapping, self._sink)[spec.name]

    def remove(self, words: str) -> None:
        """Take a row out; what names it elsewhere falls away."""
        spot = Spot(cell=f"{REMOVE} {words}")
        sheet, _, text = words.partition("/")
        if not sheet.strip() or not text.strip():
            message = f"expected SHEET/ROW, not '{words}'"
            self._sink.error("edit-shape", spot, message, "for example Patients/P017 or Apart/3")
            return
        table = self._table(sheet.strip(), spot)
        row = self._row(table, text.strip(), spot) if table is not None else None
        if table is None or row is None:
            return
        name = table.spec.name
        if any(place[:2] == (name, row.number) for place in self._set):
            self._sink.error("edit-twice", spot, f"a cell of the row is set by {SET}, and the row is taken out", "")
            return
        kept = tuple(one for one in self.tables[name].rows if one.number != row.number)
        if len(kept) == len(self.tables[name].rows):
            self._sink.error("edit-twice", spot, "the row is taken out twice", "give it once")
            return
        gone = (*self.tables[name].gone, *self._named(table, row))
        self.tables[name] = replace(self.tables[name], rows=kept, gone=gone)

    def _named(self, table: Table, row: Row) -> tuple[tuple[str, str], ...]:
        """Id and name of a row that others may refer to."""
        if not table.spec.has_ids:
            return ()
        _, rows = self._index(table)
        return tuple((one, name_of(row, Collector())) for one, there in rows.items() if there.number == row.number)


def _known(names: Iterable[str], most: int = 20) -> str:
    listed = list(names)
    return f"known: {', '.join(listed[:most])}{', ...' if len(listed) > most else ''}"


def _change(words: str) -> _Change | None:
    """A change as written; None where it is none. The value begins behind the first ``=``."""
    place, sign, value = words.partition("=")
    adds = place.endswith("+")
    parts = place.removesuffix("+").split("/")
    if not sign or len(parts) < 3:
        return None
    sheet, row, column = parts[0].strip(), "/".join(parts[1:-1]).strip(), parts[-1].strip()
    return _Change(sheet, row, column, clean(value), adds) if sheet and row and column else None


def _typed(text: str) -> Value | None:
    """A value as a file would hold it."""
    if not text:
        return None
    if text in ERROR_VALUES:
        return CellError(text)
    return Formula(text) if text.startswith("=") else text


def _key(row: Row, table: Table) -> str:
    """What a row goes by."""
    return text_of(row[table.spec.key].value) if table.spec.has_ids else str(row.number)


def _grid(spec: SheetSpec, profile: Profile) -> Table:
    """The profile's grid of blocks as a sheet."""
    rows = []
    for number, block in enumerate(profile.blocks, start=2):
        values = {"Block": block.block, "Day": block.day, "Start": block.start, "End": block.end}
        cells = {
            column.name: Cell(spec.name, f"{block.block}/{column.name}", values.get(column.name), column)
            for column in spec.columns
        }
        rows.append(Row(number, cells, Spot(spec.name, f"{block.block}/{spec.key}", block.block)))
    return Table(spec, spec.name, frozenset(column.name for column in spec.columns), tuple(rows))


def _raw_rows(path: Path, spec: SheetSpec, title: str, sink: Collector) -> RawSheet:
    """The rows of a CSV or JSON file.

    Raises:
        InputRefused: if it is neither, or cannot be read.
    """
    data = read_bytes(path, MOST_TEXT_BYTES)
    if path.suffix.lower() == ".json" or data.lstrip()[:1] in (b"{", b"["):
        from scheduler.intake.jsonfile import read_rows

        return read_rows(data, path.name, title)
    if path.suffix.lower() != ".csv":
        hint = "give a .csv file with a header line, or a .json file"
        raise refusal(
            "unknown-format", f"{path.name} is in a format that rows are not read from", hint, value=path.name
        )
    from scheduler.intake.csvfiles import read_csv  # pandas is slow to load

    raw, problems = read_csv(data, path, (spec,))
    sink.take(problems)
    return replace(raw, title=title)
