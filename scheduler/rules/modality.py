"""Who comes to the building and who joins from home."""

from collections.abc import Iterable

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Block, Group, Patient, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.facts import fact


class Modality(Rule):
    """The patient's modality against the group's."""

    id = "modality"
    words = "An in-person patient only attends in-person groups, a telehealth patient only telehealth ones."
    formula = "x[p,b,g] = 0 unless modality(g) ∈ modality(p)"

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        if not isinstance(actor, Patient) or not isinstance(target, Group):
            return None
        if actor.modality in ("either", target.modality):
            return None
        facts = (fact(actor, "Modality"), fact(target, "Modality"))
        return Refusal(words=f"{actor.id} is {actor.modality}, {target.id} is {target.modality}", facts=facts)

    def check(self, board: Board) -> Iterable[Violation]:
        for patient in board.week.patients:
            for session in board.of_patient(patient.id):
                refusal = self.bars(board.week, patient, board.group(session))
                if refusal is not None:
                    yield Violation(
                        words=refusal.words, patients=(patient.id,), sessions=(session.id,), facts=refusal.facts
                    )

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        return self.bars(board.week, patient, board.group(session))
