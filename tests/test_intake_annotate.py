"""The marked copy of a workbook: every problem at its cell, and all of them in a list."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from bad_inputs import good_week, problems_of, profile, spoiled, write_folder, write_json, write_xlsx
from openpyxl.comments import Comment
from openpyxl.styles import Font

from scheduler.domain.problems import InputRefused, Problem, Severity
from scheduler.intake.annotate import FILLS, annotate
from scheduler.intake.reader import read_week

BAD = {
    ("Patients", 2, "Level"): "adlt",
    ("Patients", 3, "Availability"): "evenings; Tue 9:15-12",
    ("Patients", 4, "Max hours"): 3,
    ("Rooms", 2, "Capacity"): "=1+1",
}


def problems_in(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputRefused) as refused:
        read_week(path, profile())
    return refused.value.problems


def test_each_bad_cell_is_filled_and_commented_and_listed_with_a_link(tmp_path: Path):
    source = write_xlsx(spoiled(BAD), tmp_path / "week.xlsx")
    problems = problems_in(source)
    annotate(source, problems, tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    page = book["Patients"]
    expected = {"C2": Severity.ERROR, "E3": Severity.WARNING, "H4": Severity.NOTICE}
    for cell, severity in expected.items():
        assert page[cell].fill.start_color.rgb == FILLS[severity]
        assert page[cell].comment is not None
    assert "did you mean adult?" in page["C2"].comment.text
    assert page["C2"].value == "adlt"
    assert page["D2"].fill.fill_type is None
    assert book["Rooms"]["C2"].value == "=1+1"
    listed = book["Problems"]
    assert listed.max_row == 1 + len(problems)
    assert [listed.cell(2, column).value for column in (1, 2, 3, 4, 7)] == [
        "error", "Patients", "C2", "adlt", "unknown-level"]  # fmt: skip
    assert listed["C2"].hyperlink.location == "'Patients'!C2" or listed["C2"].hyperlink.target == "#'Patients'!C2"
    assert book.active.title == "Problems"


def test_the_users_own_work_stays(tmp_path: Path):
    source = write_xlsx({**spoiled(BAD), "Problems": [["mine"]]}, tmp_path / "week.xlsx")
    book = openpyxl.load_workbook(source)
    book["Patients"]["A1"].font = Font(bold=True, color="FF00FF00")
    book["Patients"]["C2"].comment = Comment("ask Dana", "me")
    book["Patients"].column_dimensions["E"].width = 44
    book["Patients"].freeze_panes = "B2"
    book["Groups"].sheet_state = "hidden"
    book["Patients"].merge_cells("D2:D4")
    book.save(source)
    before = source.read_bytes()
    annotate(source, problems_in(source), tmp_path / "marked.xlsx")
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    page = marked["Patients"]
    assert page["A1"].font.b
    assert page["A1"].font.color.rgb == "FF00FF00"
    assert page.column_dimensions["E"].width == 44
    assert page.freeze_panes == "B2"
    assert marked["Groups"].sheet_state == "hidden"
    assert page["C2"].comment.text.startswith("ask Dana")
    assert marked["Problems"]["A1"].value == "mine"
    assert marked["Problems 2"].max_row > 1
    assert source.read_bytes() == before


def test_a_problem_inside_a_merge_is_marked_at_its_first_cell(tmp_path: Path):
    source = write_xlsx(spoiled({("Patients", 2, "Level"): "adlt"}), tmp_path / "week.xlsx")
    book = openpyxl.load_workbook(source)
    book["Patients"].merge_cells("C2:C4")
    book.save(source)
    problems = problems_in(source)
    assert {problem.cell for problem in problems if problem.code == "unknown-level"} == {"C2", "C3", "C4"}
    annotate(source, problems, tmp_path / "marked.xlsx")
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx")["Patients"]["C2"].comment is not None


@pytest.mark.parametrize("form", ["csv", "json"])
def test_other_forms_become_a_workbook_of_the_rows_as_read(tmp_path: Path, form: str):
    sheets = spoiled(BAD)
    source = write_folder(sheets, tmp_path / "week") if form == "csv" else write_json(sheets, tmp_path / "week.json")
    annotate(source, problems_in(source), tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    page = book["patients" if form == "csv" else "Patients"]
    assert page["C2"].value == "adlt"
    assert page["C2"].fill.start_color.rgb == FILLS[Severity.ERROR]
    rooms = book["rooms" if form == "csv" else "Rooms"]
    assert (rooms["C2"].value, rooms["C2"].data_type) == ("=1+1", "s")
    assert book["Problems"]["C2"].hyperlink is not None


def test_a_file_that_cannot_be_opened_gives_the_list_alone(tmp_path: Path):
    source = tmp_path / "week.xlsx"
    source.write_bytes(b"PK\x03\x04 no more")
    annotate(source, problems_in(source), tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert book.sheetnames == ["Problems"]
    assert book["Problems"]["G2"].value == "damaged-workbook"


def test_no_problems_give_a_copy_with_an_empty_list(tmp_path: Path):
    source = write_xlsx(good_week(), tmp_path / "week.xlsx")
    annotate(source, problems_of(good_week(), tmp_path), tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert book["Problems"].max_row == 1
    assert read_week(tmp_path / "marked.xlsx", profile()).week == read_week(source, profile()).week


def test_the_marked_copy_is_read_as_the_same_week(tmp_path: Path):
    source = write_xlsx(spoiled(BAD), tmp_path / "week.xlsx")
    problems = problems_in(source)
    annotate(source, problems, tmp_path / "marked.xlsx")
    again = problems_in(tmp_path / "marked.xlsx")
    assert [p for p in again if p.code != "extra-sheet"] == list(problems)


def test_a_merge_of_the_whole_grid_is_not_unrolled(tmp_path: Path):
    source = write_xlsx(spoiled(BAD), tmp_path / "week.xlsx")
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    target = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b"</sheetData>", merge) if name.endswith("sheet4.xml") else part)
    source.write_bytes(target.getvalue())
    annotate(source, problems_in(source), tmp_path / "marked.xlsx")
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx")["Patients"]["C2"].comment is not None


def test_macros_stay(tmp_path: Path):
    source = write_xlsx(spoiled(BAD), tmp_path / "week.xlsm")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"made up")
    annotate(source, problems_in(source), tmp_path / "marked.xlsm")
    with zipfile.ZipFile(tmp_path / "marked.xlsm") as archive:
        assert archive.read("xl/vbaProject.bin") == b"made up"
    assert openpyxl.load_workbook(tmp_path / "marked.xlsm")["Patients"]["C2"].comment is not None
