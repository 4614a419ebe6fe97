"""Newcomers: rows like those of the sheet Patients that are not in the week's file, in any of the forms they come in.

A row on the command line is written ``Column=value | Column=value``; a file is a CSV file with a header, a JSON object
or list of them, or a workbook with a sheet ``Waiting list`` (or ``Patients``). A word that is neither names somebody
who stands in the week already.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scheduler.domain.problems import FactRef, InputRefused, Problem
from scheduler.domain.timetable import Timetable
from scheduler.intake.collector import Collector, Spot, refusal
from scheduler.intake.columns import PATIENTS, fold
from scheduler.intake.edits import Edits
from scheduler.intake.jsonfile import read_json, read_rows
from scheduler.intake.raw import RawSheet
from scheduler.intake.reader import WeekFile
from scheduler.intake.refs import Index
from scheduler.intake.safety import MOST_TEXT_BYTES, OLE2_MAGIC, ZIP_MAGIC, read_bytes
from scheduler.intake.tables import Cell

OPTION = "--patient"
SEPARATOR = "|"
WAITING_LIST = "Waiting list"
_SHEETS = (WAITING_LIST, "Waitlist", "Newcomers", PATIENTS.name, *PATIENTS.aliases)
"""Sheets of a file that hold newcomers; the first that is there is read."""
_EXAMPLE = "for example 'Patient=N1 | Availability=evenings; Sat 9-12 | Required groups=Process'"
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb")


@dataclass(frozen=True)
class Newcomers:
    """Who is to be admitted: rows that are added to the week, and words that name people of the week.

    ``problems`` are notices about the files; ``inputs`` the files, which must never be written over.
    """

    edits: Edits
    named: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_newcomers(words: Sequence[str], waiting: Path | None = None) -> Newcomers:
    """The newcomers that a command line names, in its order; those of the waiting list come last.

    Args:
        words: rows as written, paths of files, ids of patients of the week.
        waiting: a file of newcomers.

    Raises:
        InputRefused: with every row that is not written as it should be, or if a file cannot be read.
    """
    sink = Collector()
    inline = [one for one in words if _is_row(one)]
    paths = [Path(one) for one in words if one not in inline and _is_file(one)]
    files = (*paths, *(() if waiting is None else (waiting,)))
    rows = [(PATIENTS.name, _inline(inline, sink))] if inline else []
    rows += [(PATIENTS.name, _sheet_of(path, sink)) for path in files]
    sink.refuse_if_wrong()
    named = tuple(one for one in words if one not in inline and not _is_file(one))
    return Newcomers(Edits(rows=tuple(rows)), named, files, sink.problems)


def ids_of(newcomers: Newcomers, file: WeekFile, timetable: Timetable) -> tuple[str, ...]:
    """The ids of all newcomers: those named, then those of added rows in their order.

    Raises:
        InputRefused: for a word that names nobody, and for somebody who has a seat already.
    """
    sink = Collector()
    index = Index("patient", ((one.id, one.name) for one in file.week.patients))
    cells = [Cell("", f"{OPTION} {word}", word, PATIENTS.columns[0]) for word in newcomers.named]
    named = [(cell, index.resolve(cell, cell.text, sink)) for cell in cells]
    seated = {seat.patient for seat in timetable.assignments}
    for cell, one in named:
        if one in seated:
            hint = "only somebody without a seat in the timetable is admitted"
            sink.error("already-seated", cell.spot, f"the patient '{one}' has a seat in the timetable already", hint)
    sink.refuse_if_wrong()
    return tuple(dict.fromkeys((*(one for _, one in named if one is not None), *added_ids(newcomers, file))))


def added_ids(newcomers: Newcomers, file: WeekFile) -> tuple[str, ...]:
    """The ids of the newcomers who do not stand in the week's own file."""
    titles = {raw.title for _, raw in newcomers.edits.rows}
    return tuple(one.id for one in file.week.patients if _sheet_of_row(file, one.id) in titles)


def _sheet_of_row(file: WeekFile, patient: str) -> str:
    place = file.places.cell_of(FactRef(sheet=PATIENTS.name, row=patient, column=PATIENTS.key))
    return "" if place is None else place[0]


def _is_row(word: str) -> bool:
    return "=" in word and not _is_file(word)


def _is_file(word: str) -> bool:
    return os.path.exists(word) or Path(word).suffix.lower() in (".csv", ".json", *_WORKBOOKS)


# ---- a row on the command line ----


def _inline(words: Sequence[str], sink: Collector) -> RawSheet:
    """The rows as a sheet: the cell of a problem is then ``[0].Availability``, the first row's availability."""
    rows = [_cells(one, place, sink) for place, one in enumerate(words)]
    return read_rows(json.dumps(rows).encode(), OPTION, OPTION)


def _cells(words: str, place: int, sink: Collector) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in words.split(SEPARATOR):
        column, sign, value = part.partition("=")
        column = " ".join(column.split())
        spot = Spot(OPTION, f"[{place}].{column}" if sign and column else f"[{place}]", part.strip())
        if not part.strip():
            continue
        if not sign or not column:
            message = f"expected Column=value between the signs {SEPARATOR}, not '{part.strip()}'"
            sink.error("row-shape", spot, message, _EXAMPLE)
        elif column in found:
            sink.error("row-shape", spot, f"the column {column} stands twice", "write it once")
        else:
            found[column] = value.strip()
    return found


# ---- a file ----


def _sheet_of(path: Path, sink: Collector) -> RawSheet:
    """The rows of a file, told by its name as Excel writes it: ``[list.xlsx]Waiting list``.

    Raises:
        InputRefused: if it cannot be read or holds no such sheet.
    """
    data = read_bytes(path)
    suffix = path.suffix.lower()
    if data.startswith((ZIP_MAGIC, OLE2_MAGIC)) or suffix in _WORKBOOKS:
        from scheduler.intake.workbook import read_workbook

        return _chosen(read_workbook(data, path.name), path)
    if len(data) > MOST_TEXT_BYTES:
        raise refusal("too-large", f"{path.name} is larger than {MOST_TEXT_BYTES // 1_000_000} MB")
    if suffix == ".json" or data.lstrip()[:1] in (b"{", b"["):
        return _from_json(data, path)
    if suffix != ".csv":
        hint = "give a .csv file with a header line, a .json file or a workbook"
        raise refusal(
            "unknown-format", f"{path.name} is in a format that rows are not read from", hint, value=path.name
        )
    from scheduler.intake.csvfiles import read_csv  # pandas is slow to load

    raw, problems = read_csv(data, path, (PATIENTS,))
    sink.take(problems)
    return replace(raw, title=f"[{path.name}]{WAITING_LIST}")


def _from_json(data: bytes, path: Path) -> RawSheet:
    """A list of rows or one row; or an object of sheets, as a week is written."""
    rows = read_rows(data, path.name, f"[{path.name}]{WAITING_LIST}")
    if rows.keys is not None and any(fold(key) in map(fold, _SHEETS[:4]) for key in rows.keys if key):
        try:
            return _chosen(read_json(data, path.name), path)
        except InputRefused:  # {"Patients": "N1", ...} is a row all the same
            return rows
    return rows


def _chosen(sheets: Sequence[RawSheet], path: Path) -> RawSheet:
    for name in _SHEETS:
        for sheet in sheets:
            if fold(sheet.title) == fold(name):
                return replace(sheet, title=f"[{path.name}]{sheet.title}")
    titles = ", ".join(sheet.title for sheet in sheets[:8])
    hint = f"name the sheet {WAITING_LIST}; its columns are those of {PATIENTS.name}"
    raise refusal("missing-sheet", f"{path.name} has no sheet {WAITING_LIST} or {PATIENTS.name}, only {titles}", hint)
