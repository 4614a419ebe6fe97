"""Why somebody is short: whether it could not be helped at all or others came first, by the fewest facts that prove it.

Two questions, in this order. Could the need be met if nobody else needed anything? If not, it is impossible for this
patient. Could it be met with everybody keeping what they have? If not, others came first: then the cheapest timetable
that meets it shows at whose cost. Both are answered by a timetable or by a proof, and a proof is cut down to the facts
that it needs.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from typing import TypeVar

from scheduler.advice.easily import could_sit
from scheduler.advice.hunches import Hunches, roomy
from scheduler.advice.promises import HOURS, PLANS, Met, as_given, asking_nothing, without_needs
from scheduler.advice.proving import Patience, Prover, is_small, price, solve_in_time
from scheduler.advice.shrink import Shrunk, shrink
from scheduler.advice.worlds import Asked, promise, world
from scheduler.domain.explanation import Cost, Explanation, Fact, Loss, Verdict
from scheduler.domain.profile import Profile, SolverSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Week
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

T = TypeVar("T")

AT_ONCE = 2
"""So many needs of a large week are settled side by side: most of it is linear programs, which take a thread each."""
FEW = (6, 12)
"""With so many of the nearest other people's promises the second question is tried first: most proofs need few."""
BOTH = 2
"""What is likely to prove a need is asked about if there is time for so many questions of its size: it may not."""
QUESTION_SHARE = 0.2
"""Of the time for one need, what a single question may take; more where it could not be answered in that."""
QUESTIONS_A_NEED = 8
"""Where there is not time for all needs, the most urgent have time for so many questions about the whole week."""
ROUNDS = 3
"""Where time is left, what is not cut down yet is tried again, with more time for each question."""
COST_SHARE = 0.4
"""Of the time that is left once every need is settled, what is kept for finding the cheapest ways to meet them."""


@dataclass(frozen=True)
class Need:
    """One need that a timetable does not meet: hours (``group`` None) or a required group; ``amount`` in h or times."""

    patient: Patient
    group: str | None
    amount: float


def unmet(board: Board, patients: Collection[str] | None = None) -> tuple[Need, ...]:
    """Every need that is not met, of all or of the named patients: the most urgent first, then as on the sheet."""
    return tuple(
        need
        for patient in sorted(board.week.patients, key=lambda one: -one.priority)
        if patients is None or patient.id in patients
        for need in _unmet_of(board, patient)
    )


def _unmet_of(board: Board, patient: Patient) -> Iterator[Need]:
    short = minutes_short(board, patient)
    if short:
        yield Need(patient, None, short / MINUTES_PER_HOUR)
    for missed in missed_groups(board, patient):
        yield Need(patient, missed.group, missed.times)


def alone(board: Board, need: Need) -> Asked:
    """Could the need be met if nobody else needed anything? Of the patient, too, only this need counts."""
    return _asked(asking_nothing(board.week, ()), need)


def among_others(board: Board, need: Need) -> Asked:
    """Could it be met with everybody keeping what the timetable gives them, the patient too?"""
    return _asked(as_given(board.week, board.timetable), need)


def _asked(week: Week, need: Need) -> Asked:
    mine = _wanting(week.patient_of[need.patient.id], need)
    patients = tuple(mine if one.id == mine.id else one for one in week.patients)
    return Asked(week.model_copy(update={"patients": patients}), mine.id)


def _wanting(patient: Patient, need: Need) -> Patient:
    """The patient with this need whole and the others as they stand in ``patient``."""
    if need.group is None:
        whole = {name: getattr(need.patient, name) for name in ("min_minutes", "min_blocks", "min_days")}
        return patient.model_copy(update=whole)
    asked = next(one for one in need.patient.required if one.group == need.group)
    others = (one for one in patient.required if one.group != asked.group)
    return patient.model_copy(update={"required": (*others, asked)})


def explain(
    week: Week,
    timetable: Timetable,
    profile: Profile,
    *,
    seconds: float,
    patients: Collection[str] | None = None,
    stop: threading.Event | None = None,
    rules: Sequence[Rule] = RULES,
    with_cost: bool = True,
) -> Iterator[Explanation]:
    """Explain every need that a timetable does not meet, the most urgent first.

    Args:
        week: the week.
        timetable: a timetable of it that breaks no rule.
        profile: how to search, and the order of goals.
        seconds: for all together; an equal share each, more for the first where that is too little to settle any.
        patients: only these; everybody otherwise.
        stop: set it to end: what is not settled by then says so.
        rules: the rulebook.
        with_cost: also look for the cheapest way to meet what others came before.

    Raises:
        ValueError: if the timetable names something that the week does not know.
    """
    board = Board(week, timetable)
    stop = stop or threading.Event()
    hunches = Hunches()
    every = [_Explaining(board, need, profile, stop, rules, hunches) for need in unmet(board, patients)]
    whole = Patience(seconds, seconds, stop, reproducible=profile.solver.reproducible)
    alone = profile.solver.reproducible or profile.solver.workers == 1 or is_small(week)
    turns = _Turns(whole, at_once=1 if alone else AT_ONCE)
    list(turns.each(every, _Explaining.settle))
    for_costs = COST_SHARE * whole.all_left
    if not with_cost or for_costs <= price(week):
        for_costs = 0.0
    for _ in range(ROUNDS):
        if whole.all_left > for_costs:
            list(turns.each([one for one in every if not one.is_done], _Explaining.cut_down, for_costs))
    costs = turns.each(every, _Explaining.cost) if with_cost else (None for _ in every)
    for one, cost in zip(every, costs, strict=True):
        yield one.said(cost)


class _Turns:
    """Needs that share the time: one after the other, or some side by side."""

    def __init__(self, whole: Patience, *, at_once: int) -> None:
        self._whole, self._at_once = whole, at_once
        self._lock = threading.Lock()

    def each(
        self, every: Sequence["_Explaining"], ask: Callable[["_Explaining", float], T], kept: float = 0.0
    ) -> Iterator[T]:
        """Ask of each need, with its share of the time that is left; the answers in the order of the needs.

        ``kept``: what of that time is left untouched, in seconds.
        """
        waiting, whole = len(every), self._whole

        def in_time(one: _Explaining) -> T:
            nonlocal waiting
            with self._lock:
                left = max(0.0, whole.all_left - kept)
                equal = self._at_once * left / max(waiting, self._at_once)
                share = min(left, max(equal, QUESTIONS_A_NEED * one.price))
                waiting -= 1
            found = ask(one, share)
            whole.spend(one.spent)
            return found

        if self._at_once == 1:
            yield from map(in_time, every)
            return
        with ThreadPoolExecutor(self._at_once) as threads:
            yield from threads.map(in_time, every)


@dataclass(frozen=True)
class _Settled:
    """A question, whoever answered it, and facts that were proven impossible together; no fewer if ``smallest``."""

    prover: Prover
    facts: tuple[Fact, ...]
    smallest: bool = False


class _Explaining:
    """One need: first it is settled, then what proves it is cut down."""

    def __init__(
        self,
        board: Board,
        need: Need,
        profile: Profile,
        stop: threading.Event,
        rules: Sequence[Rule],
        hunches: Hunches,
    ) -> None:
        self._board, self._need, self._profile, self._rules, self._stop = board, need, profile, rules, stop
        self._settings: SolverSettings = profile.solver
        self._hunches = hunches
        self._patience = self._patience_of(0.0)
        self._provers: list[Prover] = []
        self._found: _Settled | None = None
        self._verdict = Verdict.OPEN
        self._never_settled = False
        self._given = 0.0

    @property
    def week(self) -> Week:
        """The week."""
        return self._board.week

    @property
    def price(self) -> float:
        """What a question about it costs, roughly, in seconds: of all people, or of those who are in its proof."""
        return price(self.week if self._found is None else world(self._found.prover.asked, self._found.facts))

    @property
    def spent(self) -> float:
        """What the last questions cost, where the clock does not count."""
        return self._given - self._patience.all_left

    def _patience_of(self, seconds: float) -> Patience:
        self._given = seconds
        each = max(seconds * QUESTION_SHARE, min(seconds, price(self.week)))
        return Patience(seconds, each, self._stop, reproducible=self._settings.reproducible)

    # ---- whether it is possible ----

    def settle(self, seconds: float) -> None:
        """Find out whether the need could be met at all, and whether without a loss to others."""
        self._patience = self._patience_of(seconds)
        self._settle()
        if self._found is not None and self._verdict is Verdict.NEVER:
            self._cut(self._found)  # hardly anybody else is in it, so it takes little

    def _settle(self) -> None:
        self._found = self._never()
        if self._found is not None:
            self._verdict = Verdict.NEVER
            return
        prover = self._prover(among_others(self._board, self._need))
        self._found = self._proved(prover, self._parts(prover))
        if self._found is not None:
            self._verdict = Verdict.OTHERS_FIRST
            self._hunches.keep(self._need.group, (*self._found.facts, promise(self._need.patient)))
        elif prover.impossible(prover.asked.facts) is False:
            self._verdict = Verdict.POSSIBLE

    def _never(self) -> _Settled | None:
        """A proof that the need could not be met if nobody else needed anything; notes it if that could be."""
        prover = self._prover(alone(self._board, self._need), hopeful=True)
        facts, need = prover.asked.facts, self._need
        own = tuple(one for one in facts if one.ref.sheet == "Patients")
        found = self._proved(prover, (own, roomy(facts)))
        if found is not None:
            return found
        self._never_settled = could_sit(self._board, need.patient, need.group, self._patience, self._rules)
        if not self._never_settled:
            found = self._proved(prover, (facts,))
            self._never_settled = prover.impossible(facts) is False
        return found

    def _prover(self, asked: Asked, *, hopeful: bool = False) -> Prover:
        prover = Prover(asked, self._settings, self._patience, self._rules, hopeful=hopeful)
        self._provers.append(prover)
        return prover

    def _proved(self, prover: Prover, parts: Iterable[tuple[Fact, ...]]) -> _Settled | None:
        """The first of these parts of the facts that is impossible."""
        part = next((part for part in parts if prover.impossible(part)), None)
        return None if part is None else _Settled(prover, prover.lightened(part))

    def _parts(self, prover: Prover) -> Iterator[tuple[Fact, ...]]:
        """Parts of the facts: what a hunch says, then ever larger ones, for a proof from few promises is quick."""
        facts = prover.asked.facts
        promises = [one for one in facts if one.owner]
        stated = roomy(one for one in facts if not one.owner)
        if not self._never_settled:
            yield stated
        if promises and not is_small(self.week):
            yield from self._by_hunch(prover)
        near = self._by_nearness(prover.asked, promises)
        for count in FEW:
            if count < len(near) and (count == min(FEW) or is_small(self.week, count + 1)):
                yield (*stated, *near[:count])
        yield (*stated, *near)
        yield facts

    def _by_hunch(self, prover: Prover) -> Iterator[tuple[Fact, ...]]:
        """The first hunch that is right, if there is time for a wrong one."""
        for hunch in self._hunches.about(prover.asked, self._need.group, self._rivals()):
            if self._patience.all_left > BOTH * price(world(prover.asked, hunch.facts)):
                proved = bool(prover.disproved(hunch.facts))
                self._hunches.note(hunch, proved=proved)
                if proved:
                    yield hunch.facts
                    return

    def _rivals(self) -> set[str]:
        """Who holds what is missed: those who must have the group, and those who sit in it for their hours."""
        group = self._need.group
        if group is None:
            return set()
        sitting = {who for session in self._board.of_group(group) for who in self._board.roster[session.id]}
        return sitting | {one.id for one in self.week.patients if _must_have(one, group)}

    # ---- what proves it ----

    @property
    def is_done(self) -> bool:
        """Whether no facts are left to cut down."""
        return self._found is None or self._found.smallest

    def cut_down(self, seconds: float) -> None:
        """Find out which of the facts are needed, going on where it ended before."""
        self._patience = self._patience_of(seconds)
        if self._found is not None:
            self._cut(self._found)

    def _cut(self, found: _Settled) -> None:
        prover = found.prover
        prover.patience = self._patience
        facts = self._less(found)
        shrunk = shrink(facts, _class_of, prover.impossible, prover.disproved) or Shrunk(facts, smallest=False)
        # A proof from others' promises is one of "others first" only if without them it is possible.
        if not (self._never_settled or any(one.owner for one in shrunk.facts)):
            self._verdict = Verdict.NEVER
        self._found = _Settled(prover, shrunk.facts, shrunk.smallest)

    def _less(self, found: _Settled) -> tuple[Fact, ...]:
        """Of facts about many people, as many as a linear proof rests on."""
        if not any(one.owner for one in found.facts) or is_small(world(found.prover.asked, found.facts)):
            return found.facts
        return found.prover.reduced(found.facts)

    def said(self, cost: Cost | None) -> Explanation:
        """What was settled, by as few facts as there was time to find."""
        found = self._found
        return Explanation(
            patient=self._need.patient.id,
            group=self._need.group,
            amount=self._need.amount,
            verdict=self._verdict,
            facts=() if found is None else found.facts,
            smallest=found is not None and found.smallest,
            cost=cost,
            questions=sum(one.questions for one in self._provers),
        )

    def _by_nearness(self, asked: Asked, promises: Sequence[Fact]) -> list[Fact]:
        """Those first who most likely hold what the patient would need.

        For a group: whoever was promised it, the fewer blocks they could have it in the sooner. Then whoever sits where
        the patient could.
        """
        week, mine, group = asked.week, asked.week.patient_of[asked.patient], self._need.group
        could = {block.id for block in week.blocks if mine.free.covers(block.start, block.end)}
        wanted = {one.group for one in mine.required} if group else set(week.group_of)

        def rank(one: Fact) -> tuple[float, int]:
            who = week.patient_of[one.owner]
            shared = sum(s.block in could and s.group in wanted for s in self._board.of_patient(who.id))
            if not _must_have(who, group):
                return inf, -shared
            return sum(who.free.covers(block.start, block.end) for block in week.blocks), -shared

        return sorted(promises, key=rank)

    # ---- at whose cost ----

    def cost(self, seconds: float) -> Cost | None:
        """The cheapest timetable of the whole week that meets the need, by the tiers that hold hours and plans.

        None where others did not come first, or it is not proven in time.
        """
        self._patience = self._patience_of(seconds)
        if self._verdict is not Verdict.OTHERS_FIRST or seconds <= price(self.week):
            return None
        leading = {HOURS.id, PLANS.id}
        tiers = tuple(tier for tier in self._profile.goals.tiers if leading & set(tier))
        profile = self._profile.model_copy(update={"goals": self._profile.goals.model_copy(update={"tiers": tiers})})
        met = Met(_wanting(without_needs(self._need.patient), self._need))
        found = solve_in_time(
            self.week, profile, seconds, stop=self._stop, rules=(*self._rules, met), start=self._board.timetable
        )
        if found.timetable is None or not all(tier.proven for tier in found.tiers):
            return None  # a way that is not the cheapest would blame people for nothing
        return _cost_of(self._board, Board(self.week, found.timetable))


def _must_have(patient: Patient, group: str | None) -> bool:
    return group in {need.group for need in patient.required}


def _class_of(one: Fact) -> object:
    """Facts of one column leave together, and so do all promises."""
    return "promises" if one.owner else one.column


def _cost_of(before: Board, after: Board) -> Cost:
    """Who has less, and what else of the second tier is worse."""
    losses = tuple(loss for patient in before.week.patients if (loss := _loss(before, after, patient)) is not None)
    others = [
        {one.words for one in PLANS.measure(board, PLANS.parts).remarks if one.part != "groups"}
        for board in (before, after)
    ]
    return Cost(losses=losses, other=tuple(sorted(others[1] - others[0])))


def _loss(before: Board, after: Board, patient: Patient) -> Loss | None:
    minutes = minutes_short(after, patient) - minutes_short(before, patient)
    had, has = ({one.group: one.times for one in missed_groups(board, patient)} for board in (before, after))
    groups = tuple(group for group, times in has.items() if times > had.get(group, 0))
    if minutes <= 0 and not groups:
        return None
    return Loss(patient=patient.id, hours=max(0, minutes) / MINUTES_PER_HOUR, groups=groups)
