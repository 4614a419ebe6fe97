"""What `advise` says of single changes, held against every timetable of the edited week and against plain solving."""

from __future__ import annotations

import random
import threading
from itertools import combinations
from pathlib import Path

import openpyxl
import pytest
from builders import block, featured_week, group, patient, quick, room, therapist, times, tiny
from outside.bruteforce import optimum
from outside.generator import tiny as tiny_file
from outside.week import read_week

from scheduler.advice.advising import Asked, advise
from scheduler.advice.advising_offers import KINDS, find_candidates
from scheduler.advice.advising_search import Node
from scheduler.advice.advising_solving import Answer, Solving, as_answer, leading
from scheduler.advice.candidates import Candidate, changed, used
from scheduler.domain.advice import Advice, Cost
from scheduler.domain.clock import TimeSet, clock_text
from scheduler.domain.outcome import Status
from scheduler.domain.problems import FactRef, InputRefused
from scheduler.domain.timetable import Board
from scheduler.domain.week import Pin, RequiredGroup, Week
from scheduler.engine.search import solve
from scheduler.loading import Loaded, Source, load
from scheduler.verify import verify

ALL = 200
PROFILE = quick()


def gains_of(advice: Advice) -> dict[str, tuple[float, ...]]:
    """Exact gains by the words of the change, tier by tier."""
    assert all(one.proven for one in advice.singles)
    return {one.changes[0].words: tuple(gain.at_most for gain in one.gains) for one in advice.singles}


# ---- the truth, by looking at every timetable of the edited workbook -------------------------------------------------


def spoken(times_: TimeSet) -> str:
    """A set of times in the availability language."""
    return "; ".join(f"{d.short} {clock_text(a)}-{clock_text(b) if b else '24:00'}" for d, a, b in times_.by_day())


def edit_by_hand(path: Path, loaded: Loaded, one: Candidate) -> None:
    """Make a change in the workbook as its facts and its edit say, as a person would."""
    book = openpyxl.load_workbook(path)
    if one.table == "blocks":
        name, day, start, end = one.change.edit.removeprefix("new row: ").split(", ")
        book["Blocks"].append([name, day, start, end])
    else:
        place = loaded.file.places.cell_of(one.change.facts[0])
        assert place is not None
        assert loaded.file.places.is_stated(one.change.facts[0])
        sheet, cell, text = place
        if one.field in ("free", "times"):
            row = next(row for row in getattr(changed(loaded.week, [one]), one.table) if row.id == one.row)
            book[sheet][cell] = spoken(getattr(row, one.field))
            clear_unavailable(book, loaded, one)
        elif one.field == "groups":
            book[sheet][cell] = f"{text}; {one.step}"
        else:
            book[sheet][cell] = float(one.change.edit.split(" -> ")[1])
    book.save(path)


def clear_unavailable(book: openpyxl.Workbook, loaded: Loaded, one: Candidate) -> None:
    for fact in one.change.facts[1:]:
        if loaded.file.places.is_stated(fact):
            sheet, cell, _ = loaded.file.places.cell_of(fact) or ("", "", "")
            book[sheet][cell] = None


def true_gain(folder: Path, loaded: Loaded, one: Candidate, best: tuple[float, float]) -> tuple[float, float]:
    path = folder / "edited.xlsx"
    path.write_bytes((folder / "week.xlsx").read_bytes())
    edit_by_hand(path, loaded, one)
    after = optimum(read_week(path))
    assert after is not None
    return best[0] - after[0], best[1] - after[1]


def sample_of(candidates: tuple[Candidate, ...], listed: dict[str, tuple[float, ...]], seed: int) -> list[Candidate]:
    """Some that gain and some that do not, of every kind that is there."""
    rng = random.Random(seed)
    by_kind: dict[tuple[str, bool], list[Candidate]] = {}
    for one in candidates:
        by_kind.setdefault((one.change.kind, one.change.words in listed), []).append(one)
    return [one for found in by_kind.values() for one in rng.sample(found, min(len(found), 2))]


def check_against_enumeration(seed: int, folder: Path) -> None:
    path = tiny_file(seed).write(folder / "week.xlsx")
    best = optimum(read_week(path))
    assert best is not None
    loaded = load(Source(week=path))
    advice = advise(loaded.week, loaded.profile, Asked(top=ALL, seconds=60))
    if advice.served:
        return
    assert advice.tried.complete
    assert not any(advice.tried.rest_at_most)
    listed = gains_of(advice)
    candidates = find_candidates(loaded.week, loaded.profile.blocks)
    for one in sample_of(candidates, listed, seed):
        truth = true_gain(folder, loaded, one, best)
        assert listed.get(one.change.words, (0.0, 0.0)) == pytest.approx(truth), (seed, one.change.words)


@pytest.mark.parametrize("seed", [0, 5])
def test_every_gain_is_the_true_one(seed: int, tmp_path: Path) -> None:
    check_against_enumeration(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, *range(6, 12), 15, 17])
def test_every_gain_is_the_true_one_in_more_weeks(seed: int, tmp_path: Path) -> None:
    try:
        check_against_enumeration(seed, tmp_path)
    except InputRefused:
        pytest.skip("the week is refused")


# ---- the search, held against solving each changed week by itself ----------------------------------------------------


def solved(week: Week) -> Answer | None:
    profile = leading(PROFILE)
    return as_answer(solve(week, profile), profile)


def short_weeks(first: int, count: int, most: int) -> list[tuple[Week, Answer, tuple[Candidate, ...]]]:
    """Weeks with every feature in which somebody is short, with some of their candidates."""
    found = []
    for seed in range(first, first + 400):
        rng = random.Random(seed)
        week = featured_week(rng, pins=False)
        candidates = find_candidates(week)
        if not candidates:
            continue
        base = solved(week)
        assert base is not None
        if any(base.value):
            chosen = tuple(rng.sample(candidates, min(most, len(candidates))))
            found.append((week, base, chosen))
        if len(found) == count:
            break
    return found


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 1000])
def test_limits_hold_for_each_change_and_are_met_by_the_best(first: int) -> None:
    """A linear program's limit of "any one of these" is below each; a search's answer is the best of them."""
    gaining = 0
    for week, base, candidates in short_weeks(first, 9, 14):
        each = [solved(changed(week, [one])) for one in candidates]
        best = min(one.value for one in each if one is not None)
        solving = Solving(week, leading(PROFILE), candidates, base, threading.Event())
        everything = range(len(candidates))
        assert solving.outlook(everything, 1, 20).bound <= best
        answer = solving.solve(everything, 1, 20, (0, 0))
        assert answer is not None
        assert answer.bound <= best
        if len(answer.needs) <= 1:
            assert answer.value == best
        gaining += best < base.value
    assert gaining >= 2


def test_what_a_timetable_needs_is_enough_for_it() -> None:
    needed = 0
    for week, base, candidates in short_weeks(2000, 14, 25):
        solving = Solving(week, leading(PROFILE), candidates, base, threading.Event())
        everything = range(len(candidates))
        answer = solving.solve(everything, len(candidates), 20, (0, 0))
        assert answer is not None
        smaller = changed(week, [candidates[index] for index in answer.needs])
        assert not verify(smaller, answer.timetable).broken
        needed += bool(answer.needs)
    assert needed >= 3


@pytest.mark.slow
def test_the_ranked_list_is_that_of_solving_each_by_itself() -> None:
    for week, base, _ in short_weeks(3000, 3, 1):
        advice = advise(week, PROFILE, Asked(top=ALL, seconds=60))
        if advice.served:
            continue
        listed = gains_of(advice)
        expected = {}
        for one in find_candidates(week, PROFILE.blocks):
            found = solved(changed(week, [one]))
            assert found is not None
            if found.value < base.value:
                hours, plans = (a - b for a, b in zip(base.value, found.value, strict=True))
                expected[one.change.words] = (hours / 60, float(plans))
        assert listed == expected
        order = [tuple(gain.at_most for gain in one.gains) for one in advice.singles]
        assert order == sorted(order, reverse=True)


@pytest.mark.slow
def test_fewer_listed_are_the_best_of_all() -> None:
    for week, _, _ in short_weeks(3000, 3, 1):
        longer, shorter = (advise(week, PROFILE, Asked(top=top, seconds=60)) for top in (ALL, 2))
        gains = [tuple(gain.at_most for gain in one.gains) for one in longer.singles]
        assert [tuple(gain.at_most for gain in one.gains) for one in shorter.singles] == gains[:2]
        assert shorter.tried.complete
        if len(gains) > 2:
            assert shorter.tried.rest_at_most >= gains[2]


def test_what_is_ruled_out_gains_nothing() -> None:
    rng = random.Random(7)
    for week, base, _ in short_weeks(5000, 8, 1):
        kept = find_candidates(week, PROFILE.blocks)
        others = [one for kind in KINDS for one in kind(week, PROFILE.blocks) if one not in kept]
        for one in rng.sample(others, min(len(others), 8)):
            found = solved(changed(week, [one]))
            assert found is not None
            assert found.value == base.value, one.change.words


# ---- single changes, spelled out -------------------------------------------------------------------------------------


def best_of(week: Week) -> dict[str, tuple[float, ...]]:
    return gains_of(advise(week, PROFILE, Asked(top=ALL, seconds=30)))


def test_one_more_seat() -> None:
    found = best_of(tiny(groups=(group(max_size=1),)))
    assert found["G takes one patient more a session"] == (9.0, 0.0)  # three hours, priority 3


ON_MONDAY = (patient("P1", free=times(("Mon", 9, 12))), patient("P2", free=times(("Mon", 9, 12))))


def test_one_more_seat_in_a_room() -> None:
    advice = advise(tiny(patients=ON_MONDAY, rooms=(room("R", 1),)), PROFILE, Asked(top=ALL, seconds=30))
    first = advice.singles[0]
    assert first.changes[0].words == "R seats one patient more"
    assert first.changes[0].facts == (FactRef(sheet="Rooms", row="R", column="Capacity"),)
    assert first.changes[0].edit == "1 -> 2"
    assert (first.hours, [one.hours for one in first.helped], first.cost) == (3.0, [3.0], Cost.SEATS)


def test_a_smaller_minimum_a_window_and_a_qualified_therapist() -> None:
    evening = times(("Mon", 18, 21))
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Mon", 18, 21)),
        patients=(patient("P1"), patient("P2", free=evening)),
        groups=(group(min_size=2), group("H", min_size=2)),
        therapists=(therapist("T1", "G", free=times(("Mon", 8, 12)), max_blocks=2),),
    )
    found = best_of(week)
    assert found["P2 can come Mon 09:00-12:00"] == (18.0, 0.0)
    assert found["T1 can lead Mon 18:00-21:00"] == (18.0, 0.0)
    assert found["G runs with one patient fewer"] == (9.0, 0.0)
    assert "T1 is qualified for H" not in found


def test_a_required_group_and_its_therapist() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        patients=(patient("P1", required=(RequiredGroup(group="H"),)),),
        groups=(group(), group("H")),
    )
    found = best_of(week)
    assert found["T1 is qualified for H"] == (0.0, 3.0)


def test_one_more_session_for_a_therapist_and_for_a_group() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        patients=(patient("P1", min_blocks=2, min_minutes=360),),
        therapists=(therapist("T1", max_blocks=1),),
    )
    assert best_of(week)["T1 leads one session more a week"] == (9.0, 0.0)
    week = tiny(blocks=week.blocks, patients=week.patients, groups=(group(max_sessions=1),))
    assert best_of(week)["G runs once more a week"] == (9.0, 0.0)


def test_a_block_that_the_week_lacks() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 18, 21)),
        patients=(patient("P1", free=times(("Mon", 8, 12), ("Sat", 8, 13)), min_blocks=2, min_minutes=360),),
    )
    advice = advise(week, PROFILE, Asked(top=ALL, seconds=30))
    opened = {one.changes[0].edit: one.hours for one in advice.singles if one.changes[0].kind == "new-block"}
    assert opened == {"new row: Sat-09:00-12:00, Sat, 09:00, 12:00": 3.0}


def test_a_cap_of_the_licence_is_the_dearest() -> None:
    base = tiny(groups=(group(max_size=None),), rooms=(room("R", 10),))
    week = base.model_copy(update={"program": base.program.model_copy(update={"group_caps": {"therapy": 1}})})
    advice = advise(week, PROFILE, Asked(top=ALL, seconds=30))
    cap = next(one for one in advice.singles if one.changes[0].kind == "kind-cap")
    assert cap.cost is Cost.LICENCE
    assert cap.gains[0].at_least == 9.0
    assert [one.cost.rank for one in advice.singles] == sorted(one.cost.rank for one in advice.singles)


def test_two_changes_where_one_gains_nothing() -> None:
    week = tiny(patients=ON_MONDAY, groups=(group(max_size=1),), rooms=(room("R", 1),))
    advice = advise(week, PROFILE, Asked(top=ALL, seconds=30))
    assert advice.singles == ()
    pair = next(one for one in advice.pairs if {c.kind for c in one.changes} == {"group-size", "room-capacity"})
    assert tuple(gain.at_most for gain in pair.gains) == (9.0, 0.0)
    assert pair.proven
    assert pair.cost is Cost.SEATS
    assert advice.pairs_tried is not None
    assert advice.pairs_tried.complete


def test_every_pair_that_gains_is_found() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        patients=(patient("P1", max_blocks=1, min_blocks=2, min_minutes=360),),
        therapists=(therapist("T1", max_blocks=1),),
    )
    advice = advise(week, PROFILE, Asked(top=ALL, seconds=30))
    candidates = find_candidates(week, PROFILE.blocks, beside=True)
    base = solved(week)
    assert base is not None
    true = {
        frozenset((one.change.words, two.change.words))
        for one, two in combinations(candidates, 2)
        if (found := solved(changed(week, [one, two]))) is not None and found.value < base.value
    }
    assert true
    assert {frozenset(change.words for change in one.changes) for one in advice.pairs} == true


def test_nothing_helps_where_nothing_can() -> None:
    week = tiny(patients=(patient("P1", min_blocks=3, min_minutes=540, modality="telehealth"),))
    advice = advise(week, PROFILE, Asked(top=ALL, seconds=30))
    assert advice.nothing_helps
    assert not advice.singles
    assert not advice.pairs


# ---- the ends --------------------------------------------------------------------------------------------------------


def test_nothing_is_looked_for_where_everybody_is_served() -> None:
    advice = advise(tiny(), PROFILE, Asked())
    assert advice.served
    assert advice.tried.candidates == 0


def test_an_impossible_week_says_why() -> None:
    advice = advise(tiny(pins=(Pin(patient="P1", row=2),), therapists=()), PROFILE, Asked(seconds=10))
    assert advice.figures is None
    assert advice.status is Status.IMPOSSIBLE
    assert advice.findings


def test_an_interrupted_search_gives_what_it_has() -> None:
    stop = threading.Event()

    def end(_: str) -> None:
        stop.set()

    week = tiny(groups=(group(max_size=1),))
    advice = advise(week, PROFILE, Asked(top=1, seconds=30, told=end, stop=stop))
    assert advice.interrupted
    assert advice.figures is not None
    assert advice.tried.candidates == advice.tried.alone + advice.tried.together + advice.tried.open


def test_a_timetable_at_hand_is_taken_for_a_start() -> None:
    week = tiny(groups=(group(max_size=1),))
    start = solve(week, leading(PROFILE)).timetable
    advice = advise(week, PROFILE, Asked(top=ALL, seconds=30, start=start))
    assert gains_of(advice) == best_of(week)


def test_only_hours_and_plans_are_solved_for_as_the_profile_orders_them() -> None:
    merged = quick([["continuity", "treatment-plan"], ["weekly-minimum", "operations"]])
    assert leading(merged).goals.tiers == (("treatment-plan",), ("weekly-minimum",))
    together = quick([["weekly-minimum", "treatment-plan"]])
    advice = advise(tiny(groups=(group(max_size=1),)), together, Asked(top=ALL, seconds=30))
    assert [len(one.gains) for one in advice.singles] == [1] * len(advice.singles)
    assert advice.singles
    assert leading(quick([["operations"]])).goals.tiers == (("weekly-minimum",), ("treatment-plan",))


def test_an_unknown_row_is_no_candidate() -> None:
    week = tiny(groups=(group(max_size=1),))
    strange = find_candidates(week)[0].model_copy(update={"row": "NOBODY", "table": "patients", "field": "max_blocks"})
    with pytest.raises(ValueError, match="NOBODY"):
        changed(week, [strange])


def test_a_timetable_of_the_week_needs_no_change() -> None:
    for week, base, candidates in short_weeks(4000, 5, 30):
        assert used(week, Board(changed(week, candidates), base.timetable), candidates) == ()


def test_a_node_counts_its_choices() -> None:
    assert Node(((1, 2, 3),), (0,)).choices == 3
    assert Node(((1, 2, 3), (1, 2, 3)), (0,)).choices == 3
    assert Node(((1, 2), (3, 4, 5)), (0,)).choices == 6
    assert Node(((1,), (1,)), (0,)).choices == 0
    assert Node(((2,), (1,)), (0,)).pick == (1, 2)
