"""Every week that ships in ``data/``, made again: ``python -m scheduler.samples.shipped data/``.

The same version of this program writes the same bytes. All people in these files are synthetic.
"""

import sys
from pathlib import Path

from scheduler.samples.book import write_book, write_csvs, write_json
from scheduler.samples.by_hand import HARD_ABOUT, SMALL_ABOUT, cannot_serve_all, small_week
from scheduler.samples.generate import generate_sample
from scheduler.samples.messy import write_messy
from scheduler.samples.programs import PROGRAMS

CLINIC_PATIENTS = 60
CLINIC_SEED = 1
CLINIC_ABOUT = (
    f"A clinic of {CLINIC_PATIENTS} patients with evening, morning and weekend tracks, adolescents after school and an "
    "online track.",
    f"Made up from seed {CLINIC_SEED} by scheduler.samples.generate, with last week's seats.",
)

UCSF_PROFILE = """\
# The profile for ucsf_day.xlsx. All people in that week are synthetic; the program has no part in it.
name: ucsf_day
extends: mental_health_iop
about: >-
  Adult mental health day program on the grid that UCSF Langley Porter publishes: Monday to Friday 10:00-12:50, three
  parts of 50 minutes. Three days are 8.5 hours, so ten take four days.
levels:
  adult: {min_day_minutes: 150}
blocks:
  - {block: Mon-DAY, day: Mon, start: "10:00", end: "12:50"}
  - {block: Tue-DAY, day: Tue, start: "10:00", end: "12:50"}
  - {block: Wed-DAY, day: Wed, start: "10:00", end: "12:50"}
  - {block: Thu-DAY, day: Thu, start: "10:00", end: "12:50"}
  - {block: Fri-DAY, day: Fri, start: "10:00", end: "12:50"}
source:
  levels.adult.min_day_minutes: >-
    Three parts of 50 minutes are 150 minutes of service in a day (https://psych.ucsf.edu/lpphc/phpiop/hours); whether
    breaks count differs by payer: verify with your payer
  blocks: https://psych.ucsf.edu/lpphc/phpiop/hours; verify with your payer
"""


def write_shipped(folder: Path) -> None:
    """Write every shipped week into a folder.

    Raises:
        OSError: if a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    small = small_week()
    write_book(small, folder / "small_week.xlsx", SMALL_ABOUT)
    write_csvs(small, folder / "small_week_csv", SMALL_ABOUT)
    write_json(small, folder / "small_week.json", SMALL_ABOUT)
    clinic = generate_sample(CLINIC_PATIENTS, CLINIC_SEED, previous=True)
    write_book(clinic, folder / "clinic_60.xlsx", CLINIC_ABOUT)
    for program in PROGRAMS:
        write_book(program.sheets(), folder / f"{program.name}.xlsx", program.about)
    (folder / "ucsf_day.yaml").write_text(UCSF_PROFILE, encoding="utf-8")
    write_book(cannot_serve_all(), folder / "cannot_serve_all.xlsx", HARD_ABOUT)
    write_messy(folder / "messy_export")


if __name__ == "__main__":
    write_shipped(Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
