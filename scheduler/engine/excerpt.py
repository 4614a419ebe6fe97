"""Small models cut out of a plan's: some decisions are free, everything else is as in a solution at hand.

The solver told to hold most decisions would read and presolve the whole model first, which takes longer than the search
itself. Here the rows are read once, as arrays; a model of what is free is then written quickly.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.sat.python import cp_model

from scheduler.engine.links import Links
from scheduler.engine.relaxation import exact_program, linear_program
from scheduler.engine.rows import UNBOUNDED

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

MOST_HELPERS, MOST_CLAIMS = 16, 250
"""A row with more helper variables than the first does not tell which helpers hang together; but what costs something
still hangs on the claims that it names (those by which two people could meet, say). One with more than the second
speaks of the whole week (a tier that is held, say)."""


@dataclass(frozen=True)
class Excerpt:
    """A model of the free variables; ``indices`` are theirs in the plan's model, in the order of the small one's."""

    model: cp_model.CpModel
    indices: Whole


@dataclass(frozen=True)
class Program:
    """A linear program of the free variables; ``indices`` are theirs in the plan's model, in its order."""

    proto: model_pb2.ModelProto
    indices: Whole


@dataclass(frozen=True)
class Left:
    """What is left of the rows: entries by row, from 0, and variable, by the order of the free ones; limits by row.

    ``least`` and ``most`` are the limits of the variables.
    """

    row: Whole
    column: Whole
    factor: Whole
    lower: Whole
    upper: Whole
    least: Whole
    most: Whole

    def binding(self) -> "Left":
        """The rows that may not hold whatever the variables are, numbered anew."""
        ends, count = (self.factor * self.least[self.column], self.factor * self.most[self.column]), len(self.lower)
        lowest, highest = (_total(self.row, choose(*ends), count) for choose in (np.minimum, np.maximum))
        binds = (lowest < self.lower) | (highest > self.upper)
        kept, number = binds[self.row], np.cumsum(binds) - 1
        row, column, factor = number[self.row[kept]], self.column[kept], self.factor[kept]
        return Left(row, column, factor, self.lower[binds], self.upper[binds], self.least, self.most)


class Excerpts:
    """The rows of a model as they stand, ready to be cut.

    Raises:
        ValueError: if the model holds a constraint that is not read as rows.
    """

    def __init__(self, model: cp_model.CpModel, decisions: Collection[int], claims: Collection[int] = ()) -> None:
        self._decisions = list(decisions)
        self._constraints = 0
        self._row = self._column = self._factor = self._lower = self._upper = np.zeros(0, dtype=np.int64)
        self.read_on(model, claims)

    def read_on(self, model: cp_model.CpModel, claims: Collection[int] = ()) -> None:
        """Read what the model has gained since; nothing else may have changed, and nobody else may be reading.

        ``claims``: those of the helpers that hang on decisions alone, and not on each other.
        """
        program, known = exact_program(model, self._constraints), len(self._lower)
        row, column, factor = program.entries
        self._row = np.concatenate([self._row, known + row])
        self._column = np.concatenate([self._column, column])
        self._factor = np.concatenate([self._factor, factor])
        self._lower = np.concatenate([self._lower, whole_limits(program.row_lower)])
        self._upper = np.concatenate([self._upper, whole_limits(program.row_upper)])
        self._constraints = len(model.proto.constraints)
        self._least = np.array(program.variable_lower, dtype=np.int64)
        self._most = np.array(program.variable_upper, dtype=np.int64)
        self._cost = np.zeros(len(self._least), dtype=np.int64)
        for index, cost in program.costs.items():
            self._cost[index] = cost
        self._offset = program.offset
        self._is_helper = np.ones(len(self._least), dtype=np.bool_)
        self._is_helper[self._decisions] = False
        self._is_claim = np.zeros(len(self._least), dtype=np.bool_)
        self._is_claim[list(claims)] = True
        helpers = np.bincount(self._row, weights=self._is_helper[self._column], minlength=len(self._lower))
        self._close, self._claiming = (self._links(helpers <= most) for most in (MOST_HELPERS, MOST_CLAIMS))
        self._all = self._links(np.ones(len(self._lower), dtype=np.bool_))

    def _links(self, rows: Mask) -> Links:
        counting = rows[self._row]
        return Links(self._row[counting], self._column[counting], len(self._lower), len(self._least))

    def worth(self, values: Whole) -> int:
        """The objective of a solution."""
        return int(self._cost @ values) + self._offset

    def costs(self, values: Whole) -> list[int]:
        """The variables that make a solution cost more than it might."""
        dear = (self._cost > 0) & (values > self._least) | (self._cost < 0) & (values < self._most)
        return [int(one) for one in np.flatnonzero(dear)]

    def behind(self, variable: int) -> list[int]:
        """The decisions that share a row with a variable, or with a helper that does."""
        around = self._claiming.beside(np.array([variable], dtype=np.int64))
        found = np.union1d(around, self._close.beside(around[self._is_helper[around]]))
        return [int(one) for one in found[~self._is_helper[found]]]

    def changed(self, before: Whole, after: Whole) -> list[int]:
        """The decisions that two solutions differ in."""
        return [int(one) for one in np.flatnonzero((before != after) & ~self._is_helper)]

    def allows(self, values: Whole) -> bool:
        """Whether every row holds."""
        activity = self._activity(values)
        return bool((activity >= self._lower).all() and (activity <= self._upper).all())

    def cut(
        self, values: Whole, free: Iterable[int], most: int, *, near: bool = False, hinted: bool = False
    ) -> Excerpt:
        """A model in which these decisions are free, and the helpers that hang on them.

        Where what is asked for is better than the solution at hand, there is nothing to hint.

        Args:
            values: of all variables.
            free: indices of decisions, or of helpers too.
            most: the largest objective that is still asked for.
            near: whether of equally good solutions the one is wanted that changes the fewest of what is yes or no.
            hinted: whether the solution at hand is hinted.
        """
        indices = self._with_helpers(free)
        left = self._left(values, indices)
        model = written(left)
        self._write_objective(model, values, indices, most, near=near)
        if hinted:
            model.proto.solution_hint.vars.extend(range(len(indices)))
            model.proto.solution_hint.values.extend(values[indices].tolist())
        return Excerpt(model, indices)

    def program(self, values: Whole, free: Iterable[int]) -> Program:
        """The linear relaxation of such a model, without a limit on the objective."""
        indices = self._with_helpers(free)
        left, costs = self._left(values, indices), self._cost[indices]
        order, costly = np.lexsort((left.column, left.row)), np.flatnonzero(costs)
        proto = linear_program(
            (left.least.tolist(), left.most.tolist()),
            (
                np.where(left.lower <= -UNBOUNDED, -inf, left.lower).tolist(),
                np.where(left.upper >= UNBOUNDED, inf, left.upper).tolist(),
            ),
            (left.row[order].tolist(), left.column[order].tolist(), left.factor[order].tolist()),
            (costly.tolist(), costs[costly].tolist()),
            self.worth(values) - int(costs @ values[indices]),
        )
        return Program(proto, indices)

    def _activity(self, values: Whole) -> Whole:
        return _total(self._row, self._factor * values[self._column], len(self._lower))

    def _with_helpers(self, free: Iterable[int]) -> Whole:
        """The decisions, every helper that shares a row with one of them or with such a helper, and what that costs.

        A claim hangs on its decisions alone: those who could be met in the same session would else bring in each other,
        and soon the whole week.
        """
        chosen = np.zeros(len(self._least), dtype=np.bool_)
        chosen[list(free)] = True
        around = self._close.beside(np.flatnonzero(chosen))
        chosen[around[self._is_claim[around]]] = True
        hanging = self._is_helper & ~self._is_claim
        reached = np.flatnonzero(chosen)
        while len(reached):
            around = self._close.beside(reached)
            reached = around[hanging[around] & ~chosen[around]]
            chosen[reached] = True
        around = self._claiming.beside(np.flatnonzero(chosen))
        chosen[around[self._is_helper[around] & (self._cost[around] != 0)]] = True
        return np.flatnonzero(chosen)

    def _left(self, values: Whole, indices: Whole) -> Left:
        """What is left of each row, unless that always holds or only says how much one variable can be."""
        rows = self._all.rows(indices)
        entries, row = self._all.entries(rows), np.repeat(np.arange(len(rows)), self._all.sizes(rows))
        place = np.full(len(values), -1, dtype=np.int64)
        place[indices] = np.arange(len(indices))
        column, factor = place[self._column[entries]], self._factor[entries]
        held = _total(row, np.where(column < 0, factor * values[self._column[entries]], 0), len(rows))
        inside = column >= 0
        row, column, factor = row[inside], column[inside], factor[inside]
        lower, upper = self._lower[rows], self._upper[rows]
        lower = np.where(lower <= -UNBOUNDED, -UNBOUNDED, lower - held)
        upper = np.where(upper >= UNBOUNDED, UNBOUNDED, upper - held)
        left = Left(row, column, factor, lower, upper, self._least[indices], self._most[indices])
        return _tightened(left).binding()

    def _write_objective(
        self, model: cp_model.CpModel, values: Whole, indices: Whole, most: int, *, near: bool
    ) -> None:
        costs = self._cost[indices]
        costly = np.flatnonzero(costs)
        constant = self.worth(values) - int(costs @ values[indices])
        write_row(model, costly.tolist(), costs[costly].tolist(), (-UNBOUNDED, most - constant))
        if near:
            flags = ~self._is_helper[indices] & (self._least[indices] == 0) & (self._most[indices] == 1)
            moved = np.where(flags, 1 - 2 * values[indices], 0)
            constant = constant * (int(flags.sum()) + 1) + int((flags * values[indices]).sum())
            costs = costs * (int(flags.sum()) + 1) + moved
            costly = np.flatnonzero(costs)
        model.proto.objective.vars.extend(costly.tolist())
        model.proto.objective.coeffs.extend(costs[costly].tolist())
        model.proto.objective.offset = float(constant)


def whole_limits(limits: Sequence[float]) -> Whole:
    """Limits of rows as whole numbers; `UNBOUNDED` stands for none."""
    ends = {inf: UNBOUNDED, -inf: -UNBOUNDED}
    return np.array([round(ends.get(one, one)) for one in limits], dtype=np.int64)


def _total(row: Whole, weights: Whole, count: int) -> Whole:
    """Sums by row; of whole numbers far below 2^53 they are exact in floating point."""
    return np.rint(np.bincount(row, weights=weights, minlength=count)).astype(np.int64)


def _tightened(left: Left) -> Left:
    """The same with the limits of variables for what rows of a single one say, unless that leaves one no value."""
    alone = (np.bincount(left.row, minlength=len(left.lower))[left.row] == 1) & (left.factor != 0)
    row, column, factor = left.row[alone], left.column[alone], left.factor[alone]
    lower, upper = left.lower[row], left.upper[row]
    ends = np.where(factor > 0, lower, -upper), np.where(factor > 0, upper, -lower)
    size = np.abs(factor)
    least, most = left.least.copy(), left.most.copy()
    np.maximum.at(least, column, -(-ends[0] // size))
    np.minimum.at(most, column, ends[1] // size)
    empty = least > most
    least, most = np.where(empty, left.least, least), np.where(empty, left.most, most)
    return replace(left, least=least, most=most)


def written(left: Left) -> cp_model.CpModel:
    """A model of what is left. It is written as text, for the solver reads that faster than it takes calls."""
    starts = np.searchsorted(left.row, np.arange(len(left.lower) + 1)).tolist()
    columns, factors, lower, upper = (part.tolist() for part in (left.column, left.factor, left.lower, left.upper))
    ends = zip(left.least.tolist(), left.most.tolist(), strict=True)
    text = [f"variables{{domain:[{low},{high}]}}" for low, high in ends]
    text += (
        f"constraints{{linear{{vars:{columns[start:end]}coeffs:{factors[start:end]}domain:[{low},{high}]}}}}"
        for (start, end), low, high in zip(pairwise(starts), lower, upper, strict=True)
    )
    model = cp_model.CpModel()
    model.proto.merge_text_format("".join(text))
    return model


def write_row(model: cp_model.CpModel, columns: Sequence[int], factors: Sequence[int], limits: tuple[int, int]) -> None:
    """Add a linear row: its variables, their factors, its lower and its upper limit."""
    linear = model.proto.constraints.add().linear
    linear.vars.extend(columns)
    linear.coeffs.extend(factors)
    linear.domain.extend(limits)
