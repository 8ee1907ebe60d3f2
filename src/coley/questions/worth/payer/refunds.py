"""Outcome-based prices: what a refund pays back, whether it makes a treatment worth it, and what the payer risks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.model.words import format_number
from coley.questions.worth.payer.refunded import SURE, Refunded, refunded
from coley.questions.worth.worked import interval
from coley.stats.decision.icer import fieller

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

SHARES = np.linspace(0, 1, 51)  # paid back, on the figure
VISIBLE = 0.005  # of a probability: a refund that moves it less needs no figure
COLLECTED = (
    "A refund supposes that failure is seen, dated and reported for every patient; what it costs to collect is not "
    "in here. Everything else on this page, the budget among it, is at the price before a refund."
)
ORDER = (
    "{label} is given until a time of its own, not until progression: whoever stops first is taken to progress first, "
    "and doses after progression are not paid back."
)
LOWERED = (
    "In {share} of draws more patients responded by month {months:g} than were then treated with {label}; they were "
    "taken to be as many, which makes the refund a little larger."
)


def refunds_part(worked: Worked) -> Part:
    """Return what each refund of the model comes to; nothing where it agrees on none."""
    found = [refunded(worked, refund) for refund in worked.model.refunds]
    if not found:
        return Part()
    part = Part()
    for number, one in enumerate(found, 1):
        part += _told(worked, one, number)
    tables = {"refund_by_threshold": pl.concat([_by_threshold(worked, one) for one in found])}
    risks = [_risks(one) for one in found if one.risk is not None]
    if risks:
        tables["payers_risk"] = pl.concat(risks)
    return part + Part(tables=tables, caveats=(COLLECTED,))


def _told(worked: Worked, one: Refunded, number: int) -> Part:
    """Return estimates, the figure and the caveats of one refund."""
    currency, level = worked.model.currency, worked.settings.level
    draws = one.added.cost - one.drawn.agreed
    n, against = len(draws), worked.labels[worked.comparator]
    whole = worked.whole_price(one.refund.strategy, one.refund.drug)

    def estimate(
        name: str, value: float | None, values: Floats, *, unit: str, method: str, note: str = ""
    ) -> Estimate:
        low, high = interval(values, level)
        return Estimate(
            name,
            value,
            low,
            high,
            n=n,
            unit=unit,
            method=method,
            level=level,
            group=one.group,
            note=note,
        )

    estimates = [
        estimate(
            "refund_per_patient",
            one.back,
            one.drawn.agreed,
            unit=currency,
            method=one.method,
            note=f"paid back for {one.base.refunded[0]:.0%} of patients; base case, interval of the draws"
            + (f"; {one.refund.source}" if one.refund.source else ""),
        ),
        estimate(
            "price_after_refund",
            1 - one.back / one.spent,
            1 - one.drawn.agreed / one.added.drug,
            unit=f"of {whole}",
            method=one.method,
            note="of what the drug costs a patient on average; discount that is worth as much: "
            f"{one.back / one.spent:.1%}",
        ),
        _icer(worked, one, draws),
    ]
    for k, threshold in enumerate(worked.thresholds):
        benefit = threshold * one.added.effect - draws
        before = float((threshold * one.added.effect > one.added.cost).mean())
        estimates += [
            estimate(
                f"net_benefit_with_refund_at_{threshold:.0f}",
                threshold * one.effect - one.cost + one.back,
                benefit,
                unit=currency,
                method="net_benefit",
                note=f"against {against}; worth it in {(benefit > 0).mean():.0%} of draws, without refund in "
                f"{before:.0%}",
            ),
            _needed(one, k, threshold, level=level, whole=whole),
        ]
    if one.risk is not None:
        estimates += _at_risk(worked, one)
    caveats = []
    if worked.model.strategies[one.refund.strategy].on_treatment != "pfs":
        caveats.append(ORDER.format(label=one.label))
    if one.drawn.lowered:
        caveats.append(
            LOWERED.format(share=f"{one.drawn.lowered:.1%}", months=one.refund.last_months, label=one.label)
        )
    told = Part(estimates=tuple(estimates), caveats=tuple(caveats))
    table, chances = f"refund_chances_{number}", _chances(worked, one)
    if max(np.ptp(curve["value"].to_numpy()) for _, curve in chances.group_by("group")) < VISIBLE:
        return told
    return told + Part(
        tables={table: chances},
        figures=(
            Figure(
                "line_band",
                table,
                f"How much must be paid back for {one.label} to be worth it against {against}",
                f"Agreed here: {one.terms}. Dashed: as likely as not.",
                options={
                    "x_title": f"Paid back (%) of what {one.refund.drug} has cost patients {one.who}",
                    "y_title": "Probability of being worth it",
                    "percent": True,
                    "reference": 0.5,
                },
            ),
        ),
    )


def _icer(worked: Worked, one: Refunded, cost: Floats) -> Estimate:
    level = worked.settings.level
    found = fieller(cost, one.added.effect, level=level)
    whole = found.kind == "interval" and np.isfinite(found.value)
    left = one.cost - one.back
    dearer = one.cost > 0 and one.effect > 0
    return Estimate(
        "icer_with_refund",
        left / one.effect if left > 0 and one.effect > 0 else None,
        found.low if whole else None,
        found.high if whole else None,
        n=len(cost),
        unit=f"{worked.model.currency} per QALY",
        method="fieller",
        level=level,
        group=one.group,
        note=found.position
        + (f"; without refund {format_number(round(one.cost / one.effect))}" if dearer else ""),
    )


def _needed(one: Refunded, k: int, threshold: float, *, level: float, whole: str) -> Estimate:
    found = one.needed
    value = float(found.expected[k])
    share = f"of what {one.refund.drug} has cost patients {one.who}"
    if value > 1:
        note = f"{share}; above 100 %: all of it is not enough"
    elif value == 0:
        note = f"{share}; it is worth it without a refund"
    else:
        note = f"{share}; the price is then {found.net_price[k]:.0%} of the {whole}"
    return Estimate(
        f"refund_needed_at_{threshold:.0f}",
        value,
        float(found.low[k]),
        float(found.high[k]),
        n=found.n,
        unit="proportion",
        method="refund_at_threshold",
        level=level,
        group=one.group,
        note=note,
    )


def _at_risk(worked: Worked, one: Refunded) -> list[Estimate]:
    """Return what a payer will spend on a patient under the refund, and under a flat discount of the same mean."""
    risk, patients = one.risk, one.refund.patients
    if risk is None or patients is None:
        return []
    told = []
    for name, found in (("refund", risk.refund), ("flat_discount", risk.flat)):
        over = (
            f"; above the budget with probability {found.above_budget:.0%}"
            if np.isfinite(found.above_budget)
            else ""
        )
        told.append(
            Estimate(
                f"drug_cost_per_patient_with_{name}",
                found.interval.value,
                found.interval.low,
                found.interval.high,
                n=len(found.each),
                unit=worked.model.currency,
                method="payers_risk",
                level=found.interval.level,
                group=one.group,
                note=f"mean of {patients:,} patients, undiscounted; SD {format_number(round(found.sd))}{over}"
                + (f"; a discount of {risk.discount:.1%}" if name == "flat_discount" else ""),
            )
        )
    return told


def _by_threshold(worked: Worked, one: Refunded) -> pl.DataFrame:
    """Return, by threshold, what the refund makes of the choice, and how much of it would be needed."""
    rows = []
    for k, threshold in enumerate(worked.thresholds):
        benefit = threshold * one.added.effect - one.added.cost
        with_it = benefit + one.drawn.agreed
        rows.append(
            {
                "agreement": one.group,
                "threshold": float(threshold),
                "probability": float((benefit > 0).mean()),
                "probability_with_refund": float((with_it > 0).mean()),
                "needed_on_means": float(one.needed.expected[k]),
                **{
                    f"needed_for_{p:.0%}": float(one.needed.with_probability[j, k])
                    for j, p in enumerate(SURE)
                },
            }
        )
    return pl.DataFrame(rows)


def _risks(one: Refunded) -> pl.DataFrame:
    risk = one.risk
    kinds = (
        {} if risk is None else {one.terms: risk.refund, f"flat discount of {risk.discount:.1%}": risk.flat}
    )
    return pl.DataFrame(
        [
            {
                "agreement": one.group,
                "payment": payment,
                "patients": one.refund.patients,
                "mean": found.interval.value,
                "low": found.interval.low,
                "high": found.interval.high,
                "sd": found.sd,
                "sd_of_chance_alone": found.sd_chance,
                "above_budget": found.above_budget if np.isfinite(found.above_budget) else None,
            }
            for payment, found in kinds.items()
        ],
        schema_overrides={"above_budget": pl.Float64},
    )


def _chances(worked: Worked, one: Refunded) -> pl.DataFrame:
    """Return the probability of being worth it by the share paid back, one curve a threshold."""
    frames = []
    for threshold in worked.thresholds:
        benefit = threshold * one.added.effect - one.added.cost
        needed = np.sort(-benefit / one.drawn.everything)  # more than nothing is spent on them in every draw
        chance = np.searchsorted(needed, SHARES, side="left") / len(needed)
        frames.append(
            pl.DataFrame(
                {
                    "x": 100 * SHARES,
                    "value": chance,
                    "group": f"at {format_number(round(threshold))} {worked.model.currency} per QALY",
                }
            )
        )
    return pl.concat(frames).with_columns(
        pl.lit(None, dtype=pl.Float64).alias("low"), pl.lit(None, dtype=pl.Float64).alias("high")
    )
