"""The commands that answer questions about a timetable, a file a command. Heavy imports wait till one is called."""
