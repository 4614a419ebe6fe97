"""Makes synthetic weeks that use every feature of the published format. Nobody in them exists."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from outside.language import DAY, DAY_NAMES, Interval, Intervals, covers, minus
from outside.spelling import Cell, Clock, DayCell, Ref, Speech, Table, Term, Word, write

WEEKDAYS = (0, 1, 2, 3, 4)


def _hm(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


def _say(*terms: Term) -> Speech:
    return Speech(terms)


EVENINGS = Term(part="evenings")
WEEKENDS = Term(part="weekends")
PATIENT_TIMES = (
    _say(EVENINGS),
    _say(EVENINGS, WEEKENDS),
    _say(EVENINGS, Term((5,), span=(_hm(8), _hm(14)))),
    _say(Term((0, 2, 4), part="evenings"), WEEKENDS),
    _say(Term((1, 2, 3), span=(_hm(17, 30), DAY)), Term((5,), span=(0, _hm(14)))),
    _say(Term(part="work hours")),
    _say(Term(part="mornings"), Term((4,), span=(_hm(7), _hm(12)))),
    _say(Term(part="afternoons"), Term((5, 6), span=(_hm(9), _hm(16)))),
    _say(Term(negative=True, days=(2,))),
    _say(Term(), Term((4,), part="afternoons", negative=True)),
    _say(Term(negative=True, days=(3,)), Term(part="weekdays")),
    _say(Term((0, 2, 4)), Term((1, 3), part="evenings")),
    _say(Term(span=(_hm(17), _hm(21, 30)))),
    _say(Term((0, 1, 2, 3), span=(_hm(9), _hm(12))), EVENINGS),
    _say(Term((0, 2), part="evenings"), Term((1,), span=(_hm(17, 30), _hm(20, 30))), Term((5,))),
    _say(Term((1, 3, 5)), Term((1,), part="mornings", negative=True)),
)
TEEN_TIMES = (
    _say(EVENINGS, WEEKENDS),
    _say(Term((0, 1, 2, 3), span=(_hm(16), DAY))),
    _say(EVENINGS, Term((5,), span=(_hm(9), _hm(13)))),
)
AWAY = (
    _say(Term((1,))),
    _say(Term((4,), part="evenings")),
    _say(Term((2,), span=(_hm(12), _hm(15)))),
    _say(Term((5,), span=(0, _hm(10))), Term((0,), part="mornings")),
)
STAFF_TIMES = (
    _say(EVENINGS, Term((5,))),
    _say(Term()),
    _say(Term(), Term((6,), negative=True)),
    _say(Term(part="work hours"), Term((1, 3), part="evenings")),
    _say(Term((0, 1, 2, 3), span=(_hm(12), DAY))),
    _say(Term(part="weekdays"), Term((5,), span=(_hm(8, 30), _hm(13)))),
    _say(EVENINGS, Term((3, 4), span=(_hm(6, 30), _hm(12, 30))), WEEKENDS),
)
# id, name, open to, kind, facilitators, modality, features, times, max per patient
CATALOGUE = (
    ("process", "Process", "", "", 1, "", (), None, None),
    ("relapse", "Relapse prevention", "adult", "therapy", 1, "in person", (), None, 2),
    ("dbt", "DBT skills", "adult", "therapy", 1, "", ("whiteboard",), None, None),
    ("women", "Women's trauma", "adult + women", "therapy", 2, "", (), None, 1),
    ("men", "Men's group", "men + adult", "", 1, "", (), None, None),
    ("vets", "Veterans and allies", "adult + veterans; adult+lgbtq", "", 1, "", (), None, 2),
    ("teen-process", "Teen process", "adolescent", "", 1, "", (), _say(EVENINGS, WEEKENDS), None),
    ("teen-skills", "Teen skills", "adolescent", "education", 1, "", ("whiteboard",), None, 2),
    ("family", "Family night", "adult; adolescent", "family", 2, "", (), _say(EVENINGS, Term((5,))), 1),
    ("edu", "Recovery education", "adult", "education", 1, "", ("projector",), None, 2),
    ("online", "Online process", "adult; adolescent", "", 1, "telehealth", (), None, None),
    ("online-skills", "Online skills", "", "therapy", 1, "telehealth", (), None, None),
    ("art", "Art and movement", "adult", "", 1, "", ("art", "whiteboard"), _say(Term((1, 3, 5))), 1),
)
ODD_BLOCKS = (
    ("tue-1730", 1, _hm(17, 30), _hm(20, 30)),
    ("wed-1600", 2, _hm(16), _hm(18)),
    ("sun-1200", 6, _hm(12), _hm(16)),
    ("fri-0700", 4, _hm(7), _hm(10)),
    ("thu-1000", 3, _hm(10), _hm(13)),
)


@dataclass(frozen=True)
class Slot:
    """A block while it is being made up: id, start and end in minutes of the week."""

    id: str
    start: int
    end: int

    @property
    def day(self) -> int:
        """0 for Monday."""
        return self.start // DAY


@dataclass(frozen=True)
class Witness:
    """A session that could run; pins are cut from it."""

    slot: Slot
    group: dict[str, object]
    leaders: tuple[str, ...]
    room: str | None
    members: tuple[str, ...]


@dataclass(frozen=True)
class Generated:
    """A made-up week, ready to be written.

    Attributes:
        tables: sheet -> rows of structures.
        free: patient's and therapist's id -> true free time, known without reading any text.
    """

    seed: int
    messy: bool
    tables: dict[str, Table]
    free: dict[str, Intervals]

    def write(self, path: Path) -> Path:
        """Write the workbook; the same seed gives the same cells."""
        return write(self.tables, path, Random(f"spelling {self.seed}"), self.messy)


class _Clinic:
    """Grows a week step by step; every choice comes from one seeded source."""

    def __init__(self, seed: int, patients: int, messy: bool):
        self.rng = Random(f"week {seed} {patients} {messy}")
        self.size = patients
        self.messy = messy
        self.grid = seed % 5 == 4  # no Blocks sheet: the profile's own grid
        self.slots: list[Slot] = []
        self.groups: list[dict[str, object]] = []
        self.people: list[dict[str, object]] = []
        self.staff: list[dict[str, object]] = []
        self.rooms: list[dict[str, object]] = []
        self.apart: list[tuple[str, str]] = []
        self.witnesses: list[Witness] = []
        self.tables: dict[str, Table] = {}
        self.free: dict[str, Intervals] = {}

    def build(self) -> None:
        for step in ("blocks", "groups", "therapists", "rooms", "patients", "pairs", "pins", "previous"):
            getattr(self, f"_make_{step}")()

    def _some(self, chance: float) -> bool:
        return self.rng.random() < chance

    def _make_blocks(self) -> None:
        rows = [
            (f"{DAY_NAMES[day].lower()}-{hour:02d}", day, _hm(hour), _hm(hour + 3))
            for day in range(7)
            for hour in ((9, 13, 18) if day < 5 else (9, 13))
        ]
        if not self.grid:
            rows = [r for r in rows if r[2] != _hm(13) or self._some(0.5)] + list(ODD_BLOCKS)
            table: Table = [{"Block": i, "Day": DayCell(d), "Start": Clock(s), "End": Clock(e)} for i, d, s, e in rows]
            self.tables["Blocks"] = table
        self.slots = [Slot(i, d * DAY + s, d * DAY + e) for i, d, s, e in rows]

    def _make_groups(self) -> None:
        table: Table = []
        for gid, name, open_to, kind, leaders, modality, features, times, repeat in CATALOGUE:
            low = 2 if self.size < 25 or gid in ("women", "vets", "family", "art") else self.rng.choice((2, 3, 4))
            high = None if gid == "edu" else low + self.rng.randint(4, 7)
            group: dict[str, object] = {"id": gid, "name": name, "open": open_to or "adult", "leaders": leaders}
            group |= {"low": low, "high": high, "modality": modality or "in person", "features": features}
            group |= {"times": times.meaning if times else ((0, 7 * DAY),)}
            self.groups.append(group)
            table.append(
                {
                    "Group": gid,
                    "Name": name,
                    "Min size": low,
                    "Max size": high,
                    "Open to": open_to or None,
                    "Kind": Word(kind) if kind else None,
                    "Facilitators": leaders if leaders > 1 or self._some(0.5) else None,
                    "Modality": Word(modality) if modality else None,
                    "Room features": tuple(features),
                    "Min sessions": 1 if gid in ("process", "family", "vets") else None,
                    "Max sessions": self.rng.randint(2, 4) if gid in ("edu", "family", "art") else None,
                    "Times": times,
                    "Max per patient": repeat,
                    "Agenda": "Process 60; Psychoeducation 60; Skills 60" if self._some(0.3) else None,
                }
            )
        self.tables["Groups"] = table

    def _ref(self, gid: object, times: int = 1) -> Ref:
        group = next(g for g in self.groups if g["id"] == gid)
        return Ref(str(gid), str(group["name"]), times)

    def _make_therapists(self) -> None:
        count = max(7, self.size // 8 + 3)
        ids = [str(g["id"]) for g in self.groups]
        table: Table = []
        for n in range(count):
            everything = n % 4 == 0
            leads = ids if everything else sorted(self.rng.sample(ids, self.rng.randint(4, 7)))
            said, away = self.rng.choice(STAFF_TIMES), self.rng.choice(AWAY) if self._some(0.25) else None
            modality = "either" if everything else self.rng.choice(("", "", "either", "in person", "telehealth"))
            tid = f"T{n + 1:02d}"
            self.free[tid] = minus(said.meaning, away.meaning if away else ())
            name = f"Staff Made-Up {n}"
            self.staff.append({"id": tid, "leads": leads, "modality": modality or "either", "name": name})
            table.append(
                {
                    "Therapist": tid,
                    "Name": name,
                    "Availability": said,
                    "Unavailable": away,
                    "Groups": "*" if everything else tuple(self._ref(g) for g in leads),
                    "Max blocks": self.rng.choice((4, 5, 6, 8, None)),
                    "Max blocks per day": self.rng.choice((1, 2, 2, None)),
                    "Min blocks": self.rng.choice((None, None, 1, 2)),
                    "Modality": Word(modality) if modality else None,
                }
            )
        self.tables["Therapists"] = table

    def _make_rooms(self) -> None:
        offers = (("whiteboard", "projector"), ("art", "whiteboard"), (), ("whiteboard",), ("projector",))
        table: Table = []
        for n in range(3 + self.size // 40):
            said = None if n < 2 or self._some(0.6) else _say(Term(part="weekdays"), Term((5,), span=(_hm(8), _hm(13))))
            room = f"R{n + 1}"
            capacity = self.rng.randint(6, 14)
            self.rooms.append({"id": room, "capacity": capacity, "features": offers[n % 5]})
            self.free[room] = said.meaning if said else ((0, 7 * DAY),)
            table.append(
                {
                    "Room": room,
                    "Name": f"Room of {('oak', 'elm', 'fir', 'ash', 'yew')[n % 5]} {n + 1}",
                    "Capacity": capacity,
                    "Availability": said,
                    "Features": tuple(Word(f) for f in offers[n % 5]),
                }
            )
        self.tables["Rooms"] = table

    def _make_patients(self) -> None:
        teens = max(4, self.size // 7)
        table: Table = []
        for n in range(self.size):
            teen = n % max(2, self.size // teens) == 1
            pid = f"{n + 1:04d}" if n % 3 else (f"P-{n + 1:03d}" if n % 2 else str(500 + n))
            said = self.rng.choice(TEEN_TIMES if teen else PATIENT_TIMES)
            away = self.rng.choice(AWAY) if self._some(0.15) else None
            self.free[pid] = minus(said.meaning, away.meaning if away else ())
            tags = sorted({self.rng.choice(("women", "men"))} | {t for t in ("veterans", "lgbtq") if self._some(0.15)})
            modality = self.rng.choice(("", "", "", "", "in person", "telehealth", "either"))
            level = "adolescent" if teen else "adult"
            person: dict[str, object] = {"id": pid, "level": level, "words": {*tags, level}}
            person |= {"modality": modality or "in person"}
            self.people.append(person)
            table.append(self._patient_row(person, tags, modality, said, away))
        self.tables["Patients"] = table

    def _open(self, group: dict[str, object], person: dict[str, object]) -> bool:
        words = person["words"]
        assert isinstance(words, set)
        fits = any({w.strip() for w in part.split("+")} <= words for part in str(group["open"]).split(";"))
        return fits and person["modality"] in ("either", group["modality"])

    def _patient_row(
        self, person: dict[str, object], tags: list[str], modality: str, said: Speech, away: Speech | None
    ) -> dict[str, Cell]:
        rng = self.rng
        fit = [g for g in self.groups if self._open(g, person)]
        names = [str(g["id"]) for g in fit]
        wanted = rng.sample(names, min(len(names), rng.choice((0, 1, 1, 2))))
        avoided = [n for n in names if n not in wanted and self._some(0.06)]
        person["avoid"] = avoided
        twice = ("process", "online", "dbt", "teen-process")
        low_high = self._own_bounds()
        return {
            "Patient": str(person["id"]),
            "Name": f"Nobody {person['id']} (synthetic)",
            "Level": Word("adolescent") if person["level"] == "adolescent" else rng.choice((None, Word("adult"))),
            "Tags": tuple(Word(t) for t in tags),
            "Availability": said,
            "Unavailable": away,
            **low_high,
            "Required groups": tuple(self._ref(g, 2 if g in twice and self._some(0.4) else 1) for g in wanted),
            "Preferred groups": tuple(self._ref(g) for g in rng.sample(names, min(1, len(names))) if g not in avoided),
            "Avoid groups": tuple(self._ref(g) for g in avoided),
            "Preferred times": rng.choice((None, _say(EVENINGS), _say(Term(part="mornings")), _say(Term((0, 2, 4))))),
            "Primary therapist": self._primary(person, names),
            "Modality": Word(modality) if modality else None,
            "Priority": rng.choice((None, None, 1, 2, 3, 4, 5)),
        }

    def _own_bounds(self) -> dict[str, int | None]:
        shapes: tuple[tuple[int | None, ...], ...] = (
            (None, None, None, None),
            (6, None, 2, 3),
            (12, None, 4, None),
            (None, 12, None, None),
            (None, None, None, 2),
            (None, 6, None, None),
            (8, 10, 2, 4),
            (15, 15, 5, 5),
        )
        chosen = shapes[0] if self._some(0.75) else self.rng.choice(shapes[1:])
        return dict(zip(("Min hours", "Max hours", "Min blocks", "Max blocks"), chosen, strict=True))

    def _primary(self, person: dict[str, object], names: list[str]) -> Ref | None:
        fit = [t for t in self.staff if set(names) & set(map(str, t["leads"]))]  # type: ignore[call-overload]
        if not fit or not self._some(0.5):
            return None
        chosen = self.rng.choice(fit)
        person["primary"] = chosen["id"]
        return Ref(str(chosen["id"]), str(chosen["name"]))

    def _make_pairs(self) -> None:
        ids = [str(p["id"]) for p in self.people]
        pool = self.rng.sample(ids, len(ids))
        apart: Table = []
        together: Table = []
        for n in range(self.size // 12 + 1):
            a, b, c, d, e = pool[5 * n % len(ids)], *(pool[(5 * n + k) % len(ids)] for k in (1, 2, 3, 4))
            self.apart.append((a, b))
            apart.append({"Patient": a, "With": b, "Note": "family" if self._some(0.5) else None})
            levels = {p["id"]: p["level"] for p in self.people}
            if levels[c] == levels[d]:
                together.append({"Patient": c, "With": d, "Note": None})
            kept = self.rng.choice(self.staff)
            if kept["id"] != next(p for p in self.people if p["id"] == e).get("primary"):
                self.apart.append((e, str(kept["id"])))
                by_name = self._some(0.3)
                apart.append({"Patient": e, "With": str(kept["name" if by_name else "id"]), "Note": None})
        self.tables["Apart"] = apart
        if together:
            self.tables["Together"] = together

    # ---- pins: cut from sessions that could all run side by side, so that they hold together

    def _make_pins(self) -> None:
        used: set[str] = set()
        order = [(s, g) for s in self.slots for g in self.groups]
        self.rng.shuffle(order)
        for slot, group in order:
            witness = None if group["id"] in used else self._witness(slot, group, used)
            if witness:
                self.witnesses.append(witness)
                used |= {str(group["id"]), *witness.leaders, *witness.members, witness.room or ""}
            if len(self.witnesses) == 3:
                break
        rows = [self._pin(n, w) for n, w in enumerate(self.witnesses)]
        table: Table = [row for shapes in rows for row in shapes]
        if table:
            self.tables["Pins"] = table

    def _witness(self, slot: Slot, group: dict[str, object], used: set[str]) -> Witness | None:
        def idle(name: object) -> bool:
            return name not in used and covers(self.free[str(name)], slot.start, slot.end)

        times = group["times"]
        assert isinstance(times, tuple)
        if not covers(times, slot.start, slot.end):
            return None
        leaders = [str(t["id"]) for t in self.staff if idle(t["id"]) and self._leads(t, group)]
        leaders = leaders[: int(str(group["leaders"]))]
        room = None
        if group["modality"] == "in person":
            room = next((r for r in self.rooms if idle(r["id"]) and self._fits(r, group)), None)
        members = self._members(slot, group, leaders, [p for p in self.people if idle(p["id"])])
        roomless = room is None and group["modality"] == "in person"
        if len(leaders) < int(str(group["leaders"])) or not members or roomless:
            return None
        return Witness(slot, group, tuple(leaders), str(room["id"]) if room else None, members)

    def _leads(self, therapist: dict[str, object], group: dict[str, object]) -> bool:
        leads = therapist["leads"]
        assert isinstance(leads, list)
        return group["id"] in leads and therapist["modality"] in ("either", group["modality"])

    def _fits(self, room: dict[str, object], group: dict[str, object]) -> bool:
        return set(map(str, group["features"])) <= set(map(str, room["features"]))  # type: ignore[call-overload]

    def _members(
        self, slot: Slot, group: dict[str, object], leaders: list[str], idle: list[dict[str, object]]
    ) -> tuple[str, ...]:
        chosen: list[dict[str, object]] = []
        for person in idle:
            avoid = person["avoid"]
            assert isinstance(avoid, list)
            fits = self._open(group, person) and group["id"] not in avoid
            fits = fits and (not chosen or person["level"] == chosen[0]["level"])
            with_whom = [*leaders, *(c["id"] for c in chosen)]
            clash = any({a, b} <= {person["id"], w} for a, b in self.apart for w in with_whom)
            if fits and not clash:
                chosen.append(person)
            if len(chosen) == group["low"]:
                return tuple(str(c["id"]) for c in chosen)
        return ()

    def _pin(self, number: int, w: Witness) -> Table:
        group, leader = self._ref(w.group["id"]), Ref(w.leaders[-1], self._staff_name(w.leaders[-1]))
        block = None if self.grid else w.slot.id
        room = Ref(w.room, w.room) if w.room else None
        blank: dict[str, object] = dict.fromkeys(("Patient", "Block", "Group", "Therapist", "Room"))
        shapes: tuple[dict[str, object], ...] = (
            {"Patient": w.members[0], "Group": group, "Therapist": leader},
            {"Block": block, "Group": group, "Room": room},
            {"Patient": w.members[0], "Block": block, "Group": None if block else group},
            {"Block": block, "Group": None if block else group, "Therapist": leader},
            {"Group": group, "Room": room},
        )
        picked = (shapes[number % 5], shapes[(number + 1) % 5])
        return [{**blank, **shape} for shape in picked]  # type: ignore[dict-item]

    def _staff_name(self, tid: str) -> str:
        return next(str(t["name"]) for t in self.staff if t["id"] == tid)

    # ---- last week

    def _make_previous(self) -> None:
        if self.grid:
            return
        ran = []
        for n in range(max(4, self.size // 3)):
            slot, group = self.rng.choice(self.slots), self.rng.choice(self.groups)
            able = [t for t in self.staff if self._leads(t, group) and self._idle(t, slot)]
            room = str(self.rng.choice(self.rooms)["id"]) if group["modality"] == "in person" else None
            if able:
                ran.append((f"S{n:03d}", slot, group, str(self.rng.choice(able)["id"]), room))
        table: Table = []
        for person in self.people:
            fit = [r for r in ran if self._open(r[2], person) and self._idle(person, r[1])]
            days: set[int] = set()
            for session in self.rng.sample(fit, min(3, len(fit))):
                if session[1].day not in days:
                    table.append(self._last_week(str(person["id"]), *session))
                days.add(session[1].day)
        if ran and self.messy:  # somebody who has left since
            table.append(self._last_week("9999", *ran[0]))
        if table:
            self.tables["Previous"] = table

    def _idle(self, who: dict[str, object], slot: Slot) -> bool:
        return covers(self.free[str(who["id"])], slot.start, slot.end)

    def _last_week(
        self, patient: str, session: str, slot: Slot, group: dict[str, object], therapist: str, room: str | None
    ) -> dict[str, Cell]:
        start, end = (f"{m % DAY // 60:02d}:{m % 60:02d}" for m in (slot.start, slot.end))
        return {
            "Patient": patient,
            "Session": session,
            "Block": slot.id,
            "Day": DAY_NAMES[slot.day],
            "Start": start,
            "End": end,
            "Group": str(group["id"]),
            "Therapist": therapist,
            "Room": room,
            "Hours": (slot.end - slot.start) // 60,
        }


def generate(seed: int, patients: int, messy: bool) -> Generated:
    """A week that uses every feature of the format.

    Args:
        seed: the same seed gives the same week.
        patients: how many, from 12 on.
        messy: spelled as hurried people type, not neatly.
    """
    clinic = _Clinic(seed, patients, messy)
    clinic.build()
    order = ("Patients", "Therapists", "Groups", "Rooms", "Blocks", "Apart", "Together", "Pins", "Previous")
    tables = {name: clinic.tables[name] for name in order if name in clinic.tables}
    return Generated(seed, messy, tables, clinic.free)


def tiny(seed: int) -> Generated:
    """A week small enough for every timetable to be looked at: at most 5 patients, 4 blocks, 3 groups."""
    rng = Random(f"tiny {seed}")
    shapes = [("mon", 0, 18, 3), ("tue", 1, 18, 3), ("wed", 2, 18, 3), ("sat", 5, 9, 3)]
    shapes = [*shapes[: rng.choice((3, 4))]]
    if rng.random() < 0.4:
        shapes[-1] = ("tue-early", 1, 17, rng.choice((2, 3, 4)))
    slots: list[Interval] = [(d * DAY + _hm(h), d * DAY + _hm(h + n)) for _, d, h, n in shapes]
    blocks: Table = [
        {"Block": i, "Day": DayCell(d), "Start": Clock(_hm(h)), "End": Clock(_hm(h + n))} for i, d, h, n in shapes
    ]
    days = tuple(sorted({s // DAY for s, _ in slots}))
    groups = _tiny_groups(rng)
    names = [Ref(str(g["Group"]), str(g["Name"])) for g in groups]
    count = rng.choice((4, 5))
    tables: dict[str, Table] = {
        "Patients": [_tiny_patient(rng, n, names, days) for n in range(count)],
        "Therapists": _tiny_staff(rng, names, days),
        "Groups": groups,
        "Rooms": [
            {"Room": "R1", "Capacity": rng.choice((2, 3, 4)), "Features": "mats"},
            {"Room": "R2", "Capacity": rng.choice((1, 2, 5)), "Features": None},
        ],
        "Blocks": blocks,
    }
    if rng.random() < 0.6:
        tables["Apart"] = [{"Patient": "p0", "With": rng.choice(("p1", "A"))}]
    if rng.random() < 0.6:
        tables["Together"] = [{"Patient": "p2", "With": "p3"}]
    if rng.random() < 0.4:
        pin: dict[str, Cell] = {"Patient": None, "Block": shapes[0][0], "Group": names[0]}
        tables["Pins"] = [rng.choice((pin, {**pin, "Patient": "p1", "Block": None}))]
    return Generated(seed, False, tables, {})


def _tiny_groups(rng: Random) -> Table:
    table: Table = [
        {
            "Group": f"g{n}",
            "Name": f"Group {n}",
            "Min size": rng.choice((1, 2, 2, 3)),
            "Max size": rng.choice((3, 3, 4)),
            "Open to": rng.choice((None, None, "adult + women")) if n else None,
            "Facilitators": 2 if n == 2 and rng.random() < 0.4 else 1,
            "Modality": Word("telehealth") if n == 2 and rng.random() < 0.3 else None,
            "Room features": "mats" if n == 1 and rng.random() < 0.4 else None,
            "Min sessions": rng.choice((None, 1, 2)),
            "Max sessions": rng.choice((None, None, 1, 2)),
            "Max per patient": rng.choice((None, 1, 2)),
        }
        for n in range(rng.choice((2, 3)))
    ]
    for row in table:
        if row["Min sessions"] == 2 and row["Max sessions"] == 1:
            row["Min sessions"] = 1
    return table


def _tiny_days(rng: Random, days: tuple[int, ...], least: int) -> Speech:
    return _say(Term(tuple(sorted(rng.sample(days, rng.randint(min(least, len(days)), len(days)))))))


def _tiny_patient(rng: Random, n: int, names: list[Ref], days: tuple[int, ...]) -> dict[str, Cell]:
    wanted = rng.sample(names, rng.choice((0, 1, 2)))
    return {
        "Patient": f"p{n}",
        "Tags": rng.choice(("women", "men", None)),
        "Availability": _tiny_days(rng, days, 2),
        "Min hours": rng.choice((None, 6, 5)),
        "Min blocks": rng.choice((None, 2)),
        "Max blocks": rng.choice((None, 3)),
        "Required groups": tuple(Ref(r.id, r.name, rng.choice((1, 1, 2))) for r in wanted),
        "Avoid groups": tuple(r for r in names if r not in wanted and rng.random() < 0.15),
        "Modality": Word(rng.choice(("in person", "either"))),
        "Priority": rng.randint(1, 5),
    }


def _tiny_staff(rng: Random, names: list[Ref], days: tuple[int, ...]) -> Table:
    return [
        {
            "Therapist": name,
            "Availability": _tiny_days(rng, days, 2),
            "Groups": "*" if name == "A" else tuple(rng.sample(names, 2)),
            "Max blocks": rng.choice((2, 3, None)),
            "Max blocks per day": rng.choice((1, None)),
        }
        for name in ("A", "B")
    ]
