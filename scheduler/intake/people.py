"""Patients and therapists: who comes, who leads, when, and what they need."""

import re

from scheduler.domain.program import LevelRules
from scheduler.domain.spelling import nearest
from scheduler.domain.types import ADOLESCENT, ADULT, MINUTES_PER_HOUR
from scheduler.domain.week import Group, Patient, RequiredGroup, Therapist
from scheduler.intake.cells import (
    plain_word,
    read_choice,
    read_hours,
    read_list,
    read_person_modality,
    read_text,
    read_times,
    read_whole,
    read_words,
)
from scheduler.intake.refs import Index
from scheduler.intake.rows import Context, Identified, bounds, free_times, name_of
from scheduler.intake.tables import Cell, Row

_TIMES_AFTER = re.compile(r"(?P<name>.+?)\s*(?:\bx\s*|[×*]\s*|\(\s*x?\s*)(?P<times>\d{1,4})\s*x?\s*\)?", re.IGNORECASE)
_TIMES_GLUED = re.compile(r"(?P<name>.+?)\s*x\s*(?P<times>\d{1,4})", re.IGNORECASE)
_TIMES_BEFORE = re.compile(r"(?P<times>\d{1,4})\s*(?:[x×*]\s*|\s)(?P<name>\D.*)", re.IGNORECASE)
MOST_TIMES = 21
_EVERYBODY = frozenset({"all", "any", "anyone", "anybody", "everyone", "everybody", "*", "all patients", "all levels"})
EVERY = frozenset({"*", "all", "any", "all groups"})


def therapists_of(rows: tuple[Identified, ...], context: Context) -> tuple[Therapist, ...]:
    """The therapists of the sheet."""
    return tuple(_therapist(one, context) for one in rows)


def _therapist(one: Identified, context: Context) -> Therapist:
    row, sink = one.row, context.sink
    load = bounds(row, ("Min blocks", "Max blocks"), (0, None), lambda cell: read_whole(cell, sink, 0), sink)
    groups = _qualified(row["Groups"], context)
    if not groups and context.refs.groups.entries:
        sink.warning(
            "no-groups", row["Groups"].spot, "the therapist is qualified for no group", "write * for all groups"
        )
    return Therapist(
        id=one.id,
        name=name_of(row, sink),
        free=free_times(row, context),
        groups=frozenset(groups),
        max_blocks=load[1],
        max_blocks_per_day=read_whole(row["Max blocks per day"], sink, 0),
        min_blocks=load[0],
        modality=read_person_modality(row["Modality"], sink) or "either",
    )


def _qualified(cell: Cell, context: Context) -> tuple[str, ...]:
    if read_text(cell, context.sink).casefold() in EVERY or "*" in read_list(cell, context.sink):
        return tuple(one for one, _ in context.refs.groups.entries)
    return groups_in(cell, context)


def groups_in(cell: Cell, context: Context) -> tuple[str, ...]:
    """The groups that a list names, each once, in the order of the cell."""
    items = _items(cell, context)
    found = (context.refs.groups.resolve(cell, item, context.sink) for item in items)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _items(cell: Cell, context: Context) -> tuple[str, ...]:
    """The items of a list of groups; a cell that is a group's name is one item, even with a comma in it."""
    whole = read_text(cell, context.sink)
    return (whole,) if context.refs.groups.find(whole).ids else read_list(cell, context.sink)


def patients_of(rows: tuple[Identified, ...], groups: tuple[Group, ...], context: Context) -> tuple[Patient, ...]:
    """The patients of the sheet, with the defaults of their levels."""
    limits = {group.id: group.max_per_patient for group in groups}
    return tuple(_patient(one, limits, context) for one in rows)


def _patient(one: Identified, limits: dict[str, int | None], context: Context) -> Patient:
    row, sink = one.row, context.sink
    level, rules = _level(row["Level"], context)
    hours = (round(rules.min_hours * MINUTES_PER_HOUR), round(rules.max_hours * MINUTES_PER_HOUR))
    minutes = bounds(row, ("Min hours", "Max hours"), hours, lambda cell: read_hours(cell, sink), sink)
    default = (rules.min_blocks, rules.max_blocks)
    blocks = bounds(row, ("Min blocks", "Max blocks"), default, lambda cell: read_whole(cell, sink, 0), sink)
    most_blocks = blocks[1] if blocks[1] is not None else rules.max_blocks
    required = required_in(row["Required groups"], context)
    avoided = groups_in(row["Avoid groups"], context)
    _check_plan(row, required, avoided, limits, most_blocks, context)
    primary = row["Primary therapist"]
    return Patient(
        id=one.id,
        name=name_of(row, sink),
        level=level,
        age_band=context.profile.band_of_level(level),
        tags=_tags(row["Tags"], level, context),
        free=free_times(row, context),
        min_minutes=minutes[0],
        max_minutes=minutes[1] if minutes[1] is not None else hours[1],
        min_blocks=blocks[0],
        max_blocks=most_blocks,
        min_days=min(rules.min_days, blocks[0]),
        min_day_minutes=rules.min_day_minutes,
        required=required,
        preferred=groups_in(row["Preferred groups"], context),
        avoided=avoided,
        preferred_times=read_times(row["Preferred times"], context.language, sink),
        primary_therapist=context.refs.therapists.resolve(primary, read_text(primary, sink), sink),
        modality=read_person_modality(row["Modality"], sink) or "in person",
        priority=read_whole(row["Priority"], sink, 1, 5) or 3,
    )


def _level(cell: Cell, context: Context) -> tuple[str, LevelRules]:
    levels = context.profile.levels
    level = read_choice(cell, context.sink, tuple(levels), "unknown-level")
    if not level and ADULT not in levels and cell.blank:
        message = f"the level is blank, and the profile has no level 'adult'; write one of {', '.join(levels)}"
        context.sink.error("unknown-level", cell.spot, message)
    level = level or ADULT
    return level, levels.get(level, LevelRules())


def _tags(cell: Cell, level: str, context: Context) -> frozenset[str]:
    tags = read_words(cell, context.sink)
    bands = {ADULT, ADOLESCENT, *context.profile.levels}
    for tag in sorted((tags & bands) - {level, context.profile.band_of_level(level)}):
        message = f"the tag '{tag}' is a level, but the patient's level is {level}"
        context.sink.warning("tag-is-level", cell.spot, message, "write it under Level instead")
    return tags


def required_in(cell: Cell, context: Context) -> tuple[RequiredGroup, ...]:
    """``Relapse prevention; Process x2``: the groups of a treatment plan, each with its times a week."""
    found: dict[str, int] = {}
    for item in _items(cell, context):
        name, times = _name_and_times(item, context.refs.groups)
        group = context.refs.groups.resolve(cell, name, context.sink)
        if not 1 <= times <= MOST_TIMES:
            message = f"'{item}': expected from 1 to {MOST_TIMES} times a week"
            context.sink.error("out-of-range", cell.spot, message, "leave the group out if it is not needed")
        elif group is not None and group in found:
            found[group] += times
            message = f"'{group}' stands more than once: read as {found[group]} times a week"
            context.sink.warning("group-repeated", cell.spot, message, f"write {name} x{found[group]}")
        elif group is not None:
            found[group] = times
    return tuple(RequiredGroup(group=group, times=times) for group, times in found.items())


def _name_and_times(item: str, groups: Index) -> tuple[str, int]:
    """The name and the times of an item; a group whose own name looks like that is not cut."""
    if groups.find(item).ids:
        return item, 1
    for pattern in (_TIMES_AFTER, _TIMES_GLUED, _TIMES_BEFORE):
        match = pattern.fullmatch(item)
        if match is not None and (pattern is _TIMES_AFTER or groups.has_or_had(match.group("name"))):
            return match.group("name").strip(), int(match.group("times"))
    return item, 1


def _check_plan(
    row: Row,
    required: tuple[RequiredGroup, ...],
    avoided: tuple[str, ...],
    limits: dict[str, int | None],
    most_blocks: int,
    context: Context,
) -> None:
    cell, avoid, sink = row["Required groups"], row["Avoid groups"], context.sink
    for need in required:
        if need.group in avoided:
            message = f"the group '{need.group}' is required in {cell.address} and avoided in {avoid.address}"
            sink.error("required-and-avoided", cell.spot, message, "take it out of one of the two")
        limit = limits.get(need.group)
        if limit is not None and need.times > limit:
            message = f"'{need.group}' is required {need.times} times, but a patient may attend it {limit} times a week"
            sink.warning("required-above-limit", cell.spot, message, "see Max per patient of the group or the profile")
    total = sum(need.times for need in required)
    if total > most_blocks:
        message = f"the plan asks for {total} sessions, but the patient has at most {most_blocks} blocks a week"
        sink.warning("required-above-blocks", cell.spot, message, "raise Max blocks or shorten the plan")
    for group in groups_in_silently(row["Preferred groups"], context):
        if group in avoided:
            message = (
                f"the group '{group}' is preferred in {row['Preferred groups'].address} and avoided in {avoid.address}"
            )
            sink.warning("preferred-and-avoided", avoid.spot, message, "it will be avoided")


def groups_in_silently(cell: Cell, context: Context) -> tuple[str, ...]:
    """The groups that a list names, without a word about those that are unknown."""
    found = (context.refs.groups.find(item).id for item in _items(cell, context))
    return tuple(one for one in found if one is not None)


def check_open_to(
    rows: tuple[Identified, ...], groups: tuple[Group, ...], patients: tuple[Patient, ...], context: Context
) -> None:
    """Warn of a word under ``Open to`` that nobody answers to, where a word much like it is answered to."""
    known = {ADULT, ADOLESCENT, *map(plain_word, context.profile.levels)}
    known |= {tag for patient in patients for tag in patient.qualities}
    for one, group in zip(rows, groups, strict=True):
        words = {word for choice in group.open_to for word in choice}
        for word in sorted(words - known):
            message = f"no patient answers to '{word}'"
            hint = _open_to_hint(word, known)
            if hint:
                context.sink.warning("unanswered-word", one.row["Open to"].spot, message, hint)
            else:
                context.sink.notice("unanswered-word", one.row["Open to"].spot, message)


def _open_to_hint(word: str, known: set[str]) -> str:
    """What was probably meant by a word that nobody answers to; '' when it may well be meant as it stands."""
    if word in _EVERYBODY:
        return f"for everybody write {'; '.join((ADULT, ADOLESCENT))}"
    parts = [part.strip() for part in re.split(r"\band\b|[&/]", word)]
    if len(parts) > 1 and set(parts) <= known:
        return f"join them by +: {' + '.join(parts)}"
    guess = nearest(word, known)
    return f"did you mean '{guess}'?" if guess else ""
