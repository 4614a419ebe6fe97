"""A cell's people dealt to its sessions by hand: most cells are split so, and the solver is asked about the others.

The dealing knows no rule. It asks the rules whom a session may take, and what was dealt counts only if their checks
find nothing against it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Patient
from scheduler.engine.build import split_rules
from scheduler.model.candidates import Cell
from scheduler.model.plan import Claim, Plan
from scheduler.model.protocol import Rule

TRIES = 2
"""How often a cell is dealt with the rules asked, then beginning with those who found no place the time before."""


@dataclass(frozen=True)
class Part:
    """One session before it has an id and a room."""

    cell: Cell
    patients: tuple[str, ...]
    therapists: tuple[str, ...]
    room_class: int | None


@dataclass(frozen=True)
class Held:
    """What an answer says of one cell; ``rooms``: how many of each class."""

    cell: Cell
    count: int
    patients: tuple[str, ...]
    therapists: tuple[str, ...]
    rooms: tuple[tuple[int, int], ...]
    claims: tuple[Claim, ...]

    def sizes(self, uneven: int) -> range:
        """The sizes that sessions may have: the even ones, and up to so many patients more or fewer."""
        fewest, spare = divmod(len(self.patients), self.count)
        return range(fewest - uneven, fewest + (1 if spare else 0) + uneven + 1)


def in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The sessions of a cell in the order in which they are numbered."""
    return tuple(sorted(parts, key=lambda part: (part.therapists, part.patients)))


def shows(plan: Plan, parts: Iterable[Part], claim: Claim) -> bool:
    """Whether some session holds all that a claim names: patients, therapists, a room of that class."""
    return any(
        (claim.room is None or plan.class_of_room(claim.room) == part.room_class)
        and {*claim.patients} <= {*part.patients}
        and {*claim.therapists} <= {*part.therapists}
        for part in parts
    )


@dataclass(eq=False)
class _Unit:
    """Those whom claims tie to each other: they share one session, in a room of the class that is named."""

    patients: list[str] = field(default_factory=list)
    therapists: list[str] = field(default_factory=list)
    rooms: set[int] = field(default_factory=set)

    @property
    def is_bound(self) -> bool:
        """Whether it has a say in who leads its session, or where."""
        return bool(self.therapists or self.rooms)

    def join(self, other: "_Unit") -> None:
        """Take in everybody of another unit."""
        self.patients += other.patients
        self.therapists += other.therapists
        self.rooms |= other.rooms


class Dealer:
    """Deals the cells of one plan under these rules."""

    def __init__(self, plan: Plan, rules: Sequence[Rule]) -> None:
        self._plan = plan
        self._rules = split_rules(rules)
        self._asked = [rule for rule in self._rules if type(rule).refuses_seat is not Rule.refuses_seat]

    def deal(self, held: Held, uneven: int) -> tuple[Part, ...] | None:
        """Sessions of such sizes that show every claim and break no rule; None where only the solver can tell."""
        units = _units(self._plan, held)
        # Rules seldom mind, and asking for each seat takes longer than looking once at the whole.
        blind = self._seated(held, units, uneven, ())
        if isinstance(blind, tuple) and self._is_sound(held, blind, uneven):
            return blind
        for _ in range(TRIES):
            dealt = self._seated(held, units, uneven, self._asked)
            if isinstance(dealt, tuple):
                return dealt if self._is_sound(held, dealt, uneven) else None
            if dealt is units[0]:
                return None
            units = [dealt, *(unit for unit in units if unit is not dealt)]
        return None

    def _seated(
        self, held: Held, units: Sequence[_Unit], uneven: int, asked: Sequence[Rule]
    ) -> tuple[Part, ...] | _Unit:
        """The sessions when units take their places in this order, or the unit that finds none."""
        table = _Table(self._plan, held, held.sizes(uneven)[-1])
        placed: dict[_Unit, int] = {}
        for unit in (unit for unit in units if unit.is_bound):
            slot = table.lead(unit)
            if slot is None:
                return unit
            placed[unit] = slot
        seating = _Seating(self._plan, table, asked)
        for unit in sorted(units, key=lambda unit: not unit.is_bound):
            if not seating.seat(unit, [placed[unit]] if unit in placed else table.slots):
                return unit
        return in_order(table.parts())

    def _is_sound(self, held: Held, parts: Sequence[Part], uneven: int) -> bool:
        """Whether the sessions keep all that the solver would have had to keep: sizes, claims, rules."""
        sizes = held.sizes(uneven)
        if not all(len(part.patients) in sizes for part in parts):
            return False
        if not all(shows(self._plan, parts, claim) for claim in held.claims):
            return False
        seats = (Assignment(patient=p, session=str(i)) for i, part in enumerate(parts) for p in part.patients)
        board = Board(self._plan.week, Timetable(sessions=_sessions(self._plan, parts), assignments=tuple(seats)))
        return not any(True for rule in self._rules for _ in rule.check(board))


def _units(plan: Plan, held: Held) -> list[_Unit]:
    """Everybody of a cell with those they are tied to, the hardest to place first.

    Nobody is in two sessions of a cell, so claims that share somebody speak of one session.
    """
    patients = {patient: _Unit(patients=[patient]) for patient in held.patients}
    therapists = {therapist: _Unit(therapists=[therapist]) for therapist in held.therapists}
    for claim in held.claims:
        whole = _Unit(rooms=set() if claim.room is None else {plan.class_of_room(claim.room)})
        tied = [*(patients[p] for p in claim.patients), *(therapists[t] for t in claim.therapists)]
        for unit in dict.fromkeys(tied):
            whole.join(unit)
        patients |= dict.fromkeys(whole.patients, whole)
        therapists |= dict.fromkeys(whole.therapists, whole)
    units = dict.fromkeys((*patients.values(), *therapists.values()))
    return sorted(units, key=lambda unit: (not unit.rooms, not unit.therapists, -len(unit.patients)))


class _Table:
    """The sessions of a cell while they are dealt: ``most`` is the largest size that one may have."""

    def __init__(self, plan: Plan, held: Held, most: int) -> None:
        self.held, self.most = held, most
        self.slots = range(held.count)
        classes = plan.candidates.room_classes
        largest_first = sorted(held.rooms, key=lambda room: -classes[room[0]].capacity)
        rooms = [kind for kind, count in largest_first for _ in range(count)]
        self._rooms = [*rooms, *([None] * (held.count - len(rooms)))]
        self._most_leaders = -(-len(held.therapists) // held.count)
        self._leaders: list[list[str]] = [[] for _ in self.slots]
        self._kept = [0] * held.count
        self.rosters: list[list[str]] = [[] for _ in self.slots]

    def lead(self, unit: _Unit) -> int | None:
        """The session that a unit with therapists or a room makes its own: the one with fewest patients, if any."""
        free = [slot for slot in self.slots if self._suits(slot, unit)]
        if not free:
            return None
        slot = min(free, key=lambda slot: self._kept[slot])
        self._kept[slot] += len(unit.patients)
        self._leaders[slot] += unit.therapists
        return slot

    def _suits(self, slot: int, unit: _Unit) -> bool:
        chairs = self._kept[slot] + len(unit.patients) <= self.most
        leaders = len(self._leaders[slot]) + len(unit.therapists) <= self._most_leaders
        return chairs and leaders and all(room == self._rooms[slot] for room in unit.rooms)

    def parts(self) -> list[Part]:
        """The sessions as they are now, everybody in the order of the week."""
        held = self.held
        return [
            Part(
                held.cell,
                tuple(p for p in held.patients if p in roster),
                tuple(t for t in held.therapists if t in leaders),
                room,
            )
            for roster, leaders, room in zip(self.rosters, self._leaders, self._rooms, strict=True)
        ]


class _Seating:
    """Patients take their seats in sessions whose leaders and rooms are known."""

    def __init__(self, plan: Plan, table: _Table, asked: Sequence[Rule]) -> None:
        self._table, self._asked, self._patient_of = table, asked, plan.week.patient_of
        self._board = Board(plan.week, Timetable(sessions=_sessions(plan, table.parts())))
        for slot, session in enumerate(self._board.timetable.sessions):
            self._board.roster[session.id] = table.rosters[slot]

    def seat(self, unit: _Unit, slots: Iterable[int]) -> bool:
        """Seat a unit in the emptiest session that may take it, if any does."""
        emptiest = sorted(slots, key=lambda slot: len(self._table.rosters[slot]))
        return any(self._takes(slot, unit) for slot in emptiest)

    def _takes(self, slot: int, unit: _Unit) -> bool:
        roster, session = self._table.rosters[slot], self._board.timetable.sessions[slot]
        before = len(roster)
        if before + len(unit.patients) > self._table.most:
            return False
        for patient in unit.patients:
            if self._is_refused(self._patient_of[patient], session):
                del roster[before:]
                return False
            roster.append(patient)
        return True

    def _is_refused(self, patient: Patient, session: Session) -> bool:
        return any(rule.refuses_seat(self._board, patient, session) is not None for rule in self._asked)


def _sessions(plan: Plan, parts: Sequence[Part]) -> tuple[Session, ...]:
    """The sessions by number, each in some room of its class: rules cannot tell these apart."""
    classes = plan.candidates.room_classes
    return tuple(
        Session(
            id=str(i),
            block=part.cell[0],
            group=part.cell[1],
            therapists=part.therapists,
            room=None if part.room_class is None else classes[part.room_class].rooms[0],
        )
        for i, part in enumerate(parts)
    )
