"""A week repaired after a change, moving as few people as can be: covering, merging sessions, moving."""

from __future__ import annotations

import time
from collections import Counter

from scheduler.advice.moves import (
    PEOPLE_RESEATED,
    MovesLimit,
    PeopleMoved,
    PeopleReseated,
    Places,
    moved,
    places_of,
    seats_as_previous,
)
from scheduler.advice.promises import HOURS, PLANS, as_given
from scheduler.advice.repair_calls import Comparison, calls_for, endings_of, only_other_room
from scheduler.advice.repair_limits import Least, impossible_locks, least_moves, lost_locks
from scheduler.advice.repair_question import Clock, Question, usual_seconds
from scheduler.advice.repair_search import Found, Search
from scheduler.advice.repair_week import (
    Rules,
    hurt_in,
    pins_of,
    rules_after,
    week_after,
    without_patients,
    without_sessions,
)
from scheduler.domain.findings import Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Finding
from scheduler.domain.repair import Moves, Repair
from scheduler.domain.timetable import Board, Timetable
from scheduler.engine.feasible import feasible
from scheduler.engine.incumbent import ModelFault
from scheduler.engine.steady import steady
from scheduler.goals.continuity import GRADES, kept
from scheduler.goals.registry import GOALS
from scheduler.shortfalls import explain_shortfalls
from scheduler.verify import verify

__all__ = ["Question", "repair", "usual_seconds"]

KEPT = {HOURS.id: "hours-kept", PLANS.id: "plans-kept"}
"""What the first tiers are called where the timetable left somebody short: they hold what people had, and no more."""

QUESTION_SHARE = 0.3
"""Of the time, what the questions whether any repair is possible may take, each."""


def repair(question: Question) -> Repair:
    """Find the repaired week.

    Raises:
        ModelFault: if the model and the solver-free checks disagree.
        ValueError: if the timetable names something that the week does not know.
    """
    return _Repairing(question).run()


class _Repairing:
    """One question on its way to an answer. ``old`` is the timetable without the seats of the absent."""

    def __init__(self, question: Question) -> None:
        self.asked, self.clock = question, Clock(question)
        change = question.change
        self.old = without_patients(question.timetable, change.absent)
        sat = places_of(self.old)
        self.before: Places = {
            one.id: sat.get(one.id, frozenset()) for one in question.week.patients if one.id not in change.absent
        }
        week, self.set_aside = week_after(question.week, change)
        self.week = week.model_copy(update={"previous": seats_as_previous(self.old)})
        self.bare: Rules = rules_after(change)
        self.rules = self.bare
        if question.most_moves is not None:
            self.rules = (*self.bare, MovesLimit(self.before, question.most_moves, facilitators=False))
        self.hurt = hurt_in(self.week, self.old, change, self.bare)
        self.promised = self.week if question.fill else as_given(self.week, self.old)
        pins = (*self.week.pins, *pins_of(self.old, change.locks))
        self.searched = self.promised.model_copy(update={"pins": pins})
        self.poorest = without_sessions(self.old, {one.session.id for one in self.hurt})
        """What is left when the hurt sessions are struck out: mostly a repair already, if a poor one."""
        self.least: Least | None = None

    def run(self) -> Repair:
        self.asked.on_hurt(self.hurt)
        refused = self._refused()
        if refused is not None:
            return refused
        began = time.monotonic()
        search = Search(self.asked, self.searched, self.rules, self.before, self.hurt)
        if self._keeps(self.poorest, self.rules):
            found = search.run(self.poorest, self.clock, near=True)
        else:
            known = None if self.least is None else self.least.timetable
            found = search.run(self.old if known is None else known, self.clock, near=False)
        if found.timetable is None:
            return self._without(found.status, found.solution.findings, interrupted=found.interrupted)
        return self._answer(found, found.timetable, {"search": round(time.monotonic() - began, 3)})

    # ---- what cannot be ------------------------------------------------------------------------------------------

    def _refused(self) -> Repair | None:
        """The answer where locks, pins or the limit on moves leave no repair, as far as that can be proven."""
        lost = lost_locks(self.hurt, self.old, self.asked.change)
        if lost:
            return self._without(Status.IMPOSSIBLE, lost)
        holds = self._keeps(self.poorest, self.bare)
        if not holds:
            asked, seconds = self.asked, self.clock.left * QUESTION_SHARE
            question = feasible(self.searched, asked.profile.solver, seconds=seconds, rules=self.bare, stop=asked.stop)
            if question.impossible:
                found = impossible_locks(self.searched, self.week, asked, self.old, self.bare)
                return self._without(Status.IMPOSSIBLE, found)
        limit = self.asked.most_moves
        if limit is None or (holds and self._keeps(self.poorest, self.rules)):
            return None
        self.least = least_moves(
            self.searched, self.asked, self.bare, self.before, self.old, self.clock.left * QUESTION_SHARE
        )
        finding = self.least.finding(limit)
        if finding is None:
            return None
        return self._without(self.least.status(limit), (finding,), interrupted=self.least.interrupted)

    def _keeps(self, timetable: Timetable, rules: Rules) -> bool:
        return not verify(self.searched, timetable, rules=rules, measured=()).broken

    def _without(self, status: Status, findings: tuple[Finding, ...], *, interrupted: bool = False) -> Repair:
        return Repair(
            status=status,
            week=self.week,
            hurt=self.hurt,
            findings=(*self.set_aside, *findings),
            least=None if self.least is None else self.least.bound,
            least_proven=self.least is not None and self.least.proven,
            interrupted=interrupted,
        )

    # ---- the answer ----------------------------------------------------------------------------------------------

    def _answer(self, found: Found, reached: Timetable, seconds: dict[str, float]) -> Repair:
        timetable = steady(self.searched, self.old, reached, self.rules)
        if not self._keeps(timetable, self.rules):
            raise ModelFault("the repaired week breaks rules")
        as_needed = self.promised == self.week
        proven = tuple(tier.proven for tier in found.tiers) if as_needed else ()
        both = Comparison(Board(self.week, self.old), Board(self.week, timetable), self.asked.change, self.hurt)
        return Repair(
            status=found.status,
            week=self.week,
            hurt=self.hurt,
            timetable=timetable,
            verification=self._verified(timetable),
            shortfalls=explain_shortfalls(self.week, timetable, proven, self.bare),
            tiers=found.tiers if as_needed else tuple(map(_as_kept, found.tiers)),
            moves=self._moves(both, timetable, found.tiers),
            endings=endings_of(both),
            calls=calls_for(both),
            findings=self.set_aside,
            least=None if self.least is None else self.least.bound,
            least_proven=self.least is not None and self.least.proven,
            interrupted=found.interrupted,
            seconds=seconds,
        )

    def _verified(self, timetable: Timetable) -> Verification:
        goals = (*GOALS, PeopleReseated(self.before), PeopleMoved(self.before))
        return verify(self.week, timetable, self.asked.profile.goals, self.rules, goals)

    def _moves(self, both: Comparison, timetable: Timetable, tiers: tuple[TierOutcome, ...]) -> Moves:
        tier = next(one for one in tiers if PEOPLE_RESEATED in one.goals)
        reseated = moved(self.before, timetable, facilitators=False)
        grades = Counter(GRADES[kept(both.new, seat)] for seat in self.week.previous)
        return Moves(
            moved=reseated,
            covered=tuple(one for one in moved(self.before, timetable) if one not in reseated),
            other_room=only_other_room(both),
            bound=round(tier.bound),
            proven=tier.proven,
            grades={grade: grades[grade] for grade in GRADES},
        )


def _as_kept(tier: TierOutcome) -> TierOutcome:
    return tier.model_copy(update={"goals": {KEPT.get(goal, goal): value for goal, value in tier.goals.items()}})
