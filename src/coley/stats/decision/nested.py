"""EVPPI by two nested loops: the parameters of interest outside, all others inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.decision.acceptability import standard_error
from coley.stats.decision.outcomes import thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BRENNAN = (
    "Brennan A, Kharroubi S, O'Hagan A, Chilcott J. Calculating partial expected value of perfect information via "
    "Monte Carlo sampling algorithms. Med Decis Making 2007;27:448-470."
)
OAKLEY = (
    "Oakley JE, Brennan A, Tappenden P, Chilcott J. Simulation sample sizes for Monte Carlo partial EVPI "
    "calculations. J Health Econ 2010;29:468-477."
)
BUJOK = (
    "Bujok K, Hambly BM, Reisinger C. Multilevel simulation of functionals of Bernoulli random variables with "
    "application to basket credit derivatives. Methodol Comput Appl Probab 2015;17:579-604."
)
AT_ONCE = 1_000_000  # model runs a call: bounds memory


@dataclass(frozen=True, eq=False)
class NestedInformation:
    """EVPPI by nested Monte Carlo.

    Attributes
    ----------
    thresholds
        (K,).
    value, se
        (K,): corrected for bias, with the standard error over the outer draws.
    bias
        (K,): by how much the plain estimate was too high for having few inner draws, as estimated and taken off.
    outer, inner
        Draws.
    """

    thresholds: Floats
    value: Floats
    se: Floats
    bias: Floats
    outer: int
    inner: int


@method(
    "evppi_nested",
    title="Expected value of partial perfect information, by nested Monte Carlo",
    summary="Averages net benefit over all other parameters for each draw of those of interest, takes the best, and "
    "corrects the bias of few inner draws by halves of them.",
    needs="functions that draw the parameters, and run the model, many at a time",
    limits="Outer times inner runs of the model; the correction leaves a bias of second order.",
    references=(BRENNAN, OAKLEY, BUJOK),
)
def evppi_nested(
    known: Callable[[np.random.Generator, int], Floats],
    model: Callable[[np.random.Generator, Floats, int], tuple[Floats, Floats]],
    thresholds: ArrayLike,
    *,
    outer: int = 1000,
    inner: int = 200,
    seed: int = 1,
) -> NestedInformation:
    """Return the EVPPI of the parameters that `known` draws.

    Parameters
    ----------
    known
        From a generator and n, draws of the parameters of interest, (n, P).
    model
        From a generator, those draws and m: costs and effects, each (n, m, S), with m draws of all other parameters
        given each.
    thresholds
        What a unit of effect is worth, (K,).
    outer, inner
        Draws of the parameters of interest, and of the others for each; the latter an even number.
    seed
        Of both generators.

    Raises
    ------
    InvalidSetting
        For fewer than two outer or an odd number of inner draws.
    UnreadableInput
        Where the model returns another shape, or a missing value.

    References
    ----------
    Brennan et al 2007. Bias: Oakley et al 2010; halves of the inner draws as in Bujok et al 2015.

    Examples
    --------
    >>> def first(rng, n):
    ...     return rng.normal(1, 1, (n, 1))
    >>> def model(rng, p, m):
    ...     benefit = p - rng.normal(0, 2, (len(p), m))
    ...     return np.zeros((len(p), m, 2)), np.stack([np.zeros_like(benefit), benefit], axis=2)
    >>> found = evppi_nested(first, model, 1, outer=4000)  # truth 0.0833
    >>> found.value.round(2), found.se.round(3)
    (array([0.08]), array([0.004]))
    """
    k = thresholds_of(thresholds)
    if outer < 2 or inner < 2 or inner % 2:
        raise InvalidSetting(f"Two outer draws at least, and an even number inside: {outer}, {inner}.")
    rng = np.random.default_rng(seed)
    phi = np.asarray(known(rng, outer), dtype=float)
    step = max(1, AT_ONCE // inner)
    halves = [_halves(model, rng, phi[i : i + step], inner) for i in range(0, outer, step)]
    c, e = (np.concatenate(part) for part in zip(*halves, strict=True))  # outer x half x strategy
    value, se, bias = np.empty((3, len(k)))
    for i, worth in enumerate(k):
        benefit = worth * e - c
        whole = benefit.mean(axis=1)
        best = whole.mean(axis=0).argmax()
        plain = whole.max(axis=1) - whole[:, best]
        rough = benefit.max(axis=2).mean(axis=1) - whole[:, best]
        # The bias falls with the inverse of the inner draws: with half as many it is twice as large.
        corrected = 2 * plain - rough
        value[i], se[i], bias[i] = corrected.mean(), standard_error(corrected), (rough - plain).mean()
    return NestedInformation(k, value, se, bias, outer, inner)


def _halves(
    model: Callable[[np.random.Generator, Floats, int], tuple[Floats, Floats]],
    rng: np.random.Generator,
    phi: Floats,
    inner: int,
) -> tuple[Floats, Floats]:
    costs, effects = (np.asarray(x, dtype=float) for x in model(rng, phi, inner))
    if costs.shape != effects.shape or costs.ndim != 3 or costs.shape[:2] != (len(phi), inner):
        raise UnreadableInput(
            f"The model must return costs and effects of {len(phi)} x {inner} draws x strategies.",
            where=f"costs {costs.shape}, effects {effects.shape}",
        )
    if not (np.isfinite(costs).all() and np.isfinite(effects).all()):
        raise UnreadableInput("The model returned missing or infinite costs or effects.")
    costs, effects = (x.reshape(len(phi), 2, inner // 2, -1).mean(axis=2) for x in (costs, effects))
    return costs, effects
