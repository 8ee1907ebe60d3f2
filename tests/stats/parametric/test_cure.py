"""Cure: the two ways of having a share, their links, starts that find the higher of two hills."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.parametric import curves
from coley.stats.parametric.cure import CURE_LINKS, mixture_cure, non_mixture_cure
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit


def test_definitions():
    at = np.array([1.0, 8.0, 40.0])
    s0 = curves.survival(FAMILIES["log_logistic"], [1.5, 9.0], at)
    np.testing.assert_allclose(
        curves.survival(mixture_cure(FAMILIES["log_logistic"]), [0.3, 1.5, 9.0], at), 0.3 + 0.7 * s0
    )
    np.testing.assert_allclose(
        curves.survival(non_mixture_cure(FAMILIES["log_logistic"]), [0.3, 1.5, 9.0], at), 0.3 ** (1 - s0)
    )


@pytest.mark.parametrize("kind", [mixture_cure, non_mixture_cure])
def test_without_a_cured_share_a_mixture_is_its_family(kind):
    at = np.array([1.0, 8.0, 40.0])
    nearly = curves.survival(mixture_cure(FAMILIES["gamma"]), [1e-15, 2.0, 0.1], at)
    np.testing.assert_allclose(nearly, curves.survival(FAMILIES["gamma"], [2.0, 0.1], at), rtol=1e-12)
    assert curves.survival(kind(FAMILIES["gamma"]), [0.25, 2.0, 0.1], [1e6])[0] == pytest.approx(0.25)


@pytest.mark.parametrize("kind", [mixture_cure, non_mixture_cure])
def test_the_link_changes_the_interval_and_not_the_fit(kind, follow_up):
    data = follow_up("background", "upper", "background_between")
    fits = {link: fit(kind(FAMILIES["weibull"], link=link), data) for link in CURE_LINKS}
    shares = {link: found.cure_fraction() for link, found in fits.items()}
    for link, found in fits.items():
        assert found.loglik == pytest.approx(fits["logit"].loglik, abs=1e-7)
        assert shares[link].value == pytest.approx(shares["logit"].value, abs=1e-5)
        assert 0.03 < shares[link].value - shares[link].low < 0.12
        assert shares[link].low == pytest.approx(found.estimates["cured"].low)
    symmetric = shares["identity"]
    assert symmetric.high - symmetric.value == pytest.approx(symmetric.value - symmetric.low)
    assert shares["logit"].high != pytest.approx(symmetric.high, abs=1e-4)


def test_no_start_finds_a_higher_hill():
    """A third dies at once, some late, the rest never: more than one reading of who is cured."""
    rng = np.random.default_rng(12)
    t = np.concatenate([rng.exponential(1.0, 60), rng.uniform(20, 34, 40), rng.exponential(2.0, 60)])
    end = rng.uniform(22, 30, 160)
    data = survival_data(np.minimum(t, end), t <= end)
    family = mixture_cure(FAMILIES["log_normal"])
    best = fit(family, data)
    for start in ([-3.0, 1.0, 0.5], [0.0, 1.0, 0.5], [-1.0, 0.0, 0.0], [-2.0, 3.0, -1.0]):
        assert best.loglik >= fit(family, data, start=start).loglik - 1e-6


def test_nobody_cured_is_the_edge_and_is_told():
    t = np.random.default_rng(7).weibull(1.4, 200)
    found = fit(mixture_cure(FAMILIES["weibull"]), survival_data(t, np.ones(200)))
    assert found.search.end == "edge"
    assert found.parameters()[0] < 1e-6
    assert found.loglik == pytest.approx(
        fit(FAMILIES["weibull"], survival_data(t, np.ones(200))).loglik, abs=1e-3
    )
    assert found.notes == ("The cured share ran to 0: fit the family without it.",)
    assert np.isnan(found.cure_fraction().high)


def test_bad_requests_are_refused():
    with pytest.raises(UnknownName, match="cloglog"):
        mixture_cure(FAMILIES["weibull"], link="clogog")
    with pytest.raises(InvalidSetting, match="already"):
        non_mixture_cure(mixture_cure(FAMILIES["weibull"]))
