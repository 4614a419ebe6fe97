"""What a program asks of every week: levels of care, day rules, caps. A profile adds goals and solver settings."""

from scheduler.domain.types import (
    ADOLESCENT,
    ADULT,
    MINUTES_PER_HOUR,
    AgeBand,
    Count,
    Frozen,
    Hours,
    Kind,
    Minutes,
    Size,
)


class LevelRules(Frozen):
    """The weekly shape of one level of care.

    ``max_hours`` is inclusive. ``age_band`` says whom people of the level may sit with; left out, it is ``adolescent``
    for a level whose name begins with that word and ``adult`` for every other (see `Program.band_of_level`).
    """

    min_hours: Hours = 9
    max_hours: Hours = 20
    min_blocks: Count = 3
    max_blocks: Count = 4
    min_days: Count = 3
    min_day_minutes: Minutes = 180
    age_band: AgeBand | None = None


class GridBlock(Frozen):
    """A block of the profile's default grid, as spelled in the file; times are ``HH:MM``."""

    block: str
    day: str
    start: str
    end: str


class Program(Frozen):
    """The rules of a program that hold for every week (design: profiles). Numbers come from files, never from code."""

    levels: dict[str, LevelRules] = {"adult": LevelRules()}
    max_blocks_per_day: Size = 1
    max_per_patient: Size | None = None
    group_caps: dict[Kind, Size] = {}
    min_rest_hours: Hours = 11
    max_gap_days: Count = 2
    max_run_days: Size = 3
    block_hours: Hours = 3

    @property
    def block_minutes(self) -> int:
        """Minutes that a missed block counts for."""
        return round(self.block_hours * MINUTES_PER_HOUR)

    def band_of_level(self, level: str) -> AgeBand:
        """The age band of a level; unknown names count as adult."""
        rules = self.levels.get(level)
        if rules is not None and rules.age_band is not None:
            return rules.age_band
        return ADOLESCENT if level.startswith(ADOLESCENT) else ADULT

    def band_named_by(self, word: str) -> AgeBand | None:
        """The age band that a word of an ``Open to`` cell names: a band itself or one of the levels; else None."""
        if word in (ADULT, ADOLESCENT):
            return ADOLESCENT if word == ADOLESCENT else ADULT
        return self.band_of_level(word) if word in self.levels else None
