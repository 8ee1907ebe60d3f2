"""Published cohorts read with the counts that their papers and SOURCE files give."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

import coley

pytestmark = pytest.mark.real
MANIFESTS = Path(__file__).parents[1] / "real"


def with_manifest(shared: Path, name: str, tmp_path: Path) -> coley.Study:
    """Read a cohort by its manifest, whose root is written for the place beside the repository."""
    folder = tmp_path / name
    shutil.copytree(MANIFESTS / name, folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    root = next(line for line in text.splitlines() if line.startswith("root"))
    (folder / "study.toml").write_text(
        text.replace(root, f'root = "{shared / name.split("/")[0]}"'), encoding="utf-8"
    )
    return coley.read(folder)


def test_oak(shared: Path, tmp_path: Path) -> None:
    study = with_manifest(shared, "oak", tmp_path)
    patients = study.patients
    assert patients.height == 850
    assert (patients["os_event"].sum(), patients["pfs_event"].sum()) == (569, 755)
    assert dict(patients["arm"].value_counts().iter_rows()) == {"atezolizumab": 425, "docetaxel": 425}
    assert patients["os_event"].null_count() == patients["os_months"].null_count() == 0
    assert study.about.control_arm == "docetaxel"
    assert patients["_where"][0] == "clinical.tsv.gz:2"
    assert not [note for note in study.notes if note.level != "pass"]


def test_oak_without_a_manifest_inverts_censoring(shared: Path) -> None:
    patients = coley.read(shared / "oak" / "clinical.tsv.gz").patients
    assert (patients["os_event"].sum(), patients["pfs_event"].sum()) == (569, 755)


def test_loris_by_plain_reading(shared: Path) -> None:
    study = coley.read(shared / "loris2024" / "AllData.xlsx")
    counts = dict(study.patients["cohort"].value_counts().iter_rows())
    assert counts == {
        "Chowell_train": 964,
        "Chowell_test": 515,
        "MSK1": 453,
        "MSK2": 104,
        "Kato_panCancer": 35,
        "Shim_NSCLC": 198,
        "Vanguri_NSCLC": 246,
        "Ravi_NSCLC": 309,
        "Pradat_panCancer": 57,
        "MSK_nonICB": 841,
    }
    assert study.patients["patient_id"].n_unique() == 3722
    ravi = study.patients.filter(pl.col("cohort") == "Ravi_NSCLC")
    assert ravi["os_months"].median() == 402  # days, as the file has them; the doctor must find it
    assert study.patients["responder"].sum() > 500


def test_the_same_sheet_by_manifest_turns_days_into_months(shared: Path, tmp_path: Path) -> None:
    study = with_manifest(shared, "loris2024/Ravi_NSCLC", tmp_path)
    assert study.patients["os_months"].median() == pytest.approx(402 / 30.4375)


def test_chowell(shared: Path, tmp_path: Path) -> None:
    patients = with_manifest(shared, "chowell2021", tmp_path).patients
    assert patients.height == 1479
    assert dict(patients["cohort"].value_counts().iter_rows()) == {"training": 1184, "test_msk": 295}
    assert set(patients["sex"].unique()) == {"female", "male"}
    assert patients["nlr"].null_count() == 0


def test_msk_ages_are_years_whatever_the_header_says(shared: Path, tmp_path: Path) -> None:
    patients = with_manifest(shared, "msk_tmb_2018", tmp_path).patients
    assert patients.height == 1661
    assert 60 < patients["age_years"].median() < 70
    assert set(patients["os_event"].unique()) == {True, False}


def test_snyder_keeps_leading_zeros_and_turns_days_into_months(shared: Path, tmp_path: Path) -> None:
    study = with_manifest(shared, "snyder2017_bladder", tmp_path)
    patients = study.patients
    assert patients.height == 25
    assert {"0040", "0471"} <= set(patients["patient_id"])
    first = patients.filter(pl.col("patient_id") == "0040")
    assert first["os_months"][0] == pytest.approx(24 / 30.4375)
    assert first["response"][0] == "NE"
    assert set(patients["patient_id"]) == set(study.tables["expression"].columns) - {"gene", "_where"}


def test_amadeus_joins_by_key(shared: Path, tmp_path: Path) -> None:
    study = with_manifest(shared, "amadeus_trial", tmp_path)
    assert study.patients.height == 79
    assert study.has("patients", "tmb_per_mb", "msi", "os_event")
    assert study.has("adverse_events", "grade", "immune_related")


@pytest.mark.parametrize(
    "manifest",
    sorted(path.parent for path in MANIFESTS.rglob("study.toml")),
    ids=lambda p: p.relative_to(MANIFESTS).as_posix(),
)
@pytest.mark.usefixtures("shared")
def test_every_manifest_reads(manifest: Path) -> None:
    study = coley.read(manifest)
    if "reports" in study.tables:
        assert (
            study.table("reports")["report_id"].n_unique() >= 200
        )  # the two miniature quarters are the fewest
        assert study.has("report_reactions", "term")
        return
    patients = study.patients
    assert patients.height >= 9  # the nine of Nathanson's pre-treatment biopsies are the fewest
    keys = [name for name in ("cohort", "patient_id") if name in patients.columns]
    assert not patients.select(keys).is_duplicated().any()
    for endpoint in ("os", "pfs"):
        if f"{endpoint}_months" in patients.columns:
            assert patients[f"{endpoint}_months"].min() >= 0
            # Vanguri knows the survival of the dead alone: OS_Event is 1 or empty in the file
            assert patients[f"{endpoint}_event"].drop_nulls().n_unique() == 1 + (
                "Vanguri" not in str(manifest) or endpoint == "pfs"
            )
