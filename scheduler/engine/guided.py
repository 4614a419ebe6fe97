"""Searches that a linear program guides, and the bounds that it proves."""

import time
from collections.abc import Callable

from scheduler.engine.background import Background, linear_seconds
from scheduler.engine.calls import Calls
from scheduler.engine.first import proven_bound, relaxation_of
from scheduler.engine.fixing import disagreement
from scheduler.engine.parts import Parts
from scheduler.engine.patientwise import Patientwise
from scheduler.engine.relaxation import LinearAnswer, Method, Relaxation
from scheduler.engine.runner import Portfolio, never
from scheduler.engine.stage import Stage

LINEAR_SHARE = 0.7
"""Of a soft tier's time, what a linear program may take; meanwhile large neighbourhoods go on."""
LINKED_SECONDS, LOOSE_SECONDS = 8.5, 3.2
LINEAR_VARIABLES, LINEAR_GROWTH = 18_650, 1.75
"""What the barrier method takes, roughly, for so many variables, and how it grows: with the links from a seat to "the
cell runs", for better bounds; and without. What there is no time for is left out."""
FIRST_ORDER_BUILDS = 15.0
"""What the first-order method takes, roughly, as a multiple of what it took to write the model. The clock of this very
machine tells, for a core that works for nothing is missed most on a slow one."""
LINKED_SHARE = 0.8
"""Of the time that a linear program may take, what one with the links may: a better bound is no use to a search that
hears of it late."""
IN_VIEW_SHARE, ALL_IN_VIEW_SHARE = 0.6, 0.9
"""Of the time of a soft tier and the next, what the first may take that keeps the second in view: more where the second
would have no good linear program of its own."""
IDLE_SHARE = 0.25
"""Large neighbourhoods give way to the proof when they find nothing better for so much of the time that is left."""
AGREEING_SHARE, AGREEING_ROUNDS = 0.35, 4
"""Of the time that is left after it, what each search of what the two disagree on may take; and how many there are."""
AGREEING_IDLE_SHARE = 0.4
"""Such a search ends when it finds nothing better for so much of its time: what it might prove is of no use."""
LEADING_IDLE_SECONDS, LEADING_IDLE_CALLS = 1.0, 0.4
"""Hours and plans are left to the proof when parts found nothing better for so long, or for so many useful calls of the
solver if that is longer: what parts find of them, they find soon."""
PROVING_SHARE, PROVING_CALLS = 0.2, 5.0
"""Of the time that is left after the linear program's guidance, what the proof may take; none is begun where that is
not enough for so many useful calls of the solver: in weeks so large it proves no more than the linear program did."""
GIVING_WAY_SECONDS, GIVING_WAY_SHARE = 1.0, 0.5
"""Where the usual portfolio proves what is best, parts give way to it when nothing was better for so long, and for such
a share of the time that they were searched."""


def expected(calls: Calls, usual: float) -> float:
    """Seconds that the barrier method is likely to take."""
    size: float = len(calls.plan.model.proto.variables) / LINEAR_VARIABLES
    return float(usual * size**LINEAR_GROWTH)


def affordable(calls: Calls, seconds: float) -> tuple[Relaxation, Method] | None:
    """The best relaxation that can likely be solved in time, and how; None if there is none.

    Beyond what the barrier method ends in time with, the first-order method comes near enough to an optimum to guide.
    """
    loose = expected(calls, LINKED_SECONDS) > seconds * LINKED_SHARE
    method = Method.FIRST_ORDER if expected(calls, LOOSE_SECONDS) > seconds else Method.BARRIER
    if method is Method.FIRST_ORDER and calls.seconds["build"] * FIRST_ORDER_BUILDS > seconds:
        return None
    return relaxation_of(calls.plan, loose=loose), method


def write_bound(calls: Calls, stage: Stage, relaxation: Relaxation, answer: LinearAnswer | None) -> int:
    """Write what the linear answer proves on the model, so that a search ends as soon as it is met."""
    bound = proven_bound(relaxation, answer)
    write_at_least(calls, stage, bound)
    return bound


def write_at_least(calls: Calls, stage: Stage, bound: int) -> None:
    """Write on the model that the objective is not below a bound."""
    if bound:
        calls.plan.model.add(stage.objective(calls.plan) >= bound)


def search_leading(calls: Calls, stage: Stage, relaxation: Relaxation, liked: Relaxation, *, near: bool) -> int:
    """Improve hours and plans of a large week before their proof; gives what their linear program proves.

    Parts are laid again while it is under way, and after it beside the search of what it suggests; all of that ends
    once nothing is left to do, or when nothing better comes.

    Args:
        calls: the search.
        stage: hours and plans.
        relaxation: their linear program.
        liked: the same, or one whose optimum is near to the timetable at hand.
        near: whether what comes is to be near to the timetable at hand.
    """
    stepwise = calls.budget.deterministic
    linear = Background(liked, Method.SIMPLEX, linear_seconds(calls.budget.left * LINEAR_SHARE, deterministic=stepwise))
    parts = Parts(calls, stage, fresh=False, near=near)
    if not stepwise:
        parts.search(0.0, 0.0, aside=1, enough=linear.is_done)
        if calls.is_settled(stage, 0.0):
            linear.end()
    answer = linear.wait(calls.stop)
    bound = write_bound(calls, stage, relaxation, answer)
    if answer is not None:
        if calls.strategies.agreement:
            search_disagreement(calls, stage, bound, answer)
        if not stepwise:
            patience = max(LEADING_IDLE_SECONDS, LEADING_IDLE_CALLS * calls.useful)
            parts.lean_on(answer)
            parts.search(bound, 0.0, enough=lambda: parts.idle_for() > patience)
    return bound


def search_disagreement(calls: Calls, stage: Stage, bound: int, linear: LinearAnswer) -> None:
    """Search only what the timetable and a linear optimum disagree on, again as long as that helps."""
    for _ in range(AGREEING_ROUNDS):
        before = calls.incumbent.value(stage)
        hint = calls.incumbent.hint(calls.runner)
        if hint is None or calls.is_over(stage, bound, 0.0):
            break
        seconds = calls.budget.left * AGREEING_SHARE
        limits = calls.limits(stage, seconds, Portfolio.PROVING, seconds * AGREEING_IDLE_SHARE)
        calls.search_part(stage, bound, hint, disagreement(calls.plan, linear, hint), limits)
        if calls.incumbent.value(stage) == before:
            break


def in_view_share(calls: Calls, seconds: float) -> float:
    """Of so many seconds for a soft tier and the next, the share of the first."""
    next_has_time = expected(calls, LINKED_SECONDS) <= seconds * (1 - IN_VIEW_SHARE) * LINEAR_SHARE
    return IN_VIEW_SHARE if next_has_time else ALL_IN_VIEW_SHARE


def _given_way(parts: Parts) -> Callable[[], bool]:
    """Says when parts have found nothing better for so long that a proof is the better use of the time."""
    began = time.monotonic()

    def say() -> bool:
        return parts.idle_for() > max(GIVING_WAY_SECONDS, GIVING_WAY_SHARE * (time.monotonic() - began))

    return say


def _search_and_ask(
    calls: Calls,
    stage: Stage,
    parts: Parts,
    asked: Patientwise,
    bound: float,
    until: float,
    enough: Callable[[], bool],
) -> float:
    """Search parts, guided by a linear answer, while patients are asked what it leaves out; gives the best bound."""
    if calls.budget.deterministic:
        calls.budget.spend(asked.ask())
        parts.search(max(bound, asked.bound), until, linear=asked.answer, enough=enough)
    else:
        with asked:
            parts.search(
                bound,
                until,
                linear=asked.answer,
                enough=lambda: enough() or calls.is_settled(stage, asked.bound),
            )
    if asked.bound > bound:
        write_at_least(calls, stage, asked.bound)
    return max(bound, asked.bound)


def search_soft(calls: Calls, stage: Stage, bound: float, until: float, *, fresh: bool) -> float:
    """Improve a soft tier of a large week before its proof, with a linear program under way beside it.

    Part after part is laid again, guided by the linear program once it is solved. Where it has no answer in time, there
    is none for a proof either, and parts have the rest. Where none are laid, the solver's own neighbourhoods take their
    place. ``fresh``: whether the tiers are new to the search. Gives the best bound.
    """
    if calls.is_over(stage, bound, until):
        return bound
    stepwise = calls.budget.deterministic
    seconds = linear_seconds((calls.budget.left - until) * LINEAR_SHARE, deterministic=stepwise)
    parts, chosen = Parts(calls, stage, fresh=fresh), affordable(calls, seconds)
    if chosen is None:
        parts.search(bound, until)
        return bound if parts.lays else calls.optimise(stage, bound, Portfolio.IMPROVING, until)
    relaxation, method = chosen
    linear = Background(relaxation, method, seconds)
    if not stepwise:
        parts.search(bound, until, aside=1, enough=linear.is_done)
    answer = linear.wait(calls.stop)
    bound = max(bound, write_bound(calls, stage, relaxation, answer))
    rest = calls.budget.left - until
    proving = PROVING_SHARE * rest
    if proving < PROVING_CALLS * calls.useful or (answer is None and not stepwise):
        proving = 0.0
    enough = _given_way(parts) if calls.is_provable else never
    if answer is not None and calls.strategies.patientwise:
        asked = Patientwise(calls.plan, relaxation, answer, calls.runner)
        bound = _search_and_ask(calls, stage, parts, asked, bound, until + proving, enough)
    else:
        parts.search(bound, until + proving, linear=answer, enough=enough)
    if not parts.lays:
        bound = calls.optimise(stage, bound, Portfolio.IMPROVING, until + proving, idle=rest * IDLE_SHARE)
    return bound
