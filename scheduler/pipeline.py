"""The main job, end to end: read, look at the whole, solve, verify, explain, write. Commands and batches call this."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scheduler.advice.explaining import explain
from scheduler.domain.explanation import Verdict
from scheduler.domain.findings import Shortfall, Verification
from scheduler.domain.outcome import Status
from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.timetable import Timetable
from scheduler.domain.types import Frozen
from scheduler.engine.progress import Listener, silent
from scheduler.engine.search import Solution, solve
from scheduler.files import check_target, write_whole
from scheduler.intake.timetable import read_timetable
from scheduler.loading import Loaded, Overrides, Source, explanation_located, load, located
from scheduler.recording import exit_code_of, run_record
from scheduler.reports.report import Names, Report
from scheduler.reports.workbook import write_wall, write_workbook
from scheduler.shortfalls import explain_shortfalls
from scheduler.verify import verify

PROOF_SECONDS, PROOF_SECONDS_PER_PATIENT, MOST_PROOF_SECONDS = 5.0, 0.1, 15.0
"""What proving why people are short may take after a solve, more in larger weeks; the command `explain` takes more."""


class Order(Frozen):
    """One solve: what to read, how to search, what to write."""

    source: Source
    output: Path
    wall: Path | None = None
    names: Names = Names.FULL
    force: bool = False
    overrides: Overrides = Overrides()
    start: Path | None = None


@dataclass(frozen=True)
class Finished:
    """What became of an order. ``report`` is None where there is no timetable; then ``problems`` say why."""

    exit_code: int
    status: Status
    loaded: Loaded
    solution: Solution
    problems: tuple[Problem, ...]
    report: Report | None
    written: tuple[Path, ...]
    seconds: dict[str, float] = field(default_factory=dict)


class Fault(Exception):  # noqa: N818 - a fault of the program, exit code 1
    """The program contradicts itself: a timetable it built breaks a rule, or its own counts differ."""


class Stopwatch:
    """Wall-clock seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a stretch under a name."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - began, 3)


def fulfil(
    order: Order,
    *,
    listener: Listener = silent,
    stop: threading.Event | None = None,
    writing: threading.Event | None = None,
) -> Finished:
    """Do the main job. Nothing is written unless a verified timetable stands.

    Args:
        order: what to do.
        listener: hears of the search's progress.
        stop: set it to get the best timetable so far.
        writing: is set here when the output starts to be written: from then on there is nothing left to end, since the
            whole file is a moment away.

    Raises:
        InputRefused: the input or an output path is wrong (exit code 2).
        Fault: the program contradicts itself (exit code 1).
    """
    watch = Stopwatch()
    stop = stop or threading.Event()
    _check_targets(order)
    with watch.phase("read"):
        loaded = load(order.source, order.overrides)
        start = None if order.start is None else read_timetable(order.start, loaded.week).timetable
    with watch.phase("solve"):
        solution = solve(loaded.week, loaded.profile, listener=listener, stop=stop, start=start)
    if solution.timetable is None:
        return _without_timetable(loaded, solution, watch)
    with watch.phase("verify"):
        verification = _verified(loaded, solution, solution.timetable)
    with watch.phase("explain"):
        report = _report(loaded, solution, solution.timetable, verification, watch, stop)
    if writing is not None:
        writing.set()
    with watch.phase("write"):
        written = _write(order, report)
    return Finished(
        exit_code=exit_code_of(verification.figures, solution.status, interrupted=solution.interrupted),
        status=solution.status,
        loaded=loaded,
        solution=solution,
        problems=loaded.problems,
        report=report,
        written=written,
        seconds=_seconds(watch, solution),
    )


def _check_targets(order: Order) -> None:
    """Refuse every output that could not be written, before any long work."""
    never = (*order.source.inputs, *(() if order.start is None else (order.start,)))
    check_target(order.output, force=order.force, never=never)
    if order.wall is not None:
        if _is_one_file(order.wall, order.output):
            raise InputRefused((_one_file_twice(order.wall),))
        check_target(order.wall, force=order.force, never=never)


def _is_one_file(one: Path, other: Path) -> bool:
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return one.samefile(other)
    except OSError:  # one of them does not stand yet
        return False


def _one_file_twice(path: Path) -> Problem:
    return Problem(
        code="output-twice",
        value=str(path),
        message=f"the timetable and the copy for the wall would be one file: {path}",
        hint="choose another name for one of them",
    )


def _without_timetable(loaded: Loaded, solution: Solution, watch: Stopwatch) -> Finished:
    problems = (*loaded.problems, *(located(finding, loaded.file) for finding in solution.findings))
    return Finished(
        exit_code=exit_code_of(None, solution.status, interrupted=solution.interrupted),
        status=solution.status,
        loaded=loaded,
        solution=solution,
        problems=problems,
        report=None,
        written=(),
        seconds=_seconds(watch, solution),
    )


def _seconds(watch: Stopwatch, solution: Solution) -> dict[str, float]:
    return {**watch.seconds, **{name: round(seconds, 3) for name, seconds in solution.seconds.items()}}


def _verified(loaded: Loaded, solution: Solution, timetable: Timetable) -> Verification:
    """Verify once more from nothing but the timetable, and hold the solver's counts against what is measured."""
    verification = verify(loaded.week, timetable, loaded.profile.goals)
    broken = [f"{v.words} [{result.rule}]" for result in verification.rules for v in result.violations]
    if broken:
        raise Fault("the timetable breaks rules: " + "; ".join(broken))
    differ = [
        f"{', '.join(tier.goals)}: solver {counted}, measured {measured}"
        for tier, counted, measured in zip(solution.tiers, solution.solver_units, solution.measured_units, strict=True)
        if counted != measured
    ]
    if differ:
        raise Fault(f"the solver's value of a tier and the measured one differ: {'; '.join(differ)}")
    return verification


def _report(
    loaded: Loaded,
    solution: Solution,
    timetable: Timetable,
    verification: Verification,
    watch: Stopwatch,
    stop: threading.Event,
) -> Report:
    proven = tuple(tier.proven for tier in solution.tiers)
    shortfalls = explain_shortfalls(loaded.week, timetable, proven)
    return Report(
        week=loaded.week,
        timetable=timetable,
        verification=verification,
        shortfalls=with_proofs(loaded, timetable, shortfalls, stop),
        run=run_record(
            loaded,
            solution.status,
            interrupted=solution.interrupted,
            tiers=solution.tiers,
            seconds=watch.seconds,
        ),
    )


def with_proofs(
    loaded: Loaded, timetable: Timetable, shortfalls: Sequence[Shortfall], stop: threading.Event | None = None
) -> tuple[Shortfall, ...]:
    """Shortfalls with what can be proven of them in a few seconds, the most urgent first; none once ``stop`` is set."""
    if not shortfalls or (stop is not None and stop.is_set()):
        return tuple(shortfalls)
    more = PROOF_SECONDS_PER_PATIENT * len(loaded.week.patients)
    seconds = max(PROOF_SECONDS, min(PROOF_SECONDS + more, MOST_PROOF_SECONDS))
    asked = explain(loaded.week, timetable, loaded.profile, seconds=seconds, stop=stop, with_cost=False)
    found = [explanation_located(one, loaded.file) for one in asked if one.verdict is not Verdict.OPEN]
    return tuple(
        one.model_copy(update={"proofs": tuple(proof for proof in found if proof.patient == one.patient)})
        for one in shortfalls
    )


def _write(order: Order, report: Report) -> tuple[Path, ...]:
    """Write the outputs, each whole or not at all; gives what was written."""
    never = (*order.source.inputs, *(() if order.start is None else (order.start,)))
    write_whole(
        order.output,
        lambda path: write_workbook(path, report, names=order.names),
        force=order.force,
        never=never,
    )
    if order.wall is None:
        return (order.output,)
    write_whole(order.wall, lambda path: write_wall(path, report), force=order.force, never=(*never, order.output))
    return order.output, order.wall
