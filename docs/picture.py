"""Renders the picture at the top of README from a timetable that the program really made.

``python docs/picture.py`` solves ``data/clinic_60.xlsx``, prints the workbook's first page with LibreOffice, crops it.
It needs LibreOffice (``soffice``) and ``pdftoppm`` (poppler-utils), which no other part of the project needs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
WEEK = ROOT / "data" / "clinic_60.xlsx"
PICTURE = ROOT / "docs" / "images" / "timetable.png"
DOTS_PER_INCH = 130
EDGE = 14
"""Dots of white paper that stay around the drawing."""
HEADER, FOOTER = 0.075, 0.925
"""The share of the page's height that lies above and below: its printed header and footer."""


def needed(*names: str) -> str:
    """The first of some programs that is installed.

    Raises:
        click.ClickException: if none is.
    """
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    raise click.ClickException(f"{' or '.join(names)} is not installed; the picture stays as it is")


def solved(folder: Path) -> Path:
    """The workbook of the shipped week."""
    target = folder / "timetable.xlsx"
    command = [sys.executable, str(ROOT / "run_schedule.py"), "solve", str(WEEK), "-o", str(target), "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return target


def printed(workbook: Path, office: str) -> Path:
    """The workbook as PDF, in a profile of its own so that an open LibreOffice does not matter."""
    folder = workbook.parent
    home = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(workbook)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return workbook.with_suffix(".pdf")


def drawing(pdf: Path, pdftoppm: str) -> tuple[int, int, int, int]:
    """Left, top, width and height, in dots, of what is drawn on the first page between its header and footer."""
    command = [pdftoppm, "-r", str(DOTS_PER_INCH), "-f", "1", "-l", "1", "-gray", str(pdf)]
    raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    _, width, height, _ = raw.split(maxsplit=4)[:4]
    size = int(width) * int(height)
    page = np.frombuffer(raw[-size:], dtype=np.uint8).reshape(int(height), int(width)).copy()
    page[: int(len(page) * HEADER)] = page[int(len(page) * FOOTER) :] = 255
    rows, columns = np.where((page < 250).any(axis=1))[0], np.where((page < 250).any(axis=0))[0]
    left, top = max(0, columns[0] - EDGE), max(0, rows[0] - EDGE)
    return int(left), int(top), int(columns[-1] + EDGE - left), int(rows[-1] + EDGE - top)


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), default=PICTURE, show_default=True)
@click.option("--workbook", type=click.Path(path_type=Path, exists=True), help="Draw this one instead of solving.")
def main(output: Path, workbook: Path | None) -> None:
    """Write the picture."""
    office, pdftoppm = needed("soffice", "libreoffice"), needed("pdftoppm")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = solved(folder) if workbook is None else Path(shutil.copy(workbook, folder / "timetable.xlsx"))
        pdf = printed(book, office)
        left, top, width, height = drawing(pdf, pdftoppm)
        crop = ["-x", str(left), "-y", str(top), "-W", str(width), "-H", str(height)]
        command = [pdftoppm, "-r", str(DOTS_PER_INCH), "-f", "1", "-l", "1", "-png", "-singlefile", *crop, str(pdf)]
        subprocess.run([*command, str(folder / "picture")], check=True)
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "picture.png", output)
    click.echo(f"wrote {output}")


if __name__ == "__main__":
    main()
