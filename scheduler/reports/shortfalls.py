"""The sheet `Shortfalls`: who is short of what, why, and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.utils import get_column_letter

from scheduler.domain.findings import Shortfall
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.reports.canvas import BOXED, HEADING, IDENTIFIER, NUMBER, Book, Canvas, Look, Value
from scheduler.reports.explanation import sentences
from scheduler.reports.labels import Labels
from scheduler.reports.remarks import groups_run_too_seldom
from scheduler.reports.report import Report
from scheduler.reports.table import Column, draw_table, name_column, named

NOBODY_SHORT = "Nobody is short: every weekly minimum and every planned group is met."
NO_REMEDY = "No single change was found that would."
GOOD_NEWS = Look(size=11, bold=True, wrap=False)


def add_shortfalls(book: Book, report: Report, labels: Labels) -> None:
    """Add the sheet `Shortfalls`: the most urgent and the most short first."""
    canvas = book.sheet("Shortfalls")
    columns = [
        Column("Patient", 9, IDENTIFIER),
        *name_column(labels.names, 18),
        Column("Priority", 9, NUMBER),
        Column("Hours short", 9, NUMBER),
        Column("Hours given", 9, NUMBER),
        Column("Minimum", 11, NUMBER),
        Column("Groups missed", 18),
        Column("Why", 40),
        Column("What would mend it", 40),
    ]
    rank = {one.id: place for place, one in enumerate(report.week.patients)}
    urgent_first = sorted(report.shortfalls, key=lambda s: (-_priority(report, s), -s.hours_short, rank[s.patient]))
    rows = [_row(report, labels, short) for short in urgent_first]
    last = draw_table(canvas, columns, rows, freeze=f"{get_column_letter(2 + len(named(labels.names, '')))}2")
    last = _say_who_is_missing(canvas, report, last)
    last = _add_seldom_groups(canvas, report, labels, last)
    canvas.page(rows=last, columns=len(columns), titles="1:1")


def _priority(report: Report, short: Shortfall) -> int:
    return report.week.patient_of[short.patient].priority


def _row(report: Report, labels: Labels, short: Shortfall) -> list[Value]:
    return [
        short.patient,
        *named(labels.names, labels.patient(short.patient)),
        _priority(report, short),
        short.hours_short,
        short.hours_given,
        report.week.patient_of[short.patient].min_minutes / MINUTES_PER_HOUR,
        labels.planned(short.groups_missed),
        labels.free_text(_listed((*_proved(short), *short.reasons))),
        labels.free_text(_listed(short.remedies)) or NO_REMEDY,
    ]


def _proved(short: Shortfall) -> tuple[str, ...]:
    """What was proven of each need: a sentence each, its facts below it."""
    return tuple("\n   - ".join(sentences(one, with_cost=False)) for one in short.proofs)


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"• {one}" for one in sentences) if len(sentences) > 1 else "".join(sentences)


def _say_who_is_missing(canvas: Canvas, report: Report, last: int) -> int:
    """A plain sentence where the table is empty: nobody is short, or nobody looked for the reasons."""
    if report.shortfalls:
        return last
    figures = report.verification.figures
    sentence = NOBODY_SHORT
    if not figures.everybody_served:
        sentence = (
            f"{figures.patients_short} patients are short of {figures.hours_short:.4g} h, and {figures.groups_missed} "
            "planned groups are missed. Nobody looked for the reasons in this run."
        )
    canvas.put(last + 2, 1, sentence, GOOD_NEWS)
    canvas.height(last + 2, 20)
    return last + 2


def _add_seldom_groups(canvas: Canvas, report: Report, labels: Labels, last: int) -> int:
    seldom = groups_run_too_seldom(report)
    if not seldom:
        return last
    row = last + 2
    canvas.put(row, 1, "Groups that run less often than their minimum", HEADING.but(lines="none"))
    canvas.height(row, 20)
    for group, (run, asked) in seldom.items():
        row += 1
        canvas.put(row, 1, f"{labels.group(group)}: {run} of {asked} sessions", BOXED.but(wrap=False, lines="none"))
    return row
