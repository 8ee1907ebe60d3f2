"""Does the effect of treatment differ between patients? Interaction tests, corrected for their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.biology.factors import factors
from coley.model.answer import Check, Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.model.words import format_level, format_p
from coley.stats.multiplicity import holm
from coley.stats.survival.cox import cox
from coley.stats.tails import chi2_tail

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.biology.factors import FactorMatrix
    from coley.questions.outcomes import Outcome
    from coley.questions.respond.cohort import Cohort
    from coley.questions.respond.settings import RespondSettings

LEAST_EVENTS = 10  # in a subgroup; with fewer its hazard ratio is noise


def heterogeneity_part(
    cohort: Cohort, made: FactorMatrix, contrast: tuple[str, str], settings: RespondSettings
) -> Part:
    """Return interaction tests and subgroup effects of one treatment against the control."""
    treated, control = contrast
    chosen = cohort.rows(treated) | cohort.rows(control)
    arm = (cohort.group == treated).astype(np.float64)
    part = Part()
    for outcome in cohort.endpoints:
        part += _endpoint(cohort, outcome, made, contrast, chosen & outcome.known, arm, settings)
    return part


def _endpoint(
    cohort: Cohort,
    outcome: Outcome,
    made: FactorMatrix,
    contrast: tuple[str, str],
    rows: NDArray[np.bool_],
    arm: NDArray[np.float64],
    settings: RespondSettings,
) -> Part:
    tests: dict[str, tuple[float, float, int, int]] = {}
    for factor in made.distinct_factors:
        block = made.matrix[:, made.columns_of(factor)]
        usable = rows & np.isfinite(block).all(axis=1)
        found = _interaction(outcome, arm, block, usable)
        if found is not None:
            tests[factor] = (*found, int(usable.sum()), int(outcome.event[usable].sum()))
    if not tests:
        return Part()
    adjusted = holm([p for _, p, _, _ in tests.values()])
    versus = f"{contrast[0]} vs {contrast[1]}"
    estimates = tuple(
        Estimate(
            "interaction",
            statistic,
            None,
            None,
            n=n,
            events=events,
            unit="chi-square",
            method="cox",
            level=settings.level,
            endpoint=outcome.endpoint,
            group=f"{versus} by {_label(factor)}",
            p=p,
            p_adjusted=float(corrected),
            multiplicity=f"Holm over {len(tests)} interactions",
        )
        for (factor, (statistic, p, n, events)), corrected in zip(tests.items(), adjusted, strict=True)
    )
    name = f"subgroups_{outcome.endpoint}_{contrast[0]}"
    forest = _subgroups(cohort, outcome, list(tests), rows, arm, settings, estimates)
    smallest = min(e.p_adjusted for e in estimates if e.p_adjusted is not None)
    check = Check(
        f"heterogeneity_{outcome.endpoint}",
        "pass",
        f"{versus}, {outcome.title.lower()}: {len(tests)} interactions tested, "
        f"smallest corrected p {format_p(smallest)}.",
        remedy="A subgroup's own interval shows its uncertainty, not a difference between subgroups: "
        "read the interaction.",
    )
    if not forest:
        return Part(estimates, (check,))
    figure = Figure(
        "forest",
        name,
        title=f"{outcome.title}: {versus}, by subgroup",
        caption="Hazard ratios of treatment within subgroups; numbers are split at their median for display. "
        f"Interaction p values use the undivided factor; corrected by Holm over {len(tests)} factors.",
        options={
            "scale": "log",
            "reference": 1,
            "value_title": f"Hazard ratio ({format_level(settings.level)})",
            "favours_left": contrast[0],
            "favours_right": contrast[1],
        },
    )
    return Part(estimates, (check,), tables={name: pl.DataFrame(forest)}, figures=(figure,))


def _interaction(
    outcome: Outcome, arm: NDArray[np.float64], block: NDArray[np.float64], rows: NDArray[np.bool_]
) -> tuple[float, float] | None:
    """Likelihood-ratio test of arm x factor beside both main effects; None where it cannot be fitted."""
    main = np.column_stack([arm[rows], block[rows]])
    try:
        without = cox(outcome.time[rows], outcome.event[rows], main)
        product = arm[rows, None] * block[rows]
        full = cox(outcome.time[rows], outcome.event[rows], np.column_stack([main, product]))
    except NotEstimable:
        return None
    statistic = 2 * (full.loglik - without.loglik)
    return statistic, chi2_tail(statistic, block.shape[1])


def _subgroups(
    cohort: Cohort,
    outcome: Outcome,
    tested: list[str],
    rows: NDArray[np.bool_],
    arm: NDArray[np.float64],
    settings: RespondSettings,
    tests: tuple[Estimate, ...],
) -> list[dict[str, object]]:
    table: list[dict[str, object]] = []
    for factor, test in zip(tested, tests, strict=True):
        section = (
            f"{_label(factor)} (interaction p {format_p(test.p)}, corrected {format_p(test.p_adjusted)})"
        )
        for level, inside in _levels(cohort.patients[factor]):
            chosen = rows & inside
            events = int(outcome.event[chosen].sum())
            if events < LEAST_EVENTS:
                continue
            try:
                fit = cox(outcome.time[chosen], outcome.event[chosen], arm[chosen], level=settings.level)
            except NotEstimable:
                continue
            ratio = fit.hazard_ratios[0]
            table.append(
                {
                    "label": level,
                    "section": section,
                    "value": ratio.value,
                    "low": ratio.low,
                    "high": ratio.high,
                    "n": int(chosen.sum()),
                    "events": events,
                    "p": None,
                }
            )
    return table


def _levels(series: pl.Series) -> list[tuple[str, NDArray[np.bool_]]]:
    """Split a factor for display: numbers of more than four values at their median, the rest by value."""
    known = series.is_not_null().to_numpy()
    if series.dtype.is_numeric() and series.drop_nulls().n_unique() > 4:
        values = series.cast(float).to_numpy()
        median = float(np.median(values[known]))
        above = known & (np.nan_to_num(values) > median)
        return [(f"up to {median:.4g}", known & ~above), (f"above {median:.4g}", above)]
    levels = series.drop_nulls().unique().sort().to_list()
    words = {True: "yes", False: "no"}
    return [
        (
            str(words.get(level, level) if isinstance(level, bool) else level),
            (series == level).fill_null(value=False).to_numpy(),
        )
        for level in levels
    ]


def _label(factor: str) -> str:
    known = factors().get(factor)
    return known.label if known else factor
