"""A network as it is: hundreds of clinics, a torn file, one that crashes, one that eats memory, two kills on the way.

``python -m benchmarks.batch_faults`` from the root of the repository. It fails unless every sound clinic has a
timetable that verifies, the three bad ones are reported as what they are, and nothing that was done before a kill is
done again.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.batch import verified, write_clinics
from benchmarks.process import ROOT

BAD = {"torn": "invalid", "crash": "crashed", "hog": "memory"}
"""The bad clinics, and how each must end."""

TORN_BYTES = 5000
SCRIPT = """
import sys
from scheduler.batch import process
process.WORKER = (sys.executable, "-m", "benchmarks.batch_worker")
from scheduler.cli import main
sys.exit(main(sys.argv[1:]))
"""


def prepare(folder: Path, clinics: int) -> list[Path]:
    """So many weeks, three of them bad; gives the sound ones."""
    weeks = write_clinics(folder, clinics - len(BAD))
    for name in BAD:
        shutil.copy(weeks[0], folder / f"{name}.xlsx")
    torn = folder / "torn.xlsx"
    torn.write_bytes(torn.read_bytes()[:TORN_BYTES])
    return weeks


def begin(folder: Path, outdir: Path, log: Path, options: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the batch in a group of its own."""
    command = [sys.executable, "-c", SCRIPT, "batch", str(folder), "-o", str(outdir), "--quiet", *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BATCH_LOG": str(log)}
    return subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)


def done_in(outdir: Path) -> dict[str, int]:
    """The timetables that stand, with the moment each was written."""
    return {one.name: one.stat().st_mtime_ns for one in outdir.glob("*_timetable.xlsx")}


def kill_at(batch: subprocess.Popen[bytes], outdir: Path, number: int) -> dict[str, int]:
    """Kill the batch once so many timetables stand; gives those that do."""
    while len(done_in(outdir)) < number:
        if batch.poll() is not None:
            raise click.ClickException("the batch ended before it could be killed")
        time.sleep(0.05)
    os.killpg(batch.pid, signal.SIGKILL)
    batch.wait()
    return done_in(outdir)


def expect(held: bool, words: str) -> None:
    """Say that something held.

    Raises:
        click.ClickException: if it did not.
    """
    if not held:
        raise click.ClickException(f"not so: {words}")
    click.echo(f"held: {words}")


def statuses(outdir: Path) -> dict[str, str]:
    with (outdir / "results.csv").open(encoding="utf-8", newline="") as file:
        return {row["clinic"]: row["status"] for row in csv.DictReader(file)}


@click.command()
@click.option("--clinics", type=click.IntRange(10), default=200, show_default=True)
@click.option("--limit", type=float, default=1.0, show_default=True, help="Seconds for the search of each clinic.")
@click.option("--memory", type=int, default=900, show_default=True, help="Megabytes that a clinic may hold.")
@click.option("--cluster", is_flag=True, help="Through a Dask cluster here.")
def main(clinics: int, limit: float, memory: int, cluster: bool) -> None:
    """Run it, kill it twice, let it end, and hold it against what must be so."""
    options = ["--time-limit", str(limit), "--memory", str(memory), *(["--cluster", "local"] if cluster else [])]
    with tempfile.TemporaryDirectory() as name:
        folder, outdir, log = (Path(name) / one for one in ("weeks", "out", "begun.log"))
        weeks = prepare(folder, clinics)
        began, earlier = time.monotonic(), dict[str, int]()
        for part in (1, 2):
            batch = begin(folder, outdir, log, options)
            earlier = kill_at(batch, outdir, part * clinics // 3)
            click.echo(f"killed with {len(earlier)} timetables written")
            log.rename(log.with_suffix(f".{part}"))
        code = begin(folder, outdir, log, options).wait()
        click.echo(f"{time.monotonic() - began:.0f} s in all")
        found, stand = statuses(outdir), done_in(outdir)
        expect(code == 2, "exit code 2, for the clinics that failed")
        expect(len(found) == clinics, f"a row for each of {clinics} clinics")
        expect({one: found[one] for one in BAD} == BAD, f"the bad ones are reported: {BAD}")
        expect(len(stand) == len(weeks), f"{len(weeks)} timetables")
        expect(all(stand[one] == when for one, when in earlier.items()), "what was done before a kill was left alone")
        again = {f"{one}_timetable.xlsx" for one in log.read_text("utf-8").split()} & earlier.keys()
        expect(not again, "and not begun again")
        expect(verified(weeks, outdir) == len(weeks), "every timetable verifies")
        half = [one.name for one in outdir.rglob("*") if ".tmp-" in one.name]
        click.echo(f"temporary files left by the kills: {len(half)}")


if __name__ == "__main__":
    main()
