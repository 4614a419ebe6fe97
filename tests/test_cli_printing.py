"""What people read: whole in 80 columns and in a log, the worst first, nothing cut, nothing that steers a terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scheduler.domain.findings import GoalResult, Measure, RuleResult, Shortfall, Verification, Violation
from scheduler.domain.outcome import Figures, TierOutcome
from scheduler.domain.problems import Problem, Severity
from scheduler.domain.week import RequiredGroup
from scheduler.reports.console import (
    console,
    print_figures,
    print_not_enforced,
    print_problems,
    print_shortfalls,
    print_tiers,
    print_verification,
    print_written,
    say,
)

LONG_PLACE = "Client census of the north clinic!AB1234"


def problem(severity: Severity, code: str, **fields: Any) -> Problem:
    return Problem(severity=severity, **{"code": code, "message": f"what {code} means", **fields})


def lines(capsys: Any, *, width: int = 80) -> list[str]:
    told: Sequence[str] = capsys.readouterr().out.splitlines()
    assert all(len(line) <= width or " " not in line.strip() for line in told), told
    return list(told)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_problems_come_worst_first_with_place_value_and_way_out(capsys: Any) -> None:
    print_problems(
        console(),
        [
            problem(Severity.NOTICE, "extra-sheet", sheet="Read me"),
            problem(Severity.WARNING, "unknown-column", sheet="Patients", cell="G1", value="Shoe size"),
            problem(
                Severity.ERROR, "bad-availability", sheet="Patients", cell="C2", value="evennings", hint="evenings?"
            ),
        ],
    )
    assert lines(capsys) == [
        "error   Patients!C2  [bad-availability]",
        "    found: evennings",
        "    what bad-availability means",
        "    -> evenings?",
        "warning Patients!G1  [unknown-column]",
        "    found: Shoe size",
        "    what unknown-column means",
        "notice  Read me  [extra-sheet]",
        "    what extra-sheet means",
        "1 error, 1 warning, 1 notice",
    ]


def test_notices_are_only_counted_after_a_solve(capsys: Any) -> None:
    print_problems(console(), [problem(Severity.NOTICE, "extra-sheet")] * 3, with_notices=False)
    assert lines(capsys) == ["3 notices (validate shows the notices)"]
    print_problems(console(), [problem(Severity.WARNING, "odd")], with_notices=False)
    assert lines(capsys)[-1] == "1 warning"
    print_problems(console(), [])
    assert lines(capsys) == []


def test_long_texts_wrap_and_places_paths_and_ids_stay_whole(capsys: Any) -> None:
    path = "/home/clinic/" + "very-long-folder-name/" * 5 + "week.xlsx"
    print_problems(
        console(),
        [
            problem(
                Severity.ERROR,
                "a-code-that-is-rather-long-for-a-code-of-its-kind",
                sheet=LONG_PLACE.split("!")[0],
                cell="AB1234",
                value="x y " * 60,
                message=f"the file {path} says many things " + "and more words " * 12,
                hint="choose " * 20,
            )
        ],
    )
    told = capsys.readouterr().out
    assert LONG_PLACE in told
    assert path in told
    assert "a-code-that-is-rather-long-for-a-code-of-its-kind" in told
    assert told.count("and more words") + told.count("and more\n") + told.count("and\n") >= 12
    assert "…" not in told
    assert max(len(line) for line in told.splitlines() if path not in line and LONG_PLACE not in line) <= 80


def test_a_log_is_120_columns_whatever_the_terminal_was(capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("COLUMNS")
    say(console(), "word " * 100)
    told = capsys.readouterr().out.splitlines()
    assert 110 < max(map(len, told)) <= 120


def test_a_cell_cannot_steer_the_terminal_nor_be_taken_for_markup(capsys: Any) -> None:
    steering = "\x1b[2J\x1b]0;owned\x07 [bold]not bold[/bold] [/x] :smile:"
    print_problems(
        console(), [problem(Severity.ERROR, "odd", sheet="S[1]", cell="A1", value=steering, message=steering)]
    )
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "[bold]not bold[/bold] [/x] :smile:" in told
    assert "S[1]!A1" in told
    say(console(), "José\u00a0Niño 日\u202e cba\tend")
    assert capsys.readouterr().out == "José\u00a0Niño 日\ufffd cba end\n"


def test_what_was_written_stands_on_one_line(capsys: Any) -> None:
    path = Path("/home/clinic with blanks/" * 6) / "out [old].xlsx"
    print_written(console(), path)
    assert capsys.readouterr().out == f"wrote {path}\n"


def test_lists_inside_a_message_keep_their_lines(capsys: Any) -> None:
    message = "Pins collide under these rules:\n  apart: " + "kept apart " * 10 + "\n  rest: eleven hours"
    print_problems(console(), [problem(Severity.ERROR, "pins-collide", message=message)])
    told = lines(capsys)
    assert "    Pins collide under these rules:" in told
    assert any(line.startswith("      apart: kept apart") for line in told)
    assert "      rest: eleven hours" in told


def test_the_headline(capsys: Any) -> None:
    base = {
        "patients": 14,
        "patients_short": 0,
        "hours_short": 0.0,
        "groups_missed": 0,
        "sessions": 1,
        "assignments": 42,
    }
    print_figures(console(), Figures(**base))
    assert " ".join(lines(capsys)) == "14 patients, 1 session, 42 seats. Everybody meets their weekly minimum and plan."
    print_figures(console(), Figures(**{**base, "patients_short": 2, "hours_short": 7.5, "groups_missed": 1}))
    assert " ".join(lines(capsys)).endswith("2 below their weekly minimum, by 7.5 h in all; 1 planned group missed.")
    print_figures(console(), Figures(**{**base, "groups_missed": 3}))
    assert " ".join(lines(capsys)).endswith("42 seats. 3 planned groups missed.")


def test_tiers_in_words_with_units_and_whole_numbers(capsys: Any) -> None:
    tiers = [
        TierOutcome(tier=1, goals={"weekly-minimum": 9}, value=9, bound=9, gap=0, proven=True),
        TierOutcome(tier=2, goals={"a": 1, "b": 2}, value=12345678, bound=1234567, gap=0.9, proven=False),
    ]
    print_tiers(console(), tiers, {"weekly-minimum": "priority-weighted hours"})
    told = " ".join(" ".join(lines(capsys)).split())
    assert "weekly-minimum" in told
    assert "12345678" in told
    assert "1234567 " in told
    assert "Proven" in told
    assert "Not proven best" in told


def test_who_is_short_with_the_first_reason_and_what_would_mend_it(capsys: Any) -> None:
    missed = (RequiredGroup(group="DBT", times=2),)
    shortfalls = [
        Shortfall(
            patient=f"P{n}",
            hours_short=3,
            hours_given=6,
            groups_missed=missed,
            reasons=("Why.", "Also."),
            remedies=("Do.",),
        )
        for n in range(15)
    ]
    print_shortfalls(console(), shortfalls)
    told = lines(capsys)
    assert told[:2] == ["  P0: 3 h short, misses DBT x2. Why.", "      -> Do."]
    assert told[-1] == "  ... and 3 more: see the sheet Shortfalls"
    print_shortfalls(console(), shortfalls[:1])
    assert len(lines(capsys)) == 2


def test_what_is_asked_and_not_checked(capsys: Any) -> None:
    print_not_enforced(console(), "texas_sud", ["a physician " * 12])
    told = lines(capsys)
    assert told[0].startswith("notice: texas_sud also asks what this program does not check")
    assert any(line.startswith("  - a physician") for line in told)
    print_not_enforced(console(), "texas_sud", [])
    assert lines(capsys) == []


def test_a_verification_tells_breaches_rules_goals_and_the_verdict(capsys: Any) -> None:
    breach = Violation(words="P4 sits in s1 and is not free then", patients=("P4",), sessions=("s1",))
    found = Verification(
        rules=(RuleResult(rule="availability", words="", violations=(breach,)), RuleResult(rule="rest", words="")),
        goals=(
            GoalResult(
                goal="operations", words="", unit="points", measure=Measure(units=8, value=8, parts={"load": 8})
            ),
        ),
        figures=Figures(patients=4, patients_short=0, hours_short=0, groups_missed=0, sessions=1, assignments=4),
    )
    print_verification(console(), found, {breach: "Patients!C5"})
    told = "\n".join(lines(capsys))
    assert told.startswith("broken  availability\n    P4 sits in s1 and is not free then (Patients!C5)\n")
    assert "Rules kept (0 broken): rest" in told
    assert "Rules broken, times: availability 1" in told
    assert "load 8" in told
    assert told.endswith("Not a valid timetable: rules are broken once.")
    kept = found.model_copy(update={"rules": (RuleResult(rule="rest", words=""),)})
    print_verification(console(), kept, {})
    assert lines(capsys)[-1] == "Every rule is kept."
