"""Measures our engine as the week doubles: proofs, nearness, memory, the first timetable; fits growth exponents.

``python -m benchmarks.scaling`` writes ``scaling.csv`` (a row for each week) and ``exponents.csv`` (a row for each
measure and family, and one for all families together) into ``benchmarks/results/speed``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.cases import FAMILIES, SIZES, Case
from benchmarks.growth import Growth, Point, fit
from benchmarks.traced import (
    LEADING,
    NEAR,
    QUICK_SIZES,
    Choice,
    Row,
    Traced,
    choose,
    collect,
    gap_of,
    label,
    note_machine,
    rounded,
    traced,
    write_rows,
    written,
)

SLACK = 0.01
"""The first timetable is good when it leaves at most this share more hours short than the final one."""
SPAN = (60, 480)
"""The sizes between which growth is promised; all sizes are fitted as well."""
ALL = "all"


@dataclass(frozen=True)
class Measure:
    """A column of ``scaling.csv`` that is fitted, and its name for a reader."""

    column: str
    words: str


MEASURES = (
    Measure("leading_seconds", "seconds until tiers 1 and 2 are proven"),
    Measure("near_seconds", "seconds until the whole is within 1 % of its bound"),
    Measure("first_seconds", "seconds until the first full timetable"),
    Measure("good_seconds", "seconds until at most 1 % more hours are short than in the end"),
    Measure("peak_mb", "peak memory, MB"),
)


def row_of(case: Case, limit: float, run: Traced) -> Row:
    """One week; a blank says that it never came to that."""
    first = run.trail[0] if run.trail else None
    value, bound = run.whole, run.bound
    return {
        **label(case),
        "limit": limit,
        "status": run.status,
        "seconds": run.seconds,
        "peak_mb": run.peak_mb,
        "first_seconds": None if first is None else first.seconds,
        "first_hours_short": None if first is None else first.hours_short,
        "final_hours_short": run.trail[-1].hours_short if run.trail else None,
        "good_seconds": good_seconds(run),
        "leading_proven": "yes" if run.units and all(run.proven[:LEADING]) else "no",
        "leading_seconds": run.seconds_to_proof(LEADING),
        "whole": rounded(value),
        "bound": rounded(bound),
        "gap": None if value is None or bound is None else rounded(gap_of(value, bound), 5),
        "near_seconds": near_seconds(run),
    }


def good_seconds(run: Traced) -> float | None:
    """Seconds until a timetable left hardly more hours short than the final one."""
    if not run.trail:
        return None
    wanted = run.trail[-1].hours_short * (1 + SLACK)
    return next(one.seconds for one in run.trail if one.hours_short <= wanted)


def near_seconds(run: Traced) -> float | None:
    """Seconds until a timetable was near the bound that the run ended with."""
    if run.bound is None:
        return None
    return run.seconds_to_whole(run.bound / (1 - NEAR))


def scaling(choice: Choice) -> Iterator[Row]:
    """Solve each week once, a process each, one after the other."""
    for case in choice.cases:
        with written(case) as week:
            yield row_of(case, choice.seconds, traced(week, choice.seconds))


def exponents(rows: Sequence[Row]) -> Iterator[Row]:
    """Growth of each measure, over all families together and by family, over all sizes and over the promised span."""
    families = list(dict.fromkeys(row["family"] for row in rows))
    for measure in MEASURES:
        for family in (ALL, *families):
            mine = [row for row in rows if family in (ALL, row["family"])]
            yield from _fitted(measure, family, "all sizes", mine)
            within = [row for row in mine if SPAN[0] <= row["patients"] <= SPAN[1]]
            if 0 < len(within) < len(mine):
                yield from _fitted(measure, family, f"{SPAN[0]}-{SPAN[1]}", within)


def _fitted(measure: Measure, family: str, sizes: str, rows: Sequence[Row]) -> Iterator[Row]:
    reached = [row for row in rows if row[measure.column]]
    growth = fit(Point(row["family"], row["patients"], row[measure.column]) for row in reached)
    if growth is not None:
        yield _exponent_row(measure, family, sizes, growth, len(rows) - growth.points)


def _exponent_row(measure: Measure, family: str, sizes: str, growth: Growth, left_out: int) -> Row:
    return {
        "measure": measure.column,
        "words": measure.words,
        "family": family,
        "sizes": sizes,
        "exponent": rounded(growth.exponent),
        "error": rounded(growth.error),
        "at_100": rounded(growth.at_reference),
        "points": growth.points,
        "left_out": left_out,
        "from_patients": growth.smallest,
        "to_patients": growth.largest,
    }


@choose(tuple(FAMILIES), SIZES, quick_sizes=QUICK_SIZES)
def main(choice: Choice) -> None:
    """Measure how time and memory grow as patients double, and fit the exponents."""
    rows = collect(choice.into / "scaling.csv", scaling(choice))
    fitted = list(exponents(rows))
    if fitted:
        write_rows(choice.into / "exponents.csv", fitted)
    note_machine(choice.into, "scaling", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
