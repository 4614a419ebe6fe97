"""An in-person session has a room that suits it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board
from scheduler.domain.week import Block, Group, Pin, Room, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.facts import fact, pin_fact

if TYPE_CHECKING:
    from scheduler.model.plan import Plan
    from scheduler.model.splits import Split


class RoomFit(Rule):
    """Rooms by features. Seats are the business of the rule ``group-size``."""

    id = "room-fit"
    words = "An in-person session has a room with the features the group needs; telehealth needs none."
    formula = "r[c,b,g] = 0 unless features(g) ⊆ features(c); Σ_c r[c,b,g] = n[b,g] for every in-person g"

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        if not isinstance(actor, Room) or not isinstance(target, Group):
            return None
        missing = target.room_features - actor.features
        if not missing:
            return None
        facts = (fact(actor, "Features"), fact(target, "Room features"))
        return Refusal(words=f"{actor.id} lacks {', '.join(sorted(missing))}, which {target.id} needs", facts=facts)

    def constrain(self, plan: Plan) -> None:
        for cell in plan.candidates.cells:
            if plan.week.group_of[cell[1]].needs_room:
                plan.add(plan.total(count for _, count in plan.rooms_in(cell)) == plan.sessions[cell])

    def constrain_split(self, split: Split) -> None:
        if not split.group.needs_room:
            return
        for slot in split.slots:
            split.model.add(split.total(used for _, used in split.rooms_in(slot)) == split.open[slot])

    def check(self, board: Board) -> Iterable[Violation]:
        for session in board.timetable.sessions:
            group = board.group(session)
            if not group.needs_room:
                if session.room is not None:
                    words = f"{session.id} is a telehealth session and holds room {session.room}"
                    yield Violation(words=words, sessions=(session.id,), facts=(fact(group, "Modality"),))
                continue
            if session.room is None:
                yield Violation(words=f"{session.id} has no room", sessions=(session.id,))
                continue
            refusal = self.bars(board.week, board.week.room_of[session.room], group)
            if refusal is not None:
                yield Violation(words=refusal.words, sessions=(session.id,), facts=refusal.facts)

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        group = week.group_of.get(pin.group or "")
        if pin.room is None or group is None or group.needs_room:
            return None
        facts = (pin_fact(pin, "Group"), pin_fact(pin, "Room"), fact(group, "Modality"))
        return Refusal(words=f"{group.id} is a telehealth group and holds no room", facts=facts)
