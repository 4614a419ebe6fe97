"""The one JSON document that a command prints with ``--json`` (design: command line)."""

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.domain.findings import Shortfall, Verification
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.problems import Problem

Document = dict[str, Any]


def problems_document(problems: Sequence[Problem]) -> list[Document]:
    """Problems as a list of objects, in the order found."""
    return [problem.model_dump(mode="json") for problem in problems]


def refused_document(problems: Sequence[Problem], exit_code: int) -> Document:
    """What is printed for refused input."""
    return {"status": Status.INVALID.value, "exit_code": exit_code, "problems": problems_document(problems)}


def verification_document(verification: Verification) -> Document:
    """Figures, broken counts by rule with the breaches, measured goals."""
    return {
        "figures": verification.figures.model_dump(mode="json"),
        "rules": {result.rule: len(result.violations) for result in verification.rules},
        "violations": [
            {"rule": result.rule, "words": violation.words}
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


def run_document(
    *, status: Status, exit_code: int, profile: str, seed: int, input_sha256: str, seconds: Mapping[str, float]
) -> Document:
    """The head of a solve's document."""
    return {
        "status": status.value,
        "exit_code": exit_code,
        "profile": profile,
        "seed": seed,
        "input_sha256": input_sha256,
        "seconds": dict(seconds),
    }
