"""What rules and goals find in a week or a finished timetable, as data. Texts name people by id only."""

from scheduler.domain.explanation import Explanation
from scheduler.domain.outcome import Figures
from scheduler.domain.problems import FactRef
from scheduler.domain.types import Frozen, Hours, Id
from scheduler.domain.week import RequiredGroup


class Refusal(Frozen):
    """Why two things cannot come together, in plain words, with the facts of the week that say so."""

    words: str
    facts: tuple[FactRef, ...] = ()


class Violation(Frozen):
    """One breach of a rule by a timetable, with the people, sessions and pins it concerns (ids)."""

    words: str
    patients: tuple[str, ...] = ()
    therapists: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    facts: tuple[FactRef, ...] = ()


class Remark(Frozen):
    """One reason why a goal is not fully met: what, and how much of which part it costs (unweighted)."""

    part: str
    words: str
    amount: float
    patients: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


class Measure(Frozen):
    """What a goal measures on a timetable.

    ``units`` is the exact weighted sum as the model counts it (a whole number); ``value`` is the same in the goal's
    own unit (hours for ``weekly-minimum``); ``parts`` are the unweighted amounts by part.
    """

    units: int
    value: float
    parts: dict[str, float]
    remarks: tuple[Remark, ...] = ()


class RuleResult(Frozen):
    """A rule and every breach of it in one timetable."""

    rule: str
    words: str
    violations: tuple[Violation, ...] = ()


class GoalResult(Frozen):
    """A goal and what it measures on one timetable. ``unit`` says what one of ``measure.value`` is."""

    goal: str
    words: str
    unit: str
    measure: Measure


class Verification(Frozen):
    """Every rule's check, every goal's measure and the headline figures of one timetable, found without the solver."""

    rules: tuple[RuleResult, ...]
    goals: tuple[GoalResult, ...]
    figures: Figures

    @property
    def broken(self) -> int:
        """How many breaches of rules there are in all."""
        return sum(len(result.violations) for result in self.rules)

    def measure_of(self, goal: str) -> Measure:
        """The measure of a goal by its id.

        Raises:
            KeyError: if no such goal was measured.
        """
        for result in self.goals:
            if result.goal == goal:
                return result.measure
        raise KeyError(goal)


class Shortfall(Frozen):
    """What one patient needed and did not get, why (plain sentences), and what would mend it.

    ``proofs``: what was proven of each need by solving again; empty where nobody asked or there was no time.
    """

    patient: Id
    hours_short: Hours
    hours_given: Hours
    groups_missed: tuple[RequiredGroup, ...] = ()
    reasons: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    proofs: tuple[Explanation, ...] = ()
