"""Measures what ``--reproducible`` costs: the same weeks by the clock and in counted steps, to the same gap.

``python -m benchmarks.reproducible`` writes ``reproducible.csv`` into ``benchmarks/results/speed``: a row for each week
and tier. Both runs have the same limit, one in seconds of the clock, one in the solver's deterministic seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.cases import FAMILIES, REPORTED_SEEDS, Case
from benchmarks.traced import Choice, Row, Traced, choose, collect, label, note_machine, rounded, traced, written


def rows_of(case: Case, limit: float, clock: Traced, steps: Traced) -> Iterator[Row]:
    """A row for each tier that both came to. The gap to reach is the wider of the two that they end with."""
    for tier in range(1, min(len(clock.units), len(steps.units)) + 1):
        gap = max(clock.gap(tier), steps.gap(tier))
        by_clock, by_steps = clock.seconds_to_gap(tier, gap), steps.seconds_to_gap(tier, gap)
        yield {
            **label(case),
            "limit": limit,
            "tier": tier,
            "value_clock": value(clock, tier),
            "value_steps": value(steps, tier),
            "gap_clock": rounded(clock.gap(tier), 5),
            "gap_steps": rounded(steps.gap(tier), 5),
            "gap": rounded(gap, 5),
            "seconds_clock": by_clock,
            "seconds_steps": by_steps,
            "ratio": rounded(by_steps / by_clock) if by_clock > 0 else None,
            "whole_clock": rounded(clock.whole),
            "whole_steps": rounded(steps.whole),
            "all_seconds_clock": clock.seconds,
            "all_seconds_steps": steps.seconds,
        }


def value(run: Traced, tier: int) -> float:
    """The value of a tier in its own unit."""
    return run.units[tier - 1] / run.scales[tier - 1]


def reproducible(choice: Choice) -> Iterator[Row]:
    """Solve each week twice, one after the other."""
    for case in choice.cases:
        with written(case) as week:
            clock = traced(week, choice.seconds)
            steps = traced(week, choice.seconds, "--reproducible")
        yield from rows_of(case, choice.seconds, clock, steps)


@choose(tuple(FAMILIES), (60, 120), REPORTED_SEEDS[:1])
def main(choice: Choice) -> None:
    """Measure how much longer a reproducible run takes to the same gap, tier by tier."""
    collect(choice.into / "reproducible.csv", reproducible(choice))
    note_machine(choice.into, "reproducible", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
