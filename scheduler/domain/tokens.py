"""The words of the availability language: how a cell is cut into tokens, and how clock times and days are spelled.

What the words mean together is the business of `scheduler.domain.availability`.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from scheduler.domain.clock import Day, clock_text
from scheduler.domain.spelling import nearest
from scheduler.domain.types import MINUTES_PER_DAY, MINUTES_PER_HOUR

LONGEST_CELL = 2000
NOON = 12 * MINUTES_PER_HOUR
FIRST_CLEAR_HOUR = 7
"""A bare hour from 1 to 6 may be morning or evening in an outpatient week; from 7 on it is read as 24-hour time."""


class LanguageError(ValueError):
    """A cell, or a part of it, that cannot be read.

    Attributes:
        word: the offending word as written ('' when there is none to point at).
        message: what was expected.
        suggestion: the nearest good spelling, or ''.
        text: the whole cell.
        position: where the word begins, in characters from the start of the cell.
        others: further errors in the same cell, in the order of the text.
    """

    def __init__(
        self,
        word: str,
        message: str,
        suggestion: str = "",
        text: str = "",
        position: int = 0,
        others: tuple["LanguageError", ...] = (),
    ) -> None:
        super().__init__(f"'{word}': {message}" if word else message)
        self.word = word
        self.message = message
        self.suggestion = suggestion
        self.text = text
        self.position = position
        self.others = others


# --------------------------------------------------------------------------------------------------------------- text


class Cell:
    """A cell's text in plain letters (compatibility forms resolved, case folded), knowing where each one came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        folded: list[str] = []
        self._origin: list[int] = []
        for index, sign in enumerate(text):
            plain = unicodedata.normalize("NFKC", sign).casefold()
            folded.append(plain)
            self._origin.extend([index] * len(plain))
        self.plain = "".join(folded)

    def written(self, start: int, end: int) -> str:
        """The text between two places of ``plain``, as the user wrote it."""
        if start >= end:
            return ""
        return self.text[self._origin[start] : self._origin[end - 1] + 1]

    def wrong(self, start: int, end: int, message: str, suggestion: str = "") -> LanguageError:
        """An error that points at the text between two places of ``plain``."""
        at = self._origin[start] if start < len(self._origin) else len(self.text)
        return LanguageError(self.written(start, end), message, suggestion, self.text, at)


TokenKind = Literal["word", "time", "dash", "join", "plus", "other"]


@dataclass(frozen=True)
class Token:
    """A word, clock time, dash, joiner or sign; ``start`` and ``end`` are places in `Cell.plain`."""

    kind: TokenKind
    text: str
    start: int
    end: int


_DASHES = "-‐‑‒–—―−~"
_TOKEN = re.compile(
    r"(?P<always>24\s*[/-]\s*7(?![0-9:.]))"
    r"|(?P<time>[0-9]+(?:[:.][0-9]+)*(?:h[0-9]{2}(?![0-9]))?"
    r"(?:\s*(?:[ap]\.?\s?m\.?|[ap]\.?|hours?|hrs?\.?|h|o['’]clock)(?![^\W_]))?)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    rf"|(?P<dash>[{_DASHES}])"
    r"|(?P<plus>\+)"
    r"|(?P<join>[/&])"
    r"|(?P<gap>[\s_.:()\[\]|@]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_DASH_WORDS = frozenset({"to", "through", "thru"})
_JOIN_WORDS = frozenset({"and", "or", "plus", "also"})


def tokens_of(cell: Cell, start: int, end: int) -> list[Token]:
    """The tokens of a stretch of a cell; spaces, brackets and stray points fall away."""
    found = []
    for match in _TOKEN.finditer(cell.plain, start, end):
        group = match.lastgroup or "other"
        if group != "gap":
            found.append(_token(group, match))
    return found


def _token(group: str, match: re.Match[str]) -> Token:
    text = match.group()
    kinds: dict[str, TokenKind] = {"time": "time", "dash": "dash", "plus": "plus", "join": "join", "other": "other"}
    kind: TokenKind = kinds.get(group, "word")
    if group == "always":
        text = "always"
    elif text in _DASH_WORDS:
        kind = "dash"
    elif text in _JOIN_WORDS:
        kind = "join"
    elif text in ("noon", "midday", "midnight"):
        kind = "time"
    return Token(kind, text, match.start(), match.end())


# -------------------------------------------------------------------------------------------------------------- clock


@dataclass(frozen=True)
class ClockTime:
    """A clock time as written: what it says, and how much it leaves open.

    ``half`` is the am or pm that was written ('' if none, 'fixed' for noon and midnight); ``bare`` an hour without
    minutes; ``padded`` a leading zero, which only 24-hour time has.
    """

    token: Token
    hour: int
    minute: int
    half: str
    bare: bool
    padded: bool

    @property
    def as_24(self) -> int:
        """Minutes since midnight when read as 24-hour time."""
        return self.hour * MINUTES_PER_HOUR + self.minute

    @property
    def may_be_either(self) -> bool:
        """Whether am or pm could be meant."""
        return not self.half and not self.padded and 1 <= self.hour <= 12

    @property
    def is_ambiguous(self) -> bool:
        """A bare hour from 1 to 6."""
        return self.bare and not self.half and 1 <= self.hour < FIRST_CLEAR_HOUR

    @property
    def is_doubtful(self) -> bool:
        """``6:00``: 24-hour time by the contract, yet many people write the evening so."""
        return not self.bare and not self.padded and not self.half and 1 <= self.hour < FIRST_CLEAR_HOUR

    def in_half(self, half: str) -> int:
        """Minutes since midnight when read as am or pm."""
        return (self.hour % 12 + (12 if half == "pm" else 0)) * MINUTES_PER_HOUR + self.minute

    @property
    def stated(self) -> int:
        """Minutes since midnight: by its am or pm, else as 24-hour time."""
        return self.in_half(self.half) if self.half in ("am", "pm") else self.as_24


_CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?\s*(?P<tail>[^0-9]*)")
_PACKED = re.compile(r"(?P<hour>[0-9]{1,2})(?P<minute>[0-9]{2})\s*(?P<tail>[^0-9]*)")
_FIXED = {"noon": 12, "midday": 12, "midnight": 0}


def clock_time(cell: Cell, token: Token) -> ClockTime:
    """Read a time token.

    Raises:
        LanguageError: if it is no time of day.
    """
    if token.text in _FIXED:
        return ClockTime(token, _FIXED[token.text], 0, "fixed", bare=False, padded=False)
    match = _PACKED.fullmatch(token.text) or _CLOCK.fullmatch(token.text)
    if match is None:
        raise cell.wrong(token.start, token.end, "expected a clock time such as 18:00, 9 or 6 pm")
    parts = match.groupdict()
    hour, minute = int(parts["hour"]), int(parts["minute"] or 0)
    half = {"a": "am", "p": "pm"}.get(parts["tail"][:1], "")
    problem = _clock_problem(hour, minute, int(parts.get("second") or 0), half)
    if problem:
        raise cell.wrong(token.start, token.end, *problem)
    padded = parts["hour"].startswith("0")
    return ClockTime(token, hour, minute, half, bare=parts["minute"] is None, padded=padded)


def _clock_problem(hour: int, minute: int, second: int, half: str) -> tuple[str, str] | None:
    if minute > 59:
        return "minutes go from 00 to 59", ""
    if second:
        return "times are given to the whole minute", ""
    if hour > 24 or (hour == 24 and minute):
        return "hours go from 0 to 24", ""
    if half and not 1 <= hour <= 12:
        return f"{hour} is an hour of 24-hour time and takes no am or pm", f"{hour:02d}:{minute:02d}"
    return None


def either_half(hour: int) -> str:
    """What to write instead of a bare hour: ``5 pm (17:00) or 5 am (05:00)``."""
    return f"{hour} pm ({hour + 12}:00) or {hour} am ({hour:02d}:00)"


def refuse_ambiguous(cell: Cell, time: ClockTime) -> None:
    """Refuse a bare hour from 1 to 6.

    Raises:
        LanguageError: if it is one.
    """
    if time.is_ambiguous:
        message = "a bare hour from 1 to 6 may be morning or evening; write am or pm, or 24-hour time with minutes"
        raise cell.wrong(time.token.start, time.token.end, message, either_half(time.hour))


def read_clock(value: str) -> int:
    """Minutes since midnight (0 to 1440) of a single time: ``18:00``, ``6 pm``, ``6p``, ``9``, ``noon``, ``1800``.

    ``midnight`` and ``00:00`` are 0; an end of 0 is for the caller to read as 1440.

    Raises:
        LanguageError: if it is no time of day, or a bare hour from 1 to 6 with no am or pm.
    """
    cell = checked_cell(value)
    found = tokens_of(cell, 0, len(cell.plain))
    if len(found) == 2 and found[0].text == "12" and found[1].text in _FIXED:
        found = found[1:]
    if len(found) != 1 or found[0].kind != "time":
        start, end = (found[0].start, found[-1].end) if found else (0, 0)
        raise cell.wrong(start, end, "expected one clock time such as 18:00, 9 or 6 pm")
    time = clock_time(cell, found[0])
    refuse_ambiguous(cell, time)
    return time.stated


def range_minutes(cell: Cell, first: ClockTime, last: ClockTime) -> tuple[int, int]:
    """The span of the day that two clock times stand for; am or pm on one side carries to the other.

    Raises:
        LanguageError: if it is ambiguous or ends before it begins.
    """
    start, end = _both(cell, first, last)
    end = end or MINUTES_PER_DAY
    if start >= end:
        message = f"it ends before it begins ({clock_text(start)} to {clock_text(end)})"
        raise cell.wrong(first.token.start, last.token.end, message, _turned(first, last))
    return start, end


def _both(cell: Cell, first: ClockTime, last: ClockTime) -> tuple[int, int]:
    if last.half in ("am", "pm") and first.may_be_either:
        return _carried_back(cell, first, last), last.stated
    if first.half in ("am", "pm") and last.may_be_either:
        return first.stated, _carried_on(first, last)
    if not {first.half, last.half} & {"am", "pm"}:
        refuse_ambiguous(cell, first)
        refuse_ambiguous(cell, last)
    return first.stated, last.stated


def _carried_back(cell: Cell, first: ClockTime, last: ClockTime) -> int:
    if last.stated == 0:
        words = f"{cell.written(first.token.start, first.token.end)} may be morning or evening here; write am or pm"
        raise cell.wrong(first.token.start, last.token.end, words, f"{first.hour} pm-midnight")
    same = first.in_half(last.half)
    return same if same < last.stated else first.in_half("am")


def _carried_on(first: ClockTime, last: ClockTime) -> int:
    if last.in_half(first.half) > first.stated:
        return last.in_half(first.half)
    return last.in_half("pm") if first.half == "am" else last.in_half("am")


def _turned(first: ClockTime, last: ClockTime) -> str:
    """For ``10-7`` or ``12:00-1:00``: the same with the end in the evening, where that makes sense."""
    if last.may_be_either and last.in_half("pm") > first.stated:
        return f"{clock_text(first.stated)}-{clock_text(last.in_half('pm'))}"
    return ""


# --------------------------------------------------------------------------------------------------------------- days

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = {
    Day.MON: ("m", "mo", "mon", "mons"),
    Day.TUE: ("t", "tu", "tue", "tues"),
    Day.WED: ("w", "we", "wed", "weds"),
    Day.THU: ("r", "th", "thu", "thur", "thurs"),
    Day.FRI: ("f", "fr", "fri", "fris"),
    Day.SAT: ("sa", "sat", "sats"),
    Day.SUN: ("su", "sun", "suns"),
}
_DAY_OF = {word: day for day, words in _SHORT.items() for word in words} | {
    name.casefold() + plural: Day(index) for index, name in enumerate(DAY_NAMES) for plural in ("", "s")
}
_RUN = re.compile(r"mo|m|tu|th|t|we|w|r|fr|f|sa|su")
_RUN_LETTERS = frozenset({"m", "t", "tu", "w", "th", "r", "f", "sa", "su"})
AMBIGUOUS_DAY = "s"


def days_of_word(word: str) -> tuple[Day, ...]:
    """The days of a word such as ``tues``, ``mondays`` or the run ``mwf``; empty when it is none.

    A run must go forward through the week, so that no ordinary word passes for one.
    """
    if word in _DAY_OF:
        return (_DAY_OF[word],)
    letters = _RUN.findall(word)
    days = tuple(_DAY_OF[letter] for letter in letters)
    if len(days) < 2 or "".join(letters) != word or list(days) != sorted(set(days)):
        return ()
    return days if _RUN_LETTERS.issuperset(letters) or all(len(letter) == 2 for letter in letters) else ()


# ------------------------------------------------------------------------------------------------------------ refusal


def checked_cell(text: str) -> Cell:
    """A cell that is neither blank nor absurdly long.

    Raises:
        LanguageError: if it is.
    """
    if len(text) > LONGEST_CELL:
        raise LanguageError(text[:20], f"the cell is longer than {LONGEST_CELL} characters", "", text, 0)
    cell = Cell(text)
    if not cell.plain.strip():
        raise LanguageError("", "the cell is blank", "", text, 0)
    return cell


def nearest_word(word: str, extra: tuple[str, ...] = ()) -> str:
    """The nearest word of the language to a word that is not in it; ``extra`` are the names of the day parts."""
    if len(word) < 3:
        return ""
    shorts = tuple(day.short for day in Day)
    keywords = ("after", "before", "between", "until", "from", "except", "not", "any", "anytime", "always", "noon")
    return nearest(word, (*DAY_NAMES, *shorts, *keywords, "midnight", "all day", *extra))
