"""What branch and cut proves of the whole of one week: ``python -m benchmarks.branched_bound WEEK --seconds S``.

SCIP on the week's whole model with all tiers in one weighted sum (`benchmarks.judge`), read off as a mixed-integer
program: its cutting planes and its branching see what whole numbers forbid, which a linear program does not. Only its
bound is of interest, so it is asked for nothing else. Prints one JSON document.
"""

from __future__ import annotations

import json
import math
import sys
import time
from datetime import timedelta
from pathlib import Path

import click
from ortools.math_opt.python import mathopt

from benchmarks.peers.mip import weighed_plan
from scheduler.engine.relaxation import exact_program
from scheduler.loading import Source, load


@click.command()
@click.argument("week", type=click.Path(path_type=Path, exists=True))
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option("--profile", default="adult_iop", show_default=True, help="Name or file.")
def main(week: Path, seconds: float, profile: str) -> None:
    """Print the bound of the whole of WEEK, 0 where there was none in time."""
    loaded = load(Source(week=week, profile=profile))
    began = time.monotonic()
    plan = weighed_plan(loaded.week, loaded.profile.goals)
    program = mathopt.Model.from_model_proto(exact_program(plan.model).proto(integers=True))
    left = max(0.1, seconds - (time.monotonic() - began))
    limits = mathopt.SolveParameters(time_limit=timedelta(seconds=left), heuristics=mathopt.Emphasis.OFF)
    result = mathopt.solve(program, mathopt.SolverType.GSCIP, params=limits)
    found = result.termination.objective_bounds.dual_bound
    document = {
        "bound": round(found, 3) if math.isfinite(found) else 0.0,
        "nodes": result.solve_stats.node_count,
        "seconds": round(time.monotonic() - began, 1),
    }
    sys.stdout.write(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
