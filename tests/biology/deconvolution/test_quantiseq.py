"""quanTIseq against mixtures whose fractions are known, and against the authors' own output."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from scipy.stats import spearmanr

from coley.biology.deconvolution import quantiseq
from coley.biology.deconvolution.facts import til10
from coley.model.errors import InvalidSetting, MissingData, UnknownName, UnreadableInput

GENES = 12_000


def tpm_of(fractions, rng=None, noise=0.0):
    """TPM of samples whose cells have the given fractions (10 x n); the rest expresses other genes only."""
    reference = til10()
    mrna = fractions * reference.mrna[:, None]
    shares = mrna * fractions.sum(axis=0) / mrna.sum(axis=0)
    signature = reference.profiles @ shares
    if noise:
        signature = signature * rng.lognormal(-noise * noise / 2, noise, signature.shape)
    X = np.zeros((GENES, fractions.shape[1]))
    X[:170] = signature
    X[170:] = (1e6 - signature.sum(axis=0)) / (GENES - 170)
    return X, [*reference.genes, *(f"gene {i}" for i in range(GENES - 170))]


@pytest.fixture(scope="module")
def mixtures():
    rng = np.random.default_rng(7)
    fractions = rng.dirichlet(np.full(10, 0.8), 40).T * rng.uniform(0.1, 0.9, 40)
    fractions[8] += 0.025  # enough Tregs that the second look at them is not taken
    return fractions / np.maximum(fractions.sum(axis=0) / 0.95, 1)


@pytest.mark.parametrize("tumour", [True, False])
def test_known_mixtures_come_back(mixtures, tumour):
    X, genes = tpm_of(mixtures)
    found = quantiseq(X, genes, unit="tpm", tumour=tumour, draws=0)
    np.testing.assert_allclose(found.values[:10], mixtures, atol=1e-9)
    np.testing.assert_allclose(found.values.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(found.of("Other"), 1 - mixtures.sum(axis=0), atol=1e-9)
    assert np.isnan(found.low).all()


def test_second_look_at_few_tregs():
    # With CD4 T cells and no Tregs, the refit without CD4 calls some of them Tregs; half of that is kept.
    fractions = np.zeros((10, 1))
    fractions[til10().cells.index("CD4 T cells")] = 0.3
    X, genes = tpm_of(fractions)
    found = quantiseq(X, genes, unit="tpm", draws=0)
    assert found.of("Tregs")[0] > 0
    # With s the Tregs of the refit (the first fit has none): Tregs s/2, CD4 0.3 - (s + s/2)/2, sum 1 - s/4.
    tregs = found.of("Tregs")[0]
    second = tregs / (0.5 + tregs / 4)
    assert found.of("CD4 T cells")[0] == pytest.approx((0.3 - 0.75 * second) / (1 - second / 4), abs=1e-9)


def test_intervals_cover_under_noise_of_genes(mixtures):
    X, genes = tpm_of(mixtures, np.random.default_rng(3), noise=0.4)
    found = quantiseq(X, genes, unit="tpm", level=0.9)
    inside = (found.low[:10] <= mixtures) & (mixtures <= found.high[:10])
    assert 0.82 < inside.mean() < 0.97  # nominal 0.90; 400 correlated intervals
    narrower = quantiseq(X, genes, unit="tpm", level=0.5)
    assert ((narrower.high - narrower.low).mean(axis=1) < (found.high - found.low).mean(axis=1)).all()
    exact = quantiseq(*tpm_of(mixtures), unit="tpm")
    assert (exact.high - exact.low).max() < 0.02  # without noise the genes agree, but for the look at Tregs


def test_order_scale_and_company_do_not_matter(mixtures):
    X, genes = tpm_of(mixtures[:, :6], np.random.default_rng(1), noise=0.5)
    found = quantiseq(X, genes, unit="tpm", draws=20)
    order = np.random.default_rng(2).permutation(GENES)
    turned = quantiseq(X[order][:, ::-1], [genes[i] for i in order], unit="tpm", draws=20)
    np.testing.assert_allclose(turned.values[:, ::-1], found.values, atol=1e-12)
    np.testing.assert_allclose(turned.low[:, ::-1], found.low, atol=1e-12)
    fpkm = quantiseq(X * 0.37, genes, unit="fpkm", draws=20)
    logs = quantiseq(np.log2(X + 1), genes, unit="log2_tpm1", draws=20)
    alone = quantiseq(X[:, :1], genes, unit="tpm", draws=20)
    for other, wanted in ((fpkm, found.high), (logs, found.high), (alone, found.high[:, :1])):
        np.testing.assert_allclose(other.high, wanted, atol=1e-9)
    assert (quantiseq(X, genes, unit="tpm", draws=20, seed=2).high != found.high).any()


def test_no_immune_cells_is_an_answer():
    X, genes = tpm_of(np.full((10, 1), 1e-12))
    X[:170] = 0
    found = quantiseq(X, genes, unit="tpm", draws=5)
    np.testing.assert_array_equal(found.values.ravel(), [0] * 10 + [1])


def test_former_symbols_are_recognised_and_named(mixtures):
    X, genes = tpm_of(mixtures)
    old = {"SQOR": "SQRDL", "TOGARAM2": "FAM179A", "TSPOAP1": "BZRAP1", "GRK3": "ADRBK2", "FCMR": "FAIM3"}
    found = quantiseq(X, [old.get(gene, gene) for gene in genes], unit="tpm", draws=0)
    np.testing.assert_allclose(found.values[:10], mixtures, atol=1e-9)
    assert found.coverage[0] == 1
    assert "SQOR as SQRDL" in found.notes[0]


def test_missing_genes_are_named_and_too_many_refused(mixtures):
    X, genes = tpm_of(mixtures)
    kept = [gene if i % 10 else f"lost {i}" for i, gene in enumerate(genes)]
    found = quantiseq(X, kept, unit="tpm", draws=0)
    assert found.coverage[0] == pytest.approx(1 - len(found.missing) / 138, abs=1e-9)
    assert set(found.missing) <= set(til10().genes[::10])
    np.testing.assert_allclose(found.values[:10], mixtures, atol=1e-9)  # the rest of the genes still agree
    with pytest.raises(MissingData, match=r"80% of its 138 genes"):
        quantiseq(X, [gene if i % 2 else f"lost {i}" for i, gene in enumerate(genes)], unit="tpm")


def test_refusals(mixtures):
    X, genes = tpm_of(mixtures[:, :2])
    with pytest.raises(UnreadableInput, match="look like logarithms"):
        quantiseq(np.log2(X + 1), genes, unit="tpm")
    with pytest.raises(UnreadableInput, match="said to be log2_tpm1"):
        quantiseq(X, genes, unit="log2_tpm1")
    with pytest.raises(InvalidSetting, match="compares genes within a sample"):
        quantiseq(X, genes, unit="counts")
    with pytest.raises(UnknownName, match="unit"):
        quantiseq(X, genes, unit="log2(TPM)")
    with pytest.raises(MissingData, match="whole transcriptome"):
        quantiseq(X[:500], genes[:500], unit="tpm")
    with pytest.raises(InvalidSetting, match="level"):
        quantiseq(X, genes, unit="tpm", level=95)


def read(path):
    rows = [line.rstrip("\n").split("\t") for line in path.read_text().splitlines()]
    return [row[0] for row in rows[1:]], np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])


@pytest.mark.real
@pytest.mark.parametrize("name", ["quanTIseq", "ss"])
def test_equals_the_output_of_the_authors(shared, name):
    folder = shared / "deconvolution" / "quantiseq_TIL10"
    genes, X = read(folder / f"test_{name}_gene_tpm.txt")
    _, expected = read(folder / f"test_{name}_cell_fractions.txt")
    found = quantiseq(X, genes, unit="tpm", tumour=False)
    np.testing.assert_allclose(found.values, expected.T, atol=2e-4)
    # What is left is one factor for all cells: the authors drop genes that HGNC did not know in April 2017
    # before they scale to a million. Up to that factor the fits are equal.
    there = expected.T[:10] > 0
    assert ((found.values[:10] > 0) == there).all()
    ratio = expected.T[:10][there] / found.values[:10][there]
    assert ratio.max() - ratio.min() < 2e-5
    assert abs(ratio.mean() - 1) < 0.002
    assert found.coverage[0] == 1


@pytest.mark.real
def test_cd8_fraction_goes_with_cd8a(shared):
    with gzip.open(shared / "hugo2016_full" / "expression_log2fpkm1.tsv.gz", "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:]
    genes, X = [row[0] for row in rows], np.array([[float(cell) for cell in row[1:]] for row in rows])
    found = quantiseq(X, genes, unit="log2_fpkm1")
    assert found.coverage[0] > 0.95
    cd8a = X[genes.index("CD8A")] - np.log2((2**X - 1).sum(axis=0))
    rho = spearmanr(found.of("CD8 T cells"), cd8a).statistic
    assert rho > 0.6
    held = (found.low <= found.values) & (found.values <= found.high)
    assert held.all()
