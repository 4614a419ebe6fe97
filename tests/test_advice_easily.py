"""Whether the sessions that run could meet a need, seen without a search: quickly, and only while there is time."""

import threading

import pytest
from builders import group, patient, table, tiny

from scheduler.advice import easily
from scheduler.advice.easily import could_sit
from scheduler.advice.proving import Patience
from scheduler.domain.timetable import Board
from scheduler.domain.week import Week
from scheduler.rules.registry import RULES


def seen(week: Week, seconds: float = 60.0) -> bool:
    """Whether it is seen that P2 could have their hours."""
    patience = Patience(seconds, seconds, threading.Event())
    return could_sit(Board(week, table("Mon9 G T1 R P1")), week.patient_of["P2"], None, patience, RULES)


def test_somebody_could_sit_in_the_place_of_another() -> None:
    assert seen(tiny(patients=(patient("P1"), patient("P2")), groups=(group(max_size=1),)))


def test_nothing_is_tried_once_the_time_is_over() -> None:
    assert not seen(tiny(patients=(patient("P1"), patient("P2"))), seconds=0.0)


def test_no_timetable_is_judged_for_a_session_that_is_closed_to_the_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(easily, "verify", lambda *_, **__: pytest.fail("judged"))
    assert not seen(tiny(patients=(patient("P1"), patient("P2", avoided=("G",)))))
