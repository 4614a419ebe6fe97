"""Of many changes made at once only a few may be used: so one model asks which single change is worth most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from scheduler.advice.candidates import Candidate
from scheduler.domain.clock import Day, TimeSet
from scheduler.domain.findings import Violation
from scheduler.domain.timetable import Board
from scheduler.domain.week import Week
from scheduler.model.protocol import Rule

if TYPE_CHECKING:
    from scheduler.model.candidates import Cell
    from scheduler.model.plan import Expr, Literal, Plan


class FewChanges(Rule):
    """At most so many of the changes are used.

    Every timetable of a week with so many changes made keeps it, whichever they are. The converse does not hold: seats
    and hours of rooms are not counted, nor every larger session. So it only leads a search and sharpens a bound, and
    who relies on a timetable looks again which changes it needs.
    """

    id = "few-changes"
    words = "Of the changes that are made at once, only so many are used as the question allows."
    formula = "Σ_c made(c) ≤ most; what c alone allows ≤ made(c)"

    def __init__(self, week: Week, made: Mapping[int, Candidate], most: int) -> None:
        self._week, self._made, self._most = week, made, most
        self.flags: dict[int, Literal] = {}
        """By index of the change, the decision of the model that was written last; none for those not counted."""

    def constrain(self, plan: Plan) -> None:
        """Tie what each change allows to a decision of its own, and limit how many of these there are."""
        self.flags = {
            index: plan.flag(f"made {index}") for index, one in self._made.items() if one.table not in ("rooms",)
        }
        for index, flag in self.flags.items():
            for used, limit in _uses(plan, self._week, self._made[index], flag):
                plan.add(used <= limit)
        for used, flags in self._hours(plan):
            plan.add(used <= plan.total(flags))
        plan.add(plan.total(self.flags.values()) <= self._most)

    def check(self, board: Board) -> Iterable[Violation]:
        """Nothing: it is no rule of the week."""
        return ()

    def _hours(self, plan: Plan) -> Iterator[tuple[Expr, list[Literal]]]:
        """What is done in a block outside somebody's own times, and the changes of which one must allow it."""
        wider: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index in self.flags:
            one = self._made[index]
            if isinstance(one.step, tuple) and one.table != "blocks":
                wider[one.owner].append(index)
        for (table, row), indices in wider.items():
            own = _times(self._week, table, row)
            for block in plan.week.blocks:
                if not own.covers(block.start, block.end):
                    flags = [self.flags[i] for i in indices if _touches(self._made[i], block.start, block.end)]
                    yield from ((used, flags) for used in _done(plan, table, row, block.id))


def _times(week: Week, table: str, row: str) -> TimeSet:
    if table == "groups":
        return week.group_of[row].times or TimeSet.always()
    return week.patient_of[row].free if table == "patients" else week.therapist_of[row].free


def _touches(one: Candidate, start: int, end: int) -> bool:
    return isinstance(one.step, tuple) and start < one.step[1] and one.step[0] < end


def _done(plan: Plan, table: str, row: str, block: str) -> list[Expr]:
    """What somebody does in a block, at most 1; or whether a group runs in it."""
    if table == "groups":
        return [plan.runs[block, row]] if (block, row) in plan.runs else []
    seats = [one.var for one in plan.seats_of.get(row, ()) if one.block.id == block] if table == "patients" else []
    leads = [one.var for one in plan.leads_of.get(row, ()) if one.block.id == block] if table == "therapists" else []
    found = seats + leads
    return [plan.total(found)] if found else []


# ---- one change and what it alone allows ----


def _uses(plan: Plan, week: Week, one: Candidate, flag: Literal) -> Iterator[tuple[Expr, Expr]]:
    """Pairs of an amount and its limit: the limit as it was, and more if the change is used."""
    if one.table == "patients":
        yield from _of_patient(plan, week, one, flag)
    elif one.table == "therapists":
        yield from _of_therapist(plan, week, one, flag)
    elif one.table == "groups":
        yield from _of_group(plan, week, one, flag)
    elif one.table == "blocks":
        yield from ((runs, flag) for (block, _), runs in plan.runs.items() if block == one.row)
    elif one.table == "program":
        for kind, cap in week.program.group_caps.items():
            cells = [cell for cell in plan.sessions if plan.week.group_of[cell[1]].kind == kind == one.row]
            yield from (_larger(plan, cell, cap, flag) for cell in cells)


def _of_patient(plan: Plan, week: Week, one: Candidate, flag: Literal) -> Iterator[tuple[Expr, Expr]]:
    patient, seats = week.patient_of[one.row], plan.seats_of[one.row]
    if one.field == "max_blocks":
        yield plan.total(seat.var for seat in seats), patient.max_blocks + flag
    elif one.field == "max_minutes" and isinstance(one.step, int):
        yield plan.total(seat.block.minutes * seat.var for seat in seats), patient.max_minutes + one.step * flag


def _of_therapist(plan: Plan, week: Week, one: Candidate, flag: Literal) -> Iterator[tuple[Expr, Expr]]:
    therapist, leads = week.therapist_of[one.row], plan.leads_of[one.row]
    if one.field == "groups":
        yield from ((lead.var, flag) for lead in leads if lead.group.id == one.step)
    elif one.field == "max_blocks" and therapist.max_blocks is not None:
        yield plan.total(lead.var for lead in leads), therapist.max_blocks + flag
    elif one.field == "max_blocks_per_day" and therapist.max_blocks_per_day is not None:
        for day in Day:
            today = [lead.var for lead in leads if lead.block.day is day]
            yield plan.total(today), therapist.max_blocks_per_day + flag


def _of_group(plan: Plan, week: Week, one: Candidate, flag: Literal) -> Iterator[tuple[Expr, Expr]]:
    group, cells = week.group_of[one.row], [cell for cell in plan.sessions if cell[1] == one.row]
    if one.field == "max_sessions" and group.max_sessions is not None:
        yield plan.total(plan.sessions[cell] for cell in cells), group.max_sessions + flag
    elif one.field == "max_size" and group.max_size is not None:
        yield from (_larger(plan, cell, group.max_size, flag) for cell in cells)
    elif one.field == "min_size":
        for cell in cells:
            present = plan.total(plan.patients_in(cell))
            yield group.min_size * plan.sessions[cell], present + _most(plan, cell) * flag


def _larger(plan: Plan, cell: Cell, size: int, flag: Literal) -> tuple[Expr, Expr]:
    return plan.total(plan.patients_in(cell)), size * plan.sessions[cell] + _most(plan, cell) * flag


def _most(plan: Plan, cell: Cell) -> int:
    """How many sessions of a cell there can be."""
    group = plan.week.group_of[cell[1]]
    leaders = len(plan.candidates.therapists[cell]) // group.facilitators
    return min(leaders, len(plan.candidates.patients[cell]) // group.min_size)
