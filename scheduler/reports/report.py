"""Everything a report is made of, and the choice of what stands for a person."""

from enum import StrEnum
from functools import cached_property

from scheduler.domain.findings import Shortfall, Verification
from scheduler.domain.outcome import RunRecord
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.types import Frozen
from scheduler.domain.week import Week


class Names(StrEnum):
    """What stands for a person in the sheets that people read; the machine sheets hold ids whatever is chosen."""

    FULL = "full"
    INITIALS = "initials"
    IDS = "ids"


class Report(Frozen):
    """One week with its finished timetable and all that was found out about it."""

    week: Week
    timetable: Timetable
    verification: Verification
    shortfalls: tuple[Shortfall, ...] = ()
    run: RunRecord

    @cached_property
    def board(self) -> Board:
        """The timetable laid over its week.

        Raises:
            ValueError: if the timetable names something that the week does not know.
        """
        return Board(self.week, self.timetable)

    @cached_property
    def shortfall_of(self) -> dict[str, Shortfall]:
        """Shortfalls by patient id."""
        return {one.patient: one for one in self.shortfalls}
