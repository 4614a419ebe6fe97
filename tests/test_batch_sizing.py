"""How many at once: never more threads than cores unless asked, and then with a warning."""

from pathlib import Path
from typing import Any

import pytest

from scheduler.batch import sizing
from scheduler.batch.clinic import Clinic
from scheduler.batch.sizing import Machine, Wanted, sizes_for, this_machine, wall_seconds_for
from scheduler.domain.profile import SolverSettings
from scheduler.loading import read_profile

EIGHT = Machine(cores=8, memory_mb=16000)
CLINIC = Clinic(name="north", input=Path("north.xlsx"), output=Path("out.xlsx"))


@pytest.mark.parametrize(
    ("clinics", "wanted", "jobs", "workers"),
    [
        (200, {}, 8, 1),
        (8, {}, 8, 1),
        (3, {}, 3, 2),
        (1, {}, 1, 8),
        (0, {}, 1, 8),
        (200, {"workers": 4}, 2, 4),
        (200, {"workers": 16}, 1, 16),
        (200, {"jobs": 2}, 2, 4),
        (200, {"jobs": 16}, 16, 1),
        (200, {"jobs": 4, "workers": 2}, 4, 2),
        (200, {"jobs": 8, "workers": 8}, 8, 8),
    ],
)
def test_jobs_times_workers_fit_the_cores(clinics: int, wanted: dict[str, int], jobs: int, workers: int) -> None:
    found = sizes_for(clinics, Wanted(**wanted), EIGHT)
    assert (found.jobs, found.workers) == (jobs, workers)
    assert [one.code for one in found.problems] == (["oversubscribed"] if jobs * workers > 8 else [])


def test_memory_is_shared_out() -> None:
    assert sizes_for(200, Wanted(), EIGHT).memory_mb == 1600
    assert sizes_for(200, Wanted(), Machine(cores=8, memory_mb=None)).memory_mb is None
    small = sizes_for(200, Wanted(), Machine(cores=64, memory_mb=8000))
    assert small.memory_mb == sizing.LEAST_MEMORY_MB
    assert [one.code for one in small.problems] == ["memory-oversubscribed"]
    assert sizes_for(200, Wanted(memory_mb=700), EIGHT).memory_mb == 700


def test_in_a_container_its_own_limits_count(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sizing, "_CGROUP", tmp_path)
    outside = this_machine()
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "memory.max").write_text(f"{300 << 20}\n")
    assert this_machine() == Machine(cores=1, memory_mb=300)
    for name in ("cpu.max", "memory.max"):
        (tmp_path / name).write_text("max 100000\n" if name == "cpu.max" else "max\n")
    assert this_machine() == outside


def test_the_usual_limit_is_far_above_the_search() -> None:
    profile = read_profile("adult_iop")
    assert wall_seconds_for(CLINIC.model_copy(update={"time_limit": 10}), profile, reproducible=False) == 140
    usual = wall_seconds_for(CLINIC, profile, reproducible=False)
    assert usual > 2 * profile.solver.seconds_for(150)
    patient = profile.model_copy(update={"solver": SolverSettings(reproducible=True)})
    assert wall_seconds_for(CLINIC, patient, reproducible=False) > 10 * usual
    assert wall_seconds_for(CLINIC, profile, reproducible=True) > 10 * usual
