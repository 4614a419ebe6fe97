"""What would mend a shortfall. Every remedy was tried on the changed week and refused by no rule."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from scheduler.domain.clock import hours_text
from scheduler.domain.timetable import Board, Session, Timetable
from scheduler.domain.week import Block, Group, Patient, Room, Week
from scheduler.preflight.wording import counted, listed
from scheduler.shortfalls.changes import also_free, with_rows, with_seats
from scheduler.shortfalls.openings import Opening, Openings
from scheduler.shortfalls.view import TIME_RULES, Gain, View

MOST_REMEDIES = 4
MOST_OF_A_KIND = 2
EFFORT_OF_THE_CLINIC = 1
"""Up to this effort (see `Remedy`) the clinic can do it with what it has."""
MISSED_GROUP_MINUTES = 180
"""A required group given counts like so many minutes when remedies are ranked, no more than that."""


@dataclass(frozen=True)
class Remedy:
    """One change that would mend something for one patient.

    ``effort`` grows with what is asked of the clinic: 0 nothing but a seat, 1 what it has, 2 the patient's own hours,
    3 a limit, 4 somebody or something new. ``outcome`` builds the week and the timetable that it would lead to.
    """

    words: str
    kind: str
    block: str
    effort: int
    gain: Gain
    outcome: Callable[[], tuple[Week, Timetable]]

    @property
    def worth(self) -> int:
        """How much it mends, in minutes."""
        return self.gain.minutes + MISSED_GROUP_MINUTES * self.gain.groups


class Remedies:
    """Finds remedies; what several patients share is tried once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._openings = Openings(view)
        self._wider: dict[tuple[str, str, Board], Board] = {}
        self._moved: dict[str, tuple[Room, Board] | None] = {}

    def best_for(self, patient: Patient) -> tuple[str, ...]:
        """The best remedies in words."""
        return tuple(one.words for one in self.ranked(patient))

    def ranked(self, patient: Patient) -> list[Remedy]:
        """The best remedies: free seats first, then what mends most, then what asks least; no kind more than twice.

        Where a free seat is to be had, nothing is asked of anybody outside the timetable.
        """
        found = list(self._at_sessions(patient))
        if any(one.effort == 0 for one in found):
            return _chosen([one for one in found if one.effort <= EFFORT_OF_THE_CLINIC])
        return _chosen([*found, *self._at_openings(patient)])

    # ---- a seat in a session that runs -------------------------------------------------------------------------

    def _at_sessions(self, patient: Patient) -> Iterator[Remedy]:
        view = self._view
        blocks_offered: set[str] = set()
        for session in view.sessions:
            gain = view.gain(patient, (session.block, session.group))
            if view.attends(patient, session) or not gain:
                continue
            refusals = view.refusals(patient, session)
            if not refusals:
                yield self._free_seat(patient, session, gain)
            elif set(refusals) == {"availability"} and session.block not in blocks_offered:
                yield from self._more_hours(patient, session, gain, blocks_offered)
            elif set(refusals) == {"modality"}:
                yield from self._other_modality(patient, session, gain)
            elif set(refusals) == {"group-size"}:
                yield from self._more_seats(patient, session, gain)
            elif set(refusals) == {"weekly-maximum"}:
                yield from self._higher_maximum(patient, session, gain)
                yield from self._moves(patient, session)
            elif set(refusals) <= set(TIME_RULES):
                yield from self._moves(patient, session)

    def _seated(self, patient: Patient, session: Session, week: Week | None = None) -> tuple[Week, Timetable]:
        """The outcome: the patient's row and one seat added, in the week as it is unless another is given."""
        changed = with_rows(self._view.week, patient) if week is None else week
        return changed, with_seats(self._view.board.timetable, session, [patient.id])

    def _named(self, session: Session) -> str:
        return f"session {session.id} ({session.group})"

    def _seats_text(self, session: Session) -> str:
        free = self._view.free_seats(session)
        return "room for more" if free is None else counted(free, "free seat")

    def _free_seat(self, patient: Patient, session: Session, gain: Gain) -> Remedy:
        when = self._view.board.block(session).text
        words = f"Put {patient.id} into {self._named(session)}, {when}: it has {self._seats_text(session)}."
        return Remedy(words, "seat", session.block, 0, gain, lambda: self._seated(patient, session))

    def _more_hours(self, patient: Patient, session: Session, gain: Gain, offered: set[str]) -> Iterator[Remedy]:
        block = self._view.board.block(session)
        changed = also_free(patient, block)
        if self._view.refusals(changed, session):
            return
        offered.add(block.id)
        words = f"If {patient.id} could come {block.text}, {self._named(session)} has {self._seats_text(session)}."
        yield Remedy(words, "hours", session.block, 2, gain, lambda: self._seated(changed, session))

    def _other_modality(self, patient: Patient, session: Session, gain: Gain) -> Iterator[Remedy]:
        changed = patient.model_copy(update={"modality": "either"})
        if self._view.refusals(changed, session):
            return
        board = self._view.board
        how = "in person" if board.group(session).needs_room else "by telehealth"
        seats = f"{self._named(session)}, {board.block(session).text}, has {self._seats_text(session)}"
        words = f"If {patient.id} could attend {how}, {seats}."
        yield Remedy(words, "modality", session.block, 2, gain, lambda: self._seated(changed, session))

    def _more_seats(self, patient: Patient, session: Session, gain: Gain) -> Iterator[Remedy]:
        moved = self._larger_room(session)
        if moved is not None and not self._view.refusals(patient, moved[1].session_of[session.id], moved[1]):
            room, board = moved
            words = f"Hold {self._named(session)} in {room.id}, which is free then and holds {room.capacity}."
            elsewhere = board.session_of[session.id]
            yield Remedy(words, "room", session.block, 1, gain, lambda: self._seated(patient, elsewhere))
            return
        board = self._view.board
        changes: list[str] = []
        while refusals := self._view.refusals(patient, session, board):
            if set(refusals) != {"group-size"}:
                return
            wider = self._widened(board, session, refusals["group-size"].facts[0].column)
            if wider is None:
                return
            board, change = wider
            changes.append(change)
        words = f"One more seat in {self._named(session)} would take {patient.id}: {' and '.join(changes)}."
        yield Remedy(words, "limit", session.block, 3, gain, lambda: self._seated(patient, session, board.week))

    def _larger_room(self, session: Session) -> tuple[Room, Board] | None:
        """The smallest idle room with more seats than the session has patients, and the timetable with it there."""
        if session.id not in self._moved:
            view = self._view
            group, block, size = view.board.group(session), view.board.block(session), view.board.size(session)
            idle = [room for room in view.idle_rooms(block, group) if room.capacity > size] if group.needs_room else []
            room = min(idle, key=lambda one: one.capacity, default=None)
            moved = None if room is None else (room, self._held_in(session, room))
            self._moved[session.id] = None if moved is None or self._loses_a_pin(session, moved[1]) else moved
        return self._moved[session.id]

    def _loses_a_pin(self, session: Session, board: Board) -> bool:
        """Whether a pin holds the session in its room; only pins care which of several rooms that suit is taken."""
        pinned = any(pin.room == session.room for pin in board.week.pins)
        return pinned and any(any(True for _ in rule.check(board)) for rule in self._view.rules)

    def _held_in(self, session: Session, room: Room) -> Board:
        elsewhere = session.model_copy(update={"room": room.id})
        return Board(self._view.week, with_seats(self._view.board.timetable, elsewhere, ()))

    def _widened(self, board: Board, session: Session, column: str) -> tuple[Board, str] | None:
        """The week in which the limit of that column lets one more in; None for limits that nobody may raise."""
        seats = board.size(session) + 1
        group, room = board.group(session), board.week.room_of.get(session.room or "")
        row: Group | Room
        if column == "Max size":
            row, change = group.model_copy(update={"max_size": seats}), f"Max size of {group.id} {seats}"
        elif column == "Capacity" and room is not None:
            row, change = room.model_copy(update={"capacity": seats}), f"a room for {seats} in place of {room.id}"
        else:
            return None
        key = (session.id, column, board)
        if key not in self._wider:
            self._wider[key] = Board(with_rows(board.week, row), board.timetable)
        return self._wider[key], change

    def _higher_maximum(self, patient: Patient, session: Session, gain: Gain) -> Iterator[Remedy]:
        board = self._view.board
        blocks = max(patient.max_blocks, len(board.of_patient(patient.id)) + 1)
        minutes = max(patient.max_minutes, board.minutes_of(patient.id) + board.block(session).minutes)
        changed = patient.model_copy(update={"max_blocks": blocks, "max_minutes": minutes})
        if self._view.refusals(changed, session):
            return
        raised = []
        if blocks > patient.max_blocks:
            raised.append(f"Max blocks of {patient.id} {blocks} in place of {patient.max_blocks}")
        if minutes > patient.max_minutes:
            before = hours_text(patient.max_minutes)
            raised.append(f"Max hours of {patient.id} {hours_text(minutes)} in place of {before}")
        words = f"With {' and '.join(raised)}, {self._named(session)} has {self._seats_text(session)} for them."
        yield Remedy(words, "maximum", session.block, 3, gain, lambda: self._seated(changed, session))

    def _moves(self, patient: Patient, to: Session) -> Iterator[Remedy]:
        """Leaving another session for this one, where that mends more than it costs and nobody minds."""
        view = self._view
        for away in view.board.of_patient(patient.id):
            gain = view.gain_of_move(patient, away, to)
            if gain and not _broken_by_move(view, patient, away, to):
                when = view.board.block(to).text
                there = f"{self._named(to)}, {when}"
                words = f"Move {patient.id} from {self._named(away)} to {there}: no rule stands against it."
                yield Remedy(words, "move", to.block, 1, gain, partial(_after_move, view, patient, away, to))
                return

    # ---- a session that could run ------------------------------------------------------------------------------

    def _at_openings(self, patient: Patient) -> list[Remedy]:
        """The best sessions that could be opened; only those that might be shown are held against every rule."""
        view = self._view
        found: list[tuple[Remedy, Opening]] = []
        for block, group, gain in self._helpful(patient):
            opening = self._openings.opening(block, group)
            if opening is not None and patient.id in opening.joiners:
                found.append((_of_opening(view, opening, gain), opening))
        quota = _Quota()
        shown = []
        for remedy, opening in sorted(found, key=lambda one: (_rank(one[0]), -one[1].short)):
            if quota.has_place(remedy) and self._openings.breaks_nothing(opening):
                quota.take(remedy)
                shown.append(remedy)
        return shown

    def _helpful(self, patient: Patient) -> Iterator[tuple[Block, Group, Gain]]:
        view = self._view
        for block in view.outlook.blocks_of(patient):
            if view.taken(patient, block):
                continue
            for group in view.outlook.groups_of(patient):
                gain = view.gain(patient, (block.id, group.id))
                if gain:
                    yield block, group, gain


def _others_idle(view: View, opening: Opening) -> list[str]:
    """Therapists who are free and idle then, and whom only the group itself is closed to."""
    block, group = opening.block, opening.group
    return [
        one.id
        for one in view.week.therapists
        if view.outlook.barred(one, group) is not None
        and view.outlook.barred(one, block) is None
        and not view.why_busy(one, block)
    ]


def _after_move(view: View, patient: Patient, away: Session, to: Session) -> tuple[Week, Timetable]:
    found = view.board.timetable
    left = tuple(seat for seat in found.assignments if (seat.patient, seat.session) != (patient.id, away.id))
    return view.week, with_seats(found.model_copy(update={"assignments": left}), to, [patient.id])


def _broken_by_move(view: View, patient: Patient, away: Session, to: Session) -> bool:
    """Whether a rule's own check minds the move, in the sessions that it touches and the patient's own pins."""
    week, after = _after_move(view, patient, away, to)
    touched = {away.id, to.id, *(session.id for session in view.board.of_patient(patient.id))}
    part = Timetable(
        sessions=tuple(session for session in after.sessions if session.id in touched),
        assignments=tuple(seat for seat in after.assignments if seat.session in touched),
    )
    pins = tuple(pin for pin in week.pins if pin.patient == patient.id)
    board = Board(week.model_copy(update={"pins": pins}), part)
    return any(True for rule in view.rules for _ in rule.check(board))


def _of_opening(view: View, opening: Opening, gain: Gain) -> Remedy:
    group, when = opening.group.id, opening.block.text
    who = f"for {counted(len(opening.joiners), 'patient')}"
    if opening.short < len(opening.joiners):
        who += f", {opening.short} of them short"

    def outcome() -> tuple[Week, Timetable]:
        return opening.outcome(view)

    beside = f" beside {listed(opening.leaders)}" if opening.leaders else ""
    if opening.missing_room:
        words = f"A room that suits {group}, free {when}, would let one more session run {who}."
        return Remedy(words, "new room", opening.block.id, 4, gain, outcome)
    if opening.missing_therapists:
        many = "A" if opening.missing_therapists == 1 else str(opening.missing_therapists)
        noun = "therapist" if opening.missing_therapists == 1 else "therapists"
        words = f"{many} {noun} qualified for {group} and free {when}{beside} would let one more session run {who}"
        words += (
            f" ({listed(idle)} may not lead it, but could be there)." if (idle := _others_idle(view, opening)) else "."
        )
        return Remedy(words, "new therapist", opening.block.id, 4, gain, outcome)
    led = f"led by {listed(opening.leaders)}"
    words = f"{group} could run {when}, {led}, {who}: no rule stands against it."
    return Remedy(words, "open", opening.block.id, 1, gain, outcome)


def _rank(remedy: Remedy) -> tuple[bool, int, int]:
    return remedy.effort > 0, -remedy.worth, remedy.effort


class _Quota:
    """No kind of remedy more than twice, and no two of a kind at one hour: variety helps more than repetition."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._places: set[tuple[str, str]] = set()

    def has_place(self, remedy: Remedy) -> bool:
        return self._kinds[remedy.kind] < MOST_OF_A_KIND and (remedy.kind, remedy.block) not in self._places

    def take(self, remedy: Remedy) -> None:
        self._kinds[remedy.kind] += 1
        self._places.add((remedy.kind, remedy.block))


def _chosen(found: list[Remedy]) -> list[Remedy]:
    quota = _Quota()
    chosen: list[Remedy] = []
    for remedy in sorted(found, key=_rank):
        if len(chosen) < MOST_REMEDIES and quota.has_place(remedy):
            quota.take(remedy)
            chosen.append(remedy)
    return chosen
