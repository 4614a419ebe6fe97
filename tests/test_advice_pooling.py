"""Large questions asked of therapists as a pool: what it says is true, and where it knows nothing it says so."""

import random
import threading
from collections.abc import Collection

import pytest
from builders import block, group, patient, quick, room, therapist, times, tiny
from every_timetable import every_timetable, one_room_week

from scheduler.advice import pooling as pooling_module
from scheduler.advice.pooling import Pooled, Pooling, is_nameless, pooled
from scheduler.advice.promises import NobodyShort, needs_anything, without_needs
from scheduler.domain.week import Apart, Pin, RequiredGroup, Week
from scheduler.engine.build import build_plan
from scheduler.rules.registry import RULES
from scheduler.verify import verify


def asked(week: Week, pooling: Pooling | None = None, seconds: float = 20) -> Pooled:
    pooling = pooling or Pooling(week.patients[0].id, quick().solver, RULES)
    return pooling.ask(week, "", seconds=seconds, stop=threading.Event())


def wanting(week: Week, people: Collection[str]) -> Week:
    """The week in which only these people need anything."""
    patients = tuple(one if one.id in people else without_needs(one) for one in week.patients)
    return week.model_copy(update={"patients": patients})


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


def test_whose_needs_a_proof_names_are_enough_for_it() -> None:
    rested = 0
    for seed in range(60):
        week = one_room_week(random.Random(seed))
        first, *others = (one.id for one in week.patients)
        found = asked(week)
        assert found.needed <= {*others}
        if found.impossible:
            left = wanting(week, {first, *found.needed})
            assert all(any(NobodyShort().check(board)) for board in every_timetable(left))
            rested += len(found.needed) < len(others)
        else:
            assert not found.needed
    assert rested > 5


@pytest.mark.parametrize("seed", range(8))
def test_questions_that_differ_in_promises_share_a_model(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    week = one_room_week(random.Random(seed))
    first, *others = (one.id for one in week.patients if needs_anything(one))
    built: list[Week] = []
    build = build_plan
    monkeypatch.setattr(pooling_module, "build_plan", lambda week, rules: built.append(week) or build(week, rules))
    monkeypatch.setattr(pooling_module, "SPARED", 0.0)
    shared = Pooling(first, quick().solver, RULES)
    for some in (others, others[1:], others[:1], (), others):
        part = wanting(week, {first, *some})
        mine, fresh = asked(part, shared), asked(part)
        assert (mine.impossible, mine.proven) == (fresh.impossible, fresh.proven)
        assert mine.needed <= {*some}
    assert len(built) == 1 + 5, "one for all that share it, and each of the fresh ones"


def test_a_model_is_not_shared_where_more_than_promises_differ_or_hardly_anybody_is_left() -> None:
    people = tuple(patient(f"P{n}") for n in range(1, 12))
    week = tiny(patients=people)
    shared = Pooling("P1", quick().solver, RULES)
    models = []
    for stated, some in (("", 11), ("", 9), ("", 2), ("", 11), ("else", 11)):
        part = wanting(week, {one.id for one in people[:some]})
        shared.ask(part, stated, seconds=20, stop=threading.Event())
        models.append(shared._at_hand)
    assert models[0] is models[1], "most are left"
    assert models[1] is not models[2], "hardly anybody is"
    assert models[2] is not models[3], "it lacks most"
    assert models[3] is not models[4], "something else differs"


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
    found = asked(tiny(), seconds=0)
    assert (found.timetable, found.proven) == (None, False)
    assert is_nameless(tiny())
    assert not is_nameless(tiny(therapists=(therapist("T1"), therapist("T2", free=times(("Mon", 8, 13))))))
