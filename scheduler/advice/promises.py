"""What people were promised: weeks whose needs are no larger than what a timetable gives, and a rule that holds them.

With every need lowered to what a timetable gives, "nobody is short" means that nobody gets less than they have there.
So a question about one patient becomes: is there a timetable of such a week, with that patient's own needs whole?
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from scheduler.domain.findings import Violation
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Patient, RequiredGroup, Week
from scheduler.goals.treatment_plan import TreatmentPlan, missed_groups
from scheduler.goals.weekly_minimum import WeeklyMinimum, minutes_short, needs_of
from scheduler.model.protocol import Goal, Rule

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan

HOURS, PLANS = WeeklyMinimum(), TreatmentPlan()


class NobodyShort(Rule):
    """Some goals, every weekly minimum and every plan unless others are named, are met in full."""

    id = "nobody-short"
    words = "Everybody gets what the question promises them."
    formula = "the promised goals measure 0"

    def __init__(self, goals: Sequence[Goal] = (HOURS, PLANS)) -> None:
        self._goals = goals

    def constrain(self, plan: Plan) -> None:
        """Hold each goal at 0."""
        for goal in self._goals:
            plan.add(goal.score(plan, goal.parts) <= 0)

    def check(self, board: Board) -> Iterable[Violation]:
        """What is still missed."""
        for goal in self._goals:
            for remark in goal.measure(board, goal.parts).remarks:
                yield Violation(words=remark.words, patients=remark.patients, sessions=remark.sessions)


class Met(Rule):
    """One patient's needs are met in full, whatever that costs others."""

    id = "need-met"
    words = "The needs of one patient are met in full."
    formula = "short(p) = 0 and missed(p) = 0"

    def __init__(self, patient: Patient) -> None:
        self._patient = patient

    def constrain(self, plan: Plan) -> None:
        """Hold every need of the patient, as the question states it."""
        for needed, given in _asked_of(plan, self._patient):
            plan.add(given >= needed)

    def check(self, board: Board) -> Iterable[Violation]:
        """Whether the timetable falls short of it."""
        if minutes_short(board, self._patient) or missed_groups(board, self._patient):
            yield Violation(words=f"{self._patient.id} does not get what was asked", patients=(self._patient.id,))


def _asked_of(plan: Plan, patient: Patient) -> Iterator[tuple[Expr, Expr]]:
    """What the patient needs and gets: by hours, blocks and days, and of each required group."""
    yield from needs_of(plan, patient)
    for need in patient.required:
        seats = [seat.var for seat in plan.seats_of[patient.id] if seat.group.id == need.group]
        yield need.times, plan.total(seats)


class PromisesKept(Rule):
    """Everybody's needs are met in full, each other person's on the assumption that they are to be.

    A proof that this is impossible names the assumptions that it rests on. Each is for one model: ``assumed`` is the
    patient by the index of the variable that it may assume to be true.
    """

    id = "promises-kept"
    words = "One patient gets what is asked, and everybody else what the question promises them."
    formula = "short(p) = 0 and missed(p) = 0; the same of each q ≠ p where kept(q), and kept(q) is assumed"

    def __init__(self, patient: str) -> None:
        self._patient = patient
        self.assumed: dict[int, str] = {}

    def constrain(self, plan: Plan) -> None:
        """Hold every need, those of others under a condition that can be assumed."""
        for patient in plan.week.patients:
            if patient.id == self._patient:
                Met(patient).constrain(plan)
            elif needs_anything(patient):
                kept = plan.flag(f"kept {patient.id}")
                self.assumed[kept.index] = patient.id
                for needed, given in _asked_of(plan, patient):
                    plan.add(given >= needed).only_enforce_if(kept)
        hold_sessions_and_pairs(plan)

    def check(self, board: Board) -> Iterable[Violation]:
        """What is still missed."""
        return NobodyShort().check(board)

    def assume(self, plan: Plan, people: Collection[str]) -> None:
        """Let the model assume that the promises of these people are kept, and no others."""
        plan.model.clear_assumptions()
        for index, patient in self.assumed.items():
            if patient in people:
                plan.model.add_assumption(plan.model.get_bool_var_from_proto_index(index))


def hold_sessions_and_pairs(plan: Plan, apart_from: Collection[str] = ()) -> None:
    """Hold groups' minimum sessions, and that pairs meet; not those of the patients in ``apart_from``."""
    for group in plan.week.groups:
        if group.min_sessions:
            run = plan.total(count for (_, g), count in plan.sessions.items() if g == group.id)
            plan.add(run >= group.min_sessions)
    for pair in plan.week.together:
        if pair.patient not in apart_from and pair.other not in apart_from:
            meetings = [plan.claim(cell, patients={pair.patient, pair.other}) for cell in plan.candidates.cells]
            plan.add(plan.total(one for one in meetings if one is not None) >= 1)


def as_given(week: Week, timetable: Timetable, whole: Collection[str] = ()) -> Week:
    """The week with every need lowered to what the timetable gives; those of the patients in ``whole`` stay.

    Hours, blocks and days by as much as the patient is short there, each required group by the times it is missed,
    minimum sessions to those that run, Together pairs to those that meet.

    Raises:
        ValueError: if the timetable names something that the week does not know.
    """
    board = Board(week, timetable)
    unmet = {remark.patients for remark in PLANS.measure(board, PLANS.parts).remarks if remark.part == "together"}
    patients = tuple(one if one.id in whole else _with_needs_of(board, one) for one in week.patients)
    groups = tuple(
        one.model_copy(update={"min_sessions": min(one.min_sessions, len(board.of_group(one.id)))})
        for one in week.groups
    )
    together = tuple(pair for pair in week.together if (pair.patient, pair.other) not in unmet)
    return week.model_copy(update={"patients": patients, "groups": groups, "together": together})


def asking_nothing(week: Week, whole: Collection[str]) -> Week:
    """The week where only the patients in ``whole`` need anything; everybody else may still sit wherever it helps."""
    patients = tuple(one if one.id in whole else without_needs(one) for one in week.patients)
    groups = tuple(one.model_copy(update={"min_sessions": 0}) for one in week.groups)
    return week.model_copy(update={"patients": patients, "groups": groups, "together": ()})


def needs_anything(patient: Patient) -> bool:
    """Whether there is anything that the patient must have."""
    return bool(patient.min_minutes or patient.min_blocks or patient.min_days or patient.required)


def without_needs(patient: Patient) -> Patient:
    """The patient, content with anything."""
    return patient.model_copy(update={"min_minutes": 0, "min_blocks": 0, "min_days": 0, "required": ()})


def _with_needs_of(board: Board, patient: Patient) -> Patient:
    """The patient with the needs that the timetable meets."""
    short = minutes_short(board, patient)
    blocks = short // board.week.program.block_minutes
    missed = {need.group: need.times for need in missed_groups(board, patient)}
    needs = ((one.group, one.times - missed.get(one.group, 0)) for one in patient.required)
    return patient.model_copy(
        update={
            "min_minutes": max(0, patient.min_minutes - short),
            "min_blocks": max(0, patient.min_blocks - blocks),
            "min_days": max(0, patient.min_days - blocks),
            "required": tuple(RequiredGroup(group=group, times=times) for group, times in needs if times),
        }
    )
