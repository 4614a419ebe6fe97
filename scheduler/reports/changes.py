"""What a repair changes: the sheet `Changes` for beside the telephone, the same on the terminal, and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from scheduler.domain.clock import Day
from scheduler.domain.repair import Call, Ending, Fate, How, Hurt, Moves, Repair, Step
from scheduler.domain.timetable import Session
from scheduler.domain.types import MINUTES_PER_DAY
from scheduler.domain.week import Week
from scheduler.reports.canvas import (
    CENTRED,
    HEAD,
    HEADING,
    IDENTIFIER,
    TITLE,
    Book,
    Canvas,
    Look,
    Value,
)
from scheduler.reports.console import say
from scheduler.reports.labels import Labels
from scheduler.reports.report import Names, Report
from scheduler.reports.table import Column, name_column, named

HEADINGS = {
    How.TELEPHONE: "To telephone, in this order",
    How.ON_ARRIVAL: "To tell on arrival: same time, same group",
    How.DOOR: "To put on the door: another room",
}
TICK = "☐"
LEAST_ROW = 20
_WHO = 2
"""The place of the id, which stands on each row of a person; what else is told once is one cell over all their rows."""
LEAD = Look(size=11, wrap=True, down="center")
NOBODY = "Nobody needs to be told of anything."


def counted(count: int, one: str, many: str = "") -> str:
    """``1 person``, ``2 people``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def moves_text(moves: Moves) -> str:
    """How many are moved, and what is proven of that number."""
    moved = len(moves.moved)
    verb = "comes" if moved == 1 else "come"
    line = f"{counted(moved, 'person', 'people')} {verb} at another time or to another group"
    if moves.proven:
        line += " (proven: no repair that serves as well moves fewer)" if moved else " (proven)"
    else:
        line += f" (not proven the fewest: at least {moves.bound} must)"
    more = [
        f"{len(who)} {words}"
        for who, words in ((moves.covered, "more only meet another facilitator"), (moves.other_room, "another room"))
        if who
    ]
    return f"{line}{'; ' if more else ''}{', '.join(more)}."


# ---- the sheet -------------------------------------------------------------------------------------------------------


class ChangesSheet:
    """Adds the sheet `Changes`: whom to tell, from what, to what, why, in the order to telephone."""

    def __init__(self, repair: Repair) -> None:
        self._repair = repair

    def __call__(self, book: Book, report: Report, labels: Labels) -> None:
        """Draw it."""
        canvas = book.sheet("Changes")
        columns = _columns(labels.names)
        canvas.widths([one.width for one in columns])
        canvas.put(1, 1, "Changes to the week", TITLE)
        canvas.height(1, 26)
        row = self._lead(canvas, labels, columns)
        head = row + 1
        canvas.put_row(head, [one.head for one in columns], HEAD)
        canvas.height(head, 24)
        row = head
        for how in How:
            row = self._section(canvas, report.week, labels, (how, row))
        if not self._repair.calls:
            row += 1
            canvas.put(row, 1, NOBODY, LEAD.but(wrap=False))
        canvas.freeze(f"A{head + 1}")
        canvas.page(rows=row, columns=len(columns), titles=f"{head}:{head}")

    def _lead(self, canvas: Canvas, labels: Labels, columns: Sequence[Column]) -> int:
        """What happened, in sentences above the list; gives the last row."""
        repair, row = self._repair, 1
        sentences = [moves_text(repair.moves)] if repair.moves is not None else []
        sentences += [_ending_text(repair.week, one, labels) for one in repair.endings]
        width = sum(one.width for one in columns)
        for sentence in sentences:
            row += 1
            canvas.put(row, 1, labels.free_text(sentence), LEAD)
            canvas.merge(row, 1, row, len(columns))
            canvas.fit_row(row, [(sentence, width)], size=LEAD.size, least=16)
        return row

    def _section(self, canvas: Canvas, week: Week, labels: Labels, begin: tuple[How, int]) -> int:
        how, row = begin
        calls = [one for one in self._repair.calls if one.how is how]
        if not calls:
            return row
        row += 1
        for column in range(1, len(_columns(labels.names)) + 1):
            canvas.put(row, column, HEADINGS[how] if column == 1 else None, HEADING)
        canvas.height(row, 22)
        for call in calls:
            row = _put_call(canvas, week, call, labels, row + 1)
        return row


def _put_call(canvas: Canvas, week: Week, call: Call, labels: Labels, first: int) -> int:
    """One person, a row for each thing that changes for them, each with their id; gives the last row."""
    columns, last = _columns(labels.names), first + len(call.steps) - 1
    person = _person_cells(call, labels)
    low = len(person)
    joined = [place for place in (*range(low), len(columns) - 1) if place != _WHO]
    for row, step in enumerate(call.steps, start=first):
        told = [step.what, _held(week, step.before, labels), _held(week, step.after, labels)]
        cells = [*person, *told, labels.free_text(call.why)]
        shown = [None if row > first and place in joined else cell for place, cell in enumerate(cells)]
        canvas.put_row(row, shown, [one.look for one in columns])
        alone = cells if first == last else told
        canvas.fit_row(row, _texts(alone, columns if first == last else columns[low : low + 3]), least=LEAST_ROW)
    for place in joined:
        canvas.merge(first, place + 1, last, place + 1)
    return last


def _texts(cells: Sequence[Value], columns: Sequence[Column]) -> list[tuple[str, float]]:
    """Text that wraps, with the width that it has."""
    return [
        (value, one.look.text_width(one.width))
        for value, one in zip(cells, columns, strict=True)
        if isinstance(value, str) and one.look.wrap
    ]


def _columns(names: Names) -> list[Column]:
    return [
        Column("No.", 6, CENTRED),
        Column("Done", 6, CENTRED),
        Column("Who", 11, IDENTIFIER),
        *name_column(names, 20),
        Column("First on", 12, CENTRED),
        Column("What", 17),
        Column("From", 34),
        Column("To", 34),
        Column("Why", 26),
    ]


def _person_cells(call: Call, labels: Labels) -> list[Value]:
    return [call.number, TICK, call.who, *named(labels.names, _label(call, labels)), when_text(call.when)]


def _label(call: Call, labels: Labels) -> str:
    if call.role == "patient":
        return labels.patient(call.who)
    if call.role == "therapist":
        return f"{labels.therapist(call.who)} (leads)"
    session = call.steps[0].after
    return "" if session is None else labels.group(session.group)


def when_text(minute: int) -> str:
    """``Tue 18:00``."""
    day = Day(min(minute // MINUTES_PER_DAY, 6))
    within = minute - day.start
    return f"{day.short} {within // 60:02d}:{within % 60:02d}"


def _held(week: Week, session: Session | None, labels: Labels) -> str:
    if session is None:
        return "—"
    when = week.block_of[session.block].text
    return f"{when} {labels.group(session.group)}, {labels.facilitators(session)}, {labels.place(session)}"


# ---- the terminal ----------------------------------------------------------------------------------------------------


def print_hurt(out: Console, week: Week, hurt: Sequence[Hurt]) -> None:
    """Who is hurt, before anything is mended: sessions that cannot run as they stand, and the people in them."""
    people = {one for session in hurt for one in session.people}
    if not hurt:
        say(out, "Nobody is hurt: every session can run as it stands.", style="bold")
        return
    says = f"Hurt: {counted(len(hurt), 'session')}, {counted(len(people), 'person', 'people')}."
    say(out, says, style="bold")
    for one in hurt:
        session = one.session
        where = f"{week.block_of[session.block].text} {session.group}, {' & '.join(session.therapists)}"
        who = ", ".join(one.people) or "nobody"
        say(out, f"{session.id} ({where}): {'; '.join(one.reasons)}. {who}", indent=2, hang=4)


def print_repair(out: Console, repair: Repair) -> None:
    """What became of the hurt sessions, how few are moved, and whom to tell, in order."""
    if repair.moves is None:
        return
    say(out, f"Repaired: {moves_text(repair.moves)}", style="bold")
    for ending in repair.endings:
        say(out, _ending_text(repair.week, ending), indent=2, hang=4)
    kept = [f"{count} {grade}" for grade, count in repair.moves.grades.items() if count]
    say(out, f"Seats, against the timetable as it was: {', '.join(kept) or 'none'}.")
    for how in How:
        calls = [one for one in repair.calls if one.how is how]
        if calls:
            say(out, f"{HEADINGS[how]}:")
        for call in calls:
            _print_call(out, repair.week, call)
    if not repair.calls:
        say(out, NOBODY)


def _print_call(out: Console, week: Week, call: Call) -> None:
    role = " (leads)" if call.role == "therapist" else ""
    says = "; ".join(f"{one.what}: {_short(week, one.before)} -> {_short(week, one.after)}" for one in call.steps)
    say(out, f"{call.number:3}. {when_text(call.when)}  {call.who}{role}: {says}. {call.why}", indent=2, hang=6)


def _short(week: Week, session: Session | None) -> str:
    if session is None:
        return "nothing"
    leaders = " & ".join(session.therapists)
    room = f", {session.room}" if session.room is not None else ""
    return f"{week.block_of[session.block].text} {session.group}, {leaders}{room}"


def _ending_text(week: Week, ending: Ending, labels: Labels | None = None) -> str:
    """What became of a hurt session, in a sentence; in ids unless there are labels."""
    before, now = ending.hurt.session, ending.now
    group = before.group if labels is None else labels.group(before.group)
    head = f"{week.block_of[before.block].text} {group} ({before.id}): "
    if now is None:
        return f"{head}does not run; {_whereabouts(len(ending.hurt.people))}."
    leaders = " & ".join(now.therapists) if labels is None else labels.facilitators(now)
    room = (now.room or "telehealth") if labels is None else labels.place(now)
    moved = f", in {room}" if now.room != before.room else ""
    other = (now.group if labels is None else labels.group(now.group)) if now.group != before.group else ""
    return (
        head
        + {
            Fate.COVERED: f"covered by {leaders}{moved}.",
            Fate.OTHER_ROOM: f"held in {room}.",
            Fate.RUNS: "runs, with other people in it.",
            Fate.MERGED: f"merged into {f'{other} ' if other else ''}{now.id}, led by {leaders}.",
            Fate.DISSOLVED: "does not run.",
        }[ending.fate]
    )


def _whereabouts(people: int) -> str:
    if not people:
        return "nobody is left in it"
    return "its one person is in the list" if people == 1 else f"its {people} people are in the list"


# ---- the document ----------------------------------------------------------------------------------------------------


def hurt_document(hurt: Sequence[Hurt]) -> list[dict[str, Any]]:
    """Who is hurt, as a list of objects."""
    return [
        {**one.session.model_dump(mode="json"), "people": list(one.people), "reasons": list(one.reasons)}
        for one in hurt
    ]


def changes_document(repair: Repair) -> dict[str, Any]:
    """What a repair changes: counts, fates of the hurt sessions, and the list of whom to tell."""
    moves = repair.moves
    found: dict[str, Any] = {
        "hurt": hurt_document(repair.hurt),
        "least_moves": repair.least,
        "least_moves_proven": repair.least_proven,
        "moves": None,
        "endings": [
            {"session": one.hurt.session.id, "fate": one.fate.value, "now": None if one.now is None else one.now.id}
            for one in repair.endings
        ],
        "changes": [_call_document(one) for one in repair.calls],
    }
    if moves is not None:
        counts = {"moved": len(moves.moved), "covered": len(moves.covered), "other_room": len(moves.other_room)}
        proof = {"bound": moves.bound, "proven": moves.proven, "grades": moves.grades}
        found["moves"] = {**counts, **proof, "people_moved": list(moves.moved), "people_covered": list(moves.covered)}
    return found


def _call_document(call: Call) -> dict[str, Any]:
    return {
        "number": call.number,
        "how": call.how.value,
        "role": call.role,
        "who": call.who,
        "first": when_text(call.when),
        "steps": [_step_document(one) for one in call.steps],
        "why": call.why,
    }


def _step_document(step: Step) -> dict[str, Any]:
    before, after = (None if one is None else one.model_dump(mode="json") for one in (step.before, step.after))
    return {"what": step.what, "from": before, "to": after}
