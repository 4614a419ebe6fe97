"""The named pieces of the search. Each can be left out, so that a benchmark can show what it gains."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Strategies:
    """Which pieces a search uses; all of them unless a benchmark leaves one out. What each does: ``docs/model.md``."""

    pairing: bool = True
    """Hours and plans are searched as one objective."""
    relaxation: bool = True
    """A large week's linear bound is computed first and written on the model."""
    construction: bool = True
    """The first timetable is made as by hand, patient by patient."""
    warm: bool = True
    """The first timetable is made from a given one, or from last week."""
    portfolio: bool = True
    """Large weeks run the strongest linear bound beside large neighbourhoods, not the solver's usual mixture."""
    foresight: bool = True
    """A soft tier of a large week is searched with the next one in view."""
    seating: bool = True
    """A soft tier of a large week begins with the best seats in the sessions at hand."""
    rounding: bool = True
    """A soft tier of a large week is searched with all held that is whole in its linear relaxation."""
    agreement: bool = True
    """A soft tier of a large week is searched within what its linear relaxation or the timetable at hand takes."""
    patientwise: bool = True
    """What the linear relaxation of a soft tier proves is raised patient by patient."""
    reopening: bool = True
    """A soft tier of a large week is made better part by part, each part a small model of its own."""
    handover: bool = True
    """In a large week that is not very large, parts give way to the solver's usual portfolio once they find nothing."""
    hints: bool = True
    """Each search starts from the best timetable so far."""
    meetings: bool = True
    """Who can meet whom is limited beforehand by the size of sessions."""


ALL = Strategies()
