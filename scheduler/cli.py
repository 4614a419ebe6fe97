"""The commands: each reads its options, calls the room that does the work, and prints. Heavy imports wait till then."""

from __future__ import annotations

import json
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler import __version__

if TYPE_CHECKING:
    from scheduler.domain.problems import InputRefused
    from scheduler.engine.progress import Listener
    from scheduler.pipeline import Finished

PROGRAM = "group-scheduler"
EXIT_FAULT, EXIT_REFUSED, EXIT_INTERRUPTED = 1, 2, 130

_PATH = click.Path(path_type=Path)
week_argument = click.argument("week", type=_PATH)
profile_option = click.option("--profile", default="adult_iop", show_default=True, help="A profile's name or file.")
map_option = click.option("--map", "mapping", type=_PATH, help="YAML that renames sheets and columns of an export.")
previous_option = click.option("--previous", type=_PATH, help="Last week's timetable, for continuity.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
force_option = click.option("--force", is_flag=True, help="Write over an output file that exists.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """Weekly group-therapy timetables: spreadsheet in, proven timetable out.

    \b
    Exit codes: 0 done, everybody served; 3 done, with shortfalls; 2 input or command wrong, nothing written;
    4 no timetable possible; 1 a fault of the program; 130 interrupted before any timetable.
    """  # noqa: D301 - click reads the \b


@cli.command()
@week_argument
@click.option("-o", "--output", type=_PATH, help="Workbook to write.  [default: WEEK_timetable.xlsx beside WEEK]")
@profile_option
@previous_option
@map_option
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds for the search.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed of the search.")
@click.option("--reproducible", is_flag=True, help="Same input, profile and seed give the same bytes; slower.")
@click.option("--workers", type=click.IntRange(1, 256), help="Solver threads.")
@click.option(
    "--names",
    type=click.Choice(["full", "initials", "ids"]),
    default="full",
    show_default=True,
    help="What stands for a person in the workbook.",
)
@click.option("--wall", type=_PATH, help="Also write a copy without people: rooms, times, codes, headcounts.")
@json_option
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@force_option
def solve(
    week: Path,
    output: Path | None,
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    time_limit: float | None,
    seed: int | None,
    reproducible: bool,
    workers: int | None,
    names: str,
    wall: Path | None,
    as_json: bool,
    quiet: bool,
    force: bool,
) -> int:
    """Make the week's timetable from WEEK (a workbook, a folder of CSV files or a JSON file)."""
    from scheduler.loading import Overrides, Source
    from scheduler.pipeline import Order, fulfil
    from scheduler.reports.report import Names

    order = Order(
        source=Source(week=week, profile=profile, mapping=mapping, previous=previous),
        output=output or week.with_name(f"{week.stem}_timetable.xlsx"),
        wall=wall,
        names=Names(names),
        force=force,
        overrides=Overrides(time_limit=time_limit, seed=seed, workers=workers, reproducible=reproducible),
    )
    with _stopping() as stop, _progress(quiet=quiet) as listener:
        finished = fulfil(order, listener=listener, stop=stop)
    if as_json:
        _print_json(_solve_document(finished))
    else:
        _print_finished(finished)
    return finished.exit_code


@cli.command()
@week_argument
@profile_option
@previous_option
@map_option
@click.option("--annotate", type=_PATH, help="Also write a copy of WEEK with each bad cell filled and commented.")
@json_option
@force_option
def validate(
    week: Path,
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    annotate: Path | None,
    as_json: bool,
    force: bool,
) -> int:
    """Read WEEK, list everything that is wrong or doubtful in it, and solve nothing."""
    from scheduler.domain.problems import InputRefused
    from scheduler.files import check_target, write_whole
    from scheduler.intake.annotate import annotate as write_annotated
    from scheduler.loading import Source, load
    from scheduler.reports.console import console, print_problems
    from scheduler.reports.document import problems_document

    source = Source(week=week, profile=profile, mapping=mapping, previous=previous)
    if annotate is not None:
        check_target(annotate, force=force, never=source.inputs)
    try:
        problems, exit_code = load(source).problems, 0
    except InputRefused as refused:
        problems, exit_code = refused.problems, EXIT_REFUSED
    if annotate is not None:
        write_whole(annotate, lambda path: write_annotated(week, problems, path), force=force, never=source.inputs)
    if as_json:
        status = "invalid" if exit_code else "valid"
        _print_json({"status": status, "exit_code": exit_code, "problems": problems_document(problems)})
        return exit_code
    out = console()
    print_problems(out, problems)
    out.print(f"{week}: {'refused' if exit_code else 'can be solved'}.")
    return exit_code


@cli.command()
@week_argument
@click.argument("timetable", type=_PATH)
@profile_option
@previous_option
@map_option
@json_option
def verify(
    week: Path, timetable: Path, profile: str, previous: Path | None, mapping: Path | None, as_json: bool
) -> int:
    """Check TIMETABLE, also one edited by hand, against every rule of WEEK. Exit 2 if it breaks any."""
    from scheduler.loading import Source, check
    from scheduler.reports.console import console, print_problems, print_verification
    from scheduler.reports.document import problems_document, verification_document

    source = Source(week=week, profile=profile, mapping=mapping, previous=previous)
    _, _, verification, problems = check(source, timetable)
    exit_code = EXIT_REFUSED if verification.broken else 0 if verification.figures.everybody_served else 3
    if as_json:
        status = "broken" if verification.broken else "kept"
        document = {"status": status, "exit_code": exit_code, **verification_document(verification)}
        _print_json({**document, "problems": problems_document(problems)})
        return exit_code
    out = console()
    print_problems(console(stderr=True), problems)
    print_verification(out, verification)
    return exit_code


@cli.command()
@click.argument("output", type=_PATH)
@force_option
def template(output: Path, force: bool) -> int:
    """Write an empty workbook to fill in, with drop-downs, notes and examples."""
    from scheduler.files import write_whole
    from scheduler.intake.template import write_template

    write_whole(output, write_template, force=force)
    click.echo(f"wrote {output}")
    return 0


@cli.command()
@click.argument("output", type=_PATH)
@click.option("--patients", type=click.IntRange(1, 5000), required=True, help="How many patients.")
@click.option("--seed", type=click.IntRange(min=0), required=True, help="The same seed gives the same week.")
@force_option
def sample(output: Path, patients: int, seed: int, force: bool) -> int:
    """Write a made-up week of any size (all people are synthetic)."""
    from scheduler.files import write_whole
    from scheduler.samples.generate import write_sample

    write_whole(output, lambda path: write_sample(path, patients, seed), force=force)
    click.echo(f"wrote {output}")
    return 0


@cli.command()
@click.argument("name", required=False)
def profiles(name: str | None) -> int:
    """List the profiles, or print one resolved, with the source of each number."""
    from scheduler.intake.profiles import list_profiles, load_profile, resolved_text

    if name is not None:
        click.echo(resolved_text(load_profile(name)))
        return 0
    for entry in list_profiles():
        click.echo(f"{entry.name:20} {entry.about}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives its exit code. Anything unforeseen is a fault of the program (exit code 1)."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in words
    try:
        result = cli.main(args=words, prog_name=PROGRAM, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as wrong:
        return _refuse_command(wrong, as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; nothing was written", err=True)
        return EXIT_INTERRUPTED
    except Exception as error:
        return _refuse_or_fault(error, as_json=as_json)


def _refuse_command(wrong: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        problem = {"code": "command", "severity": "error", "sheet": "", "cell": "", "value": ""}
        problem |= {"message": wrong.format_message(), "hint": f"{PROGRAM} --help"}
        _print_json({"status": "invalid", "exit_code": EXIT_REFUSED, "problems": [problem]})
    wrong.show()
    return EXIT_REFUSED


def _refuse_or_fault(error: Exception, *, as_json: bool) -> int:
    from scheduler.domain.problems import InputRefused

    if isinstance(error, InputRefused):
        _print_refusal(error, as_json=as_json)
        return EXIT_REFUSED
    if as_json:
        _print_json({"status": "fault", "exit_code": EXIT_FAULT, "message": str(error)})
    traceback.print_exception(error)
    click.echo(f"a fault of the program, not of your file: {error}", err=True)
    return EXIT_FAULT


def _print_refusal(refused: InputRefused, *, as_json: bool) -> None:
    from scheduler.reports.console import console, print_problems
    from scheduler.reports.document import refused_document

    if as_json:
        _print_json(refused_document(refused.problems, EXIT_REFUSED))
    else:
        print_problems(console(stderr=True), refused.problems)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Turn Ctrl-C and a polite kill into "give me the best so far"; a second one ends at once."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Listener]:
    from scheduler.engine.progress import ProgressPrinter, silent

    if quiet or not sys.stderr.isatty():
        yield silent
        return
    printer = ProgressPrinter()
    try:
        yield printer
    finally:
        printer.close()


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _solve_document(finished: Finished) -> dict[str, Any]:
    from scheduler.reports.document import (
        problems_document,
        run_document,
        shortfalls_document,
        tiers_document,
        verification_document,
    )

    document = run_document(
        status=finished.status,
        exit_code=finished.exit_code,
        profile=finished.loaded.profile.name,
        seed=finished.loaded.profile.solver.seed,
        input_sha256=finished.loaded.sha256,
        seconds=finished.seconds,
    )
    document["problems"] = problems_document(finished.problems)
    document["notices"] = list(finished.loaded.profile.not_enforced)
    document["interrupted"] = finished.solution.interrupted
    if finished.report is not None:
        document |= verification_document(finished.report.verification)
        document["shortfalls"] = shortfalls_document(finished.report.shortfalls)
    document["tiers"] = tiers_document(finished.solution.tiers)
    document["output"] = next((str(path) for path in finished.written), None)
    return document


def _print_finished(finished: Finished) -> None:
    from scheduler.reports.console import console, print_figures, print_problems, print_shortfalls, print_tiers

    print_problems(console(stderr=True), finished.problems)
    for notice in finished.loaded.profile.not_enforced:
        click.echo(
            f"notice: {finished.loaded.profile.name} also asks, and this program does not check: {notice}", err=True
        )
    if finished.report is None:
        click.echo("no timetable")
        return
    out = console()
    print_tiers(out, finished.solution.tiers)
    print_figures(out, finished.report.verification.figures)
    print_shortfalls(out, finished.report.shortfalls)
    if finished.solution.interrupted:
        out.print("Interrupted: this is the best timetable found by then.")
    for path in finished.written:
        click.echo(f"wrote {path}")
