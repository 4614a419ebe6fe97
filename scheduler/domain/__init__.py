"""What a week and a timetable are. This package knows nobody else in the project."""
