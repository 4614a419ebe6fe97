"""From files to a week that was looked at as a whole, and back from a finished workbook. Uses none of the solver."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.explanation import Explanation, Fact
from scheduler.domain.findings import Verification, Violation
from scheduler.domain.problems import FactRef, Finding, InputRefused, Problem, Severity
from scheduler.domain.profile import Profile, SolverSettings
from scheduler.domain.timetable import Timetable
from scheduler.domain.types import Frozen
from scheduler.domain.week import Week
from scheduler.goals.registry import GOALS
from scheduler.intake.edits import Edits
from scheduler.intake.mapping import load_map
from scheduler.intake.profiles import load_profile
from scheduler.intake.reader import WeekFile, read_week
from scheduler.intake.timetable import read_timetable
from scheduler.preflight.registry import find_problems
from scheduler.verify import verify


class Overrides(Frozen):
    """What a command line says over the profile; None keeps the profile's own."""

    time_limit: float | None = None
    seed: int | None = None
    workers: int | None = None
    reproducible: bool = False


class Source(Frozen):
    """Where a week comes from. ``edits`` are changes that are made in memory before it is built."""

    week: Path
    profile: str = "adult_iop"
    mapping: Path | None = None
    previous: Path | None = None
    edits: Edits = Edits()

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read and must never be written over."""
        maybe = (self.week, self.mapping, self.previous)
        profile = (Path(self.profile),) if os.path.isfile(self.profile) else ()
        return (*(path for path in maybe if path is not None), *profile, *self.edits.inputs)


@dataclass(frozen=True)
class Loaded:
    """A week that was accepted, with everything worth saying about it (warnings and notices)."""

    week: Week
    profile: Profile
    problems: tuple[Problem, ...]
    sha256: str
    file: WeekFile


@dataclass(frozen=True)
class Checked:
    """A timetable that was read back and verified. ``where`` gives the cells behind each breach, as far as known."""

    loaded: Loaded
    timetable: Timetable
    verification: Verification
    problems: tuple[Problem, ...]
    where: Mapping[Violation, str]


def read_profile(name_or_path: str) -> Profile:
    """A profile by name or file; every goal and part that it names must exist.

    Raises:
        InputRefused: with every problem found.
    """
    known: dict[str, Collection[str] | None] = {goal.id: tuple(goal.parts) for goal in GOALS}
    return load_profile(name_or_path, known)


def load(source: Source, overrides: Overrides | None = None) -> Loaded:
    """Read a week and look at it as a whole.

    Raises:
        InputRefused: with every problem found, located where it has a place.
    """
    profile = _overridden(read_profile(source.profile), overrides or Overrides())
    mapping = load_map(source.mapping) if source.mapping is not None else None
    file = read_week(source.week, profile, mapping=mapping, previous=source.previous, edits=source.edits)
    problems = (*file.problems, *_not_yet_told([located(found, file) for found in find_problems(file.week)], file))
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputRefused(problems)
    return Loaded(file.week, profile, problems, file.sha256, file)


TOLD_BY_THE_CELL = {"patient-without-block": "no-block-in-window"}
"""Findings about the week that say what intake may have said of the cell already."""


def _not_yet_told(found: Sequence[Problem], file: WeekFile) -> Iterator[Problem]:
    said = {(problem.code, problem.place) for problem in file.problems}
    return (one for one in found if (TOLD_BY_THE_CELL.get(one.code), one.place) not in said)


def located(finding: Finding, file: WeekFile) -> Problem:
    """A finding with its facts turned into cells of the file: the first is the place, all are named in the message."""
    cells = cells_of(finding.facts, file)
    first = next((found for fact in finding.facts if (found := file.places.cell_of(fact)) is not None), ("", "", ""))
    sheet, cell, value = first
    return file.with_origin(
        Problem(
            code=finding.code,
            severity=finding.severity,
            sheet=sheet,
            cell=cell,
            value=value,
            message=_with_cells(finding.message, cells[1:]),
            hint=finding.hint,
        )
    )


def _with_cells(message: str, cells: Sequence[str]) -> str:
    """The message and the other cells that it rests on: behind a sentence, or on a line of their own below a list."""
    if not cells:
        return message
    also = f"see also {'; '.join(cells)}"
    return f"{message}\n{also}" if "\n" in message else f"{message} ({also})"


def cells_of(facts: Sequence[FactRef], file: WeekFile) -> tuple[str, ...]:
    """The cells that state the facts (``Patients!E5``), each once, in the order of the facts.

    Where the file has no column for a fact, the row's first cell stands for the leading fact only: to whoever looks
    further it would say nothing.
    """
    found = [(fact, place) for fact in facts if (place := file.places.cell_of(fact)) is not None]
    telling = [place for at, (fact, place) in enumerate(found) if at == 0 or file.places.is_stated(fact)]
    return tuple(dict.fromkeys(f"{sheet}!{cell}" for sheet, cell, _ in telling))


def explanation_located(found: Explanation, file: WeekFile) -> Explanation:
    """An explanation whose facts know their cells and what stands there, as far as the file has cells for them."""
    return found.model_copy(update={"facts": tuple(_fact_located(one, file) for one in found.facts)})


def _fact_located(one: Fact, file: WeekFile) -> Fact:
    place = file.places.cell_of(one.ref)
    if place is None:
        return one
    sheet, cell, value = place
    stated = file.places.is_stated(one.ref)
    return one.model_copy(update={"cell": f"{sheet}!{cell}", "value": value if stated else ""})


def check(source: Source, timetable: Path) -> Checked:
    """Read a timetable, also one edited by hand, and verify it against its week, without the solver.

    Raises:
        InputRefused: if either file cannot be read.
    """
    loaded = load(source)
    file = read_timetable(timetable, loaded.week)
    verification = verify(loaded.week, file.timetable, loaded.profile.goals)
    where = {
        violation: "; ".join(cells)
        for result in verification.rules
        for violation in result.violations
        if (cells := cells_of(violation.facts, loaded.file))
    }
    return Checked(loaded, file.timetable, verification, (*loaded.problems, *file.problems), where)


def check_sound(source: Source, timetable: Path) -> Checked:
    """The same, of a timetable that questions may be asked about: it keeps every rule.

    Raises:
        InputRefused: if either file cannot be read, or a rule is broken.
    """
    checked = check(source, timetable)
    broken = [(result.rule, one) for result in checked.verification.rules for one in result.violations]
    if broken:
        raise InputRefused(
            tuple(
                Problem(
                    code="broken-rule",
                    value=rule,
                    message=f"{timetable.name} breaks a rule: {one.words}"
                    + (f" ({checked.where[one]})" if one in checked.where else ""),
                    hint="mend the timetable, or let solve --start begin from it; verify lists every breach",
                )
                for rule, one in broken
            )
        )
    return checked


def read_timetables(paths: Sequence[Path], week: Week) -> tuple[tuple[Timetable, ...], tuple[Problem, ...]]:
    """Several timetables of one week, and what is to say of them: each place with its file, as Excel writes it.

    Raises:
        InputRefused: with every problem of every file.
    """
    found: list[Timetable] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            file = read_timetable(path, week)
            found.append(file.timetable)
            told = file.problems
        except InputRefused as refused:
            told = refused.problems
        problems.extend(_of_file(problem, path) for problem in told)
    if len(found) < len(paths):
        raise InputRefused(tuple(problems))
    return tuple(found), tuple(problems)


def _of_file(problem: Problem, path: Path) -> Problem:
    return problem.model_copy(update={"sheet": f"[{path.name}]{problem.sheet}"}) if problem.sheet else problem


def _overridden(profile: Profile, overrides: Overrides) -> Profile:
    changes: dict[str, object] = {}
    if overrides.time_limit is not None:
        changes |= {"time_limit": overrides.time_limit, "time_limit_per_patient": 0.0}
    if overrides.seed is not None:
        changes["seed"] = overrides.seed
    if overrides.workers is not None:
        changes["workers"] = overrides.workers
    if overrides.reproducible:
        changes["reproducible"] = True
    solver = SolverSettings.model_validate({**profile.solver.model_dump(), **changes})
    return profile.model_copy(update={"solver": solver})
