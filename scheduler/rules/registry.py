"""Every rule there is, in the order in which they are printed. To add a rule: write its file and name it here."""

from scheduler.model.protocol import Rule
from scheduler.rules.apart import KeptApart
from scheduler.rules.availability import Availability
from scheduler.rules.avoided_groups import AvoidedGroups
from scheduler.rules.blocks_per_day import BlocksPerDay
from scheduler.rules.eligibility import Eligibility
from scheduler.rules.group_size import GroupSize
from scheduler.rules.modality import Modality
from scheduler.rules.one_place_at_a_time import OnePlaceAtATime
from scheduler.rules.pins import Pins
from scheduler.rules.qualified import Qualified
from scheduler.rules.repeat_limit import RepeatLimit
from scheduler.rules.rest import Rest
from scheduler.rules.room_fit import RoomFit
from scheduler.rules.sessions_per_week import SessionsPerWeek
from scheduler.rules.therapist_load import TherapistLoad
from scheduler.rules.weekly_maximum import WeeklyMaximum

RULES: tuple[Rule, ...] = (
    Availability(),
    OnePlaceAtATime(),
    BlocksPerDay(),
    WeeklyMaximum(),
    Eligibility(),
    AvoidedGroups(),
    RepeatLimit(),
    GroupSize(),
    Qualified(),
    TherapistLoad(),
    Rest(),
    RoomFit(),
    Modality(),
    SessionsPerWeek(),
    KeptApart(),
    Pins(),
)
