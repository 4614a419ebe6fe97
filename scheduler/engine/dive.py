"""A first timetable from the linear relaxation: session counts are rounded up, many at a time, and most get settled.

Only the number of sessions of each cell needs to be decided; with those fixed, who leads and who sits where is nearly
integral. Rounding up keeps seats for people where rounding to the nearest closes sessions on them.
"""

import threading
from functools import cached_property
from math import ceil, floor

from scheduler.engine.budget import Clock
from scheduler.engine.relaxation import LinearAnswer, Relaxation
from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan

SHARE, LEAST_BATCH = 0.125, 4
"""Of the fractional counts, how many are rounded up at a time; a third of that whenever it goes too far."""
ROUNDS = 12
"""After so many roundings the solver does the rest better: few cells are open, and it sees whole people."""
DEAR, DEAR_LEAST = 0.01, 20.0
"""A rounding that costs more than this share of the objective, and more than so many units, strands people."""
WHOLE = 1e-6


class Dive:
    """A dive into the relaxation of a plan with an objective: first its bound, then the counts."""

    def __init__(self, plan: Plan, relaxation: Relaxation, clock: Clock, stop: threading.Event) -> None:
        self._stop = stop
        self._index = {cell: var.index for cell, var in plan.sessions.items()}
        self._relaxation = relaxation
        self._clock = clock
        self._lower: dict[int, int] = {}
        self._upper: dict[int, int] = {}

    @cached_property
    def bound(self) -> int | None:
        """What the relaxation proves of the objective; None if it has no answer in time."""
        return None if self._root is None else max(0, self._relaxation.safe_bound(self._root.duals))

    @cached_property
    def counts(self) -> dict[Cell, int] | None:
        """Most cells' session counts, settled near the best of the relaxation; None if it has no answer in time.

        The cells that are left out are for the solver to decide, with the settled ones held.
        """
        return None if self._root is None else self._settle(self._root)

    @cached_property
    def _root(self) -> LinearAnswer | None:
        return self._solve({})

    def _settle(self, first: LinearAnswer) -> dict[Cell, int]:
        answer: LinearAnswer | None = first
        settled: dict[Cell, int] = {}
        for _ in range(ROUNDS):
            if answer is None:
                break
            settled, open_cells, counts = self._sorted_out(answer)
            if not open_cells:
                break
            answer = self._round_up(open_cells, counts, answer.objective)
        if answer is not None:
            settled, _, _ = self._sorted_out(answer)
        return settled

    def _sorted_out(self, answer: LinearAnswer) -> tuple[dict[Cell, int], list[Cell], dict[Cell, float]]:
        """The counts that are whole, the cells whose are not (nearest to the next whole number first), all counts."""
        counts = {cell: float(answer.values[index]) for cell, index in self._index.items()}
        settled = {cell: round(count) for cell, count in counts.items() if abs(count - round(count)) <= WHOLE}
        left = [cell for cell in counts if cell not in settled]
        return settled, sorted(left, key=lambda cell: (floor(counts[cell]) - counts[cell], cell)), counts

    def _round_up(self, open_cells: list[Cell], counts: dict[Cell, float], objective: float) -> LinearAnswer | None:
        """Raise the counts nearest the next whole number; where that is too dear, fewer, and at last round one down."""
        dear = objective + max(DEAR_LEAST, DEAR * objective)
        size = max(LEAST_BATCH, int(len(open_cells) * SHARE))
        while self._clock.left > 0 and not self._stop.is_set():
            raised = {self._index[cell]: ceil(counts[cell] - WHOLE) for cell in open_cells[:size]}
            answer = self._solve(raised)
            if answer is not None and answer.objective <= dear:
                self._lower |= raised
                return answer
            if size == 1:
                self._upper[self._index[open_cells[0]]] = floor(counts[open_cells[0]] + WHOLE)
                return self._solve({})
            size = max(1, min(size, len(open_cells)) // 3)
        return None

    def _solve(self, raised: dict[int, int]) -> LinearAnswer | None:
        if self._clock.left <= 0:
            return None
        return self._relaxation.solve(self._lower | raised, self._upper, self._clock.left)
