"""Registries help with misspelt names; errors fit on one screen."""

from __future__ import annotations

import pytest

from coley.model.errors import ColeyError, UnknownName, UnreadableInput, nearest
from coley.model.registry import Registry


def test_a_near_miss_is_suggested() -> None:
    registry: Registry[int] = Registry("method")
    registry.add("kaplan_meier", 1)
    with pytest.raises(UnknownName, match="Did you mean 'kaplan_meier'"):
        registry["kaplan_meyer"]


def test_a_far_miss_lists_what_there_is() -> None:
    registry: Registry[int] = Registry("method")
    registry.add("cox", 1)
    with pytest.raises(UnknownName, match="Known: cox"):
        registry["zzzzzz"]


def test_a_name_is_registered_once() -> None:
    registry: Registry[int] = Registry("method")
    registry.add("cox", 1)
    with pytest.raises(ValueError, match="twice"):
        registry.add("cox", 2)
    assert registry["cox"] == 1


def test_the_screen_of_an_error_names_place_cause_and_remedy() -> None:
    error = UnreadableInput("It is empty.", where="a.csv", cause="a broken copy", remedy="Copy it again.")
    lines = str(error).splitlines()
    assert lines[0] == "It is empty."
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["where", "cause", "remedy"]


def test_errors_are_caught_as_what_python_users_expect() -> None:
    assert issubclass(UnreadableInput, ValueError)
    assert issubclass(UnknownName, KeyError)
    assert all(issubclass(kind, ColeyError) for kind in (UnreadableInput, UnknownName))


def test_nearest_ignores_case() -> None:
    assert nearest("OS_MONTH", ["os_months", "pfs_months"]) == "os_months"
