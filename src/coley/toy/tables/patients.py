"""The tables of patients and of lesions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.baseline import REFERENCE_SLD
from coley.toy.design import CANCERS
from coley.toy.lesions import NON_TARGETS, ORGANS, TARGETS
from coley.toy.recist import CODES
from coley.toy.scans import MEASURED, NOT_EVALUABLE, STATES
from coley.toy.streams import Floats
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

SMOKING = np.array(["never", "former", "current"])
HISTOLOGIES = (  # of each cancer type: the commonest, the next, and the share of the first (assumptions)
    ("adenocarcinoma", "squamous cell carcinoma", 0.7),
    ("cutaneous melanoma", "mucosal melanoma", 0.85),
    ("transitional cell carcinoma", "squamous differentiation", 0.88),
    ("keratinising squamous cell carcinoma", "non-keratinising squamous cell carcinoma", 0.6),
)
NO_PDL1, NO_LDH = 0.08, 0.04  # share of patients without the test, at random
SCREENING_DAYS = 21  # baseline scans lie within so many days before the first dose
UPPER_LDH = 250.0  # U/L, as in labs.csv


def ldh_uln(trial: Trial) -> Floats:
    """Return baseline LDH as a multiple of its upper limit: it follows frailty and tumour burden."""
    z = trial.streams.normal("ldh", trial.patients)
    burden = np.log(trial.lesions.sld / REFERENCE_SLD)
    return np.asarray(
        np.round(UPPER_LDH * np.exp(-0.12 + 0.2 * trial.baseline.frailty + 0.15 * burden + 0.25 * z))
        / UPPER_LDH
    )


def months(days: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Floats:
    """Return days as months, to a thousandth (less than an hour)."""
    return np.asarray(np.round(days / DAYS_PER_MONTH, 3))


def patients(trial: Trial) -> pl.DataFrame:
    """Return the table of patients."""
    import polars as pl

    b, seen, n = trial.baseline, trial.observed, trial.patients
    u = trial.streams.uniform("record", n, 4)
    histology = np.array(
        [
            first if u[i, 0] < share else second
            for i, (first, second, share) in enumerate(HISTOLOGIES[c] for c in b.cancer)
        ]
    )
    organs = trial.lesions.organs
    stage = np.where((organs == 1) & (u[:, 1] < 0.3), "IIIC", np.where(organs <= 2, "IVA", "IVB"))
    no_stain = u[:, 2] < NO_PDL1
    frame = pl.DataFrame(
        {
            "patient_id": trial.ids,
            "cancer_type": np.array(CANCERS)[b.cancer],
            "histology": histology,
            "stage": stage,
            "age_years": b.age,
            "sex": np.where(b.male, "male", "female"),
            "weight_kg": b.weight,
            "ecog": b.ecog,
            "prior_lines": b.prior_lines,
            "prior_systemic": b.prior_lines > 0,
            "smoking": SMOKING[b.smoking],
            "treatment": trial.of_arm("treatment"),
            "treatment_class": trial.of_arm("treatment_class"),
            "arm": trial.of_arm("name"),
            "response": CODES[seen.response],
            "pfs_months": months(seen.pfs_day),
            "pfs_event": seen.pfs_event,
            "os_months": months(seen.os_day),
            "os_event": seen.os_event,
            "tmb_per_mb": b.tmb,
            "pdl1_tps": np.where(no_stain, np.nan, b.pdl1),
            "pdl1_cps": np.where(no_stain, np.nan, np.minimum(100, b.pdl1 + b.immune_cells)),
            "msi": b.msi,
            "hla_loh": b.hla_loh,
            "albumin_g_dl": b.albumin,
            "haemoglobin_g_dl": b.haemoglobin,
            "platelets": b.platelets,
            "neutrophils": b.neutrophils,
            "lymphocytes": b.lymphocytes,
            "nlr": b.nlr,
            "ldh_uln": np.where(u[:, 3] < NO_LDH, np.nan, ldh_uln(trial)),
            "sld_mm": trial.lesions.sld,
            "metastatic_sites": organs,
            "liver_metastases": b.liver,
        }
    )
    return frame.fill_nan(None)


def lesions(trial: Trial) -> pl.DataFrame:
    """Return every lesion at every scan: targets, non-targets, and the new lesion once it is seen."""
    import polars as pl

    n, places = trial.patients, TARGETS + NON_TARGETS
    u = trial.streams.uniform("screening", n, 2)
    baseline_day = -1 - np.floor(SCREENING_DAYS * u[:, 0]).astype(np.int64)
    scans, at = trial.course.scans, trial.lesions
    day = np.concatenate([baseline_day[:, None], scans.day], axis=1)
    made = np.concatenate([np.ones((n, 1), dtype=bool), trial.observed.scanned], axis=1)
    first = np.concatenate([at.diameter, np.zeros((n, 1))], axis=1)[:, None, :]
    diameter = np.concatenate([first, scans.diameter], axis=1)
    state = np.concatenate([np.full((n, 1, places + 1), MEASURED), scans.state], axis=1)
    known = np.repeat(at.present[:, None, :], day.shape[1], axis=1)
    # A new lesion is followed from its first sight on, even where it shrinks from sight again.
    fresh = np.concatenate([np.zeros((n, 1), dtype=bool), scans.state[:, :, places] < 3], axis=1)
    seen = np.logical_or.accumulate(fresh & made, axis=1)
    row = made[:, :, None] & np.concatenate([known, seen[:, :, None]], axis=2)
    who, visit, place = np.nonzero(row)
    names = [f"T{k + 1}" for k in range(TARGETS)] + [f"NT{k + 1}" for k in range(NON_TARGETS)] + ["N1"]
    roles = ["target"] * TARGETS + ["non-target"] * NON_TARGETS + ["new"]
    new_organ = np.floor((len(ORGANS) - 1) * u[:, 1:]).astype(np.int64)
    organ = np.concatenate([at.organ, new_organ], axis=1)
    node = np.concatenate([at.node, new_organ == ORGANS.index("lymph node")], axis=1)
    read = diameter[who, visit, place]
    state_read = state[who, visit, place]
    frame = pl.DataFrame(
        {
            "patient_id": trial.ids[who],
            "lesion_id": np.array(names)[place],
            "day": day[who, visit],
            "diameter_mm": np.where(state_read == NOT_EVALUABLE, np.nan, read),
            "role": np.array(roles)[place],
            "organ": np.array(ORGANS)[organ[who, place]],
            "node": node[who, place],
            "state": STATES[state_read],
        }
    )
    return frame.fill_nan(None)
