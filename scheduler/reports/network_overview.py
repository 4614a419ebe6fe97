"""The first sheet of the network workbook: how the clinics ended, the sums over them, and charts."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList

from scheduler.domain.network import ClinicResult
from scheduler.reports.canvas import BOXED, CENTRED, HEAD, HEAD_FILL, IDENTIFIER, NUMBER, SHORT_FILL, Book, Look
from scheduler.reports.network_figures import BANDS, ENDING_WORDS, Totals, banded, by_trouble, share, totals_of
from scheduler.reports.page import Page
from scheduler.reports.palette import GROUP_FILLS

WIDTHS = (26.0, 13.0, 13.0, 13.0, 13.0, 13.0)
MOST_CHARTED = 10
"""So many clinics stand in a chart; the sheet Clinics has all."""

FIGURE = Look(size=12, bold=True, lines="box", down="center", across="center")
FIGURE_LABEL = Look(size=10, lines="box", down="center", indent=1)
WARM = "C8642D"
CHART_WIDTH_CM, CHART_HEIGHT_CM = 17, 8
BAR_CM = 0.5
ROW_CM = 0.53
"""The usual height of a row."""


def add_overview(book: Book, results: Sequence[ClinicResult]) -> None:
    """Add the sheet `Network`."""
    page = Page(book.sheet("Network"), "Network", WIDTHS)
    totals = totals_of(results)
    page.sentence(verdict(totals))
    page.row += 1
    _figures(page, totals)
    _endings(page, totals)
    _worst(page, results)
    _bands(page, results)
    page.canvas.page(rows=page.row - 1, columns=page.columns, landscape=False)


def verdict(totals: Totals) -> str:
    """What came of it all, in a sentence or two."""
    if not totals.clinics:
        return "There was no clinic to solve."
    first = _answered(totals)
    if not totals.answered:
        return first
    if totals.everybody_served == totals.answered:
        return f"{first} Nobody is short."
    lacking = []
    if totals.patients_short:
        people = "1 patient is" if totals.patients_short == 1 else f"{totals.patients_short} patients are"
        lacking.append(f"{people} {totals.hours_short:g} hours short")
    if totals.groups_missed:
        groups = "1 planned group is" if totals.groups_missed == 1 else f"{totals.groups_missed} planned groups are"
        lacking.append(f"{groups} missed")
    return f"{first} In {totals.answered - totals.everybody_served} not everybody is served: {', '.join(lacking)}."


def _answered(totals: Totals) -> str:
    if totals.clinics == 1:
        return f"The clinic has {'a' if totals.answered else 'no'} timetable."
    if not totals.unanswered:
        return f"All {totals.clinics} clinics have a timetable."
    lacking = f"{totals.unanswered} {'has' if totals.unanswered == 1 else 'have'} none"
    return f"{totals.answered} of {totals.clinics} clinics have a timetable; {lacking}."


def _figures(page: Page, totals: Totals) -> None:
    seats, blocks = share(totals.seats_taken, totals.seats), share(totals.blocks_led, totals.blocks_possible)
    rows: tuple[tuple[tuple[str, int | float | None], ...], ...] = (
        (("Clinics", totals.clinics), ("Patients", totals.patients)),
        (("Without a timetable", totals.unanswered), ("Patients short", totals.patients_short)),
        (("Everybody served", totals.everybody_served), ("Hours short", totals.hours_short)),
        (("Sessions", totals.sessions), ("Groups missed", totals.groups_missed)),
        (("Seats taken", seats), ("Therapists' blocks led", blocks)),
    )
    for (left, amount), (right, other) in rows:
        looks = [FIGURE_LABEL, _figure(left, amount), FIGURE_LABEL, _figure(right, other)]
        page.line([(left, 1), (amount, 1), (right, 2), (other, 2)], looks)
        page.canvas.height(page.row - 1, 18)


def _figure(label: str, amount: float | None) -> Look:
    if label in ("Seats taken", "Therapists' blocks led"):
        return FIGURE.but(shape="0.0%")
    lacking = label in ("Without a timetable", "Patients short", "Hours short", "Groups missed") and amount
    return FIGURE.but(shape="#,##0.##" if label == "Hours short" else "#,##0", fill=SHORT_FILL if lacking else None)


def _endings(page: Page, totals: Totals) -> None:
    page.heading("How the clinics ended")
    page.line([("Status", 1), ("Clinics", 1), ("In words", 4)], HEAD)
    for status, count in totals.endings.items():
        page.line([(status, 1), (count, 1), (ENDING_WORDS.get(status, status), 4)], [BOXED, CENTRED, BOXED])


def _worst(page: Page, results: Sequence[ClinicResult]) -> None:
    """The clinics with the most hours short, as a table and as bars."""
    short = [one for one in by_trouble(results) if one.figures is not None and one.figures.hours_short > 0]
    if not short:
        return
    page.heading(f"Most hours short{f' ({MOST_CHARTED} of {len(short)} clinics)' if len(short) > MOST_CHARTED else ''}")
    head = page.row
    page.line([("Clinic", 1), ("Hours short", 1), ("Patients short", 1), ("Patients", 1), ("Groups missed", 2)], HEAD)
    for one in short[:MOST_CHARTED]:
        figures = one.figures
        assert figures is not None
        amounts = (figures.hours_short, figures.patients_short, figures.patients)
        cells = [(one.clinic, 1), *((amount, 1) for amount in amounts), (figures.groups_missed, 2)]
        page.line(cells, [IDENTIFIER.but(shrink=True), *[NUMBER] * 4])
    chart = _bars("Hours short", head, page, columns=(2, 2), fills=(WARM,))
    chart.type = "bar"
    chart.x_axis.scaling.orientation = "maxMin"  # the worst stands on top, as in the table
    chart.legend = None
    chart.height = max(4, round(2 + BAR_CM * (page.row - head - 1)))
    _place(page, chart)


def _bands(page: Page, results: Sequence[ClinicResult]) -> None:
    """How many clinics use how much of their seats and of their therapists, as a table and as columns."""
    uses = [one.use for one in results if one.use is not None]
    if not uses:
        return
    page.canvas.break_after(page.row)
    page.heading("How much of the seats and of the therapists' time the clinics use")
    head = page.row
    page.line([("Used", 1), ("Clinics, by seats", 2), ("Clinics, by therapists", 3)], HEAD)
    seats = banded([share(one.seats_taken, one.seats) for one in uses])
    led = banded([share(one.blocks_led, one.blocks_possible) for one in uses])
    for band, (by_seats, by_therapists) in enumerate(zip(seats, led, strict=True)):
        low, high = band * 100 // BANDS, (band + 1) * 100 // BANDS
        page.line([(f"{low}-{high} %", 1), (by_seats, 2), (by_therapists, 3)], [BOXED, NUMBER, NUMBER])
    chart = _bars("Clinics by share used", head, page, columns=(2, 4), fills=(HEAD_FILL, GROUP_FILLS[0]))
    chart.legend.position = "b"
    _place(page, chart)


def _bars(title: str, head: int, page: Page, *, columns: tuple[int, ...], fills: tuple[str, ...]) -> BarChart:
    """A chart of columns of the table that ends above the next free row; its first column names the bars."""
    sheet, last = page.canvas.sheet, page.row - 1
    chart = BarChart()
    chart.title = title
    chart.width, chart.height, chart.gapWidth = CHART_WIDTH_CM, CHART_HEIGHT_CM, 50
    for column in dict.fromkeys(columns):
        chart.add_data(Reference(sheet, min_col=column, min_row=head, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=head + 1, max_row=last))
    for series, fill in zip(chart.series, fills, strict=True):
        series.graphicalProperties.solidFill = fill
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "0"
    chart.y_axis.majorGridlines = None  # every bar says its value
    return chart


def _place(page: Page, chart: BarChart) -> None:
    page.canvas.sheet.add_chart(chart, f"A{page.row + 1}")
    page.row += int(chart.height / ROW_CM) + 3
