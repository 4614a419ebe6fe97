"""At whose cost a need could be met all the same: the cheapest way, or the cheapest that was found.

A timetable near the one at hand is found at once, where only sessions that run, and a few more, may run. How cheap any
way can be is known from a linear program. Between the two there is mostly little, and often nothing, left to search.
"""

import threading
from collections.abc import Callable, Iterator, Sequence

from scheduler.advice.nearby import Nearby
from scheduler.advice.promises import HOURS, PLANS, Met
from scheduler.advice.proving import is_small, remaining, solve_in_time
from scheduler.domain.explanation import Cost, Loss
from scheduler.domain.outcome import Status
from scheduler.domain.profile import Profile, SolverSettings
from scheduler.domain.timetable import Board
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Week
from scheduler.engine.background import linear_seconds
from scheduler.engine.certificate import least_sum
from scheduler.engine.search import Solution
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.candidates import Cell, Gate
from scheduler.model.protocol import Rule

NEAR_SHARE = 0.4
"""Of the time for any way, what a search near the timetable may take before most people are kept where they are."""
WIDER_SHARE = 0.5
"""Of the time that is left once a way is found, what a search somewhat farther from the timetable may take."""


class Costing:
    """Looks for the cheapest timetable of the whole week that meets a need, going on where it ended before."""

    def __init__(
        self, board: Board, wanting: Patient, profile: Profile, *, stop: threading.Event, rules: Sequence[Rule]
    ) -> None:
        """Take the timetable at hand, the patient with only the need that is to be met, and how to search.

        Of the profile's goals only the tiers that hold hours and plans count.
        """
        leading = {HOURS.id, PLANS.id}
        tiers = tuple(one for one in profile.goals.tiers if leading & set(one))
        goals = profile.goals.model_copy(update={"tiers": tiers})
        self._board, self._wanting, self._stop, self._rules = board, wanting, stop, (*rules, Met(wanting))
        self._profile = profile.model_copy(update={"goals": goals})
        self._ways = list(_ever_wider(board, wanting, self._rules))
        self._best: Solution | None = None
        self._bounds: tuple[int, ...] | None = None
        self._proven = False

    @property
    def cost(self) -> Cost | None:
        """What the best way that was found takes from others; None where none was found yet."""
        if self._best is None or self._best.timetable is None:
            return None
        return _cost_of(self._board, Board(self._board.week, self._best.timetable), proven=self._proven)

    def find_any(self, seconds: float) -> None:
        """Look for a way near the timetable at hand, for so long; if that does not end, where hardly anybody moves."""
        if self._best is not None or not seconds or self._stop.is_set():
            return
        left = remaining(seconds, timed=not self._profile.solver.reproducible)
        if not self._search(self._ways[0], left() * NEAR_SHARE) and left():
            self._search(_rivals_alone(self._board, self._wanting, self._rules), left())

    def find_cheapest(self, seconds: float) -> None:
        """Look for the cheapest way, for so long; where the clock must not decide, for so long in each search."""
        settings = self._profile.solver
        left = remaining(seconds, timed=not settings.reproducible)
        while self._ways and left() and not self._proven and not self._stop.is_set():
            if self._best is not None and self._bounds is None:
                tiers, worth = tiers_of(self._profile.goals), self._best.measured_units
                self._bounds = _bounds(self._board.week, tiers, worth, left, settings, self._rules)
                self._proven = self._bounds == worth
                continue
            way, last = self._ways[0], len(self._ways) == 1
            if not self._search(way, left() if last or self._best is None else left() * WIDER_SHARE):
                return

    def _search(self, way: tuple[Rule, ...], seconds: float) -> bool:
        """Search where the rules of a way allow; say whether that was searched to its end."""
        best = self._best
        found = solve_in_time(
            self._board.week,
            self._profile,
            seconds,
            stop=self._stop,
            rules=(*self._rules, *way),
            start=best.timetable if best else self._board.timetable,
        )
        ended = found.status is Status.IMPOSSIBLE or (found.timetable is not None and _is_proven(found))
        if found.timetable is not None and (found.measured_units <= best.measured_units if best else ended):
            # A way from a search that was cut short would blame people for nothing.
            self._best, self._proven = found, self._bounds == found.measured_units
        if ended:
            self._proven |= not way  # then everything was searched
            self._ways = [one for one in self._ways if one is not way]
        return ended


def _is_proven(found: Solution) -> bool:
    return all(tier.proven for tier in found.tiers)


def _ever_wider(board: Board, wanting: Patient, rules: Sequence[Rule]) -> Iterator[tuple[Rule, ...]]:
    """What keeps a search near the timetable, ever less of it; nothing at last, and at once in a small week."""
    week = board.week
    if not is_small(week):
        near, wanted = _near(board, wanting, rules)
        missed = {one.group for patient in week.patients for one in missed_groups(board, patient)}
        wider = near | {(block.id, group) for block in week.blocks for group in missed | wanted}
        yield (Nearby(near),)
        if wider > near:
            yield (Nearby(wider),)
    yield ()


def _near(board: Board, wanting: Patient, rules: Sequence[Rule]) -> tuple[set[Cell], set[str]]:
    """Where sessions run, and where those could that the patient wants; the groups of these."""
    week, gate = board.week, Gate(board.week, rules)
    wanted = {one.group for one in wanting.required} or {one.id for one in week.groups if gate.lets(wanting, one)}
    running = {(one.block, one.group) for one in board.timetable.sessions}
    return running | {(one.id, group) for one in week.blocks if gate.lets(wanting, one) for group in wanted}, wanted


def _rivals_alone(board: Board, wanting: Patient, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Only the patient moves, and whoever sits in what the patient wants."""
    near, wanted = _near(board, wanting, rules)
    rivals = {who for group in wanted for one in board.of_group(group) for who in board.roster[one.id]}
    stay = {one.id for one in board.week.patients} - rivals - {wanting.id}
    places = ((one.patient, board.session_of[one.session]) for one in board.timetable.assignments)
    return (Nearby(near, [(who, at.block, at.group) for who, at in places], stay),)


def _bounds(
    week: Week,
    tiers: Sequence[Tier],
    worth: Sequence[int],
    left: Callable[[], float],
    settings: SolverSettings,
    rules: Sequence[Rule],
) -> tuple[int, ...]:
    """What each tier is at least where those above it are at their least, as far as in ``worth`` they are.

    A linear program bounds the sum of a tier and those above it.
    """
    found: list[int] = []
    for count in range(1, len(tiers) + 1):
        if tuple(worth[: len(found)]) != tuple(found):
            break
        seconds = linear_seconds(left(), deterministic=settings.reproducible)
        least = least_sum(week, tiers[:count], seconds, rules) if sum(worth[:count]) else 0
        found.append(least - sum(found))
    return tuple(found)


def _cost_of(before: Board, after: Board, *, proven: bool) -> Cost:
    """Who has less, and what else of the second tier is worse."""
    losses = tuple(loss for patient in before.week.patients if (loss := _loss(before, after, patient)) is not None)
    others = [
        {one.words for one in PLANS.measure(board, PLANS.parts).remarks if one.part != "groups"}
        for board in (before, after)
    ]
    return Cost(losses=losses, other=tuple(sorted(others[1] - others[0])), proven=proven)


def _loss(before: Board, after: Board, patient: Patient) -> Loss | None:
    minutes = minutes_short(after, patient) - minutes_short(before, patient)
    had, has = ({one.group: one.times for one in missed_groups(board, patient)} for board in (before, after))
    groups = tuple(group for group, times in has.items() if times > had.get(group, 0))
    if minutes <= 0 and not groups:
        return None
    return Loss(patient=patient.id, hours=max(0, minutes) / MINUTES_PER_HOUR, groups=groups)
