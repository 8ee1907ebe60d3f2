"""Settings out of range are refused with one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from coley.model.errors import InvalidSetting
from coley.vigilance.cleaning import Cleaning


@pytest.mark.parametrize(
    "wrong",
    [
        {"oldest_years": 0.0},
        {"longest_onset_days": -1},
        {"pairs_per_case": float("nan")},
        {"learn_share": 0.5},
        {"learn_rows": 0},
        {"duplicate_probability": 1.0},
        {"duplicate_probability": 0.05},
        {"review_probability": 0.95},
    ],
)
def test_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSetting, match=next(iter(wrong))):
        Cleaning(**wrong)
