"""Every placement of a newcomer with nobody moved, ranked by the goals. Uses no solver."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from scheduler.advice.admission_trial import Scores, Seats, Trial, with_seats
from scheduler.advice.comparison import seat_view
from scheduler.domain.admission import Barred, Given, Listing, Placement
from scheduler.domain.comparison import SeatView
from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Board, Session, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Week
from scheduler.goals.registry import GOALS
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.protocol import Goal, Rule
from scheduler.rules.pins import Pins
from scheduler.rules.registry import RULES
from scheduler.rules.weekly_maximum import WeeklyMaximum

MOST_LISTED = 1000
"""So many of the best placements are given at most."""
MOST_COUNTED = 200_000
"""Counting stops here. A newcomer of a week of 120 patients has some thousand placements."""

BY_SESSION = frozenset(
    {"availability", "eligibility", "avoided-groups", "group-size", "modality", "apart", "one-place-at-a-time"}
)
"""Rules whose word on a seat depends on its session and at most one other seat: pairs tell all they have to say."""


def list_placements(
    week: Week,
    timetable: Timetable,
    patient: str,
    goals: GoalSettings,
    *,
    most: int = MOST_LISTED,
    count: int = MOST_COUNTED,
    rules: Sequence[Rule] = RULES,
    measured: Sequence[Goal] = GOALS,
    stop: threading.Event | None = None,
) -> Listing:
    """Every set of sessions of a timetable that a newcomer can join with nobody moved, the best of them in order.

    They are ranked by the tiers, measured on the whole timetable; what ties stands in order of time, then of session.

    Args:
        week: the week, with the newcomer.
        timetable: a timetable of it in which the newcomer has no seat.
        patient: the newcomer.
        goals: the tiers and weights.
        most: how many to give.
        count: how many to look at, at most.
        rules: the rulebook.
        measured: the goals that the tiers may name.
        stop: set it to end: what was found by then is ranked.

    Raises:
        ValueError: if the timetable names something that the week does not know.
    """
    board, one = Board(week, timetable), week.patient_of[patient]
    joining = Joining(board, one, rules)
    found = list(islice(_until(joining.placements(), stop), count + 1))
    complete = len(found) <= count and not (stop is not None and stop.is_set())
    ranked = _ranked(found[:count], Scores(board, one, goals, measured), joining, most)
    trial = Trial(week, timetable)
    views = {session.id: seat_view(board, session) for session in joining.sessions}
    return Listing(
        patient=patient,
        placements=tuple(
            Placement(rank=rank, given=_given(trial, one, seats, views), values=values)
            for rank, (seats, values) in enumerate(ranked, start=1)
        ),
        count=min(len(found), count),
        complete=complete,
        sessions=len(timetable.sessions),
        joinable=len(joining.sessions),
        barred=joining.barred,
    )


class Joining:
    """Which sessions a newcomer can join, and which of them together."""

    def __init__(self, board: Board, patient: Patient, rules: Sequence[Rule] = RULES) -> None:
        self._patient = patient
        self._rules = [rule for rule in rules if type(rule).refuses_seat is not Rule.refuses_seat]
        self._own = [rule for rule in self._rules if rule.id not in BY_SESSION]
        self._most = patient.max_blocks if any(rule.id == WeeklyMaximum.id for rule in rules) else len(board.session_of)
        self._trial = Trial(board.week, board.timetable)
        self._pins = _own_pins(board, patient) if any(rule.id == Pins.id for rule in rules) else None
        in_order = sorted(board.timetable.sessions, key=lambda s: (board.block(s).start, board.block(s).end, s.id))
        words: dict[str, list[str]] = {}
        joinable = []
        for session in in_order:
            said = self._refused(session, ())
            if said is None:
                joinable.append(session)
            else:
                words.setdefault(said[0], []).append(said[1])
        self.sessions: Seats = tuple(joinable)
        self.place = {session.id: place for place, session in enumerate(in_order)}
        self.barred = tuple(Barred(rule=rule, sessions=len(said), words=said[0]) for rule, said in words.items())
        self._beside = {one.id: self._compatible(one) for one in self.sessions}

    def placements(self) -> Iterator[Seats]:
        """Every set of sessions that can be joined together, in order of time; the empty set is none."""
        for seats in self._grown((), self.sessions):
            if self._pins is None or not self._breaks_pin(self._pins, seats):
                yield seats

    def _grown(self, seats: Seats, candidates: Seats) -> Iterator[Seats]:
        """The seats with every set of candidates that may be added; what is refused now is refused with more too."""
        for at, session in enumerate(candidates):
            if seats and not self._may_add(seats, session):
                continue
            more = (*seats, session)
            yield more
            if len(more) >= self._most:
                continue
            beside = self._beside[session.id]
            yield from self._grown(more, tuple(one for one in candidates[at + 1 :] if one.id in beside))

    def _may_add(self, seats: Seats, session: Session) -> bool:
        if len(seats) == 1:  # the pair was tried already
            return True
        self._trial.sit(self._patient.id, seats)
        return all(rule.refuses_seat(self._trial, self._patient, session) is None for rule in self._own)

    def _refused(self, session: Session, seats: Seats) -> tuple[str, str] | None:
        """The first rule that refuses a session beside these seats, with its words."""
        self._trial.sit(self._patient.id, seats)
        for rule in self._rules:
            said = rule.refuses_seat(self._trial, self._patient, session)
            if said is not None:
                return rule.id, said.words
        return None

    def _compatible(self, session: Session) -> frozenset[str]:
        """The later sessions that can be joined beside this one."""
        later = self.sessions[self.sessions.index(session) + 1 :]
        return frozenset(one.id for one in later if self._refused(one, (session,)) is None)

    def _breaks_pin(self, board: Board, seats: Seats) -> bool:
        return any(True for _ in Pins().check(with_seats(board, self._patient.id, seats)))


def _own_pins(board: Board, patient: Patient) -> Board | None:
    """The timetable in a week that has the patient's own pins only; None if there are none."""
    pins = tuple(pin for pin in board.week.pins if pin.patient == patient.id)
    return Board(board.week.model_copy(update={"pins": pins}), board.timetable) if pins else None


def _until(found: Iterator[Seats], stop: threading.Event | None) -> Iterator[Seats]:
    for one in found:
        if stop is not None and stop.is_set():
            return
        yield one


def _ranked(
    found: Sequence[Seats], scores: Scores, joining: Joining, most: int
) -> list[tuple[Seats, tuple[float, ...]]]:
    """The best sets with the values of their tiers. A tier is measured only where the better tiers leave it open."""
    kept: list[tuple[tuple[int, ...], Seats]] = [((), seats) for seats in found]
    for tier in scores.tiers:
        kept = [((*units, scores.units(tier, seats)), seats) for units, seats in kept]
        if len(kept) > most:
            last = sorted(units for units, _ in kept)[most - 1]
            kept = [one for one in kept if one[0] <= last]
    kept.sort(key=lambda one: (one[0], tuple(joining.place[session.id] for session in one[1])))
    scales = [tier.scale for tier in scores.tiers]
    return [
        (seats, tuple(unit / scale for unit, scale in zip(units, scales, strict=True))) for units, seats in kept[:most]
    ]


def _given(trial: Trial, patient: Patient, seats: Seats, views: Mapping[str, SeatView]) -> Given:
    trial.sit(patient.id, seats)
    return _as_given(trial, patient, tuple(views[session.id] for session in seats))


def given(board: Board, patient: Patient) -> Given:
    """What a patient gets on a board."""
    return _as_given(board, patient, tuple(seat_view(board, session) for session in board.of_patient(patient.id)))


def _as_given(board: Board, patient: Patient, seats: tuple[SeatView, ...]) -> Given:
    return Given(
        patient=patient.id,
        seats=seats,
        hours=board.minutes_of(patient.id) / MINUTES_PER_HOUR,
        hours_short=minutes_short(board, patient) / MINUTES_PER_HOUR,
        missed=missed_groups(board, patient),
    )
