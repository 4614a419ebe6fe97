"""The solver called on a plan: one call, or as many as it takes until the answer can be split into sessions.

Everything that a search shares lives here: the plan, the best timetable, the time that is left, who hears of progress.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from ortools.sat.python import cp_model

from scheduler.domain.profile import Profile
from scheduler.domain.week import Week
from scheduler.engine.budget import Budget
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.excerpt import Excerpts
from scheduler.engine.fixing import decisions
from scheduler.engine.incumbent import Incumbent, OnTimetable
from scheduler.engine.progress import Listener, Progress
from scheduler.engine.runner import Limits, Portfolio, Run, Runner, never
from scheduler.engine.sections import Realised, Splits, realise
from scheduler.engine.stage import TOLERANCE, Stage
from scheduler.engine.strategies import Strategies
from scheduler.engine.tiers import tiers_of
from scheduler.goals.registry import GOALS
from scheduler.model.candidates import Cell
from scheduler.model.protocol import Goal, Rule

GRACE_SECONDS = 10.0
"""While there is no timetable at all, the first tier gets at least this long: late is better than nothing."""
LARGE = 2500
"""Candidate seats from which the linear relaxation and searches of our own choice earn their time."""
PROVABLE, USUAL_THREADS = 4200, 8
"""Candidate seats up to which the solver's usual portfolio proves softer tiers, once it is given a good timetable; and
the threads that make it one."""
USEFUL_SECONDS = 1e-4
"""For each variable of the model, what the solver needs before it can find anything; a shorter call is not made."""
CONCLUDING_SECONDS = 1e-9
"""For each pair of variables, what it takes to evaluate the finished timetable: kept back, so that a run ends in time.
"""
LEADING = 2
"""The tiers that are searched together: hours and plans. After them a profile may stop at a gap or a plateau."""


class NoTimetable(Exception):  # noqa: N818 - an outcome, not an error
    """The week allows no timetable at all."""


class Calls:
    """Calls the solver on one week's plan, keeps the best timetable and tells of progress.

    ``reached``: the number of the last tier that timetables are compared by.
    """

    def __init__(
        self,
        week: Week,
        profile: Profile,
        rules: Sequence[Rule],
        strategies: Strategies,
        listener: Listener,
        stop: threading.Event,
        on_timetable: OnTimetable | None,
        goals: Sequence[Goal] = GOALS,
    ) -> None:
        self.profile, self.rules, self.strategies, self.stop = profile, rules, strategies, stop
        self.runner = Runner(profile.solver, stop)
        self.budget = Budget(profile.solver.seconds_for(len(week.patients)), profile.solver.reproducible)
        self.tiers = tiers_of(profile.goals, goals)
        began = time.monotonic()
        self.plan = build_plan(week, rules)
        self.budget.reserve(CONCLUDING_SECONDS * len(self.plan.model.proto.variables) ** 2)
        self.seconds: dict[str, float] = {"build": time.monotonic() - began}
        self.incumbent = Incumbent(self.plan, profile, rules, on_timetable, goals)
        self.reached = 0
        self._excerpts: Excerpts | None = None
        self._splits = Splits()
        self._shown, self._listener = 0, listener

    @property
    def is_lean(self) -> bool:
        """Whether linear programs and searches of our own choice earn their time.

        They do in large weeks, and where the search may not race threads.
        """
        return self.strategies.relaxation and (len(self.plan.attends) >= LARGE or self.budget.deterministic)

    @property
    def is_provable(self) -> bool:
        """Whether the solver's usual portfolio can be expected to prove softer tiers in time."""
        small = len(self.plan.attends) <= PROVABLE
        whole = self.runner.threads(Portfolio.USUAL) >= USUAL_THREADS
        return self.strategies.handover and small and whole

    @property
    def useful(self) -> float:
        """Seconds that a call must have at least to find anything."""
        return USEFUL_SECONDS * len(self.plan.model.proto.variables)

    def excerpts(self) -> Excerpts:
        """The rows of the model as it stands, for parts to be cut out of. Nobody may be at work with them."""
        claims = [var.index for var in self.plan.claims.values()]
        if self._excerpts is None:
            self._excerpts = Excerpts(self.plan.model, list(decisions(self.plan)), claims)
        else:
            self._excerpts.read_on(self.plan.model, claims)
        return self._excerpts

    def optimise(
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
        while not self.is_over(stage, bound, until) and not enough():
            if self.strategies.hints:
                self.incumbent.hint(self.runner)
            limits = self.limits(stage, self.budget.left - until, portfolio, idle)
            run = self.call(stage, bound, self.plan.model, limits, enough)
            bound = max(bound, run.bound)
            if run.infeasible and self.incumbent.best is None:
                raise NoTimetable
            if run.values is None or self.realise(run.values):
                break
        return bound

    def realise(self, values: Sequence[int]) -> bool:
        """Split an answer into sessions and keep it if it is better; cells that cannot be split are made exact.

        Gives whether every cell could be split as promised.
        """
        failed = self.carry_out(values).failed
        self.make_exact(failed)
        return not failed

    def carry_out(self, values: Sequence[int]) -> Realised:
        """Split an answer into sessions as far as can be, and keep it if it is better; the model stays as it is."""
        began = time.monotonic()
        realised = realise(self.plan, values, self.rules, self._splits)
        self.seconds["sections"] = self.seconds.get("sections", 0.0) + time.monotonic() - began
        self.incumbent.keep(realised, self.reached)
        return realised

    def make_exact(self, cells: Sequence[Cell]) -> None:
        """Write who sits in which session of these cells on the model: it promises no more there than can be kept."""
        for cell in cells:
            make_exact(self.plan, cell, self.rules)

    def limits(self, stage: Stage, seconds: float, portfolio: Portfolio, idle: float | None = None) -> Limits:
        """When a call for a stage stops: soft tiers also at the gap and the plateau of the profile."""
        solver = self.profile.solver
        soft = stage.last > LEADING
        idles = [one for one in (idle, solver.plateau_seconds if soft else None) if one is not None]
        return Limits(
            seconds=max(seconds, GRACE_SECONDS if self.incumbent.best is None else 0.05),
            gap=solver.stop_gap if soft else 0.0,
            plateau=None if solver.reproducible else min(idles, default=None),
            portfolio=portfolio,
        )

    def call(
        self,
        stage: Stage,
        bound: float,
        model: cp_model.CpModel,
        limits: Limits,
        enough: Callable[[], bool] = never,
    ) -> Run:
        """Run a search and tell of its progress; what a copy of the model with decisions held proves is not told."""
        whole, decided = model is self.plan.model, False

        def report(best: float | None, new_bound: float) -> None:
            nonlocal decided
            proven = max(bound, new_bound) if whole else bound
            if stage.in_view and best is not None and not self.budget.deterministic:  # it would end by the clock
                decided = self.is_met(stage, proven, round(best))
            self.announce(stage, proven, best)

        report(None, bound)
        run = self.runner.run(model, limits, report, lambda: enough() or decided)
        self.budget.spend(run.deterministic_seconds)
        return run

    def search_part(
        self, stage: Stage, bound: float, values: Sequence[int], free: Iterable[int], limits: Limits
    ) -> None:
        """Search with all but some decisions held as in a solution of the plan's model; keep what is better."""
        found, excerpts = np.array(values, dtype=np.int64), self.excerpts()
        part = excerpts.cut(found, free, excerpts.worth(found), hinted=True)
        run = self.call(stage, bound, part.model, limits)
        if run.values is not None:
            found[part.indices] = run.values
            self.realise(found.tolist())

    def is_over(self, stage: Stage, bound: float, until: float, useful: float | None = None) -> bool:
        """Whether a stage is searched no more: settled, stopped, or too little time with a timetable in hand.

        ``useful``: the least time that is of use, if not that of a call on the whole model.
        """
        least = self.useful if useful is None else useful
        out_of_time = self.incumbent.best is not None and self.budget.left <= max(until, 0.0) + least
        return self.stop.is_set() or out_of_time or self.is_settled(stage, bound)

    def is_settled(self, stage: Stage, bound: float) -> bool:
        """Whether the best timetable meets the bound."""
        value = self.incumbent.value(stage)
        return value is not None and self.is_met(stage, bound, value)

    def is_met(self, stage: Stage, bound: float, value: int) -> bool:
        """Whether a value needs no better; for a soft tier the gap that the profile allows is near enough."""
        if stage.in_view:
            bound, value = stage.bounds(bound, value)[0], stage.parts(value)[0]
        if stage.last > LEADING and bound > 0:
            bound += self.profile.solver.stop_gap * value
        return value <= bound + TOLERANCE

    def announce(self, stage: Stage, bound: float, found: float | None = None) -> None:
        """Tell where the search stands: a stage's first tier until that is proven, then the next."""
        known = (self.incumbent.value(stage), None if found is None else round(found))
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
                    tiers=len(self.tiers),
                    goals=tier.names,
                    best=None if unit is None else unit / tier.scale,
                    bound=least / tier.scale,
                    seconds_left=self.budget.left,
                )
            )
            if unit is None or unit > least:
                break
