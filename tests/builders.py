"""Weeks for tests: tiny ones spelled out, and larger ones drawn at random. All people are made up."""

import random
from collections.abc import Sequence
from typing import Any

from scheduler.domain.clock import TimeSet
from scheduler.domain.profile import GoalSettings, Profile, SolverSettings
from scheduler.domain.program import LevelRules, Program
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.types import MINUTES_PER_DAY
from scheduler.domain.week import (
    Apart,
    Block,
    Group,
    Patient,
    Pin,
    PreviousSeat,
    RequiredGroup,
    Room,
    Therapist,
    Together,
    Week,
)

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALWAYS = TimeSet.always()


def block(day: str, start: float, end: float, id: str = "") -> Block:  # noqa: A002 - the model's own word
    """A block by day and hours: ``block("Tue", 18, 21)`` has the id ``Tue18``."""
    base = DAYS.index(day) * MINUTES_PER_DAY
    return Block(id=id or f"{day}{start:g}", start=base + round(start * 60), end=base + round(end * 60))


def span(day: str, start: float, end: float) -> tuple[int, int]:
    base = DAYS.index(day) * MINUTES_PER_DAY
    return base + round(start * 60), base + round(end * 60)


def times(*spans: tuple[str, float, float]) -> TimeSet:
    return TimeSet.of(span(*one) for one in spans)


def patient(id: str, **fields: Any) -> Patient:  # noqa: A002
    """A patient who is always free and wants one block of three hours, unless said otherwise."""
    defaults: dict[str, Any] = {
        "free": ALWAYS,
        "min_minutes": 180,
        "max_minutes": 1200,
        "min_blocks": 1,
        "max_blocks": 4,
        "min_days": 1,
        "min_day_minutes": 180,
    }
    return Patient(id=id, **{**defaults, **fields})


def therapist(id: str, *groups: str, **fields: Any) -> Therapist:  # noqa: A002
    return Therapist(id=id, groups=frozenset(groups or ("G",)), **{"free": ALWAYS, **fields})


def group(id: str = "G", **fields: Any) -> Group:  # noqa: A002
    return Group(id=id, **{"min_size": 1, "max_size": 10, **fields})


def room(id: str = "R", capacity: int = 10, **fields: Any) -> Room:  # noqa: A002
    return Room(id=id, capacity=capacity, **fields)


def program(**fields: Any) -> Program:
    return Program(**{"levels": {"adult": LevelRules(), "adolescent": LevelRules(min_hours=6)}, **fields})


def tiny(**fields: Any) -> Week:
    """One block, two patients, one therapist, one group, one room; any field may be replaced."""
    defaults: dict[str, Any] = {
        "program": program(),
        "blocks": (block("Mon", 9, 12),),
        "patients": (patient("P1"), patient("P2")),
        "therapists": (therapist("T1"),),
        "groups": (group(),),
        "rooms": (room(),),
    }
    return Week(**{**defaults, **fields})


GRID = tuple(
    block(day, start, start + 3) for day in DAYS for start in ((9, 13, 18) if day not in ("Sat", "Sun") else (9, 13))
)


def random_week(patients: int, seed: int, groups: int = 12) -> Week:
    """A clinic on the default grid, tight enough that not everybody can have everything."""
    rng = random.Random(seed)
    kinds = tuple(
        group(f"G{i:02d}", min_size=4, max_size=rng.choice((10, 12)), open_to=_open_to(i)) for i in range(groups)
    )
    ids = [kind.id for kind in kinds]
    therapists = tuple(
        therapist(
            f"T{i:02d}", *rng.sample(ids, 4), free=_shift(rng), max_blocks=rng.randint(4, 6), max_blocks_per_day=2
        )
        for i in range(max(3, round(patients / 6.5)))
    )
    people = tuple(_random_patient(f"P{i:04d}", rng, kinds, therapists) for i in range(patients))
    rooms = tuple(room(f"R{i}", rng.choice((10, 12, 14))) for i in range(max(3, patients // 20)))
    return Week(program=program(), blocks=GRID, patients=people, therapists=therapists, groups=kinds, rooms=rooms)


def _open_to(index: int) -> tuple[frozenset[str], ...]:
    special = {3: "women", 5: "men", 7: "veterans"}
    return (frozenset({"adult", special[index]}) if index in special else frozenset({"adult"}),)


def _shift(rng: random.Random) -> TimeSet:
    start = rng.choice((8, 8, 12))
    days = rng.sample(DAYS, 5)
    return times(*((day, start, start + (9 if start == 8 else 10)) for day in days))


def _random_patient(
    id: str,  # noqa: A002
    rng: random.Random,
    kinds: tuple[Group, ...],
    therapists: tuple[Therapist, ...],
) -> Patient:
    kind = rng.random()
    weekdays = DAYS[:5]
    if kind < 0.35:
        free = times(*((day, 17, 22) for day in weekdays), ("Sat", 8, 17))
    elif kind < 0.7:
        free = times(*((day, 8, 17) for day in weekdays))
    elif kind < 0.8:
        free = times(*((day, 8, 22) for day in rng.sample(DAYS, 4)))
    else:
        free = times(*((day, 8, 22) for day in DAYS))
    wanted = rng.sample(
        [g.id for g in kinds if "adult" in next(iter(g.open_to)) and len(next(iter(g.open_to))) == 1], 4
    )
    return patient(
        id,
        free=free,
        tags=frozenset({rng.choice(("women", "men"))} | ({"veterans"} if rng.random() < 0.1 else set())),
        min_minutes=540,
        min_blocks=3,
        max_blocks=4,
        min_days=3,
        required=tuple(RequiredGroup(group=g) for g in wanted[: rng.randint(1, 2)]),
        preferred=tuple(wanted[2:]),
        primary_therapist=rng.choice(therapists).id,
        priority=rng.choice((1, 2, 3, 3, 3, 4, 5)),
    )


# ---- timetables spelled out, profiles that are quick, and small weeks with every feature --------------------------


def table(*lines: str) -> Timetable:
    """A timetable, a line a session: block, group, facilitators, room, patients: ``table("Mon9 G T1,T2 R P1,P2")``.

    ``-`` stands for nobody or no room. Sessions are numbered: ``s1``, ``s2``, ...
    """
    sessions, seats = [], []
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        block_id, group_id, leaders, room_id, people = cells
        where = None if room_id == "-" else room_id
        therapists = () if leaders == "-" else tuple(leaders.split(","))
        sessions.append(Session(id=f"s{number}", block=block_id, group=group_id, therapists=therapists, room=where))
        seats += [Assignment(patient=p, session=f"s{number}") for p in people.split(",") if p != "-"]
    return Timetable(sessions=tuple(sessions), assignments=tuple(seats))


def quick(
    tiers: Sequence[Sequence[str]] | None = None,
    *,
    weights: dict[str, int] | None = None,
    parts: dict[str, dict[str, int]] | None = None,
    **solver: Any,
) -> Profile:
    """A profile for tiny weeks: one worker, some seconds, the default tiers unless others are named."""
    goals: dict[str, Any] = {"weights": weights or {}, "parts": parts or {}}
    if tiers is not None:
        goals["tiers"] = tuple(tuple(tier) for tier in tiers)
    settings = {"time_limit": 20, "time_limit_per_patient": 0, "workers": 1, **solver}
    return Profile(name="quick", goals=GoalSettings(**goals), solver=SolverSettings(**settings))


ODD_BLOCKS = (
    block("Mon", 9, 12),
    block("Mon", 10.5, 12),
    block("Mon", 12, 15),
    block("Mon", 18, 21),
    block("Tue", 7, 9.5),
    block("Tue", 9, 13),
    block("Wed", 9, 12),
    block("Thu", 9, 12),
    block("Fri", 14, 17),
    block("Sun", 9, 12),
)
"""Blocks that touch, overlap, are short or long, and leave too short a night between them."""


def featured_week(rng: random.Random, *, pins: bool = True) -> Week:
    """A week of a few people in which any feature of the input may stand. With pins it may be impossible."""
    chosen = [one for one in ODD_BLOCKS if rng.random() < 0.5] or [ODD_BLOCKS[0]]
    groups = tuple(_featured_group(f"G{i}", rng) for i in range(rng.randint(1, 3)))
    therapists = tuple(_featured_therapist(f"T{i}", rng, groups) for i in range(rng.randint(1, 4)))
    rooms = tuple(
        room(
            f"R{i}",
            rng.choice((1, 2, 3, 5, 5)),
            free=_free(rng),
            features=frozenset({"tv"} if rng.random() < 0.6 else set()),
        )
        for i in range(rng.randint(1, 4))
    )
    patients = tuple(_featured_patient(f"P{i}", rng, groups, therapists) for i in range(rng.randint(1, 6)))
    drawn: dict[str, Any] = {"blocks": tuple(chosen), "patients": patients, "therapists": therapists}
    names = _Names(rng, drawn | {"groups": groups, "rooms": rooms})
    return Week(
        program=_featured_program(rng),
        groups=groups,
        rooms=rooms,
        apart=names.apart(),
        together=names.together(),
        pins=names.pins() if pins else (),
        previous=names.previous(),
        **drawn,
    )


def random_timetable(week: Week, rng: random.Random) -> Timetable:
    """Any timetable of the week's ids, whether or not it keeps a rule."""
    sessions = []
    for number in range(rng.randint(1, 4)):
        leaders = rng.sample([t.id for t in week.therapists], min(len(week.therapists), rng.randint(0, 2)))
        sessions.append(
            Session(
                id=f"s{number}",
                block=rng.choice(week.blocks).id,
                group=rng.choice(week.groups).id,
                therapists=tuple(leaders),
                room=rng.choice([None, *(r.id for r in week.rooms)]),
            )
        )
    seats = [Assignment(patient=p.id, session=s.id) for p in week.patients for s in sessions if rng.random() < 0.3]
    return Timetable(sessions=tuple(sessions), assignments=tuple(seats))


def _featured_program(rng: random.Random) -> Program:
    return program(
        max_blocks_per_day=rng.choice((1, 1, 2)),
        group_caps={"education": 2} if rng.random() < 0.3 else {},
        min_rest_hours=rng.choice((11, 11, 9)),
        max_gap_days=rng.choice((0, 1, 2)),
        max_run_days=rng.choice((1, 2, 3)),
        block_hours=rng.choice((3, 3, 2)),
    )


def _featured_group(id: str, rng: random.Random) -> Group:  # noqa: A002
    adult, young = frozenset({"adult"}), frozenset({"adolescent"})
    low = rng.choice((1, 1, 1, 2))
    most = rng.choice((None, low, low, low + 1, 4))
    return group(
        id,
        min_size=low,
        max_size=most,
        open_to=rng.choice(
            ((adult,), (adult,), (adult, young), (adult | {"women"}, young), (young, frozenset({"women"})))
        ),
        kind=rng.choice(("therapy", "education")),
        facilitators=rng.choice((1, 1, 1, 2)),
        modality=rng.choice(("in person",) * 5 + ("telehealth",)),
        room_features=frozenset({"tv"} if rng.random() < 0.1 else set()),
        min_sessions=rng.choice((0, 0, 1, 2)),
        max_sessions=rng.choice((None, None, 1, 2)),
        times=_free(rng) if rng.random() < 0.2 else None,
        max_per_patient=rng.choice((None, None, 1)),
    )


def _featured_therapist(id: str, rng: random.Random, groups: Sequence[Group]) -> Therapist:  # noqa: A002
    known = [g.id for g in groups if rng.random() < 0.9] or [groups[0].id]
    return therapist(
        id,
        *known,
        free=_free(rng),
        max_blocks=rng.choice((None, 1, 2, 4)),
        max_blocks_per_day=rng.choice((None, None, 1)),
        min_blocks=rng.choice((0, 0, 1, 3)),
        modality=rng.choice(("either", "either", "in person")),
    )


def _featured_patient(
    id: str,  # noqa: A002
    rng: random.Random,
    groups: Sequence[Group],
    therapists: Sequence[Therapist],
) -> Patient:
    young = rng.random() < 0.15
    blocks = rng.randint(1, 3)
    ids = [g.id for g in groups]
    return patient(
        id,
        level="adolescent" if young else "adult",
        age_band="adolescent" if young else "adult",
        tags=frozenset({"women"} if rng.random() < 0.5 else set()),
        free=_free(rng),
        min_minutes=rng.choice((0, 90, 180, 360, 540)),
        max_minutes=rng.choice((180, 360, 600, 1200)),
        min_blocks=rng.randint(0, blocks),
        max_blocks=blocks,
        min_days=rng.randint(0, blocks),
        min_day_minutes=rng.choice((0, 90, 180, 200)),
        required=tuple(RequiredGroup(group=g, times=rng.randint(1, 2)) for g in ids if rng.random() < 0.4),
        preferred=tuple(g for g in ids if rng.random() < 0.4),
        avoided=tuple(g for g in ids if rng.random() < 0.05),
        preferred_times=_free(rng) if rng.random() < 0.4 else None,
        primary_therapist=rng.choice(therapists).id if rng.random() < 0.5 else None,
        modality=rng.choice(("in person", "in person", "either", "either", "either", "telehealth")),
        priority=rng.randint(1, 5),
    )


def _free(rng: random.Random) -> TimeSet:
    if rng.random() < 0.8:
        return ALWAYS
    return times(*((day, rng.choice((7, 9, 10)), rng.choice((12, 15, 21))) for day in DAYS if rng.random() < 0.8)) or (
        ALWAYS
    )


class _Names:
    """Rows of the smaller sheets, over the people of a week."""

    def __init__(self, rng: random.Random, rows: dict[str, Any]) -> None:
        self._rng = rng
        self._ids = {kind: [row.id for row in found] for kind, found in rows.items()}

    def _maybe(self, kind: str, chance: float) -> str | None:
        return self._rng.choice(self._ids[kind]) if self._rng.random() < chance else None

    def _pairs(self) -> list[tuple[str, str]]:
        ids = self._ids["patients"]
        return [(p, q) for i, p in enumerate(ids) for q in ids[i + 1 :] if self._rng.random() < 0.2]

    def apart(self) -> tuple[Apart, ...]:
        rows = [Apart(patient=p, other_patient=q, row=2 + i) for i, (p, q) in enumerate(self._pairs())]
        if self._rng.random() < 0.2:
            who, whom = self._rng.choice(self._ids["patients"]), self._rng.choice(self._ids["therapists"])
            rows.append(Apart(patient=who, therapist=whom, row=9))
        return tuple(rows)

    def together(self) -> tuple[Together, ...]:
        return tuple(Together(patient=p, other=q, row=2 + i) for i, (p, q) in enumerate(self._pairs()))

    def pins(self) -> tuple[Pin, ...]:
        count = self._rng.choice((0, 0, 0, 1, 2))
        kinds = {"patient": "patients", "block": "blocks", "group": "groups", "therapist": "therapists"}
        rows = []
        for row in range(count):
            cells = {name: self._maybe(kind, 0.3) for name, kind in kinds.items()}
            rows.append(Pin(row=row + 2, room=self._maybe("rooms", 0.15), **cells))
        return tuple(rows)

    def previous(self) -> tuple[PreviousSeat, ...]:
        return tuple(
            PreviousSeat(
                patient=self._rng.choice(self._ids["patients"]),
                block=self._maybe("blocks", 0.9),
                group=self._maybe("groups", 0.9),
                therapist=self._maybe("therapists", 0.8),
            )
            for _ in range(self._rng.choice((0, 0, 1, 3)))
        )


def crowded_week(rng: random.Random) -> Week:
    """Few blocks and many people, so that sessions run side by side and it matters who sits with whom."""
    blocks = (block("Mon", 9, 12), block("Tue", 9, 12))[: rng.randint(1, 2)]
    adult, young = frozenset({"adult"}), frozenset({"adolescent"})
    groups = tuple(
        group(
            f"G{i}",
            min_size=rng.choice((1, 1, 2)),
            max_size=rng.choice((2, 3, 3, 4)),
            open_to=rng.choice(((adult,), (adult,), (young, frozenset({"women"})))),
            facilitators=rng.choice((1, 1, 1, 2)),
        )
        for i in range(rng.randint(1, 2))
    )
    therapists = tuple(therapist(f"T{i}", *(g.id for g in groups)) for i in range(rng.randint(2, 4)))
    rooms = tuple(room(f"R{i}", rng.choice((2, 3, 4))) for i in range(rng.randint(2, 4)))
    patients = tuple(_crowded_patient(f"P{i}", rng, therapists) for i in range(rng.randint(3, 7)))
    names = _Names(rng, {"blocks": blocks, "patients": patients, "therapists": therapists, "groups": groups})
    return Week(
        program=program(),
        blocks=blocks,
        patients=patients,
        therapists=therapists,
        groups=groups,
        rooms=rooms,
        apart=names.apart(),
        together=names.together(),
        pins=tuple(
            Pin(patient=p.id, therapist=rng.choice(therapists).id, row=2 + i)
            for i, p in enumerate(patients)
            if rng.random() < 0.15
        ),
        previous=names.previous(),
    )


def _crowded_patient(id: str, rng: random.Random, therapists: Sequence[Therapist]) -> Patient:  # noqa: A002
    young = rng.random() < 0.15
    return patient(
        id,
        level="adolescent" if young else "adult",
        age_band="adolescent" if young else "adult",
        tags=frozenset({"women"} if rng.random() < 0.5 else set()),
        primary_therapist=rng.choice(therapists).id if rng.random() < 0.6 else None,
        min_blocks=rng.randint(1, 2),
        priority=rng.randint(1, 3),
    )
