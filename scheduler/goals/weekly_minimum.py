"""Everybody reaches their weekly hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import ceil, gcd
from typing import TYPE_CHECKING

from scheduler.domain.clock import Day, hours_text
from scheduler.domain.findings import Measure, Remark
from scheduler.domain.timetable import Board
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Week
from scheduler.model.protocol import Goal

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan, Seat


class WeeklyMinimum(Goal):
    """Hours short, counted exactly in minutes and weighed by priority."""

    id = "weekly-minimum"
    words = "Hours short of the weekly minimum, each patient's weighed by their priority."
    formula = (
        "Σ_p priority(p)·max(0, min_minutes(p) − Σ minutes(b)·x[p,b,g], block_minutes·(min_blocks(p) − Σ x[p,b,g]), "
        "block_minutes·(min_days(p) − days(p))), a day counting when it holds min_day_minutes(p)"
    )
    unit = "priority-weighted hours"
    scale = MINUTES_PER_HOUR
    parts = {"hours": 1}
    source = "ASAM level 2.1: 9 h a week for adults, 6 h for adolescents; each number stands in the profile."

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        terms = []
        for patient in plan.week.patients:
            step = _step(plan, patient)
            short = plan.count(ceil(_largest(plan.week, patient) / step), f"short {patient.id}")
            for needed, given in needs_of(plan, patient):
                plan.add(step * short >= needed - given)
            terms.append(weights["hours"] * patient.priority * step * short)
        return plan.total(terms)

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        remarks, units, minutes = [], 0, 0
        for patient in board.week.patients:
            short = minutes_short(board, patient)
            minutes += short
            units += weights["hours"] * patient.priority * short
            if short:
                words = f"{patient.id} is {hours_text(short)} short of the weekly minimum"
                remarks.append(
                    Remark(part="hours", words=words, amount=short / MINUTES_PER_HOUR, patients=(patient.id,))
                )
        parts = {"hours": minutes / MINUTES_PER_HOUR}
        return Measure(units=units, value=units / self.scale, parts=parts, remarks=tuple(remarks))


def minutes_short(board: Board, patient: Patient) -> int:
    """Minutes by which a patient misses their hours, blocks or days, whichever is most; never below 0."""
    block_minutes = board.week.program.block_minutes
    sessions = board.of_patient(patient.id)
    by_day: dict[Day, int] = defaultdict(int)
    for session in sessions:
        by_day[board.block(session).day] += board.block(session).minutes
    days = sum(minutes >= patient.min_day_minutes for minutes in by_day.values())
    return max(
        0,
        patient.min_minutes - board.minutes_of(patient.id),
        block_minutes * (patient.min_blocks - len(sessions)),
        block_minutes * (patient.min_days - days),
    )


def _largest(week: Week, patient: Patient) -> int:
    return max(patient.min_minutes, week.program.block_minutes * max(patient.min_blocks, patient.min_days))


def _step(plan: Plan, patient: Patient) -> int:
    """Every shortage of the patient is a multiple of this many minutes."""
    lengths = {seat.block.minutes for seat in plan.seats_of[patient.id]}
    return max(1, gcd(patient.min_minutes, plan.week.program.block_minutes, *lengths))


def needs_of(plan: Plan, patient: Patient) -> list[tuple[Expr, Expr]]:
    """What the patient needs and gets, in minutes: by hours, by blocks, by days; equal needs written once."""
    seats = plan.seats_of[patient.id]
    each = plan.week.program.block_minutes
    needs: list[tuple[Expr, Expr]] = [
        (patient.min_minutes, plan.total(seat.block.minutes * seat.var for seat in seats))
    ]
    alike = all(seat.block.minutes == each for seat in seats) and patient.min_minutes == each * patient.min_blocks
    if patient.min_blocks and not alike:
        needs.append((each * patient.min_blocks, each * plan.total(seat.var for seat in seats)))
    single = plan.week.program.max_blocks_per_day == 1
    long_enough = all(seat.block.minutes >= patient.min_day_minutes for seat in seats)
    implied = single and long_enough and patient.min_days <= patient.min_blocks
    if patient.min_days and not implied:
        needs.append((each * patient.min_days, each * plan.total(_days(plan, patient, single=single))))
    return needs


def _days(plan: Plan, patient: Patient, *, single: bool) -> list[Expr]:
    by_day: dict[Day, list[Seat]] = defaultdict(list)
    for seat in plan.seats_of[patient.id]:
        by_day[seat.block.day].append(seat)
    if single:
        threshold = patient.min_day_minutes
        return [seat.var for seats in by_day.values() for seat in seats if seat.block.minutes >= threshold]
    counted: list[Expr] = []
    for day, seats in by_day.items():
        counts = plan.flag(f"day counts {patient.id} {day.short}")
        plan.add(plan.total(s.block.minutes * s.var for s in seats) >= patient.min_day_minutes * counts)
        plan.add(plan.total(s.var for s in seats) >= counts)
        counted.append(counts)
    return counted
