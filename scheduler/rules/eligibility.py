"""Who may attend a group, and who may sit with whom by age."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.problems import FactRef
from scheduler.domain.timetable import Board, Session
from scheduler.domain.types import ADOLESCENT, AgeBand
from scheduler.domain.week import Block, Group, Patient, Pin, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import companions, group_of_pins, rows_text

if TYPE_CHECKING:
    from scheduler.model.plan import Plan
    from scheduler.model.splits import Split


class Eligibility(Rule):
    """``Open to`` and the separation of adolescents from adults."""

    id = "eligibility"
    words = (
        "A patient meets the group's Open to; an adolescent only attends groups that name adolescent, and adults never "
        "sit with adolescents unless the group names both."
    )
    formula = (
        "x[p,b,g] = 0 unless some choice of open(g) ⊆ qualities(p), and adolescent ∈ open(g) if p is one; "
        "where g does not name both ages: adults[b,g] + adolescents[b,g] ≤ n[b,g], and each session has one age only"
    )
    source = "Age-appropriate setting for under-18s: Indiana 405 IAC 5-21.5-11; adolescent-only tracks are the norm."

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        if not isinstance(actor, Patient) or not isinstance(target, Group):
            return None
        if actor.age_band == ADOLESCENT and ADOLESCENT not in week.bands_named(target):
            facts: tuple[FactRef, ...] = (fact(actor, "Level"), fact(target, "Open to"))
            return Refusal(words=f"{target.id} is not open to adolescents", facts=facts)
        if not any(choice <= actor.qualities for choice in target.open_to):
            facts = (fact(actor, "Level"), fact(actor, "Tags"), fact(target, "Open to"))
            return Refusal(words=f"{actor.id} does not meet what {target.id} is open to", facts=facts)
        return None

    def constrain(self, plan: Plan) -> None:
        for cell in plan.candidates.cells:
            adults, adolescents = _sides(plan.week, cell[1], plan.candidates.patients[cell])
            if not adults or not adolescents:
                continue
            sides = []
            for side in (adults, adolescents):
                present = plan.flag(f"age present {cell}")
                sides.append(present)
                for patient in side:
                    plan.add(plan.attends[patient, *cell] <= present)
            plan.add(sides[0] + sides[1] <= plan.sessions[cell])

    def constrain_split(self, split: Split) -> None:
        adults, adolescents = _sides(split.week, split.group.id, split.state.patients)
        if not adults or not adolescents:
            return
        for slot in split.slots:
            young = split.model.new_bool_var(f"young {split.state.cell} {slot}")
            for patient in adolescents:
                split.model.add_implication(split.seat[patient, slot], young)
            for patient in adults:
                split.model.add_implication(split.seat[patient, slot], ~young)

    def check(self, board: Board) -> Iterable[Violation]:
        week = board.week
        for session in board.timetable.sessions:
            group = board.group(session)
            for patient in board.roster[session.id]:
                refusal = self.bars(week, week.patient_of[patient], group)
                if refusal is not None:
                    yield Violation(
                        words=refusal.words, patients=(patient,), sessions=(session.id,), facts=refusal.facts
                    )
            adults, adolescents = _sides(week, group.id, board.roster[session.id])
            if adults and adolescents:
                words = f"adults and adolescents sit together in {session.id}, and {group.id} does not name both"
                yield Violation(
                    words=words,
                    patients=(*adults, *adolescents),
                    sessions=(session.id,),
                    facts=(fact(group, "Open to"),),
                )

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        barred = self.bars(board.week, patient, board.group(session))
        if barred is not None:
            return barred
        before = _sides(board.week, session.group, board.roster[session.id])
        after = _sides(board.week, session.group, [*board.roster[session.id], patient.id])
        if all(after) and not all(before):
            return Refusal(words=f"{session.id} would mix ages", facts=(fact(board.group(session), "Open to"),))
        return None

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        if pin.patient is None:
            return None
        for other in companions(week, pin):
            group = group_of_pins(week, (pin, other))
            if group is None or other.patient is None:
                continue
            if all(_sides(week, group.id, (pin.patient, other.patient))):
                facts = (pin_fact(pin, "Patient"), pin_fact(other, "Patient"), fact(group, "Open to"))
                return Refusal(words=f"it would mix ages in {group.id} with {rows_text([other])}", facts=facts)
        return None


def _sides(week: Week, group: str, patients: Iterable[str]) -> tuple[list[str], list[str]]:
    """Adults and adolescents among the patients, where they must be kept apart; else two empty lists."""
    if week.may_mix_ages(week.group_of[group]):
        return [], []
    bands: dict[AgeBand, list[str]] = {"adult": [], "adolescent": []}
    for patient in patients:
        bands[week.patient_of[patient].age_band].append(patient)
    return bands["adult"], bands["adolescent"]
