"""Why a patient is short: plain sentences, each true of the timetable at hand."""

from collections.abc import Iterable, Iterator, Sequence

from scheduler.domain.timetable import Session
from scheduler.domain.week import Block, Group, Patient, RequiredGroup
from scheduler.preflight.patients import reach_text
from scheduler.preflight.plans import why_unreachable
from scheduler.preflight.reach import best_reach
from scheduler.preflight.wording import counted, hours_of, listed, short_windows
from scheduler.shortfalls.view import View

MOST_LINES = 8
"""So many lines about single blocks are printed; the others are counted."""

WITHIN_REACH = "Their own hours, groups and limits allow the whole minimum: what is missing depends on what others get."

_BARRED = {"eligibility": "not open to them", "avoided-groups": "avoided by them"}
"""Refusals that need no more words than these where the group itself is barred to the patient."""

_AWAY = {
    "availability": "when they are not free",
    "blocks-per-day": "on a day that they have filled",
    "one-place-at-a-time": "while they are in another session",
}
"""Refusals for the sake of the patient's own hours: the first of them is enough."""


def reasons_for(
    view: View, patient: Patient, missed: Sequence[RequiredGroup], tiers_proven: Sequence[bool]
) -> tuple[str, ...]:
    """Why the patient is short of hours or of required groups, the most telling first.

    That is a seat that stays free, then what nobody could change by deciding otherwise, then what this timetable does
    at single hours, and last what holds of many.
    """
    is_short = view.minutes_short[patient.id] > 0
    at_most = _at_most(view, patient) if is_short else ""
    sentences = [
        *_left_out(view, patient, tiers_proven),
        *(() if view.outlook.blocks_of(patient) else (_hours(view, patient),)),
        at_most,
        *(_full(view, patient) if is_short else ()),
        *(_windows(view, patient) if at_most else ()),
        *(_blocks(view, patient) if is_short else ()),
        *(line for need in missed for line in _required(view, patient, need)),
        *_windows(view, patient),
        _hours(view, patient),
        WITHIN_REACH if is_short and not at_most else "",
        *_proof(tiers_proven),
    ]
    return tuple(dict.fromkeys(filter(None, sentences)))


def _hours(view: View, patient: Patient) -> str:
    blocks = view.outlook.blocks_of(patient)
    of_all = f"{len(blocks)} of the week's {counted(len(view.week.blocks), 'block')}"
    if not blocks:
        return f"They can come to none of the week's {counted(len(view.week.blocks), 'block')}."
    running = [block for block in blocks if any(_may_attend(view, patient, s) for s in view.sessions_in[block.id])]
    return f"They can come to {of_all}; a session of a group that they may attend runs in {len(running)} of them."


def _may_attend(view: View, patient: Patient, session: Session) -> bool:
    return view.outlook.barred(patient, view.board.group(session)) is None


def _windows(view: View, patient: Patient) -> Iterator[str]:
    windows = short_windows(patient, view.week.blocks)
    if windows:
        yield f"{listed(windows)} {'holds' if len(windows) == 1 else 'hold'} no block of this week."


def _at_most(view: View, patient: Patient) -> str:
    """The bound that no decision of the week could lift; empty where it does not keep the patient short."""
    reach = best_reach(view.week, patient, view.outlook.options[patient.id])
    return f"They can reach at most {reach_text(patient, reach)}, whatever else is decided." if reach.short else ""


def _proof(tiers_proven: Sequence[bool]) -> Iterator[str]:
    if tiers_proven and tiers_proven[0]:
        yield "It is proven that no timetable of this week does better by the first goals of the profile as a whole."
    elif tiers_proven:
        yield "The search ended before it was proven that no timetable does better."


# ---- seats that nothing stands against -----------------------------------------------------------------------------


def _left_out(view: View, patient: Patient, tiers_proven: Sequence[bool]) -> Iterator[str]:
    free = [
        f"{session.id} ({_when(view, session)})"
        for session in view.sessions
        if not view.attends(patient, session)
        and view.gain(patient, (session.block, session.group))
        and not view.refusals(patient, session)
    ]
    if not free:
        return
    why = ""
    if tiers_proven:
        better = all(tiers_proven)
        why = ": goals that the profile puts first stand against it" if better else ": the search ran out of time"
    seats = "Session {} has a free seat" if len(free) == 1 else "Sessions {} have free seats"
    yield f"{seats.format(listed(free))} that no rule refuses them{why}."


def _when(view: View, session: Session) -> str:
    return view.board.block(session).text


def _full(view: View, patient: Patient) -> Iterator[str]:
    """That there are sessions that would suit the patient, and all of them are full."""
    hours: dict[str, list[Block]] = {}
    for block in view.outlook.blocks_of(patient):
        for session in view.sessions_in[block.id]:
            if view.taken(patient, block) or not _may_attend(view, patient, session):
                continue
            if view.refusals(patient, session).keys() != {_SIZE}:
                return
            hours.setdefault(session.group, []).append(block)
    if hours:
        each = [f"{group} {hours_of(list(dict.fromkeys(blocks)))}" for group, blocks in hours.items()]
        more = [f"and {counted(len(each) - 3, 'more group')}"] if len(each) > 3 else []
        yield f"Every session that they could still join is full: {'; '.join((*each[:3], *more))}."


# ---- hour by hour --------------------------------------------------------------------------------------------------


def _blocks(view: View, patient: Patient) -> Iterator[str]:
    """A line for the blocks that are still open in the patient's week; those with the same answer share a line."""
    alike: dict[str, list[Block]] = {}
    full: dict[str, None] = {}
    for block in view.outlook.blocks_of(patient):
        taken = view.taken(patient, block)
        if "weekly-maximum" in taken and len(taken) == 1:
            full[taken["weekly-maximum"].words] = None
        if not taken:
            alike.setdefault(_what_runs(view, patient, block), []).append(block)
    yield from (f"{words}." for words in full)
    lines = [f"{hours_of(blocks)}: {text}." for text, blocks in alike.items()]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        left = sum(len(blocks) for blocks in list(alike.values())[MOST_LINES:])
        yield f"And {counted(left, 'more block')} with other answers."


def _what_runs(view: View, patient: Patient, block: Block) -> str:
    phrases: dict[str, None] = {}
    for session in view.sessions_in[block.id]:
        phrases[f"{session.group} {_why_not(view, patient, session)}"] = None
    if phrases:
        return "; ".join(phrases)
    groups = [group for group in view.outlook.groups_of(patient) if view.outlook.runnable(block, group)]
    if not groups:
        return "nothing runs then, and no group that they may attend could"
    return f"nothing runs then; {listed([group.id for group in groups], 'or')} could by itself"


def _why_not(view: View, patient: Patient, session: Session) -> str:
    """Why the patient is not in the session, for a line that already names group and hour."""
    refusals = view.refusals(patient, session)
    if not refusals:
        helps = view.gain(patient, (session.block, session.group))
        return "has a free seat" if helps else "has a free seat, which would mend nothing for them"
    barred = view.outlook.barred(patient, view.board.group(session)) is not None
    away = next((words for rule, words in _AWAY.items() if rule in refusals), None)
    if barred:
        plain = [_BARRED.get(rule, f"({one.words})") for rule, one in refusals.items() if rule not in (*_AWAY, _SIZE)]
        return " and ".join(plain) or f"({next(iter(refusals.values())).words})"
    if away is not None:
        return away
    return " and ".join(
        f"full ({view.board.size(session)} of {view.most(session)})" if rule == _SIZE else f"({one.words})"
        for rule, one in refusals.items()
    )


_SIZE = "group-size"


# ---- required groups -----------------------------------------------------------------------------------------------


def _required(view: View, patient: Patient, need: RequiredGroup) -> Iterator[str]:
    group = view.week.group_of[need.group]
    times = f" {need.times} times" if need.times > 1 else ""
    why = why_unreachable(view.outlook, patient, group)
    if why is not None:
        yield f"{group.id} is missed{times}, and cannot be given: {why}."
        return
    running = [session for session in view.sessions if session.group == group.id and not view.attends(patient, session)]
    if running:
        alike: dict[str, list[Block]] = {}
        for session in running:
            alike.setdefault(_why_not(view, patient, session), []).append(view.board.block(session))
        shown = [f"{hours_of(list(dict.fromkeys(blocks)))} {why}" for why, blocks in alike.items()]
        yield f"{group.id} is missed{times}: {'; '.join(shown)}."
        return
    verb = "does not run this week" if not view.board.of_group(group.id) else "runs only where they already attend"
    yield f"{group.id} is missed{times}: it {verb}; {_why_it_does_not_run(view, patient, group)}."


def _why_it_does_not_run(view: View, patient: Patient, group: Group) -> str:
    """What stands in the way at the hours when the patient could come and the group could run by itself."""
    open_to = {b for b, g in view.outlook.options[patient.id] if g == group.id}
    alike: dict[str, list[Block]] = {}
    for block in view.week.blocks:
        if block.id in open_to:
            alike.setdefault(hindrance(view, block, group), []).append(block)
    return "; ".join(_few([f"at {hours_of(blocks)} {words}" for words, blocks in alike.items()]))


def _few(texts: Sequence[str], most: int = 3) -> Iterable[str]:
    return (
        texts
        if len(texts) <= most
        else [*texts[:most], f"and other reasons at {counted(len(texts) - most, 'more hour')}"]
    )


def hindrance(view: View, block: Block, group: Group) -> str:
    """What of this timetable keeps one more session of the group from running in the block."""
    idle = view.idle_leaders(block, group)
    if len(idle) < group.facilitators:
        busy = [words for t in view.outlook.leaders(block, group) if (words := view.why_busy(t, block))]
        return f"nobody qualified is left ({listed(busy)})" if not idle else f"too few are left ({listed(busy)})"
    if group.needs_room and not view.idle_rooms(block, group):
        return "every room that suits it is used"
    if group.max_sessions is not None and len(view.board.of_group(group.id)) >= group.max_sessions:
        return f"it already runs {counted(group.max_sessions, 'time')}, its Max sessions"
    return "somebody qualified is idle" + (", and so is a room" if group.needs_room else "")
