"""What the rules in use would have called: a signal by all of them stands firmer than by one alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.part import Part

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.contingency.examined import Examined
    from coley.questions.harm.settings import HarmSettings


def rule_part(examined: Examined) -> Part:
    """Return how many pairs each rule would call, and how many of these are signals here."""
    import polars as pl

    told = examined.told
    rows = [
        {
            "rule": title,
            "pairs": told.height,
            "called": int(told.select(rule.sum()).item() or 0),
            "signals_here_too": int(told.select((rule & pl.col("signal")).sum()).item() or 0),
        }
        for title, rule in _rules(told, examined.settings).items()
    ]
    return Part(tables={"rules": pl.DataFrame(rows)})


def _rules(told: pl.DataFrame, settings: HarmSettings) -> dict[str, pl.Expr]:
    import polars as pl

    least, rate = settings.min_reports, settings.fdr
    surely = (pl.col("ror_low") > 1) & (pl.col("reports") >= least)
    # Evans et al. 2001, Pharmacoepidemiol Drug Saf 10:483
    evans = (pl.col("prr") >= 2) & (pl.col("chi2") >= 4) & (pl.col("reports") >= 3)
    rules = {
        f"IC025 above 0, {least} reports, false discovery rate {rate:g} (the signals here)": pl.col("signal"),
        f"Reporting odds ratio surely above 1, {least} reports": surely,
        "Proportional reporting ratio 2, chi-squared 4, 3 reports (Evans 2001)": evans,
    }
    if "eb05" in told.columns:  # Szarfman et al. 2002, Drug Saf 25:381
        rules["EB05 of 2 (Szarfman 2002)"] = pl.col("eb05") >= 2
    if "general_gamma_low" in told.columns:
        rules["General-gamma ratio above 1 with 95 % (Tan 2025)"] = pl.col("general_gamma_low") > 1
    if "likelihood_ratio_p" in told.columns:
        rules[f"Likelihood-ratio p of {rate:g} over the events of a drug (Huang 2011)"] = (
            pl.col("likelihood_ratio_p") <= rate
        )
    return rules
