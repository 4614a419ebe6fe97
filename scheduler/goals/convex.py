"""A cost that rises with each unit: the n-th costs n. The curve by which wishes and loads are spread over people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.model.plan import Expr, Plan


def triangular(count: int) -> int:
    """1 + 2 + ... + ``count``."""
    return count * (count + 1) // 2


def rising_cost(plan: Plan, count: Expr, most: int, name: str) -> Expr:
    """A variable that is at least ``triangular(count)`` and equal to it at its best, for ``count`` up to ``most``.

    The curve is the upper envelope of its tangents ``n·count − n(n−1)/2``, exact at whole numbers. They are written on
    a variable of their own that is at least the count: a sum of many decisions would else stand in every one of them,
    and linear programs take as long as their rows are full.
    """
    if most <= 1:
        return count
    counted = plan.count(most, f"{name}, counted")
    plan.add(counted >= count)
    cost = plan.count(triangular(most), name)
    for step in range(1, most + 1):
        plan.add(cost >= step * counted - triangular(step - 1))
    return cost
