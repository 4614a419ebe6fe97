"""Which clinics a batch is of: folders, globs and manifests -> clinics, every mistake in them told at once."""

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from scheduler.batch.clinic import ENDING, TABLES, USUAL_PROFILE, Clinic
from scheduler.batch.lastweek import last_week_of
from scheduler.batch.manifest import Row, read_manifest
from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.types import Frozen
from scheduler.intake.collector import Collector, Spot
from scheduler.intake.columns import fold, sheet_named
from scheduler.loading import read_profile

SUFFIXES = frozenset({".xlsx", ".xlsm", ".json", ".xls", ".xlsb", ".ods"})
"""Files of a folder that are taken for weeks. The last ones are refused with what to do, and not passed over."""


class Defaults(Frozen):
    """What the command line says of every clinic for which a manifest says nothing else."""

    profile: str = USUAL_PROFILE
    mapping: Path | None = None
    time_limit: float | None = None
    previous_dir: Path | None = None


class Orders(Frozen):
    """The clinics of a batch, with what is worth saying of how they were found (warnings and notices)."""

    clinics: tuple[Clinic, ...]
    problems: tuple[Problem, ...] = ()


def is_own(path: Path, outdir: Path | None = None) -> bool:
    """Whether a file is no week by its name: an answer of this program, a lock of Excel, a hidden file.

    ``outdir`` is where the tables of the batch stand: they are no weeks either.
    """
    if path.name.startswith((".", "~$")) or path.stem.endswith(ENDING):
        return True
    return path.name in TABLES and outdir is not None and _key(path.parent) == _key(outdir)


def is_week_folder(folder: Path) -> bool:
    """Whether a folder is one week as CSV files: it holds the sheet of patients."""
    patients = sheet_named("Patients")
    known = {fold(name) for name in (patients.name, *patients.aliases)}
    return any(one.suffix.lower() == ".csv" and fold(one.stem) in known for one in _listed(folder))


def find_clinics(words: Sequence[str], outdir: Path, defaults: Defaults) -> Orders:
    """The clinics that folders, files, globs and manifests stand for, each once, in the order given.

    A week that is missing or damaged is no mistake here: it is one clinic's trouble, and the others are solved.

    Raises:
        InputRefused: with every mistake of the command and of all manifests.
    """
    finder = _Finder(outdir, defaults)
    for word in words:
        finder.take(word)
    return finder.orders()


def _key(path: Path) -> str:
    """What a place is known by, through links and however it is written."""
    return os.path.normcase(os.path.realpath(path))


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda one: one.name)
    except OSError:
        return []


class _Finder:
    """Gathers clinics and mistakes from one word of the command after another."""

    def __init__(self, outdir: Path, defaults: Defaults) -> None:
        self._outdir, self._defaults = outdir, defaults
        self._sink = Collector()
        self._found: list[tuple[Clinic, Spot]] = []
        self._seen: set[str] = set()
        self._profiles: dict[str, tuple[Problem, ...]] = {}

    def take(self, word: str) -> None:
        """One word of the command."""
        path = Path(word)
        if path.is_dir() and not is_week_folder(path):
            self._take_folder(path)
        elif path.suffix.lower() == ".csv" and path.is_file():
            self._take_manifest(path)
        elif path.exists():
            self._take_weeks([path], Spot())
        else:
            self._take_glob(word)

    def _take_folder(self, folder: Path) -> None:
        weeks = [one for one in _listed(folder) if self._looks_like_week(one)]
        if not weeks:
            hint = "expected workbooks (.xlsx), weeks as .json, or a folder of CSV files for each week"
            self._sink.error("no-clinics", Spot(text=str(folder)), f"the folder {folder} holds no week", hint)
        self._take_weeks(weeks, Spot())

    def _looks_like_week(self, path: Path) -> bool:
        if is_own(path, self._outdir):
            return False
        return is_week_folder(path) if path.is_dir() else path.suffix.lower() in SUFFIXES

    def _take_glob(self, pattern: str) -> None:
        found = sorted(Path(one) for one in glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []
        weeks = [one for one in found if self._looks_like_week(one)]
        if not weeks:
            what = "no week matches" if glob.has_magic(pattern) else "there is no file or folder"
            self._sink.error("missing-file", Spot(text=pattern), f"{what} {pattern}", "check the spelling of the path")
        self._take_weeks(weeks, Spot())

    def _take_weeks(self, weeks: Iterable[Path], spot: Spot) -> None:
        for week in weeks:
            if is_own(week, self._outdir):
                self._sink.notice("passed-over", Spot(text=str(week)), f"{week} is a timetable, no week: passed over")
            elif _key(week) not in self._seen:
                self._seen.add(_key(week))
                stem = (week.resolve() if week.name in ("", "..") else week).name
                name = stem if week.is_dir() else Path(stem).stem
                self._add(week, self._outdir / f"{name}{ENDING}.xlsx", {}, spot)

    def _add(self, week: Path, output: Path, said: dict[str, Any], spot: Spot) -> None:
        usual = self._defaults.model_dump(exclude={"previous_dir"})
        clinic = Clinic(name=_name(output, self._outdir), input=week, output=output, **{**usual, **said})
        if clinic.previous is None and self._defaults.previous_dir is not None:
            clinic = clinic.model_copy(update={"previous": self._last_week(clinic, self._defaults.previous_dir)})
        self._found.append((clinic, spot))

    def _last_week(self, clinic: Clinic, folder: Path) -> Path | None:
        found = last_week_of(clinic, folder)
        if found is None:
            message = f"{folder} holds no timetable of last week for {clinic.name}: solved without one"
            self._sink.notice("no-last-week", Spot(text=clinic.name), message)
        return found

    # -- manifests

    def _take_manifest(self, path: Path) -> None:
        before = len(self._found)
        wrong = self._sink.has_errors
        for row in read_manifest(path, self._sink):
            self._take_row(path.parent, row)
        if len(self._found) == before and (wrong or not self._sink.has_errors):
            self._sink.error("no-clinics", Spot(path.name), f"{path.name} names no week", "give a row for each clinic")

    def _take_row(self, folder: Path, row: Row) -> None:
        week = folder / row.text("Input")
        usual = f"{week.name if week.is_dir() else week.stem}{ENDING}.xlsx"
        output = self._outdir / (row.text("Output") or usual)
        if output.suffix.lower() != ".xlsx":
            self._sink.error("output-not-xlsx", row.spot("Output"), "the output must end in .xlsx")
        said: dict[str, Any] = {
            name: folder / row.text(column)
            for name, column in (("previous", "Previous"), ("mapping", "Map"))
            if row.text(column)
        }
        if row.text("Profile"):
            here = folder / row.text("Profile")
            said["profile"] = str(here) if here.is_file() else row.text("Profile")
        if row.seconds is not None:
            said["time_limit"] = row.seconds
        spot = row.spot("Profile") if row.text("Profile") else row.spot("Input")
        self._add(week, output, said, spot)

    # -- all together

    def orders(self) -> Orders:
        """Everything that was found, if there is no mistake in it."""
        folder = self._defaults.previous_dir
        if folder is not None and not folder.is_dir():
            self._sink.error("missing-folder", Spot(text=str(folder)), f"there is no folder {folder}")
        self._check_profiles()
        self._check_outputs()
        self._sink.refuse_if_wrong()
        return Orders(clinics=tuple(one for one, _ in self._found), problems=self._sink.problems)

    def _check_profiles(self) -> None:
        """Each once: what is wrong with it is told at the first place that names it."""
        for name, spot in {one.profile: spot for one, spot in reversed(self._found)}.items():
            try:
                read_profile(name)
            except InputRefused as refused:
                for problem in refused.problems:
                    place = {} if problem.place or not spot.sheet else {"sheet": spot.sheet, "cell": spot.cell}
                    self._sink.take((problem.model_copy(update=place),))

    def _check_outputs(self) -> None:
        """No two clinics with one output, and none that would be written over what is read."""
        read = {_key(path): path for one, _ in self._found for path in one.inputs}
        owner: dict[str, Clinic] = {}
        for one, spot in self._found:
            key = _key(one.output)
            first = owner.setdefault(key, one)
            if first is not one:
                message = f"{first.input} and {one.input} would have one output: {one.output}"
                self._sink.error("output-twice", spot, message, "give each an output of its own in a manifest")
            if key in read:
                message = f"the output {one.output} is itself read: as {read[key]}"
                self._sink.error("output-is-input", spot, message, "choose another folder for the outputs")


def _name(output: Path, outdir: Path) -> str:
    """What a clinic is called: its output as seen from the folder of outputs, so that no two are called the same."""
    place = output.with_suffix("")
    seen = place.relative_to(outdir) if place.is_relative_to(outdir) else place
    return seen.as_posix().removesuffix(ENDING)
