"""Apart, Together and Pins: rows without ids that tie people, blocks and groups together."""

import re

from scheduler.domain.availability import Dayparts, LanguageError, read_availability, read_clock, read_day
from scheduler.domain.week import Apart, Block, Pin, Together
from scheduler.intake.cells import read_text
from scheduler.intake.collector import Collector
from scheduler.intake.refs import Index, Refs
from scheduler.intake.rows import Context
from scheduler.intake.tables import Cell, Row, Table

_DAY_AND_TIME = re.compile(r"(?P<day>[^\W\d]+)[.,]?\s+(?P<time>\d.*)")


def apart_of(table: Table | None, context: Context) -> tuple[Apart, ...]:
    """The pairs that must never meet."""
    return tuple(pair for row in _rows(table) if (pair := _apart(row, context)) is not None)


def _rows(table: Table | None) -> tuple[Row, ...]:
    return table.rows if table is not None else ()


def _named(cell: Cell, index: Index, context: Context) -> str | None:
    return index.resolve(cell, read_text(cell, context.sink), context.sink)


def _apart(row: Row, context: Context) -> Apart | None:
    patient = _named(row["Patient"], context.refs.patients, context)
    other, therapist = _person(row["With"], context)
    if patient is None or (other is None and therapist is None):
        return None
    if patient == other:
        _say_oneself(row, "kept apart from", context)
        return None
    return Apart(patient=patient, other_patient=other, therapist=therapist, row=row.number)


def _say_oneself(row: Row, words: str, context: Context) -> None:
    cell = row["With"]
    message = f"{row['Patient'].address} and {cell.address} name the same patient: nobody is {words} oneself"
    context.sink.error("with-oneself", cell.spot, message, "name another patient")


def _person(cell: Cell, context: Context) -> tuple[str | None, str | None]:
    """The patient or the therapist that a cell names; a patient where no therapist is named better."""
    text, refs = read_text(cell, context.sink), context.refs
    patients, therapists = refs.patients.find(text), refs.therapists.find(text)
    if patients.ids and therapists.ids and not _is_exact(text, patients.ids, therapists.ids):
        message = f"'{text}' may be the patient {patients.ids[0]} or the therapist {therapists.ids[0]}"
        context.sink.error("ambiguous-person", cell.spot, message, "use the id")
        return None, None
    if therapists.ids and text not in patients.ids and (not patients.ids or text in therapists.ids):
        return None, _named(cell, refs.therapists, context)
    if patients.ids or not text or not refs.patients.entries or not refs.therapists.entries:
        return _named(cell, refs.patients, context), None
    gone = (*refs.patients.gone, *refs.therapists.gone)
    both = Index("person", (*refs.patients.entries, *refs.therapists.entries), gone)
    both.resolve(cell, text, context.sink)
    return None, None


def _is_exact(text: str, *found: tuple[str, ...]) -> bool:
    """Whether exactly one of the two kinds has the text as its very id."""
    return sum(text in ids for ids in found) == 1


def together_of(table: Table | None, context: Context) -> tuple[Together, ...]:
    """The pairs that should share a session."""
    return tuple(pair for row in _rows(table) if (pair := _together(row, context)) is not None)


def _together(row: Row, context: Context) -> Together | None:
    patient = _named(row["Patient"], context.refs.patients, context)
    other = _named(row["With"], context.refs.patients, context)
    if patient is None or other is None:
        return None
    if patient == other:
        _say_oneself(row, "put together with", context)
        return None
    return Together(patient=patient, other=other, row=row.number)


def check_pairs(
    apart: tuple[Apart, ...], together: Table | None, pairs: tuple[Together, ...], context: Context
) -> None:
    """Warn of pairs that should be together and must be apart."""
    kept = {frozenset((one.patient, one.other_patient)): one.row for one in apart if one.other_patient}
    rows = {row.number: row for row in _rows(together)}
    for pair in pairs:
        row = kept.get(frozenset((pair.patient, pair.other)))
        if row is not None:
            message = f"the two are kept apart in row {row} of Apart, which comes first"
            context.sink.warning(
                "apart-and-together", rows[pair.row]["With"].spot, message, "delete one of the two rows"
            )


def pins_of(table: Table | None, context: Context) -> tuple[Pin, ...]:
    """What must stay. Rows with nothing but a note are passed over."""
    found = []
    for row in _rows(table):
        pin = Pin(
            patient=_named(row["Patient"], context.refs.patients, context),
            block=block_named(row["Block"], context.refs, context.sink),
            group=_named(row["Group"], context.refs.groups, context),
            therapist=_named(row["Therapist"], context.refs.therapists, context),
            room=_named(row["Room"], context.refs.rooms, context),
            row=row.number,
        )
        if pin != Pin(row=row.number) and not _names_gone(row, context.refs):
            found.append(pin)
    return tuple(found)


def _names_gone(row: Row, refs: Refs) -> bool:
    """Whether a pin names what was taken out of the week: without it the pin would ask for something else."""
    indexes = {
        "Patient": refs.patients,
        "Block": refs.blocks,
        "Group": refs.groups,
        "Therapist": refs.therapists,
        "Room": refs.rooms,
    }
    return any(index.names_gone(read_text(row[column], Collector())) for column, index in indexes.items())


def block_named(cell: Cell, refs: Refs, sink: Collector) -> str | None:
    """The block that a cell names by its id, or by day and time where just one block is meant."""
    text = read_text(cell, sink)
    index = refs.blocks
    if not text or index.find(text).ids:
        return index.resolve(cell, text, sink)
    fitting = _blocks_at(text, refs.block_list)
    if fitting is None:
        return index.resolve(cell, text, sink)
    if len(fitting) == 1:
        return fitting[0].id
    if fitting:
        message = f"'{text}' may be the block {' or '.join(block.id for block in fitting)}"
        sink.error("ambiguous-block", cell.spot, message, "use the id of the block")
    elif index.entries:
        known = ", ".join(f"{block.id} ({block.text})" for block in refs.block_list[:6])
        sink.error("unknown-block", cell.spot, f"no block of this week is at '{text}'", f"known: {known}")
    return None


def _blocks_at(text: str, blocks: tuple[Block, ...]) -> list[Block] | None:
    """The blocks at a day and time (``Tue 18:00``, ``Tue 18:00-21:00``); None when the text is nothing like that."""
    match = _DAY_AND_TIME.fullmatch(text.strip())
    if match is None:
        return None
    try:
        start = read_day(match.group("day")).start + read_clock(match.group("time"))
        return [block for block in blocks if block.start == start]
    except LanguageError:
        pass
    try:
        spans = read_availability(text, Dayparts()).times.spans
    except LanguageError:
        return None
    return [block for block in blocks if spans == ((block.start, block.end),)]
