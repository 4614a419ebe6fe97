"""Solves weeks from outside, real choices of real people, and holds what we find against what is known of them.

``python -m benchmarks.outside FOLDER`` solves each workbook of the folder that has a profile (``NAME.yaml``) beside it
and writes ``outside.csv`` into ``benchmarks/results/speed``. What is known of a week, and from whom, stands in
``outside_known.csv`` beside this script.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.traced import EQUAL, INTO, LEADING, QUICK_SECONDS, Row, Traced, collect, note_machine, read_rows, traced

KNOWN = Path(__file__).resolve().with_name("outside_known.csv")


@dataclass(frozen=True)
class Known:
    """What is known of a tier of a week.

    ``what`` is counted, ``value_of_one`` is what one of it adds to the tier's value (priority, hours of a block).
    ``published`` is the best of programs by others, ``best`` the best known to anybody, ``bound`` what nobody beats.
    """

    what: str
    value_of_one: float = 1.0
    published: float | None = None
    best: float | None = None
    bound: float | None = None
    source: str = ""


def known(path: Path = KNOWN) -> dict[tuple[str, int], Known]:
    """What is known, by name of the week and tier."""
    return {
        (row["week"], int(row["tier"])): Known(
            what=row["what"],
            value_of_one=float(row["value_of_one"]),
            published=_number(row["published"]),
            best=_number(row["best"]),
            bound=_number(row["bound"]),
            source=row["source"],
        )
        for row in read_rows(path)
    }


def _number(text: str) -> float | None:
    return float(text) if text else None


def verdict(value: float, bound: float, one: Known) -> str:
    """Our value and bound against what is known, in words."""
    words = [_value_words(value, one), "proven best" if bound >= value else f"bound {bound:g}"]
    if one.bound is not None and bound > one.bound + EQUAL:
        words.append(f"a record bound (known: {one.bound:g})")
    return ", ".join(words)


def _value_words(value: float, one: Known) -> str:
    if one.best is None:
        return "nothing known"
    if one.bound is not None and value < one.bound - EQUAL:
        return f"CONTRADICTS the known bound {one.bound:g}"
    if value < one.best - EQUAL:
        return f"a record (best known: {one.best:g})"
    if value <= one.best + EQUAL:
        return "equals the best known"
    return f"{value - one.best:g} above the best known"


def rows_of(name: str, run: Traced, limit: float, facts: Mapping[tuple[str, int], Known]) -> Iterator[Row]:
    """A row for each of the leading tiers."""
    for tier in range(1, LEADING + 1):
        one = facts.get((name, tier), Known(what=f"tier {tier}"))
        each = one.value_of_one * run.scales[tier - 1]
        value = run.units[tier - 1] / each if run.units else None
        bound = math.ceil(run.bounds[tier - 1] / each - EQUAL) if run.units else None
        yield {
            "week": name,
            "people": run.figures.get("patients"),
            "tier": tier,
            "what": one.what,
            "value": value,
            "bound": bound,
            "published": one.published,
            "best_known": one.best,
            "bound_known": one.bound,
            "verdict": "no timetable" if value is None or bound is None else verdict(value, bound, one),
            "value_seconds": run.seconds_to_units(run.units[:tier]) if run.units else None,
            "seconds": run.seconds,
            "limit": limit,
            "broken": run.broken,
            "source": one.source,
        }


def outside(folder: Path, seconds: float) -> Iterator[Row]:
    """Solve each week of the folder that has a profile."""
    facts = known()
    for week in sorted(folder.glob("*.xlsx")):
        profile = week.with_suffix(".yaml")
        if profile.exists():
            yield from rows_of(week.stem, traced(week, seconds, "--profile", str(profile.resolve())), seconds, facts)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--seconds", default=60.0, show_default=True, help="Time limit of each solve.")
@click.option("--quick", is_flag=True, help="Little time, to try the machinery.")
@click.option("--into", type=click.Path(path_type=Path), default=INTO, help="Folder for the results.")
def main(folder: Path, seconds: float, quick: bool, into: Path) -> None:
    """Solve the weeks of FOLDER and compare with what is known of them."""
    limit = QUICK_SECONDS if quick else seconds
    if not collect(into / "outside.csv", outside(folder, limit)):
        raise click.ClickException("the folder holds no workbook with a profile (.yaml) of the same name beside it")
    note_machine(into, "outside", "quick" if quick else "full", limit)


if __name__ == "__main__":
    main()
