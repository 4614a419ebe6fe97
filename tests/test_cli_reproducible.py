"""``--reproducible``: the same input, profile and seed give the same bytes, whatever else differs."""

import os
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_process import ROOT, call, command, write_week

ROOMY = ("--reproducible", "--workers", "2", "--time-limit", "0.2")


@pytest.mark.slow
def test_the_same_bytes_whatever_the_hash_seed_the_name_and_the_hour(tmp_path: Path, capsys: Any) -> None:
    week = tmp_path / "week.xlsx"
    assert call(capsys, "sample", week, "--patients", "12", "--seed", "3").code == 0
    runs = []
    for hash_seed, name, zone, seed in (
        ("0", "a", "UTC", "7"),
        ("77", "b c", "Asia/Tokyo", "7"),
        ("5", "d", "UTC", "8"),
    ):
        words = command("solve", week, "-o", tmp_path / f"{name}.xlsx", "--seed", seed, *ROOMY)
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
        runs.append(subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL))
    assert {process.wait(timeout=120) for process in runs} <= {0, 3}
    first, second, other = ((tmp_path / f"{name}.xlsx").read_bytes() for name in ("a", "b c", "d"))
    assert first == second
    assert first != other, "the seed stands in the record"


def test_nothing_that_depends_on_time_stands_in_the_workbook(tmp_path: Path, capsys: Any) -> None:
    week, out = write_week(tmp_path / "week.xlsx"), tmp_path / "out.xlsx"
    found = call(capsys, "solve", week, "-o", out, "--json", *ROOMY).document
    assert [tier["seconds"] for tier in found["tiers"]] == [None] * 5
    book = openpyxl.load_workbook(out)
    texts = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row if cell.value is not None]
    assert any("eproducible" in text for text in texts)
    assert not any("econds" in text and any(sign.isdigit() for sign in text) for text in texts)
    assert book.properties.created == book.properties.modified
    assert book.properties.created.year == 2000
