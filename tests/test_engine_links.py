"""What stands in a row together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scheduler.engine.links import Links

ROWS, VARIABLES = 6, 8
tables = st.sets(st.tuples(st.integers(0, ROWS - 1), st.integers(0, VARIABLES - 1)), max_size=25)
some = st.sets(st.integers(0, VARIABLES - 1), max_size=4)


@given(tables, some)
def test_what_is_beside_some_shares_a_row_with_one_of_them(table: set[tuple[int, int]], few: set[int]) -> None:
    entries = sorted(table)
    row, column = (np.array([entry[i] for entry in entries], dtype=np.int64) for i in (0, 1))
    links = Links(row, column, ROWS, VARIABLES)
    rows = {one for one, variable in entries if variable in few}
    expected = sorted({variable for one, variable in entries if one in rows})
    asked = np.array(sorted(few), dtype=np.int64)
    assert links.rows(asked).tolist() == sorted(rows)
    assert links.beside(asked).tolist() == expected


@given(tables, st.lists(st.integers(0, ROWS - 1), max_size=4))
def test_entries_of_some_rows_stand_row_after_row(table: set[tuple[int, int]], rows: list[int]) -> None:
    entries = sorted(table)
    row, column = (np.array([entry[i] for entry in entries], dtype=np.int64) for i in (0, 1))
    links, asked = Links(row, column, ROWS, VARIABLES), np.array(rows, dtype=np.int64)
    expected = [entry for one in rows for entry in entries if entry[0] == one]
    assert [entries[place] for place in links.entries(asked)] == expected
    assert links.sizes(asked).tolist() == [sum(entry[0] == one for entry in entries) for one in rows]
