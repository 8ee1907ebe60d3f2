"""Functions of many parameters are found again, and lengths tell which of them matter."""

from __future__ import annotations

import numpy as np
import pytest

from coley.stats.decision.gaussian_process import _lengths, gaussian_process_design
from coley.stats.decision.penalised import regress


@pytest.fixture(scope="module")
def bent():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 5)) * [1, 10, 1, 1, 0.01] + [0, 100, 0, 0, 5]
    z = (x - [0, 100, 0, 0, 5]) / [1, 10, 1, 1, 0.01]
    truth = z[:, 0] * z[:, 1] + np.sin(2 * z[:, 2]) + z[:, 3]
    return x, z, truth, truth + rng.normal(0, 0.5, 2000)


def fit(x, y, new):
    design = gaussian_process_design(x, y[:, None])
    coefficients, centres = regress(design.rows(x), design.penalties, y[:, None])
    return (design.rows(new) @ coefficients + centres)[:, 0]


def test_a_bent_function_of_five_parameters_is_found_again(bent):
    x, _, truth, y = bent
    found = fit(x, y, x)
    assert np.sqrt(np.mean((found - truth) ** 2)) < 0.18  # noise has 0.5
    # Units do not matter.
    np.testing.assert_allclose(
        fit(3 + x * [5, 1, 1e3, 1, 1e-3], y, 3 + x * [5, 1, 1e3, 1, 1e-3]), found, atol=0.01
    )


def test_lengths_tell_which_parameters_bend_the_function(bent):
    _, z, _, y = bent
    lengths = _lengths(z[:400], (y[:400] - y[:400].mean())[:, None] / y.std())
    assert lengths[:3].max() < 6
    assert lengths[3:].min() > 20  # a straight line, and nothing


def test_a_straight_line_stays_one_far_beyond_the_data():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(1500, 4))
    slopes = np.array([1.0, -2.0, 0.5, 0.0])
    far = 6 * np.eye(4)
    np.testing.assert_allclose(fit(x, x @ slopes + 0.1 * rng.normal(size=1500), far), 6 * slopes, atol=0.15)
