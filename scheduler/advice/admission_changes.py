"""The smallest change of the week that would let newcomers be served in full, each proven by re-solving.

Every candidate only allows more. So candidates that do not suffice all together need not be tried one by one: those of
one cost are cut into smaller parts only where a timetable exists with all of them.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import groupby

from scheduler.advice.admission_moving import Asked, can_serve, given_all, moves_of
from scheduler.advice.advising_offers import find_candidates
from scheduler.advice.candidates import Candidate, changed
from scheduler.domain.admission import Changes, Opened
from scheduler.domain.advice import Change, Cost
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.rules.facts import fact

MODALITY = "patient-modality"
MOST_TOGETHER = 24
"""Of a cost's candidates that suffice together, so many are then tried at a time."""
MOST_OPENED = 4
"""So many changes are shown."""
QUESTION_SHARE = 0.2
"""Of the time for changes, what one question may take."""


def find_changes(asked: Asked, limit: int, *, seconds: float, stop: threading.Event | None = None) -> Changes:
    """Single changes that would let all newcomers be served in full with at most so many people moved.

    The cheapest are tried first: what the clinic decides, then what must be asked of the newcomer, of a therapist, and
    so on. Limits and hours of other patients are not touched.

    Args:
        asked: the question.
        limit: how many may be moved at most.
        seconds: when to give up.
        stop: set it to end: what is not settled by then says so.
    """
    return _Search(asked, limit, seconds, stop or threading.Event()).changes()


class _Search:
    def __init__(self, asked: Asked, limit: int, seconds: float, stop: threading.Event) -> None:
        self._asked, self._limit, self._stop = asked, limit, stop
        self._until, self._each = time.monotonic() + seconds, max(0.5, seconds * QUESTION_SHARE)
        self._week = asked.promised
        self._opened: list[Opened] = []
        self._impossible = 0

    def changes(self) -> Changes:
        candidates = self._candidates()
        for _, alike in groupby(candidates, key=lambda one: one.change.cost.rank):
            self._try(tuple(alike))
        return Changes(
            opened=tuple(self._opened),
            candidates=len(candidates),
            impossible=self._impossible,
            open=len(candidates) - self._impossible - len(self._opened),
        )

    def _candidates(self) -> tuple[Candidate, ...]:
        """The cheapest first, a changed cell before a new block; of patients' rows only those of the newcomers."""
        profile, newcomers = self._asked.profile, self._asked.newcomers
        found = find_candidates(self._week, profile.blocks, self._asked.rules)
        ours = [one for one in found if one.table != "patients" or one.row in newcomers]
        return tuple(
            sorted((*ours, *self._modalities()), key=lambda one: (one.change.cost.rank, one.table == "blocks"))
        )

    def _modalities(self) -> Iterator[Candidate]:
        for one in self._asked.newcomers:
            patient = self._week.patient_of[one]
            if patient.modality != "either":
                change = Change(
                    kind=MODALITY,
                    words=f"{one} can attend both in person and by telehealth",
                    edit=f"{patient.modality} -> either",
                    facts=(fact(patient, "Modality"),),
                    cost=Cost.PATIENT,
                )
                yield Candidate(change=change, table="patients", row=one, field="modality", step="either")

    def _try(self, candidates: Sequence[Candidate]) -> None:
        if not candidates or len(self._opened) >= MOST_OPENED or self._left <= 0:
            return
        found = can_serve(self._asked, _with(self._week, candidates), self._limit, self._left, self._stop)
        if found.impossible:
            self._impossible += len(candidates)
            return
        if len(candidates) == 1:
            if found.timetable is not None:
                self._opened.append(self._fewest_moved(candidates[0], found.timetable))
            return
        # A question with many changes made is a slow one: a large part is cut small at once.
        part = min(MOST_TOGETHER, (len(candidates) + 1) // 2)
        for first in range(0, len(candidates), part):
            self._try(candidates[first : first + part])

    @property
    def _left(self) -> float:
        return 0.0 if self._stop.is_set() else min(self._each, self._until - time.monotonic())

    def _fewest_moved(self, one: Candidate, timetable: Timetable) -> Opened:
        """The change with a timetable that moves as few as the time allows to find."""
        week = _with(self._week, [one])
        for limit in range(len(moves_of(self._asked, timetable, week))):
            found = can_serve(self._asked, week, limit, self._left, self._stop) if self._left > 0 else None
            if found is None or found.timetable is not None:
                timetable = timetable if found is None or found.timetable is None else found.timetable
                break
        return Opened(
            change=one.change,
            moved=len(moves_of(self._asked, timetable, week)),
            given=given_all(self._asked, timetable, week),
        )


def _with(week: Week, candidates: Sequence[Candidate]) -> Week:
    """The week with the candidates made. A modality is replaced, where all others are added to."""
    either = {one.row for one in candidates if one.change.kind == MODALITY}
    found = changed(week, [one for one in candidates if one.change.kind != MODALITY])
    if not either:
        return found
    rows = (one.model_copy(update={"modality": "either"}) if one.id in either else one for one in found.patients)
    return found.model_copy(update={"patients": tuple(rows)})
