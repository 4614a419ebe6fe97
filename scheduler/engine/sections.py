"""The exact section step: an aggregated answer is split into sessions, cell by cell, and given rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.week import Block
from scheduler.engine.build import write_split_rules
from scheduler.engine.dealing import Dealer, Held, Part, in_order, shows
from scheduler.model.candidates import Cell
from scheduler.model.plan import Claim, Plan
from scheduler.model.protocol import Rule
from scheduler.model.splits import CellState, Split

SPLIT_SECONDS = 5.0
"""Deterministic seconds for splitting one cell; in practice milliseconds."""


@dataclass(frozen=True)
class Realised:
    """A timetable that carries out an aggregated answer, and the cells where it could not be carried out whole.

    In a cell of ``failed`` claims were given up. ``harmed`` are those of them where it hurts: what a rule asks for or
    patients were to have together was given up, or even the rules could not be kept and the cell was left out.
    """

    timetable: Timetable
    failed: tuple[Cell, ...]
    harmed: tuple[Cell, ...]


@dataclass(frozen=True)
class _Parted:
    """Its sessions, whether claims were given up for them, and whether that hurts."""

    parts: tuple[Part, ...]
    failed: bool = False
    harmed: bool = False


class Splits:
    """The splits of the answer before: of one answer to the next most cells stay as they were."""

    def __init__(self) -> None:
        self._known: dict[Held, _Parted] = {}

    def take(self, found: dict[Held, _Parted]) -> None:
        """Remember these alone."""
        self._known = found

    def of(self, held: Held) -> _Parted | None:
        """How such a cell was split, if it was."""
        return self._known.get(held)


class _Answer:
    """The values of an aggregated answer, by meaning."""

    def __init__(self, plan: Plan, values: Sequence[int]) -> None:
        self.plan = plan
        self.values = values
        self._claims: dict[Cell, list[Claim]] = {}
        for claim, var in plan.claims.items():
            if values[var.index]:
                self._claims.setdefault(claim.cell, []).append(claim)

    def of(self, cell: Cell) -> Held:
        plan, values = self.plan, self.values
        counts = ((c, values[var.index]) for c, var in plan.rooms_in(cell))
        return Held(
            cell=cell,
            count=values[plan.sessions[cell].index],
            patients=tuple(p for p in plan.candidates.patients[cell] if values[plan.attends[p, *cell].index]),
            therapists=tuple(t for t in plan.candidates.therapists[cell] if values[plan.leads[t, *cell].index]),
            rooms=tuple((c, count) for c, count in counts if count),
            claims=tuple(self._claims.get(cell, ())),
        )


def realise(plan: Plan, values: Sequence[int], rules: Sequence[Rule], splits: Splits | None = None) -> Realised:
    """Carry out an aggregated answer as sessions with people and rooms.

    ``splits``: how the answer before was split; in the end, how this one was.
    """
    answer, before, found = _Answer(plan, values), splits or Splits(), dict[Held, _Parted]()
    splitter = _Splitter(plan, rules, Dealer(plan, rules))
    running = [cell for cell in plan.candidates.cells if values[plan.sessions[cell].index]]
    for held in map(answer.of, running):
        found[held] = before.of(held) or splitter.split(held)
    before.take(found)
    timetable = _with_rooms(plan, [part for one in found.values() for part in one.parts])
    failed = tuple(held.cell for held, one in found.items() if one.failed)
    return Realised(timetable, failed, tuple(held.cell for held, one in found.items() if one.harmed))


@dataclass(frozen=True)
class _Splitter:
    plan: Plan
    rules: Sequence[Rule]
    dealer: Dealer

    def split(self, held: Held) -> _Parted:
        if held.count == 1:
            room = held.rooms[0][0] if held.rooms else None
            return _Parted((Part(held.cell, held.patients, held.therapists, room),))
        parts = self._solve(held)
        if parts is not None:
            return _Parted(parts)
        parts = self._solve(held, firm=False) or ()
        first = (claim for claim in held.claims if self._comes_first(claim))
        return _Parted(
            parts, failed=True, harmed=not parts or not all(shows(self.plan, parts, claim) for claim in first)
        )

    def _solve(self, held: Held, *, firm: bool = True) -> tuple[Part, ...] | None:
        """Split as evenly as can be; sessions that cannot be even (rooms, people kept apart) may then differ.

        Claims that are not ``firm`` are kept as many as can be, some before all others.
        """
        people = len(held.patients)
        for uneven in (0, 2, people) if firm else (2, people):
            parts = (self.dealer.deal(held, uneven) if firm else None) or self._search(held, uneven, firm=firm)
            if parts is not None:
                return parts
        return None

    def _search(self, held: Held, uneven: int, *, firm: bool) -> tuple[Part, ...] | None:
        split, sizes = self._lay_out(held, firm=firm), held.sizes(uneven)
        for size in split.sizes:
            split.model.add_linear_constraint(size, sizes[0], sizes[-1])
        return _read_parts(split, _solve_split(split))

    def _comes_first(self, claim: Claim) -> bool:
        """Whether a claim is kept before others: a rule asks for it, or several patients, or a room."""
        return claim in self.plan.asked or len(claim.patients) > 1 or claim.room is not None

    def _lay_out(self, held: Held, *, firm: bool) -> Split:
        plan = self.plan
        model = cp_model.CpModel()
        wished = {claim: 1 if firm else model.new_bool_var(f"kept {claim}") for claim in held.claims}
        state = CellState(
            cell=held.cell,
            sessions=held.count,
            most_sessions=held.count,
            patients=dict.fromkeys(held.patients, 1),
            therapists=dict.fromkeys(held.therapists, 1),
            rooms=dict(held.rooms),
            claims=wished,
        )
        split = Split(model, plan.week, plan.candidates, state)
        _deal_rooms(split, dict(held.rooms))
        write_split_rules(split, self.rules)
        if not firm:
            first_weight = len(wished) + 1
            weights = (first_weight if self._comes_first(claim) else 1 for claim in wished)
            model.maximize(split.total(w * kept for w, kept in zip(weights, wished.values(), strict=True)))
        return split


def _deal_rooms(split: Split, rooms: Mapping[int, int]) -> None:
    """Say beforehand which session has which class of room: sessions are all alike until somebody sits in them."""
    dealt = [kind for kind, count in rooms.items() for _ in range(count)]
    for slot, kind in enumerate(dealt):
        split.model.add(split.room[kind, slot] == 1)


def _solve_split(split: Split) -> cp_model.CpSolver | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = SPLIT_SECONDS
    solver.parameters.catch_sigint_signal = False
    status = solver.solve(split.model)
    return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


def _read_parts(split: Split, solver: cp_model.CpSolver | None) -> tuple[Part, ...] | None:
    if solver is None:
        return None
    parts = []
    for slot in split.slots:
        rooms = [kind for kind, used in split.rooms_in(slot) if solver.boolean_value(used)]
        parts.append(
            Part(
                split.state.cell,
                tuple(p for p in split.state.patients if solver.boolean_value(split.seat[p, slot])),
                tuple(t for t in split.state.therapists if solver.boolean_value(split.lead[t, slot])),
                rooms[0] if rooms else None,
            )
        )
    return in_order(parts)


def _with_rooms(plan: Plan, parts: Sequence[Part]) -> Timetable:
    """Name the sessions and give each a room of its class, kept with the group or therapist that had it last."""
    week = plan.week
    desk = _RoomDesk(plan)
    order = sorted(range(len(parts)), key=lambda i: (week.block_of[parts[i].cell[0]].start, i))
    rooms = {i: desk.give(parts[i]) for i in order}
    ids = _session_ids(parts)
    sessions: list[Session] = []
    seats: list[Assignment] = []
    for i, part in enumerate(parts):
        block, group = part.cell
        sessions.append(Session(id=ids[i], block=block, group=group, therapists=part.therapists, room=rooms[i]))
        seats.extend(Assignment(patient=patient, session=ids[i]) for patient in part.patients)
    rank = {patient.id: i for i, patient in enumerate(week.patients)}
    start = {session.id: week.block_of[session.block].start for session in sessions}
    seats.sort(key=lambda seat: (rank[seat.patient], start[seat.session], seat.session))
    return Timetable(sessions=tuple(sessions), assignments=tuple(seats))


def _session_ids(parts: Sequence[Part]) -> list[str]:
    """``block.group.1``: the n-th parallel session of its cell. Told apart further if ids of the week contain dots."""
    counts: dict[Cell, int] = {}
    ids: list[str] = []
    taken: set[str] = set()
    for part in parts:
        counts[part.cell] = counts.get(part.cell, 0) + 1
        name = f"{part.cell[0]}.{part.cell[1]}.{counts[part.cell]}"
        while name in taken:
            name += "'"
        taken.add(name)
        ids.append(name)
    return ids


class _RoomDesk:
    """Hands out rooms in order of time. Rooms of a class are alike, so the first free one is as good as any."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._held: dict[str, list[Block]] = {room.id: [] for room in plan.week.rooms}
        self._habit: dict[str, str] = {}

    def give(self, part: Part) -> str | None:
        if part.room_class is None:
            return None
        block = self._plan.week.block_of[part.cell[0]]
        rooms = self._plan.candidates.room_classes[part.room_class].rooms
        free = [room for room in rooms if not any(held.overlaps(block) for held in self._held[room])]
        habits = [self._habit[key] for key in (part.cell[1], *part.therapists) if self._habit.get(key) in free]
        room = (habits or free or list(rooms))[0]
        self._held[room].append(block)
        for key in (part.cell[1], *part.therapists):
            self._habit[key] = room
        return room


def base_values(plan: Plan, timetable: Timetable) -> Mapping[int, int]:
    """What a timetable makes of the plan's own decisions and claims: variable index to value."""
    board = _Tally(plan, timetable)
    values = {var.index: int(key in board.seats) for key, var in plan.attends.items()}
    values |= {var.index: int(key in board.leads) for key, var in plan.leads.items()}
    values |= {var.index: board.sessions.get(cell, 0) for cell, var in plan.sessions.items()}
    values |= {var.index: int(cell in board.sessions) for cell, var in plan.runs.items()}
    values |= {var.index: board.rooms.get(key, 0) for key, var in plan.rooms.items()}
    values |= {var.index: int(board.shows(claim)) for claim, var in plan.claims.items()}
    return values


class _Tally:
    """A timetable counted the way the plan counts."""

    def __init__(self, plan: Plan, timetable: Timetable) -> None:
        self.sessions: dict[Cell, int] = {}
        self.rooms: dict[tuple[int, str, str], int] = {}
        self.leads: set[tuple[str, str, str]] = set()
        self.seats: set[tuple[str, str, str]] = set()
        self._held: dict[Cell, list[tuple[set[str], Session]]] = {}
        by_id = {session.id: (session, set[str]()) for session in timetable.sessions}
        for seat in timetable.assignments:
            session, roster = by_id[seat.session]
            roster.add(seat.patient)
            self.seats.add((seat.patient, session.block, session.group))
        for session, roster in by_id.values():
            cell = (session.block, session.group)
            self.sessions[cell] = self.sessions.get(cell, 0) + 1
            self.leads |= {(therapist, *cell) for therapist in session.therapists}
            self._held.setdefault(cell, []).append((roster, session))
            if session.room is not None:
                key = (plan.class_of_room(session.room), *cell)
                self.rooms[key] = self.rooms.get(key, 0) + 1

    def shows(self, claim: Claim) -> bool:
        return any(
            roster.issuperset(claim.patients)
            and set(claim.therapists) <= set(session.therapists)
            and claim.room in (None, session.room)
            for roster, session in self._held.get(claim.cell, ())
        )
