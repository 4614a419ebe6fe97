"""How fast something grows with the size of the week: least squares on the log-log points."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

REFERENCE_SIZE = 100
"""The size at which a fitted line is quoted."""


@dataclass(frozen=True)
class Point:
    """One run: its ``group`` (runs that share a level), the size of the week, and what was measured."""

    group: str
    size: float
    value: float


@dataclass(frozen=True)
class Growth:
    """``value = at_reference * (size / REFERENCE_SIZE) ** exponent``, with the standard error of the exponent.

    ``error`` is None where the points are too few to tell. ``points`` is how many were fitted.
    """

    exponent: float
    error: float | None
    at_reference: float
    points: int
    smallest: float
    largest: float

    def at(self, size: float) -> float:
        """The fitted value for a week of that size."""
        return self.at_reference * math.pow(size / REFERENCE_SIZE, self.exponent)


def fit(points: Iterable[Point]) -> Growth | None:
    """One exponent for all groups, each with a level of its own, so that a group that lacks sizes does not bend it.

    None where no group was measured at two sizes. Points that are not above 0 have no logarithm and are left out.
    """
    usable = [one for one in points if one.size > 0 and one.value > 0]
    spread = _spread(usable)
    across = sum(x * x for x, _ in spread)
    if not across:
        return None
    exponent = sum(x * y for x, y in spread) / across
    size = sum(math.log(one.size) for one in usable) / len(usable)
    level = sum(math.log(one.value) for one in usable) / len(usable)
    free = len(usable) - len({one.group for one in usable}) - 1
    left = sum((y - exponent * x) ** 2 for x, y in spread)
    return Growth(
        exponent=exponent,
        error=math.sqrt(left / free / across) if free > 0 else None,
        at_reference=math.exp(level + exponent * (math.log(REFERENCE_SIZE) - size)),
        points=len(usable),
        smallest=min(one.size for one in usable),
        largest=max(one.size for one in usable),
    )


def _spread(points: Iterable[Point]) -> list[tuple[float, float]]:
    """Logarithms of size and value, less the means of their group."""
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in points:
        groups[one.group].append((math.log(one.size), math.log(one.value)))
    spread: list[tuple[float, float]] = []
    for found in groups.values():
        size, value = (sum(column) / len(found) for column in zip(*found, strict=True))
        spread.extend((x - size, y - value) for x, y in found)
    return spread
