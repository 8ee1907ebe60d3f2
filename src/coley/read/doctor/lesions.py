"""Lesions: diameters that cannot be, and responses that the diameters deny."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.events import RESPONSES
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    found,
    manifest_unit,
    middle,
    numbers,
    patients_word,
    place,
    severity,
    table,
)
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

MEASURED = (Need("lesions", ("patient_id", "day", "diameter_mm")),)


def _targets(study: Study) -> pl.DataFrame:
    import polars as pl

    frame = table(study, "lesions").filter(pl.col("diameter_mm").is_not_null())
    if study.has("lesions", "role"):
        frame = frame.filter(pl.col("role").fill_null("target") == "target")
    return frame


@examination(
    "lesion_unit",
    title="Unit of the diameters",
    looks_for="diameters in centimetres or metres where millimetres are meant",
    needs=MEASURED,
)
def lesion_unit(study: Study) -> Findings:
    """Look at the first measurement of each target: RECIST asks for at least 10 mm."""
    frame = _targets(study).sort("day", maintain_order=True)
    keys = [c for c in ("patient_id", "lesion_id") if c in frame.columns]
    first = frame.unique(keys, keep="first", maintain_order=True)
    values = numbers(first, "diameter_mm")
    values = values.filter(values > 0)
    if len(values) < limit("lesion.n") or middle(values) >= limit("lesion.smallest_median"):
        return []
    return [
        found(
            "lesion_unit",
            "fail",
            f"Half of the {len(values)} target lesions measure less than {middle(values):.2g} mm at first; "
            "a target measures 10 mm at least.",
            cause="The diameters are in centimetres.",
            remedy=manifest_unit("diameter_mm", "cm", table_name="lesions"),
            where=place(first, "diameter_mm"),
        )
    ]


@examination(
    "lesion_twice",
    title="Lesions measured twice",
    looks_for="two diameters of one lesion on one day",
    needs=MEASURED,
)
def lesion_twice(study: Study) -> Findings:
    """Look for one patient, lesion and day in several rows with different diameters."""
    import polars as pl

    frame = table(study, "lesions").filter(pl.col("diameter_mm").is_not_null())
    if "lesion_id" not in frame.columns:
        return []
    keys = pl.struct("patient_id", "lesion_id", "day")
    bad = frame.filter(keys.is_duplicated() & pl.col("lesion_id").is_not_null())
    bad = bad.filter(pl.col("diameter_mm").n_unique().over("patient_id", "lesion_id", "day") > 1)
    if not bad.height:
        return []
    return [
        found(
            "lesion_twice",
            severity(bad.height, frame.height),
            f"{bad.height} rows give one lesion of one patient two diameters on one day.",
            cause="Two readers in one table, or two lesions under one name.",
            remedy="Keep one reader, or give each lesion a name of its own.",
            where=place(bad.sort("patient_id", "lesion_id", "day", maintain_order=True), "diameter_mm"),
        )
    ]


@examination(
    "response_without_shrinkage",
    title="Response against the sum of diameters",
    looks_for="CR or PR in patients whose target lesions never shrank",
    needs=MEASURED,
)
def response_without_shrinkage(study: Study) -> Findings:
    """Compare the smallest later sum of diameters with the first, in patients with CR or PR."""
    import polars as pl

    if not study.has("patients", "patient_id", "response"):
        return []
    sums = (
        _targets(study)
        .group_by("patient_id", "day")
        .agg(pl.col("diameter_mm").sum().alias("sld"), pl.len().alias("lesions"))
    )
    first = (
        sums.sort("day")
        .group_by("patient_id", maintain_order=True)
        .agg(
            pl.col("sld").first().alias("first"),
            pl.col("lesions").first().alias("targets"),
            pl.col("day").first().alias("day0"),
        )
    )
    later = (
        sums.join(first, on="patient_id")
        .filter((pl.col("day") > pl.col("day0")) & (pl.col("lesions") >= pl.col("targets")))
        .group_by("patient_id")
        .agg((pl.col("sld").min() / pl.col("first").first()).alias("best"))
    )
    frame = table(study, "patients").filter(pl.col("response").is_in(RESPONSES))
    joined = frame.join(later, on="patient_id", how="inner", maintain_order="left")
    bad = joined.filter(pl.col("best") >= 1)
    if not bad.height:
        return []
    return [
        found(
            "response_without_shrinkage",
            severity(bad.height, joined.height),
            f"{bad.height} of {patients_word(joined.height)} with CR or PR have target lesions that never "
            "shrank below their first sum.",
            cause="Rows of different patients, another reader, or response by other criteria.",
            remedy="Check response and diameters of these patients.",
            where=place(bad, "response", [f"{row:.0%} of first" for row in bad["best"].head(5)]),
        )
    ]
