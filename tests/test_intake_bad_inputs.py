"""Bad cells and bad sheets, each with the reason beside it: the code, the cell and the hint that it must give."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from bad_inputs import Place, errors_in, good_week, problems_of, profile, spoiled, without, write_json

from scheduler.domain.problems import InputRefused, Severity
from scheduler.intake.reader import read_week

Change = dict[Place, Any]


def cell(sheet: str, row: int, column: str, value: Any) -> Change:
    return {(sheet, row, column): value}


def patient(column: str, value: Any) -> Change:
    return cell("Patients", 2, column, value)


def therapist(column: str, value: Any) -> Change:
    return cell("Therapists", 2, column, value)


def group(column: str, value: Any) -> Change:
    return cell("Groups", 2, column, value)


def room(column: str, value: Any) -> Change:
    return cell("Rooms", 2, column, value)


def block(column: str, value: Any) -> Change:
    return cell("Blocks", 2, column, value)


# (why it is bad, what is changed, the one error expected: code and place, a part of the message or hint)
BAD_CELLS = [
    ("no id", patient("Patient", None), "missing-id", "Patients!A2", "P001"),
    ("an id is no date", patient("Patient", dt.datetime(2024, 5, 6)), "date-in-text", "Patients!A2", "Text"),
    ("an id is no yes/no", patient("Patient", True), "not-text", "Patients!A2", "Text"),
    ("an id is a short code", patient("Patient", "P" * 90), "too-long", "Patients!A2", "short"),
    ("the same id", cell("Patients", 3, "Patient", "P001"), "duplicate-id", "Patients!A3", "A2"),
    ("the same id but for case", cell("Patients", 3, "Patient", "p001"), "duplicate-id", "Patients!A3", "A2"),
    ("the same id but for spaces", cell("Patients", 3, "Patient", " P001\u00a0 "), "duplicate-id", "Patients!A3", "A2"),
    ("a number that is an id twice", {("Rooms", 2, "Room"): "12", ("Rooms", 3, "Room"): 12.0,
                                      ("Rooms", 3, "Capacity"): 5}, "duplicate-id", "Rooms!A3", "A2"),
    ("unknown level", patient("Level", "adlt"), "unknown-level", "Patients!C2", "adult"),
    ("level is no number", patient("Level", 3), "unknown-level", "Patients!C2", "adult, adolescent"),
    ("blank availability", patient("Availability", None), "blank-availability", "Patients!E2", "any"),
    ("only spaces", patient("Availability", " \u00a0\u200b"), "blank-availability", "Patients!E2", "any"),
    ("misspelled day part", patient("Availability", "evennings"), "bad-availability", "Patients!E2", "evenings"),
    ("ambiguous hour", patient("Availability", "Mon 3-5"), "bad-availability", "Patients!E2", "am or pm"),
    ("time backwards", patient("Availability", "Mon 18:00-17:00"), "bad-availability", "Patients!E2", "ends before"),
    ("tbd is no availability", patient("Availability", "TBD"), "bad-availability", "Patients!E2", "say when"),
    ("a time alone", patient("Availability", dt.time(18)), "date-in-text", "Patients!E2", "Tue 18:00-21:00"),
    ("a date", patient("Availability", dt.datetime(2024, 5, 6)), "date-in-text", "Patients!E2", "days and times"),
    ("yes is no availability", patient("Availability", True), "not-text", "Patients!E2", "Text"),
    ("a number", patient("Availability", 12), "bad-availability", "Patients!E2", ""),
    ("bad unavailable", patient("Unavailable", "Blursday"), "bad-availability", "Patients!F2", ""),
    ("bad preferred times", patient("Preferred times", "Mon 25:00-26:00"), "bad-availability", "Patients!N2", ""),
    ("hours in words", patient("Min hours", "nine"), "not-a-number", "Patients!G2", "for example 9"),
    ("negative hours", patient("Min hours", -1), "out-of-range", "Patients!G2", "0 and 168"),
    ("more hours than a week has", patient("Max hours", 169), "out-of-range", "Patients!H2", "168"),
    ("percent", patient("Min hours", "50%"), "not-a-number", "Patients!G2", ""),
    ("money", patient("Min hours", "$9"), "not-a-number", "Patients!G2", ""),
    ("a date for a number", patient("Min hours", dt.datetime(2024, 9, 1)), "not-a-number", "Patients!G2", "turned"),
    ("yes for a number", patient("Min blocks", True), "not-a-number", "Patients!I2", ""),
    ("a time for a count", patient("Min blocks", dt.time(3)), "not-a-number", "Patients!I2", "turned"),
    ("half a block", patient("Min blocks", 2.5), "not-whole", "Patients!I2", "2 or 3"),
    ("half a block as text", patient("Max blocks", "3.5"), "not-whole", "Patients!J2", "3 or 4"),
    ("a unit of something else", patient("Max blocks", "3 kg"), "not-a-number", "Patients!J2", "for example"),
    ("huge", patient("Max blocks", 10**12), "out-of-range", "Patients!J2", "10000"),
    ("huge and no whole", patient("Max blocks", 1e300), "out-of-range", "Patients!J2", ""),
    ("exponent", patient("Max blocks", "1e3"), "not-a-number", "Patients!J2", ""),
    ("hours min above max", {("Patients", 2, "Min hours"): 12, ("Patients", 2, "Max hours"): 9},
     "min-above-max", "Patients!G2", "H2"),
    ("blocks min above max", {("Patients", 2, "Min blocks"): 4, ("Patients", 2, "Max blocks"): 2},
     "min-above-max", "Patients!I2", "J2"),
    ("unknown group", patient("Required groups", "Proces"), "unknown-group", "Patients!K2", "Process"),
    ("nothing like any group", patient("Required groups", "Zumba"), "unknown-group", "Patients!K2", "PROC, RP"),
    ("zero times", patient("Required groups", "Process x0"), "out-of-range", "Patients!K2", "1 to 21"),
    ("a hundred times", patient("Required groups", "Process x100"), "out-of-range", "Patients!K2", "1 to 21"),
    ("unknown preferred", patient("Preferred groups", "RPP"), "unknown-group", "Patients!L2", "RP"),
    ("unknown avoided", patient("Avoid groups", "Famly"), "unknown-group", "Patients!M2", "known"),
    ("required and avoided", {("Patients", 2, "Required groups"): "Process", ("Patients", 2, "Avoid groups"): "PROC"},
     "required-and-avoided", "Patients!K2", "M2"),
    ("unknown therapist", patient("Primary therapist", "Dana Inventd"), "unknown-therapist", "Patients!O2",
     "Dana Invented"),
    ("unknown modality", patient("Modality", "telehelth"), "unknown-modality", "Patients!P2", "telehealth"),
    ("priority too high", patient("Priority", 6), "out-of-range", "Patients!Q2", "1 and 5"),
    ("priority zero", patient("Priority", 0), "out-of-range", "Patients!Q2", "1 and 5"),
    ("priority in words", patient("Priority", "urgent"), "not-a-number", "Patients!Q2", "for example 3"),
    ("formula", patient("Level", "=B2"), "formula", "Patients!C2", "paste the value"),
    ("formula in an id", patient("Patient", "=1+1"), "formula", "Patients!A2", "paste"),
    ("error value", patient("Tags", "#N/A"), "error-value", "Patients!D2", "#N/A"),
    ("error in the first cell is no remark", patient("Patient", "#REF!"), "error-value", "Patients!A2", "#REF!"),
    ("very long", patient("Tags", "x" * 5000), "too-long", "Patients!D2", "2000"),
    ("therapist without availability", therapist("Availability", ""), "blank-availability", "Therapists!C2", "any"),
    ("qualified for an unknown group", therapist("Groups", "PROC; DBT"), "unknown-group", "Therapists!E2", "known"),
    ("negative load", therapist("Max blocks", -2), "out-of-range", "Therapists!F2", "0 and"),
    ("load min above max", {("Therapists", 2, "Max blocks"): 2, ("Therapists", 2, "Min blocks"): 3},
     "min-above-max", "Therapists!H2", "F2"),
    ("day load in words", therapist("Max blocks per day", "two"), "not-a-number", "Therapists!G2", "for example 2"),
    ("therapist modality", therapist("Modality", "phone"), "unknown-modality", "Therapists!I2", "either"),
    ("size zero", group("Min size", 0), "out-of-range", "Groups!C2", "1 and"),
    ("negative size", group("Max size", -5), "out-of-range", "Groups!D2", "1 and"),
    ("largest below smallest", {("Groups", 2, "Min size"): 5, ("Groups", 2, "Max size"): 3},
     "min-above-max", "Groups!C2", "D2"),
    ("unknown kind", group("Kind", "terapy"), "unknown-kind", "Groups!F2", "therapy"),
    ("three facilitators", group("Facilitators", 3), "out-of-range", "Groups!G2", "1 and 2"),
    ("half a facilitator", group("Facilitators", 1.5), "not-whole", "Groups!G2", "1 or 2"),
    ("no facilitator", group("Facilitators", 0), "out-of-range", "Groups!G2", "1 and 2"),
    ("a group that is both", group("Modality", "hybrid"), "unknown-modality", "Groups!H2", "two groups"),
    ("sessions min above max", {("Groups", 2, "Min sessions"): 3, ("Groups", 2, "Max sessions"): 2},
     "min-above-max", "Groups!J2", "K2"),
    ("bad times", group("Times", "evening shift"), "bad-availability", "Groups!L2", ""),
    ("never twice", group("Max per patient", 0), "out-of-range", "Groups!M2", "1 and"),
    ("agenda without minutes", group("Agenda", "Process; Skills 60"), "bad-agenda", "Groups!N2", "Process 60"),
    ("agenda of nothing", group("Agenda", "60"), "bad-agenda", "Groups!N2", "Process 60"),
    ("agenda of no minutes", group("Agenda", "Process 0"), "bad-agenda", "Groups!N2", "Process 60"),
    ("no capacity", room("Capacity", None), "blank-cell", "Rooms!C2", "for example 10"),
    ("capacity zero", room("Capacity", 0), "out-of-range", "Rooms!C2", "1 and"),
    ("capacity of people and a half", room("Capacity", 9.5), "not-whole", "Rooms!C2", "9 or 10"),
    ("a room at no time", room("Availability", "none"), "bad-availability", "Rooms!D2", "say when"),
    ("room hours", room("Availability", "9-17 o'cluck"), "bad-availability", "Rooms!D2", ""),
    ("block without a day", block("Day", None), "blank-cell", "Blocks!B2", "Tue"),
    ("no such day", block("Day", "Tuseday"), "bad-day", "Blocks!B2", "Tue"),
    ("two days", block("Day", "Mon-Tue"), "bad-day", "Blocks!B2", "one day"),
    ("a date for a day", block("Day", dt.datetime(2024, 5, 7)), "date-in-text", "Blocks!B2", ""),
    ("block without a start", block("Start", None), "blank-cell", "Blocks!C2", "18:00"),
    ("a start in the morning or evening", block("Start", "6"), "bad-time", "Blocks!C2", "am or pm"),
    ("a start that is no time", block("Start", "soon"), "bad-time", "Blocks!C2", "18:00"),
    ("a date with a time", block("Start", dt.datetime(2024, 5, 7, 18)), "bad-time", "Blocks!C2", "18:00"),
    ("past midnight", block("End", "25:00"), "bad-time", "Blocks!D2", ""),
    ("two days long", block("End", dt.timedelta(hours=30)), "bad-time", "Blocks!D2", "24:00"),
    ("ends before it starts", block("End", "17:00"), "end-before-start", "Blocks!D2", "C2"),
    ("crosses midnight", block("End", "01:00"), "end-before-start", "Blocks!D2", "one day"),
    ("no length", block("End", "18:00"), "end-before-start", "Blocks!D2", "C2"),
    ("apart from oneself", {("Apart", 2, "Patient"): "P001", ("Apart", 2, "With"): "Ann Example"},
     "with-oneself", "Apart!B2", "A2"),
    ("apart from nobody known", {("Apart", 2, "Patient"): "P001", ("Apart", 2, "With"): "P009"},
     "unknown-person", "Apart!B2", "P00"),
    ("apart from nobody", cell("Apart", 2, "Patient", "P001"), "blank-cell", "Apart!B2", "P002"),
    ("nobody apart", cell("Apart", 2, "With", "P001"), "blank-cell", "Apart!A2", "P001"),
    ("together with oneself", {("Together", 2, "Patient"): "P001", ("Together", 2, "With"): "p001"},
     "with-oneself", "Together!B2", "A2"),
    ("together with a therapist", {("Together", 2, "Patient"): "P001", ("Together", 2, "With"): "T1"},
     "unknown-patient", "Together!B2", ""),
    ("pin of an unknown patient", cell("Pins", 2, "Patient", "P01"), "unknown-patient", "Pins!A2", "P001"),
    ("pin to an unknown block", cell("Pins", 2, "Block", "TUE-EVF"), "unknown-block", "Pins!B2", "TUE-EVE"),
    ("pin to no block's time", cell("Pins", 2, "Block", "Tue 17:00"), "unknown-block", "Pins!B2", "TUE-EVE"),
    ("pin to half a block", cell("Pins", 2, "Block", "Tue 18:00-20:00"), "unknown-block", "Pins!B2", "TUE-EVE"),
    ("pin to an unknown group", cell("Pins", 2, "Group", "PROCC"), "unknown-group", "Pins!C2", "PROC"),
    ("pin to an unknown therapist", cell("Pins", 2, "Therapist", "T3"), "unknown-therapist", "Pins!D2", "T1"),
    ("pin to an unknown room", cell("Pins", 2, "Room", "R11"), "unknown-room", "Pins!E2", "R1"),
    ("two rooms of one name", {("Rooms", 3, "Room"): "R2", ("Rooms", 3, "Name"): "front  ROOM",
                               ("Rooms", 3, "Capacity"): 4, ("Pins", 2, "Room"): "Front room"},
     "ambiguous-room", "Pins!E2", "use the id"),
    ("last week with a strange day", {("Previous", 2, "Patient"): "P001", ("Previous", 2, "Day"): "Foo"},
     "bad-day", "Previous!D2", ""),
]  # fmt: skip


@pytest.mark.parametrize(("why", "change", "code", "place", "words"), BAD_CELLS, ids=[case[0] for case in BAD_CELLS])
def test_a_bad_cell_is_refused_at_the_cell(tmp_path: Path, why: str, change: Change, code: str, place: str, words: str):
    problems = problems_of(spoiled(change), tmp_path)
    assert errors_in(problems) == [(code, place)]
    found = next(problem for problem in problems if problem.code == code)
    assert words in f"{found.message} {found.hint}"


def test_there_are_many_bad_cells_and_each_reason_stands_once():
    assert len(BAD_CELLS) >= 80
    assert len({case[0] for case in BAD_CELLS}) == len(BAD_CELLS)


# (why it is said, what is changed, severity, code, place, a part of the message or hint)
DOUBTFUL_CELLS = [
    ("a window without a block", patient("Availability", "evenings; Tue 9:15-12:00"), "warning", "window-without-block",
     "Patients!E2", "Tue 09:15-12:00 holds no block of this week"),
    ("no block at all", patient("Availability", "Tue 9:15-12:00"), "warning", "no-block-in-window", "Patients!E2",
     "Tue 09:15-12:00"),
    ("nothing left", patient("Unavailable", "any"), "warning", "no-block-in-window", "Patients!E2", "no block"),
    ("a room that is never open", room("Availability", "Mon 9-12"), "warning", "no-block-in-window", "Rooms!D2", "Mon"),
    ("a group that never runs", group("Times", "Mon 9-12"), "warning", "no-block-in-window", "Groups!L2", "Mon"),
    ("a note of the language", patient("Availability", "Mon, 18:00-21:00"), "notice", "availability-note",
     "Patients!E2", "every day"),
    ("minimum lowered", patient("Max hours", 6), "notice", "default-minimum-lowered", "Patients!H2",
     "default minimum lowered to the row's own maximum"),
    ("maximum raised", patient("Min blocks", 5), "notice", "default-maximum-raised", "Patients!I2",
     "default maximum raised to the row's own minimum"),
    ("comma for a point", patient("Min hours", "9,5"), "notice", "decimal-comma", "Patients!G2", "9.5"),
    ("no whole minute", patient("Min hours", 9.333), "notice", "rounded", "Patients!G2", "560 minutes"),
    ("required above the limit", {("Groups", 2, "Max per patient"): 1, ("Patients", 2, "Required groups"): "PROC x2"},
     "warning", "required-above-limit", "Patients!K2", "1 times"),
    ("required above the blocks", patient("Required groups", "PROC x3; RP x2"), "warning", "required-above-blocks",
     "Patients!K2", "at most 4 blocks"),
    ("named twice", patient("Required groups", "PROC; Process"), "warning", "group-repeated", "Patients!K2", "x2"),
    ("preferred and avoided", {("Patients", 2, "Preferred groups"): "PROC", ("Patients", 2, "Avoid groups"): "PROC"},
     "warning", "preferred-and-avoided", "Patients!M2", "L2"),
    ("a level among the tags", patient("Tags", "adolescent"), "warning", "tag-is-level", "Patients!D2", "Level"),
    ("qualified for nothing", therapist("Groups", None), "warning", "no-groups", "Therapists!E2", "*"),
    ("a misspelled tag", group("Open to", "adult + wommen"), "warning", "unanswered-word", "Groups!E2", "women"),
    ("a tag that nobody has", group("Open to", "veterans"), "notice", "unanswered-word", "Groups!E2", "veterans"),
    ("everybody in a word", group("Open to", "Everyone"), "warning", "unanswered-word", "Groups!E2",
     "adult; adolescent"),
    ("and in place of +", group("Open to", "adult and women"), "warning", "unanswered-word", "Groups!E2",
     "adult + women"),
    ("a feature that no room has", group("Room features", "projecter"), "warning", "no-room-with-feature", "Groups!I2",
     "projector"),
    ("an agenda past the block", group("Agenda", "Process 200"), "warning", "agenda-too-long", "Groups!N2", "180"),
    ("apart and together", {("Apart", 2, "Patient"): "P001", ("Apart", 2, "With"): "P002",
                            ("Together", 2, "Patient"): "P002", ("Together", 2, "With"): "P001"},
     "warning", "apart-and-together", "Together!B2", "row 2 of Apart"),
    ("zeros lost", {("Rooms", 2, "Room"): "0012", ("Pins", 2, "Room"): 12}, "warning", "leading-zeros", "Pins!E2",
     "0012"),
    ("six in the morning", {("Blocks", 2, "Start"): "6:00", ("Blocks", 2, "End"): "9:00"}, "notice", "doubtful-time",
     "Blocks!C2", "6 pm"),
    ("only a column that is not read", {}, "notice", "row-passed-over", "Apart!D2", "passed over"),
    ("gone patients", cell("Previous", 2, "Patient", "P900"), "notice", "previous-patients-gone", "Previous",
     "1 seat of"),
    ("a group gone", {("Previous", 2, "Patient"): "P001", ("Previous", 2, "Group"): "ART"}, "notice",
     "previous-group-gone", "Previous", "'ART'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "change", "severity", "code", "place", "words"), DOUBTFUL_CELLS, ids=[case[0] for case in DOUBTFUL_CELLS]
)
def test_a_doubtful_cell_is_told_and_not_refused(
    tmp_path: Path, why: str, change: Change, severity: str, code: str, place: str, words: str
):
    sheets = spoiled(change)
    sheets["Apart"][0].append("My remarks")
    if not change:
        sheets["Apart"].append([None, None, None, "look at this"])
    problems = problems_of(sheets, tmp_path)
    assert errors_in(problems) == []
    found = [problem for problem in problems if problem.code == code]
    assert [(problem.severity, problem.place) for problem in found] == [(Severity(severity), place)]
    assert words in f"{found[0].message} {found[0].hint}"


def test_the_good_week_says_nothing(tmp_path: Path):
    assert problems_of(good_week(), tmp_path) == ()


def test_all_problems_are_told_at_once(tmp_path: Path):
    change = {
        ("Patients", 2, "Level"): "adlt",
        ("Patients", 2, "Min hours"): "nine",
        ("Patients", 3, "Patient"): None,
        ("Patients", 3, "Priority"): 9,
        ("Patients", 4, "Patient"): "p001",
        ("Patients", 4, "Availability"): "evennings; Mon 3-5",
        ("Therapists", 3, "Groups"): "Proces",
        ("Blocks", 3, "End"): "17:00",
        ("Pins", 2, "Patient"): "P999",
        ("Groups", 2, "Min size"): 0,
    }
    found = errors_in(problems_of(spoiled(change), tmp_path))
    assert sorted(found) == sorted(
        [
            ("unknown-level", "Patients!C2"),
            ("not-a-number", "Patients!G2"),
            ("missing-id", "Patients!A3"),
            ("out-of-range", "Patients!Q3"),
            ("duplicate-id", "Patients!A4"),
            ("bad-availability", "Patients!E4"),
            ("bad-availability", "Patients!E4"),
            ("unknown-group", "Therapists!E3"),
            ("end-before-start", "Blocks!D3"),
            ("unknown-patient", "Pins!A2"),
            ("out-of-range", "Groups!C2"),
        ]
    )


def _renamed(sheet: str, old: str, new: str) -> dict[str, list[list[Any]]]:
    sheets = good_week()
    sheets[sheet][0][sheets[sheet][0].index(old)] = new
    return sheets


def _titled(old: str, new: str) -> dict[str, list[list[Any]]]:
    return {new if title == old else title: rows for title, rows in good_week().items()}


def _rowless(sheet: str) -> dict[str, list[list[Any]]]:
    sheets = good_week()
    sheets[sheet] = sheets[sheet][:1]
    return sheets


def _cut(sheet: str, column: str) -> dict[str, list[list[Any]]]:
    sheets = good_week()
    at = sheets[sheet][0].index(column)
    sheets[sheet] = [row[:at] + row[at + 1 :] for row in sheets[sheet]]
    return sheets


BAD_SHEETS = [
    ("no patients", without(good_week(), "Patients"), [("missing-sheet", "Patients")], "Patient"),
    ("no therapists", without(good_week(), "Therapists"), [("missing-sheet", "Therapists")], "Therapist"),
    ("no groups", without(good_week(), "Groups"), [("missing-sheet", "Groups")], "Group"),
    ("no rooms", without(good_week(), "Rooms"), [("no-rooms", "Rooms")], "PROC, RP"),
    ("a sheet of patients without patients", _rowless("Patients"), [("no-rows", "Patients")], "one row"),
    ("a sheet of rooms without rooms", _rowless("Rooms"), [("no-rooms", "Rooms")], "telehealth"),
    ("an empty sheet", {**good_week(), "Therapists": []}, [("no-rows", "Therapists")], "one row"),
    ("a misspelled key column", _renamed("Patients", "Patient", "Patiennt"), [("missing-column", "Patients!A1")],
     "did 'Patiennt' mean Patient?"),
    ("a misspelled required column", _renamed("Patients", "Availability", "Availabel"),
     [("missing-column", "Patients!E1")], "Availability"),
    ("no required column", _cut("Rooms", "Capacity"), [("missing-column", "Rooms")], "Capacity"),
    ("a column twice", _renamed("Patients", "Tags", "Level"), [("column-twice", "Patients!D1")], "C1"),
    ("a column twice by an alias", _renamed("Patients", "Name", "MRN"), [("column-twice", "Patients!B1")], "A1"),
    ("no header", {**good_week(), "Groups": [["one", "two"], [1, 2]]}, [("no-header", "Groups!A1")], "Group"),
    ("a sheet twice", {**without(good_week(), "Patients"), "Clients": good_week()["Patients"],
                       "Members": good_week()["Patients"]}, [("sheet-twice", "Members")], "Clients"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "sheets", "expected", "words"), BAD_SHEETS, ids=[case[0] for case in BAD_SHEETS])
def test_a_bad_sheet_is_refused_in_its_place(
    tmp_path: Path, why: str, sheets: Any, expected: list[tuple[str, str]], words: str
):
    problems = problems_of(sheets, tmp_path)
    assert errors_in(problems) == expected
    found = next(problem for problem in problems if problem.code == expected[0][0])
    assert words in f"{found.message} {found.hint}"


def test_a_misspelled_sheet_or_column_is_told_with_the_nearest(tmp_path: Path):
    problems = problems_of({**_renamed("Patients", "Tags", "Tgas"), "Togehter": [["Patient", "With"]]}, tmp_path)
    told = {(problem.code, problem.place, problem.hint) for problem in problems}
    assert ("unknown-column", "Patients!D1", "did you mean Tags?") in told
    assert ("extra-sheet", "Togehter", "did you mean Together?") not in told  # there is a sheet Together already
    assert errors_in(problems) == []


def test_no_blocks_anywhere(tmp_path: Path):
    problems = problems_of(without(good_week(), "Blocks"), tmp_path, profile=profile(blocks=()))
    assert errors_in(problems) == [("no-blocks", "Blocks")]


def test_json_places_are_paths(tmp_path: Path):
    path = write_json(spoiled(patient("Level", "adlt")), tmp_path / "week.json")
    with pytest.raises(InputRefused) as refused:
        read_week(path, profile())
    assert errors_in(refused.value.problems) == [("unknown-level", "Patients![0].Level")]


def test_a_blank_level_needs_a_level_called_adult(tmp_path: Path):
    levels = {"step down": profile().levels["adult"], "adolescent": profile().levels["adolescent"]}
    problems = problems_of(good_week(), tmp_path, profile=profile(levels=levels))
    assert errors_in(problems) == [("unknown-level", "Patients!C2"), ("unknown-level", "Patients!C3")]
