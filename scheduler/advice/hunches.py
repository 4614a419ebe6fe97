"""What is likely to prove, in a large week, that a need could only be met at the cost of others.

A proof from all facts is found about as quickly as one from the right few, but then takes many questions to cut down.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from scheduler.advice.pooling import is_nameless
from scheduler.advice.worlds import Asked
from scheduler.domain.explanation import Fact
from scheduler.rules.pins import COLUMNS

USUAL = frozenset(
    {
        ("Patients", "Availability"),
        ("Therapists", "Max blocks"),
        ("Groups", "Facilitators"),
        *(("Pins", column.capitalize()) for column in COLUMNS),
    }
)
"""Where therapists are full, these columns and others' promises mostly prove a need."""
WIDER = USUAL | {
    ("Therapists", "Availability"),
    ("Therapists", "Groups"),
    ("Groups", "Max size"),
    ("Groups", "Kind"),
    ("Rooms", "Capacity"),
}
"""And if not they, then these; but where names say something, a question with these takes as long as one with all."""


@dataclass(frozen=True)
class Hunch:
    """Facts that may prove a need; ``kind`` tells hunches apart that are made in different ways."""

    kind: str
    facts: tuple[Fact, ...]


class Hunches:
    """What proved one need is a hunch for the next. Needs that are settled side by side share one object."""

    def __init__(self) -> None:
        self._proofs: list[tuple[str | None, tuple[Fact, ...]]] = []
        self._luck = Counter[str]()
        self._first = threading.Lock()

    def is_first(self) -> bool:
        """Yes to whoever asks first."""
        return self._first.acquire(blocking=False)

    @property
    def are_none(self) -> bool:
        """Whether no need was proven yet."""
        return not self._proofs

    def about(self, asked: Asked, group: str | None, rivals: Collection[str]) -> Iterator[Hunch]:
        """Hunches about a need for hours or a group, cheap ones first; none of a kind that fails more often than not.

        Args:
            asked: the question.
            group: the required group that is missed; None for hours.
            rivals: who was promised the group or sits in it.
        """
        facts = asked.facts
        yield from self.of_others(asked, group)
        if group is not None:
            held = [one for one in roomy(facts) if not one.owner or one.owner in rivals]
            own = {("Groups", group), ("Patients", asked.patient)}
            few = (one for one in held if one.owner or (one.ref.sheet, one.ref.row) in own)
            yield from self._promising(Hunch("group", tuple(few)))
            yield from self._promising(Hunch("rivals", tuple(held)))
        kinds = {"usual": USUAL, "wider": WIDER} if is_nameless(asked.week) else {"usual": USUAL}
        for kind, columns in kinds.items():
            facts_of = (one for one in facts if one.owner or one.column in columns)
            yield from self._promising(Hunch(kind, tuple(facts_of)))

    def _promising(self, hunch: Hunch) -> Iterator[Hunch]:
        if self._luck[hunch.kind] >= 0:
            yield hunch

    def note(self, hunch: Hunch, *, proved: bool | None) -> None:
        """Learn whether a hunch was good; nothing of one that was not settled: the next need may be an easier one."""
        if proved is not None:
            self._luck[hunch.kind] += 1 if proved else -1

    def keep(self, group: str | None, proof: tuple[Fact, ...]) -> None:
        """Take what proved a need, the promise of the patient whose need it is included, as a hunch for others."""
        self._proofs.append((group, proof))

    def of_others(self, asked: Asked, group: str | None) -> Iterator[Hunch]:
        """The smallest of what proved other needs, for the same group if any, with the patient's own such facts."""
        if not self._proofs:
            return
        same = [proof for other, proof in self._proofs if other == group]
        proof = min(same or (one for _, one in self._proofs), key=len)
        known, columns = {one.key for one in proof}, {one.column for one in proof}

        def fits(one: Fact) -> bool:
            return one.key in known or (one.ref.row == asked.patient and one.column in columns)

        facts = tuple(one for one in asked.facts if fits(one))
        yield from self._promising(Hunch("same group" if same else "another group", facts))


def roomy(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts but that sessions may be too small: then nobody is needed as company, and the week may have fewer."""
    return tuple(one for one in facts if one.ref.column != "Min size")
