"""What is asked of a repair, and the goals and rules that only a repair has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scheduler.advice.moves import PeopleMoved, Places, moved
from scheduler.domain.findings import Measure, Remark, Violation
from scheduler.domain.profile import Profile
from scheduler.domain.repair import Change, Hurt
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Week
from scheduler.engine.progress import Listener, silent
from scheduler.engine.strategies import Strategies
from scheduler.model.protocol import Goal, Rule

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan

SECONDS, SECONDS_PER_PATIENT = 4.0, 0.06
"""The usual limit of the search. A repair is near the timetable that it begins from, and sooner found than a week."""

BYSTANDERS_MOVED, SEATS_ADDED = "bystanders-moved", "seats-added"

NEAR = Strategies(relaxation=False)
"""Linear programs of the whole week earn their time where everything is open; here nearly nothing is."""


def _unheard(_hurt: Sequence[Hurt]) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Question:
    """What is asked: a week and its timetable, what changed, and how the answer is sought.

    ``most_moves``: how many people may come at another time or to another group. ``fill``: whether those who were short
    before may gain by the change, at the price of a move. ``on_hurt`` hears who is hurt before anything is searched.
    """

    week: Week
    profile: Profile
    timetable: Timetable
    change: Change
    seconds: float
    most_moves: int | None = None
    fill: bool = False
    on_hurt: Callable[[Sequence[Hurt]], None] = _unheard
    listener: Listener = silent
    stop: threading.Event = field(default_factory=threading.Event)


class Clock:
    """The time that is left. A reproducible run's searches end by what they did, each with the whole time at most."""

    def __init__(self, question: Question) -> None:
        self._whole = question.seconds
        self._by_clock = not question.profile.solver.reproducible
        self._began = time.monotonic()

    @property
    def left(self) -> float:
        """Seconds, never below 0."""
        gone = time.monotonic() - self._began if self._by_clock else 0.0
        return max(0.0, self._whole - gone)


def usual_seconds(week: Week) -> float:
    """How long a repair is sought unless somebody says otherwise."""
    return SECONDS + SECONDS_PER_PATIENT * len(week.patients)


def settings_for(profile: Profile, tiers: Sequence[Sequence[str]], seconds: float) -> Profile:
    """The profile with other tiers and so many seconds; what it weighs stays."""
    goals = profile.goals.model_copy(update={"tiers": tuple(map(tuple, tiers))})
    limits = {"time_limit": max(seconds, 0.1), "time_limit_per_patient": 0.0}
    return profile.model_copy(update={"goals": goals, "solver": profile.solver.model_copy(update=limits)})


class BystandersMoved(PeopleMoved):
    """Among repairs that move as few, one that moves those whom the change hurt."""

    id = BYSTANDERS_MOVED
    words = "People whom the change did not hurt and whose seats are not all those that they had."
    formula = "Σ_{p not hurt} [places(p) ≠ places before(p)]"
    verb = "is moved, though not hurt"


class SeatsAdded(Goal):
    """Nobody comes more often than the repair needs."""

    id = SEATS_ADDED
    words = "Seats that people have and had not: in place of those that they lost, or beyond."
    formula = "Σ x[p,b,g] over (b,g) not held by p before"
    unit = "seats"
    parts = {"seats": 1}

    def __init__(self, before: Places) -> None:
        self._had = {(one, place.block, place.group) for one, places in before.items() for place in places}

    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        """How many seats are new."""
        return weights["seats"] * plan.total(var for seat, var in plan.attends.items() if seat not in self._had)

    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        """Whose seats are new."""
        seats = [(one.patient, board.session_of[one.session]) for one in board.timetable.assignments]
        new = [(one, session) for one, session in seats if (one, session.block, session.group) not in self._had]
        remarks = tuple(
            Remark(part="seats", words=f"{one} is new in {session.id}", amount=1, patients=(one,))
            for one, session in new
        )
        units = weights["seats"] * len(new)
        return Measure(units=units, value=units, parts={"seats": len(new)}, remarks=remarks)


class StayPut(Rule):
    """Some people keep every place that they had, and get no other."""

    id = "stay-put"
    words = "Whoever a repair does not move stays where they are while its lesser goals are settled."
    formula = "places(p) = places before(p) for every p who stays"

    def __init__(self, places: Places) -> None:
        self._places = places

    def constrain(self, plan: Plan) -> None:
        """Hold their seats, and whom they meet there."""
        for patient, places in self._places.items():
            had = {(place.block, place.group): place for place in places}
            for cell, place in had.items():
                met = plan.claim(cell, patients=(patient,), therapists=place.therapists)
                plan.add(plan.total([] if met is None else [met]) >= 1)
            for seat in plan.seats_of[patient]:
                if seat.cell not in had:
                    plan.add(seat.var == 0)

    def check(self, board: Board) -> Iterable[Violation]:
        """Whoever is not where they were."""
        for one in moved(self._places, board.timetable):
            yield Violation(words=f"{one} is moved", patients=(one,))
