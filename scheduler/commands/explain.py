"""The command `explain`: why somebody is short in a timetable, by the fewest facts that prove it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler import exits
from scheduler.terminal import (
    json_option,
    map_option,
    path,
    previous_option,
    print_json,
    profile_option,
    stopping,
    time_limit_option,
    week_argument,
)

if TYPE_CHECKING:
    from scheduler.domain.explanation import Explanation
    from scheduler.loading import Checked

USUAL_SECONDS = 25.0


@click.command()
@week_argument
@click.argument("timetable", type=path)
@profile_option
@previous_option
@map_option
@click.option("--patient", "patients", multiple=True, help="Only this patient, by id or name; may be repeated.")
@time_limit_option("Seconds for all proofs together.", USUAL_SECONDS)
@click.option("--full", is_flag=True, help="Every fact by itself, also where many are of one kind.")
@json_option
def explain(
    week: Path,
    timetable: Path,
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    patients: tuple[str, ...],
    time_limit: float,
    full: bool,
    as_json: bool,
) -> int:
    """Say why patients are short in TIMETABLE of WEEK: impossible at all, or because others came first.

    Each answer is proven by solving again, and names the fewest facts of the input that prove it, with their cells.
    """
    from scheduler.advice.explaining import explain as ask
    from scheduler.domain.explanation import Verdict
    from scheduler.intake.named import patients_named
    from scheduler.loading import Source, check_sound, explanation_located

    with stopping() as (stop, _):
        source = Source(week=week, profile=profile, mapping=mapping, previous=previous)
        checked = check_sound(source, timetable)
        loaded = checked.loaded
        wanted = patients_named(patients, loaded.week, "--patient") if patients else None
        answers = ask(loaded.week, checked.timetable, loaded.profile, seconds=time_limit, patients=wanted, stop=stop)
        found = [explanation_located(one, loaded.file) for one in answers]
        interrupted = stop.is_set()
    served = checked.verification.figures.everybody_served
    nothing = all(one.verdict is Verdict.OPEN for one in found)
    exit_code = exits.INTERRUPTED if interrupted and nothing else exits.DONE if served else exits.SHORT
    if as_json:
        print_json(_document(checked, found, exit_code, interrupted=interrupted))
    else:
        _print(checked, found, full=full, interrupted=interrupted)
    return exit_code


def _document(checked: Checked, found: list[Explanation], exit_code: int, *, interrupted: bool) -> dict[str, Any]:
    from scheduler.recording import document_of
    from scheduler.reports.explanation import explanations_document

    return {
        **document_of(checked.loaded, "explained", exit_code, checked.problems),
        "interrupted": interrupted,
        "figures": checked.verification.figures.model_dump(mode="json"),
        "explanations": explanations_document(found),
    }


def _print(checked: Checked, found: list[Explanation], *, full: bool, interrupted: bool) -> None:
    from scheduler.reports.console import console, print_asides, print_figures, say
    from scheduler.reports.explanation import print_explanations

    out = console()
    told = checked.loaded.problems
    print_asides(console(stderr=True), told, checked.problems[len(told) :])
    print_figures(out, checked.verification.figures)
    print_explanations(out, found, full=full)
    if not found and not checked.verification.figures.everybody_served:
        say(out, "The named patients have their hours and their planned groups.")
    if interrupted:
        say(out, "Interrupted: what was not settled by then says so.", style="bold yellow")
