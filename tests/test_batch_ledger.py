"""The records of a batch: killed between any two steps, nothing is lost, done twice, or written over."""

from pathlib import Path
from typing import Any

import pytest

from scheduler.batch import ledger as module
from scheduler.batch.clinic import Clinic
from scheduler.batch.endings import unanswered
from scheduler.batch.fingerprint import digest_of, fingerprint_of
from scheduler.batch.ledger import Ledger, opened
from scheduler.batch.process import Task
from scheduler.domain.network import ClinicResult, Ending
from scheduler.domain.outcome import Figures
from scheduler.domain.problems import InputRefused
from scheduler.reports.report import Names

FIGURES = Figures(patients=1, patients_short=0, hours_short=0, groups_missed=0, sessions=1, assignments=1)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    (tmp_path / "north.xlsx").write_text("week")
    (tmp_path / "out").mkdir()
    return Clinic(name="north", input=tmp_path / "north.xlsx", output=tmp_path / "out" / "north_timetable.xlsx")


def ledger_of(clinic: Clinic) -> Ledger:
    return Ledger(clinic.output.parent / ".batch")


def answer(clinic: Clinic, staged: Clinic, words: str = "timetable", **fields: Any) -> ClinicResult:
    """What a process leaves behind: a workbook at the staged name, and a result."""
    staged.output.write_text(words)
    told = {"clinic": clinic.name, "input": str(clinic.input), "profile": "adult_iop"}
    sha = digest_of(staged.output)
    return ClinicResult(**told, status="optimal", exit_code=0, figures=FIGURES, output_sha256=sha, **fields)


def solved(clinic: Clinic, fingerprint: str = "one", words: str = "timetable") -> ClinicResult:
    ledger = ledger_of(clinic)
    return ledger.commit(clinic, answer(clinic, ledger.begin(clinic, fingerprint), words))


def test_what_is_done_stays_done(clinic: Clinic) -> None:
    result = solved(clinic)
    assert clinic.output.read_text() == "timetable"
    assert (result.output, result.fingerprint) == (str(clinic.output), "one")
    assert ledger_of(clinic).finished(clinic, "one") == result
    assert ledger_of(clinic).finished(clinic, "two") is None


def test_folders_are_made_within_the_folder_of_outputs_and_nowhere_else(clinic: Clinic) -> None:
    """Elsewhere a folder that does not exist is more likely a slip of the pen."""
    outdir = clinic.output.parent
    within = clinic.model_copy(update={"output": outdir / "coast" / "2026" / "north.xlsx"})
    ledger_of(clinic).check_output(within, force=False)
    assert within.output.parent.is_dir()
    for place in (outdir.parent / "coats" / "north.xlsx", outdir / ".." / "coats" / "north.xlsx"):
        with pytest.raises(InputRefused):
            ledger_of(clinic).check_output(clinic.model_copy(update={"output": place}), force=False)
    assert not (outdir.parent / "coats").exists()


def test_an_output_that_is_gone_is_made_again(clinic: Clinic) -> None:
    solved(clinic)
    clinic.output.unlink()
    assert ledger_of(clinic).finished(clinic, "one") is None
    ledger_of(clinic).check_output(clinic, force=False)


def test_a_failure_is_tried_again_and_keeps_what_was_ours(clinic: Clinic) -> None:
    solved(clinic)
    ledger = ledger_of(clinic)
    ledger.begin(clinic, "two")
    ledger.commit(clinic, unanswered(clinic, Ending.CRASHED, ()))
    assert ledger_of(clinic).finished(clinic, "two") is None
    ledger_of(clinic).check_output(clinic, force=False)
    solved(clinic, "two", "newer")
    assert clinic.output.read_text() == "newer"


def test_what_was_cut_short_is_solved_again(clinic: Clinic) -> None:
    ledger = ledger_of(clinic)
    cut = answer(clinic, ledger.begin(clinic, "one"), problems=({"code": "interrupted"},))
    ledger.commit(clinic, cut)
    assert clinic.output.read_text() == "timetable"
    assert ledger_of(clinic).finished(clinic, "one") is None


def test_nobody_elses_file_is_written_over(clinic: Clinic) -> None:
    clinic.output.write_text("by hand")
    with pytest.raises(InputRefused) as caught:
        ledger_of(clinic).check_output(clinic, force=False)
    assert caught.value.problems[0].code == "output-exists"
    ledger_of(clinic).check_output(clinic, force=True)
    solved(clinic)
    clinic.output.write_text("edited by hand")
    with pytest.raises(InputRefused) as caught:
        ledger_of(clinic).check_output(clinic, force=False)
    assert caught.value.problems[0].code == "output-changed"


def test_a_hand_edit_during_the_search_is_safe_too(clinic: Clinic) -> None:
    solved(clinic)
    ledger = ledger_of(clinic)
    found = answer(clinic, ledger.begin(clinic, "two"), "newer")
    clinic.output.write_text("edited by hand meanwhile")
    with pytest.raises(InputRefused):
        ledger.commit(clinic, found)
    assert clinic.output.read_text() == "edited by hand meanwhile"
    clinic.output.unlink()  # moved away, as the message says
    assert ledger_of(clinic).finished(clinic, "two") is not None, "and nothing is solved again"
    assert clinic.output.read_text() == "newer"


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("step", ["_put", "_publish"])
def test_killed_at_any_step(clinic: Clinic, monkeypatch: Any, step: str, before: bool) -> None:
    """Before or after the record, before or after the publication, over an earlier timetable of ours."""
    solved(clinic, "one", "older")
    ledger = ledger_of(clinic)
    found = answer(clinic, ledger.begin(clinic, "two"), "newer")
    real = getattr(ledger, step)

    def dying(*args: Any) -> None:
        if not before:
            real(*args)
        raise Killed

    monkeypatch.setattr(ledger, step, dying)
    with pytest.raises(Killed):
        ledger.commit(clinic, found)
    assert clinic.output.read_text() in ("older", "newer")
    again = ledger_of(clinic)
    recorded = again.finished(clinic, "two")
    if (step, before) == ("_put", True):
        assert recorded is None
        again.check_output(clinic, force=False)
        solved(clinic, "two", "newer")
    else:
        assert recorded is not None, "recorded, so never solved again"
    assert list((clinic.output.parent / ".batch" / "staged").iterdir()) == []
    assert clinic.output.read_text() == "newer"


def test_killed_just_after_it_was_in_place(clinic: Clinic, monkeypatch: Any) -> None:
    ledger = ledger_of(clinic)
    found = answer(clinic, ledger.begin(clinic, "one"))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *args, **named: None)  # killed before the staged name was taken away
        ledger.commit(clinic, found)
    assert ledger_of(clinic).finished(clinic, "one") is not None
    assert list((clinic.output.parent / ".batch" / "staged").iterdir()) == []


def test_a_damaged_record_is_no_record(clinic: Clinic) -> None:
    solved(clinic)
    for record in (clinic.output.parent / ".batch" / "clinics").iterdir():
        record.write_text('{"fingerprint": "one"')
    assert ledger_of(clinic).finished(clinic, "one") is None
    with pytest.raises(InputRefused):
        ledger_of(clinic).check_output(clinic, force=False)


def test_what_a_killed_process_was_writing_is_cleared_away(clinic: Clinic) -> None:
    ledger_of(clinic)
    rough = clinic.output.parent / ".batch" / "staged" / ".north.xlsx.tmp-1-2"
    rough.write_text("half")
    ledger_of(clinic)
    assert not rough.exists()


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(InputRefused) as caught, opened(tmp_path):
        pass
    problem = caught.value.problems[0]
    assert problem.code == "batch-running"
    assert f"process {module.os.getpid()} on " in problem.message
    with opened(tmp_path):
        pass


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputRefused) as caught, opened(tmp_path / "file"):
        pass
    assert caught.value.problems[0].code == "output-not-writable"


# ---- fingerprints ----


def test_a_fingerprint_is_of_everything_that_decides(clinic: Clinic, tmp_path: Path, monkeypatch: Any) -> None:
    other = tmp_path / "other.xlsx"
    other.write_text("last week")

    def print_of(profile: str = "profile", of: Clinic = clinic, **fields: Any) -> str:
        return fingerprint_of(Task(clinic=of, **fields), profile)

    first = print_of()
    same = [print_of(workers=8), print_of(memory_mb=99), print_of(wall_seconds=7)]
    changed = [
        print_of("another profile"),
        print_of(seed=5),
        print_of(reproducible=True),
        print_of(names=Names.IDS),
        *(print_of(of=clinic.model_copy(update={name: other})) for name in ("previous", "mapping")),
        print_of(of=clinic.model_copy(update={"time_limit": 3.0})),
    ]
    clinic.input.write_text("week changed")
    changed.append(print_of())
    monkeypatch.setattr("scheduler.recording.__version__", "9.9.9")
    changed.append(print_of())
    assert set(same) == {first}
    assert len({first, *changed}) == 1 + len(changed)


def test_a_folder_of_csv_has_a_digest_of_names_and_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "week"
    folder.mkdir()
    found = [digest_of(tmp_path / "gone"), digest_of(folder)]
    for name, text in (("a.csv", "1"), ("b.csv", "2"), ("b.csv", "3")):
        (folder / name).write_text(text)
        found.append(digest_of(folder))
    (folder / "notes.txt").write_text("not read")
    assert digest_of(folder) == found[-1]
    assert len(set(found)) == len(found)
