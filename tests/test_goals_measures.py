"""Every goal and part, computed by hand: what is measured on a timetable, and what the model counts for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from builders import block, group, patient, program, quick, room, table, therapist, times, tiny

from scheduler.domain.clock import Day
from scheduler.domain.findings import Measure
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import PreviousSeat, RequiredGroup, Together, Week
from scheduler.engine.build import build_plan
from scheduler.engine.runner import Runner
from scheduler.engine.search import evaluate
from scheduler.engine.tiers import tiers_of
from scheduler.goals.convex import triangular
from scheduler.goals.operations import gaps_and_runs, middle
from scheduler.goals.registry import GOALS, goal_of
from scheduler.rules.registry import RULES
from scheduler.verify import verify

DAILY = tuple(block(day, 9, 12) for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
MON, TUE, WED, THU, FRI, SAT, SUN = DAILY
MON13, MON18 = block("Mon", 13, 16), block("Mon", 18, 21)
TWO_A_DAY = program(max_blocks_per_day=2)
GH = (group("G"), group("H"))
BOTH = (therapist("T1", "G", "H"), therapist("T2", "G", "H"))
TWO_ROOMS = (room("R"), room("Q"))


def measured(week: Week, timetable: Timetable, goal: str, profile: Profile | None = None) -> Measure:
    """The goal's measure of a timetable that breaks no rule."""
    found = verify(week, timetable, (profile or quick()).goals)
    assert [r.rule for r in found.rules if r.violations] == []
    return found.measure_of(goal)


def modelled(week: Week, timetable: Timetable, goal: str, profile: Profile | None = None) -> int:
    """What the model counts for the goal on the same timetable, in units."""
    settings = (profile or quick()).goals.model_copy(update={"tiers": ((goal,),), "weights": {}})
    plan = build_plan(week, RULES)
    scores = [tier.score(plan) for tier in tiers_of(settings)]
    return evaluate(plan, scores, timetable, Runner(quick().solver, Event()))[0]


@dataclass(frozen=True)
class Case:
    """``parts`` are the amounts that are not 0; ``value`` is weighted as the goal comes."""

    goal: str
    why: str
    lines: Sequence[str]
    value: float
    parts: dict[str, float]
    week: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.goal}: {self.why}"


def needing(minutes: int = 0, blocks: int = 0, days: int = 0, **fields: Any) -> dict[str, Any]:
    """A week on a daily grid with one patient who needs so much, at priority 2 unless said otherwise."""
    who = {"min_minutes": minutes, "min_blocks": blocks, "min_days": days, "priority": 2, **fields}
    return {"blocks": DAILY, "patients": (patient("P1", **who),)}


def hours(why: str, lines: Sequence[str], short: float, week: dict[str, Any], priority: int = 2) -> Case:
    return Case("weekly-minimum", why, lines, short * priority, {"hours": short} if short else {}, week)


MONDAY = ["Mon9 G T1 R P1"]
LONG, SHORT = block("Tue", 9, 13, "long"), block("Wed", 9, 11.5, "short")

WEEKLY_MINIMUM = [
    hours("hours are the largest shortage", MONDAY, 6, needing(minutes=540)),
    hours("blocks are the largest shortage", MONDAY, 6, needing(minutes=200, blocks=3)),
    hours("days are the largest shortage", MONDAY, 9, needing(minutes=540, blocks=2, days=4)),
    hours("the largest counts, not the sum", MONDAY, 7, needing(minutes=600, blocks=3, days=3)),
    hours("never below nothing", MONDAY, 0, needing(minutes=60)),
    hours("nothing at all is given", [], 9, needing(minutes=540, blocks=3, days=3)),
    hours("nothing is needed", [], 0, needing()),
    hours("an odd minute", MONDAY, 1 / 60, needing(minutes=181)),
    hours("priority weighs", MONDAY, 6, needing(minutes=540, priority=5), priority=5),
    hours(
        "a block in the profile is two hours: blocks and days cost less",
        MONDAY,
        4,
        needing(minutes=180, blocks=3, days=3) | {"program": program(block_hours=2)},
    ),
    hours(
        "a long block gives its own hours, and is still one block",
        ["long G T1 R P1"],
        3,
        needing(minutes=240, blocks=2, days=1) | {"blocks": (MON, LONG)},
    ),
    hours(
        "long blocks do not make up for a day",
        ["Mon9 G T1 R P1", "long G T1 R P1"],
        3,
        needing(minutes=420, blocks=2, days=3) | {"blocks": (MON, LONG)},
    ),
    hours(
        "a short block is a block and its hours, but no day of three hours",
        ["short G T1 R P1"],
        3,
        needing(minutes=150, blocks=1, days=1) | {"blocks": (MON, SHORT)},
    ),
    hours(
        "half an hour is missing",
        ["short G T1 R P1"],
        0.5,
        needing(minutes=180, blocks=1, days=1, min_day_minutes=150) | {"blocks": (MON, SHORT)},
    ),
    hours(
        "two blocks on one day are one day",
        ["Mon9 G T1 R P1", "Mon13 G T1 R P1"],
        3,
        needing(minutes=360, blocks=2, days=2) | {"blocks": (MON, MON13, TUE), "program": TWO_A_DAY},
    ),
    hours(
        "two short blocks make a day together",
        ["a G T1 R P1", "b G T1 R P1"],
        0,
        needing(minutes=180, blocks=2, days=1)
        | {"blocks": (block("Mon", 9, 10.5, "a"), block("Mon", 11, 12.5, "b")), "program": TWO_A_DAY},
    ),
    hours(
        "one of the two alone does not",
        ["a G T1 R P1"],
        3,
        needing(minutes=90, blocks=1, days=1)
        | {"blocks": (block("Mon", 9, 10.5, "a"), block("Mon", 11, 12.5, "b")), "program": TWO_A_DAY},
    ),
    hours(
        "a day of no minimum still needs a session",
        [],
        3,
        needing(days=1, min_day_minutes=0) | {"program": TWO_A_DAY},
    ),
    Case(
        "weekly-minimum",
        "several people add up, each at their priority",
        ["Mon9 G T1 R P1,P2"],
        5 * 1 + 1 * 2,
        {"hours": 3},
        {
            "blocks": DAILY,
            "patients": (
                patient("P1", min_minutes=240, min_blocks=0, min_days=0, priority=5),
                patient("P2", min_minutes=300, min_blocks=0, min_days=0, priority=1),
            ),
        },
    ),
]


def requiring(times_a_week: int, **fields: Any) -> dict[str, Any]:
    who = patient("P1", required=(RequiredGroup(group="G", times=times_a_week),), **fields)
    return {"blocks": DAILY, "patients": (who, patient("P2")), "groups": GH, "therapists": BOTH, "rooms": TWO_ROOMS}


PAIR = {
    "together": (Together(patient="P1", other="P2"),),
    "blocks": DAILY,
    "therapists": BOTH,
    "groups": GH,
    "rooms": TWO_ROOMS,
}

TREATMENT_PLAN = [
    Case("treatment-plan", "given", MONDAY, 0, {}, requiring(1)),
    Case("treatment-plan", "another group", ["Mon9 H T1 R P1"], 5, {"groups": 1}, requiring(1, priority=5)),
    Case("treatment-plan", "once of two times", MONDAY, 4, {"groups": 1}, requiring(2, priority=4)),
    Case("treatment-plan", "never of two times", [], 6, {"groups": 2}, requiring(2)),
    Case("treatment-plan", "more than asked", [*MONDAY, "Tue9 G T1 R P1"], 0, {}, requiring(1)),
    Case(
        "treatment-plan",
        "somebody else's session does not count",
        ["Mon9 G T1 R P2"],
        1,
        {"groups": 1},
        requiring(1, priority=1),
    ),
    Case(
        "treatment-plan",
        "sessions missed, whatever the priority",
        MONDAY,
        2,
        {"sessions": 2},
        {"groups": (group(min_sessions=3),), "patients": (patient("P1", priority=5),)},
    ),
    Case(
        "treatment-plan",
        "side by side are two sessions",
        ["Mon9 G T1 R P1", "Mon9 G T2 Q P2"],
        0,
        {},
        {
            "groups": (group(min_sessions=2),),
            "therapists": (therapist("T1"), therapist("T2")),
            "rooms": TWO_ROOMS,
        },
    ),
    Case("treatment-plan", "together once", ["Mon9 G T1 R P1,P2", "Tue9 G T1 R P1"], 0, {}, PAIR),
    Case("treatment-plan", "on two days", ["Mon9 G T1 R P1", "Tue9 G T1 R P2"], 1, {"together": 1}, PAIR),
    Case("treatment-plan", "side by side", ["Mon9 G T1 R P1", "Mon9 G T2 Q P2"], 1, {"together": 1}, PAIR),
    Case("treatment-plan", "at one time, two groups", ["Mon9 G T1 R P1", "Mon9 H T2 Q P2"], 1, {"together": 1}, PAIR),
    Case("treatment-plan", "neither comes", [], 1, {"together": 1}, PAIR),
]


def after(**seat: Any) -> dict[str, Any]:
    """A week that follows one in which P1 sat in Mon9 in G with T1, unless said otherwise."""
    last = PreviousSeat(**{"patient": "P1", "block": "Mon9", "group": "G", "therapist": "T1", **seat})
    return {"previous": (last,), "blocks": DAILY, "groups": GH, "therapists": BOTH, "rooms": TWO_ROOMS}


def graded(why: str, lines: Sequence[str], lost: int, week: dict[str, Any] | None = None) -> Case:
    return Case("continuity", why, lines, lost, {"changes": lost} if lost else {}, week or after())


CONTINUITY = [
    graded("the same session", MONDAY, 0),
    graded("block and group", ["Mon9 G T2 R P1"], 1),
    graded("the therapist", ["Tue9 H T1 R P1"], 2),
    graded("the therapist and the block beat the block", ["Mon9 H T1 R P1"], 2),
    graded("the therapist and the group", ["Tue9 G T1 R P1"], 2),
    graded("the block", ["Mon9 H T2 R P1"], 3),
    graded("nothing: the group alone is not graded", ["Tue9 G T2 R P1"], 4),
    graded("nothing at all", [], 4),
    graded("the best of several", ["Mon9 H T2 R P1", "Tue9 G T1 R P1"], 2),
    graded("somebody else keeps it", ["Mon9 G T1 R P2"], 4),
    graded("side by side with the therapist", ["Mon9 G T1 R P2", "Mon9 G T2 Q P1"], 1),
    graded(
        "the second facilitator counts",
        ["Mon9 G T2,T1 R P1"],
        0,
        after() | {"groups": (group("G", facilitators=2), group("H"))},
    ),
    graded("the therapist is gone", MONDAY, 1, after(therapist=None)),
    graded("the block is gone", MONDAY, 2, after(block=None)),
    graded("the group is gone", MONDAY, 2, after(group=None)),
    graded("all is gone", MONDAY, 4, after(block=None, group=None, therapist=None)),
    graded(
        "one new session keeps two old seats of one therapist",
        MONDAY,
        2,
        after() | {"previous": (after()["previous"][0], PreviousSeat(patient="P1", block="Tue9", therapist="T1"))},
    ),
]


def wishing(**fields: Any) -> dict[str, Any]:
    who = patient("P1", **fields)
    kinds = (group("G"), group("H"), group("K"))
    leaders = (therapist("T1", "G", "H", "K"), therapist("T2", "G", "H", "K"))
    return {
        "blocks": (*DAILY, MON13, MON18, block("Tue", 13, 16), block("Wed", 18, 21)),
        "patients": (who, patient("P2")),
        "groups": kinds,
        "therapists": leaders,
        "rooms": TWO_ROOMS,
    }


def wishes(why: str, lines: Sequence[str], value: float, parts: dict[str, float], **fields: Any) -> Case:
    return Case("preferences", why, lines, value, parts, wishing(**fields))


MONDAYS = times(("Mon", 0, 24))
PREFERENCES = [
    wishes("no wishes", MONDAY, 0, {}),
    wishes("the wished time", MONDAY, 0, {}, preferred_times=MONDAYS),
    wishes("another time", ["Tue9 G T1 R P1"], 1, {"times": 1}, preferred_times=MONDAYS),
    wishes("half of the block is not enough", MONDAY, 1, {"times": 1}, preferred_times=times(("Mon", 10, 14))),
    wishes(
        "each session counts", [*MONDAY, "Tue9 G T1 R P1", "Wed9 G T1 R P1"], 3, {"times": 2}, preferred_times=MONDAYS
    ),
    wishes("one of two groups", MONDAY, 1, {"groups": 1}, preferred=("G", "H")),
    wishes("both groups", [*MONDAY, "Tue9 H T1 R P1"], 0, {}, preferred=("G", "H")),
    wishes("a group twice is one wish", [*MONDAY, "Tue9 G T1 R P1"], 1, {"groups": 1}, preferred=("G", "H")),
    wishes("no more wishes than blocks", MONDAY, 1, {"groups": 1}, preferred=("G", "H", "K"), max_blocks=2),
    wishes(
        "required groups come first",
        MONDAY,
        0,
        {},
        preferred=("G", "H", "K"),
        max_blocks=3,
        required=(RequiredGroup(group="G", times=2),),
    ),
    wishes(
        "one wish always counts",
        MONDAY,
        1,
        {"groups": 1},
        preferred=("H",),
        max_blocks=1,
        required=(RequiredGroup(group="G", times=2),),
    ),
    wishes("the primary therapist", MONDAY, 0, {}, primary_therapist="T1"),
    wishes("once is enough", [*MONDAY, "Tue9 G T2 R P1"], 0, {}, primary_therapist="T1"),
    wishes("another therapist", ["Mon9 G T2 R P1"], 1, {"primary": 1}, primary_therapist="T1"),
    wishes("no session, no therapist", [], 1, {"primary": 1}, primary_therapist="T1"),
    wishes("side by side with them", ["Mon9 G T1 R P2", "Mon9 G T2 Q P1"], 1, {"primary": 1}, primary_therapist="T1"),
    wishes("two times of day", [*MONDAY, "Tue13 G T1 R P1"], 1, {"steady": 1}),
    wishes("three times of day", [*MONDAY, "Tue13 G T1 R P1", "Wed18 G T1 R P1"], 3, {"steady": 2}),
    wishes("one time of day", [*MONDAY, "Tue9 G T1 R P1", "Wed9 G T1 R P1"], 0, {}),
    wishes(
        "a person's wishes add up before they are weighed",
        ["Tue9 G T2 R P1"],
        triangular(3),
        {"times": 1, "groups": 1, "primary": 1},
        preferred_times=MONDAYS,
        preferred=("H",),
        primary_therapist="T1",
    ),
    Case(
        "preferences",
        "one each of three people",
        ["Tue9 G T2 R P1,P2,P3"],
        3,
        {"times": 1, "groups": 1, "primary": 1},
        wishing()
        | {
            "patients": (
                patient("P1", preferred_times=MONDAYS),
                patient("P2", preferred=("H",)),
                patient("P3", primary_therapist="T1"),
            )
        },
    ),
]

QUIET = {"sessions": 0, "load": 0, "unused": 0, "sizes": 0, "gaps": 0, "runs": 0}


def operated(part: str, why: str, lines: Sequence[str], amount: int, week: dict[str, Any] | None = None) -> Case:
    """The value is the amount at the part's own weight; the other parts are silenced."""
    weight = goal_of("operations").parts[part]
    roomy = {"blocks": DAILY, "groups": (group(max_size=None),), **(week or {})}
    return Case("operations", f"{part}: {why}", lines, amount * weight, {part: amount} if amount else {}, roomy)


def days(*names: str) -> list[str]:
    return [f"{name}9 G T1 R P1" for name in names]


TWO = {"therapists": (therapist("T1"), therapist("T2")), "rooms": TWO_ROOMS}
EAGER = {"patients": (patient("P1", max_blocks=7),)}
OPERATIONS = [
    operated("sessions", "each costs", days("Mon", "Tue"), 2),
    operated("sessions", "none", [], 0),
    operated("sessions", "side by side", ["Mon9 G T1 R P1", "Mon9 G T2 Q P2"], 2, TWO),
    operated("load", "the n-th costs n", days("Mon", "Tue", "Wed"), 6),
    operated("load", "shared is cheaper", [*days("Mon", "Tue"), "Wed9 G T2 R P1"], 4, TWO),
    operated("load", "both facilitators bear it", ["Mon9 G T1,T2 R P1"], 2, TWO | {"groups": (group(facilitators=2),)}),
    operated(
        "load",
        "a lonely block that touches no maximum",
        days("Mon"),
        1,
        {"therapists": (therapist("T1", max_blocks=1),)},
    ),
    operated("unused", "blocks below the least", days("Mon"), 2, {"therapists": (therapist("T1", min_blocks=3),)}),
    operated("unused", "as many as asked", days("Mon"), 0, {"therapists": (therapist("T1", min_blocks=1),)}),
    operated("sizes", "two of five to six", ["Mon9 G T1 R P1,P2"], 4, {"groups": (group(),)}),
    operated("sizes", "in the middle", ["Mon9 G T1 R P1,P2"], 0, {"groups": (group(max_size=3),)}),
    operated(
        "sizes",
        "above the middle",
        ["Mon9 G T1 R P1,P2,P3"],
        1,
        {"groups": (group(max_size=3),), "patients": tuple(patient(f"P{i}") for i in (1, 2, 3))},
    ),
    operated(
        "sizes",
        "the cap of its kind moves the middle",
        ["Mon9 G T1 R P1,P2"],
        0,
        {"groups": (group(),), "program": program(group_caps={"therapy": 3})},
    ),
    operated(
        "sizes",
        "side by side they are taken together",
        ["Mon9 G T1 R P1", "Mon9 G T2 Q P2"],
        2,
        TWO | {"groups": (group(max_size=3),)},
    ),
    operated("sizes", "no maximum, no middle", ["Mon9 G T1 R P1,P2"], 0),
    operated("gaps", "three free days", days("Mon", "Fri"), 1),
    operated("gaps", "two free days", days("Mon", "Thu"), 0),
    operated("gaps", "a day between", days("Mon", "Wed", "Fri"), 0),
    operated("gaps", "none for one day", days("Mon"), 0),
    operated("gaps", "each gap", days("Mon", "Wed", "Fri"), 2, {"program": program(max_gap_days=0)}),
    operated("runs", "four in a row", days("Mon", "Tue", "Wed", "Thu"), 1),
    operated("runs", "five in a row", days("Mon", "Tue", "Wed", "Thu", "Fri"), 2, EAGER),
    operated("runs", "three in a row", days("Mon", "Tue", "Wed"), 0),
    operated("runs", "four with a hole", days("Mon", "Tue", "Thu", "Fri"), 0),
    operated("runs", "two in a row where one is the most", days("Mon", "Tue"), 1, {"program": program(max_run_days=1)}),
    operated(
        "runs",
        "twice a day is one day",
        ["Mon9 G T1 R P1", "Mon13 G T1 R P1", "Tue9 G T1 R P1"],
        1,
        {"program": program(max_blocks_per_day=2, max_run_days=1), "blocks": (*DAILY, MON13)},
    ),
]

CASES = WEEKLY_MINIMUM + TREATMENT_PLAN + CONTINUITY + PREFERENCES + OPERATIONS


def profile_of(case: Case) -> Profile:
    """The goal's own weights; of operations only the part that the case is about."""
    if case.goal != "operations":
        return quick()
    part = case.why.split(":")[0]
    weight = goal_of("operations").parts[part]
    return quick(parts={"operations": QUIET | {part: weight}})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_measure_is_what_the_hand_computes(case: Case) -> None:
    found = measured(tiny(**case.week), table(*case.lines), case.goal, profile_of(case))
    assert found.value == pytest.approx(case.value)
    shown = {part: amount for part, amount in found.parts.items() if amount}
    if case.goal == "operations":
        part = case.why.split(":")[0]
        shown = {name: amount for name, amount in shown.items() if name == part}
    assert shown == pytest.approx(case.parts)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_model_counts_the_same(case: Case) -> None:
    week, timetable, profile = tiny(**case.week), table(*case.lines), profile_of(case)
    assert modelled(week, timetable, case.goal, profile) == measured(week, timetable, case.goal, profile).units


def test_every_part_of_every_goal_has_a_case_that_costs_and_one_that_does_not() -> None:
    for goal in GOALS:
        for part in goal.parts:
            costs = [case.parts.get(part, 0) for case in CASES if case.goal == goal.id]
            assert max(costs) > 0, f"{goal.id}: {part}"
            assert min(costs) == 0, f"{goal.id}: {part}"


WEIGHED = [
    ("treatment-plan", {"groups": 3, "together": 0}, 3 * 3 * 1),
    ("continuity", {"changes": 7}, 7 * 4),
    ("preferences", {"times": 2, "primary": 0, "groups": 3}, triangular(2 + 3)),
    ("weekly-minimum", {"hours": 2}, 2 * 3 * 360),
    ("operations", {"sessions": 10, "load": 0, "sizes": 0, "unused": 5, "gaps": 0, "runs": 0}, 10 + 5 * 2),
]


@pytest.mark.parametrize(("goal", "weights", "units"), WEIGHED, ids=[goal for goal, _, _ in WEIGHED])
def test_a_profile_weighs_the_parts(goal: str, weights: dict[str, int], units: int) -> None:
    week = tiny(
        blocks=DAILY,
        patients=(
            patient(
                "P1",
                min_minutes=540,
                required=(RequiredGroup(group="H"),),
                preferred=("H",),
                preferred_times=MONDAYS,
                primary_therapist="T1",
            ),
            patient("P2", min_minutes=0, min_blocks=0, min_days=0),
        ),
        groups=GH,
        therapists=(therapist("T1", "G", "H"), therapist("T2", "G", "H", min_blocks=3)),
        together=(Together(patient="P1", other="P2"),),
        previous=(PreviousSeat(patient="P1", block="Fri9", group="H", therapist="T1"),),
    )
    timetable, profile = table("Tue9 G T2 R P1"), quick(parts={goal: weights})
    assert measured(week, timetable, goal, profile).units == units
    assert modelled(week, timetable, goal, profile) == units


def test_remarks_explain_the_whole_amount_and_name_people_by_id() -> None:
    for case in CASES:
        found = measured(tiny(**case.week), table(*case.lines), case.goal)
        for part in found.parts.keys() - {"sessions", "load"} if case.goal == "operations" else found.parts:
            explained = sum(remark.amount for remark in found.remarks if remark.part == part)
            assert explained == pytest.approx(found.parts[part]), f"{case}: {part}"
        for remark in found.remarks:
            assert remark.amount > 0
            assert all(patient_id in remark.words for patient_id in remark.patients)


@pytest.mark.parametrize(("count", "cost"), [(0, 0), (1, 1), (2, 3), (3, 6), (4, 10)])
def test_the_nth_costs_n(count: int, cost: int) -> None:
    assert triangular(count) == cost


@pytest.mark.parametrize(
    ("low", "high", "cap", "mid"),
    [
        (1, 10, None, 6),
        (4, 12, None, 8),
        (2, 3, None, 3),
        (5, 5, None, 5),
        (2, 12, 6, 4),
        (3, None, 5, 4),
        (3, None, None, None),
    ],
)
def test_the_middle_size(low: int, high: int | None, cap: int | None, mid: int | None) -> None:
    caps = {"therapy": cap} if cap else {}
    week = tiny(program=program(group_caps=caps), groups=(group(min_size=low, max_size=high),))
    assert middle(week, week.groups[0]) == mid


@pytest.mark.parametrize(
    ("attended", "max_gap", "max_run", "gaps", "runs"),
    [
        ([], 2, 3, 0, 0),
        ([0, 6], 2, 3, 1, 0),
        ([0, 6], 5, 3, 0, 0),
        ([0, 3, 6], 2, 3, 0, 0),
        ([0, 4], 3, 3, 0, 0),
        (range(7), 0, 3, 0, 4),
        (range(7), 0, 6, 0, 1),
        (range(7), 0, 7, 0, 0),
        ([5, 6], 2, 1, 0, 1),
    ],
)
def test_gaps_and_runs(attended: Sequence[int], max_gap: int, max_run: int, gaps: int, runs: int) -> None:
    assert gaps_and_runs({Day(day) for day in attended}, max_gap, max_run) == (gaps, runs)


def test_a_group_that_is_preferred_twice_is_measured_as_the_model_counts_it() -> None:
    week = tiny(**wishing(preferred=("G", "G")))
    timetable = table(*MONDAY)
    assert modelled(week, timetable, "preferences") == measured(week, timetable, "preferences").units
