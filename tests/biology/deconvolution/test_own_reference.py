"""Deconvolution with a reference of one's own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.biology.deconvolution import deconvolve, quantiseq
from coley.biology.deconvolution.facts import til10
from coley.model.errors import InvalidSetting, MissingData, UnreadableInput

RNG = np.random.default_rng(8)
PURE = RNG.lognormal(3, 1.5, (60, 4))
NAMES = [f"marker {i}" for i in range(60)]
SIGNATURE = pl.DataFrame({"gene": NAMES, **{f"cell {j}": PURE[:, j] for j in range(4)}})
GENES = [*NAMES, *(f"gene {i}" for i in range(10_940))]


def tpm(shares):
    X = np.zeros((11_000, shares.shape[1]))
    X[:60] = PURE @ shares
    X[60:] = (1e6 - X.sum(axis=0)) / 10_940
    return X


def test_known_mixtures_come_back_as_mrna_and_as_cells():
    shares = RNG.dirichlet(np.ones(4), 10).T * RNG.uniform(0.05, 1, 10)
    found = deconvolve(tpm(shares), GENES, signature=SIGNATURE, unit="tpm", draws=10)
    np.testing.assert_allclose(found.values[:4], shares, atol=1e-9)
    np.testing.assert_allclose(found.of("Other"), 1 - shares.sum(axis=0), atol=1e-9)
    assert found.unit == "fraction of mRNA"
    np.testing.assert_allclose(found.high - found.low, 0, atol=1e-8)  # genes agree
    content = {"cell 0": 2.0, "cell 1": 1.0, "cell 2": 1.0, "cell 3": 4.0}
    cells = deconvolve(tpm(shares), GENES, signature=SIGNATURE, unit="tpm", scaling=content, draws=0)
    expected = shares / np.array([[2.0], [1.0], [1.0], [4.0]])
    expected = expected / expected.sum(axis=0) * shares.sum(axis=0)
    np.testing.assert_allclose(cells.values[:4], expected, atol=1e-9)
    assert cells.unit == "fraction of cells"


def test_rows_and_columns_of_the_signature_may_be_in_any_order():
    shares = RNG.dirichlet(np.ones(4), 3).T * 0.5
    found = deconvolve(tpm(shares), GENES, signature=SIGNATURE, unit="tpm", draws=0)
    turned = SIGNATURE.select("cell 3", "gene", "cell 0", "cell 2", "cell 1").reverse()
    again = deconvolve(tpm(shares), GENES, signature=turned, unit="tpm", draws=0)
    for cell in found.cells:
        np.testing.assert_allclose(again.of(cell), found.of(cell), atol=1e-9)


def test_til10_as_own_reference_is_quantiseq_where_tregs_are_many():
    reference = til10()
    keep = [not why for why in reference.left_out_for]
    frame = pl.DataFrame(
        {
            "gene": np.array(reference.genes)[keep].tolist(),
            **{c: reference.profiles[keep, j] for j, c in enumerate(reference.cells)},
        }
    )
    X = np.zeros((12_000, 1))
    X[:170, 0] = reference.profiles @ np.full(10, 0.06) * RNG.lognormal(0, 0.2, 170)
    X[170:, 0] = (1e6 - X.sum()) / 11_830
    genes = [*reference.genes, *(f"gene {i}" for i in range(11_830))]
    content = dict(zip(reference.cells, reference.mrna.tolist(), strict=True))
    own = deconvolve(X, genes, signature=frame, scaling=content, unit="tpm", draws=20)
    theirs = quantiseq(X, genes, unit="tpm", draws=20)
    assert theirs.of("Tregs")[0] > 0.02
    np.testing.assert_allclose(own.values, theirs.values, atol=1e-12)


def test_refusals():
    X = tpm(np.full((4, 1), 0.1))
    with pytest.raises(UnreadableInput, match="column gene"):
        deconvolve(X, GENES, signature=SIGNATURE.rename({"gene": "symbol"}), unit="tpm")
    with pytest.raises(UnreadableInput, match="not a number"):
        deconvolve(X, GENES, signature=SIGNATURE.with_columns(x=pl.lit("much")), unit="tpm")
    with pytest.raises(UnreadableInput, match="told apart"):
        deconvolve(X, GENES, signature=SIGNATURE.with_columns(x=2 * pl.col("cell 1")), unit="tpm")
    with pytest.raises(UnreadableInput, match="repeats a gene"):
        deconvolve(X, GENES, signature=pl.concat([SIGNATURE, SIGNATURE]), unit="tpm")
    with pytest.raises(InvalidSetting, match="one positive mRNA content"):
        deconvolve(X, GENES, signature=SIGNATURE, unit="tpm", scaling={"cell 0": 1.0})
    with pytest.raises(MissingData, match="signature"):
        deconvolve(X, GENES[::-1], signature=SIGNATURE.with_columns(gene=pl.col("gene") + "?"), unit="tpm")
