"""Two timetables side by side: for the terminal, as a JSON document, and as a workbook. People stand there by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rich import box
from rich.console import Console
from rich.table import Table

from scheduler.domain.comparison import (
    Claim,
    Comparison,
    Conclusions,
    Move,
    PatientLine,
    PatientMoves,
    Personal,
    Proof,
    Reason,
    RuleLine,
    SeatView,
    SessionKind,
    SessionLine,
    SessionView,
    Side,
    TierLine,
)
from scheduler.domain.findings import Violation
from scheduler.domain.week import RequiredGroup
from scheduler.reports.canvas import BOXED, CENTRED, HEAD, HEADING, IDENTIFIER, NUMBER, PLAIN, TITLE, Book, Canvas
from scheduler.reports.canvas import Value as CellValue
from scheduler.reports.console import say
from scheduler.reports.package import save
from scheduler.reports.table import Column, draw_table

Names = tuple[str, str]
"""What the two timetables are called in sentences."""

Line = TypeVar("Line")

MOST_LINES = 12
"""So many lines of a list are printed; the JSON document and the workbook have all."""

PART_WORDS: Mapping[tuple[str, str], str] = {
    ("weekly-minimum", "hours"): "hours short",
    ("treatment-plan", "groups"): "planned groups missed",
    ("treatment-plan", "together"): "people to be together with and never met",
    ("continuity", "changes"): "grades lost of last week",
    ("preferences", "times"): "sessions outside preferred times",
    ("preferences", "groups"): "preferred groups not attended",
    ("preferences", "primary"): "primary therapist not met",
    ("preferences", "steady"): "times of day beyond the first",
    ("operations", "gaps"): "long gaps between days",
    ("operations", "runs"): "long runs of days",
}
"""How the parts of goals read where they concern one patient; others are called by goal and part."""

SESSION_WORDS: Mapping[SessionKind, str] = {
    SessionKind.OPENED: "opened",
    SessionKind.CLOSED: "closed",
    SessionKind.TIME: "at another time",
    SessionKind.FACILITATOR: "with another facilitator",
    SessionKind.ROOM: "in another room",
    SessionKind.SIZE: "of another size",
    SessionKind.PEOPLE: "of the same size with other patients",
}


# ---- sentences -------------------------------------------------------------------------------------------------------


def verdict_words(found: Comparison, names: Names = ("A", "B")) -> str:
    """First of all which is better and by which goal first, or that the two are equal or identical."""
    return _capital(_verdict(found, names))


def _verdict(found: Comparison, names: Names) -> str:
    verdict = found.verdict
    if verdict.identical and found.same_week:
        return f"{names[0]} and {names[1]} are identical: the same sessions, rooms and seats.{_neither(found, names)}"
    if verdict.reason is Reason.RULES:
        return _by_rules(found, names)
    if verdict.tier is None:
        return f"{names[0]} and {names[1]} are equal in every goal.{_still(found)}{_neither(found, names)}"
    same = " The sessions, rooms and seats are the same." if verdict.identical else ""
    winner = _name(verdict.by_goals, names)
    return f"{winner} is better, first by {_tier_words(verdict.tier)}.{same}{_neither(found, names)}"


def _by_rules(found: Comparison, names: Names) -> str:
    verdict = found.verdict
    worse = Side.AFTER if verdict.better is Side.BEFORE else Side.BEFORE
    times = verdict.broken_before + verdict.broken_after
    sentence = (
        f"{_name(verdict.better, names)} is better: it keeps every rule, and {_name(worse, names)} breaks rules "
        f"{_times(times)}."
    )
    if verdict.tier is None:
        return f"{sentence} The goals are equal."
    would = "is also" if verdict.by_goals is verdict.better else "would be"
    return f"{sentence} By the goals {_name(verdict.by_goals, names)} {would} better, first by " + (
        f"{_tier_words(verdict.tier)}."
    )


def _neither(found: Comparison, names: Names) -> str:
    verdict = found.verdict
    if not verdict.broken_before or not verdict.broken_after:
        return ""
    counts = f"{names[0]} breaks them {_times(verdict.broken_before)}, {names[1]} {_times(verdict.broken_after)}"
    return f" Neither keeps every rule: {counts}."


def _still(found: Comparison) -> str:
    if found.verdict.identical:
        return " The sessions, rooms and seats are the same."
    moved = len(found.moves)
    if moved:
        return f" Still, {_number(moved, 'patient')} {'sits' if moved == 1 else 'sit'} elsewhere."
    return " Only sessions and rooms differ." if found.sessions else ""


def _tier_words(tier: TierLine) -> str:
    goals = " and ".join(tier.goals)
    less, more = sorted((tier.before, tier.after))
    return f"{goals} (tier {tier.tier}): {less:.10g} against {more:.10g} {tier.unit}"


def _name(side: Side, names: Names) -> str:
    return names[1] if side is Side.AFTER else names[0]


def _better(side: Side, names: Names) -> str:
    return "equal" if side is Side.NEITHER else _name(side, names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"


def claim_words(claim: Claim, names: Names) -> str:
    """What is proven of the difference in one tier, and what may be the search's luck."""
    values = f"Tier {claim.tier} ({' and '.join(claim.goals)}): {claim.before:.10g} -> {claim.after:.10g}"
    if claim.proof is Proof.EXACT and claim.better is Side.NEITHER:
        return f"{values}. Proven: the change makes no difference here."
    if claim.proof is Proof.EXACT:
        return f"{values}. Proven: both are the best possible, so the change makes this difference."
    if claim.proof is Proof.AT_LEAST:
        return f"{values}. Proven: a difference of at least {claim.least:.10g}; the rest may be the search's luck."
    unproven = f"{names[0]} is known to reach no less than {claim.before_bound:.10g}, {names[1]} no less than"
    return f"{values}. Not proven: {unproven} {claim.after_bound:.10g}; what differs may be the search's luck."


# ---- for the terminal ------------------------------------------------------------------------------------------------


def print_comparison(out: Console, found: Comparison, names: Names = ("A", "B")) -> None:
    """Everything, long lists shortened.

    Args:
        out: where to.
        found: what was found.
        names: what the two timetables are called.
    """
    say(out, verdict_words(found, names), style="bold")
    print_values(out, found, names)
    _print_rules(out, found, names)
    _print_patients(out, found, names)
    _print_moves(out, found)
    _print_sessions(out, found)


def print_conclusions(out: Console, found: Comparison, conclusions: Conclusions, names: Names) -> None:
    """A line a tier on what is proven of the difference, then what the change itself has to do with it."""
    say(out, "What is proven of the difference:")
    for claim in conclusions.claims:
        say(out, claim_words(claim, names), indent=2, hang=4)
    for sentence in conclusion_words(found, conclusions, names):
        say(out, sentence, indent=2, hang=4)


def conclusion_words(found: Comparison, conclusions: Conclusions, names: Names) -> list[str]:
    """What the change itself has to do with the difference, in sentences."""
    said = []
    if conclusions.given:
        said.append(
            f"The timetable of {names[0]} was given, not solved: what else that week could reach was not looked at."
        )
    if conclusions.adopted:
        said.append(
            f"The search of {names[1]} came by a timetable that keeps every rule of {names[0]} too, and is better "
            "there than what the search of that had found. It stands for both."
        )
    elif conclusions.needless and not found.verdict.identical and found.verdict.better is not Side.BEFORE:
        said.append(f"The timetable of {names[1]} keeps every rule of {names[0]} too: nothing in it needs the change.")
    if found.moves and conclusions.moves_proven:
        said.append("Proven: at these values no fewer people who had a seat can sit elsewhere.")
    elif found.moves:
        said.append("Who sits elsewhere is not proven to be needed: at these values fewer people may be enough.")
    return said


def print_values(out: Console, found: Comparison, names: Names = ("A", "B")) -> None:
    """The table of figures, goals and parts. Parts that are 0 in both are left out."""
    table = Table("", *map(_capital, names), "Better", box=box.SIMPLE, pad_edge=False, show_edge=False)
    table.columns[0].no_wrap = True
    for label, before, after, better in _value_rows(found, names):
        table.add_row(label, before, after, better)
    out.print(table)


def _value_rows(found: Comparison, names: Names) -> Iterable[tuple[str, str, str, str]]:
    for label, before, after, better in _figures(found):
        yield label, f"{before:.10g}", f"{after:.10g}", "" if better is None else _better(better, names)
    for goal in found.goals:
        rank = f"tier {goal.tier}" if goal.tier is not None else "not ranked"
        yield f"{goal.goal} ({rank})", f"{goal.before:.10g}", f"{goal.after:.10g}", _better(goal.better, names)
        for part in goal.parts:
            if len(goal.parts) > 1 and (part.before or part.after):
                yield f"  {part.part}", f"{part.before:.10g}", f"{part.after:.10g}", _better(part.better, names)


def _figures(found: Comparison) -> list[tuple[str, float, float, Side | None]]:
    """The headline figures; fewer people short is better, of sessions and seats neither more nor fewer."""
    old, new, verdict = found.figures_before, found.figures_after, found.verdict
    lacking = [
        ("rules broken", verdict.broken_before, verdict.broken_after),
        ("patients short", old.patients_short, new.patients_short),
        ("hours short", old.hours_short, new.hours_short),
        ("groups missed", old.groups_missed, new.groups_missed),
    ]
    counts = [
        ("patients", old.patients, new.patients),
        ("sessions", old.sessions, new.sessions),
        ("seats", old.assignments, new.assignments),
    ]
    sides = [Side.NEITHER if a == b else Side.BEFORE if a < b else Side.AFTER for _, a, b in lacking]
    return [
        *((label, a, b, None) for label, a, b in counts),
        *((label, a, b, side) for (label, a, b), side in zip(lacking, sides, strict=True)),
    ]


def _print_rules(out: Console, found: Comparison, names: Names) -> None:
    breaches = list(_breaches(found, names))
    if not breaches:
        say(out, "Both keep every rule.")
        return
    counts = [f"{one.rule} {one.before} and {one.after}" for one in found.rules if one.before or one.after]
    say(out, f"Rules broken, times in {names[0]} and in {names[1]}: {', '.join(counts)}", hang=2)
    _print_list(out, breaches, lambda one: f"{_capital(one[0])}: {one[2].words} [{one[1].rule}]")


def _breaches(found: Comparison, names: Names) -> Iterable[tuple[str, RuleLine, Violation]]:
    for rule in found.rules:
        for where, violations in (
            ("both", rule.in_both),
            (f"{names[0]} only", rule.only_before),
            (f"{names[1]} only", rule.only_after),
        ):
            yield from ((where, rule, violation) for violation in violations)


def _print_patients(out: Console, found: Comparison, names: Names) -> None:
    if not found.patients:
        say(out, "No patient gains or loses.")
        return
    said = [f"{len(found.gaining)} better off in {names[1]}", f"{len(found.losing)} worse off"]
    said += [f"{len(some)} in {name} only" for some, name in _strangers(found, names) if some]
    say(out, f"Patients: {', '.join(said)}.")
    order = {Side.BEFORE: 0, Side.AFTER: 1, Side.NEITHER: 2}
    lines = sorted(found.patients, key=lambda one: order[one.better])
    _print_list(out, lines, lambda one: f"{one.patient} {_fate(one, names)}: {_changes(one)}")


def _strangers(found: Comparison, names: Names) -> tuple[tuple[tuple[PatientLine, ...], str], ...]:
    return (found.leaving, names[0]), (found.arriving, names[1])


def _fate(line: PatientLine, names: Names) -> str:
    if not line.in_before or not line.in_after:
        return f"is in {names[0] if line.in_before else names[1]} only"
    return {Side.BEFORE: "loses", Side.AFTER: "gains", Side.NEITHER: "neither gains nor loses"}[line.better]


def _changes(line: PatientLine) -> str:
    said = [_personal(one) for one in line.changes]
    if line.missed_before != line.missed_after:
        said.append(f"misses {_groups(line.missed_before)} -> {_groups(line.missed_after)}")
    return "; ".join(said) or "has all"


def _personal(one: Personal) -> str:
    label = PART_WORDS.get((one.goal, one.part), f"{one.goal} {one.part}")
    return f"{label} {one.before:.10g} -> {one.after:.10g}"


def _groups(missed: Sequence[RequiredGroup]) -> str:
    return ", ".join(f"{one.group}{f' x{one.times}' if one.times > 1 else ''}" for one in missed) or "nothing"


def _print_moves(out: Console, found: Comparison) -> None:
    if not found.moves:
        say(out, "Nobody sits elsewhere.")
        return
    people = _number(len(found.moves), "patient")
    say(out, f"{people} of {_most_patients(found)} {'sits' if len(found.moves) == 1 else 'sit'} elsewhere.")
    _print_list(out, found.moves, lambda one: f"{one.patient}: {'; '.join(map(_move, one.moves))}")


def _most_patients(found: Comparison) -> int:
    return found.figures_before.patients + len(found.arriving)


def _move(move: Move) -> str:
    before, after = move.before, move.after
    if before is None or after is None:
        return f"{'gets' if before is None else 'leaves'} {_seat(_either(before, after))}"
    same = _seat(before) == _seat(after)
    return " -> ".join(f"{one.block}: {_seat(one)}" if same else _seat(one) for one in (before, after))


def _either(before: Line | None, after: Line | None) -> Line:
    """The first where it is there, else the second; one of the two always is.

    Raises:
        ValueError: if neither is.
    """
    found = before if before is not None else after
    if found is None:
        raise ValueError("a line of a comparison stands for nothing")
    return found


def _seat(seat: SeatView | SessionView) -> str:
    return f"{seat.time} {seat.group} ({_led(seat)})"


def _led(seat: SeatView | SessionView) -> str:
    return " & ".join(seat.therapists) or "no facilitator"


def _print_sessions(out: Console, found: Comparison) -> None:
    if not found.sessions:
        say(out, "The sessions are the same.")
        return
    counts = Counter(kind for line in found.sessions for kind in line.kinds)
    said = [f"{counts[kind]} {words}" for kind, words in SESSION_WORDS.items() if counts[kind]]
    say(out, f"Sessions: {', '.join(said)}.", hang=2)
    _print_list(out, found.sessions, _session)


def _session(line: SessionLine) -> str:
    if line.before is None or line.after is None:
        only = _either(line.before, line.after)
        return f"{line.kinds[0].value}: {_seat(only)}, {_place(only)}, {_number(only.size, 'patient')}"
    return f"{line.before.time} {line.before.group}: {'; '.join(_session_changes(line, line.before, line.after))}"


def _session_changes(line: SessionLine, before: SessionView, after: SessionView) -> Iterable[str]:
    words = {
        SessionKind.TIME: f"{before.time} -> {after.time}",
        SessionKind.FACILITATOR: f"{_led(before)} -> {_led(after)}",
        SessionKind.ROOM: f"{_place(before)} -> {_place(after)}",
        SessionKind.SIZE: f"{before.size} -> {_number(after.size, 'patient')}",
        SessionKind.PEOPLE: f"{_number(len(line.joined), 'patient')} exchanged",
    }
    return (words[kind] for kind in line.kinds)


def _place(session: SessionView) -> str:
    return "no room" if session.room is None else f"room {session.room}"


def _print_list(out: Console, lines: Sequence[Line], words: Callable[[Line], str]) -> None:
    for line in lines[:MOST_LINES]:
        say(out, words(line), indent=2, hang=4)
    more = len(lines) - MOST_LINES
    if more > 0:
        say(out, f"... and {more} more: --json and the workbook (-o) have all", indent=2)


# ---- as a document ---------------------------------------------------------------------------------------------------


def comparison_document(found: Comparison, names: Names = ("A", "B")) -> dict[str, Any]:
    """Everything, as plain data. ``before`` and ``after`` stand for the two timetables in their order."""
    document = found.model_dump(mode="json")
    verdict = document.pop("verdict")
    for line, rule in zip(document["rules"], found.rules, strict=True):
        line |= {"before": rule.before, "after": rule.after}
    return {
        "sentence": verdict_words(found, names),
        **verdict,
        **document,
        "gaining": [one.patient for one in found.gaining],
        "losing": [one.patient for one in found.losing],
        "moved": [one.patient for one in found.moves],
    }


# ---- as a workbook ---------------------------------------------------------------------------------------------------


def write_comparison(target: Path, found: Comparison, names: Names = ("A", "B"), notes: Sequence[str] = ()) -> None:
    """Write the comparison as a workbook of its own. The same comparison always gives the same bytes.

    Args:
        target: the file to write.
        found: what was found.
        names: what the two timetables are called.
        notes: sentences to stand below the verdict.

    Raises:
        OSError: if the target cannot be written.
    """
    book = Book("Two timetables side by side")
    add_comparison(book, found, names, notes)
    save(book.workbook, target)


def add_comparison(book: Book, found: Comparison, names: Names = ("A", "B"), notes: Sequence[str] = ()) -> None:
    """Add the sheets `Comparison`, `Breaches`, `Gains and losses`, `Moves` and `Changed sessions`."""
    _add_values(book.sheet("Comparison"), found, names, notes)
    _add_table(book, "Breaches", BREACH_COLUMNS, _breach_rows(found, names), "No rule is broken.")
    _add_table(book, "Gains and losses", PATIENT_COLUMNS, _patient_rows(found, names), "No patient gains or loses.")
    _add_table(book, "Moves", MOVE_COLUMNS, _move_rows(found.moves), "Nobody sits elsewhere.")
    _add_table(book, "Changed sessions", SESSION_COLUMNS, _session_rows(found), "The sessions are the same.")


BREACH_COLUMNS = (Column("Rule", 22, IDENTIFIER), Column("Broken in", 18), Column("How", 80))
PATIENT_COLUMNS = (
    Column("Patient", 10, IDENTIFIER),
    Column("Gains or loses", 20),
    Column("Hours short before", 10, NUMBER),
    Column("Hours short after", 10, NUMBER),
    Column("Groups missed before", 18),
    Column("Groups missed after", 18),
    Column("Wishes broken before", 10, NUMBER),
    Column("Wishes broken after", 10, NUMBER),
    Column("What changes", 50),
)
MOVE_COLUMNS = (Column("Patient", 10, IDENTIFIER), Column("From", 50), Column("To", 50))
SESSION_COLUMNS = (
    Column("What", 24),
    Column("Time", 18, CENTRED),
    Column("Group", 14, IDENTIFIER),
    Column("From", 38),
    Column("To", 38),
    Column("Joined", 24),
    Column("Left", 24),
)
VALUE_WIDTHS = (34.0, 18.0, 18.0, 18.0)


def _add_values(canvas: Canvas, found: Comparison, names: Names, notes: Sequence[str]) -> None:
    canvas.widths(VALUE_WIDTHS)
    canvas.put(1, 1, "Two timetables side by side", TITLE)
    canvas.height(1, 26)
    row = 2
    for sentence in (verdict_words(found, names), *notes):
        canvas.put(row, 1, sentence, PLAIN)
        canvas.merge(row, 1, row, len(VALUE_WIDTHS))
        canvas.fit_row(row, [(sentence, sum(VALUE_WIDTHS))], least=14)
        row += 1
    canvas.put_row(row, ["", *map(_capital, names), "Better"], HEAD)
    for label, before, after, better in _value_cells(found, names):
        row += 1
        canvas.put_row(row, [label, before, after, better], [BOXED, NUMBER, NUMBER, CENTRED])
    canvas.put(row + 1, 1, "Less is better in every line that says which is better.", HEADING.but(lines="none", size=9))
    canvas.page(rows=row + 1, columns=len(VALUE_WIDTHS), landscape=False)


def _value_cells(found: Comparison, names: Names) -> Iterable[tuple[str, float, float, str]]:
    for label, old, new, side in _figures(found):
        yield _capital(label), old, new, "" if side is None else _better(side, names)
    for tier in found.tiers:
        if len(tier.goals) > 1:
            yield f"Tier {tier.tier} together", tier.before, tier.after, _better(tier.better, names)
    for goal in found.goals:
        rank = f"tier {goal.tier}" if goal.tier is not None else "not ranked"
        yield f"{goal.goal} ({rank}; {goal.unit})", goal.before, goal.after, _better(goal.better, names)
        for part in goal.parts:
            yield f"    {part.part}", part.before, part.after, _better(part.better, names)


def _add_table(
    book: Book, title: str, columns: Sequence[Column], rows: Sequence[Sequence[CellValue]], otherwise: str
) -> None:
    canvas = book.sheet(title)
    last = draw_table(canvas, columns, rows, freeze="B2")
    if not rows:
        canvas.put(last + 1, 1, otherwise, PLAIN.but(wrap=False))


def _breach_rows(found: Comparison, names: Names) -> list[list[CellValue]]:
    return [[rule.rule, where, violation.words] for where, rule, violation in _breaches(found, names)]


def _patient_rows(found: Comparison, names: Names) -> list[list[CellValue]]:
    return [
        [
            one.patient,
            _fate(one, names),
            one.hours_short_before if one.in_before else None,
            one.hours_short_after if one.in_after else None,
            _groups(one.missed_before) if one.missed_before else "",
            _groups(one.missed_after) if one.missed_after else "",
            one.wishes_before if one.in_before else None,
            one.wishes_after if one.in_after else None,
            "\n".join(map(_personal, one.changes)),
        ]
        for one in found.patients
    ]


def _move_rows(moves: Sequence[PatientMoves]) -> list[list[CellValue]]:
    return [
        [one.patient, *("" if seat is None else _seat(seat) for seat in (move.before, move.after))]
        for one in moves
        for move in one.moves
    ]


def _session_rows(found: Comparison) -> list[list[CellValue]]:
    return [
        [
            "\n".join(kind.value for kind in line.kinds),
            _either(line.before, line.after).time,
            _either(line.before, line.after).group,
            *("" if one is None else _session_cell(one) for one in (line.before, line.after)),
            "; ".join(line.joined),
            "; ".join(line.left),
        ]
        for line in found.sessions
    ]


def _session_cell(one: SessionView) -> str:
    return f"{one.session}: {one.time}, {_led(one)}, {_place(one)}, {_number(one.size, 'patient')}"
