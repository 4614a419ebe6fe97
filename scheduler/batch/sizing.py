"""How many clinics at once, with how many solver threads and how much memory each, so that none starves another."""

import os
from pathlib import Path

from scheduler.batch.clinic import Clinic
from scheduler.domain.problems import Problem, Severity
from scheduler.domain.profile import Profile
from scheduler.domain.types import Frozen

SHARE_OF_MEMORY = 0.8
"""Of the machine's memory, what all clinics together may hold."""

LEAST_MEMORY_MB = 512
"""A clinic of 150 patients holds some 350 MB."""

MANY_PATIENTS = 1000
"""A profile's limit for a week of so many patients, twice, is the usual limit of a process."""

READING_SECONDS = 120.0
"""What a process may take beside its search: to start, read, explain and write."""

REPRODUCIBLE_SECONDS = 4 * 3600.0
"""A reproducible search ends by counted work and not by the clock; this ends one that hangs."""

_CGROUP = Path("/sys/fs/cgroup")


class Wanted(Frozen):
    """What the command line says of sizes; None leaves it to the machine."""

    jobs: int | None = None
    workers: int | None = None
    memory_mb: int | None = None
    wall_seconds: float | None = None


class Machine(Frozen):
    """What there is to share: in a container, what it may use."""

    cores: int
    memory_mb: int | None


class Sizes(Frozen):
    """Clinics at once, solver threads and megabytes of each. ``problems`` warn where that is more than there is."""

    jobs: int
    workers: int
    memory_mb: int | None = None
    problems: tuple[Problem, ...] = ()


def this_machine() -> Machine:
    """The cores and the memory that this process may use."""
    return Machine(cores=_cores(), memory_mb=_memory_mb())


def sizes_for(clinics: int, wanted: Wanted, machine: Machine) -> Sizes:
    """Sizes that fit the machine, wherever the command line leaves the choice.

    One thread for each of many clinics gets more done than many threads for one: threads are shared out only where
    there are fewer clinics than cores.
    """
    fitting = max(1, min(machine.cores // (wanted.workers or 1), clinics))
    jobs = fitting if wanted.jobs is None else wanted.jobs
    workers = wanted.workers if wanted.workers is not None else max(1, machine.cores // jobs)
    memory = wanted.memory_mb
    if memory is None and machine.memory_mb is not None:
        memory = max(LEAST_MEMORY_MB, int(machine.memory_mb * SHARE_OF_MEMORY / jobs))
    return Sizes(jobs=jobs, workers=workers, memory_mb=memory, problems=_too_much(jobs, workers, memory, machine))


def _too_much(jobs: int, workers: int, memory_mb: int | None, machine: Machine) -> tuple[Problem, ...]:
    found = []
    if jobs * workers > machine.cores:
        message = f"{jobs} at once with {workers} solver threads each are {jobs * workers} on {machine.cores} cores"
        found.append(_warning("oversubscribed", message, "give less of --jobs or --workers, or leave both out"))
    if memory_mb is not None and machine.memory_mb is not None and jobs * memory_mb > machine.memory_mb:
        message = f"{jobs} at once with {memory_mb} MB each may want more than the {machine.memory_mb} MB there are"
        found.append(_warning("memory-oversubscribed", message, "give less of --jobs or --memory"))
    return tuple(found)


def _warning(code: str, message: str, hint: str) -> Problem:
    return Problem(code=code, severity=Severity.WARNING, message=message, hint=hint)


def wall_seconds_for(clinic: Clinic, profile: Profile, *, reproducible: bool) -> float:
    """The usual limit of a clinic's process: far above what a search may take, it only ends one that hangs."""
    if reproducible or profile.solver.reproducible:
        return REPRODUCIBLE_SECONDS
    search = clinic.time_limit or profile.solver.seconds_for(MANY_PATIENTS)
    return 2 * search + READING_SECONDS


def _cores() -> int:
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    words = _cgroup("cpu.max").split()
    if len(words) == 2 and words[0].isdigit():
        return max(1, min(mine, int(words[0]) // int(words[1])))
    return mine


def _memory_mb() -> int | None:
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None
    most = pages * size
    limit = _cgroup("memory.max").strip()
    return (min(most, int(limit)) if limit.isdigit() else most) >> 20


def _cgroup(name: str) -> str:
    """A limit of the container; "" outside of one."""
    try:
        return (_CGROUP / name).read_text(encoding="ascii")
    except OSError:
        return ""
