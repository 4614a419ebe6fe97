"""Writing a file whole or not at all: never half, never over an input, never over a file by surprise."""

import contextlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from scheduler.domain.problems import InputRefused, Problem

SUFFIX = ".xlsx"

_LONGEST_STEM = 48
"""Characters of the target's name that its temporary file borrows, so that the longer name is still allowed."""


def write_whole(target: Path, write: Callable[[Path], None], *, force: bool, never: tuple[Path, ...] = ()) -> None:
    """Let ``write`` fill a temporary file beside ``target`` and put that in its place in one step.

    Whatever happens, ``target`` holds either what it held before or the whole new content. A run that is killed may
    leave a hidden ``.NAME.tmp-PID-...`` behind, which nothing reads and which may be deleted.

    Args:
        target: where the file should stand; a symbolic link is followed.
        write: writes the content to the path it is given.
        force: replace a file that exists.
        never: the inputs; none of them is ever replaced, under whatever name ``target`` reaches it.

    Raises:
        InputRefused: ``output-not-xlsx``, ``output-folder-missing``, ``output-is-folder``, ``output-is-input``,
            ``output-exists`` or ``output-not-writable``.
    """
    check_target(target, force=force, never=never)
    with _refusing_os_errors(target):
        place = Path(os.path.realpath(target))
        rough = place.with_name(f".{place.name[:_LONGEST_STEM]}.tmp-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            _claim(rough)
            write(rough)
            _flush_file(rough)
            _put_in_place(rough, place, target, force=force)
        finally:
            with contextlib.suppress(OSError):  # after a rename there is nothing left to remove
                rough.unlink()
        _flush_folder(place.parent)


def check_target(target: Path, *, force: bool, never: tuple[Path, ...] = ()) -> None:
    """Refuse a target that `write_whole` would refuse, before any long work is done. Touches nothing.

    Raises:
        InputRefused: see `write_whole`.
    """
    with _refusing_os_errors(target):
        place = Path(os.path.realpath(target))
        _check_name(target, place)
        if any(_same(place, one) for one in never):
            raise _refused("output-is-input", target, "the output is one of the inputs", "choose another name")
        if os.path.lexists(place):
            _check_replaceable(target, place, force=force)
        if not os.access(place.parent, os.W_OK | os.X_OK):
            raise _not_writable(target, "its folder may not be written to")


def _check_name(target: Path, place: Path) -> None:
    if place.is_dir():
        raise _refused("output-is-folder", target, "the output is a folder", f"name a file in it, ending in {SUFFIX}")
    if place.suffix.lower() != SUFFIX or target.suffix.lower() != SUFFIX:
        raise _refused("output-not-xlsx", target, f"the output must end in {SUFFIX}", "name an Excel workbook")
    if not place.parent.is_dir():
        raise _refused("output-folder-missing", target, "the output's folder does not exist", "make the folder first")


def _check_replaceable(target: Path, place: Path, *, force: bool) -> None:
    if not force:
        raise _exists(target)
    if not place.is_file():
        raise _not_writable(target, "it is not an ordinary file")
    if not os.access(place, os.W_OK):
        raise _not_writable(target, "it is write-protected")


def _same(place: Path, other: Path) -> bool:
    """Whether both name one file, through whatever links."""
    if place == Path(os.path.realpath(other)):
        return True
    try:
        return place.samefile(other)
    except OSError:
        return False


def _claim(rough: Path) -> None:
    """Make the temporary file anew; one that exists, or a link under its name, is an error."""
    os.close(os.open(rough, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


def _put_in_place(rough: Path, place: Path, target: Path, *, force: bool) -> None:
    if force:
        with contextlib.suppress(OSError):  # who may read the file stays as it was, where that can be kept
            rough.chmod(place.stat().st_mode & 0o7777)
        rough.replace(place)
        return
    try:
        # A hard link is made only where nothing stands, in one step; a rename would replace what came meanwhile.
        os.link(rough, place)
    except FileExistsError:
        raise _exists(target) from None
    except (OSError, NotImplementedError):
        _rename_where_nothing_stands(rough, place, target)


def _rename_where_nothing_stands(rough: Path, place: Path, target: Path) -> None:
    """For file systems without hard links (FAT, some network shares): look, then rename.

    On Windows a rename never replaces. Elsewhere a file that appears between the look and the rename would be lost;
    reserving the name first would close that gap, but leave an empty file under it if the run were killed just then.
    """
    if os.path.lexists(place):
        raise _exists(target)
    try:
        rough.rename(place)
    except FileExistsError:
        raise _exists(target) from None


def _flush_file(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets a folder be flushed."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _refusing_os_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _not_writable(target, error.strerror or str(error)) from error


def _refused(code: str, target: Path, message: str, hint: str) -> InputRefused:
    return InputRefused((Problem(code=code, value=str(target), message=f"{message}: {target}", hint=hint),))


def _exists(target: Path) -> InputRefused:
    return _refused("output-exists", target, "the output exists already", "choose another name, or give --force")


def _not_writable(target: Path, why: str) -> InputRefused:
    return _refused("output-not-writable", target, f"the output cannot be written ({why})", "check the file and folder")
