"""A week that is easy to run: few sessions, even loads, groups of a middling size, days spaced out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from scheduler.domain.clock import Day
from scheduler.domain.findings import Measure, Remark
from scheduler.domain.timetable import Board
from scheduler.domain.types import DAYS_PER_WEEK
from scheduler.domain.week import Group, Week
from scheduler.goals.convex import rising_cost, triangular
from scheduler.model.protocol import Goal

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan


class Operations(Goal):
    """What the people who run the week would rather have."""

    id = "operations"
    words = (
        "Sessions run; a therapist's n-th session of the week costing n (even loads); blocks below a therapist's Min "
        "blocks; seats away from the middle of min and max size; gaps longer than max_gap_days and runs longer than "
        "max_run_days."
    )
    formula = (
        "w₁·Σ n + w₂·Σ_t T(load(t)) + w₃·Σ_t max(0, min_blocks(t) − load(t)) "
        "+ w₄·Σ_{b,g} |Σ_p x[p,b,g] − mid(g)·n[b,g]| + w₅·gaps + w₆·runs"
    )
    unit = "points"
    parts = {"sessions": 6, "load": 1, "unused": 6, "sizes": 1, "gaps": 3, "runs": 2}
    source = "At most two days between offered services: North Carolina 10A NCAC 27G .4503."

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        terms: list[Expr] = []
        if weights["sessions"]:
            terms.extend(weights["sessions"] * count for count in plan.sessions.values())
        if weights["load"]:
            terms.extend(weights["load"] * term for term in _loads(plan))
        if weights["unused"]:
            terms.extend(weights["unused"] * term for term in _unused(plan))
        if weights["sizes"]:
            terms.extend(weights["sizes"] * term for term in _sizes(plan))
        if weights["gaps"] or weights["runs"]:
            terms.extend(_spacing(plan, weights))
        return plan.total(terms)

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        remarks = [*_therapist_remarks(board), *_size_remarks(board), *_spacing_remarks(board)]
        parts = {part: sum(r.amount for r in remarks if r.part == part) for part in self.parts}
        parts["sessions"] = len(board.timetable.sessions)
        parts["load"] = sum(triangular(len(board.of_therapist(t.id))) for t in board.week.therapists)
        units = sum(weights[part] * round(amount) for part, amount in parts.items())
        return Measure(units=units, value=units, parts=parts, remarks=tuple(remarks))


def middle(week: Week, group: Group) -> int | None:
    """The size half-way between smallest and largest, rounded up; None where nothing limits the size."""
    cap = week.size_cap(group)
    return None if cap is None else (group.min_size + cap + 1) // 2


def gaps_and_runs(days: set[Day], max_gap: int, max_run: int) -> tuple[int, int]:
    """Gaps of more than ``max_gap`` free days between attended ones, and stretches of ``max_run`` + 1 days in a row."""
    ordered = sorted(days)
    gaps = sum(later - sooner - 1 > max_gap for sooner, later in pairwise(ordered))
    starts = range(DAYS_PER_WEEK - max_run)
    runs = sum(all(Day(first + i) in days for i in range(max_run + 1)) for first in starts)
    return gaps, runs


def _loads(plan: Plan) -> list[Expr]:
    terms: list[Expr] = []
    for therapist in plan.week.therapists:
        leads = plan.leads_of[therapist.id]
        blocks = len({lead.block.id for lead in leads})
        most = blocks if therapist.max_blocks is None else min(blocks, therapist.max_blocks)
        if most:
            load = plan.total(lead.var for lead in leads)
            terms.append(rising_cost(plan, load, most, f"load {therapist.id}"))
    return terms


def _unused(plan: Plan) -> list[Expr]:
    terms: list[Expr] = []
    for therapist in plan.week.therapists:
        if therapist.min_blocks:
            unused = plan.count(therapist.min_blocks, f"unused {therapist.id}")
            plan.add(unused >= therapist.min_blocks - plan.total(x.var for x in plan.leads_of[therapist.id]))
            terms.append(unused)
    return terms


def _sizes(plan: Plan) -> list[Expr]:
    terms: list[Expr] = []
    for cell, count in plan.sessions.items():
        mid = middle(plan.week, plan.week.group_of[cell[1]])
        if mid is None:
            continue
        people = plan.patients_in(cell)
        present = plan.count(len(people), f"present {cell}")
        plan.add(present == plan.total(people))
        away = plan.count(max(len(people), mid * len(people)), f"seats away {cell}")
        plan.add(away >= present - mid * count)
        plan.add(away >= mid * count - present)
        terms.append(away)
    return terms


def _spacing(plan: Plan, weights: Mapping[str, int]) -> list[Expr]:
    program = plan.week.program
    terms: list[Expr] = []
    for patient in plan.week.patients:
        attended = _attended_days(plan, patient.id)
        if weights["gaps"]:
            for sooner, later in combinations(attended, 2):
                if later - sooner - 1 > program.max_gap_days:
                    between = plan.total(attended[d] for d in attended if sooner < d < later)
                    gap = plan.flag(f"gap {patient.id} {sooner} {later}")
                    plan.add(gap >= attended[sooner] + attended[later] - 1 - between)
                    terms.append(weights["gaps"] * gap)
        if weights["runs"]:
            for first in range(DAYS_PER_WEEK - program.max_run_days):
                stretch = [Day(first + i) for i in range(program.max_run_days + 1)]
                if patient.max_blocks >= len(stretch) and all(day in attended for day in stretch):
                    run = plan.flag(f"run {patient.id} {first}")
                    plan.add(run >= plan.total(attended[d] for d in stretch) - program.max_run_days)
                    terms.append(weights["runs"] * run)
    return terms


def _attended_days(plan: Plan, patient: str) -> dict[Day, Expr]:
    """Whether the patient attends on each day that they can, 0 or 1: a variable, for each stands in many rows."""
    seats = plan.seats_of[patient]
    attended: dict[Day, Expr] = {}
    for day in sorted({seat.block.day for seat in seats}):
        here = [seat.var for seat in seats if seat.block.day is day]
        name = f"came {patient} {day.short}"
        if plan.week.program.max_blocks_per_day == 1:
            came = plan.count(len(here), name)
            plan.add(came == plan.total(here))
        else:
            came = plan.flag(name)
            plan.model.add_max_equality(came, here)
        attended[day] = came
    return attended


def _therapist_remarks(board: Board) -> list[Remark]:
    remarks = []
    for therapist in board.week.therapists:
        unused = therapist.min_blocks - len(board.of_therapist(therapist.id))
        if unused > 0:
            words = f"{therapist.id} leads {unused} block(s) less than their min blocks"
            remarks.append(Remark(part="unused", words=words, amount=unused))
    return remarks


def _size_remarks(board: Board) -> list[Remark]:
    """Compared block by block and group by group: parallel sessions are evened out when the cell is split."""
    cells: dict[tuple[str, str], list[str]] = {}
    for session in board.timetable.sessions:
        cells.setdefault((session.block, session.group), []).append(session.id)
    remarks = []
    for (block, group), sessions in cells.items():
        mid = middle(board.week, board.week.group_of[group])
        present = sum(len(board.roster[session]) for session in sessions)
        away = 0 if mid is None else abs(present - mid * len(sessions))
        if away:
            words = f"{group} in {block}: {away} seat(s) away from the middle size"
            remarks.append(Remark(part="sizes", words=words, amount=away, sessions=tuple(sessions)))
    return remarks


def _spacing_remarks(board: Board) -> list[Remark]:
    program = board.week.program
    remarks = []
    for patient in board.week.patients:
        days = {board.block(session).day for session in board.of_patient(patient.id)}
        gaps, runs = gaps_and_runs(days, program.max_gap_days, program.max_run_days)
        if gaps:
            words = f"{patient.id} has more than {program.max_gap_days} free days between two sessions"
            remarks.append(Remark(part="gaps", words=words, amount=gaps, patients=(patient.id,)))
        if runs:
            words = f"{patient.id} comes more than {program.max_run_days} days in a row"
            remarks.append(Remark(part="runs", words=words, amount=runs, patients=(patient.id,)))
    return remarks
