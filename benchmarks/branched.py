"""Where a gap stays open: what branch and cut proves of the whole, by default in an hour.

``python -m benchmarks.branched`` writes ``branched.csv`` into ``benchmarks/results/speed``. One core works on each
week; on a machine with more, several can be run side by side, each with other ``--families``: rows of other weeks in
the file are kept.
"""

from __future__ import annotations

from benchmarks.bounds import bounds
from benchmarks.cases import FAMILIES, REPORTED_SEEDS
from benchmarks.traced import Choice, choose, collect, note_machine

SIZES = (240,)
"""Smaller weeks are mostly proven by the search itself; of larger ones an hour ends at the first node."""


@choose(tuple(FAMILIES), SIZES, REPORTED_SEEDS[:1], seconds=3600.0)
def main(choice: Choice) -> None:
    """Measure what branch and cut proves of the whole."""
    collect(choice.into / "branched.csv", bounds(choice, "--branched"), keep=True)
    note_machine(choice.into, "branched", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
