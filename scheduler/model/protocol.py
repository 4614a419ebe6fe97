"""The one language between the rulebook, the goals, the model and the verifier.

A rule both constrains the model and checks a finished timetable; a goal both scores the model and measures a finished
timetable. Nothing here imports the solver: rules and goals receive the model and write to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from scheduler.domain.findings import Measure, Refusal, Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Block, Group, Patient, Pin, Room, Therapist, Week

if TYPE_CHECKING:
    from scheduler.model.candidates import Cell
    from scheduler.model.plan import Expr, Literal, Plan
    from scheduler.model.splits import Split

Actor = Patient | Therapist | Room | Group
"""Who may be barred from a block or a group (a group only from a block)."""


class Rule(ABC):
    """A hard rule. One file of ``scheduler/rules/`` holds one rule and everything about it."""

    id: ClassVar[str]
    words: ClassVar[str]
    """The rule in one plain sentence, as printed in the rulebook and on Summary."""
    formula: ClassVar[str]
    """The rule in mathematics, in the symbols of ``docs/model.md``."""
    source: ClassVar[str] = ""
    """Where the rule comes from, if from outside."""

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        """Say why ``actor`` can never be in the block or group ``target``; None when this rule does not mind.

        Only combinations that no rule bars exist in the model at all.
        """
        return None

    def most_sessions(self, week: Week, group: Group, patients: int, therapists: int) -> int | None:
        """The most sessions of a group in one block that so many candidates can fill; None when this rule sets none."""
        return None

    def constrain(self, plan: Plan) -> None:  # noqa: B027 - a rule may have nothing to say here
        """Write the rule on the aggregated model (a variable a patient, block and group)."""

    def constrain_meetings(  # noqa: B027 - likewise
        self, plan: Plan, cell: Cell, meetings: Mapping[tuple[str, str], Literal]
    ) -> None:
        """Write what the rule implies for who may meet whom in a cell: (patient, therapist) to the claim that they do.

        The split into sessions holds it anyway; said beforehand, fewer answers have to be taken back.
        """

    def constrain_split(self, split: Split) -> None:  # noqa: B027 - likewise
        """Write what the rule asks when a block's group is split into its sessions."""

    @abstractmethod
    def check(self, board: Board) -> Iterable[Violation]:
        """Every breach of the rule in a finished timetable. Uses nothing of the model."""

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        """Say why adding ``patient`` to ``session`` would break this rule; None when it would not.

        Agrees with `check` on the timetable with that one seat added (a test proves it).
        """
        return None

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        """Say why the pin can never be kept under this rule, beyond what `bars` says; None when it may be."""
        return None


class Goal(ABC):
    """A soft goal, measured so that less is better and 0 is best. One file of ``scheduler/goals/`` holds one goal."""

    id: ClassVar[str]
    words: ClassVar[str]
    formula: ClassVar[str]
    unit: ClassVar[str]
    """What one of ``Measure.value`` is, in plain words."""
    scale: ClassVar[int] = 1
    """How many of ``Measure.units`` make one of ``Measure.value``."""
    parts: ClassVar[dict[str, int]]
    """The goal's parts with their default weights; a profile may reweigh them."""
    source: ClassVar[str] = ""

    def asks_nothing(self, week: Week) -> bool:
        """Whether every timetable of the week meets the goal, so that no time need be kept for it."""
        return False

    @abstractmethod
    def score(self, plan: Plan, weights: Mapping[str, int]) -> Expr:
        """Build the goal's expression on the aggregated model: a whole number, `measure`'s units at its best."""

    @abstractmethod
    def measure(self, board: Board, weights: Mapping[str, int]) -> Measure:
        """Measure a finished timetable. Uses nothing of the model."""
