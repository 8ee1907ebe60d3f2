"""Climbing to the maximum of a log-likelihood that may have several, or a ridge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from coley.stats.parametric.family import Floats

# A step moves no working parameter of any patient by more than so many of its scales.
LONGEST = 2.0
STEPS, HALVINGS = 100, 25
# Gain in log-likelihood that is still to be had when a climb stops; Newton's last step squares what remains.
DONE = 1e-9
# Curvature, relative to the largest, below which a direction counts as flat.
FLAT = 1e-10
# Hills whose heights differ by less are one hill.
SAME = 1e-4
# Climbs from further starts, begun at once with the best; a hill that so many have found needs no other.
AGREED = 3

Value = Callable[["Floats"], float]
Full = Callable[["Floats"], "tuple[float, Floats, Floats]"]


@dataclass(frozen=True, eq=False)
class Hill:
    """Where a climb ended: place, log-likelihood, its gradient and Hessian, steps, and whether it is a top."""

    place: Floats
    value: float
    gradient: Floats
    hessian: Floats
    steps: int
    top: bool


def climb(value: Value, full: Full, reach: Callable[[Floats], float], start: Floats) -> Hill | None:
    """Climb by Newton's method, with the curvature made positive where it is not; None from an impossible start.

    Parameters
    ----------
    value, full
        The log-likelihood at a place, and with its gradient and Hessian.
    reach
        How far a step moves a working parameter, in scales.
    start
        Where to begin.
    """
    place = start
    here, gradient, hessian = full(place)
    if not (np.isfinite(here) and np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        return None
    for steps in range(STEPS):
        step, gain, curved = _newton(gradient, hessian)
        if gain < DONE:
            last = full(place + step) if reach(step) < LONGEST else (np.nan, gradient, hessian)
            if last[0] >= here and np.isfinite(last[1]).all() and np.isfinite(last[2]).all():
                place, (here, gradient, hessian) = place + step, last
                curved = _newton(gradient, hessian)[2]
            return Hill(place, here, gradient, hessian, steps, curved)
        step = step * min(1.0, LONGEST / max(reach(step), 1e-300))
        for _ in range(HALVINGS):
            # a place too near to the impossible has a value and no derivatives: it is refused as well
            if value(place + step) > here - 1e-11 * (1 + abs(here)):
                candidate = full(place + step)
                if np.isfinite(candidate[1]).all() and np.isfinite(candidate[2]).all():
                    break
            step = step / 2
        else:
            return Hill(place, here, gradient, hessian, steps, curved and gain < 1e-5)
        place, (here, gradient, hessian) = place + step, candidate
    return Hill(place, here, gradient, hessian, STEPS, False)


def _newton(gradient: Floats, hessian: Floats) -> tuple[Floats, float, bool]:
    """Return an ascending step, the gain it promises, and whether the place is curved downwards every way."""
    size = np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    values, vectors = np.linalg.eigh(-hessian / np.outer(size, size))
    largest = np.abs(values).max()
    safe = np.maximum(np.abs(values), FLAT * largest)
    along = vectors.T @ (gradient / size)
    step = vectors @ (along / safe) / size
    return step, float(gradient @ step), bool(values.min() > FLAT * largest)


def highest(
    value: Value, full: Full, reach: Callable[[Floats], float], starts: Sequence[Floats]
) -> list[Hill]:
    """Climb from several places; return the distinct hills that were found, the highest first."""
    order = sorted(starts, key=lambda start: -np.nan_to_num(value(start), nan=-np.inf))
    hills: list[Hill] = []
    agreed = 0
    for start in order:
        found = climb(value, full, reach, start)
        if found is None:
            continue
        if not hills or found.value > hills[0].value + SAME:
            hills, agreed = [found, *hills], 1
        elif found.value > hills[0].value - SAME:
            best = max(hills[0], found, key=lambda hill: (hill.top, hill.value))
            hills, agreed = [best, *hills[1:]], agreed + 1
        elif all(abs(found.value - hill.value) > SAME for hill in hills):
            hills.append(found)
        if agreed >= AGREED:
            break
    return sorted(hills, key=lambda hill: -hill.value)
