"""Answers by hand: a whole one of realistic content, one that could not be answered, and hostile ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from coley.model.answer import Answer, Card, Check, Estimate, Figure, Where

NEW, OLD = "atezolizumab", "docetaxel"
TICKS = tuple(range(0, 28, 3))

HOSTILE = (
    '<script>alert("arm")</script>',
    "\"'><img src=x onerror=alert(1)>",
    "</title></style><svg onload=alert(2)>",
    "javascript:alert(3)",
    "=cmd|' /C calc'!A0",
    "{{ 7*7 }}{% raw %}",
    "]]><!--",
    "\u202egnp.exe\u200f\u0000\u0007",
    "W" * 200,
    "pа\u0301tient 病人 مريض",
)


def survival_table(scale: dict[str, tuple[float, float]], n: int = 425, seed: int = 1) -> pl.DataFrame:
    """Kaplan-Meier of Weibull times {group: (median, shape)} with uniform censoring, by textbook formulas."""
    rng = np.random.default_rng(seed)
    frames = []
    for group, (median, shape) in scale.items():
        time = median * (rng.exponential(size=n) / np.log(2)) ** (1 / shape)
        limit = rng.uniform(18, 27, size=n)
        event, seen = time <= limit, np.minimum(time, limit)
        order = np.argsort(seen)
        seen, event = seen[order], event[order]
        at_risk = np.arange(n, 0, -1)
        survival = np.cumprod(1 - event / at_risk)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.cumsum(event / (at_risk * np.maximum(at_risk - 1, 1)))
            width = 1.96 * np.sqrt(variance) / np.abs(np.log(survival))
            low, high = survival ** np.exp(width), survival ** np.exp(-width)
        frames.append(
            pl.DataFrame(
                {
                    "group": [group] * n,
                    "time": seen,
                    "survival": survival,
                    "low": low,
                    "high": high,
                    "censored": (~event).astype(int),
                }
            ).fill_nan(None)
        )
    return pl.concat(frames)


def at_risk_table(curves: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for group in curves["group"].unique(maintain_order=True):
        own = curves.filter(pl.col("group") == group)
        for tick in TICKS:
            later = own.filter(pl.col("time") >= tick)
            died = own.filter((pl.col("time") < tick) & (pl.col("censored") == 0))
            rows.append({"group": group, "time": float(tick), "at_risk": later.height, "events": died.height})
    return pl.DataFrame(rows)


def estimate(
    name: str, value: float | None, low: float | None, high: float | None, unit: str, **more: Any
) -> Estimate:
    return Estimate(name, value, low, high, **{"n": 850, "unit": unit, "method": "cox", **more})


FACTORS = (
    ("Performance status", "ECOG 1 vs 0", 1.62, 1.37, 1.92, "<"),
    ("Performance status", "Prior lines, 2 vs 1", 1.07, 0.90, 1.28, ""),
    ("Blood", "Albumin, per g/dL", 0.51, 0.43, 0.60, "<"),
    ("Blood", "Neutrophil to lymphocyte ratio, per doubling", 1.31, 1.19, 1.44, "<"),
    ("Blood", "Lactate dehydrogenase over the upper limit of normal", 1.56, 1.28, 1.90, "<"),
    ("Blood", "Haemoglobin, per g/dL", 0.88, 0.83, 0.93, "<"),
    ("Tumour", "Histology, squamous vs not", 1.33, 1.12, 1.58, ""),
    ("Tumour", "Liver metastases", 1.72, 1.43, 2.07, "<"),
    ("Tumour", "PD-L1 TC1/2/3 or IC1/2/3", 0.86, 0.73, 1.02, ""),
    ("Tumour", "TMB, per doubling", 0.99, 0.91, 1.08, ""),
    ("Patient", "Age, per 10 years", 1.02, 0.93, 1.12, ""),
    ("Patient", "Sex, male vs female", 1.24, 1.04, 1.48, ""),
)


def factors() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "section": section,
                "label": label,
                "value": value,
                "low": low,
                "high": high,
                "n": 850 - 13 * i,
                "events": 569 - 9 * i,
                "p": 1e-5 if small else 0.03 + 0.02 * i,
                "highlight": label.startswith("Liver"),
            }
            for i, (section, label, value, low, high, small) in enumerate(FACTORS)
        ]
    )


def subgroups() -> pl.DataFrame:
    rows = [
        ("All patients", "", 0.73, 0.62, 0.86, 850, 569, True),
        ("TC3 or IC3", "PD-L1 (interaction p 0.04, corrected 0.32)", 0.41, 0.27, 0.64, 137, 85, False),
        ("TC0 and IC0", "PD-L1 (interaction p 0.04, corrected 0.32)", 0.75, 0.59, 0.96, 379, 260, False),
        ("squamous", "Histology (interaction p 0.91)", 0.73, 0.54, 0.98, 222, 171, False),
        ("non-squamous", "Histology (interaction p 0.91)", 0.73, 0.60, 0.89, 628, 398, False),
        ("EGFR mutant", "Driver (interaction p 0.12)", 1.24, 0.71, 2.18, 85, 60, False),
        ("KRAS mutant", "Driver (interaction p 0.12)", 0.71, 0.38, 1.35, 59, 40, False),
        ("ALK rearranged", "Driver (interaction p 0.12)", 0.20, 0.01, 9.5, 5, 2, False),
        ("ROS1 rearranged", "Driver (interaction p 0.12)", None, None, None, 1, 0, False),
    ]
    names = ("label", "section", "value", "low", "high", "n", "events", "highlight")
    return pl.DataFrame(rows, schema=names, orient="row")


def responses() -> pl.DataFrame:
    counts = {
        "All patients": (7, 110, 327, 324, 60, 22),
        OLD: (1, 56, 177, 117, 50, 24),
        NEW: (6, 52, 150, 187, 30, 0),
    }
    names = ("CR", "PR", "SD", "PD", "NE", "not recorded")
    return pl.DataFrame(
        [
            {"group": group, "category": category, "n": n, "share": n / sum(ns)}
            for group, ns in counts.items()
            for category, n in zip(names, ns, strict=True)
        ]
    )


def strata() -> pl.DataFrame:
    observed = {
        "Lung, non-squamous": (628, 0.14),
        "Lung, squamous": (222, 0.12),
        "Melanoma": (64, 0.41),
        "Renal cell carcinoma": (31, 0.26),
        "Bladder": (12, 0.25),
        "Mesothelioma of the pleura and of the peritoneum": (3, 0.0),
    }
    rows = []
    for series in ("observed", "shrunken"):
        for label, (n, rate) in observed.items():
            value = rate if series == "observed" else (rate * n + 0.15 * 20) / (n + 20)
            half = 1.96 * (max(value, 0.05) * (1 - value) / (n + (4 if series == "observed" else 20))) ** 0.5
            low, high = max(0.0, value - half), min(1.0, value + half)
            rows.append({"label": label, "series": series, "value": value, "low": low, "high": high, "n": n})
    return pl.DataFrame(rows)


def explained() -> pl.DataFrame:
    known = {
        "Overall survival": (0.213, 0.17, 0.27),
        "Progression-free survival": (0.071, 0.04, 0.11),
        "Response": (0.034, 0.01, 0.07),
    }
    rows = []
    for label, (share, low, high) in known.items():
        rows.append(
            {"label": label, "part": "explained by known factors", "share": share, "low": low, "high": high}
        )
        rows.append(
            {"label": label, "part": "left unexplained", "share": 1 - share, "low": None, "high": None}
        )
    return pl.DataFrame(rows)


def difference_over_time() -> pl.DataFrame:
    x = np.arange(0, 25, 1.0)
    value = 0.14 * np.sin(x / 14)
    return pl.DataFrame({"x": x, "value": value, "low": value - 0.004 * x, "high": value + 0.004 * x})


def ratio_by_period() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "x": [0.0, 3.0, 6.0, 12.0, 24.0],
            "value": [0.97, 0.68, 0.62, 0.66, 0.66],
            "low": [0.74, 0.48, 0.45, 0.45, 0.45],
            "high": [1.27, 0.96, 0.85, 0.97, 0.97],
        }
    )


def lesions(n: int = 120) -> pl.DataFrame:
    rng = np.random.default_rng(3)
    change = np.clip(rng.normal(5, 45, n), -100, 160)
    response = np.select([change <= -99, change <= -30, change < 20], ["CR", "PR", "SD"], "PD")
    return pl.DataFrame(
        {"patient_id": [f"P{i:03d}" for i in range(n)], "change_percent": change, "response": response}
    )


def courses() -> pl.DataFrame:
    rng = np.random.default_rng(4)
    rows = []
    for i in range(30):
        slope, response = rng.normal(-2, 6), "SD"
        response = "PR" if slope < -4 else "PD" if slope > 3 else "SD"
        rows += [
            {
                "patient_id": f"P{i}",
                "time": t,
                "change_percent": slope * t + rng.normal(0, 3) * (t > 0),
                "response": response,
            }
            for t in (0.0, 1.5, 3.0, 4.5, 6.0, 9.0)[: int(rng.integers(3, 7))]
        ]
    return pl.DataFrame(rows).with_columns(pl.col("change_percent").clip(-100, 200))


def _estimates() -> tuple[Estimate, ...]:
    versus = f"{NEW} vs {OLD}"
    made = [
        estimate(
            "hazard_ratio", 0.729, 0.618, 0.859, "ratio", endpoint="os", group=versus, events=569, p=0.00017
        ),
        estimate(
            "median",
            13.8,
            11.8,
            15.7,
            "months",
            endpoint="os",
            group=NEW,
            n=425,
            events=271,
            method="kaplan_meier",
        ),
        estimate(
            "median",
            9.6,
            8.6,
            11.2,
            "months",
            endpoint="os",
            group=OLD,
            n=425,
            events=298,
            method="kaplan_meier",
        ),
        estimate(
            "rmst_difference",
            1.71,
            0.61,
            2.81,
            "months",
            endpoint="os",
            group=versus,
            events=569,
            p=0.0024,
            method="rmst_difference",
            note="months of life gained within the first 24",
        ),
        estimate(
            "survival_difference_at_12_months",
            0.138,
            0.069,
            0.206,
            "points",
            endpoint="os",
            group=versus,
            events=569,
            p=0.0001,
            method="milestone_difference",
        ),
        estimate(
            "long_term_survivors",
            None,
            None,
            None,
            "probability",
            endpoint="os",
            group=NEW,
            n=425,
            events=271,
            method="kaplan_meier",
            note="alive at 36 months; nobody was followed so long",
        ),
        *(
            estimate(
                "interaction",
                4.2 - i / 3,
                None,
                None,
                "chi-square",
                endpoint="os",
                group=f"{versus} by {label}",
                events=569,
                p=0.04 + 0.06 * i,
                p_adjusted=min(1.0, 0.48 + 0.1 * i),
                multiplicity="Holm over 12 interactions",
            )
            for i, (_, label, *_rest) in enumerate(FACTORS)
        ),
        estimate(
            "explained_variation",
            0.213,
            0.17,
            0.27,
            "proportion",
            endpoint="os",
            events=569,
            method="royston_sauerbrei",
        ),
        estimate(
            "hazard_ratio", 0.938, 0.812, 1.083, "ratio", endpoint="pfs", group=versus, events=755, p=0.38
        ),
        estimate(
            "median",
            2.8,
            2.6,
            3.0,
            "months",
            endpoint="pfs",
            group=NEW,
            n=425,
            events=380,
            method="kaplan_meier",
        ),
        estimate(
            "median",
            4.0,
            3.3,
            4.2,
            "months",
            endpoint="pfs",
            group=OLD,
            n=425,
            events=375,
            method="kaplan_meier",
        ),
        estimate(
            "response_rate",
            58 / 425,
            0.107,
            0.172,
            "proportion",
            endpoint="response",
            group=NEW,
            n=425,
            events=58,
            method="wilson",
        ),
        estimate(
            "response_rate",
            57 / 425,
            0.105,
            0.170,
            "proportion",
            endpoint="response",
            group=OLD,
            n=425,
            events=57,
            method="wilson",
        ),
        estimate(
            "median",
            None,
            12.1,
            None,
            "months",
            endpoint="response",
            group=NEW,
            n=58,
            events=27,
            method="kaplan_meier",
            note="duration of response",
        ),
    ]
    return tuple(made)


def _checks() -> tuple[Check, ...]:
    return (
        Check(
            "proportional_hazards",
            "warn",
            "The hazards of overall survival are not proportional (p 0.004): the curves "
            "separate only after three months.",
            "Read the restricted mean and the hazard ratio by period beside the one hazard ratio.",
            "Delayed separation is the rule under checkpoint inhibition.",
        ),
        Check(
            "event_codes",
            "fail",
            "12 patients with progressive disease have no event of progression-free survival.",
            "Check whether pfs_event is a censoring flag; map it with @censored in study.toml.",
            "ADaM's CNSR is the inverse of an event.",
            Where("patients.csv", (14, 15, 92, 118, 240), "pfs_event", ("0", "0.0")),
        ),
        Check(
            "follow_up_os",
            "pass",
            "Overall survival: known in 850 of 850 patients, 569 events, median follow-up 21.2 months.",
        ),
        Check(
            "randomised",
            "pass",
            "Patients were randomised: differences between arms are effects of treatment.",
        ),
        Check("events_per_factor", "pass", "569 events for 12 factors: 47 events each."),
    )


def respond_answer() -> Answer:
    """A whole answer to "Who responds?" of an OAK-like trial."""
    os = survival_table({OLD: (9.6, 1.05), NEW: (13.8, 0.9)}, seed=1)
    pfs = survival_table({OLD: (4.0, 1.2), NEW: (2.9, 0.8)}, seed=2)
    medians = pl.DataFrame(
        {"group": [OLD, NEW], "median": [9.6, 13.8], "low": [8.6, 11.8], "high": [11.2, 15.7]}
    )
    months = {"x_title": "Months since randomisation", "control": OLD}
    curve = {**months, "milestones": [6, 12, 24], "cut_time": 25.0}
    forest = {"scale": "log", "reference": 1, "value_title": "Hazard ratio (95 % CI)"}
    return Answer(
        question="respond",
        title="Who responds?",
        study="OAK",
        headline="Of 850 patients, 115 (13.5 %) responded; overall survival hazard ratio 0.73 (95 % CI 0.62–0.86) for "
        "atezolizumab against docetaxel (n = 850, 569 deaths); known baseline factors explain 21 % (17–27) of the "
        "variation in overall survival, so four fifths are left unexplained.",
        estimates=_estimates(),
        checks=_checks(),
        caveats=(
            "The hazard ratio averages over time; the curves separate only after the third month.",
            "Subgroup intervals show their own uncertainty, not a difference between subgroups.",
        ),
        cannot_tell=(
            "Which marker predicts benefit from atezolizumab: no interaction survives correction for twelve tests.",
            "Whether patients who never progress are cured: the longest follow-up is 27 months.",
        ),
        tables={
            "survival_os": os,
            "at_risk_os": at_risk_table(os),
            "medians_os": medians,
            "survival_pfs": pfs,
            "at_risk_pfs": at_risk_table(pfs),
            "response_categories": responses(),
            "response_by_stratum": strata(),
            "factors_os": factors(),
            "subgroups_os": subgroups(),
            "explained": explained(),
            "survival_difference_os": difference_over_time(),
            "hazard_ratio_by_period_os": ratio_by_period(),
            "best_change": lesions(),
        },
        figures=(
            Figure(
                "stacked_bar",
                "response_categories",
                "Best overall response",
                "Share of patients by best overall response (RECIST 1.1).",
            ),
            Figure(
                "kaplan_meier",
                "survival_os",
                "Overall survival",
                "Kaplan–Meier estimate with 95 % log-log intervals; ticks are censored patients.",
                {
                    **curve,
                    "endpoint": "Overall survival",
                    "at_risk_table": "at_risk_os",
                    "medians_table": "medians_os",
                },
            ),
            Figure(
                "kaplan_meier",
                "survival_pfs",
                "Progression-free survival",
                "Kaplan–Meier estimate with 95 % log-log intervals; ticks are censored patients.",
                {**curve, "endpoint": "Progression-free survival", "at_risk_table": "at_risk_pfs"},
            ),
            Figure(
                "line_band",
                "survival_difference_os",
                "Difference in overall survival over time",
                "Atezolizumab minus docetaxel, with 95 % interval.",
                {**months, "y_title": "Difference in survival", "reference": 0, "percent": True},
            ),
            Figure(
                "line_band",
                "hazard_ratio_by_period_os",
                "Hazard ratio by period",
                "Below 1 favours atezolizumab.",
                {**months, "y_title": "Hazard ratio", "reference": 1, "scale": "log", "step": True},
            ),
            Figure(
                "forest",
                "factors_os",
                "Baseline factors and overall survival",
                "Cox model of all factors together.",
                {**forest, "favours_left": "longer survival", "favours_right": "shorter survival"},
            ),
            Figure(
                "forest",
                "subgroups_os",
                "Overall survival by subgroup",
                "Hazard ratios of treatment within subgroups.",
                {**forest, "favours_left": NEW, "favours_right": OLD},
            ),
            Figure(
                "dot_interval",
                "response_by_stratum",
                "Response rate by cancer type",
                "Observed rates with Wilson intervals, and rates shrunken towards the whole.",
                {"percent": True, "x_title": "Response rate"},
            ),
            Figure(
                "share_bar",
                "explained",
                "How much is explained",
                "Royston and Sauerbrei's R²D, optimism removed.",
            ),
            Figure(
                "waterfall",
                "best_change",
                "Best change of tumour burden",
                "Sum of diameters of target lesions.",
            ),
        ),
        settings={"seed": 1, "level": 0.95, "milestones_months": [6, 12, 24], "control": OLD, "factors": []},
        citations=(
            "Kaplan EL, Meier P (1958). Nonparametric estimation from incomplete observations. J Am Stat Assoc 53:457.",
            "Royston P, Sauerbrei W (2004). A new measure of prognostic separation in survival data. Stat Med 23:723.",
        ),
    )


GRADES = (
    ("A", "Predictive", "A randomised study shows that the effect of treatment differs by the marker.", ""),
    ("B", "Holds across cohorts", "At least five independent cohorts; q below 0.05.", "A randomised study."),
    (
        "E",
        "Not shown",
        "The interval includes no effect: these data cannot tell.",
        "Four times as many patients.",
    ),
)


def verdict_cards(n: int = 20) -> tuple[Card, ...]:
    """Two markers that hold and many that are not shown."""
    names = ("PD-L1 TPS", "LORIS (pan-cancer)", *(f"Signature {i}" for i in range(n - 2)))
    made = []
    for i, name in enumerate(names):
        mark, title, *_ = GRADES[1] if i < 2 else GRADES[2]
        lines = (
            ("Replication", "A new cohort is expected between 1.04 and 2.43; I² 17 %."),
            ("Elsewhere", "Overall survival: hazard ratio 0.74 (0.65–0.86) (k = 8)."),
            (
                "by progression-free survival",
                "ratio of hazard ratios 0.93 (0.69–1.24), p 0.61, >0.99 corrected.",
            ),
            ("Assay", ""),
            ("Would raise it", "A randomised study with a control arm."),
        )
        lead = f"{name} is associated with the odds of response: ratio 1.58 (1.25–2.01), 12 cohorts, q 0.02."
        made.append(Card(name, mark, title, lead, lines))
    return tuple(made)


def pooled(n: int = 40) -> pl.DataFrame:
    """Ratios of many markers, with the reach of a new cohort."""
    rng = np.random.default_rng(5)
    centre, half = rng.normal(0.2, 0.3, n), rng.uniform(0.1, 0.4, n)
    return pl.DataFrame(
        {
            "section": ["Clinical"] * 3 + ["Signature"] * (n - 3),
            "label": [f"Signature of cytotoxic T cells {i}" for i in range(n)],
            "cohorts": rng.integers(3, 13, n),
            "value": np.exp(centre),
            "low": np.exp(centre - half),
            "high": np.exp(centre + half),
            "reach_low": np.exp(centre - 2 * half),
            "reach_high": np.exp(centre + 2 * half),
            "n": rng.integers(200, 900, n),
            "events": rng.integers(50, 200, n),
            "p": np.linspace(0.001, 0.9, n),
        }
    )


def promised() -> pl.DataFrame:
    """A model that promises too much in the middle."""
    x = np.linspace(0.05, 0.9, 30)
    value = x**1.8
    return pl.DataFrame(
        {"x": x, "value": value, "low": value * 0.7, "high": np.minimum(1, value * 1.3 + 0.02)}
    )


def net_benefits() -> pl.DataFrame:
    """Net benefit at a prevalence of 0.25 by its formula, of a model and of its rivals."""
    x = np.round(np.arange(0.05, 0.61, 0.05), 2)
    odds = x / (1 - x)
    everybody = 0.25 - 0.75 * odds
    model = 0.25 * (1 - x) - 0.75 * (1 - x) ** 3 * odds
    frames = [
        pl.DataFrame({"group": name, "x": x, "value": value, "low": value - 0.03, "high": value + 0.03})
        for name, value in (("LORIS (pan-cancer)", model), ("treat all", everybody), ("treat none", 0 * x))
    ]
    return pl.concat(frames)


def roc_curves() -> pl.DataFrame:
    """Curves of a power law, whose area is known: 1 / (1 + exponent)."""
    x = np.linspace(0, 1, 40)
    return pl.concat(
        pl.DataFrame(
            {
                "group": name,
                "x": x,
                "value": x**power,
                "auc": area,
                "auc_low": area - 0.05,
                "auc_high": area + 0.05,
            }
        )
        for name, power in (("TMB", 0.6), ("LORIS (pan-cancer)", 0.35))
        for area in (1 / (1 + power),)
    )


def cut_search() -> pl.DataFrame:
    """Separation that is largest at 10 mutations per Mb."""
    x = np.log2(np.arange(1, 60) + 1)
    return pl.DataFrame({"x": x, "value": 3.4 * np.exp(-(((x - np.log2(11)) / 1.2) ** 2))})


CUT_OPTIONS = {
    "x_title": "Mutations per Mb",
    "x_back": "log2(x + 1)",
    "chosen": float(np.log2(11)),
    "chosen_range": [float(np.log2(7)), float(np.log2(19))],
    "published": {"16 mutations": float(np.log2(17)), "20 mutations per Mb": float(np.log2(21))},
    "critical": 2.7,
}


def believe_answer() -> Answer:
    """A compact answer to "Which biomarker can be believed?" with every part that the page has for it."""
    names = ("auc", "auc_gain_over_clinical_model", "ratio_of_hazard_ratios", "observed_over_expected")
    ratios = tuple(
        estimate(
            "odds_ratio", 1.2, 0.9, 1.6, "ratio", endpoint="response", group=f"Signature {i}", p=0.2, p_adjusted=0.4,
            multiplicity="Benjamini-Hochberg over 70 markers", method="random_effects",
            note="per standard deviation; mean over 9 cohorts",
        )
        for i in range(70)
    )  # fmt: skip
    others = tuple(
        estimate(
            name,
            0.62,
            0.55,
            0.69,
            "ratio",
            endpoint="response",
            group=f"TMB, cohort {i}",
            method="auc_delong",
        )
        for name in names
        for i in range(5)
    )
    detail = pl.DataFrame(
        {
            "marker": ["tmb_per_mb", "loris"],
            "endpoint": ["pfs", "response"],
            "quantity": ["uno_c", "average_precision"],
            "value": [0.61234, 0.43543],
            "low": [0.5512, 0.378],
            "high": [0.6711, 0.49],
            "likelihood_ratio_p": [0.00001, 0.0496],
            "i2": [12.0, None],
        }
    )
    spline = pl.DataFrame({"x": np.linspace(0, 6, 30)}).with_columns(
        value=(pl.col("x") / 10).exp(),
        low=(pl.col("x") / 10 - 0.2).exp(),
        high=(pl.col("x") / 10 + 0.2).exp(),
    )
    risk = pl.concat(
        pl.DataFrame({"group": arm, "x": np.linspace(0, 100, 30)}).with_columns(
            value=0.3 + pl.col("x") * slope, low=0.25 + pl.col("x") * slope, high=0.35 + pl.col("x") * slope
        )
        for arm, slope in (("Treated", 0.001), ("Control", 0.004))
    )
    odds = {"value_title": "Odds ratio (95 % CI)", "p_title": "q", "events_title": "responders"}
    return Answer(
        question="believe",
        title="Which biomarker can be believed?",
        study="many",
        headline="2 of 20 markers can be believed beyond this study; ratio 1.58 (1.25–2.01), 12 cohorts, q 0.02.",
        estimates=(*others, *ratios),
        checks=tuple(
            Check("genes", "fail" if i > 6 else "warn", f"cohort {i}: 1,801 genes are a part of the transcriptome.")
            for i in range(9)
        ),
        caveats=("Association in treated patients is not prediction.",),
        cannot_tell=("Whether any marker predicts benefit: no cohort has a control arm.",),
        tables={
            "forest_response": pooled(),
            "calibration_loris": promised(),
            "predictions_loris": pl.DataFrame({"x": np.random.default_rng(6).beta(2, 4, 300)}),
            "decision_loris": net_benefits(),
            "roc_response": roc_curves(),
            "cut_tmb": cut_search(),
            "form_tmb": spline,
            "predictiveness_tmb": risk,
            "marker_detail": detail,
            "grades": pl.DataFrame(GRADES, schema=["grade", "title", "rule", "raised_by"], orient="row"),
        },
        figures=(
            Figure("forest", "forest_response", "Response: mean over cohorts", "Ratio of odds.", odds),
            Figure(
                "calibration", "calibration_loris", "LORIS: published probability against response", "n = 515.",
                {"x_title": "Published probability of response", "y_title": "Observed share of responders",
                 "name": "Chowell", "predictions_table": "predictions_loris"},
            ),
            Figure("decision_curve", "decision_loris", "LORIS: net benefit", "n = 515.", {"x_title": "Threshold"}),
            Figure("roc", "roc_response", "Response: ROC curves", "n = 515."),
            Figure("cutpoint", "cut_tmb", "TMB: cut-points", "n = 515.", CUT_OPTIONS),
            Figure(
                "line_band", "form_tmb", "TMB: odds ratio along the marker", "n = 515.",
                {"x_title": "Mutations per Mb", "x_back": "log2(x + 1)", "scale": "log", "reference": 1},
            ),
            Figure(
                "line_band", "predictiveness_tmb", "TMB: risk under each treatment", "n = 515.",
                {"x_title": "Percentile of TMB", "percent": True, "control": "Control"},
            ),
        ),
        cards=verdict_cards(),
        settings={"seed": 1},
    )  # fmt: skip


def unanswered() -> Answer:
    """An answer that could not be given."""
    missing = "Table 'patients' of study 'OAK' has no column 'tmb_per_mb'."
    return Answer(
        "believe",
        "Which biomarker can be believed?",
        "OAK",
        f"Cannot be answered: {missing}",
        checks=(Check("answerable", "fail", missing, "Map it in study.toml, or supply it."),),
        cannot_tell=(missing,),
        settings={"seed": 1},
    )


def hostile_answer() -> Answer:
    """Every text is an attack, and every figure shows it."""
    n = len(HOSTILE)
    names = list(HOSTILE)
    curves = pl.concat(
        [
            pl.DataFrame(
                {
                    "group": [name] * 3,
                    "time": [1.0, 2.0, 3.0],
                    "survival": [0.9, 0.5, 0.2],
                    "low": [0.8, 0.3, None],
                    "high": [1.0, 0.7, None],
                    "censored": [0, 1, 0],
                }
            )
            for name in names
        ]
    )
    risk = pl.DataFrame(
        {
            "group": names * 2,
            "time": [0.0] * n + [2.0] * n,
            "at_risk": [3] * n + [1] * n,
            "events": [0] * 2 * n,
        }
    )
    medians = pl.DataFrame(
        {"group": names, "median": [2.0] * n, "low": [1.0] * n, "high": [None] * n},
        schema_overrides={"high": pl.Float64},
    )
    rows = pl.DataFrame(
        {
            "label": names,
            "section": names[::-1],
            "value": [1.2] * n,
            "low": [0.5] * n,
            "high": [2.0] * n,
            "n": [3] * n,
            "events": [1] * n,
            "p": [0.5] * n,
            "reach_low": [0.2] * n,
            "reach_high": [3.0] * n,
            "cohorts": [4] * n,
        }
    )
    bars = pl.DataFrame({"group": names, "category": names[::-1], "n": [1] * n, "share": [1.0] * n})
    shares = pl.DataFrame(
        {"label": names, "part": names, "share": [0.4] * n, "low": [0.2] * n, "high": [0.6] * n}
    )
    paired = pl.DataFrame(
        {
            "label": names,
            "series": names,
            "value": [0.4] * n,
            "low": [0.2] * n,
            "high": [0.6] * n,
            "n": [5] * n,
        }
    )
    band = pl.DataFrame(
        {
            "group": names * 2,
            "x": [0.0] * n + [1.0] * n,
            "value": [0.1] * 2 * n,
            "low": [0.0] * 2 * n,
            "high": [0.2] * 2 * n,
        }
    )
    pairs = rows.with_columns(row=pl.col("label"), column=pl.col("section"), group=pl.col("section"))
    by_quarter = rows.with_columns(group=pl.col("label"), x=pl.lit("2020Q1"))
    by_day = band.with_columns(time=pl.col("x"), share=pl.col("value"))
    fall = pl.DataFrame({"patient_id": names, "change_percent": [-40.0] * n, "response": names})
    text = " ".join(names)
    options = {
        "endpoint": names[0],
        "x_title": names[1],
        "y_title": names[2],
        "value_title": names[1],
        "favours_left": names[0],
        "favours_right": names[2],
        "at_risk_table": "risk",
        "medians_table": "medians",
        "milestones": [1, 2],
        "control": names[0],
        "name": names[0],
        "events_title": names[0],
        "reach_title": names[2],
        "all": names[0],
        "none": names[1],
        "x_back": names[0],
        "chosen": 0.5,
        "published": dict.fromkeys(names, 0.5),
        "critical": 0.1,
        "critical_name": names[2],
        "measure": names[0],
        "row_title": names[0],
        "column_title": names[1],
        "reports_table": "reports",
        "numbers_table": "numbers",
    }
    kinds = {
        "kaplan_meier": curves,
        "forest": rows,
        "stacked_bar": bars,
        "share_bar": shares,
        "dot_interval": paired,
        "line_band": band,
        "waterfall": fall,
        "calibration": band,
        "decision_curve": band,
        "roc": band.with_columns(auc=pl.lit(0.6), auc_low=pl.lit(0.5), auc_high=pl.lit(0.7)),
        "cutpoint": band,
        "heat_map": pairs,
        "volcano": pairs,
        "timeline": by_quarter,
        "onset": by_day,
    }
    return Answer(
        question='"><script>alert(4)</script>',
        title=f"Who? {names[0]}",
        study=names[1],
        headline=text,
        estimates=tuple(
            Estimate(
                name,
                1.0,
                0.5,
                None,
                n=1,
                unit=name,
                method=name,
                endpoint=name,
                group=name,
                note=name,
                multiplicity=name,
                p=0.0,
            )
            for name in names
        ),
        checks=tuple(
            Check(name, "fail", name, name, name, Where(name, (1,), name, (name,))) for name in names
        ),
        caveats=HOSTILE,
        cannot_tell=HOSTILE,
        tables={
            **kinds,
            "risk": risk,
            "medians": medians,
            "reports": pl.DataFrame({"row": names, "column": names[::-1], "note": names}),
            "numbers": pl.DataFrame({"group": names, "time": [1.0] * n, "n": [1] * n}),
            names[0]: pl.DataFrame({name: [name] for name in names}),
            "grades": pl.DataFrame(dict.fromkeys(("grade", "title", "rule", "raised_by"), names)),
        },
        figures=tuple(Figure(kind, kind, names[0], names[1], options) for kind in kinds),
        cards=tuple(Card(name, name, name, name, ((name, name),)) for name in names),
        settings=dict.fromkeys(names, names[0]),
        citations=HOSTILE,
    )


def extreme_figures() -> list[tuple[Figure, dict[str, pl.DataFrame]]]:
    """Every kind with no rows, with one row of None, and with forty groups."""
    columns = {
        "kaplan_meier": {
            "group": pl.String,
            "time": float,
            "survival": float,
            "low": float,
            "high": float,
            "censored": int,
        },
        "forest": {
            "label": pl.String,
            "section": pl.String,
            "value": float,
            "low": float,
            "high": float,
            "n": int,
            "events": int,
            "p": float,
        },
        "stacked_bar": {"group": pl.String, "category": pl.String, "n": int, "share": float},
        "line_band": {"group": pl.String, "x": float, "value": float, "low": float, "high": float},
        "share_bar": {"label": pl.String, "part": pl.String, "share": float, "low": float, "high": float},
        "dot_interval": {
            "label": pl.String,
            "series": pl.String,
            "value": float,
            "low": float,
            "high": float,
            "n": int,
        },
        "calibration": {"group": pl.String, "x": float, "value": float, "low": float, "high": float},
        "decision_curve": {"group": pl.String, "x": float, "value": float, "low": float, "high": float},
        "roc": {"group": pl.String, "x": float, "value": float, "auc": float},
        "cutpoint": {"x": float, "value": float},
        "heat_map": {
            "row": pl.String,
            "column": pl.String,
            "value": float,
            "low": float,
            "high": float,
            "n": int,
        },
        "volcano": {
            "label": pl.String,
            "group": pl.String,
            "value": float,
            "low": float,
            "p": float,
            "n": int,
        },
        "timeline": {"group": pl.String, "x": int, "value": float, "low": float, "high": float, "n": int},
        "onset": {"group": pl.String, "time": float, "share": float},
        "waterfall": {"patient_id": pl.String, "change_percent": float, "response": pl.String},
        "spider": {"patient_id": pl.String, "time": float, "change_percent": float, "response": pl.String},
    }
    made = []
    for kind, schema in columns.items():
        texts = [name for name, dtype in schema.items() if dtype is pl.String]
        forty = [
            {
                name: f"Centre {i}"
                if name in texts[:1]
                else "PR"
                if dtype is pl.String
                else dtype(1) / (1 if dtype is int else 2)
                for name, dtype in schema.items()
            }
            for i in range(40)
        ]
        made += [
            (Figure(kind, "t"), {"t": pl.DataFrame(rows, schema=schema, strict=False)})
            for rows in ([], [dict.fromkeys(schema)], forty)
        ]
    return made
