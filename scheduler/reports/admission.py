"""A newcomer in a running week: for the terminal and as a JSON document. People stand there by id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.domain.admission import Admission, Changes, Given, Listing, Placement, Proof, Rearranged
from scheduler.domain.comparison import Move, SeatView, SessionKind, SessionLine, SessionView
from scheduler.domain.explanation import Explanation
from scheduler.domain.problems import FactRef
from scheduler.reports.console import say

MOST_REASONS = 6


def admission_document(found: Admission, cells_of: Callable[[Sequence[FactRef]], Sequence[str]]) -> dict[str, Any]:
    """Everything that was found; ``cells`` of a change are those of the file that state it."""
    document = found.model_dump(mode="json")
    if found.changes is not None:
        for one, said in zip(found.changes.opened, document["changes"]["opened"], strict=True):
            said["cells"] = list(cells_of(one.change.facts))
    return document


def print_admission(
    out: Console, found: Admission, top: int, cells_of: Callable[[Sequence[FactRef]], Sequence[str]]
) -> None:
    """The list with nobody moved, who would move, what would have to change, and what each newcomer gets.

    Args:
        out: where to.
        found: the answer.
        top: how many placements to show.
        cells_of: the cells of the file that state given facts.
    """
    if found.listing is not None:
        _print_listing(out, found.listing, found.tiers, top)
    else:
        say(out, f"The order of the list: {', '.join(found.newcomers)}.")
    for one in found.rearranged:
        _print_rearranged(out, one, len(found.newcomers))
    for reason in found.reasons:
        say(out, _reason(reason), indent=2, hang=4)
    if found.changes is not None:
        _print_changes(out, found.changes, len(found.newcomers), cells_of)
    _print_answer(out, found)


# ---- nobody moved ----------------------------------------------------------------------------------------------------


def _print_listing(out: Console, listing: Listing, tiers: Sequence[tuple[str, ...]], top: int) -> None:
    who, shown = listing.patient, listing.placements[:top]
    can = f"{who} can join {listing.joinable} of {listing.sessions} sessions with nobody moved"
    if not listing.count:
        say(out, f"{can}: there is no placement.", style="bold")
    else:
        more = "" if listing.complete else "more than "
        number = f"{more}{listing.count} placement{'s' if listing.count > 1 else ''}"
        best = f"The best {len(shown)}" if len(shown) < listing.count else "All of them"
        say(out, f"{can}: {number}. {best}, ranked by the goals:", style="bold")
        out.print(_table(shown, tiers))
    if not listing.complete:
        say(out, "Counting stopped there: a better placement may be among those not looked at.")
    if not listing.serves:
        for one in listing.barred[:MOST_REASONS]:
            sessions = f"{one.sessions} session{'s' if one.sessions > 1 else ''}"
            say(out, f"{sessions} barred by {one.rule}: {one.words}", indent=2, hang=2)


def _table(placements: Sequence[Placement], tiers: Sequence[tuple[str, ...]]) -> Table:
    heads = ("#", "Seats", "Gets", *(str(number) for number in range(1, len(tiers) + 1)))
    table = Table(*heads, box=box.SIMPLE, pad_edge=False, show_edge=False)
    for column in (table.columns[0], *table.columns[3:]):
        column.justify, column.no_wrap = "right", True
    for one in placements:
        seats = "\n".join(_seat(seat) for seat in one.given.seats)
        values = (f"{value:.10g}" for value in one.values)
        table.add_row(str(one.rank), Text(seats), Text(_gets(one.given)), *values)
    legend = ", ".join(f"{number} {' + '.join(goals)}" for number, goals in enumerate(tiers, start=1))
    table.caption, table.caption_justify = Text(f"Tiers of the whole week, less is better: {legend}"), "left"
    return table


def _seat(seat: SeatView | SessionView) -> str:
    place = f", {seat.room}" if seat.room is not None else ""
    return f"{seat.time} {seat.group} ({', '.join(seat.therapists)}{place}) {seat.session}"


def _gets(given: Given) -> str:
    if given.served:
        return f"{given.hours:g} h, served in full"
    wants = [f"{given.hours_short:g} h short"] if given.hours_short else []
    wants += [f"misses {one.group}{f' x{one.times}' if one.times > 1 else ''}" for one in given.missed]
    return f"{given.hours:g} h, {', '.join(wants)}"


# ---- with moves ------------------------------------------------------------------------------------------------------


def _print_rearranged(out: Console, found: Rearranged, newcomers: int) -> None:
    whom, all_of = ("the newcomer", "") if newcomers == 1 else ("the newcomers", " all")
    people = "nobody" if found.limit == 0 else f"at most {_number(found.limit, 'patient')}"
    if found.served:
        fewest = ", and it is proven that fewer do not suffice" if found.fewest and found.limit else ""
        fewest = fewest or (" (fewer may do; that was not settled in the time)" if found.limit else "")
        say(out, f"With {people} moved, {whom} can{all_of} be served in full{fewest}.", style="bold")
    elif found.proof is Proof.IMPOSSIBLE:
        say(out, f"With {people} moved, it is proven that {whom} cannot{all_of} be served in full.", style="bold")
    else:
        say(out, f"With {people} moved, whether {whom} can{all_of} be served in full was not settled in the time.")
    if not found.used:
        return
    for one in found.moves:
        say(out, f"{one.patient}: {'; '.join(_move(move) for move in one.moves)}", indent=2, hang=4)
    for line in found.sessions:
        say(out, _session(line), indent=2, hang=4)


def _reason(found: Explanation) -> str:
    need = f"{found.patient}, {found.need}: {found.verdict}"
    if not found.facts:
        return f"{need}."
    return f"{need}, for {'; '.join(one.words for one in found.facts)}."


def _move(move: Move) -> str:
    if move.before is None:
        return f"also to {_seat(move.after)}" if move.after is not None else ""
    if move.after is None:
        return f"no longer in {_seat(move.before)}"
    return f"from {_seat(move.before)} to {_seat(move.after)}"


def _session(line: SessionLine) -> str:
    if line.before is None and line.after is not None:
        return f"opens: {_seat(line.after)}"
    if line.after is None and line.before is not None:
        return f"closes: {_seat(line.before)}"
    assert line.before is not None
    assert line.after is not None
    if SessionKind.ROOM in line.kinds and len(set(line.kinds) & {SessionKind.TIME, SessionKind.FACILITATOR}) == 0:
        return f"{line.before.session} moves from room {line.before.room} to {line.after.room}"
    return f"{line.before.session}: {_seat(line.before)} becomes {_seat(line.after)}"


# ---- what would have to change ---------------------------------------------------------------------------------------


def _print_changes(
    out: Console, found: Changes, newcomers: int, cells_of: Callable[[Sequence[FactRef]], Sequence[str]]
) -> None:
    whom = "the newcomer" if newcomers == 1 else "every newcomer"
    if not found.opened:
        if found.none_suffices:
            say(out, f"None of {found.candidates} single changes of the week would do: that is proven.")
        else:
            say(out, f"No single change was found; {found.open} of {found.candidates} were not settled in the time.")
        return
    say(out, f"What would let {whom} be served in full, the cheapest first (each proven by a timetable):")
    for one in found.opened:
        moved = "nobody moved" if not one.moved else f"{_number(one.moved, 'patient')} moved"
        place = ", ".join(cells_of(one.change.facts[:1]))
        edit = f"{place}: {one.change.edit}" if place else one.change.edit
        say(out, f"{one.change.words} ({one.change.cost}; {moved}) [{edit}]", indent=2, hang=4)
    if found.open:
        say(out, f"{found.open} of {found.candidates} changes were not tried to an end.", indent=2)


# ---- the answer ------------------------------------------------------------------------------------------------------


def _print_answer(out: Console, found: Admission) -> None:
    if found.interrupted:
        say(out, "Interrupted: this is what was known by then.", style="bold yellow")
    for one in found.given:
        say(out, f"{one.patient}: {_gets(one)}.", style="bold")
        for seat in one.seats:
            say(out, _seat(seat), indent=2, hang=4)
    moved = "Nobody is moved" if not found.moved else f"{_number(found.moved, 'patient')} moved"
    if found.served:
        say(out, f"{moved}; every newcomer is served in full.")
    else:
        served = sum(one.served for one in found.given)
        say(out, f"{moved}; {served} of {len(found.given)} newcomers served in full.")


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"
