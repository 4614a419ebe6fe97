"""One peer on one week, in a process of its own: ``python -m benchmarks.run_peer PEER WEEK --seconds S --out FILE``.

The clock runs while the peer works, nothing else: the week is read before, and every timetable that the peer handed
over is checked and measured after. What comes later than the time and a little grace is not counted.
"""

from __future__ import annotations

import json
import math
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from benchmarks.judge import judge
from benchmarks.peers import peer_named, peer_names
from benchmarks.peers.protocol import Answer, Unavailable
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.tiers import tiers_of
from scheduler.loading import Source, load

GRACE_SHARE, GRACE_SECONDS = 0.05, 3.0
"""How much later than its time a peer may answer: it may be checking or writing down what it has."""
MOMENTS_PER_DECADE = 24
"""Of all timetables between a moment and ten times that moment, so many are measured: each the last of its share."""
KILOBYTE = 1024


@dataclass
class Trail:
    """The timetables that a peer handed over, thinned out evenly in the logarithm of time; the first is always kept."""

    began: float
    moments: dict[int, tuple[float, Timetable]] = field(default_factory=dict)

    def keep(self, timetable: Timetable) -> None:
        """Note a timetable with its time."""
        seconds = time.monotonic() - self.began
        share = math.floor(MOMENTS_PER_DECADE * math.log10(max(seconds, 0.001))) if self.moments else -sys.maxsize
        self.moments[share] = (seconds, timetable)


@dataclass(frozen=True)
class Run:
    """What one run of a peer gave, still unjudged."""

    answer: Answer
    trail: tuple[tuple[float, Timetable], ...]
    wall_seconds: float
    peak_mb: float


def run(peer_name: str, week: Week, profile: Profile, seconds: float) -> Run:
    """Let the peer work against the clock.

    Raises:
        Unavailable: if the peer cannot run here.
    """
    peer = peer_named(peer_name)
    trail = Trail(time.monotonic())
    answer = peer.solve(week, profile, seconds, trail.keep)
    wall = time.monotonic() - trail.began
    return Run(answer, tuple(moment for _, moment in sorted(trail.moments.items())), wall, peak_mb())


def peak_mb() -> float:
    """Most resident memory of this process so far. Linux tells of this process alone, elsewhere of its start too."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        unit = KILOBYTE if sys.platform == "darwin" else 1
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit / KILOBYTE
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / KILOBYTE


def report(week: Week, profile: Profile, seconds: float, done: Run) -> dict[str, Any]:
    """Judge a run: values, bounds and trail as JSON."""
    latest = seconds * (1 + GRACE_SHARE) + GRACE_SECONDS
    note, final = done.answer.note, done.answer.timetable
    in_time = [(at, one) for at, one in done.trail if at <= latest]
    if done.wall_seconds > latest:
        note = f"late by {done.wall_seconds - seconds:.0f} s, what it had in time counts; {note}"
        final = in_time[-1][1] if in_time else None
    verdict = judge(week, profile, final)
    judged = [(at, judge(week, profile, one)) for at, one in in_time]
    if verdict.units is not None:
        judged.append((min(done.wall_seconds, latest), verdict))
    return {
        "units": verdict.units,
        "values": verdict.values,
        "whole": verdict.whole,
        "broken": verdict.broken,
        "trail": [[round(at, 3), *one.units] for at, one in judged if one.units is not None],
        "rejected": sum(one.units is None for _, one in judged),
        "told": [one for one in done.answer.told if one[0] <= latest] if verdict.units is not None else [],
        "bounds": done.answer.bounds,
        "whole_bound": done.answer.whole_bound,
        "wall_seconds": round(done.wall_seconds, 3),
        "peak_mb": round(done.peak_mb, 1),
        "note": note,
    }


@click.command()
@click.argument("peer")
@click.argument("week", type=click.Path(path_type=Path, exists=True))
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option("--profile", default="adult_iop", show_default=True, help="Name or file.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the JSON document goes.")
def main(peer: str, week: Path, seconds: float, profile: str, out: Path) -> None:
    """Run PEER on WEEK and write what it reached."""
    if peer not in peer_names():
        raise click.BadParameter(f"no peer {peer}; there are {', '.join(peer_names())}")
    loaded = load(Source(week=week, profile=profile))
    document: dict[str, Any] = {
        "peer": peer,
        "patients": len(loaded.week.patients),
        "seconds": seconds,
        "scales": [tier.scale for tier in tiers_of(loaded.profile.goals)],
    }
    try:
        document |= report(loaded.week, loaded.profile, seconds, run(peer, loaded.week, loaded.profile, seconds))
    except Unavailable as missing:
        document |= {"unavailable": str(missing)}
    out.write_text(json.dumps(document) + "\n", "utf-8")


if __name__ == "__main__":
    main()
