"""From a week to its model: the table of contents of the whole engine."""

from collections.abc import Sequence, Set

from scheduler.domain.week import Week
from scheduler.model.candidates import Cell, find_candidates
from scheduler.model.plan import Claim, Literal, Plan
from scheduler.model.protocol import Rule
from scheduler.model.splits import Split, embed


def build_plan(week: Week, rules: Sequence[Rule]) -> Plan:
    """Lay out what can be decided and let every rule write on it."""
    plan = Plan(week, find_candidates(week, rules))
    for rule in rules:
        with plan.writing(rule.id):
            rule.constrain(plan)
    plan.asked = frozenset(plan.claims)
    return plan


def write_meetings(plan: Plan, rules: Sequence[Rule], told: Set[Claim]) -> None:
    """Let every rule write on the claims that somebody meets a therapist, in the cells with claims not ``told`` of."""
    fresh = {claim.cell for claim in plan.claims if claim not in told and _is_meeting(claim)}
    meetings: dict[Cell, dict[tuple[str, str], Literal]] = {cell: {} for cell in sorted(fresh)}
    for claim, literal in plan.claims.items():
        if claim.cell in fresh and _is_meeting(claim):
            meetings[claim.cell][claim.patients[0], claim.therapists[0]] = literal
    for rule in rules:
        with plan.writing(rule.id):
            for cell, found in meetings.items():
                rule.constrain_meetings(plan, cell, found)


def _is_meeting(claim: Claim) -> bool:
    return claim.room is None and len(claim.patients) == len(claim.therapists) == 1


def make_exact(plan: Plan, cell: Cell, rules: Sequence[Rule]) -> None:
    """Split a cell on the plan's own variables, so that no later answer can promise what its sessions cannot hold."""
    write_split_rules(embed(plan, cell, _most_sessions(plan, cell, rules)), rules)


def write_split_rules(split: Split, rules: Sequence[Rule]) -> None:
    """Let every rule write on a split."""
    for rule in split_rules(rules):
        rule.constrain_split(split)


def split_rules(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that speak of single sessions."""
    return tuple(rule for rule in rules if type(rule).constrain_split is not Rule.constrain_split)


def _most_sessions(plan: Plan, cell: Cell, rules: Sequence[Rule]) -> int:
    """How many slots the cell needs: as many as sessions could run in it under these rules."""
    patients, therapists = len(plan.candidates.patients[cell]), len(plan.candidates.therapists[cell])
    group = plan.week.group_of[cell[1]]
    limits = (rule.most_sessions(plan.week, group, patients, therapists) for rule in rules)
    return max(1, min((one for one in limits if one is not None), default=patients))
