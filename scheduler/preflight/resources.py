"""Therapists and rooms that cannot be of use this week."""

from collections.abc import Iterator

from scheduler.domain.problems import Finding, Severity
from scheduler.domain.week import Therapist
from scheduler.preflight.outlook import Outlook
from scheduler.rules.facts import fact


def therapist_never_used(outlook: Outlook) -> Iterator[Finding]:
    """Therapists who can lead nothing in any block."""
    for therapist in outlook.week.therapists:
        column, why = _why_unused(outlook, therapist)
        if why:
            yield Finding(
                code="therapist-never-used",
                severity=Severity.WARNING,
                message=f"{therapist.id} can lead nothing this week: {why}",
                hint="look at their availability and groups",
                facts=(fact(therapist, column),),
            )


def _why_unused(outlook: Outlook, therapist: Therapist) -> tuple[str, str]:
    if outlook.led_by(therapist.id):
        return "", ""
    if therapist.max_blocks == 0:
        return "Max blocks", "their Max blocks is 0"
    if therapist.max_blocks_per_day == 0:
        return "Max blocks per day", "their Max blocks per day is 0"
    if not outlook.blocks_of(therapist):
        return "Availability", "their free time holds no block of the week"
    if not outlook.groups_of(therapist):
        return "Groups", "they may lead no group of the week"
    return "Availability", "no group that they may lead could run in a block when they are free"


def room_never_used(outlook: Outlook) -> Iterator[Finding]:
    """Rooms in which nothing could ever be held."""
    week = outlook.week
    needing = [group for group in week.groups if group.needs_room]
    for room in week.rooms:
        if not outlook.blocks_of(room):
            column, why = "Availability", "its free time holds no block of the week"
        elif not any(outlook.barred(room, group) is None for group in needing):
            column, why = "Capacity", "it suits no in-person group"
        elif not outlook.held_in(room):
            column, why = "Availability", "no group that it suits could run when it is free"
        else:
            continue
        yield Finding(
            code="room-never-used",
            severity=Severity.NOTICE,
            message=f"{room.id} will not be used: {why}",
            facts=(fact(room, column),),
        )
