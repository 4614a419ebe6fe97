"""Patients who cannot be given what they need, whatever is decided."""

from collections.abc import Iterator

from scheduler.domain.clock import hours_text
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient
from scheduler.preflight.outlook import Outlook
from scheduler.preflight.reach import Reach, best_reach
from scheduler.preflight.wording import counted, hours_of, listed, short_windows
from scheduler.rules.facts import fact


def without_block(outlook: Outlook) -> Iterator[Finding]:
    """Patients whose free time holds no block of the week."""
    blocks = outlook.week.blocks
    for patient in outlook.week.patients:
        if outlook.blocks_of(patient):
            continue
        windows = short_windows(patient, blocks)
        message = f"{patient.id} can come to none of the week's {counted(len(blocks), 'block')}"
        if windows:
            message += f": {listed(windows)} {'holds' if len(windows) == 1 else 'hold'} no block of this week"
        yield Finding(
            code="patient-without-block",
            severity=Severity.WARNING,
            message=message,
            hint="widen their availability, or add a block that lies within it",
            facts=(fact(patient, "Availability"), fact(patient, "Unavailable")),
        )


def without_seat(outlook: Outlook) -> Iterator[Finding]:
    """Patients who can come to blocks in which no group that they may attend could ever run."""
    for patient in outlook.week.patients:
        blocks = outlook.blocks_of(patient)
        if not blocks or outlook.options[patient.id]:
            continue
        column, why = _nothing_runs(outlook, patient)
        yield Finding(
            code="patient-without-seat",
            severity=Severity.WARNING,
            message=f"{patient.id} can come to {hours_of(blocks)}, but {why}",
            hint="open a group to them, or make one possible at hours when they can come",
            facts=(fact(patient, column),),
        )


def _nothing_runs(outlook: Outlook, patient: Patient) -> tuple[str, str]:
    groups = outlook.groups_of(patient)
    if not groups:
        refusals = [outlook.barred(patient, group) for group in outlook.week.groups]
        examples = listed(list(dict.fromkeys(one.words for one in refusals if one is not None)))
        return "Tags", f"there is no group that they may attend: {examples}"
    blocks = outlook.blocks_of(patient)
    found = [(group, outlook.obstacle(block, group)) for group in groups for block in blocks]
    reasons = dict.fromkeys(f"{group.id}: {one.words}" for group, one in found if one is not None)
    return "Availability", f"no group that they may attend could run then ({'; '.join(_few(list(reasons)))})"


def _few(texts: list[str], most: int = 4) -> list[str]:
    return texts if len(texts) <= most else [*texts[:most], f"and {len(texts) - most} more"]


def too_few_days(outlook: Outlook) -> Iterator[Finding]:
    """Patients who miss their minimum even with the whole week at their disposal."""
    for patient in outlook.week.patients:
        cells = outlook.options[patient.id]
        if not cells:
            continue
        reach = best_reach(outlook.week, patient, cells)
        if reach.short:
            blocks = len({block for block, _ in cells})
            yield Finding(
                code="too-few-days",
                severity=Severity.WARNING,
                message=f"{patient.id} can reach at most {reach_text(patient, reach)}, whatever else is decided: "
                f"groups that they may attend could run in {counted(blocks, 'block')} to which they can come",
                hint="more hours when they can come, more groups open to them, or a lower minimum in their own row",
                facts=(fact(patient, "Availability"), fact(patient, "Min hours")),
            )


def reach_text(patient: Patient, reach: Reach) -> str:
    """``6 h of 9 h``; where the hours would do, the blocks or days that do not."""
    if reach.minutes < patient.min_minutes:
        return f"{hours_text(reach.minutes)} of {hours_text(patient.min_minutes)}"
    if reach.blocks < patient.min_blocks:
        return f"{reach.blocks} of {counted(patient.min_blocks, 'block')}"
    least = f"{patient.min_day_minutes / MINUTES_PER_HOUR:.4g} h"
    return f"{reach.days} of {counted(patient.min_days, 'day')} with {least} or more"


def primary_never_meets(outlook: Outlook) -> Iterator[Finding]:
    """Patients whose primary therapist can lead nothing that they could attend."""
    apart = {(row.patient, row.therapist) for row in outlook.week.apart}
    for patient in outlook.week.patients:
        if patient.primary_therapist is None or not outlook.options[patient.id]:
            continue
        led = outlook.led_by(patient.primary_therapist)
        kept_apart = (patient.id, patient.primary_therapist) in apart
        if kept_apart or led.isdisjoint(outlook.options[patient.id]):
            why = "is to be kept apart from them" if kept_apart else "can lead nothing that they could attend"
            yield Finding(
                code="primary-therapist-never-meets",
                severity=Severity.NOTICE,
                message=f"{patient.id} can never be led by their primary therapist: {patient.primary_therapist} {why}",
                hint="they will meet only if their hours or groups overlap",
                facts=(fact(patient, "Primary therapist"),),
            )
