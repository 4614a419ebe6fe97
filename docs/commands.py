"""Runs the commands that the documentation shows, and holds what they print against what the page says they print.

In a page, every line of a block that begins with three backticks and ``sh`` is run, in order, in one scratch folder
that holds ``data/``, ``solver_configs/`` and ``run_schedule.py``. A comment ``# exit code 2`` states the exit code (0
if none). A block marked ``text`` right after it is what the last command prints; a line ``...`` stands for any lines.
What people do by hand is a comment of the page, done for them here: ``<!-- copy FILE NEW -->``, and
``<!-- edit FILE SHEET ROWS: COLUMN = VALUE | COLUMN = VALUE -->``, where ``ROWS`` is the id in the first column, or
``COLUMN=VALUE`` for every row that has it, or ``new``.

``python docs/commands.py docs/using.md`` rewrites the printed blocks (except those with a line ``...``).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

ROOT = Path(__file__).resolve().parent.parent
ANYTHING = "..."
SECONDS_PER_COMMAND = 120
_STEP = re.compile(
    r"<!-- copy (?P<old>\S+) (?P<copy>\S+) -->"
    r"|<!-- edit (?P<file>\S+) (?P<sheet>\S+) (?P<row>\S+): (?P<cells>.+?) -->"
    r"|^```sh\n(?P<commands>.*?)^```\n(?:\n*```text\n(?P<printed>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
_EXIT_CODE = re.compile(r"\s+# exit code (\d+)\s*$")


@dataclass(frozen=True)
class Ran:
    """One command as it ran. ``shown`` is what the page says it prints, None where it does not say."""

    command: str
    expected_code: int
    code: int
    printed: str
    shown: str | None

    @property
    def as_shown(self) -> bool:
        """Whether exit code and output are those of the page."""
        return self.code == self.expected_code and (self.shown is None or matches(self.shown, self.printed))


def matches(shown: str, printed: str) -> bool:
    """Whether a printed text is the shown one, a line ``...`` standing for any lines."""
    parts = [re.escape(part) for part in re.split(rf"^{re.escape(ANYTHING)}\n", shown, flags=re.MULTILINE)]
    return re.fullmatch(".*?".join(parts), printed, re.DOTALL) is not None


def run_page(page: str, folder: Path) -> list[Ran]:
    """Run every command and edit of a page in a folder."""
    furnish(folder)
    ran: list[Ran] = []
    for step in _STEP.finditer(page):
        if step["old"]:
            shutil.copy(folder / step["old"], folder / step["copy"])
            continue
        if step["file"]:
            edit(folder / step["file"], step["sheet"], step["row"], step["cells"])
            continue
        lines = [line for line in step["commands"].replace("\\\n", " ").splitlines() if line.strip()]
        ran.extend(_run(line, folder, step["printed"] if line is lines[-1] else None) for line in lines)
    return ran


def furnish(folder: Path) -> None:
    """Put into a folder what a reader has in theirs."""
    for name in ("data", "solver_configs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "run_schedule.py", folder)


def _run(line: str, folder: Path, shown: str | None) -> Ran:
    code = _EXIT_CODE.search(line)
    command = _EXIT_CODE.sub("", line)
    words = shlex.split(command)
    program = [sys.executable, *words[1:]] if words[0] == "python" else words
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    environment.pop("COLUMNS", None)  # the page shows lines as wide as a log's, whatever the caller's terminal
    done = subprocess.run(
        program,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS_PER_COMMAND,
        check=False,
    )
    return Ran(command, int(code[1]) if code else 0, done.returncode, tidy(done.stdout), shown)


def tidy(text: str) -> str:
    """A printed text without blanks at the ends of lines, as editors keep it."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def edit(path: Path, sheet: str, rows: str, cells: str) -> None:
    """Make an edit in a workbook.

    Raises:
        KeyError: if the sheet, a row or a column is not there.
    """
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    columns = {str(cell.value): cell.column for cell in page[1] if isinstance(cell, Cell)}
    for place in _places(page, columns, rows):
        for name, _, value in (one.partition("=") for one in cells.split("|")):
            page.cell(place, columns[name.strip()], value.strip())
    book.save(path)


def _places(page: Worksheet, columns: dict[str, int], rows: str) -> list[int]:
    if rows == "new":
        return [page.max_row + 1]
    name, _, value = rows.rpartition("=")
    column = columns[name] if name else 1
    found = [row for row in range(2, page.max_row + 1) if str(page.cell(row, column).value) == value]
    if not found:
        raise KeyError(f"{page.title} has no row {rows}")
    return found


@click.command()
@click.argument("pages", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(pages: tuple[Path, ...]) -> None:
    """Run the commands of PAGES and rewrite what they print."""
    for page in pages:
        text = page.read_text("utf-8")
        with tempfile.TemporaryDirectory() as name:
            for one in run_page(text, Path(name)):
                if one.code != one.expected_code:
                    raise click.ClickException(f"exit code {one.code}: {one.command}\n{one.printed}")
                if one.shown is not None and f"{ANYTHING}\n" not in one.shown:
                    text = text.replace(f"```text\n{one.shown}```", f"```text\n{one.printed}```", 1)
                if not one.as_shown:
                    click.echo(f"changed: {one.command}\n{one.printed}")
        page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
