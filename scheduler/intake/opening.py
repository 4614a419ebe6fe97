"""Any of the three forms of input -> raw sheets."""

from collections.abc import Sequence
from pathlib import Path

from scheduler.intake.collector import refusal
from scheduler.intake.columns import SheetSpec
from scheduler.intake.raw import RawFile
from scheduler.intake.safety import MOST_TEXT_BYTES, OLE2_MAGIC, ZIP_MAGIC, read_bytes, sha256_of


def open_source(path: Path, specs: Sequence[SheetSpec]) -> RawFile:
    """Open a workbook, a folder of CSV files or a JSON file, told apart by what they are.

    Raises:
        InputRefused: if it is none of these, or not safe to read.
    """
    if _is_folder(path):
        from scheduler.intake.csvfiles import read_folder  # pandas is wanted for CSV alone, and slow to load

        return read_folder(path, specs)
    data = read_bytes(path)
    if data.startswith((ZIP_MAGIC, OLE2_MAGIC)) or path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb"):
        from scheduler.intake.workbook import read_workbook  # likewise

        return RawFile(path, read_workbook(data, path.name), sha256_of(data))
    if path.suffix.lower() == ".json" or data.lstrip()[:1] in (b"{", b"["):
        from scheduler.intake.jsonfile import read_json

        if len(data) > MOST_TEXT_BYTES:
            raise refusal("too-large", f"{path.name} is larger than {MOST_TEXT_BYTES // 1_000_000} MB")
        return RawFile(path, read_json(data, path.name), sha256_of(data))
    if path.suffix.lower() == ".csv":
        hint = "put it in a folder with the other sheets (patients.csv, therapists.csv, ...) and give the folder"
        raise refusal("one-csv", f"{path.name} is one CSV file, which holds one sheet only", hint, value=path.name)
    hint = "expected a workbook (.xlsx), a folder of CSV files or a .json file"
    raise refusal("unknown-format", f"{path.name} is in a format that is not read", hint, value=path.name)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # said with its reason when the file is opened
        return False
