"""What a rule says of one more seat agrees with its check of the timetable that has that seat."""

import random
from collections.abc import Sequence

import pytest
from builders import crowded_week, featured_week, group, patient, random_timetable, room, table, tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Apart, Patient, Week
from scheduler.model.protocol import Rule
from scheduler.rules.group_size import GroupSize
from scheduler.rules.registry import RULES


def with_seat(timetable: Timetable, patient_id: str, session: str) -> Timetable:
    seat = Assignment(patient=patient_id, session=session)
    return timetable.model_copy(update={"assignments": (*timetable.assignments, seat)})


def concerning(rule: Rule, board: Board, who: Patient, session: Session) -> list[Violation]:
    """Breaches that one more seat can cause: those of the patient or the session, a session too small apart."""
    found = [v for v in rule.check(board) if who.id in v.patients or session.id in v.sessions]
    return [v for v in found if not any(fact.column == "Min size" for fact in v.facts)]


def disagreements(week: Week, timetable: Timetable, rules: Sequence[Rule] = RULES) -> list[str]:
    """Where a clean state of a patient and a session is refused and yet stays clean, or is not refused and breaks."""
    board, found = Board(week, timetable), []
    for who in week.patients:
        for session in timetable.sessions:
            after = Board(week, with_seat(timetable, who.id, session.id))
            for rule in rules:
                before_it = concerning(rule, board, who, session)
                after_it = concerning(rule, after, who, session)
                refused = rule.refuses_seat(board, who, session) is not None
                if len(after_it) > len(before_it) and not refused:
                    found.append(f"{rule.id} lets {who.id} into {session.id}: {after_it}")
                if refused and not after_it:
                    found.append(f"{rule.id} refuses {who.id} in {session.id} for nothing")
                if refused and not before_it and len(after_it) <= len(before_it):
                    found.append(f"{rule.id} refuses {who.id} in {session.id}, and nothing breaks")
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_seat_is_refused_exactly_when_it_breaks_the_rule(rng: random.Random) -> None:
    week = featured_week(rng)
    assert disagreements(week, random_timetable(week, rng)) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.randoms(use_true_random=False))
def test_the_same_side_by_side(rng: random.Random) -> None:
    week = crowded_week(rng)
    assert disagreements(week, random_timetable(week, rng)) == []


class Careless(GroupSize):
    """Lets everybody in."""

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        return None


class Fearful(GroupSize):
    """Lets nobody in."""

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        return Refusal(words="no")


def test_the_property_can_fail() -> None:
    full, open_door = tiny(groups=(group(max_size=1),)), tiny()
    assert disagreements(full, table("Mon9 G T1 R P1"), [Careless()])
    assert disagreements(open_door, table("Mon9 G T1 R P1"), [Fearful()])


@pytest.mark.parametrize(
    ("week", "rule", "words"),
    [
        (tiny(groups=(group(max_size=1),)), "group-size", "s1 is full: Max size of G allows 1"),
        (tiny(rooms=(room("R", 1),)), "group-size", "s1 is full: room R allows 1"),
        (tiny(apart=(Apart(patient="P1", other_patient="P2"),)), "apart", "P1 and P2 are kept apart"),
        (tiny(patients=(patient("P1"), patient("P2", avoided=("G",)))), "avoided-groups", "P2 avoids G"),
        (
            tiny(patients=(patient("P1"), patient("P2", max_blocks=0))),
            "weekly-maximum",
            "P2 has all of their max blocks",
        ),
        (
            tiny(patients=(patient("P1"), patient("P2", max_minutes=90))),
            "weekly-maximum",
            "P2 would pass their max hours",
        ),
    ],
)
def test_a_refusal_says_why_in_words_by_id(week: Week, rule: str, words: str) -> None:
    timetable = table("Mon9 G T1 R P1")
    board = Board(week, timetable)
    refusals = {one.id: one.refuses_seat(board, week.patients[1], timetable.sessions[0]) for one in RULES}
    assert {name: said.words for name, said in refusals.items() if said is not None} == {rule: words}
