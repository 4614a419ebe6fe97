"""The door: ``python run_schedule.py solve WEEK.xlsx`` is the same as the installed command."""

import sys

from scheduler.cli import main

if __name__ == "__main__":
    sys.exit(main())
