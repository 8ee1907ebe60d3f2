"""Every measure of every pair in one table, each with its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.disproportionality.exact import exact_tests
from coley.stats.disproportionality.information import information_component
from coley.stats.disproportionality.mgps.scores import ebgm
from coley.stats.disproportionality.ratios import (
    chi_square,
    proportional_reporting_ratio,
    relative_reporting_ratio,
    reporting_odds_ratio,
)

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.stats.disproportionality.counts import PairCounts
    from coley.stats.disproportionality.mgps.fit import MgpsFit
    from coley.stats.disproportionality.mgps.mixture import GammaMixture
    from coley.stats.values import Intervals

WHOLE = ("reports", "exposed", "with_event", "of")


def measures(counts: PairCounts, *, level: float, prior: GammaMixture | None = None) -> pl.DataFrame:
    """Return counts and measures of each pair, in the order of the pairs.

    Parameters
    ----------
    counts
        Of n pairs.
    level
        Coverage of every interval but that of EBGM, whose limits are EB05 and EB95 by custom.
    prior
        Of MGPS; without one, EBGM is missing.
    """
    import polars as pl

    columns = {
        "reports": counts.both,
        "exposed": counts.exposed,
        "with_event": counts.event,
        "of": counts.total,
        "expected": counts.expected,
        **named("ror", reporting_odds_ratio(counts, level=level)),
        **named("prr", proportional_reporting_ratio(counts, level=level)),
        "chi2": chi_square(counts).statistic,
        **named("rrr", relative_reporting_ratio(counts, level=level)),
        **named("ic", information_component(counts, level=level)),
        "p": exact_tests(counts).mid_more,
    }
    if prior is not None:
        scores = ebgm(prior, counts.both, counts.expected)
        columns |= {"ebgm": scores.value, "eb05": scores.low, "eb95": scores.high}
    # Neither NaN nor infinity is a number that a table can hold: what cannot be told is missing.
    finite = pl.when(pl.all().exclude(*WHOLE).is_finite()).then(pl.all().exclude(*WHOLE))
    return pl.DataFrame(columns).select(pl.col(*WHOLE).cast(pl.Int64), finite)


def hyperparameters(fit: MgpsFit) -> dict[str, float]:
    """Return the prior as a table names it: what papers call P is the share of the first gamma, and no p value."""
    return {"share_of_first" if name == "p" else name: value for name, value in fit.hyperparameters.items()}


def named(name: str, intervals: Intervals) -> dict[str, NDArray[np.float64]]:
    """Return the columns of a measure: its name, and the same with _low and _high."""
    return {name: intervals.value, f"{name}_low": intervals.low, f"{name}_high": intervals.high}


def number(value: float) -> float | None:
    """Return a number as a table holds it: what cannot be told is missing."""
    return float(value) if np.isfinite(value) else None
