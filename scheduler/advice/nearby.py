"""Questions asked only near a timetable or an answer at hand: quick, and what is found is as good as from anywhere."""

from collections.abc import Collection, Iterator

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Block, Group, Patient, Week
from scheduler.model.candidates import Cell
from scheduler.model.protocol import Actor, Rule

Sitting = tuple[str, str, str]
"""A patient, a block and a group."""


class Nearby(Rule):
    """Sessions run only in some cells; and whoever may not move sits in none that they do not sit in now."""

    id = "nearby"
    words = "Only these groups run in these blocks, and only these patients get other seats."
    formula = "n[b,g] = 0 elsewhere; x[p,b,g] = 0 where p does not sit, for each p that may not move"

    def __init__(self, cells: Collection[Cell], seats: Collection[Sitting] = (), stay: Collection[str] = ()) -> None:
        self._cells, self._stay = cells, frozenset(stay)
        self._pairs = {(who, place) for who, block, group in seats if who in self._stay for place in (block, group)}

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        """Bar a group from a block elsewhere, and a patient who stays from where they do not sit."""
        if isinstance(actor, Group) and isinstance(target, Block) and (target.id, actor.id) not in self._cells:
            return Refusal(words=f"{actor.id} is not to run then")
        if isinstance(actor, Patient) and actor.id in self._stay and (actor.id, target.id) not in self._pairs:
            return Refusal(words=f"{actor.id} is not to move")
        return None

    def check(self, board: Board) -> Iterator[Violation]:
        """Sessions elsewhere."""
        for session in board.timetable.sessions:
            if (session.block, session.group) not in self._cells:
                yield Violation(words=f"{session.id} is not to run", sessions=(session.id,))


def fitting(timetable: Timetable, week: Week) -> Timetable:
    """What is left of a timetable in a week that may not know all of its people, groups, blocks and rooms.

    Sessions that nobody is left in are not.
    """
    seats = [one for one in timetable.assignments if one.patient in week.patient_of]
    filled = {one.session for one in seats}
    sessions = tuple(
        one.model_copy(
            update={
                "therapists": tuple(therapist for therapist in one.therapists if therapist in week.therapist_of),
                "room": one.room if one.room in week.room_of else None,
            }
        )
        for one in timetable.sessions
        if one.block in week.block_of and one.group in week.group_of and one.id in filled
    )
    known = {one.id for one in sessions}
    return Timetable(sessions=sessions, assignments=tuple(one for one in seats if one.session in known))
