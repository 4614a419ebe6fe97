"""The pictures of the page on speed. Matplotlib is loaded only when one is drawn, and needs no screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.growth import REFERENCE_SIZE
from benchmarks.scaling import MEASURES
from benchmarks.speed_tables import (
    ALL,
    ALL_SIZES,
    TIERS,
    Row,
    Rows,
    Tables,
    by,
    median,
    number,
    peers_of,
    sizes_of,
)

WIDE, HIGH = 9.0, 3.6
"""Inches of a picture."""
DOTS = 90
"""Dots per inch."""
COLUMNS = 3
BELOW_ZERO = -0.3
"""Where the paper ends below 0, so that what is 0 can be seen."""

Curve = list[tuple[float, float]]


@dataclass(frozen=True)
class Picture:
    """A picture: its file, what it shows in words, and what draws it on an empty figure of matplotlib."""

    name: str
    words: str
    draw: Callable[[Any, Tables], None]


def draw(pictures: Iterable[Picture], tables: Tables, folder: Path) -> None:
    """Draw pictures into a folder.

    Raises:
        click.ClickException: if matplotlib is not installed.
    """
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise click.ClickException("the pictures need matplotlib: pip install -e '.[bench]'") from None
    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        figure = Figure(figsize=(WIDE, HIGH), layout="constrained")
        picture.draw(figure, tables)
        figure.savefig(folder / picture.name, dpi=DOTS, metadata={"Software": None})


# -------------------------------------------------------------------------------------------------------------- curves


def medians(rows: Rows, column: str) -> Curve:
    """The median of a column at each size that has one."""
    found = [(float(size), median([row for row in rows if row["patients"] == size], column)) for size in sizes_of(rows)]
    return [(size, value) for size, value in found if value is not None]


def by_peer(rows: Rows, column: str) -> Mapping[str, Curve]:
    """Those medians for each peer."""
    return {peer: medians([row for row in rows if row["peer"] == peer], column) for peer in peers_of(rows)}


def _plot(axes: Any, curves: Mapping[str, Curve], title: str, *, scale: str) -> None:
    """Curves over the number of patients, each name in the same colour on all plots; ``symlog`` shows 0 too."""
    for place, (name, curve) in enumerate(curves.items()):
        width = 2.4 if place == 0 else 1.2
        axes.plot([x for x, _ in curve], [y for _, y in curve], marker="o", markersize=3, linewidth=width, label=name)
    _over_patients(axes, sorted({x for curve in curves.values() for x, _ in curve}))
    axes.set_yscale(scale)
    if scale == "symlog":
        axes.set_ylim(bottom=BELOW_ZERO)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.set_title(title, fontsize=9)


def _over_patients(axes: Any, sizes: Sequence[float]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:g}" for size in sizes], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_xlabel("patients", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(visible=True, linewidth=0.3)


def _legend(figure: Any, axes: Any) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside right center", fontsize=7)


def _legend_in(empty: Any, axes: Any) -> None:
    """What the curves of ``axes`` stand for, in the place of a plot that is not needed."""
    empty.axis("off")
    empty.legend(*axes.get_legend_handles_labels(), loc="center", fontsize=8)


# ------------------------------------------------------------------------------------------------------------ pictures


def _values(figure: Any, tables: Tables) -> None:
    rows = tables["compare"]
    figure.set_size_inches(WIDE, 2 * HIGH)
    grid = [axes for line in figure.subplots(2, COLUMNS, squeeze=False) for axes in line]
    for tier, axes in enumerate(grid[:TIERS], start=1):
        _plot(axes, by_peer(rows, f"tier{tier}"), f"tier {tier}, median value", scale="symlog")
    _legend_in(grid[-1], grid[0])


def _gaps(figure: Any, tables: Tables) -> None:
    axes = figure.subplots()
    curves = {
        peer: [(size, 100 * gap) for size, gap in curve] for peer, curve in by_peer(tables["compare"], "gap").items()
    }
    _plot(axes, curves, "median gap of the whole to the best bound known, %", scale="symlog")
    _legend(figure, axes)


def _to_our_answer(figure: Any, tables: Tables) -> None:
    axes = figure.subplots()
    curves = by_peer(tables["compare"], "seconds_to_our_5s")
    _plot(axes, curves, "median seconds until as good as ours after 5 s (of those that came to it)", scale="log")
    _legend(figure, axes)


def _growth(figure: Any, tables: Tables) -> None:
    rows = tables["scaling"]
    figure.set_size_inches(WIDE, 2 * HIGH)
    grid = [axes for line in figure.subplots(2, COLUMNS, squeeze=False) for axes in line]
    for measure, axes in zip(MEASURES, grid, strict=False):
        curves = {family: medians(mine, measure.column) for family, mine in by(rows, "family").items()}
        _plot(axes, curves, _wrapped(measure.words), scale="log")
        _fitted(axes, tables["exponents"], measure.column)
    _legend_in(grid[-1], grid[0])


def _wrapped(words: str) -> str:
    """A title on two lines."""
    middle = words.find(" ", len(words) // 2)
    return words if middle < 0 else f"{words[:middle]}\n{words[middle + 1 :]}"


def _fitted(axes: Any, exponents: Rows, column: str) -> None:
    """The line fitted over all families, with its exponent."""
    row = next((one for one in exponents if _is_whole(one) and one["measure"] == column), None)
    if row is None:
        return
    exponent, level = number(row, "exponent") or 0.0, number(row, "at_100") or 0.0
    ends = [float(row["from_patients"]), float(row["to_patients"])]
    line = [level * (end / REFERENCE_SIZE) ** exponent for end in ends]
    axes.plot(ends, line, linestyle="--", color="black", linewidth=1)
    axes.annotate(f"exponent {exponent:.2f}", (0.05, 0.9), xycoords="axes fraction", fontsize=8)


def _is_whole(row: Row) -> bool:
    return row["family"] == ALL and row["sizes"] == ALL_SIZES


def _stacked(figure: Any, tables: Tables) -> None:
    left, right = figure.subplots(1, 2)
    rows = tables["phases"]
    whole = [row for row in rows if row["kind"] in ("around", "search")]
    tiers = [{**row, "phase": row["phase"] if row["kind"] == "search" else "around the search"} for row in whole]
    _stack(left, tiers, "whole run, median seconds")
    _stack(right, [row for row in rows if row["kind"] == "around"], "around the search, median seconds")


def _stack(axes: Any, rows: Rows, title: str) -> None:
    """A bar for each size, phase upon phase; a phase that stands for several is their sum in each week."""
    sizes = sizes_of(rows)
    foot = [0.0] * len(sizes)
    for phase, mine in by(rows, "phase").items():
        weeks = _by_week(mine)
        heights = [median([row for row in weeks if row["patients"] == size], "seconds") or 0.0 for size in sizes]
        axes.bar(sizes, heights, bottom=foot, label=phase, width=0.7)
        foot = [low + height for low, height in zip(foot, heights, strict=True)]
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("patients", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.legend(fontsize=6)


def _by_week(rows: Rows) -> list[Row]:
    """One row for each week, its seconds added up."""
    return [
        {**week[0], "seconds": str(sum(number(row, "seconds") or 0.0 for row in week))}
        for week in by(rows, "case").values()
    ]


def _starts(figure: Any, tables: Tables) -> None:
    axes = figure.subplots()
    rows = tables["warm"]
    curves = {"from nothing": medians(rows, "seconds_cold")}
    curves |= {f"from: {kind}": medians(mine, "seconds_warm") for kind, mine in by(rows, "start").items()}
    _plot(axes, curves, "median seconds until as good as a run from nothing ends with", scale="log")
    _legend(figure, axes)


COMPARE = (
    Picture("speed_values.png", "Median value of each tier by the number of patients, a curve for each peer", _values),
    Picture("speed_gaps.png", "Median gap by the number of patients, a curve for each peer", _gaps),
    Picture("speed_to_our_answer.png", "Median seconds until each peer is as good as ours after 5 s", _to_our_answer),
)
SCALING = (Picture("speed_growth.png", "Time and memory on log-log axes, with the fitted exponents", _growth),)
PHASES = (Picture("speed_phases.png", "Seconds by phase, stacked, as weeks grow", _stacked),)
WARM = (Picture("speed_warm.png", "Median seconds from nothing and from a timetable, as weeks grow", _starts),)
