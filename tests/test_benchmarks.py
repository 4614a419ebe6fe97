"""The benchmark measures whole processes, and its page says what was measured and nothing else."""

import csv
import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("machine", "doors", "refusals", "shipped", "reproducible")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


report, bad_files = script("report"), script("bad_files")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    only = [word for part in PARTS for word in ("--only", part)]
    command = [sys.executable, str(ROOT / "benchmarks/main_job.py"), "--quick", "--into", str(folder), *only]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def rows(folder: Path, part: str) -> list[dict[str, str]]:
    with (folder / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_each_part_leaves_a_file(measured: Path) -> None:
    assert sorted(path.stem for path in measured.iterdir()) == sorted(PARTS)
    assert all(rows(measured, part) for part in PARTS)


@pytest.mark.slow
def test_a_run_says_what_machine_it_was_and_that_it_was_quick(measured: Path) -> None:
    (machine,) = rows(measured, "machine")
    assert machine["mode"] == "quick"
    assert int(machine["cores"]) >= 1
    assert machine["python"].startswith("3.")
    assert "**This is a quick run" in report.page(measured)


def test_help_loads_no_solver(measured: Path) -> None:
    doors = {row["command"]: row for row in rows(measured, "doors")}
    assert {row["solver_loaded"] for row in doors.values()} == {"no"}
    assert "solve --help" in doors


def test_bad_files_are_refused_with_code_2_and_named(measured: Path) -> None:
    refused = {row["file"]: row for row in rows(measured, "refusals")}
    assert {row["exit_code"] for row in refused.values()} == {"2"}
    assert refused["zip bomb (200 MB unpacked)"]["code"] == "too-large"
    assert float(refused["zip bomb (200 MB unpacked)"]["peak_mb"]) < 200 + 100


def test_a_solved_week_has_its_tiers_and_its_cost(measured: Path) -> None:
    (week,) = rows(measured, "shipped")
    assert (week["exit_code"], week["patients"]) == ("0", "14")
    assert week["tiers"].split()[:2] == ["0|0|yes", "0|0|yes"]
    assert float(week["seconds"]) > float(week["solve"]) > 0
    assert float(week["peak_mb"]) > 50


def test_counted_steps_give_the_same_bytes_twice(measured: Path) -> None:
    clock, steps = rows(measured, "reproducible")
    assert (clock["mode"], steps["mode"]) == ("clock", "steps")
    assert steps["same_bytes_twice"] == "yes"
    assert float(steps["first_two_seconds"]) > 0


@pytest.mark.slow
def test_the_page_follows_from_the_results_alone() -> None:
    page = (ROOT / "docs/benchmarks.md").read_text("utf-8")
    assert report.page(ROOT / "benchmarks/results") == page, "run: python benchmarks/report.py"


def test_the_page_tells_proven_from_not_proven(tmp_path: Path) -> None:
    head = "week,patients,exit_code,status,seconds,peak_mb,read,solve,explain,write,tiers\n"
    lines = [
        "one,10,0,feasible,9.0,100,1,5,1,1,0|0|yes 4|4|yes 8|6|no",
        "two,10,0,feasible,3.0,200,1,1,0,1,2|0|no 0|0|yes",
    ]
    (tmp_path / "main_job.csv").write_text(head + "\n".join(lines) + "\n", "utf-8")
    page = report.page(tmp_path)
    assert "proven in 1 of 2 runs" in page
    assert "Seconds: median 6.0, most 9.0. Memory: at most 200 MB." in page
    assert "| 8, bound 6 (gap 25.0%) |" in page
    assert "| 2, bound 0 (gap 100.0%) |" in page
    assert "reproducible" not in page, "a part that was not measured is not mentioned"


@pytest.mark.parametrize("name", list(bad_files.BAD_FILES))
def test_bad_files_are_what_they_are_called(name: str, tmp_path: Path) -> None:
    path = bad_files.made(name, tmp_path, ROOT / "data/small_week.xlsx")
    assert path.exists()
    if name.startswith("zip bomb"):
        with zipfile.ZipFile(path) as bomb:
            assert sum(entry.file_size for entry in bomb.infolist()) >= bad_files.BOMB_BYTES
        assert path.stat().st_size < 1_000_000
