"""Many tests at once: adjusted p values, and one joint test in place of many interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.tails import chi2_tail
from coley.stats.values import Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HOLM = "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979;6:65-70."
BENJAMINI_HOCHBERG = (
    "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to "
    "multiple testing. J R Stat Soc B 1995;57:289-300."
)
WILKS = (
    "Wilks SS. The large-sample distribution of the likelihood ratio for testing composite hypotheses. "
    "Ann Math Stat 1938;9:60-62."
)
# Loss of log-likelihood that two maximisations may show by rounding.
ROUNDING = 1e-6


@method(
    "holm",
    title="Holm's step-down correction",
    summary="Adjusted p values that hold the chance of any false claim in the family.",
    needs="p values of a family of tests, in any dependence",
    limits="Loses power in families of thousands.",
    references=(HOLM,),
)
def holm(p: ArrayLike) -> Floats:
    """Return p values adjusted by Holm's procedure.

    Parameters
    ----------
    p
        The p values of one family; NaN marks a test that could not be done, and is not counted.

    Raises
    ------
    UnreadableInput
        Where a value lies outside 0 to 1.

    References
    ----------
    Holm 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3)
    array([0.03, 0.06, 0.06])
    """
    values, done, order = _family(p)
    m = len(order)
    ordered = values[done][order] * np.arange(m, 0, -1)
    values[done] = _restored(np.minimum(np.maximum.accumulate(ordered), 1.0), order)
    return values


@method(
    "benjamini_hochberg",
    title="Benjamini-Hochberg false discovery rate",
    summary="Adjusted p values that hold the expected share of false claims among those made.",
    needs="p values of a family of independent or positively dependent tests",
    limits="Under other dependence the rate is not guaranteed; says nothing about any single claim.",
    references=(BENJAMINI_HOCHBERG,),
)
def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Return p values adjusted by the Benjamini-Hochberg procedure.

    Parameters
    ----------
    p
        The p values of one family; NaN marks a test that could not be done, and is not counted.

    Raises
    ------
    UnreadableInput
        Where a value lies outside 0 to 1.

    References
    ----------
    Benjamini and Hochberg 1995.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3)
    array([0.03, 0.04, 0.04])
    """
    values, done, order = _family(p)
    m = len(order)
    ordered = values[done][order] * m / np.arange(1, m + 1)
    values[done] = _restored(np.minimum(np.minimum.accumulate(ordered[::-1])[::-1], 1.0), order)
    return values


def _family(p: ArrayLike) -> tuple[Floats, NDArray[np.bool_], NDArray[np.intp]]:
    values = np.array(p, dtype=float, ndmin=1)
    if ((values < 0) | (values > 1)).any():
        raise UnreadableInput(
            "A p value lies outside 0 to 1.", where=f"{values[(values < 0) | (values > 1)][:3]}"
        )
    done = np.isfinite(values)
    return values, done, np.argsort(values[done], kind="stable")


def _restored(ordered: Floats, order: NDArray[np.intp]) -> Floats:
    back = np.empty_like(ordered)
    back[order] = ordered
    return back


class Fit(Protocol):
    """What a fitted model must tell to be compared with a larger one."""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns."""

    @property
    def loglik(self) -> float:
        """Maximised log-likelihood."""

    @property
    def n(self) -> int:
        """Patients."""

    @property
    def events(self) -> int:
        """Events."""

    @property
    def maximum_likelihood(self) -> bool:
        """Whether twice a gain in `loglik` is chi-squared: no penalty, no clusters."""


@method(
    "global_interaction_test",
    title="Joint likelihood-ratio test of interactions",
    summary="One test of all treatment-by-factor interactions together, against the model of main effects.",
    needs="two maximum-likelihood fits to the same patients, one nested in the other",
    limits="Says that effects differ somewhere, not where; has little power where one of many differs.",
    references=(WILKS,),
)
def global_interaction_test(main_effects: Fit, with_interactions: Fit) -> Test:
    """Test all interactions at once, by the gain in likelihood over the main effects.

    Parameters
    ----------
    main_effects, with_interactions
        Fits of `cox` or `logistic` to the same patients; the columns of the first are among the second's.

    Raises
    ------
    InvalidSetting
        Where the fits are not nested, or not of the same patients.

    References
    ----------
    Wilks 1938.

    Examples
    --------
    >>> from coley.stats.survival.cox import cox
    >>> time, event = [3, 5, 6, 7, 8, 9, 11, 12, 13, 15], [1, 1, 1, 0, 1, 1, 1, 1, 0, 1]
    >>> arm, high = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 0, 1, 1, 0, 0, 1]
    >>> X = [[a, h, a * h] for a, h in zip(arm, high)]
    >>> full = cox(time, event, X, names=["arm", "high", "arm x high"])
    >>> main = cox(time, event, [row[:2] for row in X], names=["arm", "high"])
    >>> round(global_interaction_test(main, full).df)
    1
    """
    added = set(with_interactions.names) - set(main_effects.names)
    nested = set(main_effects.names) < set(with_interactions.names)
    same = (main_effects.n, main_effects.events) == (with_interactions.n, with_interactions.events)
    likelihoods = main_effects.maximum_likelihood and with_interactions.maximum_likelihood
    gain = 2 * (with_interactions.loglik - main_effects.loglik)
    if not (nested and same and likelihoods) or gain < -ROUNDING:
        raise InvalidSetting(
            "The two models cannot be compared.",
            where=f"columns {main_effects.names} and {with_interactions.names}; "
            f"n {main_effects.n} and {with_interactions.n}; events {main_effects.events} and "
            f"{with_interactions.events}",
            cause="one is not nested in the other, they were fitted to different patients, or not by maximum "
            "likelihood (a penalty, or a robust variance)",
            remedy="Fit both to the patients for whom every column is known.",
        )
    return Test(gain, len(added), chi2_tail(gain, len(added)))
