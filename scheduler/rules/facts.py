"""Short spellings of the facts that rules point at (sheet, row, column as documented)."""

from scheduler.domain.problems import FactRef
from scheduler.domain.week import Apart, Block, Group, Patient, Pin, Room, Therapist

SHEETS: dict[type, str] = {
    Patient: "Patients",
    Therapist: "Therapists",
    Group: "Groups",
    Room: "Rooms",
    Block: "Blocks",
}


def fact(row: Patient | Therapist | Group | Room | Block, column: str) -> FactRef:
    """The cell of a row with an id."""
    return FactRef(sheet=SHEETS[type(row)], row=row.id, column=column)


def pin_fact(pin: Pin, column: str) -> FactRef:
    """The cell of a pin."""
    return FactRef(sheet="Pins", row=str(pin.row), column=column)


def apart_fact(apart: Apart, column: str = "With") -> FactRef:
    """The cell of a row of the sheet Apart."""
    return FactRef(sheet="Apart", row=str(apart.row), column=column)
