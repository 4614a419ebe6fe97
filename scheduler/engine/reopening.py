"""What is laid again: the sessions of some cells, and the seats of the people whom that may move.

Only the sessions branch: once it is given which of them run, led by whom and where, the seats are nearly a flow. So all
else is held, and a small model is left that the solver mostly soon settles. Which cells: some that have a day, a group,
a block, a therapist or a patient in common, or those where what costs something could be mended. Who: everybody who
sits there, and others who could; they may change to any session that runs or may be opened. With a linear optimum most
choices leave out the seats that neither it nor the timetable at hand takes, and so reach further.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

from scheduler.engine.excerpt import Excerpts, Mask, Whole
from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan

FIRST_SEATS, LEAST_SEATS = 1000.0, 150.0
"""Of the candidate seats, how many are free at first, and never fewer."""
GROWTH, LEAP, DECLINE = 1.1, 2.0, 0.5
"""By how much that grows when the solver settled it in time, or in no time, and falls when it did not: what is given up
costs its whole time, so that one in eight should be."""
FEW_COSTS = 0.5
"""Fewer variables that cost something than this share of the cells are few."""
WIDE_EVERY = 3
"""Of so many turns of a kind, one leaves all seats in; what keeps to the linear optimum finds more in the same time."""
NO_TIME = 0.3
"""Of the time that the solver has for it, what counts as none."""

BY_GROUP, BY_BLOCK = 1, 2
"""Where these two ties stand among the others."""

Item = TypeVar("Item")
Seats = Mapping[str, Mapping[Cell, int]]
"""By patient and cell: the index of the decision."""


@dataclass(frozen=True)
class Choice:
    """What is free: ``free`` are indices of decisions, or with ``whole`` all there are; ``kind`` is what it went by."""

    kind: int
    free: tuple[int, ...]
    whole: bool


class Reopening:
    """Chooses by chance, each kind in turn; how much, each kind learns from what the solver managed."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.support: Mask | None = None
        """Which variables are not 0 in a linear optimum, once there is one."""
        self._random = random.Random(seed)
        self._cells = plan.candidates.cells
        self._patients = plan.candidates.patients
        self._sessions = {cell: var.index for cell, var in plan.sessions.items()}
        self._rooms = {cell: [var.index for _, var in plan.rooms_in(cell)] for cell in self._cells}
        self._leads: dict[Cell, dict[str, int]] = {cell: {} for cell in self._cells}
        for (therapist, block, group), var in plan.leads.items():
            self._leads[block, group][therapist] = var.index
        self._seats: dict[str, dict[Cell, int]] = {patient.id: {} for patient in plan.week.patients}
        for (patient, block, group), var in plan.attends.items():
            self._seats[patient][block, group] = var.index
        day = {block.id: str(block.day) for block in plan.week.blocks}
        ties: tuple[Mapping[Cell, Iterable[str]], ...] = (
            {cell: (day[cell[0]],) for cell in self._cells},
            {cell: (cell[1],) for cell in self._cells},
            {cell: (cell[0],) for cell in self._cells},
            self._leads,
            self._patients,
        )
        self._owners = {index: (cell, one) for one, mine in self._seats.items() for cell, index in mine.items()}
        self._parts = tuple(_by_tie(found) for found in ties)
        self._wanted = [FIRST_SEATS] * (2 * (len(self._parts) + 1))
        self._turn, self._cycle, self._choices = -1, -1, 0

    def next(self, values: Whole, excerpts: Excerpts) -> Choice:
        """What is laid again next, from a solution of the plan's model."""
        self._turn = self._kind(excerpts, values)
        turn, narrow = divmod(self._turn, 2)
        offer = self._seats if self.support is None or not narrow else _within(self._seats, self.support | (values > 0))
        running = {cell for cell, index in self._sessions.items() if values[index]}
        begin = self._by_tie(turn) if turn < len(self._parts) else self._by_cost(excerpts, values)
        cells, people = self._begun(begin, offer, running, values)
        open_to = running | cells
        self._filled_up(people, cells, offer, open_to)
        free = tuple(self._free(cells, people, offer, open_to))
        everything = len(cells) == len(self._cells) and len(people) == len(self._seats) and offer is self._seats
        return Choice(self._turn, free, everything)

    def _kind(self, excerpts: Excerpts, values: Whole) -> int:
        """Each in turn; but every other time what costs, if few variables do: other kinds mostly miss them."""
        self._choices += 1
        again, odd = divmod(self._choices, 2)
        ties = len(self._parts) + 1
        if odd and 0 < len(excerpts.costs(values)) < FEW_COSTS * len(self._cells):
            return 2 * len(self._parts) + (again % WIDE_EVERY > 0)
        self._cycle += 1
        turns, tie = divmod(self._cycle, ties)
        return 2 * tie + ((turns + tie) % WIDE_EVERY > 0)

    def learn(self, choice: Choice, *, settled: bool, share: float = 1.0) -> None:
        """Choose more or less the next time that this kind has its turn.

        Args:
            choice: what was searched.
            settled: whether the solver found the best there is.
            share: of the time for it, what was used.
        """
        factor = DECLINE if not settled else LEAP if share < NO_TIME else GROWTH
        most = 1.0 + sum(map(len, self._seats.values()))
        self._wanted[choice.kind] = min(most, max(LEAST_SEATS, self._wanted[choice.kind] * factor))

    def _begun(
        self, begin: Iterable[tuple[Cell, str | None]], offer: Seats, running: Set[Cell], values: Whole
    ) -> tuple[set[Cell], set[str]]:
        """Cells one after the other, whom they are laid again for and who sits in them, until that is enough."""
        cells: set[Cell] = set()
        people: set[str] = set()
        open_to, seats = set(running), 0
        for cell, patient in begin:
            if seats >= self._wanted[self._turn]:
                break
            if cell not in open_to:
                open_to.add(cell)
                seats += sum(cell in offer[one] for one in people)
            cells.add(cell)
            joining = {patient} if patient is not None else set()
            if cell in running:
                joining.update(one for one in self._patients[cell] if values[self._seats[one][cell]])
            joining -= people
            seats += _count(joining, offer, open_to)
            people |= joining
        return cells, people

    def _by_tie(self, turn: int) -> Iterator[tuple[Cell, None]]:
        """Cells of one day, group, ... after the other."""
        for part in self._shuffled(self._parts[turn]):
            yield from ((cell, None) for cell in self._shuffled(self._parts[turn][part]))

    def _by_cost(self, excerpts: Excerpts, values: Whole) -> Iterator[tuple[Cell, str | None]]:
        """What costs, one after the other: whom it is about, the cells where they could sit, and what is around."""
        for cost in self._shuffled(excerpts.costs(values)):
            owned = [self._owners[one] for one in self._shuffled(excerpts.behind(cost)) if one in self._owners]
            yield from owned
            yield from ((cell, None) for cell in self._around([cell for cell, _ in owned], values))
        yield from ((cell, None) for cell in self._shuffled(self._cells))

    def _around(self, cells: Sequence[Cell], values: Whole) -> Iterator[Cell]:
        """What else must move where people are to sit in one of some cells and no session there has room.

        If they are all of one group, a further session takes its people from the others of that group. And it takes a
        therapist from another session in the same block.
        """
        groups = {group for _, group in cells}
        if len(groups) == 1:
            cells = self._shuffled(self._parts[BY_GROUP][groups.pop()])
            yield from cells
        for block, group in cells:
            able = self._leads[block, group].keys()
            for other in self._parts[BY_BLOCK][block]:
                if any(values[index] for one, index in self._leads[other].items() if one in able):
                    yield other

    def _filled_up(self, people: set[str], cells: Set[Cell], offer: Seats, open_to: Set[Cell]) -> None:
        """Let others take part who could sit in the cells, as long as there is room."""
        seats = _count(people, offer, open_to)
        others = [one for one, mine in self._seats.items() if one not in people and (not mine or mine.keys() & cells)]
        for patient in self._shuffled(others):
            seats += len(offer[patient].keys() & open_to)
            if seats > self._wanted[self._turn]:
                break
            people.add(patient)

    def _free(self, cells: Set[Cell], people: Set[str], offer: Seats, open_to: Set[Cell]) -> Iterator[int]:
        for cell in self._cells:
            if cell in cells:
                yield self._sessions[cell]
                yield from self._leads[cell].values()
                yield from self._rooms[cell]
        for patient, seats in offer.items():
            if patient in people:
                yield from (index for cell, index in seats.items() if cell in open_to)

    def _shuffled(self, items: Iterable[Item]) -> list[Item]:
        found = list(items)
        self._random.shuffle(found)
        return found


def _by_tie(ties: Mapping[Cell, Iterable[str]]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell, names in ties.items():
        for name in names:
            found.setdefault(name, []).append(cell)
    return found


def _within(seats: Seats, allowed: Mask) -> Seats:
    return {one: {cell: index for cell, index in mine.items() if allowed[index]} for one, mine in seats.items()}


def _count(people: Set[str], offer: Seats, open_to: Set[Cell]) -> int:
    return sum(len(offer[one].keys() & open_to) for one in people)
