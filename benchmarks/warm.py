"""Measures what a timetable to start from is worth: seconds until the run is as good as one from nothing ended.

``python -m benchmarks.warm`` writes ``warm.csv`` into ``benchmarks/results/speed``: a row for each week and kind of
start. ``edited``: this week's own timetable after a hand took some people out and closed a session. ``last week``: the
timetable of the week as it was before each twelfth patient came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.cases import FAMILIES, REPORTED_SEEDS, Case
from benchmarks.traced import Choice, Row, Traced, choose, collect, label, note_machine, rounded, traced, written
from scheduler.domain.timetable import Timetable

NEWCOMERS_EVERY = 12
TAKEN_OUT_EVERY = 20
CLOSED_EVERY = 10
"""An edit closes a tenth of the sessions, one at least."""


def edited(timetable: Timetable) -> Timetable:
    """A timetable after a hand was in it: sessions closed, others without some of their people."""
    closed = {session.id for session in timetable.sessions[::CLOSED_EVERY]}
    stay = [seat for place, seat in enumerate(timetable.assignments) if place % TAKEN_OUT_EVERY]
    return Timetable(
        sessions=tuple(session for session in timetable.sessions if session.id not in closed),
        assignments=tuple(seat for seat in stay if seat.session not in closed),
    )


def row_of(case: Case, limit: float, kind: str, cold: Traced, warm: Traced) -> Row:
    """One start against none."""
    goal = cold.whole
    from_nothing = None if goal is None else cold.seconds_to_whole(goal)
    from_start = None if goal is None else warm.seconds_to_whole(goal)
    both = from_nothing is not None and from_start is not None and from_start > 0
    return {
        **label(case),
        "limit": limit,
        "start": kind,
        "whole_cold": rounded(cold.whole),
        "whole_warm": rounded(warm.whole),
        "first_cold": cold.trail[0].seconds if cold.trail else None,
        "first_warm": warm.trail[0].seconds if warm.trail else None,
        "seconds_cold": from_nothing,
        "seconds_warm": from_start,
        "times_faster": rounded(from_nothing / from_start) if both and from_nothing and from_start else None,
        "all_seconds_cold": cold.seconds,
        "all_seconds_warm": warm.seconds,
    }


def starts(folder: Path, week: Path, seconds: float) -> Mapping[str, Path]:
    """Timetables to start from, as files, by their kind; made from the cold run's, which lies there already."""
    hand, before = folder / "edited.json", folder / "before.json"
    cold = Timetable.model_validate_json((folder / "cold.json").read_bytes())
    hand.write_text(edited(cold).model_dump_json(), "utf-8")
    traced(week, seconds, "--absent", str(NEWCOMERS_EVERY), "--timetable", str(before))
    return {kind: path for kind, path in (("edited", hand), ("last week", before)) if path.exists()}


def warm(choice: Choice) -> Iterator[Row]:
    """Solve each week from nothing, then from each start."""
    for case in choice.cases:
        with written(case) as week:
            folder = week.parent
            cold = traced(week, choice.seconds, "--timetable", str(folder / "cold.json"))
            if not cold.units:
                continue
            for kind, path in starts(folder, week, choice.seconds).items():
                run = traced(week, choice.seconds, "--start", str(path))
                yield row_of(case, choice.seconds, kind, cold, run)


@choose(tuple(FAMILIES), (60, 120, 240), REPORTED_SEEDS[:1])
def main(choice: Choice) -> None:
    """Measure how much faster a run is that starts from last week's or an edited timetable."""
    collect(choice.into / "warm.csv", warm(choice))
    note_machine(choice.into, "warm", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
