"""What stands for a person, a group, a room."""

from __future__ import annotations

import pytest
from report_fixtures import week

from scheduler.domain.clock import TimeSet
from scheduler.domain.timetable import Session
from scheduler.domain.week import Block, Group, Patient, RequiredGroup, Room, Therapist, Week
from scheduler.reports.labels import Labels, group_codes, initials_of
from scheduler.reports.report import Names


def patient(one: str, name: str) -> Patient:
    return Patient(
        id=one,
        name=name,
        free=TimeSet.always(),
        min_minutes=540,
        max_minutes=1200,
        min_blocks=3,
        max_blocks=4,
        min_days=3,
        min_day_minutes=180,
    )


def small(*patients: tuple[str, str], groups: tuple[tuple[str, str], ...] = (), room: str = "Blue room") -> Week:
    return Week(
        blocks=(Block(id="B", start=540, end=720),),
        patients=tuple(patient(*one) for one in patients),
        therapists=(Therapist(id="T1", name="Ama Lee", free=TimeSet.always(), groups=frozenset()),),
        groups=tuple(Group(id=one, name=name) for one, name in groups),
        rooms=(Room(id="R1", name=room, capacity=9),),
    )


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Jane Doe", "J.D."),
        ("  jane   doe ", "J.D."),
        ("Doe, Jane", "J.D."),
        ("Maria Lopez, LCSW", "M.L."),
        ("Ana Ng, LMFT, PhD", "A.N."),
        ("Ana Ng, PsyD", "A.N."),
        ("Sam Ray, Jr.", "S.R."),
        ("Dr. Jane Doe", "J.D."),
        ("Doe, DeShawn", "D.D."),
        ("DOE, JANE", "J.D."),
        ("Ray, Ed", "E.R."),
        ("Dr", "D."),
        ("Cher", "C."),
        ("Mary-Jane O'Neil", "M.O."),
        ("(Li) Wei", "L.W."),
        ("Élodie Öz", "É.Ö."),
        ("- -", ""),
    ],
)
def test_initials(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def test_clashing_initials_are_numbered_in_order_of_id() -> None:
    labels = Labels(small(("P3", "Jane Doe"), ("P1", "John Dee"), ("P2", "Al Ray")), Names.INITIALS)
    assert [labels.patient(one) for one in ("P1", "P2", "P3")] == ["J.D. 1", "A.R.", "J.D. 2"]


def test_a_blank_name_gives_the_id() -> None:
    for names in Names:
        assert Labels(small(("P1", "  ")), names).patient("P1") == "P1"


def test_two_people_of_one_name_are_told_apart() -> None:
    labels = Labels(small(("P1", "Jane Doe"), ("P2", "jane  doe"), ("P3", "Al Ray")), Names.FULL)
    assert [labels.patient(one) for one in ("P1", "P2", "P3")] == ["Jane Doe (P1)", "jane doe (P2)", "Al Ray"]


def test_ids_are_ids() -> None:
    one = week()
    labels = Labels(one, Names.IDS)
    assert [labels.patient(p.id) for p in one.patients] == [p.id for p in one.patients]


@pytest.mark.parametrize("names", list(Names))
def test_a_label_stands_for_one_patient_only(names: Names) -> None:
    one = week(300)
    labels = Labels(one, names)
    assert len({labels.patient(p.id) for p in one.patients}) == len(one.patients)


def test_a_full_name_hiding_elsewhere_is_replaced_unless_full_names_are_wanted() -> None:
    one = small(("P1", "Jane Doe"), groups=(("G", "ama  LEE's process group"),), room="Ama Lee's office")
    assert Labels(one, Names.FULL).room("R1") == "Ama Lee's office"
    assert Labels(one, Names.IDS).room("R1") == "T1's office"
    assert Labels(one, Names.INITIALS).group("G") == "A.L.'s process group"
    assert Labels(one, Names.IDS).free_text("Jane Doe is short") == "P1 is short"


def test_a_name_of_one_word_does_not_spoil_ordinary_words() -> None:
    one = small(("P1", "Art"), groups=(("G", "Art therapy"),))
    assert Labels(one, Names.IDS).group("G") == "Art therapy"


def test_places_and_plans_read_plainly() -> None:
    one = week()
    labels = Labels(one, Names.IDS)
    online = Session(id="S", block="Mon-09", group="TEL", therapists=())
    assert labels.place(online) == "telehealth"
    assert labels.facilitators(online) == "no facilitator"
    assert labels.place(online.model_copy(update={"group": "PRO"})) == "no room"
    assert labels.place(online.model_copy(update={"group": "PRO", "room": "R4"})) == "R4"
    assert (
        labels.planned([RequiredGroup(group="RPV", times=2), RequiredGroup(group="PRO")])
        == "Relapse prevention x2; Process"
    )


@pytest.mark.parametrize(
    ("groups", "codes"),
    [
        ((("A1", "Anger"), ("B7", "Trauma")), ["A1", "B7"]),
        ((("Anger", "Anger"), ("B7", "Trauma")), ["G1", "B7"]),
        ((("anger-mgmt", "Anger management"), ("B7", "Trauma")), ["G1", "B7"]),
        ((("Trauma", ""), ("B7", "Trauma")), ["G1", "B7"]),
        ((("Anger", "Anger"), ("G1", "Trauma")), ["G1", "G2"]),
        ((("g2", "Trauma"), ("Anger", "Anger")), ["G1", "G2"]),
    ],
)
def test_group_codes_tell_nothing_and_stay_apart(groups: tuple[tuple[str, str], ...], codes: list[str]) -> None:
    assert list(group_codes(small(groups=groups)).values()) == codes
