"""A week as tables of whole numbers, and a timetable as rows of them: the language spoken with the Java side.

Every id is its row number; -1 stands for none. Column orders are those of ``java/Facts.java`` and ``java/Judge.java``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from scheduler.domain.profile import GoalSettings, Profile
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.types import ADOLESCENT, MINUTES_PER_HOUR
from scheduler.domain.week import Group, Patient, Week
from scheduler.engine.tiers import tiers_of
from scheduler.goals.operations import middle
from scheduler.goals.preferences import wished_groups
from scheduler.goals.registry import GOALS, goal_of, part_weights
from scheduler.model.candidates import Cell, find_candidates
from scheduler.rules.registry import RULES

Table = list[list[int]]

NONE = -1
GOAL_ORDER = ("weekly-minimum", "treatment-plan", "continuity", "preferences", "operations")
PART_ORDER = (
    *(("weekly-minimum", part) for part in ("hours",)),
    *(("treatment-plan", part) for part in ("groups", "sessions", "together")),
    *(("continuity", part) for part in ("changes",)),
    *(("preferences", part) for part in ("times", "groups", "primary", "steady")),
    *(("operations", part) for part in ("sessions", "load", "unused", "sizes", "gaps", "runs")),
)
"""Goals and their parts in the order of ``java/Judge.java``; a goal or part beyond these is refused."""
MOST_PARALLEL = 10
"""Sessions of one group in one block that the Java side is given a place for."""
STAFF = 4
"""A row of a session begins with its slot, first and second leader, and room; the patients follow."""


class TooDifferent(ValueError):  # noqa: N818 - a week or program that the tables have no column for
    """The week asks for something that the Java side was not written for."""


class Tables:
    """A week's tables, and the way back from rows of numbers to a timetable."""

    def __init__(self, week: Week, profile: Profile) -> None:
        self._week = week
        self._patients = _rows(week.patients)
        self._therapists = _rows(week.therapists)
        self._groups = _rows(week.groups)
        self._rooms = _rows(week.rooms)
        self._blocks = _rows(week.blocks)
        self._find_cells()
        self.tables: dict[str, Table] = {
            **self._program(profile.goals),
            **self._places(),
            **self._people(),
            **self._links(),
        }

    # ---- candidates --------------------------------------------------------------------------------------------------

    def _find_cells(self) -> None:
        """The cells where a session could run at all, with how many could at once."""
        found = find_candidates(self._week, RULES)
        rooms = {c: [room for k in found.rooms[c] for room in found.room_classes[k].rooms] for c in found.cells}
        self._cell_rooms = {c: sorted(self._rooms[room] for room in rooms[c]) for c in found.cells}
        self._cell_patients = {c: [self._patients[one] for one in found.patients[c]] for c in found.cells}
        self._cell_therapists = {c: [self._therapists[one] for one in found.therapists[c]] for c in found.cells}
        parallel = {cell: self._parallel(cell) for cell in found.cells}
        self._cells = [cell for cell in found.cells if parallel[cell]]
        self._slots = [cell for cell in self._cells for _ in range(parallel[cell])]

    def _parallel(self, cell: Cell) -> int:
        group = self._week.group_of[cell[1]]
        if group.facilitators > 2:
            raise TooDifferent(f"{group.id} needs {group.facilitators} facilitators, at most 2 are provided for")
        limits = [
            MOST_PARALLEL,
            len(self._cell_patients[cell]) // group.min_size,
            len(self._cell_therapists[cell]) // group.facilitators,
        ]
        limits += [len(self._cell_rooms[cell])] if group.needs_room else []
        limits += [group.max_sessions] if group.max_sessions is not None else []
        return min(limits)

    # ---- tables ------------------------------------------------------------------------------------------------------

    def _program(self, settings: GoalSettings) -> dict[str, Table]:
        program = self._week.program
        known = {(goal.id, part) for goal in GOALS for part in goal.parts}
        if known != set(PART_ORDER):
            raise TooDifferent(f"the Java side does not count {sorted(known ^ set(PART_ORDER))}")
        weights = {goal.id: part_weights(goal, settings) for goal in GOALS}
        return {
            "program": [
                [
                    program.max_blocks_per_day,
                    round(program.block_hours * MINUTES_PER_HOUR),
                    ceil(program.min_rest_hours * MINUTES_PER_HOUR),
                    program.max_gap_days,
                    program.max_run_days,
                ]
            ],
            "weights": [[weights[goal][part] for goal, part in PART_ORDER]],
            "levels": _levels(settings),
        }

    def _places(self) -> dict[str, Table]:
        week = self._week
        row_of = {cell: row for row, cell in enumerate(self._cells)}
        return {
            "blocks": [[b.start, b.end, int(b.day), b.minutes, b.time_of_day] for b in week.blocks],
            "groups": [self._group(group) for group in week.groups],
            "rooms": [[room.capacity] for room in week.rooms],
            "cells": [[self._blocks[block], self._groups[group]] for block, group in self._cells],
            "cell_patients": [self._cell_patients[cell] for cell in self._cells],
            "cell_therapists": [self._cell_therapists[cell] for cell in self._cells],
            "cell_rooms": [self._cell_rooms[cell] for cell in self._cells],
            "slots": [[row_of[cell] for cell in self._slots]],
        }

    def _group(self, group: Group) -> list[int]:
        cap = self._week.size_cap(group)
        mid = middle(self._week, group)
        return [
            group.min_size,
            max(1, len(self._week.patients)) if cap is None else cap,
            group.facilitators,
            int(not group.needs_room),
            NONE if group.max_sessions is None else group.max_sessions,
            group.min_sessions,
            NONE if group.max_per_patient is None else group.max_per_patient,
            int(self._week.may_mix_ages(group)),
            NONE if mid is None else mid,
        ]

    def _people(self) -> dict[str, Table]:
        week = self._week
        return {
            "patients": [self._patient(patient) for patient in week.patients],
            "required": [[x for r in p.required for x in (self._groups[r.group], r.times)] for p in week.patients],
            "preferred": [[self._groups[g] for g in dict.fromkeys(p.preferred)] for p in week.patients],
            "unwelcome": [self._unwelcome(patient) for patient in week.patients],
            "therapists": [
                [
                    NONE if one.max_blocks is None else one.max_blocks,
                    NONE if one.max_blocks_per_day is None else one.max_blocks_per_day,
                    one.min_blocks,
                ]
                for one in week.therapists
            ],
        }

    def _patient(self, patient: Patient) -> list[int]:
        days = len({block.day for block in self._week.blocks})
        return [
            patient.min_minutes,
            patient.max_minutes,
            patient.min_blocks,
            min(patient.max_blocks, days * self._week.program.max_blocks_per_day),
            patient.min_days,
            patient.min_day_minutes,
            patient.priority,
            int(patient.age_band == ADOLESCENT),
            _row(self._therapists, patient.primary_therapist),
            wished_groups(patient) if patient.preferred else 0,
        ]

    def _unwelcome(self, patient: Patient) -> list[int]:
        wished = patient.preferred_times
        if wished is None:
            return []
        return [row for row, block in enumerate(self._week.blocks) if not wished.covers(block.start, block.end)]

    def _links(self) -> dict[str, Table]:
        week, patients, therapists = self._week, self._patients, self._therapists
        blocks, groups = self._blocks, self._groups
        return {
            "apart": [
                [patients[a.patient], _row(patients, a.other_patient), _row(therapists, a.therapist)]
                for a in week.apart
            ],
            "together": [[patients[pair.patient], patients[pair.other]] for pair in week.together],
            "pins": [
                [
                    _row(patients, pin.patient),
                    _row(blocks, pin.block),
                    _row(groups, pin.group),
                    _row(therapists, pin.therapist),
                    _row(self._rooms, pin.room),
                ]
                for pin in week.pins
            ],
            "previous": [
                [patients[s.patient], _row(blocks, s.block), _row(groups, s.group), _row(therapists, s.therapist)]
                for s in week.previous
            ],
        }

    # ---- timetables --------------------------------------------------------------------------------------------------

    def rows(self, timetable: Timetable) -> Table:
        """A timetable as rows; a session that there is no slot for is left out."""
        free: dict[Cell, list[int]] = {}
        for slot, cell in reversed(list(enumerate(self._slots))):
            free.setdefault(cell, []).append(slot)
        rosters: dict[str, list[int]] = {session.id: [] for session in timetable.sessions}
        for seat in timetable.assignments:
            rosters[seat.session].append(self._patients[seat.patient])
        rows = []
        for session in timetable.sessions:
            slots = free.get((session.block, session.group), [])
            leaders = [self._therapists[one] for one in session.therapists[:2]]
            if slots and leaders:
                second = leaders[1] if len(leaders) > 1 else NONE
                staff = [slots.pop(), leaders[0], second, _row(self._rooms, session.room)]
                rows.append([*staff, *rosters[session.id]])
        return rows

    def timetable(self, rows: Iterable[Sequence[int]]) -> Timetable:
        """The timetable that rows stand for. Session ids are made of block, group and a number."""
        week = self._week
        sessions, seats = [], []
        for row in rows:
            slot, first, second, room = row[:STAFF]
            block, group = self._slots[slot]
            name = f"{block}/{group}/{slot}"
            leaders = tuple(week.therapists[one].id for one in (first, second) if one != NONE)
            place = None if room == NONE else week.rooms[room].id
            sessions.append(Session(id=name, block=block, group=group, therapists=leaders, room=place))
            seats += [Assignment(patient=week.patients[one].id, session=name) for one in row[STAFF:]]
        return Timetable(sessions=tuple(sessions), assignments=tuple(seats))


def _levels(settings: GoalSettings) -> Table:
    """For each goal its tier, counted from 0, and its factor there; a goal in no tier counts for nothing."""
    found = {goal: [NONE, 0] for goal in GOAL_ORDER}
    for level, tier in enumerate(tiers_of(settings)):
        for goal, weight in zip(tier.goals, tier.weights, strict=True):
            found[goal.id] = [level, weight * (tier.scale // goal_of(goal.id).scale)]
    return [found[goal] for goal in GOAL_ORDER]


def _rows(named: Sequence[object]) -> dict[str, int]:
    return {str(getattr(one, "id")): row for row, one in enumerate(named)}  # noqa: B009 - five kinds share only the id


def _row(rows: Mapping[str, int], one: str | None) -> int:
    return NONE if one is None else rows[one]
