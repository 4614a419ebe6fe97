"""Writes docs/speed.md and its pictures from the CSV files of benchmarks/results/speed, and from nothing else.

``python -m benchmarks.speed_report``; the pictures need matplotlib (the extra ``bench``), the page does not.
"""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks import process, speed_plots
from benchmarks.cases import TUNING_SEEDS
from benchmarks.hour import ON_THE_WAY, WHOLE
from benchmarks.judge import WEIGHTS
from benchmarks.peers import OURS, WITHOUT, peer_names
from benchmarks.phases import AROUND, KINDS
from benchmarks.scaling import MEASURES, SLACK
from benchmarks.speed_plots import Picture
from benchmarks.speed_tables import (
    ALL,
    ALL_SIZES,
    TIERS,
    TOGETHER,
    UNAVAILABLE,
    Row,
    Rows,
    Tables,
    ablated,
    around_together,
    bounds_known,
    by,
    every_tier,
    grouped,
    growth_of,
    median,
    number,
    numbers,
    numbers_in,
    pairs,
    peers_of,
    proven,
    sizes_of,
    standing,
    tables_of,
    tier_values,
)
from benchmarks.traced import INTO, NEAR, gap_of

PAGE = process.ROOT / "docs" / "speed.md"
PICTURES = process.ROOT / "docs" / "images"
LARGE = 120
"""From so many patients on, being ahead of the others is counted for itself."""
PROOFS_UP_TO = 240
"""Up to so many patients tiers 1 and 2 are to be proven."""
HELD_AGAINST = ("best bound known", "our timetable", "gap")
"""The last columns of tables of bounds."""
GAPS = ((0, 240, 0.01), (241, 960, 0.02))
"""From and to so many patients, and the gap of the whole that is to be reached."""
FIRSTS = ((0, 120, 5.0), (121, 960, 20.0))
"""From and to so many patients, and the seconds after which a good timetable is to be there."""
COSTS = 2.0
"""What a reproducible run may take in time to the same gap, as a factor."""
LINEAR = 1.1
"""An exponent up to this counts as linear growth."""
AHEAD, EVEN, BEHIND = 1, 0, -1

WIDTH = 118

Lines = list[str]


@dataclass(frozen=True)
class Section:
    """A part of the page: the file that it needs, one line for the head of the page, its text, its pictures."""

    title: str
    needs: str
    short: Callable[[Tables], Lines]
    text: Callable[[Tables], Lines]
    pictures: tuple[Picture, ...] = ()


# ------------------------------------------------------------------------------------------------------------- wording


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Lines:
    """A table, and the blank line after it."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def prose(*sentences: str) -> Lines:
    """A paragraph, broken into lines, and the blank line after it."""
    return [*textwrap.wrap(" ".join(sentences), WIDTH, break_long_words=False, break_on_hyphens=False), ""]


def figure(value: float | None, digits: int = 1) -> str:
    """A figure; a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share of one as percent."""
    return "-" if value is None else f"{100 * value:.2f} %"


def plain(value: float | None) -> str:
    """A value without needless zeros."""
    return "-" if value is None else f"{value:g}"


def of(count: int, whole: int) -> str:
    """So many of so many."""
    return f"{count} of {whole}"


def exponent_text(exponent: float | None, error: float | None) -> str:
    """An exponent with its standard error where that is known."""
    if exponent is None:
        return "-"
    return f"{exponent:.2f}" if error is None else f"{exponent:.2f} ± {error:.2f}"


# ---------------------------------------------------------------------------------------------------------- comparison


def _compare_short(tables: Tables) -> Lines:
    rows = tables["compare"]
    others = [peer for peer in peers_of(rows) if peer != OURS]
    weeks = grouped([row for peer in others for row in rows if row["peer"] == peer], lambda row: row["case"])
    mine = {row["case"]: row for row in rows if row["peer"] == OURS}
    held = {case: found for case, found in weeks.items() if case in mine}
    least = sum(all(every_tier(mine[case], row) for row in found) for case, found in held.items())
    large = {case: found for case, found in held.items() if int(mine[case]["patients"]) >= LARGE}
    ahead = sum(all(standing(mine[case], row) == AHEAD for row in found) for case, found in large.items())
    rank = sum(all(standing(mine[case], row) != BEHIND for row in found) for case, found in held.items())
    if not held:
        return _reached_short(list(mine.values()))
    return [
        f"- By rank, a tier only where those above it are even: at least as good as every peer on "
        f"{of(rank, len(held))} weeks; strictly ahead of every peer on {of(ahead, len(large))} weeks of {LARGE} "
        "patients or more.",
        f"- Every single tier at least as good as every peer's, also as theirs who serve fewer people or fewer hours: "
        f"on {of(least, len(held))} weeks.",
        *_reached_short(list(mine.values())),
    ]


def _reached_short(mine: Rows) -> Lines:
    small = _between(mine, 0, PROOFS_UP_TO)
    lines = []
    if small:
        count = of(sum(map(proven, small)), len(small))
        lines.append(f"- Tiers 1 and 2 proven on {count} weeks of up to {PROOFS_UP_TO} patients.")
    for least, most, wanted in GAPS:
        found = _between(mine, least, most)
        near = [gap for gap in numbers(found, "gap") if gap <= wanted]
        if found:
            count = f"{of(len(near), len(found))} weeks of {_span_words(least, most)}"
            lines.append(f"- The whole is within {100 * wanted:g} % of the best bound known on {count}.")
    return lines


def _between(rows: Rows, least: int, most: int) -> Rows:
    return [row for row in rows if least <= int(row["patients"]) <= most]


def _span_words(least: int, most: int) -> str:
    return f"{least} to {most} patients" if least else f"up to {most} patients"


def _compare(tables: Tables) -> Lines:
    rows = tables["compare"]
    return [
        *prose(
            "The same weeks, the same objective, the same cores, the same wall clock, a process each, one by one.",
            "Each answer is judged by the solver-free verifier; a timetable that breaks a rule counts as none.",
            "A gap is that of the whole to the best bound known from any source. The whole is all tiers in one number,",
            f"their units weighed {', '.join(map(str, WEIGHTS))} so that they mostly stay tiers; peers that can",
            "follow one number only are given that.",
            f"Time limit: {_limits(rows)}.",
        ),
        *smaller_whole(rows),
        *_absent(tables[UNAVAILABLE]),
        *_by_peer(rows),
        "Median gap by the number of patients:",
        "",
        *_gap_by_size(rows),
        *prose(
            "Our engine by family and size: the median of each tier, in how many weeks tiers 1 and 2 are proven,",
            "median gap, median seconds until the first full timetable, most memory.",
        ),
        *_by_family([row for row in rows if row["peer"] == OURS]),
        *_behind(rows),
        *_ablation(tables["ablation"] or rows),
    ]


def _limits(rows: Rows) -> str:
    return ", ".join(f"{one:g} s" for one in sorted(set(numbers(rows, "seconds"))))


def _absent(rows: Rows) -> Lines:
    """The peers that are not installed, each with its line."""
    if not rows:
        return []
    told = dict.fromkeys(f"{row['peer']} ({row['note']})" for row in rows)
    return prose(f"Left out, since not installed: {'; '.join(told)}.")


def _by_peer(rows: Rows) -> Lines:
    head = ["peer", "weeks", "timetables", "ours ahead", "even", "ours behind", "ours at least as good in every tier"]
    head += ["broke a rule", "median gap", "reached our 5-second answer", "median seconds to it"]
    body = []
    for peer in peers_of(rows):
        mine = [row for row in rows if row["peer"] == peer]
        found = pairs(rows, peer) if peer != OURS else []
        stands = [standing(*pair) for pair in found]
        counts = [str(stands.count(one)) if found else "-" for one in (AHEAD, EVEN, BEHIND)]
        least = of(sum(every_tier(*pair) for pair in found), len(found)) if found else "-"
        reached = numbers(mine, "seconds_to_our_5s")
        body.append(
            [
                peer,
                str(len(mine)),
                str(sum(tier_values(row) is not None for row in mine)),
                *counts,
                least,
                str(sum(bool(row["broken"]) for row in mine)),
                percent(median(mine, "gap")),
                of(len(reached), len(mine)),
                figure(median(mine, "seconds_to_our_5s")),
            ]
        )
    return table(head, body)


def _gap_by_size(rows: Rows) -> Lines:
    sizes = sizes_of(rows)
    body = []
    for peer in peers_of(rows):
        mine = by([row for row in rows if row["peer"] == peer], "patients")
        body.append([peer, *(percent(median(mine.get(size, ()), "gap")) for size in sizes)])
    return table(["peer", *sizes], body)


def _by_family(rows: Rows) -> Lines:
    head = ["family", "patients", "weeks", *(f"tier {tier}" for tier in range(1, TIERS + 1))]
    head += ["proven 1, 2", "gap", "first timetable", "peak MB"]
    body = []
    for (family, patients), found in _family_and_size(rows):
        tiers = [plain(median(found, f"tier{tier}")) for tier in range(1, TIERS + 1)]
        leading = of(sum(map(proven, found)), len(found))
        first, peak = median(found, "first_seconds"), max(numbers(found, "peak_mb"), default=None)
        gap = percent(median(found, "gap"))
        body.append([family, patients, str(len(found)), *tiers, leading, gap, figure(first), figure(peak, 0)])
    return table(head, body)


def _family_and_size(rows: Rows) -> Iterable[tuple[tuple[str, str], Rows]]:
    for family, found in by(rows, "family").items():
        for size in sizes_of(found):
            yield (family, size), [row for row in found if row["patients"] == size]


def _behind(rows: Rows) -> Lines:
    lines = []
    for peer in peers_of(rows)[1:]:
        for ours, other in pairs(rows, peer):
            if not every_tier(ours, other):
                lines.append([ours["case"], peer, _tiers_text(ours), _tiers_text(other), _standing_text(ours, other)])
    if not lines:
        return []
    about = "Weeks on which a peer has a better value in some tier, for ours may have paid there for a better tier:"
    return [about, "", *table(["week", "peer", "our tiers", "its tiers", "tier by tier"], lines)]


def smaller_whole(rows: Rows) -> Lines:
    """Where the whole is not in the order of the tiers, so that a gap in it says less."""
    found = [
        f"{peer} on {ours['case']} ({plain(theirs)} against {plain(number(ours, 'whole'))})"
        for peer in peers_of(rows)[1:]
        for ours, other in pairs(rows, peer)
        if standing(ours, other) == AHEAD
        and (theirs := number(other, "whole")) is not None
        and theirs < (number(ours, "whole") or 0)
    ]
    if not found:
        return []
    return prose(
        "The whole is not always in the order of the tiers: where one step in a tier costs more than its weight in the",
        f"next, who ranks behind may have less of it. So it is with {', '.join(found)}. A gap of the timetable that",
        "ranks ahead may then be there to stay.",
    )


def _tiers_text(row: Row) -> str:
    return " · ".join(plain(one) for one in tier_values(row) or ()) or "no timetable"


def _standing_text(ours: Row, other: Row) -> str:
    return {AHEAD: "ours ahead", EVEN: "even", BEHIND: "**ours behind**"}[standing(ours, other)]


def _ablation(rows: Rows) -> Lines:
    body = []
    for peer in ablated(rows):
        found = pairs(rows, peer)
        stands = [standing(*pair) for pair in found]
        counts = [str(stands.count(one)) for one in (AHEAD, EVEN, BEHIND)]
        gaps = [median([pair[place] for pair in found], "gap") for place in (0, 1)]
        name = peer.removeprefix(WITHOUT)
        known = f"`{name}`" if peer in peer_names() else f"`{name}` (taken out since)"
        body.append([known, str(len(found)), *counts, percent(gaps[1]), percent(gaps[0]), *_losses(found)])
    if not body:
        return []
    head = ["strategy switched off", "weeks", "worse without it", "even", "better without it"]
    return [
        "### What each piece of the search gains",
        "",
        *prose(
            "Our engine with one strategy switched off at a time, on the same weeks, in the same time. What each is",
            "and why it is there: [the pieces of the search](model.md#the-pieces-of-the-search). Measured by itself,",
            "with the engine named at the head of this page as that of the ablation. Of two runs of the same engine",
            "the wholes differ by about 1 %, so less says nothing. The largest loss is that of the whole on any week.",
            "How many times later the first full timetable comes, and the proof of every tier where both runs came to",
            "it, are medians.",
        ),
        *table([*head, "median gap without it", "with it", "largest loss", "first later", "proof later"], body),
    ]


def _losses(found: Sequence[tuple[Row, Row]]) -> list[str]:
    """What a week loses most without a piece, and how many times later its first timetable and its proof then come."""
    wholes = [(float(ours["whole"]), float(other["whole"])) for ours, other in found if other["whole"]]
    worst = max((other / ours - 1 for ours, other in wholes if ours), default=None)
    proven = [(ours, other) for ours, other in found if ours["note"] == other["note"] == "optimal"]
    return [percent(worst), _times_later(found, "first_seconds"), _times_later(proven, "wall_seconds")]


def _times_later(found: Sequence[tuple[Row, Row]], column: str) -> str:
    times = [float(other[column]) / float(ours[column]) for ours, other in found if ours[column] and other[column]]
    return f"{statistics.median(times):.1f}" if times else ""


# ------------------------------------------------------------------------------------------------------------- scaling


def _scaling_short(tables: Tables) -> Lines:
    rows = tables["scaling"]
    leading = sum(row["leading_proven"] == "yes" for row in rows)
    largest = sizes_of(rows)[-1]
    peak = max(numbers([row for row in rows if row["patients"] == largest], "peak_mb"), default=None)
    return [
        f"- Tiers 1 and 2 proven on {of(leading, len(rows))} weeks as patients double; "
        f"at {largest} patients at most {figure(peak, 0)} MB of memory.",
        *_first_short(rows),
        *_growth_short(tables["exponents"]),
    ]


def _growth_short(rows: Rows) -> Lines:
    first = [row for row in rows if row["measure"] == MEASURES[0].column and row["family"] == ALL]
    return [
        f"- Growth of {row['words']}, {row['sizes']} patients: exponent {_exponent_of(row)} "
        f"({row['left_out']} runs never came to it and are left out)."
        for row in first
        if row["sizes"] != ALL_SIZES
    ]


def _first_short(rows: Rows) -> Lines:
    lines = []
    for least, most, wanted in FIRSTS:
        found = _between(rows, least, most)
        soon = [seconds for seconds in numbers(found, "good_seconds") if seconds <= wanted]
        if found:
            words = f"A timetable that leaves at most {100 * SLACK:g} % more hours short than the final one"
            count = f"{of(len(soon), len(found))} weeks of {_span_words(least, most)}"
            lines.append(f"- {words}: within {wanted:g} s on {count}.")
    return lines


def _exponent_of(row: Row) -> str:
    return exponent_text(number(row, "exponent"), number(row, "error"))


def _scaling(tables: Tables) -> Lines:
    rows = tables["scaling"]
    head = ["patients", "weeks", "proven 1, 2", *(measure.words for measure in MEASURES)]
    head += ["hours short, first", "hours short, final", "gap"]
    body = []
    for size, found in ((size, [row for row in rows if row["patients"] == size]) for size in sizes_of(rows)):
        leading = of(sum(row["leading_proven"] == "yes" for row in found), len(found))
        medians = [_reached(found, measure.column) for measure in MEASURES]
        hours = [figure(median(found, column)) for column in ("first_hours_short", "final_hours_short")]
        body.append([size, str(len(found)), leading, *medians, *hours, percent(median(found, "gap"))])
    return [
        "Medians over the weeks of a size; where not all came to it, in brackets how many did.",
        "",
        *table(head, body),
        *_exponents(tables["exponents"]),
    ]


def _reached(rows: Rows, column: str) -> str:
    found = numbers(rows, column)
    text = figure(median(rows, column))
    return text if len(found) == len(rows) else f"{text} ({of(len(found), len(rows))})"


def _exponents(rows: Rows) -> Lines:
    if not rows:
        return []
    head = ["measure", "family", "sizes", "exponent", "at 100 patients", "runs", "left out: never came to it"]
    body = [
        [
            row["words"],
            "all families" if row["family"] == ALL else row["family"],
            row["sizes"],
            _exponent_of(row),
            figure(number(row, "at_100"), 2),
            row["points"],
            row["left_out"],
        ]
        for row in rows
        if row["family"] == ALL or row["sizes"] == ALL_SIZES
    ]
    about = prose(
        "Growth is fitted as a power of the number of patients, by least squares on the logarithms, each family at a",
        "level of its own; ± is the standard error. Runs that never came to it are left out, which flatters the",
        "exponent.",
    )
    return [*about, *table(head, body)]


# -------------------------------------------------------------------------------------------------------------- phases


def _phases_short(tables: Tables) -> Lines:
    found = around_together(tables["phases"])
    size = sizes_of(found)[-1]
    largest = [row for row in found if row["patients"] == size]
    return [
        f"- At {size} patients everything around the search takes {figure(median(largest, 'seconds'))} s together "
        f"(growth: {_growth_words(found)}).",
    ]


def _growth_words(rows: Rows) -> str:
    growth = growth_of(rows, "seconds")
    if growth is None:
        return "one size only"
    words = "linear or slower" if growth.exponent <= LINEAR else "faster than linear"
    return f"exponent {exponent_text(growth.exponent, growth.error)}, {words}"


def _phases(tables: Tables) -> Lines:
    rows = tables["phases"]
    sizes = sizes_of(rows)
    lines = prose(
        "Median seconds of whole runs, from the command to the written workbook. *process*: Python's own start,",
        "imports, end. What is within the search is counted in its tiers already.",
    )
    for kind, words in KINDS.items():
        mine = by([row for row in rows if row["kind"] == kind], "phase")
        if kind == "around" and mine:
            mine = {name: mine[name] for name in AROUND if name in mine} | {TOGETHER: around_together(rows)}
        if mine:
            body = [[phase, *_by_size(found, sizes), _growth_words(found)] for phase, found in mine.items()]
            lines += [f"{words.capitalize()}:", "", *table(["phase", *sizes, "growth"], body)]
    return lines


def _by_size(rows: Rows, sizes: Sequence[str]) -> Lines:
    found = by(rows, "patients")
    return [figure(median(found.get(size, ()), "seconds"), 2) for size in sizes]


# ------------------------------------------------------------------------------------------------------- other sections


def _outside_short(tables: Tables) -> Lines:
    return [
        f"- {row['week']}, {row['what']}: {plain(number(row, 'value'))}, {row['verdict']}." for row in tables["outside"]
    ]


def _outside(tables: Tables) -> Lines:
    head = ["week", "people", "counted", "ours", "our bound", "published", "best known", "bound known", "verdict"]
    head += ["seconds to ours", "source"]
    values = ("value", "bound", "published", "best_known", "bound_known")
    body = [
        [
            row["week"],
            row["people"],
            row["what"],
            *(plain(number(row, column)) for column in values),
            row["verdict"],
            figure(number(row, "value_seconds")),
            row["source"],
        ]
        for row in tables["outside"]
    ]
    about = "Weeks that nobody of this project made: real choices of real people, without names. Published: the best of"
    return [
        about,
        "programs by others; best known: by anybody, with the bound that goes with it.",
        "",
        *table(head, body),
    ]


def _reproducible_short(tables: Tables) -> Lines:
    ratios = numbers(tables["reproducible"], "ratio")
    if not ratios:
        return []
    within = of(sum(ratio <= COSTS for ratio in ratios), len(ratios))
    took = f"{figure(statistics.median(ratios))} times as long to the same gap (median)"
    return [f"- `--reproducible` takes {took}; at most {COSTS:g} times in {within} tiers of weeks."]


def _reproducible(tables: Tables) -> Lines:
    rows = tables["reproducible"]
    head = ["tier", "patients", "weeks", "gap to reach", "by the clock, s", "reproducible, s", "ratio", "largest ratio"]
    head += ["gap by the clock", "gap, reproducible"]
    body = []
    for tier, found in by(rows, "tier").items():
        for size in sizes_of(found):
            mine = [row for row in found if row["patients"] == size]
            most = max(numbers(mine, "ratio"), default=None)
            seconds = [figure(median(mine, f"seconds_{mode}"), 2) for mode in ("clock", "steps")]
            gaps = [percent(median(mine, f"gap_{mode}")) for mode in ("clock", "steps")]
            ratios = [figure(median(mine, "ratio"), 2), figure(most, 2)]
            body.append([tier, size, str(len(mine)), percent(median(mine, "gap")), *seconds, *ratios, *gaps])
    about = prose(
        "The same weeks and the same limit, once in seconds of the clock and once in the solver's counted steps.",
        "Medians. The gap to reach is the wider of the two that the runs end with, so that both come to it.",
    )
    return [*about, *table(head, body)]


def _warm_short(tables: Tables) -> Lines:
    return [_warm_line(kind, rows) for kind, rows in by(tables["warm"], "start").items()]


def _warm_line(kind: str, rows: Rows) -> str:
    begin, came = f"- Started from {_start_words(kind)}:", numbers(rows, "times_faster")
    if not came:
        return f"{begin} what a run from nothing ends with was not reached in time (on {of(0, len(rows))} weeks)."
    return (
        f"{begin} {figure(median(rows, 'times_faster'))} times as fast to what a run from nothing ends with (median of "
        f"{of(len(came), len(rows))} weeks that came to it)."
    )


def _start_words(kind: str) -> str:
    return {"edited": "an edited timetable", "last week": "last week's timetable"}.get(kind, kind)


def _warm(tables: Tables) -> Lines:
    head = ["start", "patients", "weeks", "from nothing, s", "from the start, s", "times faster", "came to it"]
    head += ["first timetable from nothing, s", "from the start, s", "whole from nothing", "whole from the start"]
    body = []
    for kind, found in by(tables["warm"], "start").items():
        for size in sizes_of(found):
            mine = [row for row in found if row["patients"] == size]
            seconds = [figure(median(mine, f"seconds_{side}"), 2) for side in ("cold", "warm")]
            firsts = [figure(median(mine, f"first_{side}"), 2) for side in ("cold", "warm")]
            wholes = [figure(median(mine, f"whole_{side}")) for side in ("cold", "warm")]
            came = of(len(numbers(mine, "seconds_warm")), len(mine))
            faster = figure(median(mine, "times_faster"))
            body.append([_start_words(kind), size, str(len(mine)), *seconds, faster, came, *firsts, *wholes])
    about = prose(
        "Seconds until the whole is as good as a run from nothing ends with. Last week's timetable is that of the same",
        "week before its newest patients came; the edited one is this week's own, with some people taken out and some",
        "sessions closed by hand. Medians.",
    )
    return [*about, *table(head, body)]


# --------------------------------------------------------------------------------------------------------------- bounds


def _bounds_short(tables: Tables) -> Lines:
    slowest = max(numbers(tables["bounds"], "seconds"))
    found = len(tables["bounds"])
    return [f"- Bounds from one linear program of all tiers: on {found} weeks, in at most {figure(slowest, 0)} s each."]


def _bounds(tables: Tables) -> Lines:
    head = ["week", "variables", "rows", "seconds", "its bound", "patient by patient", "seconds more"]
    body = [
        [
            row["case"],
            row["variables"],
            row["rows"],
            figure(number(row, "seconds")),
            row["bound"],
            plain(number(row, "patientwise")),
            figure(number(row, "patientwise_seconds")),
            *_held_against(tables, row),
        ]
        for row in tables["bounds"]
    ]
    about = prose(
        "The linear relaxation of the same model with all tiers in one sum, solved to its end with as much time as it",
        "takes, its duals made into an exact bound, and that raised patient by patient",
        "([how](model.md#bounds-from-the-relaxation)). It holds for every timetable and counts in all gaps of the",
        "comparison above. It does not see all that whole numbers forbid, so part of a gap that stays is the bound's.",
    )
    return [*about, *table([*head, *HELD_AGAINST], body)]


def _held_against(tables: Tables, row: Row) -> list[str]:
    """What our engine came to on the week of a bound, and the best that is known of it from any source."""
    ours: Row = next((one for one in tables["compare"] if one["peer"] == OURS and one["case"] == row["case"]), {})
    return [*(plain(number(ours, column)) for column in ("bound", "whole")), percent(number(ours, "gap"))]


def _branched_short(tables: Tables) -> Lines:
    cases = {row["case"] for row in tables["branched"]}
    ours = [row for row in tables["compare"] if row["peer"] == OURS and row["case"] in cases]
    gaps = numbers(ours, "gap")
    if not gaps:
        return []
    within = of(sum(gap <= NEAR for gap in gaps), len(gaps))
    return [
        f"- Against what branch and cut proves with more time: a gap of {percent(statistics.median(gaps))} in the "
        f"whole (median); at most {100 * NEAR:g} % on {within} weeks."
    ]


def _branched(tables: Tables) -> Lines:
    before = {row["case"]: max(numbers_in(row, "bound", "patientwise")) for row in tables["bounds"]}
    body = [
        [
            row["case"],
            plain(before.get(row["case"])),
            plain(number(row, "bound")),
            figure(number(row, "seconds"), 0),
            figure(number(row, "limit"), 0),
            row["nodes"],
            *_held_against(tables, row),
        ]
        for row in tables["branched"]
    ]
    head = ["week", "linear, patient by patient", "branch and cut", "seconds", "limit", "nodes"]
    about = prose(
        "The same model with all tiers in one sum, given to SCIP on one core until its limit, or less where it proved",
        "what is best before. Where its bound closes the gap, the bound was weak; where a gap stays, so may the",
        "timetable be.",
    )
    return [*about, *table([*head, *HELD_AGAINST], body)]


# ----------------------------------------------------------------------------------------------------------------- hour


HOUR_VALUES = ("value", *ON_THE_WAY, "hour_value")
"""The whole after the usual time, on the way to an hour, and after it."""


def _hour_wholes(tables: Tables) -> list[tuple[Row, float]]:
    """The rows of the whole, each with the best bound known of its week."""
    compared = {row["case"]: number(row, "bound") or 0.0 for row in tables["compare"] if row["peer"] == OURS}
    known = bounds_known(tables)
    wholes = [row for row in tables["hour"] if row["tier"] == WHOLE]
    return [(row, max(known[row["case"]], compared.get(row["case"], 0.0))) for row in wholes]


def _hour_gap(row: Row, column: str, bound: float) -> float | None:
    value = number(row, column)
    return None if value is None else gap_of(value, bound)


def _hour_short(tables: Tables) -> Lines:
    found = _hour_wholes(tables)
    usual, long = (
        [gap for row, bound in found if (gap := _hour_gap(row, column, bound)) is not None]
        for column in ("value", "hour_value")
    )
    medians = [percent(statistics.median(gaps)) for gaps in (long, usual)]
    return [
        f"- After an hour of the search the whole is within {medians[0]} of the best bound known, after the usual time "
        f"of that run within {medians[1]} (medians of weeks where the gap stays open); after an hour within "
        f"{percent(max(long))} on each."
    ]


def _hour(tables: Tables) -> Lines:
    after = ["after the usual time", "after a twelfth of the long one", "after a quarter", "after all of it"]
    wholes = [
        [
            row["case"],
            plain(bound),
            *(plain(number(row, column)) for column in HOUR_VALUES),
            *(percent(_hour_gap(row, column, bound)) for column in HOUR_VALUES),
        ]
        for row, bound in _hour_wholes(tables)
    ]
    tiers = [
        [
            row["case"],
            row["tier"],
            *(plain(number(row, column)) for column in ("value", "bound", "hour_value", "hour_bound")),
            *(percent(number(row, column)) for column in ("gap", "gap_to_hour_bound", "gap_to_hour_value")),
        ]
        for row in tables["hour"]
        if row["tier"] != WHOLE
    ]
    about = prose(
        "The same week with the usual time and with sixty times as much, several weeks side by side where the load of",
        "the machine says so. Where the gap to the best bound known from any source closes with time, the timetable of",
        "the usual time was weak; where it stays, the bound may be.",
    )
    between = prose(
        "Tier by tier. A tier's bound holds for timetables as good in the better tiers; it is left at 0 where the two",
        "runs differ there, and where the time was too short for one.",
    )
    gaps = [f"gap {one}" for one in after]
    head = ["week", "tier", "value", "bound", "value after an hour", "bound after an hour"]
    head += ["gap", "to the hour's bound", "to the hour's timetable"]
    return [
        *about,
        *table(["week", "best bound known", *after, *gaps], wholes),
        *between,
        *table(head, tiers),
    ]


# ----------------------------------------------------------------------------------------------------------------- page

SECTIONS = (
    Section("Against its peers", "compare", _compare_short, _compare, speed_plots.COMPARE),
    Section("As patients double", "scaling", _scaling_short, _scaling, speed_plots.SCALING),
    Section("Where the seconds go", "phases", _phases_short, _phases, speed_plots.PHASES),
    Section("What no timetable beats", "bounds", _bounds_short, _bounds),
    Section("What branch and cut proves", "branched", _branched_short, _branched),
    Section("What an hour of the search adds", "hour", _hour_short, _hour),
    Section("Weeks from outside", "outside", _outside_short, _outside),
    Section("What being reproducible costs", "reproducible", _reproducible_short, _reproducible),
    Section("Starting from a timetable", "warm", _warm_short, _warm, speed_plots.WARM),
)


def measured(tables: Tables) -> list[Section]:
    """The sections whose file has rows."""
    return [section for section in SECTIONS if tables[section.needs]]


def page(folder: Path, pictures: str = "images") -> str:
    """The whole page; ``pictures`` is where the pictures lie, as seen from it."""
    tables = tables_of(folder)
    sections = measured(tables)
    lines = [*_head(tables), *(line for section in sections for line in section.short(tables)), ""]
    for section in sections:
        lines += [f"## {section.title}", "", *section.text(tables)]
        for picture in section.pictures:
            lines += [f"![{picture.words}]({pictures}/{picture.name})", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(tables: Tables) -> Lines:
    return [
        "# Speed",
        "",
        *prose(
            "This page and its pictures are written by `python -m benchmarks.speed_report` from CSV files alone; no",
            "figure here is typed by hand. How each file is measured stands at the head of the script of the same name",
            "in `benchmarks/`. All weeks are synthetic unless it says otherwise.",
        ),
        *_machines(tables["machine"]),
        *_seeds(tables),
    ]


def _machines(rows: Rows) -> Lines:
    lines = []
    quick = [row["part"] for row in rows if row["mode"] != "full"]
    if quick:
        lines += [f"**{', '.join(quick)}: a quick run, to try the machinery: tiny weeks, little time.**", ""]
    described = grouped(
        rows,
        lambda row: (
            f"{row['processor']}, {row['cores']} cores, {row['memory_gb']} GB, {row['system']}, "
            f"Python {row['python']}, OR-Tools {row['ortools']}"
        ),
    )
    for machine, found in described.items():
        parts = ", ".join(map(_measured, found))
        lines += [f"Measured on {machine}: {parts}.", ""]
    return lines


def _measured(row: Row) -> str:
    engine = f"engine of commit {row['engine']}" if row["engine"] else "no commit known"
    return f"{row['part']} ({float(row['limit']):g} s a solve, load {row['load']}, {engine})"


def _seeds(tables: Tables) -> Lines:
    """Which seeds are reported, and that none of them was used for tuning: looked up, not claimed."""
    used = sorted({int(row["seed"]) for rows in tables.values() for row in rows if row.get("seed")})
    if not used:
        return []
    mixed = [seed for seed in used if seed in TUNING_SEEDS]
    reported, tuning = (", ".join(map(str, seeds)) for seeds in (used, TUNING_SEEDS))
    if mixed:
        flawed = ", ".join(map(str, mixed))
        return prose(f"**Seeds {flawed} were used for tuning: figures from them flatter the engine.**")
    return prose(f"Reported are the seeds {reported}. Tuning used others ({tuning}), of which no figure stands here.")


@click.command()
@click.option("--results", type=click.Path(path_type=Path, exists=True), default=INTO, help="Folder of the CSV files.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=PAGE, help="The page.")
@click.option("--pictures", type=click.Path(path_type=Path), default=PICTURES, help="Folder for the pictures.")
@click.option("--no-pictures", is_flag=True, help="Leave the pictures as they are.")
def main(results: Path, output: Path, pictures: Path, no_pictures: bool) -> None:
    """Write the page and its pictures."""
    tables = tables_of(results)
    if not no_pictures:
        drawn = [picture for section in measured(tables) for picture in section.pictures]
        speed_plots.draw(drawn, tables, pictures)
    where = Path("images") if pictures == PICTURES else pictures.resolve()
    output.write_text(page(results, where.as_posix()), "utf-8")
    click.echo(f"wrote {output}")


if __name__ == "__main__":
    main()
