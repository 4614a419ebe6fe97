"""The command `advise`: what single changes would serve most."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    seed_option,
    stopping,
    time_limit_option,
    week_argument,
)

if TYPE_CHECKING:
    from scheduler.domain.advice import Advice, Change
    from scheduler.domain.problems import FactRef, Problem
    from scheduler.loading import Loaded


@click.command()
@week_argument
@click.option("--top", type=click.IntRange(1, 200), default=10, show_default=True, help="So many changes are listed.")
@click.option("--timetable", type=path, help="A timetable of this week to begin the search from.")
@output_option("Also write a workbook with the sheet Advice.")
@profile_option
@previous_option
@map_option
@time_limit_option("Seconds for everything.", 150.0)
@seed_option
@json_option
@quiet_option
@force_option
def advise(
    week: Path,
    top: int,
    timetable: Path | None,
    output: Path | None,
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    time_limit: float,
    seed: int | None,
    as_json: bool,
    quiet: bool,
    force: bool,
) -> int:
    """Rank the single changes of WEEK that would serve most hours and planned groups, each re-solved.

    Exit 0 if WEEK serves everybody as it is, 3 if not.
    """
    with stopping() as (stop, writing):
        from scheduler.advice.advising import Asked
        from scheduler.advice.advising import advise as find_advice
        from scheduler.files import check_target, write_whole
        from scheduler.loading import Overrides, Source, load, located, read_timetables
        from scheduler.recording import exit_code_of
        from scheduler.reports.advice import write_advice

        source = Source(week=week, profile=profile, mapping=mapping, previous=previous)
        never = (*source.inputs, *(() if timetable is None else (timetable,)))
        if output is not None:
            check_target(output, force=force, never=never)
        loaded = load(source, Overrides(seed=seed))
        starts, problems = read_timetables(() if timetable is None else (timetable,), loaded.week)
        with progress_on(quiet=quiet) as listener, _telling(quiet=quiet) as told:
            asked = Asked(top, time_limit, next(iter(starts), None), listener, told, stop)
            advice = find_advice(loaded.week, loaded.profile, asked)
        where = _cells(loaded)
        if output is not None and advice.figures is not None:
            writing.set()
            write_whole(output, lambda place: write_advice(place, advice, where), force=force, never=never)
        written = output if advice.figures is not None else None
        findings = tuple(located(finding, loaded.file) for finding in advice.findings)
        told_problems = (*loaded.problems, *problems, *findings)
        exit_code = exit_code_of(advice.figures, advice.status, interrupted=advice.interrupted)
        if as_json:
            print_json(_document(loaded, advice, where, told_problems, written, exit_code))
        else:
            _print(loaded, advice, where, (*problems, *findings), written)
        return exit_code


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show where the search stands on a terminal, and nothing in a log."""
    from scheduler.advice.advising import untold
    from scheduler.reports.advice import StatusLine

    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield untold
        return
    line = StatusLine(sys.stderr)
    try:
        yield line
    finally:
        line.close()


def _cells(loaded: Loaded) -> Callable[[Change], str]:
    """What says in which cells a change would be written."""
    from scheduler.loading import cells_of

    def says_something(fact: FactRef) -> bool:
        place = loaded.file.places.cell_of(fact)
        return place is not None and bool(place[2])

    def where(change: Change) -> str:
        if not change.facts:
            return "the profile"
        first, *others = change.facts
        cells = cells_of((first, *filter(says_something, others)), loaded.file)
        return "; ".join(cells) or f"{first.sheet} (a new row)"

    return where


def _document(
    loaded: Loaded,
    advice: Advice,
    where: Callable[[Change], str],
    problems: tuple[Problem, ...],
    written: Path | None,
    exit_code: int,
) -> dict[str, Any]:
    from scheduler.recording import document_of
    from scheduler.reports.advice import advice_document
    from scheduler.reports.document import tiers_document

    return {
        **document_of(loaded, advice.status.value, exit_code, problems),
        "interrupted": advice.interrupted,
        "tiers": tiers_document(advice.tiers),
        "output": None if written is None else str(written),
        **advice_document(advice, where),
    }


def _print(
    loaded: Loaded,
    advice: Advice,
    where: Callable[[Change], str],
    others: tuple[Problem, ...],
    written: Path | None,
) -> None:
    from scheduler.reports.advice import print_advice
    from scheduler.reports.console import console, print_asides, print_written

    out = console()
    print_asides(console(stderr=True), loaded.problems, others)
    print_advice(out, advice, where)
    if written is not None:
        print_written(out, written)
