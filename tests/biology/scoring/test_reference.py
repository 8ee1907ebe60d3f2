import csv
import gzip

import numpy as np
import pytest

from coley.biology.scoring import SCORING, freeze, gene_sets, gsva, mean_z, pair_rules, plage
from coley.model.errors import InvalidSetting, MissingData, NotEstimable, UnreadableInput


def names(X):
    return [f"g{i}" for i in range(len(X))]


def test_it_tells_of_genes_and_not_of_patients(cohort):
    X, _ = cohort
    reference = freeze(X, names(X))
    shuffled = freeze(X[:, ::-1], names(X))
    assert np.array_equal(reference.values, np.sort(X, axis=1))
    assert np.array_equal(reference.values, shuffled.values)
    assert np.array_equal(reference.sd, shuffled.sd)
    np.testing.assert_allclose(reference.mean, X.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(reference.sd, X.std(axis=1, ddof=1), rtol=1e-12)
    assert reference.samples == 15


def test_restricted_it_is_the_reference_of_those_genes(cohort):
    X, sets = cohort
    rows = np.r_[150:200, 0:20]
    small = freeze(X, names(X), sets=sets).restrict([f"g{i}" for i in rows])
    direct = freeze(X[rows], [f"g{i}" for i in rows])
    assert small.genes == direct.genes
    for field in ("values", "mean", "sd"):
        assert np.array_equal(getattr(small, field), getattr(direct, field))
    assert small.loadings.names == ("together",)  # the only set whose genes are all there
    moved = gene_sets(["together"], [range(50, 70)])
    np.testing.assert_allclose(plage(X[rows], moved, reference=small), plage(X, sets)[:1], rtol=0, atol=1e-12)
    assert np.array_equal(gsva(X[rows], moved, reference=small), gsva(X[rows], moved, reference=direct))


def test_what_is_not_in_the_reference_is_named(cohort):
    X, _ = cohort
    reference = freeze(X, names(X))
    with pytest.raises(MissingData, match="CD8A"):
        reference.restrict(["g1", "CD8A"])
    with pytest.raises(InvalidSetting, match="named twice"):
        reference.restrict(["g1", "g1"])


def test_bad_cohorts_are_refused(cohort):
    X, sets = cohort
    with pytest.raises(NotEstimable, match="at least 10"):
        freeze(X[:, :9], names(X))
    with pytest.raises(InvalidSetting, match="cannot carry"):
        freeze(X, names(X)[1:])
    with pytest.raises(InvalidSetting, match="'g1' is named twice"):
        freeze(X, ["g1", "g1", *names(X)[2:]])
    with pytest.raises(UnreadableInput, match="missing or infinite"):
        freeze(np.where(X > 8, np.nan, X), names(X))
    with pytest.raises(InvalidSetting, match="points to a row"):
        freeze(X[:50], names(X)[:50], sets=sets)


def test_a_gene_that_is_constant_in_the_reference_is_left_out_of_new_samples():
    rng = np.random.default_rng(1)
    cohort = rng.normal(size=(30, 20))
    cohort[3] = 0.7
    reference = freeze(cohort, [f"g{i}" for i in range(30)])
    new = rng.normal(size=(30, 4))
    other = new.copy()
    other[3] = 100
    for method in (mean_z, gsva):
        scores = [method(X, gene_sets(["s"], [[1, 3, 8]]), reference=reference) for X in (new, other)]
        assert np.array_equal(*scores)


@pytest.mark.real
def test_patients_of_one_trial_against_a_reference_of_another(shared):
    def read(folder):
        path = shared / folder / "expression_log2tpm001.tsv.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = list(csv.reader(file, delimiter="\t"))[1:]
        return [row[0] for row in rows], np.array([[float(x) for x in row[1:]] for row in rows])

    genes, riaz = read("riaz2017_predictior")
    reference_genes, hugo = read("hugo2016_predictior")
    wanted = [["GZMA", "PRF1"], ["CD8A", "CD3D", "CD3E", "CD2", "GZMK"], ["CXCL9", "CXCL10", "IDO1", "STAT1"]]
    members = [[reference_genes.index(gene) for gene in group] for group in wanted]
    sets = gene_sets(["cytolytic", "T cells", "interferon"], members)
    reference = freeze(hugo, reference_genes, sets=sets)
    X = riaz[[genes.index(gene) for gene in reference_genes]]
    for method in SCORING.values():
        if not method.function.__module__.startswith("coley.biology.scoring."):
            continue  # of another room
        used, values = sets, X
        if method.name == "gene_pairs":
            used = pair_rules(
                sets.names, [np.reshape(rows[: len(rows) // 2 * 2], (-1, 2)) for rows in members]
            )
        elif method.weights == "sign":
            used = gene_sets(sets.names, members, [np.resize([1, -1], len(rows)) for rows in members])
        elif method.scale == "linear":
            values = 2**X
        together = method.function(values, used, reference=reference)
        alone = [method.function(values[:, [j]], used, reference=reference) for j in range(X.shape[1])]
        assert np.array_equal(together, np.hstack(alone)), method.name
        assert np.isfinite(together).all(), method.name
    for name in (
        "mean_z",
        "ssgsea",
        "gsva",
        "plage",
    ):  # T cells and their cytotoxins go together, in every way
        scores = SCORING[name].function(X, sets, reference=reference)
        assert np.corrcoef(scores)[0, 1] > 0.7, name
