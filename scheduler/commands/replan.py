"""The command `replan`: a week repaired after a call-out, a closed room, a cancelled block."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.terminal import (
    beside,
    force_option,
    json_option,
    map_option,
    names_option,
    output_option,
    path,
    print_json,
    profile_option,
    progress_on,
    quiet_option,
    reproducible_option,
    seed_option,
    stopping,
    time_limit_option,
    week_argument,
)

if TYPE_CHECKING:
    from scheduler.domain.problems import Problem
    from scheduler.domain.repair import Repair
    from scheduler.loading import Loaded
    from scheduler.reports.report import Report


@click.command()
@week_argument
@click.argument("timetable", type=path)
@click.option("--without", multiple=True, metavar="'WHO [WHEN]'", help="A therapist or room that is out, and when.")
@click.option("--close", multiple=True, metavar="BLOCK", help="A block that is cancelled, or every block in a time.")
@click.option("--absent", multiple=True, metavar="PATIENT", help="A patient who does not come this week.")
@click.option(
    "--keep", multiple=True, metavar="WHAT", help="A session, patient, therapist or block that stays as it is."
)
@click.option("--max-moves", type=click.IntRange(min=0), help="Move at most so many people.")
@click.option("--fill", is_flag=True, help="Who was short before may gain by the change, and is moved for it.")
@output_option("Workbook.  [default: TIMETABLE_replanned.xlsx beside TIMETABLE]")
@profile_option
@map_option
@time_limit_option("Seconds for the search.")
@seed_option
@reproducible_option
@names_option
@json_option
@quiet_option
@force_option
def replan(
    week: Path,
    timetable: Path,
    without: tuple[str, ...],
    close: tuple[str, ...],
    absent: tuple[str, ...],
    keep: tuple[str, ...],
    max_moves: int | None,
    fill: bool,
    output: Path | None,
    profile: str,
    mapping: Path | None,
    time_limit: float | None,
    seed: int | None,
    reproducible: bool,
    names: str,
    as_json: bool,
    quiet: bool,
    force: bool,
) -> int:
    """Repair TIMETABLE of WEEK after a change: first who is hurt, then the week that moves the fewest people."""
    with stopping() as (stop, writing):
        from scheduler.advice.repair import Question, repair, usual_seconds
        from scheduler.advice.repair_orders import Said, read_change
        from scheduler.domain.availability import read_dayparts
        from scheduler.files import check_target, write_whole
        from scheduler.intake.timetable import read_timetable
        from scheduler.loading import Overrides, Source, load, located
        from scheduler.recording import exit_code_of
        from scheduler.reports.changes import ChangesSheet, print_hurt
        from scheduler.reports.console import console, print_asides
        from scheduler.reports.report import Names
        from scheduler.reports.workbook import write_workbook

        source = Source(week=week, profile=profile, mapping=mapping)
        target, never = output or beside(timetable, "replanned"), (*source.inputs, timetable)
        check_target(target, force=force, never=never)
        loaded = load(source, Overrides(seed=seed, reproducible=reproducible))
        file = read_timetable(timetable, loaded.week)
        dayparts = read_dayparts(loaded.profile.dayparts)
        change, notes = read_change(loaded.week, file.timetable, dayparts, Said(without, close, absent, keep))
        problems = (*loaded.problems, *file.problems, *notes)
        if not as_json:
            print_asides(console(stderr=True), loaded.problems, (*file.problems, *notes))
        with progress_on(quiet=quiet) as listener:
            question = Question(
                week=loaded.week,
                profile=loaded.profile,
                timetable=file.timetable,
                change=change,
                seconds=time_limit or usual_seconds(loaded.week),
                most_moves=max_moves,
                fill=fill,
                on_hurt=lambda hurt: None if as_json else print_hurt(console(), loaded.week, hurt),
                listener=listener,
                stop=stop,
            )
            found = repair(question)
        told = tuple(located(finding, loaded.file) for finding in found.findings)
        report = _report(loaded, found)
        if report is not None:
            writing.set()
            sheets = [ChangesSheet(found)]
            write_whole(
                target,
                lambda place: write_workbook(place, report, names=Names(names), before=sheets),
                force=force,
                never=never,
            )
        written = target if report is not None else None
        figures = None if found.verification is None else found.verification.figures
        exit_code = exit_code_of(figures, found.status, interrupted=found.interrupted)
        if as_json:
            print_json(_document(loaded, found, (*problems, *told), written, exit_code))
        else:
            _print(found, told, written)
        return exit_code


def _report(loaded: Loaded, found: Repair) -> Report | None:
    from scheduler.recording import run_record
    from scheduler.reports.report import Report

    if found.timetable is None or found.verification is None:
        return None
    run = run_record(loaded, found.status, interrupted=found.interrupted, tiers=found.tiers, seconds=found.seconds)
    return Report(
        week=found.week,
        timetable=found.timetable,
        verification=found.verification,
        shortfalls=found.shortfalls,
        run=run,
    )


def _document(
    loaded: Loaded, found: Repair, problems: tuple[Problem, ...], written: Path | None, exit_code: int
) -> dict[str, Any]:
    from scheduler.recording import document_of
    from scheduler.reports.changes import changes_document
    from scheduler.reports.document import shortfalls_document, tiers_document, verification_document

    document = document_of(loaded, found.status.value, exit_code, problems)
    document |= {
        "interrupted": found.interrupted,
        "tiers": tiers_document(found.tiers),
        "seconds": found.seconds,
        "shortfalls": shortfalls_document(found.shortfalls),
        "output": None if written is None else str(written),
        **changes_document(found),
    }
    if found.verification is not None:
        document |= verification_document(found.verification)
    return document


def _print(found: Repair, told: tuple[Problem, ...], written: Path | None) -> None:
    from scheduler.reports.changes import print_repair
    from scheduler.reports.console import (
        console,
        print_figures,
        print_problems,
        print_shortfalls,
        print_status,
        print_tiers,
        print_written,
        say,
    )

    out = console()
    print_problems(console(stderr=True), told, with_notices=False)
    if found.verification is None or written is None:
        say(out, "There is no repaired week; nothing was written.")
        return
    print_repair(out, found)
    print_figures(out, found.verification.figures)
    print_shortfalls(out, found.shortfalls)
    print_tiers(out, found.tiers, {goal.goal: goal.unit for goal in found.verification.goals})
    print_status(out, found.status, interrupted=found.interrupted)
    print_written(out, written)
