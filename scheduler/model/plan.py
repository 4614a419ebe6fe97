"""The aggregated CP-SAT model of a week: a variable a patient, block and group, and sessions only as counts.

``attends[p, b, g]`` says that patient p attends some session of group g in block b; ``leads[t, b, g]`` that therapist
t leads one; ``sessions[b, g]`` is how many run; ``rooms[c, b, g]`` how many of them are in rooms of class c. Sessions
that run in parallel are told apart only in `scheduler.model.splits`. See ``docs/model.md``.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from ortools.sat.python import cp_model

from scheduler.domain.week import Block, Group, Week
from scheduler.model.candidates import Candidates, Cell

Expr = cp_model.LinearExpr | int
Literal = cp_model.IntVar
Item = TypeVar("Item")


@dataclass(frozen=True, order=True)
class Claim:
    """That one session of a cell holds all of these at once. True only if the split into sessions can show it."""

    cell: Cell
    patients: tuple[str, ...] = ()
    therapists: tuple[str, ...] = ()
    room: str | None = None


class Seat(NamedTuple):
    """A candidate seat with its decision."""

    patient: str
    block: Block
    group: Group
    var: Literal

    @property
    def cell(self) -> Cell:
        """The cell of the seat."""
        return self.block.id, self.group.id


class Lead(NamedTuple):
    """A candidate lead with its decision."""

    therapist: str
    block: Block
    group: Group
    var: Literal


class Plan:
    """A week's decisions. Rules write constraints on it, goals read expressions off it; it knows neither."""

    def __init__(self, week: Week, candidates: Candidates) -> None:
        self.week = week
        self.candidates = candidates
        self.model = cp_model.CpModel()
        self.written: Counter[str] = Counter()
        """How many constraints each rule (or ``structure``) has written."""
        self._writer = "structure"
        self.claims: dict[Claim, Literal] = {}
        self.asked: frozenset[Claim] = frozenset()
        """Those of the claims that rules count on; the others serve goals."""
        self.exact: dict[Cell, Callable[[Claim, Literal], None]] = {}
        """Cells that are already split on these variables; each is told of every later claim."""
        self.attends = {
            (p, *cell): self.model.new_bool_var(f"attends {p} {cell}")
            for cell in candidates.cells
            for p in candidates.patients[cell]
        }
        self.leads = {
            (t, *cell): self.model.new_bool_var(f"leads {t} {cell}")
            for cell in candidates.cells
            for t in candidates.therapists[cell]
        }
        self.sessions = {
            cell: self.model.new_int_var(0, len(candidates.patients[cell]), f"sessions {cell}")
            for cell in candidates.cells
        }
        self.rooms = {
            (c, *cell): self.model.new_int_var(0, self._room_limit(c, cell), f"rooms {c} {cell}")
            for cell in candidates.cells
            for c in candidates.rooms[cell]
        }
        self.runs = {cell: self.model.new_bool_var(f"runs {cell}") for cell in candidates.cells}
        self._write_structure()

    def _room_limit(self, room_class: int, cell: Cell) -> int:
        rooms = self.candidates.room_classes[room_class].rooms
        return min(len(rooms), len(self.candidates.patients[cell]))

    def _write_structure(self) -> None:
        """What the words mean, rules apart: a seat or a lead needs a session, a session is in one room at most."""
        for cell, count in self.sessions.items():
            runs = self.runs[cell]
            self.add(count >= 1).only_enforce_if(runs)
            self.add(count == 0).only_enforce_if(~runs)
            for person in self.candidates.patients[cell]:
                self.model.add_implication(self.attends[person, *cell], runs)
            for person in self.candidates.therapists[cell]:
                self.model.add_implication(self.leads[person, *cell], runs)
            if self.candidates.rooms[cell]:
                self.add(total(self.rooms[c, *cell] for c in self.candidates.rooms[cell]) <= count)

    @contextmanager
    def writing(self, rule: str) -> Iterator[None]:
        """Name the rule that writes the constraints of this stretch."""
        before, self._writer = self._writer, rule
        yield
        self._writer = before

    def add(self, constraint: Any) -> cp_model.Constraint:
        """Add a linear constraint in the name of the rule that is writing."""
        self.written[self._writer] += 1
        return self.model.add(constraint).with_name(self._writer)

    @staticmethod
    def total(variables: Iterable[Expr]) -> Expr:
        """The sum of decisions, built in one go."""
        return total(variables)

    def at_most(self, variables: Sequence[Literal], limit: int) -> None:
        """Allow at most ``limit`` of the given decisions; nothing is written where that always holds."""
        if len(variables) <= limit:
            return
        self.written[self._writer] += 1
        if limit == 1:
            self.model.add_at_most_one(variables).with_name(self._writer)
        else:
            self.model.add(total(variables) <= limit).with_name(self._writer)

    def count(self, largest: int, name: str) -> Literal:
        """A new whole number from 0 to ``largest``."""
        return self.model.new_int_var(0, max(0, largest), name)

    def flag(self, name: str) -> Literal:
        """A new yes-or-no."""
        return self.model.new_bool_var(name)

    # ---- what rules and goals iterate over -------------------------------------------------------------------

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """Every candidate seat."""
        block_of, group_of = self.week.block_of, self.week.group_of
        return tuple(Seat(p, block_of[b], group_of[g], var) for (p, b, g), var in self.attends.items())

    @cached_property
    def all_leads(self) -> tuple[Lead, ...]:
        """Every candidate lead."""
        block_of, group_of = self.week.block_of, self.week.group_of
        return tuple(Lead(t, block_of[b], group_of[g], var) for (t, b, g), var in self.leads.items())

    @cached_property
    def seats_of(self) -> dict[str, tuple[Seat, ...]]:
        """Candidate seats by patient; every patient has an entry."""
        return _grouped(self.seats, lambda s: s.patient, (p.id for p in self.week.patients))

    @cached_property
    def leads_of(self) -> dict[str, tuple[Lead, ...]]:
        """Candidate leads by therapist; every therapist has an entry."""
        return _grouped(self.all_leads, lambda s: s.therapist, (t.id for t in self.week.therapists))

    def patients_in(self, cell: Cell) -> list[Literal]:
        """The decisions of everybody who may attend the cell."""
        return [self.attends[p, *cell] for p in self.candidates.patients[cell]]

    def therapists_in(self, cell: Cell) -> list[Literal]:
        """The decisions of everybody who may lead in the cell."""
        return [self.leads[t, *cell] for t in self.candidates.therapists[cell]]

    def rooms_in(self, cell: Cell) -> list[tuple[int, Literal]]:
        """The room classes open to the cell, each with its count."""
        return [(c, self.rooms[c, *cell]) for c in self.candidates.rooms[cell]]

    def class_of_room(self, room: str) -> int:
        """The index of the class that a room belongs to."""
        return next(i for i, one in enumerate(self.candidates.room_classes) if room in one.rooms)

    def claim(
        self, cell: Cell, patients: Iterable[str] = (), therapists: Iterable[str] = (), room: str | None = None
    ) -> Literal | None:
        """A decision that some session of the cell holds all the named; None if one of them can never be there.

        Where one name alone is asked for, its own decision is the answer. Made on first use.
        """
        claim = Claim(cell, tuple(sorted(patients)), tuple(sorted(therapists)), room)
        needed = self._parts_of(claim)
        if needed is None:
            return None
        if room is None and len(needed) <= 1:
            return needed[0] if needed else self.runs[cell]
        if claim not in self.claims:
            made = self.model.new_bool_var(f"claim {claim}")
            for one in needed:
                self.model.add_implication(made, one)
            if room is not None:
                self.model.add(self.rooms[self.class_of_room(room), *cell] >= 1).only_enforce_if(made)
            self.claims[claim] = made
            if cell in self.exact:
                self.exact[cell](claim, made)
        return self.claims[claim]

    def _parts_of(self, claim: Claim) -> list[Literal] | None:
        if claim.cell not in self.sessions:
            return None
        keys = [(self.attends, p) for p in claim.patients] + [(self.leads, t) for t in claim.therapists]
        found = [table.get((who, *claim.cell)) for table, who in keys]
        if claim.room is not None and (self.class_of_room(claim.room), *claim.cell) not in self.rooms:
            return None
        parts = [one for one in found if one is not None]
        return parts if len(parts) == len(found) else None


def total(variables: Iterable[Expr]) -> Expr:
    """The sum of decisions, built in one go."""
    return cp_model.LinearExpr.sum(list(variables))


def _grouped(items: Iterable[Item], key: Callable[[Item], str], keys: Iterable[str]) -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = defaultdict(list, {one: [] for one in keys})
    for item in items:
        found[key(item)].append(item)
    return {one: tuple(many) for one, many in found.items()}
