"""Linear rows as arrays: put in order, and added up exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNBOUNDED = 2**60
"""Row limits beyond this stand for none (CP-SAT writes them as the ends of 64-bit integers)."""
SAFE = 2**62
"""Whole numbers whose sizes come to less than this, as floats, have an exact sum in 64 bits."""

Integers = NDArray[np.int64]
Limits = list[float]
"""Whole numbers, or infinite."""


@dataclass(frozen=True)
class Rows:
    """Linear rows with the name of the constraint that each was read from, and their limits.

    ``row``, ``column`` (a variable) and ``factor`` are the entries, in the order of rows, then variables; no factor is
    0, and no variable is twice in a row.
    """

    names: list[str]
    lower: Limits
    upper: Limits
    row: Integers
    column: Integers
    factor: Integers

    @property
    def starts(self) -> Integers:
        """Where the entries of each row begin, and where the last one's end."""
        return np.searchsorted(self.row, np.arange(len(self.names) + 1))


@dataclass(frozen=True)
class Block:
    """Rows of one kind: which constraint each is from, its limits, and entries in any order, repeated or not."""

    numbers: Integers
    lower: Limits
    upper: Limits
    row: Integers
    column: Integers
    factor: Integers


def summed(much: NDArray[np.float64], row: Integers, column: Integers, factor: Integers) -> dict[int, int]:
    """What entries come to by variable where that is not 0, each so many times as its row is taken: exactly.

    Args:
        much: how often each row is taken; whole numbers.
        row: of each entry.
        column: likewise, its variable.
        factor: likewise.
    """
    sizes = np.bincount(column, np.abs(much[row] * factor))
    if not sizes.max(initial=0) < SAFE:
        return summed_exactly(much, row, column, factor)
    taken = much[row] != 0
    total = np.zeros(len(sizes), dtype=np.int64)
    np.add.at(total, column[taken], much[row[taken]].astype(np.int64) * factor[taken])
    some = np.flatnonzero(total)
    return dict(zip(some.tolist(), total[some].tolist(), strict=True))


def summed_exactly(much: NDArray[np.float64], row: Integers, column: Integers, factor: Integers) -> dict[int, int]:
    """The same however large, and quicker for a few entries."""
    total: dict[int, int] = {}
    for times, index, one in zip(much[row].tolist(), column.tolist(), factor.tolist(), strict=True):
        if times:
            total[index] = total.get(index, 0) + int(times) * one
    return total


def joined(blocks: Sequence[Block], names: Sequence[str], *, empty: bool) -> Rows:
    """All rows in the order of constraints; ``empty``: those without entries too."""
    numbers = np.concatenate([block.numbers for block in blocks])
    begin = np.cumsum([0, *(len(block.numbers) for block in blocks)])
    row = np.concatenate([block.row + shift for block, shift in zip(blocks, begin[:-1], strict=True)])
    order = np.argsort(numbers, kind="stable")
    if not empty:
        order = order[np.bincount(row, minlength=len(numbers))[order] > 0]
    place = np.zeros(len(numbers), dtype=np.int64)
    place[order] = np.arange(len(order))
    lower, upper = [k for block in blocks for k in block.lower], [k for block in blocks for k in block.upper]
    return Rows(
        [names[number] for number in numbers[order].tolist()],
        [lower[one] for one in order.tolist()],
        [upper[one] for one in order.tolist()],
        *_tidy(
            place[row],
            np.concatenate([block.column for block in blocks]),
            np.concatenate([block.factor for block in blocks]),
        ),
    )


def _tidy(row: Integers, column: Integers, factor: Integers) -> tuple[Integers, Integers, Integers]:
    """Entries in order, those of the same row and variable added up, and none that is 0."""
    order = np.lexsort((column, row))
    row, column, factor = row[order], column[order], factor[order]
    fresh = np.ones(len(row), dtype=np.bool_)
    fresh[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    if not fresh.all():
        starts = np.flatnonzero(fresh)
        row, column, factor = row[starts], column[starts], _sums(factor, starts)
    some = factor != 0
    return row[some], column[some], factor[some]


def _sums(factor: Integers, starts: Integers) -> Integers:
    """The sums of stretches of numbers, each from its start to the next one's.

    Raises:
        OverflowError: if a sum is beyond 64 bits.
    """
    if np.abs(factor.astype(np.float64)).sum() < SAFE:
        return np.add.reduceat(factor, starts)
    return np.add.reduceat(factor.astype(object), starts).astype(np.int64)
