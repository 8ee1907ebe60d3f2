"""Evidence that may be looked at whenever one likes: e-processes, which need no plan and no end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

RAMDAS = (
    "Ramdas A, Grünwald P, Vovk V, Shafer G. Game-theoretic statistics and safe anytime-valid inference. "
    "Stat Sci 2023;38:576-601."
)
WANG_RAMDAS = "Wang R, Ramdas A. False discovery rate control with e-values. J R Stat Soc B 2022;84:822-852."
# The alternative: reporting ratios above 1, as a gamma distribution of mean 2 and standard deviation 2 cut at 1. Any
# choice keeps the error; this one gains most where reporting is two to six times what is expected.
SHAPE, RATE = 1.0, 0.5


@dataclass(frozen=True, eq=False)
class Evidence:
    """Evidence for more reporting than expected (pairs x looks).

    Attributes
    ----------
    log_e
        Logarithm of the e-process: without association it is ever 1 / a or more with a chance of at most a.
    p
        Anytime-valid p after each look: one over the largest e so far, at most 1.
    first
        The first look with p at or below the error asked for, -1 where there was none.
    """

    log_e: Floats
    p: Floats
    first: NDArray[np.intp]


@method(
    "anytime_evidence",
    title="E-process of a gamma mixture",
    summary="Evidence for more reports than expected that may be looked at after every quarter without a plan.",
    needs="reports with both so far, and those expected within each quarter, added up",
    limits="Alerts later than a watch with a planned end: its error is held for looks without end.",
    references=(RAMDAS,),
)
def anytime_evidence(observed: ArrayLike, expected: ArrayLike, *, alpha: float = 0.05) -> Evidence:
    """Weigh the evidence for each pair after each look.

    The likelihood ratio of Poisson counts is averaged over reporting ratios above 1. It is a martingale without
    association, and shrinks on average where there are fewer reports than expected; also where counts are
    hypergeometric, whose generating function lies below the Poisson's of the same mean.

    Parameters
    ----------
    observed, expected
        Reports with both so far, and those expected so far (pairs x looks): the sum over quarters of what each
        quarter's own margins led to expect.
    alpha
        The chance of ever alerting in error.

    Raises
    ------
    UnreadableInput
        Where the two differ in shape, fall from look to look, or are missing or negative.
    InvalidSetting
        Where alpha is not between 0 and 1.

    References
    ----------
    Ramdas et al. 2023, section 3 (mixtures, Ville's inequality).

    Examples
    --------
    >>> found = anytime_evidence([[0, 3, 9], [0, 1, 1]], [[0.5, 1.0, 1.5], [0.5, 1.0, 1.5]])
    >>> found.p[0].round(3), found.first
    (array([1.   , 0.403, 0.001]), array([ 2, -1]))
    """
    from scipy.special import gammaincc, gammaln

    x, mean = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if not 0 < alpha < 1:
        raise InvalidSetting(f"The error of a watch cannot be {alpha!r}.", remedy="Choose one as 0.05.")
    steps = (
        np.concatenate([np.diff(y, axis=-1, prepend=0.0).ravel() for y in (x, mean)]) if x.ndim == 2 else None
    )
    if steps is None or x.shape != mean.shape or not (steps >= -1e-9).all():
        raise UnreadableInput(
            "Evidence needs the reports so far and those expected so far, of each pair at each look.",
            where=f"reports {x.shape}, expected {mean.shape}",
            cause="reports of each quarter in place of those so far, or a missing value",
        )

    def log_mixture(shape: Floats, rate: Floats) -> Floats:
        """Log of the integral of r^(shape - 1) exp(-rate r) over r above 1."""
        with np.errstate(divide="ignore"):
            value: Floats = gammaln(shape) - shape * np.log(rate) + np.log(gammaincc(shape, rate))
        return value

    prior = log_mixture(np.array(SHAPE), np.array(RATE))
    log_e = log_mixture(x + SHAPE, mean + RATE) - prior + mean
    p = np.exp(-np.maximum.accumulate(np.maximum(log_e, 0.0), axis=1))
    crossed = p <= alpha
    return Evidence(log_e, p, np.where(crossed.any(axis=1), crossed.argmax(axis=1), -1))


@method(
    "e_benjamini_hochberg",
    title="Benjamini-Hochberg on e-values",
    summary="Calls pairs by their evidence so that the share of false ones is held, however pairs depend on each "
    "other and whenever one looks.",
    needs="the e-value of each pair at one look",
    limits="Less powerful than the rate for p values where pairs are independent.",
    references=(WANG_RAMDAS,),
)
def e_benjamini_hochberg(log_e: ArrayLike) -> Floats:
    """Return the false discovery rate at which each pair would be called.

    Parameters
    ----------
    log_e
        Logarithm of the e-value of each pair (n,); one look's column of `Evidence.log_e`.

    Raises
    ------
    UnreadableInput
        Where a value is missing.

    References
    ----------
    Wang and Ramdas 2022, definition 2.

    Examples
    --------
    >>> e_benjamini_hochberg(np.log([400.0, 80.0, 1.0, 0.2])).round(4)
    array([0.01 , 0.025, 1.   , 1.   ])
    """
    from coley.stats.multiplicity import benjamini_hochberg

    values = np.atleast_1d(np.asarray(log_e, dtype=np.float64))
    if np.isnan(values).any():
        raise UnreadableInput(
            "An e-value is missing.", where=f"{int(np.isnan(values).sum())} of {values.size}"
        )
    return benjamini_hochberg(np.exp(np.minimum(-values, 0.0)))
