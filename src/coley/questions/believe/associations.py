"""Each marker with each outcome in each cohort: ratios, areas under the curve, and their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.questions.believe.cohorts import known_only_for_the_dead
from coley.stats.judging.auc_many import auc_many
from coley.stats.judging.intervals import logit_interval
from coley.stats.logistic_screen import logistic_screen
from coley.stats.multiplicity import benjamini_hochberg
from coley.stats.screens.cox_screen import cox_screen
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.marker import Marker

    Floats = NDArray[np.float64]
    Rows = NDArray[np.bool_]

RESPONSE = "response"
LEAST_PATIENTS = 8  # below it even a perfect marker has no interval worth drawing
LEAST_OF_EITHER = 3  # responders and non-responders, or events


@dataclass(frozen=True, slots=True)
class Association:
    """One marker and one outcome among the treated of one cohort.

    Attributes
    ----------
    log_ratio, se, p
        Log odds ratio of response, or log hazard ratio, per standard deviation (a binary marker: yes against no).
    sd
        The standard deviation in this cohort, in the unit of the marker.
    auc, auc_se
        Probability that a responder has the higher value, with DeLong's error; NaN for times to an event.
    pooled_log_ratio, pooled_se, pooled_n, pooled_events
        The same without patients who stand in an earlier cohort.
    in_sample
        Whether the marker was made from this cohort.
    """

    marker: str
    cohort: str
    endpoint: str
    n: int
    events: int
    log_ratio: float
    se: float
    p: float
    sd: float
    auc: float
    auc_se: float
    pooled_log_ratio: float
    pooled_se: float
    pooled_n: int
    pooled_events: int
    in_sample: bool
    status: str = ""

    @property
    def estimated(self) -> bool:
        """Whether the data determined the ratio."""
        return bool(np.isfinite(self.log_ratio) and np.isfinite(self.se) and self.se > 0)


@dataclass(frozen=True, eq=False)
class _Fits:
    """Fits of several markers to the same patients, one value a marker."""

    n: int
    events: int
    log_ratio: Floats
    se: Floats
    p: Floats
    sd: Floats
    auc: Floats
    auc_se: Floats


def associations(cohorts: Cohorts, markers: Sequence[Marker]) -> tuple[Association, ...]:
    """Return every association that the data can carry, cohort by cohort."""
    found: list[Association] = []
    for cohort in cohorts.names:
        treated = cohorts.treated(cohort)
        if not treated.any():
            continue
        repeated = bool((treated & cohorts.repeated).any())
        for endpoint in endpoints(cohorts):
            if known_only_for_the_dead(cohorts, cohort, endpoint):
                continue
            rows = treated & known_outcome(cohorts, endpoint)
            for group, subset in _by_pattern(markers, rows):
                fits = _fit(cohorts, endpoint, group, subset)
                if fits is None:
                    continue
                once = _fit(cohorts, endpoint, group, subset & ~cohorts.repeated) if repeated else fits
                found += _rows(group, cohort, endpoint, fits, once)
    return tuple(found)


def endpoints(cohorts: Cohorts) -> tuple[str, ...]:
    """Return response and the times to an event, as far as the study holds them."""
    response = (RESPONSE,) if np.isfinite(cohorts.responder).any() else ()
    return (*response, *(outcome.endpoint for outcome in cohorts.endpoints))


def known_outcome(cohorts: Cohorts, endpoint: str) -> Rows:
    """Return which patients have a recorded outcome."""
    if endpoint == RESPONSE:
        return np.isfinite(cohorts.responder)
    outcome = cohorts.outcome(endpoint)
    return np.zeros(cohorts.n, dtype=bool) if outcome is None else outcome.known


def _by_pattern(markers: Sequence[Marker], rows: Rows) -> Iterator[tuple[list[Marker], Rows]]:
    """Group markers that are known in the same patients, so that they are fitted together."""
    groups: dict[bytes, list[Marker]] = {}
    for marker in markers:
        groups.setdefault((marker.known & rows).tobytes(), []).append(marker)
    for pattern, group in groups.items():
        yield group, np.frombuffer(pattern, dtype=bool).copy()


def _fit(cohorts: Cohorts, endpoint: str, markers: Sequence[Marker], rows: Rows) -> _Fits | None:
    """Fit each marker by itself; None where too few patients or outcomes are left."""
    n = int(rows.sum())
    X = np.column_stack([marker.values[rows] for marker in markers]) if n else np.empty((0, len(markers)))
    binary = np.array([marker.binary for marker in markers])
    nothing = np.full(len(markers), np.nan)
    if endpoint == RESPONSE:
        y = cohorts.responder[rows]
        events = int(y.sum()) if n else 0
        if n < LEAST_PATIENTS or min(events, n - events) < LEAST_OF_EITHER:
            return None
        fit = logistic_screen(y, X)
        area = auc_many(X, y > 0)
        scale = np.where(binary, np.where(fit.sd > 0, fit.sd, 1.0), 1.0)
        return _Fits(
            n, events, fit.log_odds_ratio / scale, fit.se / scale, fit.p, fit.sd, area.value, area.se
        )
    outcome = cohorts.outcome(endpoint)
    assert outcome is not None  # endpoints() names those that are there
    time, event = outcome.among(rows)
    events = int(event.sum())
    if n < LEAST_PATIENTS or events < LEAST_OF_EITHER:
        return None
    screen = cox_screen(time, event, X)
    ratio = np.where(binary, screen.log_hazard_ratio_per_unit, screen.log_hazard_ratio)
    se = np.where(binary, screen.se_per_unit, screen.se)
    return _Fits(n, events, ratio, se, screen.p, screen.sd, nothing, nothing)


def _rows(
    markers: Sequence[Marker], cohort: str, endpoint: str, fits: _Fits, once: _Fits | None
) -> list[Association]:
    return [
        Association(
            marker=marker.name,
            cohort=cohort,
            endpoint=endpoint,
            n=fits.n,
            events=fits.events,
            log_ratio=float(fits.log_ratio[j]),
            se=float(fits.se[j]),
            p=float(fits.p[j]),
            sd=float(fits.sd[j]),
            auc=float(fits.auc[j]),
            auc_se=float(fits.auc_se[j]),
            pooled_log_ratio=float(once.log_ratio[j]) if once else float("nan"),
            pooled_se=float(once.se[j]) if once else float("nan"),
            pooled_n=once.n if once else 0,
            pooled_events=once.events if once else 0,
            in_sample=cohort in marker.in_sample,
        )
        for j, marker in enumerate(markers)
    ]


def association_table(
    found: Sequence[Association], markers: Sequence[Marker], *, level: float
) -> pl.DataFrame:
    """Return the associations as a table, with q values over the markers of each cohort and endpoint."""
    import polars as pl

    labels = {marker.name: marker for marker in markers}
    z = z_of(level)
    rows = []
    for a in found:
        low, high = np.exp(a.log_ratio - z * a.se), np.exp(a.log_ratio + z * a.se)
        area = logit_interval(a.auc, a.auc_se, level=level)
        rows.append(
            {
                "marker": a.marker,
                "label": labels[a.marker].label,
                "kind": labels[a.marker].kind,
                "cohort": a.cohort,
                "endpoint": a.endpoint,
                "n": a.n,
                "events": a.events,
                "ratio": float(np.exp(a.log_ratio)),
                "low": float(low),
                "high": float(high),
                "per": labels[a.marker].per,
                "sd": a.sd,
                "p": a.p,
                "auc": a.auc,
                "auc_low": area.low,
                "auc_high": area.high,
                "in_sample": a.in_sample,
            }
        )
    schema_first = pl.DataFrame(rows, infer_schema_length=None)
    if not rows:
        return schema_first
    q = np.full(len(rows), np.nan)
    keys = [(r["cohort"], r["endpoint"]) for r in rows]
    for key in dict.fromkeys(keys):
        inside = np.array([k == key for k in keys])
        q[inside] = benjamini_hochberg(np.array([r["p"] for r in rows])[inside])
    table = schema_first.with_columns(pl.Series("q", q))
    # An infinite ratio (nobody with the marker had the event) has no number, and JSON no infinity.
    return table.with_columns(pl.col(pl.Float64).replace([np.inf, -np.inf, np.nan], None))
