"""Measures what the project promises, as whole processes on this machine, and writes the results as CSV.

``python benchmarks/main_job.py`` measures everything; ``--quick`` takes small weeks and little time, to try the
machinery. Then ``python benchmarks/report.py`` writes docs/benchmarks.md from the CSV files alone. Linux or macOS.
"""

from __future__ import annotations

import csv
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import click
from bad_files import BAD_FILES, made
from process import DOOR, ROOT, Process, run
from process import machine as this_machine

RESULTS = ROOT / "benchmarks" / "results"
DATA = ROOT / "data"


@dataclass(frozen=True)
class Scale:
    """How much is measured. ``limit`` is the --time-limit of each solve in seconds, None for the profile's own.

    ``crowded``: patients and seeds of weeks with every feature and too few therapists. ``paired_limit`` is that of the
    weeks solved by the clock and in steps, 0 for the profile's own.
    """

    mode: str
    main_runs: int
    sizes: tuple[int, ...]
    kinds: int
    limit: float | None
    crowded: tuple[tuple[int, int], ...]
    paired_patients: int
    paired_seeds: tuple[int, ...]
    paired_limit: float
    shipped: tuple[str, ...]
    refused: tuple[str, ...]
    door_runs: int


SHIPPED = (
    "small_week.xlsx",
    "cannot_serve_all.xlsx",
    "messy_export/ehr_export.xlsx",
    "ucsf_day.xlsx",
    "prodigal_three_evenings.xlsx",
    "palmetto_day_evening_family.xlsx",
    "streamwood_after_school.xlsx",
)
KINDS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("plain", 101, {}),
    ("with last week", 102, {"previous": True}),
    ("short of staff", 103, {"previous": True, "tightness": 1.15}),
)
"""Kinds of made-up weeks: what they are called, their seed, what is asked of the generator."""
OPTIONS = {
    "messy_export/ehr_export.xlsx": ["--map", str(DATA / "messy_export" / "map.yaml")],
    "ucsf_day.xlsx": ["--profile", str(DATA / "ucsf_day.yaml")],
    "streamwood_after_school.xlsx": ["--profile", "adolescent_iop"],
}
FULL = Scale(
    "full",
    3,
    (12, 30, 60, 120, 300),
    len(KINDS),
    None,
    ((120, 401), (300, 402), (300, 403), (300, 404)),
    40,
    (201, 202, 203),
    12.0,
    SHIPPED,
    tuple(BAD_FILES),
    5,
)
QUICK = Scale("quick", 1, (12,), 2, 3.0, ((12, 401),), 12, (201,), 1.0, SHIPPED[:1], tuple(BAD_FILES)[:2], 1)


def solve(week: Path, folder: Path, *options: str) -> Process:
    """The main job on a week, with its JSON document."""
    return run(DOOR, "solve", str(week), "-o", str(folder / "out.xlsx"), "--force", "--json", *options, may_refuse=True)


# ---------------------------------------------------------------------------------------------------------- rows of CSV


@dataclass(frozen=True)
class Solved:
    """One solve; tiers are spelled ``value|bound|proven`` one after the other, joined by spaces."""

    week: str
    patients: int
    exit_code: int
    status: str
    seconds: float
    peak_mb: float
    read: float
    solve: float
    explain: float
    write: float
    tiers: str


@dataclass(frozen=True)
class Door:
    """How long the door takes to open, and whether the solver was loaded for it."""

    command: str
    runs: int
    seconds: float
    modules: int
    solver_loaded: str


@dataclass(frozen=True)
class Pair:
    """A week solved by the clock or in counted steps."""

    week: str
    mode: str
    seconds: float
    peak_mb: float
    first_two_seconds: float
    tiers: str
    same_bytes_twice: str


@dataclass(frozen=True)
class Refused:
    """A bad file and how it was refused."""

    file: str
    bytes: int
    exit_code: int
    seconds: float
    peak_mb: float
    code: str


@dataclass(frozen=True)
class Machine:
    """Where the figures come from. ``load`` is the one-minute load average when the run began."""

    mode: str
    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    ortools: str
    scheduler: str
    load: float


def machine(scale: Scale) -> Iterator[Machine]:
    """This machine."""
    yield Machine(mode=scale.mode, scheduler=_own_version(), **this_machine())


def _own_version() -> str:
    return run("-c", "from scheduler import __version__; print(__version__)").printed.strip()


def _solved(name: str, done: Process) -> Solved:
    document = done.document
    seconds = document["seconds"]
    return Solved(
        week=name,
        patients=document["figures"]["patients"],
        exit_code=done.code,
        status=document["status"],
        seconds=done.seconds,
        peak_mb=done.peak_mb,
        read=seconds["read"],
        solve=seconds["solve"],
        explain=seconds["explain"],
        write=seconds["write"],
        tiers=_tiers(document),
    )


def _tiers(document: dict[str, Any]) -> str:
    return " ".join(
        f"{one['value']:g}|{one['bound']:g}|{'yes' if one['proven'] else 'no'}" for one in document["tiers"]
    )


def main_job(scale: Scale) -> Iterator[Solved]:
    """The shipped clinic with the default profile, as README runs it."""
    with tempfile.TemporaryDirectory() as name:
        for _ in range(scale.main_runs):
            yield _solved("clinic_60.xlsx", solve(DATA / "clinic_60.xlsx", Path(name), *_limit(scale)))


def sizes(scale: Scale) -> Iterator[Solved]:
    """Made-up weeks from a dozen patients to hundreds."""
    with tempfile.TemporaryDirectory() as name:
        for patients in scale.sizes:
            for kind, seed, knobs in KINDS[: scale.kinds]:
                week = Path(name) / f"{patients}_{seed}.xlsx"
                make_week(week, patients, seed, knobs)
                yield _solved(f"{patients} patients, seed {seed}, {kind}", solve(week, Path(name), *_limit(scale)))
        for patients, seed in scale.crowded:
            week = Path(name) / f"crowded_{patients}_{seed}.xlsx"
            make_crowded_week(week, patients, seed)
            title = f"{patients} patients, seed {seed}, every feature and short of staff"
            yield _solved(title, solve(week, Path(name), *_limit(scale)))


def make_crowded_week(week: Path, patients: int, seed: int) -> None:
    """Write a week of the generator of the outside checks: every feature of the format, and too few therapists."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r}); from pathlib import Path; "
        f"from outside.generator import generate; generate({seed}, {patients}, False).write(Path({str(week)!r}))"
    )
    run("-c", code)


def make_week(week: Path, patients: int, seed: int, knobs: dict[str, Any]) -> None:
    """Write a made-up week, in a process of its own so that this one stays small."""
    code = (
        "from pathlib import Path; from scheduler.samples.generate import write_sample; "
        f"write_sample(Path({str(week)!r}), {patients}, {seed}, **{knobs!r})"
    )
    run("-c", code)


def shipped(scale: Scale) -> Iterator[Solved]:
    """The other weeks of data/: messy, short of staff, or on the grid of a real program."""
    with tempfile.TemporaryDirectory() as name:
        for week in scale.shipped:
            yield _solved(week, solve(DATA / week, Path(name), *OPTIONS.get(week, []), *_limit(scale)))


def _limit(scale: Scale) -> Sequence[str]:
    return () if scale.limit is None else ("--time-limit", str(scale.limit))


def doors(scale: Scale) -> Iterator[Door]:
    """Commands that should answer at once."""
    for words in (("--help",), ("solve", "--help"), ("profiles",)):
        runs = [run(DOOR, *words) for _ in range(scale.door_runs)]
        loaded = _modules(words)
        solver = any(name == "ortools" or name.startswith("ortools.") for name in loaded)
        yield Door(
            command=" ".join(words),
            runs=scale.door_runs,
            seconds=round(statistics.median(one.seconds for one in runs), 3),
            modules=len(loaded),
            solver_loaded="yes" if solver else "no",
        )


def _modules(words: Sequence[str]) -> list[str]:
    code = (
        "import sys; from scheduler.cli import main; before = sys.stdout; sys.stdout = sys.stderr; "
        f"main({list(words)!r}); sys.stdout = before; print('\\n'.join(sorted(sys.modules)))"
    )
    return run("-c", code).printed.split()


def reproducible(scale: Scale) -> Iterator[Pair]:
    """The same weeks by the clock and in counted steps; the second run of the latter must give the same bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in scale.paired_seeds:
            week = folder / f"{seed}.xlsx"
            make_week(week, scale.paired_patients, seed, {"previous": True})
            for mode in ("clock", "steps"):
                yield _pair(
                    week,
                    f"{scale.paired_patients} patients, seed {seed}, with last week",
                    mode,
                    folder,
                    scale.paired_limit,
                )


def _pair(week: Path, label: str, mode: str, folder: Path, limit: float) -> Pair:
    first, second = folder / "first.xlsx", folder / "second.xlsx"
    driver = str(ROOT / "benchmarks" / "timed_solve.py")
    done = run(driver, str(week), str(first), str(limit), mode)
    same = ""
    if mode == "steps":
        run(driver, str(week), str(second), str(limit), mode)
        same = "yes" if _sha(first) == _sha(second) else "NO"
    document = done.document
    return Pair(label, mode, done.seconds, done.peak_mb, document["first_two_seconds"], _tiers(document), same)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refusals(scale: Scale) -> Iterator[Refused]:
    """Files that are refused, and what that costs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label in scale.refused:
            path = made(label, folder, DATA / "clinic_60.xlsx")
            done = solve(path, folder)
            code = next((p["code"] for p in done.document["problems"] if p["severity"] == "error"), "")
            size = path.stat().st_size if path.is_file() else 0
            yield Refused(label, size, done.code, done.seconds, done.peak_mb, code)


PARTS: dict[str, Callable[[Scale], Iterator[Any]]] = {
    "machine": machine,
    "doors": doors,
    "refusals": refusals,
    "main_job": main_job,
    "shipped": shipped,
    "sizes": sizes,
    "reproducible": reproducible,
}


def write_csv(path: Path, rows: Sequence[Any]) -> None:
    """Write rows of one kind, in the order of their fields."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(rows[0])], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


@click.command()
@click.option("--quick", is_flag=True, help="Small weeks and little time, to try the machinery.")
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="Measure these parts alone.")
@click.option("--into", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
def main(quick: bool, only: tuple[str, ...], into: Path) -> None:
    """Measure, and write a CSV file for each part."""
    scale = QUICK if quick else FULL
    for name, measure in PARTS.items():
        if only and name not in only:
            continue
        began = time.monotonic()
        rows = []
        for row in measure(scale):
            click.echo(f"  {row}", err=True)
            rows.append(row)
        write_csv(into / f"{name}.csv", rows)
        click.echo(f"{name}: {len(rows)} rows in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
