"""Our own engine as one peer among others, whole or with one strategy switched off."""

from __future__ import annotations

import dataclasses
from typing import Any

from benchmarks.peers.protocol import Answer, Keep, Peer
from scheduler.domain.profile import Profile
from scheduler.domain.week import Week
from scheduler.engine import search
from scheduler.engine.tiers import tiers_of


def strategies() -> tuple[str, ...]:
    """The strategies that can be switched off."""
    kind: Any = getattr(search, "Strategies", None)
    return () if kind is None else tuple(one.name for one in dataclasses.fields(kind))


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
        ask: Any = search.solve
        options: dict[str, Any] = {"on_timetable": keep}
        if self._without is not None:
            options["strategies"] = search.Strategies(**{self._without: False})
        found: search.Solution = ask(week, profile.model_copy(update={"solver": settings}), **options)
        tiers = tiers_of(profile.goals)
        bounds = tuple(float(round(one.bound * tier.scale)) for one, tier in zip(found.tiers, tiers, strict=False))
        return Answer(found.timetable, bounds or None, found.status.value)
