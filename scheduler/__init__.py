"""A weekly group-therapy scheduler: spreadsheet in, proven timetable out.

The rooms of this package are described in ``docs/architecture.md``. Importing the package imports nothing else, so
that the command line can answer ``--help`` without the solver.
"""

__version__ = "0.1.0"
