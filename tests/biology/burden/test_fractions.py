import numpy as np
import polars as pl
import pytest

from coley.biology.burden import clonal_burden, fractions
from coley.model.errors import InvalidSetting, MissingData


def test_fractions_join_purity_by_sample_and_keep_missing_missing():
    mutations = pl.DataFrame({"sample_id": ["b", "a", "c"], "mutation": list("xyz"), "vaf": [0.2, 0.2, None]})
    samples = pl.DataFrame({"sample_id": ["c", "a", "b"], "purity": [0.5, None, 0.8]})
    table = fractions(mutations, samples)
    assert table["ccf"].to_list() == [0.5, None, None]


def test_fractions_recover_the_truth_from_simulated_reads():
    rng = np.random.default_rng(5)
    n, depth, purity = 4000, 400, 0.7
    truth = np.where(rng.random(n) < 0.6, 1.0, 0.4)
    alt = rng.binomial(depth, truth * purity / 2)
    mutations = pl.DataFrame(
        {
            "sample_id": ["a"] * n,
            "mutation": [str(i) for i in range(n)],
            "vaf": alt / depth,
            "alt_reads": alt,
            "ref_reads": depth - alt,
        }
    )
    table = fractions(mutations, pl.DataFrame({"sample_id": ["a"], "purity": [purity]}))
    sub = truth == 0.4
    ccf, low, high = (table[name].to_numpy() for name in ("ccf", "ccf_low", "ccf_high"))
    assert ccf[sub].mean() == pytest.approx(0.4, abs=0.01)
    assert ((low <= truth) & (truth <= high))[sub].mean() == pytest.approx(0.95, abs=0.02)
    counts = clonal_burden(table).table.row(0, named=True)
    assert counts["clonal"] == pytest.approx((~sub).sum(), rel=0.05)


def test_what_is_lacking_is_named():
    with pytest.raises(MissingData, match="purity"):
        fractions(pl.DataFrame({"sample_id": ["a"], "vaf": [0.1]}), pl.DataFrame({"sample_id": ["a"]}))
    with pytest.raises(MissingData, match="vaf"):
        fractions(pl.DataFrame({"sample_id": ["a"]}), pl.DataFrame({"sample_id": ["a"], "purity": [0.5]}))
    with pytest.raises(InvalidSetting, match="fraction"):
        fractions(
            pl.DataFrame({"sample_id": ["a"], "mutation": ["x"], "vaf": [0.1]}),
            pl.DataFrame({"sample_id": ["a"], "purity": [60.0]}),
        )
