"""What a week could hold at the very most: where a session of a group could run, and who could be in it.

Everything rests on what the rules bar pair by pair and on the plain limits of the week, each taken alone. So it
promises nothing, but what it rules out is out for certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from scheduler.domain.findings import Refusal
from scheduler.domain.week import Block, Group, Room, Therapist, Week
from scheduler.model.candidates import Cell, find_candidates
from scheduler.model.protocol import Actor, Rule
from scheduler.preflight.wording import counted

Cause = Literal["never", "times", "staff", "room", "patients"]


@dataclass(frozen=True)
class Obstacle:
    """Why no session of a group can ever run in a block: what is in the way, in plain words."""

    cause: Cause
    words: str


class Outlook:
    """A week as its rules allow it at most. Built once for all checks."""

    def __init__(self, week: Week, rules: Sequence[Rule]) -> None:
        self.week = week
        self.rules = rules
        self.candidates = find_candidates(week, rules)
        self._barring = [rule for rule in rules if type(rule).bars is not Rule.bars]
        self._barred: dict[tuple[type, str, type, str], Refusal | None] = {}
        self._leaders: dict[Cell, tuple[Therapist, ...]] = {}
        self._rooms: dict[Cell, tuple[Room, ...]] = {}
        self._obstacles: dict[Cell, Obstacle | None] = {}

    # ---- pair by pair ------------------------------------------------------------------------------------------

    def barred(self, actor: Actor, target: Block | Group) -> Refusal | None:
        """Why the rules never let the two come together; None when they may."""
        key = (type(actor), actor.id, type(target), target.id)
        if key not in self._barred:
            found = (rule.bars(self.week, actor, target) for rule in self._barring)
            self._barred[key] = next((one for one in found if one is not None), None)
        return self._barred[key]

    def blocks_of(self, actor: Actor) -> tuple[Block, ...]:
        """The blocks that the rules leave to somebody or something."""
        return tuple(block for block in self.week.blocks if self.barred(actor, block) is None)

    def groups_of(self, actor: Actor) -> tuple[Group, ...]:
        """The groups that the rules leave to somebody or something."""
        return tuple(group for group in self.week.groups if self.barred(actor, group) is None)

    # ---- who could be in a session -----------------------------------------------------------------------------

    def leaders(self, block: Block, group: Group) -> tuple[Therapist, ...]:
        """The therapists who could lead the group in the block."""
        cell = (block.id, group.id)
        if cell not in self._leaders:
            self._leaders[cell] = tuple(t for t in self.qualified(group) if self.barred(t, block) is None)
        return self._leaders[cell]

    def qualified(self, group: Group) -> tuple[Therapist, ...]:
        """The therapists who may lead the group at all and who lead anything at all."""
        return self._qualified[group.id]

    @cached_property
    def _qualified(self) -> dict[str, tuple[Therapist, ...]]:
        working = [t for t in self.week.therapists if t.max_blocks != 0 and t.max_blocks_per_day != 0]
        return {g.id: tuple(t for t in working if self.barred(t, g) is None) for g in self.week.groups}

    def rooms(self, block: Block, group: Group) -> tuple[Room, ...]:
        """The rooms in which the group could be held in the block."""
        cell = (block.id, group.id)
        if cell not in self._rooms:
            self._rooms[cell] = tuple(room for room in self.rooms_for(group) if self.barred(room, block) is None)
        return self._rooms[cell]

    def rooms_for(self, group: Group) -> tuple[Room, ...]:
        """The rooms that suit the group at any time."""
        return tuple(room for room in self.week.rooms if self.barred(room, group) is None)

    def patients(self, cell: Cell) -> tuple[str, ...]:
        """The patients who could attend the group in the block."""
        return self.candidates.patients.get(cell, ())

    def most_in_session(self, block: Block, group: Group) -> int:
        """The most patients that one session of the group in the block could hold."""
        cap = self.week.size_cap(group)
        limits = [len(self.week.patients)] + ([cap] if cap is not None else [])
        if group.needs_room:
            limits.append(max((room.capacity for room in self.rooms(block, group)), default=0))
        return min(limits)

    # ---- what could run ----------------------------------------------------------------------------------------

    def obstacle(self, block: Block, group: Group) -> Obstacle | None:
        """Why no session of the group can run in the block; None when nothing is in the way."""
        cell = (block.id, group.id)
        if cell not in self._obstacles:
            self._obstacles[cell] = self._find_obstacle(block, group)
        return self._obstacles[cell]

    def _find_obstacle(self, block: Block, group: Group) -> Obstacle | None:
        lacking = self.resource_obstacle(block, group)
        if lacking is not None:
            return lacking
        present = len(self.patients((block.id, group.id)))
        if present < group.min_size:
            return Obstacle("patients", f"it needs {group.min_size} patients and only {present} could come")
        return None

    def resource_obstacle(self, block: Block, group: Group) -> Obstacle | None:
        """What stands in the way of a session apart from patients: the group's own limits, staff, rooms."""
        never = self.never_runs(group)
        if never is not None:
            return Obstacle("never", never)
        if self.barred(group, block) is not None:
            return Obstacle("times", "it may not run then")
        leaders = len(self.leaders(block, group))
        if leaders < group.facilitators:
            found = "nobody" if leaders == 0 else f"only {leaders}"
            need = counted(group.facilitators, "qualified therapist")
            return Obstacle("staff", f"it needs {need} and {found} is free")
        if group.needs_room and not self.rooms(block, group):
            return Obstacle("room", "no room that suits it is free")
        return None

    def never_runs(self, group: Group) -> str | None:
        """Why no session of the group is ever allowed by the group's own row; None when one may be."""
        cap = self.week.size_cap(group)
        if group.max_sessions == 0:
            return "its Max sessions is 0"
        if cap is not None and cap < group.min_size:
            return f"its Min size {group.min_size} is above the {cap} it may hold"
        return None

    def runnable(self, block: Block, group: Group) -> bool:
        """Whether nothing that is known beforehand keeps a session of the group from running in the block."""
        return self.obstacle(block, group) is None

    @cached_property
    def options(self) -> dict[str, tuple[Cell, ...]]:
        """By patient: where they could attend a session that could run. Every patient has an entry."""
        found: dict[str, list[Cell]] = {patient.id: [] for patient in self.week.patients}
        for block, group in self.running:
            for patient in self.patients((block.id, group.id)):
                found[patient].append((block.id, group.id))
        return {patient: tuple(cells) for patient, cells in found.items()}

    def led_by(self, therapist: str) -> frozenset[Cell]:
        """The cells that could run and that the therapist could lead."""
        return self._led_by.get(therapist, frozenset())

    @cached_property
    def _led_by(self) -> dict[str, frozenset[Cell]]:
        found: dict[str, set[Cell]] = {}
        for block, group in self.running:
            for therapist in self.leaders(block, group):
                found.setdefault(therapist.id, set()).add((block.id, group.id))
        return {therapist: frozenset(cells) for therapist, cells in found.items()}

    def held_in(self, room: Room) -> bool:
        """Whether any session that could run could be held in the room."""
        return room.id in self._rooms_in_use

    @cached_property
    def _rooms_in_use(self) -> frozenset[str]:
        return frozenset(
            room.id for block, group in self.running if group.needs_room for room in self.rooms(block, group)
        )

    @cached_property
    def running(self) -> tuple[tuple[Block, Group], ...]:
        """Every cell in which a session could run."""
        cells = ((self.week.block_of[b], self.week.group_of[g]) for b, g in self.candidates.cells)
        return tuple((block, group) for block, group in cells if self.runnable(block, group))
