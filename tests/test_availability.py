"""The availability language: what each spelling means, what is refused and why, and laws that hold for any text."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.availability import (
    DEFAULT_DAYPARTS,
    Dayparts,
    LanguageError,
    Reading,
    describe,
    read_availability,
    read_clock,
    read_day,
    read_dayparts,
    read_days,
)
from scheduler.domain.clock import Day, TimeSet
from scheduler.domain.tokens import LONGEST_CELL

PARTS = read_dayparts({})
WORKWEEK = "01234"
WEEKEND = "56"
EVERY = "0123456"


def on(days: str, *hours: float) -> TimeSet:
    """Times on days (0 is Monday) from one hour to another: on("02", 9, 12, 13.5, 16)."""
    pairs = list(zip(hours[::2], hours[1::2], strict=True)) or [(0, 24)]
    return TimeSet.of(
        (int(day) * 1440 + round(a * 60), int(day) * 1440 + round(b * 60)) for day in days for a, b in pairs
    )


def read(text: str, parts: Dayparts = PARTS) -> TimeSet:
    return read_availability(text, parts).times


def refused(text: str, parts: Dayparts = PARTS) -> LanguageError:
    with pytest.raises(LanguageError) as caught:
        read_availability(text, parts)
    return caught.value


GOOD = [
    # the examples of the contract
    ("evenings", on(WORKWEEK, 17, 22)),
    ("weekends", on(WEEKEND)),
    ("work hours", on(WORKWEEK, 8, 17)),
    ("mornings", on(WORKWEEK, 6, 12.5)),
    ("afternoons", on(WORKWEEK, 12, 17.5)),
    ("weekdays", on(WORKWEEK)),
    ("any", TimeSet.always()),
    ("Mon", on("0")),
    ("Tue-Thu", on("123")),
    ("Mon/Wed/Fri", on("024")),
    ("18:00-21:00", on(EVERY, 18, 21)),
    ("Mon 9-12", on("0", 9, 12)),
    ("Tue-Thu after 17:30", on("123", 17.5, 24)),
    ("Sat before 14:00", on("5", 0, 14)),
    ("Mon/Wed evenings", on("02", 17, 22)),
    ("not Wed", on("013456")),
    ("except Fri afternoons", TimeSet.always() - on("4", 12, 17.5)),
    # days
    ("Monday", on("0")),
    ("mondays", on("0")),
    ("Mo", on("0")),
    ("M", on("0")),
    ("T", on("1")),
    ("R", on("3")),
    ("tues.", on("1")),
    ("Weds", on("2")),
    ("Thur, Thurs", on("3")),
    ("Sa/Su", on(WEEKEND)),
    ("M-F", on(WORKWEEK)),
    ("Fri-Mon", on("4560")),
    ("Mon to Fri", on(WORKWEEK)),
    ("Monday through Thursday", on("0123")),
    ("from Mon thru Wed", on("012")),
    ("Mon–Wed", on("012")),
    ("Mon — Wed", on("012")),
    ("M-W-F", on("024")),
    ("Mon-Tue-Thu", on("013")),
    ("Mon & Wed", on("02")),
    ("Mon and Wed", on("02")),
    ("Mon + Wed", on("02")),
    ("Mon Wed Fri 9-12", on("024", 9, 12)),
    ("Mon-Wed/Fri", on("0124")),
    ("MWF", on("024")),
    ("TTh", on("13")),
    ("TuTh", on("13")),
    ("MTWThF", on(WORKWEEK)),
    ("MTWRF 18-21", on(WORKWEEK, 18, 21)),
    ("MoWe", on("02")),
    ("Monday: 9-12", on("0", 9, 12)),
    ("Mon9-12", on("0", 9, 12)),
    ("weekdays 18:00-21:00", on(WORKWEEK, 18, 21)),
    ("weekdays and weekends", TimeSet.always()),
    # day parts
    ("Evening", on(WORKWEEK, 17, 22)),
    ("evenings only", on(WORKWEEK, 17, 22)),
    ("only evenings", on(WORKWEEK, 17, 22)),
    ("workhours", on(WORKWEEK, 8, 17)),
    ("work-hours", on(WORKWEEK, 8, 17)),
    ("WORK_HOURS", on(WORKWEEK, 8, 17)),
    ("working hours", on(WORKWEEK, 8, 17)),
    ("business hours", on(WORKWEEK, 8, 17)),
    ("Sat mornings", on("5", 6, 12.5)),
    ("weekend mornings", on(WEEKEND, 6, 12.5)),
    ("evenings on Mon and Wed", on("02", 17, 22)),
    ("every evening", on(WORKWEEK, 17, 22)),
    ("in the mornings", on(WORKWEEK, 6, 12.5)),
    ("Mon mornings and afternoons", on("0", 6, 17.5)),
    ("evenings and weekends", on(WORKWEEK, 17, 22) | on(WEEKEND)),
    ("weekends & evenings", on(WORKWEEK, 17, 22) | on(WEEKEND)),
    ("Mon evenings and Wed mornings", on("0", 17, 22) | on("2", 6, 12.5)),
    ("evenings after 18:30", on(WORKWEEK, 18.5, 22)),
    ("Mon evenings 18-21", on("0", 18, 21)),
    # any
    ("anytime", TimeSet.always()),
    ("Any time", TimeSet.always()),
    ("always", TimeSet.always()),
    ("all", TimeSet.always()),
    ("all week", TimeSet.always()),
    ("24/7", TimeSet.always()),
    ("open", TimeSet.always()),
    ("Mon any", on("0")),
    ("Sat all day", on("5")),
    ("all day Sat", on("5")),
    ("any day 18-21", on(EVERY, 18, 21)),
    ("daily 18-21", on(EVERY, 18, 21)),
    # times
    ("9-12", on(EVERY, 9, 12)),
    ("9 to 12", on(EVERY, 9, 12)),
    ("6-9pm", on(EVERY, 18, 21)),
    ("6pm-9pm", on(EVERY, 18, 21)),
    ("6:30-9 p.m.", on(EVERY, 18.5, 21)),
    ("6p-9p", on(EVERY, 18, 21)),
    ("11-2pm", on(EVERY, 11, 14)),
    ("9am-12pm", on(EVERY, 9, 12)),
    ("9am-5", on(EVERY, 9, 17)),
    ("6pm-9", on(EVERY, 18, 21)),
    ("9am-noon", on(EVERY, 9, 12)),
    ("6pm-midnight", on(EVERY, 18, 24)),
    ("6pm-12", on(EVERY, 18, 24)),
    ("12-3pm", on(EVERY, 12, 15)),
    ("12 noon - 15:00", on(EVERY, 12, 15)),
    ("1800-2100", on(EVERY, 18, 21)),
    ("18.00-21.00", on(EVERY, 18, 21)),
    ("18h-21h30", on(EVERY, 18, 21.5)),
    ("18:00:00-21:00:00", on(EVERY, 18, 21)),
    ("18:00-24:00", on(EVERY, 18, 24)),
    ("18:00-00:00", on(EVERY, 18, 24)),
    ("09:00-5pm", on(EVERY, 9, 17)),
    ("06:00-09:00", on(EVERY, 6, 9)),
    ("after 5pm", on(EVERY, 17, 24)),
    ("since 17:30", on(EVERY, 17.5, 24)),
    ("17:30+", on(EVERY, 17.5, 24)),
    ("Mon 17:30 onwards", on("0", 17.5, 24)),
    ("Mon 17:30 or later", on("0", 17.5, 24)),
    ("until noon", on(EVERY, 0, 12)),
    ("up to 14:00", on(EVERY, 0, 14)),
    ("by 2 pm", on(EVERY, 0, 14)),
    ("between 9 and 12", on(EVERY, 9, 12)),
    ("from 9 until 12", on(EVERY, 9, 12)),
    ("Mon 9-12 13-16", on("0", 9, 12, 13, 16)),
    ("Mon/Wed 9-12 & 18-21", on("02", 9, 12, 18, 21)),
    ("Mon 9-12 and Wed 13-16", on("0", 9, 12) | on("2", 13, 16)),
    ("9-12 Mon", on("0", 9, 12)),
    ("Tue (after 17:30)", on("1", 17.5, 24)),
    ("１８：００－２１：００", on(EVERY, 18, 21)),
    ("Mon\u00a09-12", on("0", 9, 12)),
    # sums and differences
    ("Mon; Tue, Wed\nThu", on("0123")),
    ("Mon;;Tue;", on("01")),
    ("weekdays; not Wed", on("0134")),
    ("not Wed; weekdays", on("0134")),
    ("weekdays except Wed evenings", on(WORKWEEK) - on("2", 17, 22)),
    ("weekdays but not Wed", on("0134")),
    ("weekdays and not Wed", on("0134")),
    ("all but Wed", on("013456")),
    ("any except weekends", on(WORKWEEK)),
    ("not before 10:00", on(EVERY, 10, 24)),
    ("no mornings", TimeSet.always() - on(WORKWEEK, 6, 12.5)),
    ("never Fri", on("012356")),
    ("unavailable Fri", on("012356")),
    ("can't Mon; cannot Tue", on("23456")),
    ("not Wed; not Fri", on("01356")),
    ("Mon 9-17 except 12-1pm", on("0", 9, 12, 13, 17)),
    ("Mon; not Mon evenings; Tue", on("0", 0, 17, 22, 24) | on("1")),
]


@pytest.mark.parametrize(("text", "times"), GOOD, ids=[text for text, _ in GOOD])
def test_a_good_spelling_means_these_times(text: str, times: TimeSet) -> None:
    assert read(text) == times


BAD = [
    # (cell, the word pointed at, words of the suggestion): the reason stands in the message
    ("Thrusday", "Thrusday", "Thursday"),
    ("Mon; evnings", "evnings", "evenings"),
    ("mornigs", "mornigs", "mornings"),
    ("wekends", "wekends", "weekends"),
    ("weekdys", "weekdys", "weekdays"),
    ("Wednesay 9-12", "Wednesay", "Wednesday"),
    ("nights", "nights", "evenings"),
    ("Sat nights", "nights", "evenings"),
    ("Mon AM", "AM", "mornings"),
    ("Mon PM", "PM", "afternoons"),
    ("evenings only Mon", "only", ""),
    ("exept Wed", "exept", "except"),
    ("S", "S", "Sat or Sun"),
    ("Mon/S", "S", "Sat or Sun"),
    ("9-5", "5", "5 pm (17:00) or 5 am (05:00)"),
    ("Mon 6-9", "6", "6 pm (18:00) or 6 am (06:00)"),
    ("after 5", "5", "5 pm (17:00)"),
    ("before 3", "3", "3 pm (15:00)"),
    ("1-4", "1", "1 pm (13:00)"),
    ("06-09", "06", "6 pm (18:00)"),
    ("21:00-18:00", "21:00-18:00", ""),
    ("10-7", "10-7", "10:00-19:00"),
    ("12:00-1:00", "12:00-1:00", "12:00-13:00"),
    ("9:00-9:00", "9:00-9:00", "09:00-21:00"),
    ("10-12am", "10-12am", "10 pm-midnight"),
    ("25:00-26:00", "25:00", ""),
    ("18:75-21:00", "18:75", ""),
    ("24:30-25:00", "24:30", ""),
    ("18pm-21pm", "18pm", "18:00"),
    ("0am-9am", "0am", "00:00"),
    ("18:00:30-21:00", "18:00:30", ""),
    ("after 24:00", "24:00", ""),
    ("before 00:00", "00:00", ""),
    ("Mon 18:00", "18:00", "after 18:00"),
    ("9:5-12", "9:5", ""),
    ("12345-6", "12345", ""),
    ("Mon after", "after", "after 17:30"),
    ("between 9", "9", "between 9 and 12"),
    ("between Mon and Fri", "between", "between 9 and 12"),
    ("from Mon", "from", "from 17:30"),
    ("Mon and 9-12", "9-12", "; 9-12"),
    ("weekends and Mon evenings", "weekends and Mon evenings", ""),
    ("evenings weekends", "weekends", "; weekends"),
    ("weekends Mon", "Mon", "; Mon"),
    ("9-12 and Mon", "Mon", "; Mon"),
    ("9-12 Mon 13-16", "13-16", "; 13-16"),
    ("Mon 9-12 Wed", "Wed", "; Wed"),
    ("evenings 9-12", "evenings 9-12", ""),
    ("evenings 16-18", "evenings 16-18", ""),
    ("weekdays except Wed and not Fri", "not", "; not"),
    ("not not Mon", "not", "; not"),
    ("not evenings only", "only", ""),
    ("not", "not", ""),
    ("Mon except", "Mon except", ""),
    ("weekdays but Wed", "but", ""),
    ("Mon-Mon", "Mon-Mon", "Mon"),
    ("MWF-Sat", "MWF-Sat", ""),
    ("wtf", "wtf", ""),
    ("mow", "mow", "Mon"),
    ("Mon &", "&", ""),
    ("none", "none", ""),
    ("N/A", "N/A", ""),
    ("-", "-", ""),
    ("?", "?", ""),
    ("TBD", "TBD", ""),
    ("unknown", "unknown", ""),
    ("; ,", "; ,", ""),
    ("available", "available", "any"),
    ("Mon §", "§", ""),
    ("1/5", "1", "after 1"),
    ("2026-01-05", "2026-01-05", ""),
    ("call me", "call", ""),
    ("maybe Mon", "maybe", ""),
]


@pytest.mark.parametrize(("text", "word", "suggestion"), BAD, ids=[text for text, _, _ in BAD])
def test_a_bad_spelling_is_refused_at_its_word(text: str, word: str, suggestion: str) -> None:
    error = refused(text)
    assert error.word == word
    assert error.message
    assert error.text == text
    if word in text:
        assert text[error.position :].startswith(word)
    assert suggestion in error.suggestion
    assert bool(error.suggestion) == bool(suggestion)


def test_every_error_of_a_cell_is_told_in_the_order_of_the_text() -> None:
    error = refused("Mnoday; Tue; after 5, evnings")
    assert [one.word for one in (error, *error.others)] == ["Mnoday", "5", "evnings"]
    assert [one.position for one in error.others] == [19, 22]


def test_the_place_of_a_word_counts_the_signs_as_written() -> None:
    error = refused("Ｍｏｎ； ﬁrstday")
    assert (error.word, error.position) == ("ﬁrstday", 5)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_blank_cell_is_refused(text: str) -> None:
    assert "blank" in refused(text).message


def test_an_endless_cell_is_refused() -> None:
    assert str(LONGEST_CELL) in refused("Mon, " * LONGEST_CELL).message


NOTED = [
    ("Mon 9-12, 14-16", "'14-16' is read as every day; write 'Mon 14-16'"),
    ("Mon; 14-16", "write 'Mon 14-16'"),
    ("Mon, Wed evenings", "write 'Mon/Wed evenings'"),
    ("Mon, Tue, Wed 9-12", "write 'Mon/Tue/Wed 9-12'"),
    ("not Wed, Thu", "write 'not Thu'"),
    ("weekdays except Wed, Thu", "write 'not Thu'"),
    ("6:00-9:00", "'6:00' is read as 06:00 in the morning; write 6 pm"),
    ("after 5:30", "'5:30' is read as 05:30"),
    ("after 7", "'7' is read as 07:00 in the morning; write 7 pm"),
    ("7-9", "'7' is read as 07:00"),
    ("Mon; not Mon", "nothing is left"),
    ("Mon 9-17 except 12-13; Tue 9-17", "on every day"),
]


@pytest.mark.parametrize(("text", "note"), NOTED, ids=[text for text, _ in NOTED])
def test_what_is_doubtful_comes_with_a_note(text: str, note: str) -> None:
    assert any(note in one for one in read_availability(text, PARTS).notes)


@pytest.mark.parametrize(
    "text",
    [
        "Mon; Wed evenings",
        "Mon 9-12; Tue 14-16",
        "not Wed; evenings",
        "06:00-09:00",
        "6:30-9pm",
        "9-12",
        "evenings, Sat",
    ],
)
def test_what_is_clear_has_no_note(text: str) -> None:
    assert read_availability(text, PARTS).notes == ()


def test_terms_apart_and_days_written_together_differ() -> None:
    """By the contract a comma adds whole terms: the days do not carry over."""
    assert read("Mon 9-12, 14-16") == on("0", 9, 12) | on(EVERY, 14, 16)
    assert read("Mon 9-12 14-16") == on("0", 9, 12, 14, 16)


# ---------------------------------------------------------------------------------------------------------- day parts


def test_no_day_parts_means_the_default_ones() -> None:
    assert read_dayparts({}).names == tuple(DEFAULT_DAYPARTS)


def test_a_profile_names_its_own_day_parts() -> None:
    parts = read_dayparts({"after school": "Mon-Fri 15:30-20:00", "late": "Mon 20:00-23:00; Tue 21:00-23:00"})
    assert read("after-school", parts) == on(WORKWEEK, 15.5, 20)
    assert read("Mon/Sat after school", parts) == on("05", 15.5, 20)
    assert read("Tue late", parts) == on("1", 21, 23)
    assert read("after 5pm", parts) == on(EVERY, 17, 24)
    error = refused("Sat late", parts)
    assert "no hours on Sat" in error.message
    assert refused("aftr school", parts).suggestion


def test_a_day_part_may_be_written_in_several_terms() -> None:
    parts = read_dayparts({"office": "Mon-Fri 08:00-12:00; Mon-Thu 13:00-17:00"})
    assert read("Fri office", parts) == on("4", 8, 12)


@pytest.mark.parametrize("name", ["", "mon", "not", "after", "any", "MWF", "9-12", "a;b", "x", "and", "kids' time"])
def test_a_day_part_cannot_take_a_word_that_means_something_else(name: str) -> None:
    with pytest.raises(LanguageError):
        read_dayparts({name: "Mon 9-12"})


def test_a_day_part_is_written_in_days_and_times_only() -> None:
    with pytest.raises(LanguageError):
        read_dayparts({"late": "evenings"})


def test_the_last_word_of_a_name_may_begin_with_no() -> None:
    """`no school` is a name here, not `school` taken away."""
    assert read("no school", read_dayparts({"no school": "Wed 12:00-18:00"})) == on("2", 12, 18)


# --------------------------------------------------------------------------------------------------------------- laws

times_of_week = st.lists(st.tuples(st.integers(0, 7 * 96 - 1), st.integers(1, 96)), min_size=0, max_size=8).map(
    lambda pairs: TimeSet.of((a * 15, min((a + n) * 15, 10080)) for a, n in pairs)
)

WORDS = (
    *DEFAULT_DAYPARTS,
    *(
        "Mon",
        "Tue-Thu",
        "MWF",
        "S",
        "Sat",
        "Wed",
        "any",
        "all",
        "day",
        "only",
        "on",
        "from",
        "24/7",
        "noon",
        "midnight",
    ),
    *("not", "except", "but", "and", "&", "/", "+", "-", "to", ";", ",", ".", "(", "ﬁ", "İ", "ß", "１８：００"),
    *("9", "12", "18:00", "21:00", "6pm", "5", "24:00", "after", "before", "between", "until"),
)
words = st.sampled_from(WORDS)


def outcome(text: str) -> tuple[Reading | None, tuple[LanguageError, ...]]:
    try:
        return read_availability(text, PARTS), ()
    except LanguageError as error:
        return None, (error, *error.others)


@given(
    st.one_of(
        st.text(max_size=60), st.lists(words, max_size=12).map(" ".join), st.lists(words, max_size=8).map("".join)
    )
)
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    reading, errors = outcome(text)
    for one in errors:
        assert one.message
        assert 0 <= one.position <= len(text)
        assert one.word in text
    if reading is not None:
        assert read(describe(reading.times)) == reading.times


@given(times_of_week)
@settings(max_examples=150, deadline=None)
def test_what_describe_writes_reads_back_the_same(times: TimeSet) -> None:
    reading = read_availability(describe(times), PARTS)
    assert reading.times == times
    assert not times or reading.notes == ()


terms = st.sampled_from(
    [
        "Mon",
        "Tue-Thu after 17:30",
        "not Wed",
        "except Fri afternoons",
        "evenings",
        "9-12",
        "weekdays except Mon",
        "not 12-13",
    ]
)


@given(st.lists(terms, min_size=1, max_size=5), st.randoms(use_true_random=False), st.sampled_from(["; ", ", ", "\n"]))
@settings(max_examples=100, deadline=None)
def test_the_order_of_terms_does_not_matter(chosen: list[str], random: object, separator: str) -> None:
    turned = list(chosen)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert read(separator.join(turned)) == read("; ".join(chosen))


@given(times_of_week, times_of_week)
@settings(max_examples=60, deadline=None)
def test_terms_add_up_and_negative_terms_take_away(offered: TimeSet, taken: TimeSet) -> None:
    if not offered or not taken:
        return
    both = f"{describe(offered)}; {describe(taken)}"
    assert read(both) == offered | taken
    holes = "; ".join(f"not {term}" for term in describe(taken).split("; "))
    assert read(f"{holes}; {describe(offered)}") == offered - taken
    assert read(holes) == TimeSet.always() - taken


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (TimeSet.always(), "any"),
        (TimeSet(), "not any"),
        (on(WORKWEEK, 17, 22) | on("5", 9, 12), "Mon-Fri 17:00-22:00; Sat 09:00-12:00"),
        (on("024"), "Mon/Wed/Fri"),
        (on("0", 9, 12, 13, 16), "Mon 09:00-12:00 and 13:00-16:00"),
        (on("01", 18, 24), "Mon/Tue 18:00-24:00"),
        (on("0", 22, 24) | on("1", 0, 2), "Mon 22:00-24:00; Tue 00:00-02:00"),
    ],
)
def test_describe_is_plain(times: TimeSet, text: str) -> None:
    assert describe(times) == text


# ------------------------------------------------------------------------------------------------- single clock, day


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("18:00", 1080),
        ("6 pm", 1080),
        ("6:00PM", 1080),
        ("6p", 1080),
        ("6 p.m.", 1080),
        ("9", 540),
        ("18", 1080),
        ("noon", 720),
        ("midnight", 0),
        ("12 am", 0),
        ("12 pm", 720),
        ("12:30 am", 30),
        ("1800", 1080),
        ("930", 570),
        ("18.00", 1080),
        ("18h", 1080),
        ("18:00:00", 1080),
        ("0:00", 0),
        ("24:00", 1440),
        ("6:00", 360),
        (" 09:05 ", 545),
        ("9 o'clock", 540),
    ],
)
def test_a_clock_time(text: str, minute: int) -> None:
    assert read_clock(text) == minute


@pytest.mark.parametrize(
    "text", ["", "6", "1", "25", "9:60", "13 pm", "0 am", "evening", "9-12", "0.75", "18:00:01", "-3", "9 9"]
)
def test_no_clock_time(text: str) -> None:
    with pytest.raises(LanguageError):
        read_clock(text)


@given(st.text(max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_clock_time_or_refused(text: str) -> None:
    with contextlib.suppress(LanguageError):
        assert 0 <= read_clock(text) <= 1440


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon", (Day.MON,)),
        ("M-W-F", (Day.MON, Day.WED, Day.FRI)),
        ("Fri-Mon", (Day.MON, Day.FRI, Day.SAT, Day.SUN)),
        ("weekends", (Day.SAT, Day.SUN)),
        ("Wed, Mon", (Day.MON, Day.WED)),
        ("daily", tuple(Day)),
    ],
)
def test_days(text: str, days: tuple[Day, ...]) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["", "Mon 9-12", "evenings", "after 9", "S", "Mno"])
def test_no_days(text: str) -> None:
    with pytest.raises(LanguageError):
        read_days(text)


def test_one_day() -> None:
    assert read_day("thursday") is Day.THU
    with pytest.raises(LanguageError, match="one day"):
        read_day("Mon-Tue")
