"""What a linear relaxation proves, raised patient by patient.

A linear optimum splits patients: half a week at one time of day, half at another, and nobody's wish is broken. At the
prices that it puts on everything that patients share (seats, sessions, who leads), each of them is asked for the best
whole week of their own; what that costs more than the split one is won for the bound. It is the Lagrangian bound at the
linear optimum's own prices (Geoffrion, Mathematical Programming Study 2, 1974).
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Self

import numpy as np
from ortools.sat.python import cp_model

from scheduler.engine.excerpt import Mask, whole_limits, write_row
from scheduler.engine.fixing import ALIKE
from scheduler.engine.links import Indices
from scheduler.engine.relaxation import LinearAnswer, Relaxation
from scheduler.engine.runner import Limits, Portfolio, Runner
from scheduler.model.plan import Plan

MOST_HELPERS = 16
"""A row with more helpers that are nobody's yet does not tell whose they are: it speaks of the whole week."""
NOBODY, UNKNOWN = -1, -2
MOST_EXACT = 2**53
"""Beyond this the solver's bound, which comes as a float, would not be exact."""
LIMITS = Limits(2.0, portfolio=Portfolio.PART)
"""For one patient's week; it mostly takes some thousandths of a second."""


@dataclass(frozen=True)
class OwnWeek:
    """What is one patient's alone: variables, and the rows that hold nothing else."""

    variables: Indices
    rows: Indices


def own_weeks(plan: Plan, relaxation: Relaxation) -> tuple[OwnWeek, ...]:
    """What is each patient's alone, in their order: seats, helpers that hang on those only, and the rows of both."""
    number = {patient: place for place, patient in enumerate(sorted({patient for patient, _, _ in plan.attends}))}
    owner = np.full(len(relaxation.variable_lower), UNKNOWN, dtype=np.int64)
    for table in (plan.leads, plan.sessions, plan.rooms):
        owner[[var.index for var in table.values()]] = NOBODY
    owner[[var.index for var in plan.attends.values()]] = [number[patient] for patient, _, _ in plan.attends]
    row, column, _ = relaxation.entries
    _spread(owner, row, column, len(relaxation.row_lower))
    least, most = _extremes(owner[column], row, len(relaxation.row_lower))
    own_rows = np.where((least == most) & (least >= 0), least, NOBODY)
    variables, rows = (_sorted_out(found, len(number)) for found in (owner, own_rows))
    return tuple(map(OwnWeek, variables, rows))


def _spread(owner: Indices, row: Indices, column: Indices, rows: int) -> None:
    """Give helpers to the only patient whose variables they share rows with, until none is left to give."""
    while True:
        unknown = np.bincount(row, weights=owner[column] == UNKNOWN, minlength=rows)
        least, most = _extremes(owner[column], row, rows, among=owner[column] >= 0)
        telling = (least == most) & (unknown > 0) & (unknown <= MOST_HELPERS)
        asked = telling[row] & (owner[column] == UNKNOWN)
        first, last = _extremes(least[row], column, len(owner), among=asked)
        given = (first == last) & (owner == UNKNOWN)
        if not given.any():
            break
        owner[given] = first[given]


def _extremes(values: Indices, place: Indices, places: int, *, among: Mask | None = None) -> tuple[Indices, Indices]:
    """The least and the largest value of each place; where there is none, two that differ."""
    kept = slice(None) if among is None else among
    least = np.full(places, np.iinfo(np.int64).max)
    most = np.full(places, np.iinfo(np.int64).min)
    np.minimum.at(least, place[kept], values[kept])
    np.maximum.at(most, place[kept], values[kept])
    return least, most


def _sorted_out(owner: Indices, count: int) -> list[Indices]:
    """The places of each owner."""
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(count + 1))
    return [order[start:end] for start, end in pairwise(starts.tolist())]


def narrowed(relaxation: Relaxation) -> tuple[Indices, Indices]:
    """The limits of all variables, narrowed where a row leaves less with the others at the ends of theirs.

    Where nobody may be short of hours any more, each is so told by the row that holds the tier.
    """
    lower, upper = (np.array(one, dtype=np.int64) for one in (relaxation.variable_lower, relaxation.variable_upper))
    row, column, factor = relaxation.entries
    ends = factor * lower[column], factor * upper[column]
    least, most = np.minimum(*ends), np.maximum(*ends)
    row_lower, row_upper = (whole_limits(one) for one in (relaxation.row_lower, relaxation.row_upper))
    down, up = (np.bincount(row, weights=one, minlength=len(row_lower)) for one in (least, most))
    # What the variable's own part of the row may be at most, and must be at least:
    free_up = row_upper[row] - np.rint(down).astype(np.int64)[row] + least
    free_down = row_lower[row] - np.rint(up).astype(np.int64)[row] + most
    positive = factor > 0
    highest = np.where(positive, free_up, free_down) // factor
    lowest = -(np.where(positive, free_down, free_up) // -factor)
    np.minimum.at(upper, column, highest)
    np.maximum.at(lower, column, lowest)
    return lower, upper


class Patientwise:
    """The bound that a linear answer proves, better with each patient who has been asked.

    `ask` asks them all; within a ``with`` block a thread of its own does, and ends with the block.
    """

    def __init__(self, plan: Plan, relaxation: Relaxation, answer: LinearAnswer, runner: Runner) -> None:
        self._plan, self._relaxation, self.answer, self._runner = plan, relaxation, answer, runner
        self._proved = relaxation.proved(answer.duals)
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1)
        self._asking = self._pool.submit(self.ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._pool.shutdown()
        if error is None:
            self._asking.result()

    @property
    def bound(self) -> int:
        """The least whole objective value that is proven by now."""
        return max(0, self._relaxation.rounded_up(self._proved))

    def ask(self) -> float:
        """Ask every patient whom the linear answer splits; gives the solver's deterministic seconds."""
        split = np.abs(self.answer.values - np.rint(self.answer.values)) > ALIKE
        weeks = [week for week in own_weeks(self._plan, self._relaxation) if split[week.variables].any()]
        prices, spent = _Prices(self._relaxation, self.answer, weeks), 0.0
        for week in weeks:
            if self._ended.is_set() or self._runner.stop.is_set():
                break
            model = prices.model(week)
            if model is not None:
                run = self._runner.run(model, LIMITS, enough=self._ended.is_set)
                spent += run.deterministic_seconds
                if run.optimal:
                    self._proved += max(0, round(run.bound) - prices.proved(week))
        return spent


class _Prices:
    """What everything that is shared costs each patient at the duals of a linear answer, in parts of 1/DUAL_SCALE."""

    def __init__(self, relaxation: Relaxation, answer: LinearAnswer, weeks: Sequence[OwnWeek]) -> None:
        self._relaxation = relaxation
        self._multipliers = relaxation.multipliers(answer.duals)
        self._reduced = relaxation.reduced(self._multipliers)
        shared = self._multipliers.copy()
        for week in weeks:
            shared[week.rows] = 0
        self._costs = relaxation.reduced(shared)
        _, self._column, self._factor = relaxation.entries
        self._starts = relaxation.starts.tolist()
        self._row_lower, self._row_upper = map(whole_limits, (relaxation.row_lower, relaxation.row_upper))
        self._lower, self._upper = narrowed(relaxation)

    def proved(self, week: OwnWeek) -> int:
        """What the duals alone prove of a patient's own week."""
        reduced = {index: self._reduced.get(index, 0) for index in week.variables.tolist()}
        return self._relaxation.at_limits(self._multipliers, week.rows) + self._relaxation.least(reduced)

    def model(self, week: OwnWeek) -> cp_model.CpModel | None:
        """A patient's own week at these prices; None where the numbers would grow too large to be exact."""
        lower, upper = (one[week.variables].tolist() for one in (self._lower, self._upper))
        costs = [self._costs.get(index, 0) for index in week.variables.tolist()]
        most = sum(abs(cost) * max(abs(low), abs(high)) for cost, low, high in zip(costs, lower, upper, strict=True))
        if most > MOST_EXACT:
            return None
        model = cp_model.CpModel()
        for low, high in zip(lower, upper, strict=True):
            model.proto.variables.add().domain.extend((low, high))
        for row in week.rows.tolist():
            entries = slice(self._starts[row], self._starts[row + 1])
            columns = np.searchsorted(week.variables, self._column[entries])
            limits = int(self._row_lower[row]), int(self._row_upper[row])
            write_row(model, columns.tolist(), self._factor[entries].tolist(), limits)
        costly = {place: cost for place, cost in enumerate(costs) if cost}
        model.proto.objective.vars.extend(costly.keys())
        model.proto.objective.coeffs.extend(costly.values())
        return model
