"""A profile: a program's rules, its goals in tiers, and how long and how hard to search. Pure data, from YAML."""

from typing import Self

from pydantic import Field, model_validator

from scheduler.domain.program import GridBlock, Program
from scheduler.domain.types import Frozen

DEFAULT_TIERS = (("weekly-minimum",), ("treatment-plan",), ("continuity",), ("preferences",), ("operations",))


class GoalSettings(Frozen):
    """Which goals form which tier, and what they weigh.

    ``tiers``: each a tuple of goal ids, best first; two or more in one tier are added up with ``weights`` (default 1).
    ``parts``: weights of the parts inside a goal, by goal id then part name; a part left out keeps the goal's default.
    Weights are whole numbers, so that the solver's sums are exact.
    """

    tiers: tuple[tuple[str, ...], ...] = DEFAULT_TIERS
    weights: dict[str, int] = Field(default_factory=dict)
    parts: dict[str, dict[str, int]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_goal_once(self) -> Self:
        named = [goal for tier in self.tiers for goal in tier]
        if len(named) != len(set(named)):
            raise ValueError("a goal stands in two tiers")
        return self


class SolverSettings(Frozen):
    """How to search. Each field names the CP-SAT parameter it sets, where it sets one.

    ``time_limit`` + ``time_limit_per_patient`` x patients: wall-clock seconds for the whole search, split over tiers
    (``max_time_in_seconds``). ``workers``: ``num_workers``. ``seed``: ``random_seed``. ``stop_gap``: relative gap at
    which a tier from the third on may stop (``relative_gap_limit``). ``plateau_seconds``: from the third tier on, stop
    a tier that has not improved for so long. ``linearization_level``: the parameter of that name.
    ``reproducible``: ``interleave_search`` and ``max_deterministic_time`` in place of the clock.
    ``log_search``: ``log_search_progress``.
    """

    time_limit: float = Field(default=9, gt=0)
    time_limit_per_patient: float = Field(default=0.14, ge=0)
    workers: int = Field(default=8, ge=1)
    seed: int = Field(default=1, ge=0, lt=2**31)
    stop_gap: float = Field(default=0.0, ge=0)
    plateau_seconds: float | None = Field(default=None, gt=0)
    linearization_level: int = Field(default=2, ge=0, le=2)
    reproducible: bool = False
    log_search: bool = False

    def seconds_for(self, patients: int) -> float:
        """The wall-clock limit of the search for a week of so many patients."""
        return self.time_limit + self.time_limit_per_patient * patients


class Profile(Program):
    """A file of ``solver_configs/``, resolved. ``sources`` cites each number that a regulator or payer set, by its key.

    ``not_enforced`` is what the pack asks that this program cannot check; it is printed as a notice at each solve.
    ``dayparts`` are written in the availability language (days and clock times only).
    """

    name: str
    about: str = ""
    source: dict[str, str] = Field(default_factory=dict)
    not_enforced: tuple[str, ...] = ()
    dayparts: dict[str, str] = Field(default_factory=dict)
    blocks: tuple[GridBlock, ...] = ()
    goals: GoalSettings = GoalSettings()
    solver: SolverSettings = SolverSettings()

    @property
    def program(self) -> Program:
        """The part of the profile that a week carries."""
        return Program.model_validate({key: getattr(self, key) for key in Program.model_fields})
