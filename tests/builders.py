"""Weeks for tests: tiny ones spelled out, and larger ones drawn at random. All people are made up."""

import random
from typing import Any

from scheduler.domain.clock import TimeSet
from scheduler.domain.program import LevelRules, Program
from scheduler.domain.types import MINUTES_PER_DAY
from scheduler.domain.week import Block, Group, Patient, RequiredGroup, Room, Therapist, Week

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
    id: str,
    rng: random.Random,
    kinds: tuple[Group, ...],
    therapists: tuple[Therapist, ...],  # noqa: A002
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
