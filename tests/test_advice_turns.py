"""Needs that share the time of an answer: who has how much of it."""

import threading
from dataclasses import dataclass

import pytest

from scheduler.advice.proving import Patience
from scheduler.advice.turns import Turns

SECONDS = 24.0


@dataclass
class Asked:
    """A need that uses up a part of what it is given; where the clock does not count."""

    use: float = 1.0
    price: float = 1.0
    given: float = 0.0

    @property
    def spent(self) -> float:
        return self.given * self.use


def give(one: Asked, seconds: float) -> float:
    one.given = seconds
    return seconds


def patience() -> Patience:
    return Patience(SECONDS, SECONDS, threading.Event(), reproducible=True)


def shares(
    *needs: Asked, at_once: int = 1, kept: float = 0.0, questions: float = 0.0, least: float = 0.0
) -> list[float]:
    turns = Turns(patience(), at_once=at_once)
    return list(turns.each(needs, give, kept, questions=questions, least=least))


def test_all_have_the_same_where_all_use_what_they_have() -> None:
    assert shares(Asked(), Asked(), Asked(), Asked()) == pytest.approx([6, 6, 6, 6])


def test_what_one_leaves_goes_to_those_after_it() -> None:
    assert shares(Asked(use=0.0), Asked(), Asked()) == pytest.approx([8, 12, 12])


def test_what_is_kept_is_given_to_nobody() -> None:
    assert sum(shares(Asked(), Asked(), kept=4.0)) == pytest.approx(SECONDS - 4)


def test_the_first_have_time_for_their_questions_and_no_more_while_there_is_so_much() -> None:
    assert shares(*(Asked(price=5.0) for _ in range(4)), questions=2) == pytest.approx([10, 10, 4, 0])


def test_a_need_that_is_hard_to_settle_leaves_the_others_theirs() -> None:
    found = shares(Asked(price=3.0), *(Asked(price=1.0) for _ in range(4)), questions=3)
    assert found[0] == pytest.approx(9)
    assert min(found[1:]) > 3


def test_each_has_the_least_while_there_is_so_much() -> None:
    assert shares(*(Asked() for _ in range(8)), least=10.0)[:3] == pytest.approx([10, 10, 4])


def test_side_by_side_each_has_its_share_of_both_and_the_answers_keep_their_order() -> None:
    needs = [Asked(use=0.0, price=float(number)) for number in range(4)]
    turns = Turns(patience(), at_once=2)
    assert list(turns.each(needs, lambda one, _: one.price)) == [0, 1, 2, 3]
    assert shares(*needs, at_once=2)[0] == pytest.approx(12)
