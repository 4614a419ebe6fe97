"""Two timetables side by side: measured without the solver, matched session by session and seat by seat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product, zip_longest
from typing import NamedTuple, TypeVar

from scheduler.domain.comparison import (
    Comparison,
    GoalLine,
    Move,
    PartLine,
    PatientLine,
    PatientMoves,
    Personal,
    Reason,
    RuleLine,
    SeatView,
    SessionKind,
    SessionLine,
    SessionView,
    Side,
    TierLine,
    Verdict,
)
from scheduler.domain.findings import GoalResult, Verification
from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Board, Session, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import RequiredGroup, Week
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.goals.preferences import Preferences
from scheduler.goals.registry import GOALS, part_weights
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.protocol import Goal, Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

Item = TypeVar("Item")
Costs = dict[tuple[str, str], float]
"""What a patient's share of each part of each goal is."""


def compare_timetables(
    before: Week,
    old: Timetable,
    after: Week,
    new: Timetable,
    goals: GoalSettings,
    *,
    rules: Sequence[Rule] = RULES,
    measured: Sequence[Goal] = GOALS,
) -> Comparison:
    """Lay two timetables side by side. Either may break rules; the weeks may differ, each timetable fits its own.

    Args:
        before: the week of the first timetable.
        old: the first timetable.
        after: the week of the second timetable; mostly the same.
        new: the second timetable.
        goals: the tiers by which they are ranked, and the weights.
        rules: what is checked.
        measured: the goals that are measured; the tiers name some of them.

    Raises:
        ValueError: if a timetable names something that its week does not know.
        KeyError: if a tier names a goal that is not measured.
    """
    both = _Both(
        Board(before, old),
        Board(after, new),
        verify(before, old, goals, rules, measured),
        verify(after, new, goals, rules, measured),
    )
    tiers = tiers_of(goals, measured)
    lines = tuple(_tier_line(tier, both) for tier in tiers)
    return Comparison(
        verdict=_verdict(both, lines),
        same_week=before == after,
        tiers=lines,
        goals=_goal_lines(both, tiers),
        rules=_rule_lines(both),
        figures_before=both.found_before.figures,
        figures_after=both.found_after.figures,
        patients=_patient_lines(both, tiers),
        moves=_moves(both),
        sessions=_session_lines(both),
    )


class _Both(NamedTuple):
    """The two boards and what was found on them."""

    before: Board
    after: Board
    found_before: Verification
    found_after: Verification


def _side(before: float, after: float) -> Side:
    """The side with less."""
    return Side.NEITHER if before == after else Side.BEFORE if before < after else Side.AFTER


# ---- goals, rules, the verdict ---------------------------------------------------------------------------------------


def _tier_line(tier: Tier, both: _Both) -> TierLine:
    units = tier.measured_units(both.found_before), tier.measured_units(both.found_after)
    return TierLine(
        tier=tier.number,
        goals=tier.names,
        unit=tier.goals[0].unit if len(tier.goals) == 1 else "weighted together",
        before=units[0] / tier.scale,
        after=units[1] / tier.scale,
        better=_side(*units),
    )


def _goal_lines(both: _Both, tiers: Sequence[Tier]) -> tuple[GoalLine, ...]:
    tier_of = {goal.id: tier.number for tier in tiers for goal in tier.goals}
    ranked = [goal.id for tier in tiers for goal in tier.goals]
    results = {one.goal: one for one in both.found_before.goals}
    others = [goal for goal in results if goal not in tier_of]
    after = {one.goal: one for one in both.found_after.goals}
    return tuple(_goal_line(results[goal], after[goal], tier_of.get(goal)) for goal in (*ranked, *others))


def _goal_line(before: GoalResult, after: GoalResult, tier: int | None) -> GoalLine:
    old, new = before.measure.parts, after.measure.parts
    return GoalLine(
        goal=before.goal,
        unit=before.unit,
        tier=tier,
        before=before.measure.value,
        after=after.measure.value,
        better=_side(before.measure.units, after.measure.units),
        parts=tuple(
            PartLine(part=part, before=old[part], after=new[part], better=_side(old[part], new[part])) for part in old
        ),
    )


def _rule_lines(both: _Both) -> tuple[RuleLine, ...]:
    lines = []
    for old, new in zip(both.found_before.rules, both.found_after.rules, strict=True):
        shared, gone, came = _sorted_out(old.violations, new.violations)
        lines.append(RuleLine(rule=old.rule, words=old.words, in_both=shared, only_before=gone, only_after=came))
    return tuple(lines)


def _sorted_out(
    old: Sequence[Item], new: Sequence[Item]
) -> tuple[tuple[Item, ...], tuple[Item, ...], tuple[Item, ...]]:
    """What stands in both, in the first only, in the second only; what stands twice counts twice."""
    had, has = Counter(old), Counter(new)
    return tuple((had & has).elements()), tuple((had - has).elements()), tuple((has - had).elements())


def _verdict(both: _Both, tiers: Sequence[TierLine]) -> Verdict:
    broken = both.found_before.broken, both.found_after.broken
    tier = next((one for one in tiers if one.better is not Side.NEITHER), None)
    if (broken[0] == 0) != (broken[1] == 0):
        better, reason = _side(*broken), Reason.RULES
    elif tier is not None:
        better, reason = tier.better, Reason.GOALS
    else:
        better, reason = Side.NEITHER, Reason.NOTHING
    return Verdict(
        better=better,
        reason=reason,
        identical=_content(both.before) == _content(both.after),
        broken_before=broken[0],
        broken_after=broken[1],
        tier=tier,
    )


def _content(board: Board) -> Counter[tuple[object, ...]]:
    """A timetable without the ids of its sessions."""
    return Counter(
        (*_place(board, session), session.room, tuple(sorted(board.roster[session.id])))
        for session in board.timetable.sessions
    )


# ---- patients --------------------------------------------------------------------------------------------------------


def _patient_lines(both: _Both, tiers: Sequence[Tier]) -> tuple[PatientLine, ...]:
    old, new = _costs(both.found_before), _costs(both.found_after)
    lines = []
    for patient in _in_either(both):
        here = patient in both.before.week.patient_of, patient in both.after.week.patient_of
        mine = old[patient], new[patient]
        if mine[0] != mine[1] or not all(here) or _missed(both.before, patient) != _missed(both.after, patient):
            lines.append(_patient_line(both, patient, mine, _gain(mine, tiers) if all(here) else Side.NEITHER))
    return tuple(lines)


def _in_either(both: _Both) -> list[str]:
    """The patients in the order of the first week, then those of the second only."""
    return list(dict.fromkeys((*both.before.week.patient_of, *both.after.week.patient_of)))


def _costs(found: Verification) -> dict[str, Costs]:
    """Each patient's share of each part, from the remarks that name them."""
    costs: dict[str, Costs] = defaultdict(lambda: defaultdict(float))
    for result in found.goals:
        for remark in result.measure.remarks:
            for patient in remark.patients:
                costs[patient][result.goal, remark.part] += remark.amount
    return costs


def _gain(mine: tuple[Costs, Costs], tiers: Sequence[Tier]) -> Side:
    """Where a patient is better off: decided by the first tier in which their own weighted share differs."""
    for tier in tiers:
        side = _side(*(_share(tier, costs) for costs in mine))
        if side is not Side.NEITHER:
            return side
    return Side.NEITHER


def _share(tier: Tier, costs: Costs) -> float:
    return sum(
        weight * part_weight * costs.get((goal.id, part), 0)
        for goal, weight in zip(tier.goals, tier.weights, strict=True)
        for part, part_weight in part_weights(goal, tier.settings).items()
    )


def _patient_line(both: _Both, patient: str, mine: tuple[Costs, Costs], better: Side) -> PatientLine:
    old, new = mine
    parts = dict.fromkeys((*old, *new))
    return PatientLine(
        patient=patient,
        in_before=patient in both.before.week.patient_of,
        in_after=patient in both.after.week.patient_of,
        better=better,
        hours_short_before=_hours_short(both.before, patient),
        hours_short_after=_hours_short(both.after, patient),
        missed_before=_missed(both.before, patient),
        missed_after=_missed(both.after, patient),
        wishes_before=_wishes(old),
        wishes_after=_wishes(new),
        changes=tuple(
            Personal(goal=goal, part=part, before=old.get((goal, part), 0), after=new.get((goal, part), 0))
            for goal, part in parts
            if old.get((goal, part), 0) != new.get((goal, part), 0)
        ),
    )


def _hours_short(board: Board, patient: str) -> float:
    one = board.week.patient_of.get(patient)
    return 0 if one is None else minutes_short(board, one) / MINUTES_PER_HOUR


def _missed(board: Board, patient: str) -> tuple[RequiredGroup, ...]:
    one = board.week.patient_of.get(patient)
    return () if one is None else missed_groups(board, one)


def _wishes(costs: Costs) -> float:
    return sum(amount for (goal, _), amount in costs.items() if goal == Preferences.id)


# ---- seats -----------------------------------------------------------------------------------------------------------

Place = tuple[str, int, int, str, tuple[str, ...]]
"""Block, its start and end, group, facilitators: where somebody sits, as they know it."""


def _place(board: Board, session: Session) -> Place:
    block = board.block(session)
    return block.id, block.start, block.end, session.group, tuple(sorted(session.therapists))


def _moves(both: _Both) -> tuple[PatientMoves, ...]:
    found = ((patient, _moves_of(both, patient)) for patient in _in_either(both))
    return tuple(PatientMoves(patient=patient, moves=moves) for patient, moves in found if moves)


def _moves_of(both: _Both, patient: str) -> tuple[Move, ...]:
    old, new = _seats(both.before, patient), _seats(both.after, patient)
    left, taken = _only(old, new), _only(new, old)
    return tuple(Move(before=one, after=other) for one, other in zip_longest(left, taken))


def _seats(board: Board, patient: str) -> list[tuple[Place, SeatView]]:
    """The seats of a patient in order of time."""
    return [(_place(board, session), seat_view(board, session)) for session in board.of_patient(patient)]


def _only(mine: Iterable[tuple[Place, SeatView]], theirs: Iterable[tuple[Place, SeatView]]) -> list[SeatView]:
    """The seats of one side that the other has not; a place held twice must be there twice."""
    there = Counter(place for place, _ in theirs)
    found = []
    for place, view in mine:
        if there[place]:
            there[place] -= 1
        else:
            found.append(view)
    return found


def seat_view(board: Board, session: Session) -> SeatView:
    """A seat in a session."""
    return SeatView(
        session=session.id,
        block=session.block,
        time=board.block(session).text,
        group=session.group,
        therapists=session.therapists,
        room=session.room,
    )


# ---- sessions --------------------------------------------------------------------------------------------------------


def _session_lines(both: _Both) -> tuple[SessionLine, ...]:
    """Every session that differs, in order of time, and where it runs in one only, that one's time."""
    lines = []
    for old, new in _matched(both):
        kinds = _kinds(both, old, new)
        if kinds:
            lines.append((_when(both, old, new), _session_line(both, old, new, kinds)))
    return tuple(line for _, line in sorted(lines, key=lambda one: one[0]))


def _when(both: _Both, old: Session | None, new: Session | None) -> tuple[int, str, str]:
    """Where a line stands: by the time before, else after."""
    if old is not None:
        return both.before.block(old).start, old.group, old.id
    assert new is not None
    return both.after.block(new).start, new.group, new.id


def _matched(both: _Both) -> list[tuple[Session | None, Session | None]]:
    """Which session became which: within a block and group the most alike; then those that kept id and group."""
    old = {one.id: one for one in both.before.timetable.sessions}
    new = {one.id: one for one in both.after.timetable.sessions}
    pairs: list[tuple[Session | None, Session | None]] = []
    for cell in dict.fromkeys((one.block, one.group) for one in old.values()):
        mine = [one for one in old.values() if (one.block, one.group) == cell]
        theirs = [one for one in new.values() if (one.block, one.group) == cell]
        pairs.extend(_most_alike(both, mine, theirs))
    for one, other in pairs:
        if one is not None and other is not None:
            del old[one.id], new[other.id]
    for one in list(old.values()):
        match = new.get(one.id)
        if match is not None and match.group == one.group:
            pairs.append((old.pop(one.id), new.pop(one.id)))
    return [*pairs, *((one, None) for one in old.values()), *((None, one) for one in new.values())]


def _most_alike(both: _Both, mine: Sequence[Session], theirs: Sequence[Session]) -> list[tuple[Session, Session]]:
    """Pairs of sessions of one block and group, the most alike taken first."""
    likeness = {(a.id, b.id): _likeness(both, a, b) for a, b in product(mine, theirs)}
    by_likeness = sorted(product(mine, theirs), key=lambda pair: likeness[pair[0].id, pair[1].id], reverse=True)
    pairs, used_old, used_new = [], set[str](), set[str]()
    for a, b in by_likeness:
        if a.id not in used_old and b.id not in used_new:
            pairs.append((a, b))
            used_old.add(a.id)
            used_new.add(b.id)
    return pairs


def _likeness(both: _Both, a: Session, b: Session) -> tuple[int, int, bool, bool]:
    shared = set(both.before.roster[a.id]) & set(both.after.roster[b.id])
    return len(set(a.therapists) & set(b.therapists)), len(shared), a.room == b.room, a.id == b.id


def _kinds(both: _Both, old: Session | None, new: Session | None) -> tuple[SessionKind, ...]:
    if old is None:
        return (SessionKind.OPENED,)
    if new is None:
        return (SessionKind.CLOSED,)
    blocks = both.before.block(old), both.after.block(new)
    sizes = both.before.size(old), both.after.size(new)
    differs: Mapping[SessionKind, bool] = {
        SessionKind.TIME: blocks[0] != blocks[1],
        SessionKind.FACILITATOR: set(old.therapists) != set(new.therapists),
        SessionKind.ROOM: old.room != new.room,
        SessionKind.SIZE: sizes[0] != sizes[1],
        SessionKind.PEOPLE: sizes[0] == sizes[1] and set(both.before.roster[old.id]) != set(both.after.roster[new.id]),
    }
    return tuple(kind for kind, found in differs.items() if found)


def _session_line(both: _Both, old: Session | None, new: Session | None, kinds: tuple[SessionKind, ...]) -> SessionLine:
    joined: list[str] = []
    left: list[str] = []
    if old is not None and new is not None:
        had, has = both.before.roster[old.id], both.after.roster[new.id]
        joined, left = [one for one in has if one not in had], [one for one in had if one not in has]
    return SessionLine(
        kinds=kinds,
        before=None if old is None else _session_view(both.before, old),
        after=None if new is None else _session_view(both.after, new),
        joined=tuple(joined),
        left=tuple(left),
    )


def _session_view(board: Board, session: Session) -> SessionView:
    return SessionView(**seat_view(board, session).model_dump(), size=board.size(session))
