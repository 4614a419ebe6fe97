"""Everybody gets the groups of their plan, groups run as often as they must, people who belong together meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from scheduler.domain.findings import Measure, Remark
from scheduler.domain.timetable import Board
from scheduler.domain.week import Patient, RequiredGroup
from scheduler.model.protocol import Goal

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan


class TreatmentPlan(Goal):
    """Required groups missed (each missed time, weighed by priority), minimum sessions missed, pairs not met."""

    id = "treatment-plan"
    words = "Required groups missed (weighed by priority), minimum sessions missed, Together pairs that never meet."
    formula = (
        "Σ_p priority(p)·Σ_g max(0, times(p,g) − Σ_b x[p,b,g]) + Σ_g max(0, min_sessions(g) − Σ_b n[b,g]) + "
        "Σ_{p,q together} (1 − claim[p,q])"
    )
    unit = "weighted misses"
    parts = {"groups": 1, "sessions": 1, "together": 1}

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        terms = [
            *(weights["groups"] * term for term in _groups(plan)),
            *(weights["sessions"] * term for term in _sessions(plan)),
            *(weights["together"] * term for term in _together(plan)),
        ]
        return plan.total(terms)

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        remarks = [*_missed_remarks(board), *_session_remarks(board), *_together_remarks(board)]
        priority = {patient.id: patient.priority for patient in board.week.patients}
        units = 0
        for remark in remarks:
            factor = priority[remark.patients[0]] if remark.part == "groups" else 1
            units += weights[remark.part] * factor * round(remark.amount)
        parts = {part: sum(r.amount for r in remarks if r.part == part) for part in self.parts}
        return Measure(units=units, value=units / self.scale, parts=parts, remarks=tuple(remarks))


def missed_groups(board: Board, patient: Patient) -> tuple[RequiredGroup, ...]:
    """The required groups of a patient that the timetable does not give, each with how many times it is missed."""
    attended = Counter(session.group for session in board.of_patient(patient.id))
    return tuple(
        RequiredGroup(group=need.group, times=need.times - attended[need.group])
        for need in patient.required
        if attended[need.group] < need.times
    )


def _groups(plan: Plan) -> list[Expr]:
    terms: list[Expr] = []
    for patient in plan.week.patients:
        for need in patient.required:
            given = [seat.var for seat in plan.seats_of[patient.id] if seat.group.id == need.group]
            missed = plan.count(need.times, f"missed {patient.id} {need.group}")
            plan.add(missed >= need.times - plan.total(given))
            terms.append(patient.priority * missed)
    return terms


def _sessions(plan: Plan) -> list[Expr]:
    terms: list[Expr] = []
    for group in plan.week.groups:
        if group.min_sessions:
            run = plan.total(count for (_, g), count in plan.sessions.items() if g == group.id)
            missed = plan.count(group.min_sessions, f"sessions missed {group.id}")
            plan.add(missed >= group.min_sessions - run)
            terms.append(missed)
    return terms


def _together(plan: Plan) -> list[Expr]:
    terms: list[Expr] = []
    for pair in plan.week.together:
        meetings = [plan.claim(cell, patients={pair.patient, pair.other}) for cell in plan.candidates.cells]
        apart = plan.flag(f"not together {pair.patient} {pair.other}")
        plan.add(plan.total(one for one in meetings if one is not None) + apart >= 1)
        terms.append(apart)
    return terms


def _missed_remarks(board: Board) -> list[Remark]:
    return [
        Remark(
            part="groups",
            words=f"{patient.id} misses {missed.group}" + (f" {missed.times} times" if missed.times > 1 else ""),
            amount=missed.times,
            patients=(patient.id,),
        )
        for patient in board.week.patients
        for missed in missed_groups(board, patient)
    ]


def _session_remarks(board: Board) -> list[Remark]:
    remarks = []
    for group in board.week.groups:
        missed = group.min_sessions - len(board.of_group(group.id))
        if missed > 0:
            words = f"{group.id} runs {missed} time(s) less than its min sessions"
            sessions = tuple(s.id for s in board.of_group(group.id))
            remarks.append(Remark(part="sessions", words=words, amount=missed, sessions=sessions))
    return remarks


def _together_remarks(board: Board) -> list[Remark]:
    remarks = []
    for pair in board.week.together:
        shared = {s.id for s in board.of_patient(pair.patient)} & {s.id for s in board.of_patient(pair.other)}
        if not shared:
            words = f"{pair.patient} and {pair.other} share no session"
            remarks.append(Remark(part="together", words=words, amount=1, patients=(pair.patient, pair.other)))
    return remarks
