"""Two timetables side by side, and what a change does: held against counting by hand and against every timetable."""

import io
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from builders import block, crowded_week, featured_week, group, patient, quick, random_timetable, room, table, therapist
from builders import tiny as tiny_week
from rich.console import Console

from scheduler.advice import what_if as trial
from scheduler.advice.comparison import compare_timetables
from scheduler.advice.moves import PeopleMoved, moved, places_of
from scheduler.advice.what_if import claims, fitting, what_if
from scheduler.domain.comparison import Comparison, Proof, Reason, SessionKind, Side
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Apart, Pin, RequiredGroup, Together, Week
from scheduler.engine import search
from scheduler.engine.search import Solution
from scheduler.engine.tiers import tiers_of
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.reports.comparison import (
    claim_words,
    comparison_document,
    conclusion_words,
    print_comparison,
    verdict_words,
    write_comparison,
)
from scheduler.verify import verify

BLOCKS = (block("Mon", 9, 12), block("Tue", 9, 12))
MERGED = GoalSettings(tiers=(("weekly-minimum",), ("preferences", "operations")), weights={"preferences": 3})
PROFILES = (GoalSettings(), MERGED)


def tiny(**fields: Any) -> Week:
    return tiny_week(**{"blocks": BLOCKS, "therapists": (therapist("T1"), therapist("T2")), **fields})


def side_by_side(week: Week, old: Timetable, new: Timetable, goals: GoalSettings | None = None) -> Comparison:
    return compare_timetables(week, old, week, new, goals or GoalSettings())


def other(side: Side) -> Side:
    return {Side.BEFORE: Side.AFTER, Side.AFTER: Side.BEFORE, Side.NEITHER: Side.NEITHER}[side]


def printed(found: Comparison, names: tuple[str, str] = ("A", "B")) -> str:
    out = Console(file=io.StringIO(), width=200, highlight=False, markup=False)
    print_comparison(out, found, names)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


# ---- against counting by hand, on any two timetables of any week ----


def pairs_of_timetables() -> Iterator[tuple[Week, Timetable, Timetable]]:
    for seed in range(60):
        rng = random.Random(seed)
        week = featured_week(rng) if seed % 2 else crowded_week(rng)
        old = random_timetable(week, rng)
        yield week, old, old if seed % 7 == 0 else random_timetable(week, rng)


def test_every_number_is_that_of_the_verifier() -> None:
    for week, old, new in pairs_of_timetables():
        for goals in PROFILES:
            found = side_by_side(week, old, new, goals)
            a, b = verify(week, old, goals), verify(week, new, goals)
            assert (found.figures_before, found.figures_after) == (a.figures, b.figures)
            assert [(one.before, one.after) for one in found.rules] == [
                (len(x.violations), len(y.violations)) for x, y in zip(a.rules, b.rules, strict=True)
            ]
            for goal in found.goals:
                x, y = a.measure_of(goal.goal), b.measure_of(goal.goal)
                assert (goal.before, goal.after) == (x.value, y.value)
                assert {p.part: (p.before, p.after) for p in goal.parts} == {
                    p: (x.parts[p], y.parts[p]) for p in x.parts
                }
            units = [tuple(tier.measured_units(one) for tier in tiers_of(goals)) for one in (a, b)]
            better = Side.NEITHER if units[0] == units[1] else Side.BEFORE if units[0] < units[1] else Side.AFTER
            assert found.verdict.by_goals is better
            if (a.broken == 0) == (b.broken == 0):
                assert found.verdict.better is better
            else:
                assert found.verdict.better is (Side.BEFORE if a.broken == 0 else Side.AFTER)


def test_the_other_way_round_everything_is_mirrored() -> None:
    for week, old, new in pairs_of_timetables():
        found, back = side_by_side(week, old, new), side_by_side(week, new, old)
        assert back.verdict.better is other(found.verdict.better)
        assert [one.better for one in back.goals] == [other(one.better) for one in found.goals]
        assert {one.patient: other(one.better) for one in back.patients} == {
            one.patient: one.better for one in found.patients
        }
        assert [one.patient for one in back.moves] == [one.patient for one in found.moves]
        for rule, mirrored in zip(found.rules, back.rules, strict=True):
            assert Counter(rule.only_before) == Counter(mirrored.only_after)


def test_moves_and_sessions_turn_the_first_timetable_into_the_second() -> None:
    for week, old, new in pairs_of_timetables():
        found = side_by_side(week, old, new)
        a, b = Board(week, old), Board(week, new)
        for one in week.patients:
            before = Counter((s.block, s.group, frozenset(s.therapists)) for s in a.of_patient(one.id))
            after = Counter((s.block, s.group, frozenset(s.therapists)) for s in b.of_patient(one.id))
            mine = [move for line in found.moves if line.patient == one.id for move in line.moves]
            left = Counter((m.before.block, m.before.group, frozenset(m.before.therapists)) for m in mine if m.before)
            came = Counter((m.after.block, m.after.group, frozenset(m.after.therapists)) for m in mine if m.after)
            assert (left, came) == (before - after, after - before)
        assert {one.patient for one in found.moves if one.had_seats} >= set(moved(places_of(old), new)) - {
            one.patient for one in found.moves if not one.had_seats
        }
        kinds = Counter(kind for line in found.sessions for kind in line.kinds)
        assert kinds[SessionKind.OPENED] - kinds[SessionKind.CLOSED] == len(new.sessions) - len(old.sessions)
        for line in found.sessions:
            if line.before and line.after:
                there = (set(a.roster[line.before.session]) | set(line.joined)) - set(line.left)
                assert there == set(b.roster[line.after.session])
        untouched = {s.id for s in old.sessions} - {one.before.session for one in found.sessions if one.before}
        rosters = Counter(_whole(b, s.id) for s in new.sessions)
        assert not Counter(_whole(a, one) for one in untouched) - rosters
        assert found.verdict.identical == (Counter(_whole(a, s.id) for s in old.sessions) == rosters)


def _whole(board: Board, one: str) -> tuple[Any, ...]:
    session = board.session_of[one]
    return session.block, session.group, frozenset(session.therapists), session.room, frozenset(board.roster[one])


def test_who_gains_and_loses_is_decided_by_the_first_tier_that_differs() -> None:
    for week, old, new in pairs_of_timetables():
        found = {one.patient: one for one in side_by_side(week, old, new).patients}
        a, b = Board(week, old), Board(week, new)
        for one in week.patients:
            short = minutes_short(a, one) / 60, minutes_short(b, one) / 60
            line = found.get(one.id)
            if line is None:
                assert short[0] == short[1]
                continue
            assert (line.hours_short_before, line.hours_short_after) == short
            if short[0] != short[1]:
                assert line.better is (Side.BEFORE if short[0] < short[1] else Side.AFTER)


# ---- one case each ----


def test_identical_whatever_the_sessions_are_called() -> None:
    old = table("Mon9 G T1 R P1", "Tue9 G T1 R P2")
    new = table("Tue9 G T1 R P2", "Mon9 G T1 R P1")
    found = side_by_side(tiny(), old, new)
    assert found.verdict.identical
    assert (found.patients, found.moves, found.sessions) == ((), (), ())
    assert verdict_words(found) == "A and B are identical: the same sessions, rooms and seats."


def test_another_room_moves_nobody_and_is_equal_not_identical() -> None:
    week = tiny(rooms=(room("R"), room("R2")))
    found = side_by_side(week, table("Mon9 G T1 R P1,P2"), table("Mon9 G T1 R2 P1,P2"))
    assert (found.verdict.identical, found.moves, found.verdict.better) == (False, (), Side.NEITHER)
    assert [line.kinds for line in found.sessions] == [(SessionKind.ROOM,)]
    assert verdict_words(found) == "A and B are equal in every goal. Only sessions and rooms differ."


def test_other_seats_of_the_same_worth_are_equal() -> None:
    found = side_by_side(tiny(), table("Mon9 G T1 R P1,P2"), table("Tue9 G T1 R P1,P2"))
    assert verdict_words(found) == "A and B are equal in every goal. Still, 2 patients sit elsewhere."
    assert "P1: Mon 09:00-12:00 G (T1) -> Tue 09:00-12:00 G (T1)" in printed(found)


def test_what_keeps_the_rules_beats_what_serves_more_by_breaking_them() -> None:
    week = tiny(apart=(Apart(patient="P1", other_patient="P2", row=2),))
    found = side_by_side(week, table("Mon9 G T1 R P1"), table("Mon9 G T1 R P1,P2"))
    assert (found.verdict.better, found.verdict.reason, found.verdict.by_goals) == (
        Side.BEFORE,
        Reason.RULES,
        Side.AFTER,
    )
    assert verdict_words(found).startswith(
        "A is better: it keeps every rule, and B breaks rules once. By the goals B would"
    )
    assert "B only: " in printed(found)
    assert "[apart]" in printed(found)


def test_where_both_break_rules_the_goals_decide_and_it_is_said() -> None:
    week = tiny(apart=(Apart(patient="P1", other_patient="P2", row=2),), rooms=(room("R"), room("R2", 1)))
    found = side_by_side(week, table("Mon9 G T1 R P1,P2"), table("Mon9 G T1 R2 P1,P2"))
    assert (found.verdict.broken_before, found.verdict.broken_after) == (1, 2)
    assert "Neither keeps every rule: A breaks them once, B 2 times." in verdict_words(found)
    shared = [(len(one.in_both), len(one.only_before), len(one.only_after)) for one in found.rules if one.after]
    assert sorted(shared) == [(0, 0, 1), (1, 0, 0)]


def test_the_tier_that_comes_first_decides() -> None:
    week = tiny(patients=(patient("P1", preferred_times=BLOCKS_FREE[1]), patient("P2")))
    old, new = table("Mon9 G T1 R P1,P2"), table("Tue9 G T1 R P1", "Mon9 G T1 R P2")
    by_wishes = side_by_side(week, old, new, GoalSettings(tiers=(("preferences",), ("operations",))))
    by_work = side_by_side(week, old, new, GoalSettings(tiers=(("operations",), ("preferences",))))
    assert (by_wishes.verdict.better, by_work.verdict.better) == (Side.AFTER, Side.BEFORE)
    assert verdict_words(by_wishes).startswith("B is better, first by preferences (tier 1): 0 against 1 wish points.")
    unranked = [one.goal for one in by_wishes.goals if one.tier is None]
    assert unranked == ["weekly-minimum", "treatment-plan", "continuity"]
    assert [one.patient for one in by_wishes.gaining] == ["P1"]


BLOCKS_FREE = tuple(tiny_week().therapists[0].free.of([(one.start, one.end)]) for one in BLOCKS)


def test_missed_groups_and_pairs_are_told_by_patient() -> None:
    people = (patient("P1", required=(RequiredGroup(group="G", times=2),)), patient("P2"))
    week = tiny(patients=people, together=(Together(patient="P1", other="P2", row=2),))
    found = side_by_side(week, table("Mon9 G T1 R P1,P2", "Tue9 G T1 R P1"), table("Mon9 G T1 R P1", "Tue9 G T1 R P2"))
    lines = {one.patient: one for one in found.patients}
    assert [need.times for need in lines["P1"].missed_after] == [1]
    assert lines["P1"].missed_before == ()
    assert [one.part for one in lines["P2"].changes] == ["together"]
    assert {one.patient for one in found.losing} == {"P1", "P2"}
    assert "P1 loses: " in printed(found)


def test_parallel_sessions_are_matched_by_who_leads_them_not_by_their_ids() -> None:
    week = tiny(rooms=(room("R"), room("R2")))
    old = table("Mon9 G T1 R P1", "Mon9 G T2 R2 P2")
    new = table("Mon9 G T2 R2 P2", "Mon9 G T1 R P1")
    assert side_by_side(week, old, new).sessions == ()
    swapped = table("Mon9 G T1 R P2", "Mon9 G T2 R2 P1")
    kinds = [line.kinds for line in side_by_side(week, old, swapped).sessions]
    assert kinds == [(SessionKind.PEOPLE,), (SessionKind.PEOPLE,)]


def test_a_session_moved_by_hand_keeps_its_id() -> None:
    found = side_by_side(tiny(), table("Mon9 G T1 R P1"), table("Tue9 G T2 R P1,P2"))
    assert [line.kinds for line in found.sessions] == [(SessionKind.TIME, SessionKind.FACILITATOR, SessionKind.SIZE)]
    assert found.sessions[0].joined == ("P2",)
    assert "Mon 09:00-12:00 -> Tue 09:00-12:00; T1 -> T2; 1 -> 2 patients" in printed(found)


def test_two_weeks_one_comes_one_goes() -> None:
    before, after = tiny(), tiny(patients=(patient("P2"), patient("P3")))
    found = compare_timetables(before, table("Mon9 G T1 R P1,P2"), after, table("Mon9 G T1 R P2"), GoalSettings())
    assert ([one.patient for one in found.leaving], [one.patient for one in found.arriving]) == (["P1"], ["P3"])
    assert found.arriving[0].hours_short_after == 3
    assert not found.same_week
    assert [(one.patient, one.moves[0].after) for one in found.moves] == [("P1", None)]
    assert "P3 is in B only: hours short 0 -> 3" in printed(found)


def test_a_block_at_another_time_is_another_seat() -> None:
    later = tiny(blocks=(block("Mon", 13, 16, id="Mon9"), BLOCKS[1]))
    same = table("Mon9 G T1 R P1")
    found = compare_timetables(tiny(), same, later, same, GoalSettings())
    assert not found.verdict.identical
    assert found.sessions[0].kinds == (SessionKind.TIME,)
    assert [one.patient for one in found.moves] == ["P1"]


def test_strangers_are_refused() -> None:
    with pytest.raises(ValueError, match="do not exist"):
        side_by_side(tiny(), table("Mon9 G T1 R P1"), table("Mon9 G T1 R P9"))


def test_long_lists_are_shortened_on_the_screen_and_whole_elsewhere(tmp_path: Path) -> None:
    people = tuple(patient(f"P{n:02d}") for n in range(20))
    week = tiny(patients=people, groups=(group(max_size=30),), rooms=(room(capacity=30),))
    everybody = ",".join(one.id for one in people)
    found = side_by_side(week, table(f"Mon9 G T1 R {everybody}"), table(f"Tue9 G T1 R {everybody}"))
    assert "... and 8 more: --json and the workbook (-o) have all" in printed(found)
    document = comparison_document(found)
    assert len(document["moves"]) == len(document["moved"]) == 20
    assert document["sentence"] == verdict_words(found)
    write_comparison(tmp_path / "a.xlsx", found)
    write_comparison(tmp_path / "b.xlsx", found)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Comparison", "Breaches", "Gains and losses", "Moves", "Changed sessions"]
    assert len(list(book["Moves"].iter_rows(min_row=2, values_only=True))) == 20
    assert book["Comparison"]["A2"].value == verdict_words(found)
    assert book["Breaches"]["A2"].value == "No rule is broken."


def test_any_two_timetables_can_be_printed_and_written(tmp_path: Path) -> None:
    for place, (week, old, new) in enumerate(pairs_of_timetables()):
        if place % 6 == 0:
            found = side_by_side(week, old, new, MERGED)
            assert printed(found)
            write_comparison(tmp_path / f"{place}.xlsx", found, ("old", "new"))


# ---- what a change does ----


def timetables_of(week: Week) -> Iterator[Timetable]:
    """Every timetable of a week with one group and one room: whoever leads, whoever sits."""
    leaders = ("", *(one.id for one in week.therapists))
    for chosen in product(leaders, repeat=len(week.blocks)):
        running = [(slot.id, leader) for slot, leader in zip(week.blocks, chosen, strict=True) if leader]
        for seats in product(product((0, 1), repeat=len(running)), repeat=len(week.patients)):
            lines = []
            for place, (slot, leader) in enumerate(running):
                people = [one.id for one, mine in zip(week.patients, seats, strict=True) if mine[place]]
                lines.append(f"{slot} G {leader} R {','.join(people) or '-'}")
            yield table(*lines)


def all_values(week: Week, goals: GoalSettings) -> list[tuple[tuple[int, ...], Timetable]]:
    found = []
    for one in timetables_of(week):
        result = verify(week, one, goals)
        if not result.broken:
            found.append((tuple(tier.measured_units(result) for tier in tiers_of(goals)), one))
    return found


def trial_weeks() -> Iterator[tuple[Week, Week]]:
    """A week, and the same with one thing changed."""
    for seed in range(6):
        rng = random.Random(seed)
        people = tuple(
            patient(
                f"P{n}",
                free=rng.choice((tiny_week().therapists[0].free, *BLOCKS_FREE)),
                min_minutes=rng.choice((180, 360)),
                preferred_times=rng.choice((None, *BLOCKS_FREE)),
                primary_therapist=rng.choice((None, "T1", "T2")),
                priority=rng.randint(1, 5),
            )
            for n in range(3)
        )
        before = tiny(patients=people, groups=(group(max_size=rng.choice((2, 3)), min_size=rng.choice((1, 2))),))
        changes: tuple[dict[str, Any], ...] = (
            {"therapists": (therapist("T1"),), "patients": tuple(_without_primary(one) for one in people)},
            {"patients": people[:2]},
            {"groups": (group(max_size=3),)},
            {"rooms": (room(capacity=1),)},
            {"apart": (Apart(patient="P0", other_patient="P1", row=2),)},
            {"patients": (people[0].model_copy(update={"free": BLOCKS_FREE[seed % 2]}), *people[1:])},
        )
        yield before, before.model_copy(update=changes[seed])


def _without_primary(one: Any) -> Any:
    return one.model_copy(update={"primary_therapist": None})


def test_what_is_claimed_of_a_change_is_true_of_every_timetable_there_is() -> None:
    profile = quick()
    for before, after in trial_weeks():
        found = what_if(before, after, profile)
        assert found.comparison is not None
        old, new = all_values(before, profile.goals), all_values(after, profile.goals)
        best = min(value for value, _ in old), min(value for value, _ in new)
        scales = [tier.scale for tier in tiers_of(profile.goals)]
        for claim, a, b, scale in zip(found.conclusions.claims, *best, scales, strict=True):
            assert claim.proof is Proof.EXACT
            assert (claim.before, claim.after, claim.least) == (a / scale, b / scale, abs(a - b) / scale)
        assert found.status is Status.OPTIMAL
        assert found.conclusions.moves_proven
        assert found.before is not None
        assert found.before.timetable is not None
        places = places_of(found.before.timetable)
        here = {one.id for one in after.patients}
        fewest = min(len(set(moved(places, one)) & here) for value, one in new if value == best[1])
        assert sum(one.had_seats and one.patient in here for one in found.comparison.moves) == fewest


def test_a_change_that_says_nothing_moves_nobody() -> None:
    week = tiny(patients=tuple(patient(f"P{n}") for n in range(4)))
    renamed = week.model_copy(update={"rooms": (room(name="Front"),)})
    found = what_if(week, renamed, quick())
    assert found.comparison is not None
    assert found.comparison.verdict.identical
    assert found.conclusions.needless
    assert found.after.timetable is not None


def test_a_given_timetable_stands_for_the_unchanged_week() -> None:
    week = tiny()
    given = table("Mon9 G T1 R P1")
    found = what_if(week, week, quick(), given=given)
    assert found.before is None
    assert found.comparison is not None
    assert found.comparison.verdict.better is Side.AFTER
    first = found.conclusions.claims[0]
    assert (first.proof, first.before_bound) == (Proof.OPEN, 0), "it was never said that the given one is the best"
    words = conclusion_words(found.comparison, found.conclusions, ("the unchanged week", "the changed week"))
    assert any("nothing in it needs the change" in one for one in words)


def test_luck_of_the_second_search_is_not_taken_for_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first search stops early; what the second finds is possible without the change, and so stands for both."""
    week, unlucky = tiny(), table("Mon9 G T1 R P1")
    real = search.solve

    def solve(here: Week, *words: Any, **options: Any) -> Solution:
        found = real(here, *words, **options)
        if "start" in options:
            return found
        tiers = tuple(outcome(n, 9, 0) for n in range(1, 6))
        return replace(found, timetable=unlucky, verification=verify(week, unlucky), tiers=tiers)

    monkeypatch.setattr(trial, "solve", solve)
    found = what_if(week, week.model_copy(update={"rooms": (room(capacity=12),)}), quick())
    assert found.conclusions.adopted
    assert found.comparison is not None
    assert found.comparison.verdict.identical
    assert found.conclusions.claims[0].proof is Proof.EXACT, "a value of 0 needs no search"
    words = conclusion_words(found.comparison, found.conclusions, ("the first", "the second"))
    assert any(one.endswith("It stands for both.") for one in words)


def test_a_week_without_a_timetable_has_nothing_to_compare() -> None:
    impossible = {"pins": (Pin(patient="P1", row=2), Pin(patient="P2", row=3))}
    apart = tiny(
        blocks=BLOCKS[:1], apart=(Apart(patient="P1", other_patient="P2", row=2),), therapists=(therapist("T1"),)
    )
    bad = apart.model_copy(update=impossible)
    found = what_if(bad, apart, quick())
    assert found.comparison is None
    assert found.verification is not None
    assert found.before is not None
    assert found.before.status is Status.IMPOSSIBLE
    turned = what_if(apart, bad, quick())
    assert (turned.verification, turned.comparison, turned.status) == (None, None, Status.IMPOSSIBLE)


def test_what_a_changed_week_does_not_know_falls_out_of_the_start() -> None:
    week = tiny(therapists=(therapist("T2"),), patients=(patient("P2"),), blocks=BLOCKS[:1])
    left = fitting(table("Mon9 G T1,T2 R P1,P2", "Tue9 G T1 R P2"), week)
    assert left == table("Mon9 G T2 R P2")


def test_everything_that_a_timetable_names_may_be_gone() -> None:
    groups = (group(), group("H"))
    people = (patient("P1"), patient("P2", required=(RequiredGroup(group="H"),)))
    staff = (therapist("T1", "G", "H"), therapist("T2", "G", "H"))
    week = tiny(groups=groups, patients=people, therapists=staff, rooms=(room("R"), room("R2")))
    changes: tuple[dict[str, Any], ...] = (
        {
            "groups": groups[:1],
            "patients": (people[0], patient("P2")),
            "therapists": (therapist("T1"), therapist("T2")),
        },
        {"therapists": staff[1:]},
        {"blocks": BLOCKS[1:]},
        {"rooms": (room("R2"),)},
        {"patients": people[1:]},
    )
    for change in changes:
        found = what_if(week, week.model_copy(update=change), quick())
        assert found.status is Status.OPTIMAL
        assert found.conclusions.moves_proven


def outcome(tier: int, value: float, bound: float) -> TierOutcome:
    gap = 0.0 if value == 0 else (value - bound) / value
    return TierOutcome(tier=tier, goals={}, value=value, bound=bound, gap=gap, proven=value == bound)


def test_no_claim_says_more_than_the_bounds_do() -> None:
    """Any values and bounds that two searches may end with, held against the best that they could have found."""
    week, goals = tiny(), GoalSettings()
    blank = side_by_side(week, Timetable(), Timetable())
    rng = random.Random(5)
    seen = set()
    for _ in range(500):
        sides = [_searched(rng, len(goals.tiers)) for _ in range(2)]
        lines = tuple(
            line.model_copy(update={"before": a.value, "after": b.value})
            for line, a, b in zip(blank.tiers, sides[0][1], sides[1][1], strict=True)
        )
        found = claims(blank.model_copy(update={"tiers": lines}), sides[0][1], sides[1][1])
        for claim, best_a, best_b in zip(found, sides[0][0], sides[1][0], strict=True):
            seen.add(claim.proof)
            gap = abs(best_a - best_b)
            if claim.proof is Proof.EXACT:
                assert claim.least == gap
                assert (claim.before, claim.after) == (best_a, best_b)
            elif claim.proof is Proof.AT_LEAST:
                assert 0 < claim.least <= gap
                assert (claim.before > claim.after) == (best_a > best_b)
            else:
                assert claim.least == 0
        for claim in found:
            assert claim_words(claim, ("x", "y"))
    assert seen == set(Proof)


def _searched(rng: random.Random, tiers: int) -> tuple[list[int], list[TierOutcome]]:
    """The true optimum tier by tier, and what a search might say of it: exact up to a tier, anything from there on."""
    best = [rng.randint(0, 9) for _ in range(tiers)]
    known = rng.randint(0, tiers)
    outcomes = []
    for place, value in enumerate(best):
        if place < known:
            outcomes.append(outcome(place + 1, value, value))
        elif place == known:
            outcomes.append(outcome(place + 1, value + rng.randint(1, 3), max(0, value - rng.randint(0, 3))))
        else:
            held = rng.randint(0, 9)
            outcomes.append(outcome(place + 1, held, rng.randint(0, held)))
    return best, outcomes


def test_people_moved_is_the_same_count_as_the_goal_of_the_search() -> None:
    for week, old, new in pairs_of_timetables():
        counted = PeopleMoved(places_of(old)).measure(Board(week, new), {"people": 1}).units
        lines = [one for one in side_by_side(week, old, new).moves if one.patient in places_of(old)]
        assert counted <= len(lines)
