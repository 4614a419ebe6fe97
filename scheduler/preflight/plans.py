"""Groups of the treatment plan that cannot be given, whatever is decided."""

from collections.abc import Iterator

from scheduler.domain.clock import Day
from scheduler.domain.problems import FactRef, Finding, Severity
from scheduler.domain.week import Group, Patient, RequiredGroup
from scheduler.preflight.outlook import Outlook
from scheduler.preflight.wording import NAMED, counted, hours_of, listed
from scheduler.rules.facts import fact


def unreachable(outlook: Outlook) -> Iterator[Finding]:
    """Required groups that no session could ever offer to the patient; patients with the same reason come together.

    Patients who can come to no block at all have a finding of their own.
    """
    alike: dict[tuple[str, str], list[Patient]] = {}
    for patient, need in _needs(outlook):
        why = why_unreachable(outlook, patient, outlook.week.group_of[need.group])
        if why is not None and outlook.blocks_of(patient):
            alike.setdefault((need.group, why), []).append(patient)
    for (group, why), patients in alike.items():
        yield Finding(
            code="required-group-unreachable",
            severity=Severity.WARNING,
            message=f"{group} is required for {listed([p.id for p in patients])}, but {why}",
            hint="change the plan, or make the group possible at hours when they can come",
            facts=_cells(patients),
        )


def _cells(patients: list[Patient]) -> tuple[FactRef, ...]:
    return tuple(fact(patient, "Required groups") for patient in patients[: NAMED + 1])


def _needs(outlook: Outlook) -> Iterator[tuple[Patient, RequiredGroup]]:
    for patient in outlook.week.patients:
        for need in patient.required:
            yield patient, need


def why_unreachable(outlook: Outlook, patient: Patient, group: Group) -> str | None:
    """Why the patient can never attend the group this week; None when nothing known beforehand is in the way."""
    barred = outlook.barred(patient, group)
    if barred is not None:
        return barred.words
    blocks = outlook.blocks_of(patient)
    if not blocks:
        return "they can come to no block of the week"
    if any(cell[1] == group.id for cell in outlook.options[patient.id]):
        return None
    never = outlook.never_runs(group)
    if never is not None:
        return f"it can never run: {never}"
    if len(outlook.qualified(group)) < group.facilitators:
        return f"it needs {_therapists(group)} and {_at_all(outlook, group)} to lead it"
    causes = {block: outlook.obstacle(block, group) for block in blocks}
    for cause in ("patients", "room", "staff", "times"):
        there = [block for block, found in causes.items() if found is not None and found.cause == cause]
        if there:
            words = next(found.words for found in causes.values() if found is not None and found.cause == cause)
            others = "" if len(there) == len(blocks) else "; at their other hours it cannot run either"
            return f"at {hours_of(there)}, when they can come, {words}{others}"
    return None


def _therapists(group: Group) -> str:
    return counted(group.facilitators, "qualified therapist")


def _at_all(outlook: Outlook, group: Group) -> str:
    qualified = outlook.qualified(group)
    return "nobody is there" if not qualified else f"only {listed([t.id for t in qualified])} is there"


def more_than_fits(outlook: Outlook) -> Iterator[Finding]:
    """Plans that ask for more sessions of a group, or of all groups, than the patient's week can hold."""
    for patient, need in _needs(outlook):
        why = _too_often(outlook, patient, need)
        if why:
            yield _too_much(patient, f"{need.group} is required {need.times} times for {patient.id}, but {why}")
    for patient in outlook.week.patients:
        asked = sum(need.times for need in patient.required)
        if asked > patient.max_blocks:
            words = f"{patient.id}'s plan asks for {counted(asked, 'session')} a week, and their Max blocks is "
            yield _too_much(patient, f"{words}{patient.max_blocks}", "Max blocks")


def _too_often(outlook: Outlook, patient: Patient, need: RequiredGroup) -> str:
    group = outlook.week.group_of[need.group]
    for limit, words in (
        (group.max_per_patient, "nobody may attend it more often than {}"),
        (group.max_sessions, "it runs at most {} a week"),
    ):
        if limit is not None and 0 < limit < need.times:
            return words.format(counted(limit, "time"))
    blocks = [outlook.week.block_of[b] for b, g in outlook.options[patient.id] if g == need.group]
    per_day = outlook.week.program.max_blocks_per_day
    most = sum(min(per_day, sum(block.day is day for block in blocks)) for day in Day)
    if 0 < most < need.times:
        return f"it could run for them at most {counted(most, 'time')}: {hours_of(blocks)}"
    return ""


def _too_much(patient: Patient, message: str, *others: str) -> Finding:
    return Finding(
        code="required-more-than-fits",
        severity=Severity.WARNING,
        message=message,
        hint="ask for fewer sessions in Required groups, or raise the limit",
        facts=tuple(fact(patient, column) for column in ("Required groups", *others)),
    )
