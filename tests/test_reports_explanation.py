"""How an explanation reads: facts by themselves, facts that are told in a line, and at whose cost."""

from typing import Any

from scheduler.domain.explanation import Cost, Explanation, Fact, Loss, Verdict
from scheduler.domain.problems import FactRef
from scheduler.reports.explanation import explanations_document, sentences


def limit(number: int, line: int = 0) -> Fact:
    ref = FactRef(sheet="Therapists", row=f"T{number}", column="Max blocks")
    return Fact(
        ref=ref, words=f"T{number} leads at most 4 sessions", cell=f"Therapists!F{number}", value="4", line=line
    )


def kept(number: int, line: int = 0) -> Fact:
    ref = FactRef(sheet="Patients", row=f"P{number}", column="Min hours")
    return Fact(ref=ref, words=f"P{number} keeps 9 h", owner=f"P{number}", line=line)


def capacity(line: int = 0) -> Fact:
    return Fact(ref=FactRef(sheet="Rooms", row="R", column="Capacity"), words="R holds 8 people", line=line)


def said(*facts: Fact, **fields: Any) -> Explanation:
    given = {"smallest": True, "verdict": Verdict.OTHERS_FIRST, **fields}
    return Explanation(patient="P0", group="DBT", amount=1, facts=facts, **given)


LOOSE = "; needed together, fewer of them might do"


def test_facts_that_are_each_needed_are_named_or_counted() -> None:
    head, first, second, *_ = sentences(said(limit(1), kept(1)))
    assert head.endswith("with any one of them away it is possible:")
    assert first == "T1 leads at most 4 sessions (Therapists!F1: 4)"
    assert second == "P1 keeps 9 h"
    _, counted, *_ = sentences(said(*(limit(one) for one in range(5))))
    assert counted == "Max blocks of 5 rows of Therapists: T0, T1, T2 and 2 more"


def test_a_line_says_that_it_was_not_looked_into_further() -> None:
    found = said(*(limit(one, 1) for one in range(2)), *(kept(one, 2) for one in range(14)), capacity())
    head, limits, people, room, *_ = sentences(found)
    assert head.endswith("with any one of these lines away it is possible:")
    assert limits == f"Max blocks of 2 rows of Therapists: T0, T1{LOOSE}"
    assert people.startswith("14 others keep what they have: P0, P1,")
    assert people.endswith(f"P11 and 2 more{LOOSE}")
    assert room == "R holds 8 people"


def test_limits_of_many_kinds_in_one_line_are_told_by_their_sheets() -> None:
    found = said(limit(1, 1), limit(2, 1), capacity(1), kept(1, 2), kept(2, 2))
    assert sentences(found)[1] == f"what Therapists, Rooms say in 3 cells{LOOSE}"
    _, full, *_ = sentences(found, full=True)
    assert full.startswith(f"together{LOOSE}: T1 leads at most 4 sessions (Therapists!F1: 4); T2")
    assert full.endswith("R holds 8 people")


def test_what_was_not_shown_to_be_needed_is_not_said_to_be() -> None:
    assert sentences(said(limit(1), kept(1), smallest=False))[0].endswith("it impossible; fewer might do:")


def test_the_cost_is_proven_or_the_best_found_or_not_settled() -> None:
    losses = (Loss(patient="P3", hours=3, groups=("REL",)), Loss(patient="P4", hours=0, groups=("CBT",)))
    words = "P3 would be 3 h shorter and miss REL; P4 would miss CBT."
    proven, found = (sentences(said(limit(1), cost=Cost(losses=losses, proven=one)))[-1] for one in (True, False))
    assert proven == f"The cheapest way to give it all the same, proven: {words}"
    assert found == f"A way to give it all the same, the cheapest found in the time: {words}"
    assert sentences(said(limit(1)))[-1].endswith("was not settled in the time.")
    assert "cost" not in sentences(said(limit(1), verdict=Verdict.NEVER))[-1]


def test_json_has_the_line_of_each_fact_and_whether_the_cost_is_proven() -> None:
    (one,) = explanations_document([said(limit(1), kept(1, 2), kept(2, 2), cost=Cost(losses=(), proven=False))])
    assert [fact["line"] for fact in one["facts"]] == [0, 2, 2]
    assert one["cost"]["proven"] is False
    assert one["verdict"] == "others-first"
