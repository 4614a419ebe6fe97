"""The linear relaxation of a plan, read off its CP-SAT model so that no rule is written twice, and bounds from it.

Linear rows, at-most-ones, clauses and implications of the model are all linear and are taken over; rows that only hold
under a condition are loosened where it is missing; implications towards ``loose`` variables are left out (they are many
and add little), and so is anything else. Loosening and leaving out only relax, so every bound stays true.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model
from ortools.util.python.solve_interrupter import SolveInterrupter

from scheduler.engine.reading import Reader, lists_in
from scheduler.engine.rows import Integers, summed, summed_exactly

DUAL_SCALE = 2**20
"""Duals are rounded to multiples of 1/DUAL_SCALE, and everything after that is exact in whole numbers."""
NEAR_ENOUGH, NEARLY_WHOLE = 1e-3, 0.02
"""How near to an optimum the first-order method comes, relative to the program's own numbers; what is then whole."""
LIKING = 0.25
"""What it is worth to take all that a solution at hand takes: a part of a unit, beside costs in whole units."""

Numbers = Sequence[int] | Sequence[float]


@dataclass(frozen=True)
class LinearAnswer:
    """An optimal solution of the relaxation: values by variable index, and the duals of its rows."""

    objective: float
    values: NDArray[np.float64]
    duals: NDArray[np.float64]


class Method(Enum):
    """How a linear program is solved: the solver, and which of its algorithms."""

    SIMPLEX = (mathopt.SolverType.GLOP, None)
    """Quick where few rows bind: hours and plans."""
    BARRIER = (mathopt.SolverType.HIGHS, mathopt.LPAlgorithm.BARRIER)
    """Ends in seconds where the simplex method does not: the softer goals, with their many helpers."""
    FIRST_ORDER = (mathopt.SolverType.PDLP, None)
    """Comes near an optimum in a time that hardly grows faster than the program: the largest weeks."""


class Relaxation:
    """Rows ``lower <= A x <= upper`` over the model's variables in their bounds, and the model's own objective."""

    def __init__(
        self, model: cp_model.CpModel, loose: frozenset[int] = frozenset(), *, exact: bool = False, first: int = 0
    ) -> None:
        proto = model.proto
        self.variable_lower, self.variable_upper = lists_in([one.domain for one in proto.variables]).ends
        costly, costs = lists_in([proto.objective.vars, proto.objective.coeffs]).lists
        self.costs = dict(zip(costly, costs, strict=True))
        self.offset = round(proto.objective.offset)
        self._liked: frozenset[int] = frozenset()
        reader = Reader((self.variable_lower, self.variable_upper), loose, exact=exact)
        self._read = reader.read(map(proto.constraints.__getitem__, range(first, len(proto.constraints))))
        self.names, self.row_lower, self.row_upper = self._read.names, self._read.lower, self._read.upper

    def near(self, taken: Iterable[int]) -> "Relaxation":
        """The same program, but of equally good solutions one that leaves much as it is is liked better.

        What its duals prove of this one (`safe_bound`) is true as ever, and at most `LIKING` less than its optimum.

        Args:
            taken: variables that are 1 in a solution at hand.
        """
        found = copy(self)
        found._liked = frozenset(taken)
        return found

    def solve(self, method: Method, seconds: float, end: SolveInterrupter | None = None) -> LinearAnswer | None:
        """Solve the linear program; None if it is infeasible, takes too long or is told to end."""
        return solve_program(self.proto(), method, seconds, end)

    @property
    def rows(self) -> Iterator[tuple[Sequence[tuple[int, int]], float, float]]:
        """Every row: its entries (variable index, coefficient), its lower and its upper limit."""
        column, factor = self._read.column.tolist(), self._read.factor.tolist()
        starts = pairwise(self.starts.tolist())
        for (start, end), lower, upper in zip(starts, self.row_lower, self.row_upper, strict=True):
            yield list(zip(column[start:end], factor[start:end], strict=True)), lower, upper

    @property
    def entries(self) -> tuple[Integers, Integers, Integers]:
        """Row, variable and coefficient of all entries, in the order of rows, then variables."""
        return self._read.row, self._read.column, self._read.factor

    @property
    def starts(self) -> Integers:
        """Where the entries of each row begin, and where the last one's end."""
        return self._read.starts

    def safe_bound(self, duals: NDArray[np.float64]) -> int:
        """The least whole objective value that the duals prove, exactly.

        Any multipliers of the right sign give a valid bound when every variable is bounded; so the solver's are
        rounded and the rest is computed in whole numbers, and no tolerance of the linear solver can spoil the proof.
        """
        return self.rounded_up(self.proved(duals))

    def rounded_up(self, proved: int) -> int:
        """What is proven of the objective, from so many parts of 1/DUAL_SCALE without its constant."""
        return -(-proved // DUAL_SCALE) + self.offset

    def strength(self, duals: NDArray[np.float64]) -> float:
        """The same before it is rounded up to a whole number."""
        return self.proved(duals) / DUAL_SCALE + self.offset

    def proved(self, duals: NDArray[np.float64]) -> int:
        """What the duals prove of the objective without its constant, in parts of 1/DUAL_SCALE."""
        multipliers = self.multipliers(duals)
        return self.at_limits(multipliers, np.arange(len(multipliers))) + self.least(self.reduced(multipliers))

    def shares(self, groups: Mapping[str, Sequence[int]], duals: NDArray[np.float64]) -> dict[str, float]:
        """How much of what the duals prove is lost without the rows of each group, in units of the objective.

        Where no two groups share a variable, what is lost without several of them is the sum.
        """
        multipliers = self.multipliers(duals)
        reduced, starts, found = self.reduced(multipliers), self.starts, {}
        for name, rows in groups.items():
            priced = np.array([row for row in rows if multipliers[row]], dtype=np.int64)
            places = np.concatenate([np.arange(0), *(np.arange(starts[row], starts[row + 1]) for row in priced)])
            taken = summed_exactly(multipliers, *(part[places] for part in self.entries))
            before = {index: reduced.get(index, 0) for index in taken}
            without = {index: cost + taken[index] for index, cost in before.items()}
            part = self.at_limits(multipliers, priced)
            found[name] = (part + self.least(before) - self.least(without)) / DUAL_SCALE
        return found

    def multipliers(self, duals: NDArray[np.float64]) -> NDArray[np.float64]:
        """The duals in parts of 1/DUAL_SCALE, all whole; 0 where a row has no limit on that side."""
        whole = np.rint(duals * DUAL_SCALE)
        lower, upper = (np.array(limits, dtype=np.float64) for limits in (self.row_lower, self.row_upper))
        whole[np.isinf(np.where(whole > 0, lower, upper))] = 0
        return whole

    def at_limits(self, multipliers: NDArray[np.float64], rows: Integers) -> int:
        """The limits of some rows on the side of their multipliers, each so many times."""
        sides = ((row, int(multipliers[row])) for row in rows[multipliers[rows] != 0].tolist())
        return sum(much * round((self.row_lower if much > 0 else self.row_upper)[row]) for row, much in sides)

    def reduced(self, multipliers: NDArray[np.float64]) -> dict[int, int]:
        """What is left of each variable's cost when every row is taken so many times."""
        reduced = {index: cost * DUAL_SCALE for index, cost in self.costs.items()}
        for index, much in summed(multipliers, *self.entries).items():
            reduced[index] = reduced.get(index, 0) - much
        return reduced

    def least(self, reduced: Mapping[int, int]) -> int:
        """The least that variables can cost within their limits."""
        return sum(
            cost * (self.variable_lower[index] if cost > 0 else self.variable_upper[index])
            for index, cost in reduced.items()
        )

    def proto(self, *, integers: bool = False) -> model_pb2.ModelProto:
        """The rows for `ortools.math_opt`: a linear program, or with ``integers`` every variable whole."""
        liking = LIKING / max(1, len(self._liked))
        liked = {index: self.costs.get(index, 0) - liking for index in self._liked}
        costs = sorted((index, cost) for index, cost in {**self.costs, **liked}.items() if cost)
        return linear_program(
            (self.variable_lower, self.variable_upper),
            (self.row_lower, self.row_upper),
            (self._read.row.tolist(), self._read.column.tolist(), self._read.factor.tolist()),
            ([index for index, _ in costs], [cost for _, cost in costs]),
            self.offset,
            integers=integers,
        )


def linear_program(
    variables: tuple[Numbers, Numbers],
    rows: tuple[Numbers, Numbers],
    entries: tuple[Sequence[int], Sequence[int], Numbers],
    costs: tuple[Sequence[int], Numbers],
    offset: float,
    *,
    integers: bool = False,
) -> model_pb2.ModelProto:
    """A program for `ortools.math_opt`, its variables and rows numbered from 0.

    Args:
        variables: the lower and the upper limit of each.
        rows: likewise.
        entries: row, variable and factor of each, in the order of rows, then variables.
        costs: variable and cost of each that is not 0, in the order of variables.
        offset: added to the objective.
        integers: whether every variable is to be whole.
    """
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(len(variables[0])))
    proto.variables.lower_bounds.extend(variables[0])
    proto.variables.upper_bounds.extend(variables[1])
    proto.variables.integers.extend([integers] * len(variables[0]))
    proto.linear_constraints.ids.extend(range(len(rows[0])))
    proto.linear_constraints.lower_bounds.extend(rows[0])
    proto.linear_constraints.upper_bounds.extend(rows[1])
    proto.linear_constraint_matrix.row_ids.extend(entries[0])
    proto.linear_constraint_matrix.column_ids.extend(entries[1])
    proto.linear_constraint_matrix.coefficients.extend(entries[2])
    proto.objective.linear_coefficients.ids.extend(costs[0])
    proto.objective.linear_coefficients.values.extend(costs[1])
    proto.objective.offset = float(offset)
    return proto


def solve_program(
    program: model_pb2.ModelProto, method: Method, seconds: float, end: SolveInterrupter | None = None
) -> LinearAnswer | None:
    """Solve a linear program whose ids count from 0; None if it is infeasible, takes too long or is told to end.

    The barrier method does not hear it.
    """
    limit = timedelta(seconds=max(seconds, 0.1))
    solver, algorithm = method.value
    parameters = mathopt.SolveParameters(time_limit=limit, lp_algorithm=algorithm)
    if method is Method.FIRST_ORDER:
        parameters.threads = 1
        parameters.pdlp.termination_criteria.simple_optimality_criteria.eps_optimal_relative = NEAR_ENOUGH
        parameters.pdlp.termination_criteria.simple_optimality_criteria.eps_optimal_absolute = NEAR_ENOUGH
    result = mathopt.solve(mathopt.Model.from_model_proto(program), solver, params=parameters, interrupter=end)
    if result.termination.reason is not mathopt.TerminationReason.OPTIMAL:
        return None
    # Where nothing is left to solve there may be no duals; none at all still prove what the variables' limits do.
    duals = dict(_by_id(result.dual_values())) if result.has_dual_feasible_solution() else {}
    values = np.array([value for _, value in sorted(_by_id(result.variable_values()))])
    return LinearAnswer(
        objective=result.objective_value(),
        values=_settled(values) if method is Method.FIRST_ORDER else values,
        duals=np.array([duals.get(row, 0.0) for row in range(len(program.linear_constraints.ids))]),
    )


def _settled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values that are only near an optimum: what is nearly whole is taken for whole."""
    near = np.rint(values)
    return np.where(np.abs(values - near) <= NEARLY_WHOLE, near, values)


def exact_program(model: cp_model.CpModel, first: int = 0) -> Relaxation:
    """The whole model as rows: with integer variables it has the model's own solutions and no others.

    ``first``: the constraint to begin with, where those before are known.

    Raises:
        ValueError: if the model holds a constraint that is not read as rows.
    """
    return Relaxation(model, exact=True, first=first)


def _by_id(
    values: Mapping[mathopt.Variable, float] | Mapping[mathopt.LinearConstraint, float],
) -> Iterator[tuple[int, float]]:
    return ((key.id, value) for key, value in values.items())
