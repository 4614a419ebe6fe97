"""Which seats, leads and rooms can exist at all, as the rules allow them. Uses no solver."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.week import Block, Group, Room, Week
from scheduler.model.protocol import Actor, Rule

Cell = tuple[str, str]
"""A block's id and a group's id: where sessions of that group may run."""


@dataclass(frozen=True)
class RoomClass:
    """Rooms that no rule can tell apart: same capacity, blocks and groups. A pinned room is alone in its class."""

    rooms: tuple[str, ...]
    capacity: int


@dataclass(frozen=True)
class Candidates:
    """What may be decided. Every tuple is in the order of the week, so that models are built the same way each time.

    ``cells`` are those that some patient may attend; ``patients``, ``therapists`` and ``rooms`` (indices of
    ``room_classes``) say who may be in each.
    """

    cells: tuple[Cell, ...]
    patients: dict[Cell, tuple[str, ...]]
    therapists: dict[Cell, tuple[str, ...]]
    room_classes: tuple[RoomClass, ...]
    rooms: dict[Cell, tuple[int, ...]]


def find_candidates(week: Week, rules: Sequence[Rule]) -> Candidates:
    """List every combination that no rule bars."""
    gate = Gate(week, rules)
    cells = [(b, g) for b in week.blocks for g in week.groups if gate.lets(g, b)]
    patients = gate.members(week.patients, cells)
    therapists = gate.members(week.therapists, cells)
    used = [(b, g) for b, g in cells if patients[b.id, g.id]]
    classes, rooms = _classify(week, gate, used)
    return Candidates(
        cells=tuple((b.id, g.id) for b, g in used),
        patients={(b.id, g.id): patients[b.id, g.id] for b, g in used},
        therapists={(b.id, g.id): therapists[b.id, g.id] for b, g in used},
        room_classes=classes,
        rooms=rooms,
    )


class Gate:
    """The rules that bar anything, asked pair by pair."""

    def __init__(self, week: Week, rules: Sequence[Rule]) -> None:
        self._week = week
        self._rules = [rule for rule in rules if type(rule).bars is not Rule.bars]

    def lets(self, actor: Actor, target: Block | Group) -> bool:
        """Whether no rule keeps somebody, or a room or group, from a block or group."""
        for rule in self._rules:  # noqa: SIM110 - asked of every pair: a generator would take a third longer
            if rule.bars(self._week, actor, target) is not None:
                return False
        return True

    def members(self, actors: Sequence[Actor], cells: list[tuple[Block, Group]]) -> dict[Cell, tuple[str, ...]]:
        """Who of them may be in each cell."""
        blocks = {a.id: {b.id for b in self._week.blocks if self.lets(a, b)} for a in actors}
        groups = {a.id: {g.id for g in self._week.groups if self.lets(a, g)} for a in actors}
        return {
            (b.id, g.id): tuple(a.id for a in actors if b.id in blocks[a.id] and g.id in groups[a.id]) for b, g in cells
        }


def _classify(
    week: Week, gate: Gate, cells: list[tuple[Block, Group]]
) -> tuple[tuple[RoomClass, ...], dict[Cell, tuple[int, ...]]]:
    in_person = [(b, g) for b, g in cells if g.needs_room]
    members = gate.members(week.rooms, in_person)
    places: dict[str, list[Cell]] = defaultdict(list)
    for cell, members_here in members.items():
        for one in members_here:
            places[one].append(cell)
    pinned = {pin.room for pin in week.pins if pin.room is not None}
    alike: dict[tuple[object, ...], list[Room]] = defaultdict(list)
    for room in week.rooms:
        alone = room.id if room.id in pinned else ""
        alike[room.capacity, alone, tuple(places[room.id])].append(room)
    classes = tuple(RoomClass(tuple(r.id for r in rooms), rooms[0].capacity) for rooms in alike.values())
    class_of = {room: index for index, one in enumerate(classes) for room in one.rooms}
    found = {cell: tuple(sorted({class_of[room] for room in rooms})) for cell, rooms in members.items()}
    return classes, {(b.id, g.id): found.get((b.id, g.id), ()) for b, g in cells}
