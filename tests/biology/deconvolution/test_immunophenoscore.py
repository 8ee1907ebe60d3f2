"""The immunophenoscore against the authors' script, and by hand."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from coley.biology.deconvolution import immunophenoscore
from coley.biology.deconvolution.facts import immunophenoscore_genes
from coley.model.errors import InvalidSetting, MissingData

ORACLE = Path(__file__).parent / "oracles" / "immunophenoscore.csv"
NAMES = list(dict.fromkeys(row.gene for row in immunophenoscore_genes()))
GENES = [*NAMES, *(f"gene {i}" for i in range(12_000 - len(NAMES)))]


def sample(**levels):
    """One sample in log2(TPM + 1): a background of half 1 and half 3, and genes of groups or classes apart."""
    x = np.tile([1.0, 3.0], 6_000)
    for name, level in levels.items():
        for row in immunophenoscore_genes():
            if name in (row.category, row.group.replace(" ", "_")):
                x[NAMES.index(row.gene)] = level
    return x[:, None]


def test_by_hand():
    x = sample(MHC=5.0, Treg=0.0)
    found = immunophenoscore(x, GENES, unit="log2_tpm1", draws=0)
    z = (x[:, 0] - x.mean()) / x.std(ddof=1)

    def mean_z(group):
        return np.mean([z[NAMES.index(row.gene)] for row in immunophenoscore_genes() if row.group == group])

    mhc = ["B2M", "TAP1", "TAP2", "HLA-A", "HLA-B", "HLA-C", "HLA-DPA1", "HLA-DPB1", "HLA-E", "HLA-F"]
    inhibitory = ["PD-1", "CTLA-4", "LAG3", "TIGIT", "TIM3", "PD-L1", "PD-L2", "IDO1"]
    expected = {
        "MHC": np.mean([mean_z(g) for g in mhc]),
        "EC": np.mean([mean_z(g) for g in ("Act CD4", "Act CD8", "Tem CD4", "Tem CD8")]),
        "SC": -np.mean([mean_z(g) for g in ("MDSC", "Treg")]),
        "CP": (mean_z("CD27") + mean_z("ICOS") - sum(mean_z(g) for g in inhibitory)) / 10,
    }
    for name, value in expected.items():
        assert found.of(name)[0] == pytest.approx(value, abs=1e-12)
    total = sum(expected.values())
    assert found.of("sum")[0] == pytest.approx(total, abs=1e-12)
    assert found.of("score")[0] == round(min(max(total / 3, 0), 1) * 10)


def test_score_stays_between_0_and_10_and_each_class_has_its_sign():
    base = immunophenoscore(sample(), GENES, unit="log2_tpm1", draws=0)
    for name, sign in (("MHC", 1), ("EC", 1), ("SC", -1)):
        higher = immunophenoscore(sample(**{name: 6.0}), GENES, unit="log2_tpm1", draws=0)
        assert np.sign(higher.of(name)[0] - base.of(name)[0]) == sign
    assert immunophenoscore(sample(MHC=15.0), GENES, unit="log2_tpm1", draws=0).of("score")[0] == 10
    assert immunophenoscore(sample(SC=15.0, MHC=0.0), GENES, unit="log2_tpm1", draws=0).of("score")[0] == 0


def test_a_sample_is_scored_by_itself_and_in_any_order():
    rng = np.random.default_rng(4)
    X = rng.gamma(2, 1.5, (12_000, 5))
    together = immunophenoscore(X, GENES, unit="log2_tpm1", draws=30)
    alone = immunophenoscore(X[:, 2:3], GENES, unit="log2_tpm1", draws=30)
    order = rng.permutation(12_000)
    shuffled = immunophenoscore(X[order], [GENES[i] for i in order], unit="log2_tpm1", draws=30)
    for part in ("values", "low", "high"):
        np.testing.assert_allclose(getattr(alone, part)[:, 0], getattr(together, part)[:, 2], atol=1e-12)
        np.testing.assert_allclose(getattr(shuffled, part), getattr(together, part), atol=1e-12)


def test_interval_reflects_how_far_the_genes_agree():
    quiet = immunophenoscore(sample(MHC=3.0, EC=3.0, SC=3.0, CP=3.0), GENES, unit="log2_tpm1")
    for name in ("MHC", "EC", "SC", "CP"):
        i = quiet.cells.index(name)
        assert quiet.high[i, 0] - quiet.low[i, 0] < 1e-9
    # MHC is a mean of ten genes: its interval is near that of a mean of ten draws.
    rng = np.random.default_rng(0)
    x = sample()
    at = [NAMES.index(row.gene) for row in immunophenoscore_genes() if row.category == "MHC"]
    x[at, 0] = rng.normal(4, 1, 10)
    found = immunophenoscore(x, GENES, unit="log2_tpm1", draws=2000)
    z = (x[at, 0] - x.mean()) / x.std(ddof=1)
    half = 1.96 * z.std() / np.sqrt(10)
    assert found.high[0, 0] - found.low[0, 0] == pytest.approx(2 * half, rel=0.1)


def test_a_missing_group_leaves_its_class_without_a_number():
    x = sample(MHC=4.0)
    names = ["lost" if gene == "TAP1" else gene for gene in GENES]
    found = immunophenoscore(x, names, unit="log2_tpm1", draws=10)
    assert np.isnan([found.of("MHC")[0], found.of("sum")[0], found.of("score")[0]]).all()
    assert np.isfinite([found.of("EC")[0], found.of("SC")[0], found.of("CP")[0]]).all()
    assert found.missing == ("TAP1",)
    assert "MHC" in found.notes[0]
    assert found.coverage[0] == pytest.approx(0.9)
    with pytest.raises(MissingData, match="80%"):
        immunophenoscore(x, [f"lost {i}" if i % 3 == 0 else g for i, g in enumerate(GENES)], unit="log2_tpm1")
    with pytest.raises(InvalidSetting, match="counts"):
        immunophenoscore(x, GENES, unit="log2_counts1")


@pytest.mark.real
def test_equals_the_script_of_the_authors(shared):
    path = shared / "deconvolution" / "ips_immunophenogram" / "EXPR_example.txt.gz"
    with gzip.open(path, "rt", newline="") as file:
        rows = [line.split("\t") for line in file.read().replace("\r", "\n").split("\n") if line]
    X = np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])
    found = immunophenoscore(X, [row[0] for row in rows[1:]], unit="log2_tpm1", samples=rows[0][1:])
    with ORACLE.open() as file:
        expected = {row["sample"]: row for row in csv.DictReader(file)}
    assert set(expected) == set(found.samples)
    for cell in found.cells:
        wanted = [float(expected[name][cell]) for name in found.samples]
        np.testing.assert_allclose(found.of(cell), wanted, atol=1e-12)
    assert ((found.low <= found.values) & (found.values <= found.high)).all()
