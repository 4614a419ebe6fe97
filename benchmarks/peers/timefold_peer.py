"""Timefold, given what it needs to be good at these weeks; it runs only where the package and a JDK are."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.peers.protocol import Answer, Keep, Peer, Unavailable
from benchmarks.peers.timefold.tables import Table, Tables
from scheduler.domain.clock import TimeSet
from scheduler.domain.profile import Profile
from scheduler.domain.timetable import Timetable
from scheduler.domain.week import Block, Group, Patient, Therapist, Week

HERE = Path(__file__).parent / "timefold"
JAVA = HERE / "java"
BUILT = HERE / "built"
POLL_SECONDS, POLL_SHARE = 0.1, 0.01
"""How often the Java side is asked for a better timetable: each 0.1 s, later each hundredth of the time gone by."""
LAST_SECONDS = 0.4
"""Kept back from Timefold for building its solvers and for reading the last timetable."""
WARM_SECONDS = 1.0
"""For a tiny week in the constructor, so that Java has loaded what it needs before the clock starts."""
GREEDY_SHARE = 0.2
"""Of the time, the most that the greedy start may take."""

OWN_MOVES = """
<moveIteratorFactory>
  <moveIteratorFactoryClass>peer.Moves</moveIteratorFactoryClass>
</moveIteratorFactory>"""
DEFAULT_MOVES = """
<unionMoveSelector>
  <changeMoveSelector>
    <filterClass>peer.Eligible</filterClass>
    <entitySelector><entityClass>peer.Visit</entityClass></entitySelector>
  </changeMoveSelector>
  <swapMoveSelector><entitySelector><entityClass>peer.Visit</entityClass></entitySelector></swapMoveSelector>
  <unionMoveSelector>
    <changeMoveSelector>
      <entitySelector><entityClass>peer.Session</entityClass></entitySelector>
      <valueSelector variableName="first"/>
    </changeMoveSelector>
    <changeMoveSelector>
      <entitySelector><entityClass>peer.Session</entityClass></entitySelector>
      <valueSelector variableName="second"/>
    </changeMoveSelector>
    <changeMoveSelector>
      <entitySelector><entityClass>peer.Session</entityClass></entitySelector>
      <valueSelector variableName="room"/>
    </changeMoveSelector>
  </unionMoveSelector>
</unionMoveSelector>"""
FORAGER = "<forager><acceptedCountLimit>1</acceptedCountLimit></forager>"
LATE = "<acceptor><lateAcceptanceSize>400</lateAcceptanceSize></acceptor>"
ANNEALED = """
<acceptor>
  <simulatedAnnealingStartingTemperature>[0]hard/[300/6/2/3/4]soft</simulatedAnnealingStartingTemperature>
</acceptor>"""
SEARCHES = (ANNEALED + FORAGER, LATE + FORAGER)
"""What each of the two solvers does; one solver does the first. Temperatures are by tier, in units."""


@dataclass(frozen=True)
class Ways:
    """How Timefold is run; all True is at its best, all False is what it does by itself.

    ``own_moves``: the moves of ``java/Moves.java`` in place of Timefold's change and swap moves. ``greedy_start``: from
    the timetable that is made by priority, in place of an empty one. ``two_solvers``: a solver on each of two cores.
    """

    own_moves: bool = True
    greedy_start: bool = True
    two_solvers: bool = True


class TimefoldPeer(Peer):
    """Timefold's local search, lexicographic by tier: one hard level, then a soft level a tier, in the goals' units.

    Decided are each visit of a patient (a session or none), and each session's leaders and room. A session runs when
    somebody sits in it, so that its smallest size is a rule of the score and not of the search. Counting goes by an
    incremental calculator (``java/Judge.java``): it takes in every rule and goal, and its score is what the verifier
    measures.

    The Python package has no way to write a move in Python. It ships Timefold's own Java core, though, and takes more
    classes on its class path: the week's model, the calculator and the moves are Java, compiled by the JDK when first
    used. A move opens a session with leaders, room and at least the people it needs; lets a leader give one session up
    for another; closes one and settles its people elsewhere; or reseats, swaps and hands over.

    Timefold's own change and swap moves from nothing find no timetable at all, since a group needs several people
    before it is legal; from the greedy start they improve it a little; with the moves above both starts come far
    further. Simulated annealing with a temperature for each tier did better than late acceptance, tabu search and
    diversified late acceptance on the weeks tried. Late acceptance runs on the second core, as a hedge where annealing
    has too little time to cool. Threads inside one solver are for Timefold's paid edition only.
    """

    name = "timefold"
    about = "Timefold, with moves of its own that open a group with its people"

    def __init__(self, ways: Ways | None = None) -> None:
        self._ways = ways or Ways()
        _start_java()
        self._crew = _built_crew()
        self.solve(_tiny_week(), Profile(name="tiny"), WARM_SECONDS, lambda _: None)

    def solve(self, week: Week, profile: Profile, seconds: float, keep: Keep) -> Answer:
        """Search until the time is up."""
        until = time.monotonic() + seconds
        tables = Tables(week, profile)
        start = _start(week, profile, seconds * GREEDY_SHARE, keep) if self._ways.greedy_start else None
        rows = [] if start is None else tables.rows(start)
        left = max(0.1, until - time.monotonic() - LAST_SECONDS)
        crew = self._crew(_java_map(tables.tables), _java_rows(rows), self._configs(profile.solver.seed, left))
        best = start
        for better in _improvements(crew, until):
            best = tables.timetable(better)
            keep(best)
        note = f"score {crew.score() or 'none'}"
        failure = str(crew.failure())
        return Answer(best, None, f"{note}; {failure}" if failure else note)

    def _configs(self, seed: int, seconds: float) -> list[str]:
        """A Timefold configuration for each solver."""
        moves = OWN_MOVES if self._ways.own_moves else DEFAULT_MOVES
        searches = SEARCHES if self._ways.two_solvers else SEARCHES[:1]
        text = (HERE / "solver.xml").read_text(encoding="utf-8")
        return [
            text.format(seed=seed + i, milliseconds=int(1000 * seconds), moves=moves, search=search)
            for i, search in enumerate(searches)
        ]


def _start(week: Week, profile: Profile, seconds: float, keep: Keep) -> Timetable | None:
    """The timetable made by priority, if there is one in time."""
    from benchmarks.peers.greedy import Greedy

    return Greedy().solve(week, profile, seconds, keep).timetable


def _improvements(crew: Any, until: float) -> Iterator[list[list[int]]]:
    """Better timetables as they come, until the solvers end or the time is up."""
    began = time.monotonic()
    while crew.working() and (now := time.monotonic()) < until:
        time.sleep(min(max(POLL_SECONDS, POLL_SHARE * (now - began)), until - now))
        yield from _read(crew)
    crew.stop()
    yield from _read(crew)


def _read(crew: Any) -> Iterator[list[list[int]]]:
    rows = crew.better()
    if rows is not None:
        yield [list(row) for row in rows]


def _tiny_week() -> Week:
    always = TimeSet.always()
    patient = Patient(
        id="p",
        free=always,
        min_minutes=60,
        max_minutes=60,
        min_blocks=1,
        max_blocks=1,
        min_days=1,
        min_day_minutes=60,
        modality="telehealth",
    )
    return Week(
        blocks=(Block(id="b", start=540, end=600),),
        patients=(patient,),
        therapists=(Therapist(id="t", free=always, groups=frozenset({"g"})),),
        groups=(Group(id="g", modality="telehealth"),),
    )


# ---- Java ------------------------------------------------------------------------------------------------------------


def _start_java() -> None:
    """Start the JVM with Timefold and, beside it, the place where the Java side is built.

    Raises:
        Unavailable: if the package or Java is missing.
    """
    try:
        import jpype
        from _jpyinterpreter import get_default_jvm_path

        timefold = import_module("timefold.solver")
    except ImportError:
        raise Unavailable("timefold: the package timefold is not installed (extra: bench)") from None
    if jpype.isJVMStarted():
        return
    logging.getLogger("timefold.solver").setLevel(logging.ERROR)
    try:
        jvm = get_default_jvm_path()
        timefold.init(jvm, "-XX:+UseParallelGC", "-Xmx2g", path=[str(_build_folder())])
    except Exception as fault:
        raise Unavailable(f"timefold: no Java 17 or later found ({str(fault).splitlines()[0]})") from None


def _sources() -> list[Path]:
    return sorted(JAVA.glob("*.java"))


def _build_folder() -> Path:
    """Where the classes of exactly these sources are, or will be."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in _sources())).hexdigest()[:16]
    folder = BUILT / digest
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _built_crew() -> Any:
    """The Java class `Crew`, compiled unless these very sources were before.

    Raises:
        Unavailable: if Java has no compiler, or refuses the sources.
    """
    import jpype

    folder = _build_folder()
    if not (folder / "peer" / "Crew.class").exists():
        compiler = jpype.JClass("javax.tools.ToolProvider").getSystemJavaCompiler()
        if compiler is None:
            raise Unavailable("timefold: this Java has no compiler; a JDK of 17 or later is needed")
        _compile(compiler, folder)
    return jpype.JClass("peer.Crew")


def _compile(compiler: Any, folder: Path) -> None:
    """Compile aside, then move into place, so that a folder with classes in it is always whole."""
    import jpype

    path = jpype.java.lang.System.getProperty("java.class.path")
    with tempfile.TemporaryDirectory(dir=BUILT) as aside:
        errors = jpype.java.io.ByteArrayOutputStream()
        options = ["-d", aside, "-proc:none", "-cp", str(path), *(str(source) for source in _sources())]
        if compiler.run(None, None, errors, jpype.JArray(jpype.JString)(options)) != 0:
            raise Unavailable(f"timefold: the Java side does not compile: {errors}")
        if not (folder / "peer").exists():
            os.replace(Path(aside) / "peer", folder / "peer")
        else:
            shutil.copytree(Path(aside) / "peer", folder / "peer", dirs_exist_ok=True)


def _java_rows(table: Sequence[Sequence[int]]) -> Any:
    import jpype

    rows = jpype.JArray(jpype.JInt, 2)(len(table))
    for i, row in enumerate(table):
        rows[i] = jpype.JArray(jpype.JInt)(list(row))
    return rows


def _java_map(tables: dict[str, Table]) -> Any:
    import jpype

    found = jpype.java.util.HashMap()
    for name, table in tables.items():
        found.put(name, _java_rows(table))
    return found
