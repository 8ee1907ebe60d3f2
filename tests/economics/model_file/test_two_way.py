"""Words for two inputs that are varied together."""

from __future__ import annotations

from typing import Any

import pytest

from coley.economics.model_file.parse import model_of
from coley.model.errors import UnreadableInput

X, Y = "utilities.progressed", "strategies.new.once_at_start"


def test_bare_places_are_read_and_ranges_are_those_of_the_intervals(words) -> None:
    words["two_way"] = [{"x": X, "y": {"of": [Y], "low": 0, "high": 5000}}]
    (pair,) = model_of(words).two_way
    assert pair.x.of == (X,)
    assert pair.y.of == (Y,)
    assert pair.x.ends({X: model_of(words).utilities.progressed}) == (0.4, 0.6)
    assert pair.y.ends({}) == (0, 5000)


def test_a_curve_is_told_from_a_number(words) -> None:
    words["two_way"] = [{"x": X, "y": "curve: new.os"}]
    (pair,) = model_of(words).two_way
    assert (pair.x.curve, pair.y.curve) == ("", "new.os")


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ({"x": "utilities.progresed", "y": X}, "the nearest is 'utilities.progressed'"),
        ({"x": "weather", "y": X}, "no number of this model; the page lists them"),
        ({"x": X, "y": Y}, "no interval over which to vary it: give low and high"),
        ({"x": X, "y": {"of": Y, "low": -5, "high": 10}}, "cost, of 0 to inf, and cannot run from -5 to 10"),
        (
            {"x": {"of": X, "low": 0.5, "high": 50}, "y": "costs.progressed_per_month"},
            "cannot run from 0.5 to 50",
        ),
        ({"x": {"of": X, "low": 0.5}, "y": Y}, "One end of a range is missing"),
        ({"x": {"of": X, "low": 0.6, "high": 0.5}, "y": Y}, "from the lower to the higher end"),
        ({"x": X, "y": X}, "cannot be varied in two directions"),
        ({"x": X, "y": {"of": "curve: new.os", "low": 1, "high": 2}}, "runs over its own draws"),
        ({"x": X, "y": {"of": ["curve: new.os", Y]}}, "runs over its own draws"),
        ({"x": X}, "two_way.1.y is missing"),
        ({"x": X, "y": Y, "steps": 1}, "must be 2 or more"),
    ],
)
def test_what_cannot_be_is_told_in_one_message(words, pair: dict[str, Any], message: str) -> None:
    words["two_way"] = [pair]
    with pytest.raises(UnreadableInput, match=message):
        model_of(words)
