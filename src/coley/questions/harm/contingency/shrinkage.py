"""Empirical Bayes: the priors that all pairs of the table teach, of two gammas and of as many as they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.harm.measures import hyperparameters
from coley.stats.disproportionality.general_gamma import GeneralGammaFit, general_gamma
from coley.stats.disproportionality.mgps.fit import MgpsFit, mgps

if TYPE_CHECKING:
    from coley.questions.harm.contingency.examined import Examined
    from coley.questions.harm.contingency.pairs import Pairs

# Pairs up to which the general-gamma prior is fitted: it needs those never counted, and was made and tried for tables
# of some hundreds of cells (Tan 2025).
MOST_GENERAL = 5_000
POINT = 1e6  # shape from which a gamma is a point: its mean is known to a thousandth


def two_gammas(pairs: Pairs) -> MgpsFit | None:
    """Return the prior of MGPS, or None where there are too few pairs."""
    try:
        return mgps(pairs.counts.both, pairs.counts.expected, least=pairs.least)
    except NotEstimable:
        return None


def many_gammas(pairs: Pairs) -> GeneralGammaFit | None:
    """Return the general-gamma prior, or None where the table is not small and whole, or has too few pairs."""
    if not _small(pairs):
        return None
    try:
        return general_gamma(pairs.counts.both, pairs.counts.expected)
    except NotEstimable:
        return None


def _small(pairs: Pairs) -> bool:
    return pairs.whole and len(pairs) <= MOST_GENERAL


def shrinkage_part(examined: Examined) -> Part:
    """Return both priors, and whether they can be believed."""
    import polars as pl

    pairs, fit, general = examined.pairs, examined.fit, examined.general
    checks, missing, tables = [], [], {}
    if fit is None:
        missing.append("EBGM: there are too few different pairs to learn a prior from.")
    else:
        checks.append(_settled(pairs, fit))
        tables["mgps_priors"] = pl.DataFrame(
            {
                "pairs": [fit.pairs],
                "least_count": [fit.least],
                **{name: [value] for name, value in hyperparameters(fit).items()},
                "log_likelihood": [fit.log_likelihood],
                "settled": [fit.converged],
            }
        )
    if general is None:
        missing.append(
            "General-gamma posteriors: there are too few different pairs to learn a prior from."
            if _small(pairs)
            else f"General-gamma posteriors: they are made for whole tables of up to {MOST_GENERAL:,} named pairs, and "
            f"this one has {len(pairs.named_drugs) * len(pairs.named_events):,}, those never reported included."
        )
    else:
        checks.append(_general_settled(general))
        prior = general.prior
        tables["general_gamma_prior"] = pl.DataFrame(
            {"weight": prior.weights, "mean": prior.shapes / prior.rates, "shape": prior.shapes}
        )
    return Part(checks=tuple(checks), cannot_tell=tuple(missing), tables=tables)


def _settled(pairs: Pairs, fit: MgpsFit) -> Check:
    listed = (
        f"all {fit.pairs:,} named pairs, those never reported included, without truncation"
        if pairs.whole
        else f"the {fit.pairs:,} named pairs that are reported at all, the likelihood truncated at 1 accordingly"
    )
    if fit.converged:
        edge = f" At the edge of its range: {', '.join(fit.boundary)}." if fit.boundary else ""
        return Check(
            "empirical_bayes",
            "pass",
            f"The search for the prior of EBGM settled. It was learnt from {listed}.{edge}",
        )
    return Check(
        "empirical_bayes",
        "warn",
        f"The search for the prior of EBGM did not settle. It was learnt from {listed}.",
        "Prefer the information component.",
        "The likelihood is flat: few pairs, or nearly all reported as often as chance would have it.",
    )


def _general_settled(general: GeneralGammaFit) -> Check:
    points = int((general.prior.shapes >= POINT).sum())
    said = f"{len(general.prior.weights)} components after {general.iterations:,} iterations"
    if points:
        said += f"; {points} of them are points, so that limits of single pairs may be too narrow"
    if general.converged:
        return Check("general_gamma", "pass", f"The search for the general-gamma prior settled: {said}.")
    return Check(
        "general_gamma",
        "warn",
        f"The search for the general-gamma prior did not settle: {said}.",
        "Further iterations merge components and hardly change a posterior; where it matters, prefer EBGM.",
        "Ratios vary so smoothly that neighbouring components compete for the same pairs.",
    )
