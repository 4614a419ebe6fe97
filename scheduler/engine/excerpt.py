"""Small models cut out of a plan's: some decisions are free, everything else is as in a solution at hand.

The solver told to hold most decisions would read and presolve the whole model first, which takes longer than the search
itself. Here the rows are read once, as arrays; a model of what is free is then written quickly.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
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
    """What is left of the rows: entries by row, from 0, and variable, by the order of the free ones; limits by row."""

    row: Whole
    column: Whole
    factor: Whole
    lower: Whole
    upper: Whole


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
        around = self._claiming.beside_few(np.array([variable], dtype=np.int64))
        found = np.union1d(around, self._close.beside_few(around[self._is_helper[around]]))
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
        chosen = self._with_helpers(free)
        indices = np.flatnonzero(chosen)
        model = cp_model.CpModel()
        for low, high in zip(self._least[indices].tolist(), self._most[indices].tolist(), strict=True):
            model.proto.variables.add().domain.extend((low, high))
        left = self._left(values, chosen, indices)
        starts = [0, *(np.flatnonzero(np.diff(left.row)) + 1).tolist(), len(left.row)] if len(left.row) else []
        columns, factors, lower, upper = (part.tolist() for part in (left.column, left.factor, left.lower, left.upper))
        for place, (start, end) in enumerate(pairwise(starts)):
            write_row(model, columns[start:end], factors[start:end], (lower[place], upper[place]))
        self._write_objective(model, values, indices, most, near=near)
        if hinted:
            model.proto.solution_hint.vars.extend(range(len(indices)))
            model.proto.solution_hint.values.extend(values[indices].tolist())
        return Excerpt(model, indices)

    def program(self, values: Whole, free: Iterable[int]) -> Program:
        """The linear relaxation of such a model, without a limit on the objective."""
        chosen = self._with_helpers(free)
        indices = np.flatnonzero(chosen)
        left, costs = self._left(values, chosen, indices), self._cost[indices]
        order, costly = np.lexsort((left.column, left.row)), np.flatnonzero(costs)
        proto = linear_program(
            (self._least[indices].tolist(), self._most[indices].tolist()),
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
        # Sums of whole numbers far below 2^53 are exact in floating point.
        sums = np.bincount(self._row, weights=self._factor * values[self._column], minlength=len(self._lower))
        return np.rint(sums).astype(np.int64)

    def _with_helpers(self, free: Iterable[int]) -> Mask:
        """The decisions, every helper that shares a row with one of them or with such a helper, and what that costs.

        A claim hangs on its decisions alone: those who could be met in the same session would else bring in each other,
        and soon the whole week.
        """
        chosen = np.zeros(len(self._least), dtype=np.bool_)
        chosen[list(free)] = True
        chosen |= self._close.beside(chosen) & self._is_claim
        while True:
            more = self._close.beside(chosen) & self._is_helper & ~self._is_claim & ~chosen
            if not more.any():
                break
            chosen |= more
        chosen |= self._claiming.beside(chosen) & self._is_helper & (self._cost != 0)
        return chosen

    def _left(self, values: Whole, chosen: Mask, indices: Whole) -> Left:
        """What is left of each row, unless that always holds."""
        inside = chosen[self._column]
        row, column, factor = self._row[inside], self._column[inside], self._factor[inside]
        count = len(self._lower)

        def total(weights: Whole) -> Whole:
            return np.rint(np.bincount(row, weights=weights, minlength=count)).astype(np.int64)

        held = self._activity(values) - total(factor * values[column])
        lower = np.where(self._lower <= -UNBOUNDED, -UNBOUNDED, self._lower - held)
        upper = np.where(self._upper >= UNBOUNDED, UNBOUNDED, self._upper - held)
        ends = factor * self._least[column], factor * self._most[column]
        binding = (total(np.minimum(*ends)) < lower) | (total(np.maximum(*ends)) > upper)
        row, column, factor = (part[binding[row]] for part in (row, column, factor))
        place = np.zeros(len(chosen), dtype=np.int64)
        place[indices] = np.arange(len(indices))
        kept, numbered = np.unique(row, return_inverse=True)
        return Left(numbered, place[column], factor, lower[kept], upper[kept])

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


def write_row(model: cp_model.CpModel, columns: Sequence[int], factors: Sequence[int], limits: tuple[int, int]) -> None:
    """Add a linear row: its variables, their factors, its lower and its upper limit."""
    linear = model.proto.constraints.add().linear
    linear.vars.extend(columns)
    linear.coeffs.extend(factors)
    linear.domain.extend(limits)
