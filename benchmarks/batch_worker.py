"""The process of a clinic as ever, unless its week is called ``crash`` or ``hog``: that one dies, or eats memory.

Notes in the file ``BATCH_LOG`` names which clinic it began.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TextIO

from scheduler.batch.worker import main


class FirstLineAgain:
    """Standard input with a line put back."""

    def __init__(self, line: str, stream: TextIO) -> None:
        self._line, self._stream = line, stream

    def readline(self) -> str:
        """The line."""
        return self._line

    def read(self) -> str:
        """All that comes after it."""
        return self._stream.read()


def eat() -> None:
    held = []
    while True:
        held.append(os.urandom(1 << 20))
        time.sleep(0.001)


if __name__ == "__main__":
    line = sys.stdin.readline()
    clinic = json.loads(line)["clinic"]["name"]
    with Path(os.environ["BATCH_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"{clinic}\n")
    if clinic == "crash":
        os.abort()
    if clinic == "hog":
        eat()
    sys.stdin = FirstLineAgain(line, sys.stdin)  # type: ignore[assignment]
    sys.exit(main())
