"""Whether the sessions that run could meet a need, seen without a search: quickly, and only while there is time."""

import threading

import pytest
from builders import block, group, patient, table, therapist, times, tiny

from scheduler.advice import easily
from scheduler.advice.easily import COMPANY, company, could_sit
from scheduler.advice.proving import Patience
from scheduler.domain.timetable import Board
from scheduler.domain.week import Pin, Week
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


MONDAY, TUESDAY = times(("Mon", 8, 13)), times(("Tue", 8, 13))
CROWD = tiny(
    blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
    patients=(
        patient("P1", free=MONDAY),
        *(patient(f"A{n:02}", free=TUESDAY) for n in range(COMPANY)),
        *(patient(f"B{n:02}", free=MONDAY) for n in range(COMPANY)),
    ),
    groups=(group(min_size=3), group("H", min_size=3)),
    therapists=(therapist("T1", "G", "H"),),
)
"""P1 comes on Monday, and so do all those who stand last."""


def test_company_are_those_who_could_sit_there_too() -> None:
    assert company(CROWD, CROWD.patient_of["P1"], "G", RULES) == {f"B{n:02}" for n in range(COMPANY)}


@pytest.mark.parametrize("who", [None, "A05"])
def test_a_pinned_session_has_company_of_its_own(who: str | None) -> None:
    pinned = CROWD.model_copy(update={"pins": (Pin(patient=who, block="Tue9", group="H" if who is None else None),)})
    beside = company(pinned, pinned.patient_of["P1"], "G", RULES)
    assert len([one for one in beside if one.startswith("A")]) == 3
