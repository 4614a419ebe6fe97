"""Synthetic weeks: reproducible, readable, servable, and the shipped files are what the code writes."""

import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from outside.language import parse

from scheduler.domain.availability import DEFAULT_DAYPARTS
from scheduler.domain.findings import Verification
from scheduler.domain.outcome import Status
from scheduler.domain.problems import Severity
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.week import Week
from scheduler.engine.search import solve
from scheduler.intake.columns import SHEETS, sheet_named
from scheduler.intake.mapping import load_map
from scheduler.intake.profiles import load_profile
from scheduler.intake.reader import WeekFile, read_week
from scheduler.preflight.registry import find_problems
from scheduler.samples import people
from scheduler.samples.book import README_SHEET, SYNTHETIC, Sheets, write_book
from scheduler.samples.generate import generate_sample, sample_with_plan, write_sample
from scheduler.samples.names import invented_names
from scheduler.samples.people import WIDE, times_of
from scheduler.samples.plan import Plan
from scheduler.samples.programs import PROGRAMS, ProgramWeek
from scheduler.samples.shipped import write_shipped
from scheduler.verify import verify

DATA = Path(__file__).resolve().parent.parent / "data"
ADULT_IOP = load_profile("adult_iop")


ALL_WORDINGS = {
    "evening": people.EVENING,
    "morning": people.MORNING,
    "day": people.DAY,
    "weekend": people.WEEKEND,
    "odd": people.ODD,
    "flexible": people.FLEXIBLE,
    "teen": people.TEEN,
    "wide": people.WIDE,
    "shifts": people.SHIFTS,
    "programs": tuple(text for p in PROGRAMS for text in (*p.shifts, *(w for c in p.cohorts for w in c.wordings))),
}


def read(sheets: Sheets, tmp_path: Path, profile: Profile = ADULT_IOP) -> WeekFile:
    write_book(sheets, tmp_path / "week.xlsx")
    return read_week(tmp_path / "week.xlsx", profile)


def hidden(plan: Plan) -> Timetable:
    """The timetable behind a made-up week."""
    return Timetable(
        sessions=tuple(
            Session(id=s.id, block=s.block.id, group=s.offer.id, therapists=s.therapists, room=s.room or None)
            for s in plan.sessions
        ),
        assignments=tuple(Assignment(patient=p, session=s.id) for s in plan.sessions for p in s.patients),
    )


def broken(week: Week, timetable: Timetable) -> list[str]:
    return [f"{r.rule}: {v.words}" for r in verify(week, timetable).rules for v in r.violations]


def warnings_of(file: WeekFile) -> list[str]:
    return [f"{p.place}: {p.message}" for p in file.problems if p.severity is not Severity.NOTICE]


# ------------------------------------------------------------------------------------------------------- made-up weeks


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("patients", [1, 2, 3, 5, 9, 14, 30, 60, 150])
def test_a_made_up_week_is_read_and_its_hidden_timetable_serves_everybody(
    patients: int, seed: int, tmp_path: Path
) -> None:
    sheets, plan = sample_with_plan(patients, seed)
    file = read(sheets, tmp_path)
    assert warnings_of(file) == []
    assert len(file.week.patients) == patients
    found = verify(file.week, hidden(plan))
    assert broken(file.week, hidden(plan)) == []
    assert (found.figures.hours_short, found.figures.groups_missed) == (0, 0)
    assert found.measure_of("treatment-plan").value == 0


@pytest.mark.parametrize(
    "knobs",
    [
        {"evening_share": 1.0},
        {"evening_share": 0.0},
        {"telehealth_share": 1.0},
        {"adolescent_share": 1.0},
        {"telehealth_share": 0.5, "adolescent_share": 0.5},
        {"specialised": 1.0},
        {"specialised": 0.0, "tightness": 0.5},
        {"apart_pairs": 40, "together_pairs": 30, "pins": 40, "previous": True},
        {"apart_pairs": 0, "together_pairs": 0, "pins": 0},
    ],
    ids=str,
)
def test_every_knob_keeps_the_week_servable(knobs: dict[str, Any], tmp_path: Path) -> None:
    sheets, plan = sample_with_plan(70, 5, **knobs)
    file = read(sheets, tmp_path)
    assert warnings_of(file) == []
    assert broken(file.week, hidden(plan)) == []
    assert verify(file.week, hidden(plan)).figures.everybody_served


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("patients", [1, 14, 30, 100])
def test_nothing_in_a_made_up_week_can_be_told_beforehand_not_to_work(patients: int, seed: int, tmp_path: Path) -> None:
    week = read(generate_sample(patients, seed, previous=True), tmp_path).week
    assert [finding.message for finding in find_problems(week)] == []


@pytest.mark.slow
def test_a_thousand_patients(tmp_path: Path) -> None:
    sheets, plan = sample_with_plan(1000, 1)
    file = read(sheets, tmp_path)
    assert len(file.week.patients) == 1000
    assert broken(file.week, hidden(plan)) == []
    assert verify(file.week, hidden(plan)).figures.everybody_served


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_week(tmp_path: Path) -> None:
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        write_sample(tmp_path / name, 25, seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_a_sample_says_that_everybody_in_it_is_synthetic(tmp_path: Path) -> None:
    write_sample(tmp_path / "week.xlsx", 5, 1)
    book = load_workbook(tmp_path / "week.xlsx")
    assert book.sheetnames[0] == README_SHEET
    assert book[README_SHEET]["A1"].value == SYNTHETIC


def test_the_sheets_have_the_documented_columns_in_their_order() -> None:
    for name, rows in generate_sample(60, 1, previous=True).items():
        columns = [column.name for column in sheet_named(name).columns]
        assert all(list(row) == columns for row in rows), name


def test_a_big_sample_uses_every_sheet_and_every_column_but_max_hours() -> None:
    sheets = generate_sample(300, 2, previous=True)
    assert list(sheets) == [spec.name for spec in SHEETS]
    unused = [
        f"{name}.{column}" for name, rows in sheets.items() for column in rows[0] if all(r[column] == "" for r in rows)
    ]
    assert unused == ["Patients.Max hours"]


def test_what_a_big_sample_shows(tmp_path: Path) -> None:
    week = read(generate_sample(300, 2), tmp_path).week
    assert {p.modality for p in week.patients} == {"in person", "telehealth", "either"}
    assert {p.age_band for p in week.patients} == {"adult", "adolescent"}
    assert {p.priority for p in week.patients} == {1, 2, 3, 4, 5}
    assert {g.kind for g in week.groups} == {"therapy", "education", "family"}
    assert {g.facilitators for g in week.groups} == {1, 2}
    assert any(need.times == 2 for p in week.patients for need in p.required)
    assert any(a.therapist for a in week.apart)
    assert any(a.other_patient for a in week.apart)
    assert any(pin.patient is None for pin in week.pins)
    assert {8, 16} <= {room.capacity for room in week.rooms}
    assert all(8 <= room.capacity <= 16 for room in week.rooms)


@pytest.mark.parametrize("patients", [60, 200, 1000])
def test_few_people_had_to_be_given_wider_times_than_they_drew(patients: int) -> None:
    plan = sample_with_plan(patients, 1)[1]
    assert sum(person.availability in WIDE for person in plan.people) <= patients / 6


def test_sessions_and_staff_are_of_a_real_clinic_s_size() -> None:
    sheets, plan = sample_with_plan(200, 1)
    sizes = [len(session.patients) for session in plan.sessions]
    assert 6.5 <= sum(sizes) / len(sizes) <= 9.5
    assert max(sizes) <= 16
    assert 5 <= 200 / len(sheets["Therapists"]) <= 9


def test_a_therapist_who_leads_nothing_owes_no_blocks() -> None:
    sheets = generate_sample(300, 103, previous=True, tightness=1.15)
    idle = [row for row in sheets["Therapists"] if row["Max blocks"] == 0]
    assert idle, "the week is made to have some"
    assert all(row["Min blocks"] == "" for row in idle)


@pytest.mark.parametrize("tightness", [0.6, 0.83, 1.0, 1.3])
def test_tightness_is_needed_sessions_over_offered_ones(tightness: float) -> None:
    sheets, plan = sample_with_plan(100, 3, tightness=tightness)
    needed = sum(len(session.therapists) for session in plan.sessions)
    offered = sum(row["Max blocks"] for row in sheets["Therapists"])
    assert needed / offered == pytest.approx(tightness, rel=0.03)


def test_shares() -> None:
    plan = sample_with_plan(200, 1, telehealth_share=0.2, adolescent_share=0.15)[1]
    streams = [person.stream for person in plan.people]
    assert (streams.count("online"), streams.count("teen")) == (40, 30)
    evening = [sample_with_plan(200, 1, evening_share=share)[1] for share in (0.1, 0.9)]
    few, many = (sum(s.block.id.endswith("EVE") for s in plan.sessions) for plan in evening)
    assert few < many / 2


def test_specialised_clinics_run_more_groups_for_some_people_only() -> None:
    plain, special = (sample_with_plan(150, 1, specialised=share)[1] for share in (0.0, 0.9))
    assert sum(bool(s.offer.tag) for s in plain.sessions) == 0
    assert sum(bool(s.offer.tag) for s in special.sessions) > 10
    assert len(special.menu) > len(plain.menu)


@pytest.mark.parametrize("texts", ALL_WORDINGS.values(), ids=ALL_WORDINGS.keys())
def test_wordings_mean_the_same_to_an_independent_reading_of_the_language(texts: tuple[str, ...]) -> None:
    for text in texts:
        assert parse(text, DEFAULT_DAYPARTS) == times_of(text).spans, text


def test_pairs_and_pins_as_many_as_asked() -> None:
    sheets = generate_sample(80, 1, apart_pairs=11, together_pairs=7, pins=9)
    assert [len(sheets[name]) for name in ("Apart", "Together", "Pins")] == [11, 7, 9]
    assert "Previous" not in sheets


@pytest.mark.parametrize(
    ("patients", "knobs"),
    [
        (0, {}),
        (-3, {}),
        (10, {"tightnes": 0.9}),
        (10, {"tightness": 0}),
        (10, {"evening_share": 1.5}),
        (5, {"pins": -1}),
    ],
)
def test_nonsense_is_refused(patients: int, knobs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"patient|validation error"):
        generate_sample(patients, 1, **knobs)


def test_invented_names_differ_and_keep_differing_when_they_run_out() -> None:
    names = invented_names(random.Random(1), 3000)
    assert len(set(names)) == 3000


# ------------------------------------------------------------------------------------------------------- shipped weeks


def content(path: Path) -> object:
    """A file's content; of a workbook the parts, as another zlib may pack the same parts otherwise."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return [(entry.filename, entry.date_time, archive.read(entry)) for entry in archive.infolist()]


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_shipped_files_are_what_the_code_writes(tmp_path: Path) -> None:
    write_shipped(tmp_path)
    assert files_in(tmp_path) == [name for name in files_in(DATA) if name != "README.md"]
    changed = [name for name in files_in(tmp_path) if content(tmp_path / name) != content(DATA / name)]
    assert changed == []


SHIPPED = [
    ("small_week.xlsx", "adult_iop", 14),
    ("small_week_csv", "adult_iop", 14),
    ("small_week.json", "adult_iop", 14),
    ("clinic_60.xlsx", "adult_iop", 60),
    ("ucsf_day.xlsx", str(DATA / "ucsf_day.yaml"), 26),
    ("prodigal_three_evenings.xlsx", "adult_iop", 30),
    ("palmetto_day_evening_family.xlsx", "adult_iop", 36),
    ("streamwood_after_school.xlsx", "adolescent_iop", 24),
]


@pytest.mark.parametrize(("name", "profile", "patients"), SHIPPED, ids=[name for name, _, _ in SHIPPED])
def test_a_shipped_week_is_read_without_a_warning(name: str, profile: str, patients: int) -> None:
    file = read_week(DATA / name, load_profile(profile))
    assert len(file.week.patients) == patients
    assert warnings_of(file) == []
    assert [finding.message for finding in find_problems(file.week)] == []


def test_the_week_that_cannot_serve_all_warns_of_the_windows_that_hold_no_block() -> None:
    file = read_week(DATA / "cannot_serve_all.xlsx", ADULT_IOP)
    warned = {(p.code, p.place) for p in file.problems if p.severity is not Severity.NOTICE}
    assert warned == {("no-block-in-window", "Patients!D12"), ("window-without-block", "Patients!D13")}


def test_the_small_week_is_the_same_in_every_form() -> None:
    weeks = [read_week(DATA / f"small_week{form}", ADULT_IOP).week for form in (".xlsx", "_csv", ".json")]
    assert weeks[0] == weeks[1] == weeks[2]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_a_program_s_week_keeps_its_published_grid_and_can_serve_everybody(program: ProgramWeek) -> None:
    profiles = {"ucsf_day": str(DATA / "ucsf_day.yaml"), "streamwood_after_school": "adolescent_iop"}
    week = read_week(DATA / f"{program.name}.xlsx", load_profile(profiles.get(program.name, "adult_iop"))).week
    timetable = hidden(program.with_plan()[1])
    assert broken(week, timetable) == []
    assert verify(week, timetable).figures.everybody_served


@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("ucsf_day", ["Mon 10:00-12:50", "Tue 10:00-12:50", "Wed 10:00-12:50", "Thu 10:00-12:50", "Fri 10:00-12:50"]),
        (
            "prodigal_three_evenings",
            [f"{day} {time}" for day in ("Mon", "Tue", "Thu") for time in ("10:00-13:00", "18:00-21:00")],
        ),
        (
            "palmetto_day_evening_family",
            [
                "Mon 10:00-14:30",
                "Mon 17:30-20:30",
                "Tue 17:30-20:30",
                "Wed 10:00-14:30",
                "Wed 17:30-20:30",
                "Thu 10:00-14:30",
                "Thu 17:30-20:30",
            ],
        ),
        ("streamwood_after_school", ["Mon 16:00-19:00", "Tue 16:00-19:00", "Wed 16:00-19:00", "Thu 16:00-19:00"]),
    ],
)
def test_published_grids(name: str, grid: list[str]) -> None:
    assert [block.text for block in read_week(DATA / f"{name}.xlsx", ADULT_IOP).week.blocks] == grid


def test_every_program_s_source_stands_in_its_file_and_in_the_readme() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for program in PROGRAMS:
        book = load_workbook(DATA / f"{program.name}.xlsx")
        told = " ".join(str(row[0]) for row in book[README_SHEET].iter_rows(values_only=True))
        assert program.source in told
        assert program.source in readme


def test_every_shipped_workbook_says_that_its_people_are_synthetic() -> None:
    for path in sorted(DATA.rglob("*.xlsx")):
        sheet = load_workbook(path).worksheets[0]
        assert SYNTHETIC in str(sheet["A1"].value), path.name


def test_every_shipped_file_stands_in_the_readme() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for path in DATA.iterdir():
        assert path.name == "README.md" or path.name in readme


@pytest.mark.parametrize("form", ["ehr_export.xlsx", "ehr_export_csv"])
def test_the_messy_export_is_read_with_its_map(form: str) -> None:
    folder = DATA / "messy_export"
    week = read_week(folder / form, ADULT_IOP, mapping=load_map(folder / "map.yaml")).week
    assert [p.id for p in week.patients][:3] == ["0012", "0013", "0019"]
    assert len(week.patients) == 11
    assert [p.modality for p in week.patients].count("telehealth") == 3
    assert {p.level for p in week.patients} == {"adult"}
    assert [p.priority for p in week.patients][:3] == [3, 3, 5]
    assert [t.id for t in week.therapists] == ["077", "078", "081"]
    assert week.therapists[2].groups == {"PG", "RP", "OP"}
    assert [block.text for block in week.blocks] == [f"{day} 18:00-21:00" for day in ("Mon", "Tue", "Wed", "Thu")]
    assert {g.modality for g in week.groups} == {"in person", "telehealth"}


def test_the_messy_export_means_the_same_in_both_forms() -> None:
    folder = DATA / "messy_export"
    both = [
        read_week(folder / form, ADULT_IOP, mapping=load_map(folder / "map.yaml")).week
        for form in ("ehr_export.xlsx", "ehr_export_csv")
    ]
    assert both[0] == both[1]


# --------------------------------------------------------------------------------------------- what the weeks are for


def best(file: WeekFile) -> Verification:
    """The best that hours and treatment plans can be, proven; other goals are left out to be quick."""
    goals = ADULT_IOP.goals.model_copy(update={"tiers": (("weekly-minimum",), ("treatment-plan",))})
    solver = ADULT_IOP.solver.model_copy(update={"time_limit": 20, "workers": 2})
    found = solve(file.week, ADULT_IOP.model_copy(update={"goals": goals, "solver": solver}))
    assert found.status is Status.OPTIMAL
    assert found.verification is not None
    return found.verification


def test_the_small_week_can_serve_everybody() -> None:
    assert best(read_week(DATA / "small_week.xlsx", ADULT_IOP)).figures.everybody_served


def test_the_messy_export_can_serve_everybody() -> None:
    mapping = load_map(DATA / "messy_export" / "map.yaml")
    assert best(
        read_week(DATA / "messy_export" / "ehr_export.xlsx", ADULT_IOP, mapping=mapping)
    ).figures.everybody_served


def test_the_week_that_cannot_serve_all_leaves_short_whom_its_first_sheet_names() -> None:
    found = best(read_week(DATA / "cannot_serve_all.xlsx", ADULT_IOP))
    short = {p for remark in found.measure_of("weekly-minimum").remarks for p in remark.patients}
    missed = {p for remark in found.measure_of("treatment-plan").remarks for p in remark.patients}
    assert short >= {"P11", "P12", "P13", "P14"}
    assert missed >= {"P02", "P05", "P10", "P15"}
    assert found.figures.patients_short == 5
    assert found.figures.hours_short == 36


def test_the_clinic_of_sixty_has_last_week_s_seats_with_new_gone_and_moved_people() -> None:
    file = read_week(DATA / "clinic_60.xlsx", ADULT_IOP)
    plan = sample_with_plan(60, 1, previous=True)[1]
    now = {(p, s.block.id, s.offer.id) for s in plan.sessions for p in s.patients}
    before = {(seat.patient, seat.block, seat.group) for seat in file.week.previous}
    assert len(before & now) > 100
    assert before - now, "some sat elsewhere"
    assert len({seat.patient for seat in file.week.previous}) < 60, "some patients are new this week"
    assert "previous-patients-gone" in {problem.code for problem in file.problems}
