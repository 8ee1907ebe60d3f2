"""Logistic regressions on grouped reports, for many pairs at once: Newton's method on all, and Firth's penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.logistic import sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

MAX_STEPS = 100
MAX_HALVINGS = 20
# Twice the gain that a quadratic model still expects. Newton's last step squares the relative error; under
# Firth's penalty, where leverages are held for a step, it only makes it smaller.
DECREMENT, FIRTH_DECREMENT = 1e-10, 1e-13
# A likelihood that no longer rises while the log odds ratio of the exposure still moves by this much per step
# is monotone. Covariates may run away as they like: a stratum without events says nothing about the exposure.
RISEN, MOVING = 1e-4, 0.1
# Far from the top a quadratic model is no guide: no step moves a linear predictor by more than this.
LONGEST = 5.0
# Added to the diagonal of the information, relative to it: columns that are combinations of others in the
# patterns of one pair get a step of 0 instead of stopping the others.
RIDGE = 1e-10
# Limits from the profile: strides outwards, in Wald half-widths and each longer than the one before, until the
# limit is passed; then the bracket is narrowed until the signed root of the deviance is this near.
STRIDE, GROWTH, STRIDES = 0.7, 1.5, 20
NARROWINGS, NEAR = 60, 1e-8


@dataclass(frozen=True, eq=False)
class Tops:
    """Where the likelihoods of some pairs are largest.

    Attributes
    ----------
    beta
        (pairs, p) coefficients: the intercept, the exposure (NaN where the climb failed), and the rest.
    value
        (pairs,) log-likelihoods, penalised under Firth.
    error
        (pairs,) standard errors of the coefficient of the exposure.
    separated
        (pairs,) whether the likelihood rises for ever along the exposure.
    """

    beta: Floats
    value: Floats
    error: Floats
    separated: Booleans

    @property
    def log_ratio(self) -> Floats:
        """Log odds ratio of the exposure."""
        return self.beta[:, 1]


def climb(
    X: Floats,
    y: Floats,
    n: Floats,
    *,
    firth: bool = False,
    start: Floats | None = None,
    held: bool = False,
) -> Tops:
    """Maximise the likelihood of each pair.

    Parameters
    ----------
    X
        (patterns, p) design: ones, the exposure, and further columns.
    y, n
        (patterns, pairs) events and reports.
    firth
        Whether under Firth's penalty, half the log-determinant of the information.
    start
        (pairs, p) coefficients to start from.
    held
        Whether the coefficient of the exposure stays where it starts.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, 1.0], [1.0, 0.0]])
    >>> top = climb(X, np.array([[3.0], [47.0]]), np.array([[100.0], [19900.0]]))
    >>> np.exp(top.log_ratio).round(3)  # 3 x 19853 / (97 x 47)
    array([13.064])
    """
    squares = (X[:, :, None] * X[:, None, :]).reshape(len(X), -1)
    if start is None:
        rate = y.sum(axis=0) / n.sum(axis=0)
        start = np.zeros((y.shape[1], X.shape[1]))
        start[:, 0] = np.log(rate / (1 - rate))
    beta = start.copy()
    value, score, information = _at(X, squares, y, n, beta, firth=firth)
    separated = np.zeros(len(beta), dtype=bool)
    left = np.full(len(beta), np.inf)  # to be gained, twice, as a quadratic model sees it
    active = np.arange(len(beta))
    enough = FIRTH_DECREMENT if firth else DECREMENT
    for _ in range(MAX_STEPS):
        if held:
            score[active, 1] = 0.0
            information[active, 1, :] = information[active, :, 1] = 0.0
            information[active, 1, 1] = 1.0
        step = np.linalg.solve(information[active], score[active][:, :, None])[:, :, 0]
        gain = (score[active] * step).sum(axis=1)
        left[active] = gain
        separated[active] = (gain < RISEN) & (np.abs(step[:, 1]) > MOVING) & (not firth)
        longest = np.abs(X @ step.T).max(axis=0)
        step *= np.minimum(1.0, LONGEST / np.maximum(longest, LONGEST))[:, None]
        done = (gain <= enough) | separated[active]
        near = active[gain <= enough]
        beta[near] += step[gain <= enough]  # the last step is at hand, and squares the error
        active, step = active[~done], step[~done]
        if not len(active):
            break
        behind = np.arange(len(active))  # those whose likelihood has not yet risen
        for _ in range(MAX_HALVINGS):
            rows = active[behind]
            tried = _at(X, squares, y[:, rows], n[:, rows], beta[rows] + step[behind], firth=firth)
            up = tried[0] >= value[rows] - 1e-12 * (1 + np.abs(value[rows]))
            beta[rows[up]] += step[behind[up]]
            for kept, new in zip((value, score, information), tried, strict=True):
                kept[rows[up]] = new[up]
            behind = behind[~up]
            if not len(behind):
                break
            step[behind] /= 2
        active = np.delete(active, behind)  # no step helps there
    beta[left > RISEN, 1] = np.nan  # more than rounding was left to be gained
    known = np.flatnonzero(np.isfinite(beta[:, 1]))
    error = np.full(len(beta), np.nan)
    inverse = np.linalg.inv(_at(X, squares, y[:, known], n[:, known], beta[known], firth=False)[2])
    error[known] = np.sqrt(inverse[:, 1, 1])
    return Tops(beta, value, error, separated)


def _at(
    X: Floats, squares: Floats, y: Floats, n: Floats, beta: Floats, *, firth: bool
) -> tuple[Floats, Floats, Floats]:
    """Return log-likelihood (pairs,), score (pairs, p) and information (pairs, p, p)."""
    p = X.shape[1]
    predictor = X @ beta.T
    chance = sigmoid(predictor)
    each = chance * (1 - chance)
    value = (y * predictor - n * np.logaddexp(0, predictor)).sum(axis=0)
    residual = y - n * chance
    information = with_ridge(((n * each).T @ squares).reshape(-1, p, p))
    if firth:
        reach = np.linalg.solve(information, np.broadcast_to(X.T, (len(beta), *X.T.shape)))
        leverage = each * np.einsum("kp,bpk->kb", X, reach)  # of one report
        value = value + np.linalg.slogdet(information)[1] / 2
        residual = residual + n * leverage * (0.5 - chance)
        information = with_ridge(((n * each * (1 + leverage)).T @ squares).reshape(-1, p, p))
    return value, residual.T @ X, information


def with_ridge(information: Floats) -> Floats:
    """Add `RIDGE` to the diagonals of some matrices, relative to them, in place; and return them."""
    diagonal = np.arange(information.shape[1])
    information[:, diagonal, diagonal] *= 1 + RIDGE
    return information


def profile_limit(X: Floats, y: Floats, n: Floats, top: Tops, z: float) -> Floats:
    """Return the log odds ratios at which the signed root of the penalised deviance is `z`.

    Parameters
    ----------
    X, y, n
        As for `climb`.
    top
        Of the same pairs, under Firth's penalty.
    z
        Negative for the lower limit.
    """
    beta = top.beta.copy()

    def root(at: Floats, rows: NDArray[np.intp]) -> Floats:
        """Return the distance of |signed root| from |z|, the other coefficients following along."""
        start = beta[rows]
        start[:, 1] = at
        held = climb(X, y[:, rows], n[:, rows], firth=True, start=start, held=True)
        beta[rows] = held.beta
        deviance: Floats = np.sqrt(np.maximum(2 * (top.value[rows] - held.value), 0.0))
        return deviance - abs(z)

    inner, inner_root = top.log_ratio.copy(), np.full(len(beta), -abs(z))
    outer, outer_root = inner.copy(), inner_root.copy()
    stride = STRIDE * z * top.error
    searching = np.flatnonzero(np.isfinite(top.log_ratio))
    for _ in range(STRIDES):
        outer[searching] = inner[searching] + stride[searching]
        outer_root[searching] = root(outer[searching], searching)
        searching = searching[outer_root[searching] < 0]
        if not len(searching):
            break
        inner[searching], inner_root[searching] = outer[searching], outer_root[searching]
        stride[searching] *= GROWTH
    limit = np.where(outer_root < 0, np.copysign(np.inf, z), outer)
    active = np.flatnonzero(outer_root > NEAR)
    for turn in range(NARROWINGS):
        if not len(active):
            break
        # the signed root is nearly straight: interpolate, but halve the bracket every third time
        share = -inner_root[active] / (outer_root[active] - inner_root[active])
        share = np.full(len(active), 0.5) if turn % 3 == 2 else np.clip(share, 0.01, 0.99)
        at = inner[active] + share * (outer[active] - inner[active])
        found = root(at, active)
        limit[active] = at
        beyond = found > 0
        outer[active[beyond]], outer_root[active[beyond]] = at[beyond], found[beyond]
        inner[active[~beyond]], inner_root[active[~beyond]] = at[~beyond], found[~beyond]
        active = active[np.abs(found) > NEAR]
    return limit
