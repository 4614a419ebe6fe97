"""Turns a finished timetable into forms that people print and machines read. Knows nothing of the solver."""
