"""Each rule is needed: switch it off and some week gets a timetable that breaks it, and the verifier says which."""

from typing import Any

import pytest
from builders import block, group, patient, program, quick, room, therapist, times, tiny

from scheduler.domain.outcome import Status
from scheduler.domain.week import Apart, Pin, RequiredGroup, Week
from scheduler.engine.search import solve
from scheduler.rules.registry import RULES
from scheduler.verify import verify

MON9, MON11, MON13, MON18, TUE7, TUE9 = (
    block("Mon", 9, 12),
    block("Mon", 11, 14),
    block("Mon", 13, 16),
    block("Mon", 18, 21),
    block("Tue", 7, 10),
    block("Tue", 9, 12),
)
TWICE = {"min_minutes": 360, "min_blocks": 2}


def alone(**fields: Any) -> dict[str, Any]:
    return {"patients": (patient("P1", **fields),)}


TEMPTING: dict[str, dict[str, Any]] = {
    "availability": alone(free=times(("Mon", 10, 12))),
    "one-place-at-a-time": {
        "program": program(max_blocks_per_day=2),
        "blocks": (MON9, MON11),
        "therapists": (therapist("T1"), therapist("T2")),
        "rooms": (room("R"), room("Q")),
        **alone(**TWICE),
    },
    "blocks-per-day": {"blocks": (MON9, MON13), **alone(**TWICE)},
    "weekly-maximum": {
        "blocks": (MON9, TUE9),
        **alone(max_minutes=180, required=(RequiredGroup(group="G", times=2),)),
    },
    "eligibility": {"groups": (group(open_to=(frozenset({"women"}),)),)},
    "avoided-groups": alone(avoided=("G",)),
    "repeat-limit": {"blocks": (MON9, TUE9), "groups": (group(max_per_patient=1),), **alone(**TWICE)},
    "group-size": {"groups": (group(min_size=3),)},
    "qualified": {"groups": (group(facilitators=2),)},
    "therapist-load": {"blocks": (MON9, TUE9), "therapists": (therapist("T1", max_blocks=1),), **alone(**TWICE)},
    "rest": {"blocks": (MON18, TUE7), **alone(**TWICE)},
    "room-fit": {"rooms": ()},
    "modality": alone(modality="telehealth"),
    "sessions-per-week": {"blocks": (MON9, TUE9), "groups": (group(max_sessions=1),), **alone(**TWICE)},
    "apart": {"apart": (Apart(patient="P1", other_patient="P2"),)},
    "pins": {
        "blocks": (MON9, TUE9),
        "pins": (Pin(patient="P1", block="Tue9"),),
        **alone(max_blocks=1, preferred_times=times(("Mon", 0, 24))),
    },
}


def tempting(rule: str) -> Week:
    return tiny(**TEMPTING[rule])


def test_there_is_a_week_for_every_rule() -> None:
    assert list(TEMPTING) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", list(TEMPTING))
def test_without_the_rule_it_is_broken_and_the_verifier_says_so(rule: str) -> None:
    week = tempting(rule)
    solution = solve(week, quick(), rules=[one for one in RULES if one.id != rule])
    assert solution.timetable is not None
    found = verify(week, solution.timetable)
    assert [result.rule for result in found.rules if result.violations] == [rule]


@pytest.mark.parametrize("rule", list(TEMPTING))
def test_with_every_rule_none_is_broken(rule: str) -> None:
    week = tempting(rule)
    solution = solve(week, quick())
    assert solution.status is Status.OPTIMAL
    assert solution.timetable is not None
    assert verify(week, solution.timetable).broken == 0
