"""One call of CP-SAT: parameters, hints, a clock and a way to stop it. Nothing of rules or goals."""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ortools.sat.python import cp_model

from scheduler.domain.profile import SolverSettings

POLL_SECONDS = 0.05
GUARD_FACTOR, GUARD_FLOOR = 20, 120.0
"""A reproducible run counts deterministic seconds; the clock only stops one that takes this many times longer."""

PLAIN_SECONDS = 4.0
"""What is left where every decision is hinted is mostly done without a linear program, in a fraction of the time that
one takes; where it is not done by then, one is of use."""
USUAL_CORES = 2
"""Where the machine does not say how many it has."""


@dataclass(frozen=True)
class Run:
    """What one call gave: ``values`` by variable index and ``objective`` are None without a solution.

    ``core``: of what the model assumes, the variables that a proof of "impossible" rests on; others may change freely.
    """

    infeasible: bool
    values: tuple[int, ...] | None
    objective: float | None
    bound: float
    optimal: bool
    deterministic_seconds: float
    core: tuple[int, ...] = ()


@dataclass(frozen=True)
class Completed:
    """Values by variable index, and what the asked sums come to."""

    values: tuple[int, ...]
    totals: tuple[int, ...]


def never() -> bool:
    """No."""
    return False


Report = Callable[[float | None, float], None]


class Portfolio(Enum):
    """Which of the solver's searches run side by side. All but the first leave out what presolve spends on symmetry.

    On two cores the eight of the usual portfolio leave a quarter of the time to large-neighbourhood search, which in
    large weeks finds nearly every better timetable (see docs/model.md).
    """

    USUAL = "as many searches as the profile has workers"
    ALONE = "one thread"
    PART = "one thread, on a model cut out of a larger one: presolve looks at it once"
    NEAR = "one thread, beside what is hinted: no linear program, which says little of where the hints are nearly right"
    PLAIN = "one thread, on a small model as it stands: quick where a linear program all but settles it"
    ASSUMING = "the same on a model that assumes something: a proof names what of that it needs"
    PROVING = "the strongest linear bound on one thread, large neighbourhoods on a thread for each core"
    IMPROVING = "large neighbourhoods on a thread for each core, no bound"


ONE_THREAD = (Portfolio.ALONE, Portfolio.PART, Portfolio.NEAR, Portfolio.PLAIN, Portfolio.ASSUMING)
AS_IT_STANDS = (Portfolio.PLAIN, Portfolio.ASSUMING)
PLAIN_LINEARIZATION, ASSUMING_LINEARIZATION = 1, 2
"""Rows that hold on an assumption are in the linear program only from 2 on: without them, it proves nothing."""
PLAIN_ROUNDS, ASSUMING_ROUNDS = 0, 1
"""Of cuts before the search: with assumptions, one pays."""


@dataclass(frozen=True)
class Limits:
    """When to stop: ``seconds`` of the run's own clock, a relative gap, so many seconds without a better solution."""

    seconds: float
    gap: float = 0.0
    plateau: float | None = None
    portfolio: Portfolio = Portfolio.USUAL


class Runner:
    """Calls the solver with the profile's settings until it is done, out of time or asked to stop."""

    def __init__(self, settings: SolverSettings, stop: threading.Event) -> None:
        self.settings = settings
        self.stop = stop

    def run(
        self,
        model: cp_model.CpModel,
        limits: Limits,
        report: Report | None = None,
        enough: Callable[[], bool] = never,
    ) -> Run:
        """Solve ``model`` with the hints it carries, until ``enough`` says so (asked many times a second)."""
        solver = self._solver(limits)
        watch = _Watch(report)
        solver.best_bound_callback = watch.on_bound
        worker = threading.Thread(target=solver.solve, args=(model, watch), daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(POLL_SECONDS)
            if self.stop.is_set() or enough() or watch.idle_for() > (limits.plateau or float("inf")):
                solver.stop_search()
        return _read(solver, bool(model.has_objective()))

    def complete(
        self, model: cp_model.CpModel, totals: Sequence[cp_model.LinearExpr | int] = (), seconds: float = 30.0
    ) -> Completed | None:
        """Fill in every variable that the hints leave open, at its proven best, and evaluate the given sums.

        None if the hints cannot all be kept, or the proof takes too long.
        """
        for portfolio, limit in ((Portfolio.NEAR, min(seconds, PLAIN_SECONDS)), (Portfolio.ALONE, seconds)):
            solver = self._solver(Limits(limit, portfolio=portfolio))
            solver.parameters.fix_variables_to_their_hinted_value = True
            status = solver.solve(model)
            if status in (cp_model.OPTIMAL, cp_model.INFEASIBLE):
                break
        if status != cp_model.OPTIMAL:
            return None
        return Completed(tuple(solver.response_proto.solution), tuple(solver.value(one) for one in totals))

    def threads(self, portfolio: Portfolio) -> int:
        """Threads of a portfolio: never more than the profile's workers.

        One if reproducible: two share bounds as they come, even where they take turns, and the same search then ends
        differently now and then.
        """
        if self.settings.reproducible or portfolio in ONE_THREAD:
            return 1
        cores = os.cpu_count() or USUAL_CORES
        wanted = {Portfolio.PROVING: cores + 1, Portfolio.IMPROVING: cores}
        return min(self.settings.workers, wanted.get(portfolio, self.settings.workers))

    def _solver(self, limits: Limits) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        p = solver.parameters
        p.random_seed = self.settings.seed
        p.linearization_level = self.settings.linearization_level
        p.relative_gap_limit = limits.gap
        p.num_workers = self.threads(limits.portfolio)
        if limits.portfolio not in (Portfolio.USUAL, *AS_IT_STANDS):
            p.symmetry_level = 0
            p.cp_model_probing_level = 0
        if limits.portfolio is Portfolio.PART:  # what more presolve finds takes longer than it saves
            p.max_presolve_iterations = 1
            p.find_big_linear_overlap = False
            p.merge_at_most_one_work_limit = 0.0
        if limits.portfolio is Portfolio.NEAR:
            p.linearization_level = 0
        if limits.portfolio in AS_IT_STANDS:
            plain = limits.portfolio is Portfolio.PLAIN
            p.cp_model_presolve = False
            p.linearization_level = PLAIN_LINEARIZATION if plain else ASSUMING_LINEARIZATION
            p.max_cut_rounds_at_level_zero = PLAIN_ROUNDS if plain else ASSUMING_ROUNDS
            p.inprocessing_probing_dtime = 0.0
        if limits.portfolio is Portfolio.PLAIN:  # a part is settled before what that learns would be of use
            p.inprocessing_dtime_ratio = 0.0
        if limits.portfolio is Portfolio.PROVING:
            p.subsolvers.append("max_lp")
        p.use_lns_only = limits.portfolio is Portfolio.IMPROVING
        p.interleave_search = p.use_lns_only and p.num_workers == 1  # one thread would else not search neighbourhoods
        p.log_search_progress = self.settings.log_search
        p.catch_sigint_signal = False  # the engine's own stop event decides, so that the tiers after it stop too
        if self.settings.reproducible:
            p.interleave_search = limits.portfolio not in ONE_THREAD
            p.max_deterministic_time = limits.seconds
            p.max_time_in_seconds = GUARD_FLOOR + limits.seconds * GUARD_FACTOR
        else:
            p.max_time_in_seconds = limits.seconds
        return solver


class _Watch(cp_model.CpSolverSolutionCallback):
    """Hears of solutions and bounds as they come, and knows how long ago the last better one was."""

    def __init__(self, report: Report | None) -> None:
        super().__init__()
        self._report = report
        self._best: float | None = None
        self._bound = 0.0
        self._last = float("inf")

    def on_solution_callback(self) -> None:
        """Called by the solver with each better solution."""
        self._last = time.monotonic()
        self._best = self.objective_value
        self._bound = max(self._bound, self.best_objective_bound)
        self._say()

    def on_bound(self, bound: float) -> None:
        """Called by the solver with each better bound."""
        self._bound = max(self._bound, bound)
        self._say()

    def idle_for(self) -> float:
        """Seconds since the last better solution; 0 before the first."""
        return max(0.0, time.monotonic() - self._last)

    def _say(self) -> None:
        if self._report is not None:
            self._report(self._best, self._bound)


def _read(solver: cp_model.CpSolver, has_objective: bool) -> Run:
    response = solver.response_proto
    status = response.status
    solved = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Run(
        infeasible=status == cp_model.INFEASIBLE,
        values=tuple(response.solution) if solved else None,
        objective=response.objective_value if solved and has_objective else None,
        bound=response.best_objective_bound if has_objective else 0.0,
        optimal=status == cp_model.OPTIMAL,
        deterministic_seconds=response.deterministic_time,
        core=tuple(response.sufficient_assumptions_for_infeasibility),
    )


def set_hints(model: cp_model.CpModel, values: Mapping[int, int]) -> None:
    """Replace the model's hints: variable index to value."""
    model.clear_hints()  # type: ignore[no-untyped-call]
    model.proto.solution_hint.vars.extend(list(values))
    model.proto.solution_hint.values.extend(list(values.values()))
