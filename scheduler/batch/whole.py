"""Writing the batch's own records whole or not at all; workbooks go through `scheduler.files`."""

import contextlib
import os
import secrets
from pathlib import Path


def put(path: Path, content: str) -> None:
    """Put a text in place in one step: whatever happens, the file holds what it held before or all of this.

    Raises:
        OSError: if it cannot be written.
    """
    rough = path.with_name(f".{path.name[:48]}.tmp-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with rough.open("x", encoding="utf-8", newline="") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        rough.replace(path)
    finally:
        with contextlib.suppress(OSError):  # after the rename there is nothing left to remove
            rough.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
