"""The copy for the wall tells nobody's name or id, and not what is treated."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from report_fixtures import report, report_of, timetable, week

from scheduler.domain.week import Week
from scheduler.reports.report import Report
from scheduler.reports.workbook import write_wall


def telling_report() -> Report:
    """A week whose ids of people are words that could not stand in a file by chance, and some of whose groups tell."""
    one = week(40)
    as_json = one.model_dump_json()
    as_json = re.sub(r'"(\d{4})"', r'"patient-\1-id"', as_json)
    as_json = re.sub(r'"(T\d\d)"', r'"therapist-\1-id"', as_json)
    as_json = as_json.replace('"ANG"', '"Anger management"').replace('"TEL"', '"online process"')
    changed = Week.model_validate_json(as_json)
    table = timetable(one, 30)
    renamed = re.sub(r'"(\d{4})"', r'"patient-\1-id"', table.model_dump_json())
    renamed = re.sub(r'"(T\d\d)"', r'"therapist-\1-id"', renamed)
    renamed = renamed.replace('"ANG"', '"Anger management"').replace('"TEL"', '"online process"')
    owner = changed.therapists[0].name
    rooms = (changed.rooms[0].model_copy(update={"name": f"Office of {owner}"}), *changed.rooms[1:])
    return report_of(changed.model_copy(update={"rooms": rooms}), type(table).model_validate_json(renamed))


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wall") / "wall.xlsx"
    write_wall(target, telling_report())
    return target


def test_no_part_of_the_file_names_a_person_or_a_group(wall: Path) -> None:
    one = telling_report().week
    with ZipFile(wall) as packed:
        contents = {name: packed.read(name).decode("utf-8") for name in packed.namelist()}
    forbidden = [person.name for person in (*one.patients, *one.therapists)]
    # A therapist's label may stand in for a name in a room's name, but never a patient's id.
    forbidden += [patient.id for patient in one.patients]
    forbidden += [group.name for group in one.groups] + ["Anger", "online process"]
    for part, content in contents.items():
        for word in forbidden:
            assert word not in content, (part, word)
    assert not [name for name in contents if "comment" in name]


def test_it_is_one_plain_sheet(wall: Path) -> None:
    book = openpyxl.load_workbook(wall)
    assert book.sheetnames == ["Timetable"]
    assert book["Timetable"].sheet_state == "visible"
    assert not book.defined_names
    assert book.properties.creator == "group-therapy scheduler"
    assert book.properties.title == "Weekly timetable"


def test_cells_hold_code_room_and_headcount_only(wall: Path) -> None:
    made = telling_report()
    sheet = openpyxl.load_workbook(wall)["Timetable"]
    cells = [c.value for row in sheet.iter_rows(min_row=4, min_col=2) for c in row if c.value and "\n" in str(c.value)]
    assert len(cells) == len(made.timetable.sessions)
    codes, places = set(), set()
    for text in cells:
        code, place, count = text.split("\n")
        codes.add(code)
        places.add(place)
        assert re.fullmatch(r"\d+ / \d+", count)
    assert {"PRO", "G6", "G9"} <= codes
    assert "telehealth" in places


def test_a_room_called_after_somebody_does_not_name_them(wall: Path) -> None:
    words = " ".join(str(c.value) for row in openpyxl.load_workbook(wall)["Timetable"].iter_rows() for c in row)
    assert "Office of" not in words
    assert "R1" in words


def test_the_wall_copy_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_wall(tmp_path / name, report(20, 12))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
