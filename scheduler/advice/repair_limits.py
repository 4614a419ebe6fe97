"""What makes a repair impossible, proven: a lock that the change breaks, locks that collide, too few moves allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.advice.moves import PEOPLE_RESEATED, PeopleReseated, Places
from scheduler.advice.repair_question import NEAR, Question, settings_for
from scheduler.advice.repair_week import Rules, is_locked_by, pins_of
from scheduler.domain.outcome import Status
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.repair import Change, Hurt, Lock
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.conflicts import collisions
from scheduler.engine.feasible import feasible
from scheduler.engine.search import solve

SECONDS_PER_LOCK = 5.0
"""For each lock that might be given up, how long is searched for a repair without it."""


@dataclass(frozen=True)
class Least:
    """How few people any repair must move: ``found`` by a timetable at hand, ``bound`` by what is proven."""

    found: int | None
    bound: int
    timetable: Timetable | None
    interrupted: bool

    @property
    def proven(self) -> bool:
        """Whether it is known to the person."""
        return self.found == self.bound

    def finding(self, limit: int) -> Finding | None:
        """Why no repair keeps the limit, or why that is not settled; None if one does."""
        if self.found is not None and self.found <= limit:
            return None
        told = "" if self.found is None else f"; one that moves {self.found} was found"
        if self.bound > limit:
            least = "that is the smallest number possible" if self.proven else "no fewer is possible"
            return Finding(
                code="too-few-moves",
                severity=Severity.ERROR,
                message=f"at least {self.bound} people must come at another time or to another group, and at most "
                f"{limit} may: no repair moves fewer (proven: {least}{'' if self.proven else told})",
                hint=f"allow --max-moves {self.found if self.found is not None else self.bound}",
            )
        return Finding(
            code="moves-not-settled",
            severity=Severity.ERROR,
            message=f"no repair that moves at most {limit} people was found in the time, nor a proof that there is "
            f"none: at least {self.bound} must move{told}",
            hint="give more time with --time-limit, or allow more moves",
        )

    def status(self, limit: int) -> Status:
        """What may be claimed where no repair keeps the limit."""
        return Status.IMPOSSIBLE if self.bound > limit else Status.UNKNOWN


def lost_locks(hurt: Sequence[Hurt], timetable: Timetable, change: Change) -> tuple[Finding, ...]:
    """Locks that the change breaks by itself: their session lost its people's facilitator, its room or its block."""
    found = []
    for lock in change.locks:
        whys = [
            f"{one.session.id}: {'; '.join(one.reasons)}"
            for one in hurt
            if is_locked_by(lock, one.session) and _cannot_stay(one, change)
        ]
        whys += [f"{lock.id} is absent"] if lock.kind == "patient" and lock.id in change.absent else []
        if lock.kind == "patient":
            seats = {seat.session for seat in timetable.assignments if seat.patient == lock.id}
            closed = [one for one in hurt if one.session.id in seats and one.session.block in change.closed]
            whys += [f"{one.session.id}: {one.session.block} is closed" for one in closed]
        if whys:
            found.append(
                Finding(
                    code="lock-broken",
                    severity=Severity.ERROR,
                    message=f"--keep '{lock.words}' cannot be kept after the change: {', '.join(whys)}",
                    hint="take it away, or do without the change",
                )
            )
    return tuple(found)


def _cannot_stay(hurt: Hurt, change: Change) -> bool:
    return hurt.unsettled or any(loss.kind == "room" and loss.id == hurt.session.room for loss in change.losses)


def impossible_locks(
    searched: Week, bare: Week, question: Question, old: Timetable, rules: Rules
) -> tuple[Finding, ...]:
    """The smallest set of locks that no repair keeps together, found by deletion; else the pins of the week that do so.

    Args:
        searched: the week with every lock pinned, of which it is proven that it has no timetable.
        bare: the week with its own pins only.
        question: what is asked.
        old: the timetable without the absent.
        rules: the rulebook.
    """

    def impossible(locks: Sequence[Lock]) -> bool:
        week = searched.model_copy(update={"pins": (*bare.pins, *pins_of(old, locks))})
        found = feasible(
            week, question.profile.solver, seconds=SECONDS_PER_LOCK, rules=rules, stop=question.stop, alone=True
        )
        return found.impossible

    kept = list(question.change.locks)
    for lock in question.change.locks:
        without = [one for one in kept if one is not lock]
        if impossible(without):
            kept = without
    if not kept:
        return collisions(bare, rules, question.stop)
    named = " and ".join(f"--keep '{words}'" for words in dict.fromkeys(lock.words for lock in kept))
    together = "together " if len(kept) > 1 else ""
    return (
        Finding(
            code="locks-collide",
            severity=Severity.ERROR,
            message=f"{named} cannot be kept {together}after the change: no timetable of the week does (proven)",
            hint="take one of them away",
        ),
    )


def least_moves(
    searched: Week, question: Question, rules: Rules, before: Places, start: Timetable, seconds: float
) -> Least:
    """How few people any repair must move, whatever becomes of hours and plans."""
    goal = PeopleReseated(before)
    found = solve(
        searched,
        settings_for(question.profile, ((PEOPLE_RESEATED,),), seconds),
        listener=question.listener,
        stop=question.stop,
        rules=rules,
        goals=(goal,),
        start=start,
        strategies=NEAR,
    )
    tier = next(iter(found.tiers), None)
    return Least(
        found=None if tier is None else round(tier.value),
        bound=0 if tier is None else round(tier.bound),
        timetable=found.timetable,
        interrupted=found.interrupted,
    )
