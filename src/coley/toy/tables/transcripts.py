"""The table of expression: modules of genes whose means follow the state of tumour and immune system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.toy.biopsies import ON, PRE, Biopsies, draw_biopsies, escape_rows
from coley.toy.course import GROWTH_SD
from coley.toy.facts import column, numbers
from coley.toy.streams import Floats
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

UNIT = "log2_tpm1"
GENE_SD = 0.55  # of one gene about its module, log2
DEPTH_SD = 0.08  # of a whole sample
INFLAMED_ON = {True: 0.9, False: 0.15}  # rise of immune modules on treatment, in controlled and other tumours
LOST_PRESENTATION = 1.6  # fall of antigen presentation after it was escaped from


def expression(trial: Trial) -> pl.DataFrame:
    """Return log2(TPM + 1), one row per gene and one column per sample."""
    import polars as pl

    b = draw_biopsies(trial)
    modules = column("expression", "module")
    score = _modules(trial, b)
    state = np.stack([score.get(module, np.zeros(b.ids.size)) for module in modules])
    noise = trial.streams("genes").standard_normal((b.ids.size, len(modules))).T
    depth = DEPTH_SD * trial.streams("depth").standard_normal(b.ids.size)
    mean, loading = (
        numbers("expression", "mean_log2_tpm1")[:, None],
        numbers("expression", "loading")[:, None],
    )
    quiet = np.array([0.5 if module == "housekeeping" else 1.0 for module in modules])[:, None]
    value = np.maximum(mean + loading * state + quiet * GENE_SD * noise + depth, 0)
    data = {"gene": column("expression", "gene")}
    return pl.DataFrame(data).hstack(
        pl.DataFrame(np.round(value, 3), schema=[str(name) for name in b.ids], orient="row")
    )


def _modules(trial: Trial, b: Biopsies) -> dict[str, Floats]:
    """Return the state of each module in each sample, about standard normal before treatment."""
    z = trial.streams("modules").standard_normal((b.ids.size, 7)).T
    tone, frailty = trial.baseline.tone[b.patient], trial.baseline.frailty[b.patient]
    growth = np.log(trial.course.curves.growth[b.patient] / trial.design.growth_per_month) / GROWTH_SD
    rise = np.where(b.time == ON, np.where(trial.course.sensitive[b.patient], *INFLAMED_ON.values()), 0.0)
    immune = 0.8 * tone + 0.6 * z[0] + rise
    lost = np.isin(escape_rows(trial, b), ["antigen presentation", "HLA loss"]) & (b.time != PRE)
    return {
        "interferon_gamma": immune,
        "cytotoxic": 0.85 * immune + 0.5 * z[1],
        "antigen_presentation": 0.5 * immune + 0.8 * z[2] - LOST_PRESENTATION * lost,
        "b_cell": 0.5 * immune + 0.85 * z[3],
        "tgf_beta": -0.25 * tone + 0.95 * z[4],
        "proliferation": 0.6 * growth + 0.8 * z[5],
        "myeloid": 0.5 * frailty + 0.85 * z[6],
        "angiogenesis": 0.6 * z[4] - 0.8 * z[2],
    }
