"""Runs one solve in a process of its own and reads its trail; chooses the weeks to run; writes rows as they come."""

from __future__ import annotations

import csv
import functools
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks import process
from benchmarks.cases import FAMILIES, REPORTED_SEEDS, Case

INTO = process.ROOT / "benchmarks" / "results" / "speed"
LEADING = 2
"""The tiers that are to be proven: hours and plans."""
NEAR = 0.01
"""A timetable is near the best when its gap in the whole is at most this."""
EQUAL = 1e-9
QUICK_PATIENTS, QUICK_SECONDS = 12, 2.0
QUICK_SIZES = (6, QUICK_PATIENTS)
"""Of a quick run that fits exponents, which take two sizes."""

Row = dict[str, Any]


# ---------------------------------------------------------------------------------------------------------- one solve


@dataclass(frozen=True)
class Moment:
    """A better timetable: when it was found, its worth by tier (in units) and in the whole, the hours short in it."""

    seconds: float
    units: tuple[int, ...]
    whole: float
    hours_short: float


@dataclass(frozen=True)
class Word:
    """What the search said of the tier it was at."""

    seconds: float
    tier: int
    best: float | None
    bound: float


@dataclass(frozen=True)
class Traced:
    """A solve from outside. ``seconds`` is the search, ``wall`` the whole process.

    ``whole`` is the final timetable in one number, ``bound`` the bounds of all tiers in one: no timetable beats it that
    is as good in the better tiers. Without a timetable both are None and ``units`` empty.
    """

    status: str
    limit: float
    seconds: float
    wall: float
    peak_mb: float
    units: tuple[int, ...]
    bounds: tuple[int, ...]
    whole: float | None
    bound: float | None
    scales: tuple[int, ...]
    proven: tuple[bool, ...]
    figures: Row
    broken: int
    trail: tuple[Moment, ...]
    words: tuple[Word, ...]

    def gap(self, tier: int) -> float:
        """The gap of a tier (from 1) at the end."""
        return gap_of(self.units[tier - 1], self.bounds[tier - 1])

    def seconds_to_whole(self, target: float) -> float | None:
        """Seconds until a timetable was worth at most ``target`` in the whole; None if none ever was."""
        return next((one.seconds for one in self.trail if one.whole <= target + EQUAL), None)

    def seconds_to_units(self, units: Sequence[int]) -> float | None:
        """Seconds until the first tiers were, one after the other, as good as these; None if they never were."""
        wanted = tuple(units)
        return next((one.seconds for one in self.trail if one.units[: len(wanted)] <= wanted), None)

    def seconds_to_gap(self, tier: int, gap: float) -> float:
        """Seconds until a tier was known to be this close to its best, which it is at the end: at the latest then.

        Values count from when a timetable had them, with the better tiers at what they end with; what the solver had
        in mind before that does not.
        """
        value, bound = math.inf, 0.0
        for seconds, new_value, new_bound in sorted(self._news(tier)):
            value, bound = min(value, new_value), max(bound, new_bound)
            if value < math.inf and gap_of(value, bound) <= gap + EQUAL:
                return seconds
        return self.seconds

    def _news(self, tier: int) -> Iterator[tuple[float, float, float]]:
        """Seconds, a value (infinite: none) and a bound, whenever one of a tier became known."""
        scale, held = self.scales[tier - 1], self.units[: tier - 1]
        for moment in self.trail:
            if moment.units[: tier - 1] == held:
                yield moment.seconds, moment.units[tier - 1] / scale, 0.0
        for word in self.words:
            if word.tier == tier:
                yield word.seconds, math.inf, word.bound
        over = next((word.seconds for word in self.words if word.tier > tier), self.seconds)
        had = self.seconds_to_units(self.units[:tier])
        yield max(over, had or over), self.units[tier - 1] / scale, self.bounds[tier - 1] / scale

    def seconds_to_proof(self, tiers: int) -> float | None:
        """Seconds until the first tiers were proven best; None if they are not."""
        if not self.units or not all(self.proven[:tiers]):
            return None
        return max(self.seconds_to_gap(tier, 0.0) for tier in range(1, tiers + 1))


def gap_of(value: float, bound: float) -> float:
    """How much better the best possible could be, as a share of the value; 0 when both are 0."""
    return 0.0 if value <= bound else (value - bound) / value


def traced(week: Path, seconds: float, *words: str) -> Traced:
    """Solve a week in a process of its own, with these words more on its command line.

    Raises:
        click.ClickException: if the process fails, the week is refused, or the engine cannot do what the words ask.
    """
    done = process.run("-m", "benchmarks.traced_solve", str(week.resolve()), "--seconds", str(seconds), *words)
    said = done.document
    return Traced(
        status=said["status"],
        limit=said["limit"],
        seconds=said["seconds"],
        wall=done.seconds,
        peak_mb=said["peak_mb"],
        units=tuple(said["units"]),
        bounds=tuple(said["bounds"]),
        whole=said["whole"],
        bound=said["bound"],
        scales=tuple(said["scales"]),
        proven=tuple(said["proven"]),
        figures=said["figures"] or {},
        broken=said["broken"],
        trail=tuple(Moment(**{**one, "units": tuple(one["units"])}) for one in said["trail"]),
        words=tuple(Word(*one) for one in said["words"]),
    )


# -------------------------------------------------------------------------------------------------------- which weeks


@dataclass(frozen=True)
class Choice:
    """The weeks to run, how long each, and where the results go."""

    cases: tuple[Case, ...]
    seconds: float
    into: Path
    mode: str = "full"


def choose(
    families: Sequence[str],
    sizes: Sequence[int],
    seeds: Sequence[int] = REPORTED_SEEDS,
    seconds: float = 60.0,
    quick_sizes: Sequence[int] = (QUICK_PATIENTS,),
) -> Callable[[Callable[[Choice], None]], click.Command]:
    """A command with the options that every benchmark of made-up weeks has; these are the defaults of a full run.

    ``--quick`` takes the first family, one seed, a limit of a moment, and weeks of ``quick_sizes``.
    """

    def command(run: Callable[[Choice], None]) -> click.Command:
        @click.command(help=run.__doc__)
        @click.option("--families", default=",".join(families), show_default=True, callback=_families)
        @click.option("--sizes", default=_joined(sizes), show_default=True, callback=_numbers, help="Patients.")
        @click.option("--seeds", default=_joined(seeds), show_default=True, callback=_numbers)
        @click.option("--seconds", default=seconds, show_default=True, help="Time limit of each solve.")
        @click.option("--quick", is_flag=True, help="Tiny weeks and little time, to try the machinery.")
        @click.option("--into", type=click.Path(path_type=Path), default=INTO, help="Folder for the results.")
        @functools.wraps(run)
        def chosen(
            families: tuple[str, ...],
            sizes: tuple[int, ...],
            seeds: tuple[int, ...],
            seconds: float,
            quick: bool,
            into: Path,
        ) -> None:
            if quick:
                families, sizes, seeds, seconds = families[:1], tuple(quick_sizes), seeds[:1], QUICK_SECONDS
            cases = tuple(Case(family, size, seed) for family in families for size in sizes for seed in seeds)
            run(Choice(cases, seconds, into, "quick" if quick else "full"))

        return chosen

    return command


def _joined(numbers: Iterable[int]) -> str:
    return ",".join(str(one) for one in numbers)


def _families(_context: click.Context, _option: click.Parameter, text: str) -> tuple[str, ...]:
    named = tuple(word.strip() for word in text.split(","))
    unknown = [name for name in named if name not in FAMILIES]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: known are {', '.join(FAMILIES)}")
    return named


def _numbers(_context: click.Context, _option: click.Parameter, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text}: whole numbers joined by commas are expected") from None


@contextmanager
def written(case: Case) -> Iterator[Path]:
    """The week of a case as a file, for a while; made in a process of its own, so that this one stays small."""
    with tempfile.TemporaryDirectory() as name:
        week = Path(name) / "week.xlsx"
        code = (
            "from pathlib import Path; from benchmarks.cases import Case; "
            f"Case({case.family!r}, {case.patients!r}, {case.seed!r}).write(Path({str(week)!r}))"
        )
        process.run("-c", code)
        yield week


def label(case: Case) -> Row:
    """The columns that say which week a row is of."""
    return {"case": case.name, "family": case.family, "patients": case.patients, "seed": case.seed}


# ------------------------------------------------------------------------------------------------------------- results


def collect(path: Path, rows: Iterable[Row], *, keep: bool = False) -> list[Row]:
    """Write rows as they come, so that a run that is cut short leaves what it measured; gives them all.

    ``keep``: rows of other cases that are in the file by then stay, before these.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    written_now: list[Row] = []
    mine: list[Row] = []
    for row in rows:
        mine.append(row)
        written_now = [*(_of_other_cases(path, mine) if keep else ()), *mine]
        click.echo("  " + " ".join(f"{name}={value}" for name, value in row.items()), err=True)
        write_rows(path, written_now)
    click.echo(f"{path.name}: {len(written_now)} rows")
    return written_now


def _of_other_cases(path: Path, mine: Sequence[Row]) -> list[dict[str, str]]:
    cases = {row["case"] for row in mine}
    return [row for row in read_rows(path) if row["case"] not in cases]


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows of one kind; what is None stays blank, and so does what a row measured earlier does not have."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file; none where there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def note_machine(into: Path, part: str, mode: str, seconds: float) -> None:
    """Keep, for each part of the results, on what machine, with what engine and time limit it was measured last."""
    into.mkdir(parents=True, exist_ok=True)
    path = into / "machine.csv"
    others = [row for row in read_rows(path) if row["part"] != part]
    mine = {"part": part, "mode": mode, "limit": seconds, "engine": process.commit(), **process.machine()}
    write_rows(path, sorted([*others, mine], key=lambda row: row["part"]))


def rounded(value: float | None, digits: int = 3) -> float | None:
    """A figure for a CSV file; None stays None."""
    return None if value is None else round(value, digits)
