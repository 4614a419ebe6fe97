"""Blocks, groups and rooms: what a clinic offers, and when and where."""

from scheduler.domain.availability import read_clock, read_day
from scheduler.domain.clock import TimeSet, clock_text
from scheduler.domain.profile import Profile
from scheduler.domain.program import GridBlock
from scheduler.domain.spelling import nearest
from scheduler.domain.types import MINUTES_PER_DAY
from scheduler.domain.week import Block, Group, Room
from scheduler.intake.cells import (
    read_agenda,
    read_clock_cell,
    read_day_cell,
    read_group_modality,
    read_kind,
    read_open_to,
    read_times,
    read_whole,
    read_words,
)
from scheduler.intake.collector import Collector
from scheduler.intake.rows import Context, Identified, bounds, name_of, say_windows


def blocks_of(rows: tuple[Identified, ...], profile: Profile, sink: Collector) -> tuple[Block, ...]:
    """The blocks of the sheet, else those of the profile's grid, in order of time."""
    if rows:
        found = [block for one in rows if (block := _block(one, sink)) is not None]
    else:
        found = [_grid_block(entry) for entry in profile.blocks]
    return tuple(sorted(found, key=lambda block: (block.start, block.end, block.id)))


def _grid_block(entry: GridBlock) -> Block:
    day = read_day(entry.day)
    return Block(
        id=entry.block,
        start=day.start + read_clock(entry.start),
        end=day.start + (read_clock(entry.end) or MINUTES_PER_DAY),
    )


def _block(one: Identified, sink: Collector) -> Block | None:
    row = one.row
    day = read_day_cell(row["Day"], sink)
    start = read_clock_cell(row["Start"], sink)
    end = read_clock_cell(row["End"], sink, is_end=True)
    if day is None or start is None or end is None:
        return None
    if start >= end:
        message = (
            f"the block ends ({row['End'].address}, {clock_text(end)}) before it starts "
            f"({row['Start'].address}, {clock_text(start)})"
        )
        sink.error("end-before-start", row["End"].spot, message, "a block lies within one day; 24:00 is the latest end")
        return None
    return Block(id=one.id, start=day.start + start, end=day.start + end)


def groups_of(rows: tuple[Identified, ...], context: Context) -> tuple[Group, ...]:
    """The groups of the sheet."""
    return tuple(_group(one, context) for one in rows)


def _group(one: Identified, context: Context) -> Group:
    row, sink = one.row, context.sink
    sizes = bounds(row, ("Min size", "Max size"), (1, None), lambda cell: read_whole(cell, sink, 1), sink)
    sessions = bounds(row, ("Min sessions", "Max sessions"), (0, None), lambda cell: read_whole(cell, sink, 0), sink)
    times = read_times(row["Times"], context.language, sink)
    if times is not None:
        say_windows(row["Times"], times, context)
    limit = read_whole(row["Max per patient"], sink, 1)
    return Group(
        id=one.id,
        name=name_of(row, sink),
        min_size=sizes[0],
        max_size=sizes[1],
        open_to=read_open_to(row["Open to"], sink) or Group.model_fields["open_to"].default,
        kind=read_kind(row["Kind"], sink) or "therapy",
        facilitators=read_whole(row["Facilitators"], sink, 1, 2) or 1,
        modality=read_group_modality(row["Modality"], sink) or "in person",
        room_features=read_words(row["Room features"], sink),
        min_sessions=sessions[0],
        max_sessions=sessions[1],
        times=times,
        max_per_patient=limit if limit is not None else context.profile.max_per_patient,
        agenda=read_agenda(row["Agenda"], sink),
    )


def rooms_of(rows: tuple[Identified, ...], context: Context) -> tuple[Room, ...]:
    """The rooms of the sheet; a blank availability means always."""
    found = []
    for one in rows:
        times = read_times(one.row["Availability"], context.language, context.sink)
        if times is not None:
            say_windows(one.row["Availability"], times, context)
        capacity = read_whole(one.row["Capacity"], context.sink, 1)
        found.append(
            Room(
                id=one.id,
                name=name_of(one.row, context.sink),
                capacity=capacity or 1,
                free=TimeSet.always() if times is None else times,
                features=read_words(one.row["Features"], context.sink),
            )
        )
    return tuple(found)


def check_offer(
    rows: tuple[Identified, ...], groups: tuple[Group, ...], rooms: tuple[Room, ...], context: Context
) -> None:
    """Warn of features that no room has, and of agendas longer than any block."""
    known = sorted({feature for room in rooms for feature in room.features})
    longest = max((block.minutes for block in context.blocks), default=0)
    for one, group in zip(rows, groups, strict=True):
        for feature in sorted(group.room_features - set(known)) if group.needs_room and rooms else ():
            guess = nearest(feature, known)
            hint = f"did you mean '{guess}'?" if guess else f"known features: {', '.join(known) or 'none'}"
            context.sink.warning(
                "no-room-with-feature", one.row["Room features"].spot, f"no room has '{feature}'", hint
            )
        total = sum(item.minutes for item in group.agenda)
        if longest and total > longest:
            message = f"the agenda takes {total} minutes, more than the longest block ({longest})"
            context.sink.warning("agenda-too-long", one.row["Agenda"].spot, message)
