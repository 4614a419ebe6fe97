"""What single changes would serve most: each re-solved for hours and plans, ranked by what it is proven to gain."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scheduler.advice.advising_bounds import Units, program_of
from scheduler.advice.advising_offers import find_candidates
from scheduler.advice.advising_ranking import Ranking
from scheduler.advice.advising_search import Closing, Node, Search
from scheduler.advice.advising_solving import Answer, Solving, Stops, as_answer, ends_at, is_large, leading
from scheduler.advice.candidates import Candidate
from scheduler.domain.advice import Advice
from scheduler.domain.outcome import Status, TierOutcome
from scheduler.domain.profile import Profile, SolverSettings
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Week
from scheduler.engine.progress import Listener, silent
from scheduler.engine.search import Solution, solve
from scheduler.engine.tiers import tiers_of

BASE_SHARE = 0.3
"""Of the time, what the week as it is may take at most."""
EACH_SHARE = 1 / 15
"""Of the time, what a week with changes is given at first."""

MOST_TOGETHER = 500
"""So many single changes at most are looked at together to begin with."""

Told = Callable[[str], None]


def untold(_: str) -> None:
    """Says nothing."""


@dataclass
class Asked:
    """How to look: how many to rank, for how long, from what timetable, who hears of it and who may stop it."""

    top: int = 10
    seconds: float = 150.0
    start: Timetable | None = None
    listener: Listener = silent
    told: Told = untold
    stop: threading.Event = field(default_factory=threading.Event)


def advise(week: Week, profile: Profile, asked: Asked) -> Advice:
    """Find the single changes that gain most; where none gains anything, the pairs.

    Args:
        week: the week.
        profile: its goals and solver settings; only hours and plans are solved for.
        asked: how to look.

    Raises:
        ValueError: if the start names something that the week does not know.
    """
    return _Advising(week, leading(profile), asked).run()


class _Advising:
    def __init__(self, week: Week, profile: Profile, asked: Asked) -> None:
        self._week, self._profile, self._asked = week, profile, asked
        self._began = time.monotonic()
        self._tiers = tiers_of(profile.goals)

    def run(self) -> Advice:
        known = self._known()
        solution = self._solve_base(known)
        base = as_answer(solution, self._profile)
        if base is None or solution.verification is None:
            return self._closed(Advice(status=solution.status, findings=solution.findings))
        figures = solution.verification.figures
        advice = Advice(status=solution.status, figures=figures, tiers=solution.tiers)
        if advice.served:
            return self._closed(advice)
        base = replace(base, bound=min(base.value, max(base.bound, known)))
        if base.proven:
            advice = advice.model_copy(update={"status": Status.OPTIMAL, "tiers": _proven(solution.tiers)})
        return self._closed(advice.model_copy(update=self._look(base)))

    def _known(self) -> Units:
        """What a linear program proves of a large week: often as much as a search does in ten times as long."""
        if not is_large(self._week):
            return (0,) * len(self._tiers)
        program = program_of(self._week, self._tiers)
        return program.bound(program.solve(self._asked.seconds * EACH_SHARE))

    def _closed(self, advice: Advice) -> Advice:
        seconds = round(time.monotonic() - self._began, 1)
        return advice.model_copy(update={"interrupted": self._asked.stop.is_set(), "seconds": seconds})

    def _solve_base(self, known: Units) -> Solution:
        """The week as it is, searched until the bound that is known is met."""
        limits: dict[str, Any] = {"time_limit": self._asked.seconds * BASE_SHARE, "time_limit_per_patient": 0.0}
        if not is_large(self._week):
            limits["workers"] = 1  # quick enough, and the same timetable each time
        settings = SolverSettings.model_validate({**self._profile.solver.model_dump(), **limits})
        profile = self._profile.model_copy(update={"solver": settings})
        asked, enough = self._asked, Stops(self._asked.stop)
        look = ends_at(known, self._week, self._tiers, enough)
        return solve(self._week, profile, listener=asked.listener, stop=enough, start=asked.start, on_timetable=look)

    # ---- singles, then pairs ----

    def _look(self, base: Answer) -> dict[str, Any]:
        candidates = find_candidates(self._week, self._profile.blocks)
        solving = Solving(self._week, self._profile, candidates, base, self._asked.stop)
        closing = self._search(solving, _by_kind(base, candidates), "single changes")
        ranking = Ranking(self._week, self._tiers, solving.base, candidates, self._asked.top)
        tried, singles = ranking.tried(closing), ranking.listed(closing.found)
        found = {"kinds": ranking.kinds(closing), "singles": singles, "tried": tried}
        if singles or not tried.complete:
            return found
        return found | self._look_for_pairs(solving.base)

    def _look_for_pairs(self, base: Answer) -> dict[str, Any]:
        """Pairs also of changes of which one alone could make nothing possible."""
        more = find_candidates(self._week, self._profile.blocks, beside=True)
        solving = Solving(self._week, self._profile, more, base, self._asked.stop)
        everything = tuple(range(len(more)))
        closing = self._search(solving, [Node((everything, everything), (0,) * len(base.value))], "pairs")
        ranking = Ranking(self._week, self._tiers, solving.base, more, self._asked.top)
        tried = ranking.tried(closing)
        return {
            "pairs": ranking.listed(closing.found),
            "pairs_tried": tried,
            "nothing_helps": not closing.found and not closing.left and tried.complete,
        }

    def _search(self, solving: Solving, nodes: Sequence[Node], what: str) -> Closing:
        """Search until the time is out."""

        def left() -> float:
            if self._asked.stop.is_set():
                return 0.0
            return self._asked.seconds - (time.monotonic() - self._began)

        def told(known: int, still: int) -> None:
            seconds = max(0.0, left())
            self._asked.told(f"{what}: {known} known by themselves, {still} still open, {seconds:.0f} s left")

        costs = [one.change.cost.rank for one in solving.candidates]
        search = Search(solving, self._asked.top, costs, self._asked.seconds * EACH_SHARE, left, told)
        return search.run(nodes)


def _proven(tiers: Sequence[TierOutcome]) -> tuple[TierOutcome, ...]:
    return tuple(one.model_copy(update={"bound": one.value, "gap": 0.0, "proven": True}) for one in tiers)


def _by_kind(base: Answer, candidates: Sequence[Candidate]) -> list[Node]:
    """The candidates, those of a kind together, as many at a time as a linear program takes easily."""
    kinds: dict[str, list[int]] = {}
    for index, one in enumerate(candidates):
        kinds.setdefault(one.change.kind, []).append(index)
    step = MOST_TOGETHER
    sets = [found[at : at + step] for found in kinds.values() for at in range(0, len(found), step)]
    return [Node((tuple(one),), (0,) * len(base.value)) for one in sets]
