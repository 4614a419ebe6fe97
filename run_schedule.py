"""The door: ``python run_schedule.py solve WEEK.xlsx`` is the same as the installed command."""

import sys


def run() -> int:
    """Run the command line; a Ctrl-C while it is still being loaded ends it in one line, as later."""
    try:
        from scheduler.cli import main

        return main()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(run())
