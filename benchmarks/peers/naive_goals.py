"""The goals of the obvious model, added up into one weighted sum. See `benchmarks.peers.naive_cp`.

Only goals in the profile's tiers with their parts' weights; the terms are exact, so that the solver's bound is a bound
of the whole as judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from benchmarks.judge import weight_of
from benchmarks.peers.naive_model import Expr, Literal, Naive, Place, total
from scheduler.domain.clock import Day
from scheduler.domain.profile import GoalSettings
from scheduler.domain.types import DAYS_PER_WEEK, MINUTES_PER_HOUR
from scheduler.domain.week import Patient, PreviousSeat
from scheduler.engine.tiers import tiers_of
from scheduler.goals.operations import middle
from scheduler.goals.preferences import wished_groups
from scheduler.goals.registry import part_weights

Weights = Mapping[str, int]


def write_goals(naive: Naive, settings: GoalSettings) -> None:
    """Minimise the weighted sum of all goals."""
    terms: list[Expr] = []
    for tier in tiers_of(settings):
        for goal, weight in zip(tier.goals, tier.weights, strict=True):
            factor = weight_of(tier.number) * weight * (tier.scale // goal.scale)
            score = _GOALS[goal.id](naive, part_weights(goal, settings))
            terms.append(factor * score)
    naive.model.minimize(total(terms))


def _at_least(naive: Naive, most: int, *needs: Expr) -> Literal:
    """A number from 0 to ``most`` that is no less than any of the needs."""
    found = naive.model.new_int_var(0, max(0, most), "")
    for need in needs:
        naive.model.add(found >= need)
    return found


def _rising(naive: Naive, count: Expr, most: int) -> Literal:
    """1 + 2 + ... + count, for a count of at most ``most``."""
    tangents = (step * count - step * (step - 1) // 2 for step in range(1, most + 1))
    return _at_least(naive, most * (most + 1) // 2, *tangents)


# ------------------------------------------------------------------------------------------------- hours and plans


def _weekly_minimum(naive: Naive, weights: Weights) -> Expr:
    each = round(naive.week.program.block_hours * MINUTES_PER_HOUR)
    terms: list[Expr] = []
    for patient in naive.week.patients:
        places = naive.of_patient[patient.id]
        most = max(patient.min_minutes, each * max(patient.min_blocks, patient.min_days))
        needs: list[Expr] = [
            patient.min_minutes - total(one.block.minutes * one.var for one in places),
            each * (patient.min_blocks - total(one.var for one in places)),
            each * (patient.min_days - total(_full_days(naive, patient))),
        ]
        terms.append(weights["hours"] * patient.priority * _at_least(naive, most, *needs))
    return total(terms)


def _full_days(naive: Naive, patient: Patient) -> Iterable[Literal]:
    for here in _by_day(naive.of_patient[patient.id]).values():
        counts = naive.model.new_bool_var("")
        naive.model.add(total(one.block.minutes * one.var for one in here) >= patient.min_day_minutes * counts)
        naive.model.add(total(one.var for one in here) >= counts)
        yield counts


def _by_day(places: Sequence[Place]) -> dict[Day, list[Place]]:
    found: dict[Day, list[Place]] = defaultdict(list)
    for one in places:
        found[one.block.day].append(one)
    return dict(sorted(found.items()))


def _treatment_plan(naive: Naive, weights: Weights) -> Expr:
    terms: list[Expr] = []
    for patient in naive.week.patients:
        for need in patient.required:
            given = total(one.var for one in naive.of_patient[patient.id] if one.group.id == need.group)
            terms.append(weights["groups"] * patient.priority * _at_least(naive, need.times, need.times - given))
    for group in naive.week.groups:
        run = total(var for (_, cell), var in naive.runs.items() if cell[1] == group.id)
        terms.append(weights["sessions"] * _at_least(naive, group.min_sessions, group.min_sessions - run))
    for pair in naive.week.together:
        shared = [
            naive.both(seats[pair.patient], seats[pair.other])
            for seats in naive.seats.values()
            if pair.patient in seats and pair.other in seats
        ]
        terms.append(weights["together"] * _at_least(naive, 1, 1 - total(shared)))
    return total(terms)


# ------------------------------------------------------------------------------------------------------- continuity


def _continuity(naive: Naive, weights: Weights) -> Expr:
    return total(weights["changes"] * _change(naive, seat) for seat in naive.week.previous)


def _change(naive: Naive, seat: PreviousSeat) -> Expr:
    """4 less what the best grade that is kept saves."""
    places = naive.of_patient[seat.patient]
    met = [] if seat.therapist is None else list(naive.meets(seat.patient, seat.therapist))
    cell = (seat.block, seat.group)
    kept = {
        4: [var for place, var in met if place.key[1] == cell],
        3: [one.var for one in places if one.key[1] == cell],
        2: [var for _, var in met],
        1: [one.var for one in places if one.block.id == seat.block],
    }
    counted: list[Literal] = []
    saved: list[Expr] = []
    for worth, proofs in kept.items():
        counts = naive.model.new_bool_var("")
        naive.model.add(total(proofs) >= counts)
        counted.append(counts)
        saved.append(worth * counts)
    naive.model.add_at_most_one(counted)
    return 4 - total(saved)


# ----------------------------------------------------------------------------------------------------------- wishes


def _preferences(naive: Naive, weights: Weights) -> Expr:
    terms: list[Expr] = []
    for patient in naive.week.patients:
        broken = _broken(naive, patient)
        count = total(weights[part] * one for part, (_, one) in broken.items())
        most = sum(weights[part] * most for part, (most, _) in broken.items())
        terms.append(_rising(naive, count, most))
    return total(terms)


def _broken(naive: Naive, patient: Patient) -> dict[str, tuple[int, Expr]]:
    """For each kind of wish the most that can be broken, and how many are."""
    places = naive.of_patient[patient.id]
    found: dict[str, tuple[int, Expr]] = {"steady": _unsteady(naive, patient)}
    wished = patient.preferred_times
    if wished is not None:
        outside = [one.var for one in places if not wished.covers(one.block.start, one.block.end)]
        found["times"] = (min(len(outside), patient.max_blocks), total(outside))
    if patient.preferred:
        most = wished_groups(patient)
        attended = []
        for group in dict.fromkeys(patient.preferred):
            attended.append(naive.model.new_bool_var(""))
            naive.model.add(total(one.var for one in places if one.group.id == group) >= attended[-1])
        found["groups"] = (most, _at_least(naive, most, most - total(attended)))
    if patient.primary_therapist is not None:
        met = total(var for _, var in naive.meets(patient.id, patient.primary_therapist))
        found["primary"] = (1, _at_least(naive, 1, 1 - met))
    return found


def _unsteady(naive: Naive, patient: Patient) -> tuple[int, Expr]:
    """Times of day beyond the first."""
    places = naive.of_patient[patient.id]
    times = {time: naive.model.new_bool_var("") for time in sorted({one.block.time_of_day for one in places})}
    for one in places:
        naive.model.add_implication(one.var, times[one.block.time_of_day])
    most = max(0, len(times) - 1)
    return most, _at_least(naive, most, total(times.values()) - 1)


# ------------------------------------------------------------------------------------------------------- operations


def _operations(naive: Naive, weights: Weights) -> Expr:
    terms: list[Expr] = [weights["sessions"] * total(naive.runs.values())]
    for therapist in naive.week.therapists:
        places = naive.of_therapist[therapist.id]
        load, blocks = total(one.var for one in places), len({one.block.id for one in places})
        most = blocks if therapist.max_blocks is None else min(blocks, therapist.max_blocks)
        terms.append(weights["load"] * _rising(naive, load, most))
        terms.append(weights["unused"] * _at_least(naive, therapist.min_blocks, therapist.min_blocks - load))
    terms.extend(weights["sizes"] * one for one in _sizes(naive))
    for patient in naive.week.patients:
        terms.extend(_spacing(naive, patient, weights))
    return total(terms)


def _sizes(naive: Naive) -> Iterable[Expr]:
    """Seats away from the middle size, block by block and group by group."""
    for cell in naive.candidates.cells:
        mid = middle(naive.week, naive.week.group_of[cell[1]])
        if mid is None:
            continue
        keys = [(therapist, cell) for therapist in naive.candidates.therapists[cell]]
        wanted = mid * total(naive.runs[key] for key in keys)
        present = total(var for key in keys for var in naive.seats[key].values())
        most = mid * max(1, len(naive.candidates.patients[cell]))
        yield _at_least(naive, most, present - wanted, wanted - present)


def _spacing(naive: Naive, patient: Patient, weights: Weights) -> Iterable[Expr]:
    """Gaps of too many free days, and runs of too many days."""
    program = naive.week.program
    came = {day: _came(naive, here) for day, here in _by_day(naive.of_patient[patient.id]).items()}
    for sooner, later in combinations(came, 2):
        if later - sooner - 1 > program.max_gap_days:
            between = total(came[day] for day in came if sooner < day < later)
            yield weights["gaps"] * _at_least(naive, 1, came[sooner] + came[later] - 1 - between)
    for first in range(DAYS_PER_WEEK - program.max_run_days):
        stretch = [Day(first + i) for i in range(program.max_run_days + 1)]
        if all(day in came for day in stretch):
            yield weights["runs"] * _at_least(naive, 1, total(came[day] for day in stretch) - program.max_run_days)


def _came(naive: Naive, here: Sequence[Place]) -> Literal:
    came = naive.model.new_bool_var("")
    naive.model.add_max_equality(came, [one.var for one in here])
    return came


_GOALS: dict[str, Callable[[Naive, Weights], Expr]] = {
    "weekly-minimum": _weekly_minimum,
    "treatment-plan": _treatment_plan,
    "continuity": _continuity,
    "preferences": _preferences,
    "operations": _operations,
}
