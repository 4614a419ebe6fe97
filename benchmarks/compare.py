"""Our engine against its peers: the same weeks, the same seconds, the same cores, one after the other in one run.

``python -m benchmarks.compare`` from the root of the repository; ``--quick`` tries the machinery on one tiny week. The
CSV is written anew after each answer, so that an interrupted run keeps what it has; with ``--answers`` it can be taken
up again. Each peer runs in a process of its own (`benchmarks.run_peer`) on a machine that should do nothing else.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.cases import FAMILIES, REPORTED_SEEDS, SEEDS, SIZES, TUNING_SEEDS, Case, cases
from benchmarks.judge import whole_of
from benchmarks.traced import note_machine, read_rows

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "speed"
OURS = "ours"
EARLY_SECONDS = 5.0
"""The other peers are asked when they reach what our engine has after so long."""
PATIENCE_FACTOR, PATIENCE_SECONDS = 3.0, 180.0
"""A peer that has not ended by itself after this is ended: reading, judging and overtime included."""
TOLERANCE = 1e-6

Document = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """What is asked when the command line does not say otherwise."""

    families: tuple[str, ...]
    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    seconds: float
    peers: tuple[str, ...]


def full() -> Scale:
    """Everything that is reported."""
    from benchmarks.peers import peer_names

    return Scale(tuple(FAMILIES), SIZES, REPORTED_SEEDS, 60.0, peer_names())


QUICK = Scale(("roomy",), (12,), TUNING_SEEDS[:1], 3.0, ("ours", "greedy"))


# -------------------------------------------------------------------------------------------------------- one answer


def answer(week: Path, peer: str, seconds: float, out: Path) -> Document:
    """Run one peer on one week; a peer that fails or does not end gives a document with a note and nothing else."""
    words = [sys.executable, "-m", "benchmarks.run_peer", peer, str(week), "--seconds", str(seconds), "--out", str(out)]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    patience = PATIENCE_FACTOR * seconds + PATIENCE_SECONDS
    try:
        child = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        return {"note": f"ended from outside after {patience:.0f} s"}
    if child.returncode:
        last = child.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no word"]
        return {"note": f"failed (exit code {child.returncode}): {last[0]}"}
    document = json.loads(out.read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def answers(
    asked: Iterable[Case], peers: Sequence[str], seconds: float, folder: Path, *, run: bool = True
) -> Iterator[tuple[Case, str, Document]]:
    """Every peer on every case, one after the other; what the folder holds already is not run again.

    Without ``run`` nothing else is run either.
    """
    for case in asked:
        week = folder / f"{case.name}.xlsx"
        for peer in peers:
            out = folder / f"{case.name}.{peer}.{seconds:g}s.json"
            if out.exists():
                yield case, peer, json.loads(out.read_text("utf-8"))
            elif run:
                case.write(week)
                yield case, peer, answer(week, peer, seconds, out)


# --------------------------------------------------------------------------------------------------------- the table


@dataclass(frozen=True)
class Best:
    """What is known of a case by all its answers: units of the tiers, best first by tier, and bounds that hold there.

    ``bounds``: what no timetable beats that is as good as the best in the better tiers. ``whole``: what the whole of
    no such timetable beats.
    """

    units: tuple[int, ...] | None
    bounds: tuple[float, ...]
    whole: float


def best_of(documents: Sequence[Document]) -> Best:
    """Combine the answers to one case."""
    found = [tuple(one["units"]) for one in documents if one.get("units") is not None]
    if not found:
        return Best(None, (), 0.0)
    best = min(found)
    bounds = [0.0] * len(best)
    for one in documents:
        units, own = one.get("units"), one.get("bounds")
        for tier, bound in enumerate(own or ()):
            if units is not None and tuple(units[:tier]) == best[:tier]:
                bounds[tier] = max(bounds[tier], bound)
    direct = [float(one["whole_bound"]) for one in documents if one.get("whole_bound") is not None]
    return Best(best, tuple(bounds), max(0.0, whole_of(bounds), *direct))


def first_reaching(document: Document, target: float) -> float | None:
    """Seconds until the whole of a peer's timetable was as good as the target; None if it never was."""
    return min((at for at, whole in _moments(document) if whole <= target + TOLERANCE), default=None)


def _moments(document: Document) -> list[tuple[float, float]]:
    """When a peer had a better timetable, and its whole; also those that a solver's log only told of."""
    return [(at, whole_of(units)) for at, *units in document.get("trail", ())] + list(document.get("told", ()))


def early_target(documents: Iterable[tuple[str, Document]]) -> float | None:
    """The whole of what our engine had after `EARLY_SECONDS`, or first had if that was later."""
    trail = next((one.get("trail", ()) for peer, one in documents if peer == OURS), ())
    wholes = [(at, whole_of(units)) for at, *units in trail]
    early = [whole for at, whole in wholes if at <= EARLY_SECONDS]
    return min(early) if early else wholes[0][1] if wholes else None


def rows_of(case: Case, documents: Sequence[tuple[str, Document]]) -> Iterator[dict[str, object]]:
    """The rows of a case, one a peer. Bounds and reaches are as good as the answers so far."""
    best, target = best_of([one for _, one in documents]), early_target(documents)
    scales = next((one["scales"] for _, one in documents if "scales" in one), ())
    for peer, one in documents:
        row: dict[str, object] = {"case": case.name, "family": case.family, "patients": case.patients}
        row |= {"seed": case.seed, "peer": peer, "seconds": one.get("seconds", "")}
        row |= _by_tier("tier", one.get("values") or ())
        whole = one.get("whole")
        row["whole"] = "" if whole is None else round(whole, 3)
        row |= _by_tier("bound", [bound / scale for bound, scale in zip(best.bounds, scales, strict=False)])
        row["bound"] = "" if best.units is None else round(best.whole, 3)
        row["gap"] = "" if whole is None else round(gap(whole, best.whole), 6)
        row["first_seconds"] = min((at for at, _ in _moments(one)), default="")
        reach = None if target is None else first_reaching(one, target)
        row["seconds_to_our_5s"] = "" if reach is None else reach
        row |= {name: one.get(name, "") for name in ("peak_mb", "wall_seconds")}
        row["broken"] = " ".join(f"{rule}:{count}" for rule, count in one.get("broken", {}).items())
        row["note"] = f"unavailable: {one['unavailable']}" if "unavailable" in one else one.get("note", "")
        yield row


def beside(rows: Sequence[dict[str, object]], earlier: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Rows of this run, and of an earlier one those of peers that this run did not ask on the same week.

    A bound of the whole that either run knows is a bound in both. Seconds to our answer stay as they were measured,
    against what our engine then had after so long.
    """
    measured = {(row["case"], row["peer"]) for row in rows}
    weeks = {row["case"] for row in rows}
    found = [*rows, *(row for row in earlier if row["case"] in weeks and (row["case"], row["peer"]) not in measured)]
    bounds: dict[object, float] = {}
    for row in found:
        bounds[row["case"]] = max(bounds.get(row["case"], 0.0), float(str(row["bound"] or 0.0)))
    return [_bounded(row, bounds[row["case"]]) for row in found]


def _bounded(row: dict[str, object], bound: float) -> dict[str, object]:
    if row["whole"] in ("", None):
        return row
    return {**row, "bound": round(bound, 3), "gap": round(gap(float(str(row["whole"])), bound), 6)}


def gap(value: float, bound: float) -> float:
    """How much better the best possible could be, as a share of the value."""
    return 0.0 if value <= bound else (value - bound) / value


MOST_TIERS = 5
COLUMNS = (
    *("case", "family", "patients", "seed", "peer", "seconds"),
    *(f"tier{tier + 1}" for tier in range(MOST_TIERS)),
    "whole",
    *(f"bound{tier + 1}" for tier in range(MOST_TIERS)),
    *("bound", "gap", "first_seconds", "seconds_to_our_5s", "peak_mb", "wall_seconds", "broken", "note"),
)
"""What the table holds.

``seconds``: the time limit. ``tierN``, ``boundN``: the value reached, in the tier's own unit, and the best bound known
from any peer, for timetables as good as the best in the better tiers. ``whole``: all tiers in one number (see
`benchmarks.judge`); ``bound`` and ``gap`` are of it. ``first_seconds``: until the first full timetable;
``seconds_to_our_5s``: until one as good in the whole as what our engine has after 5 s.
"""


def _by_tier(name: str, found: Sequence[float]) -> dict[str, object]:
    return {f"{name}{tier}": round(one, 6) for tier, one in enumerate(found[:MOST_TIERS], start=1)}


def write_csv(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write the table whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    draft.replace(path)


# ------------------------------------------------------------------------------------------------------- the command


def _words(
    kind: Callable[[str], Any],
) -> Callable[[click.Context, click.Parameter, str | None], tuple[Any, ...] | None]:
    """A comma-separated option."""

    def read(_: click.Context, __: click.Parameter, text: str | None) -> tuple[Any, ...] | None:
        if text is None:
            return None
        try:
            return tuple(kind(word.strip()) for word in text.split(",") if word.strip())
        except ValueError:
            raise click.BadParameter(f"{text} is not a list of what is asked, joined by commas") from None

    return read


def _family(word: str) -> str:
    if word not in FAMILIES:
        raise ValueError(word)
    return word


def _seeds(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    if text is None or text in SEEDS:
        return None if text is None else SEEDS[text]
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text} is neither {' nor '.join(SEEDS)} nor numbers joined by commas") from None


@click.command()
@click.option("--families", callback=_words(_family), help=f"Of {', '.join(FAMILIES)}.")
@click.option("--sizes", callback=_words(int), help="Patients.")
@click.option("--seeds", callback=_seeds, help="'reported', 'tuning', or numbers.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Wall clock for each answer.")
@click.option("--peers", callback=_words(str), help="By name; see benchmarks/peers.")
@click.option("--quick", is_flag=True, help="One tiny week, few seconds, two peers, to try the machinery.")
@click.option("--into", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
@click.option("--answers", "kept", type=click.Path(path_type=Path), help="Keep each answer here; take up from there.")
@click.option("--beside", "earlier", type=click.Path(path_type=Path, exists=True), help="Keep an earlier table's rows.")
@click.option("--only-kept", is_flag=True, help="Run nothing: the table of what --answers holds.")
def main(
    families: tuple[str, ...] | None,
    sizes: tuple[int, ...] | None,
    seeds: tuple[int, ...] | None,
    seconds: float | None,
    peers: tuple[str, ...] | None,
    quick: bool,
    into: Path,
    kept: Path | None,
    earlier: Path | None,
    only_kept: bool,
) -> None:
    """Run peers on weeks and write compare.csv. Lists are joined by commas."""
    _refuse_strangers(peers or ())
    if only_kept and kept is None:
        raise click.BadParameter("--only-kept needs --answers")
    usual = QUICK if quick else full()
    asked = cases(families or usual.families, sizes or usual.sizes, seeds or usual.seeds)
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        found = answers(asked, peers or usual.peers, seconds or usual.seconds, kept or Path(name), run=not only_kept)
        _tabulate(found, into / "compare.csv", [] if earlier is None else list(read_rows(earlier)))
    if not only_kept:  # what was kept was measured at another time, and the machine noted then
        note_machine(into, "compare", "quick" if quick else "full", seconds or usual.seconds)


def _refuse_strangers(peers: Sequence[str]) -> None:
    from benchmarks.peers import peer_names

    strangers = [peer for peer in peers if peer not in peer_names()]
    if strangers:
        raise click.BadParameter(f"no peer {', '.join(strangers)}; there are {', '.join(peer_names())}")


def _tabulate(
    found: Iterable[tuple[Case, str, Document]], target: Path, earlier: Sequence[dict[str, object]] = ()
) -> None:
    table: dict[Case, list[tuple[str, Document]]] = {}
    for case, peer, document in found:
        table.setdefault(case, []).append((peer, document))
        rows = [row for one, documents in table.items() for row in rows_of(one, documents)]
        write_csv(target, beside(rows, earlier))
        told = document.get("unavailable") or document.get("note", "")
        click.echo(f"{case.name} {peer}: whole {document.get('whole')}, {told}", err=True)
    click.echo(f"wrote {target}")


if __name__ == "__main__":
    main()
