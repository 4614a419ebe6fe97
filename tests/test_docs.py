"""The documentation tells the truth: generated pages are up to date, commands print what the page says they print."""

import ast
import importlib.util
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest

from scheduler.cli import cli
from scheduler.domain.outcome import Status
from scheduler.domain.profile import Profile
from scheduler.goals.registry import GOALS
from scheduler.intake.columns import SHEETS
from scheduler.intake.mapping import load_map
from scheduler.intake.profiles import list_profiles, load_profile
from scheduler.rules.registry import RULES

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/*.md")])
ANSWERS = sorted(ROOT.glob("docs/advice/*.md"))
LARGEST_PICTURE = 400_000
NETWORK = {"socket", "urllib", "http", "requests", "httpx", "smtplib", "ftplib", "asyncio", "ssl", "webbrowser"}


def script(path: str) -> ModuleType:
    """A script of the repository as a module; scripts are not a package."""
    spec = importlib.util.spec_from_file_location(f"script_{Path(path).stem}", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


generate = script("docs/generate.py")
commands = script("docs/commands.py")


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---- pages made from the program ----


@pytest.mark.parametrize("page", generate.pages(), ids=relative)
def test_generated_sections_are_up_to_date(page: Path) -> None:
    assert generate.renewed(text_of(page)) == text_of(page), "run: python docs/generate.py"


def test_every_section_that_can_be_made_stands_on_some_page() -> None:
    everything = "".join(map(text_of, generate.pages()))
    assert [name for name in generate.SECTIONS if f"<!-- generated: {name} -->" not in everything] == []


def test_a_stale_page_is_renewed() -> None:
    stale = "before\n<!-- generated: dayparts -->\nold\n<!-- end generated -->\nafter\n"
    renewed = generate.renewed(stale)
    assert "old" not in renewed
    assert "Mon-Fri 17:00-22:00" in renewed
    assert renewed.startswith("before\n")
    assert renewed.endswith("after\n")
    assert generate.renewed(renewed) == renewed


def test_a_page_that_asks_for_an_unknown_section_is_an_error() -> None:
    with pytest.raises(KeyError):
        generate.renewed("<!-- generated: nothing -->\n<!-- end generated -->")


def test_what_each_rule_and_goal_reads_is_told_and_exists() -> None:
    assert list(generate.READS) == [item.id for item in (*RULES, *GOALS)]
    columns = {sheet.name: {column.name for column in sheet.columns} for sheet in SHEETS}
    columns["profile"] = set(Profile.model_fields)
    for reads in generate.READS.values():
        for entry in reads:
            place, _, names = entry.partition(": ")
            assert set(names.split(", ")) <= columns[place], entry


def test_every_profile_rule_and_goal_has_its_own_heading() -> None:
    rulebook, profiles = text_of(ROOT / "docs/rulebook.md"), text_of(ROOT / "docs/profiles.md")
    assert [item.id for item in (*RULES, *GOALS) if f"\n### `{item.id}`\n" not in rulebook] == []
    assert [one.name for one in list_profiles() if f"\n### {one.name}\n" not in profiles] == []


# ---- links and paths ----


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"(?:\]\(|src=\")([^)\s\"]+)[)\"]", text_of(page)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_paths_of_the_repository_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(
        r"(?<![\w/.])((?:scheduler|docs|tests|benchmarks|data|solver_configs|\.ci)/[\w./-]*\w)", text_of(page)
    )
    made_later = {"data/SHEET"}
    assert sorted({path for path in named if not (ROOT / path).exists()} - made_later) == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_pages_name_no_place_on_somebodys_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:work|tmp|home|Users|root)/\S*", text_of(page)) == []


# ---- commands ----


@pytest.mark.slow
def test_the_guide_prints_what_it_says_it_prints(tmp_path: Path) -> None:
    ran = commands.run_page(text_of(ROOT / "docs/using.md"), tmp_path)
    wrong = [f"$ {one.command}\nexit code {one.code}\n{one.printed}" for one in ran if not one.as_shown]
    assert wrong == [], "run: python docs/commands.py docs/using.md"
    assert sum(one.shown is not None for one in ran) >= 4
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert marked.sheetnames[0] == "Problems"
    assert (tmp_path / "again.xlsx").exists()


@pytest.mark.slow
@pytest.mark.parametrize("page", ANSWERS, ids=relative)
def test_the_worked_examples_print_what_they_say_they_print(page: Path, tmp_path: Path) -> None:
    ran = commands.run_page(text_of(page), tmp_path)
    wrong = [f"$ {one.command}\nexit code {one.code}\n{one.printed}" for one in ran if not one.as_shown]
    assert wrong == [], f"run: python docs/commands.py {relative(page)}"
    assert any(one.shown for one in ran)


def test_every_question_has_its_page() -> None:
    from scheduler.cli import QUESTIONS

    assert {page.stem for page in ANSWERS} == {command.name for command in QUESTIONS}
    overview = text_of(ROOT / "docs/advice.md")
    assert all(f"(advice/{page.name})" in overview for page in ANSWERS)


def test_shown_text_is_held_against_printed_text() -> None:
    assert commands.matches("a\n...\nd\n", "a\nb\nc\nd\n")
    assert commands.matches("a\n...\nb\n", "a\nb\n")
    assert commands.matches("...\n", "")
    assert not commands.matches("a\n...\nd\n", "a\nb\nc\n")
    assert not commands.matches("a\n", "a\nb\n")


def test_a_wrong_page_is_noticed(tmp_path: Path) -> None:
    page = (
        "```sh\npython run_schedule.py profiles nonsense # exit code 2\npython run_schedule.py profiles nonsense\n```\n"
    )
    ran = commands.run_page(page, tmp_path)
    assert [one.as_shown for one in ran] == [True, False]


def test_an_edit_that_has_no_row_is_an_error(tmp_path: Path) -> None:
    commands.furnish(tmp_path)
    with pytest.raises(KeyError):
        commands.edit(tmp_path / "data/small_week.xlsx", "Patients", "P99", "Availability = any")


def shown_commands(page: Path) -> list[list[str]]:
    blocks = re.findall(r"^```(?:bash|sh)\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    found = re.findall(r"run_schedule\.py ([^\n]+)", "".join(blocks).replace("\\\n", " "))
    return [_words(one) for one in found]


def _words(command: str) -> list[str]:
    """The words of a command up to a comment or to what the shell does next."""
    words = shlex.split(command, comments=True)
    ends = [place for place, word in enumerate(words) if word[0] in "&>|"]
    return words[: min(ends, default=len(words))]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_shown_commands_and_options_exist(page: Path) -> None:
    for words in shown_commands(page):
        command = cli.commands[words[0]]
        command.make_context(words[0], words[1:])  # raises for an unknown option
        assert [word for word in words if word.startswith("data/") and not (ROOT / word).exists()] == []


def test_the_readme_opens_with_the_picture() -> None:
    lines = [line for line in text_of(ROOT / "README.md").splitlines() if line]
    assert lines[0].startswith("# ")
    assert 'src="docs/images/timetable.png"' in lines[1]


def test_the_readme_shows_how_to_run_and_how_to_test_in_one_line_each() -> None:
    lines = re.findall(r"^```bash\n([^\n]*)\n```", text_of(ROOT / "README.md"), re.MULTILINE)
    assert "pip install ." in lines[0]
    assert shown_commands(ROOT / "README.md")[0][:2] == ["solve", "data/clinic_60.xlsx"]
    assert "pip install -e '.[test]'" in lines[1]
    assert lines[1].endswith("-m pytest")


def yaml_blocks(name: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", text_of(ROOT / "docs" / name), re.DOTALL | re.MULTILINE)


def test_shown_profiles_and_maps_can_be_used(tmp_path: Path) -> None:
    shown = [*yaml_blocks("using.md"), *yaml_blocks("profiles.md")]
    profiles = [text for text in shown if text.startswith("name:")]
    maps = [text for text in shown if text.startswith("sheets:")]
    assert len(profiles) + len(maps) == len(shown) == 3
    for place, text in enumerate(shown):
        path = tmp_path / f"{place}.yaml"
        path.write_text(text, "utf-8")
        if text in profiles:
            assert load_profile(path).name == "ours"
        else:
            assert load_map(path).sheets == {"Patients": "Client List"}


# ---- promises ----


def test_documented_json_is_what_is_printed(tmp_path: Path) -> None:
    commands.furnish(tmp_path)
    page = text_of(ROOT / "docs/format.md")
    section = page[page.index("## JSON") :]
    documented = {
        key for row in re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)
    }
    week, out = tmp_path / "data/small_week.xlsx", tmp_path / "out.xlsx"
    done = subprocess.run(
        [sys.executable, "run_schedule.py", "solve", week, "-o", out, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert set(json.loads(done.stdout)) == documented


def test_every_status_is_documented() -> None:
    page = text_of(ROOT / "docs/format.md")
    assert [status for status in Status if f"`{status.value}`" not in page] == []


def test_no_module_can_reach_the_network() -> None:
    """README promises that nothing leaves the computer."""
    for path in sorted((ROOT / "scheduler").rglob("*.py")):
        for node in ast.walk(ast.parse(text_of(path))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} & NETWORK == set(), relative(path)


def test_commands_that_need_no_solver_do_not_load_it(tmp_path: Path) -> None:
    runs = [
        ["--help"],
        ["solve", "--help"],
        ["profiles"],
        ["profiles", "texas_sud"],
        ["template", str(tmp_path / "t.xlsx")],
    ]
    code = (
        f"import sys; from scheduler.cli import main; codes = [main(words) for words in {runs!r}]; "
        "print(codes, 'ortools' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 0, 0] False"


def test_the_picture_is_a_small_png() -> None:
    picture = ROOT / "docs/images/timetable.png"
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert 50_000 < len(data) < LARGEST_PICTURE
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    assert width > 1000
    assert height > 600
