"""The obvious model of a week: its booleans and its rules. See `benchmarks.peers.naive_cp`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ortools.sat.python import cp_model

from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.types import ADULT, MINUTES_PER_HOUR
from scheduler.domain.week import Block, Group, Pin, Week
from scheduler.model.candidates import Candidates, Cell

Expr = cp_model.LinearExpr | int
Literal = cp_model.IntVar
Key = tuple[str, Cell]
"""A session: the therapist who leads it, and its block and group."""
Blocks = tuple[str, ...]
"""Blocks of which a person or room can use one."""


@dataclass(frozen=True)
class Place:
    """One decision of a person: to be in the session ``key``."""

    block: Block
    group: Group
    key: Key
    var: Literal


class Naive:
    """The booleans: which sessions run, who sits in each, who assists, in which room."""

    def __init__(self, week: Week, candidates: Candidates) -> None:
        self.week, self.candidates = week, candidates
        self.model = cp_model.CpModel()
        self.runs: dict[Key, Literal] = {}
        self.seats: dict[Key, dict[str, Literal]] = {}
        self.assists: dict[Key, dict[str, Literal]] = {}
        self.rooms: dict[Key, dict[str, Literal]] = {}
        self.of_patient: dict[str, list[Place]] = {one.id: [] for one in week.patients}
        self.of_therapist: dict[str, list[Place]] = {one.id: [] for one in week.therapists}
        for cell in candidates.cells:
            for therapist in candidates.therapists[cell]:
                self._make((therapist, cell))

    def _make(self, key: Key) -> None:
        new, (therapist, cell) = self.model.new_bool_var, key
        block, group = self.week.block_of[cell[0]], self.week.group_of[cell[1]]
        classes = self.candidates.room_classes
        self.runs[key] = new("")
        self.of_therapist[therapist].append(Place(block, group, key, self.runs[key]))
        self.seats[key] = {patient: new("") for patient in self.candidates.patients[cell]}
        for patient, var in self.seats[key].items():
            self.of_patient[patient].append(Place(block, group, key, var))
        others = [one for one in self.candidates.therapists[cell] if one != therapist and group.facilitators > 1]
        self.assists[key] = {other: new("") for other in others}
        for other, var in self.assists[key].items():
            self.of_therapist[other].append(Place(block, group, key, var))
        names = [room for index in self.candidates.rooms[cell] for room in classes[index].rooms]
        self.rooms[key] = {room: new("") for room in names}

    def meets(self, patient: str, therapist: str) -> Iterator[tuple[Place, Literal]]:
        """The patient's places where the therapist leads or assists, each with a boolean that says so at most."""
        for place in self.of_patient[patient]:
            assisting = self.assists[place.key].get(therapist)
            if place.key[0] == therapist:
                yield place, place.var
            elif assisting is not None:
                yield place, self.both(place.var, assisting)

    def both(self, *parts: Literal) -> Literal:
        """A boolean that may only be true where all parts are."""
        if len(parts) == 1:
            return parts[0]
        found = self.model.new_bool_var("")
        for part in parts:
            self.model.add_implication(found, part)
        return found

    def timetable(self, value: Callable[[Literal], bool]) -> Timetable:
        """The timetable that a solution says."""
        counts: Counter[Cell] = Counter()
        sessions: list[Session] = []
        seats: list[Assignment] = []
        for key, runs in self.runs.items():
            if not value(runs):
                continue
            cell, therapists = key[1], [key[0]]
            counts[cell] += 1
            name = f"{cell[0]}.{cell[1]}.{counts[cell]}"
            therapists += [other for other, var in self.assists[key].items() if value(var)]
            room = next((one for one, var in self.rooms[key].items() if value(var)), None)
            sessions.append(Session(id=name, block=cell[0], group=cell[1], therapists=tuple(therapists), room=room))
            seats.extend(Assignment(patient=one, session=name) for one, var in self.seats[key].items() if value(var))
        return Timetable(sessions=tuple(sessions), assignments=tuple(seats))


def total(parts: Iterable[Expr]) -> Expr:
    """The sum of decisions, built in one go."""
    return cp_model.LinearExpr.sum(list(parts))


def write_rules(naive: Naive) -> None:
    """All rules; those that bar a person from a block or group are kept by the booleans that there are."""
    for key in naive.runs:
        _session(naive, key)
    together = _at_once(naive.week.blocks)
    _patients(naive, together)
    _therapists(naive, together)
    _rooms(naive, together)
    _most_sessions(naive)
    _apart(naive)
    for pin in naive.week.pins:
        _pin(naive, pin)


def _session(naive: Naive, key: Key) -> None:
    model, week, runs = naive.model, naive.week, naive.runs[key]
    group = week.group_of[key[1][1]]
    seats, rooms = naive.seats[key], naive.rooms[key]
    size = total(seats.values())
    cap = week.size_cap(group) or max(1, len(week.patients))
    model.add(size >= group.min_size * runs)
    model.add(size <= cap * runs)
    model.add(total(naive.assists[key].values()) == (group.facilitators - 1) * runs)
    if group.needs_room:
        model.add(total(rooms.values()) == runs)
        for room, used in rooms.items():
            if week.room_of[room].capacity < cap:
                model.add(size <= week.room_of[room].capacity).only_enforce_if(used)
    if not week.may_mix_ages(group):
        _one_age(naive, seats)


def _one_age(naive: Naive, seats: dict[str, Literal]) -> None:
    adults = {one for one in seats if naive.week.patient_of[one].age_band == ADULT}
    if not adults or len(adults) == len(seats):
        return
    young = naive.model.new_bool_var("")
    for patient, var in seats.items():
        naive.model.add_implication(var, ~young if patient in adults else young)


def _at_once(blocks: Sequence[Block]) -> list[Blocks]:
    """For each block, the blocks that are on when it starts."""
    found = (tuple(one.id for one in blocks if one.start <= block.start < one.end) for block in blocks)
    return list(dict.fromkeys(found))


def _by(places: Iterable[Place], key: Callable[[Place], Any]) -> dict[Any, list[Literal]]:
    found: dict[Any, list[Literal]] = defaultdict(list)
    for one in places:
        found[key(one)].append(one.var)
    return found


def _one_of(naive: Naive, places: Sequence[Place], together: Iterable[Blocks]) -> None:
    """At most one place in each set of blocks."""
    by_block = _by(places, lambda one: one.block.id)
    for blocks in together:
        naive.model.add_at_most_one(var for block in blocks for var in by_block.get(block, ()))


def _a_day(naive: Naive, places: Sequence[Place], most: int) -> None:
    for here in _by(places, lambda one: one.block.day).values():
        naive.model.add(total(here) <= most)


def _patients(naive: Naive, together: Sequence[Blocks]) -> None:
    model, week = naive.model, naive.week
    for patient in week.patients:
        places = naive.of_patient[patient.id]
        model.add(total(one.var for one in places) <= patient.max_blocks)
        model.add(total(one.block.minutes * one.var for one in places) <= patient.max_minutes)
        _a_day(naive, places, week.program.max_blocks_per_day)
        _one_of(naive, places, together)
        for group, here in _by(places, lambda one: one.group.id).items():
            limit = week.group_of[group].max_per_patient
            if limit is not None:
                model.add(total(here) <= limit)


def _therapists(naive: Naive, together: Sequence[Blocks]) -> None:
    model, week = naive.model, naive.week
    rest = week.program.min_rest_hours * MINUTES_PER_HOUR
    tight = [
        (one.id, other.id)
        for one, other in product(week.blocks, repeat=2)
        if other.day == one.day + 1 and other.start - one.end < rest
    ]
    for therapist in week.therapists:
        places = naive.of_therapist[therapist.id]
        if therapist.max_blocks is not None:
            model.add(total(one.var for one in places) <= therapist.max_blocks)
        if therapist.max_blocks_per_day is not None:
            _a_day(naive, places, therapist.max_blocks_per_day)
        _one_of(naive, places, (*together, *tight))


def _rooms(naive: Naive, together: Sequence[Blocks]) -> None:
    uses: dict[str, list[tuple[str, Literal]]] = defaultdict(list)
    for (_, cell), rooms in naive.rooms.items():
        for room, var in rooms.items():
            uses[room].append((cell[0], var))
    for used in uses.values():
        for blocks in together:
            naive.model.add_at_most_one(var for block, var in used if block in blocks)


def _most_sessions(naive: Naive) -> None:
    for group in naive.week.groups:
        running = [var for (_, cell), var in naive.runs.items() if cell[1] == group.id]
        if group.max_sessions is not None and running:
            naive.model.add(total(running) <= group.max_sessions)


def _apart(naive: Naive) -> None:
    for apart in naive.week.apart:
        for key, seats in naive.seats.items():
            seat, other = seats.get(apart.patient), seats.get(apart.other_patient or "")
            if seat is None:
                continue
            if other is not None:
                naive.model.add_at_most_one([seat, other])
            if key[0] == apart.therapist:
                naive.model.add(seat == 0)
            assisting = naive.assists[key].get(apart.therapist or "")
            if assisting is not None:
                naive.model.add_at_most_one([seat, assisting])


def _pin(naive: Naive, pin: Pin) -> None:
    options: list[Literal] = []
    for key in naive.runs:
        if pin.block in (None, key[1][0]) and pin.group in (None, key[1][1]):
            options.extend(_ways(naive, key, pin))
    naive.model.add_bool_or(options)


def _ways(naive: Naive, key: Key, pin: Pin) -> Iterable[Literal]:
    """How the session could match the pin: a boolean, or none."""
    needed = [naive.runs[key]]
    tables = [(naive.seats, pin.patient), (naive.rooms, pin.room)]
    if pin.therapist != key[0]:
        tables.append((naive.assists, pin.therapist))
    for table, name in tables:
        if name is not None and name not in table[key]:
            return
        if name is not None:
            needed.append(table[key][name])
    yield naive.both(*needed)
