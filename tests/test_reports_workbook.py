"""The output workbook, read back as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from report_fixtures import RULES, report, report_of, timetable, week

from scheduler.domain.findings import Remark, RuleResult, Violation
from scheduler.domain.outcome import TierOutcome
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.week import Week
from scheduler.reports.frames import assignments_frame, sessions_frame
from scheduler.reports.labels import group_codes
from scheduler.reports.palette import GROUP_FILLS, fills
from scheduler.reports.report import Names, Report
from scheduler.reports.shortfalls import NOBODY_SHORT
from scheduler.reports.words import proof_words
from scheduler.reports.workbook import write_workbook

SHEETS = ["Timetable", "Patients", "Therapists", "Rooms", "Rosters", "Shortfalls", "Summary", "Sessions", "Assignments"]
TABLES = {"Patients", "Therapists", "Rooms", "Shortfalls", "Sessions", "Assignments"}
REPORT = report()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    return written(REPORT, tmp_path_factory.mktemp("book"))


def written(one: Report, folder: Path, names: Names = Names.FULL) -> openpyxl.Workbook:
    target = folder / f"{names}.xlsx"
    write_workbook(target, one, names=names)
    return openpyxl.load_workbook(target)


def changed(one: Week, **parts_of_it: object) -> Week:
    """A week with some of it changed, checked anew."""
    return Week.model_validate({**{name: getattr(one, name) for name in Week.model_fields}, **parts_of_it})


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def table(sheet: Worksheet) -> pd.DataFrame:
    head, *rows = sheet.values
    return pd.DataFrame(rows, columns=list(head), dtype=object)


def parts(path: Path) -> dict[str, str]:
    with ZipFile(path) as packed:
        return {name: packed.read(name).decode("utf-8") for name in packed.namelist()}


# --- the whole


def test_the_sheets_stand_in_the_order_of_the_design(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == SHEETS
    assert all(sheet.sheet_state == "visible" for sheet in book)


@pytest.mark.parametrize("title", SHEETS)
def test_every_sheet_is_ready_for_the_printer(book: openpyxl.Workbook, title: str) -> None:
    sheet = book[title]
    assert sheet.print_area
    assert sheet.oddFooter.center.text == "Page &P of &N"
    assert sheet.oddHeader.left.text == "&A"
    assert sheet.oddHeader.right.text == "Confidential"
    if title != "Rosters":
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    wide = title not in {"Rosters", "Summary"}
    assert sheet.page_setup.orientation == ("landscape" if wide else "portrait")


@pytest.mark.parametrize("title", sorted(TABLES))
def test_tables_begin_in_the_first_row_with_frozen_head_and_filter(book: openpyxl.Workbook, title: str) -> None:
    sheet = book[title]
    assert all(cell.value for cell in sheet[1])
    assert sheet.freeze_panes.endswith("2")
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.auto_filter.ref.startswith("A1:")


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    write_workbook(first, REPORT)
    time.sleep(1.1)  # the clock inside a document counts seconds
    write_workbook(second, REPORT)
    assert first.read_bytes() == second.read_bytes()


def test_the_bytes_do_not_depend_on_the_order_of_sets(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); from pathlib import Path; from report_fixtures import report;"
        "from scheduler.reports.workbook import write_workbook; write_workbook(Path(sys.argv[1]), report(12, 8))"
    )
    made = []
    for seed in ("1", "2"):
        target = tmp_path / f"{seed}.xlsx"
        subprocess.run(
            [sys.executable, "-c", code, str(target)],
            check=True,
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        made.append(target.read_bytes())
    assert made[0] == made[1]


def test_no_part_of_the_file_tells_when_or_by_whom_it_was_made(tmp_path: Path, book: openpyxl.Workbook) -> None:
    target = tmp_path / "w.xlsx"
    write_workbook(target, REPORT)
    with ZipFile(target) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert book.properties.creator == book.properties.lastModifiedBy == "group-therapy scheduler"
    assert book.properties.created == book.properties.modified
    assert book.properties.created.year == 2000


def test_a_stranger_in_the_timetable_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    stranger = Timetable(sessions=(Session(id="S", block="nowhere", group="PRO", therapists=()),))
    broken = REPORT.model_copy(update={"timetable": stranger})
    with pytest.raises(ValueError, match="does not know"):
        write_workbook(tmp_path / "w.xlsx", Report(**{name: getattr(broken, name) for name in Report.model_fields}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "bare",
    [
        changed(REPORT.week, patients=(), groups=(), rooms=(), therapists=(), blocks=()),
        REPORT.week,
    ],
    ids=["nothing at all", "nobody seated"],
)
def test_an_empty_timetable_is_still_a_workbook(tmp_path: Path, bare: Week) -> None:
    book = written(report_of(bare, Timetable()), tmp_path)
    assert book.sheetnames == SHEETS
    assert "No session runs this week." in texts(book["Rosters"])
    assert book["Sessions"]["A1"].value == "Session"
    assert book["Sessions"].max_row == 1


# --- machine sheets


@pytest.mark.parametrize(
    ("title", "frame"),
    [
        ("Sessions", sessions_frame(REPORT.week, REPORT.timetable)),
        ("Assignments", assignments_frame(REPORT.week, REPORT.timetable)),
    ],
)
@pytest.mark.parametrize("names", list(Names))
def test_machine_sheets_hold_exactly_the_frames(tmp_path: Path, title: str, frame: pd.DataFrame, names: Names) -> None:
    target = tmp_path / "w.xlsx"
    write_workbook(target, REPORT, names=names)
    text = {column: str for column in frame.columns if column not in {"Size", "Max size", "Hours"}}
    read = pd.read_excel(target, sheet_name=title, keep_default_na=False, dtype=text)
    assert list(read.columns) == list(frame.columns)
    for column in frame.columns:
        expected = ["" if pd.isna(one) else one for one in frame[column].tolist()]
        assert read[column].tolist() == expected, column


def test_ids_are_text_cells_and_keep_their_zeros(book: openpyxl.Workbook) -> None:
    for title, numbers in (("Sessions", {"Size", "Max size"}), ("Assignments", {"Hours"})):
        sheet = book[title]
        heads = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            for head, cell in zip(heads, row, strict=True):
                if cell.value is not None:
                    assert cell.data_type == ("n" if head in numbers else "s")
                    assert head in numbers or cell.number_format == "@"
    assert book["Assignments"]["A2"].value == "0001"


HOSTILE = (
    "=1+1",
    "+SUM(A1)",
    "-2",
    "@cmd",
    '=HYPERLINK("http://x.invalid","y")',
    "#N/A",
    "TRUE",
    "1e5",
    "0012",
    "2026-01-01",
    "_x0041_",
    "<b>&amp;</b>",
    "with\ttab",
    "two\nlines",
    "😀",
)


def hostile_report(words: tuple[str, ...] = HOSTILE) -> Report:
    """A week in which everything that a file may name carries one of the words, as id and as name."""
    one = week(len(words))
    new = dict(zip([p.id for p in one.patients], words, strict=True))
    patients = tuple(p.model_copy(update={"id": new[p.id], "name": new[p.id]}) for p in one.patients)
    word = words[0]
    groups = tuple(g.model_copy(update={"name": words[i % len(words)]}) for i, g in enumerate(one.groups))
    rooms = tuple(r.model_copy(update={"name": words[i % len(words)]}) for i, r in enumerate(one.rooms))
    staff = tuple(t.model_copy(update={"name": words[i % len(words)]}) for i, t in enumerate(one.therapists))
    table = timetable(one, 20)
    seats = tuple(Assignment(patient=new[a.patient], session=a.session) for a in table.assignments)
    sessions = tuple(s.model_copy(update={"id": f"{word}{s.id}"}) for s in table.sessions)
    seats = tuple(Assignment(patient=a.patient, session=f"{word}{a.session}") for a in seats)
    spoilt = changed(one, patients=patients, groups=groups, rooms=rooms, therapists=staff)
    made = report_of(spoilt, Timetable(sessions=sessions, assignments=seats))
    notice = made.run.model_copy(update={"notices": words, "profile": word})
    return made.model_copy(update={"run": notice})


@pytest.mark.parametrize("names", list(Names))
def test_text_is_never_a_formula(tmp_path: Path, names: Names) -> None:
    target = tmp_path / "w.xlsx"
    write_workbook(target, hostile_report(), names=names)
    for name, content in parts(target).items():
        if name.startswith("xl/worksheets/sheet"):
            assert "<f>" not in content, name
            assert "<f " not in content, name
    book = openpyxl.load_workbook(target)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "inlineStr"}, (sheet.title, cell.coordinate, cell.value)


def test_hostile_ids_come_back_unchanged_and_are_marked_as_typed_text(tmp_path: Path) -> None:
    made = hostile_report()
    book = written(made, tmp_path)
    read = table(book["Assignments"])
    assert set(read["Patient"]) == {a.patient for a in made.timetable.assignments}
    cells = [cell for (cell,) in book["Assignments"].iter_rows(min_row=2, max_col=1)]
    assert all(cell.quotePrefix == cell.value.startswith(("=", "+", "-", "@")) for cell in cells)


def test_characters_that_xml_forbids_are_shown_as_pictures(tmp_path: Path) -> None:
    book = written(hostile_report(("a\x00b", "bell\x07", "\x1b[31m", "\uffff")), tmp_path)
    names = {cell.value for cell in book["Patients"]["B"]}
    assert {"a␀b", "bell␇", "␛[31m"} <= names
    assert any("\ufffd" in name for name in names)


# --- what stands for a person


@pytest.mark.parametrize("names", [Names.IDS, Names.INITIALS])
def test_no_full_name_is_left_anywhere_in_the_file(tmp_path: Path, names: Names) -> None:
    leader, sitter = REPORT.week.therapists[0].name, REPORT.week.patients[0].name
    telling = REPORT.week.groups[0].model_copy(update={"name": f"{leader}'s group"})
    owned = REPORT.week.rooms[0].model_copy(update={"name": f"Office of {leader}"})
    one = changed(REPORT.week, groups=(telling, *REPORT.week.groups[1:]), rooms=(owned, *REPORT.week.rooms[1:]))
    made = report_of(one, REPORT.timetable)
    made = made.model_copy(update={"run": made.run.model_copy(update={"notices": (f"{sitter} was read twice",)})})
    target = tmp_path / "w.xlsx"
    write_workbook(target, made, names=names)
    for part, content in parts(target).items():
        for person in (*one.patients, *one.therapists):
            assert person.name not in content, part
        assert "Featherstonehaugh" not in content, part


def test_full_names_are_there_when_wanted(book: openpyxl.Workbook) -> None:
    assert {cell.value for cell in book["Patients"]["B"][1:]} == {p.name for p in REPORT.week.patients}


def test_with_ids_there_is_no_column_for_names(tmp_path: Path) -> None:
    book = written(REPORT, tmp_path, Names.IDS)
    for title in ("Patients", "Therapists", "Shortfalls"):
        assert "Name" not in [cell.value for cell in book[title][1]]


# --- Timetable


def cells_of_sessions(sheet: Worksheet) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in sheet.iter_rows(min_row=4, min_col=2):
        for cell in row:
            if isinstance(cell.value, str) and cell.value.count("\n") >= 3:
                found[cell.coordinate] = found.get(cell.coordinate, 0) + 1
    return found


def test_each_session_has_one_cell_on_its_day_with_group_facilitator_room_and_size(book: openpyxl.Workbook) -> None:
    sheet, board = book["Timetable"], REPORT.board
    days = {cell.value: cell.column for cell in sheet[3]}
    assert list(days) == ["Time", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert len(cells_of_sessions(sheet)) == len(REPORT.timetable.sessions)
    for row in sessions_frame(REPORT.week, REPORT.timetable).itertuples(index=False):
        session = board.session_of[row.Session]
        column = [c.value for (c,) in sheet.iter_rows(min_row=4, min_col=days[row.Day], max_col=days[row.Day])]
        leaders = " & ".join(REPORT.week.therapist_of[t].name for t in session.therapists)
        room = REPORT.week.room_of[session.room].name or session.room if session.room else "telehealth"
        most = row[-1]
        expected = f"{board.group(session).name}\n{leaders}\n{room}\n{row.Size} / {most}"
        assert expected in column


def test_bands_of_time_are_named_with_what_they_overlap(book: openpyxl.Workbook) -> None:
    labels = [text for text in (c.value for c in book["Timetable"]["A"]) if text and "-" in text]
    assert [label.split("\n")[0] for label in labels] == [
        "09:00-12:00",
        "09:15-12:15",
        "13:00-16:00",
        "16:30-19:30",
        "18:00-21:00",
    ]
    assert labels[1] == "09:15-12:15\n3 h\noverlaps\n09:00-12:00"
    assert "overlaps" not in labels[2]


def test_the_timetable_is_frozen_and_repeats_its_days_on_every_page(book: openpyxl.Workbook) -> None:
    sheet = book["Timetable"]
    assert sheet.freeze_panes == "B4"
    assert sheet.print_title_rows == "$3:$3"


def test_a_tall_week_turns_the_page_and_repeats_the_time(tmp_path: Path) -> None:
    sheet = written(report(300, 150), tmp_path)["Timetable"]
    breaks = [one.id for one in sheet.row_breaks.brk]
    assert breaks
    labels = {cell.row: cell.value for cell in sheet["A"] if cell.value}
    assert all(after + 1 in labels for after in breaks)
    assert any("(continued)" in label for label in labels.values())
    points, last = 0.0, 0
    for after in [*breaks, sheet.max_row]:
        points = sum(sheet.row_dimensions[row].height or 13 for row in range(last + 1, after + 1))
        assert points < 8.5 * 72
        last = after


def test_a_week_that_nearly_fits_is_printed_on_one_page(tmp_path: Path) -> None:
    sheet = written(report(30, 17), tmp_path)["Timetable"]
    assert not sheet.row_breaks.brk
    assert sheet.page_setup.fitToHeight == 1


def test_groups_have_a_colour_each_and_a_legend(book: openpyxl.Workbook) -> None:
    sheet = book["Timetable"]
    start = next(cell.row for cell in sheet["A"] if cell.value == "Groups")
    legend = [cell for row in sheet.iter_rows(min_row=start, min_col=2) for cell in row if cell.value]
    names = [re.sub(r" \(\d+\)$", "", cell.value) for cell in legend]
    assert names == [group.name for group in REPORT.week.groups]
    colour_of = {name: cell.fill.start_color.rgb for name, cell in zip(names, legend, strict=True)}
    assert len(set(colour_of.values())) == len(names)
    for place in cells_of_sessions(sheet):
        assert sheet[place].fill.start_color.rgb == colour_of[sheet[place].value.split("\n")[0]]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("fill", GROUP_FILLS)
def test_dark_text_reads_well_on_every_colour(fill: str) -> None:
    assert (luminance(fill) + 0.05) / (luminance("1A1A1A") + 0.05) >= 7


def test_a_second_round_of_colours_is_paler_and_not_the_same() -> None:
    found = fills([str(place) for place in range(40)])
    assert len(set(found.values())) == 32
    assert luminance(found["16"]) > luminance(found["0"])


def test_a_session_of_a_group_that_runs_too_seldom_carries_a_note_and_others_none(book: openpyxl.Workbook) -> None:
    sheet = book["Timetable"]
    noted = {c.value.split("\n")[0]: c.comment.text for row in sheet.iter_rows() for c in row if c.comment}
    assert noted == {"Process": "Group PRO runs 3 of the 4 sessions asked for this week."}


def test_broken_rules_and_weighty_remarks_are_noted_on_their_cells(tmp_path: Path) -> None:
    session, patient = REPORT.timetable.sessions[1].id, REPORT.week.patients[1].id
    breach = Violation(words="two places at once", sessions=(session,), patients=(patient,))
    rules = (RuleResult(rule="one-place-at-a-time", words="Nobody is twice.", violations=(breach,)),)
    minimum, plan, keep, *rest = REPORT.verification.goals
    lesser = Remark(part="p", words="hardly worth a note", amount=1, sessions=(session,), patients=(patient,))
    weighty = Remark(part="p", words="a pair was not brought together", amount=1, sessions=(session,))
    plan = plan.model_copy(update={"measure": plan.measure.model_copy(update={"remarks": (weighty,)})})
    keep = keep.model_copy(update={"measure": keep.measure.model_copy(update={"remarks": (lesser,)})})
    verification = REPORT.verification.model_copy(update={"rules": rules, "goals": (minimum, plan, keep, *rest)})
    book = written(REPORT.model_copy(update={"verification": verification}), tmp_path)
    notes = [c.comment.text for row in book["Timetable"].iter_rows() for c in row if c.comment]
    assert "Breaks the rule one-place-at-a-time: two places at once\na pair was not brought together" in notes
    patients = [c.comment.text for row in book["Patients"].iter_rows(min_row=3, max_row=3) for c in row if c.comment]
    assert patients == ["Breaks the rule one-place-at-a-time: two places at once"]
    assert not any("hardly" in note for note in notes)
    assert "one-place-at-a-time: two places at once" in texts(book["Summary"])


# --- Patients, Therapists, Rooms


def test_patients_show_their_sessions_hours_and_what_they_miss(book: openpyxl.Workbook) -> None:
    read = table(book["Patients"]).set_index("Patient")
    short_of = REPORT.shortfall_of
    statuses = set()
    for one in REPORT.week.patients:
        row, short = read.loc[one.id], short_of.get(one.id)
        assert row["Hours"] == REPORT.board.minutes_of(one.id) / 60
        assert row["Minimum"] == 9
        statuses.add(row["Status"])
        if short is None:
            assert (row["Status"], row["Hours short"], row["Why"]) == ("met", 0, None)
        else:
            assert row["Status"] == ("short" if short.hours_short else "plan missed")
            assert row["Hours short"] == short.hours_short
            assert row["Why"] == "\n".join(short.reasons)
            assert (row["Groups missed"] or "").startswith("Relapse prevention" if short.groups_missed else "")
        lines = [line for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat") for line in (row[day] or "").splitlines()]
        board = REPORT.board
        assert lines == [f"{board.block(s).clock} {board.group(s).name}" for s in board.of_patient(one.id)]
    assert statuses == {"met", "short", "plan missed"}


def test_short_patients_are_coloured_and_noted(book: openpyxl.Workbook) -> None:
    sheet = book["Patients"]
    (rules,) = [found.rules for found in sheet.conditional_formatting]
    status = next(cell.column_letter for cell in sheet[1] if cell.value == "Status")
    assert rules[0].formula == [f'${status}2<>"met"']
    for row in range(2, sheet.max_row + 1):
        cell = sheet[f"{status}{row}"]
        assert (cell.comment is not None) == (cell.value != "met")
        if cell.comment:
            assert "holds no block of this week" in cell.comment.text


def test_therapists_show_their_load_against_their_maximum(book: openpyxl.Workbook) -> None:
    read = table(book["Therapists"]).set_index("Therapist")
    assert read["Sessions"].sum() == sum(len(s.therapists) for s in REPORT.timetable.sessions)
    for one in REPORT.week.therapists:
        row = read.loc[one.id]
        if one.max_blocks is None:
            assert pd.isna(row["Load"])
        else:
            assert row["Load"] == pytest.approx(row["Sessions"] / one.max_blocks)


def test_rooms_show_the_time_and_the_seats_used(book: openpyxl.Workbook) -> None:
    read = table(book["Rooms"]).set_index("Room")
    blue = read.loc["R1"]
    held = REPORT.board.of_room("R1")
    assert blue["Hours used"] == 3 * len(held)
    # 17 blocks of three hours; the two odd ones add a quarter and one and a half hours to what the others cover.
    assert blue["Hours open"] == 17 * 3 + 0.25 + 1.5
    assert blue["Time used"] == pytest.approx(blue["Hours used"] / blue["Hours open"])
    assert blue["Seats used"] == pytest.approx(sum(map(REPORT.board.size, held)) / (12 * len(held)))


# --- Rosters


def roster_pages(sheet: Worksheet) -> list[list[list[object]]]:
    pages, first = [], 1
    for one in sheet.row_breaks.brk:
        pages.append([[c.value for c in row] for row in sheet.iter_rows(min_row=first, max_row=one.id)])
        first = one.id + 1
    assert first == sheet.max_row + 1
    return pages


def test_rosters_have_a_page_for_each_session_in_order_of_time(book: openpyxl.Workbook) -> None:
    pages, board, codes = roster_pages(book["Rosters"]), REPORT.board, group_codes(REPORT.week)
    frame = sessions_frame(REPORT.week, REPORT.timetable)
    assert len(pages) == len(REPORT.timetable.sessions)
    for number, (page, one) in enumerate(zip(pages, frame["Session"], strict=True), start=1):
        session = board.session_of[one]
        code = codes[session.group]
        words = [str(value) for row in page for value in row if value is not None]
        listed = [row[1] for row in page if isinstance(row[0], int)]
        assert sorted(listed) == sorted(REPORT.week.patient_of[p].name for p in board.roster[one])
        assert words[0].endswith(board.block(session).text)
        mark = one if code == session.group else number
        assert f"Session {mark}   Group {code}   Listed: {len(listed)}" in words
        assert any(word.startswith("Led by: ") for word in words)
        assert {"Signature", "Time in", "Time out"} <= set(words)
        for item in board.group(session).agenda:
            assert any(word.startswith("Agenda: ") and f"{item.title}, {item.minutes} min" in word for word in words)


def test_no_roster_names_what_is_treated(book: openpyxl.Workbook) -> None:
    words = " ".join(texts(book["Rosters"]))
    agenda = {item.title for group in REPORT.week.groups for item in group.agenda}
    for group in REPORT.week.groups:
        assert group.name in agenda or group.name not in words


def test_an_id_that_tells_what_is_treated_stands_only_below_the_fold(tmp_path: Path) -> None:
    plain = week(4)
    telling = plain.groups[0].model_copy(update={"id": "RELAPSE", "name": "Relapse prevention"})
    one = changed(plain, groups=(telling, *plain.groups))
    held = tuple(
        Session(id=f"{one.blocks[0].id}.RELAPSE.{n}", block=one.blocks[0].id, group="RELAPSE", therapists=(leader,))
        for n, leader in enumerate(("T01", "T02"), start=1)
    )
    seats = tuple(Assignment(patient=p.id, session=held[i % 2].id) for i, p in enumerate(one.patients))
    pages = roster_pages(written(report_of(one, Timetable(sessions=held, assignments=seats)), tmp_path)["Rosters"])
    assert len(pages) == 2
    for number, page in enumerate(pages, start=1):
        words = [str(value) for row in page for value in row if value is not None]
        fold = next(place for place, word in enumerate(words) if word.startswith("For staff: fold"))
        assert any(word.startswith(f"Session {number}   Group G1   ") for word in words[:fold])
        assert not any("relapse" in word.casefold() for word in words[:fold])
        assert f"Session {held[number - 1].id}" in words[fold:], "staff find it in the sheet Sessions"


@pytest.mark.parametrize("crowd", [1, 12, 35])
def test_a_roster_fits_its_page(tmp_path: Path, crowd: int) -> None:
    one = week(40)
    long = one.groups[0].model_copy(update={"max_size": None, "agenda": one.groups[2].agenda * 4})
    one = changed(one, groups=(long, *one.groups[1:]))
    held = Session(id="S1", block=one.blocks[0].id, group=long.id, therapists=("T01",), room="R3")
    seats = tuple(Assignment(patient=p.id, session="S1") for p in one.patients[:crowd])
    sheet = written(report_of(one, Timetable(sessions=(held,), assignments=seats)), tmp_path)["Rosters"]
    assert sum(sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1)) <= (11 - 1.2) * 72
    assert sum(sheet.column_dimensions[letter].width for letter in "ABCDE") * 7 / 96 <= 8.5 - 0.8


# --- Shortfalls


def test_shortfalls_say_who_what_why_and_what_would_mend_it(book: openpyxl.Workbook) -> None:
    sheet = book["Shortfalls"]
    count = len(REPORT.shortfalls)
    read = table(sheet).iloc[:count].set_index("Patient")
    assert set(read.index) == set(REPORT.shortfall_of)
    keys = list(zip(-read["Priority"], -read["Hours short"], strict=True))
    assert keys == sorted(keys)
    row = read.iloc[0]
    assert row["Why"].startswith("• Every session")
    assert row["Why"].count("\n• ") == 1
    assert row["What would mend it"].startswith("One more session")
    assert "Process: 3 of 4 sessions" in texts(sheet)


def served() -> Report:
    figures = REPORT.verification.figures.model_copy(update={"patients_short": 0, "hours_short": 0, "groups_missed": 0})
    verification = REPORT.verification.model_copy(update={"figures": figures})
    return Report(
        week=REPORT.week, timetable=REPORT.timetable, verification=verification, shortfalls=(), run=REPORT.run
    )


def test_when_nobody_is_short_it_says_so(tmp_path: Path) -> None:
    assert NOBODY_SHORT in texts(written(served(), tmp_path)["Shortfalls"])


def test_nobody_is_called_served_who_is_not(tmp_path: Path) -> None:
    unexplained = Report(
        week=REPORT.week, timetable=REPORT.timetable, verification=REPORT.verification, shortfalls=(), run=REPORT.run
    )
    words = " ".join(texts(written(unexplained, tmp_path)["Shortfalls"]))
    assert NOBODY_SHORT not in words
    assert f"{REPORT.verification.figures.patients_short} patients are short" in words


# --- Summary


def rows_of(sheet: Worksheet) -> list[list[object]]:
    return [[c.value for c in row if c.value is not None] for row in sheet.iter_rows()]


def after(sheet: Worksheet, heading: str) -> list[list[object]]:
    rows = rows_of(sheet)
    start = rows.index([heading]) + 1
    end = next((place for place in range(start, len(rows)) if not rows[place]), len(rows))
    return rows[start:end]


def test_the_headline_figures_have_their_exact_labels(book: openpyxl.Workbook) -> None:
    figures = REPORT.verification.figures
    found = {row[0].value: row[1].value for row in book["Summary"].iter_rows(min_row=2, max_row=7)}
    assert found == {
        "Patients": figures.patients,
        "Patients short": figures.patients_short,
        "Hours short": figures.hours_short,
        "Groups missed": figures.groups_missed,
        "Sessions": figures.sessions,
        "Assignments": figures.assignments,
    }


def tier(**changes: object) -> TierOutcome:
    given = {"tier": 1, "goals": {"weekly-minimum": 6}, "value": 18, "bound": 18, "gap": 0, "proven": True, **changes}
    return TierOutcome.model_validate(given)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Proven: no timetable can leave fewer hours short, weighed by priority."),
        ({"value": 0, "bound": 0}, "Proven: met in full, nothing is left to gain."),
        (
            {"tier": 3, "goals": {"continuity": 1}},
            "Proven: no timetable can keep more of last week while the tiers above keep their values.",
        ),
        ({"goals": {"mine": 1, "yours": 2}}, "Proven: no timetable can do better on mine and yours."),
        ({"proven": False, "gap": 0.02}, "Not proven best: at most 2 % better is possible."),
        ({"proven": False, "gap": 0.02001}, "Not proven best: at most 2.1 % better is possible."),
        ({"proven": False, "gap": 1}, "Not proven best: the search cannot say how much better is possible."),
        ({"proven": False}, "Not proven best, though no better bound is known than the value reached."),
    ],
)
def test_no_tier_claims_more_than_was_proven(changes: dict[str, object], words: str) -> None:
    assert proof_words(tier(**changes)) == words


def test_every_tier_is_told_in_words_and_in_figures(book: openpyxl.Workbook) -> None:
    words = texts(book["Summary"])
    for one in REPORT.run.tiers:
        assert any(word.endswith(proof_words(one)) and word.startswith(f"Tier {one.tier}, ") for word in words)
    head = next(row for row in rows_of(book["Summary"]) if row[:2] == ["Tier", "Goals"])
    assert head == ["Tier", "Goals", "Value", "Bound", "Gap", "Proven", "Seconds"]
    assert [2, "treatment-plan 4", 4, 3.9, 0.025, "no"] in rows_of(book["Summary"])


def test_goals_show_their_parts(book: openpyxl.Workbook) -> None:
    rows = after(book["Summary"], "Goals")
    measure = REPORT.verification.measure_of("weekly-minimum")
    assert rows[1] == ["weekly-minimum", "What weekly-minimum asks, in plain words.", measure.value, "hours"]
    assert rows[2] == ["first part", measure.parts["first part"]]


def test_every_rule_is_listed_with_its_count(book: openpyxl.Workbook) -> None:
    rows = after(book["Summary"], "Rules checked")
    assert [row[0] for row in rows[1:]] == [*RULES, "All rules"]
    assert all(row[-1] == 0 for row in rows[1:])


def test_hours_of_service_add_up_to_all_hours(book: openpyxl.Workbook) -> None:
    rows = after(book["Summary"], "Hours of service")[1:]
    board = REPORT.board
    held = sum(board.block(s).minutes for s in REPORT.timetable.sessions) / 60
    attended = sum(board.block(s).minutes * board.size(s) for s in REPORT.timetable.sessions) / 60
    assert rows[-1] == ["All", held, attended]
    assert sum(row[1] for row in rows[:-1]) == pytest.approx(held)
    assert sum(row[2] for row in rows[:-1]) == pytest.approx(attended)
    found = {row[0] for row in rows}
    assert {"Process", "Skills", "(no agenda given)", "(rest of the block)"} <= found


def test_seats_by_block_are_counted_and_charted(book: openpyxl.Workbook) -> None:
    sheet = book["Summary"]
    rows = after(sheet, "Seats by block")
    assert rows[0] == ["Block", "Time", "Sessions", "Seats used", "Seats offered", "Use"]
    assert [row[0] for row in rows[1:]] == [block.id for block in REPORT.week.blocks]
    assert sum(row[3] for row in rows[1:]) == len(REPORT.timetable.assignments)
    (chart,) = sheet._charts
    assert len(chart.series) == 2
    first = next(cell.row for cell in sheet["A"] if cell.value == "Block")
    assert chart.series[0].val.numRef.f == f"'Summary'!$D${first + 1}:$D${first + len(REPORT.week.blocks)}"


def test_the_run_record_allows_the_run_to_be_repeated(book: openpyxl.Workbook) -> None:
    record = {row[0]: row[1] for row in after(book["Summary"], "Run record")}
    run = REPORT.run
    assert record["Input SHA-256"] == run.input_sha256
    assert (record["Profile"], record["Seed"], record["Status"]) == (run.profile, run.seed, "feasible")
    assert record["Version of ortools"] == "9.15.6755"
    assert not any(key.startswith("Seconds") for key in record)
    assert [row[0] for row in after(book["Summary"], "Notices")] == [f"• {notice}" for notice in run.notices]


def test_seconds_are_told_unless_the_run_leaves_them_out(tmp_path: Path) -> None:
    record = {
        row[0]: row[1] for row in after(written(report(12, 8, reproducible=False), tmp_path)["Summary"], "Run record")
    }
    assert record["Seconds, solve"] == 6.5


def test_a_timetable_that_was_only_checked_claims_no_search(tmp_path: Path) -> None:
    checked = REPORT.model_copy(update={"run": REPORT.run.model_copy(update={"tiers": ()})})
    words = texts(written(checked, tmp_path)["Summary"])
    assert "No search was made: this timetable was checked, not found." in words
