"""Groups that can never run."""

from collections.abc import Iterator

from scheduler.domain.problems import FactRef, Finding, Severity
from scheduler.domain.week import Group
from scheduler.preflight.outlook import Outlook
from scheduler.preflight.wording import counted, hours_of, listed
from scheduler.rules.facts import fact


def _finding(code: str, message: str, hint: str, *facts: FactRef) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, message=message, hint=hint, facts=facts)


def nobody_may_attend(outlook: Outlook) -> Iterator[Finding]:
    """Groups that are open to no patient of the week."""
    for group in outlook.week.groups:
        if not _audience(outlook, group):
            yield _finding(
                "group-nobody-may-attend",
                f"no patient of this week may attend {group.id}",
                "look at the spelling of the tags in Open to, and at the group's modality",
                fact(group, "Open to"),
            )


def _audience(outlook: Outlook, group: Group) -> list[str]:
    return [patient.id for patient in outlook.week.patients if outlook.barred(patient, group) is None]


def nobody_may_lead(outlook: Outlook) -> Iterator[Finding]:
    """Groups with too few qualified therapists, at all or at any one hour at which the group may run."""
    for group in outlook.week.groups:
        qualified = outlook.qualified(group)
        hours = [block for block in outlook.week.blocks if outlook.barred(group, block) is None]
        need = f"{group.id} needs {counted(group.facilitators, 'qualified therapist')}"
        if len(qualified) < group.facilitators:
            found = f"only {listed([t.id for t in qualified])} is" if qualified else "nobody is"
            yield _nobody_leads(group, f"{need}, and {found} there")
        elif not hours:
            yield _nobody_leads(group, f"{group.id} may run in no block of the week", "Times")
        elif all(len(outlook.leaders(block, group)) < group.facilitators for block in hours):
            who = listed([therapist.id for therapist in qualified])
            yield _nobody_leads(group, f"{need} at once, and of {who} too few are free in every block of its times")


def _nobody_leads(group: Group, message: str, column: str = "Facilitators") -> Finding:
    hint = "qualify somebody in the Groups column of Therapists, or widen hours"
    return _finding("group-nobody-may-lead", message, hint, fact(group, column))


def without_room(outlook: Outlook) -> Iterator[Finding]:
    """In-person groups that no room suits, by features, seats or hours."""
    for group in outlook.week.groups:
        if not group.needs_room:
            continue
        hours = [block for block in outlook.week.blocks if outlook.barred(group, block) is None]
        if not outlook.rooms_for(group):
            refusals = [outlook.barred(room, group) for room in outlook.week.rooms]
            reasons = [one.words for one in refusals if one is not None]
            why = f": {listed(reasons)}" if reasons else ": there are no rooms"
            yield _without_room(group, f"no room suits {group.id}{why}")
        elif hours and not any(outlook.rooms(block, group) for block in hours):
            yield _without_room(group, f"no room that suits {group.id} is free at {hours_of(hours)}")


def _without_room(group: Group, message: str) -> Finding:
    column = "Room features" if group.room_features else "Min size"
    return _finding("group-without-room", message, "add a room, a feature or seats", fact(group, column))


def min_size_above_cap(outlook: Outlook) -> Iterator[Finding]:
    """Groups whose smallest size is above their largest."""
    week = outlook.week
    for group in week.groups:
        cap = week.size_cap(group)
        if cap is None or cap >= group.min_size:
            continue
        by_kind = week.program.group_caps.get(group.kind) == cap
        limit = f"the profile's cap for {group.kind} groups" if by_kind else "its Max size"
        yield _finding(
            "min-size-above-cap",
            f"{group.id} can never run: its Min size is {group.min_size}, and {limit} is {cap}",
            "lower Min size" if by_kind else "lower Min size or raise Max size",
            fact(group, "Min size"),
            fact(group, "Kind" if by_kind else "Max size"),
        )


def too_few_patients(outlook: Outlook) -> Iterator[Finding]:
    """Groups for which there are never enough patients at one hour."""
    week = outlook.week
    for group in week.groups:
        audience = _audience(outlook, group)
        hours = [block for block in week.blocks if outlook.barred(group, block) is None]
        present = {block.id: len(outlook.patients((block.id, group.id))) for block in hours}
        most = max(present.values(), default=0)
        if not audience or not hours or most >= group.min_size:
            continue
        if len(audience) < group.min_size:
            found = f"only {counted(len(audience), 'patient')} may attend it"
        else:
            found = f"at no hour can more than {most} of the {len(audience)} who may attend it come"
        yield _finding(
            "group-too-few-patients",
            f"{group.id} can never run: it needs {group.min_size} patients, and {found}",
            "lower Min size, open the group to more patients or widen its Times",
            fact(group, "Min size"),
        )
