"""What stands in a row together: the quick way for a few says the same as the one for many."""

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
    chosen = np.zeros(VARIABLES, dtype=np.bool_)
    chosen[list(few)] = True
    assert np.flatnonzero(links.beside(chosen)).tolist() == expected
    assert links.beside_few(np.array(sorted(few), dtype=np.int64)).tolist() == expected
