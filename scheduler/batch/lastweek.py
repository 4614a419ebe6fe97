"""``--previous-dir``: which file of a folder is last week's timetable of a clinic."""

import re
from pathlib import Path

from scheduler.batch.clinic import ENDING, Clinic

_DATE = re.compile(
    r"[\W_]*(?:(?:19|20)\d\d[\W_]?\d\d[\W_]?\d\d|(?:week|wk|kw|w)[\W_]?\d{1,2}|(?:19|20)\d\d)(?!\d)", re.IGNORECASE
)
"""What tells one week's file from another's: a date, a year, the number of a week."""


def last_week_of(clinic: Clinic, folder: Path) -> Path | None:
    """Last week's timetable of a clinic in a folder; None where there is none.

    The file is called like this week's timetable or week; else like them but for the dates in the names. Of several
    weeks the last before this one counts.
    """
    for name in (clinic.output.name, f"{clinic.input.stem}.xlsx"):
        if (folder / name).is_file():
            return folder / name
    mine = _undated(clinic.input.stem)
    dated = sorted(
        (_dates(one.stem), one)
        for one in folder.glob("*.xlsx")
        if not one.name.startswith((".", "~$")) and _undated(one.stem) == mine
    )
    today = _dates(clinic.input.stem)
    earlier = [one for dates, one in dated if not today or dates < today]
    return earlier[-1] if earlier else None


def _undated(stem: str) -> str:
    return _DATE.sub("", stem.removesuffix(ENDING)).casefold()


def _dates(stem: str) -> tuple[str, ...]:
    """The numbers of the dates in a name, in order: years first, as they are written in names that sort."""
    return tuple(re.sub(r"\D", "", found) for found in _DATE.findall(stem))
