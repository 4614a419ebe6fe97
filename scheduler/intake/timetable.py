"""A finished timetable back from its file, also after people edited it by hand.

``Sessions`` says what runs, ``Assignments`` who sits where. Where the two, or a session and its block, say different
things, nobody can know which was meant: that is an error at the cell, and names the other cell.
"""

from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.clock import Day, clock_text
from scheduler.domain.problems import Problem
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Block, Week
from scheduler.intake.cells import (
    read_clock_cell,
    read_day_cell,
    read_group_modality,
    read_hours,
    read_id,
    read_text,
    read_whole,
)
from scheduler.intake.collector import Collector, Spot
from scheduler.intake.columns import TIMETABLE_SHEETS
from scheduler.intake.mapping import SheetMap
from scheduler.intake.opening import open_source
from scheduler.intake.pairs import block_named
from scheduler.intake.previous import read_previous
from scheduler.intake.refs import Index, Refs
from scheduler.intake.rows import Identified, check_cells, identified
from scheduler.intake.tables import Cell, Row, Table, find_tables

__all__ = ["TimetableFile", "read_previous", "read_timetable"]


@dataclass(frozen=True)
class TimetableFile:
    """A timetable as read. ``problems`` are warnings and notices."""

    timetable: Timetable
    problems: tuple[Problem, ...]


def read_timetable(path: Path, week: Week) -> TimetableFile:
    """Read the sheets ``Sessions`` and ``Assignments`` of a workbook, a folder of CSV files or a JSON file.

    The timetable may break rules; it names nothing that the week does not know.

    Raises:
        InputRefused: with every problem found in one pass.
    """
    sink = Collector()
    raw = open_source(path, TIMETABLE_SHEETS)
    sink.take(raw.problems)
    silent = Collector()
    tables = find_tables(raw.sheets, TIMETABLE_SHEETS, SheetMap(), silent)
    sink.take(problem for problem in silent.problems if problem.code != "extra-sheet")
    reading = _Reading(week, sink)
    timetable = reading.timetable(tables)
    sink.refuse_if_wrong()
    return TimetableFile(timetable=timetable, problems=sink.problems)


class _Reading:
    """One pass over the two sheets."""

    def __init__(self, week: Week, sink: Collector) -> None:
        self.week = week
        self.refs = Refs.of_week(week)
        self.sink = sink
        self.rows: dict[str, Row] = {}
        self.sessions: dict[str, Session] = {}

    def timetable(self, tables: dict[str, Table]) -> Timetable:
        """Both sheets as a timetable; problems are in the collector."""
        for spec in TIMETABLE_SHEETS:
            if spec.name in tables:
                check_cells(tables[spec.name], self.sink)
            else:
                hint = "give the workbook that the program wrote"
                self.sink.error("missing-sheet", Spot(spec.name), f"there is no sheet {spec.name}", hint)
        known = identified(tables.get("Sessions"), self.sink)
        self.rows = {one.id: one.row for one in known}
        for one in known:
            session = self._session(one)
            if session is not None:
                self.sessions[one.id] = session
        seats = self._seats(tables.get("Assignments"), Index("session", ((one.id, "") for one in known)))
        self._check_sizes(seats)
        return Timetable(sessions=tuple(self.sessions.values()), assignments=seats)

    # -- Sessions

    def _session(self, one: Identified) -> Session | None:
        row = one.row
        block = block_named(row["Block"], self.refs, self.sink)
        group = self._named(row["Group"], self.refs.groups)
        leaders = self._leaders(row)
        room = self._named(row["Room"], self.refs.rooms)
        if block is not None:
            self._check_times(row, self.week.block_of[block])
        if group is not None:
            self._check_modality(row["Modality"], group)
        if block is None or group is None or not leaders:
            return None
        return Session(id=one.id, block=block, group=group, therapists=leaders, room=room)

    def _named(self, cell: Cell, index: Index) -> str | None:
        return index.resolve(cell, read_text(cell, self.sink), self.sink)

    def _leaders(self, row: Row) -> tuple[str, ...]:
        cells = row["Therapist"], row["Second therapist"]
        first, second = (self._named(cell, self.refs.therapists) for cell in cells)
        if first is not None and first == second:
            message = f"{cells[0].address} and {cells[1].address} name the same therapist"
            self.sink.error("therapist-twice", cells[1].spot, message, "name another, or leave the second blank")
        return tuple(one for one in (first, second) if one is not None)

    def _check_times(self, row: Row, block: Block) -> None:
        """Day, start and end must be those of the block that the row names."""
        day = read_day_cell(row["Day"], self.sink)
        start = read_clock_cell(row["Start"], self.sink)
        end = read_clock_cell(row["End"], self.sink, is_end=True)
        right = block.start - block.day.start, block.end - block.day.start
        for cell, found, meant, text in (
            (row["Day"], day, block.day, block.day.short),
            (row["Start"], start, right[0], clock_text(right[0])),
            (row["End"], end, right[1], clock_text(right[1])),
        ):
            if found is not None and found != meant:
                where = row["Block"].address or "of its session"
                message = f"the block '{block.id}' ({where}) is {block.text}, not {_said(found)} here"
                self.sink.error("wrong-time", cell.spot, message, f"write {text}, or name another block")

    def _check_modality(self, cell: Cell, group: str) -> None:
        found = read_group_modality(cell, self.sink)
        meant = self.week.group_of[group].modality
        if found is not None and found != meant:
            message = f"the group '{group}' is held {meant}, not {found}"
            self.sink.error("wrong-modality", cell.spot, message, f"write {meant}, or name another group")

    # -- Assignments

    def _seats(self, table: Table | None, sessions: Index) -> tuple[Assignment, ...]:
        found: dict[Assignment, Row] = {}
        for row in table.rows if table is not None else ():
            seat = self._seat(row, sessions)
            if seat is None:
                continue
            if seat in found:
                first = found[seat]["Patient"].address
                message = f"the patient sits in this session twice: {first} and {row['Patient'].address}"
                self.sink.error("seat-twice", row["Patient"].spot, message, "delete one of the two rows")
            found.setdefault(seat, row)
        return tuple(found)

    def _seat(self, row: Row, sessions: Index) -> Assignment | None:
        patient = self._named(row["Patient"], self.refs.patients)
        cell = row["Session"]
        text = read_id(cell, self.sink)
        named = sessions.resolve(cell, text, self.sink)
        if text and not sessions.entries:
            self.sink.error("unknown-session", cell.spot, f"there is no session '{text}' on the sheet Sessions")
        session = self.sessions.get(named) if named is not None else None
        if session is not None:
            self._check_against(row, session)
        if patient is None or session is None:
            return None
        return Assignment(patient=patient, session=session.id)

    def _check_against(self, row: Row, session: Session) -> None:
        """What the row repeats of its session must be the same there."""
        block = self.week.block_of[session.block]
        before = len(self.sink.problems)
        named = block_named(row["Block"], self.refs, self.sink)
        self._agree(row["Block"], named, (session.block,), session, "Block")
        if named in (None, session.block) and len(self.sink.problems) == before:
            self._check_times(row, block)
        self._agree(row["Group"], self._named(row["Group"], self.refs.groups), (session.group,), session, "Group")
        leader = self._named(row["Therapist"], self.refs.therapists)
        self._agree(row["Therapist"], leader, session.therapists, session, "Therapist")
        room = self._named(row["Room"], self.refs.rooms)
        self._agree(row["Room"], room, (session.room,) if session.room else (), session, "Room")
        hours = read_hours(row["Hours"], self.sink)
        if hours is not None and hours != block.minutes:
            right = f"{block.minutes / MINUTES_PER_HOUR:g}"
            self.sink.warning("wrong-hours", row["Hours"].spot, f"the block lasts {right} hours; the cell is not used")

    def _agree(self, cell: Cell, found: str | None, meant: tuple[str, ...], session: Session, column: str) -> None:
        if found is None or found in meant:
            return
        there = self.rows[session.id][column]
        text = " and ".join(meant) or "blank"
        message = f"the session '{session.id}' says {text} ({there.sheet}!{there.address}), here stands '{cell.text}'"
        self.sink.error("disagrees", cell.spot, message, "make both the same, or name another session")

    def _check_sizes(self, seats: tuple[Assignment, ...]) -> None:
        for one, session in self.sessions.items():
            cell = self.rows[one]["Size"]
            size = read_whole(cell, self.sink, 0)
            real = sum(seat.session == session.id for seat in seats)
            if size is not None and size != real:
                message = f"{real} patients are assigned to the session '{one}', not {size}; the assignments count"
                self.sink.warning("wrong-size", cell.spot, message)


def _said(found: Day | int) -> str:
    return found.short if isinstance(found, Day) else clock_text(found)
