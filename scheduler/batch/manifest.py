"""The manifest of a batch: a CSV file with a row for each clinic."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.problems import InputRefused
from scheduler.domain.spelling import nearest
from scheduler.intake.collector import Collector, Spot
from scheduler.intake.columns import ColumnSpec, SheetSpec
from scheduler.intake.csvfiles import read_csv
from scheduler.intake.raw import CellError, Formula, RawSheet
from scheduler.intake.safety import MOST_TEXT_BYTES, read_bytes
from scheduler.terminal import LONGEST_SEARCH

MANIFEST = SheetSpec(
    name="Manifest",
    required=True,
    about="The clinics of a batch, a row each. Paths are as seen from the folder of the manifest.",
    columns=(
        ColumnSpec("Input", ("Week", "Workbook", "File"), "The week.", "note", required=True, example="north.xlsx"),
        ColumnSpec("Output", ("Timetable",), "Its timetable, as seen from the folder of outputs.", "note"),
        ColumnSpec("Profile", (), "A profile's name or file.", "note", example="texas_sud"),
        ColumnSpec("Previous", ("Last week",), "Last week's timetable.", "note"),
        ColumnSpec("Time limit", ("Seconds", "Limit"), "Seconds for the search.", "note", example="60"),
        ColumnSpec("Map", ("Mapping",), "YAML that renames sheets and columns of an export.", "note"),
    ),
)


@dataclass(frozen=True)
class Row:
    """One clinic's row: its cells by column, and where they stand. ``seconds`` is the time limit, None without one."""

    cells: Mapping[str, Spot]
    seconds: float | None = None

    def text(self, column: str) -> str:
        """What stands in a column; "" where nothing does."""
        return self.cells[column].text if column in self.cells else ""

    def spot(self, column: str) -> Spot:
        """Where it stands; the row's first cell where the column is blank."""
        return self.cells.get(column, next(iter(self.cells.values())))


def read_manifest(path: Path, sink: Collector) -> tuple[Row, ...]:
    """The rows of a manifest that hold together; what is wrong with it goes to the collector."""
    try:
        sheet, problems = read_csv(read_bytes(path, MOST_TEXT_BYTES), path, (MANIFEST,))
    except InputRefused as refused:
        sink.take(refused.problems)
        return ()
    sink.take(problems)
    lines = [number for number, row in sheet.rows.items() if not _text(row[min(row)]).startswith("#")]
    if not lines:
        return ()
    columns = _columns(sheet, lines[0], path, sink)
    if "Input" not in columns.values():
        message = f"there is no column Input; the columns are {', '.join(one.name for one in MANIFEST.columns)}"
        sink.error("missing-column", Spot(path.name, f"A{lines[0]}"), message, "give the path of each week in it")
        return ()
    return tuple(_rows(sheet, lines[1:], columns, path, sink))


def _columns(sheet: RawSheet, header: int, path: Path, sink: Collector) -> dict[int, str]:
    """Canonical names by column. A column that is not known is an error: what it asks for would not be done."""
    found: dict[int, str] = {}
    for column, value in sheet.rows[header].items():
        spot = Spot(path.name, sheet.address(header, column), _text(value))
        known = MANIFEST.column_called(spot.text)
        if known is None:
            near = nearest(spot.text, (one.name for one in MANIFEST.columns))
            hint = f"did you mean {near}?" if near else f"known: {', '.join(one.name for one in MANIFEST.columns)}"
            sink.error("unknown-column", spot, f"the column '{spot.text}' is not known", hint)
        elif known.name in found.values():
            sink.error("column-twice", spot, f"the column {known.name} stands twice", "leave one of them")
        else:
            found[column] = known.name
    return found


def _rows(sheet: RawSheet, lines: list[int], columns: Mapping[int, str], path: Path, sink: Collector) -> Iterator[Row]:
    for line in lines:
        cells = {
            columns[column]: Spot(path.name, sheet.address(line, column), _text(value))
            for column, value in sheet.rows[line].items()
            if column in columns
        }
        beyond = next((column for column in sheet.rows[line] if column not in columns), None)
        if beyond is not None and beyond not in sheet.rows[min(sheet.rows)]:
            spot = Spot(path.name, sheet.address(line, beyond), _text(sheet.rows[line][beyond]))
            sink.error(
                "cell-without-column", spot, "this cell stands below no header", "is a separator missing a quote?"
            )
        if "Input" not in cells:
            sink.error("blank-cell", Spot(path.name, sheet.address(line, 1)), "Input is blank", "give the week's path")
            continue
        yield Row(cells, _seconds(cells.get("Time limit"), sink))


def _seconds(spot: Spot | None, sink: Collector) -> float | None:
    if spot is None:
        return None
    try:
        found = float(spot.text)
    except ValueError:
        found = math.nan
    if not 0 < found <= LONGEST_SEARCH:
        sink.error("bad-time-limit", spot, f"expected seconds, above 0 and up to {LONGEST_SEARCH}", "such as 60")
        return None
    return found


def _text(value: object) -> str:
    return value.text if isinstance(value, Formula | CellError) else str(value)
