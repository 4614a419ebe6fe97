"""Weeks with one best timetable, proven: solved, that answer forbidden, solved again, and the second is worse."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from builders import DAYS, block, group, patient, program, quick, room, therapist, times, tiny

from scheduler.domain.findings import Violation
from scheduler.domain.outcome import Status
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.week import Apart, PreviousSeat, RequiredGroup, Together
from scheduler.engine.search import solve
from scheduler.model.plan import Plan
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

Answer = tuple[frozenset[tuple[str, str, str]], frozenset[tuple[str, str, str]]]


def answer_of(board: Board) -> Answer:
    """Who sits in which group when, and who leads: what the search decides, rooms and numbering apart."""
    sessions = board.timetable.sessions
    seats = {(p, s.block, s.group) for s in sessions for p in board.roster[s.id]}
    return frozenset(seats), frozenset((t, s.block, s.group) for s in sessions for t in s.therapists)


class AnythingBut(Rule):
    """Forbids one answer."""

    id = "anything-but"
    words = "Any timetable but the one already known."
    formula = "(x, z) ≠ (x*, z*)"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def constrain(self, plan: Plan) -> None:
        seats, leads = self.answer
        differs = [~var if key in seats else var for key, var in plan.attends.items()]
        differs += [~var if key in leads else var for key, var in plan.leads.items()]
        plan.model.add_bool_or(differs)

    def check(self, board: Board) -> Iterable[Violation]:
        if answer_of(board) == self.answer:
            yield Violation(words="it is the very same")


@dataclass(frozen=True)
class Golden:
    name: str
    sessions: list[str]
    """Block, group, facilitators and patients of each session."""
    values: list[float]
    week: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


MON9, TUE9, WED9, THU9, FRI9, SAT9, SUN9 = (block(day, 9, 12) for day in DAYS)
MON18, TUE18, WED18 = (block(day, 18, 21) for day in ("Mon", "Tue", "Wed"))
MORNINGS = times(*((day, 8, 13) for day in DAYS))
EVENINGS = times(*((day, 17, 22) for day in DAYS))
NINE_HOURS = {"min_minutes": 540, "min_blocks": 3, "min_days": 3}

GOLDEN = [
    Golden(
        "a morning track and an evening track",
        [
            "Mon9 G T1 P1,P2",
            "Mon18 G T2 P3",
            "Tue9 G T1 P1,P2",
            "Tue18 G T2 P3",
            "Wed9 G T1 P1,P2",
            "Wed18 G T2 P3",
        ],
        [0, 0, 0, 0, 6 * 6 + 2 * 6 + 3 * 0 + 3 * 1],
        {
            "blocks": (MON9, MON18, TUE9, TUE18, WED9, WED18),
            "patients": (
                patient("P1", free=MORNINGS, **NINE_HOURS),
                patient("P2", free=MORNINGS, **NINE_HOURS),
                patient("P3", free=EVENINGS, **NINE_HOURS),
            ),
            "therapists": (therapist("T1", free=MORNINGS), therapist("T2", free=EVENINGS)),
            "groups": (group(max_size=3),),
        },
    ),
    Golden(
        "the last chair goes to the most urgent",
        ["Mon9 G T1 P2"],
        [3 * (1 + 4), 0, 0, 0, 6 + 1],
        {
            "patients": (patient("P1", priority=1), patient("P2", priority=5), patient("P3", priority=4)),
            "groups": (group(max_size=1),),
        },
    ),
    Golden(
        "hours come before the plan, and the plan before last week",
        ["Mon9 G T1 P2", "Tue9 H T1 P1"],
        [0, 0, 2 * 4, 0, 2 * 6 + 3],
        {
            "blocks": (MON9, TUE9),
            "patients": (
                patient("P1", max_blocks=1, required=(RequiredGroup(group="H"),)),
                patient("P2", max_blocks=1, required=(RequiredGroup(group="G"),), free=times(("Mon", 0, 24))),
            ),
            "groups": (group("G", max_size=1), group("H", max_size=1, times=times(("Tue", 0, 24)))),
            "therapists": (therapist("T1", "G", "H"), therapist("T2", "G", "H", max_blocks=0)),
            "previous": (
                PreviousSeat(patient="P1", block="Mon9", group="G", therapist="T2"),
                PreviousSeat(patient="P2", block="Tue9", group="H", therapist="T2"),
            ),
        },
    ),
    Golden(
        "last week is kept where nothing speaks against it",
        ["Tue9 G T2 P1,P2"],
        [0, 0, 0, 0, 6 + 1],
        {
            "blocks": (MON9, TUE9, WED9),
            "therapists": (therapist("T1"), therapist("T2")),
            "groups": (group(max_size=3),),
            "patients": (patient("P1", max_blocks=1), patient("P2", max_blocks=1)),
            "previous": tuple(PreviousSeat(patient=p, block="Tue9", group="G", therapist="T2") for p in ("P1", "P2")),
        },
    ),
    Golden(
        "broken wishes are spread: one each (2) rather than two of one person (3)",
        ["Mon9 G T1 P2", "Tue9 H T2 P1"],
        [0, 0, 0, 2, 2 * 6 + 2],
        {
            "blocks": (MON9, TUE9),
            "patients": (
                patient("P1", max_blocks=1, preferred_times=times(("Mon", 0, 24))),
                patient(
                    "P2",
                    max_blocks=1,
                    preferred_times=times(("Mon", 0, 24)),
                    preferred=("G",),
                    primary_therapist="T2",
                ),
            ),
            "groups": (group("G", max_size=1), group("H", max_size=1)),
            "therapists": (
                therapist("T1", "G", free=times(("Mon", 0, 24))),
                therapist("T2", "H", free=times(("Tue", 0, 24))),
            ),
        },
    ),
    Golden(
        "together, and apart from a third",
        ["Mon9 G T1 P1,P2", "Mon9 G T2 P3"],
        [0, 0, 0, 0, 2 * 6 + 2 + 1],
        {
            "patients": (
                patient("P1", primary_therapist="T1"),
                patient("P2"),
                patient("P3", primary_therapist="T2"),
            ),
            "groups": (group(max_size=2),),
            "therapists": (therapist("T1"), therapist("T2")),
            "rooms": (room("R"), room("Q")),
            "together": (Together(patient="P1", other="P2"),),
            "apart": (Apart(patient="P1", other_patient="P3"),),
        },
    ),
    Golden(
        "days are spaced: three blocks in seven days, no gap longer than two",
        ["Mon9 G T1 P1", "Thu9 G T1 P1", "Sun9 G T1 P1"],
        [0, 0, 0, 0, 3 * 6 + 6],
        {
            "program": program(max_gap_days=2, max_run_days=1),
            "blocks": (MON9, TUE9, THU9, SAT9, SUN9),
            "patients": (patient("P1", **NINE_HOURS, max_blocks=3),),
            "groups": (group(max_size=1),),
            "therapists": (therapist("T1", free=times(("Mon", 0, 24), ("Thu", 0, 24), ("Sun", 0, 24))),),
        },
    ),
]


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_the_best_timetable_is_found_and_there_is_no_other(golden: Golden) -> None:
    week = tiny(**golden.week)
    first = solve(week, quick())
    assert first.status is Status.OPTIMAL
    assert first.timetable is not None
    board = Board(week, first.timetable)
    assert spelled(first.timetable, board) == golden.sessions
    assert [tier.value for tier in first.tiers] == golden.values
    second = solve(week, quick(), rules=[*RULES, AnythingBut(answer_of(board))])
    assert second.status is Status.OPTIMAL
    assert second.measured_units > first.measured_units, "another timetable is as good"


def spelled(timetable: Timetable, board: Board) -> list[str]:
    ordered = sorted(timetable.sessions, key=lambda s: (board.block(s).start, s.group, s.therapists))
    return [f"{s.block} {s.group} {','.join(s.therapists)} {','.join(sorted(board.roster[s.id]))}" for s in ordered]
