"""Which variables stand in a row together: asked for a part of them, it takes no longer than the part is large."""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


class Links:
    """Entries of rows, in the order of rows: the row and the variable of each."""

    def __init__(self, row: Indices, column: Indices, rows: int, variables: int) -> None:
        self._column, self._rows, self._variables = column, rows, variables
        order = np.argsort(column, kind="stable")
        self._row_of = row[order]
        self._of_variable = np.searchsorted(column[order], np.arange(variables + 1))
        self._of_row = np.searchsorted(row, np.arange(rows + 1))

    def beside(self, variables: Indices) -> Indices:
        """What shares a row with some variables, in order; these too, where they are in any row."""
        return _each_once(self._column[self.entries(self.rows(variables))], self._variables)

    def rows(self, variables: Indices) -> Indices:
        """The rows that some variables stand in, in order."""
        return _each_once(self._row_of[places(self._of_variable, variables)], self._rows)

    def entries(self, rows: Indices) -> Indices:
        """The places of the entries of some rows, row after row."""
        return places(self._of_row, rows)

    def sizes(self, rows: Indices) -> Indices:
        """How many entries some rows have."""
        return self._of_row[rows + 1] - self._of_row[rows]


def places(starts: Indices, which: Indices) -> Indices:
    """The places of all that is in some of the lists that stand one after the other, list after list."""
    sizes = starts[which + 1] - starts[which]
    shift = starts[which] - (np.cumsum(sizes) - sizes)
    return np.repeat(shift, sizes) + np.arange(int(sizes.sum()))


def _each_once(numbers: Indices, end: int) -> Indices:
    """The numbers, all below ``end``, in order; quicker than to sort them."""
    found = np.zeros(end, dtype=np.bool_)
    found[numbers] = True
    return np.flatnonzero(found)
