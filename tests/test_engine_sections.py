"""Sessions side by side: where counts alone promise more than the sessions can hold, the cell is made exact."""

from threading import Event
from typing import Any

import pytest
from builders import ALWAYS, block, group, patient, quick, room, therapist, times, tiny

import scheduler.engine.calls as calls
import scheduler.engine.sections as sections
from scheduler.domain.outcome import Status
from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Board
from scheduler.domain.week import Apart, Pin, PreviousSeat, Together, Week
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.dealing import Held
from scheduler.engine.runner import Limits, Runner
from scheduler.engine.search import Solution, solve
from scheduler.engine.sections import Realised, Splits, realise
from scheduler.engine.tiers import tiers_of
from scheduler.model.candidates import Cell
from scheduler.model.plan import Plan
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

MON9, TUE9 = block("Mon", 9, 12), block("Tue", 9, 12)
WOMEN, YOUNG = frozenset({"women"}), frozenset({"adolescent"})


@pytest.fixture
def made_exact(monkeypatch: pytest.MonkeyPatch) -> list[Cell]:
    """The cells that the search had to make exact."""
    cells: list[Cell] = []

    def watched(plan: Plan, cell: Cell, rules: tuple[Rule, ...]) -> None:
        cells.append(cell)
        make_exact(plan, cell, rules)

    monkeypatch.setattr(calls, "make_exact", watched)
    return cells


def people(count: int, **fields: Any) -> tuple[Any, ...]:
    return tuple(patient(f"P{i}", **fields) for i in range(1, count + 1))


def leaders(count: int, **fields: Any) -> tuple[Any, ...]:
    return tuple(therapist(f"T{i}", **fields) for i in range(1, count + 1))


def rooms(*capacities: int) -> tuple[Any, ...]:
    return tuple(room(f"R{i}", capacity) for i, capacity in enumerate(capacities, start=1))


def apart(*pairs: tuple[int, int]) -> tuple[Apart, ...]:
    return tuple(Apart(patient=f"P{i}", other_patient=f"P{j}", row=n) for n, (i, j) in enumerate(pairs, start=2))


def with_ages(count: int, young: int) -> tuple[Any, ...]:
    return tuple(
        patient(f"P{i}", tags=WOMEN, **({"level": "adolescent", "age_band": "adolescent"} if i <= young else {}))
        for i in range(1, count + 1)
    )


ALONE = ("weekly-minimum",)
HOURS_LOST = 3 * 3
"""One patient of the usual priority without the one block they need."""

OVERPROMISED: dict[str, tuple[dict[str, Any], str, float]] = {
    "three apart from each other, two sessions": (
        {"patients": people(3), "therapists": leaders(2), "rooms": rooms(9, 9), "apart": apart((1, 2), (2, 3), (1, 3))},
        "weekly-minimum",
        HOURS_LOST,
    ),
    "two pairs apart, rooms for three and for one": (
        {"patients": people(4), "therapists": leaders(2), "rooms": rooms(3, 1), "apart": apart((1, 2), (3, 4))},
        "weekly-minimum",
        HOURS_LOST,
    ),
    "two adolescents, two adults, rooms for three and for one": (
        {
            "patients": with_ages(4, young=2),
            "groups": (group(open_to=(YOUNG, WOMEN)),),
            "therapists": leaders(2),
            "rooms": rooms(3, 1),
        },
        "weekly-minimum",
        HOURS_LOST,
    ),
    "all three kept from one of two therapists who can take two each": (
        {
            "patients": people(3),
            "groups": (group(max_size=2),),
            "therapists": leaders(2),
            "rooms": rooms(9, 9),
            "apart": tuple(Apart(patient=f"P{i}", therapist="T1") for i in (1, 2, 3)),
        },
        "weekly-minimum",
        HOURS_LOST,
    ),
    "three belong together in sessions of two": (
        {
            "patients": people(3),
            "groups": (group(max_size=2),),
            "therapists": leaders(2),
            "rooms": rooms(9, 9),
            "together": (Together(patient="P1", other="P2"), Together(patient="P2", other="P3")),
        },
        "treatment-plan",
        1,
    ),
}

FORESEEN: dict[str, tuple[dict[str, Any], str, float]] = {
    "three want the therapist who can take two": (
        {
            "patients": people(3, primary_therapist="T1"),
            "groups": (group(max_size=2),),
            "therapists": leaders(2),
            "rooms": rooms(9, 9),
        },
        "preferences",
        1,
    ),
    "three sat with one therapist last week, who now takes two": (
        {
            "patients": people(3),
            "groups": (group(max_size=2),),
            "therapists": leaders(2),
            "rooms": rooms(9, 9),
            "previous": tuple(
                PreviousSeat(patient=f"P{i}", block="Mon9", group="G", therapist="T1") for i in (1, 2, 3)
            ),
        },
        "continuity",
        1,
    ),
}
"""Who can meet whom is limited by the size of a session, and that is said before the search."""


def assert_best(solution: Solution) -> None:
    assert solution.status is Status.OPTIMAL
    assert solution.verification is not None
    assert solution.verification.broken == 0
    assert solution.solver_units == solution.measured_units


@pytest.mark.parametrize("name", list(OVERPROMISED))
def test_an_answer_that_cannot_be_split_is_searched_again(name: str, made_exact: list[Cell]) -> None:
    fields, goal, value = OVERPROMISED[name]
    solution = solve(tiny(**fields), quick())
    assert_best(solution)
    assert made_exact == [("Mon9", "G")]
    assert solution.verification is not None
    assert solution.verification.measure_of(goal).value == value


@pytest.mark.parametrize("name", list(FORESEEN))
def test_more_meetings_than_a_session_has_seats_are_never_promised(name: str, made_exact: list[Cell]) -> None:
    fields, goal, value = FORESEEN[name]
    solution = solve(tiny(**fields), quick())
    assert_best(solution)
    assert made_exact == []
    assert solution.verification is not None
    assert solution.verification.measure_of(goal).value == value


def test_a_split_that_cannot_show_every_claim_shows_as_many_as_it_can() -> None:
    """Five sat with T1 last week; the rooms hold three and two, so three of them can again."""
    week = tiny(
        patients=people(5),
        therapists=leaders(2),
        rooms=rooms(3, 2),
        previous=tuple(PreviousSeat(patient=f"P{i}", block="Mon9", group="G", therapist="T1") for i in range(1, 6)),
    )
    plan = build_plan(week, RULES)
    score = tiers_of(GoalSettings(tiers=(("continuity",),)))[0].score(plan)
    plan.model.minimize(score)
    run = Runner(quick().solver, Event()).run(plan.model, Limits(10))
    assert run.values is not None
    assert run.objective == 0, "the counts alone promise too much"
    realised = realise(plan, run.values, RULES)
    assert realised.failed == (("Mon9", "G"),)
    assert verify(week, realised.timetable).measure_of("continuity").value == 2


def test_cells_that_stay_as_they_were_are_not_split_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven seats in two sessions of each block; then one patient gives up Tuesday."""
    week = tiny(patients=people(7), therapists=leaders(2), rooms=rooms(4, 4), blocks=(MON9, TUE9))
    plan = build_plan(week, RULES)
    everybody = plan.total(var for var in plan.attends.values())
    plan.model.maximize(everybody)
    runner = Runner(quick().solver, Event())
    full = runner.run(plan.model, Limits(10)).values
    plan.model.add(plan.attends["P1", "Tue9", "G"] == 0)
    fewer = runner.run(plan.model, Limits(10)).values
    assert full is not None
    assert fewer is not None
    solved: list[Cell] = []
    split = sections._Splitter.split

    def counted(splitter: Any, held: Held) -> Any:
        solved.append(held.cell)
        return split(splitter, held)

    monkeypatch.setattr(sections._Splitter, "split", counted)
    splits = Splits()
    alone = [realise(plan, values, RULES) for values in (full, fewer)]
    solved.clear()
    assert realise(plan, full, RULES, splits) == alone[0]
    assert solved == [("Mon9", "G"), ("Tue9", "G")]
    solved.clear()
    assert realise(plan, full, RULES, splits) == alone[0]
    assert not solved
    assert realise(plan, fewer, RULES, splits) == alone[1]
    assert ("Tue9", "G") in solved


def promised(week: Week) -> Realised:
    """What becomes of the answer that promises to keep all of last week's seats."""
    plan = build_plan(week, RULES)
    plan.model.minimize(tiers_of(GoalSettings(tiers=(("continuity",),)))[0].score(plan))
    run = Runner(quick().solver, Event()).run(plan.model, Limits(10))
    assert run.values is not None
    return realise(plan, run.values, RULES)


@pytest.mark.parametrize("pins", [(), (Pin(patient="P1", therapist="T1"),)])
def test_a_split_that_cannot_show_every_claim_shows_what_a_pin_asks_for(pins: tuple[Pin, ...]) -> None:
    """P2 and P3 sat with T1 last week, and P1 is to be with neither of them."""
    week = tiny(
        patients=people(6),
        therapists=leaders(2),
        rooms=rooms(3, 3),
        apart=apart((1, 2), (1, 3)),
        previous=tuple(PreviousSeat(patient=f"P{i}", block="Mon9", group="G", therapist="T1") for i in (1, 2, 3)),
        pins=pins,
    )
    realised = promised(week)
    assert realised.failed == (("Mon9", "G"),)
    assert realised.harmed == ()
    with_first = {s.therapists for s in Board(week, realised.timetable).of_patient("P1")}
    assert with_first == {("T1",) if pins else ("T2",)}
    assert verify(week, realised.timetable).broken == 0


def test_cells_are_named_that_give_up_what_pins_ask_for() -> None:
    week = tiny(
        patients=people(4),
        therapists=leaders(2),
        rooms=rooms(2, 2),
        apart=apart((1, 2)),
        pins=(Pin(patient="P1", therapist="T1"), Pin(patient="P2", therapist="T1")),
    )
    assert promised(week).harmed == (("Mon9", "G"),)


def test_a_cell_that_can_be_split_is_left_alone(made_exact: list[Cell]) -> None:
    week = tiny(patients=people(4), therapists=leaders(2), rooms=rooms(2, 2), apart=apart((1, 2), (3, 4)))
    solution = solve(week, quick())
    assert_best(solution)
    assert made_exact == []
    assert solution.tiers[0].value == 0


def test_a_later_tier_adds_its_claims_to_a_cell_that_is_exact_already(made_exact: list[Cell]) -> None:
    """Hours make the cell exact; the wishes for a therapist come three tiers later and must bind there too."""
    week = tiny(
        patients=people(3, primary_therapist="T1"),
        groups=(group(max_size=2),),
        therapists=leaders(2),
        rooms=rooms(9, 9),
        apart=apart((1, 2), (2, 3), (1, 3)),
    )
    solution = solve(week, quick())
    assert_best(solution)
    assert made_exact == [("Mon9", "G")]
    assert solution.tiers[0].value == HOURS_LOST
    assert solution.tiers[3].value == 2, "one of two sessions is led by somebody else, and one patient meets nobody"


def test_rosters_follow_the_claims() -> None:
    week = tiny(
        patients=(
            patient("P1", primary_therapist="T1"),
            patient("P2", primary_therapist="T2"),
            patient("P3", primary_therapist="T2"),
            patient("P4", primary_therapist="T1"),
        ),
        groups=(group(max_size=2),),
        therapists=leaders(2),
        rooms=rooms(2, 2),
    )
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.timetable is not None
    board = Board(week, solution.timetable)
    rosters = {session.therapists: sorted(board.roster[session.id]) for session in solution.timetable.sessions}
    assert rosters == {("T1",): ["P1", "P4"], ("T2",): ["P2", "P3"]}


def test_sessions_side_by_side_are_even() -> None:
    week = tiny(patients=people(7), groups=(group(max_size=4),), therapists=leaders(2), rooms=rooms(9, 9))
    solution = solve(week, quick())
    assert solution.timetable is not None
    board = Board(week, solution.timetable)
    assert sorted(board.size(session) for session in solution.timetable.sessions) == [3, 4]
    assert [session.id for session in solution.timetable.sessions] == ["Mon9.G.1", "Mon9.G.2"]


@pytest.mark.parametrize(("count", "sizes"), [(6, [2, 2, 2]), (7, [2, 2, 3]), (8, [2, 3, 3])])
def test_three_sessions_side_by_side_are_even_too(count: int, sizes: list[int]) -> None:
    crowd = tuple(patient(f"P{i}", primary_therapist=f"T{1 + i % 3}") for i in range(count))
    week = tiny(patients=crowd, groups=(group(max_size=3),), therapists=leaders(3), rooms=rooms(9, 9, 9))
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.timetable is not None
    board = Board(week, solution.timetable)
    assert sorted(board.size(session) for session in solution.timetable.sessions) == sizes


def test_a_large_group_sits_in_the_large_room() -> None:
    """Counts by class, names by hand: nobody is put where there is no chair."""
    week = tiny(patients=people(9), groups=(group(max_size=None),), therapists=leaders(3), rooms=rooms(1, 2, 6))
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.tiers[0].value == 0


def test_rooms_of_a_class_serve_overlapping_blocks_one_each() -> None:
    """Three blocks in a chain: two rooms suffice, and no room is given twice at once."""
    week = Week(
        program=tiny().program,
        blocks=(block("Mon", 9, 12), block("Mon", 11, 14), block("Mon", 13, 16)),
        patients=tuple(
            patient(f"P{i}", free=times(("Mon", start, start + 3))) for i, start in enumerate((9, 11, 13), start=1)
        ),
        therapists=leaders(3),
        groups=(group(),),
        rooms=rooms(5, 5),
    )
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.tiers[0].value == 0
    assert solution.timetable is not None
    assert len(solution.timetable.sessions) == 3


def test_a_pinned_room_is_its_own_class() -> None:
    week = tiny(rooms=rooms(5, 5, 5), pins=(Pin(patient="P1", room="R2"),))
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.timetable is not None
    assert [session.room for session in solution.timetable.sessions] == ["R2"]


def test_a_pinned_room_goes_to_the_pinned_patient_among_parallel_sessions() -> None:
    week = tiny(
        patients=people(4),
        groups=(group(max_size=2),),
        therapists=leaders(2),
        rooms=rooms(3, 3),
        pins=(
            Pin(patient="P1", therapist="T2", room="R1"),
            Pin(patient="P2", therapist="T1"),
            Pin(patient="P3", room="R2"),
        ),
    )
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.timetable is not None
    board = Board(week, solution.timetable)
    assert [(s.therapists, s.room) for s in board.of_patient("P1")] == [(("T2",), "R1")]


def test_ids_of_sessions_stay_apart_when_ids_of_the_week_hold_dots() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12, "a"), block("Tue", 9, 12, "a.b")),
        groups=(group("b.c"), group("c")),
        therapists=(therapist("T1", "b.c"), therapist("T2", "c")),
        patients=(
            patient("P1", free=times(("Mon", 9, 12)), avoided=("c",)),
            patient("P2", free=times(("Tue", 9, 12)), avoided=("b.c",)),
        ),
    )
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.timetable is not None
    ids = [session.id for session in solution.timetable.sessions]
    assert len(ids) == len(set(ids)) == 2


def test_everybody_free_is_not_everybody_everywhere() -> None:
    """One therapist, two blocks, overlapping claims of nobody: the smallest week with a choice stays whole."""
    week = tiny(blocks=(MON9, TUE9), patients=people(2, free=ALWAYS, min_blocks=2, min_minutes=360, min_days=2))
    solution = solve(week, quick())
    assert_best(solution)
    assert solution.tiers[0].value == 0
    assert solution.timetable is not None
    assert len(solution.timetable.sessions) == 2
    assert len(solution.timetable.assignments) == 4
