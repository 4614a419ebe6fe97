"""The week as a director makes it by hand: one patient after the other, the most urgent first.

What is pinned goes in first. Then each patient in order of priority gets the required groups and after that the hours,
in sessions that run already where they fit, else in a new one, which opens where enough waiting patients fit, with the
least busy qualified therapist and a room. Nothing is ever taken back.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence

from benchmarks.peers.desk import Desk, Opened
from benchmarks.peers.protocol import Answer, Keep, Peer
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Patient, Pin, Week
from scheduler.model.candidates import Cell
from scheduler.verify import verify

ATTEMPTS = 20
"""The pins are laid in another order when they cannot all be kept in the first."""


class Greedy(Peer):
    """By priority, as by hand."""

    name = "greedy"
    about = "by priority, as by hand"

    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Fill the week once; the pins decide whether again in another order."""
        until = time.monotonic() + seconds
        note = "out of time"
        for attempt in range(ATTEMPTS):
            timetable = _Director(Desk(week), random.Random(attempt), until).fill()
            found = verify(week, timetable, profile.goals)
            if not found.broken:
                keep(timetable)
                return Answer(timetable, None, f"attempt {attempt + 1}")
            note = "breaks " + ", ".join(result.rule for result in found.rules if result.violations)
            if time.monotonic() > until:
                break
        return Answer(None, None, note)


class _Director:
    """One pass over the week."""

    def __init__(self, desk: Desk, rng: random.Random, until: float) -> None:
        self._desk, self._rng, self._until = desk, rng, until
        self._queue = sorted(desk.week.patients, key=lambda one: -one.priority)
        rank = {one.id: i for i, one in enumerate(self._queue)}
        candidates = desk.candidates
        self._waiting = {
            cell: [desk.week.patient_of[one] for one in sorted(candidates.patients[cell], key=rank.__getitem__)]
            for cell in candidates.cells
        }
        self._hopeless: set[Cell] = set()
        """Where no session can open any more: people only get busier."""

    def fill(self) -> Timetable:
        """The whole pass."""
        self._lay_pins()
        for session in tuple(self._desk.sessions):
            self._fill_up(session)
        for patient in self._in_time():
            for group in [need.group for need in patient.required for _ in range(need.times)]:
                if group in self._desk.missing(patient):
                    self._place(patient, [cell for cell in self._cells_of(patient) if cell[1] == group])
        self._desk.reserving = False
        self._hopeless.clear()
        for patient in self._in_time():
            while self._desk.is_short(patient) and self._place(patient, self._cells_of(patient)):
                pass
        return self._desk.timetable()

    def _in_time(self) -> Iterable[Patient]:
        return (patient for patient in self._queue if time.monotonic() < self._until)

    def _cells_of(self, patient: Patient) -> Sequence[Cell]:
        return self._desk.cells_of[patient.id]

    # ---- pins ----------------------------------------------------------------------------------------------------

    def _lay_pins(self) -> None:
        """Most specific first; then every session that a pin opened gets at least the people it needs to run."""
        pins = list(self._desk.week.pins)
        self._rng.shuffle(pins)
        for pin in sorted(pins, key=_openness):
            self._lay(pin)
        for session in self._desk.sessions:
            self._gather(session, self._desk.wants, session.group.min_size)
            self._gather(session, lambda *_: True, session.group.min_size)

    def _lay(self, pin: Pin) -> None:
        desk = self._desk
        patient = None if pin.patient is None else desk.week.patient_of[pin.patient]
        for session in desk.sessions:
            if _matches(pin, session) and patient is not None:
                if patient.id in session.roster:
                    return
                if desk.fits(patient, session):
                    desk.seat(patient, session)
                    return
            elif _matches(pin, session):
                return
        cells = [one for one in desk.candidates.cells if pin.block in (None, one[0]) and pin.group in (None, one[1])]
        opened = self._open_best(cells, patient, pin)
        if opened is not None and patient is not None:
            desk.seat(patient, opened)

    # ---- people --------------------------------------------------------------------------------------------------

    def _place(self, patient: Patient, cells: Sequence[Cell]) -> bool:
        """Seat the patient in one of the cells: where a session runs already, else in a new one."""
        for cell in cells:
            for session in self._desk.sessions_in(cell):
                if self._desk.fits(patient, session):
                    self._desk.seat(patient, session)
                    return True
        opened = self._open_best([cell for cell in cells if cell not in self._hopeless], patient, None)
        if opened is None:
            return False
        self._desk.seat(patient, opened)
        self._fill_up(opened)
        return True

    def _open_best(self, cells: Sequence[Cell], patient: Patient | None, pin: Pin | None) -> Opened | None:
        """Open a session in the cell where most waiting patients fit; None where too few would come to any."""
        best: Opened | None = None
        most = 0
        for cell in cells:
            draft = self._draft(cell, patient, pin)
            if draft is None:
                continue
            people = len(self._joiners(draft, patient, self._desk.wants, draft.cap))
            if pin is not None:
                people = max(people, len(self._joiners(draft, patient, lambda *_: True, draft.group.min_size)))
            if people < draft.group.min_size:
                if pin is None:
                    self._hopeless.add(cell)
            elif people > most:
                best, most = draft, people
        if best is not None:
            self._desk.open(best)
        return best

    def _draft(self, cell: Cell, patient: Patient | None, pin: Pin | None) -> Opened | None:
        draft = self._desk.draft(cell, patient, pin)
        if draft is None and pin is None and self._desk.draft(cell, None, None) is None:
            self._hopeless.add(cell)
        if draft is None or (patient is not None and not self._desk.fits(patient, draft)):
            return None
        return draft

    def _fill_up(self, session: Opened) -> None:
        self._gather(session, self._desk.wants, session.cap)

    def _gather(self, session: Opened, wants: Callable[[Patient, str], bool], size: int) -> None:
        for patient in self._joiners(session, None, wants, size):
            self._desk.seat(patient, session)

    def _joiners(
        self, session: Opened, first: Patient | None, wants: Callable[[Patient, str], bool], size: int
    ) -> list[Patient]:
        """Who would join, ``first`` before all others, until the session holds so many; required groups first."""
        chosen = [] if first is None else [first]
        able = [one for one in self._waiting[session.cell] if one is not first and wants(one, session.group.id)]
        able.sort(key=lambda one: session.group.id not in self._desk.missing(one))
        for patient in able:
            if len(session.roster) + len(chosen) >= size:
                break
            if self._desk.fits(patient, session, chosen):
                chosen.append(patient)
        return chosen


def _openness(pin: Pin) -> int:
    return sum(one is None for one in (pin.patient, pin.block, pin.group, pin.therapist, pin.room))


def _matches(pin: Pin, session: Opened) -> bool:
    return (
        pin.block in (None, session.cell[0])
        and pin.group in (None, session.cell[1])
        and (pin.therapist is None or pin.therapist in session.therapists)
        and pin.room in (None, session.room)
    )
