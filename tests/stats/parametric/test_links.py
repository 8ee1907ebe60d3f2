"""Links go there and back, over the whole of their range, and rise or fall throughout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.stats.parametric.links import LINKS

SHARES = {"logit", "probit", "cloglog", "loglog", "share"}


@given(st.floats(1e-6, 1 - 1e-6))
def test_there_and_back(value):
    for name in LINKS:
        there = LINKS[name].working(np.float64(value))
        assert LINKS[name].natural(there) == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", sorted(SHARES))
def test_a_share_stays_between_nobody_and_everybody(name):
    eta = np.linspace(-30, 30, 601)
    with np.errstate(over="ignore"):
        natural = LINKS[name].natural(eta)
    inside = natural[~np.isnan(natural)]
    assert ((inside >= 0) & (inside <= 1)).all()
    steps = np.diff(inside)
    assert (steps >= 0).all() or (steps <= 0).all()
    assert np.isnan(natural).any() == (name == "share")


def test_the_complementary_links_mirror_each_other():
    p = np.array([0.1, 0.4, 0.9])
    np.testing.assert_allclose(LINKS["cloglog"].working(p), LINKS["loglog"].working(1 - p))
