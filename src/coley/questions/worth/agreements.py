"""Outcome-based prices: what a refund pays back, whether it makes a treatment worth it, and what the payer risks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.agreements import PaidBackByDraw, base_paid_back, cash, paid_back
from coley.economics.policy.increment import Increment, increment
from coley.economics.policy.payers_risk import payers_risk
from coley.economics.policy.refund import Refund as Needed
from coley.economics.policy.refund import refund_at_threshold
from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.model.words import format_number
from coley.questions.worth.worked import interval
from coley.stats.decision.icer import fieller

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.agreements import Refund
    from coley.economics.policy.payers_risk import PayersRisk
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

SURE = (0.5, 0.8, 0.95)  # probabilities of being worth it for which a refund is sought
SHARES = np.linspace(0, 1, 51)  # paid back, on the figure
COLLECTED = (
    "A refund supposes that failure is seen, dated and reported for every patient; what it costs to collect is not "
    "in here."
)
ORDER = (
    "{label} is given until a time of its own, not until progression: whoever stops first is taken to progress first, "
    "and doses after progression are not paid back."
)
LOWERED = (
    "In {share} of draws more patients responded by month {months:g} than were then treated with {label}; they were "
    "taken to be as many, which makes the refund a little larger."
)


@dataclass(frozen=True, eq=False)
class _Found:
    """One refund with what it comes to."""

    refund: Refund
    number: int
    label: str
    drug: str
    terms: str
    method: str
    base: PaidBackByDraw
    drawn: PaidBackByDraw
    added: Increment
    base_added: tuple[float, float, float]
    needed: Needed
    risk: PayersRisk | None

    @property
    def group(self) -> str:
        return f"{self.label}: {self.drug}, {self.terms}"


def refunds_part(worked: Worked) -> Part:
    """Return what each refund of the model comes to; nothing where it agrees on none."""
    part = Part()
    found = [_worked_out(worked, refund, number) for number, refund in enumerate(worked.model.refunds, 1)]
    for one in found:
        part += _told(worked, one)
    if not found:
        return part
    tables = {"refund_by_threshold": pl.concat([_by_threshold(worked, one) for one in found])}
    risks = [_risks(one) for one in found if one.risk is not None]
    if risks:
        tables["payers_risk"] = pl.concat(risks)
    return part + Part(tables=tables, caveats=(COLLECTED,))


def _worked_out(worked: Worked, refund: Refund, number: int) -> _Found:
    prepared, name = worked.prepared, refund.strategy
    new, old = worked.names.index(name), worked.comparator
    drawn = paid_back(prepared, refund, worked.inputs, seed=worked.seed)
    base, totals = worked.base, worked.drawn
    added = increment(
        totals.costs[:, new] - totals.costs[:, old],
        totals.effects[:, new] - totals.effects[:, old],
        worked.spent_on(name, refund.drug),  # of the strategy alone: the refund is a part of it
    )
    risk = None
    if refund.patients is not None:
        risk = payers_risk(
            cash(prepared, refund, worked.inputs, seed=worked.seed),
            refund.patients,
            budget=None if refund.budget is None else refund.budget / refund.patients,
            seed=worked.seed,
            level=worked.settings.level,
        )
    return _Found(
        refund,
        number,
        worked.label(name),
        refund.drug,
        terms(refund),
        "refundable_cost" if refund.stages else "nonresponder_cost",
        base_paid_back(prepared, refund),
        drawn,
        added,
        (
            float(base.costs[0, new] - base.costs[0, old]),
            float(base.effects[0, new] - base.effects[0, old]),
            float(base.categories[name, refund.drug][0]),
        ),
        refund_at_threshold(
            added,
            drawn.everything,
            np.array(worked.thresholds),
            probabilities=SURE,
            level=worked.settings.level,
        ),
        risk,
    )


def terms(refund: Refund) -> str:
    """Return what was agreed in words: "50 % back on failure by month 6"."""
    if refund.non_response is not None:
        return (
            f"{refund.non_response.share:.0%} back without response by month {refund.last_months:g}".replace(
                "%", " %"
            )
        )
    starts = [0.0, *(stage.by_months for stage in refund.stages)]
    told = [
        f"{stage.share:.0%} back on failure "
        + (f"by month {stage.by_months:g}" if start == 0 else f"in months {start:g} to {stage.by_months:g}")
        for start, stage in zip(starts, refund.stages, strict=False)
    ]
    return ", ".join(told).replace("%", " %")


def _told(worked: Worked, one: _Found) -> Part:
    """Return estimates, the figure and the caveats of one refund."""
    currency, level = worked.model.currency, worked.settings.level
    cost, effect, spent = one.base_added
    back = float(one.base.agreed[0])
    draws = one.added.cost - one.drawn.agreed
    n, against = len(draws), worked.labels[worked.comparator]

    def estimate(
        name: str, value: float | None, values: Floats, *, unit: str, method: str, note: str = ""
    ) -> Estimate:
        low, high = interval(values, level)
        return Estimate(
            name, value, low, high, n=n, unit=unit, method=method, level=level, group=one.group, note=note
        )

    estimates = [
        estimate(
            "refund_per_patient",
            back,
            one.drawn.agreed,
            unit=currency,
            method=one.method,
            note=f"paid back for {one.base.refunded[0]:.0%} of patients; base case, interval of the draws"
            + (f"; {one.refund.source}" if one.refund.source else ""),
        ),
        estimate(
            "price_after_refund",
            1 - back / spent,
            1 - one.drawn.agreed / one.added.drug,
            unit="of list price",
            method=one.method,
            note="of what the drug costs a patient on average; discount that is worth as much: "
            f"{back / spent:.1%}",
        ),
        _icer(worked, one, cost - back, effect, cost_draws=draws),
    ]
    for k, threshold in enumerate(worked.thresholds):
        benefit = threshold * one.added.effect - draws
        before = float((threshold * one.added.effect > one.added.cost).mean())
        estimates += [
            estimate(
                f"net_benefit_with_refund_at_{threshold:.0f}",
                threshold * effect - cost + back,
                benefit,
                unit=currency,
                method="net_benefit",
                note=f"against {against}; worth it in {(benefit > 0).mean():.0%} of draws, without refund in "
                f"{before:.0%}",
            ),
            _needed(one, k, threshold, level=level),
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
    table = f"refund_chances_{one.number}"
    return Part(
        estimates=tuple(estimates),
        tables={table: _chances(worked, one)},
        figures=(
            Figure(
                "line_band",
                table,
                f"How much must be paid back for {one.label} to be worth it against {against}",
                f"Paid back of what {one.drug} has cost patients {_who(one.refund)}; agreed here: {one.terms}.",
                options={
                    "x_title": f"Share paid back, {one.drug}, patients {_who(one.refund)}",
                    "y_title": "Probability of being worth it",
                    "percent": True,
                },
            ),
        ),
        caveats=tuple(caveats),
    )


def _who(refund: Refund) -> str:
    failing = "without a response" if refund.non_response is not None else "who progressed or died"
    return f"{failing} by month {refund.last_months:g}"


def _icer(worked: Worked, one: _Found, cost: float, effect: float, *, cost_draws: Floats) -> Estimate:
    found = fieller(cost_draws, one.added.effect, level=worked.settings.level)
    whole = found.kind == "interval" and np.isfinite(found.value)
    without = one.base_added[0] / one.base_added[1]
    return Estimate(
        "icer_with_refund",
        cost / effect if cost > 0 and effect > 0 else None,
        found.low if whole else None,
        found.high if whole else None,
        n=len(cost_draws),
        unit=f"{worked.model.currency} per QALY",
        method="fieller",
        level=worked.settings.level,
        group=one.group,
        note=f"{found.position}; without refund {format_number(round(without))}"
        if one.base_added[0] > 0 and effect > 0
        else found.position,
    )


def _needed(one: _Found, k: int, threshold: float, *, level: float) -> Estimate:
    found = one.needed
    value = float(found.expected[k])
    if value > 1:
        note = "above 1: not even where all of it is paid back"
    elif value == 0:
        note = "0: it is worth it without a refund"
    else:
        note = f"on means of the draws; the price is then {found.net_price[k]:.0%} of the list price"
    return Estimate(
        f"refund_worth_it_at_{threshold:.0f}",
        value,
        float(found.low[k]),
        float(found.high[k]),
        n=found.n,
        unit=f"of the cost of patients {_who(one.refund)}",
        method="refund_at_threshold",
        level=level,
        group=one.group,
        note=note,
    )


def _at_risk(worked: Worked, one: _Found) -> list[Estimate]:
    """Return what a payer will spend on a patient under the refund, and under a flat discount of the same mean."""
    risk, patients = one.risk, one.refund.patients
    if risk is None or patients is None:
        return []
    told = []
    for name, found in (("refund", risk.refund), ("flat_discount", risk.flat)):
        over = (
            f"; above the budget in {found.above_budget:.0%} of groups"
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
                note=f"mean of {patients:,} patients, undiscounted; limits hold that share of such groups{over}"
                + (f"; discount {risk.discount:.1%}" if name == "flat_discount" else ""),
            )
        )
    return told


def _by_threshold(worked: Worked, one: _Found) -> pl.DataFrame:
    """Return, by threshold, what the refund makes of the choice, and how much of it would be needed."""
    rows = []
    for k, threshold in enumerate(worked.thresholds):
        benefit = threshold * one.added.effect - one.added.cost
        with_it = benefit + one.drawn.agreed
        rows.append(
            {
                "agreement": one.group,
                "threshold": float(threshold),
                "net_benefit": float(benefit.mean()),
                "net_benefit_with_refund": float(with_it.mean()),
                "probability": float((benefit > 0).mean()),
                "probability_with_refund": float((with_it > 0).mean()),
                "share_needed_on_means": float(one.needed.expected[k]),
                **{
                    f"share_needed_with_{p:.0%}": float(one.needed.with_probability[j, k])
                    for j, p in enumerate(SURE)
                },
            }
        )
    return pl.DataFrame(rows)


def _risks(one: _Found) -> pl.DataFrame:
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


def _chances(worked: Worked, one: _Found) -> pl.DataFrame:
    """Return the probability of being worth it by the share paid back, one curve a threshold."""
    frames = []
    for threshold in worked.thresholds:
        benefit = threshold * one.added.effect - one.added.cost
        chance = (benefit + SHARES[:, None] * one.drawn.everything > 0).mean(axis=1)
        frames.append(
            pl.DataFrame(
                {
                    "x": SHARES,
                    "value": chance,
                    "group": f"at {format_number(round(threshold))} {worked.model.currency} per QALY",
                }
            )
        )
    return pl.concat(frames).with_columns(
        pl.lit(None, dtype=pl.Float64).alias("low"), pl.lit(None, dtype=pl.Float64).alias("high")
    )
