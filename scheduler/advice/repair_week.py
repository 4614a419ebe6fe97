"""A week after a change: what is gone, what rules it adds, which sessions of its timetable it hurts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from scheduler.advice.promises import without_needs
from scheduler.domain.clock import TimeSet
from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.repair import Change, Hurt, Lock
from scheduler.domain.timetable import Board, Session, Timetable
from scheduler.domain.week import Block, Group, Patient, Pin, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.preflight.outlook import Outlook
from scheduler.preflight.pins import against_rule, nowhere
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pins import first_column, pin_text
from scheduler.rules.registry import RULES
from scheduler.verify import verify

Rules = tuple[Rule, ...]


class BlocksClosed(Rule):
    """Nothing runs in some blocks of the week, though others may overlap them in time."""

    id = "blocks-closed"
    words = "Nothing runs in a block that the change closes."
    formula = "n[b,g] = 0 for every closed block b"

    def __init__(self, blocks: Collection[str]) -> None:
        self._blocks = frozenset(blocks)

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        """A group may not run in a closed block."""
        if not isinstance(actor, Group) or not isinstance(target, Block) or target.id not in self._blocks:
            return None
        return Refusal(words=f"{target.id} is closed", facts=(fact(target, "Block"),))

    def check(self, board: Board) -> Iterable[Violation]:
        """Every session that is held all the same."""
        for session in board.timetable.sessions:
            if session.block in self._blocks:
                yield Violation(words=f"{session.block} is closed", sessions=(session.id,))


def rules_after(change: Change) -> Rules:
    """The rulebook, with the closed blocks if there are any."""
    return (*RULES, BlocksClosed(change.closed)) if change.closed else RULES


def week_after(week: Week, change: Change) -> tuple[Week, tuple[Finding, ...]]:
    """The week after the change, and a warning for each pin that the change makes impossible and that is set aside.

    Who is lost is free only in the rest of the week; who is absent needs nothing and can come to nothing.
    """
    lost = {(loss.kind, loss.id): loss.times for loss in change.losses}
    nothing, gone = TimeSet(), set(change.absent)
    changed = week.model_copy(
        update={
            "therapists": tuple(
                one.model_copy(update={"free": one.free - lost.get(("therapist", one.id), nothing)})
                for one in week.therapists
            ),
            "rooms": tuple(
                one.model_copy(update={"free": one.free - lost.get(("room", one.id), nothing)}) for one in week.rooms
            ),
            "patients": tuple(_away(one) if one.id in gone else one for one in week.patients),
            "together": tuple(pair for pair in week.together if not {pair.patient, pair.other} & gone),
        }
    )
    return _without_lost_pins(changed, rules_after(change))


def _away(patient: Patient) -> Patient:
    """The patient, with nothing that could be met or missed."""
    wishes = {"preferred": (), "preferred_times": None, "primary_therapist": None}
    return without_needs(patient).model_copy(update={"free": TimeSet(), **wishes})


def _without_lost_pins(week: Week, rules: Rules) -> tuple[Week, tuple[Finding, ...]]:
    kept, findings = [], []
    outlook = Outlook(week, rules)
    for pin in week.pins:
        outlook.week = week.model_copy(update={"pins": (pin,)})  # what can be at all does not depend on pins
        why = next(iter((*against_rule(outlook), *nowhere(outlook))), None)
        if why is None:
            kept.append(pin)
        else:
            findings.append(_set_aside(pin, why))
    return week.model_copy(update={"pins": tuple(kept)}), tuple(findings)


def _set_aside(pin: Pin, why: Finding) -> Finding:
    _, _, rest = why.message.partition(pin_text(pin))
    _, _, reason = rest.partition(": ")
    return Finding(
        code="pin-set-aside",
        severity=Severity.WARNING,
        message=f"the pin {pin_text(pin)} is set aside: {reason}",
        hint="look at what became of it in the list of changes",
        facts=(pin_fact(pin, first_column(pin)),),
    )


# ---- who is hurt -----------------------------------------------------------------------------------------------------


def without_patients(timetable: Timetable, absent: Collection[str]) -> Timetable:
    """The timetable with the seats of the absent empty."""
    seats = tuple(seat for seat in timetable.assignments if seat.patient not in absent)
    return timetable.model_copy(update={"assignments": seats})


def without_sessions(timetable: Timetable, sessions: Collection[str]) -> Timetable:
    """The timetable without some sessions and everybody's seats in them."""
    return Timetable(
        sessions=tuple(one for one in timetable.sessions if one.id not in sessions),
        assignments=tuple(seat for seat in timetable.assignments if seat.session not in sessions),
    )


def hurt_in(week: Week, timetable: Timetable, change: Change, rules: Sequence[Rule]) -> tuple[Hurt, ...]:
    """The sessions of a timetable (without the absent) that break a rule of the week after the change, in order.

    Exact: a session is hurt if and only if a check of the rulebook names it.
    """
    board = Board(week, timetable)
    words: dict[str, list[str]] = {}
    for result in verify(week, timetable, rules=rules, measured=()).rules:
        for violation in result.violations:
            for session in violation.sessions:
                words.setdefault(session, []).append(violation.words)
    found = [_hurt(board, board.session_of[one], words[one], change) for one in words]
    return tuple(sorted(found, key=lambda one: (board.block(one.session).start, one.session.id)))


def _hurt(board: Board, session: Session, words: Sequence[str], change: Change) -> Hurt:
    block = board.block(session)
    struck = [
        loss
        for loss in change.losses
        if (loss.id in session.therapists if loss.kind == "therapist" else loss.id == session.room)
        and (loss.times & TimeSet.of([(block.start, block.end)]))
    ]
    told = [f"{loss.id} is {'called out' if loss.kind == 'therapist' else 'not available'}" for loss in struck]
    known = {loss.id for loss in struck}
    others = [one for one in words if one.split(" is not free")[0] not in known]
    return Hurt(
        session=session,
        people=tuple(board.roster[session.id]),
        reasons=tuple(dict.fromkeys((*told, *others))),
        unsettled=session.block in change.closed or any(loss.kind == "therapist" for loss in struck),
    )


# ---- what must stay --------------------------------------------------------------------------------------------------


def pins_of(timetable: Timetable, locks: Iterable[Lock]) -> tuple[Pin, ...]:
    """Locks as pins on a timetable (without the absent): exact, since nobody is in two sessions at a time."""
    found: dict[Pin, None] = {}
    for lock in locks:
        for session in timetable.sessions:
            if is_locked_by(lock, session):
                found |= dict.fromkeys(_whole(timetable, session))
        if lock.kind == "patient":
            found |= dict.fromkeys(_seats(timetable, lock.id))
    return tuple(found)


def is_locked_by(lock: Lock, session: Session) -> bool:
    """Whether the lock holds the whole session."""
    held: dict[str, Collection[str]] = {
        "session": (session.id,),
        "block": (session.block,),
        "therapist": session.therapists,
    }
    return lock.id in held.get(lock.kind, ())


def _whole(timetable: Timetable, session: Session) -> Iterable[Pin]:
    cell = {"block": session.block, "group": session.group}
    first, *others = session.therapists or (None,)
    people: list[str | None] = [seat.patient for seat in timetable.assignments if seat.session == session.id]
    for patient in people or [None]:
        yield Pin(patient=patient, therapist=first, room=session.room, **cell)
        for other in others:
            yield Pin(patient=patient, therapist=other, **cell)


def _seats(timetable: Timetable, patient: str) -> Iterable[Pin]:
    of = {session.id: session for session in timetable.sessions}
    for seat in timetable.assignments:
        if seat.patient == patient:
            yield Pin(patient=patient, block=of[seat.session].block, group=of[seat.session].group)
