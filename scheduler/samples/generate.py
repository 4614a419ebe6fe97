"""Made-up weeks of any size from a seed: the sheets of a workbook as rows, in the documented spelling.

All people are synthetic. The same seed and settings give the same rows. One function a sheet; the hidden timetable
that they all agree with is laid in `scheduler.samples.plan`.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import Field

from scheduler.domain.clock import Day, clock_text
from scheduler.domain.types import Count, Frozen
from scheduler.domain.week import Block
from scheduler.samples.book import Sheets, write_book
from scheduler.samples.menu import TAG_SHARES, Offer, Stream, menu_for
from scheduler.samples.names import invented_names
from scheduler.samples.people import TEEN, draw_availability, times_of
from scheduler.samples.plan import USUAL_VISITS, Person, Plan, PlannedSession, lay, may_attend

Row = dict[str, Any]

SMALLEST_STREAM = 4
"""Fewer online patients or adolescents than this and the clinic has none: they could not form a group."""


class SampleSettings(Frozen):
    """What a made-up week is like.

    ``tightness``: the sessions that the hidden timetable needs over the sessions that therapists may lead; 0.6 is
    roomy, 0.9 tight, and from above 1 on not everybody can be served. ``evening_share``: adults who come in the
    evenings. ``telehealth_share`` and ``adolescent_share``: of all patients. ``specialised``: how often a group for
    some people only (women, veterans, ...) forms where it could; from 0.5 on the menu has more of them.
    ``apart_pairs``, ``together_pairs``, ``pins``: how many (None: by the size of the clinic). ``previous``: with last
    week's seats.
    """

    tightness: float = Field(default=0.83, gt=0)
    evening_share: float = Field(default=0.45, ge=0, le=1)
    telehealth_share: float = Field(default=0.12, ge=0, le=1)
    adolescent_share: float = Field(default=0.1, ge=0, le=1)
    specialised: float = Field(default=0.3, ge=0, le=1)
    apart_pairs: Count | None = None
    together_pairs: Count | None = None
    previous: bool = False
    pins: Count | None = None


def generate_sample(patients: int, seed: int, **knobs: Any) -> Sheets:
    """The sheets of a made-up week.

    Args:
        patients: how many, 1 or more.
        seed: the same seed gives the same week.
        **knobs: fields of `SampleSettings`.

    Raises:
        ValueError: if there are no patients, or a knob is unknown or out of range.
    """
    return sample_with_plan(patients, seed, **knobs)[0]


def write_sample(target: Path, patients: int, seed: int, **knobs: Any) -> None:
    """Write a made-up week as a workbook; the same arguments give the same bytes.

    Raises:
        ValueError: see `generate_sample`.
        OSError: if the file cannot be written.
    """
    about = f"{patients} synthetic patients, made up from seed {seed}."
    write_book(generate_sample(patients, seed, **knobs), target, [about])


def sample_with_plan(patients: int, seed: int, **knobs: Any) -> tuple[Sheets, Plan]:
    """The sheets of a made-up week with the timetable hidden behind them.

    Raises:
        ValueError: see `generate_sample`.
    """
    if patients < 1:
        raise ValueError(f"a sample needs at least one patient, not {patients}")
    settings = SampleSettings.model_validate(knobs)
    rng = random.Random(seed)
    people = _people(rng, patients, settings)
    plan = lay(rng, people, _blocks(people), menu_for(patients, settings.specialised), settings.specialised)
    return sheets_around(rng, plan, settings), plan


def sheets_around(rng: random.Random, plan: Plan, settings: SampleSettings, usual_visits: int = USUAL_VISITS) -> Sheets:
    """The sheets of a week that its hidden timetable fits.

    Whoever comes ``usual_visits`` times a week (adolescents: any number) takes the level's limits, others state theirs.
    """
    patients = len(plan.people)
    names = _leader_names(rng, plan)
    sheets = {
        "Patients": _patient_rows(rng, plan, usual_visits),
        "Therapists": _therapist_rows(rng, plan, names, settings.tightness),
        "Groups": _group_rows(rng, plan),
        "Rooms": _room_rows(plan),
        "Blocks": _block_rows(plan),
        "Apart": _apart_rows(rng, plan, _number(settings.apart_pairs, patients // 15)),
        "Together": _together_rows(rng, plan, _number(settings.together_pairs, patients // 20)),
        "Pins": _pin_rows(rng, plan, _number(settings.pins, patients // 15)),
    }
    if settings.previous:
        sheets["Previous"] = _previous_rows(rng, plan)
    return sheets


def _number(asked: int | None, usual: int) -> int:
    return usual if asked is None else asked


# -------------------------------------------------------------------------------------------------------------- people


def _people(rng: random.Random, patients: int, settings: SampleSettings) -> list[Person]:
    names = invented_names(rng, patients)
    streams = _streams(rng, patients, settings)
    digits = max(3, len(str(patients)))
    return [
        _person(rng, f"P{i + 1:0{digits}d}", name, stream, settings)
        for i, (name, stream) in enumerate(zip(names, streams, strict=True))
    ]


def _streams(rng: random.Random, patients: int, settings: SampleSettings) -> list[Stream]:
    online, teens = (
        min(patients, round(patients * share)) for share in (settings.telehealth_share, settings.adolescent_share)
    )
    online = online if online >= SMALLEST_STREAM else 0
    teens = min(teens, patients - online) if teens >= SMALLEST_STREAM else 0
    streams: list[Stream] = ["online"] * online
    streams += ["teen"] * teens
    streams += ["adult"] * (patients - len(streams))
    rng.shuffle(streams)
    return streams


def _person(rng: random.Random, one: str, name: str, stream: Stream, settings: SampleSettings) -> Person:
    if stream == "teen":
        return Person(one, name, stream, (), rng.choice(TEEN), visits=rng.choice((2, 2, 2, 3)))
    evenings = 0.85 if stream == "online" else settings.evening_share
    availability = draw_availability(rng, evenings)
    tags = ["women" if rng.random() < 0.5 else "men", *(t for t, share in TAG_SHARES.items() if rng.random() < share)]
    visits = rng.choices((3, 4, 2), (86, 9, 5))[0]
    on_site = "either" if rng.random() < 0.08 else "in person"
    return Person(one, name, stream, tuple(tags), availability, visits, "telehealth" if stream == "online" else on_site)


_GRID = (("AM", 9), ("PM", 13), ("EVE", 18))


def _blocks(people: list[Person]) -> tuple[Block, ...]:
    """The usual grid, with after-school blocks when there are adolescents."""
    made = [_block(day, part, hour) for day in Day for part, hour in _GRID if day < Day.SAT or part != "EVE"]
    if any(person.stream == "teen" for person in people):
        made += [_block(day, "AFT", 16) for day in Day if day <= Day.THU]
    return tuple(sorted(made, key=lambda block: (block.start, block.end)))


def _block(day: Day, part: str, hour: int) -> Block:
    return Block(id=f"{day.short}-{part}", start=day.start + hour * 60, end=day.start + (hour + 3) * 60)


def _patient_rows(rng: random.Random, plan: Plan, usual_visits: int) -> list[Row]:
    seats = plan.of_patient()
    return [_patient_row(rng, plan, person, seats[person.id], usual_visits) for person in plan.people]


def _patient_row(
    rng: random.Random, plan: Plan, person: Person, attended: list[PlannedSession], usual_visits: int
) -> Row:
    open_to_all = [offer for offer in plan.menu if may_attend(person, offer) and not offer.tag]
    strange = [offer for offer in open_to_all if offer not in [session.offer for session in attended]]
    visits = len(attended)
    adult = person.stream != "teen"
    stepped = adult and visits != usual_visits
    primary = rng.choice(attended).therapists[0] if attended and rng.random() < 0.6 else ""
    return {
        "Patient": person.id,
        "Name": person.name,
        "Level": "" if adult and rng.random() < 0.5 else "adult" if adult else "adolescent",
        "Tags": "; ".join(person.tags),
        "Availability": person.availability,
        "Unavailable": _unavailable(rng, person, attended),
        "Min hours": sum(s.block.minutes for s in attended) // 60 if stepped else "",
        "Max hours": "",
        "Min blocks": visits if stepped else "",
        "Max blocks": visits if stepped else "",
        "Required groups": _required(rng, attended),
        "Preferred groups": _some(rng, 0.35, [*attended[:1], *attended[-1:]], lambda s: s.offer.name, 2),
        "Avoid groups": _some(rng, 0.15, strange, lambda o: o.name, 1),
        "Preferred times": _preferred_times(rng, attended),
        "Primary therapist": primary,
        "Modality": "" if person.modality == "in person" else person.modality,
        "Priority": rng.choices((3, 1, 2, 4, 5), (70, 4, 10, 11, 5))[0],
    }


def _unavailable(rng: random.Random, person: Person, attended: list[PlannedSession]) -> str:
    """Now and then a day on which they have something else to do."""
    days = [day for day in Day if day not in {s.block.day for s in attended} and person.free & times_of(day.short)]
    return rng.choice(days).short if days and rng.random() < 0.08 else ""


def _required(rng: random.Random, attended: list[PlannedSession]) -> str:
    """One or two of the groups that the hidden timetable gives them."""
    times: dict[str, int] = {}
    for session in attended:
        times[session.offer.name] = times.get(session.offer.name, 0) + 1
    chosen = rng.sample(sorted(times), min(len(times), rng.choice((1, 2, 2))))
    return "; ".join(f"{name} x2" if times[name] >= 2 and rng.random() < 0.6 else name for name in chosen)


def _some(rng: random.Random, chance: float, found: list[Any], name: Callable[[Any], str], most: int) -> str:
    names = sorted({name(one) for one in found})
    if not names or rng.random() >= chance:
        return ""
    return "; ".join(rng.sample(names, min(len(names), rng.randint(1, most))))


def _preferred_times(rng: random.Random, attended: list[PlannedSession]) -> str:
    if not attended or rng.random() >= 0.3:
        return ""
    days = "/".join(sorted({s.block.day.short for s in attended}, key=lambda d: Day[d.upper()]))
    return rng.choice((days, attended[0].block.text))


# ---------------------------------------------------------------------------------------------------------- therapists


def _leader_names(rng: random.Random, plan: Plan) -> dict[str, str]:
    names = invented_names(rng, len(plan.leaders))
    titles = [rng.choice(("LCSW", "LPC", "LMFT", "PhD", "LADC")) for _ in names]
    return {leader.id: f"{name}, {title}" for leader, name, title in zip(plan.leaders, names, titles, strict=True)}


def _therapist_rows(rng: random.Random, plan: Plan, names: dict[str, str], tightness: float) -> list[Row]:
    work = plan.of_leader()
    limits = _limits(rng, {leader: len(led) for leader, led in work.items()}, tightness)
    rows = []
    for leader in plan.leaders:
        led = work[leader.id]
        offers = {session.offer.name for session in led}
        others = [offer.name for offer in plan.menu if offer.name not in offers]
        more = rng.sample(others, min(len(others), rng.randint(2, 5)))
        everything = rng.random() < 0.06
        rows.append(
            {
                "Therapist": leader.id,
                "Name": names[leader.id],
                "Availability": leader.shift,
                "Unavailable": _day_off(rng, leader.shift, led),
                "Groups": "*" if everything else "; ".join(sorted([*offers, *more])),
                "Max blocks": limits[leader.id],
                "Max blocks per day": rng.choice((2, 2, 2, "")),
                "Min blocks": rng.choice(("", "", 1)) if limits[leader.id] else _without(rng),
                "Modality": _leader_modality(rng, led),
            }
        )
    _leave_no_group_without_leader(rng, plan, rows)
    return rows


def _leave_no_group_without_leader(rng: random.Random, plan: Plan, rows: list[Row]) -> None:
    led = {name for row in rows for name in row["Groups"].split("; ")}
    for offer in plan.menu:
        if offer.name not in led and "*" not in led:
            row = rng.choice([row for row in rows if row["Modality"] != "telehealth"] or rows)
            row["Groups"] += f"; {offer.name}"


def _without(rng: random.Random) -> str:
    """No minimum for who leads nothing; a draw all the same, so that the rest of the week is as it was."""
    rng.choice(("", "", 1))
    return ""


def _limits(rng: random.Random, load: dict[str, int], tightness: float) -> dict[str, int]:
    """How many sessions each may lead, so that all together lead ``sum(load) / tightness``."""
    limits = dict(load)
    room = round(sum(load.values()) / tightness) - sum(load.values())
    order = sorted(limits)
    rng.shuffle(order)
    while room > 0:
        for leader in order[:room]:
            limits[leader] += 1
        room -= len(order[:room])
    while room < 0 and any(limit > 0 for limit in limits.values()):
        for leader in [one for one in order if limits[one] > 0][:-room]:
            limits[leader] -= 1
            room += 1
    return limits


def _day_off(rng: random.Random, shift: str, led: list[PlannedSession]) -> str:
    days = [day for day in Day if day not in {s.block.day for s in led} and times_of(shift) & times_of(day.short)]
    return rng.choice(days).short if days and rng.random() < 0.15 else ""


def _leader_modality(rng: random.Random, led: list[PlannedSession]) -> str:
    online = {session.offer.stream == "online" for session in led}
    if online == {True}:
        return rng.choice(("telehealth", "either"))
    return rng.choice(("in person", "either", "")) if online == {False} else rng.choice(("either", ""))


# ------------------------------------------------------------------------------------------------------ groups, rooms


def _group_rows(rng: random.Random, plan: Plan) -> list[Row]:
    return [_group_row(rng, plan, offer) for offer in plan.menu]


def _group_row(rng: random.Random, plan: Plan, offer: Offer) -> Row:
    sessions = [session for session in plan.sessions if session.offer == offer]
    smallest = min([plan.smallest, *(len(session.patients) for session in sessions)])
    return {
        "Group": offer.id,
        "Name": offer.name,
        "Min size": smallest,
        "Max size": offer.max_size,
        "Open to": "" if offer.open_to == "adult" and rng.random() < 0.3 else offer.open_to,
        "Kind": offer.kind,
        "Facilitators": offer.facilitators,
        "Modality": "telehealth" if offer.stream == "online" else "in person",
        "Room features": offer.features,
        "Min sessions": 1 if sessions and offer.id in ("PRO", "REL", "TPR", "APR") else "",
        "Max sessions": len(sessions) + 2 if offer.tag or offer.features else "",
        "Times": "Mon-Thu 16:00-19:00" if offer.stream == "teen" else offer.times,
        "Max per patient": offer.per_patient or "",
        "Agenda": offer.agenda,
    }


def _room_rows(plan: Plan) -> list[Row]:
    rows = []
    for i, room in enumerate(plan.rooms):
        extra = ("wheelchair access",) if i % 3 == 0 else ("projector",) if i % 3 == 1 else ()
        days = {session.block.day for session in plan.sessions if session.room == room.id}
        weekdays_only = i % 4 == 3 and not days & {Day.SAT, Day.SUN}
        rows.append(
            {
                "Room": room.id,
                "Name": f"Room {i + 1}",
                "Capacity": room.capacity,
                "Availability": "weekdays" if weekdays_only else "",
                "Features": "; ".join((*room.features, *extra)),
            }
        )
    return rows


def _block_rows(plan: Plan) -> list[Row]:
    return [
        {
            "Block": block.id,
            "Day": block.day.short,
            "Start": clock_text(block.time_of_day),
            "End": clock_text(block.time_of_day + block.minutes),
        }
        for block in plan.blocks
    ]


# --------------------------------------------------------------------------------------------- pairs, pins, last week


def _apart_rows(rng: random.Random, plan: Plan, count: int) -> list[Row]:
    """Pairs who do not meet in the hidden timetable; one in four is a patient and a therapist."""
    seats = {one: {s.id for s in sessions} for one, sessions in plan.of_patient().items()}
    led = {one: {s.id for s in sessions} for one, sessions in plan.of_leader().items()}
    rows: dict[tuple[str, str], Row] = {}
    for attempt in range(count * 20):
        if len(rows) >= count:
            break
        one = rng.choice(plan.people).id
        with_leader = attempt % 4 == 3
        other = rng.choice(plan.leaders).id if with_leader else rng.choice(plan.people).id
        if one == other or (other, one) in rows or seats[one] & (led if with_leader else seats)[other]:
            continue
        note = rng.choice(("same household", "ex-partners", "coworkers", ""))
        rows[one, other] = {"Patient": one, "With": other, "Note": "patient's wish" if with_leader else note}
    return list(rows.values())


def _together_rows(rng: random.Random, plan: Plan, count: int) -> list[Row]:
    """Pairs who share a session of the hidden timetable."""
    pairs: dict[tuple[str, str], Row] = {}
    shared = [session for session in plan.sessions if len(session.patients) >= 2]
    for _ in range(count * 20):
        if len(pairs) >= count or not shared:
            break
        one, other = rng.sample(rng.choice(shared).patients, 2)
        if (other, one) not in pairs:
            pairs[one, other] = {"Patient": one, "With": other, "Note": rng.choice(("sisters", "share a ride", ""))}
    return list(pairs.values())


def _pin_rows(rng: random.Random, plan: Plan, count: int) -> list[Row]:
    """Seats and sessions of the hidden timetable, some with every cell filled, some with few."""
    rows: dict[tuple[str, str], Row] = {}
    for number in range(count * 5):
        if len(rows) >= count:
            break
        session = rng.choice(plan.sessions)
        patient = "" if number % 6 == 5 else rng.choice(session.patients)
        filled = (1, 2, 2, 3, 1, 2, 2, 4)[number % 8] if patient else rng.choice((2, 3))
        cells = (session.block.id, session.offer.id, session.therapists[0], session.room)
        kept = [cell if i < filled else "" for i, cell in enumerate(cells)]
        rows[patient or session.id, session.block.id] = {
            "Patient": patient,
            "Block": kept[0],
            "Group": kept[1],
            "Therapist": kept[2],
            "Room": kept[3],
            "Note": "" if patient else "guest speaker",
        }
    return list(rows.values())


def _previous_rows(rng: random.Random, plan: Plan) -> list[Row]:
    """Last week: most seats of the hidden timetable, without this week's admissions, with some people elsewhere.

    Who has been discharged since stands in it too.
    """
    new = {person.id for person in plan.people if rng.random() < 0.12}
    seats = [(patient, session) for session in plan.sessions for patient in session.patients if patient not in new]
    rows = [_seat(patient, _last_week(rng, plan, session)) for patient, session in seats if rng.random() < 0.95]
    gone = [_seat(f"X{number + 1:03d}", rng.choice(plan.sessions)) for number in range(len(plan.people) // 20)]
    return sorted(rows + gone, key=lambda row: (row["Patient"], row["Session"]))


def _last_week(rng: random.Random, plan: Plan, session: PlannedSession) -> PlannedSession:
    """Where somebody sat last week who sits in this session now: one in eight in another of the same day."""
    same_day = [s for s in plan.sessions if s.block.day is session.block.day and s.offer.stream == session.offer.stream]
    return rng.choice(same_day) if rng.random() < 0.125 else session


def _seat(patient: str, session: PlannedSession) -> Row:
    block = session.block
    return {
        "Patient": patient,
        "Session": session.id,
        "Block": block.id,
        "Day": block.day.short,
        "Start": clock_text(block.time_of_day),
        "End": clock_text(block.time_of_day + block.minutes),
        "Group": session.offer.id,
        "Therapist": session.therapists[0],
        "Room": session.room,
        "Hours": block.minutes // 60,
    }
