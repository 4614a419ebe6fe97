"""Every patient who is short, with reasons and remedies."""

from collections.abc import Sequence

from scheduler.domain.findings import Shortfall
from scheduler.domain.timetable import Timetable
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Week
from scheduler.model.protocol import Rule
from scheduler.rules.registry import RULES
from scheduler.shortfalls.reasons import reasons_for
from scheduler.shortfalls.remedies import Remedies
from scheduler.shortfalls.view import View


def explain_shortfalls(
    week: Week, timetable: Timetable, tiers_proven: tuple[bool, ...] = (), rules: Sequence[Rule] = RULES
) -> tuple[Shortfall, ...]:
    """Say of everybody who is short of hours or of a required group why, and what would mend it.

    Reasons are true of this very timetable; each remedy was tried on the changed week, and no rule minded. The most
    urgent come first, then the order of the sheet. Texts name people by id.

    Args:
        week: the week.
        timetable: a timetable of it that breaks no rule.
        tiers_proven: for each tier of goals, whether the search proved it best; empty where nobody searched.
        rules: the rulebook.

    Raises:
        ValueError: if the timetable names something that the week does not know.
    """
    view = View(week, timetable, rules)
    remedies = Remedies(view)
    found = []
    for patient in sorted(view.short, key=lambda one: -one.priority):
        missed = view.missed[patient.id]
        found.append(
            Shortfall(
                patient=patient.id,
                hours_short=view.minutes_short[patient.id] / MINUTES_PER_HOUR,
                hours_given=view.board.minutes_of(patient.id) / MINUTES_PER_HOUR,
                groups_missed=missed,
                reasons=reasons_for(view, patient, missed, tiers_proven),
                remedies=remedies.best_for(patient),
            )
        )
    return tuple(found)
