"""The smallest part of a set of facts that is impossible, found by asking about parts of it.

A divide-and-conquer search (QuickXplain: U. Junker, AAAI 2004) asks few questions where few facts matter; then each
fact that is left is taken away once more by itself, and the whole is asked again, so that what is said was proved of
these very facts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

F = TypeVar("F")
Impossible = Callable[[Sequence[F]], bool | None]
"""Whether these facts alone make it impossible; None where that was not settled."""


@dataclass(frozen=True)
class Shrunk(Generic[F]):
    """Facts that together are impossible; ``smallest``: with any one away it was shown to be possible."""

    facts: tuple[F, ...]
    smallest: bool


def shrink(
    facts: Sequence[F],
    class_of: Callable[[F], object],
    impossible: Impossible[F],
    quickly: Impossible[F] | None = None,
) -> Shrunk[F] | None:
    """A smallest impossible part of the facts; those that come first are preferred.

    Class by class first: where few classes matter, most facts leave together after few questions. Questions that are
    not settled count as possible, so the part is impossible in any case, though perhaps not smallest.

    Args:
        facts: the facts, together impossible.
        class_of: what facts have in common that may leave together.
        impossible: the question.
        quickly: a question that is cheaper and says "impossible" less often; it does the first cutting.

    Returns:
        The part; None if not even the whole is shown to be impossible.
    """
    if not impossible(facts):
        return None
    if impossible(()):
        return Shrunk((), smallest=True)
    ask = quickly if quickly is not None and quickly(facts) else impossible
    classes: dict[object, list[F]] = {}
    for one in facts:
        classes.setdefault(class_of(one), []).append(one)

    def together(keys: Sequence[object]) -> bool | None:
        return ask([one for key in keys for one in classes[key]])

    keys = _smallest((), list(classes), together, asked=True)
    members = [one for one in facts if class_of(one) in keys]
    found = _smallest((), members, ask, asked=True) if len(members) > len(keys) else members
    return _proved([one for one in members if one in found], impossible) or Shrunk(tuple(facts), smallest=False)


def _smallest(background: Sequence[F], facts: Sequence[F], impossible: Impossible[F], *, asked: bool) -> tuple[F, ...]:
    """What of ``facts`` is needed beside the background; ``asked``: the background alone is known to be possible."""
    if not asked and impossible(background):
        return ()
    if len(facts) == 1:
        return tuple(facts)
    half = len(facts) // 2
    first, second = facts[:half], facts[half:]
    needed = _smallest((*background, *first), second, impossible, asked=False)
    return (*_smallest((*background, *needed), first, impossible, asked=not needed), *needed)


def _proved(facts: Sequence[F], impossible: Impossible[F]) -> Shrunk[F] | None:
    """Take each fact away by itself: what is still impossible without it stays without it."""
    kept, smallest = list(facts), True
    for one in facts:
        rest = [other for other in kept if other is not one]
        without = impossible(rest)
        if without:
            kept = rest
        elif without is None:
            smallest = False
    return Shrunk(tuple(kept), smallest) if impossible(kept) else None
