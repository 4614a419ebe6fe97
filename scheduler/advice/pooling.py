"""A large question asked as if therapists were one pool: quick to answer, and "impossible" holds for the week itself.

Most of what a question costs is who leads what, and most proofs only count how many sessions therapists can lead. So
sessions are counted first and led afterwards: a proof that not enough of them can be led needs no names; a timetable of
the pool is given leaders, and only one that keeps every rule of the week counts.
"""

import threading
from collections.abc import Hashable, Iterable, Sequence, Set
from dataclasses import dataclass

from scheduler.advice.nearby import Nearby
from scheduler.advice.promises import NobodyShort, PromisesKept, needs_anything
from scheduler.domain.findings import Refusal, Violation
from scheduler.domain.profile import SolverSettings
from scheduler.domain.timetable import Board
from scheduler.domain.week import Block, Group, Therapist, Week
from scheduler.engine.build import build_plan
from scheduler.engine.feasible import Feasibility, feasible
from scheduler.engine.runner import Limits, Portfolio, Runner
from scheduler.model.candidates import Cell, Gate
from scheduler.model.plan import Plan
from scheduler.model.protocol import Actor, Rule
from scheduler.rules.one_place_at_a_time import OnePlaceAtATime, overlapping
from scheduler.rules.qualified import Qualified
from scheduler.rules.therapist_load import TherapistLoad

SPARED = 0.7
"""A model of more people serves a question about so many of them at least; for fewer a smaller one is written."""


class Pool(Rule):
    """Therapists counted, not named: what holds of all of them together, in place of who leads what."""

    id = "pool"
    words = "In a block, of a group and in all no more is led than the therapists who may can lead."
    formula = (
        "f(g)·n[b,g] ≤ therapists free in b and qualified for g; Σ_{b∈Q,g} f(g)·n[b,g] ≤ those free in Q; "
        "Σ_b f(g)·n[b,g] and Σ_{b,g} f(g)·n[b,g] ≤ what those who may can lead in all"
    )

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def bars(self, week: Week, actor: Actor, target: Block | Group) -> Refusal | None:
        """Nobody leads anything by name."""
        return Refusal(words="therapists are counted") if isinstance(actor, Therapist) else None

    def constrain(self, plan: Plan) -> None:
        """Write the counts, each in the name of the rule that it comes from."""
        week, gate = plan.week, Gate(plan.week, self._rules)
        led = {cell: week.group_of[cell[1]].facilitators * count for cell, count in plan.sessions.items()}
        staff = [one.id for one in week.therapists]
        blocks = {one.id: {block.id for block in week.blocks if gate.lets(one, block)} for one in week.therapists}
        able = {group.id: [one.id for one in week.therapists if gate.lets(one, group)] for group in week.groups}
        most = {one.id: _most(one, len(blocks[one.id])) for one in week.therapists}

        def limit(cells: Iterable[Cell], leaders: int) -> None:
            sessions = [led[cell] for cell in cells]
            if sessions:
                plan.add(plan.total(sessions) <= leaders)

        with plan.writing(OnePlaceAtATime.id):
            for some in overlapping(week.blocks):
                ids = {block.id for block in some}
                there = sum(not ids.isdisjoint(blocks[one]) for one in staff)
                limit((cell for cell in led if cell[0] in ids), there)
        with plan.writing(Qualified.id):
            for block, group in led:
                here = sum(block in blocks[one] for one in able[group])
                if here < len(staff):
                    limit([(block, group)], here)
        with plan.writing(TherapistLoad.id):
            limit(led, sum(most.values()))
            for group, leaders in able.items():
                if len(leaders) < len(staff):
                    limit((cell for cell in led if cell[1] == group), sum(most[one] for one in leaders))

    def check(self, board: Board) -> tuple[Violation, ...]:
        """Nothing: a timetable names its therapists."""
        return ()


def _most(therapist: Therapist, blocks: int) -> int:
    return blocks if therapist.max_blocks is None else min(blocks, therapist.max_blocks)


def is_nameless(week: Week) -> bool:
    """Whether no therapist differs from another in when they are there and what they may lead."""
    return len({(one.free, one.groups, one.modality) for one in week.therapists}) <= 1


def pool_rules(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rulebook with the pool in place of who may lead what."""
    return tuple(Pool(rules) if isinstance(one, Qualified) else one for one in rules)


def pooled(week: Week) -> Week:
    """The week without what names a therapist beside another; whatever its rules allow, these allow too."""
    pins = (one.model_copy(update={"therapist": None}) for one in week.pins)
    named = tuple(one for one in pins if any((one.patient, one.block, one.group, one.room)))
    return week.model_copy(update={"pins": named, "apart": tuple(one for one in week.apart if one.therapist is None)})


@dataclass(frozen=True)
class Pooled(Feasibility):
    """An answer; of an impossible week, ``needed`` are those other patients whose needs the proof rests on."""

    needed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Written:
    """A model of the pool: which facts its week keeps but promises, and whose needs it assumes."""

    stated: Hashable
    plan: Plan
    promises: PromisesKept

    def serves(self, stated: Hashable, people: Set[str]) -> bool:
        """Whether a question with these facts and these people's promises is one of this model's.

        Whoever is in the model beyond them needs nothing; too many of those would only make it slow.
        """
        mine = frozenset(self.promises.assumed.values())
        return self.stated == stated and people <= mine and len(people) >= SPARED * len(mine)


class Pooling:
    """Asks the pool about one patient, again and again; questions that differ in promises alone share a model."""

    def __init__(self, patient: str, settings: SolverSettings, rules: Sequence[Rule]) -> None:
        """Take whose needs the questions are about, how to search (time limits are not used), and the rulebook."""
        self._patient, self._settings, self._rules = patient, settings, rules
        self._at_hand: _Written | None = None

    def ask(self, week: Week, stated: Hashable, *, seconds: float, stop: threading.Event) -> Pooled:
        """Whether nobody need be short in a week: by a proof of the pool, or by a timetable of the week itself.

        The needs of others than the patient are assumed, and a proof tells which of them it needs. That is the solver's
        word: whoever relies on it asks again without the others.

        Args:
            week: the week.
            stated: equal for weeks that differ only in whose needs there are, and in who is there needing nothing
                where nobody need be.
            seconds: when to give up.
            stop: set it to give up at once.
        """
        written = self._written(week, stated)
        portfolio = Portfolio.ASSUMING if written.promises.assumed else Portfolio.PLAIN
        run = Runner(self._settings, stop).run(written.plan.model, Limits(seconds, portfolio=portfolio))
        if run.values is None:
            needed = frozenset(written.promises.assumed[one] for one in run.core)
            return Pooled(None, proven=run.infeasible, needed=needed)
        plan, known = written.plan, week.patient_of
        seats = {key for key, var in plan.attends.items() if run.values[var.index] and key[0] in known}
        cells = {cell for cell, count in plan.sessions.items() if run.values[count.index]}
        laid = feasible(
            week,
            self._settings,
            seconds=seconds,
            rules=self._rules,
            extra=(NobodyShort(), Nearby(cells, seats, list(known))),
            stop=stop,
            alone=True,
        )
        return Pooled(laid.timetable, proven=laid.timetable is not None)

    def _written(self, week: Week, stated: Hashable) -> _Written:
        """The model at hand if it serves, else a new one; it assumes the needs that there are in the week."""
        people = {one.id for one in week.patients if needs_anything(one)} - {self._patient}
        written = self._at_hand
        if written is None or not written.serves(stated, people):
            promises = PromisesKept(self._patient)
            plan = build_plan(pooled(week), (*pool_rules(self._rules), promises))
            written = self._at_hand = _Written(stated, plan, promises)
        written.promises.assume(written.plan, people)
        return written
