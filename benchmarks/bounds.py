"""What the whole of no timetable beats: the linear program of all tiers at once, raised patient by patient.

``python -m benchmarks.bounds`` writes ``bounds.csv`` into ``benchmarks/results/speed``. Gaps on the page on speed are
to the best bound known from any source, this one among them; so where a week resists it shows whether the search's
bound is weak or its timetable.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import process
from benchmarks.cases import FAMILIES, REPORTED_SEEDS
from benchmarks.traced import Choice, Row, choose, collect, label, note_machine, written

SIZES = (120, 240, 480, 960)
"""Smaller weeks are mostly proven to the end by the search itself."""


def bounds(choice: Choice, *words: str) -> Iterator[Row]:
    """One bound a week, a process each with these words more, one after the other."""
    for case in choice.cases:
        with written(case) as week:
            done = process.run("-m", "benchmarks.whole_bound", str(week), "--seconds", str(choice.seconds), *words)
            yield {**label(case), "limit": choice.seconds, **done.document}


@choose(tuple(FAMILIES), SIZES, REPORTED_SEEDS[:1], seconds=3600.0)
def main(choice: Choice) -> None:
    """Compute what no timetable beats in the whole."""
    collect(choice.into / "bounds.csv", bounds(choice), keep=True)
    note_machine(choice.into, "bounds", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
