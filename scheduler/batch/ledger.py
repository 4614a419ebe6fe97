"""What a batch has done already, kept beside its outputs: the next run begins where the last one ended, however it did.

``OUTDIR/.batch/`` holds a record a clinic, the workbooks that are being made, and a lock. A clinic goes through three
steps, each a single rename on the disk, so that a run may be killed between any two:

1. a record says that work on it has begun, and which workbook of ours stands at its output (by hash);
2. its new workbook is finished under a name of its own (*staged*), and the record gets the result with its hash;
3. the staged workbook is put at the output.

Whatever stands at the output is thus known: what we put there before, what we are about to put there, or somebody
else's, which is never written over.
"""

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from scheduler.batch.clinic import Clinic
from scheduler.batch.endings import was_cut_short
from scheduler.batch.fingerprint import digest_of
from scheduler.batch.whole import put
from scheduler.domain.network import ClinicResult
from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.types import Frozen
from scheduler.files import check_target, write_whole

FOLDER = ".batch"
_UNSAFE = re.compile(r"[^\w.-]+")


class Record(Frozen):
    """What is known of a clinic. ``ours`` are hashes of workbooks at its output that may be replaced.

    ``result`` is None while work on it has begun and not ended.
    """

    fingerprint: str
    ours: tuple[str, ...] = ()
    result: ClinicResult | None = None


class Ledger:
    """The records of one folder of outputs. Made by `opened`, which holds the lock."""

    def __init__(self, folder: Path) -> None:
        self._outdir = folder.parent
        self._records = folder / "clinics"
        self._staged = folder / "staged"
        for one in (self._records, self._staged):
            one.mkdir(parents=True, exist_ok=True)
        for rough in self._staged.glob(".*"):  # what a run that was killed was about to write
            rough.unlink(missing_ok=True)

    def finished(self, clinic: Clinic, fingerprint: str) -> ClinicResult | None:
        """The result of a clinic that need not be solved again; a workbook that was still staged is put in place."""
        record = self._record(clinic)
        if record is None or record.result is None or record.fingerprint != fingerprint:
            return None
        result = record.result
        if not result.answered or was_cut_short(result):
            return None
        if digest_of(clinic.output) == result.output_sha256:
            self._staged_name(clinic).unlink(missing_ok=True)  # left where a run was killed just after it was in place
            return result
        if digest_of(self._staged_name(clinic)) != result.output_sha256 or not self._is_ours(clinic, record):
            return None
        self._publish(clinic)
        return result

    def check_output(self, clinic: Clinic, *, force: bool) -> None:
        """Refuse a clinic whose timetable could not be put at its output, before any long work is done.

        Folders within the folder of outputs are made; one elsewhere that does not exist is taken for a slip of the pen.

        Raises:
            InputRefused: see `write_whole`; ``output-exists`` or ``output-changed`` where something stands that is not
                of this ledger, unless ``force`` says that it may go.
            OSError: if a folder cannot be made.
        """
        if Path(os.path.normpath(clinic.output)).is_relative_to(os.path.normpath(self._outdir)):
            clinic.output.parent.mkdir(parents=True, exist_ok=True)
        check_target(clinic.output, force=True, never=clinic.inputs)
        record = self._record(clinic)
        if not force and not self._is_ours(clinic, record):
            raise _not_ours(clinic.output, changed=record is not None and bool(record.ours))

    def begin(self, clinic: Clinic, fingerprint: str) -> Clinic:
        """Note that work on a clinic begins; gives the clinic with the staged name for its output."""
        ours = (digest_of(clinic.output),) if os.path.lexists(clinic.output) else ()
        self._put(clinic, Record(fingerprint=fingerprint, ours=ours))
        staged = self._staged_name(clinic)
        staged.unlink(missing_ok=True)
        return clinic.model_copy(update={"output": staged})

    def commit(self, clinic: Clinic, result: ClinicResult) -> ClinicResult:
        """Record a result, then put its workbook at the output; gives the result as it is told.

        Raises:
            InputRefused: if it cannot be put there any more. It stays staged, and the next run puts it there.
            OSError: if it cannot be recorded: the next run solves the clinic again.
        """
        known = self._record(clinic) or Record(fingerprint="")
        result = result.model_copy(update={"fingerprint": known.fingerprint})
        if not result.answered:
            self._put(clinic, known.model_copy(update={"result": result}))
            return result
        result = result.model_copy(update={"output": str(clinic.output)})
        ours = (*known.ours, result.output_sha256)
        self._put(clinic, known.model_copy(update={"ours": ours, "result": result}))
        if not self._is_ours(clinic, known):
            raise _not_ours(clinic.output, changed=True)
        self._publish(clinic)
        return result

    def _is_ours(self, clinic: Clinic, record: Record | None) -> bool:
        """Whether what stands at the output, if anything, may be replaced."""
        if not os.path.lexists(clinic.output):
            return True
        return record is not None and digest_of(clinic.output) in record.ours

    def _publish(self, clinic: Clinic) -> None:
        staged = self._staged_name(clinic)
        replacing = os.path.lexists(clinic.output)
        write_whole(clinic.output, lambda rough: _copy(staged, rough), force=replacing, never=clinic.inputs)
        staged.unlink(missing_ok=True)

    def _staged_name(self, clinic: Clinic) -> Path:
        return self._staged / f"{_file_name(clinic)}.xlsx"

    def _record(self, clinic: Clinic) -> Record | None:
        try:
            return Record.model_validate_json((self._records / f"{_file_name(clinic)}.json").read_bytes())
        except (OSError, ValidationError):  # none, or of another version: the clinic is solved again
            return None

    def _put(self, clinic: Clinic, record: Record) -> None:
        put(self._records / f"{_file_name(clinic)}.json", record.model_dump_json(indent=1))


@contextlib.contextmanager
def opened(outdir: Path) -> Iterator[Ledger]:
    """The ledger of a folder of outputs, which is made if need be. While it is open, no other run gets in.

    The lock is the system's own and goes with the process that holds it: a run that was killed leaves none behind.

    Raises:
        InputRefused: ``batch-running`` if another run works in the folder, ``output-not-writable`` if this one cannot.
    """
    folder = outdir / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+", encoding="ascii")
    except OSError as error:
        message = f"the folder of outputs cannot be used ({error.strerror}): {outdir}"
        raise _refused("output-not-writable", outdir, message, "check the folder") from error
    with lock:
        _take_lock(lock, outdir)
        yield Ledger(folder)


def _take_lock(lock: TextIO, outdir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        message = f"a batch already runs in {outdir} ({holder})"
        raise _refused("batch-running", outdir, message, "wait for it to end, or choose another folder") from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()} on {platform.node()}")
    lock.flush()


def _file_name(clinic: Clinic) -> str:
    """A name for a clinic's files: what can be read of its own, and enough to tell all apart."""
    digest = hashlib.sha256(clinic.name.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{_UNSAFE.sub('_', clinic.name)[:60]}-{digest[:10]}"


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _not_ours(output: Path, *, changed: bool) -> InputRefused:
    if changed:
        message = f"the timetable was changed by somebody since it was written: {output}"
        return _refused("output-changed", output, message, "move it away and run the same again, or give --force")
    message = f"the output exists already, and no batch of this folder wrote it: {output}"
    return _refused("output-exists", output, message, "move it away, or give --force")


def _refused(code: str, path: Path, message: str, hint: str) -> InputRefused:
    return InputRefused((Problem(code=code, value=str(path), message=message, hint=hint),))
