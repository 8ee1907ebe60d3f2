"""Two endpoints of the same patients, drawn together: progression and death are not independent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.parametric.fitting import refit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.parametric.family import Floats
    from coley.stats.parametric.fitted import Fit

WEI = (
    "Wei LJ, Lin DY, Weissfeld L. Regression analysis of multivariate incomplete failure time data by modeling "
    "marginal distributions. J Am Stat Assoc 1989;84:1065-1073."
)
EFRON_BOOTSTRAP = "Efron B. Censored data and the bootstrap. J Am Stat Assoc 1981;76:312-319."
# Share of the bootstrap's refits that may fail before it is no longer a sample of anything.
MAY_FAIL = 0.1


def cross_correlation(fits: Sequence[Fit], *, patients: Sequence[ArrayLike] | None = None) -> Floats:
    """Return the correlation of the coefficients of several fits to endpoints of the same patients.

    Each patient moves the estimates of a fit by about the covariance times the patient's score; the products of
    those moves, summed over patients, are the (sandwich) covariance across fits. Nothing is fitted again.

    Parameters
    ----------
    fits
        M fits; coefficients in all: B.
    patients
        Identifiers (n_m,) of the patients of each fit; by default row i of each is the same patient. External people
        that a fit counts (`external.add_counts`) have none: fits of the same `data` share them, others do not.

    Returns
    -------
    (B, B), the fits' coefficients one after the other.

    Raises
    ------
    InvalidSetting
        Where rows cannot be matched.
    NotEstimable
        Where the data do not determine a fit.

    References
    ----------
    Wei, Lin and Weissfeld 1989, whose covariance across endpoints this is, with parametric scores.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> from coley.stats.parametric.fitting import fit
    >>> one = fit(FAMILIES["exponential"], survival_data([2, 3, 5, 8], [1, 1, 1, 0]))
    >>> cross_correlation([one, one]).round(6)
    array([[1., 1.],
           [1., 1.]])
    """
    sandwich = _sandwich(fits, patients)
    size = np.sqrt(np.diag(sandwich))
    return np.asarray(sandwich / np.outer(size, size))


@method(
    "joint_draws",
    title="Joint draws of fits to endpoints of the same patients",
    summary="Draws the parameters of several fits together, with the correlation that their patients show.",
    needs="fits to endpoints of the same patients",
    limits="Normal on the working scale. Reconstructed data have no patients in common: the correlation is then "
    "not known.",
    references=(WEI,),
)
def joint_draws(
    fits: Sequence[Fit],
    n: int,
    *,
    seed: int | np.random.Generator,
    patients: Sequence[ArrayLike] | None = None,
    robust: bool = False,
) -> tuple[Floats, ...]:
    """Draw the coefficients of several fits together.

    Parameters
    ----------
    fits
        M fits.
    n
        Draws.
    seed
        Seed or generator.
    patients
        As for `cross_correlation`.
    robust
        Whether each fit's own covariance is the sandwich too, rather than the inverse of its information.

    Returns
    -------
    M arrays (n, B_m) on the working scale, for `Fit.parameters`.

    Raises
    ------
    InvalidSetting
        Where rows cannot be matched.
    NotEstimable
        Where the data do not determine a fit.

    References
    ----------
    Wei, Lin and Weissfeld 1989.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> from coley.stats.parametric.fitting import fit
    >>> pfs = fit(FAMILIES["exponential"], survival_data([1, 3, 4, 8], [1, 1, 1, 0]))
    >>> os = fit(FAMILIES["exponential"], survival_data([2, 3, 9, 9], [1, 1, 1, 0]))
    >>> [draws.shape for draws in joint_draws([pfs, os], 1000, seed=1)]
    [(1000, 1), (1000, 1)]
    """
    sandwich = _sandwich(fits, patients)
    blocks = _blocks(fits)
    if not robust:
        # Each block of the sandwich becomes the fit's own covariance, by the map that moves its draws least.
        turn = np.zeros_like(sandwich)
        for fit, block in zip(fits, blocks, strict=True):
            turn[block, block] = _transport(sandwich[block, block], fit.covariance)
        sandwich = turn @ sandwich @ turn.T
    values, vectors = np.linalg.eigh(sandwich)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    moves = np.random.default_rng(seed).standard_normal((n, len(root))) @ root.T
    return tuple(fit.estimate + moves[:, block] for fit, block in zip(fits, blocks, strict=True))


@method(
    "joint_bootstrap",
    title="Bootstrap of several endpoints by patient",
    summary="Draws patients with replacement and fits every endpoint again to the same sample.",
    needs="fits to endpoints of the same patients",
    limits="Knots and breaks stay where they were. Refits that do not converge are left out.",
    references=(EFRON_BOOTSTRAP,),
)
def joint_bootstrap(
    fits: Sequence[Fit],
    n: int,
    *,
    seed: int | np.random.Generator,
    patients: Sequence[ArrayLike] | None = None,
) -> tuple[Floats, ...]:
    """Fit every endpoint again to each of n samples of the patients.

    Parameters
    ----------
    fits, patients
        As for `cross_correlation`.
    n
        Samples.
    seed
        Seed or generator.

    Returns
    -------
    M arrays (D, B_m) on the working scale, D the samples in which every fit converged.

    Raises
    ------
    InvalidSetting
        Where rows cannot be matched, or a fit counts external people.
    NotEstimable
        Where more than a tenth of the samples cannot be fitted.

    References
    ----------
    Efron 1981.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> from coley.stats.parametric.fitting import fit
    >>> one = fit(FAMILIES["exponential"], survival_data([2, 3, 5, 8], [1, 1, 1, 0]))
    >>> joint_bootstrap([one], 3, seed=1)[0].round(2).ravel().tolist()
    [-1.67, -1.73, -1.73]
    """
    if any(fit.data.external is not None for fit in fits):
        raise InvalidSetting(
            "External people were counted, not followed one by one: they cannot be drawn with replacement.",
            remedy="Use joint_draws.",
        )
    rows, total = _rows(fits, patients)
    rng = np.random.default_rng(seed)
    samples = rng.multinomial(total, np.full(total, 1 / total), size=n)
    kept: list[list[Floats]] = []
    for counts in samples:
        try:
            again = [refit(fit, fit.data.weight() * counts[row]) for fit, row in zip(fits, rows, strict=True)]
        except NotEstimable:
            continue
        if all(fit.search.converged for fit in again):
            kept.append([fit.estimate for fit in again])
    if len(kept) < (1 - MAY_FAIL) * n:
        raise NotEstimable(
            f"Only {len(kept)} of {n} samples of the patients could be fitted.",
            cause="a family with more parameters than the events determine",
            remedy="Use a simpler family.",
        )
    return tuple(np.array(each) for each in zip(*kept, strict=True))


def _transport(given: Floats, wanted: Floats) -> Floats:
    """Return the matrix T, symmetric in standard deviations of `wanted`, with T given T' = wanted."""
    size = np.sqrt(np.diag(wanted))
    scale = np.outer(size, size)
    root, inverse = _root(given / scale, 0.5), _root(given / scale, -0.5)
    turn = inverse @ _root(root @ (wanted / scale) @ root, 0.5) @ inverse
    return np.asarray(turn * size[:, None] / size)


def _root(matrix: Floats, power: float) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1e-300) ** power) @ vectors.T)


def _blocks(fits: Sequence[Fit]) -> list[slice]:
    ends = np.cumsum([len(fit.estimate) for fit in fits])
    return [slice(int(end) - len(fit.estimate), int(end)) for fit, end in zip(fits, ends, strict=True)]


def _rows(fits: Sequence[Fit], patients: Sequence[ArrayLike] | None) -> tuple[list[NDArray[np.intp]], int]:
    """Return where each row of each fit stands among all people, and how many places those take."""
    sizes = [fit.data.patients for fit in fits]
    if patients is None:
        if len(set(sizes)) > 1:
            raise InvalidSetting(
                "The fits are of different numbers of patients, and nothing says who is who.",
                where=f"{sizes}",
                remedy="Give `patients`: the identifiers of the rows of each fit.",
            )
        places, total = [np.arange(sizes[0])] * len(sizes), sizes[0]
    else:
        labels = [np.asarray(each) for each in patients]
        for label, size in zip(labels, sizes, strict=True):
            if label.shape != (size,) or len(np.unique(label)) != size:
                raise InvalidSetting(
                    "Each row of a fit needs an identifier of its own.",
                    where=f"{label.shape} identifiers, {len(np.unique(label))} distinct, for {size} rows",
                )
        everybody = np.unique(np.concatenate(labels))
        places, total = [np.searchsorted(everybody, label) for label in labels], len(everybody)
    beyond: dict[int, NDArray[np.intp]] = {}
    for fit in fits:
        if id(fit.data) not in beyond:
            counted = len(fit.data.time) - fit.data.patients
            beyond[id(fit.data)] = np.arange(total, total + counted)
            total += counted
    return [np.concatenate([own, beyond[id(f.data)]]) for own, f in zip(places, fits, strict=True)], total


def _sandwich(fits: Sequence[Fit], patients: Sequence[ArrayLike] | None) -> Floats:
    rows, total = _rows(fits, patients)
    moves = np.zeros((total, sum(len(fit.estimate) for fit in fits)))
    for fit, row, block in zip(fits, rows, _blocks(fits), strict=True):
        fit.root()  # tells a fit that the data do not determine
        moves[row, block] = (fit.data.pull()[:, None] * fit.scores) @ fit.covariance
    return np.asarray(moves.T @ moves)
