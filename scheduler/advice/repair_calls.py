"""What a repair changes for whom: the fate of each session that was hurt, and the people to tell, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from scheduler.domain.clock import TimeSet
from scheduler.domain.repair import Call, Change, Ending, Fate, How, Hurt, Step
from scheduler.domain.timetable import Board, Session
from scheduler.domain.types import MINUTES_PER_WEEK
from scheduler.domain.week import Week

FOR_OTHERS = "to make up for it"
URGENCY = tuple(How)
ROLES = ("therapist", "patient", "session")
"""At one and the same time who must lead is asked before anybody is told who leads."""

Alike = Callable[[Session, Session], bool]

LIKENESS: tuple[Alike, ...] = (
    lambda one, other: (one.block, one.group) == (other.block, other.group),
    lambda one, other: one.group == other.group,
    lambda one, other: one.block == other.block,
    lambda *_: True,
)
"""How what somebody had is paired with what they have instead, the most alike first."""


@dataclass(frozen=True)
class Comparison:
    """A week's timetable before (without the absent) and after, where sessions that go on have kept their ids."""

    old: Board
    new: Board
    change: Change
    hurt: Sequence[Hurt]
    reasons: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reasons", {one.session.id: one.reasons for one in self.hurt})

    @property
    def causes(self) -> str:
        """All that is wrong, each reason once."""
        return "; ".join(dict.fromkeys(reason for one in self.hurt for reason in one.reasons))

    @property
    def week(self) -> Week:
        """The week after the change."""
        return self.new.week


# ---- sessions --------------------------------------------------------------------------------------------------------


def endings_of(both: Comparison) -> tuple[Ending, ...]:
    """The fate of each session that was hurt."""
    return tuple(_ending(both, one) for one in both.hurt)


def _ending(both: Comparison, hurt: Hurt) -> Ending:
    before, now = hurt.session, both.new.session_of.get(hurt.session.id)
    if now is not None:
        if set(now.therapists) != set(before.therapists):
            return Ending(hurt=hurt, fate=Fate.COVERED, now=now)
        return Ending(hurt=hurt, fate=Fate.RUNS if now.room == before.room else Fate.OTHER_ROOM, now=now)
    shared = [
        one
        for one in both.new.timetable.sessions
        if one.block == before.block and hurt.people and set(hurt.people) <= set(both.new.roster[one.id])
    ]
    if shared:
        return Ending(hurt=hurt, fate=Fate.MERGED, now=shared[0])
    return Ending(hurt=hurt, fate=Fate.DISSOLVED)


# ---- people ----------------------------------------------------------------------------------------------------------


def calls_for(both: Comparison) -> tuple[Call, ...]:
    """Everybody to tell, numbered: by telephone first, those for whom anything changes soonest before all others.

    Who must lead something new is asked before the first person who is told of it.
    """
    patients = list(_to_patients(both))
    found = [(call.when, call) for call in patients]
    found += [(min((call.when, *_depending(call, patients))), call) for call in _to_therapists(both)]
    found += [(call.when, call) for call in _to_doors(both)]
    found.sort(key=lambda one: (URGENCY.index(one[1].how), one[0], ROLES.index(one[1].role)))
    return tuple(call.model_copy(update={"number": number}) for number, (_, call) in enumerate(found, start=1))


def _depending(call: Call, patients: Iterable[Call]) -> Iterable[int]:
    """When anything changes for those who are sent to what somebody leads anew."""
    led = {step.after.id for step in call.steps if step.after is not None}
    return (one.when for one in patients for step in one.steps if step.after is not None and step.after.id in led)


def only_other_room(both: Comparison) -> tuple[str, ...]:
    """The patients for whom nothing changes but a room."""
    return tuple(
        one.id
        for one in both.week.patients
        if (steps := _steps(both.old.of_patient(one.id), both.new.of_patient(one.id)))
        and all(map(_is_room_only, steps))
    )


def _to_patients(both: Comparison) -> Iterable[Call]:
    for patient in both.week.patients:
        steps = _steps(both.old.of_patient(patient.id), both.new.of_patient(patient.id))
        if not all(map(_is_room_only, steps)):
            yield _call(both, "patient", patient.id, steps)


def _to_therapists(both: Comparison) -> Iterable[Call]:
    """Who leads something else; who is called out knows what they do not lead."""
    for therapist in both.week.therapists:
        out = _times_out(both.change, therapist.id)
        steps = [
            step
            for step in _steps(both.old.of_therapist(therapist.id), both.new.of_therapist(therapist.id))
            if step.after is not None or not _is_known(both, step, out)
        ]
        if not all(map(_is_room_only, steps)):
            yield _call(both, "therapist", therapist.id, steps)


def _times_out(change: Change, therapist: str) -> TimeSet:
    return next((one.times for one in change.losses if (one.kind, one.id) == ("therapist", therapist)), TimeSet())


def _is_known(both: Comparison, step: Step, out: TimeSet) -> bool:
    if step.before is None:
        return False
    block = both.old.block(step.before)
    return bool(out & TimeSet.of([(block.start, block.end)]))


def _to_doors(both: Comparison) -> Iterable[Call]:
    for now in both.new.timetable.sessions:
        before = both.old.session_of.get(now.id)
        if before is not None and before.room != now.room:
            yield _call(both, "session", now.id, [Step(before=before, after=now, what="another room")], How.DOOR)


def _call(
    both: Comparison,
    role: Literal["patient", "therapist", "session"],
    who: str,
    steps: Sequence[Step],
    how: How | None = None,
) -> Call:
    ids = [one.id for step in steps for one in (step.before, step.after) if one is not None]
    reasons = dict.fromkeys(reason for one in ids for reason in both.reasons.get(one, ()))
    starts = [both.week.block_of[one.block].start for step in steps for one in (step.before, step.after) if one]
    comes = any(not _same_cell(step) for step in steps)
    return Call(
        number=0,
        how=how or (How.TELEPHONE if comes else How.ON_ARRIVAL),
        role=role,
        who=who,
        when=min(starts, default=MINUTES_PER_WEEK),
        steps=tuple(steps),
        why="; ".join(reasons) or (f"{FOR_OTHERS} ({both.causes})" if both.causes else FOR_OTHERS),
    )


# ---- steps -----------------------------------------------------------------------------------------------------------


def _steps(before: Sequence[Session], after: Sequence[Session]) -> list[Step]:
    """What somebody had beside what they have instead, in order of the earlier; what stays as it was is left out."""
    lost = [one for one in before if not any(_same(one, other) for other in after)]
    gained = [one for one in after if not any(_same(one, other) for other in before)]
    pairs: list[tuple[Session | None, Session | None]] = []
    for alike in LIKENESS:
        for one in list(lost):
            other = next((found for found in gained if alike(one, found)), None)
            if other is not None:
                pairs.append((one, other))
                lost.remove(one)
                gained.remove(other)
    pairs += [(one, None) for one in lost] + [(None, one) for one in gained]
    return [Step(before=one, after=other, what=_what(one, other)) for one, other in pairs]


def _same(one: Session, other: Session) -> bool:
    same_place = (one.block, one.group, one.room) == (other.block, other.group, other.room)
    return same_place and set(one.therapists) == set(other.therapists)


def _what(before: Session | None, after: Session | None) -> str:
    if after is None:
        return "nothing instead"
    if before is None:
        return "one session more"
    changed = {
        "time": before.block != after.block,
        "group": before.group != after.group,
        "facilitator": set(before.therapists) != set(after.therapists),
        "room": before.room != after.room,
    }
    # Who comes to another group or at another time meets whoever leads there.
    named = [word for word in ("time", "group") if changed[word]] or [word for word in changed if changed[word]]
    return f"another {' and '.join(named)}"


def _same_cell(step: Step) -> bool:
    if step.before is None or step.after is None:
        return False
    return (step.before.block, step.before.group) == (step.after.block, step.after.group)


def _is_room_only(step: Step) -> bool:
    if step.before is None or step.after is None:
        return False
    return _same_cell(step) and set(step.before.therapists) == set(step.after.therapists)
