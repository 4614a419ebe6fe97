"""Every check of a week as a whole, in the order in which findings are printed."""

from collections.abc import Callable, Iterable, Sequence

from scheduler.domain.problems import Finding
from scheduler.domain.week import Week
from scheduler.model.protocol import Rule
from scheduler.preflight import capacity, groups, pairs, patients, pins, plans, resources
from scheduler.preflight.outlook import Outlook
from scheduler.rules.registry import RULES

Check = Callable[[Outlook], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    pins.against_rule,
    pins.nowhere,
    patients.without_block,
    patients.without_seat,
    patients.too_few_days,
    plans.unreachable,
    plans.more_than_fits,
    groups.nobody_may_attend,
    groups.nobody_may_lead,
    groups.without_room,
    groups.min_size_above_cap,
    groups.too_few_patients,
    capacity.demand_above_capacity,
    resources.therapist_never_used,
    resources.room_never_used,
    pairs.apart_and_together,
    pairs.together_never,
    patients.primary_never_meets,
)


def find_problems(week: Week, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """Look at a week as a whole before anything is solved.

    An error means that no timetable exists, for certain. A warning means that somebody will be short, something cannot
    be used, or a row cannot have been meant so. Nothing is reported on a guess.

    Args:
        week: the week.
        rules: the rulebook; the plain limits of the week (sizes, maxima) are taken to hold throughout.
    """
    outlook = Outlook(week, rules)
    return tuple(finding for check in CHECKS for finding in check(outlook))
