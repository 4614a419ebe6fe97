"""What every command shares: its usual options, Ctrl-C, progress, and how it prints. Heavy imports wait till called."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from scheduler.engine.progress import Listener

PROGRAM = "group-scheduler"
Option = Callable[[Callable[..., Any]], Callable[..., Any]]
"""What click makes of an option: it is put above a command."""
LONGEST_SEARCH = 7 * 24 * 3600


def finite(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse what is no number of seconds."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("not a number of seconds")
    return value


def path(words: str) -> Path:
    """A path as written. Nothing is looked up: who reads or writes the file says what is wrong with it."""
    if "\0" in words:
        raise click.BadParameter("a path cannot hold a NUL character")
    return Path(words)


SECONDS = click.FloatRange(min=0, min_open=True, max=LONGEST_SEARCH)
week_argument = click.argument("week", type=path)
profile_option = click.option("--profile", default="adult_iop", show_default=True, help="A profile's name or file.")
map_option = click.option("--map", "mapping", type=path, help="YAML that renames sheets and columns of an export.")
previous_option = click.option("--previous", type=path, help="Last week's timetable, for continuity.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
force_option = click.option("--force", is_flag=True, help="Write over an output file that exists.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress on stderr.")
seed_option = click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed of the search.")
reproducible_option = click.option(
    "--reproducible", is_flag=True, help="Same input, profile and seed give the same result; slower."
)
workers_option = click.option(
    "--workers", type=click.IntRange(1, 256), help="Solver threads; a reproducible run takes one."
)
names_option = click.option(
    "--names",
    type=click.Choice(["full", "initials", "ids"]),
    default="full",
    show_default=True,
    help="What stands for a person in the workbook.",
)


def time_limit_option(help_: str, usual: float | None = None) -> Option:
    """``--time-limit``; without a usual value the profile's stands."""
    return click.option(
        "--time-limit", type=SECONDS, callback=finite, default=usual, show_default=usual is not None, help=help_
    )


def output_option(help_: str) -> Option:
    """``-o``, the workbook to write."""
    return click.option("-o", "--output", type=path, help=help_)


def beside(file: Path, ending: str) -> Path:
    """The usual output: ``FILE_ending.xlsx`` beside a file or folder; ``.`` is called by its real name."""
    place = file if file.name not in ("", "..") else file.resolve()
    stem = place.name if os.path.isdir(place) else place.stem
    return place.parent / f"{stem}_{ending}.xlsx"


# ---- signals and progress ----


@contextmanager
def handling(numbers: tuple[int, ...], handler: Any) -> Iterator[None]:
    """Handle these signals so for a while; nothing where this is not the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def term_as_interrupt() -> Any:
    """A polite kill ends any command as Ctrl-C does."""

    def on_signal(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    return handling((signal.SIGTERM,), on_signal)


@contextmanager
def stopping() -> Iterator[tuple[threading.Event, threading.Event]]:
    """Turn Ctrl-C and a polite kill into "give me the best so far"; a second one ends at once.

    Gives two events: ``stop`` is set by the first signal; once ``writing`` is set, no signal keeps the file from being
    finished and reported.
    """
    stop, writing = threading.Event(), threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        if writing.is_set():
            return
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if sys.stderr is not None and sys.stderr.isatty():
            # Not print: the signal may have come in the middle of one.
            os.write(
                sys.stderr.fileno(),
                b"\nstopping: the best timetable so far is written, if there is one; once more to end at once\n",
            )

    with handling((signal.SIGINT, signal.SIGTERM), on_signal):
        yield stop, writing


@contextmanager
def progress_on(*, quiet: bool) -> Iterator[Listener]:
    """A listener that shows a search's progress on a terminal, and says nothing in a log."""
    from scheduler.engine.progress import ProgressPrinter, silent

    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield silent
        return
    printer = ProgressPrinter(sys.stderr)
    try:
        yield printer
    finally:
        printer.close()


# ---- printing ----


def print_line(text: str, *, to_stderr: bool = False) -> None:
    """Print and flush; a reader who has gone is no fault."""
    stream = sys.stderr if to_stderr else sys.stdout
    if stream is None:
        return
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except BrokenPipeError:
        silence_stream(stream)


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    encoding = getattr(sys.stdout, "encoding", None) or ""
    print_line(json.dumps(document, indent=2, ensure_ascii="utf" not in encoding.lower()))


def silence_stream(stream: Any) -> None:
    """Let what is still to be written to a stream whose reader has gone vanish."""
    from scheduler.reports.console import silence

    silence(stream)
