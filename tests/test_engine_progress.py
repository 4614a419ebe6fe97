"""What a person sees while the search runs."""

from io import StringIO

import pytest
from builders import quick, random_week, tiny

from scheduler.engine.progress import Progress, ProgressPrinter, gap_words, progress_line, relative_gap
from scheduler.engine.search import solve


def at(tier: int = 1, best: float | None = 6, bound: float = 3, left: float = 12.4) -> Progress:
    return Progress(tier=tier, tiers=5, goals=("weekly-minimum",), best=best, bound=bound, seconds_left=left)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (None, "no timetable yet"),
        (0.0, "proven best"),
        (0.004, "at most 0.4% better is possible: good enough to stop"),
        (0.0199, "at most 2.0% better is possible: good enough to stop"),
        (0.02, "at most 2% better is possible"),
        (0.5, "at most 50% better is possible"),
        (1.0, "at most 100% better is possible"),
    ],
)
def test_the_gap_in_words(gap: float | None, words: str) -> None:
    assert gap_words(gap) == words


@pytest.mark.parametrize(
    ("value", "bound", "gap"), [(0, 0, 0), (10, 10, 0), (10, 5, 0.5), (10, 0, 1), (10, 11, 0), (0, 3, 0)]
)
def test_the_gap_is_a_share_of_the_value(value: float, bound: float, gap: float) -> None:
    assert relative_gap(value, bound) == gap


def test_one_line_says_where_the_search_stands() -> None:
    assert progress_line(at()) == (
        "tier 1/5 weekly-minimum: best 6, bound 3, at most 50% better is possible, 12 s left"
    )
    assert "best -, bound 0, no timetable yet, 0 s left" in progress_line(at(best=None, bound=0, left=-3))


def test_the_line_rewrites_itself_and_leaves_nothing_behind() -> None:
    stream = StringIO()
    show = ProgressPrinter(stream, every_seconds=0)
    show(at(best=123456.5, bound=1))
    show(at(best=6))
    show.close()
    first, second, last = stream.getvalue().split("\r")[1:]
    assert len(second) == len(first), "the longer line is wiped out"
    assert second.rstrip() == last.rstrip() == progress_line(at(best=6))
    assert stream.getvalue().endswith("\n")
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (
            None,
            "tier 1/5 weekly-minimum: best 975, bound 970, at most 0.5% better is possible: good enough to stop, "
            "12 s left",
        ),
        (105, "tier 1/5: best 975, bound 970, at most 0.5% better is possible: good enough to stop, 12 s left"),
        (79, "tier 1/5: best 975, bound 970, at most 0.5% better, 12 s left"),
        (50, "tier 1/5: best 975, at most 0.5% better, 12 s left"),
        (49, "tier 1/5: best 975, 12 s left"),
        (10, "tier 1/5: "),
    ],
)
def test_a_line_that_is_too_long_loses_the_goals_first_and_what_matters_last(width: int | None, line: str) -> None:
    assert progress_line(at(best=975, bound=970), width) == line


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_no_line_wraps_on_a_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()
    show = ProgressPrinter(stream, every_seconds=0)
    shown = [at(best=best, bound=0.25, left=1234) for best in (123456.5, 1000, 0.251, 0.25, None)]
    for progress in shown:
        show(progress)
    show.close()
    lines = stream.getvalue().rstrip("\n").split("\r")[1:]
    assert all(len(line) < columns for line in lines)
    assert [line.rstrip() for line in lines[:-1]] == [progress_line(one, columns - 1).rstrip() for one in shown]
    assert ("weekly-minimum" in lines[0]) is (columns == 200)


def test_each_tier_keeps_its_last_line() -> None:
    stream = StringIO()
    show = ProgressPrinter(stream, every_seconds=0)
    for progress in (at(1, best=None), at(1, best=6), at(2, best=4), at(2, best=3)):
        show(progress)
    show.close()
    kept = [line.split("\r")[-1].rstrip() for line in stream.getvalue().split("\n") if line]
    assert kept == [progress_line(at(1, best=6)), progress_line(at(2, best=3))]


def test_it_does_not_flood_the_terminal_yet_the_last_word_is_shown() -> None:
    stream = StringIO()
    show = ProgressPrinter(stream, every_seconds=3600)
    for best in range(100, 0, -1):
        show(at(best=best))
    show.close()
    assert stream.getvalue().count("\r") == 2
    assert "best 1," in stream.getvalue().split("\r")[-1]


def test_closing_twice_or_unused_writes_nothing_more() -> None:
    stream = StringIO()
    show = ProgressPrinter(stream)
    show.close()
    assert stream.getvalue() == ""
    show(at())
    show.close()
    once = stream.getvalue()
    show.close()
    assert stream.getvalue() == once


def test_a_real_search_reports_every_tier_that_it_searches_and_never_a_bound_above_the_best() -> None:
    heard: list[Progress] = []
    solution = solve(random_week(12, seed=3), quick(time_limit=5), listener=heard.append)
    searched = [progress.tier for progress in heard]
    assert searched == sorted(searched)
    assert 1 in searched
    assert {progress.tiers for progress in heard} == {5}
    for progress in heard:
        assert progress.best is None or progress.bound <= progress.best + 1e-6
    for tier in solution.tiers:
        said = [progress for progress in heard if progress.tier == tier.tier]
        bests = [progress.best for progress in said if progress.best is not None]
        bounds = [progress.bound for progress in said]
        assert bests == sorted(bests, reverse=True)
        assert bounds == sorted(bounds)
        if said and tier.proven:
            assert bests[-1] == tier.value, "the last word is what was found"
    plan = [progress for progress in heard if progress.tier == 2]
    assert solution.tiers[1].value > 0
    assert 0 < plan[-1].bound <= solution.tiers[1].value


def test_a_silent_search_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solve(tiny(), quick())
    assert capfd.readouterr() == ("", "")
