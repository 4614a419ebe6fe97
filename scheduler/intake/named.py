"""Patients that an option of a command names, by id or name as in any cell."""

from collections.abc import Sequence

from scheduler.domain.problems import InputRefused, Problem
from scheduler.domain.spelling import nearest
from scheduler.domain.week import Week
from scheduler.intake.refs import Refs


def patients_named(words: Sequence[str], week: Week, option: str) -> tuple[str, ...]:
    """The ids that the words name, each once, in the order of the words.

    Args:
        words: ids or names.
        week: the week.
        option: the option that they came from, for messages.

    Raises:
        InputRefused: with every word that names nobody, or several people.
    """
    index = Refs.of_week(week).patients
    found = [(word, index.find(word.strip())) for word in words]
    wrong = tuple(_wrong(word, match.ids, index.spellings, option) for word, match in found if match.id is None)
    if wrong:
        raise InputRefused(wrong)
    return tuple(dict.fromkeys(match.id for _, match in found if match.id is not None))


def _wrong(word: str, ids: Sequence[str], spellings: Sequence[str], option: str) -> Problem:
    if ids:
        message = f"{option}: '{word}' may be the patient {' or '.join(ids)}"
        return Problem(code="ambiguous-patient", value=word, message=message, hint="use the id")
    guess = nearest(word, spellings)
    hint = f"did you mean '{guess}'?" if guess else "use an id of the sheet Patients"
    return Problem(code="unknown-patient", value=word, message=f"{option}: there is no patient '{word}'", hint=hint)
