"""Who is moved: the people whose seats are no longer those of an earlier timetable. As a goal, and as a limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from scheduler.domain.findings import Measure, Remark, Violation
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import PreviousSeat
from scheduler.model.protocol import Goal, Rule

if TYPE_CHECKING:
    from scheduler.model.candidates import Cell
    from scheduler.model.plan import Expr, Literal, Plan

PEOPLE_MOVED, PEOPLE_RESEATED = "people-moved", "people-reseated"


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


def moved(before: Places, after: Timetable, *, facilitators: bool = True) -> tuple[str, ...]:
    """The patients whose places are no longer the same, in the order of ``before``.

    Args:
        before: where everybody sat.
        after: the timetable now.
        facilitators: whether who leads belongs to a place; if not, only block and group count.
    """
    now = places_of(after)
    return tuple(
        patient
        for patient, places in before.items()
        if _known(now.get(patient, frozenset()), facilitators) != _known(places, facilitators)
    )


def _known(places: frozenset[Place], facilitators: bool) -> frozenset[object]:
    return frozenset(places if facilitators else ((place.block, place.group) for place in places))


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
    verb: ClassVar[str] = "is moved"
    facilitators: ClassVar[bool] = True
    """Whether somebody who meets another facilitator at their usual time and group counts."""

    def __init__(self, before: Places) -> None:
        self._before = before

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        """How many are moved."""
        return weights["people"] * plan.total(_flags(plan, self._before, self.id, facilitators=self.facilitators))

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        """Who is moved."""
        found = _moved_on(board, self._before, facilitators=self.facilitators)
        remarks = tuple(Remark(part="people", words=f"{one} {self.verb}", amount=1, patients=(one,)) for one in found)
        units = weights["people"] * len(found)
        return Measure(units=units, value=units, parts={"people": len(found)}, remarks=remarks)


class PeopleReseated(PeopleMoved):
    """As few people as possible come at another time or to another group than in an earlier timetable."""

    id = PEOPLE_RESEATED
    words = "People who come at another time or to another group than they did, or miss one of their sessions."
    formula = "Σ_p [{(b,g) of p} ≠ {(b,g) of p before}]"
    verb = "comes at another time or to another group"
    facilitators = False


class MovesLimit(Rule):
    """At most so many people are moved against an earlier timetable."""

    id = "moves-limit"
    words = "At most so many people are moved as the question allows."
    formula = "Σ_p [places(p) ≠ places before(p)] ≤ limit"

    def __init__(self, before: Places, limit: int, *, facilitators: bool = True) -> None:
        self._before, self._limit, self._facilitators = before, limit, facilitators

    def constrain(self, plan: Plan) -> None:
        """Hold the number."""
        plan.add(plan.total(_flags(plan, self._before, self.id, facilitators=self._facilitators)) <= self._limit)

    def check(self, board: Board) -> Iterable[Violation]:
        """Whether too many are moved."""
        found = _moved_on(board, self._before, facilitators=self._facilitators)
        if len(found) > self._limit:
            words = f"{len(found)} people are moved, at most {self._limit} may be"
            yield Violation(words=words, patients=found)


def _moved_on(board: Board, before: Places, *, facilitators: bool) -> tuple[str, ...]:
    found = moved(before, board.timetable, facilitators=facilitators)
    return tuple(one for one in found if one in board.week.patient_of)


def _flags(plan: Plan, before: Places, name: str, *, facilitators: bool) -> list[Literal]:
    """For each patient who had a seat, a decision that is 1 if they are moved."""
    found = []
    for patient in plan.week.patients:
        if patient.id not in before:
            continue
        flag = plan.flag(f"{name} {patient.id}")
        had: dict[Cell, list[Place]] = {}
        for place in sorted(before[patient.id]):
            had.setdefault((place.block, place.group), []).append(place)
        for cell, places in had.items():
            kept = _kept(plan, patient.id, cell, places) if facilitators else plan.attends.get((patient.id, *cell))
            plan.add(flag >= 1 if kept is None else flag + kept >= 1)
        for seat in plan.seats_of[patient.id]:
            if seat.cell not in had:
                plan.model.add_implication(seat.var, flag)
        found.append(flag)
    return found


def _kept(plan: Plan, patient: str, cell: Cell, places: Sequence[Place]) -> Literal | None:
    """The decision that a patient meets the same facilitators in a cell; None if no timetable can show that.

    A timetable edited by hand may have had two sessions of a cell, or more or fewer leaders than the group needs; one
    of another week may have had a group that is not there any more.
    """
    leaders, group = places[0].therapists, plan.week.group_of.get(cell[1])
    if group is None or len(places) > 1 or len(leaders) != group.facilitators:
        return None
    return plan.claim(cell, patients=(patient,), therapists=leaders)
