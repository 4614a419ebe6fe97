"""The exact optimum of the first two tiers of a tiny week, by looking at every timetable that could matter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from outside.checker import Judge, Session, groups_missed, hours_short
from outside.language import covers
from outside.week import Block, Group, Patient, Week

Cost = tuple[float, float]
Offer = tuple[int, str]  # (index of the block, group): one session of the group in the block
WORST: Cost = (float("inf"), float("inf"))


@dataclass(frozen=True)
class Staffed:
    """A session before anybody sits in it."""

    block: int
    group: str
    leaders: tuple[str, ...]
    room: str
    low: int
    high: int


class _Search:
    def __init__(self, week: Week):
        self.week = week
        self.patients = [week.patients[p] for p in sorted(week.patients)]
        self.best: Cost = WORST
        self.found: list[Session] | None = None
        self.choices = [self._own_choices(p) for p in self.patients]

    # ---- one patient alone: which (block, group) sets the patient's own rules allow, and what each costs

    def _own_choices(self, patient: Patient) -> list[tuple[Cost, tuple[Offer, ...]]]:
        offers = [
            (i, g.id)
            for i, b in enumerate(self.week.blocks)
            for g in self.week.groups.values()
            if self._may(patient, g, b)
        ]
        most = min(patient.max_blocks, len(self.week.blocks))
        sets = (c for n in range(most + 1) for c in combinations(offers, n))
        kept = [(self._own_cost(patient, c), c) for c in sets if self._own_rules(patient, c)]
        return sorted(kept)

    def _may(self, patient: Patient, group: Group, block: Block) -> bool:
        fits = group.admits(patient) and group.id not in patient.avoid
        fits = fits and patient.modality in ("either", group.modality)
        return fits and all(covers(free, block.start, block.end) for free in (patient.free, group.times))

    def _own_rules(self, patient: Patient, chosen: Sequence[Offer]) -> bool:
        blocks = [self.week.blocks[i] for i, _ in chosen]
        per_day = self.week.profile["max_blocks_per_day"]
        if any(a.overlaps(b) for a, b in combinations(blocks, 2)):
            return False
        if any(n > per_day for n in Counter(b.day for b in blocks).values()):
            return False
        if sum(b.hours for b in blocks) > patient.max_hours:
            return False
        limits = {g.id: g.max_per_patient for g in self.week.groups.values()}
        times = Counter(g for _, g in chosen)
        return all(limits[g] is None or n <= limits[g] for g, n in times.items())  # type: ignore[operator]

    def _own_cost(self, patient: Patient, chosen: Sequence[Offer]) -> Cost:
        short = hours_short(self.week, patient, [self.week.blocks[i] for i, _ in chosen])
        return patient.priority * short, patient.priority * groups_missed(patient, [g for _, g in chosen])

    # ---- which sessions run, cheapest promise first

    def run(self) -> None:
        promises = sorted((self._promise(offered), offered) for offered in self._offered())
        for promise, offered in promises:
            if promise >= self.best:
                break
            seen = set()
            for staffed in self._staffings(offered):
                signature = tuple(sorted((s.block, s.group, self._watched(s), s.low, s.high, s.room) for s in staffed))
                short = signature if self.week.pins else tuple(sorted(x[:5] for x in signature))
                if short not in seen:
                    seen.add(short)
                    self._seat(staffed, promise)

    def _watched(self, s: Staffed) -> tuple[str, ...]:
        kept_from = {t for _, t in self.week.apart_therapist}
        return s.leaders if self.week.pins else tuple(t for t in s.leaders if t in kept_from)

    def _offered(self) -> Iterator[tuple[Offer, ...]]:
        """Every multiset of (block, group) that staff and rooms could carry block by block."""
        per_block = []
        for i, block in enumerate(self.week.blocks):
            ids = [g.id for g in self.week.groups.values() if covers(g.times, block.start, block.end)]
            most = len(self.week.therapists)
            per_block.append([c for n in range(most + 1) for c in _multisets(ids, n) if self._carried(i, c)])
        limits = {g.id: g.max_sessions for g in self.week.groups.values()}
        for picked in product(*per_block):
            offered = tuple((i, g) for i, groups in enumerate(picked) for g in groups)
            runs = Counter(g for _, g in offered)
            if all(limits[g] is None or n <= limits[g] for g, n in runs.items()):  # type: ignore[operator]
                yield offered

    def _carried(self, index: int, groups: Sequence[str]) -> bool:
        return next(self._staffings(tuple((index, g) for g in groups)), None) is not None

    def _promise(self, offered: tuple[Offer, ...]) -> Cost:
        there = set(offered)
        parts = [next(cost for cost, c in own if set(c) <= there) for own in self.choices]
        least_first = sum(p[0] for p in parts)
        second = sum(min(cost[1] for cost, c in own if set(c) <= there) for own in self.choices)
        return least_first, second + self._missed_sessions(offered)

    def _missed_sessions(self, offered: Sequence[Offer]) -> int:
        runs = Counter(g for _, g in offered)
        return sum(max(0, g.min_sessions - runs[g.id]) for g in self.week.groups.values())

    # ---- who leads, and where

    def _staffings(self, offered: tuple[Offer, ...]) -> Iterator[tuple[Staffed, ...]]:
        yield from self._staff(offered, ())

    def _staff(self, left: tuple[Offer, ...], done: tuple[Staffed, ...]) -> Iterator[tuple[Staffed, ...]]:
        if not left:
            yield done
            return
        for option in self._options(*left[0]):
            if self._staff_rules((*done, option)):
                yield from self._staff(left[1:], (*done, option))

    def _options(self, index: int, gid: str) -> list[Staffed]:
        group, block = self.week.groups[gid], self.week.blocks[index]
        able = [
            t.id
            for t in self.week.therapists.values()
            if gid in t.groups and t.modality in ("either", group.modality) and covers(t.free, block.start, block.end)
        ]
        rooms: list[tuple[str, int | None]] = [("", None)]
        if group.modality != "telehealth":
            rooms = [
                (r.id, r.capacity)
                for r in self.week.rooms.values()
                if group.features <= r.features and covers(r.free, block.start, block.end)
            ]
        out = []
        for leaders, (room, capacity) in product(combinations(sorted(able), group.facilitators), rooms):
            limits = [capacity, group.max_size, self.week.profile["group_caps"].get(group.kind), len(self.patients)]
            high = min(n for n in limits if n is not None)
            low = max(1, group.min_size)
            if low <= high:
                out.append(Staffed(index, gid, leaders, room, low, high))
        return out

    def _staff_rules(self, staffed: tuple[Staffed, ...]) -> bool:
        """Whether the newest session leaves every therapist and room within their rules (limits only ever tighten)."""
        new = staffed[-1]
        block = self.week.blocks[new.block]
        for other in staffed[:-1]:
            clash = set(new.leaders) & set(other.leaders) or (new.room and new.room == other.room)
            if clash and block.overlaps(self.week.blocks[other.block]):
                return False
        for name in new.leaders:
            own = [self.week.blocks[s.block] for s in staffed if name in s.leaders]
            therapist = self.week.therapists[name]
            if therapist.max_blocks is not None and len(own) > therapist.max_blocks:
                return False
            if therapist.max_per_day is not None and sum(b.day == block.day for b in own) > therapist.max_per_day:
                return False
            if any(self._tired(block, other) for other in own):
                return False
        return True

    def _tired(self, a: Block, b: Block) -> bool:
        gap = max(a.start, b.start) - min(a.end, b.end)
        return a.day != b.day and gap < (self.week.profile["min_rest_hours"] or 0) * 60

    # ---- who sits where

    def _seat(self, staffed: tuple[Staffed, ...], promise: Cost) -> None:
        kept = {(p, t) for p, t in self.week.apart_therapist}
        plans: list[list[tuple[Cost, tuple[int, ...]]]] = []
        places: dict[Offer, list[int]] = defaultdict(list)
        for n, s in enumerate(staffed):
            places[(s.block, s.group)].append(n)
        for patient, own in zip(self.patients, self.choices, strict=True):
            mine = []
            for cost, chosen in own:
                if all(c in places for c in chosen):
                    mine += [
                        (cost, where)
                        for where in product(*(places[c] for c in chosen))
                        if not any((patient.id, t) in kept for n in where for t in staffed[n].leaders)
                    ]
            plans.append(mine)
        rest: list[Cost] = [(0.0, float(self._missed_sessions([(s.block, s.group) for s in staffed])))]
        for mine in reversed(plans):
            rest.append((rest[-1][0] + min(c[0] for c, _ in mine), rest[-1][1] + min(c[1] for c, _ in mine)))
        rest.reverse()
        self._place(staffed, plans, rest, [[] for _ in staffed], (0.0, 0.0))

    def _place(
        self,
        staffed: tuple[Staffed, ...],
        plans: list[list[tuple[Cost, tuple[int, ...]]]],
        rest: list[Cost],
        seats: list[list[str]],
        spent: Cost,
        at: int = 0,
    ) -> None:
        if _plus(spent, rest[at]) >= self.best:
            return
        left = len(plans) - at
        if any(len(who) + left < s.low for who, s in zip(seats, staffed, strict=True)):
            return
        if at == len(plans):
            self._finish(staffed, seats, _plus(spent, rest[at]))
            return
        name = self.patients[at].id
        foes = {b if a == name else a for a, b in self.week.apart if name in (a, b)}
        for cost, where in plans[at]:
            if all(len(seats[n]) < staffed[n].high and not foes & set(seats[n]) for n in where):
                for n in where:
                    seats[n].append(name)
                self._place(staffed, plans, rest, seats, _plus(spent, cost), at + 1)
                for n in where:
                    seats[n].pop()

    def _finish(self, staffed: tuple[Staffed, ...], seats: list[list[str]], spent: Cost) -> None:
        apart_pairs = sum(not any({a, b} <= set(who) for who in seats) for a, b in self.week.together)
        total = spent[0], spent[1] + apart_pairs
        if total >= self.best:
            return
        sessions = [
            Session(f"s{n}", self.week.blocks[s.block], s.group, s.leaders, s.room, tuple(who))
            for n, (s, who) in enumerate(zip(staffed, seats, strict=True))
        ]
        # The last word on every rule (pins among them) is the judge's.
        if next(Judge(self.week, sessions).breaches(), None) is None:
            self.best, self.found = total, sessions


def _plus(a: Cost, b: Cost) -> Cost:
    return a[0] + b[0], a[1] + b[1]


def _multisets(items: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    if size == 0:
        yield ()
        return
    for n, item in enumerate(items):
        for tail in _multisets(items[n:], size - 1):
            yield (item, *tail)


def optimum(week: Week) -> Cost | None:
    """The best (tier 1, tier 2), tier 1 first; None when no timetable keeps every rule.

    Tier 1 is the priority-weighted hours short; tier 2 the priority-weighted required groups missed, plus
    minimum sessions missed, plus Together broken, each weighing 1.
    """
    search = _Search(week)
    search.run()
    return None if search.found is None else search.best
