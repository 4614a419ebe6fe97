"""Starting from a timetable at hand: it is used as it is, or its sessions are laid anew, and the answer is as good."""

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from builders import (
    block,
    crowded_week,
    featured_week,
    group,
    patient,
    quick,
    random_timetable,
    random_week,
    table,
    therapist,
    tiny,
)

from scheduler.domain.outcome import Status
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import PreviousSeat, Week
from scheduler.engine import calls
from scheduler.engine.construction import Wished, sessions_of, sessions_of_last_week
from scheduler.engine.relaxation import Relaxation
from scheduler.engine.search import solve
from scheduler.engine.strategies import Strategies
from scheduler.verify import verify


def last_week(week: Week, timetable: Timetable) -> Week:
    """The same week with a timetable as its last."""
    sessions = {session.id: session for session in timetable.sessions}
    seats = tuple(
        PreviousSeat(
            patient=seat.patient,
            block=sessions[seat.session].block,
            group=sessions[seat.session].group,
            therapist=sessions[seat.session].therapists[0],
        )
        for seat in timetable.assignments
    )
    return week.model_copy(update={"previous": seats})


def test_a_timetable_that_keeps_the_rules_is_the_first_one_in_hand() -> None:
    week = random_week(30, seed=2)
    first = solve(week, quick(time_limit=2))
    assert first.timetable is not None
    heard: list[Timetable] = []
    again = solve(week, quick(time_limit=0.2), start=first.timetable, on_timetable=heard.append)
    assert again.measured_units <= first.measured_units
    assert all(verify(week, one).broken == 0 for one in heard)


def test_every_better_timetable_is_told_and_each_is_better() -> None:
    week = random_week(30, seed=3)
    heard: list[Timetable] = []
    solution = solve(week, quick(time_limit=2), on_timetable=heard.append)
    assert heard[-1] == solution.timetable
    hours = [verify(week, one).measure_of("weekly-minimum").units for one in heard]
    assert hours == sorted(hours, reverse=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_start_that_breaks_rules_harms_nothing(seed: int) -> None:
    rng = Random(seed)
    week = featured_week(rng)
    broken = random_timetable(week, rng)
    cold, warm = solve(week, quick()), solve(week, quick(), start=broken)
    assert warm.status is cold.status
    assert warm.measured_units == cold.measured_units
    assert cold.status in (Status.OPTIMAL, Status.IMPOSSIBLE)


def test_a_start_of_another_week_is_refused() -> None:
    strange = table("Mon9 G T R P9")
    with pytest.raises(ValueError, match="does not know"):
        solve(tiny(), quick(), start=strange)


def test_without_warm_starts_a_given_timetable_is_passed_over() -> None:
    week = crowded_week(Random(1))
    first = solve(week, quick())
    assert first.timetable is not None
    heard: list[Timetable] = []
    solve(week, quick(), start=first.timetable, on_timetable=heard.append, strategies=Strategies(warm=False))
    assert heard, "it was found anew"


def test_the_sessions_of_last_week_come_from_who_led() -> None:
    def seat(who: str, leader: str | None, group_id: str | None = "G") -> PreviousSeat:
        return PreviousSeat(patient=who, block="Mon9", group=group_id, therapist=leader)

    fields: dict[str, Any] = {
        "blocks": (block("Mon", 9, 12),),
        "patients": (patient("P1"), patient("P2")),
        "therapists": (therapist("T1", "G", "H"), therapist("T2", "G", "H")),
        "groups": (group("G"), group("H", facilitators=2)),
    }
    seats = (seat("P1", "T1"), seat("P2", "T1"), seat("P1", "T2"), seat("P1", None), seat("P2", "T1", None))
    led = sessions_of_last_week(tiny(**fields, previous=seats))
    assert led == (
        Wished((("Mon9", "G"),), ("T1",), ("P1", "P2")),
        Wished((("Mon9", "G"),), ("T2",), ("P1",)),
    )
    both = (seat("P1", "T1", "H"), seat("P2", "T2", "H"), seat("P1", "T2", "H"))
    led = sessions_of_last_week(tiny(**fields, previous=both))
    assert led == (Wished((("Mon9", "H"),), ("T1", "T2"), ("P1", "P2")),)


def test_the_sessions_of_a_timetable_are_those_at_hand() -> None:
    made = table("Mon9 G T1 R P1", "Mon9 G T2 - P2", "Tue9 G T1 R P1")
    assert [(one.cells, one.therapists, one.patients) for one in sessions_of(made)] == [
        ((("Mon9", "G"),), ("T1",), ("P1",)),
        ((("Mon9", "G"),), ("T2",), ("P2",)),
        ((("Tue9", "G"),), ("T1",), ("P1",)),
    ]


@pytest.mark.slow
def test_last_week_repeated_costs_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the search begins from last week's sessions, as it does in large weeks."""
    monkeypatch.setattr(calls, "LARGE", 0)
    week = random_week(14, seed=6)
    first = solve(week, quick())
    assert first.timetable is not None
    assert [tier.proven for tier in first.tiers[:2]] == [True, True]
    again = solve(last_week(week, first.timetable), quick())
    assert again.measured_units[:3] == (*first.measured_units[:2], 0)


@pytest.mark.slow
@pytest.mark.parametrize("given", [False, True])
def test_the_linear_program_likes_a_timetable_that_was_given(monkeypatch: pytest.MonkeyPatch, *, given: bool) -> None:
    """One that keeps all rules too, not only one that has to be mended; and none that the search made itself."""
    week = random_week(40, seed=2)
    liked: list[list[int]] = []
    monkeypatch.setattr(calls, "LARGE", 0)

    def near(self: Relaxation, taken: Iterable[int]) -> Relaxation:
        liked.append(list(taken))
        return self

    monkeypatch.setattr(Relaxation, "near", near)
    solve(week, quick(time_limit=3), start=Timetable() if given else None)
    assert len(liked) == given
