from __future__ import annotations

import pytest

from coley.economics.model_file.quantity import Cost, Quantity, Ratio, Share, Utility


def test_a_bare_number_is_known():
    known = Utility.model_validate(0.8)
    assert not known.uncertain
    assert known.ends() == (0.8, 0.8)
    assert known.believed().sd == (0.0,)


@pytest.mark.parametrize(
    ("kind", "given", "family"),
    [
        (Utility, {"value": 0.8, "se": 0.05}, "beta"),
        (Share, {"value": 0.1, "low": 0.05, "high": 0.15}, "beta"),
        (Cost, {"value": 1000, "se": 100}, "gamma"),
        (Ratio, {"value": 0.6, "low": 0.45, "high": 0.8}, "lognormal"),
        (Quantity, {"value": -3, "se": 1}, "normal"),
        (Cost, {"value": 1000, "low": 500, "high": 2000, "distribution": "uniform"}, "uniform"),
        (Cost, {"value": 1000, "low": 500, "high": 2000, "distribution": "triangular"}, "triangular"),
    ],
)
def test_each_kind_has_the_family_that_is_usual_for_it(kind, given, family):
    believed = kind.model_validate(given).believed()
    assert believed.family == family
    if family in {"beta", "gamma", "normal"}:
        assert believed.mean[0] == pytest.approx(given["value"])


def test_the_ends_of_a_one_way_analysis_are_the_limits_or_those_of_the_distribution():
    assert Ratio.model_validate({"value": 0.6, "low": 0.45, "high": 0.8}).ends() == (0.45, 0.8)
    low, high = Quantity.model_validate({"value": 10, "se": 2}).ends()
    assert (low, high) == pytest.approx((10 - 1.96 * 2, 10 + 1.96 * 2), abs=1e-3)
