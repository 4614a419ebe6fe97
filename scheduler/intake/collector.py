"""Where the problems of one reading are gathered, so that all of them can be told at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from scheduler.domain.problems import InputRefused, Problem, Severity


@dataclass(frozen=True)
class Spot:
    """A place in a file and what stands there: sheet as titled, address, text of the cell."""

    sheet: str = ""
    cell: str = ""
    text: str = ""


@dataclass
class Collector:
    """Gathers problems in the order in which they are found."""

    _found: dict[Problem, None] = field(default_factory=dict)
    _sheets: list[str] = field(default_factory=list)
    _origins: dict[tuple[str, str], str] = field(default_factory=dict)

    def error(self, code: str, spot: Spot, message: str, hint: str = "") -> None:
        """Something that refuses the file."""
        self._add(code, Severity.ERROR, spot, message, hint)

    def warning(self, code: str, spot: Spot, message: str, hint: str = "") -> None:
        """Something that should be looked at."""
        self._add(code, Severity.WARNING, spot, message, hint)

    def notice(self, code: str, spot: Spot, message: str, hint: str = "") -> None:
        """How something was read."""
        self._add(code, Severity.NOTICE, spot, message, hint)

    def _add(self, code: str, severity: Severity, spot: Spot, message: str, hint: str) -> None:
        problem = Problem(
            code=code,
            severity=severity,
            sheet=spot.sheet,
            cell=spot.cell,
            value=shown(spot.text),
            message=message,
            hint=hint,
        )
        self.take((problem,))

    def take(self, problems: Iterable[Problem]) -> None:
        """Problems found elsewhere; one that is here already is not told twice."""
        for problem in problems:
            self._found.setdefault(problem)

    def expect(self, sheets: Iterable[str]) -> None:
        """The sheets of a file, in its order: problems are told in that order too."""
        self._sheets.extend(sheets)

    def came_from(self, sheet: str, cell: str, words: str) -> None:
        """What stands in a cell is not from the file: every problem of the cell says so."""
        self._origins[sheet, cell] = words

    def with_origin(self, problem: Problem) -> Problem:
        """The problem, which says where its cell's value comes from if that is not the file."""
        words = self._origins.get((problem.sheet, problem.cell), "")
        if not words:
            return problem
        message = f"{problem.message}\n{words}" if "\n" in problem.message else f"{problem.message} ({words})"
        return problem.model_copy(update={"message": message})

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything gathered so far: sheet after sheet, each from its top to its bottom and from left to right."""
        told = ("", *self._sheets, *(problem.sheet for problem in self._found))
        order = {sheet: at for at, sheet in enumerate(dict.fromkeys(told))}
        found = sorted(self._found, key=lambda problem: (order[problem.sheet], *_position(problem.cell)))
        return tuple(map(self.with_origin, found))

    @property
    def has_errors(self) -> bool:
        """Whether the file must be refused."""
        return any(problem.severity is Severity.ERROR for problem in self._found)

    def refuse_if_wrong(self) -> None:
        """Refuse the file if any error was gathered.

        Raises:
            InputRefused: with all problems, not only the errors.
        """
        if self.has_errors:
            raise InputRefused(self.problems)


LONGEST_SHOWN = 200


def shown(text: str) -> str:
    """A cell's text, cut where it would flood a message."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def refusal(
    code: str, message: str, hint: str = "", *, sheet: str = "", cell: str = "", value: str = ""
) -> InputRefused:
    """A file refused for a single reason."""
    return InputRefused((Problem(code=code, sheet=sheet, cell=cell, value=shown(value), message=message, hint=hint),))


_ADDRESS = re.compile(r"([A-Z]{1,3})(\d+)|\[(\d+)\](.*)")


def _position(cell: str) -> tuple[int, int, str]:
    """Where an address stands: its row, then its column; what is no address stands first."""
    match = _ADDRESS.fullmatch(cell)
    if match is None:
        return -1, 0, cell
    if match.group(1):
        return int(match.group(2)), len(match.group(1)), match.group(1)
    return int(match.group(3)), 0, match.group(4)
