"""Reads a week's workbook as its published format describes it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import load_workbook

from outside.language import DAY, DAY_NAMES, Intervals, clock, day_number, minus, parse

Row = dict[str, str]
T = TypeVar("T")

_GRID = [(day, start, end) for day in DAY_NAMES[:5] for start, end in (("09:00", "12:00"), ("13:00", "16:00"))]
_GRID += [(day, "18:00", "21:00") for day in DAY_NAMES[:5]]
_GRID += [(day, start, end) for day in DAY_NAMES[5:] for start, end in (("09:00", "12:00"), ("13:00", "16:00"))]

DEFAULT_PROFILE: dict[str, Any] = {
    "levels": {
        "adult": {
            "min_hours": 9,
            "max_hours": 20,
            "min_blocks": 3,
            "max_blocks": 4,
            "min_days": 3,
            "min_day_minutes": 180,
        },
        "adolescent": {
            "min_hours": 6,
            "max_hours": 20,
            "min_blocks": 2,
            "max_blocks": 3,
            "min_days": 2,
            "min_day_minutes": 180,
        },
    },
    "max_blocks_per_day": 1,
    "max_per_patient": None,
    "group_caps": {},
    "min_rest_hours": 11,
    "block_hours": 3,
    "dayparts": {
        "evenings": "Mon-Fri 17:00-22:00",
        "weekends": "Sat-Sun",
        "work hours": "Mon-Fri 08:00-17:00",
        "mornings": "Mon-Fri 06:00-12:30",
        "afternoons": "Mon-Fri 12:00-17:30",
        "weekdays": "Mon-Fri",
    },
    "blocks": _GRID,
}


@dataclass(frozen=True)
class Block:
    """A day with a start and an end, in minutes from Monday 00:00."""

    id: str | None  # None: the profile's grid, whose ids nobody publishes
    start: int
    end: int

    @property
    def day(self) -> int:
        """0 for Monday."""
        return self.start // DAY

    @property
    def hours(self) -> float:
        """Length in hours."""
        return (self.end - self.start) / 60

    def overlaps(self, other: Block) -> bool:
        """Whether they share a minute."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Patient:
    """A row of Patients, defaults filled in."""

    id: str
    level: str
    tags: frozenset[str]
    free: Intervals
    min_hours: float
    max_hours: float
    min_blocks: int
    max_blocks: int
    min_days: int
    min_day_minutes: int
    required: tuple[tuple[str, int], ...]
    avoid: frozenset[str]
    modality: str
    priority: int

    @property
    def words(self) -> frozenset[str]:
        """What `Open to` is matched against."""
        return self.tags | {self.level}


@dataclass(frozen=True)
class Therapist:
    """A row of Therapists."""

    id: str
    free: Intervals
    groups: frozenset[str]
    max_blocks: int | None
    max_per_day: int | None
    modality: str


@dataclass(frozen=True)
class Group:
    """A row of Groups."""

    id: str
    name: str
    min_size: int
    max_size: int | None
    open_to: tuple[frozenset[str], ...]
    kind: str
    facilitators: int
    modality: str
    features: frozenset[str]
    min_sessions: int
    max_sessions: int | None
    times: Intervals
    max_per_patient: int | None

    @property
    def names_levels(self) -> frozenset[str]:
        """Every word of `Open to`."""
        return frozenset().union(*self.open_to)

    def admits(self, patient: Patient) -> bool:
        """Whether the patient meets `Open to`."""
        if patient.level == "adolescent" and "adolescent" not in self.names_levels:
            return False
        return any(words <= patient.words for words in self.open_to)


@dataclass(frozen=True)
class Room:
    """A row of Rooms."""

    id: str
    capacity: int | None
    free: Intervals
    features: frozenset[str]


@dataclass(frozen=True)
class Pin:
    """A row of Pins; None = any."""

    patient: str | None
    block: str | None
    group: str | None
    therapist: str | None
    room: str | None


@dataclass(frozen=True)
class Week:
    """Everything of one workbook."""

    patients: Mapping[str, Patient]
    therapists: Mapping[str, Therapist]
    groups: Mapping[str, Group]
    rooms: Mapping[str, Room]
    blocks: tuple[Block, ...]
    apart: tuple[tuple[str, str], ...]  # patient, patient
    apart_therapist: tuple[tuple[str, str], ...]  # patient, therapist
    together: tuple[tuple[str, str], ...]
    pins: tuple[Pin, ...]
    profile: Mapping[str, Any] = field(repr=False)


def cell_text(value: object) -> str:
    """A cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime):
        value = value.time()
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    return str(value).strip()


def plain(text: object) -> str:
    """A heading without case, spaces, underscores and hyphens."""
    return re.sub(r"[\s_\-]+", "", str(text or "")).lower()


_ALIASES = {
    "client": "patient",
    "mrn": "patient",
    "clients": "patients",
    "clinician": "therapist",
    "counselor": "therapist",
    "clinicians": "therapists",
    "counselors": "therapists",
}


def read_sheets(path: Path) -> dict[str, list[Row]]:
    """Plain sheet name -> rows as plain heading -> text."""
    book = load_workbook(path, data_only=True)
    out: dict[str, list[Row]] = {}
    for sheet in book.worksheets:
        rows = [list(r) for r in sheet.iter_rows(values_only=True)]
        kept = [r for r in rows if any(cell_text(c) for c in r) and not cell_text(r[0]).startswith("#")]
        if not kept:
            continue
        heads = [_ALIASES.get(plain(h), plain(h)) for h in kept[0]]
        title = _ALIASES.get(plain(sheet.title), plain(sheet.title))
        out[title] = [{h: cell_text(c) for h, c in zip(heads, r, strict=True) if h} for r in kept[1:]]
    return out


def listed(text: str) -> list[str]:
    """A cell's list: split at `;` `,` or a line break."""
    return [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]


def lower_set(text: str) -> frozenset[str]:
    """A cell's list of free words."""
    return frozenset(" ".join(word.lower().split()) for word in listed(text))


def _whole(text: str) -> int | None:
    return int(float(text)) if text else None


class _Names:
    """Finds ids by id or by name."""

    def __init__(self, rows: Iterable[Row], key: str):
        self.by: dict[str, str] = {}
        listed_rows = list(rows)
        for row in listed_rows:
            self.by.setdefault(" ".join(row.get("name", "").lower().split()) or "\0", row[key])
        for row in listed_rows:
            self.by[" ".join(row[key].lower().split())] = row[key]

    def __contains__(self, text: str) -> bool:
        return " ".join(text.lower().split()) in self.by

    def __getitem__(self, text: str) -> str:
        return self.by[" ".join(text.lower().split())]

    def maybe(self, text: str) -> str | None:
        return self[text] if text else None


def read_week(path: Path, profile: Mapping[str, Any] = DEFAULT_PROFILE) -> Week:
    """Read a week.

    Args:
        path: the workbook.
        profile: numbers of the program (see DEFAULT_PROFILE).

    Raises:
        KeyError: a cell names what is in no sheet.
        ValueError: a cell cannot be read.
    """
    sheets = read_sheets(path)
    groups = _Names(sheets["groups"], "group")
    therapists = _Names(sheets["therapists"], "therapist")
    rooms = _Names(sheets.get("rooms", []), "room")

    def spoken(text: str) -> Intervals:
        return parse(text, profile["dayparts"])

    patients = _keyed([_patient(r, groups, spoken, profile) for r in sheets["patients"]])
    couples, kept_from = _apart(sheets.get("apart", []), patients, therapists)
    return Week(
        patients=patients,
        therapists=_keyed([_therapist(r, groups, spoken) for r in sheets["therapists"]]),
        groups=_keyed([_group(r, spoken, profile) for r in sheets["groups"]]),
        rooms=_keyed([_room(r, spoken) for r in sheets.get("rooms", [])]),
        blocks=_blocks(sheets.get("blocks", []), profile),
        apart=couples,
        apart_therapist=kept_from,
        together=tuple((r["patient"], r["with"]) for r in sheets.get("together", [])),
        pins=tuple(_pin(r, groups, therapists, rooms) for r in sheets.get("pins", [])),
        profile=profile,
    )


def _keyed(items: list[T]) -> dict[str, T]:
    return {item.id: item for item in items}  # type: ignore[attr-defined]


def _free(row: Row, spoken: Callable[[str], Intervals]) -> Intervals:
    free = spoken(row.get("availability", ""))
    away = row.get("unavailable", "")
    return minus(free, spoken(away)) if away else free


def _patient(row: Row, groups: _Names, spoken: Callable[[str], Intervals], profile: Mapping[str, Any]) -> Patient:
    level = row.get("level", "").lower() or "adult"
    rule = profile["levels"][level]
    low_hours, high_hours = _bounds(row, "hours", rule)
    low_blocks, high_blocks = _bounds(row, "blocks", rule)
    return Patient(
        id=row["patient"],
        level=level,
        tags=lower_set(row.get("tags", "")),
        free=_free(row, spoken),
        min_hours=low_hours,
        max_hours=high_hours,
        min_blocks=int(low_blocks),
        max_blocks=int(high_blocks) if high_blocks != float("inf") else 10**6,
        min_days=min(rule["min_days"], int(low_blocks)),
        min_day_minutes=rule["min_day_minutes"],
        required=_required(row.get("requiredgroups", ""), groups),
        avoid=frozenset(groups[g] for g in listed(row.get("avoidgroups", ""))),
        modality=row.get("modality", "").lower() or "in person",
        priority=_whole(row.get("priority", "")) or 3,
    )


def _bounds(row: Row, what: str, rule: Mapping[str, Any]) -> tuple[float, float]:
    own_low, own_high = row.get("min" + what, ""), row.get("max" + what, "")
    fallback = rule["max_" + what]
    low = float(own_low) if own_low else float(rule["min_" + what])
    high = float(own_high) if own_high else (float("inf") if fallback is None else float(fallback))
    if own_high and not own_low:
        low = min(low, high)
    if own_low and not own_high:
        high = max(high, low)
    return low, high


def _required(text: str, groups: _Names) -> tuple[tuple[str, int], ...]:
    wanted: dict[str, int] = {}
    for part in listed(text):
        times = re.match(r"^(.*\S)\s*[xX]\s*(\d+)$", part)
        name, count = (times[1], int(times[2])) if times and part not in groups else (part, 1)
        wanted[groups[name]] = wanted.get(groups[name], 0) + count
    return tuple(sorted(wanted.items()))


def _therapist(row: Row, groups: _Names, spoken: Callable[[str], Intervals]) -> Therapist:
    leads = row.get("groups", "")
    everything = frozenset(groups.by.values())
    return Therapist(
        id=row["therapist"],
        free=_free(row, spoken),
        groups=everything if leads == "*" else frozenset(groups[g] for g in listed(leads)),
        max_blocks=_whole(row.get("maxblocks", "")),
        max_per_day=_whole(row.get("maxblocksperday", "")),
        modality=row.get("modality", "").lower() or "either",
    )


def _group(row: Row, spoken: Callable[[str], Intervals], profile: Mapping[str, Any]) -> Group:
    any_of = listed(row.get("opento", "")) or ["adult"]
    own_limit = _whole(row.get("maxperpatient", ""))
    return Group(
        id=row["group"],
        name=row.get("name", ""),
        min_size=_whole(row.get("minsize", "")) or 1,
        max_size=_whole(row.get("maxsize", "")),
        open_to=tuple(frozenset(w.strip().lower() for w in part.split("+")) for part in any_of),
        kind=row.get("kind", "").lower() or "therapy",
        facilitators=_whole(row.get("facilitators", "")) or 1,
        modality=row.get("modality", "").lower() or "in person",
        features=lower_set(row.get("roomfeatures", "")),
        min_sessions=_whole(row.get("minsessions", "")) or 0,
        max_sessions=_whole(row.get("maxsessions", "")),
        times=spoken(row.get("times", "") or "any"),
        max_per_patient=profile["max_per_patient"] if own_limit is None else own_limit,
    )


def _room(row: Row, spoken: Callable[[str], Intervals]) -> Room:
    return Room(
        id=row["room"],
        capacity=_whole(row.get("capacity", "")),
        free=spoken(row.get("availability", "") or "any"),
        features=lower_set(row.get("features", "")),
    )


def _blocks(rows: list[Row], profile: Mapping[str, Any]) -> tuple[Block, ...]:
    if rows:
        return tuple(_block(r["block"], r["day"], r["start"], r["end"]) for r in rows)
    return tuple(_block(None, *line) for line in profile["blocks"])


def _block(name: str | None, day: str, start: str, end: str) -> Block:
    number = day_number(day)
    if number is None:
        raise ValueError(f"no day: {day!r}")
    return Block(name, number * DAY + clock(start), number * DAY + clock(end))


def _apart(
    rows: list[Row], patients: Mapping[str, Patient], therapists: _Names
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    couples = [(r["patient"], r["with"]) for r in rows if r["with"] in patients]
    kept_from = [(r["patient"], therapists[r["with"]]) for r in rows if r["with"] not in patients]
    return tuple(couples), tuple(kept_from)


def _pin(row: Row, groups: _Names, therapists: _Names, rooms: _Names) -> Pin:
    return Pin(
        patient=row.get("patient") or None,
        block=row.get("block") or None,
        group=groups.maybe(row.get("group", "")),
        therapist=therapists.maybe(row.get("therapist", "")),
        room=rooms.maybe(row.get("room", "")),
    )
