"""Synthetic weeks written out by hand, to be read through: a small one that works, one that cannot serve everybody."""

# ruff: noqa: E501 - a table is only readable with a row on a line

from typing import Any

from scheduler.samples.book import Sheets

_NUMBERS = frozenset(
    {
        "Min hours",
        "Max hours",
        "Min blocks",
        "Max blocks",
        "Max blocks per day",
        "Priority",
        "Min size",
        "Max size",
        "Facilitators",
        "Min sessions",
        "Max sessions",
        "Max per patient",
        "Capacity",
    }
)


def table(text: str) -> list[dict[str, Any]]:
    """Rows of a table drawn with ``|``: the first line names the columns."""
    header, *lines = [
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.strip().splitlines()
    ]
    return [dict(zip(header, map(_value, header, cells), strict=True)) for cells in lines]


def _value(column: str, text: str) -> Any:
    return int(text) if column in _NUMBERS and text.isdigit() else text


SMALL_ABOUT = (
    "A clinic of 14 patients, small enough to check by eye: eight come in the evenings, four in the mornings, one on",
    "odd days, one online. Everybody can get their hours and their planned groups with the default profile, adult_iop.",
)


def small_week() -> Sheets:
    """Fourteen patients, four therapists, six groups, three rooms, on the profile's own grid."""
    return {
        "Patients": table(
            """
| Patient | Name | Level | Tags | Availability | Unavailable | Required groups | Preferred groups | Avoid groups | Preferred times | Primary therapist | Modality | Priority |
| P01 | Alvi Testley | adult | women | evenings | | Women's trauma; Process | | | Mon/Tue/Thu | T1 | in person | 3 |
| P02 | Brisa Mockridge | adult | women; spanish | Mon-Thu evenings | | Women's trauma | DBT skills | | | T1 | in person | 4 |
| P03 | Corin Samplewood | | men | Mon-Fri after 17:30 | Wed | Relapse prevention | | | | T2 | in person | 3 |
| P04 | Dalia Fictor | adult | women | Mon/Tue/Thu evenings | | Women's trauma | | DBT skills | | | in person | 3 |
| P05 | Elmo Paperman | | men; veterans | evenings; not Wed | | Process x2 | | | | T2 | in person | 2 |
| P06 | Fenna Placeholt | adult | women | Mon-Thu 17:00-21:30 | Wed | Women's trauma | Process | | | | in person | 3 |
| P07 | Galen Nobodi | | men | evenings | Wed; Fri | Relapse prevention; Process | | | | T2 | either | 3 |
| P08 | Hanno Trialson | | men; veterans | Mon/Tue/Thu 17:30-22:00 | | Relapse prevention | | | | | in person | 5 |
| P09 | Ilvi Demofield | adult | women | mornings | | DBT skills | | | Mon/Wed/Fri | T3 | in person | 3 |
| P10 | Jorin Prototyp | | men | Mon/Wed/Fri mornings | | DBT skills; Process | Mindfulness | | | T3 | in person | 3 |
| P11 | Kaia Standin | adult | women | Mon-Fri before 12:30 | Tue; Thu | Mindfulness | | | | | in person | 3 |
| P12 | Lanno Imagini | | men | work hours; not Tue | | Process | | Women's trauma | | T3 | in person | 1 |
| P13 | Maeri Shamwell | adult | women; trauma | Mon 8:30-12:15; Wed mornings; Fri 9-12; Sat before 14:00 | | Mindfulness; DBT skills | | | | | in person | 3 |
| P14 | Orla Seedling | adult | women | evenings; weekends | | Process | | | | | in person | 3 |
"""
        ),
        "Therapists": table(
            """
| Therapist | Name | Availability | Unavailable | Groups | Max blocks | Max blocks per day | Min blocks | Modality |
| T1 | Perl Specimeno, LCSW | Mon-Thu after 15:00 | | Women's trauma; Process; DBT skills | 4 | 1 | 1 | either |
| T2 | Rasmo Unrealov, LPC | evenings; Tue mornings | Fri | Process; Relapse prevention; Multi-family | 4 | 2 | | in person |
| T3 | Selma Virtualis, PhD | mornings | | * | 4 | 1 | | either |
| T4 | Tavo Figmenti, LMFT | Mon-Fri 8:30-12:30; Tue evenings | Thu | Mindfulness; Process; Multi-family; Relapse prevention | 3 | 2 | | in person |
"""
        ),
        "Groups": table(
            """
| Group | Name | Min size | Max size | Open to | Kind | Facilitators | Modality | Room features | Min sessions | Max sessions | Times | Max per patient | Agenda |
| PROC | Process | 2 | 10 | adult | therapy | 1 | in person | | 1 | | | | Check-in 30; Process 90; Skills 60 |
| RELP | Relapse prevention | 3 | 10 | adult | therapy | 1 | in person | | 1 | 3 | | 2 | Psychoeducation 60; Skills 60; Planning 60 |
| DBT | DBT skills | 3 | 8 | adult | therapy | 1 | in person | | | | | 2 | Mindfulness 30; Skills 60; Practice 90 |
| WTR | Women's trauma | 3 | 8 | adult + women | therapy | 1 | in person | | 1 | 2 | evenings | 1 | |
| MIND | Mindfulness | 3 | 12 | adult | education | 1 | in person | mats | | 2 | | | |
| FAM | Multi-family | 4 | 14 | adult | family | 2 | in person | | | 1 | Tue evenings | 1 | |
"""
        ),
        "Rooms": table(
            """
| Room | Name | Capacity | Availability | Features |
| R1 | Oak | 10 | | wheelchair access |
| R2 | Elm | 14 | weekdays | mats; projector |
| R3 | Ash | 8 | evenings | |
"""
        ),
        "Apart": table(
            """
| Patient | With | Note |
| P03 | P07 | same household |
| P12 | T4 | patient's wish |
"""
        ),
        "Together": table(
            """
| Patient | With | Note |
| P10 | P12 | share a ride |
"""
        ),
        "Pins": table(
            """
| Patient | Block | Group | Therapist | Room | Note |
| P09 | Wed-AM | DBT skills | | | began last week |
| | Tue-EVE | PROC | | | supervised session |
"""
        ),
    }


HARD_ABOUT = (
    "A week that cannot serve everybody, each time for another reason:",
    "1. Eleven people come in the evenings, and the two evening therapists may lead four sessions together, of eight.",
    "2. P11's times hold no block at all, and only one of P12's three windows holds one.",
    "3. Women's trauma is planned for three patients, and nobody is qualified to lead it.",
    "4. P13 comes online, and the online group needs three.",
    "5. P14 can only come at weekends, when no three people could form a group.",
    "6. P15's plan asks for Relapse prevention in the evening, and the only therapist who leads it works mornings.",
    "7. DBT skills is planned for two patients, and its group needs three who can all come when its leader can.",
)


def cannot_serve_all() -> Sheets:
    """Sixteen patients of whom several must be left short."""
    return {
        "Patients": table(
            """
| Patient | Name | Tags | Availability | Required groups | Modality | Priority |
| P01 | Ambro Testaverde | men | evenings | Process | in person | 5 |
| P02 | Belisa Dummond | women | evenings | Women's trauma | in person | 3 |
| P03 | Calo Fauxley | men | Mon-Thu evenings | Process | in person | 3 |
| P04 | Davo Modelby | men | Mon/Wed/Thu evenings | Process x2 | in person | 1 |
| P05 | Edda Exampley | women | evenings; not Fri | Women's trauma | in person | 4 |
| P06 | Fiero Dataworth | men | Mon-Fri after 17:30 | DBT skills | in person | 3 |
| P07 | Gilda Inventado | women | Tue-Thu after 17:30 | Process | in person | 3 |
| P08 | Indra Phantomas | women | evenings | DBT skills | in person | 2 |
| P09 | Kelvo Pretendo | men | Mon-Wed evenings | Process | in person | 3 |
| P10 | Lioba Notreal | women | evenings | Women's trauma; Process | in person | 3 |
| P11 | Nadin Fablewood | women | Tue 9:15-12:00; Thu 13:30-15:30 | Process | in person | 4 |
| P12 | Pavo Makebeliev | men | Mon 8:45-12:15; Wed 10:00-12:30; Fri 14:00-17:00 | Process | in person | 3 |
| P13 | Quilla Made-Upton | women | mornings | Process online | telehealth | 3 |
| P14 | Rilla Simmons-Test | women | weekends | Process | in person | 3 |
| P15 | Sorin Fakenham | men | Tue-Thu evenings | Relapse prevention | in person | 3 |
| P16 | Tamsi Synthesi | women | mornings | Relapse prevention | in person | 3 |
| P17 | Ursin Standin | men | Mon/Wed/Fri mornings | Process; Relapse prevention | in person | 3 |
| P18 | Vilo Paperman | men | work hours | Relapse prevention | in person | 3 |
"""
        ),
        "Therapists": table(
            """
| Therapist | Name | Availability | Groups | Max blocks | Max blocks per day | Modality |
| T1 | Wanda Samplewood, LCSW | evenings | Process; DBT skills | 3 | 1 | in person |
| T2 | Ylvi Placeholt, LPC | Tue/Thu evenings; Sat | Process | 1 | 1 | either |
| T3 | Xeno Trialson, LADC | mornings | Process; Relapse prevention; Process online | 4 | 1 | either |
"""
        ),
        "Groups": table(
            """
| Group | Name | Min size | Max size | Open to | Kind | Facilitators | Modality | Min sessions |
| PROC | Process | 3 | 8 | adult | therapy | 1 | in person | 1 |
| RELP | Relapse prevention | 3 | 8 | adult | therapy | 1 | in person | |
| DBT | DBT skills | 3 | 6 | adult | therapy | 1 | in person | |
| WTR | Women's trauma | 3 | 8 | adult + women | therapy | 1 | in person | 1 |
| TPROC | Process online | 3 | 10 | adult | therapy | 1 | telehealth | |
"""
        ),
        "Rooms": table(
            """
| Room | Name | Capacity | Features |
| R1 | Birch | 8 | |
| R2 | Cedar | 6 | projector |
"""
        ),
    }
