"""Several structures of one model, weighted: their mixture, and what it would be worth to know which is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.decision.acceptability import acceptability, standard_error
from coley.stats.decision.outcomes import outcomes, thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

JACKSON = (
    "Jackson CH, Thompson SG, Sharples LD. Accounting for uncertainty in health economic decision models by using "
    "model averaging. J R Stat Soc A 2009;172:383-404."
)
STRONG_STRUCTURE = (
    "Strong M, Oakley JE. When is a model good enough? Deriving the expected value of model improvement via specifying "
    "internal model discrepancies. SIAM/ASA J Uncertain Quantif 2014;2:106-125."
)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Draws of which each comes from one structure.

    Attributes
    ----------
    costs, effects
        (D, S).
    structure
        From which each draw comes, (D,): a parameter like any other, for `evppi` and `influence`.
    names, weights
        Of the structures, (M,).
    """

    costs: Floats
    effects: Floats
    structure: NDArray[np.int64]
    names: tuple[str, ...]
    weights: Floats


@dataclass(frozen=True, eq=False)
class StructuralInformation:
    """Decisions under weighted structures, exact in the weights; by threshold.

    Attributes
    ----------
    names, weights, thresholds
        (M,), (M,), (K,).
    net_benefit
        Mean of each structure and strategy, (M, K, S).
    probability
        That each strategy is best, over structures and parameters, (K, S).
    best, best_each
        Column chosen on the weights, (K,), and under each structure, (M, K).
    evpi, evpi_se
        Of parameters and structure together, (K,).
    structure, structure_se
        Expected value of knowing the structure alone, (K,).
    """

    names: tuple[str, ...]
    weights: Floats
    thresholds: Floats
    net_benefit: Floats
    probability: Floats
    best: NDArray[np.int64]
    best_each: NDArray[np.int64]
    evpi: Floats
    evpi_se: Floats
    structure: Floats
    structure_se: Floats


@method(
    "structural_mixture",
    title="Mixture of model structures",
    summary="Draws of several structures mixed by their weights, so that curves and values of information carry the "
    "uncertainty between structures.",
    needs="draws of costs and effects of each structure on the same parameters, and weights",
    limits="Weights are beliefs, or measures of fit within follow-up that say nothing of what comes after; structures "
    "not listed weigh nothing.",
    references=(JACKSON,),
)
def mix_structures(
    structures: Mapping[str, tuple[ArrayLike, ArrayLike]], weights: Mapping[str, float], seed: int
) -> Mixture:
    """Mix the draws of structures.

    Each structure gives its share of the draws, to the nearest whole number; which draws, the seed decides.

    Parameters
    ----------
    structures
        Name to costs and effects, each (D, S), of the same draws of parameters.
    weights
        Name to weight; they must sum to 1.
    seed
        Of the choice of draws.

    Raises
    ------
    UnreadableInput
        Where draws are missing, or structures differ in their number.
    InvalidSetting
        Where weights are negative, do not sum to 1, or name other structures.

    References
    ----------
    Jackson et al 2009.

    Examples
    --------
    >>> zero, one = np.zeros((10, 2)), np.ones((10, 2))
    >>> mix_structures({"a": (zero, zero), "b": (one, one)}, {"a": 0.3, "b": 0.7}, 1).costs[:, 0].sum()
    np.float64(7.0)
    """
    names, c, e, w = _read(structures, weights)
    draws = c.shape[1]
    structure = assigned(w, draws, seed)
    n = np.arange(draws)
    return Mixture(c[structure, n], e[structure, n], structure, names, w)


def assigned(weights: ArrayLike, draws: int, seed: int) -> NDArray[np.int64]:
    """Return for each draw the structure that it takes, (D,): each its share, to the nearest whole number.

    Parameters
    ----------
    weights
        (M,) of the structures, not negative; made to sum to one.
    draws
        How many.
    seed
        Of which draws take which.

    Examples
    --------
    >>> np.bincount(assigned([1, 3], 8, 1))
    array([2, 6])
    """
    shares = np.asarray(weights, dtype=np.float64)
    # Whole numbers nearest to the shares that sum to the draws.
    edges = np.rint(np.cumsum(shares) / shares.sum() * draws).astype(np.int64)
    each = np.repeat(np.arange(len(shares)), np.diff(edges, prepend=0))
    return np.random.default_rng(seed).permutation(each)


@method(
    "structural_information",
    title="Value of information on structure",
    summary="Expected value of knowing which of several weighted structures is right, and of knowing everything.",
    needs="draws of costs and effects of each structure on the same parameters, weights and thresholds",
    limits="As `structural_mixture`: no value is put on structures that are not listed.",
    references=(JACKSON, STRONG_STRUCTURE),
)
def structural_information(
    structures: Mapping[str, tuple[ArrayLike, ArrayLike]],
    weights: Mapping[str, float],
    thresholds: ArrayLike,
) -> StructuralInformation:
    """Return choices and values of information under weighted structures, without drawing among them.

    Parameters
    ----------
    structures, weights
        As for `mix_structures`.
    thresholds
        What a unit of effect is worth, (K,).

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `mix_structures`.

    References
    ----------
    Jackson et al 2009. The value of structure is the weighted mean of the best net benefit under each structure less
    the best weighted mean.

    Examples
    --------
    >>> zero = np.zeros((2, 2))
    >>> good, bad = np.array([[0, 1.0], [0, 1.0]]), np.array([[0, -1.0], [0, -1.0]])
    >>> found = structural_information({"good": (zero, good), "bad": (zero, bad)}, {"good": 0.6, "bad": 0.4}, 1)
    >>> found.structure.round(2), found.best_each.ravel()
    (array([0.4]), array([1, 0]))
    """
    names, c, e, w = _read(structures, weights)
    k = thresholds_of(thresholds)
    mean = k[:, None] * e.mean(axis=1)[:, None, :] - c.mean(axis=1)[:, None, :]
    best = np.einsum("m,mks->ks", w, mean).argmax(axis=1)
    each = mean.argmax(axis=2)
    probability = sum(
        weight * acceptability(ci, ei, k).probability for weight, ci, ei in zip(w, c, e, strict=True)
    )
    everything, everything_se, structure, structure_se = np.empty((4, len(k)))
    for i, worth in enumerate(k):
        benefit = worth * e - c
        chosen = benefit[:, :, best[i]]
        gain = w @ (benefit.max(axis=2) - chosen)
        known = w @ (benefit[np.arange(len(w)), :, each[:, i]] - chosen)
        everything[i], everything_se[i] = gain.mean(), standard_error(gain)
        structure[i], structure_se[i] = known.mean(), standard_error(known)
    return StructuralInformation(
        names,
        w,
        k,
        mean,
        np.asarray(probability),
        best,
        each,
        everything,
        everything_se,
        structure,
        structure_se,
    )


def _read(
    structures: Mapping[str, tuple[ArrayLike, ArrayLike]], weights: Mapping[str, float]
) -> tuple[tuple[str, ...], Floats, Floats, Floats]:
    names = tuple(structures)
    if set(names) != set(weights) or not names:
        odd = sorted(set(names) ^ set(weights))
        raise InvalidSetting(
            f"Structures and weights must name the same things; {', '.join(odd) or 'nothing'} is in one only."
        )
    w = np.array([weights[name] for name in names], dtype=float)
    if not np.isfinite(w).all() or (w < 0).any() or abs(w.sum() - 1) > 1e-6:  # as printed weights do
        raise InvalidSetting(
            f"Weights of structures must not be negative and sum to 1; these sum to {w.sum():g}.",
            remedy="Divide each by their sum, if they are relative.",
        )
    pairs = [outcomes(*structures[name]) for name in names]
    if len({pair[0].shape for pair in pairs}) > 1:
        raise UnreadableInput(
            "All structures need the same draws and strategies.",
            where="; ".join(f"{name}: {pair[0].shape}" for name, pair in zip(names, pairs, strict=True)),
        )
    c, e = (np.stack(part) for part in zip(*pairs, strict=True))
    return names, c, e, w / w.sum()
