"""The tables of a batch: ``results.csv`` with a row a clinic, and ``results.json`` with all that is known of each."""

import csv
import io
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scheduler.batch.clinic import RESULTS_CSV, RESULTS_JSON
from scheduler.batch.whole import put
from scheduler.domain.network import ClinicResult

EVERY_SECONDS = 1.0
"""The tables are written no more often than so while a batch runs."""

COLUMNS = (
    "clinic",
    "status",
    "exit_code",
    "hours_short",
    "patients_short",
    "groups_missed",
    "patients",
    "seconds",
    "memory_mb",
    "profile",
    "input",
    "input_sha256",
    "output",
    "attempts",
    "problem",
)
"""Of ``results.csv``, before the gap of each tier: ``gap_1``, ``gap_2``, ..."""

USUAL_TIERS = 5
"""Gaps have so many columns, or more where a profile has more tiers."""


class Tables:
    """Writes both tables whole, each time anew."""

    def __init__(self, outdir: Path) -> None:
        self._outdir = outdir
        self._next = 0.0

    def write_sometimes(self, results: Sequence[ClinicResult]) -> None:
        """Write them, unless that was done a moment ago.

        Raises:
            OSError: if they cannot be written.
        """
        if time.monotonic() >= self._next:
            self.write(results)

    def write(self, results: Sequence[ClinicResult]) -> None:
        """Write them now.

        Raises:
            OSError: if they cannot be written.
        """
        put(self._outdir / RESULTS_CSV, as_csv(results))
        put(self._outdir / RESULTS_JSON, as_json(results))
        self._next = time.monotonic() + EVERY_SECONDS


def as_csv(results: Sequence[ClinicResult]) -> str:
    """A header and a row a clinic."""
    tiers = max([USUAL_TIERS, *(tier.tier for one in results for tier in one.tiers)])
    text = io.StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, *map(_gap_column, range(1, tiers + 1))), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row_of(one).items()} for one in results)
    return text.getvalue()


def row_of(result: ClinicResult) -> dict[str, Any]:
    """A clinic's row by column; None where there is nothing to say."""
    row: dict[str, Any] = {name: getattr(result, name, None) for name in COLUMNS}
    if result.figures is not None:
        row |= result.figures.model_dump(include=set(COLUMNS))
    return row | {_gap_column(tier.tier): tier.gap for tier in result.tiers}


def _gap_column(tier: int) -> str:
    return f"gap_{tier}"


def as_json(results: Sequence[ClinicResult]) -> str:
    """A list of clinics with all fields."""
    return json.dumps({"clinics": [one.model_dump(mode="json") for one in results]}, indent=1) + "\n"


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula is kept one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
