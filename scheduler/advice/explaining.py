"""Why somebody is short: whether it could not be helped at all or others came first, by the fewest facts that prove it.

Two questions, in this order. Could the need be met if nobody else needed anything? If not, it is impossible for this
patient. Could it be met with everybody keeping what they have? If not, others came first: then the cheapest timetable
that meets it shows at whose cost. Both are answered by a timetable or by a proof, and a proof is cut down to the facts
that it needs.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from scheduler.advice.promises import HOURS, PLANS, Met, as_given, asking_nothing, without_needs
from scheduler.advice.proving import Patience, Prover, price
from scheduler.advice.shrink import Shrunk, shrink
from scheduler.advice.worlds import Asked, promise, world
from scheduler.domain.explanation import Cost, Explanation, Fact, Loss, Verdict
from scheduler.domain.profile import Profile, SolverSettings
from scheduler.domain.timetable import Board, Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Patient, Week
from scheduler.engine.certificate import Certificate
from scheduler.engine.search import solve
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES

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
    needs = unmet(board, patients)
    whole = Patience(seconds, seconds, stop or threading.Event(), reproducible=profile.solver.reproducible)
    guess: tuple[Fact, ...] = ()
    for place, need in enumerate(needs):
        share = max(whole.all_left / (len(needs) - place), min(whole.all_left, QUESTIONS_A_NEED * price(week)))
        one = _Explaining(board, need, profile, share, whole.stop, rules, guess)
        answer = one.answer(with_cost=with_cost)
        if answer.verdict is Verdict.OTHERS_FIRST:
            guess = (*answer.facts, promise(week.patient_of[need.patient.id]))
        yield answer
        whole.spend(one.spent)


class _Explaining:
    """One need. ``guess``: facts that proved another one; where a whole clinic is full, they often prove this too."""

    def __init__(
        self,
        board: Board,
        need: Need,
        profile: Profile,
        seconds: float,
        stop: threading.Event,
        rules: Sequence[Rule],
        guess: Sequence[Fact],
    ) -> None:
        self._board, self._need, self._profile, self._rules = board, need, profile, rules
        self._guess = frozenset(one.key for one in guess)
        self._seconds, self._stop = seconds, stop
        self._settings: SolverSettings = profile.solver
        each = seconds * QUESTION_SHARE
        self._patience = Patience(seconds, each, stop, reproducible=self._settings.reproducible)
        self._questions = 0

    @property
    def spent(self) -> float:
        """What the questions cost, where the clock does not count."""
        return self._seconds - self._patience.all_left

    def answer(self, *, with_cost: bool) -> Explanation:
        never, settled = self._shrunk(alone(self._board, self._need))
        if never is not None:
            return self._said(Verdict.NEVER, never)
        first, possible = self._shrunk(among_others(self._board, self._need))
        if first is not None:
            # A proof from others' promises is one of "others first" only if without them it is possible.
            verdict = Verdict.OTHERS_FIRST if settled or any(one.owner for one in first.facts) else Verdict.NEVER
            return self._said(verdict, first, self._cost() if with_cost else None)
        return self._said(Verdict.POSSIBLE if possible else Verdict.OPEN)

    def _said(self, verdict: Verdict, found: Shrunk[Fact] | None = None, cost: Cost | None = None) -> Explanation:
        return Explanation(
            patient=self._need.patient.id,
            group=self._need.group,
            amount=self._need.amount,
            verdict=verdict,
            facts=() if found is None else found.facts,
            smallest=found is not None and found.smallest,
            cost=cost,
            questions=self._questions,
        )

    def _shrunk(self, asked: Asked) -> tuple[Shrunk[Fact] | None, bool]:
        """The fewest facts that make it impossible; or None, and whether it was then shown to be possible."""
        prover = Prover(asked, self._settings, self._patience, self._rules)
        found = None
        for part in self._parts(asked, prover):
            if prover.impossible(part):
                found = shrink(part, _class_of, prover.impossible, prover.disproved)
                break
        possible = found is None and prover.impossible(asked.facts) is False
        self._questions += prover.questions
        return found, possible

    def _parts(self, asked: Asked, prover: Prover) -> Iterator[tuple[Fact, ...]]:
        """Ever larger parts of the facts, for a proof from few people is quick: few promises, no session too small."""
        structure = [one for one in asked.facts if not one.owner]
        roomy = [one for one in structure if one.ref.column != "Min size"]
        promises = [one for one in asked.facts if one.owner]
        yield tuple(roomy)
        if promises:
            yield from self._parts_with(asked, prover, roomy, promises)
        yield tuple(asked.facts)

    def _parts_with(
        self, asked: Asked, prover: Prover, roomy: Sequence[Fact], promises: Sequence[Fact]
    ) -> Iterator[tuple[Fact, ...]]:
        """The nearest people's promises, then those that a linear proof rests on."""
        near = self._by_nearness(asked, promises)
        if self._guess:
            yield tuple(one for one in (*roomy, *near) if one.key in self._guess or one.ref.row == asked.patient)
        for count in FEW:
            if count < len(near):
                yield (*roomy, *near[:count])
        yield from _parts_priced(asked, prover, roomy, near)

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

    def _cost(self) -> Cost | None:
        """The cheapest timetable of the whole week that meets the need, by the tiers that hold hours and plans."""
        leading = {HOURS.id, PLANS.id}
        tiers = tuple(tier for tier in self._profile.goals.tiers if leading & set(tier))
        seconds = max(self._seconds * COST_SHARE, 0.5)
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


def _parts_priced(
    asked: Asked, prover: Prover, structure: Sequence[Fact], promises: Sequence[Fact]
) -> Iterator[tuple[Fact, ...]]:
    """What a linear proof rests on, with as few of the last promises as it can do without; proved anew, fewer still."""
    found: tuple[Sequence[Fact], Sequence[Fact]] | None = None
    while (proof := prover.certificate(world(asked, (*structure, *promises)))) is not None:
        priced = [one for one in structure if _may_matter(one, proof.rules)]
        fewer = _affordable(promises, proof)
        found = priced, fewer
        if len(fewer) == len(promises):
            break
        promises = fewer
    if found is not None:
        yield (*found[0], *found[1])
        yield (*structure, *found[1])


def _affordable(promises: Sequence[Fact], proof: Certificate) -> list[Fact]:
    """The promises without those that a proof can lose and still prove something; the last are lost first."""
    left, kept = proof.strength, list[Fact]()
    for one in reversed(promises):
        share = proof.shares.get(one.owner, 0.0)
        if share < left - CLEAR:
            left -= share
        else:
            kept.append(one)
    return kept[::-1]


CLEAR = 1e-3
"""Shares of a proof are added up with room for rounding."""
WRITTEN_BY = {
    ("Therapists", "Max blocks"): "therapist-load",
    ("Therapists", "Max blocks per day"): "blocks-per-day",
    ("Groups", "Max size"): "group-size",
    ("Groups", "Kind"): "group-size",
    ("Rooms", "Capacity"): "group-size",
    ("Groups", "Max sessions"): "sessions-per-week",
    ("Groups", "Max per patient"): "repeat-limit",
    ("Patients", "Max blocks"): "weekly-maximum",
    ("Patients", "Max hours"): "weekly-maximum",
}
"""Facts that only bind through rows of one rule: where a linear proof uses none of these, it does not need the fact."""


def _may_matter(one: Fact, rules: Collection[str]) -> bool:
    written = WRITTEN_BY.get((one.ref.sheet, one.ref.column))
    return written is None or written in rules


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
