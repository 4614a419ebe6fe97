"""A map of a foreign export: what it renames, and how it fails."""

from pathlib import Path
from typing import Any

import pytest
from bad_inputs import errors_in, good_week, problems_of, read

from scheduler.domain.problems import InputRefused
from scheduler.intake.mapping import SheetMap, load_map

MAP = """
sheets: {patients: "Client List (active)", Therapists: People}
columns:
  Patients: {Patient: "Ref.", availability: "Comes when?", Tags: "Name"}
values:
  Patients: {Modality: {"Zoom": telehealth, "On site": in person}, Tags: {F: women, M: men},
             Availability: {PM: evenings}}
  Groups: {Max size: {"99": "12"}}
"""


def loaded(tmp_path: Path, text: str) -> SheetMap:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return load_map(path)


def foreign() -> dict[str, list[list[Any]]]:
    week = good_week()
    return {
        "Client List (active)": [
            ["Ref.", "Name", "Comes when?", "Modality", "Patient"],
            ["P001", "f; night shift", "pm; Sat", "ZOOM", "not the id"],
        ],
        "People": week["Therapists"],
        "Groups": [["Group", "Max size"], ["PROC", 99]],
        "Rooms": week["Rooms"],
        "Patients": [["an old list"]],
    }


def test_sheets_columns_and_words_are_renamed(tmp_path: Path):
    mapping = loaded(tmp_path, MAP)
    sheets = {**foreign(), "Therapists": [["Therapist"], ["old"]]}
    file = read(
        {**sheets, "People": [["Therapist", "Availability", "Groups"], ["T1", "any", "*"]]}, tmp_path, mapping=mapping
    )
    patient = file.week.patients[0]
    assert (patient.id, patient.name, patient.modality) == ("P001", "", "telehealth")
    assert patient.tags == {"women", "night shift"}
    assert patient.free.covers(17 * 60, 22 * 60)
    assert patient.free.covers(5 * 1440, 6 * 1440)
    assert file.week.groups[0].max_size == 12
    assert [one.id for one in file.week.therapists] == ["T1"]
    told = {(problem.code, problem.place) for problem in file.problems}
    assert ("unknown-column", "Client List (active)!E1") in told
    assert {("extra-sheet", "Patients"), ("extra-sheet", "Therapists")} <= told


@pytest.mark.parametrize(
    ("text", "code", "cell", "hint"),
    [
        ("sheet: {Patients: a}", "unknown-key", "sheet", "sheets"),
        ("sheets: {Pateints: a}", "unknown-sheet", "sheets.Pateints", "Patients"),
        ("columns: {Clientele: {a: b}}", "unknown-sheet", "columns.Clientele", ""),
        ("columns: {Patients: {Availibility: b}}", "unknown-column", "columns.Patients.Availibility", "Availability"),
        ("values: {Patients: {Modallity: {a: b}}}", "unknown-column", "values.Patients.Modallity", "Modality"),
        ("values: {Patients: {Modality: telehealth}}", "map-shape", "values.Patients.Modality", ""),
        ("sheets: [Patients]", "map-shape", "sheets", ""),
        ("sheets: {Patients: }", "map-shape", "sheets.Patients", ""),
        ("sheets: {Patients: a, Patients: b}", "map-not-yaml", "line 1", ""),
        ("sheets: {Patients: *a}", "map-not-yaml", "line 1", ""),
        ("sheets: {Patients: [", "map-not-yaml", "line 1", ""),
    ],
)
def test_a_bad_map_is_refused_at_its_key(tmp_path: Path, text: str, code: str, cell: str, hint: str):
    with pytest.raises(InputRefused) as refused:
        loaded(tmp_path, text)
    problem = refused.value.problems[0]
    assert (problem.code, problem.sheet, problem.cell) == (code, "map.yaml", cell)
    assert problem.hint == hint


def test_all_that_is_wrong_with_a_map_is_told_at_once(tmp_path: Path):
    with pytest.raises(InputRefused) as refused:
        loaded(tmp_path, "a: 1\nsheets: {Foo: x}\ncolumns: {Groups: {Bar: y}}\n")
    assert [problem.code for problem in refused.value.problems] == ["unknown-key", "unknown-column", "unknown-sheet"]


def test_an_empty_map_changes_nothing(tmp_path: Path):
    assert loaded(tmp_path, "") == SheetMap()


def test_a_map_to_what_is_not_there_is_told_with_the_nearest(tmp_path: Path):
    mapping = SheetMap(sheets={"Rooms": "Rooom"}, columns={"Patients": {"Level": "Levl", "Availability": "Times"}})
    problems = problems_of(good_week(), tmp_path, mapping=mapping)
    assert errors_in(problems) == [
        ("mapped-column-missing", "Patients!A1"),
        ("mapped-column-missing", "Patients!A1"),
        ("mapped-sheet-missing", "Rooom"),
    ]
    assert {problem.hint for problem in problems if problem.code.startswith("mapped")} == {
        "did you mean 'Rooms'?",
        "did you mean 'Level'?",
        "correct the map",
    }
