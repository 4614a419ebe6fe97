"""The measured rows behind the page on speed, and what is read off them: medians, who is ahead of whom, growth."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.growth import Growth, Point, fit
from benchmarks.hour import WHOLE
from benchmarks.peers import OURS, WITHOUT
from benchmarks.traced import gap_of, read_rows

Row = dict[str, str]
Rows = Sequence[Row]
Tables = Mapping[str, Rows]

NAMES = (
    "machine",
    "compare",
    "ablation",
    "bounds",
    "branched",
    "scaling",
    "exponents",
    "phases",
    "hour",
    "outside",
    "reproducible",
    "warm",
)
TIERS = 5
ALL, ALL_SIZES = "all", "all sizes"
TOGETHER = "all of these together"
UNAVAILABLE = "unavailable"
"""How the note of a peer begins that is not installed."""
EQUAL = 1e-6


def tables_of(folder: Path) -> Tables:
    """Every file of results; no rows where one is missing. Peers that could not run are in ``unavailable``."""
    tables: dict[str, Rows] = {name: read_rows(folder / f"{name}.csv") for name in NAMES}
    asked = tightened(tables["compare"], bounds_known(tables))
    tables["compare"] = [row for row in asked if could_run(row)]
    tables[UNAVAILABLE] = [row for row in asked if not could_run(row)]
    return tables


def bounds_known(tables: Tables) -> dict[str, float]:
    """The best bound of the whole by week, from what was measured for its bound or for an hour."""
    hours = (row for row in tables["hour"] if row["tier"] == WHOLE)
    known: dict[str, float] = {}
    for row in (*tables["bounds"], *tables["branched"], *hours):
        best = max(numbers_in(row, "bound", "patientwise", "hour_bound"))
        known[row["case"]] = max(known.get(row["case"], 0.0), best)
    return known


def tightened(rows: Rows, known: Mapping[str, float]) -> list[Row]:
    """Rows of the comparison, their bound and gap by bounds of the whole from elsewhere where those are better."""
    return [_tightened(row, known.get(row["case"], 0.0)) for row in rows]


def _tightened(row: Row, bound: float) -> Row:
    whole = number(row, "whole")
    if whole is None or bound <= (number(row, "bound") or 0.0):
        return row
    return {**row, "bound": f"{bound:g}", "gap": str(gap_of(whole, bound))}


def number(row: Row, column: str) -> float | None:
    """A cell as a number; None where it is blank."""
    return float(row[column]) if row.get(column) else None


def numbers_in(row: Row, *columns: str) -> list[float]:
    """Some cells' numbers, blanks left out."""
    return [found for column in columns if (found := number(row, column)) is not None]


def numbers(rows: Iterable[Row], column: str) -> list[float]:
    """A column's numbers, blanks left out."""
    return [found for row in rows if (found := number(row, column)) is not None]


def median(rows: Iterable[Row], column: str) -> float | None:
    """The median of a column; None without a number in it."""
    found = numbers(rows, column)
    return statistics.median(found) if found else None


def grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    """Rows by a key, in the order of their first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """Rows by a column."""
    return grouped(rows, lambda row: row[column])


def sizes_of(rows: Iterable[Row]) -> list[str]:
    """The numbers of patients that occur, smallest first, as they are spelled."""
    return sorted({row["patients"] for row in rows}, key=int)


# ---------------------------------------------------------------------------------------------------------- comparison


def could_run(row: Row) -> bool:
    """Whether the peer is installed where it was asked; one that is not is no peer to be ahead of."""
    return not row["note"].startswith(UNAVAILABLE)


def tier_values(row: Row) -> tuple[float, ...] | None:
    """The values of a timetable tier by tier; None where there is none."""
    found = [number(row, f"tier{tier}") for tier in range(1, TIERS + 1)]
    kept = tuple(one for one in found if one is not None)
    return kept or None


def standing(ours: Row, other: Row) -> int:
    """How ours stands against another's on the same week: 1 ahead, 0 even, -1 behind, better tiers first."""
    mine, theirs = tier_values(ours), tier_values(other)
    if mine is None or theirs is None:
        return (mine is not None) - (theirs is not None)
    for one, two in zip(mine, theirs, strict=True):
        if abs(one - two) > EQUAL:
            return 1 if one < two else -1
    return 0


def every_tier(ours: Row, other: Row) -> bool:
    """Whether each tier's value is at least as good as the other's."""
    mine, theirs = tier_values(ours), tier_values(other)
    if theirs is None:
        return True
    return mine is not None and all(one <= two + EQUAL for one, two in zip(mine, theirs, strict=True))


def pairs(rows: Rows, peer: str) -> list[tuple[Row, Row]]:
    """Our row and the peer's of each week that both ran."""
    ours = {row["case"]: row for row in rows if row["peer"] == OURS}
    return [(ours[row["case"]], row) for row in rows if row["peer"] == peer and row["case"] in ours]


def peers_of(rows: Rows) -> list[str]:
    """Ours first, then the others in their order; our engine with something switched off is not among them."""
    named = [peer for peer in by(rows, "peer") if not peer.startswith(WITHOUT)]
    return sorted(named, key=lambda peer: peer != OURS)


def ablated(rows: Rows) -> list[str]:
    """Our engine with one strategy switched off, each by its peer's name."""
    return [peer for peer in by(rows, "peer") if peer.startswith(WITHOUT)]


# -------------------------------------------------------------------------------------------------------------- growth


def around_together(rows: Rows) -> list[Row]:
    """For each week of the phases, all phases around the search as one more row."""
    weeks = by([row for row in rows if row["kind"] == "around"], "case").values()
    return [{**week[0], "phase": TOGETHER, "seconds": str(sum(numbers(week, "seconds")))} for week in weeks]


def proven(row: Row) -> bool:
    """Whether a timetable's first two tiers equal their bounds."""
    found = [(number(row, f"tier{tier}"), number(row, f"bound{tier}")) for tier in (1, 2)]
    return all(value is not None and bound is not None and value <= bound + EQUAL for value, bound in found)


def growth_of(rows: Iterable[Row], column: str) -> Growth | None:
    """How a column grows with the number of patients, each family at a level of its own."""
    points = [(row, number(row, column)) for row in rows]
    return fit(Point(row["family"], float(row["patients"]), value) for row, value in points if value is not None)
