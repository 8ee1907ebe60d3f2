"""The compiled part of `exact`: sums over the tables that share the margins of the one observed.

Given its margins, the count of reports with both follows Fisher's noncentral hypergeometric distribution, whose
terms are weighed here relative to the observed one, so that nothing depends on the size of the database: a sum
runs from the observed count outwards and stops where the terms no longer matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.screens.cox_kernel import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MAX_STEPS = 200
# Terms fall faster and faster once they fall: what is left out is of the order of this part of the sum.
NEGLIGIBLE = 1e-18
# Newton's method squares its error: after a step of the log odds ratio as small as this one nothing is left.
LAST_STEP = 1e-6
# Width of a bracket of the log odds ratio, where halving it is all that can be done.
SMALL = 1e-10
# Far from the root a tangent is no guide.
LONGEST = 5.0
# Probabilities within this relative distance count as equal, as in R's fisher.test: rounding, not order.
EQUAL = 1e-7
# Log odds ratios just beside a point at which p drops, where rounding cannot tell the sides apart any more.
BESIDE = 1e-9
# Peaks of the two-sided p fall from one table to the next: below this part of alpha none will rise above it again.
HOPELESS = 0.5
# This part of a Wald interval is always accepted.
SURE = 0.25


@compiled
def _up(a: float, b: float, c: float, d: float, psi: float) -> tuple[float, float, float]:
    """Return the sums of w, k w and k^2 w over the tables with k = 1, 2, ... more reports with both."""
    term = 1.0
    s0 = s1 = s2 = 0.0
    k = 0.0
    while k < b and k < c:
        ratio = psi * (b - k) * (c - k) / ((a + k + 1) * (d + k + 1))
        term *= ratio
        k += 1
        s0 += term
        s1 += k * term
        s2 += k * k * term
        if ratio < 1 and k * k * term < NEGLIGIBLE * (1 + s2) * (1 - ratio):
            break
    return s0, s1, s2


@compiled
def _moments(
    a: float, b: float, c: float, d: float, psi: float
) -> tuple[float, float, float, float, float, float]:
    """Return the sums above the observed table and those below it, in which k counts downwards."""
    u0, u1, u2 = _up(a, b, c, d, psi)
    l0, l1, l2 = _up(b, a, d, c, 1 / psi)
    return u0, u1, u2, l0, l1, l2


@compiled
def _estimate(a: float, b: float, c: float, d: float) -> float:
    """Return the log odds ratio under which the expected count is the observed one; no cell is empty."""
    theta = np.log(a) + np.log(d) - np.log(b) - np.log(c)
    low, high = theta - LONGEST, theta + LONGEST
    for _ in range(MAX_STEPS):
        u0, u1, u2, l0, l1, l2 = _moments(a, b, c, d, np.exp(theta))
        total = 1 + u0 + l0
        excess = (u1 - l1) / total
        if excess > 0:
            high = theta
        else:
            low = theta
        step = -excess / ((u2 + l2) / total - excess * excess)
        theta += step
        if not low < theta < high:
            theta = (low + high) / 2
        elif abs(step) < LAST_STEP:
            break
    return float(theta)


@compiled
def _limit(a: float, b: float, c: float, d: float, tail: float, share: float, start: float) -> float:
    """Return the log odds ratio under which P(more) + share * P(as many) equals `tail`.

    The logarithm of that probability is concave in the log odds ratio (the weights are log-concave), so that
    Newton's method stays on the left of the root once it is there, and climbs without overshooting.
    """
    theta = start
    target = np.log(tail)
    for _ in range(MAX_STEPS):
        u0, u1, _, l0, l1, _ = _moments(a, b, c, d, np.exp(theta))
        total = 1 + u0 + l0
        gap = target - np.log((share + u0) / total)
        slope = u1 / (share + u0) - (u1 - l1) / total
        step = gap / slope
        if not np.isfinite(step):
            return np.nan
        theta += min(max(step, -LONGEST), LONGEST)
        if abs(step) < LAST_STEP:
            break
    return theta


@compiled
def central_limits(cells: Floats, tail: float, share: float, z: float, out: Floats) -> None:
    """Fill rows of (log estimate, log low, log high) for rows of cells (a, b, c, d).

    `share` of the probability of the observed table belongs to its tail: 1 for Fisher's limits, 1/2 for mid-p.
    """
    for i in range(len(cells)):
        a, b, c, d = cells[i]
        least = min(a, d) == 0
        most = min(b, c) == 0
        spread = z * np.sqrt(1 / (a + 0.5) + 1 / (b + 0.5) + 1 / (c + 0.5) + 1 / (d + 0.5))
        centre = np.log(a + 0.5) + np.log(d + 0.5) - np.log(b + 0.5) - np.log(c + 0.5)
        out[i, 0] = (
            np.nan if least and most else -np.inf if least else np.inf if most else _estimate(a, b, c, d)
        )
        out[i, 1] = -np.inf if least else _limit(a, b, c, d, tail, share, centre - spread)
        out[i, 2] = np.inf if most else -_limit(b, a, d, c, tail, share, -centre - spread)


@compiled
def null_tails(cells: Floats, out: Floats) -> None:
    """Fill rows of P(more), P(fewer), P(as many), P(less likely) and P(as likely) at an odds ratio of 1."""
    for i in range(len(cells)):
        a, b, c, d = cells[i]
        u0, _, _ = _up(a, b, c, d, 1.0)
        l0, _, _ = _up(b, a, d, c, 1.0)
        upper, upper_ties = _unlikely(a, b, c, d, 1.0, EQUAL)
        lower, lower_ties = _unlikely(b, a, d, c, 1.0, EQUAL)
        total = 1 + u0 + l0
        out[i, 0] = u0 / total
        out[i, 1] = l0 / total
        out[i, 2] = 1 / total
        out[i, 3] = (upper + lower) / total
        out[i, 4] = (1 + upper_ties + lower_ties) / total


@compiled
def _unlikely(a: float, b: float, c: float, d: float, psi: float, equal: float) -> tuple[float, float]:
    """Return the weights of the tables above that are less likely than the observed one, and as likely."""
    term = 1.0
    less = ties = 0.0
    k = 0.0
    while k < b and k < c:
        ratio = psi * (b - k) * (c - k) / ((a + k + 1) * (d + k + 1))
        term *= ratio
        k += 1
        if term < 1 - equal:
            less += term
        elif term <= 1 + equal:
            ties += term
        if ratio < 1 and term < NEGLIGIBLE * (1 - ratio):
            break
    return less, ties


@compiled
def _two_sided(a: float, b: float, c: float, d: float, theta: float, share: float) -> float:
    """Return the p of the observed table: all tables that are less likely, and `share` of itself."""
    psi = np.exp(theta)
    u0, _, _ = _up(a, b, c, d, psi)
    l0, _, _ = _up(b, a, d, c, 1 / psi)
    upper, upper_ties = _unlikely(a, b, c, d, psi, 0.0)
    lower, lower_ties = _unlikely(b, a, d, c, 1 / psi, 0.0)
    return float((upper + upper_ties + lower + lower_ties + share) / (1 + u0 + l0))


@compiled
def _outermost(
    cells: tuple[float, float, float, float], alpha: float, share: float, begin: float, far: float
) -> float:
    """Return the largest log odds ratio, above `begin`, at which the observed table is not rejected.

    As the odds ratio grows, p falls steadily but for the points at which a table above becomes likelier than
    the observed one and leaves the sum: it rises a little towards such a point, and drops there. These points
    are known in closed form and in order, so the last stretch that is accepted is found without a grid.
    """
    a, b, c, d = cells
    log_weight, k = 0.0, 0.0
    previous, found = begin, np.nan
    while k < b and k < c:
        log_weight += np.log((b - k) * (c - k)) - np.log((a + k + 1) * (d + k + 1))
        k += 1
        drop = -log_weight / k
        if drop > begin:
            peak = _two_sided(a, b, c, d, drop - BESIDE, share)
            if peak > alpha:
                found = drop
            elif _two_sided(a, b, c, d, previous + BESIDE, share) > alpha:
                found = _crossing(cells, alpha, share, previous + BESIDE, drop)
            if peak < alpha * HOPELESS:
                return found
            previous = drop
    while _two_sided(a, b, c, d, far, share) > alpha:
        far += 1.0
    if previous < far and _two_sided(a, b, c, d, previous + BESIDE, share) > alpha:
        found = _crossing(cells, alpha, share, previous + BESIDE, far)
    return found


@compiled
def _crossing(
    cells: tuple[float, float, float, float], alpha: float, share: float, near: float, far: float
) -> float:
    """Return where p crosses alpha between an accepted and a rejected log odds ratio."""
    a, b, c, d = cells
    while far - near > SMALL:
        middle = (near + far) / 2
        if _two_sided(a, b, c, d, middle, share) > alpha:
            near = middle
        else:
            far = middle
    return near


@compiled
def likeliest_limits(cells: Floats, alpha: float, share: float, z: float, out: Floats) -> None:
    """Fill rows of (log low, log high): the hull of the odds ratios that the two-sided test accepts."""
    for i in range(len(cells)):
        a, b, c, d = cells[i]
        least = min(a, d) == 0
        most = min(b, c) == 0
        spread = z * np.sqrt(1 / (a + 0.5) + 1 / (b + 0.5) + 1 / (c + 0.5) + 1 / (d + 0.5))
        centre = np.log(a + 0.5) + np.log(d + 0.5) - np.log(b + 0.5) - np.log(c + 0.5)
        near, far = centre + SURE * spread, centre + 2 * spread
        out[i, 1] = np.inf if most else _outermost((a, b, c, d), alpha, share, near, far)
        near, far = -centre + SURE * spread, -centre + 2 * spread
        out[i, 0] = -np.inf if least else -_outermost((b, a, d, c), alpha, share, near, far)
