"""What the whole of no timetable of one week beats: ``python -m benchmarks.whole_bound WEEK --seconds S``.

The linear relaxation of the week's model with all tiers in one weighted sum (`benchmarks.judge`), solved to the end by
the barrier method; its duals are made into an exact bound, and that is raised patient by patient, as the engine does.

With ``--branched`` it is SCIP on the same model as a mixed-integer program: its cutting planes and its branching see
what whole numbers forbid. Only its bound is of interest, so it looks for no answers. Prints one JSON document.
"""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from ortools.math_opt.python import mathopt

from benchmarks.peers.mip import weighed_plan
from scheduler.domain.profile import SolverSettings
from scheduler.engine.first import proven_bound, relaxation_of
from scheduler.engine.patientwise import Patientwise
from scheduler.engine.relaxation import Method, exact_program
from scheduler.engine.runner import Runner
from scheduler.loading import Source, load
from scheduler.model.plan import Plan


@click.command()
@click.argument("week", type=click.Path(path_type=Path, exists=True))
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option("--profile", default="adult_iop", show_default=True, help="Name or file.")
@click.option("--branched", is_flag=True, help="By branch and cut.")
def main(week: Path, seconds: float, profile: str, branched: bool) -> None:
    """Print what is proven of the whole of WEEK, 0 where there is no bound in time."""
    loaded = load(Source(week=week, profile=profile))
    began = time.monotonic()
    plan = weighed_plan(loaded.week, loaded.profile.goals)
    document = (
        by_branching(plan, began, seconds) if branched else by_prices(plan, began, seconds, loaded.profile.solver)
    )
    sys.stdout.write(json.dumps(document) + "\n")


def by_prices(plan: Plan, began: float, seconds: float, settings: SolverSettings) -> dict[str, Any]:
    """The bound of the linear program, and what it is patient by patient."""
    relaxation = relaxation_of(plan, loose=False)
    answer = relaxation.solve(Method.BARRIER, seconds)
    linear = raised = proven_bound(relaxation, answer)
    solved = time.monotonic()
    if answer is not None:
        patientwise = Patientwise(plan, relaxation, answer, Runner(settings, threading.Event()))
        patientwise.ask()
        raised = patientwise.bound
    return {
        "bound": linear,
        "seconds": round(solved - began, 3),
        "patientwise": raised,
        "patientwise_seconds": round(time.monotonic() - solved, 3),
        "variables": len(relaxation.variable_lower),
        "rows": len(relaxation.row_lower),
    }


def by_branching(plan: Plan, began: float, seconds: float) -> dict[str, Any]:
    """The bound of branch and cut on one core."""
    program = mathopt.Model.from_model_proto(exact_program(plan.model).proto(integers=True))
    left = max(0.1, seconds - (time.monotonic() - began))
    limits = mathopt.SolveParameters(time_limit=timedelta(seconds=left), heuristics=mathopt.Emphasis.OFF)
    result = mathopt.solve(program, mathopt.SolverType.GSCIP, params=limits)
    found = result.termination.objective_bounds.dual_bound
    return {
        "bound": round(found, 3) if math.isfinite(found) else 0.0,
        "nodes": result.solve_stats.node_count,
        "seconds": round(time.monotonic() - began, 1),
    }


if __name__ == "__main__":
    main()
