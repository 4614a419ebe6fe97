"""A batch on a Dask cluster: files travel, each clinic is answered once, whatever dies on the way. Made-up weeks."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cli_process import ROOT, short_week, tiny_week
from cluster_process import Heard, dask_processes, task_of, wait_for

from scheduler.batch import cluster, parcel
from scheduler.batch.cluster import on_cluster
from scheduler.batch.parcel import Answer, delivered, packed, solved
from scheduler.batch.process import Task
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Status
from scheduler.domain.problems import InputRefused
from scheduler.intake.profiles import load_profile
from scheduler.loading import Source, check

TLS = "distributed.comm.tls."


def verified(task: Task) -> bool:
    clinic = task.clinic
    return not check(Source(week=clinic.input, profile=clinic.profile), clinic.output).verification.broken


def code_of(refused: InputRefused) -> str:
    (problem,) = refused.problems
    return problem.code


# ---- parcels ----


def named(task: Task, **places: object) -> Task:
    return task.model_copy(update={"clinic": task.clinic.model_copy(update=places)})


def unsolved(monkeypatch: pytest.MonkeyPatch, **changes: object) -> list[Task]:
    """Let nothing be solved: a result that names its own places comes back. Gives the tasks that were to be solved."""
    seen: list[Task] = []

    def run_clinic(task: Task, *_: object) -> ClinicResult:
        seen.append(task)
        clinic = task.clinic
        words = f"there is no sheet Rooms in {clinic.input} under {clinic.profile}"
        found = {
            "clinic": clinic.name,
            "input": str(clinic.input),
            "output": str(clinic.output),
            "profile": clinic.profile,
            "status": Status.INVALID,
            "exit_code": 2,
            "problem": words,
            "problems": ({"code": "x", "message": words},),
        }
        return ClinicResult.model_validate({**found, **changes})

    monkeypatch.setattr(parcel, "run_clinic", run_clinic)
    return seen


def test_everything_that_a_clinic_reads_travels_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = tmp_path / "ours.yaml"
    profile.write_text("name: ours\nextends: adult_iop\nmax_gap_days: 4\n", "utf-8")
    mapping, last = tmp_path / "map.yaml", tmp_path / "last.xlsx"
    mapping.write_text("sheets: {Patients: Clients}\n", "utf-8")
    last.write_bytes(b"last week")
    task = named(task_of(tmp_path, "north"), profile=str(profile), previous=last, mapping=mapping)
    content = task.clinic.input.read_bytes()
    seen = unsolved(monkeypatch)
    sent = packed(task)
    for one in (task.clinic.input, profile, mapping, last):
        one.unlink()
    there = tmp_path / "there"
    there.mkdir()
    answer = solved(sent, there)
    (clinic,) = (one.clinic for one in seen)
    assert clinic.input.read_bytes() == content
    assert clinic.previous is not None
    assert clinic.previous.read_bytes() == b"last week"
    assert clinic.mapping is not None
    assert clinic.mapping.read_text("utf-8").startswith("sheets")
    assert load_profile(clinic.profile).max_gap_days == 4, "with what it inherits, whatever the other machine has"
    assert (answer.result.input, answer.result.profile) == (str(task.clinic.input), str(profile))
    assert str(there) not in answer.result.model_dump_json(), "problems name the places that the sender knows"
    assert answer.workbook is None


def test_of_a_folder_its_csv_files_travel_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    week = tmp_path / "south"
    week.mkdir()
    (week / "patients.csv").write_text("Patient\nP1\n", "utf-8")
    (week / "rooms.CSV").write_text("", "utf-8")
    (week / "notes.docx").write_bytes(b"private")
    task = named(task_of(tmp_path, "south"), input=week)
    seen = unsolved(monkeypatch)
    there = tmp_path / "there"
    there.mkdir()
    solved(packed(task), there)
    assert sorted(one.name for one in seen[0].clinic.input.iterdir()) == ["patients.csv", "rooms.CSV"]


@pytest.mark.parametrize(("place", "code"), [("input", "missing-file"), ("profile", "unknown-profile")])
def test_what_cannot_be_read_is_refused_here(tmp_path: Path, place: str, code: str) -> None:
    wrong: object = tmp_path / "gone.xlsx" if place == "input" else "adult_iopp"
    with pytest.raises(InputRefused) as refused:
        packed(named(task_of(tmp_path, "north"), **{place: wrong}))
    assert code_of(refused.value) == code


def test_what_travels_shows_nobody(tmp_path: Path) -> None:
    """Dask logs its tasks and their results as they show themselves."""
    sent = packed(task_of(tmp_path, "north"))
    answer = Answer(ClinicResult(clinic="north", input="", profile="", status="fault", exit_code=1), b"Made Up 1")
    assert (repr(sent), str(sent)) == ("Parcel('north')",) * 2
    assert (repr(answer), str(answer)) == ("Answer('north')",) * 2


def test_an_answer_is_written_whole_and_never_over_its_input(tmp_path: Path) -> None:
    task = task_of(tmp_path, "north")
    before = task.clinic.input.read_bytes()
    result = ClinicResult(clinic="north", input="", profile="", status="optimal", exit_code=0)
    delivered(task, Answer(result, b"the workbook"))
    assert task.clinic.output.read_bytes() == b"the workbook"
    with pytest.raises(InputRefused) as refused:
        delivered(named(task, output=task.clinic.input), Answer(result, b"the workbook"))
    assert code_of(refused.value) == "output-is-input"
    assert task.clinic.input.read_bytes() == before


# ---- a cluster in this process ----


@pytest.mark.slow
def test_a_local_cluster_answers_every_clinic_once(tmp_path: Path) -> None:
    tasks = [
        task_of(tmp_path, "well"),
        task_of(tmp_path, "poor", short_week()),
        named(task_of(tmp_path, "gone"), input=tmp_path / "gone_away.xlsx"),
        task_of(tmp_path, "torn"),
    ]
    torn = tasks[-1].clinic.input
    torn.write_bytes(torn.read_bytes()[:700])
    heard = Heard()
    on_cluster("local", jobs=2)(tasks, heard, threading.Event())
    assert heard.names == ["gone", "poor", "torn", "well"]
    assert [heard.of(name).exit_code for name in heard.names] == [2, 3, 2, 0]
    assert sorted(set(heard.begun_)) == heard.names
    assert verified(tasks[0])
    assert verified(tasks[1])
    assert not tasks[3].clinic.output.exists()
    assert heard.of("torn").input == str(torn)
    assert heard.of("well").output == str(tasks[0].clinic.output)
    assert {one.attempts for one in heard.results} == {1}


def test_a_clinic_that_crashes_its_process_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_clinic(task: Task, *_: object) -> ClinicResult:
        if task.clinic.name == "b":
            raise MemoryError("a worker in trouble; Made Up 1 sat in its memory")
        words = {"clinic": task.clinic.name, "input": "", "profile": "", "status": "unknown", "exit_code": 4}
        return ClinicResult.model_validate(words)

    monkeypatch.setattr(parcel, "run_clinic", run_clinic)
    heard = Heard()
    on_cluster("local", jobs=2)([task_of(tmp_path, one) for one in "abc"], heard, threading.Event())
    assert heard.names == ["a", "b", "c"]
    trouble = heard.of("b")
    assert (trouble.status, trouble.exit_code) == (Ending.FAULT, 1)
    assert trouble.attempts == 1 + cluster.RETRIES
    assert "MemoryError" in trouble.problem
    assert "Made Up" not in trouble.problem, "Dask logs the words of an error"


def test_no_more_solver_threads_run_than_a_worker_offers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = [0], [0], threading.Lock()

    def run_clinic(task: Task, *_: object) -> ClinicResult:
        with lock:
            running[0] += task.workers or 0
            most[0] = max(most[0], running[0])
        time.sleep(0.05)
        with lock:
            running[0] -= task.workers or 0
        words = {"clinic": task.clinic.name, "input": "", "profile": "", "status": "unknown", "exit_code": 4}
        return ClinicResult.model_validate(words)

    monkeypatch.setattr(parcel, "run_clinic", run_clinic)
    tasks = [task_of(tmp_path, f"c{place}", workers=2) for place in range(8)]
    heard = Heard()
    on_cluster("local", jobs=3)(tasks, heard, threading.Event())
    assert len(heard.names) == 8
    assert most[0] <= 6


def test_word_to_stop_gives_the_best_so_far_and_begins_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_clinic(
        task: Task, _: object, stop: threading.Event | None = None, kill: threading.Event | None = None
    ) -> ClinicResult:
        assert stop is not None
        assert stop.wait(60)
        words = {"clinic": task.clinic.name, "input": "", "profile": "", "status": "unknown", "exit_code": 130}
        return ClinicResult.model_validate(words)

    monkeypatch.setattr(parcel, "run_clinic", run_clinic)
    stop = threading.Event()
    heard = Heard(lambda _: stop.set())
    on_cluster("local", jobs=1)([task_of(tmp_path, f"c{place}") for place in range(5)], heard, stop)
    assert heard.names == ["c0"]


def test_leaving_in_a_hurry_ends_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = threading.Event()

    def run_clinic(
        task: Task, _: object, stop: threading.Event | None = None, kill: threading.Event | None = None
    ) -> ClinicResult:
        assert kill is not None
        if kill.wait(60):
            killed.set()
        raise RuntimeError

    def hurry(_: Task) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(parcel, "run_clinic", run_clinic)
    with pytest.raises(KeyboardInterrupt):
        on_cluster("local", jobs=1)([task_of(tmp_path, "a")], Heard(hurry), threading.Event())
    assert killed.wait(60)


# ---- what is refused ----


def test_without_dask_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputRefused) as refused:
        on_cluster("local")
    assert code_of(refused.value) == "cluster-extra-missing"
    assert "[cluster]" in refused.value.problems[0].hint


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1"])
def test_a_scheduler_that_does_not_answer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    heard = Heard()
    with pytest.raises(InputRefused) as refused:
        on_cluster(address)([task_of(tmp_path, "a")], heard, threading.Event())
    assert code_of(refused.value) == "cluster-unreachable"
    assert refused.value.problems[0].value == address
    assert heard.begun_ == []


@pytest.mark.parametrize(
    ("address", "settings", "words"),
    [
        ("tls://127.0.0.1:9", {}, "no certificate"),
        ("tls://127.0.0.1:9", {TLS + "ca-file": "gone.pem", TLS + "client.cert": "gone.pem"}, "No such file"),
        ("tcp://127.0.0.1:9", {"distributed.comm.require-encryption": True}, "require encryption"),
    ],
    ids=["none", "gone", "plain"],
)
def test_encryption_that_is_half_set_up_is_refused_at_once(
    tmp_path: Path, address: str, settings: dict[str, object], words: str
) -> None:
    import dask

    with dask.config.set(settings), pytest.raises(InputRefused) as refused:
        on_cluster(address)([task_of(tmp_path, "a")], Heard(), threading.Event())
    assert code_of(refused.value) == "cluster-unreachable"
    assert words in refused.value.problems[0].message


# ---- a cluster of processes ----


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    """One of two workers dies while it solves: every clinic is answered exactly once, and its process goes with it."""
    tasks = [task_of(tmp_path, f"c{place}", short_week() if place % 2 else tiny_week()) for place in range(4)]
    with dask_processes(tmp_path / "dask") as dask:
        address = dask.start_scheduler()
        dask.start_worker("first")
        dask.start_worker("second", "--resources", "solver-threads=1")

        orphans: list[int] = []

        def kill_first(_: Task) -> None:
            if len(heard.begun_) == 2:  # one on each
                wait_for(lambda: orphans.extend(solver_processes(dask.scratch_of("first"))) or orphans)
                dask.kill("first")

        heard = Heard(kill_first)
        wait_for_workers(address, 2)
        on_cluster(address)(tasks, heard, threading.Event())
        assert heard.names == ["c0", "c1", "c2", "c3"], "each exactly once"
        assert [heard.of(name).exit_code for name in heard.names] == [0, 3, 0, 3]
        assert sum(one.attempts for one in heard.results) == len(heard.begun_) == 5
        assert all(map(verified, tasks))
        wait_for(lambda: not any(Path(f"/proc/{one}").exists() for one in orphans))
        logs = dask.log_of("second") + dask.log_of("scheduler")
        assert "Made Up" not in logs
        assert not any(f"P{n}" in logs for n in range(1, 5))


@pytest.mark.slow
def test_a_cluster_that_is_lost_or_empty_or_too_small_keeps_nobody_waiting(tmp_path: Path) -> None:
    with dask_processes(tmp_path / "dask") as dask:
        address = dask.start_scheduler()
        tasks = [task_of(tmp_path, f"c{place}") for place in range(3)]
        with pytest.raises(InputRefused) as refused:
            on_cluster(address, patience=0.2)(tasks, Heard(), threading.Event())
        assert code_of(refused.value) == "cluster-without-workers"

        dask.start_worker("only")
        wait_for_workers(address, 1)
        with pytest.raises(InputRefused) as refused:
            on_cluster(address)([task_of(tmp_path, "big", workers=4)], Heard(), threading.Event())
        assert code_of(refused.value) == "cluster-too-small"
        assert refused.value.problems[0].hint.startswith("give --workers 1")

        def shrink(_: Task) -> None:
            dask.kill("only")
            dask.start_worker("small")

        dask.kill("only")
        dask.start_worker("only", "--nthreads", "2")
        wait_for_workers(address, 1)
        heard = Heard(shrink)
        on_cluster(address, patience=2.0)([task_of(tmp_path, "big", workers=2)], heard, threading.Event())
        assert "no worker for a clinic" in heard.of("big").problem

        wait_for_workers(address, 1)
        heard = Heard(lambda _: dask.kill("scheduler"))
        on_cluster(address)(tasks, heard, threading.Event())
        assert heard.names == ["c0", "c1", "c2"]
        assert {one.status for one in heard.results} == {Ending.CRASHED}
        assert "run the same again" in str(heard.results[0].problems[0]["hint"])


def wait_for_workers(address: str, number: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=90)


def solver_processes(scratch: Path) -> list[int]:
    """The processes that solve a clinic for the worker with this folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            words = (one / "cmdline").read_bytes()
            parent = (one / "stat").read_text("utf-8").rpartition(")")[2].split()[1]
            mother = Path(f"/proc/{parent}/cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if b"scheduler.batch.worker" in words and str(scratch).encode() in mother:
            found.append(int(one.name))
    return found


# ---- without Dask ----


def test_only_the_cluster_knows_dask() -> None:
    knowing = {
        one.name
        for one in (ROOT / "scheduler").rglob("*.py")
        if re.search(r"^\s*(?:from|import) (?:dask|distributed)\b", one.read_text("utf-8"), re.MULTILINE)
    }
    assert knowing == {"cluster.py", "cluster_worker.py"}


@pytest.mark.slow
def test_a_batch_needs_no_dask(tmp_path: Path) -> None:
    task_of(tmp_path, "a")
    code = (
        "import sys; sys.modules['distributed'] = sys.modules['dask'] = None; from scheduler.cli import main; "
        f"sys.exit(main(['batch', {str(tmp_path)!r}, '-o', {str(tmp_path / 'out')!r}, '--time-limit', '1']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "a_timetable.xlsx").exists()
