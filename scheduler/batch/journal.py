"""The log of a batch: one JSON object a line. No patient and no therapist is in it, and no text that could name one."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TextIO

from scheduler.domain.network import ClinicResult
from scheduler.domain.outcome import Status
from scheduler.domain.problems import Problem

PLACE = ("code", "severity", "sheet", "cell")
"""All that is logged of a problem: its words and its value may hold what stands in a clinic's file."""


class Journal:
    """Writes lines to a stream; without one it says nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def say(self, event: str, *, level: str = "info", **facts: object) -> None:
        """One line."""
        if self._stream is None:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"ts": at, "level": level, "event": event, **facts}
        try:
            self._stream.write(json.dumps(line) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._stream = None

    def ended(self, result: ClinicResult) -> None:
        """How a clinic ended."""
        figures = result.figures
        facts: dict[str, object] = {
            "clinic": result.clinic,
            "status": result.status,
            "exit_code": result.exit_code,
            "seconds": result.seconds,
            "memory_mb": result.memory_mb,
            "attempts": result.attempts,
        }
        if figures is not None:
            facts |= {"patients_short": figures.patients_short, "hours_short": figures.hours_short}
            facts["gaps"] = [tier.gap for tier in result.tiers]
        facts["problems"] = [_place(problem) for problem in result.problems if problem.get("severity") != "notice"]
        self.say("clinic-ended", level=_level(result), **facts)

    def refused(self, problems: Sequence[Problem]) -> None:
        """Why nothing was begun."""
        self.say("batch-refused", level="error", problems=[_place(one.model_dump(mode="json")) for one in problems])

    def aside(self, problems: Sequence[Problem]) -> None:
        """What is worth a look before anything is solved."""
        for one in problems:
            self.say("aside", level="warning", **_place(one.model_dump(mode="json")))


def _place(problem: Mapping[str, object]) -> dict[str, object]:
    return {name: problem[name] for name in PLACE if problem.get(name)}


def _level(result: ClinicResult) -> str:
    if result.answered:
        return "info"
    return "warning" if result.status in (Status.INVALID, Status.IMPOSSIBLE, Status.UNKNOWN) else "error"
