"""Who is moved: the model counts what the solver-free measures count, whatever timetable somebody comes from."""

import random
from threading import Event

import pytest
from builders import block, crowded_week, featured_week, group, quick, random_timetable, table, therapist, tiny

from scheduler.advice.moves import MovesLimit, PeopleMoved, PeopleReseated, moved, places_of, seats_as_previous
from scheduler.advice.repair_question import BystandersMoved, SeatsAdded
from scheduler.domain.timetable import Board, Timetable
from scheduler.engine.build import build_plan
from scheduler.engine.feasible import feasible
from scheduler.engine.runner import Runner
from scheduler.engine.search import evaluate, solve
from scheduler.rules.registry import RULES
from scheduler.verify import verify

BEFORE = table("Mon9 G T1 R P1", "Mon9 H T2 R P2")


def counted(after: Timetable, *, facilitators: bool = True) -> tuple[str, ...]:
    return moved(places_of(BEFORE), after, facilitators=facilitators)


@pytest.mark.parametrize(
    ("after", "who", "reseated"),
    [
        (BEFORE, (), ()),
        (table("Mon9 H T2 R P2", "Mon9 G T1 R P1"), (), ()),  # ids and order tell nothing
        (table("Mon9 G T1 R2 P1", "Mon9 H T2 R P2"), (), ()),  # a room moves nobody
        (table("Mon9 G T3 R P1", "Mon9 H T2 R P2"), ("P1",), ()),  # another facilitator
        (table("Mon9 H T2 R P1,P2"), ("P1",), ("P1",)),  # another group
        (table("Tue9 G T1 R P1", "Mon9 H T2 R P2"), ("P1",), ("P1",)),  # another time
        (table("Mon9 G T1 R P1", "Mon9 H T2 R P2", "Tue9 G T1 R P2"), ("P2",), ("P2",)),  # one session more
        (table("Mon9 G T1 R P1,P3"), ("P2",), ("P2",)),  # one session less; a newcomer is seated, not moved
    ],
)
def test_who_is_moved(after: Timetable, who: tuple[str, ...], reseated: tuple[str, ...]) -> None:
    assert counted(after) == who
    assert counted(after, facilitators=False) == reseated


@pytest.mark.parametrize("seed", range(30))
def test_the_model_counts_what_is_measured(seed: int) -> None:
    """From any timetable, also one that breaks rules: two sessions at once, too many or too few facilitators."""
    rng = random.Random(seed)
    week = rng.choice((featured_week, crowded_week))(rng).model_copy(update={"pins": ()})
    before = places_of(random_timetable(week, rng))
    solution = solve(week, quick())
    assert solution.timetable is not None
    goals = [kind(before) for kind in (PeopleMoved, PeopleReseated, BystandersMoved, SeatsAdded)]
    plan = build_plan(week, RULES)
    scores = [goal.score(plan, goal.parts) for goal in goals]
    board = Board(week, solution.timetable)
    model = evaluate(plan, scores, solution.timetable, Runner(quick().solver, Event()))
    assert model == tuple(goal.measure(board, goal.parts).units for goal in goals)


@pytest.mark.parametrize("facilitators", [True, False])
def test_the_limit_holds_and_is_checked(facilitators: bool) -> None:
    """The only facilitator left is another one: nobody need come elsewhere, but both notice."""
    week = tiny(therapists=(therapist("T2"),), groups=(group(),))
    week = week.model_copy(update={"therapists": (*week.therapists, therapist("T1", max_blocks=0))})
    before = places_of(table("Mon9 G T1 R P1,P2"))
    for limit in range(3):
        rule = MovesLimit(before, limit, facilitators=facilitators)
        found = feasible(week, quick().solver, seconds=10, extra=(rule,))
        assert found.impossible == (facilitators and limit < 2)
        covered = verify(week, table("Mon9 G T2 R P1,P2"), rules=(rule,), measured=())
        assert bool(covered.broken) == (facilitators and limit < 2)


def test_seats_as_last_week_name_block_group_and_first_facilitator() -> None:
    (one, other) = seats_as_previous(table("Mon9 G T2,T1 R P1", "Tue9 G - - P2", "Tue9 H T3 R P2"))
    assert (one.patient, one.block, one.group, one.therapist) == ("P1", "Mon9", "G", "T2")
    assert (other.patient, other.block, other.group, other.therapist) == ("P2", "Tue9", "H", "T3")


def test_seats_added_are_those_not_held_before() -> None:
    week = tiny(blocks=(block("Mon", 9, 12), block("Tue", 9, 12)))
    goal = SeatsAdded(places_of(table("Mon9 G T1 R P1")))
    measure = goal.measure(Board(week, table("Mon9 G T1 R P1,P2", "Tue9 G T1 R P1")), goal.parts)
    assert [one.patients for one in measure.remarks] == [("P2",), ("P1",)]
    assert measure.value == 2
