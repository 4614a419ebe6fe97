"""How often a group may run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board
from scheduler.domain.week import Group, Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import pins_above, separate

if TYPE_CHECKING:
    from scheduler.model.plan import Plan


class SessionsPerWeek(Rule):
    """The group's ``Max sessions``; its ``Min sessions`` is part of the goal ``treatment-plan``."""

    id = "sessions-per-week"
    words = "A group runs at most Max sessions a week."
    formula = "Σ_b n[b,g] ≤ max_sessions(g)"

    def most_sessions(self, week: Week, group: Group, patients: int, therapists: int) -> int | None:
        return group.max_sessions

    def constrain(self, plan: Plan) -> None:
        for group in plan.week.groups:
            counts = [count for (_, g), count in plan.sessions.items() if g == group.id]
            if group.max_sessions is not None and counts:
                plan.add(plan.total(counts) <= group.max_sessions)

    def check(self, board: Board) -> Iterable[Violation]:
        for group in board.week.groups:
            sessions = board.of_group(group.id)
            if group.max_sessions is not None and len(sessions) > group.max_sessions:
                yield Violation(
                    words=f"{group.id} runs {len(sessions)} times, at most {group.max_sessions} are allowed",
                    sessions=tuple(s.id for s in sessions),
                    facts=(fact(group, "Max sessions"),),
                )

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        group = week.group_of.get(pin.group or "")
        if group is None or group.max_sessions is None:
            return None
        needed = separate(week, pin, [one for one in pins_above(week, pin) if one.group == pin.group])
        if len(needed) <= group.max_sessions:
            return None
        words = f"{group.id} would run {len(needed)} times, at most {group.max_sessions} are allowed"
        facts = (*(pin_fact(one, "Group") for one in needed), fact(group, "Max sessions"))
        return Refusal(words=words, facts=facts)
