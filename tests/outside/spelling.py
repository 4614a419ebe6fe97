"""Writes a week's tables as a workbook: neatly, or as hurried people type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from openpyxl import Workbook

from outside.language import DAY, DAY_NAMES, Intervals, common, merged, minus

PARTS: dict[str, tuple[tuple[int, ...], int, int]] = {
    "evenings": ((0, 1, 2, 3, 4), 17 * 60, 22 * 60),
    "weekends": ((5, 6), 0, DAY),
    "work hours": ((0, 1, 2, 3, 4), 8 * 60, 17 * 60),
    "mornings": ((0, 1, 2, 3, 4), 6 * 60, 12 * 60 + 30),
    "afternoons": ((0, 1, 2, 3, 4), 12 * 60, 17 * 60 + 30),
    "weekdays": ((0, 1, 2, 3, 4), 0, DAY),
}
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Term:
    """One term of the availability language, as a structure; no days = all days."""

    days: tuple[int, ...] = ()
    part: str = ""
    span: tuple[int, int] | None = None
    negative: bool = False

    @property
    def meaning(self) -> Intervals:
        """Its intervals, computed without reading any text."""
        days = self.days or tuple(range(7))
        start, end = self.span or (0, DAY)
        own = merged([(d * DAY + start, d * DAY + end) for d in days])
        if not self.part:
            return own
        part_days, part_start, part_end = PARTS[self.part]
        return common(own, merged([(d * DAY + part_start, d * DAY + part_end) for d in part_days]))


@dataclass(frozen=True)
class Speech:
    """A whole cell of the language."""

    terms: tuple[Term, ...]

    @property
    def meaning(self) -> Intervals:
        """The union of its terms less the negative ones."""
        plus = [i for t in self.terms if not t.negative for i in t.meaning]
        less = [i for t in self.terms if t.negative for i in t.meaning]
        everything = [(0, 7 * DAY)]
        return minus(merged(plus if any(not t.negative for t in self.terms) else everything), merged(less))


@dataclass(frozen=True)
class Ref:
    """A group, therapist or room, writable by id or by name."""

    id: str
    name: str
    times: int = 1


@dataclass(frozen=True)
class Clock:
    """A time of day in minutes."""

    minutes: int


@dataclass(frozen=True)
class Word:
    """One of a closed set of words (a level, a modality): its case does not matter."""

    text: str


@dataclass(frozen=True)
class DayCell:
    """A day of the week, 0 = Monday."""

    number: int


Cell = str | int | Ref | Clock | Word | DayCell | Speech | tuple["Cell", ...] | None
Table = list[dict[str, Cell]]


class Speller:
    """Turns structures into cells."""

    def __init__(self, rng: Random, messy: bool):
        self.rng = rng
        self.messy = messy

    def cell(self, value: Cell) -> object:
        """What to put in the sheet."""
        if value is None or value == ():
            return None
        if isinstance(value, Speech):
            return self._padded(self.speech(value))
        if isinstance(value, tuple):
            return self._list([str(self.cell(v)).strip() for v in value])
        if isinstance(value, Clock):
            return self._time_cell(value.minutes)
        if isinstance(value, DayCell):
            return self._padded(self._day(value.number))
        if isinstance(value, Ref):
            return self._padded(self._ref(value))
        if isinstance(value, Word):
            return self._padded(self._cased(value.text))
        if isinstance(value, int):
            return self._number(value)
        return self._identifier(value)

    def _padded(self, text: str) -> str:
        return text + " " * self.rng.choice((0, 0, 1, 2)) if self.messy else text

    def _cased(self, text: str) -> str:
        return self.rng.choice((text, text.upper(), text.capitalize(), text.title())) if self.messy else text

    def _number(self, value: int) -> object:
        return self.rng.choice((value, str(value), f"{value} ", float(value))) if self.messy else value

    def _identifier(self, text: str) -> object:
        plain_number = text.isdigit() and not text.startswith("0")
        return int(text) if plain_number and (not self.messy or self.rng.random() < 0.6) else text

    def _ref(self, ref: Ref) -> str:
        name = self._cased(ref.name) if self.messy else ref.name
        text = self.rng.choice((ref.id, name))
        return text if ref.times == 1 else f"{text} x{ref.times}"

    def _list(self, items: Sequence[str]) -> str:
        if not self.messy:
            return "; ".join(items)
        return self.rng.choice(("; ", ";", ", ", "\n", " ; ")).join(items) + self.rng.choice(("", "", " ", ";"))

    def _time_cell(self, minutes: int) -> object:
        if not self.messy or minutes == DAY:
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
        return self.rng.choice((dt.time(minutes // 60, minutes % 60), self._clock(minutes), self._clock(minutes)))

    def _clock(self, minutes: int, bare: bool = False) -> str:
        hour, minute = divmod(minutes, 60)
        forms = [f"{hour:02d}:{minute:02d}"]
        if bare and minute == 0 and 7 <= hour <= 12:
            forms.append(str(hour))
        if self.messy and 0 < hour < 24:
            twelve, half = (hour - 1) % 12 + 1, "pm" if hour >= 12 else "am"
            forms += [f"{twelve}:{minute:02d}{half.upper()}", f"{twelve}:{minute:02d} {half}"]
            forms += [f"{twelve} {half}", f"{twelve}{half}"] if minute == 0 else []
        return self.rng.choice(forms)

    def _day(self, number: int) -> str:
        forms = [DAY_NAMES[number]]
        if self.messy:
            forms += [LONG_DAYS[number], DAY_NAMES[number].upper(), LONG_DAYS[number].lower()]
        return self.rng.choice(forms)

    def _days(self, days: tuple[int, ...]) -> str:
        if self.messy and days == (0, 2, 4) and self.rng.random() < 0.7:
            return "M-W-F"
        run = len(days) >= 2 and days == tuple(range(days[0], days[-1] + 1))
        if run and self.rng.random() < 0.7:
            return f"{self._day(days[0])}-{self._day(days[-1])}"
        return "/".join(self._day(d) for d in days)

    def term(self, term: Term) -> str:
        """One term in words."""
        pieces = [self._days(term.days)] if term.days else []
        if term.part:
            pieces.append(self._cased(term.part))
        if term.span:
            pieces.append(self._span(*term.span))
        text = " ".join(pieces) or self._cased("any")
        return f"{self.rng.choice(('not', 'except'))} {text}" if term.negative else text

    def _span(self, start: int, end: int) -> str:
        if end == DAY:
            return f"after {self._clock(start)}"
        if start == 0:
            return f"before {self._clock(end)}"
        dash = self.rng.choice(("-", " - ", "–")) if self.messy else "-"
        return f"{self._clock(start, bare=True)}{dash}{self._clock(end, bare=True)}"

    def speech(self, speech: Speech) -> str:
        """A whole cell in words."""
        return self._list([self.term(t) for t in speech.terms])

    def heading(self, text: str) -> str:
        """A column's or a sheet's name."""
        if not self.messy:
            return text
        aliases: dict[str, tuple[str, ...]] = {"Patient": ("Client", "MRN"), "Therapist": ("Clinician", "Counselor")}
        forms = (text, text.upper(), text.lower(), text.replace(" ", "_"), text.replace(" ", "-"), f"{text} ")
        return self.rng.choice(forms + aliases.get(text, ()))

    def sheet_name(self, text: str) -> str:
        """A sheet's name: case, underscores and spaces vary."""
        return self.rng.choice((text, text.upper(), text.lower(), f"{text}_", f" {text}")) if self.messy else text


def write(tables: dict[str, Table], path: Path, rng: Random, messy: bool) -> Path:
    """Write the tables, a sheet each."""
    speller, book = Speller(rng, messy), Workbook()
    book.remove(book.worksheets[0])
    for name, table in tables.items():
        _sheet(book, name, table, speller)
    if messy:
        notes = book.create_sheet("Notes for Monday", 0)
        notes.append(["All people in this workbook are synthetic", None, 42])
        notes.append([None, "nothing to read here"])
    book.save(path)
    return path


def _sheet(book: Workbook, name: str, table: Table, speller: Speller) -> None:
    sheet, rng = book.create_sheet(speller.sheet_name(name)), speller.rng
    heads = list(dict.fromkeys(h for row in table for h in row))
    if speller.messy:
        rest = heads[1:]
        rng.shuffle(rest)
        heads = heads[:1] + rest
    spelled = [speller.heading(h) for h in heads]
    if speller.messy and rng.random() < 0.2:
        sheet.append(rng.choice((["# As of Friday"], [None])))
    # Only here: elsewhere the first column may be blank, and nothing may be read into it.
    extra = speller.messy and name in ("Patients", "Therapists")
    sheet.append(spelled + (["Parking permit"] if extra else []))
    for row in table:
        if speller.messy and rng.random() < 0.08:
            sheet.append(rng.choice(([None], ["# not yet admitted", "18:00", "Process"], ["  "], ["#"])))
        sheet.append([speller.cell(row.get(h)) for h in heads] + (["lot B"] if extra else []))
