"""Good spellings: everything that people write in a cell, and the fact that it becomes."""

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bad_inputs import errors_in, good_week, problems_of, profile, read, spoiled, without, write_folder, write_json
from bad_inputs import write_xlsx as write

from scheduler.domain.clock import TimeSet
from scheduler.domain.problems import FactRef
from scheduler.domain.week import AgendaItem, Pin, PreviousSeat, RequiredGroup
from scheduler.intake.columns import SHEETS, TIMETABLE_SHEETS, fold
from scheduler.intake.reader import read_week


def _one(tmp_path: Path, sheet: str, column: str, value: Any, **options: Any) -> Any:
    """The week read from the good one with one cell changed in the first row of a sheet."""
    return read(spoiled({(sheet, 2, column): value}), tmp_path, **options).week


# -------- the table of columns


@pytest.mark.parametrize("spec", [*SHEETS, *TIMETABLE_SHEETS], ids=lambda spec: spec.name)
def test_no_header_means_two_columns(spec: Any):
    meanings: dict[str, set[str]] = {}
    for column in spec.columns:
        for header in (column.name, *column.aliases):
            meanings.setdefault(fold(header), set()).add(column.name)
    assert {header: names for header, names in meanings.items() if len(names) > 1} == {}


def test_no_title_means_two_sheets():
    titles = [title for spec in SHEETS for title in {fold(name) for name in (spec.name, *spec.aliases)}]
    assert len(titles) == len(set(titles))


def test_every_example_of_the_table_is_good(tmp_path: Path):
    sheets = good_week()
    names = {"DBT skills", "Family education", "Relapse prevention", "Process", "PROC", "RP"}
    sheets["Groups"] = [sheets["Groups"][0], *([name] + [None] * 13 for name in sorted(names - {"Process", "PROC"}))]
    sheets["Groups"].append(["PROC", "Process", *[column.example or None for column in SHEETS[2].columns[2:]]])
    for sheet in SHEETS[:2]:
        row = [column.example or None for column in sheet.columns]
        sheets[sheet.name].append([f"{row[0]}x", None, *row[2:]])
    sheets["Patients"][-1][10] = "Relapse prevention; Process x2"
    sheets["Therapists"][1][0] = "T01"
    assert errors_in(problems_of(sheets, tmp_path)) == []


# -------- headers and sheets


@pytest.mark.parametrize(
    "header", ["patient", "PATIENT", " Pa_tient ", "Patient-ID", "Client", "MRN", "MRN #", "Chart No."]
)
def test_the_key_column_by_any_name(tmp_path: Path, header: str):
    sheets = good_week()
    sheets["Patients"][0][0] = header
    assert [one.id for one in read(sheets, tmp_path).week.patients] == ["P001", "P002", "P003"]


@pytest.mark.parametrize("title", ["patients", " PATIENTS ", "Pati-ents", "Clients", "client_list", "Census"])
def test_the_sheet_by_any_name(tmp_path: Path, title: str):
    sheets = {title if name == "Patients" else name: rows for name, rows in good_week().items()}
    file = read(sheets, tmp_path)
    assert len(file.week.patients) == 3
    assert file.problems == ()
    assert file.places.cell_of(FactRef(sheet="Patients", row="P001", column="Level")) == (title, "C2", "")


def test_the_exact_title_wins_over_an_alias(tmp_path: Path):
    file = read({"Staff": [["who"], ["me"]], **good_week()}, tmp_path)
    assert [(problem.code, problem.place) for problem in file.problems] == [("sheet-twice", "Staff")]


def test_titles_remarks_blank_rows_and_repeated_headers_are_passed_over(tmp_path: Path):
    sheets = good_week()
    header, first, *rest = sheets["Patients"]
    blank = [None] * len(header)
    sheets["Patients"] = [
        ["Census of Tuesday", *blank[1:]],
        blank,
        ["# made up", *blank[1:]],
        header,
        first,
        blank,
        ["#P009", *first[1:]],
        [" " * 3, *blank[1:]],
        header,
        *rest,
    ]
    file = read(sheets, tmp_path)
    assert [one.id for one in file.week.patients] == ["P001", "P002", "P003"]
    assert [(problem.code, problem.cell) for problem in file.problems] == [
        ("title-row", "A1"),
        ("repeated-header", "A9"),
    ]
    assert file.places.cell_of(FactRef(sheet="Patients", row="P002", column="Patient")) == ("Patients", "A10", "P002")


def test_columns_in_any_order_and_place(tmp_path: Path):
    sheets = good_week()
    sheets["Rooms"] = [["", "", "Seats", "", "Room Name", "Room"], ["", "", "8 seats", "", "Attic", "R9"]]
    assert read(sheets, tmp_path).week.rooms[0].capacity == 8


def test_of_two_columns_of_names_the_first_is_read(tmp_path: Path):
    sheets = good_week()
    sheets["Patients"] = [
        [*row, extra] for row, extra in zip(sheets["Patients"], ["Initials", "AE", "BS", "CM"], strict=True)
    ]
    file = read(sheets, tmp_path)
    assert file.week.patients[0].name == "Ann Example"
    assert [(problem.code, problem.place) for problem in file.problems] == [("column-twice", "Patients!R1")]


def test_hidden_sheets_and_rows_are_read_the_same(tmp_path: Path):
    path = write(good_week(), tmp_path / "week.xlsx")
    before = read_week(path, profile()).week
    book = openpyxl.load_workbook(path)
    book["Rooms"].sheet_state = "hidden"
    book["Patients"].row_dimensions[3].hidden = True
    book.save(path)
    assert read_week(path, profile()).week == before


def test_a_merged_cell_gives_its_value_to_all_its_rows(tmp_path: Path):
    path = write(spoiled({("Patients", 2, "Availability"): "Sat"}), tmp_path / "week.xlsx")
    book = openpyxl.load_workbook(path)
    book["Patients"].merge_cells("E2:E4")
    book.save(path)
    file = read_week(path, profile())
    assert len({one.free for one in file.week.patients}) == 1
    assert [(problem.code, problem.cell) for problem in file.problems] == [("merged-cells", "E2")]


def test_rich_text_is_text(tmp_path: Path):
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    path = write(good_week(), tmp_path / "week.xlsx")
    book = openpyxl.load_workbook(path)
    book["Patients"]["E2"] = CellRichText("even", TextBlock(InlineFont(b=True), "ings"))
    book.save(path)
    assert read_week(path, profile()).problems == ()


# -------- patients


def test_defaults_of_a_patient(tmp_path: Path):
    week = read(good_week(), tmp_path).week
    adult, _, youth = week.patients
    assert (adult.level, adult.age_band, adult.modality, adult.priority) == ("adult", "adult", "in person", 3)
    assert (adult.min_minutes, adult.max_minutes, adult.min_blocks, adult.max_blocks) == (540, 1200, 3, 4)
    assert (adult.min_days, adult.min_day_minutes) == (3, 180)
    assert (youth.level, youth.age_band, youth.min_minutes, youth.max_blocks) == ("adolescent", "adolescent", 360, 3)


@pytest.mark.parametrize(
    ("value", "minutes"),
    [(9, 540), (9.0, 540), ("9", 540), (" 9 ", 540), ("9.0", 540), ("9 h", 540), ("9hrs", 540), ("9 hours", 540),
     (7.5, 450), ("7,5", 450), ("7:30", 450), (dt.time(7, 30), 450), (dt.timedelta(hours=9), 540), (0, 0), ("-", 540),
     ("n/a", 540), (None, 540)],
)  # fmt: skip
def test_hours(tmp_path: Path, value: Any, minutes: int):
    assert _one(tmp_path, "Patients", "Min hours", value).patients[0].min_minutes == minutes


@pytest.mark.parametrize(
    ("value", "blocks"), [(2, 2), (2.0, 2), ("2", 2), ("2.0", 2), ("2 blocks", 2), ("2x", 2), (0, 0)]
)
def test_blocks(tmp_path: Path, value: Any, blocks: int):
    assert _one(tmp_path, "Patients", "Min blocks", value).patients[0].min_blocks == blocks


def test_a_cell_beats_a_default_and_days_never_exceed_blocks(tmp_path: Path):
    low = _one(tmp_path, "Patients", "Max blocks", 2).patients[0]
    assert (low.min_blocks, low.max_blocks, low.min_days) == (2, 2, 2)
    high = _one(tmp_path, "Patients", "Min hours", 24).patients[0]
    assert (high.min_minutes, high.max_minutes) == (1440, 1440)


@pytest.mark.parametrize("value", ["ADULT", " Adult ", "adult"])
def test_levels(tmp_path: Path, value: str):
    assert _one(tmp_path, "Patients", "Level", value).patients[0].level == "adult"


def test_levels_of_several_words(tmp_path: Path):
    from scheduler.domain.program import LevelRules

    levels = {"adult": LevelRules(), "step_down": LevelRules(min_hours=3, min_blocks=1, min_days=1)}
    found = _one(tmp_path, "Patients", "Level", "Step Down", profile=profile(levels={**levels, **profile().levels}))
    assert (found.patients[0].level, found.patients[0].min_minutes) == ("step_down", 180)


def test_tags_are_words_in_a_common_form(tmp_path: Path):
    found = _one(tmp_path, "Patients", "Tags", " Women ; LGBTQ+,Spanish-speaking\nnight_shift;;").patients[0].tags
    assert found == {"women", "lgbtq", "spanish speaking", "night shift"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Process", [("PROC", 1)]),
        ("proc; Relapse Prevention", [("PROC", 1), ("RP", 1)]),
        ("Process x2", [("PROC", 2)]),
        ("Process x 2", [("PROC", 2)]),
        ("Process X2, RP", [("PROC", 2), ("RP", 1)]),
        ("2x Process", [("PROC", 2)]),
        ("2 x Process", [("PROC", 2)]),
        ("2 Process", [("PROC", 2)]),
        ("Process (2)", [("PROC", 2)]),
        ("Process (x2)", [("PROC", 2)]),
        ("Process*2", [("PROC", 2)]),
        ("Process × 2", [("PROC", 2)]),
        ("Processx2", [("PROC", 2)]),
        ("Relapse  prevention\nPROC", [("RP", 1), ("PROC", 1)]),
        ("none", []),
        (None, []),
    ],
)
def test_required_groups(tmp_path: Path, text: str, expected: list[tuple[str, int]]):
    found = _one(tmp_path, "Patients", "Required groups", text).patients[0].required
    assert found == tuple(RequiredGroup(group=group, times=times) for group, times in expected)


@pytest.mark.parametrize("name", ["Box 2", "Phase (2)", "Mix*3", "Grief, early", "3 Circles", "Sex x Drugs"])
def test_a_group_whose_name_looks_like_a_count_or_a_list(tmp_path: Path, name: str):
    sheets = spoiled(
        {("Groups", 4, "Group"): "ODD", ("Groups", 4, "Name"): name, ("Patients", 2, "Required groups"): name}
    )
    assert read(sheets, tmp_path).week.patients[0].required == (RequiredGroup(group="ODD"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("in person", "in person"), ("In-Person", "in person"), ("ONSITE", "in person"), ("on site", "in person"),
     ("tele", "telehealth"), ("Tele-Health", "telehealth"), ("virtual", "telehealth"), ("Online", "telehealth"),
     ("both", "either"), ("hybrid", "either"), ("either", "either"), (None, "in person")],
)  # fmt: skip
def test_modalities(tmp_path: Path, text: str, expected: str):
    assert _one(tmp_path, "Patients", "Modality", text).patients[0].modality == expected


def test_unavailable_is_taken_away(tmp_path: Path):
    sheets = spoiled({("Patients", 2, "Availability"): "Tue 18-21; Thu 18-21", ("Patients", 2, "Unavailable"): "Thu"})
    assert read(sheets, tmp_path).week.patients[0].free == TimeSet.of([(2520, 2700)])


@pytest.mark.parametrize("text", ["none", "-", "N/A", "–", None])
def test_nothing_by_many_marks(tmp_path: Path, text: str):
    columns = (
        "Unavailable",
        "Preferred times",
        "Required groups",
        "Avoid groups",
        "Primary therapist",
        "Tags",
        "Max hours",
    )
    file = read(spoiled({("Patients", 2, column): text for column in columns}), tmp_path)
    expected = read(spoiled(dict.fromkeys(("Patients", 2, column) for column in columns)), tmp_path)
    assert file.week == expected.week


@pytest.mark.parametrize("text", ["T1", "t1", "Dana Invented", "dana  INVENTED"])
def test_people_by_id_or_name(tmp_path: Path, text: str):
    assert _one(tmp_path, "Patients", "Primary therapist", text).patients[0].primary_therapist == "T1"


def test_a_name_that_two_share_names_nobody(tmp_path: Path):
    sheets = spoiled(
        {("Therapists", 3, "Name"): "Dana Invented", ("Patients", 2, "Primary therapist"): "Dana Invented"}
    )
    assert errors_in(problems_of(sheets, tmp_path)) == [("ambiguous-therapist", "Patients!O2")]


def test_ids_keep_their_zeros_and_numbers_lose_their_point(tmp_path: Path):
    sheets = spoiled(
        {("Patients", 2, "Patient"): "0012", ("Patients", 3, "Patient"): 12.0, ("Pins", 2, "Patient"): "12"}
    )
    file = read(sheets, tmp_path)
    assert [one.id for one in file.week.patients[:2]] == ["0012", "12"]
    assert file.week.pins[0].patient == "12"
    assert file.problems == ()


# -------- therapists, groups, rooms, blocks


@pytest.mark.parametrize(
    ("text", "groups"),
    [("*", {"PROC", "RP"}), ("all", {"PROC", "RP"}), ("Process, RP", {"PROC", "RP"}), ("rp", {"RP"})],
)
def test_qualified_groups(tmp_path: Path, text: str, groups: set[str]):
    assert _one(tmp_path, "Therapists", "Groups", text).therapists[0].groups == groups


def test_defaults_of_therapists_and_groups(tmp_path: Path):
    week = read(good_week(), tmp_path, profile=profile(max_per_patient=2)).week
    leader, group = week.therapists[0], week.groups[1]
    assert (leader.max_blocks, leader.max_blocks_per_day, leader.min_blocks, leader.modality) == (
        None,
        None,
        0,
        "either",
    )
    assert (group.min_size, group.max_size, group.kind, group.facilitators, group.times) == (
        1,
        None,
        "therapy",
        1,
        None,
    )
    assert (group.modality, group.max_per_patient, group.min_sessions, group.max_sessions) == ("in person", 2, 0, None)
    assert week.groups[0].open_to == (frozenset({"adult"}),)
    assert week.rooms[0].free == TimeSet.always()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("adult + women; adolescent", ({"adult", "women"}, {"adolescent"})),
        ("ADULT+Women", ({"adult", "women"},)),
        ("adult + LGBTQ+", ({"adult", "lgbtq"},)),
        ("LGBTQ+ + adult", ({"adult", "lgbtq"},)),
        ("women, men", ({"women"}, {"men"})),
        ("spanish_speaking", ({"spanish speaking"},)),
        (None, ({"adult"},)),
    ],
)
def test_open_to(tmp_path: Path, text: str, expected: tuple[set[str], ...]):
    assert _one(tmp_path, "Groups", "Open to", text).groups[0].open_to == tuple(frozenset(one) for one in expected)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("therapy", "therapy"), ("Psycho-education", "education"), ("psychoed", "education"), ("didactic", "education"),
     ("Multi-family", "family"), ("FAMILY", "family"), (None, "therapy")],
)  # fmt: skip
def test_kinds(tmp_path: Path, text: str, kind: str):
    assert _one(tmp_path, "Groups", "Kind", text).groups[0].kind == kind


@pytest.mark.parametrize(
    "text", ["Process 60; Skills 45", "Process - 60 min\nSkills: 45 minutes", "Process (60), Skills (45m)"]
)
def test_agendas(tmp_path: Path, text: str):
    expected = (AgendaItem(title="Process", minutes=60), AgendaItem(title="Skills", minutes=45))
    assert _one(tmp_path, "Groups", "Agenda", text).groups[0].agenda == expected


def test_room_features_meet_in_a_common_form(tmp_path: Path):
    sheets = spoiled(
        {("Groups", 2, "Room features"): "Wheel-chair", ("Rooms", 2, "Features"): "PROJECTOR; wheel_chair"}
    )
    week = read(sheets, tmp_path).week
    assert week.groups[0].room_features <= week.rooms[0].features


@pytest.mark.parametrize(
    "value",
    [dt.time(18), "18:00", "6 pm", "6:00PM", "6 p.m.", 0.75, dt.datetime(1899, 12, 30, 18), dt.datetime(1900, 1, 1, 18),
     dt.datetime(1904, 1, 1, 18),
     dt.timedelta(hours=18), "1800", 18, "1899-12-30 18:00:00"],
)  # fmt: skip
def test_times_of_day(tmp_path: Path, value: Any):
    assert _one(tmp_path, "Blocks", "Start", value).blocks[0].start == 1440 + 18 * 60


@pytest.mark.parametrize(
    "value", ["24:00", "00:00", "midnight", dt.time(0), dt.datetime(1900, 1, 1), dt.timedelta(hours=24), 0.0]
)
def test_the_end_of_a_day(tmp_path: Path, value: Any):
    assert _one(tmp_path, "Blocks", "End", value).blocks[0].end == 2 * 1440


@pytest.mark.parametrize("value", ["Tue", "tuesday", "TUES", "Tu"])
def test_days(tmp_path: Path, value: Any):
    assert _one(tmp_path, "Blocks", "Day", value).blocks[0].day.short == "Tue"


def test_blocks_come_in_order_of_time(tmp_path: Path):
    sheets = good_week()
    sheets["Blocks"][1:] = sheets["Blocks"][:0:-1]
    assert [block.id for block in read(sheets, tmp_path).week.blocks] == ["TUE-EVE", "THU-EVE", "SAT-AM"]


def test_the_grid_of_the_profile_stands_in_for_blocks(tmp_path: Path):
    file = read(without(good_week(), "Blocks"), tmp_path)
    assert [block.text for block in file.week.blocks] == ["Mon 18:00-21:00", "Sat 09:00-12:00"]
    assert file.problems == ()
    sheets = good_week()
    sheets["Blocks"] = sheets["Blocks"][:1]
    assert [problem.code for problem in read(sheets, tmp_path).problems] == ["grid-used"]


def test_telehealth_needs_no_room(tmp_path: Path):
    sheets = spoiled({("Groups", 2, "Modality"): "virtual", ("Groups", 3, "Modality"): "video"})
    assert read(without(sheets, "Rooms"), tmp_path).week.rooms == ()


# -------- pairs and pins


def test_apart_from_a_patient_or_a_therapist(tmp_path: Path):
    sheets = spoiled(
        {
            ("Apart", 2, "Patient"): "P001",
            ("Apart", 2, "With"): "bob sample",
            ("Apart", 4, "Patient"): "P001",
            ("Apart", 4, "With"): "Dana Invented",
        }
    )
    first, second = read(sheets, tmp_path).week.apart
    assert (first.other_patient, first.therapist, first.row) == ("P002", None, 2)
    assert (second.other_patient, second.therapist, second.row) == (None, "T1", 4)


@pytest.mark.parametrize("text", ["TUE-EVE", "tue-eve", "Tue 18:00", "Tuesday 6 pm", "Tue 18:00-21:00", "Tue 6-9 pm"])
def test_a_pin_names_a_block_by_id_or_time(tmp_path: Path, text: str):
    assert _one(tmp_path, "Pins", "Block", text).pins == (Pin(block="TUE-EVE", row=2),)


def test_a_time_that_two_blocks_share_is_ambiguous(tmp_path: Path):
    sheets = spoiled({("Blocks", 5, "Block"): "TUE-LONG", ("Blocks", 5, "Day"): "Tue", ("Blocks", 5, "Start"): "18:00",
                      ("Blocks", 5, "End"): "22:00", ("Pins", 2, "Block"): "Tue 18:00"})  # fmt: skip
    assert errors_in(problems_of(sheets, tmp_path)) == [("ambiguous-block", "Pins!B2")]
    sheets["Pins"][1][1] = "Tue 18:00-22:00"
    assert read(sheets, tmp_path).week.pins[0].block == "TUE-LONG"


def test_a_pin_with_nothing_but_a_note_is_passed_over(tmp_path: Path):
    assert _one(tmp_path, "Pins", "Note", "ask Dana").pins == ()


# -------- previous


def test_seats_of_last_week_in_this_weeks_ids(tmp_path: Path):
    header = good_week()["Previous"][0]
    rows = [
        ["P001", "S1", "TUE-EVE", "Tue", "18:00", "21:00", "PROC", "T1", "R1", 3],
        ["P002", "S1", "OLD-ID", "Tue", "18:00", "21:00", "PROC", "T1", "R1", 3],
        ["P003", "S2", "THU-EVE", "Thu", "17:00", "20:00", "ART", "T9", None, 3],
        ["P800", "S1", "TUE-EVE", "Tue", "18:00", "21:00", "PROC", "T1", "R1", 3],
        ["P801", "S1", "TUE-EVE", "Tue", "18:00", "21:00", "PROC", "T1", "R1", 3],
    ]
    sheets = {**good_week(), "Previous": [header, *rows]}
    file = read(sheets, tmp_path)
    assert file.week.previous == (
        PreviousSeat(patient="P001", block="TUE-EVE", group="PROC", therapist="T1"),
        PreviousSeat(patient="P002", block="TUE-EVE", group="PROC", therapist="T1"),
        PreviousSeat(patient="P003"),
    )
    assert [problem.message for problem in file.problems] == [
        "2 seats of patients who are not here this week: passed over",
        "the group 'ART' of last week is not here this week (1 seat)",
        "the therapist 'T9' of last week is not here this week (1 seat)",
    ]
    last = write({"Assignments": [header, rows[0]], "Summary": [["x"]]}, tmp_path / "last.xlsx")
    again = read_week(write(sheets, tmp_path / "week.xlsx"), profile(), previous=last)
    assert again.week.previous == (PreviousSeat(patient="P001", block="TUE-EVE", group="PROC", therapist="T1"),)
    assert [problem.code for problem in again.problems] == ["previous-file"]


# -------- places


def test_every_fact_has_its_place_in_all_three_forms(tmp_path: Path):
    sheets = without(spoiled({("Pins", 3, "Patient"): "P001"}), "Rooms")
    sheets["Rooms"] = [["Room", "Capacity"], ["R1", 5]]
    facts = [FactRef(sheet=sheet, row=row, column=column) for sheet, row, column in (
        ("Patients", "P002", "Availability"), ("Patients", "P002", "Level"), ("Rooms", "R1", "Availability"),
        ("Pins", "3", "Patient"), ("Blocks", "SAT-AM", "Start"))]  # fmt: skip
    cells = ["E3", "C3", "A2", "A3", "C4"]
    texts = ["any", "", "R1", "P001", "09:00"]
    book = read(sheets, tmp_path).places
    assert [book.cell_of(fact) for fact in facts] == [
        (fact.sheet, cell, text) for fact, cell, text in zip(facts, cells, texts, strict=True)
    ]
    folder = read_week(write_folder(sheets, tmp_path / "csv"), profile()).places
    assert [folder.cell_of(fact)[1:] for fact in facts] == list(zip(cells, texts, strict=True))  # type: ignore[index]
    tree = read_week(write_json(sheets, tmp_path / "week.json"), profile()).places
    paths = ["[1].Availability", "[1].Level", "[0]", "[1].Patient", "[2].Start"]
    assert [tree.cell_of(fact)[1] for fact in facts] == paths  # type: ignore[index]
    assert book.cell_of(FactRef(sheet="Patients", row="P999", column="Level")) is None
    assert book.cell_of(FactRef(sheet="Nowhere", row="1", column="Level")) is None


def test_the_hash_is_of_the_input_alone(tmp_path: Path):
    import hashlib

    path = write(good_week(), tmp_path / "week.xlsx")
    assert read_week(path, profile()).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    folder = write_folder(good_week(), tmp_path / "csv")
    first = read_week(folder, profile()).sha256
    (folder / "notes.txt").write_text("not a sheet")
    assert read_week(folder, profile()).sha256 == first
    (folder / "rooms.csv").rename(folder / "Room.csv")
    assert read_week(folder, profile()).sha256 != first
