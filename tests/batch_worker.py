"""Stands in for a clinic's process, without the solver: it answers at once, or behaves as badly as its week is called.

Every clinic that it answers is noted in ``answered.log`` beside the week.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PARENT = os.getppid()
TRUTH = {"patients": 4, "hours_short": 0.0, "groups_missed": 0, "sessions": 2, "assignments": 4}


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def answer(task: dict[str, Any]) -> None:
    if os.getppid() != PARENT:  # the batch is gone: as the real one, it ends without a word
        os._exit(1)
    clinic = task["clinic"]
    week = Path(clinic["input"])
    short = week.stem.startswith("short")
    Path(clinic["output"]).write_bytes(b"timetable of " + week.read_bytes())
    with (week.parent / "answered.log").open("a", encoding="utf-8") as log:
        log.write(f"{week.stem}\n")
    named = {name: clinic[name] for name in ("input", "output", "profile")}
    figures = {**TRUTH, "patients_short": int(short)}
    people = [{"patient": "P1", "hours": 3.0, "groups": [], "priority": 3, "reason": "Inge", "remedy": ""}]
    problem = {"code": "told", "severity": "warning", "sheet": "S", "cell": "A1", "value": "P1", "message": "Inge"}
    say(
        {
            "result": {
                **named,
                "clinic": clinic["name"],
                "status": "optimal",
                "exit_code": 3 if short else 0,
                "figures": figures,
                "short": people if short else [],
                "problems": [{**problem, "hint": ""}],
            }
        }
    )


def grow() -> None:
    held = []
    while True:
        held.append(bytearray(os.urandom(1 << 20)))
        time.sleep(0.002)


def until_told(task: dict[str, Any]) -> None:
    """Work on until a polite signal comes, and answer then."""
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    say({"gap": 0.5})
    listening(task)
    while not heard:
        time.sleep(0.02)
    answer(task)


def hang(task: dict[str, Any]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say({"gap": None})
    listening(task)
    time.sleep(600)


def listening(task: dict[str, Any]) -> None:
    """Leave a note beside the week: from now on a signal is met as the week is called."""
    Path(task["clinic"]["input"]).with_suffix(".listening").touch()


def main() -> None:
    task = json.loads(sys.stdin.readline())
    match Path(task["clinic"]["input"]).stem.split("-")[0]:
        case "crash":
            sys.stderr.write("about to die\n")
            sys.stderr.flush()
            os.abort()
        case "hang":
            hang(task)
        case "hog":
            grow()
        case "mute":
            sys.exit(7)
        case "garbage":
            sys.stdout.write('not json\n7\n{"gap": 0.1}\n{"result": {"clinic"')
        case "steady":
            until_told(task)
        case "answerhang":
            answer(task)
            hang(task)
        case "slow":
            time.sleep(0.3)
            answer(task)
        case _:
            answer(task)


if __name__ == "__main__":
    main()
