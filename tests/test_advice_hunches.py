"""Hunches: which facts are asked about first, and what is learned from being wrong."""

from builders import block, group, patient, table, therapist, tiny

from scheduler.advice.explaining import Need, among_others
from scheduler.advice.hunches import Hunches, roomy
from scheduler.advice.worlds import Asked, promise
from scheduler.domain.timetable import Board
from scheduler.domain.week import RequiredGroup

WANTS_H = (RequiredGroup(group="H", times=1),)
WEEK = tiny(
    blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
    patients=(
        patient("P1", required=WANTS_H),
        patient("P2", required=WANTS_H),
        patient("P3"),
    ),
    groups=(group("G", min_size=2), group("H", max_size=1, max_sessions=1)),
    therapists=(therapist("T1", "G", "H", max_blocks=2),),
)
SEATED = table("Mon9 H T1 R P1", "Tue9 G T1 R P2,P3")
KINDS = ["group", "rivals", "usual", "wider"]


def question() -> Asked:
    p2 = WEEK.patient_of["P2"]
    return among_others(Board(WEEK, SEATED), Need(p2, "H", 1))


def kinds(hunches: Hunches, group: str | None = "H") -> list[str]:
    return [one.kind for one in hunches.about(question(), group, {"P1"})]


def test_the_groups_own_facts_and_those_who_hold_it_come_first() -> None:
    group_hunch, rivals, usual, wider = Hunches().about(question(), "H", {"P1"})
    assert {(one.ref.sheet, one.ref.row) for one in group_hunch.facts} == {
        ("Groups", "H"),
        ("Patients", "P2"),
        ("Patients", "P1"),
    }
    assert {one.owner for one in rivals.facts} == {"P1", ""}
    assert ("Groups", "Min size") not in {one.column for one in rivals.facts}
    assert {one.owner for one in usual.facts} == {"P1", "P3", ""}
    assert set(usual.facts) < set(wider.facts) < set(question().facts)


def test_a_need_for_hours_has_no_rivals() -> None:
    assert kinds(Hunches(), None) == ["usual", "wider"]


def test_what_failed_is_not_tried_again_unless_it_has_often_been_right() -> None:
    hunches = Hunches()
    first = next(hunches.about(question(), "H", {"P1"}))
    hunches.note(first, proved=False)
    assert kinds(hunches) == KINDS[1:]
    hunches.note(first, proved=True)
    assert kinds(hunches) == KINDS


def test_what_was_not_settled_in_time_is_tried_again_for_the_next_need() -> None:
    hunches = Hunches()
    hunches.note(next(hunches.about(question(), "H", {"P1"})), proved=None)
    assert kinds(hunches) == KINDS


def test_what_proved_a_need_for_the_same_group_is_preferred_then_the_shortest() -> None:
    facts = question().facts
    own = tuple(one for one in facts if one.ref.row == "P2")
    of_g = tuple(one for one in facts if one.ref.row == "H")[:1]
    hunches = Hunches()
    hunches.keep("G", (*of_g, promise(WEEK.patient_of["P3"])))
    other = next(hunches.about(question(), "H", {"P1"}))
    assert (other.kind, set(other.facts)) == ("another group", {*of_g, *(one for one in facts if one.owner == "P3")})
    hunches.keep("H", facts)
    same = next(hunches.about(question(), "H", {"P1"}))
    assert (same.kind, same.facts) == ("same group", facts)
    hunches.keep("H", own[:1])
    same = next(hunches.about(question(), "H", {"P1"}))
    assert same.facts == own[:1]


def test_roomy_leaves_out_only_that_sessions_may_be_too_small() -> None:
    facts = question().facts
    assert {one.column for one in facts} - {one.column for one in roomy(facts)} == {("Groups", "Min size")}


def test_one_need_is_the_first_and_the_others_begin_with_what_proved_it() -> None:
    hunches = Hunches()
    assert hunches.are_none
    assert [hunches.is_first() for _ in range(3)] == [True, False, False]
    assert list(hunches.of_others(question(), "H")) == []
    hunches.keep("H", question().facts[:3])
    assert not hunches.are_none
    (known,) = hunches.of_others(question(), "H")
    assert known.kind == "same group"
    assert {one.key for one in question().facts[:3]} <= {one.key for one in known.facts}
