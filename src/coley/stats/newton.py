"""Newton's method with step halving for log-likelihoods, which tells a maximum from an endless slope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_STEPS = 100
MAX_HALVINGS = 40
# Twice the gain that a quadratic model still expects. Newton's step that follows squares the relative error.
DECREMENT = 1e-12
# A likelihood that has stopped rising while a linear predictor still moves by this much per step is monotone:
# at a true maximum so small a gain leaves a step of about 1e-4 standard errors.
RISEN, MOVING = 1e-6, 0.1
# Far from the top a quadratic model is no guide: no step moves a linear predictor by more than this.
FAR, LONGEST = 1.0, 10.0
# Loss of log-likelihood that is rounding and nothing else, relative to its size.
ROUNDING = 1e-12

Evaluate = Callable[
    ["NDArray[np.float64]"], "tuple[float, NDArray[np.float64], NDArray[np.float64]]"
]  # coefficients to value, gradient and information


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where a log-likelihood is largest: place, value, gradient, information there, and steps taken."""

    place: NDArray[np.float64]
    value: float
    gradient: NDArray[np.float64]
    information: NDArray[np.float64]
    steps: int


def maximise(
    evaluate: Evaluate,
    start: NDArray[np.float64],
    *,
    Z: NDArray[np.float64],
    names: Sequence[str],
    first: tuple[float, NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> Maximum:
    """Climb to the maximum of a log-likelihood in coefficients of `Z`.

    Parameters
    ----------
    evaluate
        From coefficients to log-likelihood, gradient and information.
    start
        Coefficients to start from.
    Z
        Columns x patients: used to see how far a step moves a linear predictor.
    names
        Of the columns; "" for one that is never to be blamed (an intercept).
    first
        The evaluation at `start`, where the caller has it.

    Raises
    ------
    NotEstimable
        Where the likelihood rises for ever along some columns, which are named.
    """
    place, (value, gradient, information) = start, first or evaluate(start)
    spread = np.ptp(Z, axis=1)
    for steps in range(1, MAX_STEPS + 1):
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            raise _monotone(spread * np.sqrt(1 / np.maximum(np.diag(information), 1e-300)), names) from None
        gain = float(gradient @ step)
        if not np.isfinite(gain) or (gain < RISEN and np.ptp(np.einsum("j,jn->n", step, Z)) > MOVING):
            raise _monotone(spread * np.abs(step), names)
        if gain > FAR:
            step = step * min(1.0, LONGEST / np.ptp(np.einsum("j,jn->n", step, Z)))
        for _ in range(MAX_HALVINGS):
            candidate = evaluate(place + step)
            if candidate[0] >= value - ROUNDING * (1 + abs(value)):
                break
            step = step / 2
        else:
            if gain < RISEN:  # nothing but rounding is left to be gained
                return Maximum(place, value, gradient, information, steps)
            break
        place, (value, gradient, information) = place + step, candidate
        if gain <= DECREMENT:
            return Maximum(place, value, gradient, information, steps)
    raise NotEstimable(
        f"The likelihood did not converge in {MAX_STEPS} steps.",
        cause="extreme values in a covariate, or too few events for the number of columns",
        remedy="Look for outliers, or use fewer columns.",
    )


def _monotone(movement: NDArray[np.float64], names: Sequence[str]) -> NotEstimable:
    movement = np.where([bool(name) for name in names], np.nan_to_num(movement, posinf=np.inf), 0.0)
    blamed = [repr(name) for name, moved in zip(names, movement, strict=True) if moved > 0.1 * movement.max()]
    return NotEstimable(
        f"The likelihood rises for ever along {', '.join(blamed) or 'the intercept'}: no finite estimate.",
        cause="separation: some value of the column occurs only with events, or only without",
        remedy="Leave the column out or merge its rare levels; for a binary outcome use Firth's penalty.",
    )
