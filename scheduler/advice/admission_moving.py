"""Newcomers admitted with a few people moved: the best timetable, or the proof that none serves them in full.

Nobody of the running week gets less than they have. Whoever is not moved keeps every block, group and facilitator.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.advice.admission_listing import given
from scheduler.advice.admission_rules import IN_ORDER, ListOrder, OthersKept
from scheduler.advice.comparison import compare_timetables
from scheduler.advice.moves import PEOPLE_MOVED, MovesLimit, PeopleMoved, Places, moved, places_of, seats_as_previous
from scheduler.advice.promises import HOURS, PLANS, Met, as_given
from scheduler.domain.admission import Given, Proof, Rearranged
from scheduler.domain.comparison import Comparison, PatientMoves, SessionKind, SessionLine
from scheduler.domain.profile import GoalSettings, Profile, SolverSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Week
from scheduler.engine.feasible import Feasibility, feasible
from scheduler.engine.progress import Listener, silent
from scheduler.engine.search import solve
from scheduler.engine.steady import steady
from scheduler.engine.tiers import tiers_of
from scheduler.goals.registry import GOALS
from scheduler.model.protocol import Goal, Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

PROOF_SHARE = 0.4
"""Of the time of one rearrangement, what the plain question may take whether everybody can be served in full."""
OTHERWISE = frozenset({SessionKind.SIZE, SessionKind.PEOPLE})
"""A session that differs only so differs by the people who are moved."""


@dataclass(frozen=True)
class Asked:
    """The question: newcomers in the order of the list, beside a running timetable of the same week."""

    week: Week
    timetable: Timetable
    newcomers: tuple[str, ...]
    profile: Profile
    rules: Sequence[Rule] = RULES

    @property
    def promised(self) -> Week:
        """The week in which everybody but the newcomers needs what they have now, and the running week is the last."""
        lowered = as_given(self.week, self.timetable, self.newcomers)
        return lowered.model_copy(update={"previous": seats_as_previous(self.timetable)})

    @property
    def before(self) -> Places:
        """Where everybody of the running week sits; whoever has no seat is moved by one, newcomers apart."""
        others = (one.id for one in self.week.patients if one.id not in self.newcomers)
        places = places_of(self.timetable)
        return {one: places.get(one, frozenset()) for one in others}

    def held(self, limit: int) -> tuple[Rule, ...]:
        """The rules of the question beside the rulebook."""
        return OthersKept(self.newcomers), MovesLimit(self.before, limit)

    def whole(self, week: Week) -> tuple[Rule, ...]:
        """That each newcomer is served in full."""
        return tuple(Met(week.patient_of[one]) for one in self.newcomers)


@dataclass(frozen=True)
class Moved:
    """What was found, with the timetable."""

    said: Rearranged
    timetable: Timetable | None


def can_serve(asked: Asked, week: Week, limit: int, seconds: float, stop: threading.Event) -> Feasibility:
    """Whether all newcomers can be served in full in a week of the question with so many moved at most.

    ``week`` is `Asked.promised`, or that week with changes made.
    """
    extra = (*asked.held(limit), *asked.whole(week))
    return feasible(week, asked.profile.solver, seconds=seconds, rules=asked.rules, extra=extra, stop=stop)


def rearrange(
    asked: Asked,
    limit: int,
    *,
    seconds: float,
    start: Timetable | None = None,
    listener: Listener = silent,
    stop: threading.Event | None = None,
) -> Moved:
    """The best timetable with at most so many people moved.

    In this order: the newcomers' hours and plans as the profile ranks them, few people moved, the order of the list,
    then the profile's other goals, with the running week as last week.

    Args:
        asked: the question.
        limit: how many may be moved at most.
        seconds: when to give up.
        start: a timetable to begin with, such as the best one with nobody moved.
        listener: hears of progress.
        stop: set it to get the best so far.
    """
    began, stop = time.monotonic(), stop or threading.Event()
    week = asked.promised
    full, limit, fewest = _fewest(asked, week, limit, seconds * PROOF_SHARE, stop)
    solution = solve(
        week,
        _profile(asked, max(1.0, seconds - (time.monotonic() - began))),
        listener=listener,
        stop=stop,
        rules=(*asked.rules, *asked.held(limit)),
        goals=_goals(asked),
        start=start if full.timetable is None else full.timetable,
    )
    found = solution.timetable if solution.timetable is not None else full.timetable
    if found is None:
        return Moved(Rearranged(limit=limit, proof=_proof(full)), None)
    timetable = steady(asked.week, asked.timetable, found, asked.rules)
    said = Rearranged(
        limit=limit,
        given=given_all(asked, timetable),
        moves=moves_of(asked, timetable),
        sessions=_sessions_of(asked, timetable),
        tiers=solution.tiers,
        proof=_proof(full),
        fewest=fewest,
    )
    return Moved(said.model_copy(update={"proof": Proof.DONE}) if said.served else said, timetable)


def _fewest(
    asked: Asked, week: Week, limit: int, seconds: float, stop: threading.Event
) -> tuple[Feasibility, int, bool]:
    """Whether all can be served in full; the fewest moved that it takes, and whether fewer were proven not to do."""
    until = time.monotonic() + seconds
    full, fewest = can_serve(asked, week, limit, seconds, stop), True
    if full.timetable is None:
        return full, limit, False
    most = len(moved(asked.before, full.timetable))
    for fewer in range(most):
        left = until - time.monotonic()
        found = can_serve(asked, week, fewer, left, stop) if left > 0 else Feasibility(None, proven=False)
        if found.timetable is not None:
            return found, fewer, fewest
        fewest = fewest and found.proven
    return full, most, fewest


def worth(asked: Asked, timetable: Timetable) -> tuple[int, ...]:
    """What is missed of hours and plans, in the order and with the weights of the profile; less is better."""
    leading = {HOURS.id, PLANS.id}
    kept = (tuple(goal for goal in tier if goal in leading) for tier in asked.profile.goals.tiers)
    tiers = tuple(tier for tier in kept if tier) or ((HOURS.id,), (PLANS.id,))
    goals = asked.profile.goals.model_copy(update={"tiers": tiers})
    found = verify(asked.week, timetable, goals, (), (HOURS, PLANS))
    return tuple(tier.measured_units(found) for tier in tiers_of(goals))


def given_all(asked: Asked, timetable: Timetable, week: Week | None = None) -> tuple[Given, ...]:
    """What each newcomer gets."""
    board = Board(week or asked.week, timetable)
    return tuple(given(board, board.week.patient_of[one]) for one in asked.newcomers)


def moves_of(asked: Asked, timetable: Timetable, week: Week | None = None) -> tuple[PatientMoves, ...]:
    """Who of the running week is moved, from where to where. ``week`` is that of the timetable where it is another."""
    found = _compared(asked, timetable, week).moves
    return tuple(one for one in found if one.patient not in asked.newcomers)


def _sessions_of(asked: Asked, timetable: Timetable) -> tuple[SessionLine, ...]:
    return tuple(one for one in _compared(asked, timetable).sessions if not set(one.kinds) <= OTHERWISE)


def _compared(asked: Asked, timetable: Timetable, week: Week | None = None) -> Comparison:
    goals = asked.profile.goals
    return compare_timetables(asked.week, asked.timetable, week or asked.week, timetable, goals, rules=asked.rules)


def _proof(full: Feasibility) -> Proof:
    if full.timetable is not None:
        return Proof.DONE
    return Proof.IMPOSSIBLE if full.proven else Proof.OPEN


def _goals(asked: Asked) -> tuple[Goal, ...]:
    return (*GOALS, PeopleMoved(asked.before), ListOrder(asked.newcomers))


def _profile(asked: Asked, seconds: float) -> Profile:
    """The profile with people moved, and the order of a list, right behind hours and plans."""
    leading = {HOURS.id, PLANS.id}
    tiers = list(asked.profile.goals.tiers)
    behind = max((place for place, tier in enumerate(tiers, start=1) if leading & set(tier)), default=0)
    tiers[behind:behind] = [(PEOPLE_MOVED,), (IN_ORDER,)] if len(asked.newcomers) > 1 else [(PEOPLE_MOVED,)]
    goals = GoalSettings.model_validate({**asked.profile.goals.model_dump(), "tiers": tuple(tiers)})
    limits = {"time_limit": seconds, "time_limit_per_patient": 0.0}
    solver = SolverSettings.model_validate({**asked.profile.solver.model_dump(), **limits})
    return asked.profile.model_copy(update={"goals": goals, "solver": solver})
