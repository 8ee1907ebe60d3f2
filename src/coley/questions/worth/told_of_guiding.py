"""How guided treatment is told: money per patient, by cut-off, and what guiding adds by threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.tested import assay_of
from coley.economics.model_file.parse import quantities
from coley.economics.policy.marker_guided import marker_guided
from coley.economics.policy.score_guided import score_guided
from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.stats.proportions import wilson

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Guided
    from coley.economics.policy.gains import Gains
    from coley.economics.policy.score_guided import ScoreGuided
    from coley.questions.worth.patients import Patients
    from coley.questions.worth.worked import Worked
    from coley.stats.values import Interval

    Floats = NDArray[np.float64]

AROUND = 25  # thresholds at which the cut-off is chosen anew, for the figure
RESAMPLES = 60  # at each of them: the band needs no more
GUIDED, ALL = "guided by the marker", "everybody treated"


@dataclass(frozen=True, slots=True)
class Tested:
    """What testing does to guided treatment, at the estimates of its inputs."""

    cost: float
    decided: float
    untold: float


def tested(one: Guided, place: str, worked: Worked) -> Tested:
    """Return the cost of testing, and the shares for whom it decides and who are treated without a result."""
    numbers = {name: np.array([number.value]) for name, number in quantities(worked.model).items()}
    found = assay_of(one, place, numbers, alive=worked.base_curves.curves[f"{one.otherwise}.os"])
    return Tested(float(found.all_costs[0]), float(found.decided[0]), float(found.treated_untold[0]))


def money(
    worked: Worked, name: str, found: Interval, n: int, *, method: str, group: str, note: str = ""
) -> Estimate:
    """Return money per patient; positive where guiding, or treating, is worth more."""
    return Estimate(
        name,
        found.value,
        found.low,
        found.high,
        n=n,
        unit=worked.model.currency,
        method=method,
        level=found.level,
        group=group,
        note=note,
    )


def chance(probability: float) -> str:
    """Return how probably it is better."""
    return f"better with probability {probability:.2f}"


def share(name: str, picked: float, n: int, *, worked: Worked, group: str, note: str = "") -> Estimate:
    """Return a share of patients with Wilson's limits; `picked` may be a mean over partitions."""
    found = wilson(round(picked), n, level=worked.settings.level)[0]
    return Estimate(
        name,
        picked / n,
        found.low,
        found.high,
        n=n,
        unit="proportion",
        method="wilson",
        level=found.level,
        group=group,
        note=note,
    )


def by_cutoff(
    who: Patients, gains_at: Callable[[float], Gains], one: Guided, worked: Worked, place: str
) -> Part:
    """Return what a score with a cut-off chosen by net benefit is worth, judged on patients left out of the choice."""
    test = tested(one, place, worked)
    responded = who.response if one.response else None
    at = {
        threshold: score_guided(
            who.marker,
            gains_at(threshold),
            cost=test.cost,
            decided=test.decided,
            untold=test.untold,
            level=worked.settings.level,
            seed=worked.seed,
        )
        for threshold in worked.thresholds
    }
    found = at[worked.threshold]
    label = f"{one.marker}: best to treat {_whom(found.best.value)}"
    note = f"cut-off chosen without the patients it is judged on; apparent {found.apparent:,.0f}"
    estimates = [
        money(
            worked,
            f"guided_vs_treat_{name}",
            over,
            found.n,
            method="score_guided",
            group=label,
            note=f"{chance(beats)}; {note}",
        )
        for name, over, beats in (
            ("all", found.over_all, found.beats_all),
            ("none", found.over_none, found.beats_none),
        )
    ]
    estimates += _picked(found, worked, label, responded)
    table = f"guided_by_{one.marker}"
    curve, along = f"{table}_by_cutoff", f"{table}_by_threshold"
    currency = worked.model.currency
    return Part(
        estimates=tuple(estimates),
        tables={
            table: pl.DataFrame([_row(found, threshold, responded) for threshold, found in at.items()]),
            curve: _curve(found),
            along: _along(who, gains_at, test, worked),
        },
        figures=(
            Figure(
                "line_band",
                curve,
                f"Treating patients at or above a cut-off of {one.marker}, at {worked.threshold:,.0f} {currency} per "
                "QALY",
                "Net benefit over treating nobody, after testing, on the patients themselves: the highest point "
                "flatters. Choosing it costs what the estimates tell.",
                options={"x_title": one.marker, "y_title": f"Net benefit, {currency}", "reference": 0},
            ),
            Figure(
                "line_band",
                along,
                f"What guiding by {one.marker} adds to the better of treating all and treating none",
                "Cut-off chosen anew at every threshold and judged on patients left out of the choice. Below 0: the "
                "test is not worth its cost.",
                options={
                    "x_title": f"Threshold, {currency} per QALY",
                    "y_title": f"Net benefit, {currency}",
                    "reference": 0,
                },
            ),
        ),
    )


def fixed_cutoff(who: Patients, gains: Gains, one: Guided, worked: Worked, place: str) -> Part:
    """Return what a marker with a cut-off that was fixed beforehand is worth by its patients' gains."""
    assert one.cutoff is not None
    positive, test = who.marker >= one.cutoff, tested(one, place, worked)
    found = marker_guided(
        positive,
        gains,
        cost=test.cost,
        decided=test.decided,
        untold=test.untold,
        level=worked.settings.level,
    )
    label = f"{one.marker} at or above {one.cutoff:g}"
    told = (
        ("guided_vs_treat_all", found.over_all, found.n, chance(found.beats_all)),
        ("guided_vs_treat_none", found.over_none, found.n, chance(found.beats_none)),
        ("gain_among_positive", found.among_positive, found.positives, ""),
        ("gain_among_negative", found.among_negative, found.n - found.positives, ""),
        ("gain_positive_less_negative", found.difference, found.n, ""),
    )
    return Part(
        estimates=(
            *(
                money(worked, name, value, n, method="marker_guided", group=label, note=note)
                for name, value, n, note in told
            ),
            share("share_treated", found.positives, found.n, worked=worked, group=label),
        )
    )


def _whom(cutoff: float) -> str:
    return (
        "all patients"
        if np.isneginf(cutoff)
        else "nobody"
        if np.isposinf(cutoff)
        else f"{cutoff:.3g} and above"
    )


def _picked(
    found: ScoreGuided, worked: Worked, label: str, responded: NDArray[np.bool_] | None
) -> list[Estimate]:
    """Return the cut-off, and whom cut-offs chosen without them pick."""
    note = "by cut-offs chosen without the patients themselves"
    told = []
    if np.isfinite(found.best.value):
        told.append(
            Estimate(
                "best_cutoff",
                found.best.value,
                found.best.low,
                found.best.high,
                n=found.n,
                unit="score",
                method="score_guided",
                level=found.best.level,
                group=label,
                note=f"limits of resampled patients; a cut-off beats treating all and none in {found.kept:.0%} of them",
            )
        )
    told.append(share("share_treated", found.picked.sum(), found.n, worked=worked, group=label, note=note))
    if responded is not None:
        count = int(responded.sum())
        for name, picked, n in (
            ("sensitivity", found.picked[responded].sum(), count),
            ("specificity", (1 - found.picked[~responded]).sum(), found.n - count),
        ):
            told.append(share(name, picked, n, worked=worked, group=label, note=note))
    return told


def _row(found: ScoreGuided, threshold: float, responded: NDArray[np.bool_] | None) -> dict[str, object]:
    by_response = (
        {}
        if responded is None
        else {
            "sensitivity": float(found.picked[responded].mean()),
            "specificity": float(1 - found.picked[~responded].mean()),
        }
    )
    return {
        "threshold": threshold,
        "treat": _whom(found.best.value),
        "cutoff": found.best.value if np.isfinite(found.best.value) else None,
        "share_treated": float(found.picked.mean()),
        **by_response,
        "over_all": found.over_all.value,
        "over_all_low": found.over_all.low,
        "over_all_high": found.over_all.high,
        "beats_all": found.beats_all,
        "over_none": found.over_none.value,
        "over_none_low": found.over_none.low,
        "over_none_high": found.over_none.high,
        "beats_none": found.beats_none,
        "apparent": found.apparent,
    }


def _curve(found: ScoreGuided) -> pl.DataFrame:
    """Net benefit by cut-off, and that of treating everybody beside it."""
    benefit, everybody = found.net_benefit, found.none_to_all
    guided = pl.DataFrame(
        {
            "x": found.cutoffs,
            "group": GUIDED,
            "value": benefit.value,
            "low": benefit.low,
            "high": benefit.high,
            "share_treated": found.treated,
        }
    ).sort("x")
    ends = [float(found.cutoffs.min()), float(found.cutoffs.max())]
    flat = pl.DataFrame(
        {
            "x": ends,
            "group": [ALL] * 2,
            "value": [everybody.value] * 2,
            "low": [everybody.low] * 2,
            "high": [everybody.high] * 2,
            "share_treated": [1.0] * 2,
        }
    )
    return pl.concat([guided, flat])


def _along(who: Patients, gains_at: Callable[[float], Gains], test: Tested, worked: Worked) -> pl.DataFrame:
    top = worked.settings.highest_threshold * worked.thresholds[-1]
    grid = np.linspace(top / AROUND, top, AROUND)
    rows = []
    for threshold in grid:
        found = score_guided(
            who.marker,
            gains_at(float(threshold)),
            cost=test.cost,
            decided=test.decided,
            untold=test.untold,
            repeats=10,
            resamples=RESAMPLES,
            level=worked.settings.level,
            seed=worked.seed,
        ).corrected
        rows.append({"x": float(threshold), "value": found.value, "low": found.low, "high": found.high})
    return pl.DataFrame(rows)
