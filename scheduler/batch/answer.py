"""What a clinic's own process makes of a finished solve: the row of its results."""

from collections import Counter

from scheduler.batch.clinic import Clinic
from scheduler.batch.endings import CUT_SHORT, documents, first_error, unanswered
from scheduler.domain.findings import Shortfall
from scheduler.domain.network import ClinicResult, Short, Use
from scheduler.domain.problems import Problem, Severity
from scheduler.domain.timetable import Board
from scheduler.domain.week import Therapist, Week
from scheduler.pipeline import Finished
from scheduler.reports.frames import seats_offered


def result_of(clinic: Clinic, finished: Finished) -> ClinicResult:
    """The result of a clinic whose order was fulfilled, with or without a timetable."""
    known = {
        "exit_code": finished.exit_code,
        "profile": finished.loaded.profile.name,
        "input_sha256": finished.loaded.sha256,
        "tiers": finished.solution.tiers,
    }
    report = finished.report
    if report is None:
        return unanswered(clinic, finished.status, finished.problems).model_copy(update=known)
    problems = finished.problems + ((_EARLY,) if finished.solution.interrupted else ())
    return ClinicResult(
        clinic=clinic.name,
        input=str(clinic.input),
        output=str(clinic.output),
        status=finished.status,
        figures=report.verification.figures,
        use=use_of(report.board),
        short=tuple(_short(report.week, one) for one in report.shortfalls),
        problem=first_error(problems),
        problems=documents(problems),
        **known,
    )


_EARLY = Problem(
    code=CUT_SHORT,
    severity=Severity.NOTICE,
    message="the search was stopped early: this is the best timetable found by then",
)


def use_of(board: Board) -> Use:
    """How much of a clinic's seats and therapists a timetable uses."""
    sessions = board.timetable.sessions
    seats = [(board.size(one), seats_offered(board, one)) for one in sessions]
    return Use(
        seats_taken=sum(size for size, _ in seats),
        seats=sum(size if most is None else most for size, most in seats),
        blocks_led=sum(len(one.therapists) for one in sessions),
        blocks_possible=sum(_blocks_possible(board.week, one) for one in board.week.therapists),
    )


def _blocks_possible(week: Week, therapist: Therapist) -> int:
    """The blocks that a therapist could lead: free then, within their own limits a day and a week."""
    free = Counter(block.day for block in week.blocks if therapist.free.covers(block.start, block.end))
    a_day = therapist.max_blocks_per_day
    could = sum(number if a_day is None else min(number, a_day) for number in free.values())
    return could if therapist.max_blocks is None else min(could, therapist.max_blocks)


def _short(week: Week, one: Shortfall) -> Short:
    return Short(
        patient=one.patient,
        hours=one.hours_short,
        groups=tuple(need.group for need in one.groups_missed for _ in range(need.times)),
        priority=week.patient_of[one.patient].priority,
        reason=one.reasons[0] if one.reasons else "",
        remedy=one.remedies[0] if one.remedies else "",
    )
