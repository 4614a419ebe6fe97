"""Help comes at once, and the house's arrows hold: a command loads only what it needs."""

import re
import subprocess
import sys
from typing import Any

import pytest
from cli_process import ROOT, call

HEAVY = ("ortools", "pandas", "numpy", "openpyxl", "pydantic", "rich", "yaml")
COMMANDS = ("solve", "validate", "verify", "template", "sample", "profiles")
SCRIPT = """
import sys
from scheduler.cli import main
codes = [main(words.split()) for words in sys.argv[1].split(",")]
heavy = sorted(name for name in sys.argv[2].split(",") if name in sys.modules)
print(codes, heavy, file=sys.stderr)
"""


def loaded(words: str) -> str:
    """Exit codes, and which heavy packages were loaded, after these commands."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, words, ",".join(HEAVY)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stderr.strip()


def test_help_loads_nothing_heavy() -> None:
    words = ["--help", "-h", "--version", *(f"{name} --help" for name in COMMANDS)]
    assert loaded(",".join(words)) == f"{[0] * len(words)} []"


@pytest.mark.parametrize("words", ["profiles", "profiles adult_iop", "profiles no_such_profile"])
def test_profiles_open_no_spreadsheet_and_no_solver(words: str) -> None:
    done = loaded(words).splitlines()[-1]
    assert done.startswith("[2]" if "no_such" in words else "[0]")
    assert not re.search("ortools|pandas|numpy|openpyxl", done), done


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: Any) -> None:
    done = call(capsys, name, "--help")
    assert done.code == 0
    assert done.err == ""
    assert f"Usage: group-scheduler {name}" in done.out
    assert all(len(line) <= 110 for line in done.out.splitlines())


def test_the_help_of_solve_names_every_option(capsys: Any) -> None:
    told = call(capsys, "solve", "--help").out
    for option in (
        "--output", "--profile", "--previous", "--time-limit", "--seed", "--reproducible", "--workers", "--names",
        "--wall", "--json", "--quiet", "--force", "--map",
    ):  # fmt: skip
        assert option in told


def test_the_help_tells_every_exit_code(capsys: Any) -> None:
    told = " ".join(call(capsys, "--help").out.split())
    for words in (
        "0 done",
        "3 done, with shortfalls",
        "2 input or command wrong",
        "4 no timetable",
        "1 a fault",
        "130",
    ):
        assert words in told
    assert all(name in told for name in COMMANDS)
