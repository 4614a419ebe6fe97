"""Wishes: times, groups, the primary therapist, a steady time of day; spread over people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scheduler.domain.findings import Measure, Remark
from scheduler.domain.timetable import Board
from scheduler.domain.week import Patient
from scheduler.goals.convex import rising_cost, triangular
from scheduler.model.protocol import Goal

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan


class Preferences(Goal):
    """Broken wishes of each person, the n-th costing n: the third of one person weighs more than one each of three."""

    id = "preferences"
    words = (
        "Broken wishes: sessions outside preferred times, preferred groups not attended (as many as the week leaves "
        "room for), primary therapist not met, times of day beyond the first. A person's n-th broken wish costs n."
    )
    formula = "Σ_p T(k(p)), k(p) = times + groups + primary + steady of p, T(k) = k(k+1)/2"
    unit = "wish points"
    parts = {"times": 1, "groups": 1, "primary": 1, "steady": 1}

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        terms = []
        for patient in plan.week.patients:
            wishes: list[tuple[int, Expr]] = []
            for part, (most, broken) in _broken(plan, patient).items():
                if most and weights[part]:
                    wishes.append((weights[part] * most, weights[part] * broken))
            if wishes:
                most_in_all = sum(most for most, _ in wishes)
                broken_in_all = plan.total(broken for _, broken in wishes)
                terms.append(rising_cost(plan, broken_in_all, most_in_all, f"wishes {patient.id}"))
        return plan.total(terms)

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        remarks, units = [], 0
        for patient in board.week.patients:
            mine = _remarks(board, patient)
            units += triangular(sum(weights[remark.part] * round(remark.amount) for remark in mine))
            remarks.extend(mine)
        parts = {part: sum(r.amount for r in remarks if r.part == part) for part in self.parts}
        return Measure(units=units, value=units, parts=parts, remarks=tuple(remarks))


def wished_groups(patient: Patient) -> int:
    """How many of the preferred groups count as wishes: as many as the patient's blocks leave beside required ones."""
    required = sum(need.times for need in patient.required)
    return min(len(set(patient.preferred)), max(1, patient.max_blocks - required))


def _broken(plan: Plan, patient: Patient) -> dict[str, tuple[int, Expr]]:
    """For each kind of wish the most that can be broken, and how many are."""
    seats = plan.seats_of[patient.id]
    broken: dict[str, tuple[int, Expr]] = {}
    if patient.preferred_times is not None:
        wished = patient.preferred_times
        outside = [s.var for s in seats if not wished.covers(s.block.start, s.block.end)]
        broken["times"] = (min(len(outside), patient.max_blocks), plan.total(outside))
    if patient.preferred:
        broken["groups"] = _groups(plan, patient)
    if patient.primary_therapist is not None:
        met = [plan.claim(s.cell, patients=(patient.id,), therapists=(patient.primary_therapist,)) for s in seats]
        missed = plan.flag(f"primary missed {patient.id}")
        plan.add(plan.total(one for one in met if one is not None) + missed >= 1)
        broken["primary"] = (1, missed)
    broken["steady"] = _steady(plan, patient)
    return broken


def _groups(plan: Plan, patient: Patient) -> tuple[int, Expr]:
    wanted = wished_groups(patient)
    met = []
    for group in dict.fromkeys(patient.preferred):
        given = [seat.var for seat in plan.seats_of[patient.id] if seat.group.id == group]
        if given:
            attends = plan.flag(f"wish {patient.id} {group}")
            plan.add(plan.total(given) >= attends)
            met.append(attends)
    missed = plan.count(wanted, f"wishes missed {patient.id}")
    plan.add(missed >= wanted - plan.total(met))
    return wanted, missed


def _steady(plan: Plan, patient: Patient) -> tuple[int, Expr]:
    seats = plan.seats_of[patient.id]
    times = sorted({seat.block.time_of_day for seat in seats})
    most = min(len(times), patient.max_blocks) - 1
    if most < 1:
        return 0, 0
    used = {time: plan.flag(f"at {time} {patient.id}") for time in times}
    for block in {seat.block.id: seat.block for seat in seats}.values():
        here = plan.total(seat.var for seat in seats if seat.block.id == block.id)
        plan.add(here <= used[block.time_of_day])
    extra = plan.count(most, f"unsteady {patient.id}")
    plan.add(extra >= plan.total(used.values()) - 1)
    return most, extra


def _remarks(board: Board, patient: Patient) -> list[Remark]:
    sessions = board.of_patient(patient.id)
    blocks = [board.block(session) for session in sessions]
    wished = patient.preferred_times
    amounts = {
        "times": sum(not wished.covers(b.start, b.end) for b in blocks) if wished is not None else 0,
        "groups": 0,
        "primary": 0,
        "steady": max(0, len({b.time_of_day for b in blocks}) - 1),
    }
    if patient.preferred:
        met = len({session.group for session in sessions} & set(patient.preferred))
        amounts["groups"] = max(0, wished_groups(patient) - met)
    if patient.primary_therapist is not None:
        amounts["primary"] = int(all(patient.primary_therapist not in s.therapists for s in sessions))
    words = {
        "times": "session(s) outside preferred times",
        "groups": "preferred group(s) not attended",
        "primary": "primary therapist not met",
        "steady": "more than one time of day",
    }
    return [
        Remark(part=part, words=f"{patient.id}: {words[part]}", amount=amount, patients=(patient.id,))
        for part, amount in amounts.items()
        if amount
    ]
