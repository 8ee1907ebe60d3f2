"""The general-gamma prior: the printed example of Tan 2025, and mixtures that are known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.special import logsumexp

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.disproportionality.general_gamma import general_gamma
from coley.stats.disproportionality.mgps.mixture import GammaMixture
from coley.stats.disproportionality.mgps.quantiles import quantiles

TABLES = ("statin2025_44", "gbca2025_69")


@pytest.fixture(scope="module")
def cells(shared):
    """Read the cells of a table: events, counts, and what Tan 2025 expects from the reference row and column."""

    def read(name):
        table = pl.read_csv(shared / "pvebayes_contingency_tables" / f"{name}.csv")
        n = table.drop("").to_numpy().astype(float)
        return table[""].str.to_lowercase(), n, np.outer(n[:, -1], n[-1]) / n[-1, -1]

    return read


def their_prior(peers, name, alpha):
    rows = peers("general_gamma_priors").filter(
        pl.col("table") == name, (pl.col("alpha") - alpha).abs() < 1e-9
    )
    return GammaMixture.of(rows["weight"], shapes=rows["shape"], rates=1 / rows["scale"].to_numpy())


@pytest.mark.real
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("alpha", [0, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_likelihood_and_criteria_of_the_printed_grid(cells, peers, name, alpha):
    """The printed AIC and BIC (statins), from the prior that pvEBayes fits; ours is far likelier."""
    _, n, e = cells(name)
    near = (pl.col("alpha") - alpha).abs() < 1e-9
    row = peers("general_gamma_fits").filter(pl.col("table") == name, near).row(0, named=True)
    prior = their_prior(peers, name, alpha)
    value = logsumexp(prior.log_components(n.ravel(), e.ravel()), axis=1).sum()
    assert value == pytest.approx(row["loglik"], abs=1e-4)
    assert 6 * len(prior.weights) - 2 * value == pytest.approx(row["aic"], abs=1e-3)
    assert 3 * len(prior.weights) * np.log(n.size) - 2 * value == pytest.approx(row["bic"], abs=1e-3)
    ours = general_gamma(n.ravel(), e.ravel(), alpha=alpha)
    assert ours.converged
    assert ours.log_likelihood > row["loglik"] + 40
    assert ours.aic < row["aic"]


@pytest.mark.real
def test_printed_posteriors_of_statins(cells, peers, shared):
    """The ten printed rows follow from the prior of pvEBayes, within the error of its 1000 draws."""
    events, n, e = cells("statin2025_44")
    printed = pl.read_csv(shared / "pvebayes_contingency_tables" / "expected_statin2025_44_general_gamma.csv")
    drugs = (
        "Atorvastatin",
        "Fluvastatin",
        "Lovastatin",
        "Pravastatin",
        "Rosuvastatin",
        "Simvastatin",
        "Other_drugs",
    )
    at = (
        np.array([list(events).index(event.lower()) for event in printed["AE"]]),
        np.array([drugs.index(drug) for drug in printed["drug"]]),
    )
    np.testing.assert_array_equal(n[at], printed["N"])
    np.testing.assert_allclose(e[at], printed["E"], atol=0.006)
    posterior = their_prior(peers, "statin2025_44", 0.5).posterior(n[at], e[at])
    # four standard errors of a share among 1000 draws
    np.testing.assert_allclose(posterior.above(1.001), printed["post_prob"], atol=4 * np.sqrt(0.25 / 1000))
    for q, name in ((0.05, "q05"), (0.5, "q50"), (0.95, "q95")):
        np.testing.assert_allclose(quantiles(posterior, q), printed[name], rtol=0.03)
    every = their_prior(peers, "statin2025_44", 0.5).posterior(n.ravel(), e.ravel())
    # printed from draws: 107 and 95
    assert int((every.above(1.001) > 0.95).sum()) == pytest.approx(107, abs=3)
    assert int((every.above(1.01) > 0.99).sum()) == pytest.approx(95, abs=3)


@pytest.mark.real
def test_our_own_fit_to_statins_against_the_printed_one(cells, shared):
    """Where counts are many, medians agree; components narrow to points that pvEBayes leaves as wide as it began."""
    events, n, e = cells("statin2025_44")
    printed = pl.read_csv(
        shared / "pvebayes_contingency_tables" / "expected_statin2025_44_general_gamma.csv"
    )[:5]
    fit = general_gamma(n.ravel(), e.ravel(), alpha=0.5)
    row = list(events).index("acute kidney injury")
    found = quantiles(fit.prior.posterior(n[row, :5], e[row, :5]), 0.5)
    np.testing.assert_allclose(found, printed["q50"], rtol=0.02)
    posterior = fit.prior.posterior(n.ravel(), e.ravel())
    assert int((posterior.above(1.001) > 0.95).sum()) == pytest.approx(107, abs=6)
    assert int((posterior.above(1.01) > 0.99).sum()) == pytest.approx(95, abs=3)


@pytest.mark.parametrize("alpha", [0.0, 0.9])
def test_recovers_points(alpha):
    rng = np.random.default_rng(3)
    e = rng.gamma(2, 30, 1200)
    n = rng.poisson(e * rng.choice([0.5, 1, 4], p=[0.3, 0.6, 0.1], size=1200))
    prior = general_gamma(n, e, alpha=alpha).prior
    means = prior.shapes / prior.rates
    for point, share in ((0.5, 0.3), (1, 0.6), (4, 0.1)):
        near = np.abs(np.log(means / point)) < 0.15
        assert prior.weights[near].sum() == pytest.approx(share, abs=0.04)


def test_posteriors_from_a_smooth_prior_hold_the_truth():
    rng = np.random.default_rng(4)
    e = rng.gamma(1, 5, 2000)
    ratio = np.where(rng.random(2000) < 0.1, rng.gamma(5, 1, 2000), rng.gamma(4, 0.25, 2000))
    n = rng.poisson(e * ratio)
    prior = general_gamma(n, e).prior
    posterior = prior.posterior(n, e)
    low, high = quantiles(posterior, 0.05), quantiles(posterior, 0.95)
    # a prior of few points covers less where counts are few: that is its limit, and not by much
    assert np.mean((low <= ratio) & (ratio <= high)) > 0.80
    assert np.corrcoef(posterior.mean, ratio)[0, 1] > 0.8


def test_a_smaller_concentration_leaves_fewer_components():
    rng = np.random.default_rng(5)
    e = rng.gamma(1, 20, 600)
    n = rng.poisson(e * rng.gamma(2, 0.5, 600))
    few, many = (len(general_gamma(n, e, alpha=a).prior.weights) for a in (0.0, 0.9))
    assert few < many


def test_order_and_unknown_pairs_do_not_matter():
    rng = np.random.default_rng(6)
    e = rng.gamma(1, 20, 400)
    n = rng.poisson(e * rng.gamma(2, 0.5, 400)).astype(float)
    one, two = general_gamma(n, e), general_gamma(np.r_[n[::-1], 0], np.r_[e[::-1], 0])
    assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-9)
    assert two.pairs == one.pairs == 400
    assert one.bic > one.aic


def test_refusals():
    for settings in ({"alpha": 1.0}, {"alpha": -0.1}, {"components": 1}):
        with pytest.raises(InvalidSetting, match="Dirichlet"):
            general_gamma([1, 2], [1, 1], **settings)
    with pytest.raises(NotEstimable):
        general_gamma([1, 1], [1, 1])
    with pytest.raises(UnreadableInput):
        general_gamma([1, -1], [1, 1])
