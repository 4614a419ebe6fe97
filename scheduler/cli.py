"""The commands: each reads its options, calls the room that does the work, and prints. Heavy imports wait till then."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler import __version__, exits
from scheduler.commands.admit import admit
from scheduler.commands.advise import advise
from scheduler.commands.batch import batch
from scheduler.commands.compare import compare
from scheduler.commands.explain import explain
from scheduler.commands.replan import replan
from scheduler.commands.what_if import what_if
from scheduler.terminal import (
    PROGRAM,
    beside,
    force_option,
    json_option,
    map_option,
    names_option,
    output_option,
    path,
    previous_option,
    print_json,
    print_line,
    profile_option,
    progress_on,
    quiet_option,
    reproducible_option,
    seed_option,
    silence_stream,
    stopping,
    term_as_interrupt,
    time_limit_option,
    week_argument,
    workers_option,
)

QUESTIONS: tuple[click.Command, ...] = (explain, compare, what_if, replan, admit, advise)
"""The commands of `scheduler.commands`, in the order in which help lists them."""

if TYPE_CHECKING:
    from scheduler.domain.problems import Problem
    from scheduler.pipeline import Finished


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
@output_option("Workbook to write.  [default: WEEK_timetable.xlsx beside WEEK]")
@profile_option
@previous_option
@map_option
@click.option("--start", type=path, help="A timetable of this week, also edited by hand, to begin the search from.")
@time_limit_option("Seconds for the search.")
@seed_option
@reproducible_option
@workers_option
@names_option
@click.option("--wall", type=path, help="Also write a copy without people: rooms, times, codes, headcounts.")
@json_option
@quiet_option
@force_option
def solve(
    week: Path,
    output: Path | None,
    profile: str,
    previous: Path | None,
    mapping: Path | None,
    start: Path | None,
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
    with stopping() as (stop, writing):
        from scheduler.loading import Overrides, Source
        from scheduler.pipeline import Order, fulfil
        from scheduler.reports.report import Names

        order = Order(
            source=Source(week=week, profile=profile, mapping=mapping, previous=previous),
            output=output or beside(week, "timetable"),
            wall=wall,
            names=Names(names),
            force=force,
            start=start,
            overrides=Overrides(time_limit=time_limit, seed=seed, workers=workers, reproducible=reproducible),
        )
        with progress_on(quiet=quiet) as listener:
            finished = fulfil(order, listener=listener, stop=stop, writing=writing)
        if as_json:
            print_json(_solve_document(finished))
        else:
            _print_finished(finished)
        return finished.exit_code


@cli.command()
@week_argument
@profile_option
@previous_option
@map_option
@click.option("--annotate", type=path, help="Also write a copy of WEEK with each bad cell filled and commented.")
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
    from scheduler.reports.document import problems_document

    source = Source(week=week, profile=profile, mapping=mapping, previous=previous)
    if annotate is not None:
        check_target(annotate, force=force, never=source.inputs)
    try:
        problems, exit_code = load(source).problems, exits.DONE
    except InputRefused as refused:
        problems, exit_code = refused.problems, exits.REFUSED
    if annotate is not None:
        write_whole(annotate, lambda path: write_annotated(week, problems, path), force=force, never=source.inputs)
    if as_json:
        document = {"status": "invalid" if exit_code else "valid", "exit_code": exit_code}
        written = {"output": None if annotate is None else str(annotate)}
        print_json({**document, **written, "problems": problems_document(problems)})
    else:
        _print_validated(week, problems, annotate, exit_code)
    return exit_code


@cli.command()
@week_argument
@click.argument("timetable", type=path)
@profile_option
@previous_option
@map_option
@json_option
def verify(
    week: Path, timetable: Path, profile: str, previous: Path | None, mapping: Path | None, as_json: bool
) -> int:
    """Check TIMETABLE, also one edited by hand, against every rule of WEEK. Exit 2 if it breaks any."""
    from scheduler.loading import Source, check
    from scheduler.reports.document import problems_document, verification_document

    checked = check(Source(week=week, profile=profile, mapping=mapping, previous=previous), timetable)
    found = checked.verification
    exit_code = exits.REFUSED if found.broken else exits.DONE if found.figures.everybody_served else exits.SHORT
    if as_json:
        document = {
            "status": "broken" if found.broken else "kept",
            "exit_code": exit_code,
            "profile": checked.loaded.profile.name,
            "input_sha256": checked.loaded.sha256,
            **verification_document(found, checked.where),
        }
        print_json({**document, "problems": problems_document(checked.problems)})
        return exit_code
    from scheduler.reports.console import console, print_problems, print_verification

    print_problems(console(stderr=True), checked.problems, with_notices=False)
    print_verification(console(), found, checked.where)
    return exit_code


@cli.command()
@click.argument("output", type=path)
@force_option
def template(output: Path, force: bool) -> int:
    """Write an empty workbook to fill in, with drop-downs, notes and examples."""
    from scheduler.files import write_whole
    from scheduler.intake.template import write_template

    write_whole(output, write_template, force=force)
    print_line(f"wrote {output}")
    return exits.DONE


@cli.command()
@click.argument("output", type=path)
@click.option("--patients", type=click.IntRange(1, 5000), required=True, help="How many patients.")
@click.option("--seed", type=click.IntRange(min=0), required=True, help="The same seed gives the same week.")
@force_option
def sample(output: Path, patients: int, seed: int, force: bool) -> int:
    """Write a made-up week of any size (all people are synthetic)."""
    from scheduler.files import check_target, write_whole
    from scheduler.samples.generate import write_sample

    check_target(output, force=force)
    write_whole(output, lambda path: write_sample(path, patients, seed), force=force)
    print_line(f"wrote {output}")
    return exits.DONE


@cli.command()
@click.argument("name", required=False)
def profiles(name: str | None) -> int:
    """List the profiles, or print one resolved, with the source of each number."""
    from scheduler.intake.profiles import list_profiles, resolved_text
    from scheduler.loading import read_profile
    from scheduler.reports.console import console, say

    if name is not None:
        print_line(resolved_text(read_profile(name)).rstrip("\n"))
        return 0
    out = console()
    for entry in list_profiles():
        say(out, f"{entry.name:21} {entry.about}", hang=22)
    return 0


# ---- questions about a timetable: a file each in scheduler/commands/ ----

for _command in (*QUESTIONS, batch):
    cli.add_command(_command)


# ---- the door ----


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives its exit code. Anything unforeseen is a fault of the program (exit code 1)."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in words
    _occupy_closed_streams()
    _let_streams_take_anything()
    with term_as_interrupt():
        try:
            code = _run(words, as_json=as_json)
        except (KeyboardInterrupt, click.Abort):
            code = _interrupted(as_json=as_json)
    _flush()
    return code


def _occupy_closed_streams() -> None:
    """Give closed standard streams nowhere to go.

    Otherwise the next file opened takes their number, and whatever the solver prints to them ends up in it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _run(words: list[str], *, as_json: bool) -> int:
    try:
        # Not cli.main: that one turns a reader who has gone (``| head``) into exit code 1, though all was done.
        with cli.make_context(PROGRAM, list(words)) as context:
            result = cli.invoke(context)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as wrong:
        return _refuse_command(wrong, as_json=as_json)
    except BrokenPipeError:  # the reader of a help text has gone
        silence_stream(sys.stdout)
        return 0
    except Exception as error:
        return _refuse_or_fault(error, as_json=as_json)


def _let_streams_take_anything() -> None:
    """An id that the terminal's alphabet lacks is shown escaped; it is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _flush() -> None:
    """Write out what is buffered, now, while a reader who has gone can still be borne with."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            silence_stream(stream)


def _refuse_command(wrong: click.ClickException, *, as_json: bool) -> int:
    from scheduler.domain.problems import Problem

    if as_json:
        hint = f"see {PROGRAM} --help"
        _print_refused((Problem(code="command", message=wrong.format_message(), hint=hint),), as_json=True)
    else:
        shown = io.StringIO()
        wrong.show(shown)
        print_line(shown.getvalue().rstrip("\n"), to_stderr=True)
    return exits.REFUSED


def _refuse_or_fault(error: Exception, *, as_json: bool) -> int:
    from scheduler.domain.problems import InputRefused

    if isinstance(error, InputRefused):
        _print_refused(error.problems, as_json=as_json)
        return exits.REFUSED
    if as_json:
        from scheduler.reports.document import fault_document

        print_json(fault_document(exits.FAULT, f"{type(error).__name__}: {error}"))
    lines = "".join(traceback.format_exception(error))
    print_line(
        f"{lines}\n{error}\n"
        f"This is a fault of {PROGRAM} {__version__}, not of your file; nothing half-written was left behind.\n"
        "Please report it: send the lines above, the command and the profile, and if you may the week with its\n"
        "names and ids replaced.",
        to_stderr=True,
    )
    return exits.FAULT


def _print_refused(problems: tuple[Problem, ...], *, as_json: bool) -> None:
    if as_json:
        from scheduler.reports.document import refused_document

        print_json(refused_document(problems, exits.REFUSED))
        return
    from scheduler.reports.console import console, print_problems

    print_problems(console(stderr=True), problems, with_notices=False)


def _interrupted(*, as_json: bool) -> int:
    if as_json:
        from scheduler.reports.document import interrupted_document

        print_json(interrupted_document(exits.INTERRUPTED))
    print_line("interrupted", to_stderr=True)
    return exits.INTERRUPTED


# ---- printing ----


def _print_validated(week: Path, problems: tuple[Problem, ...], annotated: Path | None, exit_code: int) -> None:
    from scheduler.reports.console import console, print_problems, print_written, say

    out = console()
    print_problems(out, problems)
    say(out, f"{week}: {'refused, nothing can be solved yet' if exit_code else 'can be solved'}.")
    if annotated is not None:
        print_written(out, annotated)


def _solve_document(finished: Finished) -> dict[str, Any]:
    from scheduler.recording import document_of
    from scheduler.reports.document import shortfalls_document, tiers_document, verification_document

    loaded, report = finished.loaded, finished.report
    document = document_of(loaded, finished.status.value, finished.exit_code, finished.problems)
    document |= {
        "interrupted": finished.solution.interrupted,
        "notices": list(loaded.profile.not_enforced),
        "tiers": tiers_document(finished.solution.tiers),
        "seconds": finished.seconds,
        "shortfalls": [],
        "wall": None,
    }
    if report is not None:
        document |= verification_document(report.verification)
        document["shortfalls"] = shortfalls_document(report.shortfalls)
    for name, written in zip(("output", "wall"), finished.written, strict=False):
        document[name] = str(written)
    return document


def _print_finished(finished: Finished) -> None:
    from scheduler.reports.console import (
        console,
        print_figures,
        print_not_enforced,
        print_problems,
        print_shortfalls,
        print_status,
        print_tiers,
        print_written,
        say,
    )

    out, trouble = console(), console(stderr=True)
    print_problems(trouble, finished.problems, with_notices=False)
    print_not_enforced(trouble, finished.loaded.profile.name, finished.loaded.profile.not_enforced)
    if finished.report is None:
        say(out, "There is no timetable; nothing was written.")
        return
    verification = finished.report.verification
    print_figures(out, verification.figures)
    print_shortfalls(out, finished.report.shortfalls)
    print_tiers(out, finished.solution.tiers, {goal.goal: goal.unit for goal in verification.goals})
    print_status(out, finished.status, interrupted=finished.solution.interrupted)
    for written in finished.written:
        print_written(out, written)
