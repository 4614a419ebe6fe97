"""A week after a change, as data: what changed, who is hurt, the repaired timetable, and who must be told of what."""

from enum import StrEnum
from typing import Literal

from scheduler.domain.clock import TimeSet
from scheduler.domain.findings import Shortfall, Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Finding
from scheduler.domain.timetable import Session, Timetable
from scheduler.domain.types import Count, Frozen, Id, WeekMinute
from scheduler.domain.week import Week


class Loss(Frozen):
    """A therapist or room that the week has to do without, and when. ``words`` are those of the person who asked."""

    kind: Literal["therapist", "room"]
    id: Id
    times: TimeSet
    words: str


class Lock(Frozen):
    """What must stay: a session (people, facilitators, room), a patient's seats, or the sessions of one or a block."""

    kind: Literal["session", "patient", "therapist", "block"]
    id: Id
    words: str


class Change(Frozen):
    """Everything that changed since a timetable was made, and what must stay all the same."""

    losses: tuple[Loss, ...] = ()
    closed: tuple[Id, ...] = ()
    absent: tuple[Id, ...] = ()
    locks: tuple[Lock, ...] = ()


class Hurt(Frozen):
    """A session that cannot run as it stands, why, and who sits in it (without those who are absent).

    ``unsettled``: it lost its facilitators or its block, so that everybody in it is sure to notice.
    """

    session: Session
    people: tuple[Id, ...]
    reasons: tuple[str, ...]
    unsettled: bool


class Fate(StrEnum):
    """What became of a session that was hurt."""

    COVERED = "covered"
    OTHER_ROOM = "other room"
    RUNS = "runs"
    MERGED = "merged"
    DISSOLVED = "dissolved"


class Ending(Frozen):
    """A hurt session's fate. ``now`` is itself as it runs now, or the one that took in all of its people."""

    hurt: Hurt
    fate: Fate
    now: Session | None = None


class How(StrEnum):
    """How somebody is told, in the order of urgency."""

    TELEPHONE = "telephone"
    ON_ARRIVAL = "on arrival"
    DOOR = "sign on the door"


class Step(Frozen):
    """One change of somebody's week, or of a room: from a session, to a session; None where there is none."""

    before: Session | None
    after: Session | None
    what: str


class Call(Frozen):
    """Somebody to tell, once, with everything that changes for them. ``who`` is a session where only a room changes.

    ``when``: the earliest minute of the week at which anything is different for them.
    """

    number: int
    how: How
    role: Literal["patient", "therapist", "session"]
    who: Id
    when: WeekMinute
    steps: tuple[Step, ...]
    why: str


class Moves(Frozen):
    """How many people the repair touches. ``bound``: no repair that is as good before the moves moves fewer."""

    moved: tuple[Id, ...]
    """Who comes at another time or to another group, or misses a session."""
    covered: tuple[Id, ...]
    """Who only meets another facilitator."""
    other_room: tuple[Id, ...]
    """Who only goes to another room."""
    bound: Count
    proven: bool
    grades: dict[str, int]
    """Seats of the earlier timetable by what became of them, in the words of the goal ``continuity``."""


class Repair(Frozen):
    """The answer. ``timetable`` and all that rests on it are None where there is none; ``findings`` then say why.

    ``week`` is the week after the change, with its own needs. ``least``: how few people any repair at all must move,
    where that was asked; ``least_proven`` says whether it is that number, or a bound of it.
    """

    status: Status
    week: Week
    hurt: tuple[Hurt, ...]
    timetable: Timetable | None = None
    verification: Verification | None = None
    shortfalls: tuple[Shortfall, ...] = ()
    tiers: tuple[TierOutcome, ...] = ()
    moves: Moves | None = None
    endings: tuple[Ending, ...] = ()
    calls: tuple[Call, ...] = ()
    findings: tuple[Finding, ...] = ()
    least: int | None = None
    least_proven: bool = False
    interrupted: bool = False
    seconds: dict[str, float] = {}
