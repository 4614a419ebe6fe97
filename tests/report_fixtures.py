"""A made-up week for the reports' tests and for looking at printed pages. All people are synthetic."""

from __future__ import annotations

import random
from collections import defaultdict

from scheduler.domain.clock import Day, TimeSet
from scheduler.domain.findings import (
    GoalResult,
    Measure,
    Remark,
    RuleResult,
    Shortfall,
    Verification,
)
from scheduler.domain.outcome import Figures, RunRecord, Status, TierOutcome
from scheduler.domain.timetable import Assignment, Board, Session, Timetable
from scheduler.domain.week import AgendaItem, Block, Group, Patient, RequiredGroup, Room, Therapist, Week
from scheduler.reports.report import Report

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
GOALS = ("weekly-minimum", "treatment-plan", "continuity", "preferences", "operations")

_FIRST = (  # noqa: SIM905
    "Maria-Fernanda Jo Alexandrina Wei Ezekiel Oluwaseun Bartholomew Ana Siobhan Kwame Li Montgomery Priya Tom "
    "Guadalupe Ivo Nadezhda Sam Yusuf Henrietta"
).split()
_LAST = (  # noqa: SIM905
    "Okonkwo-Fitzgerald Ray Vandersteen Abu Montague-Smythe Ng Castellanos Kim Featherstonehaugh Diaz Petrov "
    "Blackwood Ivanova Lee Quintanilla O'Neil Zimmermann Cho Sandoval Ashworth"
).split()

_GROUPS = (
    # id, name, min, max, facilitators, modality, min sessions, agenda
    ("PRO", "Process", 4, 12, 1, "in person", 4, (("Check-in", 60), ("Process", 60), ("Goals", 60))),
    ("RPV", "Relapse prevention", 4, 12, 1, "in person", 3, (("Psychoeducation", 90), ("Skills", 90))),
    ("DBT", "DBT skills", 4, 10, 2, "in person", 3, (("Mindfulness", 30), ("Skills", 120), ("Review", 30))),
    ("WTR", "Women's trauma and recovery", 3, 8, 2, "in person", 1, (("Process", 180),)),
    ("FAM", "Multi-family education evening", 4, 24, 1, "in person", 1, (("Family education", 120),)),
    ("ANG", "Anger management", 4, 10, 1, "in person", 2, ()),
    ("MEN", "Men's group", 4, 10, 1, "in person", 0, (("Process", 120), ("Skills", 60))),
    ("ART", "Expressive arts and creative therapies", 3, 8, 1, "in person", 0, (("Art", 180),)),
    ("TEL", "Online process", 3, 9, 1, "telehealth", 1, (("Process", 180),)),
    ("TSK", "Online skills: cognitive behavioural therapy", 3, 9, 1, "telehealth", 1, (("Skills", 180),)),
    ("VET", "Veterans", 3, 10, 1, "in person", 0, (("Process", 180),)),
    ("MND", "Mindfulness-based relapse prevention for people in early recovery", 4, None, 1, "in person", 0, ()),
)
_TIMES = ((9, 12), (13, 16), (18, 21))


def blocks() -> tuple[Block, ...]:
    """Three blocks on weekdays, two on Saturday, and two odd ones that overlap others."""
    made = []
    for day in list(Day)[:6]:
        for start, end in _TIMES[: 2 if day is Day.SAT else 3]:
            at = day.start
            made.append(Block(id=f"{day.short}-{start:02d}", start=at + start * 60, end=at + end * 60))
    made.append(Block(id="Tue-odd", start=Day.TUE.start + 9 * 60 + 15, end=Day.TUE.start + 12 * 60 + 15))
    made.append(Block(id="Thu-odd", start=Day.THU.start + 16 * 60 + 30, end=Day.THU.start + 19 * 60 + 30))
    return tuple(sorted(made, key=lambda block: (block.start, block.end)))


def groups() -> tuple[Group, ...]:
    return tuple(
        Group(
            id=one,
            name=name,
            min_size=least,
            max_size=most,
            facilitators=leaders,
            modality=modality,
            min_sessions=wanted,
            agenda=tuple(AgendaItem(title=title, minutes=minutes) for title, minutes in agenda),
        )
        for one, name, least, most, leaders, modality, wanted, agenda in _GROUPS
    )


def people(count: int, rng: random.Random, offset: int = 0) -> list[str]:
    names = [f"{first} {last}" for last in _LAST for first in _FIRST]
    rng.shuffle(names)
    return [names[(offset + place) % len(names)] for place in range(count)]


def week(patients: int = 60, seed: int = 1) -> Week:
    rng = random.Random(seed)
    names = people(patients, rng)
    staff = people(max(10, patients // 8), rng, offset=patients)
    return Week(
        blocks=blocks(),
        groups=groups(),
        rooms=(
            Room(id="R1", name="Blue room", capacity=12),
            Room(id="R2", name="Garden room on the first floor", capacity=10),
            Room(id="R3", name="Large hall", capacity=30),
            Room(id="R4", name="", capacity=9),
        ),
        therapists=tuple(
            Therapist(
                id=f"T{place:02d}",
                name=f"Dr. {name}" if place % 4 == 0 else name,
                free=TimeSet.always(),
                groups=frozenset(one[0] for one in _GROUPS),
                max_blocks=None if place % 5 == 0 else 6,
            )
            for place, name in enumerate(staff, start=1)
        ),
        patients=tuple(
            Patient(
                id=f"{place:04d}",
                name=name,
                free=TimeSet.always(),
                min_minutes=540,
                max_minutes=1200,
                min_blocks=3,
                max_blocks=4,
                min_days=3,
                min_day_minutes=180,
                modality="telehealth" if place % 9 == 0 else "in person",
                required=(RequiredGroup(group="RPV", times=2),) if place % 5 == 0 else (),
                priority=5 if place % 7 == 0 else 3,
            )
            for place, name in enumerate(names, start=1)
        ),
    )


def timetable(one: Week, sessions: int = 35, seed: int = 2) -> Timetable:
    """Sessions spread over the blocks in turn and patients dealt out, at most one session a day and four a week."""
    rng = random.Random(seed)
    staff = [t.id for t in one.therapists]
    rooms = [r.id for r in one.rooms]
    held = []
    for place in range(sessions):
        group = one.groups[place % len(one.groups)]
        block = one.blocks[(place * 7) % len(one.blocks)]
        leaders = rng.sample(staff, group.facilitators)
        room = rooms[place % len(rooms)] if group.needs_room else None
        held.append(
            Session(id=f"S{place + 1:03d}", block=block.id, group=group.id, therapists=tuple(leaders), room=room)
        )
    return Timetable(sessions=tuple(held), assignments=_deal(one, held, rng))


def _deal(one: Week, held: list[Session], rng: random.Random) -> tuple[Assignment, ...]:
    left = {s.id: min(n for n in (one.group_of[s.group].max_size, 12, _seats(one, s)) if n) for s in held}
    days: dict[str, set[Day]] = defaultdict(set)
    seats: list[Assignment] = []
    for _ in range(4):
        for patient in one.patients:
            fitting = [
                s
                for s in held
                if left[s.id]
                and one.block_of[s.block].day not in days[patient.id]
                and one.group_of[s.group].modality == patient.modality
            ]
            if fitting and len(days[patient.id]) < 4 - (int(patient.id) % 3 == 0) - 2 * (int(patient.id) % 8 == 0):
                chosen = rng.choice(fitting)
                left[chosen.id] -= 1
                days[patient.id].add(one.block_of[chosen.block].day)
                seats.append(Assignment(patient=patient.id, session=chosen.id))
    return tuple(seats)


def _seats(one: Week, session: Session) -> int | None:
    return one.room_of[session.room].capacity if session.room else None


def report(patients: int = 60, sessions: int = 35, *, reproducible: bool = True) -> Report:
    one = week(patients)
    return report_of(one, timetable(one, sessions), reproducible=reproducible)


def report_of(one: Week, table: Timetable, *, reproducible: bool = True) -> Report:
    board = Board(one, table)
    short = shortfalls(one, board)
    figures = Figures(
        patients=len(one.patients),
        patients_short=sum(s.hours_short > 0 for s in short),
        hours_short=sum(s.hours_short for s in short),
        groups_missed=sum(r.times for s in short for r in s.groups_missed),
        sessions=len(table.sessions),
        assignments=len(table.assignments),
    )
    verification = Verification(
        rules=tuple(
            RuleResult(rule=rule, words=f"Plain words of the rule {rule}, as staff read them.") for rule in RULES
        ),
        goals=tuple(_goal(goal, figures.hours_short) for goal in GOALS),
        figures=figures,
    )
    return Report(week=one, timetable=table, verification=verification, shortfalls=short, run=run(reproducible))


def _goal(goal: str, hours: float) -> GoalResult:
    parts = {"first part": hours, "second part": 2.5}
    remarks = (Remark(part="first part", words=f"something of {goal} was not met", amount=hours),) if hours else ()
    measure = Measure(units=int(hours * 60), value=hours, parts=parts, remarks=remarks)
    return GoalResult(goal=goal, words=f"What {goal} asks, in plain words.", unit="hours", measure=measure)


def shortfalls(one: Week, board: Board) -> tuple[Shortfall, ...]:
    found = []
    for patient in one.patients:
        given = board.minutes_of(patient.id)
        attended = sum(s.group == "RPV" for s in board.of_patient(patient.id))
        missed = tuple(
            RequiredGroup(group=r.group, times=r.times - attended) for r in patient.required if attended < r.times
        )
        if given < patient.min_minutes or missed:
            found.append(
                Shortfall(
                    patient=patient.id,
                    hours_short=max(patient.min_minutes - given, 0) / 60,
                    hours_given=given / 60,
                    groups_missed=missed,
                    reasons=(
                        "Every session that could take the patient on Tuesday and Thursday evenings is full.",
                        "Mon 09:15-12:00 holds no block of this week.",
                    ),
                    remedies=("One more session of Online process on Thursday 18:00-21:00 would give 3 h.",),
                )
            )
    return tuple(found)


def run(reproducible: bool = True) -> RunRecord:
    clock = None if reproducible else 1.25
    return RunRecord(
        input_sha256="ab" * 32,
        profile="adult_iop",
        seed=1,
        status=Status.FEASIBLE,
        reproducible=reproducible,
        tiers=(
            TierOutcome(tier=1, goals={"weekly-minimum": 6}, value=18, bound=18, gap=0, proven=True, seconds=clock),
            TierOutcome(
                tier=2, goals={"treatment-plan": 4}, value=4, bound=3.9, gap=0.025, proven=False, seconds=clock
            ),
            TierOutcome(tier=3, goals={"continuity": 0}, value=0, bound=0, gap=0, proven=True, seconds=clock),
            TierOutcome(tier=4, goals={"preferences": 12.5}, value=25, bound=0, gap=1, proven=False, seconds=clock),
            TierOutcome(tier=5, goals={"operations": 8}, value=8, bound=7, gap=0.125, proven=False, seconds=clock),
        ),
        versions={"group-therapy-scheduler": "0.1.0", "ortools": "9.15.6755", "python": "3.11.9"},
        seconds=None if reproducible else {"read": 0.21, "solve": 6.5, "verify": 0.02},
        notices=(
            "The profile asks that a counselor keep a quarter of the week for indirect work; this program does not "
            "check it.",
            "Default minimum of patient 0007 was lowered to the row's own maximum.",
        ),
    )
