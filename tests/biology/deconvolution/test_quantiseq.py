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


@pytest.mark.parametrize(("noise", "expected"), [(0.2, 0.91), (0.8, 0.87)])
def test_intervals_cover_as_the_limits_say(mixtures, noise, expected):
    many = np.tile(mixtures, 3)
    X, genes = tpm_of(many, np.random.default_rng(3), noise=noise)
    found = quantiseq(X, genes, unit="tpm")
    inside = (found.low[:10] <= many) & (many <= found.high[:10])
    assert inside.mean() == pytest.approx(expected, abs=0.025)


def test_intervals_follow_level_and_agreement_of_genes(mixtures):
    X, genes = tpm_of(mixtures, np.random.default_rng(3), noise=0.4)
    wide, narrow = (quantiseq(X, genes, unit="tpm", level=level) for level in (0.9, 0.5))
    assert ((narrow.high - narrow.low).mean(axis=1) < (wide.high - wide.low).mean(axis=1)).all()
    exact = quantiseq(*tpm_of(mixtures), unit="tpm")
    assert (exact.high - exact.low).max() < 1e-8  # without noise all genes agree


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


def test_short_rnas_are_left_out_of_the_scale(mixtures):
    X, genes = tpm_of(mixtures)
    spoilt = X.copy()
    spoilt[[200, 201, 202]] = [[3e6], [2e5], [5e5]]
    names = [*genes[:200], "SNORD33", "MIR6723", "MIR21", *genes[203:]]
    found = quantiseq(spoilt, names, unit="fpkm", draws=0)
    np.testing.assert_allclose(found.values[:10], mixtures, rtol=1e-3, atol=1e-4)  # three fillers are gone
    assert "Short RNAs hold up to 7" in found.notes[0]


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
    # What is left is one factor for all cells of a sample: the authors drop genes that HGNC did not know in
    # April 2017 before they scale to a million. Up to that factor the fits are equal.
    there = expected.T[:10] > 0
    assert ((found.values[:10] > 0) == there).all()
    for sample in range(X.shape[1]):
        on = there[:, sample]
        ratio = expected[sample, :10][on] / found.values[:10, sample][on]
        assert ratio.max() - ratio.min() < 2e-5
        assert abs(ratio.mean() - 1) < 0.002
    assert found.coverage[0] == 1


@pytest.mark.real
def test_cd8_fraction_goes_with_cd8a(shared):
    # These FPKM are spoilt by short RNAs, which hold up to 96 % of a sample and are left out of the scale.
    with gzip.open(shared / "hugo2016_full" / "expression_log2fpkm1.tsv.gz", "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:]
    genes, X = [row[0] for row in rows], np.array([[float(cell) for cell in row[1:]] for row in rows])
    found = quantiseq(X, genes, unit="log2_fpkm1")
    assert found.coverage[0] > 0.95
    assert "Short RNAs hold up to 96%" in found.notes[0]
    coding = np.array([not name.startswith(("MIR", "SNOR", "RNY")) for name in genes])
    cd8a = np.log2((2 ** X[genes.index("CD8A")] - 1) / (2 ** X[coding] - 1).sum(axis=0) + 1e-7)
    assert spearmanr(found.of("CD8 T cells"), cd8a).statistic > 0.9
    assert 0.6 < np.median(found.of("Other")) < 0.95
    held = (found.low <= found.values) & (found.values <= found.high)
    assert held.all()
