"""Rows of Apart and Together that cannot both hold, or cannot come true."""

from collections.abc import Iterator

from scheduler.domain.problems import FactRef, Finding, Severity
from scheduler.domain.week import Together
from scheduler.preflight.outlook import Outlook
from scheduler.rules.facts import apart_fact


def apart_and_together(outlook: Outlook) -> Iterator[Finding]:
    """Pairs that stand in both sheets. Apart is a rule and wins."""
    apart = {frozenset((a.patient, a.other_patient)): a for a in outlook.week.apart if a.other_patient is not None}
    for pair in outlook.week.together:
        against = apart.get(frozenset((pair.patient, pair.other)))
        if against is not None:
            yield Finding(
                code="apart-and-together",
                severity=Severity.WARNING,
                message=f"{pair.patient} and {pair.other} are to be kept apart and to be together; apart wins",
                hint="take one of the two rows away",
                facts=(_together_fact(pair), apart_fact(against)),
            )


def together_never(outlook: Outlook) -> Iterator[Finding]:
    """Pairs that have no session in common, whatever is decided."""
    for pair in outlook.week.together:
        one, other = (set(outlook.options[patient]) for patient in (pair.patient, pair.other))
        if pair.patient != pair.other and one.isdisjoint(other):
            blocks = {b for b, _ in one} & {b for b, _ in other}
            groups = {g for _, g in one} & {g for _, g in other}
            yield Finding(
                code="together-never",
                severity=Severity.WARNING,
                message=f"{pair.patient} and {pair.other} can never share a session: {_what_lacks(blocks, groups)}",
                hint="change their hours or groups, or take the row away",
                facts=(_together_fact(pair),),
            )


def _what_lacks(blocks: set[str], groups: set[str]) -> str:
    if not blocks:
        return "there is no block that both could attend"
    if not groups:
        return "there is no group that both could attend"
    return "no group that both may attend could run in a block when both can come"


def _together_fact(pair: Together) -> FactRef:
    return FactRef(sheet="Together", row=str(pair.row), column="With")
