"""The live table of a batch on a terminal: done, running with gap, failed, time left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scheduler.batch.clinic import Clinic
from scheduler.domain.network import ClinicResult

MOST_FAILED = 5
"""The last so many clinics without a timetable are shown; the tables have all."""


class Silent:
    """A board that shows nothing."""

    def begun(self, clinic: Clinic) -> None:
        """Nothing is shown."""

    def gap(self, clinic: Clinic, gap: float | None) -> None:
        """Nothing is shown."""

    def ended(self, result: ClinicResult) -> None:
        """Nothing is shown."""


@dataclass
class _Running:
    since: float
    gap: float | None = None
    heard: bool = False


class LiveTable:
    """A table that is drawn anew some times a second. ``total`` None: nobody knows how many there will be."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._began = time.monotonic()
        self._running: dict[str, _Running] = {}
        self._failed: list[ClinicResult] = []
        self._done = self._short = self._solved = 0

    def begun(self, clinic: Clinic) -> None:
        """A row for the clinic."""
        self._running[clinic.name] = _Running(time.monotonic())

    def gap(self, clinic: Clinic, gap: float | None) -> None:
        """The row's gap."""
        row = self._running.get(clinic.name)
        if row is not None:
            row.gap, row.heard = gap, True

    def ended(self, result: ClinicResult) -> None:
        """The row goes; the counts stay. Also of a clinic that never had a row: it was done before."""
        self._solved += self._running.pop(result.clinic, None) is not None
        self._done += 1
        if not result.answered:
            self._failed.append(result)
        elif result.figures is not None and not result.figures.everybody_served:
            self._short += 1

    def __rich__(self) -> Group:
        """The table as it is now."""
        return Group(Text(self._headline(), style="bold"), self._rows(), *self._failures())

    def _headline(self) -> str:
        of = "" if self._total is None else f" of {self._total}"
        left = self._left()
        words = [
            f"{self._done}{of} done",
            f"{len(self._running)} running",
            f"{self._short} with shortfalls",
            f"{len(self._failed)} failed",
            *([] if left is None else [f"about {_clock(left)} left"]),
        ]
        return ", ".join(words)

    def _left(self) -> float | None:
        """As long as those that were solved took, for each that is left."""
        if self._total is None or not self._solved:
            return None
        return (time.monotonic() - self._began) / self._solved * (self._total - self._done)

    def _rows(self) -> Table:
        table = Table("Running", "Seconds", "Gap", box=box.SIMPLE, pad_edge=False, show_edge=False)
        now = time.monotonic()
        for name, row in self._running.items():
            gap = "reading" if not row.heard else "no timetable yet" if row.gap is None else f"{row.gap:.1%}"
            table.add_row(Text(name), f"{now - row.since:.0f}", gap)
        return table

    def _failures(self) -> list[Text]:
        return [
            Text(f"{one.clinic}: {one.status}. {one.problem}", style="red", overflow="ellipsis", no_wrap=True)
            for one in self._failed[-MOST_FAILED:]
        ]


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {whole % 60:02} s" if minutes else f"{whole} s"


@contextmanager
def shown(out: Console, total: int | None, *, quiet: bool) -> Iterator[Silent | LiveTable]:
    """A board that is live on a terminal, and silent anywhere else."""
    if quiet or not out.is_terminal:
        yield Silent()
        return
    board = LiveTable(total)
    with Live(board, console=out, refresh_per_second=4, transient=True):
        yield board
