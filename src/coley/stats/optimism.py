"""What a model fitted here would be worth elsewhere: the bootstrap's correction for optimism."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HARRELL = (
    "Harrell FE, Lee KL, Mark DB. Multivariable prognostic models: issues in developing models, evaluating "
    "assumptions and adequacy, and measuring and reducing errors. Stat Med 1996;15:361-387."
)
# Resamples in which the model cannot be fitted are the ones in which it is worst: without many of them the
# correction is too small.
MOST_FAILURES = 0.1
FEWEST_BOOTSTRAPS = 20

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Corrected:
    """A measure of a model: corrected for optimism, with interval; as it appeared; and the optimism."""

    value: Interval
    apparent: float
    optimism: float


@dataclass(frozen=True, slots=True)
class Resampled:
    """Corrected measures by name, and how many resamples they rest on."""

    measures: dict[str, Corrected]
    bootstraps: int
    failed: int


def optimism_corrected(
    n: int,
    fit: Callable[[NDArray[np.intp]], Model],
    measure: Callable[[Model, NDArray[np.intp] | None], dict[str, float]],
    *,
    bootstraps: int,
    seed: int,
    level: float,
) -> Resampled:
    """Correct measures of a model for being judged on the patients that it was fitted to.

    Each resample is fitted anew; how much better the measure is there than on all patients is its optimism,
    whose mean is taken off. That difference is the bootstrap's picture of how far what is seen here lies from
    what the model will show on new patients, so that its standard deviation is the standard error.

    Parameters
    ----------
    n
        Number of patients.
    fit
        From row numbers to a model; may raise NotEstimable.
    measure
        From a model and row numbers (None for all patients) to measures by name.
    bootstraps, seed
        Number of resamples, and the seed that makes them.
    level
        Coverage of the intervals.

    Raises
    ------
    InvalidSetting
        For too few resamples.
    NotEstimable
        Where the model cannot be fitted, or not in more than one resample of ten.

    References
    ----------
    Harrell et al. 1996, section 4.4.

    Examples
    --------
    >>> y = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 6.0])
    >>> of = lambda mean, rows: {"loss": float(((y if rows is None else y[rows]) - mean).var())}
    >>> found = optimism_corrected(6, lambda r: y[r].mean(), of, bootstraps=50, seed=1, level=0.9)
    >>> found.measures["loss"].value.value > found.measures["loss"].apparent  # worse than it looked
    True
    """
    if bootstraps < FEWEST_BOOTSTRAPS:
        raise InvalidSetting(
            f"{bootstraps} resamples are too few.", remedy=f"At least {FEWEST_BOOTSTRAPS}; 200 are customary."
        )
    apparent = measure(fit(np.arange(n)), None)
    names = list(apparent)
    generator = np.random.default_rng(seed)
    there, here = [], []
    for _ in range(bootstraps):
        rows = generator.integers(0, n, n)
        try:
            model = fit(rows)
            own, all_patients = measure(model, rows), measure(model, None)
        except NotEstimable:
            continue
        there.append([own[name] for name in names])
        here.append([all_patients[name] for name in names])
    failed = bootstraps - len(there)
    if failed > MOST_FAILURES * bootstraps:
        raise NotEstimable(
            f"The model cannot be fitted in {failed} of {bootstraps} resamples.",
            cause="too few events for the number of columns, or a rare level of a factor",
            remedy="Use fewer columns, merge rare levels, or (for a binary outcome) Firth's penalty.",
        )
    differences = np.array(there) - np.array(here)
    measures = {}
    for j, name in enumerate(names):
        optimism, se = float(differences[:, j].mean()), float(differences[:, j].std(ddof=1))
        value, half = apparent[name] - optimism, z_of(level) * se
        interval = Interval(value, value - half, value + half, level, se)
        measures[name] = Corrected(interval, apparent[name], optimism)
    return Resampled(measures, len(there), failed)
