"""Synthetic weeks on time grids that real programs have published.

Only the grid, and what is said under each heading as published, comes from the program; it is cited where it stands.
The groups' sizes, the staff and every patient are invented, and no program has anything to do with this project.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.clock import Day
from scheduler.domain.week import Block
from scheduler.samples.book import Sheets
from scheduler.samples.generate import SampleSettings, sheets_around
from scheduler.samples.menu import Offer, Stream
from scheduler.samples.names import invented_names
from scheduler.samples.plan import Person, Plan, lay


@dataclass(frozen=True)
class Cohort:
    """Patients of one track: how many, what they write under Availability, how often they come."""

    count: int
    wordings: tuple[str, ...]
    stream: Stream = "adult"
    visits: tuple[int, ...] = (3,)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProgramWeek:
    """A week on a published grid. ``grid`` is (days, part of the block's id, start, end) in minutes of the day."""

    name: str
    title: str
    source: str
    published: str
    grid: tuple[tuple[Sequence[Day], str, int, int], ...]
    menu: tuple[Offer, ...]
    cohorts: tuple[Cohort, ...]
    shifts: tuple[str, ...]
    seed: int = 1
    usual_visits: int = 3
    specialised: float = 0.5

    @property
    def about(self) -> tuple[str, ...]:
        """What the week's first sheet says of it."""
        return (
            f"The time grid is that of {self.title}, as published at {self.source}",
            f"Published: {self.published}",
            "Invented: group sizes, staff, rooms, patients and all they need. The program has no part in this file.",
        )

    def sheets(self) -> Sheets:
        """The week's sheets."""
        return self.with_plan()[0]

    def with_plan(self) -> tuple[Sheets, Plan]:
        """The week's sheets, and the timetable hidden behind them."""
        rng = random.Random(self.seed)
        plan = lay(rng, self._people(rng), self._blocks(), self.menu, self.specialised, self.shifts)
        return sheets_around(rng, plan, SampleSettings(tightness=0.8), self.usual_visits), plan

    def _people(self, rng: random.Random) -> list[Person]:
        cohorts = [cohort for cohort in self.cohorts for _ in range(cohort.count)]
        names = invented_names(rng, len(cohorts))
        return [
            Person(
                id=f"P{i + 1:02d}",
                name=name,
                stream=cohort.stream,
                tags=_tags(rng, cohort),
                availability=rng.choice(cohort.wordings),
                visits=rng.choice(cohort.visits),
            )
            for i, (name, cohort) in enumerate(zip(names, cohorts, strict=True))
        ]

    def _blocks(self) -> tuple[Block, ...]:
        made = [
            Block(id=f"{day.short}-{part}", start=day.start + start, end=day.start + end)
            for days, part, start, end in self.grid
            for day in days
        ]
        return tuple(sorted(made, key=lambda block: (block.start, block.end)))


def _tags(rng: random.Random, cohort: Cohort) -> tuple[str, ...]:
    gender = () if cohort.stream == "teen" else ("women" if rng.random() < 0.5 else "men",)
    return (*gender, *(tag for tag in cohort.tags if rng.random() < 0.4))


_WEEKDAYS = (Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI)
_MON_THU = _WEEKDAYS[:4]
_MON_TUE_THU = (Day.MON, Day.TUE, Day.THU)
_FIFTIES = "{} 50; {} 50; {} 50"


def _at(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


UCSF_DAY = ProgramWeek(
    name="ucsf_day",
    title="a university hospital's adult mental health day program (UCSF Langley Porter)",
    source="https://psych.ucsf.edu/lpphc/phpiop/hours",
    published="Mon-Fri 10:00-12:50 in three parts of 50 minutes: psychotherapy, skills I, skills II.",
    grid=((_WEEKDAYS, "DAY", _at(10), _at(12, 50)),),
    menu=(
        Offer("MOOD", "Mood track", agenda=_FIFTIES.format("Psychotherapy", "CBT skills", "Behavioral activation")),
        Offer("DBTT", "DBT track", agenda=_FIFTIES.format("Psychotherapy", "DBT skills I", "DBT skills II")),
        Offer("ANX", "Anxiety track", agenda=_FIFTIES.format("Psychotherapy", "Exposure skills", "Mindfulness")),
        Offer("TRA", "Trauma", tag="trauma", max_size=8, agenda=_FIFTIES.format("Process", "Skills", "Grounding")),
    ),
    cohorts=(
        Cohort(26, ("Mon-Fri 9-13", "work hours", "mornings; Mon-Fri 12:00-14:00", "Mon-Fri before 14:00; not Wed"),
               visits=(4, 4, 4, 3), tags=("trauma",)),
    ),
    shifts=("work hours", "Mon-Fri 9-14", "work hours; not Wed"),
    usual_visits=4,
)  # fmt: skip

PRODIGAL = ProgramWeek(
    name="prodigal_three_evenings",
    title="a substance use program with three days a week (A Prodigal's Path)",
    source="https://aprodigalspath.com/services-and-fees/intensive-outpatient-program/",
    published="Mon/Tue/Thu, 10:00-13:00 or 18:00-21:00, three parts of 50 minutes with breaks; one track per patient.",
    grid=((_MON_TUE_THU, "DAY", _at(10), _at(13)), (_MON_TUE_THU, "EVE", _at(18), _at(21))),
    menu=(
        Offer("PROC", "Process", max_size=12, agenda=_FIFTIES.format("Check-in", "Process", "Skills")),
        Offer("RELP", "Relapse prevention", max_size=12, agenda=_FIFTIES.format("Check-in", "Lecture", "Planning")),
        Offer("EDUC", "Recovery education", max_size=14, kind="education"),
        Offer("WOM", "Women's group", tag="women", max_size=10, per_patient=1),
    ),
    cohorts=(
        Cohort(12, ("Mon/Tue/Thu 9:30-13:30", "Mon/Tue/Thu before 14:00", "work hours")),
        Cohort(18, ("evenings", "Mon/Tue/Thu evenings", "Mon/Tue/Thu after 17:30", "evenings; not Fri")),
    ),
    shifts=("work hours", "evenings", "Mon/Tue/Thu after 13:00", "Mon/Tue/Thu 9:30-21:30"),
    seed=2,
)

PALMETTO = ProgramWeek(
    name="palmetto_day_evening_family",
    title="a hospital's recovery center with day, evening and family programs (Palmetto Health)",
    source="http://www.palmettohealth.org/body.cfm?id=4083&oTopID=3000",
    published="day Mon/Wed/Thu 10:00-14:30; evening Mon-Thu 17:30-20:30; multi-family Tue 17:30-20:30; "
    "gender-specific groups on chosen days.",
    grid=(((Day.MON, Day.WED, Day.THU), "DAY", _at(10), _at(14, 30)), (_MON_THU, "EVE", _at(17, 30), _at(20, 30))),
    menu=(
        Offer("PROC", "Process"),
        Offer("ERLY", "Early recovery", max_size=12),
        Offer("RELP", "Relapse prevention", max_size=12),
        Offer("WOM", "Women's group", tag="women", per_patient=1, times="Mon; Wed"),
        Offer("MEN", "Men's group", tag="men", per_patient=1, times="Mon; Wed"),
        Offer("FAM", "Multi-family", max_size=16, kind="family", facilitators=2, per_patient=1,
              times="Tue 17:30-20:30"),
    ),
    cohorts=(
        Cohort(14, ("Mon/Wed/Thu 9:30-15:00", "work hours", "Mon/Wed/Thu before 15:00")),
        Cohort(22, ("evenings", "Mon-Thu evenings", "Mon-Thu after 17:15", "evenings; not Fri")),
    ),
    shifts=("work hours", "evenings", "Mon/Wed/Thu 9-15", "Mon-Thu after 15:00"),
    seed=3,
)  # fmt: skip

STREAMWOOD = ProgramWeek(
    name="streamwood_after_school",
    title="a hospital's after-school program for adolescents (Streamwood)",
    source="https://streamwoodhospital.com/outpatient-care/intensive-outpatient-therapy/",
    published="Mon-Thu 16:00-19:00 in the school year; CBT, DBT, art, psychoeducation and leisure groups; a separate "
    "group for adolescents with substance use in parallel.",
    grid=((_MON_THU, "AFT", _at(16), _at(19)),),
    menu=(
        Offer("ACBT", "Teen CBT", stream="teen", max_size=8),
        Offer("ADBT", "Teen DBT", stream="teen", max_size=8),
        Offer("AART", "Teen art", stream="teen", max_size=10, features="art", per_patient=1),
        Offer("APSY", "Teen psychoeducation", stream="teen", kind="education", max_size=12),
        Offer("ALEI", "Teen leisure", stream="teen", max_size=10, per_patient=1),
        Offer("ASUD", "Teen substance use", stream="teen", tag="sud", max_size=8),
    ),
    cohorts=(
        Cohort(24, ("Mon-Thu after 15:30", "Mon-Thu 15:45-19:30", "afternoons; evenings", "Mon-Thu 15:30-21:00"),
               stream="teen", visits=(2, 3, 3), tags=("sud",)),
    ),
    shifts=("Mon-Thu after 14:00", "Mon-Thu 12:00-20:00", "afternoons; evenings"),
    seed=4,
)  # fmt: skip

PROGRAMS = (UCSF_DAY, PRODIGAL, PALMETTO, STREAMWOOD)
