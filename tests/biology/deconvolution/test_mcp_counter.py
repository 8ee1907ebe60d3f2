"""MCP-counter by hand; its intervals by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from coley.biology.deconvolution import mcp_counter
from coley.biology.deconvolution.facts import mcp_markers
from coley.model.errors import InvalidSetting, MissingData

MARKERS = [(gene, population) for population, genes in mcp_markers().items() for gene in genes]
GENES = [gene for gene, _ in MARKERS]
SIZE = {population: len(genes) for population, genes in mcp_markers().items()}


def test_score_is_the_mean_of_logs():
    X = np.random.default_rng(0).gamma(1, 20, (111, 4))
    found = mcp_counter(X, GENES, unit="tpm")
    for population in SIZE:
        rows = [i for i, (_, of) in enumerate(MARKERS) if of == population]
        np.testing.assert_allclose(found.of(population), np.log2(X[rows] + 1).mean(axis=0), atol=1e-12)
    assert found.unit == "mean log2(TPM + 1)"
    assert "never two populations" in found.notes[0]


def test_interval_by_hand_and_absent_where_one_marker_or_one_sample_is_there():
    X = np.random.default_rng(1).gamma(1, 20, (111, 3))
    found = mcp_counter(X, GENES, unit="tpm", level=0.9)
    rows = [i for i, (_, of) in enumerate(MARKERS) if of == "Fibroblasts"]
    logs = np.log2(X[rows] + 1)
    rest = logs - logs.mean(axis=1, keepdims=True)
    error = rest.std(axis=0, ddof=1) / np.sqrt(2 / 3) / np.sqrt(8)
    at = found.cells.index("Fibroblasts")
    np.testing.assert_allclose(found.high[at] - found.values[at], t.ppf(0.95, 7) * error)
    assert np.isnan(found.low[found.cells.index("CD8 T cells")]).all()
    alone = mcp_counter(X[:, :1], GENES, unit="tpm", level=0.9)
    np.testing.assert_allclose(alone.values, found.values[:, :1])
    assert np.isnan(alone.low).all()
    assert any("one sample" in note for note in alone.notes)


def test_interval_of_a_population_against_the_cohort_covers():
    rng = np.random.default_rng(11)
    n = 400
    level_of_gene = rng.normal(5, 2, (111, 1))
    amount = {population: rng.normal(0, 1, n) for population in SIZE}
    logs = level_of_gene + np.array([amount[of] for _, of in MARKERS]) + rng.normal(0, 0.7, (111, n))
    logs = np.maximum(logs, 0)  # few: genes are 5 on average
    found = mcp_counter(logs, GENES, unit="log2_tpm1")
    inside = []
    for population in ("B lineage", "Endothelial cells", "Neutrophils", "T cells"):
        i = found.cells.index(population)
        truth = found.values[i].mean() + amount[population] - amount[population].mean()
        inside.append((found.low[i] <= truth) & (truth <= found.high[i]))
    assert 0.92 < np.mean(inside) < 0.97


def test_counts_are_scaled_and_tpm_are_not():
    X = np.random.default_rng(2).gamma(1, 20, (111, 3))
    counts = mcp_counter(X * [[2.0, 5.0, 0.1]], GENES, unit="counts")
    np.testing.assert_allclose(counts.values, mcp_counter(X, GENES, unit="counts").values, atol=1e-12)
    assert counts.unit == "mean log2(CPM + 1)"
    assert mcp_counter(2 * X, GENES, unit="tpm").values[0, 0] > mcp_counter(X, GENES, unit="tpm").values[0, 0]


def test_former_symbols_and_the_garbled_marker():
    X = np.random.default_rng(3).gamma(1, 20, (111, 2))
    old = {"DIPK2B": "CXorf36", "ADGRL4": "ELTD1", "CAVIN2": "SDPR"}
    found = mcp_counter(X, [old.get(gene, gene) for gene in GENES], unit="tpm")
    np.testing.assert_allclose(found.values, mcp_counter(X, GENES, unit="tpm").values)
    assert "CAVIN2 as SDPR" in found.notes[-1]
    assert "C" not in GENES


def test_missing_markers():
    X = np.random.default_rng(4).gamma(1, 20, (111, 2))
    names = ["lost" if gene == "CD8B" else gene for gene in GENES]
    found = mcp_counter(X, names, unit="tpm")
    assert np.isnan(found.of("CD8 T cells")).all()
    assert found.coverage[found.cells.index("CD8 T cells")] == 0
    assert found.missing == ("CD8B",)
    assert any("CD8 T cells" in note for note in found.notes)
    with pytest.raises(MissingData, match="MCP-counter"):
        mcp_counter(X[:60], GENES[:60], unit="tpm")
    with pytest.raises(InvalidSetting, match="level"):
        mcp_counter(X, GENES, unit="tpm", level=0)
