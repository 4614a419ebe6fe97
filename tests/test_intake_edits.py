"""Cells and rows changed in memory: the week is the one that the same edit in the file would give."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bad_inputs import Sheets, errors_in, good_week, profile, spoiled, without, write_folder, write_json, write_xlsx

from scheduler.domain.problems import InputRefused, Problem
from scheduler.intake.edits import Edits
from scheduler.intake.mapping import SheetMap
from scheduler.intake.reader import WeekFile, read_week
from scheduler.loading import Source, load

Writer = Callable[[Sheets, Path], Path]
FORMS: dict[str, tuple[Writer, str]] = {
    "workbook": (write_xlsx, "week.xlsx"),
    "folder": (write_folder, "week"),
    "json": (write_json, "week.json"),
}
FULL = {
    ("Apart", 2, "Patient"): "P001",
    ("Apart", 2, "With"): "P002",
    ("Together", 2, "Patient"): "P002",
    ("Together", 2, "With"): "P003",
    ("Pins", 2, "Patient"): "P002",
    ("Pins", 2, "Therapist"): "T2",
    ("Pins", 3, "Group"): "RP",
    ("Patients", 2, "Primary therapist"): "T2",
    ("Patients", 2, "Required groups"): "Process x2; RP",
    ("Patients", 3, "Preferred groups"): "Relapse prevention",
}


def full_week() -> Sheets:
    return spoiled(FULL)


def read(sheets: Sheets, folder: Path, form: str = "workbook", **options: Any) -> WeekFile:
    write, name = FORMS[form]
    place = folder / name
    return read_week(place if place.exists() else write(sheets, place), profile(), **options)


def edited(folder: Path, *sets: str, form: str = "workbook", sheets: Sheets | None = None, **edits: Any) -> WeekFile:
    return read(sheets or full_week(), folder, form, edits=Edits(sets=sets, **edits))


def refused(folder: Path, *sets: str, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(InputRefused) as caught:
        edited(folder, *sets, **options)
    return caught.value.problems


# ---- a cell ----

SAME_AS: dict[str, tuple[str, dict[tuple[str, int, str], Any]]] = {
    "a number": ("Groups/PROC/Max size=6", {("Groups", 2, "Max size"): 6}),
    "a name for an id": ("Groups/process/Max size=6", {("Groups", 2, "Max size"): 6}),
    "case, spaces, aliases": ("clients/p001/MIN__hrs=6", {("Patients", 2, "Min hours"): 6}),
    "blank": ("Patients/P001/Required groups=", {("Patients", 2, "Required groups"): None}),
    "a row by its number": ("Apart/2/With=T1", {("Apart", 2, "With"): "T1"}),
    "a list": ("Patients/P001/Tags+=veterans", {("Patients", 2, "Tags"): "women; veterans"}),
    "a blank list": ("Patients/P002/Tags+=veterans", {("Patients", 3, "Tags"): "veterans"}),
    "availability": ("Patients/P001/Availability+=Sat", {("Patients", 2, "Availability"): "evenings; Sat"}),
    "a plan": ("Patients/P002/Required groups+=RP x2", {("Patients", 3, "Required groups"): "PROC; RP x2"}),
    "all groups": ("Therapists/T1/Groups+=RP", {("Therapists", 2, "Groups"): "*"}),
    "open to adults by default": ("Groups/PROC/Open to+=adolescent", {("Groups", 2, "Open to"): "adult; adolescent"}),
    "a value with signs in it": ("Rooms/R1/Name=a/b = c", {("Rooms", 2, "Name"): "a/b = c"}),
    "a block's time": ("Blocks/SAT-AM/End=13:00", {("Blocks", 4, "End"): "13:00"}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", SAME_AS)
def test_a_set_cell_is_as_if_it_stood_in_the_file(case: str, form: str, tmp_path: Path) -> None:
    words, cells = SAME_AS[case]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before = edited(tmp_path / "a", words, form=form)
    meant = read(spoiled(cells, full_week()), tmp_path / "b", form)
    assert before.week == meant.week
    assert before.week != read(full_week(), tmp_path / "a", form).week or case == "all groups"


@pytest.mark.parametrize("form", FORMS)
def test_the_file_stays_as_it_is(form: str, tmp_path: Path) -> None:
    plain = read(full_week(), tmp_path, form)
    place = tmp_path / FORMS[form][1]
    files = [place] if place.is_file() else sorted(place.iterdir())
    there = [one.read_bytes() for one in files]
    changed = edited(tmp_path, "Groups/PROC/Max size=6", form=form, removes=("Patients/P003",))
    assert [one.read_bytes() for one in files] == there
    assert changed.sha256 == plain.sha256


def test_several_changes_of_one_cell_add_up(tmp_path: Path) -> None:
    found = edited(tmp_path, "Patients/P001/Tags=men", "Patients/P001/Tags+=a", "Patients/P001/Tags+=b")
    assert found.week.patient_of["P001"].tags == {"men", "a", "b"}


@pytest.mark.parametrize(("there", "added", "alike"), [
    ("not Sat", "Tue 18:00-21:00", "any; not Sat"),
    ("not Sat", "not Tue", "any; not Sat; not Tue"),
    ("any", "Tue", "any"),
    ("evenings", "not Tue", "evenings; not Tue"),
    ("Tue", "Thu", "Tue; Thu"),
])  # fmt: skip
def test_more_time_is_never_less(there: str, added: str, alike: str, tmp_path: Path) -> None:
    """Bug to be kept away: ``not Sat; Tue 18:00-21:00`` means Tuesday evening alone."""
    sheets = spoiled({("Patients", 2, "Availability"): there, ("Patients", 4, "Availability"): alike})
    found = edited(tmp_path, f"Patients/P001/Availability+={added}", sheets=sheets).week
    assert found.patient_of["P001"].free == found.patient_of["P003"].free


def test_a_room_that_is_always_free_stays_so(tmp_path: Path) -> None:
    plain = read(full_week(), tmp_path).week
    assert edited(tmp_path, "Rooms/R1/Availability+=Sat").week.rooms == plain.rooms


def test_a_column_that_the_sheet_has_not(tmp_path: Path) -> None:
    sheets = good_week()
    sheets["Therapists"] = [row[:5] for row in sheets["Therapists"]]
    found = edited(tmp_path, "Therapists/T2/Max blocks=2", sheets=sheets)
    assert [one.max_blocks for one in found.week.therapists] == [None, 2]
    problems = refused(tmp_path, "Therapists/T2/Max blocks=two", sheets=sheets)
    assert errors_in(problems) == [("not-a-number", "Therapists!T2/Max blocks")]


def test_the_grid_of_the_profile_can_be_edited_too(tmp_path: Path) -> None:
    sheets = without(good_week(), "Blocks")
    found = edited(tmp_path, "Blocks/SAT-AM/End=13:00", sheets=sheets).week
    assert [one.text for one in found.blocks] == ["Mon 18:00-21:00", "Sat 09:00-13:00"]
    assert [one.id for one in edited(tmp_path, removes=("Blocks/MON-EVE",)).week.blocks] == ["SAT-AM"]


def test_the_words_of_a_map_hold(tmp_path: Path) -> None:
    sheets = full_week()
    sheets["People"] = [["Nr" if one == "Patient" else one for one in sheets["Patients"][0]], *sheets["Patients"][1:]]
    sheets["People"][0][sheets["People"][0].index("Availability")] = "Wann"
    mapping = SheetMap(
        sheets={"Patients": "People"},
        columns={"Patients": {"Availability": "Wann", "Patient": "Nr"}},
        values={"Patients": {"Availability": {"abends": "evenings"}}},
    )
    sheets = without(sheets, "Patients")
    for name in ("People/P002/wann", "Patients/P002/Wann"):
        found = edited_with(mapping, sheets, tmp_path, f"{name}=abends")
        assert found.week.patient_of["P002"].free == found.week.patient_of["P001"].free


def edited_with(mapping: SheetMap, sheets: Sheets, folder: Path, *sets: str, **edits: Any) -> WeekFile:
    return read(sheets, folder, mapping=mapping, edits=Edits(sets=sets, **edits))


# ---- rows ----


def write_rows(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_a_file_are_added(form: str, tmp_path: Path) -> None:
    csv = write_rows(tmp_path / "new.csv", "Clinician;Available;groups\nT9;evenings;PROC\nT8;any;*\n")
    one = write_rows(tmp_path / "one.json", json.dumps({"Patient": "P009", "With": "P001"}))
    new = write_rows(tmp_path / "people.json", json.dumps([{"Patient": "P009", "Availability": ["Tue", "Thu"]}]))
    adds = (("therapists", csv), ("Patients", new), ("Apart", one))
    found = edited(tmp_path, "Therapists/T9/Max blocks=1", form=form, adds=adds).week
    assert [one.id for one in found.therapists] == ["T1", "T2", "T9", "T8"]
    assert found.therapist_of["T9"].max_blocks == 1
    assert found.patients[-1].id == "P009"
    assert [(one.patient, one.other_patient) for one in found.apart] == [("P001", "P002"), ("P009", "P001")]
    assert len({one.row for one in found.apart}) == 2


def test_a_sheet_that_the_file_has_not(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "pairs.csv", "Patient,With\nP001,P002\n")
    found = edited(tmp_path, sheets=without(good_week(), "Together"), adds=(("Together", rows),)).week
    assert [(one.patient, one.other) for one in found.together] == [("P001", "P002")]


def test_a_block_more_than_the_grid_of_the_profile(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "more.csv", "Block,Day,Start,End\nFRI,Fri,18:00,21:00\n")
    found = edited(tmp_path, sheets=without(good_week(), "Blocks"), adds=(("Blocks", rows),)).week
    assert [one.id for one in found.blocks] == ["MON-EVE", "FRI", "SAT-AM"]


def test_rows_in_the_words_of_the_file_or_of_the_program(tmp_path: Path) -> None:
    sheets = full_week()
    sheets["Patients"][0][sheets["Patients"][0].index("Availability")] = "Wann"
    mapping = SheetMap(
        columns={"Patients": {"Availability": "Wann"}}, values={"Patients": {"Availability": {"abends": "evenings"}}}
    )
    for head in ("Wann", "Availability"):
        rows = write_rows(tmp_path / "new.csv", f"Patient,{head}\nP009,abends\n")
        found = edited_with(mapping, sheets, tmp_path, adds=(("Patients", rows),)).week
        assert found.patient_of["P009"].free == found.patient_of["P001"].free


def test_a_row_taken_out_takes_along_what_names_it(tmp_path: Path) -> None:
    found = edited(tmp_path, removes=("Patients/P002", "Therapists/Eli Fiction"))
    week = found.week
    assert ([one.id for one in week.patients], [one.id for one in week.therapists]) == (["P001", "P003"], ["T1"])
    assert (week.apart, week.together) == ((), ())
    assert [one.group for one in week.pins] == ["RP"], "a pin without its therapist would ask for something else"
    assert week.patient_of["P001"].primary_therapist is None
    told = {(one.code, one.place) for one in found.problems}
    assert ("therapist-taken-out", "Patients!O2") in told
    assert ("person-taken-out", "Apart!B2") in told


def test_a_group_taken_out_leaves_the_lists_that_name_it(tmp_path: Path) -> None:
    week = edited(tmp_path, removes=("Groups/RP",)).week
    assert [(one.group, one.times) for one in week.patient_of["P001"].required] == [("PROC", 2)]
    assert week.patient_of["P002"].preferred == ()
    assert week.therapist_of["T1"].groups == {"PROC"}
    assert len(week.pins) == 1


def test_a_row_of_a_sheet_without_ids(tmp_path: Path) -> None:
    assert edited(tmp_path, removes=("Pins/2",)).week.pins[0].group == "RP"
    (tmp_path / "j").mkdir()
    assert edited(tmp_path / "j", form="json", removes=("Pins/[0]",)).week.pins[0].group == "RP"


def test_a_person_in_place_of_another(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "new.csv", "Therapist,Availability,Groups\nT7,any,*\n")
    found = edited(tmp_path, "Pins/2/Therapist=T7", adds=(("Therapists", rows),), removes=("Therapists/T2",)).week
    assert found.pins[0].therapist == "T7"


# ---- what cannot be ----

BAD = {
    "no sheet": ("Patint/P001/Tags=a", "unknown-sheet", "did you mean 'Patients'?"),
    "no row": ("Patients/P01/Tags=a", "unknown-row", "did you mean 'P001'?"),
    "no such number": ("Apart/7/With=P001", "unknown-row", "rows go by their number here; known: 2"),
    "no column": ("Patients/P001/Availabilty=a", "unknown-column", "did you mean 'Availability'?"),
    "no sheet in the file": ("Previous/2/Patient=P001", "unknown-row", "--add-row Previous FILE adds rows"),
    "no value": ("Patients/P001/Tags", "edit-shape", "for example Therapists/T03/Max blocks=6"),
    "no column named": ("Patients/P001=3", "edit-shape", "for example Therapists/T03/Max blocks=6"),
    "added to a number": ("Groups/PROC/Max size+=2", "edit-no-list", "write = in place of +="),
}


@pytest.mark.parametrize("case", BAD)
def test_a_change_that_names_nothing_is_refused_with_the_nearest(case: str, tmp_path: Path) -> None:
    words, code, hint = BAD[case]
    problems = refused(tmp_path, words)
    assert errors_in(problems) == [(code, f"--set {words}")]
    assert hint in problems[0].hint


def test_no_name_stands_in_a_hint(tmp_path: Path) -> None:
    assert "did you mean 'T2'?" in refused(tmp_path, "Therapists/Elli Fiction/Groups=*")[0].hint
    assert refused(tmp_path, "Therapists/zzz/Groups=*")[0].hint == "known: T1, T2"


VALUES = {
    "Patients/P001/Availability=Mon 6-9": ("bad-availability", "Patients!E2"),
    "Patients/P001/Priority=9": ("out-of-range", "Patients!Q2"),
    "Groups/PROC/Max size=many": ("not-a-number", "Groups!D2"),
    "Patients/P001/Required groups=Relaps prevention": ("unknown-group", "Patients!K2"),
    "Patients/P002/Availability=": ("blank-availability", "Patients!E3"),
    "Patients/P001/Patient=P002": ("duplicate-id", "Patients!A3"),
    "Groups/PROC/Max size==1+1": ("formula", "Groups!D2"),
    "Groups/PROC/Max size=1": ("min-above-max", "Groups!C2"),
}


@pytest.mark.parametrize("words", VALUES)
def test_a_value_that_cannot_be_read_is_told_at_its_cell(words: str, tmp_path: Path) -> None:
    problems = refused(tmp_path, words, sheets=good_week())
    assert VALUES[words] in errors_in(problems)
    if VALUES[words][0] not in ("duplicate-id", "min-above-max"):  # those stand at the other cell
        told = next(one for one in problems if one.code == VALUES[words][0])
        assert told.message.endswith(f"(the cell's value comes from --set {words})")


def test_everything_wrong_comes_at_once(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "new.csv", "Therapist,Availability,Groups\nT7,,PROC\nT1,any,NOPE\n")
    problems = refused(
        tmp_path, "Patints/P001/Tags=a", "Patients/P001/Priority=9", "Patients/P003/Tags=a", "Patients/P003/Tags=b",
        sheets=spoiled({("Rooms", 2, "Capacity"): "x"}),
        adds=(("Therapists", rows), ("Apart", tmp_path / "none.csv")),
        removes=("Patients/P003", "Groups/NOPE", "Patients"),
    )  # fmt: skip
    assert set(errors_in(problems)) >= {
        ("unknown-sheet", "--set Patints/P001/Tags=a"),
        ("out-of-range", "Patients!Q2"),
        ("edit-twice", "--set Patients/P003/Tags=b"),
        ("not-a-number", "Rooms!C2"),
        ("blank-availability", "[new.csv]Therapists!B2"),
        ("duplicate-id", "[new.csv]Therapists!A3"),
        ("unknown-group", "[new.csv]Therapists!C3"),
        ("missing-file", ""),
        ("edit-twice", "--remove-row Patients/P003"),
        ("unknown-row", "--remove-row Groups/NOPE"),
        ("edit-shape", "--remove-row Patients"),
    }


@pytest.mark.parametrize(("name", "text", "code"), [
    ("empty.csv", "", "empty-file"),
    ("head.csv", "Therapist,Availability,Groups\n", "no-rows"),
    ("strange.csv", "a,b\n1,2\n", "no-header"),
    ("list.json", "[1]", "json-shape"),
    ("bad.json", "{", "not-json"),
    ("rows.txt", "Therapist\nT9\n", "unknown-format"),
])  # fmt: skip
def test_a_file_of_rows_that_holds_none(name: str, text: str, code: str, tmp_path: Path) -> None:
    rows = write_rows(tmp_path / name, text)
    assert code in [one.code for one in refused(tmp_path, adds=(("Therapists", rows),))]


def test_a_row_taken_out_twice_or_two_of_one_name(tmp_path: Path) -> None:
    problems = refused(tmp_path, removes=("Patients/P003", "Patients/Cy Madeup"))
    assert errors_in(problems) == [("edit-twice", "--remove-row Patients/Cy Madeup")]
    sheets = spoiled({("Patients", 3, "Name"): "Ann Example"})
    (tmp_path / "two").mkdir()
    problems = refused(tmp_path / "two", "Patients/Ann Example/Tags=a", sheets=sheets)
    assert ("ambiguous-row", "--set Patients/Ann Example/Tags=a") in errors_in(problems)


def test_an_added_row_is_never_written_over_and_findings_know_where_a_value_comes_from(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "new.csv", "Patient,With\nP001,P002\n")
    week = write_xlsx(good_week(), tmp_path / "week.xlsx")
    words = "Patients/P001/Availability=Wed 9:00-12:00"
    source = Source(week=week, edits=Edits(adds=(("Apart", rows),), sets=(words,)))
    assert rows in source.inputs
    told = [one for one in load(source).problems if one.place == "Patients!E2"]
    assert told
    assert all(one.message.endswith(f"comes from --set {words})") for one in told)
    assert Edits().words == ()
    assert not Edits()
    assert source.edits.words == (f"--add-row Apart {rows}", f"--set {words}")
