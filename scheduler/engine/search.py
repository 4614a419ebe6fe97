"""Tier by tier: optimise with the better tiers held, split into sessions, keep the best, report true bounds."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from ortools.sat.python import cp_model

from scheduler.domain.findings import Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Finding, Severity
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.agreement import agreement
from scheduler.engine.background import Background
from scheduler.engine.budget import Budget
from scheduler.engine.build import build_plan, make_exact, write_meetings
from scheduler.engine.conflicts import collisions
from scheduler.engine.first import beginnings, construct, proven_bound, relaxation_of
from scheduler.engine.incumbent import Best, Incumbent, ModelFault, OnTimetable
from scheduler.engine.progress import Listener, Progress, relative_gap, silent
from scheduler.engine.relaxation import LinearAnswer, Method, Relaxation
from scheduler.engine.runner import Limits, Portfolio, Run, Runner, never, set_hints
from scheduler.engine.sections import base_values, realise
from scheduler.engine.stage import TOLERANCE, Stage, pair, single
from scheduler.engine.strategies import ALL, Strategies
from scheduler.engine.tiers import Tier, tiers_of
from scheduler.model.plan import Expr, Plan
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

LINEAR_GUARD = 3600.0
"""Seconds after which even a reproducible run gives a linear program up."""
GRACE_SECONDS = 10.0
"""While there is no timetable at all, the first tier gets at least this long: late is better than nothing."""
LARGE = 2500
"""Candidate seats from which the linear relaxation and searches of our own choice earn their time."""
LINEAR_SHARE = 0.6
"""Of a soft tier's time, what its linear program may take; meanwhile large neighbourhoods go on."""
LINKED_PACE, LOOSE_PACE = 2_500, 4_500
"""Variables a second that the barrier method gets through, roughly: with the links from a seat to "the cell runs", for
better bounds, and without. Where the time is too short even for the latter, it is left out."""
AGREEING_SHARE, AGREEING_ROUNDS = 0.3, 5
"""Of the time that is left after it, what each search of what the two disagree on may take; and how many there are."""
IDLE_SHARE = 0.25
"""Large neighbourhoods give way to the proof when they find nothing better for so much of the time that is left."""
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


class NoTimetable(Exception):  # noqa: N818 - an outcome, not an error
    """The week allows no timetable at all."""


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
    given = (listener, stop or threading.Event(), on_timetable)
    return _Search(week, profile, tuple(rules), strategies, *given).run(start)


class _Search:
    def __init__(
        self,
        week: Week,
        profile: Profile,
        rules: Sequence[Rule],
        strategies: Strategies,
        listener: Listener,
        stop: threading.Event,
        on_timetable: OnTimetable | None,
    ) -> None:
        self._week, self._profile, self._rules, self._strategies = week, profile, rules, strategies
        self._listener, self._stop = listener, stop
        settings = profile.solver
        self._runner = Runner(settings, stop)
        self._budget = Budget(settings.seconds_for(len(week.patients)), settings.reproducible)
        self._tiers = tiers_of(profile.goals)
        began = time.monotonic()
        self._plan = build_plan(week, rules)
        self._seconds: dict[str, float] = {"build": time.monotonic() - began}
        self._incumbent = Incumbent(self._plan, profile, rules, on_timetable)
        self._scores: dict[int, Expr] = {}
        self._reached = self._shown = 0
        self._bounds: list[float] = []
        self._tier_seconds: list[float] = []

    def run(self, start: Timetable | None) -> Solution:
        edited = self._take(start)
        try:
            for stage in self._stages():
                self._search_stage(stage, edited)
        except NoTimetable:
            found = collisions(self._week, self._rules, self._stop)
            return self._without_timetable(Status.IMPOSSIBLE, found)
        self._seconds["search"] = sum(self._tier_seconds)
        if self._incumbent.best is None:
            return self._without_timetable(Status.UNKNOWN, (_nothing_yet(interrupted=self._stop.is_set()),))
        return self._conclude(self._incumbent.best)

    # ---- a first timetable ---------------------------------------------------------------------------------------

    def _take(self, given: Timetable | None) -> Timetable | None:
        """Keep a given timetable that breaks no rule by now; give one back that does, its sessions may still serve."""
        if given is None or not self._strategies.warm:
            return None
        found = self._incumbent.judge(given)
        if found is None:
            return given
        self._incumbent.take(found)
        return None

    def _start(self, stage: Stage, edited: Timetable | None) -> float:
        """Find a first timetable; gives what the linear relaxation proves."""
        began = time.monotonic()
        if self._stop.is_set():
            return 0.0
        relaxation = relaxation_of(self._plan, loose=True)
        if self._strategies.construction and self._incumbent.best is None:
            self._construct(relaxation, edited)
        self._announce(stage, 0.0)
        bound = 0
        if self._asks_linear() and not self._is_over(stage, bound, 0.0):
            seconds = self._linear_seconds(self._budget.left * LINEAR_SHARE)
            answer = Background(relaxation, Method.SIMPLEX, seconds).wait(self._stop)
            bound = self._write_bound(stage, relaxation, answer)
            if answer is not None and self._strategies.agreement:
                self._search_disagreement(stage, bound, 0.0, answer)
        self._seconds["start"] = time.monotonic() - began
        return float(bound)

    def _construct(self, relaxation: Relaxation, edited: Timetable | None) -> None:
        for wished in beginnings(self._week, edited, warm=self._strategies.warm):
            realised = construct(self._plan, relaxation, wished, self._runner, self._rules)
            if realised is not None:
                self._incumbent.keep(realised, self._reached)
            if self._incumbent.best is not None or self._stop.is_set():
                break

    def _write_bound(self, stage: Stage, relaxation: Relaxation, answer: LinearAnswer | None) -> int:
        """Write what the linear answer proves on the model, so that a search ends as soon as it is met."""
        bound = proven_bound(relaxation, answer)
        if bound:
            self._plan.model.add(stage.objective(self._plan) >= bound)
        return bound

    def _linear_seconds(self, seconds: float) -> float:
        """A linear program's limit: in a reproducible run the clock must not decide whether it ends."""
        return LINEAR_GUARD if self._budget.deterministic else seconds

    def _asks_linear(self) -> bool:
        """Whether the linear relaxation earns its time: in large weeks, and where the search may not race threads."""
        return self._strategies.relaxation and (self._is_large() or self._budget.deterministic)

    def _is_large(self) -> bool:
        return len(self._plan.attends) >= LARGE

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

    def _search_stage(self, stage: Stage, edited: Timetable | None) -> None:
        """Search one stage and hold each of its tiers at its best."""
        plan, began = self._plan, time.monotonic()
        self._reached = stage.last
        bound = 0.0
        if not self._settled(stage, bound):
            plan.model.minimize(stage.objective(plan))
            if stage.tiers[0].number == 1:
                bound = self._start(stage, edited)
            bound = self._search(stage, bound)
            self._announce(stage, bound)
            plan.model.clear_objective()  # type: ignore[no-untyped-call]
        self._bounds.extend(float(one) for one in stage.bounds(bound, self._incumbent.value(stage)))
        seconds = time.monotonic() - began
        self._tier_seconds.extend([seconds / len(stage.tiers)] * len(stage.tiers))
        best = self._incumbent.best
        if best is not None:
            for tier, score in zip(stage.tiers, stage.scores, strict=True):
                plan.model.add(score <= best.units[tier.number - 1])

    def _search(self, stage: Stage, bound: float) -> float:
        """Search a stage for its share of the time; gives the best bound."""
        until = self._budget.left - self._budget.for_tiers([tier.number for tier in stage.tiers], len(self._tiers))
        soft, lean = stage.last > LEADING, self._asks_linear() and self._strategies.portfolio
        if soft and lean:
            bound = self._search_soft(stage, bound, until)
        return self._optimise(stage, bound, Portfolio.PROVING if lean else Portfolio.USUAL, until)

    def _search_soft(self, stage: Stage, bound: float, until: float) -> float:
        """Improve a soft tier of a large week before its proof: neighbourhoods, the linear program, neighbourhoods.

        Where there was no time for the linear program, there is none for a proof either.
        """
        improving = self._strategies.neighbourhoods
        seconds = self._linear_seconds((self._budget.left - until) * LINEAR_SHARE)
        relaxation = self._affordable(seconds) if self._strategies.agreement else None
        answer: LinearAnswer | None = None
        if relaxation is not None:
            linear = Background(relaxation, Method.BARRIER, seconds)
            if improving and not self._budget.deterministic:
                bound = self._optimise(stage, bound, Portfolio.BESIDE, until, linear.is_done)
            answer = linear.wait(self._stop)
            bound = max(bound, self._write_bound(stage, relaxation, answer))
            if answer is not None:
                self._search_disagreement(stage, bound, until, answer)
        if improving:
            rest = self._budget.left - until
            proving = rest / 2 if answer is not None or self._budget.deterministic else 0.0
            bound = self._optimise(stage, bound, Portfolio.IMPROVING, until + proving, idle=rest * IDLE_SHARE)
        return bound

    def _affordable(self, seconds: float) -> Relaxation | None:
        """The best relaxation that the barrier method is likely to solve in time."""
        variables = len(self._plan.model.proto.variables)
        if variables > seconds * LOOSE_PACE:
            return None
        return relaxation_of(self._plan, loose=variables > seconds * LINKED_PACE)

    def _search_disagreement(self, stage: Stage, bound: float, until: float, linear: LinearAnswer) -> None:
        """Search only what the timetable and the linear program disagree on, again as long as that helps."""
        for _ in range(AGREEING_ROUNDS):
            before = self._incumbent.value(stage)
            values = self._incumbent.hint(self._runner)
            if values is None or self._is_over(stage, bound, until):
                break
            held = agreement(self._plan, linear, values)
            seconds = (self._budget.left - until) * AGREEING_SHARE
            run = self._call(stage, bound, held, self._limits(stage, seconds, Portfolio.PROVING))
            if run.values is not None:
                self._realise(run.values)
            if self._incumbent.value(stage) == before:
                break

    def _is_over(self, stage: Stage, bound: float, until: float) -> bool:
        """Whether a stage is searched no more: settled, stopped, or out of time with a timetable in hand."""
        out_of_time = self._incumbent.best is not None and self._budget.left <= max(until, 0.0)
        return self._stop.is_set() or out_of_time or self._settled(stage, bound)

    def _optimise(
        self,
        stage: Stage,
        bound: float,
        portfolio: Portfolio,
        until: float,
        enough: Callable[[], bool] = never,
        idle: float | None = None,
    ) -> float:
        """Solve, split, and solve again with every cell made exact that could not be split as promised.

        Ends when ``until`` of the whole time is left, when ``enough`` says so, or after ``idle`` seconds without a
        better answer; gives the best bound.
        """
        while not self._is_over(stage, bound, until) and not enough():
            if self._strategies.hints:
                self._incumbent.hint(self._runner)
            limits = self._limits(stage, self._budget.left - until, portfolio, idle)
            run = self._call(stage, bound, self._plan.model, limits, enough)
            bound = max(bound, run.bound)
            if run.infeasible and self._incumbent.best is None:
                raise NoTimetable
            if run.values is None or self._realise(run.values):
                break
        return bound

    def _realise(self, values: Sequence[int]) -> bool:
        """Split an answer into sessions and keep it if it is better; cells that cannot be split are made exact.

        Gives whether every cell could be split as promised.
        """
        began = time.monotonic()
        realised = realise(self._plan, values, self._rules)
        self._seconds["sections"] = self._seconds.get("sections", 0.0) + time.monotonic() - began
        self._incumbent.keep(realised, self._reached)
        for cell in realised.failed:
            make_exact(self._plan, cell, self._rules)
        return not realised.failed

    def _limits(self, stage: Stage, seconds: float, portfolio: Portfolio, idle: float | None = None) -> Limits:
        solver = self._profile.solver
        soft = stage.last > LEADING
        idles = [one for one in (idle, solver.plateau_seconds if soft else None) if one is not None]
        return Limits(
            seconds=max(seconds, GRACE_SECONDS if self._incumbent.best is None else 0.05),
            gap=solver.stop_gap if soft else 0.0,
            plateau=None if solver.reproducible else min(idles, default=None),
            portfolio=portfolio,
        )

    def _call(
        self,
        stage: Stage,
        bound: float,
        model: cp_model.CpModel,
        limits: Limits,
        enough: Callable[[], bool] = never,
    ) -> Run:
        """Run a search and tell of its progress; what a copy of the model with decisions held proves is not told."""
        whole = model is self._plan.model

        def report(best: float | None, new_bound: float) -> None:
            self._announce(stage, max(bound, new_bound) if whole else bound, best)

        report(None, bound)
        run = self._runner.run(model, limits, report, enough)
        self._budget.spend(run.deterministic_seconds)
        return run

    def _announce(self, stage: Stage, bound: float, found: float | None = None) -> None:
        """Tell where the search stands: a stage's first tier until that is proven, then the next."""
        known = (self._incumbent.value(stage), None if found is None else round(found))
        value = min((one for one in known if one is not None), default=None)
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

    def _settled(self, stage: Stage, bound: float) -> bool:
        """Whether the bound is met; for a soft tier the gap that the profile allows is near enough."""
        value = self._incumbent.value(stage)
        if value is not None and stage.last > LEADING and bound > 0:
            bound += self._profile.solver.stop_gap * value
        return self._incumbent.settles(stage, bound)

    # ---- the end -----------------------------------------------------------------------------------------------

    def _conclude(self, best: Best) -> Solution:
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
