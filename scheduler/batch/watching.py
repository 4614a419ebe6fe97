"""``--watch``: a folder that is looked at again and again; a week that arrives is solved and answered beside it."""

import contextlib
import io
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from scheduler.batch.clinic import Clinic
from scheduler.batch.endings import unanswered
from scheduler.batch.journal import Journal
from scheduler.batch.ledger import Ledger
from scheduler.batch.orders import SUFFIXES, Defaults, find_clinics, is_own
from scheduler.batch.pool import Crew
from scheduler.batch.process import Task
from scheduler.batch.running import Board, Desk, Options
from scheduler.batch.whole import put
from scheduler.domain.network import ClinicResult
from scheduler.domain.outcome import Status
from scheduler.domain.problems import Problem
from scheduler.reports.console import print_problems

PROBLEMS = "_problems.txt"
HEADER = "Written by group-scheduler batch --watch"
"""How a file of problems begins; one that begins otherwise is somebody else's and is left alone."""

HEAR_SECONDS = 0.2
State = tuple[int, int, int]
"""By what a file is known to have changed: its size, time and number."""


class Looker:
    """Sees which weeks of a folder have arrived: the same at two looks, and new since they were taken.

    A file that is still being copied grows from one look to the next.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, State] = {}
        self._taken: dict[Path, State] = {}

    def look(self, busy: Callable[[Path], bool]) -> list[Path]:
        """The weeks that have arrived and are not busy, in the order of their names."""
        now = {path: state for path in self._weeks() if (state := _state(path)) is not None}
        arrived = [
            path
            for path, state in sorted(now.items())
            if self._seen.get(path) == state and self._taken.get(path) != state and not busy(path)
        ]
        self._seen = now
        self._taken = {path: state for path, state in self._taken.items() if path in now}
        self._taken |= {path: now[path] for path in arrived}
        return arrived

    def _weeks(self) -> list[Path]:
        try:
            return [one for one in self._folder.iterdir() if one.suffix.lower() in SUFFIXES and not is_own(one)]
        except OSError:  # a share that is away for a while comes back
            return []


def _state(path: Path) -> State | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino) if path.is_file() else None


class Watch(Desk):
    """Answers what arrives in one folder."""

    def __init__(
        self,
        folder: Path,
        options: Options,
        defaults: Defaults,
        ledger: Ledger,
        board: Board,
        journal: Journal,
        tell: Callable[[ClinicResult], None],
    ) -> None:
        super().__init__(options, ledger, board, journal)
        self._folder, self._defaults, self._tell = folder, defaults, tell
        self._jobs = options.sizes.jobs
        self._busy: dict[str, Path] = {}
        self._owner: dict[str, Path] = {}
        self.results: dict[str, ClinicResult] = {}

    def run(self, stop: threading.Event, every_seconds: float) -> None:
        """Look, and have what arrived solved, until the event is set. What runs then writes its best so far."""
        looker = Looker(self._folder)
        next_look = time.monotonic()
        with Crew(self._jobs, self, stop) as crew:
            while not stop.is_set():
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + every_seconds
                    for week in looker.look(self._is_busy):
                        self._take(week, crew)
                crew.hear(min(HEAR_SECONDS, every_seconds))
            while crew.busy:
                crew.hear(HEAR_SECONDS)

    def _is_busy(self, week: Path) -> bool:
        return week in self._busy.values()

    def _take(self, week: Path, crew: Crew) -> None:
        for clinic in self._clinics(week):
            first = self._owner.get(clinic.name, week)
            if first != week and first.exists():
                self._refuse(clinic, first)
                continue
            self._owner[clinic.name] = week
            found = self.order(clinic)
            if isinstance(found, Task):
                self._busy[clinic.name] = week
                crew.submit(found)
            else:
                self.collect(found)

    def _refuse(self, clinic: Clinic, first: Path) -> None:
        """Of two weeks whose answer would have one name, the first to come is answered."""
        message = f"{clinic.input.name} and {first.name} would have one output: {clinic.output.name}"
        problem = Problem(code="output-twice", message=message, hint="rename one of the two")
        result = unanswered(clinic, Status.INVALID, (problem,))
        self.results[clinic.input.name] = result
        self._journal.ended(result)
        self._tell(result)

    def _clinics(self, week: Path) -> Sequence[Clinic]:
        return find_clinics([str(week)], self._folder, self._defaults).clinics

    def collect(self, result: ClinicResult) -> None:
        """Say what is wrong beside the week, or take away what was said before."""
        self._busy.pop(result.clinic, None)
        self.results[result.clinic] = result
        with contextlib.suppress(OSError):  # the folder may be full or away; the ledger and the log know
            answer_beside(self._folder / f"{result.clinic}{PROBLEMS}", result)
        self._tell(result)


def answer_beside(place: Path, result: ClinicResult) -> None:
    """Write the problems of a week without a timetable to a text; of one with a timetable leave none behind.

    Raises:
        OSError: if it cannot be written.
    """
    if place.exists() and not place.read_text(encoding="utf-8", errors="replace").startswith(HEADER):
        return
    if result.answered:
        place.unlink(missing_ok=True)
    else:
        put(place, problems_text(result))


def problems_text(result: ClinicResult) -> str:
    """What is wrong with a week, as the commands print it."""
    text = io.StringIO()
    out = Console(file=text, width=100, highlight=False, markup=False, emoji=False, color_system=None)
    problems = [Problem.model_validate({k: v for k, v in one.items() if k != "trace"}) for one in result.problems]
    print_problems(out, problems, with_notices=False)
    return f"{HEADER}\n\n{Path(result.input).name}: no timetable ({result.status})\n\n{text.getvalue()}"
