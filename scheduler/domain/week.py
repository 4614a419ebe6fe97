"""One clinic's problem for one week, all defaults resolved and all references checked.

Intake builds it from a spreadsheet; tests build it by hand. Ids are opaque strings. Times are minutes of the week.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self, TypeVar

from pydantic import model_validator

from scheduler.domain.clock import Day, TimeSet, clock_text
from scheduler.domain.program import Program
from scheduler.domain.types import (
    ADOLESCENT,
    ADULT,
    MINUTES_PER_HOUR,
    AgeBand,
    Count,
    Frozen,
    Id,
    Kind,
    Minutes,
    Modality,
    PersonModality,
    Priority,
    Size,
    WeekMinute,
)

_DAYS = tuple(Day)


class Block(Frozen):
    """A day with a start and an end, in minutes of the week. Blocks may overlap."""

    id: Id
    start: WeekMinute
    end: WeekMinute

    @model_validator(mode="after")
    def _lies_in_one_day(self) -> Self:
        if not self.start < self.end <= self.day.start + 24 * MINUTES_PER_HOUR:
            raise ValueError(f"block {self.id}: the end must come after the start, on the same day")
        return self

    @property
    def day(self) -> Day:
        """The day on which the block starts."""
        return _DAYS[min(self.start // (24 * MINUTES_PER_HOUR), 6)]

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return self.end - self.start

    @property
    def time_of_day(self) -> int:
        """Start in minutes since midnight; what "the same time of day" compares."""
        return self.start - self.day.start

    @property
    def clock(self) -> str:
        """``18:00-21:00``."""
        return f"{clock_text(self.start - self.day.start)}-{clock_text(self.end)}"

    @property
    def text(self) -> str:
        """``Tue 18:00-21:00``."""
        return f"{self.day.short} {self.clock}"

    def overlaps(self, other: "Block") -> bool:
        """Whether the two share a minute."""
        return self.start < other.end and other.start < self.end


class RequiredGroup(Frozen):
    """A group that a patient's treatment plan asks for, so many times a week."""

    group: Id
    times: Size = 1


class Patient(Frozen):
    """A patient with every default resolved. ``free`` is availability less what is unavailable."""

    id: Id
    name: str = ""
    level: str = "adult"
    age_band: AgeBand = ADULT
    tags: frozenset[str] = frozenset()
    free: TimeSet
    min_minutes: Minutes
    max_minutes: Minutes
    min_blocks: Count
    max_blocks: Count
    min_days: Count
    min_day_minutes: Minutes
    required: tuple[RequiredGroup, ...] = ()
    preferred: tuple[Id, ...] = ()
    avoided: tuple[Id, ...] = ()
    preferred_times: TimeSet | None = None
    primary_therapist: Id | None = None
    modality: PersonModality = "in person"
    priority: Priority = 3

    @property
    def qualities(self) -> frozenset[str]:
        """Every word of an ``Open to`` cell that this patient answers to: tags, level and age band."""
        return self.tags | {self.level, self.age_band}


class Therapist(Frozen):
    """A therapist. ``groups`` are the ids they are qualified for; None stands for no limit."""

    id: Id
    name: str = ""
    free: TimeSet
    groups: frozenset[Id]
    max_blocks: Count | None = None
    max_blocks_per_day: Count | None = None
    min_blocks: Count = 0
    modality: PersonModality = "either"


class AgendaItem(Frozen):
    """One service inside a session, with its length."""

    title: str
    minutes: Minutes


class Group(Frozen):
    """A group type. ``open_to`` is a choice of sets of words, of which a patient must answer to one whole set."""

    id: Id
    name: str = ""
    min_size: Size = 1
    max_size: Size | None = None
    open_to: tuple[frozenset[str], ...] = (frozenset({ADULT}),)
    kind: Kind = "therapy"
    facilitators: Size = 1
    modality: Modality = "in person"
    room_features: frozenset[str] = frozenset()
    min_sessions: Count = 0
    max_sessions: Count | None = None
    times: TimeSet | None = None
    max_per_patient: Count | None = None
    agenda: tuple[AgendaItem, ...] = ()

    @property
    def needs_room(self) -> bool:
        """Telehealth needs none."""
        return self.modality == "in person"


class Room(Frozen):
    """A room; blank availability in the sheet means always."""

    id: Id
    name: str = ""
    capacity: Size
    free: TimeSet = TimeSet.always()
    features: frozenset[str] = frozenset()


class Apart(Frozen):
    """A patient who must never share a session with another patient, or be led by a therapist. One is set."""

    patient: Id
    other_patient: Id | None = None
    therapist: Id | None = None
    row: int = 0


class Together(Frozen):
    """Two patients who should share at least one session (a goal)."""

    patient: Id
    other: Id
    row: int = 0


class Pin(Frozen):
    """Some session must match every field that is set; without a patient, the session itself must run.

    ``row`` is the row of the sheet, for messages.
    """

    patient: Id | None = None
    block: Id | None = None
    group: Id | None = None
    therapist: Id | None = None
    room: Id | None = None
    row: int = 0


class PreviousSeat(Frozen):
    """A seat of last week, in this week's ids; what no longer exists is None."""

    patient: Id
    block: Id | None = None
    group: Id | None = None
    therapist: Id | None = None


Named = TypeVar("Named", Block, Patient, Therapist, Group, Room)


class Week(Frozen):
    """Everything that decides a week. Blocks come in order of time; all other tuples in the order of the sheet."""

    program: Program = Program()
    blocks: tuple[Block, ...]
    patients: tuple[Patient, ...]
    therapists: tuple[Therapist, ...]
    groups: tuple[Group, ...]
    rooms: tuple[Room, ...] = ()
    apart: tuple[Apart, ...] = ()
    together: tuple[Together, ...] = ()
    pins: tuple[Pin, ...] = ()
    previous: tuple[PreviousSeat, ...] = ()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A changed copy, checked anew and with indexes of its own (pydantic's would keep the old ones).

        Raises:
            ValueError: if the changed week does not hold together.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **(update or {})})

    @cached_property
    def block_of(self) -> dict[str, Block]:
        """Blocks by id."""
        return _by_id(self.blocks)

    @cached_property
    def patient_of(self) -> dict[str, Patient]:
        """Patients by id."""
        return _by_id(self.patients)

    @cached_property
    def therapist_of(self) -> dict[str, Therapist]:
        """Therapists by id."""
        return _by_id(self.therapists)

    @cached_property
    def group_of(self) -> dict[str, Group]:
        """Groups by id."""
        return _by_id(self.groups)

    @cached_property
    def room_of(self) -> dict[str, Room]:
        """Rooms by id."""
        return _by_id(self.rooms)

    def bands_named(self, group: Group) -> frozenset[AgeBand]:
        """The age bands that the group's ``Open to`` names."""
        words = (word for choice in group.open_to for word in choice)
        return frozenset(band for word in words if (band := self.program.band_named_by(word)) is not None)

    def may_mix_ages(self, group: Group) -> bool:
        """Whether adults and adolescents may share a session of the group: only when it names both."""
        return {ADULT, ADOLESCENT} <= self.bands_named(group)

    def size_cap(self, group: Group) -> int | None:
        """The largest size of a session of the group before its room is known; None when nothing limits it."""
        limits = [n for n in (group.max_size, self.program.group_caps.get(group.kind)) if n is not None]
        return min(limits, default=None)

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        for rows in (self.blocks, self.patients, self.therapists, self.groups, self.rooms):
            _no_id_twice([(type(row).__name__.lower(), row.id) for row in rows])
        for kind, known, used in self._references():
            missing = sorted(used - known)
            if missing:
                raise ValueError(f"unknown {kind}: {', '.join(missing)}")
        return self

    def _references(self) -> tuple[tuple[str, set[str], set[str]], ...]:
        pins, apart, together = self.pins, self.apart, self.together
        patients = {p.patient for p in pins} | {a.patient for a in apart} | {a.other_patient for a in apart}
        patients |= {t.patient for t in together} | {t.other for t in together} | {s.patient for s in self.previous}
        therapists = (
            {p.therapist for p in pins} | {a.therapist for a in apart} | {p.primary_therapist for p in self.patients}
        )
        therapists |= {s.therapist for s in self.previous}
        groups = {p.group for p in pins} | {g for p in self.patients for g in (*p.preferred, *p.avoided)}
        groups |= {r.group for p in self.patients for r in p.required} | {s.group for s in self.previous}
        groups |= {g for t in self.therapists for g in t.groups}
        return (
            ("patient", set(self.patient_of), _ids(patients)),
            ("therapist", set(self.therapist_of), _ids(therapists)),
            ("group", set(self.group_of), _ids(groups)),
            ("room", set(self.room_of), _ids({p.room for p in pins})),
            ("block", set(self.block_of), _ids({p.block for p in pins} | {s.block for s in self.previous})),
        )


def _by_id(rows: tuple[Named, ...]) -> dict[str, Named]:
    return {row.id: row for row in rows}


def _no_id_twice(rows: list[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for kind, one in rows:
        if one in seen:
            raise ValueError(f"{kind} {one} stands twice")
        seen.add(one)


def _ids(found: set[str | None]) -> set[str]:
    return {one for one in found if one is not None}
