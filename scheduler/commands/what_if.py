"""The command `what-if`: any cell of the input changed in memory, solved, and laid beside the unchanged week."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.terminal import (
    force_option,
    json_option,
    map_option,
    output_option,
    path,
    previous_option,
    print_json,
    profile_option,
    progress_on,
    quiet_option,
    reproducible_option,
    seed_option,
    stopping,
    time_limit_option,
    week_argument,
    workers_option,
)

if TYPE_CHECKING:
    from scheduler.advice.what_if import WhatIf
    from scheduler.domain.problems import Problem
    from scheduler.intake.edits import Edits
    from scheduler.loading import Loaded, Overrides, Source
    from scheduler.reports.report import Report

NAMES = ("the unchanged week", "the changed week")


@dataclass(frozen=True)
class _Answer:
    """What came of the question, with the files it came from."""

    unchanged: Loaded | tuple[Problem, ...]
    """Where the unchanged file is refused, why."""
    changed: Loaded
    edits: Edits
    found: WhatIf
    problems: tuple[Problem, ...]
    report: Report | None
    output: Path | None

    @property
    def same(self) -> bool:
        """Whether the change says nothing new."""
        return self.before is not None and self.before.week == self.changed.week

    @property
    def before(self) -> Loaded | None:
        """The unchanged week, if there is one."""
        return None if isinstance(self.unchanged, tuple) else self.unchanged

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Why the unchanged file is refused."""
        return self.unchanged if isinstance(self.unchanged, tuple) else ()

    @property
    def new_problems(self) -> tuple[Problem, ...]:
        """What is to say of the changed week and not of the unchanged one."""
        known = self.refused if self.before is None else self.before.problems
        return tuple(one for one in self.problems if one not in known)

    @property
    def exit_code(self) -> int:
        """As that of `solve` for the changed week."""
        from scheduler.recording import exit_code_of

        figures = None if self.found.verification is None else self.found.verification.figures
        return exit_code_of(figures, self.found.status, interrupted=self.found.interrupted)


@click.command("what-if")
@week_argument
@click.option("--set", "sets", multiple=True, metavar="SHEET/ROW/COLUMN=VALUE", help="A cell; += adds to its list.")
@click.option(
    "--add-row",
    "adds",
    multiple=True,
    nargs=2,
    type=(str, path),
    metavar="SHEET FILE",
    help="Rows of a CSV or JSON file.",
)
@click.option("--remove-row", "removes", multiple=True, metavar="SHEET/ROW", help="A row to take out.")
@profile_option
@previous_option
@map_option
@click.option("--against", type=path, help="A timetable of the unchanged week, in place of solving that.")
@time_limit_option("Seconds for each of the two searches.")
@seed_option
@reproducible_option
@workers_option
@output_option("Also write the changed week's timetable as a workbook.")
@json_option
@quiet_option
@force_option
def what_if(
    week: Path,
    sets: tuple[str, ...],
    adds: tuple[tuple[str, Path], ...],
    removes: tuple[str, ...],
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    against: Path | None,
    time_limit: float | None,
    seed: int | None,
    reproducible: bool,
    workers: int | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    force: bool,
) -> int:
    """Solve WEEK with cells changed, and lay the timetable beside that of the unchanged week.

    The file itself is never changed. ROW is an id or name, or the row's number on sheets without ids. Where WEEK as it
    is would be refused, only the changed one is solved.
    """
    if not (sets or adds or removes):
        raise click.UsageError("give a change: --set, --add-row or --remove-row")
    with stopping() as (stop, writing):
        from scheduler.advice.what_if import what_if as solve_both
        from scheduler.files import check_target, write_whole
        from scheduler.intake.edits import Edits
        from scheduler.loading import Overrides, Source, load, located, read_timetables
        from scheduler.reports.workbook import write_workbook

        edits = Edits(sets=sets, adds=adds, removes=removes)
        source = Source(week=week, profile=profile, mapping=mapping, previous=previous, edits=edits)
        never = (*source.inputs, *(() if against is None else (against,)))
        if output is not None:
            check_target(output, force=force, never=never)
        overrides = Overrides(time_limit=time_limit, seed=seed, workers=workers, reproducible=reproducible)
        changed = load(source, overrides)
        unchanged = _as_it_is(source.model_copy(update={"edits": Edits()}), overrides, needed=against is not None)
        before = None if isinstance(unchanged, tuple) else unchanged.week
        given, problems = ((), ()) if before is None else read_timetables(() if against is None else (against,), before)
        with progress_on(quiet=quiet) as listener:
            found = solve_both(
                before,
                changed.week,
                changed.profile,
                given=given[0] if given else None,
                listener=listener,
                stop=stop,
            )
        asked_for = output is not None or found.comparison is None
        report = _report(changed, edits, found, stop) if asked_for else None
        writing.set()
        written = output if report is not None else None
        if written is not None and report is not None:
            write_whole(written, lambda target: write_workbook(target, report), force=force, never=never)
        told = (*changed.problems, *problems, *(located(one, changed.file) for one in found.after.findings))
        answer = _Answer(unchanged, changed, edits, found, told, report, written)
        if as_json:
            print_json(_document(answer))
        else:
            _print(answer)
        return answer.exit_code


def _as_it_is(source: Source, overrides: Overrides, *, needed: bool) -> Loaded | tuple[Problem, ...]:
    """The week without the changes; where its file is refused and it can be done without, why."""
    from scheduler.domain.problems import InputRefused
    from scheduler.loading import load

    try:
        return load(source, overrides)
    except InputRefused as refused:
        if needed:
            raise
        return refused.problems


def _report(changed: Loaded, edits: Edits, found: WhatIf, stop: threading.Event) -> Report | None:
    """The changed week's timetable as `solve` reports it; its record names the changes."""
    from scheduler.pipeline import with_proofs
    from scheduler.recording import run_record
    from scheduler.reports.report import Report
    from scheduler.shortfalls import explain_shortfalls

    timetable, verification = found.after.timetable, found.verification
    if timetable is None or verification is None:
        return None
    record = run_record(changed, found.status, interrupted=found.interrupted, tiers=found.tiers, changes=edits.words)
    proven = tuple(tier.proven for tier in found.tiers)
    shortfalls = with_proofs(changed, timetable, explain_shortfalls(changed.week, timetable, proven), stop)
    return Report(week=changed.week, timetable=timetable, verification=verification, shortfalls=shortfalls, run=record)


def _document(answer: _Answer) -> dict[str, Any]:
    from scheduler.recording import document_of
    from scheduler.reports.comparison import comparison_document
    from scheduler.reports.document import problems_document, tiers_document, verification_document

    found, changed = answer.found, answer.changed
    document = document_of(changed, found.status.value, answer.exit_code, answer.problems) | {
        "interrupted": found.interrupted,
        "changes": list(answer.edits.words),
        "same_week": answer.same,
        "unchanged_problems": problems_document(answer.refused),
        "tiers": tiers_document(found.tiers),
        "output": None if answer.output is None else str(answer.output),
        "conclusions": found.conclusions.model_dump(mode="json"),
        "comparison": None if found.comparison is None else comparison_document(found.comparison, NAMES),
    }
    return document if found.verification is None else document | verification_document(found.verification)


def _print(answer: _Answer) -> None:
    from scheduler.reports.comparison import print_comparison, print_conclusions
    from scheduler.reports.console import console, print_problems, print_written, say

    out, found = console(), answer.found
    print_problems(console(stderr=True), answer.new_problems, with_notices=False)
    if answer.same:
        say(out, "The change says nothing new: the program reads the same week as before.")
    if found.interrupted:
        say(out, "Interrupted: these are the best timetables found by then.", style="bold yellow")
    if found.comparison is None:
        _print_alone(answer)
    else:
        print_comparison(out, found.comparison, NAMES)
        print_conclusions(out, found.comparison, found.conclusions, NAMES)
    if answer.output is not None:
        print_written(out, answer.output)


def _print_alone(answer: _Answer) -> None:
    """Where one of the two weeks has no timetable there is nothing to lay side by side."""
    from scheduler.reports.console import console, print_figures, print_shortfalls, say

    out, found = console(), answer.found
    if found.verification is None or answer.report is None:
        say(out, "The changed week has no timetable.", style="bold")
        return
    before = "cannot be solved (validate shows why)" if answer.refused else "has no timetable"
    say(out, f"The unchanged week {before}; the changed week has one.", style="bold")
    print_figures(out, found.verification.figures)
    print_shortfalls(out, answer.report.shortfalls)
