"""The command `admit`: newcomers into a running week."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler import exits
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
    stopping,
    time_limit_option,
    week_argument,
)

if TYPE_CHECKING:
    from scheduler.advice.admission import Admitted
    from scheduler.domain.problems import Problem
    from scheduler.loading import Loaded
    from scheduler.reports.report import Report

MOST_PLACEMENTS = 1000


@click.command()
@week_argument
@click.argument("timetable", type=path)
@click.option(
    "--patient",
    "patients",
    multiple=True,
    metavar="ROW|FILE|ID",
    help="A row 'Column=value | Column=value', a file of rows, or the id of a patient of WEEK. May be repeated.",
)
@click.option("--waiting", type=path, help="A waiting list: a file of rows (CSV, JSON, workbook).")
@click.option(
    "--moves", type=click.IntRange(0, 1000), help="How many people may be moved.  [default: up to 3 if needed]"
)
@click.option(
    "--top", type=click.IntRange(1, MOST_PLACEMENTS), default=10, show_default=True, help="Placements to print."
)
@time_limit_option("Seconds for searching.", 30.0)
@profile_option
@previous_option
@map_option
@output_option("Also write the new timetable as a workbook.")
@json_option
@quiet_option
@force_option
def admit(
    week: Path,
    timetable: Path,
    patients: tuple[str, ...],
    waiting: Path | None,
    moves: int | None,
    top: int,
    time_limit: float,
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    force: bool,
) -> int:
    """Fit a newcomer into TIMETABLE, the running week of WEEK: as it is, with few moved, or what would have to change.

    Exit 0 if every newcomer is served in full, 3 if not.
    """
    if not patients and waiting is None:
        raise click.UsageError("say who comes: give --patient or --waiting")
    with stopping() as (stop, writing):
        from scheduler.advice.admission import admit as find_seats
        from scheduler.advice.admission import broken_rules
        from scheduler.files import check_target
        from scheduler.intake.newcomers import added_ids, ids_of, read_newcomers
        from scheduler.loading import Source, load, read_timetables

        newcomers = read_newcomers(patients, waiting)
        source = Source(week=week, profile=profile, mapping=mapping, previous=previous, edits=newcomers.edits)
        never = (*source.inputs, timetable, *newcomers.inputs)
        if output is not None:
            check_target(output, force=force, never=never)
        loaded = load(source)
        (running,), problems = read_timetables((timetable,), loaded.week)
        ids = ids_of(newcomers, loaded.file, running)
        told = (*newcomers.problems, *loaded.problems, *problems, *broken_rules(loaded.week, running))
        found = find_seats(
            loaded.week,
            running,
            ids,
            loaded.profile,
            moves=moves,
            seconds=time_limit,
            most=MOST_PLACEMENTS if as_json else top,
            progress=lambda: progress_on(quiet=quiet),
            stop=stop,
        )
        if output is not None:
            writing.set()
            _write(output, loaded, found, force=force, never=never)
        exit_code = exits.DONE if found.said.served else exits.SHORT
        if as_json:
            print_json(_document(found, loaded, told, exit_code, output))
        else:
            _print(found, loaded, told, top, output, added_ids(newcomers, loaded.file))
        return exit_code


def _write(output: Path, loaded: Loaded, found: Admitted, *, force: bool, never: tuple[Path, ...]) -> None:
    from scheduler.files import write_whole
    from scheduler.reports.workbook import write_workbook

    report = _report(loaded, found)
    write_whole(output, lambda target: write_workbook(target, report), force=force, never=never)


def _report(loaded: Loaded, found: Admitted) -> Report:
    from scheduler.domain.outcome import Status
    from scheduler.recording import run_record
    from scheduler.reports.report import Report
    from scheduler.shortfalls import explain_shortfalls
    from scheduler.verify import verify

    week = loaded.week
    return Report(
        week=week,
        timetable=found.timetable,
        verification=verify(week, found.timetable, loaded.profile.goals),
        shortfalls=explain_shortfalls(week, found.timetable),
        run=run_record(loaded, Status.FEASIBLE, interrupted=found.said.interrupted),
    )


def _document(
    found: Admitted, loaded: Loaded, problems: tuple[Problem, ...], exit_code: int, output: Path | None
) -> dict[str, Any]:
    from scheduler.loading import cells_of
    from scheduler.recording import document_of
    from scheduler.reports.admission import admission_document
    from scheduler.reports.document import verification_document
    from scheduler.verify import verify

    verification = verify(loaded.week, found.timetable, loaded.profile.goals)
    return {
        **document_of(loaded, "admitted" if found.said.served else "short", exit_code, problems),
        "interrupted": found.said.interrupted,
        **verification_document(verification),
        "output": None if output is None else str(output),
        "admission": admission_document(found.said, lambda facts: cells_of(facts, loaded.file)),
    }


def _print(
    found: Admitted,
    loaded: Loaded,
    problems: tuple[Problem, ...],
    top: int,
    output: Path | None,
    added: Sequence[str],
) -> None:
    from scheduler.loading import cells_of
    from scheduler.reports.admission import print_admission
    from scheduler.reports.console import console, print_asides, print_written, say

    out = console()
    of_week = loaded.problems
    print_asides(console(stderr=True), of_week, [one for one in problems if one not in of_week])
    print_admission(out, found.said, top, lambda facts: cells_of(facts, loaded.file))
    if output is not None:
        print_written(out, output)
        if added:
            say(out, f"Before it is used with the week, add to its sheet Patients: {', '.join(added)}.")
