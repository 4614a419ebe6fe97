"""Whole bad files: each is refused quickly, with one plain reason, and nothing of it fills the machine."""

import io
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bad_inputs import good_week, profile, read, spoiled, write_folder, write_json, write_xlsx

from scheduler.domain.problems import InputRefused, Problem
from scheduler.intake import safety
from scheduler.intake.reader import read_week

SECONDS = 5.0


@contextmanager
def quickly() -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


def refused(path: Path) -> Problem:
    with quickly(), pytest.raises(InputRefused) as found:
        read_week(path, profile())
    assert len(found.value.problems) == 1, found.value.problems
    return found.value.problems[0]


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def good_bytes(tmp_path: Path) -> bytes:
    return write_xlsx(good_week(), tmp_path / "good.xlsx").read_bytes()


def with_part(data: bytes, name: str, change: bytes | None = None, **swap: bytes) -> bytes:
    """A workbook with one part put in place of another, or with ``old`` swapped for ``new`` in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename == name:
                part = change if change is not None else part.replace(swap["old"], swap["new"])
            copy.writestr(entry.filename, part)
    return target.getvalue()


FIRST_SHEET = "xl/worksheets/sheet1.xml"


def test_a_missing_file(tmp_path: Path):
    assert refused(tmp_path / "week.xlsx").code == "missing-file"


def test_an_empty_file(tmp_path: Path):
    assert refused(saved(tmp_path / "week.xlsx", b"")).code == "empty-file"


def test_a_path_with_a_zero_byte():
    assert refused(Path("week\0.xlsx")).code in ("unreadable-file", "missing-file")


def test_no_ordinary_file(tmp_path: Path):
    os.mkfifo(tmp_path / "week.xlsx")
    assert refused(tmp_path / "week.xlsx").code == "not-a-file"


def test_the_old_format(tmp_path: Path):
    problem = refused(saved(tmp_path / "week.xls", safety.OLE2_MAGIC + b"\0" * 5000))
    assert problem.code == "old-workbook"
    assert "save as .xlsx" in problem.hint


def test_the_old_format_under_the_new_name(tmp_path: Path):
    assert refused(saved(tmp_path / "week.xlsx", safety.OLE2_MAGIC + b"\0" * 5000)).code == "old-workbook"


def test_a_locked_workbook(tmp_path: Path):
    stub = safety.OLE2_MAGIC + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    problem = refused(saved(tmp_path / "week.xlsx", stub))
    assert problem.code == "encrypted-workbook"
    assert "password" in problem.hint


def test_a_zip_with_a_password(tmp_path: Path):
    data = bytearray(good_bytes(tmp_path))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refused(saved(tmp_path / "week.xlsx", bytes(data))).code == "encrypted-workbook"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_off(tmp_path: Path, share: float):
    data = good_bytes(tmp_path)
    assert refused(saved(tmp_path / "week.xlsx", data[: int(len(data) * share)])).code == "damaged-workbook"


def test_a_file_with_a_flipped_byte(tmp_path: Path):
    data = bytearray(good_bytes(tmp_path))
    at = data.index(b"xl/worksheets/sheet1.xml") + 200
    data[at] ^= 0xFF
    assert refused(saved(tmp_path / "week.xlsx", bytes(data))).code == "damaged-workbook"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html><table></table></html>", "web page"),
        (b"Patient,Availability\nP1,any\n", "CSV"),
        (bytes(range(256)) * 10, "save it again"),
    ],
)
def test_something_else_under_the_name_of_a_workbook(tmp_path: Path, data: bytes, words: str):
    problem = refused(saved(tmp_path / "week.xlsx", data))
    assert problem.code == "not-a-workbook"
    assert words in problem.hint


@pytest.mark.parametrize(
    ("part", "words"), [("mimetype", "OpenDocument"), ("xl/workbook.bin", "xlsb"), ("a.csv", "unpack")]
)
def test_a_zip_that_is_no_workbook(tmp_path: Path, part: str, words: str):
    with zipfile.ZipFile(tmp_path / "week.xlsx", "w") as archive:
        archive.writestr(part, "x")
    problem = refused(tmp_path / "week.xlsx")
    assert problem.code == "not-a-workbook"
    assert words in problem.hint


def _bomb(path: Path, part: str, megabytes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(part, "w") as handle:
            for _ in range(megabytes):
                handle.write(b" " * 1_000_000)
    return path


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/media/image1.png", "xl/sharedStrings.xml"])
def test_a_zip_bomb(tmp_path: Path, part: str):
    path = _bomb(tmp_path / "week.xlsx", part, 200)
    assert path.stat().st_size < 1_000_000
    assert refused(path).code == "too-large"


def test_a_zip_bomb_that_lies_about_its_size(tmp_path: Path):
    path = _bomb(tmp_path / "week.xlsx", "xl/worksheets/sheet1.xml", 200)
    size = (200 * 1_000_000).to_bytes(4, "little")
    lie = path.read_bytes().replace(size, (1000).to_bytes(4, "little"))
    assert refused(saved(path, lie)).code in ("too-large", "damaged-workbook")


def test_very_many_parts(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "week.xlsx", "w") as archive:
        for number in range(safety.MOST_ENTRIES + 1):
            archive.writestr(f"xl/{number}.xml", "")
    assert refused(tmp_path / "week.xlsx").code == "too-large"


def test_a_very_large_file_is_not_read_to_its_end(tmp_path: Path):
    path = tmp_path / "week.xlsx"
    with path.open("wb") as handle:
        handle.write(b"PK\x03\x04")
        handle.truncate(2_000_000_000)
    assert refused(path).code == "too-large"


@pytest.mark.parametrize(
    "prolog",
    [
        b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("part", [FIRST_SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_entities_are_refused_before_any_parser_sees_them(tmp_path: Path, prolog: bytes, part: str):
    data = good_bytes(tmp_path)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read(part)
    path = saved(tmp_path / "week.xlsx", with_part(data, part, prolog + content))
    assert refused(path).code == "unsafe-xml"


def test_xml_in_another_encoding_cannot_hide_entities(tmp_path: Path):
    sneaky = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")
    path = saved(tmp_path / "week.xlsx", with_part(good_bytes(tmp_path), FIRST_SHEET, sneaky))
    assert refused(path).code == "unreadable"


@pytest.mark.parametrize("part", [FIRST_SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"])
def test_broken_xml(tmp_path: Path, part: str):
    path = saved(tmp_path / "week.xlsx", with_part(good_bytes(tmp_path), part, b"<worksheet><sheetData><row"))
    assert refused(path).code == "unreadable"


def test_a_sheet_that_claims_to_fill_the_whole_grid_is_read_as_far_as_it_does(tmp_path: Path):
    data = good_bytes(tmp_path)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = archive.read(FIRST_SHEET)
    start = part.index(b"<dimension ref=") + len(b"<dimension ref=") + 1
    lie = part[:start] + b"A1:XFD1048576" + part[part.index(b'"', start) :]
    path = saved(tmp_path / "week.xlsx", with_part(data, FIRST_SHEET, lie))
    with quickly():
        assert len(read_week(path, profile()).week.patients) == 3


def test_formatted_but_empty_rows_to_the_very_end_are_no_rows(tmp_path: Path):
    rows = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in [*range(5, 30_000), 1_048_576]).encode()
    data = with_part(good_bytes(tmp_path), FIRST_SHEET, old=b"</sheetData>", new=rows + b"</sheetData>")
    with quickly():
        assert len(read_week(saved(tmp_path / "week.xlsx", data), profile()).week.patients) == 3


def test_a_filled_cell_past_the_last_row_is_not_dropped_in_silence(tmp_path: Path):
    row = b'<row r="30000"><c r="A30000" t="inlineStr"><is><t>P9</t></is></c></row></sheetData>'
    data = with_part(good_bytes(tmp_path), FIRST_SHEET, old=b"</sheetData>", new=row)
    problem = refused(saved(tmp_path / "week.xlsx", data))
    assert (problem.code, problem.sheet) == ("too-large", "Patients")


def test_a_filled_cell_past_the_last_column_is_not_dropped_in_silence(tmp_path: Path):
    row = b'<row r="9"><c r="XFD9" t="inlineStr"><is><t>P9</t></is></c></row></sheetData>'
    data = with_part(good_bytes(tmp_path), FIRST_SHEET, old=b"</sheetData>", new=row)
    assert refused(saved(tmp_path / "week.xlsx", data)).code == "too-large"


@pytest.mark.slow
def test_more_cells_than_any_week_needs(tmp_path: Path):
    row = "".join(f"<c><v>{column}</v></c>" for column in range(150))
    rows = "".join(f"<row>{row}</row>" for _ in range(4000)).encode()
    data = with_part(good_bytes(tmp_path), FIRST_SHEET, old=b"</sheetData>", new=rows + b"</sheetData>")
    path = saved(tmp_path / "week.xlsx", data)
    with pytest.raises(InputRefused) as found:
        read_week(path, profile())
    assert found.value.problems[0].code == "too-large"


def test_a_merge_of_the_whole_grid(tmp_path: Path):
    data = with_part(
        good_bytes(tmp_path),
        FIRST_SHEET,
        old=b"</sheetData>",
        new=b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    )
    with quickly():
        assert len(read_week(saved(tmp_path / "week.xlsx", data), profile()).week.patients) == 3


def test_macros_are_carried_and_never_run(tmp_path: Path):
    target = tmp_path / "week.xlsm"
    target.write_bytes(good_bytes(tmp_path))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\0" * 100)
    assert len(read_week(target, profile()).week.patients) == 3


def test_a_formula_with_a_stored_value_is_refused_too(tmp_path: Path):
    path = write_xlsx(spoiled({("Patients", 2, "Level"): "=C3"}), tmp_path / "week.xlsx")
    stored = with_part(path.read_bytes(), FIRST_SHEET, old=b"<f>C3</f><v />", new=b"<f>C3</f><v>adult</v>")
    problem = refused(saved(path, stored))
    assert (problem.code, problem.place, problem.value) == ("formula", "Patients!C2", "=C3")


def test_a_formula_in_a_sheet_or_column_that_is_not_read_does_not_matter(tmp_path: Path):
    sheets = {**good_week(), "Charts": [["=1+1"]]}
    sheets["Rooms"] = [[*sheets["Rooms"][0], "Square feet"], [*sheets["Rooms"][1], "=10*10"]]
    assert {problem.code for problem in read(sheets, tmp_path).problems} == {"extra-sheet", "unknown-column"}


# -------- folders of CSV


def test_a_folder_without_csv(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("hello")
    assert refused(tmp_path).code == "no-csv"


def test_a_place_without_a_name_is_called_by_its_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "week of May"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert refused(Path(".")).message == "the folder week of May holds no CSV file"
    assert refused(Path("..")).message == f"the folder {tmp_path.name} holds no CSV file"
    with pytest.raises(InputRefused, match="week of May is no ordinary file"):
        safety.read_bytes(Path("."))


def test_one_csv_alone(tmp_path: Path):
    problem = refused(saved(tmp_path / "patients.csv", b"Patient,Availability\nP1,any\n"))
    assert problem.code == "one-csv"
    assert "folder" in problem.hint


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_separator(tmp_path: Path, separator: str):
    sheets = spoiled({("Patients", 2, "Availability"): "evenings; Sat 9-12, not Wed\nnot Thu"})
    expected = read(sheets, tmp_path).week
    assert read_week(write_folder(sheets, tmp_path / "csv", separator), profile()).week == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_unicode(tmp_path: Path, encoding: str):
    folder = write_folder(good_week(), tmp_path / "csv")
    (folder / "rooms.csv").write_bytes("Room,Name,Capacity\nR1,Café,10\n".encode(encoding))
    file = read_week(folder, profile())
    assert file.week.rooms[0].name == "Café"
    assert file.problems == ()


def test_windows_text_is_read_with_a_notice(tmp_path: Path):
    folder = write_folder(good_week(), tmp_path / "csv")
    (folder / "rooms.csv").write_bytes("Room,Name,Capacity\nR1,Café,10\n".encode("cp1252"))
    file = read_week(folder, profile())
    assert file.week.rooms[0].name == "Café"
    assert [(problem.code, problem.sheet) for problem in file.problems] == [("encoding", "rooms")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"Room,Capacity\nR1,\x0010\n", "not-text"),
        (b"Room,Capacity\nR\x81\x8d,10\n", "unknown-encoding"),
        (b'Room,Capacity\n"R1,10\n', "unreadable"),
        (b"Room,Capacity\n" + b"," * 5000 + b"\n", "too-large"),
        (b"Room,Capacity\n" + b"R,1\n" * 30_000, "too-large"),
        (b"\xff\xfeR\x00\x00\xd8", "unknown-encoding"),
    ],
)
def test_bad_csv(tmp_path: Path, data: bytes, code: str):
    folder = write_folder(good_week(), tmp_path / "csv")
    (folder / "rooms.csv").write_bytes(data)
    problem = refused(folder)
    assert (problem.code, problem.sheet) in ((code, "rooms"), (code, "rooms.csv"))


def test_csv_places_are_those_of_a_spreadsheet(tmp_path: Path):
    folder = write_folder(good_week(), tmp_path / "csv")
    text = '# made up\r\n\r\nRoom,Name,Capacity\r\nR1,"two\r\nlines",10\r\nR2,,many\r\n'
    (folder / "rooms.csv").write_text(text, newline="")
    problem = refused(folder)
    assert (problem.code, problem.cell, problem.value) == ("not-a-number", "C5", "many")


def test_ragged_rows_and_a_stated_separator(tmp_path: Path):
    folder = write_folder(good_week(), tmp_path / "csv")
    (folder / "rooms.csv").write_text("sep=;\nRoom;Capacity\nR1;10;;;\nR2\n", encoding="utf-8")
    problem = refused(folder)
    assert (problem.code, problem.cell) == ("blank-cell", "B4")


def test_error_values_and_formulas_in_csv(tmp_path: Path):
    folder = write_folder(spoiled({("Rooms", 2, "Capacity"): "=5+5"}), tmp_path / "csv")
    assert (refused(folder).code, refused(folder).cell) == ("formula", "C2")
    folder = write_folder(spoiled({("Rooms", 2, "Room"): "#N/A"}), tmp_path / "other")
    assert (refused(folder).code, refused(folder).cell) == ("error-value", "A2")


# -------- JSON


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("   ", "not-json"),
        ("{", "not-json"),
        ("[" * 100_000, "not-json"),
        ('{"Patients":' * 20_000, "not-json"),
        ('{"a": ' + "9" * 10_000 + "}", "not-json"),
        ("[]", "json-shape"),
        ("7", "json-shape"),
        ('{"Patients": 5}', "json-shape"),
        ('{"Patients": ["P1"]}', "json-shape"),
        ('{"Patients": [{"Min hours": NaN}]}', "not-a-number"),
        ('{"Patients": [{"Min hours": -Infinity}]}', "not-a-number"),
        ('{"Patients": [], "Patients": []}', "repeated-key"),
        ('{"Patients": [{"Patient": "P1", "Patient": "P2"}]}', "repeated-key"),
    ],
)
def test_bad_json(tmp_path: Path, text: str, code: str):
    assert refused(saved(tmp_path / "week.json", text.encode())).code == code


def test_json_that_is_not_utf8(tmp_path: Path):
    assert refused(saved(tmp_path / "week.json", '{"é": []}'.encode("cp1252"))).code == "unknown-encoding"


def test_values_that_no_cell_holds(tmp_path: Path):
    path = write_json(spoiled({("Patients", 2, "Tags"): {"a": 1}}), tmp_path / "week.json")
    assert (refused(path).code, refused(path).place) == ("not-a-cell", "Patients![0].Tags")
    text = write_json(spoiled({("Patients", 2, "Min hours"): 777}), path).read_text()
    path.write_text(text.replace("777", "1e999"))
    assert (refused(path).code, refused(path).place) == ("not-a-number", "Patients![0].Min hours")


def test_lists_in_json_are_lists_in_a_cell(tmp_path: Path):
    path = write_json(spoiled({("Patients", 2, "Tags"): ["women", "night shift"]}), tmp_path / "week.json")
    assert read_week(path, profile()).week.patients[0].tags == {"women", "night shift"}


def test_signs_that_no_workbook_can_hold_fall_away(tmp_path: Path):
    path = write_json(spoiled({("Patients", 2, "Name"): "An\x07n\ud800 Ex\u200bample"}), tmp_path / "week.json")
    assert read_week(path, profile()).week.patients[0].name == "Ann Example"


def test_an_unknown_format(tmp_path: Path):
    assert refused(saved(tmp_path / "week.txt", b"hello")).code == "unknown-format"


SLOW_PARTS = {
    "cells": (b"", b"<c ", 9_000_000),
    "attributes": (b'<c r="AAA1" ', b'r="AAA1" ', 3_000_000),
    "signs": (b'<c r="', b">", 20_000_000),
    "comment": (b"<!-- ", b"<c>", 500_000),
    "rows": (b"", b"<row ", 6_000_000),
    "merges": (b"", b"<mergeCell ref=", 2_000_000),
}


@pytest.mark.parametrize("kind", sorted(SLOW_PARTS))
def test_parts_made_to_be_slow(tmp_path: Path, kind: str):
    head, piece, times = SLOW_PARTS[kind]
    data = with_part(good_bytes(tmp_path), FIRST_SHEET, head + piece * times)
    assert refused(saved(tmp_path / "week.xlsx", data)).code in ("unreadable", "too-large")


def test_very_many_unknown_names_are_told_quickly(tmp_path: Path):
    sheets = good_week()
    row = sheets["Patients"][1]
    sheets["Patients"] += [[f"Q{number}", *row[1:10], f"Group {number}", *row[11:]] for number in range(1500)]
    sheets["Groups"] += [[f"GROUP-{number:05d}"] + [None] * 13 for number in range(1500)]
    path = write_xlsx(sheets, tmp_path / "week.xlsx")
    with quickly(), pytest.raises(InputRefused) as found:
        read_week(path, profile())
    assert sum(problem.code == "unknown-group" for problem in found.value.problems) == 1500


def test_deeply_nested_xml(tmp_path: Path):
    part = b"<a>" * 200_000 + b"</a>" * 200_000
    data = with_part(good_bytes(tmp_path), "xl/workbook.xml", part)
    assert refused(saved(tmp_path / "week.xlsx", data)).code == "too-large"


def test_a_quoted_cell_full_of_separators_is_one_cell(tmp_path: Path):
    folder = write_folder(good_week(), tmp_path / "csv")
    (folder / "rooms.csv").write_text(f'Room,Name,Capacity\nR1,"{"a," * 400}",10\n', encoding="utf-8")
    assert read_week(folder, profile()).week.rooms[0].capacity == 10
