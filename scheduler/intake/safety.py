"""Opening files that anybody may have sent: sizes are measured and never believed, and nothing is run or fetched.

A workbook is a zip of XML. Its entries are unpacked here once, in pieces, against limits (what they declare of
themselves is not trusted), and XML with a document type or entities is refused before any parser sees it: Excel
writes neither, and both are how small files are made to fill a machine.
"""

import hashlib
import io
import re
import zipfile
import zlib
from pathlib import Path

from scheduler.intake.collector import refusal

MEGABYTE = 1_000_000
MOST_FILE_BYTES = 40 * MEGABYTE
MOST_TEXT_BYTES = 16 * MEGABYTE
MOST_XML_BYTES = 48 * MEGABYTE
MOST_STYLE_BYTES = 8 * MEGABYTE
MOST_UNPACKED_BYTES = 120 * MEGABYTE
MOST_ENTRIES = 2_000
MOST_TAGS = 3_000_000
"""Opening and closing tags in a sheet or in the shared texts: a parser may keep an object for each."""
MOST_OTHER_TAGS = 300_000
MOST_TOKEN_BYTES = 300_000
"""The longest tag, text or comment. Some parsers read an unfinished one again with every piece that arrives."""
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CELLS = 400_000
MOST_SHEETS = 200

ZIP_MAGIC = b"PK\x03\x04"
OLE2_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PIECE = 1 << 18
_DECLARATION = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")
_PLAIN_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1"})
SAVE_AGAIN = "open it in Excel and save it again as .xlsx"


def called(path: Path) -> str:
    """What a file or folder is called in a message: its name, also where the path ends in ``.`` or ``..``."""
    if path.name not in ("", ".."):
        return path.name
    try:
        place = path.resolve()
    except (OSError, ValueError, RuntimeError):  # the folder that one stands in may be gone
        return str(path)
    return place.name or str(place)


def read_bytes(path: Path, most: int = MOST_FILE_BYTES, *, may_be_empty: bool = False) -> bytes:
    """The bytes of a regular file.

    Raises:
        InputRefused: if it is missing, no regular file, unreadable, larger than ``most``, or empty where it may not be.
    """
    name = called(path)
    try:
        if not path.exists():
            hint = "check the spelling of the path"
            raise refusal("missing-file", f"there is no file {name}", hint, value=str(path))
        if not path.is_file():
            raise refusal("not-a-file", f"{name} is no ordinary file", value=str(path))
        with path.open("rb") as handle:
            data = handle.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not usable"
        raise refusal("unreadable-file", f"{name} cannot be opened: {reason}", value=str(path)) from error
    if not data and not may_be_empty:
        raise refusal("empty-file", f"{name} is empty", value=name)
    if len(data) > most:
        raise refusal("too-large", f"{name} is larger than {most // MEGABYTE} MB", "keep one week in a file")
    return data


def sha256_of(data: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def check_workbook(data: bytes, name: str) -> None:
    """Make sure that bytes are a workbook that can be handed to a parser.

    Raises:
        InputRefused: if they are something else, encrypted, damaged, or would unpack to too much.
    """
    if data.startswith(OLE2_MAGIC):
        raise _old_or_encrypted(data, name)
    if not data.startswith(ZIP_MAGIC):
        raise refusal("not-a-workbook", f"{name} is not an Excel workbook", _guess(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise refusal("damaged-workbook", f"{name} is damaged or cut off", f"copy it again, or {SAVE_AGAIN}") from error


def _old_or_encrypted(data: bytes, name: str) -> Exception:
    if _ENCRYPTED in data:
        hint = "open it in Excel, take the password off (File, Info, Protect Workbook) and save it"
        return refusal("encrypted-workbook", f"{name} is locked with a password", hint)
    return refusal("old-workbook", f"{name} is in the old Excel format (.xls)", "save as .xlsx (Excel Workbook)")


def _guess(data: bytes) -> str:
    head = data[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        return f"it is a web page or XML with the name of a workbook; {SAVE_AGAIN}"
    if b"\x00" not in data[:4096]:
        return "it looks like text; CSV files are read from a folder with a file for each sheet, such as patients.csv"
    return SAVE_AGAIN


def _check_entries(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES:
        raise refusal("too-large", f"{name} holds {len(entries)} parts, more than any workbook needs", SAVE_AGAIN)
    if len(names) != len(set(names)):
        raise refusal("damaged-workbook", f"{name} holds a part twice", SAVE_AGAIN)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise refusal("encrypted-workbook", f"{name} is locked with a password", "take the password off and save it")
    if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
        raise refusal("not-a-workbook", f"{name} is a zip file, but no Excel workbook", _zip_guess(names))
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise _bomb(name)
    total = xml = 0
    for entry in entries:
        most = min(MOST_UNPACKED_BYTES - total, MOST_STYLE_BYTES if "styles" in entry.filename else MOST_XML_BYTES)
        size, is_xml = _check_entry(archive, entry, most, name)
        total, xml = total + size, xml + size * is_xml
        if total > MOST_UNPACKED_BYTES or xml > MOST_XML_BYTES:
            raise _bomb(name)


def _bomb(name: str) -> Exception:
    hint = "delete formatted but empty rows below the tables, and sheets that do not belong to the week"
    return refusal("too-large", f"{name} unpacks to more than any week needs; it was not read", hint)


def _zip_guess(names: list[str]) -> str:
    if "mimetype" in names:
        return "an OpenDocument file; save it as .xlsx"
    if "xl/workbook.bin" in names:
        return "a binary workbook (.xlsb); save it as .xlsx"
    if any(name.lower().endswith(".csv") for name in names):
        return "unpack the zip, and give the folder with the CSV files"
    return SAVE_AGAIN


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, name: str) -> tuple[int, bool]:
    """Unpack an entry in pieces, keeping none but XML; its true size, and whether it is XML."""
    is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    kept: list[bytes] = []
    size = 0
    with archive.open(entry) as handle:
        while piece := handle.read(_PIECE):
            size += len(piece)
            if size > most:
                raise _bomb(name)
            if is_xml:
                kept.append(piece)
    if is_xml:
        _check_xml(b"".join(kept), entry.filename, name)
    return size, is_xml


def _check_xml(part: bytes, part_name: str, name: str) -> None:
    declared = _DECLARATION.search(part[:400])
    encoding = declared.group(1).decode("ascii", "replace").lower() if declared else "utf-8"
    if encoding not in _PLAIN_ENCODINGS or b"\x00" in part[:64]:
        raise refusal(
            "unreadable", f"{name} is written in an encoding that Excel does not use ({part_name})", SAVE_AGAIN
        )
    is_cells = part_name.startswith("xl/worksheets/") or part_name.endswith("sharedStrings.xml")
    if part.count(b"<") > (MOST_TAGS if is_cells else MOST_OTHER_TAGS) or _has_long_token(part):
        raise _bomb(name)
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        message = f"{name} holds XML entities ({part_name}), which no spreadsheet needs; it was not read"
        raise refusal("unsafe-xml", message, SAVE_AGAIN)


def _has_long_token(part: bytes) -> bool:
    if max(map(len, part.split(b"<"))) > MOST_TOKEN_BYTES:
        return True
    at = part.find(b"<!--")
    while at >= 0:
        end = part.find(b"-->", at, at + MOST_TOKEN_BYTES)
        if end < 0:
            return True
        at = part.find(b"<!--", end)
    return False
