"""A problem with somebody's file, as data: what, how bad, where, what was found, what to do."""

from enum import StrEnum

from scheduler.domain.types import Frozen


class Severity(StrEnum):
    """``error`` refuses the file; ``warning`` should be looked at; ``notice`` says how something was read."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Problem(Frozen):
    """One thing to tell the user about a file.

    ``code`` is stable kebab-case (``unknown-group``). ``sheet`` and ``cell`` (``C7``) are empty where the problem has
    no single place. ``message`` says what was expected; ``hint`` offers the nearest good spelling or the way out.
    """

    code: str
    severity: Severity = Severity.ERROR
    sheet: str = ""
    cell: str = ""
    value: str = ""
    message: str
    hint: str = ""

    @property
    def place(self) -> str:
        """``Patients!C7``, or as much of it as is known."""
        return f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell


class InputRefused(Exception):  # noqa: N818 - it is what happened, and callers read it as such
    """A file or command could not be accepted. Carries every problem found, errors and the rest (exit code 2)."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(p.message for p in problems if p.severity is Severity.ERROR) or "input refused")
        self.problems = problems


class FactRef(Frozen):
    """A fact of a week: a row of a sheet and the column that states it. Intake knows in which cell it stands.

    ``row`` is the id of the row (``P017``), or for sheets without ids the row number as text.
    """

    sheet: str
    row: str
    column: str


class Finding(Frozen):
    """A problem that was found in a `Week`, not in a file: its facts are turned into cells where they are known."""

    code: str
    severity: Severity
    message: str
    hint: str = ""
    facts: tuple[FactRef, ...] = ()
