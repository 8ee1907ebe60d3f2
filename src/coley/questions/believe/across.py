"""Across cohorts: each marker pooled, how far cohorts disagree, and what the next cohort would show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.believe.associations import RESPONSE, Association
from coley.questions.believe.finite import finite
from coley.questions.outcomes import ENDPOINTS
from coley.stats.multiplicity import benjamini_hochberg
from coley.stats.pooling.leave_one_out import leave_one_out
from coley.stats.pooling.random_effects import Pooled, pool_many
from coley.stats.pooling.small_study import small_study_effects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.believe.markers.marker import Marker
    from coley.questions.believe.settings import BelieveSettings

ALPHA = 0.05  # as in the table of thresholds
# Two cohorts do not tell how far cohorts disagree: their common effect is given, and no grade beyond "here".
LEAST_FOR_MEAN = 3
LEAST_FOR_SMALL_STUDY = 10  # cohorts; with fewer the test has no power (Sterne 2011, BMJ 343:d4002)
MOST_IN_FOREST = 40  # rows that a reader can compare
TITLES = {RESPONSE: "Response", **ENDPOINTS}


@dataclass(frozen=True, eq=False)
class Across:
    """One marker and one endpoint over all cohorts that may count as evidence.

    Attributes
    ----------
    cohorts
        Names of the cohorts, and `rows` their associations, in the same order.
    pooled
        The random-effects result; its `k` is 1 where one cohort alone counts.
    q
        p value after Benjamini-Hochberg over the markers of the endpoint.
    flips
        Cohorts without any one of which an association would no longer be shown.
    small_study_p
        Test of small-study effects; None with too few cohorts.
    """

    marker: str
    endpoint: str
    rows: tuple[Association, ...]
    pooled: Pooled
    p: float
    q: float
    flips: tuple[str, ...]
    small_study_p: float | None

    @property
    def k(self) -> int:
        """Cohorts that count."""
        return self.pooled.k

    @property
    def n(self) -> int:
        """Patients that count."""
        return sum(row.pooled_n for row in self.rows)

    @property
    def events(self) -> int:
        """Responders, or events."""
        return sum(row.pooled_events for row in self.rows)

    @property
    def limits(self) -> tuple[float, float, float]:
        """Log ratio with its limits: of the mean over cohorts, or of what one or two cohorts have in common."""
        interval = self.pooled.interval if self.k >= LEAST_FOR_MEAN else self.pooled.fixed
        return interval.value, interval.low, interval.high

    @property
    def expected(self) -> tuple[float, float]:
        """Where the log ratio of a new cohort is expected; NaN with too few cohorts.

        The guarded interval of the mean can be the wider one where few cohorts agree closely; nobody knows a new
        cohort better than the mean, so that it is taken then.
        """
        prediction, (_, low, high) = self.pooled.prediction, self.limits
        return float(np.minimum(prediction.low, low)), float(np.maximum(prediction.high, high))


def across(
    found: Sequence[Association], markers: Sequence[Marker], settings: BelieveSettings
) -> tuple[Across, ...]:
    """Pool every marker and endpoint over the cohorts that the marker was not made from."""
    names = tuple(dict.fromkeys(a.cohort for a in found))
    by_key: dict[tuple[str, str], dict[str, Association]] = {}
    for a in found:
        if not a.in_sample and np.isfinite(a.pooled_log_ratio) and a.pooled_se > 0:
            by_key.setdefault((a.marker, a.endpoint), {})[a.cohort] = a
    order = {marker.name: i for i, marker in enumerate(markers)}
    keys = sorted(by_key, key=lambda key: (list(TITLES).index(key[1]), order[key[0]]))
    if not keys:
        return ()
    estimates = np.array([[_of(by_key[key].get(name), "pooled_log_ratio") for name in names] for key in keys])
    errors = np.array([[_of(by_key[key].get(name), "pooled_se") for name in names] for key in keys])
    pooled = pool_many(estimates, errors, level=settings.level)
    p = np.where(pooled.k >= LEAST_FOR_MEAN, pooled.p, pooled.fixed_p)
    q = _within_endpoint(p, keys)
    made = []
    for i, key in enumerate(keys):
        rows = tuple(by_key[key][name] for name in names if name in by_key[key])
        one = pooled[i]
        made.append(
            Across(
                key[0],
                key[1],
                rows,
                one,
                float(p[i]),
                float(q[i]),
                _flips(rows, settings.level) if one.k > 2 and q[i] < ALPHA else (),
                _small_study(rows),
            )
        )
    return tuple(made)


def _within_endpoint(p: NDArray[np.float64], keys: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Adjust the p values of each endpoint for the markers that were tested on it."""
    q = np.full(len(p), np.nan)
    for endpoint in dict.fromkeys(key[1] for key in keys):
        own = np.array([key[1] == endpoint for key in keys])
        q[own] = benjamini_hochberg(p[own])
    return q


def _of(association: Association | None, name: str) -> float:
    return float("nan") if association is None else float(getattr(association, name))


def _flips(rows: Sequence[Association], level: float) -> tuple[str, ...]:
    found = leave_one_out(
        [row.pooled_log_ratio for row in rows], [row.pooled_se for row in rows], level=level
    )
    return tuple(row.cohort for row, flips in zip(rows, found.flips, strict=True) if flips)


def _small_study(rows: Sequence[Association]) -> float | None:
    if len(rows) < LEAST_FOR_SMALL_STUDY:
        return None
    found = small_study_effects([row.pooled_log_ratio for row in rows], [row.pooled_se for row in rows])
    return found.test.p


def across_part(made: Sequence[Across], markers: Mapping[str, Marker], settings: BelieveSettings) -> Part:
    """Return the pooled estimates, their table and a forest an endpoint."""
    import polars as pl

    tested = Counter(one.endpoint for one in made)
    surest = sorted(made, key=lambda one: (list(TITLES).index(one.endpoint), one.p))
    estimates = tuple(_estimate(one, markers[one.marker], settings, tested[one.endpoint]) for one in surest)
    part = Part(estimates=estimates, tables={"across_cohorts": _table(made, markers)} if made else {})
    for endpoint, title in TITLES.items():
        own = [one for one in made if one.endpoint == endpoint]
        if not own:
            continue
        several = any(one.k > 1 for one in own)
        rows = _forest(own, markers)
        name = f"forest_{endpoint}"
        what = "odds of response" if endpoint == RESPONSE else f"hazard ({title.lower()})"
        figure = Figure(
            "forest",
            name,
            title=f"{title}: {'mean over cohorts' if several else 'association'}, marker by marker",
            caption=f"Ratio of {what} per standard deviation of the marker (yes against no where it is binary)"
            + ("; lines are Hartung-Knapp intervals. " if several else ". ")
            + (
                "Above 1: more responses with higher values."
                if endpoint == RESPONSE
                else "Above 1: more events."
            )
            + (f" The {MOST_IN_FOREST} surest of {len(own)}." if len(own) > MOST_IN_FOREST else ""),
            options=_options(endpoint),
        )
        part += Part(tables={name: pl.DataFrame(rows, infer_schema_length=None)}, figures=(figure,))
    return part


def _options(endpoint: str) -> dict[str, object]:
    if endpoint == RESPONSE:
        return {
            "value_title": "Odds ratio (95 % CI)",
            "events_title": "responders",
            "p_title": "q",
            "favours_left": "fewer responses",
            "favours_right": "more responses",
        }
    return {
        "value_title": "Hazard ratio (95 % CI)",
        "p_title": "q",
        "favours_left": "fewer events",
        "favours_right": "more events",
    }


def _forest(own: Sequence[Across], markers: Mapping[str, Marker]) -> list[dict[str, object]]:
    """Return the rows of a forest, the surest first; kinds are not mixed."""
    several = any(one.k > 1 for one in own)
    chosen = sorted(own, key=lambda one: one.p)[:MOST_IN_FOREST]
    kinds = list(dict.fromkeys(markers[one.marker].kind for one in sorted(own, key=lambda one: one.p)))
    rows: list[dict[str, object]] = []
    for kind in kinds:
        for one in chosen:
            if markers[one.marker].kind != kind:
                continue
            value, low, high = np.exp(one.limits)
            prediction = np.exp(one.expected)
            rows.append(
                {
                    "section": kind.capitalize() if kind not in ("dna", "pd-l1") else kind.upper(),
                    "label": markers[one.marker].label,
                    "cohorts": one.k if several else None,
                    "value": float(value),
                    "low": finite(low),
                    "high": finite(high),
                    "reach_low": finite(prediction[0]),
                    "reach_high": finite(prediction[1]),
                    "n": one.n,
                    "events": one.events,
                    "p": one.q,
                }
            )
    return rows


def _estimate(one: Across, marker: Marker, settings: BelieveSettings, family: int) -> Estimate:
    value, low, high = np.exp(one.limits)
    name = "odds_ratio" if one.endpoint == RESPONSE else "hazard_ratio"
    prediction = np.exp(one.expected)
    note = marker.per
    if one.k >= LEAST_FOR_MEAN:
        note += f"; mean over {one.k} cohorts"
    elif one.k > 1:
        note += "; common effect of two cohorts, which cannot tell how far cohorts disagree"
    if np.isfinite(prediction).all():
        note += f"; a new cohort is expected between {prediction[0]:.2f} and {prediction[1]:.2f}"
    return Estimate(
        name,
        float(value),
        float(low),
        float(high),
        n=one.n,
        events=one.events,
        unit="ratio",
        method="random_effects"
        if one.k > 1
        else "logistic_screen"
        if one.endpoint == RESPONSE
        else "cox_screen",
        level=settings.level,
        endpoint=one.endpoint,
        group=marker.label,
        p=one.p,
        p_adjusted=one.q,
        multiplicity=f"Benjamini-Hochberg over {family} markers",
        note=note,
    )


def _table(made: Sequence[Across], markers: Mapping[str, Marker]) -> pl.DataFrame:
    import polars as pl

    rows = []
    for one in made:
        value, low, high = np.exp(one.limits)
        prediction = np.exp(one.expected)
        by_t = np.exp([one.pooled.prediction_t.low, one.pooled.prediction_t.high])
        rows.append(
            {
                "marker": one.marker,
                "kind": markers[one.marker].kind,
                "endpoint": one.endpoint,
                "cohorts": one.k,
                "n": one.n,
                "events": one.events,
                "ratio": float(value),
                "low": float(low),
                "high": float(high),
                "prediction_low": float(prediction[0]),
                "prediction_high": float(prediction[1]),
                "prediction_t_low": float(by_t[0]),
                "prediction_t_high": float(by_t[1]),
                "p": one.p,
                "q": one.q,
                "i2": one.pooled.i2.value,
                "i2_low": one.pooled.i2.low,
                "i2_high": one.pooled.i2.high,
                "tau": one.pooled.tau.value,
                "small_study_p": one.small_study_p,
                "conclusion_rests_on": ", ".join(one.flips),
            }
        )
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))
