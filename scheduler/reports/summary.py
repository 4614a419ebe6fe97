"""The sheet `Summary`: figures, what was proven, goals, rules, hours of service, seats by block, and the run record."""

from __future__ import annotations

from collections import defaultdict

from openpyxl.chart import BarChart, Reference

from scheduler.domain.timetable import Board
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.reports.canvas import BOXED, CENTRED, HEAD, NUMBER, SHARE, SHORT_FILL, Book, Look
from scheduler.reports.frames import seats_offered
from scheduler.reports.labels import Labels
from scheduler.reports.page import Page
from scheduler.reports.report import Report
from scheduler.reports.words import STATUS_WORDS, proof_words

WIDTHS = (24.0, 34.0, 11.0, 11.0, 10.0, 10.0, 10.0)
FIGURE = Look(size=12, bold=True, lines="box", across="left", down="center", indent=1)
FIGURE_LABEL = Look(size=11, lines="box", down="center", indent=1)
PART = BOXED.but(ink="5F5F5F")
CHART_HEIGHT_CM, CHART_WIDTH_CM = 9, 20
CHART_ROWS = 18
LACKING = ("Patients short", "Hours short", "Groups missed")
"""The figures that ought to be nought."""

NO_AGENDA = "(no agenda given)"
REST_OF_BLOCK = "(rest of the block)"


def add_summary(book: Book, report: Report, labels: Labels) -> None:
    """Add the sheet `Summary`."""
    page = Page(book.sheet("Summary"), "Summary", WIDTHS)
    _figures(page, report)
    _proofs(page, report)
    _goals(page, report, labels)
    _rules(page, report, labels)
    _services(page, report, labels)
    _seats(page, report)
    _record(page, report, labels)
    page.canvas.page(rows=page.row - 1, columns=len(WIDTHS), landscape=False)


def _figures(page: Page, report: Report) -> None:
    figures = report.verification.figures
    headline: tuple[tuple[str, int | float], ...] = (
        ("Patients", figures.patients),
        ("Patients short", figures.patients_short),
        ("Hours short", figures.hours_short),
        ("Groups missed", figures.groups_missed),
        ("Sessions", figures.sessions),
        ("Assignments", figures.assignments),
    )
    for label, value in headline:
        lacking = label in LACKING and value > 0
        page.line([(label, 1), (value, 1)], [FIGURE_LABEL, FIGURE.but(fill=SHORT_FILL) if lacking else FIGURE])


def _proofs(page: Page, report: Report) -> None:
    page.heading("How good this timetable is")
    tiers = report.run.tiers
    if not tiers:
        page.sentence("No search was made: this timetable was checked, not found.")
        return
    page.sentence(STATUS_WORDS[report.run.status])
    if report.run.interrupted:
        page.sentence("The search was interrupted; this is the best it had.")
    for tier in tiers:
        page.sentence(f"Tier {tier.tier}, {' + '.join(tier.goals)}. {proof_words(tier)}")
    page.row += 1
    page.line([(head, 1) for head in ("Tier", "Goals", "Value", "Bound", "Gap", "Proven", "Seconds")], HEAD)
    rough = NUMBER.but(shape="0.00")
    for tier in tiers:
        page.line(
            [
                (tier.tier, 1),
                ("; ".join(f"{goal} {value:.6g}" for goal, value in tier.goals.items()), 1),
                (tier.value, 1),
                (tier.bound, 1),
                (tier.gap, 1),
                ("yes" if tier.proven else "no", 1),
                (tier.seconds, 1),
            ],
            [CENTRED, BOXED, NUMBER, NUMBER, SHARE.but(shape="0.0%"), CENTRED, rough],
        )


def _goals(page: Page, report: Report, labels: Labels) -> None:
    page.heading("Goals")
    page.line([("Goal", 1), ("What it asks", 2), ("Measured", 1), ("Unit", 3)], HEAD)
    for result in report.verification.goals:
        page.line(
            [(result.goal, 1), (labels.free_text(result.words), 2), (result.measure.value, 1), (result.unit, 3)],
            [BOXED.but(bold=True), BOXED, NUMBER.but(bold=True), BOXED],
        )
        for part, amount in result.measure.parts.items():
            page.line([(None, 1), (part, 2), (amount, 1), (None, 3)], [PART, PART, PART.but(across="right"), PART])


def _rules(page: Page, report: Report, labels: Labels) -> None:
    page.canvas.break_after(page.row)
    page.heading("Rules checked")
    page.line([("Rule", 1), ("In words", 5), ("Broken", 1)], HEAD)
    for result in report.verification.rules:
        broken = len(result.violations)
        page.line([(result.rule, 1), (result.words, 5), (broken, 1)], [BOXED, BOXED, _count_look(broken)])
    total = report.verification.broken
    page.line([("All rules", 1), (None, 5), (total, 1)], [BOXED.but(bold=True), BOXED, _count_look(total)])
    for result in report.verification.rules:
        for violation in result.violations:
            page.sentence(f"{result.rule}: {labels.free_text(violation.words)}")


def _count_look(count: int) -> Look:
    return NUMBER.but(bold=True, fill=SHORT_FILL) if count else NUMBER


def _services(page: Page, report: Report, labels: Labels) -> None:
    page.heading("Hours of service")
    page.line([("Service", 2), ("Session hours", 2), ("Patient hours", 3)], HEAD)
    hours = _service_minutes(report.board)
    looks = [BOXED, NUMBER.but(shape="0.0#"), NUMBER.but(shape="0.0#")]
    for service, (held, attended) in hours.items():
        page.line(
            [(labels.free_text(service), 2), (held / MINUTES_PER_HOUR, 2), (attended / MINUTES_PER_HOUR, 3)], looks
        )
    whole = [sum(minutes[which] for minutes in hours.values()) / MINUTES_PER_HOUR for which in (0, 1)]
    page.line(
        [("All", 2), (whole[0], 2), (whole[1], 3)],
        [one.but(bold=True) for one in looks],
    )


def _service_minutes(board: Board) -> dict[str, tuple[int, int]]:
    """Minutes held and minutes attended by agenda item; what no agenda covers is counted too, under its own name."""
    held: dict[str, int] = defaultdict(int)
    attended: dict[str, int] = defaultdict(int)
    for session in board.timetable.sessions:
        agenda = board.group(session).agenda
        rest = board.block(session).minutes - sum(item.minutes for item in agenda)
        pieces = [(item.title, item.minutes) for item in agenda]
        if rest > 0:
            pieces.append((REST_OF_BLOCK if agenda else NO_AGENDA, rest))
        for title, minutes in pieces:
            held[title] += minutes
            attended[title] += minutes * board.size(session)
    return {title: (held[title], attended[title]) for title in sorted(held, key=lambda one: (one.startswith("("), one))}


def _seats(page: Page, report: Report) -> None:
    board = report.board
    page.canvas.break_after(page.row)
    page.heading("Seats by block")
    page.line([("Block", 1), ("Time", 1), ("Sessions", 1), ("Seats used", 1), ("Seats offered", 1), ("Use", 2)], HEAD)
    first = page.row
    for block in report.week.blocks:
        sessions = [one for one in board.timetable.sessions if one.block == block.id]
        used = sum(board.size(one) for one in sessions)
        limits = [seats_offered(board, one) for one in sessions]
        # Where some session of the block has no limit, nobody can say how many seats it offers.
        offered = None if None in limits else sum(limit for limit in limits if limit is not None)
        share = used / offered if offered else None
        page.line(
            [(block.id, 1), (block.text, 1), (len(sessions), 1), (used, 1), (offered, 1), (share, 2)],
            [BOXED.but(shape="@"), BOXED, NUMBER, NUMBER, NUMBER, SHARE],
        )
    if page.row > first:
        page.canvas.sheet.add_chart(_chart(page, first), f"A{page.row + 1}")
        page.row += CHART_ROWS + 1


def _chart(page: Page, first: int) -> BarChart:
    sheet, last = page.canvas.sheet, page.row - 1
    chart = BarChart()
    chart.type = "col"
    chart.title = "Seats used and offered by block"
    chart.height, chart.width = CHART_HEIGHT_CM, CHART_WIDTH_CM
    chart.add_data(Reference(sheet, min_col=4, max_col=5, min_row=first - 1, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=2, min_row=first, max_row=last))
    for series, colour in zip(chart.series, ("22384F", "99C8EA"), strict=True):
        series.graphicalProperties.solidFill = colour
    chart.legend.position = "b"
    chart.gapWidth = 60
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "0"
    return chart


def _record(page: Page, report: Report, labels: Labels) -> None:
    run = report.run
    page.heading("Run record")
    entries: list[tuple[str, str | int | float]] = [
        ("Input SHA-256", run.input_sha256),
        ("Profile", run.profile),
        ("Seed", run.seed),
        ("Status", run.status.value),
        ("Reproducible", "yes" if run.reproducible else "no"),
    ]
    entries += [(f"Version of {name}", run.versions[name]) for name in sorted(run.versions)]
    entries += [(f"Seconds, {phase}", round(seconds, 2)) for phase, seconds in (run.seconds or {}).items()]
    for label, value in entries:
        page.line([(label, 1), (value, len(WIDTHS) - 1)], BOXED)
    if run.notices:
        page.heading("Notices")
        for notice in run.notices:
            page.sentence("• " + labels.free_text(notice))
