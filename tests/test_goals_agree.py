"""Whatever week is drawn: the timetable keeps every rule, and the model counts for it what the verifier measures."""

import random
from threading import Event

import pytest
from builders import crowded_week, featured_week, quick, tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.outcome import Status
from scheduler.domain.profile import GoalSettings, Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.build import build_plan
from scheduler.engine.runner import Runner
from scheduler.engine.search import evaluate, solve
from scheduler.engine.tiers import tiers_of
from scheduler.goals.registry import GOALS
from scheduler.rules.registry import RULES
from scheduler.verify import verify

HURRIED = settings(max_examples=35, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
WEEKS = st.randoms(use_true_random=False)


def drawn_profile(rng: random.Random) -> Profile:
    """Any order of goals in any tiers, at any weights."""
    names = [goal.id for goal in GOALS]
    rng.shuffle(names)
    cuts = sorted(rng.sample(range(1, len(names)), rng.randint(0, 4)))
    tiers = [names[low:high] for low, high in zip([0, *cuts], [*cuts, len(names)], strict=True)]
    weights = {name: rng.randint(1, 3) for name in names if rng.random() < 0.5}
    parts = {
        goal.id: {part: rng.randint(0, 3) for part in goal.parts if rng.random() < 0.5}
        for goal in GOALS
        if rng.random() < 0.5
    }
    return quick(tiers, weights=weights, parts=parts)


def counted_by_the_model(week: Week, timetable: Timetable, goals: GoalSettings) -> tuple[int, ...]:
    plan = build_plan(week, RULES)
    scores = [tier.score(plan) for tier in tiers_of(goals)]
    return evaluate(plan, scores, timetable, Runner(quick().solver, Event()))


def assert_honest(week: Week, profile: Profile, rng: random.Random) -> None:
    solution = solve(week, profile)
    if solution.timetable is None:
        assert solution.status is Status.IMPOSSIBLE
        assert week.pins, "without pins the empty timetable is always there"
        assert [finding.code for finding in solution.findings] == ["pins-collide"]
        return
    found = verify(week, solution.timetable, profile.goals)
    assert found == solution.verification
    assert found.broken == 0
    assert solution.status is Status.OPTIMAL
    assert all(tier.proven and tier.gap == 0 for tier in solution.tiers)
    assert solution.solver_units == solution.measured_units
    assert solution.measured_units == tuple(tier.measured_units(found) for tier in tiers_of(profile.goals))
    # a timetable that is the best for these goals is an ordinary one for others
    others = drawn_profile(rng).goals
    expected = tuple(tier.measured_units(verify(week, solution.timetable, others)) for tier in tiers_of(others))
    assert counted_by_the_model(week, solution.timetable, others) == expected


@HURRIED
@given(WEEKS)
def test_any_week_with_any_feature(rng: random.Random) -> None:
    assert_honest(featured_week(rng), drawn_profile(rng), rng)


@pytest.mark.slow
@HURRIED
@given(WEEKS)
def test_any_week_with_sessions_side_by_side(rng: random.Random) -> None:
    assert_honest(crowded_week(rng), drawn_profile(rng), rng)


def test_a_week_without_people_is_solved() -> None:
    solution = solve(tiny(patients=()), quick())
    assert solution.status is Status.OPTIMAL
    assert solution.timetable == Timetable()


def test_a_week_without_therapists_groups_rooms_or_blocks_is_solved() -> None:
    for missing in ("therapists", "rooms", "blocks"):
        solution = solve(tiny(**{missing: ()}), quick())
        assert solution.timetable == Timetable()
        assert solution.status is Status.OPTIMAL
        assert solution.tiers[0].value == 2 * 3 * 3
