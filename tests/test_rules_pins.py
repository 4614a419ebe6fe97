"""What rules say of pins before anything is solved is certain."""

import random

import pytest
from builders import block, crowded_week, featured_week, group, quick, tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.outcome import Status
from scheduler.domain.week import Apart, Pin, Week
from scheduler.engine.search import solve
from scheduler.rules.pins import first_column, pin_text
from scheduler.rules.registry import RULES


def with_pins(week: Week, rng: random.Random) -> Week:
    """The week with one to four pins of any cells."""

    def some(rows: tuple[object, ...], chance: float) -> str | None:
        return str(rng.choice(rows).id) if rng.random() < chance else None  # type: ignore[attr-defined]

    pins = tuple(
        Pin(
            row=row,
            patient=some(week.patients, 0.6),
            block=some(week.blocks, 0.5),
            group=some(week.groups, 0.4),
            therapist=some(week.therapists, 0.4),
            room=some(week.rooms, 0.2),
        )
        for row in range(2, 2 + rng.randint(1, 4))
    )
    return Week(**{**{name: getattr(week, name) for name in Week.model_fields}, "pins": pins})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.randoms(use_true_random=False), st.booleans())
def test_a_pin_that_a_rule_refuses_leaves_no_timetable(rng: random.Random, crowded: bool) -> None:
    week = with_pins(crowded_week(rng) if crowded else featured_week(rng), rng)
    refused = [(rule.id, pin.row) for rule in RULES for pin in week.pins if rule.refuses_pin(week, pin) is not None]
    if refused:
        assert solve(week, quick([["weekly-minimum"]])).status is Status.IMPOSSIBLE, refused


def test_a_refusal_of_a_pin_names_its_cell_and_the_cell_against_it() -> None:
    week = tiny(apart=(Apart(patient="P1", therapist="T1", row=5),), pins=(Pin(patient="P1", therapist="T1", row=4),))
    said = [rule.refuses_pin(week, week.pins[0]) for rule in RULES]
    (refusal,) = [one for one in said if one is not None]
    assert [(fact.sheet, fact.row, fact.column) for fact in refusal.facts] == [
        ("Pins", "4", "Patient"),
        ("Apart", "5", "With"),
    ]


def test_a_collision_is_told_once_at_the_lower_row() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Mon", 13, 16)),
        pins=(Pin(patient="P1", block="Mon9", row=2), Pin(patient="P1", block="Mon13", row=3)),
    )
    rows = [pin.row for pin in week.pins for rule in RULES if rule.refuses_pin(week, pin) is not None]
    assert rows == [3]


def test_nothing_is_said_of_pins_that_can_be_kept() -> None:
    week = tiny(
        groups=(group(max_size=2),),
        pins=(
            Pin(patient="P1", block="Mon9", group="G", therapist="T1", room="R", row=2),
            Pin(patient="P2", therapist="T1", row=3),
            Pin(block="Mon9", row=4),
        ),
    )
    assert [rule.id for rule in RULES for pin in week.pins if rule.refuses_pin(week, pin) is not None] == []
    assert solve(week, quick()).status is Status.OPTIMAL


@pytest.mark.parametrize(
    ("pin", "text", "column"),
    [
        (Pin(patient="P1", room="R", row=4), "(row 4: patient P1, room R)", "Patient"),
        (Pin(block="Mon9", group="G", row=7), "(row 7: block Mon9, group G)", "Block"),
        (Pin(therapist="T1", row=2), "(row 2: therapist T1)", "Therapist"),
    ],
)
def test_a_pin_is_called_by_its_row_and_its_filled_cells(pin: Pin, text: str, column: str) -> None:
    assert pin_text(pin) == text
    assert first_column(pin) == column
