"""What `advise` has to say: single changes of a week and what each is proven to be worth. Texts name people by id."""

from enum import StrEnum

from scheduler.domain.outcome import Figures, Status, TierOutcome
from scheduler.domain.problems import FactRef, Finding
from scheduler.domain.types import Count, Frozen, Hours, Id


class Cost(StrEnum):
    """What a change asks of the clinic, the cheapest first: among equal gains the cheaper change is ranked higher."""

    CLINIC = "the clinic decides"
    PATIENT = "ask the patient"
    THERAPIST = "ask the therapist"
    QUALIFY = "qualify a therapist"
    SEATS = "find more room"
    LICENCE = "the licence must allow it"

    @property
    def rank(self) -> int:
        """0 for the cheapest."""
        return tuple(Cost).index(self)


class Change(Frozen):
    """One thing about a week that could be otherwise.

    ``kind`` is stable kebab-case (``therapist-sessions``). ``words`` say it in plain English; ``edit`` says what to
    write into the cells that ``facts`` point at, of which the first is the one that matters; there are none where
    a row would be new.
    """

    kind: str
    words: str
    edit: str
    facts: tuple[FactRef, ...] = ()
    cost: Cost


class Helped(Frozen):
    """A patient who is less short after a change, and by how much."""

    patient: Id
    hours: Hours = 0
    groups: Count = 0


class TierGain(Frozen):
    """What a change gains in one tier, weighed as the tier is and in its unit; less than 0 where it costs something.

    With more than one tier the gains are compared like words in a dictionary, the first tier first; so are the limits
    ``at_least`` and ``at_most``. They are the same where both weeks were solved to a proof.
    """

    tier: Count
    goals: tuple[str, ...]
    unit: str
    at_least: float
    at_most: float


class Advised(Frozen):
    """One change, or two made together, with what it is worth.

    ``hours`` and ``groups`` are unweighted: by how much less is missed in the best timetable found of the changed week
    than in that of the week as it is; ``helped`` and ``worse_off`` say who of it. ``proven``: the gains are exact.
    """

    changes: tuple[Change, ...]
    gains: tuple[TierGain, ...]
    proven: bool
    hours: float = 0
    groups: int = 0
    helped: tuple[Helped, ...] = ()
    worse_off: tuple[Id, ...] = ()

    @property
    def cost(self) -> Cost:
        """The dearest thing it asks."""
        return max((one.cost for one in self.changes), key=lambda one: one.rank)


class Tried(Frozen):
    """How a list of changes came about: every candidate is counted once.

    ``alone``: re-solved by themselves (or shown to be all that a better timetable of a larger relaxed week used).
    ``together``: proven in common with others to gain nothing, or no more than the last one listed.
    ``open``: neither, for lack of time. ``rest_at_most`` bounds what any candidate that is not listed may gain, tier
    by tier. ``complete``: it is proven that no candidate left out is worth more than those listed.
    """

    candidates: Count = 0
    alone: Count = 0
    together: Count = 0
    open: Count = 0
    solves: Count = 0
    rest_at_most: tuple[float, ...] = ()
    complete: bool = True


class KindOfChange(Frozen):
    """How many candidates of a kind there are, and what none of them can gain more than, tier by tier."""

    kind: str
    candidates: Count
    at_most: tuple[float, ...] = ()


class Advice(Frozen):
    """The whole answer. ``status``, ``figures`` and ``tiers`` are those of the week as it is.

    Where it has no timetable, ``figures`` are None and ``findings`` say why.
    ``singles`` and ``pairs`` are ranked; only those that gain something, or might, are listed. ``kinds`` counts the
    single changes. ``nothing_helps``: it is proven that all candidates together gain nothing.
    """

    status: Status
    figures: Figures | None = None
    findings: tuple[Finding, ...] = ()
    tiers: tuple[TierOutcome, ...] = ()
    singles: tuple[Advised, ...] = ()
    pairs: tuple[Advised, ...] = ()
    kinds: tuple[KindOfChange, ...] = ()
    tried: Tried = Tried()
    pairs_tried: Tried | None = None
    nothing_helps: bool = False
    interrupted: bool = False
    seconds: float = 0

    @property
    def served(self) -> bool:
        """Whether the week serves everybody as it is."""
        return self.figures is not None and self.figures.everybody_served
