"""Given besides: a planted concomitant drug is found at its counts, and what no report holds is said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from coley.biology.drugs.table import checkpoint_inhibitors
from coley.biology.irae.labels import label_iraes
from coley.model.answer import Answer
from coley.questions.harm.concomitants import EARLIER, NONE_BESIDES, concomitant_part
from coley.questions.harm.evidence import evidence
from coley.questions.harm.settings import HarmSettings
from coley.toy.reports import SimulatedReports
from coley.vigilance.database import Database

Make = Callable[..., Database]
INHIBITORS = [drug.ingredient for drug in checkpoint_inhibitors()]


def test_a_drug_that_goes_with_a_harm_is_found_at_its_counts(
    simulated: SimulatedReports, database: Make
) -> None:
    frames = dict(simulated.clean)
    exposures = frames["exposures"]
    suspect = exposures.filter(pl.col("ingredient").is_in(INHIBITORS) & (pl.col("role") != "C"))
    reports = suspect["report_id"].unique().sort()
    terms = label_iraes()["nephritis"].terms
    harmed = set(frames["events"].filter(pl.col("term").is_in(list(terms)))["report_id"])
    rng = np.random.default_rng(1)
    chosen = [report for report in reports if report in harmed or rng.random() < 0.05]
    elsewhere = (
        exposures.filter(~pl.col("report_id").is_in(reports.implode()))["report_id"].unique().sort().head(500)
    )
    rows = pl.DataFrame({"report_id": [*chosen, *elsewhere]}).select(
        "report_id", ingredient=pl.lit("omeprazole"), role=pl.lit("C"), matched=pl.lit(value=True)
    )
    frames["exposures"] = pl.concat([exposures, rows.select(exposures.columns)])
    table = concomitant_part(evidence(database(frames), HarmSettings())).tables["concomitant"]
    row = table.row(
        by_predicate=(pl.col("concomitant_drug") == "omeprazole") & (pl.col("event") == "Nephritis"),
        named=True,
    )
    both = len(harmed & set(reports))
    assert both >= 5
    assert (row["reports"], row["exposed"]) == (both, len(chosen))  # none of those without an inhibitor
    assert row["signal"]
    false = table.filter(pl.col("signal") & (pl.col("concomitant_drug") != "omeprazole"))
    assert false.height <= 1


def test_nothing_planted_gives_hardly_a_signal_and_earlier_treatment_cannot_be_told(whole: Answer) -> None:
    assert whole.tables["concomitant"]["signal"].sum() <= 1
    assert EARLIER in whole.cannot_tell
    assert not set(whole.tables["concomitant"]["concomitant_drug"]) & set(INHIBITORS)


def test_where_no_drug_is_concomitant_that_is_said(simulated: SimulatedReports, database: Make) -> None:
    frames = dict(simulated.clean)
    frames["exposures"] = frames["exposures"].filter(pl.col("role") != "C")
    part = concomitant_part(evidence(database(frames), HarmSettings()))
    assert part.cannot_tell == (NONE_BESIDES, EARLIER)
    assert not part.tables
