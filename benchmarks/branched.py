"""Where a gap stays open: what branch and cut proves of the whole, by default in an hour.

``python -m benchmarks.branched`` writes ``branched.csv`` into ``benchmarks/results/speed``. One core works on each
week; on a machine with more, several can be run side by side, each with other ``--families``: rows of other weeks in
the file are kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import process
from benchmarks.cases import FAMILIES, REPORTED_SEEDS
from benchmarks.traced import Choice, Row, choose, collect, label, note_machine, written

SIZES = (240,)
"""Smaller weeks are mostly proven by the search itself; of larger ones the first linear program takes too long."""


def branched(choice: Choice) -> Iterator[Row]:
    """One bound a week, a process each, one after the other."""
    for case in choice.cases:
        with written(case) as week:
            done = process.run("-m", "benchmarks.branched_bound", str(week), "--seconds", str(choice.seconds))
            yield {**label(case), "limit": choice.seconds, **done.document}


@choose(tuple(FAMILIES), SIZES, REPORTED_SEEDS[:1], seconds=3600.0)
def main(choice: Choice) -> None:
    """Measure what branch and cut proves of the whole."""
    collect(choice.into / "branched.csv", branched(choice), keep=True)
    note_machine(choice.into, "branched", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
