"""How much a patient could be given at the very most, with the whole week at their disposal.

Every limit of the patient's own is kept (days, weekly maximum, how often the same group); what other patients need is
left out. So nobody can be given more than this.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from scheduler.domain.clock import Day
from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Block, Patient, Week
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.candidates import Cell


@dataclass(frozen=True)
class Reach:
    """A best week of one patient, taken alone: what it gives and by how many minutes it still is short."""

    minutes: int
    blocks: int
    days: int
    short: int


@dataclass(frozen=True)
class _State:
    blocks: tuple[Block, ...] = ()
    minutes: int = 0
    days: int = 0

    @property
    def key(self) -> tuple[int, int, int]:
        return len(self.blocks), self.days, self.minutes


def best_reach(week: Week, patient: Patient, cells: Sequence[Cell]) -> Reach:
    """The least short that the patient can be when only these cells are open to them.

    Args:
        week: the week.
        patient: the patient.
        cells: where they may sit.
    """
    used = {block for block, _ in cells}
    blocks = [block for block in week.blocks if block.id in used]
    most = most_blocks(week, cells, patient.max_blocks)
    states = [_State()]
    for day in Day:
        here = list(_day_choices(blocks, day, week.program.max_blocks_per_day))
        states = _extend(states, here, patient, most)
    best = min(states, key=lambda one: (_short(week, patient, one), -one.minutes, -len(one.blocks)))
    return Reach(best.minutes, len(best.blocks), best.days, _short(week, patient, best))


def _extend(states: list[_State], choices: list[tuple[Block, ...]], patient: Patient, most: int) -> list[_State]:
    found: dict[tuple[int, int, int], _State] = {state.key: state for state in states}
    for state in states:
        for chosen in choices:
            minutes = sum(block.minutes for block in chosen)
            day = int(minutes >= patient.min_day_minutes)
            new = _State((*state.blocks, *chosen), state.minutes + minutes, state.days + day)
            if len(new.blocks) <= most and new.minutes <= patient.max_minutes:
                found.setdefault(new.key, new)
    return list(found.values())


def _day_choices(blocks: Iterable[Block], day: Day, most: int) -> Iterator[tuple[Block, ...]]:
    """Sets of blocks of one day that can all be attended; of sets with as many blocks and minutes only the first."""
    seen: set[tuple[int, int]] = set()
    here = [block for block in blocks if block.day is day]
    for size in range(1, min(most, len(here)) + 1):
        for chosen in combinations(here, size):
            key = (size, sum(block.minutes for block in chosen))
            if key not in seen and not any(a.overlaps(b) for a, b in combinations(chosen, 2)):
                seen.add(key)
                yield chosen


def _short(week: Week, patient: Patient, state: _State) -> int:
    """By how much a week of these blocks misses the minimum, as the goal itself measures it."""
    group = week.groups[0].id if week.groups else ""
    sessions = tuple(Session(id=block.id, block=block.id, group=group, therapists=()) for block in state.blocks)
    seats = tuple(Assignment(patient=patient.id, session=session.id) for session in sessions)
    return minutes_short(Board(week, Timetable(sessions=sessions, assignments=seats)), patient)


def most_blocks(week: Week, cells: Sequence[Cell], enough: int) -> int:
    """The most sessions, up to ``enough``, that one person can attend in these cells.

    A largest flow from days (so many sessions each) over blocks to groups (so many times each).
    """
    blocks = list(dict.fromkeys(block for block, _ in cells))
    limits = {group: _times(week, group) for _, group in cells}
    per_day = week.program.max_blocks_per_day
    if all(limit >= min(enough, len(blocks)) for limit in limits.values()):
        on_day = Counter(week.block_of[block].day for block in blocks)
        return min(enough, sum(min(per_day, number) for number in on_day.values()))
    flow = _Flow()
    for block in blocks:
        flow.pipe("from", ("day", week.block_of[block].day.short), per_day)
        flow.pipe(("day", week.block_of[block].day.short), ("block", block), 1)
    for block, group in cells:
        flow.pipe(("block", block), ("group", group), 1)
        flow.pipe(("group", group), "to", limits[group])
    return flow.largest(enough)


def _times(week: Week, group: str) -> int:
    """How often one person may attend the group in a week."""
    found = week.group_of[group]
    limits = [n for n in (found.max_per_patient, found.max_sessions) if n is not None]
    return min([len(week.blocks), *limits])


_Node = str | tuple[str, str]


class _Flow:
    """Pipes with whole capacities; a largest flow is found path by path."""

    def __init__(self) -> None:
        self._left: dict[_Node, dict[_Node, int]] = {}

    def pipe(self, source: _Node, target: _Node, capacity: int) -> None:
        self._left.setdefault(source, {})[target] = capacity
        self._left.setdefault(target, {}).setdefault(source, 0)

    def largest(self, enough: int) -> int:
        flow = 0
        while flow < enough and self._enlarge("from", {"from"}):
            flow += 1
        return flow

    def _enlarge(self, node: _Node, seen: set[_Node]) -> bool:
        if node == "to":
            return True
        for target, left in self._left[node].items():
            if left > 0 and target not in seen:
                seen.add(target)
                if self._enlarge(target, seen):
                    self._left[node][target] -= 1
                    self._left[target][node] += 1
                    return True
        return False
