"""The one JSON document that a command prints with ``--json`` (design: command line).

Every document has ``status``, ``exit_code`` and ``problems``. ``status`` is one of `Status`; beside these a fault of
the program says ``fault``, ``validate`` says ``valid``, and ``verify`` ``kept`` or ``broken``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.domain.findings import Shortfall, Verification, Violation
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Problem

Document = dict[str, Any]

FAULT = "fault"


def bare_document(status: str, exit_code: int, problems: Sequence[Problem] = ()) -> Document:
    """A solve's document with every field that a reader may rely on, where there is nothing to fill most of them."""
    return {
        "status": status,
        "exit_code": exit_code,
        "profile": None,
        "seed": None,
        "input_sha256": None,
        "interrupted": False,
        "tiers": [],
        "figures": None,
        "rules": {},
        "seconds": {},
        "output": None,
        "problems": problems_document(problems),
    }


def interrupted_document(exit_code: int) -> Document:
    """What is printed where a command was ended before it had anything to show."""
    return {**bare_document(Status.UNKNOWN.value, exit_code), "interrupted": True}


def fault_document(exit_code: int, message: str) -> Document:
    """What is printed where the program itself is at fault."""
    return {**bare_document(FAULT, exit_code), "message": message}


def problems_document(problems: Sequence[Problem]) -> list[Document]:
    """Problems as a list of objects, in the order found."""
    return [problem.model_dump(mode="json") for problem in problems]


def refused_document(problems: Sequence[Problem], exit_code: int) -> Document:
    """What is printed for refused input."""
    return bare_document(Status.INVALID.value, exit_code, problems)


def verification_document(verification: Verification, where: Mapping[Violation, str] | None = None) -> Document:
    """Figures, broken counts by rule with the breaches (and the cells behind them), measured goals."""
    cells = where or {}
    return {
        "figures": verification.figures.model_dump(mode="json"),
        "rules": {result.rule: len(result.violations) for result in verification.rules},
        "violations": [
            {
                "rule": result.rule,
                "words": violation.words,
                "patients": list(violation.patients),
                "therapists": list(violation.therapists),
                "sessions": list(violation.sessions),
                "cells": cells.get(violation, ""),
            }
            for result in verification.rules
            for violation in result.violations
        ],
        "goals": {
            result.goal: {"value": result.measure.value, "unit": result.unit, "parts": result.measure.parts}
            for result in verification.goals
        },
    }


def tiers_document(tiers: Sequence[TierOutcome]) -> list[Document]:
    """Each tier with value, bound, gap, proof and seconds."""
    return [tier.model_dump(mode="json") for tier in tiers]


def shortfalls_document(shortfalls: Sequence[Shortfall]) -> list[Document]:
    """Who is short, of what, why, and what would mend it."""
    return [shortfall.model_dump(mode="json") for shortfall in shortfalls]
