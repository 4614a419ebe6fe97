"""Why somebody is short: whether it could not be helped at all or others came first, by the fewest facts that prove it.

Two questions, in this order. Could the need be met if nobody else needed anything? If not, it is impossible for this
patient. Could it be met with everybody keeping what they have? If not, others came first: then the cheapest timetable
that meets it shows at whose cost. Both are answered by a timetable or by a proof, and a proof is cut down to the facts
that it needs.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from scheduler.advice.easily import could_sit
from scheduler.advice.promises import HOURS, PLANS, Met, as_given, asking_nothing, without_needs
from scheduler.advice.proving import Patience, Prover, is_small, price
from scheduler.advice.shrink import Shrunk, shrink
from scheduler.advice.worlds import Asked, promise, world
from scheduler.domain.explanation import Cost, Explanation, Fact, Loss, Verdict
from scheduler.domain.profile import Profile, SolverSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Week
from scheduler.engine.search import solve
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

AT_ONCE = 2
"""So many needs of a large week are settled side by side: most of it is linear programs, which take a thread each."""
FEW = (4, 12)
"""With so many of the nearest other people's promises the second question is tried first: most proofs need few."""
QUESTION_SHARE = 0.2
"""Of the time for one need, what a single question may take."""
QUESTIONS_A_NEED = 8
"""Where there is not time for all needs, the most urgent have time for so many questions about the whole week."""
COST_SHARE = 0.4
"""Of the time for one need, what finding the cheapest way may take, beside the rest."""


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
    """Explain every need that a timetable does not meet, one after the other as they are settled.

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
    every = [_Explaining(board, need, profile, stop, rules) for need in unmet(board, patients)]
    whole = Patience(seconds, seconds, stop, reproducible=profile.solver.reproducible)
    alone = profile.solver.reproducible or profile.solver.workers == 1 or is_small(week)
    _settle(every, whole, at_once=1 if alone else AT_ONCE)
    guess: tuple[Fact, ...] = ()
    for place, one in enumerate(every):
        share = max(whole.all_left / (len(every) - place), min(whole.all_left, QUESTIONS_A_NEED * price(week)))
        answer = one.answer(share, guess, with_cost=with_cost)
        whole.spend(one.spent)
        if answer.verdict is Verdict.OTHERS_FIRST:
            guess = (*answer.facts, promise(week.patient_of[answer.patient]))
        yield answer


def _settle(every: Sequence["_Explaining"], whole: Patience, *, at_once: int) -> None:
    """Settle one need after the other, or some side by side, before the facts of any are cut down."""
    waiting = len(every)
    lock = threading.Lock()

    def settle(one: _Explaining) -> None:
        nonlocal waiting
        with lock:
            share = min(whole.all_left, max(at_once * whole.all_left / waiting, QUESTIONS_A_NEED * price(one.week)))
            waiting -= 1
        one.settle(share)
        whole.spend(one.spent)

    if at_once == 1:
        for one in every:
            settle(one)
        return
    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(settle, every))


@dataclass(frozen=True)
class _Settled:
    """A question, whoever answered it, and facts that were proven impossible together."""

    prover: Prover
    facts: tuple[Fact, ...]


class _Explaining:
    """One need: first it is settled, then what proves it is cut down."""

    def __init__(
        self, board: Board, need: Need, profile: Profile, stop: threading.Event, rules: Sequence[Rule]
    ) -> None:
        self._board, self._need, self._profile, self._rules, self._stop = board, need, profile, rules, stop
        self._settings: SolverSettings = profile.solver
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
    def spent(self) -> float:
        """What the last questions cost, where the clock does not count."""
        return self._given - self._patience.all_left

    def _patience_of(self, seconds: float) -> Patience:
        self._given = seconds
        each = seconds * QUESTION_SHARE
        return Patience(seconds, each, self._stop, reproducible=self._settings.reproducible)

    # ---- whether it is possible ----

    def settle(self, seconds: float) -> None:
        """Find out whether the need could be met at all, and whether without a loss to others."""
        self._patience = self._patience_of(seconds)
        if could_sit(self._board, self._need.patient, self._need.group, self._patience, self._rules):
            self._never_settled = True
        else:
            self._found, self._never_settled = self._asked(alone(self._board, self._need), hopeful=True)
        if self._found is not None:
            self._verdict = Verdict.NEVER
            return
        self._found, possible = self._asked(among_others(self._board, self._need))
        if self._found is not None:
            self._verdict = Verdict.OTHERS_FIRST
        elif possible:
            self._verdict = Verdict.POSSIBLE

    def _asked(self, asked: Asked, *, hopeful: bool = False) -> tuple[_Settled | None, bool]:
        """Facts that make it impossible; or None, and whether it was then shown to be possible."""
        prover = Prover(asked, self._settings, self._patience, self._rules, hopeful=hopeful)
        self._provers.append(prover)
        for part in self._parts(asked):
            if prover.impossible(part):
                return _Settled(prover, prover.lightened(part)), False
        return None, prover.impossible(asked.facts) is False

    def _parts(self, asked: Asked) -> Iterator[tuple[Fact, ...]]:
        """Ever larger parts of the facts, for a proof from few people is quick: few promises, no session too small."""
        roomy, promises = _roomy(asked), [one for one in asked.facts if one.owner]
        if not self._never_settled:
            yield roomy
        near = self._by_nearness(asked, promises)
        for count in FEW:
            if count < len(near) and (count == min(FEW) or is_small(asked.week, count + 1)):
                yield (*roomy, *near[:count])
        if promises:
            yield (*roomy, *near)
        yield tuple(asked.facts)

    # ---- what proves it ----

    def answer(self, seconds: float, guess: Sequence[Fact], *, with_cost: bool) -> Explanation:
        """What was settled, by as few facts as there is time to find.

        Args:
            seconds: the time.
            guess: facts that proved another need: where a whole clinic is full, they often prove this one too.
            with_cost: also look for the cheapest way to meet it.
        """
        for_cost = seconds * COST_SHARE if with_cost and self._verdict is Verdict.OTHERS_FIRST else 0.0
        self._patience = self._patience_of(seconds - for_cost)
        if self._found is None:
            return self._said(self._verdict)
        prover = self._found.prover
        prover.patience = self._patience
        facts = self._less(self._found, guess)
        found = shrink(facts, _class_of, prover.impossible, prover.disproved) or Shrunk(facts, smallest=False)
        if self._verdict is Verdict.NEVER:
            return self._said(Verdict.NEVER, found)
        # A proof from others' promises is one of "others first" only if without them it is possible.
        first = self._never_settled or any(one.owner for one in found.facts)
        cost = self._cost(for_cost) if for_cost > price(self.week) else None
        return self._said(Verdict.OTHERS_FIRST if first else Verdict.NEVER, found, cost)

    def _less(self, found: _Settled, guess: Sequence[Fact]) -> tuple[Fact, ...]:
        """Of facts about many people, as many as a linear proof rests on, or those that were guessed."""
        if not any(one.owner for one in found.facts) or is_small(world(found.prover.asked, found.facts)):
            return found.facts
        known = {one.key for one in guess}
        mine = self._need.patient.id
        guessed = tuple(one for one in found.facts if one.key in known or one.ref.row == mine)
        if guess and found.prover.disproved(guessed):
            return guessed
        return found.prover.reduced(found.facts)

    def _said(self, verdict: Verdict, found: Shrunk[Fact] | None = None, cost: Cost | None = None) -> Explanation:
        return Explanation(
            patient=self._need.patient.id,
            group=self._need.group,
            amount=self._need.amount,
            verdict=verdict,
            facts=() if found is None else found.facts,
            smallest=found is not None and found.smallest,
            cost=cost,
            questions=sum(one.questions for one in self._provers),
        )

    def _by_nearness(self, asked: Asked, promises: Sequence[Fact]) -> list[Fact]:
        """Those first who sit where the patient could: they hold what the patient would need."""
        week, mine = asked.week, asked.week.patient_of[asked.patient]
        could = {block.id for block in week.blocks if mine.free.covers(block.start, block.end)}
        wanted = {one.group for one in mine.required} if self._need.group else set(week.group_of)

        def shared(one: Fact) -> int:
            sessions = self._board.of_patient(one.owner)
            return sum(session.block in could and session.group in wanted for session in sessions)

        return sorted(promises, key=lambda one: -shared(one))

    # ---- at whose cost ----

    def _cost(self, seconds: float) -> Cost | None:
        """The cheapest timetable of the whole week that meets the need, by the tiers that hold hours and plans."""
        leading = {HOURS.id, PLANS.id}
        tiers = tuple(tier for tier in self._profile.goals.tiers if leading & set(tier))
        changes = {"time_limit": seconds, "time_limit_per_patient": 0.0}
        profile = self._profile.model_copy(
            update={
                "goals": self._profile.goals.model_copy(update={"tiers": tiers}),
                "solver": self._settings.model_copy(update=changes),
            }
        )
        week = self._board.week
        met = Met(_wanting(without_needs(self._need.patient), self._need))
        found = solve(week, profile, stop=self._stop, rules=(*self._rules, met), start=self._board.timetable)
        if found.timetable is None or not all(tier.proven for tier in found.tiers):
            return None  # a way that is not the cheapest would blame people for nothing
        return _cost_of(self._board, Board(week, found.timetable))


def _roomy(asked: Asked) -> tuple[Fact, ...]:
    """What the week states, promises apart, with no session too small: then nobody else is needed as company."""
    return tuple(one for one in asked.facts if not one.owner and one.ref.column != "Min size")


def _class_of(one: Fact) -> object:
    """Facts of one column leave together, and so do all promises."""
    return "promises" if one.owner else (one.ref.sheet, one.ref.column)


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
