"""Large questions asked of therapists as a pool: what it says is true, and where it knows nothing it says so."""

import random
import threading

import pytest
from builders import block, group, patient, quick, room, therapist, times, tiny
from every_timetable import every_timetable, one_room_week

from scheduler.advice.pooling import ask_pool, is_nameless, pooled
from scheduler.advice.promises import NobodyShort
from scheduler.domain.week import Apart, Pin, RequiredGroup, Week
from scheduler.engine.feasible import Feasibility
from scheduler.rules.registry import RULES
from scheduler.verify import verify


def asked(week: Week) -> Feasibility:
    return ask_pool(week, quick().solver, seconds=20, rules=RULES, stop=threading.Event())


def test_what_it_says_is_true_of_every_timetable() -> None:
    said = {True: 0, False: 0}
    for seed in range(60):
        week = one_room_week(random.Random(seed))
        found = asked(week)
        if found.impossible:
            assert all(any(NobodyShort().check(board)) for board in every_timetable(week))
        elif found.timetable is not None:
            assert not verify(week, found.timetable, rules=(*RULES, NobodyShort()), measured=()).broken
        if found.proven:
            said[found.impossible] += 1
    assert min(said.values()) > 5, said


@pytest.mark.parametrize(("most", "possible"), [(1, False), (2, True)])
def test_it_counts_how_often_therapists_lead(most: int, possible: bool) -> None:
    """Two people on different days take two sessions."""
    people = tuple(patient(one, free=times((day, 8, 13))) for one, day in (("P1", "Mon"), ("P2", "Tue")))
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        patients=people,
        therapists=(therapist("T1", max_blocks=most),),
    )
    assert (asked(week).timetable is not None, asked(week).proven) == (possible, True)


def test_it_counts_who_is_there_and_who_may_lead_what() -> None:
    both = (group("G", max_size=1), group("H", max_size=1))
    wants = tuple(patient(f"P{one}", required=(RequiredGroup(group=one, times=1),)) for one in "GH")
    base = {"patients": wants, "groups": both, "rooms": (room("R"), room("S"))}
    assert asked(tiny(**base, therapists=(therapist("T1", "G", "H"),))).impossible, "one therapist, one block"
    assert asked(tiny(**base, therapists=(therapist("T1", "G"), therapist("T2", "G")))).impossible, "nobody leads H"
    assert asked(tiny(**base, therapists=(therapist("T1", "G"), therapist("T2", "H")))).timetable is not None
    away = therapist("T2", "H", free=times(("Sun", 8, 13)))
    assert asked(tiny(**base, therapists=(therapist("T1", "G"), away))).impossible, "T2 is not there"


def test_where_only_names_say_no_it_knows_nothing() -> None:
    """Counted, there is somebody to lead; but the patient is kept from them."""
    week = tiny(apart=(Apart(patient="P1", therapist="T1"),), patients=(patient("P1"),))
    found = asked(week)
    assert (found.timetable, found.proven) == (None, False)


def test_what_names_a_therapist_beside_another_is_left_out() -> None:
    pins = (Pin(patient="P1", therapist="T1", row=2), Pin(therapist="T1", row=3), Pin(block="Mon9", row=4))
    week = tiny(pins=pins, apart=(Apart(patient="P1", therapist="T1"), Apart(patient="P1", other_patient="P2")))
    found = pooled(week)
    assert [(one.row, one.patient, one.therapist) for one in found.pins] == [(2, "P1", None), (4, None, None)]
    assert [one.other_patient for one in found.apart] == ["P2"]


def test_no_time_is_no_answer_and_a_week_without_differences_needs_no_names() -> None:
    found = ask_pool(tiny(), quick().solver, seconds=0, rules=RULES, stop=threading.Event())
    assert (found.timetable, found.proven) == (None, False)
    assert is_nameless(tiny())
    assert not is_nameless(tiny(therapists=(therapist("T1"), therapist("T2", free=times(("Mon", 8, 13))))))
