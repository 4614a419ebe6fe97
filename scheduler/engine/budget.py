"""How much time is left, and how much of it the next tier may have."""

import time
from dataclasses import dataclass, field

SHARES = (12, 10, 2, 4, 3)
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

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        used = self._spent if self.deterministic else time.monotonic() - self._began
        return max(0.0, self.seconds - used)

    def for_tier(self, number: int, tiers: int) -> float:
        """Seconds that tier ``number`` of ``tiers`` (from 1) may use now."""
        shares = [SHARES[min(i, len(SHARES) - 1)] for i in range(number - 1, tiers)]
        return self.left * shares[0] / sum(shares)


class Clock:
    """A deadline for work that is not the solver's; a reproducible run has none that matters."""

    def __init__(self, seconds: float, *, deterministic: bool) -> None:
        self._until = time.monotonic() + (DETERMINISTIC_GUARD if deterministic else seconds)

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._until - time.monotonic())
