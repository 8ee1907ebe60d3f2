"""A test of known accuracy: treat all, treat none, or those whom it picks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.tested import added_by, assay_of
from coley.economics.policy.assay import Accuracy
from coley.economics.policy.biomarker_guided import (
    biomarker_guided,
    value_of_knowing_accuracy,
    value_of_test,
)
from coley.model.answer import Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.worth.told_of_guiding import under
from coley.questions.worth.worked import interval
from coley.stats.decision.acceptability import acceptability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Test, Testing
    from coley.economics.policy.assay import Assay
    from coley.economics.policy.biomarker_guided import Guided as ThreeWays
    from coley.economics.policy.by_response import Added
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

SHARES = 201  # of what patients without the condition gain, among which the break-even is sought


def tests_part(worked: Worked) -> Part:
    """Return what treating by each test of the model is worth; nothing where it names none."""
    part = Part()
    for number, one in enumerate(worked.model.tests, 1):
        place = f"tests.{number}"
        numbers = worked.inputs.numbers
        accuracy = Accuracy(
            *(numbers[f"{place}.{name}"] for name in ("sensitivity", "specificity", "prevalence"))
        )
        parts = added_by(
            worked.drawn,
            one,
            gain_without=numbers[f"{place}.gain_without"],
            drugs_without=numbers[f"{place}.drugs_without"],
        )
        told = three_ways(
            worked, one, place, accuracy=accuracy, parts=parts, n=worked.drawn.draws, table=f"test_{number}"
        )
        part += under(told, one.label) + Part(caveats=(_caveat(one, worked),))
    return part


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
    grid = np.linspace(
        0, worked.settings.highest_threshold * worked.thresholds[-1], worked.settings.curve_points
    )
    return Part(
        estimates=(
            *_worth(worked, found, label, n=n),
            *_share(worked, found, label, n=n),
            *_break_even(worked, accuracy, parts, told, label=label, n=n),
            *_knowing(worked, found, label, n=n),
        ),
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
                    "control": names[1],
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
    over = benefit[:, 2:] - benefit[:, :2]
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


def _break_even(
    worked: Worked, accuracy: Accuracy, parts: Added, assay: Assay, *, label: str, n: int
) -> list[Estimate]:
    """Return how much patients without the condition must gain for treating all to be as good."""
    shares = np.linspace(0, 1, SHARES)
    over = np.empty((SHARES, len(parts.cost)))
    for i, share in enumerate(shares):
        other = replace(parts, gain_without=np.full(len(parts.cost), share))
        found = biomarker_guided(accuracy, *other.by_condition(accuracy.prevalence), assay=assay)
        benefit = worked.threshold * found.effects - found.costs
        over[i] = benefit[:, 2] - benefit[:, 0]
    mean = over.mean(axis=1)
    if not (mean[0] > 0 > mean[-1]):
        return []
    first = (over <= 0).argmax(axis=0)
    each = np.where((over <= 0).any(axis=0), shares[first], 1.0)
    return [
        Estimate(
            "gain_without_response_at_which_treating_all_is_as_good",
            float(np.interp(0, -mean, shares)),
            *interval(each, worked.settings.level),
            n=n,
            unit="proportion",
            method="biomarker_guided",
            level=worked.settings.level,
            group=label,
            note="of the gain with it; above it the test withholds too much",
        )
    ]


def _knowing(worked: Worked, found: ThreeWays, label: str, *, n: int) -> list[Estimate]:
    """Return what knowing the accuracy exactly is worth, where it is in doubt."""
    try:
        known = value_of_knowing_accuracy(found, [worked.threshold])
    except NotEstimable:
        return []
    name = "accuracy" if "accuracy" in known.names else known.names[0]
    at = known.names.index(name)
    value, se = float(known.value[at, 0]), float(known.se[at, 0])
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
            note="per patient; interval of Monte Carlo error",
        )
    ]


def _results(worked: Worked, found: ThreeWays, names: tuple[str, ...]) -> pl.DataFrame:
    rows = []
    at = acceptability(found.costs, found.effects, worked.thresholds)
    for i, name in enumerate(names):
        for k, threshold in enumerate(worked.thresholds):
            benefit = threshold * found.effects - found.costs
            over = benefit[:, i] - benefit[:, 1]
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


def _caveat(one: Test, worked: Worked) -> str:
    return (
        f"Treating by {one.label}: {worked.label(one.treated)} against {worked.label(one.otherwise)} is taken to be "
        f"worth more in patients with the condition ({one.condition}), as the model file says; whether that is so only "
        "a randomised comparison by the test's result shows. All patients together gain what the model's curves say."
    )
