"""Profiles: YAML files of program rules, goals and solver settings, laid over one another by ``extends``.

A file that names no ``extends`` lies over the default profile, so that an empty file gives the defaults;
``extends: null`` lies over nothing. Every problem is located at its file and key path, and all are reported at once.
"""

import json
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from scheduler.domain.availability import LanguageError, read_clock, read_day, read_dayparts
from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.profile import DEFAULT_TIERS, Profile
from scheduler.domain.spelling import nearest
from scheduler.domain.types import DAYS_PER_WEEK, MINUTES_PER_DAY, Frozen
from scheduler.intake.strict_yaml import StrictYamlError, read_yaml

DEFAULT_PROFILE = "adult_iop"
MOST_BYTES = 1_000_000
MOST_ANCESTORS = 20
VERIFY = "verify with your payer"
"""The words that every pack's sources carry."""

KnownGoals = Mapping[str, Collection[str] | None]
"""Goal ids with the names of their parts; None where the parts are not to be checked."""
KNOWN_GOALS: KnownGoals = {goal: None for tier in DEFAULT_TIERS for goal in tier}

KeyPath = tuple[str | int, ...]


class ProfileEntry(Frozen):
    """A shipped profile, for a list of them."""

    name: str
    about: str
    extends: str
    path: Path


@dataclass
class _Source:
    """One file as read: its tree, and where it stands."""

    path: Path
    tree: dict[str, Any]

    @property
    def label(self) -> str:
        """The file name, which stands where a sheet's name would."""
        return self.path.name


@dataclass
class _Merged:
    """Files laid over one another: the tree, and which file said what."""

    tree: dict[str, Any] = field(default_factory=dict)
    origin: dict[KeyPath, str] = field(default_factory=dict)

    def label_of(self, path: KeyPath) -> str:
        """The file that set the value at a key path, or the nearest one above it."""
        while path and path not in self.origin:
            path = path[:-1]
        return self.origin.get(path, self.origin.get((), ""))


# ------------------------------------------------------------------------------------------------------------- public


def profile_folder() -> Path:
    """The folder of the shipped profiles: inside an installed package, else at the top of the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "solver_configs"
    return inside if inside.is_dir() else package.parent / "solver_configs"


def load_profile(name_or_path: str | Path, known_goals: KnownGoals | None = None) -> Profile:
    """A profile by its shipped name or by the path of a file, resolved and checked.

    Args:
        name_or_path: a name such as ``texas_sud``; or a path, which has a slash, ends in ``.yaml`` or ``.yml``, or is a
            file that exists.
        known_goals: the goals that a profile may name, with their parts; by default the five of this program, with
            parts unchecked.

    Raises:
        InputRefused: with every problem found.
    """
    problems: list[Problem] = []
    chain = _chain(_locate(str(name_or_path)), problems)
    goals = KNOWN_GOALS if known_goals is None else known_goals
    problems.extend(problem for source in chain for problem in _unknown_keys(source))
    merged = _merge(chain)
    merged.tree.pop("extends", None)
    merged.tree["name"] = chain[-1].tree.get("name") or chain[-1].path.stem
    _normalise(merged, problems)
    profile = _validated(merged, problems)
    if profile is not None:
        problems.extend(_cross_checks(profile, merged, goals))
    if profile is None or problems:
        raise InputRefused(tuple(problems))
    return profile


def list_profiles() -> tuple[ProfileEntry, ...]:
    """The shipped profiles, the default first, then by name.

    Raises:
        InputRefused: if one of them cannot be read.
    """
    entries = []
    for path in _shipped():
        tree = _read(path).tree
        extends = "" if path.stem == DEFAULT_PROFILE else str(tree.get("extends") or "")
        about = " ".join(str(tree.get("about") or "").split())
        entries.append(ProfileEntry(name=path.stem, about=about, extends=extends, path=path))
    return tuple(sorted(entries, key=lambda entry: (entry.name != DEFAULT_PROFILE, entry.name)))


def resolved_text(profile: Profile) -> str:
    """A profile with everything inherited written out, as YAML; each cited value carries its source as a comment.

    Loading the text gives the same profile.
    """
    tree = json.loads(profile.model_dump_json(exclude_none=True))
    head = {"name": tree.pop("name"), "about": tree.pop("about"), "extends": None}
    lines = list(_yaml_lines(head | tree, (), profile.source))
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------------------------- finding files


def _shipped() -> list[Path]:
    return sorted(profile_folder().glob("*.yaml"))


def _refuse(
    code: str, message: str, *, sheet: str = "", cell: str = "", value: str = "", hint: str = ""
) -> InputRefused:
    return InputRefused((Problem(code=code, sheet=sheet, cell=cell, value=value, message=message, hint=hint),))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _locate(name_or_path: str) -> Path:
    path = Path(name_or_path)
    shipped = {one.stem: one for one in _shipped()}
    if name_or_path in shipped:
        return shipped[name_or_path]
    if "/" in name_or_path or "\\" in name_or_path or path.suffix in (".yaml", ".yml") or _is_file(path):
        if not _is_file(path):
            raise _refuse("profile-missing", "there is no such profile file", value=name_or_path)
        return path
    raise _unknown_profile(name_or_path, sorted(shipped))


def _unknown_profile(name: str, known: list[str], *, sheet: str = "", cell: str = "") -> InputRefused:
    message = f"there is no profile '{name}'; the profiles are {', '.join(known)}"
    near = nearest(name, known)
    hint = f"did you mean {near}?" if near else "give a name from the list, or the path of a YAML file"
    return _refuse("unknown-profile", message, sheet=sheet, cell=cell, value=name, hint=hint)


def _read(path: Path) -> _Source:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise _refuse("profile-too-large", f"a profile has at most {MOST_BYTES} bytes", sheet=path.name)
        return _Source(path, read_yaml(data.decode("utf-8-sig")))
    except OSError as error:
        message = f"the profile cannot be read: {error.strerror or error}"
        raise _refuse("profile-unreadable", message, sheet=path.name) from error
    except UnicodeDecodeError as error:
        raise _refuse("profile-not-yaml", "the file is not UTF-8 text", sheet=path.name) from error
    except StrictYamlError as error:
        where = f"line {error.line}: " if error.line else ""
        cell = error.key or (f"line {error.line}" if error.line else "")
        raise _refuse(error.code, where + error.message, sheet=path.name, cell=cell, value=error.key) from error


def _chain(path: Path, problems: list[Problem]) -> list[_Source]:
    """The file and all that it extends, the furthest ancestor first.

    What is wrong with an ancestor goes to ``problems``, and the default profile stands in for it, so that the rest of
    the file is looked at too.
    """
    chain = [_read(path)]
    seen = [path.resolve()]
    try:
        while (parent := _parent(chain[0])) is not None:
            if parent.resolve() in seen or len(chain) > MOST_ANCESTORS:
                names = " -> ".join(one.stem for one in (*seen, parent))
                message = f"'extends' runs in a circle: {names}"
                raise _refuse("profile-loop", message, sheet=chain[0].label, cell="extends", value=parent.stem)
            seen.append(parent.resolve())
            chain.insert(0, _read(parent))
    except InputRefused as refused:
        problems.extend(refused.problems)
        chain.insert(0, _read(profile_folder() / f"{DEFAULT_PROFILE}.yaml"))
    return chain


def _parent(source: _Source) -> Path | None:
    shipped = {one.stem: one for one in _shipped()}
    default = shipped.get(DEFAULT_PROFILE)
    if "extends" not in source.tree:
        is_default = default is None or source.path.resolve() == default.resolve()
        return None if is_default else default
    name = source.tree["extends"]
    if name is None:
        return None
    if not isinstance(name, str):
        raise _refuse(
            "wrong-value", "expected the name of one profile", sheet=source.label, cell="extends", value=str(name)
        )
    return _parent_named(source, name, shipped)


def _parent_named(source: _Source, name: str, shipped: Mapping[str, Path]) -> Path:
    """A profile of the same folder before a shipped one; a file never finds itself."""
    here = source.path.parent
    options = [here / name, here / f"{name}.yaml", here / f"{name}.yml", shipped.get(name)]
    for option in options:
        if option is not None and _is_file(option) and option.resolve() != source.path.resolve():
            return option
    if source.path.stem == name:
        raise _refuse("profile-loop", f"'{name}' extends itself", sheet=source.label, cell="extends", value=name)
    raise _unknown_profile(name, sorted(shipped), sheet=source.label, cell="extends")


# ---------------------------------------------------------------------------------------------------- keys that exist


def dotted(path: KeyPath) -> str:
    """A key path as people write it: ``levels.adult.min_hours``, ``blocks[2].start``."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def _unknown_keys(source: _Source) -> Iterator[Problem]:
    tree = {key: value for key, value in source.tree.items() if key != "extends"}
    for path, known in _strangers(Profile, tree, ()):
        key = str(path[-1])
        near = nearest(key, known)
        options = sorted({*known, "extends"} if len(path) == 1 else known)
        yield Problem(
            code="unknown-key",
            sheet=source.label,
            cell=dotted(path),
            value=key,
            message=f"there is no key '{dotted(path)}'; here go {', '.join(options)}",
            hint=f"did you mean {near}?" if near else "",
        )


def _strangers(kind: Any, value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, tuple[str, ...]]]:
    """Each key of a tree that its model does not know, with the keys that it does."""
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict):
        fields = kind.model_fields
        for key, inner in value.items():
            if key not in fields:
                yield (*path, key), tuple(fields)
            else:
                yield from _strangers(fields[key].annotation, inner, (*path, key))
    elif get_origin(kind) is dict and isinstance(value, dict):
        key_kind, value_kind = get_args(kind)
        allowed = get_args(key_kind) if get_origin(key_kind) is Literal else None
        for key, inner in value.items():
            if allowed is not None and key not in allowed:
                yield (*path, key), allowed
            else:
                yield from _strangers(value_kind, inner, (*path, key))
    elif get_origin(kind) is tuple and isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strangers(get_args(kind)[0], inner, (*path, index))


def _bare(kind: Any) -> Any:
    """A type without ``| None``."""
    if get_origin(kind) in (Union, types.UnionType):
        inner = [one for one in get_args(kind) if one is not type(None)]
        return inner[0] if len(inner) == 1 else kind
    return kind


# -------------------------------------------------------------------------------------------------------------- merging


def _merge(chain: list[_Source]) -> _Merged:
    merged = _Merged()
    for source in chain:
        changed = list(_overlay(merged, merged.tree, source.tree, (), source.label))
        _forget_sources(merged, source, changed)
        merged.origin[()] = source.label
    return merged


def _overlay(
    merged: _Merged, under: dict[str, Any], over: dict[str, Any], path: KeyPath, label: str
) -> Iterator[KeyPath]:
    """Lays one mapping over another, key by key; null takes away. Yields the key paths whose values changed."""
    for key, value in over.items():
        here = (*path, key)
        if isinstance(value, dict):
            if not isinstance(under.get(key), dict):
                under[key] = {}
            merged.origin[here] = label
            yield from _overlay(merged, under[key], value, here, label)
        elif value is None:
            if under.pop(key, None) is not None:
                yield here
        else:
            if under.get(key) != value:
                yield here
            under[key] = value
            merged.origin[here] = label


def _forget_sources(merged: _Merged, source: _Source, changed: list[KeyPath]) -> None:
    """Drops inherited citations of values that this file changed: they no longer hold."""
    inherited = merged.tree.get("source")
    own = source.tree.get("source")
    if not isinstance(inherited, dict):
        return
    mine = own if isinstance(own, dict) else {}
    for path in map(dotted, changed):
        for cited in [key for key in inherited if key == path or key.startswith(f"{path}.")]:
            if cited not in mine:
                del inherited[cited]


# ------------------------------------------------------------------------------------------------------------- checking


def _normalise(merged: _Merged, problems: list[Problem]) -> None:
    """Writes days and times of the grid in one spelling, and a tier of one goal as a list."""
    blocks = merged.tree.get("blocks")
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if isinstance(block, dict):
            _normalise_block(merged, block, index, problems)
    goals = merged.tree.get("goals")
    tiers = goals.get("tiers") if isinstance(goals, dict) else None
    if isinstance(goals, dict) and isinstance(tiers, list):
        goals["tiers"] = [[tier] if isinstance(tier, str) else tier for tier in tiers]


def _normalise_block(merged: _Merged, block: dict[str, Any], index: int, problems: list[Problem]) -> None:
    for key in ("day", "start", "end"):
        value = block.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int):
            continue
        try:
            block[key] = _spelled(key, str(value))
        except LanguageError as error:
            problems.append(_language_problem(merged, ("blocks", index, key), str(value), error))


def _spelled(key: str, value: str) -> str:
    if key == "day":
        return read_day(value).short
    minute = read_clock(value)
    if key == "end" and minute == 0:
        minute = MINUTES_PER_DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _language_problem(merged: _Merged, path: KeyPath, value: str, error: LanguageError) -> Problem:
    return Problem(
        code="wrong-value",
        sheet=merged.label_of(path),
        cell=dotted(path),
        value=error.word or value,
        message=error.message,
        hint=f"did you mean {error.suggestion}?" if error.suggestion else "",
    )


def _validated(merged: _Merged, problems: list[Problem]) -> Profile | None:
    try:
        return Profile.model_validate_json(json.dumps(merged.tree), strict=True)
    except ValidationError as refused:
        known = {(problem.sheet, problem.cell) for problem in problems}
        for error in refused.errors(include_url=False):
            path = tuple(part for part in error["loc"] if part != "[key]")
            sheet, cell = merged.label_of(path), dotted(path)
            if error["type"] == "extra_forbidden" or (sheet, cell) in known:
                continue
            problems.append(_pydantic_problem(sheet, cell, dict(error)))
    return None


_PLAIN = {
    "missing": "this is missing",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "dict_type": "expected keys with values",
    "model_type": "expected keys with values",
    "model_attributes_type": "expected keys with values",
    "tuple_type": "expected a list",
}


def _pydantic_problem(sheet: str, cell: str, error: dict[str, Any]) -> Problem:
    message = _PLAIN.get(error["type"], "")
    if not message:
        message = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "expected a value")
    shown = "" if error["type"] == "missing" else json.dumps(error.get("input"), default=str)[:80]
    quoted = isinstance(error.get("input"), str) and error["type"] in ("int_type", "float_type", "bool_type")
    return Problem(
        code="missing-value" if error["type"] == "missing" else "wrong-value",
        sheet=sheet,
        cell=cell,
        value=shown.strip('"'),
        message=message,
        hint="write it without quotation marks or units" if quoted else "",
    )


def _cross_checks(profile: Profile, merged: _Merged, goals: KnownGoals) -> Iterator[Problem]:
    yield from _check_levels(profile, merged)
    yield from _check_grid(profile, merged)
    yield from _check_dayparts(profile, merged)
    yield from _check_goals(profile, merged, goals)
    yield from _check_sources(profile, merged)


def _wrong(merged: _Merged, path: KeyPath, value: object, message: str, hint: str = "") -> Problem:
    sheet = merged.label_of(path)
    return Problem(code="wrong-value", sheet=sheet, cell=dotted(path), value=str(value), message=message, hint=hint)


def _check_levels(profile: Profile, merged: _Merged) -> Iterator[Problem]:
    if not profile.levels:
        yield _wrong(merged, ("levels",), "", "a profile needs at least one level of care")
    for name, level in profile.levels.items():
        path = ("levels", name)
        for low, high in (("min_hours", "max_hours"), ("min_blocks", "max_blocks")):
            if getattr(level, low) > getattr(level, high):
                message = f"{low} is more than {high}, {getattr(level, high)}"
                yield _wrong(merged, (*path, low), getattr(level, low), message)
        if level.min_days > DAYS_PER_WEEK:
            yield _wrong(merged, (*path, "min_days"), level.min_days, "a week has seven days")
        if level.min_day_minutes > MINUTES_PER_DAY:
            yield _wrong(merged, (*path, "min_day_minutes"), level.min_day_minutes, "a day has 1440 minutes")


def _check_grid(profile: Profile, merged: _Merged) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, block in enumerate(profile.blocks):
        if block.block in seen or not block.block.strip():
            yield _wrong(merged, ("blocks", index, "block"), block.block, "each block needs an id of its own")
        seen.add(block.block)
        if block.start >= block.end:
            yield _wrong(merged, ("blocks", index, "end"), block.end, f"the block ends before it begins, {block.start}")


def _check_dayparts(profile: Profile, merged: _Merged) -> Iterator[Problem]:
    for name, text in profile.dayparts.items():
        try:
            read_dayparts({name: text})
        except LanguageError as error:
            yield _language_problem(merged, ("dayparts", name), text, error)


def _check_goals(profile: Profile, merged: _Merged, goals: KnownGoals) -> Iterator[Problem]:
    settings = profile.goals
    named: list[tuple[KeyPath, str]] = []
    for index, tier in enumerate(settings.tiers):
        if not tier:
            yield _wrong(merged, ("goals", "tiers", index), "[]", "a tier names at least one goal")
        named.extend((("goals", "tiers", index), goal) for goal in tier)
    named.extend((("goals", "weights", goal), goal) for goal in settings.weights)
    named.extend((("goals", "parts", goal), goal) for goal in settings.parts)
    for path, goal in named:
        if goal not in goals:
            yield _unknown_name(merged, path, goal, "goal", tuple(goals))
    for goal, parts in settings.parts.items():
        known = goals.get(goal)
        for part in parts if known is not None else ():
            if known is not None and part not in known:
                yield _unknown_name(merged, ("goals", "parts", goal, part), part, "part", tuple(known))
    yield from _check_weights(profile, merged)


def _check_weights(profile: Profile, merged: _Merged) -> Iterator[Problem]:
    weights: list[tuple[KeyPath, int]] = [(("goals", "weights", g), w) for g, w in profile.goals.weights.items()]
    for goal, parts in profile.goals.parts.items():
        weights.extend((("goals", "parts", goal, part), weight) for part, weight in parts.items())
    for path, weight in weights:
        if weight < 0:
            yield _wrong(merged, path, weight, "a weight is 0 or more")


def _unknown_name(merged: _Merged, path: KeyPath, name: str, what: str, known: tuple[str, ...]) -> Problem:
    near = nearest(name, known)
    return Problem(
        code=f"unknown-{what}",
        sheet=merged.label_of(path),
        cell=dotted(path),
        value=name,
        message=f"there is no {what} '{name}'; there are {', '.join(known)}",
        hint=f"did you mean {near}?" if near else "",
    )


def _check_sources(profile: Profile, merged: _Merged) -> Iterator[Problem]:
    known = set(value_paths(profile))
    for cited in profile.source:
        if not any(path == cited or path.startswith(f"{cited}.") for path in known):
            near = nearest(cited, known)
            yield Problem(
                code="unknown-key",
                sheet=merged.label_of(("source", cited)),
                cell=f"source.{cited}",
                value=cited,
                message="there is no such value; a source cites one by its key path, such as levels.adult.min_hours",
                hint=f"did you mean {near}?" if near else "",
            )


def value_paths(profile: Profile) -> dict[str, Any]:
    """Every value of a resolved profile that a source may cite, by its key path; lists count as one value."""
    tree = profile.model_dump(mode="json", exclude={"name", "about", "source", "not_enforced"})
    return dict(_leaves(tree, ()))


def _leaves(tree: Mapping[str, Any], path: KeyPath) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield dotted((*path, key)), value


# -------------------------------------------------------------------------------------------------------------- writing


def _yaml_lines(tree: Mapping[str, Any], path: KeyPath, cited: Mapping[str, str]) -> Iterator[str]:
    indent = "  " * len(path)
    for key, value in tree.items():
        here = (*path, key)
        source = cited.get(dotted(here), "")
        comment = f"  # {' '.join(source.split())}" if source else ""
        if isinstance(value, dict) and value:
            yield f"{indent}{_scalar(key)}:{comment}"
            yield from _yaml_lines(value, here, cited if key != "source" else {})
        elif isinstance(value, list) and value:
            yield f"{indent}{_scalar(key)}:{comment}"
            yield from (f"{indent}  - {_flow(item)}" for item in value)
        else:
            yield f"{indent}{_scalar(key)}: {_flow(value)}{comment}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "null" if value is None else json.dumps(value)


def _is_plain(value: str) -> bool:
    if not value or not set(value) <= set(_PLAIN_SIGNS) or value != value.strip() or value[0] in "-.":
        return False
    return bool(read_yaml(f"k: {value}")["k"] == value and yaml.safe_load(value) == value)


_PLAIN_SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. "
