"""The maximum likelihood-ratio test: against pvLRT, its level, its power, and known signals."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.likelihood_ratio.maximum_test import likelihood_ratio_test

EVENTS = np.random.default_rng(0).gamma(0.5, 400, 40)


def without_signals(rng, totals=(300, 900)):
    """Columns that draw their events alike, beside a large column of all others."""
    share = EVENTS / EVENTS.sum()
    return np.column_stack([*(rng.multinomial(t, share) for t in totals), rng.multinomial(200_000, share)])


@pytest.mark.real
@pytest.mark.parametrize("name", ["statin46", "rv", "lovastatin"])
def test_equals_pvlrt(shared, peers, name):
    counts = pl.read_csv(shared / "pvlrt_contingency_tables" / f"{name}.csv").drop("").to_numpy()
    columns = range(counts.shape[1] - 1)
    cells = peers("likelihood_ratio_cells").filter(table=name)
    at = cells["row"].to_numpy(), cells["column"].to_numpy()
    np.testing.assert_array_equal(counts[at], cells["n"])
    settings = {"columns": columns, "family": "table", "step_down": False, "draws": 4000}
    for null, ratio, p in (
        ("poisson", "poisson", "p"),
        ("zero_inflated", "poisson", "p_inflated"),
        ("multinomial", "multinomial", None),
    ):
        tests = likelihood_ratio_test(counts, null=null, **settings)
        np.testing.assert_allclose(tests.log_ratio[at], cells[ratio], rtol=1e-9, atol=1e-9)
        if p is not None:  # both are simulated: four standard errors
            atol = 4 * np.sqrt(0.25 * (1 / 4000 + 1 / 20000))
            np.testing.assert_allclose(tests.p[at], cells[p], atol=atol)
        if null == "zero_inflated":
            zeros = peers("likelihood_ratio_zeros").filter(table=name)["zero"]
            np.testing.assert_allclose(tests.zero_chance, zeros, atol=1e-4)


@pytest.mark.real
def test_finds_intussusception_after_rotavirus_vaccine(shared):
    """VAERS 1999: the signal for which the vaccine was withdrawn, among 794 events."""
    table = pl.read_csv(shared / "pvlrt_contingency_tables" / "rv.csv")
    tests = likelihood_ratio_test(table.drop("").to_numpy(), columns=[0], draws=1999)
    (row,) = np.flatnonzero(table[""] == "Intussusception")
    assert tests.log_ratio[row, 0] == pytest.approx(58.95, abs=0.01)
    assert tests.p[row, 0] == pytest.approx(1 / 2000)
    assert (tests.log_ratio[:, 0] > tests.log_ratio[row, 0]).sum() == 3
    assert (tests.p[:, 0] <= 0.05).sum() < 40


@pytest.mark.real
def test_finds_the_named_signals_of_statins(shared):
    """The documentation of MDDC names these for its table statin49."""
    table = pl.read_csv(shared / "mddc_contingency_tables" / "statin49.csv")
    tests = likelihood_ratio_test(table.drop("").to_numpy(), columns=range(6), draws=1999)
    events, drugs = list(table[""]), table.columns[1:]
    for event, drug in (
        ("Rhabdomyolysis", "Atorvastatin"),
        ("Rhabdomyolysis", "Pravastatin"),
        ("Muscle Rupture", "Pravastatin"),
        ("Rhabdomyolysis", "Rosuvastatin"),
        ("Muscle Disorder", "Rosuvastatin"),
        ("Rhabdomyolysis", "Simvastatin"),
    ):
        assert tests.p[events.index(event), drugs.index(drug)] == pytest.approx(1 / 2000)
    assert np.isnan(tests.p[:, 6]).all()
    assert np.isnan(tests.p_column[6])


@pytest.mark.parametrize("null", ["multinomial", "poisson"])
def test_holds_its_level(null):
    rng = np.random.default_rng(3)
    smallest = []
    for seed in range(150):
        table = without_signals(rng)
        smallest.append(
            likelihood_ratio_test(table, columns=[0, 1], null=null, draws=199, seed=seed).p_column[:2]
        )
    claims = np.mean(np.array(smallest) <= 0.05)
    assert claims == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 300))


def test_the_false_discovery_rate_over_columns_is_held():
    """Twelve columns, of which four hold a signal: the share of false ones among columns that are claimed."""
    rng = np.random.default_rng(4)
    false = []
    for seed in range(30):
        table = without_signals(rng, totals=(400,) * 12)
        table[5, :4] += rng.poisson(60, 4)
        q = likelihood_ratio_test(table, columns=range(12), draws=499, seed=seed).q_column[:12]
        claimed = q <= 0.1
        assert claimed[:4].mean() >= 0.75
        false.append(claimed[4:].sum() / max(claimed.sum(), 1))
    assert np.mean(false) < 0.1 + 0.05


def test_stepping_down_claims_no_less_and_never_out_of_order():
    rng = np.random.default_rng(5)
    table = without_signals(rng)
    table[3, 0] += 60
    table[8, 0] += 12
    down, flat = (likelihood_ratio_test(table, columns=[0], step_down=s, draws=999) for s in (True, False))
    np.testing.assert_array_equal(down.log_ratio, flat.log_ratio)
    assert (down.p[:, 0] <= flat.p[:, 0] + 1e-12).all()
    order = np.argsort(-down.log_ratio[:, 0], kind="stable")
    assert (np.diff(down.p[order, 0]) >= 0).all()
    assert down.p[3, 0] == 1 / 1000


def test_structural_zeros_raise_p_where_zeros_are_many():
    """Where some cells can hold nothing, the others hold more than the margins expect; the null allows for that."""
    rng = np.random.default_rng(6)
    table = without_signals(rng)
    table[rng.random(40) < 0.5, 0] = 0
    table[7, 0] += 12
    plain, inflated = (
        likelihood_ratio_test(table, columns=[0], null=null, draws=1999)
        for null in ("poisson", "zero_inflated")
    )
    assert inflated.zero_chance[0] == pytest.approx(0.4, abs=0.15)
    assert inflated.zero_chance[2] == 0
    assert plain.zero_chance[0] == 0
    assert inflated.p[:, 0].sum() > plain.p[:, 0].sum()


def test_rows_permute_and_seeds_repeat():
    table = without_signals(np.random.default_rng(7))
    tests = likelihood_ratio_test(table, draws=99)
    again = likelihood_ratio_test(table, draws=99)
    np.testing.assert_array_equal(tests.p, again.p)
    turned = likelihood_ratio_test(table[::-1], draws=99)
    np.testing.assert_allclose(turned.log_ratio[::-1], tests.log_ratio)
    np.testing.assert_allclose(turned.p[::-1], tests.p, atol=0.25)


@pytest.mark.parametrize(
    "settings", [{"null": "normal"}, {"family": "row"}, {"draws": 0}, {"columns": [2]}, {"columns": []}]
)
def test_refusals(settings):
    with pytest.raises(InvalidSetting):
        likelihood_ratio_test([[1, 2], [3, 4]], **settings)
