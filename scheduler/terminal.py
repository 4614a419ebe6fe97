"""What every command shares: its usual options, Ctrl-C, progress, and how it prints. Heavy imports wait till called."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from scheduler.engine.progress import Listener

PROGRAM = "group-scheduler"
EXIT_DONE, EXIT_FAULT, EXIT_REFUSED, EXIT_SHORT, EXIT_IMPOSSIBLE, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 130
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
