"""Which cells are laid again: whole days, groups or blocks in turn, more or fewer as the solver manages."""

from random import Random

import pytest

from scheduler.engine.build import build_plan
from scheduler.engine.reopening import FIRST_SHARE, LEAST_SHARE, Reopening
from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, random_week


def planned(seed: int = 1) -> Plan:
    return build_plan(random_week(40, seed=seed), RULES)


def kinds_of(plan: Plan, chosen: frozenset[Cell]) -> list[bool]:
    """Whether the choice is made of whole days, whole groups, whole blocks."""
    day = {block.id: str(block.day) for block in plan.week.blocks}
    found = []
    for kind in (lambda c: day[c[0]], lambda c: c[1], lambda c: c[0]):
        touched = {kind(cell) for cell in chosen}
        found.append(chosen == {cell for cell in plan.candidates.cells if kind(cell) in touched})
    return found


def test_days_groups_and_blocks_have_their_turn() -> None:
    plan = planned()
    reopening = Reopening(plan, seed=0)
    for turn in range(12):
        chosen = reopening.next()
        assert chosen
        assert kinds_of(plan, chosen)[turn % 3]


def test_no_more_than_the_share_unless_a_single_one_is_more() -> None:
    plan = planned()
    reopening = Reopening(plan, seed=0)
    day = {block.id: str(block.day) for block in plan.week.blocks}
    for turn in range(12):
        chosen = reopening.next()
        kind = (lambda c: day[c[0]], lambda c: c[1], lambda c: c[0])[turn % 3]
        several = len({kind(cell) for cell in chosen}) > 1
        assert not several or len(chosen) <= FIRST_SHARE * len(plan.candidates.cells)


def test_what_is_settled_in_time_grows_until_it_is_everything() -> None:
    plan = planned()
    reopening = Reopening(plan, seed=0)
    for _ in range(60):
        reopening.next()
        reopening.learn(settled=True)
    assert reopening.next() == frozenset(plan.candidates.cells)


def test_what_is_not_settled_shrinks_to_a_single_one() -> None:
    plan = planned()
    reopening = Reopening(plan, seed=0)
    for _ in range(60):
        reopening.next()
        reopening.learn(settled=False)
    assert LEAST_SHARE * len(plan.candidates.cells) < 1.5 * len(plan.candidates.cells) / len(plan.week.blocks)
    assert len({cell[0] for cell in reopening.next()}) <= len(plan.week.blocks)
    reopening.next()
    assert len({cell[0] for cell in reopening.next()}) == 1


def test_each_kind_learns_for_itself() -> None:
    plan = planned()
    reopening = Reopening(plan, seed=0)
    for turn in range(30):
        reopening.next()
        reopening.learn(settled=turn % 3 == 0)
    days, groups, _ = (reopening.next() for _ in range(3))
    assert days == frozenset(plan.candidates.cells)
    assert len({cell[1] for cell in groups}) == 1


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_chooses_the_same(seed: int) -> None:
    plan = build_plan(featured_week(Random(seed)), RULES)
    first, second = Reopening(plan, seed), Reopening(plan, seed)
    assert [first.next() for _ in range(6)] == [second.next() for _ in range(6)]


def test_a_week_without_cells_has_nothing_to_lay_again() -> None:
    week = random_week(5, seed=1)
    plan = build_plan(week.model_copy(update={"groups": (), "therapists": (), "pins": (), "patients": ()}), RULES)
    assert Reopening(plan, seed=0).next() == frozenset()
