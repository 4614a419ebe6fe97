"""Which sessions are laid again: some days, some groups, or some blocks, as many as the solver settles in a moment.

Only the sessions branch: once it is given which of them run, led by whom and where, the seats are nearly a flow, and
the solver finds the best ones at once. So the sessions of most cells are held, those of some are free, and every seat
is. The solver's own neighbourhoods, which know of no days and groups, are hardly ever of this kind.
"""

import random
from collections.abc import Callable

from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan

FIRST_SHARE, LEAST_SHARE = 0.3, 0.03
"""Of all cells, how many are laid again at first, and never fewer."""
GROWTH, DECLINE = 1.4, 0.8
"""By how much that grows when the solver settled it in time, and falls when it did not."""


class Reopening:
    """Chooses cells by chance, each kind of choice in turn; how many, each kind learns from what the solver managed."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._cells = plan.candidates.cells
        self._random = random.Random(seed)
        day = {block.id: str(block.day) for block in plan.week.blocks}
        self._kinds: tuple[Callable[[Cell], str], ...] = (lambda c: day[c[0]], lambda c: c[1], lambda c: c[0])
        self._shares = [FIRST_SHARE] * len(self._kinds)
        self._turn = -1

    def next(self) -> frozenset[Cell]:
        """The cells whose sessions are laid again: at least one whole day, group or block."""
        self._turn = (self._turn + 1) % len(self._kinds)
        kind_of = self._kinds[self._turn]
        kinds = sorted({kind_of(cell) for cell in self._cells})
        self._random.shuffle(kinds)
        wanted = self._shares[self._turn] * len(self._cells)
        chosen: set[Cell] = set()
        for kind in kinds:
            more = {cell for cell in self._cells if kind_of(cell) == kind}
            if chosen and len(chosen) + len(more) > wanted:
                break
            chosen |= more
        return frozenset(chosen)

    def learn(self, *, settled: bool) -> None:
        """Choose more or fewer the next time that this kind has its turn."""
        factor = GROWTH if settled else DECLINE
        self._shares[self._turn] = min(1.0, max(LEAST_SHARE, self._shares[self._turn] * factor))
