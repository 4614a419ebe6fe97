"""From files to weeks: spreadsheets, CSV folders, JSON and profiles are read here, every problem at its place."""
