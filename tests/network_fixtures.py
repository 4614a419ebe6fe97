"""Made-up results of many clinics, for the tests of the network workbook and for looking at it."""

from __future__ import annotations

import random

from scheduler.domain.network import ClinicResult, Ending, Short, Use
from scheduler.domain.outcome import Figures, Status, TierOutcome

GOALS = ("weekly-minimum", "treatment-plan", "continuity", "preferences", "operations")
REASON = "Every session in their free blocks is full or led by nobody qualified."


def answered(clinic: str, *, short: int = 0, hours: float = 3.0, patients: int = 20, used: float = 0.8) -> ClinicResult:
    """A clinic with a timetable in which so many patients lack so many hours each."""
    people = tuple(
        Short(
            patient=f"P{place:03d}",
            hours=hours,
            groups=("DBT",) if place % 3 == 0 else (),
            priority=1 + place % 5,
            reason=REASON,
            remedy="Let T04 lead one more session on Thu evening.",
        )
        for place in range(1, short + 1)
    )
    missed = sum(len(one.groups) for one in people)
    return ClinicResult(
        clinic=clinic,
        input=f"in/{clinic}.xlsx",
        output=f"out/{clinic}_timetable.xlsx",
        profile="adult_iop",
        status=Status.FEASIBLE if short else Status.OPTIMAL,
        exit_code=3 if short else 0,
        figures=Figures(
            patients=patients,
            patients_short=short,
            hours_short=short * hours,
            groups_missed=missed,
            sessions=patients // 3,
            assignments=patients * 3,
        ),
        tiers=tuple(_tier(place, goal, short) for place, goal in enumerate(GOALS, start=1)),
        use=Use(seats_taken=int(100 * used), seats=100, blocks_led=int(40 * used**2), blocks_possible=40),
        short=people,
        seconds=12.5,
        memory_mb=310.0,
        input_sha256="0" * 64,
        output_sha256="1" * 64,
        fingerprint="2" * 64,
    )


def _tier(tier: int, goal: str, short: int) -> TierOutcome:
    gap = 0.01 * short * tier
    return TierOutcome(tier=tier, goals={goal: 10.0}, value=10, bound=10 * (1 - gap), gap=gap, proven=not gap)


def unanswered(clinic: str, status: str = Ending.CRASHED, problem: str = "", places: int = 0) -> ClinicResult:
    """A clinic without a timetable, with so many located problems."""
    return ClinicResult(
        clinic=clinic,
        input=f"in/{clinic}.xlsx",
        profile="adult_iop",
        status=status,
        exit_code=2 if status == Status.INVALID else 1,
        seconds=4.0,
        problem=problem,
        problems=tuple(
            {
                "code": "not-a-number",
                "severity": "error",
                "sheet": "Patients",
                "cell": f"F{place}",
                "value": "nine",
                "message": "Min hours must be a number",
                "hint": "write 9",
            }
            for place in range(2, places + 2)
        ),
    )


def network(clinics: int = 60, seed: int = 1) -> list[ClinicResult]:
    """A network as networks are: most are well, some are short, a few failed."""
    rng = random.Random(seed)
    well = [
        answered(
            f"clinic-{place:03d}",
            short=rng.choice((0, 0, 0, 0, 0, 1, 2, 5, 9)),
            hours=rng.choice((1.0, 3.0, 3.0, 4.5)),
            patients=rng.randint(20, 150),
            used=rng.betavariate(8, 2),
        )
        for place in range(clinics)
    ]
    return [
        *well,
        unanswered("north-annex", Status.INVALID, "the file is cut short", places=3),
        unanswered("harbour", Ending.MEMORY),
        unanswered("mill-street", Ending.CRASHED, "the process was ended by signal 6"),
    ]
