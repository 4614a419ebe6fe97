"""The exit codes of every command (design: command line)."""

DONE = 0
"""Done, and everybody is served."""
FAULT = 1
"""The program is at fault."""
REFUSED = 2
"""The input or the command is wrong; nothing was written."""
SHORT = 3
"""Done, and somebody is short."""
IMPOSSIBLE = 4
"""There is no timetable."""
INTERRUPTED = 130
"""Ended before there was anything to show."""
