"""The rule from expression: as fitted, as far as it goes, and where it breaks."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from coley.biology.phenotype import PHENOTYPES, immune_phenotype
from coley.biology.phenotype.expression_rule import _rule
from coley.model.errors import InvalidSetting, MissingData, NotEstimable

GENES = list(_rule().genes)


def matrix(scores):
    """Eight genes around the wanted mean log2(TPM + 1)."""
    return np.asarray(scores) + np.linspace(-0.2, 0.2, 8)[:, None]


def test_probabilities_by_hand():
    scores = np.array([0.5, 2.0, 2.67, 3.5, 5.5])
    found = immune_phenotype(matrix(scores), GENES, unit="log2_tpm1", reference="imvigor210")
    z = (scores - 2.668699) / 1.263764
    desert, below = expit(-1.77518 - 2.3665 * z), expit(1.77409 - 2.3665 * z)
    np.testing.assert_allclose(found.probability, [desert, below - desert, 1 - below], atol=1e-9)
    np.testing.assert_allclose(found.score, scores, atol=1e-12)
    assert found.labels == ("desert", "unclassifiable", "excluded", "unclassifiable", "inflamed")
    assert found.mode == "single-sample"
    assert ((found.low <= found.probability) & (found.probability <= found.high)).all()


def test_more_t_cells_never_mean_less_inflamed():
    found = immune_phenotype(
        matrix(np.linspace(0.2, 9, 50)),
        GENES,
        unit="log2_tpm1",
        reference="imvigor210",
        least_probability=0.34,
    )
    assert (np.diff(found.probability[0]) <= 0).all()
    assert (np.diff(found.probability[2]) >= 0).all()
    order = [PHENOTYPES.index(label) for label in found.labels if label in PHENOTYPES]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2}


def test_limits_of_the_desert_probability_are_those_of_the_fit():
    z = 1.0
    score = 2.668699 + 1.263764 * z
    found = immune_phenotype(matrix([score]), GENES, unit="log2_tpm1", reference="imvigor210", level=0.9)
    rule = _rule()
    gradient = np.array([1.0, 0.0, -z])
    logit = gradient @ rule.coefficients
    half = 1.645 * np.sqrt(gradient @ rule.covariance @ gradient)
    assert found.low[0, 0] == pytest.approx(expit(logit - half), rel=0.1)
    assert found.high[0, 0] == pytest.approx(expit(logit + half), rel=0.1)


def test_relative_to_a_cohort_a_shift_of_the_quantification_does_not_matter():
    scores = np.random.default_rng(0).normal(3, 1, 40)
    found = immune_phenotype(matrix(scores), GENES, unit="log2_tpm1", reference="cohort")
    moved = immune_phenotype(matrix(1.5 * scores + 2), GENES, unit="log2_tpm1", reference="cohort")
    np.testing.assert_allclose(moved.probability, found.probability, atol=1e-9)
    assert found.mode == "cohort-relative"
    # Limits know the size of the cohort: the same spread in ten times as many samples narrows them.
    many = immune_phenotype(
        np.tile(matrix(scores), 10), GENES, unit="log2_tpm1", reference="cohort", samples=range(400)
    )
    width = (found.high - found.low).mean(), (many.high[:, :40] - many.low[:, :40]).mean()
    assert width[1] < 0.9 * width[0]


def test_nothing_is_assigned_by_default_or_without_ground():
    X = matrix(np.linspace(1, 5, 25))
    with pytest.raises(InvalidSetting, match="unless you say against what") as error:
        immune_phenotype(X, GENES, unit="log2_tpm1")
    assert "pathologist" in error.value.remedy
    with pytest.raises(InvalidSetting, match="against what"):
        immune_phenotype(X, GENES, unit="log2_tpm1", reference="tcga")
    with pytest.raises(NotEstimable, match="19 samples"):
        immune_phenotype(X[:, :19], GENES, unit="log2_tpm1", reference="cohort")
    with pytest.raises(NotEstimable, match="same T-effector level"):
        immune_phenotype(matrix(np.full(20, 2.0)), GENES, unit="log2_tpm1", reference="cohort")
    with pytest.raises(MissingData, match="T-effector level"):
        immune_phenotype(X[1:], GENES[1:], unit="log2_tpm1", reference="cohort")
    with pytest.raises(InvalidSetting, match="do not allow"):
        immune_phenotype(X, GENES, unit="log2_counts1", reference="cohort")
    with pytest.raises(InvalidSetting, match="least_probability"):
        immune_phenotype(X, GENES, unit="log2_tpm1", reference="cohort", least_probability=0.1)


def table(path):
    with gzip.open(path, "rt") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def expression(path):
    with gzip.open(path, "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    X = np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])
    return X, [row[0] for row in rows[1:]], rows[0][1:]


def ordinal(z, label):
    """Fit proportional odds by maximum likelihood: two cuts and a slope."""

    def loss(b):
        below = np.stack([expit(b[0] - b[2] * z), expit(b[1] - b[2] * z)])
        p = np.stack([below[0], below[1] - below[0], 1 - below[1]])
        return -np.log(np.maximum(p[label, np.arange(len(z))], 1e-12)).sum()

    return minimize(loss, [-1.0, 1.0, 1.0], method="BFGS").x


def probabilities(b, z):
    below = np.stack([expit(b[0] - b[2] * z), expit(b[1] - b[2] * z)])
    return np.stack([below[0], below[1] - below[0], 1 - below[1]])


def kappa(a, b):
    chance = sum((a == k).mean() * (b == k).mean() for k in range(3))
    return ((a == b).mean() - chance) / (1 - chance)


@pytest.fixture(scope="module")
def bladder(shared):
    X, genes, samples = expression(shared / "imvigor210_predictior" / "expression_log2tpm001.tsv.gz")
    words = {
        r["sample_id"]: r["Immune.phenotype"] for r in table(shared / "imvigor210_predictior/clinical.tsv.gz")
    }
    there = [i for i, name in enumerate(samples) if words[name]]
    label = np.array([PHENOTYPES.index(words[samples[i]]) for i in there])
    return X[:, there], genes, label


@pytest.mark.real
def test_the_table_is_the_fit_to_imvigor210(bladder):
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    X, genes, label = bladder
    found = immune_phenotype(X, genes, unit="log2_tpm001", reference="imvigor210")
    rule = _rule()
    assert found.score.mean() == pytest.approx(rule.mean, abs=1e-6)
    assert found.score.std(ddof=1) == pytest.approx(rule.sd, abs=1e-6)
    z = (found.score - rule.mean) / rule.sd
    fit = OrderedModel(label, z[:, None], distr="logit").fit(method="bfgs", disp=False, gtol=1e-8)
    cuts = fit.model.transform_threshold_params(fit.params[1:])[1:3]
    np.testing.assert_allclose(rule.coefficients, [*cuts, fit.params[0]], atol=1e-4)
    assert np.sqrt(rule.covariance[2, 2]) == pytest.approx(fit.bse[0], rel=0.01)
    np.testing.assert_allclose(found.probability, fit.predict().T, atol=1e-4)


@pytest.mark.real
def test_the_figures_of_the_limits_in_cross_validation(bladder):
    X, genes, label = bladder
    score = immune_phenotype(X, genes, unit="log2_tpm001", reference="imvigor210").score
    right, agreement, loss, passed, right_of_passed = [], [], [], [], []
    for seed in range(3):
        fold = np.empty(len(label), dtype=int)
        rng = np.random.default_rng(seed)
        for k in range(3):  # stratified
            rows = rng.permutation(np.flatnonzero(label == k))
            fold[rows] = np.arange(len(rows)) % 10
        p = np.empty((3, len(label)))
        for f in range(10):
            train = fold != f
            mean, sd = score[train].mean(), score[train].std(ddof=1)
            p[:, ~train] = probabilities(
                ordinal((score[train] - mean) / sd, label[train]), (score[~train] - mean) / sd
            )
        called = p.argmax(axis=0)
        sure = p.max(axis=0) >= 0.6
        right.append((called == label).mean())
        agreement.append(kappa(called, label))
        loss.append(-np.log(p[label, np.arange(len(label))]).mean())
        passed.append(sure.mean())
        right_of_passed.append((called == label)[sure].mean())
    assert np.mean(right) == pytest.approx(0.71, abs=0.02)
    assert (label == 1).mean() == pytest.approx(0.44, abs=0.005)
    assert np.mean(agreement) == pytest.approx(0.55, abs=0.03)
    assert np.mean(loss) == pytest.approx(0.70, abs=0.02)
    share = np.bincount(label) / len(label)
    assert -(share * np.log(share)).sum() == pytest.approx(1.08, abs=0.006)
    assert np.mean(passed) == pytest.approx(0.75, abs=0.03)
    assert np.mean(right_of_passed) == pytest.approx(0.74, abs=0.02)
    areas = [auc(p[k], label == k) for k in range(3)]
    np.testing.assert_allclose(areas, [0.89, 0.75, 0.91], atol=0.02)


def auc(score, positive):
    above = score[positive][:, None] - score[~positive][None]
    return ((above > 0) + 0.5 * (above == 0)).mean()


@pytest.mark.real
def test_the_figures_of_the_limits_in_other_organs(shared):
    folder = shared / "compass_itrp_signatures"
    level = {
        row["Index"]: float(row["Fehrenbacher_Teff"]) for row in table(folder / "mean_signature_132.tsv.gz")
    }
    rows = [
        r
        for r in table(folder / "clinical_label.tsv.gz")
        if r["cohort"] == "IMVigor210" and r["Immune phenotype"]
    ]
    label = np.array([PHENOTYPES.index(row["Immune phenotype"]) for row in rows])
    score = np.log2([level[row["Index"]] + 0.01 for row in rows])
    other = np.array([row["Tissue"] != "bladder" for row in rows])
    mean, sd = score[~other].mean(), score[~other].std(ddof=1)
    z = (score - mean) / sd
    p = probabilities(ordinal(z[~other], label[~other]), z[other])
    truth = label[other]
    assert other.sum() == 101
    assert (p.argmax(axis=0) == truth).mean() == pytest.approx(0.63, abs=0.02)
    assert (truth == 1).mean() == pytest.approx(0.53, abs=0.006)
    constant = np.bincount(label[~other]) / (~other).sum()
    loss = -np.log(p[truth, np.arange(101)]).mean()
    assert loss > 0.95 * -np.log(constant[truth]).mean()  # hardly better than a constant


@pytest.mark.real
def test_the_same_tumours_quantified_twice(shared):
    one, genes, names = expression(shared / "hugo2016_full" / "expression_log2fpkm1.tsv.gz")
    two, others, again = expression(shared / "hugo2016_predictior" / "expression_log2tpm001.tsv.gz")
    two = two[:, [again.index(name) for name in names]]

    def agreement(reference):
        least = {"reference": reference, "least_probability": 0.34}
        a = immune_phenotype(one, genes, unit="log2_fpkm1", **least).labels
        b = immune_phenotype(two, others, unit="log2_tpm001", **least).labels
        return np.mean([x == y for x, y in zip(a, b, strict=True)])

    assert len(names) == 27
    assert agreement("imvigor210") == pytest.approx(0.74, abs=0.01)
    assert agreement("cohort") == pytest.approx(0.93, abs=0.01)
