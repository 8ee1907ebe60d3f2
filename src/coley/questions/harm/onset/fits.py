"""Medians and Weibull shapes of every exposure with every reaction that is dated often enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Estimate
from coley.questions.harm.measures import number
from coley.questions.harm.reactions import LEVELS
from coley.stats.onset.empirical import onset_quantiles
from coley.stats.onset.weibull import weibull_onset

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from coley.questions.harm.evidence import Evidence

FEWEST = 10  # onsets for a Weibull fit: its shape is known to a factor of 1.6 from ten
UNTOLD = "cannot be told"
# What each type of hazard says of the reactions that were reported.
READING = {
    "early failure": "Early failure: most begin soon after the first dose, fewer and fewer later.",
    "random": "Random: they begin at about the same rate at any time.",
    "wear-out": "Wear-out: they begin at a rising rate the longer the time since the first dose.",
}


def fits(evidence: Evidence, known: pl.DataFrame, level: str) -> pl.DataFrame:
    """Return one row for each exposure and each reaction of a level that has at least `min_reports` onsets."""
    import polars as pl

    own = known.filter(pl.col("level") == level)
    rows = [
        _row(evidence, exposure, LEVELS[level].titles()[event], dated)
        for (exposure, event), dated in own.group_by(["exposure", "event"], maintain_order=True)
        if dated.height >= evidence.settings.min_reports
    ]
    if not rows:
        return pl.DataFrame()
    return pl.DataFrame(rows, infer_schema_length=None).sort(
        ["exposure", "reports", "event"], descending=[False, True, False]
    )


def _row(evidence: Evidence, exposure: str, event: str, own: pl.DataFrame) -> dict[str, object]:
    days = own["days"].to_numpy()
    level = evidence.settings.level
    quartiles = onset_quantiles(days, level=level)
    fit = weibull_onset(days, limit=own["limit"].to_numpy(), level=level) if len(days) >= FEWEST else None
    return {
        "exposure": evidence.title(exposure),
        "event": event,
        "reports": len(days),
        "median_days": float(quartiles.value[1]),
        "median_low": number(quartiles.low[1]),
        "median_high": number(quartiles.high[1]),
        "quartile_1": float(quartiles.value[0]),
        "quartile_3": float(quartiles.value[2]),
        "weibull_shape": None if fit is None else number(fit.shape.value),
        "shape_low": None if fit is None else number(fit.shape.low),
        "shape_high": None if fit is None else number(fit.shape.high),
        "hazard": UNTOLD if fit is None else fit.hazard,
    }


def estimates(evidence: Evidence, table: pl.DataFrame) -> Iterator[Estimate]:
    """Yield the median of each row, and its Weibull shape where there is one."""
    for row in table.iter_rows(named=True):
        common = {
            "n": row["reports"],
            "level": evidence.settings.level,
            "endpoint": "onset",
            "group": f"{row['event']}, {row['exposure']}",
        }
        yield Estimate(
            "median_onset",
            row["median_days"],
            row["median_low"],
            row["median_high"],
            unit="days",
            method="onset_quantiles",
            **common,
        )
        if row["weibull_shape"] is not None:
            yield Estimate(
                "weibull_shape",
                row["weibull_shape"],
                row["shape_low"],
                row["shape_high"],
                unit="ratio",
                method="weibull_onset",
                note=READING.get(row["hazard"], ""),
                **common,
            )
