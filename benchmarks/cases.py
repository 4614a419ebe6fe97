"""The weeks of the benchmarks: families of made-up weeks, each at six sizes, from seeds kept apart by purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SIZES = (30, 60, 120, 240, 480, 960)
"""Patients."""
TUNING_SEEDS = (11, 12, 13)
"""For trying things out while the engine is changed; no figure of theirs is reported."""
REPORTED_SEEDS = (701, 702, 703)
"""For reports only; nothing was chosen by looking at them."""
SEEDS = {"reported": REPORTED_SEEDS, "tuning": TUNING_SEEDS}


@dataclass(frozen=True)
class Family:
    """What the weeks of a family have in common.

    ``knobs`` go to the sample generator as they are. ``patients_per_apart``: one pair kept apart for so many patients;
    None leaves the generator's usual number.
    """

    about: str
    knobs: dict[str, Any] = field(default_factory=dict)
    patients_per_apart: int | None = None

    def knobs_for(self, patients: int) -> dict[str, Any]:
        """The generator's knobs for a week of so many patients."""
        if self.patients_per_apart is None:
            return dict(self.knobs)
        return {**self.knobs, "apart_pairs": patients // self.patients_per_apart}


FAMILIES: dict[str, Family] = {
    "roomy": Family("therapists could lead half as many sessions again", {"tightness": 0.65}),
    "tight": Family("fewer therapist hours than would serve everybody", {"tightness": 1.05}),
    "evening-heavy": Family("nearly all adults come in the evenings", {"evening_share": 0.9}),
    "specialised": Family("many groups that are open to some people only", {"specialised": 0.9}),
    "apart": Family("a pair kept apart for every three patients", patients_per_apart=3),
    "telehealth": Family("two patients in five join from home", {"telehealth_share": 0.4}),
    "last-week": Family("last week's seats are known and should change little", {"previous": True}),
    "adolescents": Family("two patients in five are adolescents", {"adolescent_share": 0.4}),
}


@dataclass(frozen=True)
class Case:
    """One week of the benchmarks."""

    family: str
    patients: int
    seed: int

    @property
    def name(self) -> str:
        """``tight-120-701``."""
        return f"{self.family}-{self.patients}-{self.seed}"

    def write(self, path: Path) -> None:
        """Write the week as a workbook; the same case gives the same bytes.

        Raises:
            KeyError: if there is no such family.
            OSError: if the file cannot be written.
        """
        from scheduler.samples.generate import write_sample

        write_sample(path, self.patients, self.seed, **FAMILIES[self.family].knobs_for(self.patients))


def cases(families: Iterable[str], sizes: Iterable[int], seeds: Iterable[int]) -> Iterator[Case]:
    """Every combination, small weeks first, so that an interrupted run has something of each family."""
    families, seeds = tuple(families), tuple(seeds)
    return (Case(family, patients, seed) for patients in sizes for family in families for seed in seeds)
