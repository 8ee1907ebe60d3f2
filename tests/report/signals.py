"""A made-up answer to "Which harms do the reports signal?": organ classes by regimen, pairs, quarters, days."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from coley.model.answer import Answer, Check, Estimate, Figure

ORGANS = (
    "Endocrine toxicities", "Lung toxicities", "Gastrointestinal toxicities", "Hepatitis", "Nervous system toxicities",
    "Cardiac and vascular toxicities", "Musculoskeletal and rheumatological toxicities", "Skin toxicities",
    "Renal toxicities", "Haematological toxicities", "Ocular toxicities", "Sarcoidosis",
)  # fmt: skip
REGIMENS = (
    "nivolumab", "pembrolizumab", "cemiplimab", "atezolizumab", "durvalumab", "avelumab", "ipilimumab",
    "ipilimumab plus nivolumab",
)  # fmt: skip
REPORTS = (38_000, 29_000, 900, 9_500, 7_200, 700, 13_000, 15_500)
SHARES = (0.010, 0.006, 0.030, 0.020, 0.016, 0.040, 0.030, 0.035, 0.015, 0.025, 0.008, 0.0002)
QUARTERS = tuple(f"{year}Q{q}" for year in range(2012, 2022) for q in range(1, 5))


def ratio(both: float, exposed: float, event: float, total: float) -> tuple[float, float, float]:
    """Reporting odds ratio with its interval, a half added to each cell."""
    a, b, c = both + 0.5, exposed - both + 0.5, event - both + 0.5
    d = total - exposed - event + both + 0.5
    value, half = a * d / (b * c), 1.96 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return value, value * math.exp(-half), value * math.exp(half)


def cells(organs: tuple[str, ...] = ORGANS, regimens: tuple[str, ...] = REGIMENS) -> pl.DataFrame:
    """One row an organ class and a regimen."""
    rng = np.random.default_rng(1)
    total, rows = 13_000_000, []
    for organ, share in zip(organs, SHARES, strict=False):
        for regimen, exposed in zip(regimens, REPORTS, strict=False):
            times = float(np.exp(rng.normal(0.9, 1.0))) * (1.8 if "plus" in regimen else 1)
            both = int(rng.poisson(min(exposed * share * times, exposed * 0.6)))
            value, low, high = ratio(both, exposed, share * total, total)
            rows.append(
                {"row": organ, "column": regimen, "value": value, "low": low, "high": high, "n": both}
            )
    frame = pl.DataFrame(rows)
    unseen = (pl.col("row") == "Sarcoidosis") & (pl.col("column") == "cemiplimab")
    return frame.with_columns(
        pl.when(unseen).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("value", "low", "high", "n")
    )


def listed(frame: pl.DataFrame, most: int = 8) -> pl.DataFrame:
    """The reports behind each cell, at most `most` of each."""
    rng = np.random.default_rng(2)
    return pl.DataFrame(
        [
            {
                "row": cell["row"],
                "column": cell["column"],
                "case_id": int(rng.integers(9_000_000, 21_000_000)),
                "received_date": int(rng.choice([20170630, 201911, 2020])),
                "age_years": float(rng.integers(31, 88)),
                "sex": str(rng.choice(["F", "M"])),
                "reactions": "Hypophysitis; Adrenal insufficiency; Fatigue",
                "days_to_onset": int(rng.integers(0, 400)),
                "outcome": str(rng.choice(["HO", "DE", "OT"])),
            }
            for cell in frame.filter(pl.col("n") > 0).iter_rows(named=True)
            for _ in range(min(cell["n"], most))
        ]
    )


def pairs(n: int = 1500, seed: int = 3) -> pl.DataFrame:
    """Many pairs of drug and event, most of them at random."""
    rng = np.random.default_rng(seed)
    reports = np.maximum(1, rng.lognormal(1.6, 1.3, n)).astype(int)
    spread = 1 / np.sqrt(reports)
    x = rng.normal(0, spread) + np.where(rng.random(n) < 0.06, rng.gamma(3, 0.7, n), 0)
    z = x / spread
    p = np.array([max(math.erfc(abs(v) / math.sqrt(2)), 1e-300) for v in z])
    return pl.DataFrame(
        {
            "label": [f"nivolumab – event {i}" for i in range(n)],
            "group": rng.choice(["Endocrine", "Lung", "Cardiac", "Skin", "Renal"], n),
            "value": np.exp(x),
            "low": np.exp(x - 1.96 * spread),
            "n": reports,
            "p": p,
        }
    )


def quarters() -> pl.DataFrame:
    """Cumulative reporting odds ratio by quarter of four pairs; the last is never a signal."""
    rng = np.random.default_rng(4)
    made = []
    for name, times, start in (
        ("ipilimumab – hypophysitis", 60.0, 0),
        ("nivolumab – myocarditis", 9.0, 10),
        ("pembrolizumab – myasthenia gravis", 11.0, 12),
        ("nivolumab – headache", 1.0, 10),
    ):
        both = event = exposed = total = 0.0
        for i, quarter in enumerate(QUARTERS):
            new = 40.0 * max(0, i - start + 1)
            exposed, total, event = exposed + new, total + 250_000, event + 250
            both += float(rng.poisson(new * 0.001 * times))
            if i < start:
                continue
            value, low, high = ratio(both, exposed, event + both, total)
            made.append(
                {"group": name, "x": quarter, "value": value, "low": low, "high": high, "n": int(both)}
            )
    return pl.DataFrame(made)


def onsets() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Cumulative share of reports by day of three groups, their medians and quartiles, and numbers by day."""
    rng = np.random.default_rng(5)
    curves, middles, counts = [], [], []
    for name, scale, shape, n in (
        ("Cardiac", 45, 0.9, 160), ("Endocrine", 95, 1.3, 900), ("Skin", 40, 0.8, 420),
    ):  # fmt: skip
        days = np.sort(np.floor(scale * rng.weibull(shape, n)))
        at = np.unique(days)
        curves.append(pl.DataFrame({"group": name, "time": at, "share": [(days <= d).mean() for d in at]}))
        q1, q2, q3 = np.quantile(days, (0.25, 0.5, 0.75))
        middles.append({"group": name, "median": q2, "low": q1, "high": q3})
        counts += [
            {"group": name, "time": float(d), "n": int((days <= d).sum())} for d in (1, 7, 30, 90, 180, 365)
        ]
    return pl.concat(curves), pl.DataFrame(middles), pl.DataFrame(counts)


def signals_answer() -> Answer:
    """An answer with every picture of signals."""
    grid = cells(ORGANS[:5] + ORGANS[-1:], REGIMENS[:5])
    curves, middles, counts = onsets()
    told = {"row_title": "organ class", "column_title": "regimen", "reports_table": "cell_reports"}
    top = grid.filter(pl.col("row") == "Endocrine toxicities", pl.col("column") == "nivolumab").row(
        0, named=True
    )
    return Answer(
        question="harm",
        title="Which harms do the reports signal?",
        study="made-up reports",
        headline="Most pairs of organ class and regimen are reported more often than expected.",
        estimates=(
            Estimate(
                "reporting_odds_ratio", top["value"], top["low"], top["high"], n=38_000, events=top["n"],
                unit="ratio", method="reporting_odds_ratio", group="Endocrine toxicities with nivolumab",
            ),
        ),
        tables={
            "signals": grid,
            "cell_reports": listed(grid),
            "pairs": pairs(),
            "quarters": quarters(),
            "onset": curves,
            "onset_medians": middles,
            "onset_numbers": counts,
        },
        figures=(
            Figure("heat_map", "signals", "Signals by organ class and regimen", "Against all other reports.", told),
            Figure("volcano", "pairs", "All pairs at a glance", "Nivolumab, 1,500 events.", {"y": "p"}),
            Figure("timeline", "quarters", "When each pair first crossed", "Cumulative, by quarter of receipt."),
            Figure(
                "onset", "onset", "Days from first dose to event", "Reports with both dates.",
                {"medians_table": "onset_medians", "numbers_table": "onset_numbers", "scale": "log"},
            ),
        ),
        checks=(
            Check("duplicates", "warn", "412 probable duplicates were left out.", "Look at the list."),
            Check("names", "pass", "Every drug name was matched."),
        ),
        cannot_tell=("How often a harm occurs: reports have no denominator.",),
        settings={"seed": 1},
    )  # fmt: skip
