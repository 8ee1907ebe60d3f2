import numpy as np
import polars as pl
import pytest

from coley.biology.published import PUBLISHED, apply
from coley.model.errors import MissingData, UnknownName, UnreadableInput

SHEET = {
    "SAMPLE_ID": "patient_id",
    "TMB": "tmb_per_mb",
    "PDL1_TPS(%)": "pdl1_tps",
    "Systemic_therapy_history": "prior_systemic",
    "Albumin": "albumin_g_dl",
    "NLR": "nlr",
    "Age": "age_years",
    "CancerType": "cancer_type",
}


@pytest.fixture
def patients():
    return pl.DataFrame(
        {
            "patient_id": ["a", "b", "c", "d"],
            "tmb_per_mb": [10.0, 80.0, 5.0, 5.0],
            "prior_systemic": [True, False, True, None],
            "albumin_g_dl": [3.9, 4.1, 3.0, 3.0],
            "nlr": [4.0, 40.0, 6.0, 6.0],
            "age_years": [60.0, 90.0, 50.0, 50.0],
            "cancer_type": ["Melanoma", "Kidney", "Glioma", "NSCLC"],
            "pdl1_tps": [10.0, None, 60.0, 80.0],
        }
    )


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def named(applied):
    return {check.name: check for check in applied.checks}


def test_the_formula_by_hand_with_its_caps(patients):
    scores = apply("loris", patients).table
    first = 0.0371 * 10 - 0.8775 + 0.5382 * 3.9 - 0.033 * 4 + 0.0049 * 60 - 0.0086 - 2.0886
    capped = 0.0371 * 50 + 0.5382 * 4.1 - 0.033 * 25 + 0.0049 * 85 + 0.5451 - 2.0886
    assert scores["value"].to_list()[:2] == pytest.approx([sigmoid(first), sigmoid(capped)], abs=1e-12)


def test_no_term_and_no_input_give_no_score_and_say_why(patients):
    found = apply("loris", patients)
    assert found.table["value"].to_list()[2:] == [None, None]
    assert found.table["missing"].to_list() == ["", "", "a term for Glioma", "systemic therapy before"]
    assert "Glioma" in named(found)["cancer_type_without_term"].message
    assert "2 of 4" in named(found)["published_missing"].message


def test_the_nsclc_formula_is_for_nsclc_alone(patients):
    found = apply("loris_nsclc", patients.with_columns(pl.lit(value=False).alias("prior_systemic")))
    value = 0.0353 * 5 + 0.0111 * 80 + 0.2924 * 3.0 - 0.0103 * 6 - 1.5593
    assert found.table["value"].to_list() == [None, None, None, pytest.approx(sigmoid(value), abs=1e-12)]
    assert found.table["missing"][1] == "PD-L1 TPS, a term for Kidney"


def test_row_order_does_not_matter(patients):
    one, two = apply("loris", patients).table, apply("loris", patients.reverse()).table
    assert one.sort("patient_id").equals(two.sort("patient_id"))


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("non-small cell lung cancer", "NSCLC"),
        ("Head and neck", "Head & Neck"),
        ("HNSCC", "Head & Neck"),
        ("urothelial carcinoma", "Bladder"),
        ("RCC", "Renal"),
    ],
)
def test_cancer_types_by_other_names(patients, word, same):
    one = apply("loris", patients.head(1).with_columns(pl.lit(word).alias("cancer_type")))
    two = apply("loris", patients.head(1).with_columns(pl.lit(same).alias("cancer_type")))
    assert one.table["value"].item() == two.table["value"].item() is not None
    assert "cancer_type_read_as" not in named(one)


def test_a_word_that_is_not_sure_is_read_and_said(patients):
    found = apply("loris", patients.head(1).with_columns(pl.lit("Lung").alias("cancer_type")))
    assert "'Lung' as NSCLC" in named(found)["cancer_type_read_as"].message


def test_without_a_term_zero_is_added_on_demand_only(patients):
    glioma = patients.filter(pl.col("patient_id") == "c")
    value = 0.0371 * 5 - 0.8775 + 0.5382 * 3.0 - 0.033 * 6 + 0.0049 * 50 - 2.0886
    found = apply("loris", glioma, zero_without_term=True)
    assert found.table["value"].item() == pytest.approx(sigmoid(value), abs=1e-12)
    assert "zero was added" in named(found)["cancer_type_without_term"].message
    blank = glioma.with_columns(pl.lit(None, pl.String).alias("cancer_type"))
    assert apply("loris", blank, zero_without_term=True).table["value"].item() is None
    lung = patients.with_columns(pl.lit(value=False).alias("prior_systemic"))
    assert apply("loris_nsclc", lung, zero_without_term=True).table["value"].null_count() == 3


def test_oesophagogastric_has_two_terms_and_so_none(patients):
    found = apply(
        "loris", patients.head(1).with_columns(pl.lit("Esophagogastric Cancer").alias("cancer_type"))
    )
    assert found.table["value"].item() is None


@pytest.mark.parametrize(
    ("column", "values", "unit"),
    [("albumin_g_dl", [39.0, 41, 30, 30], "g/dL"), ("age_years", [21900.0, 1, 1, 1], "years")],
)
def test_another_unit_is_refused(patients, column, values, unit):
    with pytest.raises(UnreadableInput, match="cannot be in") as caught:
        apply("loris", patients.with_columns(pl.Series(column, values)))
    assert unit in str(caught.value)


def test_pdl1_as_a_fraction_is_refused(patients):
    many = pl.concat([patients.with_columns(pl.col("patient_id") + str(i)) for i in range(4)])
    many = many.with_columns(
        (pl.col("pdl1_tps") / 100).alias("pdl1_tps"), pl.lit(value=False).alias("prior_systemic")
    )
    with pytest.raises(UnreadableInput, match="percent"):
        apply("loris_nsclc", many)


def test_a_flag_must_be_a_flag(patients):
    with pytest.raises(UnreadableInput, match="flag"):
        apply("loris", patients.with_columns(pl.Series("prior_systemic", ["2 lines", "0", "1", "0"])))


def test_a_filled_in_input_is_noticed(patients):
    many = pl.concat([patients.with_columns(pl.col("patient_id") + str(i)) for i in range(4)])
    found = apply("loris", many.with_columns(pl.lit(3.8).alias("albumin_g_dl")))
    assert "albumin (3.8)" in named(found)["published_constant_input"].message
    assert "published_constant_input" not in named(apply("loris", many))


def test_absent_columns_doublets_and_unknown_models_are_refused(patients):
    with pytest.raises(MissingData, match="albumin_g_dl"):
        apply("loris", patients.drop("albumin_g_dl"))
    with pytest.raises(UnreadableInput, match="twice"):
        apply("loris", pl.concat([patients, patients.head(1)]))
    with pytest.raises(UnknownName):
        apply("lorisx", patients)


def sheet(shared, name):
    wanted = {name: pl.Float64 for name in SHEET if name not in ("SAMPLE_ID", "CancerType")}
    frame = pl.read_excel(shared / "loris2024" / "AllData.xlsx", sheet_name=name, infer_schema_length=None)
    kept = frame.select(name for name in [*SHEET, "LORIS"] if name in frame.columns)
    return kept.with_columns(
        pl.col(c).cast(t, strict=False) for c, t in wanted.items() if c in kept.columns
    ).rename({old: new for old, new in SHEET.items() if old in kept.columns})


@pytest.mark.real
def test_the_score_of_the_authors_is_matched(shared):
    table = sheet(shared, "MSK_nonICB")
    found = apply("loris", table).table
    assert found["value"].null_count() == 0
    np.testing.assert_allclose(found["value"].to_numpy(), table["LORIS"].to_numpy(), atol=1e-3)


@pytest.mark.real
def test_patients_without_term_or_input_have_no_score(shared):
    scores = apply("loris", sheet(shared, "MSK2"))
    assert scores.table["value"].null_count() == 104  # CNS and unknown primary: no term
    zero = apply("loris", sheet(shared, "MSK2"), zero_without_term=True)
    assert zero.table["value"].drop_nulls().len() == 100
    shim = apply("loris", sheet(shared, "Shim_NSCLC"))
    assert shim.table["value"].drop_nulls().len() == 190
    assert shim.table.height == 198


@pytest.mark.real
def test_filled_in_albumin_and_nlr_of_kato_and_ravi_are_noticed(shared):
    for name in ("Kato_panCancer", "Ravi_NSCLC"):
        said = [c.message for c in apply("loris", sheet(shared, name)).checks if "constant_input" in c.name]
        assert any("albumin (3.8)" in text for text in said)
        assert any("6.2" in text for text in said)


@pytest.mark.real
def test_discrimination_is_that_of_the_reference(shared):
    # AUC recomputed from the same workbook before: Chowell_test 0.7542 (n = 515), Ravi 0.7245 (n = 309).
    # and MSK2, whose cancer types add zero, 0.637 (n = 100).
    for name, n, auc in (("Chowell_test", 515, 0.7542), ("Ravi_NSCLC", 309, 0.7245), ("MSK2", 100, 0.637)):
        table = sheet(shared, name)
        frame = pl.read_excel(shared / "loris2024" / "AllData.xlsx", sheet_name=name)
        score, response = (
            apply("loris", table, zero_without_term=True).table["value"].to_numpy(),
            frame["Response"].to_numpy(),
        )
        known = np.isfinite(score)
        assert known.sum() == n
        pairs = score[known & (response == 1)][:, None] - score[known & (response == 0)]
        assert ((pairs > 0) + 0.5 * (pairs == 0)).mean() == pytest.approx(auc, abs=6e-4)


def test_models_name_their_source_and_their_training_set():
    for model in PUBLISHED.values():
        assert model.source
        assert model.reference
        assert model.limits
        assert all(term.source for term in model.terms)
        assert any(known.overlap == "all" for known in model.overlaps)
