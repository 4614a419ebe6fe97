"""A CP-SAT model read as linear rows, many constraints at a time.

A large week has a hundred thousand constraints, nearly all of them of three kinds: implications, sums in limits and
clauses. Asked for number by number they take longer to read than to search a part; so constraints are sorted by kind
first, each kind becomes arrays at once, and one sort brings all rows into the order of the model.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import inf
from typing import Any

import numpy as np

from scheduler.engine.links import places
from scheduler.engine.rows import UNBOUNDED, Block, Integers, Rows, joined

Row = tuple[Mapping[int, int], float, float]
"""What a single row says: factors by variable, the lower and the upper limit."""
NO_MARKS = str.maketrans("", "", "-, ")
"""Takes out of a list that is written down all but its digits."""


@dataclass(frozen=True)
class Ragged:
    """Lists of different lengths one after the other: all that they hold, and the length of each."""

    flat: Integers
    sizes: Integers

    @property
    def starts(self) -> Integers:
        """Where each list begins, and where the last one ends."""
        return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(self.sizes)])

    @property
    def ends(self) -> tuple[list[int], list[int]]:
        """The first number of each list, and the last; none may be empty."""
        starts = self.starts
        return self.flat[starts[:-1]].tolist(), self.flat[starts[1:] - 1].tolist()

    @property
    def owner(self) -> Integers:
        """Which list each number is in."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def lists(self) -> list[list[int]]:
        """The lists themselves."""
        flat = self.flat.tolist()
        return [flat[start:end] for start, end in pairwise(self.starts.tolist())]

    def of(self, lists: Integers) -> Integers:
        """All the numbers of some lists, list after list."""
        return self.flat[places(self.starts, lists)]

    def negative(self) -> Integers:
        """How many numbers of each list are below 0."""
        return np.bincount(self.owner[self.flat < 0], minlength=len(self.sizes))


class Reader:
    """Turns a model's constraints into rows.

    Args:
        limits: the least and the most that each variable can be.
        loose: variables towards which implications are left out.
        exact: whether nothing may be left out: upper limits under conditions are written by their largest excess, a
            maximum by its parts.
    """

    def __init__(self, limits: tuple[Sequence[int], Sequence[int]], loose: frozenset[int], *, exact: bool) -> None:
        (self._least, self._most), self._loose, self._exact = limits, loose, exact
        # Flat, one constraint after the other: a tuple for each would keep the collector of garbage busy.
        self._implications: list[Any] = []
        """The number of a constraint, its conditions, its consequences."""
        self._sums: list[Any] = []
        """Number and sum."""
        self._conditional: list[Any] = []
        """Number, sum, conditions."""
        self._clauses: list[Any] = []
        """Number, literals, whether at least one of them is asked for, whether at most one."""
        self._greatest: list[Any] = []
        """Number and maximum."""

    def read(self, constraints: Iterable[Any]) -> Rows:
        """The rows of constraints, in their order. A reader reads once.

        Raises:
            ValueError: if nothing may be left out and there is a constraint that is not read as rows.
            OverflowError: if a coefficient is beyond 64 bits, which the solver refuses too.
        """
        names = []
        for number, constraint in enumerate(constraints):
            names.append(constraint.name)
            self._sort(number, constraint)
        single = [
            *((number, row) for number, one in zip(*_columns(self._greatest, 2), strict=True) for row in _parts(one)),
            *self._loosened(),
        ]
        blocks = [
            _implied(self._implications, self._loose),
            _summed(self._sums),
            _claused(self._clauses),
            _gathered(single),
        ]
        return joined(blocks, names, empty=self._exact)

    def _sort(self, number: int, constraint: Any) -> None:
        if constraint.has_bool_and():
            self._implications += (number, constraint.enforcement_literal, constraint.bool_and.literals)
        elif constraint.has_linear():
            if len(conditions := constraint.enforcement_literal):
                self._conditional += (number, constraint.linear, conditions)
            else:
                self._sums += (number, constraint.linear)
        elif self._exact and constraint.has_lin_max():
            self._greatest += (number, constraint.lin_max)
        elif not self._sort_clause(number, constraint) and self._exact:
            raise ValueError(f"not read as rows: {constraint}")

    def _sort_clause(self, number: int, constraint: Any) -> bool:
        """Whether it is a clause that always holds."""
        if len(constraint.enforcement_literal):
            return False
        if constraint.has_at_most_one():
            self._clauses += (number, constraint.at_most_one.literals, False, True)
        elif constraint.has_exactly_one():
            self._clauses += (number, constraint.exactly_one.literals, True, True)
        elif constraint.has_bool_or():
            self._clauses += (number, constraint.bool_or.literals, True, False)
        else:
            return False
        return True

    def _loosened(self) -> Iterator[tuple[int, Row]]:
        """Rows of sums under conditions, with the numbers of their constraints."""
        numbers, sums, conditions = _columns(self._conditional, 3)
        variables, factors = (lists_in([getattr(one, part) for one in sums]).lists for part in ("vars", "coeffs"))
        lower, upper = lists_in([one.domain for one in sums]).ends
        parts = zip(numbers, variables, factors, lower, upper, lists_in(conditions).lists, strict=True)
        for number, index, factor, low, high, literals in parts:
            for row in self._loosen(_merged(index, factor), _limit(low), _limit(high), literals):
                yield number, row

    def _loosen(self, terms: Mapping[int, int], low: float, high: float, conditions: Sequence[int]) -> Iterator[Row]:
        """Limits that hold under conditions: each missing condition loosens them to what always holds.

        Unless nothing may be left out, upper ones are: measured, they slow the linear solver and move no bound.
        """
        literals, constant = _literals(conditions)
        least = sum(k * (self._least[i] if k > 0 else self._most[i]) for i, k in terms.items())
        if low > least and low != inf:
            slack = round(low) - least
            yield _plus(terms, literals, -slack), low - slack * (len(conditions) - constant), inf
        most = sum(k * (self._most[i] if k > 0 else self._least[i]) for i, k in terms.items())
        if self._exact and high < most:
            excess = most - round(high)
            yield _plus(terms, literals, excess), -inf, high + excess * (len(conditions) - constant)


def lists_in(lists: Sequence[Any]) -> Ragged:
    """What the model's own lists of whole numbers hold.

    Each number that is asked for costs a call into the solver's library; the text of a list costs one for all.
    """
    sizes = [len(one) for one in lists]
    texts = [str(one[0]) if size == 1 else str(one)[1:-1] for one, size in zip(lists, sizes, strict=True) if size]
    text = ",".join(texts)
    if text.translate(NO_MARKS).isdigit():
        flat = np.fromstring(text, sep=",", dtype=np.int64)
    else:  # nothing to read, or a version of the library that writes a list in another way
        flat = np.array([one[i] for one, size in zip(lists, sizes, strict=True) for i in range(size)], dtype=np.int64)
    return Ragged(flat, np.array(sizes, dtype=np.int64))


def _implied(found: Sequence[Any], loose: frozenset[int]) -> Block:
    """``all of conditions -> each consequence``: consequence >= sum(conditions) - (how many - 1)."""
    numbers, conditions, consequences = _columns(found, 3)
    before, after = lists_in(conditions), lists_in(consequences)
    kept = ~np.isin(after.flat, np.array(sorted(loose), dtype=np.int64))
    owner, consequence = after.owner[kept], after.flat[kept]
    condition = before.of(owner)
    count = len(owner)
    lower = before.negative()[owner] - (consequence < 0) - (before.sizes[owner] - 1)
    return Block(
        np.array(numbers, dtype=np.int64)[owner],
        lower.tolist(),
        [inf] * count,
        np.concatenate([np.arange(count), np.repeat(np.arange(count), before.sizes[owner])]),
        np.concatenate([_variables(consequence), _variables(condition)]),
        np.concatenate([_signs(consequence), -_signs(condition)]),
    )


def _summed(found: Sequence[Any]) -> Block:
    """Sums that always hold."""
    numbers, sums = _columns(found, 2)
    variables = lists_in([one.vars for one in sums])
    lower, upper = lists_in([one.domain for one in sums]).ends
    return Block(
        np.array(numbers, dtype=np.int64),
        [_limit(low) for low in lower],
        [_limit(high) for high in upper],
        variables.owner,
        variables.flat,
        lists_in([one.coeffs for one in sums]).flat,
    )


def _claused(found: Sequence[Any]) -> Block:
    """At least one of some literals, at most one, or both."""
    numbers, literals, least, most = _columns(found, 4)
    clauses = lists_in(literals)
    ones = (1 - clauses.negative()).tolist()
    return Block(
        np.array(numbers, dtype=np.int64),
        [one if asked else -inf for one, asked in zip(ones, least, strict=True)],
        [one if asked else inf for one, asked in zip(ones, most, strict=True)],
        clauses.owner,
        _variables(clauses.flat),
        _signs(clauses.flat),
    )


def _gathered(found: Sequence[tuple[int, Row]]) -> Block:
    """Rows that were read one by one."""
    numbers, rows = [number for number, _ in found], [row for _, row in found]
    entries = _ragged([list(terms) for terms, _, _ in rows])
    return Block(
        np.array(numbers, dtype=np.int64),
        [low for _, low, _ in rows],
        [high for _, _, high in rows],
        entries.owner,
        entries.flat,
        _ragged([list(terms.values()) for terms, _, _ in rows]).flat,
    )


def _columns(flat: Sequence[Any], count: int) -> list[Sequence[Any]]:
    """The columns of a table whose lines, of so many cells, stand one after the other."""
    return [flat[place::count] for place in range(count)]


def _ragged(lists: Sequence[Sequence[int]]) -> Ragged:
    sizes = np.array([len(one) for one in lists], dtype=np.int64)
    return Ragged(np.fromiter(chain.from_iterable(lists), dtype=np.int64, count=int(sizes.sum())), sizes)


def _variables(literals: Integers) -> Integers:
    """Of each literal; a negative literal stands for 1 - its variable."""
    return np.where(literals >= 0, literals, -literals - 1)


def _signs(literals: Integers) -> Integers:
    return np.where(literals >= 0, 1, -1)


def _parts(greatest: Any) -> Iterator[Row]:
    """Target = max of expressions that are 0 or 1: at least each, at most their sum."""
    target = _merged(greatest.target.vars, greatest.target.coeffs)
    total, constant = dict(target), greatest.target.offset
    for one in greatest.exprs:
        terms = _merged(one.vars, one.coeffs)
        yield _plus(target, terms, -1), one.offset - greatest.target.offset, inf
        total, constant = _plus(total, terms, -1), constant - one.offset
    yield total, -inf, -constant


def _plus(terms: Mapping[int, int], more: Mapping[int, int], factor: int) -> dict[int, int]:
    found = dict(terms)
    for index, coefficient in more.items():
        found[index] = found.get(index, 0) + factor * coefficient
    return found


def _literals(literals: Sequence[int]) -> tuple[dict[int, int], int]:
    """The sum of literals as terms and a constant; a negative literal is 1 - its variable."""
    terms: dict[int, int] = {}
    constant = 0
    for literal in literals:
        index = literal if literal >= 0 else -literal - 1
        terms[index] = terms.get(index, 0) + (1 if literal >= 0 else -1)
        constant += literal < 0
    return terms, constant


def _merged(variables: Sequence[int], coefficients: Sequence[int]) -> dict[int, int]:
    terms: dict[int, int] = {}
    for index, coefficient in zip(variables, coefficients, strict=True):
        terms[index] = terms.get(index, 0) + coefficient
    return terms


def _limit(value: int) -> float:
    return value if -UNBOUNDED < value < UNBOUNDED else inf if value > 0 else -inf
