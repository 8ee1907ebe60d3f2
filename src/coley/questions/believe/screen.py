"""Every measured gene, so that a signature can be seen against all others: false discovery rate and max-T."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.part import Part
from coley.model.words import format_p
from coley.questions.believe.across import TITLES
from coley.questions.believe.associations import LEAST_OF_EITHER, RESPONSE, known_outcome
from coley.stats.screens.cox_screen import cox_screen
from coley.stats.screens.max_t_response import max_t_response
from coley.stats.screens.max_t_survival import max_t_survival
from coley.stats.screens.rank_screen import rank_screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.signatures import Measured
    from coley.questions.believe.settings import BelieveSettings

LEAST_GENES = 1000  # fewer were chosen by somebody, for a reason that may be the outcome
LEAST_PATIENTS = 20  # with fewer no gene of thousands can pass a correction
ALPHA = 0.05
KEPT = 200  # genes of each screen in the table: those who want all have the matrix


def screen_part(
    cohorts: Cohorts, matrices: Sequence[Measured], endpoint: str, settings: BelieveSettings
) -> Part:
    """Return the screen of each cohort that has a transcriptome and enough patients with the endpoint."""
    import polars as pl

    tables, checks = [], []
    for one in matrices:
        if len(one.expression.genes) < LEAST_GENES:
            continue
        use = known_outcome(cohorts, endpoint)[one.rows] & ~cohorts.control[one.rows]
        rows, sample = one.rows[use], one.sample[use]
        events = _events(cohorts, endpoint, rows)
        if len(rows) < LEAST_PATIENTS or min(events, len(rows) - events) < LEAST_OF_EITHER:
            continue
        table = _screen(
            cohorts, endpoint, one.expression.genes, one.expression.values[:, sample].T, rows, settings
        )
        by_q, by_t = int((table["q"] < ALPHA).sum()), int((table["p_max_t"] < ALPHA).sum())
        best = table.row(0, named=True)
        checks.append(
            Check(
                "genome_screen",
                "pass",
                f"{one.cohort}: of {table.height:,} genes, {by_q:,} are associated with {TITLES[endpoint].lower()} at "
                f"a false discovery rate of 5 % and {by_t:,} by max-T over {settings.permutations:,} permutations; the "
                f"first is {best['gene']} (p {format_p(best['p'])}, max-T {format_p(best['p_max_t'])}).",
            )
        )
        tables.append(table.head(KEPT).with_columns(pl.lit(one.cohort).alias("cohort")))
    if not tables:
        return Part()
    return Part(checks=tuple(checks), tables={"genome_screen": pl.concat(tables, how="diagonal_relaxed")})


def _events(cohorts: Cohorts, endpoint: str, rows: np.ndarray) -> int:
    if endpoint == RESPONSE:
        return int(cohorts.responder[rows].sum())
    outcome = cohorts.outcome(endpoint)
    return int(outcome.event[rows].sum()) if outcome else 0


def _screen(
    cohorts: Cohorts,
    endpoint: str,
    genes: Sequence[str],
    X: np.ndarray,
    rows: np.ndarray,
    settings: BelieveSettings,
) -> pl.DataFrame:
    import polars as pl

    varies = np.ptp(X, axis=0) > 0
    X, names = np.ascontiguousarray(X[:, varies]), [g for g, v in zip(genes, varies, strict=True) if v]
    if endpoint == RESPONSE:
        y = cohorts.responder[rows] > 0
        found = rank_screen(X, y, level=settings.level, names=names)
        family = max_t_response(X, y, samples=settings.permutations, seed=settings.seed, names=names)
        columns = {"auc": found.auc, "low": found.low, "high": found.high}
    else:
        outcome = cohorts.outcome(endpoint)
        assert outcome is not None
        time, event = outcome.time[rows], outcome.event[rows]
        fits = cox_screen(time, event, X, level=settings.level, names=names)
        family = max_t_survival(
            time, event, X, samples=settings.permutations, seed=settings.seed, names=names
        )
        columns = {
            "hazard_ratio_per_sd": np.exp(fits.log_hazard_ratio),
            "low": np.exp(fits.low),
            "high": np.exp(fits.high),
        }
        found = fits  # type: ignore[assignment]  # both carry p and q
    frame = pl.DataFrame(
        {"gene": names, "endpoint": endpoint, "n": len(rows), **columns, "p": found.p, "q": found.q}
        | {"p_max_t": family.p_step_down}
    )
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None)).sort("p", "gene", nulls_last=True)
