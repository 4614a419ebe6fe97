"""Many clinics in figures: sums over the network, clinics by trouble, and in words how each ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Figures, Status
from scheduler.domain.types import Frozen

ENDING_WORDS: dict[str, str] = {
    Ending.FAULT: "a fault of the program; please report it",
    Ending.CRASHED: "the process died",
    Ending.MEMORY: "more memory was wanted than a clinic may take",
    Ending.TIMEOUT: "no answer in time; the process was ended",
    Status.INVALID: "the input was refused",
    Status.IMPOSSIBLE: "no timetable is possible: a pin or a limit stands against it",
    Status.UNKNOWN: "stopped before a timetable was found",
    Status.FEASIBLE: "a timetable, not proven to be the best possible",
    Status.OPTIMAL: "a timetable, proven: none is better",
}
"""How a clinic can end, the worst first."""

BANDS = 10
"""Shares of use are counted in so many bands."""


class Totals(Frozen):
    """Sums over all clinics. ``endings`` counts clinics by status, the worst first.

    ``seats`` and ``blocks`` are over the clinics that have a timetable.
    """

    clinics: int
    answered: int
    everybody_served: int
    patients: int
    patients_short: int
    hours_short: float
    groups_missed: int
    sessions: int
    assignments: int
    seats_taken: int
    seats: int
    blocks_led: int
    blocks_possible: int
    seconds: float
    endings: dict[str, int]

    @property
    def unanswered(self) -> int:
        """How many clinics have no timetable."""
        return self.clinics - self.answered


def totals_of(results: Sequence[ClinicResult]) -> Totals:
    """The sums over the clinics of a network."""
    figures = [one.figures for one in results if one.figures is not None]
    uses = [one.use for one in results if one.use is not None]
    ended = Counter(one.status for one in results)
    summed = {
        name: sum(getattr(one, name) for one in figures) for name in Figures.model_fields if name != "hours_short"
    }
    return Totals(
        clinics=len(results),
        answered=len(figures),
        everybody_served=sum(one.everybody_served for one in figures),
        hours_short=round(sum(one.hours_short for one in figures), 2),
        seats_taken=sum(one.seats_taken for one in uses),
        seats=sum(one.seats for one in uses),
        blocks_led=sum(one.blocks_led for one in uses),
        blocks_possible=sum(one.blocks_possible for one in uses),
        seconds=round(sum(one.seconds for one in results), 1),
        endings={status: ended[status] for status in sorted(ended, key=_badness)},
        **summed,
    )


def by_trouble(results: Sequence[ClinicResult]) -> list[ClinicResult]:
    """The clinics, the most troubled first: no timetable, then what is short, then what is unproven."""
    return sorted(results, key=_trouble)


def _trouble(one: ClinicResult) -> tuple[Any, ...]:
    if one.figures is None:
        return (0, _badness(one.status), one.clinic)
    figures = one.figures
    lacking = (-figures.hours_short, -figures.patients_short, -figures.groups_missed)
    return (1, *lacking, tuple(-tier.gap for tier in one.tiers), one.clinic)


def _badness(status: str) -> tuple[int, str]:
    known = list(ENDING_WORDS)
    return (known.index(status) if status in known else -1, status)


def share(part: int, whole: int) -> float | None:
    """A part of a whole; None where there is no whole."""
    return part / whole if whole else None


def banded(shares: Sequence[float | None]) -> list[int]:
    """How many of the shares lie in each tenth: 0 to 10 %, ... 90 to 100 %; a full one, or more, counts in the last."""
    counts = [0] * BANDS
    for one in shares:
        if one is not None:
            counts[min(int(one * BANDS), BANDS - 1)] += 1
    return counts


def totals_document(totals: Totals) -> dict[str, Any]:
    """The sums as a plain object."""
    return {**totals.model_dump(mode="json"), "unanswered": totals.unanswered}
