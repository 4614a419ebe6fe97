"""Which variables stand in a row together: asked for very many at once, or for a few in no time."""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Links:
    """Entries of rows, in the order of rows: the row and the variable of each."""

    def __init__(self, row: Indices, column: Indices, rows: int, variables: int) -> None:
        self._row, self._column, self._rows = row, column, rows
        order = np.argsort(column, kind="stable")
        self._row_of = row[order]
        self._of_variable = np.searchsorted(column[order], np.arange(variables + 1))
        self._of_row = np.searchsorted(row, np.arange(rows + 1))

    def beside(self, chosen: Mask) -> Mask:
        """What shares a row with what is chosen; that itself too, where it is in any row."""
        rows = np.zeros(self._rows, dtype=np.bool_)
        rows[self._row[chosen[self._column]]] = True
        found = np.zeros(len(chosen), dtype=np.bool_)
        found[self._column[rows[self._row]]] = True
        return found

    def beside_few(self, variables: Indices) -> Indices:
        """The same of a few, by their indices, in order."""
        return _gathered(self._column, self._of_row, _gathered(self._row_of, self._of_variable, variables))


def _gathered(flat: Indices, starts: Indices, which: Indices) -> Indices:
    """What some of the lists hold that stand one after the other in ``flat``, each once, in order."""
    parts = [flat[starts[one] : starts[one + 1]] for one in which.tolist()]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
