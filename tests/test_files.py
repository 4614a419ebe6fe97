"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scheduler.domain.problems import InputRefused
from scheduler.files import check_target, write_whole

OLD, NEW = b"old content", b"new content"


def put(content: bytes):
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def code_of(refusal: pytest.ExceptionInfo[InputRefused]) -> str:
    (problem,) = refusal.value.problems
    assert problem.message
    assert problem.hint
    return problem.code


def refused(target: Path, *, force: bool = False, never: tuple[Path, ...] = ()) -> str:
    before = (
        {one: one.read_bytes() for one in target.parent.glob("*") if one.is_file()} if target.parent.is_dir() else {}
    )
    with pytest.raises(InputRefused) as refusal:
        write_whole(target, put(NEW), force=force, never=never)
    after = (
        {one: one.read_bytes() for one in target.parent.glob("*") if one.is_file()} if target.parent.is_dir() else {}
    )
    assert after == before
    return code_of(refusal)


def leftovers(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if ".tmp-" in one.name)


@pytest.mark.parametrize("force", [True, False])
def test_a_new_file_is_written(tmp_path: Path, force: bool) -> None:
    target = tmp_path / "week.xlsx"
    write_whole(target, put(NEW), force=force)
    assert target.read_bytes() == NEW
    assert os.listdir(tmp_path) == ["week.xlsx"]
    assert target.stat().st_nlink == 1


def test_the_file_gets_the_usual_rights_not_those_of_a_private_temporary_file(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write_whole(tmp_path / "a.xlsx", put(NEW), force=False)
    assert (tmp_path / "a.xlsx").stat().st_mode == usual.stat().st_mode


def test_force_replaces_and_keeps_the_rights(tmp_path: Path) -> None:
    target = tmp_path / "week.xlsx"
    target.write_bytes(OLD)
    target.chmod(0o640)
    write_whole(target, put(NEW), force=True)
    assert target.read_bytes() == NEW
    assert target.stat().st_mode & 0o777 == 0o640
    assert not leftovers(tmp_path)


def test_an_existing_file_needs_force(tmp_path: Path) -> None:
    target = tmp_path / "week.xlsx"
    target.write_bytes(OLD)
    assert refused(target) == "output-exists"


def test_a_file_that_appears_while_writing_is_not_lost(tmp_path: Path) -> None:
    target = tmp_path / "week.xlsx"

    def write(path: Path) -> None:
        path.write_bytes(NEW)
        target.write_bytes(OLD)

    with pytest.raises(InputRefused) as refusal:
        write_whole(target, write, force=False)
    assert code_of(refusal) == "output-exists"
    assert target.read_bytes() == OLD
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("force", [True, False])
def test_without_hard_links_a_file_is_still_written_and_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    def no_links(*_args: object, **_more: object) -> None:
        raise OSError(errno.EPERM, "links are not supported here")

    monkeypatch.setattr(os, "link", no_links)
    target = tmp_path / "week.xlsx"
    write_whole(target, put(NEW), force=force)
    assert target.read_bytes() == NEW
    assert refused(target) == "output-exists"

    def write(path: Path) -> None:
        path.write_bytes(NEW)
        (tmp_path / "other.xlsx").write_bytes(OLD)

    with pytest.raises(InputRefused):
        write_whole(tmp_path / "other.xlsx", write, force=False)
    assert (tmp_path / "other.xlsx").read_bytes() == OLD


@pytest.mark.parametrize("reach", ["same", "dotted", "symbolic link", "hard link", "link in between"])
def test_an_input_is_never_replaced_whatever_its_name(tmp_path: Path, reach: str) -> None:
    source = tmp_path / "in.xlsx"
    source.write_bytes(OLD)
    target = tmp_path / "out.xlsx"
    if reach == "same":
        target = source
    elif reach == "dotted":
        (tmp_path / "sub").mkdir()
        target = tmp_path / "sub" / ".." / "in.xlsx"
    elif reach == "symbolic link":
        target.symlink_to(source)
    elif reach == "hard link":
        os.link(source, target)
    else:
        (tmp_path / "way").symlink_to(tmp_path, target_is_directory=True)
        target = tmp_path / "way" / "in.xlsx"
    with pytest.raises(InputRefused) as refusal:
        write_whole(target, put(NEW), force=True, never=(tmp_path / "else.xlsx", source))
    assert code_of(refusal) == "output-is-input"
    assert source.read_bytes() == OLD


def test_an_input_behind_a_link_is_never_replaced(tmp_path: Path) -> None:
    source, way = tmp_path / "in.xlsx", tmp_path / "way.xlsx"
    source.write_bytes(OLD)
    way.symlink_to(source)
    assert refused(source, force=True, never=(way,)) == "output-is-input"


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    real, way = tmp_path / "real.xlsx", tmp_path / "way.xlsx"
    real.write_bytes(OLD)
    way.symlink_to(real)
    assert refused(way) == "output-exists"
    write_whole(way, put(NEW), force=True)
    assert way.is_symlink()
    assert real.read_bytes() == NEW


@pytest.mark.parametrize("name", ["week.xls", "week.csv", "week", ".xlsx", "week.xlsx.txt"])
def test_only_workbooks_are_written(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path / name) == "output-not-xlsx"


def test_the_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    write_whole(tmp_path / "WEEK.XLSX", put(NEW), force=False)
    assert (tmp_path / "WEEK.XLSX").read_bytes() == NEW


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    assert refused(tmp_path / "none" / "week.xlsx") == "output-folder-missing"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("force", [True, False])
def test_a_folder_is_not_a_file(tmp_path: Path, force: bool) -> None:
    (tmp_path / "week.xlsx").mkdir()
    assert refused(tmp_path / "week.xlsx", force=force) == "output-is-folder"


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    assert refused(tmp_path / "file" / "week.xlsx") == "output-folder-missing"


@pytest.mark.parametrize("name", ["x" * 300 + ".xlsx", "y" * 250 + ".xlsx"])
def test_long_names_are_written_where_the_system_allows_them(tmp_path: Path, name: str) -> None:
    if len(name) > 255:
        with pytest.raises(InputRefused) as refusal:
            write_whole(tmp_path / name, put(NEW), force=False)
        assert code_of(refusal) == "output-not-writable"
    else:
        write_whole(tmp_path / name, put(NEW), force=False)
        assert (tmp_path / name).read_bytes() == NEW


def test_a_pipe_is_no_place_for_a_workbook(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    with pytest.raises(InputRefused) as refusal:
        write_whole(tmp_path / "pipe.xlsx", put(NEW), force=True)
    assert code_of(refusal) == "output-not-writable"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is write-protected for the superuser")
def test_protected_places_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "week.xlsx"
    target.write_bytes(OLD)
    target.chmod(0o444)
    assert refused(target, force=True) == "output-not-writable"
    tmp_path.chmod(0o555)
    try:
        assert refused(tmp_path / "new.xlsx") == "output-not-writable"
    finally:
        tmp_path.chmod(0o755)


def test_protection_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "week.xlsx"
    target.write_bytes(OLD)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert refused(target, force=True) == "output-not-writable"
    assert refused(tmp_path / "new.xlsx") == "output-not-writable"


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("mishap", [ValueError("boom"), KeyboardInterrupt(), MemoryError(), SystemExit(1)])
def test_a_mishap_while_writing_leaves_what_was_there(tmp_path: Path, mishap: BaseException, force: bool) -> None:
    target = tmp_path / "week.xlsx"
    if force:
        target.write_bytes(OLD)

    def write(path: Path) -> None:
        path.write_bytes(NEW[:3])
        raise mishap

    with pytest.raises(type(mishap)):
        write_whole(target, write, force=force)
    assert [one.name for one in tmp_path.iterdir()] == (["week.xlsx"] if force else [])
    assert not force or target.read_bytes() == OLD


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(InputRefused) as refusal:
        write_whole(tmp_path / "week.xlsx", write, force=False)
    assert code_of(refusal) == "output-not-writable"
    assert os.strerror(errno.ENOSPC) in refusal.value.problems[0].message
    assert not list(tmp_path.iterdir())


def test_content_and_folder_are_flushed_before_and_after_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    flush, replace = os.fsync, Path.replace

    def watched_flush(handle: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        flush(handle)

    def watched_replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", watched_flush)
    monkeypatch.setattr(Path, "replace", watched_replace)
    write_whole(tmp_path / "week.xlsx", put(NEW), force=True)
    assert steps == ["file", "rename", "folder"]


def test_the_temporary_file_is_hidden_beside_the_target_and_named_after_it(tmp_path: Path) -> None:
    seen: list[Path] = []

    def write(path: Path) -> None:
        seen.append(path)
        path.write_bytes(NEW)

    write_whole(tmp_path / "week.xlsx", write, force=False)
    assert seen[0].parent == tmp_path
    assert seen[0].name.startswith(f".week.xlsx.tmp-{os.getpid()}")


def test_checking_a_target_touches_nothing(tmp_path: Path) -> None:
    check_target(tmp_path / "week.xlsx", force=False)
    assert not list(tmp_path.iterdir())


_KILLED = """
import sys
from pathlib import Path
from scheduler.files import write_whole

def write(path):
    with path.open("wb") as out:
        for _ in range(64):
            out.write(bytes([turn % 256]) * 4096)
            out.flush()

target, turn = Path(sys.argv[1]), 0
print("ready", flush=True)
while True:
    turn += 1
    write_whole(target, write, force=True)
"""


def test_a_killed_run_leaves_the_old_file_or_the_new_one_never_half(tmp_path: Path) -> None:
    rng = random.Random(5)
    target = tmp_path / "week.xlsx"
    target.write_bytes(b"\0" * 4096 * 64)
    for _ in range(12):
        command = [sys.executable, "-c", _KILLED, str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.02))
            child.send_signal(signal.SIGKILL)
        content = target.read_bytes()
        assert len(content) == 4096 * 64
        assert len(set(content)) == 1
    for name in leftovers(tmp_path):
        assert name.startswith(".week.xlsx.tmp-")
    write_whole(target, put(NEW), force=True)
    assert target.read_bytes() == NEW
