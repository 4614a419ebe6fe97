"""The way in: a workbook, a folder of CSV files or a JSON file -> the week it describes, and every problem with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.profile import Profile
from scheduler.domain.week import PreviousSeat, Week
from scheduler.intake.build import build_week
from scheduler.intake.collector import Collector
from scheduler.intake.columns import SHEETS
from scheduler.intake.edits import Edits, edit_tables
from scheduler.intake.mapping import SheetMap
from scheduler.intake.opening import open_source
from scheduler.intake.places import Places
from scheduler.intake.previous import read_previous
from scheduler.intake.tables import find_tables


def _as_it_is(problem: Problem) -> Problem:
    return problem


@dataclass(frozen=True)
class WeekFile:
    """A week as read. ``problems`` are warnings and notices; ``sha256`` is of the input as it stands on disk.

    The hash of a folder is over the names and bytes of its CSV files in order of name. ``with_origin`` lets a problem
    of a cell say so where the cell's value is not from the file.
    """

    week: Week
    problems: tuple[Problem, ...]
    places: Places
    sha256: str
    source: Path
    with_origin: Callable[[Problem], Problem] = _as_it_is


def read_week(
    source: Path,
    profile: Profile,
    *,
    mapping: SheetMap | None = None,
    previous: Path | None = None,
    edits: Edits | None = None,
) -> WeekFile:
    """Read a week.

    Args:
        source: a workbook, a folder of CSV files named like the sheets, or a JSON file.
        profile: gives levels, day parts and the default grid of blocks.
        mapping: how a foreign export calls its sheets, columns and words.
        previous: last week's timetable, which then stands in for a sheet ``Previous``.
        edits: changes that are made in memory before the week is built; the file stays as it is.

    Raises:
        InputRefused: with every problem found in one pass, errors and the rest.
    """
    sink = Collector()
    raw = open_source(source, SHEETS)
    sink.take(raw.problems)
    tables = find_tables(raw.sheets, SHEETS, mapping or SheetMap(), sink)
    if edits:
        tables = edit_tables(tables, edits, profile, mapping or SheetMap(), sink)
    week, places = build_week(tables, profile, sink, last_week=previous is None)
    if previous is not None:
        week = week.model_copy(update={"previous": _seats(previous, week, sink)})
        if "Previous" in tables and tables["Previous"].rows:
            sink.notice("previous-file", tables["Previous"].spot, f"{previous.name} is read in place of this sheet")
    return WeekFile(
        week=week, problems=sink.problems, places=places, sha256=raw.sha256, source=source, with_origin=sink.with_origin
    )


def _seats(path: Path, week: Week, sink: Collector) -> tuple[PreviousSeat, ...]:
    """Last week's seats. Its problems are told with the file's name, as Excel writes it: ``[last.xlsx]Assignments``."""
    seats: tuple[PreviousSeat, ...] = ()
    try:
        seats, problems = read_previous(path, week)
    except InputRefused as refused:
        problems = refused.problems
    sink.take(problem.model_copy(update={"sheet": f"[{path.name}]{problem.sheet}"}) for problem in problems)
    sink.refuse_if_wrong()
    return seats
