"""The smallest part of a set of facts that is impossible, found by asking about parts of it.

Facts are taken away from the end, ever more at once while they can go and one by one where they cannot (a deletion
filter: J. W. Chinneck and E. W. Dravnieks, ORSA Journal on Computing 3, 1991); then what is left is asked again as a
whole and with each away, so that what is said was proved of these very facts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

F = TypeVar("F")
Impossible = Callable[[Sequence[F]], bool | None]
"""Whether these facts alone make it impossible; None where that was not settled."""
Lighter = Callable[[Sequence[F]], Sequence[F]]
"""Of facts that were just shown to be impossible those that this proof rests on."""


@dataclass(frozen=True)
class Shrunk(Generic[F]):
    """Parts of facts that together are impossible; ``smallest``: with any one away it was shown to be possible.

    A part is one fact where that was shown of the fact by itself, else all those of its class, or of a coarser one.
    """

    parts: tuple[tuple[F, ...], ...]
    smallest: bool

    @property
    def facts(self) -> tuple[F, ...]:
        """The facts of all parts."""
        return tuple(one for part in self.parts for one in part)


def shrink(
    facts: Sequence[F],
    class_of: Callable[[F], object],
    impossible: Impossible[F],
    quickly: Impossible[F] | None = None,
    *,
    one_by_one: bool = True,
    coarsely: Callable[[F], object] | None = None,
    lighter: Lighter[F] = lambda facts: facts,
    glance: Impossible[F] | None = None,
) -> Shrunk[F] | None:
    """A smallest impossible part of the facts; those that come first are preferred.

    Class by class first: where few classes matter, most facts leave together after few questions. Questions that are
    not settled count as possible, so the part is impossible in any case, though perhaps not smallest.

    Args:
        facts: the facts, together impossible.
        class_of: what facts have in common that may leave together.
        impossible: the question. What is possible with more facts is possible with fewer, and it should know that.
        quickly: a question that is cheaper and settles less often; it does the first cutting.
        one_by_one: whether the facts of a class are also told apart.
        glance: a question that is cheaper still, for whole classes where facts are told apart afterwards.
        lighter: what is known, without a question, to be enough of facts that were shown to be impossible.
        coarsely: if given, what makes the parts where it is not shown of each class that it is needed.

    Returns:
        The part; None if not even the whole is shown to be impossible.
    """
    if not impossible(facts):
        return None
    if impossible(()):
        return Shrunk((), smallest=True)
    ask = quickly if quickly is not None and quickly(facts) else impossible
    needed = _needed(_by_class(facts, class_of), glance if glance is not None and one_by_one else ask, lighter)
    if one_by_one:
        needed = _needed([(one,) for part in needed for one in part], ask, lighter)
    kept, shown = _shown(needed, impossible)
    left = [one for part in kept if part not in shown for one in part]
    if left:
        parts = sorted([*shown, *_by_class(left, class_of)], key=lambda part: facts.index(part[0]))
        kept, shown = _shown(parts, impossible, shown)
        for alike in (class_of, coarsely):
            if alike is not None:
                kept, shown = _joined(kept, shown, alike, facts.index)
    if coarsely is not None and len(shown) < len(kept):
        kept, shown = _shown(_by_class([one for part in kept for one in part], coarsely), impossible)
    found = Shrunk(tuple(kept), smallest=len(shown) == len(kept))
    return found if impossible(found.facts) else Shrunk(tuple(_by_class(facts, class_of)), smallest=False)


def _by_class(facts: Sequence[F], class_of: Callable[[F], object]) -> list[tuple[F, ...]]:
    classes: dict[object, list[F]] = {}
    for one in facts:
        classes.setdefault(class_of(one), []).append(one)
    return [tuple(one) for one in classes.values()]


def _needed(parts: Sequence[tuple[F, ...]], impossible: Impossible[F], lighter: Lighter[F]) -> list[tuple[F, ...]]:
    """The parts without those that are not needed, the last tried first: ever more at once while they can go."""
    kept, end, count = list(parts), len(parts), 1
    while end:
        begin = max(0, end - count)
        rest = [*kept[:begin], *kept[end:]]
        if impossible(_flat(rest)):
            left = frozenset(lighter(_flat(rest)))
            rest = [tuple(one for one in part if one in left) for part in rest]
            kept, end, count = [part for part in rest if part], sum(map(bool, rest[:begin])), 2 * count
        elif end - begin > 1:
            count = (end - begin) // 2
        else:
            end = begin
    return kept


def _flat(parts: Iterable[tuple[F, ...]]) -> list[F]:
    return [one for part in parts for one in part]


def _shown(
    parts: Sequence[tuple[F, ...]], impossible: Impossible[F], known: Sequence[tuple[F, ...]] = ()
) -> tuple[list[tuple[F, ...]], list[tuple[F, ...]]]:
    """The parts without those that are not needed after all, and those of which that is shown (or ``known``)."""
    kept, shown = list(parts), list(known)
    for part in parts:
        if part in known:
            continue
        rest = [other for other in kept if other is not part]
        without = impossible([one for other in rest for one in other])
        if without:
            kept = rest
        elif without is False:
            shown.append(part)
    return kept, shown


def _joined(
    kept: Sequence[tuple[F, ...]],
    shown: Sequence[tuple[F, ...]],
    class_of: Callable[[F], object],
    place: Callable[[F], int],
) -> tuple[list[tuple[F, ...]], list[tuple[F, ...]]]:
    """With parts that are not shown to be needed joined to one of their class that is: together they are needed, too.

    Of those that are shown all others stay by themselves.
    """
    parts, known = list(kept), list(shown)
    for part in kept:
        if part not in known:
            host = next((one for one in known if class_of(one[0]) == class_of(part[0])), None)
            if host is not None:
                both = tuple(sorted((*host, *part), key=place))
                parts = [both if one == host else one for one in parts if one != part]
                known = [both if one == host else one for one in known]
    return parts, known
