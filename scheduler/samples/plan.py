"""The hidden timetable behind a synthetic week.

A made-up week is only worth solving when one knows that it can be solved. So the people come first with the times
they can come, then a timetable is laid for them, and only then are therapists, rooms, treatment plans and pins
written down such that this timetable fits them all. Unless the clinic is asked to be tighter than its demand, a week
made in this way has a timetable that gives everybody their hours and their planned groups.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scheduler.domain.clock import Day, TimeSet
from scheduler.domain.week import Block
from scheduler.samples.menu import STREAMS, Offer, Stream
from scheduler.samples.people import SHIFTS, WIDE, WIDE_TEEN, times_of

TARGET_SIZE = 9
SEATS_OF_SMALLEST = 3
BLOCKS_A_THERAPIST = 3
SESSIONS_A_DAY = 2
USUAL_VISITS = 3
ROOM_SIZES = (12, 14, 10, 12, 16, 8, 14, 12)


@dataclass(frozen=True)
class Person:
    """A synthetic patient: what they can do, before anything is planned. ``visits`` is blocks a week."""

    id: str
    name: str
    stream: Stream
    tags: tuple[str, ...]
    availability: str
    visits: int
    modality: str = "in person"

    @property
    def free(self) -> TimeSet:
        """When they can come."""
        return times_of(self.availability)


@dataclass(frozen=True)
class PlannedSession:
    """A session of the hidden timetable."""

    id: str
    block: Block
    offer: Offer
    patients: tuple[str, ...]
    therapists: tuple[str, ...] = ()
    room: str = ""


@dataclass(frozen=True)
class Leader:
    """A synthetic therapist."""

    id: str
    shift: str

    @property
    def free(self) -> TimeSet:
        """When they work."""
        return times_of(self.shift)


@dataclass(frozen=True)
class PlannedRoom:
    """A synthetic room."""

    id: str
    capacity: int
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A hidden timetable with everything that it uses. People may come otherwise than first drawn: see `lay`."""

    blocks: tuple[Block, ...]
    menu: tuple[Offer, ...]
    people: tuple[Person, ...]
    sessions: tuple[PlannedSession, ...]
    leaders: tuple[Leader, ...]
    rooms: tuple[PlannedRoom, ...]
    smallest: int

    def of_patient(self) -> dict[str, list[PlannedSession]]:
        """The sessions of each patient, in order of time."""
        found: dict[str, list[PlannedSession]] = {person.id: [] for person in self.people}
        for session in self.sessions:
            for patient in session.patients:
                found[patient].append(session)
        return found

    def of_leader(self) -> dict[str, list[PlannedSession]]:
        """The sessions of each therapist, in order of time."""
        found: dict[str, list[PlannedSession]] = {leader.id: [] for leader in self.leaders}
        for session in self.sessions:
            for leader in session.therapists:
                found[leader].append(session)
        return found


def lay(
    rng: random.Random,
    people: Iterable[Person],
    blocks: tuple[Block, ...],
    menu: tuple[Offer, ...],
    specialised: float,
    shifts: tuple[str, ...] = SHIFTS,
) -> Plan:
    """Lay a hidden timetable, with the part of the menu that is for these people.

    Somebody who would be left alone in a block is given wider availability instead.
    """
    crowd = list(people)
    smallest = max(1, min(SEATS_OF_SMALLEST, len(crowd)))
    menu = tuple(offer for offer in menu if sum(may_attend(person, offer) for person in crowd) >= smallest)
    visits, crowd = _visits(rng, crowd, blocks, smallest)
    fill = _Fill(rng, menu, specialised, smallest)
    drafts = [draft for block in blocks for draft in fill.block(block, _present(crowd, visits, block))]
    sessions = tuple(replace(draft, id=f"L{i + 1:03d}") for i, draft in enumerate(drafts))
    sessions, leaders = _led(rng, sessions, shifts)
    sessions, rooms = _roomed(sessions, menu)
    return Plan(blocks, menu, tuple(crowd), sessions, leaders, rooms, smallest)


def may_attend(person: Person, offer: Offer) -> bool:
    """Whether the group is for people like this."""
    return person.stream == offer.stream and (not offer.tag or offer.tag in person.tags)


# ------------------------------------------------------------------------------------------------- who comes when

_Visits = dict[str, tuple[Block, ...]]


def _present(crowd: list[Person], visits: _Visits, block: Block) -> list[Person]:
    return [person for person in crowd if block in visits[person.id]]


def _visits(
    rng: random.Random, crowd: list[Person], blocks: tuple[Block, ...], smallest: int
) -> tuple[_Visits, list[Person]]:
    """The blocks of everybody, such that nobody sits with fewer than ``smallest`` of their own stream.

    A stream's emptiest block is closed to it until every block that is left is full enough; whoever can then no
    longer come often enough says wider times.
    """
    whim = {person.id: {block.id: rng.random() for block in blocks} for person in crowd}
    opened = {stream: [b for b in blocks if b.id.endswith("-AFT") == (stream == "teen")] for stream in STREAMS}
    while True:
        crowd = [_able(person, opened[person.stream]) for person in crowd]
        visits = _choose(crowd, opened, whim)
        emptiest = _emptiest(crowd, visits, smallest)
        if emptiest is None:
            return visits, crowd
        stream, block = emptiest
        opened[stream] = [other for other in opened[stream] if other.id != block]


def _able(person: Person, opened: list[Block]) -> Person:
    """The person, with fewer visits or wider times when the blocks that are left would not do."""
    if _days(person, opened) >= person.visits:
        return person
    if person.visits > USUAL_VISITS:
        return _able(replace(person, visits=USUAL_VISITS), opened)
    wordings = WIDE_TEEN if person.stream == "teen" else WIDE
    wide = max((replace(person, availability=text) for text in wordings), key=lambda p: _days(p, opened))
    return replace(wide, visits=min(wide.visits, _days(wide, opened)))


def _days(person: Person, opened: list[Block]) -> int:
    return len({block.day for block in opened if person.free.covers(block.start, block.end)})


def _choose(crowd: list[Person], opened: dict[Stream, list[Block]], whim: dict[str, dict[str, float]]) -> _Visits:
    """Everybody picks blocks at their usual time of day, where their stream already is; the least free first."""
    busy: dict[tuple[str, str], int] = defaultdict(int)
    visits: _Visits = {}
    for person in sorted(crowd, key=lambda p: _days(p, opened[p.stream])):
        free = [block for block in opened[person.stream] if person.free.covers(block.start, block.end)]
        worth = {b.id: 2 * whim[person.id][b.id] + min(busy[person.stream, b.id], TARGET_SIZE) / 3 for b in free}
        usual = max(free, key=lambda b: worth[b.id]).time_of_day if free else 0
        free.sort(key=lambda b: worth[b.id] + (2 if b.time_of_day == usual else 0), reverse=True)
        visits[person.id] = _on_different_days(free, person.visits)
        for block in visits[person.id]:
            busy[person.stream, block.id] += 1
    return visits


def _emptiest(crowd: list[Person], visits: _Visits, smallest: int) -> tuple[Stream, str] | None:
    """The stream and block with the fewest people, if those are too few for a session."""
    seats: dict[tuple[Stream, str], int] = defaultdict(int)
    for person in crowd:
        for block in visits[person.id]:
            seats[person.stream, block.id] += 1
    few = [pair for pair, count in seats.items() if count < smallest]
    return min(few, key=lambda pair: (seats[pair], pair)) if few else None


def _on_different_days(wanted: list[Block], count: int) -> tuple[Block, ...]:
    taken: dict[Day, Block] = {}
    for block in wanted:
        if len(taken) < count:
            taken.setdefault(block.day, block)
    return tuple(sorted(taken.values(), key=lambda b: b.start))


# --------------------------------------------------------------------------------------------- who sits in what


class _Fill:
    """Splits the people of a block into groups, remembering what each has already attended."""

    def __init__(self, rng: random.Random, menu: tuple[Offer, ...], specialised: float, smallest: int) -> None:
        self.rng = rng
        self.menu = menu
        self.specialised = specialised
        self.smallest = smallest
        self.attended: dict[tuple[str, str], int] = defaultdict(int)

    def block(self, block: Block, present: list[Person]) -> Iterator[PlannedSession]:
        """The sessions of one block."""
        for stream in STREAMS:
            people = [person for person in present if person.stream == stream]
            self.rng.shuffle(people)
            special = list(self._special(block, stream, people))
            seated = {patient for session in special for patient in session.patients}
            yield from special
            people = [person for person in people if person.id not in seated]
            yield from self._open(block, stream, people)

    def _special(self, block: Block, stream: Stream, people: list[Person]) -> Iterator[PlannedSession]:
        offers = [o for o in self.menu if o.stream == stream and (o.tag or o.kind == "family")]
        self.rng.shuffle(offers)
        for offer in offers:
            takers = self._takers(block, offer, people)
            if takers and self.rng.random() < self._appeal(offer):
                yield self._session(block, offer, takers)
                taken = {person.id for person in takers}
                people = [person for person in people if person.id not in taken]

    def _appeal(self, offer: Offer) -> float:
        return 0.9 if offer.kind == "family" else min(0.95, self.specialised)

    def _takers(self, block: Block, offer: Offer, people: list[Person]) -> list[Person]:
        """Who would form this session, leaving nobody or enough for another one behind; empty when it cannot be."""
        if offer.times and not times_of(offer.times).covers(block.start, block.end):
            return []
        able = [p for p in people if may_attend(p, offer) and not self._full(p, offer)]
        able = able[: offer.max_size]
        least = 6 if offer.kind == "family" else max(4, self.smallest)
        left = len(people) - len(able)
        if 0 < left < self.smallest:
            able = able[: len(able) - (self.smallest - left)]
        return able if len(able) >= least else []

    def _full(self, person: Person, offer: Offer) -> bool:
        return offer.per_patient is not None and self.attended[person.id, offer.id] >= offer.per_patient

    def _open(self, block: Block, stream: str, people: list[Person]) -> Iterator[PlannedSession]:
        if not people:
            return
        count = -(-len(people) // (TARGET_SIZE if stream != "teen" else TARGET_SIZE - 1))
        rooms: list[list[Person]] = [[] for _ in range(count)]
        offers = self._offers(stream, people, count)
        for person in people:
            room = min(range(count), key=lambda i: (len(rooms[i]), self.attended[person.id, offers[i].id]))
            rooms[room].append(person)
        for offer, sitting in zip(offers, rooms, strict=True):
            yield self._session(block, offer, sitting)

    def _offers(self, stream: str, people: list[Person], count: int) -> list[Offer]:
        """As many groups as sessions are needed: first those that these people have met least."""
        able = [o for o in self.menu if o.stream == stream and not o.tag and o.kind != "family"]
        able = [o for o in able if not any(self._full(person, o) for person in people)]
        met = {o.id: sum(self.attended[p.id, o.id] for p in people) + 2 * self.rng.random() for o in able}
        able.sort(key=lambda o: met[o.id])
        steady = [o for o in able if o.per_patient is None]
        return [*able[:count], *(steady[i % len(steady)] for i in range(count - len(able[:count])))]

    def _session(self, block: Block, offer: Offer, people: list[Person]) -> PlannedSession:
        for person in people:
            self.attended[person.id, offer.id] += 1
        return PlannedSession("", block, offer, tuple(sorted(person.id for person in people)))


# ------------------------------------------------------------------------------------------------ who leads, where


def _led(
    rng: random.Random, sessions: tuple[PlannedSession, ...], shifts: tuple[str, ...]
) -> tuple[tuple[PlannedSession, ...], tuple[Leader, ...]]:
    """Give every session its facilitators, hiring whom it takes."""
    leaders: list[Leader] = []
    work: dict[str, list[Block]] = {}
    done = []
    for i, session in enumerate(sessions):
        chosen: list[str] = []
        for _ in range(session.offer.facilitators):
            leader = _a_leader(rng, session.block, leaders, work)
            if leader is None:
                leader = _new_leader(rng, len(leaders) + 1, [later.block for later in sessions[i:]], shifts)
                leaders.append(leader)
                work[leader.id] = []
            work[leader.id].append(session.block)
            chosen.append(leader.id)
        done.append(replace(session, therapists=tuple(chosen)))
    return tuple(done), tuple(leaders)


def _a_leader(rng: random.Random, block: Block, leaders: list[Leader], work: dict[str, list[Block]]) -> Leader | None:
    """Whoever is free and already works most."""
    free = [leader for leader in leaders if _may_lead(block, leader, work[leader.id])]
    return max(free, key=lambda leader: (len(work[leader.id]), rng.random()), default=None)


def _new_leader(rng: random.Random, number: int, coming: list[Block], shifts: tuple[str, ...]) -> Leader:
    """Somebody new, on a shift that holds the first of the coming blocks and is much wanted for the others."""
    first = coming[0]
    able = [shift for shift in shifts if times_of(shift).covers(first.start, first.end)]
    wanted = [len({b.id for b in coming if times_of(shift).covers(b.start, b.end)}) ** 2 for shift in able]
    return Leader(f"T{number:02d}", rng.choices(able, wanted)[0])


def _may_lead(block: Block, leader: Leader, led: list[Block]) -> bool:
    if len(led) >= BLOCKS_A_THERAPIST or not leader.free.covers(block.start, block.end):
        return False
    same_day = [other for other in led if other.day is block.day]
    return len(same_day) < SESSIONS_A_DAY and not any(other.overlaps(block) for other in same_day)


def _roomed(
    sessions: tuple[PlannedSession, ...], menu: tuple[Offer, ...]
) -> tuple[tuple[PlannedSession, ...], tuple[PlannedRoom, ...]]:
    """Give every in-person session a room, building what it takes; sessions that need features choose first."""
    needed = sorted({offer.features for offer in menu if offer.features})
    rooms = [PlannedRoom("R1", 16), *(PlannedRoom(f"R{i + 2}", 14, (f,)) for i, f in enumerate(needed))]
    used: dict[str, list[Block]] = {room.id: [] for room in rooms}
    place: dict[str, str] = {}
    hard_first = sorted(sessions, key=lambda s: (not s.offer.features, -len(s.patients), s.id))
    for session in hard_first:
        if session.offer.stream != "online":
            place[session.id] = _a_room(session, rooms, used)
    return tuple(replace(s, room=place.get(s.id, "")) for s in sessions), tuple(rooms)


def _a_room(session: PlannedSession, rooms: list[PlannedRoom], used: dict[str, list[Block]]) -> str:
    fitting = [
        room
        for room in rooms
        if room.capacity >= len(session.patients)
        and (not session.offer.features or session.offer.features in room.features)
        and not any(block.overlaps(session.block) for block in used[room.id])
    ]
    if fitting:
        room = min(fitting, key=lambda r: (len(r.features), r.capacity))
    else:
        size = max(ROOM_SIZES[len(rooms) % len(ROOM_SIZES)], len(session.patients))
        features = (session.offer.features,) if session.offer.features else ()
        room = PlannedRoom(f"R{len(rooms) + 1}", size, features)
        rooms.append(room)
        used[room.id] = []
    used[room.id].append(session.block)
    return room.id
