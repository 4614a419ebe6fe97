"""How much a therapist leads in a week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Violation
from scheduler.domain.timetable import Board
from scheduler.model.protocol import Rule
from scheduler.rules.facts import fact

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
