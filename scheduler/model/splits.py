"""A cell with several parallel sessions, split exactly: who sits with whom, who leads which, in what room.

The same constraints serve twice. With everything of the cell fixed they tell whether the aggregated answer can be
carried out (and how); written onto the plan's own variables they make a cell exact for the next search.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ortools.sat.python import cp_model

from scheduler.domain.week import Group, Week
from scheduler.model.candidates import Candidates, Cell
from scheduler.model.plan import Claim, Expr, Literal, Plan, total


@dataclass(frozen=True)
class CellState:
    """What a split must agree with: each entry a plan's variable, or a number where it is settled."""

    cell: Cell
    sessions: Expr
    most_sessions: int
    patients: Mapping[str, Expr]
    therapists: Mapping[str, Expr]
    rooms: Mapping[int, Expr]
    claims: Mapping[Claim, Expr]


class Split:
    """The sessions ``0 .. most_sessions-1`` of one cell in a CP-SAT model; those that run come first."""

    def __init__(self, model: cp_model.CpModel, week: Week, candidates: Candidates, state: CellState) -> None:
        self.model = model
        self.week = week
        self.candidates = candidates
        self.state = state
        self.slots = range(state.most_sessions)
        new = model.new_bool_var
        self.open = [new(f"open {state.cell} {k}") for k in self.slots]
        self.seat = {(p, k): new(f"seat {p} {state.cell} {k}") for p in state.patients for k in self.slots}
        self.lead = {(t, k): new(f"lead {t} {state.cell} {k}") for t in state.therapists for k in self.slots}
        self.room = {(c, k): new(f"room {c} {state.cell} {k}") for c in state.rooms for k in self.slots}
        self._write_structure()

    @property
    def group(self) -> Group:
        """The group type of the cell."""
        return self.week.group_of[self.state.cell[1]]

    @staticmethod
    def total(variables: Iterable[Expr]) -> Expr:
        """The sum of decisions, built in one go."""
        return total(variables)

    def seats_in(self, slot: int) -> list[Literal]:
        """Every patient's decision for one session."""
        return [self.seat[p, slot] for p in self.state.patients]

    def leads_in(self, slot: int) -> list[Literal]:
        """Every therapist's decision for one session."""
        return [self.lead[t, slot] for t in self.state.therapists]

    def rooms_in(self, slot: int) -> list[tuple[int, Literal]]:
        """Every room class with its decision for one session."""
        return [(c, self.room[c, slot]) for c in self.state.rooms]

    @cached_property
    def sizes(self) -> list[Expr]:
        """Patients in each session."""
        return [total(self.seats_in(slot)) for slot in self.slots]

    def _write_structure(self) -> None:
        model, state = self.model, self.state
        model.add(total(self.open) == state.sessions)
        for slot in self.slots[1:]:
            model.add_implication(self.open[slot], self.open[slot - 1])
        for who, here in (*state.patients.items(),):
            model.add(total(self.seat[who, k] for k in self.slots) == here)
        for who, here in state.therapists.items():
            model.add(total(self.lead[who, k] for k in self.slots) == here)
        for kind, count in state.rooms.items():
            model.add(total(self.room[kind, k] for k in self.slots) == count)
        for slot in self.slots:
            for taken in (*self.seats_in(slot), *self.leads_in(slot)):
                model.add_implication(taken, self.open[slot])
            if state.rooms:
                model.add(total(var for _, var in self.rooms_in(slot)) <= self.open[slot])
        for claim, claimed in state.claims.items():
            self.write_claim(claim, claimed)

    def write_claim(self, claim: Claim, claimed: Expr) -> None:
        """Ask that some session hold all that the claim names, if it is claimed."""
        shown = [self.model.new_bool_var(f"shown {claim} {k}") for k in self.slots]
        self.model.add(total(shown) >= claimed)
        for slot in self.slots:
            needed = [self.seat[p, slot] for p in claim.patients] + [self.lead[t, slot] for t in claim.therapists]
            if claim.room is not None:
                needed.append(self.room[self._class_of(claim.room), slot])
            for one in needed:
                self.model.add_implication(shown[slot], one)

    def _class_of(self, room: str) -> int:
        return next(i for i, one in enumerate(self.candidates.room_classes) if room in one.rooms)


def embed(plan: Plan, cell: Cell, most_sessions: int) -> Split:
    """Make one cell of the plan exact by splitting it on the plan's own variables. Rules are still to be written."""
    state = CellState(
        cell=cell,
        sessions=plan.sessions[cell],
        most_sessions=most_sessions,
        patients={p: plan.attends[p, *cell] for p in plan.candidates.patients[cell]},
        therapists={t: plan.leads[t, *cell] for t in plan.candidates.therapists[cell]},
        rooms=dict(plan.rooms_in(cell)),
        claims={claim: var for claim, var in plan.claims.items() if claim.cell == cell},
    )
    split = Split(plan.model, plan.week, plan.candidates, state)
    plan.exact[cell] = split.write_claim
    return split
