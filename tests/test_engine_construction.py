"""A timetable made as by hand keeps every rule, and the ledger under it says truly what fits and what is gained."""

import threading
from random import Random

import pytest

from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Pin, Week
from scheduler.engine.build import build_plan
from scheduler.engine.construction import Construction, Wished, sessions_of
from scheduler.engine.first import construct
from scheduler.engine.ledger import Ledger
from scheduler.engine.relaxation import Relaxation
from scheduler.engine.runner import Limits, Runner, set_hints
from scheduler.engine.tiers import tiers_of
from scheduler.model.plan import Plan
from scheduler.rules.registry import RULES
from scheduler.verify import verify
from tests.builders import block, crowded_week, featured_week, group, patient, quick, random_week, room, therapist, tiny

SEEDS = range(8)


def planned(week: Week) -> tuple[Plan, Relaxation]:
    """A week's model with the hours as its objective, and its rows."""
    plan = build_plan(week, RULES)
    plan.model.minimize(tiers_of(GoalSettings())[0].score(plan))
    return plan, Relaxation(plan.model, frozenset(var.index for var in plan.runs.values()))


def runner() -> Runner:
    return Runner(quick().solver, threading.Event())


def made(week: Week, wished: tuple[Wished, ...] = ()) -> Timetable | None:
    """What the construction makes of a week."""
    plan, rows = planned(week)
    realised = construct(plan, rows, wished, runner(), RULES)
    return None if realised is None or realised.failed else realised.timetable


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [featured_week, crowded_week])
def test_what_is_made_keeps_every_rule(seed: int, kind: object) -> None:
    assert callable(kind)
    week = kind(Random(seed))
    timetable = made(week)
    if timetable is not None:
        assert verify(week, timetable).broken == 0


def test_in_a_plain_week_it_serves_nearly_everybody() -> None:
    week = random_week(60, seed=4)
    timetable = made(week)
    assert timetable is not None
    found = verify(week, timetable)
    assert found.broken == 0
    due = sum(one.min_minutes for one in week.patients)
    assert found.measure_of("weekly-minimum").parts["hours"] * 60 <= 0.1 * due


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_gain_of_a_raise_is_what_the_model_says(seed: int) -> None:
    """Seats of one patient are added to an otherwise empty week whose groups may be of any size."""
    rng = Random(seed)
    week = random_week(8, seed=seed)
    free = tuple(one.model_copy(update={"min_size": 1}) for one in week.groups)
    plan, rows = planned(week.model_copy(update={"groups": free, "pins": ()}))
    ledger = Ledger(rows, [var.index for var in plan.attends.values()])
    who = rng.choice([one.id for one in week.patients if plan.seats_of[one.id]])
    seats = [seat.var.index for seat in plan.seats_of[who]]
    before = _objective(plan, ledger)
    for index in rng.sample(seats, min(4, len(seats))):
        gain = ledger.gain(index)
        ledger.raised(index)
        after = _objective(plan, ledger)
        assert gain == before - after
        before = after


def _objective(plan: Plan, ledger: Ledger) -> int:
    """What is short with exactly these seats, by the goal's rows alone (no rule is asked)."""
    plain = build_plan(plan.week, ())
    score = tiers_of(GoalSettings())[0].score(plain)
    plain.model.minimize(score)
    for key, seat in plain.attends.items():
        plain.model.add(seat == (ledger.values[plan.attends[key].index] if key in plan.attends else 0))
    run = runner().run(plain.model, Limits(20))
    assert run.objective is not None
    return round(run.objective)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_taken_back_leaves_no_trace(seed: int) -> None:
    rng = Random(seed)
    plan, rows = planned(featured_week(rng))
    decisions = [var.index for table in (plan.attends, plan.leads, plan.sessions, plan.rooms) for var in table.values()]
    ledger, fresh = Ledger(rows, decisions), Ledger(rows, decisions)
    steps = [rng.choice(decisions) for _ in range(30)]
    for index in steps:
        ledger.raised(index)
    for index in rng.sample(steps, len(steps)):
        ledger.raised(index, -1)
    assert ledger.values == fresh.values
    assert [ledger.fits(index) for index in decisions] == [fresh.fits(index) for index in decisions]
    assert [ledger.gain(index) for index in decisions] == [fresh.gain(index) for index in decisions]


def test_pins_are_laid_first_and_kept() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        groups=(group("G", min_size=1),),
        therapists=(therapist("T1", "G"), therapist("T2", "G")),
        patients=(patient("P1"), patient("P2")),
        pins=(Pin(row=2, patient="P1", block="Tue9", therapist="T2"), Pin(row=3, block="Mon9", group="G")),
    )
    timetable = made(week)
    assert timetable is not None
    assert verify(week, timetable).broken == 0


def test_pins_that_cannot_all_be_kept_end_the_attempt() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12),),
        groups=(group("G"), group("H")),
        therapists=(therapist("T1", "G", "H"),),
        patients=(patient("P1"),),
        pins=(Pin(row=2, block="Mon9", group="G"), Pin(row=3, block="Mon9", group="H")),
    )
    plan, rows = planned(week)
    assert not Construction(plan, rows).begin()
    assert made(week) is None


def test_what_is_wished_for_is_laid_again_with_its_own_people() -> None:
    week = random_week(20, seed=6)
    first = made(week)
    assert first is not None
    again = made(week, sessions_of(first))
    assert again is not None
    kept = {(one.patient, one.session) for one in again.assignments}
    assert len(kept & {(one.patient, one.session) for one in first.assignments}) >= 0.9 * len(first.assignments)


def laid(week: Week, *wished: Wished) -> set[tuple[str, str]]:
    """Who sits in which group once these sessions of one block are laid, and nothing else is."""
    plan, rows = planned(week)
    construction = Construction(plan, rows)
    assert construction.begin()
    construction.lay(wished)
    return {(who, kind) for (who, _, kind), var in plan.attends.items() if construction.values[var.index]}


def wish(kind: str, leader: str, *patients: str) -> Wished:
    return Wished((("Mon9", kind),), (leader,), patients)


def test_a_session_that_is_short_of_its_own_people_takes_none_from_one_that_is_not() -> None:
    week = tiny(
        patients=tuple(patient(f"P{number}") for number in range(1, 5)),
        groups=(group("A", min_size=2), group("B", min_size=2)),
        therapists=(therapist("T1", "A"), therapist("T2", "B")),
        rooms=(room("R1"), room("R2")),
    )
    wished = wish("A", "T1", "P1"), wish("B", "T2", "P2", "P3")
    assert laid(week, *wished) >= {("P2", "B"), ("P3", "B"), ("P1", "A")}, "P4 has no session of their own, and helps"
    fewer = week.model_copy(update={"patients": week.patients[:3]})
    assert laid(fewer, *wished) == {("P2", "B"), ("P3", "B")}


def test_another_therapist_leads_where_the_own_one_cannot_but_not_instead_of_a_session_of_theirs() -> None:
    week = tiny(
        patients=tuple(patient(f"P{number}") for number in range(1, 3)),
        groups=(group("A"), group("B")),
        therapists=(therapist("T1", "A", "B"), therapist("T2", "A", "B")),
        rooms=(room("R1"), room("R2")),
    )
    gone = Wished((("Mon9", "A"),), (), ("P1",))
    assert laid(week, gone, wish("B", "T1", "P2")) == {("P1", "A"), ("P2", "B")}
    alone = week.model_copy(update={"therapists": week.therapists[:1]})
    assert laid(alone, gone, wish("B", "T1", "P2")) == {("P2", "B")}


def test_a_room_that_serves_more_is_kept_for_those_that_need_it() -> None:
    week = tiny(
        groups=(group("A"), group("B", room_features=frozenset({"sink"}))),
        therapists=(therapist("T1", "A"), therapist("T2", "B")),
        rooms=(room("R1", features=frozenset({"sink"})), room("R2")),
    )
    assert laid(week, wish("A", "T1", "P1"), wish("B", "T2", "P2")) == {("P1", "A"), ("P2", "B")}


def test_the_model_takes_what_the_ledger_holds() -> None:
    plan, rows = planned(random_week(30, seed=5))
    construction = Construction(plan, rows)
    assert construction.begin()
    construction.fill()
    set_hints(plan.model, construction.values)
    assert runner().complete(plan.model) is not None
