"""The small words that every model is spelled with: constrained aliases and the base of all models."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR
DAYS_PER_WEEK = 7
MINUTES_PER_WEEK = DAYS_PER_WEEK * MINUTES_PER_DAY

Id = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""A stable identifier from the spreadsheet. Opaque: never parsed, never a list position."""

Count = Annotated[int, Field(ge=0)]
Size = Annotated[int, Field(ge=1)]
Minutes = Annotated[int, Field(ge=0)]
Hours = Annotated[float, Field(ge=0)]
Priority = Annotated[int, Field(ge=1, le=5)]
WeekMinute = Annotated[int, Field(ge=0, le=MINUTES_PER_WEEK)]
"""Minutes since Monday 00:00; 10080 is the end of Sunday."""

Kind = Literal["therapy", "education", "family"]
Modality = Literal["in person", "telehealth"]
PersonModality = Literal["in person", "telehealth", "either"]
AgeBand = Literal["adult", "adolescent"]

ADULT: AgeBand = "adult"
ADOLESCENT: AgeBand = "adolescent"


class Frozen(BaseModel):
    """Base of every model of the project: immutable, and a misspelled field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
