"""Draws of parameters, each with patients simulated in it: what of their spread is luck, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

OHAGAN = (
    "O'Hagan A, Stevenson M, Madan J. Monte Carlo probabilistic sensitivity analysis for patient level simulation "
    "models: efficient estimation of mean and variance using ANOVA. Health Econ 2007;16:1009-1023."
)


@method(
    "nested_simulation",
    title="Spread of parameters under the noise of simulated patients",
    summary="The variance between draws is that of the parameters and of the luck of the patients within each; the "
    "second is known, and is taken off.",
    needs="a mean and its Monte Carlo standard error in each draw of the parameters",
    limits="Keeps the shape of the noisy draws; where nearly all of their spread is noise, the rest is hardly known.",
    references=(OHAGAN,),
)
def without_noise(draws: ArrayLike, se: ArrayLike) -> Floats:
    """Return draws about the same mean whose variance is that of the parameters alone, (D,).

    Parameters
    ----------
    draws
        (D,) means over the patients of each draw.
    se
        (D,) or one: their Monte Carlo standard errors.

    Raises
    ------
    UnreadableInput
        For fewer than two draws, or what is no standard error.

    References
    ----------
    O'Hagan, Stevenson and Madan 2007: analysis of variance of a patient-level model.

    Examples
    --------
    >>> without_noise([1.0, 3.0, 5.0], 1.2).round(3)
    array([1.4, 3. , 4.6])
    """
    values = np.asarray(draws, dtype=np.float64)
    noise = np.broadcast_to(np.asarray(se, dtype=np.float64), values.shape)
    if values.ndim != 1 or len(values) < 2 or not (noise >= 0).all():
        raise UnreadableInput("Noise can be taken off two draws or more, each with its standard error.")
    whole = values.var(ddof=1)
    kept = max(1 - float(np.mean(noise**2)) / whole, 0.0) if whole > 0 else 0.0
    return np.asarray(values.mean() + (values - values.mean()) * np.sqrt(kept))
