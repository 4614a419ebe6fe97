"""Profiles: what is shipped, how files are laid over one another, and every way in which a file can be wrong."""

import re
from pathlib import Path

import pytest

from scheduler.domain.availability import DEFAULT_DAYPARTS, read_clock, read_day, read_dayparts
from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.profile import Profile
from scheduler.goals.registry import GOALS
from scheduler.intake.profiles import (
    DEFAULT_PROFILE,
    MOST_BYTES,
    VERIFY,
    list_profiles,
    load_profile,
    profile_folder,
    resolved_text,
    value_paths,
)

SHIPPED = [entry.name for entry in list_profiles()]
PACKS = [
    "connecticut_clinic",
    "indiana_iop",
    "medicare_iop",
    "new_jersey_iop",
    "new_york_ios",
    "texas_sud",
    "tricare_iop",
    "virginia_medicaid",
]
SOMEBODYS_NUMBER = re.compile(r"^(levels|group_caps)\.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, text: str, name: str = "mine.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def load(folder: Path, text: str, name: str = "mine.yaml") -> Profile:
    return load_profile(write(folder, text, name))


def problems(folder: Path, text: str, known: dict[str, tuple[str, ...] | None] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(InputRefused) as caught:
        load_profile(write(folder, text), known)
    return caught.value.problems


def same_values(one: Profile, other: Profile) -> bool:
    return one.model_dump(exclude={"name", "about"}) == other.model_dump(exclude={"name", "about"})


# ------------------------------------------------------------------------------------------------------------- shipped


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_loads_under_its_file_name(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert len(profile.about) > 30
    assert VERIFY in " ".join(profile.source.values())


@pytest.mark.parametrize("name", SHIPPED)
def test_each_number_that_differs_from_the_parent_has_a_source_of_its_own(name: str) -> None:
    profile = load_profile(name)
    parent = next(entry.extends for entry in list_profiles() if entry.name == name)
    inherited = value_paths(load_profile(parent)) if parent else {}
    changed = [
        path
        for path, value in value_paths(profile).items()
        if SOMEBODYS_NUMBER.match(path) and value is not None and inherited.get(path) != value
    ]
    if not parent:  # the default cites what a regulator set; blocks a week follow from hours and block length
        changed = [path for path in changed if not path.endswith("blocks")]
        changed = [
            path for path in changed if path not in ("levels.adolescent.min_days", "levels.adolescent.min_day_minutes")
        ]
    for path in changed:
        above = [path.rsplit(".", cut)[0] for cut in range(path.count("."))]
        cited = [profile.source[key] for key in above if key in profile.source]
        assert cited, path
        assert VERIFY in cited[0], path


@pytest.mark.parametrize("name", SHIPPED)
def test_a_source_says_how_far_it_can_be_trusted(name: str) -> None:
    words = ("regulator", "secondary page", "remembered, check", "program")
    for path, text in load_profile(name).source.items():
        assert any(word in text.casefold() for word in words), path


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_says_what_it_cannot_enforce(name: str) -> None:
    sentences = load_profile(name).not_enforced
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)


@pytest.mark.parametrize("name", SHIPPED)
def test_grids_and_day_parts_can_be_used(name: str) -> None:
    profile = load_profile(name)
    assert profile.blocks
    for block in profile.blocks:
        assert read_clock(block.start) < read_clock(block.end)
        assert block.block.startswith(read_day(block.day).short)
    assert set(DEFAULT_DAYPARTS) <= set(read_dayparts(profile.dayparts).names)


@pytest.mark.parametrize("name", SHIPPED)
def test_everybody_can_reach_the_minimum_within_the_blocks_allowed(name: str) -> None:
    profile = load_profile(name)
    for level in profile.levels.values():
        assert level.max_blocks * profile.block_hours >= level.min_hours
        assert level.min_days <= level.min_blocks * profile.max_blocks_per_day


def test_the_packs_carry_the_numbers_of_their_sources() -> None:
    caps = {name: load_profile(name).group_caps for name in PACKS}
    assert caps["texas_sud"] == {"therapy": 16, "education": 35}
    assert caps["connecticut_clinic"] == {"therapy": 12, "family": 24}
    assert caps["medicare_iop"] == {"therapy": 12}
    assert load_profile("medicare_iop").levels["adult"].max_hours == 19
    assert load_profile("tricare_iop").levels["adult"].min_hours == 6
    assert load_profile("tricare_iop").levels["adult"].min_day_minutes == 120
    assert load_profile("indiana_iop").levels["adolescent"].min_days == 3
    assert load_profile("virginia_medicaid").levels["adolescent"].max_hours == 19
    assert load_profile(DEFAULT_PROFILE).group_caps == {}


def test_the_list_names_every_file_with_the_default_first() -> None:
    entries = list_profiles()
    assert entries[0].name == DEFAULT_PROFILE
    assert {entry.name for entry in entries} == {path.stem for path in profile_folder().glob("*.yaml")}
    assert len(entries) == 17
    assert all(entry.about and entry.path.is_file() for entry in entries)
    assert {entry.extends for entry in entries} == {"", DEFAULT_PROFILE}


def test_shipped_profiles_name_only_goals_and_parts_that_exist() -> None:
    known = {goal.id: goal.parts for goal in GOALS}
    for name in SHIPPED:
        load_profile(name, known)


def test_solver_profiles_differ_where_they_say() -> None:
    assert load_profile("reproducible").solver.reproducible
    assert load_profile("fast").solver.time_limit < load_profile(DEFAULT_PROFILE).solver.time_limit
    assert load_profile("thorough").solver.time_limit > load_profile(DEFAULT_PROFILE).solver.time_limit
    assert load_profile("fast").goals.tiers[2] == ("continuity", "preferences", "operations")


# ----------------------------------------------------------------------------------------------------- default, merging


@pytest.mark.parametrize("text", ["", "name: mine", "# nothing\n", "---\n", "extends: adult_iop"])
def test_an_empty_file_gives_the_defaults(folder: Path, text: str) -> None:
    profile = load(folder, text)
    assert profile.name == "mine"
    assert same_values(profile, load_profile(DEFAULT_PROFILE))


def test_the_default_profile_agrees_with_the_default_model() -> None:
    profile, model = load_profile(DEFAULT_PROFILE), Profile(name=DEFAULT_PROFILE)
    assert profile.levels["adult"] == model.levels["adult"]
    kept = profile.model_dump(exclude={"about", "source", "levels", "dayparts", "blocks"})
    assert kept == model.model_dump(exclude={"about", "source", "levels", "dayparts", "blocks"})
    assert profile.dayparts == DEFAULT_DAYPARTS


def test_extends_null_lies_over_nothing(folder: Path) -> None:
    assert load(folder, "name: bare\nextends: null") == Profile(name="bare")


def test_mappings_merge_key_by_key_and_lists_are_replaced(folder: Path) -> None:
    text = """
    levels: {adult: {max_blocks: 5}}
    blocks: [{block: B1, day: monday, start: 18:00, end: 9 pm}]
    goals: {tiers: [weekly-minimum, [treatment-plan, preferences]]}
    """
    profile = load(folder, text)
    assert profile.levels["adult"].max_blocks == 5
    assert profile.levels["adult"].min_hours == 9
    assert "adolescent" in profile.levels
    assert [block.model_dump() for block in profile.blocks] == [
        {"block": "B1", "day": "Mon", "start": "18:00", "end": "21:00"}
    ]
    assert profile.goals.tiers == (("weekly-minimum",), ("treatment-plan", "preferences"))


def test_null_takes_an_inherited_value_away(folder: Path) -> None:
    profile = load(folder, "extends: texas_sud\ngroup_caps: {education: null}\nlevels: {adolescent: null}")
    assert profile.group_caps == {"therapy": 16}
    assert set(profile.levels) == {"adult"}
    assert load(folder, "extends: texas_sud\ngroup_caps: null").group_caps == {}
    assert load(folder, "max_per_patient: null").max_per_patient is None


def test_a_citation_does_not_outlive_the_value_that_it_cites(folder: Path) -> None:
    profile = load(folder, "extends: texas_sud\ngroup_caps: {therapy: 10}\nlevels: {adult: {min_hours: 9}}")
    assert "group_caps.therapy" not in profile.source
    assert "group_caps.education" in profile.source
    assert "levels.adult.min_hours" in profile.source, "the value is the same, so the citation still holds"
    assert "group_caps.education" not in load(folder, "extends: texas_sud\ngroup_caps: null").source


def test_a_parent_is_found_in_the_same_folder_before_the_shipped_ones(folder: Path) -> None:
    write(folder, "max_blocks_per_day: 2", "fast.yaml")
    assert load(folder, "extends: fast").max_blocks_per_day == 2
    assert load(folder, "extends: thorough").solver.time_limit == 120


def test_a_file_that_bears_a_shipped_name_may_extend_it(folder: Path) -> None:
    profile = load(folder, "extends: fast\nmax_blocks_per_day: 2", "fast.yaml")
    assert (profile.max_blocks_per_day, profile.solver.time_limit) == (2, 3)


def test_extends_runs_through_several_files(folder: Path) -> None:
    write(folder, "extends: texas_sud\nmin_rest_hours: 10", "base.yml")
    profile = load(folder, "extends: base\nmax_gap_days: 3")
    assert (profile.min_rest_hours, profile.max_gap_days, profile.group_caps["therapy"]) == (10, 3, 16)


def test_yaml_surprises_are_none(folder: Path) -> None:
    """YAML 1.1 reads 18:00 as 1080, 010 as eight; a byte order mark and Windows line ends are common."""
    lines = (
        "\ufeffname: 2024-01-01",
        "max_gap_days: 010",
        "blocks:",
        "- {block: 1:30, day: M, start: 18:00, end: 24:00}",
    )
    text = "\r\n".join(lines)
    profile = load(folder, text)
    assert (profile.name, profile.max_gap_days) == ("2024-01-01", 10)
    assert profile.blocks[0].model_dump() == {"block": "1:30", "day": "Mon", "start": "18:00", "end": "24:00"}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_resolved_text_loads_as_the_same_profile(folder: Path, name: str) -> None:
    profile = load_profile(name)
    text = resolved_text(profile)
    assert load(folder, text) == profile


def test_the_resolved_text_shows_sources_beside_the_values() -> None:
    text = resolved_text(load_profile("texas_sud"))
    line = next(line for line in text.splitlines() if line.strip().startswith("therapy: 16"))
    assert "26 TAC 564.902" in line
    assert VERIFY in line


def test_awkward_texts_survive_the_round_trip(folder: Path) -> None:
    texts = ["yes", "0x10", "a: b # c", "'", '"', "-", "1e5", "null", "ñ", "back\\slash", "- x", "12:30", " "]
    profile = load_profile(DEFAULT_PROFILE).model_copy(update={"not_enforced": tuple(texts), "about": "a: b"})
    assert load(folder, resolved_text(profile)) == profile


# ------------------------------------------------------------------------------------------------------------- refusals

PARTS_KNOWN: dict[str, tuple[str, ...] | None] = dict.fromkeys(
    ("weekly-minimum", "treatment-plan", "continuity", "operations")
) | {"preferences": ("times", "groups")}

BAD = [
    # (reason, text, code, cell, words of message or hint)
    ("misspelled key", "levls: {}", "unknown-key", "levls", "levels"),
    (
        "misspelled key within a level",
        "levels: {adult: {min_huors: 9}}",
        "unknown-key",
        "levels.adult.min_huors",
        "min_hours",
    ),
    ("misspelled key that is taken away", "group_capz: null", "unknown-key", "group_capz", "group_caps"),
    ("misspelled kind", "group_caps: {thrapy: 8}", "unknown-key", "group_caps.thrapy", "therapy"),
    ("misspelled solver key", "solver: {time_limt: 8}", "unknown-key", "solver.time_limt", "time_limit"),
    (
        "misspelled block key",
        "blocks: [{blok: A, block: B, day: Mon, start: 9, end: 12}]",
        "unknown-key",
        "blocks[0].blok",
        "block",
    ),
    (
        "block without a start",
        "blocks: [{block: A, day: Mon, end: 12:00}]",
        "missing-value",
        "blocks[0].start",
        "missing",
    ),
    ("block on no day", "blocks: [{block: A, day: Mno, start: 9, end: 12}]", "wrong-value", "blocks[0].day", "Mon"),
    ("block at no time", "blocks: [{block: A, day: Mon, start: 9, end: 5}]", "wrong-value", "blocks[0].end", "5 pm"),
    (
        "block that ends first",
        "blocks: [{block: A, day: Mon, start: 12:00, end: 9:00}]",
        "wrong-value",
        "blocks[0].end",
        "before",
    ),
    (
        "block twice",
        "blocks: [{block: A, day: Mon, start: 9, end: 12}, {block: A, day: Tue, start: 9, end: 12}]",
        "wrong-value",
        "blocks[1].block",
        "own",
    ),
    ("number as text", "solver: {time_limit: '9'}", "wrong-value", "solver.time_limit", "quotation"),
    ("number with unit", "solver: {time_limit: 9 s}", "wrong-value", "solver.time_limit", "number"),
    ("yes as a number", "solver: {workers: yes}", "wrong-value", "solver.workers", "whole number"),
    ("half a block", "max_blocks_per_day: 1.5", "wrong-value", "max_blocks_per_day", "whole number"),
    ("no block", "max_blocks_per_day: 0", "wrong-value", "max_blocks_per_day", "1"),
    ("negative rest", "min_rest_hours: -1", "wrong-value", "min_rest_hours", "0"),
    ("endless search", "solver: {time_limit: .inf}", "wrong-value", "solver.time_limit", "number"),
    ("huge number", f"solver: {{workers: {'9' * 5000}}}", "wrong-value", "solver.workers", "whole number"),
    ("level that is a number", "levels: {adult: 9}", "wrong-value", "levels.adult", "keys"),
    ("levels that are a list", "levels: [adult]", "wrong-value", "levels", "keys"),
    ("minimum over maximum", "levels: {adult: {min_hours: 21}}", "wrong-value", "levels.adult.min_hours", "max_hours"),
    ("blocks over maximum", "levels: {adult: {min_blocks: 5}}", "wrong-value", "levels.adult.min_blocks", "max_blocks"),
    ("nine days", "levels: {adult: {min_days: 9}}", "wrong-value", "levels.adult.min_days", "seven"),
    ("long day", "levels: {adult: {min_day_minutes: 2000}}", "wrong-value", "levels.adult.min_day_minutes", "1440"),
    ("age band", "levels: {adult: {age_band: child}}", "wrong-value", "levels.adult.age_band", "adolescent"),
    ("unknown goal", "goals: {tiers: [weekly-minmum]}", "unknown-goal", "goals.tiers[0]", "weekly-minimum"),
    ("unknown goal weighed", "goals: {weights: {prefs: 2}}", "unknown-goal", "goals.weights.prefs", "preferences"),
    (
        "unknown part",
        "goals: {parts: {preferences: {tims: 2}}}",
        "unknown-part",
        "goals.parts.preferences.tims",
        "times",
    ),
    ("goal in two tiers", "goals: {tiers: [continuity, continuity]}", "wrong-value", "goals", "two tiers"),
    ("empty tier", "goals: {tiers: [[]]}", "wrong-value", "goals.tiers[0]", "at least one"),
    ("negative weight", "goals: {weights: {continuity: -1}}", "wrong-value", "goals.weights.continuity", "0 or more"),
    ("day part that cannot be read", "dayparts: {late: evnings}", "wrong-value", "dayparts.late", "expected"),
    ("day part named as a day", "dayparts: {mon: Mon 9-12}", "wrong-value", "dayparts.mon", "letters"),
    (
        "citation of nothing",
        "source: {levels.adult.min_hurs: x}",
        "unknown-key",
        "source.levels.adult.min_hurs",
        "min_hours",
    ),
    ("unknown parent", "extends: adlt_iop", "unknown-profile", "extends", "adult_iop"),
    ("parents that are a list", "extends: [fast, thorough]", "wrong-value", "extends", "one profile"),
    ("itself as parent", "extends: mine", "profile-loop", "extends", "itself"),
    ("name that is a list", "name: [a]", "wrong-value", "name", "text"),
    ("broken YAML", "levels: {adult: [", "profile-not-yaml", "line 1", "line 1"),
    ("tab", "levels:\n\tadult: 1", "profile-not-yaml", "line 2", "line 2"),
    ("key twice", "max_gap_days: 1\nmax_gap_days: 2", "repeated-key", "max_gap_days", "line 2"),
    (
        "key twice deep down",
        "levels:\n  adult:\n    min_days: 1\n    min_days: 2",
        "repeated-key",
        "min_days",
        "line 4",
    ),
    ("list", "- 1\n- 2", "profile-not-a-mapping", "line 1", "keys"),
    ("one word", "adult_iop", "profile-not-a-mapping", "line 1", "keys"),
    ("alias", "a: &x [1]\nb: [*x, *x]", "profile-not-yaml", "line 2", "write it out"),
    ("code", "name: !!python/object/apply:os.getcwd []", "profile-not-yaml", "line 1", "tag"),
    ("binary", "name: !!binary aGk=", "profile-not-yaml", "line 1", "tag"),
    ("two documents", "name: a\n---\nname: b", "profile-not-yaml", "line 2", "document"),
    ("endless nesting", "a: " + "[" * 5000, "profile-not-yaml", "line 1", "deep"),
    ("no key", "? [a]\n: 1", "profile-not-yaml", "line 1", "word"),
]


@pytest.mark.parametrize(("text", "code", "cell", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_file_is_refused_at_its_place(folder: Path, text: str, code: str, cell: str, words: str) -> None:
    found = problems(folder, text, PARTS_KNOWN)
    assert [(one.code, one.sheet, one.cell) for one in found] == [(code, "mine.yaml", cell)]
    assert words in f"{found[0].message} {found[0].hint}"


def test_all_problems_are_told_at_once(folder: Path) -> None:
    text = "extends: nowhere\nlevls: {}\nmax_gap_days: -1\nsolver: {sead: 1, workers: 0}"
    found = {(one.code, one.cell) for one in problems(folder, text)}
    assert found == {
        ("unknown-profile", "extends"),
        ("unknown-key", "levls"),
        ("wrong-value", "max_gap_days"),
        ("unknown-key", "solver.sead"),
        ("wrong-value", "solver.workers"),
    }


def test_a_problem_names_the_file_that_caused_it(folder: Path) -> None:
    write(folder, "max_gap_days: -1", "base.yaml")
    (found,) = problems(folder, "extends: base\nmax_run_days: 2")
    assert (found.sheet, found.cell) == ("base.yaml", "max_gap_days")


def test_a_circle_of_parents_is_refused(folder: Path) -> None:
    write(folder, "extends: mine", "other.yaml")
    (found,) = problems(folder, "extends: other")
    assert found.code == "profile-loop"
    assert "mine -> other -> mine" in found.message


def test_a_file_that_is_too_large_is_refused(folder: Path) -> None:
    (found,) = problems(folder, "#" * (MOST_BYTES + 1))
    assert found.code == "profile-too-large"


def test_a_file_that_is_not_text_is_refused(folder: Path) -> None:
    path = folder / "mine.yaml"
    path.write_bytes(b"name: \xff\xfe")
    with pytest.raises(InputRefused) as caught:
        load_profile(path)
    assert caught.value.problems[0].code == "profile-not-yaml"


@pytest.mark.parametrize("name", ["no/such/file", "missing.yaml", "missing.yml", "x" * 300 + ".yaml", "a\0b.yaml"])
def test_a_missing_file_is_refused(name: str) -> None:
    with pytest.raises(InputRefused) as caught:
        load_profile(name)
    assert caught.value.problems[0].code == "profile-missing"


def test_a_folder_is_no_profile(folder: Path) -> None:
    with pytest.raises(InputRefused):
        load_profile(str(folder))


@pytest.mark.parametrize(
    ("name", "near"), [("texas", "texas_sud"), ("adult-iop", "adult_iop"), ("qqqq", "name from the list")]
)
def test_an_unknown_name_offers_the_nearest(name: str, near: str) -> None:
    with pytest.raises(InputRefused) as caught:
        load_profile(name)
    (found,) = caught.value.problems
    assert found.code == "unknown-profile"
    assert found.value == name
    assert near in found.hint


def test_goals_of_a_caller_are_known_to_the_loader(folder: Path) -> None:
    text = "goals: {tiers: [fairness], parts: {fairness: {spread: 2}}}"
    profile = load_profile(write(folder, text), {"fairness": {"spread": 1}})
    assert profile.goals.tiers == (("fairness",),)
