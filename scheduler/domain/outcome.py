"""What a run has to say of itself: status, tiers with bound and gap, and the record printed on Summary."""

from enum import StrEnum

from scheduler.domain.types import Frozen


class Status(StrEnum):
    """A status never says more than was proven."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"
    """Stopped before anything was found or proved."""
    INVALID = "invalid"


class TierOutcome(Frozen):
    """One tier of goals after the search: ``value`` is weighted as the profile says, ``bound`` what no timetable beats.

    ``gap`` is (value - bound) / value, 0 when both are 0. ``proven`` means that the value is the best possible
    with the better tiers held at theirs. ``goals`` are the measured values by goal id. ``seconds`` is wall-clock time,
    None where a reproducible run leaves it out.
    """

    tier: int
    goals: dict[str, float]
    value: float
    bound: float
    gap: float
    proven: bool
    seconds: float | None = None


class Figures(Frozen):
    """The counts a director asks for first.

    ``hours_short`` is unweighted; ``groups_missed`` counts each missed time.
    """

    patients: int
    patients_short: int
    hours_short: float
    groups_missed: int
    sessions: int
    assignments: int

    @property
    def everybody_served(self) -> bool:
        """Whether every weekly minimum and every planned group is met (exit code 0 rather than 3)."""
        return self.patients_short == 0 and self.groups_missed == 0


class RunRecord(Frozen):
    """Where a timetable came from. Printed on Summary so that a run can be repeated."""

    input_sha256: str
    profile: str
    seed: int
    status: Status
    reproducible: bool = False
    interrupted: bool = False
    tiers: tuple[TierOutcome, ...] = ()
    versions: dict[str, str]
    seconds: dict[str, float] | None = None
    notices: tuple[str, ...] = ()
