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
from itertools import islice
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model
from ortools.util.python.solve_interrupter import SolveInterrupter

UNBOUNDED = 2**60
"""Row limits beyond this stand for none (CP-SAT writes them as the ends of 64-bit integers)."""
DUAL_SCALE = 2**20
"""Duals are rounded to multiples of 1/DUAL_SCALE, and everything after that is exact in whole numbers."""
NEAR_ENOUGH, NEARLY_WHOLE = 1e-3, 0.02
"""How near to an optimum the first-order method comes, relative to the program's own numbers; what is then whole."""
LIKING = 0.25
"""What it is worth to take all that a solution at hand takes: a part of a unit, beside costs in whole units."""

Numbers = Sequence[int] | Sequence[float]
Row = tuple[Mapping[int, int], float, float]


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
        domains = [list(variable.domain) for variable in proto.variables]
        self.variable_lower = [domain[0] for domain in domains]
        self.variable_upper = [domain[-1] for domain in domains]
        self.costs = dict(zip(proto.objective.vars, proto.objective.coeffs, strict=True))
        self.offset = round(proto.objective.offset)
        reader = (_ExactReader if exact else _Reader)(self.variable_lower, self.variable_upper, loose)
        self._liked: frozenset[int] = frozenset()
        named = [
            (row, constraint.name)
            for constraint in islice(proto.constraints, first, None)
            for row in reader.rows(constraint)
            if exact or row[0]
        ]
        rows = [row for row, _ in named]
        self.names = [name for _, name in named]
        self.row_lower = [row[1] for row in rows]
        self.row_upper = [row[2] for row in rows]
        self._entries = [sorted((c, k) for c, k in row[0].items() if k) for row in rows]

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
        return zip(self._entries, self.row_lower, self.row_upper, strict=True)

    def safe_bound(self, duals: NDArray[np.float64]) -> int:
        """The least whole objective value that the duals prove, exactly.

        Any multipliers of the right sign give a valid bound when every variable is bounded; so the solver's are
        rounded and the rest is computed in whole numbers, and no tolerance of the linear solver can spoil the proof.
        """
        return -(-self._proved(duals) // DUAL_SCALE) + self.offset

    def strength(self, duals: NDArray[np.float64]) -> float:
        """The same before it is rounded up to a whole number."""
        return self._proved(duals) / DUAL_SCALE + self.offset

    def _proved(self, duals: NDArray[np.float64]) -> int:
        total, reduced = self._combined(duals, range(len(self._entries)))
        return total + self._least(reduced)

    def shares(self, groups: Mapping[str, Sequence[int]], duals: NDArray[np.float64]) -> dict[str, float]:
        """How much of what the duals prove is lost without the rows of each group, in units of the objective.

        Where no two groups share a variable, what is lost without several of them is the sum.
        """
        _, reduced = self._combined(duals, range(len(self._entries)))
        found = {}
        for name, rows in groups.items():
            part, taken = self._combined(duals, rows, costs=False)
            before = {index: reduced.get(index, 0) for index in taken}
            without = {index: cost - taken[index] for index, cost in before.items()}
            found[name] = (part + self._least(before) - self._least(without)) / DUAL_SCALE
        return found

    def _combined(
        self, duals: NDArray[np.float64], rows: Iterable[int], *, costs: bool = True
    ) -> tuple[int, dict[int, int]]:
        """The rows added up with their multipliers: the limit, and what is left of each variable's cost."""
        total = 0
        reduced = {index: cost * DUAL_SCALE for index, cost in self.costs.items()} if costs else dict[int, int]()
        for row in rows:
            multiplier = round(float(duals[row]) * DUAL_SCALE)
            limit = self.row_lower[row] if multiplier > 0 else self.row_upper[row]
            if multiplier == 0 or limit in (inf, -inf):
                continue
            total += multiplier * round(limit)
            for column, coefficient in self._entries[row]:
                reduced[column] = reduced.get(column, 0) - multiplier * coefficient
        return total, reduced

    def _least(self, reduced: Mapping[int, int]) -> int:
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
        flat = [(row, column, factor) for row, entries in enumerate(self._entries) for column, factor in entries]
        return linear_program(
            (self.variable_lower, self.variable_upper),
            (self.row_lower, self.row_upper),
            ([row for row, _, _ in flat], [column for _, column, _ in flat], [factor for _, _, factor in flat]),
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


class _Reader:
    """Turns the model's constraints into linear rows."""

    def __init__(self, lower: Sequence[int], upper: Sequence[int], loose: frozenset[int]) -> None:
        self._lower, self._upper, self._loose = lower, upper, loose

    def rows(self, constraint: Any) -> Iterator[Row]:
        conditions = list(constraint.enforcement_literal)
        if constraint.has_bool_and():
            yield from _implications(conditions, list(constraint.bool_and.literals), self._loose)
        elif constraint.has_linear():
            terms = _merged(constraint.linear.vars, constraint.linear.coeffs)
            domain = list(constraint.linear.domain)
            low, high = _limit(domain[0]), _limit(domain[-1])
            if conditions:
                yield from self._conditional(terms, low, conditions)
                yield from self._conditional_upper(terms, high, conditions)
            else:
                yield terms, low, high
        elif not conditions:
            yield from _clauses(constraint)

    def _conditional(self, terms: dict[int, int], low: float, conditions: Sequence[int]) -> Iterator[Row]:
        """A lower limit that holds under conditions: each missing condition loosens it to what always holds."""
        least = sum(c * (self._lower[i] if c > 0 else self._upper[i]) for i, c in terms.items())
        if low > least and low != inf:
            slack = round(low) - least
            literals, constant = _literals(conditions)
            yield _plus(terms, literals, -slack), low - slack * (len(conditions) - constant), inf

    def _conditional_upper(self, terms: dict[int, int], high: float, conditions: Sequence[int]) -> Iterator[Row]:
        """Upper limits under conditions are left out: measured, they slow the linear solver and move no bound."""
        yield from ()


class _ExactReader(_Reader):
    """Leaves nothing out: upper limits under conditions by their largest excess, a maximum by its parts."""

    def rows(self, constraint: Any) -> Iterator[Row]:
        if constraint.has_lin_max():
            yield from self._greatest(constraint.lin_max)
            return
        if not _is_read(constraint):
            raise ValueError(f"not read as rows: {constraint}")
        yield from super().rows(constraint)

    def _conditional_upper(self, terms: dict[int, int], high: float, conditions: Sequence[int]) -> Iterator[Row]:
        most = sum(c * (self._upper[i] if c > 0 else self._lower[i]) for i, c in terms.items())
        if high < most:
            excess = most - round(high)
            literals, constant = _literals(conditions)
            yield _plus(terms, literals, excess), -inf, high + excess * (len(conditions) - constant)

    def _greatest(self, greatest: Any) -> Iterator[Row]:
        """Target = max of expressions that are 0 or 1: at least each, at most their sum."""
        target = _merged(greatest.target.vars, greatest.target.coeffs)
        total, constant = dict(target), greatest.target.offset
        for one in greatest.exprs:
            terms = _merged(one.vars, one.coeffs)
            yield _plus(target, terms, -1), one.offset - greatest.target.offset, inf
            total, constant = _plus(total, terms, -1), constant - one.offset
        yield total, -inf, -constant


def _is_read(constraint: Any) -> bool:
    linear = constraint.has_linear() or constraint.has_bool_and()
    clause = constraint.has_at_most_one() or constraint.has_exactly_one() or constraint.has_bool_or()
    return bool(linear or (clause and not list(constraint.enforcement_literal)))


def _clauses(constraint: Any) -> Iterator[Row]:
    if constraint.has_at_most_one():
        terms, constant = _literals(constraint.at_most_one.literals)
        yield terms, -inf, 1 - constant
    elif constraint.has_exactly_one():
        terms, constant = _literals(constraint.exactly_one.literals)
        yield terms, 1 - constant, 1 - constant
    elif constraint.has_bool_or():
        terms, constant = _literals(constraint.bool_or.literals)
        yield terms, 1 - constant, inf


def _plus(terms: Mapping[int, int], more: Mapping[int, int], factor: int) -> dict[int, int]:
    found = dict(terms)
    for index, coefficient in more.items():
        found[index] = found.get(index, 0) + factor * coefficient
    return found


def _implications(conditions: Sequence[int], consequences: Sequence[int], loose: frozenset[int]) -> Iterator[Row]:
    """``all of conditions -> each consequence``: consequence >= sum(conditions) - (how many - 1)."""
    for consequence in consequences:
        if consequence in loose:
            continue
        terms, constant = _literals([consequence])
        against, against_constant = _literals(conditions)
        yield _plus(terms, against, -1), against_constant - constant - (len(conditions) - 1), inf


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
