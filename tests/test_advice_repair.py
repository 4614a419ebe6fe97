"""A repair against the truth: every timetable of tiny weeks is looked at, and none moves fewer people."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import pytest
from builders import (
    ALWAYS,
    block,
    crowded_week,
    featured_week,
    group,
    patient,
    quick,
    random_timetable,
    room,
    table,
    therapist,
    times,
    tiny,
)

from scheduler.advice.moves import places_of
from scheduler.advice.repair import Question, repair, usual_seconds
from scheduler.advice.repair_orders import Said, read_change
from scheduler.advice.repair_week import BlocksClosed, hurt_in, rules_after, week_after, without_patients
from scheduler.domain.availability import read_dayparts
from scheduler.domain.clock import TimeSet
from scheduler.domain.outcome import Status
from scheduler.domain.problems import InputRefused
from scheduler.domain.repair import Change, Fate, How, Lock, Loss, Moves, Repair
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.week import Apart, Patient, Pin, RequiredGroup, Week
from scheduler.engine.search import solve
from scheduler.engine.steady import steady
from scheduler.rules.registry import RULES
from scheduler.verify import verify

DAYPARTS = read_dayparts({})
MON, TUE = block("Mon", 9, 12), block("Tue", 9, 12)

# ---- the truth: every timetable of a tiny week ----------------------------------------------------------------------

Layout = tuple[tuple[str, str, str] | None, ...]
"""In one block: for each patient the (group, therapist, room's place in the sheet) of their session, or None."""


@dataclass(frozen=True)
class Staffed:
    group: str
    therapist: str


def small_week(rng: random.Random) -> Week:
    """Two blocks, three therapists, two groups, two rooms, four patients: all that a brute force can look at."""
    groups = (
        group("G", min_size=rng.choice((1, 1, 2)), max_size=rng.choice((2, 3))),
        group("H", min_size=1, max_size=rng.choice((1, 2, 3))),
    )
    therapists = tuple(therapist(f"T{n}", *rng.choice((("G",), ("H",), ("G", "H"))), free=_some(rng)) for n in range(3))
    people = tuple(
        patient(
            f"P{n}",
            free=_some(rng),
            min_minutes=180 * wanted,
            min_blocks=wanted,
            min_days=wanted,
            max_blocks=2,
            required=(RequiredGroup(group=rng.choice("GH")),) if rng.random() < 0.4 else (),
            priority=rng.choice((1, 3, 5)),
        )
        for n in range(4)
        for wanted in [rng.choice((1, 1, 2))]
    )
    rooms = (room("R0", rng.choice((2, 3))), room("R1", rng.choice((1, 3)), free=_some(rng)))
    apart = (Apart(patient="P0", other_patient="P1", row=2),) if rng.random() < 0.3 else ()
    return tiny(
        blocks=(MON, TUE), groups=groups, therapists=therapists, patients=people, rooms=rooms, apart=apart
    )  # fmt: skip


def _some(rng: random.Random) -> TimeSet:
    return ALWAYS if rng.random() < 0.8 else times((rng.choice(("Mon", "Tue")), 8, 18))


def layouts(week: Week, where: str, closed: Sequence[str]) -> dict[Layout, tuple[str, ...]]:
    """Every way to seat people in a block, each with rooms for its sessions, by rules written out again here."""
    here = week.block_of[where]
    found: dict[Layout, tuple[str, ...]] = {}
    offers = [
        [None, *(g for g in ("G", "H") if g in t.groups and t.free.covers(here.start, here.end))]
        for t in week.therapists
    ]
    for picked in product(*offers) if where not in closed else [(None, None, None)]:
        sessions = [Staffed(g, t.id) for g, t in zip(picked, week.therapists, strict=True) if g is not None]
        for seats in product(*([None, *range(len(sessions))] for _ in week.patients)):
            rooms = _rooms_for(week, where, sessions, seats)
            if rooms is not None:
                layout = tuple(
                    None if n is None else (sessions[n].group, sessions[n].therapist, rooms[n]) for n in seats
                )
                key = tuple(None if one is None else (*one[:2], "") for one in layout)
                found.setdefault(key, rooms)
    return found


def _rooms_for(
    week: Week, where: str, sessions: Sequence[Staffed], seats: Sequence[int | None]
) -> tuple[str, ...] | None:
    here = week.block_of[where]
    for one, n in zip(week.patients, seats, strict=True):
        if n is not None and not one.free.covers(here.start, here.end):
            return None
    for pair in week.apart:
        places = [
            n for one, n in zip(week.patients, seats, strict=True) if one.id in (pair.patient, pair.other_patient)
        ]
        if places[0] is not None and places[0] == places[1]:
            return None
    sizes = [sum(n == place for n in seats) for place in range(len(sessions))]
    for session, size in zip(sessions, sizes, strict=True):
        limits = week.group_of[session.group]
        if not limits.min_size <= size <= (limits.max_size or size):
            return None
    free = [one for one in week.rooms if one.free.covers(here.start, here.end)]
    for given in permutations(free, len(sessions)):
        if all(one.capacity >= size for one, size in zip(given, sizes, strict=True)):
            return tuple(one.id for one in given)
    return None


def timetable_of(week: Week, picked: Sequence[tuple[Layout, tuple[str, ...]]]) -> Timetable:
    sessions: list[Session] = []
    seats: list[Assignment] = []
    for here, (layout, rooms) in zip(week.blocks, picked, strict=True):
        cells = sorted({(one[1], one[0]) for one in layout if one is not None})
        for place, (leader, kind) in enumerate(cells):
            name = f"s{len(sessions)}"
            sessions.append(Session(id=name, block=here.id, group=kind, therapists=(leader,), room=rooms[place]))
            seats += [
                Assignment(patient=who.id, session=name)
                for who, one in zip(week.patients, layout, strict=True)
                if one is not None and (one[1], one[0]) == (leader, kind)
            ]
    return Timetable(sessions=tuple(sessions), assignments=tuple(seats))


Cost = tuple[int, int, int, int, int]


class Truth:
    """The least of (hours taken, plans taken, people moved, who notice, those of them not hurt), over everything."""

    def __init__(self, week: Week, old: Timetable, change: Change) -> None:
        self.week, self.before = week, places_of(old)
        self.hurt = {one for s in hurt_in(week, old, change, rules_after(change)) for one in s.people}
        self.gone = set(change.absent)
        self.had = {
            one.id: {(place.block, place.group, place.therapists[0]) for place in self.before.get(one.id, ())}
            for one in week.patients
        }
        self.all = [tuple(layouts(week, one.id, change.closed)) for one in week.blocks]

    def costs(self) -> Iterator[Cost]:
        for picked in product(*self.all):
            yield self.cost(picked)

    def cost(self, picked: Sequence[Layout]) -> Cost:
        short = missed = reseated = noticed = others = 0
        for place, one in enumerate(self.week.patients):
            if one.id in self.gone:
                continue
            now = {
                (here.id, *seat[:2])
                for here, layout in zip(self.week.blocks, picked, strict=True)
                if (seat := layout[place]) is not None
            }
            had = self.had[one.id]
            short += one.priority * max(0, min(one.min_blocks, len(had)) - len(now))
            for need in one.required:
                lost = need.group in {g for _, g, _ in had} and need.group not in {g for _, g, _ in now}
                missed += one.priority * lost
            reseated += {seat[:2] for seat in now} != {seat[:2] for seat in had}
            noticed += now != had
            others += now != had and one.id not in self.hurt
        return short, missed, reseated, noticed, others


def a_change(rng: random.Random, week: Week) -> Change:
    when = rng.choice((ALWAYS, times(("Mon", 0, 24)), times(("Tue", 8, 13))))
    kind = rng.random()
    if kind < 0.5:
        return Change(losses=(Loss(kind="therapist", id=f"T{rng.randrange(3)}", times=when, words="T"),))
    if kind < 0.7:
        return Change(losses=(Loss(kind="room", id=f"R{rng.randrange(2)}", times=when, words="R"),))
    if kind < 0.85:
        return Change(closed=(rng.choice(week.blocks).id,))
    return Change(absent=(f"P{rng.randrange(4)}",))


def a_timetable(rng: random.Random, week: Week) -> Timetable:
    """Any timetable that keeps the rules, be it good or bad, with many seats rather than few."""
    picked = []
    for one in week.blocks:
        found = list(layouts(week, one.id, ()).items())
        found = sorted(found, key=lambda item: sum(seat is not None for seat in item[0]))
        picked.append(rng.choice(found[-max(1, len(found) // 4) :]))
    made = timetable_of(week, _aligned(week, picked))
    assert not verify(week, made, measured=()).broken
    return made


def _aligned(week: Week, picked: Sequence[tuple[Layout, tuple[str, ...]]]) -> list[tuple[Layout, tuple[str, ...]]]:
    """Rooms again in the order of sessions in which `timetable_of` writes them."""
    aligned = []
    for here, (layout, _) in zip(week.blocks, picked, strict=True):
        cells = sorted({(one[1], one[0]) for one in layout if one is not None})
        sessions = [Staffed(kind, leader) for leader, kind in cells]
        seats = [None if one is None else cells.index((one[1], one[0])) for one in layout]
        rooms = _rooms_for(week, here.id, sessions, seats)
        assert rooms is not None
        aligned.append((layout, rooms))
    return aligned


def ask(week: Week, old: Timetable, change: Change, **more: Any) -> Repair:
    profile = quick(
        tiers=(("weekly-minimum",), ("treatment-plan",), ("continuity",), ("preferences",), ("operations",))
    )
    return repair(Question(week=week, profile=profile, timetable=old, change=change, seconds=20, **more))


@pytest.mark.parametrize("seed", range(50))
def test_no_timetable_of_the_week_moves_fewer_people(seed: int) -> None:
    rng = random.Random(seed)
    week = small_week(rng)
    old, change = a_timetable(rng, week), a_change(rng, week)
    found = ask(week, old, change)
    assert found.timetable is not None
    assert found.moves is not None
    after, _ = week_after(week, change)
    assert not verify(after, found.timetable, rules=rules_after(change), measured=()).broken
    truth = Truth(after, without_patients(old, change.absent), change)
    costs = list(truth.costs())
    least = min(costs)
    assert truth.cost(_layouts_of(after, found.timetable)) == least
    assert (len(found.moves.moved), len(found.moves.moved) + len(found.moves.covered)) == least[2:4]
    assert found.moves.proven
    assert found.moves.bound == least[2]
    fewest = min(cost[2] for cost in costs)
    if fewest:
        refused = ask(week, old, change, most_moves=fewest - 1)
        assert (refused.status, refused.least, refused.least_proven) == (Status.IMPOSSIBLE, fewest, True)
    allowed = ask(week, old, change, most_moves=fewest)
    assert allowed.moves is not None
    assert len(allowed.moves.moved) == fewest


def _layouts_of(week: Week, timetable: Timetable) -> list[Layout]:
    places = places_of(timetable)
    return [
        tuple(
            next(((p.group, p.therapists[0], "") for p in places.get(who.id, ()) if p.block == here.id), None)
            for who in week.patients
        )
        for here in week.blocks
    ]


@pytest.mark.parametrize("seed", range(60, 80))
def test_what_is_not_touched_stays_exactly_as_it_was(seed: int) -> None:
    rng = random.Random(seed)
    week = small_week(rng)
    old, change = a_timetable(rng, week), a_change(rng, week)
    found = ask(week, old, change)
    assert found.timetable is not None
    assert found.moves is not None
    now = {one.id: one for one in found.timetable.sessions}
    before, after = rosters(without_patients(old, change.absent)), rosters(found.timetable)
    hurt = {one.session.id for one in found.hurt}
    noticed = {*found.moves.moved, *found.moves.covered}
    changed_rooms = 0
    for one in old.sessions:
        if one.id in hurt or noticed & (before[one.id] | after.get(one.id, set())):
            continue
        assert now[one.id].model_copy(update={"room": one.room}) == one
        assert before[one.id] == after[one.id]
        changed_rooms += now[one.id].room != one.room
    assert changed_rooms <= fewest_changed_rooms(found.week, old, found.timetable)


def rosters(timetable: Timetable) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {one.id: set() for one in timetable.sessions}
    for seat in timetable.assignments:
        found[seat.session].add(seat.patient)
    return found


def fewest_changed_rooms(week: Week, old: Timetable, new: Timetable) -> int:
    """How many sessions must change their room at the least, tried room by room."""
    had, sizes, least = {one.id: one.room for one in old.sessions}, rosters(new), 0
    for here in week.blocks:
        sessions = [one for one in new.sessions if one.block == here.id]
        free = [one for one in week.rooms if one.free.covers(here.start, here.end)]
        least += min(
            sum(had.get(one.id, given.id) != given.id for one, given in zip(sessions, rooms, strict=True))
            for rooms in permutations(free, len(sessions))
            if all(len(sizes[one.id]) <= given.capacity for one, given in zip(sessions, rooms, strict=True))
        )
    return least


@pytest.mark.parametrize("seed", range(30))
def test_any_feature_of_a_week_and_any_edit_of_its_timetable(seed: int) -> None:
    """Two facilitators, telehealth, overlapping blocks, pins, broken rules: proven, or impossible for a reason."""
    rng = random.Random(seed)
    week = rng.choice((featured_week, crowded_week))(rng)
    old = random_timetable(week, rng) if rng.random() < 0.3 else solve(week, quick()).timetable
    if old is None:
        return
    change = any_change(rng, week, old)
    found = ask(week, old, change, most_moves=rng.choice((None, None, None, 1)), fill=rng.random() < 0.2)
    if found.timetable is None:
        assert found.status is Status.IMPOSSIBLE
        assert {one.code for one in found.findings} - {"pin-set-aside"}
        return
    assert found.status is Status.OPTIMAL
    assert not verify(found.week, found.timetable, rules=rules_after(change), measured=()).broken
    assert not {seat.patient for seat in found.timetable.assignments} & set(change.absent)


def any_change(rng: random.Random, week: Week, old: Timetable) -> Change:
    when = rng.choice((ALWAYS, times(("Mon", 0, 24)), times(("Tue", 8, 13))))
    therapists = [Loss(kind="therapist", id=one.id, times=when, words="t") for one in week.therapists]
    rooms = [Loss(kind="room", id=one.id, times=when, words="r") for one in week.rooms]
    losses = [rng.choice(some) for some, chance in ((therapists, 0.5), (rooms, 0.3)) if rng.random() < chance]
    locks = [Lock(kind="patient", id=one.id, words=one.id) for one in week.patients]
    locks += [Lock(kind="session", id=one.id, words=one.id) for one in old.sessions]
    return Change(
        losses=tuple(losses),
        closed=(rng.choice(week.blocks).id,) if rng.random() < 0.2 else (),
        absent=(rng.choice(week.patients).id,) if rng.random() < 0.3 else (),
        locks=(rng.choice(locks),) if rng.random() < 0.3 else (),
    )


# ---- one thing at a time --------------------------------------------------------------------------------------------


def out(*therapists: str, when: TimeSet = ALWAYS) -> Change:
    return Change(losses=tuple(Loss(kind="therapist", id=one, times=when, words=one) for one in therapists))


def people(*ids: str, **fields: Any) -> tuple[Patient, ...]:
    return tuple(patient(one, **fields) for one in ids)


def answered(found: Repair) -> tuple[Timetable, Moves]:
    assert found.timetable is not None
    assert found.moves is not None
    return found.timetable, found.moves


def test_an_idle_therapist_covers_and_nobody_is_moved() -> None:
    week = tiny(therapists=(therapist("T1"), therapist("T2")))
    found = ask(week, table("Mon9 G T1 R P1,P2"), out("T1"))
    timetable, moves = answered(found)
    assert timetable.sessions == (Session(id="s1", block="Mon9", group="G", therapists=("T2",), room="R"),)
    assert (moves.moved, moves.covered, moves.bound, moves.proven) == ((), ("P1", "P2"), 0, True)
    assert [(one.hurt.session.id, one.fate) for one in found.endings] == [("s1", Fate.COVERED)]
    assert [(one.role, one.who, one.how) for one in found.calls] == [
        ("therapist", "T2", How.TELEPHONE),
        ("patient", "P1", How.ON_ARRIVAL),
        ("patient", "P2", How.ON_ARRIVAL),
    ]
    assert {one.why for one in found.calls} == {"T1 is called out"}
    assert moves.grades["same block and group"] == 2


def test_where_nobody_can_cover_the_people_join_the_session_beside_theirs() -> None:
    week = tiny(patients=people("P1", "P2", "P3"), therapists=(therapist("T1"), therapist("T2", max_blocks=1)),
                rooms=(room("R"), room("R2")))  # fmt: skip
    found = ask(week, table("Mon9 G T1 R P1,P2", "Mon9 G T2 R2 P3"), out("T1"))
    timetable, moves = answered(found)
    assert [one.id for one in timetable.sessions] == ["s2"]
    assert timetable.sessions[0].room == "R2"
    assert moves.moved == ()
    assert found.endings[0].fate is Fate.MERGED
    assert found.endings[0].now == timetable.sessions[0]


def test_the_people_come_at_another_time_where_there_is_no_other_way() -> None:
    week = tiny(blocks=(MON, TUE), patients=people("P1", "P2", free=ALWAYS))
    found = ask(week, table("Mon9 G T1 R P1,P2"), out("T1", when=times(("Mon", 0, 24))))
    timetable, moves = answered(found)
    assert [one.block for one in timetable.sessions] == ["Tue9"]
    assert timetable.sessions[0].id not in {"s1"}
    assert moves.moved == ("P1", "P2")
    assert found.endings[0].fate is Fate.DISSOLVED
    # the therapist who is out on Monday must be asked for Tuesday, before the patients are told
    assert [(one.who, one.steps[0].what) for one in found.calls] == [
        ("T1", "another time"),
        ("P1", "another time"),
        ("P2", "another time"),
    ]


def test_a_room_that_changes_moves_nobody_and_needs_a_sign_on_its_door() -> None:
    week = tiny(rooms=(room("R"), room("R2")))
    change = Change(losses=(Loss(kind="room", id="R", times=ALWAYS, words="R"),))
    found = ask(week, table("Mon9 G T1 R P1,P2"), change)
    timetable, moves = answered(found)
    assert timetable.sessions[0].room == "R2"
    assert (moves.moved, moves.covered, moves.other_room) == ((), (), ("P1", "P2"))
    assert [(one.how, one.role, one.who) for one in found.calls] == [(How.DOOR, "session", "s1")]
    assert found.endings[0].fate is Fate.OTHER_ROOM


def test_whom_the_change_does_not_hurt_is_not_sent_away_for_whom_it_does() -> None:
    """Two sessions of two, one room left: either goes, and it is the one whose room is closed."""
    week = tiny(
        blocks=(MON, TUE),
        patients=people("P1", "P2", "P3", "P4"),
        therapists=(therapist("T1"), therapist("T2")),
        groups=(group(max_size=2),),
        rooms=(room("R"), room("R2")),
    )
    for closed in ("R", "R2"):
        change = Change(losses=(Loss(kind="room", id=closed, times=times(("Mon", 0, 24)), words=closed),))
        _, moves = answered(ask(week, table("Mon9 G T1 R P1,P2", "Mon9 G T2 R2 P3,P4"), change))
        assert moves.moved == (("P1", "P2") if closed == "R" else ("P3", "P4"))


def test_a_session_too_small_without_the_absent_is_hurt() -> None:
    week = tiny(patients=people("P1", "P2", "P3"), groups=(group(min_size=2),))
    found = ask(week, table("Mon9 G T1 R P1,P2"), Change(absent=("P1",)))
    timetable, moves = answered(found)
    assert [(one.session.id, one.people) for one in found.hurt] == [("s1", ("P2",))]
    assert "at least 2" in found.hurt[0].reasons[0]
    assert {seat.patient for seat in timetable.assignments} == {"P2", "P3"}
    assert moves.moved == ("P3",)  # who comes so that the other keeps their hours
    assert found.endings[0].fate is Fate.RUNS


def test_the_absent_are_neither_moved_nor_short_and_their_place_is_not_filled() -> None:
    week = tiny(patients=people("P1", "P2"), groups=(group(max_size=1),))
    old = table("Mon9 G T1 R P1")
    timetable, moves = answered(found := ask(week, old, Change(absent=("P1",))))
    assert found.hurt[0].people == ()
    assert (timetable, moves.moved) == (Timetable(), ())
    assert found.verification is not None
    assert [one.patient for one in found.shortfalls] == ["P2"]  # short before, and no less served than before
    assert found.tiers[0].goals == {"hours-kept": 0}
    filled, gained = answered(ask(week, old, Change(absent=("P1",)), fill=True))
    assert [seat.patient for seat in filled.assignments] == ["P2"]
    assert gained.moved == ("P2",)


def test_a_closed_block_leaves_those_that_overlap_it_alone() -> None:
    late = block("Mon", 10.5, 12)
    week = tiny(blocks=(MON, late), therapists=(therapist("T1"), therapist("T2")), rooms=(room("R"), room("R2")))
    found = ask(week, table("Mon9 G T1 R P1", "Mon10.5 G T2 R2 P2"), Change(closed=("Mon9",)))
    timetable, moves = answered(found)
    assert [one.session.id for one in found.hurt] == ["s1"]
    assert found.hurt[0].reasons == ("Mon9 is closed",)
    assert {one.block for one in timetable.sessions} == {"Mon10.5"}
    assert moves.moved == ("P1",)


def test_nothing_changed_nothing_moved() -> None:
    week = tiny(patients=people("P1", "P2", "P3"))
    old = table("Mon9 G T1 R P2")  # poor, but nobody asked for better
    found = ask(week, old, Change())
    assert answered(found)[0] == old
    assert (found.hurt, found.calls, found.status) == ((), (), Status.OPTIMAL)


def test_a_timetable_edited_by_hand_is_mended_with_the_fewest_moves() -> None:
    week = tiny(patients=people("P1", "P2", "P3"), groups=(group(max_size=2),), therapists=(therapist("T1"),))
    _, moves = answered(found := ask(week, table("Mon9 G T1 R P1,P2,P3"), Change()))
    assert "allows 2" in found.hurt[0].reasons[0]
    assert len(moves.moved) == 1


# ---- what must stay -------------------------------------------------------------------------------------------------

KEPT_WEEK = {
    "blocks": (MON, TUE),
    "patients": people("P1", "P2"),
    "therapists": (therapist("T1"), therapist("T2")),
    "groups": (group(max_size=1),),
    "rooms": (room("R"),),
}
KEPT = table("Mon9 G T1 R P1", "Tue9 G T2 R P2")


def lock(kind: Any, id: str) -> Change:  # noqa: A002
    return out("T1", when=times(("Mon", 0, 24))).model_copy(
        update={"locks": (Lock(kind=kind, id=id, words=f"{kind} {id}"),)}
    )


@pytest.mark.parametrize(("kind", "id"), [("session", "s2"), ("block", "Tue9"), ("therapist", "T2")])
def test_a_session_that_is_kept_keeps_people_facilitators_and_room(kind: str, id: str) -> None:  # noqa: A002
    found = ask(tiny(**KEPT_WEEK), KEPT, lock(kind, id))
    timetable, _ = answered(found)
    assert KEPT.sessions[1] in timetable.sessions
    assert Assignment(patient="P2", session="s2") in timetable.assignments


def test_a_patient_who_is_kept_sits_where_they_sat_whoever_leads() -> None:
    found = ask(tiny(**KEPT_WEEK), KEPT, lock("patient", "P1"))
    timetable, moves = answered(found)
    assert Assignment(patient="P1", session="s1") in timetable.assignments
    assert timetable.sessions[0].therapists == ("T2",)
    assert "P1" in moves.covered


@pytest.mark.parametrize(
    ("kind", "id", "says"),
    [
        ("session", "s1", "s1: T1 is called out"),
        ("block", "Mon9", "s1: T1 is called out"),
        ("therapist", "T1", "s1: T1 is called out"),
    ],
)
def test_what_the_change_breaks_by_itself_cannot_be_kept(kind: str, id: str, says: str) -> None:  # noqa: A002
    found = ask(tiny(**KEPT_WEEK), KEPT, lock(kind, id))
    assert (found.status, found.timetable) == (Status.IMPOSSIBLE, None)
    assert [one.code for one in found.findings] == ["lock-broken"]
    assert says in found.findings[0].message


def test_a_closed_block_and_an_absence_break_a_patients_lock() -> None:
    locks = (Lock(kind="patient", id="P1", words="P1"),)
    for change in (Change(closed=("Mon9",), locks=locks), Change(absent=("P1",), locks=locks)):
        assert [one.code for one in ask(tiny(**KEPT_WEEK), KEPT, change).findings] == ["lock-broken"]


def test_of_several_locks_only_those_are_named_that_collide() -> None:
    week = tiny(**{**KEPT_WEEK, "therapists": (therapist("T1"), therapist("T3"))})
    locks = tuple(Lock(kind="patient", id=one, words=one) for one in ("P2", "P1"))
    old = table("Mon9 G T1 R P1", "Tue9 G T3 R P2")
    found = ask(week, old, out("T1", "T3", when=times(("Mon", 0, 24))).model_copy(update={"locks": locks}))
    assert [one.code for one in found.findings] == ["locks-collide"]
    assert "'P1'" in found.findings[0].message
    assert "'P2'" not in found.findings[0].message


def test_a_pin_that_the_change_makes_impossible_is_set_aside_and_told() -> None:
    pins = (
        Pin(block="Mon9", group="G", therapist="T1", row=2),
        Pin(patient="P1", block="Mon9", row=3),
        Pin(patient="P2", row=4),
    )
    week = tiny(therapists=(therapist("T1"), therapist("T2")), pins=pins)
    found = ask(week, table("Mon9 G T1 R P1,P2"), out("T1"))
    answered(found)
    assert [one.code for one in found.findings] == ["pin-set-aside"]
    assert "row 2" in found.findings[0].message
    assert "T1 is not free" in found.findings[0].message
    assert found.week.pins == pins[1:]


def test_a_search_that_is_stopped_gives_the_best_so_far() -> None:
    stop = threading.Event()
    stop.set()
    week = tiny(therapists=(therapist("T1"), therapist("T2")))
    found = ask(week, table("Mon9 G T1 R P1,P2"), out("T1"), stop=stop)
    timetable, moves = answered(found)
    assert timetable == Timetable()  # only the hurt session is struck out
    assert (found.status, found.interrupted, moves.proven, moves.bound) == (Status.FEASIBLE, True, False, 0)
    crowded = tiny(patients=people("P1", "P2"), groups=(group(min_size=2),), pins=(Pin(patient="P1", row=2),))
    nothing = ask(crowded, table("Mon9 G T1 R P1"), Change(), stop=stop)
    assert (nothing.status, nothing.interrupted, nothing.timetable) == (Status.UNKNOWN, True, None)


def test_who_is_hurt_is_told_before_the_search() -> None:
    heard: list[tuple[str, ...]] = []
    stop = threading.Event()

    def hear(hurt: Any) -> None:
        heard.append(tuple(one.session.id for one in hurt))
        stop.set()

    ask(tiny(), table("Mon9 G T1 R P1,P2"), out("T1"), on_hurt=hear, stop=stop)
    assert heard == [("s1",)]


# ---- the order of the calls -----------------------------------------------------------------------------------------


def test_those_hurt_soonest_are_called_first_and_a_facilitator_before_the_people() -> None:
    wed = block("Wed", 9, 12)
    week = tiny(
        blocks=(MON, TUE, wed),
        patients=people("P1", "P2"),
        therapists=(therapist("T1"), therapist("T2", free=times(("Wed", 0, 24)))),
        groups=(group(max_size=1),),
    )
    found = ask(week, table("Mon9 G T1 R P2", "Tue9 G T1 R P1"), out("T1", when=times(("Mon", 0, 24), ("Tue", 0, 24))))
    answered(found)
    assert [one.number for one in found.calls] == list(range(1, len(found.calls) + 1))
    told = [(one.how, one.when) for one in found.calls]
    assert told == sorted(told, key=lambda pair: (list(How).index(pair[0]), pair[1]))
    assert next(one.who for one in found.calls if one.role == "patient") == "P2"


# ---- old ids and rooms ----------------------------------------------------------------------------------------------


def test_sessions_get_back_their_ids_order_of_facilitators_and_rooms() -> None:
    week = tiny(
        blocks=(MON, TUE),
        patients=people("P1", "P2", "P3"),
        therapists=(therapist("T1"), therapist("T2"), therapist("T3")),
        groups=(group(facilitators=2), group("H")),
        rooms=(room("R", 2), room("R2", 2)),
    )
    wide = week.model_copy(
        update={"therapists": tuple(one.model_copy(update={"groups": frozenset("GH")}) for one in week.therapists)}
    )
    before = table("Mon9 G T2,T1 R2 P1", "Mon9 H T3 R P2")
    after = table("Mon9 H T3 R2 P2,P3", "Mon9 G T1,T2 R P1", "Tue9 H T3 R2 P2")
    found = steady(wide, before, after, RULES)
    assert [(one.id, one.therapists, one.room) for one in found.sessions] == [
        ("s1", ("T2", "T1"), "R2"),
        ("s2", ("T3",), "R"),
        ("Tue9.H.1", ("T3",), "R2"),
    ]
    assert rosters(found) == {"s1": {"P1"}, "s2": {"P2", "P3"}, "Tue9.H.1": {"P2"}}


def test_a_room_is_not_given_back_where_it_is_too_small_or_pinned() -> None:
    rooms = (room("R", 1), room("R2", 3))
    grown = table("Mon9 G T1 R2 P1,P2")
    assert steady(tiny(rooms=rooms), table("Mon9 G T1 R P1"), grown, RULES).sessions[0].room == "R2"
    pinned = tiny(rooms=(room("R"), room("R2")), pins=(Pin(block="Mon9", room="R2", row=2),))
    assert steady(pinned, table("Mon9 G T1 R P1,P2"), grown, RULES).sessions[0].room == "R2"


# ---- the words of the options ---------------------------------------------------------------------------------------

NAMED = tiny(
    blocks=(MON, TUE, block("Tue", 18, 21)),
    patients=(patient("P1", name="Ann Example"), patient("P2", name="Tue Made Up")),
    therapists=(therapist("T1", name="Room"), therapist("T2", name="Dr. Inge Two")),
    rooms=(room("R", name="Room 2"), room("T9", name="Blue")),
)
SEATED = table("Mon9 G T1 R P1,P2")


def read(**said: tuple[str, ...]) -> Change:
    return read_change(NAMED, SEATED, DAYPARTS, Said(**said))[0]


@pytest.mark.parametrize(
    ("text", "who", "when"),
    [
        ("T1", "T1", ALWAYS),
        ("t1 Tue", "T1", times(("Tue", 0, 24))),
        ("Room", "T1", ALWAYS),
        ("Room 2", "R", ALWAYS),
        ("room  2 Mon-Tue", "R", times(("Mon", 0, 24), ("Tue", 0, 24))),
        ("Dr. Inge Two: Tue evenings", "T2", times(("Tue", 17, 22))),
        ("T2, Tue 9-12", "T2", times(("Tue", 9, 12))),
    ],
)
def test_the_longest_name_at_the_start_is_who_and_the_rest_is_when(text: str, who: str, when: TimeSet) -> None:
    (loss,) = read(without=(text,)).losses
    assert (loss.id, loss.times) == (who, when)


def test_one_who_is_named_twice_is_out_at_both_times() -> None:
    (loss,) = read(without=("T1 Mon", "T1 Tue")).losses
    assert loss.times == times(("Mon", 0, 24), ("Tue", 0, 24))


def test_blocks_are_closed_by_id_or_by_time() -> None:
    assert read(close=("mon9",)).closed == ("Mon9",)
    assert read(close=("Tue",)).closed == ("Tue9", "Tue18")
    assert read(close=("Tue evenings", "Tue18")).closed == ("Tue18",)


def test_what_is_kept_is_found_by_id_name_kind_or_time() -> None:
    kinds = [(one.kind, one.id) for one in read(keep=("s1", "ann example", "T2", "Mon9", "Tue", "patient P2")).locks]
    assert kinds == [
        ("session", "s1"),
        ("patient", "P1"),
        ("therapist", "T2"),
        ("block", "Mon9"),
        ("block", "Tue9"),
        ("block", "Tue18"),
        ("patient", "P2"),
    ]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(InputRefused) as caught:
        read(
            without=("Rom 2 Tue", "T1 Tuesdoy"),
            close=("Mon8", "Sun"),
            absent=("Ann Exampel",),
            keep=("s9", "what is this"),
        )
    told = [(one.code, one.value, one.hint) for one in caught.value.problems]
    assert [one[:2] for one in told] == [
        ("unknown-name", "Rom 2 Tue"),
        ("unreadable-time", "Tuesdoy"),
        ("unknown-name", "Mon8"),
        ("unknown-name", "Sun"),
        ("unknown-name", "Ann Exampel"),
        ("unknown-name", "s9"),
        ("unknown-name", "what is this"),
    ]
    assert told[0][2] == "did you mean 'Room 2'?"
    assert "Tuesday" in told[1][2]
    assert told[2][2] == "did you mean 'Mon9'?"
    assert told[4][2] == "did you mean 'Ann Example'?"


def test_a_name_of_two_things_is_refused() -> None:
    twins = tiny(patients=(patient("X"), patient("P2")), therapists=(therapist("X"),))
    with pytest.raises(InputRefused) as caught:
        read_change(twins, Timetable(), DAYPARTS, Said(keep=("X",)))
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("ambiguous-name", "write 'patient X'")
    (found,) = read_change(twins, Timetable(), DAYPARTS, Said(keep=("therapist X",)))[0].locks
    assert (found.kind, found.id) == ("therapist", "X")


def test_the_usual_time_grows_with_the_week() -> None:
    assert usual_seconds(tiny()) < usual_seconds(tiny(patients=people(*(f"P{n}" for n in range(99)))))


def test_the_rule_of_closed_blocks_bars_and_checks() -> None:
    rule, week = BlocksClosed(("Mon9",)), tiny(blocks=(MON, TUE))
    refusal = rule.bars(week, week.groups[0], MON)
    assert refusal is not None
    assert refusal.words == "Mon9 is closed"
    assert rule.bars(week, week.groups[0], TUE) is None
    assert rule.bars(week, week.rooms[0], MON) is None
    found = verify(week, table("Mon9 G T1 R P1"), rules=(rule,), measured=())
    assert found.broken == 1
