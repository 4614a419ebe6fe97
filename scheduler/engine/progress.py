"""Live progress of a search: the event the engine sends, and the printer that shows it on a terminal."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

USUAL_TERMINAL = os.terminal_size((80, 24))


@dataclass(frozen=True)
class Progress:
    """Where a search stands. ``best``, ``bound`` and ``gap`` are of the tier that is searched, in its own unit."""

    tier: int
    tiers: int
    goals: tuple[str, ...]
    best: float | None
    bound: float
    seconds_left: float

    @property
    def gap(self) -> float | None:
        """(best - bound) / best; None before there is a best."""
        return None if self.best is None else relative_gap(self.best, self.bound)


Listener = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """A listener that says nothing."""


def relative_gap(value: float, bound: float) -> float:
    """How much better the best possible could be, as a share of the value; 0 when both are 0."""
    return 0.0 if value <= bound else (value - bound) / value


def gap_words(gap: float | None) -> str:
    """The gap in words that a person can act on."""
    if gap is None:
        return "no timetable yet"
    if gap <= 0:
        return "proven best"
    if gap < 0.02:
        return f"at most {gap:.1%} better is possible: good enough to stop"
    return f"at most {gap:.0%} better is possible"


class ProgressPrinter:
    """Prints one line that rewrites itself, and keeps the last line of each tier."""

    def __init__(self, stream: TextIO = sys.stderr, every_seconds: float = 0.2) -> None:
        self._stream = stream
        self._every = every_seconds
        self._last_time = float("-inf")
        self._last: Progress | None = None
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        """Show the progress, unless the last was shown a moment ago."""
        if self._last is not None and self._last.tier != progress.tier:
            self._write(self._last, end="\n")
        new_tier = self._last is None or self._last.tier != progress.tier
        self._last = progress
        now = time.monotonic()
        if new_tier or now - self._last_time >= self._every:
            self._last_time = now
            self._write(progress, end="")

    def close(self) -> None:
        """End the line that is being rewritten."""
        if self._last is not None:
            self._write(self._last, end="\n")
            self._last = None

    def _write(self, progress: Progress, end: str) -> None:
        line = progress_line(progress, self._room())
        padding = " " * max(0, self._width - len(line))
        self._width = 0 if end else len(line)
        self._stream.write(f"\r{line}{padding}{end}")
        self._stream.flush()

    def _room(self) -> int | None:
        """How long a line may be: one that wraps could not be written over. None where nobody watches."""
        if not self._stream.isatty():
            return None
        try:  # stdout, where one looks first, may be a file
            own = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            own = USUAL_TERMINAL
        return shutil.get_terminal_size(own).columns - 1


def progress_line(progress: Progress, width: int | None = None) -> str:
    """One line: tier, goals, best, bound, gap in words, time left.

    Where it would be longer than ``width``, the goals go first, then words of the gap, then the bound and what else
    does not fit.
    """
    tier = f"tier {progress.tier}/{progress.tiers}"
    best = f"best {'-' if progress.best is None else f'{progress.best:g}'}"
    bound = f"bound {progress.bound:g}"
    words, left = gap_words(progress.gap), f"{max(0.0, progress.seconds_left):.0f} s left"
    short = words.replace(" better is possible", " better").replace(": good enough to stop", "")
    goals = f" {', '.join(progress.goals)}" if progress.goals else ""
    forms = (
        f"{tier}{goals}: {best}, {bound}, {words}, {left}",
        f"{tier}: {best}, {bound}, {words}, {left}",
        f"{tier}: {best}, {bound}, {short}, {left}",
        f"{tier}: {best}, {short}, {left}",
        f"{tier}: {best}, {left}",
    )
    if width is None:
        return forms[0]
    return next((form for form in forms if len(form) <= width), forms[-1][: max(width, 0)])
