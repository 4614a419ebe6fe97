"""What is still free in every row of a model while decisions are raised one by one, and what each raise would gain.

The rows are those of the relaxation, so that no rule is written twice: whether somebody fits is read off what the
rules wrote on the model. Helper variables are taken at whatever suits a row best.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from math import inf

from scheduler.engine.relaxation import Relaxation

Entries = Sequence[tuple[int, int]]
"""Of a row: variable indices and coefficients."""
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
        self._takes: dict[int, list[tuple[int, float]]] = {index: [] for index in decisions}
        self._gives: dict[int, list[tuple[int, float]]] = {index: [] for index in decisions}
        self._short: dict[int, float] = {}
        """Of the rows with a costly helper: what the decisions still lack."""
        self._made_up: dict[int, dict[int, int]] = defaultdict(dict)
        """By costly helper: the rows that it makes up for, and what a unit of it does there."""
        self._helper_of: dict[int, int] = {}
        self._given: dict[int, dict[int, int]] = defaultdict(dict)
        """By decision: the rows with a costly helper that it is in, and what a raise gives there."""
        for entries, lower, upper in relaxation.rows:
            self._open(relaxation, entries, lower, upper)
        self._services = {index: self._services_of(rows) for index, rows in self._given.items()}

    def _open(self, relaxation: Relaxation, entries: Entries, lower: float, upper: float) -> None:
        """Open the two slots of a row, and note who takes from them and who gives."""
        ends = [
            (i, k, k * relaxation.variable_lower[i], k * relaxation.variable_upper[i])
            for i, k in entries
            if i not in self.values
        ]
        least, most = sum(min(low, high) for *_, low, high in ends), sum(max(low, high) for *_, low, high in ends)
        slot, row = len(self._free), len(self._free) // 2
        self._free.extend((most - lower, upper - least))
        helper = next((i for i, k, *_ in ends if i in self._costs and k > 0), None) if lower > -inf else None
        if helper is not None:
            self._helper_of[row] = helper
            self._made_up[helper][row] = dict(entries)[helper]
            self._short[row] = lower - (most - self._made_up[helper][row] * relaxation.variable_upper[helper])
        for index, k in entries:
            if index in self.values:
                if lower > -inf:
                    (self._gives if k > 0 else self._takes)[index].append((slot, abs(k)))
                if upper < inf:
                    (self._takes if k > 0 else self._gives)[index].append((slot + 1, abs(k)))
                if helper is not None:
                    self._given[index][row] = k

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
        for row, much in self._given.get(index, {}).items():
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
