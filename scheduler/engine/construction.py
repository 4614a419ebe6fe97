"""A first timetable as a director makes it by hand: the most urgent first, in what runs already, else in a new session.

It works on the rows that the rules wrote (`scheduler.engine.ledger`), so it knows no rule of its own. Opening a session
raises its count; what is then in debt (facilitators, a room, the least number of people) is paid by raising what gives
to it. Nothing is taken back but a session that cannot be paid for.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from math import inf

from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.ledger import Ledger
from scheduler.engine.relaxation import Relaxation
from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan

ATTEMPTS = 20
"""Pins are laid in another order when some find no place, so many times."""


@dataclass(frozen=True)
class Wished:
    """A session to be opened in one of ``cells``, with these people and this room."""

    cells: tuple[Cell, ...]
    therapists: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    room: str | None = None


def sessions_of(timetable: Timetable) -> tuple[Wished, ...]:
    """The sessions of a timetable at hand."""
    roster: dict[str, list[str]] = {session.id: [] for session in timetable.sessions}
    for seat in timetable.assignments:
        roster[seat.session].append(seat.patient)
    return tuple(Wished(((s.block, s.group),), s.therapists, tuple(roster[s.id])) for s in timetable.sessions)


def sessions_of_last_week(week: Week) -> tuple[Wished, ...]:
    """The sessions that last week's seats tell of: who led in a cell, as many to a session as lead one."""
    seated: dict[Cell, dict[str, list[str]]] = {}
    for seat in week.previous:
        if seat.block is not None and seat.group is not None and seat.therapist is not None:
            seated.setdefault((seat.block, seat.group), {}).setdefault(seat.therapist, []).append(seat.patient)
    return tuple(
        Wished((cell,), leaders, tuple(dict.fromkeys(chain.from_iterable(roster[one] for one in leaders))))
        for cell, roster in seated.items()
        for leaders in batched(list(roster), week.group_of[cell[1]].facilitators)
    )


def batched(people: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Cut into tuples of ``size``; the last may be shorter."""
    return (tuple(people[first : first + size]) for first in range(0, len(people), size))


def pinned_sessions(plan: Plan) -> tuple[Wished, ...]:
    """What is pinned, those with the least choice first."""
    wished = [
        Wished(
            cells=tuple(c for c in plan.sessions if pin.block in (None, c[0]) and pin.group in (None, c[1])),
            therapists=() if pin.therapist is None else (pin.therapist,),
            patients=() if pin.patient is None else (pin.patient,),
            room=pin.room,
        )
        for pin in plan.week.pins
    ]
    return tuple(sorted(wished, key=lambda one: len(one.cells)))


class Helpers(Enum):
    """Who may come into a session besides those it is opened for."""

    NOBODY = "nobody"
    THERAPISTS = "therapists"
    ANYBODY = "therapists and patients"


@dataclass(frozen=True)
class _Cell:
    """The decisions of a cell: its count, and who and what may pay for a session, in order of preference."""

    count: int
    most: int
    leads: tuple[int, ...]
    rooms: tuple[int, ...]
    seats: tuple[int, ...]


class Construction:
    """One pass over a week."""

    def __init__(self, plan: Plan, relaxation: Relaxation) -> None:
        self._plan = plan
        self._patients = sorted(plan.week.patients, key=lambda one: (-one.priority, len(plan.seats_of[one.id])))
        self._cells = _cells(plan, [patient.id for patient in self._patients])
        self._cell_of = {var.index: (block, group) for (_, block, group), var in plan.attends.items()}
        tables = (plan.attends, plan.leads, plan.sessions, plan.rooms)
        self._ledger = Ledger(relaxation, [var.index for table in tables for var in table.values()])
        self._log: list[int] = []
        self._plain = self._least_gains()
        self._choosy = False
        """Whether only seats count that gain more than any seat of that person does: that of a planned group."""
        self._hopeless: set[Cell] = set()
        """Where no session can open any more: people only get busier."""
        self._worth: dict[Cell, int] = {}
        """How many people a new session was last found to serve; by now it may be fewer, hardly more."""

    @property
    def values(self) -> Mapping[int, int]:
        """The decisions by variable index."""
        return self._ledger.values

    def begin(self) -> bool:
        """Begin anew: open what is pinned; False if some pins never find a place.

        Those that find none come first in the next attempt.
        """
        self._undo(0)
        self._hopeless.clear()
        self._worth.clear()
        self._choosy = False
        wished = pinned_sessions(self._plan)
        for _ in range(ATTEMPTS):
            left = [one for one in wished if not self._is_laid(one)]
            if not left:
                return True
            self._undo(0)
            wished = (*left, *(one for one in wished if one not in left))
        return False

    def lay(self, wished: Iterable[Wished]) -> None:
        """Open sessions as they were, each with those of its people who still fit and gain by it.

        First those that need nobody else, then those for whom another therapist leads, and only then those that other
        people must join: they may have a session of their own to be opened. Before that, whoever is left joins what
        runs in the cell they were in.
        """
        left = [(one.cells[0], self._able(one)) for one in wished if one.cells[0] in self._cells]
        for helpers in (Helpers.NOBODY, Helpers.THERAPISTS, Helpers.ANYBODY):
            if helpers is Helpers.ANYBODY:
                self._join(index for cell, found in left for index in found if self._runs(cell, index))
            left = [(cell, found) for cell, found in left if not self._lay_one(cell, found, helpers)]

    def _able(self, session: Wished) -> list[int]:
        return [index for index in self._named(session, session.cells[0]) if index is not None]

    def _runs(self, cell: Cell, index: int) -> bool:
        return index in self._cell_of and self._ledger.values[self._cells[cell].count] > 0

    def _lay_one(self, cell: Cell, people: Sequence[int], helpers: Helpers) -> bool:
        laid = self._open(cell, people, helpers=helpers)
        if laid:
            self._join(index for index in people if index in self._cell_of)
        return laid

    def _is_laid(self, pinned: Wished) -> bool:
        """Let a pin be met by a session that runs, else by a new one."""
        named = ((cell, self._named(pinned, cell)) for cell in pinned.cells)
        able = [(cell, [index for index in found if index is not None]) for cell, found in named if None not in found]
        running = [found for cell, found in able if self._ledger.values[self._cells[cell].count]]
        if any(all(self._ledger.values[index] for index in found) for found in running):
            return True
        return any(self._come(found) for found in running) or any(self._open(*one, firm=True) for one in able)

    def _named(self, session: Wished, cell: Cell) -> list[int | None]:
        """The decisions that a wished session names in a cell; None for who or what cannot be there."""
        plan = self._plan
        found = [plan.leads.get((one, *cell)) for one in session.therapists]
        found += [plan.attends.get((one, *cell)) for one in session.patients]
        if session.room is not None:
            found.append(plan.rooms.get((plan.class_of_room(session.room), *cell)))
        return [None if var is None else var.index for var in found]

    def _come(self, people: Sequence[int]) -> bool:
        """Let those who are missing join a session that runs: all of them, or nobody."""
        mark = len(self._log)
        for index in people:
            if not self._ledger.values[index] and self._ledger.fits(index):
                self._raise(index)
        if all(self._ledger.values[index] for index in people):
            return True
        self._undo(mark)
        return False

    def fill(self) -> None:
        """Seat everybody who is short, the most urgent first: where they gain most, and then anywhere."""
        for choosy in (True, False):
            self._choosy = choosy
            for patient in self._patients:
                seats = [seat.var.index for seat in self._plan.seats_of[patient.id]]
                while self._place(seats):
                    pass

    # ---- one patient ---------------------------------------------------------------------------------------------

    def _place(self, seats: Sequence[int]) -> bool:
        """Give the patient the seat that gains most: where a session runs, else in a new one."""
        gains: dict[int, list[int]] = {}
        for index in seats:
            if self._wants(index):
                gains.setdefault(self._gain(index), []).append(index)
        return any(self._join(gains[gain], 1) or self._open_best(gains[gain]) for gain in sorted(gains, reverse=True))

    def _open_best(self, seats: Sequence[int]) -> bool:
        """Open a session with one of these seats, where most is gained by all who would join."""
        most, best = 0, None
        for index in sorted(seats, key=lambda one: -self._worth.get(self._cell_of[one], inf)):
            cell = self._cell_of[index]
            if cell not in self._hopeless and self._worth.get(cell, inf) > most:
                worth = self._try(cell, index)
                if worth > most:
                    most, best = worth, index
        if best is None:
            return False
        self._open(self._cell_of[best], [best], firm=True)
        self._join(self._cells[self._cell_of[best]].seats)
        return True

    def _try(self, cell: Cell, seat: int) -> int:
        """How many people a new session with this seat would serve; 0 if it cannot be. Nothing is left raised."""
        mark, worth = len(self._log), 0
        if self._open(cell, [seat], firm=True):
            self._join(self._cells[cell].seats)
            worth = sum(index in self._cell_of for index in self._log[mark:])
            self._undo(mark)
            self._worth[cell] = worth
        elif self._open(cell, []):
            self._undo(mark)
        else:
            self._hopeless.add(cell)
        return worth

    def _join(self, seats: Iterable[int], most: int | None = None) -> bool:
        """Take the first ``most`` seats (or all) that are free and gain anything; whether any was taken."""
        taken = 0
        for index in seats:
            if taken != most and self._wants(index) and self._ledger.fits(index):
                self._raise(index)
                taken += 1
        return taken > 0

    def _least_gains(self) -> dict[int, int]:
        """By seat: the least that any seat of its patient gains."""
        found: dict[int, int] = {}
        for seats in self._plan.seats_of.values():
            least = min((self._ledger.gain(seat.var.index) for seat in seats), default=0)
            found.update((seat.var.index, least) for seat in seats)
        return found

    def _wants(self, index: int) -> bool:
        return self._gain(index) > (self._plain[index] if self._choosy else 0)

    def _gain(self, index: int) -> int:
        return 0 if self._ledger.values[index] else self._ledger.gain(index)

    # ---- one session ---------------------------------------------------------------------------------------------

    def _open(
        self, name: Cell, first: Sequence[int], *, firm: bool = False, helpers: Helpers = Helpers.ANYBODY
    ) -> bool:
        """Raise the count and pay its debts, ``first`` before all others; if ``firm``, not without them.

        ``helpers``: who may pay besides.
        """
        cell, ledger, mark = self._cells[name], self._ledger, len(self._log)
        if ledger.values[cell.count] >= cell.most:
            return False
        self._raise(cell.count)
        debts = ledger.debts(cell.count)
        chosen = (index for index in cell.seats if self._wants(index)) if self._choosy else ()
        leads = () if helpers is Helpers.NOBODY else cell.leads
        seats = cell.seats if helpers is Helpers.ANYBODY else ()
        for index in chain(first, leads, cell.rooms, chosen, seats):
            if not debts:
                break
            if ledger.pays(index, debts) and ledger.fits(index) and (index not in self._cell_of or self._gain(index)):
                self._raise(index)
                debts = ledger.debts(cell.count)
        if not debts and (not firm or self._come(first)):
            return True
        self._undo(mark)
        return False

    def _raise(self, index: int) -> None:
        self._ledger.raised(index)
        self._log.append(index)

    def _undo(self, mark: int) -> None:
        while len(self._log) > mark:
            self._ledger.raised(self._log.pop(), -1)


def _cells(plan: Plan, order: Sequence[str]) -> dict[Cell, _Cell]:
    """Patients in the given order; therapists who can do little else before others, and rooms likewise."""
    rank = {patient: i for i, patient in enumerate(order)}
    choices = {therapist: len(leads) for therapist, leads in plan.leads_of.items()}
    uses = Counter(room_class for room_class, _, _ in plan.rooms)
    candidates = plan.candidates

    def leads(cell: Cell) -> Iterator[int]:
        return (plan.leads[one, *cell].index for one in sorted(candidates.therapists[cell], key=choices.__getitem__))

    def seats(cell: Cell) -> Iterator[int]:
        return (plan.attends[one, *cell].index for one in sorted(candidates.patients[cell], key=rank.__getitem__))

    return {
        cell: _Cell(
            count=count.index,
            most=len(candidates.patients[cell]),
            leads=tuple(leads(cell)),
            rooms=tuple(var.index for _, var in sorted(plan.rooms_in(cell), key=lambda found: uses[found[0]])),
            seats=tuple(seats(cell)),
        )
        for cell, count in plan.sessions.items()
    }
