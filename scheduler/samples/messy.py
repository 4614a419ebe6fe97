"""A synthetic export as another system might write it, to show how such a file is read with a map.

Other sheet and column names, titles above the header, merged cells, a header that is printed again on each page, real
Excel times, numbers kept as text, ids with leading zeros, stray spaces and capitals, columns nobody asked for. All
people in it are invented.
"""

import csv
import io
from datetime import time
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.intake.template import save_book
from scheduler.samples.book import SYNTHETIC

Grid = list[list[Any]]

TITLE = "EXPORT 7.2   Weekly census"
_CLIENTS: Grid = [
    ["MRN #", "Client Name ", "LOC", "Special Population", "times avail.", "Treatment Plan", "visit type", "Acuity",
     "Payer class"],
    ["0012", "FAUXLEY, Arlo", "IOP-A", "men", "EVENINGS", "Relapse Prev", "On site", "routine", "C"],
    ["0013", "Dummond, Belisa ", "IOP-A", "Women", " evenings", "Process Grp", "On site", "routine", "C"],
    ["0019", "Nobodi, Cleo", "IOP-A", "women ", "Mon/Tue/Thu after 5:30 PM", "Process Grp", "On site", "HIGH", "M"],
    ["0104", "Testley, Davo", "IOP-A", "men; veterans", "Mon-Thu evenings", "Relapse Prev; Process Grp", "on site",
     "routine", "M"],
    ["0105", "Shamwell, Enola", "IOP-A", "women", "Mon evenings\nTue/Thu evenings", "Process Grp", "On Site",
     "routine", "C"],
    ["0230", "Standin, Fenna", "IOP-A", "women", "evenings, not Fri", "Relapse Prev", "On site", "low", "C"],
    ["0231", "Trialson, Galen", "IOP-A", "men", "Mon/Tue/Thu 6:00PM-9:00PM", "Process Grp", "On site",
     "routine", "C"],
    ["0232", "Paperman, Hanno", "IOP-A", "", "weeknights", "Relapse Prev", "Either", "routine", "M"],
    ["0301", "Seedling, Ilvi", "IOP-A", "women", "Evenings", "Online Process", "Zoom", "routine", "C"],
    ["0302", "Imagini, Jorin", "IOP-A", "men", "Mon-Thu after 17:30", "Online Process", "Zoom", "HIGH", "C"],
    ["0303", "Fictor, Lumi", "IOP-A", "", "Mon/Tue/Thu evenings", "Online Process", "ZOOM", "routine", "M"],
]  # fmt: skip
_CLINICIANS: Grid = [
    ["Staff ID", "Staff Name", "Hours", "Can Lead", "Max Groups", "License"],
    ["077", "Specimeno, Wim", "Mon-Thu after 3:30 pm", "Process Grp; Relapse Prev", "4", "LCSW"],
    ["078", "Virtualis, Veda", "evenings", "Process Grp, Relapse Prev", "4", "LPC"],
    ["081", "Unrealov, Tavo", "Mon-Thu 5 pm - 9:30 pm", "ALL", "5", "PhD"],
]
_CLASSES: Grid = [
    ["Class", "Title", "Min", "Cap", "Who", "Service Type", "Mode"],
    ["PG", "Process Grp", "3", "10", "IOP-A", "90853", "On site"],
    ["RP", "Relapse Prev", "3", "12", "IOP-A", "90853", "On site"],
    ["OP", "Online Process", "3", "8", "IOP-A", "90853", "Zoom"],
]
_SPACES: Grid = [["Room No", "Description", "Seats"], ["101", "Front room ", "10"], ["102", "Back room", "12"]]
_SLOTS: Grid = [["Slot", "Weekday", "Start Time", "End Time"]] + [
    [f"{day[:2]}1800", day, time(18), time(21)] for day in ("Monday", "Tuesday", "Wednesday", "Thursday")
]
_BILLING: Grid = [["Invoice", "Amount"], ["9001", "0.00"]]

MAP_YAML = f"""\
# How the sheets, columns and words of this export are called. {SYNTHETIC}
# Give it to a command with --map.
sheets:
  Patients: Client List
  Groups: Classes
columns:
  Patients:
    Patient: "MRN #"
    Availability: times avail.
    Modality: visit type
  Therapists:
    Availability: Hours
values:
  Patients:
    Level: {{IOP-A: adult}}
    Modality: {{Zoom: telehealth, On site: in person}}
    Availability: {{weeknights: evenings}}
    Priority: {{low: "2", routine: "3", high: "5"}}
  Therapists:
    Groups: {{ALL: "*"}}
  Groups:
    Open to: {{IOP-A: adult}}
    Kind: {{"90853": therapy}}
    Modality: {{Zoom: telehealth, On site: in person}}
"""


def write_messy(folder: Path) -> None:
    """Write the workbook, the same as CSV files with semicolons, and the map for both.

    Raises:
        OSError: if a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "map.yaml").write_text(MAP_YAML, encoding="utf-8")
    save_book(_book(), folder / "ehr_export.xlsx")
    _write_csvs(folder / "ehr_export_csv")


def _book() -> Workbook:
    book = Workbook()
    clients = book.worksheets[0]
    clients.title = "Client List"
    _title(clients, len(_CLIENTS[0]))
    _fill(clients, [*_CLIENTS[:7], _CLIENTS[0], [], *_CLIENTS[7:]])
    clients.append(["# end of export"])
    clients.merge_cells("C5:C10")
    for name, grid in (("CLINICIANS", _CLINICIANS), ("Classes", _CLASSES), ("Spaces", _SPACES)):
        _fill(book.create_sheet(name), grid)
    _fill(book.create_sheet("Time Slots"), _SLOTS)
    _fill(book.create_sheet("Billing"), _BILLING)
    return book


def _title(sheet: Worksheet, width: int) -> None:
    sheet.append([f"{TITLE}   {SYNTHETIC}"])
    sheet.append(["page 1"])
    sheet.append([])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    sheet["A1"].font = Font(bold=True, size=14)


def _fill(sheet: Worksheet, grid: Grid) -> None:
    for row in grid:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.number_format = "h:mm AM/PM" if isinstance(cell.value, time) else "@"


def _write_csvs(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    note: Grid = [[f"# {SYNTHETIC}"]]
    for name, grid in (
        ("Client List", note + _CLIENTS),
        ("Clinicians", note + _CLINICIANS),
        ("Classes", note + _CLASSES),
        ("Spaces", note + _SPACES),
        ("Time Slots", note + [[_clock(value) for value in row] for row in _SLOTS]),
    ):
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(grid)
        (folder / f"{name}.csv").write_bytes(text.getvalue().encode("utf-8-sig"))


def _clock(value: Any) -> Any:
    return f"{value.hour % 12}:{value.minute:02d} PM" if isinstance(value, time) else value
