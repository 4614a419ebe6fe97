"""Where a search may start: the session counts of a timetable at hand, or of last week."""

from collections import Counter, defaultdict
from math import ceil

from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.model.candidates import Cell


def counts_of(timetable: Timetable) -> dict[Cell, int]:
    """How many sessions a timetable runs in each cell."""
    return dict(Counter((session.block, session.group) for session in timetable.sessions))


def counts_of_last_week(week: Week) -> dict[Cell, int]:
    """How many sessions ran last week in each cell that is known from the seats, by the therapists who led them."""
    led: dict[Cell, set[str]] = defaultdict(set)
    for seat in week.previous:
        if seat.block is not None and seat.group is not None and seat.therapist is not None:
            led[seat.block, seat.group].add(seat.therapist)
    return {cell: ceil(len(who) / week.group_of[cell[1]].facilitators) for cell, who in sorted(led.items())}
