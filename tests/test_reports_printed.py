"""The workbook as LibreOffice prints it: a sign-in list a page, and no cell too narrow for its figure."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from report_fixtures import report

from scheduler.reports.workbook import write_workbook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("soffice") is None or shutil.which("pdftotext") is None, reason="needs LibreOffice and poppler"
    ),
]


def test_pages_come_out_as_planned(tmp_path: Path) -> None:
    made = report(30, 16, reproducible=False)
    write_workbook(tmp_path / "week.xlsx", made)
    office = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command = [*office, "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "week.xlsx")]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    printed = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "week.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = [page for page in printed.split("\f") if page.strip()]
    sheets = [page.split()[0] for page in pages]
    assert sheets.count("Rosters") == len(made.timetable.sessions)
    assert sheets.count("Timetable") == 1
    assert all("Sign-in" in page for page, sheet in zip(pages, sheets, strict=True) if sheet == "Rosters")
    assert "###" not in printed
    for page in pages:
        assert "Confidential" in page
        assert "Page " in page
