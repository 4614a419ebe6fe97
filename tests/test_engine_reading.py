"""A model read many constraints at a time says what it does read one by one, and is added up exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from random import Random
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

from scheduler.engine.reading import lists_in
from scheduler.engine.relaxation import DUAL_SCALE, Relaxation, exact_program
from scheduler.engine.rows import SAFE

SEEDS = range(6)


def sprinkled(seed: int) -> cp_model.CpModel:
    """A model with constraints of every kind that is read, in any order, many with a variable or literal twice."""
    rng, model = Random(seed), cp_model.CpModel()
    flags = [model.new_bool_var(f"flag {i}") for i in range(6)]
    counts = [model.new_int_var(rng.randint(-4, 0), rng.randint(0, 9), f"count {i}") for i in range(4)]

    def literals(least: int) -> list[Any]:
        return [rng.choice([one, ~one]) for one in rng.choices(flags, k=rng.randint(least, 4))]

    def total() -> Any:
        return sum(rng.randint(-3, 3) * one for one in rng.choices(counts + flags, k=rng.randint(1, 6)))

    def domain() -> cp_model.Domain:
        return cp_model.Domain(*rng.choice([(-3, 4), (1, 1), (2, 2**62), (-(2**62), 5), (-(2**62), 2**62)]))

    def limited() -> cp_model.Constraint:
        return model.add_linear_expression_in_domain(total(), domain())

    kinds = [
        limited,
        lambda: limited().only_enforce_if(*literals(1)),
        lambda: model.add_at_most_one(literals(0)),
        lambda: model.add_exactly_one(literals(0)),
        lambda: model.add_bool_or(literals(0)),
        lambda: model.add_bool_and(literals(0)),
        lambda: model.add_bool_and(literals(0)).only_enforce_if(*literals(1)),
        lambda: model.add_max_equality(rng.choice(flags) + 2, [rng.choice(flags) - k for k in range(2)]),
    ]
    for place in range(60):
        rng.choice(kinds)()
        model.proto.constraints[place].name = f"constraint {place}"
    model.minimize(total() + 7)
    return model


@dataclass(frozen=True)
class Slowly:
    """A model read number by number; the same as it is told in a sentence or two."""

    model: cp_model.CpModel
    loose: frozenset[int] = frozenset()
    exact: bool = False

    def rows(self) -> list[tuple[str, list[tuple[int, int]], float, float]]:
        found = []
        for constraint in self.model.proto.constraints:
            for terms, low, high in self.of(constraint):
                total: dict[int, int] = {}
                for index, k in terms:
                    total[index] = total.get(index, 0) + k
                if total or self.exact:
                    entries = sorted((index, k) for index, k in total.items() if k)
                    found.append((constraint.name, entries, low, high))
        return found

    def of(self, constraint: Any) -> Iterator[tuple[list[tuple[int, int]], float, float]]:
        conditions = list(constraint.enforcement_literal)
        if constraint.has_linear():
            yield from self.linear(constraint.linear, conditions)
        elif constraint.has_bool_and():
            for literal in constraint.bool_and.literals:
                if literal not in self.loose:  # the literal or one of the conditions' opposites
                    terms, constant = self.sum([literal, *(-one - 1 for one in conditions)])
                    yield terms, 1 - constant, inf
        elif constraint.has_lin_max():
            yield from self.greatest(constraint.lin_max) if self.exact else ()
        else:
            kinds = ("at_most_one", -inf, 1), ("exactly_one", 1, 1), ("bool_or", 1, inf)
            kind, low, high = next(one for one in kinds if getattr(constraint, f"has_{one[0]}")())
            terms, constant = self.sum(getattr(constraint, kind).literals)
            yield terms, low - constant, high - constant

    @staticmethod
    def sum(literals: Sequence[int]) -> tuple[list[tuple[int, int]], int]:
        terms = [(one, 1) if one >= 0 else (-one - 1, -1) for one in literals]
        return terms, sum(one < 0 for one in literals)

    def linear(self, linear: Any, conditions: list[int]) -> Iterator[tuple[list[tuple[int, int]], float, float]]:
        terms, (low, *_, high) = list(zip(linear.vars, linear.coeffs, strict=True)), linear.domain
        low, high = -inf if low < -(2**60) else low, inf if high > 2**60 else high
        if not conditions:
            yield terms, low, high
            return
        total: dict[int, int] = {}
        for index, k in terms:
            total[index] = total.get(index, 0) + k
        domains = {index: list(self.model.proto.variables[index].domain) for index in total}
        ends = [sorted(k * value for value in domains[index]) for index, k in total.items()]
        least, most = sum(one[0] for one in ends), sum(one[-1] for one in ends)
        # Each condition that is missing, which a literal tells, gives as much as may be lacking.
        missing, constant = self.sum([-one - 1 for one in conditions])
        if low > least:
            yield [*terms, *((i, k * (low - least)) for i, k in missing)], low - (low - least) * constant, inf
        if high < most and self.exact:
            yield [*terms, *((i, k * (high - most)) for i, k in missing)], -inf, high - (high - most) * constant

    @staticmethod
    def greatest(found: Any) -> Iterator[tuple[list[tuple[int, int]], float, float]]:
        target = list(zip(found.target.vars, found.target.coeffs, strict=True))
        parts = [[(i, -k) for i, k in zip(one.vars, one.coeffs, strict=True)] for one in found.exprs]
        for one, part in zip(found.exprs, parts, strict=True):
            yield target + part, one.offset - found.target.offset, inf
        yield [*target, *chain.from_iterable(parts)], -inf, sum(one.offset for one in found.exprs) - found.target.offset


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_many_constraints_at_a_time_are_read_as_they_are_one_by_one(seed: int, exact: bool) -> None:
    model = sprinkled(seed)
    loose = frozenset(Random(seed).sample(range(6), 2))
    read, slowly = Relaxation(model, loose, exact=exact), Slowly(model, loose, exact).rows()
    assert [(name, *row) for name, row in zip(read.names, read.rows, strict=True)] == slowly
    assert (read.row_lower, read.row_upper) == ([row[2] for row in slowly], [row[3] for row in slowly])
    domains = [list(variable.domain) for variable in model.proto.variables]
    assert [[low, high] for low, high in zip(read.variable_lower, read.variable_upper, strict=True)] == domains
    matrix = read.proto().linear_constraint_matrix
    flat = [(row, *entry) for row, (_, entries, _, _) in enumerate(slowly) for entry in entries]
    assert list(zip(matrix.row_ids, matrix.column_ids, matrix.coefficients, strict=True)) == flat
    later = Relaxation(model, loose, exact=exact, first=25)
    known = sum(int(name.split()[-1]) < 25 for name in read.names)
    assert [*later.rows] == [*read.rows][known:]


@pytest.mark.parametrize("size", [1.0, 1e6, 1e15])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_multipliers_prove_is_exact_however_large_they_are(seed: int, size: float) -> None:
    model = sprinkled(seed)
    read, rng = exact_program(model), np.random.default_rng(seed)
    duals = rng.normal(scale=size, size=len(read.names)) * (rng.random(len(read.names)) < 0.5)
    multipliers = [round(dual * DUAL_SCALE) for dual in duals.tolist()]
    sides = [low if k > 0 else high for k, low, high in zip(multipliers, read.row_lower, read.row_upper, strict=True)]
    assert size < 1e15 or max(map(abs, multipliers)) > SAFE, "some are beyond 64 bits"

    def proved(rows: Sequence[int]) -> int:
        """By rows of those numbers alone."""
        total, reduced = 0, {index: cost * DUAL_SCALE for index, cost in read.costs.items()}
        entries = [one for one, _, _ in read.rows]
        for row in rows:
            if abs(sides[row]) < inf:
                total += multipliers[row] * int(sides[row])
                for index, k in entries[row]:
                    reduced[index] = reduced.get(index, 0) - multipliers[row] * k
        ends = read.variable_lower, read.variable_upper
        return total + sum(min(cost * ends[0][i], cost * ends[1][i]) for i, cost in reduced.items())

    every = range(len(read.names))
    assert read.strength(duals) == proved(every) / DUAL_SCALE + read.offset
    assert read.safe_bound(duals) == -(-proved(every) // DUAL_SCALE) + read.offset
    groups = {f"{one}": list(every[one::7]) for one in range(7)}
    assert read.shares(groups, duals) == {
        name: (proved(every) - proved([row for row in every if row not in rows])) / DUAL_SCALE
        for name, rows in groups.items()
    }


def test_a_factor_twice_in_a_row_is_added_up_exactly_beyond_floats() -> None:
    model = cp_model.CpModel()
    one = model.new_int_var(0, 1, "one")
    linear = model.proto.constraints.add().linear
    linear.vars.extend([one.index] * 3)
    linear.coeffs.extend([2**62, 2**62 - 1, -(2**62) + 5])
    linear.domain.extend([0, 2**59 + 1])
    assert list(Relaxation(model).rows) == [([(one.index, 2**62 + 4)], 0, 2**59 + 1)]


def test_a_model_without_anything_is_read() -> None:
    read = exact_program(cp_model.CpModel())
    assert (list(read.rows), read.names, read.costs) == ([], [], {})
    assert read.safe_bound(np.zeros(0)) == 0


def test_lists_are_read_however_they_are_written() -> None:
    some = [range(3), range(0), range(-5, -4), [2**63 - 1, -(2**63)], range(2000)]
    for lists in (some, [list(one) for one in some], []):
        assert lists_in(lists).lists == [list(one) for one in lists]
