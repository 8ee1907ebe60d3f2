"""A score whose cut-off is chosen by net benefit, judged on patients left out of the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.policy.score_guided import ScoreGuided, score_guided
from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.guided.told import (
    LEAST,
    Tested,
    called,
    chance,
    money,
    net_benefits,
    round_thresholds,
    share,
    tested,
)
from coley.stats.values import Interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Guided
    from coley.economics.policy.gains import Gains
    from coley.questions.worth.guided.patients import Patients
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    GainsAt = Callable[[float], Gains]

REPEATS, RESAMPLES = 10, 40  # at each of many thresholds: line and band need no more
LEFT_OUT = "by cut-offs chosen without the patients themselves"


def by_cutoff(who: Patients, gains_at: GainsAt, one: Guided, worked: Worked, place: str) -> Part:
    """Return the best cut-off at each threshold, and what choosing it so is worth.

    Parameters
    ----------
    who
        Patients with their marker.
    gains_at
        From what a QALY may cost to the gains of these patients.
    one, place
        The words, and where they stand in the model file.
    """
    test, responded = tested(one, place, worked), who.response if one.response else None

    def judged(threshold: float, repeats: int = 20, resamples: int = 500) -> ScoreGuided:
        return score_guided(
            who.marker,
            gains_at(threshold),
            cost=test.cost,
            decided=test.decided,
            untold=test.untold,
            repeats=repeats,
            resamples=resamples,
            level=worked.settings.level,
            seed=worked.seed,
        )

    at = {threshold: judged(threshold) for threshold in worked.thresholds}
    along = {float(k): judged(float(k), REPEATS, RESAMPLES).corrected for k in _thresholds(gains_at, worked)}
    shown = _shown({k: found.corrected for k, found in at.items()}, along)
    curve = at[shown] if shown in at else judged(shown, repeats=1, resamples=2)  # its curve alone is drawn
    estimates = [
        estimate
        for threshold, found in sorted(at.items(), key=lambda pair: not np.isfinite(pair[1].best.value))
        for estimate in _told(found, threshold, one, worked, test=test, responded=responded)
    ]
    table = f"guided_by_{one.marker}"
    return Part(
        estimates=(*_most(along, one, worked, n=len(who.marker)), *estimates),
        tables={
            table: pl.DataFrame([_row(found, threshold, responded) for threshold, found in at.items()]),
            f"{table}_net_benefit": net_benefits(at),
            f"{table}_by_cutoff": _curve(curve),
            f"{table}_by_threshold": pl.DataFrame(
                [
                    {"x": float(k), "value": one.value, "low": one.low, "high": one.high}
                    for k, one in along.items()
                ]
            ),
        },
        figures=_figures(table, one, worked, shown=shown),
    )


def _thresholds(gains_at: GainsAt, worked: Worked) -> Floats:
    """Return thresholds around what a QALY costs when everybody is treated."""
    nothing, one = (float(gains_at(threshold).value.mean()) for threshold in (0.0, 1.0))
    cost_per_qaly = -nothing / (one - nothing) if nothing < 0 < one - nothing else 0.0
    return round_thresholds(cost_per_qaly, worked)


def _shown(at: dict[float, Interval], along: dict[float, Interval]) -> float:
    """Return the threshold at which guiding adds most: at others a picture by cut-off shows little."""
    some = at if max(one.value for one in at.values()) > LEAST else along
    return max(some, key=lambda threshold: some[threshold].value)


def _figures(table: str, one: Guided, worked: Worked, *, shown: float) -> tuple[Figure, ...]:
    currency, name = worked.model.currency, called(one)
    return (
        Figure(
            "line_band",
            f"{table}_by_threshold",
            f"What guiding by {name} adds to the better of treating all and treating none",
            "At every threshold the cut-off is chosen anew and judged on patients left out of the choice. Below 0: "
            "testing is not worth its cost.",
            options={
                "x_title": f"Threshold, {currency} per QALY",
                "y_title": f"Net benefit per patient, {currency}",
                "reference": 0,
            },
        ),
        Figure(
            "line_band",
            f"{table}_by_cutoff",
            f"Treating patients at or above a cut-off of {name}, at {shown:,.0f} {currency} per QALY",
            "Net benefit over treating nobody, after testing, on the patients themselves: the highest point flatters, "
            "and the estimates say by how much.",
            options={"x_title": name, "y_title": f"Net benefit per patient, {currency}", "reference": 0},
        ),
    )


def _whom(cutoff: float) -> str:
    return (
        "all patients"
        if np.isneginf(cutoff)
        else "nobody"
        if np.isposinf(cutoff)
        else f"{cutoff:.3g} and above"
    )


def _told(
    found: ScoreGuided,
    threshold: float,
    one: Guided,
    worked: Worked,
    *,
    test: Tested,
    responded: Flags | None,
) -> list[Estimate]:
    """Return what guiding is worth at one threshold, the cut-off, and whom cut-offs chosen without them pick."""
    suffix = "" if threshold == worked.threshold else f"_at_{threshold:.0f}"
    label = f"{called(one)}: best to treat {_whom(found.best.value)}"
    note = f"cut-off chosen without the patients it is judged on; apparent {found.apparent:,.0f}"
    told = [
        money(
            worked,
            f"guided_vs_treat_{name}{suffix}",
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
    if not np.isfinite(found.best.value):
        return told
    bounded = np.isfinite([found.best.low, found.best.high]).all()
    told.append(
        Estimate(
            f"best_cutoff{suffix}",
            found.best.value,
            found.best.low,
            found.best.high,
            n=found.n,
            unit="score",
            method="score_guided",
            level=found.best.level,
            group=label,
            note=f"limits of resampled patients; a cut-off beats treating all and none in {found.kept:.0%} of them"
            + ("; without a limit where treating all or none is best too often" if not bounded else ""),
        )
    )
    room = found.corrected
    told.append(
        money(
            worked,
            f"highest_cost_of_testing{suffix}",
            Interval(
                room.value + test.cost, room.low + test.cost, room.high + test.cost, room.level, room.se
            ),
            found.n,
            method="score_guided",
            group=label,
            note=f"per patient tested, against the better of treating all and none; now {test.cost:,.0f}",
        )
    )
    counted = [("share_treated", found.share_treated * found.n, found.n)]
    if responded is not None:
        count = int(responded.sum())
        counted += [
            ("sensitivity", found.picked[responded].sum(), count),
            ("specificity", (1 - found.picked[~responded]).sum(), found.n - count),
        ]
    return told + [
        share(f"{name}{suffix}", float(picked), n, worked=worked, group=label, note=LEFT_OUT)
        for name, picked, n in counted
    ]


def _most(along: dict[float, Interval], one: Guided, worked: Worked, *, n: int) -> list[Estimate]:
    """Return the threshold at which guiding adds most, and between which it adds anything."""
    best = max(along, key=lambda threshold: along[threshold].value)
    better = [threshold for threshold, found in along.items() if found.value > LEAST]
    if not better:
        return []
    return [
        money(
            worked,
            "most_added_by_guiding",
            along[best],
            n,
            method="score_guided",
            group=called(one),
            note=f"over the better of treating all and none, at {best:,.0f} {worked.model.currency} per QALY, the best "
            f"of the thresholds tried; above 0 from {min(better):,.0f} to {max(better):,.0f}",
        )
    ]


def _row(found: ScoreGuided, threshold: float, responded: Flags | None) -> dict[str, object]:
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
        "share_treated": found.share_treated,
        **by_response,
        "apparent": found.apparent,
    }


def _curve(found: ScoreGuided) -> pl.DataFrame:
    """Net benefit by cut-off, and that of treating everybody beside it."""
    benefit, everybody = found.net_benefit, found.none_to_all
    guided = pl.DataFrame(
        {
            "x": found.cutoffs,
            "group": "guided",
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
            "group": ["everybody treated"] * 2,
            "value": [everybody.value] * 2,
            "low": [everybody.low] * 2,
            "high": [everybody.high] * 2,
            "share_treated": [1.0] * 2,
        }
    )
    return pl.concat([guided, flat])
