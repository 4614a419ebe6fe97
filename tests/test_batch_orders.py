"""From folders, globs and manifests to clinics: each is found, none twice, and every mistake is told at its place."""

from pathlib import Path
from typing import Any

import pytest
from batch_clinics import weeks

from scheduler.batch.clinic import Clinic
from scheduler.batch.lastweek import last_week_of
from scheduler.batch.orders import Defaults, Orders, find_clinics
from scheduler.domain.problems import InputRefused, Problem, Severity


def found(outdir: Path, *words: str | Path, **defaults: Any) -> Orders:
    return find_clinics([str(word) for word in words], outdir, Defaults(**defaults))


def names(orders: Orders) -> list[str]:
    return [one.name for one in orders.clinics]


def refused(outdir: Path, *words: str | Path, **defaults: Any) -> tuple[Problem, ...]:
    with pytest.raises(InputRefused) as caught:
        found(outdir, *words, **defaults)
    return caught.value.problems


def manifest(folder: Path, *lines: str) -> Path:
    path = folder / "clinics.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def csv_week(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "Patients.csv").write_text("Patient\nP1\n")
    return folder


# ---- folders and globs ----


def test_a_folder_holds_workbooks_json_and_folders_of_csv(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "south", "north")
    (folder / "west.json").write_text("{}")
    (folder / "old.xls").write_text("refused with what to do, not passed over")
    csv_week(folder / "east")
    for own in ("north_timetable.xlsx", "~$north.xlsx", ".hidden.xlsx", "notes.txt"):
        (folder / own).write_text("no week")
    (folder / "out").mkdir()
    orders = found(tmp_path / "out", folder)
    assert names(orders) == ["east", "north", "old", "south", "west"]
    assert orders.clinics[1].output == tmp_path / "out" / "north_timetable.xlsx"


def test_a_folder_of_csv_is_one_week(tmp_path: Path, monkeypatch: Any) -> None:
    week = csv_week(tmp_path / "in" / "east")
    assert names(found(tmp_path / "out", week)) == ["east"]
    monkeypatch.chdir(week)
    assert names(found(tmp_path / "out", ".")) == ["east"]


def test_the_tables_of_a_batch_are_no_weeks(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "north", "network")
    (folder / "results.json").write_text("{}")
    assert names(found(folder, folder)) == ["north"]
    assert names(found(tmp_path / "out", folder)) == ["network", "north", "results"]


def test_a_glob_is_read_here_where_no_shell_did(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "north", "north_timetable", "south")
    assert names(found(tmp_path / "out", f"{folder}/n*.xlsx", folder / "south.xlsx")) == ["north", "south"]
    assert names(found(tmp_path / "out", f"{tmp_path}/**/*.xlsx")) == ["north", "south"]


def test_a_week_named_twice_is_one_clinic(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "north")
    assert names(found(tmp_path / "out", folder, folder / "north.xlsx", f"{folder}/*.xlsx")) == ["north"]


def test_a_timetable_named_outright_is_passed_over(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "north", "north_timetable")
    orders = found(tmp_path / "out", *sorted(folder.iterdir()))
    assert names(orders) == ["north"]
    assert [one.code for one in orders.problems] == ["passed-over"]


def test_two_clinics_never_share_an_output(tmp_path: Path) -> None:
    problems = refused(tmp_path / "out", weeks(tmp_path / "a", "north"), weeks(tmp_path / "b", "north"))
    assert [one.code for one in problems] == ["output-twice"]
    assert str(tmp_path / "a" / "north.xlsx") in problems[0].message
    assert str(tmp_path / "b" / "north.xlsx") in problems[0].message


def test_mistakes_of_the_command_come_all_at_once(tmp_path: Path) -> None:
    empty = weeks(tmp_path / "empty")
    problems = refused(
        tmp_path / "out",
        empty,
        tmp_path / "nowhere.xlsx",
        "no*match",
        profile="adult_iopp",
        previous_dir=tmp_path / "x",
    )
    assert [one.code for one in problems] == ["no-clinics", "missing-file", "missing-file", "missing-folder"]
    week = weeks(tmp_path / "in", "north")
    wrong = refused(tmp_path / "out", week, profile="adult_iopp")
    assert (wrong[0].code, wrong[0].hint) == ("unknown-profile", "did you mean adult_iop?")


# ---- manifests ----


def test_a_manifest_says_it_all(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "north", "south", "last")
    (folder / "map.yaml").write_text("sheets: {}")
    path = manifest(
        folder,
        "# the clinics of the coast",
        "Week; OUTPUT; profile; Last week; time_limit; map",
        "north.xlsx; coast/n.xlsx; texas_sud; last.xlsx; 2.5; map.yaml",
        "",
        "# closed: west.xlsx",
        "south.xlsx;;;;;",
    )
    north, south = found(tmp_path / "out", path, time_limit=9, profile="fast").clinics
    assert north == Clinic(
        name="coast/n",
        input=folder / "north.xlsx",
        output=tmp_path / "out" / "coast" / "n.xlsx",
        profile="texas_sud",
        previous=folder / "last.xlsx",
        mapping=folder / "map.yaml",
        time_limit=2.5,
    )
    assert (south.name, south.profile, south.time_limit, south.previous) == ("south", "fast", 9, None)


def test_a_profile_beside_the_manifest(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "north")
    (folder / "own.yaml").write_text("extends: adult_iop\nmax_gap_days: 3\n")
    (clinic,) = found(tmp_path / "out", manifest(folder, "input,profile", "north.xlsx,own.yaml")).clinics
    assert clinic.profile == str(folder / "own.yaml")


def test_a_missing_week_is_one_clinics_trouble(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "north")
    orders = found(tmp_path / "out", manifest(folder, "input", "north.xlsx", "gone.xlsx"))
    assert names(orders) == ["north", "gone"]


BAD_ROWS = {
    "a.xlsx,,,soon": ("bad-time-limit", "D2"),
    "a2.xlsx,,,0": ("bad-time-limit", "D3"),
    "a3.xlsx,,,-5": ("bad-time-limit", "D4"),
    "a4.xlsx,,,nan": ("bad-time-limit", "D5"),
    "a5.xlsx,,,inf": ("bad-time-limit", "D6"),
    "a6.xlsx,,,1e9": ("bad-time-limit", "D7"),
    ",out.xlsx,,": ("blank-cell", "A8"),
    "b.xlsx,out.pdf,,": ("output-not-xlsx", "B9"),
    "c.xlsx,,texas_sd,": ("unknown-profile", "C10"),
    "d.xlsx,twice.xlsx,,": None,
    "e.xlsx,twice.xlsx,,": ("output-twice", "A12"),
    "f.xlsx,../in/d.xlsx,,": ("output-is-input", "A13"),
    "g.xlsx,,,5,beyond": ("cell-without-column", "E14"),
}


def test_bad_rows_by_the_dozen_are_told_at_once_each_at_its_cell(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "a", "b", "c", "d", "e", "f", "g")
    path = manifest(folder, "input,output,profile,time limit", *BAD_ROWS)
    problems = refused(tmp_path / "out", path)
    assert {(one.code, one.cell) for one in problems} == {one for one in BAD_ROWS.values() if one}
    assert {one.sheet for one in problems} == {"clinics.csv"}


@pytest.mark.parametrize(
    ("header", "code", "hint"),
    [
        ("input,time limt", "unknown-column", "did you mean Time limit?"),
        ("input,profil", "unknown-column", "did you mean Profile?"),
        ("input,input", "column-twice", "leave one"),
        ("output,profile", "missing-column", "path"),
        ("", "no-clinics", "a row for each"),
        ("input", "no-clinics", "a row for each"),
    ],
)
def test_a_bad_header(tmp_path: Path, header: str, code: str, hint: str) -> None:
    folder = weeks(tmp_path / "in")
    rows = () if code == "no-clinics" else ("north.xlsx,x",)
    problems = refused(tmp_path / "out", manifest(folder, header, *rows))
    assert [one.code for one in problems] == [code]
    assert hint in problems[0].hint


def test_a_manifest_may_come_from_excel(tmp_path: Path) -> None:
    folder = weeks(tmp_path / "in", "nörd")
    path = folder / "clinics.csv"
    path.write_bytes("Input\tProfile\r\nnörd.xlsx\tfast\r\n".encode("utf-16"))
    assert names(found(tmp_path / "out", path)) == ["nörd"]
    path.write_bytes(b"Input\n\x00\x01\x02\n")
    assert [one.code for one in refused(tmp_path / "out", path)] == ["not-text"]


# ---- last week ----


@pytest.mark.parametrize(
    ("week", "there", "taken"),
    [
        ("north", ["north_timetable", "south_timetable"], "north_timetable"),
        ("north", ["north", "north_old"], "north"),
        ("north", ["northern_timetable", "south"], None),
        (
            "north 2024-11-18",
            ["north 2024-11-04_timetable", "north 2024-11-11_timetable"],
            "north 2024-11-11_timetable",
        ),
        (
            "north 2024-11-11",
            ["north 2024-11-04_timetable", "north 2024-11-18_timetable"],
            "north 2024-11-04_timetable",
        ),
        ("north_w47", ["north_w46_timetable", "north2_w46_timetable"], "north_w46_timetable"),
        ("clinic2", ["clinic1_timetable"], None),
        ("north", ["~$north_timetable", ".north_timetable"], None),
    ],
)
def test_last_weeks_timetable_is_found(tmp_path: Path, week: str, there: list[str], taken: str | None) -> None:
    folder = weeks(tmp_path / "last", *there)
    clinic = Clinic(name=week, input=tmp_path / f"{week}.xlsx", output=tmp_path / "out" / f"{week}_timetable.xlsx")
    assert last_week_of(clinic, folder) == (None if taken is None else folder / f"{taken}.xlsx")


def test_a_clinic_without_last_week_is_solved_without_one(tmp_path: Path) -> None:
    folder, last = weeks(tmp_path / "in", "new", "north"), weeks(tmp_path / "last", "north_timetable")
    orders = found(tmp_path / "out", folder, previous_dir=last)
    assert [one.previous for one in orders.clinics] == [None, last / "north_timetable.xlsx"]
    assert [one.code for one in orders.problems] == ["no-last-week"]
    into_itself = refused(last, folder, previous_dir=last)
    assert [one.code for one in into_itself if one.severity is Severity.ERROR] == ["output-is-input"]
