"""Our own engine as one peer among others, whole or with one strategy switched off."""

from __future__ import annotations

import dataclasses

from benchmarks.peers.protocol import Answer, Keep, Peer
from scheduler.domain.profile import Profile
from scheduler.domain.week import Week
from scheduler.engine.search import solve
from scheduler.engine.strategies import ALL, Strategies
from scheduler.engine.tiers import tiers_of


def strategies() -> tuple[str, ...]:
    """The strategies that can be switched off."""
    return tuple(one.name for one in dataclasses.fields(Strategies))


class Ours(Peer):
    """The engine of this project with the profile's settings and the given seconds."""

    def __init__(self, without: str | None = None) -> None:
        """Take all strategies but one.

        Raises:
            KeyError: if there is no strategy ``without``.
        """
        if without is not None and without not in strategies():
            raise KeyError(without)
        self._without = without
        self.name = "ours" if without is None else f"ours-without-{without}"
        self.about = "this project's engine" if without is None else f"this project's engine, {without} switched off"

    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Search with the profile's tiers; early stops of the profile are switched off."""
        changes = {"time_limit": seconds, "time_limit_per_patient": 0.0, "stop_gap": 0.0, "plateau_seconds": None}
        settings = profile.solver.model_copy(update=changes)
        used = dataclasses.replace(ALL, **({} if self._without is None else {self._without: False}))
        timed = profile.model_copy(update={"solver": settings})
        found = solve(week, timed, on_timetable=keep, strategies=used)
        tiers = tiers_of(profile.goals)
        bounds = tuple(float(round(one.bound * tier.scale)) for one, tier in zip(found.tiers, tiers, strict=False))
        return Answer(found.timetable, bounds or None, found.status.value)
