"""The nearest good spelling of a word, for every message that offers one."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

LIKENESS = 66.0
"""Below this likeness (0 to 100, normalised edit distance without regard to case) a guess helps nobody."""


def nearest(word: str, good: Iterable[str], *, at_least: float = LIKENESS) -> str:
    """The good spelling most like ``word``, or '' when none is near enough. Ties go to the first in the alphabet."""
    choices = sorted(set(good))
    found = process.extractOne(word.strip(), choices, scorer=fuzz.ratio, processor=_folded, score_cutoff=at_least)
    return found[0] if found is not None else ""


def _folded(word: str) -> str:
    return word.casefold().replace("_", " ").replace("-", " ")
