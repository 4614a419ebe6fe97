"""Tier by tier: optimise with the better tiers held, split into sessions, keep the best, report true bounds."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from scheduler.domain.findings import Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.build import write_meetings
from scheduler.engine.calls import LEADING, Calls, NoTimetable
from scheduler.engine.conflicts import collisions
from scheduler.engine.first import beginnings, construct, relaxation_of
from scheduler.engine.guided import in_view_share, search_leading, search_soft
from scheduler.engine.incumbent import Best, ModelFault, OnTimetable
from scheduler.engine.progress import Listener, relative_gap, silent
from scheduler.engine.relaxation import Relaxation
from scheduler.engine.runner import Portfolio, Runner, set_hints
from scheduler.engine.sections import base_values
from scheduler.engine.stage import TOLERANCE, Stage, pair, single
from scheduler.engine.strategies import ALL, Strategies
from scheduler.engine.tiers import Tier
from scheduler.goals.registry import GOALS
from scheduler.model.plan import Expr, Plan
from scheduler.model.protocol import Goal, Rule
from scheduler.rules.registry import RULES

EVALUATION_SECONDS = 600.0
"""Evaluating a finished timetable takes a second; only a machine that hardly runs needs more, and it must not fail."""

SPARE_CALLS = 3.0
"""What would be left to the next tier must be enough for so many useful calls of the solver; otherwise none is left."""


@dataclass(frozen=True)
class Solution:
    """What a search gives back. Without a timetable, ``findings`` say which facts collide or that time ran out."""

    status: Status
    timetable: Timetable | None
    verification: Verification | None
    tiers: tuple[TierOutcome, ...] = ()
    solver_units: tuple[int, ...] = ()
    """What the model counts for each tier on this very timetable; `measured_units` must be the same."""
    measured_units: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    interrupted: bool = False
    seconds: dict[str, float] = field(default_factory=dict)


def solve(
    week: Week,
    profile: Profile,
    *,
    listener: Listener = silent,
    stop: threading.Event | None = None,
    rules: Sequence[Rule] = RULES,
    start: Timetable | None = None,
    on_timetable: OnTimetable | None = None,
    strategies: Strategies = ALL,
    goals: Sequence[Goal] = GOALS,
) -> Solution:
    """Find the best timetable of a week in the time that the profile gives.

    Args:
        week: the week.
        profile: goals and solver settings; its rules are those that the week already carries.
        listener: hears of progress.
        stop: set it from a signal handler or another thread to get the best timetable so far.
        rules: the rulebook; tests leave rules out.
        start: a timetable of this week to begin with, edited or of an earlier run; it may break rules.
        on_timetable: hears of each better timetable as soon as there is one.
        strategies: the pieces of the search; benchmarks leave some out.
        goals: the goals that the profile's tiers may name; a question about a timetable brings its own.

    Raises:
        ValueError: if ``start`` names something that the week does not know.
    """
    given = (listener, stop or threading.Event(), on_timetable)
    return _Search(week, Calls(week, profile, tuple(rules), strategies, *given, goals)).run(start)


class _Search:
    def __init__(self, week: Week, calls: Calls) -> None:
        self._week, self._calls, self._plan, self._tiers = week, calls, calls.plan, calls.tiers
        self._scores: dict[int, Expr] = {}
        self._searched = 0
        self._known = 0.0
        self._bounds: list[float] = []
        self._tier_seconds: list[float] = []

    def run(self, start: Timetable | None) -> Solution:
        edited = self._take(start)
        try:
            for stage in self._stages():
                self._search_stage(stage, edited)
        except NoTimetable:
            found = collisions(self._week, self._calls.rules, self._calls.stop)
            return self._without_timetable(Status.IMPOSSIBLE, found)
        self._calls.seconds["search"] = sum(self._tier_seconds)
        if self._calls.incumbent.best is None:
            return self._without_timetable(Status.UNKNOWN, (_nothing_yet(interrupted=self._calls.stop.is_set()),))
        return self._conclude(self._calls.incumbent.best)

    # ---- a first timetable ---------------------------------------------------------------------------------------

    def _take(self, given: Timetable | None) -> Timetable | None:
        """Keep a given timetable that breaks no rule by now; give one back that does, its sessions may still serve."""
        if given is None or not self._calls.strategies.warm:
            return None
        found = self._calls.incumbent.judge(given)
        if found is None:
            return given
        self._calls.incumbent.take(found)
        return None

    def _start(self, stage: Stage, edited: Timetable | None) -> float:
        """Find a first timetable; gives what the linear relaxation proves."""
        began = time.monotonic()
        if self._calls.stop.is_set():
            return 0.0
        relaxation = relaxation_of(self._plan, loose=True)
        given = edited is not None or self._calls.incumbent.best is not None or bool(self._week.previous)
        if self._calls.strategies.construction and self._calls.incumbent.best is None:
            self._construct(relaxation, edited)
        self._calls.announce(stage, 0.0)
        bound = 0
        if self._calls.is_lean and not self._calls.is_over(stage, bound, 0.0):
            liked = self._near(relaxation) if given and self._calls.strategies.warm else relaxation
            bound = search_leading(self._calls, stage, relaxation, liked, near=given)
        self._calls.seconds["start"] = time.monotonic() - began
        return float(bound)

    def _near(self, relaxation: Relaxation) -> Relaxation:
        """The relaxation that likes what the timetable at hand does, if there is one."""
        values = self._calls.incumbent.hint(self._calls.runner)
        if values is None:
            return relaxation
        return relaxation.near(var.index for var in self._plan.attends.values() if values[var.index])

    def _construct(self, relaxation: Relaxation, edited: Timetable | None) -> None:
        for wished in beginnings(self._week, edited, warm=self._calls.strategies.warm):
            realised = construct(self._plan, relaxation, wished, self._calls.runner, self._calls.rules)
            if realised is not None:
                self._calls.incumbent.keep(realised, self._calls.reached)
            if self._calls.incumbent.best is not None or self._calls.stop.is_set():
                break

    # ---- one stage ---------------------------------------------------------------------------------------------

    def _stages(self) -> Iterator[Stage]:
        """The leading tiers together, the others one by one or with the next in view; each written when reached."""
        while len(self._bounds) < len(self._tiers):
            first, *rest = self._tiers[len(self._bounds) :]
            both = self._pair(first, rest[0]) if rest else None
            yield both or single(first, self._score(first))

    def _pair(self, first: Tier, second: Tier) -> Stage | None:
        """Two tiers as one stage, where that helps: the leading ones, and soft ones of large weeks."""
        leading = second.number == LEADING
        if leading:
            wanted = self._calls.strategies.pairing
        else:
            wanted = first.number > LEADING and self._calls.strategies.foresight and self._calls.is_lean
        if not wanted:
            return None
        return pair(self._plan, (first, second), (self._score(first), self._score(second)), in_view=not leading)

    def _score(self, tier: Tier) -> Expr:
        """The tier's expression, written on the model on first use."""
        if tier.number not in self._scores:
            told = frozenset(self._plan.claims)
            self._scores[tier.number] = tier.score(self._plan)
            if self._calls.strategies.meetings:
                write_meetings(self._plan, self._calls.rules, told)
        return self._scores[tier.number]

    def _search_stage(self, stage: Stage, edited: Timetable | None) -> None:
        """Search one stage and hold each of its tiers at its best."""
        plan, began = self._plan, time.monotonic()
        self._calls.reached = stage.last
        bound = self._known * stage.factors[0]
        if not self._calls.is_settled(stage, bound):
            plan.model.minimize(stage.objective(plan))
            if stage.tiers[0].number == 1:
                bound = self._start(stage, edited)
            bound = self._search(stage, bound)
            self._calls.announce(stage, bound)
            plan.model.clear_objective()  # type: ignore[no-untyped-call]
            self._searched = stage.last
        settled = len(stage.settled)
        bounds = stage.bounds(bound, self._calls.incumbent.value(stage))
        self._bounds.extend(float(one) for one in bounds[:settled])
        self._known = float(sum(bounds[settled:]))
        self._tier_seconds.extend([(time.monotonic() - began) / settled] * settled)
        best = self._calls.incumbent.best
        if best is not None:
            for tier, score in zip(stage.settled, stage.scores, strict=False):
                plan.model.add(score <= best.units[tier.number - 1])

    def _search(self, stage: Stage, bound: float) -> float:
        """Search a stage for its share of the time; gives the best bound."""
        calls = self._calls
        later = (tier.number for tier in self._tiers[stage.last :] if not tier.asks_nothing(self._week))
        seconds = calls.budget.for_tiers([tier.number for tier in stage.tiers], later)
        if stage.in_view:
            seconds *= in_view_share(calls, seconds)
        until = calls.budget.left - seconds
        if until < SPARE_CALLS * calls.useful:
            until = 0.0
        lean = calls.is_lean and calls.strategies.portfolio
        if stage.last > LEADING and lean:
            bound = search_soft(calls, stage, bound, until, fresh=stage.tiers[0].number > self._searched)
        proving = lean and not calls.is_provable
        return calls.optimise(stage, bound, Portfolio.PROVING if proving else Portfolio.USUAL, until)

    # ---- the end -----------------------------------------------------------------------------------------------

    def _conclude(self, best: Best) -> Solution:
        outcomes = tuple(
            _outcome(tier, best, bound, self._shown_seconds(seconds))
            for tier, bound, seconds in zip(self._tiers, self._bounds, self._tier_seconds, strict=True)
        )
        proven = all(outcome.proven for outcome in outcomes)
        began = time.monotonic()
        solver_units = evaluate(self._plan, list(self._scores.values()), best.timetable, self._calls.runner)
        self._calls.seconds["evaluate"] = time.monotonic() - began
        return Solution(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            timetable=best.timetable,
            verification=best.verification,
            tiers=outcomes,
            solver_units=solver_units,
            measured_units=best.units,
            interrupted=self._calls.stop.is_set(),
            seconds=self._calls.seconds,
        )

    def _shown_seconds(self, seconds: float) -> float | None:
        return None if self._calls.profile.solver.reproducible else round(seconds, 2)

    def _without_timetable(self, status: Status, findings: tuple[Finding, ...]) -> Solution:
        return Solution(
            status=status,
            timetable=None,
            verification=None,
            findings=findings,
            interrupted=self._calls.stop.is_set(),
            seconds=self._calls.seconds,
        )


def evaluate(plan: Plan, scores: Sequence[Expr], timetable: Timetable, runner: Runner) -> tuple[int, ...]:
    """What the model itself counts for each tier on a finished timetable: its decisions fixed, all else at its best.

    Raises:
        ModelFault: if the model does not admit the timetable, which means that a rule and its check disagree.
    """
    set_hints(plan.model, base_values(plan, timetable))
    plan.model.minimize(plan.total(scores))
    completed = runner.complete(plan.model, scores, EVALUATION_SECONDS)
    plan.model.clear_objective()  # type: ignore[no-untyped-call]
    if completed is None:
        raise ModelFault("the model does not admit the timetable that was built from its own answer")
    return completed.totals


def _outcome(tier: Tier, best: Best, bound: float, seconds: float | None) -> TierOutcome:
    units = best.units[tier.number - 1]
    least = min(ceil(bound - TOLERANCE), units)
    value, lower = units / tier.scale, least / tier.scale
    return TierOutcome(
        tier=tier.number,
        goals={goal.id: best.verification.measure_of(goal.id).value for goal in tier.goals},
        value=value,
        bound=lower,
        gap=relative_gap(value, lower),
        proven=units == least,
        seconds=seconds,
    )


def _nothing_yet(*, interrupted: bool) -> Finding:
    if interrupted:
        return Finding(
            code="interrupted",
            severity=Severity.ERROR,
            message="the search was interrupted before any timetable was found",
        )
    return Finding(
        code="no-timetable-in-time",
        severity=Severity.ERROR,
        message="the time limit passed before any timetable was found",
        hint="give more time with --time-limit",
    )
