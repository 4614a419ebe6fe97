"""Which cells are laid again: whole days, groups or blocks in turn, more or fewer as the solver manages."""

from collections.abc import Callable
from random import Random

import pytest

from scheduler.engine.build import build_plan
from scheduler.engine.reopening import FIRST_SHARE, Reopening
from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, random_week


def planned(seed: int = 1) -> Plan:
    return build_plan(random_week(40, seed=seed), RULES)


def parts_of(plan: Plan, chosen: frozenset[Cell]) -> tuple[set[str], set[str], set[str]]:
    """The days, the groups and the blocks that a choice touches, in the order of their turns."""
    day = {block.id: str(block.day) for block in plan.week.blocks}
    return {day[block] for block, _ in chosen}, {group for _, group in chosen}, {block for block, _ in chosen}


def taught(plan: Plan, settled: Callable[[int], bool]) -> Reopening:
    """After sixty searches, each settled in time or not."""
    reopening = Reopening(plan, seed=0)
    for turn in range(60):
        reopening.next()
        reopening.learn(settled=settled(turn))
    return reopening


def test_days_groups_and_blocks_have_their_turn() -> None:
    """Whole ones, and no more than the share unless a single one is more."""
    plan = planned()
    reopening = Reopening(plan, seed=0)
    for turn in range(12):
        chosen = reopening.next()
        touched = parts_of(plan, chosen)[turn % 3]
        whole = {c for c in plan.candidates.cells if parts_of(plan, frozenset({c}))[turn % 3] <= touched}
        assert chosen == whole
        assert len(touched) == 1 or len(chosen) <= FIRST_SHARE * len(plan.candidates.cells)


def test_what_is_settled_in_time_grows_until_it_is_everything() -> None:
    plan = planned()
    assert taught(plan, lambda _: True).next() == frozenset(plan.candidates.cells)


def test_what_is_not_settled_shrinks_to_a_single_one() -> None:
    plan = planned()
    reopening = taught(plan, lambda _: False)
    for turn in range(3):
        assert len(parts_of(plan, reopening.next())[turn]) == 1


def test_each_kind_learns_for_itself() -> None:
    plan = planned()
    reopening = taught(plan, lambda turn: turn % 3 == 0)
    assert reopening.next() == frozenset(plan.candidates.cells)
    assert len(parts_of(plan, reopening.next())[1]) == 1


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_chooses_the_same(seed: int) -> None:
    plan = build_plan(featured_week(Random(seed)), RULES)
    first, second = Reopening(plan, seed), Reopening(plan, seed)
    assert [first.next() for _ in range(6)] == [second.next() for _ in range(6)]


def test_a_week_without_cells_has_nothing_to_lay_again() -> None:
    week = random_week(5, seed=1)
    plan = build_plan(week.model_copy(update={"groups": (), "therapists": (), "pins": (), "patients": ()}), RULES)
    assert Reopening(plan, seed=0).next() == frozenset()
