"""Why somebody is short, and what would mend it: from a finished timetable, without the solver."""

from scheduler.shortfalls.explain import explain_shortfalls

__all__ = ["explain_shortfalls"]
