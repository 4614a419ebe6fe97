"""Who may lead, and how many it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board
from scheduler.domain.week import Block, Group, Pin, Therapist, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import companions, group_of_pins

if TYPE_CHECKING:
    from scheduler.model.candidates import Cell
    from scheduler.model.plan import Literal, Plan
    from scheduler.model.splits import Split


class Qualified(Rule):
    """Facilitators: qualified, allowed the modality, as many as the group needs."""

    id = "qualified"
    words = (
        "Every facilitator is qualified for the group and allowed its modality, and a session has as many facilitators "
        "as the group needs."
    )
    formula = "z[t,b,g] = 0 unless g ∈ groups(t) and modality(g) ∈ modality(t); Σ_t z[t,b,g] = facilitators(g)·n[b,g]"

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        if not isinstance(actor, Therapist) or not isinstance(target, Group):
            return None
        if target.id not in actor.groups:
            return Refusal(words=f"{actor.id} is not qualified for {target.id}", facts=(fact(actor, "Groups"),))
        if actor.modality not in ("either", target.modality):
            facts = (fact(actor, "Modality"), fact(target, "Modality"))
            return Refusal(words=f"{actor.id} does not lead {target.modality} groups", facts=facts)
        return None

    def most_sessions(self, week: Week, group: Group, patients: int, therapists: int) -> int | None:
        return therapists // group.facilitators

    def constrain(self, plan: Plan) -> None:
        for cell in plan.candidates.cells:
            needed = plan.week.group_of[cell[1]].facilitators
            plan.add(plan.total(plan.therapists_in(cell)) == needed * plan.sessions[cell])

    def constrain_meetings(self, plan: Plan, cell: Cell, meetings: Mapping[tuple[str, str], Literal]) -> None:
        """A patient attends one session of the cell, and meets no more therapists there than lead it."""
        facilitators = plan.week.group_of[cell[1]].facilitators
        met: dict[str, list[Literal]] = {}
        for (patient, _), meets in meetings.items():
            met.setdefault(patient, []).append(meets)
        for patient, all_of_them in met.items():
            if len(all_of_them) > facilitators:
                plan.add(plan.total(all_of_them) <= facilitators * plan.attends[patient, *cell])

    def constrain_split(self, split: Split) -> None:
        for slot in split.slots:
            split.model.add(split.total(split.leads_in(slot)) == split.group.facilitators * split.open[slot])

    def check(self, board: Board) -> Iterable[Violation]:
        for session in board.timetable.sessions:
            group = board.group(session)
            for who in session.therapists:
                refusal = self.bars(board.week, board.week.therapist_of[who], group)
                if refusal is not None:
                    yield Violation(words=refusal.words, therapists=(who,), sessions=(session.id,), facts=refusal.facts)
            if len(set(session.therapists)) != group.facilitators:
                found = len(set(session.therapists))
                words = f"{session.id} has {found} facilitator(s), {group.id} needs {group.facilitators}"
                yield Violation(words=words, sessions=(session.id,), facts=(fact(group, "Facilitators"),))

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        pins = (pin, *companions(week, pin))
        leaders = {one.therapist: one for one in pins if one.therapist is not None}
        group = group_of_pins(week, pins)
        if group is None or len(leaders) <= group.facilitators:
            return None
        words = f"{len(leaders)} therapists are pinned to one session, {group.id} has {group.facilitators}"
        facts = (*(pin_fact(one, "Therapist") for one in leaders.values()), fact(group, "Facilitators"))
        return Refusal(words=words, facts=facts)
