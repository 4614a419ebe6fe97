"""Writes the parts of the documentation that follow from the program itself: run it after changing a rule or column.

A page holds hand-written text and, between ``<!-- generated: NAME -->`` and ``<!-- end generated -->``, a section made
here. ``python docs/generate.py`` rewrites the sections; ``--check`` only says whether they are up to date.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from scheduler.domain.availability import (
    DEFAULT_DAYPARTS,
    LanguageError,
    describe,
    read_availability,
    read_dayparts,
)
from scheduler.domain.profile import Profile
from scheduler.goals.registry import GOALS
from scheduler.intake.columns import SHEETS, TIMETABLE_SHEETS, ColumnSpec, SheetSpec
from scheduler.intake.profiles import DEFAULT_PROFILE, list_profiles, load_profile
from scheduler.model.protocol import Goal, Rule
from scheduler.preflight.registry import CHECKS
from scheduler.rules.registry import RULES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_SECTION = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end generated -->)", re.DOTALL)

READS: Mapping[str, tuple[str, ...]] = {
    "availability": (
        "Patients: Availability, Unavailable",
        "Therapists: Availability, Unavailable",
        "Rooms: Availability",
        "Groups: Times",
        "Blocks: Day, Start, End",
    ),
    "one-place-at-a-time": ("Blocks: Day, Start, End",),
    "blocks-per-day": ("Therapists: Max blocks per day", "profile: max_blocks_per_day"),
    "weekly-maximum": ("Patients: Max blocks, Max hours", "profile: levels"),
    "eligibility": ("Patients: Level, Tags", "Groups: Open to", "profile: levels"),
    "avoided-groups": ("Patients: Avoid groups",),
    "repeat-limit": ("Groups: Max per patient", "profile: max_per_patient"),
    "group-size": ("Groups: Min size, Max size, Kind", "Rooms: Capacity", "profile: group_caps"),
    "qualified": ("Therapists: Groups, Modality", "Groups: Modality, Facilitators"),
    "therapist-load": ("Therapists: Max blocks",),
    "rest": ("Blocks: Day, Start, End", "profile: min_rest_hours"),
    "room-fit": ("Groups: Modality, Room features", "Rooms: Features"),
    "modality": ("Patients: Modality", "Groups: Modality"),
    "sessions-per-week": ("Groups: Max sessions",),
    "apart": ("Apart: Patient, With",),
    "pins": ("Pins: Patient, Block, Group, Therapist, Room",),
    "weekly-minimum": (
        "Patients: Min hours, Min blocks, Priority, Level",
        "profile: levels, block_hours",
    ),
    "treatment-plan": ("Patients: Required groups, Priority", "Groups: Min sessions", "Together: Patient, With"),
    "continuity": ("Previous: Patient, Block, Group, Therapist",),
    "preferences": ("Patients: Preferred times, Preferred groups, Primary therapist",),
    "operations": (
        "Groups: Min size, Max size",
        "Therapists: Min blocks",
        "profile: max_gap_days, max_run_days",
    ),
}
"""What each rule and goal reads: columns by sheet, keys of the profile. A test holds the names against the tables."""

READ_EXAMPLES = (
    "evenings",
    "weekends",
    "work hours",
    "evenings; weekends",
    "any",
    "Mon",
    "Tue-Thu",
    "M-W-F",
    "Mon/Wed/Fri",
    "Mon 9-12",
    "Mon 9:15-12:00; Thu 13:30-16:30",
    "Tue-Thu after 17:30",
    "Sat before 14:00",
    "Mon/Wed evenings",
    "6pm-9pm",
    "18:00-21:00",
    "not Wed",
    "evenings; not Wed",
    "weekdays; except Fri afternoons",
    "Mon-Fri 8-5 pm",
    "Fri-Mon",
    "Sat evenings",
    "Mon evenings and Sat 9-12",
)
TRAPS = (
    "Mon 6-9",
    "TBD",
    "evning",
    "S mornings",
    "2026-01-05",
    "Tue, 9-12",
    "Mon-Fri 8-5",
    "Mon, Wed 9-12",
    "evenings, except",
)
"""Cells that are refused, or that mean something else than a hurried reader thinks."""


# ------------------------------------------------------------------------------------------------------- small helpers


def cell(text: object) -> str:
    """Text for a cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Inline code, or nothing."""
    return f"`{text}`" if text else ""


# ------------------------------------------------------------------------------------------------- rules and goals


def rules_in_words() -> str:
    """Each rule for people: words, what it reads, where it comes from."""
    return "\n".join(_entry(rule) for rule in RULES)


def goals_in_words() -> str:
    """Each goal for people."""
    parts = []
    for goal in GOALS:
        weights = ", ".join(f"{part} {weight}" for part, weight in goal.parts.items())
        parts.append(_entry(goal) + f"\nMeasured in: {goal.unit}. Parts and their default weights: {weights}.\n")
    return "\n".join(parts)


def _entry(item: Rule | Goal) -> str:
    places = (entry.partition(": ") for entry in READS[item.id])
    reads = "; ".join(f"{names} ({place})" for place, _, names in places)
    lines = [f"### `{item.id}`", "", item.words, "", f"- Reads: {reads}"]
    if item.source:
        lines.append(f"- Source: {item.source}")
    lines += [f"- Formula: `{item.formula}`", f"- File: `{_file_of(item)}`", ""]
    return "\n".join(lines)


def _file_of(item: object) -> str:
    return str(Path(inspect.getfile(type(item))).resolve().relative_to(ROOT))


def rule_formulas() -> str:
    """Each rule in mathematics."""
    return table(("rule", "in mathematics"), ((code(rule.id), code(rule.formula)) for rule in RULES))


def goal_formulas() -> str:
    """Each goal in mathematics."""
    rows = ((code(goal.id), code(goal.formula), f"{goal.scale} per {goal.unit}") for goal in GOALS)
    return table(("goal", "in mathematics", "units"), rows)


def files_of_rules() -> str:
    """Where each rule and goal lives."""
    return table(("id", "file"), ((code(item.id), code(_file_of(item))) for item in (*RULES, *GOALS)))


def checks_before_solving() -> str:
    """Every check of a week as a whole, with its own words."""
    rows = ((code(f"{check.__module__}.{check.__name__}"), _first_line(check)) for check in CHECKS)
    return table(("check", "what it finds"), rows)


def _first_line(thing: Callable[..., object]) -> str:
    return (inspect.getdoc(thing) or "").split("\n")[0]


# --------------------------------------------------------------------------------------------------------- profiles


def profiles_listed() -> str:
    """All profiles with what they are for."""
    rows = ((f"[`{one.name}`](#{one.name})", one.about, code(one.extends)) for one in list_profiles())
    return table(("profile", "for", "extends"), rows)


def profiles_in_full() -> str:
    """Each profile: what it sets, by whom, and what it asks that is not checked."""
    default = _flat(load_profile(DEFAULT_PROFILE))
    return "\n".join(_profile(entry.name, default) for entry in list_profiles())


def _profile(name: str, default: Mapping[str, str]) -> str:
    profile = load_profile(name)
    values = _flat(profile)
    own = name == DEFAULT_PROFILE
    shown = {key: value for key, value in values.items() if own or default.get(key) != value or _cited(profile, key)}
    if not own:
        shown = {key: value for key, value in shown.items() if not _inherited(profile, key, value, default)}
    taken = [key for key in default if key not in values]
    lines = [f"### {name}", "", profile.about, ""]
    rows = [(code(key), value, _cited(profile, key)) for key, value in shown.items()]
    if rows:
        lines.append(table(("key", "value", "source"), rows))
    if taken:
        lines.append("Not in this profile, though the default has it: " + ", ".join(map(code, taken)) + ".\n")
    if profile.not_enforced:
        lines.append("Asked by the payer or regulator, and **not checked** by this program:\n")
        lines += [f"- {one}" for one in profile.not_enforced]
        lines.append("")
    return "\n".join(lines)


def _flat(profile: Profile) -> dict[str, str]:
    """The numbers of a profile by dotted key; the grid as one value a time of day."""
    tree: dict[str, Any] = profile.model_dump(
        mode="json", exclude={"name", "about", "source", "not_enforced", "blocks", "goals"}
    )
    found = dict(_leaves(tree, ""))
    grid: dict[str, list[str]] = {}
    for block in profile.blocks:
        grid.setdefault(f"{block.start}-{block.end}", []).append(block.day)
    found["blocks"] = "; ".join(f"{' '.join(days)} {times}" for times, days in grid.items())
    found["goals.tiers"] = " > ".join(" + ".join(tier) for tier in profile.goals.tiers)
    for group in ("weights", "parts"):
        found |= dict(_leaves(getattr(profile.goals, group), f"goals.{group}."))
    return found


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key}", _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cited(profile: Profile, key: str) -> str:
    """The citation of a key, or of the mapping it stands in."""
    parts = key.split(".")
    for end in range(len(parts), 0, -1):
        found = profile.source.get(".".join(parts[:end]))
        if found is not None:
            return found
    return ""


def _inherited(profile: Profile, key: str, value: str, default: Mapping[str, str]) -> bool:
    same_source = _cited(profile, key) == _cited(load_profile(DEFAULT_PROFILE), key)
    return default.get(key) == value and same_source


# ----------------------------------------------------------------------------------------------------------- sheets


def input_sheets() -> str:
    """Every sheet that is read, with its columns."""
    return "\n".join(_sheet(sheet) for sheet in SHEETS)


def machine_sheets() -> str:
    """The two sheets that machines read."""
    return "\n".join(_sheet(sheet, with_aliases=False) for sheet in TIMETABLE_SHEETS)


def _sheet(sheet: SheetSpec, *, with_aliases: bool = True) -> str:
    lines = [f"### {sheet.name}", "", sheet.about + (" **Must be there.**" if sheet.required else ""), ""]
    lines.append(table(("column", "must be filled", "what it holds", "example"), map(_column, sheet.columns)))
    if with_aliases:
        lines.append("<details><summary>Other names that are understood</summary>\n")
        if sheet.aliases:
            lines.append(f"- The sheet: {', '.join(sheet.aliases)}")
        lines += [f"- {one.name}: {', '.join(one.aliases)}" for one in sheet.columns if one.aliases]
        lines.append("\n</details>\n")
    return "\n".join(lines)


def _column(column: ColumnSpec) -> tuple[str, str, str, str]:
    about = column.about
    if column.choices:
        about += f". One of: {', '.join(column.choices)}"
    return f"`{column.name}`", "yes" if column.required else "", about, code(column.example)


# ------------------------------------------------------------------------------------------------ availability language


def readings() -> str:
    """Good cells and what they mean."""
    return table(("you write", "it is read as", "note"), (_reading(text) for text in READ_EXAMPLES))


def traps() -> str:
    """Cells that are refused or surprise."""
    return table(("you write", "what happens", "what it says"), (_trap(text) for text in TRAPS))


def dayparts() -> str:
    """The day parts of the default profile."""
    parts = load_profile(DEFAULT_PROFILE).dayparts or DEFAULT_DAYPARTS
    return table(("day part", "means"), ((code(name), text) for name, text in parts.items()))


def _reading(text: str) -> tuple[str, str, str]:
    found = read_availability(text, read_dayparts(DEFAULT_DAYPARTS))
    return code(text), describe(found.times), "; ".join(found.notes)


def _trap(text: str) -> tuple[str, str, str]:
    try:
        meant, notes = _reading(text)[1:]
    except LanguageError as error:
        hint = f" (did you mean {error.suggestion}?)" if error.suggestion else ""
        return code(text), "refused", f"{error}{hint}"
    return code(text), f"read as {meant}", notes


# ------------------------------------------------------------------------------------------------------------- pages

SECTIONS: Mapping[str, Callable[[], str]] = {
    "rules": rules_in_words,
    "goals": goals_in_words,
    "rule-formulas": rule_formulas,
    "goal-formulas": goal_formulas,
    "rule-files": files_of_rules,
    "checks": checks_before_solving,
    "profiles": profiles_listed,
    "profiles-in-full": profiles_in_full,
    "input-sheets": input_sheets,
    "machine-sheets": machine_sheets,
    "readings": readings,
    "traps": traps,
    "dayparts": dayparts,
}


def renewed(page: str) -> str:
    """A page with every generated section made anew.

    Raises:
        KeyError: if the page asks for a section that nobody makes.
    """
    return _SECTION.sub(lambda found: f"{found[1]}\n{SECTIONS[found[2]]()}\n{found[3]}", page)


def pages() -> list[Path]:
    """Every page of the documentation."""
    return sorted(DOCS.glob("*.md"))


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a page is out of date.")
def main(check: bool) -> None:
    """Rewrite the generated sections of docs/*.md."""
    stale = [page for page in pages() if renewed(page.read_text("utf-8")) != page.read_text("utf-8")]
    for page in stale:
        click.echo(f"{'out of date' if check else 'rewrote'}: {page.relative_to(ROOT)}")
        if not check:
            page.write_text(renewed(page.read_text("utf-8")), "utf-8")
    if check and stale:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
