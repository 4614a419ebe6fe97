"""Which parts are laid again: what a day, a group, a block, a therapist or a patient ties together, more or less."""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from scheduler.domain.profile import GoalSettings
from scheduler.engine.build import build_plan
from scheduler.engine.excerpt import Excerpts, Whole
from scheduler.engine.fixing import decisions
from scheduler.engine.reopening import FIRST_SEATS, WIDE_EVERY, Choice, Reopening
from scheduler.engine.search import solve
from scheduler.engine.sections import base_values
from scheduler.engine.tiers import tiers_of
from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from tests.builders import featured_week, quick, random_week

KINDS = 12
"""Five ties and what costs, each with all seats and with those that a linear optimum takes."""
CYCLE = KINDS // 2 * WIDE_EVERY
"""Turns until it begins anew."""


def planned(patients: int = 40) -> tuple[Plan, Whole]:
    """A plan, and what a timetable of it makes of its variables."""
    week = random_week(patients, seed=1)
    plan = build_plan(week, RULES)
    found = solve(week, quick(time_limit=2)).timetable
    assert found is not None
    values = np.zeros(len(plan.model.proto.variables), dtype=np.int64)
    for index, value in base_values(plan, found).items():
        values[index] = value
    return plan, values


def cutting(plan: Plan) -> Excerpts:
    return Excerpts(plan.model, list(decisions(plan)))


def opened(plan: Plan, choice: Choice) -> set[Cell]:
    """The cells whose sessions are free."""
    return {cell for cell, var in plan.sessions.items() if var.index in set(choice.free)}


def taught(plan: Plan, values: Whole, settled: Callable[[int], bool], times: int = 16 * CYCLE) -> Reopening:
    reopening, excerpts = Reopening(plan, seed=0), cutting(plan)
    for turn in range(times):
        reopening.learn(reopening.next(values, excerpts), settled=settled(turn))
    return reopening


def test_a_cell_is_free_with_all_that_belongs_to_it_and_everybody_who_sits_there() -> None:
    plan, values = planned()
    excerpts = cutting(plan)
    reopening = Reopening(plan, seed=0)
    running = {cell for cell, var in plan.sessions.items() if values[var.index]}
    for _ in range(3 * KINDS):
        choice = reopening.next(values, excerpts)
        free, cells = set(choice.free), opened(plan, choice)
        assert cells
        for table in (plan.leads, plan.rooms):
            assert {key[-2:] for key, var in table.items() if var.index in free} <= cells
        for (_, *cell), var in plan.leads.items():
            assert (var.index in free) == (tuple(cell) in cells)
        sitting = {p for (p, *cell), var in plan.attends.items() if tuple(cell) in cells and values[var.index]}
        for (patient, *cell), var in plan.attends.items():
            if patient in sitting:
                assert (var.index in free) == (tuple(cell) in cells | running)


def test_each_kind_of_tie_has_its_turn() -> None:
    """Whole days, groups or blocks are opened one after the other, and the last of them in part."""
    plan, values = planned(120)
    excerpts = cutting(plan)
    reopening = Reopening(plan, seed=0)
    day = {block.id: str(block.day) for block in plan.week.blocks}
    ties: tuple[Callable[[Cell], str], ...] = (lambda c: day[c[0]], lambda c: c[1], lambda c: c[0])
    for _ in range(2 * CYCLE):
        choice = reopening.next(values, excerpts)
        cells = opened(plan, choice)
        if choice.kind // 2 < len(ties):
            tie = ties[choice.kind // 2]
            left = {tie(cell) for cell in set(plan.candidates.cells) - cells}
            assert len({tie(cell) for cell in cells} & left) <= 1


def test_what_costs_is_laid_again_with_those_whom_it_is_about() -> None:
    """One patient is short of hours: their seats are free, and the cells where they could sit."""
    plan, values = planned()
    plan.model.minimize(tiers_of(GoalSettings())[0].score(plan))
    values = np.concatenate([values, np.zeros(len(plan.model.proto.variables) - len(values), dtype=np.int64)])
    short = {variable.name: index for index, variable in enumerate(plan.model.proto.variables)}
    one = plan.week.patients[7].id
    values[short[f"short {one}"]] = 60
    excerpts = cutting(plan)
    assert excerpts.costs(values) == [short[f"short {one}"]]
    mine = {var.index: cell for (patient, *cell), var in plan.attends.items() if patient == one}
    assert set(excerpts.behind(short[f"short {one}"])) == set(mine)
    reopening = Reopening(plan, seed=0)
    for _ in range(KINDS):
        choice = reopening.next(values, excerpts)
        if choice.kind >= KINDS - 2:
            assert opened(plan, choice) & {tuple(cell) for cell in mine.values()}
            assert set(choice.free) & set(mine)


def test_where_a_planned_group_is_missed_all_of_that_group_is_laid_again_with_what_is_in_its_way() -> None:
    """Another session of it takes its people from the others of that group, and a therapist who is at work by then."""
    plan, values = planned(120)
    running = {cell for cell, var in plan.sessions.items() if values[var.index]}
    leading: dict[Cell, set[str]] = {}
    for (therapist, *cell), var in plan.leads.items():
        if values[var.index]:
            leading.setdefault((cell[0], cell[1]), set()).add(therapist)
    able: dict[Cell, set[str]] = {}
    for therapist, *cell in plan.leads:
        able.setdefault((cell[0], cell[1]), set()).add(therapist)
    cells = sorted(plan.candidates.cells)
    group = cells[0][1]
    own = [cell for cell in cells if cell[1] == group]
    around = list(Reopening(plan, seed=0)._around(own[:1], values))
    assert sorted(around[: len(own)]) == own
    in_the_way = {cell for cell in running for mine in own if cell[0] == mine[0] and leading[cell] & able[mine]}
    assert set(around[len(own) :]) == in_the_way
    mixed = [own[0], next(cell for cell in cells if cell[1] != group)]
    assert set(Reopening(plan, seed=0)._around(mixed, values)) == {
        cell for cell in running for mine in mixed if cell[0] == mine[0] and leading[cell] & able[mine]
    }


@pytest.mark.slow
def test_no_more_seats_than_wanted_beyond_those_of_the_last_cell() -> None:
    plan, values = planned(120)
    excerpts = cutting(plan)
    reopening = Reopening(plan, seed=0)
    seats = {var.index for var in plan.attends.values()}
    mine = max(sum(patient == one.id for patient, *_ in plan.attends) for one in plan.week.patients)
    most_in_a_cell = max(
        sum(values[var.index] for (_, *cell), var in plan.attends.items() if tuple(cell) == one)
        for one in plan.candidates.cells
    )
    for _ in range(2 * KINDS):
        free = seats & set(reopening.next(values, excerpts).free)
        assert len(free) <= FIRST_SEATS + mine * (most_in_a_cell + 1)
        assert len(free) > FIRST_SEATS / 2


def test_what_is_settled_in_time_grows_until_it_is_everything() -> None:
    plan, values = planned()
    excerpts = cutting(plan)
    choice = taught(plan, values, lambda _: True).next(values, excerpts)
    assert choice.whole
    everything = {
        var.index for table in (plan.attends, plan.leads, plan.sessions, plan.rooms) for var in table.values()
    }
    assert set(choice.free) == everything


def test_what_is_not_settled_shrinks_and_is_never_everything() -> None:
    plan, values = planned()
    excerpts = cutting(plan)
    first = Reopening(plan, seed=0).next(values, excerpts)
    later = taught(plan, values, lambda _: False).next(values, excerpts)
    assert len(later.free) < len(first.free)
    assert not later.whole


def test_each_kind_learns_for_itself() -> None:
    plan, values = planned()
    excerpts = cutting(plan)
    reopening = taught(plan, values, lambda turn: turn % CYCLE == 0)
    assert reopening.next(values, excerpts).whole
    assert not any(reopening.next(values, excerpts).whole for _ in range(CYCLE - 1))


def test_two_of_three_choices_of_a_kind_keep_to_what_a_linear_optimum_or_the_timetable_takes() -> None:
    plan, values = planned()
    excerpts = cutting(plan)
    reopening = Reopening(plan, seed=0)
    reopening.support = np.zeros(len(values), dtype=np.bool_)
    taken = {var.index for var in plan.attends.values() if values[var.index]}
    wide = dict.fromkeys(range(KINDS // 2), 0)
    for _ in range(CYCLE):
        choice = reopening.next(values, excerpts)
        seats = {var.index for var in plan.attends.values()} & set(choice.free)
        tie, narrow = divmod(choice.kind, 2)
        assert bool(narrow) == (seats <= taken)
        wide[tie] += not narrow
    assert set(wide.values()) == {1}


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_chooses_the_same(seed: int) -> None:
    plan = build_plan(featured_week(Random(seed)), RULES)
    nothing, excerpts = np.zeros(len(plan.model.proto.variables), dtype=np.int64), cutting(plan)
    first, second = Reopening(plan, seed), Reopening(plan, seed)
    assert [first.next(nothing, excerpts) for _ in range(12)] == [second.next(nothing, excerpts) for _ in range(12)]


def test_a_week_without_cells_has_nothing_to_lay_again() -> None:
    week = random_week(5, seed=1)
    plan = build_plan(week.model_copy(update={"groups": (), "therapists": (), "pins": (), "patients": ()}), RULES)
    assert Reopening(plan, seed=0).next(np.zeros(0, dtype=np.int64), cutting(plan)).free == ()


def test_where_little_costs_what_costs_has_every_other_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, values = planned()
    excerpts = cutting(plan)
    for few, expected in ((True, [10, 0, 11, 3, 11, 5, 10, 6]), (False, [0, 3, 5, 6, 9, 11, 1, 3, 4])):
        reopening = Reopening(plan, seed=0)
        monkeypatch.setattr(excerpts, "costs", lambda _, few=few: [0] if few else list(range(len(plan.sessions))))
        monkeypatch.setattr(excerpts, "behind", lambda _: [])
        assert [reopening.next(values, excerpts).kind for _ in expected] == expected


@pytest.mark.slow
@pytest.mark.parametrize(("share", "least", "most"), [(0.1, 1.5, 3.0), (0.9, 1.0, 1.5)])
def test_what_is_settled_in_no_time_grows_faster(share: float, least: float, most: float) -> None:
    plan, values = planned(120)
    reopening, excerpts = Reopening(plan, seed=0), cutting(plan)
    sizes: dict[int, list[int]] = {}
    for _ in range(2 * CYCLE):
        choice = reopening.next(values, excerpts)
        reopening.learn(choice, settled=True, share=share)
        sizes.setdefault(choice.kind, []).append(len(choice.free))
    assert set(sizes) == set(range(KINDS))
    assert least < sum(turns[1] for turns in sizes.values()) / sum(turns[0] for turns in sizes.values()) < most
