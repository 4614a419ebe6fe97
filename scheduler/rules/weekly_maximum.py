"""No patient is given more than their week holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.clock import hours_text
from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Patient, Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import pins_above, separate

if TYPE_CHECKING:
    from scheduler.model.plan import Plan


class WeeklyMaximum(Rule):
    """A patient's most blocks and most hours a week; both are inclusive."""

    id = "weekly-maximum"
    words = "A patient never exceeds their max blocks or max hours a week."
    formula = "Σ_{b,g} x[p,b,g] ≤ max_blocks(p); Σ_{b,g} minutes(b)·x[p,b,g] ≤ max_minutes(p)"
    source = "Above 19 or 20 h a week a program falls under another level of care or licence (e.g. Utah R501-21-4)."

    def constrain(self, plan: Plan) -> None:
        for patient in plan.week.patients:
            seats = plan.seats_of[patient.id]
            plan.at_most([s.var for s in seats], patient.max_blocks)
            longest = max((s.block.minutes for s in seats), default=0)
            if longest * patient.max_blocks > patient.max_minutes:
                plan.add(plan.total(s.block.minutes * s.var for s in seats) <= patient.max_minutes)

    def check(self, board: Board) -> Iterable[Violation]:
        for patient in board.week.patients:
            blocks, minutes = len(board.of_patient(patient.id)), board.minutes_of(patient.id)
            sessions = tuple(s.id for s in board.of_patient(patient.id))
            if blocks > patient.max_blocks:
                words = f"{patient.id} has {blocks} blocks, at most {patient.max_blocks} are allowed"
                facts = (fact(patient, "Max blocks"),)
                yield Violation(words=words, patients=(patient.id,), sessions=sessions, facts=facts)
            if minutes > patient.max_minutes:
                words = f"{patient.id} has {hours_text(minutes)}, at most {hours_text(patient.max_minutes)} are allowed"
                facts = (fact(patient, "Max hours"),)
                yield Violation(words=words, patients=(patient.id,), sessions=sessions, facts=facts)

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        if len(board.of_patient(patient.id)) + 1 > patient.max_blocks:
            return Refusal(words=f"{patient.id} has all of their max blocks", facts=(fact(patient, "Max blocks"),))
        if board.minutes_of(patient.id) + board.block(session).minutes > patient.max_minutes:
            return Refusal(words=f"{patient.id} would pass their max hours", facts=(fact(patient, "Max hours"),))
        return None

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        if pin.patient is None or not week.blocks:
            return None
        patient = week.patient_of[pin.patient]
        needed = separate(week, pin, [one for one in pins_above(week, pin) if one.patient == pin.patient])
        pinned = tuple(pin_fact(one, "Patient") for one in needed)
        if len(needed) > patient.max_blocks:
            words = f"{patient.id} would have {len(needed)} pinned sessions, at most {patient.max_blocks} are allowed"
            return Refusal(words=words, facts=(*pinned, fact(patient, "Max blocks")))
        shortest = min(block.minutes for block in week.blocks)
        minutes = sum(shortest if one.block is None else week.block_of[one.block].minutes for one in needed)
        if minutes > patient.max_minutes:
            most = hours_text(patient.max_minutes)
            words = f"{patient.id} would have {hours_text(minutes)} of pinned sessions, at most {most} are allowed"
            return Refusal(words=words, facts=(*pinned, fact(patient, "Max hours")))
        return None
