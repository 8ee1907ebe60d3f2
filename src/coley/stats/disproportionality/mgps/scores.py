"""EBGM, EB05 and EB95: what a prior makes of each pair's count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.disproportionality.mgps.curves import along_curves
from coley.stats.disproportionality.mgps.fit import DUMOUCHEL
from coley.stats.disproportionality.mgps.mixture import GammaMixture, pairs
from coley.stats.disproportionality.mgps.quantiles import quantiles
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SZARFMAN = (
    "Szarfman A, Machado SG, O'Neill RT. Use of screening algorithms and computer systems to efficiently signal "
    "higher-than-expected combinations of drugs and events in the US FDA's spontaneous reports database. "
    "Drug Saf 2002;25:381-392."
)


@method(
    "ebgm",
    title="Empirical Bayes geometric mean",
    summary="Shrinks each pair's relative reporting ratio towards those of all pairs, with a credible interval.",
    needs="a fitted prior, count and expected count of each pair",
    limits="The prior is taken as known: limits leave out the uncertainty of its fit. "
    "A ratio of reporting, not of risk.",
    references=(DUMOUCHEL, SZARFMAN),
)
def ebgm(prior: GammaMixture, n: ArrayLike, expected: ArrayLike, *, level: float = 0.90) -> Intervals:
    """Return the geometric mean of each pair's posterior with the limits of its credible interval.

    Parameters
    ----------
    prior
        Of the relative reporting ratio, as `mgps` fits it.
    n, expected
        (pairs,) counts and expected counts.
    level
        Of the interval with equal tails; 0.90 gives EB05 and EB95.

    Returns
    -------
    Intervals
        NaN for pairs that expect none.

    Raises
    ------
    UnreadableInput
        Where counts are impossible.
    InvalidSetting
        Where the level is not between 0 and 1.

    References
    ----------
    DuMouchel 1999, eqs. 7 to 12; EB05 and EB95 as in Szarfman 2002.

    Examples
    --------
    >>> prior = GammaMixture.of([1 / 3, 2 / 3], shapes=[0.2, 2], rates=[0.1, 4])
    >>> scores = ebgm(prior, [1, 5, 50], [1.2, 1.2, 1.2])
    >>> scores.value.round(2), scores.low.round(2), scores.high.round(2)
    (array([ 0.5 ,  3.04, 38.23]), array([ 0.14,  1.  , 30.11]), array([ 1.45,  7.03, 48.  ]))
    """
    if not 0 < level < 1:
        raise InvalidSetting(
            f"The level of an interval cannot be {level!r}.", remedy="Choose between 0 and 1."
        )
    tail = (1 - level) / 2

    def scores(n: Floats, expected: Floats) -> Floats:
        posterior = prior.posterior(n, expected)
        limits = [quantiles(posterior, q) for q in (tail, 1 - tail)]
        return np.column_stack([posterior.geometric_mean, *limits])

    value, low, high = along_curves(scores, *pairs(n, expected)).T.copy()
    return Intervals(value, low, high, level)
