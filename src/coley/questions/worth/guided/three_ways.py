"""Three ways to treat, over a lifetime and in every draw: everybody, nobody, or those whom a test picks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.tested import assay_of
from coley.economics.policy.biomarker_guided import (
    biomarker_guided,
    value_of_knowing_accuracy,
    value_of_test,
)
from coley.model.answer import Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.worth.guided.told import LEAST, round_thresholds
from coley.questions.worth.worked import interval
from coley.stats.decision.acceptability import acceptability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Testing
    from coley.economics.policy.assay import Accuracy, Assay
    from coley.economics.policy.biomarker_guided import Guided as ThreeWays
    from coley.economics.policy.by_response import Added
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

SHARES = 101  # of what patients with the condition gain, that others may gain: whole percents
ALL, NONE, GUIDED = range(3)  # columns


def three_ways(
    worked: Worked,
    one: Testing,
    place: str,
    *,
    accuracy: Accuracy,
    parts: Added,
    n: int,
    table: str,
    label: str = "",
) -> Part:
    """Return treating all, none and those whom a test picks, over a lifetime and in every draw.

    Parameters
    ----------
    one, place
        The test, and where it stands in the model file.
    accuracy
        Its draws.
    parts
        What treatment adds.
    n
        Patients, or draws, that the numbers rest on.
    table
        First part of the names of its tables.
    label
        What the test is called, where not by its name.
    """
    label = label or one.name
    told = assay_of(one, place, worked.inputs.numbers, alive=worked.base_curves.curves[f"{one.otherwise}.os"])
    found = biomarker_guided(accuracy, *parts.by_condition(accuracy.prevalence), assay=told)
    names = (
        f"{worked.label(one.treated)} for all",
        f"{worked.label(one.otherwise)} for all",
        f"guided by {label}",
    )
    currency = worked.model.currency
    at, most = _most(worked, found, label, n=n)
    grid = np.linspace(
        0,
        max(worked.settings.highest_threshold * worked.thresholds[-1], 2 * at),
        worked.settings.curve_points,
    )
    return Part(
        estimates=(
            *_worth(worked, found, label, n=n),
            *_share(worked, found, label, n=n),
            *most,
            *_knowing(worked, found, label, n=n, at=at),
        ),
        caveats=_bears(worked, accuracy, parts, told, label=label, at=at),
        tables={
            table: _results(worked, found, names),
            f"{table}_acceptability": _acceptability(found, names, grid),
        },
        figures=(
            Figure(
                "acceptability",
                f"{table}_acceptability",
                f"How probably it is best to treat by {label}",
                "Each patient's treatment by the test, against one treatment for all; the heavy line is the one to "
                "choose.",
                options={
                    "currency": currency,
                    "thresholds": list(worked.thresholds),
                    "strategies": list(names),
                    "control": names[NONE],
                },
            ),
        ),
    )


def _worth(worked: Worked, found: ThreeWays, label: str, *, n: int) -> list[Estimate]:
    """Return net benefit over both alternatives and the highest cost of testing, at the one threshold."""
    k, currency = worked.threshold, worked.model.currency
    value = value_of_test(found, [k], level=worked.settings.level)
    told = [
        Estimate(
            f"guided_vs_treat_{name}",
            over.value[0],
            over.low[0],
            over.high[0],
            n=n,
            unit=currency,
            method="value_of_test",
            level=over.level,
            group=label,
            note=f"better with probability {beats[0]:.2f}",
        )
        for name, over, beats in (
            ("all", value.over_all, value.beats_all),
            ("none", value.over_none, value.beats_none),
        )
    ]
    benefit = k * found.effects - found.costs
    over = benefit[:, GUIDED:] - benefit[:, :GUIDED]
    room = over[:, int(over.mean(axis=0).argmin())] + found.testing
    best = float((over > 0).all(axis=1).mean())
    told.append(
        Estimate(
            "highest_cost_of_testing",
            float(value.highest_cost[0]),
            *interval(room, worked.settings.level),
            n=n,
            unit=currency,
            method="value_of_test",
            level=worked.settings.level,
            group=label,
            note=f"per patient tested, against the better alternative; now {found.testing.mean():,.0f}; guided is the "
            f"best of all three with probability {best:.2f}"
            + ("; below 0: not even a free test is worth it" if value.highest_cost[0] < 0 else ""),
        )
    )
    return told


def _most(worked: Worked, found: ThreeWays, label: str, *, n: int) -> tuple[float, list[Estimate]]:
    """Return the threshold at which guiding adds most (that of the answer where it adds nothing), and how much."""
    money, health = (float((x[:, ALL] - x[:, NONE]).mean()) for x in (found.costs, found.effects))
    grid = round_thresholds(money / health if money > 0 < health else 0.0, worked)
    gain = value_of_test(found, grid, level=worked.settings.level).gain
    k = float(grid[int(gain.argmax())])
    if not gain.max() > LEAST:
        return worked.threshold, []
    benefit = k * found.effects - found.costs
    other = int(benefit[:, :GUIDED].mean(axis=0).argmax())
    better = grid[gain > LEAST]
    currency = worked.model.currency
    return k, [
        Estimate(
            "most_added_by_guiding",
            float(gain.max()),
            *interval(benefit[:, GUIDED] - benefit[:, other], worked.settings.level),
            n=n,
            unit=currency,
            method="value_of_test",
            level=worked.settings.level,
            group=label,
            note=f"over the better of treating all and none, at {k:,.0f} {currency} per QALY, the best of the "
            f"thresholds tried; above 0 from {better.min():,.0f} to {better.max():,.0f}",
        )
    ]


def _share(worked: Worked, found: ThreeWays, label: str, *, n: int) -> list[Estimate]:
    return [
        Estimate(
            "share_treated",
            float(found.treated.mean()),
            *interval(found.treated, worked.settings.level),
            n=n,
            unit="proportion",
            method="biomarker_guided",
            level=worked.settings.level,
            group=label,
        )
    ]


def _bears(
    worked: Worked, accuracy: Accuracy, parts: Added, assay: Assay, *, label: str, at: float
) -> tuple[str, ...]:
    """Say how much patients without the condition may gain for guiding still to add something."""
    shares = np.linspace(0, 1, SHARES)
    gain = np.empty(SHARES)
    for i, share in enumerate(shares):
        other = replace(parts, gain_without=np.full(len(parts.cost), share))
        found = biomarker_guided(accuracy, *other.by_condition(accuracy.prevalence), assay=assay)
        gain[i] = value_of_test(found, [at]).gain[0]
    if not gain[0] > LEAST:
        return ()
    lost = gain <= 0
    limit = (
        f"nothing any more where they gain {shares[lost.argmax()]:.0%} or more of it"
        if lost.any()
        else "something however much they gain"
    )
    return (
        f"Guided by {label} at {at:,.0f} {worked.model.currency} per QALY: if patients whom the test should not pick "
        f"gain nothing by treatment, guiding adds {gain[0]:,.0f} to the better of treating all and none, and {limit}.",
    )


def _knowing(worked: Worked, found: ThreeWays, label: str, *, n: int, at: float) -> list[Estimate]:
    """Return what knowing the accuracy exactly is worth, where it is in doubt."""
    try:
        known = value_of_knowing_accuracy(found, [at])
    except NotEstimable:
        return []
    name = "accuracy" if "accuracy" in known.names else known.names[0]
    row = known.names.index(name)
    value, se = float(known.value[row, 0]), float(known.se[row, 0])
    return [
        Estimate(
            f"value_of_knowing_{name}",
            value,
            max(value - 1.96 * se, 0.0),
            value + 1.96 * se,
            n=n,
            unit=worked.model.currency,
            method="evppi",
            level=0.95,
            group=label,
            note=f"per patient, at {at:,.0f} {worked.model.currency} per QALY; interval of Monte Carlo error",
        )
    ]


def _results(worked: Worked, found: ThreeWays, names: tuple[str, ...]) -> pl.DataFrame:
    rows = []
    at = acceptability(found.costs, found.effects, worked.thresholds)
    for i, name in enumerate(names):
        for k, threshold in enumerate(worked.thresholds):
            benefit = threshold * found.effects - found.costs
            over = benefit[:, i] - benefit[:, NONE]
            low, high = interval(over, worked.settings.level)
            rows.append(
                {
                    "strategy": name,
                    "threshold": threshold,
                    "cost": float(found.costs[:, i].mean()),
                    "qalys": float(found.effects[:, i].mean()),
                    "net_benefit_over_none": float(over.mean()),
                    "low": low,
                    "high": high,
                    "probability_best": float(at.probability[k, i]),
                    "to_choose": bool(at.best[k] == i),
                }
            )
    return pl.DataFrame(rows)


def _acceptability(found: ThreeWays, names: tuple[str, ...], grid: Floats) -> pl.DataFrame:
    curves = acceptability(found.costs, found.effects, grid)
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "threshold": grid,
                    "strategy": name,
                    "probability": curves.probability[:, i],
                    "frontier": curves.best == i,
                }
            )
            for i, name in enumerate(names)
        ]
    )
