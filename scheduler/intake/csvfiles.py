"""A folder of CSV files -> raw sheets: a file a sheet, separated by comma, semicolon or tab, found out by looking."""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from scheduler.domain.problems import Problem, Severity
from scheduler.intake.collector import refusal
from scheduler.intake.columns import SheetSpec
from scheduler.intake.raw import ERROR_VALUES, CellError, Formula, RawFile, RawSheet, Value, clean
from scheduler.intake.safety import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    MOST_TEXT_BYTES,
    called,
    read_bytes,
)

SEPARATORS = (",", ";", "\t")
_LOOKED_AT = 10
_STATED_SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n")


def read_folder(path: Path, specs: Sequence[SheetSpec]) -> RawFile:
    """The CSV files of a folder, in order of their names; ``specs`` help to tell the separator.

    Raises:
        InputRefused: if there is none, or one cannot be read.
    """
    try:
        files = sorted(filter(_is_csv, path.iterdir()), key=lambda file: file.name)
    except OSError as error:
        message = f"the folder {called(path)} cannot be opened: {error.strerror}"
        raise refusal("unreadable-file", message, value=str(path)) from error
    if not files:
        hint = "expected patients.csv, therapists.csv, groups.csv, rooms.csv, ..."
        raise refusal("no-csv", f"the folder {called(path)} holds no CSV file", hint, value=called(path))
    if len(files) > MOST_SHEETS:
        raise refusal("too-large", f"the folder holds {len(files)} CSV files; the most is {MOST_SHEETS}")
    digest = hashlib.sha256()
    sheets: list[RawSheet] = []
    problems: list[Problem] = []
    for file in files:
        data = read_bytes(file, MOST_TEXT_BYTES, may_be_empty=True)
        digest.update(f"{file.name}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
        sheet, found = read_csv(data, file, specs)
        sheets.append(sheet)
        problems.extend(found)
    if sum(len(row) for sheet in sheets for row in sheet.rows.values()) > MOST_CELLS:
        raise refusal("too-large", f"the files have more than {MOST_CELLS} filled cells")
    return RawFile(path, tuple(sheets), digest.hexdigest(), tuple(problems))


def _is_csv(file: Path) -> bool:
    """Whether a file is a sheet; not what systems and editors leave beside it."""
    return file.suffix.lower() == ".csv" and not file.name.startswith((".", "~")) and file.is_file()


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file and the encoding it is in: UTF-8, UTF-16 with its mark, else Windows western European.

    Raises:
        InputRefused: if it is none of these, or not text at all.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
        if b"\x00" in data:
            raise refusal(
                "not-text", f"{name} holds zero bytes, so it is no text file", "save it as CSV UTF-8", sheet=name
            )
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise refusal("unknown-encoding", f"{name} is in an unknown encoding", "save it as CSV UTF-8", sheet=name)


def read_csv(data: bytes, file: Path, specs: Sequence[SheetSpec]) -> tuple[RawSheet, list[Problem]]:
    """The sheet in the bytes of one CSV file, with what was noticed; it is called like the file.

    Raises:
        InputRefused: if it cannot be read.
    """
    text, encoding = decoded(data, file.name)
    problems = []
    if encoding == "cp1252":
        message = f"{file.name} is not UTF-8; it was read as Windows text (cp1252)"
        hint = "check names with accents; save as CSV UTF-8"
        problems.append(Problem(code="encoding", severity=Severity.NOTICE, sheet=file.stem, message=message, hint=hint))
    stated = _STATED_SEPARATOR.match(text)
    skipped = 1 if stated else 0
    body = text[stated.end() :] if stated else text
    separator = stated.group(1) if stated and stated.group(1) in SEPARATORS else _separator(body, specs)
    return RawSheet(title=file.stem, rows=_rows(body, separator, file, skipped)), problems


def _separator(text: str, specs: Sequence[SheetSpec]) -> str:
    """The separator that makes most known headers of a line near the top; else the most frequent there."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:_LOOKED_AT]

    def known(separator: str) -> tuple[int, int]:
        best = 0
        for line in lines:
            headers = [part.strip().strip('"') for part in line.split(separator)]
            best = max([best, *(sum(s.column_called(h) is not None for h in headers) for s in specs)])
        return best, max((line.count(separator) for line in lines), default=0)

    return max(SEPARATORS, key=known)


def _rows(text: str, separator: str, file: Path, skipped: int) -> dict[int, dict[int, Value]]:
    if not text.strip():
        return {}
    width = _width(text, separator)
    if width > MOST_COLUMNS + 1:
        text_width = f"{file.name} has a line with more than {MOST_COLUMNS} columns"
        raise refusal("too-large", text_width, "is a quotation mark missing?", sheet=file.stem)
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            header=None,
            names=range(width),
            index_col=False,
            dtype=str,
            sep=separator,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            nrows=MOST_ROWS + 1,
        )
    except (ValueError, OverflowError) as error:  # pandas' own errors are ValueErrors
        reason = str(error).splitlines()[0] if str(error) else "not well formed"
        hint = "look for a quotation mark that is opened and never closed"
        raise refusal("unreadable", f"{file.name} cannot be read as CSV: {reason}", hint, sheet=file.stem) from error
    if len(frame) > MOST_ROWS:
        raise refusal("too-large", f"{file.name} has more than {MOST_ROWS} rows", sheet=file.stem)
    return _filled(frame, 1 + skipped)


def _width(text: str, separator: str) -> int:
    """The number of columns of the widest row. What the csv module cannot read, pandas is left to refuse."""
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        return max(len(row) for row in rows)
    except csv.Error:
        return MOST_COLUMNS


def _filled(frame: pd.DataFrame, first: int) -> dict[int, dict[int, Value]]:
    found: dict[int, dict[int, Value]] = {}
    for number, row in enumerate(frame.itertuples(index=False, name=None), start=first):
        cells = {
            column: _value(text) for column, text in enumerate(row, start=1) if isinstance(text, str) and clean(text)
        }
        if cells:
            found[number] = cells
    return found


def _value(text: str) -> Value:
    text = clean(text)
    if text in ERROR_VALUES:
        return CellError(text)
    return Formula(text) if text.startswith("=") else text
