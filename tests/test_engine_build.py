"""The model as it is built: only what may be exists, every constraint bears a name, what is off costs nothing."""

import random

import pytest
from builders import block, crowded_week, featured_week, group, patient, program, quick, room, therapist, tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.week import Apart, Pin, Week
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.tiers import tiers_of
from scheduler.goals.registry import GOALS, goal_of
from scheduler.model.candidates import find_candidates
from scheduler.model.protocol import Goal
from scheduler.rules.registry import RULES

WEEKS = st.randoms(use_true_random=False)
HURRIED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@HURRIED
@given(WEEKS)
def test_a_seat_or_lead_exists_exactly_when_no_rule_bars_it(rng: random.Random) -> None:
    week = featured_week(rng)
    plan = build_plan(week, RULES)

    def barred(actor: object, target: object) -> bool:
        return any(rule.bars(week, actor, target) is not None for rule in RULES)  # type: ignore[arg-type]

    cells = [(b, g) for b in week.blocks for g in week.groups if not barred(g, b)]
    seats = {(p.id, b.id, g.id) for p in week.patients for b, g in cells if not barred(p, b) and not barred(p, g)}
    used = {(b, g) for _, b, g in seats}
    leads = {
        (t.id, b.id, g.id)
        for t in week.therapists
        for b, g in cells
        if (b.id, g.id) in used and not barred(t, b) and not barred(t, g)
    }
    assert set(plan.attends) == seats
    assert set(plan.leads) == leads
    assert set(plan.sessions) == used


@HURRIED
@given(WEEKS)
def test_the_same_week_builds_the_same_model(rng: random.Random) -> None:
    week = crowded_week(rng)
    models = []
    for _ in range(2):
        plan = build_plan(Week(**{name: getattr(week, name) for name in Week.model_fields}), RULES)
        for tier in tiers_of(quick().goals):
            tier.score(plan)
        for cell in plan.candidates.cells:
            make_exact(plan, cell, RULES)
        models.append(str(plan.model.proto))
    assert models[0] == models[1]


RICH = tiny(
    program=program(min_rest_hours=11),
    blocks=(block("Mon", 9, 12), block("Mon", 11, 14), block("Mon", 18, 21), block("Tue", 7, 10), block("Wed", 9, 12)),
    patients=(
        patient("P1", max_blocks=2),
        patient("P2", tags=frozenset({"women"})),
        patient("P3", level="adolescent", age_band="adolescent"),
    ),
    groups=(
        group("G", max_sessions=1, max_per_patient=1, min_size=2),
        group("Y", open_to=(frozenset({"adolescent"}), frozenset({"women"}))),
    ),
    therapists=(therapist("T1", "G", "Y", max_blocks=2, max_blocks_per_day=1), therapist("T2", "G", "Y")),
    rooms=(room("R"), room("Q", 2)),
    apart=(Apart(patient="P1", other_patient="P2"), Apart(patient="P1", therapist="T1")),
    pins=(Pin(patient="P1", row=2),),
)


def test_every_constraint_is_counted_for_the_rule_that_wrote_it() -> None:
    plan = build_plan(RICH, RULES)
    writers = {rule.id for rule in RULES if "constrain" in vars(type(rule))}
    assert set(plan.written) == writers | {"structure"}
    names = {constraint.name for constraint in plan.model.proto.constraints} - {""}
    assert names <= writers | {"structure"}


@pytest.mark.parametrize("goal", [goal for goal in GOALS if len(goal.parts) > 3], ids=lambda goal: goal.id)
def test_parts_that_weigh_nothing_are_not_built(goal: Goal) -> None:
    sizes = []
    for weights in (dict.fromkeys(goal.parts, 0), goal.parts):
        plan = build_plan(RICH, RULES)
        before = len(plan.model.proto.variables)
        goal.score(plan, weights)
        sizes.append(len(plan.model.proto.variables) - before)
    assert sizes[0] < sizes[1]


def test_the_goal_operations_costs_nothing_when_every_part_is_off() -> None:
    plan = build_plan(tiny(), RULES)
    before = str(plan.model.proto)
    goal_of("operations").score(plan, dict.fromkeys(goal_of("operations").parts, 0))
    assert str(plan.model.proto) == before


def test_rooms_that_no_rule_tells_apart_are_one_class_and_a_pinned_room_is_alone() -> None:
    rooms = (room("A", 5), room("B", 5), room("C", 6), room("D", 5), room("E", 5, features=frozenset({"tv"})))
    week = tiny(rooms=rooms, pins=(Pin(room="D", row=2),))
    classes = [one.rooms for one in find_candidates(week, RULES).room_classes]
    assert classes == [("A", "B", "E"), ("C",), ("D",)]
    picky = tiny(rooms=rooms, groups=(group("G"), group("H", room_features=frozenset({"tv"}))))
    assert [one.rooms for one in find_candidates(picky, RULES).room_classes] == [("A", "B", "D"), ("C",), ("E",)]


def test_a_claim_of_one_name_is_that_decision_and_a_claim_of_a_stranger_is_none() -> None:
    plan = build_plan(tiny(), RULES)
    cell = ("Mon9", "G")
    assert plan.claim(cell, patients=["P1"]) is plan.attends["P1", *cell]
    assert plan.claim(cell, therapists=["T1"]) is plan.leads["T1", *cell]
    assert plan.claim(cell) is plan.runs[cell]
    assert plan.claim(cell, patients=["P9"]) is None
    assert plan.claim(("Sun9", "G"), patients=["P1"]) is None
    assert plan.claims == {}
    both = plan.claim(cell, patients=["P2", "P1"], therapists=["T1"])
    assert plan.claim(cell, patients=["P1", "P2"], therapists=["T1"]) is both
    assert len(plan.claims) == 1
