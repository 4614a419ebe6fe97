"""The network workbook: many clinics solved in one go, ranked by trouble, with everybody who is short and why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from openpyxl.formatting.rule import DataBarRule

from scheduler.domain.network import ClinicResult, Short
from scheduler.domain.outcome import TierOutcome
from scheduler.reports.canvas import (
    BOXED,
    CENTRED,
    IDENTIFIER,
    NUMBER,
    SHARE,
    SHORT_FILL,
    Book,
    Canvas,
    Look,
    Value,
)
from scheduler.reports.network_figures import ENDING_WORDS, by_trouble, share
from scheduler.reports.network_overview import add_overview
from scheduler.reports.package import save
from scheduler.reports.palette import GROUP_FILLS
from scheduler.reports.shortfalls import GOOD_NEWS, NO_REMEDY
from scheduler.reports.table import Column, draw_table

LINK_INK = "1F5FA8"
PLACES = ("sheet", "cell", "value", "code", "message", "hint")
"""What is shown of a problem of a clinic that has no timetable."""

MOST_PROBLEMS = 40
"""So many problems of one clinic are shown."""


def write_network(target: Path, results: Sequence[ClinicResult]) -> None:
    """Write the workbook. The same results always give the same bytes.

    Args:
        target: where to; timetables are linked as seen from its folder.
        results: every clinic, in any order.

    Raises:
        OSError: if the target cannot be written.
    """
    ranked = by_trouble(results)
    book = Book("Network of clinics")
    add_overview(book, ranked)
    _add_clinics(book, ranked, target.parent)
    _add_use(book, ranked)
    _add_everybody_short(book, ranked)
    _add_unanswered(book, ranked)
    save(book.workbook, target)


# ---- clinics by trouble ----


def _add_clinics(book: Book, ranked: Sequence[ClinicResult], folder: Path) -> None:
    canvas = book.sheet("Clinics")
    tiers = sorted({tier.tier for one in ranked for tier in one.tiers})
    columns = [
        Column("Rank", 7, NUMBER),
        Column("Clinic", 22, IDENTIFIER),
        Column("Status", 11, CENTRED),
        Column("Exit code", 7, NUMBER),
        Column("Patients", 9, NUMBER.but(shape="#,##0")),
        Column("Patients short", 9, NUMBER),
        Column("Hours short", 9, NUMBER.but(shape="#,##0.##")),
        Column("Groups missed", 9, NUMBER),
        *(Column(f"Gap, tier {tier}", 8, SHARE.but(shape="0.0%")) for tier in tiers),
        Column("Seconds", 9, NUMBER.but(shape="0.0")),
        Column("Memory, MB", 10, NUMBER.but(shape="#,##0")),
        Column("Profile", 16),
        Column("Timetable or first problem", 44),
    ]
    rows = [_clinic_row(place, one, tiers) for place, one in enumerate(ranked, start=1)]
    draw_table(canvas, columns, rows, freeze="C2")
    for row, one in enumerate(ranked, start=2):
        _mark(canvas, row, one)
        if one.answered and one.output:
            _link(canvas, row, len(columns), Path(one.output), folder)


def _clinic_row(rank: int, one: ClinicResult, tiers: Sequence[int]) -> list[Value]:
    gaps: dict[int, TierOutcome] = {tier.tier: tier for tier in one.tiers}
    figures = one.figures
    counted: list[Value] = [None] * 4
    if figures is not None:
        counted = [figures.patients, figures.patients_short, figures.hours_short, figures.groups_missed]
    return [
        rank,
        one.clinic,
        one.status,
        one.exit_code,
        *counted,
        *(gaps[tier].gap if tier in gaps else None for tier in tiers),
        one.seconds,
        one.memory_mb,
        one.profile,
        Path(one.output).name if one.answered else one.problem or ENDING_WORDS.get(one.status, one.status),
    ]


def _mark(canvas: Canvas, row: int, one: ClinicResult) -> None:
    """Fill what is wrong: the clinic without a timetable, and each amount that ought to be nought."""
    if one.figures is None:
        _fill(canvas, row, 2, IDENTIFIER)
        _fill(canvas, row, 3, CENTRED)
        return
    lacking = (one.figures.patients_short, one.figures.hours_short, one.figures.groups_missed)
    for column, amount in enumerate(lacking, start=6):
        if amount:
            _fill(canvas, row, column, NUMBER)


def _fill(canvas: Canvas, row: int, column: int, look: Look) -> None:
    cell = canvas.sheet.cell(row, column)
    canvas.put(row, column, cell.value, look.but(fill=SHORT_FILL, shape=cell.number_format))  # type: ignore[arg-type]


def _link(canvas: Canvas, row: int, column: int, output: Path, folder: Path) -> None:
    """Let a cell open the clinic's timetable, where there is a way to it from the folder."""
    try:
        way = os.path.relpath(output.absolute(), folder.absolute())
    except ValueError:  # another drive
        return
    cell = canvas.put(row, column, output.name, BOXED.but(ink=LINK_INK))
    cell.hyperlink = PurePosixPath("/", Path(way).as_posix()).as_uri().removeprefix("file:///")
    canvas.book.style(cell, BOXED.but(ink=LINK_INK), quoted=False)


# ---- seats and therapists ----


def _add_use(book: Book, ranked: Sequence[ClinicResult]) -> None:
    canvas = book.sheet("Seats and therapists")
    count = NUMBER.but(shape="#,##0")
    columns = [
        Column("Clinic", 22, IDENTIFIER),
        Column("Sessions", 10, count),
        Column("Seats taken", 10, count),
        Column("Seats offered", 10, count),
        Column("Seats free", 10, count),
        Column("Seats used", 16, SHARE),
        Column("Therapists' blocks led", 13, count),
        Column("Blocks they may lead", 13, count),
        Column("Blocks free", 10, count),
        Column("Therapists used", 16, SHARE),
        Column("Hours short", 10, NUMBER.but(shape="#,##0.##")),
    ]
    with_use = [one for one in ranked if one.use is not None]
    fullest_first = sorted(with_use, key=lambda one: (-(_therapists_used(one) or 0), one.clinic))
    last = draw_table(canvas, columns, [_use_row(one) for one in fullest_first], freeze="B2")
    if fullest_first:
        for column, fill in (("F", GROUP_FILLS[0]), ("J", GROUP_FILLS[2])):
            bar = DataBarRule("num", 0, "num", 1, color=f"FF{fill}", showValue=True)  # type: ignore[no-untyped-call]
            canvas.sheet.conditional_formatting.add(f"{column}2:{column}{last}", bar)


def _therapists_used(one: ClinicResult) -> float | None:
    return share(one.use.blocks_led, one.use.blocks_possible) if one.use is not None else None


def _use_row(one: ClinicResult) -> list[Value]:
    use, figures = one.use, one.figures
    assert use is not None
    return [
        one.clinic,
        figures.sessions if figures else None,
        use.seats_taken,
        use.seats,
        use.seats - use.seats_taken,
        share(use.seats_taken, use.seats),
        use.blocks_led,
        use.blocks_possible,
        use.blocks_possible - use.blocks_led,
        _therapists_used(one),
        figures.hours_short if figures else None,
    ]


# ---- everybody short, and clinics without a timetable ----


def _add_everybody_short(book: Book, ranked: Sequence[ClinicResult]) -> None:
    canvas = book.sheet("Everybody short")
    columns = [
        Column("Clinic", 20, IDENTIFIER),
        Column("Patient", 10, IDENTIFIER),
        Column("Priority", 9, NUMBER),
        Column("Hours short", 9, NUMBER),
        Column("Groups missed", 16),
        Column("Why", 46),
        Column("What would mend it", 46),
    ]
    everybody = [(one.clinic, short) for one in ranked for short in one.short]
    # Stable: those alike stay in the order of their clinics' trouble.
    everybody.sort(key=lambda entry: (-entry[1].priority, -entry[1].hours))
    last = draw_table(canvas, columns, [_short_row(clinic, short) for clinic, short in everybody], freeze="C2")
    if not everybody:
        _say(canvas, last, "Nobody is short in any clinic that has a timetable.")


def _short_row(clinic: str, short: Short) -> list[Value]:
    return [
        clinic,
        short.patient,
        short.priority,
        short.hours,
        "; ".join(short.groups),
        short.reason,
        short.remedy or NO_REMEDY,
    ]


def _add_unanswered(book: Book, ranked: Sequence[ClinicResult]) -> None:
    canvas = book.sheet("Without a timetable")
    columns = [
        Column("Clinic", 20, IDENTIFIER),
        Column("Status", 11, CENTRED),
        Column("Input", 30),
        Column("Sheet", 14),
        Column("Cell", 9, CENTRED),
        Column("Found", 18, BOXED.but(shape="@")),
        Column("Code", 20),
        Column("What is wrong", 46),
        Column("The way out", 36),
    ]
    rows = [row for one in ranked if not one.answered for row in _problem_rows(one)]
    last = draw_table(canvas, columns, rows, freeze="B2")
    if not rows:
        _say(canvas, last, "Every clinic has a timetable.")


def _problem_rows(one: ClinicResult) -> list[list[Value]]:
    """A row for each error of the clinic; one row that says how it ended where it has none."""
    head: list[Value] = [one.clinic, one.status, one.input]
    errors = [problem for problem in one.problems if problem.get("severity", "error") == "error"]
    told: list[list[Value]] = [
        [*head, *(str(problem.get(key, "")) for key in PLACES)] for problem in errors[:MOST_PROBLEMS]
    ]
    if len(errors) > MOST_PROBLEMS:
        told.append([*head, "", "", "", "", f"... and {len(errors) - MOST_PROBLEMS} more: validate shows them all", ""])
    return told or [[*head, "", "", "", "", one.problem or ENDING_WORDS.get(one.status, one.status), ""]]


def _say(canvas: Canvas, last: int, text: str) -> None:
    canvas.put(last + 2, 1, text, GOOD_NEWS)
    canvas.height(last + 2, 20)
