"""How synthetic people say when they can come: wordings by track, in the availability language."""

import random
from functools import lru_cache

from scheduler.domain.availability import DEFAULT_DAYPARTS, read_availability, read_dayparts
from scheduler.domain.clock import TimeSet

EVENING = (
    "evenings",
    "evenings",
    "Mon-Thu evenings",
    "Mon-Fri after 17:30",
    "Mon/Wed evenings; Thu 18:00-21:00",
    "Mon/Tue/Thu 17:30-21:30",
    "Tue-Thu after 17:30",
    "evenings; not Wed",
    "evenings; except Fri evenings",
    "Mon-Fri after 5:30 pm",
    "evenings; Sat before 14:00",
)
MORNING = (
    "mornings",
    "mornings",
    "Mon-Fri before 13:00",
    "Mon/Wed/Fri mornings",
    "mornings; not Wed",
    "Mon-Thu 8:30 am-12:15 pm",
    "Tue-Fri before 12:30",
    "mornings; Tue afternoons",
)
DAY = (
    "work hours",
    "Mon-Fri before 17:00; not Fri",
    "afternoons",
    "Mon/Wed/Fri 08:30-16:30",
    "Mon-Thu 12:30-17:00",
    "work hours; except Fri afternoons",
)
WEEKEND = (
    "weekends; Fri evenings",
    "Sat before 14:00; Sun; Thu evenings",
    "weekends; Wed after 17:30",
    "Sat; Sun before 13:00; Mon evenings",
    "weekends; Mon/Wed evenings",
)
ODD = (
    "Mon 08:30-12:30; Wed 17:30-21:30; Sat before 14:00",
    "Tue 9-12; Thu 12:30-16:30; Fri 17:45-21:15",
    "Mon/Wed 12:45-16:15; Thu evenings; Sun 9-12",
    "Tue 17:30-21:00; Wed mornings; Sat",
    "Mon afternoons; Tue mornings; Thu after 17:00",
)
FLEXIBLE = ("any", "not Sun", "weekdays", "any; not Fri", "weekdays; except Mon mornings")
TEEN = (
    "Mon-Thu after 15:30",
    "Mon-Thu 15:45-19:30",
    "Mon/Wed/Thu after 15:30",
    "Tue-Thu 15:30-20:00",
    "Mon-Fri after 15:30; not Fri",
)
WIDE = ("evenings; weekends", "mornings; evenings", "any; not Sun")
"""What somebody says who would otherwise be left alone in a block."""

WIDE_TEEN = ("Mon-Thu after 15:30",)

SHIFTS = (
    "Mon-Thu 08:00-17:00",
    "work hours",
    "Mon-Fri before 17:00; not Fri",
    "mornings; Mon/Wed afternoons",
    "evenings",
    "Mon-Thu after 15:30",
    "afternoons; evenings; not Fri",
    "Mon-Wed 12:00-21:30",
    "Tue-Fri 12:30-21:30",
    "weekends; Fri",
    "weekends; Mon/Wed evenings",
    "Thu-Sun",
)
"""When therapists work."""

_PARTS = read_dayparts(DEFAULT_DAYPARTS)


@lru_cache(maxsize=512)
def times_of(text: str) -> TimeSet:
    """What an availability cell means with the default day parts."""
    return read_availability(text, _PARTS).times


def draw_availability(rng: random.Random, evening_share: float) -> str:
    """One adult's availability cell; ``evening_share`` of them come in the evenings."""
    rest = 1.0 - evening_share
    tracks = (EVENING, MORNING, DAY, WEEKEND, ODD, FLEXIBLE)
    shares = (evening_share, 0.5 * rest, 0.14 * rest, 0.16 * rest, 0.12 * rest, 0.08 * rest)
    return rng.choice(rng.choices(tracks, shares)[0])
