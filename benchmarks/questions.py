"""How long the questions about a timetable take at 120 patients, each as a whole process, its start included.

``python -m benchmarks.questions`` from the root of the repository, on a quiet machine. The weeks are made-up ones in
which more is asked of the therapists than they can give, so that there is somebody to ask about.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import openpyxl

from benchmarks.process import DOOR, ROOT, Process, run
from scheduler.samples.generate import write_sample

RESULTS = ROOT / "benchmarks" / "results" / "questions.csv"
COLUMNS = ("patients", "seed", "tightness", "question", "seconds", "target", "answer")
TARGETS = {"explain": 30.0, "advise": 180.0, "admit": 2.0, "replan": 15.0}
NEWCOMER = "Patient=NEWCOMER | Availability=any | Min hours=9"


def ask(*words: str) -> Process:
    """A question, answered as a JSON document."""
    return (
        run(DOOR, *words, "--json", "--quiet")
        if words[0] not in ("explain", "compare")
        else run(DOOR, *words, "--json")
    )


def questions(week: str, folder: Path, solve_seconds: float) -> Iterator[tuple[str, Process, str]]:
    """Each question with its answer in short."""
    timetable, repaired = str(folder / "timetable.xlsx"), str(folder / "repaired.xlsx")
    solved = ask("solve", week, "-o", timetable, "--time-limit", str(solve_seconds))
    yield "solve", solved, _figures(solved.document)
    explained = ask("explain", week, timetable)
    yield "explain", explained, _verdicts(explained.document)
    first = explained.document["explanations"][0]["patient"]
    deeper = ask("explain", week, timetable, "--patient", first, "--time-limit", "120")
    yield f"explain {first} alone, 120 s", deeper, _verdicts(deeper.document)
    admitted = ask("admit", week, timetable, "--patient", NEWCOMER, "--moves", "0")
    yield "admit", admitted, admitted.document["status"]
    written = ask("admit", week, timetable, "--patient", NEWCOMER, "--moves", "0", "-o", str(folder / "admitted.xlsx"))
    yield "admit, with a workbook", written, written.document["status"]
    therapist, day = _first_session(timetable)
    moved = ask("replan", week, timetable, "--without", f"{therapist} {day}", "-o", repaired)
    yield "replan", moved, _moves(moved.document)
    compared = ask("compare", week, timetable, repaired)
    yield "compare", compared, compared.document["comparison"]["better"]
    advised = ask("advise", week, "--top", "10", "--timetable", timetable)
    yield "advise", advised, _advice(advised.document)


def _figures(document: dict[str, Any]) -> str:
    figures = document["figures"]
    return f"{figures['hours_short']:g} h short, {figures['groups_missed']} groups missed"


def _verdicts(document: dict[str, Any]) -> str:
    found = document["explanations"]
    settled = sum(one["verdict"] != "open" for one in found)
    smallest = [one for one in found if one["smallest"]]
    apart = sum(not any(fact["line"] for fact in one["facts"]) for one in smallest)
    costs = [one["cost"] for one in found if one["cost"]]
    short = f"{settled} of {len(found)} needs settled, {len(smallest)} by what is needed ({apart} fact by fact)"
    if any(one["verdict"] == "others-first" for one in found):
        short += f", {len(costs)} with a way to give it ({sum(one['proven'] for one in costs)} proven cheapest)"
    return short


def _moves(document: dict[str, Any]) -> str:
    moves = document["moves"]
    return f"{moves['moved']} moved, {'proven' if moves['proven'] else 'at least ' + str(moves['bound'])}"


def _advice(document: dict[str, Any]) -> str:
    singles = document["changes"]
    return f"{len(singles)} changes, {sum(one['proven'] for one in singles)} proven"


def _first_session(timetable: str) -> tuple[str, str]:
    """A therapist, and the day of a session that they lead."""
    sheet = openpyxl.load_workbook(timetable, read_only=True)["Sessions"]
    head, first = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=2)]
    row = dict(zip(head, first, strict=True))
    return str(row["Therapist"]).split(";")[0], str(row["Day"])


@click.command()
@click.option("--patients", type=int, default=120, show_default=True)
@click.option("--seeds", default="1,6,7,9", show_default=True, help="Joined by commas.")
@click.option("--tightness", type=float, default=1.2, show_default=True, help="What is asked, by what can be given.")
@click.option("--seconds", type=float, default=40.0, show_default=True, help="For the first timetable.")
@click.option("--into", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
def main(patients: int, seeds: str, tightness: float, seconds: float, into: Path) -> None:
    """Measure, and write a row a question."""
    with tempfile.TemporaryDirectory() as name, into.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for seed in (int(one) for one in seeds.split(",")):
            folder = Path(name) / str(seed)
            folder.mkdir()
            week = folder / "week.xlsx"
            write_sample(week, patients, seed, tightness=tightness)
            for question, done, answer in questions(str(week), folder, seconds):
                row = (patients, seed, tightness, question, done.seconds, TARGETS.get(question, ""), answer)
                writer.writerow(dict(zip(COLUMNS, row, strict=True)))
                file.flush()
                click.echo(f"seed {seed} {question}: {done.seconds:.1f} s, {answer}", err=True)
    click.echo(f"wrote {into}")


if __name__ == "__main__":
    main()
