"""Why somebody is short: whether it could not be helped at all or others came first, by the fewest facts that prove it.

Two questions, in this order. Could the need be met if nobody else needed anything? If not, it is impossible for this
patient. Could it be met with everybody keeping what they have? If not, others came first: then the cheapest timetable
that meets it shows at whose cost. Both are answered by a timetable or by a proof, and a proof is cut down to the facts
that it needs.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from scheduler.advice.costing import Costing
from scheduler.advice.easily import company, could_sit
from scheduler.advice.hunches import Hunches, roomy
from scheduler.advice.promises import as_given, asking_nothing, without_needs
from scheduler.advice.proving import Patience, Prover, is_small, price
from scheduler.advice.shrink import shrink
from scheduler.advice.turns import Turns
from scheduler.advice.worlds import Asked, promise, world
from scheduler.domain.explanation import Explanation, Fact, Verdict
from scheduler.domain.profile import Profile, SolverSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Week
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

AT_ONCE = 2
"""So many needs of a large week are settled side by side: most of it is linear programs, which take a thread each."""
FEW = (6, 12)
"""With so many of the nearest other people's promises the second question is tried first: most proofs need few."""
BEGINNING = 3
"""The first need has time for so many questions, until its proof is made smaller as well: others begin with that."""
TRIES = (1.5, 3, 8)
"""Where there is not time for all needs, the most urgent have time for so many questions about all of the week: little
at first, so that a need that is hard to settle does not keep the others waiting, and more once each had its turn."""
BOTH = 1
"""What is likely to prove a need is asked about if there is time for so many questions of its size: it may not."""
QUESTION_SHARE = 0.2
"""Of the time for one need, what a single question may take; more where it could not be answered in that."""
CONCLUDING_SHARE = 0.15
"""Of all the time, what is kept from settling needs for showing that what proves them is needed."""
ROUNDS = 3
"""Where time is left, what is not cut down yet is tried again, with more time for each question."""
COST_SHARE = 0.65
"""Of the time that is left once every need is settled, what finding ways to meet them may take; of what is left then,
what cutting down the facts may, before cheaper ways are looked for."""
WAY_SHARE = 1.2
"""Of what a question costs, how much a search for a way near the timetable has at least."""


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
    turns = Turns(whole, at_once=1 if alone else AT_ONCE)
    list(turns.each(every, _Explaining.begin, CONCLUDING_SHARE * seconds, questions=BEGINNING))
    for questions in TRIES:
        still_open = [one for one in every if not one.is_settled]
        list(turns.each(still_open, _Explaining.settle, CONCLUDING_SHARE * seconds, questions=questions))
    list(turns.each(every, _Explaining.conclude))
    searches = Turns(whole, at_once=1)
    if with_cost:
        list(
            searches.each(every, _Explaining.find_way, (1 - COST_SHARE) * whole.all_left, least=WAY_SHARE * price(week))
        )
    for_costs = (1 - COST_SHARE) * whole.all_left if with_cost else 0.0
    for _ in range(ROUNDS):
        list(turns.each(_not_done(every), _Explaining.cut_down, for_costs, questions=max(TRIES)))
    if with_cost:
        list(searches.each(every, _Explaining.find_cheapest, least=price(week)))
        list(turns.each(_not_done(every), _Explaining.cut_down, questions=max(TRIES)))
    yield from (one.said() for one in every)


def _not_done(every: Iterable["_Explaining"]) -> list["_Explaining"]:
    return [one for one in every if not one.is_done]


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
        self._beside: Prover | None = None
        self._found: _Settled | None = None
        self._verdict = Verdict.OPEN
        self._never_settled = False
        self._given = 0.0
        self._costing: Costing | None = None

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

    def begin(self, seconds: float) -> None:
        """Find out whether the need could be met at all; of the first that could, also whether without a loss."""
        self._patience = self._patience_of(seconds)
        self._found = self._never()
        if self._found is not None:
            self._verdict = Verdict.NEVER
            self._cut(self._found, one_by_one=True)  # hardly anybody else is in it, so it takes little
        elif self._hunches.is_first():
            self._beside_others()

    @property
    def is_settled(self) -> bool:
        """Whether it is known if it could be met."""
        return self._verdict is not Verdict.OPEN

    def settle(self, seconds: float) -> None:
        """Find out whether it could be met without a loss to others."""
        self._patience = self._patience_of(seconds)
        self._beside_others()

    def _beside_others(self) -> None:
        prover = self._beside = self._beside or self._prover(among_others(self._board, self._need))
        prover.patience = self._patience
        found = self._proved(prover, self._parts(prover))
        if found is not None:
            self._verdict = Verdict.OTHERS_FIRST
            self._found = found
            if not is_small(self.week):
                # The first is cut down at once: that is what others begin with.
                self._found = self._less(found) if self._hunches.are_none else self._as_another(found)
            self._hunches.keep(self._need.group, (*self._found.facts, promise(self._need.patient)))
        elif prover.impossible(prover.asked.facts) is False:
            self._verdict = Verdict.POSSIBLE

    def _never(self) -> _Settled | None:
        """A proof that the need could not be met if nobody else needed anything; notes it if that could be."""
        prover = self._prover(alone(self._board, self._need), hopeful=True)
        facts = prover.asked.facts
        self._never_settled = not is_small(self.week) and self._is_easy(prover)
        if self._never_settled:
            return None
        own = tuple(one for one in facts if one.ref.sheet == "Patients")
        found = self._proved(prover, (own, roomy(facts), facts))
        self._never_settled = found is None and prover.impossible(facts) is False
        return found

    def _is_easy(self, prover: Prover) -> bool:
        """Whether it is seen at once that it could be met, beside what runs or with little company."""
        board, patient, group = self._board, self._need.patient, self._need.group
        if could_sit(board, patient, group, self._patience, self._rules):
            return True
        return prover.allowed(prover.asked.facts, company(board.week, patient, group, self._rules))

    def _prover(self, asked: Asked, *, hopeful: bool = False) -> Prover:
        near = None if hopeful else self._board.timetable
        prover = Prover(asked, self._settings, self._patience, self._rules, hopeful=hopeful, near=near)
        self._provers.append(prover)
        return prover

    def _proved(self, prover: Prover, parts: Iterable[tuple[Fact, ...]]) -> _Settled | None:
        """The first of these parts of the facts that is impossible."""
        part = next((part for part in parts if prover.impossible(part)), None)
        return None if part is None else _Settled(prover, prover.relieved(part))

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
                proved = prover.disproved(hunch.facts)
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
        """Whether each of the facts is known to be needed."""
        found = self._found
        return found is None or (found.smallest and not any(one.line for one in found.facts))

    def cut_down(self, seconds: float) -> None:
        """Find out which of the facts are needed, going on where it ended before."""
        self._patience = self._patience_of(seconds)
        if self._found is not None:
            self._found.prover.patience = self._patience
            self._cut(self._less(self._found), one_by_one=True)

    def conclude(self, seconds: float) -> None:
        """Where that is not known of each kind, show that all limits are needed together, and all that others have."""
        if self._found is None or self._found.smallest:
            return
        found, self._patience = self._found, self._patience_of(seconds)
        found.prover.patience = self._patience
        found.prover.disproved([one for one in found.facts if one.owner])
        found.prover.impossible([one for one in found.facts if not one.owner])  # of one patient alone, so it is quick
        found.prover.patience = Patience(0.0, 0.0, self._stop)
        self._cut(found, one_by_one=False)

    def _cut(self, found: _Settled, *, one_by_one: bool) -> None:
        prover = found.prover
        shrunk = shrink(
            found.facts,
            lambda one: one.kind,
            prover.impossible,
            prover.disproved,
            one_by_one=one_by_one,
            coarsely=lambda one: bool(one.owner),
            glance=prover.glanced,
            lighter=lambda some: prover.lightened(tuple(some)),
        )
        if shrunk is None:
            return
        marked = tuple(
            one.model_copy(update={"line": line if len(part) > 1 else 0})
            for line, part in enumerate(shrunk.parts, 1)
            for one in part
        )
        # A proof from others' promises is one of "others first" only if without them it is possible.
        if not (self._never_settled or any(one.owner for one in marked)):
            self._verdict = Verdict.NEVER
        self._found = _Settled(prover, marked, shrunk.smallest)
        if self._verdict is Verdict.OTHERS_FIRST:
            self._hunches.keep(self._need.group, (*marked, promise(self._need.patient)))

    def _less(self, found: _Settled) -> _Settled:
        """Of facts about many people, those that prove another need too, or else those that a linear proof rests on."""
        prover = found.prover
        if not any(one.owner for one in found.facts) or is_small(world(prover.asked, found.facts)):
            return found
        shorter = self._as_another(found)
        return shorter if shorter is not found else _Settled(prover, prover.reduced(found.facts))

    def _as_another(self, found: _Settled) -> _Settled:
        """By what proves another need, if that is less and proves this one."""
        for hunch in self._hunches.of_others(found.prover.asked, self._need.group):
            if len(hunch.facts) < len(found.facts) and found.prover.disproved(hunch.facts):
                return _Settled(found.prover, hunch.facts)
        return found

    def said(self) -> Explanation:
        """What was settled, by as few facts as there was time to find."""
        found = self._found
        return Explanation(
            patient=self._need.patient.id,
            group=self._need.group,
            amount=self._need.amount,
            verdict=self._verdict,
            facts=() if found is None else found.facts,
            smallest=found is not None and found.smallest,
            cost=None if self._costing is None else self._costing.cost,
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

    def find_way(self, seconds: float) -> None:
        """Look for a way to meet the need, where others came first: what it takes from them."""
        self._patience = self._patience_of(seconds)
        if self._verdict is Verdict.OTHERS_FIRST:
            wanting = _wanting(without_needs(self._need.patient), self._need)
            self._costing = Costing(self._board, wanting, self._profile, stop=self._stop, rules=self._rules)
            self._costing.find_any(seconds)

    def find_cheapest(self, seconds: float) -> None:
        """Look for the cheapest, or show that the one found is."""
        self._patience = self._patience_of(seconds)
        if self._costing is not None:
            self._costing.find_cheapest(seconds)


def _must_have(patient: Patient, group: str | None) -> bool:
    return group in {need.group for need in patient.required}
