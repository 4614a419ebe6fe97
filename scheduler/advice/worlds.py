"""Weeks with facts taken away: what each fact is, and the week in which only some of them hold.

Every fact can be lifted by itself, and lifting only ever allows more. A fact of another patient's is a promise: what
they have in the timetable at hand. Where no kept fact needs them, other people are left out of the week altogether; as
no session is then too small for want of people, that allows more, never less.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from scheduler.advice.promises import needs_anything, without_needs
from scheduler.domain.clock import TimeSet
from scheduler.domain.explanation import Fact
from scheduler.domain.problems import FactRef
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Group, Patient, Room, Therapist, Week
from scheduler.rules.facts import apart_fact, fact, pin_fact
from scheduler.rules.pins import first_column, pin_text

NO_LIMIT = 10_000
"""Stands for "no limit" where a row must have one; no week has so many blocks, seats or minutes."""
PROMISE = "Min hours"
"""The column that stands for all of a patient's needs."""
Changes = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question: can this patient's needs, as they stand in the week, be met beside the others' promises?

    ``week`` is the week of the question: everybody else's needs are what they were promised.
    """

    week: Week
    patient: str

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact that could be lifted, the patient's own first, other people's promises last."""
        patient = self.week.patient_of[self.patient]
        return (
            *_facts_of_patient(patient),
            *(found for group in self.week.groups for found in _facts_of_group(self.week, group, patient)),
            *(found for one in self.week.therapists for found in _facts_of_therapist(self.week, one)),
            *(found for one in self.week.rooms for found in _facts_of_room(self.week, one)),
            *_facts_of_pairs(self.week),
            *(promise(one) for one in self.week.patients if one.id != self.patient and needs_anything(one)),
        )


def world(asked: Asked, kept: Collection[Fact]) -> Week:
    """The week in which only these facts hold."""
    week = asked.week
    refs = {one.key for one in kept}
    patients = _patients(asked, refs)
    known = {one.id for one in patients}
    groups = tuple(_group(week, one, refs, week.patient_of[asked.patient]) for one in week.groups)
    everything = frozenset(one.id for one in groups)
    features = frozenset(feature for one in groups for feature in one.room_features)
    return week.model_copy(
        update={
            "program": week.program.model_copy(update={"group_caps": {}}),
            "patients": patients,
            "groups": groups,
            "therapists": tuple(_therapist(one, refs, everything) for one in week.therapists),
            "rooms": tuple(_room(one, refs, features) for one in week.rooms),
            "apart": tuple(
                one
                for one in week.apart
                if _row(apart_fact(one)) in refs and {one.patient, one.other_patient} <= known | {None}
            ),
            "pins": tuple(one for one in week.pins if _row(pin_fact(one, first_column(one))) in refs),
            "together": (),
            "previous": (),
        }
    )


def among(week: Week, people: Collection[str]) -> Week:
    """A week with these people alone, and those whom a pin names: its timetables are timetables of the week."""
    known = {*people, *(one.patient for one in week.pins if one.patient)}
    return week.model_copy(
        update={
            "patients": tuple(one for one in week.patients if one.id in known),
            "apart": tuple(one for one in week.apart if {one.patient, one.other_patient} <= known | {None}),
        }
    )


def _row(ref: FactRef) -> tuple[str, str, str]:
    return ref.sheet, ref.row, ref.column


Refs = Collection[tuple[str, str, str]]


# ---- patients ----


def _facts_of_patient(patient: Patient) -> Iterator[Fact]:
    if patient.free != TimeSet.always():
        yield Fact(ref=fact(patient, "Availability"), words=f"{patient.id} can come only in their own windows")
    yield Fact(ref=fact(patient, "Max blocks"), words=f"{patient.id} attends at most {patient.max_blocks} blocks")
    hours = patient.max_minutes / MINUTES_PER_HOUR
    yield Fact(ref=fact(patient, "Max hours"), words=f"{patient.id} attends at most {hours:g} h")
    if patient.modality != "either":
        yield Fact(ref=fact(patient, "Modality"), words=f"{patient.id} attends {patient.modality} only")
    if patient.avoided:
        yield Fact(ref=fact(patient, "Avoid groups"), words=f"{patient.id} avoids {', '.join(patient.avoided)}")


def promise(patient: Patient) -> Fact:
    """That a patient, somebody else than the one asked about, keeps what they were promised."""
    hours = f"{patient.min_minutes / MINUTES_PER_HOUR:g} h" if patient.min_minutes else ""
    groups = ", ".join(f"{one.times} x {one.group}" for one in patient.required)
    blocks = f"{patient.min_blocks} blocks" if patient.min_blocks and not hours else ""
    promised = " and ".join(part for part in (hours or blocks, groups) if part) or "their days"
    words = f"{patient.id} (priority {patient.priority}) keeps {promised}"
    return Fact(ref=fact(patient, PROMISE), words=words, owner=patient.id)


def _patients(asked: Asked, refs: Refs) -> tuple[Patient, ...]:
    """Who is in the world.

    Everybody is there while some session may be too small, for they may be the company it lacks; else only those with
    a promise that holds, and those whom a pin names.
    """
    company = any(sheet == "Groups" and column == "Min size" for sheet, _, column in refs)
    pinned = {one.patient for one in asked.week.pins if _row(pin_fact(one, first_column(one))) in refs and one.patient}
    found = []
    for one in asked.week.patients:
        promised = ("Patients", one.id, PROMISE) in refs
        if one.id == asked.patient:
            found.append(_own(one, refs))
        elif promised:
            found.append(one)
        elif company or one.id in pinned:
            found.append(without_needs(one))
    return tuple(found)


def _own(patient: Patient, refs: Refs) -> Patient:
    def lifted(column: str) -> bool:
        return ("Patients", patient.id, column) not in refs

    changes: Changes = {}
    if lifted("Availability"):
        changes["free"] = TimeSet.always()
    if lifted("Max blocks"):
        changes["max_blocks"] = NO_LIMIT
    if lifted("Max hours"):
        changes["max_minutes"] = NO_LIMIT
    if lifted("Modality"):
        changes["modality"] = "either"
    if lifted("Avoid groups"):
        changes["avoided"] = ()
    return patient.model_copy(update=changes)


# ---- groups ----


def _facts_of_group(week: Week, group: Group, patient: Patient) -> Iterator[Fact]:
    if group.min_size > 1:
        yield Fact(ref=fact(group, "Min size"), words=f"{group.id} needs {group.min_size} people")
    if group.max_size is not None:
        yield Fact(ref=fact(group, "Max size"), words=f"{group.id} holds {group.max_size} people")
    cap = week.program.group_caps.get(group.kind)
    if cap is not None:
        yield Fact(ref=fact(group, "Kind"), words=f"a {group.kind} group such as {group.id} holds {cap} people")
    if not _is_open(week, group, patient):
        yield Fact(ref=fact(group, "Open to"), words=f"{group.id} is not open to {patient.id}")
    if group.times is not None:
        yield Fact(ref=fact(group, "Times"), words=f"{group.id} runs only at its times")
    if group.facilitators > 1:
        yield Fact(ref=fact(group, "Facilitators"), words=f"{group.id} needs {group.facilitators} facilitators")
    if group.max_sessions is not None:
        yield Fact(ref=fact(group, "Max sessions"), words=f"{group.id} runs at most {group.max_sessions} times")
    if group.max_per_patient is not None:
        words = f"nobody attends {group.id} more than {group.max_per_patient} times"
        yield Fact(ref=fact(group, "Max per patient"), words=words)
    if group.room_features:
        words = f"{group.id} needs a room with {', '.join(sorted(group.room_features))}"
        yield Fact(ref=fact(group, "Room features"), words=words)


def _is_open(week: Week, group: Group, patient: Patient) -> bool:
    named = patient.age_band in week.bands_named(group) or patient.age_band == "adult"
    return named and any(choice <= patient.qualities for choice in group.open_to)


def _group(week: Week, group: Group, refs: Refs, patient: Patient) -> Group:
    def lifted(column: str) -> bool:
        return ("Groups", group.id, column) not in refs

    changes: Changes = {"min_sessions": 0}
    if lifted("Min size"):
        changes["min_size"] = 1
    limits = [(group.max_size, "Max size"), (week.program.group_caps.get(group.kind), "Kind")]
    changes["max_size"] = min(
        (most for most, column in limits if most is not None and not lifted(column)), default=None
    )
    if lifted("Open to") and not _is_open(week, group, patient):
        changes["open_to"] = (*group.open_to, frozenset({patient.age_band}))
    for column, field, free in (
        ("Times", "times", None),
        ("Facilitators", "facilitators", 1),
        ("Max sessions", "max_sessions", None),
        ("Max per patient", "max_per_patient", None),
        ("Room features", "room_features", frozenset[str]()),
    ):
        if lifted(column):
            changes[field] = free
    return group.model_copy(update=changes)


# ---- therapists and rooms ----


def _facts_of_therapist(week: Week, one: Therapist) -> Iterator[Fact]:
    if one.free != TimeSet.always():
        yield Fact(ref=fact(one, "Availability"), words=f"{one.id} works only in their own hours")
    if one.groups != frozenset(week.group_of):
        yield Fact(ref=fact(one, "Groups"), words=f"{one.id} leads only the groups they are qualified for")
    if one.max_blocks is not None:
        yield Fact(ref=fact(one, "Max blocks"), words=f"{one.id} leads at most {one.max_blocks} sessions")
    if one.max_blocks_per_day is not None:
        words = f"{one.id} leads at most {one.max_blocks_per_day} sessions a day"
        yield Fact(ref=fact(one, "Max blocks per day"), words=words)
    if one.modality != "either":
        yield Fact(ref=fact(one, "Modality"), words=f"{one.id} works {one.modality} only")


def _therapist(one: Therapist, refs: Refs, everything: frozenset[str]) -> Therapist:
    def lifted(column: str) -> bool:
        return ("Therapists", one.id, column) not in refs

    changes: Changes = {"min_blocks": 0}
    for column, field, free in (
        ("Availability", "free", TimeSet.always()),
        ("Groups", "groups", everything),
        ("Max blocks", "max_blocks", None),
        ("Max blocks per day", "max_blocks_per_day", None),
        ("Modality", "modality", "either"),
    ):
        if lifted(column):
            changes[field] = free
    return one.model_copy(update=changes)


def _facts_of_room(week: Week, one: Room) -> Iterator[Fact]:
    yield Fact(ref=fact(one, "Capacity"), words=f"{one.id} holds {one.capacity} people")
    if one.free != TimeSet.always():
        yield Fact(ref=fact(one, "Availability"), words=f"{one.id} can be used only in its hours")
    if any(not group.room_features <= one.features for group in week.groups):
        yield Fact(ref=fact(one, "Features"), words=f"{one.id} has not all that groups need")


def _room(one: Room, refs: Refs, features: frozenset[str]) -> Room:
    def lifted(column: str) -> bool:
        return ("Rooms", one.id, column) not in refs

    changes: Changes = {}
    if lifted("Capacity"):
        changes["capacity"] = NO_LIMIT
    if lifted("Availability"):
        changes["free"] = TimeSet.always()
    if lifted("Features"):
        changes["features"] = one.features | features
    return one.model_copy(update=changes)


def _facts_of_pairs(week: Week) -> Iterator[Fact]:
    for one in week.apart:
        whom = one.other_patient or one.therapist
        yield Fact(ref=apart_fact(one), words=f"{one.patient} and {whom} are kept apart")
    for pin in week.pins:
        yield Fact(ref=pin_fact(pin, first_column(pin)), words=f"the pin {pin_text(pin)}")
