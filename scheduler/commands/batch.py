"""The command `batch`: many clinics in one go."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler import exits
from scheduler.terminal import (
    SECONDS,
    finite,
    force_option,
    json_option,
    map_option,
    names_option,
    path,
    print_json,
    print_line,
    profile_option,
    quiet_option,
    reproducible_option,
    seed_option,
    stopping,
    time_limit_option,
    workers_option,
)

if TYPE_CHECKING:
    from scheduler.batch.journal import Journal
    from scheduler.batch.orders import Defaults
    from scheduler.batch.process import Runner
    from scheduler.batch.running import Options
    from scheduler.batch.sizing import Sizes, Wanted
    from scheduler.domain.network import ClinicResult
    from scheduler.domain.problems import Problem

MOST_FAILED = 20
"""So many clinics without a timetable are printed; the tables have all."""


@click.command()
@click.argument("inputs", metavar="IN...", nargs=-1, required=True)
@click.option("-o", "--output", "outdir", type=path, metavar="OUTDIR", help="Folder for timetables and tables.")
@profile_option
@click.option("--previous-dir", type=path, help="Folder with last week's timetable of each clinic, for continuity.")
@map_option
@time_limit_option("Seconds for the search of each clinic.")
@seed_option
@reproducible_option
@click.option("--jobs", type=click.IntRange(1, 1024), help="Clinics at once.  [default: as many as there are cores]")
@workers_option
@click.option("--memory", type=click.IntRange(64), metavar="MB", help="The most that a clinic's process may hold.")
@click.option(
    "--wall-limit", type=SECONDS, callback=finite, help="Seconds after which a clinic's process is told to end."
)
@names_option
@click.option(
    "--fail-on",
    type=click.Choice(["short", "failed", "never"]),
    default="short",
    show_default=True,
    help="Exit 3 for shortfalls and 2 for failures; only 2; or 0 whatever became of the clinics.",
)
@click.option("--watch", is_flag=True, help="Watch one folder, and answer each week beside it as it arrives.")
@click.option("--every", type=SECONDS, default=2.0, show_default=True, help="Seconds between two looks of --watch.")
@click.option("--cluster", metavar="ADDRESS", help="Solve on a Dask cluster; 'local' starts one here.")
@click.option("--log-json", is_flag=True, help="Log to stderr, a JSON object a line, without patients.")
@json_option
@quiet_option
@force_option
def batch(
    inputs: tuple[str, ...],
    outdir: Path | None,
    profile: str,
    previous_dir: Path | None,
    mapping: Path | None,
    time_limit: float | None,
    seed: int | None,
    reproducible: bool,
    jobs: int | None,
    workers: int | None,
    memory: int | None,
    wall_limit: float | None,
    names: str,
    fail_on: str,
    watch: bool,
    every: float,
    cluster: str | None,
    log_json: bool,
    as_json: bool,
    quiet: bool,
    force: bool,
) -> int:
    """Make the timetables of many clinics: IN are weeks, folders, globs, or manifests (CSV with a row a clinic).

    Each clinic is solved in a process of its own; one that fails is reported and the others go on. The same command
    again solves only what changed or failed. OUTDIR gets results.csv, results.json and network.xlsx beside the
    timetables. Exit 2 if a clinic has no timetable, else 3 if somebody is short, else 0.
    """
    if watch == (outdir is not None):
        raise click.UsageError("give -o OUTDIR" if not watch else "--watch answers beside each week: leave out -o")
    if watch and (cluster or len(inputs) > 1 or as_json):
        raise click.UsageError("--watch takes one folder, and neither --cluster nor --json")
    with stopping() as (stop, _):
        from scheduler.batch.orders import Defaults
        from scheduler.batch.running import Options
        from scheduler.batch.sizing import Wanted
        from scheduler.reports.report import Names

        request = _Request(
            inputs=inputs,
            outdir=outdir,
            defaults=Defaults(profile=profile, mapping=mapping, time_limit=time_limit, previous_dir=previous_dir),
            wanted=Wanted(jobs=jobs, workers=workers, memory_mb=memory),
            options=Options(
                wall_seconds=wall_limit, seed=seed, reproducible=reproducible, names=Names(names), force=force
            ),
            cluster=cluster,
            fail_on=fail_on,
            every=every,
            log_json=log_json,
            as_json=as_json,
            quiet=quiet or log_json,
        )
        return _logged(request, stop)


@dataclass(frozen=True)
class _Request:
    """What the command line asks for."""

    inputs: tuple[str, ...]
    outdir: Path | None
    defaults: Defaults
    wanted: Wanted
    options: Options
    cluster: str | None
    fail_on: str
    every: float
    log_json: bool
    as_json: bool
    quiet: bool


def _logged(request: _Request, stop: threading.Event) -> int:
    """Run it; where stderr is a log for machines, a refusal is told on stdout."""
    from scheduler.batch.journal import Journal
    from scheduler.domain.problems import InputRefused
    from scheduler.reports.console import console, print_problems

    journal = Journal(sys.stderr if request.log_json else None)
    try:
        code = (
            _watch(request, journal, stop) if request.outdir is None else _run(request, request.outdir, journal, stop)
        )
    except InputRefused as refused:
        journal.refused(refused.problems)
        if request.as_json or not request.log_json:
            raise
        print_problems(console(), refused.problems, with_notices=False)
        code = exits.REFUSED
    journal.say("batch-ended", exit_code=code)
    return code


def _run(request: _Request, outdir: Path, journal: Journal, stop: threading.Event) -> int:
    from scheduler.batch.ledger import opened
    from scheduler.batch.orders import find_clinics
    from scheduler.batch.progress import shown
    from scheduler.batch.running import Batch, check_tables, exit_code_of
    from scheduler.reports.console import console

    orders = find_clinics(request.inputs, outdir, request.defaults)
    check_tables(outdir, force=request.options.force)
    sizes = _sizes(request, len(orders.clinics))
    runner = _runner(request, sizes)
    _tell_asides((*orders.problems, *sizes.problems), request, journal)
    with opened(outdir) as ledger:
        journal.say("batch-begun", clinics=len(orders.clinics), **sizes.model_dump(exclude={"problems"}))
        options = request.options.model_copy(update={"sizes": sizes})
        with shown(console(stderr=True), len(orders.clinics), quiet=request.quiet) as board:
            batch = Batch(orders.clinics, options, ledger, board, journal, outdir)
            results = batch.run(runner, stop)
        network = _write_network(outdir, results)
    code = exit_code_of(results, request.fail_on)
    if stop.is_set() and not any(one.answered for one in results):
        code = exits.INTERRUPTED
    _print(request, outdir, (*batch.written, network), results, batch.kept, code)
    return code


def _sizes(request: _Request, clinics: int) -> Sizes:
    """Sizes for this machine; on a cluster what the command line says, since its machines may be unlike this one."""
    from scheduler.batch.cluster import LOCAL
    from scheduler.batch.sizing import Sizes, sizes_for, this_machine

    wanted = request.wanted
    if request.cluster in (None, LOCAL):
        return sizes_for(clinics, wanted, this_machine())
    return Sizes(jobs=wanted.jobs or 1, workers=wanted.workers or 1, memory_mb=wanted.memory_mb)


def _runner(request: _Request, sizes: Sizes) -> Runner:
    from scheduler.batch.cluster import on_cluster
    from scheduler.batch.pool import on_this_machine

    return on_this_machine(sizes.jobs) if request.cluster is None else on_cluster(request.cluster, jobs=sizes.jobs)


def _tell_asides(problems: Sequence[Problem], request: _Request, journal: Journal) -> None:
    """Warnings before anything is solved."""
    from scheduler.reports.console import console, print_problems

    journal.aside(problems)
    if not request.log_json:
        print_problems(console(stderr=True), problems, with_notices=False)


def _write_network(outdir: Path, results: Sequence[ClinicResult]) -> Path:
    from scheduler.batch.clinic import NETWORK
    from scheduler.files import write_whole
    from scheduler.reports.network import write_network

    network = outdir / NETWORK
    write_whole(network, lambda target: write_network(target, results), force=True)
    return network


def _watch(request: _Request, journal: Journal, stop: threading.Event) -> int:
    from scheduler.batch.ledger import opened
    from scheduler.batch.progress import Silent
    from scheduler.batch.running import exit_code_of
    from scheduler.batch.sizing import sizes_for, this_machine
    from scheduler.batch.watching import Watch
    from scheduler.loading import read_profile

    folder = Path(request.inputs[0])
    if not folder.is_dir():
        raise click.UsageError(f"--watch takes a folder; there is none called {folder}")
    read_profile(request.defaults.profile)
    machine = this_machine()
    sizes = sizes_for(machine.cores, request.wanted, machine)
    _tell_asides(sizes.problems, request, journal)
    with opened(folder) as ledger:
        journal.say("watch-begun", **sizes.model_dump(exclude={"problems"}))
        if not request.quiet:
            print_line(f"watching {folder}; end it with Ctrl-C", to_stderr=True)
        options = request.options.model_copy(update={"sizes": sizes})
        watch = Watch(folder, options, request.defaults, ledger, Silent(), journal, _print_clinic)
        watch.run(stop, request.every)
    return exit_code_of(watch.results.values(), request.fail_on)


# ---- printing ----


def _print_clinic(result: ClinicResult) -> None:
    print_line(f"{result.clinic}: {_in_short(result)}")


def _in_short(result: ClinicResult) -> str:
    figures = result.figures
    if figures is None:
        return f"no timetable ({result.status}). {result.problem}".rstrip()
    if figures.everybody_served:
        return f"everybody served, {result.output}"
    unmet = (
        f"{figures.patients_short} short of {figures.hours_short:g} h, {figures.groups_missed} planned groups missed"
    )
    return f"{unmet}, {result.output}"


def _print(
    request: _Request, outdir: Path, written: Sequence[Path], results: Sequence[ClinicResult], kept: int, code: int
) -> None:
    from scheduler.reports.network_figures import by_trouble, totals_of
    from scheduler.reports.network_overview import verdict

    if request.as_json:
        print_json(_document(outdir, results, kept, code))
        return
    from scheduler.reports.console import console, print_written, say

    out = console()
    say(out, verdict(totals_of(results)), style="bold")
    if kept:
        say(out, f"{kept} unchanged since an earlier run, and not solved again.")
    failed = [one for one in by_trouble(results) if not one.answered]
    for one in failed[:MOST_FAILED]:
        say(out, f"{one.clinic}: {_in_short(one)}", indent=2, hang=4)
    if len(failed) > MOST_FAILED:
        say(out, f"... and {len(failed) - MOST_FAILED} more: see the tables", indent=2)
    for path_ in written:
        print_written(out, path_)


def _document(outdir: Path, results: Sequence[ClinicResult], kept: int, code: int) -> dict[str, Any]:
    from scheduler.batch.running import exit_code_of
    from scheduler.batch.tables import row_of
    from scheduler.reports.document import bare_document
    from scheduler.reports.network_figures import totals_document, totals_of

    status = {exits.DONE: "served", exits.SHORT: "short", exits.REFUSED: "failed"}[exit_code_of(results, "short")]
    return {
        **bare_document(status, code),
        "interrupted": code == exits.INTERRUPTED,
        "output": str(outdir),
        "unchanged": kept,
        "totals": totals_document(totals_of(results)),
        "clinics": [row_of(one) for one in results],
    }
