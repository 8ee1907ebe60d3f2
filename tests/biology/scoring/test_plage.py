import numpy as np
import pytest

from coley.biology.scoring import freeze, gene_sets, mean_z, plage
from coley.model.errors import MissingData


def test_activities_are_those_of_gsva_in_r_but_for_the_sign(oracle, cohort):
    X, sets = cohort
    theirs, mean = oracle("r_plage"), mean_z(X, sets)
    told = sets.sizes > 2
    signs = np.sign((theirs * mean).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(plage(X, sets)[told], (signs * theirs)[told], rtol=0, atol=1e-10)


def test_two_genes_that_move_apart_have_no_sign(cohort):
    # their loadings are 1 and -1 over the root of 2: the mean of the genes is nought along them
    X, sets = cohort
    pair = sets.rows(1)
    assert np.corrcoef(X[pair])[0, 1] < 0
    assert np.isnan(plage(X, sets)[1]).all()


def test_new_samples_are_projected_on_the_loadings_of_the_reference(cohort):
    X, sets = cohort
    reference = freeze(X, [f"g{i}" for i in range(len(X))], sets=sets)
    middle = plage(X.mean(axis=1, keepdims=True), sets, reference=reference)
    halfway = (X[:, [0]] + X[:, [1]]) / 2
    np.testing.assert_allclose(middle[[0, 2, 3, 4, 5]], 0, atol=1e-12)
    np.testing.assert_allclose(
        plage(halfway, sets, reference=reference)[:, 0], plage(X, sets)[:, :2].mean(axis=1), atol=1e-12
    )


def test_loadings_belong_to_genes_and_not_to_places_in_a_list(cohort):
    X, sets = cohort
    reference = freeze(X, [f"g{i}" for i in range(len(X))], sets=sets)
    listed = [np.roll(sets.rows(k), 2)[::-1] for k in range(len(sets))][::-1]
    scores = plage(X, gene_sets(sets.names[::-1], listed), reference=reference)
    np.testing.assert_allclose(scores[::-1], plage(X, sets), rtol=0, atol=1e-12)


def test_a_reference_without_these_loadings_is_refused(cohort):
    X, _ = cohort
    names = [f"g{i}" for i in range(len(X))]
    for reference in (freeze(X, names), freeze(X, names, sets=gene_sets(["set5"], [[0, 1]]))):
        with pytest.raises(MissingData, match="no loadings"):
            plage(X, gene_sets(["set5"], [[0, 2]]), reference=reference)
