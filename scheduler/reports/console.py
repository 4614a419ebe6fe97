"""What the commands print for people: tables and a few sentences. Results go to stdout, trouble to stderr."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.domain.findings import Shortfall, Verification
from scheduler.domain.outcome import Figures, TierOutcome
from scheduler.domain.problems import Problem, Severity

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}
WIDTH_WHEN_PIPED = 160
MOST_SHORTFALLS = 12


def console(*, stderr: bool = False) -> Console:
    """A console that wraps at the terminal, and at a fixed width when piped, so that logs are stable."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made = Console(stderr=stderr, highlight=False, width=WIDTH_WHEN_PIPED)
    return made


def print_problems(out: Console, problems: Sequence[Problem]) -> None:
    """Every problem as a row: how bad, where, what was found, what was expected, the way out; errors first."""
    if not problems:
        return
    order = list(Severity)
    table = Table(show_lines=False, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("Where", no_wrap=True)
    table.add_column("Value", max_width=28)
    table.add_column("Problem", ratio=3)
    table.add_column("What to do", ratio=2)
    table.add_column("Code", max_width=24)
    for problem in sorted(problems, key=lambda one: order.index(one.severity)):
        table.add_row(
            Text(problem.severity.value, style=STYLES[problem.severity]),
            *(Text(cell) for cell in (problem.place, problem.value, problem.message, problem.hint, problem.code)),
        )
    out.print(table)
    counts = {severity: sum(p.severity is severity for p in problems) for severity in Severity}
    out.print(", ".join(f"{n} {severity.value}{'s' if n != 1 else ''}" for severity, n in counts.items() if n))


def print_figures(out: Console, figures: Figures) -> None:
    """The headline in one sentence or two."""
    line = f"{figures.patients} patients in {figures.sessions} sessions ({figures.assignments} seats)."
    if figures.everybody_served:
        out.print(f"{line} Everybody meets their weekly minimum and plan.")
        return
    out.print(
        f"{line} {figures.patients_short} short of their weekly minimum by {figures.hours_short:g} h in all; "
        f"{figures.groups_missed} planned group(s) missed."
    )


def print_tiers(out: Console, tiers: Sequence[TierOutcome]) -> None:
    """Each tier's value, and in words what is proven of it."""
    table = Table("Tier", "Goals", "Value", "Bound", "In words", pad_edge=False)
    for tier in tiers:
        table.add_row(str(tier.tier), ", ".join(tier.goals), f"{tier.value:g}", f"{tier.bound:g}", tier_words(tier))
    out.print(table)


def tier_words(tier: TierOutcome) -> str:
    """What a tier's gap means."""
    if tier.proven:
        return "proven: no timetable does better"
    return f"could improve by at most {tier.gap:.1%}"


def print_shortfalls(out: Console, shortfalls: Sequence[Shortfall]) -> None:
    """Who is short and the first reason; the workbook has the rest."""
    for shortfall in shortfalls[:MOST_SHORTFALLS]:
        wants = [f"{shortfall.hours_short:g} h short"] if shortfall.hours_short else []
        wants += [
            f"misses {need.group}{f' x{need.times}' if need.times > 1 else ''}" for need in shortfall.groups_missed
        ]
        reason = shortfall.reasons[0] if shortfall.reasons else ""
        out.print(Text(f"  {shortfall.patient}: {', '.join(wants)}. {reason}"))
    more = len(shortfalls) - MOST_SHORTFALLS
    if more > 0:
        out.print(f"  ... and {more} more on the sheet Shortfalls")


def print_verification(out: Console, verification: Verification) -> None:
    """Every rule with its count, every breach, every goal with its parts."""
    rules = Table("Rule", "Broken", pad_edge=False)
    for rule in verification.rules:
        style = "bold red" if rule.violations else ""
        rules.add_row(Text(rule.rule), Text(str(len(rule.violations)), style=style))
    out.print(rules)
    for rule in verification.rules:
        for violation in rule.violations:
            out.print(Text(f"  {rule.rule}: {violation.words}"))
    goals = Table("Goal", "Measures", "Unit", "Parts", pad_edge=False)
    for goal in verification.goals:
        parts = ", ".join(f"{name} {amount:g}" for name, amount in goal.measure.parts.items())
        goals.add_row(goal.goal, f"{goal.measure.value:g}", goal.unit, parts)
    out.print(goals)
    print_figures(out, verification.figures)
