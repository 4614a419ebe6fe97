"""The rulebook: a file a rule, holding its plain words, how it constrains the model and how it checks a timetable."""
