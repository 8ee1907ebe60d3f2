import numpy as np
import pytest

from coley.biology.scoring import freeze, gene_sets, mean_z, z_score


def test_combined_z_is_that_of_gsva_in_r(oracle, cohort):
    np.testing.assert_allclose(z_score(*cohort), oracle("r_z_score"), rtol=0, atol=1e-12)


def test_weighted_scores_written_out(cohort):
    X, _ = cohort
    rows, weights = [3, 17, 90], np.array([1.0, -0.5, 2.0])
    z = (X[rows] - X[rows].mean(axis=1, keepdims=True)) / X[rows].std(axis=1, ddof=1, keepdims=True)
    sets = gene_sets(["s"], [rows], [weights])
    np.testing.assert_allclose(mean_z(X, sets)[0], weights @ z / 3.5, rtol=0, atol=1e-12)
    np.testing.assert_allclose(z_score(X, sets)[0], weights @ z / np.sqrt(1 + 0.25 + 4), rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", [mean_z, z_score])
def test_z_is_that_of_the_reference(method, cohort):
    X, sets = cohort
    reference = freeze(X, [f"g{i}" for i in range(len(X))])
    shifted = X.copy() + reference.sd[:, None]  # every gene one standard deviation up
    gain = method(shifted, sets, reference=reference) - method(X, sets)
    expected = np.ones(len(sets)) if method is mean_z else np.sqrt(sets.sizes)
    np.testing.assert_allclose(gain, np.tile(expected[:, None], X.shape[1]), atol=1e-12)
