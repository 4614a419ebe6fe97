"""In which cell a fact of the week stands."""

from collections.abc import Iterable, Mapping

from scheduler.domain.problems import FactRef
from scheduler.intake.tables import Row, Table

Place = tuple[str, str, str]
"""Sheet as titled in the file, address, text of the cell."""


class Places:
    """Finds cells by canonical sheet, row id (or number) and column."""

    def __init__(self, tables: Mapping[str, Table], ids: Mapping[str, Mapping[int, str]]) -> None:
        self._rows: dict[tuple[str, str], Row] = {}
        for name, table in tables.items():
            self._rows |= {(name, key): row for key, row in _keyed(table, ids.get(name, {}))}

    def cell_of(self, fact: FactRef) -> Place | None:
        """The cell of a fact; the first cell of its row when the file has no such column; None for an unknown row."""
        row = self._rows.get((fact.sheet, fact.row))
        if row is None:
            return None
        cell = row.cells.get(fact.column)
        if cell is None or not cell.address:
            return row.first.sheet, row.first.cell, row.first.text
        return cell.sheet, cell.address, cell.text

    def is_stated(self, fact: FactRef) -> bool:
        """Whether the file has a cell of its own for the fact."""
        row = self._rows.get((fact.sheet, fact.row))
        cell = None if row is None else row.cells.get(fact.column)
        return cell is not None and bool(cell.address)


def _keyed(table: Table, ids: Mapping[int, str]) -> Iterable[tuple[str, Row]]:
    if not table.spec.has_ids:
        return ((str(row.number), row) for row in table.rows)
    return ((ids[row.number], row) for row in table.rows if row.number in ids)
