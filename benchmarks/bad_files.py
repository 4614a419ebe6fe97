"""Files that nobody should have to wait for: each is refused, and this says how to make it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB_BYTES = 200_000_000
_PIECE = 1_000_000


def zip_bomb(path: Path, good: Path) -> None:
    """A workbook whose first sheet unpacks to 200 MB of nothing."""
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                new.writestr(entry, old.read(entry))
        with new.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(BOMB_BYTES // _PIECE):
                sheet.write(b" " * _PIECE)


def cut_off(path: Path, good: Path) -> None:
    """The first half of a workbook, as a broken download leaves it."""
    data = good.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def locked(path: Path, _good: Path) -> None:
    """The shell of a workbook with a password."""
    path.write_bytes(OLE2 + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(4096))


def old_excel(path: Path, _good: Path) -> None:
    """The shell of an .xls file under the name of an .xlsx."""
    path.write_bytes(OLE2 + bytes(504) + "Workbook".encode("utf-16-le") + bytes(4096))


def formula(path: Path, good: Path) -> None:
    """A good workbook with a formula that was never calculated where an availability belongs."""
    book = openpyxl.load_workbook(good)
    page = book["Patients"]
    column = next(cell.column for cell in page[1] if cell.value == "Availability")
    page.cell(2, column, '=IF(1=1,"evenings","mornings")')
    book.save(path)


def empty_file(path: Path, _good: Path) -> None:
    """Nothing at all."""
    path.write_bytes(b"")


def empty_folder(path: Path, _good: Path) -> None:
    """A folder without CSV files."""
    path.with_suffix("").mkdir()


def text_file(path: Path, _good: Path) -> None:
    """Plain text under the name of a workbook."""
    path.write_text("Patient,Availability\nP1,evenings\n", "utf-8")


BAD_FILES: Mapping[str, Callable[[Path, Path], None]] = {
    "zip bomb (200 MB unpacked)": zip_bomb,
    "cut off half-way": cut_off,
    "locked with a password": locked,
    "old Excel (.xls)": old_excel,
    "formula in a cell": formula,
    "empty file": empty_file,
    "empty folder": empty_folder,
    "text named .xlsx": text_file,
}


def made(name: str, folder: Path, good: Path) -> Path:
    """Make the bad file of that name from a good week; its path."""
    path = folder / f"{len(list(folder.iterdir()))}.xlsx"
    BAD_FILES[name](path, good)
    return path if path.exists() else path.with_suffix("")
