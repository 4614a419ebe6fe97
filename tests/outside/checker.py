"""Judges a finished timetable against its week, knowing only the published contract.

    python tests/outside/checker.py WEEK.xlsx TIMETABLE.xlsx [--profile-json FILE]

prints one JSON document: broken rules, recomputed figures, disagreements with the workbook's own words, notes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

if not __package__:  # run as a script: the package sits one folder up
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from outside.language import DAY, DAY_NAMES, covers
from outside.week import DEFAULT_PROFILE, Block, Group, Patient, Pin, Week, cell_text, read_week

SESSION_COLUMNS = (
    "Session",
    "Block",
    "Day",
    "Start",
    "End",
    "Group",
    "Therapist",
    "Second therapist",
    "Room",
    "Modality",
    "Size",
    "Max size",
)
ASSIGNMENT_COLUMNS = (
    "Patient",
    "Session",
    "Block",
    "Day",
    "Start",
    "End",
    "Group",
    "Therapist",
    "Room",
    "Hours",
)
RULES = (
    "availability",
    "one-place-at-a-time",
    "blocks-per-day",
    "weekly-maximum",
    "eligibility",
    "avoided-groups",
    "repeat-limit",
    "group-size",
    "qualified",
    "therapist-load",
    "rest",
    "room-fit",
    "modality",
    "sessions-per-week",
    "apart",
    "pins",
)
SUMMARY_LABELS = {
    "Patients": "patients",
    "Patients short": "patients_short",
    "Hours short": "hours_short",
    "Groups missed": "groups_missed",
    "Sessions": "sessions",
    "Assignments": "assignments",
}
CLOSE = 1e-6


@dataclass(frozen=True)
class Broken:
    """One breach of one rule."""

    rule: str
    words: str


@dataclass(frozen=True)
class Report:
    """What the judge found.

    Attributes:
        broken: breaches of section 4's rules.
        figures: recomputed; the six of the Summary, and `hours_short_weighted`, `groups_missed_weighted`,
            `min_sessions_missed`, `together_broken`.
        summary: the Summary sheet's own figures, as far as found.
        disagreements: where the workbook contradicts itself, its week or its Summary.
        notes: lesser things.
    """

    broken: tuple[Broken, ...]
    figures: Mapping[str, float]
    summary: Mapping[str, float]
    disagreements: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def rules(self) -> frozenset[str]:
        """Ids of the rules broken."""
        return frozenset(b.rule for b in self.broken)

    @property
    def treatment_plan(self) -> float:
        """Tier 2 with every weight 1."""
        f = self.figures
        return f["groups_missed_weighted"] + f["min_sessions_missed"] + f["together_broken"]

    @property
    def clean(self) -> bool:
        """Whether there is nothing to object to."""
        return not self.broken and not self.disagreements

    def to_json(self) -> str:
        """The whole report."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


@dataclass(frozen=True)
class Session:
    """A row of Sessions, with who sits in it."""

    id: str
    block: Block
    group: str
    leaders: tuple[str, ...]
    room: str
    patients: tuple[str, ...]


def rows_of(path: Path, sheet: str, columns: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Raw rows of a machine sheet and complaints about its shape."""
    book = load_workbook(path, data_only=True)
    if sheet not in book.sheetnames:
        return [], [f"no sheet {sheet!r}"]
    lines = list(book[sheet].iter_rows(values_only=True))
    heads = [cell_text(h) for h in (lines[0] if lines else ())]
    complaints = [] if heads == list(columns) else [f"{sheet}: columns are {heads}, promised {list(columns)}"]
    rows = [dict(zip(heads, line, strict=True)) for line in lines[1:] if any(c is not None for c in line)]
    return rows, complaints


def summary_of(path: Path) -> dict[str, float]:
    """The labelled figures of the Summary sheet (a label, its figure in the next cell)."""
    book = load_workbook(path, data_only=True)
    found: dict[str, float] = {}
    if "Summary" not in book.sheetnames:
        return found
    for line in book["Summary"].iter_rows(values_only=True):
        for label, value in pairwise(line):
            key = SUMMARY_LABELS.get(cell_text(label))
            if key and key not in found and isinstance(value, int | float) and not isinstance(value, bool):
                found[key] = float(value)
    return found


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _when(block: Block) -> tuple[str, str, str]:
    return DAY_NAMES[block.day], _clock(block.start - block.day * DAY), _clock(block.end - block.day * DAY)


class _Reader:
    """Turns the two machine sheets into sessions and notes every contradiction on the way."""

    def __init__(self, week: Week, path: Path):
        self.week = week
        self.by_when = defaultdict(list)
        for block in week.blocks:
            self.by_when[_when(block)].append(block)
        self.by_id = {b.id: b for b in week.blocks if b.id}
        self.session_rows, first = rows_of(path, "Sessions", SESSION_COLUMNS)
        self.assignment_rows, second = rows_of(path, "Assignments", ASSIGNMENT_COLUMNS)
        self.wrong = first + second
        self.notes: list[str] = []
        self.sessions: list[Session] = []

    def read(self) -> None:
        if self.wrong:
            return
        self._unique()
        self._block_names()
        seated = self._seats()
        for row in self.session_rows:
            session = self._session(row, seated.get(cell_text(row["Session"]), ()))
            if session:
                self.sessions.append(session)
                self._session_columns(row, session)
        by_id = {s.id: s for s in self.sessions}
        rows = {cell_text(r["Session"]): r for r in self.session_rows}
        for row in self.assignment_rows:
            self._assignment_columns(row, rows.get(cell_text(row["Session"])), by_id)
        self._order()

    def _unique(self) -> None:
        for name, count in Counter(cell_text(r["Session"]) for r in self.session_rows).items():
            if count > 1 or not name:
                self.wrong.append(f"Sessions: id {name!r} stands {count} times")
        pairs = Counter((cell_text(r["Patient"]), cell_text(r["Session"])) for r in self.assignment_rows)
        self.wrong += [f"Assignments: {p} is in {s} {n} times" for (p, s), n in pairs.items() if n > 1]

    def _block_names(self) -> None:
        seen: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for row in [*self.session_rows, *self.assignment_rows]:
            seen[cell_text(row["Block"])].add(tuple(cell_text(row[c]) for c in ("Day", "Start", "End")))
        for name, whens in sorted(seen.items()):
            if not name or len(whens) > 1:
                self.wrong.append(f"block {name!r} stands for {sorted(whens)}")

    def _seats(self) -> dict[str, list[str]]:
        seated: dict[str, list[str]] = defaultdict(list)
        for row in self.assignment_rows:
            patient = cell_text(row["Patient"])
            if patient not in self.week.patients:
                self.wrong.append(f"Assignments: {patient!r} is no patient's id")
            elif patient not in seated[cell_text(row["Session"])]:
                seated[cell_text(row["Session"])].append(patient)
        return seated

    def _block(self, row: Mapping[str, Any], name: str) -> Block | None:
        when = (cell_text(row["Day"]), cell_text(row["Start"]), cell_text(row["End"]))
        block = self.by_id.get(cell_text(row["Block"]))
        if block is None and not self.by_id:
            block = next(iter(self.by_when.get(when, [])), None)
        if block is None:
            self.wrong.append(f"{name}: {row['Block']!r} at {when} is no block of the week")
        elif _when(block) != when:
            self.wrong.append(f"{name}: block {block.id} is {_when(block)}, the row says {when}")
        for column in ("Day", "Start", "End"):
            if not isinstance(row[column], str):
                self.wrong.append(f"{name}: {column} is not text: {row[column]!r}")
        return block

    def _session(self, row: Mapping[str, Any], patients: Sequence[str]) -> Session | None:
        name = cell_text(row["Session"])
        block = self._block(row, name)
        leaders = tuple(t for t in (cell_text(row["Therapist"]), cell_text(row["Second therapist"])) if t)
        known = self._known(name, "Group", cell_text(row["Group"]), self.week.groups)
        for leader in leaders:
            known &= self._known(name, "Therapist", leader, self.week.therapists)
        room = cell_text(row["Room"])
        known &= not room or self._known(name, "Room", room, self.week.rooms)
        if block is None or not known:
            return None
        return Session(name, block, cell_text(row["Group"]), leaders, room, tuple(patients))

    def _known(self, name: str, column: str, value: str, ids: Mapping[str, object]) -> bool:
        if value in ids:
            return True
        self.wrong.append(f"{name}: {column} {value!r} is no id of the week")
        return False

    def _session_columns(self, row: Mapping[str, Any], session: Session) -> None:
        group = self.week.groups[session.group]
        if row["Size"] != len(session.patients):
            self.wrong.append(f"{session.id}: Size says {row['Size']!r}, {len(session.patients)} are assigned")
        modality = cell_text(row["Modality"]).lower().replace("_", " ").replace("-", " ")
        if modality != group.modality:
            self.wrong.append(f"{session.id}: Modality says {row['Modality']!r}, group {group.id} is {group.modality}")
        allowed = {group.max_size, size_limit(self.week, session)}
        if row["Max size"] not in allowed and not (row["Max size"] in ("", None) and None in allowed):
            self.wrong.append(f"{session.id}: Max size says {row['Max size']!r}, expected one of {allowed}")
        elif row["Max size"] != size_limit(self.week, session):
            self.notes.append(f"{session.id}: Max size {row['Max size']} is the group's, not the tightest limit")
        if group.modality == "telehealth" and session.room:
            self.notes.append(f"{session.id}: a telehealth session names room {session.room}")

    def _assignment_columns(
        self, row: Mapping[str, Any], session_row: Mapping[str, Any] | None, by_id: Mapping[str, Session]
    ) -> None:
        name = f"{row['Patient']} in {row['Session']}"
        if session_row is None:
            self.wrong.append(f"Assignments: {name}: no such session")
            return
        for column in ("Block", "Day", "Start", "End", "Group", "Therapist", "Room"):
            if cell_text(row[column]) != cell_text(session_row[column]):
                self.wrong.append(f"{name}: {column} says {row[column]!r}, Sessions says {session_row[column]!r}")
        session = by_id.get(cell_text(row["Session"]))
        hours = row["Hours"]
        if session and (not isinstance(hours, int | float) or abs(hours - session.block.hours) > CLOSE):
            self.wrong.append(f"{name}: Hours says {hours!r}, the block lasts {session.block.hours}")

    def _order(self) -> None:
        starts = [s.block.start for s in self.sessions]
        if starts != sorted(starts):
            self.notes.append("Sessions are not in order of day and start")
        patients = [cell_text(r["Patient"]) for r in self.assignment_rows]
        changes = 1 + sum(a != b for a, b in pairwise(patients))
        if patients and changes != len(set(patients)):
            self.notes.append("Assignments do not keep a patient's rows together")


def size_limit(week: Week, session: Session) -> int | None:
    """The tightest of group, room and the kind's cap; None = none."""
    group = week.groups[session.group]
    limits = [group.max_size, week.profile["group_caps"].get(group.kind)]
    if session.room:
        limits.append(week.rooms[session.room].capacity)
    return min((n for n in limits if n is not None), default=None)


Breach = tuple[str, str]


class Judge:
    """Section 4, a method a rule; each yields (rule, words)."""

    def __init__(self, week: Week, sessions: Sequence[Session]):
        self.week = week
        self.sessions = sessions
        self.of_patient: dict[str, list[Session]] = {p: [] for p in week.patients}
        self.of_therapist: dict[str, list[Session]] = {t: [] for t in week.therapists}
        self.of_room: dict[str, list[Session]] = {r: [] for r in week.rooms}
        for session in sorted(sessions, key=lambda s: (s.block.start, s.id)):
            for patient in session.patients:
                self.of_patient[patient].append(session)
            for therapist in dict.fromkeys(session.leaders):
                self.of_therapist[therapist].append(session)
            if session.room:
                self.of_room[session.room].append(session)

    def breaches(self) -> Iterator[Breach]:
        """Every breach of every rule, as (rule, words)."""
        for name in ("_free", "_one_place", "_per_day", "_weekly", "_persons", "_repeats", "_sizes", "_leaders"):
            yield from getattr(self, name)()
        for name in ("_load", "_rest", "_rooms", "_sessions_per_week", "_apart", "_pins", "_ages"):
            yield from getattr(self, name)()

    def _free(self) -> Iterator[Breach]:
        for kind, people, free in (
            ("patient", self.of_patient, self.week.patients),
            ("therapist", self.of_therapist, self.week.therapists),
            ("room", self.of_room, self.week.rooms),
        ):
            for who, sessions in people.items():
                for s in sessions:
                    if not covers(free[who].free, s.block.start, s.block.end):
                        yield "availability", f"{kind} {who} is not free for {s.id} {_when(s.block)}"
        for s in self.sessions:
            if not covers(self.week.groups[s.group].times, s.block.start, s.block.end):
                yield "availability", f"group {s.group} has no Times for {s.id} {_when(s.block)}"

    def _one_place(self) -> Iterator[Breach]:
        for kind, people in (("patient", self.of_patient), ("therapist", self.of_therapist), ("room", self.of_room)):
            for who, sessions in people.items():
                for a, b in combinations(sessions, 2):
                    if a.block.overlaps(b.block):
                        yield "one-place-at-a-time", f"{kind} {who} is in {a.id} and {b.id} at once"

    def _per_day(self) -> Iterator[Breach]:
        limit = self.week.profile["max_blocks_per_day"]
        for who, sessions in self.of_patient.items():
            for day, n in Counter(s.block.day for s in sessions).items():
                if limit is not None and n > limit:
                    yield "blocks-per-day", f"patient {who} has {n} sessions on {DAY_NAMES[day]}, limit {limit}"
        for who, sessions in self.of_therapist.items():
            own = self.week.therapists[who].max_per_day
            for day, n in Counter(s.block.day for s in sessions).items():
                if own is not None and n > own:
                    yield "blocks-per-day", f"therapist {who} leads {n} sessions on {DAY_NAMES[day]}, limit {own}"

    def _weekly(self) -> Iterator[Breach]:
        for who, sessions in self.of_patient.items():
            patient, hours = self.week.patients[who], sum(s.block.hours for s in sessions)
            if len(sessions) > patient.max_blocks:
                yield "weekly-maximum", f"patient {who}: {len(sessions)} blocks, at most {patient.max_blocks}"
            if hours > patient.max_hours + CLOSE:
                yield "weekly-maximum", f"patient {who}: {hours} hours, at most {patient.max_hours}"

    def _persons(self) -> Iterator[Breach]:
        for who, sessions in self.of_patient.items():
            patient = self.week.patients[who]
            for s in sessions:
                yield from self._person(patient, self.week.groups[s.group], s)

    def _person(self, patient: Patient, group: Group, s: Session) -> Iterator[Breach]:
        if not group.admits(patient):
            yield "eligibility", f"patient {patient.id} {sorted(patient.words)} may not attend {group.id} ({s.id})"
        if group.id in patient.avoid:
            yield "avoided-groups", f"patient {patient.id} avoids {group.id} and sits in {s.id}"
        if patient.modality not in ("either", group.modality):
            yield "modality", f"patient {patient.id} is {patient.modality}, {s.id} is {group.modality}"

    def _ages(self) -> Iterator[Breach]:
        for s in self.sessions:
            levels = {self.week.patients[p].level for p in s.patients}
            if {"adult", "adolescent"} <= levels and not levels <= self.week.groups[s.group].names_levels:
                yield "eligibility", f"{s.id} seats adults with adolescents and {s.group} does not name both"

    def _repeats(self) -> Iterator[Breach]:
        for who, sessions in self.of_patient.items():
            for group, n in Counter(s.group for s in sessions).items():
                limit = self.week.groups[group].max_per_patient
                if limit is not None and n > limit:
                    yield "repeat-limit", f"patient {who} attends {group} {n} times, limit {limit}"

    def _sizes(self) -> Iterator[Breach]:
        for s in self.sessions:
            low, high, n = self.week.groups[s.group].min_size, size_limit(self.week, s), len(s.patients)
            if n < max(low, 1):
                yield "group-size", f"{s.id} seats {n}, at least {low}"
            if high is not None and n > high:
                yield "group-size", f"{s.id} seats {n}, at most {high}"

    def _leaders(self) -> Iterator[Breach]:
        for s in self.sessions:
            group = self.week.groups[s.group]
            if len(set(s.leaders)) != group.facilitators or len(s.leaders) != group.facilitators:
                yield "qualified", f"{s.id} is led by {list(s.leaders)}, {group.id} needs {group.facilitators}"
            for leader in dict.fromkeys(s.leaders):
                therapist = self.week.therapists[leader]
                if group.id not in therapist.groups:
                    yield "qualified", f"therapist {leader} is not qualified for {group.id} ({s.id})"
                if therapist.modality not in ("either", group.modality):
                    yield "qualified", f"therapist {leader} is {therapist.modality}, {s.id} is {group.modality}"

    def _load(self) -> Iterator[Breach]:
        for who, sessions in self.of_therapist.items():
            limit = self.week.therapists[who].max_blocks
            if limit is not None and len(sessions) > limit:
                yield "therapist-load", f"therapist {who} leads {len(sessions)} sessions, limit {limit}"

    def _rest(self) -> Iterator[Breach]:
        need = (self.week.profile["min_rest_hours"] or 0) * 60
        for who, sessions in self.of_therapist.items():
            days = sorted({s.block.day for s in sessions})
            for today, nxt in pairwise(days):
                last = max(s.block.end for s in sessions if s.block.day == today)
                first = min(s.block.start for s in sessions if s.block.day == nxt)
                if first - last < need:
                    yield "rest", f"therapist {who} rests {(first - last) / 60} hours before {DAY_NAMES[nxt]}"

    def _rooms(self) -> Iterator[Breach]:
        for s in self.sessions:
            group = self.week.groups[s.group]
            if group.modality == "telehealth":
                continue
            if not s.room:
                yield "room-fit", f"{s.id} meets in person and has no room"
            elif not group.features <= self.week.rooms[s.room].features:
                missing = sorted(group.features - self.week.rooms[s.room].features)
                yield "room-fit", f"{s.id}: room {s.room} lacks {missing}"

    def _sessions_per_week(self) -> Iterator[Breach]:
        for group, n in Counter(s.group for s in self.sessions).items():
            limit = self.week.groups[group].max_sessions
            if limit is not None and n > limit:
                yield "sessions-per-week", f"group {group} runs {n} times, limit {limit}"

    def _apart(self) -> Iterator[Breach]:
        for s in self.sessions:
            for a, b in self.week.apart:
                if a in s.patients and b in s.patients:
                    yield "apart", f"patients {a} and {b} share {s.id}"
            for patient, therapist in self.week.apart_therapist:
                if patient in s.patients and therapist in s.leaders:
                    yield "apart", f"patient {patient} is led by {therapist} in {s.id}"

    def _pins(self) -> Iterator[Breach]:
        for pin in self.week.pins:
            if not any(_holds(pin, s) for s in self.sessions):
                yield "pins", f"no session matches {pin}"


def _holds(pin: Pin, s: Session) -> bool:
    return all(
        (
            pin.patient is None or pin.patient in s.patients,
            pin.block is None or pin.block == s.block.id,
            pin.group is None or pin.group == s.group,
            pin.therapist is None or pin.therapist in s.leaders,
            pin.room is None or pin.room == s.room,
        )
    )


def hours_short(week: Week, patient: Patient, blocks: Sequence[Block]) -> float:
    """Section 5, goal 1, for one patient who attends `blocks`."""
    per_day: dict[int, int] = defaultdict(int)
    for block in blocks:
        per_day[block.day] += block.end - block.start
    days = sum(minutes >= patient.min_day_minutes for minutes in per_day.values())
    unit = float(week.profile["block_hours"])
    return max(
        0.0,
        patient.min_hours - sum(b.hours for b in blocks),
        (patient.min_blocks - len(blocks)) * unit,
        (patient.min_days - days) * unit,
    )


def groups_missed(patient: Patient, attended: Sequence[str]) -> int:
    """Required times not given; `Process x2` attended once misses one."""
    return sum(max(0, times - list(attended).count(group)) for group, times in patient.required)


def figures_of(week: Week, sessions: Sequence[Session], assignments: int) -> dict[str, float]:
    """The Summary's figures and what the first two tiers are made of."""
    attended: dict[str, list[Session]] = {p: [] for p in week.patients}
    for session in sessions:
        for patient in session.patients:
            attended[patient].append(session)
    short = {p: hours_short(week, week.patients[p], [s.block for s in ss]) for p, ss in attended.items()}
    missed = {p: groups_missed(week.patients[p], [s.group for s in ss]) for p, ss in attended.items()}
    runs = Counter(s.group for s in sessions)
    return {
        "patients": len(week.patients),
        "patients_short": sum(h > CLOSE for h in short.values()),
        "hours_short": sum(short.values()),
        "groups_missed": sum(missed.values()),
        "sessions": len(sessions),
        "assignments": assignments,
        "hours_short_weighted": sum(week.patients[p].priority * h for p, h in short.items()),
        "groups_missed_weighted": sum(week.patients[p].priority * n for p, n in missed.items()),
        "min_sessions_missed": sum(max(0, g.min_sessions - runs[g.id]) for g in week.groups.values()),
        "together_broken": sum(not any({a, b} <= set(s.patients) for s in sessions) for a, b in week.together),
    }


def check(week_workbook: Path, timetable_workbook: Path, profile: Mapping[str, Any] = DEFAULT_PROFILE) -> Report:
    """Judge a timetable.

    Args:
        week_workbook: the week as it was given to the solver.
        timetable_workbook: what the solver wrote.
        profile: the program's numbers.
    """
    week = read_week(week_workbook, {**DEFAULT_PROFILE, **profile})
    reader = _Reader(week, timetable_workbook)
    reader.read()
    broken = tuple(Broken(rule, words) for rule, words in Judge(week, reader.sessions).breaches())
    figures = figures_of(week, reader.sessions, len(reader.assignment_rows))
    figures["sessions"] = len(reader.session_rows)
    summary = summary_of(timetable_workbook)
    wrong = list(reader.wrong)
    for label, key in SUMMARY_LABELS.items():
        if key not in summary:
            wrong.append(f"Summary: no figure labelled {label!r}")
        elif abs(summary[key] - figures[key]) > CLOSE:
            wrong.append(f"Summary: {label} says {summary[key]}, recomputed {figures[key]}")
    return Report(broken, figures, summary, tuple(wrong), tuple(reader.notes))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when there is nothing to object to, else 1."""
    parser = argparse.ArgumentParser(description="Judge a timetable by the published contract.")
    parser.add_argument("week", type=Path)
    parser.add_argument("timetable", type=Path)
    parser.add_argument("--profile-json", type=Path)
    given = parser.parse_args(arguments)
    profile = json.loads(given.profile_json.read_text("utf-8")) if given.profile_json else {}
    report = check(given.week, given.timetable, profile)
    sys.stdout.write(report.to_json() + "\n")
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
