"""Columns made from other columns: exact multiples, and ratios that do not follow from their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import normalise
from coley.model.dictionary import table as dictionary_table
from coley.model.question import Need
from coley.model.study import DAYS_PER_MONTH
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    ROW,
    found,
    groups,
    in_groups,
    numeric_columns,
    patients_word,
    place,
    severity,
    table,
)
from coley.read.doctor.thresholds import limit, rows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from coley.model.study import Study

PATIENTS = (Need("patients"),)


def conversions() -> tuple[float, ...]:
    """Return the factors between units, which turn one column into another without harm."""
    return (
        1.0,
        DAYS_PER_MONTH,
        DAYS_PER_MONTH / 7,
        *(float(row["factor"]) for row in rows("conversions.csv")),
    )


@examination(
    "exact_multiple",
    title="Columns derived from others",
    looks_for="a measurement that is an exact multiple of another column",
    needs=PATIENTS,
)
def exact_multiple(study: Study) -> Findings:
    """Find x = k y for a k that is no change of unit: one of the two is a conversion, and which is unsaid."""
    seen: dict[tuple[str, str, float], list[tuple[str, pl.DataFrame, int]]] = {}
    for label, frame in groups(study):
        for one, other, factor, n in _multiples(frame):
            seen.setdefault((one, other, factor), []).append((label, frame, n))
    return [
        found(
            "exact_multiple",
            "warn",
            f"{one} is exactly {factor:.6g} times {other}{in_groups(s[0] for s in cohorts)} "
            f"({patients_word(sum(s[2] for s in cohorts))}).",
            cause="One of the two was converted from the other, or entered under another definition.",
            remedy="Find out which was measured; converted values do not mix with measured ones.",
            where=place(cohorts[0][1], one),
        )
        for (one, other, factor), cohorts in seen.items()
    ]


def _multiples(frame: pl.DataFrame) -> list[tuple[str, str, float, int]]:
    """Return pairs (x, y, k, n) with x = k y in all n rows in which both are known, k > 1."""
    import numpy as np
    import polars as pl

    columns = numeric_columns(frame)
    outcomes = dictionary_table("patients").role("outcome", "key")
    columns = [c for c in columns if c not in outcomes and frame[c].n_unique() > limit("multiple.distinct")]
    if len(columns) < 2:
        return []
    values = frame.select(pl.col(columns).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
    sample = values[: int(limit("multiple.sample"))]
    with np.errstate(all="ignore"):
        ratio = sample[:, :, None] / sample[:, None, :]
    ratio[~np.isfinite(ratio) | (ratio == 0)] = np.nan
    known = np.isfinite(ratio).sum(axis=0)
    low, high = np.fmin.reduce(ratio, axis=0), np.fmax.reduce(ratio, axis=0)
    close = (known > 2) & (high - low <= limit("multiple.tolerance") * np.abs(high)) & (high > 1)
    found_pairs = []
    for i, j in np.argwhere(close):
        told = _exact(values[:, i], values[:, j])
        if told is not None and _related(columns[i], columns[j]):
            found_pairs.append((columns[i], columns[j], *told))
    return found_pairs


def _exact(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[float, int] | None:
    import numpy as np

    both = np.isfinite(x) & np.isfinite(y) & (y != 0)
    if both.sum() < limit("multiple.n") or len(np.unique(y[both])) <= limit("multiple.distinct"):
        return None
    ratio = x[both] / y[both]
    factor = float(np.median(ratio))
    if np.any(np.abs(ratio / factor - 1) > limit("multiple.tolerance")):
        return None
    if any(abs(factor / known - 1) < limit("multiple.tolerance") for known in conversions()):
        return None
    rounded = round(factor, 6)
    return (rounded if abs(rounded / factor - 1) < 1e-6 else factor), int(both.sum())


def _related(one: str, other: str) -> bool:
    """Say whether two names are of one quantity; a count and its density per megabase are two."""
    a, b = normalise(one), normalise(other)
    if a.endswith("mb") != b.endswith("mb"):
        return False
    shared = len(_common_start(a, b))
    return a in b or b in a or shared >= min(len(a), len(b), int(limit("multiple.letters")))


def _common_start(a: str, b: str) -> str:
    return next((a[:k] for k in range(min(len(a), len(b)), 0, -1) if b.startswith(a[:k])), "")


@examination(
    "nlr_parts",
    title="Ratio and its parts",
    looks_for="a neutrophil to lymphocyte ratio that does not follow from the two counts",
    needs=(Need("patients", ("nlr", "neutrophils", "lymphocytes")),),
)
def nlr_parts(study: Study) -> Findings:
    """Divide the counts, where all three are given."""
    import polars as pl

    known = table(study, "patients").filter(
        (pl.col("lymphocytes") > 0) & (pl.col("neutrophils") > 0) & (pl.col("nlr") > 0)
    )
    off = (pl.col("nlr") * pl.col("lymphocytes") / pl.col("neutrophils")).log().abs()
    bad = known.filter(off > limit("multiple.parts"))
    if not bad.height or ROW not in bad.columns:
        return []
    return [
        found(
            "nlr_parts",
            severity(bad.height, known.height),
            f"nlr differs from neutrophils / lymphocytes by more than a quarter in {bad.height} of "
            f"{patients_word(known.height)}.",
            cause="Counts and ratio are of different days, in different units, or one is a derived ratio.",
            remedy="Use the counts of one day, or leave one of the two out.",
            where=place(bad, "nlr"),
        )
    ]
