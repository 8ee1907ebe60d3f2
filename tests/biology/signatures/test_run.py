"""The runner: golden values by hand, refusals that are null, and scores that keep to the patient."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.biology.expression import Expression, prepare
from coley.biology.genes import gene_table
from coley.biology.scoring import SCORING
from coley.biology.scoring.reference_file import load, save
from coley.biology.signatures import reference, score, signature, signatures
from coley.model.errors import InvalidSetting, UnknownName

SAMPLES = ("a", "b")
CODING = sorted(g for g, kind in gene_table().approved.items() if kind == "gene with protein product")


def tiny(tpm: dict[str, tuple[float, ...]], *, unit: str = "tpm") -> Expression:
    width = len(next(iter(tpm.values())))
    return prepare(list(tpm.values()), unit=unit, genes=list(tpm), samples=[f"s{i}" for i in range(width)])


def cohort(
    samples: int = 14, *, extra: int = 1_500, seed: int = 5, names: tuple[str, ...] = ()
) -> Expression:
    """TPM of every gene that the named signatures use, with a background."""
    genes = {g for n in names for g in _genes(n)} | set(CODING[:extra])
    values = np.random.default_rng(seed).lognormal(2.0, 1.5, (len(genes), samples))
    return prepare(values, unit="tpm", genes=sorted(genes), samples=[f"p{i}" for i in range(samples)])


def _genes(name: str) -> tuple[str, ...]:
    return signature(name).genes


def values_of(made: Expression, name: str, **settings: object) -> list[float | None]:
    return score(made, [name], **settings).frame[name].to_list()  # type: ignore[arg-type]


# golden values, each by hand ---------------------------------------------------------------------------------


def test_cytolytic_activity_is_the_geometric_mean_of_two_genes() -> None:
    made = tiny({"GZMA": (7.99, 0.0), "PRF1": (1.99, 99.99)})
    # sqrt((7.99 + 0.01) (1.99 + 0.01)) = sqrt(8 * 2) = 4; sqrt(0.01 * 100) = 1  (Rooney 2015)
    assert values_of(made, "CYT_geomean") == pytest.approx([4.0, 1.0], abs=1e-9)


def test_ifng6_is_the_mean_of_six_logarithms() -> None:
    six = ("IDO1", "CXCL10", "CXCL9", "HLA-DRA", "STAT1", "IFNG")
    made = tiny(
        dict(
            zip(
                six, [(0.0, 1.0), (1.0, 1.0), (3.0, 1.0), (7.0, 1.0), (15.0, 1.0), (31.0, 127.0)], strict=True
            )
        )
    )
    # log2(TPM + 1) = 0 1 2 3 4 5, mean 2.5; 1 1 1 1 1 7, mean 2
    assert values_of(made, "Ayers_IFNG6") == pytest.approx([2.5, 2.0])


def test_expanded_immune_18_is_the_mean_of_eighteen_logarithms() -> None:
    eighteen = [  # Ayers 2017
        *("CD3D", "IDO1", "CIITA", "CD3E", "CCL5", "GZMK", "CD2", "HLA-DRA", "CXCL13"),
        *("IL2RG", "NKG7", "HLA-E", "CXCR6", "LAG3", "TAGAP", "CXCL10", "STAT1", "GZMB"),
    ]
    assert set(eighteen) == set(_genes("Ayers_expanded_immune18"))
    made = tiny({gene: (2.0**i - 1, 3.0) for i, gene in enumerate(eighteen)})
    # logarithms 0, 1 ... 17: mean 8.5; and 18 times 2
    assert values_of(made, "Ayers_expanded_immune18") == pytest.approx([8.5, 2.0])


HOUSEKEEPING = [
    "STK11IP",
    "ZBTB34",
    "TBC1D10B",
    "OAZ1",
    "POLR2A",
    "G6PD",
    "ABCF1",
    "NRDE2",
    "UBB",
    "TBP",
    "SDHA",
]


def test_the_t_cell_inflamed_profile_is_a_weighted_sum_after_housekeeping() -> None:
    genes = _genes("TIS_GEP_weighted")
    # every gene of the profile at log2 = 5, every housekeeping gene at 3: the sum of weights times 2
    total = (
        0.008346 + 0.072293 + 0.042853 - 0.0239 + 0.031021 + 0.151253 + 0.074135 + 0.004313 + 0.020091 + 0.058806
        + 0.07175 + 0.060679 + 0.123895 + 0.075524 + 0.003734 + 0.032999 + 0.250229 + 0.084767
    )  # fmt: skip
    profile = dict.fromkeys(genes, (31.0, 31.0))
    profile["STAT1"] = (31.0, 127.0)  # in the second sample log2 = 7: two more, times 0.250229
    profile["CD276"] = (31.0, 1023.0)  # log2 = 10: five more, times -0.0239
    made = tiny({**profile, **dict.fromkeys(HOUSEKEEPING, (7.0, 7.0))})
    second = 2 * total + 2 * 0.250229 - 5 * 0.0239
    assert values_of(made, "TIS_GEP_weighted") == pytest.approx([2 * total, second], abs=1e-9)


def test_a_missing_housekeeping_gene_costs_no_patient_the_score() -> None:
    profile = dict.fromkeys(_genes("TIS_GEP_weighted"), (31.0, 63.0))
    made = tiny({**profile, **dict.fromkeys(HOUSEKEEPING[1:], (7.0, 7.0))})
    scores = score(made, ["TIS_GEP_weighted"])
    whole = tiny({**profile, **dict.fromkeys(HOUSEKEEPING, (7.0, 7.0))})
    assert scores.frame["TIS_GEP_weighted"].to_list() == pytest.approx(values_of(whole, "TIS_GEP_weighted"))
    assert "10 of 11 housekeeping genes" in scores.table["warning"][0]
    few = tiny({**profile, **dict.fromkeys(HOUSEKEEPING[:5], (7.0, 7.0))})
    assert values_of(few, "TIS_GEP_weighted") == [None, None]
    assert "5 of 11 housekeeping genes" in score(few, ["TIS_GEP_weighted"]).refused()["TIS_GEP_weighted"]


# TPM of the 19 genes of IMPRES; the rules CD274>VSIR, CD86>CD200, CD40>CD274, CD28>CD276, CD40>CD28, TNFRSF14>CD86,
# CD27>PDCD1, CD28>CD86, CD40>CD80, CD40>PDCD1, CD80>TNFSF9, CD86>HAVCR2, CD86>TNFSF4, CTLA4>TNFSF4, PDCD1>TNFSF4
IMPRES = {
    "CD274": (5.0, 5.0), "VSIR": (4.0, 9.0), "CD86": (6.0, 6.0), "CD200": (1.0, 6.0), "CD40": (9.0, 9.0),
    "CD28": (7.0, 1.0), "CD276": (8.0, 8.0), "TNFRSF14": (3.0, 3.0), "CD27": (2.0, 2.0), "PDCD1": (2.0, 1.0),
    "CD80": (4.0, 4.0), "TNFSF9": (5.0, 3.0), "HAVCR2": (7.0, 7.0), "TNFSF4": (0.0, 5.0), "CTLA4": (1.0, 1.0),
}  # fmt: skip


def test_impres_counts_the_true_pairs() -> None:
    # first sample: 1 1 1 0 1 0 0 1 1 1 0 0 1 1 1 = 10; CD27 = PDCD1 does not count as above
    # second:       0 0 1 0 1 0 1 0 1 1 1 0 1 0 0 = 7; CD86 = CD200 does not
    assert values_of(tiny(IMPRES), "IMPRES_15pairs") == pytest.approx([10.0, 7.0])


def test_impres_without_one_gene_is_rescaled_and_without_three_pairs_refused() -> None:
    one = {gene: tpm for gene, tpm in IMPRES.items() if gene != "VSIR"}  # rule 1 goes: 9 and 7 of 14
    scores = score(tiny(one), ["IMPRES_15pairs"])
    assert scores.frame["IMPRES_15pairs"].to_list() == pytest.approx([9 * 15 / 14, 7 * 15 / 14])
    assert scores.table["warning"][0] == "rescaled from 14 to 15 pairs"
    three = {gene: tpm for gene, tpm in IMPRES.items() if gene != "TNFSF4"}
    refused = score(tiny(three), ["IMPRES_15pairs"])
    assert refused.frame["IMPRES_15pairs"].to_list() == [None, None]
    assert refused.refused() == {"IMPRES_15pairs": "12 of 15 pairs were measured, and 90% are needed"}


def test_the_msi_rule_finds_noct_under_its_old_name() -> None:
    genes = [g for pair in signature("MSI_10pairs_Fu").pairs for g in pair]
    made = tiny({("CCRN4L" if g == "NOCT" else g): (10.0 - i % 2,) for i, g in enumerate(genes)})
    scores = score(made, ["MSI_10pairs_Fu"])
    assert scores.frame["MSI_10pairs_Fu"].to_list() == pytest.approx([10.0])  # every first gene is above


def test_the_cox_ratio_does_not_flip_its_sign_where_expression_is_low() -> None:
    up, down = signature("COX-IS_Bonavita").genes[:9], signature("COX-IS_Bonavita").genes[9:]
    groups = {**dict.fromkeys(up, (3.0, 0.0, 0.0)), **dict.fromkeys(down, (1.0, 1.0, 0.0))}
    made = tiny({**groups, "ACTB": (99.0, 99.0, 99.0)})
    # mean logarithms 2 - 1 = 1; 0 - 1 = -1; 0 - 0 = 0, where a quotient of logarithms of TPM + 0.001 is 1
    assert values_of(made, "COX-IS_Bonavita") == pytest.approx([1.0, -1.0, 0.0])


def test_davoli_averages_ranks_within_the_cohort() -> None:
    genes = _genes("Davoli_cytotoxic_IS")
    made = tiny(
        {g: tuple(float(v) for v in (range(1, 11) if i else range(10, 0, -1))) for i, g in enumerate(genes)}
    )
    # six genes rise with the sample and one falls: (6 k + (11 - k)) / 7 / 10 for sample k = 1 ... 10
    assert values_of(made, "Davoli_cytotoxic_IS") == pytest.approx(
        [(6 * k + 11 - k) / 70 for k in range(1, 11)]
    )


# composites --------------------------------------------------------------------------------------------------


def test_a_composite_is_its_parts_with_their_coefficients() -> None:
    made = cohort(names=("JerbyArnon_ICR", "PredictIO_Bareche", "IPSOV_Shen"))
    for name in ("JerbyArnon_ICR", "PredictIO_Bareche", "IPSOV_Shen"):
        parts = dict(signature(name).parts)
        frame = score(made, [name, *parts]).frame
        total = sum(c * frame[part].to_numpy() for part, c in parts.items())
        np.testing.assert_allclose(frame[name].to_numpy(), total, atol=1e-9)


def test_a_composite_of_unlike_parts_needs_them_all() -> None:
    genes = set(_genes("PredictIO_Bareche:sensitive")) | set(CODING[:300])
    genes -= set(_genes("PredictIO_Bareche:resistant"))
    values = np.random.default_rng(1).lognormal(2, 1, (len(genes), 12))
    made = prepare(values, unit="tpm", genes=sorted(genes), samples=[f"p{i}" for i in range(12)])
    scores = score(made, ["PredictIO_Bareche", "PredictIO_Bareche:sensitive"])
    assert list(scores.refused()) == ["PredictIO_Bareche"]
    assert scores.frame["PredictIO_Bareche"].null_count() == 12


# refusal, repair, kinds --------------------------------------------------------------------------------------


def test_too_few_genes_are_null_and_never_zero() -> None:
    made = tiny({"IDO1": (1.0, 2.0), "CXCL10": (1.0, 2.0), "CXCL9": (1.0, 2.0), "STAT1": (1.0, 2.0)})
    scores = score(made, ["Ayers_IFNG6"])
    assert scores.frame["Ayers_IFNG6"].to_list() == [None, None]
    row = scores.table.row(0, named=True)
    assert (row["named"], row["found"], row["missing"]) == (6, 4, "HLA-DRA; IFNG")
    assert row["refused"] == "4 of 6 genes were measured, and 80% are needed"
    assert values_of(made, "Ayers_IFNG6", min_coverage=0.6) == pytest.approx([1.0, math.log2(3)])
    with pytest.raises(InvalidSetting):
        score(made, ["Ayers_IFNG6"], min_coverage=0.0)


def test_the_effect_of_the_repair_is_measured() -> None:
    rng = np.random.default_rng(2)
    genes = list(_genes("TME:Co_inhibition_APC_Rooney_et_al"))  # PDCD1LG2 CD274 VSIR LGALS9 NECTIN3
    old = {"VSIR": "C10orf54", "NECTIN3": "PVRL3"}
    tpm = {old.get(g, g): tuple(rng.lognormal(2, 1, 12)) for g in [*genes, *CODING[:60]]}
    row = score(tiny(tpm), ["TME:Co_inhibition_APC_Rooney_et_al"]).table.row(0, named=True)
    assert (row["found"], row["found_without_repair"]) == (5, 3)
    assert "C10orf54 in the file is VSIR" in row["repaired"]
    assert row["repair_change_sd"] > 0.1
    assert row["repair_correlation"] < 0.99
    new = {g: tpm[old.get(g, g)] for g in [*genes, *CODING[:60]]}
    untouched = score(tiny(new), ["TME:Co_inhibition_APC_Rooney_et_al"]).table.row(0, named=True)
    assert untouched["repair_change_sd"] is None
    assert untouched["found_without_repair"] == 5


def test_each_score_says_whether_it_stands_alone() -> None:
    made = cohort(names=("Ayers_IFNG6", "McDermott_Teff5", "Wu_MIAS", "Davoli_cytotoxic_IS"))
    names = ["Ayers_IFNG6", "Wu_MIAS", "McDermott_Teff5", "Davoli_cytotoxic_IS"]
    kinds = score(made, names).table["kind"].to_list()
    assert kinds == ["single-sample", "single-sample", "cohort-relative (n = 14)", "cohort-relative (n = 14)"]


def test_single_sample_scores_do_not_move_with_the_company() -> None:
    made = cohort(names=("CYT_geomean", "Wu_MIAS", "TIS_GEP_weighted", "JerbyArnon_ICR:trt.up"))
    linear = made.linear()
    part = prepare(linear[:, 3:4], unit="tpm", genes=made.genes, samples=made.samples[3:4])
    full = score(made)
    alone = {
        row["signature"]: full.frame[row["signature"]][3]
        for row in full.table.filter(pl.col("refused").is_null()).iter_rows(named=True)
        if row["kind"] == "single-sample"
    }
    assert len(alone) > 5
    scored = score(part, list(alone)).frame
    for name, value in alone.items():
        assert scored[name][0] == pytest.approx(value, abs=1e-9), name


def test_a_small_cohort_has_no_cohort_relative_score_but_with_a_reference(tmp_path: Path) -> None:
    names = ["McDermott_Teff5", "Davoli_cytotoxic_IS", "TGFB_Pan_F_TBRS_Mariathasan", "JerbyArnon_ICR:fnc.up"]
    made = cohort(30, names=tuple(names))
    one = prepare(made.linear()[:, :1], unit="tpm", genes=made.genes, samples=made.samples[:1])
    refused = score(one, names)
    assert set(refused.refused()) == set(names)
    assert all("at least 10 samples" in reason for reason in refused.refused().values())
    save(reference(made), tmp_path / "cohort.npz")
    frozen = load(tmp_path / "cohort.npz")
    scores = score(one, names, reference=frozen)
    assert scores.refused() == {}
    assert set(scores.table["kind"]) == {"relative to a reference (n = 30)"}
    in_cohort = score(made, names).frame
    for name in set(names) - {"Davoli_cytotoxic_IS"}:  # whose ranks count the sample itself
        assert scores.frame[name][0] == pytest.approx(in_cohort[name][0], abs=1e-9)
    with_others = score(made, names, reference=frozen).frame
    for name in names:
        assert with_others[name][0] == pytest.approx(scores.frame[name][0], abs=1e-12)


def test_z_scores_give_relative_scores_only() -> None:
    rng = np.random.default_rng(4)
    genes = sorted(
        {g for n in ("CYT_geomean", "McDermott_Teff5", "IMPRES_15pairs", "Wu_MIAS") for g in _genes(n)}
    )
    made = prepare(
        rng.normal(size=(len(genes), 20)), unit="z_score", genes=genes, samples=[f"p{i}" for i in range(20)]
    )
    scores = score(made, ["CYT_geomean", "McDermott_Teff5", "IMPRES_15pairs", "Wu_MIAS"])
    assert set(scores.refused()) == {"CYT_geomean", "IMPRES_15pairs", "Wu_MIAS"}
    assert (
        scores.table.filter(pl.col("signature") == "McDermott_Teff5")["kind"][0] == "cohort-relative (n = 20)"
    )


def test_ranks_among_a_part_of_the_transcriptome_carry_a_warning() -> None:
    made = cohort(names=("Wu_MIAS", "CYT_geomean"))
    warnings = dict(score(made, ["Wu_MIAS", "CYT_geomean"]).table.select("signature", "warning").iter_rows())
    assert "a part of the transcriptome" in warnings["Wu_MIAS"]
    assert warnings["CYT_geomean"] == ""


def test_conflicts_are_said_where_both_are_scored() -> None:
    made = cohort(names=("Davoli_cytotoxic_IS",))
    both = score(made, ["CYT_Davoli", "Davoli_cytotoxic_IS"])
    (note,) = [n for n in both.notes if n.name == "signature_conflicts"]
    assert "CYT_Davoli" in note.message
    assert not [n for n in score(made, ["Davoli_cytotoxic_IS"]).notes if n.name == "signature_conflicts"]


def test_genes_that_never_vary_give_null_with_a_reason() -> None:
    made = tiny(dict.fromkeys(_genes("McDermott_Teff5"), (3.0,) * 12))
    assert "constant" in score(made, ["McDermott_Teff5"]).refused()["McDermott_Teff5"]


def test_an_unknown_signature_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="CYT_geomean"):
        score(tiny({"GZMA": (1.0,)}), ["CYT_geomaen"])


def test_every_signature_is_scored_by_a_method_that_knows_its_weights() -> None:
    for s in signatures().values():
        assert s.method in {*SCORING, "composite"}
        if s.weights:
            assert SCORING[s.method].weights in ("value", "sign"), s.name


def test_the_order_of_genes_and_samples_does_not_matter() -> None:
    made = cohort(names=("Wu_MIAS", "TIS_GEP_weighted", "JerbyArnon_ICR"))
    rng = np.random.default_rng(8)
    rows, columns = rng.permutation(len(made.genes)), rng.permutation(14)
    moved = prepare(
        made.linear()[np.ix_(rows, columns)],
        unit="tpm",
        genes=[made.genes[i] for i in rows],
        samples=[made.samples[j] for j in columns],
    )
    a, b = score(made).frame.sort("sample_id"), score(moved).frame.sort("sample_id")
    for name in a.columns[1:]:
        if a[name].null_count() == 0:
            np.testing.assert_allclose(a[name].to_numpy(), b[name].to_numpy(), atol=1e-8, err_msg=name)
        else:
            assert b[name].null_count() == 14


# real cohorts ------------------------------------------------------------------------------------------------


def read(shared: Path, file: str, unit: str) -> Expression:
    table = pl.read_csv(shared / file, separator="\t", infer_schema_length=None)
    return prepare(table.rename({table.columns[0]: "gene"}), unit=unit)


COHORTS = {
    "hugo2016_full/expression_log2fpkm1.tsv.gz": ("log2_fpkm1", 426),
    "snyder2017_bladder/expression_log2counts1.tsv.gz": ("log2_counts1", 425),
    "nathanson2017/expression_fpkm_full.tsv.gz": ("fpkm", 116),  # weakly expressed genes were removed
    "riaz2017_predictior/expression_log2tpm001.tsv.gz": ("log2_tpm001", 149),
    "imvigor210_predictior/expression_log2tpm001.tsv.gz": ("log2_tpm001", 147),
    "padron2022_predictior/expression_log2tpm001.tsv.gz": ("log2_tpm001", 149),
}


@pytest.mark.real
@pytest.mark.parametrize("file", COHORTS)
def test_what_can_be_scored_in_real_cohorts(shared: Path, file: str) -> None:
    unit, scored = COHORTS[file]
    made = read(shared, file, unit)
    scores = score(made)
    refused = scores.refused()
    assert len(signatures()) - len(refused) == scored
    for name in scores.frame.columns[1:]:
        nulls = scores.frame[name].null_count()
        assert nulls == (len(made.samples) if name in refused else 0), name
    if made.whole and unit != "fpkm":
        assert not [name for name in refused if signature(name).preferred]
    elif not made.whole:
        assert (
            "TIS_GEP_weighted" in refused
        )  # PSMB10, CD276 and the housekeeping genes are not in these files
        assert scores.table.filter(pl.col("signature") == "CYT_geomean")["refused"][0] is None


@pytest.mark.real
def test_without_the_repair_vista_is_lost_and_scores_move(shared: Path) -> None:
    made = read(shared, "hugo2016_full/expression_log2fpkm1.tsv.gz", "log2_fpkm1")
    table = score(made).table
    assert (
        table.filter(pl.col("found_without_repair") < pl.col("found"), pl.col("refused").is_null()).height
        >= 100
    )
    impres = table.filter(pl.col("signature") == "IMPRES_15pairs").row(0, named=True)
    assert (impres["found"], impres["found_without_repair"]) == (15, 14)
    assert "C10orf54 in the file is VSIR" in impres["repaired"]
    assert impres["repair_change_sd"] > 0


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "unit", "cohort", "least"),
    [
        ("hugo2016_full/expression_log2fpkm1.tsv.gz", "log2_fpkm1", "Hugo", 0.9),
        ("riaz2017_predictior/expression_log2tpm001.tsv.gz", "log2_tpm001", "Riaz", 0.95),
    ],
)
def test_scores_rank_patients_as_others_computed_them(
    shared: Path, file: str, unit: str, cohort: str, least: float
) -> None:
    """COMPASS published the means of its sets, of other quantifications of the same samples."""
    from scipy.stats import spearmanr

    folder = shared / "compass_itrp_signatures"
    theirs = pl.read_csv(folder / "mean_signature_132.tsv.gz", separator="\t", infer_schema_length=None)
    labels = pl.read_csv(folder / "clinical_label.tsv.gz", separator="\t", infer_schema_length=None)
    labels = labels.filter(pl.col("cohort") == cohort).select(
        "Index", pl.col("Sample_id").str.split("_").list.first().alias("sample_id")
    )
    concepts = [name for name in signatures() if name.startswith("COMPASS_concept:")]
    ours = score(read(shared, file, unit), concepts)
    joined = ours.frame.join(labels, on="sample_id").join(theirs, on="Index")
    assert joined.height > 20
    rho = [
        spearmanr(joined[name], joined[name.removeprefix("COMPASS_concept:")]).statistic
        for name in concepts
        if name not in ours.refused()
    ]
    assert len(rho) > 20
    assert np.median(rho) > least
