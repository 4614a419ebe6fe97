"""One solve in a process of its own, with its trail: each better timetable and each word of progress, with its second.

The clock starts when the week is read and stops when the search gives back. What each timetable of the trail is worth
is measured after that, by the solver-free verifier. Prints one JSON document.

``python -m benchmarks.traced_solve WEEK --seconds S``
"""

from __future__ import annotations

import inspect
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from benchmarks.judge import whole_of
from benchmarks.process import KILOBYTE
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.progress import Progress
from scheduler.engine.search import Solution, solve
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.loading import Overrides, Source, load
from scheduler.verify import verify

NO_WARM_START = "this engine takes no timetable to start from"

Document = dict[str, Any]


class Trail:
    """Remembers each timetable that the search keeps and each change of its progress, with its second."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.kept: list[tuple[float, Timetable]] = []
        self.words: list[tuple[float, int, float | None, float]] = []

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self.began, 3)

    def keep(self, timetable: Timetable) -> None:
        """A better full timetable exists."""
        self.kept.append((self.now, timetable))

    def hear(self, progress: Progress) -> None:
        """The search says where it stands."""
        said = (progress.tier, progress.best, progress.bound)
        if not self.words or self.words[-1][1:] != said:
            self.words.append((self.now, *said))


def searched(week: Week, profile: Profile, trail: Trail, start: Timetable | None) -> Solution:
    """Search, and let the trail hear whatever this engine tells.

    Raises:
        click.ClickException: if there is a timetable to start from, and the engine takes none.
    """
    known = inspect.signature(solve).parameters
    options: dict[str, Any] = {}
    if "on_timetable" in known:
        options["on_timetable"] = trail.keep
    if start is not None:
        if "start" not in known:
            raise click.ClickException(NO_WARM_START)
        options["start"] = start
    return solve(week, profile, listener=trail.hear, **options)


def to_the_end(profile: Profile) -> Profile:
    """The profile with its early stops switched off: what is measured is how far the search comes in its time."""
    settings = profile.solver.model_copy(update={"stop_gap": 0.0, "plateau_seconds": None})
    return profile.model_copy(update={"solver": settings})


def without(week: Week, every: int) -> Week:
    """The week before each ``every``-th patient came; 0 leaves it as it is. Whatever names them goes with them."""
    if not every:
        return week
    new = {patient.id for patient in week.patients[::every]}
    return week.model_copy(
        update={
            "patients": tuple(one for one in week.patients if one.id not in new),
            "apart": tuple(one for one in week.apart if not {one.patient, one.other_patient} & new),
            "together": tuple(one for one in week.together if not {one.patient, one.other} & new),
            "pins": tuple(one for one in week.pins if one.patient not in new),
            "previous": tuple(one for one in week.previous if one.patient not in new),
        }
    )


def document(week: Week, profile: Profile, solution: Solution, trail: Trail, seconds: float) -> Document:
    """Everything about the solve that a benchmark may ask for. Values are in whole units, as the model counts them."""
    tiers = tiers_of(profile.goals)
    found = solution.verification
    bounds = [round(one.bound * tier.scale) for one, tier in zip(solution.tiers, tiers, strict=False)]
    return {
        "status": solution.status.value,
        "patients": len(week.patients),
        "limit": profile.solver.seconds_for(len(week.patients)),
        "seconds": round(seconds, 3),
        "units": list(solution.measured_units),
        "bounds": bounds,
        "whole": None if found is None else whole_of(solution.measured_units),
        "bound": None if found is None else whole_of(bounds),
        "scales": [tier.scale for tier in tiers],
        "proven": [one.proven for one in solution.tiers],
        "figures": None if found is None else found.figures.model_dump(mode="json"),
        "broken": 0 if found is None else found.broken,
        "trail": list(_measured(week, profile, tiers, solution, trail, seconds)),
        "words": trail.words,
    }


def _measured(
    week: Week, profile: Profile, tiers: tuple[Tier, ...], solution: Solution, trail: Trail, seconds: float
) -> Iterator[Document]:
    """What each timetable of the trail is worth; the final one ends it. One that breaks a rule counts as none."""
    kept = list(trail.kept)
    if solution.timetable is not None and (not kept or kept[-1][1] != solution.timetable):
        kept.append((round(seconds, 3), solution.timetable))
    for at, timetable in kept:
        measured = verify(week, timetable, profile.goals)
        if not measured.broken:
            units = [tier.measured_units(measured) for tier in tiers]
            hours = measured.figures.hours_short
            yield {"seconds": at, "units": units, "whole": whole_of(units), "hours_short": hours}


def _peak_mb() -> float:
    """The most memory that this process has held, in MB."""
    unit = KILOBYTE if sys.platform == "darwin" else 1
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit / KILOBYTE, 1)


@click.command()
@click.argument("week", type=click.Path(path_type=Path))
@click.option("--profile", default="adult_iop", show_default=True, help="A profile's name or file.")
@click.option("--seconds", type=float, required=True, help="Time limit of the search, in seconds.")
@click.option("--reproducible", is_flag=True, help="Count the solver's steps in place of the clock.")
@click.option("--start", type=click.Path(path_type=Path), help="A timetable (JSON) to start from.")
@click.option("--timetable", type=click.Path(path_type=Path), help="Where to write the timetable found (JSON).")
@click.option("--absent", type=int, default=0, help="Leave out each so-manieth patient; 0: none.")
def main(
    week: Path,
    profile: str,
    seconds: float,
    reproducible: bool,
    start: Path | None,
    timetable: Path | None,
    absent: int,
) -> None:
    """Solve WEEK once and print what happened as JSON."""
    overrides = Overrides(time_limit=seconds, reproducible=reproducible)
    loaded = load(Source(week=week, profile=profile), overrides)
    asked = without(loaded.week, absent)
    begin = None if start is None else Timetable.model_validate_json(start.read_bytes())
    settled = to_the_end(loaded.profile)
    trail = Trail()
    solution = searched(asked, settled, trail, begin)
    took, peak = time.monotonic() - trail.began, _peak_mb()
    if timetable is not None and solution.timetable is not None:
        timetable.write_text(solution.timetable.model_dump_json(), "utf-8")
    click.echo(json.dumps(document(asked, settled, solution, trail, took) | {"peak_mb": peak}))


if __name__ == "__main__":
    main()
