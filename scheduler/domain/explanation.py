"""Why a patient is short: the facts that together make it impossible, and who came first, as data."""

from enum import StrEnum

from scheduler.domain.problems import FactRef
from scheduler.domain.types import Frozen, Hours, Id


class Fact(Frozen):
    """Something the week says that could be otherwise, in plain words.

    ``owner`` is the patient to whom others' needs are a promise; empty for all other facts. ``cell`` (``Patients!E5``)
    and ``value`` say where it stands in the file and what stands there, where that is known. ``line`` is 0 where an
    explanation shows that it is needed by itself; facts of one other number were shown to be needed together.
    """

    ref: FactRef
    words: str
    owner: str = ""
    cell: str = ""
    value: str = ""
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """Sheet, row and column: what it is whatever its words."""
        return self.ref.sheet, self.ref.row, self.ref.column

    @property
    def column(self) -> tuple[str, str]:
        """Sheet and column: what kind of fact it is."""
        return self.ref.sheet, self.ref.column

    @property
    def kind(self) -> tuple[str, str]:
        """Its column; what all others' promises have in common is that they are promises."""
        return ("", "promise") if self.owner else self.column


class Verdict(StrEnum):
    """What was proven of a need that a timetable does not meet."""

    NEVER = "impossible for this patient, whatever the others get"
    OTHERS_FIRST = "possible only at the cost of others"
    POSSIBLE = "possible without anybody losing anything"
    OPEN = "not settled in the time"


class Loss(Frozen):
    """What one patient would lose if another's need were met. ``groups`` are the required groups missed besides."""

    patient: Id
    hours: Hours
    groups: tuple[Id, ...] = ()


class Cost(Frozen):
    """A way to meet a need all the same: who loses what. ``proven``: none is cheaper, as the goals count."""

    losses: tuple[Loss, ...]
    other: tuple[str, ...] = ()
    proven: bool = True


class Explanation(Frozen):
    """Why one need of one patient is not met.

    ``group`` is the required group that is missed, None where it is hours. ``facts`` together make it impossible;
    they are proven to (`Verdict.NEVER` and ``OTHERS_FIRST``), and ``smallest`` says that with any one of them away it
    was proven to be possible, where those of one ``line`` count as one. ``questions`` counts the proofs.
    """

    patient: Id
    group: Id | None = None
    amount: float
    verdict: Verdict
    facts: tuple[Fact, ...] = ()
    smallest: bool = False
    cost: Cost | None = None
    questions: int = 0

    @property
    def need(self) -> str:
        """``3 h`` or ``1 x DBT``."""
        return f"{self.amount:g} h" if self.group is None else f"{self.amount:g} x {self.group}"
