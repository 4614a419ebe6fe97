"""How much a therapist leads in a week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board
from scheduler.domain.week import Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import pins_above, separate

if TYPE_CHECKING:
    from scheduler.model.plan import Plan


class TherapistLoad(Rule):
    """The therapist's ``Max blocks``; blank is no limit."""

    id = "therapist-load"
    words = "A therapist leads at most Max blocks sessions a week."
    formula = "Σ_{b,g} z[t,b,g] ≤ max_blocks(t)"

    def constrain(self, plan: Plan) -> None:
        for therapist in plan.week.therapists:
            if therapist.max_blocks is not None:
                plan.at_most([lead.var for lead in plan.leads_of[therapist.id]], therapist.max_blocks)

    def check(self, board: Board) -> Iterable[Violation]:
        for therapist in board.week.therapists:
            sessions = board.of_therapist(therapist.id)
            if therapist.max_blocks is not None and len(sessions) > therapist.max_blocks:
                yield Violation(
                    words=f"{therapist.id} leads {len(sessions)} sessions, at most {therapist.max_blocks} are allowed",
                    therapists=(therapist.id,),
                    sessions=tuple(s.id for s in sessions),
                    facts=(fact(therapist, "Max blocks"),),
                )

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        therapist = week.therapist_of.get(pin.therapist or "")
        if therapist is None or therapist.max_blocks is None:
            return None
        needed = separate(week, pin, [one for one in pins_above(week, pin) if one.therapist == pin.therapist])
        if len(needed) <= therapist.max_blocks:
            return None
        words = f"{therapist.id} would lead {len(needed)} pinned sessions, at most {therapist.max_blocks} are allowed"
        facts = (*(pin_fact(one, "Therapist") for one in needed), fact(therapist, "Max blocks"))
        return Refusal(words=words, facts=facts)
