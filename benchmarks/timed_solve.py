"""One solve in a process of its own that also notes when each tier was done. Prints one JSON document.

The command line leaves times out of a reproducible run, so that its bytes are the same each time; here they are wanted.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from scheduler.engine.progress import Progress
from scheduler.loading import Overrides, Source
from scheduler.pipeline import Order, fulfil

FIRST_SOFT_TIER = 3


class Clock:
    """Hears of the search's progress and remembers when a tier of the soft ones was first worked on."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.soft: float | None = None

    def __call__(self, progress: Progress) -> None:
        """Note the time of the first word from a tier after the second."""
        if self.soft is None and progress.tier >= FIRST_SOFT_TIER:
            self.soft = time.monotonic()

    def seconds_of_first_two(self) -> float:
        """Seconds from the start, reading included, until the first two tiers were done."""
        return round((self.soft or time.monotonic()) - self.began, 2)


def main() -> int:
    """``timed_solve.py WEEK OUTPUT SECONDS clock|steps``; a time limit of 0 leaves the profile's."""
    week, output, limit, mode = sys.argv[1:5]
    overrides = Overrides(time_limit=float(limit) or None, reproducible=mode == "steps")
    clock = Clock()
    order = Order(source=Source(week=Path(week)), output=Path(output), force=True, overrides=overrides)
    finished = fulfil(order, listener=clock)
    document = {
        "status": finished.status.value,
        "exit_code": finished.exit_code,
        "tiers": [tier.model_dump(mode="json") for tier in finished.solution.tiers],
        "first_two_seconds": clock.seconds_of_first_two(),
    }
    json.dump(document, sys.stdout)
    return finished.exit_code


if __name__ == "__main__":
    sys.exit(main())
