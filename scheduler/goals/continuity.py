"""The week stays as much like last week as it can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scheduler.domain.findings import Measure, Remark
from scheduler.domain.timetable import Board
from scheduler.domain.week import PreviousSeat, Week
from scheduler.model.protocol import Goal

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan

GRADES = ("same session", "same block and group", "same therapist", "same block", "nothing kept")
"""What a seat of last week became, best first; its place in the list is what it costs."""


class Continuity(Goal):
    """Every seat of last week is graded by the best that this week keeps of it."""

    id = "continuity"
    words = (
        "What changes against last week: a seat costs 0 when the same session is kept (block, group, therapist), 1 for "
        "the same block and group, 2 for the same therapist, 3 for the same block, 4 when nothing is kept."
    )
    formula = (
        "Σ_{seats (p,b,g,t) of last week} min{0 if claim[b,g; p,t], 1 if x[p,b,g], 2 if p meets t, "
        "3 if Σ_g x[p,b,g], 4}"
    )
    unit = "grades lost"
    parts = {"changes": 1}

    def asks_nothing(self, week: Week) -> bool:
        return not week.previous

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        terms = [weights["changes"] * _cost(plan, seat) for seat in plan.week.previous]
        return plan.total(terms)

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        remarks = []
        for seat in board.week.previous:
            grade = kept(board, seat)
            if grade:
                words = f"{seat.patient}: {GRADES[grade]} ({_seat_text(seat)})"
                remarks.append(Remark(part="changes", words=words, amount=grade, patients=(seat.patient,)))
        changes = sum(round(remark.amount) for remark in remarks)
        units = weights["changes"] * changes
        return Measure(units=units, value=units, parts={"changes": changes}, remarks=tuple(remarks))


def kept(board: Board, seat: PreviousSeat) -> int:
    """The grade of a seat of last week: an index of `GRADES`."""
    grades = [len(GRADES) - 1]
    for session in board.of_patient(seat.patient):
        same_block, same_group = session.block == seat.block, session.group == seat.group
        same_therapist = seat.therapist in session.therapists
        if same_block and same_group:
            grades.append(0 if same_therapist else 1)
        if same_therapist:
            grades.append(2)
        if same_block:
            grades.append(3)
    return min(grades)


def _cost(plan: Plan, seat: PreviousSeat) -> Expr:
    """4 less one for each grade that the seat is at most: what is as good as a grade is as good as all after it.

    At most "same session" is the claim on that, at most "same block and group" the seat there; the others are flags. A
    flag for each grade by itself, one of them counted, would come to the same in whole numbers, but in fractions half
    of one would add to half of another.
    """
    mine = plan.seats_of[seat.patient]
    cell = (seat.block or "", seat.group or "")
    therapists = (seat.therapist or "",)
    same_session = plan.claim(cell, patients=(seat.patient,), therapists=therapists)
    same_group = plan.attends.get((seat.patient, *cell))
    met = {s.cell: plan.claim(s.cell, patients=(seat.patient,), therapists=therapists) for s in mine}
    here = [s.var for s in mine if s.block.id == seat.block]
    elsewhere = [one for (block, group), one in met.items() if one is not None and (block, group) != cell]
    away = [one for (block, _), one in met.items() if one is not None and block != seat.block]
    same_therapist = [same_group, *elsewhere] if same_group is not None else elsewhere
    saved: list[Expr] = [one for one in (same_session, same_group) if one is not None]
    for grade, proofs in ((GRADES.index("same therapist"), same_therapist), (GRADES.index("same block"), here + away)):
        if proofs:
            reached = plan.flag(f"kept {seat.patient} {grade}")
            plan.add(plan.total(proofs) >= reached)
            saved.append(reached)
    return len(GRADES) - 1 - plan.total(saved)


def _seat_text(seat: PreviousSeat) -> str:
    return ", ".join(part or "gone" for part in (seat.block, seat.group, seat.therapist))
