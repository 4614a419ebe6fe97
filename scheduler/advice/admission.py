"""Newcomers into a running week: first as it is, then with a few people moved, then what would have to change.

The first step uses no solver, and is all that is needed where a newcomer fits.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.advice.admission_listing import MOST_LISTED, given, list_placements
from scheduler.domain.admission import Admission, Listing, Placement
from scheduler.domain.explanation import Explanation
from scheduler.domain.problems import Problem, Severity
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Assignment, Board, Timetable
from scheduler.domain.week import Week
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

if TYPE_CHECKING:
    from scheduler.advice.admission_moving import Asked
    from scheduler.engine.progress import Listener

DEFAULT_MOVES = 3
"""So many people may be moved where the command does not say."""
STILL_SHARE, MOVING_SHARE, REASONS_SHARE = 0.2, 0.4, 0.15
"""Of the time: seating a list with nobody moved, moving people, and proving why not; the rest is for changes."""


@dataclass(frozen=True)
class Admitted:
    """The answer, and the whole timetable that carries it out."""

    said: Admission
    timetable: Timetable


def in_order(week: Week, newcomers: Sequence[str]) -> tuple[str, ...]:
    """The order of a waiting list: by priority, the most urgent first, then as listed."""
    return tuple(sorted(newcomers, key=lambda one: -week.patient_of[one].priority))


def admit(
    week: Week,
    timetable: Timetable,
    newcomers: Sequence[str],
    profile: Profile,
    *,
    moves: int | None = None,
    seconds: float = 30.0,
    most: int = MOST_LISTED,
    progress: Callable[[], AbstractContextManager["Listener"]] | None = None,
    stop: threading.Event | None = None,
    rules: Sequence[Rule] = RULES,
) -> Admitted:
    """Find seats for newcomers in a running week.

    Args:
        week: the week, with the newcomers.
        timetable: a timetable of it in which they have no seat.
        newcomers: who they are, in the order of the list.
        profile: the goals, and how to search.
        moves: how many people may be moved; None lets up to three be moved where that is needed.
        seconds: for all searching together.
        most: how many placements to list.
        progress: opens a listener that hears of the search's progress; called only where the solver is asked.
        stop: set it to get what is known by then.
        rules: the rulebook.

    Raises:
        ValueError: if the timetable names something that the week does not know.
    """
    stop = stop or threading.Event()
    ordered = in_order(week, newcomers)
    listing = None
    if len(ordered) == 1:
        listing = list_placements(week, timetable, ordered[0], profile.goals, most=most, rules=rules, stop=stop)
    start = timetable if listing is None else _seated(timetable, listing)
    bare = _said(week, start, ordered, profile, listing)
    if bare.said.served or stop.is_set():
        return Admitted(bare.said.model_copy(update={"interrupted": stop.is_set()}), start)
    from scheduler.advice.admission_moving import Asked  # the solver is slow to load, and not wanted until here
    from scheduler.engine.progress import silent

    asked = Asked(week, timetable, ordered, profile, rules)
    with progress() if progress is not None else nullcontext(silent) as listener:
        return _Searching(asked, moves, seconds, listener, stop).better_than(bare)


def broken_rules(week: Week, timetable: Timetable, rules: Sequence[Rule] = RULES) -> tuple[Problem, ...]:
    """A warning for each rule that the running timetable breaks before anybody is admitted."""
    found = ((one.rule, one.violations) for one in verify(week, timetable, rules=rules, measured=()).rules)
    return tuple(
        Problem(
            code="timetable-breaks-rule",
            severity=Severity.WARNING,
            message=f"the running timetable breaks {rule} {len(violations)} time(s): {violations[0].words}",
            hint="a newcomer adds no breach; where people are moved, every rule is kept",
        )
        for rule, violations in found
        if violations
    )


def _seated(timetable: Timetable, listing: Listing) -> Timetable:
    """The timetable with the best placement of the list."""
    best: Placement | None = listing.best
    seats = () if best is None else best.given.seats
    added = tuple(Assignment(patient=listing.patient, session=seat.session) for seat in seats)
    return timetable.model_copy(update={"assignments": (*timetable.assignments, *added)})


def _said(
    week: Week, timetable: Timetable, newcomers: tuple[str, ...], profile: Profile, listing: Listing | None
) -> Admitted:
    board = Board(week, timetable)
    said = Admission(
        newcomers=newcomers,
        tiers=profile.goals.tiers,
        listing=listing,
        given=tuple(given(board, week.patient_of[one]) for one in newcomers),
    )
    return Admitted(said, timetable)


class _Searching:
    """What the solver is asked, one step after the other."""

    def __init__(
        self, asked: "Asked", moves: int | None, seconds: float, listener: "Listener", stop: threading.Event
    ) -> None:
        self._asked, self._seconds, self._listener, self._stop = asked, seconds, listener, stop
        limit = DEFAULT_MOVES if moves is None else moves
        several = len(asked.newcomers) > 1
        self._steps = [(0, STILL_SHARE)] if several and limit else []
        self._steps.append((limit, MOVING_SHARE))

    def better_than(self, best: Admitted) -> Admitted:
        """The best answer that the steps lead to; ``best`` is the one with nobody moved and no solver."""
        from scheduler.advice.admission_changes import find_changes
        from scheduler.advice.admission_moving import rearrange, worth

        asked, said = self._asked, best.said
        timetable, known = best.timetable, worth(self._asked, best.timetable)
        for limit, share in self._steps:
            if said.served or self._stop.is_set():
                break
            found = rearrange(
                asked,
                limit,
                seconds=self._seconds * share,
                start=timetable,
                listener=self._listener,
                stop=self._stop,
            )
            better = found.timetable if found.timetable is not None and worth(asked, found.timetable) < known else None
            step = found.said.model_copy(update={"used": better is not None})
            before = tuple(one.model_copy(update={"used": one.used and better is None}) for one in said.rearranged)
            said = said.model_copy(update={"rearranged": (*before, step)})
            if better is not None:
                timetable, known = better, worth(asked, better)
                said = said.model_copy(update={"given": step.given, "moved": len(step.moves)})
        if not said.served and not self._stop.is_set():
            said = said.model_copy(update={"reasons": self._reasons(timetable)})
        if not said.served and not self._stop.is_set():
            rest = self._seconds * (1 - REASONS_SHARE - sum(share for _, share in self._steps))
            changes = find_changes(asked, self._steps[-1][0], seconds=rest, stop=self._stop)
            said = said.model_copy(update={"changes": changes})
        return Admitted(said.model_copy(update={"interrupted": self._stop.is_set()}), timetable)

    def _reasons(self, timetable: Timetable) -> tuple[Explanation, ...]:
        """Which facts prove that what is missed cannot be had, in the timetable found."""
        from scheduler.advice.explaining import explain

        asked = self._asked
        found = explain(
            asked.week,
            timetable,
            asked.profile,
            seconds=self._seconds * REASONS_SHARE,
            patients=asked.newcomers,
            stop=self._stop,
            rules=asked.rules,
            with_cost=False,
        )
        return tuple(found)
