"""Pseudo-values: a number for each patient whose mean is the restricted mean, censored or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.survival.follow_up import follow_up

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ANDERSEN = (
    "Andersen PK, Klein JP, Rosthoj S. Generalised linear models for correlated pseudo-observations, with applications "
    "to multi-state models. Biometrika 2003;90:15-27."
)


@method(
    "pseudo_values",
    title="Pseudo-values of a restricted mean",
    summary="n times the restricted mean of all, less n - 1 times that without the patient.",
    needs="time and event of each patient of one arm, and a horizon within follow-up",
    limits="Censoring must not depend on a covariate or the outcome; make them within each arm.",
    references=(ANDERSEN,),
)
def pseudo_values(
    time: ArrayLike, event: ArrayLike, horizon: float, *, groups: ArrayLike | None = None
) -> Floats:
    """Return pseudo-values of mean time free of the event within a horizon, (n,).

    Parameters
    ----------
    time, event
        Of each patient.
    horizon
        In the unit of `time`.
    groups
        (n,) arms, or arms within strata; each has a curve of its own. All patients are one where None.

    Raises
    ------
    UnreadableInput
        Where a time or an event cannot be read, or there are fewer than two patients.
    InvalidSetting
        Where the horizon is not positive.
    NotEstimable
        Where follow-up ends before the horizon with patients still free of the event.

    References
    ----------
    Andersen et al 2003, eq. 2.

    Examples
    --------
    Without censoring each is the patient's own time within the horizon:

    >>> pseudo_values([1, 2, 4], [1, 1, 1], 3)
    array([1., 2., 3.])
    """
    rows = follow_up(time, event)
    if not horizon > 0:
        raise InvalidSetting(f"The horizon must be positive, not {horizon:g}.")
    if groups is None:
        return _of_one(rows.time, rows.event, horizon)
    labels = np.asarray(groups)
    if labels.shape != rows.time.shape:
        raise UnreadableInput(
            "Every patient needs a group.", where=f"{labels.shape} for {len(rows.time)} patients"
        )
    found = np.empty(len(rows.time))
    for label in np.unique(labels):
        mine = labels == label
        found[mine] = _of_one(rows.time[mine], rows.event[mine], horizon)
    return found


def _of_one(t: Floats, died: NDArray[np.bool_], horizon: float) -> Floats:
    n, last = len(t), t.max(initial=0.0)
    if n < 2:
        raise UnreadableInput("Pseudo-values need two patients or more.", where=f"{n} in a group")
    if last < horizon and not died[t == last].all():
        raise NotEstimable(
            f"Follow-up ends at {last:g} with patients still free of the event, before the horizon {horizon:g}.",
            remedy="Choose an earlier horizon.",
        )
    at = np.unique(t[died & (t < horizon)])
    edges = np.concatenate([[0.0], at, [horizon]])
    later = np.searchsorted(np.sort(t), at, side="left")
    risk = (n - later).astype(np.float64)
    deaths = np.bincount(np.searchsorted(at, t[died & (t < horizon)]), minlength=len(at)).astype(np.float64)
    # Without patient i: he leaves the risk sets up to his time, and the deaths at it.
    there = t[:, None] >= at
    own = (t[:, None] == at) & died[:, None]
    left = risk - there
    with np.errstate(divide="ignore", invalid="ignore"):
        keep = np.where(left > 0, 1 - (deaths - own) / left, 1.0)
    without = _area(keep, edges)
    whole = _area((1 - deaths / risk)[None], edges)[0]
    return np.asarray(n * whole - (n - 1) * without)


def _area(keep: Floats, edges: Floats) -> Floats:
    """Return the area under curves whose factors at the inner edges are given, one a row."""
    curve = np.cumprod(np.column_stack([np.ones(len(keep)), keep]), axis=1)
    return np.asarray(curve @ np.diff(edges))
