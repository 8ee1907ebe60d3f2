"""Doses: grams or micrograms where milligrams are meant."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import found, manifest_unit, middle, numbers, place, table
from coley.read.doctor.thresholds import limit, rows

if TYPE_CHECKING:
    from coley.model.study import Study


TO_MG = {"g": 1000, "ug": 0.001}


@cache
def label_doses() -> dict[str, tuple[float, float]]:
    """Return drug to the smallest and largest usual single dose in mg."""
    return {row["drug"]: (float(row["low"]), float(row["high"])) for row in rows("doses.csv")}


@examination(
    "dose_unit",
    title="Unit of the doses",
    looks_for="doses in grams, micrograms or mg per kg where mg are meant",
    needs=(Need("doses", ("drug", "mg")),),
)
def dose_unit(study: Study) -> Findings:
    """Compare the median dose of each known drug with the doses in which it is given."""
    import polars as pl

    frame = table(study, "doses").filter(pl.col("mg").is_not_null())
    lower = pl.col("drug").cast(pl.String).str.to_lowercase()
    remedies = {"mg per kg": "Multiply by the weight of each patient."}
    remedies |= {unit: manifest_unit("mg", unit, table_name="doses") for unit in TO_MG}
    checks: Findings = []
    for drug, (low, high) in label_doses().items():
        given = frame.filter(lower.str.contains(drug, literal=True))
        values = numbers(given, "mg").filter(numbers(given, "mg") > 0)
        if len(values) < limit("dose.n"):
            continue
        median = middle(values)
        if low <= median <= high:
            continue
        unit = next((u for u, factor in TO_MG.items() if low <= median * factor <= high), None)
        if unit is None and median * limit("dose.kg_low") >= low and median <= limit("dose.mg_per_kg"):
            unit = "mg per kg"
        checks.append(
            found(
                "dose_unit",
                "fail" if unit else "warn",
                f"The median dose of {drug} is {median:.4g} mg ({len(values)} doses); it is given as "
                f"{low:g} to {high:g} mg.",
                cause=f"The file holds {unit}." if unit else "Another drug, or a sum of several doses.",
                remedy=remedies.get(unit or "", "Compare these doses with the protocol."),
                where=place(given, "mg"),
            )
        )
    return checks
