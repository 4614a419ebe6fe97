"""Tables -> a `Week`, with every problem of every sheet gathered on the way."""

from collections.abc import Mapping

from scheduler.domain.availability import read_dayparts
from scheduler.domain.profile import Profile
from scheduler.domain.week import Group, Week
from scheduler.intake.cells import Language
from scheduler.intake.collector import Collector, Spot
from scheduler.intake.columns import sheet_named
from scheduler.intake.offer import blocks_of, check_offer, groups_of, rooms_of
from scheduler.intake.pairs import apart_of, check_pairs, pins_of, together_of
from scheduler.intake.people import check_open_to, patients_of, therapists_of
from scheduler.intake.places import Places
from scheduler.intake.previous import seats_of
from scheduler.intake.refs import Index, Refs
from scheduler.intake.rows import Context, Identified, check_cells, identified, index_of
from scheduler.intake.tables import Table

_WITH_IDS = ("Patients", "Therapists", "Groups", "Rooms", "Blocks")


def build_week(
    tables: Mapping[str, Table], profile: Profile, sink: Collector, *, last_week: bool = True
) -> tuple[Week, Places]:
    """The week that the tables describe; without ``last_week`` the sheet ``Previous`` is passed over.

    Raises:
        InputRefused: if anything is wrong, with all problems of all sheets.
    """
    _say_missing_sheets(tables, sink)
    for table in tables.values():
        check_cells(table, sink)
    rows = {name: identified(tables.get(name), sink) for name in _WITH_IDS}
    _say_no_blocks(tables.get("Blocks"), profile, sink)
    context = _context(tables, rows, profile, sink)
    groups = groups_of(rows["Groups"], context)
    rooms = rooms_of(rows["Rooms"], context)
    _say_no_rooms(tables.get("Rooms"), groups, sink)
    check_offer(rows["Groups"], groups, rooms, context)
    therapists = therapists_of(rows["Therapists"], context)
    patients = patients_of(rows["Patients"], groups, context)
    check_open_to(rows["Groups"], groups, patients, context)
    apart, together = apart_of(tables.get("Apart"), context), together_of(tables.get("Together"), context)
    check_pairs(apart, tables.get("Together"), together, context)
    pins = pins_of(tables.get("Pins"), context)
    previous = tables.get("Previous") if last_week else None
    seats = seats_of(previous, context.refs, sink) if previous is not None else ()
    sink.refuse_if_wrong()
    week = Week(
        program=profile.program,
        blocks=context.blocks,
        patients=patients,
        therapists=therapists,
        groups=groups,
        rooms=rooms,
        apart=apart,
        together=together,
        pins=pins,
        previous=seats,
    )
    return week, Places(tables, {name: {one.row.number: one.id for one in found} for name, found in rows.items()})


def _context(
    tables: Mapping[str, Table], rows: Mapping[str, tuple[Identified, ...]], profile: Profile, sink: Collector
) -> Context:
    blocks = blocks_of(rows["Blocks"], profile, sink)
    refs = Refs(
        patients=index_of("patient", rows["Patients"], tables.get("Patients")),
        therapists=index_of("therapist", rows["Therapists"], tables.get("Therapists")),
        groups=index_of("group", rows["Groups"], tables.get("Groups")),
        rooms=index_of("room", rows["Rooms"], tables.get("Rooms")),
        blocks=Index(
            "block", ((block.id, "") for block in blocks), tables["Blocks"].gone if "Blocks" in tables else ()
        ),
        block_list=blocks,
    )
    return Context(profile, Language(read_dayparts(profile.dayparts)), refs, sink)


def _say_missing_sheets(tables: Mapping[str, Table], sink: Collector) -> None:
    for name in ("Patients", "Therapists", "Groups"):
        table = tables.get(name)
        if table is None:
            hint = f"add a sheet {name} with a column {sheet_named(name).key}"
            sink.error("missing-sheet", Spot(name), f"there is no sheet {name}", hint)
        elif table.readable and not table.rows:
            sink.error("no-rows", table.spot, f"the sheet {name} has no rows", "write one row for each")


def _say_no_blocks(table: Table | None, profile: Profile, sink: Collector) -> None:
    spot = table.spot if table is not None else Spot("Blocks")
    if table is not None and table.readable and not table.rows:
        sink.notice("grid-used", spot, "the sheet Blocks has no rows; the blocks of the profile are used")
    if not profile.blocks and (table is None or not table.rows):
        hint = "add a sheet Blocks with Block, Day, Start and End"
        sink.error("no-blocks", spot, "there is no sheet Blocks, and the profile has no blocks either", hint)


def _say_no_rooms(table: Table | None, groups: tuple[Group, ...], sink: Collector) -> None:
    needing = [group.id for group in groups if group.needs_room]
    if needing and (table is None or (table.readable and not table.rows)):
        spot = table.spot if table is not None else Spot("Rooms")
        message = f"there are no rooms, but {', '.join(needing[:5])} meet in person"
        sink.error("no-rooms", spot, message, "add a sheet Rooms with Room and Capacity, or make the groups telehealth")
