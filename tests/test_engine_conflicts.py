"""Pins that cannot be kept: exactly those that collide are named, with exactly the rules that stand against them."""

import random
import re
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from builders import block, crowded_week, featured_week, group, patient, program, quick, room, therapist, times, tiny
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scheduler.domain.outcome import Status
from scheduler.domain.problems import Finding
from scheduler.domain.week import Apart, Pin, Week
from scheduler.engine.search import solve
from scheduler.rules.registry import RULES

MON9, MON13, MON18, TUE7, TUE9 = (
    block("Mon", 9, 12),
    block("Mon", 13, 16),
    block("Mon", 18, 21),
    block("Tue", 7, 10),
    block("Tue", 9, 12),
)
GH = (group("G"), group("H"))
TWO_LEADERS = (therapist("T1", "G", "H"), therapist("T2", "G", "H"))
TWO_ROOMS = (room("R"), room("Q"))
HOURS_ONLY = [["weekly-minimum"]]


def named_rules(finding: Finding) -> list[str]:
    return re.findall(r"^  ([a-z-]+): ", finding.message, flags=re.MULTILINE)


def named_rows(finding: Finding) -> list[int]:
    assert {fact.sheet for fact in finding.facts} <= {"Pins"}
    return [int(fact.row) for fact in finding.facts]


def explained(week: Week) -> tuple[list[int], list[str]]:
    solution = solve(week, quick())
    assert solution.status is Status.IMPOSSIBLE
    assert (solution.timetable, solution.verification, solution.tiers) == (None, None, ())
    (finding,) = solution.findings
    assert finding.code == "pins-collide"
    return named_rows(finding), named_rules(finding)


def possible(week: Week, rows: list[int], rules: list[str]) -> bool:
    """Whether a timetable keeps these pins under these rules alone."""
    kept = week.model_copy(update={"pins": tuple(pin for pin in week.pins if pin.row in rows)})
    chosen = [rule for rule in RULES if rule.id in (*rules, "pins")]
    return solve(kept, quick(HOURS_ONLY), rules=chosen).status is not Status.IMPOSSIBLE


def assert_smallest(week: Week, rows: list[int], rules: list[str]) -> None:
    """Together impossible; possible as soon as any pin or any rule is taken away."""
    assert not possible(week, rows, rules), "what is named is not impossible by itself"
    for row in rows:
        assert possible(week, [one for one in rows if one != row], rules), f"pin {row} is not needed"
    for rule in rules:
        assert possible(week, rows, [one for one in rules if one != rule]), f"{rule} is not needed"


@dataclass(frozen=True)
class Case:
    why: str
    pins: list[Pin]
    rows: list[int]
    rules: list[str]
    week: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.why


def pin(row: int, **cells: str) -> Pin:
    return Pin(row=row, **cells)


HARMLESS = Pin(row=99, block="Mon9", group="G", patient="P2")

CASES = [
    Case(
        "one patient, two groups, one block",
        [pin(2, patient="P1", block="Mon9", group="G"), HARMLESS, pin(3, patient="P1", block="Mon9", group="H")],
        [2, 3],
        ["one-place-at-a-time"],
        {
            "program": program(max_blocks_per_day=2),
            "groups": GH,
            "therapists": TWO_LEADERS,
            "rooms": TWO_ROOMS,
        },
    ),
    Case(
        "one patient twice a day",
        [HARMLESS, pin(2, patient="P1", block="Mon9"), pin(3, patient="P1", block="Mon13")],
        [2, 3],
        ["blocks-per-day"],
        {"blocks": (MON9, MON13)},
    ),
    Case(
        "one therapist, two groups, one block",
        [pin(2, block="Mon9", group="G", therapist="T1"), pin(3, block="Mon9", group="H", therapist="T1")],
        [2, 3],
        ["one-place-at-a-time"],
        {"groups": GH, "therapists": TWO_LEADERS, "rooms": TWO_ROOMS},
    ),
    Case(
        "one room, two groups, one block",
        [pin(2, block="Mon9", group="G", room="R"), pin(3, block="Mon9", group="H", room="R")],
        [2, 3],
        ["one-place-at-a-time"],
        {"groups": GH, "therapists": TWO_LEADERS, "rooms": TWO_ROOMS},
    ),
    Case(
        "a session that nobody fills",
        [HARMLESS, pin(2, block="Tue9", group="H")],
        [2],
        ["group-size"],
        {"blocks": (MON9, TUE9), "groups": (group("G"), group("H", min_size=3)), "therapists": TWO_LEADERS},
    ),
    Case(
        "a room too small",
        [HARMLESS, pin(2, block="Mon9", group="G", room="S")],
        [2],
        ["group-size"],
        {"groups": (group(min_size=2),), "rooms": (room("R"), room("S", 1))},
    ),
    Case(
        "more pinned than the room holds",
        [pin(2, patient="P1", room="S"), pin(3, patient="P2", room="S"), pin(4, patient="P3")],
        [2, 3],
        ["group-size"],
        {
            "patients": tuple(patient(f"P{i}") for i in (1, 2, 3)),
            "rooms": (room("R"), room("S", 1)),
            "therapists": (therapist("T1"), therapist("T2")),
        },
    ),
    Case(
        "a room without the feature",
        [HARMLESS, pin(2, group="G", room="S")],
        [2],
        ["room-fit"],
        {
            "groups": (group(room_features=frozenset({"tv"})),),
            "rooms": (room("R", features=frozenset({"tv"})), room("S")),
        },
    ),
    Case(
        "a therapist who is not qualified",
        [HARMLESS, pin(2, group="G", therapist="T2")],
        [2],
        ["qualified"],
        {"groups": GH, "therapists": (therapist("T1", "G"), therapist("T2", "H"))},
    ),
    Case(
        "a patient who is not free",
        [HARMLESS, pin(2, patient="P1", block="Mon9")],
        [2],
        ["availability"],
        {"blocks": (MON9, TUE9), "patients": (patient("P1", free=times(("Tue", 0, 24))), patient("P2"))},
    ),
    Case(
        "a patient who avoids the group",
        [HARMLESS, pin(2, patient="P1", group="G")],
        [2],
        ["avoided-groups"],
        {"patients": (patient("P1", avoided=("G",)), patient("P2"))},
    ),
    Case(
        "a patient whom the group is not open to",
        [pin(2, patient="P1")],
        [2],
        ["eligibility"],
        {"groups": (group(open_to=(frozenset({"women"}),)),)},
    ),
    Case(
        "a patient at home",
        [HARMLESS, pin(2, patient="P1")],
        [2],
        ["modality"],
        {"patients": (patient("P1", modality="telehealth"), patient("P2"))},
    ),
    Case(
        "more days than blocks",
        [pin(2, patient="P1", block="Mon9"), pin(3, patient="P1", block="Tue9"), HARMLESS],
        [2, 3],
        ["weekly-maximum"],
        {"blocks": (MON9, TUE9), "patients": (patient("P1", max_blocks=1), patient("P2"))},
    ),
    Case(
        "the same group again",
        [pin(2, patient="P1", block="Mon9"), pin(3, patient="P1", block="Tue9")],
        [2, 3],
        ["repeat-limit"],
        {"blocks": (MON9, TUE9), "groups": (group(max_per_patient=1),)},
    ),
    Case(
        "a session too many",
        [pin(2, block="Mon9"), pin(3, block="Tue9")],
        [2, 3],
        ["sessions-per-week"],
        {"blocks": (MON9, TUE9), "groups": (group(max_sessions=1),)},
    ),
    Case(
        "a therapist who leads once",
        [pin(2, block="Mon9", therapist="T1"), HARMLESS, pin(3, block="Tue9", therapist="T1")],
        [2, 3],
        ["therapist-load"],
        {"blocks": (MON9, TUE9), "therapists": (therapist("T1", max_blocks=1), therapist("T2"))},
    ),
    Case(
        "a night too short",
        [pin(2, block="Mon18", therapist="T1"), pin(3, block="Tue7", therapist="T1")],
        [2, 3],
        ["rest"],
        {"blocks": (MON18, TUE7), "therapists": (therapist("T1"), therapist("T2"))},
    ),
    Case(
        "kept from the therapist",
        [HARMLESS, pin(2, patient="P1", therapist="T1")],
        [2],
        ["apart"],
        {"apart": (Apart(patient="P1", therapist="T1"),)},
    ),
    Case(
        "kept from the therapist, with another to lead",
        [HARMLESS, pin(2, patient="P1", therapist="T1")],
        [2],
        ["apart"],
        {"apart": (Apart(patient="P1", therapist="T1"),), "therapists": (therapist("T1"), therapist("T2"))},
    ),
    Case(
        "two apart and one therapist",
        [pin(2, patient="P1"), pin(3, patient="P2")],
        [2, 3],
        ["qualified", "apart"],
        {"apart": (Apart(patient="P1", other_patient="P2"),), "rooms": TWO_ROOMS},
    ),
    Case(
        "three apart, two therapists: only the sessions themselves can tell",
        [pin(2, patient="P1"), pin(3, patient="P2"), pin(4, patient="P3"), pin(5, patient="P4")],
        [2, 3, 4],
        ["qualified", "apart"],
        {
            "patients": tuple(patient(f"P{i}") for i in (1, 2, 3, 4)),
            "apart": tuple(Apart(patient=f"P{i}", other_patient=f"P{j}") for i, j in ((1, 2), (2, 3), (1, 3))),
            "therapists": (therapist("T1"), therapist("T2")),
            "rooms": (room("A"), room("B"), room("C")),
        },
    ),
    Case(
        "three apart in sessions of at least two: with smaller ones it could be done",
        [pin(2, patient="P1"), pin(3, patient="P2"), pin(4, patient="P3")],
        [2, 3, 4],
        ["group-size", "apart"],
        {
            "patients": tuple(patient(f"P{i}") for i in (1, 2, 3, 4, 5)),
            "groups": (group(min_size=2),),
            "apart": tuple(Apart(patient=f"P{i}", other_patient=f"P{j}") for i, j in ((1, 2), (2, 3), (1, 3))),
            "therapists": tuple(therapist(f"T{i}") for i in (1, 2, 3)),
            "rooms": (room("A"), room("B"), room("C")),
        },
    ),
    Case(
        "three claims on a therapist who takes two",
        [
            pin(2, patient="P1", therapist="T1"),
            pin(3, patient="P2", therapist="T1"),
            pin(4, patient="P3", therapist="T1"),
        ],
        [2, 3, 4],
        ["group-size"],
        {
            "patients": tuple(patient(f"P{i}") for i in (1, 2, 3)),
            "groups": (group(max_size=2),),
            "therapists": (therapist("T1"), therapist("T2")),
            "rooms": TWO_ROOMS,
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_colliding_pins_and_the_rules_against_them_and_nothing_else(case: Case) -> None:
    week = tiny(pins=tuple(case.pins), **case.week)
    rows, rules = explained(week)
    assert (rows, rules) == (case.rows, case.rules)
    assert_smallest(week, rows, rules)


def test_every_rule_stands_against_some_pin() -> None:
    assert {rule for case in CASES for rule in case.rules} == {rule.id for rule in RULES} - {"pins"}


def test_the_words_name_each_pin_by_its_row_and_the_rule_in_plain_words() -> None:
    case = CASES[1]
    solution = solve(tiny(pins=tuple(case.pins), **case.week), quick())
    (finding,) = solution.findings
    assert "row 2: patient P1, block Mon9" in finding.message
    assert "row 3: patient P1, block Mon13" in finding.message
    assert "row 99" not in finding.message
    assert "A patient has at most max_blocks_per_day sessions a day" in finding.message
    assert finding.hint


def test_pins_that_one_session_keeps_together_do_not_collide() -> None:
    week = tiny(pins=(pin(2, patient="P1", block="Mon9"), pin(3, patient="P1", therapist="T1"), pin(4, room="R")))
    assert solve(week, quick()).status is Status.OPTIMAL


@pytest.mark.slow
@settings(
    max_examples=25, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(st.randoms(use_true_random=False), st.booleans())
def test_whatever_is_named_is_needed(rng: random.Random, crowded: bool) -> None:
    week = crowded_week(rng) if crowded else featured_week(rng)
    if not week.pins or solve(week, quick(HOURS_ONLY)).status is not Status.IMPOSSIBLE:
        return
    assert_smallest(week, *explained(week))


def test_a_stop_while_looking_for_the_collision_names_all_rather_than_too_few() -> None:
    """Whoever stops the search early is told of pins that cannot all be kept, never of a smaller set unproved."""
    case, stop = CASES[1], Event()
    solution = solve(tiny(pins=tuple(case.pins), **case.week), quick(), listener=lambda _: stop.set(), stop=stop)
    assert solution.timetable is None
    assert solution.interrupted
    if solution.status is Status.IMPOSSIBLE and solution.findings[0].code == "pins-collide":
        assert set(named_rows(solution.findings[0])) >= {2, 3}
