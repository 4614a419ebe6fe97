"""Nobody is in two places at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Block, Patient, Pin, Week
from scheduler.model.protocol import Rule
from scheduler.rules.facts import pin_fact
from scheduler.rules.pinned import in_different_sessions, pins_above, rows_text

if TYPE_CHECKING:
    from scheduler.model.plan import Lead, Literal, Plan, Seat


class OnePlaceAtATime(Rule):
    """No patient, therapist or room is in two sessions that overlap in time."""

    id = "one-place-at-a-time"
    words = "Nobody (patient, therapist, room) is in two sessions that overlap in time."
    formula = (
        "for every set Q of blocks that share a minute: Σ_{b∈Q,g} x[p,b,g] ≤ 1; Σ_{b∈Q,g} z[t,b,g] ≤ 1; "
        "Σ_{b∈Q,g} r[c,b,g] ≤ |c|"
    )

    def constrain(self, plan: Plan) -> None:
        together = overlapping(plan.week.blocks)
        people: list[Sequence[Seat] | Sequence[Lead]] = [*plan.seats_of.values(), *plan.leads_of.values()]
        for decisions in people:
            by_block = _by_block(decisions)
            for blocks in together:
                plan.at_most([var for b in blocks for var in by_block[b.id]], 1)
        counts: dict[int, list[tuple[str, Literal]]] = defaultdict(list)
        for (index, block, _), count in plan.rooms.items():
            counts[index].append((block, count))
        for index, rooms in enumerate(plan.candidates.room_classes):
            for blocks in together:
                ids = {b.id for b in blocks}
                used = [count for block, count in counts[index] if block in ids]
                if used:
                    plan.add(plan.total(used) <= len(rooms.rooms))

    def check(self, board: Board) -> Iterable[Violation]:
        week = board.week
        for patient in week.patients:
            for one, other in _clashes(board, board.of_patient(patient.id)):
                yield _violation(board, patient.id, one, other, patients=(patient.id,))
        for therapist in week.therapists:
            for one, other in _clashes(board, board.of_therapist(therapist.id)):
                yield _violation(board, therapist.id, one, other, therapists=(therapist.id,))
        for room in week.rooms:
            for one, other in _clashes(board, board.of_room(room.id)):
                yield _violation(board, room.id, one, other)

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        block = board.block(session)
        for other in board.of_patient(patient.id):
            if board.block(other).overlaps(block):
                return Refusal(words=f"{patient.id} is in session {other.id} at that time")
        return None

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        for other in pins_above(week, pin):
            who = _shared(pin, other)
            if who and _at_once(week, pin, other) and in_different_sessions(week, pin, other):
                facts = (pin_fact(pin, "Block"), pin_fact(other, "Block"))
                return Refusal(words=f"{rows_text([other])} needs {who} in another session at that time", facts=facts)
        return None


def overlapping(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], ...]:
    """Every largest set of blocks that share a minute; a block that overlaps no other stands alone."""
    at_starts = [tuple(b for b in blocks if b.start <= one.start < b.end) for one in blocks]
    sets = list(dict.fromkeys(at_starts))
    return tuple(one for one in sets if not any(set(one) < set(other) for other in sets))


def _shared(one: Pin, other: Pin) -> str:
    """Who or what both pins ask for; empty if nobody."""
    pairs = ((one.patient, other.patient), (one.therapist, other.therapist), (one.room, other.room))
    return next((first for first, second in pairs if first is not None and first == second), "")


def _at_once(week: Week, one: Pin, other: Pin) -> bool:
    if one.block is None or other.block is None:
        return False
    return week.block_of[one.block].overlaps(week.block_of[other.block])


def _by_block(decisions: Sequence[Seat] | Sequence[Lead]) -> dict[str, list[Literal]]:
    found: dict[str, list[Literal]] = defaultdict(list)
    for one in decisions:
        found[one.block.id].append(one.var)
    return found


def _clashes(board: Board, sessions: Sequence[Session]) -> Iterator[tuple[Session, Session]]:
    for one, other in combinations(sessions, 2):
        if board.block(one).overlaps(board.block(other)):
            yield one, other


def _violation(
    board: Board,
    who: str,
    one: Session,
    other: Session,
    patients: tuple[str, ...] = (),
    therapists: tuple[str, ...] = (),
) -> Violation:
    words = f"{who} is in {one.id} ({board.block(one).text}) and in {other.id} ({board.block(other).text}) at once"
    return Violation(words=words, patients=patients, therapists=therapists, sessions=(one.id, other.id))
