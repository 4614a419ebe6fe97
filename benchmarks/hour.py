"""Where a gap stays open: what a week comes to in the usual time and what in an hour, values and bounds.

``python -m benchmarks.hour`` writes ``hour.csv`` into ``benchmarks/results/speed``: a row for each week and tier, and
one for the whole. An hour's bound tells whether the timetable of the usual time is far from the best, or only not yet
proven to be near it. Rows of other weeks in the file are kept, so that families can be run side by side.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.cases import FAMILIES, REPORTED_SEEDS
from benchmarks.traced import (
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
    written,
)

USUAL_SHARE = 1 / 60
"""Of the long limit, the usual one: a minute of an hour."""
WHOLE = "whole"
ON_THE_WAY = {"twelfth_value": 1 / 12, "quarter_value": 1 / 4}
"""Shares of the long limit after which its timetable is looked at: after five minutes and a quarter of an hour."""


def rows_of(head: Row, usual: Traced, long: Traced) -> Iterator[Row]:
    """A row for each tier, and one for the whole."""
    for tier, scale in enumerate(long.scales):
        values = [run.units[tier] / scale for run in (usual, long)]
        bounds = [run.bounds[tier] / scale for run in (usual, long)]
        if tuple(usual.units[:tier]) != tuple(long.units[:tier]):
            bounds[1] = 0.0  # it holds for timetables that are as good in the better tiers, and the usual one is not
        yield {**head, "tier": str(tier + 1), **_columns(values[0], bounds[0], values[1], bounds[1])}
    if usual.whole is not None and long.whole is not None:
        columns = _columns(usual.whole, usual.bound or 0.0, long.whole, long.bound or 0.0)
        yield {**head, "tier": WHOLE, **columns, **_on_the_way(long)}


def _on_the_way(long: Traced) -> Row:
    """What the long run's best timetable was worth in the whole by then; None where it had none."""
    return {
        name: rounded(min((one.whole for one in long.trail if one.seconds <= share * long.limit), default=None))
        for name, share in ON_THE_WAY.items()
    }


def _columns(value: float, bound: float, long_value: float, long_bound: float) -> Row:
    best_bound = max(bound, long_bound)
    return {
        "value": rounded(value),
        "bound": rounded(bound),
        "hour_value": rounded(long_value),
        "hour_bound": rounded(long_bound),
        "gap": rounded(gap_of(value, bound), 5),
        "gap_to_hour_bound": rounded(gap_of(value, best_bound), 5),
        "gap_to_hour_value": rounded(gap_of(value, long_value), 5),
    }


def hour(choice: Choice) -> Iterator[Row]:
    """Solve each week twice, a process each, one after the other."""
    for case in choice.cases:
        with written(case) as week:
            usual, long = (traced(week, seconds) for seconds in (choice.seconds * USUAL_SHARE, choice.seconds))
            yield from rows_of({**label(case), "limit": choice.seconds}, usual, long)


@choose(tuple(FAMILIES), (240,), REPORTED_SEEDS[:1], seconds=3600.0)
def main(choice: Choice) -> None:
    """Measure what an hour adds to a minute, in values and in bounds."""
    collect(choice.into / "hour.csv", hour(choice), keep=True)
    note_machine(choice.into, "hour", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
