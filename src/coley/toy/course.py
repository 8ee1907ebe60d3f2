"""The disease course: from one patient and one arm to tumour, scans, toxicity and death, all uncensored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.baseline import (
    HLA_LOSS_LOG_ODDS,
    REFERENCE_ALBUMIN,
    REFERENCE_NLR,
    REFERENCE_SLD,
    STK11_LOG_ODDS,
    Baseline,
)
from coley.toy.design import Arm, Design
from coley.toy.facts import numbers
from coley.toy.kinetics import Curves
from coley.toy.lesions import Lesions
from coley.toy.scans import Scans, make_scans
from coley.toy.streams import Bools, Floats, Ints, Streams
from coley.toy.toxicity import AFTER_LAST_DOSE_DAYS, Toxicity, latent_events

# Spread of the latent rates over patients, as the standard deviation of their logarithm (assumptions).
GROWTH_SD, DELAY_SD, KILL_SD, SEED_SD, REGROWTH_SD = 0.5, 0.4, 0.55, 0.6, 0.3
SEED = 0.06  # size of a resistant clone when it arises, relative to the tumour of day 0
REGROWTH = 1.6  # the clone grows faster than the tumour it came from
ESCAPE_SHAPE = 1.4  # Weibull: escape becomes likelier with time
# Gompertz mortality of causes other than cancer: yearly hazard at age 0, and its growth for each year of
# age. Gives about 1.2 % a year at 65, near that of national life tables.
OTHER_HAZARD, OTHER_AGEING = 2.5e-5, 0.095
CANCER, TOXICITY, OTHER = range(3)
CAUSES = np.array(["cancer", "immune-related toxicity", "other"])


@dataclass(frozen=True, eq=False)
class Course:
    """What happens to every patient in one arm, if nobody is lost and nothing ends the study.

    Attributes
    ----------
    log_odds
        Of control of the tumour by this arm (the latent sensitivity).
    sensitive, cured
        Whether the tumour is controlled, and whether it never escapes.
    mechanism
        Row of the table of escape mechanisms, for tumours that escape an immune arm; else -1.
    curves, new_months
        The tumour; when a new lesion becomes visible.
    scans, toxicity
        Every scan, and the immune-related events that come about.
    stop_day
        Last day of treatment: progression, withdrawal, death, or the planned end.
    death_day, cause
        And an index into `CAUSES`.
    """

    log_odds: Floats
    sensitive: Bools
    cured: Bools
    mechanism: Ints
    curves: Curves
    new_months: Floats
    scans: Scans
    toxicity: Toxicity
    stop_day: Ints
    death_day: Ints
    cause: Ints


def run_course(
    baseline: Baseline, lesions: Lesions, arm: Arm, *, design: Design, streams: Streams, last_day: int
) -> Course:
    """Return the course of every patient under `arm`, with scans up to `last_day`."""
    n = baseline.age.size
    log_odds = sensitivity(baseline, arm, design)
    u = streams.uniform(f"fate {arm.name}", n, 4)
    sensitive = u[:, 0] < _expit(log_odds)
    cured = sensitive & (u[:, 1] < _cure(baseline, arm))
    curves = _draw_curves(sensitive, cured, arm, design=design, streams=streams)
    new_months = curves.waiting_time(-np.log(u[:, 2]) / max(design.new_lesion_hazard, 1e-12), growing=True)
    scans = make_scans(lesions, curves, new_months, design=design, streams=streams, last_day=last_day)

    # Death: each cause has its own latent time, and the first one comes about.
    wait = -np.log(streams.uniform("death", n, 2))
    cancer = curves.waiting_time(wait[:, 0] / cancer_hazard(baseline, lesions, design))
    ageing = OTHER_HAZARD * np.exp(OTHER_AGEING * baseline.age)
    other = 12 / OTHER_AGEING * np.log1p(OTHER_AGEING * wait[:, 1] / ageing)
    natural_death = np.ceil(np.minimum(cancer, other) * DAYS_PER_MONTH).astype(np.int64)

    planned = 1 + max(drug.every_days * (drug.cycles - 1) for drug in arm.drugs)
    stop = np.minimum(np.minimum(scans.progression_day, natural_death), planned)
    events = latent_events(baseline, arm, design=design, streams=streams)
    events = events.until(np.minimum(stop + AFTER_LAST_DOSE_DAYS, natural_death))
    stop = np.minimum(stop, events.withdrawal_day)
    events = events.until(stop + AFTER_LAST_DOSE_DAYS)
    toxic_death = events.death_day.min(axis=1)
    death = np.minimum(natural_death, toxic_death)
    cause = np.where(toxic_death < natural_death, TOXICITY, np.where(cancer <= other, CANCER, OTHER))
    return Course(
        log_odds=log_odds,
        sensitive=sensitive,
        cured=cured,
        mechanism=_mechanism(sensitive & ~cured, arm, u[:, 3]),
        curves=curves,
        new_months=new_months,
        scans=scans,
        toxicity=events.until(death),
        stop_day=np.minimum(stop, death).astype(np.int64),
        death_day=death.astype(np.int64),
        cause=cause.astype(np.int64),
    )


def sensitivity(baseline: Baseline, arm: Arm, design: Design) -> Floats:
    """Return the log-odds that `arm` controls each patient's tumour."""
    value = np.full(baseline.age.size, np.log(arm.sensitive / (1 - arm.sensitive)))
    value += arm.tmb_log_odds * baseline.tmb_score + arm.tone_log_odds * baseline.tone
    if arm.immune:
        value += np.asarray(design.cancer_log_odds)[baseline.cancer]
        value += HLA_LOSS_LOG_ODDS * baseline.hla_loh + STK11_LOG_ODDS * baseline.stk11
    return value


def cancer_hazard(baseline: Baseline, lesions: Lesions, design: Design) -> Floats:
    """Return the monthly hazard of death of cancer at the burden of day 0; the same in every arm."""
    return np.asarray(
        design.cancer_hazard
        * np.exp(
            design.albumin_log_hazard * (baseline.albumin - REFERENCE_ALBUMIN)
            + design.nlr_log_hazard * np.log(baseline.nlr / REFERENCE_NLR)
            + design.liver_log_hazard * baseline.liver
            + design.ecog_log_hazard * baseline.ecog
            + design.burden_log_hazard * np.log(lesions.sld / REFERENCE_SLD)
        )
    )


def _cure(baseline: Baseline, arm: Arm) -> Floats:
    if arm.cured == 0:
        return np.zeros(baseline.age.size)
    return _expit(np.log(arm.cured / (1 - arm.cured)) + arm.tone_log_odds * baseline.tone)


def _draw_curves(sensitive: Bools, cured: Bools, arm: Arm, *, design: Design, streams: Streams) -> Curves:
    z = streams.normal(f"curve {arm.name}", sensitive.size, 3)
    common = streams.normal("curve", sensitive.size, 2)
    growth = design.growth_per_month * np.exp(GROWTH_SD * common[:, 0])
    delay = arm.delay_months * np.exp(DELAY_SD * z[:, 0])
    kill = arm.kill_per_month * np.exp(KILL_SD * z[:, 1])
    wait = -np.log(streams.uniform(f"escape {arm.name}", sensitive.size)) / np.log(2)
    escape = delay + arm.escape_months * wait ** (1 / ESCAPE_SHAPE)
    return Curves(
        growth=growth,
        delay=delay,
        kill=np.where(sensitive, kill, -growth * (1 - arm.slowing)),
        escape=np.where(sensitive & ~cured, escape, np.inf),
        seed=SEED * np.exp(SEED_SD * z[:, 2]),
        regrowth=REGROWTH * growth * np.exp(REGROWTH_SD * common[:, 1]),
    )


def _mechanism(escapes: Bools, arm: Arm, u: Floats) -> Ints:
    edges = np.cumsum(numbers("escape", "share"))
    row = np.minimum(np.searchsorted(edges, u * edges[-1]), edges.size - 1)
    return np.where(escapes & arm.immune, row, -1).astype(np.int64)


def _expit(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))
