"""A clinic's task with everything that it reads, fit to be sent to a machine that shares no folder with this one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from scheduler.batch.process import Task, run_clinic
from scheduler.domain.network import ClinicResult
from scheduler.files import write_whole
from scheduler.intake.profiles import resolved_text
from scheduler.intake.safety import MOST_TEXT_BYTES, called, read_bytes
from scheduler.loading import read_profile


@dataclass(frozen=True)
class Parcel:
    """A task and the content of its files by their place in the folder where they are unpacked.

    The content is kept out of what is shown of a parcel: machines that carry it may log that.
    """

    task: Task
    files: Mapping[str, bytes] = field(repr=False)
    profile: str = ""
    """The place of the profile, whole and in one file: another machine's profiles may differ."""

    def __repr__(self) -> str:
        """Only whose it is."""
        return f"Parcel({self.task.clinic.name!r})"

    def with_task(self, task: Task) -> Parcel:
        """The same files for a task that differs in its limits."""
        return replace(self, task=task)


@dataclass(frozen=True)
class Answer:
    """What comes back: the result, and the bytes of the workbook if there is a timetable."""

    result: ClinicResult = field(repr=False)
    workbook: bytes | None = field(repr=False)

    def __repr__(self) -> str:
        """Only whose it is."""
        return f"Answer({self.result.clinic!r})"


def packed(task: Task) -> Parcel:
    """A task with all its files.

    Raises:
        InputRefused: if a file cannot be read, or the profile is wrong.
    """
    clinic = task.clinic
    profile = read_profile(clinic.profile)
    place = f"profile/{profile.name}.yaml"
    files = {place: resolved_text(profile).encode()}
    files |= dict(_content("input", clinic.input))
    for name, path in (("previous", clinic.previous), ("mapping", clinic.mapping)):
        if path is not None:
            files |= dict(_content(name, path))
    return Parcel(task, files, place)


def _content(kind: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """A file, or the CSV files of a folder, under the name that messages use."""
    place = PurePosixPath(kind, called(path))
    if not path.is_dir():
        yield str(place), read_bytes(path)
        return
    for one in sorted(path.iterdir()):
        if one.suffix.lower() == ".csv" and one.is_file():
            yield str(place / one.name), read_bytes(one, MOST_TEXT_BYTES, may_be_empty=True)


def solved(
    parcel: Parcel,
    folder: Path,
    on_progress: Callable[[float | None], None] | None = None,
    stop: threading.Event | None = None,
    kill: threading.Event | None = None,
) -> Answer:
    """Unpack a parcel into an empty folder and solve it there. The answer names the places that the sender knows."""
    for place, content in parcel.files.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    here = _moved(parcel, folder)
    here.clinic.output.parent.mkdir()
    found = run_clinic(here, on_progress, stop, kill)
    workbook = here.clinic.output.read_bytes() if found.answered else None
    told = _renamed(found.model_dump(), _names(parcel.task, here))
    return Answer(ClinicResult.model_validate(told), workbook)


def _moved(parcel: Parcel, folder: Path) -> Task:
    """The task as it is in the folder."""
    clinic = parcel.task.clinic
    places = {
        "input": folder / "input" / called(clinic.input),
        "output": folder / "output" / clinic.output.name,
        "profile": str(folder / parcel.profile),
        "previous": None if clinic.previous is None else folder / "previous" / called(clinic.previous),
        "mapping": None if clinic.mapping is None else folder / "mapping" / called(clinic.mapping),
    }
    return parcel.task.model_copy(update={"clinic": clinic.model_copy(update=places)})


def _names(task: Task, here: Task) -> dict[str, str]:
    """The places of the folder, and what the sender calls them."""
    kinds = ("input", "output", "profile", "previous", "mapping")
    return {
        str(getattr(here.clinic, kind)): str(getattr(task.clinic, kind))
        for kind in kinds
        if getattr(task.clinic, kind) is not None
    }


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same with the sender's names in every text."""
    if isinstance(value, str):
        for here, there in names.items():
            value = value.replace(here, there)
        return value
    if isinstance(value, dict):
        return {key: _renamed(one, names) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(one, names) for one in value]
    return value


def delivered(task: Task, answer: Answer) -> ClinicResult:
    """The result, once its workbook is written where the task wants it.

    Raises:
        InputRefused: if it cannot be written there.
    """
    clinic, workbook = task.clinic, answer.workbook
    if workbook is not None:
        write_whole(clinic.output, lambda rough: _fill(rough, workbook), force=task.force, never=clinic.inputs)
    return answer.result


def _fill(target: Path, content: bytes) -> None:
    target.write_bytes(content)
