"""What was not met, gathered by session and by patient, for the notes on cells. Only what was found, never a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from scheduler.domain.findings import Remark
from scheduler.reports.report import Report

FIRST_TIERS = 2
"""Remarks of these tiers are worth a note on a cell; the lesser goals' would cover the sheet."""


def notes_by_session(report: Report) -> dict[str, str]:
    """Notes by session id: broken rules, then unmet goals of the first tiers, then its group's missing sessions."""
    notes: dict[str, list[str]] = defaultdict(list)
    for result in report.verification.rules:
        for violation in result.violations:
            for session in violation.sessions:
                notes[session].append(f"Breaks the rule {result.rule}: {violation.words}")
    for remark in _weighty_remarks(report):
        for session in remark.sessions:
            notes[session].append(remark.words)
    for group, (run, asked) in groups_run_too_seldom(report).items():
        for one in report.board.of_group(group):
            notes[one.id].append(f"Group {group} runs {run} of the {asked} sessions asked for this week.")
    return {one: "\n".join(dict.fromkeys(words)) for one, words in notes.items()}


def notes_by_patient(report: Report) -> dict[str, str]:
    """Notes by patient id: broken rules, then why they are short, then unmet goals of the first tiers."""
    notes: dict[str, list[str]] = defaultdict(list)
    for result in report.verification.rules:
        for violation in result.violations:
            for patient in violation.patients:
                notes[patient].append(f"Breaks the rule {result.rule}: {violation.words}")
    for short in report.shortfalls:
        notes[short.patient].extend(short.reasons)
    for remark in _weighty_remarks(report):
        for patient in remark.patients:
            notes[patient].append(remark.words)
    return {one: "\n".join(dict.fromkeys(words)) for one, words in notes.items() if words}


def groups_run_too_seldom(report: Report) -> dict[str, tuple[int, int]]:
    """Groups with fewer sessions than their ``Min sessions``, as (sessions that run, sessions asked for), by id."""
    run = {one.id: len(report.board.of_group(one.id)) for one in report.week.groups}
    return {one.id: (run[one.id], one.min_sessions) for one in report.week.groups if run[one.id] < one.min_sessions}


def _weighty_remarks(report: Report) -> Iterable[Remark]:
    lesser = {goal for tier in report.run.tiers if tier.tier > FIRST_TIERS for goal in tier.goals}
    for result in report.verification.goals:
        if result.goal not in lesser:
            yield from result.measure.remarks
