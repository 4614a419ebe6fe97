"""The availability language: what a cell such as ``weekdays after 17:30; Sat mornings; not Wed`` means.

Terms are separated by ``;``, ``,`` or a line break and added up. What follows ``not`` or ``except`` is taken away
after all others, wherever it stands; only negative terms mean any time less those. Nobody is scheduled on a guess:
what could mean two things is refused, and what had to be interpreted comes with a note.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from scheduler.domain.clock import Day, TimeSet, clock_text
from scheduler.domain.scanner import (
    AFTER,
    ANY,
    ANY_TAIL,
    BEFORE,
    EXPECTED,
    FILLER,
    NEGATIVE,
    ON,
    Always,
    Dayparts,
    Days,
    Item,
    Part,
    Range,
    Scanner,
    run_together,
)
from scheduler.domain.tokens import (
    Cell,
    LanguageError,
    Token,
    checked_cell,
    days_of_word,
    read_clock,
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


@dataclass
class _Clause:
    """Days with their times. ``within`` narrows the part beside it, as in ``evenings after 18:30``."""

    start: int
    end: int
    days: Days | None = None
    times: list[tuple[Part | Range, Range | None]] = field(default_factory=list)
    times_first: bool = False
    opened_by: Item | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the days already came after the times (``evenings on Mon``)."""
        return self.times_first and self.days is not None

    @property
    def has_range(self) -> bool:
        """Whether a clock time is among the times."""
        return any(isinstance(what, Range) for what, _ in self.times)


# --------------------------------------------------------------------------------------------------- meaning of a term


class _Meaning:
    """Puts the items of one half of a term together and finds the times they stand for."""

    def __init__(self, cell: Cell, items: list[Item], dayparts: Dayparts) -> None:
        self.cell = cell
        self.items = items
        self.dayparts = dayparts
        self.clauses: list[_Clause] = []

    def times(self) -> TimeSet:
        """The times meant.

        Raises:
            LanguageError: if the items do not go together.
        """
        if all(isinstance(item.what, Always) for item in self.items):
            return TimeSet.always()
        for item in self.items:
            self._add(item)
        if not self.clauses:
            return TimeSet.always()
        opener = self.clauses[-1].opened_by
        if opener is not None and not opener.joined and not self.clauses[-1].times:
            raise self._apart(opener)
        return _union(self._clause_times(clause) for clause in self.clauses)

    def _add(self, item: Item) -> None:
        if isinstance(item.what, Always):
            if item.joined or (self.clauses and self.clauses[-1].times):
                raise self._apart(item)
            return
        if not self.clauses:
            self.clauses.append(_Clause(item.start, item.end))
        clause = self.clauses[-1]
        if clause.is_closed and not (item.joined and isinstance(item.what, Days)):
            raise self._apart(item)
        if isinstance(item.what, Days):
            self._add_days(clause, item, item.what)
        elif isinstance(item.what, Part):
            self._add_part(clause, item, item.what)
        else:
            self._add_range(clause, item, item.what)
        self.clauses[-1].end = item.end

    def _apart(self, item: Item) -> LanguageError:
        written = self.cell.written(item.start, item.end)
        message = "it is not clear what this belongs to; put ';' between separate times"
        return self.cell.wrong(item.start, item.end, message, f"; {written}")

    def _add_days(self, clause: _Clause, item: Item, days: Days) -> None:
        if clause.days is None and not clause.times:
            clause.days = days
        elif clause.days is not None and clause.times:
            self.clauses.append(_Clause(item.start, item.end, days=days, opened_by=item))
        elif clause.days is not None or (item.joined and clause.has_range):
            raise self._apart(item)
        elif item.joined:
            self.clauses.append(_Clause(item.start, item.end, days=days))
        else:
            if days.grouped and not item.on and not clause.has_range:
                raise self._apart(item)
            clause.days, clause.times_first = days, True

    def _add_part(self, clause: _Clause, item: Item, part: Part) -> None:
        if item.joined and clause.days is not None and not clause.times:
            clause = _Clause(item.start, item.end)
            self.clauses.append(clause)
        if not item.joined and clause.times and isinstance(clause.times[-1][0], Range):
            raise self._apart(item)
        self._add_time(clause, item, part)

    def _add_range(self, clause: _Clause, item: Item, hours: Range) -> None:
        if item.joined and clause.days is not None and not clause.times:
            raise self._apart(item)
        if not item.joined and clause.times and isinstance(clause.times[-1][0], Part):
            part, within = clause.times[-1]
            if within is not None:
                raise self._apart(item)
            clause.times[-1] = (part, hours)
            return
        self._add_time(clause, item, hours)

    def _add_time(self, clause: _Clause, item: Item, what: Part | Range) -> None:
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

    def _one(self, clause: _Clause, days: list[Day] | None, what: Part | Range, within: Range | None) -> TimeSet:
        if isinstance(what, Range):
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

    def _narrowed(self, clause: _Clause, name: str, times: TimeSet, within: Range) -> TimeSet:
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
    every_day = offered is not None and not any(isinstance(item.what, Days) for item in taken.items)
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
    items = Scanner(cell, tokens, dayparts, notes).items()
    if not items:
        raise cell.wrong(tokens[0].start, tokens[-1].end, f"{EXPECTED}; {_SAY_WHEN}", "any")
    return _Meaning(cell, items, dayparts)


def _negative_at(cell: Cell, tokens: list[Token], dayparts: Dayparts) -> tuple[int, int]:
    """Where the taken-away half of a term begins, as (its first joiner, its first word); both the end if it has none.

    Raises:
        LanguageError: if there are two negative words, which could mean two things.
    """
    found = [at for at in _bare_words(cell, tokens, dayparts) if tokens[at].text in NEGATIVE or _all_but(tokens, at)]
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
    return tokens[at].text == "but" and at > 0 and tokens[at - 1].text in ANY | ANY_TAIL and not _is_not(tokens, at + 1)


def _is_not(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].text in NEGATIVE


def _bare_words(cell: Cell, tokens: list[Token], dayparts: Dayparts) -> Iterable[int]:
    """Places of the words that are not inside the name of a day part (``no school``)."""
    scanner = Scanner(cell, tokens, dayparts, [])
    at = 0
    while at < len(tokens):
        part = scanner.part_here(at)
        if part is not None:
            at = part[1]
            continue
        if tokens[at].kind == "word":
            yield at
        at += 1


def _shape_of(cell: Cell, items: list[Item]) -> tuple[_Shape, str]:
    days = [item for item in items if isinstance(item.what, Days)]
    if len(items) == 1 and isinstance(items[0].what, Range):
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
    taken = NEGATIVE | AFTER | BEFORE | ANY | FILLER | ON | _NO_ANSWER | {"only", "and", "or", "to", "but"}
    plain = "".join(t.text for t in tokens if t.kind in ("word", "join") or t.text.isalpha()) == run_together(name)
    if not tokens or not plain or cell.plain.strip() in taken or days_of_word(run_together(name)):
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
            if token.kind == "time" or token.text in AFTER | BEFORE:
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
