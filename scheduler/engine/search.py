"""Tier by tier: optimise with the better tiers held, split into sessions, keep the best, report true bounds."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from scheduler.domain.findings import Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.budget import Budget, Clock
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.conflicts import collisions
from scheduler.engine.dive import dive
from scheduler.engine.progress import Listener, Progress, relative_gap, silent
from scheduler.engine.relaxation import Relaxation
from scheduler.engine.runner import Limits, Run, Runner, set_hints
from scheduler.engine.sections import Realised, base_values, realise
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.model.plan import Expr, Plan
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.verify import verify

GRACE_SECONDS = 10.0
"""While there is no timetable at all, the first tier gets at least this long: late is better than nothing."""
BOUND_TOLERANCE = 1e-6
DIVE_FROM_SEATS = 2500
"""Candidate seats from which the linear relaxation earns its time; below, CP-SAT alone is quicker."""
START_SHARE, BOUND_SHARE = 0.4, 0.2
"""Of the time left, what the first timetable and one linear bound may take."""
START_GAP = 0.001
EVALUATION_SECONDS = 600.0
"""Evaluating a finished timetable takes a second; only a machine that hardly runs needs more, and it must not fail."""
LEAD_OF_A_TIER = 10
"""In the first timetable's objective a unit of a tier counts so many units of the next."""
FIRST_SOFT_TIER = 3
"""From this tier on a profile may stop at a gap or a plateau; hours and plans are always searched to the end."""


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
) -> Solution:
    """Find the best timetable of a week in the time that the profile gives.

    Args:
        week: the week.
        profile: goals and solver settings; its rules are those that the week already carries.
        listener: hears of progress.
        stop: set it from a signal handler or another thread to get the best timetable so far.
        rules: the rulebook; tests leave rules out.
    """
    return _Search(week, profile, listener, stop or threading.Event(), rules).run()


class _Search:
    def __init__(
        self, week: Week, profile: Profile, listener: Listener, stop: threading.Event, rules: Sequence[Rule]
    ) -> None:
        self._week, self._profile, self._rules = week, profile, rules
        self._listener, self._stop = listener, stop
        settings = profile.solver
        self._runner = Runner(settings, stop)
        self._budget = Budget(settings.seconds_for(len(week.patients)), settings.reproducible)
        self._tiers = tiers_of(profile.goals)
        self._scores: dict[int, Expr] = {}
        self._reached = 1
        self._bounds: list[float] = []
        self._tier_seconds: list[float] = []
        self._best: _Best | None = None
        self._seconds: dict[str, float] = {}

    def run(self) -> Solution:
        began = time.monotonic()
        self._plan = build_plan(self._week, self._rules)
        self._seconds["build"] = time.monotonic() - began
        try:
            self._start()
            for tier in self._tiers:
                tier_began = time.monotonic()
                self._bounds.append(self._search_tier(tier))
                self._tier_seconds.append(time.monotonic() - tier_began)
        except NoTimetable:
            found = collisions(self._week, self._rules, self._stop)
            return self._without_timetable(Status.IMPOSSIBLE, found)
        self._seconds["search"] = sum(self._tier_seconds)
        if self._best is None:
            return self._without_timetable(Status.UNKNOWN, (_nothing_yet(interrupted=self._stop.is_set()),))
        return self._conclude(self._best)

    # ---- a first timetable ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        """Large weeks begin with a timetable found by rounding the linear relaxation of the first tiers."""
        plan, leading = self._plan, self._tiers[: FIRST_SOFT_TIER - 1]
        if not leading or not self._asks_linear():
            return
        began = time.monotonic()
        scores = [self._score(tier) for tier in leading]
        factors = [LEAD_OF_A_TIER ** (len(leading) - 1 - i) for i in range(len(leading))]
        plan.model.minimize(plan.total(factor * score for factor, score in zip(factors, scores, strict=True)))
        seconds = self._budget.left * START_SHARE
        clock = Clock(seconds, deterministic=self._budget.deterministic)
        counts = dive(plan, self._relaxation(), clock, self._stop)
        if counts is not None and not self._stop.is_set():
            set_hints(plan.model, {plan.sessions[cell].index: count for cell, count in counts.items()})
            limits = Limits(seconds=max(seconds / 2, clock.left), gap=START_GAP, workers=1)
            run = self._runner.run(plan.model, limits, keep_hints=True)
            self._budget.spend(run.deterministic_seconds)
            if run.values is not None:
                self._keep(realise(plan, run.values, self._rules))
        plan.model.clear_hints()  # type: ignore[no-untyped-call]
        plan.model.clear_objective()  # type: ignore[no-untyped-call]
        self._seconds["start"] = time.monotonic() - began

    def _asks_linear(self) -> bool:
        """Whether the linear relaxation earns its time: in large weeks, and where the search may not race threads."""
        return self._budget.deterministic or len(self._plan.attends) >= DIVE_FROM_SEATS

    def _relaxation(self) -> Relaxation:
        return Relaxation(self._plan.model, frozenset(var.index for var in self._plan.runs.values()))

    def _score(self, tier: Tier) -> Expr:
        """The tier's expression, written on the model on first use."""
        if tier.number not in self._scores:
            self._scores[tier.number] = tier.score(self._plan)
        return self._scores[tier.number]

    # ---- one tier ----------------------------------------------------------------------------------------------

    def _search_tier(self, tier: Tier) -> float:
        """Search one tier and hold it at its best; gives the bound in units."""
        plan = self._plan
        score = self._score(tier)
        self._reached = tier.number
        if self._best is not None and self._best.units[tier.number - 1] == 0:
            plan.model.add(score <= 0)
            return 0.0
        plan.model.minimize(score)
        bound = 0.0 if self._is_over() else self._linear_bound(tier)
        if not self._settled(tier, bound) and not self._is_over():
            self._hint_best()
            bound = self._optimise(tier, bound)
        plan.model.clear_objective()  # type: ignore[no-untyped-call]
        if self._best is not None:
            plan.model.add(score <= self._best.units[tier.number - 1])
        return bound

    def _is_over(self) -> bool:
        """Whether to search no more: stopped, or out of time with a timetable in hand."""
        return self._stop.is_set() or (self._best is not None and self._budget.left <= 0)

    def _linear_bound(self, tier: Tier) -> float:
        """What the linear relaxation proves of a leading tier of a large week; 0 where it is not asked."""
        if tier.number >= FIRST_SOFT_TIER or not self._asks_linear():
            return 0.0
        relaxation = self._relaxation()
        clock = Clock(self._budget.left * BOUND_SHARE, deterministic=self._budget.deterministic)
        answer = relaxation.solve({}, {}, clock.left)
        return 0.0 if answer is None else max(0.0, float(relaxation.safe_bound(answer.duals)))

    def _optimise(self, tier: Tier, bound: float) -> float:
        """Solve, split, and solve again with every cell made exact that could not be split as promised."""
        seconds = self._budget.for_tier(tier.number, len(self._tiers))
        until = self._budget.left - seconds
        while not self._stop.is_set():
            run = self._call(tier, max(0.0, self._budget.left - until), bound)
            bound = max(bound, run.bound)
            if run.infeasible and self._best is None:
                raise NoTimetable
            if run.values is None:
                break
            began = time.monotonic()
            realised = realise(self._plan, run.values, self._rules)
            self._seconds["sections"] = self._seconds.get("sections", 0.0) + time.monotonic() - began
            self._keep(realised)
            if not realised.failed or self._settled(tier, bound):
                break
            if self._best is not None and self._budget.left <= until:
                break
            for cell in realised.failed:
                make_exact(self._plan, cell, self._rules)
            self._hint_best()
        return bound

    def _call(self, tier: Tier, seconds: float, bound: float) -> Run:
        solver = self._profile.solver
        soft = tier.number >= FIRST_SOFT_TIER
        limits = Limits(
            seconds=max(seconds, GRACE_SECONDS if self._best is None else 0.05),
            gap=solver.stop_gap if soft else 0.0,
            plateau=solver.plateau_seconds if soft and not solver.reproducible else None,
        )

        def report(best: float | None, new_bound: float) -> None:
            known = None if self._best is None else self._best.units[tier.number - 1]
            value = min((one for one in (best, known) if one is not None), default=None)
            self._listener(
                Progress(
                    tier=tier.number,
                    tiers=len(self._tiers),
                    goals=tier.names,
                    best=None if value is None else value / tier.scale,
                    bound=max(bound, new_bound) / tier.scale,
                    seconds_left=self._budget.left,
                )
            )

        report(None, bound)
        run = self._runner.run(self._plan.model, limits, report)
        self._budget.spend(run.deterministic_seconds)
        return run

    def _settled(self, tier: Tier, bound: float) -> bool:
        return self._best is not None and self._best.units[tier.number - 1] <= bound + BOUND_TOLERANCE

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

    def _hint_best(self) -> None:
        """Give the solver the best timetable as a complete hint, every auxiliary variable at its best."""
        if self._best is None:
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
        solver_units = evaluate(
            self._plan, [self._scores[tier.number] for tier in self._tiers], best.timetable, self._runner
        )
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
    least = min(ceil(bound - BOUND_TOLERANCE), units)
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
