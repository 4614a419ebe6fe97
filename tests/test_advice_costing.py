"""At whose cost a need could be met: what is said to be the cheapest is, and what is not is said not to be."""

import random
import threading
from dataclasses import replace
from typing import Any

import pytest
from builders import block, group, patient, quick, random_week, room, table, therapist, times, tiny

from scheduler.advice import costing
from scheduler.advice.costing import Costing
from scheduler.advice.nearby import Nearby
from scheduler.advice.promises import without_needs
from scheduler.domain.timetable import Board
from scheduler.domain.week import RequiredGroup, Week
from scheduler.engine.certificate import least_sum
from scheduler.engine.search import Solution, solve
from scheduler.engine.tiers import tiers_of
from scheduler.rules.registry import RULES

WANTS = (RequiredGroup(group="H", times=1),)
WEEK = tiny(
    blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
    patients=(
        patient("P1", required=WANTS, priority=5),
        patient("P2", required=WANTS, priority=1, free=times(("Tue", 8, 13))),
    ),
    groups=(group("G"), group("H", max_size=1, max_sessions=1)),
    therapists=(therapist("T1", "G", "H"), therapist("T2")),
    rooms=(room("R"), room("S")),
)
"""One seat in H; each wants it, and P2 can come on Tuesday only."""
SEATED = table("Tue9 H T1 R P1", "Tue9 G T2 S P2")


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every week counts as a large one."""
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)


def of_p2(week: Week = WEEK) -> Costing:
    wanting = without_needs(week.patient_of["P2"]).model_copy(update={"required": WANTS})
    return Costing(Board(week, SEATED), wanting, quick(), stop=threading.Event(), rules=RULES)


def searches(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Notes of each search whether it was bound to some cells."""
    noted: list[bool] = []
    found = costing.solve_in_time

    def noting(*args: Any, rules: Any, **named: Any) -> Any:
        noted.append(any(isinstance(one, Nearby) for one in rules))
        return found(*args, rules=rules, **named)

    monkeypatch.setattr(costing, "solve_in_time", noting)
    return noted


def test_a_way_near_the_timetable_is_found_and_then_shown_to_be_the_cheapest(monkeypatch: pytest.MonkeyPatch) -> None:
    noted, one = searches(monkeypatch), of_p2()
    assert one.cost is None
    one.find_any(20)
    assert one.cost is not None
    assert [(loss.patient, loss.groups) for loss in one.cost.losses] == [("P1", ("H",))]
    assert not one.cost.proven
    one.find_any(20)
    one.find_cheapest(20)
    assert one.cost is not None
    assert one.cost.proven
    assert all(noted), "a linear program proves it, so nothing else is searched"


def test_where_the_linear_program_says_less_everything_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costing, "least_sum", lambda *_: 0)
    noted, one = searches(monkeypatch), of_p2()
    one.find_cheapest(60)
    assert one.cost is not None
    assert one.cost.proven
    assert noted[0]
    assert not noted[-1]


def cut_short(whole: Solution) -> Solution:
    """The same, as if the time had been over before anything was proven."""
    return replace(whole, tiers=tuple(tier.model_copy(update={"proven": False}) for tier in whole.tiers))


def test_a_search_that_was_cut_short_blames_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    found = costing.solve_in_time
    monkeypatch.setattr(costing, "solve_in_time", lambda *args, **named: cut_short(found(*args, **named)))
    one = of_p2()
    one.find_any(20)
    assert one.cost is None


def test_where_the_search_near_the_timetable_does_not_end_only_rivals_move(monkeypatch: pytest.MonkeyPatch) -> None:
    found, noted = costing.solve_in_time, list[bool]()

    def only_rivals_end(*args: Any, rules: Any, **named: Any) -> Any:
        (near,) = (one for one in rules if isinstance(one, Nearby))
        stays = near.bars(week, third, week.block_of["Mon9"]) is not None
        noted.append(stays)
        whole = found(*args, rules=rules, **named)
        return whole if stays else cut_short(whole)

    monkeypatch.setattr(costing, "solve_in_time", only_rivals_end)
    third = patient("P3", free=times(("Tue", 8, 13)))
    week = WEEK.model_copy(update={"patients": (*WEEK.patients, third)})
    wanting = without_needs(week.patient_of["P2"]).model_copy(update={"required": WANTS})
    seated = table("Tue9 H T1 R P1", "Tue9 G T2 S P2,P3")
    one = Costing(Board(week, seated), wanting, quick(), stop=threading.Event(), rules=RULES)
    one.find_any(20)
    assert noted == [False, True]
    assert one.cost is not None
    assert [loss.patient for loss in one.cost.losses] == ["P1"]


def test_no_time_or_a_stop_finds_nothing() -> None:
    one = of_p2()
    one.find_any(0)
    one.find_cheapest(0)
    assert one.cost is None
    stop = threading.Event()
    stop.set()
    wanting = WEEK.patient_of["P2"]
    stopped = Costing(Board(WEEK, SEATED), wanting, quick(), stop=stop, rules=RULES)
    stopped.find_any(5)
    stopped.find_cheapest(5)
    assert stopped.cost is None


def test_nearby_keeps_sessions_where_they_may_run_and_people_where_they_sit() -> None:
    rule = Nearby({("Tue9", "H")}, {("P1", "Tue9", "H"), ("P2", "Tue9", "G")}, ["P1"])
    (violation,) = rule.check(Board(WEEK, SEATED))
    assert violation.sessions == (SEATED.sessions[1].id,)
    group_g, group_h = WEEK.groups
    assert rule.bars(WEEK, group_g, WEEK.block_of["Tue9"]) is not None
    assert rule.bars(WEEK, group_h, WEEK.block_of["Tue9"]) is None
    first, second = WEEK.patients
    assert rule.bars(WEEK, first, WEEK.block_of["Tue9"]) is None
    assert rule.bars(WEEK, first, WEEK.block_of["Mon9"]) is not None
    assert rule.bars(WEEK, first, group_g) is not None
    assert rule.bars(WEEK, second, WEEK.block_of["Mon9"]) is None, "P2 may move"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_the_least_sum_is_below_every_solution(seed: int) -> None:
    week, profile = random_week(14 + random.Random(seed).randint(0, 8), seed, groups=5), quick()
    tiers = tiers_of(profile.goals)[:2]
    solved = solve(week, profile)
    assert 0 <= least_sum(week, tiers, 20) <= sum(solved.measured_units[:2])
