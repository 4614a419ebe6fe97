"""``--map``: how the sheets, columns and words of a foreign export are called there."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from scheduler.domain.spelling import nearest
from scheduler.domain.types import Frozen
from scheduler.intake.collector import Collector, Spot, refusal
from scheduler.intake.columns import SHEETS, TIMETABLE_SHEETS, SheetSpec, fold, sheet_named
from scheduler.intake.safety import read_bytes
from scheduler.intake.strict_yaml import StrictYamlError, read_yaml

MOST_MAP_BYTES = 200_000
_SECTIONS = ("sheets", "columns", "values")


class SheetMap(Frozen):
    """Foreign names by canonical ones: ``sheets`` {sheet: title}, ``columns`` {sheet: {column: header}}.

    ``values`` {sheet: {column: {foreign word: word of this program}}} replaces whole cells, and items of lists.
    """

    sheets: dict[str, str] = Field(default_factory=dict)
    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    values: dict[str, dict[str, dict[str, str]]] = Field(default_factory=dict)

    def header_of(self, sheet: str, column: str) -> str:
        """The foreign header of a column; '' when it is not mapped."""
        return self.columns.get(sheet, {}).get(column, "")

    def words_of(self, sheet: str, column: str) -> Mapping[str, str]:
        """The replacements of a column's words, the foreign ones folded."""
        return {word_key(old): new for old, new in self.values.get(sheet, {}).get(column, {}).items()}


def word_key(text: str) -> str:
    """A foreign word without regard to case and spacing."""
    return " ".join(text.casefold().split())


def load_map(path: Path) -> SheetMap:
    """Read a map.

    Raises:
        InputRefused: with every unknown sheet, column or key in it, and the nearest good spelling.
    """
    data = read_bytes(path, MOST_MAP_BYTES, may_be_empty=True)
    try:
        tree = read_yaml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise refusal("map-not-yaml", f"{path.name} is not UTF-8 text", sheet=path.name) from error
    except StrictYamlError as error:
        line = f"line {error.line}" if error.line else ""
        raise refusal("map-not-yaml", error.message, sheet=path.name, cell=line, value=error.key) from error
    checker = _Checker(path.name)
    found = checker.checked(tree)
    checker.sink.refuse_if_wrong()
    return found


class _Checker:
    """Goes through a map's tree once and gathers what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.sink = Collector()

    def checked(self, tree: Mapping[str, Any]) -> SheetMap:
        for key in tree:
            self._known((key,), key, _SECTIONS, "unknown-key", "key")
        sheets = {name: self._word(("sheets", name), title) for name, title in self._sheets(tree, "sheets")}
        columns = {
            name: {column: self._word(("columns", name, column), header) for column, header in pairs}
            for name, pairs in self._columns(tree, "columns")
        }
        values = {
            name: {column: self._words(("values", name, column), words) for column, words in pairs}
            for name, pairs in self._columns(tree, "values")
        }
        return SheetMap(sheets=sheets, columns=columns, values=values)

    def _sheets(self, tree: Mapping[str, Any], section: str) -> Iterable[tuple[str, Any]]:
        known = [spec.name for spec in (*SHEETS, *TIMETABLE_SHEETS)]
        for key, value in self._mapping((section,), tree.get(section) or {}).items():
            name = self._known((section, key), key, known, "unknown-sheet", "sheet")
            if name:
                yield name, value

    def _columns(self, tree: Mapping[str, Any], section: str) -> Iterable[tuple[str, list[tuple[str, Any]]]]:
        for sheet, mapping in self._sheets(tree, section):
            spec: SheetSpec = sheet_named(sheet)
            known = [column.name for column in spec.columns]
            pairs = []
            for key, value in self._mapping((section, sheet), mapping or {}).items():
                name = self._known((section, sheet, key), key, known, "unknown-column", f"column of {sheet}")
                if name:
                    pairs.append((name, value))
            yield sheet, pairs

    def _known(self, path: tuple[str, ...], key: str, known: Iterable[str], code: str, what: str) -> str:
        """The canonical name meant by a key; '' and a problem when there is none."""
        choices = list(known)
        for name in choices:
            if fold(name) == fold(key):
                return name
        self._wrong(path, key, code, f"'{key}' is no {what}; known are {', '.join(choices)}", nearest(key, choices))
        return ""

    def _mapping(self, path: tuple[str, ...], value: Any) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._wrong(path, str(value), "map-shape", "expected names with what they are called in the file", "")
        return {}

    def _word(self, path: tuple[str, ...], value: Any) -> str:
        if isinstance(value, str | int | float) and str(value).strip():
            return str(value).strip()
        self._wrong(path, str(value), "map-shape", "expected a name in quotation marks", "")
        return ""

    def _words(self, path: tuple[str, ...], value: Any) -> dict[str, str]:
        return {old: self._word((*path, old), new) for old, new in self._mapping(path, value or {}).items()}

    def _wrong(self, path: tuple[str, ...], value: str, code: str, message: str, hint: str) -> None:
        self.sink.error(code, Spot(self.file, ".".join(path), value), message, hint)
