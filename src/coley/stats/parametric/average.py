"""Weights of several fits of one cohort, by which their curves are averaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.stats.parametric.family import Floats
    from coley.stats.parametric.fitted import Fit

JACKSON = (
    "Jackson CH, Thompson SG, Sharples LD. Accounting for uncertainty in health economic decision models by using "
    "model averaging. J R Stat Soc A 2009;172:383-404."
)
BURNHAM = (
    "Burnham KP, Anderson DR. Model selection and multimodel inference. 2nd ed. New York: Springer; 2002."
)


def _relative(criteria: Sequence[float]) -> Floats:
    values = np.asarray(criteria, dtype=float)
    return np.asarray(np.exp(-0.5 * (values - values.min())))


WEIGHTS: Registry[Callable[[Sequence[Fit]], Floats]] = Registry("kind of weights")
WEIGHTS.add("aic", lambda fits: _relative([fit.aic for fit in fits]))
WEIGHTS.add("bic", lambda fits: _relative([fit.bic for fit in fits]))
WEIGHTS.add("equal", lambda fits: np.ones(len(fits)))


@method(
    "model_average",
    title="Model averaging of parametric survival models",
    summary="Weighs fitted families by AIC, BIC, equally or as the user says, for the average of their curves.",
    needs="fits of the same patients",
    limits="Criteria weigh how families fit the follow-up, not what they say beyond it.",
    references=(BURNHAM, JACKSON),
)
def model_weights(fits: Sequence[Fit], *, weights: str | ArrayLike = "aic") -> Floats:
    """Return the weight of each of several fits of the same follow-up, (M,), summing to one.

    Parameters
    ----------
    fits
        M fits of the same data.
    weights
        "aic", "bic", "equal", or (M,) numbers that are not negative; they are made to sum to one.

    Raises
    ------
    InvalidSetting
        Where the fits are of different data, or the weights are no weights.
    UnknownName
        Where there is no such kind of weights.

    References
    ----------
    Burnham and Anderson 2002, section 2.9; Jackson et al. 2009.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> from coley.stats.parametric.fitting import fit_each
    >>> data = survival_data([2, 3, 5, 8, 9, 12, 14, 20], [1, 1, 1, 0, 1, 1, 0, 0])
    >>> fits, _ = fit_each([FAMILIES["exponential"], FAMILIES["weibull"]], data)
    >>> model_weights(list(fits.values())).round(3)
    array([0.713, 0.287])
    """
    if not fits:
        raise InvalidSetting("There is no fit to average.")
    first = fits[0].data
    for fit in fits[1:]:
        same = np.array_equal(fit.data.time, first.time) and np.array_equal(fit.data.event, first.event)
        if not same or (fit.data.background is None) != (first.background is None):
            raise InvalidSetting(
                "Fits to be averaged must be of the same follow-up, all with or all without a background.",
                where=f"{fits[0].family.title} and {fit.family.title}",
                cause="likelihoods of different data, or of net and of all-cause survival, cannot be compared",
            )
    raw = WEIGHTS[weights](fits) if isinstance(weights, str) else np.asarray(weights, dtype=float)
    if raw.shape != (len(fits),) or not np.isfinite(raw).all() or (raw < 0).any() or raw.sum() == 0:
        raise InvalidSetting(
            f"{len(fits)} fits need as many weights that are not negative.", where=f"given {weights!r}"
        )
    return np.asarray(raw / raw.sum())
