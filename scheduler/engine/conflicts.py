"""Why a week has no timetable at all: a smallest set of pins and rules that collide, proved again before it is shown.

Solved without an objective and shrunk by deletion: what is left is impossible together, and possible with any one of
its members removed. (Assumption cores of CP-SAT are not used: with an objective present they name everything.)
"""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from scheduler.domain.problems import Finding, Severity
from scheduler.domain.profile import SolverSettings
from scheduler.domain.week import Pin, Week
from scheduler.engine.build import build_plan, make_exact
from scheduler.engine.runner import Limits, Runner
from scheduler.engine.sections import realise
from scheduler.model.protocol import Rule
from scheduler.rules.facts import pin_fact
from scheduler.rules.pins import first_column, pin_text

SECONDS_PER_PROOF = 10.0
Fact = TypeVar("Fact")


def collisions(week: Week, rules: Sequence[Rule], stop: threading.Event) -> tuple[Finding, ...]:
    """Name the pins that cannot be kept together, and the rules that stand against them."""
    runner = Runner(SolverSettings(workers=1), stop)
    pins = _shrink(list(week.pins), lambda kept: _impossible(_with_pins(week, kept), rules, runner))
    smaller = _with_pins(week, pins)
    guilty = _shrink(list(rules), lambda kept: _impossible(smaller, kept, runner))
    against = [rule for rule in guilty if rule.id != "pins"]
    return (_finding(pins, against),)


def _finding(pins: Sequence[Pin], against: Sequence[Rule]) -> Finding:
    rows = ", ".join(pin_text(pin) for pin in pins)
    verb = "cannot be kept" if len(pins) == 1 else "cannot all be kept"
    reasons = "".join(f"\n  {rule.id}: {rule.words}" for rule in against)
    return Finding(
        code="pins-collide",
        severity=Severity.ERROR,
        message=f"Pins {rows} {verb} under these rules:{reasons}",
        hint="take away one of the pins, or change what the rule rests on (sizes, availability, therapists, rooms)",
        facts=tuple(pin_fact(pin, first_column(pin)) for pin in pins),
    )


def _with_pins(week: Week, pins: Sequence[Pin]) -> Week:
    return week.model_copy(update={"pins": tuple(pins)})


def _impossible(week: Week, rules: Sequence[Rule], runner: Runner) -> bool:
    """Whether the week, under these rules, is proved to have no timetable. A proof that takes too long counts as no."""
    plan = build_plan(week, rules)
    while True:
        run = runner.run(plan.model, Limits(SECONDS_PER_PROOF))
        if run.values is None:
            return run.infeasible
        failed = realise(plan, run.values, rules).failed
        if not failed or runner.stop.is_set():
            return False
        for cell in failed:
            make_exact(plan, cell, rules)


def _shrink(facts: Sequence[Fact], impossible: Callable[[Sequence[Fact]], bool]) -> list[Fact]:
    """Delete every fact without which the rest is still impossible; what is left is needed, each one."""
    kept = list(facts)
    for fact in facts:
        without = [one for one in kept if one is not fact]
        if impossible(without):
            kept = without
    return kept
