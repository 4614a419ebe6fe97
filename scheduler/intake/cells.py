"""A reader for each kind of cell. It gives the value, or None and a problem at the cell; a blank cell gives None."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from scheduler.domain.availability import (
    Dayparts,
    LanguageError,
    Reading,
    read_availability,
    read_clock,
    read_day,
)
from scheduler.domain.clock import Day, TimeSet, clock_text
from scheduler.domain.spelling import nearest
from scheduler.domain.types import MINUTES_PER_DAY, MINUTES_PER_HOUR, Kind, Modality, PersonModality
from scheduler.domain.week import AgendaItem
from scheduler.intake.collector import Collector
from scheduler.intake.columns import fold
from scheduler.intake.mapping import word_key
from scheduler.intake.raw import CellError, Formula, Strange, Value
from scheduler.intake.tables import Cell, text_of

LONGEST_ID = 80
LONGEST_TEXT = 2_000
MOST_COUNT = 10_000
MOST_HOURS = 168
_BLANK_MARKS = frozenset({"-", "--", "---", "–", "—", "n/a", "none"})
_KINDS_NEVER_NONE = frozenset({"id", "name", "note", "times"})
"""Kinds of cells in which ``-`` or ``none`` is not blank: a room that is free at ``none`` is not always free."""
_TIMES_MAYBE_NONE = frozenset({"Unavailable", "Preferred times"})
"""Columns of times in which they are: there is nothing else that they can mean."""


def refuse_unreadable(cell: Cell, sink: Collector) -> None:
    """Refuse formulas, error values and whatever else is no value of a cell."""
    value = cell.value
    if isinstance(value, Formula):
        sink.error(
            "formula", cell.spot, "a formula stands in place of a value", "paste the value (Paste Special, Values)"
        )
    elif isinstance(value, CellError):
        sink.error("error-value", cell.spot, f"the cell holds the error {value.text}", "write the value itself")
    elif isinstance(value, Strange):
        sink.error("not-a-cell", cell.spot, "expected a text, a number or a list of texts", "")
    elif isinstance(value, float) and not math.isfinite(value):
        sink.error("not-a-number", cell.spot, "the number is not finite", "")
    elif isinstance(value, str) and len(value) > LONGEST_TEXT:
        sink.error("too-long", cell.spot, f"the cell is longer than {LONGEST_TEXT} characters", "")


def _is_unreadable(value: Value | None) -> bool:
    return (
        isinstance(value, Formula | CellError | Strange)
        or (isinstance(value, float) and not math.isfinite(value))
        or (isinstance(value, str) and len(value) > LONGEST_TEXT)
    )


def _replaced(cell: Cell) -> Value | None:
    """The value after the map's replacement of whole cells."""
    if cell.words and not cell.blank:
        return cell.words.get(word_key(cell.text), cell.value)
    return cell.value


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing, or a mark that stands for nothing."""
    if cell.blank:
        return True
    may_be_none = cell.column.kind not in _KINDS_NEVER_NONE or cell.column.name in _TIMES_MAYBE_NONE
    return may_be_none and cell.text.strip().casefold() in _BLANK_MARKS


def read_text(cell: Cell, sink: Collector) -> str:
    """Text; a number is taken as it is written (12.0 as 12). '' when blank or refused."""
    value = _replaced(cell)
    if is_blank(cell) or _is_unreadable(value):
        return ""
    if isinstance(value, bool):
        sink.error("not-text", cell.spot, "a yes/no value stands where text is expected", "format the cell as Text")
        return ""
    if isinstance(value, datetime | date | time | timedelta):
        sink.error("date-in-text", cell.spot, "a date or time stands where text is expected", _date_hint(cell))
        return ""
    return text_of(value)


def _date_hint(cell: Cell) -> str:
    if cell.column.kind == "times":
        return "write days and times, such as Tue 18:00-21:00"
    return "Excel may have turned the text into a date: format the cell as Text and type it again"


def read_id(cell: Cell, sink: Collector) -> str:
    """An id, on one line; '' when blank or refused."""
    text = " ".join(read_text(cell, sink).split())
    if len(text) > LONGEST_ID:
        sink.error("too-long", cell.spot, f"an id has at most {LONGEST_ID} characters", "use a short code")
        return ""
    return text


def read_list(cell: Cell, sink: Collector) -> tuple[str, ...]:
    """The items of a list, split at ``;`` or ``,`` or a line break."""
    items = (part.strip() for part in re.split(r"[;,\n\r]", read_text(cell, sink)))
    return tuple(cell.words.get(word_key(item), item) for item in items if item)


def plain_word(text: str) -> str:
    """A tag or feature in its common form: small letters, single spaces, no hyphens, no ``+`` at its end (LGBTQ+)."""
    return " ".join(re.sub(r"[-_‐‑–]", " ", text.casefold()).split()).rstrip("+ ")


def read_words(cell: Cell, sink: Collector) -> frozenset[str]:
    """Tags or features."""
    return frozenset(word for item in read_list(cell, sink) if (word := plain_word(item)))


def read_open_to(cell: Cell, sink: Collector) -> tuple[frozenset[str], ...]:
    """``adult + women; adolescent``: a choice of sets of words; empty when blank."""
    choices = []
    for item in read_list(cell, sink):
        words = frozenset(word for part in item.split("+") if (word := plain_word(part)))
        if words and words not in choices:
            choices.append(words)
    return tuple(choices)


# -------------------------------------------------------------------------------------------------------------- numbers

_NUMBER = re.compile(r"([+-]?\d{1,15})(?:([.,])(\d{1,6}))?\s*([a-z]*\.?)")
_UNITS = {
    "hours": frozenset({"h", "hr", "hrs", "hour", "hours"}),
    "count": frozenset({"x", "times", "block", "blocks", "session", "sessions", "group", "groups"}),
    "size": frozenset({"x", "times", "patient", "patients", "client", "clients", "people", "seat", "seats", "person"}),
}
_HOURS_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::00)?")


def _number(cell: Cell, sink: Collector) -> float | int | None:
    value = _replaced(cell)
    if is_blank(cell) or _is_unreadable(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    match = _NUMBER.fullmatch(value.strip().casefold()) if isinstance(value, str) else None
    if match is None or not _unit_fits(match.group(4), cell):
        sink.error("not-a-number", cell.spot, f"expected a number for {cell.column.name}", _number_hint(cell))
        return None
    whole, point, rest, _ = match.groups()
    if point == ",":
        sink.notice("decimal-comma", cell.spot, f"read as {whole}.{rest}")
    return float(f"{whole}.{rest}") if rest else int(whole)


def _unit_fits(unit: str, cell: Cell) -> bool:
    return not unit or unit.rstrip(".") in _UNITS.get(cell.column.kind, frozenset())


def _number_hint(cell: Cell) -> str:
    if isinstance(cell.value, datetime | date | time):
        return "Excel may have turned the number into a date: format the cell as Number and type it again"
    example = cell.column.example
    blank = "" if cell.column.required else "; leave it blank for the default"
    return f"for example {example}{blank}" if example else "write digits, such as 3"


def read_whole(cell: Cell, sink: Collector, least: int, most: int = MOST_COUNT) -> int | None:
    """A whole number within bounds."""
    number = _number(cell, sink)
    if number is None:
        return None
    if isinstance(number, float) and not number.is_integer():
        sink.error(
            "not-whole",
            cell.spot,
            f"{cell.column.name} is a whole number",
            f"{math.floor(number)} or {math.ceil(number)}?",
        )
        return None
    if not least <= number <= most:
        hint = "" if cell.column.required else "leave it blank for the default"
        sink.error("out-of-range", cell.spot, f"{cell.column.name} lies between {least} and {most}", hint)
        return None
    return int(number)


def read_hours(cell: Cell, sink: Collector) -> int | None:
    """Hours, given in minutes: ``9``, ``7.5``, ``9 h``, ``9:30``."""
    value = _replaced(cell)
    clock = _hours_on_a_clock(value)
    if clock is not None:
        return clock
    number = _number(cell, sink)
    if number is None:
        return None
    if not 0 <= number <= MOST_HOURS:
        sink.error("out-of-range", cell.spot, f"{cell.column.name} lies between 0 and {MOST_HOURS} hours a week", "")
        return None
    minutes = round(number * MINUTES_PER_HOUR)
    if abs(minutes - number * MINUTES_PER_HOUR) > 1e-6:
        sink.notice("rounded", cell.spot, f"read as {minutes} minutes, the nearest whole minute")
    return minutes


def _hours_on_a_clock(value: Value | None) -> int | None:
    """The minutes of hours typed as ``9:30``, which Excel makes a time of day or a length of time."""
    if isinstance(value, time):
        return value.hour * MINUTES_PER_HOUR + value.minute
    if isinstance(value, timedelta) and timedelta(0) <= value <= timedelta(hours=MOST_HOURS):
        return round(value.total_seconds() / 60)
    match = _HOURS_CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match.group(1)) >= MOST_HOURS:
        return None
    return int(match.group(1)) * MINUTES_PER_HOUR + int(match.group(2))


# -------------------------------------------------------------------------------------------------------------- choices

_IN_PERSON: tuple[str, ...] = (
    "in person",
    "in-person only",
    "person",
    "onsite",
    "on site",
    "on-location",
    "face to face",
    "f2f",
    "live",
)
_IN_PERSON += ("office", "in office", "clinic", "in clinic", "ip", "physical", "at clinic", "center", "facility")
_TELEHEALTH: tuple[str, ...] = (
    "telehealth",
    "telehealth only",
    "tele",
    "telemedicine",
    "virtual",
    "virtually",
    "online",
    "on-line",
)
_TELEHEALTH += ("remote", "remotely", "video", "zoom", "teams", "th", "web", "telepsych")
_EITHER: tuple[str, ...] = ("either", "both", "hybrid", "any", "flexible", "no preference", "either one", "mixed")
_EITHER += ("in person or telehealth", "telehealth or in person", "in person/telehealth", "in person; telehealth")
_MODALITIES: Mapping[str, PersonModality] = {
    **{fold(word): "in person" for word in _IN_PERSON},
    **{fold(word): "telehealth" for word in _TELEHEALTH},
    **{fold(word): "either" for word in _EITHER},
}
_THERAPY = ("therapy", "group therapy", "therapeutic", "process", "clinical", "treatment", "counseling", "counselling")
_EDUCATION = (
    "education",
    "educational",
    "psychoeducation",
    "psychoed",
    "psycho education",
    "psycho ed",
    "edu",
    "didactic",
)
_FAMILY = ("family", "family group", "family therapy", "multifamily", "multi family", "family education", "families")
_KINDS: Mapping[str, Kind] = {
    **{fold(word): "therapy" for word in (*_THERAPY, "psychotherapy")},
    **{fold(word): "education" for word in (*_EDUCATION, "lecture", "class")},
    **{fold(word): "family" for word in _FAMILY},
}


def read_person_modality(cell: Cell, sink: Collector) -> PersonModality | None:
    """How a person attends or leads."""
    text = read_text(cell, sink)
    if not text:
        return None
    found = _MODALITIES.get(fold(text))
    if found is None:
        _unknown(cell, sink, "unknown-modality", text, cell.column.choices)
    return found


def read_group_modality(cell: Cell, sink: Collector) -> Modality | None:
    """How a group is held: one way or the other."""
    found = read_person_modality(cell, sink)
    if found == "either":
        message = "a group is held either in person or by telehealth"
        sink.error("unknown-modality", cell.spot, message, "make two groups, one of each")
        return None
    return found


def read_kind(cell: Cell, sink: Collector) -> Kind | None:
    """The kind of a group."""
    text = read_text(cell, sink)
    found = _KINDS.get(fold(text))
    if text and found is None:
        _unknown(cell, sink, "unknown-kind", text, cell.column.choices)
    return found


def _unknown(cell: Cell, sink: Collector, code: str, text: str, choices: tuple[str, ...]) -> None:
    guess = nearest(text, choices)
    hint = f"did you mean {guess}?" if guess else ""
    sink.error(code, cell.spot, f"expected one of {', '.join(choices)}", hint)


def read_choice(cell: Cell, sink: Collector, choices: tuple[str, ...], code: str) -> str:
    """One of some words, without regard to case and signs; '' when blank or refused."""
    text = read_text(cell, sink)
    if not text:
        return ""
    for choice in choices:
        if fold(choice) == fold(text):
            return choice
    _unknown(cell, sink, code, text, choices)
    return ""


# ---------------------------------------------------------------------------------------------------------------- times

_ZERO_DATES = frozenset({date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1)})
"""The dates with which programs write a bare time of day, by their epochs."""
_NEXT_DATES = frozenset({date(1900, 1, 1), date(1904, 1, 2)})
"""The dates one day on: at midnight they say 24:00."""
_DOUBTFUL = re.compile(r"[1-6][:.][0-5]\d")


class Language:
    """The availability language with the day parts of a profile. The same text is read once."""

    def __init__(self, dayparts: Dayparts) -> None:
        self.dayparts = dayparts
        self._read: dict[str, Reading] = {}

    def read(self, text: str) -> Reading:
        """What a text means.

        Raises:
            LanguageError: if it cannot be read.
        """
        if text not in self._read:
            self._read[text] = read_availability(text, self.dayparts)
        return self._read[text]


_day = lru_cache(maxsize=1024)(read_day)
_time_of_day = lru_cache(maxsize=1024)(read_clock)


def read_times(cell: Cell, language: Language, sink: Collector) -> TimeSet | None:
    """A cell of the availability language."""
    text = "; ".join(read_list(cell, sink)) if cell.words else read_text(cell, sink)
    if not text:
        return None
    try:
        reading = language.read(text)
    except LanguageError as error:
        for one in (error, *error.others):
            hint = f"did you mean '{one.suggestion}'?" if one.suggestion else ""
            sink.error("bad-availability", cell.spot, str(one), hint)
        return None
    for note in reading.notes:
        sink.notice("availability-note", cell.spot, note)
    return reading.times


def read_day_cell(cell: Cell, sink: Collector) -> Day | None:
    """One day of the week."""
    text = read_text(cell, sink)
    if not text:
        return None
    try:
        return _day(text)
    except LanguageError as error:
        hint = f"did you mean {error.suggestion}?" if error.suggestion else "one of Mon, Tue, Wed, Thu, Fri, Sat, Sun"
        sink.error("bad-day", cell.spot, str(error), hint)
        return None


def read_clock_cell(cell: Cell, sink: Collector, *, is_end: bool = False) -> int | None:
    """A time of day in minutes; an end at midnight is the end of the day (1440)."""
    value = _replaced(cell)
    if is_blank(cell) or _is_unreadable(value):
        return None
    minute = _clock(cell, value, sink)
    if minute is None:
        return None
    return MINUTES_PER_DAY if is_end and minute == 0 else minute


def _clock(cell: Cell, value: Value | None, sink: Collector) -> int | None:
    if isinstance(value, datetime):
        return _clock_of_date(cell, value, sink)
    if isinstance(value, time):
        return _nearest_minute(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6)
    if isinstance(value, timedelta):
        return _within_day(cell, _nearest_minute(value.total_seconds()), sink)
    if isinstance(value, float) and 0 <= value < 1:
        return _nearest_minute(value * 86_400)
    if isinstance(value, bool | date):
        sink.error("bad-time", cell.spot, "expected a time of day", "for example 18:00")
        return None
    return _clock_in_words(cell, text_of(value), sink)


def _nearest_minute(seconds: float) -> int:
    return round(seconds / 60)


def _within_day(cell: Cell, minute: int, sink: Collector) -> int | None:
    if 0 <= minute <= MINUTES_PER_DAY:
        return minute
    sink.error("bad-time", cell.spot, "expected a time of day between 00:00 and 24:00", "for example 18:00")
    return None


def _clock_of_date(cell: Cell, value: datetime, sink: Collector) -> int | None:
    minute = _nearest_minute(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6)
    if value.date() in _NEXT_DATES and minute == 0:
        return MINUTES_PER_DAY
    if value.date() in _ZERO_DATES:
        return minute
    sink.error(
        "bad-time", cell.spot, "a date stands where a time of day is expected", f"write {clock_text(minute)} alone"
    )
    return None


def _clock_in_words(cell: Cell, text: str, sink: Collector) -> int | None:
    text = re.sub(r"^(?:1899-12-3[01]|1900-01-0[01]|1904-01-01)[ T]", "", text.strip())
    try:
        minute = _time_of_day(text)
    except LanguageError as error:
        hint = f"did you mean {error.suggestion}?" if error.suggestion else "for example 18:00 or 6 pm"
        sink.error("bad-time", cell.spot, str(error), hint)
        return None
    if _DOUBTFUL.fullmatch(text):
        sink.notice(
            "doubtful-time",
            cell.spot,
            f"read as {clock_text(minute)}, in the morning",
            "write 18:00 or 6 pm for the evening",
        )
    return minute


# --------------------------------------------------------------------------------------------------------------- agenda

_AGENDA_ITEM = re.compile(r"(.*?[^\W\d_].*?)[\s:=(-]+(\d{1,4})\s*(?:minutes?|mins?\.?|m|['’′])?\)?", re.IGNORECASE)


def read_agenda(cell: Cell, sink: Collector) -> tuple[AgendaItem, ...]:
    """``Process 60; Skills 60``: the services of a session with their minutes."""
    found = []
    for item in read_list(cell, sink):
        match = _AGENDA_ITEM.fullmatch(item)
        if match is None or not 1 <= int(match.group(2)) <= MINUTES_PER_DAY:
            message = f"'{item}': expected a service and its minutes"
            sink.error("bad-agenda", cell.spot, message, "for example Process 60; Skills 60")
        else:
            found.append(AgendaItem(title=match.group(1).strip(), minutes=int(match.group(2))))
    return tuple(found)
