"""How many respond: rates by group and by stratum, shrunken where strata are small, and how many durably."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.model.answer import Check, Estimate, Figure
from coley.model.part import Part
from coley.model.words import format_p
from coley.stats.proportions import wilson
from coley.stats.shrinkage import beta_binomial_shrinkage
from coley.stats.survival.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coley.questions.respond.cohort import Cohort
    from coley.questions.respond.settings import RespondSettings
    from coley.stats.values import Interval

CATEGORIES = ("CR", "PR", "SD", "PD", "NE")
LEAST_STRATA = 3  # with fewer, there is nothing to borrow strength from


def response_part(cohort: Cohort, settings: RespondSettings) -> Part:
    """Return response rates; an empty part with a word of why where no response was recorded."""
    known = np.isfinite(cohort.responder)
    if not known.any():
        return Part(cannot_tell=("Response rates: no best response was recorded; supply patients.response.",))
    groups = cohort.everybody_and_groups
    return (
        _rates(cohort, groups, settings)
        + _categories(cohort, groups)
        + _durable(cohort, groups, settings)
        + _strata(cohort, settings)
    )


def _rates(cohort: Cohort, groups: Sequence[str], settings: RespondSettings) -> Part:
    estimates: list[Estimate] = []
    known = np.isfinite(cohort.responder)
    for group in groups:
        rows = cohort.rows(group)
        n, k = int((rows & known).sum()), int(np.nansum(cohort.responder[rows]))
        if n == 0:
            continue
        estimates.append(_rate("response_rate", k, n, group, settings.level))
        unrecorded = int((rows & ~known).sum())
        if unrecorded:
            estimates.append(
                _rate(
                    "response_rate_unrecorded_as_no_response",
                    k,
                    n + unrecorded,
                    group,
                    settings.level,
                    note=f"{unrecorded} patients without a recorded response counted as non-responders",
                )
            )
    missing = int((~known).sum())
    check = Check(
        "response_recorded",
        "warn" if missing > 0.1 * cohort.n else "pass",
        f"Best response is recorded in {cohort.n - missing} of {cohort.n} patients.",
        remedy="Read both rates: among recorded responses, and with the unrecorded as non-responders."
        if missing
        else "",
    )
    return Part(estimates=tuple(estimates), checks=(check,))


def _rate(name: str, k: int, n: int, group: str, level: float, *, note: str = "") -> Estimate:
    interval = wilson(k, n, level=level)[0]
    return Estimate(
        name,
        interval.value,
        interval.low,
        interval.high,
        n=n,
        events=k,
        unit="proportion",
        method="wilson",
        level=level,
        endpoint="response",
        group=group,
        note=note,
    )


def _categories(cohort: Cohort, groups: Sequence[str]) -> Part:
    if "response" not in cohort.patients.columns:
        return Part()
    response = np.array(cohort.patients["response"].to_list(), dtype=object)
    rows: list[dict[str, object]] = []
    for group in groups:
        inside = cohort.rows(group)
        counts = [int((inside & (response == category)).sum()) for category in CATEGORIES]
        counts.append(int((inside & (response == None)).sum()))  # noqa: E711  (elementwise)
        total = sum(counts)
        rows += [
            {"group": group, "category": category, "n": n, "share": n / total}
            for category, n in zip((*CATEGORIES, "not recorded"), counts, strict=True)
            if total
        ]
    figure = Figure(
        "stacked_bar",
        "response_categories",
        title="Best overall response",
        caption="Share of patients by best overall response; the number in each part is patients.",
    )
    return Part(tables={"response_categories": pl.DataFrame(rows)}, figures=(figure,))


def _durable(cohort: Cohort, groups: Sequence[str], settings: RespondSettings) -> Part:
    """Share of patients who respond and are free of progression at the durable mark.

    A non-responder leaves at month 0, a responder at progression: Kaplan-Meier of that time is the joint
    probability of responding and staying free of progression, and censoring is handled.
    """
    pfs = next((outcome for outcome in cohort.endpoints if outcome.endpoint == "pfs"), None)
    if pfs is None:
        return Part(cannot_tell=("Durable response: progression-free survival is missing; supply it.",))
    month = settings.durable_months
    estimates: list[Estimate] = []
    for group in groups:
        rows = cohort.rows(group) & np.isfinite(cohort.responder) & pfs.known
        if not rows.any():
            continue
        responded = cohort.responder[rows] == 1
        time = np.where(responded, pfs.time[rows], 0.0)
        lost = np.where(responded, pfs.event[rows], True)
        at = kaplan_meier(time, lost, level=settings.level).milestone(month)
        estimates.append(
            Estimate(
                "durable_response_rate",
                at.value,
                at.low,
                at.high,
                n=int(rows.sum()),
                events=int(responded.sum()),
                unit="proportion",
                method="kaplan_meier",
                level=settings.level,
                endpoint="response",
                group=group,
                note=f"responded and free of progression at {month:g} months; events are responders",
            )
        )
    return Part(estimates=tuple(estimates))


def _strata(cohort: Cohort, settings: RespondSettings) -> Part:
    column = settings.strata
    if column not in cohort.patients.columns:
        return Part()
    names, k, n = _counts(cohort.patients[column], cohort.responder)
    if len(names) < LEAST_STRATA:
        return Part()
    found = beta_binomial_shrinkage(k, n, level=settings.level)
    rows = [
        {
            "label": name,
            "series": series,
            "value": rate.value,
            "low": rate.low,
            "high": rate.high,
            "n": int(size),
        }
        for series, rates in (("observed", found.raw), ("shrunken", found.rates))
        for i, name in enumerate(names)
        for rate, size in ((rates[i], n[i]),)
    ]
    words = column.replace("_", " ")

    def estimate(
        name: str, rate: Interval, group: str, size: int, responders: int, note: str = ""
    ) -> Estimate:
        return Estimate(
            name,
            rate.value,
            rate.low,
            rate.high,
            n=size,
            events=responders,
            unit="proportion",
            method="beta_binomial_shrinkage",
            level=settings.level,
            endpoint="response",
            group=group,
            note=note,
        )

    estimates = [
        estimate("response_rate_shrunken", found.rates[i], f"{words}: {names[i]}", int(n[i]), int(k[i]))
        for i in range(len(names))
    ]
    total, responders = int(n.sum()), int(k.sum())
    estimates += [
        estimate(
            "response_rate_between_strata",
            found.between,
            f"by {words}",
            total,
            responders,
            f"standard deviation of true rates between {len(names)} strata; test of one common rate "
            f"p {format_p(found.heterogeneity.p)}",
        ),
        estimate(
            "response_rate_of_a_new_stratum",
            found.new_stratum,
            f"by {words}",
            total,
            responders,
            "where the true rate of a further stratum of the same kind would lie",
        ),
    ]
    figure = Figure(
        "dot_interval",
        "response_by_stratum",
        title=f"Response rate by {words}",
        caption="Observed rates with Wilson intervals, and rates shrunken towards the whole: the smaller a "
        "stratum, the further it is drawn in, because its extreme rate is the likelier accident.",
        options={"percent": True, "x_title": "Response rate"},
    )
    return Part(
        estimates=tuple(estimates), tables={"response_by_stratum": pl.DataFrame(rows)}, figures=(figure,)
    )


def _counts(
    strata: pl.Series, responder: NDArray[np.float64]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Responders and patients per stratum, the largest stratum first."""
    counted = (
        pl.DataFrame({"stratum": strata.cast(pl.String), "responder": responder})
        .filter(pl.col("stratum").is_not_null() & pl.col("responder").is_finite())
        .group_by("stratum")
        .agg(k=pl.col("responder").sum().cast(pl.Int64), n=pl.len().cast(pl.Int64))
        .sort(["n", "stratum"], descending=[True, False])
    )
    return counted["stratum"].to_list(), counted["k"].to_numpy(), counted["n"].to_numpy()
