"""What is seen with little or no search: that a need could be met if nobody else needed anything, and beside whom."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from scheduler.advice.proving import Patience
from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Patient, Pin, Week
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.candidates import Cell, Gate
from scheduler.model.protocol import Rule
from scheduler.verify import verify

COMPANY = 12
"""So many others are mostly enough company for whatever one patient needs."""
MOST_TRIED = 3
"""Of those who sit in a full session, so many are asked to leave it, one after the other."""


def could_sit(board: Board, patient: Patient, group: str | None, patience: Patience, rules: Sequence[Rule]) -> bool:
    """Whether the sessions that run could meet a patient's need, if others left them; False says nothing.

    Args:
        board: a timetable that keeps every rule.
        patient: whose need it is.
        group: the required group that is missed; None for hours.
        patience: no session is tried once it is over.
        rules: the rulebook.
    """
    gate = Gate(board.week, rules)
    running = board.timetable.sessions if group is None else board.of_group(group)
    sessions = [s for s in running if gate.lets(patient, board.block(s)) and gate.lets(patient, board.group(s))]
    at_hand = _without(board, patient)
    for session in sorted(sessions, key=lambda one: patient.id not in board.roster[one.id]):
        if not patience.left:
            break
        at_hand = next(_with(at_hand, patient, session, rules), at_hand)
        if _is_met(at_hand, patient, group):
            return True
    return False


def company(week: Week, patient: Patient, group: str | None, rules: Sequence[Rule]) -> frozenset[str]:
    """Those who could sit beside a patient in the most places: enough of them to fill whatever is too small.

    Args:
        week: the week.
        patient: whose need it is.
        group: the required group that is missed; None for hours.
        rules: the rulebook.
    """
    gate = Gate(week, rules)
    cells = [(block, one) for block in week.blocks for one in week.groups if gate.lets(one, block)]
    could = gate.members(week.patients, cells)
    mine = [who for (_, other), who in could.items() if group in (None, other) and patient.id in who]
    shared = Counter(one for who in mine for one in who if one != patient.id)
    beside = [one for one, _ in shared.most_common(COMPANY)]
    return frozenset((*beside, *(one for pin in week.pins for one in _pinned_company(week, pin, could))))


def _pinned_company(week: Week, pin: Pin, could: Mapping[Cell, tuple[str, ...]]) -> tuple[str, ...]:
    """As many as some session that matches a pin needs."""
    enough = (
        who[: week.group_of[group].min_size]
        for (block, group), who in could.items()
        if pin.block in (None, block) and pin.group in (None, group) and pin.patient in (None, *who)
    )
    return max(enough, key=len, default=())


def _is_met(board: Board, patient: Patient, group: str | None) -> bool:
    if group is None:
        return not minutes_short(board, patient)
    return group not in {one.group for one in missed_groups(board, patient)}


def _without(board: Board, patient: Patient) -> Board:
    """The timetable without the patient, and without the sessions that are then too small."""
    gone = {one.id for one in board.of_patient(patient.id) if board.size(one) - 1 < board.group(one).min_size}
    return _kept(board, [one for one in board.timetable.sessions if one.id not in gone], patient.id)


def _kept(board: Board, sessions: Sequence[Session], leaving: str, place: str | None = None) -> Board:
    """Only these sessions, without somebody: in all of them, or only in the one at ``place``."""
    ids = {one.id for one in sessions}
    seats = tuple(
        one
        for one in board.timetable.assignments
        if one.session in ids and not (one.patient == leaving and place in (None, one.session))
    )
    return Board(board.week, Timetable(sessions=tuple(sessions), assignments=seats))


def _with(board: Board, patient: Patient, session: Session, rules: Sequence[Rule]) -> Iterator[Board]:
    """The timetable with the patient in a session, also in the place of somebody else; only what keeps every rule."""
    if session.id not in board.session_of or patient.id in board.roster[session.id]:
        return
    seat = Assignment(patient=patient.id, session=session.id)
    sitting = sorted(board.roster[session.id])[:MOST_TRIED]
    for found in (board, *(_kept(board, board.timetable.sessions, one, session.id) for one in sitting)):
        seats = (*found.timetable.assignments, seat)
        timetable = found.timetable.model_copy(update={"assignments": seats})
        if not verify(board.week, timetable, rules=rules, measured=()).broken:
            yield Board(board.week, timetable)
