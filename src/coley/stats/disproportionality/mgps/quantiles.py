"""Quantiles of many mixtures of gammas at once: the entrance to the compiled loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.mgps.mixture import Posterior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def quantiles(posterior: Posterior, q: float) -> Floats:
    """Return the quantile of each pair's posterior, right to ten digits.

    Parameters
    ----------
    posterior
        Of the pairs.
    q
        Probability below the quantile, between 0 and 1.

    Raises
    ------
    InvalidSetting
        Where `q` is not between 0 and 1.

    Examples
    --------
    >>> from coley.stats.disproportionality.mgps.mixture import GammaMixture
    >>> prior = GammaMixture.of([1 / 3, 2 / 3], shapes=[0.2, 2], rates=[0.1, 4])
    >>> quantiles(prior.posterior([5, 0], [1.2, 1.2]), 0.05).round(4)
    array([0.9972, 0.    ])
    """
    if not 0 < q < 1:
        raise InvalidSetting(f"A quantile cannot be asked for at {q!r}.", remedy="Choose between 0 and 1.")
    from coley.stats.disproportionality.mgps.quantile_kernel import solve

    w, a, b = (np.ascontiguousarray(x) for x in (posterior.weights, posterior.shapes, posterior.rates))
    found: Floats = solve(w, a, b, float(q))
    return found
