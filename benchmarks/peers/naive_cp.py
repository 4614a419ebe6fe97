"""CP-SAT as most people write it: a boolean for each patient, therapist, block and group, and one weighted sum.

A session is known by its therapist, block and group; a second facilitator assists it. All rules and goals of the
rulebook are written here a second time, in the obvious way, and the solver runs with its default parameters. Only who
may be where at all is read off the rulebook, as any careful modeller makes no variable for what can never be.
"""

from __future__ import annotations

import time

from ortools.sat.python import cp_model

from benchmarks.peers.naive_goals import write_goals
from benchmarks.peers.naive_model import Naive, write_rules
from benchmarks.peers.protocol import Answer, Keep, Peer
from scheduler.domain.profile import Profile
from scheduler.domain.week import Week
from scheduler.model.candidates import find_candidates
from scheduler.rules.registry import RULES

MOST_SEATS = 3_000_000
"""Booleans for seats beyond which the model would not fit into the memory of an ordinary machine."""
BUSY_SHARE = 0.1
"""Of the time, what reading off solutions may take from the solver."""


class NaiveCp(Peer):
    """The model that most people write first."""

    name = "naive-cp"
    about = "CP-SAT, a boolean per patient, therapist, block and group, one weighted sum, default parameters"

    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Build the model and hand it to CP-SAT for what is left of the time."""
        until = time.monotonic() + seconds
        candidates = find_candidates(week, RULES)
        seats = sum(len(candidates.patients[cell]) * len(candidates.therapists[cell]) for cell in candidates.cells)
        if seats > MOST_SEATS:
            return Answer(None, None, f"{seats} booleans for seats: more than memory holds")
        naive = Naive(week, candidates)
        write_rules(naive)
        write_goals(naive, profile.goals)
        left = until - time.monotonic()
        if left <= 0:
            return Answer(None, None, f"{seats} booleans for seats: time was over before the model was built")
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = left
        status = solver.solve(naive.model, _Hearer(naive, keep))
        bound = solver.best_objective_bound
        note = f"{seats} booleans for seats, {solver.status_name(status)}"
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Answer(None, None, note, bound if bound > 0 else None)
        return Answer(naive.timetable(solver.boolean_value), None, note, bound)


class _Hearer(cp_model.CpSolverSolutionCallback):
    """Reads solutions off as they come, but not so often that it slows the solver."""

    def __init__(self, naive: Naive, keep: Keep) -> None:
        super().__init__()
        self._naive, self._keep = naive, keep
        self._rest_until = 0.0

    def on_solution_callback(self) -> None:
        """Called by the solver with each better solution."""
        began = time.monotonic()
        if began < self._rest_until:
            return
        self._keep(self._naive.timetable(self.boolean_value))
        now = time.monotonic()
        self._rest_until = now + (now - began) / BUSY_SHARE
