"""Distributions of weight, against numerical integration and samples of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from coley.economics.doses.bodies import Empirical, LogNormal, Mixture, Normal, body_surface_m2
from coley.model.errors import InvalidSetting

AT = np.array([0.0, 30.0, 60.0, 80.0, 83.38, 110.0, 150.0, np.inf])


def oracle(frozen, x, low=-np.inf, high=np.inf):
    """Cdf and partial mean of a scipy distribution cut to a range, by quadrature."""
    inside = frozen.cdf(high) - frozen.cdf(low)
    top = min(x, high)
    if top <= low:
        return 0.0, 0.0
    mean = quad(lambda b: b * frozen.pdf(b), max(low, 0.0), min(top, 400.0), epsabs=1e-11, limit=200)[0]
    return (frozen.cdf(top) - frozen.cdf(low)) / inside, mean / inside


@pytest.mark.parametrize(
    ("body", "frozen", "cut"),
    [
        (Normal(83.38, 18.01), stats.norm(83.38, 18.01), (0.0, np.inf)),
        (Normal(83.38, 18.01, low=40, high=130), stats.norm(83.38, 18.01), (40.0, 130.0)),
        (
            LogNormal(76, 18),
            stats.lognorm(np.sqrt(np.log1p((18 / 76) ** 2)), scale=76 / np.sqrt(1 + (18 / 76) ** 2)),
            (0.0, np.inf),
        ),
        (
            LogNormal(76, 18, low=45, high=120),
            stats.lognorm(np.sqrt(np.log1p((18 / 76) ** 2)), scale=76 / np.sqrt(1 + (18 / 76) ** 2)),
            (45.0, 120.0),
        ),
    ],
)
def test_closed_forms_equal_quadrature(body, frozen, cut):
    expected = np.array([oracle(frozen, x, *cut) for x in AT])
    np.testing.assert_allclose(body.cdf(AT)[0], expected[:, 0], atol=1e-9)
    np.testing.assert_allclose(body.partial_mean(AT)[0], expected[:, 1], atol=1e-6)


def test_a_log_normal_has_the_mean_and_sd_that_were_given():
    values = LogNormal(76, 18).sample(np.random.default_rng(1), 400_000)
    assert abs(values.mean() - 76) < 0.15
    assert abs(values.std() - 18) < 0.15
    assert LogNormal(76, 18).average == pytest.approx(76)


def test_draws_of_the_mean_give_a_row_each():
    both = Normal([70, 90], [15, 18]).cdf([80])
    assert both.shape == (2, 1)
    np.testing.assert_allclose(both[:, 0], [Normal(70, 15).cdf([80])[0, 0], Normal(90, 18).cdf([80])[0, 0]])


@pytest.mark.parametrize(
    "body",
    [
        Normal(83.38, 18.01, low=50, high=120),
        LogNormal(76, 18),
        Empirical([55, 70, 70, 85, 102]),
        Mixture([0.29, 0.71], [Normal(72, 15), LogNormal(88, 17)]),
    ],
)
def test_samples_follow_the_cdf(body):
    values = body.sample(np.random.default_rng(2), 200_000)
    x = np.array([60.0, 70.0, 84.0, 100.0])
    np.testing.assert_allclose((values[:, None] <= x).mean(axis=0), body.cdf(x)[0], atol=0.004)
    np.testing.assert_allclose(
        np.where(values[:, None] <= x, values[:, None], 0).mean(axis=0), body.partial_mean(x)[0], atol=0.3
    )
    assert values.max() <= body.largest


def test_the_order_of_an_empirical_cohort_is_free():
    x = [54.9, 55.0, 80.0]
    assert Empirical([102, 55, 85, 70]).cdf(x).tolist() == Empirical([55, 70, 85, 102]).cdf(x).tolist()
    assert Empirical([102, 55, 85, 70]).cdf(x).tolist() == [[0, 0.25, 0.5]]


def test_body_surface_of_published_formulas():
    # Mosteller: sqrt(kg x cm / 3600); 70 kg and 175 cm are 1.84 m2 by either formula to two digits.
    assert body_surface_m2([70], [175])[0] == pytest.approx(np.sqrt(70 * 175 / 3600))
    assert body_surface_m2([70], [175], formula="du_bois")[0] == pytest.approx(1.8481, abs=1e-4)


def test_refusals():
    for make, word in (
        (lambda: Normal(183, 40), "pounds"),
        (lambda: Normal(1.8, 0.2), "believed"),
        (lambda: Normal(80, 0), "SD"),
        (lambda: Normal(80, 18, low=90, high=60), "range"),
        (lambda: Normal(80, 18, unit="lb"), "kg or m2"),
        (lambda: Empirical([70, np.nan]), "weight"),
        (lambda: Empirical([70, 0]), "weight"),
        (lambda: Mixture([0.5, 0.6], [Normal(70, 9), Normal(80, 9)]), "add up"),
        (lambda: Mixture([0.5, 0.5], [Normal(70, 9), Normal(1.8, 0.2, unit="m2")]), "kg"),
        (lambda: body_surface_m2([70], [1.75]), "metres"),
        (lambda: body_surface_m2([70], [175], formula="haycock"), "formula"),
    ):
        with pytest.raises(InvalidSetting) as error:
            make()
        assert word in str(error.value)
