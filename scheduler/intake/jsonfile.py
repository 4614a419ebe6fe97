"""One JSON file -> raw sheets: an object of sheets, each a list of rows, each an object of columns."""

import json
from typing import Any, NoReturn

from scheduler.domain.problems import InputRefused
from scheduler.intake.collector import refusal
from scheduler.intake.csvfiles import decoded
from scheduler.intake.raw import ERROR_VALUES, CellError, Formula, RawSheet, Strange, Value, clean
from scheduler.intake.safety import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_SHEETS

_SHAPE = 'expected {"Patients": [{"Patient": "P001", "Availability": "evenings"}, ...], "Therapists": [...], ...}'


def read_json(data: bytes, name: str) -> tuple[RawSheet, ...]:
    """The sheets of a JSON file.

    Raises:
        InputRefused: if it is no JSON, holds a key twice or NaN, or has another shape.
    """
    tree = _tree(data, name)
    if not isinstance(tree, dict):
        raise refusal("json-shape", f"{name} holds no object of sheets", _SHAPE)
    if len(tree) > MOST_SHEETS:
        raise refusal("too-large", f"{name} holds {len(tree)} sheets; the most is {MOST_SHEETS}")
    sheets = tuple(_sheet(clean(title), rows) for title, rows in tree.items())
    if sum(len(row) for sheet in sheets for row in sheet.rows.values()) > MOST_CELLS:
        raise refusal("too-large", f"{name} has more than {MOST_CELLS} filled cells")
    return sheets


def read_rows(data: bytes, name: str, title: str) -> RawSheet:
    """One sheet from a JSON file that holds a list of rows, or a single row.

    Raises:
        InputRefused: if it holds something else.
    """
    tree = _tree(data, name)
    return _sheet(title, [tree] if isinstance(tree, dict) else tree)


def _tree(data: bytes, name: str) -> Any:
    text, encoding = decoded(data, name)
    if encoding == "cp1252":
        raise refusal("unknown-encoding", f"{name} is not UTF-8, as JSON must be", "save it as UTF-8")
    return _parsed(text, name)


def _parsed(text: str, name: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise refusal("repeated-key", f"{name}: the key '{key}' stands twice in one object", value=key)
            found[key] = value
        return found

    def no_number(word: str) -> NoReturn:
        raise refusal("not-a-number", f"{name}: {word} is no number", "leave it out or write a number", value=word)

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_number)
    except InputRefused:
        raise
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise refusal("not-json", f"{name} is not well-formed JSON: {error.msg} at {place}", cell=place) from error
    except (ValueError, RecursionError) as error:
        raise refusal("not-json", f"{name} is nested too deeply or holds a number too long to be one") from error


def _sheet(title: str, rows: Any) -> RawSheet:
    if not isinstance(rows, list):
        raise refusal("json-shape", "the sheet is not a list of rows", _SHAPE, sheet=title)
    if len(rows) > MOST_ROWS:
        raise refusal("too-large", f"the sheet has more than {MOST_ROWS} rows", sheet=title)
    keys: dict[str, int] = {}
    found: dict[int, dict[int, Value]] = {}
    for index, row in enumerate(rows):
        if row is None:
            continue
        if not isinstance(row, dict):
            message = "the row is not an object of columns"
            raise refusal("json-shape", message, _SHAPE, sheet=title, cell=f"[{index}]", value=str(row)[:80])
        found[index + 2] = _row(row, keys)
    if len(keys) > MOST_COLUMNS:
        raise refusal("too-large", f"the sheet has more than {MOST_COLUMNS} columns", sheet=title)
    header: dict[int, Value] = {column: clean(key) for key, column in keys.items()}
    return RawSheet(title=title, rows={1: header, **found} if header else {}, keys=tuple(keys))


def _row(row: dict[str, Any], keys: dict[str, int]) -> dict[int, Value]:
    found: dict[int, Value] = {}
    for key, value in row.items():
        column = keys.setdefault(clean(key), len(keys) + 1)
        taken = _value(value)
        if taken is not None and taken != "":
            found[column] = taken
    return found


def _value(value: Any) -> Value | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        text = clean(value)
        if text in ERROR_VALUES:
            return CellError(text)
        return Formula(text) if text.startswith("=") else text
    if isinstance(value, list) and all(isinstance(one, str | int) and not isinstance(one, bool) for one in value):
        return "; ".join(clean(str(one)) for one in value)
    return Strange(json.dumps(value)[:80])
