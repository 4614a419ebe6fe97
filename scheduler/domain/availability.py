"""The availability language: what a cell such as ``weekdays after 17:30; Sat mornings; not Wed`` means.

Terms are separated by ``;``, ``,`` or a line break and added up. What follows ``not`` or ``except`` is taken away
after all others, wherever it stands; only negative terms mean any time less those. Nobody is scheduled on a guess:
what could mean two things is refused, and what had to be interpreted comes with a note.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pydantic import Field

from scheduler.domain.clock import Day, TimeSet, clock_text
from scheduler.domain.tokens import (
    AMBIGUOUS_DAY,
    FIRST_CLEAR_HOUR,
    NOON,
    Cell,
    ClockTime,
    LanguageError,
    Token,
    checked_cell,
    clock_time,
    days_of_word,
    nearest_word,
    range_minutes,
    read_clock,
    refuse_ambiguous,
    tokens_of,
)
from scheduler.domain.types import MINUTES_PER_DAY, Frozen

__all__ = [
    "DEFAULT_DAYPARTS",
    "Dayparts",
    "LanguageError",
    "Reading",
    "describe",
    "read_availability",
    "read_clock",
    "read_day",
    "read_dayparts",
    "read_days",
]

DEFAULT_DAYPARTS: Mapping[str, str] = {
    "evenings": "Mon-Fri 17:00-22:00",
    "weekends": "Sat-Sun 00:00-24:00",
    "work hours": "Mon-Fri 08:00-17:00",
    "mornings": "Mon-Fri 06:00-12:30",
    "afternoons": "Mon-Fri 12:00-17:30",
    "weekdays": "Mon-Fri 00:00-24:00",
}
"""The day parts of a profile that names none."""


class Reading(Frozen):
    """What a cell means; ``notes`` say in plain words how something doubtful in it was read."""

    times: TimeSet
    notes: tuple[str, ...] = ()


class Dayparts(Frozen):
    """Day parts by name, each resolved to times of the week."""

    parts: dict[str, TimeSet] = Field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names as the profile spells them, in its order."""
        return tuple(self.parts)

    @cached_property
    def keys(self) -> dict[str, str]:
        """Every spelling understood, run together and in small letters, with the name that it stands for."""
        found: dict[str, str] = {}
        for name in self.parts:
            found.setdefault(_run_together(name), name)
        for name in self.parts:
            key = _run_together(name)
            for variant in (key + "s", key.removesuffix("s")):
                found.setdefault(variant, name)
        for synonym, key in _SYNONYMS.items():
            if key in found:
                found.setdefault(synonym, found[key])
        return found

    @cached_property
    def longest(self) -> int:
        """Characters of the longest spelling."""
        return max((len(key) for key in self.keys), default=0)


_SYNONYMS = dict.fromkeys(("workinghours", "businesshours", "officehours", "workday", "workdays"), "workhours")
_ELSEWHERE = {"night": "evenings", "nights": "evenings", "tonight": "evenings", "morning": "mornings"}
_NEGATIVE = frozenset(
    [
        "not",
        "except",
        "excepting",
        "excluding",
        "excludes",
        "exclude",
        "excl",
        "no",
        "never",
        "without",
        "minus",
        "unavailable",
        "can't",
        "cannot",
        "cant",
    ]
)
_AFTER = frozenset({"after", "from", "since", "past", "starting"})
_BEFORE = frozenset({"before", "until", "till", "til", "by", "up"})
_ONWARDS = frozenset({"onwards", "onward", "later"})
_LATER = _ONWARDS | {"after"}
_ANY = frozenset({"any", "anytime", "always", "all", "open", "whenever", "everyday", "daily", "every", "each"})
_ANY_TAIL = frozenset({"time", "times", "day", "days", "week"})
_FILLER = frozenset({"at", "in", "the", "available", "for"})
_ON = frozenset({"on", "during", "of"})
_NO_ANSWER = frozenset(
    [
        "none",
        "n/a",
        "na",
        "nil",
        "null",
        "-",
        "--",
        "---",
        "—",
        "–",
        "?",
        "??",
        "???",
        "tbd",
        "tba",
        "unknown",
        "varies",
        "nothing",
        "nowhere",
        "never",
        "x",
        "unsure",
    ]
)
_SAY_WHEN = "say when, for example 'evenings', 'Mon/Wed 18:00-21:00' or 'any'"
_EXPECTED = "expected days, a day part or times"


def _run_together(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign not in " -_\t\xa0")


# --------------------------------------------------------------------------------------------------- items of a term


@dataclass(frozen=True)
class _Days:
    """Days named one way or another; ``named`` and ``grouped`` say whether by name and by a part of whole days."""

    days: frozenset[Day]
    named: bool
    grouped: bool


@dataclass(frozen=True)
class _Part:
    """A day part that is a time of day, by its name in the profile."""

    name: str


@dataclass(frozen=True)
class _Range:
    """A stretch of the day in minutes since midnight; ``open_ended`` for ``after`` and ``before``."""

    start: int
    end: int
    open_ended: bool


@dataclass(frozen=True)
class _Always:
    """``any``, ``all day``."""


@dataclass(frozen=True)
class _Item:
    """An element of a term with its place, whether a joiner (``and``) stands before it, and whether ``on`` does."""

    what: _Days | _Part | _Range | _Always
    start: int
    end: int
    joined: bool
    on: bool


@dataclass
class _Clause:
    """Days with their times. ``within`` narrows the part beside it, as in ``evenings after 18:30``."""

    start: int
    end: int
    days: _Days | None = None
    times: list[tuple[_Part | _Range, _Range | None]] = field(default_factory=list)
    times_first: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the days already came after the times (``evenings on Mon``)."""
        return self.times_first and self.days is not None

    @property
    def has_range(self) -> bool:
        """Whether a clock time is among the times."""
        return any(isinstance(what, _Range) for what, _ in self.times)


# ------------------------------------------------------------------------------------------------------------ scanner


class _Scanner:
    """Turns the tokens of one half of a term into items."""

    def __init__(self, cell: Cell, tokens: list[Token], dayparts: Dayparts, notes: list[str]) -> None:
        self.cell = cell
        self.tokens = tokens
        self.dayparts = dayparts
        self.notes = notes
        self.at = 0

    def items(self) -> list[_Item]:
        """All items, in order."""
        found: list[_Item] = []
        joined = on = False
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind in ("join", "plus"):
                joined = True
                self.at += 1
            elif token.text in _ON and token.kind == "word":
                on = True
                self.at += 1
            else:
                begin = self.at
                what = self._next()
                if what is not None:
                    end = self.tokens[self.at - 1].end
                    found.append(_Item(what, self.tokens[begin].start, end, joined and bool(found), on))
                    joined = on = False
        if joined:
            raise self.cell.wrong(self.tokens[-1].start, self.tokens[-1].end, f"{_EXPECTED} after this", "")
        return found

    def _next(self) -> _Days | _Part | _Range | _Always | None:
        token = self.tokens[self.at]
        part = self._part_here()
        if part is not None:
            return self._days() if self._whole_days(part[0]) else self._take_part(part)
        if self._day_here(self.at):
            return self._days()
        if token.kind == "time":
            return self._time_first()
        if token.kind == "word":
            return self._word(token)
        raise self._unexpected(token)

    def _word(self, token: Token) -> _Range | _Always | None:
        word = token.text
        if word in _ANY:
            return self._always()
        if word in _AFTER and self._time_at(self.at + 1):
            return self._after()
        if word in _BEFORE and self._time_at(self.at + (2 if word == "up" else 1)):
            return self._before()
        if word == "between" and self._time_at(self.at + 1):
            return self._between()
        if word == "only" and self.at == len(self.tokens) - 1 and self.at > 0:
            self.at += 1
            return None
        if word in _FILLER or (word == "from" and self._is_day_range(self.at + 1)):
            self.at += 1
            return None
        raise self._unexpected(token)

    def _unexpected(self, token: Token) -> LanguageError:
        word = token.text
        if word == AMBIGUOUS_DAY:
            return self.cell.wrong(token.start, token.end, "S may be Saturday or Sunday", "Sat or Sun")
        if word in _AFTER | _BEFORE | {"between"}:
            message = f"expected a clock time after '{self.cell.written(token.start, token.end)}', such as 17:30"
            return self.cell.wrong(token.start, token.end, message, f"{word} 17:30")
        names = self.dayparts.names
        good = ", ".join((*names, "any", "Mon", "Tue-Thu", "18:00-21:00", "after 17:30"))
        elsewhere = _ELSEWHERE.get(word, "")
        suggestion = elsewhere if elsewhere in names else nearest_word(word, names)
        return self.cell.wrong(token.start, token.end, f"{_EXPECTED}: {good}", suggestion)

    # -- day parts and days

    def _part_here(self, at: int | None = None) -> tuple[str, int] | None:
        """The day part spelled from here on and the token after it; the longest spelling wins."""
        at = self.at if at is None else at
        key, best = "", None
        for index in range(at, len(self.tokens)):
            token = self.tokens[index]
            if token.kind == "dash" and not token.text.isalpha():
                if index == at:
                    break
                continue
            key += token.text
            if token.kind not in ("word", "join", "dash") or len(key) > self.dayparts.longest:
                break
            if key in self.dayparts.keys:
                best = (self.dayparts.keys[key], index + 1)
        return best

    def _take_part(self, part: tuple[str, int]) -> _Part:
        self.at = part[1]
        return _Part(part[0])

    def _whole_days(self, name: str) -> frozenset[Day]:
        """The days of a part that is made of whole days, such as weekends; else nothing."""
        pieces = self.dayparts.parts[name].by_day()
        if all((start, end) == (0, MINUTES_PER_DAY) for _, start, end in pieces):
            return frozenset(day for day, _, _ in pieces)
        return frozenset()

    def _day_here(self, at: int) -> bool:
        token = self.tokens[at]
        return token.kind == "word" and bool(days_of_word(token.text))

    def _day_atom(self, at: int) -> tuple[frozenset[Day], int, bool] | None:
        """Days beginning at a token: the days, the token after them, and whether a part of whole days named them."""
        if at >= len(self.tokens):
            return None
        part = self._part_here(at)
        if part is not None:
            whole = self._whole_days(part[0])
            return (whole, part[1], True) if whole else None
        if self._day_here(at):
            return self._day_chain(at)
        return None

    def _days(self) -> _Days:
        days: frozenset[Day] = frozenset()
        named = grouped = False
        atom = self._day_atom(self.at)
        while atom is not None:
            days |= atom[0]
            named, grouped = named or not atom[2], grouped or atom[2]
            self.at = atom[1]
            following = self.at
            while following < len(self.tokens) and self.tokens[following].kind in ("join", "plus"):
                following += 1
            atom = self._day_atom(following)
            side_by_side = following == self.at
            if atom is not None and side_by_side and (named, grouped) != (not atom[2], atom[2]):
                break
        return _Days(days, named, grouped)

    def _day_chain(self, at: int) -> tuple[frozenset[Day], int, bool]:
        """``Mon``, ``Tue-Thu`` (a range), ``M-W-F`` (three or more: a list)."""
        links = [at]
        while self._dash_then_day(links[-1]):
            links.append(links[-1] + 2)
        words = [days_of_word(self.tokens[link].text) for link in links]
        begin, end = self.tokens[links[0]].start, self.tokens[links[-1]].end
        if len(links) > 1 and any(len(word) > 1 for word in words):
            raise self.cell.wrong(begin, end, "expected a range of single days, such as Tue-Thu", "")
        if len(links) == 2:
            first, last = words[0][0], words[1][0]
            if first == last:
                raise self.cell.wrong(begin, end, "a range of days runs from one day to another", first.short)
            span = (last - first) % len(Day)
            return frozenset(Day((first + step) % len(Day)) for step in range(span + 1)), links[-1] + 1, False
        return frozenset(day for word in words for day in word), links[-1] + 1, False

    def _is_day_range(self, at: int) -> bool:
        return at < len(self.tokens) and self._day_here(at) and self._dash_then_day(at)

    def _dash_then_day(self, at: int) -> bool:
        return at + 2 < len(self.tokens) and self.tokens[at + 1].kind == "dash" and self._day_here(at + 2)

    # -- times

    def _always(self) -> _Always | None:
        self.at += 1
        if self.at < len(self.tokens) and self.tokens[self.at].text in _ANY_TAIL:
            self.at += 1
        return _Always()

    def _time_at(self, at: int) -> bool:
        return at < len(self.tokens) and self.tokens[at].kind == "time"

    def _clock(self) -> ClockTime:
        """The clock time here; ``12 noon`` and ``12 midnight`` count as one."""
        token = self.tokens[self.at]
        self.at += 1
        if token.text == "12" and self._time_at(self.at) and self.tokens[self.at].text.isalpha():
            token = self.tokens[self.at]
            self.at += 1
        return clock_time(self.cell, token)

    def _time_first(self) -> _Range:
        """``9-12``, ``9 to 12``, ``17:30+``, ``17:30 onwards``."""
        first = self._clock()
        if self._range_follows():
            self.at += 1
            return self._ranged(first, self._clock())
        if self._onwards():
            return self._open(first, after=True)
        token = first.token
        written = self.cell.written(token.start, token.end)
        raise self.cell.wrong(token.start, token.end, "expected a range of times, from and to", f"after {written}")

    def _range_follows(self) -> bool:
        if self.at >= len(self.tokens) or not self._time_at(self.at + 1):
            return False
        token = self.tokens[self.at]
        return token.kind == "dash" or token.text in ("until", "till", "til")

    def _onwards(self) -> bool:
        """Passes over ``+``, ``onwards``, ``and later``, and says whether it stood here."""
        rest = [token.text for token in self.tokens[self.at : self.at + 2]]
        if rest and (rest[0] in _ONWARDS or (rest[0] == "+" and not self._time_at(self.at + 1))):
            self.at += 1
            return True
        if len(rest) == 2 and rest[0] in ("and", "or") and rest[1] in _LATER and not self._time_at(self.at + 2):
            self.at += 2
            return True
        return False

    def _ranged(self, first: ClockTime, last: ClockTime) -> _Range:
        start, end = range_minutes(self.cell, first, last)
        for time, minute in ((first, start), (last, end)):
            self._note_if_doubtful(time, minute)
        if first.bare and first.hour < 9 and start == first.as_24 and not first.half and not last.half and end < NOON:
            self._note(first, _morning(start, first.hour))
        return _Range(start, end, open_ended=False)

    def _after(self) -> _Range:
        """``after 17:30``; ``from 9 to 12`` is a range."""
        is_from = self.tokens[self.at].text in ("from", "starting")
        self.at += 1
        first = self._clock()
        if is_from and self._range_follows():
            self.at += 1
            return self._ranged(first, self._clock())
        self._onwards()
        return self._open(first, after=True)

    def _before(self) -> _Range:
        self.at += 1
        if self.tokens[self.at].kind != "time":
            self.at += 1
        return self._open(self._clock(), after=False)

    def _between(self) -> _Range:
        self.at += 1
        first = self._clock()
        follows = self.at < len(self.tokens) and self.tokens[self.at].kind in ("join", "dash")
        if not follows or not self._time_at(self.at + 1):
            message = "expected two times after 'between'"
            raise self.cell.wrong(first.token.start, first.token.end, message, "between 9 and 12")
        self.at += 1
        return self._ranged(first, self._clock())

    def _open(self, time: ClockTime, *, after: bool) -> _Range:
        refuse_ambiguous(self.cell, time)
        minute = time.stated
        self._note_if_doubtful(time, minute)
        if after and time.bare and not time.half and FIRST_CLEAR_HOUR <= time.hour < 12:
            self._note(time, _morning(minute, time.hour))
        start, end = (minute, MINUTES_PER_DAY) if after else (0, minute or MINUTES_PER_DAY)
        if start >= end or (not after and minute == 0 and time.half != "fixed"):
            raise self.cell.wrong(time.token.start, time.token.end, "no time of the day is left", "")
        return _Range(start, end, open_ended=True)

    def _note_if_doubtful(self, time: ClockTime, minute: int) -> None:
        if time.is_doubtful and minute == time.as_24 and minute < NOON:
            self._note(time, _morning(minute, time.hour))

    def _note(self, time: ClockTime, words: str) -> None:
        self.notes.append(f"'{self.cell.written(time.token.start, time.token.end)}' {words}")


def _morning(minute: int, hour: int) -> str:
    return f"is read as {clock_text(minute)} in the morning; write {hour} pm if evening is meant"


# --------------------------------------------------------------------------------------------------- meaning of a term


class _Meaning:
    """Puts the items of one half of a term together and finds the times they stand for."""

    def __init__(self, cell: Cell, items: list[_Item], dayparts: Dayparts) -> None:
        self.cell = cell
        self.items = items
        self.dayparts = dayparts
        self.clauses: list[_Clause] = []

    def times(self) -> TimeSet:
        """The times meant.

        Raises:
            LanguageError: if the items do not go together.
        """
        if all(isinstance(item.what, _Always) for item in self.items):
            return TimeSet.always()
        for item in self.items:
            self._add(item)
        if not self.clauses:
            return TimeSet.always()
        return _union(self._clause_times(clause) for clause in self.clauses)

    def _add(self, item: _Item) -> None:
        if isinstance(item.what, _Always):
            if item.joined or (self.clauses and self.clauses[-1].times):
                raise self._apart(item)
            return
        if not self.clauses:
            self.clauses.append(_Clause(item.start, item.end))
        clause = self.clauses[-1]
        if clause.is_closed and not (item.joined and isinstance(item.what, _Days)):
            raise self._apart(item)
        if isinstance(item.what, _Days):
            self._add_days(clause, item, item.what)
        elif isinstance(item.what, _Part):
            self._add_part(clause, item, item.what)
        else:
            self._add_range(clause, item, item.what)
        self.clauses[-1].end = item.end

    def _apart(self, item: _Item) -> LanguageError:
        written = self.cell.written(item.start, item.end)
        message = "it is not clear what this belongs to; put ';' between separate times"
        return self.cell.wrong(item.start, item.end, message, f"; {written}")

    def _add_days(self, clause: _Clause, item: _Item, days: _Days) -> None:
        if clause.days is None and not clause.times:
            clause.days = days
        elif clause.days is not None and clause.times:
            self.clauses.append(_Clause(item.start, item.end, days=days))
        elif clause.days is not None or (item.joined and clause.has_range):
            raise self._apart(item)
        elif item.joined:
            self.clauses.append(_Clause(item.start, item.end, days=days))
        else:
            if days.grouped and not item.on and not clause.has_range:
                raise self._apart(item)
            clause.days, clause.times_first = days, True

    def _add_part(self, clause: _Clause, item: _Item, part: _Part) -> None:
        if item.joined and clause.days is not None and not clause.times:
            clause = _Clause(item.start, item.end)
            self.clauses.append(clause)
        if not item.joined and clause.times and isinstance(clause.times[-1][0], _Range):
            raise self._apart(item)
        self._add_time(clause, item, part)

    def _add_range(self, clause: _Clause, item: _Item, hours: _Range) -> None:
        if item.joined and clause.days is not None and not clause.times:
            raise self._apart(item)
        if not item.joined and clause.times and isinstance(clause.times[-1][0], _Part):
            part, within = clause.times[-1]
            if within is not None:
                raise self._apart(item)
            clause.times[-1] = (part, hours)
            return
        self._add_time(clause, item, hours)

    def _add_time(self, clause: _Clause, item: _Item, what: _Part | _Range) -> None:
        days = clause.days
        if days is not None and days.named and days.grouped:
            message = "it is not clear whether the time goes with all of these days; put ';' between them"
            raise self.cell.wrong(clause.start, item.end, message, "")
        clause.times.append((what, None))

    def _clause_times(self, clause: _Clause) -> TimeSet:
        days = sorted(clause.days.days) if clause.days is not None else None
        if not clause.times:
            return _on(days or (), ((0, MINUTES_PER_DAY),))
        return _union(self._one(clause, days, what, within) for what, within in clause.times)

    def _one(self, clause: _Clause, days: list[Day] | None, what: _Part | _Range, within: _Range | None) -> TimeSet:
        if isinstance(what, _Range):
            return _on(list(Day) if days is None else days, ((what.start, what.end),))
        part = self.dayparts.parts[what.name]
        times = part if days is None else _union(self._part_on(clause, what.name, part, day) for day in days)
        return times if within is None else self._narrowed(clause, what.name, times, within)

    def _part_on(self, clause: _Clause, name: str, part: TimeSet, day: Day) -> TimeSet:
        """A day part on a day: its times of that day, else the times of day that all its days share."""
        by_day = _pieces_by_day(part)
        if day in by_day:
            return _on([day], by_day[day])
        shapes = set(by_day.values())
        if len(shapes) != 1:
            message = f"'{name}' has no hours on {day.short} and differs from day to day; write the times"
            raise self.cell.wrong(clause.start, clause.end, message, f"{day.short} 09:00-12:00")
        return _on([day], next(iter(shapes)))

    def _narrowed(self, clause: _Clause, name: str, times: TimeSet, within: _Range) -> TimeSet:
        met = times & _on(list(Day), ((within.start, within.end),))
        whole = all(met.covers(day.start + within.start, day.start + within.end) for day in _pieces_by_day(times))
        if not met or not (within.open_ended or whole):
            message = f"these times do not lie within '{name}'; write the days with the times instead"
            raise self.cell.wrong(clause.start, clause.end, message, "")
        return met


def _pieces_by_day(times: TimeSet) -> dict[Day, tuple[tuple[int, int], ...]]:
    found: dict[Day, tuple[tuple[int, int], ...]] = {}
    for day, start, end in times.by_day():
        found[day] = (*found.get(day, ()), (start, end))
    return found


def _on(days: Iterable[Day], pieces: Iterable[tuple[int, int]]) -> TimeSet:
    pieces = tuple(pieces)
    return TimeSet.of((day.start + start, day.start + end) for day in days for start, end in pieces)


def _union(sets: Iterable[TimeSet]) -> TimeSet:
    return TimeSet.of(span for one in sets for span in one.spans)


# -------------------------------------------------------------------------------------------------------- whole cells

_Shape = Literal["days", "days with times", "range", "other"]


@dataclass(frozen=True)
class _Term:
    """A term read: what it adds, what it takes away, and enough of its shape to see what is doubtful about it."""

    written: str
    adds: TimeSet | None
    takes: TimeSet | None
    shape: _Shape = "other"
    days_text: str = ""
    takes_every_day: bool = False
    after_comma: bool = False


def read_availability(text: str, dayparts: Dayparts) -> Reading:
    """Read a cell of the availability language.

    Raises:
        LanguageError: for the first thing that cannot be read; ``others`` holds the rest.
    """
    cell = checked_cell(text)
    terms: list[_Term] = []
    notes: list[str] = []
    errors: list[LanguageError] = []
    for start, end, after_comma in _pieces(cell):
        try:
            terms.append(_read_term(cell, start, end, dayparts, notes, after_comma=after_comma))
        except LanguageError as error:
            errors.append(error)
    if errors:
        first = errors[0]
        raise LanguageError(first.word, first.message, first.suggestion, text, first.position, tuple(errors[1:]))
    if not terms:
        raise LanguageError(text.strip(), _SAY_WHEN, "", text, 0)
    times = _total(terms)
    notes.extend(_doubts(terms))
    if not times:
        notes.append("nothing is left: what is taken away covers everything that is offered")
    return Reading(times=times, notes=tuple(dict.fromkeys(notes)))


def _total(terms: list[_Term]) -> TimeSet:
    offered = [term.adds for term in terms if term.adds is not None]
    total = _union(offered) if offered else TimeSet.always()
    return total - _union(term.takes for term in terms if term.takes is not None)


def _pieces(cell: Cell) -> Iterable[tuple[int, int, bool]]:
    """Start and end of each term that is not blank, and whether only a comma divides it from the one before."""
    begin, comma = 0, False
    for at, sign in enumerate(cell.plain + ";"):
        if sign in ";,\n\r\v\f\x85\u2028\u2029":
            if cell.plain[begin:at].strip():
                yield begin, at, comma
                comma = True
            comma = comma and sign == ","
            begin = at + 1


def _read_term(cell: Cell, start: int, end: int, dayparts: Dayparts, notes: list[str], *, after_comma: bool) -> _Term:
    tokens = tokens_of(cell, start, end)
    plain = cell.plain[start:end]
    low, high = start + len(plain) - len(plain.lstrip()), start + len(plain.rstrip())
    if not tokens or cell.plain[low:high].strip(".") in _NO_ANSWER:
        raise cell.wrong(low, high, _SAY_WHEN, "")
    split, after = _negative_at(cell, tokens, dayparts)
    label = cell.written(low, high)
    offered = _half(cell, tokens[:split], dayparts, notes) if split else None
    adds = offered.times() if offered is not None else None
    if split == len(tokens):
        shape, days_text = _shape_of(cell, offered.items if offered is not None else [])
        return _Term(label, adds, None, shape, days_text, after_comma=after_comma)
    taken = _half(cell, _taken_tokens(cell, tokens, after), dayparts, notes)
    every_day = offered is not None and not any(isinstance(item.what, _Days) for item in taken.items)
    return _Term(label, adds, taken.times(), takes_every_day=every_day, after_comma=after_comma)


def _taken_tokens(cell: Cell, tokens: list[Token], after: int) -> list[Token]:
    """The tokens that follow the negative word.

    Raises:
        LanguageError: if there are none, or an ``only`` among them turns their meaning round.
    """
    if after == len(tokens):
        raise cell.wrong(tokens[0].start, tokens[-1].end, f"say what is taken away; or {_SAY_WHEN}", "")
    for token in tokens[after:]:
        if token.text == "only":
            raise cell.wrong(token.start, token.end, "'only' beside 'not' may mean two things; leave one out", "")
    return tokens[after:]


def _half(cell: Cell, tokens: list[Token], dayparts: Dayparts, notes: list[str]) -> _Meaning:
    items = _Scanner(cell, tokens, dayparts, notes).items()
    if not items:
        raise cell.wrong(tokens[0].start, tokens[-1].end, f"{_EXPECTED}; {_SAY_WHEN}", "any")
    return _Meaning(cell, items, dayparts)


def _negative_at(cell: Cell, tokens: list[Token], dayparts: Dayparts) -> tuple[int, int]:
    """Where the taken-away half of a term begins, as (its first joiner, its first word); both the end if it has none.

    Raises:
        LanguageError: if there are two negative words, which could mean two things.
    """
    found = [at for at in _bare_words(cell, tokens, dayparts) if tokens[at].text in _NEGATIVE or _all_but(tokens, at)]
    if not found:
        return len(tokens), len(tokens)
    if len(found) > 1:
        token = tokens[found[1]]
        raise cell.wrong(token.start, token.end, "one exception at a time; put ';' before each further one", "; not")
    split = found[0]
    while split and (tokens[split - 1].kind == "join" or tokens[split - 1].text == "but"):
        split -= 1
    return split, found[0] + 1


def _all_but(tokens: list[Token], at: int) -> bool:
    """Whether the word is the ``but`` of ``all but Wed``, ``any day but Wed``."""
    return (
        tokens[at].text == "but" and at > 0 and tokens[at - 1].text in _ANY | _ANY_TAIL and not _is_not(tokens, at + 1)
    )


def _is_not(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].text in _NEGATIVE


def _bare_words(cell: Cell, tokens: list[Token], dayparts: Dayparts) -> Iterable[int]:
    """Places of the words that are not inside the name of a day part (``no school``)."""
    scanner = _Scanner(cell, tokens, dayparts, [])
    at = 0
    while at < len(tokens):
        part = scanner._part_here(at)
        if part is not None:
            at = part[1]
            continue
        if tokens[at].kind == "word":
            yield at
        at += 1


def _shape_of(cell: Cell, items: list[_Item]) -> tuple[_Shape, str]:
    days = [item for item in items if isinstance(item.what, _Days)]
    if len(items) == 1 and isinstance(items[0].what, _Range):
        return "range", ""
    if len(days) == 1 and items[0] is days[0]:
        text = cell.written(days[0].start, days[0].end)
        return ("days" if len(items) == 1 else "days with times"), text
    return ("days with times", "") if days else ("other", "")


def _doubts(terms: list[_Term]) -> list[str]:
    """Notes on terms that are read as the language says, though their neighbours suggest another meaning."""
    notes = []
    waiting: list[str] = []
    for before, term in itertools.pairwise(terms):
        if term.shape == "range" and before.shape in ("days", "days with times"):
            alone = f"{before.days_text or 'Mon'} {term.written}"
            notes.append(f"'{term.written}' is read as every day; write '{alone}' if only those days are meant")
        if term.after_comma and before.takes is not None and term.shape == "days":
            notes.append(f"'{term.written}' is added, not taken away; write 'not {term.written}' to take it away")
        waiting = [*waiting, before.written] if term.after_comma and before.shape == "days" else []
        if waiting and term.shape == "days with times" and term.days_text:
            both = term.written.replace(term.days_text, "/".join((*waiting, term.days_text)), 1)
            notes.append(
                f"'{', '.join(waiting)}' is read as whole days; write '{both}' if the times go with all of them"
            )
    offers = sum(term.adds is not None for term in terms)
    takers = [term.written for term in terms if term.takes_every_day and offers > 1]
    notes.extend(f"what '{written}' excepts is taken away on every day" for written in takers)
    return notes


# ------------------------------------------------------------------------------------------------------ days and parts


def read_dayparts(spec: Mapping[str, str]) -> Dayparts:
    """Day parts from their spellings in days and clock times; the defaults when there are none.

    Raises:
        LanguageError: if a part cannot be read, or its name already means something else.
    """
    parts = {}
    for name, text in (spec or DEFAULT_DAYPARTS).items():
        _refuse_name(name)
        parts[name] = read_availability(text, Dayparts()).times
    return Dayparts(parts=parts)


def _refuse_name(name: str) -> None:
    cell = checked_cell(name)
    tokens = tokens_of(cell, 0, len(cell.plain))
    taken = _NEGATIVE | _AFTER | _BEFORE | _ANY | _FILLER | _ON | _NO_ANSWER | {"only", "and", "or", "to", "but"}
    plain = all(t.kind in ("word", "join", "dash") for t in tokens) and not set(";,\n") & set(name)
    if not tokens or not plain or cell.plain.strip() in taken or days_of_word(_run_together(name)):
        message = "a day part is named in letters, with a word that means nothing else in the availability language"
        raise LanguageError(name, message, "", name, 0)


_WEEK = Dayparts(
    parts={
        "weekdays": TimeSet.of([(Day.MON.start, Day.SAT.start)]),
        "weekends": TimeSet.of([(Day.SAT.start, Day.SUN.start + MINUTES_PER_DAY)]),
    }
)


def read_days(text: str) -> tuple[Day, ...]:
    """The days of a cell such as ``Mon``, ``Tue-Thu``, ``M-W-F``, ``weekdays``, ``Mon, Wed``, in order of the week.

    Raises:
        LanguageError: if it names anything but days.
    """
    cell = checked_cell(text)
    times = read_availability(text, _WEEK).times
    for start, end, _ in _pieces(cell):
        for token in tokens_of(cell, start, end):
            if token.kind == "time" or token.text in _AFTER | _BEFORE:
                raise cell.wrong(token.start, token.end, "expected days only, such as Mon or Tue-Thu")
    return tuple(sorted({day for day, _, _ in times.by_day()}))


def read_day(text: str) -> Day:
    """A single day: ``Mon``, ``monday``, ``M``.

    Raises:
        LanguageError: if it is not exactly one day.
    """
    days = read_days(text)
    if len(days) != 1:
        raise LanguageError(text.strip(), "expected one day", days[0].short if days else "", text, 0)
    return days[0]


# ------------------------------------------------------------------------------------------------------------ describe


def describe(times: TimeSet) -> str:
    """The times in the availability language, in its plainest form; reading it gives the same times."""
    if times == TimeSet.always():
        return "any"
    if not times:
        return "not any"
    by_shape: dict[tuple[tuple[int, int], ...], list[Day]] = {}
    for day, pieces in _pieces_by_day(times).items():
        by_shape.setdefault(pieces, []).append(day)
    return "; ".join(_described(days, pieces) for pieces, days in by_shape.items())


def _described(days: list[Day], pieces: tuple[tuple[int, int], ...]) -> str:
    words = _days_text(days)
    if pieces == ((0, MINUTES_PER_DAY),):
        return words
    return f"{words} " + " and ".join(f"{clock_text(start)}-{clock_text(end)}" for start, end in pieces)


def _days_text(days: list[Day]) -> str:
    runs: list[list[Day]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    words = [f"{run[0].short}-{run[-1].short}" if len(run) > 2 else "/".join(day.short for day in run) for run in runs]
    return "/".join(words)
