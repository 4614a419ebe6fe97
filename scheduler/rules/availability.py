"""Nobody and nothing is used outside free time."""

from collections.abc import Iterable

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Block, Group, Patient, Room, Therapist, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.facts import fact


class Availability(Rule):
    """Free time of patients, therapists and rooms, and the times at which a group may run."""

    id = "availability"
    words = (
        "A patient, therapist or room is only used in a block that lies wholly within their free time, and a group "
        "only runs at its times."
    )
    formula = (
        "x[p,b,g] = 0 unless b ⊆ free(p); z[t,b,g] = 0 unless b ⊆ free(t); r[c,b,g] = 0 unless b ⊆ free(c); "
        "n[b,g] = 0 unless b ⊆ times(g)"
    )

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        if not isinstance(target, Block):
            return None
        times = actor.times if isinstance(actor, Group) else actor.free
        if times is None or times.covers(target.start, target.end):
            return None
        column = "Times" if isinstance(actor, Group) else "Availability"
        verb = "may not run" if isinstance(actor, Group) else "is not free"
        return Refusal(words=f"{actor.id} {verb} for the whole of {target.text}", facts=(fact(actor, column),))

    def check(self, board: Board) -> Iterable[Violation]:
        for session in board.timetable.sessions:
            users = _users(board, session)
            for user in users:
                refusal = self.bars(board.week, user, board.block(session))
                if refusal is not None:
                    yield Violation(
                        words=refusal.words,
                        patients=(user.id,) if isinstance(user, Patient) else (),
                        therapists=(user.id,) if isinstance(user, Therapist) else (),
                        sessions=(session.id,),
                        facts=refusal.facts,
                    )

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        return self.bars(board.week, patient, board.block(session))


def _users(board: Board, session: Session) -> list[Actor]:
    week = board.week
    rooms: list[Room] = [week.room_of[session.room]] if session.room is not None else []
    return [
        board.group(session),
        *(week.patient_of[p] for p in board.roster[session.id]),
        *(week.therapist_of[t] for t in session.therapists),
        *rooms,
    ]
