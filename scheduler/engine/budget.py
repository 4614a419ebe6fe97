"""How much time is left, and how much of it the next tier may have."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SHARES = (22, 16, 10, 7, 5)
"""Of the time left, what the tiers from the first on may claim; what one leaves goes to those after it."""

DETERMINISTIC_GUARD = 3600.0


@dataclass
class Budget:
    """Wall-clock seconds, or the solver's deterministic seconds in a reproducible run."""

    seconds: float
    deterministic: bool = False
    _spent: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def spend(self, deterministic_seconds: float) -> None:
        """Count what a solver call used (a reproducible run has no other clock)."""
        self._spent += deterministic_seconds

    def reserve(self, seconds: float) -> None:
        """Keep so many seconds back (a reproducible run does not end by the clock, and needs none)."""
        if not self.deterministic:
            self.seconds -= seconds

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        used = self._spent if self.deterministic else time.monotonic() - self._began
        return max(0.0, self.seconds - used)

    def for_tiers(self, numbers: Sequence[int], later: Iterable[int]) -> float:
        """Seconds that the tiers ``numbers`` (from 1) may use now, if those ``later`` are to be searched after them."""
        mine, theirs = (sum(SHARES[min(one, len(SHARES)) - 1] for one in some) for some in (numbers, later))
        return self.left * mine / (mine + theirs)


class Clock:
    """A deadline for work that is not the solver's; a reproducible run has none that matters."""

    def __init__(self, seconds: float, *, deterministic: bool) -> None:
        self._until = time.monotonic() + (DETERMINISTIC_GUARD if deterministic else seconds)

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._until - time.monotonic())
