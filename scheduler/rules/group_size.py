"""How small and how large a session may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.problems import FactRef
from scheduler.domain.timetable import Board, Session
from scheduler.domain.week import Block, Group, Patient, Pin, Room, Week
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.facts import fact, pin_fact
from scheduler.rules.pinned import companions, group_of_pins

if TYPE_CHECKING:
    from scheduler.model.candidates import Cell
    from scheduler.model.plan import Literal, Plan
    from scheduler.model.splits import Split


class GroupSize(Rule):
    """Patients in a session: the group's own limits, its room's seats, the profile's cap for its kind."""

    id = "group-size"
    words = (
        "A session that runs has between min and max size, no more than its room holds and no more than the profile's "
        "cap for its kind: the tightest wins (facilitators are not counted)."
    )
    formula = (
        "min(g)·n[b,g] ≤ Σ_p x[p,b,g] ≤ Σ_c min(cap(g), seats(c))·r[c,b,g] + cap(g)·(n[b,g] − Σ_c r[c,b,g]); "
        "the same for every session when a cell is split"
    )
    source = "Licences cap groups by kind (e.g. Texas 26 TAC 564.902: counselling 16, education 35); see the profile."

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        if not isinstance(actor, Room) or not isinstance(target, Group) or actor.capacity >= target.min_size:
            return None
        facts = (fact(actor, "Capacity"), fact(target, "Min size"))
        return Refusal(words=f"{actor.id} holds {actor.capacity}, {target.id} needs {target.min_size}", facts=facts)

    def most_sessions(self, week: Week, group: Group, patients: int, therapists: int) -> int | None:
        return patients // group.min_size

    def constrain(self, plan: Plan) -> None:
        classes = plan.candidates.room_classes
        for cell in plan.candidates.cells:
            group = plan.week.group_of[cell[1]]
            present = plan.total(plan.patients_in(cell))
            cap = _cap(plan.week, group)
            plan.add(present >= group.min_size * plan.sessions[cell])
            rooms = plan.rooms_in(cell)
            saved = plan.total((cap - min(cap, classes[c].capacity)) * count for c, count in rooms)
            plan.add(present <= cap * plan.sessions[cell] - saved)

    def constrain_meetings(self, plan: Plan, cell: Cell, meetings: Mapping[tuple[str, str], Literal]) -> None:
        """A therapist leads one session of the cell, so nobody beyond its size can meet them there."""
        cap = _cap(plan.week, plan.week.group_of[cell[1]])
        met: dict[str, list[Literal]] = {}
        for (_, therapist), meets in meetings.items():
            met.setdefault(therapist, []).append(meets)
        for therapist, all_of_them in met.items():
            if len(all_of_them) > cap:
                plan.add(plan.total(all_of_them) <= cap * plan.leads[therapist, *cell])

    def constrain_split(self, split: Split) -> None:
        cap = _cap(split.week, split.group)
        for slot, size in enumerate(split.sizes):
            opened = split.open[slot]
            split.model.add(size >= split.group.min_size * opened)
            split.model.add(size <= cap * opened)
            for kind, used in split.rooms_in(slot):
                capacity = split.candidates.room_classes[kind].capacity
                split.model.add(size <= min(cap, capacity)).only_enforce_if(used)

    def check(self, board: Board) -> Iterable[Violation]:
        for session in board.timetable.sessions:
            size, group = board.size(session), board.group(session)
            if size < group.min_size:
                words = f"{session.id} has {size} patient(s), {group.id} needs at least {group.min_size}"
                yield Violation(words=words, sessions=(session.id,), facts=(fact(group, "Min size"),))
            for most, what, facts in _limits(board, session):
                if size > most:
                    words = f"{session.id} has {size} patients, {what} allows {most}"
                    yield Violation(words=words, sessions=(session.id,), facts=facts)

    def refuses_seat(self, board: Board, patient: Patient, session: Session) -> Refusal | None:
        for most, what, facts in _limits(board, session):
            if board.size(session) + 1 > most:
                return Refusal(words=f"{session.id} is full: {what} allows {most}", facts=facts)
        return None

    def refuses_pin(self, week: Week, pin: Pin) -> Refusal | None:
        pins = (pin, *companions(week, pin))
        patients = {one.patient: one for one in pins if one.patient is not None}
        room = next((week.room_of[one.room] for one in pins if one.room is not None), None)
        group = group_of_pins(week, pins)
        limits = [(room.capacity, fact(room, "Capacity"))] if room is not None else []
        cap = week.size_cap(group) if group is not None else None
        if group is not None and cap is not None:
            limits.append((cap, fact(group, "Max size" if group.max_size == cap else "Kind")))
        for most, limit in sorted(limits, key=lambda found: found[0]):
            if len(patients) > most:
                words = f"{len(patients)} patients are pinned to one session, it holds at most {most}"
                return Refusal(words=words, facts=(*(pin_fact(one, "Patient") for one in patients.values()), limit))
        return None


def _cap(week: Week, group: Group) -> int:
    """The largest session before rooms; without any limit, everybody."""
    cap = week.size_cap(group)
    return max(1, len(week.patients)) if cap is None else cap


def _limits(board: Board, session: Session) -> list[tuple[int, str, tuple[FactRef, ...]]]:
    group = board.group(session)
    limits: list[tuple[int, str, tuple[FactRef, ...]]] = []
    if group.max_size is not None:
        limits.append((group.max_size, f"Max size of {group.id}", (fact(group, "Max size"),)))
    kind_cap = board.week.program.group_caps.get(group.kind)
    if kind_cap is not None:
        limits.append((kind_cap, f"the profile's cap for {group.kind} groups", (fact(group, "Kind"),)))
    if session.room is not None:
        room = board.week.room_of[session.room]
        limits.append((room.capacity, f"room {room.id}", (fact(room, "Capacity"),)))
    return sorted(limits, key=lambda limit: limit[0])
