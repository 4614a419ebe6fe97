"""What all sheets share when rows become things: ids, blank cells, and a minimum beside its maximum."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from scheduler.domain.availability import LanguageError, describe
from scheduler.domain.clock import TimeSet
from scheduler.domain.profile import Profile
from scheduler.domain.week import Block
from scheduler.intake.cells import Language, read_id, read_text, read_times, refuse_unreadable
from scheduler.intake.collector import Collector
from scheduler.intake.refs import Index, Refs, loose
from scheduler.intake.tables import Cell, Row, Table

_TAKES_AWAY = re.compile(r"\s*(?:not|except|excluding|no|never|without|unavailable|can)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Identified:
    """A row with its id. One that is not ``sound`` has none of its own, and is read for its problems alone."""

    id: str
    row: Row
    sound: bool = True


@dataclass(frozen=True)
class Context:
    """What the rows of every sheet are read against."""

    profile: Profile
    language: Language
    refs: Refs
    sink: Collector

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the week."""
        return self.refs.block_list


def check_cells(table: Table, sink: Collector) -> None:
    """Refuse what is no value, and required cells that are blank (in columns that are there at all)."""
    for row in table.rows:
        for cell in row.cells.values():
            if not cell.blank:
                refuse_unreadable(cell, sink)
            elif cell.column.required and cell.column.name in table.present:
                _say_blank(cell, sink)


def _say_blank(cell: Cell, sink: Collector) -> None:
    name, hint = cell.column.name, f"for example {cell.column.example}"
    if cell.column.kind == "id":
        sink.error("missing-id", cell.spot, f"the row has no {name}; start a remark with #", hint)
    elif name == "Availability":
        message = "the availability is blank; nobody is scheduled on a guess"
        sink.error("blank-availability", cell.spot, message, "write 'any' for any time")
    else:
        sink.error("blank-cell", cell.spot, f"{name} is blank", hint)


def identified(table: Table | None, sink: Collector) -> tuple[Identified, ...]:
    """The rows of a sheet with their ids. An id that stands twice is an error that names both cells."""
    if table is None:
        return ()
    found: list[Identified] = []
    first: dict[str, Identified] = {}
    for row in table.rows:
        cell = row[table.spec.key]
        one = read_id(cell, sink)
        earlier = first.get(loose(one))
        if not one or earlier is not None:
            found.append(Identified(f"row {row.number}", row, sound=False))
        else:
            first[loose(one)] = Identified(one, row)
            found.append(first[loose(one)])
        if one and earlier is not None:
            where = earlier.row[table.spec.key].address
            message = f"the id stands twice: {where} ('{earlier.id}') and {cell.address} ('{one}')"
            sink.error("duplicate-id", cell.spot, message, "give each row an id of its own")
    return tuple(found)


def index_of(kind: str, rows: tuple[Identified, ...], table: Table | None = None) -> Index:
    """The index of ids and names of a sheet. Names are read here without a word about their problems."""
    silent = Collector()
    gone = () if table is None else table.gone
    return Index(kind, ((one.id, name_of(one.row, silent)) for one in rows if one.sound), gone)


def name_of(row: Row, sink: Collector) -> str:
    """The name in a row; '' when there is none."""
    return " ".join(read_text(row["Name"], sink).split()) if "Name" in row.cells else ""


def bounds(
    row: Row,
    names: tuple[str, str],
    defaults: tuple[int, int | None],
    read: Callable[[Cell], int | None],
    sink: Collector,
) -> tuple[int, int | None]:
    """A minimum and a maximum of one row. A cell beats a default, which gives way to it with a notice."""
    low_cell, high_cell = row[names[0]], row[names[1]]
    low, high = read(low_cell), read(high_cell)
    if low is not None and high is not None and low > high:
        message = (
            f"{names[0]} in {low_cell.address} ({low_cell.text}) is above {names[1]} in {high_cell.address} "
            f"({high_cell.text})"
        )
        sink.error("min-above-max", low_cell.spot, message, "raise the maximum or lower the minimum")
        return low, low
    if low is None and high is not None and defaults[0] > high:
        sink.notice("default-minimum-lowered", high_cell.spot, "default minimum lowered to the row's own maximum")
        return high, high
    if high is None and low is not None and defaults[1] is not None and defaults[1] < low:
        sink.notice("default-maximum-raised", low_cell.spot, "default maximum raised to the row's own minimum")
        return low, low
    return defaults[0] if low is None else low, defaults[1] if high is None else high


def free_times(row: Row, context: Context) -> TimeSet:
    """Availability less what is unavailable; nothing when the availability is blank or refused."""
    offered = read_times(row["Availability"], context.language, context.sink)
    taken = read_times(row["Unavailable"], context.language, context.sink)
    if offered is None:
        return TimeSet()
    free = offered - taken if taken is not None else offered
    say_windows(row["Availability"], free, context)
    return free


def say_windows(cell: Cell, free: TimeSet, context: Context) -> None:
    """Warn of stated times that hold no whole block of the week, and of a cell that holds none at all."""
    if cell.blank:
        return
    holding = {(start, end) for start, end in free.spans if _holds_block(start, end, context)}
    if not holding:
        hint = "compare with the blocks of the week"
        context.sink.warning("no-block-in-window", cell.spot, f"{describe(free)} holds no block of this week", hint)
        return
    stated = _stated_by_the_clock(cell, context)
    for span in free.spans:
        window = TimeSet(spans=(span,))
        if span not in holding and window & stated:
            context.sink.warning("window-without-block", cell.spot, f"{describe(window)} holds no block of this week")


def _holds_block(start: int, end: int, context: Context) -> bool:
    return any(start <= block.start and block.end <= end for block in context.blocks)


def _stated_by_the_clock(cell: Cell, context: Context) -> TimeSet:
    """The times of the cell's terms that name a clock time; day parts and whole days promise no particular block."""
    found = TimeSet()
    for term in re.split(r"[;,\n\r]", read_text(cell, Collector())):
        if any(sign.isdigit() for sign in term) and not _TAKES_AWAY.match(term):
            try:
                found |= context.language.read(term).times
            except LanguageError:  # said already, of the whole cell
                continue
    return found
