"""Why somebody is short, in sentences: for the terminal, for the sheet `Shortfalls`, and as a JSON document."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console

from scheduler.domain.explanation import Explanation, Fact, Verdict
from scheduler.reports.console import say

MANY = 4
"""More facts of one kind than this are told together, so that a page stays a page; JSON has each."""
CHEAPEST_FOUND = "A way to give it all the same, the cheapest found in the time"
SHOWN, PEOPLE_SHOWN = 3, 12
"""Of facts told together, so many are named; of people more, for who came first is what was asked."""


def sentences(found: Explanation, *, full: bool = False, with_cost: bool = True) -> tuple[str, ...]:
    """What was proven, then a sentence a fact (or a kind of fact, unless ``full``), then at whose cost, if asked."""
    cost = _cost_lines(found) if with_cost else ()
    return (_verdict(found), *_fact_lines(found.facts, full=full), *cost)


def _verdict(found: Explanation) -> str:
    if found.verdict is Verdict.POSSIBLE:
        return (
            f"{found.need}: nothing stands in the way. A timetable exists in which they get it and nobody loses "
            "anything; search again from this one (solve --start)."
        )
    if found.verdict is Verdict.OPEN:
        return f"{found.need}: what stands in the way was not settled in the time."
    begin = {
        Verdict.NEVER: "proven impossible for this patient, whatever the others get.",
        Verdict.OTHERS_FIRST: "proven possible only at the cost of others.",
    }[found.verdict]
    if not found.facts:
        return f"{found.need}: {begin} The blocks of this week and the rules alone do not allow it."
    together = "These facts together make it impossible"
    if found.smallest:
        one = "without it it would be possible" if len(found.facts) == 1 else "with any one of them away it is possible"
        if any(fact.line for fact in found.facts):
            one = "with any one of these lines away it is possible"
        together = f"{'This fact makes' if len(found.facts) == 1 else 'These facts together make'} it impossible; {one}"
    else:
        together += "; fewer might do"
    return f"{found.need}: {begin} {together}:"


def _fact_lines(facts: Sequence[Fact], *, full: bool) -> Iterator[str]:
    lines: dict[tuple[object, ...], list[Fact]] = {}
    for one in facts:
        lines.setdefault((one.line,) if one.line else (0, *one.kind), []).append(one)
    for found in lines.values():
        if not found[0].line and (full or len(found) <= MANY):
            yield from (fact_text(one) for one in found)
            continue
        yield _together(found, full=full)


def fact_text(one: Fact) -> str:
    """The fact with its cell: ``T03 leads at most 4 sessions (Therapists!F5: 4)``."""
    if not one.cell:
        return one.words
    value = f": {' '.join(one.value.split())}" if one.value else ""
    return f"{one.words} ({one.cell}{value})"


def _together(facts: Sequence[Fact], *, full: bool) -> str:
    """Facts that are told together; of a line of its own it is said that it was not looked into further."""
    loose = "; needed together, fewer of them might do" if facts[0].line else ""
    if full:
        return f"together{loose}: {'; '.join(fact_text(one) for one in facts)}"
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in facts:
        kinds.setdefault(one.kind, []).append(one.owner or one.ref.row)
    if len(kinds) > 1:
        sheets = ", ".join(dict.fromkeys(one.ref.sheet for one in facts))
        return f"what {sheets} say in {len(facts)} cells{loose}"
    names = next(iter(kinds.values()))
    most = PEOPLE_SHOWN if facts[0].owner else SHOWN
    shown = ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    if facts[0].owner:
        return f"{len(facts)} others keep what they have: {shown}{loose}"
    return f"{facts[0].ref.column} of {len(facts)} rows of {facts[0].ref.sheet}: {shown}{loose}"


def _cost_lines(found: Explanation) -> Iterator[str]:
    cost = found.cost
    if cost is None:
        if found.verdict is Verdict.OTHERS_FIRST:
            yield "At whose cost it could be given all the same was not settled in the time."
        return
    losses = [
        " and ".join(
            part
            for part in (
                f"{one.patient} would be {one.hours:g} h shorter" if one.hours else "",
                f"{'' if one.hours else f'{one.patient} would '}miss {', '.join(one.groups)}" if one.groups else "",
            )
            if part
        )
        for one in cost.losses
    ]
    said = [*losses, *cost.other]
    if said:
        way = "The cheapest way to give it all the same, proven" if cost.proven else CHEAPEST_FOUND
        yield f"{way}: {'; '.join(said)}."


def print_explanations(out: Console, found: Sequence[Explanation], *, full: bool) -> None:
    """Patient by patient, need by need."""
    last = ""
    for one in found:
        if one.patient != last:
            say(out, one.patient, style="bold")
            last = one.patient
        first, *rest = sentences(one, full=full)
        say(out, first, indent=2, hang=2)
        for line in rest:
            say(out, f"- {line}", indent=4, hang=2)


def explanations_document(found: Sequence[Explanation]) -> list[dict[str, Any]]:
    """Every explanation as an object, with every fact."""
    return [
        {
            **one.model_dump(mode="json"),
            "verdict": one.verdict.name.lower().replace("_", "-"),
            "words": one.verdict.value,
        }
        for one in found
    ]
