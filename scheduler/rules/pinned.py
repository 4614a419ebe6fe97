"""What pins say together: which rows must be met by different sessions, which by one and the same.

Both answers are given only when they are certain; of most pairs of pins neither can be said.
"""

from collections.abc import Iterable

from scheduler.domain.week import Group, Pin, Week
from scheduler.rules.pins import pin_text


def pins_above(week: Week, pin: Pin) -> tuple[Pin, ...]:
    """The rows above a pin; a collision is told once, at the lowest of its rows."""
    return week.pins[: week.pins.index(pin)]


def in_different_sessions(week: Week, one: Pin, other: Pin) -> bool:
    """Whether no session can match both pins."""
    if _both(one.block, other.block) or _both(one.group, other.group) or _both(one.room, other.room):
        return True
    return _both(one.therapist, other.therapist) and _facilitators(week, one, other) == 1


def in_one_session(week: Week, one: Pin, other: Pin) -> bool:
    """Whether one session must match both pins: nobody and nothing is in two places at once."""
    if one.block is not None and one.block == other.block:
        pairs = ((one.patient, other.patient), (one.therapist, other.therapist), (one.room, other.room))
        if any(first is not None and first == second for first, second in pairs):
            return True
    group = week.group_of.get(one.group or "")
    return group is not None and one.group == other.group and group.max_sessions == 1


def companions(week: Week, pin: Pin) -> tuple[Pin, ...]:
    """The pins above that share the pin's session."""
    return tuple(other for other in pins_above(week, pin) if in_one_session(week, pin, other))


def separate(week: Week, pin: Pin, others: Iterable[Pin]) -> tuple[Pin, ...]:
    """The pin and those of the others that need a session of their own beside it and each other."""
    found = [pin]
    for other in others:
        if all(in_different_sessions(week, other, one) for one in found):
            found.append(other)
    return tuple(found)


def group_of_pins(week: Week, pins: Iterable[Pin]) -> Group | None:
    """The group that the pins of one session name."""
    return next((week.group_of[pin.group] for pin in pins if pin.group is not None), None)


def rows_text(pins: Iterable[Pin]) -> str:
    """The pins for a message: ``(row 2: patient P003, block Tue-EVE) and (row 4: ...)``."""
    return " and ".join(pin_text(pin) for pin in sorted(pins, key=lambda one: one.row))


def _both(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _facilitators(week: Week, one: Pin, other: Pin) -> int:
    """How many therapists a session that matches both could have at most."""
    group = group_of_pins(week, (one, other))
    return group.facilitators if group is not None else max((g.facilitators for g in week.groups), default=1)
