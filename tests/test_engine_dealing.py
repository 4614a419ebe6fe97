"""Cells dealt by hand: what is dealt is what the solver could have said, and where hands fail the solver is asked."""

import random
from collections import Counter
from typing import Any

import pytest

import scheduler.engine.sections as sections
from scheduler.domain.week import Apart, Pin, Week
from scheduler.engine.build import build_plan
from scheduler.engine.dealing import Dealer, Held, Part, shows
from scheduler.engine.sections import realise
from scheduler.model.plan import Claim, Plan
from scheduler.model.splits import Split
from scheduler.rules.registry import RULES
from tests.builders import group, patient, room, therapist, tiny

CELL = ("Mon9", "G")
WOMEN = frozenset({"women"})


def people(count: int, young: int = 0) -> tuple[Any, ...]:
    """So many patients, the first of them adolescents."""
    minor = {"level": "adolescent", "age_band": "adolescent"}
    return tuple(patient(f"P{i}", tags=WOMEN, **(minor if i < young else {})) for i in range(count))


def leaders(count: int) -> tuple[Any, ...]:
    return tuple(therapist(f"T{i}") for i in range(count))


def rooms(*capacities: int) -> tuple[Any, ...]:
    return tuple(room(f"R{i}", capacity) for i, capacity in enumerate(capacities))


def held_of(plan: Plan, count: int, claims: tuple[Claim, ...] = ()) -> Held:
    """Everybody of the week in one cell, in the first rooms that there are."""
    found: Counter[int] = Counter()
    if plan.week.group_of["G"].needs_room:
        found.update(plan.class_of_room(one.id) for one in plan.week.rooms[:count])
    patients, therapists = (tuple(one.id for one in some) for some in (plan.week.patients, plan.week.therapists))
    return Held(CELL, count, patients, therapists, tuple(sorted(found.items())), claims)


def drawn(rng: random.Random) -> tuple[Week, int, list[Claim]]:
    """A cell of two to four sessions in which much can stand in the way."""
    count, facilitators = rng.randint(2, 4), rng.choice((1, 1, 2))
    size = rng.randint(2 * count, 5 * count)
    ids, leading = [f"P{i}" for i in range(size)], [f"T{i}" for i in range(count * facilitators)]
    kept = [rng.sample(ids, 2) for _ in range(rng.randint(0, 4))]
    apart = [Apart(patient=one, other_patient=other) for one, other in kept]
    apart += [Apart(patient=rng.choice(ids), therapist=rng.choice(leading)) for _ in range(rng.randint(0, 2))]
    open_to = frozenset({"women"}) if rng.random() < 0.3 else frozenset({"women", "adolescent"})
    week = tiny(
        patients=people(size, young=rng.choice((0, 0, 0, size // 2, 1)) if len(open_to) == 2 else 0),
        therapists=leaders(len(leading)),
        groups=(
            group(
                open_to=(frozenset({"women"}), open_to),
                facilitators=facilitators,
                max_size=rng.choice((-(-size // count), 10)),
                modality=rng.choice(("in person", "in person", "telehealth")),
            ),
        ),
        rooms=rooms(*(rng.choice((size // count, -(-size // count), 9, 20)) for _ in range(count))),
        apart=tuple(apart),
    )
    claims = [Claim(CELL, (rng.choice(ids),), (rng.choice(leading),)) for _ in range(rng.choice((0, 1, 3, 6)))]
    claims += [Claim(CELL, tuple(sorted(rng.sample(ids, 2)))) for _ in range(rng.choice((0, 0, 1, 3)))]
    if week.group_of["G"].needs_room and rng.random() < 0.3:
        claims.append(Claim(CELL, (rng.choice(ids),), (), rng.choice(week.rooms).id))
    return week, count, list(dict.fromkeys(claims))


def splitter_of(plan: Plan, dealer: Dealer) -> Any:
    return sections._Splitter(plan, RULES, dealer)


def admits(plan: Plan, held: Held, parts: tuple[Part, ...], uneven: int) -> bool:
    """Whether the model of the cell, with every claim held, has these very sessions among its solutions."""
    split = splitter_of(plan, Dealer(plan, RULES))._lay_out(held, firm=True)
    in_rooms = [kind for kind, count in held.rooms for _ in range(count)]
    left = list(parts)
    for slot in split.slots:
        kind = in_rooms[slot] if slot < len(in_rooms) else None
        part = next(one for one in left if one.room_class == kind)
        left.remove(part)
        for (who, k), var in (*split.seat.items(), *split.lead.items()):
            if k == slot:
                split.model.add(var == int(who in (*part.patients, *part.therapists)))
        assert len(part.patients) in held.sizes(uneven)
    return not left and sections._solve_split(split) is not None


class NoDealer(Dealer):
    """Leaves every cell to the solver."""

    def deal(self, held: Held, uneven: int) -> None:
        return None


def unevenness(held: Held, parts: tuple[Part, ...]) -> int:
    sizes = [len(part.patients) for part in parts]
    return next(one for one in (0, 2, len(held.patients)) if all(size in held.sizes(one) for size in sizes))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_is_dealt_the_solver_could_have_said(seed: int) -> None:
    rng, met = random.Random(seed), Counter[str]()
    for _ in range(60):
        week, count, claims = drawn(rng)
        plan = build_plan(week, RULES)
        held = held_of(plan, count, tuple(claims))
        dealer = Dealer(plan, RULES)
        for uneven in (0, 2):
            parts = dealer.deal(held, uneven)
            met[f"{uneven} {parts is not None}"] += 1
            if parts is not None:
                assert parts == dealer.deal(held, uneven)
                assert admits(plan, held, parts, uneven)
        by_hand, solved = (splitter_of(plan, kind(plan, RULES)).split(held) for kind in (Dealer, NoDealer))
        assert (by_hand.failed, by_hand.harmed) == (solved.failed, solved.harmed)
        met[f"failed {solved.failed}"] += 1
        if not solved.failed:
            assert unevenness(held, by_hand.parts) == unevenness(held, solved.parts)
        else:
            assert by_hand == solved
    assert min(met.values()) >= 5, met
    assert len(met) == 6, "dealt evenly or not, unevenly or not, split as promised or not"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Split]:
    """The splits that the solver was asked about."""
    found: list[Split] = []
    solve_split = sections._solve_split

    def watched(split: Split) -> Any:
        found.append(split)
        return solve_split(split)

    monkeypatch.setattr(sections, "_solve_split", watched)
    return found


def split_evenly(week: Week) -> list[int]:
    """The sizes of the sessions when everybody of the week attends."""
    plan = build_plan(week, RULES)
    held = held_of(plan, len(week.rooms))
    values = [0] * len(plan.model.proto.variables)
    for var in (*plan.attends.values(), *plan.leads.values(), *plan.runs.values()):
        values[var.index] = 1
    values[plan.sessions[CELL].index] = held.count
    for kind, count in held.rooms:
        values[plan.rooms[kind, *CELL].index] = count
    realised = realise(plan, values, RULES)
    assert realised.failed == ()
    seats = Counter(seat.session for seat in realised.timetable.assignments)
    return sorted(seats.values())


def test_a_cell_that_hands_can_deal_is_dealt_without_the_solver(asked: list[Split]) -> None:
    """P0 may be with neither P1 nor T0, and sessions of three and four just fit their rooms."""
    apart = (Apart(patient="P0", other_patient="P1"), Apart(patient="P0", therapist="T0"))
    week = tiny(patients=people(7), therapists=leaders(2), rooms=rooms(3, 4), apart=apart)
    assert split_evenly(week) == [3, 4]
    assert not asked


def test_whether_sessions_must_be_uneven_is_for_the_solver_to_say(asked: list[Split]) -> None:
    week = tiny(patients=people(8), therapists=leaders(2), rooms=rooms(3, 9))
    assert split_evenly(week) == [3, 5]
    assert len(asked) == 1


def test_where_hands_find_nothing_the_solver_does(asked: list[Split]) -> None:
    """Only P0 with one of P3 and P5, and P1, leaves two threes; the emptiest session first does not come by it."""
    apart = tuple(Apart(patient=f"P{i}", other_patient=f"P{j}") for i, j in ((0, 2), (0, 4), (3, 5)))
    week = tiny(patients=people(6), therapists=leaders(2), rooms=rooms(9, 9), apart=apart)
    assert split_evenly(week) == [3, 3]
    assert len(asked) == 1


def test_claims_that_share_somebody_are_dealt_to_one_session() -> None:
    """P0 meets T1, P1 sits with P0, and P1 is in R1."""
    week = tiny(patients=people(6), therapists=leaders(2), rooms=rooms(3, 4), pins=(Pin(room="R1"), Pin(room="R0")))
    plan = build_plan(week, RULES)
    claims = (Claim(CELL, ("P0",), ("T1",)), Claim(CELL, ("P0", "P1")), Claim(CELL, ("P1",), (), "R1"))
    parts = Dealer(plan, RULES).deal(held_of(plan, 2, claims), 0)
    assert parts is not None
    with_first = next(part for part in parts if "P0" in part.patients)
    assert "P1" in with_first.patients
    assert with_first.therapists == ("T1",)
    assert with_first.room_class == plan.class_of_room("R1")


def test_a_rule_that_is_left_out_is_not_asked() -> None:
    week = tiny(
        patients=people(2),
        therapists=leaders(2),
        rooms=rooms(9, 9),
        groups=(group(facilitators=2),),
    )
    plan = build_plan(week, RULES)
    held = held_of(plan, 2)
    assert Dealer(plan, RULES).deal(held, 0) is None, "each needs both therapists"
    assert Dealer(plan, [rule for rule in RULES if rule.id != "qualified"]).deal(held, 0) is not None


def test_a_claim_to_a_room_is_shown_only_in_that_room() -> None:
    """A pinned room that was given up had counted as shown where its people still sat together."""
    plan = build_plan(tiny(rooms=(room("R1", 10), room("R2", 5))), RULES)
    cell = plan.candidates.cells[0]
    claim = Claim(cell, patients=("P1",), room="R2")
    there, elsewhere = (plan.class_of_room(one) for one in ("R2", "R1"))
    assert there != elsewhere
    assert shows(plan, [Part(cell, ("P1", "P2"), ("T1",), there)], claim)
    assert not shows(plan, [Part(cell, ("P1", "P2"), ("T1",), elsewhere)], claim)
    assert not shows(plan, [Part(cell, ("P2",), ("T1",), there)], claim)
