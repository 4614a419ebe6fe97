"""What the whole of no timetable of one week beats: ``python -m benchmarks.whole_bound WEEK --seconds S``.

The linear relaxation of the week's model with all tiers in one weighted sum (`benchmarks.judge`), solved to the end by
the barrier method; its duals are made into an exact bound, and that is raised patient by patient, as the engine does.
Prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import click

from benchmarks.peers.mip import weighed_plan
from scheduler.engine.first import proven_bound, relaxation_of
from scheduler.engine.patientwise import Patientwise
from scheduler.engine.relaxation import Method
from scheduler.engine.runner import Runner
from scheduler.loading import Source, load


@click.command()
@click.argument("week", type=click.Path(path_type=Path, exists=True))
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option("--profile", default="adult_iop", show_default=True, help="Name or file.")
def main(week: Path, seconds: float, profile: str) -> None:
    """Print the bounds of the whole of WEEK, 0 where the linear program did not end in time."""
    loaded = load(Source(week=week, profile=profile))
    began = time.monotonic()
    plan = weighed_plan(loaded.week, loaded.profile.goals)
    relaxation = relaxation_of(plan, loose=False)
    answer = relaxation.solve(Method.BARRIER, seconds)
    linear = bound = proven_bound(relaxation, answer)
    solved = time.monotonic()
    if answer is not None:
        patientwise = Patientwise(plan, relaxation, answer, Runner(loaded.profile.solver, threading.Event()))
        patientwise.ask()
        bound = patientwise.bound
    document = {
        "bound": bound,
        "linear": linear,
        "seconds": round(solved - began, 3),
        "patientwise_seconds": round(time.monotonic() - solved, 3),
        "variables": len(relaxation.variable_lower),
        "rows": len(relaxation.row_lower),
    }
    sys.stdout.write(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
