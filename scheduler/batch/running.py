"""A batch from its clinics to its tables: what is done already is kept, the rest is solved, all of it recorded."""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from scheduler import exits
from scheduler.batch.clinic import NETWORK, RESULTS_CSV, RESULTS_JSON, Clinic
from scheduler.batch.endings import not_begun, unanswered
from scheduler.batch.fingerprint import fingerprint_of
from scheduler.batch.journal import Journal
from scheduler.batch.ledger import FOLDER, Ledger
from scheduler.batch.process import Runner, Task
from scheduler.batch.sizing import Sizes, wall_seconds_for
from scheduler.batch.tables import Tables
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.profile import Profile
from scheduler.domain.types import Frozen
from scheduler.intake.profiles import resolved_text
from scheduler.loading import read_profile
from scheduler.reports.report import Names

FAIL_ON = ("short", "failed", "never")
"""From which trouble on the exit code of a batch tells of it."""


class Options(Frozen):
    """How every clinic of a batch is solved. ``wall_seconds`` None takes what suits each."""

    sizes: Sizes = Sizes(jobs=1, workers=1)
    wall_seconds: float | None = None
    seed: int | None = None
    reproducible: bool = False
    names: Names = Names.FULL
    force: bool = False


class Board(Protocol):
    """Who shows a batch while it runs."""

    def begun(self, clinic: Clinic) -> None:
        """Work on a clinic begins."""

    def gap(self, clinic: Clinic, gap: float | None) -> None:
        """A clinic's gap now."""

    def ended(self, result: ClinicResult) -> None:
        """A clinic has its result, as it is recorded."""


class Desk:
    """Hands out tasks, and records what comes back. It hears a runner (`scheduler.batch.process.Hearing`)."""

    def __init__(self, options: Options, ledger: Ledger, board: Board, journal: Journal) -> None:
        self._options, self._ledger, self._board, self._journal = options, ledger, board, journal
        self._profiles: dict[str, tuple[Profile, str]] = {}
        self._out: dict[str, Clinic] = {}

    def order(self, clinic: Clinic) -> Task | ClinicResult:
        """The task of a clinic; or its result, where it is known without solving."""
        try:
            task = self._task(clinic)
            fingerprint = fingerprint_of(task, self._profiles[clinic.profile][1])
            if not self._options.force and (known := self._ledger.finished(clinic, fingerprint)) is not None:
                self._journal.say("clinic-unchanged", clinic=clinic.name, status=known.status)
                self._board.ended(known)
                return known
            self._ledger.check_output(clinic, force=self._options.force)
            staged = self._ledger.begin(clinic, fingerprint)
        except InputRefused as refused:
            return self._told(unanswered(clinic, Status.INVALID, refused.problems))
        except OSError as error:
            return self._told(_not_recorded(clinic, error))
        self._out[clinic.name] = clinic
        return task.model_copy(update={"clinic": staged})

    def _task(self, clinic: Clinic) -> Task:
        options = self._options
        if clinic.profile not in self._profiles:
            profile = read_profile(clinic.profile)
            self._profiles[clinic.profile] = profile, resolved_text(profile)
        profile, _ = self._profiles[clinic.profile]
        usual = wall_seconds_for(clinic, profile, reproducible=options.reproducible)
        return Task(
            clinic=clinic,
            workers=options.sizes.workers,
            memory_mb=options.sizes.memory_mb,
            wall_seconds=options.wall_seconds or usual,
            seed=options.seed,
            reproducible=options.reproducible,
            names=options.names,
        )

    def begun(self, task: Task) -> None:
        """Work on a clinic begins."""
        self._journal.say("clinic-begun", clinic=task.clinic.name)
        self._board.begun(task.clinic)

    def gap(self, task: Task, gap: float | None) -> None:
        """A clinic's gap now."""
        self._board.gap(task.clinic, gap)

    def ended(self, task: Task, result: ClinicResult) -> None:
        """Record a result. What cannot be recorded is said of the clinic, and ends no batch."""
        clinic = self._out[task.clinic.name]
        try:
            result = self._ledger.commit(clinic, result)
        except InputRefused as refused:
            result = unanswered(clinic, Status.INVALID, refused.problems)
        except OSError as error:
            result = _not_recorded(clinic, error)
        self.collect(self._told(result))

    def collect(self, result: ClinicResult) -> None:
        """Take in a result that is recorded."""

    def _told(self, result: ClinicResult) -> ClinicResult:
        self._journal.ended(result)
        self._board.ended(result)
        return result


def _not_recorded(clinic: Clinic, error: OSError) -> ClinicResult:
    message = f"its result cannot be recorded: {error.strerror or error}"
    hint = "see to the disk and the folder of outputs, and run the same again"
    return unanswered(clinic, Ending.FAULT, (Problem(code="not-recorded", message=message, hint=hint),))


class Batch(Desk):
    """All clinics of one run, and their tables in the folder of outputs."""

    def __init__(
        self, clinics: Sequence[Clinic], options: Options, ledger: Ledger, board: Board, journal: Journal, outdir: Path
    ) -> None:
        super().__init__(options, ledger, board, journal)
        self._clinics = clinics
        self._tables = Tables(outdir)
        self._results: dict[str, ClinicResult] = {}
        self.kept = 0
        self.written = (outdir / RESULTS_CSV, outdir / RESULTS_JSON)

    def run(self, runner: Runner, stop: threading.Event) -> tuple[ClinicResult, ...]:
        """Solve what is to be solved; gives a result for every clinic, also where the batch was stopped.

        Raises:
            InputRefused: if the runner cannot work at all, such as a cluster that does not answer.
            OSError: if the tables cannot be written.
        """
        tasks = []
        for clinic in self._clinics:
            found = self.order(clinic)
            if isinstance(found, Task):
                tasks.append(found)
            else:
                self._results[clinic.name] = found
                self.kept += found.answered
        try:
            if tasks and not stop.is_set():
                runner(tasks, self, stop)
        except InputRefused:  # nothing was done, so nothing is told
            raise
        except BaseException:
            self._tables.write(self.results)
            raise
        self._tables.write(self.results)
        return self.results

    def collect(self, result: ClinicResult) -> None:
        """Take in a result, and write it to the tables soon."""
        self._results[result.clinic] = result
        self._tables.write_sometimes(self._known)

    @property
    def _known(self) -> list[ClinicResult]:
        return [self._results[one.name] for one in self._clinics if one.name in self._results]

    @property
    def results(self) -> tuple[ClinicResult, ...]:
        """Of every clinic, in the order in which they were given."""
        return tuple(self._results.get(one.name) or not_begun(one) for one in self._clinics)


def exit_code_of(results: Iterable[ClinicResult], fail_on: str) -> int:
    """The exit code of a batch by its worst clinic: 2 where one has no timetable, 3 where somebody is short, else 0."""
    codes = {_code(one) for one in results}
    if fail_on == "never":
        return exits.DONE
    if exits.REFUSED in codes:
        return exits.REFUSED
    return exits.SHORT if exits.SHORT in codes and fail_on == "short" else exits.DONE


def _code(result: ClinicResult) -> int:
    return result.exit_code if result.answered else exits.REFUSED


def check_tables(outdir: Path, *, force: bool) -> None:
    """Refuse a folder that holds tables which no batch wrote.

    Raises:
        InputRefused: ``output-exists`` for each of them.
    """
    if force or (outdir / FOLDER).is_dir():
        return
    found = [outdir / name for name in (RESULTS_CSV, RESULTS_JSON, NETWORK) if (outdir / name).exists()]
    if found:
        hint = "choose another folder, or give --force"
        raise InputRefused(
            tuple(
                Problem(code="output-exists", value=str(one), message=f"no batch wrote this file: {one}", hint=hint)
                for one in found
            )
        )
