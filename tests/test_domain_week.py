"""Weeks and timetables: what they refuse, what they answer, and that nothing in them can be changed."""

from typing import Any

import pytest
from builders import ALWAYS, GRID, block, group, patient, program, random_week, room, therapist, times, tiny
from pydantic import ValidationError

from scheduler.domain.clock import Day
from scheduler.domain.findings import GoalResult, Measure, RuleResult, Verification, Violation
from scheduler.domain.outcome import Figures
from scheduler.domain.problems import InputRefused, Problem, Severity
from scheduler.domain.profile import GoalSettings, Profile, SolverSettings
from scheduler.domain.program import LevelRules, Program
from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import Apart, Block, Pin, PreviousSeat, RequiredGroup, Together, Week

# -------------------------------------------------------------------------------------------------------------- blocks


def test_a_block_knows_its_day_and_clock() -> None:
    evening = block("Tue", 18, 21)
    assert (evening.day, evening.minutes, evening.time_of_day) == (Day.TUE, 180, 1080)
    assert (evening.clock, evening.text) == ("18:00-21:00", "Tue 18:00-21:00")


def test_a_block_may_end_at_midnight_but_not_after() -> None:
    assert block("Sun", 21, 24).text == "Sun 21:00-24:00"
    for start, end in ((21, 25), (12, 12), (12, 9)):
        with pytest.raises(ValidationError):
            block("Mon", start, end)


def test_a_block_stays_within_the_week() -> None:
    with pytest.raises(ValidationError):
        Block(id="B", start=10080, end=10081)
    with pytest.raises(ValidationError):
        Block(id="B", start=-60, end=60)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [((9, 12), (11, 13), True), ((9, 12), (12, 15), False), ((9, 12), (10, 11), True), ((13, 16), (9, 12), False)],
)
def test_blocks_overlap_when_they_share_a_minute(one: tuple[int, int], other: tuple[int, int], overlap: bool) -> None:
    assert block("Mon", *one).overlaps(block("Mon", *other)) is overlap
    assert block("Mon", *other).overlaps(block("Mon", *one)) is overlap
    assert not block("Mon", *one).overlaps(block("Tue", *other))


# --------------------------------------------------------------------------------------------------------------- weeks


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pins": (Pin(patient="P9"),)}, "unknown patient: P9"),
        ({"pins": (Pin(block="B9"),)}, "unknown block: B9"),
        ({"pins": (Pin(group="G9"),)}, "unknown group: G9"),
        ({"pins": (Pin(therapist="T9"),)}, "unknown therapist: T9"),
        ({"pins": (Pin(room="R9"),)}, "unknown room: R9"),
        ({"apart": (Apart(patient="P1", other_patient="P9"),)}, "unknown patient: P9"),
        ({"apart": (Apart(patient="P1", therapist="T9"),)}, "unknown therapist: T9"),
        ({"together": (Together(patient="P9", other="P1"),)}, "unknown patient: P9"),
        ({"previous": (PreviousSeat(patient="P1", block="B9"),)}, "unknown block: B9"),
        ({"previous": (PreviousSeat(patient="P1", group="G9"),)}, "unknown group: G9"),
        ({"patients": (patient("P1", required=(RequiredGroup(group="G9"),)),)}, "unknown group: G9"),
        ({"patients": (patient("P1", preferred=("G9",)),)}, "unknown group: G9"),
        ({"patients": (patient("P1", avoided=("G9", "G8")),)}, "unknown group: G8, G9"),
        ({"patients": (patient("P1", primary_therapist="T9"),)}, "unknown therapist: T9"),
        ({"therapists": (therapist("T1", "G9"),)}, "unknown group: G9"),
        ({"patients": (patient("P1"), patient("P1"))}, "patient P1 stands twice"),
        ({"blocks": (block("Mon", 9, 12), block("Mon", 9, 12))}, "block Mon9 stands twice"),
        ({"rooms": (room("R"), room("R"))}, "room R stands twice"),
    ],
)
def test_a_week_refuses_what_does_not_exist_or_stands_twice(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        tiny(**fields)


def test_a_week_is_found_by_id_whatever_the_id_looks_like() -> None:
    odd = "=P 1; é"
    week = tiny(patients=(patient(odd), patient("P2")))
    assert week.patient_of[odd].id == odd
    assert list(week.patient_of) == [odd, "P2"]


def test_nothing_in_a_week_can_be_changed_or_misspelled() -> None:
    week = tiny()
    with pytest.raises(ValidationError):
        week.patients = ()
    with pytest.raises(ValidationError):
        week.patients[0].name = "x"
    with pytest.raises(ValidationError):
        patient("P1", prioritty=3)
    with pytest.raises(ValidationError):
        patient("", priority=3)
    with pytest.raises(ValidationError):
        patient("P1", priority=6)


def test_a_patient_answers_to_tags_level_and_age_band() -> None:
    someone = patient("P1", tags=frozenset({"women"}), level="adult_step1")
    assert someone.qualities == {"women", "adult_step1", "adult"}


@pytest.mark.parametrize(
    ("open_to", "mixes"),
    [
        ([{"adult"}], False),
        ([{"adolescent"}], False),
        ([{"adult"}, {"adolescent"}], True),
        ([{"aftercare"}, {"adolescent"}], True),
        ([{"adult", "women"}, {"men"}], False),
    ],
)
def test_ages_mix_only_where_the_group_names_both(open_to: list[set[str]], mixes: bool) -> None:
    week = tiny(program=program(levels={"adult": LevelRules(), "aftercare": LevelRules()}))
    kind = group(open_to=tuple(frozenset(choice) for choice in open_to))
    assert week.may_mix_ages(kind) is mixes


@pytest.mark.parametrize(
    ("max_size", "cap", "tightest"), [(10, None, 10), (10, 8, 8), (10, 12, 10), (None, 12, 12), (None, None, None)]
)
def test_the_tightest_size_wins(max_size: int | None, cap: int | None, tightest: int | None) -> None:
    caps = {} if cap is None else {"therapy": cap}
    week = tiny(program=program(group_caps=caps))
    assert week.size_cap(group(max_size=max_size)) == tightest
    assert week.size_cap(group(max_size=max_size, kind="education")) == max_size


def test_the_age_band_of_a_level() -> None:
    levels = {
        "adult": LevelRules(),
        "adolescent_step1": LevelRules(),
        "young": LevelRules(age_band="adolescent"),
        "aftercare": LevelRules(),
    }
    rules = Program(levels=levels)
    bands = {name: rules.band_of_level(name) for name in (*levels, "unheard of", "adolescents")}
    assert bands == {
        "adult": "adult",
        "adolescent_step1": "adolescent",
        "young": "adolescent",
        "aftercare": "adult",
        "unheard of": "adult",
        "adolescents": "adolescent",
    }
    assert rules.band_named_by("young") == "adolescent"
    assert rules.band_named_by("women") is None


def test_a_week_survives_json() -> None:
    week = random_week(patients=30, seed=1)
    assert Week.model_validate_json(week.model_dump_json()) == week


def test_the_default_grid_of_tests_is_the_one_of_the_contract() -> None:
    assert len(GRID) == 19
    assert sum(one.time_of_day == 18 * 60 for one in GRID) == 5


# ---------------------------------------------------------------------------------------------------------- timetables


def a_board() -> Board:
    week = tiny(
        blocks=(block("Mon", 9, 12), block("Wed", 18, 20), block("Tue", 9, 12)),
        groups=(group("G"), group("H", modality="telehealth")),
        therapists=(therapist("T1", "G", "H"), therapist("T2", "G")),
    )
    sessions = (
        Session(id="S2", block="Wed18", group="H", therapists=("T1",)),
        Session(id="S1", block="Mon9", group="G", therapists=("T1", "T2"), room="R"),
        Session(id="S3", block="Tue9", group="G", therapists=("T2",), room="R"),
    )
    seats = (("P1", "S2"), ("P1", "S1"), ("P2", "S1"), ("P1", "S3"))
    return Board(
        week, Timetable(sessions=sessions, assignments=tuple(Assignment(patient=p, session=s) for p, s in seats))
    )


def ids(sessions: tuple[Session, ...]) -> list[str]:
    return [session.id for session in sessions]


def test_a_board_answers_in_order_of_time() -> None:
    board = a_board()
    assert ids(board.of_patient("P1")) == ["S1", "S3", "S2"]
    assert ids(board.of_therapist("T1")) == ["S1", "S2"]
    assert ids(board.of_room("R")) == ["S1", "S3"]
    assert ids(board.of_group("G")) == ["S1", "S3"]
    assert board.minutes_of("P1") == 180 + 180 + 120
    assert [board.size(board.session_of[one]) for one in ("S1", "S2", "S3")] == [2, 1, 1]
    assert board.block(board.session_of["S2"]).day is Day.WED
    assert board.group(board.session_of["S2"]).needs_room is False


def test_a_board_knows_those_who_have_nothing() -> None:
    board = Board(tiny(), Timetable())
    assert board.of_patient("P1") == board.of_therapist("T1") == board.of_room("R") == board.of_group("G") == ()
    assert board.minutes_of("P1") == 0


@pytest.mark.parametrize(
    ("session", "seat"),
    [
        ({"block": "B9"}, None),
        ({"group": "G9"}, None),
        ({"therapists": ("T9",)}, None),
        ({"room": "R9"}, None),
        ({}, ("P9", "S1")),
        ({}, ("P1", "S9")),
    ],
)
def test_a_board_refuses_strangers(session: dict[str, Any], seat: tuple[str, str] | None) -> None:
    held = Session(**{"id": "S1", "block": "Mon9", "group": "G", "therapists": ("T1",), "room": "R", **session})
    seats = () if seat is None else (Assignment(patient=seat[0], session=seat[1]),)
    with pytest.raises(ValueError, match=r"does not know|do not exist"):
        Board(tiny(), Timetable(sessions=(held,), assignments=seats))


def test_a_board_refuses_a_session_id_that_stands_twice() -> None:
    held = Session(id="S1", block="Mon9", group="G", therapists=("T1",), room="R")
    with pytest.raises(ValueError, match="twice"):
        Board(tiny(), Timetable(sessions=(held, held)))


# -------------------------------------------------------------------------------------------------- profile, findings


def test_a_goal_stands_in_one_tier() -> None:
    with pytest.raises(ValidationError, match="two tiers"):
        GoalSettings(tiers=(("continuity",), ("preferences", "continuity")))


@pytest.mark.parametrize(
    "fields",
    [{"time_limit": 0}, {"workers": 0}, {"seed": -1}, {"seed": 2**31}, {"stop_gap": -0.1}, {"plateau_seconds": 0}],
)
def test_solver_settings_have_limits(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SolverSettings(**fields)


def test_the_time_limit_grows_with_the_week() -> None:
    settings = SolverSettings(time_limit=10, time_limit_per_patient=0.5)
    assert settings.seconds_for(60) == 40


def test_a_profile_hands_its_program_to_the_week() -> None:
    profile = Profile(name="mine", max_blocks_per_day=2, group_caps={"therapy": 8})
    assert type(profile.program) is Program
    assert profile.program == Program(max_blocks_per_day=2, group_caps={"therapy": 8})


def figures(**fields: int) -> Figures:
    zero = dict.fromkeys(Figures.model_fields, 0)
    return Figures(**{**zero, **fields})


def test_everybody_is_served_when_nobody_is_short_and_no_group_missed() -> None:
    assert figures(patients=3).everybody_served
    assert not figures(patients_short=1).everybody_served
    assert not figures(groups_missed=1).everybody_served


def test_a_verification_counts_breaches_and_finds_measures() -> None:
    measure = Measure(units=3, value=1.5, parts={"hours": 1.5})
    found = Verification(
        rules=(
            RuleResult(rule="rest", words="", violations=(Violation(words="a"), Violation(words="b"))),
            RuleResult(rule="apart", words=""),
        ),
        goals=(GoalResult(goal="weekly-minimum", words="", unit="hours", measure=measure),),
        figures=figures(),
    )
    assert found.broken == 2
    assert found.measure_of("weekly-minimum") is measure
    with pytest.raises(KeyError):
        found.measure_of("continuity")


@pytest.mark.parametrize(
    ("sheet", "cell", "place"), [("Patients", "C7", "Patients!C7"), ("Patients", "", "Patients"), ("", "", "")]
)
def test_a_problem_has_a_place(sheet: str, cell: str, place: str) -> None:
    assert Problem(code="x", message="m", sheet=sheet, cell=cell).place == place


def test_refused_input_speaks_of_its_errors_only() -> None:
    problems = (
        Problem(code="a", message="this is wrong"),
        Problem(code="b", message="look at this", severity=Severity.NOTICE),
    )
    assert str(InputRefused(problems)) == "this is wrong"
    assert InputRefused(problems).problems == problems


def test_free_time_decides_who_can_come() -> None:
    someone = patient("P1", free=times(("Mon", 9, 12), ("Mon", 12, 13), ("Tue", 9, 11.5)))
    assert someone.free.covers(block("Mon", 10, 13).start, block("Mon", 10, 13).end)
    assert not someone.free.covers(block("Tue", 9, 12).start, block("Tue", 9, 12).end)
    assert ALWAYS.covers(block("Sun", 21, 24).start, block("Sun", 21, 24).end)
