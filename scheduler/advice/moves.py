"""Who is moved: the people whose seats are no longer those of an earlier timetable. As a goal, and as a limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.findings import Measure, Remark, Violation
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import PreviousSeat
from scheduler.model.protocol import Goal, Rule

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Literal, Plan

PEOPLE_MOVED = "people-moved"


@dataclass(frozen=True, order=True)
class Place:
    """Where somebody sits, as they know it: block, group and facilitators. A change of room alone moves nobody."""

    block: str
    group: str
    therapists: tuple[str, ...]


Places = Mapping[str, frozenset[Place]]
"""By patient; who had no seat has no entry, for a newcomer is seated, not moved."""


def places_of(timetable: Timetable) -> Places:
    """Where everybody sits."""
    sessions = {one.id: Place(one.block, one.group, tuple(sorted(one.therapists))) for one in timetable.sessions}
    found: dict[str, set[Place]] = {}
    for seat in timetable.assignments:
        found.setdefault(seat.patient, set()).add(sessions[seat.session])
    return {patient: frozenset(places) for patient, places in found.items()}


def moved(before: Places, after: Timetable) -> tuple[str, ...]:
    """The patients whose places are no longer the same, in the order of ``before``."""
    now = places_of(after)
    return tuple(patient for patient, places in before.items() if now.get(patient, frozenset()) != places)


def seats_as_previous(timetable: Timetable) -> tuple[PreviousSeat, ...]:
    """A timetable as last week's seats, so that `continuity` grades what changes against it; one row a facilitator."""
    sessions = {one.id: one for one in timetable.sessions}
    return tuple(
        PreviousSeat(patient=seat.patient, block=session.block, group=session.group, therapist=session.therapists[0])
        for seat in timetable.assignments
        if (session := sessions[seat.session]).therapists
    )


class PeopleMoved(Goal):
    """As few people as possible are moved against an earlier timetable."""

    id = PEOPLE_MOVED
    words = "People whose seats (block, group and facilitators) are not all those that they had."
    formula = "Σ_p [places(p) ≠ places before(p)]"
    unit = "people"
    parts = {"people": 1}

    def __init__(self, before: Places) -> None:
        self._before = before

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        """How many are moved."""
        return weights["people"] * plan.total(_flags(plan, self._before))

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        """Who is moved."""
        found = [one for one in moved(self._before, board.timetable) if one in board.week.patient_of]
        remarks = tuple(Remark(part="people", words=f"{one} is moved", amount=1, patients=(one,)) for one in found)
        units = weights["people"] * len(found)
        return Measure(units=units, value=units, parts={"people": len(found)}, remarks=remarks)


class MovesLimit(Rule):
    """At most so many people are moved against an earlier timetable."""

    id = "moves-limit"
    words = "At most so many people are moved as the question allows."
    formula = "Σ_p [places(p) ≠ places before(p)] ≤ limit"

    def __init__(self, before: Places, limit: int) -> None:
        self._before, self._limit = before, limit

    def constrain(self, plan: Plan) -> None:
        """Hold the number."""
        plan.add(plan.total(_flags(plan, self._before)) <= self._limit)

    def check(self, board: Board) -> Iterable[Violation]:
        """Whether too many are moved."""
        found = [one for one in moved(self._before, board.timetable) if one in board.week.patient_of]
        if len(found) > self._limit:
            words = f"{len(found)} people are moved, at most {self._limit} may be"
            yield Violation(words=words, patients=tuple(found))


def _flags(plan: Plan, before: Places) -> list[Literal]:
    """For each patient who had a seat, a decision that is 1 if they are moved."""
    found = []
    for patient in plan.week.patients:
        if patient.id not in before:
            continue
        flag = plan.flag(f"moved {patient.id}")
        had = {(place.block, place.group): place for place in before[patient.id]}
        for cell, place in had.items():
            kept = plan.claim(cell, patients=(patient.id,), therapists=place.therapists)
            plan.add(flag >= 1 if kept is None else flag + kept >= 1)
        for seat in plan.seats_of[patient.id]:
            if seat.cell not in had:
                plan.model.add_implication(seat.var, flag)
        found.append(flag)
    return found
