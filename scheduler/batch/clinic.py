"""One clinic of a batch: what to read, and where its timetable goes."""

from pathlib import Path

from scheduler.domain.types import Frozen

USUAL_PROFILE = "adult_iop"
ENDING = "_timetable"
"""What is put behind a week's name to call its timetable."""

RESULTS_CSV, RESULTS_JSON, NETWORK = "results.csv", "results.json", "network.xlsx"
TABLES = frozenset({RESULTS_CSV, RESULTS_JSON, NETWORK})
"""The tables of a batch, in its folder of outputs."""


class Clinic(Frozen):
    """One clinic's week. ``time_limit`` None leaves it to the profile."""

    name: str
    input: Path
    output: Path
    profile: str = USUAL_PROFILE
    previous: Path | None = None
    mapping: Path | None = None
    time_limit: float | None = None

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read of it but the profile."""
        return tuple(one for one in (self.input, self.mapping, self.previous) if one is not None)
