"""Patients before treatment: who they are, what their tumour is, how they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.toy.design import Design
from coley.toy.streams import Bools, Floats, Ints, Streams

# The numbers of this module are assumptions about an ordinary trial population; they set the scene and
# are part of no truth that a test recovers.
TMB_MEDIAN = np.array([6.0, 10.0, 7.0, 4.5])  # mutations per Mb by cancer type
SMOKERS = np.array([0.85, 0.45, 0.65, 0.75])  # ever smoked
MEN = np.array([0.60, 0.60, 0.74, 0.78])
REFERENCE_TMB, REFERENCE_ALBUMIN, REFERENCE_NLR, REFERENCE_SLD = 7.0, 3.9, 3.5, 70.0
HLA_LOSS = 0.17  # Montesion 2021 Cancer Discov 11: 17 % of 83,644 tumours
HLA_LOSS_LOG_ODDS = -0.5  # on control by an immune arm
STK11_SHARE, STK11_LOG_ODDS = 0.15, -0.8  # of NSCLC; resistant to PD-1 blockade (Skoulidis 2018)


@dataclass(frozen=True, eq=False)
class Baseline:
    """Baseline factors, one value per patient; `tone` and `frailty` are latent.

    `tone` (standard normal) is the readiness of the immune system: it moves sensitivity, immune-related
    events, PD-L1 and the expression of immune genes. `frailty` (standard normal) is inflammation and wasting:
    it moves albumin, NLR, LDH, haemoglobin and ECOG.
    """

    tone: Floats
    frailty: Floats
    cancer: Ints
    age: Floats
    male: Bools
    weight: Floats
    ecog: Ints
    prior_lines: Ints
    smoking: Ints  # 0 never, 1 former, 2 current
    msi: Bools
    tmb: Floats
    mutations: Ints
    pdl1: Floats
    immune_cells: Floats
    albumin: Floats
    haemoglobin: Floats
    platelets: Floats
    neutrophils: Floats
    lymphocytes: Floats
    nlr: Floats
    liver: Bools
    hla_loh: Bools
    stk11: Bools

    @property
    def tmb_score(self) -> Floats:
        """Return log2(TMB + 1), centred on the reference patient."""
        return np.log2((self.tmb + 1) / (REFERENCE_TMB + 1))


def draw_baseline(patients: int, design: Design, streams: Streams) -> Baseline:
    """Draw the patients' baseline factors."""
    from scipy.special import ndtr, ndtri

    n = patients
    tone, frailty = streams.normal("tone", n), streams.normal("frailty", n)
    edges = np.cumsum(design.cancer_shares) / sum(design.cancer_shares)
    cancer = np.minimum(np.searchsorted(edges, streams.uniform("cancer", n)), len(edges) - 1)
    u = streams.uniform("person", n, 8)
    z = streams.normal("chemistry", n, 8)
    male = u[:, 0] < MEN[cancer]
    age = 64 + 10 * ndtri(0.01 + 0.985 * u[:, 1])  # cut near 41 and 90 years
    weight = np.where(male, 80.0, 68.0) * np.exp(0.17 * ndtri(0.01 + 0.98 * u[:, 2]))
    smoking = np.where(u[:, 3] < SMOKERS[cancer], np.where(u[:, 4] < 0.3, 2, 1), 0)
    msi = u[:, 5] < 0.02
    tmb_mean = TMB_MEDIAN[cancer] * np.exp(0.75 * z[:, 0]) * np.where((smoking == 0) & (cancer == 0), 0.5, 1)
    tmb_mean = np.minimum(tmb_mean * np.where(msi, 6, 1), 120)
    mutations = streams("mutations").poisson(tmb_mean * design.panel_megabases)
    neutrophils = np.round(np.exp(np.log(4.9) + 0.18 * frailty + 0.30 * z[:, 1]), 2)
    lymphocytes = np.round(np.exp(np.log(1.45) - 0.14 * frailty + 0.32 * z[:, 2]), 2)
    stain = ndtr(0.6 * tone + 0.8 * z[:, 3])
    return Baseline(
        tone=tone,
        frailty=frailty,
        cancer=cancer.astype(np.int64),
        age=np.round(age, 1),
        male=male,
        weight=np.round(weight, 1),
        ecog=np.searchsorted([-0.1, 2.0], 0.8 * frailty + 0.6 * z[:, 4]).astype(np.int64),
        prior_lines=np.searchsorted([0.18, 0.72, 0.94], u[:, 6]).astype(np.int64),
        smoking=smoking.astype(np.int64),
        msi=msi,
        tmb=np.round(mutations / design.panel_megabases, 2),
        mutations=mutations.astype(np.int64),
        pdl1=np.round(100 * np.clip((stain - 0.3) / 0.7, 0, 1) ** 2.2),
        immune_cells=np.round(20 * ndtr(0.7 * tone + 0.7 * z[:, 5]) ** 2),
        albumin=np.round(3.9 - 0.28 * frailty + 0.27 * np.clip(z[:, 6], -3, 3), 1),
        haemoglobin=np.round(np.where(male, 13.2, 12.3) - 0.6 * frailty + 1.1 * z[:, 7], 1),
        platelets=np.round(265 * np.exp(0.28 * streams.normal("platelets", n))),
        neutrophils=neutrophils,
        lymphocytes=lymphocytes,
        nlr=np.round(neutrophils / lymphocytes, 2),
        liver=u[:, 7] < np.array([0.2, 0.28, 0.3, 0.12])[cancer] + 0.05 * (frailty > 1),
        hla_loh=streams.uniform("hla loss", n) < HLA_LOSS,
        stk11=(cancer == 0) & (mutations > 0) & (streams.uniform("stk11", n) < STK11_SHARE),
    )


def randomise(patients: int, design: Design, streams: Streams) -> Ints:
    """Return the index of each patient's arm: permuted blocks, two turns of every weight."""
    slots = np.repeat(np.arange(len(design.arms)), [2 * arm.weight for arm in design.arms])
    blocks = -(-patients // len(slots))
    order = streams.uniform("blocks", blocks, len(slots)).argsort(axis=1)
    return slots[order].ravel()[:patients].astype(np.int64)
