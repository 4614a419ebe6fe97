"""What is pinned stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scheduler.domain.findings import Violation
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Pin
from scheduler.model.protocol import Rule
from scheduler.rules.facts import pin_fact

if TYPE_CHECKING:
    from scheduler.model.candidates import Cell
    from scheduler.model.plan import Plan


class Pins(Rule):
    """Every row of the sheet Pins: some session must match each filled cell."""

    id = "pins"
    words = "What is pinned stays: some session matches every filled cell of each row of Pins."
    formula = "for each pin: Σ over matching (b,g) of claim[b,g; patient, therapist, room] ≥ 1"

    def constrain(self, plan: Plan) -> None:
        for pin in plan.week.pins:
            options = [plan.claim(cell, *_asked(pin)) for cell in plan.candidates.cells if _matches_cell(pin, cell)]
            plan.model.add_bool_or([one for one in options if one is not None])
            plan.written[self.id] += 1

    def check(self, board: Board) -> Iterable[Violation]:
        for pin in board.week.pins:
            if not any(_matches(board, pin, session) for session in board.timetable.sessions):
                facts = (pin_fact(pin, first_column(pin)),)
                patients = (pin.patient,) if pin.patient is not None else ()
                yield Violation(words=f"no session matches the pin {pin_text(pin)}", patients=patients, facts=facts)


def pin_text(pin: Pin) -> str:
    """``(row 4: patient P003, block Tue-EVE)``."""
    filled = [(name, value) for name in COLUMNS if (value := getattr(pin, name)) is not None]
    return f"(row {pin.row}: {', '.join(f'{name} {value}' for name, value in filled)})"


COLUMNS = ("patient", "block", "group", "therapist", "room")


def first_column(pin: Pin) -> str:
    """The column of the pin's first filled cell."""
    return next((name for name in COLUMNS if getattr(pin, name) is not None), "patient").capitalize()


def _asked(pin: Pin) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    patients = (pin.patient,) if pin.patient is not None else ()
    therapists = (pin.therapist,) if pin.therapist is not None else ()
    return patients, therapists, pin.room


def _matches_cell(pin: Pin, cell: Cell) -> bool:
    return pin.block in (None, cell[0]) and pin.group in (None, cell[1])


def _matches(board: Board, pin: Pin, session: Session) -> bool:
    return (
        _matches_cell(pin, (session.block, session.group))
        and (pin.patient is None or pin.patient in board.roster[session.id])
        and (pin.therapist is None or pin.therapist in session.therapists)
        and pin.room in (None, session.room)
    )
