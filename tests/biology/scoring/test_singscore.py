import numpy as np
import pytest
from scipy.stats import rankdata

from coley.biology.scoring import gene_sets, singscore


def test_a_worked_example():
    # ranks 6 4 5 1 2 3; up {0, 2}: mean 5.5, of 1.5 to 5.5, so 1; down {3, 5}: ranks from the top 6 and 4,
    # mean 5, so (5 - 1.5) / 4 = 0.875; centred 0.5 + 0.375
    X = np.array([[60.0], [40.0], [50.0], [10.0], [20.0], [30.0]])
    sets = gene_sets(["up", "down", "both"], [[0, 2], [3, 5], [0, 2, 3, 5]], [None, [-1, -1], [1, 1, -1, -1]])
    assert singscore(X, sets)[:, 0].tolist() == [0.5, 0.375, 0.875]
    assert singscore(X, sets, centred=False)[:, 0].tolist() == [1.0, 0.875, 1.875]


def test_tied_genes_share_the_lowest_rank():
    # ranks 1 1 1 4 5: up {1, 4} has mean 3, of 1.5 to 4.5
    X = np.array([[0.0], [0.0], [0.0], [2.0], [7.0]])
    assert singscore(X, gene_sets(["s"], [[1, 4]]))[0, 0] == pytest.approx((3 - 1.5) / 3 - 0.5)


def test_genes_that_should_be_low_are_ranked_from_the_top_by_the_same_ties():
    # the three zeros have rank 1, hence 5 from the top, the largest of five ranks for one gene
    X = np.array([[0.0], [0.0], [0.0], [2.0], [7.0]])
    assert singscore(X, gene_sets(["s"], [[0]], [[-1]]))[0, 0] == pytest.approx((5 - 1) / 4 - 0.5)


def test_scores_are_the_formula_over_the_ranks(cohort):
    X, sets = cohort
    ranks = np.apply_along_axis(rankdata, 0, X, method="min")
    genes = len(X)
    for k, score in enumerate(singscore(X, sets, centred=False)):
        rows = sets.rows(k)
        least, most = (len(rows) + 1) / 2, (2 * genes - len(rows) + 1) / 2
        np.testing.assert_allclose(score, (ranks[rows].mean(axis=0) - least) / (most - least), atol=1e-12)


def test_weights_of_zero_take_no_part(cohort):
    X, _ = cohort
    with_zero = gene_sets(["s"], [[1, 2, 3]], [[1, 0, -1]])
    assert np.array_equal(singscore(X, with_zero), singscore(X, gene_sets(["s"], [[1, 3]], [[1, -1]])))


def test_a_set_of_all_genes_has_no_score():
    assert np.isnan(singscore(np.arange(4.0)[:, None], gene_sets(["s"], [range(4)]))).all()
