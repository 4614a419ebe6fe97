"""Many clinics solved in one go: what is known of each, and of all together."""

from enum import StrEnum
from typing import Any

from scheduler.domain.outcome import Figures, TierOutcome
from scheduler.domain.types import Frozen


class Ending(StrEnum):
    """How the work on one clinic ended, beside the statuses of a solve (`scheduler.domain.outcome.Status`)."""

    FAULT = "fault"
    """The program is at fault."""
    CRASHED = "crashed"
    """The process died."""
    TIMEOUT = "timeout"
    """The process did not end in its time and was ended."""
    MEMORY = "memory"
    """The process wanted more memory than it may have."""


class Short(Frozen):
    """Somebody who is short, as the network workbook lists them.

    ``hours`` are the hours short, ``groups`` the planned groups missed (ids), ``reason`` and ``remedy`` plain words.
    """

    patient: str
    hours: float
    groups: tuple[str, ...]
    priority: int
    reason: str
    remedy: str


class Use(Frozen):
    """How much of what a clinic has is used: seats of the sessions that run, and blocks that therapists may lead.

    ``blocks_possible`` counts a therapist without a limit by the blocks of the week that they could lead.
    """

    seats_taken: int
    seats: int
    blocks_led: int
    blocks_possible: int


class ClinicResult(Frozen):
    """What became of one clinic: a row of ``results.csv``.

    ``status`` is a `Status` of the solve or an `Ending`. ``exit_code`` is what ``solve`` would have given; 1 for every
    ending from outside. ``problems`` are the problems of its document (as plain objects), ``problem`` the first error
    in words, "" without one. ``seconds`` is wall clock, ``memory_mb`` the most that the process held. ``fingerprint``
    is of everything that decides the result: inputs, profile, program version, options.
    """

    clinic: str
    input: str
    output: str = ""
    profile: str
    status: str
    exit_code: int
    figures: Figures | None = None
    tiers: tuple[TierOutcome, ...] = ()
    use: Use | None = None
    short: tuple[Short, ...] = ()
    seconds: float = 0.0
    memory_mb: float | None = None
    input_sha256: str = ""
    output_sha256: str = ""
    fingerprint: str = ""
    problem: str = ""
    problems: tuple[dict[str, Any], ...] = ()
    attempts: int = 1

    @property
    def answered(self) -> bool:
        """Whether there is a timetable."""
        return self.figures is not None
