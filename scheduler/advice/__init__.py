"""Answers to a director's questions about a timetable: each proven by solving again or by exact reasoning."""
