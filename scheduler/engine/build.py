"""From a week to its model: the table of contents of the whole engine."""

from collections.abc import Sequence

from scheduler.domain.week import Week
from scheduler.model.candidates import Cell, find_candidates
from scheduler.model.plan import Plan
from scheduler.model.protocol import Rule
from scheduler.model.splits import Split, embed


def build_plan(week: Week, rules: Sequence[Rule]) -> Plan:
    """Lay out what can be decided and let every rule write on it."""
    plan = Plan(week, find_candidates(week, rules))
    for rule in rules:
        with plan.writing(rule.id):
            rule.constrain(plan)
    return plan


def make_exact(plan: Plan, cell: Cell, rules: Sequence[Rule]) -> None:
    """Split a cell on the plan's own variables, so that no later answer can promise what its sessions cannot hold.

    A cell never needs more slots than sessions it could run.
    """
    split = embed(plan, cell, _most_sessions(plan, cell))
    write_split_rules(split, rules)


def write_split_rules(split: Split, rules: Sequence[Rule]) -> None:
    """Let every rule write on a split."""
    for rule in rules:
        rule.constrain_split(split)


def _most_sessions(plan: Plan, cell: Cell) -> int:
    group = plan.week.group_of[cell[1]]
    by_leaders = len(plan.candidates.therapists[cell]) // group.facilitators
    by_patients = len(plan.candidates.patients[cell]) // group.min_size
    return max(1, min(by_leaders, by_patients))
