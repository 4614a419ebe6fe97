"""A therapist's night is long enough."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Block, Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import pin_fact
from scheduler.rules.pinned import pins_above, rows_text

if TYPE_CHECKING:
    from scheduler.model.plan import Plan


class Rest(Rule):
    """Rest between a day's last session and the next day's first. Sunday to Monday lies outside one week."""

    id = "rest"
    words = "A therapist has at least min_rest_hours between their last session of a day and their first of the next."
    formula = "Σ_g z[t,b,g] + Σ_g z[t,b',g] ≤ 1 for b, b' on consecutive days with start(b') − end(b) < min_rest"

    def constrain(self, plan: Plan) -> None:
        tight = [
            (one.id, other.id)
            for one, other in product(plan.week.blocks, repeat=2)
            if _too_close(one, other, plan.week.program.min_rest_hours)
        ]
        for leads in plan.leads_of.values():
            for one, other in tight:
                late = [lead.var for lead in leads if lead.block.id == one]
                early = [lead.var for lead in leads if lead.block.id == other]
                if late and early:
                    plan.at_most([*late, *early], 1)

    def check(self, board: Board) -> Iterable[Violation]:
        hours = board.week.program.min_rest_hours
        for therapist in board.week.therapists:
            for one, other in product(board.of_therapist(therapist.id), repeat=2):
                if _too_close(board.block(one), board.block(other), hours):
                    words = f"{therapist.id} has less than {hours:g} h between {one.id} and {other.id}"
                    yield Violation(words=words, therapists=(therapist.id,), sessions=(one.id, other.id))

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        if pin.therapist is None or pin.block is None:
            return None
        block, hours = week.block_of[pin.block], week.program.min_rest_hours
        for other in pins_above(week, pin):
            if other.therapist != pin.therapist or other.block is None:
                continue
            near = week.block_of[other.block]
            if _too_close(block, near, hours) or _too_close(near, block, hours):
                words = f"{pin.therapist} would have less than {hours:g} h of rest beside {rows_text([other])}"
                return Refusal(words=words, facts=(pin_fact(pin, "Block"), pin_fact(other, "Block")))
        return None


def _too_close(one: Block, other: Block, hours: float) -> bool:
    return other.day == one.day + 1 and other.start - one.end < hours * MINUTES_PER_HOUR
