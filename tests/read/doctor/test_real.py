"""The traps of the real cohorts, found without being told; and silence where there is none."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coley.model.study import Study
from coley.read import read
from coley.read.doctor import examine

pytestmark = pytest.mark.real

MANIFESTS = Path(__file__).parents[2] / "real"
LORIS_ICI = {
    "Chowell_train", "Chowell_test", "MSK1", "MSK2", "Kato_panCancer",
    "Shim_NSCLC", "Vanguri_NSCLC", "Ravi_NSCLC", "Pradat_panCancer",
}  # fmt: skip


@pytest.fixture(scope="module")
def loris(shared) -> Study:
    return read(shared / "loris2024" / "AllData.xlsx")


@pytest.fixture(scope="module")
def loris_findings(loris) -> list:
    return [check for check in examine(loris) if check.level != "pass"]


def of(checks, name, column=""):
    return [c for c in checks if c.name == name and column in ("", c.where.column)]


@pytest.mark.parametrize(("column", "median"), [("pfs_months", 150), ("os_months", 402)])
def test_ravi_is_in_days(loris_findings, column, median):
    [check] = of(loris_findings, "time_unit", column)
    assert check.level == "fail"
    assert "looks like days" in check.message
    assert f"median {median}," in check.message
    assert check.where.file == "AllData.xlsx[Ravi_NSCLC]"
    assert not any(name in check.message for name in LORIS_ICI - {"Ravi_NSCLC"})


@pytest.mark.parametrize(("column", "value"), [("albumin_g_dl", "3.8"), ("nlr", "6.2")])
def test_kato_and_ravi_are_imputed(loris_findings, column, value):
    [check] = of(loris_findings, "constant", column)
    assert check.level == "fail"
    assert check.message == f"{column} is {value} in 344 of 344 patients in Kato_panCancer, Ravi_NSCLC."


def test_vanguri_nlr_is_doubled(loris_findings):
    [check] = of(loris_findings, "exact_multiple")
    assert check.message.startswith("nlr is exactly 2 times NLR_original in Vanguri_NSCLC (246 patients)")


def test_msk_without_ici_is_capped(loris_findings):
    caps = of(loris_findings, "capped")
    assert {(c.where.column, c.where.values) for c in caps} == {
        ("nlr", ("25",)), ("tmb_per_mb", ("50",)), ("age_years", ("85",))
    }  # fmt: skip
    assert all("in MSK_nonICB is capped" in c.message for c in caps)


def test_sample_ids_are_row_numbers(loris_findings):
    [check] = of(loris_findings, "row_number_ids")
    assert all(name in check.message for name in LORIS_ICI)


def test_vanguri_knows_the_times_of_the_dead_alone(loris_findings):
    [check] = [c for c in of(loris_findings, "time_missing") if c.level == "fail"]
    assert check.message.startswith("All 150 known values of os_months in Vanguri_NSCLC")


def test_vanguri_patients_are_in_the_other_cohorts_of_the_centre(loris_findings):
    shared_with = {
        c.message.split(" also in ")[1].split(" (")[0] for c in of(loris_findings, "cohorts_share_patients")
    }
    assert shared_with == {"Vanguri_NSCLC"}


def test_stored_scores_and_copies_of_the_outcome(loris_findings, shared):
    leaks = {c.where.column for c in of(loris_findings, "mirrors_outcome")}
    assert leaks == {"OS0.5yr", "OS1yr", "OS2yr", "OS3yr"}
    assert [c.where.column for c in of(loris_findings, "published_score")] == ["LORIS"]
    chowell = examine(read(shared / "chowell2021" / "chowell_all.csv.gz"))
    assert [c.where.column for c in chowell if c.level != "pass"] == ["RF16_prob"]


def test_chowell_is_in_loris(loris, shared):
    chowell = read(MANIFESTS / "chowell2021")
    [check] = [c for c in examine(chowell, others=[loris]) if c.name == "studies_share_patients"]
    assert check.level == "warn"
    assert check.message.startswith("1,479 of 1,479 patients of chowell2021 are also in AllData (")


def test_chowell_is_in_loris_though_written_otherwise(loris, shared):
    chowell = read(MANIFESTS / "chowell2021")
    other = chowell.patients.with_columns(
        pl.col("age_years").floor(),
        (pl.col("os_months", "pfs_months") * 30.4375).round(),
        pl.format("CH{}", pl.col("patient_id")).alias("patient_id"),
    )
    [check] = [
        c
        for c in examine(chowell.with_table("patients", other), others=[loris])
        if c.name == "studies_share_patients"
    ]
    assert int(check.message.split()[0].replace(",", "")) >= 1450


def test_rizvi_is_in_samstein(shared, tmp_path):
    (tmp_path / "study.toml").write_text(
        f'root = "{shared / "cbioportal_ici_clinical"}"\n'
        '[tables.patients]\nfile = "nsclc_pd1_msk_2018_patient_clinical_data.csv.gz"\n'
        '[tables.patients.columns]\npatient_id = "patientId"\nage_years = "AGE"\n'
    )
    rizvi, samstein = read(tmp_path, name="rizvi"), read(MANIFESTS / "msk_tmb_2018")
    [check] = [c for c in examine(rizvi, others=[samstein]) if c.name == "studies_share_patients"]
    assert "211 of 240 patients of rizvi are also in msk_tmb_2018" in check.message
    assert "ages agree within 3 years in 100%" in check.message


def test_samstein_header_grain_and_words(shared):
    checks = examine(read(shared / "msk_tmb_2018" / "tmb_mskcc_2018_clinical_data.tsv.gz"))
    told = {(c.name, c.where.column) for c in checks if c.level != "pass"}
    assert told == {
        ("header_unit", "Age at Which Sequencing was Reported (Days)"),
        ("text_among_numbers", "Tumor Purity"),
        ("time_grain", "os_months"),
        ("time_impossible", "os_months"),
    }


def test_samstein_ages_divided_by_365(shared, tmp_path):
    (tmp_path / "study.toml").write_text(
        f'root = "{shared / "msk_tmb_2018"}"\n'
        '[tables.patients]\nfile = "tmb_mskcc_2018_clinical_data.tsv.gz"\n[tables.patients.columns]\n'
        'age_years = { column = "Age at Which Sequencing was Reported (Days)", unit = "days" }\n'
    )
    [check] = [c for c in examine(read(tmp_path)) if c.level == "fail"]
    assert (check.name, check.where.column) == ("header_unit", "age_years")


@pytest.mark.parametrize(
    ("folder", "pfs", "os"), [("oak", "PFS.CNSR", "OS.CNSR"), ("riaz2017_genomics", "PFS_SOR", "OS_SOR")]
)
@pytest.mark.parametrize("flipped", [("pfs_event", "os_event"), ("pfs_event",), ("os_event",)])
@pytest.mark.parametrize("response", [True, False])
def test_censoring_read_as_an_event(shared, folder, pfs, os, flipped, response):
    study = read(MANIFESTS / folder)
    patients = study.patients.with_columns(~pl.col(c) for c in flipped).drop([] if response else ["response"])
    told = of(examine(study.with_table("patients", patients)), "event_code")
    wrong = [c for c in told if c.level != "pass"]
    if folder == "riaz2017_genomics" and flipped != ("pfs_event", "os_event") and not response:
        assert {c.where.column for c in wrong} <= set(flipped)  # 73 patients do not always tell
        return
    assert wrong
    assert {column for c in wrong for column in flipped if column in c.message} == set(flipped)


def test_riaz_as_its_file_has_it(shared):
    checks = examine(read(shared / "riaz2017_genomics" / "bms038_clinical_data.csv.gz"))
    assert {(c.name, c.where.column) for c in checks if c.level == "fail"} == {
        ("event_code", "pfs_event"), ("time_unit", "pfs_months"), ("time_unit", "os_months")
    }  # fmt: skip
    [code] = [c for c in of(checks, "event_code") if c.level == "fail"]
    assert code.message.startswith("pfs_event and os_event are reversed")


def test_riaz_genes_are_dates(shared):
    [check] = [c for c in examine(read(MANIFESTS / "riaz2017_genomics")) if c.level != "pass"]
    assert check.name == "mangled_genes"
    assert check.message.startswith("13 gene names of mutations are dates or numbers (26 rows)")
    assert "SEPT6 (SEPTIN6)" in check.message


def test_years_taken_for_months(shared):
    study = Study("oak years", {"patients": pl.read_csv(shared / "oak_sld_os_matched" / "os_data.csv").rename(
        {"id": "patient_id", "pfs_time": "pfs_months", "os_time": "os_months"})})  # fmt: skip
    units = of(examine(study), "time_unit")
    assert {(c.where.column, c.level) for c in units} == {("pfs_months", "fail"), ("os_months", "fail")}
    assert all("looks like years" in c.message for c in units)


@pytest.mark.parametrize("folder", ["oak", "chowell2021", "amadeus_trial", "snyder2017_bladder"])
def test_sound_cohorts_pass(shared, folder):
    assert [(c.name, c.message) for c in examine(read(MANIFESTS / folder)) if c.level != "pass"] == []


def test_event_codes_of_fourteen_cohorts_are_left_alone(shared):
    frame = pl.read_csv(
        shared / "icb_cohorts_clinical" / "icb_cohorts_clinical.tsv.gz",
        separator="\t", null_values=["NA", ""], infer_schema_length=None,
    ).rename({
        "study": "cohort", "patientid": "patient_id", "recist": "response", "response": "benefit", "age": "age_years",
        "survival_time_pfs": "pfs_months", "event_occurred_pfs": "pfs_event",
        "survival_time_os": "os_months", "event_occurred_os": "os_event",
    })  # fmt: skip
    checks = examine(Study("icb", {"patients": frame}))
    assert [c.level for c in checks if c.name in ("event_code", "time_unit", "response_order")] == [
        "pass"
    ] * 3
