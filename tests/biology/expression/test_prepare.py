"""Preparing expression: every unit to one scale by hand, and each kind of bad input with its own message."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.expression import Expression, prepare
from coley.biology.genes import gene_table
from coley.model.errors import NotEstimable, UnknownName, UnreadableInput

GENES = ["GZMA", "PRF1", "CD8A", "STAT1", "IFNG"]
CODING = sorted(g for g, kind in gene_table().approved.items() if kind == "gene with protein product")


def frame(values: np.ndarray, genes: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"gene": genes, **{f"s{j}": values[:, j] for j in range(values.shape[1])}})


def transcriptome(samples: int = 4, genes: int = 12_000) -> np.ndarray:
    """TPM of a whole transcriptome: right-skewed, a million a sample."""
    values = np.random.default_rng(3).lognormal(1.0, 2.0, (genes, samples))
    return values / values.sum(axis=0) * 1e6


def note(made: Expression, name: str):  # type: ignore[no-untyped-def]
    return next(check for check in made.notes if check.name == name)


TPM = np.array([[7.0, 0.0], [31.0, 15.0], [1.0, 3.0], [63.0, 127.0], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("unit", "given"),
    [
        ("tpm", TPM),
        ("log2_tpm1", np.log2(TPM + 1)),
        ("log2_tpm001", np.log2(TPM + 0.001)),
        ("log2_tpm01", np.log2(TPM + 0.01)),
    ],
)
def test_every_way_to_write_tpm_gives_the_same_matrix(unit: str, given: np.ndarray) -> None:
    made = prepare(given, unit=unit, genes=GENES, samples=["a", "b"])
    np.testing.assert_allclose(made.values, np.log2(TPM + 1), atol=1e-12)
    assert made.family == "tpm"
    np.testing.assert_allclose(made.linear(), TPM, atol=1e-9)


def test_a_frame_and_a_matrix_are_the_same() -> None:
    one = prepare(frame(TPM, GENES), unit="tpm")
    other = prepare(TPM, unit="tpm", genes=GENES, samples=["s0", "s1"])
    np.testing.assert_array_equal(one.values, other.values)
    assert (one.genes, one.samples) == (other.genes, other.samples)


def test_fpkm_of_a_whole_transcriptome_become_tpm() -> None:
    tpm = transcriptome()
    fpkm = tpm * np.array([0.3, 0.5, 2.0, 0.9])  # FPKM are TPM but for one factor a sample
    made = prepare(frame(fpkm, CODING[:12_000]), unit="fpkm")
    assert made.whole
    coding = np.array([not g.startswith("MT-") for g in made.genes])
    np.testing.assert_allclose(made.linear()[coding].sum(axis=0), 1e6, rtol=1e-9)
    np.testing.assert_allclose(made.linear()[coding], tpm[coding] / tpm[coding].sum(axis=0) * 1e6, rtol=1e-7)


def test_small_rna_does_not_move_the_genes_of_a_sample_when_fpkm_are_rescaled() -> None:
    fpkm = transcriptome(2) * 0.5
    genes = CODING[:12_000]
    odd = np.vstack([fpkm, [5e6, 10.0]])  # as in a cohort of 2016, where one snoRNA outweighs all genes
    plain, with_rna = (
        prepare(frame(v, g), unit="fpkm") for v, g in ((fpkm, genes), (odd, [*genes, "SNORD33"]))
    )
    np.testing.assert_allclose(with_rna.values[:-1], plain.values)


def test_counts_of_a_whole_transcriptome_become_cpm_and_lengths_stay_in() -> None:
    counts = np.rint(transcriptome() * np.array([20, 5, 0.5, 40]))
    made = prepare(frame(counts, CODING[:12_000]), unit="counts")
    np.testing.assert_allclose(made.linear(), counts / counts.sum(axis=0) * 1e6, rtol=1e-9)
    assert (made.family, made.comparable_genes) == ("cpm", False)
    assert "long genes" in note(made, "expression_scale").message
    assert note(made, "shallow_samples").where.values == ("s2",)
    again = prepare(frame(np.log2(counts + 1), CODING[:12_000]), unit="log2_counts1")
    np.testing.assert_allclose(again.values, made.values, atol=1e-9)


def test_a_part_of_the_transcriptome_is_never_rescaled() -> None:
    part = transcriptome()[:1_768]
    made = prepare(frame(part, CODING[:1_768]), unit="tpm")
    np.testing.assert_allclose(made.linear(), part, rtol=1e-9)
    assert not made.whole
    assert "part of the transcriptome" in note(made, "part_of_transcriptome").message
    kept = prepare(frame(part, CODING[:1_768]), unit="fpkm")
    assert kept.unit == "log2(FPKM + 1)"
    np.testing.assert_allclose(kept.linear(), part, rtol=1e-9)
    with pytest.raises(NotEstimable, match="part of the transcriptome"):
        prepare(frame(np.rint(part * 20), CODING[:1_768]), unit="counts")


@pytest.mark.parametrize(
    ("unit", "values", "words"),
    [
        ("tpm", np.log2(transcriptome() + 1), "no value exceeds"),
        ("counts", np.log2(transcriptome() + 1), "no value exceeds"),
        ("log2_tpm1", transcriptome(), "they go up to"),
        ("log2_counts1", transcriptome(), "they go up to"),
        ("tpm", np.log2(transcriptome() + 0.001), "negative"),
        ("log2_tpm1", np.log2(transcriptome() + 0.001), "below log2 of the offset"),
        ("log2_tpm001", np.log2(np.rint(transcriptome()) + 1), "none is negative"),
        ("tpm", np.rint(transcriptome() * 30), "add up to more than"),
        ("counts", transcriptome(), "adds up to one million"),
        ("z_score", transcriptome(), "cannot be z scores"),
    ],
)
def test_a_wrong_unit_is_named(unit: str, values: np.ndarray, words: str) -> None:
    with pytest.raises(UnreadableInput, match=words) as caught:
        prepare(frame(values, CODING[:12_000]), unit=unit)
    assert caught.value.cause


def test_an_unknown_unit_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="log2_tpm1"):
        prepare(frame(TPM, GENES), unit="log2tpm1")


def test_a_matrix_on_its_side_is_named() -> None:
    with pytest.raises(UnreadableInput, match="lies on its side"):
        prepare(TPM.T, unit="tpm", genes=["a", "b"], samples=GENES)


def test_genes_of_the_mouse_and_probes_are_named() -> None:
    with pytest.raises(UnreadableInput, match="genes of the mouse"):
        prepare(TPM, unit="tpm", genes=["Gzma", "Prf1", "Cd8a", "Stat1", "Ifng"], samples=["a", "b"])
    with pytest.raises(UnreadableInput, match="0% of the 5 row names"):
        prepare(TPM, unit="tpm", genes=[f"20{i}_at" for i in range(5)], samples=["a", "b"])


def test_genes_with_missing_values_are_left_out_and_named() -> None:
    holed = TPM.copy()
    holed[2, 1] = np.nan
    made = prepare(holed, unit="tpm", genes=GENES, samples=["a", "b"])
    assert "CD8A" not in made.genes
    assert note(made, "missing_values").where.values == ("CD8A",)
    holed[:4, 1] = np.nan
    with pytest.raises(UnreadableInput, match="4 of 5 genes have a missing") as caught:
        prepare(holed, unit="tpm", genes=GENES, samples=["a", "b"])
    assert "b: 4 missing" in caught.value.where


def test_a_null_in_a_frame_is_missing_and_not_zero() -> None:
    table = pl.DataFrame({"gene": GENES, "a": [1.0, None, 2.0, 90.0, 4.0], "b": [1.0, 2.0, 3.0, 4.0, 5.0]})
    assert "PRF1" not in prepare(table, unit="tpm").genes


def test_a_sample_without_expression_is_left_out_and_named() -> None:
    empty = np.column_stack([TPM, np.zeros(5)])
    for unit, values in (("tpm", empty), ("log2_tpm001", np.log2(empty + 0.001))):
        made = prepare(values, unit=unit, genes=GENES, samples=["a", "b", "c"])
        assert made.samples == ("a", "b")
        assert note(made, "empty_samples").level == "fail"
        assert note(made, "empty_samples").where.values == ("c",)
    with pytest.raises(UnreadableInput, match="Nothing is expressed in any sample"):
        prepare(np.zeros((5, 2)), unit="tpm", genes=GENES, samples=["a", "b"])


def test_of_two_rows_of_one_gene_the_higher_stays_and_nothing_is_summed() -> None:
    values = np.vstack([TPM, [500.0, 700.0], [2.0, 2.0]])
    made = prepare(values, unit="tpm", genes=[*GENES, "GZMA", "SQRDL"], samples=["a", "b"])
    row = made.genes.index("GZMA")
    np.testing.assert_allclose(made.linear()[row], [500, 700])
    assert made.genes.count("GZMA") == 1
    assert "GZMA from GZMA, GZMA" in note(made, "duplicated_genes").message
    assert made.given[made.genes.index("SQOR")] == "SQRDL"


def test_mixed_and_ambiguous_names_are_said() -> None:
    made = prepare(
        TPM, unit="tpm", genes=["GZMA", "ENSG00000180644.5", "1-Mar", "STAT1", "IFNG"], samples=["a", "b"]
    )
    assert "PRF1" in made.genes
    assert "1 are Ensembl ids" in note(made, "mixed_identifiers").message
    assert "1-Mar (MARCHF1 or MTARC1)" in note(made, "ambiguous_genes").message


def test_constant_genes_and_tiny_matrices_are_said() -> None:
    values = TPM.copy()
    values[0] = 8.0
    made = prepare(values, unit="tpm", genes=GENES, samples=["a", "b"])
    assert note(made, "constant_genes").where.values == ("GZMA",)
    assert "Only 5 genes" in note(made, "few_genes").message


def test_z_scores_are_taken_with_a_warning_and_have_no_linear_scale() -> None:
    z = np.random.default_rng(1).normal(size=(5, 12))
    made = prepare(z, unit="z_score", genes=GENES, samples=[f"s{i}" for i in range(12)])
    np.testing.assert_array_equal(made.values, z)
    assert "pair rules" in note(made, "expression_unit").message
    with pytest.raises(NotEstimable):
        made.linear()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pl.DataFrame({"symbol": GENES, "a": [1.0] * 5}), "no column 'gene'"),
        (pl.DataFrame({"gene": GENES, "a": ["x"] * 5}), "numbers only"),
        (pl.DataFrame({"gene": [], "a": []}, schema={"gene": pl.String, "a": pl.Float64}), "empty"),
        ("not a frame", "must be a dataframe"),
    ],
)
def test_what_is_not_a_table_of_expression_is_named(table: object, words: str) -> None:
    with pytest.raises(UnreadableInput, match=words):
        prepare(table, unit="tpm")


def test_names_must_fit_and_samples_be_different() -> None:
    with pytest.raises(UnreadableInput, match="does not fit its names"):
        prepare(TPM, unit="tpm", genes=GENES, samples=["a"])
    with pytest.raises(UnreadableInput, match="'a' is named twice"):
        prepare(TPM, unit="tpm", genes=GENES, samples=["a", "a"])


@given(st.permutations(range(5)), st.permutations(range(3)))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_and_columns_does_not_matter(rows: list[int], columns: list[int]) -> None:
    values = np.column_stack([TPM, [5.0, 6.0, 70.0, 8.0, 9.0]])
    names = ["a", "b", "c"]
    made = prepare(values, unit="tpm", genes=GENES, samples=names)
    moved = prepare(
        values[np.ix_(rows, columns)],
        unit="tpm",
        genes=[GENES[i] for i in rows],
        samples=[names[j] for j in columns],
    )
    back = moved.values[np.ix_(np.argsort(rows), np.argsort(columns))]
    np.testing.assert_array_equal(back, made.values)


@pytest.mark.real
def test_two_quantifications_of_one_cohort_agree_once_prepared(shared) -> None:  # type: ignore[no-untyped-def]
    def read(name: str) -> pl.DataFrame:
        table = pl.read_csv(shared / name, separator="\t", infer_schema_length=None)
        return table.rename({table.columns[0]: "gene"})

    full = prepare(read("hugo2016_full/expression_log2fpkm1.tsv.gz"), unit="log2_fpkm1")
    part = prepare(read("hugo2016_predictior/expression_log2tpm001.tsv.gz"), unit="log2_tpm001")
    assert full.whole
    assert not part.whole
    row, column = {g: i for i, g in enumerate(full.genes)}, {s: j for j, s in enumerate(full.samples)}
    genes = [i for i, gene in enumerate(part.genes) if gene in row]
    samples = [j for j, sample in enumerate(part.samples) if sample in column]
    assert len(genes) > 1_700
    assert len(samples) > 20
    a = full.values[np.ix_([row[part.genes[i]] for i in genes], [column[part.samples[j]] for j in samples])]
    b = part.values[np.ix_(genes, samples)]
    correlations = [np.corrcoef(x, y)[0, 1] for x, y in zip(a.T, b.T, strict=True)]
    assert min(correlations) > 0.8  # two quantifications of the same reads
    # on one scale, but for the share of the million that the other file gives to genes that are not coding;
    # a million of all rows would be lower by more than 1, because of small RNA in some samples
    assert abs(np.median(a - b)) < 0.5


def test_a_frame_of_pandas_is_read_as_well() -> None:
    import pandas as pd

    table = pd.DataFrame({"gene": GENES, "a": TPM[:, 0], "b": TPM[:, 1]})
    made = prepare(table, unit="tpm")
    np.testing.assert_allclose(made.values, np.log2(TPM + 1))
    assert made.samples == ("a", "b")
