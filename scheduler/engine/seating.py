"""Seats given anew by a linear program of their own: the sessions as they are, and some of the patients free.

With the number of sessions of each group in each block given, who sits where is nearly a flow, and its linear program
nearly whole: all that is whole in it is held, and the solver settles the little that is left. Few patients at a time,
for the time that a linear program takes grows faster than the number of its seats.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduler.engine.excerpt import Excerpts, Mask, Whole
from scheduler.engine.fixing import ALIKE
from scheduler.engine.relaxation import Method, solve_program
from scheduler.engine.runner import Limits, Portfolio, Runner
from scheduler.engine.stage import TOLERANCE
from scheduler.model.plan import Plan

SHARE_SEATS = 7500
"""Candidate seats in one share: its linear program, with the leads and rooms of all sessions, takes some seconds."""


@dataclass(frozen=True)
class Share:
    """Indices of decisions about the sessions at hand: some patients' seats, who leads, where; and seconds for it."""

    free: tuple[int, ...]
    seconds: float


@dataclass(frozen=True)
class Seated:
    """A better solution, if there is one, and the solver's deterministic seconds."""

    values: Whole | None
    deterministic_seconds: float


def shares(plan: Plan, values: Whole, seconds: float, seed: int) -> Iterator[Share]:
    """The seats in the sessions that run in a solution: all of them, in shares of patients chosen by chance.

    Leads and rooms are free in every share: wishes hang on them too, and their linear program is small.
    """
    running = {cell for cell, var in plan.sessions.items() if values[var.index]}
    seats: dict[str, list[int]] = {patient.id: [] for patient in plan.week.patients}
    for (patient, block, group), var in plan.attends.items():
        if (block, group) in running:
            seats[patient].append(var.index)
    people = list(seats)
    random.Random(seed).shuffle(people)
    crew = [var.index for table in (plan.leads, plan.rooms) for key, var in table.items() if key[1:] in running]
    parts = max(1, round(sum(map(len, seats.values())) / SHARE_SEATS))
    for part in range(parts):
        yield Share((*(one for patient in people[part::parts] for one in seats[patient]), *crew), seconds)


def seat(share: Share, excerpts: Excerpts, values: Whole, runner: Runner) -> Seated:
    """Find better seats for a share of the patients, with everything else as in a solution."""
    began = time.monotonic()
    worth = excerpts.worth(values)
    part = excerpts.program(values, share.free)
    answer = solve_program(part.proto, Method.BARRIER, share.seconds)
    if answer is None or worth <= answer.objective + TOLERANCE:
        return Seated(None, 0.0)
    optimum = values.astype(np.float64)
    optimum[part.indices] = answer.values
    spent = 0.0
    for near in (np.rint(optimum).astype(np.int64), values):  # held as in the optimum, it may allow nothing
        held = _alike(optimum, near, share.free)
        found = np.where(held, near, values)
        rest = excerpts.cut(found, part.indices[~held[part.indices]].tolist(), worth - 1)
        elapsed = 0.0 if runner.settings.reproducible else time.monotonic() - began
        run = runner.run(rest.model, Limits(max(share.seconds - elapsed, 0.0), portfolio=Portfolio.PART))
        spent += run.deterministic_seconds
        if run.values is not None:
            found[rest.indices] = run.values
            if excerpts.allows(found):
                return Seated(found, spent)
        elif not run.infeasible:
            break
    return Seated(None, spent)


def _alike(optimum: NDArray[np.float64], near: Whole, free: Sequence[int]) -> Mask:
    own = np.zeros(len(near), dtype=np.bool_)
    own[list(free)] = True
    return own & (np.abs(optimum - near) <= ALIKE)
