"""Last week's seats, in this week's ids: what no longer exists falls away, and is counted."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from scheduler.domain.problems import Problem
from scheduler.domain.week import Block, PreviousSeat, Week
from scheduler.intake.cells import read_clock_cell, read_day_cell, read_text
from scheduler.intake.collector import Collector, Spot, refusal
from scheduler.intake.columns import ASSIGNMENTS, PREVIOUS
from scheduler.intake.mapping import SheetMap
from scheduler.intake.opening import open_source
from scheduler.intake.refs import Index, Refs
from scheduler.intake.rows import check_cells
from scheduler.intake.tables import Cell, Row, Table, find_tables


def read_previous(path: Path, week: Week) -> tuple[tuple[PreviousSeat, ...], tuple[Problem, ...]]:
    """Last week's seats from its timetable: the sheet ``Assignments``, else a sheet ``Previous``.

    Raises:
        InputRefused: if the file cannot be read or has neither sheet.
    """
    sink = Collector()
    raw = open_source(path, (ASSIGNMENTS, PREVIOUS))
    sink.take(raw.problems)
    silent = Collector()
    tables = find_tables(raw.sheets, (ASSIGNMENTS, PREVIOUS), SheetMap(), silent)
    table = tables.get("Assignments") or tables.get("Previous")
    if table is None:
        hint = "give last week's workbook as it was written"
        raise refusal("missing-sheet", f"{path.name} has no sheet Assignments", hint, sheet="Assignments")
    sink.take(problem for problem in silent.problems if problem.sheet == table.title)
    check_cells(table, sink)
    seats = seats_of(table, Refs.of_week(week), sink)
    sink.refuse_if_wrong()
    return seats, sink.problems


def seats_of(table: Table, refs: Refs, sink: Collector) -> tuple[PreviousSeat, ...]:
    """The seats of a table with the columns of ``Assignments``, each once, in the order of the rows."""
    gone = _Gone()
    found: dict[PreviousSeat, None] = {}
    for row in table.rows:
        patient = refs.patients.find(read_text(row["Patient"], sink)).id
        if patient is None:
            gone.patients += 1
            continue
        seat = PreviousSeat(
            patient=patient,
            block=_block(row, refs, sink),
            group=gone.found(row["Group"], refs.groups, sink),
            therapist=gone.found(row["Therapist"], refs.therapists, sink),
        )
        found.setdefault(seat)
    gone.say(table.spot, sink)
    return tuple(found)


class _Gone:
    """What last week names and this week does not know."""

    def __init__(self) -> None:
        self.patients = 0
        self.others: Counter[tuple[str, str]] = Counter()

    def found(self, cell: Cell, index: Index, sink: Collector) -> str | None:
        """The id that a cell names this week, or None; counted when there is none."""
        text = read_text(cell, sink)
        one = index.find(text).id if text else None
        if text and one is None:
            self.others[(index.kind, text)] += 1
        return one

    def say(self, spot: Spot, sink: Collector) -> None:
        """One notice for the patients, and one for each group or therapist."""
        if self.patients:
            message = f"{_seats(self.patients)} of patients who are not here this week: passed over"
            sink.notice("previous-patients-gone", spot, message)
        for (kind, text), count in sorted(self.others.items()):
            message = f"the {kind} '{text}' of last week is not here this week ({_seats(count)})"
            sink.notice(f"previous-{kind}-gone", spot, message)


def _seats(count: int) -> str:
    return f"{count} seat" if count == 1 else f"{count} seats"


def _block(row: Row, refs: Refs, sink: Collector) -> str | None:
    """The block by id when it still has the same day and times, else one at that day and time, else None."""
    named = refs.blocks.find(read_text(row["Block"], sink)).id
    day = read_day_cell(row["Day"], sink)
    start, end = read_clock_cell(row["Start"], sink), read_clock_cell(row["End"], sink, is_end=True)

    def same(block: Block) -> bool:
        at = block.start - block.day.start, block.end - block.day.start
        return (day is None or block.day == day) and start in (None, at[0]) and end in (None, at[1])

    fitting: Callable[[Block], bool] = same
    by_id = next((block for block in refs.block_list if block.id == named), None)
    if by_id is not None and fitting(by_id):
        return by_id.id
    if day is None or start is None or end is None:
        return None
    return next((block.id for block in refs.block_list if fitting(block)), None)
