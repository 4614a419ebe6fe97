"""The rulebook and the goals are whole: what is written is registered, in the order of the contract, and complete."""

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest
from builders import quick

import scheduler.goals
import scheduler.rules
from scheduler.domain.profile import DEFAULT_TIERS
from scheduler.goals.registry import GOALS, goal_of, part_weights
from scheduler.model.protocol import Goal, Rule
from scheduler.rules.registry import RULES

RULE_IDS = (
    "availability",
    "one-place-at-a-time",
    "blocks-per-day",
    "weekly-maximum",
    "eligibility",
    "avoided-groups",
    "repeat-limit",
    "group-size",
    "qualified",
    "therapist-load",
    "rest",
    "room-fit",
    "modality",
    "sessions-per-week",
    "apart",
    "pins",
)
GOAL_IDS = ("weekly-minimum", "treatment-plan", "continuity", "preferences", "operations")


def modules_of(package: ModuleType) -> list[ModuleType]:
    return [
        importlib.import_module(f"{package.__name__}.{info.name}") for info in pkgutil.iter_modules(package.__path__)
    ]


def written_in(module: ModuleType, base: type) -> set[type]:
    return {
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, base) and found is not base and found.__module__ == module.__name__
    }


def test_the_rules_are_those_of_the_contract_in_its_order() -> None:
    assert tuple(rule.id for rule in RULES) == RULE_IDS


def test_the_goals_are_those_of_the_contract_in_its_order() -> None:
    assert tuple(goal.id for goal in GOALS) == GOAL_IDS
    assert tuple(goal for tier in DEFAULT_TIERS for goal in tier) == GOAL_IDS


@pytest.mark.parametrize(
    ("package", "base", "registered"), [(scheduler.rules, Rule, RULES), (scheduler.goals, Goal, GOALS)]
)
def test_whatever_is_written_is_registered_once_and_has_its_own_file(
    package: ModuleType, base: type, registered: tuple[object, ...]
) -> None:
    found = [one for module in modules_of(package) for one in written_in(module, base)]
    assert sorted(kind.__name__ for kind in found) == sorted(type(one).__name__ for one in registered)
    for one in registered:
        assert type(one).__module__ == f"{package.__name__}.{one.id.replace('-', '_')}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("one", [*RULES, *GOALS], ids=lambda one: one.id)
def test_words_and_mathematics_are_there(one: Rule | Goal) -> None:
    assert one.words.endswith(".")
    assert one.words[0].isupper()
    assert len(one.words) > 20
    assert one.formula
    assert type(one).__doc__


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_both_holds_the_model_and_checks_a_timetable(rule: Rule) -> None:
    kind = type(rule)
    holds = [kind.bars is not Rule.bars, kind.constrain is not Rule.constrain]
    assert any(holds), f"{rule.id} says nothing to the model"
    assert "check" in vars(kind)
    if kind.constrain_split is not Rule.constrain_split:
        assert any(holds), f"{rule.id} holds only when a cell is split: the first answer knows nothing of it"


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.id)
def test_a_goal_has_parts_a_unit_and_a_scale(goal: Goal) -> None:
    assert goal.unit
    assert goal.scale >= 1
    assert goal.parts
    assert all(isinstance(weight, int) and weight > 0 for weight in goal.parts.values())


def test_goals_are_found_by_id_and_a_stranger_is_refused() -> None:
    assert [goal_of(name).id for name in GOAL_IDS] == list(GOAL_IDS)
    with pytest.raises(KeyError, match="happiness"):
        goal_of("happiness")


def test_a_profile_reweighs_the_parts_that_it_names() -> None:
    goals = quick(parts={"operations": {"sessions": 0, "gaps": 9}}).goals
    assert part_weights(goal_of("operations"), goals) == goal_of("operations").parts | {"sessions": 0, "gaps": 9}
    assert part_weights(goal_of("preferences"), goals) == goal_of("preferences").parts
