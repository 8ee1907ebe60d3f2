"""Every pair with every measure, and which of them are signals: what the whole argument rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.questions.harm.cells import false_discovery
from coley.questions.harm.contingency.pairs import Pairs, named_pairs
from coley.questions.harm.contingency.ratio_test import ratio_test
from coley.questions.harm.contingency.shrinkage import many_gammas, two_gammas
from coley.questions.harm.measures import measures
from coley.stats.disproportionality.mgps.quantiles import quantiles

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.settings import HarmSettings
    from coley.stats.disproportionality.general_gamma import GeneralGammaFit
    from coley.stats.disproportionality.likelihood_ratio.maximum_test import LikelihoodRatios
    from coley.stats.disproportionality.mgps.fit import MgpsFit
    from coley.vigilance.reading.contingency import Contingency

# Columns of the general-gamma posterior, and the quantiles that they hold: its mean may lie beyond its limits, as its
# components are nearly points.
GENERAL = {"general_gamma": 0.5, "general_gamma_low": 0.05, "general_gamma_high": 0.95}


@dataclass(frozen=True, eq=False)
class Examined:
    """The named pairs of a table with all that was computed of them.

    Attributes
    ----------
    pairs, settings
        What was examined, and how.
    fit, general, tested
        The priors of MGPS and of the general gamma, and the likelihood-ratio tests; None where the table is too small
        or too large for one.
    told
        event, drug, counts, every measure, q and signal, a row a pair; signals first, then the surest. A signal has at
        least `min_reports` reports, an information component whose lower limit is above 0, and a false discovery rate
        within the setting over all named pairs.
    """

    pairs: Pairs
    settings: HarmSettings
    fit: MgpsFit | None
    general: GeneralGammaFit | None
    tested: LikelihoodRatios | None
    told: pl.DataFrame


def examine(table: Contingency, settings: HarmSettings) -> Examined:
    """Return every measure of every named pair of a table.

    Raises
    ------
    MissingData
        Where no drug with a name of its own is counted with an event that has one, or there is but one of either.
    """
    pairs = named_pairs(table)
    fit, general, tested = two_gammas(pairs), many_gammas(pairs), ratio_test(pairs, settings.seed)
    told = _tell(pairs, settings, fit=fit, general=general, tested=tested)
    return Examined(pairs, settings, fit, general, tested, told)


def _tell(
    pairs: Pairs,
    settings: HarmSettings,
    *,
    fit: MgpsFit | None,
    general: GeneralGammaFit | None,
    tested: LikelihoodRatios | None,
) -> pl.DataFrame:
    import polars as pl

    names = pl.DataFrame(
        {
            "event": pl.Series(pairs.table.events, dtype=pl.String).gather(pairs.event),
            "drug": pl.Series(pairs.table.drugs, dtype=pl.String).gather(pairs.drug),
        }
    )
    prior = None if fit is None else fit.prior
    table = names.hstack(measures(pairs.counts, level=settings.level, prior=prior)).with_columns(
        q=pl.Series(false_discovery(pairs.counts)).fill_nan(None)
    )
    if general is not None:
        posterior = general.prior.posterior(pairs.counts.both, pairs.counts.expected)
        table = table.with_columns(
            pl.Series(name, quantiles(posterior, share)).fill_nan(None) for name, share in GENERAL.items()
        )
    if tested is not None:
        table = table.with_columns(
            log_likelihood_ratio=pl.Series(tested.log_ratio[pairs.event, pairs.drug]),
            likelihood_ratio_p=pl.Series(tested.p[pairs.event, pairs.drug]),
        )
    signal = (
        (pl.col("reports") >= settings.min_reports) & (pl.col("ic_low") > 0) & (pl.col("q") <= settings.fdr)
    )
    return table.with_columns(signal=signal.fill_null(value=False)).sort(
        ["signal", "ic_low"], descending=True, nulls_last=True, maintain_order=True
    )
