"""The group menu of the synthetic clinics: what an intensive outpatient program usually offers."""

from dataclasses import dataclass
from typing import Literal

Stream = Literal["adult", "online", "teen"]
"""Who sits together: adults on site, adults online, adolescents."""

STREAMS: tuple[Stream, ...] = ("adult", "online", "teen")


@dataclass(frozen=True)
class Offer:
    """A group of the menu, as spelled in the Groups sheet.

    ``tag`` is what a patient must be besides adult ('' for open groups); ``per_patient`` the most times one patient
    attends a week (None: no limit); ``least`` the smallest clinic, in patients, that offers it.
    """

    id: str
    name: str
    stream: Stream = "adult"
    tag: str = ""
    max_size: int = 10
    kind: str = "therapy"
    facilitators: int = 1
    features: str = ""
    per_patient: int | None = None
    agenda: str = ""
    least: int = 0
    times: str = ""

    @property
    def open_to(self) -> str:
        """The cell of ``Open to``."""
        level = "adolescent" if self.stream == "teen" else "adult"
        return f"{level} + {self.tag}" if self.tag else level


_THREE_PARTS = "Check-in 30; Process 90; Skills 60"

MENU = (
    Offer("PRO", "Process", agenda=_THREE_PARTS),
    Offer("REL", "Relapse prevention", max_size=12, agenda="Check-in 30; Psychoeducation 60; Skills 90"),
    Offer("DBT", "DBT skills", agenda="Mindfulness 30; Skills 60; Practice 90"),
    Offer("CBT", "CBT skills", least=12, agenda="Check-in 30; Psychoeducation 60; Skills 90"),
    Offer("EDU", "Recovery education", max_size=16, kind="education", least=20, agenda="Lecture 90; Discussion 90"),
    Offer("MND", "Mindfulness", max_size=12, features="mats", per_patient=2, least=20),
    Offer("ART", "Expressive arts", features="art", per_patient=2, least=30),
    Offer("COP", "Anger and coping", least=40, agenda=_THREE_PARTS),
    Offer(
        "FAM", "Multi-family", max_size=16, kind="family", facilitators=2, per_patient=1, least=40, times="Tue evenings"
    ),
    Offer("WTR", "Women's trauma", tag="women", max_size=8, per_patient=2, least=12),
    Offer("MEN", "Men's group", tag="men", per_patient=2, least=12),
    Offer("VET", "Veterans", tag="veterans", max_size=8, per_patient=2, least=30),
    Offer("LGB", "LGBTQ affirming", tag="lgbtq", max_size=8, per_patient=2, least=30),
    Offer("ESP", "Grupo en español", tag="spanish", least=30, agenda=_THREE_PARTS),
    Offer("SAF", "Safety and trauma", tag="trauma", max_size=8, per_patient=2, least=30),
    Offer("TPR", "Process online", stream="online"),
    Offer("TRP", "Relapse prevention online", stream="online", max_size=12),
    Offer("TSK", "Skills online", stream="online", least=60, per_patient=2),
    Offer("APR", "Teen process", stream="teen", max_size=8),
    Offer("ADB", "Teen DBT skills", stream="teen"),
    Offer("AEX", "Teen expressive arts", stream="teen", least=60, per_patient=2),
)
"""The ordinary menu."""

SPECIALISED = (
    Offer("WDB", "Women's DBT", tag="women", max_size=8, per_patient=1),
    Offer("MAN", "Men's anger work", tag="men", max_size=8, per_patient=1),
    Offer("YAD", "Young adults", tag="young adult", per_patient=2),
    Offer("OLD", "Older adults", tag="older adult", max_size=8, per_patient=2),
    Offer("FRS", "First responders", tag="first responder", max_size=8, per_patient=2),
    Offer("CRT", "Court-referred", tag="court", per_patient=2),
    Offer("GRF", "Grief and loss", tag="grief", max_size=8, per_patient=1),
)
"""What a clinic with many specialised groups offers on top."""

SPECIALISED_FROM = 0.5
"""From this much specialisation on, the second list is offered too."""

TAG_SHARES = {
    "veterans": 0.10,
    "lgbtq": 0.12,
    "spanish": 0.12,
    "trauma": 0.22,
    "young adult": 0.18,
    "older adult": 0.12,
    "first responder": 0.08,
    "court": 0.15,
    "grief": 0.10,
}
"""Which share of adults carries each tag; women and men are drawn apart."""


def menu_for(patients: int, specialised: float) -> tuple[Offer, ...]:
    """The groups that a clinic of so many patients offers."""
    offered = MENU + (SPECIALISED if specialised >= SPECIALISED_FROM else ())
    return tuple(offer for offer in offered if patients >= offer.least)
