"""A marker whose cut-off was fixed beforehand, judged by what its patients gained in a randomised study."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.policy.gains import Gains
from coley.economics.policy.marker_guided import MarkerGuided, marker_guided
from coley.model.answer import Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.worth.guided.told import Tested, called, chance, money, net_benefits, share, tested
from coley.stats.decision.icer import fieller
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Guided
    from coley.questions.worth.guided.patients import Patients
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

RESAMPLES = 1000  # of the patients, for the joint spread of costs and QALYs
POINTS, BEYOND = (
    61,
    1.3,
)  # of the figure by threshold: its points, and how far beyond the cost of a QALY it goes
GROUPS = {True: "positive", False: "negative"}


def fixed_cutoff(
    who: Patients, qalys: Gains, cost: Gains, *, one: Guided, worked: Worked, place: str
) -> Part:
    """Return what guiding is worth, what each group gains, and what a QALY costs in it.

    Parameters
    ----------
    who
        Patients with their marker.
    qalys, cost
        What treatment adds in each of them.
    one, place
        The words, and where they stand in the model file.
    """
    assert one.cutoff is not None
    positive, test = who.marker >= one.cutoff, tested(one, place, worked)

    def judged(threshold: float) -> MarkerGuided:
        return marker_guided(
            positive,
            replace(qalys, value=threshold * qalys.value - cost.value),
            cost=test.cost,
            decided=test.decided,
            untold=test.untold,
            level=worked.settings.level,
        )

    found, label = judged(worked.threshold), f"{called(one)} at or above {one.cutoff:g}"
    health = marker_guided(positive, qalys, level=worked.settings.level)
    sizes = {True: found.positives, False: found.n - found.positives}
    in_health = [
        _health(worked, f"qalys_gained_among_{GROUPS[group]}", value, sizes[group], label=label)
        for group, value in ((True, health.among_positive), (False, health.among_negative))
    ]
    ratios = [
        _ratio(worked, qalys.value, cost.value, mine=positive == group, group=group, label=label)
        for group in GROUPS
    ]
    table = f"guided_by_{one.marker}_at_{one.cutoff:g}"
    top = worked.settings.highest_threshold * worked.thresholds[-1]
    if ratios[0].value is not None:  # as far as where treating those whom the marker picks is worth it
        top = max(top, BEYOND * ratios[0].value)
    return Part(
        estimates=(
            *_guided(worked, found, test, label=label),
            *in_health,
            *ratios,
            share("share_positive", found.positives, found.n, worked=worked, group=label),
            _health(worked, "qalys_gained_positive_less_negative", health.difference, found.n, label=label),
            *_groups(worked, found, label=label),
        ),
        tables={
            table: net_benefits({threshold: judged(threshold) for threshold in worked.thresholds}),
            f"{table}_by_threshold": _along({k: judged(k) for k in np.linspace(0, top, POINTS)}),
        },
        figures=(
            Figure(
                "line_band",
                f"{table}_by_threshold",
                f"What it is worth to treat by {label}",
                "Net benefit of guided treatment less that of treating everybody, and less that of treating nobody, "
                "after testing: guided is best where both lie above 0.",
                options={
                    "x_title": f"Threshold, {worked.model.currency} per QALY",
                    "y_title": f"Net benefit per patient, {worked.model.currency}",
                    "reference": 0,
                },
            ),
        ),
    )


def _guided(worked: Worked, found: MarkerGuided, test: Tested, *, label: str) -> list[Estimate]:
    room = min(found.over_all, found.over_none, key=lambda over: over.value)
    highest = Interval(found.highest_cost, room.low + test.cost, room.high + test.cost, room.level, room.se)
    return [
        money(worked, name, value, found.n, method="marker_guided", group=label, note=note)
        for name, value, note in (
            ("guided_vs_treat_all", found.over_all, chance(found.beats_all)),
            ("guided_vs_treat_none", found.over_none, chance(found.beats_none)),
            (
                "highest_cost_of_testing",
                highest,
                f"per patient tested, against the better of treating all and none; now {test.cost:,.0f}"
                + ("; below 0: not even a free test is worth it" if found.highest_cost < 0 else ""),
            ),
        )
    ]


def _groups(worked: Worked, found: MarkerGuided, *, label: str) -> list[Estimate]:
    return [
        money(worked, name, value, n, method="marker_guided", group=label)
        for name, value, n in (
            ("gain_among_positive", found.among_positive, found.positives),
            ("gain_among_negative", found.among_negative, found.n - found.positives),
            ("gain_positive_less_negative", found.difference, found.n),
        )
    ]


def _health(worked: Worked, name: str, value: Interval, n: int, *, label: str) -> Estimate:
    told = money(worked, name, value, n, method="marker_guided", group=label)
    return replace(told, unit="QALYs", note="within the follow-up")


def _ratio(
    worked: Worked, qalys: Floats, cost: Floats, *, mine: NDArray[np.bool_], group: bool, label: str
) -> Estimate:
    """Return what a QALY costs among the patients of one group, by resamples of them."""
    n = int(mine.sum())
    weights = np.random.default_rng([worked.seed, group]).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    added_cost, added_qalys = (weights @ values[mine] / n for values in (cost, qalys))
    try:
        found = fieller(added_cost, added_qalys, level=worked.settings.level)
    except NotEstimable:
        found = None
    whole = found is not None and found.kind == "interval" and np.isfinite(found.value)
    return Estimate(
        f"cost_per_qaly_among_{GROUPS[group]}",
        float(cost[mine].mean() / qalys[mine].mean()) if whole else None,
        found.low if found is not None and whole else None,
        found.high if found is not None and whole else None,
        n=n,
        unit=f"{worked.model.currency} per QALY",
        method="fieller",
        level=worked.settings.level,
        group=label,
        note=("within the follow-up" if whole else "the difference in QALYs may have either sign: no ratio"),
    )


def _along(at: dict[float, MarkerGuided]) -> pl.DataFrame:
    """Net benefit over both alternatives by threshold, one below the other."""
    return pl.DataFrame(
        [
            {"x": float(k), "group": group, "value": over.value, "low": over.low, "high": over.high}
            for group, pick in (("over treating all", "over_all"), ("over treating none", "over_none"))
            for k, found in at.items()
            for over in (getattr(found, pick),)
        ]
    )
