"""The availability language, read from its published description alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

DAY = 24 * 60
WEEK = 7 * DAY
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LETTERS = {"m": 0, "w": 2, "f": 4}
_TIME = re.compile(r"^(\d{1,2})(?::(\d{2})(?::\d{2})?)?\s*(am|pm|a\.m\.|p\.m\.)?$")
_DAYS_THEN_REST = re.compile(r"^([a-z]+(?:\s*[-/]\s*[a-z]+)*)(?:\s+(.*))?$")

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


class UnreadableError(ValueError):
    """A cell that the published language does not explain."""


def merged(intervals: list[Interval]) -> Intervals:
    """The union of intervals, sorted, touching ones joined."""
    out: list[Interval] = []
    for start, end in sorted(i for i in intervals if i[0] < i[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)


def minus(left: Intervals, right: Intervals) -> Intervals:
    """What is in `left` and not in `right`."""
    pieces = list(left)
    for cut_start, cut_end in right:
        nxt: list[Interval] = []
        for start, end in pieces:
            nxt += [(start, min(end, cut_start)), (max(start, cut_end), end)]
        pieces = [p for p in nxt if p[0] < p[1]]
    return merged(pieces)


def common(left: Intervals, right: Intervals) -> Intervals:
    """What is in both."""
    return merged([(max(a, c), min(b, d)) for a, b in left for c, d in right])


def covers(free: Intervals, start: int, end: int) -> bool:
    """Whether one stretch of `free` holds start..end wholly."""
    return any(a <= start and end <= b for a, b in free)


def day_number(word: str) -> int | None:
    """0 for Monday ... 6 for Sunday; None for a word that is no day."""
    word = word.strip().lower()
    if word in _LETTERS:
        return _LETTERS[word]
    for number, name in enumerate(_LONG):
        if len(word) >= 3 and name.startswith(word):
            return number
    return None


def clock(text: str) -> int:
    """Minutes after midnight of `18:00`, `6 pm`, `6:00PM`, `9`."""
    match = _TIME.match(text.strip().lower())
    if not match:
        raise UnreadableError(f"no time: {text!r}")
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif match[2] is None and 1 <= hour <= 6:
        raise UnreadableError(f"ambiguous hour: {text!r}")
    if hour * 60 + minute > DAY or minute > 59:
        raise UnreadableError(f"no time: {text!r}")
    return hour * 60 + minute


def parse(text: str, dayparts: Mapping[str, str]) -> Intervals:
    """The union of a cell's terms, less its `not` and `except` terms.

    Args:
        text: the cell.
        dayparts: name -> its meaning in this same language.
    """
    plus: list[Interval] = []
    less: list[Interval] = []
    positive = False
    for raw in re.split(r"[;,\n]", text.replace("–", "-").lower()):
        term = " ".join(raw.split())
        if not term:
            continue
        negative = re.match(r"^(?:not|except)\s+(.*)$", term)
        if negative:
            less += _term(negative[1], dayparts)
        else:
            positive = True
            plus += _term(term, dayparts)
    return minus(merged(plus) if positive else ((0, WEEK),), merged(less))


def _term(term: str, dayparts: Mapping[str, str]) -> Intervals:
    days, rest = _split_days(term)
    part = _part(rest, dayparts)
    inside = merged([(d * DAY, (d + 1) * DAY) for d in days])
    return common(part, inside)


def _split_days(term: str) -> tuple[list[int], str]:
    match = _DAYS_THEN_REST.match(term)
    if match:
        joined = match[1]
        words = re.split(r"\s*[-/]\s*", joined)
        numbers = [day_number(w) for w in words]
        known = [n for n in numbers if n is not None]
        if len(known) == len(numbers):
            if "/" not in joined and len(known) == 2:
                if known[0] > known[1]:
                    raise UnreadableError(f"days run backwards: {term!r}")
                known = list(range(known[0], known[1] + 1))
            return known, match[2] or ""
    return list(range(7)), term


def _part(rest: str, dayparts: Mapping[str, str]) -> Intervals:
    if rest in ("", "any"):
        return ((0, WEEK),)
    for name, meaning in dayparts.items():
        if rest in (name, name.removesuffix("s")):
            return parse(meaning, {})
    start, end = _range(rest)
    if start >= end:
        raise UnreadableError(f"ends before it starts: {rest!r}")
    return tuple((d * DAY + start, d * DAY + end) for d in range(7))


def _range(rest: str) -> Interval:
    if rest.startswith("after "):
        return clock(rest[6:]), DAY
    if rest.startswith("before "):
        return 0, clock(rest[7:])
    ends = re.split(r"\s*-\s*|\s+to\s+", rest)
    if len(ends) != 2:
        raise UnreadableError(f"not understood: {rest!r}")
    return clock(ends[0]), clock(ends[1])
