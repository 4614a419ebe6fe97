"""A newcomer in a running week: the list is complete and in order, moves are few and proven, changes open the door."""

import random
from itertools import combinations, product

import pytest
from builders import (
    ALWAYS,
    DAYS,
    ODD_BLOCKS,
    block,
    crowded_week,
    featured_week,
    group,
    patient,
    program,
    quick,
    room,
    table,
    therapist,
    times,
    tiny,
)

from scheduler.advice.admission import admit, broken_rules, in_order
from scheduler.advice.admission_listing import list_placements
from scheduler.advice.admission_moving import Asked, rearrange
from scheduler.advice.admission_rules import ListOrder, OthersKept
from scheduler.advice.admission_trial import Scores, with_seats
from scheduler.domain.admission import Placement, Proof
from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Board, Session, Timetable
from scheduler.domain.week import Apart, Pin, PreviousSeat, RequiredGroup, Together, Week
from scheduler.engine.search import solve
from scheduler.engine.steady import steady
from scheduler.engine.tiers import tiers_of
from scheduler.goals.registry import GOALS
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

NEW = "P0"
WEIGHTS = {"weekly-minimum": 1, "treatment-plan": 2, "continuity": 3, "preferences": 1, "operations": 2}
SETTINGS = (
    GoalSettings(),
    GoalSettings(tiers=(("treatment-plan",), ("weekly-minimum",), ("preferences", "operations"))),
    GoalSettings(
        tiers=(("weekly-minimum", "treatment-plan"), ("operations", "continuity", "preferences")),
        weights=WEIGHTS,
        parts={"operations": {"sizes": 5, "gaps": 1}, "preferences": {"steady": 3}, "treatment-plan": {"together": 4}},
    ),
)


def running(week: Week) -> Timetable | None:
    """A timetable of the week in which the newcomer has no seat, and which keeps every rule but their own pins."""
    rows = tuple(one.model_copy(update={"max_blocks": 0}) if one.id == NEW else one for one in week.patients)
    pins = tuple(one for one in week.pins if one.patient != NEW)
    profile = quick([["weekly-minimum", "treatment-plan"]], time_limit=1)
    return solve(week.model_copy(update={"patients": rows, "pins": pins}), profile).timetable


def by_hand(week: Week, timetable: Timetable, goals: GoalSettings) -> list[tuple[tuple[float, ...], tuple[str, ...]]]:
    """Every set of sessions that breaks no rule with the newcomer in them, measured and in order, by trying each."""
    board = Board(week, timetable)
    sessions = sorted(timetable.sessions, key=lambda one: (board.block(one).start, board.block(one).end, one.id))
    tiers, found = tiers_of(goals), []
    for number in range(1, len(sessions) + 1):
        for places in combinations(range(len(sessions)), number):
            seats = tuple(sessions[place] for place in places)
            seen = verify(week, with_seats(board, NEW, seats).timetable, goals)
            if not seen.broken:
                values = tuple(tier.measured_units(seen) / tier.scale for tier in tiers)
                found.append((values, places, tuple(one.id for one in seats)))
    return [(values, ids) for values, _, ids in sorted(found)]


def shown(placements: tuple[Placement, ...]) -> list[tuple[tuple[float, ...], tuple[str, ...]]]:
    return [(one.values, tuple(seat.session for seat in one.given.seats)) for one in placements]


def busy_week(rng: random.Random) -> tuple[Week, Timetable]:
    """Seven sessions at odd hours, each with its own therapist, room and one or two people; any wish of a newcomer."""
    groups = tuple(
        group(g, max_size=rng.choice((2, 2, 3, 4)), max_per_patient=rng.choice((None, 1, 2))) for g in ("G", "H", "I")
    )
    ids = [one.id for one in groups]
    newcomer = patient(
        NEW,
        free=ALWAYS if rng.random() < 0.6 else times(*((day, 7, rng.choice((12, 16, 22))) for day in DAYS[:4])),
        min_minutes=rng.choice((0, 180, 360, 540)),
        max_minutes=rng.choice((360, 540, 600)),
        min_blocks=rng.randint(0, 2),
        max_blocks=rng.randint(2, 4),
        min_days=rng.randint(0, 2),
        min_day_minutes=rng.choice((90, 180, 240)),
        required=tuple(RequiredGroup(group=g, times=rng.randint(1, 2)) for g in ids if rng.random() < 0.5),
        preferred=tuple(g for g in ids if rng.random() < 0.4),
        preferred_times=times(("Mon", 8, 16), ("Wed", 8, 13)) if rng.random() < 0.5 else None,
        primary_therapist=rng.choice((None, "T1", "T5")),
        priority=rng.randint(1, 5),
    )
    others = [patient(f"P{n}", max_blocks=9) for n in range(1, 15)]
    names = [one.id for one in others]
    rng.shuffle(names)
    lines = []
    for n, where in enumerate(rng.sample(ODD_BLOCKS, 7)):
        people = ",".join(names.pop() for _ in range(rng.choice((1, 1, 2))))
        lines.append(f"{where.id} {rng.choice(ids)} T{n} R{n} {people}")
    week = Week(
        program=program(max_blocks_per_day=rng.choice((1, 2, 3)), max_gap_days=rng.choice((0, 1)), max_run_days=2),
        blocks=ODD_BLOCKS,
        patients=(newcomer, *others),
        therapists=tuple(therapist(f"T{n}", *ids) for n in range(7)),
        groups=groups,
        rooms=tuple(room(f"R{n}", rng.choice((2, 3, 5))) for n in range(7)),
        apart=(Apart(patient="P3", other_patient=NEW, row=2), Apart(patient=NEW, therapist="T2", row=3))
        if rng.random() < 0.4
        else (),
        together=(Together(patient="P4", other=NEW), Together(patient="P5", other="P6")) if rng.random() < 0.5 else (),
        pins=(Pin(patient=NEW, group="G", row=2),) if rng.random() < 0.2 else (),
        previous=tuple(
            PreviousSeat(patient=who, block=rng.choice(ODD_BLOCKS).id, group=rng.choice(ids), therapist="T3")
            for who in (NEW, "P2")
            if rng.random() < 0.4
        ),
    )
    return week, table(*lines)


@pytest.mark.parametrize("seed", range(30))
def test_the_list_is_complete_and_in_order(seed: int) -> None:
    week, timetable = busy_week(random.Random(seed))
    goals = SETTINGS[seed % 3]
    found = list_placements(week, timetable, NEW, goals)
    truth = by_hand(week, timetable, goals)
    assert shown(found.placements) == truth
    assert (found.count, found.complete) == (len(truth), True)
    assert shown(list_placements(week, timetable, NEW, goals, most=3).placements) == truth[:3]


def test_the_generated_weeks_have_placements_to_list() -> None:
    """The test above would prove little on weeks into which nobody fits."""
    listed = [list_placements(*busy_week(random.Random(seed)), NEW, GoalSettings()) for seed in range(30)]
    assert sum(one.count > 5 for one in listed) >= 18
    barred = {line.rule for one in listed for line in one.barred}
    assert barred == {"availability", "group-size", "apart"}


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_the_same_in_weeks_with_every_feature(seed: int) -> None:
    rng = random.Random(seed)
    week = crowded_week(rng) if seed % 3 == 0 else featured_week(rng)
    timetable = running(week)
    if timetable is not None and len(timetable.sessions) < 8:
        goals = SETTINGS[seed % 3]
        assert shown(list_placements(week, timetable, NEW, goals).placements) == by_hand(week, timetable, goals)


def open_week(**fields: object) -> Week:
    """Four days, a morning session on each, and a newcomer of whom everything is asked about."""
    days = ("Mon", "Tue", "Wed", "Thu")
    newcomer = patient(
        NEW,
        min_minutes=360,
        min_blocks=2,
        max_blocks=3,
        min_days=2,
        required=(RequiredGroup(group="H"),),
        preferred=("G",),
        primary_therapist="T2",
    )
    defaults: dict[str, object] = {
        "blocks": tuple(block(day, 9, 12) for day in days),
        "patients": (newcomer, patient("P1", max_blocks=4), patient("P2", max_blocks=4)),
        "therapists": (therapist("T1", "G", "H"), therapist("T2", "G", "H")),
        "groups": (group("G", max_size=3), group("H", max_size=3)),
        "rooms": (room("R", 3), room("Q", 3)),
    }
    return tiny(**{**defaults, **fields})


OPEN = table("Mon9 G T1 R P1,P2", "Tue9 H T1 R P1", "Wed9 G T2 R P2", "Thu9 H T2 R P1,P2")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"together": (Together(patient=NEW, other="P1"), Together(patient="P1", other="P2"))},
        {"previous": (PreviousSeat(patient=NEW, block="Tue9", group="H", therapist="T2"),)},
        {"apart": (Apart(patient=NEW, therapist="T1", row=2),)},
        {"pins": (Pin(patient=NEW, block="Wed9", row=2),)},
        {"pins": (Pin(patient=NEW, therapist="T1", row=2), Pin(patient="P1", block="Mon9", row=3))},
        {"groups": (group("G", max_size=3), group("H", max_size=2))},
    ],
)
def test_what_names_the_newcomer_elsewhere_counts(fields: dict[str, object]) -> None:
    week = open_week(**fields)
    for goals in SETTINGS:
        truth = by_hand(week, OPEN, goals)
        assert truth
        assert shown(list_placements(week, OPEN, NEW, goals).placements) == truth


def test_a_set_is_measured_as_the_whole_timetable_is() -> None:
    for seed in range(12):
        week = featured_week(random.Random(seed), pins=False)
        timetable = running(week)
        if timetable is None:
            continue
        board = Board(week, timetable)
        for goals in SETTINGS:
            scores = Scores(board, week.patient_of[NEW], goals)
            for session in timetable.sessions:
                whole = verify(week, with_seats(board, NEW, (session,)).timetable, goals)
                units = [scores.units(tier, (session,)) for tier in scores.tiers]
                assert units == [tier.measured_units(whole) for tier in scores.tiers]


def test_a_goal_that_is_not_known_here_is_measured_on_the_whole() -> None:
    class Strange(type(GOALS[0])):  # type: ignore[misc]
        id = "strange"

    week = open_week()
    goals = GoalSettings(tiers=(("strange",), ("operations",)))
    scores = Scores(Board(week, OPEN), week.patient_of[NEW], goals, (*GOALS, Strange()))
    alone, pair = OPEN.sessions[:1], OPEN.sessions[:2]
    assert [scores.units(scores.tiers[0], seats) for seats in ((), alone, pair)] == [360 * 3, 180 * 3, 0]


def test_counting_stops_at_its_limit_and_says_so() -> None:
    found = list_placements(open_week(), OPEN, NEW, GoalSettings(), count=3)
    assert (found.count, found.complete, len(found.placements)) == (3, False, 3)


def test_what_bars_sessions_is_told_by_rule() -> None:
    week = open_week(groups=(group("G", max_size=2), group("H", max_size=3)))
    found = list_placements(week, OPEN, NEW, GoalSettings())
    assert [(one.rule, one.sessions) for one in found.barred] == [("group-size", 1)]
    assert (found.joinable, found.sessions) == (3, 4)


# ---- with moves ------------------------------------------------------------------------------------------------------


def cells_week(rng: random.Random) -> tuple[Week, Timetable]:
    """Two blocks, two groups with a therapist and a room each: a timetable is who sits in which of four cells."""
    blocks = (block("Mon", 9, 12), block("Tue", 9, 12))
    groups = tuple(group(g, min_size=rng.choice((1, 1, 2)), max_size=rng.choice((1, 2, 2))) for g in "GH")
    people = [
        patient(
            f"P{n}",
            min_minutes=0,
            min_blocks=rng.choice((0, 1, 1, 2)),
            max_blocks=2,
            min_days=0,
            required=tuple(RequiredGroup(group=g) for g in "GH" if rng.random() < 0.35),
        )
        for n in range(4)
    ]
    week = tiny(
        blocks=blocks,
        patients=tuple(people),
        therapists=(therapist("T1", "G"), therapist("T2", "H")),
        groups=groups,
        rooms=(room("R", 5), room("Q", 5)),
    )
    choices = [one for one in every_choice() if fits(week, {"P1": one[0], "P2": one[1], "P3": one[2]})]
    picked = rng.choice(choices)
    cells: dict[tuple[str, str], list[str]] = {}
    for name, seats in zip(("P1", "P2", "P3"), picked, strict=True):
        for cell in seats:
            cells.setdefault(cell, []).append(name)
    rooms, leaders = {"G": "R", "H": "Q"}, {"G": "T1", "H": "T2"}
    return week, table(*(f"{b} {g} {leaders[g]} {rooms[g]} {','.join(who)}" for (b, g), who in sorted(cells.items())))


Seats = tuple[tuple[str, str], ...]


def every_seats() -> list[Seats]:
    """Nothing, or one group, in each block."""
    options: list[tuple[tuple[str, str] | None, ...]] = [(None, (b, "G"), (b, "H")) for b in ("Mon9", "Tue9")]
    return [tuple(cell for cell in one if cell is not None) for one in product(*options)]


def every_choice() -> list[tuple[Seats, ...]]:
    return list(product(every_seats(), repeat=3))


def fits(week: Week, seats: dict[str, Seats]) -> bool:
    sizes: dict[tuple[str, str], int] = {}
    for mine in seats.values():
        for cell in mine:
            sizes[cell] = sizes.get(cell, 0) + 1
    return all(week.group_of[g].min_size <= n <= (week.group_of[g].max_size or 9) for (_, g), n in sizes.items())


def lacks(week: Week, who: str, seats: Seats) -> tuple[int, ...]:
    """Blocks and required groups missed."""
    one = week.patient_of[who]
    attended = [g for _, g in seats]
    return (max(0, one.min_blocks - len(seats)), *(int(need.group not in attended) for need in one.required))


def fewest_moved(week: Week, timetable: Timetable) -> int | None:
    """How many must be moved so that the newcomer misses nothing and nobody misses more; None if no way exists."""
    sessions = {one.id: (one.block, one.group) for one in timetable.sessions}
    now = {
        who: tuple(sorted(sessions[seat.session] for seat in timetable.assignments if seat.patient == who))
        for who in ("P1", "P2", "P3")
    }
    best = None
    for mine in every_seats():
        if any(lacks(week, NEW, mine)):
            continue
        for others in every_choice():
            after = {NEW: mine, **dict(zip(now, others, strict=True))}
            moved = sum(tuple(sorted(after[who])) != now[who] for who in now)
            worse = any(
                then > before
                for who in now
                for then, before in zip(lacks(week, who, after[who]), lacks(week, who, now[who]), strict=True)
            )
            if (best is None or moved < best) and not worse and fits(week, after):
                best = moved
    return best


@pytest.mark.parametrize("seed", range(14))
def test_the_fewest_moves_are_those_of_trying_everything(seed: int) -> None:
    week, timetable = cells_week(random.Random(seed))
    truth = fewest_moved(week, timetable)
    for limit in (0, 1, 3):
        found = rearrange(Asked(week, timetable, (NEW,), quick()), limit, seconds=10)
        if truth is None or truth > limit:
            assert found.said.proof is Proof.IMPOSSIBLE
            assert not found.said.served
        else:
            assert found.said.served
            assert (len(found.said.moves), found.said.fewest) == (truth, True)
        if found.timetable is not None:
            assert_sound(week, timetable, found.timetable, limit)


def assert_sound(week: Week, before: Timetable, after: Timetable, limit: int) -> None:
    """Every rule is kept, nobody else misses more, and few are moved."""
    assert verify(week, after).broken == 0
    boards = Board(week, before), Board(week, after)
    others = [one.id for one in week.patients if one.id != NEW]
    seats = [{who: tuple(sorted((s.block, s.group) for s in b.of_patient(who))) for who in others} for b in boards]
    assert sum(seats[0][who] != seats[1][who] for who in others) <= limit
    for who in others:
        then, now = lacks(week, who, seats[1][who]), lacks(week, who, seats[0][who])
        assert all(a <= b for a, b in zip(then, now, strict=True))


def full_week() -> tuple[Week, Timetable]:
    """G is full on Monday, P1 could as well come on Tuesday, and the newcomer only on Monday."""
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        patients=(
            patient(NEW, free=times(("Mon", 9, 12)), required=(RequiredGroup(group="G"),)),
            patient("P1", max_blocks=1),
            patient("P2", max_blocks=1, free=times(("Mon", 9, 12))),
            patient("P3", max_blocks=1),
        ),
        groups=(group("G", max_size=2),),
    )
    return week, table("Mon9 G T1 R P1,P2", "Tue9 G T1 R P3")


def test_a_newcomer_is_let_in_by_moving_one_and_everything_else_stays() -> None:
    week, timetable = full_week()
    found = admit(week, timetable, (NEW,), quick())
    assert found.said.served
    assert found.said.moved == 1
    step = found.said.rearranged[-1]
    assert step.fewest
    assert [one.patient for one in step.moves] == ["P1"]
    assert [(one.before.block, one.after.block) for one in step.moves[0].moves if one.before and one.after] == [
        ("Mon9", "Tue9")
    ]
    assert found.timetable.sessions == timetable.sessions


def test_nobody_is_moved_where_the_newcomer_fits() -> None:
    found = admit(open_week(), OPEN, (NEW,), quick())
    assert found.said.served
    assert found.said.rearranged == ()
    assert found.timetable.sessions == OPEN.sessions
    assert set(OPEN.assignments) < set(found.timetable.assignments)


def test_what_cannot_be_is_proven_and_the_smallest_change_is_found() -> None:
    week, timetable = full_week()
    found = admit(week, timetable, (NEW,), quick(), moves=0)
    said = found.said
    assert not said.served
    assert said.rearranged[-1].proof is Proof.IMPOSSIBLE
    assert said.changes is not None
    kinds = [one.change.kind for one in said.changes.opened]
    assert kinds[:1] == ["group-size"]
    assert [one.change.cost.rank for one in said.changes.opened] == sorted(
        one.change.cost.rank for one in said.changes.opened
    )
    assert all(one.moved == 0 and one.given[0].served for one in said.changes.opened)
    assert said.changes.open == 0 or len(said.changes.opened) == 4


def test_it_is_said_when_no_single_change_helps() -> None:
    week = tiny(
        patients=(patient(NEW, required=(RequiredGroup(group="H"),), tags=frozenset()), patient("P1")),
        groups=(group("G"), group("H", open_to=(frozenset({"women"}),))),
        therapists=(therapist("T1", "G", "H"),),
    )
    found = admit(week, table("Mon9 G T1 R P1"), (NEW,), quick())
    assert found.said.changes is not None
    assert found.said.changes.none_suffices
    assert [one.verdict.name for one in found.said.reasons] == ["NEVER"]


def test_another_room_is_kept_where_it_can_be() -> None:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Tue", 9, 12)),
        therapists=(therapist("T1"), therapist("T2")),
        rooms=(room("R", 5), room("Q", 5)),
    )
    before = table("Mon9 G T1 R P1", "Tue9 G T1 Q P1")
    swapped = table("Mon9 G T2 R P2", "Mon9 G T1 Q P1", "Tue9 G T1 R P1")
    after = steady(week, before, swapped, RULES)
    assert [(one.id, one.room) for one in after.sessions] == [("s1", "R"), ("s2", "Q"), ("Mon9.G.1", "Q")]
    assert verify(week, after).broken == 0
    small = week.model_copy(update={"rooms": (room("R", 1), room("Q", 5))})
    grown = table("Mon9 G T1 Q P1,P2", "Tue9 G T1 R P1")
    assert [one.room for one in steady(small, before, grown, RULES).sessions] == ["Q", "Q"]


# ---- a waiting list --------------------------------------------------------------------------------------------------


def test_the_list_is_served_by_priority_then_in_its_order() -> None:
    people = tuple(patient(one, max_blocks=1) for one in ("A", "B", "C", "P1"))
    week = tiny(patients=people, groups=(group(max_size=3),))
    running_week = table("Mon9 G T1 R P1")
    profile = quick()
    assert [one.patient for one in admit(week, running_week, ("A", "B", "C"), profile).said.given if one.served] == [
        "A",
        "B",
    ]
    assert [one.patient for one in admit(week, running_week, ("C", "B", "A"), profile).said.given if one.served] == [
        "C",
        "B",
    ]
    urgent = week.model_copy(
        update={"patients": tuple(p.model_copy(update={"priority": 5}) if p.id == "C" else p for p in people)}
    )
    assert in_order(urgent, ("A", "B", "C")) == ("C", "A", "B")
    assert [one.patient for one in admit(urgent, running_week, ("A", "B", "C"), profile).said.given if one.served] == [
        "C",
        "A",
    ]


def test_nobody_of_the_running_week_gives_way_to_a_list() -> None:
    week = tiny(patients=tuple(patient(one, priority=5 if one == "A" else 1) for one in ("A", "P1")))
    week = week.model_copy(update={"groups": (group(max_size=1),)})
    found = admit(week, table("Mon9 G T1 R P1"), ("A",), quick())
    assert not found.said.served
    assert [seat.patient for seat in found.timetable.assignments] == ["P1"]


@pytest.mark.parametrize("rule", [OthersKept(("A",))])
def test_others_keep_what_they_are_promised(rule: Rule) -> None:
    week = tiny(patients=(patient("A"), patient("P1")))
    assert list(rule.check(Board(week, table("Mon9 G T1 R A"))))
    assert not list(rule.check(Board(week, table("Mon9 G T1 R P1"))))
    found = solve(week, quick([["operations"]]), rules=(*RULES, rule))
    assert found.timetable is not None
    assert "P1" in [seat.patient for seat in found.timetable.assignments]


def test_the_order_is_counted_by_the_model_as_it_is_measured() -> None:
    for seed in range(8):
        week = featured_week(random.Random(seed), pins=False)
        goal = ListOrder(tuple(one.id for one in week.patients))
        profile = quick([["list-order"]], time_limit=1)
        found = solve(week, profile, goals=(*GOALS, goal))
        assert found.timetable is not None
        assert found.solver_units == found.measured_units


def test_a_running_week_that_breaks_a_rule_is_told_and_still_answered() -> None:
    week = tiny(
        patients=(patient(NEW), patient("P1"), patient("P2")), groups=(group(max_size=3), group("H", min_size=3))
    )
    week = week.model_copy(update={"therapists": (therapist("T1"), therapist("T2", "H")), "rooms": (room(), room("Q"))})
    timetable = table("Mon9 G T1 R P1", "Mon9 H T2 Q P2")
    assert [one.message for one in broken_rules(week, timetable)] == [
        "the running timetable breaks group-size 1 time(s): s2 has 1 patient(s), H needs at least 3"
    ]
    found = list_placements(week, timetable, NEW, GoalSettings())
    assert [seat.session for one in found.placements for seat in one.given.seats] == ["s1", "s2"]


def test_sessions_are_named_apart_from_those_there_are() -> None:
    taken = Timetable(sessions=(Session(id="Mon9.G.1", block="Mon9", group="G", therapists=("T1",), room="R"),))
    week = tiny(therapists=(therapist("T1"), therapist("T2")), rooms=(room("R"), room("Q")))
    fresh = table("Mon9 G T2 Q P1")
    assert [one.id for one in steady(week, taken, fresh, RULES).sessions] == ["Mon9.G.2"]
