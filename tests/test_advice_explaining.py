"""Explanations are true, sufficient and smallest: held against every timetable that there is."""

import itertools
import random
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from builders import block, group, patient, quick, random_week, table, therapist, times, tiny
from every_timetable import every_timetable, one_room_week

from scheduler.advice import explaining
from scheduler.advice.explaining import Need, alone, among_others, explain, unmet
from scheduler.advice.pooling import Pooled, Pooling
from scheduler.advice.promises import HOURS, PLANS, Met, NobodyShort, as_given, without_needs
from scheduler.advice.proving import POOL_MISSES, Patience, Prover, solve_in_time
from scheduler.advice.shrink import Shrunk, shrink
from scheduler.advice.worlds import Asked, world
from scheduler.domain.explanation import Explanation, Fact, Verdict
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Apart, Pin, RequiredGroup, Week
from scheduler.engine.certificate import certificate
from scheduler.engine.feasible import Feasibility, feasible
from scheduler.engine.search import solve
from scheduler.rules.registry import RULES
from scheduler.verify import verify

ONE_ROOM = tuple(range(40))


def explained(week: Week, timetable: Timetable, **asked: object) -> list[Explanation]:
    return list(explain(week, timetable, quick(), seconds=60, **asked))  # type: ignore[arg-type]


def best(week: Week) -> Timetable:
    found = solve(week, quick()).timetable
    assert found is not None
    return found


def served(week: Week) -> bool:
    """Whether any timetable leaves nobody short, by trying them all."""
    return any(not any(NobodyShort().check(board)) for board in every_timetable(week))


# ---- against every timetable ----


@pytest.mark.parametrize("seed", ONE_ROOM)
def test_every_explanation_is_sufficient_and_smallest(seed: int) -> None:
    check_explanations(seed)


@pytest.mark.parametrize("seed", ONE_ROOM[:15])
def test_so_it_is_where_the_questions_of_large_weeks_are_asked(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    check_explanations(seed)


@pytest.mark.parametrize("seed", ONE_ROOM[:10])
def test_so_it_is_where_each_is_asked_near_the_timetable_first(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    monkeypatch.setattr("scheduler.advice.proving.LEAST_PRICE", 5.0)
    monkeypatch.setattr("scheduler.advice.proving.POOL_MISSES", 0)
    monkeypatch.setattr("scheduler.advice.proving.is_nameless", lambda _: False)
    near = 0

    def counted(week: Week, *rest: Any, **named: Any) -> Feasibility:
        nonlocal near
        near += named.get("near") is not None
        return feasible(week, *rest, **named)

    monkeypatch.setattr("scheduler.advice.proving.feasible", counted)
    if check_explanations(seed):
        assert near


def check_explanations(seed: int) -> bool:
    """Holds each against every timetable; says whether there was one that other people's promises are in."""
    week = one_room_week(random.Random(seed))
    if not any(every_timetable(week)):
        return False  # its pins are impossible
    timetable = best(week)
    board = Board(week, timetable)
    found = explained(week, timetable)
    assert [(one.patient, one.group) for one in found] == [(need.patient.id, need.group) for need in unmet(board)]
    for need, one in zip(unmet(board), found, strict=True):
        assert one.verdict in (Verdict.NEVER, Verdict.OTHERS_FIRST), "a proven timetable cannot be bettered"
        asked = alone(board, need) if one.verdict is Verdict.NEVER else among_others(board, need)
        assert one.smallest
        assert not any(fact.line for fact in one.facts)
        assert not served(world(asked, one.facts))
        for left_out in one.facts:
            assert served(world(asked, [other for other in one.facts if other != left_out])), left_out.words
        if one.verdict is Verdict.OTHERS_FIRST:
            assert served(alone(board, need).week), "nobody else in the way, it is possible"
    return any(one.verdict is Verdict.OTHERS_FIRST for one in found)


def test_the_weeks_of_these_tests_show_both_verdicts_and_many_facts() -> None:
    found = [
        one
        for seed in ONE_ROOM
        if any(every_timetable(week := one_room_week(random.Random(seed))))
        for one in explained(week, best(week))
    ]
    assert sum(one.verdict is Verdict.NEVER for one in found) > 10
    assert sum(one.verdict is Verdict.OTHERS_FIRST for one in found) > 5
    columns = {(fact.ref.sheet, fact.ref.column) for one in found for fact in one.facts}
    assert len(columns) >= 8, columns


@pytest.mark.parametrize("seed", ONE_ROOM[:20])
def test_the_cost_is_the_least_there_is(seed: int) -> None:
    check_costs(seed)


@pytest.mark.parametrize("seed", ONE_ROOM[:20])
def test_so_it_is_where_it_is_looked_for_near_the_timetable_first(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    check_costs(seed)


def check_costs(seed: int) -> None:
    week = one_room_week(random.Random(seed))
    if not any(every_timetable(week)):
        return
    board = Board(week, best(week))
    for need, one in zip(unmet(board), explained(week, board.timetable), strict=True):
        assert (one.cost is not None) == (one.verdict is Verdict.OTHERS_FIRST)
        if one.cost is None:
            continue
        assert one.cost.proven
        wanted = {"min_minutes": 0, "min_blocks": 0, "min_days": 0, "required": ()}
        if need.group is None:
            wanted |= {name: getattr(need.patient, name) for name in ("min_minutes", "min_blocks", "min_days")}
        else:
            wanted["required"] = tuple(each for each in need.patient.required if each.group == need.group)
        met = Met(need.patient.model_copy(update=wanted))
        ways = [other for other in every_timetable(week) if not any(met.check(other))]
        least = min(_tiers(other) for other in ways)
        cheapest = [other for other in ways if _tiers(other) == least]
        assert any(_losers(board, other) == {loss.patient for loss in one.cost.losses} for other in cheapest)


def _tiers(board: Board) -> tuple[int, int]:
    return HOURS.measure(board, HOURS.parts).units, PLANS.measure(board, PLANS.parts).units


def _losers(before: Board, after: Board) -> set[str]:
    now = {(need.patient.id, need.group): need.amount for need in unmet(after)}
    had = {(need.patient.id, need.group): need.amount for need in unmet(before)}
    return {who for (who, group), amount in now.items() if amount > had.get((who, group), 0)}


# ---- weeks spelled out ----


def test_the_patients_own_window_is_named_and_nothing_else() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        patients=(patient("P1", free=times(("Mon", 8, 13)), min_minutes=360, min_blocks=2, max_blocks=2),),
    )
    (one,) = explained(week, table("Mon9 G T1 R P1"))
    assert (one.verdict, one.amount, one.group, one.smallest) == (Verdict.NEVER, 3, None, True)
    assert [(fact.ref.sheet, fact.ref.row, fact.ref.column) for fact in one.facts] == [
        ("Patients", "P1", "Availability")
    ]


def test_who_came_first_is_named_with_the_seat_they_hold() -> None:
    week = tiny(
        patients=(patient("P1", priority=5), patient("P2", priority=1)),
        groups=(group(max_size=1),),
    )
    (one,) = explained(week, table("Mon9 G T1 R P1"))
    assert one.verdict is Verdict.OTHERS_FIRST
    assert {fact.owner for fact in one.facts} == {"P1", ""}
    assert "Max size" in {fact.ref.column for fact in one.facts}
    assert one.cost is not None
    assert [(loss.patient, loss.hours) for loss in one.cost.losses] == [("P1", 3)]


def test_what_is_not_cut_down_in_one_round_is_tried_again_from_where_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    week = tiny(patients=(patient("P1", priority=5), patient("P2", priority=1)), groups=(group(max_size=1),))
    asked: list[int] = []

    def half(facts: Sequence[Fact], *rest: Any, one_by_one: bool, **named: Any) -> Shrunk[Fact] | None:
        if not one_by_one:
            return None
        asked.append(len(facts))
        if len(asked) > 1:
            return shrink(facts, *rest, **named)
        return Shrunk(tuple((one,) for one in facts if one.owner or one.ref.sheet == "Groups"), smallest=False)

    monkeypatch.setattr("scheduler.advice.explaining.shrink", half)
    (one,) = explained(week, table("Mon9 G T1 R P1"))
    assert one.smallest
    assert len(asked) == 2
    assert asked[0] > asked[1] >= len(one.facts) == 2


def test_what_could_be_had_for_nothing_is_said_to_be() -> None:
    week = tiny(patients=(patient("P1"), patient("P2")))
    found = explained(week, table("Mon9 G T1 R P1"))
    assert [(one.patient, one.verdict, one.facts) for one in found] == [("P2", Verdict.POSSIBLE, ())]


def test_blocks_and_rules_alone_may_be_the_reason() -> None:
    week = tiny(patients=(patient("P1", min_minutes=540, min_blocks=3, max_blocks=3),))
    (one,) = explained(week, table("Mon9 G T1 R P1"))
    assert (one.verdict, one.facts, one.smallest) == (Verdict.NEVER, (), True)


def test_each_missed_group_is_a_need_of_its_own_and_only_the_named_are_asked() -> None:
    week = tiny(
        patients=(
            patient("P1", min_minutes=0, min_blocks=0, min_days=0, required=(RequiredGroup(group="H", times=2),)),
            patient("P2", min_minutes=360, min_blocks=2, max_blocks=2),
        ),
        groups=(group("G"), group("H")),
    )
    found = explained(week, table("Mon9 G T1 R P1,P2"))
    assert [(one.patient, one.group, one.amount) for one in found] == [("P1", "H", 2), ("P2", None, 3)]
    assert [one.patient for one in explained(week, table("Mon9 G T1 R P1,P2"), patients=("P2",))] == ["P2"]
    assert [one.patient for one in explained(week, table("Mon9 G T1 R P1,P2"), patients=("nobody",))] == []


def test_no_time_or_a_stop_leaves_it_open_and_never_wrong() -> None:
    week = tiny(patients=(patient("P1", priority=5), patient("P2", priority=1)), groups=(group(max_size=1),))
    stop = threading.Event()
    stop.set()
    for asked in ({"seconds": 60, "stop": stop}, {"seconds": 0.0}):
        (one,) = explain(week, table("Mon9 G T1 R P1"), quick(), **asked)  # type: ignore[arg-type]
        assert (one.verdict, one.facts, one.cost) == (Verdict.OPEN, (), None)


def test_a_reproducible_run_counts_questions_and_not_seconds() -> None:
    week = tiny(patients=(patient("P1", priority=5), patient("P2", priority=1)), groups=(group(max_size=1),))
    profile = quick(reproducible=True)
    runs = [list(explain(week, table("Mon9 G T1 R P1"), profile, seconds=5)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0][0].verdict is Verdict.OTHERS_FIRST
    patience = Patience(1.0, 0.5, threading.Event(), reproducible=True)
    patience.spend(0.9)
    assert (patience.left, patience.all_left) == (0.5, pytest.approx(0.1))
    patience.spend(0.2)
    assert patience.left == patience.all_left == 0


# ---- lifting facts ----


@pytest.mark.parametrize("seed", range(12))
def test_lifting_only_ever_allows_more(seed: int) -> None:
    rng = random.Random(seed)
    week = one_room_week(rng)
    if not any(every_timetable(week)):
        return
    board = Board(week, best(week))
    for need in unmet(board)[:2]:
        asked = among_others(board, need)
        some = [one for one in asked.facts if rng.random() < 0.6]
        fewer = [one for one in some if rng.random() < 0.7]
        assert served(world(asked, fewer)) or not served(world(asked, some))


def test_with_every_fact_the_world_allows_what_the_week_of_the_question_allows() -> None:
    compared = 0
    for seed in range(30):
        week = one_room_week(random.Random(seed))
        if not any(every_timetable(week)):
            continue
        board = Board(week, best(week))
        for need in unmet(board)[:1]:
            for asked in (alone(board, need), among_others(board, need)):
                assert served(world(asked, asked.facts)) == served(asked.week)
                compared += 1
    assert compared > 10


# ---- the pieces ----


def test_shrink_finds_a_smallest_part_and_prefers_what_comes_first() -> None:
    for seed in range(50):
        rng = random.Random(seed)
        facts = list(range(12))
        cores = [set(rng.sample(facts, rng.randint(1, 4))) for _ in range(rng.randint(1, 3))]

        def impossible(some: Sequence[int], cores: list[set[int]] = cores) -> bool:
            return any(core <= set(some) for core in cores)

        found = shrink(facts, lambda one: one % 3, impossible)
        assert found is not None
        assert found.smallest
        assert set(found.facts) in cores
        assert all(not impossible([one for one in found.facts if one != out]) for out in found.facts)
    assert shrink([1, 2], str, lambda some: {1} <= set(some) or {2} <= set(some)).facts == (1,)  # type: ignore[union-attr]


def test_shrink_says_when_it_does_not_know() -> None:
    def unsure(some: Sequence[int]) -> bool | None:
        return True if set(some) >= {1, 2, 3} else None if 1 in some else False

    found = shrink([1, 2, 3, 4], str, unsure)
    assert found is not None
    assert (set(found.facts), found.smallest) == ({1, 2, 3}, False)
    assert shrink([1, 2], str, lambda _: None) is None
    assert shrink([1, 2], str, lambda _: False) is None
    trivial = shrink([1, 2], str, lambda _: True)
    assert trivial is not None
    assert trivial.facts == ()


@pytest.mark.parametrize(("questions", "parts"), [(99, {(1,), (2,), (4,)}), (4, {(1, 3, 5, 7), (2, 4, 6, 8)})])
def test_shrink_tells_classes_where_it_could_not_tell_facts(questions: int, parts: set[tuple[int, ...]]) -> None:
    """Impossible with 1 and any two of the even numbers; after so many questions the time is over."""
    known: dict[frozenset[int], bool] = {}

    def remembering(some: Sequence[int]) -> bool | None:
        key = frozenset(some)
        if any(key <= more for more, said in known.items() if not said):
            return False
        if key not in known and len(known) < questions:
            known[key] = 1 in key and sum(one % 2 == 0 for one in key) >= 2
        return known.get(key)

    found = shrink(range(1, 9), lambda one: one % 2, remembering)
    assert found is not None
    assert (set(found.parts), found.smallest) == (parts, True)


def test_shrink_tells_facts_apart_as_far_as_it_could_and_joins_the_others_to_one_of_them() -> None:
    """Only of 1, 2 and 6 it is known that they are needed; of other even numbers and of 3 nothing is."""

    def known(some: Sequence[int]) -> bool | None:
        return True if len(some) == 6 else None if {1, 2, 6} <= set(some) else False

    found = shrink((1, 2, 3, 4, 5, 6), lambda one: one % 2, known)
    assert found is not None
    assert (found.parts, found.smallest) == (((1, 3, 5), (2, 4), (6,)), True)
    elsewhere = shrink((1, 2, 3, 4, 5, 6), lambda one: one == 4, known, coarsely=lambda one: one % 2)
    assert elsewhere is not None
    assert sorted(len(part) for part in elsewhere.parts) == [1, 2, 3]
    assert elsewhere.smallest
    assert all({1, 2, 6} & set(part) for part in elsewhere.parts), "each line has one that is known to be needed"


def test_shrink_only_glances_at_classes_where_facts_are_told_apart_anyway() -> None:
    glanced: list[tuple[int, ...]] = []

    def glance(some: Sequence[int]) -> bool | None:
        glanced.append(tuple(some))
        return True if {1, 2, 3} <= set(some) else None

    found = shrink(range(1, 9), lambda one: one > 4, lambda some: {1, 2} <= set(some), glance=glance)
    assert found is not None
    assert (set(found.facts), found.smallest) == ({1, 2}, True)
    assert glanced == [(1, 2, 3, 4), ()]


def test_shrink_leaves_out_at_once_what_a_proof_does_not_rest_on() -> None:
    asked: list[tuple[int, ...]] = []

    def impossible(some: Sequence[int]) -> bool:
        asked.append(tuple(some))
        return {1, 2} <= set(some)

    plain = shrink(range(1, 13), str, impossible)
    before = len(asked)
    asked.clear()
    lighter = shrink(range(1, 13), str, impossible, lighter=lambda some: [one for one in some if one <= 3])
    assert plain == lighter
    assert lighter is not None
    assert (set(lighter.facts), lighter.smallest) == ({1, 2}, True)
    assert len(asked) < before
    within = shrink(
        range(1, 13), lambda one: one % 2, impossible, lighter=lambda some: [one for one in some if one < 5]
    )
    assert within is not None
    assert set(within.facts) == {1, 2}


def test_shrink_tells_even_less_where_classes_could_not_be_told() -> None:
    def known(some: Sequence[int]) -> bool | None:
        """That all are impossible is known, and that those below 5 are possible, and the others."""
        return True if len(some) == 8 else False if set(some) <= {1, 2, 3, 4} or set(some) <= {5, 6, 7, 8} else None

    found = shrink(range(1, 9), lambda one: one % 2, known, coarsely=lambda one: one < 5)
    assert found is not None
    assert (found.parts, found.smallest) == (((1, 3, 2, 4), (5, 7, 6, 8)), True)
    unsure = shrink(range(1, 9), lambda one: one % 2, known)
    assert unsure is not None
    assert not unsure.smallest


def test_without_time_to_cut_down_limits_and_promises_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.advice.explaining._Explaining.cut_down", lambda *_: None)
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    found = explained(FULL_THERAPIST, table("Mon9 G T1 R P1", "Tue9 G T1 R P2"))
    for one in found:
        assert one.smallest
        assert {fact.line for fact in one.facts if fact.owner} in ({1}, {2}, {0})
        assert len({fact.line for fact in one.facts if not fact.owner}) == 1
        asked = among_others(Board(FULL_THERAPIST, table("Mon9 G T1 R P1", "Tue9 G T1 R P2")), need_of(one))
        assert not served(world(asked, one.facts))
        for owned in (True, False):
            assert served(world(asked, [fact for fact in one.facts if bool(fact.owner) is owned]))


def need_of(one: Explanation) -> Need:
    return Need(FULL_THERAPIST.patient_of[one.patient], one.group, one.amount)


def test_shrink_mends_what_a_quicker_question_did_not_see() -> None:
    def exactly(some: Sequence[int]) -> bool:
        return 3 in some

    found = shrink([1, 2, 3, 4], str, exactly, lambda some: {1, 3} <= set(some) or {2, 3} <= set(some))
    assert found is not None
    assert (found.facts, found.smallest) == ((3,), True)


CROWDED = [(14, 4), (20, 5), (20, 7), (26, 5)]
"""Patients and seeds of weeks in which not everybody can be served, as a linear program proves."""


FULL_THERAPIST = tiny(
    blocks=(block("Mon", 9, 12), block("Tue", 9, 12), block("Wed", 9, 12)),
    patients=tuple(
        patient(f"P{place}", min_minutes=180, min_blocks=1, max_blocks=1, free=times((day, 8, 13)), priority=5 - place)
        for place, day in enumerate(("Mon", "Tue", "Wed", "Wed"), 1)
    ),
    therapists=(therapist("T1", max_blocks=2),),
)
"""Three days are asked for, and the only therapist leads two sessions."""


def test_in_a_large_week_what_mostly_proves_a_need_is_asked_about_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    monkeypatch.setattr("scheduler.advice.explaining.FEW", (0,))
    asked: list[tuple[str, frozenset[object]]] = []
    disproved = Prover.disproved

    def noted(self: Prover, facts: Sequence[Fact]) -> bool | None:
        asked.append((self.asked.patient, frozenset((one.ref.sheet, one.ref.column) for one in facts)))
        return disproved(self, facts)

    monkeypatch.setattr(Prover, "disproved", noted)
    found = explained(FULL_THERAPIST, table("Mon9 G T1 R P1", "Tue9 G T1 R P2"))
    assert [(one.patient, one.verdict, one.smallest) for one in found] == [
        ("P3", Verdict.OTHERS_FIRST, True),
        ("P4", Verdict.OTHERS_FIRST, True),
    ]
    firsts = {who: next(facts for other, facts in asked if other == who) for who in ("P3", "P4")}
    windows, load, promise = ("Patients", "Availability"), ("Therapists", "Max blocks"), ("Patients", "Min hours")
    assert firsts["P3"] == {windows, load, promise}
    for one in found:
        assert {(fact.ref.sheet, fact.ref.row) for fact in one.facts} == {
            ("Patients", one.patient),
            ("Therapists", "T1"),
            ("Patients", "P1"),
            ("Patients", "P2"),
        }


@pytest.mark.parametrize(("people", "seed"), CROWDED)
def test_a_linear_proof_is_true_and_rests_on_those_it_names(people: int, seed: int) -> None:
    week = random_week(people, seed, groups=5)
    found = certificate(week, (HOURS, PLANS), 20)
    assert found is not None
    assert 0 < found.strength <= found.bound
    solved = solve(week, quick(tiers=(("weekly-minimum", "treatment-plan"),)))
    assert found.bound <= solved.measured_units[0]
    others = tuple(one if one.id in found.shares else without_needs(one) for one in week.patients)
    again = certificate(week.model_copy(update={"patients": others}), (HOURS, PLANS), 20)
    assert again is not None
    assert again.bound > 0


@pytest.mark.parametrize(("people", "seed"), CROWDED)
def test_what_a_linear_proof_can_lose_it_can_lose_together(people: int, seed: int) -> None:
    week = random_week(people, seed, groups=5)
    found = certificate(week, (HOURS, PLANS), 20)
    assert found is not None
    left, gone = found.strength, set()
    for one, share in found.shares.items():
        if share < left - 1e-3:
            left, gone = left - share, gone | {one}
    assert gone
    fewer = tuple(without_needs(one) if one.id in gone else one for one in week.patients)
    again = certificate(week.model_copy(update={"patients": fewer}), (HOURS, PLANS), 20)
    assert again is not None
    assert again.strength >= left - 1e-3


def test_a_linear_proof_is_none_where_everybody_can_be_served() -> None:
    assert certificate(tiny(), (HOURS, PLANS), 20) is None


def test_beside_a_timetable_another_is_found_or_proven_not_to_be() -> None:
    week = tiny(blocks=(block("Mon", 9, 12), block("Tue", 9, 12)), patients=(patient("P1"), patient("P2")))
    near = table("Mon9 G T1 R P1")
    found = feasible(week, quick().solver, seconds=20, extra=(NobodyShort(),), near=near)
    assert found.timetable is not None
    assert not verify(week, found.timetable, rules=(*RULES, NobodyShort()), measured=()).broken
    none = tiny(patients=(patient("P1"), patient("P2")), groups=(group(max_size=1),))
    assert feasible(none, quick().solver, seconds=20, extra=(NobodyShort(),), near=near).impossible


def test_the_pool_is_not_asked_again_once_it_had_no_answer_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    monkeypatch.setattr("scheduler.advice.proving.is_nameless", lambda _: False)
    asked = 0

    def none(*_: object, **__: object) -> Pooled:
        nonlocal asked
        asked += 1
        return Pooled(None, proven=False)

    monkeypatch.setattr(Pooling, "ask", none)
    timetable = table("Mon9 G T1 R P1", "Tue9 G T1 R P2")
    board = Board(FULL_THERAPIST, timetable)
    question = among_others(board, unmet(board)[0])
    prover = Prover(question, quick().solver, Patience(60, 10, threading.Event()), near=timetable)
    for away in range(2 * POOL_MISSES):
        prover.disproved([*question.facts[:away], *question.facts[away + 1 :]])
    assert prover.questions > POOL_MISSES
    assert asked == POOL_MISSES


def on_monday_twice() -> tuple[Prover, Sequence[Fact]]:
    """What P3 misses where P1 and P5 both sit on Monday: the promise to one of them is enough to prove it."""
    shared = patient("P5", min_minutes=180, min_blocks=1, max_blocks=1, free=times(("Mon", 8, 13)))
    week = FULL_THERAPIST.model_copy(update={"patients": (*FULL_THERAPIST.patients, shared)})
    timetable = table("Mon9 G T1 R P1,P5", "Tue9 G T1 R P2")
    board = Board(week, timetable)
    question = among_others(board, next(one for one in unmet(board) if one.patient.id == "P3"))
    prover = Prover(question, quick().solver, Patience(60, 10, threading.Event()), near=timetable)
    return prover, question.facts


def test_a_proof_of_the_pool_is_relieved_of_promises_that_it_does_not_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    prover, facts = on_monday_twice()
    assert {one.owner for one in facts if one.owner} == {"P1", "P2", "P5"}
    assert prover.impossible(facts)
    left = prover.relieved(tuple(facts))
    assert len({one.owner for one in left if one.owner}) == 2
    assert "P2" in {one.owner for one in left}
    monkeypatch.undo()
    asked_again, _ = on_monday_twice()
    assert asked_again.impossible(left)


@pytest.mark.parametrize("named", [(), ("P1",), ("P2", "P5")])
def test_what_the_solver_names_as_its_reasons_is_asked_again(
    named: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may name too few, as it does with an objective or where presolve changed the model."""
    monkeypatch.setattr("scheduler.advice.proving.SMALL", 0)
    ask = Pooling.ask

    def told(*words: Any, **more: Any) -> Pooled:
        found = ask(*words, **more)
        return Pooled(found.timetable, found.proven, frozenset(named)) if found.impossible else found

    monkeypatch.setattr(Pooling, "ask", told)
    prover, facts = on_monday_twice()
    assert prover.impossible(facts)
    enough = {"P2", "P5"} <= {*named}
    left = prover.relieved(tuple(facts))
    assert {one.owner for one in left if one.owner} == ({*named} if enough else {"P1", "P2", "P5"})


def alone_beside(week: Week, company: set[str]) -> tuple[bool, bool | None]:
    """Whether little company is enough for P1, and what is known then without asking any more."""
    question = Asked(week, "P1")
    prover = Prover(question, quick().solver, Patience(60, 10, threading.Event()), hopeful=True)
    allowed = prover.allowed(question.facts, company)
    prover.patience = Patience(0, 0, threading.Event())
    return allowed, prover.impossible(question.facts[1:])


def test_with_enough_company_a_need_is_possible_and_with_too_little_nothing_is_known() -> None:
    others = tuple(without_needs(patient(f"P{n}")) for n in range(2, 6))
    week = tiny(patients=(patient("P1"), *others), groups=(group(min_size=3),))
    assert alone_beside(week, {"P2", "P4"}) == (True, False)
    assert alone_beside(week, {"P2"}) == (False, None)


def test_whom_a_pin_names_is_there_too() -> None:
    others = tuple(without_needs(patient(f"P{n}")) for n in range(2, 5))
    pin = Pin(patient="P4", block="Mon9")
    base = {"patients": (patient("P1"), *others), "groups": (group(min_size=3, max_size=3),)}
    assert alone_beside(tiny(**base, pins=(pin,)), {"P2"}) == (True, False)
    apart = (Apart(patient="P1", other_patient="P4"),)
    assert alone_beside(tiny(**base, pins=(pin,), apart=apart), {"P2"}) == (False, None)
    assert alone_beside(tiny(**base, apart=apart), {"P2", "P3"}) == (True, False)


@pytest.mark.parametrize("seed", range(12))
def test_feasible_finds_a_timetable_or_proves_there_is_none(seed: int) -> None:
    week = one_room_week(random.Random(seed))
    found = feasible(week, quick().solver, seconds=20, extra=(NobodyShort(),), alone=True)
    assert found.proven
    assert (found.timetable is not None) == served(week)
    if found.timetable is not None:
        assert not verify(week, found.timetable, rules=()).broken
        assert not any(NobodyShort().check(Board(week, found.timetable)))


def test_feasible_without_time_or_stopped_knows_nothing() -> None:
    stop = threading.Event()
    stop.set()
    for found in (
        feasible(tiny(), quick().solver, seconds=0),
        feasible(tiny(), quick().solver, seconds=5, stop=stop),
    ):
        assert (found.timetable, found.proven, found.impossible) == (None, False, False)


def test_a_search_with_a_limit_ends_with_it_or_when_it_is_told() -> None:
    week, profile, none = random_week(40, 3), quick(), threading.Event()
    assert solve_in_time(tiny(), profile, 20, stop=none, rules=RULES).timetable is not None
    assert solve_in_time(week, profile, 0, stop=none, rules=RULES).timetable is None
    assert solve_in_time(week, profile, 600, stop=none, rules=RULES, enough=lambda _: True).interrupted
    stop = threading.Event()
    stop.set()
    assert solve_in_time(week, profile, 60, stop=stop, rules=RULES).timetable is None


@pytest.mark.parametrize("seed", range(20))
def test_a_timetable_gives_all_that_its_own_promises_ask(seed: int) -> None:
    rng = random.Random(seed)
    week = one_room_week(rng)
    boards = list(itertools.islice(every_timetable(week), 400))
    for board in rng.sample(boards, min(3, len(boards))):
        lowered = as_given(week, board.timetable)
        assert not any(NobodyShort().check(Board(lowered, board.timetable)))
        for other in rng.sample(boards, min(6, len(boards))):
            kept = not any(NobodyShort().check(Board(lowered, other.timetable)))
            assert kept == (not _losers(board, other) and _sessions_kept(board, other))


def _sessions_kept(before: Board, after: Board) -> bool:
    return all(
        min(one.min_sessions, len(before.of_group(one.id))) <= len(after.of_group(one.id)) for one in before.week.groups
    )


def test_every_need_has_a_short_turn_before_any_has_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[tuple[str, float]] = []
    monkeypatch.setattr(explaining, "price", lambda _: 4.0)
    monkeypatch.setattr(
        explaining._Explaining, "settle", lambda one, seconds: turns.append((one._need.patient.id, seconds))
    )
    monkeypatch.setattr(explaining._Explaining, "begin", lambda *_: None)
    nobody = tiny(patients=tuple(patient(f"P{n}") for n in range(1, 5)))
    said = list(explain(nobody, Timetable(), quick(), seconds=10, with_cost=False))
    assert [one.verdict for one in said] == [Verdict.OPEN] * 4
    assert [who for who, _ in turns] == ["P1", "P2", "P3", "P4"] * 3
    first = [seconds for who, seconds in turns if who == "P1"]
    assert first[0] == pytest.approx(6.0), "time for one question and a half"
    assert first[1] > first[0]
