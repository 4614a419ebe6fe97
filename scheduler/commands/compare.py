"""The command `compare`: two timetables of one week side by side."""

from __future__ import annotations

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
    week_argument,
)

if TYPE_CHECKING:
    from scheduler.domain.comparison import Comparison
    from scheduler.domain.problems import Problem
    from scheduler.loading import Loaded


@click.command()
@week_argument
@click.argument("first", type=path, metavar="A")
@click.argument("second", type=path, metavar="B")
@profile_option
@previous_option
@map_option
@output_option("Also write the comparison as a workbook.")
@json_option
@force_option
def compare(
    week: Path,
    first: Path,
    second: Path,
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    output: Path | None,
    as_json: bool,
    force: bool,
) -> int:
    """Lay timetables A and B of WEEK side by side: goals, rules, who gains, who loses, what moved.

    Either may be edited by hand and break rules. Exit 3 if B leaves somebody short or breaks a rule, else 0.
    """
    from scheduler.advice.comparison import compare_timetables
    from scheduler.files import check_target, write_whole
    from scheduler.loading import Source, load, read_timetables
    from scheduler.reports.comparison import write_comparison

    source = Source(week=week, profile=profile, mapping=mapping, previous=previous)
    never = (*source.inputs, first, second)
    if output is not None:
        check_target(output, force=force, never=never)
    loaded = load(source)
    (old, new), problems = read_timetables((first, second), loaded.week)
    found = compare_timetables(loaded.week, old, loaded.week, new, loaded.profile.goals)
    if output is not None:
        write_whole(output, lambda target: write_comparison(target, found), force=force, never=never)
    served = found.figures_after.everybody_served and not found.verdict.broken_after
    exit_code = exits.DONE if served else exits.SHORT
    if as_json:
        print_json(_document(found, loaded, (*loaded.problems, *problems), exit_code, output))
    else:
        _print(found, loaded.problems, problems, output)
    return exit_code


def _document(
    found: Comparison, loaded: Loaded, problems: tuple[Problem, ...], exit_code: int, output: Path | None
) -> dict[str, Any]:
    from scheduler.recording import document_of
    from scheduler.reports.comparison import comparison_document

    return {
        **document_of(loaded, "compared", exit_code, problems),
        "figures": found.figures_after.model_dump(mode="json"),
        "rules": {one.rule: one.after for one in found.rules},
        "output": None if output is None else str(output),
        "comparison": comparison_document(found),
    }


def _print(found: Comparison, of_week: tuple[Problem, ...], problems: tuple[Problem, ...], output: Path | None) -> None:
    from scheduler.reports.comparison import print_comparison
    from scheduler.reports.console import console, print_asides, print_written

    out = console()
    print_asides(console(stderr=True), of_week, problems)
    print_comparison(out, found)
    if output is not None:
        print_written(out, output)
