"""What single changes are worth: for the terminal, as a JSON document, and as the sheet `Advice`. People are ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table

from scheduler.domain.advice import Advice, Advised, Change, Helped, KindOfChange, TierGain, Tried
from scheduler.domain.outcome import Status
from scheduler.reports.canvas import BOXED, CENTRED, HEADING, NUMBER, PLAIN, Book, Canvas, Value
from scheduler.reports.console import print_figures, say
from scheduler.reports.package import save
from scheduler.reports.table import Column, draw_table

Where = Callable[[Change], str]
"""Gives the cells that a change would alter."""

MOST_NAMED = 6
"""So many patients are named in a cell of the terminal's table; the others are counted."""

KIND_WORDS = {
    "therapist-sessions": "one more session a week for a therapist",
    "therapist-day": "one more session a day for a therapist",
    "therapist-group": "a therapist qualified for one more group",
    "therapist-block": "a therapist free in one more block",
    "new-block": "a block opened",
    "group-size": "one more seat in a group",
    "kind-cap": "one more seat by licence in a kind of group",
    "room-capacity": "one more seat in a room",
    "room-block": "a room open in one more block",
    "group-min": "a minimum size one lower",
    "group-sessions": "a group once more a week",
    "group-block": "a group in one more block",
    "patient-block": "one more window from a patient",
    "patient-sessions": "one more block a week for a patient",
    "patient-hours": "more hours a week for a patient",
}


# ---- sentences ----


def proof_sentence(advice: Advice) -> str:
    """Whether the week as it is was solved to a proof: only then can a gain be exact."""
    if advice.status is Status.OPTIMAL:
        return "Proven: no timetable of the week as it is leaves less unmet."
    return "It is not proven that no timetable of the week as it is leaves less unmet; so every gain is a bound."


def tried_sentence(tried: Tried, what: str) -> str:
    """The account of the candidates."""
    open_words = f"{tried.open} not settled for lack of time" if tried.open else "none left open"
    return (
        f"{tried.candidates} {what} that could matter: {tried.alone} known by themselves, "
        f"{tried.together} settled together, {open_words}."
    )


def rest_sentence(advice: Advice, listed: Sequence[Advised], tried: Tried) -> str:
    """What is known of the candidates that are not listed."""
    if not any(tried.rest_at_most):
        return "Proven: nothing else gains anything."
    if tried.complete and listed:
        return "Proven: nothing that is not listed gains more than the last one listed."
    return f"What is not listed gains at most {values_words(advice, tried.rest_at_most)}."


def values_words(advice: Advice, values: Sequence[float]) -> str:
    """A value for each tier: ``12 (weekly-minimum), 4 (treatment-plan)``."""
    return ", ".join(f"{value:.10g} ({names})" for value, names in zip(values, _tier_names(advice), strict=True))


def _tier_names(advice: Advice) -> list[str]:
    return [" + ".join(tier.goals) for tier in advice.tiers]


def gain_words(gains: Sequence[TierGain]) -> str:
    """``12; 4``, a number a tier; ``0 to 6`` where only limits are known."""
    return "; ".join(
        f"{one.at_least:.10g}" if one.at_least == one.at_most else f"{one.at_least:.10g} to {one.at_most:.10g}"
        for one in gains
    )


def _helped_words(helped: Sequence[Helped]) -> Iterator[str]:
    for one in helped:
        parts = [f"{one.hours:.4g} h"] if one.hours else []
        parts += [f"{one.groups} group{'s' if one.groups > 1 else ''}"] if one.groups else []
        yield f"{one.patient} ({', '.join(parts)})"


def _lines(advised: Advised, words: Callable[[Change], str]) -> str:
    return "\n".join(words(change) for change in advised.changes)


def nothing_words(advice: Advice) -> str:
    """What to say where no change is listed."""
    if advice.nothing_helps:
        return "Proven: all these changes together gain nothing."
    if advice.pairs:
        return "Proven: no single change gains anything. These pairs do:"
    if advice.pairs_tried is not None:
        return "Proven: no single change gains anything. No pair was found that does."
    return "No single change was found to gain anything."


# ---- the terminal ----


def print_advice(out: Console, advice: Advice, where: Where) -> None:
    """The week as it is, the ranked table, and what is proven of the rest."""
    if advice.figures is None:
        return
    print_figures(out, advice.figures)
    if advice.served:
        return
    say(out, proof_sentence(advice))
    if advice.interrupted:
        say(out, "Interrupted: this is what was known by then.", style="bold yellow")
    say(out, tried_sentence(advice.tried, "single changes"))
    _print_ranked(out, advice, advice.singles, advice.tried, where)
    if not advice.singles:
        say(out, nothing_words(advice))
    if advice.pairs_tried is not None and not advice.nothing_helps:
        say(out, tried_sentence(advice.pairs_tried, "pairs"))
        _print_ranked(out, advice, advice.pairs, advice.pairs_tried, where)
    _print_kinds(out, advice)


def _print_ranked(out: Console, advice: Advice, listed: Sequence[Advised], tried: Tried, where: Where) -> None:
    if not listed:
        return
    table = Table(box=box.SIMPLE, pad_edge=False, show_edge=False)
    for head in ("#", "Change", "Where", "Hours", "Groups", "Weighed", "Helps", "Asks", "Gain"):
        table.add_column(head, overflow="fold")
    for rank, one in enumerate(listed, start=1):
        table.add_row(
            str(rank),
            _lines(one, lambda change: change.words),
            _lines(one, where),
            f"{one.hours:g}",
            str(one.groups),
            gain_words(one.gains),
            _people(one),
            one.cost.value,
            "proven" if one.proven else "a bound",
        )
    out.print(table)
    say(out, f"Weighed: by priority, as the goals count it: {', then '.join(_tier_names(advice))}.")
    say(out, rest_sentence(advice, listed, tried))


def _people(one: Advised) -> str:
    names = list(_helped_words(one.helped))
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{shown}; less: {', '.join(one.worse_off[:MOST_NAMED])}" if one.worse_off else shown


def _print_kinds(out: Console, advice: Advice) -> None:
    if not advice.kinds:
        return
    table = Table("Kind of change", "Looked at", "Gains at most", box=box.SIMPLE, pad_edge=False, show_edge=False)
    for one in advice.kinds:
        table.add_row(kind_words(one), str(one.candidates), _at_most(one))
    out.print(table)


def kind_words(one: KindOfChange) -> str:
    """A kind of change for people."""
    return KIND_WORDS.get(one.kind, one.kind)


def _at_most(one: KindOfChange) -> str:
    return "; ".join(f"{value:.10g}" for value in one.at_most) if any(one.at_most) else "nothing"


class StatusLine:
    """One line on a terminal that rewrites itself, below those that are there."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width: int | None = None

    def __call__(self, text: str) -> None:
        """Show a text in place of the last."""
        begin = "\n" if self._width is None else "\r"
        self._stream.write(f"{begin}{text.ljust(self._width or 0)}")
        self._stream.flush()
        self._width = len(text)

    def close(self) -> None:
        """End the line."""
        if self._width is not None:
            self._stream.write("\n")
            self._stream.flush()


# ---- the JSON document ----


def advice_document(advice: Advice, where: Where) -> dict[str, Any]:
    """Everything beside what every document has."""
    pairs = advice.pairs_tried
    return {
        "figures": None if advice.figures is None else advice.figures.model_dump(mode="json"),
        "changes": [_advised_document(one, where) for one in advice.singles],
        "pairs": [_advised_document(one, where) for one in advice.pairs],
        "kinds": [one.model_dump(mode="json") for one in advice.kinds],
        "tried": advice.tried.model_dump(mode="json"),
        "pairs_tried": None if pairs is None else pairs.model_dump(mode="json"),
        "nothing_helps": advice.nothing_helps,
        "seconds": {"advise": advice.seconds},
    }


def _advised_document(one: Advised, where: Where) -> dict[str, Any]:
    document = one.model_dump(mode="json")
    for change, written in zip(one.changes, document["changes"], strict=True):
        written["where"] = where(change)
    return {**document, "cost": one.cost.value}


# ---- the sheet ----

COLUMNS = (
    Column("Rank", 6, NUMBER),
    Column("Change", 34),
    Column("Where", 20),
    Column("Edit", 20),
    Column("Hours gained", 9, NUMBER),
    Column("Groups gained", 9, NUMBER),
    Column("Weighed gain", 14, CENTRED),
    Column("Patients helped", 30),
    Column("Given less", 16),
    Column("Asks", 18),
    Column("Proof", 12, CENTRED),
)


def write_advice(target: Path, advice: Advice, where: Where) -> None:
    """Write a workbook with the sheet `Advice`.

    Raises:
        OSError: if the target cannot be written.
    """
    book = Book("Advice")
    canvas = book.sheet("Advice")
    listed = advice.singles or advice.pairs
    rows = [_row(rank, one, where) for rank, one in enumerate(listed, start=1)]
    last = draw_table(canvas, COLUMNS, rows, freeze="C2") + 1
    for sentence in _sentences(advice, listed):
        last += 1
        canvas.put(last, 1, sentence, PLAIN.but(wrap=False))
    last = _add_kinds(canvas, advice, last + 1)
    canvas.page(rows=last, columns=len(COLUMNS), titles="1:1")
    save(book.workbook, target)


def _row(rank: int, one: Advised, where: Where) -> list[Value]:
    return [
        rank,
        _lines(one, lambda change: change.words),
        _lines(one, where),
        _lines(one, lambda change: change.edit),
        one.hours,
        one.groups,
        gain_words(one.gains),
        ", ".join(_helped_words(one.helped)),
        ", ".join(one.worse_off),
        one.cost.value,
        "proven" if one.proven else "a bound",
    ]


def _sentences(advice: Advice, listed: Sequence[Advised]) -> Iterator[str]:
    if advice.served:
        yield "Everybody meets their weekly minimum and plan as it is; nothing was looked for."
        return
    yield proof_sentence(advice)
    yield tried_sentence(advice.tried, "single changes")
    if not advice.singles:
        yield nothing_words(advice)
    if advice.pairs_tried is not None:
        yield tried_sentence(advice.pairs_tried, "pairs")
    if listed:
        yield f"Weighed gain: by priority, as the goals count it: {', then '.join(_tier_names(advice))}."
        yield rest_sentence(advice, listed, advice.pairs_tried or advice.tried)


def _add_kinds(canvas: Canvas, advice: Advice, last: int) -> int:
    if not advice.kinds:
        return last
    row = last + 1
    for column, head in ((2, "Kind of change"), (3, "Looked at"), (4, "Gains at most")):
        canvas.put(row, column, head, HEADING)
    for one in advice.kinds:
        row += 1
        canvas.put(row, 2, kind_words(one), BOXED)
        canvas.put(row, 3, one.candidates, NUMBER)
        canvas.put(row, 4, _at_most(one), CENTRED)
    return row
