"""Of everything that decides a clinic's result, a fingerprint: the same one means that there is nothing to do again."""

import hashlib
import json
from pathlib import Path

from scheduler.batch.process import Task
from scheduler.recording import versions

_PIECE = 1 << 20
DECIDING = ("group-therapy-scheduler", "ortools")
"""Of the versions, those that decide a timetable."""


def fingerprint_of(task: Task, profile_text: str) -> str:
    """The fingerprint of a task: its inputs byte by byte, its profile resolved, versions, and options that matter.

    ``profile_text`` is the profile with everything inherited written out. How many threads, how much memory and how
    long a process may live depends on the machine of the day, and is left out: a batch may be resumed on another one.
    """
    clinic, known = task.clinic, versions()
    parts = {
        "input": digest_of(clinic.input),
        "previous": None if clinic.previous is None else digest_of(clinic.previous),
        "mapping": None if clinic.mapping is None else digest_of(clinic.mapping),
        "profile": profile_text,
        "time_limit": clinic.time_limit,
        "seed": task.seed,
        "reproducible": task.reproducible,
        "names": task.names,
        "versions": [known[name] for name in DECIDING],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, or of the names and bytes of a folder's CSV files; "" where there is nothing to read."""
    digest = hashlib.sha256()
    try:
        if not path.is_dir():
            _take(path, digest)
            return digest.hexdigest()
        for one in sorted(path.iterdir()):
            if one.suffix.lower() == ".csv" and one.is_file():
                digest.update(f"{one.name}\0{one.stat().st_size}\0".encode("utf-8", "surrogateescape"))
                _take(one, digest)
    except OSError:
        return ""
    return digest.hexdigest()


def _take(path: Path, digest: "hashlib._Hash") -> None:
    if not path.is_file():  # a pipe would never end
        raise FileNotFoundError(path)
    with path.open("rb") as handle:
        while piece := handle.read(_PIECE):
            digest.update(piece)
