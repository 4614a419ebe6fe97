"""More seats needed than could ever be offered: in a part of the week, or in all of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from scheduler.domain.clock import Day
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Block, Patient, Therapist
from scheduler.preflight.outlook import Outlook
from scheduler.preflight.reach import most_blocks
from scheduler.preflight.wording import counted

NOON = 12 * MINUTES_PER_HOUR
EVENING = 17 * MINUTES_PER_HOUR


@dataclass(frozen=True)
class _Part:
    name: str
    holds: Callable[[Block], bool]


def _weekday(block: Block) -> bool:
    return block.day < Day.SAT


PARTS = (
    _Part("weekday mornings (before 12:00)", lambda b: _weekday(b) and b.time_of_day < NOON),
    _Part("weekday afternoons (12:00-17:00)", lambda b: _weekday(b) and NOON <= b.time_of_day < EVENING),
    _Part("weekday evenings (from 17:00)", lambda b: _weekday(b) and b.time_of_day >= EVENING),
    _Part("weekends", lambda b: not _weekday(b)),
    _Part("the whole week", lambda _: True),
)
"""Blocks are sorted by the time at which they start."""


def demand_above_capacity(outlook: Outlook) -> Iterator[Finding]:
    """Parts of the week in which patients need more seats than the therapists and rooms could offer at most."""
    for part in PARTS:
        blocks = [block for block in outlook.week.blocks if part.holds(block)]
        if not blocks:
            continue
        needed = sum(_needed(outlook, patient, blocks) for patient in outlook.week.patients)
        offered = most_seats(outlook, blocks)
        if needed > offered:
            yield Finding(
                code="demand-above-capacity",
                severity=Severity.WARNING,
                message=f"{part.name}: patients need at least {counted(needed, 'seat')} to come as near to their "
                "minimum as they can (what they could have at other hours is not counted), and at most "
                f"{counted(offered, 'seat')} can be offered",
                hint="more therapist hours, larger groups or rooms, or patients who can come at other hours",
            )


def _needed(outlook: Outlook, patient: Patient, blocks: Sequence[Block]) -> int:
    """Sessions that the patient must have in these blocks to come as near to their minimum as they can."""
    cells = outlook.options[patient.id]
    inside = {block.id for block in blocks}
    if not any(block in inside for block, _ in cells):
        return 0
    longest = max(outlook.week.block_of[block].minutes for block, _ in cells)
    wanted = max(patient.min_blocks, ceil(patient.min_minutes / longest))
    most = most_blocks(outlook.week, cells, min(wanted, patient.max_blocks))
    elsewhere = [cell for cell in cells if cell[0] not in inside]
    return max(0, most - most_blocks(outlook.week, elsewhere, most))


def most_seats(outlook: Outlook, blocks: Sequence[Block]) -> int:
    """More seats than this cannot be offered in the blocks.

    The least of two bounds: every therapist leads the largest groups they can in as many blocks as they may; every
    block fills all of its rooms, and its telehealth sessions as far as therapists go.
    """
    by_therapist = sum(_most_led(outlook, therapist, blocks) for therapist in outlook.week.therapists)
    by_block = sum(_most_held(outlook, block) for block in blocks)
    return int(min(by_therapist, by_block) + 1e-6)


def _most_led(outlook: Outlook, therapist: Therapist, blocks: Sequence[Block]) -> float:
    led = outlook.led_by(therapist.id)
    values = []
    for _, on_day in groupby(blocks, key=lambda block: block.day):
        day = list(on_day)
        at_once = [_best_share(outlook, block, led) for block in day]
        limit = therapist.max_blocks_per_day
        values.extend(sorted(at_once, reverse=True)[: min(_most_in_turn(day), len(day) if limit is None else limit)])
    return sum(sorted(values, reverse=True)[: therapist.max_blocks])


def _best_share(outlook: Outlook, block: Block, led: frozenset[tuple[str, str]]) -> float:
    """Seats of the largest session the therapist can lead in the block, shared among its facilitators."""
    groups = [group for group in outlook.week.groups if (block.id, group.id) in led]
    return max((outlook.most_in_session(block, group) / group.facilitators for group in groups), default=0.0)


def _most_in_turn(blocks: Sequence[Block]) -> int:
    """How many of the blocks can follow one another without overlap."""
    number, until = 0, 0
    for block in sorted(blocks, key=lambda one: one.end):
        if block.start >= until:
            number, until = number + 1, block.end
    return number


def _most_held(outlook: Outlook, block: Block) -> float:
    running = [group for group in outlook.week.groups if outlook.runnable(block, group)]
    in_rooms: dict[str, int] = {}
    for group in running:
        cap = outlook.week.size_cap(group)
        for room in outlook.rooms(block, group) if group.needs_room else ():
            most = room.capacity if cap is None else min(cap, room.capacity)
            in_rooms[room.id] = max(most, in_rooms.get(room.id, 0))
    online = [group for group in running if not group.needs_room]
    led = {leader.id: leader for group in online for leader in outlook.leaders(block, group)}
    shares = frozenset((block.id, group.id) for group in online)
    from_home = sum(_best_share(outlook, block, shares & outlook.led_by(one)) for one in led)
    return sum(in_rooms.values()) + from_home
