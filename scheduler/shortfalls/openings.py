"""Sessions that do not run and could: for whom, with what the clinic has and what it lacks."""

from dataclasses import dataclass
from functools import cached_property

from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Block, Group, Patient, Room, Therapist, Week
from scheduler.model.candidates import Cell
from scheduler.shortfalls.changes import new_room, new_therapists, unused_id, with_rows, with_seats
from scheduler.shortfalls.view import View


@dataclass(frozen=True)
class Opening:
    """A session that could run beside everything else.

    ``joiners`` are the patients who would sit in it, those who are short first; ``short`` counts these. ``newcomers``
    are therapists and a room that the clinic lacks for it.
    """

    session: Session
    block: Block
    group: Group
    leaders: tuple[str, ...]
    newcomers: tuple[Therapist | Room, ...]
    joiners: tuple[str, ...]
    short: int

    @property
    def missing_therapists(self) -> int:
        """How many therapists the clinic lacks."""
        return sum(isinstance(one, Therapist) for one in self.newcomers)

    @property
    def missing_room(self) -> bool:
        """Whether the clinic lacks a room."""
        return any(isinstance(one, Room) for one in self.newcomers)

    def outcome(self, view: View) -> tuple[Week, Timetable]:
        """The whole week and timetable with the session in it."""
        return with_rows(view.week, *self.newcomers), with_seats(view.board.timetable, self.session, self.joiners)


class Openings:
    """Finds openings, each block and group once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._trial = Board(view.week, view.board.timetable)
        self._found: dict[Cell, Opening | None] = {}
        self._sound: dict[Cell, bool] = {}

    def opening(self, block: Block, group: Group) -> Opening | None:
        """One more session of the group in the block; None when too few could join or too much lacks."""
        cell = (block.id, group.id)
        if cell not in self._found:
            self._found[cell] = _Attempt(self._view, self._trial, block, group).opening()
        return self._found[cell]

    def breaks_nothing(self, opening: Opening) -> bool:
        """Whether no rule's own check minds the session, in the part of the timetable that it touches."""
        cell = (opening.block.id, opening.group.id)
        if cell not in self._sound:
            board = _touched(self._view, opening)
            broken = (found for rule in self._view.rules for found in rule.check(board))
            self._sound[cell] = not any(opening.session.id in found.sessions for found in broken)
        return self._sound[cell]


def _touched(view: View, opening: Opening) -> Board:
    """All that a new session can collide with: what its people, its room and its group do elsewhere.

    Only its own patients sit in those sessions here, so only what is said of the new session itself counts.
    """
    week, joiners = view.week, set(opening.joiners)
    sessions = {one.id: one for patient in opening.joiners for one in view.board.of_patient(patient)}
    sessions |= {one.id: one for leader in opening.leaders for one in view.board.of_therapist(leader)}
    sessions |= {one.id: one for one in view.board.of_room(opening.session.room or "")}
    sessions |= {one.id: one for one in view.board.of_group(opening.group.id)}
    seats = [(patient, one.id) for one in sessions.values() for patient in view.board.roster[one.id]]
    smaller = Week(
        program=week.program,
        blocks=week.blocks,
        patients=tuple(patient for patient in week.patients if patient.id in joiners),
        therapists=week.therapists,
        groups=week.groups,
        rooms=week.rooms,
        apart=tuple(row for row in week.apart if {row.patient, row.other_patient} <= joiners | {None}),
    )
    timetable = Timetable(
        sessions=tuple(sessions.values()),
        assignments=tuple(Assignment(patient=who, session=one) for who, one in seats if who in joiners),
    )
    changed = with_rows(smaller, *opening.newcomers)
    return Board(changed, with_seats(timetable, opening.session, opening.joiners))


class _Attempt:
    """One more session of a group in a block, put together from what is idle."""

    def __init__(self, view: View, trial: Board, block: Block, group: Group) -> None:
        self._view = view
        self._trial = trial
        self._block = block
        self._group = group

    def opening(self) -> Opening | None:
        view, block, group = self._view, self._block, self._group
        if view.outlook.never_runs(group) or view.outlook.barred(group, block) is not None:
            return None
        if self._missing_therapists and self._missing_room:
            return None
        short, others = self._joiners()
        if not short or len(short) + len(others) < group.min_size:
            return None
        leaders = tuple(one.id for one in self._leaders)
        return Opening(self._session, block, group, leaders, self._newcomers, (*short, *others), len(short))

    @cached_property
    def _leaders(self) -> tuple[Therapist, ...]:
        """Idle therapists, those who have led least so far first."""
        idle = self._view.idle_leaders(self._block, self._group)
        least = sorted(idle, key=lambda one: len(self._view.board.of_therapist(one.id)))
        return tuple(least[: self._group.facilitators])

    @property
    def _missing_therapists(self) -> int:
        return self._group.facilitators - len(self._leaders)

    @cached_property
    def _room(self) -> Room | None:
        idle = self._view.idle_rooms(self._block, self._group) if self._group.needs_room else ()
        return max(idle, key=lambda one: one.capacity, default=None)

    @property
    def _missing_room(self) -> bool:
        return self._group.needs_room and self._room is None

    @cached_property
    def _newcomers(self) -> tuple[Therapist | Room, ...]:
        new = new_therapists(self._missing_therapists, self._block, self._group)
        return (*new, new_room(self._block, self._group, self._most)) if self._missing_room else new

    @property
    def _most(self) -> int:
        cap = self._view.week.size_cap(self._group)
        limits = [len(self._view.week.patients)] + ([cap] if cap is not None else [])
        if self._room is not None:
            limits.append(self._room.capacity)
        return min(limits)

    @cached_property
    def _session(self) -> Session:
        wanted = f"{self._block.id}.{self._group.id}.new"
        new = [one.id for one in self._newcomers if isinstance(one, Therapist)]
        rooms = [self._room] if self._room is not None else [one for one in self._newcomers if isinstance(one, Room)]
        return Session(
            id=unused_id(self._view.board.timetable.sessions, wanted),
            block=self._block.id,
            group=self._group.id,
            therapists=(*(one.id for one in self._leaders), *new),
            room=rooms[0].id if rooms else None,
        )

    def _joiners(self) -> tuple[list[str], list[str]]:
        """Who could sit in the session: the short whom it helps, most urgent first, then others up to its min size."""
        view, cell = self._view, (self._block.id, self._group.id)
        could_come = set(view.outlook.patients(cell))
        short = [one for one in view.short if one.id in could_come and view.gain(one, cell)]
        seated = self._seat(sorted(short, key=lambda one: -one.priority), self._most, [])
        lacking = min(self._group.min_size, self._most) - len(seated)
        if not seated or lacking <= 0:
            return seated, []
        known = {one.id for one in view.short}
        rest = [one for one in view.week.patients if one.id in could_come and one.id not in known]
        return seated, self._seat(rest, lacking, seated)

    def _seat(self, patients: list[Patient], most: int, before: list[str]) -> list[str]:
        """Seat one after the other whom no rule refuses, so that each is held against those before them."""
        session = self._session if self._room is not None else self._session.model_copy(update={"room": None})
        roster = self._trial.roster[session.id] = [*before]
        seated: list[str] = []
        for patient in patients:
            if len(seated) == most:
                break
            if not self._view.taken(patient, self._block) and not self._view.refuses(patient, session, self._trial):
                roster.append(patient.id)
                seated.append(patient.id)
        del self._trial.roster[session.id]
        return seated
