"""The goals: a file a goal, holding its plain words, how it scores the model and how it measures a timetable."""
