"""Every candidate of a week: the single changes of its rows that could make anything possible."""

from collections.abc import Callable, Iterator, Sequence

from scheduler.advice.advising_mattering import Mattering
from scheduler.advice.candidates import Candidate, Table, changed
from scheduler.domain.advice import Change, Cost
from scheduler.domain.clock import Day, Span, TimeSet, clock_text, hours_text
from scheduler.domain.problems import FactRef
from scheduler.domain.program import GridBlock
from scheduler.domain.tokens import read_clock
from scheduler.domain.types import MINUTES_PER_DAY, MINUTES_PER_HOUR
from scheduler.domain.week import Block, Group, Patient, Room, Therapist, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import SHEETS, fact
from scheduler.rules.registry import RULES


def find_candidates(
    week: Week, grid: Sequence[GridBlock] = (), rules: Sequence[Rule] = RULES, *, beside: bool = False
) -> tuple[Candidate, ...]:
    """All candidates, those of one kind side by side, each kind in the order of the sheet.

    Args:
        week: the week.
        grid: blocks whose times of day a new block may have beside those that the week knows.
        rules: the rulebook.
        beside: whether those count too that make nothing possible by themselves, but may beside others.
    """
    changes = tuple(one for kind in KINDS for one in kind(week, grid))
    mattering = Mattering(week, changed(week, changes) if beside else week, rules)
    return tuple(one for one in changes if mattering.matters(one))


# ---- therapists ----


def _more_sessions(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.therapists:
        if one.max_blocks is not None:
            words = f"{one.id} leads one session more a week"
            yield _number(one, "therapist-sessions", words, "max_blocks", one.max_blocks, Cost.THERAPIST)


def _more_a_day(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.therapists:
        limit = one.max_blocks_per_day
        if limit is not None:
            words = f"{one.id} leads one session more a day"
            yield _number(one, "therapist-day", words, "max_blocks_per_day", limit, Cost.THERAPIST)


def _more_groups(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.therapists:
        for group in week.groups:
            if group.id not in one.groups:
                words, edit = f"{one.id} is qualified for {group.id}", f"add {group.id}"
                facts = (fact(one, "Groups"),)
                change = Change(kind="therapist-group", words=words, edit=edit, facts=facts, cost=Cost.QUALIFY)
                yield _candidate(one, change, "groups", group.id)


def _therapists_hours(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.therapists:
        for block in _closed(week, one.free):
            yield _hours(one, "therapist-block", f"{one.id} can lead {block.text}", block, Cost.THERAPIST)


# ---- blocks ----


def _new_blocks(week: Week, grid: Sequence[GridBlock]) -> Iterator[Candidate]:
    """Blocks at the times of day that the week or the profile's grid knows, on days that lack them."""
    known = {(one.start, one.end) for one in week.blocks}
    times = {(one.time_of_day, one.end - one.day.start) for one in week.blocks}
    times |= {(read_clock(one.start), read_clock(one.end) or MINUTES_PER_DAY) for one in grid}
    for day in Day:
        for start, end in sorted(times):
            one = Block(id=_unused(week, day, start, end), start=day.start + start, end=day.start + end)
            if (one.start, one.end) not in known:
                yield _new_block(one)


def _unused(week: Week, day: Day, start: int, end: int) -> str:
    wanted = f"{day.short}-{clock_text(start)}-{clock_text(end)}"
    while wanted in week.block_of:
        wanted += "'"
    return wanted


def _new_block(block: Block) -> Candidate:
    change = Change(
        kind="new-block",
        words=f"a block {block.text} is opened",
        edit=f"new row: {block.id}, {block.day.short}, {block.clock.replace('-', ', ')}",
        facts=(FactRef(sheet=SHEETS[Block], row=block.id, column="Block"),),
        cost=Cost.CLINIC,
    )
    return Candidate(change=change, table="blocks", row=block.id, field="blocks", step=(block.start, block.end))


# ---- groups ----


def _larger_groups(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.groups:
        if one.max_size is not None:
            words = f"{one.id} takes one patient more a session"
            yield _number(one, "group-size", words, "max_size", one.max_size, Cost.CLINIC)


def _higher_caps(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for kind, cap in week.program.group_caps.items():
        words, edit = f"every {kind} group may hold one patient more", f"{cap} -> {cap + 1} (group_caps of the profile)"
        change = Change(kind="kind-cap", words=words, edit=edit, cost=Cost.LICENCE)
        yield Candidate(change=change, table="program", row=kind, field="group_caps", step=1)


def _smaller_groups(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.groups:
        if one.min_size > 1:
            words = f"{one.id} runs with one patient fewer"
            yield _number(one, "group-min", words, "min_size", one.min_size, Cost.CLINIC, -1)


def _more_often(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.groups:
        if one.max_sessions is not None:
            words = f"{one.id} runs once more a week"
            yield _number(one, "group-sessions", words, "max_sessions", one.max_sessions, Cost.CLINIC)


def _group_times(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.groups:
        for block in () if one.times is None else _closed(week, one.times):
            words, edit = f"{one.id} may run {block.text}", f"also {block.text}"
            change = Change(kind="group-block", words=words, edit=edit, facts=(fact(one, "Times"),), cost=Cost.CLINIC)
            yield _candidate(one, change, "times", (block.start, block.end))


# ---- rooms ----


def _larger_rooms(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.rooms:
        yield _number(one, "room-capacity", f"{one.id} seats one patient more", "capacity", one.capacity, Cost.SEATS)


def _rooms_hours(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.rooms:
        for block in _closed(week, one.free):
            yield _hours(one, "room-block", f"{one.id} is open {block.text}", block, Cost.SEATS)


# ---- patients ----


def _patients_hours(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.patients:
        for block in _closed(week, one.free):
            yield _hours(one, "patient-block", f"{one.id} can come {block.text}", block, Cost.PATIENT)


def _patients_blocks(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    for one in week.patients:
        words = f"{one.id} attends one block more a week"
        yield _number(one, "patient-sessions", words, "max_blocks", one.max_blocks, Cost.PATIENT)


def _patients_limits(week: Week, _: Sequence[GridBlock]) -> Iterator[Candidate]:
    step = max((block.minutes for block in week.blocks), default=0)
    for one in week.patients:
        words = f"{one.id} attends {hours_text(step)} more a week"
        edit = f"{one.max_minutes / MINUTES_PER_HOUR:g} -> {(one.max_minutes + step) / MINUTES_PER_HOUR:g}"
        facts = (fact(one, "Max hours"),)
        change = Change(kind="patient-hours", words=words, edit=edit, facts=facts, cost=Cost.PATIENT)
        yield _candidate(one, change, "max_minutes", step)


KINDS: tuple[Callable[[Week, Sequence[GridBlock]], Iterator[Candidate]], ...] = (
    _more_sessions,
    _more_a_day,
    _more_groups,
    _therapists_hours,
    _new_blocks,
    _larger_groups,
    _higher_caps,
    _larger_rooms,
    _rooms_hours,
    _smaller_groups,
    _more_often,
    _group_times,
    _patients_hours,
    _patients_blocks,
    _patients_limits,
)
"""What is looked at, in the order in which equals are ranked."""


# ---- spelling ----

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


def _closed(week: Week, free: TimeSet) -> Iterator[Block]:
    return (block for block in week.blocks if not free.covers(block.start, block.end))


def _candidate(row: Row, change: Change, field: str, step: int | str | Span) -> Candidate:
    return Candidate(change=change, table=_TABLES[type(row)], row=row.id, field=field, step=step)


def _number(row: Row, kind: str, words: str, field: str, was: int, cost: Cost, step: int = 1) -> Candidate:
    facts = (fact(row, _COLUMNS[field]),)
    change = Change(kind=kind, words=words, edit=f"{was} -> {was + step}", facts=facts, cost=cost)
    return _candidate(row, change, field, step)


def _hours(row: Patient | Therapist | Room, kind: str, words: str, block: Block, cost: Cost) -> Candidate:
    """Free for one block more; what is unavailable then must go too, where it was said."""
    columns = ("Availability",) if isinstance(row, Room) else ("Availability", "Unavailable")
    facts = tuple(fact(row, column) for column in columns)
    change = Change(kind=kind, words=words, edit=f"also {block.text}", facts=facts, cost=cost)
    return _candidate(row, change, "free", (block.start, block.end))
