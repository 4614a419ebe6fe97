"""The words for what a search may claim, the same on the screen and on the sheet `Summary`. Needs nothing heavy."""

import math
from collections.abc import Sequence

from scheduler.domain.outcome import Status, TierOutcome

BETTER = {
    "weekly-minimum": "leave fewer hours short, weighed by priority",
    "treatment-plan": "miss fewer planned groups, weighed by priority",
    "continuity": "keep more of last week",
    "preferences": "meet more wishes",
    "operations": "run more evenly",
    "hours-kept": "take fewer hours from people, weighed by priority",
    "plans-kept": "take fewer planned groups from people, weighed by priority",
    "people-reseated": "move fewer people to another time or group",
    "people-moved": "let fewer people meet another facilitator",
    "bystanders-moved": "move fewer people whom the change did not hurt",
    "seats-added": "do with fewer new seats",
}
"""How "better" reads for the goals of every profile and for those of a repair; others are called by their id."""

STATUS_WORDS = {
    Status.OPTIMAL: "Every tier is proven: no timetable is better.",
    Status.FEASIBLE: "A good timetable; not every tier is proven to be the best possible.",
    Status.IMPOSSIBLE: "No timetable is possible.",
    Status.INVALID: "The input was refused.",
}


def proof_words(tier: TierOutcome) -> str:
    """What the search proved of one tier, in a sentence that claims no more than was proven."""
    held = " while the tiers above keep their values" if tier.tier > 1 else ""
    if tier.proven and tier.value == 0:
        return "Proven: met in full, nothing is left to gain."
    if tier.proven:
        return f"Proven: no timetable can {_better(tuple(tier.goals))}{held}."
    if tier.gap <= 0:
        return "Not proven best, though no better bound is known than the value reached."
    if tier.gap >= 1:
        return "Not proven best: the search cannot say how much better is possible."
    return f"Not proven best: at most {_percent_up(tier.gap)} better is possible{held}."


def _better(goals: Sequence[str]) -> str:
    if len(goals) == 1 and goals[0] in BETTER:
        return BETTER[goals[0]]
    return f"do better on {' and '.join(goals)}"


def _percent_up(share: float) -> str:
    """Rounded up to a tenth, so that the claim stays true."""
    return f"{math.ceil(round(share * 1000, 6)) / 10:g} %"
