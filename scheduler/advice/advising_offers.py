"""Every candidate of a week: the single changes that could make anything possible that was not possible before."""

from collections.abc import Iterator, Sequence

from scheduler.advice.candidates import Candidate, Table, changed
from scheduler.domain.advice import Change, Cost
from scheduler.domain.clock import Day, Span, TimeSet, clock_text, hours_text
from scheduler.domain.problems import FactRef
from scheduler.domain.program import GridBlock
from scheduler.domain.tokens import read_clock
from scheduler.domain.types import MINUTES_PER_DAY, MINUTES_PER_HOUR
from scheduler.domain.week import Block, Group, Patient, Room, Therapist, Week
from scheduler.model.candidates import Cell
from scheduler.model.protocol import Rule
from scheduler.preflight.outlook import Outlook
from scheduler.rules.facts import fact
from scheduler.rules.registry import RULES

ABSENT_BLOCK = "Blocks"


def find_candidates(
    week: Week, grid: Sequence[GridBlock] = (), rules: Sequence[Rule] = RULES, wide: Week | None = None
) -> tuple[Candidate, ...]:
    """All candidates, those of one kind side by side, each kind in the order of the sheet.

    Args:
        week: the week.
        grid: blocks whose times of day a new block may have beside those that the week knows.
        rules: the rulebook.
        wide: the week with other changes made already; what may matter beside them is a candidate too.
    """
    offers = _Offers(week, grid, rules, wide or week)
    kinds = (
        offers.more_sessions,
        offers.more_a_day,
        offers.more_groups,
        offers.therapists_hours,
        offers.new_blocks,
        offers.larger_groups,
        offers.higher_caps,
        offers.larger_rooms,
        offers.rooms_hours,
        offers.smaller_groups,
        offers.more_often,
        offers.group_times,
        offers.patients_hours,
        offers.patients_blocks,
        offers.patients_limits,
    )
    return tuple(one for kind in kinds for one in kind())


class _Offers:
    """The kinds of candidates, each a method: the rows of the week, held against what the wide week allows."""

    def __init__(self, week: Week, grid: Sequence[GridBlock], rules: Sequence[Rule], wide: Week) -> None:
        self._week, self._grid, self._rules, self._wide = week, grid, rules, wide
        self._outlook = Outlook(wide, rules)
        self._cells: frozenset[Cell] = frozenset(self._outlook.candidates.cells)

    # ---- therapists ----

    def more_sessions(self) -> Iterator[Candidate]:
        for one in self._week.therapists:
            if one.max_blocks is not None and self._could_lead(one):
                words = f"{one.id} leads one session more a week"
                yield _number(one, "therapist-sessions", words, "max_blocks", one.max_blocks, Cost.THERAPIST)

    def more_a_day(self) -> Iterator[Candidate]:
        for one in self._week.therapists:
            limit = one.max_blocks_per_day
            if limit is not None and one.max_blocks != 0 and self._could_lead(one):
                words = f"{one.id} leads one session more a day"
                yield _number(one, "therapist-day", words, "max_blocks_per_day", limit, Cost.THERAPIST)

    def more_groups(self) -> Iterator[Candidate]:
        for one in self._week.therapists:
            free = self._outlook.blocks_of(self._wide.therapist_of[one.id])
            for group in self._week.groups:
                able = one.modality in ("either", group.modality) and _works(one)
                if able and group.id not in one.groups and any((b.id, group.id) in self._cells for b in free):
                    yield _candidate(
                        one,
                        Change(
                            kind="therapist-group",
                            words=f"{one.id} is qualified for {group.id}",
                            edit=f"add {group.id}",
                            facts=(fact(one, "Groups"),),
                            cost=Cost.QUALIFY,
                        ),
                        "groups",
                        group.id,
                    )

    def therapists_hours(self) -> Iterator[Candidate]:
        for one in self._week.therapists:
            groups = self._outlook.groups_of(self._wide.therapist_of[one.id])
            for block in self._closed(one.free):
                if _works(one) and any((block.id, group.id) in self._cells for group in groups):
                    words = f"{one.id} can lead {block.text}"
                    yield _hours(one, "therapist-block", words, block, Cost.THERAPIST)

    def _could_lead(self, one: Therapist) -> bool:
        """Whether any session that somebody may attend is open to the therapist, their limits apart."""
        wide = self._wide.therapist_of[one.id]
        blocks, groups = self._outlook.blocks_of(wide), self._outlook.groups_of(wide)
        return any((block.id, group.id) in self._cells for block in blocks for group in groups)

    # ---- blocks ----

    def new_blocks(self) -> Iterator[Candidate]:
        """Blocks at the times of day that the week knows, on days that lack them."""
        known = {(one.start, one.end) for one in self._week.blocks}
        times = {(one.time_of_day, one.end - one.day.start) for one in self._week.blocks}
        times |= {(read_clock(one.start), read_clock(one.end) or MINUTES_PER_DAY) for one in self._grid}
        for day in Day:
            for start, end in sorted(times):
                span = (day.start + start, day.start + end)
                one = Block(id=self._unused(day, start, end), start=span[0], end=span[1])
                offered = _new_block(one)
                if span not in known and self._runs_in(offered):
                    yield offered

    def _unused(self, day: Day, start: int, end: int) -> str:
        wanted = f"{day.short}-{clock_text(start)}-{clock_text(end)}"
        while wanted in self._week.block_of:
            wanted += "'"
        return wanted

    def _runs_in(self, offered: Candidate) -> bool:
        if offered.row in self._wide.block_of:
            return True
        outlook = Outlook(changed(self._wide, [offered]), self._rules)
        return any(block.id == offered.row for block, _ in outlook.running)

    # ---- groups ----

    def larger_groups(self) -> Iterator[Candidate]:
        caps = self._week.program.group_caps
        for one in self._offered_groups():
            cap = caps.get(one.kind)
            if one.max_size is not None and (cap is None or one.max_size < cap) and self._holds(one, one.max_size):
                words = f"{one.id} takes one patient more a session"
                yield _number(one, "group-size", words, "max_size", one.max_size, Cost.CLINIC)

    def higher_caps(self) -> Iterator[Candidate]:
        for kind, cap in self._week.program.group_caps.items():
            binding = [g for g in self._offered_groups() if g.kind == kind and (g.max_size is None or g.max_size > cap)]
            if any(self._holds(group, cap) for group in binding):
                change = Change(
                    kind="kind-cap",
                    words=f"every {kind} group may hold one patient more",
                    edit=f"{cap} -> {cap + 1} (group_caps of the profile)",
                    cost=Cost.LICENCE,
                )
                yield Candidate(change=change, table="program", row=kind, field="group_caps", step=1)

    def smaller_groups(self) -> Iterator[Candidate]:
        for one in self._offered_groups():
            if one.min_size > 1:
                words = f"{one.id} runs with one patient fewer"
                yield _number(one, "group-min", words, "min_size", one.min_size, Cost.CLINIC, -1)

    def more_often(self) -> Iterator[Candidate]:
        for one in self._week.groups:
            if one.max_sessions is not None and any(cell[1] == one.id for cell in self._cells):
                words = f"{one.id} runs once more a week"
                yield _number(one, "group-sessions", words, "max_sessions", one.max_sessions, Cost.CLINIC)

    def group_times(self) -> Iterator[Candidate]:
        for one in self._week.groups:
            for block in () if one.times is None else self._closed(one.times):
                change = Change(
                    kind="group-block",
                    words=f"{one.id} may run {block.text}",
                    edit=f"also {block.text}",
                    facts=(fact(one, "Times"),),
                    cost=Cost.CLINIC,
                )
                yield _candidate(one, change, "times", (block.start, block.end))

    def _offered_groups(self) -> Iterator[Group]:
        """Groups of which a session is not barred beforehand."""
        running = {cell[1] for cell in self._cells}
        return (one for one in self._week.groups if one.id in running and one.max_sessions != 0)

    def _holds(self, group: Group, size: int) -> bool:
        """Whether some room is larger than so many patients, where the group needs one."""
        return not group.needs_room or any(room.capacity > size for room in self._outlook.rooms_for(group))

    # ---- rooms ----

    def larger_rooms(self) -> Iterator[Candidate]:
        for one in self._week.rooms:
            larger = one.model_copy(update={"capacity": one.capacity + 1})
            held = (group for group in self._offered_groups() if group.needs_room and self._suits(larger, group))
            if any((cap := self._week.size_cap(group)) is None or cap > one.capacity for group in held):
                words = f"{one.id} seats one patient more"
                yield _number(one, "room-capacity", words, "capacity", one.capacity, Cost.SEATS)

    def rooms_hours(self) -> Iterator[Candidate]:
        for one in self._week.rooms:
            wide = self._wide.room_of[one.id]
            held = {group.id for group in self._week.groups if group.needs_room and self._suits(wide, group)}
            for block in self._closed(one.free):
                if any((block.id, group) in self._cells for group in held):
                    words = f"{one.id} is open {block.text}"
                    yield _hours(one, "room-block", words, block, Cost.SEATS)

    def _suits(self, room: Room, group: Group) -> bool:
        wide = self._wide.group_of[group.id]
        return all(rule.bars(self._wide, room, wide) is None for rule in self._rules)

    # ---- patients ----

    def patients_hours(self) -> Iterator[Candidate]:
        """A window each: where a session could be staffed that the patient may attend."""
        for one in self._week.patients:
            groups = self._outlook.groups_of(self._wide.patient_of[one.id])
            for block in self._closed(one.free):
                if any(self._outlook.resource_obstacle(block, group) is None for group in groups):
                    words = f"{one.id} can come {block.text}"
                    yield _hours(one, "patient-block", words, block, Cost.PATIENT)

    def patients_blocks(self) -> Iterator[Candidate]:
        for one in self._week.patients:
            if one.max_blocks < len(self._open_to(one)):
                words = f"{one.id} attends one block more a week"
                yield _number(one, "patient-sessions", words, "max_blocks", one.max_blocks, Cost.PATIENT)

    def patients_limits(self) -> Iterator[Candidate]:
        """``Max hours``, where all the blocks that a patient may attend would not fit into them."""
        for one in self._week.patients:
            longest = sorted((block.minutes for block in self._open_to(one)), reverse=True)[: one.max_blocks]
            if sum(longest) > one.max_minutes:
                step = longest[0]
                change = Change(
                    kind="patient-hours",
                    words=f"{one.id} attends {hours_text(step)} more a week",
                    edit=f"{one.max_minutes / MINUTES_PER_HOUR:g} -> {(one.max_minutes + step) / MINUTES_PER_HOUR:g}",
                    facts=(fact(one, "Max hours"),),
                    cost=Cost.PATIENT,
                )
                yield _candidate(one, change, "max_minutes", step)

    def _open_to(self, one: Patient) -> tuple[Block, ...]:
        """The blocks in which the patient could attend a session at all."""
        ids = {block for block, _ in self._outlook.options[one.id]}
        return tuple(block for block in self._wide.blocks if block.id in ids)

    def _closed(self, free: TimeSet) -> Iterator[Block]:
        return (block for block in self._wide.blocks if not free.covers(block.start, block.end))


def _works(one: Therapist) -> bool:
    return one.max_blocks != 0 and one.max_blocks_per_day != 0


Row = Patient | Therapist | Group | Room
_TABLES: dict[type, Table] = {Patient: "patients", Therapist: "therapists", Group: "groups", Room: "rooms"}
_COLUMNS = {
    "max_blocks": "Max blocks",
    "max_blocks_per_day": "Max blocks per day",
    "max_size": "Max size",
    "min_size": "Min size",
    "max_sessions": "Max sessions",
    "capacity": "Capacity",
}


def _candidate(row: Row, change: Change, field: str, step: int | str | Span) -> Candidate:
    return Candidate(change=change, table=_TABLES[type(row)], row=row.id, field=field, step=step)


def _number(row: Row, kind: str, words: str, field: str, was: int, cost: Cost, step: int = 1) -> Candidate:
    facts = (fact(row, _COLUMNS[field]),)
    change = Change(kind=kind, words=words, edit=f"{was} -> {was + step}", facts=facts, cost=cost)
    return _candidate(row, change, field, step)


def _hours(row: Patient | Therapist | Room, kind: str, words: str, block: Block, cost: Cost) -> Candidate:
    """Free for one block more; what is unavailable then must go too, where it was said."""
    facts = [fact(row, "Availability")]
    if not isinstance(row, Room):
        facts.append(fact(row, "Unavailable"))
    change = Change(kind=kind, words=words, edit=f"also {block.text}", facts=tuple(facts), cost=cost)
    return _candidate(row, change, "free", (block.start, block.end))


def _new_block(block: Block) -> Candidate:
    change = Change(
        kind="new-block",
        words=f"a block {block.text} is opened",
        edit=f"new row: {block.id}, {block.day.short}, {block.clock.replace('-', ', ')}",
        facts=(FactRef(sheet=ABSENT_BLOCK, row=block.id, column="Block"),),
        cost=Cost.CLINIC,
    )
    return Candidate(change=change, table="blocks", row=block.id, field="blocks", step=(block.start, block.end))
