"""What follow-up is accepted."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import UnreadableInput
from coley.stats.survival.follow_up import follow_up


def test_any_numbers_and_flags_are_taken():
    rows = follow_up(
        [1, 2], [True, False], entry=[-1, 0], weights=[0, 2], labels={"strata": ["a", "b"], "none": None}
    )
    assert rows.time.dtype == float
    assert rows.event.tolist() == [True, False]
    assert rows.labels["strata"].tolist() == ["a", "b"]
    assert rows.labels["none"] is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"time": [1, np.nan]}, r"'time' needs one finite, non-negative[\s\S]*rows \[1\]"),
        ({"time": [1, np.inf]}, "'time'"),
        ({"time": [-1, 2]}, "'time'"),
        ({"event": [0, 2]}, r"'event' holds \[0.0, 2.0\]"),
        ({"event": [0, np.nan]}, "'event'"),
        ({"event": [0]}, r"shape \(1,\) for 2 patients"),
        ({"entry": [0, 2]}, r"before it begins[\s\S]*rows \[1\]"),
        ({"weights": [1, -1]}, "'weights'"),
        ({"labels": {"cluster": [1]}}, "'cluster' must hold one label"),
    ],
)
def test_what_cannot_be_is_named_with_its_place(given, message):
    usable = {"time": [1, 2], "event": [0, 1], **given}
    with pytest.raises(UnreadableInput, match=message):
        follow_up(usable.pop("time"), usable.pop("event"), **usable)
