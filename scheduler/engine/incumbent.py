"""The best timetable so far: kept only if no rule is broken, measured without the model, and given back as a hint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scheduler.domain.findings import Verification
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.engine.runner import Runner, set_hints
from scheduler.engine.sections import Realised, base_values
from scheduler.engine.stage import Stage
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.goals.registry import GOALS
from scheduler.model.plan import Plan
from scheduler.model.protocol import Goal, Rule
from scheduler.verify import verify

OnTimetable = Callable[[Timetable], None]


class ModelFault(Exception):  # noqa: N818 - named for what it is
    """The model and the solver-free checks disagree: a fault of the program (exit code 1)."""


@dataclass(frozen=True)
class Best:
    """A timetable with what it measures, in units by tier."""

    timetable: Timetable
    verification: Verification
    units: tuple[int, ...]


class Incumbent:
    """Judges every timetable that the search comes by, and keeps the best."""

    def __init__(
        self,
        plan: Plan,
        profile: Profile,
        rules: Sequence[Rule],
        on_timetable: OnTimetable | None,
        goals: Sequence[Goal] = GOALS,
    ) -> None:
        self._plan, self._profile, self._rules, self._on_timetable = plan, profile, rules, on_timetable
        self._goals = goals
        self._tiers: tuple[Tier, ...] = tiers_of(profile.goals, goals)
        self.best: Best | None = None

    def judge(self, timetable: Timetable) -> Best | None:
        """Measure a timetable; None if it breaks a rule."""
        found = verify(self._plan.week, timetable, self._profile.goals, self._rules, self._goals)
        if found.broken:
            return None
        return Best(timetable, found, tuple(tier.measured_units(found) for tier in self._tiers))

    def keep(self, realised: Realised, tiers: int) -> None:
        """Keep a timetable that is better than the best so far, compared tier by tier in the first ``tiers``.

        Raises:
            ModelFault: if it breaks a rule although every cell could be split as the model promised.
        """
        found = self.judge(realised.timetable)
        if found is not None:
            if self.best is None or found.units[:tiers] < self.best.units[:tiers]:
                self.take(found)
        elif not realised.failed:
            broken = verify(self._plan.week, realised.timetable, self._profile.goals, self._rules, self._goals)
            words = [v.words for result in broken.rules for v in result.violations]
            raise ModelFault(f"the model allowed what a rule's check forbids: {'; '.join(words[:5])}")

    def take(self, found: Best) -> None:
        """Make this the best timetable."""
        self.best = found
        if self._on_timetable is not None:
            self._on_timetable(found.timetable)

    def value(self, stage: Stage) -> int | None:
        """What the best timetable is worth to a stage."""
        return None if self.best is None else stage.value(self.best.units)

    def hint(self, runner: Runner) -> tuple[int, ...] | None:
        """Hint the best timetable to the model, every helper variable at its best; gives all values."""
        if self.best is None:
            return None
        set_hints(self._plan.model, base_values(self._plan, self.best.timetable))
        completed = runner.complete(self._plan.model)
        if completed is None:
            return None
        set_hints(self._plan.model, dict(enumerate(completed.values)))
        return completed.values
