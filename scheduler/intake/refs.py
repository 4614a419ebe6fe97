"""References: what a cell names, by id or by name, found exactly first and only then loosely."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from scheduler.domain.spelling import nearest
from scheduler.domain.week import Block, Week
from scheduler.intake.collector import Collector
from scheduler.intake.tables import Cell

MOST_GUESSES = 300


def loose(text: str) -> str:
    """An id or name without regard to case and to how many spaces stand between words."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Match:
    """What a text names: an id, or several that it might be; ``by_number`` when only leading zeros differ."""

    ids: tuple[str, ...] = ()
    by_number: bool = False

    @property
    def id(self) -> str | None:
        """The one id, if there is exactly one."""
        return self.ids[0] if len(self.ids) == 1 else None


class Index:
    """The ids and names of one kind of thing (``group``, ``patient``, ...).

    ``gone`` are those that were taken out of the week before reading: a cell that names one is passed over.
    """

    def __init__(self, kind: str, entries: Iterable[tuple[str, str]], gone: Iterable[tuple[str, str]] = ()) -> None:
        self.kind = kind
        self.entries = tuple(entries)
        self.gone = tuple(gone)
        self._guesses = 0
        self._exact = {one for one, _ in self.entries}
        self._loose: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        self._numbers: dict[str, list[str]] = defaultdict(list)
        for one, name in self.entries:
            self._loose[loose(one)].append(one)
            if name:
                self._names[loose(name)].append(one)
            if one.isdecimal():
                self._numbers[one.lstrip("0")].append(one)

    def find(self, text: str) -> Match:
        """What a text names: the exact id, else the id loosely, else the name, else the number without its zeros."""
        if text in self._exact:
            return Match((text,))
        for table in (self._loose, self._names):
            if found := table.get(loose(text)):
                return Match(tuple(found))
        if text.isdecimal() and (found := self._numbers.get(text.lstrip("0"))):
            return Match(tuple(found), by_number=True)
        return Match()

    def names_gone(self, text: str) -> bool:
        """Whether a text names nothing that is there, but something that was taken out."""
        if not self.gone or not text or self.find(text).ids:
            return False
        return bool(Index(self.kind, self.gone).find(text).ids)

    def has_or_had(self, text: str) -> bool:
        """Whether a text names what is there or was taken out."""
        return bool(self.find(text).ids) or self.names_gone(text)

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """Every id and name."""
        return tuple(dict.fromkeys(word for entry in self.entries for word in entry if word))

    def _nearest(self, text: str) -> str:
        """The nearest spelling, for the first hundreds of strangers: a list of thousands is not misspelled."""
        self._guesses += 1
        return nearest(text, self.spellings) if self._guesses <= MOST_GUESSES else ""

    def resolve(self, cell: Cell, text: str, sink: Collector) -> str | None:
        """The id that a text names, or None and a problem at the cell. Silent when none of the kind was read."""
        if not self.entries or not text:
            return None
        match = self.find(text)
        if self.names_gone(text):
            message = f"the {self.kind} '{text}' is taken out of the week: passed over"
            sink.notice(f"{self.kind}-taken-out", cell.spot, message)
        elif len(match.ids) > 1:
            message = f"'{text}' may be the {self.kind} {' or '.join(match.ids)}"
            sink.error(f"ambiguous-{self.kind}", cell.spot, message, "use the id")
        elif match.id is None:
            guess = self._nearest(text)
            hint = f"did you mean '{guess}'?" if guess else f"known: {_some(self.entries)}"
            sink.error(f"unknown-{self.kind}", cell.spot, f"there is no {self.kind} '{text}'", hint)
        elif match.by_number:
            message = f"'{text}' is read as the {self.kind} '{match.id}'"
            sink.warning(
                "leading-zeros", cell.spot, message, "format the column as Text, so that Excel keeps the zeros"
            )
        return match.id


def _some(entries: tuple[tuple[str, str], ...], most: int = 8) -> str:
    ids = [one for one, _ in entries]
    return ", ".join(ids[:most]) + (", ..." if len(ids) > most else "")


@dataclass(frozen=True)
class Refs:
    """Everything of a week that a cell may refer to."""

    patients: Index
    therapists: Index
    groups: Index
    rooms: Index
    blocks: Index
    block_list: tuple[Block, ...] = ()

    @classmethod
    def of_week(cls, week: Week) -> "Refs":
        """The references that a finished week allows."""
        return cls(
            patients=Index("patient", ((one.id, one.name) for one in week.patients)),
            therapists=Index("therapist", ((one.id, one.name) for one in week.therapists)),
            groups=Index("group", ((one.id, one.name) for one in week.groups)),
            rooms=Index("room", ((one.id, one.name) for one in week.rooms)),
            blocks=Index("block", ((one.id, "") for one in week.blocks)),
            block_list=week.blocks,
        )
