"""How findings name people, groups and hours: short, in the order of the sheet, never longer than a line or two."""

from collections.abc import Sequence

from scheduler.domain.clock import clock_text
from scheduler.domain.week import Block, Patient

NAMED = 4
"""So many names are spelled out; the others are counted."""


def listed(names: Sequence[str], last: str = "and") -> str:
    """``P003, P017 and 4 more``; a list that is barely longer is spelled out."""
    if len(names) > NAMED + 1:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    if len(names) > 1:
        return f"{', '.join(names[:-1])} {last} {names[-1]}"
    return "".join(names)


def hours_of(blocks: Sequence[Block]) -> str:
    """``Mon 09:00-12:00, Tue 09:00-12:00 and 6 more``."""
    return listed([block.text for block in blocks])


def counted(number: int, one: str, many: str = "") -> str:
    """``1 block``, ``3 blocks``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def short_windows(patient: Patient, blocks: Sequence[Block]) -> tuple[str, ...]:
    """The patient's free windows, day by day, that hold none of the blocks whole: ``Tue 09:15-12:00``."""
    return tuple(
        f"{day.short} {clock_text(low)}-{clock_text(high)}"
        for day, low, high in patient.free.by_day()
        if not any(day.start + low <= b.start and b.end <= day.start + high for b in blocks)
    )
