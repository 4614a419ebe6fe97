"""The benchmarks of batches: sizes are mixed, bad clinics are bad, and the figures follow from the rows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cli_process import ROOT

sys.path.insert(0, str(ROOT))

from benchmarks import batch, batch_faults


def row(way: str, number: int, seconds: float) -> batch.Round:
    return batch.Round(
        way=way,
        round=number,
        cores=2,
        jobs=2,
        clinics=10,
        limit=1.0,
        seconds=seconds,
        per_hour=3600 * 10 / seconds,
        verified=10,
        hours_short=0.0,
        wishes=1.0,
        load=0.1,
    )


def test_the_figures_are_medians_side_by_side() -> None:
    rows = [row(batch.ALONE, 1, 100.0), row(batch.BESIDE, 1, 50.0), row(batch.CLUSTER, 1, 52.0)]
    rows += [row(batch.ALONE, 2, 90.0), row(batch.BESIDE, 2, 50.0), replace(row(batch.CLUSTER, 2, 53.0), verified=9)]
    assert batch.summary(rows).splitlines() == [
        "one after the other: 95.0 s, 379 clinics an hour",
        "side by side: 50.0 s, 720 clinics an hour",
        "Dask cluster: 52.5 s, 686 clinics an hour",
        "side by side is 1.90 times as fast as one after the other",
        "the Dask cluster takes +5.0 % of the time more",
        "verified: 59 of 60 timetables",
    ]


def test_every_way_gives_a_clinic_one_thread() -> None:
    for options in batch.ways(3).values():
        assert options[options.index("--workers") + 1] == "1"


def test_three_of_the_clinics_are_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "write_sample", lambda path, patients, seed: path.write_bytes(b"x" * 9000))
    sound = batch_faults.prepare(tmp_path / "weeks", 12)
    assert len(sound) == 9
    assert len(list((tmp_path / "weeks").iterdir())) == 12
    assert (tmp_path / "weeks" / "torn.xlsx").stat().st_size == batch_faults.TORN_BYTES


def test_a_clinic_called_crash_dies(tmp_path: Path) -> None:
    task = json.dumps({"clinic": {"name": "crash"}})
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BATCH_LOG": str(tmp_path / "log")}
    command = [sys.executable, "-m", "benchmarks.batch_worker"]
    done = subprocess.run(command, input=task, cwd=ROOT, env=env, text=True, check=False, capture_output=True)
    assert done.returncode == -signal.SIGABRT
    assert (tmp_path / "log").read_text("utf-8") == "crash\n"
