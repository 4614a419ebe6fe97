"""A newcomer in a running week, as data: where they fit as it is, who would have to move, what stands against it."""

from enum import StrEnum

from scheduler.domain.advice import Change
from scheduler.domain.comparison import PatientMoves, SeatView, SessionLine
from scheduler.domain.explanation import Explanation
from scheduler.domain.outcome import TierOutcome
from scheduler.domain.types import Count, Frozen, Hours, Id
from scheduler.domain.week import RequiredGroup


class Given(Frozen):
    """What one newcomer gets: their seats in order of time, the hours, and what is still missed."""

    patient: Id
    seats: tuple[SeatView, ...] = ()
    hours: Hours = 0
    hours_short: Hours = 0
    missed: tuple[RequiredGroup, ...] = ()

    @property
    def served(self) -> bool:
        """Whether the weekly minimum and the plan are met in full."""
        return not self.hours_short and not self.missed


class Placement(Frozen):
    """One set of seats in sessions that run, with nobody moved.

    ``values`` are those of the tiers, best tier first, measured on the whole timetable with these seats in it.
    """

    rank: Count
    given: Given
    values: tuple[float, ...]


class Barred(Frozen):
    """A rule that keeps the newcomer out of sessions that run: how many, with the words of the first."""

    rule: str
    sessions: Count
    words: str


class Listing(Frozen):
    """Every placement of one newcomer with nobody moved, ranked by the goals.

    ``count`` are all placements there are; ``placements`` the best of them, all where they are as many. Where it is
    not ``complete``, counting stopped at a limit: then there are more, and a better one may be among them.
    ``sessions`` run, ``joinable`` of them can be joined; ``barred`` says by which rules the others cannot.
    """

    patient: Id
    placements: tuple[Placement, ...] = ()
    count: Count = 0
    complete: bool = True
    sessions: Count = 0
    joinable: Count = 0
    barred: tuple[Barred, ...] = ()

    @property
    def best(self) -> Placement | None:
        """The first of the list."""
        return self.placements[0] if self.placements else None

    @property
    def serves(self) -> bool:
        """Whether some placement serves the newcomer in full."""
        return any(one.given.served for one in self.placements)


class Proof(StrEnum):
    """What is known of serving everybody in full under a limit of moves."""

    DONE = "possible"
    IMPOSSIBLE = "proven impossible"
    OPEN = "not settled in the time"


class Rearranged(Frozen):
    """The best timetable found in which at most ``limit`` people of the running week are moved.

    Nobody of the running week misses anything there that they do not miss now. ``proof`` says whether all newcomers
    can be served in full with so many moved as the question allows; where they can, ``limit`` is the fewest that were
    found to do, and ``fewest`` says that fewer are proven not to. ``moves`` are the people who are moved; ``sessions``
    those that open, close or change otherwise than by who sits in them. ``used``: the answer is this timetable.
    """

    limit: Count
    given: tuple[Given, ...] = ()
    moves: tuple[PatientMoves, ...] = ()
    sessions: tuple[SessionLine, ...] = ()
    tiers: tuple[TierOutcome, ...] = ()
    proof: Proof = Proof.OPEN
    fewest: bool = False
    used: bool = False

    @property
    def found(self) -> bool:
        """Whether there is a timetable."""
        return bool(self.given)

    @property
    def served(self) -> bool:
        """Whether every newcomer is served in full."""
        return bool(self.given) and all(one.served for one in self.given)


class Opened(Frozen):
    """A single change of the week that would let the newcomers be served in full, with the timetable that shows it."""

    change: Change
    moved: Count
    given: tuple[Given, ...]


class Changes(Frozen):
    """Which single changes would let the newcomers be served in full, the cheapest first.

    Each one listed was proven by a timetable of the changed week. ``impossible`` were proven not to suffice, ``open``
    were not settled in the time.
    """

    opened: tuple[Opened, ...] = ()
    candidates: Count = 0
    impossible: Count = 0
    open: Count = 0

    @property
    def none_suffices(self) -> bool:
        """Whether it is proven that no single change would do."""
        return not self.opened and not self.open


class Admission(Frozen):
    """The whole answer: the newcomers in the order in which they are admitted, and what was found for them.

    ``listing`` is for a single newcomer. ``rearranged`` are the steps of the solver, empty where nobody had to move;
    ``reasons`` say of each need that is not met which facts of the week prove that it cannot be, whoever is moved.
    """

    newcomers: tuple[Id, ...]
    tiers: tuple[tuple[str, ...], ...]
    listing: Listing | None = None
    rearranged: tuple[Rearranged, ...] = ()
    reasons: tuple[Explanation, ...] = ()
    changes: Changes | None = None
    given: tuple[Given, ...] = ()
    moved: Count = 0
    interrupted: bool = False

    @property
    def served(self) -> bool:
        """Whether the answer serves every newcomer in full."""
        return bool(self.given) and all(one.served for one in self.given)
