"""How many sessions a day a person may have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.clock import Day
from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Patient, Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import pins_above, rows_text, separate

if TYPE_CHECKING:
    from scheduler.model.plan import Plan


class BlocksPerDay(Rule):
    """A patient's day is limited by the program, a therapist's by their own row."""

    id = "blocks-per-day"
    words = "A patient has at most max_blocks_per_day sessions a day; a therapist at most their own Max blocks per day."
    formula = "Σ_{b on day d, g} x[p,b,g] ≤ max_blocks_per_day; Σ_{b on day d, g} z[t,b,g] ≤ max_per_day(t)"

    def constrain(self, plan: Plan) -> None:
        most = plan.week.program.max_blocks_per_day
        day_of = {block.id: block.day for block in plan.week.blocks}
        for seats in plan.seats_of.values():
            for day in Day:
                plan.at_most([s.var for s in seats if day_of[s.block.id] is day], most)
        for therapist in plan.week.therapists:
            if therapist.max_blocks_per_day is None:
                continue
            for day in Day:
                leads = plan.leads_of[therapist.id]
                plan.at_most([one.var for one in leads if day_of[one.block.id] is day], therapist.max_blocks_per_day)

    def check(self, board: Board) -> Iterable[Violation]:
        most = board.week.program.max_blocks_per_day
        for patient in board.week.patients:
            for day, sessions in _by_day(board, board.of_patient(patient.id)).items():
                if len(sessions) > most:
                    words = f"{patient.id} has {len(sessions)} sessions on {day.short}, at most {most} are allowed"
                    yield Violation(words=words, patients=(patient.id,), sessions=tuple(s.id for s in sessions))
        for therapist in board.week.therapists:
            limit = therapist.max_blocks_per_day
            for day, sessions in _by_day(board, board.of_therapist(therapist.id)).items():
                if limit is not None and len(sessions) > limit:
                    yield Violation(
                        words=f"{therapist.id} leads {len(sessions)} sessions on {day.short}, at most {limit} allowed",
                        therapists=(therapist.id,),
                        sessions=tuple(s.id for s in sessions),
                        facts=(fact(therapist, "Max blocks per day"),),
                    )

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        day = board.block(session).day
        taken = Counter(board.block(s).day for s in board.of_patient(patient.id))[day]
        if taken + 1 <= board.week.program.max_blocks_per_day:
            return None
        return Refusal(words=f"{patient.id} already has {taken} session(s) on {day.short}")

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        if pin.block is None:
            return None
        day = week.block_of[pin.block].day
        above = [one for one in pins_above(week, pin) if one.block is not None and week.block_of[one.block].day is day]
        if pin.patient is not None:
            needed = separate(week, pin, [one for one in above if one.patient == pin.patient])
            most = week.program.max_blocks_per_day
            if len(needed) > most:
                words = f"{rows_text(needed[1:])} fills {pin.patient}'s {day.short}, at most {most} a day are allowed"
                return Refusal(words=words, facts=tuple(pin_fact(one, "Block") for one in needed))
        if pin.therapist is not None:
            therapist = week.therapist_of[pin.therapist]
            needed = separate(week, pin, [one for one in above if one.therapist == pin.therapist])
            limit = therapist.max_blocks_per_day
            if limit is not None and len(needed) > limit:
                words = f"{pin.therapist} would lead {len(needed)} sessions on {day.short}, at most {limit} are allowed"
                facts = (*(pin_fact(one, "Block") for one in needed), fact(therapist, "Max blocks per day"))
                return Refusal(words=words, facts=facts)
        return None


def _by_day(board: Board, sessions: Iterable[Session]) -> dict[Day, list[Session]]:
    found: dict[Day, list[Session]] = defaultdict(list)
    for session in sessions:
        found[board.block(session).day].append(session)
    return found
