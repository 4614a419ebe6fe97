"""Measures where the seconds of a whole run go, from the start of the process to the written workbook.

``python -m benchmarks.phases`` writes ``phases.csv`` into ``benchmarks/results/speed``: a row for each week and phase.
The figures are those that ``solve --json`` prints, held against the wall clock of the whole process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import process
from benchmarks.traced import Choice, Row, choose, collect, label, note_machine, written

START = "process"
"""What is in no phase: Python's own start, imports, the end of the process."""
AROUND = (START, "read", "validate", "build", "evaluate", "verify", "explain", "write")
"""The phases around the search, in their order; `KINDS` names the three sorts."""
OUTER = ("read", "validate", "solve", "verify", "explain", "write")
"""What the whole process does one after the other, once it has started."""
SUMS = ("solve", "search")
"""What `solve --json` gives beside its parts."""
KINDS = {"around": "around the search", "search": "the search, tier by tier", "within": "within the search"}


def phases_of(document: Mapping[str, Any], wall: float, validate: float) -> Iterator[tuple[str, str, float]]:
    """Kind, phase and seconds; what is ``within`` is counted in the tiers already.

    Args:
        document: what ``solve --json`` printed.
        wall: seconds of the whole process.
        validate: seconds that looking at the week as a whole takes, which is a part of ``read``; not used where the
            document tells it.
    """
    known = dict(document["seconds"])
    if "validate" not in known:
        known["validate"] = min(validate, known.get("read", 0.0))
        known["read"] = known.get("read", 0.0) - known["validate"]
    known[START] = wall - sum(known.get(name, 0.0) for name in OUTER)
    tiers = {f"tier {one['tier']}": one["seconds"] or 0.0 for one in document["tiers"]}
    parts = (*((name, known.get(name, 0.0)) for name in ("build", "evaluate")), *tiers.items())
    rest = known.get("solve", 0.0) - sum(seconds for _, seconds in parts)
    yield from (("around", name, max(0.0, known.get(name, 0.0))) for name in AROUND)
    yield from (("search", name, seconds) for name, seconds in tiers.items())
    yield "search", "rest", max(0.0, rest)
    yield from (("within", name, known[name]) for name in known if name not in (*AROUND, *SUMS))


def seconds_to_validate(week: Path) -> float:
    """Seconds to look at a week that is read already, for what no single cell shows."""
    code = (
        "import time; from pathlib import Path; from scheduler.loading import read_profile; "
        "from scheduler.intake.reader import read_week; from scheduler.preflight.registry import find_problems; "
        f"week = read_week(Path({str(week)!r}), read_profile('adult_iop')).week; began = time.monotonic(); "
        "list(find_problems(week)); print(time.monotonic() - began)"
    )
    return float(process.run("-c", code).printed)


def phases(choice: Choice) -> Iterator[Row]:
    """Run the program on each week as its users do."""
    for case in choice.cases:
        with written(case) as week:
            out = str(week.with_name("out.xlsx"))
            limit = str(choice.seconds)
            done = process.run(process.DOOR, "solve", str(week), "-o", out, "--json", "--time-limit", limit)
            for kind, phase, seconds in phases_of(done.document, done.seconds, seconds_to_validate(week)):
                head = {**label(case), "limit": choice.seconds, "whole": done.seconds}
                yield {**head, "kind": kind, "phase": phase, "seconds": round(seconds, 3)}


@choose(("roomy", "tight"), (60, 120, 240, 480, 960), seconds=30.0)
def main(choice: Choice) -> None:
    """Measure where the seconds of a whole run go as the week grows."""
    collect(choice.into / "phases.csv", phases(choice))
    note_machine(choice.into, "phases", choice.mode, choice.seconds)


if __name__ == "__main__":
    main()
