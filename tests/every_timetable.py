"""Every timetable of a week with one room and few people, spelled out: what the truth of a proof is held against."""

import itertools
import random
from collections.abc import Iterator
from typing import Any

from builders import block, group, patient, program, room, therapist, times

from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Apart, Pin, RequiredGroup, Week
from scheduler.rules.registry import RULES

Choice = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def every_timetable(week: Week) -> Iterator[Board]:
    """All that break no rule. One room only, so that no two sessions run at once; no block may overlap another."""
    assert len(week.rooms) == 1
    assert not any(one.overlaps(two) for one, two in itertools.combinations(week.blocks, 2))
    people = [one.id for one in week.patients]
    rosters = [some for size in range(1, len(people) + 1) for some in itertools.combinations(people, size)]
    leaders = {
        one.id: list(itertools.combinations((t.id for t in week.therapists), one.facilitators)) for one in week.groups
    }
    choices: list[list[Choice | None]] = [
        [None, *((one.id, g.id, who, some) for g in week.groups for who in leaders[g.id] for some in rosters)]
        for one in week.blocks
    ]
    alone = [[one for one in found if one is None or _sound(week, (one,))] for found in choices]
    for combination in itertools.product(*alone):
        board = _board(week, tuple(one for one in combination if one is not None))
        if not any(True for rule in RULES for _ in rule.check(board)):
            yield board


def _sound(week: Week, some: tuple[Choice, ...]) -> bool:
    """Whether a session by itself breaks nothing but a pin."""
    board = _board(week, some)
    return not any(True for rule in RULES if rule.id != "pins" for _ in rule.check(board))


def _board(week: Week, some: tuple[Choice, ...]) -> Board:
    sessions = tuple(
        Session(id=f"s{n}", block=b, group=g, therapists=who, room=week.rooms[0].id)
        for n, (b, g, who, _) in enumerate(some)
    )
    seats = tuple(Assignment(patient=p, session=f"s{n}") for n, (_, _, _, people) in enumerate(some) for p in people)
    return Board(week, Timetable(sessions=sessions, assignments=seats))


BLOCKS = (block("Mon", 9, 12), block("Tue", 9, 12), block("Wed", 18, 21))


def one_room_week(rng: random.Random) -> Week:
    """A week of one room in which much can stand in the way: few people, odd hours, small and closed groups."""
    groups = tuple(
        group(
            f"G{i}",
            min_size=rng.choice((1, 1, 2)),
            max_size=rng.choice((None, 1, 2)),
            open_to=rng.choice(((frozenset({"adult"}),), (frozenset({"adult"}),), (frozenset({"adult", "women"}),))),
            max_sessions=rng.choice((None, 1, 2)),
            facilitators=rng.choice((1, 1, 1, 2)),
        )
        for i in range(2)
    )
    staff = tuple(
        therapist(
            f"T{i}",
            *rng.sample(["G0", "G1"], rng.randint(1, 2)),
            free=_free(rng),
            max_blocks=rng.choice((None, 1, 2)),
        )
        for i in range(2)
    )
    people = tuple(_person(f"P{i}", rng) for i in range(3))
    return Week(
        program=program(),
        blocks=BLOCKS[: rng.randint(2, 3)],
        patients=people,
        therapists=staff,
        groups=groups,
        rooms=(room("R", rng.choice((1, 2, 5)), free=_free(rng)),),
        apart=(Apart(patient="P0", other_patient="P1", row=2),) if rng.random() < 0.4 else (),
        pins=(Pin(patient=rng.choice(("P0", "P1")), group="G0", row=2),) if rng.random() < 0.2 else (),
    )


def _person(id: str, rng: random.Random) -> Any:  # noqa: A002
    least = rng.randint(0, 2)
    return patient(
        id,
        tags=frozenset({"women"} if rng.random() < 0.5 else set()),
        free=_free(rng),
        min_minutes=180 * least,
        max_minutes=rng.choice((360, 600)),
        min_blocks=least,
        max_blocks=rng.choice((least or 1, 3)),
        min_days=least,
        required=tuple(RequiredGroup(group=one) for one in ("G0", "G1") if rng.random() < 0.4),
        avoided=("G1",) if rng.random() < 0.1 else (),
        priority=rng.randint(1, 5),
    )


def _free(rng: random.Random) -> Any:
    if rng.random() < 0.5:
        return times(*((day, 0, 24) for day in ("Mon", "Tue", "Wed")))
    return times(*((day, 8, 22) for day in ("Mon", "Tue", "Wed") if rng.random() < 0.7)) or times(("Mon", 8, 13))
