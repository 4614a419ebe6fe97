"""Time arithmetic against a plain model: a set of minutes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.clock import Day, TimeSet, clock_text, hours_text
from scheduler.domain.spelling import nearest
from scheduler.domain.types import MINUTES_PER_DAY, MINUTES_PER_WEEK

UNIT = 120
"""Spans of the laws lie on this grid, so that a set of minutes stays small."""

cells = st.sets(st.integers(0, MINUTES_PER_WEEK // UNIT - 1), max_size=30)


def of_cells(chosen: set[int]) -> TimeSet:
    return TimeSet.of((cell * UNIT, cell * UNIT + UNIT) for cell in chosen)


def cells_of(times: TimeSet) -> set[int]:
    return {minute // UNIT for start, end in times.spans for minute in range(start, end, UNIT)}


@given(cells, cells)
@settings(max_examples=100, deadline=None)
def test_sets_of_time_behave_as_sets_of_minutes(a: set[int], b: set[int]) -> None:
    one, other = of_cells(a), of_cells(b)
    assert cells_of(one | other) == a | b
    assert cells_of(one & other) == a & b
    assert cells_of(one - other) == a - b
    assert one.minutes == len(a) * UNIT
    assert bool(one) == bool(a)
    assert of_cells(cells_of(one)) == one, "one set of minutes has one form"


@given(cells, st.integers(0, MINUTES_PER_WEEK // UNIT - 1), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_covers_asks_for_every_minute(chosen: set[int], first: int, length: int) -> None:
    wanted = set(range(first, first + length))
    assert of_cells(chosen).covers(first * UNIT, (first + length) * UNIT) == (wanted <= chosen)


@given(cells)
@settings(max_examples=60, deadline=None)
def test_by_day_cuts_at_midnight_and_loses_nothing(chosen: set[int]) -> None:
    times = of_cells(chosen)
    pieces = times.by_day()
    assert all(0 <= start < end <= MINUTES_PER_DAY for _, start, end in pieces)
    assert TimeSet.of((day.start + start, day.start + end) for day, start, end in pieces) == times


def test_touching_spans_become_one() -> None:
    assert TimeSet.of([(60, 120), (0, 60), (30, 90)]).spans == ((0, 120),)


def test_the_whole_week() -> None:
    always = TimeSet.always()
    assert always.minutes == MINUTES_PER_WEEK
    assert always.covers(0, MINUTES_PER_WEEK)
    assert len(always.by_day()) == 7
    assert not always - always


@pytest.mark.parametrize("span", [(5, 5), (6, 5), (-1, 5), (0, MINUTES_PER_WEEK + 1)])
def test_a_span_that_is_none_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="begin before it ends"):
        TimeSet.of([span])


@pytest.mark.parametrize(
    ("minute", "text"),
    [(0, "00:00"), (5, "00:05"), (1080, "18:00"), (1440, "24:00"), (1440 + 540, "09:00"), (MINUTES_PER_WEEK, "24:00")],
)
def test_clock_text(minute: int, text: str) -> None:
    assert clock_text(minute) == text


@pytest.mark.parametrize(("minutes", "text"), [(540, "9 h"), (450, "7.5 h"), (0, "0 h"), (50, "0.8333 h")])
def test_hours_text(minutes: int, text: str) -> None:
    assert hours_text(minutes) == text


def test_days() -> None:
    assert [day.short for day in Day] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert Day.WED.start == 2 * MINUTES_PER_DAY


@pytest.mark.parametrize(
    ("word", "good", "found"),
    [
        ("Proces", ["Process", "Progress"], "Process"),
        ("relapse-preventoin", ["Relapse prevention", "Process"], "Relapse prevention"),
        ("MIN_SIZE", ["Min size", "Max size"], "Min size"),
        ("zzz", ["Process"], ""),
        ("", ["Process"], ""),
        ("Process", [], ""),
        ("ab", ["ac", "aa"], ""),
        ("P001", ["P003", "P002"], "P002"),
    ],
)
def test_the_nearest_spelling(word: str, good: list[str], found: str) -> None:
    assert nearest(word, good) == found
