"""Every sheet and column that is read, in one table: names, other spellings, what they hold, how to read them.

The reader, the template and the documentation all follow from this table. Nothing here opens a file.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

CellKind = Literal[
    "id",
    "name",
    "note",
    "level",
    "words",
    "times",
    "hours",
    "count",
    "size",
    "priority",
    "facilitators",
    "kind",
    "person modality",
    "group modality",
    "open to",
    "agenda",
    "required groups",
    "groups",
    "patient",
    "person",
    "therapist",
    "group",
    "room",
    "block",
    "day",
    "clock",
    "session",
]
"""How a cell is read. ``count`` is a whole number from 0, ``size`` one from 1; ``hours`` may have a fraction."""


@dataclass(frozen=True)
class ColumnSpec:
    """A column. ``aliases`` are other headers that mean it, ``choices`` fill a drop-down, ``example`` is a good cell.

    ``required`` means that the column must be in the sheet and every row must fill it.
    """

    name: str
    aliases: tuple[str, ...]
    about: str
    kind: CellKind
    required: bool = False
    example: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetSpec:
    """A sheet and its columns. The first column is the one by which the header row is known."""

    name: str
    required: bool
    about: str
    columns: tuple[ColumnSpec, ...]
    aliases: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the first column."""
        return self.columns[0].name

    @property
    def has_ids(self) -> bool:
        """Whether each row has an id of its own; rows of other sheets go by their number."""
        return self.columns[0].kind == "id"

    def column(self, name: str) -> ColumnSpec:
        """A column by its canonical name.

        Raises:
            KeyError: if the sheet has none of that name.
        """
        return self._by_name[name]

    def column_called(self, header: str) -> ColumnSpec | None:
        """The column that a header means, by its name or an alias; None when it is unknown."""
        return self._by_header.get(fold(header))

    @cached_property
    def _by_name(self) -> dict[str, ColumnSpec]:
        return {column.name: column for column in self.columns}

    @cached_property
    def _by_header(self) -> dict[str, ColumnSpec]:
        return {fold(header): column for column in self.columns for header in (column.name, *column.aliases)}


def fold(text: str) -> str:
    """A header or sheet name without regard to case, spaces, underscores, hyphens and other signs."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


PERSON_MODALITIES = ("in person", "telehealth", "either")
GROUP_MODALITIES = ("in person", "telehealth")
GROUP_KINDS = ("therapy", "education", "family")
PRIORITIES = ("1", "2", "3", "4", "5")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_PATIENT_WORDS = (
    "Patient ID",
    "Patient Number",
    "Patient No",
    "Patient Code",
    "Patients",
    "Client",
    "Client ID",
    "Client Number",
    "Client No",
    "Client Code",
    "MRN",
    "MRN Number",
    "Medical Record Number",
    "Medical Record No",
    "Chart",
    "Chart ID",
    "Chart Number",
    "Chart No",
    "Record Number",
    "Member",
    "Member ID",
    "Participant",
    "Participant ID",
    "Consumer",
    "Consumer ID",
    "Person Served",
)
_THERAPIST_WORDS = (
    "Therapist ID",
    "Therapist Code",
    "Therapists",
    "Clinician",
    "Clinician ID",
    "Counselor",
    "Counselor ID",
    "Counsellor",
    "Counsellor ID",
    "Provider",
    "Provider ID",
    "Staff",
    "Staff ID",
    "Staff Member",
    "Facilitator",
    "Facilitator ID",
    "Group Leader",
    "Leader",
    "Employee ID",
)
_GROUP_WORDS = ("Group ID", "Group Code", "Group Type", "Groups", "Class", "Topic", "Curriculum", "Service", "Course")
_ROOM_WORDS = ("Room ID", "Room Number", "Room No", "Room Code", "Rooms", "Space", "Location", "Place")
_BLOCK_WORDS = ("Block ID", "Block Code", "Blocks", "Slot", "Slot ID", "Time Slot", "Time Block", "Period")
_ID_WORDS = ("ID", "Identifier", "Code")
_MODALITY_WORDS = ("Mode", "Format", "Delivery", "Setting", "Telehealth or In Person", "In Person or Telehealth")
_AVAILABLE_WORDS = (
    "Available",
    "Availabilities",
    "Available Times",
    "Times Available",
    "Time Available",
    "Available Hours",
    "Hours Available",
    "Days Available",
    "Available Days",
    "When Available",
    "Can Attend",
    "Can Come",
    "Free",
    "Free Times",
    "Free Time",
)
_UNAVAILABLE_WORDS = (
    "Unavailability",
    "Unavailable Times",
    "Times Unavailable",
    "Not Available",
    "Cannot Attend",
    "Can't Attend",
    "Cannot Come",
    "Busy",
    "Conflicts",
    "Blocked",
    "Blocked Times",
    "Blackout",
    "Exceptions",
)

_AVAILABILITY_ABOUT = (
    "When they can come: day parts (evenings, weekends, work hours), days (Mon/Wed), times (Tue 9-12), joined by ;"
)
_UNAVAILABLE_ABOUT = "Times taken away from the availability, in the same words"


def _name(*aliases: str) -> ColumnSpec:
    about = "A name for people to read; it may stand in other cells in place of the id"
    return ColumnSpec("Name", aliases, about, "name")


def _note() -> ColumnSpec:
    return ColumnSpec("Note", ("Notes", "Comment", "Comments", "Reason", "Why", "Remark", "Remarks"), "Why", "note")


PATIENTS = SheetSpec(
    name="Patients",
    required=True,
    about="Who is treated this week, when they can come and what their plan asks for. One row a patient.",
    aliases=("Patient", "Patient List", "Clients", "Client", "Client List", "Members", "Participants", "Census"),
    columns=(
        ColumnSpec(
            "Patient", (*_PATIENT_WORDS, *_ID_WORDS), "An id that stays the same from week to week", "id", True, "P001"
        ),
        _name("Patient Name", "Client Name", "Full Name", "Display Name", "Preferred Name", "Initials"),
        ColumnSpec(
            "Level",
            ("Level of Care", "LOC", "Care Level", "Age Group", "Age Band", "Population"),
            "The level of care, one of the profile's levels; blank means adult",
            "level",
            example="adult",
        ),
        ColumnSpec(
            "Tags",
            ("Tag", "Labels", "Label", "Keywords", "Attributes", "Special Population", "Special Populations"),
            "Free words that groups may ask for (women, veterans, lgbtq), separated by ;",
            "words",
            example="women; spanish",
        ),
        ColumnSpec("Availability", _AVAILABLE_WORDS, _AVAILABILITY_ABOUT, "times", True, "evenings; Sat 9-12; not Wed"),
        ColumnSpec("Unavailable", _UNAVAILABLE_WORDS, _UNAVAILABLE_ABOUT, "times", example="Thu after 19:00"),
        ColumnSpec(
            "Min hours",
            (
                "Minimum Hours",
                "Min Hrs",
                "Hours Min",
                "Min Hours per Week",
                "Minimum Hours per Week",
                "Min Weekly Hours",
                "Weekly Minimum",
                "Weekly Min Hours",
                "Weekly Minimum Hours",
                "Required Hours",
                "Hours Required",
                "Hours per Week",
            ),
            "Fewest hours a week; blank means the level's",
            "hours",
            example="9",
        ),
        ColumnSpec(
            "Max hours",
            (
                "Maximum Hours",
                "Max Hrs",
                "Hours Max",
                "Max Hours per Week",
                "Maximum Hours per Week",
                "Max Weekly Hours",
                "Weekly Maximum",
                "Weekly Max Hours",
                "Weekly Maximum Hours",
            ),
            "Most hours a week; blank means the level's",
            "hours",
            example="12",
        ),
        ColumnSpec(
            "Min blocks",
            ("Minimum Blocks", "Blocks Min", "Min Sessions", "Minimum Sessions", "Min Blocks per Week"),
            "Fewest blocks a week; blank means the level's",
            "count",
            example="3",
        ),
        ColumnSpec(
            "Max blocks",
            ("Maximum Blocks", "Blocks Max", "Max Sessions", "Maximum Sessions", "Max Blocks per Week"),
            "Most blocks a week; blank means the level's",
            "count",
            example="4",
        ),
        ColumnSpec(
            "Required groups",
            ("Required Group", "Required", "Treatment Plan", "Plan", "Plan Groups", "Planned Groups", "Needs", "Must"),
            "Groups that the treatment plan asks for, separated by ; with x2 for twice a week",
            "required groups",
            example="Relapse prevention; Process x2",
        ),
        ColumnSpec(
            "Preferred groups",
            ("Preferred Group", "Prefers", "Group Preferences", "Wanted Groups", "Likes"),
            "Groups they would like, separated by ;",
            "groups",
            example="DBT skills",
        ),
        ColumnSpec(
            "Avoid groups",
            ("Avoid Group", "Avoided Groups", "Avoid", "Avoids", "Excluded Groups", "Exclude Groups", "Not Groups"),
            "Groups they must never be put in, separated by ;",
            "groups",
            example="Family education",
        ),
        ColumnSpec(
            "Preferred times",
            ("Preferred Time", "Time Preference", "Time Preferences", "Preferred Availability", "Preferred Days"),
            "When they would rather come, in the words of Availability",
            "times",
            example="Mon/Wed evenings",
        ),
        ColumnSpec(
            "Primary therapist",
            (
                "Primary Clinician",
                "Primary Counselor",
                "Primary Counsellor",
                "Primary Provider",
                "Primary",
                "Assigned Therapist",
                "Assigned Clinician",
                "Therapist",
                "Clinician",
                "Counselor",
                "Counsellor",
            ),
            "The therapist they should meet at least once",
            "therapist",
            example="T01",
        ),
        ColumnSpec(
            "Modality",
            _MODALITY_WORDS,
            "How they attend; blank means in person",
            "person modality",
            example="in person",
            choices=PERSON_MODALITIES,
        ),
        ColumnSpec(
            "Priority",
            ("Urgency", "Prio", "Acuity"),
            "1 to 5, 5 most urgent; blank means 3",
            "priority",
            example="3",
            choices=PRIORITIES,
        ),
    ),
)

THERAPISTS = SheetSpec(
    name="Therapists",
    required=True,
    about="Who can lead groups, when, which groups and how many. One row a therapist.",
    aliases=("Therapist", "Clinicians", "Counselors", "Counsellors", "Staff", "Providers", "Facilitators", "Team"),
    columns=(
        ColumnSpec(
            "Therapist",
            (*_THERAPIST_WORDS, *_ID_WORDS),
            "An id that stays the same from week to week",
            "id",
            True,
            "T01",
        ),
        _name(
            "Therapist Name",
            "Clinician Name",
            "Counselor Name",
            "Counsellor Name",
            "Provider Name",
            "Staff Name",
            "Full Name",
        ),
        ColumnSpec(
            "Availability", _AVAILABLE_WORDS, _AVAILABILITY_ABOUT, "times", True, "work hours; Tue/Thu evenings"
        ),
        ColumnSpec("Unavailable", (*_UNAVAILABLE_WORDS, "Time Off", "PTO", "Leave"), _UNAVAILABLE_ABOUT, "times"),
        ColumnSpec(
            "Groups",
            (
                "Group",
                "Qualified Groups",
                "Qualified For",
                "Qualifications",
                "Can Lead",
                "Leads",
                "Credentialed For",
                "Competencies",
                "Skills",
            ),
            "Groups they are qualified to lead, separated by ; and * for all",
            "groups",
            example="Process; Relapse prevention",
        ),
        ColumnSpec(
            "Max blocks",
            ("Maximum Blocks", "Max Blocks per Week", "Max Sessions", "Maximum Sessions", "Max Groups", "Max per Week"),
            "Most sessions a week; blank means no limit",
            "count",
            example="8",
        ),
        ColumnSpec(
            "Max blocks per day",
            ("Maximum Blocks per Day", "Max per Day", "Max Sessions per Day", "Max Groups per Day", "Daily Max"),
            "Most sessions a day; blank means no limit",
            "count",
            example="2",
        ),
        ColumnSpec(
            "Min blocks",
            ("Minimum Blocks", "Min Blocks per Week", "Min Sessions", "Minimum Sessions", "Min Groups", "Min per Week"),
            "Fewest sessions they should have a week; blank means 0",
            "count",
            example="2",
        ),
        ColumnSpec(
            "Modality",
            _MODALITY_WORDS,
            "How they lead; blank means either",
            "person modality",
            example="either",
            choices=PERSON_MODALITIES,
        ),
    ),
)

GROUPS = SheetSpec(
    name="Groups",
    required=True,
    about="What is offered: sizes, who may attend, what each group needs. One row a group type.",
    aliases=("Group", "Group Types", "Group List", "Classes", "Curriculum", "Curricula", "Services", "Offerings"),
    columns=(
        ColumnSpec("Group", (*_GROUP_WORDS, *_ID_WORDS), "An id for the group type", "id", True, "PROC"),
        _name("Group Name", "Title", "Description", "Full Name"),
        ColumnSpec(
            "Min size",
            ("Minimum Size", "Min", "Minimum", "Smallest Size", "Min Patients", "Min Clients", "Size Min"),
            "Fewest patients for a session to run; blank means 1",
            "size",
            example="3",
        ),
        ColumnSpec(
            "Max size",
            ("Maximum Size", "Max", "Maximum", "Largest Size", "Max Patients", "Max Clients", "Size Max", "Cap"),
            "Most patients in a session; blank means no limit of its own",
            "size",
            example="10",
        ),
        ColumnSpec(
            "Open to",
            ("Opento", "For", "Who", "Who May Attend", "Eligibility", "Eligible", "Population", "Audience", "Levels"),
            "Levels or tags who may attend; ; means or, + means and; blank means adult",
            "open to",
            example="adult + women; adolescent",
        ),
        ColumnSpec(
            "Kind",
            ("Type", "Category", "Service Type", "Group Kind"),
            "therapy, education or family, as licences cap them; blank means therapy",
            "kind",
            example="therapy",
            choices=GROUP_KINDS,
        ),
        ColumnSpec(
            "Facilitators",
            ("Number of Facilitators", "Facilitators Needed", "Leaders Needed", "Therapists Needed", "Staff Needed"),
            "How many therapists lead it, 1 or 2; blank means 1",
            "facilitators",
            example="1",
            choices=("1", "2"),
        ),
        ColumnSpec(
            "Modality",
            _MODALITY_WORDS,
            "in person or telehealth; blank means in person",
            "group modality",
            example="in person",
            choices=GROUP_MODALITIES,
        ),
        ColumnSpec(
            "Room features",
            ("Room Feature", "Features", "Features Needed", "Room Needs", "Room Requirements", "Needs Room"),
            "Features that the room must have, separated by ;",
            "words",
            example="projector",
        ),
        ColumnSpec(
            "Min sessions",
            ("Minimum Sessions", "Min Sessions per Week", "Sessions Min", "Min per Week", "Minimum per Week"),
            "Fewest sessions a week (a goal); blank means 0",
            "count",
            example="1",
        ),
        ColumnSpec(
            "Max sessions",
            ("Maximum Sessions", "Max Sessions per Week", "Sessions Max", "Max per Week", "Maximum per Week"),
            "Most sessions a week; blank means no limit",
            "count",
            example="4",
        ),
        ColumnSpec(
            "Times",
            ("Time", "When", "Allowed Times", "Offered", "Offered When", "Availability", "Available"),
            "When it may run, in the words of Availability; blank means any block",
            "times",
            example="evenings; weekends",
        ),
        ColumnSpec(
            "Max per patient",
            ("Maximum per Patient", "Max per Client", "Repeat Limit", "Max per Patient per Week", "Per Patient"),
            "How often one patient may attend it in a week; blank means the profile's limit",
            "size",
            example="2",
        ),
        ColumnSpec(
            "Agenda",
            ("Contents", "Content", "Services Delivered", "Outline", "Breakdown", "Segments"),
            "The services inside a session with their minutes, separated by ;",
            "agenda",
            example="Process 60; Psychoeducation 60; Skills 60",
        ),
    ),
)

ROOMS = SheetSpec(
    name="Rooms",
    required=False,
    about="Where in-person groups meet. Needed unless every group is telehealth. One row a room.",
    aliases=("Room", "Room List", "Spaces", "Locations"),
    columns=(
        ColumnSpec("Room", (*_ROOM_WORDS, *_ID_WORDS), "An id for the room", "id", True, "R1"),
        _name("Room Name", "Description", "Title"),
        ColumnSpec(
            "Capacity",
            ("Seats", "Size", "Max Size", "Maximum", "Max", "Max Patients", "Places", "Holds"),
            "How many patients it seats; facilitators are not counted",
            "size",
            True,
            "10",
        ),
        ColumnSpec("Availability", _AVAILABLE_WORDS, "When it can be used; blank means always", "times"),
        ColumnSpec(
            "Features",
            ("Feature", "Room Features", "Equipment", "Facilities", "Amenities"),
            "What it has that groups may ask for, separated by ;",
            "words",
            example="projector; wheelchair access",
        ),
    ),
)

BLOCKS = SheetSpec(
    name="Blocks",
    required=False,
    about="The times at which sessions can be held. Left out, the profile's grid is used. One row a block.",
    aliases=("Block", "Time Blocks", "Time Slots", "Slots", "Block Grid", "Grid", "Periods"),
    columns=(
        ColumnSpec("Block", (*_BLOCK_WORDS, *_ID_WORDS), "An id for the block", "id", True, "TUE-EVE"),
        ColumnSpec("Day", ("Weekday", "Day of Week", "Days"), "The day", "day", True, "Tue", DAYS),
        ColumnSpec(
            "Start", ("Start Time", "Starts", "Begin", "Begins", "From"), "When it starts", "clock", True, "18:00"
        ),
        ColumnSpec(
            "End", ("End Time", "Ends", "Finish", "Until", "To", "Stop"), "When it ends", "clock", True, "21:00"
        ),
    ),
)

APART = SheetSpec(
    name="Apart",
    required=False,
    about="Patients who must never share a session, or a patient who must never be led by a therapist.",
    aliases=("Keep Apart", "Separate", "Separations", "Conflicts", "Do Not Group", "Not Together"),
    columns=(
        ColumnSpec("Patient", _PATIENT_WORDS, "The patient", "patient", True, "P001"),
        ColumnSpec(
            "With",
            ("From", "Apart From", "Other", "Other Patient", "Patient 2", "Second Patient", "Person", "And"),
            "Another patient, or a therapist",
            "person",
            True,
            "P002",
        ),
        _note(),
    ),
)

TOGETHER = SheetSpec(
    name="Together",
    required=False,
    about="Pairs of patients who should share at least one session.",
    aliases=("Keep Together", "Pairs", "Buddies"),
    columns=(
        ColumnSpec("Patient", _PATIENT_WORDS, "The patient", "patient", True, "P003"),
        ColumnSpec(
            "With",
            ("Other", "Other Patient", "Patient 2", "Second Patient", "Partner", "And"),
            "Another patient",
            "patient",
            True,
            "P004",
        ),
        _note(),
    ),
)

PINS = SheetSpec(
    name="Pins",
    required=False,
    about="What must stay: some session has to match every filled cell of a row; a blank cell means any.",
    aliases=("Pin", "Pinned", "Fixed", "Locked", "Locks"),
    columns=(
        ColumnSpec("Patient", _PATIENT_WORDS, "Who must be in it; blank means that the session must run", "patient"),
        ColumnSpec(
            "Block", (*_BLOCK_WORDS, "Time", "When"), "A block's id, or its day and time", "block", example="Tue 18:00"
        ),
        ColumnSpec("Group", _GROUP_WORDS, "The group", "group", example="PROC"),
        ColumnSpec("Therapist", _THERAPIST_WORDS, "Who leads it", "therapist", example="T01"),
        ColumnSpec("Room", _ROOM_WORDS, "Where", "room", example="R1"),
        _note(),
    ),
)

_DAY = ColumnSpec("Day", ("Weekday", "Day of Week"), "Mon to Sun", "day", example="Tue", choices=DAYS)
_START = ColumnSpec("Start", ("Start Time", "Starts", "Begin", "From"), "HH:MM", "clock", example="18:00")
_END = ColumnSpec("End", ("End Time", "Ends", "Finish", "Until"), "HH:MM", "clock", example="21:00")
_BLOCK = ColumnSpec("Block", _BLOCK_WORDS, "The block's id", "block", example="TUE-EVE")
_GROUP = ColumnSpec("Group", _GROUP_WORDS, "The group's id", "group", example="PROC")
_LEADER = ColumnSpec(
    "Therapist", (*_THERAPIST_WORDS, "First Therapist"), "The (first) facilitator's id", "therapist", example="T01"
)
_ROOM = ColumnSpec("Room", _ROOM_WORDS, "The room's id; blank for telehealth", "room", example="R1")
_SESSION_WORDS = ("Session ID", "Session Code")

PREVIOUS = SheetSpec(
    name="Previous",
    required=False,
    about="Last week's Assignments sheet, as exported, so that people keep their places where they can.",
    aliases=("Last Week", "Previous Week", "Previous Assignments"),
    columns=(
        ColumnSpec("Patient", _PATIENT_WORDS, "The patient's id", "patient", True, "P001"),
        ColumnSpec("Session", _SESSION_WORDS, "Last week's session", "session"),
        _BLOCK,
        _DAY,
        _START,
        _END,
        _GROUP,
        _LEADER,
        _ROOM,
        ColumnSpec("Hours", ("Hrs",), "Length", "hours", example="3"),
    ),
)

SHEETS: tuple[SheetSpec, ...] = (PATIENTS, THERAPISTS, GROUPS, ROOMS, BLOCKS, APART, TOGETHER, PINS, PREVIOUS)
"""The sheets of a week, in the order in which people fill them."""

SESSIONS = SheetSpec(
    name="Sessions",
    required=True,
    about="The sessions of a timetable, one row each, as exported. Ids stand here, not names.",
    aliases=("Session",),
    columns=(
        ColumnSpec("Session", (*_SESSION_WORDS, "ID"), "The session's id", "id", True, "S01"),
        ColumnSpec("Block", _BLOCK_WORDS, "The block's id", "block", True, "TUE-EVE"),
        _DAY,
        _START,
        _END,
        ColumnSpec("Group", _GROUP_WORDS, "The group's id", "group", True, "PROC"),
        ColumnSpec(
            "Therapist", (*_THERAPIST_WORDS, "First Therapist"), "The facilitator's id", "therapist", True, "T01"
        ),
        ColumnSpec(
            "Second therapist",
            ("Second Facilitator", "Co Therapist", "Co Facilitator", "Therapist 2"),
            "The second facilitator's id, if any",
            "therapist",
        ),
        _ROOM,
        ColumnSpec("Modality", _MODALITY_WORDS, "in person or telehealth", "group modality", choices=GROUP_MODALITIES),
        ColumnSpec("Size", ("Patients", "Count", "Attending"), "How many patients attend", "count", example="8"),
        ColumnSpec(
            "Max size", ("Maximum Size", "Max", "Cap", "Places"), "How many could attend", "count", example="10"
        ),
    ),
)

ASSIGNMENTS = SheetSpec(
    name="Assignments",
    required=True,
    about="Who sits in which session, one row each, as exported. Ids stand here, not names.",
    aliases=("Assignment", "Seats"),
    columns=(
        ColumnSpec("Patient", _PATIENT_WORDS, "The patient's id", "patient", True, "P001"),
        ColumnSpec("Session", _SESSION_WORDS, "The session's id", "session", True, "S01"),
        _BLOCK,
        _DAY,
        _START,
        _END,
        _GROUP,
        _LEADER,
        _ROOM,
        ColumnSpec("Hours", ("Hrs",), "Length", "hours", example="3"),
    ),
)

TIMETABLE_SHEETS: tuple[SheetSpec, ...] = (SESSIONS, ASSIGNMENTS)
"""The two sheets of a finished timetable that machines read."""


def sheet_named(name: str) -> SheetSpec:
    """A sheet of a week or timetable by its canonical name.

    Raises:
        KeyError: if there is none of that name.
    """
    return {sheet.name: sheet for sheet in (*SHEETS, *TIMETABLE_SHEETS)}[name]
