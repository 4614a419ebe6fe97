"""From the tokens of a term of the availability language to its items: days, day parts and stretches of the day."""

from dataclasses import dataclass
from functools import cached_property

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
    clock_time,
    days_of_word,
    nearest_word,
    range_minutes,
    refuse_ambiguous,
)
from scheduler.domain.types import MINUTES_PER_DAY, Frozen

_SYNONYMS = dict.fromkeys(("workinghours", "businesshours", "officehours", "workday", "workdays"), "workhours")
_ELSEWHERE = {"night": "evenings", "nights": "evenings", "tonight": "evenings", "am": "mornings", "pm": "afternoons"}
NEGATIVE = frozenset(
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
AFTER = frozenset({"after", "from", "since", "past", "starting"})
BEFORE = frozenset({"before", "until", "till", "til", "by", "up"})
_ONWARDS = frozenset({"onwards", "onward", "later"})
_LATER = _ONWARDS | {"after"}
ANY = frozenset({"any", "anytime", "always", "all", "open", "whenever", "everyday", "daily", "every", "each"})
ANY_TAIL = frozenset({"time", "times", "day", "days", "week"})
FILLER = frozenset({"at", "in", "the", "available", "for"})
ON = frozenset({"on", "during", "of"})
EXPECTED = "expected days, a day part or times"


def run_together(name: str) -> str:
    """A name in small letters without spaces, hyphens and underscores, which is how day parts are compared."""
    return "".join(sign for sign in name.casefold() if sign not in " -_\t\xa0")


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
            found.setdefault(run_together(name), name)
        for name in self.parts:
            key = run_together(name)
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


# --------------------------------------------------------------------------------------------------- items of a term


@dataclass(frozen=True)
class Days:
    """Days named one way or another; ``named`` and ``grouped`` say whether by name and by a part of whole days."""

    days: frozenset[Day]
    named: bool
    grouped: bool


@dataclass(frozen=True)
class Part:
    """A day part that is a time of day, by its name in the profile."""

    name: str


@dataclass(frozen=True)
class Range:
    """A stretch of the day in minutes since midnight; ``open_ended`` for ``after`` and ``before``."""

    start: int
    end: int
    open_ended: bool


@dataclass(frozen=True)
class Always:
    """``any``, ``all day``."""


@dataclass(frozen=True)
class Item:
    """An element of a term with its place, whether a joiner (``and``) stands before it, and whether ``on`` does."""

    what: Days | Part | Range | Always
    start: int
    end: int
    joined: bool
    on: bool


# ------------------------------------------------------------------------------------------------------------ scanner


class Scanner:
    """Turns the tokens of one half of a term into items."""

    def __init__(self, cell: Cell, tokens: list[Token], dayparts: Dayparts, notes: list[str]) -> None:
        self.cell = cell
        self.tokens = tokens
        self.dayparts = dayparts
        self.notes = notes
        self.at = 0

    def items(self) -> list[Item]:
        """All items, in order."""
        found: list[Item] = []
        joined = on = False
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind in ("join", "plus"):
                joined = True
                self.at += 1
            elif token.text in ON and token.kind == "word":
                on = True
                self.at += 1
            else:
                begin = self.at
                what = self._next()
                if what is not None:
                    end = self.tokens[self.at - 1].end
                    found.append(Item(what, self.tokens[begin].start, end, joined and bool(found), on))
                    joined = on = False
        if joined:
            raise self.cell.wrong(self.tokens[-1].start, self.tokens[-1].end, f"{EXPECTED} after this", "")
        return found

    def _next(self) -> Days | Part | Range | Always | None:
        token = self.tokens[self.at]
        part = self.part_here()
        if part is not None:
            return self._days() if self._whole_days(part[0]) else self._take_part(part)
        if self._day_here(self.at):
            return self._days()
        if token.kind == "time":
            return self._time_first()
        if token.kind == "word":
            return self._word(token)
        raise self._unexpected(token)

    def _word(self, token: Token) -> Range | Always | None:
        word = token.text
        if word in ANY:
            return self._always()
        if word in AFTER and self._time_at(self.at + 1):
            return self._after()
        if word in BEFORE and self._time_at(self.at + (2 if word == "up" else 1)):
            return self._before()
        if word == "between" and self._time_at(self.at + 1):
            return self._between()
        if word == "only" and len(self.tokens) > 1 and self.at in (0, len(self.tokens) - 1):
            self.at += 1
            return None
        if word in FILLER or (word == "from" and self._is_day_range(self.at + 1)):
            self.at += 1
            return None
        raise self._unexpected(token)

    def _unexpected(self, token: Token) -> LanguageError:
        word = token.text
        if word == AMBIGUOUS_DAY:
            return self.cell.wrong(token.start, token.end, "S may be Saturday or Sunday", "Sat or Sun")
        if word in AFTER | BEFORE | {"between"}:
            message = f"expected a clock time after '{self.cell.written(token.start, token.end)}', such as 17:30"
            return self.cell.wrong(
                token.start, token.end, message, f"{word} 9 and 12" if word == "between" else f"{word} 17:30"
            )
        names = self.dayparts.names
        good = ", ".join((*names, "any", "Mon", "Tue-Thu", "18:00-21:00", "after 17:30"))
        elsewhere = _ELSEWHERE.get(word, "")
        suggestion = elsewhere if elsewhere in names else nearest_word(word, names)
        return self.cell.wrong(token.start, token.end, f"{EXPECTED}: {good}", suggestion)

    # -- day parts and days

    def part_here(self, at: int | None = None) -> tuple[str, int] | None:
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

    def _take_part(self, part: tuple[str, int]) -> Part:
        self.at = part[1]
        return Part(part[0])

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
        part = self.part_here(at)
        if part is not None:
            whole = self._whole_days(part[0])
            return (whole, part[1], True) if whole else None
        if self._day_here(at):
            return self._day_chain(at)
        return None

    def _days(self) -> Days:
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
        return Days(days, named, grouped)

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

    def _always(self) -> Always | None:
        self.at += 1
        if self.at < len(self.tokens) and self.tokens[self.at].text in ANY_TAIL:
            self.at += 1
        return Always()

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

    def _time_first(self) -> Range:
        """``9-12``, ``9 to 12``, ``17:30+``, ``17:30 onwards``."""
        begin = self.at
        first = self._clock()
        if self._range_follows():
            self.at += 1
            self._refuse_date(begin)
            return self._ranged(first, self._clock())
        if self._onwards():
            return self._open(first, after=True)
        token = first.token
        written = self.cell.written(token.start, token.end)
        raise self.cell.wrong(token.start, token.end, "expected a range of times, from and to", f"after {written}")

    def _refuse_date(self, begin: int) -> None:
        """Refuses three numbers in a chain, such as ``2026-01-05``; the second one is here."""
        end = self.at + 2
        if self._time_at(end) and self.tokens[end - 1].kind == "dash":
            message = "expected one range of times, from and to; availability is by day of the week, not by date"
            raise self.cell.wrong(self.tokens[begin].start, self.tokens[end].end, message, "")

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

    def _ranged(self, first: ClockTime, last: ClockTime) -> Range:
        start, end = range_minutes(self.cell, first, last)
        for time, minute in ((first, start), (last, end)):
            self._note_if_doubtful(time, minute)
        if first.bare and first.hour < 9 and start == first.as_24 and not first.half and not last.half and end < NOON:
            self._note(first, _morning(start, first.hour))
        return Range(start, end, open_ended=False)

    def _after(self) -> Range:
        """``after 17:30``; ``from 9 to 12`` is a range."""
        is_from = self.tokens[self.at].text in ("from", "starting")
        self.at += 1
        first = self._clock()
        if is_from and self._range_follows():
            self.at += 1
            return self._ranged(first, self._clock())
        self._onwards()
        return self._open(first, after=True)

    def _before(self) -> Range:
        self.at += 1
        if self.tokens[self.at].kind != "time":
            self.at += 1
        return self._open(self._clock(), after=False)

    def _between(self) -> Range:
        self.at += 1
        first = self._clock()
        follows = self.at < len(self.tokens) and self.tokens[self.at].kind in ("join", "dash")
        if not follows or not self._time_at(self.at + 1):
            message = "expected two times after 'between'"
            raise self.cell.wrong(first.token.start, first.token.end, message, "between 9 and 12")
        self.at += 1
        return self._ranged(first, self._clock())

    def _open(self, time: ClockTime, *, after: bool) -> Range:
        refuse_ambiguous(self.cell, time)
        minute = time.stated
        self._note_if_doubtful(time, minute)
        if after and time.bare and not time.half and FIRST_CLEAR_HOUR <= time.hour < 12:
            self._note(time, _morning(minute, time.hour))
        start, end = (minute, MINUTES_PER_DAY) if after else (0, minute or MINUTES_PER_DAY)
        if start >= end or (not after and minute == 0 and time.half != "fixed"):
            raise self.cell.wrong(time.token.start, time.token.end, "no time of the day is left", "")
        return Range(start, end, open_ended=True)

    def _note_if_doubtful(self, time: ClockTime, minute: int) -> None:
        if time.is_doubtful and minute == time.as_24 and minute < NOON:
            self._note(time, _morning(minute, time.hour))

    def _note(self, time: ClockTime, words: str) -> None:
        self.notes.append(f"'{self.cell.written(time.token.start, time.token.end)}' {words}")


def _morning(minute: int, hour: int) -> str:
    return f"is read as {clock_text(minute)} in the morning; write {hour} pm if evening is meant"
