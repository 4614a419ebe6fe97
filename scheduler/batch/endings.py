"""The results of clinics that have no timetable, and what is said of them in one line."""

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler import exits
from scheduler.batch.clinic import Clinic
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.domain.problems import Problem, Severity

CUT_SHORT = "interrupted"
"""The code of the problem that says that the whole batch was stopped: the clinic is solved again by the next run."""

STOPPED = "time-limit"
"""The code of the problem that says that a clinic's process was told to end at its limit."""

EXIT_CODES: Mapping[str, int] = {
    Status.INVALID: exits.REFUSED,
    Status.IMPOSSIBLE: exits.IMPOSSIBLE,
    Status.UNKNOWN: exits.INTERRUPTED,
}
"""What `solve` gives for a clinic without a timetable; every other ending is a fault to whoever called."""


def unanswered(clinic: Clinic, status: str, problems: Sequence[Problem]) -> ClinicResult:
    """The result of a clinic that has no timetable. ``status`` is a `Status` or an `Ending`."""
    return ClinicResult(
        clinic=clinic.name,
        input=str(clinic.input),
        profile=clinic.profile,
        status=status,
        exit_code=EXIT_CODES.get(status, exits.FAULT),
        problem=first_error(problems),
        problems=documents(problems),
    )


def not_begun(clinic: Clinic) -> ClinicResult:
    """A clinic that was still waiting when the batch was stopped."""
    problem = Problem(code=CUT_SHORT, message="not begun: the batch was stopped before", hint="run the same again")
    return unanswered(clinic, Status.UNKNOWN, (problem,))


def out_of_memory(memory_mb: int | None) -> Problem:
    """What is said of a clinic that wanted more than it may have."""
    allowed = "there is" if memory_mb is None else f"the {memory_mb} MB that a clinic may have"
    hint = "allow more (--memory), or fewer at a time (--jobs)"
    return Problem(code=Ending.MEMORY.value, message=f"wanted more memory than {allowed}", hint=hint)


def was_cut_short(result: ClinicResult) -> bool:
    """Whether the result is only what there was when the batch was stopped."""
    return any(one.get("code") == CUT_SHORT for one in result.problems)


def documents(problems: Sequence[Problem]) -> tuple[dict[str, Any], ...]:
    """Problems as plain objects."""
    return tuple(one.model_dump(mode="json") for one in problems)


def first_error(problems: Sequence[Problem]) -> str:
    """The first error in words, with its place; "" without one."""
    error = next((one for one in problems if one.severity is Severity.ERROR), None)
    if error is None:
        return ""
    return " ".join(f"{error.place}: {error.message}".removeprefix(": ").split())
