"""The container files mean what they should and each command in them runs in a fresh environment without an engine."""

from __future__ import annotations

import csv
import fnmatch
import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_process import ROOT, short_week, write_week
from cluster_process import wait_for

from scheduler.cli import cli

PLACES = {"/weeks": "weeks", "/timetables": "timetables", "/tmp": "scratch"}
"""Folders of the containers, and what stands for them in a test."""


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with what follows it."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    return [(one.split()[0], one.partition(" ")[2]) for one in lines if one and not one.startswith("#")]


def all_of(word: str) -> list[str]:
    return [rest for found, rest in instructions() if found == word]


def compose() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def commands() -> dict[str, list[str]]:
    return {name: service["command"] for name, service in compose()["services"].items()}


# ---- what they mean ----


def test_the_dockerfile_is_clean() -> None:
    hadolint = shutil.which("hadolint", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if hadolint is None:
        pytest.skip("hadolint has no package for this machine")
    done = subprocess.run([hadolint, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_image_is_plain_and_nobody_in_it_is_root() -> None:
    assert {one.split()[0] for one in all_of("FROM")} == {"python:3.11-slim"}
    assert all_of("USER") == ["1000"]
    last = [word for word, _ in instructions()]
    assert last.index("USER") > max(place for place, word in enumerate(last) if word == "RUN")


def test_what_the_image_is_built_from_is_sent_along_and_nothing_else() -> None:
    lines = [one for one in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not one.startswith("#")]
    assert lines[0] == "*"
    kept = {one[1:] for one in lines if one.startswith("!")}
    copied = {name for one in all_of("COPY") if not one.startswith("--") for name in one.split()[:-1]}
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
    assert not any(fnmatch.fnmatch(name, "data*") for name in kept)


def test_a_scheduler_two_workers_and_a_batch_run_of_one_image() -> None:
    services = compose()["services"]
    assert list(services) == ["dask-scheduler", "dask-worker", "batch"]
    assert services["dask-worker"]["deploy"]["replicas"] == 2
    assert {one["image"] for one in services.values()} == {"group-scheduler"}
    assert {one["build"] for one in services.values()} == {"."}


def test_nothing_is_open_to_the_outside() -> None:
    found = compose()
    assert found["networks"]["inside"]["internal"] is True
    for service in found["services"].values():
        assert "ports" not in service
        assert service["networks"] == ["inside"]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "root" not in service["user"]
    assert [one.split(":")[1:] for one in found["services"]["batch"]["volumes"]] == [["/weeks", "ro"], ["/timetables"]]


def test_the_services_meet_at_one_address() -> None:
    words = commands()
    port = words["dask-scheduler"][words["dask-scheduler"].index("--port") + 1]
    address = f"tcp://dask-scheduler:{port}"
    assert words["dask-worker"][2] == address
    assert words["batch"][words["batch"].index("--cluster") + 1] == address


def test_the_batch_run_asks_for_options_that_exist() -> None:
    program, command, *options = commands()["batch"]
    assert program == "group-scheduler"
    cli.commands[command].make_context(command, options)


def kubernetes() -> dict[str, Any]:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", page(), re.DOTALL | re.MULTILINE)
    found = yaml.safe_load(shown)
    assert isinstance(found, dict)
    return found


def page() -> str:
    return (ROOT / "docs" / "batch.md").read_text("utf-8")


def dask_commands() -> list[list[str]]:
    """Every command of Dask's that the files or the page show."""
    shown = [shlex.split(line) for line in re.findall(r"^dask .*", page(), re.MULTILINE)]
    pods = [one["spec"]["containers"][0]["args"] for one in kubernetes()["spec"].values()]
    found = [*commands().values(), *shown, *pods]
    return [words[1:] for words in found if words[0] == "dask"]


def test_the_commands_of_dask_have_options_that_exist() -> None:
    shown = dask_commands()
    assert sorted(name for name, *_ in shown) == ["scheduler"] * 3 + ["ssh"] + ["worker"] * 3
    for name, *words in shown:
        module = importlib.import_module(f"distributed.cli.dask_{name}")
        module.main.make_context(name, words)


def test_the_cluster_for_kubernetes_is_of_the_same_image_and_meets_at_its_service() -> None:
    spec = kubernetes()["spec"]
    containers = {kind: one["spec"]["containers"][0] for kind, one in spec.items()}
    assert {one["image"] for one in containers.values()} == {"group-scheduler"}
    ports = {one["name"]: one["containerPort"] for one in containers["scheduler"]["ports"]}
    service = {one["name"]: one["port"] for one in spec["scheduler"]["service"]["ports"]}
    assert ports == service == {"tcp-comm": 8786, "http-dashboard": 8787}
    threads = containers["worker"]["args"][containers["worker"]["args"].index("--nthreads") + 1]
    assert containers["worker"]["resources"]["limits"]["cpu"] == threads


# ---- every command runs ----


@pytest.mark.slow
def test_every_command_runs_in_a_fresh_environment(tmp_path: Path) -> None:
    """What the image is built with and what its services run, with folders and an address of this machine."""
    program = tmp_path / "program"
    source = tmp_path / "src"
    source.mkdir()
    for name in {name for one in all_of("COPY") if not one.startswith("--") for name in one.split()[:-1]}:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    (build, _) = all_of("RUN")
    make, _, install = build.partition(" && ")
    assert make == "python -m venv /opt/program"
    venv.create(program, with_pip=True)
    subprocess.run(here(shlex.split(install), program, tmp_path), cwd=source, check=True, stdout=subprocess.DEVNULL)

    for name in PLACES.values():
        (tmp_path / name).mkdir()
    write_week(tmp_path / "weeks" / "well.xlsx")
    write_week(tmp_path / "weeks" / "poor.xlsx", short_week())
    address = tmp_path / "address.json"
    words = commands()
    running = []
    try:
        scheduler = [*words["dask-scheduler"], "--scheduler-file", str(address), "--host", "127.0.0.1"]
        scheduler[scheduler.index("--port") + 1] = "0"  # any that is free here
        running.append(subprocess.Popen(here(scheduler, program, tmp_path), cwd=tmp_path))
        wait_for(address.exists)
        at = json.loads(address.read_text("utf-8"))["address"]
        running += [subprocess.Popen(here(words["dask-worker"], program, tmp_path, at), cwd=tmp_path) for _ in "12"]
        done = subprocess.run(here(words["batch"], program, tmp_path, at), cwd=tmp_path, check=False)
    finally:
        for one in running:
            one.terminate()
            one.wait()
    assert done.returncode == 3
    with (tmp_path / "timetables" / "results.csv").open(encoding="utf-8", newline="") as file:
        assert {row["clinic"]: row["exit_code"] for row in csv.DictReader(file)} == {"well": "0", "poor": "3"}


def here(words: list[str], program: Path, folder: Path, address: str = "") -> list[str]:
    """A command of a container with the places of this machine."""
    found = [str(folder / PLACES[word]) if word in PLACES else word for word in words]
    found = [address if word.startswith("tcp://dask-scheduler") else word for word in found]
    return [str(program / "bin" / Path(found[0]).name), *found[1:]]
