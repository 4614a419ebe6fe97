"""Exact time arithmetic: days, clock times and sets of minutes of the week. No floats, no time zones."""

from collections.abc import Iterable
from enum import IntEnum

from scheduler.domain.types import MINUTES_PER_DAY, MINUTES_PER_HOUR, MINUTES_PER_WEEK, Frozen


class Day(IntEnum):
    """A day of the week; Monday is 0."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6

    @property
    def short(self) -> str:
        """The spelling used in every file: ``Mon`` .. ``Sun``."""
        return self.name.capitalize()

    @property
    def start(self) -> int:
        """Minute of the week at which the day begins."""
        return int(self) * MINUTES_PER_DAY


def clock_text(minute: int) -> str:
    """``HH:MM`` of a minute of the day (or of the week); the end of a day reads ``24:00``."""
    within = minute % MINUTES_PER_DAY
    if within == 0 and minute > 0:
        return "24:00"
    return f"{within // MINUTES_PER_HOUR:02d}:{within % MINUTES_PER_HOUR:02d}"


def hours_text(minutes: int) -> str:
    """Minutes as hours for people: ``9 h``, ``7.5 h``."""
    return f"{minutes / MINUTES_PER_HOUR:.4g} h"


Span = tuple[int, int]
"""A half-open stretch of time ``[start, end)`` in minutes of the week."""


class TimeSet(Frozen):
    """A set of minutes of the week, kept as sorted, disjoint, non-touching spans.

    Build it with `TimeSet.of`; the constructor trusts its argument.
    """

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> "TimeSet":
        """The union of the given spans.

        Raises:
            ValueError: if a span is empty or leaves the week.
        """
        merged: list[Span] = []
        for start, end in sorted(spans):
            if not 0 <= start < end <= MINUTES_PER_WEEK:
                raise ValueError(f"a span of time must begin before it ends, within the week: {start}-{end}")
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return cls(spans=tuple(merged))

    @classmethod
    def always(cls) -> "TimeSet":
        """The whole week."""
        return cls(spans=((0, MINUTES_PER_WEEK),))

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __or__(self, other: "TimeSet") -> "TimeSet":
        return TimeSet.of(self.spans + other.spans)

    def __and__(self, other: "TimeSet") -> "TimeSet":
        met = ((max(a, c), min(b, d)) for a, b in self.spans for c, d in other.spans)
        return TimeSet.of(span for span in met if span[0] < span[1])

    def __sub__(self, other: "TimeSet") -> "TimeSet":
        left = self.spans
        for hole in other.spans:
            left = _without(left, hole)
        return TimeSet.of(left)

    def covers(self, start: int, end: int) -> bool:
        """Whether every minute of ``[start, end)`` is in the set."""
        return any(a <= start and end <= b for a, b in self.spans)

    @property
    def minutes(self) -> int:
        """How many minutes the set holds."""
        return sum(end - start for start, end in self.spans)

    def by_day(self) -> tuple[tuple[Day, int, int], ...]:
        """The spans cut at midnight, as (day, start, end) in minutes of that day."""
        pieces = []
        for start, end in self.spans:
            for day in Day:
                low, high = max(start, day.start), min(end, day.start + MINUTES_PER_DAY)
                if low < high:
                    pieces.append((day, low - day.start, high - day.start))
        return tuple(sorted(pieces))


def _without(spans: tuple[Span, ...], hole: Span) -> tuple[Span, ...]:
    low, high = hole
    kept: list[Span] = []
    for start, end in spans:
        if start < min(end, low):
            kept.append((start, min(end, low)))
        if max(start, high) < end:
            kept.append((max(start, high), end))
    return tuple(kept)
