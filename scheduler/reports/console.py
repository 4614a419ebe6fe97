"""What the commands print for people: short lines that wrap and are never cut, fit for a terminal and for a log."""

import os
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.domain.findings import GoalResult, Shortfall, Verification, Violation
from scheduler.domain.outcome import Figures, Status, TierOutcome
from scheduler.domain.problems import Problem, Severity
from scheduler.reports.words import STATUS_WORDS, proof_words

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}
WIDTH_OF_A_LOG = 120
MOST_SHORTFALLS = 12
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters but the line feed, Unicode's line separators, and what overrides the direction of writing."""


class _Console(Console):
    """A console that goes quiet when nobody reads any more (``| head``), instead of ending the program."""

    def on_broken_pipe(self) -> None:
        """Called when the reader has gone."""
        self.quiet = True
        silence(sys.stderr if self.stderr else sys.stdout)


def silence(stream: TextIO | None) -> None:
    """Let what is still to be written to a stream whose reader has gone vanish, also at the end of the process."""
    if stream is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; when piped as wide as COLUMNS says, else 120, so that logs are stable.

    Nothing in a text is taken for markup: a file may be called ``[old].xlsx``.
    """
    stream = sys.stderr if stderr else sys.stdout
    is_terminal = stream is not None and stream.isatty()
    width = None if is_terminal or os.environ.get("COLUMNS", "").isdigit() else WIDTH_OF_A_LOG
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


def print_problems(out: Console, problems: Sequence[Problem], *, with_notices: bool = True) -> None:
    """Every problem: how bad, where, what stands there, its code; below what is wrong, and the way out. Errors first.

    Args:
        out: where to.
        problems: what to tell.
        with_notices: print the notices too, not only their number.
    """
    for severity in Severity:
        if severity is Severity.NOTICE and not with_notices:
            continue
        for problem in problems:
            if problem.severity is severity:
                _print_problem(out, problem)
    counts = _counts(problems)
    if counts:
        hidden = any(one.severity is Severity.NOTICE for one in problems) and not with_notices
        say(out, f"{counts}{' (validate shows the notices)' if hidden else ''}")


def print_asides(out: Console, of_week: Sequence[Problem], others: Sequence[Problem] = ()) -> None:
    """Warnings beside an answer: how many there are of the week, which `validate` has shown, and the others in full."""
    counts = _counts(of_week)
    if counts:
        say(out, f"{counts} about the week (validate shows them)")
    print_problems(out, others, with_notices=False)


def _print_problem(out: Console, problem: Problem) -> None:
    head = Text(f"{problem.severity.value:8}", style=STYLES[problem.severity])
    place = f"{_printable(problem.place)}  " if problem.place else ""
    head.append(f"{place}[{problem.code}]", style="not bold default")
    out.print(head, soft_wrap=True)
    if problem.value and (problem.place or problem.value not in problem.message):
        say(out, f"found: {' '.join(problem.value.split())}", indent=4, hang=7)
    say(out, problem.message, indent=4)
    if problem.hint:
        say(out, f"-> {problem.hint}", indent=4, hang=3)


def _counts(problems: Sequence[Problem]) -> str:
    counts = {severity: sum(one.severity is severity for one in problems) for severity in Severity}
    return ", ".join(f"{n} {severity.value}{'s' if n != 1 else ''}" for severity, n in counts.items() if n)


def say(out: Console, text: str, *, indent: int = 0, hang: int = 0, style: str = "") -> None:
    """Print sentences, wrapped at blanks only, so that a path, an id or a cell's address stays whole.

    ``indent`` shifts everything, ``hang`` all lines but the first further.
    """
    for line in _printable(text).split("\n"):
        first = " " * indent
        wrapped = textwrap.fill(
            line.rstrip(),
            width=max(out.width, 40),
            initial_indent=first,
            subsequent_indent=first + " " * (hang or len(line) - len(line.lstrip())),
            break_long_words=False,
            break_on_hyphens=False,
        )
        out.print(Text(wrapped, style=style), soft_wrap=True)


def print_written(out: Console, path: Path) -> None:
    """That a file was written, on one line however long its path is: scripts look for it."""
    out.print(Text(_printable(f"wrote {path}")), soft_wrap=True)


def _printable(text: str) -> str:
    """The text without what could steer a terminal or turn its writing round: a cell may hold anything."""
    return _STEERING.sub(_UNPRINTABLE, text.replace("\t", " "))


# ---- after a solve ----


def print_status(out: Console, status: Status, *, interrupted: bool) -> None:
    """What the run may claim of its timetable."""
    if interrupted:
        proven = " It was proven by then that none is better." if status is Status.OPTIMAL else ""
        say(out, f"Interrupted: this is the best timetable found by then.{proven}", style="bold yellow")
    elif status is Status.FEASIBLE:
        say(out, f"The search stopped at its limit, before every proof. {STATUS_WORDS[status]}")
    else:
        say(out, STATUS_WORDS[status])


def print_figures(out: Console, figures: Figures) -> None:
    """The headline in one sentence or two."""
    seats = _number(figures.assignments, "seat")
    line = f"{_number(figures.patients, 'patient')}, {_number(figures.sessions, 'session')}, {seats}."
    if figures.everybody_served:
        say(out, f"{line} Everybody meets their weekly minimum and plan.", style="bold")
        return
    say(out, f"{line} {'; '.join(_unmet(figures))}.", style="bold")


def _unmet(figures: Figures) -> list[str]:
    said = []
    if figures.patients_short:
        said.append(f"{figures.patients_short} below their weekly minimum, by {figures.hours_short:g} h in all")
    if figures.groups_missed:
        said.append(f"{_number(figures.groups_missed, 'planned group')} missed")
    return said


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"


def print_tiers(out: Console, tiers: Sequence[TierOutcome], units: Mapping[str, str]) -> None:
    """Each tier with its value, the bound, and in words what is proven of it. ``units`` are by goal."""
    table = _table("Tier", "Goals", "Value", "Bound", "In words")
    for tier in tiers:
        unit = next((units.get(goal, "") for goal in tier.goals), "") if len(tier.goals) == 1 else ""
        goals = "\n".join(f"{goal}{f' ({unit})' if unit else ''}" for goal in tier.goals)
        table.add_row(str(tier.tier), goals, f"{tier.value:.10g}", f"{tier.bound:.10g}", proof_words(tier))
    out.print(table)


def print_shortfalls(out: Console, shortfalls: Sequence[Shortfall]) -> None:
    """Who is short, with the first reason and what would mend it; the workbook has the rest."""
    for shortfall in shortfalls[:MOST_SHORTFALLS]:
        wants = [f"{shortfall.hours_short:g} h short"] if shortfall.hours_short else []
        wants += [
            f"misses {need.group}{f' x{need.times}' if need.times > 1 else ''}" for need in shortfall.groups_missed
        ]
        reason = shortfall.reasons[0] if shortfall.reasons else ""
        say(out, f"{shortfall.patient}: {', '.join(wants)}. {reason}", indent=2, hang=4)
        if shortfall.remedies:
            say(out, f"-> {shortfall.remedies[0]}", indent=6, hang=3)
    more = len(shortfalls) - MOST_SHORTFALLS
    if more > 0:
        say(out, f"... and {more} more: see the sheet Shortfalls", indent=2)


def print_not_enforced(out: Console, profile: str, asked: Sequence[str]) -> None:
    """What a profile asks that the program cannot check, each once."""
    if asked:
        say(out, f"notice: {profile} also asks what this program does not check; look to it yourself:")
    for one in asked:
        say(out, f"- {one}", indent=2, hang=2)


# ---- after a verification ----


def print_verification(out: Console, verification: Verification, where: Mapping[Violation, str]) -> None:
    """Every breach with its cells, every rule with its count, every goal with its parts, and the verdict.

    Args:
        out: where to.
        verification: what was found.
        where: the cells of the facts behind each breach, where there are any.
    """
    for rule in verification.rules:
        for violation in rule.violations:
            out.print(Text.assemble(("broken  ", STYLES[Severity.ERROR]), rule.rule), soft_wrap=True)
            cells = where.get(violation)
            say(out, f"{violation.words}{f' ({cells})' if cells else ''}", indent=4)
    kept = [rule.rule for rule in verification.rules if not rule.violations]
    broken = [f"{rule.rule} {len(rule.violations)}" for rule in verification.rules if rule.violations]
    say(out, f"Rules kept (0 broken): {', '.join(kept) or 'none'}", hang=2)
    if broken:
        say(out, f"Rules broken, times: {', '.join(broken)}", hang=2)
    _print_goals(out, verification.goals)
    print_figures(out, verification.figures)
    if verification.broken:
        times = "once" if verification.broken == 1 else f"{verification.broken} times"
        say(out, f"Not a valid timetable: rules are broken {times}.", style=STYLES[Severity.ERROR])
    else:
        say(out, "Every rule is kept.")


def _print_goals(out: Console, goals: Sequence[GoalResult]) -> None:
    table = _table("Goal", "Measures", "Unit", "Made of")
    for goal in goals:
        parts = ", ".join(f"{name} {amount:.10g}" for name, amount in goal.measure.parts.items())
        table.add_row(goal.goal, f"{goal.measure.value:.10g}", goal.unit, parts)
    out.print(table)


def _table(*headers: str) -> Table:
    """A table without frames, so that a log stays plain; ids are never broken over two lines."""
    table = Table(*headers, box=box.SIMPLE, pad_edge=False, show_edge=False)
    for column in table.columns[:-1]:
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    return table
