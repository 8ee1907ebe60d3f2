"""Overall expression: the closed form is what the random sets of the paper tend to."""

from __future__ import annotations

import numpy as np
import pytest

from coley.biology.scoring import freeze, gene_sets
from coley.biology.signatures.overall_expression import overall_expression
from coley.model.errors import NotEstimable


def matrix(genes: int = 600, samples: int = 12) -> np.ndarray:
    rng = np.random.default_rng(11)
    return rng.normal(rng.gamma(2, 2, genes)[:, None], 1.0, (genes, samples))


def test_it_is_the_mean_over_random_sets_of_equally_expressed_genes() -> None:
    """Jerby-Arnon 2018 draws 1,000 sets; here 20,000, so that their mean is known to 0.01."""
    X = matrix()
    members = np.random.default_rng(1).choice(len(X), 15, replace=False)
    centred = X - X.mean(axis=1, keepdims=True)
    bin_of = np.empty(len(X), dtype=int)
    bin_of[np.argsort(X.mean(axis=1))] = np.arange(len(X)) * 50 // len(X)
    rng = np.random.default_rng(2)
    drawn = np.stack([rng.choice(np.flatnonzero(bin_of == bin_of[g]), 20_000) for g in members])
    by_drawing = centred[members].mean(axis=0) - centred[drawn].mean(axis=(0, 1))
    exact = overall_expression(X, gene_sets(["s"], [members]))[0]
    np.testing.assert_allclose(exact, by_drawing, atol=0.01)
    assert np.ptp(exact) > 0.3


def test_a_shift_of_a_whole_sample_cancels() -> None:
    X = matrix()
    sets = gene_sets(["s"], [np.arange(0, 600, 40)])
    shifted = X + np.arange(12) * 0.5  # depth or quality of a sample
    np.testing.assert_allclose(overall_expression(shifted, sets), overall_expression(X, sets), atol=1e-9)


def test_with_a_reference_one_sample_is_enough() -> None:
    X = matrix()
    sets = gene_sets(["s"], [np.arange(0, 600, 40)])
    with pytest.raises(NotEstimable):
        overall_expression(X[:, :1], sets)
    frozen = freeze(X, [f"g{i}" for i in range(600)])
    alone = overall_expression(X[:, :1], sets, reference=frozen)
    np.testing.assert_allclose(alone[:, 0], overall_expression(X, sets)[:, 0], atol=1e-9)


def test_an_empty_set_scores_nothing() -> None:
    assert np.isnan(overall_expression(matrix(), gene_sets(["none"], [[]]))).all()
