"""How many clinics a machine solves: one after the other, side by side, and through a Dask cluster on it.

``python -m benchmarks.batch`` from the root of the repository. The ways take turns, so that a machine that slows down
slows them all; every timetable is verified afterwards, outside the measured time.
"""

from __future__ import annotations

import csv
import json
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import click

from benchmarks.process import DOOR, ROOT, run
from scheduler.loading import Source, check
from scheduler.samples.generate import write_sample

RESULTS = ROOT / "benchmarks" / "results" / "batch.csv"
ALONE, BESIDE, CLUSTER = "one after the other", "side by side", "Dask cluster"
LEAST, MOST = 20, 150
"""Patients of the smallest and of the largest clinic."""


@dataclass(frozen=True)
class Round:
    """One batch over all clinics. ``wishes`` is the mean value of the last two tiers, where time still tells."""

    way: str
    round: int
    cores: int
    jobs: int
    clinics: int
    limit: float
    seconds: float
    per_hour: float
    verified: int
    hours_short: float
    wishes: float
    load: float


def ways(cores: int) -> dict[str, Sequence[str]]:
    """The options of each way; a clinic has one solver thread in all of them."""
    beside = ("--jobs", str(cores), "--workers", "1")
    return {ALONE: ("--jobs", "1", "--workers", "1"), BESIDE: beside, CLUSTER: (*beside, "--cluster", "local")}


def write_clinics(folder: Path, clinics: int) -> list[Path]:
    """Clinics of all sizes, large ones and small ones mixed."""
    folder.mkdir(parents=True, exist_ok=True)
    weeks = []
    for place in range(clinics):
        patients = LEAST + (place * 37) % (MOST - LEAST + 1)
        weeks.append(folder / f"clinic-{place:03d}.xlsx")
        write_sample(weeks[-1], patients, place)
    return weeks


def verified(weeks: Sequence[Path], outdir: Path) -> int:
    """How many weeks have a timetable in the folder that breaks no rule."""
    outputs = ((week, outdir / f"{week.stem}_timetable.xlsx") for week in weeks)
    return sum(output.exists() and not check(Source(week=week), output).verification.broken for week, output in outputs)


def measure(weeks: Sequence[Path], limit: float, rounds: int, cores: int) -> Iterator[Round]:
    """Each way in turn, so many times over."""
    for number in range(1, rounds + 1):
        for way, options in ways(cores).items():
            with tempfile.TemporaryDirectory() as name:
                outdir = Path(name)
                load = round(os.getloadavg()[0], 2)
                words = ("batch", str(weeks[0].parent), "-o", name, "--time-limit", str(limit), "--quiet", *options)
                done = run(DOOR, *words)
                found = json.loads((outdir / "results.json").read_text("utf-8"))["clinics"]
                yield Round(
                    way=way,
                    round=number,
                    cores=cores,
                    jobs=1 if way == ALONE else cores,
                    clinics=len(weeks),
                    limit=limit,
                    seconds=done.seconds,
                    per_hour=round(3600 * len(weeks) / done.seconds, 1),
                    verified=verified(weeks, outdir),
                    hours_short=round(sum(one["figures"]["hours_short"] for one in found), 1),
                    wishes=round(statistics.fmean(_wishes(one) for one in found), 2),
                    load=load,
                )


def _wishes(clinic: dict[str, Any]) -> float:
    return sum(float(tier["value"]) for tier in clinic["tiers"][-2:])


def summary(rows: Sequence[Round]) -> str:
    """The figures that matter, in words."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        seconds[row.way].append(row.seconds)
    middle = {way: statistics.median(found) for way, found in seconds.items()}
    lines = [
        f"{way}: {found:.1f} s, {3600 * rows[0].clinics / found:.0f} clinics an hour" for way, found in middle.items()
    ]
    lines.append(f"side by side is {middle[ALONE] / middle[BESIDE]:.2f} times as fast as one after the other")
    lines.append(f"the Dask cluster takes {100 * (middle[CLUSTER] / middle[BESIDE] - 1):+.1f} % of the time more")
    lines.append(f"verified: {sum(row.verified for row in rows)} of {sum(row.clinics for row in rows)} timetables")
    return "\n".join(lines)


def write_rows(path: Path, rows: Sequence[Round]) -> None:
    """Write the rounds as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Round)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


@click.command()
@click.option("--clinics", type=click.IntRange(2), default=24, show_default=True)
@click.option("--limit", type=float, default=2.0, show_default=True, help="Seconds for the search of each clinic.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--cores", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True)
@click.option("--into", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
def main(clinics: int, limit: float, rounds: int, cores: int, into: Path) -> None:
    """Measure, write a row a batch, and say what it comes to."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        weeks = write_clinics(Path(name) / "weeks", clinics)
        for row in measure(weeks, limit, rounds, cores):
            click.echo(f"  {row}", err=True)
            rows.append(row)
    write_rows(into, rows)
    click.echo(summary(rows))


if __name__ == "__main__":
    main()
