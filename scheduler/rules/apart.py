"""People who must be kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Apart, Patient, Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import apart_fact, pin_fact
from scheduler.rules.pinned import companions, rows_text

if TYPE_CHECKING:
    from scheduler.model.plan import Plan
    from scheduler.model.splits import Split


class KeptApart(Rule):
    """Every row of the sheet Apart."""

    id = "apart"
    words = "Patients kept apart never share a session; a patient kept from a therapist is never led by them."
    formula = (
        "x[p,b,g] + x[q,b,g] ≤ n[b,g] for p, q apart; x[p,b,g] + z[t,b,g] ≤ n[b,g] for t apart from p; "
        "Σ_{t not apart from p} z[t,b,g] ≥ facilitators(g)·x[p,b,g]; exactly, for every session, when a cell is split"
    )

    def constrain(self, plan: Plan) -> None:
        for apart in plan.week.apart:
            for cell in plan.candidates.cells:
                seat = plan.attends.get((apart.patient, *cell))
                other = plan.attends.get((apart.other_patient or "", *cell))
                if seat is not None and other is not None:
                    plan.add(seat + other <= plan.sessions[cell])
        for patient, kept_from in _therapists_kept_from(plan.week.apart).items():
            for candidate in plan.seats_of[patient]:
                cell, needed = candidate.cell, candidate.group.facilitators
                leaders = plan.candidates.therapists[cell]
                if not kept_from.isdisjoint(leaders):
                    others = [plan.leads[t, *cell] for t in leaders if t not in kept_from]
                    plan.add(plan.total(others) >= needed * candidate.var)
                    # Where one session runs, they may not be its second leader either.
                    for therapist in leaders:
                        if therapist in kept_from:
                            plan.add(candidate.var + plan.leads[therapist, *cell] <= plan.sessions[cell])

    def constrain_split(self, split: Split) -> None:
        for apart in split.week.apart:
            for slot in split.slots:
                seat = split.seat.get((apart.patient, slot))
                other = split.seat.get((apart.other_patient or "", slot))
                lead = split.lead.get((apart.therapist or "", slot))
                for against in (other, lead):
                    if seat is not None and against is not None:
                        split.model.add_at_most_one([seat, against])

    def check(self, board: Board) -> Iterable[Violation]:
        for apart in board.week.apart:
            for session in board.of_patient(apart.patient):
                if self._clash(apart, session, board.roster[session.id]):
                    kept_from = apart.other_patient or apart.therapist
                    yield Violation(
                        words=f"{apart.patient} and {kept_from} are kept apart and meet in {session.id}",
                        patients=tuple(p for p in (apart.patient, apart.other_patient) if p is not None),
                        therapists=(apart.therapist,) if apart.therapist is not None else (),
                        sessions=(session.id,),
                        facts=(apart_fact(apart),),
                    )

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        roster = [*board.roster[session.id], patient.id]
        for apart in board.week.apart:
            concerned = patient.id in (apart.patient, apart.other_patient)
            if concerned and apart.patient in roster and self._clash(apart, session, roster):
                words = f"{apart.patient} and {apart.other_patient or apart.therapist} are kept apart"
                return Refusal(words=words, facts=(apart_fact(apart),))
        return None

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        for other in (pin, *companions(week, pin)):
            patients, therapists = {pin.patient, other.patient}, {pin.therapist, other.therapist}
            for apart in week.apart:
                met = apart.other_patient in patients - {None} or apart.therapist in therapists - {None}
                if apart.patient in patients and met:
                    words = f"{apart.patient} and {apart.other_patient or apart.therapist} are kept apart"
                    own = [pin_fact(pin, "Patient" if pin.patient is not None else "Therapist")]
                    if other is not pin:
                        words += f" and would meet by {rows_text([other])}"
                        own.append(pin_fact(other, "Patient" if other.patient is not None else "Therapist"))
                    return Refusal(words=words, facts=(*own, apart_fact(apart)))
        return None

    @staticmethod
    def _clash(apart: Apart, session: Session, roster: list[str]) -> bool:
        return apart.other_patient in roster or apart.therapist in session.therapists


def _therapists_kept_from(rows: Iterable[Apart]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.therapist is not None:
            found.setdefault(row.patient, set()).add(row.therapist)
    return found
