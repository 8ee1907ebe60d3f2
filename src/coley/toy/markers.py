"""What each baseline factor truly is in a design: predictive, prognostic, surrogate, correlate or null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coley.toy.baseline import HLA_LOSS_LOG_ODDS, STK11_LOG_ODDS
from coley.toy.design import Design

if TYPE_CHECKING:
    import polars as pl

CONTROL = "log-odds of control of the tumour: difference between arms"
HAZARD = "log-hazard of death of cancer, given the course of the tumour; the same in every arm"


def markers(design: Design) -> pl.DataFrame:
    """Return one row per baseline factor: its role, its coefficient, what it acts on and its scale.

    Parameters
    ----------
    design
        The design. A factor is predictive where its effect differs between the arms; in a single arm it is
        compared with a control on which it would have no effect.

    Examples
    --------
    >>> table = markers(Design())
    >>> table.filter(table["role"] == "null")["marker"].to_list()
    ['platelets']
    """
    import polars as pl

    immune = [float(arm.immune) for arm in design.arms]
    hidden = "surrogate" if any(arm.tone_log_odds for arm in design.arms) else "null"
    rows = [
        (
            "tmb_per_mb",
            *_effect([arm.tmb_log_odds for arm in design.arms]),
            CONTROL,
            "per doubling of TMB + 1",
        ),
        ("cancer_type", _effect(immune)[0], None, CONTROL, "by type: Design.cancer_log_odds"),
        ("hla_loh", *_effect([HLA_LOSS_LOG_ODDS * x for x in immune]), CONTROL, "present against absent"),
        ("STK11", *_effect([STK11_LOG_ODDS * x for x in immune]), CONTROL, "mutated against not, in NSCLC"),
        ("albumin_g_dl", "prognostic", design.albumin_log_hazard, HAZARD, "per g/dL"),
        ("nlr", "prognostic", design.nlr_log_hazard, HAZARD, "per unit of log NLR"),
        ("liver_metastases", "prognostic", design.liver_log_hazard, HAZARD, "present against absent"),
        ("ecog", "prognostic", design.ecog_log_hazard, HAZARD, "per point"),
        ("sld_mm", "prognostic", design.burden_log_hazard, HAZARD, "per unit of log sum of diameters"),
        ("age_years", "prognostic", None, "hazard of death of other causes", "Gompertz"),
        ("pdl1_tps", hidden, None, CONTROL, "follows immune tone"),
        ("pdl1_cps", hidden, None, CONTROL, "follows immune tone"),
        ("msi", "correlate", None, "", "acts through TMB alone"),
        ("smoking", "correlate", None, "", "never-smokers with NSCLC have lower TMB"),
        ("ldh_uln", "correlate", None, "", "follows frailty and burden"),
        ("haemoglobin_g_dl", "correlate", None, "", "follows frailty"),
        ("metastatic_sites", "correlate", None, "", "follows burden and liver metastases"),
        ("platelets", "null", 0.0, "", "associated with nothing"),
    ]
    return pl.DataFrame(rows, schema=["marker", "role", "coefficient", "acts_on", "scale"], orient="row")


def _effect(effects: Sequence[float]) -> tuple[str, float]:
    """Return role and coefficient of a factor with these effects, arm by arm."""
    arms = [*effects, 0.0] if len(effects) == 1 else list(effects)
    strongest, weakest = max(arms, key=abs), min(arms, key=abs)
    if strongest == 0:
        return "null", 0.0
    if max(arms) == min(arms):
        return "prognostic", strongest
    return "predictive", strongest - weakest
