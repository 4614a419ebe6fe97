"""Two timetables side by side, as data: what each is worth, who gains, who loses, what moved. Texts name ids only."""

from enum import StrEnum

from scheduler.domain.findings import Violation
from scheduler.domain.outcome import Figures
from scheduler.domain.types import Frozen, Id
from scheduler.domain.week import RequiredGroup


class Side(StrEnum):
    """Which of the two: the first (``before``), the second (``after``), or neither of them."""

    BEFORE = "before"
    AFTER = "after"
    NEITHER = "equal"


class Reason(StrEnum):
    """What decides which of the two is better."""

    RULES = "rules"
    """One keeps every rule and the other breaks some."""
    GOALS = "goals"
    """The first tier in which they differ."""
    NOTHING = "nothing"
    """No tier differs."""


class PartLine(Frozen):
    """One part of a goal, unweighted, in both timetables."""

    part: str
    before: float
    after: float
    better: Side


class GoalLine(Frozen):
    """One goal in both timetables, less being better. ``tier`` is None for a goal that the profile does not rank."""

    goal: str
    unit: str
    tier: int | None
    before: float
    after: float
    better: Side
    parts: tuple[PartLine, ...] = ()


class TierLine(Frozen):
    """One tier of the profile in both timetables; where it holds several goals, ``before`` and ``after`` are sums."""

    tier: int
    goals: tuple[str, ...]
    unit: str
    before: float
    after: float
    better: Side


class RuleLine(Frozen):
    """One rule with its breaches: those of both timetables, those of one alone."""

    rule: str
    words: str
    in_both: tuple[Violation, ...] = ()
    only_before: tuple[Violation, ...] = ()
    only_after: tuple[Violation, ...] = ()

    @property
    def before(self) -> int:
        """How often the first breaks it."""
        return len(self.in_both) + len(self.only_before)

    @property
    def after(self) -> int:
        """How often the second breaks it."""
        return len(self.in_both) + len(self.only_after)


class Verdict(Frozen):
    """Which is better and why. ``tier`` is the first that differs, also where rules decide; ``by_goals`` its winner.

    ``identical`` means the very same sessions, rooms and seats, whatever the sessions are called.
    """

    better: Side
    reason: Reason
    identical: bool
    broken_before: int
    broken_after: int
    tier: TierLine | None = None

    @property
    def by_goals(self) -> Side:
        """Which is better by the goals alone."""
        return Side.NEITHER if self.tier is None else self.tier.better


class Personal(Frozen):
    """How much one part of a goal costs one patient in both timetables, unweighted."""

    goal: str
    part: str
    before: float
    after: float


class PatientLine(Frozen):
    """A patient for whom something changes, or who is in one of the two weeks only.

    ``better`` follows the tiers: the first in which the patient's own share differs decides. It is NEITHER for a
    patient of one week only, and where no ranked share differs. ``wishes`` are broken ones (the goal `preferences`);
    ``changes`` are the parts of goals whose cost for this patient differs.
    """

    patient: Id
    in_before: bool
    in_after: bool
    better: Side
    hours_short_before: float
    hours_short_after: float
    missed_before: tuple[RequiredGroup, ...] = ()
    missed_after: tuple[RequiredGroup, ...] = ()
    wishes_before: float = 0
    wishes_after: float = 0
    changes: tuple[Personal, ...] = ()


class SeatView(Frozen):
    """Where a patient sits: the block with its time in words, the group, who leads it, in which room."""

    session: Id
    block: Id
    time: str
    group: Id
    therapists: tuple[Id, ...]
    room: Id | None = None


class Move(Frozen):
    """A seat left for another; without ``before`` a seat gained, without ``after`` a seat lost."""

    before: SeatView | None
    after: SeatView | None


class PatientMoves(Frozen):
    """A patient whose seats (block, group and facilitators) differ, matched in order of time.

    Another room alone moves nobody.
    """

    patient: Id
    moves: tuple[Move, ...]

    @property
    def had_seats(self) -> bool:
        """Whether the patient loses a seat: a newcomer is seated, not moved."""
        return any(move.before is not None for move in self.moves)


class SessionView(Frozen):
    """A session with its size."""

    session: Id
    block: Id
    time: str
    group: Id
    therapists: tuple[Id, ...]
    room: Id | None
    size: int


class SessionKind(StrEnum):
    """How a session differs."""

    OPENED = "opened"
    CLOSED = "closed"
    TIME = "other time"
    FACILITATOR = "other facilitator"
    ROOM = "other room"
    SIZE = "other size"
    PEOPLE = "other patients"
    """The size is the same, the patients are not."""


class SessionLine(Frozen):
    """A session that differs. ``joined`` and ``left`` are the patients of one side only, where both sides have it."""

    kinds: tuple[SessionKind, ...]
    before: SessionView | None
    after: SessionView | None
    joined: tuple[Id, ...] = ()
    left: tuple[Id, ...] = ()


class Proof(StrEnum):
    """How much of a difference between two searches is proven."""

    EXACT = "exact"
    """Both values are proven best: the weeks alone make the difference."""
    AT_LEAST = "at least"
    """Not both are, but their bounds leave a part of the difference that is proven."""
    OPEN = "open"
    """The difference may be the search's luck."""


class Claim(Frozen):
    """What is proven of the difference in one tier. ``least`` is the proven part of it, 0 where it is open.

    The bounds are what no timetable beats while the better tiers keep their values.
    """

    tier: int
    goals: tuple[str, ...]
    before: float
    after: float
    before_bound: float
    after_bound: float
    better: Side
    proof: Proof
    least: float = 0


class Conclusions(Frozen):
    """What may be concluded from two weeks that differ by a change, and what not.

    ``needless``: the changed week's timetable keeps every rule of the unchanged week too. ``adopted``: it is better
    there than what the search of the unchanged week had found, and stands for that week now. ``moves_proven``: no
    timetable with the same values has fewer of those who had a seat sit elsewhere. ``given``: the unchanged week's
    timetable was given, not solved.
    """

    claims: tuple[Claim, ...] = ()
    needless: bool = False
    adopted: bool = False
    moves_proven: bool = False
    given: bool = False


class Comparison(Frozen):
    """Two timetables side by side. ``same_week`` says whether both were laid over the same week.

    Tiers stand best first; goals in the order of the tiers, then those that the profile does not rank.
    """

    verdict: Verdict
    same_week: bool
    tiers: tuple[TierLine, ...]
    goals: tuple[GoalLine, ...]
    rules: tuple[RuleLine, ...]
    figures_before: Figures
    figures_after: Figures
    patients: tuple[PatientLine, ...] = ()
    moves: tuple[PatientMoves, ...] = ()
    sessions: tuple[SessionLine, ...] = ()

    @property
    def gaining(self) -> tuple[PatientLine, ...]:
        """The patients who are better off in the second."""
        return tuple(one for one in self.patients if one.better is Side.AFTER)

    @property
    def losing(self) -> tuple[PatientLine, ...]:
        """The patients who are better off in the first."""
        return tuple(one for one in self.patients if one.better is Side.BEFORE)

    @property
    def arriving(self) -> tuple[PatientLine, ...]:
        """The patients of the second week only."""
        return tuple(one for one in self.patients if not one.in_before)

    @property
    def leaving(self) -> tuple[PatientLine, ...]:
        """The patients of the first week only."""
        return tuple(one for one in self.patients if not one.in_after)
