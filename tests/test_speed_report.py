"""The speed benchmarks fit, judge and time rightly, and their page says what the CSV files say and nothing else."""

import contextlib
import importlib
import io
import re
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import click
import pytest
from cli_process import tiny_week, write_week
from click.testing import CliRunner

from scheduler.domain.timetable import Assignment, Session, Timetable

ROOT = Path(__file__).resolve().parent.parent


def part(name: str) -> ModuleType:
    """A module of benchmarks/, which is run from the root of the repository and is no part of the installed package."""
    with patch.object(sys, "path", [str(ROOT), *sys.path]):
        return importlib.import_module(f"benchmarks.{name}")


bounds, branched, cases, growth = map(part, ("bounds", "branched", "cases", "growth"))
hour, outside = map(part, ("hour", "outside"))
phases, process = map(part, ("phases", "process"))
reproducible, scaling, speed_plots, speed_report = map(part, ("reproducible", "scaling", "speed_plots", "speed_report"))
speed_tables, traced, traced_solve, warm = map(part, ("speed_tables", "traced", "traced_solve", "warm"))

# ---- growth ----


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 1.5, 3.0])
def test_the_exponent_of_a_power_law_comes_out_right(exponent: float) -> None:
    points = [growth.Point("one", size, 0.02 * size**exponent) for size in (30, 60, 120, 240, 480, 960)]
    found = growth.fit(points)
    assert found.exponent == pytest.approx(exponent)
    assert found.error == pytest.approx(0, abs=1e-6)
    assert found.at(100) == found.at_reference == pytest.approx(0.02 * 100**exponent)
    assert found.at(480) == pytest.approx(0.02 * 480**exponent)
    assert (found.points, found.smallest, found.largest) == (6, 30, 960)


def test_a_family_that_lacks_sizes_does_not_bend_the_exponent() -> None:
    slow = [growth.Point("slow", size, 9.0 * size) for size in (30, 60)]
    fast = [growth.Point("fast", size, 0.1 * size) for size in (240, 480, 960)]
    assert growth.fit([*slow, *fast]).exponent == pytest.approx(1.0)
    assert growth.fit([growth.Point("x", one.size, one.value) for one in (*slow, *fast)]).exponent < 0, "the trap"


def test_noise_shows_as_an_error() -> None:
    values = {30: 1.0, 60: 2.4, 120: 3.6, 240: 8.8}
    found = growth.fit(growth.Point("one", size, value) for size, value in values.items())
    assert 0.9 < found.exponent < 1.1
    assert 0 < found.error < 0.2


def test_one_size_or_nothing_above_zero_has_no_exponent() -> None:
    assert growth.fit([]) is None
    assert growth.fit([growth.Point("one", 30, 1.0), growth.Point("one", 30, 2.0)]) is None
    assert growth.fit([growth.Point("one", 30, 0.0), growth.Point("one", 60, 0.0)]) is None


# ---- what a run says ----


def run_of(**changes: Any) -> Any:
    """A made-up run: two tiers proven, the third at 50 with bound 40."""
    moment, word = traced.Moment, traced.Word
    usual = {
        "status": "feasible",
        "limit": 60.0,
        "seconds": 60.0,
        "wall": 62.0,
        "peak_mb": 500.0,
        "units": (180, 3, 50),
        "bounds": (180, 3, 40),
        "whole": 1650.0,
        "bound": 1640.0,
        "scales": (60, 1, 1),
        "proven": (True, True, False),
        "figures": {"patients": 10, "hours_short": 1.0, "groups_missed": 1},
        "broken": 0,
        "trail": (
            moment(2.0, (540, 9, 90), 4890.0, 3.0),
            moment(5.0, (180, 6, 80), 2280.0, 1.005),
            moment(9.0, (180, 3, 60), 1660.0, 1.0),
            moment(30.0, (180, 3, 50), 1650.0, 1.0),
        ),
        "words": (
            word(1.0, 1, None, 0.0),
            word(2.0, 1, 9.0, 1.0),
            word(6.0, 1, 3.0, 3.0),
            word(7.0, 2, 6.0, 1.0),
            word(11.0, 2, 3.0, 3.0),
            word(12.0, 3, 60.0, 30.0),
            word(31.0, 3, 50.0, 40.0),
        ),
    }
    return traced.Traced(**(usual | changes))


def test_times_are_read_off_the_trail() -> None:
    run = run_of()
    assert run.seconds_to_proof(2) == 11.0
    assert run.seconds_to_whole(1660.0) == 9.0
    assert run.seconds_to_whole(1649.0) is None
    assert run.seconds_to_units((180, 6)) == 5.0
    assert run.seconds_to_gap(3, 0.5) == 12.0
    assert run.seconds_to_gap(3, 0.2) == 31.0
    assert run.gap(3) == pytest.approx(0.2)


def test_a_proof_needs_its_timetable() -> None:
    early = (traced.Word(1.0, 1, 3.0, 3.0), traced.Word(1.5, 2, 3.0, 3.0))
    run = run_of(words=(*early, traced.Word(59.0, 3, 50.0, 40.0)))
    assert run.seconds_to_gap(1, 0.0) == 5.0
    assert run.seconds_to_proof(2) == 9.0, "the solver had the values at 1.5 s, a timetable at 9 s"


def test_a_tier_that_needs_no_words_is_done_when_the_next_begins_or_all_ends() -> None:
    run = run_of(words=(traced.Word(14.0, 3, 50.0, 40.0),))
    assert run.seconds_to_proof(2) == 14.0
    assert run_of(words=()).seconds_to_proof(2) == 60.0
    assert run_of(proven=(True, False, False)).seconds_to_proof(2) is None


def test_a_row_of_scaling_tells_the_first_timetable_from_a_good_one() -> None:
    row = scaling.row_of(cases.Case("tight", 60, 701), 60.0, run_of())
    assert (row["first_seconds"], row["first_hours_short"]) == (2.0, 3.0)
    assert (row["good_seconds"], row["final_hours_short"]) == (5.0, 1.0)
    assert (row["leading_proven"], row["leading_seconds"], row["near_seconds"]) == ("yes", 11.0, 30.0)
    assert row["gap"] == pytest.approx(10 / 1650, abs=1e-5)


def test_a_run_without_a_timetable_leaves_blanks() -> None:
    nothing = {"units": (), "bounds": (), "whole": None, "bound": None, "trail": (), "proven": (), "figures": {}}
    row = scaling.row_of(cases.Case("tight", 60, 701), 60.0, run_of(**nothing))
    blank = ("first_seconds", "good_seconds", "leading_seconds", "whole", "gap", "near_seconds")
    assert [row[name] for name in blank] == [None] * len(blank)
    assert row["leading_proven"] == "no"


def test_runs_that_never_came_to_it_are_left_out_of_the_fit_and_counted() -> None:
    rows = [
        {"family": "tight", "patients": size, **{m.column: float(size) for m in scaling.MEASURES}}
        for size in (30, 60, 120, 480, 960)
    ]
    rows[-1]["leading_seconds"] = None
    fitted = {(row["measure"], row["family"], row["sizes"]): row for row in scaling.exponents(rows)}
    whole, span = (fitted["leading_seconds", "all", sizes] for sizes in ("all sizes", "60-480"))
    assert (whole["exponent"], whole["points"], whole["left_out"]) == (1.0, 4, 1)
    assert (span["from_patients"], span["to_patients"], span["left_out"]) == (60, 480, 0)


@pytest.mark.parametrize(
    ("value", "bound", "words"),
    [
        (48, 39, "equals the best known, bound 39"),
        (50, 39, "2 above the best known, bound 39"),
        (47, 39, "a record (best known: 48), bound 39"),
        (48, 41, "equals the best known, bound 41, a record bound (known: 39)"),
        (40, 40, "a record (best known: 48), proven best, a record bound (known: 39)"),
        (38, 30, "CONTRADICTS the known bound 39, bound 30"),
    ],
)
def test_what_is_found_is_held_against_what_is_known(value: float, bound: float, words: str) -> None:
    assert outside.verdict(value, bound, outside.Known("wishes missed", 3, 105, 48, 39)) == words


def test_known_values_have_a_source_and_hold_together() -> None:
    facts = outside.known()
    assert len(facts) == 3
    for one in facts.values():
        assert one.source
        assert one.bound <= one.best <= (one.published or one.best)
    assert facts["umass2024", 1].best == facts["umass2024", 1].bound == 284


def test_wishes_are_counted_not_priorities() -> None:
    run = run_of(units=(0, 144, 0), bounds=(0, 118, 0))
    rows = list(outside.rows_of("seniorseminar", run, 60.0, outside.known()))
    assert [(row["what"], row["value"], row["bound"]) for row in rows] == [
        ("hours short", 0, 0),
        ("wishes missed", 48, 40),
    ]


def test_two_runs_are_compared_at_the_wider_gap() -> None:
    steps = run_of(bounds=(180, 3, 30), words=(traced.Word(40.0, 3, 50.0, 30.0),))
    third = list(reproducible.rows_of(cases.Case("tight", 60, 701), 60.0, run_of(), steps))[2]
    assert (third["gap_clock"], third["gap_steps"], third["gap"]) == (0.2, 0.4, 0.4)
    assert (third["seconds_clock"], third["seconds_steps"], third["ratio"]) == (30.0, 40.0, 1.333)


def test_phases_add_up_to_the_whole_process() -> None:
    document = {
        "seconds": {"read": 1.0, "solve": 10.0, "verify": 0.5, "explain": 0.2, "write": 0.8, "build": 1.0, "start": 2.0}
        | {"search": 8.0, "sections": 0.3, "evaluate": 0.4},
        "tiers": [{"tier": 1, "seconds": 3.0}, {"tier": 2, "seconds": 5.0}],
    }
    found = list(phases.phases_of(document, 14.0, 0.25))
    seconds = {phase: value for _, phase, value in found}
    assert sum(value for kind, _, value in found if kind != "within") == pytest.approx(14.0)
    assert (seconds["read"], seconds["validate"], seconds["process"]) == (0.75, 0.25, pytest.approx(1.5))
    assert [phase for kind, phase, _ in found if kind == "within"] == ["start", "sections"]


def test_an_edited_timetable_lacks_people_and_a_session() -> None:
    sessions = tuple(Session(id=f"S{n}", block="MON", group="PROC", therapists=("T1",), room="R1") for n in range(3))
    seats = tuple(Assignment(patient=f"P{n}", session=f"S{n % 3}") for n in range(9))
    changed = warm.edited(Timetable(sessions=sessions, assignments=seats))
    assert [one.id for one in changed.sessions] == ["S1", "S2"]
    assert {seat.session for seat in changed.assignments} == {"S1", "S2"}


# ---- the page ----

COMPARE = """case,family,patients,seed,peer,tier1,tier2,tier3,tier4,tier5,whole,bound1,bound2,bound3,bound4,bound5,gap,first_seconds,seconds_to_our_5s,peak_mb,seconds,broken,note
tight-60-701,tight,60,701,ours,0,0,31,17,211,259,0,0,30,17,205,0.0271,0.81,4.9,311,60,,
tight-60-701,tight,60,701,greedy,99,7,33,18,213,1864,0,0,30,17,205,0.8613,0.11,,77,60,,
tight-60-701,tight,60,701,ours-without-agreement,0,0,32,17,212,261,0,0,30,17,205,0.0345,0.91,5.9,312,60,,
tight-120-701,tight,120,701,ours,3,2,61,37,411,925,3,2,60,37,401,0.0123,1.73,4.7,512,60,,
tight-120-701,tight,120,701,greedy,3,2,61,37,409,923,3,2,60,37,401,0.0101,0.22,0.3,78,60,,
"""  # noqa: E501
SCALING = """case,family,patients,seed,limit,status,seconds,peak_mb,first_seconds,first_hours_short,final_hours_short,good_seconds,leading_proven,leading_seconds,whole,bound,gap,near_seconds
tight-60-701,tight,60,701,60,feasible,60,313,0.8,6,0,2.1,yes,3.3,259,252,0.0271,
tight-120-701,tight,120,701,60,feasible,60,517,1.6,12,3,4.2,no,,925,914,0.0119,44
"""  # noqa: E501
EXPONENTS = """measure,words,family,sizes,exponent,error,at_100,points,left_out,from_patients,to_patients
peak_mb,"peak memory, MB",all,all sizes,0.724,0.031,453.31,2,0,60.0,120.0
leading_seconds,seconds until tiers 1 and 2 are proven,all,60-480,1.377,,7.77,2,1,60.0,120.0
"""
PHASES = """case,family,patients,seed,limit,whole,kind,phase,seconds
roomy-60-701,roomy,60,701,30,12.0,around,read,0.21
roomy-60-701,roomy,60,701,30,12.0,around,write,0.32
roomy-60-701,roomy,60,701,30,12.0,search,tier 1,5.55
roomy-120-701,roomy,120,701,30,31.0,around,read,0.42
roomy-120-701,roomy,120,701,30,31.0,around,write,0.64
roomy-120-701,roomy,120,701,30,31.0,search,tier 1,6.66
"""
BOUNDS = """case,family,patients,seed,limit,bound,seconds,patientwise,patientwise_seconds,variables,rows
tight-240-701,tight,240,701,3600,915,12.34,920,1.55,9000,12000
roomy-480-701,roomy,480,701,3600,700,5.5,,,9000,12000
"""
BRANCHED = """case,family,patients,seed,limit,bound,nodes,seconds
tight-240-701,tight,240,701,3600,925.5,3,3600.1
"""
HOUR = """case,family,patients,seed,limit,tier,value,bound,hour_value,hour_bound,gap,gap_to_hour_bound,gap_to_hour_value,twelfth_value,quarter_value
tight-240-701,tight,240,701,3600,1,0,0,0,0,0,0,0,,
tight-240-701,tight,240,701,3600,5,800,600,790,720,0.25,0.1,0.0125,,
tight-240-701,tight,240,701,3600,whole,1000,700,950,820,0.3,0.18,0.05,,960
"""  # noqa: E501
OUTSIDE = """week,people,tier,what,value,bound,published,best_known,bound_known,verdict,value_seconds,seconds,limit,broken,source
seminar,74,2,wishes missed,47,41,105,48,39,a record (best known: 48),33.3,60,60,0,somebody
"""  # noqa: E501
REPRODUCIBLE = """case,family,patients,seed,limit,tier,value_clock,value_steps,gap_clock,gap_steps,gap,seconds_clock,seconds_steps,ratio,whole_clock,whole_steps,all_seconds_clock,all_seconds_steps
tight-60-701,tight,60,701,60,1,0,0,0,0,0,2.22,3.11,1.4,259,259,60,80
"""  # noqa: E501
WARM = """case,family,patients,seed,limit,start,whole_cold,whole_warm,first_cold,first_warm,seconds_cold,seconds_warm,times_faster,all_seconds_cold,all_seconds_warm
tight-60-701,tight,60,701,60,edited,259,258,0.83,0.13,42.5,8.5,5.0,60,60
"""  # noqa: E501
MACHINE = """part,mode,limit,engine,processor,cores,memory_gb,system,python,ortools,load
compare,full,60.0,abc1234,A Processor,2,23.5,Linux,3.11.7,9.15,0.11
"""
FILES = {
    "machine": MACHINE,
    "compare": COMPARE,
    "bounds": BOUNDS,
    "branched": BRANCHED,
    "scaling": SCALING,
    "exponents": EXPONENTS,
    "phases": PHASES,
    "hour": HOUR,
    "outside": OUTSIDE,
    "reproducible": REPRODUCIBLE,
    "warm": WARM,
}
SAYS = {
    "bounds": [
        "on 2 weeks, in at most 12 s each.",
        "| tight-240-701 | 9000 | 12000 | 12.3 | 915 | 920 | 1.6 | - | - | - |",
        "| roomy-480-701 | 9000 | 12000 | 5.5 | 700 | - | - | - | - | - |",
    ],
    "branched": [
        "| tight-240-701 | 920 | 925.5 | 3600 | 3600 | 3 | - | - | - |",
    ],
    "compare": [
        "| greedy | 2 | 2 | 1 | 0 | 1 | 1 of 2 | 0 | 43.57 % | 1 of 2 | 0.3 |",
        "| ours | 2.71 % | 1.23 % |",
        "| tight | 60 | 1 | 0 | 0 | 31 | 17 | 211 | 1 of 1 | 2.71 % | 0.8 | 311 |",
        "| tight-120-701 | greedy | 3 · 2 · 61 · 37 · 411 | 3 · 2 · 61 · 37 · 409 | **ours behind** |",
        "| `agreement` | 1 | 1 | 0 | 0 | 3.45 % | 2.71 % |",
        "Tiers 1 and 2 proven on 2 of 2 weeks of up to 240 patients.",
        "The whole is within 1 % of the best bound known on 0 of 2 weeks of up to 240 patients.",
        "at least as good as every peer on 1 of 2 weeks; strictly ahead of every peer on 0 of 1 weeks",
        "also as theirs who serve fewer people or fewer hours: on 1 of 2 weeks.",
    ],
    "scaling": [
        "| 120 | 1 | 0 of 1 | - (0 of 1) | 44.0 | 1.6 | 4.2 | 517.0 | 12.0 | 3.0 | 1.19 % |",
        "| peak memory, MB | all families | all sizes | 0.72 ± 0.03 | 453.31 | 2 | 0 |",
        "| 60-480 | 1.38 | 7.77 | 2 | 1 |",
        "at most 1 % more hours short than the final one: within 5 s on 2 of 2 weeks of up to 120 patients.",
        "60-480 patients: exponent 1.38 (1 runs never came to it and are left out).",
        "proven on 1 of 2 weeks as patients double; at 120 patients at most 517 MB",
    ],
    "phases": [
        "| read | 0.21 | 0.42 | exponent 1.00, linear or slower |",
        "| all of these together | 0.53 | 1.06 | exponent 1.00, linear or slower |",
        "| tier 1 | 5.55 | 6.66 | exponent 0.26, linear or slower |",
        "At 120 patients everything around the search takes 1.1 s together",
    ],
    "hour": [
        "| tight-240-701 | 5 | 800 | 600 | 790 | 720 | 25.00 % | 10.00 % | 1.25 % |",
        "| tight-240-701 | 925.5 | 1000 | - | 960 | 950 | 7.45 % | - | 3.59 % | 2.58 % |",
        "within 2.58 % of the best bound known, after the usual time of that run within 7.45 % (medians of weeks",
    ],
    "outside": [
        "| seminar | 74 | wishes missed | 47 | 41 | 105 | 48 | 39 | a record (best known: 48) | 33.3 | somebody |",
        "- seminar, wishes missed: 47, a record (best known: 48).",
    ],
    "reproducible": [
        "| 1 | 60 | 1 | 0.00 % | 2.22 | 3.11 | 1.40 | 1.40 |",
        "takes 1.4 times as long to the same gap (median); at most 2 times in 1 of 1",
    ],
    "warm": [
        "| an edited timetable | 60 | 1 | 42.50 | 8.50 | 5.0 | 1 of 1 | 0.83 | 0.13 | 259.0 | 258.0 |",
        "Started from an edited timetable: 5.0 times as fast",
    ],
}


def results(folder: Path, *without: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        if name not in without:
            (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("name", list(SAYS))
def test_the_page_names_what_was_measured(name: str, tmp_path: Path) -> None:
    page = speed_report.page(results(tmp_path))
    assert [line for line in SAYS[name] if line not in page] == []


@pytest.mark.parametrize("name", list(SAYS))
def test_what_was_not_measured_has_no_section(name: str, tmp_path: Path) -> None:
    page = speed_report.page(results(tmp_path, name))
    (section,) = (one for one in speed_report.SECTIONS if one.needs == name)
    assert f"## {section.title}" not in page
    assert [line for line in SAYS[name] if line in page] == []
    assert [picture.name for picture in section.pictures if picture.name in page] == []
    assert page.count("\n## ") == len(speed_report.SECTIONS) - 1


def test_a_page_of_nothing_shows_no_figure(tmp_path: Path) -> None:
    page = speed_report.page(tmp_path)
    assert re.findall(r"\d", page) == []
    assert "## " not in page


def test_the_page_changes_with_the_figures(tmp_path: Path) -> None:
    before = speed_report.page(results(tmp_path))
    path = tmp_path / "outside.csv"
    path.write_text(OUTSIDE.replace("33.3", "44.4"), "utf-8")
    after = speed_report.page(tmp_path)
    assert after == before.replace("33.3", "44.4") != before


def test_reported_seeds_are_named_and_tuning_seeds_give_themselves_away(tmp_path: Path) -> None:
    assert "Reported are the seeds 701. Tuning used others" in speed_report.page(results(tmp_path))
    tuned = WARM.replace(",701,", f",{cases.TUNING_SEEDS[0]},")
    (tmp_path / "warm.csv").write_text(tuned, "utf-8")
    page = speed_report.page(tmp_path)
    assert f"**Seeds {cases.TUNING_SEEDS[0]} were used for tuning" in page
    assert "Reported are" not in page


def test_a_peer_that_is_not_installed_is_named_and_nobody_is_ahead_of_it(tmp_path: Path) -> None:
    absent = "tight-60-701,tight,60,701,scip" + "," * 16 + "60,,unavailable: scip: the package is not installed\n"
    before = speed_report.page(results(tmp_path))
    (tmp_path / "compare.csv").write_text(COMPARE + absent, "utf-8")
    after = speed_report.page(tmp_path)
    assert "Left out, since not installed: scip (unavailable: scip: the package is not installed)." in after
    assert [line for line in after.splitlines() if line not in before.splitlines() and "scip" not in line] == []


def test_a_quick_run_says_so(tmp_path: Path) -> None:
    assert "quick run" not in speed_report.page(results(tmp_path))
    (tmp_path / "machine.csv").write_text(MACHINE.replace("full", "quick"), "utf-8")
    assert "**compare: a quick run" in speed_report.page(tmp_path)


def test_without_exponents_the_rest_of_the_scaling_stands(tmp_path: Path) -> None:
    page = speed_report.page(results(tmp_path, "exponents"))
    assert "Growth is fitted" not in page
    assert SAYS["scaling"][0] in page


def test_each_picture_on_the_page_is_drawn_and_none_else(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder = results(tmp_path / "results")
    words = ["--results", str(folder), "-o", str(tmp_path / "page.md"), "--pictures", str(tmp_path / "pictures")]
    done = CliRunner().invoke(speed_report.main, words)
    assert done.exit_code == 0, done.output
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (tmp_path / "page.md").read_text("utf-8"))
    assert sorted(shown) == sorted(str(path) for path in (tmp_path / "pictures").iterdir())
    assert len(shown) == 6
    for path in map(Path, shown):
        assert path.read_bytes().startswith(b"\x89PNG")
        assert 5_000 < path.stat().st_size < 150_000


def test_the_page_in_the_documentation_follows_from_the_results() -> None:
    if speed_report.PAGE.exists():
        text = speed_report.PAGE.read_text("utf-8")
        assert speed_report.page(traced.INTO) == text, "run: python -m benchmarks.speed_report"


# ---- quick runs ----


def here(*words: str) -> Any:
    """Run Python with these words in this process: the same code, without the wait for imports."""
    out = io.StringIO()
    code: Any = 0
    with contextlib.redirect_stdout(out), patch.object(sys, "path", [str(ROOT), *sys.path]):
        try:
            _python(words)
        except SystemExit as done:
            code = done.code or 0
    if code in (1, 2):
        raise click.ClickException(f"{words} {out.getvalue()}")
    return process.Process(code, 1.0, out.getvalue())


def _python(words: Sequence[str]) -> None:
    first, rest = words[0], words[1:]
    if first == "-c":
        exec(rest[0], {})
    elif first == "-m":
        importlib.import_module(rest[0]).main(args=list(rest[1:]), standalone_mode=True)
    else:
        with patch.object(sys, "argv", list(words)):
            runpy.run_path(first, run_name="__main__")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "run", here)


def quick(command: Any, folder: Path, *words: str) -> Mapping[str, list[dict[str, str]]]:
    """The rows that a quick run writes, by file."""
    done = CliRunner().invoke(command, [*words, "--quick", "--into", str(folder)])
    assert done.exit_code == 0, done.output
    return {path.stem: traced.read_rows(path) for path in sorted(folder.iterdir())}


@pytest.mark.usefixtures("at_once")
def test_scaling_measures_and_fits(tmp_path: Path) -> None:
    found = quick(scaling.main, tmp_path)
    assert sorted(found) == ["exponents", "machine", "scaling"]
    _, row = found["scaling"]
    assert (row["patients"], row["seed"], row["limit"]) == ("12", str(cases.REPORTED_SEEDS[0]), "2.0")
    assert 0 < float(row["first_seconds"]) <= float(row["good_seconds"]) <= float(row["seconds"])
    assert float(row["peak_mb"]) > 50
    assert "peak_mb" in {row["measure"] for row in found["exponents"]}
    assert "**scaling: a quick run" in speed_report.page(tmp_path)


@pytest.mark.usefixtures("at_once")
def test_a_linear_program_bounds_the_whole_of_any_timetable(tmp_path: Path) -> None:
    (row,) = quick(bounds.main, tmp_path)["bounds"]
    (solved,) = quick(scaling.main, tmp_path, "--families", row["family"])["scaling"][-1:]
    assert solved["case"] == row["case"]
    assert 0 < float(row["bound"]) <= float(solved["whole"])


@pytest.mark.usefixtures("at_once")
def test_branch_and_cut_bounds_the_whole_too_and_keeps_what_is_known_of_other_weeks(tmp_path: Path) -> None:
    (tmp_path / "branched.csv").write_text(BRANCHED, "utf-8")
    other, row = quick(branched.main, tmp_path)["branched"]
    (linear,) = quick(bounds.main, tmp_path / "bounds", "--families", row["family"])["bounds"]
    assert other["case"] == "tight-240-701"
    assert row["case"] == linear["case"]
    assert 0 < float(linear["bound"]) <= float(linear["patientwise"]) <= float(row["bound"]) + 1


def test_the_page_holds_our_timetable_against_what_branch_and_cut_proves(tmp_path: Path) -> None:
    folder = results(tmp_path / "results")
    with (folder / "branched.csv").open("a", encoding="utf-8") as file:
        file.write("tight-120-701,tight,120,701,3600,920.0,17,3600.2\n")
    page = speed_report.page(folder)
    assert "| tight-120-701 | - | 920 | 3600 | 3600 | 17 | 920 | 925 | 0.54 % |" in page
    assert "a gap of 0.54 % in the whole (median); at most 1 % on 1 of 1 weeks." in page


def test_rows_measured_earlier_need_not_have_all_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    traced.write_rows(path, [{"case": "a", "bound": 1}, {"case": "b", "bound": 2, "more": 3}])
    assert traced.read_rows(path) == [{"case": "a", "bound": "1", "more": ""}, {"case": "b", "bound": "2", "more": "3"}]


def test_a_better_bound_from_elsewhere_tightens_the_gaps_of_everybody() -> None:
    rows = [{"case": "a", "whole": "100", "bound": "80", "gap": "0.2"}, {"case": "a", "whole": "", "gap": ""}]
    assert [row["gap"] for row in speed_tables.tightened(rows, {"a": 95.0})] == ["0.05", ""]
    assert speed_tables.tightened(rows, {"a": 70.0, "b": 99.0}) == rows


def test_the_best_bound_known_is_that_of_any_source() -> None:
    """Of an hour's rows only that of the whole is one: those of the tiers are bounds of something else."""
    linear = [{"case": "a", "bound": "70", "patientwise": "90"}, {"case": "b", "bound": "50", "patientwise": ""}]
    long = [{"case": "b", "tier": "4", "bound": "80", "hour_bound": "80"}]
    long += [{"case": "b", "tier": hour.WHOLE, "bound": "0", "hour_bound": "60"}]
    tables = {"bounds": linear, "branched": [{"case": "a", "bound": "85"}], "hour": long}
    assert speed_tables.bounds_known(tables) == {"a": 90.0, "b": 60.0}


def test_where_the_whole_is_not_in_the_order_of_the_tiers_it_is_said() -> None:
    def row(peer: str, case: str, *tiers: int, whole: int | None) -> dict[str, str]:
        values = {f"tier{place}": str(value) for place, value in enumerate(tiers, 1)}
        return {"peer": peer, "case": case, **values, "whole": "" if whole is None else str(whole)}

    mine = [row("ours", case, 0, 0, 0, 75, 561, whole=2061) for case in ("one-week", "other-week")]
    behind = row("highs", "one-week", 0, 0, 0, 76, 515, whole=2035)
    usual = [row("scip", "one-week", 0, 0, 0, 77, 561, whole=2101), {"peer": "greedy", "case": "other-week"}]
    text = " ".join(speed_report.smaller_whole([*mine, behind, *usual]))
    assert "So it is with highs on one-week (2035 against 2061)." in text
    assert not speed_report.smaller_whole([*mine, *usual])


@pytest.mark.usefixtures("at_once")
def test_an_hour_is_held_against_the_usual_time(tmp_path: Path) -> None:
    rows = quick(hour.main, tmp_path)["hour"]
    assert rows[-1]["tier"] == hour.WHOLE
    assert all(float(row["hour_value"]) >= float(row["hour_bound"]) >= 0 for row in rows)


def test_an_hours_bound_counts_only_where_the_better_tiers_are_equal() -> None:
    usual, long = run_of(), run_of(units=(180, 2, 45), bounds=(180, 2, 44), whole=1445.0, bound=1444.0)
    rows = list(hour.rows_of({}, usual, long))
    assert [row["hour_bound"] for row in rows] == [3.0, 2.0, 0.0, 1444.0]
    assert [row["gap_to_hour_bound"] for row in rows][2] == pytest.approx(0.2), "its own bound stands"


def test_an_hours_timetable_is_looked_at_on_the_way() -> None:
    *tiers, whole = hour.rows_of({}, run_of(), run_of())
    assert (whole["twelfth_value"], whole["quarter_value"]) == (2280.0, 1660.0), "after 5 and 15 s of 60"
    assert not any("twelfth_value" in row for row in tiers)
    late = run_of(trail=(traced.Moment(10.0, (180, 3, 50), 1650.0, 1.0),))
    assert list(hour.rows_of({}, run_of(), late))[-1]["twelfth_value"] is None, "it had none by then"


def test_rows_of_other_weeks_are_kept_where_asked_and_all_of_a_week_come_anew(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    for keep, cases_now in ((False, "aab"), (True, "bcc")):
        traced.collect(path, [{"case": case, "value": keep} for case in cases_now], keep=keep)
    assert [(row["case"], row["value"]) for row in traced.read_rows(path)] == [
        *[("a", "False")] * 2,
        ("b", "True"),
        *[("c", "True")] * 2,
    ]
    traced.collect(path, [{"case": "d"}])
    assert [row["case"] for row in traced.read_rows(path)] == ["d"]


@pytest.mark.usefixtures("at_once")
def test_phases_are_those_of_a_whole_run(tmp_path: Path) -> None:
    found = quick(phases.main, tmp_path)["phases"]
    assert {row["patients"] for row in found} == {"12"}
    told = {row["phase"] for row in found if row["kind"] == "around"}
    assert told == set(phases.AROUND)
    # Validating is measured by itself and taken off reading: on a busy machine nothing may be left of that.
    assert all(float(row["seconds"]) > 0 for row in found if row["phase"] in ("build", "write", "validate"))


@pytest.mark.usefixtures("at_once")
def test_outside_weeks_are_solved_with_the_profile_beside_them(tmp_path: Path) -> None:
    folder = tmp_path / "weeks"
    folder.mkdir()
    write_week(folder / "one.xlsx", tiny_week())
    write_week(folder / "no profile.xlsx", tiny_week())
    (folder / "one.yaml").write_text("name: one\nextends: adult_iop\nblock_hours: 3\n", "utf-8")
    rows = quick(outside.main, tmp_path / "into", str(folder))["outside"]
    assert {(row["week"], row["people"], row["verdict"]) for row in rows} == {
        ("one", "4", "nothing known, proven best")
    }
    assert str(folder) not in (tmp_path / "into" / "outside.csv").read_text("utf-8")


@pytest.mark.usefixtures("at_once")
def test_a_folder_without_weeks_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(outside.main, [str(tmp_path), "--quick", "--into", str(tmp_path / "into")])
    assert done.exit_code == 1
    assert "no workbook with a profile" in done.output


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_reproducible_pairs_have_a_ratio_for_each_tier(tmp_path: Path) -> None:
    rows = quick(reproducible.main, tmp_path)["reproducible"]
    assert [row["tier"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert all(float(row["ratio"]) > 0 for row in rows)
    assert [row["gap"] for row in rows[:2]] == ["0.0", "0.0"]


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_warm_starts_come_to_the_cold_value(tmp_path: Path) -> None:
    rows = quick(warm.main, tmp_path)["warm"]
    assert [row["start"] for row in rows] == ["edited", "last week"]
    assert all(float(row["seconds_cold"]) > 0 for row in rows)
    assert all(float(row["whole_warm"]) <= float(row["whole_cold"]) * 1.1 for row in rows)


def test_a_solve_in_its_own_process_says_what_it_cost(tmp_path: Path) -> None:
    run = traced.traced(write_week(tmp_path / "tiny.xlsx"), 2.0)
    assert run.status == "optimal"
    assert run.seconds_to_proof(5) is not None
    assert run.seconds_to_proof(5) >= run.trail[-1].seconds
    assert 0 < run.trail[0].seconds <= run.seconds < run.wall
    assert run.peak_mb > 50


@pytest.mark.parametrize("code", ["raise ValueError('bad week')", "import sys; print('bad week'); sys.exit(2)"])
def test_a_process_that_fails_or_refuses_is_an_error_that_says_why(code: str) -> None:
    with pytest.raises(click.ClickException, match="bad week"):
        process.run("-c", code)
