"""Tier by tier: optimise with the better tiers held, split into sessions, keep the best, report true bounds."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from scheduler.domain.findings import Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.budget import Budget, Clock
from scheduler.engine.build import build_plan, make_exact, write_meetings
from scheduler.engine.conflicts import collisions
from scheduler.engine.dive import Dive
from scheduler.engine.progress import Listener, Progress, relative_gap, silent
from scheduler.engine.relaxation import Relaxation
from scheduler.engine.runner import Limits, Portfolio, Run, Runner, set_hints
from scheduler.engine.sections import Realised, base_values, realise
from scheduler.engine.stage import TOLERANCE, Stage, pair, single
from scheduler.engine.strategies import ALL, Strategies
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.engine.warm import counts_of, counts_of_last_week
from scheduler.model.candidates import Cell
from scheduler.model.plan import Expr, Plan
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

GRACE_SECONDS = 10.0
"""While there is no timetable at all, the first tier gets at least this long: late is better than nothing."""
DIVE_FROM_SEATS = 2500
"""Candidate seats from which the linear relaxation earns its time; below, CP-SAT alone is quicker."""
DIVE_SHARE, START_SHARE = 0.25, 0.15
"""Of the time left, what the dive may take, and then the search among the session counts that it leaves open."""
PROVING_SHARE = 0.7
"""Of the time of a soft tier, how long it is searched with the linear bound; then large neighbourhoods alone go on."""
LEADING = 2
"""The tiers that are searched together: hours and plans. After them a profile may stop at a gap or a plateau."""
EVALUATION_SECONDS = 600.0
"""Evaluating a finished timetable takes a second; only a machine that hardly runs needs more, and it must not fail."""


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


@dataclass(frozen=True)
class Phase:
    """One search of a stage, and its share of the time that the stage has left."""

    portfolio: Portfolio
    share: float


class NoTimetable(Exception):  # noqa: N818 - an outcome, not an error
    """The week allows no timetable at all."""


@dataclass
class _Best:
    """The best timetable so far, with what it measures."""

    timetable: Timetable
    verification: Verification
    units: tuple[int, ...]


def solve(
    week: Week,
    profile: Profile,
    *,
    listener: Listener = silent,
    stop: threading.Event | None = None,
    rules: Sequence[Rule] = RULES,
    start: Timetable | None = None,
    on_timetable: Callable[[Timetable], None] | None = None,
    strategies: Strategies = ALL,
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

    Raises:
        ValueError: if ``start`` names something that the week does not know.
    """
    search = _Search(week, profile, listener, stop or threading.Event(), rules, strategies)
    search.on_timetable = on_timetable
    return search.run(start)


class _Search:
    def __init__(
        self,
        week: Week,
        profile: Profile,
        listener: Listener,
        stop: threading.Event,
        rules: Sequence[Rule],
        strategies: Strategies,
    ) -> None:
        self._week, self._profile, self._rules, self._strategies = week, profile, rules, strategies
        self.on_timetable: Callable[[Timetable], None] | None = None
        self._listener, self._stop = listener, stop
        settings = profile.solver
        self._runner = Runner(settings, stop)
        self._budget = Budget(settings.seconds_for(len(week.patients)), settings.reproducible)
        self._tiers = tiers_of(profile.goals)
        self._scores: dict[int, Expr] = {}
        self._reached = self._shown = 0
        self._bounds: list[float] = []
        self._tier_seconds: list[float] = []
        self._best: _Best | None = None
        self._seconds: dict[str, float] = {}

    def run(self, start: Timetable | None) -> Solution:
        began = time.monotonic()
        self._plan = build_plan(self._week, self._rules)
        self._seconds["build"] = time.monotonic() - began
        self._begin_from(start)
        try:
            for stage in self._stages():
                self._search_stage(stage)
        except NoTimetable:
            found = collisions(self._week, self._rules, self._stop)
            return self._without_timetable(Status.IMPOSSIBLE, found)
        self._seconds["search"] = sum(self._tier_seconds)
        if self._best is None:
            return self._without_timetable(Status.UNKNOWN, (_nothing_yet(interrupted=self._stop.is_set()),))
        return self._conclude(self._best)

    # ---- a first timetable ---------------------------------------------------------------------------------------

    def _start(self, stage: Stage) -> float:
        """Find a first timetable at session counts that are likely; gives what the linear relaxation proves."""
        began, plan = time.monotonic(), self._plan
        clock = Clock(self._budget.left * DIVE_SHARE, deterministic=self._budget.deterministic)
        dive = Dive(plan, self._relaxation(), clock, self._stop) if self._asks_linear() else None
        bound = (dive.bound or 0) if dive is not None else 0
        if bound:
            plan.model.add(stage.objective(plan) >= bound)
        for counts in self._likely_counts(dive):
            if self._settled(stage, bound) or self._is_over():
                break
            self._announce(stage, self._value(stage), bound)
            self._try_counts(counts)
        self._seconds["start"] = time.monotonic() - began
        return float(bound)

    def _likely_counts(self, dive: Dive | None) -> Iterator[Mapping[Cell, int]]:
        """Session counts to begin with: of a timetable that breaks a rule by now, of last week, of the relaxation."""
        if self._strategies.warm:
            nothing = dict.fromkeys(self._plan.sessions, 0)
            for given in (self._edited, counts_of_last_week(self._week) if self._asks_linear() else {}):
                known = {cell: count for cell, count in given.items() if cell in nothing}
                if known:
                    yield nothing | known
        if dive is not None and self._strategies.dive and dive.counts is not None:
            yield dive.counts

    def _try_counts(self, counts: Mapping[Cell, int]) -> None:
        """Seat everybody as well as can be with these session counts held."""
        plan = self._plan
        set_hints(plan.model, {plan.sessions[cell].index: count for cell, count in counts.items()})
        limits = Limits(seconds=self._budget.left * START_SHARE, portfolio=Portfolio.ALONE)
        run = self._runner.run(plan.model, limits, keep_hints=True)
        self._budget.spend(run.deterministic_seconds)
        if run.values is not None:
            self._keep(realise(plan, run.values, self._rules))
        plan.model.clear_hints()  # type: ignore[no-untyped-call]

    def _begin_from(self, given: Timetable | None) -> None:
        """Keep a given timetable that breaks no rule by now; of one that does, the session counts may still serve."""
        self._edited: Mapping[Cell, int] = {}
        if given is None or not self._strategies.warm:
            return
        found = verify(self._week, given, self._profile.goals, self._rules)
        if found.broken:
            self._edited = counts_of(given)
        else:
            self._best = _Best(given, found, tuple(tier.measured_units(found) for tier in self._tiers))
            if self.on_timetable is not None:
                self.on_timetable(given)

    def _asks_linear(self) -> bool:
        """Whether the linear relaxation earns its time: in large weeks, and where the search may not race threads."""
        large = len(self._plan.attends) >= DIVE_FROM_SEATS
        return self._strategies.relaxation and (large or self._budget.deterministic)

    def _relaxation(self) -> Relaxation:
        return Relaxation(self._plan.model, frozenset(var.index for var in self._plan.runs.values()))

    # ---- one stage ---------------------------------------------------------------------------------------------

    def _stages(self) -> Iterator[Stage]:
        """The leading tiers as one stage where that can be, every other tier as its own; written when it is reached."""
        if len(self._tiers) >= LEADING and self._strategies.pairing:
            first, second = self._tiers[:LEADING]
            leading = pair(self._plan, (first, second), (self._score(first), self._score(second)))
            if leading is not None:
                yield leading
        for tier in self._tiers:
            if tier.number > self._reached:
                yield single(tier, self._score(tier))

    def _score(self, tier: Tier) -> Expr:
        """The tier's expression, written on the model on first use."""
        if tier.number not in self._scores:
            told = frozenset(self._plan.claims)
            self._scores[tier.number] = tier.score(self._plan)
            if self._strategies.meetings:
                write_meetings(self._plan, self._rules, told)
        return self._scores[tier.number]

    def _search_stage(self, stage: Stage) -> None:
        """Search one stage and hold each of its tiers at its best."""
        plan, began = self._plan, time.monotonic()
        self._reached = stage.last
        bound = 0.0
        if not self._settled(stage, bound):
            plan.model.minimize(stage.objective(plan))
            if stage.tiers[0].number == 1:
                bound = self._start(stage)
            bound = self._search_phases(stage, bound)
            self._announce(stage, self._value(stage), bound)
            plan.model.clear_objective()  # type: ignore[no-untyped-call]
        best = self._best
        self._bounds.extend(float(one) for one in stage.bounds(bound, self._value(stage)))
        seconds = time.monotonic() - began
        self._tier_seconds.extend([seconds / len(stage.tiers)] * len(stage.tiers))
        if best is not None:
            for tier, score in zip(stage.tiers, stage.scores, strict=True):
                plan.model.add(score <= best.units[tier.number - 1])

    def _is_over(self) -> bool:
        """Whether to search no more: stopped, or out of time with a timetable in hand."""
        return self._stop.is_set() or (self._best is not None and self._budget.left <= 0)

    def _phases(self, stage: Stage) -> tuple[Phase, ...]:
        """The searches of a stage one after the other, each with its share of the stage's time."""
        if not self._asks_linear() or not self._strategies.portfolio:
            return (Phase(Portfolio.USUAL, 1.0),)
        if stage.last <= LEADING or not self._strategies.neighbourhoods:
            return (Phase(Portfolio.PROVING, 1.0),)
        return Phase(Portfolio.PROVING, PROVING_SHARE), Phase(Portfolio.IMPROVING, 1.0)

    def _search_phases(self, stage: Stage, bound: float) -> float:
        """Run the phases of a stage; gives the best bound."""
        until = self._budget.left - self._budget.for_tiers([tier.number for tier in stage.tiers], len(self._tiers))
        for phase in self._phases(stage):
            if self._settled(stage, bound) or self._is_over():
                break
            end = self._budget.left - max(0.0, self._budget.left - until) * phase.share
            self._hint_best()
            bound = self._optimise(stage, bound, phase, end)
        return bound

    def _optimise(self, stage: Stage, bound: float, phase: Phase, until: float) -> float:
        """Solve, split, and solve again with every cell made exact that could not be split as promised."""
        while not self._stop.is_set():
            run = self._call(stage, max(0.0, self._budget.left - until), bound, phase.portfolio)
            bound = max(bound, run.bound)
            if run.infeasible and self._best is None:
                raise NoTimetable
            if run.values is None:
                break
            began = time.monotonic()
            realised = realise(self._plan, run.values, self._rules)
            self._seconds["sections"] = self._seconds.get("sections", 0.0) + time.monotonic() - began
            self._keep(realised)
            if not realised.failed or self._settled(stage, bound):
                break
            if self._best is not None and self._budget.left <= until:
                break
            for cell in realised.failed:
                make_exact(self._plan, cell, self._rules)
            self._hint_best()
        return bound

    def _call(self, stage: Stage, seconds: float, bound: float, portfolio: Portfolio) -> Run:
        solver = self._profile.solver
        soft = stage.last > LEADING
        limits = Limits(
            seconds=max(seconds, GRACE_SECONDS if self._best is None else 0.05),
            gap=solver.stop_gap if soft else 0.0,
            plateau=solver.plateau_seconds if soft and not solver.reproducible else None,
            portfolio=portfolio,
        )

        def report(best: float | None, new_bound: float) -> None:
            known = self._value(stage)
            value = min((round(one) for one in (best, known) if one is not None), default=None)
            self._announce(stage, value, max(bound, new_bound))

        report(None, bound)
        run = self._runner.run(self._plan.model, limits, report)
        self._budget.spend(run.deterministic_seconds)
        return run

    def _announce(self, stage: Stage, value: int | None, bound: float) -> None:
        """Tell where the search stands: a stage's first tier until that is proven, then the next."""
        bounds = stage.bounds(bound, value)
        units: tuple[int | None, ...] = (None,) * len(bounds) if value is None else stage.parts(value)
        for tier, unit, least in zip(stage.tiers, units, bounds, strict=True):
            if tier.number < self._shown:
                continue
            self._shown = tier.number
            self._listener(
                Progress(
                    tier=tier.number,
                    tiers=len(self._tiers),
                    goals=tier.names,
                    best=None if unit is None else unit / tier.scale,
                    bound=least / tier.scale,
                    seconds_left=self._budget.left,
                )
            )
            if unit is None or unit > least:
                break

    def _value(self, stage: Stage) -> int | None:
        """What the best timetable is worth to a stage."""
        return None if self._best is None else stage.value(self._best.units)

    def _settled(self, stage: Stage, bound: float) -> bool:
        return self._best is not None and stage.value(self._best.units) <= bound + TOLERANCE

    # ---- the best timetable ------------------------------------------------------------------------------------

    def _keep(self, realised: Realised) -> None:
        """Keep a timetable that breaks no rule and is better, tier by tier, than the best so far."""
        found = verify(self._week, realised.timetable, self._profile.goals, self._rules)
        if found.broken and not realised.failed:
            words = [v.words for result in found.rules for v in result.violations]
            raise ModelFault(f"the model allowed what a rule's check forbids: {'; '.join(words[:5])}")
        if found.broken:
            return
        units = tuple(tier.measured_units(found) for tier in self._tiers)
        if self._best is None or units[: self._reached] < self._best.units[: self._reached]:
            self._best = _Best(realised.timetable, found, units)
            if self.on_timetable is not None:
                self.on_timetable(realised.timetable)

    def _hint_best(self) -> None:
        """Give the solver the best timetable as a complete hint, every auxiliary variable at its best."""
        if self._best is None or not self._strategies.hints:
            return
        base = base_values(self._plan, self._best.timetable)
        set_hints(self._plan.model, base)
        completed = self._runner.complete(self._plan.model)
        if completed is not None:
            set_hints(self._plan.model, dict(enumerate(completed.values)))

    # ---- the end -----------------------------------------------------------------------------------------------

    def _conclude(self, best: _Best) -> Solution:
        outcomes = tuple(
            _outcome(tier, best, bound, self._shown_seconds(seconds))
            for tier, bound, seconds in zip(self._tiers, self._bounds, self._tier_seconds, strict=True)
        )
        proven = all(outcome.proven for outcome in outcomes)
        began = time.monotonic()
        solver_units = evaluate(self._plan, list(self._scores.values()), best.timetable, self._runner)
        self._seconds["evaluate"] = time.monotonic() - began
        return Solution(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            timetable=best.timetable,
            verification=best.verification,
            tiers=outcomes,
            solver_units=solver_units,
            measured_units=best.units,
            interrupted=self._stop.is_set(),
            seconds=self._seconds,
        )

    def _shown_seconds(self, seconds: float) -> float | None:
        return None if self._profile.solver.reproducible else round(seconds, 2)

    def _without_timetable(self, status: Status, findings: tuple[Finding, ...]) -> Solution:
        return Solution(
            status=status,
            timetable=None,
            verification=None,
            findings=findings,
            interrupted=self._stop.is_set(),
            seconds=self._seconds,
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


class ModelFault(Exception):  # noqa: N818 - named for what it is
    """The model and the solver-free checks disagree: a fault of the program (exit code 1)."""


def _outcome(tier: Tier, best: _Best, bound: float, seconds: float | None) -> TierOutcome:
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
