"""What stands for a person, a group or a room on the sheets that people read. One object decides it everywhere."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from scheduler.domain.timetable import Session
from scheduler.domain.week import Group, Patient, RequiredGroup, Therapist, Week
from scheduler.reports.report import Names

TELEHEALTH = "telehealth"

_CREDENTIAL = re.compile(r"[A-Z][A-Z\-/. ]{0,9}|(?:Ph|Psy|Ed|M)\.?[DE]\.?d?|[JS]r\.?")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "prof", "rev"})
_WORD = re.compile(r"[^\W_]+")
_LEAST_TELLING = 4


class Labels:
    """The labels of one week under one choice of names.

    Full names that two people share are told apart by their ids; initials that clash are numbered in order of id; a
    blank name gives the id. With initials or ids, a full name that hides in free text (a group called after its
    facilitator, a room after its owner) is replaced too.
    """

    def __init__(self, week: Week, names: Names) -> None:
        self.names = names
        self._week = week
        self._patients = _labels_of(week.patients, names)
        self._therapists = _labels_of(week.therapists, names)
        self._hide = (lambda text: text) if names is Names.FULL else _name_hider(week, names)
        self._groups = {one.id: self._hide(one.name.strip()) or one.id for one in week.groups}
        self._rooms = {one.id: self._hide(one.name.strip()) or one.id for one in week.rooms}

    def patient(self, one: str) -> str:
        """What stands for the patient with this id."""
        return self._patients[one]

    def therapist(self, one: str) -> str:
        """What stands for the therapist with this id."""
        return self._therapists[one]

    def facilitators(self, session: Session) -> str:
        """Everybody who leads the session, the first named first."""
        return " & ".join(self._therapists[one] for one in session.therapists) or "no facilitator"

    def group(self, one: str) -> str:
        """The group's name, or its id where it has none."""
        return self._groups[one]

    def room(self, one: str | None) -> str:
        """The room's name, its id where it has none, or ``telehealth``."""
        return TELEHEALTH if one is None else self._rooms[one]

    def place(self, session: Session) -> str:
        """Where the session is held: its room, ``telehealth``, or ``no room`` where an in-person group has none."""
        if session.room is None and self._week.group_of[session.group].needs_room:
            return "no room"
        return self.room(session.room)

    def planned(self, groups: Sequence[RequiredGroup]) -> str:
        """Required groups with how often: ``Process x2; Skills``."""
        return "; ".join(self.group(one.group) + (f" x{one.times}" if one.times > 1 else "") for one in groups)

    def free_text(self, text: str) -> str:
        """Text from elsewhere (notices, reasons, agenda titles), with no full name unless full names are wanted."""
        return self._hide(text)


def group_codes(week: Week) -> dict[str, str]:
    """A code for each group that tells a stranger nothing of what is treated there, for the copy on the wall.

    A group's own id where it differs from its name and borrows no word of it, else ``G1``, ``G2``, ... in the order of
    the sheet. Where the two kinds of code would collide, every group gets a neutral one.
    """
    neutral = {one.id: f"G{place}" for place, one in enumerate(week.groups, start=1)}
    codes = {one.id: neutral[one.id] if _tells(one) else one.id for one in week.groups}
    return codes if len({code.casefold() for code in codes.values()}) == len(codes) else neutral


def initials_of(name: str) -> str:
    """``J.D.`` of ``Jane Doe``, of ``Dr. Jane Doe, LCSW`` and of ``Doe, Jane``: without titles and credentials."""
    head, *tail = (part.strip() for part in name.split(","))
    # Where the family name itself is in capitals, so is the first name: it is no credential.
    given = [part for part in tail if part and (head.isupper() or not _CREDENTIAL.fullmatch(part))]
    words = [word for part in (*given, head) for word in part.split()]
    kept = [word for word in words if word.casefold().rstrip(".") not in _TITLES] or words
    letters = (next((sign for sign in word if sign.isalnum()), "") for word in kept)
    return "".join(f"{letter.upper()}." for letter in letters if letter)


def _labels_of(people: Sequence[Patient] | Sequence[Therapist], names: Names) -> dict[str, str]:
    if names is Names.IDS:
        return {one.id: one.id for one in people}
    bare = {one.id: _bare(one.name, names) for one in people}
    sharing: dict[str, list[str]] = defaultdict(list)
    for one in sorted(bare):
        if bare[one]:
            sharing[bare[one].casefold()].append(one)
    return {one: _told_apart(one, label, sharing.get(label.casefold(), []), names) for one, label in bare.items()}


def _bare(name: str, names: Names) -> str:
    tidy = " ".join(name.split())
    return tidy if names is Names.FULL else initials_of(tidy)


def _told_apart(one: str, label: str, sharing: list[str], names: Names) -> str:
    if not label:
        return one
    if len(sharing) == 1:
        return label
    return f"{label} ({one})" if names is Names.FULL else f"{label} {sharing.index(one) + 1}"


def _name_hider(week: Week, names: Names) -> Callable[[str], str]:
    """Replaces every full name of two words or more; a name of one word may be an ordinary word of a group's name."""
    label_of: dict[str, str] = {}
    for people in (week.patients, week.therapists):
        labels = _labels_of(people, names)
        for one in people:
            words = one.name.split()
            if len(words) > 1:
                label_of.setdefault(" ".join(words).casefold(), labels[one.id])
    if not label_of:
        return lambda text: text
    longest_first = sorted(label_of, key=lambda name: (-len(name), name))
    anyone = re.compile("|".join(r"\s+".join(map(re.escape, name.split())) for name in longest_first), re.IGNORECASE)
    first_words = {_WORD.findall(name)[0] for name in label_of if _WORD.search(name)}

    def hide(text: str) -> str:
        # Hundreds of names are slow to look for, and hardly any text holds the first word of one.
        if first_words.isdisjoint(_WORD.findall(text.casefold())):
            return text
        return anyone.sub(lambda met: label_of[" ".join(met.group().split()).casefold()], text)

    return hide


def _tells(group: Group) -> bool:
    plain = group.name.strip().casefold()
    words = re.findall(r"[^\W\d_]+", group.id.casefold())
    return not plain or group.id.casefold() == plain or any(len(w) >= _LEAST_TELLING and w in plain for w in words)
