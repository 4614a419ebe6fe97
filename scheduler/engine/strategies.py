"""The named pieces of the search. Each can be left out, so that a benchmark can show what it gains."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Strategies:
    """Which pieces a search uses; all of them unless a benchmark leaves one out. What each does: ``docs/model.md``."""

    pairing: bool = True
    """Hours and plans are searched as one objective."""
    relaxation: bool = True
    """A large week's linear bound is computed first and written on the model."""
    dive: bool = True
    """A large week begins with session counts rounded from the relaxation."""
    warm: bool = True
    """The session counts of a given timetable, or of last week, are tried first."""
    portfolio: bool = True
    """Large weeks run the strongest linear bound beside large neighbourhoods, not the solver's usual mixture."""
    neighbourhoods: bool = True
    """A soft tier of a large week ends with large neighbourhoods alone."""
    hints: bool = True
    """Each search starts from the best timetable so far."""
    meetings: bool = True
    """Who can meet whom is limited beforehand by the size of sessions."""


ALL = Strategies()
