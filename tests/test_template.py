"""The empty workbook: it explains itself, and what is filled in is read back."""

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.domain.availability import DEFAULT_DAYPARTS, LanguageError, read_availability, read_dayparts
from scheduler.domain.problems import InputRefused, Severity
from scheduler.intake.columns import SHEETS
from scheduler.intake.profiles import load_profile
from scheduler.intake.reader import WeekFile, read_week
from scheduler.intake.template import AVAILABILITY_EXAMPLES, AVAILABILITY_SHEET, README_SHEET, write_template


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("template") / "empty.xlsx"
    write_template(target)
    return target


@pytest.fixture
def book(template: Path) -> Workbook:
    return load_workbook(template)


def rules_of(sheet: Worksheet, column: str) -> list[tuple[str, bool]]:
    """The drop-downs of a column: what they list, and whether anything else is refused."""
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == column)
    return [
        (str(rule.formula1), bool(rule.showErrorMessage))
        for rule in sheet.data_validations.dataValidation
        if f"{letter}3" in rule.sqref
    ]


def test_it_has_every_documented_sheet_and_column_between_two_pages_of_help(book: Workbook) -> None:
    assert book.sheetnames == [README_SHEET, *(spec.name for spec in SHEETS), AVAILABILITY_SHEET]
    for spec in SHEETS:
        assert [cell.value for cell in book[spec.name][1]] == [column.name for column in spec.columns]


def test_every_header_has_a_note_that_says_what_goes_there(book: Workbook) -> None:
    for spec in SHEETS:
        for cell, column in zip(book[spec.name][1], spec.columns, strict=True):
            assert cell.comment is not None
            assert column.about in cell.comment.text
            assert ("Must be filled" in cell.comment.text) == column.required


@pytest.mark.parametrize(
    ("sheet", "column", "listed", "strict"),
    [
        ("Patients", "Level", '"adult,adolescent"', False),
        ("Patients", "Modality", '"in person,telehealth,either"', True),
        ("Patients", "Priority", '"1,2,3,4,5"', True),
        ("Patients", "Primary therapist", "Therapists!$A$3:$A$2000", False),
        ("Therapists", "Modality", '"in person,telehealth,either"', True),
        ("Groups", "Kind", '"therapy,education,family"', True),
        ("Groups", "Facilitators", '"1,2"', True),
        ("Groups", "Modality", '"in person,telehealth"', True),
        ("Blocks", "Day", '"Mon,Tue,Wed,Thu,Fri,Sat,Sun"', True),
        ("Apart", "With", "Patients!$A$3:$A$2000", False),
        ("Together", "With", "Patients!$A$3:$A$2000", False),
        ("Pins", "Patient", "Patients!$A$3:$A$2000", False),
        ("Pins", "Block", "Blocks!$A$3:$A$2000", False),
        ("Pins", "Group", "Groups!$A$3:$A$2000", False),
        ("Pins", "Therapist", "Therapists!$A$3:$A$2000", False),
        ("Pins", "Room", "Rooms!$A$3:$A$2000", False),
    ],
)
def test_drop_downs(book: Workbook, sheet: str, column: str, listed: str, strict: bool) -> None:
    assert rules_of(book[sheet], column) == [(listed, strict)]


def test_lists_in_a_cell_have_no_drop_down_which_would_refuse_the_second_item(book: Workbook) -> None:
    assert rules_of(book["Patients"], "Required groups") == []
    assert rules_of(book["Therapists"], "Groups") == []


def test_the_header_stays_in_view_and_the_example_row_is_marked(book: Workbook) -> None:
    for spec in SHEETS:
        assert book[spec.name].freeze_panes == "B2"
        assert str(book[spec.name]["A2"].value).startswith("#")


def test_text_columns_keep_leading_zeros_and_do_not_turn_9_12_into_a_date(book: Workbook) -> None:
    for spec in SHEETS:
        assert book[spec.name].column_dimensions["A"].number_format == "@"
    assert book["Patients"].column_dimensions["E"].number_format == "@"
    assert book["Patients"].column_dimensions["G"].number_format == "General"


def test_the_availability_page_shows_only_cells_that_are_read_without_doubt(book: Workbook) -> None:
    parts = read_dayparts(DEFAULT_DAYPARTS)
    shown = {row[0]: row[1] for row in book[AVAILABILITY_SHEET].iter_rows(min_row=2, values_only=True) if row[1]}
    assert list(shown) == [text for text, _ in AVAILABILITY_EXAMPLES]
    assert all(not read_availability(text, parts).notes for text, _ in AVAILABILITY_EXAMPLES)
    assert shown["Tue-Thu after 17:30"] == "Tue-Thu 17:30-24:00"
    assert shown["weekdays; not Wed"] == "Mon/Tue/Thu/Fri"


def test_the_availability_page_tells_the_truth_about_bare_hours(book: Workbook) -> None:
    page = " ".join(str(cell) for row in book[AVAILABILITY_SHEET].iter_rows(values_only=True) for cell in row if cell)
    assert "A bare hour from 1 to 6 is refused" in page
    with pytest.raises(LanguageError):
        read_availability("Mon after 5", read_dayparts(DEFAULT_DAYPARTS))


def test_unfilled_it_is_refused_for_having_no_patients(template: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        read_week(template, load_profile("adult_iop"))
    wrong = [problem for problem in refused.value.problems if problem.severity is Severity.ERROR]
    assert {problem.sheet for problem in wrong} <= {"Patients", "Therapists", "Groups", "Rooms"}
    assert any(problem.sheet == "Patients" for problem in wrong)


def filled(template: Path, target: Path) -> WeekFile:
    """The template with a few rows below the examples, read back."""
    book = load_workbook(template)
    for sheet, cells in (
        ("Patients", {"Patient": "0012", "Availability": "evenings; not Wed", "Required groups": "Process x2"}),
        ("Patients", {"Patient": "0013", "Availability": "Mon 9-12", "Primary therapist": "T1", "Priority": 5}),
        ("Therapists", {"Therapist": "T1", "Availability": "any", "Groups": "*"}),
        ("Groups", {"Group": "PROC", "Name": "Process", "Max size": 10, "Open to": "adult"}),
        ("Rooms", {"Room": "R1", "Capacity": 12}),
        ("Apart", {"Patient": "0012", "With": "0013"}),
        ("Pins", {"Patient": "0013", "Block": "Mon-AM"}),
    ):
        header = [cell.value for cell in book[sheet][1]]
        book[sheet].append([cells.get(str(column)) for column in header])
    book.save(target)
    return read_week(target, load_profile("adult_iop"))


def test_filled_in_it_is_read_and_the_example_rows_are_not(template: Path, tmp_path: Path) -> None:
    week = filled(template, tmp_path / "filled.xlsx").week
    assert [patient.id for patient in week.patients] == ["0012", "0013"]
    assert [therapist.id for therapist in week.therapists] == ["T1"]
    assert [(group.id, group.max_size) for group in week.groups] == [("PROC", 10)]
    assert [room.capacity for room in week.rooms] == [12]
    assert week.patients[0].required[0].times == 2
    assert (week.apart[0].patient, week.apart[0].other_patient) == ("0012", "0013")
    assert week.pins[0].block == "Mon-AM"
    assert len(week.blocks) == 19, "an empty Blocks sheet leaves the profile's grid"


def test_the_pages_of_help_are_passed_over_with_a_notice(template: Path, tmp_path: Path) -> None:
    notices = [p for p in filled(template, tmp_path / "filled.xlsx").problems if p.severity is Severity.NOTICE]
    assert {README_SHEET, AVAILABILITY_SHEET} <= {notice.sheet for notice in notices}


def test_filled_in_nothing_is_wrong_or_doubtful(template: Path, tmp_path: Path) -> None:
    problems = filled(template, tmp_path / "filled.xlsx").problems
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []


def test_the_same_bytes_every_time(template: Path, tmp_path: Path) -> None:
    write_template(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()
