"""Sheets as found in a file, before anything is made of them: filled cells by row and column, with their addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from scheduler.domain.problems import Problem


@dataclass(frozen=True)
class Formula:
    """A formula as written; its value is never taken."""

    text: str


@dataclass(frozen=True)
class CellError:
    """An error value of a spreadsheet, such as ``#N/A``."""

    text: str


@dataclass(frozen=True)
class Strange:
    """A value that no cell of a spreadsheet holds, such as an object in JSON; ``text`` shows it."""

    text: str


Value = str | int | float | bool | datetime | date | time | timedelta | Formula | CellError | Strange
ERROR_VALUES = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)

_SPACES = str.maketrans("\u00a0\u2007\u202f\u3000\t", " " * 5, "\u200b\u200c\u200d\u2060\ufeff\u00ad")


_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without invisible signs, with plain spaces, and none at either end; line breaks inside stay.

    What no XML and so no workbook can hold (control signs, halves of a pair) falls away too.
    """
    return _NO_TEXT.sub("", text.translate(_SPACES)).strip()


def letters(column: int) -> str:
    """The letters of a column counted from 1: ``A``, ``Z``, ``AA``."""
    found = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


@dataclass(frozen=True)
class RawSheet:
    """One sheet. ``rows`` holds filled cells only, row then column, both counted from 1.

    ``merged`` maps each cell of a merged range that is not its first to that first cell. ``keys`` are the column names
    of a sheet that came from JSON: its rows are numbered as if they stood below a header in row 1.
    """

    title: str
    rows: Mapping[int, Mapping[int, Value]]
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    keys: tuple[str, ...] | None = None

    def address(self, row: int, column: int) -> str:
        """Where a cell stands, as people would look it up: ``C7``; in JSON ``[3].Availability``."""
        if self.keys is None:
            return f"{letters(column)}{row}"
        key = self.keys[column - 1] if 0 < column <= len(self.keys) else ""
        return key if row == 1 else f"[{row - 2}].{key}" if key else f"[{row - 2}]"


@dataclass(frozen=True)
class RawFile:
    """All sheets of a file, with what was noticed while opening it. ``sha256`` is of the bytes on disk."""

    path: Path
    sheets: tuple[RawSheet, ...]
    sha256: str
    problems: tuple[Problem, ...] = ()
