"""What a run says of itself, whichever command made it: exit code, record, and the head of its document.

Imports nothing of the solver, so that an answer that needs no search does not wait for it.
"""

import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

from scheduler import __version__, exits
from scheduler.domain.outcome import Figures, RunRecord, Status, TierOutcome
from scheduler.domain.problems import Problem
from scheduler.loading import Loaded
from scheduler.reports.document import bare_document


def exit_code_of(figures: Figures | None, status: Status, *, interrupted: bool) -> int:
    """The exit code by what was reached; ``figures`` is None where there is no timetable."""
    if figures is None:
        # What was proved before an interruption stays proved; only a search without an answer was cut short by it.
        return exits.INTERRUPTED if interrupted and status is Status.UNKNOWN else exits.IMPOSSIBLE
    return exits.DONE if figures.everybody_served else exits.SHORT


def run_record(
    loaded: Loaded,
    status: Status,
    *,
    interrupted: bool = False,
    tiers: tuple[TierOutcome, ...] = (),
    seconds: Mapping[str, float] | None = None,
    changes: Sequence[str] = (),
) -> RunRecord:
    """The record that Summary prints. It has no seconds after a reproducible run.

    ``changes`` are what was changed in memory after the file was read.
    """
    solver = loaded.profile.solver
    return RunRecord(
        input_sha256=loaded.sha256,
        profile=loaded.profile.name,
        seed=solver.seed,
        status=status,
        reproducible=solver.reproducible,
        interrupted=interrupted,
        tiers=tiers,
        versions=versions(),
        seconds=None if seconds is None or solver.reproducible else dict(seconds),
        notices=(*(f"The file was changed by {one}" for one in changes), *loaded.profile.not_enforced),
    )


def versions() -> dict[str, str]:
    """The versions that decide a result: this program's, the solver's, Python's."""
    return {
        "group-therapy-scheduler": __version__,
        "ortools": metadata.version("ortools"),
        "python": platform.python_version(),
    }


def document_of(loaded: Loaded, status: str, exit_code: int, problems: Sequence[Problem]) -> dict[str, Any]:
    """A command's document with what is known of it from its input."""
    return {
        **bare_document(status, exit_code, problems),
        "profile": loaded.profile.name,
        "seed": loaded.profile.solver.seed,
        "input_sha256": loaded.sha256,
    }
