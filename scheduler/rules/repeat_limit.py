"""How often a patient may attend the same group in a week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Patient, Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import pins_above, separate

if TYPE_CHECKING:
    from scheduler.model.plan import Plan


class RepeatLimit(Rule):
    """The group's ``Max per patient``, or the profile's where the cell is blank."""

    id = "repeat-limit"
    words = "A patient attends the same group at most Max per patient times a week."
    formula = "Σ_b x[p,b,g] ≤ max_per_patient(g)"

    def constrain(self, plan: Plan) -> None:
        for group in plan.week.groups:
            if group.max_per_patient is None:
                continue
            for seats in plan.seats_of.values():
                plan.at_most([s.var for s in seats if s.group is group], group.max_per_patient)

    def check(self, board: Board) -> Iterable[Violation]:
        for patient in board.week.patients:
            times = Counter(s.group for s in board.of_patient(patient.id))
            for group, often in times.items():
                limit = board.week.group_of[group].max_per_patient
                if limit is not None and often > limit:
                    yield Violation(
                        words=f"{patient.id} attends {group} {often} times, at most {limit} are allowed",
                        patients=(patient.id,),
                        sessions=tuple(s.id for s in board.of_patient(patient.id) if s.group == group),
                        facts=(fact(board.week.group_of[group], "Max per patient"),),
                    )

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        limit = board.group(session).max_per_patient
        often = sum(s.group == session.group for s in board.of_patient(patient.id))
        if limit is None or often + 1 <= limit:
            return None
        facts = (fact(board.group(session), "Max per patient"),)
        return Refusal(words=f"{patient.id} already attends {session.group} {often} time(s)", facts=facts)

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        if pin.patient is None or pin.group is None:
            return None
        limit = week.group_of[pin.group].max_per_patient
        alike = [one for one in pins_above(week, pin) if (one.patient, one.group) == (pin.patient, pin.group)]
        needed = separate(week, pin, alike)
        if limit is None or len(needed) <= limit:
            return None
        words = f"{pin.patient} would attend {pin.group} {len(needed)} times, at most {limit} are allowed"
        facts = (*(pin_fact(one, "Group") for one in needed), fact(week.group_of[pin.group], "Max per patient"))
        return Refusal(words=words, facts=facts)
