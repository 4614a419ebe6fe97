"""What is still free in every row of a model while decisions are raised one by one, and what each raise would gain.

The rows are those of the relaxation, so that no rule is written twice: whether somebody fits is read off what the
rules wrote on the model. Helper variables are taken at whatever suits a row best.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from math import inf

from scheduler.engine.relaxation import Relaxation

Uses = tuple[tuple[int, float], ...]
"""Slots and amounts: what a raise by one takes from them, or gives."""
Service = tuple[int, tuple[tuple[int, int, int], ...]]
"""What a unit of a costly helper costs; each row that it makes up for, what a raise gives there, what a unit does."""


class Ledger:
    """Two slots a row (even: above its lower limit, odd: below its upper one) and how much is free in each.

    Only ``decisions`` (variable indices) are raised; they begin at 0. A slot below 0 is in debt.
    """

    def __init__(self, relaxation: Relaxation, decisions: Collection[int]) -> None:
        self.values = dict.fromkeys(decisions, 0)
        self._most = {index: relaxation.variable_upper[index] for index in decisions}
        self._costs = {index: cost for index, cost in relaxation.costs.items() if cost > 0 and index not in self.values}
        self._free: list[float] = []
        takes: dict[int, list[tuple[int, float]]] = defaultdict(list)
        gives: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._short: dict[int, float] = {}
        """Of the rows with a costly helper: what the decisions still lack."""
        self._made_up: dict[int, dict[int, int]] = defaultdict(dict)
        """By costly helper: the rows that it makes up for, and what a unit of it does there."""
        self._helper_of: dict[int, int] = {}
        given: dict[int, dict[int, int]] = defaultdict(dict)
        for entries, lower, upper in relaxation.rows:
            self._open(relaxation, entries, lower, upper, takes, gives, given)
        self._takes = {index: tuple(takes[index]) for index in decisions}
        self._gives = {index: tuple(gives[index]) for index in decisions}
        self._given = {index: tuple(rows.items()) for index, rows in given.items()}
        self._services = {index: self._services_of(rows) for index, rows in given.items()}

    def _open(
        self,
        relaxation: Relaxation,
        entries: Sequence[tuple[int, int]],
        lower: float,
        upper: float,
        takes: dict[int, list[tuple[int, float]]],
        gives: dict[int, list[tuple[int, float]]],
        given: dict[int, dict[int, int]],
    ) -> None:
        helpers = [(i, k) for i, k in entries if i not in self.values]
        least = sum(min(k * relaxation.variable_lower[i], k * relaxation.variable_upper[i]) for i, k in helpers)
        most = sum(max(k * relaxation.variable_lower[i], k * relaxation.variable_upper[i]) for i, k in helpers)
        slot, row = len(self._free), len(self._free) // 2
        self._free.extend((most - lower, upper - least))
        costly = [(i, k) for i, k in helpers if i in self._costs and k > 0]
        if costly and lower > -inf:
            helper, each = costly[0]
            self._made_up[helper][row] = each
            self._helper_of[row] = helper
            self._short[row] = lower - (most - each * relaxation.variable_upper[helper])
        for index, k in entries:
            if index not in self.values:
                continue
            if lower > -inf:
                (gives if k > 0 else takes)[index].append((slot, abs(k)))
            if upper < inf:
                (takes if k > 0 else gives)[index].append((slot + 1, abs(k)))
            if row in self._short:
                given[index][row] = k

    def fits(self, index: int) -> bool:
        """Whether the decision can be raised by one and every row it takes from still holds."""
        free = self._free
        return self.values[index] < self._most[index] and all(free[slot] >= much for slot, much in self._takes[index])

    def debts(self, index: int) -> set[int]:
        """The slots that a decision takes from and that are below 0."""
        return {slot for slot, _ in self._takes[index] if self._free[slot] < 0}

    def pays(self, index: int, debts: Set[int]) -> bool:
        """Whether raising the decision gives to one of these slots."""
        return any(slot in debts for slot, _ in self._gives[index])

    def holds(self) -> bool:
        """Whether no slot is below 0."""
        return min(self._free, default=0) >= 0

    def raised(self, index: int, by: int = 1) -> None:
        """Raise a decision, or take a raise back with ``by`` = -1."""
        self.values[index] += by
        for slot, much in self._takes[index]:
            self._free[slot] -= by * much
        for slot, much in self._gives[index]:
            self._free[slot] += by * much
        for row, much in self._given.get(index, ()):
            self._short[row] -= by * much

    def gain(self, index: int) -> int:
        """By how much the objective falls at once when the decision is raised."""
        total = 0
        for cost, rows in self._services.get(index, ()):
            now = max(_units(self._short[row], each) for row, _, each in rows)
            if now:
                total += cost * (now - max(_units(self._short[row] - given, each) for row, given, each in rows))
        return total

    def _services_of(self, given: Mapping[int, int]) -> tuple[Service, ...]:
        return tuple(
            (self._costs[helper], tuple((row, given.get(row, 0), each) for row, each in self._made_up[helper].items()))
            for helper in dict.fromkeys(self._helper_of[row] for row in given)
        )


def _units(short: float, each: int) -> int:
    """How many units of its helper a row needs."""
    return 0 if short <= 0 else -int(-short // each)
