"""Pins that no timetable can keep. Every finding is an error, and certain."""

from collections.abc import Iterator

from scheduler.domain.findings import Refusal
from scheduler.domain.problems import FactRef, Finding, Severity
from scheduler.domain.week import Block, Group, Pin
from scheduler.model.protocol import Actor
from scheduler.preflight.outlook import Outlook
from scheduler.preflight.wording import listed
from scheduler.rules.facts import pin_fact
from scheduler.rules.pins import COLUMNS, pin_text

HINT = "change the pin, or the cell that it breaks"


def against_rule(outlook: Outlook) -> Iterator[Finding]:
    """Pins that break a rule by themselves, or together with the pins above them."""
    for pin in outlook.week.pins:
        yield from _barred_pairs(outlook, pin)
        for rule in outlook.rules:
            refusal = rule.refuses_pin(outlook.week, pin)
            if refusal is not None:
                yield _against(pin, refusal, _own_cells(pin, refusal))


def _against(pin: Pin, refusal: Refusal, cells: tuple[FactRef, ...]) -> Finding:
    others = tuple(one for one in refusal.facts if one not in cells)
    return Finding(
        code="pin-against-rule",
        severity=Severity.ERROR,
        message=f"the pin {pin_text(pin)} cannot be kept: {refusal.words}",
        hint=HINT,
        facts=(*cells, *others),
    )


def _own_cells(pin: Pin, refusal: Refusal) -> tuple[FactRef, ...]:
    """The pin's own cells among the facts; its first filled cell where the rule names none."""
    own = tuple(one for one in refusal.facts if one.sheet == "Pins" and one.row == str(pin.row))
    return own or _cells(pin)[:1]


def _cells(pin: Pin) -> tuple[FactRef, ...]:
    return tuple(pin_fact(pin, column.capitalize()) for column in COLUMNS if getattr(pin, column) is not None)


def _barred_pairs(outlook: Outlook, pin: Pin) -> Iterator[Finding]:
    for columns, actor, target in _pairs(outlook, pin):
        refusal = outlook.barred(actor, target)
        if refusal is not None:
            yield _against(pin, refusal, tuple(pin_fact(pin, column) for column in columns))


def _pairs(outlook: Outlook, pin: Pin) -> Iterator[tuple[tuple[str, str], Actor, Block | Group]]:
    """Every two cells of the pin of which a rule could say that they never go together."""
    week = outlook.week
    group = week.group_of.get(pin.group or "")
    actors: dict[str, Actor | None] = {
        "Patient": week.patient_of.get(pin.patient or ""),
        "Therapist": week.therapist_of.get(pin.therapist or ""),
        "Room": week.room_of.get(pin.room or ""),
    }
    targets: dict[str, Block | Group | None] = {"Block": week.block_of.get(pin.block or ""), "Group": group}
    for column, actor in actors.items():
        for place, target in targets.items():
            if actor is not None and target is not None:
                yield (column, place), actor, target
    if group is not None and targets["Block"] is not None:
        yield ("Group", "Block"), group, targets["Block"]


def nowhere(outlook: Outlook) -> Iterator[Finding]:
    """Pins of which every two cells go together, and yet no block and group can hold the whole."""
    for pin in outlook.week.pins:
        if any(True for _ in _barred_pairs(outlook, pin)):
            continue
        if any(_can_hold(outlook, pin, block, group) for block, group in outlook.running):
            continue
        yield Finding(
            code="pin-nowhere",
            severity=Severity.ERROR,
            message=f"no session of the week can match the pin {pin_text(pin)}: {_why_nowhere(outlook, pin)}",
            hint=HINT,
            facts=_cells(pin),
        )


def _can_hold(outlook: Outlook, pin: Pin, block: Block, group: Group) -> bool:
    return (
        pin.block in (None, block.id)
        and pin.group in (None, group.id)
        and (pin.patient is None or pin.patient in outlook.patients((block.id, group.id)))
        and (pin.therapist is None or pin.therapist in {t.id for t in outlook.leaders(block, group)})
        and (pin.room is None or (group.needs_room and pin.room in {r.id for r in outlook.rooms(block, group)}))
    )


def _why_nowhere(outlook: Outlook, pin: Pin) -> str:
    week = outlook.week
    blocks = [block for block in week.blocks if pin.block in (None, block.id)]
    groups = [group for group in week.groups if pin.group in (None, group.id)]
    reasons = []
    for group in groups:
        for block in blocks:
            found = outlook.obstacle(block, group)
            if found is not None and pin.block is not None and pin.group is not None:
                return f"{group.id} cannot run on {block.text}: {found.words}"
            if found is not None:
                reasons.append(f"{group.id}: {found.words}")
    if len(reasons) == len(blocks) * len(groups):
        return listed(list(dict.fromkeys(reasons)))
    return "at no hour and in no group that could run can all that it names come together"
