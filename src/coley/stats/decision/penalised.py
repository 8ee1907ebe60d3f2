"""Penalised least squares of many responses on one design, its smoothness chosen by REML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WOOD = (
    "Wood SN. Fast stable restricted maximum likelihood and marginal likelihood estimation of semiparametric "
    "generalized linear models. J R Stat Soc B 2011;73:3-36."
)

RIDGE = 1e-10  # of the mean square of the columns: keeps columns that are nearly copies apart
BOUND = 18.0  # of log smoothing parameters about the scale of the design: from none to a straight line
GRID = np.linspace(-1, 1, 33)[:, None]  # of the search for one smoothing parameter
ZOOMS = 4  # each narrows it about eightfold


@dataclass(frozen=True, eq=False)
class Design:
    """Columns of a smooth function, and what is penalised.

    Attributes
    ----------
    rows
        Points, (n, d), to columns, (n, p); the same functions wherever they are evaluated.
    penalties
        One row a smoothing parameter: the weights, (J, p), not negative, of the squared coefficients. The basis
        is turned so that every penalty is diagonal.
    """

    rows: Callable[[Floats], Floats]
    penalties: Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """All that a least-squares fit takes from its data.

    Attributes
    ----------
    n
        Rows.
    gram
        X'X, (p, p).
    cross
        X'Y, (p, m).
    squares
        y'y of each response, (m,).
    """

    n: int
    gram: Floats
    cross: Floats
    squares: Floats

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of both sets of rows together; responses of both must be about the same means."""
        return Moments(
            self.n + other.n, self.gram + other.gram, self.cross + other.cross, self.squares + other.squares
        )


def regress(rows: Floats, penalties: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return coefficients, (p, m), and centres, (m,): the expected response is `rows @ coefficients + centres`.

    Parameters
    ----------
    rows
        Of a design, (n, p).
    penalties
        As in `Design`.
    y
        Responses, (n, m).
    """
    centres = y.mean(axis=0)
    away = y - centres
    moments = Moments(len(rows), rows.T @ rows, rows.T @ away, (away**2).sum(axis=0))
    return reml(moments, penalties), centres


def reml(moments: Moments, penalties: Floats) -> Floats:
    """Return the coefficients, (p, m), of each response at the smoothing parameters that maximise its REML.

    Parameters
    ----------
    moments
        Of design and responses.
    penalties
        As in `Design`; (0, p) for plain least squares.

    References
    ----------
    Wood 2011, section 2.1, with the scale profiled out; diagonal penalties make the determinants plain products.
    """
    return reml_each([moments], penalties)[0]


def reml_each(samples: Sequence[Moments], penalties: Floats) -> list[Floats]:
    """Return what `reml` does for each of several samples of one design: with one penalty, at the price of one."""
    p = penalties.shape[1]
    scales = [np.trace(sample.gram) / p for sample in samples]
    grams = [m.gram + RIDGE * scale * np.eye(p) for m, scale in zip(samples, scales, strict=True)]
    if not len(penalties):
        return [np.asarray(np.linalg.solve(gram, m.cross)) for m, gram in zip(samples, grams, strict=True)]
    # One penalty's scale is as good as another's: bring them to the scale of the data.
    unit = penalties / np.maximum(penalties.mean(axis=1, keepdims=True), 1e-300)
    if len(penalties) == 1:
        return _one(samples, grams, [scale * unit[0] for scale in scales])
    found = []
    for sample, gram, scale in zip(samples, grams, scales, strict=True):
        out = np.empty_like(sample.cross)
        start = np.zeros(len(unit))
        for r in range(out.shape[1]):
            out[:, r], start = _several(sample, gram, scale * unit, r, start)
        found.append(out)
    return found


def _one(samples: Sequence[Moments], grams: Sequence[Floats], penalties: Sequence[Floats]) -> list[Floats]:
    """All responses at once, each sample in the basis in which both its design and its penalty are diagonal."""
    penalised = penalties[0] > 0
    rank, free = int(penalised.sum()), int((~penalised).sum())
    inverse = np.linalg.inv(np.linalg.cholesky(np.array(grams)))
    eigenvalues, vectors = np.linalg.eigh(inverse * np.array(penalties)[:, None, :] @ inverse.mT)
    eigenvalues[:, :free] = 0.0
    bases = inverse.mT @ vectors
    z = np.hstack([basis.T @ sample.cross for basis, sample in zip(bases, samples, strict=True)])
    sizes = [sample.cross.shape[1] for sample in samples]
    mu = np.repeat(np.maximum(eigenvalues, 0.0).T, sizes, axis=1)
    total = np.concatenate([sample.squares for sample in samples])
    n = np.repeat([sample.n - free for sample in samples], sizes)
    squares = z**2

    def criterion(log_lambda: Floats) -> Floats:
        shrink = 1 + np.exp(log_lambda) * mu[:, None, :]  # p x grid x responses
        left = total - (squares[:, None, :] / shrink).sum(axis=0)
        left = np.maximum(left, 1e-12 * total + 1e-300)
        return np.asarray(n * np.log(left) + np.log(shrink).sum(axis=0) - rank * log_lambda)

    every = np.arange(len(total))
    centre, half = np.zeros(len(total)), BOUND
    for _ in range(1 + ZOOMS):
        grid = centre + half * GRID
        centre = grid[criterion(grid).argmin(axis=0), every]
        half *= 4 / len(GRID)
    shrunk = z / (1 + np.exp(centre) * mu)
    parts = np.split(shrunk, np.cumsum(sizes)[:-1], axis=1)
    return [np.asarray(basis @ part) for basis, part in zip(bases, parts, strict=True)]


def _several(
    moments: Moments, gram: Floats, penalties: Floats, r: int, start: Floats
) -> tuple[Floats, Floats]:
    """One response, by quasi-Newton steps in the logarithms of its smoothing parameters."""
    from scipy.linalg import cho_factor, cho_solve
    from scipy.optimize import minimize

    cross, square = moments.cross[:, r], moments.squares[r]
    penalised = penalties.sum(axis=0) > 0
    residual_df = moments.n - int((~penalised).sum())
    weights = penalties[:, penalised]

    def solve(rho: Floats) -> tuple[Floats, tuple[Floats, bool], Floats]:
        lambdas = np.exp(rho)
        factor = cho_factor(gram + np.diag(lambdas @ penalties), lower=True)
        return np.asarray(cho_solve(factor, cross)), factor, lambdas

    def criterion(rho: Floats) -> tuple[float, Floats]:
        b, factor, lambdas = solve(rho)
        left = max(square - cross @ b, 1e-12 * square + 1e-300)
        total = lambdas @ weights
        value = residual_df * np.log(left) + 2 * np.log(np.diag(factor[0])).sum() - np.log(total).sum()
        inverse = np.diag(cho_solve(factor, np.eye(len(b))))
        slope = lambdas * (
            residual_df * (penalties @ b**2) / left + penalties @ inverse - weights @ (1 / total)
        )
        return float(value), slope

    found = minimize(criterion, start, jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * len(penalties))
    return solve(found.x)[0], found.x
