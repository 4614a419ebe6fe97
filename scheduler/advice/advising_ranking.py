"""From solved weeks to a ranked list: what each change gains, for whom, and what is known of those not listed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from scheduler.advice.advising_bounds import Units
from scheduler.advice.advising_search import Closing, Pick
from scheduler.advice.advising_solving import Answer
from scheduler.advice.candidates import Candidate, changed
from scheduler.domain.advice import Advised, Helped, KindOfChange, TierGain, Tried
from scheduler.domain.timetable import Board
from scheduler.domain.types import MINUTES_PER_HOUR
from scheduler.domain.week import Week
from scheduler.engine.tiers import Tier
from scheduler.goals.treatment_plan import missed_groups
from scheduler.goals.weekly_minimum import minutes_short


def _needs(board: Board) -> dict[str, tuple[int, int]]:
    """By patient: minutes short and required groups missed."""
    return {
        one.id: (minutes_short(board, one), sum(need.times for need in missed_groups(board, one)))
        for one in board.week.patients
    }


class Ranking:
    """Ranks what a search found against the week as it is."""

    def __init__(
        self, week: Week, tiers: Sequence[Tier], base: Answer, candidates: Sequence[Candidate], top: int
    ) -> None:
        self._week, self._tiers, self._base = week, tiers, base
        self._candidates, self._top = candidates, top
        self._before = _needs(Board(week, base.timetable))

    def listed(self, found: Mapping[Pick, Answer]) -> tuple[Advised, ...]:
        """The best that gain something or might, the most valuable first, the cheaper first among equals."""
        return tuple(self._advised(pick, found[pick]) for pick in self._best(found))

    def _best(self, found: Mapping[Pick, Answer]) -> list[Pick]:
        helpful = [pick for pick, one in found.items() if one.bound < self._base.value]
        return sorted(helpful, key=lambda pick: (found[pick].value, found[pick].bound, self._rank(pick)))[: self._top]

    def _rank(self, pick: Pick) -> tuple[int, ...]:
        return (max(self._candidates[index].change.cost.rank for index in pick), *pick)

    def _advised(self, pick: Pick, answer: Answer) -> Advised:
        picked = [self._candidates[index] for index in pick]
        after = _needs(Board(changed(self._week, picked), answer.timetable))
        gained = {one: (was[0] - after[one][0], was[1] - after[one][1]) for one, was in self._before.items()}
        return Advised(
            changes=tuple(one.change for one in picked),
            gains=self._gains(answer),
            proven=answer.proven and self._base.proven,
            hours=sum(minutes for minutes, _ in gained.values()) / MINUTES_PER_HOUR,
            groups=sum(groups for _, groups in gained.values()),
            helped=tuple(
                Helped(patient=one, hours=max(0, minutes) / MINUTES_PER_HOUR, groups=max(0, groups))
                for one, (minutes, groups) in gained.items()
                if minutes > 0 or groups > 0
            ),
            worse_off=tuple(one for one, gain in gained.items() if min(gain) < 0),
        )

    def _gains(self, answer: Answer) -> tuple[TierGain, ...]:
        least = max(_less(self._base.bound, answer.value), self._nothing)
        most = max(_less(self._base.value, answer.bound), least)
        return tuple(
            TierGain(
                tier=tier.number,
                goals=tier.names,
                unit=tier.goals[0].unit if len(tier.goals) == 1 else "weighted units",
                at_least=least[place] / tier.scale,
                at_most=most[place] / tier.scale,
            )
            for place, tier in enumerate(self._tiers)
        )

    @property
    def _nothing(self) -> Units:
        return (0,) * len(self._tiers)

    # ---- what is known of the others ----

    def kinds(self, closing: Closing) -> tuple[KindOfChange, ...]:
        """Each kind of change, with what none of it can gain more than."""
        bounds: dict[str, list[Units]] = {one.change.kind: [self._base.value] for one in self._candidates}
        for node in closing.left:
            for kind in {self._candidates[index].change.kind for index in node.members}:
                bounds[kind].append(node.bound)
        for pick, answer in closing.found.items():
            bounds[self._candidates[pick[0]].change.kind].append(answer.bound)
        counts = Counter(one.change.kind for one in self._candidates)
        return tuple(
            KindOfChange(kind=kind, candidates=counts[kind], at_most=self._values(_less(self._base.value, min(found))))
            for kind, found in bounds.items()
        )

    def tried(self, closing: Closing) -> Tried:
        """The account: how many there were, and what is proven of those that are not listed."""
        listed = self._best(closing.found)
        unlisted = [one.bound for pick, one in closing.found.items() if pick not in set(listed)]
        rest = min([self._base.value, *unlisted, *(node.bound for node in closing.left)])
        enough = closing.found[listed[-1]].value if len(listed) == self._top else self._base.value
        opened = [node for node in closing.left if node.bound < enough and node.pick not in closing.found]
        alone = len(closing.found)
        open_choices = sum(node.choices for node in opened)
        exact = all(closing.found[pick].proven for pick in listed) and self._base.proven
        return Tried(
            candidates=closing.choices,
            alone=alone,
            together=closing.choices - alone - open_choices,
            open=open_choices,
            solves=closing.solves,
            rest_at_most=self._values(_less(self._base.value, rest)),
            complete=not opened and exact and rest >= enough,
        )

    def _values(self, units: Units) -> tuple[float, ...]:
        return tuple(unit / tier.scale for unit, tier in zip(units, self._tiers, strict=True))


def _less(one: Units, other: Units) -> Units:
    return tuple(a - b for a, b in zip(one, other, strict=True))
