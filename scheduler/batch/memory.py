"""How much memory a process holds, and keeping it from taking more."""

import sys
from pathlib import Path

MEGABYTE = 1 << 20
ROOM = 128
"""Megabytes that the backstop leaves above half as much again as the limit: what the solver maps is more than it uses.
"""


def held_mb(process: int | str = "self") -> tuple[float, float] | None:
    """What a process holds now and what it held at most, in megabytes; None where it is gone or cannot be asked."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = {name: words.split() for name, _, words in (line.partition(":") for line in lines)}
    if "VmRSS" not in found or "VmHWM" not in found:  # it has ended, and nobody has asked how
        return None
    return int(found["VmRSS"][0]) / 1024, int(found["VmHWM"][0]) / 1024


def limit_own(memory_mb: int) -> None:
    """A backstop beside whoever watches this process: a sudden grab far above the limit fails at once.

    It limits what may be written to (`RLIMIT_DATA`). The address space would be the wrong measure: the solver's threads
    reserve far more of it than they ever use, the more the more threads there are.
    """
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = (memory_mb + memory_mb // 2 + ROOM) * MEGABYTE
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def end_with_parent() -> None:
    """On Linux: let the kernel end this process when the one that started it dies, also where it hangs in C."""
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
