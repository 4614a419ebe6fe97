"""A finished timetable with everything that explaining it asks for again and again."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.findings import Refusal
from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Block, Group, Patient, Room, Therapist, Week
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.candidates import Cell
from scheduler.model.protocol import Rule
from scheduler.preflight.outlook import Outlook

TIME_RULES = ("one-place-at-a-time", "blocks-per-day", "weekly-maximum")
"""Rules that refuse a patient a seat for the sake of the patient's own week, whatever session it is."""


@dataclass(frozen=True)
class Gain:
    """What one more seat would mend for a patient: minutes short and times of required groups."""

    minutes: int = 0
    groups: int = 0

    def __bool__(self) -> bool:
        return min(self.minutes, self.groups) >= 0 and max(self.minutes, self.groups) > 0


class View:
    """The timetable, its rules, and who is short."""

    def __init__(self, week: Week, timetable: Timetable, rules: Sequence[Rule]) -> None:
        self.week = week
        self.rules = rules
        self.board = Board(week, timetable)
        self.outlook = Outlook(week, rules)
        self._seat_rules = [rule for rule in rules if type(rule).refuses_seat is not Rule.refuses_seat]
        self._time_rules = [rule for rule in self._seat_rules if rule.id in TIME_RULES]
        self._gains: dict[tuple[str, str, str], Gain] = {}
        self._taken: dict[tuple[str, str], dict[str, Refusal]] = {}
        self.missed = {p.id: missed_groups(self.board, p) for p in week.patients}
        self.minutes_short = {p.id: minutes_short(self.board, p) for p in week.patients}
        self.short = [p for p in week.patients if self.minutes_short[p.id] or self.missed[p.id]]
        self.sessions_in: dict[str, list[Session]] = defaultdict(list)
        for session in timetable.sessions:
            self.sessions_in[session.block].append(session)
        self.sessions = [session for block in week.blocks for session in self.sessions_in[block.id]]

    def refusals(self, patient: Patient, session: Session, board: Board | None = None) -> dict[str, Refusal]:
        """Why the patient cannot be added to the session, by rule; empty when no rule minds."""
        where = board or self.board
        found = ((rule.id, rule.refuses_seat(where, patient, session)) for rule in self._seat_rules)
        return {rule: refusal for rule, refusal in found if refusal is not None}

    def refuses(self, patient: Patient, session: Session, board: Board) -> bool:
        """Whether any rule refuses the seat."""
        return any(rule.refuses_seat(board, patient, session) is not None for rule in self._seat_rules)

    def taken(self, patient: Patient, block: Block) -> dict[str, Refusal]:
        """Why the patient's own week has no place for any further session in the block, by rule."""
        key = (patient.id, block.id)
        if key not in self._taken:
            self._taken[key] = self._find_taken(patient, block)
        return self._taken[key]

    def _find_taken(self, patient: Patient, block: Block) -> dict[str, Refusal]:
        any_session = Session(id="any", block=block.id, group="any", therapists=())
        found = ((rule.id, rule.refuses_seat(self.board, patient, any_session)) for rule in self._time_rules)
        return {rule: refusal for rule, refusal in found if refusal is not None}

    def gain(self, patient: Patient, cell: Cell) -> Gain:
        """What one more seat in a session of the cell would mend."""
        missed = any(need.group == cell[1] for need in self.missed[patient.id])
        key = (patient.id, cell[0], cell[1] if missed else "")
        if key not in self._gains:
            self._gains[key] = self._find_gain(patient, cell)
        return self._gains[key]

    def _find_gain(self, patient: Patient, cell: Cell) -> Gain:
        more = Session(id="one more", block=cell[0], group=cell[1], therapists=())
        return self._gain_with(patient, (*self.board.of_patient(patient.id), more))

    def _gain_with(self, patient: Patient, sessions: tuple[Session, ...]) -> Gain:
        seats = tuple(Assignment(patient=patient.id, session=session.id) for session in sessions)
        after = Board(self.week, Timetable(sessions=sessions, assignments=seats))
        minutes = self.minutes_short[patient.id] - minutes_short(after, patient)
        before, now = (sum(need.times for need in n) for n in (self.missed[patient.id], missed_groups(after, patient)))
        return Gain(minutes, before - now)

    def gain_of_move(self, patient: Patient, away: Session, to: Session) -> Gain:
        """What leaving one session for another would mend; what it would cost counts against it."""
        kept = [one for one in self.board.of_patient(patient.id) if one.id != away.id]
        return self._gain_with(patient, (*kept, to))

    def attends(self, patient: Patient, session: Session) -> bool:
        """Whether the patient is in the session already."""
        return patient.id in self.board.roster[session.id]

    def most(self, session: Session) -> int | None:
        """The most patients that the session may hold; None without any limit."""
        cap = self.week.size_cap(self.board.group(session))
        limits = [cap] if cap is not None else []
        if session.room is not None:
            limits.append(self.week.room_of[session.room].capacity)
        return min(limits, default=None)

    def free_seats(self, session: Session) -> int | None:
        """How many seats of a session are free; None without any limit."""
        most = self.most(session)
        return None if most is None else max(0, most - self.board.size(session))

    # ---- who and what is idle ----------------------------------------------------------------------------------

    def idle_leaders(self, block: Block, group: Group) -> tuple[Therapist, ...]:
        """Therapists who could lead the group in the block and are neither leading then nor at their limits."""
        return tuple(t for t in self.outlook.leaders(block, group) if not self.why_busy(t, block))

    def why_busy(self, therapist: Therapist, block: Block) -> str:
        """What keeps a therapist, who is free, from one more session in the block; empty if nothing plain does."""
        led = self.board.of_therapist(therapist.id)
        for session in led:
            if self.board.block(session).overlaps(block):
                return f"{therapist.id} leads {session.group} then"
        if therapist.max_blocks is not None and len(led) >= therapist.max_blocks:
            return f"{therapist.id} has all of their Max blocks"
        today = sum(self.board.block(session).day is block.day for session in led)
        if therapist.max_blocks_per_day is not None and today >= therapist.max_blocks_per_day:
            return f"{therapist.id} has all of their blocks of {block.day.short}"
        return ""

    def idle_rooms(self, block: Block, group: Group) -> tuple[Room, ...]:
        """Rooms in which the group could be held in the block and nothing else is."""
        return tuple(room for room in self.outlook.rooms(block, group) if self.is_idle(room, block))

    def is_idle(self, room: Room, block: Block) -> bool:
        """Whether nothing is held in the room during the block."""
        return not any(self.board.block(one).overlaps(block) for one in self.board.of_room(room.id))
