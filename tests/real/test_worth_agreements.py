"""Outcome-based and indication prices of nivolumab: CheckMate 067 with a refund, CheckMate 057 beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.model.part import Part

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
AGREED = """
[[indications]]
label = "Melanoma, untreated"
strategy = "both"
drug = "nivolumab"
patients_per_year = 1000
source = "an example"

[[indications]]
label = "Lung cancer, previously treated"
model = "lung.toml"
strategy = "nivolumab"
drug = "nivolumab"
patients_per_year = 2000
source = "an example"
"""
REFUND = "Nivolumab + ipilimumab: nivolumab, 100 % back on failure by month 6"


@pytest.fixture(scope="module")
def worked(shared: Path, tmp_path_factory: pytest.TempPathFactory):
    from coley.questions.worth.settings import WorthSettings
    from coley.questions.worth.worked import work_out
    from coley.read.economic_model import read_economic_model

    folder = tmp_path_factory.mktemp("nivolumab")
    melanoma = (HERE / "worth_checkmate067" / "model.toml").read_text()
    root = f'root = "{shared.as_posix()}"'
    text = "\n".join(root if line.startswith("root") else line for line in melanoma.splitlines())
    (folder / "model.toml").write_text(text + AGREED)
    (folder / "lung.toml").write_text((HERE / "worth_nivolumab_lung" / "model.toml").read_text())
    read = read_economic_model(folder / "model.toml")
    return read, work_out(read.model, read.followed, WorthSettings(draws=600), table=read.table)


@pytest.fixture(scope="module")
def told(worked) -> Part:
    from coley.questions.worth.payer.indications import indications_part
    from coley.questions.worth.payer.refunds import refunds_part

    read, found = worked
    return refunds_part(found) + indications_part(found, read.indications)


def estimate(told: Part, name: str, group: str = REFUND):
    return next(one for one in told.estimates if (one.name, one.group) == (name, group))


def test_refund_is_that_of_the_patients_of_the_trial(shared: Path, worked, told: Part) -> None:
    """Dose by dose on the Kaplan-Meier curve of the reconstructed patients."""
    from coley.economics.analysis.inputs import base_case
    from coley.economics.analysis.strategy import regimen_of
    from coley.economics.doses import schedule
    from coley.stats.survival.kaplan_meier import kaplan_meier

    read, found = worked
    patients = read.followed["both.pfs"]
    curve = kaplan_meier(patients.time_years, patients.event)
    numbers = base_case(read.model, found.prepared.fitted).numbers
    calendar = schedule(regimen_of(read.model, "both", numbers), 0.5)
    given = np.array(calendar.drugs) == "nivolumab"
    times = np.r_[calendar.times_years[given], 0.5]
    free = np.r_[1.0, curve.survival][np.searchsorted(curve.time, times, side="right")]
    seen = (calendar.acquisition[0, given] * (free[:-1] - free[-1])).sum()
    refund = estimate(told, "refund_per_patient")
    assert refund.value == pytest.approx(seen, rel=0.03)
    assert refund.low < seen < refund.high


def test_main_figures_of_the_refund(told: Part) -> None:
    # Measured on these curves; a refit by another optimiser may move them in the third digit.
    assert estimate(told, "refund_per_patient").value == pytest.approx(3604, rel=0.02)
    assert estimate(told, "price_after_refund").value == pytest.approx(0.947, abs=0.003)
    assert estimate(told, "icer_with_refund").value == pytest.approx(25_185, rel=0.02)
    row = told.tables["refund_by_threshold"].filter(pl.col("threshold") == 25_000).row(0, named=True)
    assert row["probability"] < row["probability_with_refund"] < 0.5
    assert row["needed_on_means"] > 1, "all of it is not enough at 25,000"
    assert estimate(told, "refund_needed_at_35000").value == 0


def test_a_refund_spreads_the_bill_more_than_a_flat_discount(told: Part) -> None:
    """Patients who fail early are the cheap ones: paying them back takes from the low end."""
    risk = told.tables["payers_risk"].sort("sd")
    assert risk["payment"].to_list()[-1] == "100 % back on failure by month 6"
    assert risk["mean"].n_unique() == 1 or np.ptp(risk["mean"].to_numpy()) < 1e-6 * risk["mean"][0]
    assert risk["sd"].to_list() == pytest.approx([5770, 6500], rel=0.03)


def test_nivolumab_is_worth_less_in_lung_cancer_and_one_price_lies_between(told: Part) -> None:
    name = "price_of_nivolumab_worth_it_at_25000"
    melanoma, lung, one = (
        estimate(told, name, group)
        for group in ("Melanoma, untreated", "Lung cancer, previously treated", "One price for all")
    )
    assert melanoma.value == pytest.approx(0.93, abs=0.03)
    assert lung.value == pytest.approx(0.195, abs=0.02)
    assert lung.high < one.low < one.high < melanoma.low
    sellers = told.tables["ways_to_price"].row(2, named=True)
    assert sellers["treated"] == "Melanoma, untreated", "at one price the seller leaves lung cancer out"
    assert sellers["forgone_per_year"] == pytest.approx(2000 * 0.195 * 38_000, rel=0.12)


def test_parameters_of_the_lung_model_are_those_of_the_trial(shared: Path) -> None:
    """The printed numbers are a log-normal fit to the digitised patients of CheckMate 057."""
    from coley.economics.model_file.parse import model_of
    from coley.read.toml import load_toml
    from coley.stats.parametric.data import survival_data
    from coley.stats.parametric.families import FAMILIES
    from coley.stats.parametric.fitting import fit

    model = model_of(load_toml(HERE / "worth_nivolumab_lung" / "model.toml", "a model file"))
    for endpoint, file in (("os", "1A"), ("pfs", "1C")):
        table = pl.read_csv(shared / "km_curves" / "kmdata" / f"Checkmate057_{file}.csv")
        for name, arm in (("docetaxel", "d1"), ("nivolumab", "nivolumab")):
            rows = table.filter(pl.col("arm") == arm)
            found = fit(
                FAMILIES["log_normal"], survival_data(rows["time"].to_numpy() / 12, rows["event"].to_numpy())
            )
            printed = model.strategies[name].curves[endpoint].published
            assert [one.value for one in printed.parameters.values()] == pytest.approx(
                found.parameters().tolist(), abs=5e-6
            )
            covariance = found.covariance
            assert printed.covariance["mean_log"]["mean_log"] == pytest.approx(covariance[0, 0], rel=1e-4)
            assert printed.covariance["mean_log"]["sd_log"] == pytest.approx(covariance[0, 1], rel=1e-4)
            assert printed.covariance["sd_log"]["sd_log"] == pytest.approx(covariance[1, 1], rel=1e-4)
