"""Text fit for a cell, and the size it prints at."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.reports.text import (
    CUT_MARK,
    LONGEST_TEXT,
    height_of,
    lines_needed,
    looks_like_formula,
    safe_text,
    text_pixels,
    width_for,
)

ALLOWED_IN_XML = re.compile("[\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("plain", "plain"),
        ("a\x00b", "a␀b"),
        ("bell\x07", "bell␇"),
        ("two\r\nlines", "two\nlines"),
        ("old\rmac", "old\nmac"),
        ("tab\tkept", "tab\tkept"),
        ("half\ud800", "half\ufffd"),
        ("\uffff", "\ufffd"),
        ("_x0041_", "_x0041_"),
        ("Zoë 😀", "Zoë 😀"),
    ],
)
def test_what_a_cell_cannot_hold_is_shown_not_lost(given_text: str, kept: str) -> None:
    assert safe_text(given_text) == kept


def test_a_long_text_is_cut_and_says_so() -> None:
    cut = safe_text("x" * (LONGEST_TEXT + 1))
    assert len(cut) == LONGEST_TEXT
    assert cut.endswith(CUT_MARK)
    assert safe_text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=40))
def test_any_text_becomes_valid_xml(text: str) -> None:
    safe = safe_text(text)
    assert ALLOWED_IN_XML.fullmatch(safe)
    assert "\r" not in safe
    safe.encode("utf-8")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_starters_of_formulas_are_known(text: str) -> None:
    assert looks_like_formula(text)


def test_ordinary_text_is_no_formula() -> None:
    assert not looks_like_formula("Process - evening")
    assert not looks_like_formula("")


def test_widths_follow_the_letters() -> None:
    assert text_pixels("iiii", 9) < text_pixels("nnnn", 9) < text_pixels("WWWW", 9)
    assert text_pixels("n", 9, bold=True) > text_pixels("n", 9)
    assert text_pixels("漢", 9) > text_pixels("n", 9)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, 1),
        ("short", 10, 1),
        ("one\ntwo\nthree", 10, 3),
        ("several words that need to wrap", 10, 4),
        ("Unbreakablewordthatisfartoolong", 10, 3),
    ],
)
def test_lines_are_counted_as_they_wrap(text: str, width: float, lines: int) -> None:
    assert lines_needed(text, width, 9) == lines


def test_a_row_grows_with_its_lines() -> None:
    assert height_of(1, 9) >= 12
    assert height_of(4, 9) > 3 * height_of(1, 9)


def test_a_column_is_as_wide_as_its_longest_line_within_limits() -> None:
    assert width_for([], 9, least=5, most=20) == 5
    assert width_for(["x" * 200], 9, least=5, most=20) == 20
    assert 5 < width_for(["Relapse prevention\nx"], 9, least=5, most=40) < 40
