"""A week on a director's desk: sessions opened and filled by hand, never beyond what the rules allow.

Written by itself, as a director knows the rules, and not by way of the engine's model; the verifier has the last word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Block, Group, Patient, Pin, Therapist, Week
from scheduler.model.candidates import Cell, find_candidates
from scheduler.rules.registry import RULES


@dataclass
class Opened:
    """A session as it fills."""

    block: Block
    group: Group
    therapists: tuple[str, ...]
    room: str | None
    cap: int
    roster: list[str] = field(default_factory=list)

    @property
    def cell(self) -> Cell:
        """Its block and group."""
        return self.block.id, self.group.id


class Desk:
    """What is decided so far, and what may still be."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.candidates = find_candidates(week, RULES)
        self.sessions: list[Opened] = []
        self.reserving = True
        """Whether blocks are held back for required groups that a patient still misses."""
        self._in_cell: dict[Cell, list[Opened]] = defaultdict(list)
        self._attended: dict[str, list[Opened]] = {one.id: [] for one in week.patients}
        self._led: dict[str, list[Opened]] = {one.id: [] for one in week.therapists}
        self._held: dict[str, list[Block]] = {one.id: [] for one in week.rooms}
        self.cells_of: dict[str, list[Cell]] = {one.id: [] for one in week.patients}
        for cell in self.candidates.cells:
            for patient in self.candidates.patients[cell]:
                self.cells_of[patient].append(cell)
        self._able = {one: frozenset(found) for one, found in self.cells_of.items()}
        self._apart: dict[str, set[str]] = defaultdict(set)
        self._kept_from: dict[str, set[str]] = defaultdict(set)
        self._note_apart()

    def _note_apart(self) -> None:
        for apart in self.week.apart:
            if apart.other_patient is not None:
                self._apart[apart.patient].add(apart.other_patient)
                self._apart[apart.other_patient].add(apart.patient)
            if apart.therapist is not None:
                self._kept_from[apart.patient].add(apart.therapist)

    # ---- what a patient still needs --------------------------------------------------------------------------------

    def missing(self, patient: Patient) -> dict[str, int]:
        """Required groups that the patient does not have yet, with how often."""
        if not patient.required:
            return {}
        given = Counter(session.group.id for session in self._attended[patient.id])
        return {
            need.group: need.times - given[need.group] for need in patient.required if given[need.group] < need.times
        }

    def is_short(self, patient: Patient) -> bool:
        """Whether the patient's weekly minimum is not met yet."""
        blocks = [session.block for session in self._attended[patient.id]]
        return (
            len(blocks) < patient.min_blocks
            or sum(block.minutes for block in blocks) < patient.min_minutes
            or len({block.day for block in blocks}) < patient.min_days
        )

    def wants(self, patient: Patient, group: str) -> bool:
        """Whether the patient still waits for such a session."""
        missing = self.missing(patient)
        if group in missing:
            return True
        left = patient.max_blocks - len(self._attended[patient.id])
        return self.is_short(patient) and (not self.reserving or left > sum(missing.values()))

    # ---- what the rules allow --------------------------------------------------------------------------------------

    def fits(self, patient: Patient, session: Opened, beside: Sequence[Patient] = ()) -> bool:
        """Whether the patient may still join the session, with those beside them who are about to."""
        return (
            session.cell in self._able[patient.id]
            and len(session.roster) + len(beside) < session.cap
            and self._has_time(patient, session.block)
            and self._may_repeat(patient, session.group)
            and self._may_meet(patient, session, [*session.roster, *(one.id for one in beside)])
        )

    def _has_time(self, patient: Patient, block: Block) -> bool:
        blocks = [session.block for session in self._attended[patient.id]]
        return (
            len(blocks) < patient.max_blocks
            and sum(one.minutes for one in blocks) + block.minutes <= patient.max_minutes
            and sum(one.day is block.day for one in blocks) < self.week.program.max_blocks_per_day
            and not any(one.overlaps(block) for one in blocks)
        )

    def _may_repeat(self, patient: Patient, group: Group) -> bool:
        limit = group.max_per_patient
        return limit is None or sum(one.group is group for one in self._attended[patient.id]) < limit

    def _may_meet(self, patient: Patient, session: Opened, others: Sequence[str]) -> bool:
        if not self._apart[patient.id].isdisjoint(others):
            return False
        if not self._kept_from[patient.id].isdisjoint(session.therapists):
            return False
        bands = {self.week.patient_of[one].age_band for one in others}
        return bands <= {patient.age_band} or self.week.may_mix_ages(session.group)

    def _may_lead(self, therapist: Therapist, block: Block) -> bool:
        led = [session.block for session in self._led[therapist.id]]
        most, most_a_day = therapist.max_blocks, therapist.max_blocks_per_day
        return (
            (most is None or len(led) < most)
            and (most_a_day is None or sum(one.day is block.day for one in led) < most_a_day)
            and not any(one.overlaps(block) or self._too_close(one, block) for one in led)
        )

    def _too_close(self, one: Block, other: Block) -> bool:
        first, second = sorted((one, other), key=lambda block: block.start)
        rest = self.week.program.min_rest_hours * MINUTES_PER_HOUR
        return second.day == first.day + 1 and second.start - first.end < rest

    # ---- sessions --------------------------------------------------------------------------------------------------

    def sessions_in(self, cell: Cell) -> Sequence[Opened]:
        """The sessions that run in a cell."""
        return self._in_cell[cell]

    def draft(self, cell: Cell, patient: Patient | None, pin: Pin | None) -> Opened | None:
        """A session that could open in the cell, with a team and a room; None where one of them is missing."""
        block, group = self.week.block_of[cell[0]], self.week.group_of[cell[1]]
        running = sum(session.group is group for session in self.sessions)
        if group.max_sessions is not None and running >= group.max_sessions:
            return None
        if pin is not None and pin.room is not None and not group.needs_room:
            return None
        team = self._team(cell, patient, None if pin is None else pin.therapist)
        rooms = self._free_rooms(cell, None if pin is None else pin.room)
        if team is None or (group.needs_room and not rooms):
            return None
        cap = self.week.size_cap(group) or max(1, len(self.week.patients))
        room = next((one for one in rooms if self.week.room_of[one].capacity >= cap), rooms[-1] if rooms else None)
        if room is not None:
            cap = min(cap, self.week.room_of[room].capacity)
        return Opened(block, group, team, room, cap)

    def _team(self, cell: Cell, patient: Patient | None, asked: str | None) -> tuple[str, ...] | None:
        """The asked therapist, then the least busy ones; None if there are not enough."""
        block, needed = self.week.block_of[cell[0]], self.week.group_of[cell[1]].facilitators
        kept_from = set() if patient is None else self._kept_from[patient.id]
        able = [one for one in self.candidates.therapists[cell] if one not in kept_from]
        able = [one for one in able if self._may_lead(self.week.therapist_of[one], block)]
        if asked is not None and asked not in able:
            return None
        able.sort(key=lambda one: (one != asked, len(self._led[one])))
        return tuple(able[:needed]) if len(able) >= needed else None

    def _free_rooms(self, cell: Cell, asked: str | None) -> list[str]:
        """Rooms for the cell that nobody is in, the smallest first."""
        block, classes = self.week.block_of[cell[0]], self.candidates.room_classes
        rooms = [room for index in self.candidates.rooms[cell] for room in classes[index].rooms]
        free = [one for one in rooms if not any(held.overlaps(block) for held in self._held[one])]
        return sorted((one for one in free if asked in (None, one)), key=lambda one: self.week.room_of[one].capacity)

    def open(self, session: Opened) -> None:
        """Let a drafted session run."""
        self.sessions.append(session)
        self._in_cell[session.cell].append(session)
        for therapist in session.therapists:
            self._led[therapist].append(session)
        if session.room is not None:
            self._held[session.room].append(session.block)

    def seat(self, patient: Patient, session: Opened) -> None:
        """Seat a patient who fits."""
        session.roster.append(patient.id)
        self._attended[patient.id].append(session)

    def timetable(self) -> Timetable:
        """What is decided, without sessions that are too small to run."""
        running = [one for one in self.sessions if len(one.roster) >= one.group.min_size]
        counts: Counter[Cell] = Counter()
        sessions: list[Session] = []
        seats: list[Assignment] = []
        for one in running:
            counts[one.cell] += 1
            name = f"{one.block.id}.{one.group.id}.{counts[one.cell]}"
            sessions.append(
                Session(id=name, block=one.block.id, group=one.group.id, therapists=one.therapists, room=one.room)
            )
            seats.extend(Assignment(patient=patient, session=name) for patient in one.roster)
        return Timetable(sessions=tuple(sessions), assignments=tuple(seats))
