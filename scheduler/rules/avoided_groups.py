"""Groups a patient must not be put in."""

from collections.abc import Iterable

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Block, Group, Patient, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.facts import fact


class AvoidedGroups(Rule):
    """The patient's ``Avoid groups``."""

    id = "avoided-groups"
    words = "A patient is never put in a group listed under their Avoid groups."
    formula = "x[p,b,g] = 0 for g ∈ avoid(p)"

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        if isinstance(actor, Patient) and isinstance(target, Group) and target.id in actor.avoided:
            return Refusal(words=f"{actor.id} avoids {target.id}", facts=(fact(actor, "Avoid groups"),))
        return None

    def check(self, board: Board) -> Iterable[Violation]:
        for patient in board.week.patients:
            for session in board.of_patient(patient.id):
                refusal = self.bars(board.week, patient, board.group(session))
                if refusal is not None:
                    yield Violation(
                        words=f"{patient.id} is in {session.id} and avoids {session.group}",
                        patients=(patient.id,),
                        sessions=(session.id,),
                        facts=refusal.facts,
                    )

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        return self.bars(board.week, patient, board.group(session))
