"""Each rule: forbidden, allowed and trivial weeks, on the model and on the solver-free check alike.

A case is a week, a finished timetable and the one rule that it breaks (or none). For a forbidden case three things are
shown: the check names this rule and no other, the model refuses the timetable, and the model without this one rule
takes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from builders import (
    ALWAYS,
    block,
    group,
    patient,
    program,
    room,
    table,
    therapist,
    times,
    tiny,
)
from ortools.sat.python import cp_model

from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Apart, Pin, Week
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.sections import base_values
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

WOMEN, YOUNG, ADULT = frozenset({"women"}), frozenset({"adolescent"}), frozenset({"adult"})
MON9, MON13, MON18, TUE7, TUE9, WED9 = (
    block("Mon", 9, 12),
    block("Mon", 13, 16),
    block("Mon", 18, 21),
    block("Tue", 7, 10),
    block("Tue", 9, 12),
    block("Wed", 9, 12),
)
TWO_A_DAY = program(max_blocks_per_day=2)
TWO_ROOMS = (room("R"), room("Q"))
TWO_LEADERS = (therapist("T1"), therapist("T2"))


def broken(week: Week, timetable: Timetable) -> list[str]:
    """The rules that the check says are broken."""
    return [result.rule for result in verify(week, timetable).rules if result.violations]


def admits(week: Week, timetable: Timetable, without: str = "") -> bool:
    """Whether the model, perhaps without one rule, has room for exactly this timetable."""
    rules = [rule for rule in RULES if rule.id != without]
    plan = build_plan(week, rules)
    try:
        values = base_values(plan, timetable)
    except StopIteration:  # a room of no class
        return False
    for cell in plan.candidates.cells:
        if values[plan.sessions[cell].index] > 1:  # what stands alone must be right by counts
            make_exact(plan, cell, rules)
    for index, value in values.items():
        plan.model.add(plan.model.get_int_var_from_proto_index(index) == value)
    spoken_for = sum(values[var.index] for table_ in (plan.attends, plan.leads, plan.rooms) for var in table_.values())
    wanted = len(timetable.assignments) + sum(len(s.therapists) + (s.room is not None) for s in timetable.sessions)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return spoken_for == wanted and solver.solve(plan.model) == cp_model.OPTIMAL


@dataclass(frozen=True)
class Case:
    rule: str
    why: str
    lines: Sequence[str]
    week: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule}: {self.why}"


def one(**fields: Any) -> dict[str, Any]:
    """A week with one patient of the given fields."""
    return {"patients": (patient("P1", **fields),)}


FORBIDDEN = [
    Case("availability", "the patient comes late", ["Mon9 G T1 R P1"], one(free=times(("Mon", 10, 12)))),
    Case("availability", "the patient leaves a minute early", ["Mon9 G T1 R P1"], one(free=times(("Mon", 9, 11.98)))),
    Case(
        "availability",
        "the patient has a hole in the middle",
        ["Mon9 G T1 R P1"],
        one(free=times(("Mon", 8, 10), ("Mon", 10.5, 13))),
    ),
    Case(
        "availability",
        "the therapist is off",
        ["Mon9 G T1 R P1"],
        {"therapists": (therapist("T1", free=times(("Tue", 9, 12))),)},
    ),
    Case(
        "availability",
        "the room is let to others",
        ["Mon9 G T1 R P1"],
        {"rooms": (room("R", free=times(("Mon", 9, 11))),)},
    ),
    Case(
        "availability",
        "the group runs on Tuesdays",
        ["Mon9 G T1 R P1"],
        {"groups": (group(times=times(("Tue", 0, 24))),)},
    ),
    Case(
        "one-place-at-a-time",
        "a patient in two overlapping blocks",
        ["Mon9 G T1 R P1", "Mon11 G T2 Q P1"],
        {
            "program": TWO_A_DAY,
            "blocks": (MON9, block("Mon", 11, 14)),
            "therapists": TWO_LEADERS,
            "rooms": TWO_ROOMS,
        },
    ),
    Case(
        "one-place-at-a-time",
        "a patient in two groups of one block",
        ["Mon9 G T1 R P1", "Mon9 H T2 Q P1"],
        {
            "program": TWO_A_DAY,
            "groups": (group("G"), group("H")),
            "therapists": (therapist("T1", "G", "H"), therapist("T2", "G", "H")),
            "rooms": TWO_ROOMS,
        },
    ),
    Case(
        "one-place-at-a-time",
        "a therapist in two overlapping blocks",
        ["Mon9 G T1 R P1", "Mon11 G T1 Q P2"],
        {"blocks": (MON9, block("Mon", 11, 14)), "rooms": TWO_ROOMS},
    ),
    Case(
        "one-place-at-a-time",
        "a therapist in two groups of one block",
        ["Mon9 G T1 R P1", "Mon9 H T1 Q P2"],
        {"groups": (group("G"), group("H")), "therapists": (therapist("T1", "G", "H"),), "rooms": TWO_ROOMS},
    ),
    Case(
        "one-place-at-a-time",
        "a room in two overlapping blocks",
        ["Mon9 G T1 R P1", "Mon11 G T2 R P2"],
        {"blocks": (MON9, block("Mon", 11, 14)), "therapists": TWO_LEADERS},
    ),
    Case(
        "blocks-per-day",
        "a patient twice on Monday",
        ["Mon9 G T1 R P1", "Mon13 G T1 R P1"],
        {"blocks": (MON9, MON13)},
    ),
    Case(
        "blocks-per-day",
        "three where two are allowed",
        ["Mon9 G T1 R P1", "Mon13 G T1 R P1", "Mon18 G T1 R P1"],
        {"program": TWO_A_DAY, "blocks": (MON9, MON13, MON18)},
    ),
    Case(
        "blocks-per-day",
        "a therapist who leads once a day",
        ["Mon9 G T1 R P1", "Mon13 G T1 R P2"],
        {"blocks": (MON9, MON13), "therapists": (therapist("T1", max_blocks_per_day=1),)},
    ),
    Case(
        "weekly-maximum",
        "a block too many",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), **one(max_blocks=1)},
    ),
    Case(
        "weekly-maximum",
        "a minute too many",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), **one(max_minutes=359)},
    ),
    Case("weekly-maximum", "none at all", ["Mon9 G T1 R P1"], one(max_blocks=0)),
    Case("eligibility", "without the tag", ["Mon9 G T1 R P1"], {"groups": (group(open_to=(ADULT | WOMEN,)),)}),
    Case(
        "eligibility",
        "an adolescent in a group that does not name them",
        ["Mon9 G T1 R P1"],
        {
            "groups": (group(open_to=(WOMEN,)),),
            **one(level="adolescent", age_band="adolescent", tags=WOMEN),
        },
    ),
    Case("eligibility", "an adult among adolescents", ["Mon9 G T1 R P1"], {"groups": (group(open_to=(YOUNG,)),)}),
    Case(
        "eligibility",
        "ages mixed where the group names one",
        ["Mon9 G T1 R P1,P2"],
        {
            "groups": (group(open_to=(YOUNG, WOMEN)),),
            "patients": (
                patient("P1", level="adolescent", age_band="adolescent"),
                patient("P2", tags=WOMEN),
            ),
        },
    ),
    Case("avoided-groups", "in an avoided group", ["Mon9 G T1 R P1"], one(avoided=("G",))),
    Case(
        "repeat-limit",
        "twice in a group that takes each once",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), "groups": (group(max_per_patient=1),)},
    ),
    Case("group-size", "one too few", ["Mon9 G T1 R P1"], {"groups": (group(min_size=2),)}),
    Case("group-size", "nobody at all", ["Mon9 G T1 R -"]),
    Case("group-size", "one too many", ["Mon9 G T1 R P1,P2"], {"groups": (group(max_size=1),)}),
    Case("group-size", "a chair too few", ["Mon9 G T1 R P1,P2"], {"rooms": (room("R", 1),)}),
    Case(
        "group-size",
        "a small room for a group without a maximum",
        ["Mon9 G T1 R P1,P2"],
        {"rooms": (room("R", 1),), "groups": (group(max_size=None),)},
    ),
    Case(
        "group-size",
        "the licence's cap for the kind",
        ["Mon9 G T1 R P1,P2"],
        {"program": program(group_caps={"education": 1}), "groups": (group(kind="education"),)},
    ),
    Case(
        "group-size",
        "side by side, one of the two too large",
        ["Mon9 G T1 R P1,P2,P3", "Mon9 G T2 Q P4"],
        {
            "patients": tuple(patient(f"P{i}") for i in range(1, 5)),
            "groups": (group(min_size=2),),
            "therapists": TWO_LEADERS,
            "rooms": (room("R", 3), room("Q", 1)),
        },
    ),
    Case(
        "qualified",
        "not qualified for the group",
        ["Mon9 G T1 R P1"],
        {"groups": (group("G"), group("H")), "therapists": (therapist("T1", "H"),)},
    ),
    Case(
        "qualified",
        "leads in person only",
        ["Mon9 G T1 - P1"],
        {
            "groups": (group(modality="telehealth"),),
            "therapists": (therapist("T1", modality="in person"),),
            **one(modality="telehealth"),
        },
    ),
    Case("qualified", "one facilitator of two", ["Mon9 G T1 R P1"], {"groups": (group(facilitators=2),)}),
    Case("qualified", "two facilitators for one", ["Mon9 G T1,T2 R P1"], {"therapists": TWO_LEADERS}),
    Case("qualified", "nobody leads", ["Mon9 G - R P1"]),
    Case(
        "therapist-load",
        "a block too many",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), "therapists": (therapist("T1", max_blocks=1),)},
    ),
    Case(
        "rest",
        "ten hours of night",
        ["Mon18 G T1 R P1", "Tue7 G T1 R P1"],
        {"blocks": (MON18, TUE7)},
    ),
    Case(
        "rest",
        "a second therapist rests too",
        ["Mon18 G T1,T2 R P1", "Tue7 G T2,T3 R P1"],
        {
            "blocks": (MON18, TUE7),
            "groups": (group(facilitators=2),),
            "therapists": (*TWO_LEADERS, therapist("T3")),
        },
    ),
    Case("room-fit", "no room", ["Mon9 G T1 - P1"]),
    Case(
        "room-fit",
        "a feature is missing",
        ["Mon9 G T1 R P1"],
        {
            "groups": (group(room_features=frozenset({"projector", "quiet"})),),
            "rooms": (room("R", features=frozenset({"quiet"})),),
        },
    ),
    Case("modality", "online patient in the building", ["Mon9 G T1 R P1"], one(modality="telehealth")),
    Case(
        "modality",
        "in-person patient online",
        ["Mon9 G T1 - P1"],
        {"groups": (group(modality="telehealth"),), "rooms": ()},
    ),
    Case(
        "sessions-per-week",
        "a session too many",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), "groups": (group(max_sessions=1),)},
    ),
    Case(
        "sessions-per-week",
        "two side by side count as two",
        ["Mon9 G T1 R P1", "Mon9 G T2 Q P2"],
        {"groups": (group(max_sessions=1),), "therapists": TWO_LEADERS, "rooms": TWO_ROOMS},
    ),
    Case(
        "apart",
        "two patients in one session",
        ["Mon9 G T1 R P1,P2"],
        {"apart": (Apart(patient="P1", other_patient="P2"),)},
    ),
    Case("apart", "led by them", ["Mon9 G T1 R P1"], {"apart": (Apart(patient="P1", therapist="T1"),)}),
    Case(
        "apart",
        "co-led by them",
        ["Mon9 G T1,T2 R P1"],
        {
            "apart": (Apart(patient="P1", therapist="T2"),),
            "groups": (group(facilitators=2),),
            "therapists": TWO_LEADERS,
        },
    ),
    Case("pins", "the patient is not there", ["Mon9 G T1 R P2"], {"pins": (Pin(patient="P1"),)}),
    Case(
        "pins",
        "on another day",
        ["Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), "pins": (Pin(patient="P1", block="Mon9"),)},
    ),
    Case(
        "pins",
        "another therapist leads",
        ["Mon9 G T2 R P1"],
        {"therapists": TWO_LEADERS, "pins": (Pin(patient="P1", therapist="T1"),)},
    ),
    Case(
        "pins",
        "another room",
        ["Mon9 G T1 Q P1"],
        {"rooms": TWO_ROOMS, "pins": (Pin(block="Mon9", room="R"),)},
    ),
    Case(
        "pins",
        "each cell is met, but by different sessions",
        ["Mon9 G T1 R P1", "Tue9 G T2 R P1"],
        {"blocks": (MON9, TUE9), "therapists": TWO_LEADERS, "pins": (Pin(block="Tue9", therapist="T1"),)},
    ),
    Case("pins", "the session does not run", [], {"pins": (Pin(block="Mon9", group="G"),)}),
]

ALLOWED = [
    Case("availability", "free to the minute", ["Mon9 G T1 R P1"], one(free=times(("Mon", 9, 12)))),
    Case("availability", "two terms that join", ["Mon9 G T1 R P1"], one(free=times(("Mon", 9, 10), ("Mon", 10, 12)))),
    Case(
        "availability",
        "all three to the minute",
        ["Mon9 G T1 R P1,P2"],
        {
            "therapists": (therapist("T1", free=times(("Mon", 9, 12))),),
            "rooms": (room("R", free=times(("Mon", 9, 12))),),
            "groups": (group(times=times(("Mon", 9, 12))),),
        },
    ),
    Case(
        "one-place-at-a-time",
        "blocks that touch do not overlap",
        ["Mon9 G T1 R P1", "Mon12 G T1 R P1"],
        {"program": TWO_A_DAY, "blocks": (MON9, block("Mon", 12, 15))},
    ),
    Case(
        "one-place-at-a-time",
        "two overlapping sessions of different people",
        ["Mon9 G T1 R P1", "Mon11 G T2 Q P2"],
        {"blocks": (MON9, block("Mon", 11, 14)), "therapists": TWO_LEADERS, "rooms": TWO_ROOMS},
    ),
    Case(
        "blocks-per-day",
        "two where two are allowed",
        ["Mon9 G T1 R P1", "Mon13 G T1 R P1"],
        {"program": TWO_A_DAY, "blocks": (MON9, MON13), "therapists": (therapist("T1", max_blocks_per_day=2),)},
    ),
    Case(
        "weekly-maximum",
        "exactly the most, both ways",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), **one(max_minutes=360, max_blocks=2)},
    ),
    Case(
        "eligibility",
        "any one of the choices",
        ["Mon9 G T1 R P1"],
        {"groups": (group(open_to=(frozenset({"veterans"}), ADULT | WOMEN)),), **one(tags=WOMEN)},
    ),
    Case(
        "eligibility",
        "a group that names both ages mixes them",
        ["Mon9 G T1 R P1,P2"],
        {
            "groups": (group(open_to=(YOUNG, ADULT)),),
            "patients": (patient("P1", level="adolescent", age_band="adolescent"), patient("P2")),
        },
    ),
    Case(
        "eligibility",
        "side by side, each age for itself",
        ["Mon9 G T1 R P1", "Mon9 G T2 Q P2"],
        {
            "groups": (group(open_to=(YOUNG, WOMEN)),),
            "patients": (patient("P1", level="adolescent", age_band="adolescent"), patient("P2", tags=WOMEN)),
            "therapists": TWO_LEADERS,
            "rooms": TWO_ROOMS,
        },
    ),
    Case(
        "avoided-groups",
        "another group",
        ["Mon9 H T1 R P1"],
        {"groups": (group("G"), group("H")), "therapists": (therapist("T1", "H"),), **one(avoided=("G",))},
    ),
    Case(
        "repeat-limit",
        "as often as the group takes each",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), "groups": (group(max_per_patient=2),)},
    ),
    Case(
        "group-size",
        "exactly the tightest of four limits",
        ["Mon9 G T1 R P1,P2"],
        {
            "program": program(group_caps={"therapy": 2, "education": 1}),
            "groups": (group(min_size=2, max_size=2),),
            "rooms": (room("R", 2),),
        },
    ),
    Case(
        "qualified",
        "two facilitators for two",
        ["Mon9 G T1,T2 R P1"],
        {"groups": (group(facilitators=2),), "therapists": TWO_LEADERS},
    ),
    Case(
        "qualified",
        "leads in person only, in person",
        ["Mon9 G T1 R P1"],
        {"therapists": (therapist("T1", modality="in person"),)},
    ),
    Case(
        "therapist-load",
        "exactly the most",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), "therapists": (therapist("T1", max_blocks=2),)},
    ),
    Case(
        "rest",
        "exactly as long as asked",
        ["Mon18 G T1 R P1", "Tue7 G T1 R P1"],
        {"program": program(min_rest_hours=10), "blocks": (MON18, TUE7)},
    ),
    Case(
        "rest",
        "another therapist opens",
        ["Mon18 G T1 R P1", "Tue7 G T2 R P1"],
        {"blocks": (MON18, TUE7), "therapists": TWO_LEADERS},
    ),
    Case(
        "room-fit",
        "every feature is there, and more",
        ["Mon9 G T1 R P1"],
        {
            "groups": (group(room_features=frozenset({"quiet"})),),
            "rooms": (room("R", features=frozenset({"quiet", "projector"})),),
        },
    ),
    Case(
        "room-fit",
        "telehealth needs none",
        ["Mon9 G T1 - P1"],
        {"groups": (group(modality="telehealth"),), "rooms": (), **one(modality="telehealth")},
    ),
    Case(
        "modality",
        "either in the morning, either at night",
        ["Mon9 G T1 R P1", "Tue9 H T1 - P1"],
        {
            "blocks": (MON9, TUE9),
            "groups": (group("G"), group("H", modality="telehealth")),
            "therapists": (therapist("T1", "G", "H"),),
            **one(modality="either"),
        },
    ),
    Case(
        "sessions-per-week",
        "exactly the most",
        ["Mon9 G T1 R P1", "Tue9 G T1 R P1"],
        {"blocks": (MON9, TUE9), "groups": (group(max_sessions=2),)},
    ),
    Case(
        "apart",
        "side by side",
        ["Mon9 G T1 R P1", "Mon9 G T2 Q P2"],
        {"apart": (Apart(patient="P1", other_patient="P2"),), "therapists": TWO_LEADERS, "rooms": TWO_ROOMS},
    ),
    Case(
        "apart",
        "somebody else leads",
        ["Mon9 G T2 R P1"],
        {"apart": (Apart(patient="P1", therapist="T1"),), "therapists": TWO_LEADERS},
    ),
    Case(
        "pins",
        "every cell is met by one session",
        ["Mon9 G T1 R P1"],
        {
            "blocks": (MON9, TUE9),
            "pins": (Pin(patient="P1", block="Mon9", group="G", therapist="T1", room="R"), Pin(block="Mon9")),
        },
    ),
]

TWICE = ["Mon9 G T1 R P1", "Tue9 G T1 R P1"]
TRIVIAL = [
    Case("availability", "everybody is always free", TWICE, {"blocks": (MON9, TUE9), **one(free=ALWAYS)}),
    Case("one-place-at-a-time", "one block a day", TWICE, {"blocks": (MON9, TUE9)}),
    Case(
        "blocks-per-day",
        "a blank limit of the therapist",
        ["Mon9 G T1 R P1", "Mon13 G T1 R P2"],
        {"blocks": (MON9, MON13)},
    ),
    Case("weekly-maximum", "far from the most", ["Mon9 G T1 R P1"]),
    Case("eligibility", "everybody is adult", ["Mon9 G T1 R P1,P2"]),
    Case("avoided-groups", "nothing is avoided", ["Mon9 G T1 R P1"]),
    Case("repeat-limit", "a blank limit", TWICE, {"blocks": (MON9, TUE9)}),
    Case("group-size", "no maximum, no cap", ["Mon9 G T1 R P1,P2"], {"groups": (group(max_size=None),)}),
    Case("qualified", "the only one", ["Mon9 G T1 R P1"]),
    Case("therapist-load", "a blank limit", TWICE, {"blocks": (MON9, TUE9)}),
    Case("rest", "the day after next", ["Mon18 G T1 R P1", "Wed9 G T1 R P1"], {"blocks": (MON18, WED9)}),
    Case("room-fit", "no feature is asked", ["Mon9 G T1 R P1"]),
    Case("modality", "all in person", ["Mon9 G T1 R P1"]),
    Case("sessions-per-week", "a blank limit", TWICE, {"blocks": (MON9, TUE9)}),
    Case("apart", "nobody is kept apart", ["Mon9 G T1 R P1,P2"]),
    Case("pins", "nothing is pinned", []),
]


@pytest.mark.parametrize("case", FORBIDDEN, ids=str)
def test_forbidden(case: Case) -> None:
    week, timetable = tiny(**case.week), table(*case.lines)
    assert broken(week, timetable) == [case.rule]
    assert not admits(week, timetable)
    assert admits(week, timetable, without=case.rule), "some other rule of the model forbids it too"


@pytest.mark.parametrize("case", ALLOWED + TRIVIAL, ids=str)
def test_allowed(case: Case) -> None:
    week, timetable = tiny(**case.week), table(*case.lines)
    assert broken(week, timetable) == []
    assert admits(week, timetable)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_case_of_each_kind_and_nothing_against_an_empty_week(rule: Rule) -> None:
    for cases in (FORBIDDEN, ALLOWED, TRIVIAL):
        assert rule.id in {case.rule for case in cases}
    assert rule.id not in broken(tiny(), table())


def test_a_telehealth_session_that_holds_a_room_is_told() -> None:
    """The model cannot even say it; a timetable edited by hand can."""
    week = tiny(groups=(group(modality="telehealth"),), patients=(patient("P1", modality="telehealth"),))
    assert broken(week, table("Mon9 G T1 R P1")) == ["room-fit"]
    assert not admits(week, table("Mon9 G T1 R P1"))


def test_one_patient_twice_in_one_session_is_told() -> None:
    week = tiny(program=TWO_A_DAY)
    assert broken(week, table("Mon9 G T1 R P1,P1")) == ["one-place-at-a-time"]


def test_one_therapist_does_not_count_as_two() -> None:
    week = tiny(groups=(group(facilitators=2),))
    assert "qualified" in broken(week, table("Mon9 G T1,T1 R P1"))


def test_a_violation_names_everybody_it_concerns() -> None:
    def only(week: Week, *lines: str) -> Any:
        (found,) = [v for result in verify(week, table(*lines)).rules for v in result.violations]
        return found

    apart = only(tiny(apart=(Apart(patient="P1", other_patient="P2", row=7),)), "Mon9 G T1 R P1,P2")
    assert (apart.patients, apart.sessions) == (("P1", "P2"), ("s1",))
    assert [(f.sheet, f.row, f.column) for f in apart.facts] == [("Apart", "7", "With")]
    away = only(tiny(**one(free=times(("Tue", 9, 12)))), "Mon9 G T1 R P1")
    assert (away.patients, away.therapists, away.sessions) == (("P1",), (), ("s1",))
    pinned = only(tiny(pins=(Pin(patient="P1", therapist="T1", row=3),)))
    assert [(f.sheet, f.row, f.column) for f in pinned.facts] == [("Pins", "3", "Patient")]
    assert "row 3: patient P1, therapist T1" in pinned.words


def test_an_absent_therapist_is_named_as_a_therapist() -> None:
    week = tiny(therapists=(therapist("T1", free=times(("Tue", 9, 12))),))
    (violation,) = [v for r in verify(week, table("Mon9 G T1 R P1")).rules for v in r.violations]
    assert violation.therapists == ("T1",)
    assert violation.patients == ()
