import numpy as np
import pytest

from coley.biology.scoring import gene_sets, geometric_mean, mean_expression, ratio, weighted_sum
from coley.model.errors import InvalidSetting, UnreadableInput


def test_sums_and_means_written_out(cohort):
    X, _ = cohort
    rows, weights = [3, 17, 90], np.array([0.2, -0.5, 2.0])
    signed, plain = gene_sets(["s"], [rows], [weights]), gene_sets(["s"], [rows])
    np.testing.assert_allclose(weighted_sum(X, signed)[0], weights @ X[rows], rtol=1e-13)
    np.testing.assert_allclose(mean_expression(X, plain)[0], X[rows].mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(ratio(X, signed)[0], X[[3, 90]].mean(axis=0) - X[17], rtol=1e-12)


def test_geometric_mean_is_the_cytolytic_activity_of_rooney():
    granzyme, perforin = np.array([12.3, 0.0, 845.1]), np.array([4.4, 2.0, 90.0])
    expected = np.sqrt((granzyme + 0.01) * (perforin + 0.01))
    scores = geometric_mean([granzyme, perforin], gene_sets(["CYT"], [[0, 1]]))
    np.testing.assert_allclose(scores[0], expected, rtol=1e-13)


def test_geometric_mean_refuses_log_expression_in_its_genes_alone():
    X = np.array([[3.0], [-1.0]])
    with pytest.raises(UnreadableInput, match="negative"):
        geometric_mean(X, gene_sets(["s"], [[0, 1]]))
    assert geometric_mean(X, gene_sets(["s"], [[0]])).round(2) == 3.01


@pytest.mark.parametrize("offset", [0, -1, np.nan, np.inf])
def test_an_offset_that_is_no_offset_is_refused(offset):
    with pytest.raises(InvalidSetting, match="offset"):
        geometric_mean([[1.0]], gene_sets(["s"], [[0]]), offset=offset)


def test_the_ratio_does_not_change_sign_with_the_unit():
    # a quotient of mean logs would: log(1.5) / log(0.5) is negative although 1.5 / 0.5 is above one
    tpm = np.array([[1.5], [0.5]])
    sets = gene_sets(["s"], [[0, 1]], [[1, -1]])
    for unit in (1, 1e6):
        np.testing.assert_allclose(ratio(np.log2(tpm * unit), sets), np.log2(3), rtol=1e-12)


def test_half_a_ratio_is_none():
    assert np.isnan(ratio([[1.0, 2.0]], gene_sets(["s"], [[0]], [[-1]]))).all()
