"""Writes docs/benchmarks.md from the CSV files of benchmarks/results, and from nothing else."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
FIRST_SOFT = 2
"""How many tiers come before the soft ones."""

Row = dict[str, str]


def rows_of(folder: Path, name: str) -> list[Row]:
    """The rows of a part; none where it was not measured."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(folder: Path) -> str:
    """The whole page."""
    parts = [_head(folder), _main(folder), _sizes(folder), _shipped(folder), _pairs(folder)]
    parts += [_questions(folder), _doors(folder), _refusals(folder)]
    return "\n".join(part for part in parts if part)


def _head(folder: Path) -> str:
    lines = [
        "# Benchmarks",
        "",
        "This page is written by `python benchmarks/report.py` from the CSV files in `benchmarks/results/`, which",
        "`python benchmarks/main_job.py` measures. No figure here is typed by hand. Each figure is of a whole process,",
        "from the command to the written workbook, Python's own start included.",
        "",
    ]
    for one in rows_of(folder, "machine"):
        if one["mode"] != "full":
            lines += [f"**This is a {one['mode']} run, to try the machinery: short limits, few weeks.**", ""]
        lines += [
            f"Machine: {one['processor']}, {one['cores']} cores, {one['memory_gb']} GB, {one['system']}; "
            f"Python {one['python']}, OR-Tools {one['ortools']}, this program {one['scheduler']}. "
            f"Load average when the run began: {one['load']} (a busy machine makes everything slower).",
            "",
        ]
    lines += [
        "How to read the columns. *Seconds*: wall clock. *Peak MB*: most resident memory of the process. *Tier n*: the",
        "value reached, then the bound that no timetable beats; equal means proven. Gap: (value - bound) / value.",
        "All weeks are synthetic. A made-up week is laid around a hidden timetable that serves everybody, so tiers 1",
        "and 2 can reach 0 unless it was made short of staff on purpose.",
        "",
    ]
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------------------- solves


def _main(folder: Path) -> str:
    return _solves(
        "The main job",
        "`python run_schedule.py solve data/clinic_60.xlsx -o timetable.xlsx`, default profile, run after run.",
        rows_of(folder, "main_job"),
    )


def _sizes(folder: Path) -> str:
    return _solves(
        "From a dozen patients to hundreds",
        "Weeks with tags, online patients, odd windows, adolescents, pins, people kept apart. *Plain* weeks are\n"
        "those of `python run_schedule.py sample WEEK.xlsx --patients N --seed S`. Others come with last week's\n"
        "seats, or are also short of staff on purpose, so that tiers 1 and 2 need not reach 0.",
        rows_of(folder, "sizes"),
    )


def _shipped(folder: Path) -> str:
    return _solves(
        "The other weeks of data/",
        "A messy export, a week that cannot serve everybody (exit code 3 is right there), grids of real programs.",
        rows_of(folder, "shipped"),
    )


def _solves(title: str, about: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    most = max(len(_tiers(row)) for row in rows)
    head = ["week", "patients", "exit", "seconds", "peak MB", *(f"tier {n}" for n in range(1, most + 1))]
    body = [
        [row["week"], row["patients"], row["exit_code"], _one(row["seconds"]), _whole(row["peak_mb"])]
        + [_tier_text(*tier) for tier in _tiers(row)]
        for row in rows
    ]
    phases = ["week", "reading", "search, sections, proofs", "explaining", "writing", "start and the rest"]
    spent = [
        [row["week"], *(_one(row[name]) for name in ("read", "solve", "explain", "write")), _rest(row)] for row in rows
    ]
    return "\n".join(
        [
            f"## {title}",
            "",
            about,
            "",
            _proof_sentence(rows),
            "",
            _table(head, body),
            "Seconds by phase:",
            "",
            _table(phases, spent),
        ]
    )


def _rest(row: Row) -> str:
    known = sum(float(row[name]) for name in ("read", "solve", "explain", "write"))
    return _one(str(float(row["seconds"]) - known))


def _proof_sentence(rows: Sequence[Row]) -> str:
    proven = sum(all(is_proven == "yes" for _, _, is_proven in _tiers(row)[:FIRST_SOFT]) for row in rows)
    seconds = [float(row["seconds"]) for row in rows]
    return (
        f"Tiers 1 and 2 (weekly minimum, treatment plan) proven in {proven} of {len(rows)} runs. "
        f"Seconds: median {statistics.median(seconds):.1f}, most {max(seconds):.1f}. "
        f"Memory: at most {max(float(row['peak_mb']) for row in rows):.0f} MB."
    )


def _tiers(row: Row) -> list[tuple[float, float, str]]:
    found = [one.split("|") for one in row["tiers"].split()]
    return [(float(value), float(bound), proven) for value, bound, proven in found]


def _tier_text(value: float, bound: float, proven: str) -> str:
    if proven == "yes":
        return f"{value:g}, proven"
    return f"{value:g}, bound {bound:g} (gap {_gap(value, bound):.1%})"


def _gap(value: float, bound: float) -> float:
    return 0.0 if value <= bound else (value - bound) / value


# ------------------------------------------------------------------------------------------------------- reproducible


def _pairs(folder: Path) -> str:
    rows = rows_of(folder, "reproducible")
    if not rows:
        return ""
    most = max(len(_tiers(row)) for row in rows)
    soft = range(FIRST_SOFT, most)
    head = [
        "week",
        "mode",
        "seconds",
        "tiers 1-2 done after (reading included)",
        "peak MB",
        *(f"tier {n + 1}" for n in soft),
        "same bytes twice",
    ]
    body = [
        [
            row["week"],
            {"clock": "by the clock", "steps": "`--reproducible`"}[row["mode"]],
            _one(row["seconds"]),
            f"{float(row['first_two_seconds']):.2f} s",
            _whole(row["peak_mb"]),
            *(_tier_text(*_tiers(row)[n]) for n in soft),
            row["same_bytes_twice"],
        ]
        for row in rows
    ]
    lines = ["## What `--reproducible` costs", ""]
    lines += [
        "The same weeks and the same limit, once in seconds of the clock and once in the solver's counted steps.",
        "A step is the same work on every machine, so the time that it takes differs.",
        "",
        _pair_sentence(rows),
        "",
        _table(head, body),
    ]
    return "\n".join(lines)


def _pair_sentence(rows: Sequence[Row]) -> str:
    by_mode = {mode: [row for row in rows if row["mode"] == mode] for mode in ("clock", "steps")}
    ratio = _median(by_mode["steps"], "seconds") / _median(by_mode["clock"], "seconds")
    twice = [row["same_bytes_twice"] for row in by_mode["steps"]]
    proven = {
        mode: sum(all(one == "yes" for *_, one in _tiers(row)[:FIRST_SOFT]) for row in found)
        for mode, found in by_mode.items()
    }
    return (
        f"Median wall clock of the whole run: {ratio:.1f} times as long in counted steps. "
        f"Tiers 1 and 2 proven: {proven['clock']} of {len(by_mode['clock'])} by the clock, "
        f"{proven['steps']} of {len(by_mode['steps'])} in steps. "
        f"Second run byte for byte the same: {twice.count('yes')} of {len(twice)}."
    )


def _median(rows: Sequence[Row], name: str) -> float:
    return statistics.median(float(row[name]) for row in rows)


# ----------------------------------------------------------------------------------------- questions about a timetable


def _questions(folder: Path) -> str:
    rows = rows_of(folder, "questions")
    if not rows:
        return ""
    head = ["patients", "made-up week", "question", "seconds", "wanted at most", "answer"]
    body = [
        [row["patients"], row["seed"], row["question"], _one(row["seconds"]), row["target"] or "-", row["answer"]]
        for row in rows
    ]
    about = (
        "Measured by itself, by `python -m benchmarks.questions`, on weeks in which more is asked of the therapists",
        "than they can give. A need is settled *by what is needed* if each line of the answer was shown to be needed,",
        "*fact by fact* if each fact was (see [explain](advice/explain.md)).",
    )
    return _section("Questions about a timetable", about, _table(head, body))


# --------------------------------------------------------------------------------------------------- doors, refusals


def _doors(folder: Path) -> str:
    rows = rows_of(folder, "doors")
    if not rows:
        return ""
    head = ["command", "median seconds", "runs", "Python modules loaded", "solver loaded"]
    body = [[f"`{row['command']}`", row["seconds"], row["runs"], row["modules"], row["solver_loaded"]] for row in rows]
    return _section("Help and lists", (), _table(head, body))


def _refusals(folder: Path) -> str:
    rows = rows_of(folder, "refusals")
    if not rows:
        return ""
    head = ["file", "size in bytes", "exit", "seconds", "peak MB", "first problem"]
    body = [
        [row["file"], row["bytes"], row["exit_code"], row["seconds"], _whole(row["peak_mb"]), f"`{row['code']}`"]
        for row in rows
    ]
    about = ("`solve` on files that no week can be read from. Nothing is written.",)
    return _section("Files that are refused", about, _table(head, body))


def _section(title: str, about: Sequence[str], table: str) -> str:
    return "\n".join([f"## {title}", "", *about, *([""] if about else []), table])


def _one(text: str) -> str:
    return f"{float(text):.1f}"


def _whole(text: str) -> str:
    return f"{float(text):.0f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--results", type=click.Path(path_type=Path, exists=True), default=RESULTS, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=PAGE, show_default=True)
def main(results: Path, output: Path) -> None:
    """Write the page."""
    output.write_text(page(results), "utf-8")
    click.echo(f"wrote {output}")


if __name__ == "__main__":
    main()
