"""The tables of circulating tumour DNA and of HLA alleles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.baseline import REFERENCE_SLD
from coley.toy.facts import rows
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

PLAN = (("baseline", 0), ("week 8", 56), ("week 24", 168))
# Assumptions: shedding at the reference burden, its spread over patients and over samples, and that it rises
# faster than the diameter; genome equivalents per mL of plasma; the least number of molecules that is found.
SHED, SHED_LOG_SD, SAMPLE_LOG_SD, SHED_POWER = 90.0, 1.1, 0.25, 1.8
GENOMES_PER_ML, DETECTED = 1500.0, 0.3


def ctdna(trial: Trial) -> pl.DataFrame:
    """Return tumour DNA in plasma at three times: it follows the burden; 0 is assayed and none found."""
    import polars as pl

    n, width = trial.patients, len(PLAN)
    u = trial.streams.uniform("plasma", n, width)
    planned = np.array([day for _, day in PLAN])
    day = planned + np.where(planned > 0, np.floor(7 * u).astype(np.int64) - 3, 0)
    burden = trial.course.curves.burden(day / DAYS_PER_MONTH) * trial.lesions.sld[:, None] / REFERENCE_SLD
    level = SHED_LOG_SD * trial.streams.normal("shedding", n)[:, None]
    noise = SAMPLE_LOG_SD * trial.streams.normal("plasma noise", n, width)
    molecules = SHED * np.minimum(burden, 50) ** SHED_POWER * np.exp(level + noise)
    molecules = np.where(molecules < DETECTED, 0.0, np.round(molecules, 2))
    vaf = np.round(0.6 * molecules / (molecules + GENOMES_PER_ML), 5)
    who, visit = np.nonzero(day <= trial.observed.os_day[:, None])
    return pl.DataFrame(
        {
            "patient_id": trial.ids[who],
            "day": day[who, visit],
            "timepoint": np.array([name for name, _ in PLAN])[visit],
            "molecules_per_ml": molecules[who, visit],
            "max_vaf": vaf[who, visit],
        }
    )


def hla(trial: Trial) -> pl.DataFrame:
    """Return six class I alleles of every patient, two at each locus."""
    import polars as pl

    loci = ("A", "B", "C")
    u = trial.streams.uniform("hla alleles", trial.patients, 2 * len(loci))
    columns = []
    for k in range(2 * len(loci)):
        known = [row for row in rows("hla") if row["locus"] == loci[k // 2]]
        edges = np.cumsum([float(row["count"]) for row in known])
        pick = np.minimum(np.searchsorted(edges / edges[-1], u[:, k]), len(known) - 1)
        columns.append(np.array([row["allele"] for row in known])[pick])
    return pl.DataFrame(
        {
            "patient_id": np.repeat(trial.ids, 2 * len(loci)),
            "allele": np.stack(columns, axis=1).ravel(),
            "copy": np.tile([1, 2], trial.patients * len(loci)),
        }
    )
