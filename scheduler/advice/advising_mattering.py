"""Whether a change could make anything possible at all: what cannot is no candidate, and needs no solve."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from scheduler.advice.candidates import Candidate, changed
from scheduler.domain.week import Block, Group, Patient, Room, Therapist, Week
from scheduler.model.candidates import Cell
from scheduler.model.protocol import Rule
from scheduler.preflight.outlook import Outlook


class Mattering:
    """Holds changes of a week's rows against what a wider week allows at most.

    The wider week is the same one, or one in which other changes are made already. What is ruled out here is out for
    certain; the rest may gain something or not.
    """

    def __init__(self, week: Week, wide: Week, rules: Sequence[Rule]) -> None:
        self._week, self._wide, self._rules = week, wide, rules
        self._outlook = Outlook(wide, rules)
        self._cells: frozenset[Cell] = frozenset(self._outlook.candidates.cells)
        self._asked: Mapping[str, Callable[[Candidate], bool]] = {
            "patients": self._of_patient,
            "therapists": self._of_therapist,
            "groups": self._of_group,
            "rooms": self._of_room,
            "blocks": self._of_block,
            "program": self._of_cap,
        }

    def matters(self, one: Candidate) -> bool:
        """Whether some timetable of the wider week could make use of the change."""
        return self._asked[one.table](one)

    # ---- people ----

    def _of_patient(self, one: Candidate) -> bool:
        patient, wide = self._week.patient_of[one.row], self._wide.patient_of[one.row]
        if one.field == "free":
            return any(self._could_come(wide, block) for block in self._opened(one))
        reach = self._open_to(wide)
        if one.field == "max_blocks":
            return patient.max_blocks < len(reach)
        longest = sorted((block.minutes for block in reach), reverse=True)[: wide.max_blocks]
        return sum(longest) > patient.max_minutes

    def _could_come(self, wide: Patient, block: Block) -> bool:
        """Whether a session could be staffed then that is open to the patient."""
        groups = self._outlook.groups_of(wide)
        return any(self._outlook.resource_obstacle(block, group) is None for group in groups)

    def _open_to(self, wide: Patient) -> list[Block]:
        ids = {block for block, _ in self._outlook.options[wide.id]}
        return [block for block in self._wide.blocks if block.id in ids]

    def _of_therapist(self, one: Candidate) -> bool:
        wide = self._wide.therapist_of[one.row]
        if one.field == "free":
            return _works(wide) and self._meets(self._opened(one), self._outlook.groups_of(wide))
        blocks = self._outlook.blocks_of(wide)
        if one.field == "groups":
            group = self._wide.group_of[str(one.step)]
            return _works(wide) and wide.modality in ("either", group.modality) and self._meets(blocks, [group])
        return self._meets(blocks, self._outlook.groups_of(wide))

    # ---- the offer ----

    def _of_group(self, one: Candidate) -> bool:
        group, wide = self._week.group_of[one.row], self._wide.group_of[one.row]
        if one.field == "times":
            return True
        if not self._meets(self._wide.blocks, [wide]):
            return False
        if one.field == "max_size" and group.max_size is not None:
            cap = self._wide.program.group_caps.get(group.kind)
            return (cap is None or group.max_size < cap) and self._holds(wide, group.max_size)
        return True

    def _of_cap(self, one: Candidate) -> bool:
        caps = {kind: cap for kind, cap in self._week.program.group_caps.items() if kind == one.row}
        return any(
            (group.max_size is None or group.max_size > cap) and self._holds(group, cap)
            for cap in caps.values()
            for group in self._wide.groups
            if group.kind == one.row and self._meets(self._wide.blocks, [group])
        )

    def _of_room(self, one: Candidate) -> bool:
        room, wide = self._week.room_of[one.row], self._wide.room_of[one.row]
        if one.field == "free":
            return self._meets(self._opened(one), [group for group in self._wide.groups if self._suits(wide, group)])
        larger = wide.model_copy(update={"capacity": max(wide.capacity, room.capacity + 1)})
        groups = (group for group in self._wide.groups if self._suits(larger, group))
        return any((cap := self._wide.size_cap(group)) is None or cap > room.capacity for group in groups)

    def _of_block(self, one: Candidate) -> bool:
        known = one.row in self._wide.block_of
        outlook = self._outlook if known else Outlook(changed(self._wide, [one]), self._rules)
        return any(block.id == one.row for block, _ in outlook.running)

    # ---- what the wider week allows ----

    def _opened(self, one: Candidate) -> list[Block]:
        """The blocks of the wider week that the change may open: those that its span touches."""
        start, end = one.step if isinstance(one.step, tuple) else (0, 0)
        return [block for block in self._wide.blocks if block.start < end and start < block.end]

    def _meets(self, blocks: Iterable[Block], groups: Sequence[Group]) -> bool:
        """Whether somebody may attend one of the groups in one of the blocks."""
        return any((block.id, group.id) in self._cells for block in blocks for group in groups)

    def _holds(self, group: Group, size: int) -> bool:
        """Whether some room is larger than so many patients, where the group needs one."""
        if not group.needs_room:
            return True
        return any(room.capacity > size for room in self._outlook.rooms_for(group))

    def _suits(self, room: Room, group: Group) -> bool:
        return group.needs_room and all(rule.bars(self._wide, room, group) is None for rule in self._rules)


def _works(one: Therapist) -> bool:
    return one.max_blocks != 0 and one.max_blocks_per_day != 0
