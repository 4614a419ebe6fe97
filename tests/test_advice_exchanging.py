"""Therapists and rooms change places in a timetable: what one lifted limit allows, another does without a search."""

import threading

import pytest
from builders import block, patient, quick, room, table, therapist, times, tiny

from scheduler.advice.exchanging import exchanged
from scheduler.advice.proving import Patience, Prover
from scheduler.advice.worlds import Asked
from scheduler.domain.week import Pin, Week


def most(who: str) -> tuple[str, str, str]:
    return ("Therapists", who, "Max blocks")


def test_the_other_takes_what_they_are_free_for_or_they_change_places() -> None:
    found = list(exchanged(table("Mon9 G T1 R P1", "Tue9 G T2 R P1", "Wed9 G T1 R P1"), most("T1"), most("T2")))
    assert found == [
        table("Mon9 G T2 R P1", "Tue9 G T2 R P1", "Wed9 G T2 R P1"),
        table("Mon9 G T2 R P1", "Tue9 G T1 R P1", "Wed9 G T2 R P1"),
    ]
    both = table("Mon9 G T1 R P1", "Mon9 H T2 S P2", "Tue9 G T1 R P1")
    kept, swapped = exchanged(both, most("T1"), most("T2"))
    assert kept == table("Mon9 G T1 R P1", "Mon9 H T2 S P2", "Tue9 G T2 R P1"), "not where T2 is at work"
    assert swapped == table("Mon9 G T2 R P1", "Mon9 H T1 S P2", "Tue9 G T2 R P1")


def test_rooms_change_places_too() -> None:
    facts = (("Rooms", "R", "Capacity"), ("Rooms", "S", "Capacity"))
    assert table("Mon9 G T1 S P1", "Tue9 G T1 R P1") in exchanged(table("Mon9 G T1 R P1", "Tue9 G T1 S P1"), *facts)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (most("T1"), ("Therapists", "T2", "Groups")),
        (most("T1"), ("Rooms", "R", "Max blocks")),
        (("Patients", "P1", "Max blocks"), ("Patients", "P2", "Max blocks")),
    ],
)
def test_nobody_changes_places_where_the_facts_are_not_of_one_kind(
    before: tuple[str, str, str], now: tuple[str, str, str]
) -> None:
    assert not list(exchanged(table("Mon9 G T1 R P1"), before, now))


FULL = tiny(
    blocks=(block("Mon", 9, 12), block("Tue", 9, 12), block("Wed", 9, 12)),
    patients=tuple(patient(f"P{n}", free=times((day, 8, 13))) for n, day in enumerate(("Mon", "Tue", "Wed"), 1)),
    therapists=(therapist("T1", max_blocks=1), therapist("T2", max_blocks=1)),
    rooms=(room("R"), room("S")),
)
"""Three sessions are needed, and there are leaders for two: each limit is needed."""


def without_each_limit(week: Week, monkeypatch: pytest.MonkeyPatch) -> tuple[list[bool | None], int]:
    """Whether P1's need is impossible with the limit of each therapist away, and how many of them were asked about."""
    prover = Prover(Asked(week, "P1"), quick().solver, Patience(60, 10, threading.Event()))
    facts, asked = prover.asked.facts, list[object]()
    assert prover.impossible(facts)
    ask = prover._asked
    monkeypatch.setattr(prover, "_asked", lambda *words: asked.append(words) or ask(*words))
    limits = [("Therapists", one.id, "Max blocks") for one in week.therapists]
    found = [prover.impossible([one for one in facts if one.key != limit]) for limit in limits]
    return found, len(asked)


def test_a_limit_is_known_to_be_needed_without_asking_where_anothers_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert without_each_limit(FULL, monkeypatch) == ([False, False], 1)


def test_what_comes_of_it_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = FULL.model_copy(update={"pins": (Pin(therapist="T1", block="Mon9", row=2),)})
    assert without_each_limit(pinned, monkeypatch) == ([False, False], 2), "T1 must lead on Monday whoever leads more"
    monday = therapist("T2", max_blocks=1, free=times(("Mon", 8, 13)))
    away = FULL.model_copy(update={"therapists": (FULL.therapists[0], monday)})
    assert without_each_limit(away, monkeypatch) == ([False, True], 2), "T2 is there on Monday only"
