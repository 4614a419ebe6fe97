"""The two tables that machines read."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from report_fixtures import timetable, week

from scheduler.domain.clock import TimeSet
from scheduler.domain.program import Program
from scheduler.domain.timetable import Assignment, Session, Timetable
from scheduler.domain.week import Block, Group, Room, Therapist, Week
from scheduler.reports.frames import assignments_frame, sessions_frame

ONE = week()
TABLE = timetable(ONE)


def test_the_columns_are_those_of_the_design() -> None:
    assert list(sessions_frame(ONE, TABLE).columns) == [
        "Session", "Block", "Day", "Start", "End", "Group", "Therapist", "Second therapist", "Room", "Modality", "Size",
        "Max size",
    ]  # fmt: skip
    assert list(assignments_frame(ONE, TABLE).columns) == [
        "Patient", "Session", "Block", "Day", "Start", "End", "Group", "Therapist", "Room", "Hours",
    ]  # fmt: skip


def test_every_session_and_every_seat_has_its_row() -> None:
    sessions, seats = sessions_frame(ONE, TABLE), assignments_frame(ONE, TABLE)
    assert sorted(sessions["Session"]) == sorted(s.id for s in TABLE.sessions)
    assert sorted(zip(seats["Patient"], seats["Session"], strict=True)) == sorted(
        (a.patient, a.session) for a in TABLE.assignments
    )
    counted = seats.groupby("Session").size()
    assert all(row.Size == counted.get(row.Session, 0) for row in sessions.itertuples())


def test_the_order_does_not_depend_on_that_of_the_timetable() -> None:
    rng = random.Random(3)
    sessions, seats = list(TABLE.sessions), list(TABLE.assignments)
    rng.shuffle(sessions)
    rng.shuffle(seats)
    shuffled = Timetable(sessions=tuple(sessions), assignments=tuple(seats))
    pd.testing.assert_frame_equal(sessions_frame(ONE, shuffled), sessions_frame(ONE, TABLE))
    pd.testing.assert_frame_equal(assignments_frame(ONE, shuffled), assignments_frame(ONE, TABLE))


def test_sessions_come_in_order_of_time() -> None:
    frame = sessions_frame(ONE, TABLE)
    starts = [ONE.block_of[one].start for one in frame["Block"]]
    assert starts == sorted(starts)


def test_ids_stand_there_and_not_names() -> None:
    everything = " ".join(sessions_frame(ONE, TABLE).to_csv().split() + assignments_frame(ONE, TABLE).to_csv().split())
    for person in (*ONE.patients, *ONE.therapists):
        assert person.name not in everything


def one_session(block: Block, group: Group, *, program: Program | None = None, **session: object) -> pd.Series:
    one = Week(
        program=program or Program(),
        blocks=(block,),
        patients=(),
        therapists=tuple(Therapist(id=t, free=TimeSet.always(), groups=frozenset()) for t in ("T1", "T2", "T3")),
        groups=(group,),
        rooms=(Room(id="R1", capacity=7),),
    )
    given = {"therapists": ("T1",), "room": None, **session}
    held = Session.model_validate({"id": "S1", "block": block.id, "group": group.id, **given})
    return sessions_frame(one, Timetable(sessions=(held,))).iloc[0]


BLOCK = Block(id="B", start=540, end=720)


@pytest.mark.parametrize(
    ("most", "cap", "room", "tightest"),
    [
        (12, 16, "R1", 7),
        (5, 16, "R1", 5),
        (12, 10, None, 10),
        (None, None, "R1", 7),
        (None, 10, None, 10),
        (9, 3, "R1", 3),
    ],
)
def test_max_size_is_the_tightest_limit(most: int | None, cap: int | None, room: str | None, tightest: int) -> None:
    program = Program(group_caps={"therapy": cap} if cap else {})
    row = one_session(BLOCK, Group(id="G", max_size=most), program=program, room=room)
    assert row["Max size"] == tightest


def test_max_size_is_empty_without_any_limit() -> None:
    row = one_session(BLOCK, Group(id="G", modality="telehealth"))
    assert pd.isna(row["Max size"])
    assert row["Room"] == ""
    assert row["Modality"] == "telehealth"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (6 * 1440 + 1380, 7 * 1440, ("Sun", "23:00", "24:00")),
        (1440, 1500, ("Tue", "00:00", "01:00")),
        (0, 1440, ("Mon", "00:00", "24:00")),
        (2 * 1440 + 555, 2 * 1440 + 735, ("Wed", "09:15", "12:15")),
    ],
)
def test_days_and_times_are_spelled_as_the_design_says(start: int, end: int, words: tuple[str, str, str]) -> None:
    row = one_session(Block(id="B", start=start, end=end), Group(id="G"))
    assert (row["Day"], row["Start"], row["End"]) == words


@pytest.mark.parametrize(
    ("leaders", "first", "second"),
    [((), "", ""), (("T1",), "T1", ""), (("T2", "T1"), "T2", "T1"), (("T1", "T2", "T3"), "T1", "T2; T3")],
)
def test_facilitators_fill_their_columns(leaders: tuple[str, ...], first: str, second: str) -> None:
    row = one_session(BLOCK, Group(id="G"), therapists=leaders)
    assert (row["Therapist"], row["Second therapist"]) == (first, second)


def test_hours_are_those_of_the_block() -> None:
    odd = Week(
        blocks=(Block(id="B", start=540, end=690),),
        patients=ONE.patients[:1],
        therapists=(),
        groups=(Group(id="G", modality="telehealth"),),
    )
    table = Timetable(
        sessions=(Session(id="S", block="B", group="G", therapists=()),),
        assignments=(Assignment(patient=ONE.patients[0].id, session="S"),),
    )
    assert assignments_frame(odd, table)["Hours"].tolist() == [2.5]


def test_an_empty_timetable_still_has_its_columns() -> None:
    assert len(sessions_frame(ONE, Timetable())) == 0
    assert sessions_frame(ONE, Timetable()).dtypes["Size"] == "int64"
    assert len(assignments_frame(ONE, Timetable())) == 0


def test_a_stranger_in_the_timetable_is_refused() -> None:
    with pytest.raises(ValueError, match="does not know"):
        sessions_frame(ONE, Timetable(sessions=(Session(id="S", block="nowhere", group="PRO", therapists=()),)))
