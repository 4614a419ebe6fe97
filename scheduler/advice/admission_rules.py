"""What a question about newcomers holds beside the rulebook: what others have, and the order of a waiting list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from scheduler.advice.promises import PLANS, Met, hold_sessions_and_pairs
from scheduler.domain.findings import Measure, Remark, Violation
from scheduler.domain.timetable import Board
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short, needs_of
from scheduler.model.protocol import Goal, Rule

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan

IN_ORDER = "list-order"


class OthersKept(Rule):
    """Everybody but the newcomers gets all that the week of the question promises them."""

    id = "others-kept"
    words = "Nobody of the running week misses anything that they do not miss now."
    formula = "short(p) = 0 and missed(p) = 0 for p not a newcomer; minimum sessions run and pairs meet"

    def __init__(self, newcomers: Collection[str]) -> None:
        self._newcomers = frozenset(newcomers)

    def constrain(self, plan: Plan) -> None:
        """Hold what each has, groups' minimum sessions, and the pairs that should be together."""
        for patient in plan.week.patients:
            if patient.id not in self._newcomers:
                Met(patient).constrain(plan)
        hold_sessions_and_pairs(plan, self._newcomers)

    def check(self, board: Board) -> Iterable[Violation]:
        """What somebody of the running week misses."""
        for patient in board.week.patients:
            if patient.id not in self._newcomers:
                yield from Met(patient).check(board)
        for remark in PLANS.measure(board, PLANS.parts).remarks:
            if remark.part != "groups" and not self._newcomers & set(remark.patients):
                yield Violation(words=remark.words, patients=remark.patients, sessions=remark.sessions)


class ListOrder(Goal):
    """Of placements that serve as much, the one whose shortfalls fall on those further down the list.

    The first of ``n`` newcomers counts n, the last 1; a required group missed counts as one block.
    """

    id = IN_ORDER
    words = "Shortfalls of newcomers, those further up the list weighing more."
    formula = "Σ_i (n + 1 − i)·(short(p_i) + block_minutes·missed(p_i))"
    unit = "weighted hours"
    scale = MINUTES_PER_HOUR
    parts = {"order": 1}

    def __init__(self, newcomers: Sequence[str]) -> None:
        self._weight = {one: len(newcomers) - place for place, one in enumerate(newcomers)}

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        """What is missed, weighed by the place in the list."""
        terms: list[Expr] = []
        for patient in plan.week.patients:
            if patient.id in self._weight:
                weight = weights["order"] * self._weight[patient.id]
                terms += [weight * term for term in _missed(plan, patient)]
        return plan.total(terms)

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        """The same on a timetable."""
        remarks, units = [], 0
        for patient in board.week.patients:
            if patient.id not in self._weight:
                continue
            missed = sum(need.times for need in missed_groups(board, patient))
            minutes = minutes_short(board, patient) + board.week.program.block_minutes * missed
            units += weights["order"] * self._weight[patient.id] * minutes
            if minutes:
                words = f"{patient.id} is not served in full"
                amount = minutes / MINUTES_PER_HOUR
                remarks.append(Remark(part="order", words=words, amount=amount, patients=(patient.id,)))
        parts = {"order": sum(remark.amount for remark in remarks)}
        return Measure(units=units, value=units / self.scale, parts=parts, remarks=tuple(remarks))


def _missed(plan: Plan, patient: Patient) -> list[Expr]:
    """Minutes short, and a block's minutes for each time a required group is missed."""
    block = plan.week.program.block_minutes
    largest = max(patient.min_minutes, block * max(patient.min_blocks, patient.min_days))
    short = plan.count(ceil(largest), f"order short {patient.id}")
    for needed, given in needs_of(plan, patient):
        plan.add(short >= needed - given)
    terms: list[Expr] = [short]
    for need in patient.required:
        seats = [seat.var for seat in plan.seats_of[patient.id] if seat.group.id == need.group]
        missed = plan.count(need.times, f"order missed {patient.id} {need.group}")
        plan.add(missed >= need.times - plan.total(seats))
        terms.append(block * missed)
    return terms
