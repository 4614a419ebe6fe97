"""Reads what a director says of a change: ``T03 Tue-Wed``, ``Room 2``, a block, a patient. All mistakes at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from scheduler.domain.availability import Dayparts, LanguageError, read_availability
from scheduler.domain.clock import TimeSet
from scheduler.domain.problems import InputRefused, Problem, Severity
from scheduler.domain.repair import Change, Lock, Loss
from scheduler.domain.spelling import nearest
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Block, Week

Kind = Literal["session", "patient", "therapist", "room", "block"]
LOCKABLE: tuple[Literal["session", "patient", "therapist", "block"], ...] = (
    "session",
    "patient",
    "therapist",
    "block",
)
MOST_LISTED = 8


@dataclass(frozen=True)
class Said:
    """The words of the options, as they were given."""

    without: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """Something with an id, and its name if it has one."""

    kind: Kind
    id: str
    name: str = ""


def read_change(week: Week, timetable: Timetable, dayparts: Dayparts, said: Said) -> tuple[Change, tuple[Problem, ...]]:
    """What the words mean, and notices on how something doubtful was read.

    Raises:
        InputRefused: with every word that names nothing, or that may name several things.
    """
    reader = _Reader(week, timetable, dayparts)
    change = Change(
        losses=_united([one for text in said.without for one in reader.loss(text)]),
        closed=tuple(dict.fromkeys(block.id for text in said.close for block in reader.blocks("--close", text))),
        absent=tuple(dict.fromkeys(one for text in said.absent for one in reader.absent(text))),
        locks=tuple(dict.fromkeys(lock for text in said.keep for lock in reader.locks(text))),
    )
    if any(problem.severity is Severity.ERROR for problem in reader.problems):
        raise InputRefused(tuple(reader.problems))
    return change, tuple(reader.problems)


@dataclass
class _Reader:
    week: Week
    timetable: Timetable
    dayparts: Dayparts
    problems: list[Problem] = field(default_factory=list)

    def known(self, *kinds: Kind) -> list[Known]:
        """Everything of these kinds."""
        week = self.week
        rows: dict[Kind, list[Known]] = {
            "session": [Known("session", one.id) for one in self.timetable.sessions],
            "patient": [Known("patient", one.id, one.name) for one in week.patients],
            "therapist": [Known("therapist", one.id, one.name) for one in week.therapists],
            "room": [Known("room", one.id, one.name) for one in week.rooms],
            "block": [Known("block", one.id) for one in week.blocks],
        }
        return [one for kind in kinds for one in rows[kind]]

    # ---- the options --------------------------------------------------------------------------------------------

    def loss(self, text: str) -> list[Loss]:
        """``WHO [WHEN]``: the longest id or name that the text begins with, then the availability language."""
        known = self.known("therapist", "room")
        words = text.split()
        for count in range(len(words), 0, -1):
            found = named(" ".join(words[:count]).rstrip(":,"), known)
            if found:
                one = self._only("--without", text, found)
                times = self._times(text, " ".join(words[count:]))
                return [] if one is None or times is None else [_loss(one, times, text)]
        starts = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
        guess = next((near for start in starts if (near := nearest(start, spellings(known)))), "")
        self._unknown("--without", text, "no therapist and no room is called what this begins with", guess, known)
        return []

    def blocks(self, option: str, text: str) -> list[Block]:
        """A block by its id, or every block that lies wholly within times of the availability language."""
        known = self.known("block")
        found = named(text, known)
        if found:
            one = self._only(option, text, found)
            return [] if one is None else [self.week.block_of[one.id]]
        blocks, why = self._within(text)
        if not blocks:
            self._unknown(option, text, f"no block has this id, and {why}", nearest(text, spellings(known)), known)
        return blocks

    def _within(self, text: str) -> tuple[list[Block], str]:
        """The blocks that lie wholly within a time; without any, why there are none."""
        try:
            times = read_availability(text, self.dayparts).times
        except LanguageError as wrong:
            return [], f"as a time it cannot be read: {wrong}"
        return [
            one for one in self.week.blocks if times.covers(one.start, one.end)
        ], "as a time it holds no whole block"

    def absent(self, text: str) -> list[str]:
        """A patient."""
        known = self.known("patient")
        found = named(text, known)
        if not found:
            self._unknown("--absent", text, "there is no such patient", nearest(text, spellings(known)), known)
            return []
        one = self._only("--absent", text, found)
        return [] if one is None else [one.id]

    def locks(self, text: str) -> list[Lock]:
        """A session, a patient, a therapist or a block; the kind may stand before it where an id is not enough."""
        kinds = LOCKABLE
        first, _, rest = text.strip().partition(" ")
        told = tuple(kind for kind in LOCKABLE if kind == first.casefold())
        if told and rest and not named(text, self.known(*LOCKABLE)):
            kinds, text = told, rest
        known = self.known(*kinds)
        found = named(text, known)
        if len(found) > 1:
            self._only("--keep", text, found)
            return []
        if found:
            return [Lock(kind=kind, id=found[0].id, words=text) for kind in LOCKABLE if kind == found[0].kind]
        blocks, why = self._within(text)
        if not blocks:
            message = f"no session, patient, therapist or block is called that, and {why}"
            self._unknown("--keep", text, message, nearest(text, spellings(known)), known)
        return [Lock(kind="block", id=one.id, words=text) for one in blocks]

    # ---- what goes wrong ----------------------------------------------------------------------------------------

    def _times(self, text: str, when: str) -> TimeSet | None:
        if not when.strip(" :,"):
            return TimeSet.always()
        try:
            reading = read_availability(when.strip(" :,"), self.dayparts)
        except LanguageError as wrong:
            hint = f"did you mean '{wrong.suggestion}'?" if wrong.suggestion else ""
            message = f"--without '{text}': the time cannot be read: {wrong}"
            self.problems.append(Problem(code="unreadable-time", value=when, message=message, hint=hint))
            return None
        self.problems.extend(
            Problem(code="time-reading", severity=Severity.NOTICE, value=when, message=note) for note in reading.notes
        )
        return reading.times

    def _only(self, option: str, text: str, found: Sequence[Known]) -> Known | None:
        if len(found) == 1:
            return found[0]
        several = " or ".join(f"the {one.kind} {one.id}" for one in found)
        hint = "use the id" if len({one.id for one in found}) > 1 else f"write '{found[0].kind} {found[0].id}'"
        message = f"{option} '{text}' may be {several}"
        self.problems.append(Problem(code="ambiguous-name", value=text, message=message, hint=hint))
        return None

    def _unknown(self, option: str, text: str, why: str, guess: str, known: Sequence[Known]) -> None:
        few = ", ".join(one.id for one in known[:MOST_LISTED]) + (", ..." if len(known) > MOST_LISTED else "")
        hint = f"did you mean '{guess}'?" if guess else f"known: {few}"
        message = f"{option} '{text}': {why}"
        self.problems.append(Problem(code="unknown-name", value=text, message=message, hint=hint))


def named(text: str, known: Iterable[Known]) -> list[Known]:
    """What a text names: the exact id, else the id without regard to case and blanks, else the name."""
    rows = list(known)
    exact = [one for one in rows if one.id == text.strip()]
    by_id = [one for one in rows if _loose(one.id) == _loose(text)]
    return exact or by_id or [one for one in rows if one.name and _loose(one.name) == _loose(text)]


def spellings(known: Iterable[Known]) -> list[str]:
    """Every id and name."""
    return [word for one in known for word in (one.id, one.name) if word]


def _loose(text: str) -> str:
    return " ".join(text.casefold().split())


def _loss(one: Known, times: TimeSet, words: str) -> Loss:
    return Loss(kind="room" if one.kind == "room" else "therapist", id=one.id, times=times, words=words)


def _united(losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """One loss for each therapist and room, of all the times named."""
    found: dict[tuple[str, str], Loss] = {}
    for one in losses:
        first = found.get((one.kind, one.id))
        if first is not None:
            one = first.model_copy(update={"times": first.times | one.times, "words": f"{first.words}; {one.words}"})
        found[one.kind, one.id] = one
    return tuple(found.values())
