"""The best changes among many, found by asking of many at once and looking closer only where something is gained.

A model with a whole set of changes made, of which only one may be used, is never worse than the week with any one of
them. So its bound holds for each, and a set that gains nothing is settled at once. A set that gains is split: what its
answer uses, and the rest. The set with the best bound comes first, of equal ones the cheapest. When as many changes as
are wanted are found and proven, and no bound left is better, the list is complete. Pairs are the same with two.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement, product

from scheduler.advice.advising_bounds import Units
from scheduler.advice.advising_solving import Answer, Solving

SIDE_BY_SIDE = 2
"""So many weeks are solved at a time, on a thread each: quicker than one after the other on as many threads."""
FEW = 8
"""So few candidates are searched without asking a linear program again."""
MOST_ATTEMPTS = 4
"""A single change that is not proven is solved again, each time for twice as long."""

Side = tuple[int, ...]
Pick = tuple[int, ...]
"""The indices of a choice: one for a single change, two for a pair."""
Rank = tuple[int, ...]
"""What decides between equal gains: the cost, then the order of the candidates."""


@dataclass(frozen=True)
class Node:
    """Choices that are settled together: one candidate from each side. Two sides that are the same stand for pairs.

    ``bound`` is proven for each of the choices.
    """

    sides: tuple[Side, ...]
    bound: Units
    attempts: int = 0

    @property
    def members(self) -> frozenset[int]:
        """Every candidate on any side."""
        return frozenset(index for side in self.sides for index in side)

    @property
    def choices(self) -> int:
        """How many choices it stands for."""
        if len(self.sides) == 2 and self.sides[0] == self.sides[1]:
            size = len(self.sides[0])
            return size * (size - 1) // 2
        sizes = [len(side) for side in self.sides]
        return sizes[0] if len(sizes) == 1 else sizes[0] * sizes[1]

    @property
    def pick(self) -> Pick | None:
        """The one choice that is left, if there is but one."""
        return tuple(sorted(self.members)) if self.choices == 1 else None


@dataclass(frozen=True)
class Seen:
    """What was learnt of a node: a bound of its choices, who looks promising, the best timetable if one was sought."""

    bound: Units
    promising: frozenset[int]
    answer: Answer | None


@dataclass(frozen=True)
class Closing:
    """How a search ended: the choices known by themselves, the nodes not looked into, how many choices and solves."""

    found: dict[Pick, Answer]
    left: tuple[Node, ...]
    choices: int
    solves: int


class Search:
    """Finds the ``top`` best choices."""

    def __init__(
        self,
        solving: Solving,
        top: int,
        costs: Sequence[int],
        seconds_each: float,
        left: Callable[[], float],
        told: Callable[[int, int], None],
    ) -> None:
        self._solving, self._top, self._costs = solving, top, costs
        self._linear_only = solving.is_large
        self._seconds, self._left, self._told = seconds_each, left, told
        self._open: list[Node] = []
        self._found: dict[Pick, Answer] = {}
        self._solves = 0

    def run(self, nodes: Iterable[Node]) -> Closing:
        """Search until the best are proven, or the time is out."""
        self._open = [node for node in nodes if node.choices]
        choices = sum(node.choices for node in self._open)
        with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
            while self._left() > 0 and (batch := self._next()):
                for node in batch:
                    self._open.remove(node)
                answers = list(threads.map(self._solve, batch))
                for node, answer in zip(batch, answers, strict=True):
                    self._take(node, answer)
                self._told(len(self._found), sum(node.choices for node in self._open if self._may_matter(node)))
        return Closing(self._found, tuple(self._open), choices, self._solves)

    # ---- which comes next ----

    def _next(self) -> list[Node]:
        ready = [node for node in self._open if node.attempts < MOST_ATTEMPTS and self._may_matter(node)]
        return sorted(ready, key=lambda node: (node.attempts, node.bound, self._least_rank(node)))[:SIDE_BY_SIDE]

    def _may_matter(self, node: Node) -> bool:
        """Whether one of its choices may gain something, and more than the last of as many as are wanted."""
        values = sorted(one.value for one in self._found.values())
        enough = values[self._top - 1] if len(values) >= self._top else self._solving.base.value
        return node.bound < min(enough, self._solving.base.value)

    def _least_rank(self, node: Node) -> Rank:
        """A rank that none of its choices comes before."""
        cost = max(min(self._costs[index] for index in side) for side in node.sides)
        return (cost, min(index for side in node.sides for index in side if self._costs[index] <= cost))

    # ---- what a solve says ----

    def _solve(self, node: Node) -> Seen:
        """Ask the linear program first, then the search, where the choices are few or the program is too weak.

        A few choices have the bound of a larger set already; of these the program is asked when a search was in vain.
        """
        members, most = node.members, len(node.sides)
        bound, promising = node.bound, frozenset[int]()
        few = self._linear_only and len(members) <= FEW and any(bound)
        if few == bool(node.attempts):
            outlook = self._solving.outlook(members, most, self._seconds_for(node))
            bound, promising = max(bound, outlook.bound), outlook.promising
        if bound >= self._solving.base.value or (self._linear_only and not few and node.pick is None):
            return Seen(bound, promising, None)
        answer = self._solving.solve(members, most, self._seconds_for(node), bound)
        return Seen(bound, promising, None) if answer is None else Seen(answer.bound, answer.needs, answer)

    def _seconds_for(self, node: Node) -> float:
        return max(0.1, min(self._seconds * (1 << node.attempts), self._left()))

    def _take(self, node: Node, seen: Seen) -> None:
        self._solves += seen.answer is not None
        node = replace(node, bound=seen.bound)
        if seen.answer is not None and not seen.answer.needs and seen.answer.value < self._solving.base.value:
            self._solving.improve(seen.answer)
        if node.bound >= self._solving.base.value:
            return
        if node.pick is None:
            self._open.extend(self._split(node, seen))
        elif seen.answer is None:
            self._open.append(replace(node, attempts=node.attempts + 1))
        else:
            self._record(node.pick, seen.answer)
            if not seen.answer.proven:
                self._open.append(replace(node, attempts=node.attempts + 1))

    def _record(self, pick: Pick, answer: Answer) -> None:
        before = self._found.get(pick)
        if before is not None:
            better = min(answer, before, key=lambda one: one.value)
            answer = replace(better, bound=max(answer.bound, before.bound))
        self._found[pick] = answer

    # ---- looking closer ----

    def _split(self, node: Node, seen: Seen) -> list[Node]:
        """The choices of a node in smaller ones: what looks promising apart from the rest, each side halved else."""
        parts = [_parts(side, seen.promising) for side in node.sides]
        if len(node.sides) == 2 and node.sides[0] == node.sides[1]:
            sides: Iterable[tuple[Side, ...]] = combinations_with_replacement(parts[0], 2)
        else:
            sides = product(*parts)
        children = (Node(one, node.bound) for one in sides)
        return [child for child in children if child.choices and not self._is_known(child, seen.answer)]

    def _is_known(self, child: Node, answer: Answer | None) -> bool:
        """Whether the child is the one choice that the timetable needs, and proven by that; else it is to be solved."""
        pick = child.pick
        if pick is None or answer is None or not answer.needs <= set(pick):
            return False
        self._record(pick, replace(answer, bound=child.bound))
        return answer.value <= child.bound


def _parts(side: Side, promising: frozenset[int]) -> list[Side]:
    """A side in two or three parts that are smaller, where it has more than one member."""
    inside = tuple(index for index in side if index in promising)
    outside = tuple(index for index in side if index not in promising)
    return [*_halves(inside), outside] if inside and outside else _halves(side)


def _halves(side: Side) -> list[Side]:
    middle = len(side) // 2
    return [side[:middle], side[middle:]] if middle else [side]
