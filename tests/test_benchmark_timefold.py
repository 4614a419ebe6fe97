"""Timefold as a peer: its timetables keep every rule, and it counts as the verifier counts.

Each try is a process of its own: a Java machine cannot be started twice in one, and it handles signals in its own way.
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.greedy import Greedy
from benchmarks.peers.timefold.tables import Tables, TooDifferent
from scheduler.domain.profile import GoalSettings
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.loading import Source, load
from scheduler.samples.generate import write_sample
from scheduler.verify import verify

ROOT = Path(__file__).parents[1]
NOT_THERE = 77
"""What a try ends with where the package or a JDK is missing; it prints which."""
PROBE = """
import json, sys
from pathlib import Path
from benchmarks.peers.protocol import Unavailable
from benchmarks.peers.timefold_peer import TimefoldPeer, Ways
from scheduler.engine.tiers import tiers_of
from scheduler.loading import Source, load
from scheduler.verify import verify

try:
    peer = TimefoldPeer(Ways(**json.loads(sys.argv[3])))
except Unavailable as missing:
    print(missing)
    sys.exit(77)
loaded = load(Source(week=Path(sys.argv[1])))
kept = []
answer = peer.solve(loaded.week, loaded.profile, float(sys.argv[2]), kept.append)


def units(timetable):
    found = verify(loaded.week, timetable, loaded.profile.goals)
    return [tier.measured_units(found) for tier in tiers_of(loaded.profile.goals)], found.broken


print(json.dumps({
    "note": answer.note,
    "answer": None if answer.timetable is None else units(answer.timetable),
    "kept": [units(one) for one in kept],
}))
"""


def tried(week: Path, seconds: float, **ways: bool) -> dict[str, Any]:
    if importlib.util.find_spec("timefold") is None:
        pytest.skip("the package timefold is not installed (extra: bench)")
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(week), str(seconds), json.dumps(ways)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == NOT_THERE:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("timefold") / "week.xlsx"
    write_sample(path, 20, 5, previous=True, apart_pairs=6, together_pairs=2, pins=3, adolescent_share=0.3)
    return path


def score_of(note: str) -> list[int]:
    """``score [0]hard/[0/-4/0/-21/-128]soft`` as units by tier."""
    return [-int(one) for one in note.split("hard/[")[1].split("]")[0].split("/")]


@pytest.mark.slow
def test_it_keeps_every_rule_and_counts_as_the_verifier(sample: Path) -> None:
    found = tried(sample, 2.0)
    assert found["answer"] is not None, found["note"]
    assert [broken for _, broken in found["kept"]] == [0] * len(found["kept"])
    assert found["answer"][0] == found["kept"][-1][0] == score_of(found["note"])
    values = [units for units, _ in found["kept"]]
    assert values == sorted(values, reverse=True)


@pytest.mark.slow
def test_from_nothing_its_own_moves_open_groups(sample: Path) -> None:
    found = tried(sample, 1.5, greedy_start=False, two_solvers=False)
    assert found["answer"] is not None, found["note"]
    units, broken = found["answer"]
    assert broken == 0
    assert units == score_of(found["note"])
    loaded = load(Source(week=sample))
    assert units[0] < verify(loaded.week, Timetable(), loaded.profile.goals).measure_of("weekly-minimum").units / 2


def test_a_timetable_goes_there_and_back(sample: Path) -> None:
    loaded = load(Source(week=sample))
    made = Greedy().solve(loaded.week, loaded.profile, 10.0, lambda _: None).timetable
    assert made is not None
    tables = Tables(loaded.week, loaded.profile)
    back = tables.timetable(tables.rows(made))
    goals = loaded.profile.goals
    found, before = verify(loaded.week, back, goals), verify(loaded.week, made, goals)
    assert found.broken == 0
    assert [goal.measure.parts for goal in found.goals] == [goal.measure.parts for goal in before.goals]
    assert len(back.assignments) == len(made.assignments)


def test_three_leaders_are_refused(sample: Path) -> None:
    loaded = load(Source(week=sample))
    groups = tuple(group.model_copy(update={"facilitators": 3}) for group in loaded.week.groups)
    week: Week = loaded.week.model_copy(update={"groups": groups})
    with pytest.raises(TooDifferent, match="facilitators"):
        Tables(week, loaded.profile)


def test_goals_of_one_tier_are_counted_together(sample: Path) -> None:
    loaded = load(Source(week=sample))
    tiers = (("weekly-minimum",), ("operations", "treatment-plan"))
    profile = loaded.profile.model_copy(update={"goals": GoalSettings(tiers=tiers, weights={"operations": 4})})
    assert Tables(loaded.week, profile).tables["levels"] == [[0, 1], [1, 1], [-1, 0], [-1, 0], [1, 4]]
