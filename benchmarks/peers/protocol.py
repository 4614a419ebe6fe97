"""What a peer is: anything that makes a timetable of a week in a given time, so that answers can be compared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week

Keep = Callable[[Timetable], None]
"""Takes each better full timetable as soon as a peer has it; it is measured only after the clock has stopped."""


class Unavailable(Exception):  # noqa: N818 - a state of the machine, not a fault
    """The peer's package, or what it runs on, is missing here. The message is one clear line."""


@dataclass(frozen=True)
class Answer:
    """What a peer ends with.

    ``bounds``: by tier in units, what no timetable beats that is as good in the better tiers. ``whole_bound``: what no
    timetable beats in the whole of `benchmarks.judge`. Both None where the peer proves nothing. ``note``: one line.
    ``told``: (seconds, whole) of timetables on the way that a solver only told of in its log and never handed over.
    """

    timetable: Timetable | None
    bounds: tuple[float, ...] | None
    note: str
    whole_bound: float | None = None
    told: tuple[tuple[float, float], ...] = ()


class Peer(ABC):
    """One way of making a timetable. Heavy imports belong into the constructor: they are not on the clock."""

    name: str
    about: str

    @abstractmethod
    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Make the best timetable of the week in so many seconds of wall clock, building the model included.

        Raises:
            Unavailable: if what the peer needs is missing.
        """
